//! Asks the internet, for the doctor and for those who compare a site with what was signed.
//!
//! A site that is examined may belong to somebody else, and it chooses where its links lead. So
//! only public addresses are asked, every answer has a limit in bytes and in time, no redirect is
//! followed here, and no proxy is taken from the environment, which would undo all that.

use core::net::{IpAddr, SocketAddr};
use core::time::Duration;
use std::fmt;
use std::io::{self, Write};
use std::time::Instant;

use ureq::config::Config;
use ureq::http::{Request as HttpRequest, Uri};
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};
use ureq::{Agent, Error};
use url::Url;

use super::ask::{Ask, AskError, Method, Reply, Request};
use crate::net::address::{AddressRange, is_askable};
use crate::net::pinned::Pinned;
use crate::net::tls::TlsProblem;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// All headers of an answer, in bytes.
const HEADER_BYTES_MAX: usize = 64 << 10;

/// Who asks, and how long it waits.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Manner {
    user_agent: &'static str,
    /// One question with its answer.
    question: Duration,
    /// All questions of a run.
    run: Duration,
}

impl Manner {
    /// A host that needs ten seconds for each question has been found out when the run is over.
    pub(crate) const DOCTOR: Self = Self {
        user_agent: concat!("sitegen-doctor/", env!("CARGO_PKG_VERSION")),
        question: Duration::from_secs(10),
        run: Duration::from_secs(600),
    };

    /// A site has thousands of files, and some of them are films.
    pub(crate) const VERIFY: Self = Self {
        user_agent: concat!("sitegen-verify/", env!("CARGO_PKG_VERSION")),
        question: Duration::from_secs(120),
        run: Duration::from_secs(4 * 3600),
    };
}

/// What may be asked besides what everybody may.
#[derive(Clone, Debug, Default)]
pub(crate) struct Exceptions {
    pub(crate) pinned: Vec<Pinned>,
    pub(crate) allowed: Vec<AddressRange>,
    /// Certificates in PEM to trust instead of those that browsers know.
    pub(crate) authorities: Option<Vec<u8>>,
}

/// The internet.
pub(crate) struct Live {
    agent: Agent,
    /// When there is no more time for this run.
    end: Instant,
}

impl Live {
    /// # Errors
    ///
    /// When the authorities are no certificates, with the reason.
    pub(crate) fn new(exceptions: Exceptions, manner: Manner) -> Result<Self, String> {
        let Exceptions { pinned, allowed, authorities } = exceptions;
        let roots = match authorities {
            None => RootCerts::WebPki,
            Some(pem) => RootCerts::from(certificates(&pem)?),
        };
        let config = Config::builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(None)
            .timeout_connect(Some(CONNECT_TIMEOUT))
            .timeout_global(Some(manner.question))
            .max_response_header_size(HEADER_BYTES_MAX)
            .user_agent(manner.user_agent)
            .tls_config(TlsConfig::builder().root_certs(roots).build())
            .build();
        let resolver = Careful { pinned, allowed, system: DefaultResolver::default() };
        let agent = Agent::with_parts(config, DefaultConnector::default(), resolver);
        Ok(Self { agent, end: Instant::now() + manner.run })
    }
}

fn certificates(pem: &[u8]) -> Result<Vec<Certificate<'static>>, String> {
    let mut certificates = Vec::new();
    for item in ureq::tls::parse_pem(pem) {
        if let ureq::tls::PemItem::Certificate(one) = item.map_err(|error| error.to_string())? {
            certificates.push(one);
        }
    }
    if certificates.is_empty() {
        Err("there is no certificate in it".to_owned())
    } else {
        Ok(certificates)
    }
}

impl Ask for Live {
    fn ask(&self, request: &Request) -> Result<Reply, AskError> {
        let mut body = Vec::new();
        let reply = self.ask_into(request, &mut body)?;
        Ok(Reply { body, ..reply })
    }

    fn ask_into(&self, request: &Request, body: &mut dyn Write) -> Result<Reply, AskError> {
        if Instant::now() > self.end {
            return Err(AskError::Enough);
        }
        // The parser of browsers: it knows all the odd ways to write an address.
        let url = Url::parse(&request.url).map_err(|_| AskError::NotAUrl)?;
        if !matches!(url.scheme(), "http" | "https") || !url.username().is_empty() {
            return Err(AskError::NotAUrl);
        }
        // The query goes out as it was written: how it is encoded is part of the question.
        let mut address = url[..url::Position::AfterPath].to_owned();
        if let Some((_, query)) = request.url.split('#').next().and_then(|url| url.split_once('?'))
        {
            address.push('?');
            address.push_str(query);
        }
        let mut builder = HttpRequest::builder().uri(&address).header("accept", request.accept);
        for (name, value) in &request.headers {
            builder = builder.header(*name, value);
        }
        let built = |error: ureq::http::Error| AskError::Other(error.to_string());
        let answer = match (request.method, &request.body) {
            (Method::Get, _) => self.agent.run(builder.method("GET").body(()).map_err(built)?),
            (Method::Post, body) => {
                let (kind, body) = body.clone().unwrap_or_default();
                let builder = builder.method("POST").header("content-type", kind);
                self.agent.run(builder.body(body).map_err(built)?)
            }
        };
        let name = url.host_str().unwrap_or_default();
        let mut answer = answer.map_err(|error| explained(error, name, request.bytes_max))?;
        let headers = answer.headers().iter();
        let headers = headers.map(|(name, value)| {
            (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned())
        });
        let (status, headers) = (answer.status().as_u16(), headers.collect());
        // One more, so that the limit itself is still whole.
        let limit = request.bytes_max as u64 + 1;
        let mut reader = answer.body_mut().with_config().limit(limit).reader();
        io::copy(&mut reader, body)
            .map_err(|error| explained(Error::from(error), name, request.bytes_max))?;
        Ok(Reply { status, headers, body: Vec::new() })
    }
}

