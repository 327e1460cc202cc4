//! Answers requests, each on a thread of its own: one that is slow makes nobody wait.
//!
//! `tiny_http` knows no deadlines and reads lines of any length. That is for a preview on one's own
//! machine; whoever opens it to a network is told so.

use std::io::{self, Cursor, Read, Seek, SeekFrom};
use std::net::TcpListener;
use std::sync::mpsc::{Sender, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread;

use tiny_http::{Header, Request, Response, Server, StatusCode};

use super::Message;
use super::desk::{Question, Reply, lock};
use super::page::SCRIPT;
use super::request::{Asked, Own, Route, Rules, range};
use super::streams::Streams;
use crate::artifact::Body;
use crate::disk::Root;

/// What every thread needs.
struct Counter {
    desk: Sender<Message>,
    streams: Arc<Streams>,
    rules: Arc<Mutex<Rules>>,
    folder: Root,
}

/// Begins to answer.
pub(super) fn listen(
    listener: TcpListener,
    desk: Sender<Message>,
    streams: Arc<Streams>,
    rules: Arc<Mutex<Rules>>,
    folder: Root,
) -> io::Result<()> {
    let server = Server::from_listener(listener, None).map_err(io::Error::other)?;
    let counter = Arc::new(Counter { desk, streams, rules, folder });
    thread::spawn(move || {
        for request in server.incoming_requests() {
            let counter = counter.clone();
            // Where there can be no more threads, the request is answered with an error when it
            // goes.
            let _ = thread::Builder::new().spawn(move || counter.answer(request));
        }
    });
    Ok(())
}

/// Something with a beginning and an end.
trait Content: Read + Seek + Send {}

impl<T: Read + Seek + Send> Content for T {}

impl Counter {
    fn answer(&self, request: Request) {
        let hosts = request.headers().iter().filter(|header| header.field.equiv("Host"));
        let hosts: Vec<&str> = hosts.map(|header| header.value.as_str()).collect();
        let (method, target) = (request.method().to_string(), request.url().to_owned());
        let asked = Asked { method: &method, target: &target, hosts: &hosts };
        let rules = lock(&self.rules).clone();
        // Who asked may have gone while we were thinking.
        let _ = match rules.route(asked) {
            Err(refusal) => {
                let mut answer = Answer::text(refusal.status(), refusal.text());
                if refusal.status() == 405 {
                    answer.headers.push(("Allow", "GET, HEAD".to_owned()));
                }
                answer.send(request)
            }
            Ok(Route::Elsewhere(address)) => Answer::moved(address).send(request),
            Ok(Route::Own(Own::Script)) => {
                Answer::new(200, "text/javascript", Cursor::new(SCRIPT)).send(request)
            }
            Ok(Route::Own(Own::News)) if method == "GET" => {
                self.streams.follow(request.into_writer())
            }
            Ok(Route::Own(Own::News)) => Answer::text(200, "").send(request),
            Ok(Route::Own(Own::Facts(path))) => self.ask(request, Question::Facts { path }),
            Ok(Route::Output(path)) => {
                self.ask(request, Question::Output { path, only_whether: method == "HEAD" })
            }
        };
    }

    /// Asks the desk, and passes its reply on.
    fn ask(&self, request: Request, question: Question) -> io::Result<()> {
        let (sender, reply) = sync_channel(1);
        let asked = self.desk.send(Message::Ask(question, sender)).is_ok();
        let Some(reply) = asked.then(|| reply.recv().ok()).flatten() else {
            return Answer::text(503, "The preview is ending.\n").send(request);
        };
        let Reply { status, media_type, location, body } = reply;
        if let Some(location) = location {
            return Answer::moved(location).send(request);
        }
        let content: Box<dyn Content> = match body {
            Body::Bytes(bytes) => Box::new(Cursor::new(bytes)),
            Body::Static(bytes) => Box::new(Cursor::new(bytes)),
            Body::Copy(source) => match self.folder.open_source(&source) {
                Ok(file) => Box::new(file),
                Err(error) => {
                    let text = format!("{source} cannot be read: {error}\n");
                    return Answer::text(404, &text).send(request);
                }
            },
        };
        Answer::new(status, media_type, content).send(request)
    }
}

/// What is sent back.
struct Answer {
    status: u16,
    headers: Vec<(&'static str, String)>,
    content: Box<dyn Content>,
}

impl Answer {
    fn new(status: u16, media_type: &str, content: impl Content + 'static) -> Self {
        let is_text = media_type.starts_with("text/") || media_type.ends_with("/xml");
        let charset = if is_text { "; charset=utf-8" } else { "" };
        let headers = vec![
            ("Content-Type", format!("{media_type}{charset}")),
            ("Cache-Control", "no-store".to_owned()),
            ("X-Content-Type-Options", "nosniff".to_owned()),
            // Drafts are for nobody else's page.
            ("Cross-Origin-Resource-Policy", "same-origin".to_owned()),
            ("Accept-Ranges", "bytes".to_owned()),
        ];
        Self { status, headers, content: Box::new(content) }
    }

    fn text(status: u16, text: &str) -> Self {
        Self::new(status, "text/plain", Cursor::new(text.as_bytes().to_vec()))
    }

    fn moved(address: String) -> Self {
        let mut answer = Self::text(302, "");
        answer.headers.push(("Location", address));
        answer
    }

    fn send(mut self, request: Request) -> io::Result<()> {
        let length = self.content.seek(SeekFrom::End(0))?;
        let wanted = request.headers().iter().find(|header| header.field.equiv("Range"));
        let wanted = wanted.filter(|_| self.status == 200);
        let part = wanted.and_then(|header| range(header.value.as_str(), length));
        if let Some(part) = &part {
            self.status = 206;
            let value = format!("bytes {}-{}/{length}", part.start, part.end - 1);
            self.headers.push(("Content-Range", value));
        }
        let part = part.unwrap_or(0..length);
        self.content.seek(SeekFrom::Start(part.start))?;
        let length = part.end - part.start;
        let headers = self
            .headers
            .iter()
            .filter_map(|(name, value)| Header::from_bytes(name.as_bytes(), value.as_bytes()).ok());
        let response = Response::new(
            StatusCode(self.status),
            headers.collect(),
            self.content.take(length),
            usize::try_from(length).ok(),
            None,
        );
        // A length says more than chunks.
        request.respond(response.with_chunked_threshold(usize::MAX))
    }
}
