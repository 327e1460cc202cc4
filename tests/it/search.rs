//! What visitors find without a server.

use serde_json::{Value, json};

use crate::fixture::{Built, Site, site};
use crate::look::{all_between, between, main_of};

fn party() -> Site {
    site(
        "
-- site.toml --
base_url = \"https://party.example/branch\"
title = \"The Party\"
generate_search = true
[languages.cy]
title = \"Y Blaid\"
-- content/_index.md --
+++
title = \"Home\"
+++
Welcome to everybody.
-- content/news/_index.md --
+++
title = \"News\"
+++
-- content/news/buses.md --
+++
title = \"Night buses\"
date = 2026-05-01T10:00:00Z
tags = [\"Transport\"]
+++
The 52 runs until ten. Buses, buses and **buses**: `timetable`.
-- content/news/river.md --
+++
title = \"A clean river\"
description = \"Not one more bus <into> it\"
date = 2026-04-01T10:00:00Z
+++
The river & its banks.
-- content/news/river.cy.md --
+++
title = \"Tŷ ger yr afon\"
date = 2026-04-01T10:00:00Z
+++
Yr afon Ystwyth.
-- content/about.md --
+++
title = \"Éirinn and us\"
+++
We.
-- content/later.md --
+++
title = \"Secret plan\"
draft = true
+++
Secret.
",
    )
}

fn json(built: &Built, path: &str) -> Value {
    serde_json::from_str(built.text(path)).unwrap()
}

/// The pages of a language in the order of their numbers: title and address.
fn pages(built: &Built, folder: &str) -> Vec<(String, String)> {
    let pages = json(built, &format!("{folder}pages/0.json"));
    let text = |page: &Value, at: usize| page[at].as_str().unwrap().to_owned();
    pages.as_array().unwrap().iter().map(|page| (text(page, 0), text(page, 1))).collect()
}

/// The titles of the pages that have a word, and what it counts there.
fn found(built: &Built, folder: &str, word: &str) -> Vec<(String, u64)> {
    let part = json(built, &format!("{folder}words/{}.json", &word[..1]));
    let flat: Vec<u64> =
        part[word].as_array().into_iter().flatten().map(|n| n.as_u64().unwrap()).collect();
    let pages = pages(built, folder);
    let title = |number: u64| pages[usize::try_from(number).unwrap()].0.clone();
    flat.chunks(2).map(|pair| (title(pair[0]), pair[1])).collect()
}

#[test]
fn a_word_leads_to_the_pages_that_have_it() {
    let built = party().build();
    // Three times in the text, and in the title.
    assert_eq!(found(&built, "search/", "buses"), [("Night buses".to_owned(), 11)]);
    assert_eq!(found(&built, "search/", "timetable"), [("Night buses".to_owned(), 1)]);
    assert_eq!(found(&built, "search/", "transport"), [("Night buses".to_owned(), 5)]);
    assert_eq!(found(&built, "search/", "bus"), [("A clean river".to_owned(), 3)]);
    assert_eq!(found(&built, "search/", "into"), [("A clean river".to_owned(), 3)]);
    assert_eq!(json(&built, "search/words/0.json")["52"].as_array().unwrap().len(), 2);
    assert_eq!(found(&built, "search/", "welcome"), [("Home".to_owned(), 1)]);
}

#[test]
fn what_is_not_published_is_not_found() {
    let built = party().build();
    assert_eq!(found(&built, "search/", "secret"), []);
    assert!(!built.text("search/pages/0.json").contains("Secret"));
    assert!(!built.text("search/a-z/index.html").contains("Secret"));
}

#[test]
fn each_language_has_its_own_search_without_accents() {
    let built = party().build();
    assert_eq!(found(&built, "cy/search/", "ty"), [("Tŷ ger yr afon".to_owned(), 8)]);
    assert_eq!(found(&built, "cy/search/", "buses"), []);
    assert_eq!(found(&built, "search/", "eirinn"), [("Éirinn and us".to_owned(), 8)]);
    let page = built.text("cy/search/index.html");
    assert_eq!(between(page, "data-search=\"", "\""), "/branch/cy/search/");
    assert!(built.text("cy/news/river/index.html").contains("href=\"/branch/cy/search/\""));
}

#[test]
fn pages_are_shown_with_title_address_description_and_date() {
    let built = party().build();
    let pages = json(&built, "search/pages/0.json");
    let river = pages.as_array().unwrap().iter().find(|page| page[0] == "A clean river").unwrap();
    let url = "/branch/news/river/";
    assert_eq!(*river, json!(["A clean river", url, "Not one more bus <into> it", "1 April 2026"]));
}

#[test]
fn a_new_page_changes_the_numbers_of_no_other() {
    let before = pages(&party().build(), "search/");
    let text = "+++\ntitle = \"New\"\ndate = 2026-05-02T10:00:00Z\n+++\nText.";
    let after = pages(&party().with("content/news/new.md", text).build(), "search/");
    assert_eq!(after[..before.len()], before);
    assert_eq!(after.len(), before.len() + 1);
}

#[test]
fn all_pages_stand_from_a_to_z() {
    let built = party().build();
    let page = built.text("search/a-z/index.html");
    let letters: Vec<&str> = all_between(page, "<h2 id=\"", "\"");
    assert_eq!(letters, ["a", "e", "h", "n"]);
    let main = between(page, "<main", "</main>");
    for (title, url) in pages(&built, "search/") {
        assert!(main.contains(&format!("<a href=\"{url}\">{title}</a>")), "{title}");
    }
}

#[test]
fn many_pages_have_parts_by_two_letters_and_a_list_for_each_letter() {
    let mut site = party();
    for number in 0..450 {
        let letter = char::from(b'a' + u8::try_from(number % 26).unwrap());
        let text = format!("+++\ntitle = \"{letter}{number}\"\n+++\nMany words.");
        site = site.with(&format!("content/p{number}.md"), text);
    }
    let built = site.build();
    assert_eq!(json(&built, "search/words/ma.json")["many"].as_array().unwrap().len(), 900);
    assert!(!built.has("search/words/m.json"));
    assert!(built.has("search/pages/8.json"));
    let index = main_of(built.text("search/a-z/index.html"));
    assert!(index.contains("href=\"/branch/search/a-z/b/\""));
    assert!(!index.contains("<h2"));
    let b = main_of(built.text("search/a-z/b/index.html"));
    assert_eq!(all_between(b, "<h2 id=\"", "\""), ["b"]);
    assert!(b.contains(">b1</a>") && !b.contains(">c2</a>"));
}

#[test]
fn a_site_without_search_has_nothing_of_it() {
    let text = String::from_utf8(party().files()["site.toml"].clone()).unwrap();
    let built = party().with("site.toml", text.replace("generate_search = true", "")).build();
    assert_eq!(built.ending("search/index.html").count(), 0);
    assert!(!built.text("about/index.html").contains("search"));
}
