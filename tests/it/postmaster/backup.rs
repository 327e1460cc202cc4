//! `sitegen backup` and `sitegen restore`: nothing is lost, and nobody else gets it.

use std::fs;
use std::process::Command;

use jiff::{SignedDuration, Timestamp};
use sitegen::federation::site::{Due, Index, IndexedPost, Look, PostState, compare, hold_back};
use sitegen::office::store::queue::{self, Activity, Kind};
use sitegen::office::store::{Store, followers, posts};

#[cfg(unix)]
use super::mode;
use super::{Office, actor, jo, says, set_mode, then};
use crate::folder::{Folder, contents, json};
use crate::pems;

const KEY: &str = ".sitegen/keys/news.pem";

/// A post office with a follower and a key.
fn office() -> Office {
    let office = Office::with_jo();
    office.0.write(KEY, pems::A);
    set_mode(&office.0.path(KEY), 0o600);
    office
}

/// Its backup, brought into an empty folder.
fn backed_up(office: &Office) -> Folder {
    office.expect(0, "backup backup.tar");
    let folder = Folder::empty();
    fs::rename(office.0.path("backup.tar"), folder.path("backup.tar")).unwrap();
    folder
}

fn moved(folder: Folder) -> Office {
    Office(folder)
}

#[test]
fn a_post_office_goes_to_another_machine_with_one_file() {
    let first = office();
    let folder = backed_up(&first);
    let run = folder.expect(0, "restore backup.tar");
    says(&run.out, &["1 follower of @news", "private keys of @news", "sitegen inbox"]);
    let second = moved(folder);
    assert_eq!(second.count("news"), (1, 0));
    for file in [KEY, "inbox.toml"] {
        assert_eq!(second.0.read(file), first.0.read(file), "{file}");
    }
    #[cfg(unix)]
    for path in [KEY, ".sitegen/office/office.db"] {
        assert_eq!(mode(&second.0.path(path)), 0o600, "{path}");
    }
    let names = second.0.names();
    let expected =
        [KEY, "office.db", "office.db.lock", "office.db-wal", "office.db-shm", "inbox.toml"];
    let is_known = |name: &String| expected.iter().any(|known| name.ends_with(known));
    let left: Vec<_> = names.iter().filter(|name| !is_known(name)).collect();
    assert_eq!(left, ["backup.tar"], "nothing else is left");
    // The first delivery works.
    let store = second.store();
    let post = "https://party.example/ap/news/posts/1.json".to_owned();
    let post = Activity { uri: format!("{post}#1"), kind: Kind::Create, body: "{}".into(), post };
    assert_eq!(store.run(|store| queue::enqueue(store, "news", &post, then())).unwrap(), 1);
    Store::open_as_office(&second.path()).unwrap();
}

#[test]
fn a_backup_can_be_opened_without_us() {
    let folder = backed_up(&office());
    let tar =
        Command::new("tar").arg("-xf").arg("backup.tar").current_dir(folder.0.path()).status();
    // Not every machine has it.
    let Ok(status) = tar else { return };
    assert!(status.success());
    assert_eq!(folder.read("keys/news.pem"), pems::A);
    says(&folder.read("sitegen-backup-1.txt"), &["https://party.example", "sitegen restore FILE"]);
    assert!(folder.has("office.db") && folder.has("inbox.toml") && folder.has("sha256.txt"));
}

#[test]
fn b_01_a_key_that_others_can_read_is_not_backed_up() {
    if cfg!(not(unix)) {
        return;
    }
    let office = office();
    set_mode(&office.0.path(KEY), 0o644);
    says(&office.expect(1, "backup backup.tar").err, &["others", "chmod 600"]);
    assert!(!office.0.has("backup.tar"));
    set_mode(&office.0.path(KEY), 0o600);
    let folder = backed_up(&office);
    folder.write(KEY, pems::A);
    set_mode(&folder.path(KEY), 0o644);
    says(&folder.expect(1, "restore backup.tar").err, &["others", "chmod 600"]);
    assert!(!folder.has(".sitegen/office"));
}

