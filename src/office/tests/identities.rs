//! Who is who.

use serde_json::{Value, json};

use super::person::Person;
use super::world::{NEWS, World, in_world, key};
use crate::office::transport::tests::peer::say;

/// Sends a follow of somebody whose document is this. Gives the status.
async fn with_document(change: impl Fn(&mut Value)) -> (World, u16) {
    let world = World::new("").await;
    let jo = Person::new("jo", "social.example");
    let mut document = jo.document();
    change(&mut document);
    // Where it is does not change with what it says.
    let body = document.to_string();
    world.web.on(&format!("GET {}", jo.id), move |_| {
        say("200 OK\r\nContent-Type: application/activity+json", &body)
    });
    let status = world.send(&jo.writes(&world, &jo.follow(1))).await;
    (world, status)
}

fn refused(change: impl Fn(&mut Value)) {
    let run = crate::office::runtime::run(async {
        let (world, status) = with_document(change).await;
        assert_eq!(status, 401);
        assert_eq!(world.followers().await, [""; 0]);
    });
    run.unwrap();
}

#[test]
fn a_good_document_is_believed() {
    let run = crate::office::runtime::run(async {
        let (world, status) = with_document(|_| {}).await;
        assert_eq!((status, world.followers().await.len()), (202, 1));
    });
    run.unwrap();
}

#[test]
fn i_01_a_key_that_says_whose_it_is_is_not_believed() {
    in_world(async |world| {
        let jo = Person::jo(&world);
        let key_id = "https://evil.example/key".to_owned();
        world.web.publish(&json!({
            "id": key_id, "type": "Key", "owner": jo.id, "publicKeyPem": key(2).public().to_pem(),
        }));
        // On another server it is not even asked for.
        let evil = Person { key_id, key: 2, ..jo.clone() };
        assert_eq!(world.send(&evil.writes(&world, &evil.follow(1))).await, 401);
        assert_eq!(world.web.connections(), 0);
        // On the same server it counts only when the actor lists it.
        let key_id = "https://social.example/upload/key".to_owned();
        let evil = Person { key_id, key: 2, ..jo };
        assert_eq!(world.send(&evil.writes(&world, &evil.follow(1))).await, 401);
        assert_eq!(world.followers().await, [""; 0]);
    });
}

#[test]
fn i_02_a_good_signature_says_nothing_of_somebody_else() {
    in_world(async |world| {
        let jo = Person::jo(&world);
        for host in ["evil.example", "social.example"] {
            let evil = Person { key: 2, ..Person::new("evil", host) }.published(&world);
            assert_eq!(world.send(&evil.writes(&world, &jo.follow(1))).await, 401, "{host}");
        }
        assert_eq!(world.followers().await, [""; 0]);
    });
}

#[test]
fn i_03_an_actor_is_one_address() {
    in_world(async |world| {
        let jo = Person::jo(&world);
        let odd = [json!([jo.id]), json!({ "id": jo.id }), Value::Null, json!("http://a.example/")];
        for actor in odd {
            let mut follow = jo.follow(1);
            follow["actor"] = actor;
            assert_eq!(world.send(&jo.writes(&world, &follow)).await, 400, "{follow}");
        }
        assert_eq!(world.web.connections(), 0);
    });
}

#[test]
fn i_04_i_11_a_document_of_something_else_is_refused() {
    refused(|document| document["id"] = "https://social.example/users/max".into());
    refused(|document| document["type"] = "Note".into());
    refused(|document| document["type"] = Value::Null);
    refused(|document| document["publicKey"]["owner"] = "https://social.example/users/max".into());
}

#[test]
fn i_05_an_actor_that_leads_to_another_one_is_refused() {
    in_world(async |world| {
        let jo = Person::new("jo", "social.example");
        let max = Person::new("max", "social.example").published(&world);
        let far = Person::new("jo", "far.example").published(&world);
        for there in [&far.id, &max.id] {
            let head = format!("302 Found\r\nLocation: {there}");
            world.web.on(&format!("GET {}", jo.id), move |_| say(&head, ""));
            assert_eq!(world.send(&jo.writes(&world, &jo.follow(1))).await, 401, "{there}");
            world.minutes(6);
        }
        assert!(!world.web.asked().contains(&format!("GET {}", far.id)));
        assert_eq!(world.followers().await, [""; 0]);
    });
}

#[test]
fn i_06_a_message_with_an_id_elsewhere_is_refused_and_the_genuine_one_taken() {
    in_world(async |world| {
        let jo = Person::jo(&world);
        let evil = Person { key: 2, ..Person::new("evil", "evil.example") }.published(&world);
        let mut follow = evil.follow(1);
        follow["id"] = jo.follow(1)["id"].clone();
        assert_eq!(world.send(&evil.writes(&world, &follow)).await, 401);
        assert_eq!(world.web.connections(), 0);
        jo.follows(&world).await;
        assert_eq!(world.followers().await, [jo.id]);
    });
}

#[test]
fn i_07_only_a_document_of_the_fediverse_is_an_actor() {
    in_world(async |world| {
        for (number, (kind, status)) in [
            ("application/json", 401),
            ("text/html", 401),
            ("application/ld+json", 401),
            ("application/ld+json; profile=\"https://www.w3.org/ns/activitystreams\"", 202),
            ("Application/Activity+JSON; charset=utf-8", 202),
        ]
        .into_iter()
        .enumerate()
        {
            let person = Person::new(&format!("p{number}"), "social.example");
            world.web.publish_as(&person.document(), kind);
            let follow = person.writes(&world, &person.follow(1));
            assert_eq!(world.send(&follow).await, status, "{kind}");
        }
        assert_eq!(world.followers().await.len(), 2);
    });
}

