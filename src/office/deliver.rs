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
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::Office;
use super::signers::Hand;
use super::store::queue::Delivery;
use super::store::{self, StoreError, outcome};
use super::transport::{Answer, TransportError};
use crate::federation::retry;
use crate::signature::Form;

/// Requests at once.
pub(crate) const AT_ONCE: usize = 32;

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

/// How often a message may be answered by 5xx before others go ahead of it.
pub(crate) const AHEAD_AFTER: u32 = 3;

/// By how much.
const AHEAD: SignedDuration = SignedDuration::from_mins(1);
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
    fn is_cut_off(&self, delivery: &Delivery, fate: &Fate) -> bool {
        let silent = &mut *self.silent.borrow_mut();
        if !matches!(fate, Fate::Later { fault: Fault::Network, .. }) {
            silent.clear();
            return false;
        }
        if delivery.failures == 0 && silent.len() < SILENT_MIN {
            silent.insert(delivery.origin.clone());
        }
        silent.len() >= SILENT_MIN
    }
}

/// What came of a message.
#[derive(Clone, Debug)]
enum Fate {
    Delivered(Form),
    Gone,
    /// The server does not believe the signature; perhaps it does one of the other form.
    Unproven,
    /// There is nothing here to sign it with.
    NoKey,
    /// The server does not want it, and never will.
    Refused,
    /// The server is away, or asks us to wait.
    Later {
        reason: String,
        asked: Option<SignedDuration>,
        fault: Fault,
    },
}

