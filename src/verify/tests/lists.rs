//! The list itself: whose it is, for what, of when.

use super::site::{Site, page, redirect, reply, signed};
use crate::doctor::ask::AskError;
use crate::key::minisign::SecretKey;
use crate::manifest;
use crate::verify::Verdict;
use crate::verify::finding::{Check, Severity};

#[test]
fn an_older_list_that_is_shown_again_is_noticed_and_compared() {
    let mut site = signed();
    let first = site.verify();
    let older = [manifest::PATH, manifest::SIGNATURE_PATH]
        .map(|path| (path, site.answers.lock().unwrap()[path].clone()));
    site.seen = first.seen;
    site.assert_fine();
    site.made = "2026-05-02T10:00:00Z".parse().unwrap();
    site.serial = 8;
    site.file("x.png", "PNG 2");
    site.sign();
    let second = site.verify();
    assert_eq!(second.findings, []);
    site.seen = second.seen;

    for (path, answers) in older {
        site.answer(path, answers);
    }
    let verification = site.verify();
    assert_eq!(verification.verdict(), Verdict::Differs);
    assert_eq!(verification.seen, None, "the newer one is remembered");
    let checks: Vec<_> = verification.findings.iter().map(|finding| finding.check).collect();
    assert_eq!(checks, [Check::Older, Check::Changed]);
    let message = &verification.findings[0].message;
    assert!(message.contains("2026-05-01") && message.contains("2026-05-02"), "{message}");
}

#[test]
fn in_its_own_folder_a_site_is_known_to_be_behind() {
    let mut site = signed();
    for own in [6, 7] {
        site.own_serial = Some(own);
        site.assert_fine();
    }
    site.own_serial = Some(8);
    let finding = site.finding();
    assert_eq!((finding.severity, finding.check), (Severity::Unknown, Check::Behind));
    assert!(site.verify().human(false).contains("1 question is open"));
}

#[test]
fn a_list_is_too_old_for_those_who_say_so() {
    let mut site = signed();
    site.not_before = Some(site.made);
    site.assert_fine();
    site.not_before = Some("2026-05-01T10:00:01Z".parse().unwrap());
    let finding = site.finding();
    assert_eq!((finding.severity, finding.check), (Severity::Alarm, Check::Stale));
}

#[test]
fn two_lists_of_one_moment_are_noticed() {
    let mut site = signed();
    site.seen = site.verify().seen;
    site.file("x.png", "PNG 2");
    site.sign();
    assert_eq!(site.finding().check, Check::TwoLists);
}

#[test]
fn a_list_of_another_key_or_another_site_or_that_was_changed_is_not_believed() {
    let mut site = signed();
    site.key = SecretKey::generate().unwrap();
    let finding = site.finding();
    assert_eq!(finding.check, Check::Signature);
    assert!(finding.message.contains("another key"), "{}", finding.message);

    let mut site = signed();
    site.address = "https://other.example/".to_owned();
    site.sign();
    let finding = site.finding();
    assert_eq!(finding.check, Check::OtherSite);
    assert!(finding.help.contains("sitegen verify https://other.example"), "{}", finding.help);

    let site = signed();
    let text = site.manifest().to_text();
    for changed in [&text[..text.len() / 2], &text.replace("serial 7", "serial 8")] {
        site.put(manifest::PATH, reply(200, "text/plain", changed));
        let finding = site.finding();
        assert_eq!(finding.check, Check::Signature);
        assert!(finding.message.contains("changed, or is cut off"), "{}", finding.message);
        assert_eq!(site.verify().verdict(), Verdict::Differs);
    }
    let site = signed();
    let signature = site.key.sign(text.as_bytes(), "c").replace("comment: c", "comment: d");
    site.put(manifest::SIGNATURE_PATH, reply(200, "x", signature));
    assert_eq!(site.finding().check, Check::Signature);
}

