//! The actors of other servers: as we know them, or as their servers say when they are asked.

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, VecDeque};
use std::net::IpAddr;
use std::rc::Rc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::Mutex;
use url::Url;

use super::clock::Clock;
use super::store::{self, Writer};
use super::transport::{Transport, TransportError};
use crate::activity::MEDIA_TYPE;
use crate::federation::budget::{FetchBudget, Leave};
use crate::federation::document::is_activity;
use crate::federation::{RemoteActor, url as address};
use crate::signature::Headers;

/// Actors that are kept in memory besides those that follow.
const CACHED_MAX: usize = 1_000;

/// How long they are taken for true.
const CACHED_FOR: Duration = Duration::from_secs(3600);

/// Actors that could not be fetched and are not asked for again so soon.
const FAILED_MAX: usize = 4_096;

/// How long they are not (Mastodon waits as long for ours).
const FAILED_FOR: Duration = Duration::from_secs(300);

/// How long an actor whose key did not fit is not asked for once more.
const RENEWED_FOR: Duration = Duration::from_secs(600);

/// When to ask again where it cannot be counted.
const UNCOUNTED: Duration = Duration::from_secs(60);

/// Messages that wait for one server to be asked, at most.
const WAITING_MAX: usize = 8;

/// Servers that are asked at the same time, at most.
const SERVERS_MAX: usize = 64;

/// Why an actor cannot be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Unknown {
    /// It does not exist, or is none that we would answer. Asking again would not help.
    Refused(String),
    /// Its server says that it is gone for good.
    Gone,
    /// Its server could not be asked now; it is worth trying again after this long.
    Later(Duration),
}

/// Those that we know, and the way to those that we do not.
pub(crate) struct Correspondents {
    transport: Transport,
    budget: Budget,
    memory: RefCell<Memory>,
    /// One request at a time for each server.
    gates: Gates,
}

/// How often other servers may still be asked.
pub(crate) enum Budget {
    /// As long as one process does all that asks.
    OfProcess(RefCell<FetchBudget>),
    /// Where each request, or each round, has a process of its own.
    InStore(Writer),
}

impl Budget {
    async fn ask(&self, server: &str, client: IpAddr, times: (Timestamp, Duration)) -> Leave {
        let (now, passed) = times;
        match self {
            Self::OfProcess(budget) => budget.borrow_mut().ask(server, client, passed),
            Self::InStore(writer) => {
                let server = server.to_owned();
                let asked =
                    writer.run(move |store| store::budget::ask(store, &server, client, now)).await;
                // What cannot be counted is not done.
                asked.unwrap_or(Leave::Wait(UNCOUNTED))
            }
        }
    }

    async fn give_back(&self, server: &str, client: IpAddr) {
        match self {
            Self::OfProcess(budget) => budget.borrow_mut().give_back(server, client),
            Self::InStore(writer) => {
                let server = server.to_owned();
                let back =
                    writer.run(move |store| store::budget::give_back(store, &server, client));
                // When it fails there is less to ask for, and no more.
                let _ = back.await;
            }
        }
    }
}

/// An actor as asked for.
pub(crate) struct Asked {
    pub(crate) actor: RemoteActor,
    /// Whether its server was asked for it, at our expense.
    is_fetched: bool,
}

impl Asked {
    /// One that needed no question.
    pub(crate) fn known(actor: RemoteActor) -> Self {
        Self { actor, is_fetched: false }
    }
}

type Gates = RefCell<HashMap<String, Rc<Gate>>>;

#[derive(Default)]
struct Gate {
    one: Mutex<()>,
    waiting: Cell<usize>,
}

/// A place at a gate. It is given back however the waiting ends: a client that is answered for lack
/// of time does not wait any more.
struct Place<'a> {
    gates: &'a Gates,
    server: String,
    gate: Rc<Gate>,
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.gate.waiting.set(self.gate.waiting.get() - 1);
        if self.gate.waiting.get() == 0 {
            self.gates.borrow_mut().remove(&self.server);
        }
    }
}

/// Whether an actor that is known, and whose key did not fit, may be asked for once more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Renewal {
    /// It may, and that is the one time for a while.
    Granted,
    /// It was asked for so long ago, and will not be again before so much more has passed.
    Done { ago: Duration, wait: Duration },
}

/// What is remembered of actors that do not follow.
#[derive(Default)]
struct Memory {
    actors: Recent<RemoteActor>,
    failed: Recent<Unknown>,
    renewed: Recent<()>,
}

/// The newest entries by name; old ones make room.
struct Recent<T> {
    entries: HashMap<String, (T, Duration)>,
    order: VecDeque<String>,
}

impl<T> Default for Recent<T> {
    fn default() -> Self {
        Self { entries: HashMap::new(), order: VecDeque::new() }
    }
}

impl<T> Recent<T> {
    /// An entry that is no older than `good_for`, and its age.
    fn get(&self, name: &str, now: Duration, good_for: Duration) -> Option<(&T, Duration)> {
        let (value, since) = self.entries.get(name)?;
        let age = now.saturating_sub(*since);
        (age < good_for).then_some((value, age))
    }

    fn put(&mut self, name: &str, value: T, now: Duration, most: usize) {
        if self.entries.insert(name.to_owned(), (value, now)).is_none() {
            self.order.push_back(name.to_owned());
        }
        while self.order.len() > most {
            if let Some(oldest) = self.order.pop_front() {
                self.entries.remove(&oldest);
            }
        }
    }
}

