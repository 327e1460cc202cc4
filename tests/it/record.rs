//! `published.toml`: ids and dates that are given out once and kept.

use proptest::prelude::*;

use crate::fixture::{Built, NOW, Site, site};
use crate::look::{all_between, between};

/// A later time than that of most builds in tests.
const LATER: &str = "2026-06-20T08:00:00Z";

/// A site with a post, a page without a date and an embargoed post.
fn plain() -> Site {
    site(
        "
-- content/news/first.md --
+++
title = \"First\"
date = 2026-05-01
+++
Text.
-- content/about.md --
+++
title = \"About\"
+++
Us.
",
    )
}

/// Builds and puts the record into the site, as a person does who commits it.
#[track_caller]
fn recorded(site: Site) -> (Site, String) {
    let built = site.build();
    let record = built.report.record.expect("the record has changed");
    (site.with("published.toml", &record), record)
}

/// The table of a source in a record.
#[track_caller]
fn entry<'a>(record: &'a str, source: &str) -> &'a str {
    let tables = record.split("[[published]]");
    tables.into_iter().find(|table| table.contains(&format!("source = \"{source}\""))).unwrap()
}

/// The value of a key in a record or one of its tables.
#[track_caller]
fn value<'a>(table: &'a str, key: &str) -> &'a str {
    between(table, &format!("\n{key} = "), "\n").trim_matches('"')
}

fn at(site: Site, now: &str) -> Site {
    site.mode(|mode| mode.now = now.parse().unwrap())
}

fn ids_in_atom(built: &Built) -> Vec<&str> {
    let entries = all_between(built.text("atom.xml"), "<entry>", "</entry>");
    entries.into_iter().map(|entry| between(entry, "<id>", "</id>")).collect()
}

#[test]
fn the_first_build_records_every_page_under_an_id_from_its_source() {
    let (_, record) = recorded(plain());
    assert_eq!(value(&record, "version"), "1");
    assert_eq!(value(&record, "serial"), "1");
    assert_eq!(value(&record, "id_base"), "tag:party.example,2026:");
    let first = entry(&record, "content/news/first.md");
    assert_eq!(value(first, "id"), "tag:party.example,2026:news/first");
    assert_eq!(value(first, "language"), "en");
    assert_eq!(value(first, "published"), "2026-05-01T00:00:00+00:00");
    let about = entry(&record, "content/about.md");
    assert_eq!(value(about, "published"), "2026-06-01T12:00:00+00:00");
    assert_eq!(record.matches("[[published]]").count(), 2);
}

#[test]
fn nothing_changes_when_nothing_has_changed() {
    let (site, record) = recorded(plain());
    let built = at(site, LATER).build();
    assert_eq!(built.report.record, None, "{record}");
    assert!(!built.report.record_changes);
}

#[test]
fn feeds_have_the_ids_and_dates_of_the_record() {
    let (site, _) = recorded(plain());
    let built = site.build();
    assert_eq!(ids_in_atom(&built), ["tag:party.example,2026:news/first"]);
    assert!(built.text("rss.xml").contains(">tag:party.example,2026:news/first</guid>"));
    assert!(built.text("feed.json").contains("\"tag:party.example,2026:news/first\""));
}

#[test]
fn every_translation_has_an_id_of_its_own() {
    let site = plain()
        .config("[languages.cy]")
        .with("content/news/first.cy.md", "+++\ntitle = \"Cyntaf\"\ndate = 2026-05-01\n+++\n");
    let (_, record) = recorded(site);
    let welsh = entry(&record, "content/news/first.cy.md");
    assert_eq!(value(welsh, "language"), "cy");
    assert_eq!(value(welsh, "id"), "tag:party.example,2026:news/first.cy");
}

#[test]
fn names_that_no_uri_can_have_are_escaped_in_ids() {
    let site = site("-- content/Tŷ bach & co.md --\n+++\ntitle = \"A\"\n+++\n");
    let (_, record) = recorded(site);
    assert!(
        record.contains("id = \"tag:party.example,2026:T%C5%B7%20bach%20%26%20co\""),
        "{record}"
    );
}