#[test]
fn i_08_of_several_keys_the_one_that_is_named_counts() {
    let listed = |person: &Person, keys: &[(&str, usize)]| {
        let mut document = person.document();
        let keys = keys.iter().map(|(id, number)| {
            let pem = key(*number).public().to_pem();
            json!({ "id": id, "owner": person.id, "publicKeyPem": pem })
        });
        document["publicKey"] = keys.collect();
        document
    };
    in_world(async |world| {
        let jo = Person::new("jo", "social.example");
        let other = format!("{}#other", jo.id);
        world.web.publish(&listed(&jo, &[(&other, 2), (&jo.key_id, 1)]));
        jo.follows(&world).await;
        let max = Person::new("max", "social.example");
        world.web.publish(&listed(&max, &[(&other, 1), (&format!("{}#other", max.id), 1)]));
        assert_eq!(world.send(&max.writes(&world, &max.follow(1))).await, 401);
        assert_eq!(world.followers().await, [jo.id]);
    });
}

#[test]
fn i_09_a_new_key_is_asked_for_once_and_then_known() {
    in_world(async |world| {
        let jo = Person::jo(&world);
        jo.is_friend(&world).await;
        world.minutes(20);
        let renewed = Person { key: 2, ..jo.clone() }.published(&world);
        assert_eq!(world.web.fetches(), 1);
        let undo = json!("https://social.example/likes/1");
        let letter = renewed.writes(&world, &renewed.undo(&undo));
        assert_eq!((world.send(&letter).await, world.web.fetches()), (202, 2));
        // It is on the disk, for the time when nobody remembers anything.
        let id = jo.id.clone();
        let known = world.store(move |store| crate::office::store::known::remote(store, &id)).await;
        assert_eq!(known.unwrap().key(&jo.key_id), Some(key(2).public()));
        let old = jo.writes(&world, &jo.undo(&jo.follow(1)));
        assert_eq!((world.send(&old).await, world.web.fetches()), (503, 2));
        assert_eq!(world.followers().await, [jo.id]);
    });
}

#[test]
fn i_09_whose_key_does_not_fit_again_within_ten_minutes_is_asked_to_come_later() {
    in_world(async |world| {
        let jo = Person::jo(&world);
        jo.is_friend(&world).await;
        world.minutes(20);
        let undo = jo.undo(&jo.follow(1));
        assert_eq!(world.send(&jo.forged(&world, &undo)).await, 401, "its server was asked");
        world.minutes(1);
        let renewed = Person { key: 2, ..jo.clone() }.published(&world);
        let genuine = renewed.writes(&world, &undo);
        // It could be a new key, and is one: whoever sends it has to try again, not to give up.
        assert_eq!((world.send(&genuine).await, world.web.fetches()), (503, 2));
        world.minutes(10);
        assert_eq!((world.send(&genuine).await, world.web.fetches()), (202, 3));
        assert_eq!(world.followers().await, [""; 0]);
    });
}

#[test]
fn what_came_before_its_server_was_asked_and_does_not_fit_is_forged() {
    in_world(async |world| {
        let jo = Person::jo(&world);
        jo.is_friend(&world).await;
        world.minutes(20);
        let lying: Vec<_> = (0..5).map(|_| jo.forged(&world, &jo.undo(&jo.follow(1)))).collect();
        world.minutes(1);
        for forged in &lying {
            assert_eq!(world.send(forged).await, 401);
        }
        assert_eq!(world.web.fetches(), 2);
    });
}

#[test]
fn an_update_of_a_profile_is_looked_up_and_one_of_a_post_is_not() {
    in_world(async |world| {
        let jo = Person::jo(&world);
        jo.is_friend(&world).await;
        world.minutes(5);
        let moved = Person { shared_inbox: None, ..jo.clone() }.published(&world);
        let mut edit = jo.update();
        edit["object"] = json!({ "id": format!("{}/notes/1", jo.id), "type": "Note" });
        assert_eq!((world.send(&jo.writes(&world, &edit)).await, world.web.fetches()), (202, 1));
        let update = moved.writes(&world, &moved.update());
        assert_eq!((world.send(&update).await, world.web.fetches()), (202, 2));
        let id = jo.id.clone();
        let known = world.store(move |store| crate::office::store::known::remote(store, &id)).await;
        assert_eq!(known.unwrap().shared_inbox, None);
    });
}

#[test]
fn n_04_whose_inbox_is_elsewhere_may_not_follow() {
    for inbox in [
        "https://party.example/ap/news/inbox",
        "https://127.0.0.1/inbox",
        "https://social.example:22/inbox",
        "http://social.example/inbox",
        "https://jo:secret@social.example/inbox",
        &format!("https://social.example/{}", "x".repeat(10_000)),
    ] {
        refused(|document| document["inbox"] = inbox.into());
    }
    // Such a shared inbox is not used.
    let run = crate::office::runtime::run(async {
        let elsewhere = "https://evil.example/inbox";
        let change = |document: &mut Value| document["endpoints"]["sharedInbox"] = elsewhere.into();
        let (world, status) = with_document(change).await;
        assert_eq!(status, 202);
        world.deliver().await;
        assert!(world.web.letters(elsewhere).is_empty());
    });
    run.unwrap();
}

#[test]
fn a_follow_of_somebody_else_reaches_nobody() {
    in_world(async |world| {
        let jo = Person::jo(&world);
        for object in [jo.id.as_str(), "https://party.example/ap/nobody/actor.json", "https://a.b/"]
        {
            let mut follow = jo.follow(1);
            follow["object"] = object.into();
            assert_eq!(world.send(&jo.writes(&world, &follow)).await, 202, "{object}");
        }
        assert_eq!(world.web.connections(), 0);
        assert_ne!(NEWS, jo.id);
    });
}
