//! A post office, and the web around it.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::path::Path;
use std::rc::Rc;
use std::sync::OnceLock;
use std::thread::JoinHandle;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use rusqlite::Connection;
use serde_json::Value;
use tempfile::TempDir;

use crate::activity::MEDIA_TYPE;
use crate::diagnostic::Source;
use crate::disk::{Root, keys as key_files};
use crate::key::PrivateKey;
use crate::office::clock::{Clock, Reading};
use crate::office::listener::Received;
use crate::office::settings::{self, Settings};
use crate::office::store::{self, Store, Writer};
use crate::office::transport::tests::identity::Identity;
use crate::office::transport::tests::peer::{Act, Peer, say};
use crate::office::{Life, Office, Outcome, Signers, runtime};
use crate::path::SourcePath;

pub(super) const SITE: &str = "https://party.example";
pub(super) const NEWS: &str = "https://party.example/ap/news/actor.json";

/// Servers for which there is a certificate.
const NAMES: [&str; 5] =
    ["party.example", "social.example", "evil.example", "*.many.example", "far.example"];

/// A key. Each number is another one; they are made once, for that takes long.
pub(super) fn key(number: usize) -> &'static PrivateKey {
    static KEYS: [OnceLock<PrivateKey>; 3] = [const { OnceLock::new() }; 3];
    KEYS[number].get_or_init(|| PrivateKey::generate(PrivateKey::BITS).unwrap())
}

/// What a server does when it is asked for something: it gets the whole request.
type Does = Rc<dyn Fn(&str) -> Act>;

/// All other servers: what is at their addresses, and what they were asked.
pub(super) struct Web {
    peer: Peer,
    /// By `GET https://social.example/users/jo`.
    pages: Rc<RefCell<BTreeMap<String, Does>>>,
}

impl Web {
    async fn new() -> Self {
        let pages: Rc<RefCell<BTreeMap<String, Does>>> = Rc::default();
        let known = Rc::clone(&pages);
        let act = move |_, request: &str| {
            let does = known.borrow().get(&asked_for(request)).cloned();
            match does {
                Some(does) => does(request),
                None if request.starts_with("POST ") => say("202 Accepted", ""),
                None => say("404 Not Found", ""),
            }
        };
        Self { peer: Peer::with(&Identity::of(&NAMES), act).await, pages }
    }

    /// From now on this happens when somebody asks `GET https://social.example/users/jo`.
    pub(super) fn on(&self, question: &str, does: impl Fn(&str) -> Act + 'static) {
        self.pages.borrow_mut().insert(question.to_owned(), Rc::new(does));
    }

    /// An answer with nothing in it, such as `503 Service Unavailable`.
    pub(super) fn status(&self, question: &str, head: &'static str) {
        self.on(question, move |_| say(head, ""));
    }

    /// A document of the fediverse at the address that is its id.
    pub(super) fn publish(&self, document: &Value) {
        self.publish_as(document, MEDIA_TYPE);
    }

    pub(super) fn publish_as(&self, document: &Value, content_type: &str) {
        let id = document["id"].as_str().unwrap();
        let (head, body) =
            (format!("200 OK\r\nContent-Type: {content_type}"), document.to_string());
        self.on(&format!("GET {id}"), move |_| say(&head, &body));
    }

    /// What was asked, as `GET https://social.example/users/jo`, oldest first.
    pub(super) fn asked(&self) -> Vec<String> {
        self.peer.asked().iter().map(|request| asked_for(request)).collect()
    }

    /// How many documents were asked for.
    pub(super) fn fetches(&self) -> usize {
        self.asked().iter().filter(|asked| asked.starts_with("GET ")).count()
    }

    /// Whole messages that came to an inbox, with their headers.
    pub(super) fn letters(&self, inbox: &str) -> Vec<String> {
        let question = format!("POST {inbox}");
        self.peer.asked().into_iter().filter(|request| asked_for(request) == question).collect()
    }

    /// What the messages to an inbox say.
    pub(super) fn messages(&self, inbox: &str) -> Vec<Value> {
        let body = |letter: String| {
            let (_, body) = letter.split_once("\r\n\r\n").unwrap();
            serde_json::from_str(body).unwrap()
        };
        self.letters(inbox).into_iter().map(body).collect()
    }

    /// The types of the messages to an inbox, in their order.
    pub(super) fn kinds(&self, inbox: &str) -> Vec<String> {
        let kind = |message: &Value| message["type"].as_str().unwrap().to_owned();
        self.messages(inbox).iter().map(kind).collect()
    }

    /// How many connections were made, also those on which nothing was asked.
    pub(super) fn connections(&self) -> usize {
        self.peer.connections()
    }
}

/// `GET https://social.example/users/jo`.
fn asked_for(request: &str) -> String {
    let mut lines = request.lines();
    let mut words = lines.next().unwrap().split(' ');
    let (method, target) = (words.next().unwrap(), words.next().unwrap());
    let host = lines.find_map(|line| line.strip_prefix("host: ")).unwrap();
    format!("{method} https://{host}{target}")
}

