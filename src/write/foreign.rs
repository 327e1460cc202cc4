//! Tells what in an output is ours, and what is not.

use std::collections::{BTreeSet, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use super::error::io_error;
use super::stage::{Next, Stage};
use super::tree::{Survey, Surveyor, look};
use super::{Target, WriteError};
use crate::path::folders_above;

impl Stage {
    /// The files of the last build that this one does not make.
    pub(super) fn stale(&self, next: &Next) -> Result<Vec<String>, WriteError> {
        let Some(before) = &self.before else { return Ok(Vec::new()) };
        if before.files.keys().eq(next.all.files.keys()) {
            return Ok(Vec::new());
        }
        let Target { output, force, keep, .. } = &self.target;
        let (mut stale, mut foreign) = (Vec::new(), Vec::new());
        for path in before.files.keys().filter(|path| !next.all.has(path)) {
            let file = output.join(path);
            if before.is_as_made(output, path) || !look(&file)?.is_some_and(|d| d.is_file()) {
                stale.push(path.clone());
            } else if keep.holds(path) {
                // It has become somebody else's.
            } else if *force || self.target.shared.is_some() {
                stale.push(path.clone());
            } else {
                foreign.push(file);
            }
        }
        if foreign.is_empty() { Ok(stale) } else { Err(WriteError::Foreign(foreign)) }
    }

    /// Whether a file may be overwritten or removed. One that we made and somebody has changed is
    /// put right, unless somebody looks after it.
    pub(super) fn is_ours(&self, path: &str) -> bool {
        let Target { output, force, keep, .. } = &self.target;
        let Some(before) = self.before.as_ref().filter(|before| before.has(path)) else {
            return *force && !keep.holds(path);
        };
        !keep.holds(path) || before.is_as_made(output, path)
    }

    /// Looks for what no build has made. A file that is as this build would make it counts as
    /// made.
    pub(super) fn survey(&self, next: &Next) -> Result<Survey, WriteError> {
        let equal: HashSet<&str> = next.unchanged().collect();
        let before = self.before.as_ref();
        let made = |path: &str| before.is_some_and(|before| before.has(path));
        let is_ours = |path: &str| equal.contains(path) || made(path) && self.is_ours(path);
        let folders: HashSet<&str> =
            next.all.files.keys().flat_map(|path| folders_above(path)).collect();
        let is_folder = |path: &str| {
            folders.contains(path) || before.is_some_and(|before| before.has_below(path))
        };
        let Target { output, keep, .. } = &self.target;
        Surveyor { output, keep, is_ours: &is_ours, is_folder: &is_folder }.survey()
    }

    /// Stops when something that is not ours is where an output goes: a file, a folder
    /// with something in it, or a file where a folder must be.
    pub(super) fn refuse_foreign(&self, next: &Next) -> Result<(), WriteError> {
        let output = &self.target.output;
        let ours = |path: &str| self.is_ours(path);
        let (mut foreign, mut contested) = (BTreeSet::new(), Vec::new());
        let mut folders = HashSet::new();
        for changed in next.changed.iter().filter(|_| self.exists) {
            let path = output.join(changed);
            match look(&path)? {
                Some(data) if data.is_dir() => foreign.extend(first_foreign(output, &path, &ours)?),
                Some(_) if ours(changed) => {}
                Some(_) if self.target.keep.holds(changed) => contested.push(path),
                Some(_) => drop(foreign.insert(path)),
                None => {}
            }
            for folder in folders_above(changed).take_while(|folder| folders.insert(*folder)) {
                let path = output.join(folder);
                if look(&path)?.is_some_and(|data| !data.is_dir()) && !ours(folder) {
                    foreign.insert(path);
                }
            }
        }
        if !contested.is_empty() {
            return Err(WriteError::Contested(contested));
        }
        let foreign: Vec<PathBuf> = foreign.into_iter().collect();
        if foreign.is_empty() { Ok(()) } else { Err(WriteError::Foreign(foreign)) }
    }
}

/// A file in a folder that is not ours.
fn first_foreign(
    output: &Path,
    folder: &Path,
    ours: &dyn Fn(&str) -> bool,
) -> Result<Option<PathBuf>, WriteError> {
    for entry in fs::read_dir(folder).map_err(io_error("read", folder))? {
        let entry = entry.map_err(io_error("read", folder))?;
        let path = entry.path();
        if entry.file_type().map_err(io_error("read", &path))?.is_dir() {
            if let Some(found) = first_foreign(output, &path, ours)? {
                return Ok(Some(found));
            }
        } else if !path.strip_prefix(output).ok().and_then(Path::to_str).is_some_and(ours) {
            return Ok(Some(path));
        }
    }
    Ok(None)
}
