//! `sitegen key rotate`: a key makes way for another one, on one machine or on two.

use std::fs;

use serde_json::Value;
use sitegen::key::{PrivateKey, PublicKey};
use sitegen::office::store::{Store, followers, rotation};

#[cfg(unix)]
use super::mode;
use super::{Office, jo, says, set_mode, then};
use crate::fixture::site;
use crate::folder::{Folder, json};
use crate::pems;

const CURRENT: &str = ".sitegen/keys/news.pem";
const NEXT: &str = ".sitegen/keys/news.pem.next";
const OLD: &str = ".sitegen/keys/news.pem.old";
const PUBLIC: &str = "keys/news.pem";
const SHOWN: &str = "public/ap/news/actor.json";

const SITE: &str = "
-- site.toml --
base_url = \"https://party.example\"
title = \"The Party\"
host = \"nginx\"
post_office = \"http://127.0.0.1:8025\"
[[actors]]
user = \"news\"
-- inbox.toml --
site = \"https://party.example\"
folder = \"public\"
[[actors]]
user = \"news\"
-- content/first.md --
+++
title = \"First\"
date = 2026-05-01
+++
Text.
";

/// A site with the key A and a post office that reads its output here, but has not worked yet.
fn new_site() -> Folder {
    let folder = site(SITE).on_disk();
    folder.write("a.pem", pems::A);
    set_mode(&folder.path("a.pem"), 0o600);
    folder.expect(0, "key import news a.pem");
    fs::remove_file(folder.path("a.pem")).unwrap();
    folder.expect(0, "build");
    folder
}

/// The same, and the post office has worked.
fn folder() -> Folder {
    let folder = new_site();
    folder.expect(0, "deliver");
    folder
}

fn key(folder: &Folder, path: &str) -> PublicKey {
    PrivateKey::parse(&folder.read(path)).unwrap().public().clone()
}

fn public(folder: &Folder) -> PublicKey {
    PublicKey::parse(&folder.read(PUBLIC)).unwrap()
}

fn a() -> PublicKey {
    PublicKey::parse(pems::A_PUBLIC).unwrap()
}

/// The key that the output shows.
fn shown(folder: &Folder) -> PublicKey {
    let actor: Value = serde_json::from_str(&folder.read(SHOWN)).unwrap();
    PublicKey::parse(actor["publicKey"]["publicKeyPem"].as_str().unwrap()).unwrap()
}

/// What `status` says of the new key of `news`.
fn new_key(folder: &Folder) -> Value {
    json(&folder.run("status --format json").out).remove(0)["accounts"][0]["new_key"].take()
}

#[test]
fn the_new_key_waits_until_the_site_shows_it_and_the_post_office_goes_over_by_itself() {
    let folder = folder();
    let run = folder.expect(0, "key rotate news");
    says(&run.out, &[NEXT, "commit keys/news.pem", "sitegen build", "Nothing else"]);
    assert!(!run.out.contains("another machine"), "{}", run.out);
    let next = key(&folder, NEXT);
    assert_eq!((key(&folder, CURRENT), public(&folder)), (a(), next.clone()));
    #[cfg(unix)]
    assert_eq!(mode(&folder.path(NEXT)), 0o600);
    assert_eq!(new_key(&folder)["state"], "waiting");
    says(&folder.run("status").out, &["a new key waits until the site shows it"]);
    says(&folder.expect(0, "key show").out, &["news.pem.next, waits", "the old one"]);
    folder.expect(0, "deliver");
    assert_eq!(new_key(&folder)["state"], "waiting", "the site shows the old one");
    says(&folder.expect(2, "key rotate news").err, &["a new key already", "--cancel", "upload"]);
    says(&folder.expect(2, "key new news --force-new-key").err, &["goes over to a new key"]);

    folder.expect(0, "build");
    assert_eq!(shown(&folder), next);
    says(&folder.expect(0, "deliver").err, &["the site shows the new key"]);
    assert_eq!(new_key(&folder)["state"], "signing");
    says(&folder.run("status").out, &["signs with its new key since", "is kept until"]);
    assert_eq!((key(&folder, CURRENT), key(&folder, NEXT)), (a(), next));
    for command in ["key rotate news", "key rotate news --cancel", "key rotate news --finish"] {
        says(&folder.expect(2, command).err, &["since 20", "cannot be undone", "until 20"]);
    }
}

