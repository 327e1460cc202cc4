//! How people follow the site, and reply to it.

use crate::fixture::{Built, Site, site};
use crate::look::{all_between, between, main_of};

const KEY: &str = include_str!("keys/news.pem");

const NAME: &str = "@news@party.example";
const ACTOR: &str = "https://party.example/ap/news/actor.json";

fn plain() -> Site {
    site(
        "
-- site.toml --
base_url = \"https://party.example\"
title = \"The Party\"
generate_follow = true
[languages.cy]
title = \"Y Blaid\"
-- content/news/buses.md --
+++
title = \"Buses & <trains>\"
date = 2026-05-01T10:00:00Z
+++
The last bus.
-- content/about.md --
+++
title = \"About us\"
+++
We.
",
    )
}

fn party() -> Site {
    plain()
        .config(
            "[follow]\nbluesky = \"@Party.example\"\nemail = \"https://lists.party.example/join\"",
        )
        .config("[[actors]]\nuser = \"news\"\nname = \"News & views\"")
        .with("keys/news.pem", KEY)
}

/// The titles of the ways to follow.
fn ways<'b>(built: &'b Built, page: &str) -> Vec<&'b str> {
    all_between(main_of(built.text(page)), "<h2>", "</h2>")
}

#[test]
fn the_page_shows_all_there_is_in_each_language() {
    let built = party().build();
    let all = ["Mastodon and the fediverse", "Bluesky", "E-mail", "Feed reader"];
    assert_eq!(ways(&built, "follow/index.html"), all);
    assert_eq!(ways(&built, "cy/follow/index.html").len(), 4);
    let page = main_of(built.text("follow/index.html"));
    for part in [
        &format!("<a href=\"/\">News &amp; views</a><br><code id=\"site-follow-1\">{NAME}</code>"),
        &format!("name=\"uri\" value=\"{ACTOR}\""),
        "href=\"https://bsky.app/profile/party.example\">@party.example</a>",
        "href=\"https://lists.party.example/join\"",
        "<code id=\"site-feed-1\">https://party.example/atom.xml</code>",
    ] {
        assert!(page.contains(part), "no {part} in\n{page}");
    }
    assert!(built.has("follow/follow.js"));
}

#[test]
fn what_there_is_not_is_not_on_the_page() {
    assert_eq!(ways(&plain().build(), "follow/index.html"), ["Feed reader"]);
    let config = "base_url = \"https://party.example\"\ntitle = \"The Party\"\n\
                  generate_follow = true\ngenerate_feeds = false\n\
                  [follow]\nemail = \"a@b.example\"\n";
    let built = plain().with("site.toml", config).build();
    assert_eq!(ways(&built, "follow/index.html"), ["E-mail"]);
    let page = main_of(built.text("follow/index.html"));
    assert!(
        page.contains("<a class=\"button\" href=\"mailto:a@b.example\">a@b.example</a>"),
        "{page}"
    );
}

#[test]
fn a_name_on_bluesky_is_shown_once_and_who_has_moved_is_not() {
    let account = "[[actors]]\nuser = \"nia\"\nmoved_to = \"https://social.example/users/nia\"\n\
                   bluesky_did = \"did:plc:ewvi7nxzyoun6zhxrhs64oiz\"";
    let built = party().config(account).with("keys/nia.pem", KEY).build();
    let page = main_of(built.text("follow/index.html"));
    assert_eq!(page.matches("https://bsky.app/profile/").count(), 1, "{page}");
    assert!(!page.contains("@nia@"), "{page}");
}

#[test]
fn without_scripts_links_lead_to_large_servers() {
    let built = party().build();
    let links = between(built.text("follow/index.html"), "<noscript>", "</noscript>");
    let first = "<a href=\"https://mastodon.social/authorize_interaction?\
                 uri=https%3A%2F%2Fparty.example%2Fap%2Fnews%2Factor.json\">mastodon.social</a>";
    assert!(links.contains(first), "{links}");
}

