//! Opening the files of a site.

use std::fs::File;
use std::io;
use std::path::Path;

use rustix::fs::{Mode as FileMode, OFlags, ResolveFlags};

use crate::path::SourcePath;

/// Opens a file of the site without following links in any part of its path, and without
/// waiting for the other end of a pipe.
pub(crate) fn open_source(root: &Path, folder: &File, path: &SourcePath) -> io::Result<File> {
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOFOLLOW;
    let resolve = ResolveFlags::NO_SYMLINKS | ResolveFlags::BENEATH;
    match rustix::fs::openat2(folder, path.as_str(), flags, FileMode::empty(), resolve) {
        Ok(file) => Ok(file.into()),
        // Kernels before 5.6 and some sandboxes do not have the call; then only the last part
        // is sure not to be a link.
        Err(rustix::io::Errno::NOSYS | rustix::io::Errno::PERM) => {
            let file = rustix::fs::open(root.join(path.as_str()), flags, FileMode::empty())?;
            Ok(file.into())
        }
        Err(error) => Err(error.into()),
    }
}
