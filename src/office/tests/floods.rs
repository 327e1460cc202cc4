//! Many messages from somebody who means no good.

use std::rc::Rc;

use rusqlite::Connection;
use serde_json::json;
use tokio::task::{spawn_local, yield_now};

use super::person::Person;
use super::world::{World, in_world, in_world_with};
use crate::federation::budget::FOLLOWS_A_MINUTE;
use crate::office::transport::tests::peer::Act;
use crate::office::{Life, Outcome};

#[test]
fn d_06_one_question_at_a_time_goes_to_a_server_however_many_keys_are_named() {
    in_world(async |world| {
        let follows = (0..100).map(|number| {
            let person = Person::new(&format!("p{number}"), "social.example").published(&world);
            person.writes(&world, &person.follow(1))
        });
        let tasks: Vec<_> = follows
            .map(|follow| {
                let office = Rc::clone(&world.office);
                spawn_local(async move { office.answer(&follow).await })
            })
            .collect();
        let (mut taken, mut later) = (0, 0);
        for task in tasks {
            match task.await.unwrap() {
                Outcome::Taken => taken += 1,
                Outcome::Later(_) => later += 1,
                other => panic!("{other:?}"),
            }
        }
        assert_eq!((taken, later), (8, 92));
        // Two at a time would have needed two.
        assert_eq!((world.web.fetches(), world.web.connections()), (8, 1));
    });
}

#[test]
fn d_06_many_servers_are_asked_a_bounded_number_of_times() {
    in_world(async |world| {
        for number in 0..150 {
            let evil = Person::new("evil", &format!("h{number}.many.example"));
            let status = world.send(&evil.forged(&world, &evil.follow(1))).await;
            assert!(matches!(status, 401 | 503));
        }
        assert_eq!(world.web.fetches(), 100);
    });
}

#[test]
fn whoever_is_answered_for_lack_of_time_does_not_wait_any_more() {
    in_world(async |world| {
        let jo = Person::new("jo", "social.example");
        let question = format!("GET {}", jo.id);
        world.web.on(&question, |_| Act::Drip(Vec::new()));
        for number in 1..=8 {
            let (office, follow) = (Rc::clone(&world.office), jo.writes(&world, &jo.follow(1)));
            let task = spawn_local(async move { office.answer(&follow).await });
            while world.web.fetches() < number {
                yield_now().await;
            }
            task.abort();
            assert!(task.await.unwrap_err().is_cancelled());
        }
        let jo = jo.published(&world);
        assert_eq!(world.send(&jo.writes(&world, &jo.follow(1))).await, 202);
    });
}

#[test]
fn d_07_forged_messages_of_a_follower_cost_its_server_one_question() {
    in_world(async |world| {
        let jo = Person::jo(&world);
        jo.is_friend(&world).await;
        world.minutes(1);
        let fetches = world.web.fetches();
        for message in [jo.undo(&jo.follow(1)), jo.delete(), jo.update(), jo.follow(2)] {
            for _ in 0..20 {
                let forged = Person { client: [203, 0, 113, 9], ..jo.clone() };
                let status = world.send(&forged.forged(&world, &message)).await;
                assert!(matches!(status, 401 | 503), "{status}");
            }
        }
        assert_eq!(world.web.fetches(), fetches + 1);
        // Neither Jo nor anybody else from there has to suffer for it.
        assert_eq!(world.followers().await, [jo.id.as_str()]);
        Person::new("max", "social.example").published(&world).follows(&world).await;
        assert_eq!(world.send(&jo.writes(&world, &jo.undo(&jo.follow(1)))).await, 202);
    });
}

#[test]
fn d_07_a_genuine_follow_gets_through_while_somebody_floods_its_server() {
    in_world(async |world| {
        for number in 0..40 {
            let evil = Person::new(&format!("x{number}"), "social.example");
            let evil = Person { client: [203, 0, 113, 9], ..evil };
            world.send(&evil.forged(&world, &evil.follow(1))).await;
        }
        assert_eq!(world.web.fetches(), 10);
        let jo = Person::jo(&world);
        let follow = jo.writes(&world, &jo.follow(1));
        let Outcome::Later(wait) = world.answer(&follow).await else { panic!() };
        assert!(wait.as_secs() <= 60, "{wait:?}");
        world.minutes(1);
        assert_eq!(world.send(&follow).await, 202);
    });
}

#[test]
fn d_07_the_same_holds_where_each_request_has_a_process_of_its_own() {
    in_world(async |mut world| {
        for number in 0..40 {
            let evil = Person::new(&format!("x{number}"), "social.example");
            let evil = Person { client: [203, 0, 113, 9], ..evil };
            world = world.restart_as(Life::Short);
            assert!(matches!(world.send(&evil.forged(&world, &evil.follow(1))).await, 401 | 503));
        }
        assert_eq!(world.web.fetches(), 10);
        let jo = Person::jo(&world);
        let follow = jo.writes(&world, &jo.follow(1));
        world = world.restart_as(Life::Short);
        assert_eq!(world.send(&follow).await, 503);
        world.minutes(1);
        world = world.restart_as(Life::Short);
        assert_eq!(world.send(&follow).await, 202);
    });
}

