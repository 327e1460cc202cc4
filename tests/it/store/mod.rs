//! A store with people who follow, and what has to hold in it whatever happens.

mod bounds;
mod copies;
mod delivery;
mod files;
mod follows;
mod people;
mod sequences;
mod writer;

use std::path::PathBuf;

use jiff::{SignedDuration, Timestamp};
use rusqlite::Connection;
use sitegen::federation::{
    Approval, Effect, Local, Reaction, ReactionKind, RemoteActor, RemoteKey, Retraction,
};
use sitegen::key::PublicKey;
use sitegen::office::store::queue::{Activity, Delivery, Kind};
use sitegen::office::store::{Result, Store, effects, outcome, queue};
use tempfile::TempDir;
use url::Url;

use crate::pems;

/// When the tests happen.
fn now() -> Timestamp {
    "2026-06-01T12:00:00Z".parse().unwrap()
}

fn days(count: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * count)
}

fn locals() -> Vec<Local> {
    let local = |user: &str| Local {
        user: user.to_owned(),
        id: format!("https://party.example/ap/{user}/actor.json"),
        approval: Approval::Automatic,
    };
    vec![local("news"), local("events")]
}

/// An actor with an inbox of their own, and one that all on their server share.
fn actor(name: &str, host: &str) -> RemoteActor {
    let url = |path: &str| Url::parse(&format!("https://{host}/{path}")).unwrap();
    let id = url(&format!("users/{name}"));
    let key = PublicKey::parse(pems::A_PUBLIC).unwrap();
    RemoteActor {
        name: name.to_owned(),
        inbox: url(&format!("users/{name}/inbox")),
        shared_inbox: Some(url("inbox")),
        keys: vec![RemoteKey { id: format!("{id}#main-key"), key }],
        id,
    }
}

/// As [`actor`], on a server where nothing is shared.
fn alone(name: &str, host: &str) -> RemoteActor {
    RemoteActor { shared_inbox: None, ..actor(name, host) }
}

/// The id of the follow of somebody.
fn follow_of(actor: &RemoteActor, user: &str) -> String {
    format!("{}/follow/{user}", actor.id)
}

fn post(number: u32, kind: Kind) -> Activity {
    let post = format!("https://party.example/ap/news/posts/{number}.json");
    Activity {
        uri: format!("{post}#{kind:?}"),
        kind,
        body: format!("{{\"id\":\"{post}#{kind:?}\"}}"),
        post,
    }
}

/// A folder for its owner alone.
fn private_folder() -> TempDir {
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
    builder.tempdir().unwrap()
}

/// A store in a folder of its own.
struct Office {
    folder: TempDir,
    store: Store,
}

impl Office {
    fn new() -> Self {
        let folder = private_folder();
        let store = Store::open(&folder.path().join("office.db")).unwrap();
        Self { folder, store }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("office.db")
    }

    fn run<T>(&self, job: impl FnOnce(&Connection) -> Result<T>) -> T {
        self.store.run(job).unwrap()
    }

    fn apply(&self, effects: &[Effect]) -> Result<()> {
        self.store.run(|connection| effects::apply(connection, effects, now(), &locals()))
    }

    /// Somebody follows, and the answer is on its way.
    fn follow(&self, actor: &RemoteActor, user: &str) {
        self.apply(&follow(actor, user)).unwrap();
    }

    /// As [`Self::follow`], and the answer has arrived.
    fn befriend(&self, actor: &RemoteActor, user: &str) {
        self.follow(actor, user);
        self.deliver_all();
    }

    fn unfollow(&self, actor: &RemoteActor, user: &str) {
        self.apply(&unfollow(actor, user)).unwrap();
    }

    fn enqueue(&self, activity: &Activity) -> usize {
        self.run(|connection| queue::enqueue(connection, "news", activity, now()))
    }

    /// Servers to which something can be sent.
    fn due(&self, now: Timestamp) -> Vec<String> {
        let found = self.run(|connection| queue::due_origins(connection, now, 1_000, &[].into()));
        found.into_iter().map(|found| found.origin).collect()
    }

    fn take(&self, origin: &str, now: Timestamp) -> Vec<Delivery> {
        self.run(|connection| queue::take(connection, origin, now, 1_000))
    }

