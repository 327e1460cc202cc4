//! What a message of the fediverse means, and what goes to whom: all that the post office decides.
//!
//! Nothing here talks to anybody or looks at a clock. A message comes in as bytes
//! ([`Incoming::parse`]), is bound to who signed it ([`Verified`]), and becomes [`Effect`]s in the
//! light of what is [`Known`]; what the site says of itself ([`site`]) becomes messages to send.

pub mod budget;
pub mod document;
pub mod effect;
pub mod farewell;
pub mod inbox;
pub mod incoming;
mod json;
pub mod outgoing;
pub mod remote;
pub mod retry;
pub mod site;
pub mod url;

pub use effect::{Effect, Reaction, ReactionKind, Retraction};
pub use inbox::{Approval, Known, KnownFollower, Local, Retracted};
pub use incoming::{Activity, Incoming, Malformed, Undone, Verified};
pub use remote::{RemoteActor, RemoteKey};
