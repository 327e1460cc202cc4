//! The preview: the site as it will be, in the browser, while somebody writes.
//!
//! | file | what |
//! |---|---|
//! | `request` | what a request asks for, and whether it may (pure) |
//! | `head` | the beginning of a request, as it comes over the line (pure) |
//! | `listen` | answers requests: a thread for each |
//! | `streams` | open pages that wait for news |
//! | `watch` | says which files were touched |
//! | `server` | has the site: reads it again, and says what has changed |
//! | `shown` | answers questions about one state of the site |
//! | `page` | what a page gets that only the preview has |
//!
//! One thread has the site; all others ask it by messages. So a page is made from one state of the
//! site, never from two, and whoever asks while the site is being read again gets the new one.
//! Nothing is written to the disk, and `published.toml` is only read.

mod head;
mod listen;
mod page;
mod request;
mod server;
mod shown;
mod streams;
mod watch;

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::mpsc;
use std::time::Duration;

use crate::config::Mode;
use crate::diagnostic::Diagnostic;
use crate::load::ReadError;

pub use server::Server;
pub use watch::Fallback;

/// The port that is tried first when nobody asks for one.
pub const DEFAULT_PORT: u16 = 1111;

/// So many ports after it are tried as well.
const PORTS: u16 = 100;

/// What a preview is to be like.
#[derive(Clone, Debug)]
pub struct Options {
    /// The folder of the site, without links.
    pub root: PathBuf,
    /// The configuration, relative to it.
    pub config: String,
    /// What is shown. Without a base URL: that is the business of the preview.
    pub mode: Mode,
    /// Where to listen.
    pub interface: IpAddr,
    /// On which port: any that is free for 0, the first free one from [`DEFAULT_PORT`] for `None`.
    pub port: Option<u16>,
    /// Whether browsers go to the page that was changed.
    pub navigate: bool,
    /// Whether to look at all files every second instead of asking the system.
    pub poll: bool,
}

/// What happens, for whoever watches.
#[derive(Debug)]
pub enum News<'a> {
    /// The first page can be asked for.
    Ready {
        /// The address of the front page.
        url: &'a str,
        /// The title of the site, unless it cannot be read.
        title: Option<&'a str>,
        /// How long it took.
        time: Duration,
    },
    /// The site is as it is in the files again, or there is something wrong with them.
    Changed {
        /// Which files.
        files: Vec<String>,
        /// The site is shown as it is now, and not as it was before the mistakes in it.
        is_shown: bool,
        /// Texts among them that are not public, with their state: `draft`, `future`, `expired`.
        hidden: Vec<(String, &'static str)>,
        /// How long it took.
        time: Duration,
    },
    /// What is wrong with the site now.
    Problems(&'a [Diagnostic]),
    /// The disk fails no longer.
    Readable,
    /// The disk fails. The last state is still shown.
    Unreadable(&'a ReadError),
    /// The system does not say when files change.
    Polling(Fallback),
}

/// Something for the thread that has the site.
#[derive(Debug)]
enum Message {
    /// Somebody wants something.
    Ask(shown::Question, mpsc::SyncSender<shown::Reply>),
    /// Somebody has touched these files; without names, perhaps any.
    Touched(Option<std::collections::BTreeSet<PathBuf>>),
    /// Perhaps any file was touched. Who looks again and again waits until we come to it.
    LookAgain(mpsc::SyncSender<()>),
    /// The system does not say when files change.
    Polling(Fallback),
    /// It is over.
    Stop,
}

/// Ends a preview from another thread.
#[derive(Clone, Debug)]
pub struct Stopper(mpsc::Sender<Message>);

impl Stopper {
    /// Ends it. It may have ended already.
    pub fn stop(&self) {
        let _ = self.0.send(Message::Stop);
    }
}

/// A place to listen at that is ours.
///
/// # Errors
///
/// When the port, or each of those that are tried, is taken, or there is no such interface.
fn bind(interface: IpAddr, port: Option<u16>) -> io::Result<std::net::TcpListener> {
    let listen = |port| std::net::TcpListener::bind(SocketAddr::new(interface, port));
    if let Some(port) = port {
        return listen(port);
    }
    let mut last = io::Error::from(io::ErrorKind::AddrInUse);
    for port in DEFAULT_PORT..=DEFAULT_PORT + PORTS {
        match listen(port) {
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => last = error,
            other => return other,
        }
    }
    Err(last)
}
