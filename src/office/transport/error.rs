//! Why another server gave no answer.

use core::fmt;
use core::net::IpAddr;
use std::io::{self, ErrorKind};

use crate::net::tls::TlsProblem;

/// Why no answer came, or none that can be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum TransportError {
    /// An address that is never asked, with the reason.
    BadUrl(&'static str),
    /// No such name in the DNS, or nobody there who knows.
    NoSuchName(String),
    /// A name with an address inside a house or a machine.
    NotPublic(IpAddr),
    /// Nothing listens there.
    Refused,
    /// No way leads there.
    NoWay,
    /// No answer in time.
    TimeOut,
    /// The connection was encrypted in a way that cannot be trusted.
    Tls(TlsProblem),
    /// The connection was closed before the whole answer came.
    Lost,
    /// More headers or more bytes than we take.
    TooLarge,
    /// What came is no answer of HTTP.
    NotHttp,
    /// It leads to where we do not follow.
    Redirect,
    /// It is compressed, although we asked for what is not.
    Encoded,
    /// A header of ours that cannot be sent.
    BadHeader(&'static str),
}

impl TransportError {
    /// Whether the same request may get an answer later.
    pub(crate) fn is_temporary(&self) -> bool {
        match self {
            // Names move, certificates are renewed, and what is not HTTP may be a page of somebody
            // in between.
            Self::NoSuchName(_)
            | Self::Refused
            | Self::NoWay
            | Self::TimeOut
            | Self::Tls(_)
            | Self::Lost
            | Self::NotHttp => true,
            Self::BadUrl(_)
            | Self::NotPublic(_)
            | Self::TooLarge
            | Self::Redirect
            | Self::Encoded
            | Self::BadHeader(_) => false,
        }
    }

    /// What the library says of a connection, in our words.
    pub(super) fn of_http(error: &hyper::Error) -> Self {
        if error.is_parse_too_large() {
            Self::TooLarge
        } else if error.is_parse() {
            Self::NotHttp
        } else {
            Self::Lost
        }
    }

    /// What the system says of a connection that was not made.
    pub(super) fn of_connecting(error: &io::Error) -> Self {
        let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
        match inner {
            Some(error) => Self::Tls(TlsProblem::of(error)),
            None => match error.kind() {
                ErrorKind::TimedOut => Self::TimeOut,
                ErrorKind::UnexpectedEof
                | ErrorKind::ConnectionReset
                | ErrorKind::ConnectionAborted
                | ErrorKind::BrokenPipe => Self::Lost,
                ErrorKind::NetworkUnreachable
                | ErrorKind::HostUnreachable
                | ErrorKind::NetworkDown => Self::NoWay,
                _ => Self::Refused,
            },
        }
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BadUrl(reason) => f.write_str(reason),
            Self::NoSuchName(name) => write!(f, "the DNS has no address of {name}"),
            Self::NotPublic(address) => {
                write!(f, "{address} is not a public address, so it was not asked")
            }
            Self::Refused => f.write_str("nothing listens there: the connection was refused"),
            Self::NoWay => f.write_str("no way leads there"),
            Self::TimeOut => f.write_str("no answer in time"),
            Self::Tls(problem) => problem.fmt(f),
            Self::Lost => f.write_str("the connection was closed before the answer came"),
            Self::TooLarge => f.write_str("the answer is too large"),
            Self::NotHttp => f.write_str("the answer is not HTTP"),
            Self::Redirect => f.write_str("the answer leads to where we do not follow"),
            Self::Encoded => f.write_str("the answer is compressed, which was not asked for"),
            Self::BadHeader(name) => write!(f, "the header {name} cannot be sent as it is"),
        }
    }
}

impl std::error::Error for TransportError {}
