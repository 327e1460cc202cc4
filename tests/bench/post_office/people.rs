//! People on other servers, and what they send.

use jiff::Timestamp;
use serde_json::{Value, json};
use sitegen::federation::{RemoteActor, RemoteKey};
use sitegen::key::PrivateKey;
use sitegen::signature::{Form, Signer};
use url::Url;

use crate::Outcome;

pub(crate) const SITE: &str = "https://party.example";
pub(crate) const MEDIA_TYPE: &str = "application/activity+json";

/// The keys of all: who signs with which makes no difference to the time it takes.
pub(crate) struct Keys {
    pub(crate) ours: PrivateKey,
    pub(crate) theirs: PrivateKey,
    pub(crate) forged: PrivateKey,
}

impl Keys {
    pub(crate) fn new() -> Outcome<Self> {
        let new = || PrivateKey::generate(PrivateKey::BITS).map_err(|problem| problem.to_string());
        Ok(Self { ours: new()?, theirs: new()?, forged: new()? })
    }
}

/// Somebody with an inbox of their own.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    pub(crate) host: String,
    name: String,
    /// Whether all on their server read one inbox as well.
    is_shared: bool,
}

impl Person {
    pub(crate) fn new(host: &str, name: &str, is_shared: bool) -> Self {
        Self { host: host.to_owned(), name: name.to_owned(), is_shared }
    }

    pub(crate) fn id(&self) -> String {
        format!("https://{}/users/{}", self.host, self.name)
    }

    /// Where posts go.
    pub(crate) fn target(&self) -> String {
        self.shared_inbox().unwrap_or_else(|| self.inbox())
    }

    fn inbox(&self) -> String {
        format!("{}/inbox", self.id())
    }

    fn shared_inbox(&self) -> Option<String> {
        self.is_shared.then(|| format!("https://{}/inbox", self.host))
    }

    fn key_id(&self) -> String {
        format!("{}#main-key", self.id())
    }

    /// What the post office remembers of them.
    pub(crate) fn remembered(&self, keys: &Keys) -> Outcome<RemoteActor> {
        let shared = self.shared_inbox();
        Ok(RemoteActor {
            id: Url::parse(&self.id())?,
            name: self.name.clone(),
            inbox: Url::parse(&self.inbox())?,
            shared_inbox: shared.map(|url| Url::parse(&url)).transpose()?,
            keys: vec![RemoteKey { id: self.key_id(), key: keys.theirs.public().clone() }],
        })
    }

    /// Their document, which their server shows.
    pub(crate) fn document(&self, pem: &str) -> Value {
        json!({
            "@context": ["https://www.w3.org/ns/activitystreams", "https://w3id.org/security/v1"],
            "id": self.id(), "type": "Person", "preferredUsername": self.name,
            "inbox": self.inbox(),
            "publicKey": { "id": self.key_id(), "owner": self.id(), "publicKeyPem": pem },
        })
    }

    /// The whole request with which they follow somebody of the site, signed now with a key.
    /// `client` is the address from which it comes, as the web server would say.
    pub(crate) fn follow(
        &self,
        user: &str,
        key: &PrivateKey,
        client: Option<&str>,
    ) -> Outcome<Vec<u8>> {
        let inbox = Url::parse(&format!("{SITE}/ap/{user}/inbox"))?;
        let body = json!({
            "@context": "https://www.w3.org/ns/activitystreams",
            "id": format!("{}/follows/{user}", self.id()), "type": "Follow",
            "actor": self.id(), "object": format!("{SITE}/ap/{user}/actor.json"),
        });
        let body = body.to_string();
        let signer = Signer { key, key_id: &self.key_id() };
        let headers =
            signer.post(&inbox, Timestamp::now(), MEDIA_TYPE, body.as_bytes(), Form::Cavage);
        let mut request = format!("POST {} HTTP/1.1\r\n", inbox.path());
        let length = body.len().to_string();
        let others = [("Content-Length", length.as_str()), ("Connection", "close")];
        let client = client.map(|client| ("X-Forwarded-For", client));
        let headers = headers.iter().map(|(name, value)| (*name, value.as_str()));
        for (name, value) in headers.chain(others).chain(client) {
            request.push_str(&format!("{name}: {value}\r\n"));
        }
        Ok(format!("{request}\r\n{body}").into_bytes())
    }
}
