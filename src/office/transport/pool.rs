//! Connections that wait for the next request to the same server.
//!
//! A post to the followers of a large server goes there in many requests, and a new encrypted
//! connection costs more than all of them. But there are thousands of servers: so there are few,
//! and not for long.

use core::cell::{Cell, RefCell};
use core::time::Duration;
use std::collections::VecDeque;
use std::rc::{Rc, Weak};

use bytes::Bytes;
use http_body_util::Full;
use hyper::client::conn::http1::SendRequest;
use tokio::task::{AbortHandle, spawn_local};
use tokio::time::{Instant, sleep_until};
use url::Origin;

/// How long a connection waits.
const IDLE: Duration = Duration::from_secs(15);

/// How many wait at a time.
const LINES_MAX: usize = 64;

/// A connection to a server.
pub(super) struct Line {
    pub(super) sender: SendRequest<Full<Bytes>>,
    /// What moves its bytes. It ends with this.
    pub(super) driver: AbortHandle,
}

impl Drop for Line {
    fn drop(&mut self) {
        self.driver.abort();
    }
}

/// The connections that wait, the one that waits longest first.
#[derive(Default)]
pub(super) struct Pool {
    lines: RefCell<VecDeque<Idle>>,
    is_swept: Cell<bool>,
}

struct Idle {
    origin: Origin,
    line: Line,
    until: Instant,
}

impl Pool {
    /// A connection to this server that is still open as far as we know.
    pub(super) fn take(&self, origin: &Origin) -> Option<Line> {
        let mut lines = self.lines.borrow_mut();
        let place = lines.iter().position(|idle| idle.origin == *origin)?;
        let idle = lines.remove(place)?;
        let is_good = idle.line.sender.is_ready() && idle.until > Instant::now();
        is_good.then_some(idle.line)
    }

    /// Lets a connection wait, on which a whole answer has come.
    pub(super) fn keep(self: &Rc<Self>, origin: Origin, line: Line) {
        let mut lines = self.lines.borrow_mut();
        lines.retain(|idle| idle.origin != origin && !idle.line.sender.is_closed());
        if lines.len() >= LINES_MAX {
            lines.pop_front();
        }
        lines.push_back(Idle { origin, line, until: Instant::now() + IDLE });
        if !self.is_swept.replace(true) {
            spawn_local(Self::sweep(Rc::downgrade(self)));
        }
    }

    /// How many wait.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.lines.borrow().len()
    }

    /// Closes what has waited long enough, until there is nothing left.
    async fn sweep(pool: Weak<Self>) {
        while let Some(next) = pool.upgrade().and_then(|pool| pool.close_old()) {
            sleep_until(next).await;
        }
    }

    /// Closes what has waited long enough, and says when that is so of the next.
    fn close_old(&self) -> Option<Instant> {
        let mut lines = self.lines.borrow_mut();
        let now = Instant::now();
        lines.retain(|idle| idle.until > now && !idle.line.sender.is_closed());
        let next = lines.front().map(|idle| idle.until);
        self.is_swept.set(next.is_some());
        next
    }
}