#[test]
fn ids_stay_when_the_address_of_the_site_changes() {
    let (site, _) = recorded(plain());
    let moved = site.with("site.toml", "base_url = \"https://new.example/x\"\ntitle = \"T\"\n");
    let built = moved.build();
    assert_eq!(ids_in_atom(&built), ["tag:party.example,2026:news/first"]);
    assert!(!built.report.record_changes);
}

#[test]
fn the_base_of_ids_has_the_path_of_the_site_and_can_be_chosen_once() {
    let path =
        plain().with("site.toml", "base_url = \"https://a.example:8443/b/\"\ntitle = \"T\"\n");
    assert_eq!(value(&recorded(path).1, "id_base"), "tag:a.example,2026:b/");
    let chosen = plain().config("id_base = \"https://old.example/posts/\"");
    let (site, record) = recorded(chosen);
    assert!(record.contains("id = \"https://old.example/posts/news/first\""));
    let other = site.clone().with(
        "site.toml",
        "base_url = \"https://party.example\"\ntitle = \"T\"\nid_base = \"tag:x.example,2020:\"\n",
    );
    assert_eq!(other.try_build().codes(), ["id-base-fixed"]);
    let none = site.with("site.toml", "base_url = \"https://party.example\"\ntitle = \"T\"\n");
    assert!(!none.build().report.record_changes);
}

#[test]
fn an_id_can_be_written_into_front_matter_before_the_first_build() {
    let page = |id: &str| {
        let text = format!("-- content/a.md --\n+++\ntitle = \"A\"\nid = \"{id}\"\n+++\n");
        let (_, record) = recorded(site(&text));
        value(entry(&record, "content/a.md"), "id").to_owned()
    };
    assert_eq!(page("https://old.example/?p=12"), "https://old.example/?p=12");
    assert_eq!(page("old-12"), "tag:party.example,2026:old-12");
    assert_eq!(page("urn:uuid:1-2"), "urn:uuid:1-2");
}

#[test]
fn an_id_that_is_written_later_comes_too_late() {
    let (site, _) = recorded(plain());
    let text = "+++\ntitle = \"First\"\ndate = 2026-05-01\nid = \"other\"\n+++\nText.\n";
    let built = site.with("content/news/first.md", text).build();
    assert_eq!(built.codes(), ["id-fixed"]);
    assert_eq!(ids_in_atom(&built), ["tag:party.example,2026:news/first"]);
}

#[test]
fn two_pages_cannot_have_one_id() {
    let page =
        |name: &str| format!("-- content/{name}.md --\n+++\ntitle = \"{name}\"\nid = \"x\"\n+++\n");
    let built = site(&(page("a") + &page("b"))).try_build();
    assert_eq!(built.codes(), ["duplicate-id"]);
    assert!(built.messages().contains("content/b.md:3"), "{}", built.messages());
}

#[test]
fn the_serial_rises_with_every_change_and_only_then() {
    let (site, record) = recorded(plain());
    let edited = site.with("content/about.md", "+++\ntitle = \"About\"\n+++\nAll of us.\n");
    let (site, second) = recorded(at(edited, LATER));
    assert_eq!((value(&record, "serial"), value(&second, "serial")), ("1", "2"));
    assert_eq!(site.build().report.record, None);
}

#[test]
fn a_page_that_gets_another_date_keeps_the_one_it_was_published_with() {
    let (site, _) = recorded(plain());
    let text = "+++\ntitle = \"First\"\ndate = 2026-05-20\n+++\nText.\n";
    let built = at(site.with("content/news/first.md", text), LATER).build();
    assert!(!built.report.record_changes);
    assert!(built.text("atom.xml").contains("<published>2026-05-01T00:00:00+00:00</published>"));
}

