//! How messages get to their inboxes, or do not.

use std::rc::Rc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::task::{spawn_local, yield_now};

use super::person::Person;
use super::world::{NEWS, World, in_world};
use crate::office::store::queue::{Activity, Kind};
use crate::office::store::{self, OpenProblem, Store};
use crate::office::transport::tests::peer::{Act, say};

pub(super) const SHARED: &str = "https://social.example/inbox";

/// A message about a post, in one of its versions.
pub(super) fn message(post: &str, kind: Kind, version: u32) -> Activity {
    let post = format!("https://party.example/ap/news/posts/{post}.json");
    let uri = format!("{post}#{kind:?}-{version}");
    let body = json!({
        "id": uri, "type": format!("{kind:?}"), "actor": NEWS, "object": post, "version": version,
    });
    Activity { uri, kind, post, body: body.to_string() }
}

/// Puts a message into the queue. Gives to how many inboxes it goes.
pub(super) async fn enqueue(world: &World, message: Activity) -> usize {
    let now = world.now();
    world.store(move |store| store::queue::enqueue(store, "news", &message, now)).await
}

pub(super) async fn post(world: &World, name: &str) -> usize {
    enqueue(world, message(name, Kind::Create, 1)).await
}

/// The ids of what came to an inbox, with what is after `posts/`.
pub(super) fn came(world: &World, inbox: &str) -> Vec<String> {
    let id = |message: &Value| {
        let id = message["id"].as_str().unwrap();
        id.rsplit('/').next().unwrap().to_owned()
    };
    world.web.messages(inbox).iter().map(id).collect()
}

/// From now on nothing can be stored of what has arrived, or can be again.
async fn set_full(world: &World, is_full: bool) {
    let sql = if is_full {
        "CREATE TRIGGER full BEFORE DELETE ON delivery BEGIN SELECT RAISE(ABORT, 'full'); END"
    } else {
        "DROP TRIGGER full"
    };
    world.store(move |store| Ok(store.execute_batch(sql)?)).await;
}

#[test]
fn q_03_a_round_ends_where_nothing_can_be_stored() {
    in_world(async |world| {
        let (jo, max) = (Person::jo(&world), Person::new("max", "far.example").published(&world));
        jo.is_friend(&world).await;
        max.is_friend(&world).await;
        let to = |person: &Person| came(&world, person.shared_inbox.as_deref().unwrap()).len();
        set_full(&world, true).await;
        assert_eq!((post(&world, "a").await, post(&world, "b").await), (2, 2));
        let round = Rc::clone(&world.office).deliver_once(Duration::from_secs(3600)).await;
        assert!(round.is_err());
        assert_eq!((to(&jo), to(&max)), (1, 1));
        set_full(&world, false).await;
        world.deliver().await;
        // Nobody knew that the first had arrived.
        assert_eq!((to(&jo), to(&max)), (3, 3));
    });
}

#[test]
fn q_03_who_keeps_running_does_not_send_again_what_could_not_be_stored() {
    in_world(async |world| {
        Person::jo(&world).is_friend(&world).await;
        set_full(&world, true).await;
        post(&world, "a").await;
        let delivering = spawn_local(Rc::clone(&world.office).deliver());
        while came(&world, SHARED).is_empty() {
            yield_now().await;
        }
        // From here on minutes pass in no time.
        tokio::time::pause();
        let minutes = async |count: u32| {
            for _ in 0..count {
                tokio::time::advance(Duration::from_secs(61)).await;
                world.store(|_| Ok(())).await;
            }
        };
        minutes(60).await;
        assert_eq!(came(&world, SHARED).len(), 1);
        set_full(&world, false).await;
        minutes(2).await;
        assert_eq!((world.status().await.queued, came(&world, SHARED).len()), (0, 1));
        delivering.abort();
    });
}

#[test]
fn q_05_there_is_one_post_office_at_a_time() {
    in_world(async |world| {
        let path = world.folder.path().join("office/office.db");
        let problem = Store::open_as_office(&path).unwrap_err().problem;
        assert!(matches!(problem, OpenProblem::Running), "{problem:?}");
        // Whoever answers one request only may.
        Store::open_for_request(&path).unwrap();
    });
}