#[test]
fn b_02_a_backup_is_for_its_owner_alone_and_never_in_the_output() {
    let office = office();
    let run = office.expect(0, "backup backup.tar");
    says(&run.err, &["warning", "private keys"]);
    #[cfg(unix)]
    assert_eq!(mode(&office.0.path("backup.tar")), 0o600);
    says(&office.expect(2, "backup backup.tar").err, &["there already"]);
    office.0.write("inbox.toml", format!("folder = \"www\"\n{}", super::INBOX));
    for place in ["www/backup.tar", "other/../www/deep/backup.tar"] {
        says(&office.expect(2, &format!("backup {place}")).err, &["output folder", "elsewhere"]);
    }
    office.0.write("site.toml", "title = \"A\"\nbase_url = \"https://party.example\"\n");
    says(&office.expect(2, "backup b.tar").err, &["folder of the site"]);
    assert!(!office.0.names().iter().any(|name| name.contains("www") || name == "b.tar"));
}

#[test]
fn b_02_a_backup_that_others_can_read_is_mentioned() {
    if cfg!(not(unix)) {
        return;
    }
    let folder = backed_up(&office());
    set_mode(&folder.path("backup.tar"), 0o644);
    says(&folder.expect(0, "restore backup.tar --verify").err, &["others", "chmod 600"]);
}

#[test]
fn b_03_a_backup_that_is_cut_off_or_altered_is_refused() {
    let folder = backed_up(&office());
    let whole = fs::read(folder.path("backup.tar")).unwrap();
    let middle = whole.len() / 2;
    let mut altered = whole.clone();
    altered[middle] ^= 1;
    for (bytes, problem) in [
        (&whole[..middle], "cut off"),
        (&whole[..whole.len() - 1], "cut off"),
        (&[], "cut off"),
        (&altered, "not what was written"),
        (&[b'x'; 2000][..], "not a backup"),
    ] {
        folder.write("bad.tar", bytes);
        for command in ["restore bad.tar --verify", "restore bad.tar", "restore bad.tar --replace"]
        {
            says(&folder.expect(1, command).err, &[problem, "help"]);
        }
        assert_eq!(folder.names(), ["backup.tar", "bad.tar"], "nothing was touched");
    }
    says(&folder.expect(2, "restore none.tar").err, &["there is no file none.tar"]);
    says(&folder.expect(1, "restore .").err, &["not a backup"]);
}

#[test]
fn to_verify_touches_nothing_and_says_what_is_in_it() {
    let folder = backed_up(&office());
    let before = contents(folder.0.path());
    let run = folder.expect(0, "restore backup.tar --verify");
    says(&run.out, &["1 follower of @news", "@news", "The backup is whole"]);
    assert_eq!(contents(folder.0.path()), before);
    let shown = &json(&folder.expect(0, "restore backup.tar --verify --format json").out);
    let shown = shown.iter().find(|line| line["kind"] == "backup").unwrap();
    assert_eq!((&shown["did"], &shown["followers"]["news"]), (&"verified".into(), &1.into()));
    assert!(shown["made"].as_str().unwrap().parse::<Timestamp>().is_ok());
    assert_eq!(shown["keys"], serde_json::json!(["news"]));
}