#[test]
fn an_edit_is_an_update_at_the_time_of_the_build() {
    let (site, record) = recorded(plain());
    let first = |record: &str| {
        let entry = entry(record, "content/news/first.md");
        (value(entry, "published").to_owned(), value(entry, "updated").to_owned())
    };
    let (published, updated) = first(&record);
    assert_eq!(published, updated);
    let page = |title: &str, text: &str| {
        format!("+++\ntitle = \"{title}\"\ndate = 2026-05-01\n+++\n{text}\n")
    };
    for changed in [page("First", "Other text."), page("Other", "Text.")] {
        let (_, record) = recorded(at(site.clone().with("content/news/first.md", changed), LATER));
        assert_eq!(first(&record), (published.clone(), "2026-06-20T08:00:00+00:00".to_owned()));
    }
}

#[test]
fn an_update_that_is_written_down_wins_over_the_time_of_the_build() {
    let (site, _) = recorded(plain());
    let text = "+++\ntitle = \"First\"\ndate = 2026-05-01\nupdated = 2026-06-10\n+++\nNew.\n";
    let (_, record) = recorded(at(site.with("content/news/first.md", text), LATER));
    let first = entry(&record, "content/news/first.md");
    assert_eq!(value(first, "updated"), "2026-06-10T00:00:00+00:00");
}

#[test]
fn a_theme_an_imprint_or_a_tag_is_no_edit() {
    let (site, _) = recorded(plain());
    let text =
        "+++\ntitle = \"First\"\ndate = 2026-05-01\ntags = [\"x\"]\nweight = 3\n+++\nText.\n";
    let built = at(site, LATER)
        .with("themes/campaign/templates/page.html", "new {{ page.content }}")
        .config("extra = { footer = \"Promoted by us\" }")
        .with("content/news/first.md", text)
        .build();
    assert!(!built.report.record_changes);
    assert!(built.text("atom.xml").contains("<updated>2026-05-01T00:00:00+00:00</updated>"));
}

/// The site with a file under another name.
fn renamed(site: &Site, from: &str, to: &str) -> Site {
    let text = site.files()[from].clone();
    site.without(from).with(to, text)
}

#[test]
fn a_renamed_page_keeps_its_id_and_the_build_says_so() {
    let (site, _) = recorded(plain());
    let moved = at(renamed(&site, "content/news/first.md", "content/news/better.md"), LATER);
    let built = moved.build();
    assert_eq!(built.codes(), ["source-renamed"]);
    let text = built.messages();
    assert!(text.contains("content/news/better.md") && text.contains("`content/news/first.md`"));
    assert_eq!(ids_in_atom(&built), ["tag:party.example,2026:news/first"]);
    let record = built.report.record.unwrap();
    let entry = entry(&record, "content/news/better.md");
    assert_eq!(value(entry, "updated"), "2026-05-01T00:00:00+00:00");
    assert!(!record.contains("content/news/first.md"));
    assert_eq!(record.matches("[[published]]").count(), 2);
}

#[test]
fn a_page_that_could_be_one_of_several_stops_the_build_with_the_lines_to_write() {
    let page = |name: &str| format!("-- content/{name}.md --\n+++\ntitle = \"Same\"\n+++\nSame.\n");
    let (site, _) = recorded(site(&(page("a") + &page("b"))));
    let one = renamed(&site.without("content/b.md"), "content/a.md", "content/c.md");
    let built = one.try_build();
    assert_eq!(built.codes(), ["ambiguous-rename"]);
    assert!(built.report.unusable, "an id that was guessed cannot be taken back");
    let text = built.messages();
    assert!(text.contains("content/c.md"), "{text}");
    for id in ["a", "b"] {
        assert!(text.contains(&format!("`id = \"tag:party.example,2026:{id}\"`")), "{text}");
    }
    let answer = "+++\ntitle = \"Same\"\nid = \"tag:party.example,2026:b\"\n+++\nSame.\n";
    let record = one.with("content/c.md", answer).build().report.record.unwrap();
    assert_eq!(value(entry(&record, "content/c.md"), "id"), "tag:party.example,2026:b");
}

