//! Whether what is live is what was built last.

use serde_json::Value;

use crate::doctor::ActorFacts;
use crate::doctor::finding::{Check, Finding};
use crate::doctor::visit::Visit;

/// Compares the state in the index of an account, which rises with every change of the record,
/// with that of the output in the folder of the site. Other generators have no such index.
pub(super) fn check(visit: &mut Visit<'_>, actor: &ActorFacts) {
    let Some(built) = actor.serial else { return };
    let Some(folder) = actor.id.strip_suffix("actor.json") else { return };
    let url = format!("{folder}index.json");
    let Ok(reply) = visit.get(&url, "application/json") else { return };
    let index: Option<Value> = serde_json::from_slice(&reply.body).ok();
    let Some(live) = index.and_then(|index| index["serial"].as_u64()) else { return };
    let before = visit.findings.len();
    if live < built {
        visit.find(Finding::older_than_built(&url, live, built));
    }
    visit.fine(before, Check::Deployed, &url, "the state that was built last, or a newer one");
}
