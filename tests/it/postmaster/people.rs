//! `sitegen followers`: who follows, and what a person decides about them.

use serde_json::{Value, json};
use sitegen::federation::RemoteActor;
use sitegen::office::store::Store;

#[cfg(unix)]
use super::mode;
use super::{Office, actor, jo, says, set_mode};
use crate::folder::json as lines;

#[test]
fn a_list_says_who_since_when_and_whether_they_wait() {
    let office = Office::with_jo();
    office.ask(&actor("al", "a.example", "al"), "events");
    let run = office.expect(0, "followers list");
    assert!(!run.out.contains("https://"), "{}", run.out);
    says(&run.out, &["follows  news  @jo@social.example", "waits    events  @al@a.example"]);
    let run = office.expect(0, "followers list news -v");
    says(&run.out, &["@jo@social.example  https://social.example/users/jo"]);
    assert!(!run.out.contains("@al"));
    let shown = &lines(&office.expect(0, "followers list @news --format json").out)[0];
    assert_eq!(shown["handle"], "@jo@social.example");
    assert_eq!(shown["state"], "follows");
    let error = office.expect(2, "followers list nwes").err;
    says(&error, &["no account", "did you mean `news`?"]);
}

#[test]
fn a_11_what_may_be_published_is_a_number_and_names_nobody() {
    let office = Office::with_jo();
    office.befriend(&actor("al", "a.example", "al"), "news");
    office.ask(&actor("ed", "e.example", "ed"), "news");
    for command in ["followers count", "followers count --format json"] {
        let run = office.expect(0, command);
        for name in ["jo", "social.example", "a.example", "e.example"] {
            assert!(!run.out.contains(name), "{}", run.out);
        }
    }
    let run = office.expect(0, "followers count");
    says(&run.out, &["@news  2 followers, 1 more wait for your answer", "@events  0 followers"]);
    let counts = lines(&office.expect(0, "followers count --format json").out);
    let of_news = json!({
        "version": 1, "kind": "followers", "user": "news", "followers": 2, "pending": 1,
        "parked": 0,
    });
    assert_eq!(counts[0], of_news);
}

#[test]
fn a_name_tells_no_terminal_to_do_anything() {
    let office = Office::new();
    let name = "jo\u{1b}[2J\u{1b}]0;pwned\u{7}\n\u{202e}\u{9b}31m";
    let evil = actor(name, "evil.example", "u/1");
    office.befriend(&evil, "news");
    office
        .ask(&RemoteActor { name: name.to_owned(), ..actor("", "evil.example", "u/2") }, "events");
    for command in [
        "followers list",
        "followers list -v",
        "followers pending",
        "followers reject https://evil.example/u/2",
        "followers remove https://evil.example/u/1 --yes",
    ] {
        let run = office.expect(0, command);
        let is_odd = |c: char| c.is_control() && c != '\n' || c == '\u{202e}';
        assert!(!run.out.contains(is_odd) && !run.err.contains(is_odd), "{command}: {run:?}");
        assert!(run.out.contains("jo\\u{1b}[2J"), "{command}: {}", run.out);
    }
}

#[test]
fn who_is_removed_is_told_when_the_post_office_runs() {
    let office = Office::with_jo();
    let run = office.expect(2, "followers remove @jo@social.example");
    says(&run.err, &["https://social.example/users/jo", "@news", "`--yes`"]);
    assert_eq!(office.count("news"), (1, 0), "nobody could be asked");
    let run = office.expect(0, "followers remove @Jo@social.example --yes");
    says(&run.out, &["does not follow @news any more", "sitegen inbox", "sitegen deliver"]);
    assert_eq!(office.count("news"), (0, 0));
    let queued: Value = serde_json::from_str(&office.queued()[0]).unwrap();
    assert_eq!((&queued["type"], office.queued().len()), (&json!("Reject"), 1));
    let error = office.expect(2, "followers remove @jo@social.example --yes").err;
    says(&error, &["nobody named `@jo@social.example`", "sitegen followers list"]);
}

#[test]
fn a_running_post_office_is_no_hindrance() {
    let office = Office::with_jo();
    office.ask(&actor("al", "a.example", "al"), "events");
    let running = Store::open_as_office(&office.path()).unwrap();
    let run = office.expect(0, "followers accept @al@a.example");
    says(&run.out, &["follows @events now", "within a minute"]);
    for command in ["followers list", "followers remove @jo@social.example --yes"] {
        office.expect(0, command);
    }
    office.expect(0, "backup backup.tar");
    drop(running);
    assert_eq!(office.queued().len(), 2);
}

#[test]
fn who_follows_two_accounts_is_removed_from_both_or_from_one() {
    let office = Office::with_jo();
    office.befriend(&jo(), "events");
    office.expect(0, "followers remove @jo@social.example --user events --yes");
    assert_eq!((office.count("news"), office.count("events")), ((1, 0), (0, 0)));
    office.befriend(&jo(), "events");
    let run = office.expect(0, "followers remove https://social.example/@jo --yes");
    says(&run.out, &["does not follow @news", "does not follow @events"]);
}

#[test]
fn of_two_with_one_name_the_ids_are_said() {
    let office = Office::with_jo();
    office.befriend(&actor("jo", "social.example", "users/2"), "events");
    let ids = ["https://social.example/users/jo", "https://social.example/users/2"];
    for command in ["remove @jo@social.example --yes", "block @jo@social.example"] {
        says(&office.expect(2, &format!("followers {command}")).err, &ids);
    }
    office.expect(0, &format!("followers remove {} --yes", ids[1]));
    assert_eq!((office.count("news"), office.count("events")), ((1, 0), (0, 0)));
}

