//! Delivers what is in the queue.
//!
//! Servers are served side by side, each by one request at a time, so that three hundred that are
//! away keep nobody waiting. A request that takes long does not count any more against how many
//! there may be at once.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::future::poll_fn;
use std::pin::pin;
use std::rc::Rc;
use std::task::Poll;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use rusqlite::Connection;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::task::JoinSet;

use super::Office;
use super::fate::{Fate, Fault, Sent, judge, later};
use super::signers::{Formers, Hand};
use super::store::queue::Delivery;
use super::store::{self, StoreError};
use crate::signature::Form;

/// Requests at once. With half as many, the processor waits for the disk; for more of them, no
/// connections are kept.
pub(crate) const AT_ONCE: usize = 64;

/// How long a request counts among them.
const SLOW_AFTER: Duration = Duration::from_secs(1);

/// Requests at once, with those that take long.
pub(crate) const OPEN_MAX: usize = 256;

/// Messages that a server gets before the others have their turn.
pub(crate) const TURN: usize = 10;

/// How long the queue is left alone when nothing is due and nobody calls.
const IDLE: Duration = Duration::from_secs(60);

/// So many servers that took messages before are not silent at the same time, unless it is our own
/// line.
pub(crate) const SILENT_MIN: usize = 5;

/// How long a server is left alone while that is so.
const CUT_OFF_WAIT: SignedDuration = SignedDuration::from_mins(10);

/// How long a server that was told of a new key gets nothing that is signed with it. It may take a
/// message at once and work it off later; and whoever finds a key that nobody has told of may drop
/// all follows (Mastodon's `RefollowWorker`).
pub(crate) const TOLD_REST: SignedDuration = SignedDuration::from_mins(1);

/// How often what is too old is looked for.
const SWEEP_INTERVAL: Duration = Duration::from_secs(3600);

/// Who is being served.
pub(crate) struct Desk {
    /// Servers.
    busy: RefCell<BTreeSet<String>>,
    quick: Semaphore,
    /// When what is too old was last looked for.
    swept: Cell<Option<Duration>>,
    /// Servers that took messages before and of which nothing came, since somebody last answered.
    silent: RefCell<BTreeSet<String>>,
    delivered: Cell<usize>,
    failed: Cell<usize>,
}

impl Default for Desk {
    fn default() -> Self {
        Self {
            busy: RefCell::default(),
            quick: Semaphore::new(AT_ONCE),
            swept: Cell::new(None),
            silent: RefCell::default(),
            delivered: Cell::new(0),
            failed: Cell::new(0),
        }
    }
}

impl Desk {
    /// Whether what came of a message shows that our own line is down, which is the fault of no
    /// server: several that took messages before are silent at once.
    fn is_cut_off(&self, Sent { delivery, fate, .. }: &Sent) -> bool {
        let silent = &mut *self.silent.borrow_mut();
        match fate {
            Fate::Later { fault: Fault::Network, .. } => {
                let was_well = delivery.is_proven && delivery.failures == 0;
                if was_well && silent.len() < SILENT_MIN {
                    silent.insert(delivery.origin.clone());
                }
            }
            // Nobody was asked.
            Fate::NoKey => {}
            _ => silent.clear(),
        }
        silent.len() >= SILENT_MIN
    }
}

impl Office {
    /// Delivers as long as the process runs.
    pub(crate) async fn deliver(self: Rc<Self>) {
        let mut tasks = JoinSet::new();
        loop {
            // A disk that is full now may have room in a minute.
            let next = Rc::clone(&self).start_due(&mut tasks, true).await.unwrap_or(None);
            let wait = next.unwrap_or(IDLE).min(IDLE);
            let mut called = pin!(self.wake.notified());
            let something = poll_fn(|cx| {
                let is_called = called.as_mut().poll(cx).is_ready();
                let is_done = matches!(tasks.poll_join_next(cx), Poll::Ready(Some(_)));
                if is_called || is_done { Poll::Ready(()) } else { Poll::Pending }
            });
            // Nothing happening is a reason to look as well.
            let _ = tokio::time::timeout(wait, something).await;
        }
    }

    /// Delivers what is due now, and ends, at the latest after `most`.
    ///
    /// # Errors
    ///
    /// When something could not be read or stored. What was on its way then has arrived, but nothing
    /// else was begun: it would be sent again by the next round.
    pub(crate) async fn deliver_once(self: Rc<Self>, most: Duration) -> Result<(), StoreError> {
        let round = async {
            let (mut tasks, mut so_far) = (JoinSet::new(), Ok(()));
            loop {
                if so_far.is_ok() {
                    so_far = Rc::clone(&self).start_due(&mut tasks, false).await.map(|_| ());
                }
                match tasks.join_next().await {
                    None => return so_far,
                    Some(Ok(served)) => so_far = so_far.and(served),
                    // A task that panicked has said so.
                    Some(Err(_)) => {}
                }
            }
        };
        // What is not done by then is still in the queue.
        let done = tokio::time::timeout(most, round).await.unwrap_or(Ok(()));
        self.desk.busy.borrow_mut().clear();
        done
    }

