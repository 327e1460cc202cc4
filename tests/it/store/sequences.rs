//! Whatever happens in whatever order, what has to hold holds.

use std::collections::BTreeSet;

use proptest::prelude::*;
use sitegen::federation::{Effect, RemoteActor};
use sitegen::office::store::queue::{self, Kind};
use sitegen::office::store::{blocks, effects, followers, known, outcome, sweep};

use super::{Office, actor, alone, check, days, follow, like, locals, now, post, unfollow};

/// Something that happens.
#[derive(Clone, Copy, Debug)]
enum Event {
    Follow(usize, usize),
    Unfollow(usize, usize),
    Delete(usize),
    Reject(usize, usize),
    React(usize),
    Block(usize),
    Publish(u32, usize),
    /// What becomes of the first delivery.
    Deliver(usize),
    Pass,
}

const USERS: [&str; 2] = ["news", "events"];

fn people() -> Vec<RemoteActor> {
    vec![
        actor("jo", "a.example"),
        actor("al", "a.example"),
        alone("mo", "a.example"),
        actor("ed", "b.example"),
        alone("un", "c.example"),
    ]
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        4 => (0..5_usize, 0..2_usize).prop_map(|(who, user)| Event::Follow(who, user)),
        2 => (0..5_usize, 0..2_usize).prop_map(|(who, user)| Event::Unfollow(who, user)),
        1 => (0..5_usize).prop_map(Event::Delete),
        1 => (0..5_usize, 0..2_usize).prop_map(|(who, user)| Event::Reject(who, user)),
        1 => (0..5_usize).prop_map(Event::React),
        1 => (0..5_usize).prop_map(Event::Block),
        3 => (0..3_u32, 0..3_usize).prop_map(|(post, kind)| Event::Publish(post, kind)),
        5 => (0..4_usize).prop_map(Event::Deliver),
        1 => Just(Event::Pass),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_sequence_of_messages_and_outcomes_leaves_nothing_behind(
        events in proptest::collection::vec(event(), 1..60),
    ) {
        let office = Office::new();
        let people = people();
        let mut clock = now();
        // Who follows whom, as the messages say.
        let mut expected = BTreeSet::new();
        let mut may_drop = false;
        office.run(|connection| {
            for event in &events {
                let apply = |effects: &[Effect]| effects::apply(connection, effects, clock, &locals());
                match *event {
                    Event::Follow(who, user) => {
                        apply(&follow(&people[who], USERS[user]))?;
                        expected.insert((USERS[user], people[who].id.to_string()));
                    }
                    Event::Unfollow(who, user) => {
                        apply(&unfollow(&people[who], USERS[user]))?;
                        expected.remove(&(USERS[user], people[who].id.to_string()));
                    }
                    Event::Delete(who) => {
                        apply(&[Effect::Forget { actor: people[who].id.to_string() }])?;
                        expected.retain(|(_, id)| *id != people[who].id.as_str());
                        assert!(!known::is_known_actor(connection, people[who].id.as_str())?);
                    }
                    Event::Reject(who, user) => {
                        let id = people[who].id.as_str();
                        followers::reject(connection, id, &locals()[user], clock)?;
                        expected.remove(&(USERS[user], id.to_owned()));
                    }
                    Event::React(who) => apply(&[like(&people[who], 1)])?,
                    Event::Block(who) => {
                        let blocked = blocks::Blocked::Account(people[who].id.clone());
                        blocks::block(connection, &blocked, clock)?;
                        expected.retain(|(_, id)| *id != people[who].id.as_str());
                    }
                    Event::Publish(number, kind) => {
                        let kind = [Kind::Create, Kind::Update, Kind::Delete][kind];
                        queue::enqueue(connection, "news", &post(number, kind), clock)?;
                    }
                    Event::Deliver(outcome) => {
                        for origin in queue::due_origins(connection, clock, 2, &[].into())? {
                            let taken = queue::take(connection, &origin.origin, clock, 1)?;
                            assert_eq!(taken.len(), 1, "what is due can be taken");
                            let one = &taken[0];
                            match outcome {
                                0 => outcome::delivered(connection, one, clock)?,
                                1 => outcome::postpone(connection, one, clock, clock, "x")?,
                                2 => drop(outcome::refused(connection, one, clock)?),
                                _ => {
                                    let gone = outcome::gone(connection, one, clock)?;
                                    may_drop |= matches!(gone, outcome::Consequence::Dropped(_));
                                }
                            }
                        }
                    }
                    Event::Pass => {
                        clock += days(1);
                        may_drop |= sweep::sweep(connection, clock)?.dropped > 0;
                    }
                }
                check(connection);
            }
            let mut found = BTreeSet::new();
            followers::each(connection, None, |one| {
                let user = USERS.into_iter().find(|user| *user == one.user).unwrap();
                assert!(found.insert((user, one.id.to_string())));
                Ok(())
            })?;
            if may_drop {
                assert!(found.is_subset(&expected));
            } else {
                assert_eq!(found, expected);
            }
            // And when all have gone, there is nobody.
            for one in &people {
                let gone = [Effect::Forget { actor: one.id.to_string() }];
                effects::apply(connection, &gone, clock, &locals())?;
            }
            check(connection);
            let count = |table| -> i64 {
                let sql = format!("SELECT count(*) FROM {table}");
                connection.query_row(&sql, [], |row| row.get(0)).unwrap()
            };
            for table in ["remote", "follower", "inbox", "host", "delivery", "activity", "retracted", "reaction"] {
                assert_eq!(count(table), 0, "{table}");
            }
            Ok(())
        });
    }
}
