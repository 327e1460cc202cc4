//! A backup in one file.
//!
//! It is a plain tar (POSIX.1, `ustar`), so that people can open it without us. Its last entry is
//! the SHA-256 of all bytes before it, and each header has to be the one that we would write: what
//! is cut off or altered is refused as a whole.

use std::fmt;
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

/// A tar consists of such blocks.
const BLOCK: usize = 512;

/// What the name of the first entry begins and ends with; between them is the version.
const FIRST: (&str, &str) = ("sitegen-backup-", ".txt");

const VERSION: u32 = 1;

/// The name of the last entry.
const LAST: &str = "sha256.txt";

/// What can be written into a header: eleven octal digits, 8 GiB.
const ENTRY_BYTES_MAX: u64 = (1 << 33) - 1;

/// Entries of a backup: a few more than a site has accounts.
const ENTRIES_MAX: usize = 1_000;

/// Writes a backup.
pub(crate) struct Packer<W> {
    to: Hashing<W>,
    made: Timestamp,
}

impl<W: Write> Packer<W> {
    /// Begins one with a text for whoever opens it.
    ///
    /// # Errors
    ///
    /// When it cannot be written.
    pub(crate) fn new(to: W, made: Timestamp, about: &str) -> io::Result<Self> {
        let mut packer = Self { to: Hashing { inner: to, hash: Sha256::new() }, made };
        let name = format!("{}{VERSION}{}", FIRST.0, FIRST.1);
        packer.add(&name, about.len() as u64, about.as_bytes())?;
        Ok(packer)
    }

    /// Adds `bytes` bytes.
    ///
    /// # Errors
    ///
    /// When they cannot be read or written, or are more than a tar can hold.
    pub(crate) fn add(&mut self, name: &str, bytes: u64, from: impl Read) -> io::Result<()> {
        if bytes > ENTRY_BYTES_MAX {
            return Err(ErrorKind::FileTooLarge.into());
        }
        self.to.write_all(&header(name, bytes, self.made))?;
        if io::copy(&mut from.take(bytes), &mut self.to)? != bytes {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        self.to.write_all(&[0; BLOCK][..padding(bytes)])
    }

    /// Ends it, and gives back where it was written to.
    ///
    /// # Errors
    ///
    /// When it cannot be written.
    pub(crate) fn finish(mut self) -> io::Result<W> {
        let hash = hex(self.to.hash.clone());
        self.add(LAST, hash.len() as u64, hash.as_bytes())?;
        self.to.write_all(&[0; 2 * BLOCK])?;
        Ok(self.to.inner)
    }
}

/// A file in a backup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// `inbox.toml`, `keys/news.pem`.
    pub(crate) name: String,
    /// Where in the backup its bytes begin.
    pub(crate) offset: u64,
    /// How many there are.
    pub(crate) bytes: u64,
}

/// A backup cannot be restored. Nothing has been touched.
#[derive(Debug)]
pub struct BackupError {
    /// The file.
    pub path: PathBuf,
    /// What is wrong with it.
    pub problem: BackupProblem,
}

/// What is wrong with a backup.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BackupProblem {
    /// It is something else.
    NotBackup,
    /// A newer version of the program has written it.
    Newer,
    /// Its end is missing.
    CutOff,
    /// It is not what was written.
    Altered,
}

impl BackupError {
    /// An error at a file.
    pub(crate) fn new(path: &Path, problem: BackupProblem) -> Self {
        Self { path: path.to_path_buf(), problem }
    }

    /// What to do about it.
    pub fn help(&self) -> &'static str {
        match self.problem {
            BackupProblem::NotBackup => "name a file that `sitegen backup` has written",
            BackupProblem::Newer => "use that version, or a newer one",
            BackupProblem::CutOff | BackupProblem::Altered => {
                "nothing has been restored. Copy the file again from where it was kept, or take \
                 another backup; `--verify` says whether one is whole"
            }
        }
    }
}

impl fmt::Display for BackupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.path.display())?;
        f.write_str(match self.problem {
            BackupProblem::NotBackup => "this is not a backup of a post office",
            BackupProblem::Newer => "a newer version of sitegen has written this",
            BackupProblem::CutOff => "this backup is cut off",
            BackupProblem::Altered => "this backup is not what was written",
        })
    }
}

