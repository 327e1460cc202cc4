//! What a browser asks for.

use jiff::fmt::rfc2822::DateTimeParser;

use crate::doctor::ask::{AskError, Reply};
use crate::doctor::finding::{Check, Finding};
use crate::doctor::html::{Tag, tags};
use crate::doctor::peers::identity::same_host;
use crate::doctor::visit::Visit;

/// An address that no site has.
const NOWHERE: &str = "sitegen-doctor-asks-for-what-is-not-there";

/// How far two clocks may be apart, in seconds: what Misskey allows a signature.
const CLOCK_SECONDS_MAX: i64 = 300;

/// Headers that protect visitors, and the `<meta>` that can stand for one.
const HEADERS: [(&str, Option<(&str, &str)>); 3] = [
    ("Content-Security-Policy", Some(("http-equiv", "Content-Security-Policy"))),
    ("X-Content-Type-Options", None),
    ("Referrer-Policy", Some(("name", "referrer"))),
];

/// Looks at the home page and at what is not there; `false` when the site cannot be reached.
pub(in crate::doctor) fn check(visit: &mut Visit<'_>) -> bool {
    let url = format!("{}/", visit.subject.base_url);
    let home = match visit.follow(&url, "text/html") {
        Ok(home) => home,
        Err(error) => {
            visit.find(Finding::site_unreachable(&url, &error));
            return false;
        }
    };
    let before = visit.findings.len();
    let reply = &home.reply;
    let content_type = reply.header("content-type").unwrap_or_default();
    if reply.status != 200 {
        visit.find(Finding::no_home_page(&url, format!("the status {}", reply.status)));
    } else if reply.media_type() != "text/html" {
        visit.find(Finding::no_home_page(&url, format!("the type `{content_type}`")));
    } else {
        let tags = tags(&reply.text());
        let said = |tag: &Tag| tag.name == "meta" && tag.attribute("charset").is_some();
        let in_header = content_type.to_ascii_lowercase().contains("charset=utf-8");
        if !in_header && !tags.iter().any(said) {
            visit.find(Finding::home_page_without_charset(&url, content_type));
        }
        headers(visit, &url, reply, &tags);
    }
    clock(visit, &url, reply);
    missing(visit);
    unencrypted(visit, &url);
    visit.fine(before, Check::Website, &url, "a page, with the headers that protect visitors");
    true
}

fn headers(visit: &mut Visit<'_>, url: &str, reply: &Reply, tags: &[Tag]) {
    for (name, meta) in HEADERS {
        let in_page = meta.is_some_and(|(attribute, value)| {
            tags.iter().any(|tag| {
                let found = tag.attribute(attribute);
                tag.name == "meta" && found.is_some_and(|found| found.eq_ignore_ascii_case(value))
            })
        });
        if reply.header(name).is_none() && !in_page {
            visit.find(Finding::header_missing(url, name));
        }
    }
    if !url.starts_with("https://") {
        return;
    }
    match reply.header("Strict-Transport-Security") {
        None => visit.find(Finding::header_missing(url, "Strict-Transport-Security")),
        Some(value) if value.to_ascii_lowercase().contains("includesubdomains") => {
            visit.find(Finding::hsts_for_subdomains(url, value));
        }
        Some(_) => {}
    }
}

/// Compares the clock of the server with this machine's.
fn clock(visit: &mut Visit<'_>, url: &str, reply: &Reply) {
    if let Some(seconds) = seconds_off(visit, reply) {
        visit.find(Finding::clock_off(url, seconds));
    }
}

/// By how many seconds the clock of a server is ahead of this machine's, when that is too many.
pub(super) fn seconds_off(visit: &Visit<'_>, reply: &Reply) -> Option<i64> {
    let date = DateTimeParser::new().parse_timestamp(reply.header("date")?).ok()?;
    // A cache gives the date at which it got the page, and says how long ago that was.
    let age = reply.header("age").and_then(|age| age.parse::<i64>().ok()).unwrap_or(0);
    let seconds = date.as_second().saturating_add(age) - visit.now.as_second();
    (seconds.abs() > CLOCK_SECONDS_MAX).then_some(seconds)
}

fn missing(visit: &mut Visit<'_>) {
    let url = format!("{}/{NOWHERE}/", visit.subject.base_url);
    match visit.follow(&url, "text/html") {
        Ok(there) if !matches!(there.reply.status, 404 | 410) => {
            let came = format!("the status {}", there.reply.status);
            visit.find(Finding::missing_page_found(&url, came));
        }
        Ok(there) if !there.reply.is_html() => {
            let came = "the status 404, without a page".to_owned();
            visit.find(Finding::missing_page_bare(&url, came));
        }
        Ok(_) => {}
        Err(error) => visit.find(Finding::missing_page_found(&url, error.to_string())),
    }
}

/// Looks whether the unencrypted address leads to the encrypted one. That nothing listens there is
/// as good.
fn unencrypted(visit: &mut Visit<'_>, url: &str) {
    let Some(rest) = url.strip_prefix("https://") else { return };
    // With a port, nobody comes to the other one by chance.
    if url::Url::parse(url).is_ok_and(|url| url.port().is_some()) {
        return;
    }
    let plain = format!("http://{rest}");
    match visit.get(&plain, "text/html") {
        Ok(reply) => match reply.leads_to(&plain) {
            Some(target) if target.starts_with("https://") => {}
            Some(target) if same_host(&plain, &target) => {
                visit.find(Finding::http_stays(&plain, format!("a redirect to {target}")));
            }
            Some(_) => {}
            None => {
                visit.find(Finding::http_stays(&plain, format!("the status {}", reply.status)));
            }
        },
        Err(AskError::TooLarge(_)) => {
            visit.find(Finding::http_stays(&plain, "the status 200".to_owned()));
        }
        Err(_) => {}
    }
}
