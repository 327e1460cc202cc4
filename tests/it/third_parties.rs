//! No page asks another server, unless the site says that it means it.

use crate::fixture::{Built, Site, site};

const FRONT: &str = "+++\ntitle = \"A\"\ndate = 2026-05-01\n+++\n";

fn with(text: &str) -> Site {
    site(&format!("-- content/a.md --\n{FRONT}{text}\n"))
}

/// Where browsers are told to ask others: code, file and line.
fn told(built: &Built) -> Vec<String> {
    let messages = built.messages();
    let places = messages.lines().filter_map(|line| line.split("--> ").nth(1));
    let places: Vec<String> = places.map(str::to_owned).collect();
    assert!(built.codes().iter().all(|code| *code == "third-party"), "{}", built.messages());
    assert_eq!(built.codes().len(), places.len());
    places
}

#[test]
fn a_picture_from_elsewhere_is_told_once_and_where_it_stands() {
    // It is in the summary, and so on the lists of the site and of its tags too.
    let built = with("Look:\n![A bus](https://a.example/ü.jpg?a=1&b=2)").build();
    assert!(built.text("index.html").contains("https://a.example/"));
    assert_eq!(told(&built), ["content/a.md:6:1"]);
    assert!(built.messages().contains("`<img>` tells `a.example` who reads the page"));
}

#[test]
fn so_is_html_of_an_author_and_what_a_shortcode_makes() {
    let html = with("Text.\n\n<video src=\"//a.example/film.webm\"></video>");
    let html = html.config("markdown = { raw_html = true }");
    assert_eq!(told(&html.build()), ["content/a.md:7:1"]);
    let film = "<iframe src=\"https://tube.example/{{ id }}\"></iframe>";
    let shortcode = with("Text.\n\n{{ film(id=\"7\") }}")
        .with("themes/campaign/templates/shortcodes/film.html", film);
    assert_eq!(told(&shortcode.build()), ["content/a.md:7:1"]);
    let picture = with("{{ figure(src=\"https://a.example/x.png\", alt=\"X\") }}");
    assert_eq!(told(&picture.build()), ["content/a.md:5:1"]);
}

#[test]
fn what_a_template_loads_is_told_once_for_all_pages() {
    let template =
        "<main>{{ page.title }}</main>\n<script src=\"https://a.example/x.js\"></script>";
    let built = with("One.")
        .with("content/b.md", FRONT)
        .with("themes/campaign/templates/page.html", template)
        .build();
    assert_eq!(told(&built), ["themes/campaign/templates/page.html:2:14"]);
    assert!(
        built.messages().contains("in `a/index.html` and another file"),
        "{}",
        built.messages()
    );
}

#[test]
fn what_comes_from_the_values_of_a_page_is_told_too() {
    let template = "<main>{{ page.title }}<img alt=\"\" src=\"{{ page.extra.map }}\"></main>";
    let map = "[extra]\nmap = \"https://maps.example/1.png\"";
    let built = site(&format!("-- content/a.md --\n+++\ntitle = \"A\"\n{map}\n+++\nText.\n"))
        .with("themes/campaign/templates/page.html", template)
        .build();
    assert_eq!(told(&built), ["themes/campaign/templates/page.html"]);
    assert!(built.messages().contains("https://maps.example/1.png"), "{}", built.messages());
    assert!(built.messages().contains("in `a/index.html`"), "{}", built.messages());
}

#[test]
fn the_site_itself_and_servers_that_it_names_are_asked_without_a_word() {
    let picture = with("![A bus](https://a.example/bus.jpg)");
    let policy = "content_security_policy = \"default-src 'self'; img-src https://a.example\"";
    assert!(picture.clone().config(policy).build().codes().is_empty());
    let own = with("![A bus](https://party.example/bus.jpg)");
    let own = own.build();
    assert!(own.codes().is_empty(), "{}", own.messages());
}

#[test]
fn a_link_asks_nobody_and_the_theme_neither() {
    let built = with("[Bus](https://a.example/bus.jpg) <https://b.example>")
        .config("generate_search = true\ngenerate_follow = true")
        .build();
    assert!(built.codes().is_empty(), "{}", built.messages());
    let css = built.text("campaign.css");
    assert!(!css.contains("url(") && !css.contains("@import"), "the style loads something");
}
