//! Links of a profile and links to it: whether both sides name each other (`rel="me"`).

use serde_json::Value;

use crate::doctor::ask::AskError;
use crate::doctor::finding::{Check, Finding};
use crate::doctor::html::{Tag, tags};
use crate::doctor::peers::identity::same_host;
use crate::doctor::visit::Visit;

/// Links that are followed, of each direction.
const LINKS_MAX: usize = 10;

pub(super) fn check(visit: &mut Visit<'_>, profile: &Value) {
    let Some(url) = profile["url"].as_str() else { return };
    let fields = profile["attachment"].as_array().cloned().unwrap_or_default();
    for field in fields.iter().filter(|field| field["type"] == "PropertyValue").take(LINKS_MAX) {
        check_field(visit, url, field);
    }
    let Ok(page) = visit.follow(url, "text/html") else { return };
    for target in links(&tags(&page.reply.text())).into_iter().take(LINKS_MAX) {
        if same_host(&target, url) || !target.starts_with("https://") {
            continue;
        }
        // Many sites let nobody look who is not logged in, so silence says nothing.
        let Ok(there) = visit.follow(&target, "text/html") else { continue };
        if there.reply.status == 200 && !leads_to(&tags(&there.reply.text()), &[url, &page.last]) {
            visit.find(Finding::not_confirmed(&target, "no link with `rel=\"me\"` to this site"));
        }
    }
}

/// A field whose value is one link gets a green tick when the page there links back.
fn check_field(visit: &mut Visit<'_>, url: &str, field: &Value) {
    let name = field["name"].as_str().unwrap_or_default();
    let value = field["value"].as_str().unwrap_or_default();
    let inside = tags(value);
    let Some(link) = inside.iter().find(|tag| tag.name == "a") else { return };
    let Some(target) = link.attribute("href") else { return };
    let ours = same_host(target, url);
    let shown: String = inside.iter().map(|tag| tag.text.as_str()).collect();
    if shown != target || !target.starts_with("https://") {
        let came = format!("the link shows `{shown}`, but leads to `{target}`");
        return visit.find(Finding::not_verified(url, name, came, ours));
    }
    match visit.follow(target, "text/html") {
        Err(AskError::Elsewhere | AskError::Enough) => {}
        Err(error) => visit.find(Finding::not_verified(target, name, error.to_string(), ours)),
        Ok(there) if leads_to(&tags(&there.reply.text()), &[url]) => {
            visit.find(Finding::fine(Check::Me, target, "a link back"));
        }
        Ok(_) => {
            let came = format!("no link with `rel=\"me\"` to {url}");
            visit.find(Finding::not_verified(target, name, came, ours));
        }
    }
}

/// Where the links with `rel="me"` lead.
fn links(tags: &[Tag]) -> Vec<String> {
    let is_me = |tag: &&Tag| matches!(tag.name.as_str(), "a" | "link") && tag.has_rel("me");
    let href = |tag: &Tag| tag.attribute("href").map(str::to_owned);
    tags.iter().filter(is_me).filter_map(href).collect()
}

/// Whether one of them leads to one of some addresses; capital letters do not count.
fn leads_to(tags: &[Tag], urls: &[&str]) -> bool {
    links(tags).iter().any(|link| urls.iter().any(|url| link.eq_ignore_ascii_case(url)))
}
