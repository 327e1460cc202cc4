//! Takes the artifacts of a build and writes what has changed beside the output.

use std::collections::HashSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock};

use rayon::prelude::*;

use super::error::io_error;
use super::journal::Ground;
use super::manifest::{Made, Manifest, Program, this_program};
use super::place::{canonical, check_output, fixed};
use super::ready::Ready;
use super::recover::recover;
use super::tree::{create_parent, is_there, look, remove_folder};
use super::{Lost, Target, WriteError};
use crate::artifact::{Artifact, Body, Key, Rank, Sink};
use crate::disk::{Root, Stamp};
use crate::hash::{Hash, Hashing};
use crate::path::{OutputPath, SourcePath};

/// Up to so many changes are put into place file by file; for more, the whole folder is replaced.
const BATCH_MAX: usize = 100;

/// An output folder that is being prepared. Dropped without [`Ready::publish`], it leaves the
/// output as it was.
pub struct Stage {
    pub(super) target: Target,
    source: Root,
    pub(super) ground: Ground,
    /// Why the folder cannot be replaced as a whole.
    pub(super) fixed: Option<&'static str>,
    /// There is an output already.
    pub(super) exists: bool,
    pub(super) before: Option<Manifest>,
    /// Whether the folder for new files has been made.
    pub(super) begun: Mutex<bool>,
    // Several threads report what they have staged; they meet here for a push only.
    pub(super) entries: Mutex<Vec<Staged>>,
    progress: Box<dyn Fn(usize, usize) + Send + Sync>,
    total: AtomicUsize,
    done: AtomicUsize,
    pub(super) program: Option<Program>,
    /// Whether an output with the key of the last build needs no making.
    trusts_keys: AtomicBool,
    /// The files of the last build that are not as it left them. Nothing when nobody has looked.
    touched: OnceLock<HashSet<String>>,
}

/// An artifact that was taken.
pub(super) struct Staged {
    pub(super) path: String,
    pub(super) made: Made,
    /// It waits in the folder for new files.
    pub(super) changed: bool,
}

/// What is in a file, and where it is from.
pub(super) struct Content {
    pub(super) hash: String,
    pub(super) stamp: Stamp,
    origin: Option<Stamp>,
}

/// What the output will be.
pub(super) struct Next {
    pub(super) all: Manifest,
    /// The files that wait in the folder for new ones, in the order in which they go into place.
    pub(super) changed: Vec<String>,
}

impl Next {
    fn new(mut entries: Vec<Staged>, program: Option<Program>) -> Self {
        entries.par_sort_unstable_by(|a, b| a.path.cmp(&b.path));
        let mut changed: Vec<&Staged> = entries.iter().filter(|entry| entry.changed).collect();
        // Stable: those of one rank are in order already.
        changed.sort_by_key(|entry| entry.made.rank);
        let changed = changed.into_par_iter().map(|entry| entry.path.clone()).collect();
        let files = entries.into_iter().map(|entry| (entry.path, entry.made)).collect();
        Self { all: Manifest { program, files }, changed }
    }

    /// The files that the output has already.
    pub(super) fn unchanged(&self) -> impl Iterator<Item = &str> {
        // A clean build has none, and need not look for them.
        let are_some = self.changed.len() < self.all.files.len();
        let changed = self.changed.iter().filter(|_| are_some);
        let changed: HashSet<&str> = changed.map(String::as_str).collect();
        let paths = self.all.files.keys().map(String::as_str);
        paths.filter(move |path| are_some && !changed.contains(path))
    }
}

