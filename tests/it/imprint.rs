//! The imprint: wherever the site speaks, and never a reason to call an old post changed.

use serde_json::Value;

use crate::fixture::{Built, Site, site};
use crate::folder::Folder;
use crate::look::between;

const KEY: &str = include_str!("keys/news.pem");

const PARTY: &str = r#"
-- site.toml --
base_url = "https://party.example"
title = "The Party"
taxonomies = [{ name = "tags", feed = true }]

[languages.cy]
title = "Y Blaid"

[[actors]]
user = "news"
languages = ["en", "cy"]
-- content/news/_index.md --
+++
title = "News"
+++
-- content/news/buses.md --
+++
title = "Buses"
date = 2026-05-01
tags = ["buses"]
+++
The last bus leaves at ten to six.
-- content/news/buses.cy.md --
+++
title = "Bysiau"
+++
Y bws olaf.
-- content/news/joint.md --
+++
title = "Joint"
date = 2026-05-02
+++
With others.
-- content/about.md --
+++
title = "About"
+++
Us.
"#;

const UK: &str = r#"
[imprint]
law = "uk-2022"
promoter = { name = "Ann & Co", address = "1 High Street, Town" }
on_behalf_of = { name = "The Party", address = "2 High Street, Town" }
"#;

const SAID: &str = "Promoted by Ann &amp; Co, of 1 High Street, Town, on behalf of The Party, of 2 High Street, Town.";

const WELSH: &str =
    "Hyrwyddwyd gan Ann &amp; Co, 1 High Street, Town, ar ran The Party, 2 High Street, Town.";

const DE: &str = r#"
[imprint]
law = "de"
name = "Die Partei e. V."
address = """
Hauptstraße 1
12345 Musterstadt"""
represented_by = ["Anna Muster", "Bernd Beispiel"]
email = "post@partei.example"
phone = "01234 56789"
responsible = { name = "Anna Muster", address = "Weg 2, 12345 Musterstadt" }
"#;

fn plain() -> Site {
    site(PARTY).with("keys/news.pem", KEY)
}

fn with(imprint: &str) -> Site {
    plain().config(imprint)
}

fn post(built: &Built, name: &str) -> Value {
    serde_json::from_str(built.text(&format!("ap/news/posts/{name}.json"))).unwrap()
}

/// The paragraphs of the footer of a page that are its imprint.
fn footer<'b>(built: &'b Built, page: &str) -> &'b str {
    between(built.text(page), "<div class=\"imprint\" id=\"site-imprint\">", "</div>")
}

#[test]
fn every_page_says_who_answers_for_it() {
    let built = with(UK).build();
    let pages: Vec<&str> = built.ending(".html").map(|(path, _)| path).collect();
    for page in ["index.html", "404.html", "about/index.html", "news/index.html", "tags/index.html"]
    {
        assert!(pages.contains(&page), "{page} is not among {pages:?}");
    }
    for page in pages {
        let said = if page.starts_with("cy/") { WELSH } else { SAID };
        assert_eq!(footer(&built, page), format!("<p>{said}</p>"), "{page}");
    }
    assert_eq!(built.codes(), [""; 0]);
    let data = between(built.text("about/index.html"), "application/ld+json\">", "</script>");
    let data: Value = serde_json::from_str(data).unwrap();
    assert_eq!(data["publisher"]["address"], "2 High Street, Town");
    assert_eq!(data["author"]["address"], Value::Null, "it is said once");
}

#[test]
fn every_entry_of_every_feed_ends_with_it() {
    let built = with(UK).build();
    let twice = |html: &str| html.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    for (folder, said) in [("", SAID), ("cy/", WELSH), ("news/", SAID), ("tags/buses/", SAID)] {
        let end = format!("<p><small>{said}</small></p>\n");
        let feed: Value = serde_json::from_str(built.text(&format!("{folder}feed.json"))).unwrap();
        let items = feed["items"].as_array().unwrap();
        assert!(!items.is_empty());
        for item in items {
            assert!(item["content_html"].as_str().unwrap().ends_with(&end), "{item}");
        }
        let atom = built.text(&format!("{folder}atom.xml"));
        assert_eq!(atom.matches(&format!("{}</content>", twice(&end))).count(), items.len());
        let rss = built.text(&format!("{folder}rss.xml"));
        let end = format!("{end}]]></content:encoded>");
        assert_eq!(rss.matches(&end).count(), items.len(), "{rss}");
    }
}

