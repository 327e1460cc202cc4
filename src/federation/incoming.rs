//! A message to an inbox: what it says, and that it is bound to who signed it.

use std::fmt;

use jiff::Timestamp;
use serde_json::Value;
use url::Url;

use super::effect::ReactionKind;
use super::remote::RemoteActor;
use super::{json, url as address};

/// What somebody says, not yet believed.
///
/// It is plain JSON: `@context` is not looked at, for there are no two servers that read it alike,
/// and a signature inside the document counts for nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Incoming {
    /// The id of the message, on the server of the actor.
    pub id: Url,
    /// Who is said to say it.
    pub actor: Url,
    /// What.
    pub activity: Activity,
}

/// What a message wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Activity {
    /// To follow.
    Follow {
        /// The id of whom.
        object: String,
    },
    /// To take something back.
    Undo(Undone),
    /// That an actor, a reply or something else is deleted.
    Delete {
        /// Its id.
        object: String,
    },
    /// That somebody does not want to see or be seen any more.
    Block {
        /// The id of whom.
        object: String,
    },
    /// That an actor or something else has changed.
    Update {
        /// Its id.
        object: String,
    },
    /// That an actor is now another one.
    Move {
        /// The id of the old one.
        object: String,
        /// The id of the new one.
        target: String,
    },
    /// A reaction.
    React {
        /// Which.
        kind: ReactionKind,
        /// The id by which it may be taken back: of the activity, or of the reply.
        id: String,
        /// The id of what it is about.
        object: String,
    },
    /// Anything else, which means nothing to us.
    Other,
}

/// What is taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Undone {
    /// A follow.
    Follow {
        /// Its id.
        id: Option<String>,
        /// The id of who followed.
        actor: Option<String>,
        /// The id of whom they followed.
        object: String,
    },
    /// A like or a boost, by its id, of something.
    Reaction {
        /// Its id.
        id: String,
        /// The id of what it was about.
        object: Option<String>,
    },
    /// Something of which only the id is named.
    Id(String),
    /// Anything else.
    Other,
}

/// Why a message is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Malformed {
    /// It is not JSON, or means different things to different readers.
    Json,
    /// It has no readable `actor`.
    Actor,
    /// It has no readable `id`.
    Id,
    /// It has no readable `type`.
    Type,
    /// It has no readable `object`, and its type needs one.
    Object,
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Json => "the body is not JSON, nests too deep or has a key twice",
            Self::Actor => "`actor` has to be the id of one actor: an address with https",
            Self::Id => "`id` has to be an address with https",
            Self::Type => "`type` has to be one word",
            Self::Object => "`object` has to be an id, or something with an id",
        })
    }
}

impl std::error::Error for Malformed {}

impl Incoming {
    /// Reads the body of a message.
    ///
    /// # Errors
    ///
    /// When it is none; whoever sent it may be told why.
    pub fn parse(body: &[u8]) -> Result<Self, Malformed> {
        let value = json::parse(body).filter(Value::is_object).ok_or(Malformed::Json)?;
        // A list or an object could be read as somebody else by another server.
        let actor = value["actor"].as_str().and_then(address::parse).ok_or(Malformed::Actor)?;
        let id = value["id"].as_str().and_then(address::parse_id).ok_or(Malformed::Id)?;
        let kind = json::text(&value["type"]).ok_or(Malformed::Type)?;
        let activity = activity(kind, &id, &value)?;
        Ok(Self { id, actor, activity })
    }
}

fn activity(kind: &str, id: &Url, value: &Value) -> Result<Activity, Malformed> {
    let object = &value["object"];
    let named = || normal_id(object).ok_or(Malformed::Object);
    let react = |kind| -> Result<Activity, Malformed> {
        Ok(Activity::React { kind, id: id.as_str().to_owned(), object: named()? })
    };
    Ok(match kind {
        "Follow" => Activity::Follow { object: named()? },
        "Undo" => Activity::Undo(undone(object)),
        "Delete" => Activity::Delete { object: named()? },
        "Block" => Activity::Block { object: named()? },
        "Update" => Activity::Update { object: named()? },
        "Move" => Activity::Move {
            object: named()?,
            target: normal_id(&value["target"]).ok_or(Malformed::Object)?,
        },
        "Like" => react(ReactionKind::Like)?,
        "Announce" => react(ReactionKind::Announce)?,
        "Create" => match (normal_id(object), normal_id(&object["inReplyTo"])) {
            (Some(id), Some(object)) => Activity::React { kind: ReactionKind::Reply, id, object },
            _ => Activity::Other,
        },
        _ => Activity::Other,
    })
}

fn undone(object: &Value) -> Undone {
    if let Some(id) = json::text(object) {
        return address::parse_id(id).map_or(Undone::Other, |id| Undone::Id(id.into()));
    }
    match json::text(&object["type"]) {
        Some("Follow") => match normal_id(&object["object"]) {
            Some(target) => Undone::Follow {
                id: normal_id(object),
                actor: normal_id(&object["actor"]),
                object: target,
            },
            None => Undone::Other,
        },
        Some("Like" | "Announce") => match normal_id(object) {
            Some(id) => Undone::Reaction { id, object: normal_id(&object["object"]) },
            None => Undone::Other,
        },
        _ => Undone::Other,
    }
}

/// The id of what a value is or names, in the one spelling of it.
fn normal_id(value: &Value) -> Option<String> {
    json::id(value).and_then(address::parse_id).map(String::from)
}

/// A message of which it is proven who sent it. Only [`Verified::new`] makes one.
#[derive(Clone, Debug)]
pub struct Verified {
    incoming: Incoming,
    actor: RemoteActor,
    signed_at: Timestamp,
}

/// Why a message is not believed although a signature is good: it is somebody else's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotBound {
    /// The key is not one of the actor who is said to speak.
    Key,
    /// The id of the message is on another server than the actor.
    Id,
}

impl fmt::Display for NotBound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Key => "the key is not one of the actor of the message",
            Self::Id => "the id of the message is on another server than its actor",
        })
    }
}

impl std::error::Error for NotBound {}

impl Verified {
    /// Binds a message to `actor`, whose document was fetched from its own address, and with whose
    /// key `key_id` it was signed at `signed_at`. That signature has been verified.
    ///
    /// # Errors
    ///
    /// When the message says that it is from somebody else.
    pub fn new(
        incoming: Incoming,
        actor: RemoteActor,
        key_id: &str,
        signed_at: Timestamp,
    ) -> Result<Self, NotBound> {
        if incoming.actor.as_str() != actor.id.as_str() || actor.key(key_id).is_none() {
            return Err(NotBound::Key);
        }
        if !address::same_origin(&incoming.id, &incoming.actor) {
            return Err(NotBound::Id);
        }
        Ok(Self { incoming, actor, signed_at })
    }

    /// What is said.
    pub fn activity(&self) -> &Activity {
        &self.incoming.activity
    }

    /// The id of the message.
    pub fn id(&self) -> &Url {
        &self.incoming.id
    }

    /// Who says it.
    pub fn actor(&self) -> &RemoteActor {
        &self.actor
    }

    /// When it was signed.
    pub fn signed_at(&self) -> Timestamp {
        self.signed_at
    }
}
