//! What is shown: answers questions about one state of the site, and what is wrong with it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, TryRecvError};
use std::time::Duration;

use jiff::Timestamp;
use serde_json::json;

use super::page::{self, Facts};
use super::{Message, Options, watch};
use crate::artifact::Body;
use crate::diagnostic::{self, Diagnostic};
use crate::load::{Inputs, ReadError};
use crate::path::SourcePath;
use crate::pipeline::{self, Answer, Known};

/// So many pages are kept as they were when nothing was wrong with them.
const GOOD_PAGES_MAX: usize = 32;

/// A site that has no more files is looked over after each change, when nobody wants anything: a
/// mistake in a text may show on another page. Of a larger one only what was changed.
const LOOKED_OVER_MAX: usize = 2000;

/// Nobody waits longer for a page to appear by itself.
const SLEEP_MAX: Duration = Duration::from_secs(3600);

/// So many mistakes of other pages are told in a page.
const ELSEWHERE_MAX: usize = 20;

/// So many outputs are looked at before anybody is told that files have changed.
const LOOKED_AT_MAX: usize = 20;

/// How long we leave a disk that fails in peace.
const TROUBLE: Duration = Duration::from_secs(1);

/// What somebody wants to see.
#[derive(Clone, Debug)]
pub(super) enum Question {
    /// What is at a path below the root of the site; with `only_whether`, no content.
    Output { path: String, only_whether: bool },
    /// What there is to know of the page at a path.
    Facts { path: String },
}

/// What there is.
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

/// What is known of the site, but for the site itself.
#[derive(Default)]
pub(super) struct Shown {
    pub(super) inputs: Inputs,
    pub(super) known: Known,
    pub(super) generation: u64,
    /// What is wrong with it as a whole.
    pub(super) problems: Vec<Diagnostic>,
    /// The site that is shown had no mistakes when it was read.
    pub(super) is_good: bool,
    /// What is wrong with the disk.
    pub(super) trouble: Option<String>,
    /// When it will be another one by itself.
    pub(super) next_change: Option<Timestamp>,
    /// Outputs, by number, that nobody has looked at since the last change.
    unseen: VecDeque<usize>,
    /// What is wrong with single outputs, by path.
    found: BTreeMap<String, Vec<Diagnostic>>,
    /// Something of that is new, or is wrong no longer.
    found_more: bool,
    /// Pages by path, the latest at the end.
    good_pages: VecDeque<(String, Vec<u8>)>,
}

/// Why no more questions are answered for the moment.
pub(super) enum Interruption {
    Touched(Option<BTreeSet<PathBuf>>),
    Polling(watch::Fallback),
    /// A page appears or goes by itself.
    Time,
    /// Something else is wrong with single pages than before.
    LookedOver,
    Stop,
}

/// A site that is planned.
pub(super) type Planned<'d, 's> = Option<&'d pipeline::Desk<'s>>;

impl Shown {
    /// Reads what was touched, and says what has changed.
    pub(super) fn read_again(
        &mut self,
        options: &Options,
        touched: Option<&BTreeSet<PathBuf>>,
    ) -> Result<BTreeSet<SourcePath>, ReadError> {
        // What was touched while the disk failed has not been read.
        let touched = touched.filter(|_| self.trouble.is_none());
        let again = self.inputs.read_again(&options.root, &options.config, touched);
        let again = match again {
            Ok(again) => again,
            Err(error) => {
                self.trouble = Some(error.to_string());
                return Err(error);
            }
        };
        self.trouble = None;
        self.known.keep_up(&again.changed);
        self.inputs = again.inputs;
        Ok(again.changed)
    }

    pub(super) fn has_errors(&self) -> bool {
        self.problems.iter().any(Diagnostic::is_error)
    }

    /// Adds what is wrong between the outputs of a site that was just read.
    pub(super) fn plan(&mut self, desk: Planned<'_, '_>) {
        self.problems.extend(desk.iter().flat_map(|desk| desk.problems.iter().cloned()));
        diagnostic::sort(&mut self.problems);
    }

