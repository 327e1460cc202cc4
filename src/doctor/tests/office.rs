//! The post office in the folder in which the doctor is called.

use jiff::{SignedDuration, Timestamp};

use super::site::{NOW, Site, USERS, green};
use crate::doctor::finding::Check::Office as OfficeCheck;
use crate::doctor::finding::Severity::{self, Fine, Note, Warning};
use crate::doctor::office::{DeadServer, LastLook, NewKey, Office, State};

const PATH: &str = ".sitegen/office/office.db";

fn ago(hours: i64) -> Timestamp {
    NOW.parse::<Timestamp>().unwrap() - SignedDuration::from_hours(hours)
}

/// A site with a post office that is well, and what becomes of it.
fn with(change: impl FnOnce(&mut State)) -> Site {
    let looks = USERS.map(|user| LastLook { user: user.to_owned(), at: ago(0), problem: None });
    let mut state = State { queued: 3, looks: looks.into(), ..State::default() };
    change(&mut state);
    let mut site = green();
    site.subject.office = Some(Office { path: PATH.to_owned(), state: Ok(state) });
    site
}

#[track_caller]
fn check(change: impl FnOnce(&mut State), severity: Severity, words: &str) {
    let site = with(change);
    let found = site.findings();
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!((found[0].severity, found[0].check), (severity, OfficeCheck));
    assert!(found[0].came.contains(words), "{found:?}");
    assert_eq!(found[0].asked, PATH);
    assert!(!found[0].sees.is_empty() && !found[0].mend.is_empty());
    assert!(!site.examine().is_broken(), "who only reads the site sees nothing of it");
}

#[test]
fn a_post_office_that_is_well_is_fine() {
    let site = with(|state| state.oldest = Some(ago(20)));
    assert_eq!(site.findings(), []);
    let fine = site.examine().findings;
    let fine: Vec<_> = fine.iter().filter(|found| found.check == OfficeCheck).collect();
    assert_eq!((fine.len(), fine[0].severity), (1, Fine));
    assert!(fine[0].came.contains("3 messages wait"), "{fine:?}");
}

#[test]
fn a_site_without_a_post_office_here_is_not_asked_for_it() {
    assert!(green().examine().findings.iter().all(|found| found.check != OfficeCheck));
}

#[test]
fn a_message_that_waits_for_days_is_found() {
    let old = |state: &mut State| state.oldest = Some(ago(72));
    check(old, Warning, "3 messages wait, the oldest since 3 days");
}

#[test]
fn servers_that_are_away_are_named_and_not_all_of_them() {
    let away = |state: &mut State| {
        let server = |number: i32| DeadServer {
            origin: format!("https://s{number}.example"),
            why: (number == 0).then(|| "no answer in time".to_owned()),
        };
        state.dead = (0..5).map(server).collect();
        state.dead_count = 40;
    };
    check(away, Note, "40 servers have not been reached");
    let named = with(away).findings()[0].came.clone();
    assert!(named.contains("https://s0.example (no answer in time)"), "{named}");
    assert!(!named.contains("s3.example"), "{named}");
}

#[test]
fn messages_that_nobody_has_confirmed_are_found() {
    let held = |state: &mut State| state.held = 11;
    check(held, Warning, "11 messages wait for somebody");
}

#[test]
fn a_new_key_that_signs_is_told() {
    let changed = |state: &mut State| {
        let key = NewKey { user: USERS[0].to_owned(), since: ago(24), old_until: ago(-7 * 24) };
        state.new_keys.push(key);
    };
    check(changed, Note, "a new key since 2026-05-31; the old one is kept until 2026-06-08");
}

#[test]
fn what_the_last_look_saw_is_told() {
    let problem = "The site is an older state.";
    let saw = |state: &mut State| state.looks[1].problem = Some(problem.to_owned());
    check(saw, Warning, problem);
    assert_eq!(with(saw).findings()[0].actor.as_deref(), Some(USERS[1]));
}

#[test]
fn a_post_office_that_does_not_look_at_the_site_sleeps() {
    check(|state| state.looks[0].at = ago(30), Warning, "last looked at 30 hours ago");
    check(|state| drop(state.looks.pop()), Warning, "never looked at");
}

#[test]
fn a_post_office_that_cannot_be_read_is_told() {
    let mut site = green();
    let state = Err("others may read it".to_owned());
    site.subject.office = Some(Office { path: PATH.to_owned(), state });
    let found = site.findings();
    assert_eq!((found.len(), found[0].severity), (1, Warning));
    assert_eq!(found[0].came, "others may read it");
}
