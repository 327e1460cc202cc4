//! A key makes way for another one, and nobody notices.

use std::cell::Cell;
use std::fs;
use std::path::PathBuf;
use std::rc::Rc;

use jiff::SignedDuration;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::person::Person;
use super::world::{NEWS, World, in_world_with, key};
use crate::activity::NAMESPACE;
use crate::disk::{Root, keys, next_key};
use crate::federation::outgoing::shown_key;
use crate::key::PrivateKey;
use crate::office::Seen;
use crate::office::deliver::TOLD_REST;
use crate::office::transport::tests::peer::say;
use crate::office::{signers, store};
use crate::signature::{Request, Signature};

const SHARED: &str = "https://social.example/inbox";
const FAR: &str = "https://far.example/inbox";
/// The numbers of the old key and of the new one.
const OLD: usize = 0;
const NEW: usize = 2;

fn folder(world: &World) -> PathBuf {
    world.folder.path().join("public/ap/news")
}

/// Writes the site: the actor has that key and that name, and there are that many posts.
fn publish(world: &World, shown: usize, name: &str, posts: u32) {
    fs::create_dir_all(folder(world).join("posts")).unwrap();
    let actor = json!({
        "@context": NAMESPACE, "id": NEWS, "type": "Organization", "name": name,
        "publicKey": { "publicKeyPem": key(shown).public().to_pem() },
    });
    let actor = actor.to_string();
    let hash: String = Sha256::digest(&actor).iter().map(|byte| format!("{byte:02x}")).collect();
    fs::write(folder(world).join("actor.json"), actor).unwrap();
    let then = "2026-12-01T10:00:00Z";
    let id = |number| format!("https://party.example/ap/news/posts/{number}.json");
    for number in 0..posts {
        let note = json!({
            "@context": NAMESPACE, "id": id(number), "type": "Note", "attributedTo": NEWS,
            "published": then, "to": [format!("{NAMESPACE}#Public")], "content": "Hi",
        });
        fs::write(folder(world).join(format!("posts/{number}.json")), note.to_string()).unwrap();
    }
    let posts: Vec<Value> =
        (0..posts).map(|number| json!({ "id": id(number), "updated": then })).collect();
    let index = json!({
        "version": 1, "serial": 5, "actor": NEWS, "profile": hash, "posts": posts,
    });
    fs::write(folder(world).join("index.json"), index.to_string()).unwrap();
}

/// Puts the new key beside the old one, as `sitegen key rotate` does.
fn make_next(world: &World) {
    let root = Root::open(world.folder.path()).unwrap();
    next_key::write(&root, "news", key(NEW)).unwrap();
}

/// What a look finds out about `news`.
async fn look(world: &World) -> Seen {
    let looks = world.office.look(false).await;
    looks.into_iter().find(|(user, _)| user == "news").unwrap().1
}

async fn look_and_deliver(world: &World) -> Seen {
    let seen = look(world).await;
    world.deliver().await;
    seen
}

/// Who has signed a message: the number of the key.
fn signer(letter: &str) -> usize {
    let (head, body) = letter.split_once("\r\n\r\n").unwrap();
    let mut lines = head.lines();
    let mut words = lines.next().unwrap().split(' ');
    let (method, target) = (words.next().unwrap(), words.next().unwrap());
    let headers: Vec<(&str, &str)> = lines.map(|line| line.split_once(": ").unwrap()).collect();
    let host = headers.iter().find(|(name, _)| *name == "host").unwrap().1;
    let request = Request { method, target, headers: &headers, body: body.as_bytes() };
    let signature = Signature::of(request).unwrap();
    let believes = |number: &usize| {
        signature.verify(host, key(*number).public(), signature.signed_at()).is_ok()
    };
    [OLD, NEW].into_iter().find(believes).unwrap()
}

/// The types of the messages to an inbox, each with the number of the key that has signed it.
fn signed(world: &World, inbox: &str) -> Vec<(String, usize)> {
    let letters = world.web.letters(inbox);
    world.web.kinds(inbox).into_iter().zip(letters.iter().map(|letter| signer(letter))).collect()
}