#[test]
fn the_old_key_goes_out_of_use_after_eight_days() {
    let folder = folder();
    folder.expect(0, "key rotate news");
    folder.expect(0, "build");
    folder.expect(0, "deliver");
    let next = key(&folder, NEXT);
    let path = folder.path(".sitegen/office/office.db");
    let long_ago = |store: &rusqlite::Connection| {
        store.execute("UPDATE rotation SET since = since - 9 * 24 * 3600", [])?;
        Ok(())
    };
    Store::open(&path).unwrap().run(long_ago).unwrap();
    says(&folder.expect(0, "deliver").err, &["the old key has done its work"]);
    assert_eq!((key(&folder, CURRENT), key(&folder, OLD)), (next, a()));
    assert!(!folder.has(NEXT));
    assert_eq!(new_key(&folder), Value::Null);
    folder.expect(0, "key show");
    folder.expect(0, "key rotate news");
}

#[test]
fn what_was_stopped_between_two_steps_goes_on_with_the_same_key() {
    let folder = folder();
    folder.expect(0, "key rotate news");
    let next = key(&folder, NEXT);
    // The public part was not written yet.
    folder.write(PUBLIC, pems::A_PUBLIC);
    folder.expect(0, "key show");
    folder.expect(0, "key rotate news");
    assert_eq!((key(&folder, NEXT), public(&folder)), (next, public(&folder)));
    // The public part was written back already.
    folder.write(PUBLIC, pems::A_PUBLIC);
    folder.expect(0, "key rotate news --cancel");
    assert_eq!((public(&folder), folder.has(NEXT)), (a(), false));
}

#[test]
fn a_change_can_be_undone_as_long_as_the_site_does_not_show_it() {
    let folder = folder();
    says(&folder.expect(2, "key rotate news --cancel").err, &["no new key of @news waits"]);
    folder.expect(0, "key rotate news");
    let next = key(&folder, NEXT);
    let run = folder.expect(0, "key rotate news --cancel");
    says(&run.out, &["keeps its old key", OLD]);
    assert_eq!((key(&folder, CURRENT), public(&folder)), (a(), a()));
    assert_eq!((key(&folder, OLD), folder.has(NEXT)), (next, false), "it is not lost");
    folder.expect(0, "key show");
    folder.expect(0, "key rotate news");
    folder.expect(0, "build");
    says(&folder.expect(2, "key rotate news --cancel").err, &["shows the new key", "already"]);
    assert!(folder.has(NEXT));
}

#[test]
fn nothing_is_undone_when_nobody_knows_what_the_site_shows() {
    let folder = folder();
    folder.expect(0, "key rotate news");
    let next = key(&folder, NEXT);
    fs::remove_file(folder.path(SHOWN)).unwrap();
    fs::create_dir(folder.path(SHOWN)).unwrap();
    let error = folder.expect(2, "key rotate news --cancel").err;
    says(&error, &["cannot be known", "actor.json cannot be read", "try again later"]);
    assert_eq!((public(&folder), key(&folder, NEXT)), (next.clone(), next));
}

#[test]
fn without_a_post_office_the_key_changes_at_once() {
    let folder = new_site();
    fs::remove_file(folder.path("inbox.toml")).unwrap();
    let text = folder.read("site.toml").replace("post_office", "#");
    folder.write("site.toml", text);
    let run = folder.expect(0, "key rotate news");
    says(&run.out, &["no post office", "ask for the new one", OLD]);
    assert_eq!((key(&folder, OLD), key(&folder, CURRENT)), (a(), public(&folder)));
    assert!(!folder.has(NEXT) && public(&folder) != a());
    says(&folder.expect(0, "key show").out, &["belongs to it"]);
}

#[test]
fn the_new_key_is_brought_to_the_machine_of_the_post_office() {
    let laptop = new_site();
    let pi = Folder::empty();
    pi.write(
        "inbox.toml",
        "site = \"https://party.example\"\nfolder = \"www\"\n[[actors]]\nuser = \"news\"\n",
    );
    let deploy = || {
        laptop.expect(0, "build");
        pi.write("www/ap/news/actor.json", laptop.read(SHOWN));
        pi.write("www/ap/news/index.json", laptop.read("public/ap/news/index.json"));
    };
    pi.write(CURRENT, laptop.read(CURRENT));
    set_mode(&pi.path(CURRENT), 0o600);
    deploy();
    pi.expect(0, "deliver");
    says(&pi.expect(2, "key rotate news").err, &["in the folder of the site"]);

    let run = laptop.expect(0, "key rotate news");
    says(&run.out, &["bring it there before anything else", "--private --next", "--finish"]);
    let carried = pi.0.path().join("carried.pem");
    let command = format!("key export news --private --next --output {}", carried.display());
    laptop.expect(0, &command);
    says(&laptop.expect(2, "key rotate news --finish").err, &["does not show it yet"]);
    deploy();
    // It was uploaded too early: nobody is told of a key that cannot sign.
    says(&pi.expect(1, "deliver").err, &["shows another key", "key import news FILE --next"]);
    pi.expect(0, "key import news carried.pem --next");
    assert_eq!(key(&pi, NEXT), key(&laptop, NEXT));
    pi.expect(0, "key import news carried.pem --next");
    says(&pi.expect(0, "deliver").err, &["the site shows the new key"]);
    assert_eq!(new_key(&pi)["state"], "signing");

    let next = key(&laptop, NEXT);
    let run = laptop.expect(0, "key rotate news --finish");
    says(&run.out, &["needs the old one for eight days", "takes no other key before that"]);
    assert_eq!((key(&laptop, CURRENT), key(&laptop, OLD)), (next, a()));
    assert!(!laptop.has(NEXT));
    laptop.expect(0, "key show");
    // Another one so soon has to wait.
    laptop.expect(0, "key rotate news");
    fs::remove_file(&carried).unwrap();
    laptop.expect(0, &command);
    let error = pi.expect(2, "key import news carried.pem --next").err;
    says(&error, &["since 20", "is kept until 20", "after that, run this again"]);
    assert!(!error.contains("--cancel"), "{error}");
}

