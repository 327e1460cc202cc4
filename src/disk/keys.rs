//! The files in which keys lie, those of actors here: the public parts in `keys/`, for everybody,
//! the private ones in `.sitegen/keys/`, for their owner alone.

use std::fmt;
use std::fs::{self, DirBuilder, File, Metadata, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::path::Path;

use zeroize::Zeroizing;

use super::{KEYS_DIR, Root, STATE_DIR, is_link, next_key, open_last_part, replace, signing_key};
use crate::key::minisign::MinisignProblem;
use crate::key::{KeyProblem, PrivateKey, PublicKey};
use crate::limits::KEY_BYTES_MAX;
use crate::path::SourcePath;

/// A file with a key cannot be used.
#[derive(Debug)]
pub struct KeyFileError {
    /// As people name it: `.sitegen/keys/news.pem`.
    pub path: String,
    /// What is wrong with it.
    pub problem: KeyFileProblem,
}

/// What is wrong with a file.
#[derive(Debug)]
pub enum KeyFileProblem {
    /// It, or a folder above it, is a symbolic link.
    Link,
    /// It is no file, or what should be a folder is none.
    NoFile,
    /// Others than its owner may read it.
    Shared,
    /// It is there already.
    Exists,
    /// Where it would lie, others could always read it.
    NoPrivacy,
    /// There is no key in it that we could use.
    Key(KeyProblem),
    /// There is no key for signatures in it that we could use.
    SigningKey(MinisignProblem),
    /// The disk failed.
    Io(io::Error),
}

impl KeyFileError {
    pub(super) fn new(path: impl fmt::Display, problem: KeyFileProblem) -> Self {
        Self { path: path.to_string(), problem }
    }

    /// What to do about it.
    pub fn help(&self) -> Option<String> {
        let path = &self.path;
        match &self.problem {
            KeyFileProblem::Link => Some("put the file or folder itself there".to_owned()),
            KeyFileProblem::Shared => Some(format!("run `chmod 600 {path}`")),
            KeyFileProblem::NoPrivacy => Some(
                "keep the site on a disk of this computer, not on a USB stick or a network drive"
                    .to_owned(),
            ),
            KeyFileProblem::Key(KeyProblem::PrivateKey)
            | KeyFileProblem::SigningKey(MinisignProblem::IsSecret) => {
                Some(format!("before you publish anything, run `mv {path} ~/`"))
            }
            _ => None,
        }
    }
}

impl fmt::Display for KeyFileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.path)?;
        match &self.problem {
            KeyFileProblem::Link => f.write_str("this is a symbolic link, or in a folder that is"),
            KeyFileProblem::NoFile => f.write_str("something else is where this should be"),
            KeyFileProblem::Shared => {
                f.write_str("a private key that others on this machine may read")
            }
            KeyFileProblem::Exists => f.write_str("this file is there already"),
            KeyFileProblem::NoPrivacy => {
                f.write_str("this disk keeps no file from others, so a private key cannot be there")
            }
            KeyFileProblem::Key(problem) => problem.fmt(f),
            KeyFileProblem::SigningKey(problem) => problem.fmt(f),
            KeyFileProblem::Io(_) => f.write_str("cannot be read or written"),
        }
    }
}

impl std::error::Error for KeyFileError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.problem {
            KeyFileProblem::Io(error) => Some(error),
            _ => None,
        }
    }
}

/// Where the public part of a user's key lies.
pub(crate) fn public_path(user: &str) -> SourcePath {
    SourcePath::new(format!("{KEYS_DIR}/{user}.pem"))
}

/// Where the private part of a user's key lies.
pub(crate) fn private_path(user: &str) -> SourcePath {
    SourcePath::new(format!("{STATE_DIR}/{KEYS_DIR}/{user}.pem"))
}

