//! What is there although it is not in the list.
//!
//! Nobody can ask a host for all that it has. But what somebody adds is of use only when visitors
//! find it: by a link on a page, in the sitemap or in a feed, or under one of the names that
//! programs have which such people put on other people's servers.

use std::collections::BTreeSet;

use percent_encoding::percent_decode_str;
use rayon::prelude::*;

use super::compare::{Listed, missing_url};
use super::fetch::{Fetched, Fetcher, Limits, politely};
use super::finding::{Check, Finding};
use crate::doctor::ask::AskError;
use crate::doctor::html::tags;

/// Addresses that are asked for, besides those in the list.
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

/// Addresses inside a site.
#[derive(Clone, Debug, Default)]
pub(super) struct Links {
    /// Whole ones, wherever they lead.
    urls: BTreeSet<String>,
    /// Relative to the site.
    names: BTreeSet<String>,
}

impl Links {
    pub(super) fn extend(&mut self, other: Self) {
        self.urls.extend(other.urls);
        self.names.extend(other.names);
    }

    /// Adds the names that are always asked for.
    pub(super) fn add_classic(&mut self) {
        self.names.extend(CLASSIC.map(str::to_owned));
    }

    /// Adds what a page links to, or what a feed or a sitemap names.
    pub(super) fn of_page(&mut self, url: &str, page: &Fetched) {
        let kind = page.content_type.as_deref().unwrap_or_default().to_ascii_lowercase();
        let Ok(here) = url::Url::parse(url) else { return };
        let text = String::from_utf8_lossy(&page.body);
        if kind.starts_with("text/html") {
            let tags = tags(&text);
            let links = tags.iter().flat_map(|tag| ATTRIBUTES.map(|name| tag.attribute(name)));
            let links = links.flatten().filter_map(|link| here.join(link).ok());
            self.urls.extend(links.map(String::from));
        } else if kind.contains("xml") || kind.contains("json") {
            let origin = here.origin().ascii_serialization();
            // In XML and JSON alike, an address ends where its text or its value does. What stands
            // behind its path is of no interest.
            let ends = ['"', '\'', '<', '>', '\\', ' ', '\n', '&', '?', '#', ')', ']'];
            let found = text.match_indices(&origin).map(|(at, _)| &text[at..]);
            let links = found.map(|rest| rest.split(ends).next().unwrap_or_default());
            self.urls.extend(links.map(str::to_owned));
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
    let linked = links.urls.iter().filter_map(|url| fetcher.inside(url));
    let names = links.names.iter().cloned();
    let addresses: BTreeSet<String> = names
        .chain(linked)
        .filter(|address| !is_known(address, listed, except))
        .take(ASKED_MAX)
        .collect();
    let missing = missing_url(fetcher, "", "at-all");
    let nothing = match fetcher.follow(&missing, Limits::compared(BYTES_MAX)) {
        Ok(followed) => followed.fetched,
        // Whoever does not answer has been told of already.
        Err(_) => return Vec::new(),
    };
    if nothing.status == 200 && !listed.has_content(&nothing.content) {
        let message = "the host answers to any address, so it cannot be said what was added";
        return vec![Finding::note(Check::AnswersAll, &missing, message)];
    }
    let look = |address: &String| look(fetcher, listed, address);
    politely(|| addresses.par_iter().filter_map(look).collect())
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
fn look(fetcher: &Fetcher<'_>, listed: &Listed, address: &str) -> Option<Finding> {
    let url = fetcher.url(address);
    let found = match fetcher.follow(&url, Limits::compared(BYTES_MAX)) {
        Ok(followed) if followed.fetched.status == 200 => Some(followed.fetched.content),
        Err(AskError::TooLarge(_)) => None,
        _ => return None,
    };
    // The host shows one of the files under another address too.
    if found.as_ref().is_some_and(|content| listed.has_content(content)) {
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
