//! What is on its way: messages are put here, and taken in turn, server by server.

use std::collections::BTreeSet;

use jiff::Timestamp;
use rusqlite::{Connection, Row, params};
use url::Url;

use super::{Result, hosts, moment, remote, retired, seconds, sql};
use crate::activity::Answer;
use crate::federation::outgoing::{self, Outgoing};
use crate::signature::Form;

/// What a message says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// That something is there.
    Create,
    /// That something, or a profile, has changed. Only the newest of one thing is sent.
    Update,
    /// That something is no more. Nothing else of it is sent then.
    Delete,
    /// An answer to a follow.
    Answer,
    /// That the actor is another one now.
    Move,
}

impl Kind {
    pub(super) fn number(self) -> i64 {
        match self {
            Self::Create => 0,
            Self::Update => 1,
            Self::Delete => 2,
            Self::Answer => 3,
            Self::Move => 4,
        }
    }
}

/// A message to all followers of a user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Activity {
    /// Its id.
    pub uri: String,
    /// What it says.
    pub kind: Kind,
    /// The id of the post that it is about, or of the actor.
    pub post: String,
    /// The bytes that are sent each time.
    pub body: String,
}

impl Activity {
    /// A message in the name of `actor`.
    pub fn of(message: Outgoing, actor: &str) -> Self {
        let kind = match message.kind {
            outgoing::Kind::Create => Kind::Create,
            outgoing::Kind::Update => Kind::Update,
            outgoing::Kind::Delete => Kind::Delete,
            outgoing::Kind::Move => Kind::Move,
        };
        // A profile is about the actor itself.
        let post = message.post.unwrap_or_else(|| actor.to_owned());
        Self { uri: message.id, kind, post, body: message.body }
    }
}

/// A server to which something can be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// `https://social.example`.
    pub origin: String,
    /// Since when.
    pub due: Timestamp,
}

/// A message to an inbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Its number, which is never used again.
    pub id: i64,
    /// That of the message, which is the same for all inboxes, and never used again either.
    pub activity: i64,
    /// The server.
    pub origin: String,
    /// Where it goes.
    pub inbox: Url,
    /// Whether all on that server read it there.
    pub is_shared: bool,
    /// Who sends it.
    pub user: String,
    /// The id of the message.
    pub uri: String,
    /// The bytes to send.
    pub body: String,
    /// How often it was tried.
    pub tries: u32,
    /// When it was put into the queue.
    pub first: Timestamp,
    /// How often in a row the server could not be reached.
    pub failures: u32,
    /// The form of signatures that the server wants.
    pub form: Form,
    /// Whether the server has ever taken a message.
    pub is_proven: bool,
}

/// Sends a message to all followers who may follow and are not parked: once to each server where
/// all read one inbox. Says how many deliveries that are. What is already on its way is not sent
/// again, and who is retired says nothing more.
pub fn enqueue(
    connection: &Connection,
    user: &str,
    activity: &Activity,
    now: Timestamp,
) -> Result<usize> {
    let Activity { uri, kind, post, body } = activity;
    // Who looked at the site for it may not have known.
    if retired::is_one(connection, user)? {
        return Ok(0);
    }
    replace(connection, user, activity)?;
    let sql = "INSERT INTO activity (user, uri, kind, post, body, created)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING";
    let values = params![user, uri, kind.number(), post, body, seconds(now)];
    if sql::change(connection, sql, values)? == 0 {
        return Ok(0);
    }
    let id = connection.last_insert_rowid();
    let sql = "INSERT INTO delivery (activity, host, inbox, is_shared, due)
               SELECT ?1, host.id, inbox.id, max(is_shared),
                   CASE WHEN host.proven IS NOT NULL THEN max(?3, inbox.until, ifnull(
                       (SELECT max(due) FROM activity JOIN delivery ON activity = activity.id
                        WHERE post = ?4 AND delivery.inbox = inbox.id), 0)) END
               FROM (SELECT iif(is_shared, shared, inbox) AS target, is_shared
                     FROM (SELECT remote.inbox, remote.shared,
                               shared.id IS NOT NULL AND shared.gone IS NULL AS is_shared
                           FROM follower JOIN remote ON remote.id = follower.remote
                           LEFT JOIN inbox AS shared ON shared.id = remote.shared
                           WHERE user = ?2 AND accepted AND parked IS NULL))
               JOIN inbox ON inbox.id = target JOIN host ON host.id = inbox.host
               GROUP BY target ORDER BY target";
    let count = sql::change(connection, sql, params![id, user, seconds(now), post])?;
    if count == 0 {
        sql::change(connection, "DELETE FROM activity WHERE id = ?1", [id])?;
    }
    Ok(count)
}

/// Takes out of the queue what nobody has to read any more.
fn replace(connection: &Connection, user: &str, activity: &Activity) -> Result<()> {
    let sql = match activity.kind {
        // What is signed with the key before tells of the new one, and has to arrive.
        Kind::Update => {
            "DELETE FROM activity WHERE post = ?1 AND user = ?2 AND uri <> ?3 AND kind = 1
                 AND NOT EXISTS (SELECT 1 FROM rotation
                     WHERE rotation.user = activity.user AND activity.id <= last)"
        }
        // A server that has not got the post should not get it now.
        Kind::Delete => "DELETE FROM activity WHERE post = ?1 AND user = ?2 AND uri <> ?3",
        Kind::Create | Kind::Answer | Kind::Move => return Ok(()),
    };
    sql::change(connection, sql, [activity.post.as_str(), user, &activity.uri]).map(|_| ())
}

