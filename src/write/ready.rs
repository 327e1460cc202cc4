//! Puts an output that is complete into place.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io;
use std::mem;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::error::io_error;
use super::exchange::{inode, rename};
use super::journal::{Batch, Flushing, Ground, Journal, Manifests, Outcome, Put, Work};
use super::stage::{Next, Stage, lock, take_rights};
use super::tree::{create_parent, look};
use super::{Changes, Lost, WriteError};
use crate::disk::Stamp;
use crate::memory::give_back;
use crate::path::folders_above;

/// An output that is staged, with nothing in its way. Dropped, it leaves the output as it was.
pub struct Ready {
    pub(super) stage: Stage,
    pub(super) next: Next,
    /// Ours, and made no more.
    pub(super) stale: Vec<String>,
    /// Replace the whole folder.
    pub(super) at_once: bool,
    /// What is to stay, relative to the output.
    pub(super) kept: Vec<PathBuf>,
    /// What others made and `force` overwrites or removes, relative to the output.
    pub(super) taken: Vec<PathBuf>,
    pub(super) lost: Vec<Lost>,
}

impl Ready {
    /// Puts everything into place and removes what the last build made and this one does not.
    ///
    /// # Errors
    ///
    /// When the disk fails. What has begun by then is completed by the next build.
    pub fn publish(mut self) -> Result<Changes, WriteError> {
        let written = self.next.changed.len();
        let mut lost = mem::take(&mut self.lost);
        let mut flushing = Flushing::default();
        if self.at_once && (self.stage.exists || written > 0) {
            match self.exchange(&mut flushing)? {
                Outcome::Done => {}
                Outcome::WithGap => lost.push(Lost::NoGap),
                Outcome::Refused => {
                    lost.push(Lost::AtOnce("the system cannot rename it"));
                    self.batch(&mut flushing)?;
                }
            }
        } else if written + self.stale.len() > 0 {
            self.batch(&mut flushing)?;
        } else {
            self.note()?;
        }
        if flushing.unsupported {
            lost.push(Lost::Durable);
        }
        let changes = Changes {
            written: mem::take(&mut self.next.changed),
            removed: self.stale,
            unchanged: self.next.all.files.len() - written,
            lost,
            taken: self.taken,
        };
        give_back((self.next, self.stage.before.take()));
        Ok(changes)
    }

    /// Nothing has changed but perhaps what is known of the files.
    fn note(&self) -> Result<(), WriteError> {
        if self.stage.before.as_ref() == Some(&self.next.all) || !self.stage.exists {
            return Ok(());
        }
        let notes = &self.stage.ground.notes;
        create_parent(&notes.next)?;
        self.next.all.write(&notes.next)?;
        rename(&notes.next, &notes.manifest)
    }

    /// Completes the new folder and exchanges it for the old one.
    fn exchange(&mut self, flushing: &mut Flushing) -> Result<Outcome, WriteError> {
        self.stage.begin()?;
        let Ground { output, stage, .. } = &self.stage.ground;
        let unchanged: Vec<String> = self.next.unchanged().map(str::to_owned).collect();
        let linked: Vec<(String, Stamp)> = unchanged
            .into_par_iter()
            .map(|path| {
                let stamp = link(&output.join(&path), &stage.join(&path))?;
                Ok((path, stamp))
            })
            .collect::<Result<_, WriteError>>()?;
        for (path, stamp) in linked {
            // One that has been touched since it was looked at keeps the stamp that is no longer
            // true, so that the next build looks again.
            let made = self.next.all.files.get_mut(&path);
            if let Some(made) = made.filter(|made| stamp.is_copy_of(&made.stamp)) {
                made.stamp = stamp;
            }
        }
        for path in &self.kept {
            // A file has both names for a while, and so is never missing. What cannot have two,
            // such as a folder, is renamed after the exchange.
            let new = stage.join(path);
            create_parent(&new)?;
            let _ = fs::hard_link(output.join(path), &new);
        }
        if self.stage.exists {
            self.keep_rights()?;
        }
        let work = Work::Exchange { inode: inode(stage)?.unwrap_or_default() };
        let outcome = self.carry_out(work, flushing)?;
        if outcome == Outcome::Refused {
            let Ground { stage, swap, .. } = &self.stage.ground;
            rename(swap, stage)?;
        }
        Ok(outcome)
    }

    /// Gives each new folder the rights and the owner of the old one.
    fn keep_rights(&self) -> Result<(), WriteError> {
        let Ground { output, stage, .. } = &self.stage.ground;
        let mut done = HashSet::new();
        for path in self.next.all.files.keys() {
            for folder in folders_above(path).take_while(|folder| done.insert(*folder)) {
                let (old, new) = (look(&output.join(folder))?, stage.join(folder));
                if let Some(old) = old.filter(fs::Metadata::is_dir) {
                    take_rights(&new, &old)?;
                }
            }
        }
        Ok(())
    }

    fn batch(&mut self, flushing: &mut Flushing) -> Result<(), WriteError> {
        // What was a folder may become a file, or a file a folder, so the old files go first
        // where they must.
        let Next { all, changed } = &self.next;
        let must_go = |path: &String| {
            folders_above(path).any(|folder| all.has(folder)) || all.has_below(path)
        };
        let (clear, remove) = self.stale.iter().cloned().partition(must_go);
        let put = changed.iter().cloned();
        let put = put.map(|path| Put { replaces: self.stage.is_ours(&path), path }).collect();
        self.carry_out(Work::Batch(Batch { clear, put, remove }), flushing).map(|_| ())
    }

    /// Writes the journal and does what it says.
    fn carry_out(&mut self, work: Work, flushing: &mut Flushing) -> Result<Outcome, WriteError> {
        let Stage { target, ground, fixed, before, .. } = &self.stage;
        let keep = target.keep.clone();
        let journal = Journal::new(work, fixed.is_some(), keep, target.force, target.durable);
        let next = &self.next.all;
        let manifests = Manifests { before: before.as_ref(), next, doubtful: false };
        journal.write(ground, next, flushing)?;
        // From here on, what is staged belongs to the journal.
        *lock(&self.stage.begun) = false;
        let outcome = journal
            .begin(ground, flushing)
            .and_then(|()| journal.complete(ground, &manifests, &self.kept, flushing))
            .map_err(|error| journal.unfinished(ground, error))?;
        if outcome == Outcome::Refused {
            *lock(&self.stage.begun) = true;
        }
        Ok(outcome)
    }
}

/// Gives a second name to a file of the old output. Where there can be none it is copied, with
/// the time of its last change.
fn link(old: &Path, new: &Path) -> Result<Stamp, WriteError> {
    create_parent(new)?;
    if fs::hard_link(old, new).is_err() {
        fs::copy(old, new).map_err(io_error("copy", old))?;
        let copied = || {
            let modified = fs::metadata(old)?.modified()?;
            File::options().write(true).open(new)?.set_modified(modified)
        };
        copied().map_err(io_error("write", new))?;
    }
    Stamp::of_file(new).ok_or(WriteError::Io {
        action: "read",
        path: new.to_path_buf(),
        source: io::ErrorKind::NotFound.into(),
    })
}