#[test]
fn a_post_goes_once_to_where_all_of_a_server_read_it() {
    in_world(async |world| {
        for name in ["jo", "max"] {
            Person::new(name, "social.example").published(&world).is_friend(&world).await;
        }
        let far = Person::new("kim", "far.example").alone().published(&world);
        far.is_friend(&world).await;
        assert_eq!(post(&world, "a").await, 2);
        world.deliver().await;
        assert_eq!(came(&world, SHARED), ["a.json#Create-1"]);
        assert_eq!(world.web.kinds(&far.inbox()), ["Accept", "Create"]);
        assert_eq!(world.status().await.queued, 0);
    });
}

#[test]
fn q_06_a_message_of_which_nobody_knows_whether_it_came_is_sent_again_as_it_was() {
    in_world(async |world| {
        Person::jo(&world).is_friend(&world).await;
        for answer in ["", "HTTP/1.1 202 Acc"] {
            world.web.on(&format!("POST {SHARED}"), move |_| Act::Close(answer.into()));
            post(&world, &format!("a{}", answer.len())).await;
            world.deliver().await;
            world.web.status(&format!("POST {SHARED}"), "202 Accepted");
            world.minutes(2);
            world.deliver().await;
            world.minutes(2);
            world.deliver().await;
        }
        let letters = world.web.letters(SHARED);
        let mut bodies: Vec<&str> =
            letters.iter().map(|letter| letter.split_once("\r\n\r\n").unwrap().1).collect();
        // A connection that had been there before may just have been closed, so that it is sent
        // again at once, on a new one; and then in a minute.
        assert_eq!(bodies.len(), 6);
        bodies.dedup();
        assert_eq!(bodies.len(), 2);
        assert_eq!(world.status().await.queued, 0);
    });
}

/// How many minutes after this answer a message is sent again, looking every ten.
async fn pause_after(world: &World, head: &'static str) -> i64 {
    Person::jo(world).is_friend(world).await;
    world.web.status(&format!("POST {SHARED}"), head);
    post(world, "a").await;
    world.deliver().await;
    assert_eq!(world.web.letters(SHARED).len(), 1);
    let mut minutes = 0;
    while world.web.letters(SHARED).len() == 1 {
        world.minutes(10);
        minutes += 10;
        world.deliver().await;
    }
    minutes
}

#[test]
fn q_07_a_server_that_asks_for_time_gets_it_up_to_a_day() {
    for (head, minutes) in [
        ("429 Too Many Requests\r\nRetry-After: 3600", 60),
        ("503 Service Unavailable\r\nRetry-After: Tue, 01 Dec 2026 14:00:00 GMT", 120),
        ("429 Too Many Requests\r\nRetry-After: 1000000000", 24 * 60),
        ("429 Too Many Requests\r\nRetry-After: soon", 10),
        ("429 Too Many Requests\r\nRetry-After: Tue, 01 Dec 2020 14:00:00 GMT", 10),
        ("503 Service Unavailable", 10),
    ] {
        in_world(async |world| assert_eq!(pause_after(&world, head).await, minutes, "{head}"));
    }
}

#[test]
fn q_08_a_server_that_is_away_keeps_nobody_waiting() {
    in_world(async |world| {
        Person::jo(&world).is_friend(&world).await;
        Person::new("kim", "far.example").published(&world).is_friend(&world).await;
        world.web.status(&format!("POST {SHARED}"), "503 Service Unavailable");
        for name in ["a", "b", "c"] {
            post(&world, name).await;
        }
        world.deliver().await;
        assert_eq!(world.web.letters(SHARED).len(), 1, "one try is enough to see it");
        let expected = ["a.json#Create-1", "b.json#Create-1", "c.json#Create-1"];
        assert_eq!(came(&world, "https://far.example/inbox"), expected);
        world.web.status(&format!("POST {SHARED}"), "202 Accepted");
        world.minutes(2);
        world.deliver().await;
        assert_eq!(came(&world, SHARED)[1..], expected);
    });
}

