//! Who signs with another key than before.

use jiff::Timestamp;
use rusqlite::{Connection, params};

use super::{Result, moment, seconds, sql};
use crate::federation::retry::LIFETIME;

/// A user who has gone over to another key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rotation {
    /// The user name.
    pub user: String,
    /// The fingerprint of the key that signs now.
    pub key: String,
    /// That of the key that signed before.
    pub former: String,
    /// The number of the last message that the key before has to sign.
    pub last: i64,
    /// When the user went over.
    pub since: Timestamp,
}

impl Rotation {
    /// Until when the key before is needed: by then, what was put into the queue with it has
    /// arrived or was given up.
    pub fn until(&self) -> Timestamp {
        self.since.saturating_add(LIFETIME).unwrap_or(self.since)
    }
}

/// Goes over to another key: what is in the queue now is still signed with the one before.
pub fn begin(
    connection: &Connection,
    user: &str,
    [key, former]: [&str; 2],
    now: Timestamp,
) -> Result<Rotation> {
    // The highest number that was ever given.
    let sql = "SELECT seq FROM sqlite_sequence WHERE name = 'activity'";
    let last = sql::number(connection, sql, [])?;
    let sql = "INSERT OR REPLACE INTO rotation VALUES (?1, ?2, ?3, ?4, ?5)";
    sql::change(connection, sql, params![user, key, former, last, seconds(now)])?;
    let (user, key, former) = (user.to_owned(), key.to_owned(), former.to_owned());
    Ok(Rotation { user, key, former, last, since: now })
}

/// All who have gone over, and whose key before is still needed.
pub fn all(connection: &Connection) -> Result<Vec<Rotation>> {
    let sql = "SELECT user, key, former, last, since FROM rotation ORDER BY user";
    sql::all(connection, sql, [], |row| {
        Ok(Rotation {
            user: row.get(0)?,
            key: row.get(1)?,
            former: row.get(2)?,
            last: row.get(3)?,
            since: moment(row.get(4)?),
        })
    })
}

/// The key before is not needed any more.
pub fn end(connection: &Connection, user: &str) -> Result<()> {
    sql::change(connection, "DELETE FROM rotation WHERE user = ?1", [user]).map(|_| ())
}
