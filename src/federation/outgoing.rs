//! The messages that we send, made of the documents of the site.
//!
//! Their ids follow from what they are about, so that a message that is made again after a crash
//! is the same one, and servers that got it before drop it.

use std::fmt::{self, Write as _};

use jiff::Timestamp;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::site::Due;
use super::{Local, json};
use crate::activity::{NAMESPACE, PUBLIC};
use crate::key::PublicKey;

/// What a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A new post.
    Create,
    /// A post or a profile has changed.
    Update,
    /// A post was taken back, or the actor is no more.
    Delete,
    /// The actor is another one now.
    Move,
}

/// A message to all followers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outgoing {
    /// Its id.
    pub id: String,
    /// What it is.
    pub kind: Kind,
    /// The id of the post that it is about.
    pub post: Option<String>,
    /// The whole of it, as JSON.
    pub body: String,
}

/// Why a document of the site cannot be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotSendable {
    /// It is not JSON.
    Json,
    /// It is another document than it should be.
    Id,
    /// It is older than the index says: the site is being uploaded, or something keeps old copies
    /// of it.
    Stale,
    /// It is no post that everybody may read.
    NotPublic,
}

impl fmt::Display for NotSendable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Json => "is not JSON",
            Self::Id => "has another id than its address",
            Self::Stale => "is older than the index of the site says; it may still be uploaded",
            Self::NotPublic => "is no public post of this actor",
        })
    }
}

impl std::error::Error for NotSendable {}

/// Makes the message for what is due, from the document that the site has of it.
///
/// # Errors
///
/// When the document is not the right one. Nothing is to be sent then; the next look may find it.
pub fn message(local: &Local, due: &Due, document: &[u8]) -> Result<Outgoing, NotSendable> {
    match due {
        Due::Create(id, updated) => create(local, id, *updated, document),
        Due::Update(id, updated) => update(local, id, *updated, document),
        Due::Delete(id) => Ok(delete(local, id)),
        Due::Profile(hash) => profile(local, hash, document),
    }
}

/// A post as it is on the site, and what goes around it.
struct Post {
    context: Value,
    to: Value,
    cc: Value,
    published: Value,
    object: Value,
}

fn post(local: &Local, id: &str, updated: Timestamp, bytes: &[u8]) -> Result<Post, NotSendable> {
    let mut object = json::parse(bytes).filter(Value::is_object).ok_or(NotSendable::Json)?;
    if object["id"].as_str() != Some(id) {
        return Err(NotSendable::Id);
    }
    let is_post = matches!(object["type"].as_str(), Some("Note" | "Article" | "Event"));
    let is_public = [&object["to"], &object["cc"]]
        .iter()
        .any(|list| list.as_array().is_some_and(|list| list.iter().any(|one| one == PUBLIC)));
    if !is_post || !is_public || object["attributedTo"].as_str() != Some(&local.id) {
        return Err(NotSendable::NotPublic);
    }
    let changed = object["updated"].as_str().or(object["published"].as_str());
    let changed: Option<Timestamp> = changed.and_then(|text| text.parse().ok());
    if changed.is_none_or(|changed| changed < updated) {
        return Err(NotSendable::Stale);
    }
    let context = object["@context"].take();
    if let Some(map) = object.as_object_mut() {
        map.remove("@context");
    }
    let part = |name: &str| object[name].clone();
    let (to, cc, published) = (part("to"), part("cc"), part("published"));
    Ok(Post { context, to, cc, published, object })
}

fn create(
    local: &Local,
    id: &str,
    updated: Timestamp,
    bytes: &[u8],
) -> Result<Outgoing, NotSendable> {
    let post = post(local, id, updated, bytes)?;
    // As in the outbox.
    let uri = format!("{id}#create");
    let body = json!({
        "@context": post.context, "id": uri, "type": "Create", "actor": local.id,
        "published": post.published, "to": post.to, "cc": post.cc, "object": post.object,
    });
    Ok(Outgoing { id: uri, kind: Kind::Create, post: Some(id.to_owned()), body: body.to_string() })
}

fn update(
    local: &Local,
    id: &str,
    updated: Timestamp,
    bytes: &[u8],
) -> Result<Outgoing, NotSendable> {
    let post = post(local, id, updated, bytes)?;
    let uri = format!("{id}#update-{}", updated.as_second());
    let body = json!({
        "@context": post.context, "id": uri, "type": "Update", "actor": local.id,
        "to": post.to, "cc": post.cc, "object": post.object,
    });
    Ok(Outgoing { id: uri, kind: Kind::Update, post: Some(id.to_owned()), body: body.to_string() })
}

fn delete(local: &Local, id: &str) -> Outgoing {
    let uri = format!("{id}#delete");
    let body = json!({
        "@context": NAMESPACE, "id": uri, "type": "Delete", "actor": local.id, "to": [PUBLIC],
        "object": { "id": id, "type": "Tombstone" },
    });
    Outgoing { id: uri, kind: Kind::Delete, post: Some(id.to_owned()), body: body.to_string() }
}

