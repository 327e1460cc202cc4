//! The file of a store: made so that only its owner may read it, and looked at before SQLite
//! touches it.

use std::ffi::OsString;
use std::fs::{self, DirBuilder, File, Metadata, TryLockError};
use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::error::{OpenError, OpenProblem};
use super::schema;
use crate::disk::keys::{create_private, is_shared, put_new, sync};

/// What a file of SQLite begins with.
const MAGIC: &[u8] = b"SQLite format 3\0";

/// Bytes of the header of a file of SQLite (<https://sqlite.org/fileformat.html>, 1.3).
const HEADER_BYTES: usize = 100;

/// What the names of the files end with that SQLite keeps beside one: its log, and the index of it.
pub(super) const LOG: &str = "-wal";
pub(super) const LOG_INDEX: &str = "-shm";

/// How long a program waits for another one that is changing the file, in milliseconds.
const BUSY_MS: u32 = 5_000;

/// Pages in memory, in KiB.
const CACHE_KIB: u32 = 512;

/// Statements that are kept ready: about all there are.
const STATEMENTS: usize = 96;

/// Sees to it that a file is there and can be opened, and says where it really is.
pub(super) fn prepare(path: &Path) -> Result<PathBuf, OpenError> {
    let path = in_private_folder(path)?;
    let fail = |problem: OpenProblem| OpenError::new(&path, problem);
    let data = match fs::symlink_metadata(&path) {
        Ok(data) => data,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            create(&path).map_err(fail)?;
            fs::symlink_metadata(&path).map_err(|error| fail(error.into()))?
        }
        Err(error) => return Err(fail(error.into())),
    };
    check(&path, &data).map_err(fail)?;
    Ok(path)
}

/// The path without links in its folder, which is there and closed to others.
pub(super) fn in_private_folder(path: &Path) -> Result<PathBuf, OpenError> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let name = path.file_name().ok_or_else(|| OpenError::new(path, OpenProblem::NoFile))?;
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    let look = || -> Result<PathBuf, OpenProblem> {
        builder.create(folder)?;
        let folder = fs::canonicalize(folder)?;
        if is_shared(&fs::metadata(&folder)?) {
            return Err(OpenProblem::Shared);
        }
        Ok(folder)
    };
    Ok(look().map_err(|problem| OpenError::new(folder, problem))?.join(name))
}

/// Refuses what is no store or would not be private, before anything opens it for writing.
pub(super) fn check(path: &Path, data: &Metadata) -> Result<(), OpenProblem> {
    if data.is_symlink() {
        return Err(OpenProblem::Link);
    }
    if !data.is_file() {
        return Err(OpenProblem::NoFile);
    }
    if is_shared(data) {
        return Err(OpenProblem::Shared);
    }
    let mut header = [0; HEADER_BYTES];
    match File::open(path)?.read_exact(&mut header) {
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => {
            return Err(OpenProblem::Damaged("it is cut off".to_owned()));
        }
        read => read?,
    }
    if !header.starts_with(MAGIC) || header[68..72] != schema::APPLICATION_ID.to_be_bytes() {
        return Err(OpenProblem::NotStore);
    }
    // The file says that it is used together with a log, which always stays beside it: see
    // `connect`.
    let log = beside(path, LOG);
    let is_logged = match fs::symlink_metadata(&log) {
        Ok(log) => log.len() > 0,
        Err(_) if header[18] == 2 => return Err(OpenProblem::LogLost(log)),
        Err(_) => false,
    };
    // What is not in the log is in the file. SQLite would take what is missing for zeros.
    if !is_logged && data.len() < whole_length(&header) {
        return Err(OpenProblem::Damaged("it is cut off".to_owned()));
    }
    Ok(())
}

/// The length that a file should have, by its header.
fn whole_length(header: &[u8; HEADER_BYTES]) -> u64 {
    let page_bytes = match u16::from_be_bytes([header[16], header[17]]) {
        1 => 1 << 16,
        bytes => u64::from(bytes),
    };
    let pages = [header[28], header[29], header[30], header[31]];
    page_bytes * u64::from(u32::from_be_bytes(pages))
}

/// Makes an empty store under another name first: a file without tables would be taken for a
/// damaged one.
fn create(path: &Path) -> Result<(), OpenProblem> {
    let new = unused(path);
    let make = || -> Result<(), OpenProblem> {
        if !create_private(&new, "")? {
            return Err(OpenProblem::NoPrivacy);
        }
        close(connect(&new, false)?)?;
        place(&new, path)
    };
    let made = make();
    discard(&new);
    made
}

/// Closes a file so that all is in it and its log is empty.
pub(super) fn close(connection: Connection) -> Result<(), OpenProblem> {
    super::tidy(&connection)?;
    Ok(connection.close().map_err(|(_, error)| error)?)
}

