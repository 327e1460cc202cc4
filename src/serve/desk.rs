//! Reads the site, and makes what is asked for.

use std::collections::{BTreeSet, VecDeque};
use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use serde_json::json;

use super::page::{self, Facts};
use super::request::Rules;
use super::streams::Streams;
use super::{Message, News, Options, Stopper, listen, watch};
use crate::artifact::Body;
use crate::config::Mode;
use crate::diagnostic::{self, Diagnostic};
use crate::disk::Root;
use crate::load::{Inputs, ReadError, is_text, record};
use crate::memory::give_back;
use crate::path::SourcePath;
use crate::pipeline::{self, Answer, Known, Preview};

/// So many pages are kept as they were when nothing was wrong with them.
const GOOD_PAGES_MAX: usize = 32;

/// Nobody waits longer for a page to appear by itself.
const SLEEP_MAX: Duration = Duration::from_secs(3600);

/// What somebody wants of the desk.
#[derive(Clone, Debug)]
pub(super) enum Question {
    /// What is at a path below the root of the site; with `only_whether`, no content.
    Output { path: String, only_whether: bool },
    /// What there is to know of the page at a path.
    Facts { path: String },
}

/// What the desk has.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) media_type: &'static str,
    pub(super) location: Option<String>,
    pub(super) body: Body,
}

impl Reply {
    fn html(status: u16, bytes: Vec<u8>) -> Self {
        Self { status, media_type: "text/html", location: None, body: Body::Bytes(bytes) }
    }
}

/// A preview that listens.
pub struct Desk {
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

/// What is known of the site, but for the site itself.
#[derive(Default)]
struct Shown {
    inputs: Inputs,
    known: Known,
    generation: u64,
    /// What is wrong with it.
    problems: Vec<Diagnostic>,
    /// What is wrong with the disk.
    trouble: Option<String>,
    /// When it will be another one by itself.
    next_change: Option<Timestamp>,
    /// Pages by path, the latest at the end.
    good_pages: VecDeque<(String, Vec<u8>)>,
}

/// What has changed.
struct Change {
    /// When we got to know.
    start: Instant,
    files: BTreeSet<SourcePath>,
}

/// Why the desk looks up from its work.
enum Interruption {
    Touched(Option<BTreeSet<PathBuf>>),
    Polling(watch::Fallback),
    /// A page appears or goes by itself.
    Time,
    Stop,
}

impl Desk {
    /// Begins to listen; nothing is answered before [`Desk::run`].
    ///
    /// # Errors
    ///
    /// When the port is taken or there is no such interface.
    pub fn open(options: Options) -> std::io::Result<Self> {
        let listener = super::bind(options.interface, options.port)?;
        let mut address = listener.local_addr()?;
        if address.ip().is_unspecified() {
            // All addresses of this machine; links need one of them.
            address.set_ip(std::net::Ipv4Addr::LOCALHOST.into());
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
        let folder = Root::open(&root).map_err(|error| ReadError::new(&root, error))?;
        let mut preview = self.load();
        self.streams.tell("", &self.shown.now());
        let listener = self.listener.try_clone().map_err(|error| ReadError::new(&root, error))?;
        let (desk, streams) = (self.sender.clone(), self.streams.clone());
        listen::listen(listener, desk, streams, self.rules.clone(), folder)
            .map_err(|error| ReadError::new(&root, error))?;
        let url = format!("http://{}{}", self.authority, self.root());
        let title = preview.as_ref().map(Preview::title);
        tell(&News::Ready { url: &url, title, time: start.elapsed() });
        let mut change = None;
        loop {
            let desk = preview.as_ref().map(Preview::desk);
            self.shown.add_problems(desk.as_ref());
            if let Some(change) = change.take() {
                self.tell_change(&change, desk.as_ref(), tell);
            }
            tell(&News::Problems(&self.shown.problems));
            change = self.answer_until_change(desk.as_ref(), tell);
            drop(desk);
            if change.is_none() {
                return Ok(());
            }
            self.shown.generation += 1;
            if let Some(next) = self.load_next(preview.is_some()) {
                give_back(preview.replace(next));
            }
        }
    }

    fn tell_change(&self, change: &Change, desk: Planned<'_, '_>, tell: &mut dyn FnMut(&News<'_>)) {
        let news = self.shown.news(&change.files, desk, self.options.navigate);
        self.streams.tell(&news, &self.shown.now());
        tell(&News::Changed {
            files: change.files.iter().map(ToString::to_string).collect(),
            is_shown: !self.shown.has_errors(),
            time: change.start.elapsed(),
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
                        // Pages ask what is the matter.
                        streams.tell(&shown.now(), &shown.now());
                    }
                }
            }
        }
    }

