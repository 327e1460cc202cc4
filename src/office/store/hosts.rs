//! Servers, and the inboxes on them.

use rusqlite::{Connection, params};
use url::Url;

use super::{Result, StoreError, counters, sql};
use crate::federation::url::origin;
use crate::limits::{FOLLOWERS_FROM_HOST_MAX, FOLLOWERS_FROM_UNPROVEN_MAX, FOLLOWERS_MAX};

/// The form of signatures that a server wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Form {
    /// That of draft-cavage-http-signatures-12, which all read.
    #[default]
    Cavage,
    /// RFC 9421.
    Rfc9421,
}

impl Form {
    pub(super) fn number(self) -> i64 {
        match self {
            Self::Cavage => 0,
            Self::Rfc9421 => 1,
        }
    }

    pub(super) fn of(number: i64) -> Self {
        if number == 1 { Self::Rfc9421 } else { Self::Cavage }
    }
}

/// Keeps in mind that a server wants another form of signatures.
pub fn set_form(connection: &Connection, origin: &str, form: Form) -> Result<()> {
    let sql = "UPDATE host SET form = ?2 WHERE origin = ?1";
    sql::change(connection, sql, params![origin, form.number()]).map(|_| ())
}

/// Whether one more may follow from a server. Those who do already always may.
///
/// # Errors
///
/// [`StoreError::NoRoom`].
pub fn check_room(connection: &Connection, origin: &str) -> Result<()> {
    let sql = "SELECT followers, proven IS NOT NULL FROM host WHERE origin = ?1";
    let found = sql::one(connection, sql, [origin], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let (from_host, is_proven): (i64, bool) = found.unwrap_or_default();
    let max = if is_proven { FOLLOWERS_FROM_HOST_MAX } else { FOLLOWERS_FROM_UNPROVEN_MAX };
    if from_host >= max || counters::get(connection, counters::FOLLOWERS)? >= FOLLOWERS_MAX {
        return Err(StoreError::NoRoom);
    }
    Ok(())
}

/// The number of an inbox, which is noted when it is new.
pub(super) fn inbox(connection: &Connection, url: &Url) -> Result<i64> {
    let find = "SELECT id FROM inbox WHERE uri = ?1";
    if let Some(id) = sql::one(connection, find, [url.as_str()], |row| row.get(0))? {
        // Somebody has just said that it is there.
        let sql = "UPDATE inbox SET gone = NULL WHERE id = ?1 AND gone IS NOT NULL";
        sql::change(connection, sql, [id])?;
        return Ok(id);
    }
    let host = host(connection, &origin(url))?;
    let sql = "INSERT INTO inbox (host, uri) VALUES (?1, ?2)";
    sql::change(connection, sql, params![host, url.as_str()])?;
    Ok(connection.last_insert_rowid())
}

fn host(connection: &Connection, origin: &str) -> Result<i64> {
    let find = "SELECT id FROM host WHERE origin = ?1";
    if let Some(id) = sql::one(connection, find, [origin], |row| row.get(0))? {
        return Ok(id);
    }
    sql::change(connection, "INSERT INTO host (origin) VALUES (?1)", [origin])?;
    Ok(connection.last_insert_rowid())
}
