//! Vercel: `vercel.json`, when the output folder is what is deployed.
//!
//! It rewrites nothing below `/.well-known/`, so that one file has to answer for all actors.

use serde::Serialize;

use super::rules::{self, LASTING, LONG, WELL_KNOWN};
use super::spelling::address;
use super::{HostFile, HostPlan};
use crate::config::FeedFormat;

#[derive(Serialize)]
struct Settings {
    headers: Vec<Rule>,
    redirects: Vec<Redirect>,
    rewrites: Vec<Rewrite>,
}

#[derive(Serialize)]
struct Rule {
    source: String,
    headers: Vec<Header>,
}

#[derive(Serialize)]
struct Header {
    key: &'static str,
    value: String,
}

#[derive(Serialize)]
struct Redirect {
    source: String,
    destination: String,
    #[serde(rename = "statusCode")]
    status_code: u16,
}

#[derive(Serialize)]
struct Rewrite {
    source: String,
    destination: String,
}

pub(super) fn files(plan: &HostPlan) -> Vec<HostFile> {
    let settings =
        Settings { headers: headers(plan), redirects: redirects(plan), rewrites: rewrites(plan) };
    // Texts and lists of them always become JSON.
    let text = serde_json::to_string_pretty(&settings).unwrap_or_default();
    vec![HostFile::new("vercel.json", format!("{text}\n"))]
}

fn headers(plan: &HostPlan) -> Vec<Rule> {
    let mut rules = Vec::new();
    let mut rule = |source: &str, headers: Vec<(&'static str, String)>| {
        let headers = headers.into_iter().map(|(key, value)| Header { key, value }).collect();
        rules.push(Rule { source: source.to_owned(), headers });
    };
    rule("/(.*)", plan.security());
    let for_all = ("Access-Control-Allow-Origin", "*".to_owned());
    rule(&format!("/(.*)\\.({})", LASTING.join("|")), vec![("Cache-Control", LONG.to_owned())]);
    for format in FeedFormat::ALL {
        let names = format.names();
        for start in ["/", "/(.*)/"] {
            let media_type = ("Content-Type", names.media_type.to_owned());
            rule(&format!("{start}{}", names.file), vec![media_type, for_all.clone()]);
        }
    }
    if !plan.fingers.is_empty() {
        rule("/.well-known/(.*)", vec![for_all.clone()]);
        for (path, media_type) in WELL_KNOWN {
            rule(path, vec![("Content-Type", (*media_type).to_owned())]);
        }
        rule("/ap/(.*)", vec![("Content-Type", rules::ACTIVITY.to_owned()), for_all]);
    }
    rules
}

fn redirects(plan: &HostPlan) -> Vec<Redirect> {
    let redirects = plan.written_redirects().into_iter();
    redirects
        .map(|(from, destination)| Redirect {
            source: address(&from),
            destination,
            status_code: 301,
        })
        .collect()
}

fn rewrites(plan: &HostPlan) -> Vec<Rewrite> {
    let Some(office) = plan.reachable_post_office() else { return Vec::new() };
    let paths = ["/ap/:user/inbox", "/ap/check"];
    paths
        .into_iter()
        .map(|path| Rewrite {
            source: path.to_owned(),
            destination: format!("{}{path}", office.origin),
        })
        .collect()
}