#[test]
fn what_is_here_is_kept_beside_what_is_restored() {
    let folder = backed_up(&office());
    let here = moved(folder);
    here.0.write("inbox.toml", super::INBOX);
    here.befriend(&actor("al", "a.example", "al"), "news");
    here.0.write(KEY, pems::B);
    set_mode(&here.0.path(KEY), 0o600);
    let before = here.0.files();
    let error = here.expect(2, "restore backup.tar").err;
    says(&error, &["there are followers here already", "`--replace`", "under other names"]);
    let untouched = |files: Vec<(String, _)>| {
        files.into_iter().filter(|(name, _)| !name.ends_with("-shm")).collect::<Vec<_>>()
    };
    assert_eq!(untouched(here.0.files()), untouched(before));
    let run = here.expect(0, "restore backup.tar --replace");
    says(&run.out, &["office.db.old", "news.pem.old"]);
    says(&run.err, &["another key", "the site shows"]);
    assert_eq!(here.0.read(KEY), pems::A);
    assert_eq!(here.0.read(".sitegen/keys/news.pem.old"), pems::B);
    let names = |path| {
        let mut names = Vec::new();
        let each = |store: &_| {
            followers::each(store, None, |one| {
                names.push(one.name);
                Ok(())
            })
        };
        Store::open(&here.0.path(path)).unwrap().read(each).unwrap();
        names
    };
    assert_eq!(names(".sitegen/office/office.db"), ["jo"]);
    assert_eq!(names(".sitegen/office/office.db.old"), ["al"]);
}

#[test]
fn other_keys_and_settings_are_not_replaced_by_accident() {
    let folder = backed_up(&office());
    folder.write("inbox.toml", super::INBOX.replace("party", "other"));
    says(&folder.expect(2, "restore backup.tar").err, &["there is another inbox.toml"]);
    folder.write(KEY, pems::B);
    set_mode(&folder.path(KEY), 0o600);
    says(&folder.expect(2, "restore backup.tar").err, &["another private key of @news"]);
    folder.expect(0, "restore backup.tar --replace");
    says(&folder.read("inbox.toml.old"), &["other.example"]);
}

#[test]
fn nothing_is_restored_under_a_post_office_that_runs() {
    let office = office();
    office.expect(0, "backup backup.tar");
    let running = Store::open_as_office(&office.path()).unwrap();
    office.befriend(&actor("al", "a.example", "al"), "news");
    let run = office.expect(75, "restore backup.tar --replace");
    says(&run.err, &["another post office is at work", "end it first"]);
    assert_eq!(office.count("news"), (2, 0));
    drop(running);
}

#[test]
fn b_04_an_old_backup_sends_no_storm_and_warns_of_who_has_left() {
    let first = office();
    let id = |number: usize| format!("https://party.example/ap/news/posts/{number}.json");
    let index = |posts: usize| Index {
        serial: posts as u64,
        profile: "p".to_owned(),
        posts: (0..posts)
            .map(|number| IndexedPost { id: id(number), state: PostState::Published(then()) })
            .collect(),
    };
    let begin = |store: &_| {
        let empty = posts::delivered(store, "news")?;
        let Look::First(all) = compare(&index(5), &empty, false) else { panic!() };
        posts::begin(store, "news", &all)
    };
    first.store().run(begin).unwrap();
    let folder = backed_up(&first);
    // Then thirty posts went out, and jo left.
    let run = folder.expect(0, "restore backup.tar");
    says(&run.out, &["has left since then follows again", "not in the backup waits", "--confirm"]);
    let second = moved(folder);
    let look = |store: &_| {
        let delivered = posts::delivered(store, "news")?;
        let later = then() + SignedDuration::from_hours(30 * 24);
        Ok((delivered, posts::sent_since(store, "news", later)?))
    };
    let (delivered, sent) = second.store().read(look).unwrap();
    let Look::Changes { due, missing } = compare(&index(35), &delivered, false) else { panic!() };
    let (out, held) = hold_back(due, sent);
    assert_eq!((out, held.len(), missing.len()), (vec![], 30, 0));
    assert!(matches!(held[0], Due::Create(..)));
    let run = second.expect(1, "status");
    says(&run.err, &["come from a backup of", "follows again", "--acknowledge"]);
    let run = second.run("status --acknowledge");
    assert!(!run.err.contains("come from a backup"), "{}", run.err);
    assert_eq!(second.count("news"), (1, 0));
    assert_eq!(jo().name, "jo");
}

impl Office {
    fn run(&self, arguments: &str) -> crate::folder::Run {
        self.0.run(arguments)
    }
}
