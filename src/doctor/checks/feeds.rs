//! What a feed reader asks for.

use serde_json::Value;
use url::Url;

use crate::doctor::finding::{Check, Finding};
use crate::doctor::html::tags;
use crate::doctor::visit::Visit;

/// Feeds that are looked at.
const FEEDS_MAX: usize = 6;

/// What feed readers ask for.
const ACCEPT: &str = "application/atom+xml, application/rss+xml, application/feed+json, \
    application/xml;q=0.9, */*;q=0.1";

/// What stands in a feed, as far as it is looked at.
struct Feed {
    /// Where it says that it is.
    own: Option<String>,
    /// Where its entries lead.
    links: Vec<String>,
}

/// The feeds that the home page names.
pub(in crate::doctor) fn check(visit: &mut Visit<'_>) {
    let home = format!("{}/", visit.subject.base_url);
    let Ok(page) = visit.follow(&home, "text/html") else { return };
    let base = Url::parse(&page.last).ok();
    let absolute = |href: &str| base.as_ref().and_then(|base| base.join(href).ok());
    let mut feeds: Vec<(String, String)> = Vec::new();
    for tag in tags(&page.reply.text()) {
        let kind = tag.attribute("type").unwrap_or_default().to_ascii_lowercase();
        let known = ["application/atom+xml", "application/rss+xml", "application/feed+json"];
        let href = tag.attribute("href").and_then(absolute);
        if let (true, true, Some(url)) = (tag.has_rel("alternate"), known.contains(&&*kind), href) {
            feeds.push((url.into(), kind));
        }
    }
    if feeds.is_empty() {
        visit.find(Finding::no_feed(&home));
    }
    for (url, kind) in feeds.into_iter().take(FEEDS_MAX) {
        let before = visit.findings.len();
        check_feed(visit, &url, &kind);
        visit.fine(before, Check::Feed, &url, "a feed");
    }
}

fn check_feed(visit: &mut Visit<'_>, url: &str, kind: &str) {
    let reply = match visit.follow(url, ACCEPT) {
        Ok(there) => there.reply,
        Err(error) => return visit.find(Finding::feed_unreachable(url, error.to_string())),
    };
    if reply.status != 200 {
        let came = format!("the status {}", reply.status);
        return visit.find(Finding::feed_unreachable(url, came));
    }
    let found = reply.media_type();
    let general = if kind.ends_with("xml") {
        matches!(found.as_str(), "application/xml" | "text/xml")
    } else {
        found == "application/json"
    };
    if found != kind && !general {
        let content_type = reply.header("content-type").unwrap_or_default();
        visit.find(Finding::feed_type(url, content_type));
    }
    match read(kind, &reply.body) {
        Err(problem) => visit.find(Finding::feed_unreadable(url, &problem)),
        Ok(feed) => {
            if let Some(link) = feed.links.iter().find(|link| Url::parse(link).is_err()) {
                visit.find(Finding::feed_relative_link(url, link));
            }
            if feed.own.as_deref() != Some(url) {
                visit.find(Finding::feed_self_link(url, feed.own.as_deref()));
            }
        }
    }
}

/// Reads a feed; the error is in the words of the library.
fn read(kind: &str, bytes: &[u8]) -> Result<Feed, String> {
    match kind {
        "application/atom+xml" => {
            let feed = atom_syndication::Feed::read_from(bytes).map_err(|e| e.to_string())?;
            let own = feed.links().iter().find(|link| link.rel() == "self");
            let alternate = |entry: &atom_syndication::Entry| {
                let link = entry.links().iter().find(|link| link.rel() == "alternate");
                link.map(|link| link.href().to_owned())
            };
            let links = feed.entries().iter().filter_map(alternate).collect();
            Ok(Feed { own: own.map(|link| link.href().to_owned()), links })
        }
        "application/rss+xml" => {
            let feed = rss::Channel::read_from(bytes).map_err(|e| e.to_string())?;
            let atom = feed.atom_ext().map(|atom| atom.links.as_slice()).unwrap_or_default();
            let own = atom.iter().find(|link| link.rel == "self").map(|link| link.href.clone());
            let links = feed.items().iter().filter_map(|item| item.link().map(str::to_owned));
            Ok(Feed { own, links: links.collect() })
        }
        _ => {
            let feed: Value = serde_json::from_slice(bytes).map_err(|e| e.to_string())?;
            let items = feed["items"].as_array().ok_or("it has no list of items")?;
            let links = items.iter().filter_map(|item| item["url"].as_str().map(str::to_owned));
            let own = feed["feed_url"].as_str().map(str::to_owned);
            Ok(Feed { own, links: links.collect() })
        }
    }
}
