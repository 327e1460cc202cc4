//! Reading a site again of which most is known.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use walkdir::WalkDir;

use super::read::{FOLDERS, InputFile, Inputs, ReadError, Refusal, is_ignored};
use super::record;
use crate::diagnostic::{Diagnostic, Source};
use crate::disk::{Root, Stamp};
use crate::path::SourcePath;
use crate::pictures::Studio;

/// A file that somebody has touched.
struct Touched {
    /// Relative to the site.
    path: String,
    /// Where it is; nothing when it is gone.
    full: Option<PathBuf>,
}

/// A site that was read again.
#[derive(Debug)]
pub struct ReadAgain {
    /// What it is now.
    pub inputs: Inputs,
    /// The files that are new, gone or different.
    pub changed: BTreeSet<SourcePath>,
}

impl Inputs {
    /// Reads the site in the folder `root` again. `touched` are the files that somebody may have
    /// changed; without them every file is looked at.
    ///
    /// # Errors
    ///
    /// As [`Inputs::read`].
    pub fn read_again(
        &self,
        root: &Path,
        config: &str,
        touched: Option<&BTreeSet<PathBuf>>,
    ) -> Result<ReadAgain, ReadError> {
        let folder = Root::open(root).map_err(|error| ReadError::new(root, error))?;
        let files = touched.and_then(|touched| self.files_of(root, config, touched));
        let (inputs, mut changed) = if let Some(files) = files {
            self.read_touched(root, &folder, files)?
        } else {
            let inputs = self.read_all(root, &folder, config)?;
            let changed = self.changed(&inputs);
            (inputs, changed)
        };
        changed.extend(self.changed_problems(&inputs));
        let inputs = Self { studio: Studio::of(folder), ..inputs };
        Ok(ReadAgain { inputs, changed })
    }

    /// What was touched, when it is only files of the site that are there, are new or are gone.
    /// A folder that is new, gone or renamed may be anything.
    fn files_of(
        &self,
        root: &Path,
        config: &str,
        touched: &BTreeSet<PathBuf>,
    ) -> Option<Vec<Touched>> {
        let mut files = Vec::new();
        for full in touched {
            let path = full.strip_prefix(root).ok()?.to_str()?;
            let path = path.replace(std::path::MAIN_SEPARATOR, "/");
            let (folder, inside) = path.split_once('/')?;
            if !FOLDERS.contains(&folder) || path == config {
                return None;
            }
            if inside.split('/').any(|part| is_ignored(part.as_bytes(), folder)) {
                continue;
            }
            let there = fs::symlink_metadata(full).ok();
            let place = self.files.binary_search_by(|file| file.path.as_str().cmp(&path));
            match (place, there) {
                (_, Some(data)) if data.is_file() => {
                    files.push(Touched { path, full: Some(full.clone()) });
                }
                (Ok(_), None) => files.push(Touched { path, full: None }),
                // An editor had it for a moment. What was never read may have been complained of.
                (Err(next), None) if !self.is_below(next, &path) && !self.is_blamed(&path) => {}
                _ => return None,
            }
        }
        Some(files)
    }

    /// Whether the file at a place lies below a folder.
    fn is_below(&self, place: usize, folder: &str) -> bool {
        let file = self.files.get(place..).unwrap_or_default().iter();
        let mut inside = file.take_while(|file| file.path.as_str().starts_with(folder));
        inside.any(|file| file.path.as_str()[folder.len()..].starts_with('/'))
    }

    /// Whether something is wrong with a path, or below it.
    fn is_blamed(&self, path: &str) -> bool {
        let mut blamed = self.problems.iter().filter_map(Diagnostic::path);
        blamed.any(|blamed| {
            blamed.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })
    }

    fn read_touched(
        &self,
        root: &Path,
        folder: &Root,
        touched: Vec<Touched>,
    ) -> Result<(Self, BTreeSet<SourcePath>), ReadError> {
        let mut inputs = self.clone();
        let mut changed = BTreeSet::new();
        for Touched { path, full } in touched {
            let path = SourcePath::new(path);
            inputs.problems.retain(|problem| problem.path() != Some(path.as_str()));
            let place = inputs.files.binary_search_by(|file| file.path.cmp(&path));
            let old = place.map(|place| inputs.files.remove(place)).ok();
            let length = inputs.files.len();
            if let Some(Ok(entry)) = full.and_then(|full| WalkDir::new(full).into_iter().next()) {
                inputs.add(root, &entry);
            }
            let new = inputs.files.split_off(length).pop();
            let new = new.map(|file| inputs.read_file(folder, file)).transpose()?.flatten();
            let is_same = match (&old, &new) {
                (Some(old), Some(new)) => is_same(old, new),
                (old, new) => old.is_none() && new.is_none(),
            };
            if !is_same {
                changed.insert(path);
            }
            if let Some(new) = new {
                let place = inputs.files.partition_point(|file| file.path < new.path);
                inputs.files.insert(place, new);
            }
        }
        Ok((inputs, changed))
    }

