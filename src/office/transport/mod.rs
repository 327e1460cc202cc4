//! Asks other servers, and brings them messages.
//!
//! Whatever leaves the post office passes here, and strangers choose where it goes: the address of
//! an actor, of a key, of an inbox. So only encrypted servers with public addresses are asked,
//! every answer has a limit in bytes and in time, and a redirect is followed once at most, on the
//! same server. There is no proxy, which would undo all that.

mod dial;
mod error;
mod pool;
#[cfg(test)]
pub(super) mod tests;

use core::time::Duration;
use std::rc::Rc;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::{Body, Incoming};
use hyper::header::{
    ACCEPT, ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE, DATE, HOST, HeaderMap, HeaderName,
    HeaderValue, LOCATION, RETRY_AFTER, USER_AGENT,
};
use hyper::{Method, Request, StatusCode};
use tokio::time::{Instant, timeout_at};
use url::{Position, Url};

use crate::limits::ANSWER_BODY_BYTES_MAX;
use crate::net::address::AddressRange;
use crate::net::pinned::Pinned;
use crate::signature::Headers;
use dial::{Dialer, check, connector};
use pool::{Line, Pool};

pub(crate) use error::TransportError;

/// One request with everything that belongs to it: looking up the name, connecting, a redirect.
const TOTAL_TIMEOUT: Duration = Duration::from_secs(10);

/// What is read of an answer that nobody reads, so that the connection can be used again.
const IGNORED_BYTES_MAX: usize = 4 << 10;

/// How long that is waited for. The answer itself is there.
const IGNORED_TIMEOUT: Duration = Duration::from_secs(1);

/// Names that are looked up at a time.
pub(crate) const LOOKUPS: usize = 4;

/// Names that are looked up at a time because strangers name them.
pub(crate) const LOOKUPS_FOR_STRANGERS: usize = 2;

/// What may be asked, and in whose name.
#[derive(Clone, Debug, Default)]
pub(crate) struct Policy {
    /// Addresses that are asked although they are not public, on any port.
    pub(crate) allowed: Vec<AddressRange>,
    /// Names for which the DNS is not asked.
    pub(crate) pinned: Vec<Pinned>,
    /// Certificates in PEM to trust instead of those that browsers know.
    pub(crate) authorities: Option<Vec<u8>>,
    /// Who we are: `sitegen/1.0 (+https://www.party.example/)`.
    pub(crate) user_agent: String,
}

/// What another server said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) content_type: Option<String>,
    pub(crate) retry_after: Option<String>,
    pub(crate) date: Option<String>,
    /// Only of a document that we asked for and got.
    pub(crate) body: Vec<u8>,
    /// Where it came from: not what was asked for when there was a redirect.
    pub(crate) url: Url,
}

/// The way to other servers. Requests are made within a [`LocalSet`](tokio::task::LocalSet).
pub(crate) struct Transport {
    dialer: Dialer,
    pool: Rc<Pool>,
    user_agent: HeaderValue,
}

impl Transport {
    /// # Errors
    ///
    /// When the authorities are no certificates or the user agent is none, with the reason.
    pub(crate) fn new(policy: Policy) -> Result<Self, String> {
        Self::with_lookup(policy, dial::system(LOOKUPS))
    }

    /// One for servers that strangers name. Their DNS may never answer, and must not keep messages
    /// to followers waiting.
    ///
    /// # Errors
    ///
    /// As [`Self::new`].
    pub(crate) fn for_strangers(policy: Policy) -> Result<Self, String> {
        Self::with_lookup(policy, dial::system(LOOKUPS_FOR_STRANGERS))
    }

    fn with_lookup(policy: Policy, lookup: dial::Lookup) -> Result<Self, String> {
        let Policy { allowed, pinned, authorities, user_agent } = policy;
        let tls = connector(authorities.as_deref())?;
        let user_agent = HeaderValue::try_from(user_agent).map_err(|error| error.to_string())?;
        let dialer = Dialer { allowed, pinned, lookup, tls };
        Ok(Self { dialer, pool: Rc::default(), user_agent })
    }

    /// Asks for a document. The request is signed by `sign`, once more for the address to which a
    /// redirect on the same server leads. The answer may say that there is no such document.
    ///
    /// # Errors
    ///
    /// When no whole answer comes within the limits.
    pub(crate) async fn get(
        &self,
        url: &Url,
        accept: &str,
        sign: &dyn Fn(&Url) -> Headers,
    ) -> Result<Answer, TransportError> {
        self.get_up_to(url, accept, ANSWER_BODY_BYTES_MAX, sign).await
    }

    /// The same for a document of so many bytes: an index of our own site is larger than anything
    /// of others.
    pub(crate) async fn get_up_to(
        &self,
        url: &Url,
        accept: &str,
        bytes_max: usize,
        sign: &dyn Fn(&Url) -> Headers,
    ) -> Result<Answer, TransportError> {
        let deadline = Instant::now() + TOTAL_TIMEOUT;
        let request = |url: &Url| {
            let mut request = self.request(Method::GET, url, sign(url), Bytes::new())?;
            let accept = HeaderValue::from_str(accept);
            let accept = accept.map_err(|_| TransportError::BadHeader("Accept"))?;
            request.headers_mut().insert(ACCEPT, accept);
            Ok(request)
        };
        let (answer, redirect) = self.exchange(url, request(url)?, bytes_max, deadline).await?;
        let Some(location) = redirect else { return Ok(answer) };
        let target = url.join(&location).map_err(|_| TransportError::Redirect)?;
        if target.origin() != url.origin() {
            return Err(TransportError::Redirect);
        }
        match self.exchange(&target, request(&target)?, bytes_max, deadline).await? {
            (_, Some(_)) => Err(TransportError::Redirect),
            (answer, None) => Ok(answer),
        }
    }

