//! One thing is broken at a time: what is found, who refuses it, and nothing else.

use serde_json::json;

use super::site::{BASE, Fitting, Site, USERS, atom, green, id};
use crate::doctor::ask::AskError;
use crate::doctor::finding::Check::{
    self, Actor, Alternate, Bluesky, Clock, Collection, Feed, Headers, Https, Identity, Key, Me,
    NodeInfo, NotFound, Picture, Post, Type, WebFinger, Website,
};
use crate::doctor::finding::Severity::{self, Broken, Note, Warning};
use crate::doctor::keys::Fit;
use crate::doctor::peers::Peer::{self, Akkoma, GoToSocial, Lemmy, Mastodon, Misskey, Snac};
use crate::doctor::peers::{Ability, Peer as P};

/// Breaks something; the findings are these, and the first one says this.
#[track_caller]
pub(super) fn check(
    breaks: impl FnOnce(&mut Site),
    expected: &[(Severity, Check)],
    words: &str,
) -> Site {
    let mut site = green();
    breaks(&mut site);
    assert_eq!(site.kinds(), expected, "{}", site.examine().human(false));
    let first = &site.findings()[0];
    assert!(first.came.contains(words), "{first:?}");
    assert!(!first.asked.is_empty() && !first.sees.is_empty() && !first.mend.is_empty());
    site
}

fn refusers(site: &Site) -> Vec<Peer> {
    site.findings()[0].refused_by.clone()
}

fn actor() -> String {
    id("news", "actor.json")
}

fn first_post() -> String {
    id("news", "posts/1.json")
}

#[test]
fn a_profile_as_plain_json_is_refused_by_all() {
    let breaks = |site: &mut Site| site.header(&actor(), "Content-Type", "application/json");
    let site = check(breaks, &[(Broken, Type)], "the type `application/json`");
    assert_eq!(refusers(&site), Peer::FEDIVERSE);
    assert!(site.findings()[0].mend.contains("nginx"), "{:?}", site.findings());
    for peer in Peer::FEDIVERSE {
        assert_eq!(site.examine().can(*peer, Ability::Reads), Some(false));
        assert_eq!(site.examine().can(*peer, Ability::Finds), Some(true));
    }
}

#[test]
fn json_ld_without_a_profile_is_taken_by_snac_only() {
    let breaks = |site: &mut Site| site.header(&actor(), "Content-Type", "application/ld+json");
    let site = check(breaks, &[(Broken, Type)], "application/ld+json");
    assert_eq!(refusers(&site), [Mastodon, GoToSocial, Misskey, Akkoma, Lemmy]);
    assert_eq!(site.examine().can(Snac, Ability::Follows), Some(true));
    assert_eq!(site.examine().can(Mastodon, Ability::Follows), Some(false));
}

#[test]
fn an_id_that_redirects_is_refused_by_all_but_mastodon_and_snac() {
    let site = check(
        |site| {
            let there = site.at(&actor()).clone();
            site.put("/ap/news/actor", there);
            site.status(&actor(), 301);
            site.header(&actor(), "Location", "/ap/news/actor");
        },
        &[(Broken, Identity)],
        "a redirect to https://www.party.example/ap/news/actor",
    );
    assert_eq!(refusers(&site), [GoToSocial, Misskey, Akkoma, Lemmy]);
}

#[test]
fn a_document_with_another_id_is_not_believed() {
    let other = format!("{BASE}/ap/news/other.json");
    let breaks = |site: &mut Site| site.set(&first_post(), "id", other.clone().into());
    let site = check(breaks, &[(Broken, Identity)], "whose `id` is");
    assert_eq!(refusers(&site), [Mastodon, GoToSocial, Misskey, Akkoma, Lemmy]);
    assert_eq!(site.examine().can(Mastodon, Ability::Shows), Some(false));
}