/// Sends an answer to the own inbox of a follower, instead of any other on its way to them.
pub(super) fn answer(
    connection: &Connection,
    user: &str,
    remote: i64,
    answer: &Answer,
    now: Timestamp,
) -> Result<()> {
    // The newer one goes in first, or nothing would be left of who waits only for an answer.
    let sql = "INSERT INTO activity (user, uri, kind, addressee, body, created)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6)
               ON CONFLICT DO UPDATE SET created = excluded.created RETURNING id";
    let body = serde_json::to_string(answer).unwrap_or_default();
    let kind = Kind::Answer.number();
    let values = params![user, answer.id, kind, remote, body, seconds(now)];
    let id: Option<i64> = sql::one(connection, sql, values, |row| row.get(0))?;
    let sql = "DELETE FROM activity WHERE addressee = ?1 AND user = ?2 AND id <> ?3";
    sql::change(connection, sql, params![remote, user, id])?;
    let sql = "INSERT INTO delivery (activity, host, inbox, is_shared, due)
               SELECT ?1, host, inbox.id, 0, max(?3, until) FROM inbox
               WHERE id = (SELECT inbox FROM remote WHERE id = ?2)
               ON CONFLICT DO NOTHING";
    sql::change(connection, sql, params![id, remote, seconds(now)]).map(|_| ())
}

pub(super) const DUE: &str = "SELECT origin, due FROM host WHERE due <= ?1 ORDER BY due";

/// Servers to which something can be sent now, those first that have waited longest; at most
/// `limit`, and none of `excluding`, which somebody is sending to.
pub fn due_origins(
    connection: &Connection,
    now: Timestamp,
    limit: usize,
    excluding: &BTreeSet<String>,
) -> Result<Vec<Origin>> {
    let mut statement = connection.prepare_cached(DUE)?;
    let mut rows = statement.query([seconds(now)])?;
    let mut found = Vec::new();
    while found.len() < limit
        && let Some(row) = rows.next()?
    {
        let origin: String = row.get(0)?;
        if !excluding.contains(&origin) {
            found.push(Origin { origin, due: moment(row.get(1)?) });
        }
    }
    Ok(found)
}

pub(super) const NEXT: &str = "SELECT min(due) FROM host WHERE due > ?1";

/// When, after now, there will be something to send.
pub fn next_due(connection: &Connection, now: Timestamp) -> Result<Option<Timestamp>> {
    let next = sql::one(connection, NEXT, [seconds(now)], |row| row.get::<_, Option<i64>>(0));
    Ok(next?.flatten().map(moment))
}

pub(super) const TAKE: &str =
    "SELECT delivery.id, host.origin, inbox.uri, delivery.is_shared, activity.user, activity.uri,
         activity.body, delivery.tries, activity.created, host.failures, host.form,
         host.proven IS NOT NULL, activity.id
     FROM host CROSS JOIN delivery INDEXED BY delivery_host ON delivery.host = host.id
     CROSS JOIN inbox ON inbox.id = delivery.inbox
     CROSS JOIN activity ON activity.id = delivery.activity
     WHERE host.origin = ?1 AND host.until <= ?2 AND delivery.due <= ?2
     ORDER BY delivery.id LIMIT ?3";

/// What can be sent to a server now, in the order in which it has to be.
///
/// It stays in the queue until one of the functions in [`outcome`](super::outcome) says what has
/// become of it, so that a message may be sent twice, but is never lost.
pub fn take(
    connection: &Connection,
    origin: &str,
    now: Timestamp,
    limit: usize,
) -> Result<Vec<Delivery>> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    sql::all(connection, TAKE, params![origin, seconds(now), limit], read)
}

fn read(row: &Row<'_>) -> rusqlite::Result<Delivery> {
    Ok(Delivery {
        id: row.get(0)?,
        origin: row.get(1)?,
        inbox: remote::url(row, 2)?,
        is_shared: row.get(3)?,
        user: row.get(4)?,
        uri: row.get(5)?,
        body: row.get(6)?,
        tries: row.get(7)?,
        first: moment(row.get(8)?),
        failures: row.get(9)?,
        form: hosts::form(row.get(10)?),
        is_proven: row.get(11)?,
        activity: row.get(12)?,
    })
}

#[cfg(test)]
mod tests {
    use super::super::schema;
    use super::*;

    /// How SQLite does it, one step a line.
    fn plan(sql: &str) -> String {
        let connection = Connection::open_in_memory().unwrap();
        schema::migrate(&connection).unwrap();
        let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        let mut steps = statement.raw_query();
        let mut plan = String::new();
        while let Some(step) = steps.next().unwrap() {
            plan += &(step.get::<_, String>(3).unwrap() + "\n");
        }
        plan
    }

    #[test]
    fn the_queue_is_read_by_its_indexes_and_never_sorted() {
        assert_eq!(plan(DUE), "SEARCH host USING INDEX host_due (due<?)\n");
        assert_eq!(plan(NEXT), "SEARCH host USING COVERING INDEX host_due (due>?)\n");
        assert_eq!(
            plan(TAKE),
            "SEARCH host USING INDEX sqlite_autoindex_host_1 (origin=?)\n\
             SEARCH delivery USING INDEX delivery_host (host=?)\n\
             SEARCH inbox USING INTEGER PRIMARY KEY (rowid=?)\n\
             SEARCH activity USING INTEGER PRIMARY KEY (rowid=?)\n"
        );
    }
}