#[test]
fn every_post_has_it_before_its_hashtags_however_long_the_text_is() {
    let long = format!(
        "+++\ntitle = \"Long\"\ndate = 2026-05-03\ntags = [\"a\"]\n+++\n{}\n",
        "For the valley. ".repeat(1000)
    );
    let unseen = "+++\ntitle = \"U\"\ndate = 2026-05-03\npage = false\n+++\nText.\n";
    let article = "+++\ntitle = \"P\"\nposts = \"article\"\n+++\n";
    let built = with(UK)
        .with("content/news/long.md", &long)
        .with("content/news/unseen.md", unseen)
        .with("content/plans/_index.md", article)
        .with("content/plans/all.md", &long)
        .build();
    for name in ["news-buses", "news-long", "news-unseen", "plans-all"] {
        let content = post(&built, name)["content"].as_str().unwrap().to_owned();
        let (_, after) = content.split_once(&format!("<p>{SAID}</p>")).unwrap();
        let is_hashtags = after.starts_with("<p><a ") && after.matches("<p>").count() == 1;
        let has_tags = name != "news-unseen";
        assert!(if has_tags { is_hashtags } else { after.is_empty() }, "{name}: {content}");
    }
    assert!(post(&built, "news-long")["content"].as_str().unwrap().contains('…'));
    let welsh = post(&built, "news-buses-cy");
    assert!(welsh["contentMap"]["cy"].as_str().unwrap().ends_with(&format!("<p>{WELSH}</p>")));
}

#[test]
fn a_text_may_have_another_promoter_and_its_translation_has_the_same() {
    let joint = "+++\ntitle = \"Joint\"\ndate = 2026-05-02\n\
                 imprint = { promoter = { name = \"Bob\", address = \"3 Lane, Town\" } }\n+++\nText.\n";
    let welsh = "+++\ntitle = \"Ar y cyd\"\n+++\nTestun.\n";
    let built = with(UK)
        .with("content/news/joint.md", joint)
        .with("content/news/joint.cy.md", welsh)
        .build();
    let said = "Promoted by Bob, of 3 Lane, Town, on behalf of The Party, of 2 High Street, Town.";
    assert_eq!(footer(&built, "news/joint/index.html"), format!("<p>{said}</p>"));
    assert!(post(&built, "news-joint")["content"].as_str().unwrap().contains(said));
    assert!(built.text("feed.json").contains(said));
    assert!(built.text("feed.json").contains("Ann &amp; Co"), "the other entries keep theirs");
    let said = "Hyrwyddwyd gan Bob, 3 Lane, Town, ar ran The Party, 2 High Street, Town.";
    assert_eq!(footer(&built, "cy/news/joint/index.html"), format!("<p>{said}</p>"));
    assert_eq!(footer(&built, "news/index.html"), format!("<p>{SAID}</p>"));
}

#[test]
fn a_language_may_have_other_names() {
    let config = "[languages.cy.imprint]\n\
                  on_behalf_of = [{ name = \"Y Blaid\", address = \"1 High Street, Town\" }]\n";
    let built = with(UK).config(config).build();
    let said = "Hyrwyddwyd gan Ann &amp; Co, ar ran Y Blaid, y ddau o 1 High Street, Town.";
    assert_eq!(footer(&built, "cy/404.html"), format!("<p>{said}</p>"));
    assert_eq!(footer(&built, "404.html"), format!("<p>{SAID}</p>"));
}

