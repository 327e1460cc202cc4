//! Requests that are kept for somebody else to look at: a folder with a file for each.
//!
//! Where there is no key nothing can be verified or answered, but nothing needs to be lost either:
//! what comes in is stored as it is, with the time, and worked off on the machine that has the key.

use std::collections::HashMap;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::listener::Received;
use crate::federation::budget::network;

/// All files, in bytes.
pub(crate) const BYTES_MAX: u64 = 64 << 20;

/// All files.
pub(crate) const FILES_MAX: usize = 20_000;

/// The part of the room that is left that one sender can take, so that nobody shuts out all others.
pub(crate) const SENDER_PART: u8 = 10;

/// The first line of a file; the body follows as it came.
#[derive(Serialize, Deserialize)]
struct Head {
    version: u32,
    method: String,
    target: String,
    headers: Vec<(String, String)>,
    client: IpAddr,
    arrived: String,
    body_bytes: usize,
}

const VERSION: u32 = 1;
const ENDING: &str = ".request";

/// A spool.
#[derive(Clone, Debug)]
pub(crate) struct Spool {
    folder: PathBuf,
}

/// How much lies there.
#[derive(Clone, Copy, Debug, Default)]
struct Size {
    files: usize,
    bytes: u64,
}

impl Size {
    fn add(&mut self, bytes: u64) {
        self.files += 1;
        self.bytes += bytes;
    }
}

/// A request that lies there.
#[derive(Debug)]
pub(crate) struct Lying {
    /// Its file, to remove it once it is worked off.
    pub(crate) file: PathBuf,
    /// The request; `None` when the file is damaged.
    pub(crate) request: Option<Received>,
}

impl Spool {
    /// Opens a folder, which is made when it is not there. Only its owner may look into it.
    ///
    /// # Errors
    ///
    /// When it cannot be made.
    pub(crate) fn open(folder: &Path) -> io::Result<Self> {
        let mut builder = DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(folder)?;
        Ok(Self { folder: folder.to_path_buf() })
    }

    /// Keeps a request. It is on the disk when this returns.
    ///
    /// # Errors
    ///
    /// When there is no room, on the disk or within the limits.
    pub(crate) fn keep(&self, request: &Received) -> io::Result<()> {
        let sender = sender(request.client);
        let (all, own) = self.sizes(&sender)?;
        let files = FILES_MAX.saturating_sub(all.files);
        let bytes = BYTES_MAX.saturating_sub(all.bytes);
        if own.files >= files.div_ceil(SENDER_PART.into())
            || own.bytes >= bytes.div_ceil(SENDER_PART.into())
        {
            return Err(io::ErrorKind::StorageFull.into());
        }
        let head = Head {
            version: VERSION,
            method: request.method.clone(),
            target: request.target.clone(),
            headers: request.headers.clone(),
            client: request.client,
            arrived: request.arrived.to_string(),
            body_bytes: request.body.len(),
        };
        let mut text = serde_json::to_vec(&head)?;
        text.push(b'\n');
        text.extend_from_slice(&request.body);
        // In the order in which they came; the name is nobody else's.
        let name = format!(
            "{:020}-{sender}-{}-{:08x}",
            request.arrived.as_microsecond(),
            std::process::id(),
            getrandom::u32().unwrap_or_default()
        );
        let new = self.folder.join(format!(".{name}.new"));
        let placed = create(&new, &text)
            .and_then(|()| fs::rename(&new, self.folder.join(format!("{name}{ENDING}"))))
            .and_then(|()| sync_folder(&self.folder));
        if placed.is_err() {
            let _ = fs::remove_file(&new);
        }
        placed
    }

    /// What lies there, and what of it comes from one sender.
    fn sizes(&self, sender: &str) -> io::Result<(Size, Size)> {
        let (mut all, mut own) = (Size::default(), Size::default());
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            // One that is taken away in this moment takes no room.
            let Ok(data) = entry.metadata() else { continue };
            all.add(data.len());
            let name = entry.file_name();
            if name.to_str().and_then(sender_of) == Some(sender) {
                own.add(data.len());
            }
        }
        Ok((all, own))
    }

    /// All that lies there, by name: the oldest of each sender, then the second of each, and so on, so
    /// that nobody keeps the others waiting.
    ///
    /// # Errors
    ///
    /// When the folder cannot be read.
    pub(crate) fn files(&self) -> io::Result<Vec<PathBuf>> {
        let mut files = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let path = entry?.path();
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            if name.ends_with(ENDING) && !name.starts_with('.') {
                files.push(path);
            }
        }
        files.sort();
        let mut counts: HashMap<Option<String>, usize> = HashMap::new();
        let mut turns: Vec<(usize, PathBuf)> = Vec::with_capacity(files.len());
        for file in files {
            let name = file.file_name().and_then(|name| name.to_str());
            let count = counts.entry(name.and_then(sender_of).map(str::to_owned)).or_default();
            turns.push((*count, file));
            *count += 1;
        }
        turns.sort();
        Ok(turns.into_iter().map(|(_, file)| file).collect())
    }
}