fn kinds(list: &[(&str, usize)]) -> Vec<(String, usize)> {
    list.iter().map(|(kind, key)| ((*kind).to_owned(), *key)).collect()
}

/// A server that knows one key, believes no other, and learns of another only from a message that
/// the one it knows has signed, as GoToSocial does. Gives the number of the key that it knows.
fn strict(world: &World, inbox: &str) -> Rc<Cell<usize>> {
    let known = Rc::new(Cell::new(OLD));
    let knows = Rc::clone(&known);
    world.web.on(&format!("POST {inbox}"), move |letter| {
        if signer(letter) != knows.get() {
            return say("401 Unauthorized", "");
        }
        let (_, body) = letter.split_once("\r\n\r\n").unwrap();
        let message: Value = serde_json::from_str(body).unwrap();
        if let Some(key) = shown_key(message["object"].to_string().as_bytes()) {
            knows.set(
                [OLD, NEW].into_iter().find(|n| *super::world::key(*n).public() == key).unwrap(),
            );
        }
        say("202 Accepted", "")
    });
    known
}

/// A site with two followers, which was looked at.
fn in_site(act: impl AsyncFnOnce(World)) {
    in_world_with("folder = \"public\"", async |world| {
        Person::jo(&world).is_friend(&world).await;
        Person::new("kim", "far.example").published(&world).is_friend(&world).await;
        publish(&world, OLD, "A party", 1);
        assert!(look_and_deliver(&world).await.is_first);
        act(world).await;
    });
}

/// The private keys in the files of `news`: that in use, and the next.
fn files(world: &World) -> (PrivateKey, Option<PrivateKey>) {
    let root = Root::open(world.folder.path()).unwrap();
    (keys::read_private(&root, "news").unwrap().unwrap(), next_key::read(&root, "news").unwrap())
}

async fn rotations(world: &World) -> usize {
    world.store(store::rotation::all).await.len()
}

#[test]
fn nothing_changes_before_the_site_shows_the_new_key() {
    in_site(async |world| {
        make_next(&world);
        publish(&world, OLD, "Another name", 2);
        assert_eq!(look_and_deliver(&world).await, Seen { queued: 2, ..Seen::default() });
        assert_eq!(signed(&world, SHARED), kinds(&[("Update", OLD), ("Create", OLD)]));
        assert_eq!((rotations(&world).await, current(&world).await), (0, OLD));
    });
}

/// The number of the key with which a command asks in the name of `news`.
async fn current(world: &World) -> usize {
    let rotations = world.store(store::rotation::all).await;
    let root = Root::open(world.folder.path()).unwrap();
    let found = signers::current(&root, "news", &rotations).unwrap().unwrap();
    [OLD, NEW].into_iter().find(|number| key(*number).public() == found.public()).unwrap()
}

#[test]
fn followers_are_told_with_the_old_key_and_hear_the_new_one_after_that() {
    in_site(async |world| {
        let known = strict(&world, SHARED);
        make_next(&world);
        publish(&world, NEW, "A party", 2);
        let seen = look_and_deliver(&world).await;
        assert_eq!(seen, Seen { queued: 2, has_new_key: true, ..Seen::default() });
        assert_eq!(signed(&world, SHARED), kinds(&[("Update", OLD)]));
        assert_eq!((known.get(), current(&world).await), (NEW, NEW));
        // The server may not have worked it off yet.
        world.pass(TOLD_REST - SignedDuration::from_secs(1));
        world.deliver().await;
        assert_eq!(world.web.letters(SHARED).len(), 1);
        world.pass(SignedDuration::from_secs(1));
        world.deliver().await;
        let all = [("Update", OLD), ("Create", NEW)];
        assert_eq!(signed(&world, SHARED), kinds(&all), "nothing was refused");
        assert_eq!(signed(&world, FAR), kinds(&all));
        assert_eq!(look_and_deliver(&world).await, Seen::default());
        // An answer is signed with the new one as well.
        let max = Person::new("max", "many.many.example").published(&world);
        max.is_friend(&world).await;
        assert_eq!(signed(&world, &max.inbox()), kinds(&[("Accept", NEW)]));
    });
}

