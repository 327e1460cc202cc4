//! What the last build made in an output folder, for whoever carries it elsewhere.

use std::path::Path;

use rayon::prelude::*;

use super::journal::Journal;
use super::manifest::{Made, Manifest, Notes};
use super::tree::is_there;
use super::{WriteError, canonical};
use crate::artifact::Rank;

/// A file that the last build made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MadeFile {
    /// Relative to the output folder.
    pub path: String,
    /// What it is for.
    pub rank: Rank,
    /// SHA-256 of what the build wrote, in hexadecimal.
    pub hash: String,
    /// How much that was, in bytes.
    pub size: u64,
    /// What has become of it since.
    pub standing: Standing,
}

/// What has become of a file since a build left it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It is as the build left it.
    AsMade,
    /// It is a file of another content, or none.
    Changed,
    /// There is nothing in its place.
    Missing,
}

/// The files that the last build made in an output folder, by path; `None` when nothing is known
/// of one. Whoever calls it holds the [`super::Lock`] of the site in `root`, which is a path
/// without links.
///
/// # Errors
///
/// [`WriteError::Interrupted`] when a build has not put all its files into place; or that the notes
/// cannot be read.
pub fn made(root: &Path, output: &Path) -> Result<Option<Vec<MadeFile>>, WriteError> {
    let output = canonical(output);
    let notes = Notes::of(root, &output);
    if Journal::read(&notes.journal)?.is_some() {
        return Err(WriteError::Interrupted(output));
    }
    let Some(manifest) = Manifest::read(&notes.manifest)? else { return Ok(None) };
    let look = |(path, made): (&String, &Made)| {
        let standing = if manifest.is_as_made(&output, path) {
            Standing::AsMade
        } else if is_there(&output.join(path))? {
            Standing::Changed
        } else {
            Standing::Missing
        };
        let (path, hash) = (path.clone(), made.hash.clone());
        Ok(MadeFile { path, rank: made.rank, hash, size: made.stamp.length, standing })
    };
    manifest.files.par_iter().map(look).collect::<Result<_, _>>().map(Some)
}
