//! What can be made only when all else is there, because it is about that.

use std::fs;

use super::WriteError;
use super::manifest::Made;
use super::stage::{Content, Stage, Staged, lock};
use crate::artifact::Rank;
use crate::path::OutputPath;

/// A file that the output will have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StagedFile {
    /// Relative to the output folder.
    pub path: String,
    /// SHA-256 of its content, in hexadecimal.
    pub hash: String,
    /// In bytes.
    pub size: u64,
}

impl Stage {
    /// All files that were taken, by path.
    pub fn files(&self) -> Vec<StagedFile> {
        let entries = lock(&self.entries);
        let file = |entry: &Staged| {
            let Made { hash, stamp, .. } = &entry.made;
            StagedFile { path: entry.path.clone(), hash: hash.clone(), size: stamp.length }
        };
        let mut files: Vec<StagedFile> = entries.iter().map(file).collect();
        files.sort_unstable_by(|a, b| a.path.cmp(&b.path));
        files
    }

    /// What the last build wrote into a file; `None` when there is none, or another one now.
    pub fn before(&self, path: &OutputPath) -> Option<Vec<u8>> {
        let (before, output) = (self.before.as_ref()?, &self.target.output);
        let is_ours = before.is_as_made(output, path.as_str());
        is_ours.then(|| fs::read(output.join(path.as_str())).ok())?
    }

    /// Takes one more file, which goes into place after all others. Nothing else has its path.
    ///
    /// # Errors
    ///
    /// When the disk fails.
    pub fn take_last(&self, path: &OutputPath, content: &[u8]) -> Result<(), WriteError> {
        let (Content { hash, stamp, .. }, changed) = self.take_bytes(path.as_str(), content)?;
        let made = Made { rank: Rank::Manifest, hash, stamp, origin: None, key: None };
        lock(&self.entries).push(Staged { path: path.as_str().to_owned(), made, changed });
        Ok(())
    }
}