impl Stage {
    /// Prepares to write, and first completes what an interrupted build has left. Whoever calls it
    /// holds the [`super::Lock`]. `progress` is told how many artifacts are done, and of how many.
    ///
    /// # Errors
    ///
    /// When the folder is no place for an output, or the disk refuses.
    pub fn new(
        target: Target,
        progress: impl Fn(usize, usize) + Send + Sync + 'static,
    ) -> Result<Self, WriteError> {
        check_output(&target)?;
        let target = Target { output: canonical(&target.output), ..target };
        let source = Root::open(&target.root).map_err(io_error("open", &target.root))?;
        recover(&target)?;
        let fixed = fixed(&target.output);
        let ground = Ground::new(&target.root, &target.output, fixed.is_some());
        Ok(Self {
            source,
            before: Manifest::owned(
                Manifest::read(&ground.notes.manifest)?,
                target.shared.as_ref(),
            ),
            exists: is_there(&target.output)?,
            fixed,
            ground,
            target,
            begun: Mutex::new(false),
            entries: Mutex::new(Vec::new()),
            progress: Box::new(progress),
            total: AtomicUsize::new(0),
            done: AtomicUsize::new(0),
            program: this_program(),
            trusts_keys: AtomicBool::new(false),
            touched: OnceLock::new(),
        })
    }

    /// Whether what is written survives a power cut.
    pub fn is_durable(&self) -> bool {
        self.target.durable
    }

    /// Makes the folder for new files when the first one comes, with the rights of the output.
    pub(super) fn begin(&self) -> Result<(), WriteError> {
        let mut begun = lock(&self.begun);
        if *begun {
            return Ok(());
        }
        let stage = &self.ground.stage;
        fs::create_dir_all(stage).map_err(io_error("create", stage))?;
        if let Some(data) = look(&self.target.output)? {
            take_rights(stage, &data)?;
        }
        *begun = true;
        Ok(())
    }

    fn create(&self, path: &str) -> Result<(PathBuf, File), WriteError> {
        self.begin()?;
        let staged = self.ground.stage.join(path);
        let open = || OpenOptions::new().write(true).create_new(true).open(&staged);
        // A page has a folder of its own, and to look for it first would mean to wait for each
        // thread that makes one beside it. Other folders mostly are there; to make one again would
        // keep other threads out of the one above.
        let is_page = path.ends_with("/index.html");
        if is_page {
            create_parent(&staged)?;
        }
        let file = match open() {
            Err(error) if error.kind() == io::ErrorKind::NotFound && !is_page => {
                create_parent(&staged)?;
                open()
            }
            opened => opened,
        };
        let file = file.map_err(io_error("write", &staged))?;
        Ok((staged, file))
    }

    /// The file in the output, when it has this content already.
    fn standing(&self, path: &str, length: u64, hash: &str) -> Option<Stamp> {
        if !self.exists {
            return None;
        }
        let target = self.target.output.join(path);
        let stamp = Stamp::of_file(&target).filter(|stamp| stamp.length == length)?;
        let same = match self.known(path) {
            Some(made) if made.stamp == stamp => made.hash == hash,
            _ => Hash::of(File::open(&target).ok()?).is_ok_and(|found| found == hash),
        };
        same.then_some(stamp)
    }

    fn take(&self, entry: Staged) {
        lock(&self.entries).push(entry);
        let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        (self.progress)(done, self.total.load(Ordering::Relaxed));
    }

    /// Whether the last build was one of this program, which makes the same of the same.
    fn knows_program(&self) -> bool {
        let program = self.before.as_ref().and_then(|before| before.program.as_ref());
        program.is_some() && program == self.program.as_ref() && !self.target.distrust
    }

    /// What is known of a file of the last build, unless nothing is to be trusted.
    fn known(&self, path: &str) -> Option<&Made> {
        self.before.as_ref()?.files.get(path).filter(|_| !self.target.distrust)
    }

    /// Stages bytes unless the output has them already.
    pub(super) fn take_bytes(
        &self,
        path: &str,
        bytes: &[u8],
    ) -> Result<(Content, bool), WriteError> {
        // Memory does not fail.
        let hash = Hash::of(bytes).unwrap_or_default();
        if let Some(stamp) = self.standing(path, bytes.len() as u64, &hash) {
            return Ok((Content { hash, stamp, origin: None }, false));
        }
        let (staged, mut file) = self.create(path)?;
        file.write_all(bytes).map_err(io_error("write", &staged))?;
        let data = file.metadata().map_err(io_error("write", &staged))?;
        Ok((Content { hash, stamp: Stamp::of(&data), origin: None }, true))
    }

