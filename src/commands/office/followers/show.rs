//! Who follows, and how many.

use std::io;

use serde_json::{Value, json};

use super::Desk;
use crate::cli::OutputFormat;
use crate::commands::office::counted;
use crate::commands::office::tell::{add, day, say};
use crate::commands::output::write_to;
use crate::commands::{CommandError, Exit};
use crate::diagnostic::visible;
use crate::office::store::followers::{self, Follower};

/// What somebody is, in a word.
fn state(follower: &Follower) -> &'static str {
    match (follower.accepted, follower.parked) {
        (false, _) => "waits",
        (true, None) => "follows",
        (true, Some(_)) => "parked",
    }
}

/// Version 1 of what `--format json` writes for somebody who follows.
fn json(follower: &Follower) -> Value {
    json!({
        "version": 1,
        "kind": "follower",
        "user": follower.user,
        "handle": follower.handle(),
        "id": follower.id.as_str(),
        "since": follower.since.to_string(),
        "state": state(follower),
    })
}

/// Shows all, line by line. Nothing is held up meanwhile: a terminal may take its time.
pub(super) fn list(desk: &Desk<'_>, user: Option<&str>) -> Result<Exit, CommandError> {
    let user = user.map(|user| desk.place.local(user)).transpose()?;
    let store = desk.place.store()?;
    let is_for_people = desk.global.format == OutputFormat::Human;
    let (mut text, mut count, mut parked) = (String::new(), 0_usize, 0_usize);
    store.read(|connection| {
        followers::each(connection, user.map(|local| &*local.user), |one| {
            count += 1;
            parked += usize::from(one.parked.is_some());
            if is_for_people {
                let id = if desk.global.verbose { format!("  {}", one.id) } else { String::new() };
                let (since, handle) = (day(one.since), one.handle());
                let line = format!("{since}  {:7}  {}  {handle}{id}", state(&one), one.user);
                text.push_str(&visible(&line));
            } else {
                text.push_str(&json(&one).to_string());
            }
            text.push('\n');
            Ok(())
        })
    })?;
    drop(store);
    write_to(io::stdout(), &text);
    if count == 0 {
        add(desk.global, "Nobody follows yet.");
    }
    if parked > 0 {
        add(
            desk.global,
            "Parked: nothing is sent there, because their server is gone or refuses it. Who \
             follows again gets posts again.",
        );
    }
    Ok(Exit::Fine)
}

/// Says how many: this names nobody.
pub(super) fn count(desk: &Desk<'_>) -> Result<Exit, CommandError> {
    let store = desk.place.store()?;
    for local in &desk.place.settings.actors {
        let user = &local.user;
        let count = store.read(|connection| followers::count(connection, user))?;
        let mut text = format!("@{user}  {}", counted(count.accepted, "follower"));
        if count.pending > 0 {
            text.push_str(&format!(", {} more wait for your answer", count.pending));
        }
        if count.parked > 0 {
            text.push_str(&format!(", {} of them cannot be reached", count.parked));
        }
        let line = json!({
            "version": 1,
            "kind": "followers",
            "user": user,
            "followers": count.accepted,
            "pending": count.pending,
            "parked": count.parked,
        });
        say(desk.global, &text, &line);
    }
    Ok(Exit::Fine)
}

/// Shows those who wait for an answer, with their ids: whoever decides should look at them.
pub(super) fn pending(desk: &Desk<'_>, user: Option<&str>) -> Result<Exit, CommandError> {
    let locals = desk.place.locals(user)?;
    let store = desk.place.store()?;
    let mut count = 0;
    for local in locals {
        let waiting = store.read(|connection| followers::pending(connection, &local.user))?;
        count += waiting.len();
        for one in waiting {
            let (since, handle) = (day(one.since), one.handle());
            let text = format!("{since}  {}  {handle}  {}", one.user, one.id);
            say(desk.global, &text, &json(&one));
        }
    }
    add(
        desk.global,
        if count == 0 {
            "Nobody waits for an answer."
        } else {
            "Let them follow with `sitegen followers accept WHO`, or not with `sitegen followers \
             reject WHO`."
        },
    );
    Ok(Exit::Fine)
}
