//! Who follows.

use jiff::Timestamp;
use rusqlite::{Connection, Row, params};
use url::Url;

use super::effects::{self, send_answer};
use super::{Result, moment, remote, seconds, sql};
use crate::activity::Answer;
use crate::federation::{Local, RemoteActor};

pub use super::csv::{Imported, ImportedLine, NoFollowers, export, import};

/// Somebody who follows, or asks to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Follower {
    /// The user name of whom they follow.
    pub user: String,
    /// Their id.
    pub id: Url,
    /// `jo` of `@jo@social.example`, for people.
    pub name: String,
    /// Where messages to them go.
    pub inbox: Url,
    /// Where messages to all on their server go.
    pub shared_inbox: Option<Url>,
    /// The id of the follow.
    pub follow: String,
    /// Whether they may follow, or wait for a person to say so.
    pub accepted: bool,
    /// Since when.
    pub since: Timestamp,
    /// Since when nothing is sent to them, for it would not arrive.
    pub parked: Option<Timestamp>,
}

impl Follower {
    /// `@jo@social.example`, for people.
    pub fn handle(&self) -> String {
        format!("@{}@{}", self.name, self.id.host_str().unwrap_or_default())
    }
}

/// How many there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Those who may follow, parked ones too: what the world is told.
    pub accepted: usize,
    /// Those who wait for a person to say so.
    pub pending: usize,
    /// Those among the first to whom nothing is sent any more.
    pub parked: usize,
}

const COLUMNS: &str = "SELECT user, remote.uri, name, inbox.uri, shared.uri, follow, accepted,
                       since, parked FROM follower JOIN remote ON remote.id = follower.remote
                       JOIN inbox ON inbox.id = remote.inbox
                       LEFT JOIN inbox AS shared ON shared.id = remote.shared";

fn read(row: &Row<'_>) -> rusqlite::Result<Follower> {
    let shared: Option<String> = row.get(4)?;
    Ok(Follower {
        user: row.get(0)?,
        id: remote::url(row, 1)?,
        name: row.get(2)?,
        inbox: remote::url(row, 3)?,
        shared_inbox: shared.map(|_| remote::url(row, 4)).transpose()?,
        follow: row.get(5)?,
        accepted: row.get(6)?,
        since: moment(row.get(7)?),
        parked: row.get::<_, Option<i64>>(8)?.map(moment),
    })
}

/// Calls `each` for all followers of a user, or of all users: by user, and within one in the order
/// in which they came. There may be more of them than fit into memory.
pub fn each(
    connection: &Connection,
    user: Option<&str>,
    mut each: impl FnMut(Follower) -> Result<()>,
) -> Result<()> {
    let sql =
        format!("{COLUMNS} WHERE ?1 IS NULL OR user = ?1 ORDER BY user, since, follower.remote");
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query([user])?;
    while let Some(row) = rows.next()? {
        each(read(row)?)?;
    }
    Ok(())
}

/// Those who wait for a person to let them follow, in the order in which they came.
pub fn pending(connection: &Connection, user: &str) -> Result<Vec<Follower>> {
    let sql = format!("{COLUMNS} WHERE user = ?1 AND NOT accepted ORDER BY since, follower.remote");
    sql::all(connection, &sql, [user], read)
}

/// Those whom a person means by an id or a handle: `https://social.example/users/jo`,
/// `@jo@social.example` or `jo@social.example`. A name may have been taken by more than one.
pub fn find(connection: &Connection, user: &str, name: &str) -> Result<Vec<Follower>> {
    let (sql, value) = match name.trim_start_matches('@').split_once('@') {
        Some((name, _)) if !name.contains(':') => ("name = ?2 COLLATE NOCASE", name),
        _ => ("remote.uri = ?2", name),
    };
    let sql = format!("{COLUMNS} WHERE user = ?1 AND {sql} ORDER BY follower.remote");
    let mut found = sql::all(connection, &sql, [user, value], read)?;
    let handle = format!("@{}", name.trim_start_matches('@'));
    found.retain(|one| one.id.as_str() == name || one.handle().eq_ignore_ascii_case(&handle));
    Ok(found)
}

/// How many follow a user.
pub fn count(connection: &Connection, user: &str) -> Result<Count> {
    let sql = "SELECT count(*) FILTER (WHERE accepted), count(*) FILTER (WHERE NOT accepted),
               count(*) FILTER (WHERE accepted AND parked IS NOT NULL)
               FROM follower WHERE user = ?1";
    let count = sql::one(connection, sql, [user], |row| {
        Ok(Count { accepted: row.get(0)?, pending: row.get(1)?, parked: row.get(2)? })
    });
    Ok(count?.unwrap_or_default())
}