/// The public part of a key; `None` when it is not there.
pub(crate) fn read_public(root: &Root, user: &str) -> Result<Option<PublicKey>, KeyFileError> {
    let path = public_path(user);
    let Some((text, _)) = read(root.open_source(&path), path.as_str())? else { return Ok(None) };
    let key = PublicKey::parse(&text);
    key.map(Some).map_err(|problem| KeyFileError::new(path, KeyFileProblem::Key(problem)))
}

/// The private part of a key; `None` when it is not there. One that others may read is refused:
/// nobody knows who has it.
pub(crate) fn read_private(root: &Root, user: &str) -> Result<Option<PrivateKey>, KeyFileError> {
    read_private_at(root, private_path(user))
}

pub(super) fn read_private_at(
    root: &Root,
    path: SourcePath,
) -> Result<Option<PrivateKey>, KeyFileError> {
    let Some(text) = read_secret_text(root, &path)? else { return Ok(None) };
    let key = PrivateKey::parse(&text);
    key.map(Some).map_err(|problem| KeyFileError::new(path, KeyFileProblem::Key(problem)))
}

/// What is in a file that nobody but its owner may read.
pub(super) fn read_secret_text(
    root: &Root,
    path: &SourcePath,
) -> Result<Option<Zeroizing<String>>, KeyFileError> {
    let Some((text, data)) = read(root.open_source(path), path.as_str())? else {
        return Ok(None);
    };
    if is_shared(&data) {
        return Err(KeyFileError::new(path, KeyFileProblem::Shared));
    }
    Ok(Some(text))
}

/// Refuses private keys that others may read: nobody knows who has them, and speaks with them.
pub(crate) fn check_private(root: &Path) -> Result<(), KeyFileError> {
    let failed = |error| KeyFileError::new(root.display(), problem(error));
    // Whoever looks after the disk needs to know where it failed.
    check_all_private(&Root::open(root).map_err(failed)?).map_err(|error| match error.problem {
        KeyFileProblem::Io(_) => KeyFileError::new(root.join(&error.path).display(), error.problem),
        _ => error,
    })
}

fn check_all_private(root: &Root) -> Result<(), KeyFileError> {
    read_secret_text(root, &SourcePath::new(signing_key::SECRET))?;
    for user in users(root)? {
        for path in [private_path(&user), next_key::path(&user)] {
            read_secret_text(root, &path)?;
        }
    }
    Ok(())
}

/// Reads a file from anywhere that somebody has named, and says whether others may read it.
pub(crate) fn read_foreign(path: &Path) -> Result<(Zeroizing<String>, bool), KeyFileError> {
    let shown = path.display();
    let missing = || KeyFileError::new(&shown, KeyFileProblem::Io(ErrorKind::NotFound.into()));
    let (text, data) = read(open_last_part(path), &shown)?.ok_or_else(missing)?;
    Ok((text, is_shared(&data)))
}

pub(super) fn read(
    opened: io::Result<File>,
    path: impl fmt::Display,
) -> Result<Option<(Zeroizing<String>, Metadata)>, KeyFileError> {
    let read = |file: File| {
        let data = file.metadata()?;
        if !data.is_file() {
            return Err(ErrorKind::IsADirectory.into());
        }
        let mut bytes = Zeroizing::new(Vec::new());
        file.take(KEY_BYTES_MAX + 1).read_to_end(&mut bytes)?;
        // Whatever is not UTF-8 is no key either.
        Ok((Zeroizing::new(String::from_utf8_lossy(&bytes).into_owned()), data))
    };
    match opened.and_then(read) {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(KeyFileError::new(path, problem(error))),
    }
}

pub(super) fn problem(error: io::Error) -> KeyFileProblem {
    match error.kind() {
        _ if is_link(&error) => KeyFileProblem::Link,
        ErrorKind::IsADirectory | ErrorKind::NotADirectory => KeyFileProblem::NoFile,
        ErrorKind::AlreadyExists => KeyFileProblem::Exists,
        _ => KeyFileProblem::Io(error),
    }
}

