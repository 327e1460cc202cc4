//! The key in a profile: its shape for others, and whether it is ours.

use serde_json::Value;

use crate::doctor::ActorFacts;
use crate::doctor::finding::{Check, Finding};
use crate::doctor::keys::Fit;
use crate::doctor::peers::Peer;
use crate::doctor::peers::identity::refuses_host;
use crate::doctor::visit::Visit;

/// Shorter keys are refused in more and more places.
const BITS_MIN: usize = 2048;

pub(super) fn check(visit: &mut Visit<'_>, actor: &ActorFacts, profile: &Value) {
    use Peer::{GoToSocial, Lemmy, Mastodon, Misskey, Snac};
    let before = visit.findings.len();
    let (id, key) = (&actor.id, &profile["publicKey"]);
    let mut unusable = |problem: &str, peers: &[Peer]| {
        visit.find(Finding::key_unusable(id, problem, peers.to_vec()));
    };
    if key.is_null() {
        return unusable("no `publicKey`", Peer::FEDIVERSE);
    }
    if !key.is_object() {
        return unusable("`publicKey` is not a single object", &[GoToSocial, Misskey]);
    }
    if key["owner"] != id.as_str() {
        unusable("the `owner` of the key is not the actor", &[Mastodon, GoToSocial]);
    }
    let key_id = key["id"].as_str().unwrap_or_default();
    if key_id.split_once('#').is_none_or(|(before, _)| before != id) {
        let mut peers = vec![Mastodon, Lemmy, Snac];
        peers.extend(refuses_host("publicKey", id, key_id));
        unusable("the `id` of the key is not the id of the actor with `#main-key`", &peers);
    }
    let pem = key["publicKeyPem"].as_str().unwrap_or_default();
    match visit.subject.keys.bits(pem) {
        Err(problem) => {
            let problem = format!("the key cannot be read: {problem}");
            visit.find(Finding::key_unusable(id, &problem, Peer::FEDIVERSE.to_vec()));
        }
        Ok(bits) if bits < BITS_MIN => {
            let problem = format!("the key has {bits} bits, fewer than {BITS_MIN}");
            visit.find(Finding::key_unusable(id, &problem, Peer::FEDIVERSE.to_vec()));
        }
        Ok(_) => {}
    }
    let lines = |pem: &str| pem.lines().map(|line| line.trim().to_owned()).collect::<String>();
    let committed = actor.public_key_pem.as_ref();
    let is_committed = committed.is_none_or(|committed| lines(committed) == lines(pem));
    match visit.subject.keys.fits(&actor.user, pem) {
        Some(Fit::Old) => visit.find(Finding::key_is_to_change(id)),
        Some(Fit::New) => visit.find(Finding::key_changes(id)),
        _ if !is_committed => {
            visit.find(Finding::key_differs(id, "another key than the one in the folder `keys`"));
        }
        Some(Fit::No) => {
            let what = "a key that does not believe what this machine signs";
            visit.find(Finding::key_differs(id, what));
        }
        Some(Fit::Yes) | None => {}
    }
    visit.fine(before, Check::Key, id, "a key that every server takes");
}
