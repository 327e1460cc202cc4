//! Reading a site again of which most is known.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::read::{InputFile, Inputs, ReadError, Refusal};
use crate::diagnostic::Source;
use crate::disk::{Root, Stamp};
use crate::path::SourcePath;

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
        let folder = Root::open(root).map_err(|source| ReadError { path: root.into(), source })?;
        let known = touched.and_then(|touched| self.known(root, touched));
        let inputs = match known {
            Some(known) => self.read_known(&folder, &known)?,
            None => self.read_all(root, &folder, config)?,
        };
        let changed = self.changed(&inputs);
        Ok(ReadAgain { inputs, changed })
    }

    /// The places of the files that were touched, when all of them are files that we know and that
    /// are still there. What else there is may be a new file, or a folder that was renamed.
    fn known(&self, root: &Path, touched: &BTreeSet<PathBuf>) -> Option<Vec<usize>> {
        let mut known = Vec::new();
        for path in touched {
            let there = fs::symlink_metadata(path).ok();
            let path = path.strip_prefix(root).ok()?.to_str()?;
            let path = path.replace(std::path::MAIN_SEPARATOR, "/");
            let place = self.files.binary_search_by(|file| file.path.as_str().cmp(&path));
            match (place, there) {
                (Ok(index), Some(data)) if data.is_file() => known.push(index),
                // An editor had it for a moment.
                (Err(next), None) if !self.is_below(next, &path) => {}
                _ => return None,
            }
        }
        Some(known)
    }

    /// Whether the file at a place lies below a folder.
    fn is_below(&self, place: usize, folder: &str) -> bool {
        let file = self.files.get(place..).unwrap_or_default().iter();
        let mut inside = file.take_while(|file| file.path.as_str().starts_with(folder));
        inside.any(|file| file.path.as_str()[folder.len()..].starts_with('/'))
    }

    fn read_known(&self, folder: &Root, known: &[usize]) -> Result<Self, ReadError> {
        let mut inputs = self.clone();
        for index in known {
            let file = &mut inputs.files[*index];
            let path = file.path.clone();
            inputs.problems.retain(|problem| problem.path() != Some(path.as_str()));
            *file = InputFile::unread(path);
            match file.read(folder, &self.digests, &mut Vec::new()) {
                Ok(()) => {}
                Err(Refusal::Mistake(problem)) => inputs.problems.push(*problem),
                // Gone in the meantime; whoever took it has been seen too.
                Err(Refusal::World(error)) if error.source.kind() == io::ErrorKind::NotFound => {}
                Err(Refusal::World(error)) => return Err(error),
            }
            if let (Some(stamp), Some(digest)) = (file.stamp, &file.digest) {
                inputs.digests.add(&file.path, stamp, digest);
            }
        }
        Ok(inputs)
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
            file.read(folder, &self.digests, buffer)
        })?;
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

    fn changed(&self, new: &Self) -> BTreeSet<SourcePath> {
        let mut changed = BTreeSet::new();
        for file in &new.files {
            if !self.file(&file.path).is_some_and(|old| is_same(old, file)) {
                changed.insert(file.path.clone());
            }
        }
        let gone = self.files.iter().filter(|file| new.file(&file.path).is_none());
        changed.extend(gone.map(|file| file.path.clone()));
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
