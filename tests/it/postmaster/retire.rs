//! `sitegen retire`: the end of an account is asked for twice, and nobody is lost by a slip.

use serde_json::Value;
use sitegen::office::store::retired;

#[cfg(unix)]
use super::mode;
use super::{Office, actor, jo, says};
use crate::folder::json;

fn bodies(office: &Office) -> Vec<Value> {
    office.queued().iter().map(|body| serde_json::from_str(body).unwrap()).collect()
}

#[test]
fn an_account_ends_when_somebody_says_so_twice() {
    let office = Office::with_jo();
    office.ask(&actor("al", "a.example", "al"), "news");
    office.befriend(&jo(), "events");
    // Nobody can be asked here.
    let error = office.expect(2, "retire news --followers out.csv").err;
    says(&error, &["for ever", "nobody can ever use this name", "1 follower", "`--yes news`"]);
    assert!(office.0.read("out.csv").contains("https://social.example/users/jo"));
    for command in ["retire news --followers b.csv --yes", "retire news --yes news"] {
        office.expect(2, command);
    }
    let error = office.expect(2, "retire news --followers b.csv --yes events").err;
    says(&error, &["the name of the account that ends, which is news"]);
    says(&office.expect(2, "retire newz --followers b.csv").err, &["did you mean `news`?"]);
    let error = office.expect(2, "retire news --followers out.csv --yes news").err;
    says(&error, &["out.csv is there already"]);
    assert!(office.queued().is_empty() && !office.0.has("b.csv"));

    let run = office.expect(0, "retire news --followers b.csv --yes news");
    says(&run.out, &["has ended; 1 message", "published.toml", "eight days"]);
    #[cfg(unix)]
    assert_eq!(mode(&office.0.path("b.csv")), 0o600);
    let last = &bodies(&office)[0];
    assert_eq!((&last["type"], &last["object"]), (&"Delete".into(), &last["actor"]));
    assert_eq!(office.count("news"), (1, 0), "who waits for an answer is forgotten");
    assert_eq!(office.count("events"), (1, 0));
    assert_eq!(office.store().read(retired::all).unwrap()[0].user, "news");
    let error = office.expect(2, "retire news --followers c.csv --yes news").err;
    says(&error, &["has ended already", "cannot be undone"]);
    says(&office.0.run("status").out, &["has ended on"]);
    let shown = json(&office.0.run("status --format json").out).remove(0);
    let accounts = shown["accounts"].as_array().unwrap();
    let is_retired: Vec<bool> = accounts.iter().map(|one| !one["retired"].is_null()).collect();
    assert_eq!(is_retired, [true, false]);
}

#[test]
fn an_account_moves_only_to_one_that_can_be_read() {
    let office = Office::with_jo();
    let move_to = |whom: &str| {
        let command = format!("retire news --followers a.csv --yes news --move-to {whom}");
        office.expect(2, &command).err
    };
    says(&move_to("party"), &["names no account on another server", "@name@social.example"]);
    says(&move_to("http://social.example/party"), &["names no account on another server"]);
    // An address that nobody asks: it is not public.
    says(&move_to("https://127.0.0.1/users/party"), &["cannot be asked for"]);
    // The usual certificates do not stand in for those that are missing.
    let text = office.0.read("inbox.toml");
    office.0.write("inbox.toml", format!("ca_file = \"ca.pem\"\n{text}"));
    says(&move_to("https://127.0.0.1/users/party"), &["ca.pem cannot be read"]);
    assert!(office.queued().is_empty() && !office.0.has("a.csv"));
}