/// Where it may lie that a message has to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    /// The server answers, but perhaps cannot cope with this message.
    Message,
    Server,
    /// No answer and no name, as when our own line is down.
    Network,
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
            Ok((due, next, store::counters::is_confirmed(store)?))
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

    /// Sends a server its next messages, in order.
    async fn serve(&self, origin: &str, is_patient: bool) -> Result<(), StoreError> {
        let Some(now) = self.clock.now() else { return Ok(()) };
        let name = origin.to_owned();
        let batch =
            self.writer.run(move |store| store::queue::take(store, &name, now, TURN)).await?;
        let (mut form, mut closed, mut is_told) = (None, BTreeSet::new(), false);
        for mut delivery in batch {
            let is_former = self.signers.is_former(&delivery);
            if is_told && !is_former {
                break;
            }
            // What an inbox takes later goes there before anything else.
            if closed.contains(&delivery.inbox) {
                continue;
            }
            let Some(now) = self.clock.now() else { return Ok(()) };
            // What the server took just now, it takes again.
            delivery.form = form.unwrap_or(delivery.form);
            let fate = self.send(&delivery, now).await;
            let is_away = matches!(fate, Fate::Later { .. });
            match fate {
                Fate::Delivered(taken) => {
                    form = Some(taken);
                    is_told |= is_former;
                }
                Fate::Gone | Fate::Unproven => {
                    closed.insert(delivery.inbox.clone());
                }
                Fate::Refused | Fate::NoKey | Fate::Later { .. } => {}
            }
            let count = if matches!(fate, Fate::Delivered(_)) {
                &self.desk.delivered
            } else {
                &self.desk.failed
            };
            count.set(count.get() + 1);
            if self.desk.is_cut_off(&delivery, &fate) {
                let until = later(now, CUT_OFF_WAIT.mul_f64(1.0 + random()));
                let rest = move |store: &_| store::hosts::rest(store, &delivery.origin, until);
                self.writer.run(rest).await?;
                break;
            }
            self.record(delivery, fate, now, is_patient).await?;
            if is_away {
                break;
            }
        }
        if is_told {
            let name = origin.to_owned();
            let until = later(now, TOLD_REST);
            self.writer.run(move |store| store::hosts::rest(store, &name, until)).await?;
        }
        Ok(())
    }

    /// Stores what came of a message. As long as it is not stored, the message would be sent again,
    /// every time: so who is patient waits until there is room on the disk.
    async fn record(
        &self,
        delivery: Delivery,
        fate: Fate,
        now: Timestamp,
        is_patient: bool,
    ) -> Result<(), StoreError> {
        let random = random();
        loop {
            let (delivery, fate) = (delivery.clone(), fate.clone());
            let write = self.writer.run(move |store| note(store, &delivery, fate, now, random));
            match write.await {
                Err(_) if is_patient => tokio::time::sleep(IDLE).await,
                done => return done,
            }
        }
    }

    /// Sends one message. It counts among the requests at once until it takes long.
    async fn send(&self, delivery: &Delivery, now: Timestamp) -> Fate {
        let Ok(permit) = self.desk.quick.acquire().await else {
            let reason = "the post office ends".to_owned();
            return Fate::Later { reason, asked: None, fault: Fault::Server };
        };
        let sending = self.send_until_proven(delivery, now);
        tokio::pin!(sending);
        match tokio::time::timeout(SLOW_AFTER, &mut sending).await {
            Ok(done) => done,
            Err(_) => {
                drop(permit);
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
        for hand in self.signers.hands(delivery) {
            for form in [delivery.form, other] {
                match self.send_signed(delivery, *hand, form, now).await {
                    Fate::Unproven => {}
                    result => return result,
                }
            }
        }
        Fate::Unproven
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

/// Stores what came of a message.
fn note(
    store: &Connection,
    delivery: &Delivery,
    fate: Fate,
    now: Timestamp,
    random: f64,
) -> store::Result<()> {
    match fate {
        Fate::Delivered(form) => {
            if form != delivery.form {
                store::hosts::set_form(store, &delivery.origin, form)?;
            }
            outcome::delivered(store, delivery, now)
        }
        Fate::Gone => outcome::gone(store, delivery, now).map(|_| ()),
        // The actor is not in inbox.toml any more; that is no fault of the server.
        Fate::NoKey => outcome::leave_out(store, delivery),
        Fate::Refused => outcome::refused(store, delivery, now).map(|_| ()),
        Fate::Unproven => {
            // Mastodon asks for a key again after five minutes.
            let until = later(now, retry::wait(delivery.tries + 2, random));
            outcome::unproven(store, delivery, until).map(|_| ())
        }
        Fate::Later { reason, asked, fault } => {
            let wait = retry::wait(delivery.failures + 1, random);
            let wait = wait.max(asked.unwrap_or(SignedDuration::ZERO));
            outcome::postpone(store, delivery, now, later(now, wait), &reason)?;
            if fault == Fault::Message && delivery.tries + 1 >= AHEAD_AFTER {
                // The others have their turn first, and show whether it is the server.
                let wait = wait.max(retry::wait(delivery.tries + 1, random)) + AHEAD;
                outcome::put_behind(store, delivery, later(now, wait))?;
            }
            Ok(())
        }
    }
}

fn later(now: Timestamp, wait: SignedDuration) -> Timestamp {
    now.saturating_add(wait).unwrap_or(now)
}

/// What an answer means (as in Mastodon's `delivery_worker.rb`, but for 410).
fn judge(answer: Result<Answer, TransportError>, form: Form, now: Timestamp) -> Fate {
    let answer = match answer {
        Ok(answer) => answer,
        Err(error) => {
            let fault = match error {
                TransportError::NoSuchName(_) | TransportError::TimeOut => Fault::Network,
                _ => Fault::Server,
            };
            return Fate::Later { reason: error.to_string(), asked: None, fault };
        }
    };
    match answer.status {
        200..=299 => Fate::Delivered(form),
        410 => Fate::Gone,
        408 | 429 | 500.. => Fate::Later {
            reason: format!("the server answers with the status {}", answer.status),
            asked: answer.retry_after.and_then(|text| retry::asked(&text, now)),
            fault: if answer.status < 500 { Fault::Server } else { Fault::Message },
        },
        // A redirect is not followed: it would become another request.
        300..=399 => {
            let reason = "the server sends us elsewhere".to_owned();
            Fate::Later { reason, asked: None, fault: Fault::Server }
        }
        400 | 401 => Fate::Unproven,
        _ => Fate::Refused,
    }
}

/// From 0 to 1.
fn random() -> f64 {
    getrandom::u32().map_or(0.5, |random| f64::from(random) / f64::from(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn to(origin: &str, failures: u32) -> Delivery {
        Delivery {
            id: 1,
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
        }
    }

    fn no_answer(error: TransportError) -> Fate {
        judge(Err(error), Form::Cavage, Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn when_several_servers_are_silent_at_once_it_is_our_own_line() {
        let desk = Desk::default();
        let silent = || no_answer(TransportError::TimeOut);
        let is_cut_off =
            |host: usize, fate: Fate| desk.is_cut_off(&to(&host.to_string(), 0), &fate);
        for _ in 0..2 {
            for host in 1..SILENT_MIN {
                assert!(!is_cut_off(host, silent()), "{host}");
                assert!(!is_cut_off(host, silent()), "one server is one server");
            }
            assert!(is_cut_off(SILENT_MIN, silent()));
            assert!(desk.is_cut_off(&to("1", 3), &silent()), "so it is for all");
            assert!(!is_cut_off(1, no_answer(TransportError::Refused)), "somebody is there");
        }
        for host in 0..100 {
            let delivery = to(&host.to_string(), 1);
            assert!(!desk.is_cut_off(&delivery, &silent()), "they were away before");
        }
    }
}
