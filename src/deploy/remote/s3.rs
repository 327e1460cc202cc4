//! Into a store with the interface of Amazon S3, which learns type and headers with each file.
//!
//! The address of a request is signed (`rusty-s3`), the secret never leaves this machine. A list
//! is only asked for to see whether the store is empty.

use core::time::Duration;
use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, mpsc};

use jiff::Timestamp;
use jiff::fmt::rfc2822;
use rayon::prelude::*;
use rusty_s3::actions::{DeleteObject, GetObject, HeadObject, PutObject, S3Action};
use rusty_s3::{Bucket as Signing, Credentials, UrlStyle};
use ureq::http::Response;
use ureq::{Agent, Body, Error};
use url::Url;

use super::super::Upload;
use super::super::trouble::{Kind, Trouble};
use super::{Arrived, Remote, Thing, named_file};
use crate::config::Bucket;
use crate::disk::keys::is_shared;
use crate::hash::Hash;
use crate::host::stored_headers;
use crate::limits::DEPLOY_LEDGER_BYTES_MAX;

/// How long the address of a request is good.
const SIGNED_FOR: Duration = Duration::from_secs(900);

/// One file, there or back. The slowest line takes 100 MB in that time.
const BODY_TIMEOUT: Duration = Duration::from_secs(1800);

/// Files that go there at the same time.
const AT_ONCE: usize = 4;

/// What a store says when something is wrong, in bytes.
const MESSAGE_BYTES_MAX: u64 = 64 << 10;

const USER_AGENT: &str = concat!("sitegen/", env!("CARGO_PKG_VERSION"));

pub(super) struct S3 {
    bucket: Signing,
    credentials: Credentials,
    prefix: String,
    output: PathBuf,
    agent: Agent,
}

impl S3 {
    pub(super) fn open(bucket: &Bucket, root: &Path, output: &Path) -> Result<Self, Trouble> {
        let credentials = credentials(bucket, root)?;
        let wrong = |error: &dyn fmt::Display| Trouble::new(Kind::NoPlace, error.to_string());
        let endpoint = Url::parse(&bucket.endpoint).map_err(|error| wrong(&error))?;
        let style = if bucket.path_style { UrlStyle::Path } else { UrlStyle::VirtualHost };
        let signing = Signing::new(endpoint, style, bucket.name.clone(), bucket.region.clone())
            .map_err(|error| wrong(&error))?;
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .timeout_connect(Some(Duration::from_secs(20)))
            .timeout_send_body(Some(BODY_TIMEOUT))
            .timeout_recv_response(Some(Duration::from_secs(60)))
            .timeout_recv_body(Some(BODY_TIMEOUT))
            .user_agent(USER_AGENT)
            .build();
        Ok(Self {
            bucket: signing,
            credentials,
            prefix: bucket.prefix.clone(),
            output: output.to_path_buf(),
            agent: config.new_agent(),
        })
    }

    fn name(&self, path: &str) -> String {
        format!("{}{path}", self.prefix)
    }

    /// Puts bytes there with what browsers are to be told of them.
    fn put_bytes(&self, path: &str, bytes: &[u8]) -> Result<(), Trouble> {
        let name = self.name(path);
        let headers = stored_headers(path);
        let mut action = PutObject::new(&self.bucket, Some(&self.credentials), &name);
        for (key, value) in &headers {
            action.headers_mut().insert(*key, value.as_str());
        }
        let mut request = self.agent.put(action.sign(SIGNED_FOR).as_str());
        for (key, value) in &headers {
            request = request.header(*key, value);
        }
        answered(request.send(bytes))?;
        Ok(())
    }

    fn put_file(&self, upload: &Upload) -> Result<(), Trouble> {
        let path = &upload.file.path;
        let changed = || Trouble::new(Kind::Changed(path.clone()), "");
        let bytes = fs::read(self.output.join(path)).map_err(|_| changed())?;
        if Hash::of(&bytes[..]).ok().as_ref() != Some(&upload.file.hash) {
            return Err(changed());
        }
        self.put_bytes(path, &bytes)
    }

