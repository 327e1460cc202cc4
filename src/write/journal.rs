//! What is being put into place, written down before it begins.
//!
//! The journal says what there is to do in steps that can be taken again: whoever finds one that
//! an interrupted build has left takes those that are missing. So a build that puts its files into
//! place and one that completes another's work are the same function.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::WriteError;
use super::error::io_error;
use super::exchange::{Exchanged, exchange, inode, rename};
use super::flush::{flush, flush_tree};
use super::manifest::{Manifest, Notes};
use super::tree::{
    Keep, STAGE_INSIDE, Surveyor, carry, create_parent, is_there, look, remove_file, remove_folder,
};
use crate::disk::write_new;
use crate::hash::Hash;

/// The format of the file.
const VERSION: u32 = 1;

/// The folders that putting an output into place has to do with.
#[derive(Clone, Debug)]
pub(super) struct Ground {
    pub(super) output: PathBuf,
    /// Where new files wait: nothing in it is anybody else's.
    pub(super) stage: PathBuf,
    /// Where the new output waits when it is complete, and then the old one, which may have files
    /// in it that others have made.
    pub(super) swap: PathBuf,
    /// Where the old output goes for a moment when two folders cannot be exchanged at once.
    pub(super) aside: PathBuf,
    pub(super) notes: Notes,
}

impl Ground {
    /// New files wait beside the output, or `inside` it.
    pub(super) fn new(root: &Path, output: &Path, inside: bool) -> Self {
        let beside = |what| {
            let mut name = OsString::from(".");
            name.push(output.file_name().unwrap_or_default());
            name.push(format!(".sitegen-{what}"));
            output.with_file_name(name)
        };
        Self {
            stage: if inside { output.join(STAGE_INSIDE) } else { beside("new") },
            swap: beside("swap"),
            aside: beside("old"),
            notes: Notes::of(root, output),
            output: output.to_path_buf(),
        }
    }
}

/// What there is to do.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Journal {
    version: u32,
    pub(super) work: Work,
    /// Whether new files wait inside the output.
    pub(super) inside: bool,
    pub(super) keep: Keep,
    /// All files of the output count as ours.
    pub(super) force: bool,
    pub(super) durable: bool,
}

/// The two ways to put an output into place.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Work {
    /// The folder with this inode becomes the output.
    Exchange { inode: u64 },
    /// File by file.
    Batch(Batch),
}

/// Files to remove and to put into place, in this order.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Batch {
    /// Files of the last build that are in the way of new ones.
    pub(super) clear: Vec<String>,
    pub(super) put: Vec<Put>,
    /// Files of the last build that are made no more.
    pub(super) remove: Vec<String>,
}

/// A file that waits to be put into place.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Put {
    pub(super) path: String,
    /// Whether there was a file before. If not, one that is there now is somebody else's.
    pub(super) replaces: bool,
}

/// How an output came into place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// As it should.
    Done,
    /// It was missing for a moment.
    WithGap,
    /// The folder cannot be renamed. Nothing has changed.
    Refused,
}

/// What the last build made and what this one does.
pub(super) struct Manifests<'a> {
    pub(super) before: Option<&'a Manifest>,
    pub(super) next: &'a Manifest,
    /// The new files were written by an earlier run: after a power cut they may be there without
    /// their content.
    pub(super) doubtful: bool,
}

/// Whether the file system flushes what it is told to.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Flushing {
    pub(super) unsupported: bool,
}

impl Flushing {
    fn note(&mut self, supported: bool) {
        self.unsupported |= !supported;
    }
}

impl Journal {
    pub(super) fn new(work: Work, inside: bool, keep: Keep, force: bool, durable: bool) -> Self {
        Self { version: VERSION, work, inside, keep, force, durable }
    }

