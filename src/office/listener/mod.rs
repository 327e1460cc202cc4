//! Listens to other servers.
//!
//! Anybody may connect, and many do who mean no good: they send a byte a second, or half a message
//! a thousand times, or one that two programs read differently. So everything has a limit and a
//! deadline counted from its beginning, and when there are too many connections, the slowest makes
//! room. `hyper` speaks HTTP; `progress` watches what it reads, and `head` refuses what it forgives.

mod connections;
mod exchange;
mod forwarded;
mod head;
mod progress;
mod refusal;
#[cfg(test)]
mod tests;

use core::future::poll_fn;
use core::net::{IpAddr, SocketAddr};
use core::pin::pin;
use core::task::Poll;
use core::time::Duration;
use std::io;
use std::rc::Rc;

use jiff::Timestamp;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::sleep;

use crate::net::address::AddressRange;
use connections::Connections;

/// How long nothing is accepted after the system could not.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// A request, whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Received {
    pub(crate) method: String,
    /// Path and query as they came; it begins with a `/`.
    pub(crate) target: String,
    /// As they came and in order, the same name as often as it came. Values are printable ASCII.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    /// Who asks, as far as trusted proxies say.
    pub(crate) client: IpAddr,
    /// When its head was there.
    pub(crate) arrived: Timestamp,
}

impl Received {
    /// The headers as a signature is read from.
    pub(crate) fn borrowed(&self) -> Vec<(&str, &str)> {
        self.headers.iter().map(|(name, value)| (&**name, &**value)).collect()
    }
}

/// What is answered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
}

/// Who answers.
pub(crate) trait Receive {
    /// Answers a request. It runs to its end although the client goes away, unless it takes longer
    /// than [`Settings::answer_deadline`] or the post office closes: then it ends where it waits.
    fn receive(&self, request: Received) -> impl Future<Output = Reply>;
}

/// Who is trusted, and for what there is how much time.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    /// Servers of ours that stand before this one and say for whom they ask.
    pub(crate) trusted_proxies: Vec<AddressRange>,
    /// Connections at a time.
    pub(crate) connections_max: usize,
    /// For all of a head.
    pub(crate) header_deadline: Duration,
    /// For all of a body.
    pub(crate) body_deadline: Duration,
    /// For making an answer.
    pub(crate) answer_deadline: Duration,
    /// For taking an answer.
    pub(crate) write_deadline: Duration,
    /// Between two requests.
    pub(crate) idle_deadline: Duration,
    /// For what is unfinished at the end.
    pub(crate) stop_deadline: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            trusted_proxies: Vec::new(),
            connections_max: 1200,
            header_deadline: Duration::from_secs(10),
            body_deadline: Duration::from_secs(20),
            answer_deadline: Duration::from_secs(30),
            write_deadline: Duration::from_secs(20),
            idle_deadline: Duration::from_secs(30),
            stop_deadline: Duration::from_secs(5),
        }
    }
}

/// Listens until `stop` ends, then finishes what has begun. It runs within a
/// [`LocalSet`](tokio::task::LocalSet).
pub(crate) async fn listen<R: Receive + 'static>(
    listener: TcpListener,
    settings: Settings,
    receiver: Rc<R>,
    stop: impl Future<Output = ()>,
) {
    let stop_deadline = settings.stop_deadline;
    let connections = Connections::new(settings);
    let mut stop = pin!(stop);
    while let Some(accepted) = accept(&listener, stop.as_mut()).await {
        match accepted {
            Ok((stream, peer)) => connections.open(stream, peer, &receiver),
            Err(error) if is_of_one_connection(&error) => {}
            // Most likely there are no more file descriptors, of which a connection has one.
            Err(_) => {
                connections.close_slowest();
                sleep(ACCEPT_PAUSE).await;
            }
        }
    }
    drop(listener);
    connections.finish(stop_deadline).await;
}

/// The next connection; `None` when it is time to stop.
async fn accept(
    listener: &TcpListener,
    mut stop: core::pin::Pin<&mut impl Future<Output = ()>>,
) -> Option<io::Result<(TcpStream, SocketAddr)>> {
    poll_fn(|cx| match stop.as_mut().poll(cx) {
        Poll::Ready(()) => Poll::Ready(None),
        Poll::Pending => listener.poll_accept(cx).map(Some),
    })
    .await
}

/// Whether only the connection that was to be accepted is broken (accept(2)).
fn is_of_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted)
}
