//! A site in memory that everybody can read, to break one thing at a time.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::doctor::ask::{Ask, AskError, Method, Reply, Request};
use crate::doctor::finding::{Check, Finding, Severity};
use crate::doctor::keys::{Fit, Keys, PublicKeys};
use crate::doctor::peers::types::NAMESPACE;
use crate::doctor::{ActorFacts, Examination, Subject, examine};

pub(super) const BASE: &str = "https://www.party.example";
pub(super) const NOW: &str = "2026-06-01T12:00:00Z";
pub(super) const DID: &str = "did:plc:ewvi7nxzyoun6zhxrhs64oiz";

/// Any RSA key of 2048 bits.
pub(super) const KEY: &str = include_str!("key.pem");

/// Addresses and what they answer; a POST has its address behind `POST `,
/// a signed one behind `SIGNED POST ` where that is another answer, a large one behind
/// `LARGE POST `.
pub(super) struct Site {
    pub(super) replies: BTreeMap<String, Result<Reply, AskError>>,
    pub(super) subject: Subject,
}

fn reply(content_type: &str, body: impl Into<Vec<u8>>) -> Reply {
    let headers = vec![("Content-Type".to_owned(), content_type.to_owned())];
    Reply { status: 200, headers, body: body.into() }
}

pub(super) fn id(user: &str, file: &str) -> String {
    format!("{BASE}/ap/{user}/{file}")
}

/// The two actors of the site.
pub(super) const USERS: [&str; 2] = ["news", "youth"];

/// A site with two actors, all green.
pub(super) fn green() -> Site {
    let actors = USERS.map(|user| ActorFacts {
        user: user.to_owned(),
        id: id(user, "actor.json"),
        public_key_pem: Some(KEY.to_owned()),
        serial: Some(7),
    });
    let subject = Subject {
        base_url: BASE.to_owned(),
        host: "nginx".to_owned(),
        actors: actors.into(),
        did: Some(DID.to_owned()),
        promised: None,
        keys: Box::new(PublicKeys),
        office: None,
    };
    let mut site = Site { replies: BTreeMap::new(), subject };
    site.website();
    for user in USERS {
        site.actor(user);
    }
    site
}

impl Site {
    fn website(&mut self) {
        let home = "<!doctype html><html><head><meta charset=utf-8>\
            <link rel=alternate type=application/atom+xml href=/atom.xml>\
            <link rel=alternate type=application/rss+xml href=/rss.xml>\
            <link rel=alternate type=application/feed+json href=/feed.json></head>";
        let mut page = reply("text/html; charset=utf-8", home);
        for (name, value) in [
            ("Content-Security-Policy", "default-src 'self'"),
            ("X-Content-Type-Options", "nosniff"),
            ("Referrer-Policy", "no-referrer"),
            ("Strict-Transport-Security", "max-age=86400"),
            ("Date", "Mon, 01 Jun 2026 12:00:04 GMT"),
        ] {
            page.headers.push((name.to_owned(), value.to_owned()));
        }
        self.put("/", page);
        let location = vec![("Location".to_owned(), format!("{BASE}/"))];
        let redirect = Reply { status: 301, headers: location, body: Vec::new() };
        self.replies.insert("http://www.party.example/".to_owned(), Ok(redirect));
        self.put("/atom.xml", reply("application/atom+xml", atom(&format!("{BASE}/one/"))));
        let rss = format!(
            "<rss version=\"2.0\" xmlns:atom=\"http://www.w3.org/2005/Atom\"><channel>\
             <title>T</title><link>{BASE}/</link><description>D</description>\
             <atom:link rel=\"self\" href=\"{BASE}/rss.xml\"/>\
             <item><link>{BASE}/one/</link></item></channel></rss>"
        );
        self.put("/rss.xml", reply("application/rss+xml", rss));
        let items = json!([{"url": format!("{BASE}/1/")}]);
        let feed = json!({"feed_url": format!("{BASE}/feed.json"), "items": items});
        self.put("/feed.json", reply("application/feed+json", feed.to_string()));
        self.put("/.well-known/atproto-did", reply("text/plain", format!("{DID}\n")));
        let nodeinfo =
            json!({"links": [{"href": format!("{BASE}/.well-known/nodeinfo-2.1.json")}]});
        self.put("/.well-known/nodeinfo", reply("application/json", nodeinfo.to_string()));
        let nodeinfo = json!({"version": "2.1", "software": {"name": "sitegen"}});
        self.put("/.well-known/nodeinfo-2.1.json", reply("application/json", nodeinfo.to_string()));
        self.put("/icon.png", reply("image/png", b"\x89PNG\r\n\x1a\n".to_vec()));
    }

