//! The site as accounts on the fediverse: documents, ids that stay, what is taken back.

use proptest::prelude::*;
use serde_json::Value;
use sitegen::config::Mode;

use crate::fixture::{Built, Site, site};
use crate::folder::Folder;

const KEY: &str = include_str!("keys/news.pem");

const PARTY: &str = r#"
-- site.toml --
base_url = "https://party.example"
title = "The Party"
description = "For the valley."
taxonomies = [{ name = "tags", feed = true }]

[languages.cy]
title = "Y Blaid"

[[actors]]
user = "news"
summary = "News of *the* party <b>here</b>."
icon = "/logo.png"
icon_alt = "A willow"
fields = { Website = "https://party.example/", Ward = "Pont & Bryn" }
also_known_as = ["https://old.example/@party"]
featured_tags = ["bus service"]
bluesky_did = "did:plc:ewvi7nxzyoun6zhxrhs64oiz"

[[actors]]
user = "nia"
name = "Nia"
kind = "person"
people = ["people/nia"]
languages = ["en", "cy"]
-- static/logo.png --
not looked into
-- content/people/nia.md --
+++
title = "Nia Vaughan"
+++
Candidate.
-- content/news/_index.md --
+++
title = "News"
+++
-- content/news/buses.md --
+++
title = "Buses <after> six"
date = 2026-05-01T10:00:00Z
tags = ["bus service", "council"]
image = "stop.jpg"
image_alt = "A bus stop"
image_focus = [0.5, -0.25]
content_warning = "Timetables"
+++
The last bus leaves at ten to six. [More](@/news/river.md)

![The map](map.png)
-- content/news/stop.jpg --
picture
-- content/news/map.png --
picture
-- content/news/river.md --
+++
title = "The river"
date = 2026-05-02
authors = ["Nia Vaughan"]
+++
Clean it.
-- content/news/river.cy.md --
+++
title = "Yr afon"
authors = ["Nia Vaughan"]
+++
Glanhewch hi.
-- content/about.md --
+++
title = "About"
+++
"#;

/// A party with an account for its news, and one for a candidate who also writes in Welsh.
fn party() -> Site {
    site(PARTY).with("keys/news.pem", KEY).with("keys/nia.pem", KEY)
}

fn json(built: &Built, path: &str) -> Value {
    serde_json::from_str(built.text(path)).unwrap()
}

/// The site as it is after it was built once.
fn published(site: &Site) -> Site {
    let record = site.build().report.record.expect("a first build writes a record");
    site.clone().with("published.toml", record)
}

#[test]
fn all_documents_are_as_they_should_be() {
    let built = published(&party()).build();
    let documents = built
        .artifacts
        .iter()
        .filter(|(path, _)| path.starts_with("ap/") || path.starts_with(".well-known/"));
    let mut text = String::new();
    for (path, bytes) in documents {
        let shown = match serde_json::from_slice::<Value>(bytes) {
            Ok(json) => serde_json::to_string_pretty(&json).unwrap(),
            Err(_) => String::from_utf8(bytes.clone()).unwrap(),
        };
        text.push_str(&format!("== {path}\n\n{shown}\n\n"));
    }
    let version = format!("\"version\": \"{}\"", env!("CARGO_PKG_VERSION"));
    insta::assert_snapshot!("documents", text.replace(&version, "\"version\": \"…\""));
}

#[test]
fn posts_of_every_kind_are_as_they_should_be() {
    let page = |keys: &str| {
        format!("+++\ntitle = \"A title\"\ndate = 2026-05-03T10:00:00Z\n{keys}+++\nSome text.\n")
    };
    let section = |kind: &str| format!("+++\ntitle = \"{kind}s\"\nposts = \"{kind}\"\n+++\n");
    let event = "start = 2026-06-10T18:00:00+01:00\nend = 2026-06-10T20:00:00+01:00\n\
                 location = \"The hall\"\n";
    let site = party()
        .with("content/articles/_index.md", section("article"))
        .with("content/articles/a.md", page("description = \"In short.\"\n"))
        .with("content/events/_index.md", section("event"))
        .with("content/events/a.md", page(event))
        .with("content/news/answered.md", page("replies = [\"https://social.example/1\"]\n"))
        .with("content/news/spoken.md", page("enclosure = \"/talk.mp3\"\n"))
        .with("static/talk.mp3", "not listened to")
        .with("content/news/old.md", page(""));
    let site = published(&site).with("content/news/old.md", page("withdrawn = true\n"));
    let built = site.build();
    let kinds = ["articles-a", "events-a", "news-answered", "news-spoken", "news-old"];
    let mut paths: Vec<String> =
        kinds.iter().map(|key| format!("ap/news/posts/{key}.json")).collect();
    paths.push("ap/news/posts/news-answered/replies.json".to_owned());
    let mut text = String::new();
    for path in paths {
        let shown = serde_json::to_string_pretty(&json(&built, &path)).unwrap();
        text.push_str(&format!("== {path}\n\n{shown}\n\n"));
    }
    insta::assert_snapshot!("kinds_of_posts", text);
}

