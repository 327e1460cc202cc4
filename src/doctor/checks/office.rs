//! The post office in this folder: what waits there, for whom and for how long.

use jiff::SignedDuration;

use crate::doctor::finding::{Check, Finding};
use crate::doctor::office::{Office, State};
use crate::doctor::visit::Visit;

/// How long a message may wait before somebody should hear of it. Servers that are away for an
/// hour are no news.
const WAITING_MAX: SignedDuration = SignedDuration::from_hours(24);

/// How long ago the site may have been looked at. Some post offices are woken once a day.
const LOOK_MAX: SignedDuration = SignedDuration::from_hours(25);

pub(in crate::doctor) fn check(visit: &mut Visit<'_>) {
    let subject = visit.subject;
    let Some(Office { path, state }) = &subject.office else { return };
    let state = match state {
        Ok(state) => state,
        Err(reason) => return visit.find(Finding::office_unreadable(path, reason)),
    };
    let before = visit.findings.len();
    let age = |then| visit.now.duration_since(then);
    let mut findings = Vec::new();
    if let Some(oldest) = state.oldest.filter(|oldest| age(*oldest) > WAITING_MAX) {
        findings.push(Finding::office_waits(path, state.queued, age(oldest)));
    }
    if !state.dead.is_empty() {
        findings.push(Finding::office_dead_servers(path, state.dead_count, &state.dead));
    }
    if state.held > 0 {
        findings.push(Finding::office_holds(path, state.held));
    }
    for look in &state.looks {
        if let Some(problem) = &look.problem {
            findings.push(Finding::office_saw_problem(path, &look.user, problem));
        }
        if age(look.at) > LOOK_MAX {
            findings.push(Finding::office_sleeps(path, &look.user, Some(age(look.at))));
        }
    }
    for actor in &subject.actors {
        if !state.looks.iter().any(|look| look.user == actor.user) {
            findings.push(Finding::office_sleeps(path, &actor.user, None));
        }
    }
    findings.extend(state.new_keys.iter().map(|key| Finding::office_has_new_key(path, key)));
    findings.into_iter().for_each(|finding| visit.find(finding));
    visit.fine(before, Check::Office, path, &summary(state));
}

fn summary(state: &State) -> String {
    let State { queued, expired, .. } = state;
    match expired {
        0 => format!("{queued} messages wait, none was ever given up"),
        _ => format!("{queued} messages wait, {expired} were given up after eight days, ever"),
    }
}
