//! What other servers of the fediverse ask for, where a host can answer them otherwise than people.
//!
//! They ask for a name, and each account has an answer of its own, which is a file too. And they
//! ask for documents where people ask for pages: whoever looks for a post by its address gets what
//! the host answers to that.

use rayon::prelude::*;

use super::compare::{Listed, WEBFINGER};
use super::fetch::{Fetcher, Limits, politely};
use super::finding::{Check, Finding, is_failure};
use super::words;
use crate::manifest::File;

/// The longest answer that is compared, in bytes.
const BYTES_MAX: u64 = 2 << 20;

/// So many pages are asked for as servers do, others each time.
const PAGES_MAX: usize = 50;

/// Asks who is found by each name.
pub(super) fn names(fetcher: &Fetcher<'_>, listed: &Listed) -> Vec<Finding> {
    let Some(general) = listed.general() else { return Vec::new() };
    // The account that is found without a question is asked for with its file.
    let others = listed.accounts().filter(|(_, hash)| *hash != general);
    let others: Vec<(&str, &str)> = others.collect();
    if others.is_empty() {
        return Vec::new();
    }
    // Many hosts have one answer, whoever is asked for.
    let (nobody, limits) = (fetcher.absent_name("account"), Limits::compared(BYTES_MAX));
    let nobody = fetcher.follow(&question(fetcher, &nobody), limits);
    let is_fixed = nobody.map_or(true, |it| {
        // A host that has a bad moment does not say how it is.
        is_failure(it.fetched.status) || it.fetched.status == 200 && it.is(general)
    });
    let ask = |(user, hash): &(&str, &str)| {
        let url = question(fetcher, user);
        let path = format!("ap/{user}/webfinger.json");
        let found = match fetcher.follow(&url, limits) {
            Ok(followed) => followed,
            Err(error) => return Some(Finding::not_asked(&url, &error).of(&path)),
        };
        let (status, content) = (found.fetched.status, &found.fetched.content);
        let finding = match status {
            200 if found.is(hash) => return None,
            200 if is_fixed && found.is(general) => {
                let message = "the host answers the same whoever is looked for, so this account is \
                               not found by its name";
                return Some(Finding::note(Check::NotComparable, &url, message).of(&path));
            }
            status if is_failure(status) => {
                return Some(Finding::host_failed(&url, status).of(&path));
            }
            200 => {
                let message = "who looks for this account by its name is told something else than \
                               what was signed";
                Finding::alarm(Check::Changed, &url, message).help(words::LOOK)
            }
            status => {
                let message = format!(
                    "who looks for this account by its name does not find it: the host answers \
                     {status}"
                );
                Finding::alarm(Check::Missing, &url, message).help(words::ACCOUNT)
            }
        };
        let mut finding = finding.of(&path);
        finding.found = (status == 200).then(|| content.clone());
        Some(finding)
    };
    politely(|| others.par_iter().filter_map(ask).collect())
}

/// What is asked to find an account.
fn question(fetcher: &Fetcher<'_>, user: &str) -> String {
    let host = fetcher.base().split('/').nth(2).unwrap_or_default();
    fetcher.url(&format!("{WEBFINGER}?resource=acct:{user}@{host}"))
}

/// Asks for some pages, which are as signed for people, as servers do that look for the posts on
/// them.
pub(super) fn pages(fetcher: &Fetcher<'_>, listed: &Listed, files: &[&File]) -> Vec<Finding> {
    if listed.accounts().next().is_none() {
        return Vec::new();
    }
    let mut pages: Vec<&File> =
        files.iter().copied().filter(|file| file.path.as_str().ends_with("/index.html")).collect();
    pages.sort_by_cached_key(|file| fetcher.chance(&format!("as servers {}", file.path)));
    pages.truncate(PAGES_MAX);
    let ask = |file: &&File| {
        let url = fetcher.url(&file.path.address());
        // People have had an answer a moment ago, so there is none only for a while.
        let found = fetcher.follow_as_server(&url, Limits::compared(BYTES_MAX)).ok()?;
        let leads_out = found.fetched.leads_to.is_some();
        // An old address leads everybody to another page.
        let is_led = found.led_to.is_some() && listed.has_content(&found.fetched.content);
        let is_other = found.fetched.status == 200 && !found.is(&file.hash) && !is_led;
        if !leads_out && !is_other {
            return None;
        }
        let message = "servers that ask for a post here get something that was not signed";
        let mut finding = Finding::alarm(Check::Changed, &url, message).help(words::LOOK);
        finding.found = is_other.then(|| found.fetched.content.clone());
        Some(finding.of(file.path.as_str()))
    };
    politely(|| pages.par_iter().filter_map(ask).collect())
}
