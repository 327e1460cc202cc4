//! Notices of political advertising (Regulation (EU) 2024/900): every field is said, every cent is
//! counted, and what people and machines get is the same.

use serde_json::{Value, json};

use crate::fixture::{Built, Site, site};
use crate::look::{between, main_of};

const SITE: &str = r#"
-- site.toml --
base_url = "https://party.example"
title = "The Party"

[languages.de]
title = "Die Partei"

[imprint]
law = "eu-ttpa"

[imprint.notices]
sponsor = { name = "The Party & Friends", email = "post@party.example", address = "1 High Street, Town" }
origin = ["private", "inside-eu"]
complaints = "post@party.example"
-- content/notices/_index.md --
+++
title = "Political advertising"
kind = "notice"
+++
-- content/notices/posters.md --
+++
title = "Posters"
period = { from = 2026-01-15, to = 2026-03-08 }
media = ["Lampposts", "Billboards"]
amounts = [
  { what = "Printing", provider = "Printers Ltd", amount = "1200.50 EUR" },
  { what = "Rent", amount = "0.10 EUR" },
  { what = "Paste", amount = "0.20 EUR" },
  { what = "Design", provider = "Ann", benefit = "800 EUR" },
]
campaign = "Council 2026"
method = "Invoices with VAT"
targeting = false
linked_to = { type = "election", name = "Council election", date = 2026-03-08, official = "https://town.example/vote" }
+++
We put them up ourselves.
-- content/notices/posters.de.md --
+++
title = "Plakate"
media = ["Laternen"]
campaign = "Rat 2026"
method = "Rechnungen mit Mehrwertsteuer"
linked_to = { type = "election", name = "Gemeinderatswahl", date = 2026-03-08, official = "https://town.example/wahl" }
+++
-- content/notices/online.md --
+++
title = "Online"
period = { from = 2026-02-15, to = 2026-03-07 }
amounts = [
  { what = "Ads", amount = "450 EUR" },
  { what = "Film", amount = "9000.00 CZK" },
]
sponsor = { name = "Bob", email = "bob@party.example", person = true }
controlled_by = { name = "The Union", email = "union@party.example", address = "2 Road, Town" }
paid_by = { name = "Carol", email = "carol@party.example", person = true }
origin = ["public", "private", "inside-eu", "outside-eu"]
complaints = "https://party.example/complain"
campaign = "Council 2026"
method = "Invoices"
repository = "https://ads.example/1"
suspended = "The first version had no label"
reach = { views = 12840, engagements = 312 }

[[linked_to]]
type = "election"
name = "Council election"
date = 2026-03-08
official = "https://town.example/vote"

[[linked_to]]
type = "legislation"
name = "Act on trees"

[targeting]
groups = "Adults in Town"
data = "Place and age"
logic = "Those who may vote"
ai = "None"
policy = "https://party.example/targeting"
rights = "rights@party.example"
+++
"#;

fn built() -> Built {
    site(SITE).build()
}

fn json(built: &Built, path: &str) -> Value {
    serde_json::from_str(built.text(path)).unwrap()
}

