//! What other servers of the fediverse ask for.

use super::site::{Site, redirect, reply, signed};
use crate::verify::Verdict;
use crate::verify::finding::{Check, Severity};

#[test]
fn who_is_looked_for_is_said_to_those_who_want_to_know() {
    let mut site = signed();
    site.file("ap/youth/webfinger.json", "{2}");
    site.file("ap/news/webfinger.json", "{1}");
    site.file(".well-known/webfinger", "{1}");
    site.sign();
    let finger = ".well-known/webfinger?resource=acct:news@www.party.example";
    site.put(".well-known/webfinger", reply(400, "text/html", "400"));
    site.put(finger, reply(200, "application/jrd+json", "{1}"));
    let youth = ".well-known/webfinger?resource=acct:youth@www.party.example";
    site.put(youth, reply(200, "application/jrd+json", "{2}"));
    site.assert_fine();
    site.put(finger, reply(200, "application/jrd+json", "{2}"));
    assert_eq!(site.finding().path.as_deref(), Some(".well-known/webfinger"));
}

/// A site with three accounts, on a host that answers for each.
fn accounts() -> Site {
    let mut site = signed();
    for (user, text) in [("jo.smith", "{3}"), ("news", "{1}"), ("youth", "{2}")] {
        site.file(Box::leak(format!("ap/{user}/webfinger.json").into_boxed_str()), text);
        site.put(&finger(user), reply(200, "application/jrd+json", text));
    }
    site.file(".well-known/webfinger", "{1}");
    site.sign();
    site
}

fn finger(user: &str) -> String {
    format!(".well-known/webfinger?resource=acct:{user}@www.party.example")
}

#[test]
fn every_account_is_looked_for_by_its_name() {
    let site = accounts();
    assert_eq!(site.verify().findings, []);
    for other in ["{3}", "{1}", "{evil}"] {
        site.put(&finger("youth"), reply(200, "application/jrd+json", other));
        let finding = site.finding();
        assert_eq!((finding.severity, finding.check), (Severity::Alarm, Check::Changed));
        assert_eq!(finding.path.as_deref(), Some("ap/youth/webfinger.json"));
    }
    site.put(&finger("youth"), reply(404, "text/html", "Nothing here."));
    assert_eq!(site.finding().check, Check::Missing);
    site.put(&finger("youth"), redirect(302, "https://evil.example/"));
    assert_eq!(site.finding().check, Check::Missing);
    site.put(&finger("youth"), redirect(302, "/branch/ap/youth/webfinger.json"));
    site.assert_fine();
}

#[test]
fn a_host_that_knows_one_name_only_is_no_alarm() {
    let mut site = accounts();
    for user in ["jo.smith", "news", "youth"] {
        site.remove(&finger(user));
    }
    site.nothing = |address| {
        let is_finger = address.starts_with("/.well-known/webfinger?");
        Ok(if is_finger {
            reply(200, "application/octet-stream", "{1}")
        } else {
            reply(404, "text/html", "Nothing here.")
        })
    };
    let verification = site.verify();
    assert_eq!(verification.verdict(), Verdict::Same);
    let checks: Vec<_> = verification.findings.iter().map(|it| it.check).collect();
    assert_eq!(checks, [Check::NotComparable; 2]);
    // One of the answers is another one all the same.
    site.put(&finger("youth"), reply(200, "application/jrd+json", "{evil}"));
    assert_eq!(site.finding().path.as_deref(), Some("ap/youth/webfinger.json"));
}

#[test]
fn what_servers_get_is_compared_where_they_ask() {
    let mut site = accounts();
    site.file("ap/news/actor.json", "{actor}");
    site.sign();
    site.assert_fine();
    let actor = "ap/news/actor.json";
    for (address, path) in [(actor, actor), ("news/", "news/index.html")] {
        for evil in [
            reply(200, "application/activity+json", "{evil}"),
            redirect(302, "https://evil.example/"),
        ] {
            site.for_servers.lock().unwrap().insert(address.to_owned(), evil);
            let finding = site.finding();
            assert_eq!((finding.severity, finding.check), (Severity::Alarm, Check::Changed));
            assert_eq!(finding.path.as_deref(), Some(path));
            site.for_servers.lock().unwrap().clear();
        }
    }
}

#[test]
fn a_post_that_was_taken_back_may_be_gone() {
    let mut site = signed();
    let tombstone = "{\"type\":\"Tombstone\"}";
    site.file("ap/news/posts/1.json", tombstone);
    site.sign();
    let put = |reply| site.put("ap/news/posts/1.json", reply);
    put(reply(410, "application/activity+json", tombstone));
    assert_eq!(site.verify().findings, []);
    put(reply(404, "text/html", "Nothing here."));
    let findings = site.verify().findings;
    assert_eq!((findings[0].severity, findings[0].check), (Severity::Note, Check::NotComparable));
    put(reply(200, "application/activity+json", "{\"type\":\"Note\"}"));
    assert_eq!(site.finding().check, Check::Changed);
}
