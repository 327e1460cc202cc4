//! Followers and block lists as tables, as other programs write and read them.

use std::io::Write;

use jiff::Timestamp;
use rusqlite::Connection;

use super::blocks::{self, Blocked};
use super::{Result, followers};
use crate::federation::{Local, RemoteActor, url};

/// The columns of a table of followers. The first one says to people who it is.
const COLUMNS: [&str; 8] =
    ["account", "user", "id", "inbox", "shared_inbox", "follow", "accepted", "since"];

/// Writes all followers of a user, or of all.
///
/// # Errors
///
/// Of the store; those of `to` come inside, for a table that cannot be written is no table.
pub fn export(
    connection: &Connection,
    user: Option<&str>,
    to: impl Write,
) -> Result<std::io::Result<()>> {
    let mut table = csv::Writer::from_writer(to);
    let mut written = table.write_record(COLUMNS);
    followers::each(connection, user, |one| {
        if written.is_ok() {
            // A name that begins with `=` would be a formula in a spreadsheet.
            let account = format!("acct:{}", one.handle().trim_start_matches('@'));
            let (accepted, since) = (one.accepted.to_string(), one.since.to_string());
            let shared = one.shared_inbox.as_ref().map_or("", |url| url.as_str());
            let (id, inbox) = (one.id.as_str(), one.inbox.as_str());
            written = table.write_record([
                &account,
                &one.user,
                id,
                inbox,
                shared,
                &one.follow,
                &accepted,
                &since,
            ]);
        }
        Ok(())
    })?;
    Ok(written.map_err(std::io::Error::from).and_then(|()| table.flush()))
}

/// What has become of a table of followers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    /// How many are new.
    pub added: usize,
    /// How many follow already.
    pub known: usize,
    /// Lines of which nothing could be made.
    pub unread: Vec<u64>,
    /// What was made of each line.
    pub lines: Vec<(u64, ImportedLine)>,
}

/// What has become of one line of a table of followers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImportedLine {
    /// It names a new follower.
    Added,
    /// It names one who follows already.
    Known,
    /// It names somebody who only waits for an answer, and is left out.
    Waiting,
    /// It names somebody who may not follow, and is left out.
    Blocked,
    /// It names a follower of another user, and is left out.
    OtherUser,
    /// Nothing could be made of it.
    Unread,
}

/// A text is no table of followers: one of its columns is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoFollowers(pub &'static str);

/// Adds the followers of a table, as [`export`] writes it, to those of `locals`. Their keys are
/// fetched when they are needed; whoever only waits for an answer is left out, and will ask again.
///
/// # Errors
///
/// Of the store; inside, when the text is no such table.
pub fn import(
    connection: &Connection,
    text: &str,
    locals: &[Local],
    now: Timestamp,
) -> Result<Result<Imported, NoFollowers>> {
    let mut table = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
    let header = table.headers().cloned().unwrap_or_default();
    let column =
        |name: &'static str| header.iter().position(|found| found == name).ok_or(NoFollowers(name));
    let places = || Ok((column("user")?, column("id")?, column("inbox")?, column("follow")?));
    let (user, id, inbox, follow) = match places() {
        Ok(places) => places,
        Err(missing) => return Ok(Err(missing)),
    };
    let (shared, accepted) = (column("shared_inbox").ok(), column("accepted").ok());
    let mut imported = Imported::default();
    for (index, row) in table.records().enumerate() {
        let row = row.unwrap_or_default();
        let line = row.position().map_or(index as u64 + 2, csv::Position::line);
        let cell = |place: usize| row.get(place).unwrap_or_default();
        if accepted.is_some_and(|place| cell(place) == "false") {
            imported.lines.push((line, ImportedLine::Waiting));
            continue;
        }
        let user = cell(user);
        let is_ours = locals.iter().any(|local| local.user == user);
        let actor = actor(cell(id), cell(inbox), shared.map_or("", cell));
        let (Some(actor), Some(follow), true) = (actor, url::parse_id(cell(follow)), is_ours)
        else {
            let is_other = !is_ours && !user.is_empty();
            let what = if is_other { ImportedLine::OtherUser } else { ImportedLine::Unread };
            imported.lines.push((line, what));
            imported.unread.push(line);
            continue;
        };
        if blocks::is_blocked(connection, actor.id.as_str())? {
            imported.lines.push((line, ImportedLine::Blocked));
            continue;
        }
        if followers::add_known(connection, user, &actor, follow.as_str(), now)? {
            imported.added += 1;
            imported.lines.push((line, ImportedLine::Added));
        } else {
            imported.known += 1;
            imported.lines.push((line, ImportedLine::Known));
        }
    }
    Ok(Ok(imported))
}

fn actor(id: &str, inbox: &str, shared: &str) -> Option<RemoteActor> {
    let id = url::parse(id)?;
    let own = |text| url::parse(text).filter(|inbox| url::same_origin(inbox, &id));
    let (inbox, shared_inbox) = (own(inbox)?, own(shared));
    let name = id.path_segments().and_then(|mut parts| parts.next_back()).unwrap_or_default();
    let name = name.trim_start_matches('@').to_owned();
    Some(RemoteActor { name, inbox, shared_inbox, keys: Vec::new(), id })
}

/// What a list of servers asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BlockList {
    /// Who is to be blocked.
    pub blocked: Vec<Blocked>,
    /// Rows that ask for less than that, such as `silence`.
    pub milder: usize,
    /// Lines of which nothing could be made.
    pub unread: Vec<u64>,
}

/// Reads a list of servers: the one that Mastodon exports, with `#domain` and `#severity` in its
/// first line, or a bare one with a server on each line.
pub fn block_list(text: &str) -> BlockList {
    let mut table =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    let mut list = BlockList::default();
    let (mut domain, mut severity) = (0, None);
    for (index, row) in table.records().enumerate() {
        let Ok(row) = row else {
            list.unread.push(index as u64 + 1);
            continue;
        };
        let line = row.position().map_or(index as u64 + 1, csv::Position::line);
        let place = |name| row.iter().position(|cell| cell.trim().trim_start_matches('#') == name);
        if let (0, Some(place_of_domain)) = (index, place("domain")) {
            (domain, severity) = (place_of_domain, place("severity"));
            continue;
        }
        let cell = |place: usize| row.get(place).unwrap_or_default().trim();
        if cell(domain).is_empty() || cell(domain).starts_with('#') {
            continue;
        }
        match (severity.map_or("", cell), Blocked::domain(cell(domain))) {
            ("" | "suspend", Some(blocked)) => list.blocked.push(blocked),
            ("" | "suspend", None) => list.unread.push(line),
            _ => list.milder += 1,
        }
    }
    list
}
