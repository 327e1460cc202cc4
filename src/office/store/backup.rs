//! Copies of a store, and stores from copies.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use rusqlite::{Connection, OpenFlags, params};

use super::error::{OpenError, OpenProblem};
use super::{Store, counters, file, schema};
use crate::disk::keys::{create_private, put_new, sync};

/// What is in a copy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contents {
    /// When it was made.
    pub made: Option<Timestamp>,
    /// Each user of whom there are followers, and how many may follow.
    pub followers: Vec<(String, usize)>,
    /// Posts that have been sent.
    pub posts: usize,
    /// Deliveries that were on their way.
    pub queued: usize,
}

impl Store {
    /// Writes a copy of all that is stored to a file that is not there. It is for its owner alone,
    /// and nothing of what was erased is in it. The store can be used meanwhile.
    ///
    /// # Errors
    ///
    /// When there is something of that name, or the disk fails; nothing is left then.
    pub fn snapshot(&self, path: &Path, now: Timestamp) -> Result<(), OpenError> {
        let new = file::unused(path);
        let copied = copy(&self.connection, &new, now).and_then(|()| {
            put_new(&new, path)?;
            Ok(file::sync_folder(path)?)
        });
        // It has another name by now, or should have none.
        let _ = fs::remove_file(&new);
        copied.map_err(|problem| OpenError::new(path, problem))
    }
}

fn copy(connection: &Connection, new: &Path, now: Timestamp) -> Result<(), OpenProblem> {
    if !create_private(new, "")? {
        return Err(OpenProblem::NoPrivacy);
    }
    // Into an empty file, which has its rights already. Names are UTF-8 for SQLite.
    let name = new.to_str().ok_or(OpenProblem::NoFile)?;
    connection.execute("VACUUM INTO ?1", params![name])?;
    let copy = Connection::open_with_flags(new, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    counters::mark_snapshot(&copy, now)?;
    copy.close().map_err(|(_, error)| error)?;
    Ok(sync(&File::open(new)?)?)
}

/// Looks through a copy: every page, every reference, and whether the tables are ours. Nothing is
/// written.
///
/// # Errors
///
/// When it could not be restored as it is.
pub fn verify(path: &Path) -> Result<Contents, OpenError> {
    contents(path).map_err(|problem| OpenError::new(path, problem))
}

fn contents(path: &Path) -> Result<Contents, OpenProblem> {
    let data = fs::symlink_metadata(path).map_err(OpenProblem::Io)?;
    file::check(path, &data)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let copy = Connection::open_with_flags(path, flags)?;
    schema::check(&copy)?;
    file::integrity_check(&copy)?;
    if copy.prepare("PRAGMA foreign_key_check")?.exists([])? {
        return Err(OpenProblem::Damaged("something that is referred to is missing".to_owned()));
    }
    let count = |sql| copy.query_row(sql, [], |row| row.get(0));
    let sql = "SELECT user, count(*) FROM follower WHERE accepted GROUP BY user ORDER BY user";
    let followers = copy
        .prepare(sql)?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    Ok(Contents {
        made: counters::restored_from(&copy)?,
        followers,
        posts: count("SELECT count(*) FROM post WHERE state = 0")?,
        queued: count("SELECT count(*) FROM delivery")?,
    })
}

/// Puts a copy in the place of a store, which is left under the name that this gives, if there was
/// one. No post office may be at work, and no command.
///
/// # Errors
///
/// When the copy is not good, somebody is at work, or the disk fails. The store is as it was then.
pub fn restore(copy: &Path, path: &Path) -> Result<Option<PathBuf>, OpenError> {
    verify(copy)?;
    let path = file::in_private_folder(path)?;
    let fail = |problem| OpenError::new(&path, problem);
    let _lock = file::lock(&path).map_err(fail)?;
    let new = file::unused(&path);
    let place = || -> Result<Option<PathBuf>, OpenProblem> {
        if !create_private(&new, "")? {
            return Err(OpenProblem::NoPrivacy);
        }
        fs::copy(copy, &new)?;
        file::close(file::connect(&new, false)?)?;
        let old = put_aside(&path)?;
        file::place(&new, &path)?;
        Ok(old)
    };
    let placed = place();
    file::discard(&new);
    placed.map_err(fail)
}

/// Gives a store and its log another name: `office.db.old`, `office.db.old-2`, …
fn put_aside(path: &Path) -> Result<Option<PathBuf>, OpenProblem> {
    let is_there = |path: &Path| fs::symlink_metadata(path).is_ok();
    let names = (1..).map(|number| match number {
        1 => ".old".to_owned(),
        number => format!(".old-{number}"),
    });
    let is_free = |old: &PathBuf| !is_there(old) && !is_there(&file::beside(old, file::LOG));
    let Some(old) = names.map(|name| file::beside(path, &name)).find(is_free) else {
        return Ok(None);
    };
    // The log first: without it the file is not opened, and with another one it would be ruined.
    let log = file::beside(path, file::LOG);
    if is_there(&log) {
        fs::rename(&log, file::beside(&old, file::LOG))?;
    }
    let _ = fs::remove_file(file::beside(path, file::LOG_INDEX));
    if !is_there(path) {
        return Ok(None);
    }
    fs::rename(path, &old)?;
    Ok(Some(old))
}