#[test]
fn what_is_no_list_or_no_signature_is_told_as_such() {
    let site = signed();
    site.put(manifest::PATH, page("<!doctype html>"));
    assert_eq!(site.finding().check, Check::Damaged);
    let mut site = signed();
    site.put(manifest::SIGNATURE_PATH, page("<!doctype html>"));
    assert_eq!(site.finding().check, Check::Damaged);
    // Signed, and still none.
    let text = "sitegen manifest 1\nrubbish\n";
    site.put(manifest::SIGNATURE_PATH, reply(200, "x", site.key.sign(text.as_bytes(), "c")));
    site.put(manifest::PATH, reply(200, "x", text));
    let finding = site.finding();
    assert_eq!(finding.check, Check::Damaged);
    assert!(finding.message.contains("line 2"), "{}", finding.message);
    site.sign();
    site.assert_fine();
}

#[test]
fn a_list_that_is_not_there_is_an_alarm_and_a_host_that_is_not_there_is_none() {
    for path in [manifest::PATH, manifest::SIGNATURE_PATH] {
        let site = signed();
        site.remove(path);
        assert_eq!(site.finding().check, Check::NoManifest);
        site.put(path, redirect(301, "https://elsewhere.example/"));
        let finding = site.finding();
        assert_eq!(finding.check, Check::NoManifest);
        assert!(finding.message.contains("https://elsewhere.example/"), "{}", finding.message);
        site.answer(path, [Err(AskError::NoSuchName("www.party.example".to_owned()))]);
        assert_eq!(site.finding().check, Check::NotAsked);
        assert_eq!(site.verify().verdict(), Verdict::Unknown);
        assert!(site.verify().human(false).contains("could not be asked"));
        // It is kept back when the host has answers otherwise.
        let failed = reply(502, "text/html", "Bad gateway");
        site.put(path, failed.clone());
        let finding = site.finding();
        assert_eq!((finding.severity, finding.check), (Severity::Alarm, Check::Withheld));
        site.put("", failed);
        assert_eq!(site.finding().check, Check::NotAsked);
        assert_eq!(site.verify().verdict(), Verdict::Unknown);
    }
}

#[test]
fn a_site_that_is_published_just_then_is_compared_once_more() {
    let mut site = signed();
    let before = [manifest::PATH, manifest::SIGNATURE_PATH]
        .map(|path| (path, site.answers.lock().unwrap()[path][0].clone()));
    site.file("x.png", "PNG 2");
    site.made = "2026-05-02T10:00:00Z".parse().unwrap();
    site.sign();
    for (path, answer) in before {
        let now = site.answers.lock().unwrap()[path][0].clone();
        site.answer(path, [answer, now]);
    }
    let verification = site.verify();
    assert_eq!(verification.findings, []);
    assert_eq!(verification.manifest.unwrap().made, site.made);
}

#[test]
fn a_list_that_was_seen_in_this_run_is_an_old_one_once_there_is_another() {
    let mut site = signed();
    let lists = |site: &Site| {
        let paths = [manifest::PATH, manifest::SIGNATURE_PATH];
        paths.map(|path| site.answers.lock().unwrap()[path][0].clone())
    };
    let before = lists(&site);
    site.file("x.png", "PNG 2");
    site.made = "2026-05-02T10:00:00Z".parse().unwrap();
    site.sign();
    let after = lists(&site);
    let newer = site.verify().seen;
    for (at, path) in [manifest::PATH, manifest::SIGNATURE_PATH].into_iter().enumerate() {
        // The old list, then the new one, then the old one again.
        site.answer(path, [before[at].clone(), after[at].clone(), before[at].clone()]);
    }
    let verification = site.verify();
    let checks: Vec<_> = verification.findings.iter().map(|finding| finding.check).collect();
    assert_eq!(checks, [Check::Older, Check::Changed]);
    assert!(newer.is_some());
    assert_eq!(verification.seen, newer);

    // Whoever has read the newer one is not shown the older one again.
    for (at, path) in [manifest::PATH, manifest::SIGNATURE_PATH].into_iter().enumerate() {
        site.answer(path, [after[at].clone(), before[at].clone()]);
    }
    site.put("news/", page("other"));
    let verification = site.verify();
    assert_eq!(verification.findings.len(), 1, "{:#?}", verification.findings);
    assert_eq!(verification.seen, newer);
}
