//! Feeds of a site that nobody would want: characters that XML cannot carry, titles of a
//! megabyte; and pages whose dates and ids move. Readers must be able to read them, and must
//! get nothing twice.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::fixture::{Built, Site, site};

/// Ids and titles of the entries of the three feeds of the site, which must agree.
#[track_caller]
fn entries(built: &Built) -> Vec<(String, String)> {
    let json: Value = serde_json::from_str(built.text("feed.json")).unwrap();
    let items = json["items"].as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let entries: Vec<_> = items.map(|item| (text(&item["id"]), text(&item["title"]))).collect();
    for name in ["atom.xml", "rss.xml"] {
        let bytes = built.text(name).as_bytes();
        let feed = feed_rs::parser::parse(bytes).unwrap();
        let ids: Vec<&String> = feed.entries.iter().map(|entry| &entry.id).collect();
        assert_eq!(ids, entries.iter().map(|(id, _)| id).collect::<Vec<_>>(), "{name}");
        let bad =
            |c: &char| (*c < ' ' && !"\t\n\r".contains(*c)) || matches!(c, '\u{fffe}' | '\u{ffff}');
        assert_eq!(built.text(name).chars().find(bad), None, "{name}");
    }
    entries
}

fn ids(built: &Built) -> BTreeSet<String> {
    entries(built).into_iter().map(|(id, _)| id).collect()
}

/// A post with a date.
fn post(date: &str, more: &str) -> String {
    format!("+++\ntitle = \"Post\"\n{date}\n{more}\n+++\nHello.\n")
}

fn at(site: Site, now: &str) -> Site {
    let now = now.parse().unwrap();
    site.mode(|mode| mode.now = now)
}

/// The same site after a build, with what that build has recorded.
fn after(site: Site, built: &Built) -> Site {
    match &built.report.record {
        Some(record) => site.with("published.toml", record),
        None => site,
    }
}

#[test]
fn m_08_characters_that_xml_cannot_carry_never_reach_a_feed() {
    let numbers = (0..0x20).chain([0x7f, 0x80, 0xfffe, 0xffff, 0x2028]);
    let controls = numbers.map(|n| format!("\\u{n:04X}")).collect::<Vec<_>>().concat();
    let raw = "a\u{1}b\u{b}c\u{1b}[31md\u{fffe}e\u{ffff}f\u{7f}g\u{0}h ]]> <![CDATA[ &x; \u{2028}";
    let page = format!(
        "+++\ntitle = \"A{controls}]]>z\"\ndescription = \"{controls}\"\nsummary = \"S{controls}\"\n\
         tags = [\"T{controls}z\"]\nauthors = [\"B{controls}z\"]\ndate = 2026-01-01\n+++\n{raw}\n\n\
         ```{}\n{raw}\n```\n",
        raw.replace('`', "")
    );
    let site = site("")
        .config(&format!("description = \"D{controls}\"\nauthor = \"E{controls}]]>\""))
        .with("content/a.md", page);
    let built = site.build();
    let entries = entries(&built);
    assert_eq!(entries.len(), 1);
    assert!(entries[0].1.starts_with('A') && entries[0].1.ends_with("]]>z"), "{entries:?}");
    for (path, text) in built.ending(".xml") {
        assert!(!text.contains(['\u{0}', '\u{b}', '\u{1b}', '\u{fffe}']), "{path}");
        if path != "sitemap.xml" {
            feed_rs::parser::parse(text.as_bytes()).unwrap();
        }
    }
    let content = feed_rs::parser::parse(built.text("atom.xml").as_bytes()).unwrap();
    let content = content.entries[0].content.clone().unwrap().body.unwrap();
    assert!(content.contains("]]&gt; &lt;![CDATA["), "{content}");
}

#[test]
fn m_08_lone_surrogates_are_refused_with_their_place() {
    let page = "+++\ntitle = \"A\"\ndata = { d = \"d.json\" }\n+++\nHello.\n";
    let bad = [
        ("content/d.json", "{\n\"a\": \"\\uD800\"}", "content/d.json:2:"),
        ("content/d.json", "{\n\"a\": \"\\uDC00x\"}", "content/d.json:2:"),
        ("content/b.md", "+++\ntitle = \"\\uD800\"\n+++\n", "content/b.md:2:"),
        ("content/b.md", "---\ntitle: \"\\uD800\"\n---\n", "content/b.md:2:"),
    ];
    for (path, text, place) in bad {
        let built =
            site("").with("content/a.md", page).with("content/d.json", "{}").with(path, text);
        let built = built.try_build();
        assert_eq!(built.codes(), ["syntax"], "{}", built.messages());
        assert!(built.messages().contains(place), "{}", built.messages());
    }
    // A pair is a character.
    let built = site("")
        .with("content/a.md", page)
        .with("content/d.json", "{\"a\": \"\\uD83D\\uDE00\"}")
        .with("themes/campaign/templates/page.html", "{{ page.data.d.a }}")
        .build();
    assert_eq!(built.text("a/index.html"), "\u{1F600}");
}

