//! How the post office is doing, for people. Nothing here names a follower; a server is not one.

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, params};

use super::{Result, counters, moment, seconds, sql};

/// After how long without any success a server is called dead.
pub(crate) const DEAD: SignedDuration = SignedDuration::from_hours(24);

/// Servers that are named.
const NAMED_MAX: i64 = 20;

/// How it is doing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// Deliveries in the queue.
    pub queued: i64,
    /// Those among them that wait for a server to take its first answer.
    pub waiting: i64,
    /// When the oldest of them was put there.
    pub oldest: Option<Timestamp>,
    /// When something last arrived.
    pub last_delivered: Option<Timestamp>,
    /// How many servers get messages.
    pub hosts: i64,
    /// How many of them cannot be reached since a day or more.
    pub dead: i64,
    /// The first twenty of those, longest dead first.
    pub dead_hosts: Vec<DeadHost>,
    /// Messages that wait for a person to say that they may go.
    pub held: i64,
    /// Deliveries that were given up after eight days, ever.
    pub expired: i64,
    /// Those among them of which nobody has taken note yet.
    pub expired_unnoted: i64,
    /// Followers who were dropped because their inbox is gone, ever.
    pub gone: i64,
    /// When the backup was made of which this is a copy, if nobody has taken note of that.
    pub restored_from: Option<Timestamp>,
}

/// A server that cannot be reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeadHost {
    /// `https://social.example`.
    pub origin: String,
    /// Since when.
    pub since: Timestamp,
    /// Why.
    pub error: Option<String>,
}

/// Says how it is doing.
pub fn status(connection: &Connection, now: Timestamp) -> Result<Status> {
    let number = |sql| sql::number(connection, sql, []);
    let time = |sql| -> Result<Option<Timestamp>> {
        let found = sql::one(connection, sql, [], |row| row.get::<_, Option<i64>>(0))?;
        Ok(found.flatten().map(moment))
    };
    let dead = seconds(now.saturating_sub(DEAD).unwrap_or(now));
    let sql = "SELECT origin, failing, last_error FROM host WHERE failing <= ?1
               ORDER BY failing LIMIT ?2";
    let dead_hosts = sql::all(connection, sql, params![dead, NAMED_MAX], |row| {
        Ok(DeadHost { origin: row.get(0)?, since: moment(row.get(1)?), error: row.get(2)? })
    })?;
    Ok(Status {
        queued: number("SELECT count(*) FROM delivery")?,
        waiting: number("SELECT count(*) FROM delivery WHERE due IS NULL")?,
        oldest: time("SELECT min(created) FROM activity")?,
        last_delivered: time("SELECT max(last_ok) FROM host")?,
        hosts: number("SELECT count(*) FROM host WHERE proven IS NOT NULL")?,
        dead: sql::number(connection, "SELECT count(*) FROM host WHERE failing <= ?1", [dead])?,
        dead_hosts,
        held: number("SELECT count(*) FROM post WHERE state = 2")?,
        expired: counters::get(connection, counters::EXPIRED)?,
        expired_unnoted: counters::expired_unnoted(connection)?,
        gone: counters::get(connection, counters::GONE)?,
        restored_from: counters::restored_from(connection)?,
    })
}
