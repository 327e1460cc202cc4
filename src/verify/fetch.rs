//! Asks for one address: again when a host has a bad moment, on to where redirects of the site
//! lead, and without keeping more of an answer than is needed.

use std::io::{self, Write};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use flate2::write::MultiGzDecoder;
use url::Url;

use super::Means;
use crate::doctor::ask::{AskError, Reply, Request};
use crate::hash::{Hash, Hashing};

/// How often the same is asked.
const TRIES: usize = 3;

/// How long to wait before asking again; the second time four times as long.
const PAUSE: Duration = Duration::from_secs(1);

/// The longest that a host can make us wait.
const PAUSE_MAX: Duration = Duration::from_secs(30);

/// After so many questions without an answer, one after the other, no more are asked.
const SILENT_MAX: usize = 12;

/// Redirects that are followed.
const REDIRECTS_MAX: usize = 5;

/// What is kept of a page, in bytes, to look for links.
const KEPT_BYTES_MAX: usize = 2 << 20;

/// What servers of the fediverse accept when they ask for a document.
const ACTIVITY: &str = "application/activity+json, \
     application/ld+json; profile=\"https://www.w3.org/ns/activitystreams\"";

/// Of these are names of pages that are not there: nobody can tell them from those of a site.
const WORDS: [&str; 16] = [
    "spring", "market", "council", "school", "river", "budget", "housing", "summer", "station",
    "garden", "climate", "village", "report", "traffic", "harbour", "history",
];

/// How an answer begins that is compressed.
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// How much of an answer is taken, in bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// A longer one is an error.
    bytes_max: u64,
    /// Its beginning that is kept.
    kept_max: usize,
}

impl Limits {
    /// What is compared, and kept as far as one looks for links.
    pub(super) fn compared(bytes_max: u64) -> Self {
        Self { bytes_max, kept_max: KEPT_BYTES_MAX }
    }

    /// What is read.
    pub(super) fn whole(bytes_max: usize) -> Self {
        Self { bytes_max: bytes_max as u64, kept_max: bytes_max }
    }
}

/// Questions that are asked at the same time.
const AT_ONCE: usize = 4;

/// Does some work in parallel, but asks no host more at a time than a visitor would. The threads of
/// builds are as many as the machine has processors.
pub(super) fn politely<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    match rayon::ThreadPoolBuilder::new().num_threads(AT_ONCE).build() {
        Ok(pool) => pool.install(work),
        Err(_) => work(),
    }
}

/// What came.
#[derive(Clone, Debug)]
pub(super) struct Fetched {
    pub(super) status: u16,
    pub(super) content: Content,
    /// What was kept of it.
    pub(super) body: Vec<u8>,
    /// The media type with its parameters.
    pub(super) content_type: Option<String>,
    /// Where a redirect leads, if it is one.
    pub(super) leads_to: Option<String>,
    /// A header by which browsers show something else than what came, or more.
    pub(super) meddling: Option<String>,
}

/// What tells one content from another.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Content {
    /// SHA-256 in hexadecimal.
    pub(crate) hash: String,
    /// In bytes.
    pub(crate) size: u64,
}

/// Where a question ended.
#[derive(Clone, Debug)]
pub(super) struct Followed {
    pub(super) fetched: Fetched,
    /// The first redirect.
    pub(super) led_to: Option<String>,
}

impl Followed {
    /// Whether the content has a hash.
    pub(super) fn is(&self, hash: &str) -> bool {
        self.fetched.content.hash == hash
    }
}

/// Asks a site.
pub(super) struct Fetcher<'a> {
    means: &'a Means<'a>,
    /// With a slash at its end.
    base: String,
    /// A number that nobody knows before.
    chance: u64,
    /// Questions without an answer since the last that had one.
    silent: AtomicUsize,
}

impl<'a> Fetcher<'a> {
    pub(super) fn new(means: &'a Means<'a>, base_url: &str, chance: u64) -> Self {
        let base = format!("{}/", base_url.trim_end_matches('/'));
        Self { means, base, chance, silent: AtomicUsize::new(0) }
    }

    /// The same, as if nothing had been asked yet.
    pub(super) fn afresh(&self) -> Self {
        Self { base: self.base.clone(), silent: AtomicUsize::new(0), ..*self }
    }

    /// Lets time go by.
    pub(super) fn wait(&self, pause: Duration) {
        (self.means.wait)(pause);
    }

