//! How far a connection has come, and until when it has to come further.
//!
//! `hyper` counts its timeouts from read to read, or between requests, and tells nobody which
//! connection is slow. So its bytes pass here: the first one of a request begins a deadline, and
//! the head is kept as it came, to be read to the letter.

use core::cell::{Cell, RefCell};
use core::pin::Pin;
use core::task::{Context, Poll, ready};
use core::time::Duration;
use std::io;
use std::rc::Rc;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::Instant;

use super::Settings;
use crate::limits::{REQUEST_BODY_BYTES_MAX, REQUEST_HEAD_BYTES_MAX};

/// What is kept of a head. `hyper` may read some more with it.
const KEPT_BYTES_MAX: usize = 2 * REQUEST_HEAD_BYTES_MAX;

/// How long is waited for a client to see that its request was refused.
const LINGER: Duration = Duration::from_secs(1);

/// What a connection does. The order is that in which they make room for others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Phase {
    /// It waits for the next request, or for its end.
    Idle,
    /// It sends a request.
    Receiving,
    /// We make an answer.
    Answering,
    /// It takes the answer.
    Writing,
}

/// How far a connection has come.
pub(super) struct Progress {
    settings: Rc<Settings>,
    phase: Cell<Phase>,
    /// When the phase began; of a request, when its first byte came.
    begun: Cell<Instant>,
    until: Cell<Instant>,
    head: RefCell<Vec<u8>>,
    /// Bytes since the request began.
    received: Cell<usize>,
    is_head_taken: Cell<bool>,
    is_whole: Cell<bool>,
}

impl Progress {
    /// Of a connection that is new, of which a request is awaited at once.
    pub(super) fn new(settings: Rc<Settings>) -> Self {
        let now = Instant::now();
        Self {
            phase: Cell::new(Phase::Receiving),
            begun: Cell::new(now),
            until: Cell::new(now + settings.header_deadline),
            head: RefCell::default(),
            received: Cell::new(0),
            is_head_taken: Cell::new(false),
            is_whole: Cell::new(false),
            settings,
        }
    }

    pub(super) fn phase(&self) -> Phase {
        self.phase.get()
    }

    pub(super) fn begun(&self) -> Instant {
        self.begun.get()
    }

    /// When the connection is closed unless it has come further.
    pub(super) fn until(&self) -> Instant {
        self.until.get()
    }

    /// The head of the request that has come, with what came after it; empty when it was taken
    /// before, so that this request began before the last one ended.
    pub(super) fn take_head(&self) -> Vec<u8> {
        self.is_head_taken.set(true);
        // The body has a deadline of its own, at which there is still an answer to take.
        let Settings { body_deadline, write_deadline, .. } = *self.settings;
        self.until.set(Instant::now() + body_deadline + write_deadline);
        self.head.take()
    }

    /// The request is there. `length` is that of its head and body, when it is known.
    /// Whether the next one may follow: none has begun.
    pub(super) fn received_whole(&self, length: Option<usize>) -> bool {
        self.is_whole.set(true);
        self.enter(Phase::Answering, self.settings.answer_deadline);
        length == Some(self.received.get())
    }

    /// The answer is made.
    pub(super) fn answered(&self) {
        self.enter(Phase::Writing, self.settings.write_deadline);
    }

    /// Bytes have come.
    fn received(&self, bytes: &[u8]) {
        if self.phase.get() == Phase::Idle && !bytes.is_empty() {
            self.enter(Phase::Receiving, self.settings.header_deadline);
            self.received.set(0);
            self.is_head_taken.set(false);
            self.is_whole.set(false);
        }
        self.received.set(self.received.get() + bytes.len());
        let mut head = self.head.borrow_mut();
        if !self.is_head_taken.get() && head.len() + bytes.len() <= KEPT_BYTES_MAX {
            head.extend_from_slice(bytes);
        }
    }

    /// Whether a request has begun and nobody reads the rest of it.
    fn is_refused(&self) -> bool {
        self.received.get() > 0 && !self.is_whole.get()
    }

    /// All that was to be written is written.
    fn flushed(&self) {
        if self.phase.get() == Phase::Writing {
            self.enter(Phase::Idle, self.settings.idle_deadline);
        }
    }

    fn enter(&self, phase: Phase, time: Duration) {
        let now = Instant::now();
        self.phase.set(phase);
        self.begun.set(now);
        self.until.set(now + time);
    }
}

/// The stream of a connection.
pub(super) struct Watched {
    stream: TcpStream,
    progress: Rc<Progress>,
    /// Bytes that may still come after the end, `None` before it.
    lingering: Option<usize>,
}

impl Watched {
    pub(super) fn new(stream: TcpStream, progress: Rc<Progress>) -> Self {
        Self { stream, progress, lingering: None }
    }
}

impl AsyncRead for Watched {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(cx, buffer))?;
        self.progress.received(&buffer.filled()[before..]);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Watched {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(Pin::new(&mut self.stream).poll_flush(cx))?;
        self.progress.flushed();
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.lingering.is_none() {
            ready!(Pin::new(&mut self.stream).poll_shutdown(cx))?;
            self.lingering = Some(REQUEST_BODY_BYTES_MAX);
            self.progress.enter(Phase::Idle, LINGER);
        }
        // Who is still sending would get a reset instead of the refusal, and send it all again. So
        // some of it is read and thrown away.
        while let Some(rest) = self.lingering.filter(|_| self.progress.is_refused()) {
            let mut bytes = [0; 2048];
            let mut buffer = ReadBuf::new(&mut bytes);
            ready!(Pin::new(&mut self.stream).poll_read(cx, &mut buffer))?;
            let length = buffer.filled().len();
            if length == 0 || length > rest {
                break;
            }
            self.lingering = Some(rest - length);
        }
        Poll::Ready(Ok(()))
    }
}