    /// Stages a file of the site unless the output has it already.
    fn take_copy(&self, path: &str, source: &SourcePath) -> Result<(Content, bool), WriteError> {
        let name = self.target.root.join(source.as_str());
        let failed = |error| io_error("read", &name)(error);
        let mut file = self.source.open_source(source).map_err(failed)?;
        let origin = Stamp::of_source(&file.metadata().map_err(failed)?);
        let there = Stamp::of_file(&self.target.output.join(path)).filter(|_| self.exists);
        if let Some(made) = self.known(path)
            && (made.origin, Some(made.stamp)) == (Some(origin), there)
        {
            let Made { hash, stamp, origin, .. } = made.clone();
            return Ok((Content { hash, stamp, origin }, false));
        }
        if there.is_some_and(|stamp| stamp.length == origin.length) {
            let hash = Hash::of(&mut file).map_err(failed)?;
            if let Some(stamp) = self.standing(path, origin.length, &hash) {
                return Ok((Content { hash, stamp, origin: Some(origin) }, false));
            }
            file.rewind().map_err(failed)?;
        }
        let (staged, copy) = self.create(path)?;
        let mut copy = Hashing::new(copy);
        let mut buffer = vec![0; 128 << 10];
        loop {
            let length = file.read(&mut buffer).map_err(failed)?;
            if length == 0 {
                break;
            }
            copy.write_all(&buffer[..length]).map_err(io_error("write", &staged))?;
        }
        let (copy, hash) = copy.finish();
        let data = copy.metadata().map_err(io_error("write", &staged))?;
        Ok((Content { hash, stamp: Stamp::of(&data), origin: Some(origin) }, true))
    }

    /// Ends the staging, and looks whether everything can be put into place.
    ///
    /// # Errors
    ///
    /// When there are files that no build has made. Nothing has changed then.
    pub fn ready(self) -> Result<Ready, WriteError> {
        let entries = std::mem::take(&mut *lock(&self.entries));
        let next = Next::new(entries, self.program.clone());
        let mut stale = self.stale(&next)?;
        let mut at_once = !self.exists || next.changed.len() + stale.len() > BATCH_MAX;
        let mut why_not = self.fixed;
        let (mut kept, mut taken) = (Vec::new(), Vec::new());
        if self.exists && self.target.shared.is_some() {
            let survey = self.survey(&next)?;
            at_once &= survey.foreign.is_empty() && survey.kept.is_empty() && !survey.has_mount;
        } else if self.exists && (at_once || self.before.is_none() || self.target.force) {
            let survey = self.survey(&next)?;
            if survey.has_mount {
                why_not = why_not.or(Some("something is mounted inside"));
            }
            let is_made = |path: &PathBuf| path.to_str().is_some_and(|path| next.all.has(path));
            let mut foreign = survey.foreign;
            foreign.sort_by_cached_key(|path| (is_made(path), path.clone()));
            if self.target.force {
                let adopted = foreign.iter().filter(|path| !is_made(path));
                stale.extend(adopted.filter_map(|path| path.to_str()).map(str::to_owned));
                stale.sort();
                stale.dedup();
                taken = foreign;
            } else if !foreign.is_empty() {
                let full = foreign.iter().map(|path| self.target.output.join(path)).collect();
                return Err(match self.before {
                    Some(_) => WriteError::Foreign(full),
                    None => WriteError::Unknown(full),
                });
            }
            kept = survey.kept;
        }
        // Only now: where all has been looked at, all that is not known is named at once.
        self.refuse_foreign(&next)?;
        let mut lost = Vec::new();
        if at_once && let Some(reason) = why_not {
            at_once = false;
            lost.push(Lost::AtOnce(reason));
        }
        Ok(Ready { stage: self, next, stale, at_once, kept, taken, lost })
    }
}

