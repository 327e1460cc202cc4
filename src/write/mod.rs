//! Turns the artifacts of a build into files.
//!
//! A build must never leave a half-written file behind, and must never touch a file that it
//! did not make. So what has changed is written beside the output first, in a folder of its
//! own; when all is there it is moved into place, file by file, in an order in which nothing
//! ever points to something that is missing; and only what the last build made is removed.

mod manifest;

use std::collections::{BTreeSet, HashSet};
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Component, Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use manifest::Manifest;

use crate::artifact::{Artifact, Body, Rank, Sink};
use crate::disk::{Root, STATE_DIR};

/// The disk did not take the output, or there is something in the way.
#[derive(Debug)]
pub enum WriteError {
    /// The disk failed or refused.
    Io {
        /// What was being done.
        action: &'static str,
        /// To which file.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
    /// The output folder would swallow the site or something else of value.
    UnsafeOutput {
        /// The folder.
        path: PathBuf,
        /// What it is.
        reason: &'static str,
    },
    /// Files that no build has made are in the way.
    Foreign(Vec<PathBuf>),
}

impl std::fmt::Display for WriteError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Io { action, path, .. } => write!(f, "cannot {action} {}", path.display()),
            Self::UnsafeOutput { path, reason } => {
                write!(f, "the output cannot go to {}: it is {reason}", path.display())
            }
            Self::Foreign(paths) => {
                let shown: Vec<String> =
                    paths.iter().take(5).map(|path| path.display().to_string()).collect();
                let more = match paths.len() {
                    0..=5 => String::new(),
                    count => format!(" and {} more", count - 5),
                };
                write!(
                    f,
                    "files that sitegen has not made are in the way: {}{more}; \
                     move them away, or let `--force` overwrite files",
                    shown.join(", ")
                )
            }
        }
    }
}

impl std::error::Error for WriteError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { source, .. } => Some(source),
            Self::UnsafeOutput { .. } | Self::Foreign(_) => None,
        }
    }
}

/// Where a build writes to.
#[derive(Clone, Debug)]
pub struct Target {
    /// The folder of the site, without symbolic links.
    pub root: PathBuf,
    /// The output folder.
    pub output: PathBuf,
    /// Overwrite files that no build has made.
    pub force: bool,
}

/// What a build changed on the disk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Files that are new or different.
    pub written: usize,
    /// Files of the last build that are gone.
    pub removed: usize,
    /// Files that stayed as they were.
    pub unchanged: usize,
}

/// An output folder that is being prepared. Dropped without [`Ready::publish`], it leaves the
/// output as it was.
pub struct Stage {
    target: Target,
    source: Root,
    staging: PathBuf,
    before: Option<Manifest>,
    // Several threads report what they have staged; they meet here for a push only.
    entries: Mutex<Vec<Staged>>,
    progress: Box<dyn Fn(usize, usize) + Send + Sync>,
    total: AtomicUsize,
    done: AtomicUsize,
}

struct Staged {
    path: String,
    rank: Rank,
    changed: bool,
}

