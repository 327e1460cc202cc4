//! What is only counted, or remembered as one number.

use jiff::Timestamp;
use rusqlite::{Connection, params};

use super::{Result, moment, seconds, sql};
use crate::limits::FOLLOWERS_MAX;

/// Deliveries that were given up after eight days.
pub const EXPIRED: &str = "expired";

/// How many of those a person has taken note of.
const EXPIRED_NOTED: &str = "expired_noted";

/// Followers who were dropped because their inbox is gone.
pub const GONE: &str = "gone";

/// How many there are of all users.
pub(super) const FOLLOWERS: &str = "followers";

/// How many there may be.
const ROOM: &str = "followers_max";

/// When the copy was made from which this store was restored.
const SNAPSHOT: &str = "snapshot";

/// That somebody has confirmed what was held back of a user, whose name follows.
const CONFIRMED: &str = "confirmed @";

/// Adds to a counter.
pub(super) fn add(connection: &Connection, name: &str, count: usize) -> Result<()> {
    let sql = "INSERT INTO counter VALUES (?1, ?2) ON CONFLICT DO UPDATE SET value = value + ?2";
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    sql::change(connection, sql, params![name, count]).map(|_| ())
}

/// Notes how many followers there may be of all users.
pub fn set_room(connection: &Connection, most: usize) -> Result<()> {
    let sql = "INSERT INTO counter VALUES (?1, ?2) ON CONFLICT DO UPDATE SET value = ?2";
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    sql::change(connection, sql, params![ROOM, most]).map(|_| ())
}

/// How many followers there may be of all users.
pub(super) fn room(connection: &Connection) -> Result<i64> {
    let sql = "SELECT value FROM counter WHERE name = ?1";
    let most = sql::one(connection, sql, [ROOM], |row| row.get(0))?;
    Ok(most.unwrap_or(i64::try_from(FOLLOWERS_MAX).unwrap_or(i64::MAX)))
}

/// What a counter says.
pub fn get(connection: &Connection, name: &str) -> Result<i64> {
    sql::number(connection, "SELECT value FROM counter WHERE name = ?1", [name])
}

pub(super) fn mark_snapshot(connection: &Connection, now: Timestamp) -> Result<()> {
    let sql = "INSERT OR REPLACE INTO counter VALUES (?1, ?2)";
    sql::change(connection, sql, params![SNAPSHOT, seconds(now)]).map(|_| ())
}

/// When the backup was made from which this store was restored, until a person has said that its
/// age is known ([`acknowledge`]). Whoever has left since follows again in it, and which posts have
/// gone out since is not known.
pub fn restored_from(connection: &Connection) -> Result<Option<Timestamp>> {
    let sql = "SELECT value FROM counter WHERE name = ?1";
    sql::one(connection, sql, [SNAPSHOT], |row| Ok(moment(row.get(0)?)))
}

/// Deliveries that were given up and of which nobody has taken note yet.
pub fn expired_unnoted(connection: &Connection) -> Result<i64> {
    Ok(get(connection, EXPIRED)? - get(connection, EXPIRED_NOTED)?)
}

/// Notes that somebody has confirmed what was held back of a user, for the post office that is at
/// work.
pub fn confirm(connection: &Connection, user: &str) -> Result<()> {
    let sql = "INSERT OR REPLACE INTO counter VALUES (?1 || ?2, 1)";
    sql::change(connection, sql, [CONFIRMED, user]).map(|_| ())
}

/// Whether somebody has, and it has not been done.
pub fn is_confirmed(connection: &Connection, user: &str) -> Result<bool> {
    sql::is_there(connection, "SELECT 1 FROM counter WHERE name = ?1 || ?2", [CONFIRMED, user])
}

/// Whether there is any user of whom that is so.
pub fn is_any_confirmed(connection: &Connection) -> Result<bool> {
    let sql = "SELECT 1 FROM counter WHERE substr(name, 1, length(?1)) = ?1";
    sql::is_there(connection, sql, [CONFIRMED])
}

/// Notes that what was confirmed is done.
pub fn has_confirmed(connection: &Connection, user: &str) -> Result<()> {
    let sql = "DELETE FROM counter WHERE name = ?1 || ?2";
    sql::change(connection, sql, [CONFIRMED, user]).map(|_| ())
}

/// Takes note of the age of the backup, and of what was given up so far.
pub fn acknowledge(connection: &Connection) -> Result<()> {
    sql::change(connection, "DELETE FROM counter WHERE name = ?1", [SNAPSHOT])?;
    let sql = "INSERT OR REPLACE INTO counter VALUES (?1, ?2)";
    let expired = get(connection, EXPIRED)?;
    sql::change(connection, sql, params![EXPIRED_NOTED, expired]).map(|_| ())
}