/// Whether others than the owner may do anything with a file. Windows does not say; there, the
/// folders of a user are closed to others.
#[cfg(unix)]
pub(crate) fn is_shared(data: &Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    data.permissions().mode() & 0o077 != 0
}

#[cfg(not(unix))]
pub(crate) fn is_shared(_: &Metadata) -> bool {
    false
}

/// Writes the public part, in the place of another one if there is one.
pub(crate) fn write_public(root: &Root, user: &str, key: &PublicKey) -> Result<(), KeyFileError> {
    write_public_text(root, &public_path(user), &key.to_pem())
}

/// Writes a file for everybody, in the place of another one if there is one.
pub(super) fn write_public_text(
    root: &Root,
    path: &SourcePath,
    text: &str,
) -> Result<(), KeyFileError> {
    folder(root, KEYS_DIR, false)?;
    let new = root.join(&format!("{KEYS_DIR}/.{}.new", path.name()));
    replace(&root.join(path.as_str()), &new, text.as_bytes(), false)
        .map_err(|error| KeyFileError::new(path, problem(error)))
}

/// Writes the private part. One that is there already is never touched.
pub(crate) fn write_private(root: &Root, user: &str, key: &PrivateKey) -> Result<(), KeyFileError> {
    write_secret_text(root, &private_path(user), &key.to_pkcs8_pem())
}

/// Writes a file for its owner alone. One that is there already is never touched.
pub(super) fn write_secret_text(
    root: &Root,
    path: &SourcePath,
    text: &str,
) -> Result<(), KeyFileError> {
    let folder = private_folder(root)?;
    // The name is ours alone, so that two runs do not write into one file.
    let new = folder.join(format!(".{}.{}.new", path.name(), std::process::id()));
    let place = || -> io::Result<bool> {
        let is_private = create_private(&new, text)?;
        if is_private {
            put_new(&new, &root.join(path.as_str()))?;
            if cfg!(unix) {
                sync(&File::open(&folder)?)?;
            }
        }
        Ok(is_private)
    };
    let placed = place();
    // It has another name by now, or should have none.
    let _ = fs::remove_file(&new);
    match placed {
        Ok(true) => Ok(()),
        Ok(false) => Err(KeyFileError::new(path, KeyFileProblem::NoPrivacy)),
        Err(error) => Err(KeyFileError::new(path, problem(error))),
    }
}

/// Gives the private part of a key another name, so that a better one can take its place and
/// nothing is lost: `news.pem.old`, `news.pem.old-2`, … No user's key can have such a name.
pub(crate) fn put_aside(root: &Root, user: &str) -> Result<Option<String>, KeyFileError> {
    put_aside_at(root, user, private_path(user))
}

pub(super) fn put_aside_at(
    root: &Root,
    user: &str,
    path: SourcePath,
) -> Result<Option<String>, KeyFileError> {
    private_folder(root)?;
    let is_there = |path: &str| fs::symlink_metadata(root.join(path)).is_ok();
    if !is_there(path.as_str()) {
        return Ok(None);
    }
    let Some(aside) = old_paths(user).find(|name| !is_there(name)) else { return Ok(None) };
    match fs::rename(root.join(path.as_str()), root.join(&aside)) {
        Ok(()) => Ok(Some(aside)),
        Err(error) => Err(KeyFileError::new(path, problem(error))),
    }
}

/// Where keys lie that a user had before, in the order in which the names are given.
pub(super) fn old_paths(user: &str) -> impl Iterator<Item = String> {
    let path = private_path(user);
    (1..).map(move |number| match number {
        1 => format!("{path}.old"),
        number => format!("{path}.old-{number}"),
    })
}

