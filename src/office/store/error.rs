//! Why the store could not be opened, read or changed, in words.
//!
//! No text here says who follows: that is between them and the party.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rusqlite::ErrorCode;

/// A job on an open store failed. Nothing of it has been stored.
#[derive(Clone, Debug)]
pub enum StoreError {
    /// The disk is full, or the store has reached the size that it may have.
    Full,
    /// The disk takes nothing any more.
    ReadOnly,
    /// Another program has been changing it for longer than we wait.
    Busy,
    /// More people want to follow than can be kept, or more from a server that has not yet taken a
    /// message.
    NoRoom,
    /// The site has no account of that name.
    NoUser(String),
    /// What is in the file is not what was written.
    Damaged,
    /// The store has been closed, or has more jobs than it can do.
    Stopped,
    /// Anything else.
    Sql(Arc<rusqlite::Error>),
}

impl StoreError {
    /// What to do about it.
    pub fn help(&self) -> Option<&'static str> {
        match self {
            Self::Full => Some("make room on the disk"),
            Self::ReadOnly => Some("see to it that the disk can be written to"),
            Self::Damaged => Some(RESTORE),
            Self::Busy | Self::Stopped => Some("try again in a minute"),
            Self::NoRoom | Self::NoUser(_) | Self::Sql(_) => None,
        }
    }
}

/// What to do about a damaged file.
const RESTORE: &str = "nothing in it has been touched. Put the newest backup in its place, and \
                       keep the file: much of it can be saved";

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Full => "there is no room left to store anything",
            Self::ReadOnly => "the disk does not let anything be stored",
            Self::Busy => "another program is changing the followers",
            Self::NoRoom => "there are too many followers to keep any more",
            Self::NoUser(user) => return write!(f, "the site has no account named {user}"),
            Self::Damaged => "the file is damaged",
            Self::Stopped => "nothing is stored at the moment",
            Self::Sql(_) => "the followers could not be read or stored",
        })
    }
}

impl std::error::Error for StoreError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Sql(error) => Some(error.as_ref()),
            _ => None,
        }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::Full,
            Some(ErrorCode::ReadOnly) => Self::ReadOnly,
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy,
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Damaged,
            _ => Self::Sql(Arc::new(error)),
        }
    }
}

/// The file of a store cannot be used, or a backup not be made. The file is as it was.
#[derive(Debug)]
pub struct OpenError {
    /// The file, or its folder.
    pub path: PathBuf,
    /// What is wrong with it.
    pub problem: OpenProblem,
}

/// What is wrong with a file.
#[derive(Debug)]
pub enum OpenProblem {
    /// It is a symbolic link.
    Link,
    /// It is no file, or what should be a folder is none.
    NoFile,
    /// It is there already.
    Exists,
    /// Others than its owner may read it.
    Shared,
    /// Where it would lie, others could always read it.
    NoPrivacy,
    /// It is something else.
    NotStore,
    /// What is in it is not what was written, and what SQLite found.
    Damaged(String),
    /// It was in use when the machine or the program stopped, and the second file with the last
    /// changes is not there.
    LogLost(PathBuf),
    /// A newer version of the program has written it.
    Newer,
    /// Another post office is at work with it.
    Running,
    /// The disk failed.
    Io(io::Error),
    /// Anything else.
    Store(StoreError),
}

impl OpenError {
    pub(super) fn new(path: &Path, problem: impl Into<OpenProblem>) -> Self {
        Self { path: path.to_path_buf(), problem: problem.into() }
    }

    /// What to do about it.
    pub fn help(&self) -> Option<String> {
        let path = self.path.display();
        let help = match &self.problem {
            OpenProblem::Link => "put the file or folder itself there",
            OpenProblem::Shared if self.path.is_dir() => {
                return Some(format!("run `chmod 700 {path}`"));
            }
            OpenProblem::Shared => return Some(format!("run `chmod 600 {path}`")),
            OpenProblem::NoPrivacy => {
                "keep it on a disk of this computer, not on a USB stick or a network drive"
            }
            OpenProblem::NotStore | OpenProblem::Exists => {
                "name another file, or move this one away"
            }
            OpenProblem::Damaged(_) => RESTORE,
            OpenProblem::LogLost(log) => {
                return Some(format!(
                    "put {0} back beside it, or a whole backup in the place of both. If {0} is \
                     lost, `touch {0}` says that you can do without the last changes",
                    log.display()
                ));
            }
            OpenProblem::Newer => "use that version, or a newer one",
            OpenProblem::Running => {
                "it answers and delivers by itself, so there may be nothing to do. Else end it \
                 first: with Ctrl-C where it was started, or with `systemctl stop sitegen`"
            }
            OpenProblem::NoFile | OpenProblem::Io(_) => return None,
            OpenProblem::Store(error) => return error.help().map(str::to_owned),
        };
        Some(help.to_owned())
    }
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.path.display())?;
        match &self.problem {
            OpenProblem::Link => f.write_str("this is a symbolic link"),
            OpenProblem::NoFile => f.write_str("something else is where this should be"),
            OpenProblem::Exists => f.write_str("this file is there already"),
            OpenProblem::Shared => f.write_str(
                "others on this machine may read this, and who follows is nobody's business",
            ),
            OpenProblem::NoPrivacy => {
                f.write_str("this disk keeps no file from others, so followers cannot be there")
            }
            OpenProblem::NotStore => f.write_str("this is not the file of a post office"),
            OpenProblem::Damaged(found) => write!(f, "the file is damaged ({found})"),
            OpenProblem::LogLost(log) => write!(
                f,
                "this was in use when it was last seen, and {} with the last changes is missing",
                log.display()
            ),
            OpenProblem::Newer => f.write_str("a newer version of sitegen has written this"),
            OpenProblem::Running => f.write_str("another post office is at work with this"),
            OpenProblem::Io(_) => f.write_str("cannot be read or written"),
            OpenProblem::Store(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for OpenError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.problem {
            OpenProblem::Io(error) => Some(error),
            OpenProblem::Store(error) => error.source(),
            _ => None,
        }
    }
}

impl From<io::Error> for OpenProblem {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::AlreadyExists => Self::Exists,
            io::ErrorKind::IsADirectory | io::ErrorKind::NotADirectory => Self::NoFile,
            _ => Self::Io(error),
        }
    }
}

impl From<StoreError> for OpenProblem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Damaged => Self::Damaged("it cannot be read".to_owned()),
            other => Self::Store(other),
        }
    }
}

impl From<rusqlite::Error> for OpenProblem {
    fn from(error: rusqlite::Error) -> Self {
        StoreError::from(error).into()
    }
}
