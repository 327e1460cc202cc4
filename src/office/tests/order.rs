//! What a server gets, and in which order.

use super::deliveries::{SHARED, came, enqueue, message, post};
use super::person::Person;
use super::world::in_world;
use crate::office::store::queue::Kind;
use crate::office::store::{self, Store};
use crate::office::transport::tests::peer::say;

#[test]
fn a_message_with_which_a_server_cannot_cope_holds_the_others_up_for_minutes_only() {
    in_world(async |world| {
        Person::jo(&world).is_friend(&world).await;
        world.web.on(&format!("POST {SHARED}"), |request| {
            let is_bad = request.contains("a.json");
            say(if is_bad { "500 Internal Server Error" } else { "202 Accepted" }, "")
        });
        for name in ["a", "b", "c"] {
            post(&world, name).await;
        }
        for _ in 0..60 {
            world.deliver().await;
            world.minutes(1);
        }
        let came = came(&world, SHARED);
        assert_eq!(came.iter().filter(|id| id.starts_with('b')).count(), 1, "{came:?}");
        assert_eq!(came.iter().filter(|id| id.starts_with('c')).count(), 1, "{came:?}");
        assert_eq!(world.status().await.queued, 1, "it is still tried");
        let tries = came.len();
        assert!((4..10).contains(&tries), "{came:?}");
    });
}

#[test]
fn q_11_of_a_post_that_is_edited_twice_meanwhile_the_last_version_arrives() {
    in_world(async |world| {
        Person::jo(&world).is_friend(&world).await;
        world.web.status(&format!("POST {SHARED}"), "503 Service Unavailable");
        post(&world, "a").await;
        enqueue(&world, message("a", Kind::Update, 2)).await;
        world.deliver().await;
        enqueue(&world, message("a", Kind::Update, 3)).await;
        post(&world, "b").await;
        world.web.status(&format!("POST {SHARED}"), "202 Accepted");
        world.minutes(2);
        world.deliver().await;
        let expected = ["a.json#Create-1", "a.json#Update-3", "b.json#Create-1"];
        assert_eq!(came(&world, SHARED)[1..], expected);
    });
}

#[test]
fn q_11_what_was_taken_back_meanwhile_does_not_arrive_at_all() {
    in_world(async |world| {
        Person::jo(&world).is_friend(&world).await;
        world.web.status(&format!("POST {SHARED}"), "503 Service Unavailable");
        post(&world, "a").await;
        world.deliver().await;
        enqueue(&world, message("a", Kind::Delete, 2)).await;
        world.web.status(&format!("POST {SHARED}"), "202 Accepted");
        world.minutes(2);
        world.deliver().await;
        assert_eq!(came(&world, SHARED)[1..], ["a.json#Delete-2"]);
    });
}

#[test]
fn q_11_what_was_taken_back_while_the_one_before_was_under_way_does_not_arrive() {
    in_world(async |world| {
        Person::jo(&world).is_friend(&world).await;
        let (path, now) = (world.folder.path().join("office/office.db"), world.now());
        world.web.on(&format!("POST {SHARED}"), move |request| {
            if request.contains("a.json#Create-1") {
                let taken_back = message("b", Kind::Delete, 2);
                let store = Store::open_for_request(&path).unwrap();
                let enqueue = |store: &_| store::queue::enqueue(store, "news", &taken_back, now);
                store.run(enqueue).unwrap();
            }
            say("202 Accepted", "")
        });
        post(&world, "a").await;
        post(&world, "b").await;
        world.deliver().await;
        assert_eq!(came(&world, SHARED), ["a.json#Create-1", "b.json#Delete-2"]);
    });
}

#[test]
fn q_11_what_an_inbox_did_not_believe_is_not_overtaken() {
    in_world(async |world| {
        Person::jo(&world).is_friend(&world).await;
        let tries = std::cell::Cell::new(0);
        world.web.on(&format!("POST {SHARED}"), move |_| match tries.replace(tries.get() + 1) {
            // One for each form of signatures.
            0 | 1 => say("401 Unauthorized", ""),
            _ => say("202 Accepted", ""),
        });
        post(&world, "a").await;
        enqueue(&world, message("a", Kind::Update, 2)).await;
        world.deliver().await;
        assert_eq!(came(&world, SHARED), ["a.json#Create-1", "a.json#Create-1"]);
        // Mastodon asks for our key again after five minutes.
        world.minutes(7);
        world.deliver().await;
        assert_eq!(came(&world, SHARED)[2..], ["a.json#Create-1", "a.json#Update-2"]);
    });
}

#[test]
fn a_message_that_an_inbox_does_not_want_holds_up_no_other() {
    in_world(async |world| {
        Person::jo(&world).is_friend(&world).await;
        let tries = std::cell::Cell::new(0);
        world.web.on(&format!("POST {SHARED}"), move |_| match tries.replace(tries.get() + 1) {
            0 => say("422 Unprocessable Content", ""),
            _ => say("202 Accepted", ""),
        });
        post(&world, "a").await;
        post(&world, "b").await;
        world.deliver().await;
        assert_eq!(came(&world, SHARED), ["a.json#Create-1", "b.json#Create-1"]);
        assert_eq!(world.status().await.queued, 0);
    });
}

#[test]
fn q_11_an_edit_does_not_overtake_a_post_with_which_a_server_cannot_cope_yet() {
    in_world(async |world| {
        Person::jo(&world).is_friend(&world).await;
        world.web.status(&format!("POST {SHARED}"), "500 Internal Server Error");
        post(&world, "a").await;
        for minutes in [0, 2, 7, 40] {
            world.minutes(minutes);
            world.deliver().await;
        }
        let tries = world.web.letters(SHARED).len();
        assert!(tries >= 3, "others go ahead of it now: {tries}");
        world.web.status(&format!("POST {SHARED}"), "202 Accepted");
        enqueue(&world, message("a", Kind::Update, 2)).await;
        for _ in 0..300 {
            world.minutes(1);
            world.deliver().await;
        }
        let came = &came(&world, SHARED)[tries..];
        assert_eq!(came, ["a.json#Create-1", "a.json#Update-2"]);
    });
}
