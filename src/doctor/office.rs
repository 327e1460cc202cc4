//! What is known of the post office in this folder. Nobody who follows is named in it.

use jiff::Timestamp;

/// The post office in this folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Office {
    /// The file in which it keeps what it knows, for people.
    pub(crate) path: String,
    /// How it is doing, or why nobody can say.
    pub(crate) state: Result<State, String>,
}

/// How it is doing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct State {
    /// Messages that are on their way.
    pub(crate) queued: i64,
    /// Since when the oldest of them is.
    pub(crate) oldest: Option<Timestamp>,
    /// How many servers could not be reached for a day or more.
    pub(crate) dead_count: i64,
    /// Some of them, those that are away longest first.
    pub(crate) dead: Vec<DeadServer>,
    /// Messages that wait for somebody to confirm them.
    pub(crate) held: i64,
    /// Messages that were given up, ever.
    pub(crate) expired: i64,
    /// When the site was last looked at, once for each actor.
    pub(crate) looks: Vec<LastLook>,
    /// Actors who sign with a new key.
    pub(crate) new_keys: Vec<NewKey>,
}

/// A new key that signs, while the old one is kept for what was in the queue before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NewKey {
    pub(crate) user: String,
    pub(crate) since: Timestamp,
    pub(crate) old_until: Timestamp,
}

/// A server that cannot be reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DeadServer {
    /// `https://social.example`
    pub(crate) origin: String,
    pub(crate) why: Option<String>,
}

/// A look at the site for the sake of one actor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LastLook {
    pub(crate) user: String,
    pub(crate) at: Timestamp,
    /// What was not as it should be, in whole sentences.
    pub(crate) problem: Option<String>,
}
