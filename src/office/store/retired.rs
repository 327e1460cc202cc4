//! Actors whose life has come to an end.

use jiff::Timestamp;
use rusqlite::{Connection, params};

use super::queue::{self, Activity, Kind};
use super::{Result, moment, seconds, sql};
use crate::federation::retry::LIFETIME;

/// An actor who is no more, or is somewhere else now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retired {
    /// The user name.
    pub user: String,
    /// Since when.
    pub since: Timestamp,
    /// The id of the actor whom followers are to follow instead.
    pub target: Option<String>,
}

/// Ends the life of an actor: `last` is what followers hear as the last of it. Who has asked to
/// follow and was not answered is forgotten. Says to how many inboxes it goes.
pub fn retire(
    connection: &Connection,
    user: &str,
    last: &Activity,
    target: Option<&str>,
    now: Timestamp,
) -> Result<usize> {
    if last.kind == Kind::Delete {
        // Nobody needs to hear what is to be deleted.
        sql::change(connection, "DELETE FROM activity WHERE user = ?1", [user])?;
    }
    sql::change(connection, "DELETE FROM follower WHERE user = ?1 AND NOT accepted", [user])?;
    let deliveries = queue::enqueue(connection, user, last, now)?;
    let sql = "INSERT INTO retired VALUES (?1, ?2, ?3)";
    sql::change(connection, sql, params![user, seconds(now), target])?;
    Ok(deliveries)
}

/// All of them.
pub fn all(connection: &Connection) -> Result<Vec<Retired>> {
    let sql = "SELECT user, since, target FROM retired ORDER BY user";
    sql::all(connection, sql, [], |row| {
        Ok(Retired { user: row.get(0)?, since: moment(row.get(1)?), target: row.get(2)? })
    })
}

/// Whether a user is one of them.
pub fn is_one(connection: &Connection, user: &str) -> Result<bool> {
    sql::is_there(connection, "SELECT 1 FROM retired WHERE user = ?1", [user])
}

/// Forgets the followers of a user once all have heard the last of it, or never will.
pub fn forget_followers(connection: &Connection, user: &str, now: Timestamp) -> Result<()> {
    let before = seconds(now.saturating_sub(LIFETIME).unwrap_or(now));
    let sql = "DELETE FROM follower WHERE user = ?1
               AND EXISTS (SELECT 1 FROM retired WHERE user = ?1 AND since <= ?2)";
    sql::change(connection, sql, params![user, before]).map(|_| ())
}
