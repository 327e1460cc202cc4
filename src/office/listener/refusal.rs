//! Why a request is not taken.

use super::Reply;

/// Why a request is answered before anybody has seen it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// It can be read in more than one way, or in none.
    Bad(&'static str),
    /// Its body did not come in time.
    Slow,
    /// Its body is too large.
    Large,
    /// Others send so much that there is no memory left.
    Busy,
}

impl Refusal {
    pub(super) fn reply(self) -> Reply {
        let (status, text) = match self {
            Self::Bad(reason) => (400, reason),
            Self::Slow => (408, "the message did not come in time"),
            Self::Large => (413, "the message is too large"),
            Self::Busy => (503, "too much at once, please come again"),
        };
        let mut headers = vec![("Content-Type", "text/plain; charset=utf-8".to_owned())];
        if self == Self::Busy {
            headers.push(("Retry-After", "60".to_owned()));
        }
        Reply { status, headers, body: format!("{text}\n").into_bytes() }
    }
}
