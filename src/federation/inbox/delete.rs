//! `Delete`: an actor, or something of an actor, is no more.

use crate::federation::effect::Effect;
use crate::federation::incoming::Verified;

pub(super) fn decide(message: &Verified, object: &str) -> Vec<Effect> {
    let actor = message.actor().id.to_string();
    if object == actor {
        return vec![Effect::Forget { actor }];
    }
    // A reply. Those of others stay, also of others on the same server.
    vec![Effect::Drop { actor, id: object.to_owned() }]
}
