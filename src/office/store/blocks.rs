//! Who may not follow.

use jiff::Timestamp;
use rusqlite::{Connection, params};
use url::{Host, Url};

use super::{Result, followers, moment, remote, seconds, sql};

pub use super::csv::{BlockList, block_list};

/// Somebody who may not follow.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Blocked {
    /// One actor, by their id.
    Account(Url),
    /// A host and all below it.
    Domain(String),
}

impl Blocked {
    /// Reads a domain as people write it: `social.example`, `*.Social.example`,
    /// `https://social.example/about`.
    pub fn domain(text: &str) -> Option<Self> {
        let text = text.trim().trim_start_matches("*.").trim_start_matches('@');
        let name = match text.split_once("://") {
            Some(_) => Url::parse(text).ok()?.host_str()?.to_owned(),
            None => text.to_owned(),
        };
        let host = Host::parse(name.trim_end_matches('.')).ok()?.to_string();
        // A whole country is a mistake.
        (host.contains('.') || host.starts_with('[')).then_some(Self::Domain(host))
    }

    /// Whether an actor of that id may not follow because of this.
    pub fn covers(&self, actor: &Url) -> bool {
        match self {
            Self::Account(id) => id == actor,
            Self::Domain(domain) => names(actor).any(|name| name == domain),
        }
    }

    fn value(&self) -> &str {
        match self {
            Self::Account(id) => id.as_str(),
            Self::Domain(name) => name,
        }
    }

    fn of(value: String) -> Self {
        match Url::parse(&value) {
            Ok(id) if id.has_host() => Self::Account(id),
            _ => Self::Domain(value),
        }
    }
}

/// Blocks somebody, and removes all followers who are blocked by that, without telling them.
/// Says how many.
pub fn block(connection: &Connection, blocked: &Blocked, now: Timestamp) -> Result<usize> {
    let sql = "INSERT INTO block VALUES (?1, ?2) ON CONFLICT DO NOTHING";
    sql::change(connection, sql, params![blocked.value(), seconds(now)])?;
    let actors = match blocked {
        Blocked::Account(id) => vec![id.to_string()],
        Blocked::Domain(name) => actors(connection, name)?,
    };
    let mut count = 0;
    for actor in actors {
        sql::change(connection, "DELETE FROM reaction WHERE actor = ?1", [&actor])?;
        count += remove(connection, &actor)?;
    }
    Ok(count)
}

/// Lets somebody follow again. Says whether they were blocked.
pub fn unblock(connection: &Connection, blocked: &Blocked) -> Result<bool> {
    let sql = "DELETE FROM block WHERE value = ?1";
    Ok(sql::change(connection, sql, [blocked.value()])? > 0)
}

/// All who are blocked, in the order of their names, and since when.
pub fn list(connection: &Connection) -> Result<Vec<(Blocked, Timestamp)>> {
    let sql = "SELECT value, since FROM block ORDER BY value";
    sql::all(connection, sql, [], |row| Ok((Blocked::of(row.get(0)?), moment(row.get(1)?))))
}

/// Whether an actor is blocked, their host, or one above it.
pub fn is_blocked(connection: &Connection, actor: &str) -> Result<bool> {
    let sql = "SELECT 1 FROM block WHERE value = ?1";
    if sql::is_there(connection, sql, [actor])? {
        return Ok(true);
    }
    let Ok(url) = Url::parse(actor) else { return Ok(false) };
    for name in names(&url) {
        if sql::is_there(connection, sql, [name])? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The host of an address, and the ones above it: `a.b.example`, `b.example`, `example`.
fn names(url: &Url) -> impl Iterator<Item = &str> {
    // With a dot at its end it is another host, in the same hand.
    let host = url.host_str().unwrap_or_default().trim_end_matches('.');
    let has_parents = matches!(url.host(), Some(Host::Domain(_)));
    std::iter::successors(Some(host), move |name| {
        name.split_once('.').map(|(_, parent)| parent).filter(|_| has_parents)
    })
}

/// All actors that are known from a host and those below it.
fn actors(connection: &Connection, domain: &str) -> Result<Vec<String>> {
    let sql = "SELECT uri FROM remote UNION SELECT actor FROM reaction";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let uri = row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?;
        if Url::parse(uri).is_ok_and(|url| names(&url).any(|name| name == domain)) {
            found.push(uri.to_owned());
        }
    }
    Ok(found)
}

/// Removes somebody as a follower of all users, with the answers on their way. Says of how many.
fn remove(connection: &Connection, actor: &str) -> Result<usize> {
    let Some(remote) = remote::id(connection, actor)? else { return Ok(0) };
    let sql = "SELECT user FROM follower WHERE remote = ?1
               UNION SELECT user FROM activity WHERE addressee = ?1";
    let users: Vec<String> = sql::all(connection, sql, [remote], |row| row.get(0))?;
    let mut count = 0;
    for user in users {
        count += usize::from(followers::remove(connection, &user, actor)?);
    }
    Ok(count)
}