    /// Whether the outputs that are made from these files are right. Of many not all are looked at.
    pub(super) fn are_right(
        &mut self,
        desk: Planned<'_, '_>,
        files: &BTreeSet<SourcePath>,
    ) -> bool {
        let Some(desk) = desk else { return false };
        let mut all_right = true;
        let files = files.iter().take(LOOKED_AT_MAX);
        for number in files.flat_map(|file| desk.made_from(file)).take(LOOKED_AT_MAX) {
            let (path, problems) = desk.check(number);
            all_right &= !problems.iter().any(Diagnostic::is_error);
            self.keep_found(path, problems);
        }
        all_right
    }

    /// Begins to look for what is wrong with single outputs.
    pub(super) fn look_over(&mut self, desk: Planned<'_, '_>) {
        self.unseen.clear();
        let Some(desk) = desk else { return };
        self.found.retain(|path, _| desk.has(path).is_some());
        if desk.count() <= LOOKED_OVER_MAX {
            self.unseen.extend(0..desk.count());
        } else {
            // What was wrong may be mended from elsewhere.
            self.unseen.extend(self.found.keys().filter_map(|path| desk.number(path)));
        }
    }

    /// What is wrong with the site and with the outputs that somebody has looked at.
    pub(super) fn all_problems(&self) -> Vec<Diagnostic> {
        let found = self.found.values().flatten();
        let mut problems: Vec<_> = self.problems.iter().chain(found).cloned().collect();
        diagnostic::sort(&mut problems);
        problems
    }

    /// Keeps what is wrong with an output.
    fn keep_found(&mut self, path: &str, problems: Vec<Diagnostic>) {
        if self.found.get(path).map_or(&[][..], Vec::as_slice) == problems {
            return;
        }
        self.found_more = true;
        if problems.is_empty() {
            self.found.remove(path);
        } else {
            self.found.insert(path.to_owned(), problems);
        }
    }

    /// What a page has to know that was not there for the last change.
    pub(super) fn now(&self) -> String {
        json!({ "generation": self.generation }).to_string()
    }

