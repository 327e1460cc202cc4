//! Kinds of content besides events: what they say, how they look, what is wrong in them.

use serde_json::Value;

use crate::fixture::{Built, Site, site};
use crate::look::{all_between, between, main_of};

fn page(front: &str) -> Built {
    site(&format!("-- content/a.md --\n+++\ntitle = \"A\"\n{front}\n+++\nText.\n")).build()
}

fn json_ld(built: &Built, path: &str) -> Value {
    let script = between(built.text(path), "<script type=\"application/ld+json\">", "</script>");
    serde_json::from_str(script).unwrap()
}

/// The words of some HTML.
fn words(html: &str) -> String {
    let text: String =
        html.split('<').map(|part| part.split_once('>').map_or(part, |(_, text)| text)).collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn a_section_says_what_its_pages_are_and_a_page_can_say_another() {
    let built = site(
        r#"
-- content/people/_index.md --
+++
title = "People"
kind = "person"
+++
-- content/people/ann.md --
+++
title = "Ann"
role = "Candidate"
+++
-- content/people/staff/ben.md --
+++
title = "Ben"
role = "Treasurer"
+++
-- content/people/hall.md --
+++
title = "The hall"
kind = "page"
+++
"#,
    )
    .build();
    assert_eq!(json_ld(&built, "people/ann/index.html")["mainEntity"]["jobTitle"], "Candidate");
    assert_eq!(
        json_ld(&built, "people/staff/ben/index.html")["mainEntity"]["jobTitle"],
        "Treasurer"
    );
    assert_eq!(json_ld(&built, "people/hall/index.html")["@type"], "WebPage");
}

#[test]
fn a_person_has_a_role_a_ward_and_ways_to_be_reached() {
    let built = site(
        r#"
-- site.toml --
base_url = "https://party.example"
title = "The Party"
taxonomies = [{ name = "authors", feed = true }]
-- content/ann.md --
+++
title = "Ann Jones"
kind = "person"
role = "Candidate"
ward = "North"
pronouns = "she/her"
email = "ann@party.example"
phone = "01632 960 000"
links = ["https://social.example/@ann"]
+++
-- content/news.md --
+++
title = "News"
date = 2026-05-01
authors = ["Ann Jones"]
+++
"#,
    )
    .build();
    let page = main_of(built.text("ann/index.html"));
    assert_eq!(words(between(page, "<p class=\"role\">", "</p>")), "Candidate · she/her");
    assert_eq!(
        words(between(page, "<dl class=\"facts\">", "</dl>")),
        "WardNorth Emailann@party.example Phone01632 960 000 Elsewheresocial.example/@ann"
    );
    assert!(page.contains("<a href=\"tel:01632960000\">"));
    assert!(page.contains("<a rel=\"me\" href=\"https://social.example/@ann\">"));
    assert!(page.contains("href=\"/authors/ann-jones/\">Everything by Ann Jones</a>"));
    let data = &json_ld(&built, "ann/index.html")["mainEntity"];
    assert_eq!(data["sameAs"][0], "https://social.example/@ann");
}

#[test]
fn a_press_release_tells_journalists_whom_to_ask() {
    let built = page(
        "kind = \"press\"\ndate = 2026-05-01\n\
         contact = { name = \"Ann <A>\", email = \"press@party.example\" }\n\
         notes = [\"One & only.\", \"Two.\"]",
    );
    let aside = between(built.text("a/index.html"), "<aside class=\"press\">", "</aside>");
    assert_eq!(
        words(&aside.replace("&lt;", "‹").replace("&gt;", "›")),
        "Press contact Ann ‹A›press@party.example Notes for editors One &amp; only. Two."
    );
    assert_eq!(json_ld(&built, "a/index.html")["@type"], "NewsArticle");
    let feed = built.text("feed.json");
    let feed: Value = serde_json::from_str(feed).unwrap();
    let content = feed["items"][0]["content_html"].as_str().unwrap();
    assert!(
        content.contains("<p>Press contact: Ann &lt;A&gt;, press@party.example</p>"),
        "{content}"
    );
    assert!(content.contains("<li>One &amp; only.</li>"));
}

#[test]
fn nobody_reads_a_release_before_its_embargo_ends() {
    let text = "-- content/2026-05-01-a.md --\n+++\ntitle = \"A\"\nkind = \"press\"\n\
                embargo = 2026-06-01T14:00:00+01:00\n+++\nSecret.\n";
    let at = |now: &str| site(text).mode(|mode| mode.now = now.parse().unwrap()).build();
    let early = at("2026-06-01T12:59:59Z");
    assert!(early.artifacts.values().all(|bytes| !bytes.windows(6).any(|w| w == b"Secret")));
    assert_eq!(early.report.next_change.as_deref(), Some("2026-06-01T14:00:00+01:00"));
    assert!(at("2026-06-01T13:00:00Z").text("a/index.html").contains("Secret"));
}

#[test]
fn a_form_may_be_sent_to_where_it_goes_and_nowhere_else() {
    let built = site(
        r#"
-- site.toml --
base_url = "https://party.example"
title = "The Party"
host = "netlify"
-- content/join.md --
+++
title = "Join"
+++
-- content/save.md --
+++
title = "Save the baths"
kind = "campaign"
actions = [{ title = "Join us", url = "@/join.md" }]

[form]
action = "https://forms.example/submit/7"
button = "Sign"
privacy = "We delete it after the vote."
fields = [
  { name = "email", label = "Your <email>", type = "email", required = true },
  { name = "why", label = "Why?", type = "textarea" },
  { name = "list", label = "Write to me", type = "checkbox" },
  { name = "id", type = "hidden", value = "baths" },
]
+++
"#,
    )
    .build();
    let page = main_of(built.text("save/index.html"));
    assert!(page.contains("<a class=\"button\" href=\"/join/\">Join us</a>"));
    let form = between(page, "<form class=\"form\"", "</form>");
    assert!(form.starts_with(" action=\"https://forms.example/submit/7\" method=\"post\">"));
    assert!(form.contains("We delete it after the vote.<br>It is sent to forms.example."));
    assert!(form.contains(
        "<input type=\"email\" name=\"email\" value=\"\" autocomplete=\"email\" required>"
    ));
    assert!(form.contains("<input type=\"hidden\" name=\"id\" value=\"baths\">"));
    assert!(form.contains("Your &lt;email&gt;"));
    let headers = built.text("_headers");
    assert!(
        headers.contains("form-action 'self' https://forms.example;")
            || headers.contains("form-action 'self' https://forms.example\n"),
        "{headers}"
    );
}

#[test]
fn a_link_in_a_list_is_checked_like_one_in_the_text() {
    let built = site(
        "-- content/a.md --\n+++\ntitle = \"A\"\nkind = \"links\"\n\
         links = [{ title = \"Nowhere\", url = \"@/nowhere.md\" }]\n+++\n",
    )
    .try_build();
    assert_eq!(built.codes(), ["broken-link"]);
}

#[test]
fn a_page_of_links_has_large_ones() {
    let built = page(
        "kind = \"links\"\nlinks = [{ title = \"Shop\", url = \"https://shop.example\", description = \"Mugs\" }]",
    );
    let list = between(built.text("a/index.html"), "<ul class=\"link-list\">", "</ul>");
    assert_eq!(words(list), "Shop Mugs");
    assert!(list.contains("href=\"https://shop.example\""));
}

#[test]
fn branches_come_from_a_data_file_and_lead_to_their_events() {
    let built = site(
        r#"
-- site.toml --
base_url = "https://party.example"
title = "The Party"
taxonomies = [{ name = "branches" }]
-- data/branches.csv --
name,area,email
North,"Hill",north@party.example
South,,
-- content/local.md --
+++
title = "Branches"
kind = "branches"
data = { branches = "branches.csv" }
+++
-- content/fair.md --
+++
title = "Fair"
kind = "event"
start = 2026-07-01
branches = ["North"]
+++
"#,
    )
    .build();
    let page = main_of(built.text("local/index.html"));
    let cards: Vec<String> =
        all_between(page, "<article", "</article>").into_iter().map(words).collect();
    assert_eq!(cards, ["North Hill north@party.example All events: North", "South"]);
    assert!(page.contains("<h2><a href=\"/branches/north/\">North</a></h2>"));
    assert!(built.has("branches/north/calendar.ics"));
}

#[test]
fn the_accounts_of_the_site_and_of_its_people_are_all_on_one_page() {
    let built = site(
        r#"
-- content/accounts.md --
+++
title = "Our accounts"
kind = "accounts"
accounts = [{ name = "Pictures", handle = "@party", url = "https://pictures.example/party" }]
+++
-- content/ann.md --
+++
title = "Ann"
kind = "person"
links = ["https://social.example/@ann"]
+++
"#,
    )
    .build();
    let page = main_of(built.text("accounts/index.html"));
    let lists: Vec<String> =
        all_between(page, "<ul class=\"accounts\">", "</ul>").into_iter().map(words).collect();
    assert_eq!(lists, ["Pictures @party", "Ann social.example/@ann"]);
    assert!(page.contains("<a rel=\"me\" href=\"https://pictures.example/party\">"));
}

#[test]
fn lenient_front_matter_keeps_what_is_of_no_kind() {
    let text = "-- site.toml --\nbase_url = \"https://party.example\"\ntitle = \"P\"\n\
                front_matter = \"lenient\"\n\
                -- themes/campaign/templates/page.html --\n{{ page.extra.role }} {{ page.kind }}\n\
                -- content/a.md --\n+++\ntitle = \"A\"\nrole = \"Cook\"\n+++\n";
    let built = site(text).build();
    assert_eq!(built.text("a/index.html").trim(), "Cook page");
    assert_eq!(built.codes(), ["unknown-key-kept"]);
}

#[test]
fn a_theme_may_have_a_template_for_a_kind() {
    let text = "-- themes/campaign/templates/event.html --\n{{ page.details.start.time }}\n\
                -- themes/campaign/templates/event_list.html --\n{{ section.kind }}\n\
                -- content/e/_index.md --\n+++\ntitle = \"E\"\nkind = \"event\"\n+++\n\
                -- content/e/a.md --\n+++\ntitle = \"A\"\nstart = 2026-07-01T19:05\n+++\n";
    let built = site(text).build();
    assert_eq!(built.text("e/a/index.html").trim(), "19:05");
    assert_eq!(built.text("e/index.html").trim(), "event");
}

const BUSES: &str = r#"
-- content/policies/_index.md --
+++
title = "Policies"
kind = "policy"
+++
-- content/policies/old/buses.md --
+++
title = "Buses 2024"
version = "2024"
+++
## Evenings

The last bus leaves at seven.

Gone for good.
-- content/policies/buses.md --
+++
title = "Buses"
version = "2026"
replaces = "@/policies/old/buses.md"
+++
Why we care.

## Evenings

The last bus leaves at ten. {#late}

More *drivers* are needed now than ever before.

- An item is no paragraph.

> Nor is a quotation.

## Sundays

Eight journeys.
-- content/news.md --
+++
title = "News"
date = 2026-05-01
+++
[Late buses](@/policies/buses.md#late) and
[drivers](@/policies/buses.md#more-drivers-are-needed-now-than).
"#;

#[test]
fn the_paragraphs_of_a_policy_have_numbers_and_addresses() {
    let built = site(BUSES).build();
    let prose = between(built.text("policies/buses/index.html"), "<div class=\"prose\">", "</div>");
    let paragraphs: Vec<&str> = prose.lines().filter(|line| line.contains("numbered")).collect();
    assert_eq!(
        paragraphs,
        [
            "<p class=\"numbered\" id=\"why-we-care\">Why we care.</p>",
            "<p class=\"numbered\" id=\"late\"><a class=\"number\" href=\"#late\">1.1</a> \
             The last bus leaves at ten.</p>",
            "<p class=\"numbered\" id=\"more-drivers-are-needed-now-than\">\
             <a class=\"number\" href=\"#more-drivers-are-needed-now-than\">1.2</a> \
             More <em>drivers</em> are needed now than ever before.</p>",
            "<p class=\"numbered\" id=\"eight-journeys\"><a class=\"number\" \
             href=\"#eight-journeys\">2.1</a> Eight journeys.</p>",
        ]
    );
}

#[test]
fn a_link_to_a_paragraph_is_checked() {
    assert!(!site(BUSES).try_build().codes().contains(&"broken-link"));
    let broken = site(&BUSES.replace("#late)", "#never)"));
    assert!(broken.try_build().codes().contains(&"broken-link"));
}

#[test]
fn a_paragraph_keeps_its_address_when_others_come_before_it() {
    let with_more = BUSES.replace(
        "## Evenings\n\nThe last bus leaves at ten",
        "## Evenings\n\nNew.\n\nThe last bus leaves at ten",
    );
    let built = site(&with_more).build();
    let page = built.text("policies/buses/index.html");
    assert!(page.contains("id=\"late\"><a class=\"number\" href=\"#late\">1.2</a>"));
    assert!(page.contains("id=\"eight-journeys\""));
}

#[test]
fn a_policy_says_what_has_changed_since_the_version_before() {
    let built = site(BUSES).build();
    let page = built.text("policies/buses/index.html");
    let changes = between(page, "<details class=\"changes\">", "</details>");
    assert!(changes.contains("What has changed since 2024"));
    let items: Vec<String> =
        all_between(changes, "<li class=\"", "</li>").into_iter().map(words).collect();
    assert_eq!(
        items[..4],
        [
            "New Why we care.",
            "Changed The last bus leaves at seven.ten.",
            "Gone Gone for good.",
            "New More drivers are needed now than ever before.",
        ]
        .map(str::to_owned)
    );
    assert!(changes.contains("<del>seven.</del><ins>ten.</ins>"));
    assert!(!built.text("policies/old/buses/index.html").contains("class=\"changes\""));
}

#[test]
fn feeds_have_neither_numbers_nor_what_names_an_id() {
    let dated = BUSES.replace("version = \"2026\"", "version = \"2026\"\ndate = 2026-05-02");
    let feed = site(&dated).build().text("feed.json").to_owned();
    let feed: Value = serde_json::from_str(&feed).unwrap();
    let content = feed["items"][0]["content_html"].as_str().unwrap();
    assert!(content.contains("<p>The last bus leaves at ten.</p>"), "{content}");
    assert!(!content.contains("numbered"));
}

#[test]
fn front_matter_that_cannot_be_read_is_one_mistake() {
    let text = "-- content/e/_index.md --\n+++\ntitle = \"E\"\nkind = \"event\"\n+++\n\
                -- content/e/a.md --\n+++\ntitle = \"A\"\nstart = 15.12.2026\n+++\n";
    assert_eq!(site(text).try_build().codes(), ["syntax"]);
}

#[test]
fn a_version_that_has_expired_is_no_mistake() {
    let gone = BUSES.replace("version = \"2024\"", "version = \"2024\"\nexpires = 2026-05-01");
    let built = site(&gone).build();
    assert!(!built.text("policies/buses/index.html").contains("class=\"changes\""));
}

#[test]
fn pictures_do_not_change_the_address_of_a_paragraph() {
    let text = BUSES
        .replace("Eight journeys.", "![A bus](/bus.png)\n\n![A bus](/bus.png) Eight journeys.")
        .replace("#late", "#eight-journeys");
    let built = site(&text).with("static/bus.png", include_bytes!("../../static/img/icon.png"));
    let built = built.build();
    assert!(built.text("policies/buses/index.html").contains("id=\"eight-journeys\""));
}

#[test]
fn two_texts_that_have_nothing_in_common_are_compared_at_once() {
    let words = |seed: usize| {
        let word = |n: usize| format!("w{}", (n * 7919 + seed) % 100_003);
        let paragraph = |p: usize| (0..80).map(|n| word(p * 80 + n)).collect::<Vec<_>>().join(" ");
        (0..300).map(paragraph).collect::<Vec<_>>().join("\n\n")
    };
    let text = format!(
        "-- content/old.md --\n+++\ntitle = \"Old\"\nkind = \"policy\"\n+++\n{}\n\
         -- content/new.md --\n+++\ntitle = \"New\"\nkind = \"policy\"\n\
         replaces = \"@/old.md\"\n+++\n{}\n",
        words(0),
        words(50_000),
    );
    let built = site(&text).build();
    let page = built.text("new/index.html");
    assert_eq!(page.matches("<li class=\"added\">").count(), 300);
    assert_eq!(page.matches("<li class=\"removed\">").count(), 300);
}

#[test]
fn what_another_program_means_by_a_key_is_no_edit() {
    let text = "-- site.toml --\nbase_url = \"https://party.example\"\ntitle = \"P\"\n\
                front_matter = \"lenient\"\n\
                -- content/a.md --\n+++\ntitle = \"A\"\nversion = \"1\"\n+++\nText.\n";
    let hash = |text: &str| {
        let record = site(text).build().report.record.unwrap();
        record.lines().find(|line| line.starts_with("hash")).unwrap().to_owned()
    };
    assert_eq!(hash(text), hash(&text.replace("version = \"1\"", "version = \"2\"")));
}

#[test]
fn a_section_that_has_nothing_yet_is_not_offered_on_the_front_page() {
    let empty = site(
        "
-- content/press/_index.md --
+++
title = \"Press\"
description = \"For journalists.\"
kind = \"press\"
+++
-- content/about/_index.md --
+++
title = \"About\"
+++
Us.
",
    );
    let front = |site: &Site| site.build().text("index.html").to_owned();
    let boxes = front(&empty);
    let boxes = between(&boxes, "<ul class=\"cards subsections\">", "</ul>");
    assert!(boxes.contains("About") && !boxes.contains("Press"), "{boxes}");
    let none = front(&empty.without("content/about/_index.md"));
    assert!(!none.contains("subsections"), "{none}");
    let full = empty.with("content/press/a.md", "+++\ntitle = \"A\"\n+++\nText.\n");
    let boxes = front(&full);
    let boxes = between(&boxes, "<ul class=\"cards subsections\">", "</ul>");
    assert!(boxes.contains("Press"), "{boxes}");
}

#[test]
fn the_newest_texts_on_the_front_page_have_a_heading_above_their_own() {
    let post = "+++\ntitle = \"A\"\ndate = 2026-05-01\n+++\nText.\n";
    let built = site("").with("content/news/a.md", post).build();
    let front = built.text("index.html");
    let latest = between(front, "<h2 id=\"site-latest\">", "</section>");
    assert!(latest.starts_with("Latest news</h2>"), "{latest}");
    assert!(latest.contains("<h3><a href=\"/news/a/\">A</a></h3>"), "{latest}");
    assert!(!site("").build().text("index.html").contains("Latest news"));
}

#[test]
fn a_list_says_which_events_have_moved_until_they_are_over() {
    let event = |day: &str| {
        let keys = format!("start = {day}\nmoved_from = 2026-05-20");
        format!("+++\ntitle = \"Fair\"\nkind = \"event\"\n{keys}\n+++\nText.\n")
    };
    let list = |day: &str| {
        let index = "+++\ntitle = \"Events\"\nkind = \"event\"\n+++\n";
        let events = site("").with("content/events/_index.md", index);
        let built = events.with("content/events/fair.md", event(day)).build();
        between(built.text("events/index.html"), "<ul class=\"events\">", "</ul>").to_owned()
    };
    let badge = "<strong class=\"badge\">Moved</strong>";
    assert!(list("2026-07-05").contains(badge), "{}", list("2026-07-05"));
    assert!(!list("2026-05-25").contains(badge), "{}", list("2026-05-25"));
}

#[test]
fn a_number_in_yaml_is_the_text_of_the_translation_too() {
    let original = "---\ntitle: Nia\nkind: person\nward: 2027\nlinks: []\n---\nHello.\n";
    let built = site("")
        .config("[languages.cy]")
        .with("content/nia.md", original)
        .with("content/nia.cy.md", "+++\ntitle = \"Nia\"\n+++\nHelo.\n")
        .build();
    for page in ["nia/index.html", "cy/nia/index.html"] {
        assert!(built.text(page).contains("<dd>2027</dd>"), "{page}: {}", built.text(page));
    }
}

#[test]
fn html_that_is_shown_as_text_is_in_the_address_of_a_paragraph_for_links_too() {
    let policy = "+++\ntitle = \"Buses\"\nkind = \"policy\"\n+++\n## A <b>bold</b> plan\n\nTen <i>more</i> buses.\n\n<div>A box</div>\n";
    let built = site("").with("content/buses.md", policy).try_build();
    let html = built.text("buses/index.html");
    let prose = between(html, "<div class=\"prose\">", "\n  </div>");
    let ids = all_between(prose, " id=\"", "\"");
    assert_eq!(ids.len(), 3, "{prose}");
    let links: String = ids.iter().map(|id| format!("[x](@/buses.md#{id}) ")).collect();
    let page = format!("+++\ntitle = \"A\"\n+++\n{links}\n");
    let linked = site("").with("content/buses.md", policy).with("content/a.md", page).try_build();
    assert!(!linked.codes().contains(&"broken-link"), "{ids:?}: {}", linked.messages());
}