    fn actor(&mut self, user: &str) {
        let actor = id(user, "actor.json");
        let page = format!("{BASE}/{user}/");
        let index = json!({"version": 1, "serial": 7});
        self.put(&format!("/ap/{user}/index.json"), reply("application/json", index.to_string()));
        self.put(&format!("/{user}/"), reply("text/html", "<!doctype html><title>x</title>"));
        let profile = json!({
            "@context": [NAMESPACE, "https://w3id.org/security/v1"],
            "id": actor, "type": "Organization", "preferredUsername": user, "name": user,
            "url": page, "inbox": id(user, "inbox"), "outbox": id(user, "outbox.json"),
            "followers": id(user, "followers.json"), "following": id(user, "following.json"),
            "featured": id(user, "featured.json"), "featuredTags": id(user, "featured-tags.json"),
            "manuallyApprovesFollowers": false, "attributionDomains": ["www.party.example"],
            "webfinger": format!("{user}@www.party.example"),
            "icon": {"type": "Image", "url": format!("{BASE}/icon.png")},
            "attachment": [{"type": "PropertyValue", "name": "Website",
                "value": format!("<a href=\"{BASE}/about/\">{BASE}/about/</a>")}],
            "publicKey": {"id": format!("{actor}#main-key"), "owner": actor, "publicKeyPem": KEY},
        });
        let about =
            self.replies.get(&format!("{BASE}/about/")).and_then(|known| known.as_ref().ok());
        let about = about.map(|known| known.text().into_owned()).unwrap_or_default();
        let about = format!("<!doctype html>{about}<a rel=me href={page}>us</a>");
        self.put("/about/", reply("text/html", about));
        self.document(&profile);
        let posts: Vec<String> = (1..=7).map(|n| id(user, &format!("posts/{n}.json"))).collect();
        for (number, post) in posts.iter().enumerate() {
            self.post(user, number + 1, post);
        }
        let outbox = id(user, "outbox.json");
        let create = |post: &String| json!({"type": "Create", "object": post});
        self.document(&json!({"id": outbox, "type": "OrderedCollection", "totalItems": 7,
            "first": id(user, "outbox-2.json")}));
        self.document(&json!({"id": id(user, "outbox-2.json"), "type": "OrderedCollectionPage",
            "partOf": outbox, "next": id(user, "outbox-1.json"),
            "orderedItems": posts[..4].iter().map(create).collect::<Vec<_>>()}));
        self.document(&json!({"id": id(user, "outbox-1.json"), "type": "OrderedCollectionPage",
            "partOf": outbox, "orderedItems": posts[4..].iter().map(create).collect::<Vec<_>>()}));
        self.document(&json!({"id": id(user, "featured.json"), "type": "OrderedCollection",
            "totalItems": 2, "orderedItems": posts[..2]}));
        for list in ["followers", "following", "featured-tags"] {
            let id = id(user, &format!("{list}.json"));
            self.document(&json!({"id": id, "type": "OrderedCollection", "totalItems": 3}));
        }
        let refused = Reply { status: 401, ..Reply::default() };
        self.replies.insert(format!("POST {}", id(user, "inbox")), Ok(refused));
        self.finger(user);
    }

    fn post(&mut self, user: &str, number: usize, post: &str) {
        let actor = id(user, "actor.json");
        let url = format!("{BASE}/{user}/{number}/");
        let page = format!(
            "<!doctype html><head><link rel=\"alternate\" type=\"application/activity+json\" \
             href=\"{post}\"><meta name=\"fediverse:creator\" \
             content=\"@{user}@www.party.example\"></head>"
        );
        self.put(&format!("/{user}/{number}/"), reply("text/html; charset=utf-8", page));
        self.document(&json!({
            "@context": NAMESPACE, "id": post, "type": "Note", "attributedTo": actor, "url": url,
            "to": [format!("{NAMESPACE}#Public")], "cc": [id(user, "followers.json")],
            "published": "2026-05-01T10:00:00Z", "content": "<p>x</p>",
            "contentMap": {"en": "<p>x</p>"},
        }));
    }

    fn finger(&mut self, user: &str) {
        let actor = id(user, "actor.json");
        let ld = format!("application/ld+json; profile=\"{NAMESPACE}\"");
        let jrd = json!({"subject": format!("acct:{user}@www.party.example"), "links": [
            {"rel": "self", "type": "application/activity+json", "href": actor},
            {"rel": "self", "type": ld, "href": actor},
        ]});
        for spelling in [
            format!("acct:{user}@www.party.example"),
            format!("acct%3A{user}%40www.party.example"),
            format!("{user}@www.party.example"),
            format!("https%3A%2F%2Fwww.party.example%2Fap%2F{user}%2Factor.json"),
        ] {
            let path = format!("/.well-known/webfinger?resource={spelling}");
            self.put(&path, reply("application/jrd+json", jrd.to_string()));
        }
    }

