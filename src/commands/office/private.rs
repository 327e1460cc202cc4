//! Files with what is nobody's business: new ones, for their owner alone, whole or not there.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};

use crate::commands::CommandError;
use crate::disk::keys::{create_private, put_new, sync};

/// A file that gets its name when all is in it.
pub(super) struct NewFile {
    /// To write to.
    pub(super) file: File,
    path: PathBuf,
    new: PathBuf,
    is_private: bool,
}

impl NewFile {
    /// Begins a file that is not there.
    pub(super) fn create(path: &Path) -> Result<Self, CommandError> {
        if fs::symlink_metadata(path).is_ok() {
            return Err(exists(path));
        }
        let failed = |error| CommandError::Io(path.to_path_buf(), error);
        let name = path.file_name().ok_or_else(|| failed(ErrorKind::IsADirectory.into()))?;
        let mut hidden = std::ffi::OsString::from(".");
        hidden.push(name);
        hidden.push(format!(".{}.new", std::process::id()));
        let new = path.with_file_name(hidden);
        let is_private = create_private(&new, "").map_err(failed)?;
        let file = File::options().write(true).open(&new).map_err(failed)?;
        Ok(Self { file, path: path.to_path_buf(), new, is_private })
    }

    /// Gives it its name. Says whether the disk keeps it from others.
    pub(super) fn keep(self) -> Result<bool, CommandError> {
        let kept = sync(&self.file).and_then(|()| put_new(&self.new, &self.path));
        match kept {
            Ok(()) => Ok(self.is_private),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Err(exists(&self.path)),
            Err(error) => Err(CommandError::Io(self.path.clone(), error)),
        }
    }
}

impl Drop for NewFile {
    fn drop(&mut self) {
        // It has another name by now, or should have none.
        let _ = fs::remove_file(&self.new);
    }
}

fn exists(path: &Path) -> CommandError {
    CommandError::Usage(format!("{} is there already; name a new file", path.display()))
}

/// Warns of a disk on which everybody can read a file.
pub(super) fn shared_disk(path: &Path) -> String {
    format!(
        "the disk of {} keeps no file from others who use it: lock it away, or encrypt it",
        path.display()
    )
}

/// Reads a text that somebody has named.
pub(super) fn read_text(path: &Path, most: u64) -> Result<String, CommandError> {
    let refuse = |why: &str| CommandError::Usage(format!("{}: {why}", path.display()));
    let read = || -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        File::open(path)?.take(most + 1).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    match read() {
        Ok(bytes) if bytes.len() as u64 > most => {
            Err(refuse("this file is too large for a table; name the right one"))
        }
        Ok(bytes) => String::from_utf8(bytes).map_err(|_| {
            refuse("this is no text in UTF-8; save the table as CSV in UTF-8, or name another file")
        }),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            Err(refuse("there is no such file; look for its name"))
        }
        Err(error) => Err(CommandError::Io(path.to_path_buf(), error)),
    }
}