#[test]
fn a_post_that_not_all_servers_take_is_warned_of_in_every_build() {
    let section = |kind: &str| format!("+++\ntitle = \"Plans\"\nposts = \"{kind}\"\n+++\n");
    let long = format!(
        "+++\ntitle = \"The plan\"\ndate = 2026-05-01\n+++\n{}\n",
        "For the valley. ".repeat(9000)
    );
    let site = party().with("content/plans/_index.md", section("article"));
    let site = site.with("content/plans/whole.md", &long);
    let built = site.build();
    assert_eq!(built.codes(), ["post-large"], "{}", built.messages());
    let kb = built.text("ap/news/posts/plans-whole.json").len().div_ceil(1024);
    assert!(built.messages().contains(&format!("this post has {kb} kB")), "{}", built.messages());
    assert!(built.messages().contains("--> content/plans/whole.md"), "{}", built.messages());
    let note = site.clone().with("content/plans/_index.md", section("note")).build();
    assert!(note.codes().is_empty(), "{}", note.messages());
    // What lies in the output is warned of all the same.
    let folder = site.on_disk();
    for _ in 0..2 {
        let run = folder.expect(0, "build");
        assert!(run.err.contains("warning[post-large]"), "{}", run.err);
    }
}

#[test]
fn every_id_is_the_address_where_it_lies() {
    let built = party().build();
    let mut count = 0;
    for (path, text) in built.ending(".json").filter(|(path, _)| path.starts_with("ap/")) {
        let document: Value = serde_json::from_str(text).unwrap();
        if let Some(id) = document.get("id") {
            assert_eq!(id, &format!("https://party.example/{path}"));
            count += 1;
        }
    }
    assert!(count > 10, "only {count} documents have an id");
}

#[test]
fn a_post_is_spoken_by_whom_it_belongs_to() {
    let built = party().build();
    let author = |path: &str| json(&built, path)["attributedTo"].as_str().unwrap().to_owned();
    assert_eq!(author("ap/news/posts/news-buses.json"), "https://party.example/ap/news/actor.json");
    assert_eq!(author("ap/nia/posts/news-river.json"), "https://party.example/ap/nia/actor.json");
    // Her account speaks Welsh, that of the party does not.
    let welsh = json(&built, "ap/nia/posts/news-river-cy.json");
    assert!(welsh["contentMap"]["cy"].as_str().unwrap().contains("Glanhewch hi."));
    assert_eq!(welsh["contentMap"].as_object().unwrap().len(), 1);
    assert!(!built.has("ap/news/posts/news-river.json"));
}

#[test]
fn ids_stay_whatever_becomes_of_the_page() {
    let before = published(&party());
    let changed = before
        .clone()
        .without("content/news/buses.md")
        .with(
            "content/news/buses.md",
            "+++\ntitle = \"Other\"\nslug = \"other\"\ndate = 2026-04-01\nauthors = [\"Nia Vaughan\"]\n+++\nText.\n",
        )
        .without("content/news/river.cy.md");
    let built = changed
        .with(
            "content/news/river.cy.md",
            "+++\ntitle = \"Afon\"\nauthors = [\"Nia Vaughan\"]\n+++\nA.\n",
        )
        .build();
    // It stays with the account, too, that spoke it first.
    let post = json(&built, "ap/news/posts/news-buses.json");
    assert_eq!(post["url"], "https://party.example/news/other/");
    assert_eq!(post["published"], "2026-05-01T10:00:00Z");
    assert_eq!(post["updated"], "2026-06-01T12:00:00Z");
    // A file that is renamed takes its post along.
    let renamed = before.without("content/news/river.md").without("content/news/river.cy.md");
    let river = "+++\ntitle = \"The river\"\ndate = 2026-05-02\nauthors = [\"Nia Vaughan\"]\n+++\nClean it.\n";
    let welsh = "+++\ntitle = \"Yr afon\"\nauthors = [\"Nia Vaughan\"]\n+++\nGlanhewch hi.\n";
    let renamed =
        renamed.with("content/news/water.md", river).with("content/news/water.cy.md", welsh);
    let buses = "+++\ntitle = \"Buses\"\ndate = 2026-05-01\n+++\nText.\n";
    let built = renamed.with("content/news/buses.md", buses).build();
    assert_eq!(
        json(&built, "ap/nia/posts/news-river.json")["url"],
        "https://party.example/news/water/"
    );
}

