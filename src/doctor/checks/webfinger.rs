//! Asks for a name in all the ways in which servers write the question.

use serde_json::Value;

use crate::doctor::ask::AskError;
use crate::doctor::finding::{Check, Finding, NameProblem};
use crate::doctor::peers::Peer;
use crate::doctor::peers::types::takes_webfinger;
use crate::doctor::peers::webfinger::{ACCEPT, Jrd, Spelling};
use crate::doctor::visit::{Followed, Visit};
use crate::doctor::{ActorFacts, hints};
use crate::limits::FEDIVERSE_BYTES_MAX;

/// A name that nobody has.
const NOBODY: &str = "sitegen_doctor_asks_for_nobody";

/// One problem, where it was met first, and who met it.
struct Met {
    problem: NameProblem,
    url: String,
    peers: Vec<Peer>,
}

pub(super) fn check(visit: &mut Visit<'_>, actor: &ActorFacts) {
    let before = visit.findings.len();
    let origin = visit.subject.origin();
    let handle = visit.subject.handle(actor);
    let mut met: Vec<Met> = Vec::new();
    for spelling in Spelling::ALL {
        let url = spelling.url(&origin, &handle, &actor.id);
        let answer = visit.follow(&url, ACCEPT);
        for peer in spelling.asked_by() {
            let Some(problem) = problem(visit, *peer, &answer, &handle, actor) else { continue };
            match met.iter_mut().find(|met| met.problem == problem) {
                Some(known) if !known.peers.contains(peer) => known.peers.push(*peer),
                Some(_) => {}
                None => met.push(Met { problem, url: url.clone(), peers: vec![*peer] }),
            }
        }
    }
    for Met { problem, url, mut peers } in met {
        peers.sort_unstable();
        visit.find(Finding::name_not_found(&url, &handle, peers, &problem));
    }
    if visit.findings.len() == before {
        unknown_name(visit, &origin);
    }
    let url = Spelling::Plain.url(&origin, &handle, &actor.id);
    visit.fine(before, Check::WebFinger, &url, "the actor, in all spellings");
}

/// Why a server does not find the actor by this answer.
fn problem(
    visit: &mut Visit<'_>,
    peer: Peer,
    answer: &Result<Followed, AskError>,
    handle: &str,
    actor: &ActorFacts,
) -> Option<NameProblem> {
    let there = match answer {
        Ok(there) => there,
        Err(AskError::Elsewhere | AskError::Enough) => return None,
        Err(error) => return Some(NameProblem::NoAnswer(error.to_string())),
    };
    let reply = &there.reply;
    if reply.status != 200 {
        return Some(NameProblem::Status(reply.status));
    }
    if reply.is_html() {
        return Some(NameProblem::Page);
    }
    let content_type = reply.header("content-type").unwrap_or_default();
    if !takes_webfinger(peer, content_type) {
        return Some(NameProblem::Type(content_type.to_owned()));
    }
    if peer == Peer::Misskey && reply.body.len() > FEDIVERSE_BYTES_MAX {
        return Some(NameProblem::Large(reply.body.len()));
    }
    let answer: Value = match serde_json::from_slice(&reply.body) {
        Ok(answer) => answer,
        Err(error) => return Some(NameProblem::CutOff(error.to_string())),
    };
    let jrd = Jrd(&answer);
    let leads = jrd.actor(peer) == Some(actor.id.as_str());
    let knows =
        jrd.answers(peer, handle) || (peer == Peer::Mastodon && leads && loops_back(visit, &jrd));
    if !knows {
        return Some(NameProblem::Subject(jrd.subject().to_owned()));
    }
    (!leads).then(|| match jrd.actor(peer) {
        // Another actor of ours: the answer is for somebody else.
        Some(_) if !jrd.answers(Peer::Mastodon, handle) => {
            NameProblem::Subject(jrd.subject().to_owned())
        }
        found => NameProblem::Actor(found.map(str::to_owned)),
    })
}

/// Mastodon asks once more, for the name in the subject, which must then answer with itself.
fn loops_back(visit: &mut Visit<'_>, jrd: &Jrd<'_>) -> bool {
    let Some(handle) = jrd.handle() else { return false };
    let Some((_, host)) = handle.split_once('@') else { return false };
    let url = Spelling::Plain.url(&format!("https://{host}"), handle, "");
    let Ok(there) = visit.follow(&url, ACCEPT) else { return false };
    let answer: Value = serde_json::from_slice(&there.reply.body).unwrap_or_default();
    Jrd(&answer).answers(Peer::Mastodon, handle)
}

/// Asks for a name that nobody has.
fn unknown_name(visit: &mut Visit<'_>, origin: &str) {
    let handle = format!("{NOBODY}@{}", visit.subject.domain());
    let url = Spelling::Plain.url(origin, &handle, "");
    let Ok(there) = visit.follow(&url, ACCEPT) else { return };
    if there.reply.status != 200 {
        return;
    }
    let answer: Value = serde_json::from_slice(&there.reply.body).unwrap_or_default();
    let jrd = Jrd(&answer);
    if jrd.any_actor().is_some() {
        let can_choose = hints::can_choose(&visit.subject.host);
        let subject = jrd.subject();
        // It is about the site, not about one of its actors.
        let actor = visit.actor.take();
        visit.find(Finding::any_name_found(&url, subject, can_choose));
        visit.actor = actor;
    }
}
