//! Who may follow, one by one: what a person decides goes into the queue as an answer.

use jiff::Timestamp;
use serde_json::json;

use super::Desk;
use super::find::{Found, find};
use crate::commands::office::counted;
use crate::commands::office::tell::{add, say};
use crate::commands::output::confirm;
use crate::commands::{CommandError, Exit};
use crate::office::store::followers;
use crate::office::store::{self, Store};

/// Answers that are stored together: the post office has its turn after each.
const TOGETHER: usize = 200;

/// Removes a follower, whose server is told.
pub(super) fn remove(
    desk: &Desk<'_>,
    who: &str,
    user: Option<&str>,
    yes: bool,
) -> Result<Exit, CommandError> {
    let locals = desk.place.locals(user)?;
    let store = desk.place.store()?;
    let found = find(&store, &locals, who)?;
    let whom = names(&found);
    let question = format!(
        "{} will not follow {whom} any more, and only they themselves can follow again",
        found[0].named()
    );
    if !(yes || confirm(&question, "--yes")?) {
        add(desk.global, "Nothing has changed.");
        return Ok(Exit::Fine);
    }
    let now = Timestamp::now();
    store.run(|connection| {
        for one in &found {
            followers::reject(connection, one.follower.id.as_str(), one.local, now)?;
        }
        Ok(())
    })?;
    for one in &found {
        told(desk, one, "removed", "does not follow", "any more.");
    }
    add(desk.global, desk.place.when_sent());
    Ok(Exit::Fine)
}

/// Lets people follow.
pub(super) fn accept(
    desk: &Desk<'_>,
    who: &[String],
    user: Option<&str>,
) -> Result<Exit, CommandError> {
    let locals = desk.place.locals(user)?;
    let store = desk.place.store()?;
    let mut found = Vec::new();
    for who in who {
        found.extend(find(&store, &locals, who)?);
    }
    let (known, waiting): (Vec<_>, Vec<_>) =
        found.into_iter().partition(|one| one.follower.accepted);
    for one in &known {
        told(desk, one, "known", "follows", "already.");
    }
    accept_found(desk, &store, &waiting)
}

/// Lets everybody follow who waits.
pub(super) fn accept_all(
    desk: &Desk<'_>,
    user: Option<&str>,
    yes: bool,
) -> Result<Exit, CommandError> {
    let locals = desk.place.locals(user)?;
    let store = desk.place.store()?;
    let mut waiting = Vec::new();
    for local in locals {
        let found = store.read(|connection| followers::pending(connection, &local.user))?;
        waiting.extend(found.into_iter().map(|follower| Found { local, follower }));
    }
    if waiting.is_empty() {
        add(desk.global, "Nobody waits for an answer.");
        return Ok(Exit::Fine);
    }
    let count = counted(waiting.len(), "person").replace("persons", "people");
    if !(yes || confirm(&format!("{count} will follow, whoever they are"), "--yes")?) {
        add(desk.global, "Nothing has changed.");
        return Ok(Exit::Fine);
    }
    accept_found(desk, &store, &waiting)
}

fn accept_found(
    desk: &Desk<'_>,
    store: &Store,
    waiting: &[Found<'_>],
) -> Result<Exit, CommandError> {
    let now = Timestamp::now();
    for some in waiting.chunks(TOGETHER) {
        let accepted = store.run(|connection| {
            let accept = |one: &Found<'_>| {
                followers::accept(connection, one.follower.id.as_str(), one.local, now)
            };
            some.iter().map(accept).collect::<store::Result<Vec<bool>>>()
        })?;
        for (one, accepted) in some.iter().zip(accepted) {
            if accepted {
                told(desk, one, "accepted", "follows", "now.");
            } else {
                told(desk, one, "gone", "does not want to follow", "any more.");
            }
        }
    }
    if !waiting.is_empty() {
        add(desk.global, desk.place.when_sent());
    }
    Ok(Exit::Fine)
}

/// Tells people that they may not follow.
pub(super) fn reject(
    desk: &Desk<'_>,
    who: &[String],
    user: Option<&str>,
) -> Result<Exit, CommandError> {
    let locals = desk.place.locals(user)?;
    let store = desk.place.store()?;
    let mut waiting = Vec::new();
    for who in who {
        let found = find(&store, &locals, who)?;
        let of_who: Vec<_> = found.into_iter().filter(|one| !one.follower.accepted).collect();
        if of_who.is_empty() {
            return Err(CommandError::Usage(format!(
                "`{who}` does not wait for an answer, but follows already; `sitegen followers \
                 remove {who}` removes them"
            )));
        }
        waiting.extend(of_who);
    }
    let now = Timestamp::now();
    store.run(|connection| {
        for one in &waiting {
            followers::reject(connection, one.follower.id.as_str(), one.local, now)?;
        }
        Ok(())
    })?;
    for one in &waiting {
        told(desk, one, "rejected", "may not follow", "They can ask again.");
    }
    add(desk.global, desk.place.when_sent());
    Ok(Exit::Fine)
}

/// Says what has become of somebody.
fn told(desk: &Desk<'_>, one: &Found<'_>, did: &str, before: &str, after: &str) {
    let (follower, user) = (&one.follower, &one.local.user);
    let stop = if after.starts_with(char::is_uppercase) { "." } else { "" };
    let text = format!("{} {before} @{user}{stop} {after}", one.named());
    let line = json!({
        "version": 1,
        "kind": "decision",
        "did": did,
        "user": user,
        "handle": follower.handle(),
        "id": follower.id.as_str(),
    });
    say(desk.global, &text, &line);
}

/// `@news`, `@news and @events`.
fn names(found: &[Found<'_>]) -> String {
    let names: Vec<String> = found.iter().map(|one| format!("@{}", one.local.user)).collect();
    names.join(" and ")
}