    /// The path of the site on its host.
    fn root(&self) -> String {
        lock(&self.rules).root.clone()
    }

    /// The next state of the site, unless the one that is shown is better than nothing.
    fn load_next(&mut self, has_one: bool) -> Option<Preview> {
        let next = self.load()?;
        // The last good one stays, with what is wrong over it.
        (!has_one || !self.shown.has_errors()).then_some(next)
    }

    fn load(&mut self) -> Option<Preview> {
        let shown = &mut self.shown;
        let root = pipeline::root_of(&shown.inputs);
        let base_url = Some(format!("http://{}{root}", self.authority));
        let mode = Mode { base_url, ..self.options.mode.clone() };
        lock(&self.rules).root = root;
        let (preview, report) = Preview::load(&shown.inputs, &mode, &mut shown.known);
        shown.problems = report.diagnostics;
        let next = report.next_change.and_then(|moment| moment.parse().ok());
        shown.next_change = next.filter(|_| !mode.clock);
        preview
    }
}

/// A site that is planned.
type Planned<'d, 's> = Option<&'d pipeline::Desk<'s>>;

impl Shown {
    /// Reads what was touched, and says what has changed.
    fn read_again(
        &mut self,
        options: &Options,
        touched: Option<&BTreeSet<PathBuf>>,
    ) -> Result<BTreeSet<SourcePath>, ReadError> {
        let again = self.inputs.read_again(&options.root, &options.config, touched);
        let again = match again {
            Ok(again) => again,
            Err(error) => {
                self.trouble = Some(error.to_string());
                return Err(error);
            }
        };
        self.trouble = None;
        if !again.changed.iter().all(is_text) {
            self.known = Known::default();
        }
        self.inputs = again.inputs;
        Ok(again.changed)
    }

    fn has_errors(&self) -> bool {
        self.problems.iter().any(Diagnostic::is_error)
    }

    /// Adds what is wrong between outputs.
    fn add_problems(&mut self, desk: Planned<'_, '_>) {
        self.problems.extend(desk.iter().flat_map(|desk| desk.problems.iter().cloned()));
        diagnostic::sort(&mut self.problems);
    }

    /// What a page has to know that was not there for the last change.
    fn now(&self) -> String {
        json!({ "generation": self.generation }).to_string()
    }

    /// What open pages have to know of a change.
    fn news(&self, files: &BTreeSet<SourcePath>, desk: Planned<'_, '_>, navigate: bool) -> String {
        let is_style = |file: &&SourcePath| file.has_extension(&["css"]);
        let address = |file| desk.and_then(|desk| desk.address_of_file(file));
        let styles: Vec<String> = files.iter().filter(is_style).filter_map(address).collect();
        let mut others = files.iter().filter(|file| !is_style(file));
        let page = |file| desk.and_then(|desk| desk.address_of(file));
        json!({
            "generation": self.generation,
            "styles": styles,
            // A picture has changed, which a page does not show in its text.
            "reload": others.clone().find_map(address).is_some(),
            "navigate": others.find_map(page).filter(|_| navigate),
        })
        .to_string()
    }

    /// Answers questions until something else happens.
    fn answer_all(&mut self, desk: Planned<'_, '_>, inbox: &Receiver<Message>) -> Interruption {
        loop {
            let wait = self.next_change.map_or(SLEEP_MAX, |moment| {
                let left = Timestamp::now().until(moment).map(Duration::try_from);
                left.ok().and_then(Result::ok).unwrap_or_default().min(SLEEP_MAX)
            });
            match inbox.recv_timeout(wait) {
                Ok(Message::Ask(question, answer)) => {
                    // Whoever asked may have gone.
                    let _ = answer.send(self.reply(desk, &question));
                }
                Ok(Message::Touched(touched)) => return Interruption::Touched(touched),
                Ok(Message::Polling(fallback)) => return Interruption::Polling(fallback),
                Ok(Message::Stop) | Err(RecvTimeoutError::Disconnected) => {
                    return Interruption::Stop;
                }
                Err(RecvTimeoutError::Timeout) => {
                    if self.next_change.is_some_and(|moment| moment <= Timestamp::now()) {
                        return Interruption::Time;
                    }
                }
            }
        }
    }

