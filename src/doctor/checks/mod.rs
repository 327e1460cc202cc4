//! The checks: what is asked, and what of the answers is a finding.

mod actor;
pub(super) mod bluesky;
mod collections;
mod deployed;
pub(super) mod feeds;
mod inbox;
mod key;
mod me;
pub(super) mod nodeinfo;
pub(super) mod office;
mod pictures;
mod posts;
mod webfinger;
pub(super) mod website;

use super::visit::Visit;
use super::{ActorFacts, Level};

/// All that concerns one actor; gives what its profile promises.
pub(super) fn check_actor(visit: &mut Visit<'_>, actor: &ActorFacts) -> Level {
    deployed::check(visit, actor);
    webfinger::check(visit, actor);
    let Some(profile) = actor::check(visit, actor) else { return Level::Readable };
    key::check(visit, actor, &profile);
    pictures::check_profile(visit, &actor.id, &profile);
    let listed = collections::check(visit, actor, &profile);
    posts::check(visit, actor, &profile, &listed);
    me::check(visit, &profile);
    inbox::check(visit, &profile)
}
