//! Servers, and the inboxes on them.

use rusqlite::{Connection, params};
use url::Url;

use super::{Result, StoreError, counters, sql};
use crate::federation::url::origin;
use crate::limits::{FOLLOWERS_FROM_HOST_MAX, FOLLOWERS_FROM_UNPROVEN_MAX};
use crate::signature::Form;

/// A form of signatures as it is stored.
pub(super) fn form_number(form: Form) -> i64 {
    match form {
        Form::Cavage => 0,
        Form::Rfc9421 => 1,
    }
}

/// The form of signatures that a server wants.
pub(super) fn form(number: i64) -> Form {
    if number == 1 { Form::Rfc9421 } else { Form::Cavage }
}

/// Keeps in mind that a server wants another form of signatures.
pub fn set_form(connection: &Connection, origin: &str, form: Form) -> Result<()> {
    let sql = "UPDATE host SET form = ?2 WHERE origin = ?1";
    sql::change(connection, sql, params![origin, form_number(form)]).map(|_| ())
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
    if from_host >= max
        || counters::get(connection, counters::FOLLOWERS)? >= counters::room(connection)?
    {
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
