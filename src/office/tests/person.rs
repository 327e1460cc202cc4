//! Somebody on another server.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use url::Url;

use super::world::{NEWS, World, key};
use crate::activity::{MEDIA_TYPE, NAMESPACE};
use crate::office::listener::Received;
use crate::office::store;
use crate::signature::{Form, Signer};

/// The address of the inbox of `news`.
pub(super) const INBOX: &str = "https://party.example/ap/news/inbox";

/// An actor with a key, an inbox of their own and one that all on their server share.
#[derive(Clone, Debug)]
pub(super) struct Person {
    pub(super) id: String,
    pub(super) key_id: String,
    /// Which of the keys they sign with, and show.
    pub(super) key: usize,
    pub(super) shared_inbox: Option<String>,
    /// The address from which their messages come.
    pub(super) client: [u8; 4],
}

impl Person {
    pub(super) fn new(name: &str, host: &str) -> Self {
        let id = format!("https://{host}/users/{name}");
        Self {
            key_id: format!("{id}#main-key"),
            key: 1,
            shared_inbox: Some(format!("https://{host}/inbox")),
            client: [192, 0, 2, 1],
            id,
        }
    }

    /// Jo, whose document can be read.
    pub(super) fn jo(world: &World) -> Self {
        Self::new("jo", "social.example").published(world)
    }

    pub(super) fn published(self, world: &World) -> Self {
        world.web.publish(&self.document());
        self
    }

    pub(super) fn alone(self) -> Self {
        Self { shared_inbox: None, ..self }
    }

    pub(super) fn inbox(&self) -> String {
        format!("{}/inbox", self.id)
    }

    pub(super) fn document(&self) -> Value {
        json!({
            "@context": [NAMESPACE, "https://w3id.org/security/v1"],
            "id": self.id, "type": "Person", "preferredUsername": "jo", "inbox": self.inbox(),
            "endpoints": { "sharedInbox": self.shared_inbox },
            "publicKey": {
                "id": self.key_id, "owner": self.id,
                "publicKeyPem": key(self.key).public().to_pem(),
            },
        })
    }

    pub(super) fn follow(&self, number: u32) -> Value {
        let id = format!("{}/follows/{number}", self.id);
        json!({ "id": id, "type": "Follow", "actor": self.id, "object": NEWS })
    }

    pub(super) fn undo(&self, object: &Value) -> Value {
        let id = format!("{}#undo", self.id);
        json!({ "id": id, "type": "Undo", "actor": self.id, "object": object })
    }

    pub(super) fn delete(&self) -> Value {
        let id = format!("{}#delete", self.id);
        json!({ "id": id, "type": "Delete", "actor": self.id, "object": self.id })
    }

    pub(super) fn update(&self) -> Value {
        let id = format!("{}#update", self.id);
        json!({ "id": id, "type": "Update", "actor": self.id, "object": self.document() })
    }

    /// A message to `news`, signed now.
    pub(super) fn writes(&self, world: &World, message: &Value) -> Received {
        self.signs(message.to_string().into_bytes(), world.now(), world.now(), Form::Cavage)
    }

    /// A message that was signed at one time and arrives at another.
    pub(super) fn signs(
        &self,
        body: Vec<u8>,
        signed: Timestamp,
        arrived: Timestamp,
        form: Form,
    ) -> Received {
        let url = Url::parse(INBOX).unwrap();
        let signer = Signer { key: key(self.key), key_id: &self.key_id };
        let headers = signer.post(&url, signed, MEDIA_TYPE, &body, form);
        Received {
            method: "POST".to_owned(),
            target: url.path().to_owned(),
            headers: headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
            body,
            client: self.client.into(),
            arrived,
        }
    }

    /// The same with a key that is not theirs.
    pub(super) fn forged(&self, world: &World, message: &Value) -> Received {
        Self { key: 2, ..self.clone() }.writes(world, message)
    }

    /// They follow `news`; the answer is on its way.
    pub(super) async fn follows(&self, world: &World) {
        assert_eq!(world.send(&self.writes(world, &self.follow(1))).await, 202);
    }

    /// They follow, and have taken the answer.
    pub(super) async fn is_friend(&self, world: &World) {
        self.follows(world).await;
        world.deliver().await;
        assert!(world.web.kinds(&self.inbox()).contains(&"Accept".to_owned()));
    }

    /// They follow since long ago: nobody in this process has asked for their document.
    pub(super) async fn has_followed(&self, world: &World) {
        let url = Url::parse(&self.id).unwrap();
        let actor =
            crate::federation::RemoteActor::parse(&url, self.document().to_string().as_bytes());
        let (actor, now) = (actor.unwrap(), world.now() - SignedDuration::from_hours(24));
        let follow = format!("{}/follows/1", self.id);
        let job = move |store: &rusqlite::Connection| {
            store::followers::add_known(store, "news", &actor, &follow, now)
        };
        assert!(world.store(job).await);
    }
}