impl std::error::Error for BackupError {}

/// Reads a whole backup and says what is in it, in its order, without the first entry and the last.
///
/// # Errors
///
/// When it cannot be read; inside, when it is not as it was written.
pub(crate) fn read(from: impl Read) -> io::Result<Result<Vec<Entry>, BackupProblem>> {
    let mut reader = Reader { from: Hashing { inner: from, hash: Sha256::new() }, offset: 0 };
    match reader.entries() {
        Ok(entries) => Ok(Ok(entries)),
        Err(Stop::Bad(problem)) => Ok(Err(problem)),
        Err(Stop::Io(error)) if error.kind() == ErrorKind::UnexpectedEof => {
            Ok(Err(BackupProblem::CutOff))
        }
        Err(Stop::Io(error)) => Err(error),
    }
}

/// Why reading ends early.
enum Stop {
    Bad(BackupProblem),
    Io(io::Error),
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

struct Reader<R> {
    from: Hashing<R>,
    /// Bytes that were read.
    offset: u64,
}

impl<R: Read> Reader<R> {
    fn entries(&mut self) -> Result<Vec<Entry>, Stop> {
        let first = self.block()?;
        let (entry, made) = parsed(&first, self.offset).ok_or(Stop::Bad(is_first(&first)))?;
        let version = entry.name.strip_prefix(FIRST.0).and_then(|rest| rest.strip_suffix(FIRST.1));
        match version.and_then(|version| version.parse::<u32>().ok()) {
            Some(VERSION) => {}
            Some(version) if version > VERSION => return Err(Stop::Bad(BackupProblem::Newer)),
            _ => return Err(Stop::Bad(BackupProblem::NotBackup)),
        }
        self.skip(entry.bytes)?;
        let altered = || Stop::Bad(BackupProblem::Altered);
        let mut entries: Vec<Entry> = Vec::new();
        loop {
            let hash = hex(self.from.hash.clone());
            let header = self.block()?;
            let (entry, also) = parsed(&header, self.offset).ok_or_else(altered)?;
            let is_new = entries.iter().all(|other| other.name != entry.name);
            if also != made || !is_new || entries.len() >= ENTRIES_MAX {
                return Err(altered());
            }
            if entry.name == LAST {
                return if self.ends(&entry, &hash)? { Ok(entries) } else { Err(altered()) };
            }
            self.skip(entry.bytes)?;
            entries.push(entry);
        }
    }

    /// Whether what is left is the hash and the end.
    fn ends(&mut self, entry: &Entry, hash: &str) -> Result<bool, Stop> {
        let block = self.block()?;
        let written = [hash.as_bytes(), &[0; BLOCK][..padding(hash.len() as u64)]].concat();
        let is_right = entry.bytes == hash.len() as u64 && block[..] == written[..];
        let end = [self.block()?, self.block()?].concat();
        let nothing = self.from.read(&mut [0])? == 0;
        Ok(is_right && end.iter().all(|byte| *byte == 0) && nothing)
    }

    fn block(&mut self) -> io::Result<[u8; BLOCK]> {
        let mut block = [0; BLOCK];
        self.from.read_exact(&mut block)?;
        self.offset += BLOCK as u64;
        Ok(block)
    }

