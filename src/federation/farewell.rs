//! The last that followers hear of an actor: that it is no more, or that it is somebody else now.

use std::fmt;

use serde_json::{Value, json};
use url::Url;

use super::outgoing::{Kind, Outgoing};
use super::{Local, json};
use crate::activity::{NAMESPACE, PUBLIC};

/// How an actor ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Farewell {
    /// Other servers delete it and all its posts, for ever.
    Delete,
    /// Other servers have its followers follow this actor.
    Move(Url),
}

impl Farewell {
    /// The message to all followers.
    pub fn message(&self, local: &Local) -> Outgoing {
        let actor = &local.id;
        let (name, kind) = match self {
            Self::Delete => ("delete", Kind::Delete),
            Self::Move(_) => ("move", Kind::Move),
        };
        let id = format!("{actor}#{name}");
        let body = match self {
            // Mastodon takes only the bare id for the whole account (`delete.rb`).
            Self::Delete => json!({
                "@context": NAMESPACE, "id": id, "type": "Delete", "actor": actor,
                "to": [PUBLIC], "object": actor,
            }),
            Self::Move(target) => json!({
                "@context": NAMESPACE, "id": id, "type": "Move", "actor": actor,
                "to": [actor.replace("actor.json", "followers.json")],
                "object": actor, "target": target.as_str(),
            }),
        };
        Outgoing { id, kind, post: None, body: body.to_string() }
    }
}

/// Why followers would not go over to an actor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoTarget {
    /// There is no actor in its document.
    NoActor,
    /// Its document is that of another one, with this id.
    OtherId(String),
    /// It does not say that it is the same as ours.
    NotKnownAs,
}

impl fmt::Display for NoTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoActor => f.write_str("there is no account at this address"),
            Self::OtherId(id) => write!(f, "the account there has the address {id}; name that one"),
            Self::NotKnownAs => f.write_str("the account does not say that it is also this one"),
        }
    }
}

impl std::error::Error for NoTarget {}

/// Whether followers of ours would go over to an actor: servers take nobody's word but its own
/// (Mastodon's `move.rb`).
///
/// # Errors
///
/// Why they would not.
pub fn takes_over(document: &[u8], target: &Url, local: &Local) -> Result<(), NoTarget> {
    let actor = json::parse(document).filter(|actor| actor["inbox"].is_string());
    let actor = actor.ok_or(NoTarget::NoActor)?;
    let id = actor["id"].as_str().ok_or(NoTarget::NoActor)?;
    if id != target.as_str() {
        return Err(NoTarget::OtherId(id.to_owned()));
    }
    let is_own = |one: &Value| one.as_str() == Some(&local.id);
    let is_known = match &actor["alsoKnownAs"] {
        Value::Array(all) => all.iter().any(is_own),
        one => is_own(one),
    };
    if is_known { Ok(()) } else { Err(NoTarget::NotKnownAs) }
}

/// Where our own document says that an actor has gone.
pub fn moved_to(document: &[u8]) -> Option<String> {
    json::parse(document)?["movedTo"].as_str().map(str::to_owned)
}

/// The id of the actor of a name, in the document that its server has of it (RFC 7033).
pub fn found_by_name(document: &[u8]) -> Option<Url> {
    let links = json::parse(document)?["links"].take();
    let is_actor = |link: &&Value| {
        let kind = link["type"].as_str().unwrap_or_default();
        link["rel"] == "self" && super::document::is_activity(kind)
    };
    Url::parse(links.as_array()?.iter().find(is_actor)?["href"].as_str()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::federation::Approval;

    const ID: &str = "https://party.example/ap/news/actor.json";

    fn local() -> Local {
        Local { user: "news".to_owned(), id: ID.to_owned(), approval: Approval::Automatic }
    }

    fn target() -> Url {
        Url::parse("https://social.example/users/party").unwrap()
    }

    fn judged(id: &str, known_as: &Value) -> Result<(), NoTarget> {
        let inbox = "https://social.example/inbox";
        let document = json!({ "id": id, "inbox": inbox, "alsoKnownAs": known_as });
        takes_over(document.to_string().as_bytes(), &target(), &local())
    }

    #[test]
    fn only_an_account_that_says_so_takes_over() {
        let id = target().to_string();
        assert_eq!(judged(&id, &json!([ID, "https://a.example/b"])), Ok(()));
        assert_eq!(judged(&id, &json!(ID)), Ok(()));
        for known_as in [json!(null), json!([]), json!([format!("{ID}?")]), json!({ "id": ID })] {
            assert_eq!(judged(&id, &known_as), Err(NoTarget::NotKnownAs), "{known_as}");
        }
        let other = "https://social.example/@party";
        assert_eq!(judged(other, &json!([ID])), Err(NoTarget::OtherId(other.to_owned())));
        let found = takes_over(b"<html>", &target(), &local());
        assert_eq!(found, Err(NoTarget::NoActor));
    }

    #[test]
    fn the_messages_are_as_servers_want_them() {
        let sent = |farewell: Farewell| -> Value {
            serde_json::from_str(&farewell.message(&local()).body).unwrap()
        };
        let delete = sent(Farewell::Delete);
        assert_eq!((&delete["type"], &delete["object"]), (&json!("Delete"), &json!(ID)));
        let moves = sent(Farewell::Move(target()));
        assert_eq!((&moves["type"], &moves["object"]), (&json!("Move"), &json!(ID)));
        assert_eq!(moves["target"], target().as_str());
        assert_ne!(moves["id"], delete["id"]);
    }

    #[test]
    fn an_actor_is_found_by_its_name() {
        let link = |kind: &str, rel: &str| {
            let link = json!({ "rel": rel, "type": kind, "href": target().as_str() });
            json!({ "links": [{ "rel": "x" }, link] }).to_string()
        };
        let found = |document: String| found_by_name(document.as_bytes());
        assert_eq!(found(link("application/activity+json", "self")), Some(target()));
        assert_eq!(found(link("text/html", "self")), None);
        assert_eq!(found(link("application/activity+json", "alternate")), None);
        assert_eq!(found("<html>".to_owned()), None);
    }
}