    /// The names at the top that begin with our prefix, at most so many.
    fn list(&self) -> Result<Vec<String>, Trouble> {
        let mut action = GetObject::new(&self.bucket, Some(&self.credentials), "");
        let query = action.query_mut();
        query.insert("list-type", "2");
        query.insert("delimiter", "/");
        query.insert("max-keys", "100");
        query.insert("prefix", self.prefix.as_str());
        let answer = answered(self.agent.get(action.sign(SIGNED_FOR).as_str()).call())?;
        let text = body(answer, DEPLOY_LEDGER_BYTES_MAX as u64)?;
        let text = String::from_utf8_lossy(&text).into_owned();
        let folders = elements(&text, "CommonPrefixes").flat_map(|part| elements(part, "Prefix"));
        let names = elements(&text, "Key").chain(folders);
        let top = |name: &str| {
            let name = name.strip_prefix(&self.prefix).unwrap_or(name);
            name.trim_end_matches('/').to_owned()
        };
        Ok(names.map(top).filter(|name| !name.is_empty()).collect())
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nobody panics while holding it.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The texts of all elements of a name. Names of files are escaped in them, which does not matter
/// to whoever only wants to know whether there are any.
fn elements<'t>(text: &'t str, name: &str) -> impl Iterator<Item = &'t str> {
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    let mut rest = text;
    std::iter::from_fn(move || {
        let begin = rest.find(&open)? + open.len();
        let length = rest[begin..].find(&close)?;
        let element = &rest[begin..begin + length];
        rest = &rest[begin + length..];
        Some(element)
    })
}

/// Where the key is: in the environment, as all programs for such stores take it, or in a file.
fn credentials(bucket: &Bucket, root: &Path) -> Result<Credentials, Trouble> {
    let text = match &bucket.key_file {
        Some(file) => read_private(&named_file(root, file))?,
        None => String::new(),
    };
    // As `aws configure` writes it, or as an environment file has it.
    let from_file = |name: &str| {
        let mut lines = text.lines().filter_map(|line| line.split_once('='));
        let value = lines.rfind(|(key, _)| key.trim().eq_ignore_ascii_case(name));
        value.map(|(_, value)| value.trim().trim_matches(['"', '\'']).to_owned())
    };
    let value = |name: &str| match bucket.key_file {
        Some(_) => from_file(name),
        None => std::env::var(name).ok().filter(|value| !value.is_empty()),
    };
    let needed = |name: &str| {
        value(name).ok_or_else(|| {
            let place = match &bucket.key_file {
                Some(file) => format!("write `{name}=…` into {file}"),
                None => format!(
                    "set {name} in the environment, or name a file that has it with `key_file`"
                ),
            };
            Trouble::new(Kind::NoSecret(place), format!("{name} is not set"))
        })
    };
    let (key, secret) = (needed("AWS_ACCESS_KEY_ID")?, needed("AWS_SECRET_ACCESS_KEY")?);
    Ok(match value("AWS_SESSION_TOKEN") {
        Some(token) => Credentials::new_with_token(key, secret, token),
        None => Credentials::new(key, secret),
    })
}

/// Reads a file that only its owner may read.
fn read_private(path: &Path) -> Result<String, Trouble> {
    let refuse = |help: String, said: String| Trouble::new(Kind::NoSecret(help), said);
    let text = fs::read_to_string(path).map_err(|error| {
        refuse("look at `key_file` in site.toml".to_owned(), format!("{}: {error}", path.display()))
    })?;
    if fs::metadata(path).is_ok_and(|data| is_shared(&data)) {
        let help =
            format!("`chmod 600 {}`, and change the key if others were here", path.display());
        return Err(refuse(help, format!("others on this machine can read {}", path.display())));
    }
    Ok(text)
}

/// An answer that says yes, or what is wrong.
fn answered(answer: Result<Response<Body>, Error>) -> Result<Response<Body>, Trouble> {
    let answer = answer.map_err(|error| not_answered(&error))?;
    let status = answer.status().as_u16();
    if (200..300).contains(&status) {
        return Ok(answer);
    }
    let date = answer.headers().get("date").and_then(|date| date.to_str().ok());
    let date = date.and_then(|date| rfc2822::parse(date).ok()).map(|date| date.timestamp());
    let text = body(answer, MESSAGE_BYTES_MAX).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let code = elements(&text, "Code").next().unwrap_or_default();
    let message = elements(&text, "Message").next().unwrap_or_default();
    let off = date.map(|date| Timestamp::now().duration_since(date).as_secs());
    let kind = match (code, status) {
        ("RequestTimeTooSkewed" | "RequestExpired", _) => Kind::Clock(off),
        // A store that does not say so by its own code may still mean it.
        ("AccessDenied", _) if off.is_some_and(|off| off.abs() > 900) => Kind::Clock(off),
        ("NoSuchBucket" | "NoSuchKey", _) | (_, 404) => Kind::NoPlace,
        ("InvalidAccessKeyId" | "SignatureDoesNotMatch" | "InvalidToken", _) | (_, 401) => {
            Kind::NoEntry
        }
        ("QuotaExceeded" | "XMinioStorageFull" | "InsufficientStorage", _) | (_, 507) => Kind::Full,
        ("AccessDenied", _) | (_, 403) => Kind::NotAllowed,
        (_, 429 | 500..=599) => Kind::Overloaded,
        _ => Kind::Other,
    };
    Err(Trouble::new(kind, format!("{status} {code} {message}")))
}

