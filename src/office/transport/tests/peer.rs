//! Another server, in this very thread.

use core::cell::{Cell, RefCell};
use core::time::Duration;
use std::rc::Rc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::spawn_local;
use tokio_rustls::server::TlsStream;

use super::identity::Identity;
use crate::office::transport::{Policy, Transport};

/// What a server does when it is asked.
pub(in crate::office) enum Act {
    /// It answers, and waits for the next question.
    Say(Vec<u8>),
    /// It answers and hangs up.
    Close(Vec<u8>),
    /// It says this, and then a byte each second.
    Drip(Vec<u8>),
}

/// An answer with a body.
pub(in crate::office) fn say(head: &str, body: &str) -> Act {
    let length = body.len();
    Act::Say(format!("HTTP/1.1 {head}\r\nContent-Length: {length}\r\n\r\n{body}").into_bytes())
}

/// A server that notes what it is asked.
pub(in crate::office) struct Peer {
    pub(in crate::office) port: u16,
    authority: String,
    connections: Rc<Cell<usize>>,
    asked: Rc<RefCell<Vec<String>>>,
}

impl Peer {
    /// For the name `peer.example`. It is told how often it was asked before.
    pub(in crate::office) async fn new(act: impl Fn(usize, &str) -> Act + 'static) -> Self {
        Self::with(&Identity::of(&["peer.example", "*.hosts.example"]), act).await
    }

    pub(in crate::office) async fn with(
        identity: &Identity,
        act: impl Fn(usize, &str) -> Act + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let peer = Self {
            port,
            authority: identity.authority.clone(),
            connections: Rc::default(),
            asked: Rc::default(),
        };
        let (acceptor, act) = (identity.acceptor(), Rc::new(act));
        let (connections, asked) = (Rc::clone(&peer.connections), Rc::clone(&peer.asked));
        spawn_local(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                connections.set(connections.get() + 1);
                let (acceptor, act, asked) = (acceptor.clone(), Rc::clone(&act), Rc::clone(&asked));
                spawn_local(async move {
                    let Ok(mut stream) = acceptor.accept(stream).await else { return };
                    while let Some(request) = read(&mut stream).await {
                        let before = asked.borrow().len();
                        asked.borrow_mut().push(request.clone());
                        let (bytes, then) = match act(before, &request) {
                            Act::Say(bytes) => (bytes, Then::Next),
                            Act::Close(bytes) => (bytes, Then::Close),
                            Act::Drip(bytes) => (bytes, Then::Drip),
                        };
                        let _ = stream.write_all(&bytes).await;
                        match then {
                            Then::Next => {}
                            Then::Close => return drop(stream.shutdown().await),
                            Then::Drip => drip(&mut stream).await,
                        }
                    }
                });
            }
        });
        peer
    }

    /// Everything that was asked, whole requests.
    pub(in crate::office) fn asked(&self) -> Vec<String> {
        self.asked.borrow().clone()
    }

    /// How many connections were made.
    pub(in crate::office) fn connections(&self) -> usize {
        self.connections.get()
    }

    /// What may be asked, so that every name leads here.
    pub(in crate::office) fn policy(&self) -> Policy {
        Policy {
            allowed: vec!["127.0.0.0/8".parse().unwrap()],
            pinned: vec![format!("*:443:127.0.0.1:{}", self.port).parse().unwrap()],
            authorities: Some(self.authority.clone().into_bytes()),
            user_agent: "sitegen/0 (+https://party.example/)".to_owned(),
        }
    }

    /// The way here, for every name.
    pub(in crate::office) fn transport(&self) -> Transport {
        Transport::new(self.policy()).unwrap()
    }
}

enum Then {
    Next,
    Close,
    Drip,
}

/// The next request, with its body; `None` at the end.
async fn read(stream: &mut TlsStream<TcpStream>) -> Option<String> {
    let mut request = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&request).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let mut lines = head.lines();
            let length = lines.find_map(|line| line.strip_prefix("content-length: "));
            if body.len() >= length.map_or(0, |length| length.parse().unwrap()) {
                return Some(text);
            }
        }
        let mut bytes = [0; 4096];
        let length = stream.read(&mut bytes).await.ok().filter(|length| *length > 0)?;
        request.extend_from_slice(&bytes[..length]);
    }
}

async fn drip(stream: &mut TlsStream<TcpStream>) {
    while stream.write_all(b"x").await.is_ok() && stream.flush().await.is_ok() {
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}
