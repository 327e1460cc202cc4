//! The connections that are open, and which of them makes room for others.

use core::cell::{Cell, RefCell};
use core::future::poll_fn;
use core::net::SocketAddr;
use core::pin::pin;
use core::task::Poll;
use core::time::Duration;
use std::collections::BTreeMap;
use std::rc::Rc;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::task::{AbortHandle, spawn_local};
use tokio::time::{sleep_until, timeout};

use super::exchange::exchange;
use super::progress::{Phase, Progress, Watched};
use super::{Receive, Settings};
use crate::limits::{REQUEST_BODIES_BYTES_MAX, REQUEST_FIELDS_MAX, REQUEST_HEAD_BYTES_MAX};

/// All connections.
pub(super) struct Connections {
    settings: Rc<Settings>,
    open: RefCell<BTreeMap<u64, Open>>,
    last: Cell<u64>,
    /// Bytes of the bodies of all of them.
    held: Cell<usize>,
    is_stopping: Cell<bool>,
    /// Tells those that wait that it is time to stop.
    stop: Notify,
    /// Tells that a connection was closed.
    closed: Notify,
}

struct Open {
    progress: Rc<Progress>,
    task: AbortHandle,
    /// Bytes of its body.
    held: usize,
}

/// One connection.
pub(super) struct Connection {
    number: u64,
    pub(super) peer: SocketAddr,
    pub(super) progress: Rc<Progress>,
    pub(super) all: Rc<Connections>,
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.all.remove(self.number);
    }
}

impl Connection {
    pub(super) fn settings(&self) -> &Settings {
        &self.all.settings
    }

    /// Takes memory for a part of a body, if need be from somebody who takes longer.
    pub(super) fn hold(&self, bytes: usize) -> bool {
        let all = &self.all;
        while all.held.get() + bytes > REQUEST_BODIES_BYTES_MAX {
            if !all.close(|number, open| number != self.number && open.held > 0) {
                return false;
            }
        }
        if let Some(open) = all.open.borrow_mut().get_mut(&self.number) {
            open.held += bytes;
            all.held.set(all.held.get() + bytes);
        }
        true
    }

    /// Gives it back.
    pub(super) fn release(&self) {
        if let Some(open) = self.all.open.borrow_mut().get_mut(&self.number) {
            self.all.held.set(self.all.held.get() - core::mem::take(&mut open.held));
        }
    }
}

impl Connections {
    pub(super) fn new(settings: Settings) -> Rc<Self> {
        Rc::new(Self {
            settings: Rc::new(settings),
            open: RefCell::default(),
            last: Cell::default(),
            held: Cell::default(),
            is_stopping: Cell::default(),
            stop: Notify::new(),
            closed: Notify::new(),
        })
    }

    /// Takes up a connection, if need be in the place of the slowest.
    pub(super) fn open<R: Receive + 'static>(
        self: &Rc<Self>,
        stream: TcpStream,
        peer: SocketAddr,
        receiver: &Rc<R>,
    ) {
        if self.open.borrow().len() >= self.settings.connections_max && !self.close_slowest() {
            return;
        }
        let number = self.last.get() + 1;
        self.last.set(number);
        let progress = Rc::new(Progress::new(Rc::clone(&self.settings)));
        let connection =
            Connection { number, peer, progress: Rc::clone(&progress), all: Rc::clone(self) };
        let task = spawn_local(serve(stream, connection, Rc::clone(receiver))).abort_handle();
        self.open.borrow_mut().insert(number, Open { progress, task, held: 0 });
    }

    /// Closes the connection that waits longest for its next request; when none does, the one whose
    /// request has begun first and is not whole. Whether there was one.
    pub(super) fn close_slowest(&self) -> bool {
        self.close(|_, _| true)
    }

    fn close(&self, may: impl Fn(u64, &Open) -> bool) -> bool {
        let slowest = {
            let open = self.open.borrow();
            let slow = open.iter().filter(|(number, open)| {
                open.progress.phase() <= Phase::Receiving && may(**number, open)
            });
            slow.min_by_key(|(_, open)| (open.progress.phase(), open.progress.begun()))
                .map(|(number, _)| *number)
        };
        slowest.is_some_and(|number| self.remove(number))
    }

    /// Closes a connection, unless it is closed.
    fn remove(&self, number: u64) -> bool {
        let Some(Open { task, held, .. }) = self.open.borrow_mut().remove(&number) else {
            return false;
        };
        task.abort();
        self.held.set(self.held.get() - held);
        self.closed.notify_one();
        true
    }

    /// Lets every connection finish the request that has begun, but not longer than this.
    pub(super) async fn finish(&self, time: Duration) {
        self.is_stopping.set(true);
        self.stop.notify_waiters();
        let all_closed = async {
            while !self.open.borrow().is_empty() {
                self.closed.notified().await;
            }
        };
        if timeout(time, all_closed).await.is_err() {
            let open = core::mem::take(&mut *self.open.borrow_mut());
            open.values().for_each(|open| open.task.abort());
        }
    }
}

/// Serves a connection until it ends or takes too long.
async fn serve<R: Receive>(stream: TcpStream, connection: Connection, receiver: Rc<R>) {
    // An answer is written at once, so there is nothing to collect.
    let _ = stream.set_nodelay(true);
    let connection = Rc::new(connection);
    let (all, progress) = (Rc::clone(&connection.all), Rc::clone(&connection.progress));
    let stream = TokioIo::new(Watched::new(stream, Rc::clone(&progress)));
    let service =
        service_fn(|request| exchange(Rc::clone(&connection), Rc::clone(&receiver), request));
    let mut http = pin!(
        http1::Builder::new()
            // Who has sent a whole request may go: it counts all the same.
            .half_close(true)
            .max_headers(REQUEST_FIELDS_MAX)
            .max_header_size(REQUEST_HEAD_BYTES_MAX)
            .max_buf_size(REQUEST_HEAD_BYTES_MAX)
            .header_read_timeout(None)
            .serve_connection(stream, service)
    );
    let mut alarm = pin!(sleep_until(progress.until()));
    let mut stop = pin!(all.stop.notified());
    let mut is_told = false;
    poll_fn(|cx| {
        // It may have been time to stop before this began to wait for it.
        if !is_told && (all.is_stopping.get() || stop.as_mut().poll(cx).is_ready()) {
            is_told = true;
            http.as_mut().graceful_shutdown();
        }
        if http.as_mut().poll(cx).is_ready() {
            return Poll::Ready(());
        }
        if alarm.deadline() != progress.until() {
            alarm.as_mut().reset(progress.until());
        }
        alarm.as_mut().poll(cx)
    })
    .await;
}