    /// Begins to serve every server for which something is due; says when the next will be.
    async fn start_due(
        self: Rc<Self>,
        tasks: &mut JoinSet<Result<(), StoreError>>,
        is_patient: bool,
    ) -> Result<Option<Duration>, StoreError> {
        // A server must not be given up because our clock is wrong.
        let Some(now) = self.clock.now() else { return Ok(Some(Duration::from_secs(10))) };
        let room = OPEN_MAX.saturating_sub(tasks.len());
        if room == 0 {
            return Ok(None);
        }
        let busy = self.desk.busy.borrow().clone();
        let passed = self.clock.passed();
        let last = self.desk.swept.get();
        let is_swept = last.is_some_and(|last| passed.saturating_sub(last) < SWEEP_INTERVAL);
        let found = self.writer.run(move |store| {
            if !is_swept {
                store::sweep::sweep(store, now)?;
            }
            let due = store::queue::due_origins(store, now, room, &busy)?;
            let next = store::queue::next_due(store, now)?;
            Ok((due, next, store::counters::is_any_confirmed(store)?))
        });
        let (due, next, is_confirmed) = found.await?;
        if is_confirmed {
            self.asked.notify_one();
        }
        if !is_swept {
            self.desk.swept.set(Some(passed));
        }
        for store::queue::Origin { origin, .. } in due {
            self.desk.busy.borrow_mut().insert(origin.clone());
            let office = Rc::clone(&self);
            tasks.spawn_local(async move {
                let served = office.serve(&origin, is_patient).await;
                if served.is_err() && is_patient {
                    tokio::time::sleep(IDLE).await;
                }
                // Where a round has failed, nothing more is begun in it.
                if served.is_ok() || is_patient {
                    office.desk.busy.borrow_mut().remove(&origin);
                }
                served
            });
        }
        let wait = next.map(|next| next.duration_since(now).max(SignedDuration::from_secs(1)));
        Ok(wait.and_then(|wait| Duration::try_from(wait).ok()))
    }

    /// Messages that have arrived since the start.
    pub(crate) fn delivered(&self) -> usize {
        self.desk.delivered.get()
    }

    /// Tries that did not succeed.
    pub(crate) fn failed(&self) -> usize {
        self.desk.failed.get()
    }

    /// Sends a server its next messages, in order. One of them is in memory at a time, and only once
    /// it is the server's turn, for there may be hundreds of servers and messages are large. All of
    /// a turn goes over one connection, which would not wait until the others have had theirs.
    async fn serve(&self, origin: &str, is_patient: bool) -> Result<(), StoreError> {
        let mut place = self.desk.quick.acquire().await.ok();
        let Some(now) = self.clock.now() else { return Ok(()) };
        let name = origin.to_owned();
        let mut next = self.writer.run(move |store| first(store, &name, now)).await?;
        for number in 1..=TURN {
            let (Some(delivery), Some(now)) = (next, self.clock.now()) else { return Ok(()) };
            let fate = self.send(&delivery, now, &mut place).await;
            let is_delivered = matches!(fate, Fate::Delivered(_));
            let count = if is_delivered { &self.desk.delivered } else { &self.desk.failed };
            count.set(count.get() + 1);
            let formers = self.signers.formers();
            let is_former = formers.include(&delivery);
            let sent = Sent { is_former, random: random(), delivery, fate, now };
            let then = Then {
                is_cut_off: self.desk.is_cut_off(&sent),
                ends: number == TURN || matches!(sent.fate, Fate::Later { .. }),
                formers,
            };
            next = self.record(sent, then, is_patient).await?;
        }
        Ok(())
    }

    /// Stores what came of a message, and gives the next one of the turn. As long as it is not
    /// stored, the message would be sent again, every time: so who is patient waits until there is
    /// room on the disk.
    async fn record(
        &self,
        sent: Sent,
        then: Then,
        is_patient: bool,
    ) -> Result<Option<Delivery>, StoreError> {
        loop {
            let (sent, then) = (sent.clone(), then.clone());
            match self.writer.run(move |store| then.go_on(store, &sent)).await {
                Err(_) if is_patient => tokio::time::sleep(IDLE).await,
                done => return done,
            }
        }
    }

