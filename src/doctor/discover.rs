//! Finds out about a site whose sources are not here.

use std::collections::HashSet;

use serde_json::Value;
use url::Url;

use super::ask::Ask;
use super::html::{Tag, tags};
use super::keys::PublicKeys;
use super::peers::types;
use super::peers::webfinger::{self, Jrd, Spelling};
use super::visit::Visit;
use super::{ActorFacts, Subject, hints};

/// Pages that are looked at for their authors, besides the home page.
const PAGES_MAX: usize = 40;

/// What can be known of the site at an address: where it really is, on which host, and its actors,
/// by its `WebFinger` file, and by what its home page, and the pages that it links to, name as their
/// document and their author.
/// Where nothing answers, nothing is known.
pub(crate) fn discover(ask: &dyn Ask, base_url: &str) -> Subject {
    let empty = |base_url: &str, host: &str| Subject {
        base_url: base_url.to_owned(),
        host: host.to_owned(),
        actors: Vec::new(),
        did: None,
        promised: None,
        keys: Box::new(PublicKeys),
        office: None,
    };
    let asked = empty(base_url, "");
    let mut visit = Visit::new(ask, &asked, jiff::Timestamp::UNIX_EPOCH);
    let Ok(home) = visit.follow(&format!("{base_url}/"), "text/html") else {
        return empty(base_url, "");
    };
    let server = home.reply.header("server").unwrap_or_default();
    let host = hints::guess(server, |name| home.reply.header(name).is_some());
    let subject = empty(&moved(base_url, &home.last), host);

    let mut visit = Visit::new(ask, &subject, jiff::Timestamp::UNIX_EPOCH);
    let mut subject = empty(&subject.base_url, host);
    let origin = subject.origin();
    let mut found = vec![finger(&mut visit, &format!("{origin}/.well-known/webfinger"))];
    let mut tags_found = tags(&home.reply.text());
    for page in linked(&tags_found, &home.last) {
        if let Ok(there) = visit.follow(&page, "text/html") {
            tags_found.extend(tags(&there.reply.text()));
        }
    }
    let mut asked = HashSet::new();
    for tag in tags_found {
        let address = tag.attribute("href").or_else(|| tag.attribute("content"));
        if !asked.insert(address.map(str::to_owned)) {
            continue;
        }
        let is_document = tag.name == "link"
            && tag.has_rel("alternate")
            && tag.attribute("type") == Some(types::ACTIVITY_JSON);
        if let (true, Some(id)) = (is_document, tag.attribute("href")) {
            found.push(actor(&mut visit, id));
        }
        if tag.name == "meta" && tag.attribute("name") == Some("fediverse:creator") {
            let handle = tag.attribute("content").unwrap_or_default().trim_start_matches('@');
            let here = handle.ends_with(&format!("@{}", subject.domain()));
            let url = Spelling::Plain.url(&origin, handle, "");
            found.push(here.then(|| finger(&mut visit, &url)).flatten());
        }
    }
    for actor in found.into_iter().flatten() {
        if !subject.actors.iter().any(|known| known.id == actor.id) {
            subject.actors.push(actor);
        }
    }
    subject
}

/// Pages of the site that its home page links to: who writes here may write no home page.
fn linked(tags: &[Tag], home: &str) -> Vec<String> {
    let Ok(home) = Url::parse(home) else { return Vec::new() };
    let mut pages: Vec<String> = Vec::new();
    for tag in tags.iter().filter(|tag| tag.name == "a") {
        let Some(Ok(mut page)) = tag.attribute("href").map(|href| home.join(href)) else {
            continue;
        };
        page.set_fragment(None);
        let is_new = page != home && !pages.iter().any(|known| *known == page.as_str());
        if page.origin() == home.origin() && is_new && pages.len() < PAGES_MAX {
            pages.push(page.into());
        }
    }
    pages
}

/// The address of a site whose home page was found at another one: `www.` may have been forgotten,
/// but a redirect to a page in some language is still the same site.
fn moved(base_url: &str, home: &str) -> String {
    let origin = |text: &str| Some(Url::parse(text).ok()?.origin().ascii_serialization());
    match (origin(base_url), origin(home)) {
        (Some(asked), Some(found)) if asked != found => base_url.replacen(&asked, &found, 1),
        _ => base_url.to_owned(),
    }
}

/// The actor to which a `WebFinger` answer leads.
fn finger(visit: &mut Visit<'_>, url: &str) -> Option<ActorFacts> {
    let followed = visit.follow(url, webfinger::ACCEPT).ok()?;
    let answer: Value = serde_json::from_slice(&followed.reply.body).ok()?;
    let jrd = Jrd(&answer);
    let user = jrd.handle()?.split('@').next()?.to_owned();
    Some(ActorFacts { user, id: jrd.any_actor()?.to_owned(), public_key_pem: None, serial: None })
}

/// The actor of a document: itself, or its author.
fn actor(visit: &mut Visit<'_>, id: &str) -> Option<ActorFacts> {
    let fetch = |visit: &mut Visit<'_>, id: &str| -> Option<Value> {
        let followed = visit.follow(id, types::ACCEPT).ok()?;
        serde_json::from_slice(&followed.reply.body).ok()
    };
    let mut document = fetch(visit, id)?;
    if let Some(author) = document["attributedTo"].as_str() {
        document = fetch(visit, author)?;
    }
    let user = document["preferredUsername"].as_str()?.to_owned();
    Some(ActorFacts {
        user,
        id: document["id"].as_str()?.to_owned(),
        public_key_pem: None,
        serial: None,
    })
}
