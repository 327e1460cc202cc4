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

/// The same where no law asks for anything.
fn fill_in_texts_only(folder: &Folder) {
    folder.write("site/site.toml", folder.read("site/site.toml") + "# name = \"\"\n");
    fill_in(folder);
}

/// Fills in what has to be filled in, and writes something into each text.
fn fill_in(folder: &Folder) {
    for name in folder.names().iter().filter(|name| name.ends_with(".md")) {
        let is_asked = |line: &str| {
            let asks = ["Say ", "Schreiben Sie "].iter().any(|start| line.starts_with(start));
            asks || line.len() >= 40 && !line.starts_with(['#', '{'])
        };
        let ours = |line: &str| match line.strip_suffix('"') {
            Some(start) if line.starts_with("description") => format!("{start} of ours\"\n"),
            None if is_asked(line) => format!("{line} of ours\n"),
            _ => format!("{line}\n"),
        };
        folder.write(name, folder.read(name).lines().map(ours).collect::<String>());
    }
    let config = folder.read("site/site.toml");
    let filled = config
        .replace("description = \"Say", "description = \"We say")
        .replace("description = \"Schreiben", "description = \"Wir schreiben")
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
        // A small program may not draw what the site asks for, and says so.
        let is_small = !cfg!(feature = "cards") && build.err.contains("[no-share-pictures]");
        let messages = build.err.matches("\n\n").count();
        assert!(build.err.is_empty() || (is_small && messages == 1), "{kind}: {}", build.err);
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
fn a_site_of_which_nobody_has_written_a_text_says_so_once() {
    for (options, texts) in [
        (
            "--kind party --law none",
            vec!["_index", "about", "contact", "privacy", "news/our-website"],
        ),
        ("--kind campaign --law none", vec!["_index", "get-involved", "contact"]),
        ("--kind branch --law none --language de", vec!["_index", "kontakt", "datenschutz"]),
        ("", vec!["about", "_index", "news/welcome"]),
    ] {
        let (folder, _) = new(options);
        let build = folder.expect(0, "build -r site");
        assert_eq!(build.err.matches("warning[").count(), 1, "{options}: {}", build.err);
        for text in texts {
            assert!(
                build.err.contains(&format!("`content/{text}.md`")),
                "{options}: {}",
                build.err
            );
        }
        let has_kind = options.contains("--kind");
        assert_eq!(build.err.contains("`site.toml`"), has_kind, "{options}: {}", build.err);
        for name in folder.names().iter().filter(|name| name.ends_with(".md")) {
            let text = folder.read(name);
            folder.write(name, text.replacen("+++\n", "+++\ndraft = true\n", 1));
        }
        let config = folder.read("site/site.toml");
        let lines = config.lines().filter(|line| !line.starts_with("description"));
        folder.write("site/site.toml", lines.map(|line| format!("{line}\n")).collect::<String>());
        let build = folder.run("build -r site");
        assert!(!build.err.contains("starter-text"), "{options}: {}", build.err);
    }
}

#[test]
fn a_single_text_that_nobody_has_written_is_named_with_its_line() {
    let (folder, _) = new("--kind candidate --law none");
    let text = folder.read("site/content/priorities.md");
    fill_in_texts_only(&folder);
    folder.write("site/content/priorities.md", text);
    let build = folder.expect(0, "build -r site");
    assert!(build.err.contains("content/priorities.md:7:1"), "{}", build.err);
    assert!(build.err.contains("this text still says what to write in it"), "{}", build.err);
}

#[test]
fn a_german_site_speaks_german() {
    for kind in KINDS {
        let (folder, _) = new(&format!("--kind {kind} --language de"));
        fill_in(&folder);
        let build = folder.expect(0, "build -r site --strict");
        assert_eq!(build.err, "", "{kind}");
        for name in folder.names().iter().filter(|name| name.ends_with(".md")) {
            let text = folder.read(name);
            let english = [" the ", " you ", "Say ", " is ", " and "];
            let found = english.iter().find(|word| text.contains(**word));
            assert_eq!(found, None, "{kind}: {name}");
        }
        let config = folder.read("site/site.toml");
        assert!(config.contains("# Das Impressum.") && !config.contains(" the "), "{config}");
        assert!(folder.has("site/public/kontakt/index.html"), "{kind}");
    }
    let (folder, _) = new("--language de");
    assert!(folder.read("site/content/ueber-uns.md").contains("Schreiben Sie"));
    let files = add(&folder, &["press", "Gewonnen", "--date", "2026-05-08"]);
    assert_eq!(files, ["content/presse/2026-05-08-gewonnen.md", "content/presse/_index.md"]);
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
        ("--language ga --law eu-ttpa", "eu-ttpa", "Europe/Dublin", 0),
    ] {
        let (folder, run) = new(&format!("--kind candidate {options}"));
        let config = folder.read("site/site.toml");
        assert!(config.contains(&format!("law = \"{law}\"")), "{options}: {config}");
        assert!(config.contains(&format!("timezone = \"{zone}\"")), "{options}: {config}");
        assert!(
            [
                "no\n# legal advice",
                "no legal advice",
                "keine Rechtsberatung",
                "keine\n# Rechtsberatung"
            ]
            .iter()
            .any(|said| config.contains(said))
        );
        assert_eq!(run.out.contains("until then nothing is built"), missing > 0, "{}", run.out);
        let build = folder.run("build -r site");
        assert_eq!(build.err.matches("error[").count(), missing, "{options}: {}", build.err);
        if missing > 0 {
            fill_in(&folder);
            folder.expect(0, "build -r site");
        }
    }
    for laws in ["de,uk-2022", "none,eu-ttpa", "de,none"] {
        let folder = Folder::empty();
        let run = folder.expect(2, &format!("new site --kind party --law {laws}"));
        assert!(run.err.contains("these laws do not go together"), "{}", run.err);
        assert!(!folder.has("site"));
    }
    let folder = Folder::empty();
    assert!(folder.expect(2, "new site --language english").err.contains("no code of a language"));
    folder.expect(2, "new site --law de");
    assert!(!folder.has("site"));
}