impl Sink for Stage {
    type Error = WriteError;

    fn look(&self) {
        let Some(before) = self.before.as_ref().filter(|_| self.knows_program()) else { return };
        let is_touched = |path: &&String| {
            Stamp::of_file(&self.target.output.join(path)) != self.known(path).map(|m| m.stamp)
        };
        let touched =
            before.files.par_iter().map(|(path, _)| path).filter(is_touched).cloned().collect();
        // Nobody looks twice.
        let _ = self.touched.set(touched);
    }

    fn begin(&self, paths: &[&OutputPath]) {
        self.total.store(paths.len(), Ordering::Relaxed);
        lock(&self.entries).reserve_exact(paths.len());
        // A text may link to whatever there is. When some of it is gone, all are looked at again.
        let paths = || paths.par_iter().map(|path| path.as_str());
        let shrinks = self.before.as_ref().is_some_and(|before| !before.is_all_in(paths()));
        self.trusts_keys.store(self.knows_program() && !shrinks, Ordering::Relaxed);
    }

    fn take_again(&self, path: &OutputPath, rank: Rank, key: Key) -> bool {
        let made = self.known(path.as_str()).filter(|made| made.key == Some(key));
        let Some(made) = made.filter(|_| self.trusts_keys.load(Ordering::Relaxed)) else {
            return false;
        };
        let is_touched = match self.touched.get() {
            Some(touched) => touched.contains(path.as_str()),
            None => Stamp::of_file(&self.target.output.join(path.as_str())) != Some(made.stamp),
        };
        if is_touched {
            return false;
        }
        let path = path.as_str().to_owned();
        self.take(Staged { path, made: Made { rank, ..made.clone() }, changed: false });
        true
    }

    fn doubt(&self, artifact: &Artifact) {
        let path = artifact.path.as_str();
        let Some(made) = self.known(path) else { return };
        let hash = match &artifact.body {
            Body::Bytes(bytes) => Hash::of(&bytes[..]).unwrap_or_default(),
            Body::Static(bytes) => Hash::of(*bytes).unwrap_or_default(),
            Body::Copy(_) => return,
        };
        assert_eq!(hash, made.hash, "{path} is different, and its key is the same");
    }

    fn accept(&self, artifact: Artifact) -> Result<(), WriteError> {
        let Artifact { path, body, rank, key } = artifact;
        let path = path.as_str().to_owned();
        let (content, changed) = match &body {
            Body::Bytes(bytes) => self.take_bytes(&path, bytes)?,
            Body::Static(bytes) => self.take_bytes(&path, bytes)?,
            Body::Copy(source) => self.take_copy(&path, source)?,
        };
        let Content { hash, stamp, origin } = content;
        self.take(Staged { path, made: Made { rank, hash, stamp, origin, key }, changed });
        Ok(())
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        if *lock(&self.begun) {
            // What is left is only in our own folder; the next build removes it too.
            let _ = remove_folder(&self.ground.stage);
        }
    }
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    // A thread that panicked has only pushed or not pushed; the list is whole either way.
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// Gives a folder the rights of another, and where we may, its owner and group.
pub(super) fn take_rights(folder: &Path, wanted: &fs::Metadata) -> Result<(), WriteError> {
    let data = fs::metadata(folder).map_err(io_error("read", folder))?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        if (data.uid(), data.gid()) != (wanted.uid(), wanted.gid()) {
            let (user, group) = (Some(wanted.uid()), Some(wanted.gid()));
            let _ = std::os::unix::fs::chown(folder, user, group);
        }
    }
    if data.permissions() == wanted.permissions() {
        return Ok(());
    }
    fs::set_permissions(folder, wanted.permissions()).map_err(io_error("change", folder))
}