/// Gives a new file that is closed its name. When somebody else was faster, there is one.
pub(super) fn place(new: &Path, path: &Path) -> Result<(), OpenProblem> {
    let put = |suffix: &str| -> Result<(), OpenProblem> {
        let (new, path) = (beside(new, suffix), beside(path, suffix));
        sync(&File::open(&new)?)?;
        match put_new(&new, &path) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
            placed => Ok(placed?),
        }
    };
    // The log, which is empty, first: without it the file is refused. With another one it would be
    // ruined.
    let log = beside(path, LOG);
    let is_there = |path: &Path| fs::symlink_metadata(path);
    if is_there(&log).is_ok_and(|log| log.len() > 0) && is_there(path).is_err() {
        return Err(OpenProblem::Damaged(format!("it is missing, and {} is there", log.display())));
    }
    put(LOG)?;
    put("")?;
    Ok(sync_folder(path)?)
}

/// Removes a file that has another name by now, or should have none.
pub(super) fn discard(new: &Path) {
    for suffix in ["", LOG, LOG_INDEX] {
        let _ = fs::remove_file(beside(new, suffix));
    }
}

/// Sees to it that the name of a file survives a power cut.
pub(super) fn sync_folder(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(folder) if cfg!(unix) => sync(&File::open(folder)?),
        _ => Ok(()),
    }
}

/// A name for what is to become a file, which nobody else takes.
pub(super) fn unused(path: &Path) -> PathBuf {
    beside(path, &format!(".{:016x}.new", RandomState::new().build_hasher().finish()))
}

/// The name of a file that belongs to another one.
pub(super) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.file_name().map(OsString::from).unwrap_or_default();
    name.push(suffix);
    path.with_file_name(name)
}

fn flags() -> OpenFlags {
    OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_NOFOLLOW
}

/// Opens a file that [`prepare`] has seen.
pub(super) fn connect(path: &Path, is_checked: bool) -> Result<Connection, OpenProblem> {
    let connection = Connection::open_with_flags(path, flags())?;
    connection.busy_timeout(std::time::Duration::from_millis(BUSY_MS.into()))?;
    // The log stays where it is, also when nobody uses it. So a file that is damaged is not
    // written to, and one whose log is missing is known to lack something.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    // What is erased is overwritten; and nothing is sorted in a file that others may read.
    connection.execute_batch(&format!(
        "PRAGMA cache_size = -{CACHE_KIB}; PRAGMA mmap_size = 0; PRAGMA temp_store = MEMORY;
         PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON; PRAGMA cell_size_check = ON;"
    ))?;
    if is_checked {
        quick_check(&connection)?;
    }
    schema::migrate(&connection)?;
    durable(&connection)?;
    Ok(connection)
}

/// What is committed survives a power cut. Some file systems have no memory that programs share;
/// there it takes the older of SQLite's two ways.
fn durable(connection: &Connection) -> Result<(), OpenProblem> {
    let set = |mode: &str| -> Result<String, rusqlite::Error> {
        connection.pragma_update_and_check(None, "journal_mode", mode, |row| row.get(0))
    };
    let mode = set("WAL")?;
    if mode == "wal" {
        connection
            .execute_batch("PRAGMA synchronous = FULL; PRAGMA journal_size_limit = 1048576")?;
        // Whoever reads makes the log, without which nobody else could open the file now.
        connection.query_row("SELECT 1 FROM sqlite_schema LIMIT 1", [], |_| Ok(()))?;
    } else {
        set("TRUNCATE")?;
        connection.execute_batch("PRAGMA synchronous = EXTRA")?;
    }
    Ok(())
}

/// Looks through the whole file: 20 ms for 10,000 followers.
pub(super) fn quick_check(connection: &Connection) -> Result<(), OpenProblem> {
    check_with(connection, "PRAGMA quick_check(1)")
}

/// Looks through the whole file and compares tables with their indexes.
pub(super) fn integrity_check(connection: &Connection) -> Result<(), OpenProblem> {
    check_with(connection, "PRAGMA integrity_check(1)")
}

fn check_with(connection: &Connection, sql: &str) -> Result<(), OpenProblem> {
    // It names tables, indexes and pages, but nothing of what is in them.
    let found: String = connection.query_row(sql, [], |row| row.get(0))?;
    if found == "ok" { Ok(()) } else { Err(OpenProblem::Damaged(found)) }
}

/// Held by the one post office of a store; the system lets go of it when the process ends, however
/// it ends. Where the file system knows no locks there is none to hold.
pub(super) fn lock(path: &Path) -> Result<File, OpenProblem> {
    let path = beside(path, ".lock");
    let mut options = File::options();
    options.create(true).truncate(false).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path)?;
    match file.try_lock() {
        Err(TryLockError::WouldBlock) => Err(OpenProblem::Running),
        Ok(()) | Err(TryLockError::Error(_)) => Ok(file),
    }
}

/// Whether somebody holds the lock. Nothing is made to find out.
pub(super) fn is_locked(path: &Path) -> bool {
    File::open(beside(path, ".lock"))
        .is_ok_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)))
}
