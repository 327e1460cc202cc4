//! The commands with which people look after the post office: followers, status, backups, limits.

mod backup;
mod blocks;
mod gateway;
mod limits;
mod people;
mod retire;
mod rotation;
mod status;

use std::fs;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use sitegen::federation::{Approval, Effect, Local, RemoteActor};
use sitegen::office::store::{Store, effects, followers};
use url::Url;

use crate::folder::{Folder, Run};

const INBOX: &str = "site = \"https://party.example\"\n\
    [[actors]]\nuser = \"news\"\n[[actors]]\nuser = \"events\"\napprove = \"manual\"\n";

/// When everybody in the tests has followed.
fn then() -> Timestamp {
    "2026-06-01T12:00:00Z".parse().unwrap()
}

fn locals() -> Vec<Local> {
    let local = |user: &str| Local {
        user: user.to_owned(),
        id: format!("https://party.example/ap/{user}/actor.json"),
        approval: Approval::Automatic,
    };
    vec![local("news"), local("events")]
}

/// An actor of another server; the path of their id says who they are.
fn actor(name: &str, host: &str, path: &str) -> RemoteActor {
    let id = Url::parse(&format!("https://{host}/{path}")).unwrap();
    let inbox = Url::parse(&format!("{id}/inbox")).unwrap();
    RemoteActor { name: name.to_owned(), inbox, shared_inbox: None, keys: Vec::new(), id }
}

fn jo() -> RemoteActor {
    actor("jo", "social.example", "users/jo")
}

/// A folder with `inbox.toml` and what the post office keeps, without keys and without a site.
struct Office(Folder);

impl Office {
    /// The post office has not run yet.
    fn new() -> Self {
        let folder = Folder::empty();
        folder.write("inbox.toml", INBOX);
        Self(folder)
    }

    /// One whom `jo` follows.
    fn with_jo() -> Self {
        let office = Self::new();
        office.befriend(&jo(), "news");
        office
    }

    fn path(&self) -> PathBuf {
        self.0.path(".sitegen/office/office.db")
    }

    fn store(&self) -> Store {
        Store::open(&self.path()).unwrap()
    }

    fn befriend(&self, actor: &RemoteActor, user: &str) {
        let follow = format!("{}/follow", actor.id);
        let add = |store: &_| followers::add_known(store, user, actor, &follow, then());
        assert!(self.store().run(add).unwrap());
    }

    /// Somebody asks to follow and waits for an answer.
    fn ask(&self, actor: &RemoteActor, user: &str) {
        let effect = Effect::AddFollower {
            user: user.to_owned(),
            actor: actor.clone(),
            follow: format!("{}/follow", actor.id),
            at: then(),
            accepted: false,
        };
        let store = self.store();
        store.run(|store| effects::apply(store, &[effect], then(), &locals())).unwrap();
    }

    /// How many follow and how many wait.
    fn count(&self, user: &str) -> (usize, usize) {
        let count = self.store().read(|store| followers::count(store, user)).unwrap();
        (count.accepted, count.pending)
    }

    /// The messages that are on their way.
    fn queued(&self) -> Vec<String> {
        let read = |store: &rusqlite::Connection| {
            let mut statement = store.prepare("SELECT body FROM activity ORDER BY id")?;
            let rows = statement.query_map([], |row| row.get(0))?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        };
        self.store().read(read).unwrap()
    }

    #[track_caller]
    fn expect(&self, code: i32, arguments: &str) -> Run {
        self.0.expect(code, arguments)
    }
}

/// Asserts that a text has all of these in it.
#[track_caller]
fn says(text: &str, words: &[&str]) {
    for word in words {
        assert!(text.contains(word), "`{word}` is not in: {text}");
    }
}

#[cfg(unix)]
fn set_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[cfg(not(unix))]
fn set_mode(_: &Path, _: u32) {}

#[cfg(unix)]
fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt as _;
    fs::symlink_metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn every_command_says_what_is_missing() {
    let empty = Folder::empty();
    for command in ["followers list", "status", "backup ../b", "followers count"] {
        says(&empty.expect(2, command).err, &["no inbox.toml", "sitegen inbox init"]);
    }
    let office = Office::new();
    for command in ["followers list", "followers pending", "status", "followers remove @a@b.c"] {
        says(&office.expect(2, command).err, &["nobody follows yet", "sitegen inbox"]);
    }
    assert_eq!(office.0.names(), ["inbox.toml"], "to look makes nothing");
    office.0.write("inbox.toml", "");
    says(&office.expect(1, "followers list").err, &["office-without-site"]);
}
