//! The servers of the followers, good ones and others, all in one thread.
//!
//! The first part of a name says what becomes of whoever asks there: `well-7.bench.example` takes
//! everything, `429-7.bench.example` says that it has too much to do.

use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddr, TcpListener as StdListener};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use std::{io, thread};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::runtime::Builder;
use tokio::task::{LocalSet, spawn_local};
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::Outcome;
use crate::people::{Keys, MEDIA_TYPE, Person};

const DOMAIN: &str = "bench.example";

/// All that servers do instead of taking a message.
pub(crate) const FAILURES: [&str; 15] = [
    // Nothing listens; nobody answers the call; nobody says a word; it is not encrypted; the
    // certificate is for somebody else.
    "refuse", "full", "mute", "plain", "stranger",
    // The request is not answered; half an answer comes; a byte of it comes each second.
    "hang", "cut", "drip", // And what a server may say.
    "500", "503", "429", "410", "401", "404", "301",
];

/// The name of a server of one kind.
pub(crate) fn host(manner: &str, number: usize) -> String {
    format!("{manner}-{number}.{DOMAIN}")
}

/// What has come.
#[derive(Default)]
pub(crate) struct Seen {
    /// Posts by inbox and id: when each first came.
    pub(crate) posts: HashMap<(String, String), Instant>,
    /// Posts that had come before.
    pub(crate) again: usize,
    /// Messages that are no posts.
    pub(crate) others: usize,
    /// Connections that were made to those that can say for whom.
    pub(crate) connections: usize,
    /// Documents that were asked for, by address.
    pub(crate) fetches: HashMap<String, usize>,
}

/// The servers. They go on until the program ends.
pub(crate) struct Peers {
    /// In PEM.
    pub(crate) authority: String,
    seen: Arc<Mutex<Seen>>,
    /// Where those are that fail before anybody can say for whom a connection is.
    ports: HashMap<&'static str, u16>,
    /// Where all others are.
    port: u16,
    /// Keeps others from being connected.
    _full: (StdListener, Vec<std::net::TcpStream>),
}

impl Peers {
    pub(crate) fn start(keys: &Keys) -> Outcome<Self> {
        let mut params = CertificateParams::new(Vec::new())?;
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority = CertifiedIssuer::self_signed(params, KeyPair::generate()?)?;
        let good = acceptor(&authority, &format!("*.{DOMAIN}"))?;
        let stranger = acceptor(&authority, "stranger.example")?;
        let mut ports = HashMap::new();
        let mut listen = |name| -> Outcome<StdListener> {
            let listener = StdListener::bind("127.0.0.1:0")?;
            listener.set_nonblocking(true)?;
            ports.insert(name, listener.local_addr()?.port());
            Ok(listener)
        };
        let listeners = [listen("well")?, listen("stranger")?, listen("mute")?, listen("plain")?];
        drop(listen("refuse")?);
        let full = full()?;
        ports.insert("full", full.0.local_addr()?.port());
        let port = ports.remove("well").unwrap_or_default();
        let seen = Arc::<Mutex<Seen>>::default();
        let place = Place { seen: Arc::clone(&seen), pem: keys.theirs.public().to_pem() };
        let runtime = Builder::new_current_thread().enable_all().build()?;
        thread::Builder::new().name("peers".to_owned()).spawn(move || {
            let all = listen_all(listeners, good, stranger, Arc::new(place));
            if let Err(error) = LocalSet::new().block_on(&runtime, all) {
                crate::say(&format!("the other servers have failed: {error}"));
            }
        })?;
        Ok(Self { authority: authority.pem(), seen, ports, port, _full: full })
    }

    /// What has come until now.
    pub(crate) fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where hosts are, as `resolve` of `inbox.toml` has it.
    pub(crate) fn pins<'a>(&self, hosts: impl Iterator<Item = &'a str>) -> Vec<String> {
        let mut all = Vec::new();
        for host in hosts {
            let manner = host.split('-').next().unwrap_or_default();
            let pin = self.ports.get(manner).map(|port| format!("{host}:443:127.0.0.1:{port}"));
            // Those of one host follow each other.
            all.extend(pin.filter(|pin| all.last() != Some(pin)));
        }
        all.push(format!("*:443:127.0.0.1:{}", self.port));
        all
    }
}

fn acceptor(authority: &CertifiedIssuer<'_, KeyPair>, name: &str) -> Outcome<TlsAcceptor> {
    let key = KeyPair::generate()?;
    let certificate = CertificateParams::new([name.to_owned()])?.signed_by(&key, authority)?;
    let key = PrivateKeyDer::try_from(key.serialize_der())?;
    let config =
        ServerConfig::builder_with_provider(rustls::crypto::ring::default_provider().into())
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)?;
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// Where the system takes no more connections, and says nothing to whoever asks for one.
fn full() -> Outcome<(StdListener, Vec<std::net::TcpStream>)> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let listener = runtime.block_on(async {
        let socket = TcpSocket::new_v4()?;
        socket.bind((Ipv4Addr::LOCALHOST, 0).into())?;
        socket.listen(1)?.into_std()
    })?;
    let address: SocketAddr = listener.local_addr()?;
    let mut waiting = Vec::new();
    while let Ok(stream) =
        std::net::TcpStream::connect_timeout(&address, Duration::from_millis(300))
    {
        waiting.push(stream);
    }
    Ok((listener, waiting))
}

