//! Actors of other servers who follow, or to whom an answer is on its way.

use jiff::Timestamp;
use rusqlite::types::Type;
use rusqlite::{Connection, Row, params};
use url::Url;

use super::{Result, hosts, seconds, sql};
use crate::federation::{RemoteActor, RemoteKey};
use crate::key::PublicKey;
use crate::limits::STORED_KEYS_BYTES_MAX;

/// The number of an actor.
pub(super) fn id(connection: &Connection, uri: &str) -> Result<Option<i64>> {
    sql::one(connection, "SELECT id FROM remote WHERE uri = ?1", [uri], |row| row.get(0))
}

/// What is known of an actor.
pub(super) fn get(connection: &Connection, uri: &str) -> Result<Option<RemoteActor>> {
    let sql = "SELECT remote.uri, name, inbox.uri, shared.uri, keys FROM remote
               JOIN inbox ON inbox.id = remote.inbox
               LEFT JOIN inbox AS shared ON shared.id = remote.shared
               WHERE remote.uri = ?1";
    sql::one(connection, sql, [uri], read)
}

fn read(row: &Row<'_>) -> rusqlite::Result<RemoteActor> {
    let shared: Option<String> = row.get(3)?;
    Ok(RemoteActor {
        id: url(row, 0)?,
        name: row.get(1)?,
        inbox: url(row, 2)?,
        shared_inbox: shared.map(|_| url(row, 3)).transpose()?,
        keys: unpack(row.get_ref(4)?.as_blob()?),
    })
}

/// An address that was one when it was stored.
pub(super) fn url(row: &Row<'_>, column: usize) -> rusqlite::Result<Url> {
    let text = row.get_ref(column)?.as_str()?;
    // The error must not name anybody.
    let odd = || rusqlite::Error::InvalidColumnType(column, "uri".to_owned(), Type::Text);
    Url::parse(text).map_err(|_| odd())
}

/// Stores what is known of an actor, and gives their number.
pub(super) fn put(connection: &Connection, actor: &RemoteActor, now: Timestamp) -> Result<i64> {
    if let Some(id) = id(connection, actor.id.as_str())? {
        replace(connection, id, actor, now)?;
        return Ok(id);
    }
    let sql = "INSERT INTO remote (uri, name, inbox, shared, keys, fetched)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    let (inbox, shared) = inboxes(connection, actor)?;
    let (uri, keys) = (actor.id.as_str(), pack(&actor.keys));
    sql::change(connection, sql, params![uri, actor.name, inbox, shared, keys, seconds(now)])?;
    Ok(connection.last_insert_rowid())
}

/// Stores what has changed of an actor.
pub(super) fn replace(
    connection: &Connection,
    id: i64,
    actor: &RemoteActor,
    now: Timestamp,
) -> Result<()> {
    let sql = "UPDATE remote SET name = ?2, inbox = ?3, shared = ?4, keys = ?5, fetched = ?6
               WHERE id = ?1";
    let (inbox, shared) = inboxes(connection, actor)?;
    let keys = pack(&actor.keys);
    sql::change(connection, sql, params![id, actor.name, inbox, shared, keys, seconds(now)])?;
    Ok(())
}

fn inboxes(connection: &Connection, actor: &RemoteActor) -> Result<(i64, Option<i64>)> {
    let inbox = hosts::inbox(connection, &actor.inbox)?;
    let shared = actor.shared_inbox.as_ref().map(|url| hosts::inbox(connection, url));
    Ok((inbox, shared.transpose()?))
}

/// Keys as they are stored: of each its id and its DER, with two bytes for the length of either.
fn pack(keys: &[RemoteKey]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for key in keys {
        let before = bytes.len();
        for part in [key.id.as_bytes(), key.key.spki()] {
            let Ok(length) = u16::try_from(part.len()) else { return bytes };
            bytes.extend(length.to_be_bytes());
            bytes.extend(part);
        }
        if bytes.len() > STORED_KEYS_BYTES_MAX {
            bytes.truncate(before);
            break;
        }
    }
    bytes
}

/// Keys that cannot be read are none, and are fetched again.
fn unpack(mut bytes: &[u8]) -> Vec<RemoteKey> {
    let mut part = || {
        let (length, rest) = bytes.split_first_chunk()?;
        let (part, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
        bytes = rest;
        Some(part)
    };
    let mut keys = Vec::new();
    while let (Some(id), Some(der)) = (part(), part()) {
        if let (Ok(id), Ok(key)) = (str::from_utf8(id), PublicKey::from_spki(der)) {
            keys.push(RemoteKey { id: id.to_owned(), key });
        }
    }
    keys
}