fn io_error(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> WriteError {
    let path = path.to_path_buf();
    move |source| WriteError::Io { action, path, source }
}

impl Stage {
    /// Prepares to write. `progress` is told how many artifacts are done, and of how many.
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
        let before = Manifest::read(&target)?;
        let name = target.output.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let staging = target.output.with_file_name(format!(".{name}.sitegen-new"));
        remove_staging(&staging)?;
        fs::create_dir_all(&staging).map_err(io_error("create", &staging))?;
        Ok(Self {
            target,
            source,
            staging,
            before,
            entries: Mutex::new(Vec::new()),
            progress: Box::new(progress),
            total: AtomicUsize::new(0),
            done: AtomicUsize::new(0),
        })
    }

    /// Ends the staging, and looks whether everything can be put into place.
    ///
    /// # Errors
    ///
    /// When files that no build has made are in the way. Nothing has changed then.
    pub fn ready(self) -> Result<Ready, WriteError> {
        let mut entries = std::mem::take(&mut *lock(&self.entries));
        entries.sort_by(|a, b| (a.rank, &a.path).cmp(&(b.rank, &b.path)));
        self.refuse_foreign(&entries)?;
        Ok(Ready { stage: self, entries })
    }

    /// Stops when something that no build has made is where an output goes: a file, a folder
    /// with something in it, or a file where a folder must be.
    fn refuse_foreign(&self, entries: &[Staged]) -> Result<(), WriteError> {
        let output = &self.target.output;
        let ours = |path: &str| self.before.as_ref().is_some_and(|m| m.paths.contains(path));
        let mut foreign = BTreeSet::new();
        let mut folders = HashSet::new();
        for entry in entries.iter().filter(|entry| entry.changed) {
            let path = output.join(&entry.path);
            match fs::symlink_metadata(&path) {
                Ok(data) if data.is_dir() => foreign.extend(first_foreign(output, &path, &ours)),
                Ok(_) if !ours(&entry.path) && !self.target.force => {
                    foreign.insert(path);
                }
                _ => {}
            }
            let mut above = entry.path.as_str();
            while let Some((folder, _)) = above.rsplit_once('/').filter(|(f, _)| folders.insert(*f))
            {
                let path = output.join(folder);
                if fs::symlink_metadata(&path).is_ok_and(|data| !data.is_dir()) && !ours(folder) {
                    foreign.insert(path);
                }
                above = folder;
            }
        }
        let foreign: Vec<PathBuf> = foreign.into_iter().collect();
        if foreign.is_empty() { Ok(()) } else { Err(WriteError::Foreign(foreign)) }
    }

    fn remove(&self, path: &str) -> Result<(), WriteError> {
        use io::ErrorKind::{IsADirectory, NotADirectory, NotFound};
        let file = self.target.output.join(path);
        if self.is_behind_link(path) {
            return Ok(());
        }
        match fs::remove_file(&file) {
            Ok(()) => {}
            // It is gone, or something else has taken its place; either way it is not ours.
            Err(error) if matches!(error.kind(), NotFound | NotADirectory | IsADirectory) => {}
            Err(error) => return Err(io_error("remove", &file)(error)),
        }
        // Folders go when nothing is left in them; the first that is not empty ends it.
        let mut folder = file.parent();
        while let Some(path) = folder.filter(|path| *path != self.target.output) {
            if fs::remove_dir(path).is_err() {
                break;
            }
            folder = path.parent();
        }
        Ok(())
    }

    /// Whether a folder on the way to a file is a link by now, or is gone: what lies there is
    /// not ours.
    fn is_behind_link(&self, path: &str) -> bool {
        let mut folder = self.target.output.clone();
        let parts = path.rsplit_once('/').map_or("", |(folders, _)| folders).split('/');
        parts.filter(|part| !part.is_empty()).any(|part| {
            folder.push(part);
            !fs::symlink_metadata(&folder).is_ok_and(|data| data.is_dir())
        })
    }

    /// Whether the file in the output has these bytes already.
    fn is_same(&self, path: &str, content: &mut dyn Read, length: u64) -> bool {
        let target = self.target.output.join(path);
        let same_length =
            fs::symlink_metadata(&target).is_ok_and(|data| data.is_file() && data.len() == length);
        same_length && File::open(&target).is_ok_and(|mut file| same_bytes(&mut file, content))
    }
}

/// An output that is staged, with nothing in its way. Dropped, it leaves the output as it was.
pub struct Ready {
    stage: Stage,
    /// In the order in which they go into place.
    entries: Vec<Staged>,
}

impl Ready {
    /// Moves everything into place and removes what the last build made and this one does not.
    ///
    /// # Errors
    ///
    /// When the disk fails.
    pub fn publish(self) -> Result<Changes, WriteError> {
        let output = &self.stage.target.output;
        fs::create_dir_all(output).map_err(io_error("create", output))?;
        let paths: BTreeSet<&str> = self.entries.iter().map(|entry| entry.path.as_str()).collect();
        let before = self.stage.before.as_ref();
        let known = before.map(|manifest| manifest.paths.clone()).unwrap_or_default();
        // Should we be stopped half-way, all that may be there by then counts as ours.
        let both: BTreeSet<String> =
            known.iter().cloned().chain(paths.iter().map(|path| (*path).to_owned())).collect();
        let all = paths.len() == both.len();
        if before.is_none() || both != known {
            Manifest { paths: both }.write(&self.stage.target)?;
        }
        // What was a folder may become a file, or a file a folder, so the old files go first
        // where they must.
        let must_go = |path: &str| is_below_file(path, &paths) || is_folder(path, &paths);
        let stale = known.iter().filter(|path| !paths.contains(path.as_str()));
        let (first, last): (Vec<&String>, Vec<&String>) = stale.partition(|path| must_go(path));
        for path in &first {
            self.stage.remove(path)?;
        }
        let mut changes = Changes { removed: first.len(), ..Changes::default() };
        for entry in &self.entries {
            if entry.changed {
                let target = output.join(&entry.path);
                create_parent(&target)?;
                // A folder with nothing in it is no loss; one that has something was refused.
                let _ = fs::remove_dir(&target);
                let staged = self.stage.staging.join(&entry.path);
                fs::rename(&staged, &target).map_err(io_error("put into place", &target))?;
                changes.written += 1;
            } else {
                changes.unchanged += 1;
            }
        }
        for path in &last {
            self.stage.remove(path)?;
            changes.removed += 1;
        }
        if !all {
            let paths = self.entries.iter().map(|entry| entry.path.clone()).collect();
            Manifest { paths }.write(&self.stage.target)?;
        }
        Ok(changes)
    }
}

impl Sink for Stage {
    type Error = WriteError;

    fn begin(&self, count: usize) {
        self.total.store(count, Ordering::Relaxed);
    }

