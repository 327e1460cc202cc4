//! Who may not follow at all.

use std::path::Path;

use jiff::Timestamp;
use serde_json::json;

use super::Desk;
use super::find::{find_any, handle_of_profile};
use crate::cli::Block;
use crate::commands::office::counted;
use crate::commands::office::private::read_text;
use crate::commands::office::tell::{add, day, say};
use crate::commands::output::confirm;
use crate::commands::{CommandError, Exit};
use crate::federation::url;
use crate::limits::TABLE_BYTES_MAX;
use crate::office::store::blocks::{self, BlockList, Blocked};
use crate::office::store::{Store, followers};

/// Blocks people and servers.
pub(super) fn block(desk: &Desk<'_>, arguments: &Block) -> Result<Exit, CommandError> {
    let store;
    let (list, unread) = match &arguments.import {
        Some(file) => {
            let (list, unread) = read_list(desk, file)?;
            store = desk.place.store_or_new()?;
            (list, unread)
        }
        None => {
            store = desk.place.store_or_new()?;
            let one = |who: &String| whom(desk, &store, who);
            (arguments.who.iter().map(one).collect::<Result<_, _>>()?, 0)
        }
    };
    let lost = affected(&store, &list)?;
    let question = format!("{} will be removed without being told", counted(lost, "follower"));
    if lost > 0 && !(arguments.yes || confirm(&question, "--yes")?) {
        add(desk.global, "Nothing has changed.");
        return Ok(Exit::Fine);
    }
    for blocked in &list {
        // One by one: the post office has its turn after each.
        let removed =
            store.run(|connection| blocks::block(connection, blocked, Timestamp::now()))?;
        let name = shown(blocked);
        let line = json!({
            "version": 1, "kind": "decision", "did": "blocked", "blocked": name, "removed": removed,
        });
        let text = format!("{name} is blocked; {} removed", counted(removed, "follower"));
        say(desk.global, &text, &line);
    }
    Ok(if unread == 0 { Exit::Fine } else { Exit::SiteErrors })
}

/// Reads a list of servers, and says what of it is left out. Gives also how many lines cannot be
/// read.
fn read_list(desk: &Desk<'_>, file: &Path) -> Result<(Vec<Blocked>, usize), CommandError> {
    let text = read_text(file, TABLE_BYTES_MAX)?;
    let BlockList { blocked, milder, unread } = blocks::block_list(&text);
    for number in &unread {
        let line = json!({ "version": 1, "kind": "import", "line": number, "did": "unread" });
        let text = format!("line {number}: error: this is not the name of a server");
        say(desk.global, &text, &line);
    }
    if milder > 0 {
        add(
            desk.global,
            &format!(
                "{} ask for less than blocking, such as `silence`, and are left out.",
                counted(milder, "line")
            ),
        );
    }
    if blocked.is_empty() && unread.is_empty() && milder == 0 {
        return Err(CommandError::Usage(format!(
            "{} names no server; it should have one on each line, or be the CSV file that Mastodon \
             exports",
            file.display()
        )));
    }
    Ok((blocked, unread.len()))
}

/// How many followers would be removed.
fn affected(store: &Store, list: &[Blocked]) -> Result<usize, CommandError> {
    let mut count = 0;
    store.read(|connection| {
        followers::each(connection, None, |one| {
            count += usize::from(list.iter().any(|blocked| blocked.covers(&one.id)));
            Ok(())
        })
    })?;
    Ok(count)
}

/// Whom a person means: a follower, anybody by their id, or a server.
fn whom(desk: &Desk<'_>, store: &Store, who: &str) -> Result<Blocked, CommandError> {
    let locals = desk.place.locals(None)?;
    if handle_of_profile(who).is_some() || is_handle(who) {
        return match &find_any(store, &locals, who)?[..] {
            [one, ..] => Ok(Blocked::Account(one.follower.id.clone())),
            [] => Err(CommandError::Usage(format!(
                "nobody named `{who}` follows; block them by their id, such as \
                 https://social.example/users/jo, or together with their server"
            ))),
        };
    }
    named(who)
}

/// `jo@social.example`, but not `@social.example`, which is a server.
fn is_handle(who: &str) -> bool {
    !who.contains("://") && who.trim_start_matches('@').contains('@')
}

/// Somebody by their id, or a server.
fn named(who: &str) -> Result<Blocked, CommandError> {
    if let Some(id) = url::parse(who).filter(|id| id.path() != "/") {
        return Ok(Blocked::Account(id));
    }
    Blocked::domain(who).ok_or_else(|| {
        CommandError::Usage(format!(
            "`{who}` names nobody; write @jo@social.example, an id such as \
             https://social.example/users/jo, or a server such as social.example"
        ))
    })
}

/// Lets people and servers follow again.
pub(super) fn unblock(desk: &Desk<'_>, who: &[String]) -> Result<Exit, CommandError> {
    let not_blocked = |who: &str| {
        CommandError::Usage(format!(
            "`{who}` is not blocked under that name; `sitegen followers blocks` shows who is, and \
             under which"
        ))
    };
    let mut list = Vec::new();
    for who in who {
        if is_handle(who) {
            return Err(not_blocked(who));
        }
        list.push((who, named(who)?));
    }
    let store = desk.place.store()?;
    for (who, blocked) in &list {
        if !store.run(|connection| blocks::unblock(connection, blocked))? {
            return Err(not_blocked(who));
        }
        let name = shown(blocked);
        let line = json!({
            "version": 1, "kind": "decision", "did": "unblocked", "blocked": name,
        });
        say(desk.global, &format!("{name} may follow again"), &line);
    }
    Ok(Exit::Fine)
}

/// Shows who is blocked.
pub(super) fn list(desk: &Desk<'_>) -> Result<Exit, CommandError> {
    let list = desk.place.store()?.read(blocks::list)?;
    for (blocked, since) in &list {
        let name = shown(blocked);
        let line = json!({
            "version": 1, "kind": "block", "blocked": name, "since": since.to_string(),
        });
        say(desk.global, &format!("{}  {name}", day(*since)), &line);
    }
    if list.is_empty() {
        add(desk.global, "Nobody is blocked.");
    }
    Ok(Exit::Fine)
}

fn shown(blocked: &Blocked) -> String {
    match blocked {
        Blocked::Account(id) => id.to_string(),
        Blocked::Domain(name) => name.clone(),
    }
}
