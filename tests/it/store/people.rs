//! Lists of followers and of blocked servers, for people and for other programs.

use sitegen::federation::RemoteActor;
use sitegen::office::store::blocks::{self, Blocked};
use sitegen::office::store::queue::Kind;
use sitegen::office::store::{followers, known};

use super::{Office, actor, alone, locals, now, post};

fn exported(office: &Office) -> String {
    let mut bytes = Vec::new();
    office.run(|connection| followers::export(connection, None, &mut bytes)).unwrap();
    String::from_utf8(bytes).unwrap()
}

#[test]
fn followers_are_taken_along_as_a_table() {
    let office = Office::new();
    office.befriend(&actor("jo", "social.example"), "news");
    office.befriend(&actor("jo", "social.example"), "events");
    office.follow(&alone("al", "small.example"), "news");
    let table = exported(&office);
    let other = Office::new();
    let import =
        |text: &str| other.run(|connection| followers::import(connection, text, &locals(), now()));
    let imported = import(&table).unwrap();
    assert_eq!((imported.added, imported.known, imported.unread), (3, 0, vec![]));
    assert_eq!(exported(&other), table);
    assert_eq!(import(&table).unwrap().known, 3, "a second time changes nothing");
    other.check();
    assert_eq!(other.enqueue(&post(1, Kind::Create)), 2);
    assert_eq!(other.deliver_all().len(), 2, "they get posts at once");
    let keys = other.run(|connection| known::remote(connection, "https://social.example/users/jo"));
    assert!(keys.unwrap().keys.is_empty(), "which are fetched when they are needed");
}

#[test]
fn of_a_table_that_somebody_has_written_only_what_is_safe_is_taken() {
    let office = Office::new();
    let text = "user,id,inbox,follow\n\
        news,https://a.example/u,https://a.example/i,https://a.example/f\n\
        news,https://b.example/u,https://victim.example/i,https://b.example/f\n\
        nobody,https://c.example/u,https://c.example/i,https://c.example/f\n\
        news,http://d.example/u,http://d.example/i,http://d.example/f\n\
        news\n";
    let import =
        |text: &str| office.run(|connection| followers::import(connection, text, &locals(), now()));
    let imported = import(text).unwrap();
    assert_eq!((imported.added, imported.unread), (1, vec![3, 4, 5, 6]));
    assert_eq!(import("Account address\na@b.example\n").unwrap_err().0, "user");
    assert_eq!(import("").unwrap_err().0, "user");
}

#[test]
fn no_name_is_a_formula_in_a_spreadsheet() {
    let office = Office::new();
    office.follow(&RemoteActor { name: "=1+1".to_owned(), ..actor("jo", "a.example") }, "news");
    let table = exported(&office);
    let row = table.lines().nth(1).unwrap();
    assert!(row.starts_with("acct:=1+1@a.example,"), "{row}");
}

#[test]
fn a_follower_is_found_by_id_and_by_handle() {
    let office = Office::new();
    let jo = actor("jo", "social.example");
    office.follow(&jo, "news");
    office.follow(&actor("jo", "other.example"), "news");
    for name in ["@jo@social.example", "Jo@Social.example", "https://social.example/users/jo"] {
        let found = office.run(|connection| followers::find(connection, "news", name));
        assert_eq!(found.iter().map(|one| &one.id).collect::<Vec<_>>(), [&jo.id], "{name}");
    }
    for name in ["jo", "@jo", "@al@social.example", "https://social.example/users/", ""] {
        let found = office.run(|connection| followers::find(connection, "news", name));
        assert!(found.is_empty(), "{name}");
    }
}

#[test]
fn lists_of_servers_are_read_as_mastodon_and_people_write_them() {
    let domains = |text: &str| -> Vec<String> {
        let list = blocks::block_list(text).blocked.into_iter();
        list.map(|blocked| match blocked {
            Blocked::Domain(name) => name,
            Blocked::Account(id) => panic!("{id}"),
        })
        .collect()
    };
    let mastodon = "#domain,#severity,#reject_media,#reject_reports,#public_comment,#obfuscate\n\
        bad.example,suspend,true,true,\"spam, lies\",false\n\
        loud.example,silence,false,false,,false\n\
        b\u{fc}cher.example,suspend,,,,\n\
        ,suspend,,,,\n\
        not a domain,suspend,,,,\n";
    assert_eq!(domains(mastodon), ["bad.example", "xn--bcher-kva.example"]);
    let list = blocks::block_list(mastodon);
    assert_eq!((list.milder, list.unread), (1, vec![6]));
    assert_eq!(
        domains("bad.example\r\n*.Worse.example\r\n# why\r\n"),
        ["bad.example", "worse.example"]
    );
    assert_eq!(domains("domain,severity\nbad.example,suspend\n"), ["bad.example"]);
    assert_eq!(domains("org\n"), Vec::<String>::new(), "a whole country is a mistake");
}
