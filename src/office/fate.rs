//! What came of sending a message, and what follows from it.

use jiff::{SignedDuration, Timestamp};
use rusqlite::Connection;

use super::store::queue::Delivery;
use super::store::{self, outcome};
use super::transport::{Answer, TransportError};
use crate::federation::retry;
use crate::signature::Form;

/// How often a message may be answered by an error of the server before others go ahead of it.
pub(crate) const AHEAD_AFTER: u32 = 3;

/// By how much.
const AHEAD: SignedDuration = SignedDuration::from_mins(1);

/// What came of a message.
#[derive(Clone, Debug)]
pub(super) enum Fate {
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
pub(super) enum Fault {
    /// The server answers, but perhaps cannot cope with this message.
    Message,
    Server,
    /// No answer, no name or no way, as when our own line is down.
    Network,
}

/// A message that was sent, or could not be.
#[derive(Clone, Debug)]
pub(super) struct Sent {
    pub(super) delivery: Delivery,
    pub(super) fate: Fate,
    pub(super) now: Timestamp,
    /// From 0 to 1.
    pub(super) random: f64,
    /// The key that its sender had before signs it.
    pub(super) is_former: bool,
}

impl Sent {
    /// Stores what came of it.
    pub(super) fn note(&self, store: &Connection) -> store::Result<()> {
        let Self { delivery, now, random, .. } = self;
        match &self.fate {
            Fate::Delivered(form) => {
                if *form != delivery.form {
                    store::hosts::set_form(store, &delivery.origin, *form)?;
                }
                outcome::delivered(store, delivery, *now)
            }
            Fate::Gone => outcome::gone(store, delivery, *now).map(|_| ()),
            // The actor is not in inbox.toml any more; that is no fault of the server.
            Fate::NoKey => outcome::leave_out(store, delivery),
            Fate::Refused => outcome::refused(store, delivery, *now).map(|_| ()),
            Fate::Unproven => {
                // Mastodon asks for a key again after five minutes.
                let until = later(*now, retry::wait(delivery.tries + 2, *random));
                outcome::unproven(store, delivery, until).map(|_| ())
            }
            Fate::Later { reason, asked, fault } => {
                let wait = retry::wait(delivery.failures + 1, *random);
                let wait = wait.max(asked.unwrap_or(SignedDuration::ZERO));
                outcome::postpone(store, delivery, *now, later(*now, wait), reason)?;
                // What is signed with the new key must not overtake what tells of it.
                let may_wait = *fault == Fault::Message && !self.is_former;
                if may_wait && delivery.tries + 1 >= AHEAD_AFTER {
                    // The others have their turn first, and show whether it is the server.
                    let wait = wait.max(retry::wait(delivery.tries + 1, *random)) + AHEAD;
                    outcome::put_behind(store, delivery, later(*now, wait))?;
                }
                Ok(())
            }
        }
    }
}

pub(super) fn later(now: Timestamp, wait: SignedDuration) -> Timestamp {
    now.saturating_add(wait).unwrap_or(now)
}

/// What an answer means (as in Mastodon's `delivery_worker.rb`, but for 410).
pub(super) fn judge(answer: Result<Answer, TransportError>, form: Form, now: Timestamp) -> Fate {
    let answer = match answer {
        Ok(answer) => answer,
        Err(error) => {
            let fault = match error {
                TransportError::NoSuchName(_) | TransportError::NoWay | TransportError::TimeOut => {
                    Fault::Network
                }
                _ => Fault::Server,
            };
            return Fate::Later { reason: error.to_string(), asked: None, fault };
        }
    };
    match answer.status {
        200..=299 => Fate::Delivered(form),
        410 => Fate::Gone,
        status @ (408 | 429 | 500..) => Fate::Later {
            reason: format!("the server answers with the status {status}"),
            asked: answer.retry_after.and_then(|text| retry::asked(&text, now)),
            // 502 and the like come from what stands before a server that is away.
            fault: if status == 500 { Fault::Message } else { Fault::Server },
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