#[test]
fn q_09_whose_inbox_is_gone_on_two_days_follows_no_more() {
    in_world(async |world| {
        let jo = Person::new("jo", "social.example").alone().published(&world);
        let kim = Person::new("kim", "social.example").alone().published(&world);
        jo.is_friend(&world).await;
        kim.is_friend(&world).await;
        world.web.status(&format!("POST {}", jo.inbox()), "410 Gone");
        for day in 0..2 {
            assert_eq!(world.followers().await.len(), 2, "day {day}");
            post(&world, &format!("a{day}")).await;
            world.deliver().await;
            world.days(1);
        }
        world.deliver().await;
        assert_eq!(world.followers().await, [kim.id.as_str()]);
        let status = world.status().await;
        assert_eq!((status.gone, status.queued), (1, 0));
        assert_eq!(world.web.kinds(&kim.inbox()), ["Accept", "Create", "Create"]);
    });
}

#[test]
fn q_09_an_inbox_that_is_not_found_once_gets_what_comes_next() {
    in_world(async |world| {
        let jo = Person::jo(&world);
        jo.is_friend(&world).await;
        world.web.status(&format!("POST {SHARED}"), "404 Not Found");
        post(&world, "a").await;
        world.deliver().await;
        world.web.status(&format!("POST {SHARED}"), "202 Accepted");
        post(&world, "b").await;
        world.deliver().await;
        assert_eq!(came(&world, SHARED), ["a.json#Create-1", "b.json#Create-1"]);
        assert_eq!((world.followers().await, world.status().await.queued), (vec![jo.id], 0));
    });
}

#[test]
fn q_09_where_the_shared_inbox_is_gone_each_gets_their_own() {
    in_world(async |world| {
        let people = ["jo", "max"].map(|name| Person::new(name, "social.example"));
        for person in &people {
            person.clone().published(&world).is_friend(&world).await;
        }
        world.web.status(&format!("POST {SHARED}"), "410 Gone");
        post(&world, "a").await;
        post(&world, "b").await;
        world.deliver().await;
        for person in &people {
            assert_eq!(world.web.kinds(&person.inbox()), ["Accept", "Create", "Create"]);
        }
        assert_eq!(world.web.letters(SHARED).len(), 1);
        assert_eq!(world.followers().await.len(), 2);
    });
}

#[test]
fn q_13_what_is_nine_days_old_is_given_up_and_counted() {
    in_world(async |world| {
        Person::jo(&world).is_friend(&world).await;
        world.web.status(&format!("POST {SHARED}"), "503 Service Unavailable");
        post(&world, "a").await;
        world.deliver().await;
        world.days(9);
        world.web.status(&format!("POST {SHARED}"), "202 Accepted");
        post(&world, "b").await;
        world.deliver().await;
        assert_eq!(came(&world, SHARED)[1..], ["b.json#Create-1"]);
        let status = world.status().await;
        assert_eq!((status.expired, status.queued), (1, 0));
    });
}

#[test]
fn n_05_a_message_follows_no_redirect() {
    in_world(async |world| {
        Person::jo(&world).is_friend(&world).await;
        let elsewhere = "307 Temporary Redirect\r\nLocation: https://social.example/elsewhere";
        world.web.status(&format!("POST {SHARED}"), elsewhere);
        post(&world, "a").await;
        world.deliver().await;
        assert_eq!(world.web.letters("https://social.example/elsewhere").len(), 0);
        assert_eq!((world.office.failed(), world.status().await.queued), (1, 1));
        world.web.status(&format!("POST {SHARED}"), "202 Accepted");
        world.minutes(2);
        world.deliver().await;
        assert_eq!(world.status().await.queued, 0);
    });
}

#[test]
fn d_08_a_server_that_has_not_taken_an_answer_gets_no_post() {
    for head in ["503 Service Unavailable", "404 Not Found", "410 Gone", "302 Found"] {
        in_world(async |world| {
            let jo = Person::jo(&world);
            world.web.status(&format!("POST {}", jo.inbox()), head);
            jo.follows(&world).await;
            for number in 0..30 {
                post(&world, &format!("a{number}")).await;
                world.deliver().await;
                world.pass(jiff::SignedDuration::from_hours(3));
            }
            assert!(world.web.letters(SHARED).is_empty(), "{head}");
            let kinds = world.web.kinds(&jo.inbox());
            assert!(kinds.len() < 12 && kinds.iter().all(|kind| kind == "Accept"), "{kinds:?}");
        });
    }
}