/// A new text in the site, and the files that it is said to be in.
fn add(folder: &Folder, arguments: &[&str]) -> Vec<String> {
    let public = ["--public", "-r", "site"];
    let run = run(command(folder.0.path()).args(["new"]).args(arguments).args(public));
    assert_eq!(run.code, 0, "{run:?}");
    assert!(!run.err.contains("draft"), "{run:?}");
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
fn a_text_is_a_draft_until_somebody_says_otherwise() {
    let folder = party();
    for (thing, file) in [
        ("post", "content/news/2026-05-08-x.md"),
        ("press", "content/press/2026-05-08-x.md"),
        ("event", "content/events/x-2026-05-08.md"),
    ] {
        let run = folder.expect(0, &format!("new {thing} X --date 2026-05-08 -r site"));
        assert!(run.out.starts_with(file), "{}", run.out);
        assert!(run.err.contains("take away its line `draft = true`"), "{}", run.err);
        assert!(folder.read(&format!("site/{file}")).contains("\ndraft = true"));
    }
    folder.expect(0, "build -r site --strict");
    let built = |folder: &Folder| {
        folder.names().iter().filter(|name| name.ends_with("/x/index.html")).count()
    };
    assert_eq!(built(&folder), 0);
    folder.expect(0, "build -r site --drafts");
    assert!(built(&folder) > 0);
}

#[test]
fn a_new_section_says_how_it_gets_into_the_menu() {
    let folder = party();
    let run = folder.expect(0, "new press X -r site");
    let config = folder.read("site/site.toml");
    let line = config.lines().position(|line| line.starts_with("menu")).unwrap() + 1;
    let said =
        format!("write \"@/press/_index.md\" between the brackets of `menu`, in line {line}");
    assert!(run.err.contains(&said), "{}", run.err);
    let again = folder.expect(0, "new press Y -r site");
    assert!(!again.err.contains("menu"), "{}", again.err);
    let folder = Folder::empty();
    folder.write("site/site.toml", "base_url = \"https://us.example\"\ntitle = \"Us\"\n");
    let run = folder.expect(0, "new event X -r site");
    assert!(!run.err.contains("menu"), "without a menu all sections are in it: {}", run.err);
}

#[test]
fn what_is_no_new_thing_is_said_to_be_what_it_is() {
    let folder = party();
    let run = command(folder.0.path())
        .args(["new", "campaign", "Buses on Sundays", "-r", "site"])
        .output()
        .unwrap();
    let err = String::from_utf8(run.stderr).unwrap();
    assert!(err.contains("`campaign` is a kind of site: `sitegen new FOLDER --kind campaign`"));
    assert!(err.contains("`sitegen new page \"Buses on Sundays\"`"), "{err}");
    for (arguments, said) in [
        ("new pots Why -r site", "did you mean `post`?"),
        ("new our new party -r site", "in quotes if its name has spaces"),
        ("new post Why I am -r site", "put the title in quotes: \"Why I am\""),
    ] {
        let run = folder.expect(2, arguments);
        assert!(run.err.contains(said), "{arguments}: {}", run.err);
    }
    assert!(!folder.has("our") && !folder.has("site/content/news/why.md"));
}

#[test]
fn an_address_that_nobody_can_have_is_said_to_be_one() {
    for (url, warns) in [
        ("https://www.example.org", true),
        ("https://party.test", true),
        ("https://www.us.example", false),
        ("https://www.us.org", false),
    ] {
        let folder = Folder::empty();
        let run = folder.expect(0, &format!("new site -u {url}"));
        let domain = url.trim_start_matches("https://");
        let said = format!("Nobody can have the domain `{domain}`");
        assert_eq!(run.out.contains(&said), url != "https://www.us.org", "{}", run.out);
        let check = folder.expect(0, "check -r site");
        assert_eq!(check.err.contains("warning[nobodys-address]"), warns, "{}", check.err);
    }
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

/// A text with the comment marks taken from the lines between two others.
fn without_marks(text: &str, from: &str, to: &str) -> String {
    let (before, rest) = text.split_once(from).unwrap();
    let (part, after) = rest.split_once(to).unwrap();
    let part = format!("{from}{part}").replace("\n# ", "\n");
    format!("{before}{}{to}{after}", part.trim_start_matches("# "))
}

#[test]
fn a_notice_is_built_once_its_keys_are_filled_in() {
    let (folder, _) = new("--kind party --law de,eu-ttpa");
    fill_in(&folder);
    folder.expect(0, "build -r site --strict");
    let files = add(&folder, &["notice", "Posters"]);
    assert_eq!(files, ["content/notices/posters.md", "content/notices/_index.md"]);
    let build = folder.expect(1, "build -r site");
    let keys = ["sponsor", "period", "amounts", "origin", "method", "complaints", "targeting"];
    for key in keys {
        assert!(build.err.contains(&format!("the notice has no `{key}`")), "{}", build.err);
    }
    assert_eq!(build.err.matches("error[").count(), keys.len(), "{}", build.err);
    // What all notices have in common is said once.
    let config = folder.read("site/site.toml");
    let keys = ["sponsor", "origin", "complaints"];
    let config = keys
        .iter()
        .fold(config, |text, key| text.replace(&format!("# {key} ="), &format!("{key} =")));
    folder.write("site/site.toml", config);
    let path = "site/content/notices/posters.md";
    let text = folder.read(path);
    let text = without_marks(&text, "# amounts", "# How these");
    let keys = ["period", "method", "targeting", "media", "campaign"];
    let text = keys
        .iter()
        .fold(text, |text, key| text.replace(&format!("# {key} ="), &format!("{key} =")));
    folder.write(path, text);
    folder.expect(0, "build -r site --strict");
    assert!(folder.read("site/public/notices/posters/index.html").contains("EUR\u{a0}1,500.50"));
    assert!(folder.has("site/public/notices/posters/label/index.html"));
}

#[test]
fn every_key_of_a_new_notice_is_one_that_notices_have() {
    let (folder, _) = new("--kind party --law eu-ttpa");
    fill_in_texts_only(&folder);
    add(&folder, &["notice", "Ads"]);
    let path = "site/content/notices/ads.md";
    let text = folder.read(path);
    let is_key = |line: &str| {
        let line = line.trim_start_matches("# ");
        let name = line.split(' ').next().unwrap();
        let is_name = !name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase() || c == '_');
        (is_name && line[name.len()..].starts_with(" = ")) || line.starts_with(['[', ']', ' '])
    };
    // Everything but the alternative to `[targeting]`, and addresses that are none.
    let lines = text.lines().filter(|line| *line != "# targeting = false");
    let shown = lines.map(|line| match line.strip_prefix("# ").filter(|_| is_key(line)) {
        Some(key) => key.replace("https://…", "https://party.example/"),
        None => line.to_owned(),
    });
    folder.write(path, shown.map(|line| line + "\n").collect::<String>());
    folder.expect(0, "build -r site --strict");
    let page = folder.read("site/public/notices/ads/index.html");
    for said in ["Ann Jones", "Council election", "12,000", "Which kinds of personal data"] {
        assert!(page.contains(said), "{said}: {page}");
    }
}
