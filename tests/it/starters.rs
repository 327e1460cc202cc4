//! What `sitegen new` writes: whole sites of four kinds, and texts that go where they belong.

use std::collections::BTreeSet;

use crate::folder::{Folder, Run, command, run};
use crate::html::{active, attributes, pieces};

const KINDS: [&str; 4] = ["party", "candidate", "branch", "campaign"];

/// A new site in a folder `site`, by some options.
fn new(options: &str) -> (Folder, Run) {
    let folder = Folder::empty();
    let run = folder.expect(0, &format!("new site -u https://us.example --title Us {options}"));
    (folder, run)
}

/// Fills in what has to be filled in.
fn fill_in(folder: &Folder) {
    let config = folder.read("site/site.toml");
    let filled = config
        .replace("name = \"\"", "name = \"Ann Agent\"")
        .replace("address = \"\"", "address = \"1 High Street, Town\"")
        .replace("email = \"\"", "email = \"us@us.example\"")
        .replace("# represented_by", "represented_by");
    assert_ne!(config, filled);
    folder.write("site/site.toml", filled);
}

/// The pages of the output with their addresses.
fn pages(folder: &Folder) -> Vec<(String, String)> {
    let names = folder.names().into_iter();
    let pages = names.filter_map(|name| {
        let address = name.strip_prefix("site/public")?.strip_suffix("index.html")?;
        Some((address.to_owned(), folder.read(&name)))
    });
    pages.collect()
}

#[test]
fn every_kind_is_built_once_it_says_who_publishes_it() {
    for kind in KINDS {
        let (folder, run) = new(&format!("--kind {kind}"));
        let config = folder.read("site/site.toml");
        let build = folder.expect(1, "build -r site");
        assert!(!folder.has("site/public"), "{kind}");
        assert_eq!(build.err.matches("error[").count(), 4, "{kind}: {}", build.err);
        for whole in ["promoter", "on_behalf_of"] {
            for key in ["name", "address"] {
                let said = format!("`{whole}` of the imprint has no `{key}`");
                assert!(build.err.contains(&said), "{kind}: {}", build.err);
            }
        }
        let lines = config.lines().zip(1..).filter(|(line, _)| line.contains("= \"\""));
        let lines: Vec<usize> = lines.map(|(_, number)| number).collect();
        let said = format!("lines {} to {} who publishes it", lines[0], lines[lines.len() - 1]);
        assert!(run.out.contains(&said), "{kind}: {}", run.out);
        fill_in(&folder);
        let build = folder.expect(0, "build -r site --strict");
        assert_eq!(build.err, "", "{kind}");
    }
}

#[test]
fn every_page_of_every_kind_is_whole_and_can_be_reached() {
    for kind in KINDS {
        let (folder, _) = new(&format!("--kind {kind}"));
        fill_in(&folder);
        folder.expect(0, "build -r site --strict");
        let pages = pages(&folder);
        let mut linked = BTreeSet::new();
        for (address, html) in &pages {
            let pieces = pieces(html);
            let is_searched = address == "/search/";
            assert!(is_searched || active(html).is_empty(), "{kind}{address}: {:?}", active(html));
            assert_eq!(html.matches("<h1").count(), 1, "{kind}{address}");
            assert!(html.contains("Promoted by Ann Agent"), "{kind}{address}");
            // The list of all pages leads everywhere, but nobody begins there.
            if !address.starts_with("/search/") {
                let links = attributes(&pieces, "a", "href").into_iter();
                linked.extend(links.filter(|to| to != address));
            }
        }
        let is_text = |address: &&String| !address.starts_with("/search/a-z");
        for address in pages.iter().map(|(address, _)| address).filter(is_text) {
            assert!(linked.contains(address), "{kind}: nothing leads to {address}");
        }
    }
}

#[test]
fn no_two_kinds_look_alike() {
    let looks: BTreeSet<String> = KINDS
        .iter()
        .map(|kind| {
            let (folder, _) = new(&format!("--kind {kind}"));
            fill_in(&folder);
            folder.expect(0, "build -r site");
            folder.read("site/public/look.css")
        })
        .collect();
    assert_eq!(looks.len(), KINDS.len());
}

#[test]
fn the_law_is_that_of_the_language_unless_it_is_named() {
    for (options, law, zone, missing) in [
        ("", "uk-2022", "Europe/London", 4),
        ("--language cy", "uk-2022", "Europe/London", 4),
        ("--language de-CH", "de", "Europe/Berlin", 6),
        ("--language cs", "none", "Europe/Prague", 0),
        ("--language xx", "none", "UTC", 0),
        ("--language cy --law none", "none", "Europe/London", 0),
        ("--law de", "de", "Europe/London", 6),
    ] {
        let (folder, run) = new(&format!("--kind candidate {options}"));
        let config = folder.read("site/site.toml");
        assert!(config.contains(&format!("law = \"{law}\"")), "{options}: {config}");
        assert!(config.contains(&format!("timezone = \"{zone}\"")), "{options}: {config}");
        assert!(config.contains("no\n# legal advice") || config.contains("no legal advice"));
        assert_eq!(run.out.contains("until then nothing is built"), missing > 0, "{}", run.out);
        let build = folder.run("build -r site");
        assert_eq!(build.err.matches("error[").count(), missing, "{options}: {}", build.err);
        if missing > 0 {
            fill_in(&folder);
            folder.expect(0, "build -r site");
        }
    }
    let folder = Folder::empty();
    assert!(folder.expect(2, "new site --language english").err.contains("no code of a language"));
    folder.expect(2, "new site --law de");
    assert!(!folder.has("site"));
}