    /// Reads what an interrupted build has left, if there is something.
    pub(super) fn read(file: &Path) -> Result<Option<Self>, WriteError> {
        match fs::read(file) {
            // One that cannot be read to its end was not complete when the power went, so nothing
            // had begun.
            Ok(text) if is_of_other_version(&text) => {
                Err(WriteError::OtherVersion(file.to_path_buf()))
            }
            Ok(text) => Ok(serde_json::from_slice(&text).ok()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(io_error("read", file)(error)),
        }
    }

    /// Writes down what will be done. The new files are complete by now.
    pub(super) fn write(
        &self,
        ground: &Ground,
        next: &Manifest,
        flushing: &mut Flushing,
    ) -> Result<(), WriteError> {
        let Notes { next: next_file, new_journal, .. } = &ground.notes;
        create_parent(new_journal)?;
        next.write(next_file)?;
        // Names and numbers always become JSON.
        let text = serde_json::to_string(self).unwrap_or_default();
        write_new(new_journal, text.as_bytes()).map_err(io_error("write", new_journal))?;
        if self.durable {
            if is_there(&ground.stage)? {
                flushing.note(flush_tree(&ground.stage)?);
            }
            // All of it, as the folder for notes may itself be new.
            flushing.note(flush_tree(new_journal.parent().unwrap_or(new_journal))?);
        }
        Ok(())
    }

    /// The moment from which on the next build completes what this one has begun.
    pub(super) fn begin(&self, ground: &Ground, flushing: &mut Flushing) -> Result<(), WriteError> {
        let Notes { journal, new_journal, .. } = &ground.notes;
        rename(new_journal, journal)?;
        self.flush_parent(journal, flushing)
    }

    /// Adds to a failure in what state it has left the output.
    pub(super) fn unfinished(&self, ground: &Ground, error: WriteError) -> WriteError {
        let swap = ground.swap.display();
        let state = match &self.work {
            Work::Batch(_) => {
                "part of the new site may be in place; when the cause is mended, the \
                 next `sitegen build` completes it"
                    .to_owned()
            }
            Work::Exchange { inode: new } => match inode(&ground.output) {
                Ok(Some(there)) if there == *new => format!(
                    "the new site is in place, but what is to stay of the old folder may still lie \
                     in {swap}; when the cause is mended, the next `sitegen build` completes it"
                ),
                Ok(Some(_)) => "the site is still as it was".to_owned(),
                Ok(None) => {
                    "there is no site in place; the next `sitegen build` puts it there".to_owned()
                }
                Err(_) => "it cannot be said whether the site is the old or the new one".to_owned(),
            },
        };
        WriteError::Unfinished { state, source: Box::new(error) }
    }

    /// Takes all steps that have not been taken. `kept` is what is known to have to come along.
    /// `Outcome::Refused` leaves the journal for another to replace.
    pub(super) fn complete(
        &self,
        ground: &Ground,
        manifests: &Manifests<'_>,
        kept: &[PathBuf],
        flushing: &mut Flushing,
    ) -> Result<Outcome, WriteError> {
        let outcome = match &self.work {
            Work::Exchange { inode } => self.exchange(*inode, ground, manifests, kept, flushing)?,
            Work::Batch(batch) => {
                self.batch(batch, ground, manifests, flushing)?;
                Outcome::Done
            }
        };
        if outcome != Outcome::Refused {
            self.finish(ground, flushing)?;
        }
        Ok(outcome)
    }

    fn exchange(
        &self,
        new: u64,
        ground: &Ground,
        manifests: &Manifests<'_>,
        kept: &[PathBuf],
        flushing: &mut Flushing,
    ) -> Result<Outcome, WriteError> {
        let Ground { output, swap, aside, .. } = ground;
        let mut outcome = Outcome::Done;
        if inode(output)? == Some(new) {
            // An interrupted build has come so far; there may be one half of a step to do.
            if is_there(aside)? {
                rename(aside, swap)?;
            }
        } else {
            // What lies at the swap place is not only ours from now on.
            rename(&ground.stage, swap)?;
            match exchange(swap, output, aside)? {
                Exchanged::AtOnce => {}
                Exchanged::WithGap => outcome = Outcome::WithGap,
                Exchanged::Refused => return Ok(Outcome::Refused),
            }
        }
        self.flush_parent(output, flushing)?;
        if is_there(swap)? {
            carry(swap, output, kept)?;
            self.sweep(ground, manifests, flushing)?;
        }
        Ok(outcome)
    }

    /// Removes the old output. Whatever in it is not ours comes along, also what somebody has put
    /// there at the last moment.
    fn sweep(
        &self,
        ground: &Ground,
        manifests: &Manifests<'_>,
        flushing: &mut Flushing,
    ) -> Result<(), WriteError> {
        let Ground { output, swap, .. } = ground;
        let both = || [manifests.before, Some(manifests.next)].into_iter().flatten();
        // What others look after is ours only as long as it is what we made.
        let is_ours = |path: &str| {
            if self.keep.holds(path) {
                both().any(|manifest| manifest.is_as_made(swap, path))
            } else {
                both().any(|manifest| manifest.has(path)) || self.force
            }
        };
        let is_folder = |path: &str| {
            both().any(|manifest| manifest.has_below(path)) || output.join(path).is_dir()
        };
        let surveyor =
            Surveyor { output: swap, keep: &self.keep, is_ours: &is_ours, is_folder: &is_folder };
        let survey = surveyor.survey()?;
        carry(swap, output, &survey.kept)?;
        carry(swap, output, &survey.foreign)?;
        // Once the old output is gone, so would be what has not reached the new one.
        if self.durable {
            flushing.note(flush_tree(output)?);
        }
        remove_folder(swap)
    }

    /// Whether a file is ours although no build has made it.
    fn takes(&self, path: &str) -> bool {
        self.force && !self.keep.holds(path)
    }

    fn batch(
        &self,
        batch: &Batch,
        ground: &Ground,
        manifests: &Manifests<'_>,
        flushing: &mut Flushing,
    ) -> Result<(), WriteError> {
        let output = &ground.output;
        fs::create_dir_all(output).map_err(io_error("create", output))?;
        for path in &batch.clear {
            remove(output, path)?;
        }
        for put in &batch.put {
            self.put_into_place(put, ground, manifests, flushing)?;
        }
        for path in &batch.remove {
            remove(output, path)?;
        }
        if self.durable {
            let puts = batch.put.iter().map(|put| &put.path);
            let folders: BTreeSet<PathBuf> = puts
                .chain(&batch.clear)
                .chain(&batch.remove)
                // A new folder is a name in the one above it.
                .flat_map(|path| Path::new(path).ancestors().skip(1).map(|p| output.join(p)))
                .filter(|folder| folder.is_dir())
                .collect();
            for folder in folders {
                flushing.note(flush(&folder)?);
            }
        }
        Ok(())
    }

    /// Renames a new file to where it belongs, unless that was done before.
    fn put_into_place(
        &self,
        put: &Put,
        ground: &Ground,
        manifests: &Manifests<'_>,
        flushing: &mut Flushing,
    ) -> Result<(), WriteError> {
        let staged = ground.stage.join(&put.path);
        let target = ground.output.join(&put.path);
        if !is_there(&staged)? {
            return Ok(());
        }
        let wanted = manifests.next.files.get(&put.path).map(|made| made.hash.as_str());
        // The build that follows makes it anew.
        if manifests.doubtful && Some(hash_of(&staged)?.as_str()) != wanted {
            return Ok(());
        }
        if let Some(data) = look(&target)?.filter(|data| !data.is_dir())
            && !(put.replaces || self.takes(&put.path))
            && !(data.is_file() && Some(hash_of(&target)?.as_str()) == wanted)
        {
            return Err(WriteError::Foreign(vec![target]));
        }
        create_parent(&target)?;
        // A folder with nothing in it is no loss; one that has something was refused.
        let _ = fs::remove_dir(&target);
        match fs::rename(&staged, &target) {
            Err(error) if error.kind() == io::ErrorKind::CrossesDevices => {
                // Something else is mounted further down: there is no renaming into it from here.
                let near = target.with_file_name(STAGE_INSIDE);
                remove_file(&near)?;
                fs::copy(&staged, &near).map_err(io_error("write", &near))?;
                if self.durable {
                    flushing.note(flush(&near)?);
                }
                rename(&near, &target)?;
                fs::remove_file(&staged).map_err(io_error("remove", &staged))
            }
            renamed => renamed.map_err(io_error("put into place", &target)),
        }
    }

    /// The work is done: the new manifest holds, and there is nothing to complete.
    fn finish(&self, ground: &Ground, flushing: &mut Flushing) -> Result<(), WriteError> {
        let Notes { manifest, next, journal, .. } = &ground.notes;
        match fs::rename(next, manifest) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(io_error("put into place", manifest)(error));
            }
            _ => {}
        }
        self.flush_parent(manifest, flushing)?;
        fs::remove_file(journal).map_err(io_error("remove", journal))?;
        remove_folder(&ground.stage)
    }

    fn flush_parent(&self, path: &Path, flushing: &mut Flushing) -> Result<(), WriteError> {
        if let Some(folder) = path.parent().filter(|_| self.durable) {
            flushing.note(flush(folder)?);
        }
        Ok(())
    }
}

