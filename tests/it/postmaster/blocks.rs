//! `sitegen followers block`: people and servers that may not follow.

use super::{Office, actor, says};
use crate::folder::json;

#[test]
fn a_server_is_blocked_with_all_who_follow_from_it() {
    let office = Office::with_jo();
    office.befriend(&actor("al", "sub.social.example", "al"), "news");
    office.befriend(&actor("un", "antisocial.example", "un"), "news");
    let error = office.expect(2, "followers block social.example").err;
    says(&error, &["2 followers will be removed without being told", "`--yes`"]);
    assert_eq!(office.count("news"), (3, 0));
    let run = office.expect(0, "followers block social.example --yes");
    says(&run.out, &["social.example is blocked; 2 followers removed"]);
    assert_eq!(office.count("news"), (1, 0));
    assert!(office.queued().is_empty(), "they are not told");
    says(&office.expect(0, "followers blocks").out, &["  social.example\n"]);
    office.expect(0, "followers unblock social.example");
    says(&office.expect(0, "followers blocks").out, &["Nobody is blocked"]);
    says(&office.expect(2, "followers unblock social.example").err, &["is not blocked"]);
}

#[test]
fn somebody_is_blocked_by_name_and_by_id() {
    let office = Office::with_jo();
    office.expect(0, "followers block @jo@social.example --yes");
    office.expect(0, "followers block https://a.example/users/troll");
    let blocks = json(&office.expect(0, "followers blocks --format json").out);
    let names: Vec<_> = blocks.iter().map(|one| one["blocked"].as_str().unwrap()).collect();
    assert_eq!(names, ["https://a.example/users/troll", "https://social.example/users/jo"]);
    assert_eq!(office.count("news"), (0, 0));
    let error = office.expect(2, "followers block @jo@social.example --yes").err;
    says(&error, &["nobody named", "by their id"]);
    let error = office.expect(2, "followers unblock @jo@social.example").err;
    says(&error, &["sitegen followers blocks"]);
    for nobody in ["org", "jo", "http://a.example:x/", "https://"] {
        let error = office.expect(2, &format!("followers block {nobody}")).err;
        says(&error, &["names nobody", "social.example"]);
    }
}

#[test]
fn a_list_of_mastodon_is_taken_before_the_first_run() {
    let office = Office::new();
    office.0.write(
        "list.csv",
        "#domain,#severity,#reject_media\nbad.example,suspend,true\nloud.example,silence,false\n",
    );
    let run = office.expect(0, "followers block --import list.csv");
    says(&run.out, &["bad.example is blocked", "1 line ask for less"]);
    office.0.write("list.csv", "worse.example\nnot a domain\n");
    let run = office.expect(1, "followers block --import list.csv");
    says(&run.out, &["line 2: error", "worse.example is blocked"]);
    office.0.write("list.csv", "\n");
    says(&office.expect(2, "followers block --import list.csv").err, &["names no server"]);
    let blocks = office.expect(0, "followers blocks").out;
    assert_eq!(blocks.lines().count(), 2, "{blocks}");
}