/// Looks names up, and refuses them when one of their addresses is not public. What it gives is
/// what is connected to, so that the DNS cannot say something else the second time.
#[derive(Debug)]
struct Careful {
    pinned: Vec<Pinned>,
    allowed: Vec<AddressRange>,
    system: DefaultResolver,
}

impl Resolver for Careful {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, Error> {
        let name = uri.host().unwrap_or_default().to_ascii_lowercase();
        let standard = if uri.scheme_str() == Some("http") { 80 } else { 443 };
        let port = uri.port_u16().unwrap_or(standard);
        let mut pinned = self.pinned.iter();
        let addresses = match pinned.find(|pinned| pinned.is_for(&name, port)) {
            Some(pinned) => {
                let mut addresses = self.empty();
                addresses.push(pinned.to());
                addresses
            }
            None => match self.system.resolve(uri, config, timeout) {
                Err(Error::Io(_)) => return Err(Error::HostNotFound),
                other => other?,
            },
        };
        for address in addresses.iter().map(SocketAddr::ip) {
            if !is_askable(address, &self.allowed) {
                return Err(Error::Other(Box::new(NotPublic(address))));
            }
        }
        Ok(addresses)
    }
}

/// An address that is not asked.
#[derive(Debug)]
struct NotPublic(IpAddr);

impl fmt::Display for NotPublic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for NotPublic {}

/// An error of the library in our words.
fn explained(error: Error, name: &str, bytes_max: usize) -> AskError {
    match error {
        Error::HostNotFound => AskError::NoSuchName(name.to_owned()),
        Error::Timeout(_) => AskError::TimeOut,
        Error::ConnectionFailed => AskError::Refused,
        Error::BodyExceedsLimit(_) => AskError::TooLarge(bytes_max),
        Error::Rustls(error) => AskError::Tls(TlsProblem::of(&error)),
        Error::Io(error) => io_explained(&error),
        Error::Other(error) => match error.downcast_ref::<NotPublic>() {
            Some(NotPublic(address)) => AskError::Private(address.to_string()),
            None => AskError::Other(error.to_string()),
        },
        error => AskError::Other(error.to_string()),
    }
}

fn io_explained(error: &io::Error) -> AskError {
    if let Some(inner) = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
        return AskError::Tls(TlsProblem::of(inner));
    }
    match error.kind() {
        io::ErrorKind::ConnectionRefused => AskError::Refused,
        io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => AskError::TimeOut,
        _ => AskError::Other(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;
    use std::net::TcpListener;

    use super::*;

    /// Answers one question on a port of this machine.
    fn once(answer: &'static [u8]) -> (u16, std::thread::JoinHandle<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut bytes = [0; 4096];
            let length = stream.read(&mut bytes).unwrap();
            let _ = stream.write_all(answer);
            String::from_utf8_lossy(&bytes[..length]).into_owned()
        });
        (port, server)
    }

    fn live(port: u16, allowed: &[&str]) -> Live {
        let pinned = format!("party.example:80:127.0.0.1:{port}").parse().unwrap();
        let allowed = allowed.iter().map(|range| range.parse().unwrap()).collect();
        Live::new(Exceptions { pinned: vec![pinned], allowed, authorities: None }, Manner::DOCTOR)
            .unwrap()
    }

    #[test]
    fn a_question_goes_out_as_it_was_written_and_no_redirect_is_followed() {
        let (port, server) = once(
            b"HTTP/1.1 301 Moved\r\nLocation: http://10.0.0.1/\r\nContent-Length: 2\r\n\r\nhi",
        );
        let url = "http://party.example/.well-known/webfinger?resource=acct%3Aa%40b";
        let reply = live(port, &["127.0.0.0/8"]).ask(&Request::get(url, "a/b")).unwrap();
        assert_eq!((reply.status, &*reply.body), (301, &b"hi"[..]));
        assert_eq!(reply.header("LOCATION"), Some("http://10.0.0.1/"));
        let asked = server.join().unwrap().to_ascii_lowercase();
        assert!(asked.starts_with("get /.well-known/webfinger?resource=acct%3aa%40b "), "{asked}");
        assert!(asked.contains("\r\naccept: a/b\r\n"), "{asked}");
        assert!(asked.contains("\r\nuser-agent: sitegen-doctor/"), "{asked}");
    }

    #[test]
    fn what_is_not_public_is_not_asked() {
        let ask = |url: &str| live(1, &[]).ask(&Request::get(url, "*/*")).unwrap_err();
        for url in ["http://party.example/", "http://127.1/", "http://[::1]/", "http://0x7f.1/"] {
            assert!(matches!(ask(url), AskError::Private(_)), "{url}");
        }
        for url in ["file:///etc/passwd", "data:,x", "http://a@127.0.0.1/", "x"] {
            assert_eq!(ask(url), AskError::NotAUrl, "{url}");
        }
    }

    #[test]
    fn a_large_answer_is_cut() {
        let (port, _server) = once(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
        let request = Request { bytes_max: 3, ..Request::get("http://party.example/", "*/*") };
        assert_eq!(live(port, &["127.0.0.1"]).ask(&request).unwrap_err(), AskError::TooLarge(3));
    }

    #[test]
    fn a_closed_port_is_refused() {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let answer = live(port, &["127.0.0.1"]).ask(&Request::get("http://party.example/", "*/*"));
        assert_eq!(answer.unwrap_err(), AskError::Refused);
    }
}
