//! Feeds as the programs of readers see them.
//!
//! Every feed is read back with a library that had no part in writing it. What a person could
//! notice (titles, authors, dates, text, order) must come out as it went in, in each format.

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;
use std::path::Path;
use std::sync::{LazyLock, Mutex};

use feed_rs::model::{Entry, Feed};
use proptest::prelude::*;
use serde_json::Value;
use sitegen::artifact::{Artifact, Body, Sink};
use sitegen::config::Mode;
use sitegen::load::Inputs;
use sitegen::pipeline;

use crate::fixture::{Built, NOW, Site, site};

/// The folder of the repository, which is a site.
const EXAMPLE: &str = env!("CARGO_MANIFEST_DIR");

/// A time between the posts of the example site.
const EXAMPLE_NOW: &str = "2026-12-01T12:00:00Z";

/// All that has hurt feeds before: what XML cannot carry, what ends its sections, markup,
/// quotes, marks that change the direction, joined emoji, a letter outside the first plane.
const HOSTILE: &str = "\u{0}\u{1}\u{B}\u{1B}\u{7F}\u{85}\u{FFFE}\u{FFFF}]]> <![CDATA[ <!-- --> \
    </script> </title> \"double\" 'single' &amp; & < > \u{202E}right\u{202C} \u{2028} שלום \
    👩🏽\u{200D}🚒 𝔘 e\u{301} ?> {{ x }} %41";