#[test]
fn a_post_that_vanishes_stops_the_build_even_when_it_keeps_going() {
    let gone = published(&party()).without("content/news/buses.md");
    for keep_going in [false, true] {
        let report = gone.clone().mode(|mode| mode.keep_going = keep_going).check();
        assert!(report.unusable);
        assert!(report.diagnostics.iter().any(|problem| problem.code() == "post-vanished"));
    }
    // Whoever tries things out is not stopped.
    let preview = gone.mode(|mode| mode.base_url = Some("http://127.0.0.1:1111".to_owned()));
    assert!(!preview.check().has_errors());
}

#[test]
fn a_post_is_taken_back_by_its_page_and_stays_so() {
    let text = "+++\ntitle = \"Buses\"\ndate = 2026-05-01\nwithdrawn = true\n+++\nText.\n";
    let site = published(&party()).with("content/news/buses.md", text);
    let built = site.build();
    let tombstone = json(&built, "ap/news/posts/news-buses.json");
    assert_eq!(tombstone["type"], "Tombstone");
    assert_eq!(tombstone["deleted"], "2026-06-01T12:00:00Z");
    assert!(!built.has("news/buses/index.html"));
    assert!(!built.text("atom.xml").contains("Buses"));
    let index = json(&built, "ap/news/index.json");
    assert_eq!(index["posts"][0]["withdrawn"], "2026-06-01T12:00:00Z");
    assert_eq!(json(&built, "ap/news/outbox.json")["totalItems"], 0);
    // The source may go; the tombstone stays.
    let record = built.report.record.clone().unwrap();
    let site = site.without("content/news/buses.md").with("published.toml", record);
    assert_eq!(json(&site.build(), "ap/news/posts/news-buses.json")["type"], "Tombstone");
    // And no new text takes its place, for it would not be seen.
    let text = "+++\ntitle = \"Buses\"\ndate = 2026-05-01\n+++\nOther text.\n";
    let report = site.with("content/news/buses.md", text).check();
    assert!(report.diagnostics.iter().any(|problem| problem.code() == "name-withdrawn"));
}

#[test]
fn a_post_outlives_its_page_unless_its_author_wants_otherwise() {
    let page = |keys: &str| {
        format!("+++\ntitle = \"Buses\"\ndate = 2026-05-01\n{keys}\n+++\nThe last bus.\n")
    };
    let site = published(&party());
    let post = |keys: &str| {
        let built = site.clone().with("content/news/buses.md", page(keys)).build();
        assert!(!built.has("news/buses/index.html"), "{keys}");
        json(&built, "ap/news/posts/news-buses.json")
    };
    for keys in ["expires = 2026-05-20", "page = false"] {
        let post = post(keys);
        assert!(post["content"].as_str().unwrap().contains("The last bus."), "{keys}");
        assert_eq!(post.get("url"), None);
    }
    assert_eq!(post("expires = 2026-05-20\non_expiry = \"withdraw\"")["type"], "Tombstone");
}

#[test]
fn a_document_with_hashtags_says_what_a_hashtag_is() {
    let built = party().build();
    let mut count = 0;
    for (path, text) in built.ending(".json").filter(|(path, _)| path.starts_with("ap/")) {
        if text.contains("\"Hashtag\",") || text.contains("\"Hashtag\"}") {
            let document: Value = serde_json::from_str(text).unwrap();
            assert_eq!(document["@context"][1]["Hashtag"], "as:Hashtag", "{path}");
            count += 1;
        }
    }
    assert!(count > 2, "only {count} documents have hashtags");
}