#[test]
fn what_was_in_the_queue_before_is_signed_with_the_old_key_whenever_it_arrives() {
    in_site(async |world| {
        strict(&world, SHARED);
        world.web.status(&format!("POST {FAR}"), "503 Service Unavailable");
        publish(&world, OLD, "A party", 2);
        look_and_deliver(&world).await;
        make_next(&world);
        publish(&world, NEW, "A party", 3);
        assert!(look(&world).await.has_new_key);
        let world = world.restart();
        // And what is said of the profile after that does not take the place of it.
        world.minutes(5);
        publish(&world, NEW, "Another name", 3);
        assert_eq!(look(&world).await.queued, 1);
        let before = world.web.letters(FAR).len();
        strict(&world, FAR);
        for _ in 0..3 {
            world.minutes(10);
            world.deliver().await;
        }
        let all = [("Create", OLD), ("Update", OLD), ("Create", NEW), ("Update", NEW)];
        assert_eq!(signed(&world, FAR)[before..], kinds(&all), "nothing was refused");
        assert_eq!(signed(&world, SHARED), kinds(&all));
    });
}

#[test]
fn a_stop_at_any_moment_does_no_harm() {
    in_site(async |world| {
        let known = strict(&world, SHARED);
        make_next(&world);
        let world = world.restart();
        publish(&world, NEW, "A party", 2);
        assert!(look(&world).await.has_new_key);
        // Noted, and nothing is sent.
        let world = world.restart();
        world.deliver().await;
        assert_eq!(known.get(), NEW);
        let world = world.restart();
        world.minutes(2);
        world.deliver().await;
        let all = [("Update", OLD), ("Create", NEW)];
        assert_eq!(signed(&world, SHARED), kinds(&all));
        // The old key is kept as long as it may be needed, and no longer.
        world.days(7);
        assert!(!look_and_deliver(&world).await.has_settled);
        assert_eq!((files(&world).0.public(), rotations(&world).await), (key(OLD).public(), 1));
        world.days(1);
        // It had its second name when the power went.
        let own = world.folder.path().join(".sitegen/keys/news.pem");
        fs::hard_link(&own, own.with_file_name("news.pem.old")).unwrap();
        let world = world.restart();
        assert_eq!(world.office.signers.public("news").as_ref(), Some(key(NEW).public()));
        assert!(look_and_deliver(&world).await.has_settled);
        let (current, next) = files(&world);
        assert_eq!((current.public(), next.is_none()), (key(NEW).public(), true));
        assert_eq!(rotations(&world).await, 0);
        // The files were in place, and the store did not know.
        let prints = [NEW, OLD].map(|number| key(number).public().fingerprint());
        let then = world.now() - SignedDuration::from_hours(24 * 9);
        let begin = move |store: &rusqlite::Connection| {
            let [key, former] = &prints;
            store::rotation::begin(store, "news", [key, former], then)
        };
        world.store(begin).await;
        let world = world.restart();
        assert!(look_and_deliver(&world).await.has_settled);
        assert_eq!((files(&world).0.public(), rotations(&world).await), (key(NEW).public(), 0));
        publish(&world, NEW, "A party", 3);
        look_and_deliver(&world.restart()).await;
        assert_eq!(known.get(), NEW);
    });
}

#[test]
fn nobody_is_told_of_a_key_that_is_not_here() {
    in_site(async |world| {
        publish(&world, NEW, "A party", 2);
        let seen = look_and_deliver(&world).await;
        assert!(seen.problems[0].contains("sitegen key import news FILE --next"), "{seen:?}");
        assert_eq!(signed(&world, SHARED), kinds(&[("Create", OLD)]), "posts go out");
        // It arrives, and the post office need not be started anew.
        make_next(&world);
        assert!(look_and_deliver(&world).await.has_new_key);
        assert_eq!(signed(&world, SHARED)[1..], kinds(&[("Update", OLD)]));
    });
}

