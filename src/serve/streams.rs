//! Open pages that wait for news.

use std::io::{self, Write};
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::Duration;

/// A page that is gone is noticed when something is sent to it.
const SIGN_OF_LIFE: Duration = Duration::from_secs(15);

/// So many pieces of news wait for a page that does not read; it loses the later ones, and gets to
/// know all with the next.
const WAITING_MAX: usize = 16;

/// The pages that are open.
#[derive(Debug, Default)]
pub(super) struct Streams {
    open: Mutex<Open>,
}

#[derive(Debug, Default)]
struct Open {
    pages: Vec<SyncSender<String>>,
    /// What a new page should know.
    last: String,
}

impl Streams {
    /// Tells all pages something, in JSON; and those that will come `later`.
    pub(super) fn tell(&self, news: &str, later: &str) {
        let mut open = self.open();
        later.clone_into(&mut open.last);
        open.pages.retain(|page| {
            let gone = page.try_send(news.to_owned());
            !matches!(gone, Err(std::sync::mpsc::TrySendError::Disconnected(_)))
        });
    }

    /// Sends news to a page until it is gone.
    pub(super) fn follow(&self, mut page: impl Write) -> io::Result<()> {
        let (sender, news) = sync_channel(WAITING_MAX);
        {
            let mut open = self.open();
            let _ = sender.try_send(open.last.clone());
            open.pages.push(sender);
        }
        page.write_all(HEAD)?;
        loop {
            page.write_all(next(&news)?.as_bytes())?;
            page.flush()?;
        }
    }

    fn open(&self) -> std::sync::MutexGuard<'_, Open> {
        // Whoever panicked has added a page or not; the list is whole either way.
        self.open.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// The answer begins here and has no end (WHATWG HTML, section 9.2).
const HEAD: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\
    Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n\
    Cross-Origin-Resource-Policy: same-origin\r\nConnection: close\r\n\r\nretry: 500\n\n";

fn next(news: &Receiver<String>) -> io::Result<String> {
    match news.recv_timeout(SIGN_OF_LIFE) {
        Ok(news) => Ok(format!("data: {news}\n\n")),
        Err(RecvTimeoutError::Timeout) => Ok(":\n\n".to_owned()),
        Err(RecvTimeoutError::Disconnected) => Err(io::ErrorKind::BrokenPipe.into()),
    }
}
