//! Servers, and the inboxes on them.

use jiff::Timestamp;
use rusqlite::{Connection, params};
use url::Url;

use super::{Result, StoreError, counters, seconds, sql};
use crate::federation::url::origin;
use crate::limits::{
    FOLLOWERS_FROM_DOMAIN_MAX, FOLLOWERS_FROM_UNPROVEN_DOMAIN_MAX, FOLLOWERS_FROM_UNPROVEN_MAX,
};
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

/// Sends nothing to a server before a moment.
pub fn rest(connection: &Connection, origin: &str, until: Timestamp) -> Result<()> {
    let sql = "UPDATE host SET until = ?2 WHERE origin = ?1 AND until < ?2";
    sql::change(connection, sql, params![origin, seconds(until)]).map(|_| ())
}

/// Whether one more may follow from a server. Those who do already always may. What counts is the
/// domain, for whoever has one has as many servers in it as they like.
///
/// # Errors
///
/// [`StoreError::NoRoom`].
pub fn check_room(connection: &Connection, origin: &str) -> Result<()> {
    let sql = "SELECT followers, proven IS NOT NULL FROM host WHERE origin = ?1";
    let own = sql::one(connection, sql, [origin], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let (from_host, is_proven): (i64, bool) = own.unwrap_or_default();
    let (host_max, domain_max) = if is_proven {
        (FOLLOWERS_FROM_DOMAIN_MAX, FOLLOWERS_FROM_DOMAIN_MAX)
    } else {
        (FOLLOWERS_FROM_UNPROVEN_MAX, FOLLOWERS_FROM_UNPROVEN_DOMAIN_MAX)
    };
    let sql = "SELECT sum(followers) FROM host WHERE domain = ?1 AND (?2 OR proven IS NULL)";
    let from_domain = sql::number(connection, sql, params![domain(origin), is_proven])?;
    if from_host >= host_max
        || from_domain >= domain_max
        || counters::get(connection, counters::FOLLOWERS)? >= counters::room(connection)?
    {
        return Err(StoreError::NoRoom);
    }
    Ok(())
}

/// The domain that somebody has registered, as far as can be told without a list of all registries:
/// two labels, or three where a country has parts such as `co` and `org`.
fn domain(origin: &str) -> &str {
    let host = origin.split("://").last().unwrap_or(origin);
    if host.starts_with('[') {
        return host;
    }
    let host = host.split(':').next().unwrap_or(host);
    if host.ends_with(|last: char| last.is_ascii_digit()) {
        // An address, which shares nothing with others.
        return host;
    }
    let mut dots = host.rmatch_indices('.').map(|(at, _)| at);
    let (Some(last), Some(second)) = (dots.next(), dots.next()) else { return host };
    let has_parts = host.len() - last == 3 && last - second <= 4;
    let start = if has_parts { dots.next() } else { Some(second) };
    start.map_or(host, |dot| &host[dot + 1..])
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
    let sql = "INSERT INTO host (origin, domain) VALUES (?1, ?2)";
    sql::change(connection, sql, [origin, domain(origin)])?;
    Ok(connection.last_insert_rowid())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_of_one_owner_have_one_domain() {
        for (origin, expected) in [
            ("https://social.example", "social.example"),
            ("https://a.b.social.example", "social.example"),
            ("https://x.social.org.uk", "social.org.uk"),
            ("https://social.org.uk", "social.org.uk"),
            ("https://mas.to", "mas.to"),
            ("https://x.mas.to", "x.mas.to"),
            ("https://x.abc.social", "abc.social"),
            ("https://social.example:8443", "social.example"),
            ("https://localhost", "localhost"),
            ("https://192.0.2.1", "192.0.2.1"),
            ("https://[2001:db8::1]", "[2001:db8::1]"),
        ] {
            assert_eq!(domain(origin), expected, "{origin}");
        }
    }
}
