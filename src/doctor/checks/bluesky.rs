//! What Bluesky asks: whether the domain is somebody's handle.

use crate::doctor::ask::AskError;
use crate::doctor::finding::{Check, Finding};
use crate::doctor::visit::Visit;

/// Looks at `/.well-known/atproto-did`: an answer at once, whose first line is the DID. A site
/// without one has its handle in the DNS, or none.
pub(in crate::doctor) fn check(visit: &mut Visit<'_>) {
    let url = format!("{}/.well-known/atproto-did", visit.subject.origin());
    let expected = visit.subject.did.clone();
    let reply = match visit.get(&url, "*/*") {
        Ok(reply) => reply,
        Err(AskError::Elsewhere | AskError::Enough) => return,
        Err(error) => {
            if expected.is_some() {
                visit.find(Finding::bluesky_missing(&url, error.to_string()));
            }
            return;
        }
    };
    let text = reply.text();
    let first = text.split('\n').next().unwrap_or_default().trim();
    if let Some(target) = reply.leads_to(&url) {
        if expected.is_some() {
            visit.find(Finding::bluesky_redirect(&url, &target));
        }
    } else if !(200..300).contains(&reply.status) {
        if expected.is_some() {
            visit.find(Finding::bluesky_missing(&url, format!("the status {}", reply.status)));
        }
    } else if !expected.as_ref().map_or_else(|| is_did(first), |expected| expected == first) {
        // A host that answers everything with a page has no such file; that is another finding.
        if expected.is_some() || !reply.is_html() {
            visit.find(Finding::bluesky_wrong(&url, first, expected.as_deref()));
        }
    } else {
        visit.find(Finding::fine(Check::Bluesky, &url, first));
    }
}

/// The two kinds of DID that Bluesky has.
fn is_did(text: &str) -> bool {
    let plc = text.strip_prefix("did:plc:");
    let plc = plc.is_some_and(|key| {
        key.len() == 24 && key.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'2'..=b'7'))
    });
    plc || text.strip_prefix("did:web:").is_some_and(|host| !host.is_empty())
}