#[test]
fn a_german_imprint_says_whose_site_it_is_and_who_answers_for_the_texts() {
    let german = plain().with(
        "site.toml",
        "base_url = \"https://partei.example\"\ntitle = \"Die Partei\"\n\
         default_language = \"de\"\n[languages.cy]\n[[actors]]\nuser = \"news\"\n",
    );
    let built = german.config(DE).build();
    assert_eq!(
        footer(&built, "404.html"),
        "<p><strong>Impressum</strong><br>Die Partei e. V.<br>Hauptstraße 1, 12345 Musterstadt\
         <br>Vertreten durch Anna Muster und Bernd Beispiel\
         <br>E-Mail: <a href=\"mailto:post@partei.example\">post@partei.example</a>\
         <br>Telefon: 01234 56789\
         <br>Verantwortlich für den Inhalt (§ 18 Abs. 2 MStV): Anna Muster, Weg 2, 12345 Musterstadt</p>"
    );
    let short = "<p>Impressum – Die Partei e. V., Hauptstraße 1, 12345 Musterstadt. Verantwortlich \
                 für den Inhalt (§ 18 Abs. 2 MStV): Anna Muster, Weg 2, 12345 Musterstadt.</p>";
    assert!(post(&built, "news-buses")["content"].as_str().unwrap().contains(short));
    let data = between(built.text("index.html"), "application/ld+json\">", "</script>");
    let data: Value = serde_json::from_str(data).unwrap();
    let publisher = &data["publisher"];
    assert_eq!(publisher["name"], "Die Partei");
    assert_eq!(publisher["legalName"], "Die Partei e. V.");
    assert_eq!(publisher["address"], "Hauptstraße 1, 12345 Musterstadt");
    assert_eq!(publisher["email"], "post@partei.example");
    assert_eq!(publisher["telephone"], "01234 56789");
}

#[test]
fn a_template_gets_every_form_of_it() {
    let template = "{{ imprint.text }}|{{ imprint.short }}|{{ imprint.full }}|{{ imprint.url }}";
    let page = "+++\ntitle = \"A\"\ntemplate = \"own.html\"\n+++\n";
    let built = with(UK)
        .with("themes/campaign/templates/own.html", template)
        .with("content/own.md", page)
        .build();
    let own = built.text("own/index.html");
    assert_eq!(own, format!("{SAID}|{SAID}|<p>{SAID}</p>|https://party.example/#site-imprint"));
}

#[test]
fn none_is_the_same_as_nothing_said() {
    assert_eq!(with("[imprint]\nlaw = \"none\"").build().artifacts, plain().build().artifacts);
    let text = plain().build();
    assert!(!text.text("index.html").contains("imprint"));
    assert!(!text.text("feed.json").contains("<small>"));
}

#[test]
fn content_from_elsewhere_may_mean_something_else_by_it() {
    let page = "---\ntitle: A\nimprint: true\n---\nText.\n";
    let built = site("").config("front_matter = \"lenient\"").with("content/a.md", page).build();
    assert_eq!(built.codes(), ["unknown-key-kept"]);
}

/// The site after a first build, at a later time.
fn later(site: &Site) -> Site {
    let record = site.build().report.record.expect("a first build writes a record");
    let site = site.clone().with("published.toml", record);
    site.mode(|mode| mode.now = "2026-06-20T08:00:00Z".parse().unwrap())
}

/// Everything in the output that says when something was changed.
fn times(built: &Built) -> Vec<String> {
    let mut times = Vec::new();
    for (path, text) in built
        .artifacts
        .iter()
        .filter_map(|(path, bytes)| Some((path, std::str::from_utf8(bytes).ok()?)))
    {
        let marks = [
            "<updated>",
            "<lastBuildDate>",
            "<lastmod>",
            "\"date_modified\":\"",
            "\"updated\":\"",
            "\"dateModified\":\"",
            "\"serial\":",
            "\"profile\":\"",
        ];
        for mark in marks {
            for rest in text.split(mark).skip(1) {
                let time = rest.split(['<', '"', ',']).next().unwrap();
                times.push(format!("{path} {mark} {time}"));
            }
        }
    }
    times
}

#[test]
fn another_imprint_is_no_edit() {
    let other = UK.replace("Ann & Co", "Bob");
    let before = later(&with(UK));
    let config = String::from_utf8(before.files()["site.toml"].clone()).unwrap();
    let after = before.clone().with("site.toml", config.replace(UK, &other));
    let joint = "+++\ntitle = \"Joint\"\ndate = 2026-05-02\n\
                 imprint = { promoter = { name = \"Cat\", address = \"3 Lane, Town\" } }\n+++\n\
                 With others.\n";
    let after = after.with("content/news/joint.md", joint);
    let (before, after) = (before.build(), after.build());
    assert!(after.text("atom.xml").contains("Promoted by Bob"));
    assert!(post(&after, "news-buses")["content"].as_str().unwrap().contains("Promoted by Bob"));
    assert!(post(&after, "news-joint")["content"].as_str().unwrap().contains("Promoted by Cat"));
    assert!(!after.report.record_changes);
    assert_eq!(times(&after), times(&before));
    assert!(times(&after).len() > 20, "{:?}", times(&after));
    assert_eq!(post(&after, "news-buses")["updated"], Value::Null);
}