/// The words of some HTML.
fn words(html: &str) -> String {
    let text: String = html
        .split('<')
        .map(|part| part.split_once('>').map_or(part, |(_, text)| text).to_owned() + " ")
        .collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn euro(amounts: &str, benefits: &str, total: &str) -> Value {
    json!({ "currency": "EUR", "amounts": amounts, "benefits": benefits, "total": total })
}

fn koruna() -> Value {
    json!({ "currency": "CZK", "amounts": "9000.00", "benefits": "0.00", "total": "9000.00" })
}

#[test]
fn a_notice_says_every_field_in_plain_words() {
    let built = built();
    let page = words(main_of(built.text("notices/online/index.html")));
    for said in [
        "Transparency notice Online",
        "Sponsor Bob bob@party.example Who",
        "Who ultimately controls the sponsor The Union union@party.example 2 Road, Town",
        "Who pays for the advertisement Carol carol@party.example",
        "Period of publication 15 February 2026 – 7 March 2026",
        "What for Amount Ads EUR 450.00 Film CZK 9,000.00",
        "Total CZK 9,000.00 Total EUR 450.00",
        "The whole campaign Council 2026 : CZK 9,000.00 , EUR 2,450.80",
        "From public funds From private funds From inside the European Union From outside",
        "How the amounts were calculated Invoices",
        "Election: Council election , 8 March 2026 Official information on how to take part",
        "Legislative or regulatory process: Act on trees",
        "In the European repository https://ads.example/1",
        "Report an advertisement that may break the rules party.example/complain",
        "because it broke the rules The first version had no label",
        "Targeting or ad-delivery techniques that use personal data were used.",
        "Who was to see it Adults in Town Personal data used Place and age",
        "Goals, mechanisms and logic Those who may vote Use of artificial intelligence None",
        "Policy on such techniques https://party.example/targeting",
        "Your rights to your data rights@party.example",
        "Reach Views: 12,840 Engagements: 312",
    ] {
        assert!(page.contains(said), "{said}\n{page}");
    }
    let page = words(main_of(built.text("notices/posters/index.html")));
    for said in [
        "Sponsor The Party &amp; Friends post@party.example 1 High Street, Town",
        "Who ultimately controls the sponsor Nobody else",
        "Who pays for the advertisement The sponsor",
        "Where it appears Lampposts Billboards",
        "Printing Printers Ltd EUR 1,200.50 –",
        "Design Ann – EUR 800.00",
        "Together EUR 1,200.80 EUR 800.00 Total EUR 2,000.80",
        "because it broke the rules No",
        "No targeting or ad-delivery techniques that use personal data were used.",
        "We put them up ourselves.",
    ] {
        assert!(page.contains(said), "{said}\n{page}");
    }
    assert_eq!(built.codes(), [""; 0]);
}

#[test]
fn it_speaks_the_language_of_the_page_and_writes_numbers_as_people_there_do() {
    let built = built();
    let page = main_of(built.text("de/notices/posters/index.html"));
    assert!(page.contains("<td>1.200,50\u{a0}EUR</td>"), "{page}");
    let page = words(page);
    for said in [
        "Transparenzbekanntmachung Plakate",
        "15. Januar 2026 – 8. März 2026",
        "Insgesamt 2.000,80 EUR",
        "Wahl: Gemeinderatswahl , 8. März 2026",
        "Methode der Berechnung Rechnungen mit Mehrwertsteuer",
    ] {
        assert!(page.contains(said), "{said}\n{page}");
    }
    let original = main_of(built.text("de/notices/online/index.html"));
    assert!(original.contains("<dd lang=\"en\" dir=\"auto\">Place and age</dd>"), "{original}");
}

#[test]
fn machines_get_the_same_and_every_cent() {
    let built = built();
    let notice = json(&built, "notices/posters/notice.json");
    assert_eq!(
        notice,
        json!({
            "schema": "sitegen/eu-ttpa-notice/1",
            "regulation": "http://data.europa.eu/eli/reg/2024/900/oj",
            "url": "https://party.example/notices/posters/",
            "label_url": "https://party.example/notices/posters/label/",
            "language": "en",
            "title": "Posters",
            "sponsor": { "name": "The Party & Friends", "email": "post@party.example",
                "address": "1 High Street, Town", "person": false },
            "controlled_by": null,
            "paid_by": null,
            "period": { "from": "2026-01-15", "to": "2026-03-08" },
            "media": ["Lampposts", "Billboards"],
            "amounts": [
                { "what": "Printing", "provider": "Printers Ltd", "benefit": null,
                    "amount": { "amount": "1200.50", "currency": "EUR" } },
                { "what": "Rent", "provider": null, "benefit": null,
                    "amount": { "amount": "0.10", "currency": "EUR" } },
                { "what": "Paste", "provider": null, "benefit": null,
                    "amount": { "amount": "0.20", "currency": "EUR" } },
                { "what": "Design", "provider": "Ann", "amount": null,
                    "benefit": { "amount": "800.00", "currency": "EUR" } },
            ],
            "totals": [euro("1200.80", "800.00", "2000.80")],
            "campaign": { "name": "Council 2026", "notices": 2,
                "totals": [koruna(), euro("1650.80", "800.00", "2450.80")] },
            "origin": { "public": false, "private": true, "inside_eu": true, "outside_eu": false },
            "method": "Invoices with VAT",
            "linked_to": [{ "type": "election", "name": "Council election",
                "date": "2026-03-08", "official": "https://town.example/vote" }],
            "repository": null,
            "complaints": "mailto:post@party.example",
            "suspended": null,
            "targeting": null,
            "reach": null,
        })
    );
    let notice = json(&built, "notices/online/notice.json");
    assert_eq!(notice["sponsor"]["address"], Value::Null);
    assert_eq!(notice["complaints"], "https://party.example/complain");
    assert_eq!(notice["targeting"]["rights"], "mailto:rights@party.example");
    assert_eq!(notice["reach"], json!({ "views": 12840, "engagements": 312 }));
    assert_eq!(json(&built, "de/notices/posters/notice.json")["campaign"]["name"], "Rat 2026");
}

#[test]
fn all_notices_are_added_up_for_each_election_and_together() {
    let built = built();
    let all = json(&built, "notices.json");
    let totals = json!([koruna(), euro("1650.80", "800.00", "2450.80")]);
    assert_eq!(all["schema"], "sitegen/eu-ttpa-notices/1");
    assert_eq!(all["totals"], totals);
    assert_eq!(all["linked_to"][0]["name"], "Council election");
    assert_eq!(all["linked_to"][0]["notices"], 2);
    assert_eq!(all["linked_to"][0]["totals"], totals);
    assert_eq!(all["linked_to"][1]["name"], "Act on trees");
    assert_eq!(all["linked_to"][1]["totals"], json!([koruna(), euro("450.00", "0.00", "450.00")]));
    let titles: Vec<&str> =
        all["notices"].as_array().unwrap().iter().map(|n| n["title"].as_str().unwrap()).collect();
    assert_eq!(titles, ["Online", "Posters"], "the newest period first, each text once");
    assert_eq!(all["notices"][1]["json"], "https://party.example/notices/posters/notice.json");
    let list = words(main_of(built.text("notices/index.html")));
    for said in [
        "Council election 8 March 2026 · Notices: 2 CZK 9,000.00 EUR 2,450.80",
        "Act on trees Notices: 1 CZK 9,000.00 EUR 450.00",
        "All notices CZK 9,000.00 EUR 2,450.80",
        "Posters The Party &amp; Friends · 15 January 2026 – 8 March 2026 EUR 2,000.80",
    ] {
        assert!(list.contains(said), "{said}\n{list}");
    }
    assert!(built.text("notices/index.html").contains("<a href=\"/notices.json\">"));
}

#[test]
fn the_label_says_what_it_must_and_leads_to_the_notice() {
    let built = built();
    let page = built.text("notices/online/label/index.html");
    let label = words(between(page, "<div class=\"ad-label small\">", "<svg"));
    assert_eq!(
        label,
        "Political advertisement Sponsor: Bob Controlled by: The Union \
         Council election, 8 March 2026 Act on trees \
         Targeting or ad-delivery techniques that use personal data were used. \
         Transparency notice: party.example/notices/online/"
    );
    let url = "https://party.example/notices/online/";
    assert!(page.contains(&format!("aria-label=\"QR code: {url}\"")), "{page}");
    let html = between(page, "<code>", "</code>");
    for said in ["&lt;strong&gt;Political advertisement&lt;", "Sponsor: Bob", url] {
        assert!(html.contains(said), "{said}: {html}");
    }
    // What is copied is escaped once for the browser it goes to, and once to be shown here.
    let html = between(built.text("notices/posters/label/index.html"), "<code>", "</code>");
    assert!(html.contains("The Party &amp;amp; Friends"), "{html}");
    assert!(page.contains("<meta name=\"robots\" content=\"noindex\">"));
    let german = built.text("de/notices/posters/label/index.html");
    let label = words(between(german, "<div class=\"ad-label large\">", "<svg"));
    assert!(label.starts_with("Politische Werbung Sponsor: The Party"), "{label}");
    assert!(!built.text("sitemap.xml").contains("label"));
}

#[test]
fn the_law_alone_asks_for_no_imprint_and_for_no_notices() {
    let bare = "base_url = \"https://party.example\"\ntitle = \"The Party\"\n";
    let built = site("").with("site.toml", bare).config("[imprint]\nlaw = \"eu-ttpa\"").build();
    assert!(!built.text("index.html").contains("site-imprint"));
    assert_eq!(json(&built, "notices.json")["notices"], json!([]));
    assert_eq!(built.codes(), [""; 0]);
    let without = site("").with("site.toml", bare).build();
    assert!(!without.has("notices.json"));
}

#[test]
fn a_german_party_has_an_imprint_and_notices() {
    let config = "base_url = \"https://partei.example\"\ntitle = \"Die Partei\"\n\
                  [languages.de]\n[imprint]\nlaw = [\"de\", \"eu-ttpa\"]\nname = \"Die Partei e. V.\"\n\
                  address = \"Weg 1, Ort\"\nrepresented_by = []\nemail = \"post@partei.example\"\n\
                  responsible = { name = \"Anna\", address = \"Weg 1, Ort\" }\n";
    let notices = SITE.split_once("[imprint.notices]").unwrap().1;
    let notices = notices.split_once("-- content").unwrap().0;
    let both = site(SITE).with("site.toml", format!("{config}\n[imprint.notices]{notices}"));
    let built = both.build();
    assert!(built.text("notices/posters/index.html").contains("Die Partei e. V."));
    assert!(built.text("notices/posters/label/index.html").contains("id=\"site-imprint\""));
    assert!(built.has("notices.json"));
}

/// The site, built with one of its texts changed.
fn changed(path: &str, from: &str, to: &str) -> Site {
    let site = site(SITE);
    let text = String::from_utf8(site.files()[path].clone()).unwrap();
    let other = text.replace(from, to);
    assert_ne!(text, other);
    site.with(path, other)
}

#[test]
fn what_changes_in_one_notice_changes_the_totals_of_the_others() {
    let built = changed("content/notices/online.md", "450 EUR", "451 EUR").build();
    let notice = json(&built, "notices/posters/notice.json");
    assert_eq!(notice["campaign"]["totals"][1]["total"], "2451.80");
    let hidden = changed("content/notices/online.md", "title", "draft = true\ntitle").build();
    let notice = json(&hidden, "notices/posters/notice.json");
    assert_eq!(notice["campaign"]["notices"], 1);
    assert_eq!(json(&hidden, "notices.json")["totals"][0]["total"], "2000.80");
}

#[test]
fn a_second_build_finds_all_that_a_changed_amount_is_in() {
    let folder = site(SITE).on_disk();
    folder.expect(0, "build");
    let path = "content/notices/online.md";
    folder.write(path, folder.read(path).replace("450 EUR", "451 EUR"));
    folder.expect(0, "build");
    for file in [
        "notices.json",
        "notices/index.html",
        "notices/online/notice.json",
        "notices/posters/index.html",
        "notices/posters/notice.json",
    ] {
        let text = folder.read(&format!("public/{file}"));
        assert!(text.contains("2451.80") || text.contains("2,451.80") || text.contains("451.00"));
        assert!(!text.contains("450.80"), "{file}: {text}");
    }
}

#[test]
fn a_notice_may_go_once_seven_years_are_over() {
    let early = changed("content/notices/posters.md", "media", "expires = 2033-03-07\nmedia");
    assert_eq!(early.build().codes(), ["notice-leaves-early"]);
    let late = changed("content/notices/posters.md", "media", "expires = 2033-03-08\nmedia");
    assert_eq!(late.build().codes(), [""; 0]);
}

#[test]
fn a_notice_asks_nobody_else() {
    let built = built();
    for (path, html) in built.ending(".html") {
        for part in [" src=\"http", "url(", "<script src", "@import"] {
            assert!(!html.contains(part), "{path}: {part}");
        }
    }
}
