//! Looks what an interrupted build has left, before another one begins.

use std::path::Path;

use super::exchange::{inode, rename};
use super::journal::{Flushing, Ground, Journal, Manifests, Work};
use super::manifest::Manifest;
use super::tree::{is_there, remove_file, remove_folder};
use super::{Target, WriteError};

/// Completes what an interrupted build has begun, or takes it back: what follows makes all anew
/// in any case.
pub(super) fn recover(target: &Target) -> Result<(), WriteError> {
    let Target { root, output, .. } = target;
    let ground = Ground::new(root, output, false);
    let Some(mut journal) = Journal::read(&ground.notes.journal)? else {
        return clear(root, output);
    };
    // What has come into its way since then is the author's to decide on.
    journal.force |= target.force;
    let ground = Ground::new(root, output, journal.inside);
    if let Work::Exchange { inode: new } = journal.work
        && inode(output)? != Some(new)
    {
        take_back(new, &ground).map_err(|error| journal.unfinished(&ground, error))?;
        return clear(root, output);
    }
    let before = Manifest::read(&ground.notes.manifest)?;
    let next = Manifest::read(&ground.notes.next)?;
    // Without the new manifest, the old one has been replaced: nothing is left but to tidy up.
    let next = next.or_else(|| before.clone()).unwrap_or_default();
    let manifests = Manifests { before: before.as_ref(), next: &next, doubtful: true };
    let mut flushing = Flushing::default();
    journal
        .complete(&ground, &manifests, &[], &mut flushing)
        .map_err(|error| journal.unfinished(&ground, error))?;
    clear(root, output)
}

/// Undoes an exchange of which the new folder has not come into place: it is all ours, and the old
/// one is complete.
fn take_back(new: u64, ground: &Ground) -> Result<(), WriteError> {
    let Ground { output, swap, aside, .. } = ground;
    for old in [aside, swap] {
        if !is_there(output)? && inode(old)?.is_some_and(|there| there != new) {
            rename(old, output)?;
        }
    }
    if inode(swap)? == Some(new) {
        remove_folder(swap)?;
    }
    Ok(())
}

/// Removes what a build that was stopped early has left: only what it had made itself.
fn clear(root: &Path, output: &Path) -> Result<(), WriteError> {
    for inside in [false, true] {
        remove_folder(&Ground::new(root, output, inside).stage)?;
    }
    let Ground { swap, aside, notes, .. } = Ground::new(root, output, false);
    for file in [&notes.next, &notes.new_journal, &notes.journal] {
        remove_file(file)?;
    }
    for folder in [swap, aside] {
        if is_there(&folder)? {
            return Err(WriteError::Stranded { folder, output: output.to_path_buf() });
        }
    }
    Ok(())
}