#[test]
fn two_pages_that_could_both_be_the_same_old_one_stop_the_build() {
    let page = |name: &str| format!("-- content/{name}.md --\n+++\ntitle = \"Same\"\n+++\nSame.\n");
    let (site, _) = recorded(site(&page("a")));
    let copied = renamed(&site, "content/a.md", "content/b.md");
    let copied = copied.with("content/c.md", site.files()["content/a.md"].clone());
    assert_eq!(copied.try_build().codes(), ["ambiguous-rename", "ambiguous-rename"]);
}

#[test]
fn a_page_that_takes_the_place_of_one_that_moved_gets_an_id_of_its_own() {
    let (site, _) = recorded(plain());
    let (site, _) = recorded(renamed(&site, "content/about.md", "content/us.md"));
    let (_, record) = recorded(site.with("content/about.md", "+++\ntitle = \"New\"\n+++\nX.\n"));
    assert_eq!(value(entry(&record, "content/us.md"), "id"), "tag:party.example,2026:about");
    assert_eq!(value(entry(&record, "content/about.md"), "id"), "tag:party.example,2026:about;2");
}

#[test]
fn a_page_that_is_gone_stays_in_the_record() {
    let (site, record) = recorded(plain());
    let built = site.without("content/about.md").build();
    assert!(!built.report.record_changes, "{record}");
}

#[test]
fn previews_do_not_record() {
    let origin = |url: &str| Some(url.to_owned());
    let previews: [(&str, Site); 6] = [
        ("drafts", plain().mode(|mode| mode.drafts = true)),
        ("future", plain().mode(|mode| mode.future = true)),
        ("clock", plain().mode(|mode| mode.clock = true)),
        ("loopback", plain().mode(|mode| mode.base_url = origin("http://localhost:1111"))),
        ("origin", plain().mode(|mode| mode.base_url = origin("https://preview.example"))),
        ("scheme", plain().mode(|mode| mode.base_url = origin("http://party.example"))),
    ];
    for (name, preview) in previews {
        let built = preview.build();
        assert!(built.report.preview, "{name}");
        assert_eq!(built.report.record, None, "{name}");
        let forced = preview.mode(|mode| mode.record = true).build();
        assert!(forced.report.record.is_some(), "{name}");
    }
}

#[test]
fn the_same_origin_with_a_path_is_no_preview() {
    let url = Some("https://party.example/branch".to_owned());
    let built = plain().mode(|mode| mode.base_url = url).build();
    assert!(!built.report.preview && built.report.record.is_some());
}

#[test]
fn a_preview_shows_the_recorded_ids() {
    let (site, _) = recorded(plain());
    let built = site.mode(|mode| mode.base_url = Some("http://127.0.0.1:8000".into())).build();
    assert_eq!(ids_in_atom(&built), ["tag:party.example,2026:news/first"]);
}

#[test]
fn an_embargoed_page_is_recorded_when_it_is_written_so_that_a_timer_can_publish_it() {
    let page = "+++\ntitle = \"Soon\"\ndate = 2026-06-10T09:00:00Z\n+++\nSoon.\n";
    let (site, record) = recorded(plain().with("content/news/soon.md", page));
    let soon = entry(&record, "content/news/soon.md");
    assert_eq!(value(soon, "published"), "2026-06-10T09:00:00+00:00");
    let built = at(site, LATER).build();
    assert!(built.has("news/soon/index.html"));
    assert!(!built.report.record_changes);
    assert_eq!(ids_in_atom(&built)[0], "tag:party.example,2026:news/soon");
}

#[test]
fn an_embargo_can_still_be_moved_and_its_text_be_changed() {
    let page =
        |date: &str, text: &str| format!("+++\ntitle = \"Soon\"\ndate = {date}\n+++\n{text}\n");
    let (site, _) = recorded(site("").with("content/soon.md", page("2026-06-10", "Soon.")));
    let moved = site.with("content/soon.md", page("2026-06-15", "Sooner."));
    let (_, record) = recorded(at(moved, "2026-06-05T00:00:00Z"));
    let soon = entry(&record, "content/soon.md");
    assert_eq!(value(soon, "published"), "2026-06-15T00:00:00+00:00");
    assert_eq!(value(soon, "updated"), "2026-06-15T00:00:00+00:00");
}