    /// What open pages have to know of a change.
    pub(super) fn news(
        &self,
        files: &BTreeSet<SourcePath>,
        desk: Planned<'_, '_>,
        navigate: bool,
    ) -> String {
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
    pub(super) fn answer_all(
        &mut self,
        desk: Planned<'_, '_>,
        inbox: &Receiver<Message>,
    ) -> Interruption {
        loop {
            let message = match (self.unseen.pop_front(), desk) {
                (Some(number), Some(desk)) => {
                    let (path, problems) = desk.check(number);
                    self.keep_found(path, problems);
                    if self.unseen.is_empty() && std::mem::take(&mut self.found_more) {
                        return Interruption::LookedOver;
                    }
                    // Whoever wants something does not wait.
                    inbox.try_recv().map_err(|error| match error {
                        TryRecvError::Empty => RecvTimeoutError::Timeout,
                        TryRecvError::Disconnected => RecvTimeoutError::Disconnected,
                    })
                }
                _ => inbox.recv_timeout(self.wait()),
            };
            match message {
                Ok(Message::Ask(question, answer)) => {
                    // Whoever asked may have gone.
                    let _ = answer.send(self.reply(desk, &question));
                    if self.unseen.is_empty() && std::mem::take(&mut self.found_more) {
                        return Interruption::LookedOver;
                    }
                }
                Ok(Message::Touched(touched)) => return Interruption::Touched(touched),
                Ok(Message::LookAgain(done)) => {
                    let _ = done.send(());
                    return Interruption::Touched(None);
                }
                Ok(Message::Polling(fallback)) => return Interruption::Polling(fallback),
                Ok(Message::Stop) | Err(RecvTimeoutError::Disconnected) => {
                    return Interruption::Stop;
                }
                Err(RecvTimeoutError::Timeout) if !self.unseen.is_empty() => {}
                Err(RecvTimeoutError::Timeout) => {
                    if self.next_change.is_some_and(|moment| moment <= Timestamp::now()) {
                        return Interruption::Time;
                    }
                    if self.trouble.is_some() {
                        return Interruption::Touched(None);
                    }
                }
            }
        }
    }

    /// How long nothing happens unless somebody wants something.
    fn wait(&self) -> Duration {
        let most = if self.trouble.is_some() { TROUBLE } else { SLEEP_MAX };
        self.next_change.map_or(most, |moment| {
            let left = Timestamp::now().until(moment).map(Duration::try_from);
            left.ok().and_then(Result::ok).unwrap_or_default().min(most)
        })
    }

    fn reply(&mut self, desk: Planned<'_, '_>, question: &Question) -> Reply {
        match (question, desk) {
            (Question::Output { path, only_whether: true }, Some(desk)) => {
                let (status, media_type) =
                    desk.has(path).map_or((404, "text/html"), |media_type| (200, media_type));
                Reply { status, media_type, location: None, body: Body::Static(b"") }
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
            Answer::Found { path: file, media_type: "text/html", body, problems, .. } => {
                let (status, html) = self.good_page(&file, body, problems);
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

    /// A page, or what it was when nothing was wrong with it. Keeps what is wrong.
    fn good_page(
        &mut self,
        file: &str,
        body: Option<Body>,
        problems: Vec<Diagnostic>,
    ) -> (u16, Body) {
        let is_good = !problems.iter().any(Diagnostic::is_error);
        self.keep_found(file, problems);
        let known = self.good_pages.iter().position(|(path, _)| path == file);
        match (body, known) {
            (Some(Body::Bytes(html)), known) if is_good => {
                known.map(|place| self.good_pages.remove(place));
                self.good_pages.push_back((file.to_owned(), html.clone()));
                if self.good_pages.len() > GOOD_PAGES_MAX {
                    self.good_pages.pop_front();
                }
                (200, Body::Bytes(html))
            }
            (_, Some(place)) => (200, Body::Bytes(self.good_pages[place].1.clone())),
            (Some(body), None) => (200, body),
            (None, None) => (500, Body::Bytes(no_page())),
        }
    }

    fn facts(&mut self, desk: Planned<'_, '_>, path: &str) -> Vec<u8> {
        let mut facts = Facts { version: 1, generation: self.generation, ..Facts::default() };
        facts.trouble.clone_from(&self.trouble);
        let (mut problems, mut file) = (self.problems.clone(), None);
        let mut html = None;
        match desk.map(|desk| (desk, desk.answer(path))) {
            Some((desk, Answer::Found { path, source, body, problems: own, .. })) => {
                problems.extend(own.iter().cloned());
                facts.feed = desk.feed_entry(&path);
                facts.state = desk.is_draft(&source).then_some("draft");
                facts.source = Some(source.to_string());
                html = match self.good_page(&path, body, own) {
                    (_, Body::Bytes(html)) => Some(html),
                    _ => None,
                };
                file = Some(path);
            }
            Some((desk, Answer::Missing(page))) => {
                if let Some((source, state)) = desk.hidden_at(path) {
                    (facts.source, facts.hidden) = (Some(source.to_string()), Some(state));
                }
                html = match page {
                    Some(Body::Bytes(html)) => Some(html),
                    _ => None,
                };
            }
            Some((_, Answer::Moved(_))) => {}
            None => html = Some(no_page()),
        }
        diagnostic::sort(&mut problems);
        facts.problems = problems.iter().map(page::problem).collect();
        let elsewhere = self.found.iter().filter(|(path, _)| Some(*path) != file.as_ref());
        let mut elsewhere: Vec<_> = elsewhere.flat_map(|(_, problems)| problems).cloned().collect();
        elsewhere.retain(|problem| problem.is_error() && !problems.contains(problem));
        diagnostic::sort(&mut elsewhere);
        facts.elsewhere_count = elsewhere.len();
        elsewhere.truncate(ELSEWHERE_MAX);
        facts.elsewhere = elsewhere.iter().map(page::problem).collect();
        facts.etag = html.map(|html| page::etag(&html));
        facts.json()
    }
}

fn no_page() -> Vec<u8> {
    let text = "Something is wrong with the site. When it is mended, the page appears by itself.";
    page::empty_page("No page yet", text)
}