    /// Brings a message. No redirect is followed: the message is for whom it was signed.
    ///
    /// # Errors
    ///
    /// When no answer comes within the limits; the message may have come all the same.
    pub(crate) async fn post(
        &self,
        url: &Url,
        headers: Headers,
        body: Bytes,
    ) -> Result<Answer, TransportError> {
        let deadline = Instant::now() + TOTAL_TIMEOUT;
        let request = self.request(Method::POST, url, headers, body)?;
        let (answer, _) = self.exchange(url, request, IGNORED_BYTES_MAX, deadline).await?;
        Ok(answer)
    }

    fn request(
        &self,
        method: Method,
        url: &Url,
        headers: Headers,
        body: Bytes,
    ) -> Result<Request<Full<Bytes>>, TransportError> {
        check(url)?;
        let host = &url[Position::BeforeHost..Position::AfterPort];
        let mut request = Request::new(Full::new(body));
        *request.method_mut() = method;
        *request.uri_mut() =
            url[Position::BeforePath..Position::AfterQuery].parse().map_err(|_| {
                TransportError::BadUrl("the address has characters that cannot be sent")
            })?;
        let all = request.headers_mut();
        for (name, value) in headers {
            let bad = || TransportError::BadHeader(name);
            let key = HeaderName::from_bytes(name.as_bytes()).map_err(|_| bad())?;
            if key == HOST && value != host {
                return Err(bad());
            }
            all.insert(key, HeaderValue::try_from(value).map_err(|_| bad())?);
        }
        if !all.contains_key(HOST) {
            let host = HeaderValue::from_str(host);
            all.insert(HOST, host.map_err(|_| TransportError::BadHeader("Host"))?);
        }
        all.insert(USER_AGENT, self.user_agent.clone());
        all.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        Ok(request)
    }

    /// One request and its answer, with where the server wants to send us.
    async fn exchange(
        &self,
        url: &Url,
        request: Request<Full<Bytes>>,
        bytes_max: usize,
        deadline: Instant,
    ) -> Result<(Answer, Option<String>), TransportError> {
        if let Some(line) = self.pool.take(&url.origin()) {
            // The server may just have closed it. The message may still have come, but its id tells
            // the server that it is the same.
            match self.ask(line, url, request.clone(), bytes_max, deadline).await {
                Err(TransportError::Lost) => {}
                other => return other,
            }
        }
        let line = timeout_at(deadline, self.dialer.dial(url)).await;
        let line = line.map_err(|_| TransportError::TimeOut)??;
        self.ask(line, url, request, bytes_max, deadline).await
    }

    async fn ask(
        &self,
        mut line: Line,
        url: &Url,
        request: Request<Full<Bytes>>,
        bytes_max: usize,
        deadline: Instant,
    ) -> Result<(Answer, Option<String>), TransportError> {
        let is_get = request.method() == Method::GET;
        let answer = timeout_at(deadline, line.sender.send_request(request)).await;
        let answer = answer.map_err(|_| TransportError::TimeOut)?;
        let answer = answer.map_err(|error| TransportError::of_http(&error))?;
        let (head, body) = answer.into_parts();
        // Of other answers the status is all that counts, however large or odd the rest is.
        let (body, is_whole) = if is_get && head.status.is_success() {
            let body = timeout_at(deadline, document(&head.headers, body, bytes_max)).await;
            (body.map_err(|_| TransportError::TimeOut)??, true)
        } else {
            let end = deadline.min(Instant::now() + IGNORED_TIMEOUT);
            let read = timeout_at(end, read(body, IGNORED_BYTES_MAX)).await;
            (Vec::new(), matches!(read, Ok(Ok(_))))
        };
        if is_whole {
            self.pool.keep(url.origin(), line);
        }
        let text = |name| text(&head.headers, name);
        let leads = matches!(
            head.status,
            StatusCode::MOVED_PERMANENTLY
                | StatusCode::FOUND
                | StatusCode::SEE_OTHER
                | StatusCode::TEMPORARY_REDIRECT
                | StatusCode::PERMANENT_REDIRECT
        );
        let redirect = leads.then(|| text(LOCATION).unwrap_or_default());
        let answer = Answer {
            status: head.status.as_u16(),
            content_type: text(CONTENT_TYPE),
            retry_after: text(RETRY_AFTER),
            date: text(DATE),
            body,
            url: url.clone(),
        };
        Ok((answer, redirect))
    }
}

/// The only header of a name, when it is text.
fn text(headers: &HeaderMap, name: HeaderName) -> Option<String> {
    let mut values = headers.get_all(name).iter();
    let value = values.next().filter(|_| values.next().is_none())?;
    value.to_str().ok().map(str::to_owned)
}

/// The body of a document.
async fn document(
    headers: &HeaderMap,
    body: Incoming,
    bytes_max: usize,
) -> Result<Vec<u8>, TransportError> {
    let mut encodings = headers.get_all(CONTENT_ENCODING).iter();
    if encodings.any(|encoding| !encoding.as_bytes().eq_ignore_ascii_case(b"identity")) {
        return Err(TransportError::Encoded);
    }
    read(body, bytes_max).await
}

/// A body of at most so many bytes.
async fn read(mut body: Incoming, bytes_max: usize) -> Result<Vec<u8>, TransportError> {
    if body.size_hint().lower() > bytes_max as u64 {
        return Err(TransportError::TooLarge);
    }
    let mut bytes = Vec::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| TransportError::of_http(&error))?;
        let data = frame.into_data().unwrap_or_default();
        if bytes.len() + data.len() > bytes_max {
            return Err(TransportError::TooLarge);
        }
        bytes.extend_from_slice(&data);
    }
    Ok(bytes)
}