#[test]
fn an_expired_page_can_be_renamed_and_edited_and_keeps_its_post() {
    let page = |text: &str| {
        format!("+++\ntitle = \"Buses\"\ndate = 2026-05-01\nexpires = 2026-05-20\n+++\n{text}\n")
    };
    let early = |mode: &mut Mode| mode.now = "2026-05-10T00:00:00Z".parse().unwrap();
    let site = party().with("content/news/buses.md", page("Text."));
    let record = site.clone().mode(early).build().report.record.unwrap();
    let site = site.with("published.toml", record);
    let renamed = site.clone().without("content/news/buses.md");
    let built = renamed.with("content/news/old-buses.md", page("Text.")).build();
    assert!(built.has("ap/news/posts/news-buses.json"));
    let built = site.with("content/news/buses.md", page("Other text.")).build();
    assert_eq!(json(&built, "ap/news/posts/news-buses.json")["updated"], "2026-06-01T12:00:00Z");
}

#[test]
fn sections_say_what_their_pages_are() {
    let site = party()
        .with("content/policies/_index.md", "+++\ntitle = \"Policies\"\nposts = \"article\"\n+++\n")
        .with("content/policies/bus.md", "+++\ntitle = \"Policy\"\ndate = 2026-05-03\nlocation = \"The stop\"\ndescription = \"Short\"\n+++\n## Why\n\nLong.\n")
        .with("content/events/_index.md", "+++\ntitle = \"Events\"\nposts = \"event\"\n+++\n")
        .with("content/events/fair.md", "+++\ntitle = \"Fair\"\ndate = 2026-05-04\nstart = 2026-06-10T18:00:00+01:00\nend = 2026-06-10T20:00:00+01:00\nlocation = \"The hall\"\n+++\nCome.\n")
        .with("content/notices/_index.md", "+++\ntitle = \"Notices\"\nposts = \"none\"\n+++\n")
        .with("content/notices/a.md", "+++\ntitle = \"Notice\"\ndate = 2026-05-05\n+++\nNo post.\n");
    let built = site.build();
    let article = json(&built, "ap/news/posts/policies-bus.json");
    assert_eq!(article["type"], "Article");
    assert_eq!(article["name"], "Policy");
    assert_eq!(
        article["location"]["name"], "The stop",
        "without a time it has a place all the same"
    );
    assert_eq!(article["content"], "<p><strong>Why</strong></p><p>Long.</p>");
    let event = json(&built, "ap/news/posts/events-fair.json");
    assert_eq!(
        (&event["type"], &event["startTime"]),
        (&"Event".into(), &"2026-06-10T17:00:00Z".into())
    );
    assert_eq!(event["location"]["name"], "The hall");
    assert!(!built.has("ap/news/posts/notices-a.json"));
    let none = "+++\ntitle = \"Policies\"\nposts = \"none\"\n+++\n";
    let later = published(&site).with("content/policies/_index.md", none).build();
    let note = json(&later, "ap/news/posts/policies-bus.json");
    // Elsewhere a note with a name or a summary stands behind a warning.
    assert_eq!((note.get("name"), note.get("summary")), (None, None));
    // Misskey takes no pinned posts at all where one of them is no note.
    let featured = json(&built, "ap/news/featured.json");
    assert_eq!(featured["orderedItems"].as_array().unwrap().len(), 1);
}

#[test]
fn links_in_a_profile_lead_to_the_pages_of_the_site() {
    let text = party().files()["site.toml"].clone();
    let text = String::from_utf8(text).unwrap();
    let saying = |summary: &str| {
        let toml = text.replace("News of *the* party <b>here</b>.", summary);
        party().with("site.toml", toml).with("content/join.md", "+++\ntitle = \"Join\"\n+++\n")
    };
    let links = "[a](/join/), [b](@/join.md#how), [c](@/news/_index.md), [d](join), [e](/logo.png), \
                 [f](https://else.example/), <us@party.example>";
    let built = saying(links).build();
    assert!(built.codes().is_empty(), "{}", built.messages());
    let profile = json(&built, "ap/news/actor.json");
    let summary = profile["summary"].as_str().unwrap();
    for (word, to) in [
        ("a", "https://party.example/join/"),
        ("b", "https://party.example/join/#how"),
        ("c", "https://party.example/news/"),
        ("d", "https://party.example/join"),
        ("e", "https://party.example/logo.png"),
        ("f", "https://else.example/"),
        ("us@party.example", "mailto:us@party.example"),
    ] {
        assert!(summary.contains(&format!("<a href=\"{to}\">{word}</a>")), "{to}: {summary}");
    }
    // In the place where the profile has it, with what somebody will have meant.
    let gone = saying("[a](@/jion.md)").try_build();
    assert_eq!(gone.codes(), ["broken-link"]);
    let said = gone.messages();
    assert!(said.contains("site.toml:11:11") && said.contains("`@/join.md`"), "{said}");
    assert_eq!(saying("[a](/gone/)").build().codes(), ["dead-path"]);
}