    /// Sends one message. It takes a place among the requests at once, and gives it up when it takes
    /// long.
    async fn send<'a>(
        &'a self,
        delivery: &Delivery,
        now: Timestamp,
        place: &mut Option<SemaphorePermit<'a>>,
    ) -> Fate {
        if place.is_none() {
            *place = self.desk.quick.acquire().await.ok();
        }
        let sending = self.send_until_proven(delivery, now);
        tokio::pin!(sending);
        match tokio::time::timeout(SLOW_AFTER, &mut sending).await {
            Ok(done) => done,
            Err(_) => {
                *place = None;
                sending.await
            }
        }
    }

    /// Some servers take only one form of signatures. Which one is remembered. And while a key
    /// changes, each knows one of the two, whatever it should know.
    async fn send_until_proven(&self, delivery: &Delivery, now: Timestamp) -> Fate {
        let other = match delivery.form {
            Form::Cavage => Form::Rfc9421,
            Form::Rfc9421 => Form::Cavage,
        };
        let mut fate = Fate::NoKey;
        for hand in self.signers.hands(delivery) {
            for form in [delivery.form, other] {
                match self.send_signed(delivery, *hand, form, now).await {
                    Fate::Unproven => fate = Fate::Unproven,
                    // The files of the keys may have changed places just now.
                    Fate::NoKey => {}
                    result => return result,
                }
            }
        }
        fate
    }

    async fn send_signed(
        &self,
        delivery: &Delivery,
        hand: Hand,
        form: Form,
        now: Timestamp,
    ) -> Fate {
        let Some(headers) = self.signers.post(delivery, hand, form, now) else {
            return Fate::NoKey;
        };
        let body = delivery.body.clone().into();
        judge(self.transport.post(&delivery.inbox, headers, body).await, form, now)
    }
}

/// The next message to a server.
fn first(store: &Connection, origin: &str, now: Timestamp) -> store::Result<Option<Delivery>> {
    Ok(store::queue::take(store, origin, now, 1)?.pop())
}

/// What is done when it is known what came of a message.
#[derive(Clone)]
struct Then {
    /// Our own line is down.
    is_cut_off: bool,
    /// The turn is over.
    ends: bool,
    formers: Formers,
}

impl Then {
    /// Stores it, and gives the next message of the turn.
    fn go_on(&self, store: &Connection, sent: &Sent) -> store::Result<Option<Delivery>> {
        let (origin, now) = (&sent.delivery.origin, sent.now);
        if self.is_cut_off {
            let wait = CUT_OFF_WAIT.mul_f64(1.0 + sent.random);
            store::hosts::rest(store, origin, later(now, wait))?;
            return Ok(None);
        }
        sent.note(store)?;
        let next = first(store, origin, now)?;
        let is_told = sent.is_former && matches!(sent.fate, Fate::Delivered(_));
        if is_told && !next.as_ref().is_some_and(|next| self.formers.include(next)) {
            store::hosts::rest(store, origin, later(now, TOLD_REST))?;
            return Ok(None);
        }
        Ok(next.filter(|_| !self.ends))
    }
}

/// From 0 to 1.
fn random() -> f64 {
    getrandom::u32().map_or(0.5, |random| f64::from(random) / f64::from(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::super::transport::TransportError;
    use super::*;

    fn to(origin: &str, failures: u32) -> Delivery {
        Delivery {
            id: 1,
            activity: 1,
            origin: origin.to_owned(),
            inbox: "https://social.example/inbox".parse().unwrap(),
            is_shared: true,
            user: "news".to_owned(),
            uri: String::new(),
            body: String::new(),
            tries: 0,
            first: Timestamp::UNIX_EPOCH,
            failures,
            form: Form::Cavage,
            is_proven: true,
        }
    }

    #[test]
    fn when_several_servers_are_silent_at_once_it_is_our_own_line() {
        let desk = Desk::default();
        let is_cut_off = |delivery: Delivery, error| {
            let fate = judge(Err(error), Form::Cavage, Timestamp::UNIX_EPOCH);
            let now = Timestamp::UNIX_EPOCH;
            desk.is_cut_off(&Sent { delivery, fate, now, random: 0.0, is_former: false })
        };
        let silent = |host: usize| is_cut_off(to(&host.to_string(), 0), TransportError::TimeOut);
        for _ in 0..2 {
            for host in 1..SILENT_MIN {
                assert!(!silent(host), "{host}");
                assert!(!silent(host), "one server is one server");
            }
            assert!(is_cut_off(to("5", 0), TransportError::NoWay));
            assert!(is_cut_off(to("1", 3), TransportError::TimeOut), "so it is for all");
            assert!(!is_cut_off(to("1", 3), TransportError::Refused), "somebody is there");
        }
        for host in 0..100 {
            let away = to(&host.to_string(), 1);
            assert!(!is_cut_off(away, TransportError::TimeOut), "they were away before");
            let new = Delivery { is_proven: false, ..to(&host.to_string(), 0) };
            assert!(!is_cut_off(new, TransportError::TimeOut), "they were never there");
        }
    }
}
