//! Translations, and pages that have none.

use std::collections::BTreeSet;

use sitegen::diagnostic::{Format, Printer};

use crate::fixture::{Built, Site, site};
use crate::look::{all_between, assert_head, between, cards};

/// English and Welsh: one page in both, one in English, one in Welsh.
fn two_languages() -> Site {
    site(
        "
-- site.toml --
base_url = \"https://party.example\"
title = \"The Party\"
[languages.cy]
title = \"Y Blaid\"
-- content/news/_index.md --
+++
title = \"News\"
+++
-- content/news/_index.cy.md --
+++
title = \"Newyddion\"
+++
-- content/news/both.md --
+++
title = \"Both\"
date = 2026-03-01
tags = [\"Rivers\"]
+++
## Flood plan
English text.
-- content/news/both.cy.md --
+++
title = \"Y ddau\"
date = 2026-03-01
tags = [\"Afonydd\"]
slug = \"y-ddau\"
+++
Testun Cymraeg.
-- content/news/english.md --
+++
title = \"Only English\"
date = 2026-02-01
tags = [\"Rivers\"]
+++
See [both](@/news/both.md), [the plan](@/news/both.md#flood-plan) and [this](english.md).
-- content/news/welsh.cy.md --
+++
title = \"Cymraeg yn unig\"
date = 2026-01-01
+++
Dim Saesneg.
",
    )
}

/// The untranslated pages as people see them.
fn untranslated(built: &Built) -> String {
    let printer = Printer { format: Format::Human, colour: false };
    built.report.untranslated.iter().map(|diagnostic| printer.text(diagnostic)).collect()
}

#[test]
fn each_language_has_its_addresses_and_its_texts() {
    let built = two_languages().build();
    assert!(built.text("news/both/index.html").contains("<p>English text.</p>"));
    assert!(built.text("cy/news/y-ddau/index.html").contains("<p>Testun Cymraeg.</p>"));
    assert!(!built.has("cy/news/both/index.html"));
    assert!(built.text("cy/index.html").contains("Y Blaid"));
    assert!(built.text("cy/news/index.html").contains("<h1>Newyddion</h1>"));
}

#[test]
fn the_interface_is_in_the_language_of_the_page() {
    let built = two_languages().build();
    let welsh = built.text("cy/news/y-ddau/index.html");
    assert!(welsh.contains("<html lang=\"cy\" dir=\"ltr\">"));
    assert!(welsh.contains("Cyhoeddwyd") && welsh.contains("1 Mawrth 2026"), "{welsh}");
    assert!(!welsh.contains(">Published") && !welsh.contains("Skip to content"));
    assert!(built.text("news/both/index.html").contains("1 March 2026"));
    assert!(built.text("cy/404.html").contains("Ni ddaethpwyd o hyd i"));
}

#[test]
fn translations_point_to_each_other_and_name_a_default() {
    let built = two_languages().build();
    let english = "https://party.example/news/both/";
    let welsh = "https://party.example/cy/news/y-ddau/";
    for path in ["news/both/index.html", "cy/news/y-ddau/index.html"] {
        let html = built.text(path);
        assert_head(html, &format!("hreflang=\"en\" href=\"{english}\""));
        assert_head(html, &format!("hreflang=\"cy\" href=\"{welsh}\""));
        assert_head(html, &format!("hreflang=\"x-default\" href=\"{english}\""));
    }
    assert_head(
        built.text("news/both/index.html"),
        &format!("rel=\"canonical\" href=\"{english}\""),
    );
    assert_head(
        built.text("cy/news/y-ddau/index.html"),
        &format!("rel=\"canonical\" href=\"{welsh}\""),
    );
    let sitemap = built.text("sitemap.xml");
    for url in [english, welsh] {
        let entry = between(sitemap, &format!("<loc>{url}</loc>"), "</url>");
        assert!(entry.contains(&format!("hreflang=\"en\" href=\"{english}\"")), "{entry}");
        assert!(entry.contains(&format!("hreflang=\"cy\" href=\"{welsh}\"")), "{entry}");
    }
}

#[test]
fn front_pages_and_sections_point_to_each_other() {
    let built = two_languages().build();
    for path in ["index.html", "cy/index.html"] {
        assert_head(built.text(path), "hreflang=\"cy\" href=\"https://party.example/cy/\"");
        assert_head(built.text(path), "hreflang=\"en\" href=\"https://party.example/\"");
    }
    assert_head(
        built.text("news/index.html"),
        "hreflang=\"cy\" href=\"https://party.example/cy/news/\"",
    );
}

#[test]
fn an_untranslated_page_exists_in_every_language_with_the_language_of_its_text() {
    let built = two_languages().build();
    for (path, around, text, canonical) in [
        ("cy/news/english/index.html", "cy", "en", "https://party.example/news/english/"),
        ("news/welsh/index.html", "en", "cy", "https://party.example/cy/news/welsh/"),
    ] {
        let html = built.text(path);
        assert!(html.contains(&format!("<html lang=\"{around}\"")));
        assert!(html.contains(&format!("<div class=\"prose\" lang=\"{text}\"")), "{html}");
        assert!(html.contains(&format!("<h1 lang=\"{text}\"")), "{html}");
        assert_head(html, &format!("rel=\"canonical\" href=\"{canonical}\""));
        let head = between(html, "<head>", "</head>");
        assert!(!head.contains("hreflang"), "{head}");
    }
    let note = "ar gael yn Gymraeg";
    assert!(built.text("cy/news/english/index.html").contains(note));
    assert!(!built.text("cy/news/y-ddau/index.html").contains(note));
}

#[test]
fn an_original_without_translations_has_no_alternates() {
    let built = two_languages().build();
    for path in ["news/english/index.html", "cy/news/welsh/index.html"] {
        assert!(!between(built.text(path), "<head>", "</head>").contains("hreflang"), "{path}");
    }
}

#[test]
fn lists_show_untranslated_pages_and_feeds_and_sitemap_do_not() {
    let built = two_languages().build();
    assert_eq!(
        cards(built.text("cy/news/index.html")),
        ["Y ddau", "Only English", "Cymraeg yn unig"]
    );
    assert_eq!(cards(built.text("news/index.html")), ["Both", "Only English", "Cymraeg yn unig"]);
    for name in ["rss.xml", "atom.xml", "feed.json", "news/rss.xml"] {
        let (english, welsh) = (built.text(name), built.text(&format!("cy/{name}")).to_owned());
        assert!(english.contains("Only English") && !english.contains("yn unig"), "{name}");
        assert!(welsh.contains("yn unig") && !welsh.contains("Only English"), "{name}");
        assert!(welsh.contains("Y ddau") && !welsh.contains(">Both<"), "{name}");
    }
    let addresses = all_between(built.text("sitemap.xml"), "<loc>", "</loc>");
    assert!(addresses.contains(&"https://party.example/news/english/"));
    assert!(addresses.contains(&"https://party.example/cy/news/welsh/"));
    assert!(!addresses.contains(&"https://party.example/cy/news/english/"));
    assert!(!addresses.contains(&"https://party.example/news/welsh/"));
}

#[test]
fn terms_are_those_of_a_language() {
    let built = two_languages().build();
    assert_eq!(cards(built.text("cy/tags/afonydd/index.html")), ["Y ddau"]);
    assert_eq!(cards(built.text("cy/tags/rivers/index.html")), ["Only English"]);
    assert!(!built.has("tags/afonydd/index.html"));
    assert!(!built.has("cy/tags/rivers/rss.xml"), "a feed without an entry of its language");
}

#[test]
fn links_in_an_untranslated_text_stay_in_the_language_around_it() {
    let built = two_languages().build();
    let html = between(built.text("cy/news/english/index.html"), "<div class=\"prose\"", "</div>");
    assert!(html.contains("<a href=\"/cy/news/y-ddau/\">both</a>"), "{html}");
    assert!(html.contains("<a href=\"/cy/news/english/\">this</a>"), "{html}");
}

#[test]
fn a_link_to_a_heading_that_the_translation_lacks_leads_to_the_original() {
    let built = two_languages().build();
    let html = built.text("cy/news/english/index.html");
    assert!(html.contains("<a href=\"/news/both/#flood-plan\">the plan</a>"), "{html}");
}

#[test]
fn the_language_switch_leads_to_the_translation_else_to_the_front_page() {
    let built = two_languages().build();
    let switch = |path: &str| {
        let nav = between(built.text(path), "<nav class=\"languages\"", "</nav>");
        all_between(nav, "<a href=\"", "\"").join(" ")
    };
    assert_eq!(switch("news/both/index.html"), "/news/both/ /cy/news/y-ddau/");
    assert_eq!(switch("cy/news/y-ddau/index.html"), "/news/both/ /cy/news/y-ddau/");
}

#[test]
fn a_report_names_the_pages_that_are_not_translated() {
    let built = two_languages().build();
    let text = untranslated(&built);
    assert_eq!(built.report.untranslated.len(), 2, "{text}");
    assert!(text.contains("content/news/english.md") && text.contains("not translated: cy"));
    assert!(text.contains("content/news/welsh.cy.md") && text.contains("not translated: en"));
    assert_eq!((built.report.pages, built.report.fallbacks), (4, 2));
    let one_language = site("-- content/a.md --\n+++\ntitle = \"A\"\n+++\n").build();
    assert_eq!(untranslated(&one_language), "");
}

#[test]
fn files_of_a_page_are_shared_by_its_translations() {
    let built = site(
        "
-- content/a/index.md --
+++
title = \"A\"
+++
![A weir](weir.jpg)
-- content/a/index.cy.md --
+++
title = \"B\"
+++
![Cored](weir.jpg)
-- content/a/weir.jpg --
JPEG
",
    )
    .config("[languages.cy]")
    .build();
    assert!(built.text("cy/a/index.html").contains("src=\"/a/weir.jpg\" alt=\"Cored\""));
    assert!(built.has("a/weir.jpg") && !built.has("cy/a/weir.jpg"));
}

#[test]
fn files_of_a_page_that_exists_in_another_language_only_are_published() {
    let built = site(
        "
-- content/a/index.cy.md --
+++
title = \"A\"
+++
![Cored](weir.jpg)
-- content/a/weir.jpg --
JPEG
",
    )
    .config("[languages.cy]")
    .build();
    for path in ["a/index.html", "cy/a/index.html"] {
        assert!(built.text(path).contains("src=\"/cy/a/weir.jpg\""), "{path}");
    }
    assert!(built.has("cy/a/weir.jpg"));
}

#[test]
fn a_file_in_a_language_that_the_site_does_not_have_is_an_error() {
    let built = site("-- content/a.fr.md --\n+++\ntitle = \"A\"\n+++\n").try_build();
    assert_eq!(built.codes(), ["unknown-language"]);
}

#[test]
fn the_default_language_may_stand_in_the_name_and_not_twice() {
    let one = "-- content/a.en.md --\n+++\ntitle = \"A\"\n+++\n";
    assert!(site(one).build().has("a/index.html"));
    let two = format!("{one}-- content/a.md --\n+++\ntitle = \"A\"\n+++\n");
    assert!(site(&two).try_build().codes().contains(&"same-page-twice"));
}

#[test]
fn another_default_language_speaks_at_the_root() {
    let built = site("-- content/a.md --\n+++\ntitle = \"Á\"\ndate = 2026-05-04\n+++\n")
        .config("default_language = \"ga\"\n[languages.en]")
        .build();
    let html = built.text("a/index.html");
    assert!(html.contains("<html lang=\"ga\"") && html.contains("4 Bealtaine 2026"), "{html}");
    assert!(built.text("en/a/index.html").contains("4 May 2026"));
}

#[test]
fn the_site_can_replace_interface_texts() {
    let built = two_languages()
        .config("[languages.cy.translations]\npublished = \"Allan ers\"\nmy_own = \"x\"")
        .with("themes/campaign/templates/404.html", "{{ strings.my_own }} {{ strings.published }}")
        .config("[translations]\nmy_own = \"y\"")
        .build();
    assert_eq!(built.text("cy/404.html"), "x Allan ers");
    assert_eq!(built.text("404.html"), "y Published");
}

#[test]
fn a_language_without_interface_texts_gets_english_ones_and_a_warning() {
    let built = site("-- content/a.md --\n+++\ntitle = \"A\"\ndate = 2026-05-04\n+++\n")
        .config("[languages.eu]")
        .build();
    assert_eq!(built.codes(), ["untranslated-strings"]);
    assert!(built.text("eu/a/index.html").contains("4 May 2026"));
}

#[test]
fn the_shipped_languages_have_the_same_texts_and_twelve_months() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/themes/campaign/strings");
    let mut all = Vec::new();
    for code in ["en", "cy", "gd", "ga", "de", "fr", "cs"] {
        let text = std::fs::read_to_string(format!("{folder}/{code}.toml")).unwrap();
        let lines = text.lines().filter(|line| !line.starts_with('#') && line.contains(" = "));
        let entries: Vec<_> = lines.map(|line| line.split_once(" = ").unwrap()).collect();
        for (key, value) in &entries {
            assert_ne!(*value, "\"\"", "{code}: {key} is empty");
            if key.starts_with("months") {
                let names: BTreeSet<&str> = value.split('"').skip(1).step_by(2).collect();
                assert_eq!(names.len(), 12, "{code}: {key}");
            }
        }
        // What a text has in braces is filled in, so a translation that loses it is wrong.
        let shape = |value: &str| {
            let mut holes: Vec<String> =
                all_between(value, "{", "}").into_iter().map(str::to_owned).collect();
            holes.sort();
            holes
        };
        let shapes: BTreeSet<_> =
            entries.iter().map(|(key, value)| (key.to_string(), shape(value))).collect();
        assert_eq!(shapes.len(), entries.len(), "{code} has a key twice");
        all.push((code, shapes));
    }
    let english = &all[0].1;
    for (code, shapes) in &all[1..] {
        let different: Vec<_> = english.symmetric_difference(shapes).collect();
        assert!(different.is_empty(), "{code}: {different:?}");
    }
}

#[test]
fn the_shipped_languages_need_no_word_of_english() {
    let languages: String =
        ["cy", "gd", "ga", "de", "fr", "cs"].map(|code| format!("[languages.{code}]\n")).concat();
    let built = site("-- content/a.md --\n+++\ntitle = \"A\"\ndate = 2026-05-04\n+++\n")
        .config(&languages)
        .build();
    assert_eq!(built.codes(), Vec::<&str>::new());
    for (code, date) in [
        ("cy", "4 Mai 2026"),
        ("gd", "4 dhen Chèitean 2026"),
        ("ga", "4 Bealtaine 2026"),
        ("de", "4. Mai 2026"),
        ("fr", "4 mai 2026"),
        ("cs", "4. května 2026"),
    ] {
        let html = built.text(&format!("{code}/a/index.html"));
        let shown = between(html, "<time", "</time>").rsplit('>').next();
        assert_eq!(shown, Some(date), "{code}");
    }
}
