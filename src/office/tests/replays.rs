//! Messages that come more than once.

use super::person::Person;
use super::world::in_world;
use crate::federation::budget::FOLLOWS_A_MINUTE;

#[test]
fn s_15_a_message_that_is_sent_again_changes_nothing() {
    in_world(async |world| {
        let jo = Person::jo(&world);
        let follow = jo.writes(&world, &jo.follow(1));
        for minutes in [0, 0, 1, 29, 29] {
            world.minutes(minutes);
            assert_eq!(world.send(&follow).await, 202);
            world.deliver().await;
        }
        assert_eq!(world.followers().await, [jo.id.as_str()]);
        assert_eq!(world.web.kinds(&jo.inbox()), ["Accept"]);
        assert_eq!(world.web.fetches(), 1);
    });
}

#[test]
fn s_15_whoever_asks_again_gets_one_answer_an_hour() {
    in_world(async |world| {
        let jo = Person::jo(&world);
        for _ in 0..9 {
            assert_eq!(world.send(&jo.writes(&world, &jo.follow(1))).await, 202);
            world.deliver().await;
            world.minutes(20);
        }
        assert_eq!(world.web.kinds(&jo.inbox()), ["Accept"; 3]);
    });
}

#[test]
fn what_is_sent_again_does_not_use_up_the_follows_of_a_server() {
    in_world(async |world| {
        let jo = Person::jo(&world);
        let follow = jo.writes(&world, &jo.follow(1));
        for _ in 0..=FOLLOWS_A_MINUTE {
            assert_eq!(world.send(&follow).await, 202);
        }
        Person::new("max", "social.example").published(&world).follows(&world).await;
        assert_eq!(world.followers().await.len(), 2);
    });
}

#[test]
fn a_follow_that_was_taken_back_does_not_come_back() {
    in_world(async |world| {
        let jo = Person::jo(&world);
        let follow = jo.writes(&world, &jo.follow(1));
        assert_eq!(world.send(&follow).await, 202);
        world.minutes(1);
        assert_eq!(world.send(&jo.writes(&world, &jo.undo(&jo.follow(1)))).await, 202);
        assert_eq!(world.send(&follow).await, 202);
        assert_eq!(world.followers().await, [""; 0]);
    });
}