#[test]
fn d_08_what_waits_for_the_answer_to_be_taken_goes_out_then() {
    in_world(async |world| {
        let jo = Person::jo(&world);
        world.web.status(&format!("POST {}", jo.inbox()), "503 Service Unavailable");
        jo.follows(&world).await;
        post(&world, "a").await;
        world.deliver().await;
        assert_eq!(world.status().await.waiting, 1);
        world.web.status(&format!("POST {}", jo.inbox()), "202 Accepted");
        world.minutes(2);
        world.deliver().await;
        assert_eq!(came(&world, SHARED), ["a.json#Create-1"]);
    });
}

#[test]
fn d_08_whose_server_takes_no_answer_for_eight_days_is_forgotten() {
    in_world(async |world| {
        let jo = Person::jo(&world);
        world.web.status(&format!("POST {}", jo.inbox()), "503 Service Unavailable");
        jo.follows(&world).await;
        world.deliver().await;
        world.days(9);
        world.deliver().await;
        assert_eq!((world.followers().await.len(), world.status().await.queued), (0, 0));
    });
}

/// A server that believes one form of signatures only.
fn believes(world: &World, inbox: &str, is_it: fn(&str) -> bool) {
    world.web.on(&format!("POST {inbox}"), move |letter| {
        if is_it(letter) { say("202 Accepted", "") } else { say("401 Unauthorized", "") }
    });
}

fn is_of_rfc(letter: &str) -> bool {
    letter.to_lowercase().contains("\r\nsignature-input: ")
}

#[test]
fn a_server_that_wants_the_other_form_gets_it_and_that_is_remembered() {
    in_world(async |world| {
        let jo = Person::new("jo", "social.example").alone().published(&world);
        believes(&world, &jo.inbox(), is_of_rfc);
        jo.is_friend(&world).await;
        let forms = || -> Vec<bool> {
            let letters = world.web.letters(&jo.inbox());
            letters.iter().map(|one| is_of_rfc(one)).collect()
        };
        assert_eq!(forms(), [false, true]);
        post(&world, "a").await;
        world.deliver().await;
        assert_eq!(forms(), [false, true, true]);
        // And it may change its mind.
        believes(&world, &jo.inbox(), |letter| !is_of_rfc(letter));
        post(&world, "b").await;
        post(&world, "c").await;
        world.deliver().await;
        let expected = [false, true, true, true, false, false];
        assert_eq!(forms(), expected);
        assert_eq!(world.status().await.queued, 0);
    });
}

#[test]
fn a_server_that_believes_neither_form_is_asked_again_within_minutes() {
    in_world(async |world| {
        let jo = Person::new("jo", "social.example").alone().published(&world);
        jo.is_friend(&world).await;
        believes(&world, &jo.inbox(), |_| false);
        post(&world, "a").await;
        for _ in 0..3 {
            world.deliver().await;
            world.minutes(60);
        }
        // The answer to the follow, and three times both forms.
        assert_eq!(world.web.letters(&jo.inbox()).len(), 7);
        assert_eq!(world.followers().await, [jo.id]);
    });
}

#[test]
fn whoever_leaves_gets_nothing_any_more() {
    in_world(async |world| {
        let jo = Person::jo(&world);
        jo.is_friend(&world).await;
        world.web.status(&format!("POST {SHARED}"), "503 Service Unavailable");
        post(&world, "a").await;
        world.deliver().await;
        world.minutes(1);
        assert_eq!(world.send(&jo.writes(&world, &jo.undo(&jo.follow(1)))).await, 202);
        assert_eq!(post(&world, "b").await, 0);
        world.days(1);
        world.deliver().await;
        assert_eq!(world.web.letters(SHARED).len(), 1);
    });
}