fn profile(local: &Local, hash: &str, bytes: &[u8]) -> Result<Outgoing, NotSendable> {
    // What is noted as sent has to be what was sent.
    if hex(&Sha256::digest(bytes)) != hash {
        return Err(NotSendable::Stale);
    }
    let mut actor = json::parse(bytes).filter(Value::is_object).ok_or(NotSendable::Json)?;
    if actor["id"].as_str() != Some(&local.id) {
        return Err(NotSendable::Id);
    }
    let context = actor["@context"].take();
    if let Some(map) = actor.as_object_mut() {
        map.remove("@context");
    }
    let uri = format!("{}#update-{}", local.id, hash.get(..16).unwrap_or(hash));
    let body = json!({
        "@context": context, "id": uri, "type": "Update", "actor": local.id, "to": [PUBLIC],
        "object": actor,
    });
    Ok(Outgoing { id: uri, kind: Kind::Update, post: None, body: body.to_string() })
}

/// The key in the document of an actor, if there is one that can be read.
pub fn shown_key(document: &[u8]) -> Option<PublicKey> {
    let actor = json::parse(document)?;
    PublicKey::parse(actor["publicKey"]["publicKeyPem"].as_str()?).ok()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Memory does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Whether the site really says that a post is gone: a tombstone, or a status that means it.
pub fn is_gone(status: u16, document: &[u8]) -> bool {
    let is_tombstone = || {
        json::parse(document).is_some_and(|document| document["type"].as_str() == Some("Tombstone"))
    };
    matches!(status, 404 | 410) || status == 200 && is_tombstone()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::federation::Approval;

    const ID: &str = "https://party.example/ap/news/posts/a.json";

    fn local() -> Local {
        let id = "https://party.example/ap/news/actor.json".to_owned();
        Local { user: "news".to_owned(), id, approval: Approval::Automatic }
    }

    fn note() -> Value {
        json!({
            "@context": [NAMESPACE], "id": ID, "type": "Note", "attributedTo": local().id,
            "published": "2026-11-24T12:00:00Z", "updated": "2026-11-24T13:00:00Z",
            "to": [PUBLIC], "cc": ["https://party.example/ap/news/followers.json"],
            "content": "<p>Hi</p>",
        })
    }

    fn noon() -> Timestamp {
        "2026-11-24T12:00:00Z".parse().unwrap()
    }

    fn sent(due: &Due, document: &Value) -> Result<Value, NotSendable> {
        message(&local(), due, document.to_string().as_bytes())
            .map(|message| serde_json::from_str(&message.body).unwrap())
    }

    #[test]
    fn a_new_post_goes_out_whole_with_one_context() {
        let sent = sent(&Due::Create(ID.to_owned(), noon()), &note()).unwrap();
        let mut object = note();
        object.as_object_mut().unwrap().remove("@context");
        let expected = json!({
            "@context": [NAMESPACE], "id": format!("{ID}#create"), "type": "Create",
            "actor": local().id, "published": "2026-11-24T12:00:00Z", "to": [PUBLIC],
            "cc": ["https://party.example/ap/news/followers.json"], "object": object,
        });
        assert_eq!(sent, expected);
    }

    #[test]
    fn an_edit_has_an_id_of_its_own_and_the_same_edit_the_same() {
        let due = Due::Update(ID.to_owned(), noon());
        let one = message(&local(), &due, note().to_string().as_bytes()).unwrap();
        assert_eq!(one, message(&local(), &due, note().to_string().as_bytes()).unwrap());
        let later = Due::Update(ID.to_owned(), "2026-11-24T13:00:00Z".parse().unwrap());
        let other = message(&local(), &later, note().to_string().as_bytes()).unwrap();
        assert_ne!(one.id, other.id);
    }

    #[test]
    fn a_document_that_is_not_the_right_one_is_not_sent() {
        let due = Due::Create(ID.to_owned(), "2026-11-24T14:00:00Z".parse().unwrap());
        assert_eq!(sent(&due, &note()), Err(NotSendable::Stale));
        let due = Due::Create(ID.to_owned(), noon());
        for (field, value, problem) in [
            ("id", json!("https://party.example/b"), NotSendable::Id),
            ("type", json!("Tombstone"), NotSendable::NotPublic),
            ("to", json!(["https://social.example/users/jo"]), NotSendable::NotPublic),
            ("attributedTo", json!("https://evil.example/x"), NotSendable::NotPublic),
            ("updated", json!("yesterday"), NotSendable::Stale),
        ] {
            let mut other = note();
            other[field] = value;
            assert_eq!(sent(&due, &other), Err(problem), "{field}");
        }
        assert_eq!(message(&local(), &due, b"<html>").err(), Some(NotSendable::Json));
    }

    #[test]
    fn a_post_is_gone_only_when_the_site_says_so() {
        assert!(is_gone(410, b"") && is_gone(404, b"<html>"));
        assert!(is_gone(200, br#"{"type":"Tombstone"}"#));
        assert!(!is_gone(200, br#"{"type":"Note"}"#) && !is_gone(503, br#"{"type":"Tombstone"}"#));
        assert!(!is_gone(200, b"<html>"));
    }

    #[test]
    fn a_changed_profile_goes_out_whole() {
        let actor = json!({ "@context": NAMESPACE, "id": local().id, "type": "Organization" });
        let hash = hex(&Sha256::digest(actor.to_string()));
        let due = Due::Profile(hash.clone());
        let message = sent(&due, &actor).unwrap();
        assert_eq!(message["id"], format!("{}#update-{}", local().id, &hash[..16]));
        assert_eq!(message["object"], json!({ "id": local().id, "type": "Organization" }));
        // One that is not what the index says is still being uploaded.
        let older = json!({ "@context": NAMESPACE, "id": local().id, "type": "Person" });
        assert_eq!(sent(&due, &older), Err(NotSendable::Stale));
    }
}
