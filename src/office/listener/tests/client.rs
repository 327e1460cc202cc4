//! A post office on this machine, and clients that send whatever they like.

use core::cell::{Cell, RefCell};
use core::net::SocketAddr;
use core::time::Duration;
use std::rc::Rc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::{JoinHandle, spawn_local};
use tokio::time::sleep;

use crate::office::listener::{Receive, Received, Reply, Settings, listen};

/// Notes what is received, and thanks for it. It takes its time with `/slow`, and says much about
/// `/large`.
#[derive(Default)]
pub(super) struct Noting {
    pub(super) received: RefCell<Vec<Received>>,
    /// How many requests wait for `go_on`.
    pub(super) waiting: Cell<usize>,
    pub(super) go_on: Notify,
}

impl Receive for Noting {
    async fn receive(&self, request: Received) -> Reply {
        let body = if request.target == "/large" { vec![b'x'; 32 << 20] } else { b"ok".to_vec() };
        if request.target == "/slow" {
            self.waiting.set(self.waiting.get() + 1);
            self.go_on.notified().await;
        }
        self.received.borrow_mut().push(request);
        Reply { status: 202, headers: vec![("X-Kind", "thanks".to_owned())], body }
    }
}

/// A post office.
pub(super) struct Office {
    address: SocketAddr,
    pub(super) noting: Rc<Noting>,
    stop: Rc<Notify>,
    pub(super) task: JoinHandle<()>,
}

impl Office {
    pub(super) async fn new() -> Self {
        Self::with(Settings::default()).await
    }

    pub(super) async fn with(settings: Settings) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (noting, stop) = (Rc::new(Noting::default()), Rc::new(Notify::new()));
        let (receiver, told) = (Rc::clone(&noting), Rc::clone(&stop));
        let task = spawn_local(async move {
            listen(listener, settings, receiver, told.notified()).await;
        });
        Self { address, noting, stop, task }
    }

    /// How many requests were received whole.
    pub(super) fn received(&self) -> usize {
        self.noting.received.borrow().len()
    }

    /// Tells it to close.
    pub(super) fn stop(&self) {
        self.stop.notify_one();
    }

    /// Connects; `None` when it is closed.
    pub(super) async fn connect(&self) -> Option<Client> {
        let stream = TcpStream::connect(self.address).await.ok()?;
        let (stream, writing) = stream.into_split();
        Some(Client { reading: Reading { stream, read: Vec::new() }, writing })
    }

    /// A new client that sends something.
    pub(super) async fn sent(&self, text: impl AsRef<[u8]>) -> Client {
        let mut client = self.connect().await.unwrap();
        client.send(text).await;
        client
    }

    /// The status with which a client is answered that sends something, and whether it was hung up
    /// on then.
    pub(super) async fn answer(&self, text: impl AsRef<[u8]>) -> (u16, bool) {
        let mut client = self.sent(text).await;
        let answer = client.answer().await;
        (status(&answer), answer.to_ascii_lowercase().contains("\r\nconnection: close\r\n"))
    }
}

/// The status of an answer; 0 when there is none.
pub(super) fn status(answer: &str) -> u16 {
    answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0)
}

/// A client.
pub(super) struct Client {
    reading: Reading,
    writing: OwnedWriteHalf,
}

/// The half of a client that reads.
pub(super) struct Reading {
    stream: OwnedReadHalf,
    read: Vec<u8>,
}

impl Client {
    /// Sends something, if it is still heard.
    pub(super) async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        let _ = self.writing.write_all(bytes.as_ref()).await;
    }

    /// Sends this, and then a byte each second; what is left is reading.
    pub(super) async fn drip(mut self, start: &str) -> Reading {
        self.send(start).await;
        let Self { reading, mut writing } = self;
        spawn_local(async move {
            while writing.write_all(b"x").await.is_ok() {
                sleep(Duration::from_secs(1)).await;
            }
        });
        reading
    }

    /// Sends nothing more.
    pub(super) async fn end(&mut self) {
        self.writing.shutdown().await.unwrap();
    }

    /// The next answer, with its body; empty when there is none.
    pub(super) async fn answer(&mut self) -> String {
        self.reading.answer().await
    }

    /// Reads until it was hung up on, and says how much that was.
    pub(super) async fn until_closed(&mut self) -> usize {
        self.reading.until_closed().await
    }
}

impl Reading {
    /// The next answer, with its body; empty when there is none.
    pub(super) async fn answer(&mut self) -> String {
        loop {
            let text = String::from_utf8_lossy(&self.read).into_owned();
            if let Some((head, body)) = text.split_once("\r\n\r\n") {
                let mut lines = head.lines();
                let length = lines.find_map(|line| line.strip_prefix("content-length: "));
                let length = length.map_or(0, |length| length.parse().unwrap());
                if body.len() >= length {
                    let whole = head.len() + 4 + length;
                    return String::from_utf8(self.read.drain(..whole).collect()).unwrap();
                }
            }
            if !self.more().await {
                return String::new();
            }
        }
    }

    /// Reads until it was hung up on, and says how much that was.
    pub(super) async fn until_closed(&mut self) -> usize {
        while self.more().await {}
        self.read.len()
    }

    async fn more(&mut self) -> bool {
        let mut bytes = [0; 4096];
        let length = self.stream.read(&mut bytes).await.unwrap_or(0);
        self.read.extend_from_slice(&bytes[..length]);
        length > 0
    }
}
