//! From an address of the web to an encrypted connection.
//!
//! Strangers choose the addresses. A name is looked up once, every address that it has must be
//! public, and what has been looked at is what is connected to: asked again, the DNS could say
//! something else.

use core::net::{IpAddr, SocketAddr};
use core::pin::Pin;
use core::time::Duration;
use std::io;
use std::net::ToSocketAddrs as _;
use std::sync::Arc;

use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use rustls::client::Resumption;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio::task::{spawn_blocking, spawn_local};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use url::{Host, Url};

use super::TransportError;
use super::pool::Line;
use crate::limits::{ANSWER_FIELDS_MAX, ANSWER_HEAD_BYTES_MAX, URL_BYTES_MAX};
use crate::net::address::{AddressRange, is_askable};
use crate::net::pinned::Pinned;

/// For one address. A machine whose IPv6 leads nowhere has as much left for IPv4.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// Addresses of a name that are looked at.
const ADDRESSES_MAX: usize = 16;

/// The port of encrypted servers. Others would make us knock at doors of other services.
const PORT: u16 = 443;

/// What looks up names: the DNS, or a test in its place.
pub(super) type Lookup = Box<dyn Fn(String, u16) -> Pin<Box<dyn Future<Output = Found>>>>;

/// The addresses of a name.
type Found = io::Result<Vec<SocketAddr>>;

/// The DNS, as the system asks it, with so many questions at a time. The system cannot be told to
/// stop asking, so a place is taken until it has an answer.
pub(super) fn system(at_once: usize) -> Lookup {
    let places = Arc::new(Semaphore::new(at_once));
    Box::new(move |name, port| {
        let places = Arc::clone(&places);
        Box::pin(async move {
            let place = places.acquire_owned().await.map_err(io::Error::other)?;
            let asked = spawn_blocking(move || {
                let found = (name.as_str(), port).to_socket_addrs();
                drop(place);
                Ok(found?.take(ADDRESSES_MAX).collect())
            });
            asked.await?
        })
    })
}

/// How connections are made.
pub(super) struct Dialer {
    pub(super) allowed: Vec<AddressRange>,
    pub(super) pinned: Vec<Pinned>,
    pub(super) lookup: Lookup,
    pub(super) tls: TlsConnector,
}

impl Dialer {
    /// Connects to the server of an address.
    pub(super) async fn dial(&self, url: &Url) -> Result<Line, TransportError> {
        let name = server_name(url)?;
        let mut problem = TransportError::NoSuchName(url.host_str().unwrap_or_default().to_owned());
        for address in self.addresses(url).await? {
            let stream = match timeout(CONNECT_TIMEOUT, TcpStream::connect(address)).await {
                Ok(Ok(stream)) => stream,
                Ok(Err(error)) => {
                    problem = TransportError::of_connecting(&error);
                    continue;
                }
                Err(_) => {
                    problem = TransportError::TimeOut;
                    continue;
                }
            };
            // Without it a small request waits for an acknowledgement of what went before.
            let _ = stream.set_nodelay(true);
            let stream = self.tls.connect(name.clone(), stream).await;
            let stream = stream.map_err(|error| TransportError::of_connecting(&error))?;
            let (sender, connection) = http1::Builder::new()
                .max_headers(ANSWER_FIELDS_MAX)
                .max_header_size(ANSWER_HEAD_BYTES_MAX)
                .max_buf_size(ANSWER_HEAD_BYTES_MAX)
                .handshake(TokioIo::new(stream))
                .await
                .map_err(|error| TransportError::of_http(&error))?;
            // Its error is told to whoever waits for an answer.
            let driver = spawn_local(async { drop(connection.await) }).abort_handle();
            return Ok(Line { sender, driver });
        }
        Err(problem)
    }

    /// Where the server of an address is; nowhere when that could be in a house or a machine.
    async fn addresses(&self, url: &Url) -> Result<Vec<SocketAddr>, TransportError> {
        let port = url.port().unwrap_or(PORT);
        let found = match url.host() {
            None => Vec::new(),
            Some(Host::Ipv4(address)) => vec![(address, port).into()],
            Some(Host::Ipv6(address)) => vec![(address, port).into()],
            Some(Host::Domain(name)) => {
                match self.pinned.iter().find(|pinned| pinned.is_for(name, port)) {
                    Some(pinned) => vec![pinned.to()],
                    None => (self.lookup)(name.to_owned(), port)
                        .await
                        .map_err(|_| TransportError::NoSuchName(name.to_owned()))?,
                }
            }
        };
        let found = &found[..found.len().min(ADDRESSES_MAX)];
        if let Some(private) = found.iter().find(|one| !is_askable(one.ip(), &self.allowed)) {
            return Err(TransportError::NotPublic(private.ip()));
        }
        let is_allowed = |one: &SocketAddr| self.allowed.iter().any(|of| of.contains(one.ip()));
        if port != PORT && !found.iter().all(is_allowed) {
            return Err(TransportError::BadUrl("only port 443 is asked"));
        }
        Ok(found.to_vec())
    }
}

/// Whether an address can be asked at all.
pub(super) fn check(url: &Url) -> Result<(), TransportError> {
    let problem = if url.scheme() != "https" {
        "only https is asked"
    } else if !url.username().is_empty() || url.password().is_some() {
        "an address with a user name is not asked"
    } else if url.as_str().len() > URL_BYTES_MAX {
        "the address is too long"
    } else {
        return Ok(());
    };
    Err(TransportError::BadUrl(problem))
}

/// The name that the certificate must be for.
fn server_name(url: &Url) -> Result<ServerName<'static>, TransportError> {
    let none = TransportError::BadUrl("this is no name of a server");
    match url.host() {
        None => Err(none),
        Some(Host::Ipv4(address)) => Ok(IpAddr::from(address).into()),
        Some(Host::Ipv6(address)) => Ok(IpAddr::from(address).into()),
        Some(Host::Domain(name)) => ServerName::try_from(name.to_owned()).map_err(|_| none),
    }
}

/// Encryption with certificates of the authorities that browsers know, or of those in `pem`.
pub(super) fn connector(pem: Option<&[u8]>) -> Result<TlsConnector, String> {
    let mut roots = RootCertStore::empty();
    match pem {
        None => roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
        Some(pem) => {
            for one in CertificateDer::pem_slice_iter(pem) {
                let one = one.map_err(|error| error.to_string())?;
                roots.add(one).map_err(|error| error.to_string())?;
            }
        }
    }
    if roots.is_empty() {
        return Err("there is no certificate in it".to_owned());
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    // Sessions of thousands of servers would take more memory than they save time.
    config.resumption = Resumption::disabled();
    Ok(TlsConnector::from(Arc::new(config)))
}
