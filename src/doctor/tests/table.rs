//! The table at the end, the level, what is written.

use super::site::{BASE, Fitting, USERS, green, id};
use crate::doctor::ask::{Ask, AskError, Request};
use crate::doctor::finding::{Check, Severity};
use crate::doctor::keys::Fit;
use crate::doctor::local::Local;
use crate::doctor::peers::{Ability, Peer};
use crate::doctor::{Level, discover, examine};
use crate::net::tls::TlsProblem;

#[test]
fn everybody_can_read_the_green_site() {
    let site = green();
    assert_eq!(site.findings(), []);
    let examination = site.examine();
    assert!(!examination.is_broken());
    assert_eq!(examination.reached(), Some(Level::Followable));
    let text = examination.human(false);
    assert_eq!(
        text,
        "               finds the name  reads the profile  shows posts  can follow\n\
         Mastodon       yes             yes                yes          yes\n\
         GoToSocial     yes             yes                yes          yes\n\
         Misskey        yes             yes                yes          yes\n\
         Akkoma         yes             yes                yes          yes\n\
         Lemmy          yes             yes                –            –\n\
         snac           yes             yes                yes          yes\n\
         feed readers   yes             –                  yes          –\n\
         Bluesky        yes             –                  –            –\n\
         browsers       –               –                  yes          –\n\
         \n\
         https://www.party.example: followable. 0 broken, 0 to look at, 36 fine.\n"
    );
}

#[test]
fn a_site_that_only_wants_to_be_read_needs_no_inbox() {
    let mut site = green();
    for user in USERS {
        site.set(&id(user, "actor.json"), "manuallyApprovesFollowers", true.into());
        site.status(&format!("POST {}", id(user, "inbox")), 405);
    }
    let examination = site.examine();
    assert!(!examination.is_broken());
    assert_eq!(examination.reached(), Some(Level::Readable));
    assert_eq!(examination.promised, Some(Level::Readable));
    assert_eq!(examination.can(Peer::Mastodon, Ability::Follows), Some(false));
    let found = site.findings();
    assert!(found.iter().all(|found| found.came.contains("there is no inbox")), "{found:?}");
    site.subject.promised = Some(Level::Followable);
    assert!(site.examine().is_broken());
}

#[test]
fn a_key_that_does_not_fit_is_a_warning_even_where_nobody_can_follow() {
    let mut site = green();
    site.subject.keys = Box::new(Fitting(Fit::No));
    site.subject.promised = Some(Level::Readable);
    let found = site.findings();
    assert_eq!((found[0].severity, found[0].check), (Severity::Warning, Check::Key));
    assert!(!site.examine().is_broken());
}

#[test]
fn a_run_that_ends_too_early_says_so_once() {
    let site = green();
    let ask = |request: &Request| {
        let answer = site.ask(request);
        if request.url.contains("/ap/") { Err(AskError::Enough) } else { answer }
    };
    let examination = examine(&ask, &site.subject, super::site::NOW.parse().unwrap());
    let said = examination.findings.iter().filter(|finding| finding.came.contains("not asked"));
    assert_eq!(said.count(), 1, "{}", examination.human(false));
}

#[test]
fn a_site_that_promises_its_name_only_may_have_profiles_that_are_refused() {
    let mut site = green();
    for user in USERS {
        site.header(&id(user, "actor.json"), "Content-Type", "application/json");
    }
    assert!(site.examine().is_broken());
    site.subject.promised = Some(Level::NameOnly);
    let examination = site.examine();
    assert!(!examination.is_broken(), "{}", examination.human(false));
    assert_eq!(examination.reached(), Some(Level::NameOnly));
    site.lose("/.well-known/webfinger");
    assert!(site.examine().is_broken());
}

#[test]
fn a_site_without_accounts_is_a_website_with_feeds() {
    let mut site = green();
    site.subject.actors.clear();
    site.subject.did = None;
    site.lose("/ap/");
    site.lose("/.well-known/");
    let examination = site.examine();
    assert_eq!(site.findings(), []);
    assert_eq!(examination.reached(), None);
    assert_eq!(examination.can(Peer::Mastodon, Ability::Finds), None);
    assert_eq!(examination.can(Peer::Bluesky, Ability::Finds), None);
    assert_eq!(examination.can(Peer::Browser, Ability::Shows), Some(true));
    assert!(examination.human(false).contains("no account of the fediverse was found here"));
}

