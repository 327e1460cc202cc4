//! What is there although it is not in the list.
//!
//! Nobody can ask a host for all that it has. But what somebody adds is of use only when visitors
//! find it: by a link on a page, in the sitemap or in a feed, or under one of the names that
//! programs have which such people put on other people's servers.

use std::collections::BTreeSet;

use percent_encoding::percent_decode_str;
use rayon::prelude::*;

use super::compare::Listed;
use super::fetch::{Content, Fetched, Fetcher, Followed, Limits, politely};
use super::finding::{Check, Finding, Severity};
use super::words;
use crate::doctor::ask::AskError;
use crate::doctor::html::tags;

/// Addresses in links that are asked for, besides those in the list.
const ASKED_MAX: usize = 500;

/// What is read of each, in bytes.
const BYTES_MAX: u64 = 1 << 20;

/// Names that programs have which run on a host, and what must never be seen of others.
const CLASSIC: [&str; 12] = [
    "index.php",
    "wp-login.php",
    "wp-admin/",
    "xmlrpc.php",
    "admin.php",
    "info.php",
    "shell.php",
    "upload.php",
    "wp-content/uploads/",
    ".env",
    ".git/HEAD",
    "backup.zip",
];

/// The attributes by which pages name others.
const ATTRIBUTES: [&str; 4] = ["href", "src", "action", "data"];

/// Addresses inside a site that are not in the list, relative to it.
#[derive(Clone, Debug, Default)]
pub(super) struct Links(BTreeSet<String>);

impl Links {
    pub(super) fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// Adds what a page links to, or what a feed or a sitemap names.
    pub(super) fn of_page(
        &mut self,
        fetcher: &Fetcher<'_>,
        listed: &Listed,
        url: &str,
        page: &Fetched,
    ) {
        let kind = page.content_type.as_deref().unwrap_or_default().to_ascii_lowercase();
        let Ok(here) = url::Url::parse(url) else { return };
        let text = String::from_utf8_lossy(&page.body);
        let mut add = |link: &str| {
            let address = fetcher.inside(link);
            self.0.extend(address.filter(|address| !is_listed(address, listed)));
        };
        if kind.starts_with("text/html") {
            let tags = tags(&text);
            let links = tags.iter().flat_map(|tag| ATTRIBUTES.map(|name| tag.attribute(name)));
            let links = links.flatten().filter_map(|link| here.join(link).ok());
            links.for_each(|link| add(link.as_str()));
        } else if kind.contains("xml") || kind.contains("json") {
            let origin = here.origin().ascii_serialization();
            // In XML and JSON alike, an address ends where its text or its value does. What stands
            // behind its path is of no interest.
            let ends = ['"', '\'', '<', '>', '\\', ' ', '\n', '&', '?', '#', ')', ']'];
            let found = text.match_indices(&origin).map(|(at, _)| &text[at..]);
            found.for_each(|rest| add(rest.split(ends).next().unwrap_or_default()));
        }
    }
}

/// What a host answers for what is not there.
#[derive(Default)]
struct Absent {
    /// The page that it shows as if it were one of the site.
    page: Option<Content>,
    /// What there is to say of it.
    finding: Option<Finding>,
    /// Whether it shows something else each time.
    is_arbitrary: bool,
}

impl Absent {
    fn of(fetcher: &Fetcher<'_>, listed: &Listed) -> Self {
        let urls = [fetcher.absent_url("", 1), fetcher.absent_url("", 2)];
        let answers = urls.each_ref().map(|url| fetcher.follow(url, Limits::compared(BYTES_MAX)));
        let told = |severity, message: &str| {
            Some(Finding::new(severity, Check::AnswersAll, &urls[0], message))
        };
        let shown = |followed: &Followed| {
            let Fetched { status, content, .. } = &followed.fetched;
            (*status == 200 && !listed.has_content(content)).then(|| content.clone())
        };
        match answers.each_ref().map(Result::as_ref) {
            // A host that is silent has been told of.
            [Err(AskError::Enough), Err(_)] | [Err(_), Err(AskError::Enough)] => Self::default(),
            [Err(error), Err(_)] => {
                let message = format!(
                    "no such page can be there, and the host does not say so ({error}): what was \
                     added may be missed"
                );
                let finding = told(Severity::Unknown, &message);
                Self { finding: finding.map(|it| it.help(words::ABSENT)), ..Self::default() }
            }
            [Ok(one), Ok(other)] => match (shown(one), shown(other)) {
                (Some(one), Some(other)) if one == other => {
                    let message = "the host shows one page for all that is not there, as if it \
                                   were there";
                    let finding = told(Severity::Note, message);
                    Self { page: Some(one), finding, is_arbitrary: false }
                }
                (Some(_), Some(_)) => {
                    let message = "no such page can be there, and the host shows one, another for \
                                   each address: so it cannot be said what was added";
                    let finding = told(Severity::Unknown, message);
                    let finding = finding.map(|it| it.help(words::ABSENT));
                    Self { page: None, finding, is_arbitrary: true }
                }
                _ => Self::default(),
            },
            _ => Self::default(),
        }
    }
}

