//! Puts a folder in the place of another, in one step where the system can.

use std::fs;
use std::io;
use std::path::Path;

use super::WriteError;
use super::error::io_error;
use super::tree::{is_there, look};

/// How it went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Exchanged {
    /// Nobody can have seen anything but the old or the new folder.
    AtOnce,
    /// There was a moment without either.
    WithGap,
    /// The folder cannot be renamed at all, as on a layered file system. Nothing has changed.
    Refused,
}

/// Puts the folder `new` where `output` is, which then is where `new` was; or nothing is, when
/// there was no output.
pub(super) fn exchange(new: &Path, output: &Path, aside: &Path) -> Result<Exchanged, WriteError> {
    if !is_there(output)? {
        rename(new, output)?;
        return Ok(Exchanged::AtOnce);
    }
    match at_once(new, output) {
        Ok(()) => return Ok(Exchanged::AtOnce),
        Err(error) if is_unsupported(&error) => {}
        Err(error) => return Err(io_error("put into place", output)(error)),
    }
    match fs::rename(output, aside) {
        Err(error) if is_unsupported(&error) => return Ok(Exchanged::Refused),
        renamed => renamed.map_err(io_error("move away", output))?,
    }
    if let Err(error) = rename(new, output) {
        // Better the old one than none.
        let _ = fs::rename(aside, output);
        return Err(error);
    }
    rename(aside, new)?;
    Ok(Exchanged::WithGap)
}

/// Renames a file or folder.
pub(super) fn rename(from: &Path, to: &Path) -> Result<(), WriteError> {
    fs::rename(from, to).map_err(io_error("put into place", to))
}

#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
fn at_once(a: &Path, b: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    renameat_with(CWD, a, CWD, b, RenameFlags::EXCHANGE).map_err(io::Error::from)
}

#[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
fn at_once(_: &Path, _: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// What a system says that does not know the call, a file system that cannot do it, or a folder
/// that may be written to but not moved: no such call, invalid flag, not supported, not on this
/// layer, not permitted, in use as a mount.
fn is_unsupported(error: &io::Error) -> bool {
    use io::ErrorKind::{
        CrossesDevices, InvalidInput, PermissionDenied, ResourceBusy, Unsupported,
    };
    matches!(
        error.kind(),
        CrossesDevices | InvalidInput | PermissionDenied | ResourceBusy | Unsupported
    )
}

/// What tells a folder from another that is in its place later; `None` when it is not there.
/// Always the same where there is no such thing.
pub(super) fn inode(folder: &Path) -> Result<Option<u64>, WriteError> {
    #[cfg(unix)]
    use std::os::unix::fs::MetadataExt as _;
    let data = look(folder)?;
    #[cfg(unix)]
    return Ok(data.map(|data| data.ino()));
    #[cfg(not(unix))]
    Ok(data.map(|_| 0))
}