#[test]
fn drafts_and_expired_pages_are_not_recorded() {
    let text = "
-- content/a.md --
+++
title = \"A\"
draft = true
+++
-- content/b.md --
+++
title = \"B\"
expires = 2026-01-01
+++
";
    let (_, record) = recorded(site(text));
    assert!(!record.contains("[[published]]"), "{record}");
}

#[test]
fn a_damaged_record_stops_the_build_and_nothing_is_made() {
    let (site, record) = recorded(plain());
    let broken = [
        ("version = 1\n", "", "record-damaged"),
        ("version = 1", "version = 2", "record-version"),
        ("serial = 1\n", "", "record-damaged"),
        ("hash = ", "hsah = ", "unknown-key"),
        ("language = \"en\"\n", "", "record-damaged"),
        ("published = 2026", "published = 20x6", "record-damaged"),
    ];
    for (from, to, code) in broken {
        assert!(record.contains(from), "{from}");
        let built = site.clone().with("published.toml", record.replacen(from, to, 1)).try_build();
        assert!(built.codes().contains(&code), "{to}: {:?}", built.codes());
        assert!(built.report.unusable && built.artifacts.is_empty(), "{to}");
        assert_eq!(built.report.record, None, "{to}");
        assert!(built.messages().contains("published.toml"));
    }
}

#[test]
fn an_empty_record_is_a_damaged_one() {
    let built = plain().with("published.toml", "").try_build();
    assert!(built.codes().contains(&"record-damaged"), "{:?}", built.codes());
}

#[test]
fn ids_that_a_merge_has_doubled_are_found() {
    let (site, record) = recorded(plain());
    let doubled = record.replace("2026:news/first\"", "2026:about\"");
    let built = site.with("published.toml", doubled).try_build();
    assert_eq!(built.codes(), ["record-id-twice"]);
    assert!(built.report.unusable);
}

#[test]
fn entries_in_another_order_are_the_same_record_sorted() {
    let (site, record) = recorded(plain());
    let mut parts: Vec<&str> = record.split("\n[[published]]").collect();
    parts.swap(1, 2);
    let built = site.with("published.toml", parts.join("\n[[published]]")).build();
    let again = built.report.record.unwrap();
    assert_eq!(again, record.replace("serial = 1", "serial = 2"));
}

#[test]
fn a_record_is_there_for_whoever_reads_it_in_its_own_time() {
    let (_, record) = recorded(at(plain(), NOW).config("timezone = \"Europe/London\""));
    let first = entry(&record, "content/news/first.md");
    assert_eq!(value(first, "published"), "2026-05-01T00:00:00+01:00");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// What is written is read back as the same, whatever titles, names and ids say.
    #[test]
    fn a_record_that_was_written_is_read_as_it_was(
        names in prop::collection::btree_set("[a-zà-ž0-9 _'&+-]{1,12}x", 1..5),
        title in "[^\\x00-\\x1f\"\\\\]{0,20}",
        id in prop::option::of("[a-z0-9:/?=&%#'\"{}<> é-]{1,15}"),
    ) {
        let mut site = site("");
        for (number, name) in names.iter().enumerate() {
            let id = id.as_ref().filter(|_| number == 0);
            let id = id.map(|id| format!("id = {id:?}\n")).unwrap_or_default();
            let text = format!("+++\ntitle = \"{number} {title}\"\n{id}+++\nText.\n");
            site = site.with(&format!("content/s/{name}.md"), text);
        }
        let built = site.try_build();
        // Names that give one address are an error of their own.
        prop_assume!(!built.report.has_errors());
        let record = built.report.record.unwrap();
        prop_assert_eq!(record.matches("[[published]]").count(), names.len());
        let again = at(site.with("published.toml", &record), LATER).build();
        prop_assert_eq!(again.report.record, None, "{}", record);
    }
}

