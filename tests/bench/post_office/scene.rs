//! The folder of a post office: its settings, its key, the site, and who follows.

use std::fs::{self, Permissions};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde_json::json;
use sitegen::office::store::{Store, followers};

use crate::Outcome;
use crate::office::Office;
use crate::peers::Peers;
use crate::people::{Keys, Person, SITE};

/// What is in a post: as long as many are, pictures and all.
const POST_BYTES: usize = 8_000;

/// When a post was published.
const PUBLISHED: &str = "2026-11-20T10:00:00Z";

pub(crate) struct Scene<'a> {
    binary: &'a Path,
    folder: PathBuf,
    port: u16,
}

impl<'a> Scene<'a> {
    /// A new folder, in which everybody follows `news`. All names lead to the peers.
    pub(crate) fn new(
        binary: &'a Path,
        folder: PathBuf,
        keys: &Keys,
        peers: &Peers,
        people: &[Person],
    ) -> Outcome<Self> {
        // Free a moment ago.
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let private = folder.join(".sitegen/keys");
        fs::create_dir_all(&private)?;
        for user in ["news", "events"] {
            let path = private.join(format!("{user}.pem"));
            fs::write(&path, keys.ours.to_pkcs8_pem().as_bytes())?;
            fs::set_permissions(&path, Permissions::from_mode(0o600))?;
        }
        fs::write(folder.join("ca.pem"), &peers.authority)?;
        let hosts = people.iter().map(|person| person.host.as_str());
        let settings = format!(
            "site = \"{SITE}\"\nfolder = \"site\"\nlisten = \"127.0.0.1:{port}\"\n\
             allow_addresses = [\"127.0.0.0/8\"]\nca_file = \"ca.pem\"\nresolve = {}\n\
             [[actors]]\nuser = \"news\"\n[[actors]]\nuser = \"events\"\n",
            json!(peers.pins(hosts))
        );
        fs::write(folder.join("inbox.toml"), settings)?;
        let scene = Self { binary, folder, port };
        scene.publish(0)?;
        let store = Store::open(&scene.folder.join(".sitegen/office/office.db"))?;
        let actors: Vec<_> =
            people.iter().map(|person| person.remembered(keys)).collect::<Outcome<_>>()?;
        store.run(|connection| {
            let now = Timestamp::now();
            for actor in &actors {
                let follow = format!("{}/follows/news", actor.id);
                followers::add_known(connection, "news", actor, &follow, now)?;
            }
            Ok(())
        })?;
        Ok(scene)
    }

    /// Has so many posts of `news` on the site.
    pub(crate) fn publish(&self, posts: usize) -> Outcome<()> {
        for user in ["news", "events"] {
            let count = if user == "news" { posts } else { 0 };
            let actor = format!("{SITE}/ap/{user}/actor.json");
            let folder = self.folder.join(format!("site/ap/{user}/posts"));
            fs::create_dir_all(&folder)?;
            let mut listed = Vec::new();
            for number in 1..=count {
                let id = post(number);
                let document = json!({
                    "@context": "https://www.w3.org/ns/activitystreams", "id": id, "type": "Note",
                    "attributedTo": actor, "published": PUBLISHED,
                    "to": ["https://www.w3.org/ns/activitystreams#Public"], "cc": [],
                    "content": "Vote. ".repeat(POST_BYTES / 6),
                });
                fs::write(folder.join(format!("{number}.json")), document.to_string())?;
                listed.push(json!({ "id": id, "updated": PUBLISHED }));
            }
            let index = json!({
                "version": 1, "serial": 1 + count, "actor": actor, "profile": "", "posts": listed,
            });
            let path = self.folder.join(format!("site/ap/{user}/index.json"));
            // As a build does it: nobody ever sees half of it.
            fs::write(path.with_extension("new"), index.to_string())?;
            fs::rename(path.with_extension("new"), path)?;
        }
        Ok(())
    }

    pub(crate) fn start(&self) -> Outcome<Office> {
        Office::start(self.binary, &self.folder, self.port, None)
    }

    /// The same on the first core alone.
    pub(crate) fn start_on_one_core(&self) -> Outcome<Office> {
        Office::start(self.binary, &self.folder, self.port, Some("0"))
    }
}

/// The id of a post.
fn post(number: usize) -> String {
    format!("{SITE}/ap/news/posts/{number}.json")
}

/// The id of the message that brings it.
pub(crate) fn message(number: usize) -> String {
    format!("{}#create", post(number))
}
