//! Opening the files of a site, and what the program keeps beside them.

#[cfg(feature = "network")]
pub(crate) mod keys;
#[cfg(feature = "network")]
pub(crate) mod next_key;
#[cfg(feature = "network")]
pub(crate) mod signing_key;
mod stamp;

#[cfg(feature = "pictures")]
use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

pub(crate) use self::stamp::Stamp;
#[cfg(feature = "pictures")]
use crate::hash::Hash;
use crate::path::SourcePath;

/// The folder in a site where the program keeps what it needs between builds.
pub(crate) const STATE_DIR: &str = ".sitegen";

/// A file in it that says that ids have been recorded in `published.toml`, so that its loss is
/// noticed.
pub(crate) const RECORDED_MARK: &str = "recorded";

/// The folder in it for what only saves time, and may be deleted whenever somebody likes.
const CACHE_DIR: &str = "cache";

/// The folder for keys: at the top of a site for the public ones, in [`STATE_DIR`] for the private
/// ones.
pub(crate) const KEYS_DIR: &str = "keys";

/// Reads a file of the cache. One that cannot be read is none.
pub(crate) fn read_cache(root: &Path, name: &str) -> Option<String> {
    fs::read_to_string(root.join(STATE_DIR).join(CACHE_DIR).join(name)).ok()
}

/// Writes a file of the cache. When that fails, the next build takes longer.
pub(crate) fn write_cache(root: &Path, name: &str, text: &str) {
    let folder = root.join(STATE_DIR).join(CACHE_DIR);
    let new = folder.join(format!("{name}.new"));
    let _ = fs::create_dir_all(&folder)
        .and_then(|()| replace(&folder.join(name), &new, text.as_bytes(), false));
}

/// The folder of a site.
#[derive(Debug)]
pub(crate) struct Root {
    path: PathBuf,
    #[cfg(target_os = "linux")]
    folder: File,
}

impl Root {
    /// Takes a folder that is there.
    ///
    /// # Errors
    ///
    /// When it cannot be opened.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        Ok(Self {
            path: path.to_path_buf(),
            #[cfg(target_os = "linux")]
            folder: File::open(path)?,
        })
    }

    /// Where a file of the site lies.
    pub(crate) fn join(&self, path: &str) -> PathBuf {
        self.path.join(path)
    }

    /// Opens a file of the site without following links in any part of its path, and without
    /// waiting for the other end of a pipe.
    ///
    /// Where the system cannot promise that for the whole path, the last part at least is no
    /// link; links that are there when the site is listed are refused in any case.
    #[cfg(target_os = "linux")]
    pub(crate) fn open_source(&self, path: &SourcePath) -> io::Result<File> {
        use rustix::fs::{Mode, OFlags, ResolveFlags, openat2};
        use rustix::io::Errno;

        let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOFOLLOW;
        let resolve = ResolveFlags::NO_SYMLINKS | ResolveFlags::BENEATH;
        match openat2(&self.folder, path.as_str(), flags, Mode::empty(), resolve) {
            Ok(file) => Ok(file.into()),
            // Kernels before 5.6 and some sandboxes do not have the call.
            Err(Errno::NOSYS | Errno::PERM) => open_last_part(&self.join(path.as_str())),
            Err(error) => Err(error.into()),
        }
    }

    /// As on Linux, for the last part of the path.
    #[cfg(not(target_os = "linux"))]
    pub(crate) fn open_source(&self, path: &SourcePath) -> io::Result<File> {
        open_last_part(&self.join(path.as_str()))
    }
}

#[cfg(feature = "pictures")]
impl Root {
    /// Reads a file from a folder of the cache. One that is not as it was written is none.
    pub(crate) fn read_cached(&self, folder: &str, name: &str) -> Option<Vec<u8>> {
        let path = self.path.join(STATE_DIR).join(CACHE_DIR).join(folder).join(name);
        let bytes = fs::read(path).ok()?;
        let (check, content) = bytes.split_at_checked(CHECK_BYTES)?;
        (Hash::of(content).ok()?.as_bytes() == check).then(|| content.to_vec())
    }

    /// Writes a file into a folder of the cache, with what tells whether it is whole. When that
    /// fails, the next build takes longer.
    pub(crate) fn write_cached(&self, folder: &str, name: &str, content: &[u8]) {
        let folder = self.path.join(STATE_DIR).join(CACHE_DIR).join(folder);
        let new = folder.join(format!("{name}.new"));
        let write = || {
            fs::create_dir_all(&folder)?;
            let check = Hash::of(content)?;
            replace(&folder.join(name), &new, &[check.as_bytes(), content].concat(), false)
        };
        let _: io::Result<()> = write();
    }

    /// Removes all files of a folder of the cache but those with these names.
    pub(crate) fn keep_cached(&self, folder: &str, names: &HashSet<String>) {
        let folder = self.path.join(STATE_DIR).join(CACHE_DIR).join(folder);
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            if !entry.file_name().to_str().is_some_and(|name| names.contains(name)) {
                let _ = fs::remove_file(entry.path());
            }
        }
    }
}

/// SHA-256 in hexadecimal digits.
#[cfg(feature = "pictures")]
const CHECK_BYTES: usize = 64;

#[cfg(unix)]
fn open_last_part(path: &Path) -> io::Result<File> {
    use rustix::fs::{Mode, OFlags, open};

    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOFOLLOW;
    Ok(open(path, flags, Mode::empty())?.into())
}

#[cfg(not(unix))]
fn open_last_part(path: &Path) -> io::Result<File> {
    if fs::symlink_metadata(path)?.is_symlink() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "this is a link"));
    }
    File::open(path)
}

/// Whether a file could not be opened because it, or a folder above it, is a link.
pub(crate) fn is_link(error: &io::Error) -> bool {
    #[cfg(unix)]
    return error.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error());
    #[cfg(not(unix))]
    return error.kind() == io::ErrorKind::InvalidInput;
}

/// Puts a file in the place of another in one step. It is written to `new` first, in the same
/// folder. `durable`: so that it survives a power cut.
pub(crate) fn replace(path: &Path, new: &Path, content: &[u8], durable: bool) -> io::Result<()> {
    write_new(new, content)?;
    if durable {
        File::open(new)?.sync_all()?;
    }
    fs::rename(new, path)?;
    match path.parent() {
        Some(folder) if durable && cfg!(unix) => File::open(folder)?.sync_all(),
        _ => Ok(()),
    }
}

/// Writes a file as [`create_new`] makes one.
pub(crate) fn write_new(path: &Path, content: &[u8]) -> io::Result<()> {
    create_new(path)?.write_all(content)
}

/// Makes a file that is not there; what an earlier run has left, or a link that somebody has
/// put there, is removed and not followed.
pub(crate) fn create_new(path: &Path) -> io::Result<File> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => fs::OpenOptions::new().write(true).create_new(true).open(path),
    }
}