/// Whether somebody follows, or asks to.
pub fn is_one(connection: &Connection, user: &str, actor: &str) -> Result<bool> {
    let sql =
        "SELECT 1 FROM follower JOIN remote ON remote.id = remote WHERE user = ?1 AND uri = ?2";
    sql::is_there(connection, sql, [user, actor])
}

/// Lets somebody follow who has asked to, and tells them. Says whether they had asked.
pub fn accept(connection: &Connection, actor: &str, local: &Local, now: Timestamp) -> Result<bool> {
    let Some(follow) = follow(connection, &local.user, actor)? else { return Ok(false) };
    let sql = "UPDATE follower SET accepted = 1 WHERE user = ?1
               AND remote = (SELECT id FROM remote WHERE uri = ?2)";
    sql::change(connection, sql, [local.user.as_str(), actor])?;
    send_answer(connection, local, &Answer::accept(&local.id, actor, &follow), now)?;
    Ok(true)
}

/// Tells somebody that they may not follow, or not any more. Says whether they did or had asked.
pub fn reject(connection: &Connection, actor: &str, local: &Local, now: Timestamp) -> Result<bool> {
    let Some(follow) = follow(connection, &local.user, actor)? else { return Ok(false) };
    // What is on its way to them has to go first, and they themselves only once the answer has
    // their inbox.
    send_answer(connection, local, &Answer::reject(&local.id, actor, &follow), now)?;
    let Some(remote) = remote::id(connection, actor)? else { return Ok(true) };
    remove_posts(connection, &local.user, remote)?;
    let sql = "DELETE FROM follower WHERE user = ?1 AND remote = ?2";
    sql::change(connection, sql, params![local.user, remote])?;
    Ok(true)
}

fn follow(connection: &Connection, user: &str, actor: &str) -> Result<Option<String>> {
    let sql = "SELECT follow FROM follower JOIN remote ON remote.id = remote
               WHERE user = ?1 AND uri = ?2";
    sql::one(connection, sql, [user, actor], |row| row.get(0))
}

/// Removes a follower with all that is on its way to them alone. They are not told. Says whether
/// they followed.
pub fn remove(connection: &Connection, user: &str, actor: &str) -> Result<bool> {
    let Some(remote) = remote::id(connection, actor)? else { return Ok(false) };
    remove_posts(connection, user, remote)?;
    // The answers last: they may be all that keeps the actor.
    let sql = "DELETE FROM follower WHERE user = ?1 AND remote = ?2";
    let count = sql::change(connection, sql, params![user, remote])?;
    let sql = "DELETE FROM activity WHERE user = ?1 AND addressee = ?2";
    sql::change(connection, sql, params![user, remote])?;
    Ok(count > 0)
}

/// Removes what is on its way to an inbox of a follower and to no other follower of this user.
fn remove_posts(connection: &Connection, user: &str, remote: i64) -> Result<()> {
    let inboxes = "SELECT inbox FROM remote WHERE id = ?1
                   UNION SELECT shared FROM remote WHERE id = ?1 AND shared IS NOT NULL";
    let inboxes: Vec<i64> = sql::all(connection, inboxes, [remote], |row| row.get(0))?;
    for inbox in inboxes {
        let others = "SELECT 1 FROM remote CROSS JOIN follower ON follower.remote = remote.id
                      WHERE (inbox = ?1 OR shared = ?1) AND remote.id <> ?2 AND user = ?3";
        if sql::is_there(connection, others, params![inbox, remote, user])? {
            continue;
        }
        let sql = "DELETE FROM delivery WHERE inbox = ?1 AND activity IN
                   (SELECT id FROM activity WHERE user = ?2 AND addressee IS NULL)";
        sql::change(connection, sql, params![inbox, user])?;
    }
    Ok(())
}

/// Adds a follower whom the owner of the site brings along from elsewhere: they may follow, and
/// their server counts as one that takes messages. Says whether they are new.
pub fn add_known(
    connection: &Connection,
    user: &str,
    actor: &RemoteActor,
    follow: &str,
    now: Timestamp,
) -> Result<bool> {
    if is_one(connection, user, actor.id.as_str())? {
        return Ok(false);
    }
    let follower = effects::Follower { user, follow, at: now, accepted: true };
    effects::put(connection, actor, &follower, now)?;
    let sql = "UPDATE host SET proven = ?2 WHERE origin = ?1 AND proven IS NULL";
    let origin = crate::federation::url::origin(&actor.id);
    sql::change(connection, sql, params![origin, seconds(now)])?;
    Ok(true)
}