#[test]
fn d_06_names_that_cost_nothing_do_not_take_the_room_of_others() {
    in_world(async |mut world| {
        world = world.restart_as(Life::Short);
        for number in 0..150 {
            let evil = Person::new("evil", &format!("h{number}.many.example"));
            world.send(&evil.forged(&world, &evil.follow(1))).await;
        }
        let count = |store: &Connection| {
            Ok(store.query_row("SELECT count(*) FROM budget", [], |row| row.get(0))?)
        };
        let kept: i64 = world.store(count).await;
        assert_eq!(kept, 101, "those that were asked, and all together");
    });
}

#[test]
fn everybody_on_a_large_server_may_follow_at_once() {
    in_world(async |mut world| {
        for number in 0..50 {
            let person = Person::new(&format!("p{number}"), "social.example").published(&world);
            if number % 2 == 0 {
                world = world.restart_as(Life::Short);
            }
            assert_eq!(world.send(&person.writes(&world, &person.follow(1))).await, 202);
        }
        assert_eq!(world.web.fetches(), 50);
    });
}

#[test]
fn forged_follows_do_not_use_up_those_of_a_server() {
    in_world(async |world| {
        let jo = Person::jo(&world);
        jo.is_friend(&world).await;
        let forged = jo.forged(&world, &jo.follow(2));
        for _ in 0..=FOLLOWS_A_MINUTE {
            assert!(matches!(world.send(&forged).await, 401 | 503));
        }
        Person::new("max", "social.example").published(&world).follows(&world).await;
        assert_eq!(world.followers().await.len(), 2);
    });
}

/// Somebody names Jo, whose server has this to say, and a minute later it is well again.
async fn named_at_a_bad_time(world: &World, head: &'static str) -> Person {
    let jo = Person::new("jo", "social.example");
    world.web.status(&format!("GET {}", jo.id), head);
    world.send(&jo.forged(world, &jo.follow(1))).await;
    world.minutes(1);
    jo.published(world)
}

#[test]
fn whoever_is_named_at_a_bad_time_is_asked_to_come_again_and_never_refused() {
    for head in [
        "503 Service Unavailable",
        "404 Not Found",
        "403 Forbidden",
        "200 OK\r\nContent-Type: text/html",
        "302 Found\r\nLocation: https://far.example/",
    ] {
        in_world(async |world| {
            let jo = named_at_a_bad_time(&world, head).await;
            let follow = jo.writes(&world, &jo.follow(1));
            let Outcome::Later(wait) = world.answer(&follow).await else { panic!("{head}") };
            assert_eq!(wait.as_secs(), 240, "{head}");
            world.minutes(4);
            assert_eq!(world.send(&follow).await, 202, "{head}");
        });
    }
}

#[test]
fn whoever_is_known_stays_so_while_their_server_is_away() {
    in_world(async |world| {
        let (jo, max) =
            (Person::jo(&world), Person::new("max", "social.example").published(&world));
        // Jo follows, Max is in memory alone.
        jo.is_friend(&world).await;
        let post = "https://party.example/ap/news/posts/a.json";
        let like = json!({
            "id": format!("{}/likes/1", max.id), "type": "Like", "actor": max.id, "object": post,
        });
        assert_eq!(world.send(&max.writes(&world, &like)).await, 202);
        world.minutes(1);
        for person in [&jo, &max] {
            world.web.status(&format!("GET {}", person.id), "503 Service Unavailable");
            assert_eq!(world.send(&person.forged(&world, &person.undo(&like))).await, 503);
        }
        let fetches = world.web.fetches();
        assert_eq!(world.send(&max.writes(&world, &max.undo(&like))).await, 202);
        assert_eq!(world.send(&jo.writes(&world, &jo.undo(&jo.follow(1)))).await, 202);
        assert_eq!(world.followers().await, [""; 0]);
        assert_eq!(world.web.fetches(), fetches);
    });
}

#[test]
fn d_09_one_follower_too_many_has_to_wait_and_the_others_stay() {
    in_world_with("followers_max = 2", async |world| {
        let people = ["a", "b", "c"];
        let [a, b, c] = people.map(|name| Person::new(name, "social.example").published(&world));
        a.follows(&world).await;
        b.follows(&world).await;
        let outcome = world.answer(&c.writes(&world, &c.follow(1))).await;
        let reply = outcome.reply();
        assert_eq!((reply.status, &reply.headers[1]), (503, &("Retry-After", "3600".to_owned())));
        world.minutes(1);
        assert_eq!(world.send(&a.writes(&world, &a.follow(2))).await, 202);
        assert_eq!(world.followers().await, [a.id, b.id.clone()]);
        assert_eq!(world.send(&b.writes(&world, &b.undo(&b.follow(1)))).await, 202);
        assert_eq!(world.send(&c.writes(&world, &c.follow(1))).await, 202);
    });
}