#[cfg(feature = "network")]
#[test]
fn nobody_is_sent_an_old_post_again_because_of_another_imprint() {
    use sitegen::federation::site::{Delivered, Index, Look, compare};
    use sitegen::federation::{Approval, Local};

    let local = Local {
        user: "news".to_owned(),
        id: "https://party.example/ap/news/actor.json".to_owned(),
        approval: Approval::Automatic,
    };
    let index = |site: &Site| {
        Index::parse(site.build().text("ap/news/index.json").as_bytes(), &local).unwrap()
    };
    let before = later(&with(UK));
    let config = String::from_utf8(before.files()["site.toml"].clone()).unwrap();
    let changed = before.clone().with("site.toml", config.replace("Ann & Co", "Bob"));
    let Look::First(delivered) = compare(&index(&before), &Delivered::default(), false) else {
        panic!("it was the first look");
    };
    assert_eq!(delivered.posts.len(), 3);
    let nothing = || Look::Changes { due: Vec::new(), missing: Vec::new() };
    assert_eq!(compare(&index(&changed), &delivered, false), nothing());
    let edited = changed.with(
        "content/news/joint.md",
        "+++\ntitle = \"Joint\"\ndate = 2026-05-02\n+++\nWith more.\n",
    );
    assert_ne!(compare(&index(&edited), &delivered, false), nothing());
}

#[test]
fn the_program_makes_every_page_again_when_the_imprint_changes() {
    let folder = with(UK).on_disk();
    folder.expect(0, "build");
    let config = folder.read("site.toml");
    folder.write("site.toml", config.replace("Ann & Co", "Bob"));
    folder.expect(0, "build --locked");
    for page in ["index.html", "404.html", "about/index.html", "cy/news/buses/index.html"] {
        let html = folder.read(&format!("public/{page}"));
        assert!(html.contains(" Bob, ") && !html.contains("Ann"), "{page}: {html}");
    }
}

#[test]
fn a_translation_is_made_again_when_its_original_gets_another_promoter() {
    let folder = with(UK).on_disk();
    folder.expect(0, "build");
    let text = folder.read("content/news/buses.md");
    let own = "+++\nimprint = { promoter = { name = \"Cat\", address = \"3 Lane, Town\" } }\n";
    folder.write("content/news/buses.md", text.replacen("+++\n", own, 1));
    folder.expect(0, "build");
    for output in ["cy/news/buses/index.html", "cy/feed.json", "ap/news/posts/news-buses-cy.json"] {
        assert!(folder.read(&format!("public/{output}")).contains(" Cat, 3 Lane, "), "{output}");
    }
}

#[test]
fn the_program_says_what_the_law_asks_for_and_that_this_is_no_advice() {
    let half = UK.replace("on_behalf_of", "# on_behalf_of");
    let folder = with(&half).on_disk();
    let run = folder.expect(1, "build");
    for words in ["`on_behalf_of`", "site.toml:12:1", "Elections Act 2022", "no legal advice"] {
        assert!(run.err.contains(words), "{words}: {}", run.err);
    }
    assert!(!folder.has("public"));
}

#[test]
fn a_new_site_has_an_imprint_to_fill_in() {
    let folder = Folder::empty();
    folder.expect(0, "new party -u https://party.example --title Party");
    let config = folder.read("party/site.toml");
    assert!(config.contains("no legal advice"), "{config}");
    let start = config.find("# [imprint]").unwrap();
    let block = config[start..].lines().take_while(|line| line.starts_with("# "));
    let block: String = block.map(|line| format!("{}\n", &line[2..])).collect();
    folder.write("party/site.toml", format!("{config}\n{block}"));
    folder.expect(0, "build --root party");
    let page = folder.read("party/public/index.html");
    assert!(page.contains("Promoted by Your Agent, of 1 High Street"), "{page}");
}