#[test]
fn a_lost_well_known_folder_is_a_lost_name() {
    let site = check(
        |site| site.lose("/.well-known/"),
        &[(Broken, Bluesky), (Broken, WebFinger), (Warning, NodeInfo)],
        "the status 404",
    );
    let found = site.findings();
    let lost = found.iter().find(|finding| finding.check == WebFinger).unwrap();
    assert!(lost.mend.contains("begins with a dot"), "{lost:?}");
    assert_eq!(lost.refused_by, Peer::FEDIVERSE);
    assert_eq!(site.examine().reached(), None);
}

/// All spellings of the question for a user.
fn fingers(site: &mut Site, user: &str, change: impl Fn(&mut Site, &str)) {
    let keys: Vec<String> = site.replies.keys().cloned().collect();
    for url in keys.iter().filter(|url| url.contains("webfinger") && url.contains(user)) {
        change(site, url);
    }
}

#[test]
fn a_webfinger_answer_that_is_cut_off_is_none() {
    let breaks = |site: &mut Site| {
        fingers(site, "news", |site, url| site.at(url).body.truncate(40));
    };
    let site = check(breaks, &[(Broken, WebFinger)], "no whole JSON");
    assert_eq!(refusers(&site), Peer::FEDIVERSE);
}

#[test]
fn a_webfinger_file_without_a_type_is_refused_by_two() {
    let breaks = |site: &mut Site| {
        fingers(site, "news", |site, url| {
            site.header(url, "Content-Type", "application/octet-stream");
        });
    };
    let site = check(breaks, &[(Broken, WebFinger)], "application/octet-stream");
    assert_eq!(refusers(&site), [GoToSocial, Akkoma]);
}

#[test]
fn a_host_that_knows_only_one_spelling_is_found_by_some() {
    let breaks = |site: &mut Site| {
        let plain = format!("{BASE}/.well-known/webfinger?resource=acct:news@www.party.example");
        site.replies
            .retain(|url, _| !url.contains("webfinger") || !url.contains("news") || *url == plain);
    };
    let site = check(breaks, &[(Broken, WebFinger)], "the status 404");
    assert_eq!(refusers(&site), [GoToSocial, Misskey, Akkoma]);
}

#[test]
fn one_answer_for_all_questions_hides_the_second_actor() {
    let mut site = green();
    let first = site.at("/.well-known/webfinger?resource=news@www.party.example").clone();
    fingers(&mut site, "youth", |site, url| *site.at(url) = first.clone());
    let found = site.findings();
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].actor.as_deref(), Some("youth"));
    assert!(found[0].came.contains("acct:news@www.party.example"), "{found:?}");
    assert_eq!(found[0].refused_by, Peer::FEDIVERSE);
}

#[test]
fn a_name_that_nobody_has_should_not_lead_to_anybody() {
    let breaks = |site: &mut Site| {
        let any = site.at("/.well-known/webfinger?resource=news@www.party.example").clone();
        let nobody = "acct:sitegen_doctor_asks_for_nobody@www.party.example";
        site.put(&format!("/.well-known/webfinger?resource={nobody}"), any);
    };
    check(breaks, &[(Warning, WebFinger)], "though nobody has the name");
    let on_s3 = |site: &mut Site| {
        breaks(site);
        site.subject.host = "s3".to_owned();
    };
    check(on_s3, &[(Note, WebFinger)], "though nobody has the name");
}

#[test]
fn a_self_link_to_another_address_leads_nowhere() {
    let breaks = |site: &mut Site| {
        fingers(site, "news", |site, url| {
            let other = format!("{BASE}/ap/news/actor");
            site.set(url, "links/0/href", other.clone().into());
            site.set(url, "links/1/href", other.into());
        });
    };
    let site = check(breaks, &[(Broken, WebFinger)], "not the id of the actor");
    assert_eq!(refusers(&site), Peer::FEDIVERSE);
}