#[test]
fn only_a_private_key_that_is_not_in_use_can_be_the_next() {
    let folder = folder();
    for (text, problem) in [(pems::A_PUBLIC, "only the public part"), (pems::A, "in use already")] {
        folder.write("other.pem", text);
        set_mode(&folder.path("other.pem"), 0o600);
        says(&folder.expect(2, "key import news other.pem --next").err, &[problem]);
    }
    folder.expect(0, "key rotate news");
    folder.write("other.pem", pems::B);
    set_mode(&folder.path("other.pem"), 0o600);
    says(&folder.expect(2, "key import news other.pem --next").err, &["goes over", "--cancel"]);
    says(&folder.expect(2, "key export news --next").err, &["--private"]);
}

#[test]
fn a_backup_has_the_new_key_and_what_is_noted_of_it() {
    let folder = folder();
    let befriend = |store: &_| {
        followers::add_known(store, "news", &jo(), "https://social.example/follow", then())
    };
    Store::open(&folder.path(".sitegen/office/office.db")).unwrap().run(befriend).unwrap();
    folder.expect(0, "key rotate news");
    folder.expect(0, "build");
    // It is noted, and what tells of it is in the queue: there is no server to take it.
    folder.expect(0, "deliver");
    let away = Folder::empty();
    let backup = away.0.path().join("backup.tar");
    folder.expect(0, &format!("backup {}", backup.display()));
    away.expect(0, "restore backup.tar");
    for path in [CURRENT, NEXT] {
        assert_eq!(key(&away, path), key(&folder, path), "{path}");
    }
    #[cfg(unix)]
    assert_eq!(mode(&away.path(NEXT)), 0o600);
    let office = Office(away);
    let rotations = office.store().read(rotation::all).unwrap();
    assert_eq!(rotations[0].key, key(&folder, NEXT).fingerprint());
    // Another one that waits here is in the way, and is kept.
    let here = Folder::empty();
    fs::copy(&backup, here.path("backup.tar")).unwrap();
    here.write(NEXT, pems::B);
    set_mode(&here.path(NEXT), 0o600);
    says(&here.expect(2, "restore backup.tar").err, &["another private key of @news"]);
    here.expect(0, "restore backup.tar --replace");
    assert_eq!(key(&here, NEXT), key(&folder, NEXT));
    assert_eq!(here.read(OLD), pems::B);
}

#[test]
fn a_key_that_has_taken_its_place_does_not_wait_in_a_backup() {
    let folder = folder();
    // The post office may do that while the keys are read.
    folder.write(NEXT, folder.read(CURRENT));
    set_mode(&folder.path(NEXT), 0o600);
    let away = Folder::empty();
    folder.expect(0, &format!("backup {}", away.0.path().join("backup.tar").display()));
    away.expect(0, "restore backup.tar");
    assert_eq!((key(&away, CURRENT), away.has(NEXT)), (a(), false));
}

#[test]
fn the_doctor_takes_both_keys_while_one_makes_way() {
    let folder = folder();
    folder.expect(0, "key rotate news");
    let text = folder.run("doctor").out;
    says(&text, &["a new one waits until the site shows it"]);
    folder.expect(0, "build");
    let text = folder.run("doctor").out;
    says(&text, &["the new key, to which the post office goes over"]);
    folder.expect(0, "deliver");
    let run = folder.run("doctor");
    says(&run.out, &["it signs with a new key since"]);
    assert!(!run.out.contains("does not believe"), "{}", run.out);
}