/// Whether something is a journal in a format that we do not know.
fn is_of_other_version(text: &[u8]) -> bool {
    let value = serde_json::from_slice::<serde_json::Value>(text).ok();
    let version = value.and_then(|value| value.get("version")?.as_u64());
    version.is_some_and(|version| version != u64::from(VERSION))
}

fn hash_of(path: &Path) -> Result<String, WriteError> {
    File::open(path).and_then(Hash::of).map_err(io_error("read", path))
}

/// Removes a file of ours, and the folders above it that are then empty.
fn remove(output: &Path, path: &str) -> Result<(), WriteError> {
    use io::ErrorKind::{IsADirectory, NotADirectory, NotFound};
    if is_behind_link(output, path)? {
        return Ok(());
    }
    let file = output.join(path);
    match fs::remove_file(&file) {
        Ok(()) => {}
        // It is gone, or something else has taken its place; either way it is not ours.
        Err(error) if matches!(error.kind(), NotFound | NotADirectory | IsADirectory) => {}
        Err(error) => return Err(io_error("remove", &file)(error)),
    }
    let mut folder = file.parent();
    while let Some(path) = folder.filter(|path| *path != output) {
        if fs::remove_dir(path).is_err() {
            break;
        }
        folder = path.parent();
    }
    Ok(())
}

/// Whether a folder on the way to a file is a link by now, or is gone: what lies there is not
/// ours.
fn is_behind_link(output: &Path, path: &str) -> Result<bool, WriteError> {
    let mut folder = output.to_path_buf();
    let parts = path.rsplit_once('/').map_or("", |(folders, _)| folders).split('/');
    for part in parts.filter(|part| !part.is_empty()) {
        folder.push(part);
        if !look(&folder)?.is_some_and(|data| data.is_dir()) {
            return Ok(true);
        }
    }
    Ok(false)
}
