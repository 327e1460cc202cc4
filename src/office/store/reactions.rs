//! Likes, boosts and replies, which are kept for later use. Strangers send them, so there are few.

use jiff::Timestamp;
use rusqlite::{Connection, params};

use super::{Result, seconds, sql};
use crate::federation::{Reaction, ReactionKind};
use crate::limits::{REACTIONS_FROM_ACTOR_MAX, REACTIONS_MAX, REACTIONS_TO_POST_MAX};

/// Keeps a reaction, unless there are enough to that post or from that actor. When there are too
/// many of all, the oldest goes.
pub(super) fn keep(connection: &Connection, reaction: &Reaction, now: Timestamp) -> Result<()> {
    let Reaction { id, actor, post, kind } = reaction;
    let is_full = |sql, value: &str, max| {
        sql::number(connection, sql, params![value, max]).map(|count| count >= max)
    };
    let to_post = "SELECT count(*) FROM (SELECT 1 FROM reaction WHERE post = ?1 LIMIT ?2)";
    let by_actor = "SELECT count(*) FROM (SELECT 1 FROM reaction WHERE actor = ?1 LIMIT ?2)";
    if is_full(to_post, post, REACTIONS_TO_POST_MAX)?
        || is_full(by_actor, actor, REACTIONS_FROM_ACTOR_MAX)?
    {
        return Ok(());
    }
    let sql = "INSERT INTO reaction (id, actor, post, kind, at) VALUES (?1, ?2, ?3, ?4, ?5)
               ON CONFLICT DO NOTHING";
    sql::change(connection, sql, params![id, actor, post, number(*kind), seconds(now)])?;
    // Numbers grow, so that no more than this many are ever there.
    let sql = "DELETE FROM reaction WHERE number <= (SELECT max(number) FROM reaction) - ?1";
    sql::change(connection, sql, [REACTIONS_MAX]).map(|_| ())
}

/// All reactions to a post, oldest first.
pub fn of(connection: &Connection, post: &str) -> Result<Vec<Reaction>> {
    let sql = "SELECT id, actor, post, kind FROM reaction WHERE post = ?1 ORDER BY number";
    sql::all(connection, sql, [post], |row| {
        let kind = kind(row.get(3)?);
        Ok(Reaction { id: row.get(0)?, actor: row.get(1)?, post: row.get(2)?, kind })
    })
}

fn number(kind: ReactionKind) -> i64 {
    match kind {
        ReactionKind::Like => 0,
        ReactionKind::Announce => 1,
        ReactionKind::Reply => 2,
    }
}

fn kind(number: i64) -> ReactionKind {
    match number {
        0 => ReactionKind::Like,
        1 => ReactionKind::Announce,
        _ => ReactionKind::Reply,
    }
}
