//! `Like`, `Announce` and replies to posts of ours, which are kept for later use.

use super::Known;
use crate::federation::effect::{Effect, Reaction, ReactionKind};
use crate::federation::incoming::Verified;
use crate::federation::url;

pub(super) fn decide(
    message: &Verified,
    kind: ReactionKind,
    id: &str,
    post: &str,
    known: &Known,
) -> Vec<Effect> {
    // A reply is a thing of its own, and has to be on the server of who wrote it.
    let is_own = url::parse_id(id).is_some_and(|id| url::same_origin(&id, &message.actor().id));
    if known.blocked || !is_own {
        return Vec::new();
    }
    let actor = message.actor().id.to_string();
    vec![Effect::Keep(Reaction { id: id.to_owned(), actor, post: post.to_owned(), kind })]
}
