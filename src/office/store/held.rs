//! Messages that wait for a person to say that they may go: more at once than anybody writes.

use jiff::Timestamp;
use rusqlite::{Connection, params};

use super::queue::{self, Activity, Kind};
use super::{Result, seconds, sql};

/// Keeps a message back. One of the same id takes its place.
pub fn hold(
    connection: &Connection,
    user: &str,
    activity: &Activity,
    now: Timestamp,
) -> Result<()> {
    let sql = "INSERT INTO held (user, uri, kind, post, body, created)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO UPDATE SET body = excluded.body";
    let Activity { uri, kind, post, body } = activity;
    let values = params![user, uri, kind.number(), post, body, seconds(now)];
    sql::change(connection, sql, values).map(|_| ())
}

/// The messages of a user that wait, oldest first.
pub fn list(connection: &Connection, user: &str) -> Result<Vec<Activity>> {
    let sql = "SELECT uri, kind, post, body FROM held WHERE user = ?1 ORDER BY id";
    sql::all(connection, sql, [user], |row| {
        Ok(Activity {
            uri: row.get(0)?,
            kind: Kind::of(row.get(1)?),
            post: row.get(2)?,
            body: row.get(3)?,
        })
    })
}

/// Sends all messages of a user that wait, and says how many they were.
pub fn confirm(connection: &Connection, user: &str, now: Timestamp) -> Result<usize> {
    let held = list(connection, user)?;
    discard(connection, user)?;
    for activity in &held {
        queue::enqueue(connection, user, activity, now)?;
    }
    Ok(held.len())
}

/// Throws away all messages of a user that wait, and says how many they were.
pub fn discard(connection: &Connection, user: &str) -> Result<usize> {
    sql::change(connection, "DELETE FROM held WHERE user = ?1", [user])
}