#[test]
fn a_server_that_knows_the_other_key_is_served_all_the_same() {
    in_site(async |world| {
        // One has asked for the new key by itself, the other has not taken what told of it.
        strict(&world, SHARED).set(NEW);
        make_next(&world);
        publish(&world, NEW, "A party", 1);
        look_and_deliver(&world).await;
        let update = ("Update", OLD);
        assert_eq!(signed(&world, SHARED), kinds(&[update, update, ("Update", NEW)]));
        strict(&world, FAR);
        publish(&world, NEW, "A party", 2);
        world.minutes(2);
        look_and_deliver(&world).await;
        let create = ("Create", NEW);
        assert_eq!(signed(&world, FAR)[1..], kinds(&[create, create, ("Create", OLD)]));
        assert_eq!(world.status().await.queued, 0);
    });
}

#[test]
fn whoever_begins_with_a_site_that_shows_the_new_key_already_goes_over_at_once() {
    in_world_with("folder = \"public\"", async |world| {
        Person::jo(&world).is_friend(&world).await;
        make_next(&world);
        publish(&world, NEW, "A party", 1);
        let seen = look_and_deliver(&world).await;
        let expected = Seen { is_first: true, queued: 1, has_new_key: true, ..Seen::default() };
        assert_eq!(seen, expected);
        assert_eq!(signed(&world, SHARED), kinds(&[("Update", OLD)]));
    });
}

#[test]
fn a_next_key_that_others_can_read_is_not_used() {
    if cfg!(not(unix)) {
        return;
    }
    in_site(async |world| {
        make_next(&world);
        let next = world.folder.path().join(".sitegen/keys/news.pem.next");
        #[cfg(unix)]
        fs::set_permissions(&next, std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
        publish(&world, NEW, "A party", 1);
        let seen = look_and_deliver(&world).await;
        assert!(seen.problems[0].contains("news.pem.next"), "{seen:?}");
        assert_eq!(signed(&world, SHARED), []);
    });
}

#[test]
fn what_tells_of_the_new_key_is_signed_with_the_old_one_also_when_a_shared_inbox_is_gone() {
    in_site(async |world| {
        let own = Person::jo(&world).inbox();
        world.web.status(&format!("POST {SHARED}"), "410 Gone");
        world.web.status(&format!("POST {own}"), "503 Service Unavailable");
        make_next(&world);
        publish(&world, NEW, "A party", 2);
        assert!(look_and_deliver(&world).await.has_new_key);
        // What is said of the profile after that does not take the place of it.
        publish(&world, NEW, "Another name", 2);
        assert_eq!(look(&world).await.queued, 1);
        let before = world.web.letters(&own).len();
        strict(&world, &own);
        for _ in 0..3 {
            world.minutes(10);
            world.deliver().await;
        }
        let all = [("Update", OLD), ("Create", NEW), ("Update", NEW)];
        assert_eq!(signed(&world, &own)[before..], kinds(&all), "nothing was refused");
    });
}

#[test]
fn the_old_key_stays_in_use_until_the_new_one_can_take_its_place() {
    in_site(async |world| {
        make_next(&world);
        publish(&world, NEW, "A party", 1);
        look_and_deliver(&world).await;
        world.days(8);
        let next = world.folder.path().join(".sitegen/keys/news.pem.next");
        for other in [None, Some(key(1))] {
            fs::remove_file(&next).unwrap();
            if let Some(key) = other {
                let root = Root::open(world.folder.path()).unwrap();
                next_key::write(&root, "news", key).unwrap();
            }
            let seen = look(&world).await;
            assert!(!seen.has_settled && seen.problems[0].contains("key import news"), "{seen:?}");
            assert_eq!((files(&world).0.public(), rotations(&world).await), (key(OLD).public(), 1));
            if other.is_none() {
                make_next(&world);
            }
        }
        fs::remove_file(&next).unwrap();
        make_next(&world);
        assert!(look(&world).await.has_settled);
        assert_eq!((files(&world).0.public(), rotations(&world).await), (key(NEW).public(), 0));
    });
}
