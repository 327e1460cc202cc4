//! What happens because of a message: the only way in which one changes anything.

use jiff::Timestamp;

use super::remote::RemoteActor;

/// A change of what the post office knows, or a message that it will send.
///
/// All effects of one message are stored together or not at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Somebody follows, or has asked to. There is one entry for each user and actor; a second
    /// follow takes the place of the first.
    AddFollower {
        /// The user name of whom they follow.
        user: String,
        /// Who follows.
        actor: RemoteActor,
        /// The id of the follow, which the answer has to name.
        follow: String,
        /// When the follow was signed.
        at: Timestamp,
        /// Whether they may, or wait for a person to say so.
        accepted: bool,
    },
    /// Tells a follower that they may follow. It goes to their own inbox.
    SendAccept {
        /// The user name of whom they follow.
        user: String,
        /// The id of the follower.
        actor: String,
        /// The id of the follow.
        follow: String,
    },
    /// Somebody does not follow any more.
    RemoveFollower {
        /// The user name of whom they followed.
        user: String,
        /// The id of who followed.
        actor: String,
    },
    /// Remembers that a follow was taken back, for the follow may arrive after this.
    Remember(Retraction),
    /// Everything about somebody is erased: all follows and all reactions.
    Forget {
        /// The id of the actor.
        actor: String,
    },
    /// What is stored about a follower is replaced: keys, inbox, name.
    Refresh(RemoteActor),
    /// A reaction to a post of ours is kept for later use.
    Keep(Reaction),
    /// A reaction is taken back.
    Drop {
        /// The id of who takes it back.
        actor: String,
        /// The id of the activity, or of the reply.
        id: String,
    },
}

/// That a follow was taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retraction {
    /// The user name of whom they followed.
    pub user: String,
    /// The id of who followed.
    pub actor: String,
    /// The id of the follow, when it was named.
    pub follow: Option<String>,
    /// When it was signed.
    pub at: Timestamp,
}

/// What somebody did with a post of ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reaction {
    /// The id of the activity, or of the reply.
    pub id: String,
    /// The id of who reacted.
    pub actor: String,
    /// The id of our post.
    pub post: String,
    /// What it is.
    pub kind: ReactionKind,
}

/// Kinds of reactions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReactionKind {
    /// A star or a heart.
    Like,
    /// A boost.
    Announce,
    /// An answer.
    Reply,
}