/// One page with everything that a feed can say.
const FULL: &str = "
-- site.toml --
base_url = \"https://party.example/sub\"
title = \"The Party\"
description = \"News & views\"
default_language = \"cy\"
author = \"The Board\"
timezone = \"Europe/London\"
feed_hub = \"https://hub.example/\"
id_base = \"tag:party.example,2020:\"
-- content/news/_index.md --
+++
title = \"Newyddion\"
+++
-- content/news/launch/index.md --
+++
title = \"Lansio & dathlu\"
date = 2026-05-01T18:30:00
updated = 2026-05-02T09:00:00Z
authors = [\"Ann Ab\", \"Bob Cd\"]
tags = [\"Afon\"]
categories = [\"Dŵr\"]
image = \"a.png\"
image_alt = \"A boat\"
enclosure = \"talk.mp3\"
+++
The *short* part with [a link](../other.md).

<!-- more -->

## Part two

![A boat](a.png) and a footnote[^1] and [up](#part-two) and [out](//elsewhere.example/x),
[mail](mailto:a@party.example).

[^1]: Below.
-- content/news/launch/a.png --
PNG
-- content/news/launch/talk.mp3 --
Sound!
-- content/news/other.md --
+++
title = \"Other\"
date = 2026-04-01
+++
Other.
";

/// The feed of a folder in its three formats.
struct Formats<'a> {
    rss: Feed,
    atom: Feed,
    json: Feed,
    value: Value,
    text: BTreeMap<&'static str, &'a str>,
}

impl<'a> Formats<'a> {
    #[track_caller]
    fn of(built: &'a Built, folder: &str) -> Self {
        let names = ["rss.xml", "atom.xml", "feed.json"];
        let text = names.map(|name| (name, built.text(&format!("{folder}{name}"))));
        let text = BTreeMap::from(text);
        Self {
            rss: parsed(text["rss.xml"]),
            atom: parsed(text["atom.xml"]),
            json: parsed(text["feed.json"]),
            value: serde_json::from_str(text["feed.json"]).unwrap(),
            text,
        }
    }

    fn each(&self) -> [(&'static str, &Feed); 3] {
        [("rss", &self.rss), ("atom", &self.atom), ("json", &self.json)]
    }
}

#[track_caller]
fn parsed(text: &str) -> Feed {
    feed_rs::parser::parse(text.as_bytes()).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// The folders that have feeds.
fn folders(built: &Built) -> BTreeSet<String> {
    let feeds = ["rss.xml", "atom.xml", "feed.json"];
    let paths = built.artifacts.keys();
    paths
        .filter_map(|path| feeds.iter().find_map(|name| path.strip_suffix(name)))
        .filter(|folder| folder.is_empty() || folder.ends_with('/'))
        .map(str::to_owned)
        .collect()
}

/// The repository's own site, as it lies on the disk.
fn example() -> Built {
    struct Memory(Mutex<BTreeMap<String, Vec<u8>>>);

    impl Sink for Memory {
        type Error = Infallible;

        fn accept(&self, artifact: Artifact) -> Result<(), Infallible> {
            let bytes = match artifact.body {
                Body::Bytes(bytes) => bytes,
                Body::Static(bytes) => bytes.to_vec(),
                Body::Copy(source) => {
                    std::fs::read(Path::new(EXAMPLE).join(source.as_str())).unwrap()
                }
            };
            self.0.lock().unwrap().insert(artifact.path.as_str().to_owned(), bytes);
            Ok(())
        }
    }

    let inputs = Inputs::read(Path::new(EXAMPLE), "site.toml").unwrap();
    let memory = Memory(Mutex::default());
    let mut mode = Mode::at(EXAMPLE_NOW.parse().unwrap());
    mode.clock = true;
    let Ok(report) = pipeline::build(&inputs, &mode, &memory);
    let built = Built { report, artifacts: memory.0.into_inner().unwrap() };
    assert!(!built.report.has_errors(), "{}", built.messages());
    built
}

fn title(entry: &Entry) -> String {
    entry.title.as_ref().map(|title| words(&title.content)).unwrap_or_default()
}

fn body(entry: &Entry) -> &str {
    entry.content.as_ref().and_then(|content| content.body.as_deref()).unwrap_or_default()
}

fn names(entry: &Entry) -> Vec<&str> {
    entry.authors.iter().map(|person| person.name.as_deref().unwrap_or_default()).collect()
}

fn terms(entry: &Entry) -> Vec<&str> {
    entry.categories.iter().map(|category| category.term.as_str()).collect()
}

/// A text as a line, and only with what XML can carry.
fn words(text: &str) -> String {
    let line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let carried: String = line(text).chars().filter(|c| is_xml(*c)).collect();
    line(&carried)
}

/// Section 2.2 of XML 1.0.
fn is_xml(c: char) -> bool {
    matches!(u32::from(c), 0x9 | 0xA | 0xD | 0x20..=0xD7FF | 0xE000..=0xFFFD | 0x1_0000..)
}

/// A string of TOML that can say anything.
fn quoted(text: &str) -> String {
    let escaped = |c: char| match c {
        '"' | '\\' => format!("\\{c}"),
        c if c.is_control() => format!("\\U{:08X}", u32::from(c)),
        c => c.to_string(),
    };
    format!("\"{}\"", text.chars().map(escaped).collect::<String>())
}

/// What holds for every feed of every site.
#[track_caller]
fn assert_sound(built: &Built, base: &str) {
    let folders = folders(built);
    assert!(!folders.is_empty());
    for folder in &folders {
        let formats = Formats::of(built, folder);
        for (name, text) in &formats.text {
            let bad = text.chars().find(|c| !is_xml(*c));
            assert_eq!(bad, None, "{folder}{name} has a character that XML cannot carry");
            let address = format!("{base}{folder}{name}");
            assert!(text.contains(&address), "{folder}{name} does not know its address {address}");
        }
        for (name, feed) in formats.each() {
            let entries = &feed.entries;
            let ids: BTreeSet<&str> = entries.iter().map(|entry| entry.id.as_str()).collect();
            assert_eq!(ids.len(), entries.len(), "{name} of {folder} has an id twice");
            assert!(
                entries.is_sorted_by_key(|entry| std::cmp::Reverse(entry.published)),
                "{name} of {folder} is not newest first"
            );
            assert!(entries.iter().all(|entry| entry.published.is_some()), "{name} of {folder}");
            // The texts are the same, so it is enough to look at one format's.
            for (entry, other) in entries.iter().zip(&formats.atom.entries) {
                assert_eq!(entry.id, other.id, "{name} of {folder}");
                assert_eq!(entry.published, other.published, "{name} of {folder}");
                assert_eq!(entry.links[0].href, other.links[0].href, "{name} of {folder}");
                assert_eq!(title(entry), title(other), "{name} of {folder}");
                assert_eq!(terms(entry), terms(other), "{name} of {folder}");
                assert_eq!(body(entry).trim(), body(other).trim(), "{name} of {folder}");
            }
            assert_eq!(entries.len(), formats.atom.entries.len(), "{name} of {folder}");
            assert_eq!(feed.language, formats.atom.language, "{name} of {folder}");
        }
        assert_addresses(built, &formats.atom, base);
        assert_json_feed(&formats.value);
    }
}

/// Links and pictures lead somewhere from wherever they are read, and to what there is.
#[track_caller]
fn assert_addresses(built: &Built, feed: &Feed, base: &str) {
    for entry in &feed.entries {
        for attribute in [" href=\"", " src=\""] {
            for part in body(entry).split(attribute).skip(1) {
                let address = part.split('"').next().unwrap();
                let scheme = address.split(':').next().unwrap();
                let absolute = matches!(scheme, "https" | "http" | "mailto" | "tel" | "webcal");
                assert!(absolute, "{address} in {}", entry.id);
            }
        }
        for link in &entry.links {
            let path = link.href.strip_prefix(base).unwrap_or_else(|| panic!("{}", link.href));
            let file = if path.is_empty() || path.ends_with('/') { "index.html" } else { "" };
            assert!(built.has(&format!("{path}{file}")), "{} is not there", link.href);
            if link.rel.as_deref() == Some("enclosure") {
                let length = built.artifacts[path].len() as u64;
                assert_eq!(link.length, Some(length), "{} in {}", link.href, entry.id);
            }
        }
    }
}

/// The rules of JSON Feed 1.1: what must be there, and what type it has if it is.
#[track_caller]
fn assert_json_feed(feed: &Value) {
    let is_url = |value: &Value| {
        value.as_str().is_some_and(|url| url.starts_with("https://") || url.starts_with("http://"))
    };
    let is_named = |author: &Value| {
        ["name", "url", "avatar"]
            .iter()
            .any(|key| author[key].as_str().is_some_and(|t| !t.is_empty()))
    };
    let all = |value: &Value, rule: &dyn Fn(&Value) -> bool| {
        value.is_null() || value.as_array().is_some_and(|list| list.iter().all(rule))
    };
    assert_eq!(feed["version"], "https://jsonfeed.org/version/1.1");
    assert!(feed["title"].is_string());
    assert!(is_url(&feed["home_page_url"]) && is_url(&feed["feed_url"]));
    assert!(all(&feed["authors"], &is_named), "{}", feed["authors"]);
    assert!(all(&feed["hubs"], &|hub| hub["type"].is_string() && is_url(&hub["url"])));
    for item in feed["items"].as_array().unwrap() {
        assert!(item["id"].as_str().is_some_and(|id| !id.is_empty()), "{item}");
        assert!(is_url(&item["url"]), "{item}");
        assert!(item["content_html"].is_string(), "{item}");
        assert!(item["image"].is_null() || is_url(&item["image"]), "{item}");
        for date in ["date_published", "date_modified"] {
            let date = item[date].as_str().unwrap();
            assert!(date.contains('T') && date.parse::<jiff::Timestamp>().is_ok());
        }
        assert!(all(&item["authors"], &is_named), "{item}");
        assert!(all(&item["tags"], &Value::is_string), "{item}");
        let is_attachment = |file: &Value| {
            let size = &file["size_in_bytes"];
            is_url(&file["url"])
                && file["mime_type"].is_string()
                && (size.is_null() || size.is_u64())
        };
        assert!(all(&item["attachments"], &is_attachment), "{item}");
    }
}

#[test]
fn every_feed_of_the_example_site_is_sound_in_every_format() {
    assert_sound(&example(), "https://www.dyffryn-helyg.example/");
}

#[test]
fn the_example_site_has_feeds_for_languages_sections_terms_and_authors() {
    let built = example();
    let folders = folders(&built);
    for folder in ["", "cy/", "news/", "cy/news/", "tags/river/", "cy/tags/afon/"] {
        assert!(folders.contains(folder), "{folder} has no feed: {folders:?}");
        let language = if folder.starts_with("cy") { "cy" } else { "en" };
        for (name, feed) in Formats::of(&built, folder).each() {
            assert_eq!(feed.language.as_deref(), Some(language), "{name} of {folder}");
            assert!(!feed.entries.is_empty(), "{name} of {folder}");
        }
    }
    assert!(folders.iter().any(|folder| folder.starts_with("authors/")), "{folders:?}");
    let posts = Formats::of(&built, "news/").atom.entries;
    let late = posts.iter().filter(|entry| entry.id.contains("time-capsule"));
    assert_eq!(late.count(), 0, "a post of 2031 is in a feed of 2026");
}

#[test]
fn an_entry_says_the_same_in_every_format() {
    let built = site(FULL).build();
    assert_sound(&built, "https://party.example/sub/");
    let formats = Formats::of(&built, "");
    for (name, feed) in formats.each() {
        assert_eq!(feed.title.as_ref().unwrap().content, "The Party", "{name}");
        assert_eq!(feed.description.as_ref().unwrap().content, "News & views", "{name}");
        assert_eq!(feed.language.as_deref(), Some("cy"), "{name}");
        let ids: Vec<&str> = feed.entries.iter().map(|entry| entry.id.as_str()).collect();
        let expected =
            ["tag:party.example,2020:news/launch/index", "tag:party.example,2020:news/other"];
        assert_eq!(ids, expected, "{name}");
        let entry = &feed.entries[0];
        assert_eq!(title(entry), "Lansio & dathlu", "{name}");
        assert_eq!(entry.links[0].href, "https://party.example/sub/news/launch/", "{name}");
        assert_eq!(names(entry), ["Ann Ab", "Bob Cd"], "{name}");
        assert_eq!(terms(entry), ["Afon", "Dŵr"], "{name}");
        // London is an hour ahead in May.
        let published = entry.published.unwrap().to_rfc3339();
        assert_eq!(published, "2026-05-01T17:30:00+00:00", "{name}");
        let summary = words(&entry.summary.as_ref().unwrap().content);
        assert!(summary.contains("short") && !summary.contains("Part two"), "{name}: {summary}");
    }
    for (name, feed) in [("atom", &formats.atom), ("json", &formats.json)] {
        let updated = feed.entries[0].updated.unwrap().to_rfc3339();
        assert_eq!(updated, "2026-05-02T09:00:00+00:00", "{name}");
    }
}

#[test]
fn the_full_text_stands_in_every_format_with_addresses_that_work_anywhere() {
    let built = site(FULL).build();
    for (name, feed) in Formats::of(&built, "news/").each() {
        let html = body(&feed.entries[0]);
        for piece in [
            "<em>short</em>",
            "href=\"https://party.example/sub/news/other/\"",
            "src=\"https://party.example/sub/news/launch/a.png\" alt=\"A boat\"",
            "href=\"https://party.example/sub/news/launch/#fn-1\"",
            "href=\"https://party.example/sub/news/launch/#fnref-1\"",
            "href=\"https://party.example/sub/news/launch/#part-two\"",
            "href=\"https://elsewhere.example/x\"",
            "href=\"mailto:a@party.example\"",
            "Part two",
            "Below.",
        ] {
            assert!(html.contains(piece), "no {piece} in {name}: {html}");
        }
    }
}

#[test]
fn an_enclosure_has_its_true_length_and_type() {
    let built = site(FULL).build();
    let formats = Formats::of(&built, "");
    let url = "https://party.example/sub/news/launch/talk.mp3";
    let media = &formats.rss.entries[0].media[0].content[0];
    assert_eq!(media.url.as_ref().unwrap().as_str(), url);
    assert_eq!(media.size, Some(7));
    assert_eq!(media.content_type.as_ref().unwrap().to_string(), "audio/mpeg");
    for feed in [&formats.atom, &formats.json] {
        let link = feed.entries[0].links.iter().find(|link| link.href == url).unwrap();
        assert_eq!(link.media_type.as_deref(), Some("audio/mpeg"));
        assert_eq!(link.length, Some(7));
    }
    let item = &formats.value["items"][0];
    assert_eq!(item["image"], "https://party.example/sub/news/launch/a.png");
    assert_eq!(item["attachments"].as_array().unwrap().len(), 1);
}

#[test]
fn a_feed_names_itself_its_page_and_its_hub() {
    let built = site(FULL).build();
    let formats = Formats::of(&built, "news/");
    let page = "https://party.example/sub/news/";
    let hub = "https://hub.example/";
    let find = |feed: &Feed, rel: &str| {
        let link = feed.links.iter().find(|link| link.rel.as_deref() == Some(rel));
        link.map(|link| link.href.clone()).unwrap_or_default()
    };
    assert_eq!(find(&formats.rss, "self"), format!("{page}rss.xml"));
    assert_eq!(find(&formats.rss, "hub"), hub);
    assert!(formats.text["rss.xml"].contains(&format!("<link>{page}</link>")));
    assert_eq!(find(&formats.atom, "self"), format!("{page}atom.xml"));
    assert_eq!(find(&formats.atom, "hub"), hub);
    assert_eq!(find(&formats.atom, "alternate"), page);
    assert_eq!(formats.value["feed_url"], format!("{page}feed.json"));
    assert_eq!(formats.value["home_page_url"], page);
    assert_eq!(formats.value["hubs"][0]["type"], "WebSub");
    assert_eq!(formats.value["hubs"][0]["url"], hub);
}

/// Readers that take a guid for an address would open pages that do not exist.
#[test]
fn an_id_in_rss_is_no_address() {
    let built = site(FULL).build();
    let text = built.text("rss.xml");
    assert_eq!(text.matches("<guid isPermaLink=\"false\">").count(), 2, "{text}");
}

/// RFC 4287 wants an id, a title and a date of every feed and every entry, and an author of
/// one of them.
#[test]
fn an_atom_feed_has_all_that_its_standard_demands() {
    let built = site(FULL).build();
    for folder in folders(&built) {
        let feed = Formats::of(&built, &folder).atom;
        assert!(feed.id.starts_with("tag:party.example,2020:feed/cy/"), "{}", feed.id);
        assert!(feed.title.is_some() && feed.updated.is_some());
        assert_eq!(feed.authors[0].name.as_deref(), Some("The Board"));
        for entry in &feed.entries {
            assert!(entry.title.is_some() && entry.updated.is_some() && entry.published.is_some());
            assert!(entry.updated >= entry.published);
        }
    }
}

/// No two feeds of a site are the same feed to a reader's program.
#[test]
fn every_feed_has_an_id_of_its_own() {
    let built = example();
    let ids: Vec<String> = built.ending("atom.xml").map(|(_, text)| parsed(text).id).collect();
    let distinct: BTreeSet<&String> = ids.iter().collect();
    assert_eq!(distinct.len(), ids.len());
}

#[test]
fn a_feed_that_is_still_empty_is_a_feed() {
    let built = site("-- content/_index.md --\n+++\ntitle = \"Home\"\n+++\n").build();
    assert_sound(&built, "https://party.example/");
    let (_, text) = built.ending("atom.xml").next().unwrap();
    // Not the time of the build: nothing has changed since the last one.
    assert!(text.contains("<updated>1970-01-01"), "{text}");
}

/// What has been published keeps its date, whatever the page says later, and its place.
#[test]
fn a_recorded_date_decides_the_order() {
    let text = "
-- content/a.md --
+++
title = \"A\"
date = 2026-01-01
+++
-- content/b.md --
+++
title = \"B\"
date = 2026-02-01
+++
";
    let first = site(text).build();
    let record = first.report.record.unwrap();
    let later = text.replace("2026-01-01", "2026-03-01");
    let built = site(&later).with("published.toml", record).build();
    assert_sound(&built, "https://party.example/");
    let titles: Vec<String> = parsed(built.text("atom.xml")).entries.iter().map(title).collect();
    assert_eq!(titles, ["B", "A"]);
}

#[test]
fn what_is_not_published_is_in_no_feed() {
    let page = |name: &str, keys: &str| {
        let path = format!("content/news/{name}.md");
        (path, format!("+++\ntitle = \"{name}\"\ntags = [\"t\"]\n{keys}\n+++\n{name}\n"))
    };
    let pages = [
        page("Shown", "date = 2026-05-01"),
        page("Hidden1", "date = 2026-05-01\ndraft = true"),
        page("Hidden2", "date = 2026-07-01"),
        page("Hidden3", "date = 2026-05-01\nexpires = 2026-05-02"),
    ];
    let site = pages.iter().fold(site(""), |site, (path, text)| site.with(path, text));
    let built = site.build();
    assert_sound(&built, "https://party.example/");
    for (path, text) in built.ending(".xml").chain(built.ending(".json")) {
        assert!(!text.contains("Hidden"), "{path}: {text}");
    }
}

/// A site whose every text is the worst there is.
fn hostile(text: &str) -> Site {
    let text = quoted(text);
    let prefixed = |prefix: &str| format!("{}{}", &text[..1], prefix) + &text[1..];
    let page = format!(
        "+++\ntitle = {text}\ndescription = {text}\nsummary = {text}\ndate = 2026-05-01\n\
         authors = [{text}, \"Ann\"]\ntags = [{}]\nimage = \"a.png\"\nimage_alt = {text}\n+++\n\n",
        prefixed("t "),
    );
    let config = format!(
        "base_url = \"https://party.example\"\ntitle = {text}\ndescription = {text}\n\
         author = {}\ngenerate_feeds = true\n\
         taxonomies = [{{ name = \"tags\", feed = true }}]\n",
        prefixed("The "),
    );
    site("")
        .with("site.toml", config)
        .with("content/news/_index.md", format!("+++\ntitle = {text}\ndescription = {text}\n+++\n"))
        .with("content/news/page.md", format!("{page}Text.\n"))
        .with("content/news/a.png", "PNG")
}

#[test]
fn hostile_text_comes_out_of_every_feed_as_it_went_in() {
    let body_text = format!("{HOSTILE}\n\n`{HOSTILE}`\n\n```{HOSTILE}\n{HOSTILE}\n```\n");
    let mut site = hostile(HOSTILE);
    let mut page = site.files()["content/news/page.md"].clone();
    page.extend_from_slice(body_text.as_bytes());
    site = site.with("content/news/page.md", page);
    let built = site.build();
    assert_sound(&built, "https://party.example/");
    let expected = words(HOSTILE);
    assert!(folders(&built).len() >= 3, "{:?}", folders(&built));
    for folder in folders(&built) {
        for (name, feed) in Formats::of(&built, &folder).each() {
            let entry = &feed.entries[0];
            assert_eq!(title(entry), expected, "{name} of {folder}");
            assert_eq!(words(terms(entry)[0]), format!("t {expected}"), "{name} of {folder}");
            assert_eq!(words(names(entry)[0]), expected, "{name} of {folder}");
            assert!(words(&feed.title.as_ref().unwrap().content).contains(&expected));
        }
    }
}

/// Raw HTML may have what ends a section of XML; a reader gets it unchanged nevertheless.
#[test]
fn html_with_the_end_of_a_section_comes_out_unchanged() {
    let html = "<p title=\"a]]>b\">c ]]> d ]]]]>> <![CDATA[ e</p>";
    let built = site("")
        .config("[markdown]\nraw_html = true")
        .with("content/a.md", format!("+++\ntitle = \"A\"\ndate = 2026-05-01\n+++\n{html}\n"))
        .build();
    for (name, feed) in Formats::of(&built, "").each() {
        assert!(body(&feed.entries[0]).contains(html), "{name}: {}", body(&feed.entries[0]));
    }
}

#[test]
fn a_title_of_a_megabyte_does_not_hurt() {
    let long = "A title without an end, with ]]> in it, and &, é. ".repeat(21_000);
    let page = format!("# {long}\n\nText.\n");
    let built =
        site("").config("front_matter = \"lenient\"").with("content/2026-05-01-a.md", page).build();
    assert_sound(&built, "https://party.example/");
    assert_eq!(title(&parsed(built.text("rss.xml")).entries[0]), words(&long));
}

/// Any text, with what is dangerous more often than chance would have it.
fn any_text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        2 => any::<char>().prop_map(String::from),
        1 => "\\PC{0,5}",
        1 => proptest::sample::select(vec![
            "]]>", "<![CDATA[", "<!--", "-->", "&amp;", "&", "<", ">", "\"", "'", "</title>",
            "</script>", "\0", "\u{B}", "\u{FFFE}", "\u{FFFF}", "\u{202E}", "\r", "\n", "%", "?>",
        ]).prop_map(str::to_owned),
    ];
    proptest::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    #[test]
    fn every_feed_is_well_formed_for_any_text(
        text in any_text().prop_filter("a page has a title", |text| !text.trim().is_empty()),
    ) {
        let built = hostile(&text).build();
        assert_sound(&built, "https://party.example/");
        for (name, feed) in Formats::of(&built, "news/").each() {
            let entry = &feed.entries[0];
            prop_assert_eq!(title(entry), words(&text), "{}", name);
            let authors = names(entry);
            prop_assert!(authors.iter().all(|name| !name.is_empty()), "{name}: {authors:?}");
            let summary = entry.summary.as_ref().map(|text| text.content.clone());
            prop_assert!(summary.unwrap_or_default().chars().all(is_xml));
        }
    }

    #[test]
    fn any_order_of_reading_gives_the_same_bytes(order in shuffled()) {
        let files = MIXED.files();
        let names: Vec<&String> = files.keys().collect();
        let inputs = Inputs::from_files(
            order.iter().map(|index| (names[*index].as_str(), &files[names[*index]][..])),
        );
        prop_assert!(made(&inputs) == *MADE, "the order shows: {order:?}");
    }
}

static MIXED: LazyLock<Site> = LazyLock::new(mixed);
static MADE: LazyLock<Everything> = LazyLock::new(|| made(&MIXED.inputs()));

/// A site in which an order can show: equal dates, weights, titles, terms and translations.
fn mixed() -> Site {
    let mut site = site(FULL).config(
        "taxonomies = [{ name = \"tags\", feed = true }]\n[languages.en]\ntitle = \"Party\"",
    );
    for name in ["one", "two", "three", "two.en", "three.en"] {
        let text = format!(
            "+++\ntitle = \"Same\"\ndate = 2026-05-01\ntags = [\"Same\", \"same\"]\n\
             authors = [\"Ann\"]\n+++\n{name}\n"
        );
        site = site.with(&format!("content/news/{name}.md"), text);
    }
    site
}

fn shuffled() -> impl Strategy<Value = Vec<usize>> {
    let count = MIXED.files().len();
    Just((0..count).collect::<Vec<_>>()).prop_shuffle()
}

/// All outputs as text, what is recorded, and what was found.
type Everything = (BTreeMap<String, String>, Option<String>, Vec<String>);

fn made(inputs: &Inputs) -> Everything {
    struct Bodies(Mutex<BTreeMap<String, String>>);

    impl Sink for Bodies {
        type Error = Infallible;

        fn accept(&self, artifact: Artifact) -> Result<(), Infallible> {
            let text = match artifact.body {
                Body::Bytes(bytes) => String::from_utf8(bytes).unwrap(),
                Body::Static(bytes) => format!("{bytes:?}"),
                Body::Copy(source) => source.to_string(),
            };
            self.0.lock().unwrap().insert(artifact.path.as_str().to_owned(), text);
            Ok(())
        }
    }

    let bodies = Bodies(Mutex::default());
    let Ok(report) = pipeline::build(inputs, &Mode::at(NOW.parse().unwrap()), &bodies);
    let problems = report.diagnostics.iter().map(|problem| format!("{problem:?}")).collect();
    (bodies.0.into_inner().unwrap(), report.record, problems)
}

/// The machine has no part in the output: its zone, its language, its number of processors.
#[test]
fn f_13_the_same_site_gives_the_same_bytes_on_any_machine() {
    let folder = tempfile::tempdir().unwrap();
    for (path, bytes) in MIXED.files() {
        let path = folder.path().join("site").join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
    let environments = [
        [("TZ", "Pacific/Auckland"), ("LC_ALL", "C"), ("RAYON_NUM_THREADS", "1")],
        [("TZ", "America/St_Johns"), ("LC_ALL", "cs_CZ.UTF-8"), ("RAYON_NUM_THREADS", "2")],
    ];
    let outputs = environments.map(|environment| {
        let output = folder.path().join(environment[0].1.replace('/', "-"));
        assert_cmd::Command::cargo_bin("sitegen")
            .unwrap()
            .envs(environment)
            .args(["build", "--clock", NOW, "--root"])
            .arg(folder.path().join("site"))
            .arg("--output-dir")
            .arg(&output)
            .assert()
            .success();
        files_below(&output)
    });
    assert!(outputs[0].contains_key("rss.xml"), "{:?}", outputs[0].keys());
    assert!(outputs[0] == outputs[1], "the machine shows in the output");
}

fn files_below(root: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(root).unwrap().to_string_lossy().into_owned();
                files.insert(name, std::fs::read(&path).unwrap());
            }
        }
    }
    files
}
