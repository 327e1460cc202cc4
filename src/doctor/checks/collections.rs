//! The lists of an actor: its posts, its pinned posts, its numbers.

use serde_json::Value;

use crate::doctor::ActorFacts;
use crate::doctor::finding::{Check, Finding, What};
use crate::doctor::peers::Peer;
use crate::doctor::peers::identity::{MISSKEY_FEATURED_MAX, same_host};
use crate::doctor::visit::Visit;

/// Pages of the outbox that are read.
const PAGES_MAX: usize = 10;

/// Pinned posts that are fetched.
const FEATURED_MAX: usize = 20;

/// Looks at all lists; gives the ids of posts in the outbox, the newest first.
pub(super) fn check(visit: &mut Visit<'_>, actor: &ActorFacts, profile: &Value) -> Vec<String> {
    let before = visit.findings.len();
    let posts = profile["outbox"].as_str().map(|url| outbox(visit, url)).unwrap_or_default();
    for property in ["followers", "following", "featuredTags"] {
        if let Some(url) = profile[property].as_str() {
            count(visit, url, property == "followers");
        }
    }
    if let Some(url) = profile["featured"].as_str() {
        featured(visit, actor, url);
    }
    visit.fine(before, Check::Collection, &actor.id, "lists that every server reads");
    posts
}

fn items(collection: &Value) -> Vec<&Value> {
    match (&collection["orderedItems"], &collection["items"]) {
        (Value::Array(items), _) | (Value::Null, Value::Array(items)) => items.iter().collect(),
        // JSON-LD makes one thing of a list with one thing.
        (Value::Null, Value::Null) => Vec::new(),
        (Value::Null, one) | (one, _) => vec![one],
    }
}

/// The id of something that is written out or only named.
fn id_of(item: &Value) -> Option<&str> {
    item.as_str().or_else(|| item["id"].as_str())
}

fn outbox(visit: &mut Visit<'_>, url: &str) -> Vec<String> {
    let Some(outbox) = visit.document(What::Outbox, url) else { return Vec::new() };
    if outbox["totalItems"].as_u64().is_none() {
        let sees = "the profile says that there are no posts";
        let peers = vec![Peer::Mastodon, Peer::Snac];
        visit.find(Finding::weak_property(What::Outbox, url, "no `totalItems`", peers, sees));
    }
    let mut posts = posts_of(&outbox);
    let mut next = outbox["first"].as_str().map(str::to_owned);
    let mut seen = vec![url.to_owned()];
    while let Some(page_url) = next.filter(|_| seen.len() <= PAGES_MAX) {
        if seen.contains(&page_url) {
            visit.find(Finding::pages_broken(&page_url, "a page that leads to itself"));
            break;
        }
        let Some(page) = visit.document(What::Outbox, &page_url) else { break };
        if page["partOf"] != url {
            visit.find(Finding::pages_broken(&page_url, "a page of another list"));
        }
        posts.extend(posts_of(&page));
        next = page["next"].as_str().map(str::to_owned);
        seen.push(page_url);
    }
    posts
}

fn posts_of(page: &Value) -> Vec<String> {
    let object = |activity: &Value| id_of(&activity["object"]).map(str::to_owned);
    let creates = items(page).into_iter().filter(|activity| activity["type"] == "Create");
    creates.filter_map(object).collect()
}

/// A list of which only the number is read.
fn count(visit: &mut Visit<'_>, url: &str, private: bool) {
    let Some(list) = visit.document(What::Count, url) else { return };
    let names = items(&list).len();
    if private && (names > 0 || !list["first"].is_null()) {
        visit.find(Finding::followers_public(url, names));
    }
}

fn featured(visit: &mut Visit<'_>, actor: &ActorFacts, url: &str) {
    let Some(list) = visit.document(What::Featured, url) else { return };
    let mut items: Vec<Value> = items(&list).into_iter().cloned().collect();
    if let (true, Some(first)) = (items.is_empty(), list["first"].as_str()) {
        let page = visit.document(What::Featured, first);
        items = page.iter().flat_map(self::items).cloned().collect();
    }
    if items.len() > MISSKEY_FEATURED_MAX {
        let came = format!("{} pinned posts", items.len());
        visit.find(Finding::featured_for_misskey(url, came));
    }
    for id in items.iter().take(FEATURED_MAX).filter_map(id_of) {
        if !same_host(id, &actor.id) {
            let came = format!("a pinned post of another host: {id}");
            visit.find(Finding::featured_foreign(url, came));
            continue;
        }
        let Some(post) = visit.document(What::Post, id) else { continue };
        if !is_by(&post, &actor.id) {
            visit.find(Finding::featured_foreign(id, "a pinned post of somebody else".to_owned()));
        }
        if post["type"] != "Note" {
            let came = format!("a pinned post of the type {}", post["type"]);
            visit.find(Finding::featured_for_misskey(id, came));
        }
    }
}

/// Whether a post is by an actor, who may be the first of several.
pub(super) fn is_by(post: &Value, actor: &str) -> bool {
    let by = &post["attributedTo"];
    let first = by.as_array().and_then(|list| list.first()).unwrap_or(by);
    id_of(first) == Some(actor)
}