/// Asks for what is linked and not in the list, and says what of it is there.
pub(super) fn added(
    fetcher: &Fetcher<'_>,
    listed: &Listed,
    links: &Links,
    except: &[String],
) -> Vec<Finding> {
    let Absent { page, finding, is_arbitrary } = Absent::of(fetcher, listed);
    let mut findings: Vec<Finding> = finding.into_iter().collect();
    if is_arbitrary {
        return findings;
    }
    let is_unknown = |address: &String| !is_known(address, listed, except);
    let mut linked: Vec<String> = links.0.iter().filter(|it| is_unknown(it)).cloned().collect();
    if linked.len() > ASKED_MAX {
        let message = format!(
            "its pages link to {} addresses that are not in the list; {ASKED_MAX} of them are \
             looked at, others each time",
            linked.len()
        );
        findings.push(Finding::note(Check::NotAll, fetcher.base(), message));
        linked.sort_by_cached_key(|address| fetcher.chance(address));
        linked.truncate(ASKED_MAX);
    }
    let classic = CLASSIC.iter().map(|name| (*name).to_owned()).filter(is_unknown);
    let addresses: BTreeSet<String> = classic.chain(linked).collect();
    let look = |address: &String| look(fetcher, listed, page.as_ref(), address);
    findings.extend(politely(|| addresses.par_iter().filter_map(look).collect::<Vec<_>>()));
    findings
}

/// Whether an address is one of a file.
fn is_listed(address: &str, listed: &Listed) -> bool {
    percent_decode_str(address).decode_utf8().is_ok_and(|path| listed.has_address(&path))
}

/// Whether there is nothing to look for at an address.
fn is_known(address: &str, listed: &Listed, except: &[String]) -> bool {
    let Ok(path) = percent_decode_str(address).decode_utf8() else { return false };
    let is_below = |folder: &str| {
        let rest = path.strip_prefix(folder.trim_matches('/'));
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    // The post office answers there, and Cloudflare for its own purposes.
    let own = path == "ap/check" || path.starts_with("ap/") && path.ends_with("/inbox");
    own || is_below("cdn-cgi")
        || is_below(".well-known/sitegen")
        || except.iter().any(|folder| is_below(folder))
        || listed.has_address(&path)
}

/// Asks for an address that is not in the list.
fn look(
    fetcher: &Fetcher<'_>,
    listed: &Listed,
    absent: Option<&Content>,
    address: &str,
) -> Option<Finding> {
    let url = fetcher.url(address);
    let found = match fetcher.follow(&url, Limits::compared(BYTES_MAX)) {
        Ok(followed) if followed.fetched.status == 200 => Some(followed.fetched.content),
        Err(AskError::TooLarge(_)) => None,
        _ => return None,
    };
    // The host shows one of the files under another address too, or that nothing is there.
    if found.as_ref().is_some_and(|it| listed.has_content(it) || Some(it) == absent) {
        return None;
    }
    let help = format!(
        "look at what it is. If it belongs to the site, put it into `static/`; if others look \
         after it, say `--except {}`; otherwise remove it, and change the password of the web host",
        address.trim_end_matches('/')
    );
    let mut finding =
        Finding::alarm(Check::Added, &url, "this is there, and not in the list").help(help);
    finding.found = found;
    Some(finding)
}