/// A new text in the site, and the files that it is said to be in.
fn add(folder: &Folder, arguments: &[&str]) -> Vec<String> {
    let run = run(command(folder.0.path()).args(["new"]).args(arguments).args(["-r", "site"]));
    assert_eq!(run.code, 0, "{run:?}");
    run.out.lines().map(str::to_owned).collect()
}

fn party() -> Folder {
    let (folder, _) = new("--kind party");
    fill_in(&folder);
    folder
}

#[test]
fn an_event_goes_to_the_events_and_has_a_beginning_and_an_end() {
    let folder = party();
    let files = add(&folder, &["event", "Public meeting", "--date", "2999-05-01T19:30"]);
    assert_eq!(files, ["content/events/public-meeting-2999-05-01.md"]);
    let text = folder.read(&format!("site/{}", files[0]));
    assert!(text.contains("start = 2999-05-01T19:30:00+01:00\n"), "{text}");
    assert!(text.contains("end = 2999-05-01T21:30:00+01:00\n"), "{text}");
    assert!(text.contains("# location = "), "{text}");
    let again = add(&folder, &["event", "Public meeting", "--date", "2999-06-01"]);
    let text = folder.read(&format!("site/{}", again[0]));
    assert!(text.contains("start = 2999-06-01\n") && !text.contains("\nend = "), "{text}");
    let later = add(&folder, &["event", "Later"]);
    let text = folder.read(&format!("site/{}", later[0]));
    assert!(text.contains("T19:00:00") && text.contains("# an example"), "{text}");
    folder.expect(0, "build -r site --strict");
    assert!(folder.has("site/public/events/public-meeting-2999-05-01/index.html"));
    assert!(folder.has("site/public/events/calendar.ics"), "it is an event for calendars too");
    let wrong = folder.expect(2, "new event X --date soon -r site");
    assert!(wrong.err.contains("`soon` is no date"), "{}", wrong.err);
}

#[test]
fn a_person_has_a_folder_for_a_portrait_and_no_date() {
    let folder = party();
    let files = add(&folder, &["person", "Nia Price"]);
    assert_eq!(files, ["content/people/nia-price/index.md"]);
    let text = folder.read("site/content/people/nia-price/index.md");
    assert!(!text.contains("\ndate") && text.contains("# image = \"portrait.jpg\""), "{text}");
    folder.write("site/content/people/nia-price/portrait.jpg", "JPEG");
    let keys = ["role", "ward", "email", "image", "weight"];
    let text = keys.iter().fold(text, |text, key| text.replace(&format!("# {key}"), key));
    folder.write("site/content/people/nia-price/index.md", text);
    folder.expect(0, "build -r site --strict");
    assert!(folder.has("site/public/people/nia-price/portrait.jpg"));
}

#[test]
fn a_section_that_is_not_there_is_made_with_the_first_text_of_it() {
    let folder = party();
    let files = add(&folder, &["press", "We won", "--date", "2026-05-08"]);
    assert_eq!(files, ["content/press/2026-05-08-we-won.md", "content/press/_index.md"]);
    let files = add(&folder, &["press", "We won again", "--date", "2026-05-09"]);
    assert_eq!(files, ["content/press/2026-05-09-we-won-again.md"]);
    let text = folder.read("site/content/press/2026-05-09-we-won-again.md");
    let text = text.replace("# contact", "contact");
    folder.write("site/content/press/2026-05-09-we-won-again.md", text);
    folder.expect(0, "build -r site --strict");
    let section = folder.read("site/public/press/index.html");
    assert!(section.contains("<h1>Press</h1>") && section.contains("We won again"), "{section}");
}

#[test]
fn a_section_with_another_name_that_fits_is_found() {
    let folder = Folder::empty();
    folder.write("site/site.toml", "base_url = \"https://us.example\"\ntitle = \"Wir\"\n");
    folder.write(
        "site/content/termine/_index.md",
        "+++\ntitle = \"Termine\"\nposts = \"event\"\n+++\n",
    );
    let files = add(&folder, &["event", "Fest"]);
    assert!(files.len() == 1 && files[0].starts_with("content/termine/"), "{files:?}");
    let files = add(&folder, &["person", "Nia", "-s", "vorstand"]);
    assert_eq!(files, ["content/vorstand/nia/index.md"]);
    folder.expect(0, "build -r site --strict");
}

#[test]
fn a_post_goes_to_the_news_however_many_events_there_are() {
    let folder = party();
    for title in ["One", "Two", "Three"] {
        add(&folder, &["event", title]);
        add(&folder, &["press", title]);
    }
    let files = add(&folder, &["post", "Buses", "--date", "2026-05-01"]);
    assert_eq!(files, ["content/news/2026-05-01-buses.md"]);
    let again = folder.expect(2, "new post Buses --date 2026-05-01 -r site");
    assert!(again.err.contains("is there already"), "{}", again.err);
}
