//! `Undo`: somebody takes something back. Only what is their own.

use super::{Known, Local};
use crate::federation::effect::{Effect, Retraction};
use crate::federation::incoming::{Undone, Verified};

pub(super) fn decide(
    message: &Verified,
    undone: &Undone,
    local: Option<&Local>,
    known: &Known,
) -> Vec<Effect> {
    let sender = message.actor().id.as_str();
    match (undone, local) {
        (Undone::Follow { id, actor, .. }, Some(local)) => {
            let is_own = actor.as_deref().is_none_or(|actor| actor == sender);
            let is_older = known.follower.as_ref().is_some_and(|one| one.at > message.signed_at());
            if !is_own || is_older {
                return Vec::new();
            }
            unfollow(message, local, id.clone())
        }
        // Of a follow that is known, or of a reaction.
        (Undone::Id(id), Some(local)) => unfollow(message, local, Some(id.clone())),
        (Undone::Id(id) | Undone::Reaction { id, .. }, _) => {
            vec![Effect::Drop { actor: sender.to_owned(), id: id.clone() }]
        }
        _ => Vec::new(),
    }
}

fn unfollow(message: &Verified, local: &Local, follow: Option<String>) -> Vec<Effect> {
    let actor = message.actor().id.to_string();
    let (user, at) = (local.user.clone(), message.signed_at());
    vec![
        Effect::RemoveFollower { user: user.clone(), actor: actor.clone() },
        Effect::Remember(Retraction { user, actor, follow, at }),
    ]
}
