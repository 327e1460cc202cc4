//! An inbox that is there, and not as it should be.

use super::broken::check;
use super::site::{Site, green, id};
use crate::doctor::ask::{AskError, Reply};
use crate::doctor::finding::Check::{Actor, Clock, Inbox};
use crate::doctor::finding::Severity::{Broken, Note, Warning};

#[test]
fn an_inbox_that_believes_a_wrong_signature_is_found() {
    let inbox = format!("POST {}", id("news", "inbox"));
    let taken = Reply { status: 202, ..Reply::default() };
    let breaks = |site: &mut Site| {
        site.replies.insert(format!("SIGNED {inbox}"), Ok(taken.clone()));
    };
    let site = check(breaks, &[(Warning, Inbox)], "the status 202 for a follow whose signature");
    assert_eq!(site.findings().len(), 1);
    for status in [400, 401, 403, 503] {
        let mut site = green();
        let other = Reply { status, ..taken.clone() };
        site.replies.insert(format!("SIGNED {inbox}"), Ok(other));
        assert_eq!(site.findings(), []);
    }
}

#[test]
fn c_05_a_post_office_that_does_not_hear_which_host_was_asked_for_is_found() {
    let inbox = format!("SIGNED POST {}", id("news", "inbox"));
    // Our own does, as a test of it shows.
    let body = b"it was signed for another host\n".to_vec();
    let breaks = |site: &mut Site| {
        let refused = Reply { status: 401, body: body.clone(), ..Reply::default() };
        site.replies.insert(inbox.clone(), Ok(refused));
    };
    let site = check(breaks, &[(Broken, Inbox)], "sent elsewhere");
    assert_eq!(site.findings().len(), 1);
}

#[test]
fn an_inbox_that_takes_whatever_is_large_is_found_on_the_own_site_only() {
    let inbox = format!("LARGE POST {}", id("news", "inbox"));
    let taken = Reply { status: 401, ..Reply::default() };
    let breaks = |site: &mut Site| {
        site.replies.insert(inbox.clone(), Ok(taken.clone()));
    };
    let mut site = check(breaks, &[(Warning, Inbox)], "300 kB");
    for actor in &mut site.subject.actors {
        actor.public_key_pem = None;
    }
    assert_eq!(site.findings(), []);
    let mut site = green();
    site.replies.insert(inbox, Err(AskError::Other("it hung up".to_owned())));
    assert_eq!(site.findings(), []);
}

#[test]
fn the_clock_of_a_post_office_is_looked_at() {
    let inbox = format!("POST {}", id("news", "inbox"));
    let late = "Mon, 01 Jun 2026 11:00:00 GMT";
    let breaks = |site: &mut Site| site.header(&inbox, "Date", late);
    let site = check(breaks, &[(Warning, Clock)], "post office is 60 minutes behind");
    assert!(site.findings()[0].sees.contains("Misskey"), "{:?}", site.findings());
    let close = "Mon, 01 Jun 2026 11:56:00 GMT";
    let mut site = green();
    site.header(&inbox, "Date", close);
    assert_eq!(site.findings(), []);
    // The same clock is not found twice.
    site.header(&inbox, "Date", late);
    site.header("/", "Date", late);
    assert_eq!(site.kinds(), [(Warning, Clock)]);
    assert_eq!(site.findings().len(), 1);
}

#[test]
fn an_inbox_that_nobody_reads_is_found() {
    let inbox = format!("POST {}", id("news", "inbox"));
    for status in [404, 405] {
        check(|site| site.status(&inbox, status), &[(Broken, Inbox)], &status.to_string());
    }
    check(|site| site.status(&inbox, 502), &[(Broken, Inbox)], "the status 502");
    check(|site| site.status(&inbox, 403), &[(Broken, Inbox)], "the status 403");
    check(|site| site.status(&inbox, 202), &[(Warning, Inbox)], "the status 202");
    let page = |site: &mut Site| {
        site.status(&inbox, 200);
        site.body(&inbox, "<!doctype html>");
    };
    check(page, &[(Broken, Inbox)], "the web server took it");
    let moved = |site: &mut Site| {
        site.status(&inbox, 301);
        site.header(&inbox, "Location", "/x");
    };
    let site = check(moved, &[(Broken, Inbox)], "a redirect");
    assert!(site.findings()[0].asked.starts_with("POST "), "{:?}", site.findings());
    let shown = |site: &mut Site| {
        let page = site.at("/").clone();
        site.put("/ap/news/inbox", page);
    };
    check(shown, &[(Warning, Inbox)], "the status 200");
    // Who says that anybody may follow, and lets nobody, breaks a promise, whatever the site says.
    let pending = |site: &mut Site| {
        site.subject.promised = Some(crate::doctor::Level::Readable);
        site.status(&inbox, 404);
    };
    check(pending, &[(Warning, Actor), (Note, Inbox)], "`manuallyApprovesFollowers`");
}
