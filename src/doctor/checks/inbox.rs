//! The inbox: whether something is there that takes follows.

use serde_json::{Value, json};

use crate::doctor::Level;
use crate::doctor::ask::{AskError, Reply};
use crate::doctor::finding::{Check, Finding};
use crate::doctor::peers::types::{ACCEPT, ACTIVITY_JSON, NAMESPACE};
use crate::doctor::visit::Visit;

const KEEPS_ASKING: &str = "servers try again for two or three days, then the follow is lost";
const IS_LOST: &str = "the follow is taken for delivered, and stays “requested” for ever";

/// Posts a follow that nobody signed. A post office answers 401; what has none answers 404 or 405.
/// Gives what the profile promises.
pub(super) fn check(visit: &mut Visit<'_>, profile: &Value) -> Level {
    // Who lets followers in by hand has not promised that anybody does.
    let open = profile["manuallyApprovesFollowers"] == false;
    let said = if open { Level::Followable } else { Level::Readable };
    let Some(url) = profile["inbox"].as_str() else { return said };
    let before = visit.findings.len();
    let promised = visit.subject.promised.unwrap_or(said) == Level::Followable;
    let body = json!({
        "@context": NAMESPACE, "type": "Follow", "id": "https://sitegen.invalid/doctor/follow",
        "actor": "https://sitegen.invalid/doctor", "object": profile["id"],
    });
    match visit.post(url, ACTIVITY_JSON, body.to_string()) {
        Err(AskError::Elsewhere | AskError::Enough) => return said,
        Err(error) => visit.find(Finding::inbox_broken(url, error.to_string(), KEEPS_ASKING)),
        Ok(reply) => answered(visit, url, &reply, promised),
    }
    if open && visit.denied(crate::doctor::peers::Ability::Follows) && !promised {
        visit.find(Finding::follow_stays_pending(profile["id"].as_str().unwrap_or(url)));
    }
    if visit.findings.len() == before {
        shown(visit, url);
    }
    visit.fine(before, Check::Inbox, url, "a post office that asks for signatures");
    said
}

fn answered(visit: &mut Visit<'_>, url: &str, reply: &Reply, promised: bool) {
    let came = format!("the status {}", reply.status);
    match reply.status {
        // Whoever asks for a signature looks at it.
        401 => {}
        200..=299 if reply.is_html() => {
            let came = format!("{came} and a page: the web server took it, not a post office");
            visit.find(Finding::inbox_broken(url, came, IS_LOST));
        }
        200..=299 => visit.find(Finding::inbox_believes_all(url, reply.status)),
        404 | 405 => visit.find(Finding::inbox_missing(url, reply.status, promised)),
        300..=399 => {
            let came = format!("{came}, a redirect, which is not followed for what is posted");
            visit.find(Finding::inbox_broken(url, came, KEEPS_ASKING));
        }
        408 | 429 | 500.. => visit.find(Finding::inbox_broken(url, came, KEEPS_ASKING)),
        _ => visit.find(Finding::inbox_broken(url, came, IS_LOST)),
    }
}

/// An inbox is for putting in, not for reading.
fn shown(visit: &mut Visit<'_>, url: &str) {
    if let Ok(reply) = visit.get(url, ACCEPT)
        && (200..300).contains(&reply.status)
    {
        let came = format!("the status {} for a visitor who wants to read it", reply.status);
        visit.find(Finding::inbox_shows_itself(url, came));
    }
}