/// A post office with two actors, `news` and `events`.
pub(super) struct World {
    pub(super) office: Rc<Office>,
    pub(super) web: Web,
    time: Rc<Cell<Reading>>,
    pub(super) folder: TempDir,
    /// The lines of `inbox.toml`.
    lines: String,
    thread: JoinHandle<()>,
}

/// Something happens in a world.
pub(super) fn in_world(act: impl AsyncFnOnce(World)) {
    in_world_with("", act);
}

/// As [`in_world`], with lines for `inbox.toml`.
pub(super) fn in_world_with(lines: &str, act: impl AsyncFnOnce(World)) {
    runtime::run(async { act(World::new(lines).await).await }).unwrap();
}

impl World {
    pub(super) async fn new(lines: &str) -> Self {
        let web = Web::new().await;
        let folder = tempfile::tempdir().unwrap();
        let root = Root::open(folder.path()).unwrap();
        for user in ["news", "events"] {
            key_files::write_private(&root, user, key(0)).unwrap();
        }
        let noon = "2026-12-01T12:00:00Z".parse().unwrap();
        let time = Rc::new(Cell::new((noon, Duration::from_secs(1000))));
        let (office, thread) = open(folder.path(), lines, &web, &time, Life::Long);
        Self { office, web, time, folder, lines: lines.to_owned(), thread }
    }

    /// The post office ends, and another one begins in the same folder.
    pub(super) fn restart(self) -> Self {
        self.restart_as(Life::Long)
    }

    /// As [`Self::restart`]; one with a short life knows only what is in the store.
    pub(super) fn restart_as(self, life: Life) -> Self {
        let Self { office, web, time, folder, lines, thread } = self;
        drop(office);
        thread.join().unwrap();
        let (office, thread) = open(folder.path(), &lines, &web, &time, life);
        Self { office, web, time, folder, lines, thread }
    }

    pub(super) fn now(&self) -> Timestamp {
        self.time.get().0
    }

    /// Time passes, in which nothing happens.
    pub(super) fn pass(&self, time: SignedDuration) {
        let (now, passed) = self.time.get();
        self.time.set((now + time, passed + Duration::try_from(time).unwrap()));
        // Whoever keeps time has looked at the clock meanwhile.
        assert!(self.office.clock.now().is_some());
    }

    pub(super) fn minutes(&self, minutes: i64) {
        self.pass(SignedDuration::from_mins(minutes));
    }

    pub(super) fn days(&self, days: i64) {
        self.pass(SignedDuration::from_hours(24 * days));
    }

    /// The status with which a request is answered.
    pub(super) async fn send(&self, request: &Received) -> u16 {
        self.answer(request).await.reply().status
    }

    pub(super) async fn answer(&self, request: &Received) -> Outcome {
        self.office.answer(request).await
    }

    /// Delivers what is due.
    pub(super) async fn deliver(&self) {
        Rc::clone(&self.office).deliver_once(Duration::from_secs(60)).await.unwrap();
    }

    /// Asks the store.
    pub(super) async fn store<T: Send + 'static>(
        &self,
        job: impl FnOnce(&Connection) -> store::Result<T> + Send + 'static,
    ) -> T {
        self.office.writer.run(job).await.unwrap()
    }

    /// The ids of those who follow `news`.
    pub(super) async fn followers(&self) -> Vec<String> {
        self.store(|store| {
            let mut ids = Vec::new();
            store::followers::each(store, Some("news"), |follower| {
                ids.push(follower.id.to_string());
                Ok(())
            })?;
            Ok(ids)
        })
        .await
    }

    /// How it is doing.
    pub(super) async fn status(&self) -> store::status::Status {
        let now = self.now();
        self.store(move |store| store::status::status(store, now)).await
    }
}

/// Opens the post office of a folder.
fn open(
    folder: &Path,
    lines: &str,
    web: &Web,
    time: &Rc<Cell<Reading>>,
    life: Life,
) -> (Rc<Office>, JoinHandle<()>) {
    let settings = settings(lines, web.peer.port);
    let store = Store::open_as_office(&folder.join("office/office.db")).unwrap();
    let rotations = store.read(store::rotation::all).unwrap();
    let root = Root::open(folder).unwrap();
    let (signers, missing) = Signers::read(root, &settings, &rotations).unwrap();
    assert_eq!(missing, [""; 0]);
    let (writer, thread) = Writer::start(store, |_| ()).unwrap();
    let authorities = web.peer.policy().authorities;
    let office = Office::new(folder, settings, signers, writer, authorities, life);
    let mut office = office.unwrap();
    let hands = Rc::clone(time);
    Rc::get_mut(&mut office).unwrap().clock = Clock::of(move || hands.get());
    (office, thread)
}

fn settings(lines: &str, port: u16) -> Settings {
    let text = format!(
        "site = \"{SITE}\"\nallow_addresses = [\"127.0.0.0/8\"]\n\
         resolve = [\"*:443:127.0.0.1:{port}\"]\n{lines}\n\
         [[actors]]\nuser = \"news\"\n[[actors]]\nuser = \"events\"\n"
    );
    let (settings, problems) = settings::read(&Source::new(SourcePath::new(settings::FILE), text));
    settings.unwrap_or_else(|| panic!("{problems:?}"))
}