#[test]
fn a_date_that_is_changed_later_changes_nothing_that_readers_see() {
    let page = |date: &str| {
        site("")
            .with("content/news/a.md", format!("+++\ntitle = \"A\"\ndate = {date}\n+++\nText.\n"))
    };
    let (_, record) = recorded(page("2026-03-01"));
    let built = page("2026-04-01").with("published.toml", &record).build();
    assert!(built.codes().contains(&"date-fixed"));
    for path in ["atom.xml", "news/a/index.html", "sitemap.xml"] {
        let text = built.text(path);
        assert!(text.contains("2026-03-01") && !text.contains("2026-04-01"), "{path}");
    }
}

#[test]
fn an_id_survives_a_new_code_of_its_language() {
    let page = "-- content/a.md --\n+++\ntitle = \"A\"\ndate = 2026-03-01\n+++\nText.\n";
    let (site, record) = recorded(site(page));
    let built = site.with("published.toml", &record).config("default_language = \"en-GB\"").build();
    assert_eq!(built.codes(), ["language-renamed", "untranslated-strings"][..1].to_vec());
    let after = built.report.record.expect("the language changes");
    assert!(after.contains("language = \"en-GB\"") && !after.contains(";2"), "{after}");
}

#[test]
fn a_page_that_is_renamed_and_changed_is_asked_about() {
    let (_, record) = recorded(site(
        "-- content/news/a.md --\n+++\ntitle = \"A\"\ndate = 2026-03-01T10:00:00Z\n+++\nText.\n",
    ));
    let changed = site(
        "-- content/news/b.md --\n+++\ntitle = \"B\"\ndate = 2026-03-01T10:00:00Z\n+++\nOther.\n",
    )
    .with("published.toml", &record);
    let built = changed.try_build();
    assert_eq!(built.codes(), ["ambiguous-rename"]);
    assert!(built.messages().contains(":news/a"), "{}", built.messages());
    assert_eq!(built.report.record, None);
}

#[test]
fn another_picture_under_the_same_name_is_an_edit() {
    let text = "-- content/a/index.md --\n+++\ntitle = \"A\"\ndate = 2026-03-01\n+++\n\
                ![What is there](photo.jpg) {{ figure(src=\"/img/map.png\", alt=\"A map\") }}\n";
    let site = site(text).with("content/a/photo.jpg", "one").with("static/img/map.png", "one");
    let (site, record) = recorded(site);
    let unchanged = site.clone().with("published.toml", &record);
    assert_eq!(unchanged.build().report.record, None);
    for picture in ["content/a/photo.jpg", "static/img/map.png"] {
        let after = unchanged.clone().with(picture, "two").build().report.record;
        assert!(after.is_some(), "{picture}");
    }
    let after = unchanged.with("static/img/other.png", "two").build().report.record;
    assert_eq!(after, None);
}

#[test]
fn a_text_that_moves_to_another_language_keeps_its_id() {
    let page = "+++\ntitle = \"A\"\ndate = 2026-03-01\n+++\nText.\n";
    let config = "[languages.cy]\ntitle = \"Y Blaid\"";
    let (_, record) = recorded(site("").config(config).with("content/a.cy.md", page));
    let moved = site("").config(config).with("content/a.md", page).with("published.toml", &record);
    let after = moved.build().report.record.expect("its place changes");
    assert_eq!(after.matches("[[published]]").count(), 1, "{after}");
    assert!(after.contains("language = \"en\"") && after.contains(":a.cy\""), "{after}");
}

#[test]
fn a_new_post_of_the_day_of_one_that_is_gone_is_a_new_post() {
    let post =
        |title: &str| format!("+++\ntitle = \"{title}\"\ndate = 2026-03-01\n+++\n{title}.\n");
    let (_, record) = recorded(site("").with("content/news/a.md", post("A")));
    let built =
        site("").with("content/news/b.md", post("B")).with("published.toml", &record).build();
    assert!(built.report.record.expect("there is a new one").contains(":news/b\""));
}

