//! Keeps two builds of a site apart.

use std::fs::{File, TryLockError};
use std::path::Path;

use super::WriteError;
use super::error::io_error;

/// Held while a build reads and writes. It is the folder of the site that is locked, so that no
/// file is needed; and the system lets go of it when the process ends, however it ends.
#[derive(Debug)]
pub struct Lock {
    folder: Option<File>,
}

impl Lock {
    /// Takes the lock, or fails at once when another build has it. Where the file system knows no
    /// locks there is none to take.
    ///
    /// # Errors
    ///
    /// [`WriteError::Busy`], or that the folder cannot be opened.
    pub fn take(root: &Path) -> Result<Self, WriteError> {
        if !cfg!(unix) {
            return Ok(Self { folder: None });
        }
        let folder = File::open(root).map_err(io_error("open", root))?;
        match folder.try_lock() {
            Ok(()) => Ok(Self { folder: Some(folder) }),
            Err(TryLockError::WouldBlock) => Err(WriteError::Busy(root.to_path_buf())),
            Err(TryLockError::Error(_)) => Ok(Self { folder: None }),
        }
    }

    /// Whether other builds are kept away.
    pub fn is_held(&self) -> bool {
        self.folder.is_some()
    }
}
