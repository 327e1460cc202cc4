//! Asks for each file of a list as a visitor would, and compares what comes.
//!
//! A host is not a folder: it leads from old addresses to new ones, answers for what is not there
//! with a page of its own, and reads some files itself. What it does so by design is no alarm.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;

use super::added::Links;
use super::fetch::{Content, Fetched, Fetcher, Followed, Limits, is_page_type, politely};
use super::finding::{Check, Finding, Severity, is_failure, sort};
use super::{Means, words};
use crate::artifact::media_type;
use crate::doctor::ask::AskError;
use crate::doctor::html::tags;
use crate::manifest::File;
use crate::path::{OutputPath, encode_path};

/// How much longer than expected an answer may be and still be read to its end, in bytes.
const SLACK_BYTES: u64 = 256 << 10;

/// Files up to this size come in time on any line, in bytes.
const SLOW_BYTES: u64 = 2 << 20;

/// A page that only leads on is no longer, in bytes; pages to read are.
const REDIRECT_BYTES_MAX: u64 = 2048;

/// What says that a post was taken back is no longer, in bytes; posts are.
const TOMBSTONE_BYTES_MAX: u64 = 1024;

/// Files that hosts read themselves and show to nobody, besides those with a dot.
const FOR_HOST: [&str; 3] = ["_headers", "_redirects", "vercel.json"];

/// Pages that hosts show when something is not there; the second is that of Neocities.
const ERROR_PAGES: [&str; 2] = ["404.html", "not_found.html"];

/// The file that answers who is found here.
pub(super) const WEBFINGER: &str = ".well-known/webfinger";

/// The type of what has no ending, or one that is not known here.
const UNKNOWN_TYPE: &str = "application/octet-stream";

/// A file that a site should have.
#[derive(Clone, Debug)]
pub(crate) struct Wanted {
    pub(crate) path: OutputPath,
    /// SHA-256 in hexadecimal.
    pub(crate) hash: String,
    /// In bytes.
    pub(crate) size: u64,
    /// The media type that it should have, without parameters; `None` takes any that does not turn
    /// a page into something else, or something else into a page.
    pub(crate) content_type: Option<String>,
}

impl From<&File> for Wanted {
    fn from(file: &File) -> Self {
        let File { path, hash, size } = file.clone();
        Self { path, hash, size, content_type: None }
    }
}

impl Wanted {
    fn content(&self) -> Content {
        Content { hash: self.hash.clone(), size: self.size }
    }
}

/// Compares files of a site with what they should be, whatever says so. `base_url` is the address
/// of the site.
pub(crate) fn compare(means: &Means<'_>, base_url: &str, wanted: &[Wanted]) -> Vec<Finding> {
    let files = wanted.iter().map(|wanted| (&wanted.path, wanted.hash.as_str()));
    let listed = Listed::of(files);
    // Whoever has just brought the files there is not deceived about what is not there.
    let fetcher = Fetcher::new(means, base_url, 0);
    let mut findings = compare_all(&fetcher, &listed, wanted).findings;
    sort(&mut findings);
    findings
}

/// The files that a site has, as far as one looks for others.
pub(super) struct Listed {
    /// Without percent escapes: `news/index.html`, and what is asked for it, `news/`, `news`.
    addresses: HashSet<String>,
    hashes: HashSet<String>,
    /// Those of pages only.
    pages: HashSet<String>,
    /// The hash of [`WEBFINGER`], the answer to those who do not say whom they look for.
    general: Option<String>,
    /// The users that can be looked for there, and the hash of the answer for each.
    accounts: BTreeMap<String, String>,
}

impl Listed {
    pub(super) fn new(files: &[File]) -> Self {
        Self::of(files.iter().map(|file| (&file.path, file.hash.as_str())))
    }