    /// Reads a file; nothing when it is gone in the meantime.
    fn read_file(
        &mut self,
        folder: &Root,
        mut file: InputFile,
    ) -> Result<Option<InputFile>, ReadError> {
        match file.read(folder, &self.digests, &mut Vec::new()) {
            Ok(()) => {}
            Err(Refusal::Mistake(problem)) => self.problems.push(*problem),
            Err(Refusal::World(error)) if error.source.kind() == io::ErrorKind::NotFound => {
                return Ok(None);
            }
            Err(Refusal::World(error)) => return Err(error),
        }
        if let (Some(stamp), Some(digest)) = (file.stamp, &file.digest) {
            self.digests.add(&file.path, stamp, digest);
        }
        Ok(Some(file))
    }

    fn read_all(&self, root: &Path, folder: &Root, config: &str) -> Result<Self, ReadError> {
        let mut inputs = Self::list_all(root, folder, config)?;
        inputs.read_files(|file, buffer| {
            let old = self.file(&file.path).filter(|old| !self.is_mistaken(old));
            let stamp = || fs::symlink_metadata(folder.join(file.path.as_str())).ok();
            if let Some(old) = old
                && old.stamp.is_some()
                && stamp().map(|data| Stamp::of_source(&data)) == old.stamp
            {
                *file = old.clone();
                return Ok(());
            }
            match file.read(folder, &self.digests, buffer) {
                Err(Refusal::World(error)) if error.source.kind() == io::ErrorKind::NotFound => {
                    Ok(())
                }
                read => read,
            }
        })?;
        // What has gone since it was listed has not been read, and nothing is wrong with it.
        let mut files = std::mem::take(&mut inputs.files);
        files.retain(|file| file.stamp.is_some() || inputs.is_mistaken(file));
        inputs.files = files;
        Ok(inputs)
    }

    fn file(&self, path: &SourcePath) -> Option<&InputFile> {
        let index = self.files.binary_search_by(|file| file.path.cmp(path)).ok()?;
        Some(&self.files[index])
    }

    /// Whether something is wrong with a file, which has to be said again.
    fn is_mistaken(&self, file: &InputFile) -> bool {
        self.problems.iter().any(|problem| problem.path() == Some(file.path.as_str()))
    }

    /// The files of which something is wrong that was not, or no longer.
    fn changed_problems(&self, new: &Self) -> Vec<SourcePath> {
        let (old, new) = (&self.problems, &new.problems);
        let come = new.iter().filter(|problem| !old.contains(problem));
        let gone = old.iter().filter(|problem| !new.contains(problem));
        come.chain(gone).filter_map(|problem| problem.path()).map(SourcePath::new).collect()
    }

    fn changed(&self, new: &Self) -> BTreeSet<SourcePath> {
        let mut changed = BTreeSet::new();
        for file in &new.files {
            if !self.file(&file.path).is_some_and(|old| is_same(old, file)) {
                changed.insert(file.path.clone());
            }
        }
        let gone = self.files.iter().filter(|file| new.file(&file.path).is_none());
        changed.extend(gone.map(|file| file.path.clone()));
        if self.was_recorded != new.was_recorded {
            changed.insert(SourcePath::new(record::FILE));
        }
        for (old, new) in [(&self.config, &new.config), (&self.record, &new.record)] {
            let text = |source: &Option<Source>| source.as_ref().map(|source| source.text.clone());
            if text(old) != text(new) {
                changed.extend(old.iter().chain(new).map(|source| source.path.clone()));
            }
        }
        changed
    }
}

/// Whether a file has the same content. One that is only copied has it when nobody has touched it.
fn is_same(old: &InputFile, new: &InputFile) -> bool {
    match (&old.text, &new.text) {
        (Some(old), Some(new)) => Arc::ptr_eq(old, new) || old == new,
        (None, None) => match (&old.digest, &new.digest) {
            (Some(old), Some(new)) => old == new,
            _ => old.stamp == new.stamp,
        },
        _ => false,
    }
}
