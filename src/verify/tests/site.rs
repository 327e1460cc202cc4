//! A signed site in memory, to change one thing at a time.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use jiff::Timestamp;

use crate::doctor::ask::{AskError, Reply, Request};
use crate::hash::Hash;
use crate::key::minisign::SecretKey;
use crate::manifest::{self, File, Manifest};
use crate::path::OutputPath;
use crate::verify::finding::{Finding, Severity};
use crate::verify::{Means, Seen, Subject, Verification, verify};

pub(super) const BASE: &str = "https://www.party.example/branch";

pub(super) type Answer = Result<Reply, AskError>;

/// A site, what it answers, and what was signed of it.
pub(super) struct Site {
    pub(super) key: SecretKey,
    pub(super) address: String,
    pub(super) serial: u64,
    pub(super) made: Timestamp,
    pub(super) files: BTreeMap<&'static str, &'static str>,
    /// By address inside the site. The first answers come first; the last one stays.
    pub(super) answers: Mutex<BTreeMap<String, Vec<Answer>>>,
    /// What servers of the fediverse get, where that is something else.
    pub(super) for_servers: Mutex<BTreeMap<String, Reply>>,
    pub(super) asked: Mutex<Vec<String>>,
    pub(super) waited: Mutex<Vec<Duration>>,
    pub(super) seen: Option<Seen>,
    pub(super) own_serial: Option<u64>,
    pub(super) not_before: Option<Timestamp>,
    pub(super) except: Vec<String>,
    pub(super) sample: Option<usize>,
    pub(super) chance: u64,
    /// What is answered for an address where nothing is.
    pub(super) nothing: fn(&str) -> Answer,
}

pub(super) fn reply(status: u16, kind: &str, body: impl Into<Vec<u8>>) -> Reply {
    let headers = vec![("Content-Type".to_owned(), kind.to_owned())];
    Reply { status, headers, body: body.into() }
}

fn kind_of(path: &str) -> &'static str {
    match path.rsplit('.').next() {
        Some("html") => "text/html",
        Some("png") => "image/png",
        Some("xml") => "application/xml",
        _ => "application/octet-stream",
    }
}

pub(super) fn redirect(status: u16, to: &str) -> Reply {
    let headers = vec![("Location".to_owned(), to.to_owned())];
    Reply { status, headers, body: Vec::new() }
}

/// A site that is as it was signed.
pub(super) fn signed() -> Site {
    let mut site = Site {
        key: SecretKey::generate().unwrap(),
        address: format!("{BASE}/"),
        serial: 7,
        made: "2026-05-01T10:00:00Z".parse().unwrap(),
        files: BTreeMap::new(),
        answers: Mutex::default(),
        for_servers: Mutex::default(),
        asked: Mutex::default(),
        waited: Mutex::default(),
        seen: None,
        own_serial: None,
        not_before: None,
        except: Vec::new(),
        sample: None,
        chance: 1,
        nothing: |_| Ok(reply(404, "text/html", "Nothing here.")),
    };
    for (path, text) in [
        ("index.html", "<a href=\"news/\">News</a> <a href=\"/branch/a b.pdf\">Leaflet</a>"),
        ("news/index.html", "<a href=\"https://elsewhere.example/\">x</a><img src=\"../x.png\">"),
        ("x.png", "PNG"),
        ("a b.pdf", "PDF"),
        ("feed.xml", "<link>https://www.party.example/branch/news/</link>"),
        ("404.html", "Nothing here."),
        (".htaccess", "Deny from all"),
        ("_headers", "/*"),
    ] {
        site.file(path, text);
    }
    site.sign();
    site
}

impl Site {
    /// Adds a file, and what is answered for it.
    pub(super) fn file(&mut self, path: &'static str, text: &'static str) {
        self.files.insert(path, text);
        let address = OutputPath::new(path).unwrap().address();
        if !path.starts_with(['.', '_']) {
            self.put(&address, reply(200, kind_of(path), text));
        }
    }

    pub(super) fn put(&self, address: &str, reply: Reply) {
        self.answer(address, [Ok(reply)]);
    }

    pub(super) fn answer(&self, address: &str, answers: impl Into<Vec<Answer>>) {
        self.answers.lock().unwrap().insert(address.to_owned(), answers.into());
    }

    pub(super) fn remove(&self, address: &str) {
        self.answers.lock().unwrap().remove(address).unwrap();
    }

    pub(super) fn manifest(&self) -> Manifest {
        let files = self.files.iter().map(|(path, text)| File {
            path: OutputPath::new(path).unwrap(),
            hash: Hash::of(text.as_bytes()).unwrap(),
            size: text.len() as u64,
        });
        let (site, files) = (self.address.clone(), files.collect());
        Manifest { site, serial: self.serial, made: self.made, files }
    }

    /// Publishes the list of the files as they are.
    pub(super) fn sign(&mut self) {
        let text = self.manifest().to_text();
        self.put(manifest::SIGNATURE_PATH, reply(200, "x", self.key.sign(text.as_bytes(), "c")));
        self.put(manifest::PATH, reply(200, "text/plain", text));
    }

    fn ask(&self, request: &Request) -> Answer {
        let encoding = ("accept-encoding", "identity".to_owned());
        assert!(request.headers.contains(&encoding), "{request}");
        self.asked.lock().unwrap().push(request.url.clone());
        let Some(address) = request.url.strip_prefix(BASE) else {
            panic!("{request} is not part of the site");
        };
        let for_servers = self.for_servers.lock().unwrap();
        let is_server = request.accept.contains("application/activity+json");
        let for_server = for_servers.get(address.trim_start_matches('/'));
        if let Some(reply) = for_server.filter(|_| is_server) {
            return Ok(reply.clone());
        }
        let mut answers = self.answers.lock().unwrap();
        match answers.get_mut(address.trim_start_matches('/')) {
            Some(answers) if answers.len() > 1 => answers.remove(0),
            Some(answers) => answers[0].clone(),
            None => (self.nothing)(address),
        }
    }

    pub(super) fn with_means<T>(&self, work: impl FnOnce(&Means<'_>) -> T) -> T {
        let ask = |request: &Request| self.ask(request);
        let wait = |pause| self.waited.lock().unwrap().push(pause);
        work(&Means { ask: &ask, wait: &wait, progress: &|_, _| {} })
    }

    pub(super) fn verify(&self) -> Verification {
        let subject = Subject {
            base_url: BASE.to_owned(),
            key: self.key.public(),
            sample: self.sample,
            chance: self.chance,
            own_serial: self.own_serial,
            not_before: self.not_before,
            except: self.except.clone(),
            seen: self.seen.clone(),
        };
        self.with_means(|means| verify(means, &subject))
    }

    /// What is found, without notes.
    pub(super) fn findings(&self) -> Vec<Finding> {
        let findings = self.verify().findings.into_iter();
        findings.filter(|finding| finding.severity != Severity::Note).collect()
    }

    /// The only thing that is found.
    #[track_caller]
    pub(super) fn finding(&self) -> Finding {
        let mut findings = self.findings();
        assert_eq!(findings.len(), 1, "{findings:#?}");
        findings.remove(0)
    }

    #[track_caller]
    pub(super) fn assert_fine(&self) {
        assert_eq!(self.findings(), [], "{:#?}", self.asked.lock().unwrap());
    }
}

pub(super) fn page(body: &str) -> Reply {
    reply(200, "text/html; charset=utf-8", body)
}