    fn of<'f>(files: impl Iterator<Item = (&'f OutputPath, &'f str)>) -> Self {
        let by_path: HashMap<&str, &str> =
            files.map(|(path, hash)| (path.as_str(), hash)).collect();
        let mut addresses = HashSet::new();
        for path in by_path.keys() {
            addresses.insert((*path).to_owned());
            let folder = path.strip_suffix("index.html");
            if let Some(folder) = folder.filter(|folder| folder.is_empty() || folder.ends_with('/'))
            {
                addresses.insert(folder.to_owned());
                addresses.insert(folder.trim_end_matches('/').to_owned());
            }
            addresses.extend(path.strip_suffix(".html").map(str::to_owned));
        }
        let general = by_path.get(WEBFINGER).map(|hash| (*hash).to_owned());
        let accounts = by_path.iter().filter_map(|(path, hash)| {
            let user = path.strip_prefix("ap/")?.strip_suffix("/webfinger.json")?;
            (!user.contains('/')).then(|| (user.to_owned(), (*hash).to_owned()))
        });
        let accounts = accounts.collect();
        let is_page =
            |path: &str| is_page_type(media_type(path)) && error_page_folder(path).is_none();
        let pages = by_path.iter().filter(|(path, _)| is_page(path));
        let pages = pages.map(|(_, hash)| (*hash).to_owned()).collect();
        let hashes = by_path.values().map(|hash| (*hash).to_owned()).collect();
        Self { addresses, hashes, pages, general, accounts }
    }

    /// The hash of the answer to those who do not say whom they look for.
    pub(super) fn general(&self) -> Option<&str> {
        self.general.as_deref()
    }

    /// The users that can be looked for, and the hash of the answer for each.
    pub(super) fn accounts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.accounts.iter().map(|(user, hash)| (user.as_str(), hash.as_str()))
    }

    /// The user whose answer is also the general one.
    fn user(&self) -> Option<&str> {
        let mut accounts = self.accounts();
        accounts.find(|(_, hash)| Some(*hash) == self.general()).map(|(user, _)| user)
    }

    /// Whether an address, without percent escapes, is one of a file.
    pub(super) fn has_address(&self, address: &str) -> bool {
        self.addresses.contains(address)
    }

    /// Whether a content is that of a page which people read.
    fn is_page(&self, content: &Content) -> bool {
        self.pages.contains(&content.hash)
    }

    /// Whether a content is that of a file.
    pub(super) fn has_content(&self, content: &Content) -> bool {
        self.hashes.contains(&content.hash)
    }
}

/// What came of comparing.
#[derive(Default)]
pub(super) struct Outcome {
    pub(super) findings: Vec<Finding>,
    pub(super) asked: usize,
    pub(super) same: usize,
    pub(super) for_host: usize,
    /// What the pages that came link to.
    pub(super) links: Links,
}

impl Outcome {
    fn and(mut self, other: Self) -> Self {
        self.findings.extend(other.findings);
        self.links.extend(other.links);
        Self {
            asked: self.asked + other.asked,
            same: self.same + other.same,
            for_host: self.for_host + other.for_host,
            ..self
        }
    }
}

/// Compares files, several at a time.
pub(super) fn compare_all(fetcher: &Fetcher<'_>, listed: &Listed, files: &[Wanted]) -> Outcome {
    let done = AtomicUsize::new(0);
    let all = || {
        let outcomes = files.par_iter().map(|wanted| {
            let outcome = compare_one(fetcher, listed, wanted);
            fetcher.progress(done.fetch_add(1, Ordering::Relaxed) + 1, files.len());
            outcome
        });
        outcomes.reduce(Outcome::default, Outcome::and)
    };
    politely(all)
}

fn compare_one(fetcher: &Fetcher<'_>, listed: &Listed, wanted: &Wanted) -> Outcome {
    let path = wanted.path.as_str();
    if is_for_host(path) {
        return Outcome { for_host: 1, ..Outcome::default() };
    }
    let asking = Asking { fetcher, listed, wanted, url: address(fetcher, listed, &wanted.path) };
    let mut links = Links::default();
    let finding = asking.finding(&mut links);
    let same = usize::from(finding.as_ref().is_none_or(|it| {
        // On most hosts nobody chooses what the types of files are.
        it.check == Check::Type && it.severity == Severity::Note
    }));
    Outcome { findings: finding.into_iter().collect(), asked: 1, same, for_host: 0, links }
}

/// The folder for which a page is that says that something is not there, with a slash at its end;
/// nothing for other pages.
fn error_page_folder(path: &str) -> Option<&str> {
    let folder = ERROR_PAGES.iter().find_map(|name| path.strip_suffix(name))?;
    (folder.is_empty() || folder.ends_with('/')).then_some(folder)
}

