//! Says which files were touched.
//!
//! Editors save in many ways: in place, in several steps, under another name that is then changed,
//! with a swap file beside. So we wait until nothing happens for a moment, and say all of it at once.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use notify::event::{AccessKind, AccessMode, ModifyKind};
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};

use super::Message;
use crate::load::{FOLDERS, is_left_over};

/// So long nothing happens after a save that is complete.
const QUIET: Duration = Duration::from_millis(15);

/// When something happens all the time, we look at what there is by then.
const PATIENCE: Duration = Duration::from_millis(300);

/// So often we try to watch a folder in which something goes at that moment.
const TRIES: usize = 3;

/// How often all files are looked at when the system does not say what happens.
const INTERVAL: Duration = Duration::from_secs(1);

/// Why all files are looked at every second.
#[derive(Debug)]
pub enum Fallback {
    /// Somebody wants it so.
    Wanted,
    /// There are more folders than the system lets us watch.
    Limit,
    /// The folder of the site is another one than before.
    Replaced,
    /// The system cannot do it here.
    Failed(notify::Error),
}

impl From<notify::Error> for Fallback {
    fn from(error: notify::Error) -> Self {
        let no_space = |error: &std::io::Error| error.kind() == std::io::ErrorKind::StorageFull;
        let no_more = |error: &std::io::Error| error.raw_os_error() == Some(24);
        match &error.kind {
            notify::ErrorKind::MaxFilesWatch => Self::Limit,
            // What inotify says when there are too many folders, or too many programs that watch.
            notify::ErrorKind::Io(io) if no_space(io) || no_more(io) => Self::Limit,
            _ => Self::Failed(error),
        }
    }
}

/// Whether there was no such thing any more when we came to it.
fn is_gone(error: &notify::Error) -> bool {
    match &error.kind {
        notify::ErrorKind::PathNotFound | notify::ErrorKind::WatchNotFound => true,
        notify::ErrorKind::Io(error) => error.kind() == std::io::ErrorKind::NotFound,
        _ => false,
    }
}

/// Watches the site in `root` from now on. `singles` are the files beside the folders.
pub(super) fn watch(root: PathBuf, singles: Vec<String>, poll: bool, site: Sender<Message>) {
    let (sender, events) = mpsc::channel();
    let mut watch = Watch { root, singles, watcher: None };
    let begun = if poll { Err(Fallback::Wanted) } else { watch.begin(sender) };
    thread::spawn(move || {
        let ended = begun.and_then(|()| watch.pass_on(&events, &site));
        drop(watch);
        if let Err(fallback) = ended {
            look_again_and_again(fallback, &site);
        }
    });
}

fn look_again_and_again(fallback: Fallback, site: &Sender<Message>) {
    let mut sent = site.send(Message::Polling(fallback));
    while sent.is_ok() {
        thread::sleep(INTERVAL);
        let (done, seen) = mpsc::sync_channel(1);
        sent = site.send(Message::LookAgain(done));
        // A disk that is slow is not asked again before it has answered.
        let _ = seen.recv();
    }
}

type Events = Receiver<notify::Result<Event>>;

struct Watch {
    root: PathBuf,
    singles: Vec<String>,
    watcher: Option<RecommendedWatcher>,
}

impl Watch {
    fn begin(&mut self, sender: Sender<notify::Result<Event>>) -> Result<(), Fallback> {
        // Links are not part of a site, and may lead to a whole disk.
        let how = notify::Config::default().with_follow_symlinks(false);
        let mut watcher = RecommendedWatcher::new(sender, how)?;
        // Files that are replaced by renaming are seen in their folder only.
        watcher.watch(&self.root, RecursiveMode::NonRecursive)?;
        for single in &self.singles {
            let folder = self.root.join(single);
            if let Some(folder) = folder.parent().filter(|folder| **folder != self.root) {
                watcher.watch(folder, RecursiveMode::NonRecursive)?;
            }
        }
        self.watcher = Some(watcher);
        FOLDERS.iter().try_for_each(|name| self.begin_folder(name))
    }

    fn begin_folder(&mut self, name: &str) -> Result<(), Fallback> {
        let folder = self.root.join(name);
        match &mut self.watcher {
            // A link is an error that the site tells.
            Some(watcher) if std::fs::symlink_metadata(&folder).is_ok_and(|data| data.is_dir()) => {
                // Something inside may go while we begin; then it is begun again.
                let begin = |_| watcher.watch(&folder, RecursiveMode::Recursive).err();
                let failed =
                    (0..TRIES).map(begin).find(|failed| !failed.as_ref().is_some_and(is_gone));
                failed.flatten().map_or(Ok(()), |error| Err(error.into()))
            }
            _ => Ok(()),
        }
    }

    /// Passes on what happens until nobody listens.
    fn pass_on(&mut self, events: &Events, site: &Sender<Message>) -> Result<(), Fallback> {
        while let Ok(event) = events.recv() {
            let mut touched = Touched::default();
            let start = Instant::now();
            let mut next = Ok(event);
            while let Ok(event) = next {
                match event {
                    Ok(event) => self.take(event, &mut touched)?,
                    Err(error) if is_gone(&error) => touched.anything = true,
                    Err(error) => return Err(error.into()),
                }
                let left = PATIENCE.saturating_sub(start.elapsed());
                if left.is_zero() {
                    next = Err(RecvTimeoutError::Timeout);
                    break;
                }
                next = events.recv_timeout(QUIET.min(left));
            }
            if next.is_err_and(|error| error == RecvTimeoutError::Disconnected) {
                return Ok(());
            }
            let message = match touched {
                Touched { anything: true, .. } => Message::Touched(None),
                Touched { files, .. } if files.is_empty() => continue,
                Touched { files, .. } => Message::Touched(Some(files)),
            };
            if site.send(message).is_err() {
                return Ok(());
            }
        }
        Ok(())
    }

    fn take(&mut self, event: Event, touched: &mut Touched) -> Result<(), Fallback> {
        touched.anything |= event.need_rescan();
        // We read files ourselves all the time.
        let is_read = matches!(event.kind, EventKind::Access(kind)
            if kind != AccessKind::Close(AccessMode::Write));
        if is_read {
            return Ok(());
        }
        for path in event.paths {
            let Ok(inside) = path.strip_prefix(&self.root) else { continue };
            let is_moved = matches!(event.kind, EventKind::Modify(ModifyKind::Name(_)));
            if inside == Path::new("") && (event.kind.is_remove() || is_moved) {
                return Err(Fallback::Replaced);
            }
            if let Some(name) = inside.to_str().filter(|name| FOLDERS.contains(name)) {
                // It is new, or another one than before.
                touched.anything = true;
                if event.kind.is_create() || event.kind.is_modify() {
                    self.begin_folder(name)?;
                }
            } else if self.matters(inside) {
                touched.files.insert(path);
            }
        }
        Ok(())
    }

    /// Whether a path, relative to the site, is part of it.
    fn matters(&self, path: &Path) -> bool {
        let is_single = self.singles.iter().any(|single| path == Path::new(single));
        let first = path.components().next().and_then(|part| part.as_os_str().to_str());
        let name = path.file_name().unwrap_or_default().as_encoded_bytes();
        is_single || (first.is_some_and(|name| FOLDERS.contains(&name)) && !is_left_over(name))
    }
}

#[derive(Default)]
struct Touched {
    files: BTreeSet<PathBuf>,
    /// Nobody knows which.
    anything: bool,
}