    /// A hash of something, another one in each run.
    pub(super) fn chance(&self, of: &str) -> String {
        let mut hash = Hash::default();
        hash.part(&self.chance.to_le_bytes());
        hash.part(of.as_bytes());
        hash.finish()
    }

    /// An address in a folder where nothing is, and which nobody can foresee. A host that is asked
    /// for a name it knows beforehand can answer as if all were well.
    pub(super) fn absent_url(&self, folder: &str, number: u32) -> String {
        self.url(&format!("{folder}{}/", self.absent_name(&format!("{number} {folder}"))))
    }

    /// A name that nothing has.
    pub(super) fn absent_name(&self, of: &str) -> String {
        let hash = self.chance(of);
        let part = |range| u64::from_str_radix(&hash[range], 16).unwrap_or_default();
        let word = |at: usize| WORDS[usize::try_from(part(at..at + 1)).unwrap_or_default()];
        format!("{}-{}-{}", word(0), word(1), part(2..7))
    }

    /// The whole of an address inside the site.
    pub(super) fn url(&self, address: &str) -> String {
        format!("{}{address}", self.base)
    }

    /// The address inside the site of a whole one, without query; `None` when it leads out of it.
    pub(super) fn inside(&self, url: &str) -> Option<String> {
        let mut url = Url::parse(url).ok()?;
        url.set_fragment(None);
        url.set_query(None);
        url.as_str().strip_prefix(&self.base).map(str::to_owned)
    }

    pub(super) fn base(&self) -> &str {
        &self.base
    }

    pub(super) fn progress(&self, done: usize, total: usize) {
        (self.means.progress)(done, total);
    }

    /// Asks for an address, and goes where redirects lead as long as they stay in the site.
    pub(super) fn follow(&self, url: &str, limits: Limits) -> Result<Followed, AskError> {
        self.follow_as(self.usual(url), url, limits)
    }

    /// As [`Fetcher::follow`], as other servers of the fediverse ask.
    pub(super) fn follow_as_server(&self, url: &str, limits: Limits) -> Result<Followed, AskError> {
        self.follow_as(ACTIVITY, url, limits)
    }

    fn follow_as(
        &self,
        accept: &'static str,
        url: &str,
        limits: Limits,
    ) -> Result<Followed, AskError> {
        let (mut last, mut led_to) = (url.to_owned(), None);
        for _ in 0..REDIRECTS_MAX {
            let fetched = self.fetch_as(accept, &last, limits)?;
            match &fetched.leads_to {
                Some(next) => {
                    led_to.get_or_insert_with(|| next.clone());
                    if self.inside(next).is_none() {
                        return Ok(Followed { fetched, led_to });
                    }
                    last.clone_from(next);
                }
                None => return Ok(Followed { fetched, led_to }),
            }
        }
        Err(AskError::Other("it leads round in circles".to_owned()))
    }

    /// What is accepted from an address: only servers ask for the documents of the fediverse.
    fn usual(&self, url: &str) -> &'static str {
        let is_document = self.inside(url).is_some_and(|address| address.starts_with("ap/"));
        if is_document { ACTIVITY } else { "*/*" }
    }

    /// Asks for an address, a few times when there is hope.
    pub(super) fn fetch(&self, url: &str, limits: Limits) -> Result<Fetched, AskError> {
        self.fetch_as(self.usual(url), url, limits)
    }

    fn fetch_as(
        &self,
        accept: &'static str,
        url: &str,
        limits: Limits,
    ) -> Result<Fetched, AskError> {
        if self.silent.load(Ordering::Relaxed) >= SILENT_MAX {
            return Err(AskError::Enough);
        }
        let mut pause = PAUSE;
        for attempt in 1.. {
            let (answer, again) = self.try_once(accept, url, limits, pause);
            if answer.is_ok() {
                self.silent.store(0, Ordering::Relaxed);
            } else if attempt == 1 {
                self.silent.fetch_add(1, Ordering::Relaxed);
            }
            let Some(pause_now) = again.filter(|_| attempt < TRIES) else { return answer };
            (self.means.wait)(pause_now.min(PAUSE_MAX));
            pause *= 4;
        }
        Err(AskError::Enough)
    }

    /// Asks once; also says when to ask again if that is worth it: after a pause, or when the host
    /// has said.
    fn try_once(
        &self,
        accept: &'static str,
        url: &str,
        limits: Limits,
        pause: Duration,
    ) -> (Result<Fetched, AskError>, Option<Duration>) {
        let request = Request {
            bytes_max: usize::try_from(limits.bytes_max).unwrap_or(usize::MAX),
            headers: vec![
                ("accept-encoding", "identity".to_owned()),
                // What lies between must not answer with what was there before.
                ("cache-control", "no-cache".to_owned()),
            ],
            ..Request::get(url, accept)
        };
        let mut body = Body::new(limits);
        let reply = match self.means.ask.ask_into(&request, &mut body) {
            Ok(reply) => reply,
            Err(error) => {
                let may_pass =
                    matches!(error, AskError::Refused | AskError::TimeOut | AskError::Other(_));
                return (Err(error), may_pass.then_some(pause));
            }
        };
        let wish = || reply.header("retry-after")?.parse().ok().map(Duration::from_secs);
        let is_busy = matches!(reply.status, 429 | 500 | 502 | 503 | 504);
        let again = is_busy.then(|| wish().unwrap_or(pause));
        let is_packed = url.ends_with(".gz");
        (Ok(body.finish(url, &reply, is_packed)), again)
    }
}

