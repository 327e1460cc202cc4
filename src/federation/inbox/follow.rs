//! `Follow`: somebody wants to get the posts.

use jiff::{SignedDuration, Timestamp};

use super::{Approval, Known, Local};
use crate::federation::effect::Effect;
use crate::federation::incoming::Verified;

/// How often the same follow is answered, at most: a message can be sent again by anybody who saw
/// it, as long as its signature is good.
const ANSWER_AGAIN: SignedDuration = SignedDuration::from_hours(1);

/// How long after it was taken back a follow of the same id is taken for the old one, which was
/// late.
const SAME_ID: SignedDuration = SignedDuration::from_secs(60);

pub(super) fn decide(
    message: &Verified,
    local: &Local,
    known: &Known,
    now: Timestamp,
) -> Vec<Effect> {
    let follow = message.id().to_string();
    if known.blocked || was_taken_back(message, &follow, known) {
        return Vec::new();
    }
    let before = known.follower.as_ref();
    if before.is_some_and(|before| before.at > message.signed_at() && before.follow != follow) {
        // It was overtaken by a newer one.
        return Vec::new();
    }
    let is_same = before.is_some_and(|before| before.follow == follow);
    let accepted = local.approval == Approval::Automatic || before.is_some_and(|one| one.accepted);
    let user = local.user.clone();
    let mut effects = Vec::new();
    if !is_same {
        effects.push(Effect::AddFollower {
            user: user.clone(),
            actor: message.actor().clone(),
            follow: follow.clone(),
            at: message.signed_at(),
            accepted,
        });
    }
    let answered = before.and_then(|before| before.answered).filter(|_| is_same);
    let is_due = answered.is_none_or(|then| now.duration_since(then) >= ANSWER_AGAIN);
    if accepted && is_due {
        effects.push(Effect::SendAccept { user, actor: message.actor().id.to_string(), follow });
    }
    effects
}

/// Whether the sender has already taken this follow back: messages overtake each other.
fn was_taken_back(message: &Verified, follow: &str, known: &Known) -> bool {
    known.retracted.as_ref().is_some_and(|retracted| match &retracted.follow {
        // A server that signs again what it could not deliver does so within minutes or hours. Some
        // give all follows of somebody one id (PeerTube), and they may change their minds.
        Some(id) if id == follow => message.signed_at() <= retracted.at + SAME_ID,
        _ => message.signed_at() < retracted.at,
    })
}
