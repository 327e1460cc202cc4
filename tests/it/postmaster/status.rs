//! `sitegen status`: how the post office is doing, and whether it needs somebody.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use sitegen::federation::site::Due;
use sitegen::office::store::queue::{self, Activity, Kind};
use sitegen::office::store::{Store, counters, outcome, posts, sweep};

use super::{Office, says, then};
use crate::folder::json;

/// A moment that never becomes older than a day.
fn recently() -> Timestamp {
    "2100-01-01T00:00:00Z".parse().unwrap()
}

/// A post office that nothing is wrong with.
fn well() -> Office {
    let office = Office::with_jo();
    looked(&office, recently(), None);
    office
}

fn looked(office: &Office, at: Timestamp, problem: Option<&str>) {
    let look = |store: &_| {
        posts::looked(store, "news", at, problem)?;
        posts::looked(store, "events", at, None)
    };
    office.store().run(look).unwrap();
}

fn shown(office: &Office, code: i32) -> Value {
    json(&office.expect(code, "status --format json").out).remove(0)
}

fn post() -> Activity {
    let post = "https://party.example/ap/news/posts/1.json".to_owned();
    Activity { uri: format!("{post}#1"), kind: Kind::Create, body: "{}".to_owned(), post }
}

#[test]
fn all_is_well() {
    let office = well();
    let run = office.expect(0, "status");
    says(&run.out, &["https://party.example is not at work", "@news  1 follower;", "nothing yet"]);
    assert_eq!(run.err, "");
    assert_eq!(office.expect(0, "status -q").out, "");
    let running = Store::open_as_office(&office.path()).unwrap();
    says(&office.expect(0, "status").out, &["party.example is at work"]);
    assert_eq!(shown(&office, 0)["at_work"], true);
    drop(running);
    assert_eq!(shown(&office, 0)["at_work"], false);
}

#[test]
fn a_11_a_status_names_no_follower() {
    let office = well();
    let run = office.expect(0, "status --format json");
    assert!(!run.out.contains("social.example"), "{}", run.out);
    assert_eq!(shown(&office, 0)["accounts"][0]["followers"], 1);
}

#[test]
fn a_site_that_was_not_looked_at_for_a_day_or_ever_needs_somebody() {
    let office = Office::with_jo();
    says(&office.expect(1, "status").err, &["never looked at for @news", "sitegen deliver"]);
    looked(&office, then(), None);
    let run = office.expect(1, "status");
    says(&run.err, &["@news on 2026-06-01 12:00 UTC", "has not gone out", "sitegen inbox"]);
}

#[test]
fn a_problem_at_the_last_look_needs_somebody() {
    let office = well();
    looked(&office, recently(), Some("The \u{1b}[2J site is an older state."));
    let run = office.expect(1, "status");
    says(&run.err, &["@news: The \\u{1b}[2J site is an older state."]);
    looked(&office, recently(), None);
    office.expect(0, "status");
}

#[test]
fn posts_that_are_held_back_need_somebody() {
    let office = well();
    let due = [Due::Create(post().post, then())];
    office.store().run(|store| posts::hold(store, "news", &due)).unwrap();
    says(&office.expect(1, "status").err, &["1 post is held back", "sitegen deliver --confirm"]);
    assert_eq!(shown(&office, 1)["held"], 1);
}

#[test]
fn beside_a_running_post_office_word_is_left_that_posts_may_go_out() {
    let office = well();
    let running = Store::open_as_office(&office.path()).unwrap();
    says(&office.expect(75, "deliver").err, &["another post office"]);
    says(&office.expect(0, "deliver --confirm").err, &["confirmed", "within two minutes"]);
    assert!(running.read(|store| counters::is_confirmed(store, "events")).unwrap());
}

#[test]
fn what_was_given_up_is_said_until_somebody_takes_note() {
    let office = well();
    let later = then() + SignedDuration::from_hours(9 * 24);
    let give_up = || {
        let store = office.store();
        store.run(|store| queue::enqueue(store, "news", &post(), then())).unwrap();
        assert_eq!(store.run(|store| sweep::sweep(store, later)).unwrap().expired, 1);
    };
    give_up();
    says(&office.expect(1, "status").err, &["1 message is given up", "--acknowledge"]);
    office.expect(0, "status --acknowledge");
    assert_eq!(shown(&office, 0)["given_up"], 1);
    give_up();
    let status = shown(&office, 1);
    assert_eq!((&status["given_up"], &status["given_up_unnoted"]), (&2.into(), &1.into()));
}

#[test]
fn servers_that_cannot_be_reached_are_named_with_the_reason() {
    let office = well();
    let store = office.store();
    store.run(|store| queue::enqueue(store, "news", &post(), then())).unwrap();
    let fail = |store: &_| {
        let taken = queue::take(store, "https://social.example", then(), 1)?;
        outcome::postpone(store, &taken[0], then(), then(), "no \u{202e}answer")
    };
    store.run(fail).unwrap();
    drop(store);
    let run = office.expect(0, "status");
    says(&run.out, &["1 message, the oldest since 2026-06-01", "1 cannot be reached"]);
    says(&run.out, &["https://social.example since 2026-06-01: no \\u{202e}answer"]);
}