/// Why there is no answer, without the address of the request, which is signed.
fn not_answered(error: &Error) -> Trouble {
    let kind = match error {
        Error::HostNotFound => Kind::NoName,
        Error::ConnectionFailed | Error::Timeout(_) => Kind::NoAnswer,
        Error::Io(error) if error.kind() == std::io::ErrorKind::ConnectionRefused => Kind::NoAnswer,
        Error::Io(_) | Error::Protocol(_) => Kind::Lost,
        _ => Kind::Other,
    };
    let said = match error {
        Error::BadUri(_) => "the address is no address".to_owned(),
        error => error.to_string(),
    };
    Trouble::new(kind, said)
}

fn body(mut answer: Response<Body>, limit: u64) -> Result<Vec<u8>, Trouble> {
    let read = answer.body_mut().with_config().limit(limit).read_to_vec();
    read.map_err(|error| not_answered(&error))
}

impl Remote for S3 {
    fn read(&mut self, path: &str) -> Result<Option<Vec<u8>>, Trouble> {
        let name = self.name(path);
        let action = GetObject::new(&self.bucket, Some(&self.credentials), &name);
        let answer = self.agent.get(action.sign(SIGNED_FOR).as_str()).call();
        match answered(answer) {
            Ok(answer) => body(answer, DEPLOY_LEDGER_BYTES_MAX as u64).map(Some),
            // A missing bucket says so in its own words.
            Err(Trouble { kind: Kind::NoPlace, said }) if !said.contains("NoSuchBucket") => {
                Ok(None)
            }
            Err(trouble) => Err(trouble),
        }
    }

    fn names(&mut self) -> Result<Vec<String>, Trouble> {
        self.list()
    }

    fn look(&mut self, paths: &[&str]) -> Result<BTreeMap<String, Thing>, Trouble> {
        let this = &*self;
        let look = |path: &&str| {
            let name = this.name(path);
            let action = HeadObject::new(&this.bucket, Some(&this.credentials), &name);
            match answered(this.agent.head(action.sign(SIGNED_FOR).as_str()).call()) {
                Ok(_) => Some(Ok(((*path).to_owned(), Thing::File))),
                Err(Trouble { kind: Kind::NoPlace, .. }) => None,
                Err(trouble) => Some(Err(trouble)),
            }
        };
        paths.par_iter().filter_map(look).collect()
    }

    fn has_folders(&self) -> bool {
        false
    }

    fn put(&mut self, uploads: &[&Upload], arrived: Arrived<'_>) -> Result<(), Trouble> {
        let (next, failed) = (AtomicUsize::new(0), Mutex::new(None));
        let (tell, told) = mpsc::channel();
        let this = &*self;
        std::thread::scope(|scope| {
            for _ in 0..AT_ONCE.min(uploads.len()) {
                let (tell, next, failed) = (tell.clone(), &next, &failed);
                scope.spawn(move || {
                    while let Some(upload) = uploads.get(next.fetch_add(1, Ordering::Relaxed)) {
                        match this.put_file(upload) {
                            Ok(()) => drop(tell.send(*upload)),
                            Err(trouble) => {
                                next.store(uploads.len(), Ordering::Relaxed);
                                *lock(failed) = Some(trouble);
                            }
                        }
                    }
                });
            }
            drop(tell);
            told.iter().for_each(arrived);
        });
        let failed = lock(&failed).take();
        failed.map_or(Ok(()), Err)
    }

    fn write(&mut self, path: &str, bytes: &[u8]) -> Result<(), Trouble> {
        self.put_bytes(path, bytes)
    }

    fn remove(&mut self, paths: &[String]) -> Result<(), Trouble> {
        for path in paths {
            let name = self.name(path);
            let action = DeleteObject::new(&self.bucket, Some(&self.credentials), &name);
            match answered(self.agent.delete(action.sign(SIGNED_FOR).as_str()).call()) {
                Ok(_) | Err(Trouble { kind: Kind::NoPlace, .. }) => {}
                Err(trouble) => return Err(trouble),
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_in_a_list() {
        let text = "<R><Contents><Key>a.html</Key></Contents><CommonPrefixes><Prefix>n/</Prefix>\
                    </CommonPrefixes></R>";
        assert_eq!(elements(text, "Key").collect::<Vec<_>>(), ["a.html"]);
        assert_eq!(elements("<Key>", "Key").count(), 0);
    }
}
