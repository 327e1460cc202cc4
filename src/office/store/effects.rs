//! Does what a message has been decided to change.

use jiff::Timestamp;
use rusqlite::{Connection, params};

use super::known::hash;
use super::{Result, StoreError, followers, hosts, queue, reactions, remote, seconds, sql, writer};
use crate::activity::Answer;
use crate::federation::{Effect, Local, RemoteActor, Retraction, url};
use crate::limits::RETRACTIONS_MAX;

/// Stores all effects of one message, or none. `locals` are the actors of the site, in whose names
/// follows are answered.
///
/// # Errors
///
/// [`StoreError::NoRoom`] when there are too many followers, and whatever the disk says.
pub fn apply(
    connection: &Connection,
    effects: &[Effect],
    now: Timestamp,
    locals: &[Local],
) -> Result<()> {
    writer::within_savepoint(connection, |connection| {
        effects.iter().try_for_each(|effect| one(connection, effect, now, locals))
    })
}

fn one(connection: &Connection, effect: &Effect, now: Timestamp, locals: &[Local]) -> Result<()> {
    match effect {
        Effect::AddFollower { user, actor, follow, at, accepted } => {
            let follower = Follower { user, follow, at: *at, accepted: *accepted };
            add(connection, actor, &follower, now)
        }
        Effect::SendAccept { user, actor, follow } => {
            let local = local(locals, user)?;
            send_answer(connection, local, &Answer::accept(&local.id, actor, follow), now)
        }
        Effect::RemoveFollower { user, actor } => {
            followers::remove(connection, user, actor).map(|_| ())
        }
        Effect::Remember(retraction) => remember(connection, retraction),
        Effect::Forget { actor } => forget(connection, actor),
        Effect::Refresh(actor) => match remote::id(connection, actor.id.as_str())? {
            Some(id) => {
                remote::replace(connection, id, actor, now)?;
                let sql = "UPDATE follower SET parked = NULL WHERE remote = ?1";
                sql::change(connection, sql, [id]).map(|_| ())
            }
            None => Ok(()),
        },
        Effect::Keep(reaction) => reactions::keep(connection, reaction, now),
        Effect::Drop { actor, id } => {
            let sql = "DELETE FROM reaction WHERE id = ?1 AND actor = ?2";
            sql::change(connection, sql, [id, actor]).map(|_| ())
        }
    }
}

pub(super) fn local<'a>(locals: &'a [Local], user: &str) -> Result<&'a Local> {
    let found = locals.iter().find(|local| local.user == user);
    found.ok_or_else(|| StoreError::NoUser(user.to_owned()))
}

/// A follow.
pub(super) struct Follower<'a> {
    pub(super) user: &'a str,
    pub(super) follow: &'a str,
    pub(super) at: Timestamp,
    pub(super) accepted: bool,
}

/// Stores a follower, or a newer follow of one.
fn add(
    connection: &Connection,
    actor: &RemoteActor,
    follower: &Follower<'_>,
    now: Timestamp,
) -> Result<()> {
    let uri = actor.id.as_str();
    if !followers::is_one(connection, follower.user, uri)? {
        hosts::check_room(connection, &url::origin(&actor.id))?;
    }
    put(connection, actor, follower, now)
}

/// As [`add`], whether or not there is room.
pub(super) fn put(
    connection: &Connection,
    actor: &RemoteActor,
    follower: &Follower<'_>,
    now: Timestamp,
) -> Result<()> {
    let remote = remote::put(connection, actor, now)?;
    let sql = "INSERT INTO follower (user, remote, follow, at, since, accepted)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6)
               ON CONFLICT DO UPDATE SET follow = ?3, at = ?4, accepted = ?6,
                   answered = NULL, parked = NULL";
    let Follower { user, follow, at, accepted } = follower;
    sql::change(
        connection,
        sql,
        params![user, remote, follow, seconds(*at), seconds(now), accepted],
    )?;
    Ok(())
}

/// Puts the answer to a follow into the queue, instead of any other to the same follower.
pub(super) fn send_answer(
    connection: &Connection,
    local: &Local,
    answer: &Answer,
    now: Timestamp,
) -> Result<()> {
    // Somebody who does not follow has nothing to hear.
    let Some(remote) = remote::id(connection, answer.follower())? else { return Ok(()) };
    queue::answer(connection, &local.user, remote, answer, now)?;
    let sql = "UPDATE follower SET answered = ?3 WHERE user = ?1 AND remote = ?2";
    sql::change(connection, sql, params![local.user, remote, seconds(now)]).map(|_| ())
}

fn remember(connection: &Connection, retraction: &Retraction) -> Result<()> {
    let Retraction { user, actor, follow, at } = retraction;
    let actor = hash(actor);
    let sql = "DELETE FROM retracted WHERE user = ?1 AND actor = ?2 AND at <= ?3";
    sql::change(connection, sql, params![user, actor, seconds(*at)])?;
    let sql = "INSERT INTO retracted (user, actor, follow, at) VALUES (?1, ?2, ?3, ?4)
               ON CONFLICT DO NOTHING";
    let follow = follow.as_deref().map(hash);
    sql::change(connection, sql, params![user, actor, follow, seconds(*at)])?;
    // Numbers grow, so that no more than this many are ever there.
    let sql = "DELETE FROM retracted WHERE id <= (SELECT max(id) FROM retracted) - ?1";
    sql::change(connection, sql, [RETRACTIONS_MAX]).map(|_| ())
}

/// Of somebody who is no more nothing stays.
fn forget(connection: &Connection, actor: &str) -> Result<()> {
    let sql = "SELECT user FROM follower JOIN remote ON remote.id = remote WHERE uri = ?1";
    let users: Vec<String> = sql::all(connection, sql, [actor], |row| row.get(0))?;
    for user in users {
        followers::remove(connection, &user, actor)?;
    }
    if let Some(remote) = remote::id(connection, actor)? {
        sql::change(connection, "DELETE FROM activity WHERE addressee = ?1", [remote])?;
    }
    sql::change(connection, "DELETE FROM reaction WHERE actor = ?1", [actor])?;
    sql::change(connection, "DELETE FROM retracted WHERE actor = ?1", [hash(actor)]).map(|_| ())
}