#[test]
fn pages_lead_to_their_documents() {
    let built = party().build();
    let page = built.text("news/buses/index.html");
    assert!(page.contains("<link rel=\"alternate\" type=\"application/activity+json\" href=\"https://party.example/ap/news/posts/news-buses.json\">"));
    assert!(page.contains("<meta name=\"fediverse:creator\" content=\"@news@party.example\">"));
    let home = built.text("index.html");
    assert!(home.contains("href=\"https://party.example/ap/news/actor.json\""));
    assert!(home.contains("<link rel=\"me\" href=\"https://party.example/\">"));
    let nia = built.text("people/nia/index.html");
    assert!(nia.contains("href=\"https://party.example/ap/nia/actor.json\""));
    assert!(nia.contains("<link rel=\"me\" href=\"https://party.example/people/nia/\">"));
}

#[test]
fn a_site_without_accounts_says_nothing_of_them() {
    let built =
        site("-- content/a.md --\n+++\ntitle = \"A\"\ndate = 2026-05-01\n+++\nText.\n").build();
    assert!(!built.artifacts.keys().any(|path| path.starts_with("ap/") || path.starts_with('.')));
    assert!(!built.text("a/index.html").contains("fediverse"));
    assert!(!built.report.record.unwrap().contains("fediverse"));
}

#[test]
fn an_outbox_changes_in_one_page_only() {
    let mut site = party();
    let page = |day: usize| {
        format!("+++\ntitle = \"N {day}\"\ndate = 2026-01-01T00:{:02}:00Z\n+++\nText.\n", day % 60)
    };
    for number in 0..57 {
        site = site.with(&format!("content/news/n{number:03}.md"), page(number));
    }
    let before = published(&site);
    let site = before.build();
    let outbox = json(&site, "ap/news/outbox.json");
    assert_eq!(outbox["totalItems"], 58);
    assert_eq!(outbox["first"], "https://party.example/ap/news/outbox-2.json");
    // Walking from the newest page meets every post once, newest first.
    let mut seen: Vec<String> = Vec::new();
    let mut next = outbox["first"].as_str().map(str::to_owned);
    while let Some(url) = next {
        let page = json(&site, url.strip_prefix("https://party.example/").unwrap());
        for create in page["orderedItems"].as_array().unwrap() {
            seen.push(create["published"].as_str().unwrap().to_owned());
        }
        next = page["next"].as_str().map(str::to_owned);
    }
    assert_eq!(seen.len(), 58);
    assert!(seen.is_sorted_by(|a, b| a >= b));
    let after = before
        .with("content/news/new.md", "+++\ntitle = \"New\"\ndate = 2026-05-20\n+++\nText.\n")
        .build();
    assert_eq!(site.text("ap/news/outbox-1.json"), after.text("ap/news/outbox-1.json"));
    assert_ne!(site.text("ap/news/outbox-2.json"), after.text("ap/news/outbox-2.json"));
}

#[test]
fn a_preview_that_records_gives_out_ids_of_the_site_itself() {
    let preview = party().mode(|mode| {
        mode.base_url = Some("http://127.0.0.1:1111".to_owned());
        mode.record = true;
    });
    let built = preview.build();
    assert!(!built.report.record.as_ref().unwrap().contains("127.0.0.1"));
    let id = &json(&built, "ap/news/posts/news-buses.json")["id"];
    assert_eq!(id, "http://127.0.0.1:1111/ap/news/posts/news-buses.json");
}

#[test]
fn no_id_is_given_out_for_ever_to_what_is_not_public() {
    let previews = [
        ("--drafts", party().mode(|mode| mode.drafts = true)),
        ("--future", party().mode(|mode| mode.future = true)),
        ("--clock", party().mode(|mode| mode.clock = true)),
    ];
    for (option, preview) in previews {
        assert!(!preview.check().has_errors(), "{option}");
        let built = preview.mode(|mode| mode.record = true).try_build();
        assert_eq!(built.codes(), ["record-not-public"], "{option}");
        assert!(
            built
                .messages()
                .contains(&format!("leave out `--record` to look at them, or `{option}`"))
        );
        assert!(built.report.unusable && built.report.record.is_none(), "{option}");
    }
}