    /// Everything that can be sent now.
    fn take_all(&self, now: Timestamp) -> Vec<Delivery> {
        let mut all: Vec<Delivery> =
            self.due(now).iter().flat_map(|origin| self.take(origin, now)).collect();
        all.sort_by_key(|delivery| delivery.id);
        all
    }

    /// Everything that can be sent arrives, and what can be sent then, and so on.
    fn deliver_all(&self) -> Vec<Delivery> {
        let mut all = Vec::new();
        loop {
            let taken = self.take_all(now());
            if taken.is_empty() {
                return all;
            }
            self.run(|connection| {
                taken.iter().try_for_each(|one| outcome::delivered(connection, one, now()))
            });
            all.extend(taken);
        }
    }

    fn count(&self, sql: &str) -> i64 {
        self.run(|connection| Ok(connection.query_row(sql, [], |row| row.get(0))?))
    }

    fn check(&self) {
        self.run(|connection| {
            check(connection);
            Ok(())
        });
    }
}

fn follow(actor: &RemoteActor, user: &str) -> Vec<Effect> {
    let (user, follow) = (user.to_owned(), follow_of(actor, user));
    vec![
        Effect::AddFollower {
            user: user.clone(),
            actor: actor.clone(),
            follow: follow.clone(),
            at: now(),
            accepted: true,
        },
        Effect::SendAccept { user, actor: actor.id.to_string(), follow },
    ]
}

fn unfollow(actor: &RemoteActor, user: &str) -> Vec<Effect> {
    let (id, follow) = (actor.id.to_string(), Some(follow_of(actor, user)));
    let retraction = Retraction { user: user.to_owned(), actor: id.clone(), follow, at: now() };
    vec![Effect::RemoveFollower { user: user.to_owned(), actor: id }, Effect::Remember(retraction)]
}

fn like(actor: &RemoteActor, number: u32) -> Effect {
    Effect::Keep(Reaction {
        id: format!("{}/like/{number}", actor.id),
        actor: actor.id.to_string(),
        post: post(number, Kind::Create).post,
        kind: ReactionKind::Like,
    })
}

/// What holds in every store, whatever has happened.
fn check(connection: &Connection) {
    let never = [
        (
            "an actor of whom nothing is needed",
            "SELECT 1 FROM remote WHERE id NOT IN (SELECT remote FROM follower)
             AND id NOT IN (SELECT addressee FROM activity WHERE addressee IS NOT NULL)",
        ),
        (
            "an inbox to which nothing goes",
            "SELECT 1 FROM inbox WHERE id NOT IN (SELECT inbox FROM remote)
             AND id NOT IN (SELECT shared FROM remote WHERE shared IS NOT NULL)
             AND id NOT IN (SELECT inbox FROM delivery)",
        ),
        (
            "a server without an inbox",
            "SELECT 1 FROM host WHERE id NOT IN (SELECT host FROM inbox)",
        ),
        (
            "a message that goes nowhere",
            "SELECT 1 FROM activity WHERE id NOT IN (SELECT activity FROM delivery)",
        ),
        (
            "a delivery to another server than that of its inbox",
            "SELECT 1 FROM delivery JOIN inbox ON inbox.id = inbox WHERE delivery.host <> inbox.host",
        ),
        (
            "a wrong time of a server",
            "SELECT 1 FROM host WHERE due IS NOT
             (SELECT max(until, min(delivery.due)) FROM delivery WHERE host = host.id)",
        ),
        (
            "a wrong number of followers from a server",
            "SELECT 1 FROM host WHERE followers <> (SELECT count(*) FROM follower
             JOIN remote ON remote.id = remote JOIN inbox ON inbox.id = remote.inbox
             WHERE inbox.host = host.id)",
        ),
        (
            "a wrong number of followers",
            "SELECT 1 FROM counter WHERE name = 'followers'
             AND value <> (SELECT count(*) FROM follower)",
        ),
        (
            "a message that waits although the server is proven, or does not although it is not",
            "SELECT 1 FROM delivery JOIN host ON host.id = delivery.host
             JOIN activity ON activity.id = activity
             WHERE (delivery.due IS NULL) <> (proven IS NULL AND addressee IS NULL)",
        ),
        ("a reference to nothing", "PRAGMA foreign_key_check"),
    ];
    for (what, sql) in never {
        assert!(!connection.prepare(sql).unwrap().exists([]).unwrap(), "there is {what}");
    }
    let found: String =
        connection.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(found, "ok");
}