    fn accept(&self, artifact: Artifact) -> Result<(), WriteError> {
        let path = artifact.path.as_str();
        let staged = self.staging.join(path);
        let changed = match &artifact.body {
            Body::Bytes(bytes) => self.stage_bytes(path, &staged, bytes)?,
            Body::Static(bytes) => self.stage_bytes(path, &staged, bytes)?,
            Body::Copy(source) => {
                let name = self.target.root.join(source.as_str());
                let open = || self.source.open_source(source).map_err(io_error("read", &name));
                let mut file = open()?;
                let length = file.metadata().map_err(io_error("read", &name))?.len();
                let same = self.is_same(path, &mut file, length);
                if !same {
                    let mut file = open()?;
                    create_parent(&staged)?;
                    let mut copy = File::create(&staged).map_err(io_error("write", &staged))?;
                    io::copy(&mut file, &mut copy).map_err(io_error("write", &staged))?;
                }
                !same
            }
        };
        let entry = Staged { path: path.to_owned(), rank: artifact.rank, changed };
        lock(&self.entries).push(entry);
        let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        (self.progress)(done, self.total.load(Ordering::Relaxed));
        Ok(())
    }
}

impl Stage {
    /// Stages bytes unless the output has them already. True when it has not.
    fn stage_bytes(&self, path: &str, staged: &Path, bytes: &[u8]) -> Result<bool, WriteError> {
        if self.is_same(path, &mut &*bytes, bytes.len() as u64) {
            return Ok(false);
        }
        create_parent(staged)?;
        let mut file = File::create(staged).map_err(io_error("write", staged))?;
        file.write_all(bytes).map_err(io_error("write", staged))?;
        Ok(true)
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        // What is left is only in our own folder; the next build removes it too.
        let _ = remove_staging(&self.staging);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    // A thread that panicked has only pushed or not pushed; the list is whole either way.
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

fn create_parent(path: &Path) -> Result<(), WriteError> {
    match path.parent() {
        Some(folder) => fs::create_dir_all(folder).map_err(io_error("create", folder)),
        None => Ok(()),
    }
}

fn remove_staging(staging: &Path) -> Result<(), WriteError> {
    match fs::remove_dir_all(staging) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(io_error("remove", staging)(error))
        }
        _ => Ok(()),
    }
}

/// A file in a folder that no build has made.
fn first_foreign(output: &Path, folder: &Path, ours: &dyn Fn(&str) -> bool) -> Option<PathBuf> {
    for entry in fs::read_dir(folder).ok()?.flatten() {
        let path = entry.path();
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            if let Some(found) = first_foreign(output, &path, ours) {
                return Some(found);
            }
        } else if !path.strip_prefix(output).ok().and_then(Path::to_str).is_some_and(ours) {
            return Some(path);
        }
    }
    None
}

/// Whether a file would be where others need a folder.
fn is_folder(path: &str, files: &BTreeSet<&str>) -> bool {
    let inside = format!("{path}/");
    files.range(inside.as_str()..).next().is_some_and(|file| file.starts_with(&inside))
}

fn is_below_file(path: &str, files: &BTreeSet<&str>) -> bool {
    let mut above = path;
    while let Some((folder, _)) = above.rsplit_once('/') {
        if files.contains(folder) {
            return true;
        }
        above = folder;
    }
    false
}

fn same_bytes(a: &mut dyn Read, b: &mut dyn Read) -> bool {
    let (mut one, mut two) = ([0u8; 16 << 10], [0u8; 16 << 10]);
    loop {
        let Ok(read) = a.read(&mut one) else { return false };
        if read == 0 {
            return b.read(&mut two).is_ok_and(|rest| rest == 0);
        }
        if b.read_exact(&mut two[..read]).is_err() || one[..read] != two[..read] {
            return false;
        }
    }
}

/// Refuses folders that hold more than an output.
fn check_output(target: &Target) -> Result<(), WriteError> {
    let refuse = |reason| Err(WriteError::UnsafeOutput { path: target.output.clone(), reason });
    let output = canonical(&target.output);
    if output.parent().is_none() {
        return refuse("the root of the file system");
    }
    if std::env::home_dir().is_some_and(|home| canonical(&home) == output) {
        return refuse("your home folder");
    }
    if target.root.starts_with(&output) {
        return refuse("the folder of the site or one above it");
    }
    let sources = ["content", "static", "themes", "data", STATE_DIR];
    if sources.iter().any(|name| output.starts_with(target.root.join(name))) {
        return refuse("inside the sources of the site");
    }
    let state = target.root.join(STATE_DIR);
    if fs::symlink_metadata(&state).is_ok_and(|data| !data.is_dir()) {
        let reason = "kept track of in `.sitegen`, which is no folder but a link or a file";
        return refuse(reason);
    }
    if output.exists() && !output.is_dir() {
        return refuse("not a folder");
    }
    Ok(())
}

/// The path without links and `..`, also when its last parts are not there yet.
pub(crate) fn canonical(path: &Path) -> PathBuf {
    let Ok(absolute) = std::path::absolute(path) else { return path.to_path_buf() };
    let mut real = PathBuf::new();
    for part in absolute.components() {
        match part {
            Component::ParentDir => {
                real.pop();
            }
            part => {
                real.push(part);
                // What is not there is no link.
                real = real.canonicalize().unwrap_or(real);
            }
        }
    }
    real
}