#[test]
fn no_mistake_and_no_missing_page_ends_an_embargo() {
    let embargo = "+++\ntitle = \"Secret\"\ndate = 2026-07-01\n+++\nNot yet.\n";
    let site = published(&party().with("content/news/secret.md", embargo));
    let wrong = embargo.replace("+++\nNot", "tags = 3\n+++\nNot");
    let wrong = site.with("content/news/secret.md", wrong).mode(|mode| mode.keep_going = true);
    let built = wrong.try_build();
    assert!(!built.has("ap/news/posts/news-secret.json"));
    assert!(!built.text("ap/news/outbox-1.json").contains("Not yet."));
    // Nor is it over for what has no page, in a section or beside an original that waits.
    let post = |keys: &str| format!("+++\ntitle = \"Post\"\n{keys}page = false\n+++\nNot yet.\n");
    let built = party()
        .with("content/later/_index.md", "+++\ntitle = \"Later\"\ndate = 2026-07-01\n+++\n")
        .with("content/later/post.md", post("date = 2026-05-01\n"))
        .with("content/people/talk.md", embargo)
        .with("content/people/talk.cy.md", post("authors = [\"Nia Vaughan\"]\n"))
        .build();
    assert!(!built.report.has_errors(), "{:?}", built.report.diagnostics);
    assert!(!built.has("ap/news/posts/later-post.json"));
    assert!(!built.has("ap/nia/posts/people-talk-cy.json"));
}

#[test]
fn pinned_posts_are_those_of_today_in_an_output_that_is_there() {
    let folder = on_disk();
    for day in 1..7 {
        let text = format!("+++\ntitle = \"D\"\ndate = 2026-02-0{day}\n+++\nText.\n");
        folder.write(&format!("content/d{day}.md"), &text);
        folder.expect(0, "build");
    }
    assert!(folder.read("public/ap/news/featured.json").contains("posts/d6.json"));
}

/// A party on a disk, with keys of its own, built once.
fn on_disk() -> Folder {
    let folder = party().without("keys/news.pem").without("keys/nia.pem").on_disk();
    for user in ["news", "nia"] {
        folder.expect(0, &format!("key new {user}"));
    }
    folder.expect(0, "build");
    folder
}

#[test]
fn a_post_is_taken_back_by_a_command() {
    let folder = on_disk();
    // Nobody is there who could be asked.
    folder.expect(2, "withdraw content/news/buses.md");
    let unknown = folder.expect(2, "withdraw content/news/busses.md --yes");
    assert!(unknown.err.contains("did you mean `content/news/buses.md`?"), "{unknown:#?}");
    let about = folder.expect(2, "withdraw content/about.md --yes");
    assert!(about.err.contains("was never a post"), "{about:#?}");
    folder.expect(0, "withdraw https://party.example/ap/news/posts/news-buses.json --yes");
    let again = folder.expect(0, "withdraw @/news/buses.md");
    assert!(again.out.contains("was taken back before"), "{again:#?}");
    folder.expect(0, "build");
    let post = folder.read("public/ap/news/posts/news-buses.json");
    assert!(post.contains("Tombstone"), "{post}");
    assert!(!folder.path("public/news/buses/index.html").exists());
}

#[test]
fn a_post_is_taken_back_by_the_address_of_its_page() {
    for address in ["https://party.example/news/buses/", "https://PARTY.example/news/buses?x#y"] {
        let folder = on_disk();
        let run = folder.expect(0, &format!("withdraw {address} --yes"));
        assert!(run.out.contains("/ap/news/posts/news-buses.json is taken back"), "{run:#?}");
    }
    let unknown = on_disk().expect(2, "withdraw https://party.example/news/ --yes");
    assert!(unknown.err.contains("the address of its page"), "{unknown:#?}");
}

#[test]
fn of_a_text_in_several_languages_each_post_is_taken_back_by_itself() {
    let folder = on_disk();
    let post = "+++\ntitle = \"Bysiau\"\ndate = 2026-05-01\nauthors = [\"Nia Vaughan\"]\n+++\nX.\n";
    folder.write("content/people/bus.md", post);
    folder.write("content/people/bus.cy.md", post.replace("X.", "Y."));
    folder.expect(0, "build");
    let run = folder.expect(0, "withdraw https://party.example/people/bus/ --yes");
    assert!(run.out.contains("`sitegen withdraw content/people/bus.cy.md` takes it"), "{run:#?}");
    // Where one file was published in two languages, nobody can tell which is meant.
    let record = folder.read("published.toml").replace("bus.cy.md", "bus.md");
    folder.write("published.toml", record);
    let run = folder.expect(2, "withdraw content/people/bus.md --yes");
    for words in ["in 2 languages", "posts/people-bus.json (en)", "posts/people-bus-cy.json (cy)"] {
        assert!(run.err.contains(words), "{words}: {run:#?}");
    }
}