/// Takes an answer piece by piece. Some hosts compress although they are asked not to; so what
/// begins like that is also unpacked.
struct Body {
    plain: Measure,
    unpacked: Option<MultiGzDecoder<Measure>>,
    limits: Limits,
}

/// Counts and hashes what goes through, and keeps its beginning.
struct Measure {
    hashing: Hashing<io::Sink>,
    size: u64,
    kept: Vec<u8>,
    limits: Limits,
}

impl Measure {
    fn new(limits: Limits) -> Self {
        Self { hashing: Hashing::new(io::sink()), size: 0, kept: Vec::new(), limits }
    }

    fn finish(self) -> (Content, Vec<u8>) {
        let (_, hash) = self.hashing.finish();
        (Content { hash, size: self.size }, self.kept)
    }
}

impl Write for Measure {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // A little that unpacks to very much.
        if self.size > self.limits.bytes_max {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.size += bytes.len() as u64;
        let room = self.limits.kept_max - self.kept.len();
        self.kept.extend_from_slice(bytes.get(..room).unwrap_or(bytes));
        self.hashing.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Body {
    fn new(limits: Limits) -> Self {
        Self { plain: Measure::new(limits), unpacked: None, limits }
    }

    fn finish(self, url: &str, reply: &Reply, is_packed: bool) -> Fetched {
        let encoding = reply.header("content-encoding").unwrap_or_default();
        let is_encoded = encoding.eq_ignore_ascii_case("gzip") && !is_packed;
        let unpacked = self.unpacked.filter(|_| is_encoded).and_then(|it| it.finish().ok());
        let (content, body) = unpacked.unwrap_or(self.plain).finish();
        Fetched {
            status: reply.status,
            content,
            body,
            content_type: reply.header("content-type").map(str::to_owned),
            leads_to: reply.leads_to(url),
            meddling: meddling(reply),
        }
    }
}

/// A header that changes what people see although the content is as it was signed: browsers obey
/// `Refresh` as if it stood in the page, Firefox also takes styles from `Link`, and an attachment
/// is stored and not shown.
fn meddling(reply: &Reply) -> Option<String> {
    let is_page = is_page_type(&reply.media_type());
    let meddles = |name: &str, value: &str| match name {
        "refresh" => true,
        // What stands in angle brackets is an address, which may have any name.
        "link" => value
            .split('<')
            .filter_map(|link| link.split_once('>'))
            .any(|(_, parameters)| parameters.contains("stylesheet")),
        "content-disposition" => is_page && !value.trim().starts_with("inline"),
        _ => false,
    };
    let mut headers = reply.headers.iter();
    let found = headers
        .find(|(name, value)| meddles(&name.to_ascii_lowercase(), &value.to_ascii_lowercase()));
    found.map(|(name, value)| format!("{name}: {value}"))
}

/// Whether browsers show what has a media type as a page.
pub(super) fn is_page_type(media_type: &str) -> bool {
    matches!(media_type, "text/html" | "application/xhtml+xml")
}

impl Write for Body {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.plain.size == 0 && bytes.starts_with(&GZIP) {
            self.unpacked = Some(MultiGzDecoder::new(Measure::new(self.limits)));
        }
        let length = self.plain.write(bytes)?;
        // What is damaged is compared as it came.
        let is_broken = |unpacked: &mut MultiGzDecoder<Measure>| unpacked.write_all(bytes).is_err();
        if self.unpacked.as_mut().is_some_and(is_broken) {
            self.unpacked = None;
        }
        Ok(length)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