/// Whether no visitor can ask for a file.
fn is_for_host(path: &str) -> bool {
    let is_hidden = |part: &str| part.starts_with('.') && part != ".well-known";
    FOR_HOST.contains(&path) || path.split('/').any(is_hidden)
}

/// What a visitor asks for to get a file.
fn address(fetcher: &Fetcher<'_>, listed: &Listed, path: &OutputPath) -> String {
    let url = fetcher.url(&path.address());
    let host = fetcher.base().split('/').nth(2).unwrap_or_default();
    match listed.user() {
        // Many hosts answer nothing to those who do not say whom they look for.
        Some(user) if path.as_str() == WEBFINGER => format!("{url}?resource=acct:{user}@{host}"),
        _ => url,
    }
}

/// A question for a file.
struct Asking<'a> {
    fetcher: &'a Fetcher<'a>,
    listed: &'a Listed,
    wanted: &'a Wanted,
    url: String,
}

impl Asking<'_> {
    /// Asks, and says what is not as it should be.
    fn finding(&self, links: &mut Links) -> Option<Finding> {
        let path = self.wanted.path.as_str();
        let limits = Limits::compared(self.wanted.size + SLACK_BYTES);
        let Followed { fetched, led_to } = match self.fetcher.follow(&self.url, limits) {
            Ok(followed) => followed,
            Err(AskError::TooLarge(bytes)) => {
                return Some(self.changed(format!("it is larger than {bytes} bytes"), None));
            }
            Err(error) => {
                let mut finding = Finding::not_asked(&self.url, &error).of(path);
                // On a slow line, what is large does not come in time.
                let is_slow = error == AskError::TimeOut && self.wanted.size > SLOW_BYTES;
                finding.may_be_withheld &= !is_slow;
                return Some(finding);
            }
        };
        let is_same = fetched.content.hash == self.wanted.hash;
        // What somebody else has written is told of anyway, and may name as much as it likes.
        if is_same {
            links.of_page(self.fetcher, self.listed, &self.url, &fetched);
        }
        let is_error_page = error_page_folder(path).is_some();
        if let Some(header) = fetched.meddling.as_ref().filter(|_| !is_failure(fetched.status)) {
            let message = format!("browsers do something else with it, for it has `{header}`");
            return Some(self.alarm(Check::Header, message));
        }
        match fetched.status {
            200 if is_same => self.wrong_type(&fetched),
            // What was taken back is still told to those who ask.
            404 | 410 if is_same && (is_error_page || path.starts_with("ap/")) => None,
            status if is_failure(status) => Some(Finding::host_failed(&self.url, status).of(path)),
            _ if is_error_page && self.is_error_page() => None,
            _ if led_to.is_some() => self.led_away(&fetched, &led_to.unwrap_or_default()),
            200 => {
                let message = words::CHANGED.to_owned();
                Some(self.changed(message, Some(&fetched)))
            }
            404 | 410 if self.is_tombstone() => Some(self.not_comparable(
                "the host says that this post is gone, which is all that can be seen of it",
            )),
            status => Some(self.alarm(Check::Missing, format!("the host answers {status}"))),
        }
    }

    /// Whether the page for what is not there is the right one.
    fn is_error_page(&self) -> bool {
        let folder = error_page_folder(self.wanted.path.as_str()).unwrap_or_default();
        let url = self.fetcher.absent_url(&encode_path(folder), 0);
        let fetched = self.fetcher.fetch(&url, Limits::compared(self.wanted.size + SLACK_BYTES));
        fetched.is_ok_and(|it| it.status == 404 && it.content.hash == self.wanted.hash)
    }

    /// Judges an address that leads to another one. A page that only leads on is a file too, which
    /// hosts with rules of their own show to nobody who does not ask for it by its name.
    fn led_away(&self, fetched: &Fetched, to: &str) -> Option<Finding> {
        let path = self.wanted.path.as_str();
        let by_name = self.fetcher.url(&encode_path(path));
        let limits = Limits::compared(self.wanted.size + SLACK_BYTES);
        let file = if by_name == self.url {
            None
        } else {
            self.fetcher.fetch(&by_name, limits).ok().filter(|file| file.status == 200)
        };
        if let Some(file) = file.filter(|file| file.content.hash == self.wanted.hash) {
            let wanted = refresh(&String::from_utf8_lossy(&file.body), &self.url);
            return match wanted {
                Some(wanted) if is_one_address(&wanted, to) => None,
                Some(wanted) => {
                    Some(self.changed(format!("it leads to {to}, not to {wanted}"), None))
                }
                None => Some(self.changed(format!("it leads to {to}"), None)),
            };
        }
        let stays = self.fetcher.inside(to).is_some() && fetched.leads_to.is_none();
        // Nobody sees the page, so what is known of it has to do.
        let may_lead = self.wanted.size <= REDIRECT_BYTES_MAX
            && path.ends_with(".html")
            && path != "index.html";
        let is_page = self.listed.is_page(&fetched.content);
        if stays && may_lead && fetched.status == 200 && is_page {
            return Some(self.not_comparable(&format!(
                "the host leads to {to}, which is as signed; the page that says so cannot be seen"
            )));
        }
        Some(if stays {
            let message = format!("it leads to {to}, and what is there is not what was signed");
            self.changed(message, Some(fetched))
        } else {
            self.changed(format!("it leads to {to}"), None)
        })
    }

    fn is_tombstone(&self) -> bool {
        let Wanted { path, size, .. } = self.wanted;
        let path = path.as_str();
        path.starts_with("ap/") && path.contains("/posts/") && *size <= TOMBSTONE_BYTES_MAX
    }

    fn wrong_type(&self, fetched: &Fetched) -> Option<Finding> {
        let came = fetched.content_type.as_deref().unwrap_or_default();
        let bare =
            |text: &str| text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        let Some(wanted) = self.wanted.content_type.as_deref() else {
            return self.turned(&bare(came));
        };
        (bare(came) != bare(wanted)).then(|| {
            let came = if came.is_empty() { "none" } else { came };
            let message = format!("it comes with the type {came}, not {wanted}");
            Finding::note(Check::Type, &self.url, message).of(self.wanted.path.as_str())
        })
    }

    /// Whether browsers show a page and should not, or do not and should. Of other types hosts
    /// think as they like, and of files with an ending that few of them know too.
    fn turned(&self, came: &str) -> Option<Finding> {
        let known = media_type(self.wanted.path.as_str());
        let message = match (is_page_type(known), is_page_type(came)) {
            (true, false) if !came.is_empty() => "browsers do not show this page",
            (false, true) if known != UNKNOWN_TYPE => {
                "browsers show this file as if it were a page"
            }
            _ => return None,
        };
        Some(self.alarm(Check::Type, format!("{message}: it comes with the type {came}")))
    }

    fn alarm(&self, check: Check, message: String) -> Finding {
        Finding::alarm(check, &self.url, message)
            .of(self.wanted.path.as_str())
            .contents(self.wanted.content(), None)
            .help(words::LOOK)
    }

    fn changed(&self, message: String, fetched: Option<&Fetched>) -> Finding {
        let finding = self.alarm(Check::Changed, message);
        let Some(fetched) = fetched else { return finding };
        let hint = words::rewriter(&fetched.body);
        let help = hint.map_or(finding.help.clone(), |hint| format!("{hint}. {}", words::LOOK));
        finding.contents(self.wanted.content(), Some(fetched.content.clone())).help(help)
    }

    fn not_comparable(&self, message: &str) -> Finding {
        Finding::new(Severity::Note, Check::NotComparable, &self.url, message)
            .of(self.wanted.path.as_str())
    }
}

/// Where a page leads by itself.
fn refresh(html: &str, url: &str) -> Option<String> {
    let mut tags = tags(html).into_iter();
    let is_refresh = |value: &str| value.eq_ignore_ascii_case("refresh");
    let tag = tags.find(|tag| tag.attribute("http-equiv").is_some_and(is_refresh))?;
    let (_, to) = tag.attribute("content")?.split_once("url=")?;
    Some(url::Url::parse(url).ok()?.join(to.trim()).ok()?.into())
}

fn is_one_address(one: &str, other: &str) -> bool {
    one.trim_end_matches('/') == other.trim_end_matches('/')
}
