//! The posts of the site as the followers know them, and what the site said of its actors when it
//! was last looked at.

use jiff::Timestamp;
use rusqlite::{Connection, params};

use super::{Result, moment, seconds, sql};

/// What the followers know of a post.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It was sent to them.
    Delivered,
    /// It was taken back.
    Withdrawn,
    /// It waits for a person to say that it may go.
    Held,
}

impl State {
    fn number(self) -> i64 {
        match self {
            Self::Delivered => 0,
            Self::Withdrawn => 1,
            Self::Held => 2,
        }
    }

    fn of(number: i64) -> Self {
        match number {
            0 => Self::Delivered,
            1 => Self::Withdrawn,
            _ => Self::Held,
        }
    }
}

/// A post.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Post {
    /// Its id.
    pub uri: String,
    /// What tells one edit from another, in the words of the site.
    pub version: String,
    /// What the followers know of it.
    pub state: State,
}

/// All posts of a user, in the order of their ids.
pub fn all(connection: &Connection, user: &str) -> Result<Vec<Post>> {
    let sql = "SELECT uri, version, state FROM post WHERE user = ?1 ORDER BY uri";
    sql::all(connection, sql, [user], |row| {
        Ok(Post { uri: row.get(0)?, version: row.get(1)?, state: State::of(row.get(2)?) })
    })
}

/// Notes what the followers know of a post.
pub fn put(connection: &Connection, user: &str, post: &Post, now: Timestamp) -> Result<()> {
    let sql = "INSERT INTO post VALUES (?1, ?2, ?3, ?4, ?5)
               ON CONFLICT DO UPDATE SET version = ?3, state = ?4, at = ?5";
    let Post { uri, version, state } = post;
    sql::change(connection, sql, params![user, uri, version, state.number(), seconds(now)])
        .map(|_| ())
}

/// Forgets a post of which the site says nothing any more.
pub fn forget(connection: &Connection, user: &str, uri: &str) -> Result<()> {
    let sql = "DELETE FROM post WHERE user = ?1 AND uri = ?2";
    sql::change(connection, sql, [user, uri]).map(|_| ())
}

/// How many posts of a user have come into a state since a moment: too many new ones in a day are
/// a mistake, or an old backup.
pub fn count_since(
    connection: &Connection,
    user: &str,
    state: State,
    since: Timestamp,
) -> Result<i64> {
    let sql = "SELECT count(*) FROM post WHERE user = ?1 AND at >= ?2 AND state = ?3";
    sql::number(connection, sql, params![user, seconds(since), state.number()])
}

/// What the site said of a user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    /// The number of the index, which never goes back: otherwise an older site has been put up, or
    /// an older backup.
    pub serial: i64,
    /// What tells one profile from another.
    pub profile: String,
    /// When it was looked at.
    pub looked: Timestamp,
    /// Why it could not be read.
    pub problem: Option<String>,
}

/// What the site said when it was last looked at.
pub fn site(connection: &Connection, user: &str) -> Result<Option<Site>> {
    let sql = "SELECT serial, profile, looked, problem FROM site WHERE user = ?1";
    sql::one(connection, sql, [user], |row| {
        let (serial, profile) = (row.get(0)?, row.get(1)?);
        Ok(Site { serial, profile, looked: moment(row.get(2)?), problem: row.get(3)? })
    })
}

/// Notes what the site says.
pub fn put_site(connection: &Connection, user: &str, site: &Site) -> Result<()> {
    let sql = "INSERT OR REPLACE INTO site VALUES (?1, ?2, ?3, ?4, ?5)";
    let Site { serial, profile, looked, problem } = site;
    sql::change(connection, sql, params![user, serial, profile, seconds(*looked), problem])
        .map(|_| ())
}
