//! An account ends.

use std::cell::Cell;

use serde_json::json;
use sha2::{Digest as _, Sha256};
use url::Url;

use super::person::Person;
use super::world::{NEWS, World, in_world, key};
use crate::activity::NAMESPACE;
use crate::disk::{Root, next_key};
use crate::federation::farewell::Farewell;
use crate::federation::{Approval, Local};
use crate::office::Seen;
use crate::office::store::{self, Store, queue};
use crate::office::transport::tests::peer::say;

const SHARED: &str = "https://social.example/inbox";

/// The last that `news` says.
fn last(farewell: &Farewell) -> queue::Activity {
    let approval = Approval::Automatic;
    let local = Local { user: "news".to_owned(), id: NEWS.to_owned(), approval };
    queue::Activity::of(farewell.message(&local), NEWS)
}

/// Ends the life of `news`. Says to how many inboxes the last message goes.
async fn retire(world: &World, farewell: &Farewell) -> usize {
    let (last, now) = (last(farewell), world.now());
    world.store(move |store| store::retired::retire(store, "news", &last, None, now)).await
}

async fn post(world: &World) {
    let post = "https://party.example/ap/news/posts/a.json".to_owned();
    let body = format!("{{\"id\":\"{post}#create\",\"type\":\"Create\"}}");
    let uri = format!("{post}#create");
    let post = queue::Activity { uri, kind: queue::Kind::Create, post, body };
    let now = world.now();
    world.store(move |store| queue::enqueue(store, "news", &post, now)).await;
}

#[test]
fn what_is_deleted_says_nothing_more_and_takes_nobody() {
    in_world(async |world| {
        let jo = Person::jo(&world);
        jo.is_friend(&world).await;
        post(&world).await;
        assert_eq!(retire(&world, &Farewell::Delete).await, 1);
        world.deliver().await;
        assert_eq!(world.web.kinds(SHARED), ["Delete"], "no post before it");
        let delete = &world.web.messages(SHARED)[0];
        assert_eq!((&delete["actor"], &delete["object"]), (&NEWS.into(), &NEWS.into()));
        // There is no site, and it is not looked at for its sake.
        let looks = world.office.look(false).await;
        assert_eq!(looks[0], ("news".to_owned(), Seen::default()));
        let kim = Person::new("kim", "far.example").published(&world);
        assert_eq!(world.send(&kim.writes(&world, &kim.follow(1))).await, 202);
        world.deliver().await;
        assert!(world.web.letters(&kim.inbox()).is_empty());
        assert_eq!(world.followers().await, [jo.id]);
    });
}

#[test]
fn whose_account_moves_hears_that_last() {
    in_world(async |world| {
        Person::jo(&world).is_friend(&world).await;
        post(&world).await;
        let target = Url::parse("https://social.example/users/party").unwrap();
        retire(&world, &Farewell::Move(target.clone())).await;
        world.deliver().await;
        assert_eq!(world.web.kinds(SHARED), ["Create", "Move"]);
        assert_eq!(world.web.messages(SHARED)[1]["target"], target.as_str());
    });
}

#[test]
fn who_followed_is_forgotten_when_all_have_heard_it_or_never_will() {
    in_world(async |world| {
        Person::jo(&world).is_friend(&world).await;
        retire(&world, &Farewell::Delete).await;
        world.days(7);
        world.office.look(false).await;
        assert_eq!(world.followers().await.len(), 1);
        world.days(1);
        world.office.look(false).await;
        assert_eq!(world.followers().await, [""; 0]);
    });
}

/// Publishes the site with so many posts. Another process ends the life of `news` while the post
/// office asks for `last_asked`, if that is something.
fn publish(world: &World, posts: usize, last_asked: Option<&str>) {
    let then = "2026-12-01T10:00:00Z";
    let id = |number| format!("https://party.example/ap/news/posts/{number}.json");
    let notes = (0..posts).map(|number| {
        json!({
            "@context": NAMESPACE, "id": id(number), "type": "Note", "attributedTo": NEWS,
            "published": then, "to": [format!("{NAMESPACE}#Public")], "content": "Hi",
        })
    });
    let actor = json!({
        "@context": NAMESPACE, "id": NEWS, "type": "Organization", "name": "A party",
        "publicKey": { "publicKeyPem": key(2).public().to_pem() },
    });
    let hash = Sha256::digest(actor.to_string());
    let hash: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    let listed: Vec<_> = (0..posts).map(|n| json!({ "id": id(n), "updated": then })).collect();
    let index = json!({
        "version": 1, "serial": 5, "actor": NEWS, "profile": hash, "posts": listed,
    });
    let index = (NEWS.replace("actor.json", "index.json"), index);
    let all = notes.map(|note| (note["id"].as_str().unwrap().to_owned(), note));
    for (address, document) in all.chain([(NEWS.to_owned(), actor), index]) {
        let path = (last_asked == Some(&address)).then(|| world.folder.path().to_owned());
        let (now, is_done) = (world.now(), Cell::new(false));
        world.web.on(&format!("GET {address}"), move |_| {
            if let Some(path) = path.as_ref().filter(|_| !is_done.replace(true)) {
                let store = Store::open(&path.join("office/office.db")).unwrap();
                let last = last(&Farewell::Delete);
                let retire = |store: &_| store::retired::retire(store, "news", &last, None, now);
                store.run(retire).unwrap();
            }
            say("200 OK\r\nContent-Type: application/activity+json", &document.to_string())
        });
    }
}

#[test]
fn a_look_that_was_under_way_adds_nothing_to_the_end() {
    in_world(async |world| {
        Person::jo(&world).is_friend(&world).await;
        publish(&world, 1, None);
        assert!(world.office.look(false).await[0].1.is_first);
        publish(&world, 2, Some("https://party.example/ap/news/posts/1.json"));
        assert_eq!(world.office.look(false).await[0].1, Seen::default());
        world.deliver().await;
        assert_eq!(world.web.kinds(SHARED), ["Delete"]);
    });
}

#[test]
fn no_key_makes_way_for_another_one_after_the_end() {
    in_world(async |world| {
        Person::jo(&world).is_friend(&world).await;
        publish(&world, 1, None);
        world.office.look(false).await;
        next_key::write(&Root::open(world.folder.path()).unwrap(), "news", key(2)).unwrap();
        publish(&world, 1, Some(NEWS));
        assert_eq!(world.office.look(false).await[0].1, Seen::default());
        assert!(world.store(store::rotation::all).await.is_empty());
        world.deliver().await;
        assert_eq!(world.web.kinds(SHARED), ["Delete"]);
    });
}

#[test]
fn whoever_cannot_be_read_of_in_the_store_counts_as_retired() {
    in_world(async |world| {
        Person::jo(&world).is_friend(&world).await;
        publish(&world, 1, None);
        world.store(|store| Ok(store.execute_batch("DROP TABLE retired")?)).await;
        world.office.look(false).await;
        assert!(!world.web.asked().iter().any(|asked| asked.ends_with("index.json")));
    });
}

#[test]
fn a_change_of_keys_ends_also_after_the_end() {
    in_world(async |world| {
        Person::jo(&world).is_friend(&world).await;
        next_key::write(&Root::open(world.folder.path()).unwrap(), "news", key(2)).unwrap();
        publish(&world, 1, None);
        assert!(world.office.look(false).await[0].1.has_new_key);
        retire(&world, &Farewell::Delete).await;
        world.days(8);
        assert!(world.office.look(false).await[0].1.has_settled);
        assert!(world.store(store::rotation::all).await.is_empty());
    });
}
