//! Netlify: `_headers` and `_redirects`, and the writing of such files for those who copied them.
//!
//! A line is split at blanks, and `*` and `:` stand for parts of a path. The addresses written
//! here have neither, for they are percent-encoded.

use super::abilities::{self, ErrorPage};
use super::rules::{self, LASTING, LONG, WEBFINGER, WELL_KNOWN};
use super::spelling::{address, plain};
use super::{HostFile, HostPlan};
use crate::config::{FeedFormat, Host};

/// The first lines of a file.
const HEAD: &str = "# Written by sitegen.\n";

/// What lies in the folder of an actor and is a document of the fediverse: all but the answer of
/// `WebFinger`. Netlify's own programs look for headers by the path that a rewrite leads to
/// (`@netlify/dev`, `netlify dev`), and `GoToSocial` and Akkoma want that answer with its type.
const DOCUMENTS: &[&str] =
    &["actor.json", "featured*", "follow*", "index.json", "outbox*", "posts/*"];

pub(super) fn files(plan: &HostPlan) -> Vec<HostFile> {
    let mut text = String::from(HEAD);
    text.push_str(&webfinger(plan));
    text.push_str(&post_office(plan));
    text.push_str(&redirects(plan, "301!", usize::MAX));
    text.push_str(&gone(plan));
    text.push_str(&not_found(plan));
    vec![HostFile::new("_headers", headers(plan)), HostFile::new("_redirects", text)]
}

/// `_headers`. No two rules set one header for one path, for services differ in what they make of
/// that; what is not said here about caches they say well themselves.
pub(super) fn headers(plan: &HostPlan) -> String {
    let mut text = String::from(HEAD);
    let mut rule = |path: &str, headers: &[(&str, &str)]| {
        text.push_str(path);
        text.push('\n');
        for (name, value) in headers {
            text.push_str(&format!("  {name}: {value}\n"));
        }
    };
    let security = plan.security();
    let security: Vec<_> = security.iter().map(|(name, value)| (*name, &**value)).collect();
    rule("/*", &security);
    let for_all = ("Access-Control-Allow-Origin", "*");
    if !plan.fingers.is_empty() {
        if plan.host == Host::Netlify {
            rule("/ap/*", &[for_all]);
            for name in DOCUMENTS {
                rule(&format!("/ap/:user/{name}"), &[("Content-Type", rules::ACTIVITY)]);
            }
            rule("/ap/:user/webfinger.json", &[("Content-Type", rules::JRD)]);
        } else {
            rule("/ap/*", &[("Content-Type", rules::ACTIVITY), for_all]);
        }
        rule("/.well-known/*", &[for_all]);
        for (path, media_type) in WELL_KNOWN {
            rule(path, &[("Content-Type", media_type)]);
        }
    }
    for format in FeedFormat::ALL {
        let names = format.names();
        for start in ["/", "/*/"] {
            let path = format!("{start}{}", names.file);
            rule(&path, &[("Content-Type", names.media_type), for_all]);
        }
    }
    for ending in LASTING {
        rule(&format!("/*.{ending}"), &[("Cache-Control", LONG)]);
    }
    text
}

/// The old addresses, at most so many lines.
pub(super) fn redirects(plan: &HostPlan, status: &str, lines_max: usize) -> String {
    let written = plan.written_redirects();
    let mut text = String::new();
    for (from, to) in written.iter().take(lines_max) {
        text.push_str(&format!("{} {to} {status}\n", address(from)));
    }
    if written.len() > lines_max {
        text.push_str(&format!(
            "# {} more do not fit; their pages lead on.\n",
            written.len() - lines_max
        ));
    }
    text
}

/// What was taken back, with itself as the text.
pub(super) fn gone(plan: &HostPlan) -> String {
    let lines = plan.written_gone().into_iter().map(|path| {
        let path = address(&path);
        format!("{path} {path} 410!\n")
    });
    lines.collect()
}

/// A rule holds for a query with just this parameter. What else is asked gets the file, which is
/// the answer of the first actor.
fn webfinger(plan: &HostPlan) -> String {
    let mut text = String::new();
    for finger in &plan.fingers {
        let file = address(&finger.file);
        for resource in finger.resources() {
            let Some(resource) = value(&resource) else { continue };
            let encoded = address(&resource).replace('/', "%2F");
            for spelling in [&resource, &encoded] {
                text.push_str(&format!("{WEBFINGER} resource={spelling} {file} 200!\n"));
            }
        }
    }
    let pages = plan.written_not_found();
    if let (false, Some((_, page))) = (plan.fingers.is_empty(), pages.last()) {
        text.push_str(&format!("{WEBFINGER} resource=:other {} 404!\n", address(page)));
    }
    text
}

/// A resource as the value of a parameter: what would end it, or stand for something, is encoded.
fn value(resource: &str) -> Option<String> {
    let is_good = |c: char| c.is_ascii_graphic() && !matches!(c, '"' | '#' | '\\' | '*' | '&');
    resource.chars().all(is_good).then(|| resource.to_owned())
}

/// The service answers 502 by itself while the post office is away.
fn post_office(plan: &HostPlan) -> String {
    let Some(office) = plan.reachable_post_office() else { return String::new() };
    let origin = &office.origin;
    format!("/ap/:user/inbox {origin}/ap/:user/inbox 200!\n/ap/check {origin}/ap/check 200!\n")
}

fn not_found(plan: &HostPlan) -> String {
    if abilities::of(plan.host).error_page != ErrorPage::ByPath {
        return String::new();
    }
    let pages = plan.written_not_found();
    let lines = pages.iter().map(|(from, page)| {
        let from = address(&plain(from));
        format!("{}/* {} 404\n", from.trim_end_matches('/'), address(page))
    });
    lines.collect()
}