    fn reply(&mut self, desk: Planned<'_, '_>, question: &Question) -> Reply {
        match (question, desk) {
            (Question::Output { path, only_whether: true }, Some(desk)) => {
                let status = if desk.has(path) { 200 } else { 404 };
                Reply::html(status, Vec::new())
            }
            (Question::Output { path, .. }, Some(desk)) => self.output(desk, path),
            (Question::Output { path, .. }, None) => {
                Reply::html(500, page::with_program(&no_page(), path))
            }
            (Question::Facts { path }, desk) => {
                let json = self.facts(desk, path);
                let (media_type, body) = ("application/json", Body::Bytes(json));
                Reply { status: 200, media_type, location: None, body }
            }
        }
    }

    fn output(&mut self, desk: &pipeline::Desk<'_>, path: &str) -> Reply {
        match desk.answer(path) {
            Answer::Found { path: file, media_type: "text/html", body, .. } => {
                let (status, html) = self.good_page(&file, body);
                match html {
                    Body::Bytes(html) => Reply::html(status, page::with_program(&html, path)),
                    body => Reply { status, media_type: "text/html", location: None, body },
                }
            }
            Answer::Found { media_type, body, .. } => {
                let status = if body.is_some() { 200 } else { 500 };
                let body = body.unwrap_or(Body::Static(b""));
                Reply { status, media_type, location: None, body }
            }
            Answer::Moved(address) => {
                Reply { location: Some(address), ..Reply::html(302, Vec::new()) }
            }
            Answer::Missing(Some(Body::Bytes(html))) => {
                Reply::html(404, page::with_program(&html, path))
            }
            Answer::Missing(_) => {
                let text = "There is no page at this address, and the site has none for that.";
                Reply::html(404, page::with_program(&page::empty_page("Not found", text), path))
            }
        }
    }

    /// A page, or what it was when nothing was wrong with it.
    fn good_page(&mut self, file: &str, body: Option<Body>) -> (u16, Body) {
        let known = self.good_pages.iter().position(|(path, _)| path == file);
        match (body, known) {
            (Some(Body::Bytes(html)), known) => {
                known.map(|place| self.good_pages.remove(place));
                self.good_pages.push_back((file.to_owned(), html.clone()));
                if self.good_pages.len() > GOOD_PAGES_MAX {
                    self.good_pages.pop_front();
                }
                (200, Body::Bytes(html))
            }
            (Some(other), _) => (200, other),
            (None, Some(place)) => (200, Body::Bytes(self.good_pages[place].1.clone())),
            (None, None) => (500, Body::Bytes(no_page())),
        }
    }

    fn facts(&mut self, desk: Planned<'_, '_>, path: &str) -> Vec<u8> {
        let mut problems = self.problems.clone();
        let (mut html, mut source, mut feed) = (None, None, None);
        match desk.map(|desk| desk.answer(path)) {
            Some(Answer::Found { path, source: file, body, problems: own, .. }) => {
                problems.extend(own);
                feed = desk.and_then(|desk| desk.feed_entry(&path));
                source = Some(file);
                html = match self.good_page(&path, body) {
                    (_, Body::Bytes(html)) => Some(html),
                    _ => None,
                };
            }
            Some(Answer::Missing(Some(Body::Bytes(page)))) => html = Some(page),
            Some(Answer::Moved(_) | Answer::Missing(_)) => {}
            None => html = Some(no_page()),
        }
        diagnostic::sort(&mut problems);
        let facts = Facts {
            version: 1,
            generation: self.generation,
            etag: html.map(|html| page::etag(&html)),
            source: source.as_ref().map(SourcePath::as_str),
            problems: problems.iter().map(page::problem).collect(),
            trouble: self.trouble.as_deref(),
            feed,
        };
        facts.json()
    }
}

fn no_page() -> Vec<u8> {
    let text = "Something is wrong with the site. When it is mended, the page appears by itself.";
    page::empty_page("No page yet", text)
}

/// Whoever panicked has put in a whole value or none.
pub(super) fn lock(rules: &Mutex<Rules>) -> std::sync::MutexGuard<'_, Rules> {
    rules.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