#[test]
#[cfg(unix)]
fn a_private_key_that_others_can_read_stops_the_build() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = on_disk();
    let key = folder.path(".sitegen/keys/news.pem");
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).unwrap();
    let built = folder.expect(1, "build");
    assert!(built.err.contains("chmod 600 .sitegen/keys/news.pem"), "{built:#?}");
}

/// Says where the site is served.
fn on_host(folder: &Folder, host: &str) {
    let config = String::from_utf8(party().files()["site.toml"].clone()).unwrap();
    folder.write("site.toml", format!("host = \"{host}\"\n{config}"));
}

#[test]
fn a_build_says_how_far_accounts_get_on_the_host() {
    let folder = on_disk();
    let said = |host: &str| {
        on_host(&folder, host);
        folder.expect(0, "build").out
    };
    let nginx = said("nginx");
    assert!(
        nginx.contains("@news@party.example, @nia@party.example: found and readable"),
        "{nginx}"
    );
    let github = said("github-pages");
    assert!(github.contains(": name only") && github.contains("GitHub Pages"), "{github}");
    let netlify = said("netlify");
    assert!(netlify.contains("found and readable"), "{netlify}");
    assert!(folder.read("public/_headers").contains("application/activity+json"));
    // What an earlier host was told is gone.
    said("plain");
    assert!(!folder.path("public/_headers").exists());
}

#[test]
fn texts_are_compressed_for_hosts_that_send_them_so() {
    let site = party().with("site.toml", {
        let config = String::from_utf8(party().files()["site.toml"].clone()).unwrap();
        format!("host = \"nginx\"\nprecompress = true\n{config}")
    });
    let built = site.build();
    let mut text = String::new();
    let bytes = &built.artifacts["ap/news/actor.json.gz"][..];
    std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(bytes), &mut text).unwrap();
    assert_eq!(text, built.text("ap/news/actor.json"));
    assert!(built.has("index.html.gz") && !built.has("logo.png.gz"));
    assert!(!party().config("").build().has("index.html.gz"));
}

#[test]
fn a_host_is_shown_what_it_has_to_do() {
    let folder = on_disk();
    let shown = folder.expect(0, "host show --host caddy --folder /srv/party");
    assert!(shown.out.contains("/srv/party") && shown.out.contains("party.example"));
    assert!(shown.err.contains("found and readable"), "{shown:#?}");
    folder.expect(2, "host show --host geocities");
}

#[test]
fn a_doctor_finds_a_good_output_good_and_says_what_is_wrong_with_a_bad_one() {
    let folder = on_disk();
    on_host(&folder, "nginx");
    folder.expect(0, "build");
    let good = folder.expect(0, "doctor");
    assert!(good.out.contains("0 broken"), "{good:#?}");
    let actor = folder.read("public/ap/news/actor.json");
    folder.write("public/ap/news/actor.json", actor.replace("/ap/news/actor.json\"", "/x\""));
    let bad = folder.expect(1, "doctor");
    assert!(bad.out.contains("refused by"), "{bad:#?}");
    folder.expect(2, "doctor -o nowhere");
}