#[test]
fn m_08_a_title_of_a_megabyte_breaks_no_feed() {
    // Longer than front matter may be; the first heading of content from elsewhere may be so.
    let long = "&<x> ".repeat((1 << 20) / 5);
    let built =
        site("").with("content/a.md", format!("+++\ntitle = \"{long}\"\n+++\n")).try_build();
    assert_eq!(built.codes(), ["front-matter-too-long"]);
    let page =
        format!("+++\ndate = 2026-01-01\n+++\n# {}\n\nHello.\n", "&amp;\\<x> ".repeat(100_000));
    let built = site("").config("front_matter = \"lenient\"").with("content/a.md", page).build();
    let entries = entries(&built);
    assert!(entries[0].1.len() > 400_000);
    let json: Value = serde_json::from_str(built.text("feed.json")).unwrap();
    assert_eq!(json["items"][0]["title"].as_str(), Some(&*entries[0].1));
    let title = feed_rs::parser::parse(built.text("atom.xml").as_bytes()).unwrap();
    assert_eq!(title.entries[0].title.as_ref().unwrap().content.trim(), entries[0].1);
}

#[test]
fn m_08_ids_are_stable_and_whole_whatever_a_page_is_called() {
    let names =
        ["plain", "with space", "a&b", "é", "e\u{301}x", "100%", "a#b?c", "<b>", "\"q\"", "日本"];
    let mut site = site("");
    for name in names {
        site = site.with(
            &format!("content/{name}/index.md"),
            post("date = 2026-01-01", "slug = \"s\"")
                .replace("\"s\"", &format!("\"s{}\"", name.len()))
                .replace("slug", if name == "日本" { "slug" } else { "weight = 1\n#" }),
        );
    }
    let built = site.build();
    let first = ids(&built);
    assert_eq!(first.len(), names.len());
    for id in &first {
        let rest = id.strip_prefix("tag:party.example,2026:").unwrap();
        assert!(rest.is_ascii() && !rest.contains([' ', '"', '<', '>', '#', '&', '?']), "{id}");
    }
    assert_eq!(ids(&after(site, &built).build()), first);
}

#[test]
fn m_09_a_page_dated_in_the_future_is_in_no_feed_until_its_time() {
    let site = site("")
        .with("content/old.md", post("date = 2026-05-01", ""))
        .with("content/new.md", post("date = 2026-07-01", ""));
    let built = site.build();
    assert_eq!(ids(&built), ["tag:party.example,2026:old".to_owned()].into());
    assert!(!built.has("new/index.html"));
    assert_eq!(built.report.next_change.as_deref(), Some("2026-07-01T00:00:00+00:00"));
    // It is recorded already, so that a timer can publish it without changing the record.
    let later = at(after(site, &built), "2026-07-02T00:00:00Z").build();
    assert_eq!(ids(&later).len(), 2);
    assert!(!later.report.record_changes);
    assert!(later.text("atom.xml").contains("<published>2026-07-01T00:00:00+00:00</published>"));
}

#[test]
fn m_09_a_page_without_a_date_is_in_no_feed() {
    let site = site("")
        .with("content/a.md", post("", ""))
        .with("content/b.md", post("date = 2026-05-01", ""))
        .with("content/2026-04-01-c.md", post("", ""));
    let expected = ["b", "2026-04-01-c"].map(|name| format!("tag:party.example,2026:{name}"));
    assert_eq!(ids(&site.build()), expected.into());
}