#[test]
fn properties_that_servers_need_are_missed_by_them() {
    type Case = (&'static str, serde_json::Value, &'static [Peer], &'static str);
    let elsewhere = json!("https://elsewhere.example/x");
    let cases: [Case; 9] = [
        ("@context", json!(["https://w3id.org/security/v1"]), &[Mastodon], "`@context`"),
        ("type", json!("Thing"), &[Mastodon, Misskey], "no actor"),
        ("inbox", json!(null), &[Mastodon, Misskey, Akkoma, Lemmy], "no `inbox`"),
        ("name", json!(""), &[Misskey], "an empty `name`"),
        ("webfinger", json!("x@y.example"), &[Mastodon], "`webfinger` is"),
        ("following", elsewhere.clone(), &[Misskey], "on another host"),
        ("publicKey/owner", json!("x"), &[Mastodon, GoToSocial], "`owner`"),
        ("publicKey/id", json!("x"), &[Mastodon, Lemmy, Snac, Misskey], "`id` of the key"),
        ("publicKey", json!([]), &[GoToSocial, Misskey], "not a single object"),
    ];
    for (property, value, peers, words) in cases {
        let mut site = green();
        site.set(&actor(), property, value);
        let found = site.findings();
        assert_eq!(found[0].severity, Broken, "{property}");
        assert_eq!(found[0].refused_by, peers, "{property}");
        assert!(found[0].came.contains(words), "{property}: {found:?}");
        let can = site.examine().can(peers[0], Ability::Reads);
        assert_eq!(can, Some(false), "{property}");
    }
}

#[test]
fn an_inbox_on_another_host_makes_misskey_refuse_the_profile() {
    let breaks = |site: &mut Site| {
        let inbox = site.at(&format!("POST {}", id("news", "inbox"))).clone();
        let other = "https://inbox.example/news";
        site.replies.insert(format!("POST {other}"), Ok(inbox));
        site.set(&actor(), "inbox", other.into());
    };
    let site = check(breaks, &[(Broken, Actor)], "`inbox` is on another host");
    assert_eq!(refusers(&site), [Misskey]);
    assert_eq!(site.examine().can(Misskey, Ability::Follows), Some(false));
    assert_eq!(site.examine().can(Mastodon, Ability::Follows), Some(true));
}

#[test]
fn a_key_that_is_not_ours_is_found() {
    let mut other = super::site::KEY.to_owned();
    // A letter in the middle of the modulus.
    let letter = if &other[150..151] == "A" { "B" } else { "A" };
    other.replace_range(150..151, letter);
    let breaks = |site: &mut Site| site.set(&actor(), "publicKey/publicKeyPem", other.into());
    check(breaks, &[(Broken, Key)], "another key than the one in the folder");
    let unfit = |site: &mut Site| site.subject.keys = Box::new(Fitting(Fit::No));
    let site = check(unfit, &[(Broken, Key)], "does not believe what this machine signs");
    assert_eq!(site.examine().can(Mastodon, Ability::Reads), Some(true));
    assert_eq!(site.examine().can(Mastodon, Ability::Follows), Some(false));
}

#[test]
fn while_a_key_changes_both_are_right() {
    let mut other = super::site::KEY.to_owned();
    let letter = if &other[150..151] == "A" { "B" } else { "A" };
    other.replace_range(150..151, letter);
    let old = |site: &mut Site| {
        site.subject.keys = Box::new(Fitting(Fit::Old));
        // What is committed is the new one.
        site.subject.actors[0].public_key_pem = Some(other);
    };
    let site = check(old, &[(Note, Key)], "a new one waits until the site shows it");
    assert!(!site.examine().is_broken());
    let new = |site: &mut Site| site.subject.keys = Box::new(Fitting(Fit::New));
    check(new, &[(Note, Key)], "the new key, to which the post office goes over");
}

#[test]
fn a_key_that_cannot_be_read_is_refused() {
    for pem in ["", "x", "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA\n-----END PUBLIC KEY-----"] {
        let breaks = |site: &mut Site| {
            site.subject.actors[0].public_key_pem = None;
            site.set(&actor(), "publicKey/publicKeyPem", pem.into());
        };
        check(breaks, &[(Broken, Key)], "cannot be read");
    }
}

#[test]
fn a_picture_that_is_not_there_or_not_shown_is_found() {
    let avif = b"\0\0\0\x1cftypavif\0\0\0\0".to_vec();
    let large = vec![0; (8 << 20) + 1];
    check(|site| site.lose("/icon.png"), &[(Broken, Picture)], "the status 404");
    check(|site| site.body("/icon.png", avif), &[(Warning, Picture)], "of the kind AVIF");
    check(|site| site.body("/icon.png", "<svg>"), &[(Warning, Picture)], "of the kind SVG");
    check(|site| site.body("/icon.png", large), &[(Warning, Picture)], "more than 8 MB");
    let attached = |site: &mut Site| {
        let picture = json!([{"mediaType": "image/png", "url": format!("{BASE}/post.png")}]);
        site.set(&first_post(), "attachment", picture);
    };
    let site = check(attached, &[(Warning, Picture)], "the status 404");
    assert!(site.findings()[0].sees.contains("the post"), "{:?}", site.findings());
    let none = |site: &mut Site| site.set(&actor(), "icon", json!(null));
    check(none, &[(Warning, Picture)], "no icon");
}

#[test]
fn pinned_posts_of_others_and_too_many_are_found() {
    let featured = id("news", "featured.json");
    let other = json!(["https://other.example/ap/x/posts/1.json"]);
    let site = check(
        |site| site.set(&featured, "orderedItems", other),
        &[(Broken, Collection)],
        "of another host",
    );
    assert_eq!(refusers(&site), [Mastodon, GoToSocial, Misskey]);
    let many: Vec<String> = (1..=6).map(|n| id("news", &format!("posts/{n}.json"))).collect();
    let site = check(
        |site| site.set(&featured, "orderedItems", json!(many)),
        &[(Warning, Collection)],
        "6 pinned posts",
    );
    assert_eq!(refusers(&site), [Misskey]);
    let article = |site: &mut Site| site.set(&first_post(), "type", "Article".into());
    check(article, &[(Warning, Collection), (Note, Post)], "of the type \"Article\"");
    let theirs = json!([id("youth", "posts/1.json")]);
    let site = |site: &mut Site| site.set(&featured, "orderedItems", theirs);
    check(site, &[(Broken, Collection)], "of somebody else");
}

#[test]
fn lists_are_read_to_their_end_and_followers_stay_unnamed() {
    let page = id("news", "outbox-1.json");
    let lost = |site: &mut Site| site.lose("/ap/news/outbox-1.json");
    check(lost, &[(Warning, Collection)], "the status 404");
    let loops = |site: &mut Site| site.set(&page, "next", id("news", "outbox-2.json").into());
    check(loops, &[(Warning, Collection)], "leads to itself");
    let count = |site: &mut Site| site.set(&id("news", "outbox.json"), "totalItems", json!(null));
    check(count, &[(Warning, Collection)], "no `totalItems`");
    let names = |site: &mut Site| {
        site.set(&id("news", "followers.json"), "orderedItems", json!(["https://a.example/b"]));
    };
    check(names, &[(Warning, Collection)], "the names of 1 followers");
}

#[test]
fn a_post_that_is_gone_or_strange_is_found() {
    let last = id("news", "posts/7.json");
    let lost = |site: &mut Site| site.lose("/ap/news/posts/7.json");
    let site = check(lost, &[(Broken, Post)], "the status 404");
    assert!(site.findings()[0].sees.contains("delete"), "{:?}", site.findings());
    let tombstone = |site: &mut Site| site.set(&last, "type", "Tombstone".into());
    check(tombstone, &[(Warning, Post)], "taken back");
    let private = |site: &mut Site| site.set(&last, "to", json!([]));
    check(private, &[(Broken, Post)], "public");
    let name = |site: &mut Site| site.set(&last, "name", "Title".into());
    check(name, &[(Warning, Post)], "a note with a `name`");
    let author = |site: &mut Site| site.set(&last, "attributedTo", "x".into());
    check(author, &[(Broken, Post)], "`attributedTo`");
    let edit = |site: &mut Site| site.set(&last, "updated", "2020-01-01T00:00:00Z".into());
    check(edit, &[(Warning, Post)], "`updated` is before");
    let language = |site: &mut Site| site.set(&last, "contentMap", json!({"en": "y"}));
    check(language, &[(Warning, Post)], "`contentMap`");
}

#[test]
fn the_page_of_a_post_leads_to_its_document_and_author() {
    let plain = "<!doctype html><title>x</title>";
    check(|site| site.body("/news/1/", plain), &[(Warning, Alternate)], "does not name");
    let other = |site: &mut Site| {
        let page = site.at("/news/1/").text().replace("posts/1.json", "posts/1");
        site.body("/news/1/", page);
    };
    check(other, &[(Warning, Alternate)], "the page names");
    check(|site| site.lose("/news/1/"), &[(Broken, Post)], "the status 404");
    let domains = |site: &mut Site| site.set(&actor(), "attributionDomains", json!([]));
    check(domains, &[(Warning, Alternate)], "`attributionDomains`");
}

#[test]
fn feeds_are_read_to_their_end() {
    check(|site| site.lose("/rss.xml"), &[(Broken, Feed)], "the status 404");
    let cut = |site: &mut Site| site.at("/atom.xml").body.truncate(200);
    check(cut, &[(Broken, Feed)], "it cannot be read");
    let open = atom("x").replace("</entry>", "");
    check(|site| site.body("/atom.xml", open), &[(Broken, Feed)], "it cannot be read");
    check(|site| site.body("/feed.json", "{"), &[(Broken, Feed)], "it cannot be read");
    check(|site| site.body("/atom.xml", atom("/one/")), &[(Broken, Feed)], "leads to `/one/`");
    let moved = atom(BASE).replace("/atom.xml", "/old.xml");
    check(|site| site.body("/atom.xml", moved), &[(Warning, Feed)], "it calls itself");
    let html = |site: &mut Site| site.header("/rss.xml", "Content-Type", "text/html");
    check(html, &[(Warning, Feed)], "text/html");
    let xml = |site: &mut Site| site.header("/rss.xml", "Content-Type", "text/xml");
    let mut site = green();
    xml(&mut site);
    assert_eq!(site.findings(), []);
    let none = "<!doctype html><meta charset=utf-8>";
    check(|site| site.body("/", none), &[(Warning, Feed)], "names no feed");
}

#[test]
fn a_handle_of_bluesky_is_the_first_line_and_nothing_else() {
    let file = "/.well-known/atproto-did";
    check(|site| site.body(file, "\n did:plc:x"), &[(Broken, Bluesky)], "the first line is ``");
    check(|site| site.body(file, "<html>"), &[(Broken, Bluesky)], "<html>");
    check(|site| site.lose(file), &[(Broken, Bluesky)], "the status 404");
    let moved = |site: &mut Site| {
        site.status(file, 302);
        site.header(file, "Location", "/did.txt");
    };
    check(moved, &[(Broken, Bluesky)], "a redirect to https://www.party.example/did.txt");
    let mut site = green();
    site.subject.did = None;
    assert_eq!(site.findings(), []);
    site.body(file, "did:plc:short");
    assert_eq!(site.kinds(), [(Broken, Bluesky)]);
    assert_eq!(site.examine().can(P::Bluesky, Ability::Finds), Some(false));
}

#[test]
fn headers_that_protect_visitors_are_missed() {
    for name in [
        "Content-Security-Policy",
        "X-Content-Type-Options",
        "Referrer-Policy",
        "Strict-Transport-Security",
    ] {
        check(|site| site.header("/", name, ""), &[(Warning, Headers)], name);
    }
    let all = "max-age=1; includeSubDomains";
    let breaks = |site: &mut Site| site.header("/", "Strict-Transport-Security", all);
    check(breaks, &[(Warning, Headers)], all);
    let mut site = green();
    site.header("/", "Content-Security-Policy", "");
    let page = site.at("/").text().replace(
        "<meta charset=utf-8>",
        "<meta charset=utf-8><meta http-equiv=\"content-security-policy\" content=\"x\">",
    );
    site.body("/", page);
    assert_eq!(site.findings(), [], "the page may say it too");
}

#[test]
fn a_clock_that_is_off_is_found() {
    let date = |value: &'static str| move |site: &mut Site| site.header("/", "Date", value);
    let ahead = date("Mon, 01 Jun 2026 12:20:00 GMT");
    let site = check(ahead, &[(Warning, Clock)], "20 minutes ahead");
    assert_eq!(refusers(&site), [Misskey]);
    check(date("Mon, 01 Jun 2026 11:50:00 GMT"), &[(Warning, Clock)], "10 minutes behind");
    let mut site = green();
    site.header("/", "Date", "Mon, 01 Jun 2026 11:50:00 GMT");
    site.header("/", "Age", "600");
    assert_eq!(site.findings(), [], "a page out of a cache");
}

#[test]
fn what_is_not_there_and_what_is_unencrypted_is_looked_at() {
    let nowhere = "/sitegen-doctor-asks-for-what-is-not-there/";
    let home = |site: &mut Site| {
        let page = site.at("/").clone();
        site.put(nowhere, page);
    };
    check(home, &[(Warning, NotFound)], "the status 200");
    let bare = |site: &mut Site| {
        home(site);
        site.status(nowhere, 404);
        site.body(nowhere, "Not found");
        site.header(nowhere, "Content-Type", "text/plain");
    };
    check(bare, &[(Note, NotFound)], "without a page");
    let plain = |site: &mut Site| site.status("http://www.party.example/", 200);
    check(plain, &[(Warning, Https)], "the status 200");
    let closed = Err(AskError::Refused);
    let mut site = green();
    site.replies.insert("http://www.party.example/".to_owned(), closed);
    assert_eq!(site.findings(), []);
    let charset = |site: &mut Site| {
        site.header("/", "Content-Type", "text/html");
        let page = site.at("/").text().replace("<meta charset=utf-8>", "");
        site.body("/", page);
    };
    check(charset, &[(Warning, Headers)], "text/html");
    check(|site| site.status("/", 500), &[(Broken, Website)], "the status 500");
}

#[test]
fn a_field_without_a_link_back_has_no_tick() {
    let page = "<!doctype html><a href=/news/>us</a>";
    check(|site| site.body("/about/", page), &[(Warning, Me)], "no link with `rel=\"me\"`");
    let text = format!("<a href=\"{BASE}/about/\">About us</a>");
    let breaks = |site: &mut Site| site.set(&actor(), "attachment/0/value", text.into());
    check(breaks, &[(Warning, Me)], "the link shows `About us`");
    let other = "https://social.example/@party";
    let one_way = |site: &mut Site| {
        site.body("/news/", format!("<!doctype html><link rel=me href={other}>"));
        let there = site.at("/").clone();
        site.replies.insert(other.to_owned(), Ok(there));
    };
    check(one_way, &[(Note, Me)], "to this site");
}

#[test]
fn every_actor_is_looked_at() {
    let mut site = green();
    for user in USERS {
        site.header(&id(user, "actor.json"), "Content-Type", "text/plain");
    }
    let found = site.findings();
    let users: Vec<_> = found.iter().filter_map(|finding| finding.actor.as_deref()).collect();
    assert_eq!(users, USERS);
}
