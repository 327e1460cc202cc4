//! Looks through an output folder for what builds have not made.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::WriteError;
use super::error::io_error;
use super::place::mount;
use crate::disk::Stamp;

/// What no build has made and yet always stays: version control, the files by which a web server
/// proves to a certificate authority whose domain it is, and what systems leave in every folder.
const ALWAYS_KEPT: [&str; 5] =
    [".git", ".well-known/acme-challenge", ".DS_Store", "Thumbs.db", "desktop.ini"];

/// The name of the folder for new files where it lies inside the output.
pub(super) const STAGE_INSIDE: &str = ".sitegen-new";

/// What others look after in an output folder. A name without a slash is kept in every folder;
/// one with a slash is a path from the top.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Keep(pub Vec<String>);

impl Keep {
    /// Whether a file, or a folder that it is in, is looked after by others.
    pub(super) fn holds(&self, path: &str) -> bool {
        Path::new(path).ancestors().any(|path| self.covers(path))
    }

    fn covers(&self, path: &Path) -> bool {
        let own = self.0.iter().map(|entry| entry.trim_matches('/'));
        own.chain(ALWAYS_KEPT).any(|entry| {
            if entry.contains('/') {
                path == Path::new(entry)
            } else {
                path.file_name().is_some_and(|name| name == entry)
            }
        })
    }
}

/// What there is in an output folder besides the files of builds. All paths are relative to it.
#[derive(Clone, Debug, Default)]
pub(super) struct Survey {
    /// Files that nobody has named.
    pub(super) foreign: Vec<PathBuf>,
    /// Files and whole folders that are to stay.
    pub(super) kept: Vec<PathBuf>,
    /// Something is mounted somewhere inside.
    pub(super) has_mount: bool,
}

/// Tells what is what in an output folder.
pub(super) struct Surveyor<'a> {
    pub(super) output: &'a Path,
    pub(super) keep: &'a Keep,
    /// Whether a build made the file at a path.
    pub(super) is_ours: &'a dyn Fn(&str) -> bool,
    /// Whether the new output or the old one has files of ours in a folder. One that is kept cannot
    /// come along as a whole then.
    pub(super) is_folder: &'a dyn Fn(&str) -> bool,
}

impl Surveyor<'_> {
    /// Looks at every file. Links are not followed.
    pub(super) fn survey(&self) -> Result<Survey, WriteError> {
        let mut survey = Survey::default();
        self.folder(Path::new(""), false, &mut survey)?;
        survey.foreign.sort();
        survey.kept.sort();
        Ok(survey)
    }

    fn folder(&self, folder: &Path, kept: bool, survey: &mut Survey) -> Result<(), WriteError> {
        let full = self.output.join(folder);
        survey.has_mount |= mount(&full) != mount(self.output);
        let failed = |error| io_error("read", &full)(error);
        let mut is_empty = true;
        for entry in fs::read_dir(&full).map_err(failed)? {
            is_empty = false;
            let entry = entry.map_err(|error| io_error("read", &full)(error))?;
            let path = folder.join(entry.file_name());
            let kind = entry.file_type().map_err(io_error("read", &entry.path()))?;
            let kept = kept || self.keep.covers(&path);
            if !kind.is_dir() {
                match path.to_str() {
                    Some(name) if (self.is_ours)(name) => {}
                    _ if kept => survey.kept.push(path),
                    _ => survey.foreign.push(path),
                }
            } else if path == Path::new(STAGE_INSIDE) {
            } else if kept && !path.to_str().is_some_and(self.is_folder) {
                survey.has_mount |= mount(&entry.path()) != mount(self.output);
                survey.kept.push(path);
            } else {
                self.folder(&path, kept, survey)?;
            }
        }
        // We leave no empty folders, so somebody wants this one.
        if is_empty && folder != Path::new("") && !folder.to_str().is_some_and(self.is_folder) {
            survey.kept.push(folder.to_path_buf());
        }
        Ok(())
    }
}

/// Renames files and folders from one folder into another. What is no longer in the first has
/// been moved before, and what has a name in both need not be.
pub(super) fn carry(from: &Path, to: &Path, paths: &[PathBuf]) -> Result<(), WriteError> {
    for path in paths {
        let (old, new) = (from.join(path), to.join(path));
        let Some(data) = look(&old)? else { continue };
        match look(&new)? {
            None => {
                create_parent(&new)?;
                fs::rename(&old, &new).map_err(io_error("put into place", &new))?;
            }
            Some(there) if data.is_dir() && there.is_dir() => {
                // Somebody has been quick to make it again.
                let failed = |error| io_error("read", &old)(error);
                let names = fs::read_dir(&old).map_err(failed)?.map(|entry| Ok(entry?.file_name()));
                let names: Vec<_> = names.collect::<io::Result<_>>().map_err(failed)?;
                let inside: Vec<PathBuf> = names.into_iter().map(|name| path.join(name)).collect();
                carry(from, to, &inside)?;
            }
            Some(there) if Stamp::of(&data) == Stamp::of(&there) => {}
            Some(_) => return Err(WriteError::Twice { old, new }),
        }
    }
    Ok(())
}

/// What is known of a file, folder or link, if it is there. A disk that cannot tell is a failure:
/// to take it for "no" would mean to lose a file.
pub(super) fn look(path: &Path) -> Result<Option<fs::Metadata>, WriteError> {
    use io::ErrorKind::{NotADirectory, NotFound};
    match fs::symlink_metadata(path) {
        Ok(data) => Ok(Some(data)),
        Err(error) if matches!(error.kind(), NotADirectory | NotFound) => Ok(None),
        Err(error) => Err(io_error("read", path)(error)),
    }
}

/// Whether there is anything at a path.
pub(super) fn is_there(path: &Path) -> Result<bool, WriteError> {
    Ok(look(path)?.is_some())
}

/// Makes the folder for a file.
pub(super) fn create_parent(path: &Path) -> Result<(), WriteError> {
    let Some(folder) = path.parent() else { return Ok(()) };
    match fs::create_dir(folder) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            fs::create_dir_all(folder).map_err(io_error("create", folder))
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && folder.is_dir() => Ok(()),
        Err(error) => Err(io_error("create", folder)(error)),
    }
}

/// Removes a folder with all that is in it, if it is there.
pub(super) fn remove_folder(folder: &Path) -> Result<(), WriteError> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(io_error("remove", folder)(error))
        }
        _ => Ok(()),
    }
}

/// Removes a file, if it is there.
pub(super) fn remove_file(file: &Path) -> Result<(), WriteError> {
    match fs::remove_file(file) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(io_error("remove", file)(error))
        }
        _ => Ok(()),
    }
}
