//! What is not as it should be, though most servers bear with it.

use serde_json::json;

use super::site::{green, id};
use crate::doctor::finding::{Check, Severity};
use crate::doctor::peers::Peer;

#[test]
fn a_profile_with_another_name_or_a_strange_page_is_warned_of() {
    let cases = [
        ("preferredUsername", json!("press"), "`preferredUsername` is \"press\""),
        ("url", json!("https://other.example/"), "`url` is on another host"),
    ];
    for (property, value, words) in cases {
        let mut site = green();
        site.set(&id("news", "actor.json"), property, value);
        let found = site.findings();
        assert_eq!((found[0].severity, found[0].check), (Severity::Warning, Check::Actor));
        assert!(found[0].came.contains(words), "{found:?}");
    }
}

#[test]
fn a_live_site_that_is_behind_what_was_built_is_to_be_deployed() {
    for (live, behind) in [(6, true), (7, false), (8, false)] {
        let mut site = green();
        site.set(&id("news", "index.json"), "serial", json!(live));
        let found = site.findings();
        assert_eq!(found.len(), usize::from(behind), "{found:?}");
        for finding in found {
            assert_eq!((finding.severity, finding.check), (Severity::Warning, Check::Deployed));
            assert_eq!(finding.came, "the live site is an older state: 6, and 7 was built here");
            assert!(finding.mend.starts_with("deploy"), "{finding:?}");
        }
    }
}

#[test]
fn a_document_that_misskey_does_not_read_to_its_end_is_named() {
    let mut site = green();
    let long = "x".repeat(300 << 10);
    site.set(&id("news", "posts/7.json"), "summary", long.into());
    let found = site.findings();
    assert_eq!((found.len(), found[0].check), (1, Check::Post), "{found:?}");
    assert_eq!(found[0].refused_by, [Peer::Misskey]);
}

#[test]
fn a_document_larger_than_all_read_is_refused_by_all() {
    let mut site = green();
    site.body(&id("news", "posts/7.json"), vec![b' '; (1 << 20) + 1]);
    let found = site.findings();
    assert_eq!((found.len(), found[0].check), (1, Check::Post), "{found:?}");
    assert_eq!(found[0].refused_by, Peer::FEDIVERSE);
    assert!(found[0].came.contains("larger than 1048576 bytes"), "{found:?}");
}

#[test]
fn the_name_of_the_software_is_looked_for() {
    let document = "/.well-known/nodeinfo-2.1.json";
    let mut site = green();
    site.set(document, "software", json!({}));
    assert_eq!(site.kinds(), [(Severity::Warning, Check::NodeInfo)]);
    site.lose("/.well-known/nodeinfo-2.1.json");
    let found = site.findings();
    assert_eq!(found[0].asked, "GET https://www.party.example/.well-known/nodeinfo-2.1.json");
    assert!(found[0].came.contains("the status 404"), "{found:?}");
}
