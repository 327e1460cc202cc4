//! Fetches a profile and looks at its properties, as each server does.

use serde_json::Value;

use crate::doctor::ActorFacts;
use crate::doctor::finding::{Check, Finding, What};
use crate::doctor::peers::Peer;
use crate::doctor::peers::identity::{is_user_name, refuses_host};
use crate::doctor::peers::types::NAMESPACE;
use crate::doctor::visit::Visit;

/// Kinds of actors.
const KINDS: [&str; 5] = ["Application", "Group", "Organization", "Person", "Service"];

/// Properties that lead to another place.
const PLACES: [&str; 5] = ["inbox", "outbox", "followers", "following", "featured"];

/// Gives the profile when it can be read at all.
pub(super) fn check(visit: &mut Visit<'_>, actor: &ActorFacts) -> Option<Value> {
    let before = visit.findings.len();
    let profile = visit.document(What::Actor, &actor.id)?;
    let id = &actor.id;
    for (problem, peers) in problems(&profile, &visit.subject.handle(actor)) {
        visit.find(Finding::property(What::Actor, id, problem, peers));
    }
    for property in PLACES {
        let Some(place) = profile[property].as_str() else { continue };
        let peers = refuses_host(property, id, place);
        if !peers.is_empty() {
            let problem = format!("`{property}` is on another host: {place}");
            let finding = Finding::property(What::Actor, id, problem, peers.clone());
            // Only the pinned posts are lost, not the profile.
            visit.find(match property {
                "featured" => Finding::property(What::Featured, id, finding.came, peers),
                _ => finding,
            });
        }
    }
    let url = profile["url"].as_str().unwrap_or(id);
    let peers = refuses_host("url", id, url);
    if !peers.is_empty() {
        let problem = format!("`url` is on another host: {url}");
        let sees = "the profile links to a file instead of the page";
        visit.find(Finding::weak_property(What::Actor, id, problem, peers, sees));
    }
    if profile["preferredUsername"] != actor.user.as_str() {
        let problem = format!("`preferredUsername` is {}", profile["preferredUsername"]);
        let sees = "the account has another name there than the one that was searched for";
        let peers = Peer::FEDIVERSE.to_vec();
        visit.find(Finding::weak_property(What::Actor, id, problem, peers, sees));
    }
    visit.fine(before, Check::Actor, id, "a profile that every server takes");
    Some(profile)
}

/// What of a profile makes some server refuse it.
fn problems(profile: &Value, handle: &str) -> Vec<(String, Vec<Peer>)> {
    use Peer::{Akkoma, Lemmy, Mastodon, Misskey};
    let mut problems = Vec::new();
    let mut refuse = |problem: String, peers: &[Peer]| problems.push((problem, peers.to_vec()));
    if !names_context(&profile["@context"]) {
        refuse(format!("`@context` does not name `{NAMESPACE}`"), &[Mastodon]);
    }
    let kind = profile["type"].as_str().unwrap_or_default();
    if !KINDS.contains(&kind) {
        refuse(format!("the type `{kind}` is no actor"), &[Mastodon, Misskey]);
    }
    let user = profile["preferredUsername"].as_str().unwrap_or_default();
    if !is_user_name(user) {
        refuse(format!("`preferredUsername` is `{user}`"), &[Mastodon, Misskey]);
    }
    if profile["inbox"].as_str().is_none() {
        refuse("no `inbox`".to_owned(), &[Mastodon, Misskey, Akkoma, Lemmy]);
    }
    if !profile["name"].is_null() && profile["name"].as_str().is_none_or(str::is_empty) {
        refuse("an empty `name`".to_owned(), &[Misskey]);
    }
    let said = profile["webfinger"].as_str();
    if let Some(said) = said.filter(|said| !said.eq_ignore_ascii_case(handle)) {
        refuse(format!("`webfinger` is `{said}`, not `{handle}`"), &[Mastodon]);
    }
    problems
}

/// Whether the namespace is named as a plain string.
pub(super) fn names_context(context: &Value) -> bool {
    let is_it = |value: &Value| value == NAMESPACE;
    is_it(context) || context.as_array().is_some_and(|list| list.iter().any(is_it))
}
