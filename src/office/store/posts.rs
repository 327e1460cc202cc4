//! The posts of the site as the followers know them, and what the site said of its actors when it
//! was last looked at.

use jiff::Timestamp;
use rusqlite::{Connection, params};

use super::{Result, moment, seconds, sql};
use crate::federation::site::{Delivered, DeliveredPost, Due, SentToday};

const SENT: i64 = 0;
const DELETED: i64 = 1;
const HELD: i64 = 2;

/// What has been delivered of a user.
pub fn delivered(connection: &Connection, user: &str) -> Result<Delivered> {
    let sql = "SELECT serial, profile FROM site WHERE user = ?1 AND serial IS NOT NULL";
    let seen = sql::one(connection, sql, [user], |row| {
        Ok((row.get::<_, i64>(0)?.cast_unsigned(), row.get(1)?))
    })?;
    let sql = "SELECT uri, updated, state FROM post WHERE user = ?1";
    let posts = sql::all(connection, sql, [user], |row| {
        let updated = row.get::<_, Option<i64>>(1)?.map(moment);
        let state = match (row.get::<_, i64>(2)?, updated) {
            (DELETED, _) => DeliveredPost::Deleted,
            (HELD, updated) => DeliveredPost::Held(updated),
            (_, updated) => DeliveredPost::Sent(updated.unwrap_or_default()),
        };
        Ok((row.get(0)?, state))
    })?;
    Ok(Delivered { seen, posts: posts.into_iter().collect() })
}

/// Notes what was on the site at the first look.
pub fn begin(connection: &Connection, user: &str, all: &Delivered) -> Result<()> {
    for (uri, state) in &all.posts {
        let (updated, state) = match state {
            DeliveredPost::Sent(updated) => (Some(seconds(*updated)), SENT),
            DeliveredPost::Held(updated) => (updated.map(seconds), HELD),
            DeliveredPost::Deleted => (None, DELETED),
        };
        // Long ago: none of them went out today.
        let sql = "INSERT OR REPLACE INTO post VALUES (?1, ?2, ?3, ?4, 0, 0)";
        sql::change(connection, sql, params![user, uri, updated, state])?;
    }
    let (serial, profile) = all.seen.clone().unwrap_or_default();
    let sql = "INSERT INTO site VALUES (?1, ?2, ?3, 0, NULL)
               ON CONFLICT DO UPDATE SET serial = ?2, profile = ?3";
    sql::change(connection, sql, params![user, serial.cast_signed(), profile]).map(|_| ())
}

/// Notes how far the site has come. It goes back only when somebody says that this is right.
pub fn advance(connection: &Connection, user: &str, serial: u64) -> Result<()> {
    let sql = "UPDATE site SET serial = ?2 WHERE user = ?1";
    sql::change(connection, sql, params![user, serial.cast_signed()]).map(|_| ())
}

/// Notes that a message was made. `now` is when, for [`sent_since`].
pub fn sent(connection: &Connection, user: &str, due: &Due, now: Timestamp) -> Result<()> {
    let (uri, updated, state) = match due {
        Due::Create(uri, updated) | Due::Update(uri, updated) => {
            (uri, Some(seconds(*updated)), SENT)
        }
        Due::Delete(uri) => (uri, None, DELETED),
        Due::Profile(hash) => {
            let sql = "UPDATE site SET profile = ?2 WHERE user = ?1";
            return sql::change(connection, sql, [user, hash]).map(|_| ());
        }
    };
    let since = if matches!(due, Due::Create(..)) { Some(seconds(now)) } else { None };
    let sql = "INSERT INTO post VALUES (?1, ?2, ?3, ?4, ifnull(?5, 0), ?6)
               ON CONFLICT DO UPDATE SET updated = ?3, state = ?4, since = ifnull(?5, since),
                   at = ?6";
    sql::change(connection, sql, params![user, uri, updated, state, since, seconds(now)])
        .map(|_| ())
}

/// Notes that messages wait for somebody to confirm them.
pub fn hold(connection: &Connection, user: &str, held: &[Due]) -> Result<()> {
    for due in held {
        if let Due::Create(uri, _) | Due::Update(uri, _) = due {
            let sql = "INSERT INTO post VALUES (?1, ?2, NULL, ?3, 0, 0)
                       ON CONFLICT DO UPDATE SET state = ?3";
            sql::change(connection, sql, params![user, uri, HELD])?;
        }
    }
    Ok(())
}

/// How many messages were made since a moment.
pub fn sent_since(connection: &Connection, user: &str, since: Timestamp) -> Result<SentToday> {
    let count = |which: &str| -> Result<usize> {
        let sql = format!(
            "SELECT count(*) FROM post WHERE user = ?1 AND at >= ?2 AND state = 0 AND {which}"
        );
        let count = sql::number(connection, &sql, params![user, seconds(since)])?;
        Ok(usize::try_from(count).unwrap_or_default())
    };
    Ok(SentToday { creates: count("since >= ?2")?, updates: count("at > since")? })
}

/// What came of the last look at the site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastLook {
    /// The user name.
    pub user: String,
    /// When it was.
    pub at: Timestamp,
    /// What was not as it should be.
    pub problem: Option<String>,
}

/// Notes that the site was looked at.
pub fn looked(
    connection: &Connection,
    user: &str,
    now: Timestamp,
    problem: Option<&str>,
) -> Result<()> {
    let sql = "INSERT INTO site VALUES (?1, NULL, NULL, ?2, ?3)
               ON CONFLICT DO UPDATE SET looked = ?2, problem = ?3";
    sql::change(connection, sql, params![user, seconds(now), problem]).map(|_| ())
}

/// The last looks at all actors.
pub fn looks(connection: &Connection) -> Result<Vec<LastLook>> {
    let sql = "SELECT user, looked, problem FROM site ORDER BY user";
    sql::all(connection, sql, [], |row| {
        Ok(LastLook { user: row.get(0)?, at: moment(row.get(1)?), problem: row.get(2)? })
    })
}
