//! The actors of other servers: as we know them, or as their servers say when they are asked.

use std::cell::RefCell;
use std::collections::{HashMap, VecDeque};
use std::net::IpAddr;
use std::rc::Rc;
use std::time::Duration;

use tokio::sync::Mutex;
use url::Url;

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

/// How long an actor whose key did not fit is not asked for again.
const RENEWED_FOR: Duration = Duration::from_secs(600);

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
    transport: Rc<Transport>,
    budget: RefCell<FetchBudget>,
    memory: RefCell<Memory>,
    /// One request at a time for each server.
    gates: RefCell<HashMap<String, Rc<Gate>>>,
}

#[derive(Default)]
struct Gate {
    one: Mutex<()>,
    waiting: std::cell::Cell<usize>,
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
    fn get(&self, name: &str, now: Duration, good_for: Duration) -> Option<&T> {
        let (value, since) = self.entries.get(name)?;
        (now.saturating_sub(*since) < good_for).then_some(value)
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

    fn remove(&mut self, name: &str) {
        if self.entries.remove(name).is_some() {
            self.order.retain(|known| known != name);
        }
    }
}

impl Correspondents {
    pub(crate) fn new(transport: Rc<Transport>) -> Self {
        Self {
            transport,
            budget: RefCell::default(),
            memory: RefCell::default(),
            gates: RefCell::default(),
        }
    }

    /// What is in memory of an actor at `now`.
    pub(crate) fn remembered(&self, id: &Url, now: Duration) -> Option<RemoteActor> {
        self.memory.borrow().actors.get(id.as_str(), now, CACHED_FOR).cloned()
    }

    /// Whether an actor that is known but whose key does not fit may be asked for once more: keys
    /// change. That is so once in ten minutes.
    pub(crate) fn may_renew(&self, id: &Url, now: Duration) -> bool {
        let memory = &mut *self.memory.borrow_mut();
        if memory.renewed.get(id.as_str(), now, RENEWED_FOR).is_some() {
            return false;
        }
        memory.renewed.put(id.as_str(), (), now, FAILED_MAX);
        memory.actors.remove(id.as_str());
        true
    }

    /// Asks the server of an actor for it, because of a message that `client` sent. `passed` tells
    /// the time that has passed.
    pub(crate) async fn fetch(
        &self,
        id: &Url,
        client: IpAddr,
        passed: &dyn Fn() -> Duration,
        sign: &dyn Fn(&Url) -> Headers,
    ) -> Result<RemoteActor, Unknown> {
        if let Some(known) = self.settled(id, passed()) {
            return known;
        }
        let server = address::origin(id);
        let gate = self.gate(&server)?;
        gate.waiting.set(gate.waiting.get() + 1);
        let answer = self.fetch_alone(&gate, id, client, passed, sign).await;
        gate.waiting.set(gate.waiting.get() - 1);
        if gate.waiting.get() == 0 {
            self.gates.borrow_mut().remove(&server);
        }
        answer
    }

    /// What is known without asking.
    fn settled(&self, id: &Url, now: Duration) -> Option<Result<RemoteActor, Unknown>> {
        let memory = self.memory.borrow();
        if let Some(actor) = memory.actors.get(id.as_str(), now, CACHED_FOR) {
            return Some(Ok(actor.clone()));
        }
        memory.failed.get(id.as_str(), now, FAILED_FOR).cloned().map(Err)
    }

    fn gate(&self, server: &str) -> Result<Rc<Gate>, Unknown> {
        let mut gates = self.gates.borrow_mut();
        if !gates.contains_key(server) && gates.len() >= SERVERS_MAX {
            return Err(Unknown::Later(Duration::from_secs(10)));
        }
        let gate = gates.entry(server.to_owned()).or_default();
        if gate.waiting.get() >= WAITING_MAX {
            return Err(Unknown::Later(Duration::from_secs(10)));
        }
        Ok(Rc::clone(gate))
    }

    async fn fetch_alone(
        &self,
        gate: &Gate,
        id: &Url,
        client: IpAddr,
        passed: &dyn Fn() -> Duration,
        sign: &dyn Fn(&Url) -> Headers,
    ) -> Result<RemoteActor, Unknown> {
        let _alone = gate.one.lock().await;
        // Somebody before us may have asked the same.
        if let Some(known) = self.settled(id, passed()) {
            return known;
        }
        let leave = self.budget.borrow_mut().ask(&address::origin(id), client, passed());
        if let Leave::Wait(wait) = leave {
            return Err(Unknown::Later(wait));
        }
        let answer = read(id, self.transport.get(id, MEDIA_TYPE, sign).await);
        let memory = &mut *self.memory.borrow_mut();
        match &answer {
            Ok(actor) => memory.actors.put(id.as_str(), actor.clone(), passed(), CACHED_MAX),
            Err(error) => memory.failed.put(id.as_str(), error.clone(), passed(), FAILED_MAX),
        }
        answer
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
        408 | 429 | 500.. => return Err(Unknown::Later(FAILED_FOR)),
        status => return Err(refused(&format!("its server answers with the status {status}"))),
    }
    if !answer.content_type.as_deref().is_some_and(is_activity) {
        return Err(refused(&"its document has not the type of ActivityPub"));
    }
    let actor = RemoteActor::parse(&answer.url, &answer.body).map_err(|error| refused(&error))?;
    // After a redirect another one of the same server might be there.
    if actor.id == *id { Ok(actor) } else { Err(refused(&"its document is at another address")) }
}