/// How a sender is named in names of files.
fn sender(client: IpAddr) -> String {
    match network(client) {
        IpAddr::V4(address) => format!("{:08x}", address.to_bits()),
        IpAddr::V6(address) => format!("{:032x}", address.to_bits()),
    }
}

/// The sender in the name of a file.
fn sender_of(name: &str) -> Option<&str> {
    name.split('-').nth(1)
}

/// Reads what lies in a file.
///
/// # Errors
///
/// When the disk fails.
pub(crate) fn read(file: PathBuf) -> io::Result<Lying> {
    let bytes = fs::read(&file)?;
    Ok(Lying { file, request: parse(&bytes) })
}

fn parse(bytes: &[u8]) -> Option<Received> {
    let end = bytes.iter().position(|byte| *byte == b'\n')?;
    let head: Head = serde_json::from_slice(&bytes[..end]).ok()?;
    let body = bytes[end + 1..].to_vec();
    let arrived: Timestamp = head.arrived.parse().ok()?;
    let is_whole = head.version == VERSION && body.len() == head.body_bytes;
    let Head { method, target, headers, client, .. } = head;
    is_whole.then_some(Received { method, target, headers, body, client, arrived })
}

fn create(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(body: &[u8], second: i64) -> Received {
        Received {
            method: "POST".to_owned(),
            target: "/ap/news/inbox".to_owned(),
            headers: vec![("host".to_owned(), "party.example".to_owned())],
            body: body.to_vec(),
            client: [192, 0, 2, 1].into(),
            arrived: Timestamp::from_second(1_800_000_000 + second).unwrap(),
        }
    }

    #[test]
    fn what_is_kept_comes_out_as_it_came_in_and_in_order() {
        let folder = tempfile::tempdir().unwrap();
        let spool = Spool::open(&folder.path().join("spool")).unwrap();
        let sent = [request(b"{\n\0}\xff", 2), request(b"", 1)];
        for one in &sent {
            spool.keep(one).unwrap();
        }
        let read: Vec<Received> = spool
            .files()
            .unwrap()
            .into_iter()
            .map(|file| read(file).unwrap().request.unwrap())
            .collect();
        assert_eq!(read, [sent[1].clone(), sent[0].clone()]);
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_can_read_it() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("spool");
        let spool = Spool::open(&place).unwrap();
        spool.keep(&request(b"{}", 0)).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&place), mode(&spool.files().unwrap()[0])), (0o700, 0o600));
    }

    #[test]
    fn a_file_that_is_cut_off_is_no_request() {
        let folder = tempfile::tempdir().unwrap();
        let spool = Spool::open(folder.path()).unwrap();
        spool.keep(&request(b"{\"a\":1}", 0)).unwrap();
        let file = spool.files().unwrap().remove(0);
        let bytes = fs::read(&file).unwrap();
        for length in [0, 5, bytes.len() - 1] {
            fs::write(&file, &bytes[..length]).unwrap();
            assert!(read(file.clone()).unwrap().request.is_none(), "{length}");
        }
    }

    #[test]
    fn one_sender_cannot_take_the_room_of_the_others() {
        let folder = tempfile::tempdir().unwrap();
        let spool = Spool::open(folder.path()).unwrap();
        let from = |client: &str| Received { client: client.parse().unwrap(), ..request(b"{}", 0) };
        spool.keep(&from("2001:db8::1")).unwrap();
        let own = spool.files().unwrap().remove(0);
        let own = File::options().write(true).open(own).unwrap();
        own.set_len(BYTES_MAX / 10).unwrap();
        let error = spool.keep(&from("2001:db8::2")).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::StorageFull);
        spool.keep(&from("2001:db8:1::1")).unwrap();
        spool.keep(&from("192.0.2.1")).unwrap();
    }

    #[test]
    fn senders_take_turns() {
        let folder = tempfile::tempdir().unwrap();
        let spool = Spool::open(folder.path()).unwrap();
        for (client, second) in [(1, 1), (1, 2), (1, 3), (2, 4), (3, 5), (2, 6)] {
            let sent = Received { client: [192, 0, 2, client].into(), ..request(b"{}", second) };
            spool.keep(&sent).unwrap();
        }
        let order = spool.files().unwrap().into_iter().map(|file| {
            let request = read(file).unwrap().request.unwrap();
            request.arrived.as_second() - 1_800_000_000
        });
        assert_eq!(order.collect::<Vec<_>>(), [1, 4, 5, 2, 6, 3]);
    }

    #[test]
    fn a_full_spool_takes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let spool = Spool::open(folder.path()).unwrap();
        let filler = File::create(folder.path().join("filler")).unwrap();
        filler.set_len(BYTES_MAX).unwrap();
        let error = spool.keep(&request(b"{}", 0)).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::StorageFull);
    }
}