#[test]
fn a_post_whose_name_gets_another_date_is_asked_about() {
    let post = |text: &str| format!("+++\ntitle = \"A\"\n+++\n{text}\n");
    let (_, record) = recorded(site("").with("content/2026-03-01-a.md", post("One.")));
    let built = site("")
        .with("content/2026-03-02-a.md", post("Two."))
        .with("published.toml", &record)
        .try_build();
    assert_eq!(built.codes(), ["ambiguous-rename"]);
}

#[test]
fn another_time_zone_is_no_other_date() {
    let page = "-- content/a.md --\n+++\ntitle = \"A\"\ndate = 2026-03-01\n+++\nText.\n";
    let (site, record) = recorded(site(page));
    let built =
        site.with("published.toml", &record).config("timezone = \"Pacific/Auckland\"").build();
    assert_eq!(built.codes(), Vec::<&str>::new());
}

#[test]
fn ids_on_the_domain_of_an_example_move_to_that_of_the_site_once_it_has_one() {
    let with_account = "[[actors]]\nuser = \"news\"\n";
    let key = include_bytes!("keys/news.pem");
    let before = plain().with("keys/news.pem", key).with(
        "site.toml",
        format!("base_url = \"https://www.my-party.example\"\ntitle = \"T\"\n{with_account}"),
    );
    let (before, record) = recorded(before);
    assert!(record.contains("id_base = \"tag:www.my-party.example,2026:\""), "{record}");
    assert!(record.contains("https://www.my-party.example/ap/news/posts/"), "{record}");
    let ours = format!("base_url = \"https://my-party.org\"\ntitle = \"T\"\n{with_account}");
    let ours = before.with("site.toml", ours);
    let built = ours.build();
    assert_eq!(built.codes(), ["ids-moved"]);
    let (moved, record) = recorded(ours);
    assert!(!record.contains("my-party.example"), "{record}");
    assert_eq!(ids_in_atom(&built), ["tag:my-party.org,2026:news/first"]);
    assert!(record.contains("https://my-party.org/ap/news/posts/news-first.json"), "{record}");
    let again = moved.build();
    assert_eq!((again.codes(), again.report.record_changes), (vec![], false));
}

#[test]
fn ids_that_somebody_has_chosen_do_not_move() {
    let chosen = plain().config("id_base = \"tag:old.example,2020:\"");
    let (chosen, _) = recorded(chosen);
    let built = chosen
        .with(
            "site.toml",
            "base_url = \"https://us.org\"\ntitle = \"T\"\nid_base = \"tag:old.example,2020:\"\n",
        )
        .build();
    assert_eq!(ids_in_atom(&built), ["tag:old.example,2020:news/first"]);
}

#[test]
fn a_text_that_nobody_has_seen_may_be_renamed_and_changed() {
    let text = |text: &str| {
        format!("+++\ntitle = \"A\"\nembargo = 2026-06-10T06:00:00+00:00\n+++\n{text}\n")
    };
    let (before, _) = recorded(site("").with("content/press/won.md", text("One.")));
    let built = before
        .without("content/press/won.md")
        .with("content/press/2026-06-10-won.md", text("Two."))
        .build();
    assert_eq!(built.codes(), Vec::<&str>::new());
    let record = built.report.record.expect("it has another name now");
    assert!(record.contains("press/2026-06-10-won") && !record.contains("press/won"), "{record}");
}

#[test]
fn an_embargo_on_a_page_that_was_published_before_is_nothing_to_go_on_about() {
    let page = "+++\ntitle = \"A\"\ndate = 2026-05-01\n+++\nText.\n";
    let (site, _) = recorded(site("").with("content/a.md", page));
    let embargo = "date = 2026-05-01\nembargo = 2026-05-20T06:00:00+00:00";
    let page = page.replace("date = 2026-05-01", embargo);
    assert_eq!(site.with("content/a.md", page).build().codes(), Vec::<&str>::new());
}