    pub(super) fn put(&mut self, path: &str, reply: Reply) {
        self.replies.insert(format!("{BASE}{path}"), Ok(reply));
    }

    fn document(&mut self, document: &Value) {
        let url = document["id"].as_str().unwrap().to_owned();
        let reply = reply("application/activity+json", document.to_string());
        self.replies.insert(url, Ok(reply));
    }

    /// What an address answers.
    pub(super) fn at(&mut self, url: &str) -> &mut Reply {
        let url = if url.starts_with('/') { format!("{BASE}{url}") } else { url.to_owned() };
        let known = self.replies.get_mut(&url).unwrap_or_else(|| panic!("there is no {url}"));
        known.as_mut().unwrap()
    }

    pub(super) fn status(&mut self, url: &str, status: u16) {
        self.at(url).status = status;
    }

    /// Changes a header, or takes it away with an empty value.
    pub(super) fn header(&mut self, url: &str, name: &str, value: &str) {
        let headers = &mut self.at(url).headers;
        headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
        if !value.is_empty() {
            headers.push((name.to_owned(), value.to_owned()));
        }
    }

    pub(super) fn body(&mut self, url: &str, body: impl Into<Vec<u8>>) {
        self.at(url).body = body.into();
    }

    /// Changes a property of a document; `null` takes it away.
    pub(super) fn set(&mut self, url: &str, property: &str, value: Value) {
        let reply = self.at(url);
        let mut document: Value = serde_json::from_slice(&reply.body).unwrap();
        let place = document.pointer_mut(&format!("/{property}"));
        match place {
            Some(place) => *place = value,
            None => document[property] = value,
        }
        reply.body = document.to_string().into_bytes();
    }

    /// Everything below a path goes away.
    pub(super) fn lose(&mut self, path: &str) {
        let start = format!("{BASE}{path}");
        self.replies.retain(|url, _| !url.starts_with(&start));
    }

    pub(super) fn examine(&self) -> Examination {
        examine(self, &self.subject, NOW.parse::<Timestamp>().unwrap())
    }

    /// What is not fine, as `severity check` and who refuses it.
    pub(super) fn findings(&self) -> Vec<Finding> {
        let findings = self.examine().findings.into_iter();
        findings.filter(|finding| finding.severity != Severity::Fine).collect()
    }

    /// The kinds of findings, each once, the worst first.
    pub(super) fn kinds(&self) -> Vec<(Severity, Check)> {
        let mut kinds: Vec<_> = self.findings().iter().map(|f| (f.severity, f.check)).collect();
        kinds.dedup();
        kinds
    }
}

impl Ask for Site {
    fn ask(&self, request: &Request) -> Result<Reply, AskError> {
        let size = request.body.as_ref().map_or(0, |(_, body)| body.len());
        let is_signed = request.headers.iter().any(|(name, _)| *name == "signature");
        let mut key = match request.method {
            Method::Get => request.url.clone(),
            Method::Post => request.to_string(),
        };
        if size > 256 << 10 {
            key = format!("LARGE {key}");
            if !self.replies.contains_key(&key) {
                return Ok(Reply { status: 413, ..Reply::default() });
            }
        } else if is_signed && self.replies.contains_key(&format!("SIGNED {key}")) {
            key = format!("SIGNED {key}");
        }
        let page = "<!doctype html><title>Not here</title>";
        let missing = Reply { status: 404, ..reply("text/html; charset=utf-8", page) };
        self.replies.get(&key).cloned().unwrap_or(Ok(missing))
    }
}

pub(super) fn atom(link: &str) -> String {
    format!(
        "<feed xmlns=\"http://www.w3.org/2005/Atom\"><title>T</title><id>x</id>\
         <updated>2026-05-01T10:00:00Z</updated><link rel=\"self\" href=\"{BASE}/atom.xml\"/>\
         <entry><title>E</title><id>y</id><updated>2026-05-01T10:00:00Z</updated>\
         <link href=\"{link}\"/></entry></feed>"
    )
}

/// Keys of which that of `news` is to the site what this says.
pub(super) struct Fitting(pub(super) Fit);

impl Keys for Fitting {
    fn bits(&self, pem: &str) -> Result<usize, String> {
        PublicKeys.bits(pem)
    }

    fn fits(&self, user: &str, _: &str) -> Option<Fit> {
        Some(if user == "news" { self.0 } else { Fit::Yes })
    }
}
