//! The inbox: whether something is there that takes follows.

use base64ct::{Base64, Encoding};
use jiff::fmt::rfc2822::DateTimePrinter;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::website::seconds_off;

use crate::doctor::Level;
use crate::doctor::ask::{AskError, Reply};
use crate::doctor::finding::{Check, Finding};
use crate::doctor::peers::types::{ACCEPT, ACTIVITY_JSON, NAMESPACE};
use crate::doctor::visit::Visit;

/// A message that is larger than a post office reads, in kilobytes.
const LARGE_KILOBYTES: usize = 300;

/// What our post office says to whom it takes for somebody who has signed for another host.
const OTHER_HOST: &str = "it was signed for another host";

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
    let body = body.to_string();
    match visit.post(url, ACTIVITY_JSON, body.clone()) {
        Err(AskError::Elsewhere | AskError::Enough) => return said,
        Err(error) => visit.find(Finding::inbox_broken(url, error.to_string(), KEEPS_ASKING)),
        Ok(reply) => {
            answered(visit, url, &reply, promised);
            if reply.status == 401 {
                looks_at_signatures(visit, url, &body);
                keeps_time(visit, url, &reply);
                is_bounded(visit, url);
            }
        }
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
        200..=299 => {
            visit.find(Finding::inbox_believes_all(url, reply.status, "an unsigned follow"));
        }
        404 | 405 => visit.find(Finding::inbox_missing(url, reply.status, promised)),
        300..=399 => {
            let came = format!("{came}, a redirect, which is not followed for what is posted");
            visit.find(Finding::inbox_broken(url, came, KEEPS_ASKING));
        }
        408 | 429 | 500.. => visit.find(Finding::inbox_broken(url, came, KEEPS_ASKING)),
        _ => visit.find(Finding::inbox_broken(url, came, IS_LOST)),
    }
}

/// Sends a follow with a signature over another body, and one of somebody who does not exist. The
/// first is refused by whoever looks at the body at all; for the second a key has to be fetched
/// from where nothing can be.
fn looks_at_signatures(visit: &mut Visit<'_>, url: &str, body: &str) {
    let cases = [
        ("another message", "a follow whose signature is that of another message"),
        (body, "a follow of somebody who does not exist"),
    ];
    for (signed, what) in cases {
        let Some(headers) = signature(visit, signed) else { return };
        match visit.post_with(url, ACTIVITY_JSON, body.to_owned(), headers) {
            Ok(reply) if (200..300).contains(&reply.status) => {
                visit.find(Finding::inbox_believes_all(url, reply.status, what));
                return;
            }
            Ok(reply) if reply.status == 401 && reply.text().trim() == OTHER_HOST => {
                visit.find(Finding::inbox_hears_other_host(url));
                return;
            }
            // Whatever else it says, it does not believe it.
            _ => {}
        }
    }
}

/// Headers as of a signed message, with a signature that is none.
fn signature(visit: &Visit<'_>, signed: &str) -> Option<Vec<(&'static str, String)>> {
    let date = DateTimePrinter::new().timestamp_to_rfc9110_string(&visit.now).ok()?;
    let digest = format!("SHA-256={}", Base64::encode_string(&Sha256::digest(signed)));
    let signature = format!(
        "keyId=\"https://sitegen.invalid/doctor#main-key\",algorithm=\"rsa-sha256\",\
         headers=\"(request-target) host date digest\",signature=\"{}\"",
        Base64::encode_string(&[0x5a; 256])
    );
    Some(vec![("date", date), ("digest", digest), ("signature", signature)])
}

/// What is signed by a clock that is wrong is refused, and looks wrong to it what others sign.
fn keeps_time(visit: &mut Visit<'_>, url: &str, reply: &Reply) {
    // That of the web server has been looked at, and is the same one mostly.
    let is_known = visit.findings.iter().any(|finding| finding.check == Check::Clock);
    if let Some(seconds) = seconds_off(visit, reply).filter(|_| !is_known) {
        visit.find(Finding::inbox_clock_off(url, seconds));
    }
}

/// Sends more than anybody has to say. Only to the own site, for it is not polite.
fn is_bounded(visit: &mut Visit<'_>, url: &str) {
    let is_own = visit.subject.actors.iter().any(|actor| actor.public_key_pem.is_some());
    if !is_own {
        return;
    }
    let large = " ".repeat(LARGE_KILOBYTES << 10);
    // Whoever hangs up has had enough as well.
    if let Ok(reply) = visit.post(url, ACTIVITY_JSON, large)
        && reply.status != 413
    {
        visit.find(Finding::inbox_takes_large(url, reply.status, LARGE_KILOBYTES));
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
