//! `Update`: an actor has another name, inbox or key.

use crate::federation::effect::Effect;
use crate::federation::incoming::Verified;

/// What the message says of the actor is not looked at: the sender's document has been fetched.
pub(super) fn decide(message: &Verified, object: &str) -> Vec<Effect> {
    if object == message.actor().id.as_str() {
        vec![Effect::Refresh(message.actor().clone())]
    } else {
        Vec::new()
    }
}
