//! What asks for the software behind a site.

use serde_json::Value;

use crate::doctor::finding::{Check, Finding};
use crate::doctor::visit::Visit;

const ACCEPT: &str = "application/json";

/// Follows `/.well-known/nodeinfo` to the document. It is polish: a site without it is as good, as
/// long as it has no actors.
pub(in crate::doctor) fn check(visit: &mut Visit<'_>) {
    if visit.subject.actors.is_empty() {
        return;
    }
    let url = format!("{}/.well-known/nodeinfo", visit.subject.origin());
    let before = visit.findings.len();
    let Some(list) = json(visit, &url) else { return };
    let links = list["links"].as_array().map(Vec::as_slice).unwrap_or_default();
    let Some(target) = links.iter().find_map(|link| link["href"].as_str()) else {
        return visit.find(Finding::nodeinfo(&url, "no link to the document".to_owned()));
    };
    let Some(document) = json(visit, target) else { return };
    if document["software"]["name"].as_str().is_none() || document["version"].as_str().is_none() {
        visit.find(Finding::nodeinfo(target, "no `version`, or no `software.name`".to_owned()));
    }
    visit.fine(before, Check::NodeInfo, &url, "the name of the software");
}

fn json(visit: &mut Visit<'_>, url: &str) -> Option<Value> {
    let came = match visit.follow(url, ACCEPT) {
        Ok(there) if there.reply.status != 200 => format!("the status {}", there.reply.status),
        Ok(there) => match serde_json::from_slice(&there.reply.body) {
            Ok(document) => return Some(document),
            Err(error) => format!("what is no whole JSON: {error}"),
        },
        Err(error) => error.to_string(),
    };
    visit.find(Finding::nodeinfo(url, came));
    None
}