/// What all servers have in common.
struct Place {
    seen: Arc<Mutex<Seen>>,
    /// The key of everybody.
    pem: String,
}

async fn listen_all(
    [well, stranger, mute, plain]: [StdListener; 4],
    good: TlsAcceptor,
    other: TlsAcceptor,
    place: Arc<Place>,
) -> io::Result<()> {
    let [well, stranger, mute, plain] = [
        TcpListener::from_std(well)?,
        TcpListener::from_std(stranger)?,
        TcpListener::from_std(mute)?,
        TcpListener::from_std(plain)?,
    ];
    spawn_local(async move {
        while let Ok((stream, _)) = stranger.accept().await {
            let accepting = other.accept(stream);
            spawn_local(async move { drop(accepting.await) });
        }
    });
    spawn_local(async move {
        while let Ok((stream, _)) = mute.accept().await {
            // Longer than anybody waits.
            spawn_local(async move {
                sleep(Duration::from_secs(30)).await;
                drop(stream);
            });
        }
    });
    spawn_local(async move {
        while let Ok((mut stream, _)) = plain.accept().await {
            spawn_local(async move {
                let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
            });
        }
    });
    loop {
        let (stream, _) = well.accept().await?;
        let (acceptor, place) = (good.clone(), Arc::clone(&place));
        spawn_local(async move {
            stream.set_nodelay(true)?;
            // Who calls may be killed at any time.
            let accepted = timeout(Duration::from_secs(30), acceptor.accept(stream)).await;
            if let Ok(Ok(stream)) = accepted { place.serve(stream).await } else { Ok(()) }
        });
    }
}

/// A request, whole.
struct Request {
    is_post: bool,
    path: String,
    host: String,
    body: Vec<u8>,
}

impl Place {
    async fn serve(&self, mut stream: TlsStream<TcpStream>) -> io::Result<()> {
        self.seen().connections += 1;
        let mut bytes = Vec::new();
        while let Some(request) = read(&mut stream, &mut bytes).await? {
            let manner = request.host.split('-').next().unwrap_or_default();
            let line = match manner {
                "well" => self.take(&request),
                "hang" => {
                    sleep(Duration::from_secs(30)).await;
                    return Ok(());
                }
                "cut" => {
                    stream.write_all(b"HTTP/1.1 202 Acc").await?;
                    return stream.shutdown().await;
                }
                "drip" => {
                    for byte in b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n" {
                        stream.write_all(&[*byte]).await?;
                        stream.flush().await?;
                        sleep(Duration::from_secs(1)).await;
                    }
                    continue;
                }
                "429" => answer("429 Too Many Requests\r\nRetry-After: 3600", ""),
                "301" => answer("301 Moved Permanently\r\nLocation: /elsewhere", ""),
                status => answer(&format!("{status} No"), "no"),
            };
            stream.write_all(line.as_bytes()).await?;
        }
        Ok(())
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What a server does that does what it should.
    fn take(&self, request: &Request) -> String {
        let Request { is_post, path, host, body } = request;
        let mut seen = self.seen();
        if *is_post {
            let message: Value = serde_json::from_slice(body).unwrap_or_default();
            if message["type"] == "Create" {
                let id = message["id"].as_str().unwrap_or_default().to_owned();
                let before = seen.posts.len();
                seen.posts
                    .entry((format!("https://{host}{path}"), id))
                    .or_insert_with(Instant::now);
                seen.again += usize::from(seen.posts.len() == before);
            } else {
                seen.others += 1;
            }
            return answer("202 Accepted", "");
        }
        *seen.fetches.entry(format!("https://{host}{path}")).or_default() += 1;
        match path.strip_prefix("/users/") {
            Some(name) => {
                let document = Person::new(host, name, false).document(&self.pem).to_string();
                answer(&format!("200 OK\r\nContent-Type: {MEDIA_TYPE}"), &document)
            }
            None => answer("404 Not Found", ""),
        }
    }
}

fn answer(head: &str, body: &str) -> String {
    format!("HTTP/1.1 {head}\r\nContent-Length: {}\r\n\r\n{body}", body.len())
}

/// The next request; `None` at the end.
async fn read(
    stream: &mut TlsStream<TcpStream>,
    bytes: &mut Vec<u8>,
) -> io::Result<Option<Request>> {
    loop {
        if let Some((request, length)) = parse(bytes) {
            bytes.drain(..length);
            return Ok(Some(request));
        }
        if stream.read_buf(bytes).await? == 0 {
            return Ok(None);
        }
    }
}

/// The request that is there as a whole, and its length.
fn parse(bytes: &[u8]) -> Option<(Request, usize)> {
    let mut headers = [httparse::EMPTY_HEADER; 64];
    let mut head = httparse::Request::new(&mut headers);
    let Ok(httparse::Status::Complete(start)) = head.parse(bytes) else { return None };
    let (method, path) = (head.method?, head.path?.to_owned());
    let is_post = method == "POST";
    let value = |name: &str| {
        let found = head.headers.iter().find(|header| header.name.eq_ignore_ascii_case(name));
        found.and_then(|header| str::from_utf8(header.value).ok()).unwrap_or_default()
    };
    let end = start + value("content-length").parse::<usize>().unwrap_or_default();
    let body = bytes.get(start..end)?.to_vec();
    Some((Request { is_post, path, host: value("host").to_owned(), body }, end))
}