#[test]
fn below_a_post_stands_how_to_reply_and_below_other_pages_nothing() {
    let built = party().build();
    let page = built.text("news/buses/index.html");
    let post = between(page, "rel=\"alternate\" type=\"application/activity+json\" href=\"", "\"");
    let section = between(page, "<section class=\"way\"", "</section>");
    for part in [
        &format!("name=\"uri\" value=\"{post}\">Reply</button>"),
        &format!("name=\"uri\" value=\"{ACTOR}\">Follow</button>"),
        "value=\"Buses &amp; &lt;trains&gt; https://party.example/news/buses/\">Share</button>",
        &format!("<code>{post}</code>"),
        "<a href=\"/follow/\">",
        NAME,
    ] {
        assert!(section.contains(part), "no {part} in\n{section}");
    }
    assert!(!built.text("about/index.html").contains("<section class=\"way\""));
    assert!(!built.text("about/index.html").contains("follow.js"));
    // The text shown in another language is no post of that language.
    assert!(!built.text("cy/news/buses/index.html").contains("<section class=\"way\""));
}

#[test]
fn a_site_that_does_not_want_it_has_nothing_of_it() {
    let without = site(&format!(
        "-- site.toml --\nbase_url = \"https://party.example\"\ntitle = \"The Party\"\n\
         [[actors]]\nuser = \"news\"\n-- keys/news.pem --\n{KEY}\n\
         -- content/news/buses.md --\n+++\ntitle = \"Buses\"\ndate = 2026-05-01\n+++\nBuses.\n"
    ))
    .build();
    assert_eq!(without.ending("").filter(|(path, _)| path.contains("follow/")).count(), 0);
    for (path, html) in without.ending(".html") {
        assert!(!html.to_lowercase().contains("follow"), "{path}");
    }
}

#[test]
fn a_theme_with_a_frame_of_its_own_has_the_page_too() {
    let frame =
        "<!DOCTYPE html><title>{{ head.title }}</title><main>{% block main %}{% endblock %}</main>";
    let built = party().with("themes/campaign/templates/base.html", frame).build();
    assert!(built.text("follow/index.html").starts_with("<!DOCTYPE html><title>Follow us</title>"));
    assert_eq!(ways(&built, "follow/index.html").len(), 4);
}

#[test]
fn an_article_with_its_style_and_scripts_is_smaller_than_50_kb() {
    let sentence = "The last bus leaves at ten to six, and **nobody** asked those who wait. ";
    let text = format!("+++\ntitle = \"Buses\"\ndate = 2026-05-01\n+++\n{}", sentence.repeat(70));
    let built = party().with("content/news/buses.md", text).build();
    let files = ["news/buses/index.html", "campaign.css", "follow/follow.js"];
    let sizes = files.map(|path| built.text(path).len());
    assert!(sizes.iter().sum::<usize>() < 50_000, "{sizes:?}");
}

#[test]
fn who_has_events_offers_a_calendar() {
    let page = "-- site.toml --\nbase_url = \"https://party.example\"\ntitle = \"P\"\n\
                generate_follow = true\n-- content/a.md --\n+++\ntitle = \"A\"\n+++\n";
    let without = site(page).build();
    assert!(!without.text("follow/index.html").contains("webcal:"));
    let event = page.replace("\"A\"", "\"A\"\nkind = \"event\"\nstart = 2026-07-01");
    let built = site(&event).build();
    let link = "href=\"webcal://party.example/calendar.ics\"";
    assert!(built.text("follow/index.html").contains(link));
}

#[test]
fn a_warning_about_following_does_not_keep_the_site_back() {
    let text = "-- site.toml --\nbase_url = \"https://party.example\"\ntitle = \"P\"\n[follow]\n\
                -- content/a.md --\n+++\ntitle = \"A\"\n+++\n";
    let built = site(text).build();
    assert_eq!(built.codes(), ["follow-not-generated"]);
    assert!(built.has("a/index.html"));
}
