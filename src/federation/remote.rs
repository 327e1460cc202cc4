//! Actors of other servers.

use std::fmt;

use serde_json::Value;
use url::Url;

use super::{json, url as address};
use crate::key::PublicKey;
use crate::limits::{REMOTE_KEYS_MAX, REMOTE_NAME_CHARS_MAX};

/// An actor of another server, as far as we need to know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemoteActor {
    /// Its id, which is where its document is.
    pub id: Url,
    /// `jo` of `@jo@social.example`, cut when it is long; for people to read only.
    pub name: String,
    /// Where messages to it go.
    pub inbox: Url,
    /// Where messages to all on its server go.
    pub shared_inbox: Option<Url>,
    /// Its keys.
    pub keys: Vec<RemoteKey>,
}

/// A key of an actor of another server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemoteKey {
    /// By which signatures name it.
    pub id: String,
    /// The key.
    pub key: PublicKey,
}

/// Why a document is no actor that we could answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoActor {
    /// It is not JSON, or means different things to different readers.
    Json,
    /// Its id is not the address that was asked.
    Id,
    /// It is something else.
    Type,
    /// It has no inbox on its own server.
    Inbox,
    /// It has more keys than anybody needs.
    Keys,
}

impl fmt::Display for NoActor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Json => "its document is not JSON, nests too deep or has a key twice",
            Self::Id => "its document says that it is somebody else",
            Self::Type => "its document is not that of an actor",
            Self::Inbox => "it has no inbox on its own server",
            Self::Keys => "it has too many keys",
        })
    }
}

impl std::error::Error for NoActor {}

impl RemoteActor {
    /// Reads the document that was found at `url`, the last address after any redirect.
    ///
    /// Only an inbox on the actor's own server is one: anybody could point at a victim's. A shared
    /// inbox elsewhere is left out.
    ///
    /// # Errors
    ///
    /// When it is no actor, or another one.
    pub fn parse(url: &Url, body: &[u8]) -> Result<Self, NoActor> {
        let value = json::parse(body).filter(Value::is_object).ok_or(NoActor::Json)?;
        let id = value["id"].as_str().and_then(address::parse).ok_or(NoActor::Id)?;
        if id != *url {
            return Err(NoActor::Id);
        }
        let kind = json::text(&value["type"]).unwrap_or_default();
        if !matches!(kind, "Person" | "Service" | "Application" | "Organization" | "Group") {
            return Err(NoActor::Type);
        }
        let own = |value: &Value| {
            json::text(value)
                .and_then(address::parse)
                .filter(|inbox| address::same_origin(inbox, &id))
        };
        let inbox = own(&value["inbox"]).ok_or(NoActor::Inbox)?;
        let shared_inbox = own(&value["endpoints"]["sharedInbox"]);
        let name = json::text(&value["preferredUsername"]).unwrap_or_default();
        // Whoever lists followers in a terminal must not be told to clear it.
        let name = name.chars().filter(|c| !c.is_control()).take(REMOTE_NAME_CHARS_MAX).collect();
        let keys = keys(&id, &value["publicKey"])?;
        Ok(Self { id, name, inbox, shared_inbox, keys })
    }

    /// The key of that id.
    pub fn key(&self, id: &str) -> Option<&PublicKey> {
        self.keys.iter().find(|key| key.id == id).map(|key| &key.key)
    }

    /// `@jo@social.example`, for people.
    pub fn handle(&self) -> String {
        format!("@{}@{}", self.name, self.id.host_str().unwrap_or_default())
    }
}

/// The keys of which the actor says that they are its own, and which can be used.
fn keys(owner: &Url, value: &Value) -> Result<Vec<RemoteKey>, NoActor> {
    let listed = match value {
        Value::Array(list) => list.as_slice(),
        one => std::slice::from_ref(one),
    };
    if listed.len() > REMOTE_KEYS_MAX {
        return Err(NoActor::Keys);
    }
    let read = |value: &Value| {
        let id = value["id"].as_str().and_then(address::parse_id)?;
        let is_own = value["owner"].as_str().and_then(address::parse).as_ref() == Some(owner)
            && address::same_origin(&id, owner);
        let key = PublicKey::parse(value["publicKeyPem"].as_str()?).ok()?;
        // The spelling is kept: signatures name it so.
        is_own.then(|| RemoteKey { id: value["id"].as_str().unwrap_or_default().to_owned(), key })
    };
    Ok(listed.iter().filter_map(read).collect())
}