#[test]
fn m_09_a_new_date_makes_no_new_entry() {
    let first = site("").with("content/a.md", post("date = 2026-05-01", ""));
    let built = first.build();
    let id = ids(&built);
    let published = "<published>2026-05-01T00:00:00+00:00</published>";
    assert!(built.text("atom.xml").contains(published));
    for date in ["date = 2026-05-20", "date = 2020-01-01", "date = 2026-05-01T09:00:00+02:00"] {
        let site = after(first.clone(), &built).with("content/a.md", post(date, ""));
        let again = at(site, "2026-06-15T12:00:00Z").build();
        assert_eq!(ids(&again), id, "{date}");
        assert!(again.text("atom.xml").contains(published), "{date}");
    }
    // Dated into the future it goes, and comes back as what it was.
    let site = after(first, &built).with("content/a.md", post("date = 2026-09-01", ""));
    let gone = site.build();
    assert_eq!(ids(&gone), BTreeSet::new());
    let back = at(after(site, &gone), "2026-09-02T00:00:00Z").build();
    assert_eq!(ids(&back), id);
    assert!(back.text("atom.xml").contains(published));
}

#[test]
fn m_09_a_date_that_goes_and_comes_again_makes_no_new_entry() {
    let first = site("").with("content/a.md", post("date = 2026-05-01", ""));
    let built = first.build();
    let without = after(first.clone(), &built).with("content/a.md", post("", ""));
    let gone = without.build();
    assert_eq!(ids(&gone), BTreeSet::new());
    let back = after(without, &gone).with("content/a.md", post("date = 2026-05-30", ""));
    assert_eq!(ids(&back.build()), ids(&built));
}

#[test]
fn m_09_another_id_in_the_front_matter_does_not_send_a_page_again() {
    let first = site("").with("content/a.md", post("date = 2026-05-01", ""));
    let built = first.build();
    for id in ["id = \"other\"", "id = \"tag:other.example,2020:x\"", "id = \"https://x.example/\""]
    {
        let again =
            after(first.clone(), &built).with("content/a.md", post("date = 2026-05-01", id));
        let again = again.build();
        assert_eq!(ids(&again), ids(&built), "{id}");
        assert_eq!(again.codes(), ["id-fixed"], "{id}");
        assert!(again.messages().contains("--> content/a.md:4:"), "{}", again.messages());
    }
    // Before the first publication the id is the author's choice.
    let own = site("").with("content/a.md", post("date = 2026-05-01", "id = \"own\"")).build();
    assert_eq!(ids(&own), ["tag:party.example,2026:own".to_owned()].into());
    let other = after(first, &built).config("id_base = \"tag:other.example,2020:\"").try_build();
    assert_eq!(other.codes(), ["id-base-fixed"]);
}

#[test]
fn m_09_a_new_address_title_text_or_domain_keeps_the_id() {
    let first = site("").with("content/news/a.md", post("date = 2026-05-01", ""));
    let built = first.build();
    let id = ids(&built);
    let page = post("date = 2026-05-01", "slug = \"b\"\ntags = [\"x\"]").replace("Hello", "Bye");
    let site = after(first, &built)
        .with("content/news/a.md", page.replace("Post", "Another title"))
        .with("site.toml", "base_url = \"https://www.new.example/x\"\ntitle = \"New\"\n");
    let again = at(site, "2026-06-20T12:00:00Z").build();
    assert_eq!(ids(&again), id);
    let atom = again.text("atom.xml");
    assert!(atom.contains("<updated>2026-06-20T12:00:00+00:00</updated>"), "{atom}");
    assert!(atom.contains("<published>2026-05-01T00:00:00+00:00</published>"), "{atom}");
}

#[test]
fn m_09_a_renamed_source_keeps_its_id_and_the_old_name_gets_a_new_one() {
    let text = post("date = 2026-05-01", "");
    let first = site("").with("content/a.md", &text);
    let built = first.build();
    let record = built.report.record.clone().unwrap();
    let renamed = site("").with("published.toml", &record).with("content/b.md", &text);
    let again = renamed.build();
    assert_eq!(ids(&again), ids(&built));
    assert_eq!(again.codes(), ["source-renamed"]);
    let both = after(renamed, &again)
        .with("content/a.md", post("date = 2026-05-02", "").replace("Hello", "Other"));
    let ids = ids(&both.build());
    let expected = ["a", "a;2"].map(|name| format!("tag:party.example,2026:{name}"));
    assert_eq!(ids, expected.into());
}

#[test]
fn m_09_a_draft_that_was_published_keeps_its_place_in_the_record() {
    let first = site("").with("content/a.md", post("date = 2026-05-01", ""));
    let built = first.build();
    let draft =
        after(first, &built).with("content/a.md", post("date = 2026-05-01", "draft = true"));
    let gone = draft.build();
    assert_eq!(ids(&gone), BTreeSet::new());
    let back = after(draft, &gone).with("content/a.md", post("date = 2026-05-01", ""));
    assert_eq!(ids(&back.build()), ids(&built));
}
