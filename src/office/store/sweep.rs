//! What goes with time. It is done now and then, and costs little when there is nothing to do.

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, params};

use super::{Result, budget, counters, followers, seconds, sql};
use crate::federation::retry::LIFETIME;

/// For how long it is remembered that a follow was taken back. A signature is good for half a day at
/// most, but what lies in a spool is looked at for as long as a message is worth anything.
pub(crate) const RETRACTED: SignedDuration = SignedDuration::from_hours(9 * 24);

/// After how long a server that cannot be reached is given up.
pub(crate) const DEAD: SignedDuration = SignedDuration::from_hours(30 * 24);

/// What has gone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Deliveries that were given up. They are counted for `status` too.
    pub expired: usize,
    /// Followers whose server is dead, and who get nothing any more.
    pub parked: usize,
    /// Followers whose server has never taken an answer, and who so do not know that they follow.
    pub dropped: usize,
}

/// Does it all.
pub fn sweep(connection: &Connection, now: Timestamp) -> Result<Swept> {
    let before = |age: SignedDuration| seconds(now.saturating_sub(age).unwrap_or(now));
    sql::change(connection, "DELETE FROM retracted WHERE at < ?1", [before(RETRACTED)])?;
    budget::forget(connection, now)?;
    let expired = expire(connection, before(LIFETIME))?;
    let sql = "UPDATE follower SET parked = ?2 WHERE parked IS NULL AND remote IN
               (SELECT remote.id FROM host CROSS JOIN inbox ON inbox.host = host.id
                CROSS JOIN remote ON remote.inbox = inbox.id WHERE failing < ?1)";
    let parked = sql::change(connection, sql, params![before(DEAD), seconds(now)])?;
    let dropped = drop_unproven(connection, before(LIFETIME))?;
    Ok(Swept { expired, parked, dropped })
}

fn expire(connection: &Connection, before: i64) -> Result<usize> {
    let sql = "SELECT count(*) FROM activity CROSS JOIN delivery ON activity = activity.id
               WHERE created < ?1";
    let count = sql::number(connection, sql, [before])?;
    let count = usize::try_from(count).unwrap_or(0);
    if count > 0 {
        sql::change(connection, "DELETE FROM activity WHERE created < ?1", [before])?;
        counters::add(connection, counters::EXPIRED, count)?;
    }
    Ok(count)
}

fn drop_unproven(connection: &Connection, before: i64) -> Result<usize> {
    let sql = "SELECT user, remote.uri FROM host CROSS JOIN inbox ON inbox.host = host.id
               CROSS JOIN remote ON remote.inbox = inbox.id
               CROSS JOIN follower ON follower.remote = remote.id
               WHERE proven IS NULL AND followers > 0 AND answered < ?1";
    let lost: Vec<(String, String)> =
        sql::all(connection, sql, [before], |row| Ok((row.get(0)?, row.get(1)?)))?;
    for (user, actor) in &lost {
        followers::remove(connection, user, actor)?;
    }
    Ok(lost.len())
}
