//! What tells a file that has been touched from one that has not.

use std::fs::{self, Metadata};
use std::path::Path;

/// What tells a file that has been touched from one that has not, without reading it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stamp {
    /// In bytes.
    pub(crate) length: u64,
    /// Since 1970, in nanoseconds; what is past the year 2262 begins anew. There is a stamp of each
    /// file, and they are only compared.
    modified: i64,
    /// When anything about it changed, its name included; nobody can set it. Zero where it does
    /// not count: we ourselves give new names to files that we have made.
    changed: i64,
    /// Zero where there are none.
    inode: u64,
}

impl Stamp {
    /// That of no file.
    pub(crate) const NONE: Self = Self { length: u64::MAX, modified: 0, changed: 0, inode: 0 };

    /// The stamp of a file that we have made.
    #[cfg(unix)]
    pub(crate) fn of(data: &Metadata) -> Self {
        Self { changed: 0, ..Self::of_source(data) }
    }

    /// The stamp of a file of the site.
    #[cfg(unix)]
    pub(crate) fn of_source(data: &Metadata) -> Self {
        use std::os::unix::fs::MetadataExt as _;
        let time = |seconds: i64, rest: i64| seconds.wrapping_mul(1_000_000_000).wrapping_add(rest);
        Self {
            length: data.len(),
            modified: time(data.mtime(), data.mtime_nsec()),
            changed: time(data.ctime(), data.ctime_nsec()),
            inode: data.ino(),
        }
    }

    /// The stamp of a file that we have made.
    #[cfg(not(unix))]
    pub(crate) fn of(data: &Metadata) -> Self {
        let since = data.modified().ok().and_then(|t| t.duration_since(std::time::UNIX_EPOCH).ok());
        let modified = since.and_then(|since| i64::try_from(since.as_nanos()).ok()).unwrap_or(0);
        Self { length: data.len(), modified, changed: 0, inode: 0 }
    }

    /// The stamp of a file of the site.
    #[cfg(not(unix))]
    pub(crate) fn of_source(data: &Metadata) -> Self {
        Self::of(data)
    }

    /// The stamp of a plain file that we have made; `None` for anything else.
    pub(crate) fn of_file(path: &Path) -> Option<Self> {
        let data = fs::symlink_metadata(path).ok()?;
        data.is_file().then(|| Self::of(&data))
    }

    /// Whether a file may be a copy, or another name, of the one that had a stamp.
    pub(crate) fn is_copy_of(&self, other: &Self) -> bool {
        (self.length, self.modified) == (other.length, other.modified)
    }

    /// Reads what `Display` writes.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut numbers = text.split('.');
        let stamp = Self {
            length: numbers.next()?.parse().ok()?,
            modified: numbers.next()?.parse().ok()?,
            changed: numbers.next()?.parse().ok()?,
            inode: numbers.next()?.parse().ok()?,
        };
        numbers.next().is_none().then_some(stamp)
    }
}

impl std::fmt::Display for Stamp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { length, modified, changed, inode } = self;
        write!(f, "{length}.{modified}.{changed}.{inode}")
    }
}