/// All users of whom there is a part of a key, in order.
pub(crate) fn users(root: &Root) -> Result<Vec<String>, KeyFileError> {
    let mut users = Vec::new();
    for folder in [KEYS_DIR.to_owned(), format!("{STATE_DIR}/{KEYS_DIR}")] {
        let failed = |error| KeyFileError::new(&folder, problem(error));
        let entries = match fs::read_dir(root.join(&folder)) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            Err(error) => return Err(failed(error)),
        };
        for entry in entries {
            let name = entry.map_err(failed)?.file_name();
            let user = name.to_str().and_then(|name| name.strip_suffix(".pem"));
            users.extend(user.map(str::to_owned));
        }
    }
    users.retain(|user| crate::path::check_user_name(user).is_ok());
    users.sort();
    users.dedup();
    Ok(users)
}

/// Writes a file that is not there and that only its owner may read; says whether the disk keeps it
/// so.
pub(crate) fn create_private(path: &Path, text: &str) -> io::Result<bool> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    let written = file.write_all(text.as_bytes()).and_then(|()| sync(&file));
    if let Err(error) = written {
        // Half a key is of no use, and still a secret.
        let _ = fs::remove_file(path);
        return Err(error);
    }
    Ok(!is_shared(&file.metadata()?))
}

/// Sees to it that a file or folder survives a power cut, where the file system knows such a thing.
pub(crate) fn sync(file: &File) -> io::Result<()> {
    match file.sync_all() {
        Err(error) if !matches!(error.kind(), ErrorKind::InvalidInput | ErrorKind::Unsupported) => {
            Err(error)
        }
        _ => Ok(()),
    }
}

/// Gives a new file its name, if nothing has it.
pub(crate) fn put_new(new: &Path, path: &Path) -> io::Result<()> {
    match fs::hard_link(new, path) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Err(error),
        // Not every file system has second names.
        Err(_) if fs::symlink_metadata(path).is_ok() => Err(ErrorKind::AlreadyExists.into()),
        Err(_) => fs::rename(new, path),
    }
}

/// The folder for private parts, made when it is not there.
pub(super) fn private_folder(root: &Root) -> Result<std::path::PathBuf, KeyFileError> {
    folder(root, STATE_DIR, false)?;
    let name = format!("{STATE_DIR}/{KEYS_DIR}");
    folder(root, &name, true)?;
    Ok(root.join(&name))
}

/// Makes a folder in the site unless it is there; `is_private` closes it to others.
fn folder(root: &Root, name: &str, is_private: bool) -> Result<(), KeyFileError> {
    let path = root.join(name);
    let fail = |problem| KeyFileError::new(name, problem);
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    if is_private {
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    }
    match builder.create(&path) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(fail(problem(error))),
        _ => {}
    }
    let data = fs::symlink_metadata(&path).map_err(|error| fail(problem(error)))?;
    if data.is_symlink() {
        return Err(fail(KeyFileProblem::Link));
    }
    if !data.is_dir() {
        return Err(fail(KeyFileProblem::NoFile));
    }
    if is_private { close(&path, &data).map_err(|error| fail(problem(error))) } else { Ok(()) }
}

/// Closes a folder to others.
#[cfg(unix)]
fn close(path: &Path, data: &Metadata) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    if is_shared(data) {
        fs::set_permissions(path, fs::Permissions::from_mode(0o700))?;
    }
    Ok(())
}

#[cfg(not(unix))]
fn close(_: &Path, _: &Metadata) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_private_part_that_came_in_between_is_never_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let root = Root::open(folder.path()).unwrap();
        let (first, second) =
            (PrivateKey::generate(2048).unwrap(), PrivateKey::generate(2048).unwrap());
        write_private(&root, "news", &first).unwrap();
        let error = write_private(&root, "news", &second).unwrap_err();
        assert!(matches!(error.problem, KeyFileProblem::Exists), "{error}");
        let kept = read_private(&root, "news").unwrap().unwrap();
        assert_eq!(kept.public(), first.public());
        let names = fs::read_dir(folder.path().join(".sitegen/keys")).unwrap();
        assert_eq!(names.count(), 1, "nothing else is left");
    }
}
