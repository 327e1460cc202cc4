//! What a message that is proven to be from somebody changes: one file for each kind.
//!
//! These are pure functions: they get what is known of the sender, and say what happens.

mod block;
mod delete;
mod follow;
mod react;
#[cfg(test)]
mod tests;
mod undo;
mod update;

use jiff::Timestamp;

use super::effect::Effect;
use super::incoming::{Activity, Verified};

/// Who lets followers in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Approval {
    /// Everybody who asks may follow.
    #[default]
    Automatic,
    /// A person decides.
    Manual,
}

/// An actor of the site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Local {
    /// `news`.
    pub user: String,
    /// Its id: `https://party.example/ap/news/actor.json`.
    pub id: String,
    /// Who lets followers in.
    pub approval: Approval,
}

impl Local {
    /// Whether an id is that of a post, or of something else, of this actor.
    pub fn owns(&self, id: &str) -> bool {
        let folder = self.id.strip_suffix("actor.json");
        folder
            .and_then(|folder| id.strip_prefix(folder))
            .is_some_and(|rest| rest.strip_prefix("posts/").is_some_and(|post| !post.is_empty()))
    }
}

/// What the post office knows of the sender of a message and of the user it is about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// The sender, if they follow the user.
    pub follower: Option<KnownFollower>,
    /// The last follow of the user that the sender took back.
    pub retracted: Option<Retracted>,
    /// Whether the sender or their server is blocked.
    pub blocked: bool,
}

/// A follower.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownFollower {
    /// The id of the follow.
    pub follow: String,
    /// Whether they may follow.
    pub accepted: bool,
    /// When they were last told so.
    pub answered: Option<Timestamp>,
    /// When the follow was signed.
    pub at: Timestamp,
}

/// A follow that was taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retracted {
    /// Its id, when it was named.
    pub follow: Option<String>,
    /// When it was taken back.
    pub at: Timestamp,
}

/// Which of our actors a message is about; `None` when it is about none of them, and so changes
/// nothing. Nobody has to be asked for a key then.
pub fn concerned<'a>(activity: &Activity, locals: &'a [Local]) -> Option<&'a Local> {
    use super::incoming::Undone;
    let actor = |id: &str| locals.iter().find(|local| local.id == id);
    let owner = |id: &str| locals.iter().find(|local| local.owns(id));
    match activity {
        Activity::Follow { object }
        | Activity::Block { object }
        | Activity::Undo(Undone::Follow { object, .. }) => actor(object),
        Activity::React { object, .. }
        | Activity::Undo(Undone::Reaction { object: Some(object), .. }) => owner(object),
        _ => None,
    }
}

/// Says what happens because of a message that is about `local`, or about the sender.
pub fn decide(
    message: &Verified,
    local: Option<&Local>,
    known: &Known,
    now: Timestamp,
) -> Vec<Effect> {
    match (message.activity(), local) {
        (Activity::Follow { .. }, Some(local)) => follow::decide(message, local, known, now),
        (Activity::Undo(undone), local) => undo::decide(message, undone, local, known),
        (Activity::Delete { object }, _) => delete::decide(message, object),
        (Activity::Block { .. }, Some(local)) => block::decide(message, local),
        (Activity::React { kind, id, object }, Some(_)) => {
            react::decide(message, *kind, id, object, known)
        }
        // An account that moves away keeps following until its server says otherwise; the new one
        // sends a follow of its own.
        (Activity::Update { object } | Activity::Move { object, .. }, _) => {
            update::decide(message, object)
        }
        _ => Vec::new(),
    }
}
