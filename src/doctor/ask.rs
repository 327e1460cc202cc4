//! One question to a web server, and its answer.
//!
//! The checks know nothing of sockets: they ask, and what answers is the internet (`live`), or a
//! closure that plays the configured host. Redirects are not followed here, as every server has
//! its own rule for them.

use core::fmt;
use std::io::Write;

use url::Url;

use crate::net::tls::TlsProblem;

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Request {
    pub(crate) method: Method,
    pub(crate) url: String,
    /// The `Accept` header.
    pub(crate) accept: &'static str,
    /// What a POST carries, and its type.
    pub(crate) body: Option<(&'static str, String)>,
    /// Headers besides those.
    pub(crate) headers: Vec<(&'static str, String)>,
    /// A longer answer is an error.
    pub(crate) bytes_max: usize,
}

/// The methods that are needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Method {
    /// Reads something.
    Get,
    /// Gives something to an inbox.
    Post,
}

impl Request {
    /// A GET.
    pub(crate) fn get(url: &str, accept: &'static str) -> Self {
        let (url, bytes_max) = (url.to_owned(), super::DOCUMENT_BYTES_MAX);
        let headers = Vec::new();
        Self { method: Method::Get, url, accept, body: None, headers, bytes_max }
    }
}

impl fmt::Display for Request {
    /// `GET https://party.example/`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let method = match self.method {
            Method::Get => "GET",
            Method::Post => "POST",
        };
        write!(f, "{method} {}", self.url)
    }
}

/// What came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    /// Names in any case.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    /// The first header of a name.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        headers.find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
    }

    /// The media type without its parameters, in small letters; empty when there is none.
    pub(crate) fn media_type(&self) -> String {
        let whole = self.header("content-type").unwrap_or_default();
        whole.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
    }

    /// Where a redirect leads, as an absolute address.
    pub(crate) fn leads_to(&self, asked: &str) -> Option<String> {
        if !matches!(self.status, 301 | 302 | 303 | 307 | 308) {
            return None;
        }
        let target = Url::parse(asked).ok()?.join(self.header("location")?).ok()?;
        Some(target.into())
    }

    /// The body as text.
    pub(crate) fn text(&self) -> std::borrow::Cow<'_, str> {
        String::from_utf8_lossy(&self.body)
    }

    /// Whether a person would see a page.
    pub(crate) fn is_html(&self) -> bool {
        let text = self.text();
        let start = text.trim_start().get(..9).unwrap_or_default().to_ascii_lowercase();
        self.media_type() == "text/html" || start == "<!doctype" || start.starts_with("<html")
    }
}

/// Why no answer came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum AskError {
    /// The text is no address that can be asked.
    NotAUrl,
    /// No such name in the DNS.
    NoSuchName(String),
    /// Nothing listens there.
    Refused,
    /// No answer in time.
    TimeOut,
    /// The connection was encrypted in a way that cannot be trusted.
    Tls(TlsProblem),
    /// More than this many bytes.
    TooLarge(usize),
    /// An address inside a house or a machine, which is not asked.
    Private(String),
    /// A run without a network asks only the site itself.
    Elsewhere,
    /// More questions than one run asks.
    Enough,
    /// Anything else, in the words of the library.
    Other(String),
}

impl fmt::Display for AskError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAUrl => f.write_str("this is no address of the web"),
            Self::NoSuchName(name) => write!(f, "there is no host {name} in the DNS"),
            Self::Refused => f.write_str("nothing listens there: the connection was refused"),
            Self::TimeOut => f.write_str("no answer in time"),
            Self::Tls(problem) => problem.fmt(f),
            Self::TooLarge(bytes) => write!(f, "the answer is larger than {bytes} bytes"),
            Self::Private(address) => {
                write!(f, "{address} is not a public address, so it was not asked")
            }
            Self::Elsewhere => f.write_str("not asked: it is not part of this site"),
            Self::Enough => f.write_str("not asked: enough questions for one run"),
            Self::Other(message) => f.write_str(message),
        }
    }
}

/// What can be asked.
pub(crate) trait Ask {
    /// One exchange, without following redirects.
    fn ask(&self, request: &Request) -> Result<Reply, AskError>;

    /// As [`Ask::ask`], for what need not be in memory: what comes goes into `body` piece by piece,
    /// and the reply has none.
    fn ask_into(&self, request: &Request, body: &mut dyn Write) -> Result<Reply, AskError> {
        let reply = self.ask(request)?;
        body.write_all(&reply.body).map_err(|error| AskError::Other(error.to_string()))?;
        Ok(Reply { body: Vec::new(), ..reply })
    }
}

impl<F: Fn(&Request) -> Result<Reply, AskError>> Ask for F {
    fn ask(&self, request: &Request) -> Result<Reply, AskError> {
        self(request)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redirect_leads_to_an_absolute_address() {
        let to = |status, location: &str| {
            let headers = vec![("Location".to_owned(), location.to_owned())];
            Reply { status, headers, body: Vec::new() }.leads_to("https://party.example/a/b")
        };
        assert_eq!(to(301, "/c").as_deref(), Some("https://party.example/c"));
        assert_eq!(to(308, "c/").as_deref(), Some("https://party.example/a/c/"));
        assert_eq!(to(200, "/c"), None);
    }
}