/// What texts are made of, as far as it is not the same everywhere.
const PIECES: &[&str] = &[
    "Words *with* **marks** and `code`. ",
    "\n\n## One\n\n",
    "\n\n",
    "[here](#one) ",
    "[nowhere](#none) ",
    "[river](@/news/river.md) ",
    "[beside](river.md#x) ",
    "[path](/nia/?a=1&b='2') ",
    "[relative](../x/y) ",
    "[out](https://other.example/?a=1&b=\"2\") ",
    "[scheme](//other.example/a) ",
    "[broken](//[) ",
    "[bad](javascript:alert) ",
    "<us@party.example> ",
    "a note[^1] ",
    "\n\n| A | B |\n|---|:-:|\n| 1 | [2](/two/) |\n\n",
    "\n- [x] done\n- [ ] [open](#one)\n\n",
    "\n> said\n\n",
    "\n1. one\n   - two\n\n",
    "\n```\n<a href=\"/\"> {{ x() }}\n```\n",
    "![A stop](stop.jpg) ",
    "<b>raw</b> <a href=\"/raw/\">x</a> ",
    "{{ button(label=\"B\", url=\"/x\") }} ",
    "&lt;&#x27;&amp;\u{e9}\u{6cb3} ",
    "\\\nnext line\n",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn no_edit_but_that_of_the_id_changes_an_address(
        title in "[a-zA-Z0-9 ]{1,20}",
        slug in "[a-z]{1,10}",
        day in 1_u8..28,
        tags in prop::collection::vec("[a-z]{1,8}", 0..3),
        author in prop::sample::select(vec!["Nia Vaughan", "Huw"]),
        text in "[a-zA-Z .]{0,80}",
        section in prop::bool::ANY,
    ) {
        let before = published(&party());
        let page = format!(
            "+++\ntitle = \"T{title}\"\nslug = \"{slug}\"\ndate = 2026-04-{day:02}\n\
             tags = {tags:?}\nauthors = [\"{author}\"]\n+++\nText {text}\n"
        );
        let mut site = before.clone().with("content/news/buses.md", page);
        if section {
            site = site.with("content/news/_index.md", "+++\ntitle = \"Other\"\n+++\n");
        }
        let ids = |site: &Site| {
            let built = site.build();
            let posts = built.artifacts.keys().filter(|path| path.contains("/posts/"));
            posts.cloned().collect::<Vec<_>>()
        };
        prop_assert_eq!(ids(&before), ids(&site));
    }

    // A debug build compares each post that is made of a page with one that is rendered for others.
    #[test]
    fn a_post_says_the_same_as_a_text_that_is_rendered_for_readers_elsewhere(
        pieces in prop::collection::vec(prop::sample::select(PIECES), 1..12),
    ) {
        let text = pieces.concat();
        let built = party().with("content/news/buses.md", format!(
            "+++\ntitle = \"Buses\"\ndate = 2026-05-01\n+++\n{text}\n\n[^1]: A *note*, [up](#one).\n"
        )).try_build();
        let post = json(&built, built.artifacts.keys().find(|path| path.contains("/posts/")).unwrap());
        let content = post["content"].as_str().unwrap();
        for link in content.split("<a href=\"").skip(1) {
            prop_assert!(link.starts_with("https://") || link.starts_with("mailto:"), "{link}");
        }
    }

    #[test]
    fn no_title_name_or_text_breaks_the_documents(
        title in "[^\u{0}-\u{1f}\"\\\\]{1,40}",
        name in "[^\u{0}-\u{1f}\"\\\\]{1,40}",
        text in "\\PC{0,200}",
    ) {
        let site = party()
            .with("content/news/buses.md", format!("+++\ntitle = \"{title}\"\ndate = 2026-05-01\n+++\nA {text}\n"))
            .config(&format!("\n[[actors]]\nuser = \"other\"\nname = \"{name}\"\nsections = [\"news\"]\nlanguages = [\"cy\"]"))
            .with("keys/other.pem", KEY);
        let built = site.try_build();
        prop_assume!(!built.report.has_errors());
        for (path, bytes) in built.artifacts.iter().filter(|(path, _)| path.starts_with("ap/")) {
            let document: Result<Value, _> = serde_json::from_slice(bytes);
            prop_assert!(document.is_ok(), "{path}");
        }
        let actor = json(&built, "ap/other/actor.json");
        prop_assert_eq!(actor["name"].as_str().unwrap(), name);
    }
}

#[test]
fn an_account_that_has_moved_says_where_to_and_others_are_as_they_were() {
    let new = "https://social.example/users/party";
    let text =
        PARTY.replace("user = \"news\"\n", &format!("user = \"news\"\nmoved_to = \"{new}\"\n"));
    let actor = |text: &str| -> Value {
        let site = site(text).with("keys/news.pem", KEY).with("keys/nia.pem", KEY);
        serde_json::from_slice(&site.build().artifacts["ap/news/actor.json"]).unwrap()
    };
    let moved = actor(&text);
    assert_eq!(moved["movedTo"], new);
    assert_eq!(moved["@context"][2]["movedTo"]["@id"], "as:movedTo");
    let before = actor(PARTY);
    assert!(before.get("movedTo").is_none() && before["@context"][2].get("movedTo").is_none());
    let wrong = text.replace(new, "@party@social.example");
    let site = site(&wrong).with("keys/news.pem", KEY).with("keys/nia.pem", KEY);
    assert_eq!(site.try_build().codes(), ["not-a-web-address"]);
}
