//! How often other servers may still be asked, where no process lives long enough to know.

use std::net::IpAddr;
use std::time::Duration;

use jiff::Timestamp;
use rusqlite::{Connection, params};

use super::{Result, seconds, sql};
use crate::federation::budget::{self, Leave, PERIOD, SERVERS_MAX, Share};

/// The name under which the share of all servers is kept: no server has it.
const ALL: &str = "";

/// Whether `server` may be asked because of a message from `client` ([`budget::ask`]).
pub fn ask(connection: &Connection, server: &str, client: IpAddr, now: Timestamp) -> Result<Leave> {
    forget(connection, now)?;
    let known = sql::number(connection, "SELECT count(*) FROM budget", [])?;
    let is_known = sql::is_there(connection, "SELECT 1 FROM budget WHERE server = ?1", [server])?;
    if !is_known && usize::try_from(known).is_ok_and(|known| known >= SERVERS_MAX) {
        return Ok(Leave::Wait(PERIOD));
    }
    let mut shares = (share(connection, server)?, share(connection, ALL)?);
    let passed = Duration::try_from(now.duration_since(Timestamp::UNIX_EPOCH)).unwrap_or_default();
    let leave = budget::ask(&mut shares.0, &mut shares.1, client, passed);
    // Names that cost nothing must not take the room of others.
    if !shares.0.is_full(passed) {
        keep(connection, server, &shares.0, now)?;
    }
    keep(connection, ALL, &shares.1, now)?;
    Ok(leave)
}

/// Takes back that [`ask`] has granted something ([`Share::give_back`]).
pub fn give_back(connection: &Connection, server: &str, client: IpAddr) -> Result<()> {
    let mut share = share(connection, server)?;
    share.give_back(client);
    let sql = "UPDATE budget SET share = ?2 WHERE server = ?1";
    sql::change(connection, sql, params![server, written(&share)]).map(|_| ())
}

/// Forgets those of which there is all left.
pub(super) fn forget(connection: &Connection, now: Timestamp) -> Result<()> {
    let period = i64::try_from(PERIOD.as_secs()).unwrap_or(i64::MAX);
    let now = seconds(now);
    // A clock that was put back must not keep them for ever.
    let sql = "DELETE FROM budget WHERE at < ?1 OR at > ?2";
    sql::change(connection, sql, [now - period, now + period]).map(|_| ())
}

/// What is left; all, where it is not known or makes no sense.
fn share(connection: &Connection, server: &str) -> Result<Share> {
    let sql = "SELECT share FROM budget WHERE server = ?1";
    let text = sql::one(connection, sql, [server], |row| row.get::<_, String>(0))?;
    Ok(text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default())
}

fn keep(connection: &Connection, server: &str, share: &Share, now: Timestamp) -> Result<()> {
    let sql = "INSERT OR REPLACE INTO budget (server, share, at) VALUES (?1, ?2, ?3)";
    sql::change(connection, sql, params![server, written(share), seconds(now)]).map(|_| ())
}

fn written(share: &Share) -> String {
    serde_json::to_string(share).unwrap_or_default()
}
