//! However many strangers come, the store stays small.

use jiff::ToSpan as _;
use sitegen::federation::{Effect, Reaction, ReactionKind, RemoteActor, RemoteKey, Retraction};
use sitegen::key::PublicKey;
use sitegen::office::store::queue::Kind;
use sitegen::office::store::{StoreError, effects, known, outcome, sweep};
use url::Url;

use super::{Office, actor, days, follow, locals, now, post};
use crate::pems;

fn bytes(office: &Office) -> u64 {
    office.store.tidy().unwrap();
    std::fs::metadata(office.path()).unwrap().len()
}

/// As many followers as `count`.
fn crowd(office: &Office, count: u32, of: impl Fn(u32) -> RemoteActor) {
    office.run(|connection| {
        for number in 0..count {
            effects::apply(connection, &follow(&of(number), "news"), now(), &locals())?;
        }
        Ok(())
    });
}

#[test]
fn d_03_a_follower_takes_less_than_two_kilobytes() {
    let office = Office::new();
    let empty = bytes(&office);
    crowd(&office, 2_000, |number| {
        actor(&format!("somebody_{number}"), &format!("social-{}.example", number / 10))
    });
    office.deliver_all();
    let each = (bytes(&office) - empty) / 2_000;
    assert!(each <= 2_000, "{each} bytes each");
}

#[test]
fn d_03_a_follower_with_the_longest_of_everything_takes_nine() {
    let long = |path: &str, number: u32| {
        let start = format!("https://a.example/{number}/{path}/");
        Url::parse(&format!("{start}{}", "x".repeat(512 - start.len()))).unwrap()
    };
    let key = PublicKey::parse(pems::A_PUBLIC).unwrap();
    let of = |number| RemoteActor {
        id: long("id", number),
        name: "\u{1f600}".repeat(64),
        inbox: long("inbox", number),
        shared_inbox: Some(long("shared", number)),
        keys: vec![RemoteKey { id: long("key", number).into(), key: key.clone() }; 16],
    };
    let office = Office::new();
    let empty = bytes(&office);
    crowd(&office, 100, of);
    office.deliver_all();
    let each = (bytes(&office) - empty) / 100;
    assert!(each <= 9_000, "{each} bytes each");
    let found = office.run(|connection| known::remote(connection, of(1).id.as_str())).unwrap();
    assert_eq!(found.keys, of(1).keys[..1], "keys that do not fit are fetched when needed");
}

#[test]
fn d_08_a_server_that_takes_nothing_gets_no_room() {
    let office = Office::new();
    crowd(&office, 100, |number| actor(&format!("n{number}"), "a.example"));
    let one_more = actor("one-more", "a.example");
    let error = office.apply(&follow(&one_more, "news")).unwrap_err();
    assert!(matches!(error, StoreError::NoRoom), "{error}");
    assert_eq!(office.count("SELECT count(*) FROM follower"), 100);
    // Those who are there may come again, others come from elsewhere.
    office.apply(&follow(&actor("n1", "a.example"), "news")).unwrap();
    office.apply(&follow(&actor("jo", "b.example"), "news")).unwrap();
    office.deliver_all();
    office.apply(&follow(&one_more, "news")).unwrap();
    office.check();
}

#[test]
fn d_09_there_is_a_limit_to_all_followers_and_to_those_of_one_server() {
    let office = Office::new();
    office.befriend(&actor("jo", "a.example"), "news");
    office.befriend(&actor("jo", "b.example"), "news");
    let pretend = |sql: &str| office.run(|connection| Ok(connection.execute_batch(sql)?));
    pretend("UPDATE host SET followers = 50000 WHERE origin = 'https://a.example'");
    assert!(office.apply(&follow(&actor("al", "a.example"), "news")).is_err());
    office.apply(&follow(&actor("al", "b.example"), "news")).unwrap();
    pretend("UPDATE counter SET value = 200000 WHERE name = 'followers'");
    assert!(office.apply(&follow(&actor("mo", "b.example"), "news")).is_err());
    office.apply(&follow(&actor("al", "b.example"), "news")).unwrap();
    assert_eq!(office.enqueue(&post(1, Kind::Create)), 2, "the others get their posts");
}

#[test]
fn d_09_no_more_than_so_many_retractions_are_remembered() {
    let office = Office::new();
    office.run(|connection| {
        for number in 0..10_100 {
            let retraction = Retraction {
                user: "news".to_owned(),
                actor: format!("https://a.example/{number}"),
                follow: None,
                at: now(),
            };
            effects::apply(connection, &[Effect::Remember(retraction)], now(), &locals())?;
        }
        Ok(())
    });
    assert_eq!(office.count("SELECT count(*) FROM retracted"), 10_000);
    let newest = "https://a.example/10099";
    let found = office.run(|connection| known::known(connection, "news", newest, ""));
    assert!(found.retracted.is_some());
}

#[test]
fn a_10_reactions_are_bounded_by_post_by_actor_and_in_all() {
    let reaction = |actor: u32, post: u32, number: u32| {
        Effect::Keep(Reaction {
            id: format!("https://a.example/{actor}/{post}/{number}"),
            actor: format!("https://a.example/{actor}"),
            post: format!("https://party.example/{post}"),
            kind: ReactionKind::Like,
        })
    };
    let office = Office::new();
    let keep = |effects: &[Effect]| {
        office.run(|connection| effects::apply(connection, effects, now(), &locals()));
        office.count("SELECT count(*) FROM reaction")
    };
    let many: Vec<_> = (0..110).map(|number| reaction(1, number, 0)).collect();
    assert_eq!(keep(&many), 100);
    let many: Vec<_> = (2..600).map(|actor| reaction(actor, 1, 0)).collect();
    assert_eq!(keep(&many), 599, "one of them was there");
    let many: Vec<_> = (0..11_000)
        .map(|number| reaction(1_000 + number / 100, 1_000 + number / 400, number))
        .collect();
    assert_eq!(keep(&many), 10_000);
    assert_eq!(keep(&many[10_000..]), 10_000, "none is there twice");
}

#[test]
fn q_12_servers_that_never_answer_are_forgotten_however_many_there_are() {
    let office = Office::new();
    for day in 0..25 {
        let today = now() + days(day);
        office.run(|connection| {
            for number in 0..20 {
                let stranger = actor("jo", &format!("n{number}.day{day}.example"));
                effects::apply(connection, &follow(&stranger, "news"), today, &locals())?;
            }
            Ok(())
        });
        let due = office.take_all(today);
        office.run(|connection| {
            let fail = |one| outcome::postpone(connection, one, today, today + 20.hours(), "away");
            due.iter().try_for_each(fail)?;
            sweep::sweep(connection, today)
        });
        // Those of eight days, and of today.
        assert!(office.count("SELECT count(*) FROM host") <= 9 * 20, "day {day}");
    }
    office.run(|connection| sweep::sweep(connection, now() + days(40)));
    for table in ["host", "inbox", "remote", "follower", "delivery", "activity"] {
        assert_eq!(office.count(&format!("SELECT count(*) FROM {table}")), 0, "{table}");
    }
    office.check();
}
