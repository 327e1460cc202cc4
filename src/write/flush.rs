//! Sees to it that what was written survives a power cut.
//!
//! A file system may write in another order than it was told to: without this, a folder can be
//! in place whose files are empty. Each function says whether the file system does as it was
//! asked; some (over the network, in user space) know no such thing.

use std::fs::File;
use std::io;
use std::path::Path;

use super::WriteError;
use super::error::io_error;

/// Flushes all files in a folder and below.
pub(super) fn flush_tree(folder: &Path) -> Result<bool, WriteError> {
    let opened = File::open(folder).map_err(io_error("open", folder))?;
    #[cfg(target_os = "linux")]
    let flushed = rustix::fs::syncfs(&opened).map_err(io::Error::from);
    #[cfg(not(target_os = "linux"))]
    let flushed = flush_each(&opened, folder);
    done(folder, flushed)
}

/// Flushes each file in a folder, where the system cannot flush a file system by itself.
#[cfg(not(target_os = "linux"))]
fn flush_each(opened: &File, folder: &Path) -> io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        if kind.is_dir() {
            flush_each(&File::open(entry.path())?, &entry.path())?;
        } else if kind.is_file() {
            File::open(entry.path())?.sync_all()?;
        }
    }
    opened.sync_all()
}

/// Flushes a file, or the names in a folder.
pub(super) fn flush(path: &Path) -> Result<bool, WriteError> {
    let opened = File::open(path).map_err(io_error("open", path))?;
    done(path, opened.sync_all())
}

fn done(path: &Path, flushed: io::Result<()>) -> Result<bool, WriteError> {
    use io::ErrorKind::{InvalidInput, Unsupported};
    match flushed {
        Ok(()) => Ok(true),
        Err(error) if matches!(error.kind(), InvalidInput | Unsupported) => Ok(false),
        Err(error) => Err(io_error("flush", path)(error)),
    }
}