    fn skip(&mut self, bytes: u64) -> io::Result<()> {
        let all = bytes + padding(bytes) as u64;
        let read = io::copy(&mut (&mut self.from).take(all), &mut io::sink())?;
        self.offset += read;
        if read == all { Ok(()) } else { Err(ErrorKind::UnexpectedEof.into()) }
    }
}

/// A first block that is not understood: one of ours that was altered, or something else.
fn is_first(block: &[u8; BLOCK]) -> BackupProblem {
    let is_ours = block.starts_with(FIRST.0.as_bytes());
    if is_ours { BackupProblem::Altered } else { BackupProblem::NotBackup }
}

/// How many bytes fill up the last block.
fn padding(bytes: u64) -> usize {
    let rest = usize::try_from(bytes % BLOCK as u64).unwrap_or(0);
    if rest == 0 { 0 } else { BLOCK - rest }
}

/// The header of a file that is for its owner alone.
fn header(name: &str, bytes: u64, made: Timestamp) -> [u8; BLOCK] {
    let mut header = [0; BLOCK];
    let mut put = |at: usize, text: &str| {
        header[at..at + text.len()].copy_from_slice(text.as_bytes());
    };
    put(0, name);
    put(100, "0000600");
    put(108, "0000000");
    put(116, "0000000");
    put(124, &format!("{bytes:011o}"));
    put(136, &format!("{:011o}", made.as_second().max(0)));
    put(148, "        ");
    put(156, "0");
    put(257, "ustar");
    put(263, "00");
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    header[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
    header
}

/// Reads a header, if it is one that we would write. `offset` is where its bytes begin.
fn parsed(block: &[u8; BLOCK], offset: u64) -> Option<(Entry, Timestamp)> {
    let text = |from: usize, to: usize| {
        let field = &block[from..to];
        let end = field.iter().position(|byte| *byte == 0)?;
        str::from_utf8(&field[..end]).ok()
    };
    let name = text(0, 100)?.to_owned();
    let bytes = u64::from_str_radix(text(124, 136)?, 8).ok()?;
    let made = i64::from_str_radix(text(136, 148)?, 8).ok()?;
    let made = Timestamp::from_second(made).ok()?;
    let fits = bytes <= ENTRY_BYTES_MAX && header(&name, bytes, made) == *block;
    fits.then_some((Entry { name, offset, bytes }, made))
}

fn hex(hash: Sha256) -> String {
    let bytes = hash.finalize();
    let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{digits}\n")
}

/// Takes note of all that is written or read.
struct Hashing<T> {
    inner: T,
    hash: Sha256,
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.inner.write(bytes)?;
        self.hash.update(&bytes[..count]);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(bytes)?;
        self.hash.update(&bytes[..count]);
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packed() -> Vec<u8> {
        let made = Timestamp::from_second(1_800_000_000).unwrap();
        let mut packer = Packer::new(Vec::new(), made, "About.\n").unwrap();
        packer.add("office.db", 700, &[7; 700][..]).unwrap();
        packer.add("keys/news.pem", 512, &[8; 512][..]).unwrap();
        packer.add("inbox.toml", 0, io::empty()).unwrap();
        packer.finish().unwrap()
    }

    #[test]
    fn what_was_packed_is_found_again() {
        let bytes = packed();
        let entries = read(&bytes[..]).unwrap().unwrap();
        let names: Vec<&str> = entries.iter().map(|entry| &*entry.name).collect();
        assert_eq!(names, ["office.db", "keys/news.pem", "inbox.toml"]);
        let at = usize::try_from(entries[0].offset).unwrap();
        assert_eq!(&bytes[at..at + 700], [7; 700]);
    }

    #[test]
    fn b_03_a_backup_that_ends_anywhere_else_is_refused() {
        let bytes = packed();
        for end in 0..bytes.len() {
            let found = read(&bytes[..end]).unwrap().unwrap_err();
            assert_eq!(found, BackupProblem::CutOff, "{end}");
        }
        let longer = [&bytes[..], &[0]].concat();
        assert_eq!(read(&longer[..]).unwrap(), Err(BackupProblem::Altered));
    }

    #[test]
    fn b_03_a_backup_with_any_byte_altered_is_refused() {
        let bytes = packed();
        for at in 0..bytes.len() {
            for bit in [1, 0x80] {
                let mut altered = bytes.clone();
                altered[at] ^= bit;
                assert!(read(&altered[..]).unwrap().is_err(), "{at}");
            }
        }
    }

    #[test]
    fn a_backup_of_a_newer_version_and_other_files_are_told_apart() {
        let other = header("sitegen-backup-2.txt", 0, Timestamp::UNIX_EPOCH);
        assert_eq!(read(&other[..]).unwrap(), Err(BackupProblem::Newer));
        let other = header("photo.jpg", 0, Timestamp::UNIX_EPOCH);
        assert_eq!(read(&other[..]).unwrap(), Err(BackupProblem::NotBackup));
        assert_eq!(read(&[b'a'; BLOCK][..]).unwrap(), Err(BackupProblem::NotBackup));
    }
}