impl Correspondents {
    pub(crate) fn new(transport: Transport, budget: Budget) -> Self {
        Self { transport, budget, memory: RefCell::default(), gates: RefCell::default() }
    }

    /// What is in memory of an actor at `now`.
    pub(crate) fn remembered(&self, id: &Url, now: Duration) -> Option<RemoteActor> {
        let memory = self.memory.borrow();
        memory.actors.get(id.as_str(), now, CACHED_FOR).map(|(actor, _)| actor.clone())
    }

    /// Whether an actor that is known but whose key does not fit may be asked for once more: keys
    /// change. That is so once in ten minutes, for anybody can send what does not fit.
    pub(crate) fn renewal(&self, id: &Url, now: Duration) -> Renewal {
        let renewed = &mut self.memory.borrow_mut().renewed;
        if let Some(((), ago)) = renewed.get(id.as_str(), now, RENEWED_FOR) {
            return Renewal::Done { ago, wait: RENEWED_FOR.saturating_sub(ago) };
        }
        renewed.put(id.as_str(), (), now, FAILED_MAX);
        Renewal::Granted
    }

    /// Asks the server of an actor for it, unless that was done since `since`, because of a message
    /// that `client` sent.
    pub(crate) async fn fetch(
        &self,
        id: &Url,
        since: Duration,
        client: IpAddr,
        clock: &Clock,
        sign: &dyn Fn(&Url) -> Headers,
    ) -> Result<Asked, Unknown> {
        if let Some(settled) = self.settled(id, since, clock.passed()) {
            return settled.map(Asked::known);
        }
        let place = self.place(address::origin(id))?;
        let _alone = place.gate.one.lock().await;
        // Somebody before us may have asked the same.
        let now = clock.passed();
        if let Some(settled) = self.settled(id, since, now) {
            return settled.map(Asked::known);
        }
        let leave = self.budget.ask(&place.server, client, (clock.system(), now)).await;
        if let Leave::Wait(wait) = leave {
            return Err(Unknown::Later(wait));
        }
        let answer = read(id, self.transport.get(id, MEDIA_TYPE, sign).await);
        let memory = &mut *self.memory.borrow_mut();
        match &answer {
            // What comes is at least as new as the question.
            Ok(actor) => memory.actors.put(id.as_str(), actor.clone(), now, CACHED_MAX),
            Err(error) => {
                memory.failed.put(id.as_str(), error.clone(), clock.passed(), FAILED_MAX);
            }
        }
        answer.map(|actor| Asked { actor, is_fetched: true })
    }

    /// The message because of which an actor was asked for, and which `client` sent, is really from
    /// there.
    pub(crate) async fn proven(&self, asked: &Asked, client: IpAddr) {
        if asked.is_fetched {
            self.budget.give_back(&address::origin(&asked.actor.id), client).await;
        }
    }

    /// What is known without asking.
    fn settled(
        &self,
        id: &Url,
        since: Duration,
        now: Duration,
    ) -> Option<Result<RemoteActor, Unknown>> {
        let memory = self.memory.borrow();
        if let Some((actor, age)) = memory.actors.get(id.as_str(), now, CACHED_FOR)
            && age <= now.saturating_sub(since)
        {
            return Some(Ok(actor.clone()));
        }
        // That somebody asked at a bad time must not shut out whom he named: only whose server has
        // said that they are gone for good are refused without being asked for again.
        let (failed, age) = memory.failed.get(id.as_str(), now, FAILED_FOR)?;
        Some(Err(match failed {
            Unknown::Gone => Unknown::Gone,
            Unknown::Refused(_) | Unknown::Later(_) => {
                Unknown::Later(FAILED_FOR.saturating_sub(age))
            }
        }))
    }

    fn place(&self, server: String) -> Result<Place<'_>, Unknown> {
        let mut gates = self.gates.borrow_mut();
        if !gates.contains_key(&server) && gates.len() >= SERVERS_MAX {
            return Err(Unknown::Later(Duration::from_secs(10)));
        }
        let gate = Rc::clone(gates.entry(server.clone()).or_default());
        if gate.waiting.get() >= WAITING_MAX {
            return Err(Unknown::Later(Duration::from_secs(10)));
        }
        gate.waiting.set(gate.waiting.get() + 1);
        Ok(Place { gates: &self.gates, server, gate })
    }
}

/// What a server says of an actor.
fn read(
    id: &Url,
    answer: Result<super::transport::Answer, TransportError>,
) -> Result<RemoteActor, Unknown> {
    let refused = |reason: &dyn std::fmt::Display| Unknown::Refused(reason.to_string());
    let answer = answer.map_err(|error| {
        if error.is_temporary() { Unknown::Later(FAILED_FOR) } else { refused(&error) }
    })?;
    match answer.status {
        200 => {}
        410 => return Err(Unknown::Gone),
        // Whoever answers 401 has not got our key, perhaps for a moment only.
        401 | 408 | 429 | 500.. => return Err(Unknown::Later(FAILED_FOR)),
        status => return Err(refused(&format!("its server answers with the status {status}"))),
    }
    if !answer.content_type.as_deref().is_some_and(is_activity) {
        return Err(refused(&"its document has not the type of ActivityPub"));
    }
    let actor = RemoteActor::parse(&answer.url, &answer.body).map_err(|error| refused(&error))?;
    // After a redirect another one of the same server might be there.
    if actor.id == *id { Ok(actor) } else { Err(refused(&"its document is at another address")) }
}
