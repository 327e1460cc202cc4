//! What the post office knows: followers, what is on its way to whom, which servers answer.
//!
//! It is one file of SQLite ([`schema.sql`](schema)), used by the post office, by CGI and by
//! commands at the same time. There is one module for each subject; its functions take a
//! connection, and are called inside a job of [`Store::run`] or [`Writer::run`], which is stored
//! as a whole or not at all. What is committed survives a power cut.
//!
//! Who follows a party is nobody's business: the file is for its owner alone, no error names
//! anybody, and of whoever leaves nothing stays.

pub mod backup;
pub mod blocks;
pub mod budget;
pub mod counters;
mod csv;
pub mod effects;
mod error;
mod file;
pub mod followers;
pub mod hosts;
pub mod known;
pub mod outcome;
pub mod posts;
pub mod queue;
pub mod reactions;
mod remote;
pub mod retired;
pub mod rotation;
mod schema;
mod sql;
pub mod status;
pub mod sweep;
mod writer;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use rusqlite::Connection;

pub use error::{OpenError, OpenProblem, StoreError};
pub use writer::Writer;

/// What a job gives.
pub type Result<T, E = StoreError> = std::result::Result<T, E>;

/// An open store.
#[derive(Debug)]
pub struct Store {
    connection: Connection,
    path: PathBuf,
    /// That this is the one post office.
    lock: Option<File>,
}

impl Store {
    /// Opens a store for a command, and makes one where there is none. The whole file is looked
    /// through first.
    ///
    /// # Errors
    ///
    /// When it is damaged, of a newer version, or can be read by others. It is not changed then.
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        Self::open_with(path, true)
    }

    /// Opens a store to answer one request, without looking through the file.
    ///
    /// # Errors
    ///
    /// Those of [`Self::open`], except for damage that is only seen later.
    pub fn open_for_request(path: &Path) -> Result<Self, OpenError> {
        Self::open_with(path, false)
    }

    /// Opens a store as the one process that delivers.
    ///
    /// # Errors
    ///
    /// Those of [`Self::open`], and [`OpenProblem::Running`].
    pub fn open_as_office(path: &Path) -> Result<Self, OpenError> {
        let path = file::in_private_folder(path)?;
        let lock = file::lock(&path).map_err(|problem| OpenError::new(&path, problem))?;
        let mut store = Self::open(&path)?;
        store.lock = Some(lock);
        Ok(store)
    }

    fn open_with(path: &Path, is_checked: bool) -> Result<Self, OpenError> {
        let path = file::prepare(path)?;
        let connection = file::connect(&path, is_checked);
        let connection = connection.map_err(|problem| OpenError::new(&path, problem))?;
        Ok(Self { connection, path, lock: None })
    }

    /// Where the file is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether this is the one that delivers.
    pub fn is_office(&self) -> bool {
        self.lock.is_some()
    }

    /// Does a job. What it changes is stored when this returns, or nothing of it.
    ///
    /// # Errors
    ///
    /// That of the job, or that it could not be stored.
    pub fn run<T>(&self, job: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        self.connection.execute_batch("BEGIN IMMEDIATE")?;
        let stored = job(&self.connection).and_then(|value| {
            self.connection.execute_batch("COMMIT")?;
            Ok(value)
        });
        self.end(stored.is_ok());
        stored
    }

    /// Does a job that only reads. Others can store something meanwhile, which it does not see.
    ///
    /// # Errors
    ///
    /// That of the job.
    pub fn read<T>(&self, job: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        self.connection.execute_batch("BEGIN")?;
        let read = job(&self.connection);
        self.end(false);
        read
    }

    /// Ends a transaction that was not committed, if SQLite has not done so itself.
    fn end(&self, is_stored: bool) {
        if !is_stored && !self.connection.is_autocommit() {
            // When this fails too, the next BEGIN says so.
            let _ = self.connection.execute_batch("ROLLBACK");
        }
    }

    /// Moves everything from the log into the file and empties the log, in which whoever has left
    /// can still be found. Without effect while another program reads.
    ///
    /// # Errors
    ///
    /// When the disk fails.
    pub fn tidy(&self) -> Result<()> {
        tidy(&self.connection)
    }
}

/// Whether a post office is at work with the store of that path, all the time or for one round.
pub fn is_at_work(path: &Path) -> bool {
    file::is_locked(path)
}

fn tidy(connection: &Connection) -> Result<()> {
    Ok(connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?)
}

impl Drop for Store {
    fn drop(&mut self) {
        // Somebody else may be at work, and does it later.
        let _ = self.connection.busy_timeout(Duration::ZERO).and_then(|()| {
            self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
        });
    }
}

/// A moment as it is stored.
fn seconds(moment: Timestamp) -> i64 {
    moment.as_second()
}

/// A moment that was stored. What no clock can say is the beginning of time.
fn moment(seconds: i64) -> Timestamp {
    Timestamp::from_second(seconds).unwrap_or(Timestamp::UNIX_EPOCH)
}
