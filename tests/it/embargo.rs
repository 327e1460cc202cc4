//! Drafts, embargoes and expired pages leak nowhere, and the build says when that changes.

use crate::fixture::{NOW, Site, site};
use crate::look::cards;

/// A site with one page that all can see, and one with `state` in its front matter, which the
/// first one and the menu mention.
fn with_hidden(state: &str) -> Site {
    site(&format!(
        "
-- site.toml --
base_url = \"https://party.example\"
title = \"The Party\"
taxonomies = [{{ name = \"tags\", feed = true }}, {{ name = \"authors\", feed = true }}]
[languages.cy]
-- content/news/_index.md --
+++
title = \"News\"
+++
-- content/news/a-open.md --
+++
title = \"Open\"
date = 2026-05-01
tags = [\"Rivers\"]
+++
Soon [a surprise](@/news/hushed/index.md) or [two](hushed/index.md#inside).
-- content/news/hushed/index.md --
+++
title = \"Hushed\"
tags = [\"Scandals\"]
authors = [\"Deep Throat\"]
aliases = [\"/secret-alias/\"]
{state}
+++
## Inside
Secret words.
-- content/news/hushed/secret.pdf --
Secret file.
-- content/news/hushed/deep/secret.csv --
Secret data.
-- content/news/z-other.md --
+++
title = \"Other\"
date = 2026-03-01
tags = [\"Rivers\"]
+++
"
    ))
}

const HIDDEN: [&str; 4] = [
    "date = 2026-04-01\ndraft = true",
    "date = 2026-06-01T12:00:01Z",
    "date = 2026-04-01\nexpires = 2026-06-01T12:00:00Z",
    "date = 2026-04-01\nexpires = 2026-01-01",
];

#[test]
fn what_is_not_published_leaks_nowhere() {
    for state in HIDDEN {
        let built = with_hidden(state).build();
        for (path, bytes) in &built.artifacts {
            let text = String::from_utf8_lossy(bytes).to_lowercase();
            for word in ["hushed", "secret", "scandals", "deep throat", "deep-throat"] {
                assert!(!path.contains(word), "{path} is there with {state}");
                assert!(!text.contains(word), "{word} in {path}: {state}");
            }
        }
    }
}

#[test]
fn what_is_not_published_has_no_neighbours() {
    for state in HIDDEN {
        let built = with_hidden(state).build();
        assert_eq!(cards(built.text("news/index.html")), ["Open", "Other"], "{state}");
        let open = built.text("news/a-open/index.html");
        assert!(open.contains("rel=\"next\" href=\"/news/z-other/\""), "{state}");
    }
}

#[test]
fn a_link_to_what_is_not_published_is_its_text_with_a_warning() {
    for state in HIDDEN {
        let built = with_hidden(state).build();
        let warned = built.codes().iter().filter(|c| **c == "link-to-unpublished").count();
        assert_eq!(warned, 2, "{}", built.messages());
        assert!(built.text("news/a-open/index.html").contains("Soon a surprise or two."));
    }
}

#[test]
fn what_is_published_now_is_everywhere() {
    for state in
        ["date = 2026-06-01T12:00:00Z", "date = 2026-04-01\nexpires = 2026-06-01T12:00:01Z"]
    {
        let built = with_hidden(state).build();
        assert_eq!(cards(built.text("news/index.html")).len(), 3, "{state}");
        for path in ["rss.xml", "news/atom.xml", "feed.json", "sitemap.xml"] {
            assert!(built.text(path).contains("/news/hushed/"), "{path}");
        }
        for path in [
            "news/hushed/secret.pdf",
            "news/hushed/deep/secret.csv",
            "secret-alias/index.html",
            "tags/scandals/index.html",
            "authors/deep-throat/rss.xml",
        ] {
            assert!(built.has(path), "{path}");
        }
    }
}

#[test]
fn drafts_and_the_future_are_built_when_asked_for() {
    let drafts = with_hidden(HIDDEN[0]);
    assert!(drafts.clone().mode(|mode| mode.drafts = true).build().has("news/hushed/index.html"));
    assert!(!drafts.mode(|mode| mode.future = true).build().has("news/hushed/index.html"));
    let future = with_hidden(HIDDEN[1]);
    assert!(future.clone().mode(|mode| mode.future = true).build().has("news/hushed/index.html"));
    assert!(!future.mode(|mode| mode.drafts = true).build().has("news/hushed/index.html"));
}

#[test]
fn a_section_hides_what_lies_in_it() {
    for state in ["draft = true", "date = 2026-07-01", "expires = 2026-05-01"] {
        let built = site(&format!(
            "
-- content/plans/_index.md --
+++
title = \"Plans\"
{state}
+++
-- content/plans/map.pdf --
Map.
-- content/plans/first.md --
+++
title = \"First\"
date = 2026-01-01
+++
-- content/plans/below/_index.md --
+++
title = \"Below\"
+++
-- content/plans/below/second/index.md --
+++
title = \"Second\"
+++
-- content/plans/below/second/photo.jpg --
JPEG
"
        ))
        .build();
        assert!(!built.artifacts.keys().any(|path| path.contains("plans")), "{state}");
        for path in ["index.html", "sitemap.xml", "rss.xml"] {
            assert!(!built.text(path).to_lowercase().contains("plans"), "{path}: {state}");
        }
    }
}

#[test]
fn a_hidden_translation_leaves_the_original_in_its_place() {
    let built = site(
        "
-- content/a.md --
+++
title = \"A\"
+++
English.
-- content/a.cy.md --
+++
title = \"A yn Gymraeg\"
draft = true
+++
Cymraeg.
",
    )
    .config("[languages.cy]")
    .build();
    let welsh = built.text("cy/a/index.html");
    assert!(welsh.contains("<p>English.</p>") && !welsh.contains("Cymraeg."));
    assert!(!built.text("a/index.html").contains("hreflang=\"cy\" href"));
}

#[test]
fn a_page_that_is_not_published_is_not_in_the_menu_made_from_pages() {
    let built = site("-- content/a.md --\n+++\ntitle = \"Coup\"\ndraft = true\n+++\n").build();
    assert!(!built.text("index.html").contains("Coup"));
}

#[test]
fn the_build_says_when_it_would_change_by_itself() {
    let next = |pages: &[&str]| {
        let pages = pages.iter().enumerate();
        let page = |(n, keys)| format!("-- content/{n}.md --\n+++\ntitle = \"{n}\"\n{keys}\n+++\n");
        let text: Vec<String> = pages.map(page).collect();
        site(&text.concat()).build().report.next_change
    };
    let some = |moment: &str| Some(moment.to_owned());
    assert_eq!(next(&["date = 2026-05-01", "expires = 2026-05-02"]), None);
    assert_eq!(
        next(&["date = 2026-07-01", "date = 2026-06-15"]),
        some("2026-06-15T00:00:00+00:00")
    );
    let zoned = ["date = 2026-07-01T09:00:00+02:00", "date = 2026-07-01T08:00:00Z"];
    assert_eq!(next(&zoned), some("2026-07-01T09:00:00+02:00"));
    assert_eq!(next(&["expires = 2026-06-02"]), some("2026-06-02T00:00:00+00:00"));
    assert_eq!(next(&["date = 2026-07-01\ndraft = true"]), None);
}

#[test]
fn the_embargo_of_a_section_is_a_change_too() {
    let built = site(
        "
-- content/a/_index.md --
+++
title = \"A\"
date = 2026-07-01
+++
-- content/a/written-before.md --
+++
title = \"Written before\"
date = 2026-05-01
+++
",
    )
    .build();
    assert_eq!(built.report.next_change.as_deref(), Some("2026-07-01T00:00:00+00:00"));
}

#[test]
fn a_build_at_the_moment_that_was_said_is_different() {
    let page = with_hidden("date = 2026-06-02T08:30:00+01:00\nexpires = 2026-06-03");
    let mut moment = NOW.to_owned();
    let mut shown = Vec::new();
    loop {
        let built = page.clone().mode(|mode| mode.now = moment.parse().unwrap()).build();
        shown.push(built.has("news/hushed/index.html"));
        let Some(next) = built.report.next_change else { break };
        moment = next;
    }
    assert_eq!(shown, [false, true, false]);
}

#[test]
fn what_is_broken_hides_what_it_may_have_wanted_to_hide() {
    let built = site(
        "
-- content/press/_index.md --
+++
title = \"Press\"
draft = true
typo = 1
+++
-- content/press/a.md --
+++
title = \"Secret\"
+++
-- content/news/b/index.md --
+++
title = \"Also secret\"
date = 2099-01-01
weight = \"1\"
+++
-- content/news/b/plan.pdf --
x
-- content/news/c.md --
+++
title = \"Fine\"
+++
",
    )
    .mode(|mode| mode.keep_going = true)
    .try_build();
    assert!(built.has("news/c/index.html") && built.report.has_errors());
    for (path, bytes) in &built.artifacts {
        assert!(!path.contains("press") && !path.contains("plan"), "{path}");
        assert!(!String::from_utf8_lossy(bytes).to_lowercase().contains("secret"), "{path}");
    }
}

#[test]
fn drafts_of_other_programs_are_drafts() {
    let built = site(
        "
-- content/_drafts/a.md --
---
title: Secret one
---
-- content/_posts/2026-01-01-b.md --
---
title: Secret two
published: false
---
-- content/_posts/2026-01-02-c.md --
---
title: Secret three
publishDate: 2099-01-01
---
-- content/_posts/2026-01-03-d.md --
---
title: Secret four
expiryDate: 2026-02-01
---
-- content/_posts/2026-01-04-e.md --
---
title: Fine
---
",
    )
    .config("front_matter = \"lenient\"")
    .build();
    assert!(built.has("posts/e/index.html"));
    for (path, bytes) in &built.artifacts {
        assert!(!String::from_utf8_lossy(bytes).contains("Secret"), "{path}");
    }
}

#[test]
fn an_original_under_embargo_hides_its_translation() {
    let built = site(
        "
-- content/news/a.md --
+++
title = \"Secret\"
date = 2099-01-01
+++
-- content/news/a.cy.md --
+++
title = \"Cyfrinach\"
+++
",
    )
    .config("[languages.cy]\ntitle = \"Y Blaid\"")
    .build();
    for (path, bytes) in &built.artifacts {
        let text = String::from_utf8_lossy(bytes);
        assert!(!text.contains("Secret") && !text.contains("Cyfrinach"), "{path}");
    }
}

#[test]
fn files_beside_a_hidden_text_and_data_files_are_not_published() {
    let built = site(
        "
-- content/news/secret/plan.md --
+++
title = \"Plan\"
draft = true
+++
-- content/news/secret/plan.pdf --
x
-- content/members/index.md --
+++
title = \"Members\"
data = { members = \"members.csv\" }
+++
-- content/members/members.csv --
name
Nia
-- content/members/logo.svg --
<svg xmlns=\"http://www.w3.org/2000/svg\"/>
",
    )
    .build();
    assert!(built.has("members/logo.svg"));
    assert!(!built.has("news/secret/plan.pdf") && !built.has("members/members.csv"));
}

#[test]
fn no_list_leads_to_a_page_that_could_not_be_made() {
    let page = |title: &str, more: &str| {
        format!("+++\ntitle = \"{title}\"\ndate = 2026-01-01\n{more}+++\nText.\n")
    };
    let built = site("")
        .with("content/news/a.md", page("Fine", ""))
        .with("content/news/b.md", page("Broken", "template = \"none.html\"\n"))
        .mode(|mode| mode.keep_going = true)
        .try_build();
    assert_eq!(built.codes(), ["missing-template"]);
    assert!(built.has("news/a/index.html") && !built.has("news/b/index.html"));
    for (path, bytes) in &built.artifacts {
        assert!(!String::from_utf8_lossy(bytes).contains("Broken"), "{path}");
    }
}

#[test]
fn the_files_that_only_a_hidden_text_speaks_of_are_hidden_with_it() {
    let hidden = "+++\ntitle = \"Plan\"\ndate = 2099-01-01\nimage = \"plan.jpg\"\n\
                  image_alt = \"x\"\ndata = { m = \"members.csv\" }\n+++\n\
                  ![x](inside.jpg) [y](/both.pdf) ![z](/img/secret.png)\n";
    let shown = "+++\ntitle = \"News\"\n+++\n[y](/both.pdf)\n";
    let mut site = site("").with("content/news/e.md", hidden).with("content/news/f.md", shown);
    let files = [
        "content/news/plan.jpg",
        "content/news/inside.jpg",
        "content/news/members.csv",
        "static/both.pdf",
        "static/img/secret.png",
        "content/news/other.jpg",
    ];
    for file in files {
        site = site.with(file, "name\nx\n");
    }
    let built = site.build();
    for path in ["news/plan.jpg", "news/inside.jpg", "news/members.csv"] {
        assert!(!built.has(path), "{path}");
    }
    // `static/` is public, and so is what a page that is shown speaks of, or nobody.
    for path in ["both.pdf", "news/other.jpg", "img/secret.png"] {
        assert!(built.has(path), "{path}");
    }
}

#[test]
fn a_hidden_page_with_a_folder_hides_its_files_beside_a_page_that_is_shown() {
    let built = site(
        "
-- content/news/bun/index.md --
+++
title = \"Plan\"
draft = true
+++
-- content/news/bun/plan.jpg --
x
-- content/news/bun/sub.md --
+++
title = \"Sub\"
+++
",
    )
    .build();
    assert!(built.has("news/bun/sub/index.html") && !built.has("news/bun/plan.jpg"));
}

#[test]
fn a_section_that_is_hidden_in_one_language_hides_its_pages_in_it() {
    let built = site(
        "
-- content/press/_index.cy.md --
+++
title = \"Cyfrinach\"
draft = true
+++
-- content/press/a.cy.md --
+++
title = \"Cyfrinach hefyd\"
+++
",
    )
    .config("[languages.cy]\ntitle = \"Y Blaid\"")
    .build();
    for (path, bytes) in &built.artifacts {
        assert!(!String::from_utf8_lossy(bytes).contains("Cyfrinach"), "{path}");
    }
}

#[test]
fn drafts_are_drafts_however_hugo_writes_them() {
    let built = site("")
        .config("front_matter = \"lenient\"")
        .with("content/a.md", "---\ntitle: Secret\nDraft: true\n---\n")
        .with("content/b.md", "---\ntitle: Secret\npublishDate: next week\n---\n")
        .with("content/c/_index.md", "---\ntitle: Secret\ncascade:\n  draft: true\n---\n")
        .with("content/c/d.md", "---\ntitle: Secret\n---\n")
        .build();
    for (path, bytes) in &built.artifacts {
        assert!(!String::from_utf8_lossy(bytes).contains("Secret"), "{path}");
    }
}

#[test]
fn a_list_that_cannot_be_made_stops_even_a_build_that_keeps_going() {
    let built = site(
        "
-- content/news/_index.md --
+++
title = \"News\"
template = \"none.html\"
+++
-- content/news/a.md --
+++
title = \"A\"
+++
",
    )
    .mode(|mode| mode.keep_going = true)
    .try_build();
    assert!(built.report.unusable);
}
