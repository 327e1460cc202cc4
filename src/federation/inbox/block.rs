//! `Block`: somebody does not want to have anything to do with one of our actors.

use super::Local;
use crate::federation::effect::Effect;
use crate::federation::incoming::Verified;

pub(super) fn decide(message: &Verified, local: &Local) -> Vec<Effect> {
    let actor = message.actor().id.to_string();
    vec![Effect::RemoveFollower { user: local.user.clone(), actor }]
}