#[test]
fn who_waits_is_accepted_or_rejected() {
    let office = Office::with_jo();
    for name in ["al", "bo", "cy", "di"] {
        office.ask(&actor(name, "a.example", name), "events");
    }
    let run = office.expect(0, "followers pending");
    says(&run.out, &["@al@a.example  https://a.example/al", "followers accept WHO"]);
    assert!(!run.out.contains("@jo"));
    office.expect(0, "followers accept @al@a.example @jo@social.example");
    assert_eq!(office.count("events"), (1, 3));
    let error = office.expect(2, "followers accept @bo@a.example @nobody@a.example").err;
    says(&error, &["nobody named `@nobody@a.example`"]);
    assert_eq!(office.count("events"), (1, 3), "all that are named, or none");
    office.expect(0, "followers reject @bo@a.example");
    let error = office.expect(2, "followers reject @al@a.example").err;
    says(&error, &["follows already", "followers remove @al@a.example"]);
    let error = office.expect(2, "followers accept --all").err;
    says(&error, &["2 people will follow", "`--yes`"]);
    office.expect(0, "followers accept --all --yes");
    assert_eq!(office.count("events"), (3, 0));
    says(&office.expect(0, "followers accept --all").out, &["Nobody waits"]);
    let types = office.queued().into_iter().map(|body| {
        let body: Value = serde_json::from_str(&body).unwrap();
        body["type"].as_str().unwrap().to_owned()
    });
    assert_eq!(types.collect::<Vec<_>>(), ["Accept", "Reject", "Accept", "Accept"]);
}

#[test]
fn a_table_takes_followers_along() {
    let office = Office::with_jo();
    office.befriend(&actor("al", "a.example", "al"), "news");
    office.ask(&actor("ed", "e.example", "ed"), "news");
    office.befriend(&jo(), "events");
    let run = office.expect(0, "followers export all.csv");
    says(&run.err, &["warning", "nobody else's business"]);
    #[cfg(unix)]
    assert_eq!(mode(&office.0.path("all.csv")), 0o600);
    let table = office.0.read("all.csv");
    says(&office.expect(2, "followers export all.csv").err, &["there already", "new file"]);
    assert_eq!(office.0.read("all.csv"), table);

    let other = Office::new();
    other.0.write("all.csv", &table);
    let run = other.expect(0, "followers import all.csv news");
    says(&run.out, &["follows now", "waits for an answer", "another account", "2 new, 0 known"]);
    assert_eq!((other.count("news"), other.count("events")), ((2, 0), (0, 0)));
    let found = lines(&other.expect(0, "followers import all.csv news --format json").out);
    let did = |line: u64| found.iter().find(|one| one["line"] == line).unwrap()["did"].clone();
    let mut all: Vec<Value> = (2..6).map(did).collect();
    all.sort_by_key(ToString::to_string);
    assert_eq!(all, ["known", "known", "other-user", "waiting"]);
}

#[test]
fn a_line_that_is_no_follower_is_named_and_the_rest_is_taken() {
    let office = Office::new();
    office.0.write(
        "t.csv",
        "user,id,inbox,follow\n\
         news,https://a.example/u,https://a.example/i,https://a.example/f\n\
         news,https://b.example/u,https://victim.example/i,https://b.example/f\n",
    );
    let run = office.expect(1, "followers import t.csv news");
    says(&run.out, &["line 3: error", "1 new", "1 that cannot be read"]);
    office.0.write("t.csv", "Account address\na@b.example\n");
    let error = office.expect(2, "followers import t.csv news").err;
    says(&error, &["no column `user`", "sitegen followers export"]);
    says(&office.expect(2, "followers import none.csv news").err, &["there is no such file"]);
    office.0.write("t.csv", [0xff, 0xfe]);
    says(&office.expect(2, "followers import t.csv news").err, &["UTF-8"]);
}

#[test]
fn b_02_a_table_of_followers_never_gets_onto_the_web() {
    let office = Office::with_jo();
    let text = format!("folder = \"public\"\n{}", super::INBOX);
    office.0.write("inbox.toml", text);
    office.0.write("public/index.html", "");
    let error = office.expect(2, "followers export public/all.csv").err;
    says(&error, &["the output folder", "onto the web", "~/all.csv"]);
    office.0.write("site.toml", "title = \"A\"\nbase_url = \"https://party.example\"\n");
    says(&office.expect(2, "followers export all.csv").err, &["the folder of the site"]);
    assert!(!office.0.has("public/all.csv") && !office.0.has("all.csv"));
}

#[test]
fn followers_that_others_can_read_are_not_shown() {
    if cfg!(not(unix)) {
        return;
    }
    let office = Office::with_jo();
    set_mode(&office.path(), 0o644);
    says(&office.expect(3, "followers list").err, &["others", "chmod 600"]);
}

#[test]
fn a_command_without_a_name_is_refused() {
    let office = Office::with_jo();
    for wrong in [
        "followers",
        "followers remove",
        "followers accept",
        "followers accept @jo@social.example --all",
        "followers reject",
        "followers block",
        "followers block a.example --import list.csv",
        "followers unblock",
        "followers import all.csv",
        "restore",
        "restore backup.tar --verify --replace",
    ] {
        says(&office.expect(2, wrong).err, &["Usage:"]);
    }
}