#[test]
fn nobody_can_do_anything_with_a_site_that_cannot_be_reached() {
    let cases = [
        (AskError::NoSuchName("x".to_owned()), "there is no host x"),
        (AskError::Refused, "nothing listens there"),
        (AskError::Tls(TlsProblem::Expired), "the certificate has expired"),
        (AskError::Tls(TlsProblem::WrongName), "for another name"),
    ];
    for (error, words) in cases {
        let mut site = green();
        site.replies.insert(format!("{BASE}/"), Err(error));
        let examination = site.examine();
        assert!(examination.is_broken());
        assert_eq!(examination.reached(), None);
        let text = examination.human(false);
        assert!(text.contains(words) && !text.contains("yes"), "{text}");
    }
}

#[test]
fn programs_get_a_line_for_each_finding_and_the_table() {
    let mut site = green();
    site.header("/", "Content-Security-Policy", "");
    let text = site.examine().json();
    let lines: Vec<serde_json::Value> =
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines[0]["kind"], "finding");
    assert_eq!(lines[0]["severity"], "warning");
    assert_eq!(lines[0]["check"], "headers");
    assert_eq!(lines[0]["asked"], "GET https://www.party.example/");
    assert_eq!(lines[0]["refused_by"][0], "browsers");
    let summary = lines.last().unwrap();
    assert_eq!(summary["kind"], "summary");
    assert_eq!((&summary["ok"], &summary["warnings"]), (&true.into(), &1.into()));
    assert_eq!(summary["level"], "followable");
    assert_eq!(summary["table"][0]["server"], "Mastodon");
    assert_eq!(summary["table"][0]["can_follow"], true);
    assert_eq!(summary["table"][4]["can_follow"], serde_json::Value::Null);
}

#[test]
fn what_a_stranger_sends_cannot_move_the_cursor() {
    let mut site = green();
    site.header("/", "Content-Type", "text/\u{1b}[2Jx");
    let text = site.examine().human(true);
    assert!(text.contains("\\u{1b}") && !text.contains('\u{1b}'), "{text}");
}

#[test]
fn the_actors_of_a_strange_site_are_found() {
    let mut site = green();
    let jrd = site.at("/.well-known/webfinger?resource=news@www.party.example").clone();
    site.put("/.well-known/webfinger", jrd);
    let body = site.at("/").text().into_owned();
    let link = format!(
        "<link rel=alternate type=application/activity+json href={}>",
        id("news", "actor.json")
    );
    let head = "<meta name=\"fediverse:creator\" content=\"@youth@www.party.example\">";
    site.body("/", format!("{body}{link}{head}"));
    site.header("/", "Server", "nginx");
    let found = discover(&site, BASE);
    let users: Vec<&str> = found.actors.iter().map(|actor| actor.user.as_str()).collect();
    assert_eq!(users, USERS);
    assert_eq!(found.host, "nginx");
    let examination = examine(&site, &found, super::site::NOW.parse().unwrap());
    assert!(!examination.is_broken(), "{}", examination.human(false));
}

#[test]
fn who_writes_only_some_pages_is_found_by_these() {
    let mut site = green();
    let body = site.at("/").text().into_owned();
    let links = USERS.map(|user| format!("<a href='/{user}/1/#top'>post</a>")).concat();
    site.body("/", format!("{body}{links}<a href='https://elsewhere.example/'>others</a>"));
    let found = discover(&site, BASE);
    let users: Vec<&str> = found.actors.iter().map(|actor| actor.user.as_str()).collect();
    assert_eq!(users, USERS);
}

#[test]
fn a_forgotten_www_is_where_the_site_really_is() {
    let mut site = green();
    let redirect = site.replies["http://www.party.example/"].clone();
    site.replies.insert("https://party.example/".to_owned(), redirect);
    assert_eq!(discover(&site, "https://party.example").base_url, BASE);
}

#[test]
fn a_run_without_a_network_asks_nobody_else() {
    let site = green();
    let local = Local::new(BASE, |request, url| {
        assert_eq!(url.host_str(), Some("www.party.example"));
        site.ask(request).unwrap()
    });
    assert_eq!(local.ask(&Request::get("https://other.example/", "*/*")), Err(AskError::Elsewhere));
    let examination = examine(&local, &site.subject, super::site::NOW.parse().unwrap());
    assert!(!examination.is_broken(), "{}", examination.human(false));
    assert_eq!(examination.reached(), Some(Level::Followable));
}
