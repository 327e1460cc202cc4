//! A sample of posts: the document, and the page that it belongs to.

use serde_json::Value;
use url::Url;

use super::actor::names_context;
use super::collections::is_by;
use super::pictures;
use crate::doctor::ActorFacts;
use crate::doctor::finding::{Check, Finding, Picture, What};
use crate::doctor::html::{Tag, tags};
use crate::doctor::peers::Peer;
use crate::doctor::peers::identity::same_host;
use crate::doctor::peers::types::ACTIVITY_JSON;
use crate::doctor::visit::Visit;

/// Posts of each half of the sample: the newest, and some of all the others.
const HALF: usize = 5;

/// Types whose text Mastodon replaces by a link.
const CONVERTED: [&str; 6] = ["Article", "Page", "Event", "Image", "Audio", "Video"];

pub(super) fn check(visit: &mut Visit<'_>, actor: &ActorFacts, profile: &Value, listed: &[String]) {
    let sample = sample(listed);
    for (number, id) in sample.iter().enumerate() {
        let before = visit.findings.len();
        let Some(post) = visit.document(What::Post, id) else { continue };
        if post["type"] == "Tombstone" {
            visit.find(Finding::withdrawn_in_list(id));
            continue;
        }
        check_post(visit, actor, id, &post);
        if let Some(url) = post["url"].as_str() {
            check_page(visit, actor, profile, id, url);
        }
        // Pictures are large, and one shows what the host does with all.
        if let (0, Some(url)) = (number, picture(&post)) {
            pictures::check(visit, url, Picture::Attachment);
        }
        if visit.findings[before..].iter().all(|found| found.check == Check::Picture) {
            visit.find(Finding::fine(Check::Post, id, "a post and its page"));
        }
    }
}

/// The first thing that comes with a post, when it is a picture.
fn picture(post: &Value) -> Option<&str> {
    let first = post["attachment"].as_array().and_then(|list| list.first());
    let first = first.unwrap_or(&post["attachment"]);
    let kind = first["mediaType"].as_str().unwrap_or_default();
    let is_picture = kind.starts_with("image/") || first["type"] == "Image";
    is_picture.then(|| pictures::address(first)).flatten()
}

/// The newest posts, and as many of the others, evenly spread.
fn sample(listed: &[String]) -> Vec<String> {
    let (newest, others) = listed.split_at(listed.len().min(HALF));
    let step = others.len().div_ceil(HALF).max(1);
    newest.iter().chain(others.iter().step_by(step)).cloned().collect()
}

fn check_post(visit: &mut Visit<'_>, actor: &ActorFacts, id: &str, post: &Value) {
    use Peer::{Akkoma, GoToSocial, Mastodon, Misskey, Snac};
    let mut refuse = |problem: &str, peers: &[Peer]| {
        visit.find(Finding::property(What::Post, id, problem, peers.to_vec()));
    };
    if !names_context(&post["@context"]) {
        refuse("`@context` does not name the namespace of the fediverse", &[Mastodon]);
    }
    if !is_by(post, &actor.id) {
        refuse("`attributedTo` is not the actor", &[Mastodon, GoToSocial, Misskey, Akkoma]);
    }
    if !same_host(id, &actor.id) {
        refuse("the post is on another host than the actor", &[Mastodon, Misskey]);
    }
    let public = |list: &Value| {
        let is_it = |value: &Value| value == "https://www.w3.org/ns/activitystreams#Public";
        is_it(list) || list.as_array().is_some_and(|list| list.iter().any(is_it))
    };
    if !public(&post["to"]) && !public(&post["cc"]) {
        let all = [Mastodon, GoToSocial, Misskey, Akkoma, Snac];
        refuse("neither `to` nor `cc` says that it is public", &all);
    }
    let kind = post["type"].as_str().unwrap_or_default();
    if CONVERTED.contains(&kind) {
        visit.find(Finding::converted_type(id, kind));
    } else if kind != "Note" {
        let problem = format!("the type `{kind}` is no post");
        visit.find(Finding::property(What::Post, id, problem, vec![Mastodon, GoToSocial, Misskey]));
    }
    let mut weak = |problem: &str, peers: &[Peer], sees: &str| {
        visit.find(Finding::weak_property(What::Post, id, problem, peers.to_vec(), sees));
    };
    if kind == "Note" && !post["name"].is_null() {
        weak("a note with a `name`", &[GoToSocial], "the text is hidden behind a warning");
    }
    let published = moment(&post["published"]);
    if published.is_none() {
        weak("no `published`", &[Mastodon], "the post stands at the time at which it was fetched");
    }
    if let (Some(published), Some(updated)) = (published, moment(&post["updated"]))
        && updated < published
    {
        weak("`updated` is before `published`", &[GoToSocial], "the post is not shown");
    }
    if post["contentMap"]
        .as_object()
        .is_some_and(|map| !map.values().any(|text| *text == post["content"]))
    {
        let sees = "the language of the post is not known, so it is not translated or filtered";
        weak("no text of `contentMap` is the `content`", &[GoToSocial], sees);
    }
}

fn moment(value: &Value) -> Option<jiff::Timestamp> {
    value.as_str()?.parse().ok()
}

/// The page of a post: that it is there, and that it leads to the document and the author.
fn check_page(visit: &mut Visit<'_>, actor: &ActorFacts, profile: &Value, id: &str, url: &str) {
    if !same_host(id, url) {
        return;
    }
    let page = match visit.follow(url, "text/html") {
        Ok(page) => page,
        Err(error) => return visit.find(Finding::page_unreachable(url, error.to_string())),
    };
    if page.reply.status != 200 || !page.reply.is_html() {
        let came = format!("the status {}, {}", page.reply.status, page.reply.media_type());
        return visit.find(Finding::page_unreachable(url, came));
    }
    let tags = tags(&page.reply.text());
    let is_alternate = |tag: &&Tag| {
        tag.name == "link"
            && tag.has_rel("alternate")
            && tag.attribute("type") == Some(ACTIVITY_JSON)
    };
    let base = Url::parse(&page.last).ok();
    let found = tags.iter().find(is_alternate).and_then(|tag| tag.attribute("href"));
    let absolute = found.and_then(|href| base.as_ref()?.join(href).ok()).map(String::from);
    if absolute.as_deref() != Some(id) {
        visit.find(Finding::no_alternate(url, id, found));
    }
    let creator = tags.iter().find(|tag| tag.attribute("name") == Some("fediverse:creator"));
    let creator = creator.and_then(|tag| tag.attribute("content")).unwrap_or_default();
    let handle = visit.subject.handle(actor);
    if creator.trim_start_matches('@') != handle {
        let came = format!("`fediverse:creator` is `{creator}`, not `@{handle}`");
        return visit.find(Finding::no_author_line(url, came));
    }
    let domain = visit.subject.domain();
    let domains = profile["attributionDomains"].as_array().map(Vec::as_slice).unwrap_or_default();
    let covers = |known: &str| domain == known || domain.ends_with(&format!(".{known}"));
    if !domains.iter().any(|known| known.as_str().is_some_and(covers)) {
        let came = format!("`attributionDomains` of the actor does not name {domain}");
        visit.find(Finding::no_author_line(&actor.id, came));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sample_has_the_newest_and_some_of_the_others() {
        let all: Vec<String> = (0..50).map(|number| number.to_string()).collect();
        assert_eq!(sample(&all).join(" "), "0 1 2 3 4 5 14 23 32 41");
        assert_eq!(sample(&all[..6]).len(), 6);
        assert_eq!(sample(&all[..3]).len(), 3);
        assert!(sample(&[]).is_empty());
    }
}
