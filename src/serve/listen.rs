//! Answers requests, each on a thread of its own: one that is slow makes nobody wait.
//!
//! A connection is for one request. Browsers open several at once and keep them, unused, for
//! minutes, so none may take the thread that another one needs. `tiny_http` 0.12 does that: it puts
//! a connection into the queue of a thread that has already been given one, where it waits until
//! the browser closes the other (12 connections at once: one in ten got no answer).

use std::io::{self, Cursor, Read, Seek, SeekFrom, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::mpsc::{Sender, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use super::Message;
use super::head::Head;
use super::page::SCRIPT;
use super::request::{Asked, Own, Refusal, Route, Rules, range};
use super::server::lock;
use super::shown::{Question, Reply};
use super::streams::Streams;
use crate::artifact::Body;
use crate::disk::Root;

/// So long one that says nothing, or takes nothing, has a thread.
const PATIENCE: Duration = Duration::from_secs(30);

/// So long we wait when no connection can be had, such as for lack of file descriptors.
const BREATH: Duration = Duration::from_millis(50);

/// So much of a body that nobody wants is read.
const BODY_MAX: u64 = 1024 * 1024;

/// What every thread needs.
struct Counter {
    site: Sender<Message>,
    streams: Arc<Streams>,
    rules: Arc<Mutex<Rules>>,
    /// The folder of the site, by its name: it may be another one by now.
    root: PathBuf,
}

/// Begins to answer.
pub(super) fn listen(
    listener: TcpListener,
    site: Sender<Message>,
    streams: Arc<Streams>,
    rules: Arc<Mutex<Rules>>,
    root: PathBuf,
) -> io::Result<()> {
    let counter = Arc::new(Counter { site, streams, rules, root });
    thread::Builder::new().spawn(move || {
        for line in listener.incoming() {
            let Ok(line) = line else {
                thread::sleep(BREATH);
                continue;
            };
            let counter = counter.clone();
            // Where there can be no more threads, it is closed. Who asked may have gone.
            let _ = thread::Builder::new().spawn(move || counter.answer(&line));
        }
    })?;
    Ok(())
}

/// Something with a beginning and an end.
trait Content: Read + Seek + Send {}

impl<T: Read + Seek + Send> Content for T {}

impl Counter {
    fn answer(&self, line: &TcpStream) -> io::Result<()> {
        line.set_read_timeout(Some(PATIENCE))?;
        line.set_write_timeout(Some(PATIENCE))?;
        line.set_nodelay(true)?;
        let reader = line;
        match Head::read(reader) {
            Ok(None) => return Ok(()),
            Ok(Some(head)) => self.answer_to(&head, line)?,
            Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                let refusal = Refusal::BadRequest;
                Answer::text(refusal.status(), refusal.text()).send(None, line)?;
            }
            Err(error) => return Err(error),
        }
        // Were it closed with something unread, the other side might lose the answer.
        line.shutdown(Shutdown::Write)?;
        io::copy(&mut reader.take(BODY_MAX), &mut io::sink())?;
        Ok(())
    }

    fn answer_to(&self, head: &Head, line: &TcpStream) -> io::Result<()> {
        let hosts = head.values("host");
        let is_foreign = head.values("sec-fetch-site") == ["cross-site"]
            && head.values("sec-fetch-mode") != ["navigate"];
        let asked = Asked { method: &head.method, target: &head.target, hosts: &hosts, is_foreign };
        let rules = lock(&self.rules).clone();
        let only_whether = head.method == "HEAD";
        let answer = match rules.route(asked) {
            Err(refusal) => {
                let mut answer = Answer::text(refusal.status(), refusal.text());
                if refusal.status() == 405 {
                    answer.headers.push(("Allow", "GET, HEAD".to_owned()));
                }
                answer
            }
            Ok(Route::Elsewhere(address)) => Answer::moved(address),
            Ok(Route::Own(Own::Script)) => Answer::new(200, "text/javascript", Cursor::new(SCRIPT)),
            Ok(Route::Own(Own::News)) if !only_whether => return self.streams.follow(line),
            Ok(Route::Own(Own::News)) => Answer::text(200, ""),
            Ok(Route::Own(Own::Facts(path))) => self.ask(Question::Facts { path }),
            Ok(Route::Output(path)) => self.ask(Question::Output { path, only_whether }),
        };
        answer.send(Some(head), line)
    }

    /// Asks the thread that has the site.
    fn ask(&self, question: Question) -> Answer {
        let (sender, reply) = sync_channel(1);
        let asked = self.site.send(Message::Ask(question, sender)).is_ok();
        let Some(reply) = asked.then(|| reply.recv().ok()).flatten() else {
            return Answer::text(503, "The preview is ending.\n");
        };
        let Reply { status, media_type, location, body } = reply;
        if let Some(location) = location {
            return Answer::moved(location);
        }
        let content: Box<dyn Content> = match body {
            Body::Bytes(bytes) => Box::new(Cursor::new(bytes)),
            Body::Static(bytes) => Box::new(Cursor::new(bytes)),
            Body::Copy(source) => {
                match Root::open(&self.root).and_then(|root| root.open_source(&source)) {
                    Ok(file) => Box::new(file),
                    Err(error) => {
                        let text = format!("{source} cannot be read: {error}\n");
                        return Answer::text(404, &text);
                    }
                }
            }
        };
        Answer::new(status, media_type, content)
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
            ("X-Frame-Options", "SAMEORIGIN".to_owned()),
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

    /// Sends it, as the head of the request wants it.
    fn send(mut self, head: Option<&Head>, mut line: &TcpStream) -> io::Result<()> {
        let length = self.content.seek(SeekFrom::End(0))?;
        let wanted = head.filter(|_| self.status == 200).map(|head| head.values("range"));
        let wanted = wanted.unwrap_or_default();
        let part = wanted.first().and_then(|field| range(field, length));
        if let Some(part) = &part {
            self.status = 206;
            let value = format!("bytes {}-{}/{length}", part.start, part.end - 1);
            self.headers.push(("Content-Range", value));
        }
        let part = part.unwrap_or(0..length);
        let length = part.end - part.start;
        self.headers.push(("Content-Length", length.to_string()));
        self.headers.push(("Connection", "close".to_owned()));
        let mut text = format!("HTTP/1.1 {} {}\r\n", self.status, reason(self.status));
        for (name, value) in &self.headers {
            // An address has no such thing; were there one, it would be a field of its own.
            let value = value.replace(|c: char| c.is_control(), "");
            text += &format!("{name}: {value}\r\n");
        }
        text += "\r\n";
        line.write_all(text.as_bytes())?;
        if head.is_none_or(|head| head.method != "HEAD") {
            self.content.seek(SeekFrom::Start(part.start))?;
            io::copy(&mut self.content.take(length), &mut line)?;
        }
        Ok(())
    }
}

/// What a status is called, for people who look.
fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        206 => "Partial Content",
        302 => "Found",
        400 => "Bad Request",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        421 => "Misdirected Request",
        503 => "Service Unavailable",
        _ => "Internal Server Error",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As browsers do, which connect ahead of time and never say anything.
    #[test]
    fn nobody_waits_for_connections_that_are_not_used() {
        let folder = std::env::temp_dir();
        let (site, _inbox) = std::sync::mpsc::channel();
        let rules = Arc::new(Mutex::new(Rules { is_open: false, root: "/".to_owned() }));
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        listen(listener, site, Arc::default(), rules, folder).unwrap();
        let connect = || TcpStream::connect(address).unwrap();
        let unused: Vec<TcpStream> = std::iter::repeat_with(connect).take(20).collect();
        let mut lines: Vec<TcpStream> = std::iter::repeat_with(connect).take(20).collect();
        for mut line in &lines {
            let request = "GET /.sitegen/preview.js HTTP/1.1\r\nHost: localhost\r\n\r\n";
            line.write_all(request.as_bytes()).unwrap();
        }
        for line in &mut lines {
            line.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
            let mut answer = String::new();
            line.read_to_string(&mut answer).unwrap();
            assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer:.80}");
        }
        drop(unused);
    }
}
