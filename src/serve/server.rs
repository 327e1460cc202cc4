//! Has the site: reads it again when somebody touches it, and says what has changed.

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, TcpListener};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use jiff::Timestamp;

use super::request::Rules;
use super::shown::{Interruption, Planned, Shown};
use super::streams::Streams;
use super::{Message, News, Options, Stopper, listen, watch};
use crate::config::Mode;
use crate::load::{Inputs, ReadError, record};
use crate::memory::give_back;
use crate::path::SourcePath;
use crate::pipeline::{self, Preview};

/// A preview that listens.
pub struct Server {
    options: Options,
    listener: TcpListener,
    /// The address of the machine, with the port.
    authority: String,
    inbox: Receiver<Message>,
    sender: Sender<Message>,
    streams: Arc<Streams>,
    rules: Arc<Mutex<Rules>>,
    shown: Shown,
}

/// What has changed.
struct Change {
    /// When we got to know.
    start: Instant,
    files: BTreeSet<SourcePath>,
}

impl Server {
    /// Begins to listen; nothing is answered before [`Server::run`].
    ///
    /// # Errors
    ///
    /// When the port is taken or there is no such interface.
    pub fn open(options: Options) -> std::io::Result<Self> {
        let listener = super::bind(options.interface, options.port)?;
        let mut address = listener.local_addr()?;
        if address.ip().is_unspecified() {
            // All addresses of this machine; links need one of them.
            address.set_ip(Ipv4Addr::LOCALHOST.into());
        }
        let (sender, inbox) = mpsc::channel();
        let rules = Rules { is_open: !options.interface.is_loopback(), root: "/".to_owned() };
        Ok(Self {
            options,
            listener,
            authority: address.to_string(),
            inbox,
            sender,
            streams: Arc::default(),
            rules: Arc::new(Mutex::new(rules)),
            shown: Shown::default(),
        })
    }

    /// What ends it.
    pub fn stopper(&self) -> Stopper {
        Stopper(self.sender.clone())
    }

    /// Shows the site until somebody ends it. `tell` learns what happens.
    ///
    /// # Errors
    ///
    /// When the site cannot even be read.
    pub fn run(mut self, tell: &mut dyn FnMut(&News<'_>)) -> Result<(), ReadError> {
        let start = Instant::now();
        let Options { root, config, poll, .. } = self.options.clone();
        // First of all, so that no change is missed.
        let singles = vec![config.clone(), record::FILE.to_owned()];
        watch::watch(root.clone(), singles, poll, self.sender.clone());
        self.shown.inputs = Inputs::read(&root, &config)?;
        let mut preview = self.load();
        lock(&self.rules).root = pipeline::root_of(&self.shown.inputs);
        self.shown.is_good = !self.shown.has_errors();
        self.streams.tell("", &self.shown.now());
        let listener = self.listener.try_clone().map_err(|error| ReadError::new(&root, error))?;
        let (site, streams) = (self.sender.clone(), self.streams.clone());
        listen::listen(listener, site, streams, self.rules.clone(), root.clone())
            .map_err(|error| ReadError::new(&root, error))?;
        let url = format!("http://{}{}", self.authority, pipeline::root_of(&self.shown.inputs));
        let title = preview.as_ref().map(Preview::title);
        tell(&News::Ready { url: &url, title, time: start.elapsed() });
        let mut change = None;
        // The one that is shown was the last one that was read.
        let mut is_latest = true;
        loop {
            let desk = preview.as_ref().map(Preview::desk);
            if let Some(desk) = &desk {
                lock(&self.rules).root = desk.root();
            }
            self.shown.plan(desk.as_ref().filter(|_| is_latest));
            self.shown.look_over(desk.as_ref());
            if let Some(change) = change.take() {
                self.tell_change(&change, desk.as_ref(), is_latest, tell);
            }
            tell(&News::Problems(&self.shown.all_problems()));
            change = self.answer_until_change(desk.as_ref(), tell);
            drop(desk);
            if change.is_none() {
                return Ok(());
            }
            self.shown.generation += 1;
            let next = self.load();
            // The last good one stays, with what is wrong over it.
            let is_good = !self.shown.has_errors();
            is_latest = next.is_some() && (is_good || !self.shown.is_good || preview.is_none());
            if is_latest {
                self.shown.is_good = is_good;
                give_back(std::mem::replace(&mut preview, next));
            }
        }
    }

    fn tell_change(
        &mut self,
        change: &Change,
        desk: Planned<'_, '_>,
        is_latest: bool,
        tell: &mut dyn FnMut(&News<'_>),
    ) {
        let news = self.shown.news(&change.files, desk, self.options.navigate);
        self.streams.tell(&news, &self.shown.now());
        // An older state of the site knows nothing of the files as they are now.
        let desk = desk.filter(|_| is_latest);
        let time = change.start.elapsed();
        let hidden = change.files.iter().filter_map(|file| Some((file, desk?.hidden(file)?)));
        tell(&News::Changed {
            files: change.files.iter().map(ToString::to_string).collect(),
            is_shown: self.shown.are_right(desk, &change.files),
            hidden: hidden.map(|(file, state)| (file.to_string(), state)).collect(),
            time,
        });
    }

    /// Answers questions until the site is another one. `None` when it is over.
    fn answer_until_change(
        &mut self,
        desk: Planned<'_, '_>,
        tell: &mut dyn FnMut(&News<'_>),
    ) -> Option<Change> {
        let Self { shown, inbox, streams, options, .. } = self;
        loop {
            match shown.answer_all(desk, inbox) {
                Interruption::Stop => return None,
                Interruption::Polling(fallback) => tell(&News::Polling(fallback)),
                Interruption::LookedOver => {
                    tell(&News::Problems(&shown.all_problems()));
                    // Pages say how much is wrong elsewhere.
                    streams.tell(&shown.now(), &shown.now());
                }
                Interruption::Time => {
                    // Not more often: a page that says when it was changed would be another one
                    // each time.
                    options.mode.now = Timestamp::now();
                    return Some(Change { start: Instant::now(), files: BTreeSet::new() });
                }
                Interruption::Touched(touched) => {
                    let start = Instant::now();
                    let before = shown.trouble.clone();
                    match shown.read_again(options, touched.as_ref()) {
                        Ok(files) if files.is_empty() => {}
                        Ok(files) => return Some(Change { start, files }),
                        Err(error) if before == shown.trouble => drop(error),
                        Err(error) => tell(&News::Unreadable(&error)),
                    }
                    if before != shown.trouble {
                        if shown.trouble.is_none() {
                            tell(&News::Readable);
                        }
                        // Pages ask what is the matter.
                        streams.tell(&shown.now(), &shown.now());
                    }
                }
            }
        }
    }

    fn load(&mut self) -> Option<Preview> {
        let shown = &mut self.shown;
        let root = pipeline::root_of(&shown.inputs);
        let base_url = Some(format!("http://{}{root}", self.authority));
        let mode = Mode { base_url, ..self.options.mode.clone() };
        let (preview, report) = Preview::load(&shown.inputs, &mode, &mut shown.known);
        shown.problems = report.diagnostics;
        let next = report.next_change.and_then(|moment| moment.parse().ok());
        shown.next_change = next.filter(|_| !mode.clock);
        preview
    }
}

/// Whoever panicked has put in a whole value or none.
pub(super) fn lock(rules: &Mutex<Rules>) -> MutexGuard<'_, Rules> {
    rules.lock().unwrap_or_else(PoisonError::into_inner)
}
