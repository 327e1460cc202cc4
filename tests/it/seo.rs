//! What search engines and social media read.

use std::collections::BTreeSet;

use crate::fixture::{Built, Site, site};
use crate::look::{all_between, assert_head, between};

fn plain() -> Site {
    site(
        "
-- site.toml --
base_url = \"https://party.example/branch\"
title = \"The Party\"
description = \"We & you\"
author = \"The Party of Example\"
image = \"/share.png\"
image_alt = \"Our logo\"
taxonomies = [{ name = \"tags\" }, { name = \"authors\" }]
[languages.cy]
title = \"Y Blaid\"
-- static/share.png --
PNG
-- content/news/first/index.md --
+++
title = \"First & \\\"last\\\" </script>\"
description = \"What it is about\"
date = 2026-05-01T10:00:00+01:00
updated = 2026-05-03
authors = [\"Ann Jones\", \"Bob\"]
tags = [\"Rivers\"]
image = \"weir.jpg\"
image_alt = \"The weir\"
aliases = [\"/old/\"]
+++
Text.
-- content/news/first/weir.jpg --
JPEG
-- content/about.md --
+++
title = \"About\"
+++
We are the party.
",
    )
}

/// The value of an `OpenGraph` property.
fn graph<'a>(html: &'a str, property: &str) -> Option<&'a str> {
    let rest = html.split_once(&format!("<meta property=\"{property}\" content=\""))?.1;
    rest.split_once('"').map(|(value, _)| value)
}

/// The JSON-LD of a document.
#[track_caller]
fn json_ld(built: &Built, path: &str) -> serde_json::Value {
    let script = between(built.text(path), "<script type=\"application/ld+json\">", "</script>");
    serde_json::from_str(script).unwrap()
}

fn addresses(built: &Built) -> BTreeSet<&str> {
    all_between(built.text("sitemap.xml"), "<loc>", "</loc>").into_iter().collect()
}

#[test]
fn the_sitemap_has_every_page_list_and_term_once_and_nothing_else() {
    let built = plain().build();
    let base = "https://party.example/branch/";
    let paths: Vec<&str> =
        addresses(&built).into_iter().map(|url| url.strip_prefix(base).unwrap()).collect();
    assert_eq!(
        paths,
        [
            "",
            "about/",
            "authors/",
            "authors/ann-jones/",
            "authors/bob/",
            "cy/",
            "cy/authors/",
            "cy/authors/ann-jones/",
            "cy/authors/bob/",
            "cy/news/",
            "cy/tags/",
            "cy/tags/rivers/",
            "news/",
            "news/first/",
            "tags/",
            "tags/rivers/",
        ]
    );
    let all = all_between(built.text("sitemap.xml"), "<loc>", "</loc>");
    assert_eq!(all.len(), paths.len(), "each once");
    let first = between(built.text("sitemap.xml"), "/news/first/</loc>", "</url>");
    assert!(first.contains("<lastmod>2026-05-03T00:00:00+00:00</lastmod>"), "{first}");
}

#[test]
fn sitemap_and_robots_can_be_switched_off_or_brought_along() {
    let text = "-- content/a.md --\n+++\ntitle = \"A\"\n+++\n";
    let off = site(text).config("generate_sitemap = false\ngenerate_robots_txt = false").build();
    assert!(!off.has("sitemap.xml") && !off.has("robots.txt"));
    let no_map = site(text).config("generate_sitemap = false").build();
    assert!(!no_map.text("robots.txt").contains("Sitemap"));
    let own = site(text).with("static/robots.txt", "mine").with("static/sitemap.xml", "mine");
    let own = own.build();
    assert_eq!((own.text("robots.txt"), own.text("sitemap.xml")), ("mine", "mine"));
}

#[test]
fn robots_are_welcome_and_told_where_the_sitemap_is() {
    let built = plain().build();
    assert_eq!(
        built.text("robots.txt"),
        "User-agent: *\nAllow: /\nSitemap: https://party.example/branch/sitemap.xml\n"
    );
}

#[test]
fn each_language_has_an_error_page_that_is_not_indexed() {
    let built = plain().build();
    for (path, home) in [("404.html", "/branch/"), ("cy/404.html", "/branch/cy/")] {
        let html = built.text(path);
        assert_head(html, "<meta name=\"robots\" content=\"noindex\">");
        assert!(!html.contains("rel=\"canonical\""), "{path}");
        assert!(html.contains(&format!("class=\"button\" href=\"{home}\"")), "{path}");
    }
    let own = plain().with("static/404.html", "mine").build();
    assert_eq!(own.text("404.html"), "mine");
}

#[test]
fn the_favicon_is_there_and_can_be_replaced() {
    let built = plain().build();
    assert!(built.text("favicon.svg").contains("<svg"));
    assert_head(
        built.text("about/index.html"),
        "type=\"image/svg+xml\" href=\"/branch/favicon.svg\"",
    );
    let own = plain().with("static/favicon.svg", "mine").build();
    assert_eq!(own.text("favicon.svg"), "mine");
}

#[test]
fn every_page_names_its_canonical_address() {
    let built = plain().build();
    let base = "https://party.example/branch/";
    for path in ["", "about/", "news/", "news/first/", "tags/", "tags/rivers/", "cy/"] {
        let html = built.text(&format!("{path}index.html"));
        assert_head(html, &format!("<link rel=\"canonical\" href=\"{base}{path}\">"));
    }
    assert!(
        built.text("old/index.html").contains(&format!("\"canonical\" href=\"{base}news/first/\""))
    );
}

#[test]
fn social_media_get_title_address_description_and_picture() {
    let built = plain().build();
    let html = built.text("news/first/index.html");
    assert_eq!(graph(html, "og:type"), Some("article"));
    assert_eq!(graph(html, "og:title"), Some("First &amp; &quot;last&quot; &lt;/script&gt;"));
    assert_eq!(graph(html, "og:url"), Some("https://party.example/branch/news/first/"));
    assert_eq!(graph(html, "og:description"), Some("What it is about"));
    assert_eq!(graph(html, "og:image"), Some("https://party.example/branch/news/first/weir.jpg"));
    assert_eq!(graph(html, "og:image:alt"), Some("The weir"));
    assert_eq!(graph(html, "og:site_name"), Some("The Party"));
    assert_eq!(graph(html, "article:published_time"), Some("2026-05-01T10:00:00+01:00"));
    assert_eq!(graph(html, "article:modified_time"), Some("2026-05-03T00:00:00+00:00"));
    assert_eq!(html.matches("\"article:author\"").count(), 2);
    let about = built.text("about/index.html");
    assert_eq!(graph(about, "og:type"), Some("website"));
    assert_eq!(graph(about, "og:description"), Some("We are the party."));
    assert_eq!(graph(about, "og:image"), Some("https://party.example/branch/share.png"));
    assert_eq!(graph(about, "og:image:alt"), Some("Our logo"));
}

#[test]
fn a_long_beginning_is_cut_between_words_for_the_description() {
    let text = "word ".repeat(80);
    let built = site(&format!("-- content/a.md --\n+++\ntitle = \"A\"\n+++\n{text}\n")).build();
    let description = graph(built.text("a/index.html"), "og:description").unwrap();
    assert!(description.chars().count() <= 201 && description.ends_with("word…"), "{description}");
}

#[test]
fn the_front_page_describes_the_site_to_machines() {
    let built = plain().build();
    let json = json_ld(&built, "index.html");
    assert_eq!(json["@context"], "https://schema.org");
    assert_eq!(json["@type"], "WebSite");
    assert_eq!(json["name"], "The Party");
    assert_eq!(json["description"], "We & you");
    assert_eq!(json["url"], "https://party.example/branch/");
    assert_eq!(json["publisher"]["name"], "The Party of Example");
    assert_eq!(json_ld(&built, "cy/index.html")["inLanguage"], "cy");
    assert_eq!(json_ld(&built, "cy/index.html")["name"], "Y Blaid");
}

#[test]
fn an_article_names_its_title_dates_and_authors_to_machines() {
    let built = plain().build();
    let json = json_ld(&built, "news/first/index.html");
    assert_eq!(json["@type"], "Article");
    assert_eq!(json["headline"], "First & \"last\" </script>");
    assert_eq!(json["datePublished"], "2026-05-01T10:00:00+01:00");
    assert_eq!(json["dateModified"], "2026-05-03T00:00:00+00:00");
    assert_eq!(json["inLanguage"], "en");
    assert_eq!(json["image"], "https://party.example/branch/news/first/weir.jpg");
    assert_eq!(json["author"][0]["name"], "Ann Jones");
    assert_eq!(json["author"][0]["url"], "https://party.example/branch/authors/ann-jones/");
    assert_eq!(json["author"][1]["@type"], "Person");
    let about = json_ld(&built, "about/index.html");
    assert_eq!(about["@type"], "WebPage");
    assert_eq!(about["author"]["name"], "The Party of Example");
    assert!(about.get("datePublished").is_none());
}

#[test]
fn the_page_of_an_author_describes_a_person_to_machines() {
    let built = plain().build();
    let json = json_ld(&built, "authors/ann-jones/index.html");
    assert_eq!(json["@type"], "ProfilePage");
    assert_eq!(json["mainEntity"]["@type"], "Person");
    assert_eq!(json["mainEntity"]["name"], "Ann Jones");
    assert!(!built.text("tags/rivers/index.html").contains("ld+json"));
}

#[test]
fn all_addresses_of_a_site_with_a_path_have_it() {
    let built = plain()
        .config("[[languages.cy.menu]]\ntitle = \"Amdanom\"\nurl = \"/cy/about/\"")
        .with(
            "content/links.md",
            "+++\ntitle = \"Links\"\n+++\n[a](/about/) [b](@/about.md) [c](/branch/news/) \
             [d](../about/) ![x](/share.png) {{ button(label=\"x\", url=\"/about/\") }}\n",
        )
        .build();
    assert!(built.report.diagnostics.is_empty(), "{}", built.messages());
    let mut seen = 0;
    for (path, html) in built.ending(".html") {
        for attribute in [" href=\"", " src=\"", "url="] {
            for url in all_between(html, attribute, "\"") {
                let good = ["/branch/", "https://party.example/branch/", "#"];
                assert!(good.iter().any(|start| url.starts_with(start)), "{url} in {path}");
                seen += 1;
            }
        }
    }
    assert!(seen > 100);
    for name in ["rss.xml", "atom.xml", "feed.json", "sitemap.xml", "robots.txt"] {
        let text = built.text(name);
        let urls = text.matches("https://party.example").count();
        assert_eq!(urls, text.matches("https://party.example/branch").count(), "{name}");
    }
}
