//! The files, as hosts serve them.

use std::io::Write as _;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::site::{BASE, page, redirect, reply, signed};
use crate::doctor::ask::AskError;
use crate::hash::Hash;
use crate::manifest;
use crate::path::OutputPath;
use crate::verify::Verdict;
use crate::verify::compare::{Wanted, compare};
use crate::verify::finding::{Check, Severity};

#[test]
fn a_site_that_is_as_signed_has_nothing_to_find() {
    let site = signed();
    let verification = site.verify();
    assert_eq!(verification.findings, []);
    assert_eq!(verification.verdict(), Verdict::Same);
    assert_eq!((verification.asked, verification.same, verification.for_host), (6, 6, 2));
    let line = "https://www.party.example/branch: 6 of 6 files are as signed on \
                2026-05-01T10:00:00Z.\n";
    assert_eq!(verification.human(true), line);
    let asked = site.asked.lock().unwrap();
    assert!(
        asked.contains(&format!("{BASE}/news/")) && asked.contains(&format!("{BASE}/a%20b.pdf"))
    );
    assert!(!asked.iter().any(|url| url.contains("htaccess") || url.contains("_headers")));
}

#[test]
fn a_changed_byte_is_named() {
    let site = signed();
    site.put("news/", page("<a href=\"https://elsewhere.example/\">y</a><img src=\"../x.png\">"));
    let finding = site.finding();
    assert_eq!((finding.severity, finding.check), (Severity::Alarm, Check::Changed));
    assert_eq!(finding.url, format!("{BASE}/news/"));
    assert_eq!(finding.path.as_deref(), Some("news/index.html"));
    let (expected, found) = (finding.expected.unwrap(), finding.found.unwrap());
    assert_eq!(expected.size, found.size);
    assert_ne!(expected.hash, found.hash);
    let verification = site.verify();
    assert_eq!((verification.asked, verification.same), (6, 5));
    let text = verification.human(false);
    for words in [&expected.hash, &found.hash, "alarm[changed]: ", "5 of 6", "1 thing is not"] {
        assert!(text.contains(words), "{words}: {text}");
    }
}

#[test]
fn a_file_that_is_gone_and_one_that_is_far_longer_are_named() {
    let site = signed();
    site.remove("x.png");
    let finding = site.finding();
    assert_eq!((finding.check, finding.path.as_deref()), (Check::Missing, Some("x.png")));
    let site = signed();
    site.answer("x.png", [Err(AskError::TooLarge(262_147))]);
    assert_eq!(site.finding().check, Check::Changed);
    site.put("x.png", reply(403, "text/html", "No."));
    assert_eq!(site.finding().check, Check::Missing);
}

#[test]
fn a_header_by_which_browsers_show_something_else_is_an_alarm() {
    for (name, value) in [
        ("refresh", "0; url=https://evil.example/"),
        ("Link", "<https://evil.example/x.css>; rel=StyleSheet"),
        ("Content-Disposition", "attachment"),
    ] {
        let site = signed();
        let mut meddled = page(site.files["news/index.html"]);
        meddled.headers.push((name.to_owned(), value.to_owned()));
        site.put("news/", meddled);
        let finding = site.finding();
        assert_eq!((finding.severity, finding.check), (Severity::Alarm, Check::Header));
        assert!(finding.message.contains(value), "{}", finding.message);
        let verification = site.verify();
        assert_eq!((verification.asked, verification.same), (6, 5));
    }
    // What hosts send to make a page faster, or to name a download.
    let site = signed();
    let mut news = page(site.files["news/index.html"]);
    news.headers
        .push(("Link".to_owned(), "</branch/stylesheet.css>; rel=preload; as=style".to_owned()));
    site.put("news/", news);
    let mut leaflet = reply(200, "application/pdf", "PDF");
    leaflet.headers.push(("Content-Disposition".to_owned(), "attachment".to_owned()));
    site.put("a%20b.pdf", leaflet);
    site.assert_fine();
}

#[test]
fn what_is_no_page_and_is_shown_as_one_is_an_alarm_and_a_page_that_is_not_shown_too() {
    let mut site = signed();
    site.file("robots.txt", "User-agent: *");
    site.file("LICENSE", "<h1>Free</h1>");
    site.sign();
    site.put("LICENSE", reply(200, "text/html", "<h1>Free</h1>"));
    site.put("robots.txt", reply(200, "text/plain", "User-agent: *"));
    // Whatever else a host thinks of it.
    site.put("x.png", reply(200, "application/octet-stream", "PNG"));
    site.assert_fine();
    for kind in ["Text/HTML; charset=utf-8", "application/xhtml+xml"] {
        site.put("robots.txt", reply(200, kind, "User-agent: *"));
        let finding = site.finding();
        assert_eq!((finding.severity, finding.check), (Severity::Alarm, Check::Type));
        assert_eq!(finding.path.as_deref(), Some("robots.txt"));
        assert_eq!(site.verify().same, 7);
    }
    let site = signed();
    let news = site.files["news/index.html"];
    site.put("news/", reply(200, "text/plain", news));
    assert_eq!(site.finding().check, Check::Type);
    let mut untyped = page(news);
    untyped.headers.clear();
    site.put("news/", untyped);
    site.assert_fine();
}

#[test]
fn a_bad_moment_passes_and_what_changed_says_more_than_what_had_no_answer() {
    let site = signed();
    let fine = Ok(reply(200, "image/png", "PNG"));
    let mut busy = reply(503, "text/html", "Later");
    busy.headers.push(("Retry-After".to_owned(), "7".to_owned()));
    site.answer("x.png", [Err(AskError::TimeOut), Ok(busy.clone()), fine.clone()]);
    site.assert_fine();
    let waited = site.waited.lock().unwrap().clone();
    assert_eq!(waited, [Duration::from_secs(1), Duration::from_secs(7)]);

    busy.headers[1].1 = "86400".to_owned();
    for address in ["", "news/", "a%20b.pdf", "x.png"] {
        site.answer(address, [Ok(busy.clone())]);
    }
    let findings = site.findings();
    let is_open = |check, severity| (check, severity) == (Check::NotAsked, Severity::Unknown);
    assert!(findings.iter().all(|it| is_open(it.check, it.severity)), "{findings:#?}");
    assert_eq!(findings.len(), 4);
    assert!(site.waited.lock().unwrap().iter().all(|pause| *pause <= Duration::from_secs(30)));
    assert_eq!(site.verify().verdict(), Verdict::Unknown);
    site.put("feed.xml", page("other"));
    assert_eq!(site.verify().verdict(), Verdict::Differs);
}

#[test]
fn what_never_has_an_answer_while_all_else_has_one_is_kept_back() {
    let late = || Ok(reply(503, "text/html", "Later"));
    for answer in [late(), Err(AskError::TimeOut), Ok(redirect(302, "/branch/news/"))] {
        let site = signed();
        site.answer("news/", [answer]);
        let finding = site.finding();
        assert_eq!((finding.severity, finding.check), (Severity::Alarm, Check::Withheld));
        assert_eq!(finding.path.as_deref(), Some("news/index.html"));
        assert_eq!(site.verify().verdict(), Verdict::Differs);
    }
    // It has one after a while.
    let site = signed();
    let news = page(site.files["news/index.html"]);
    let mut answers = vec![late(); 5];
    answers.push(Ok(news));
    site.answer("news/", answers);
    let verification = site.verify();
    assert_eq!(verification.findings, []);
    assert_eq!(verification.same, 6);
    // Somebody whose line is slow.
    let mut site = signed();
    site.file("film.mp4", Box::leak("film".repeat(1 << 20).into_boxed_str()));
    site.sign();
    site.answer("film.mp4", [Err(AskError::TimeOut)]);
    assert_eq!(site.finding().check, Check::NotAsked);
    // The host has gone away in the meantime.
    let site = signed();
    site.answer("news/", [late()]);
    let list = site.answers.lock().unwrap()[manifest::PATH][0].clone();
    site.answer(manifest::PATH, [list, late()]);
    let finding = site.finding();
    assert_eq!((finding.severity, finding.check), (Severity::Unknown, Check::NotAsked));
}

#[test]
fn a_host_that_is_silent_is_left_alone() {
    let mut site = signed();
    for number in 0..200 {
        site.file(Box::leak(format!("p{number}.html").into_boxed_str()), "text");
    }
    site.sign();
    for path in site.files.keys() {
        let address = OutputPath::new(path).unwrap().address();
        site.answer(&address, [Err(AskError::TimeOut)]);
    }
    let findings = site.findings();
    assert!(findings.iter().all(|finding| finding.severity == Severity::Unknown));
    assert!(site.asked.lock().unwrap().len() < 60, "{}", site.asked.lock().unwrap().len());
}

#[test]
fn a_page_that_leads_on_is_one_whose_host_leads_there_itself() {
    let old = "<meta http-equiv=\"refresh\" content=\"0; url=/branch/news/\">";
    let site = || {
        let mut site = signed();
        site.file("old/index.html", old);
        site.sign();
        site
    };
    site().assert_fine();
    let leads = |to: &str| {
        let site = site();
        site.put("old/", redirect(301, to));
        site
    };
    // The file can be seen under its name.
    let by_name = leads("/branch/news/");
    by_name.put("old/index.html", page(old));
    by_name.assert_fine();
    let elsewhere = leads("https://elsewhere.example/");
    elsewhere.put("old/index.html", page(old));
    assert_eq!(elsewhere.finding().check, Check::Changed);
    // It cannot be seen.
    let hidden = leads("/branch/news/");
    hidden.put("old/index.html", redirect(308, "/branch/old/"));
    let findings = hidden.verify().findings;
    assert_eq!((findings[0].severity, findings[0].check), (Severity::Note, Check::NotComparable));
    assert_eq!(hidden.verify().verdict(), Verdict::Same);
    for to in ["https://elsewhere.example/", "/branch/nowhere/", "//evil.example/branch/news/"] {
        let finding = leads(to).finding();
        assert!(matches!(finding.check, Check::Changed | Check::Missing), "{to}: {finding:?}");
    }
    // Only pages lead on, and only to pages.
    let mut site = signed();
    site.file("robots.txt", "User-agent: *");
    site.file("z/index.html", old);
    site.sign();
    site.put("robots.txt", redirect(301, "/branch/news/"));
    let finding = site.finding();
    assert_eq!((finding.severity, finding.check), (Severity::Alarm, Check::Changed));
    site.put("robots.txt", reply(200, "text/plain", "User-agent: *"));
    for to in ["/branch/x.png", "/branch/404.html", "/branch/feed.xml"] {
        site.put("z/", redirect(301, to));
        assert_eq!(site.finding().path.as_deref(), Some("z/index.html"));
    }
    site.put("z/", page(old));
    site.put("", redirect(301, "/branch/news/"));
    assert_eq!(site.finding().path.as_deref(), Some("index.html"));
    // A page to read is none that leads on.
    let site = signed();
    site.put("news/", redirect(302, "/branch/"));
    site.put("news/index.html", page(site.files["news/index.html"]));
    let finding = site.finding();
    assert_eq!(finding.check, Check::Changed);
    assert!(finding.message.contains("leads to"), "{}", finding.message);
}

#[test]
fn addresses_without_endings_and_pages_for_what_is_not_there_are_as_hosts_have_them() {
    let mut site = signed();
    site.file("about.html", "About us.");
    site.sign();
    site.put("about.html", redirect(308, "/branch/about"));
    site.put("about", page("About us."));
    // It answers as for anything that is not there.
    site.remove("404.html");
    site.assert_fine();
    site.put("about", page("About them."));
    let finding = site.finding();
    assert_eq!(finding.check, Check::Changed);
    assert!(finding.found.is_some());
    site.put("about", page("About us."));
    site.put("404.html", reply(404, "text/html", "Nothing."));
    site.nothing = |_| Ok(reply(404, "text/html", "Wrong page"));
    assert_eq!(site.finding().path.as_deref(), Some("404.html"));
}

#[test]
fn what_comes_compressed_all_the_same_is_unpacked() {
    let packed = |text: &str| {
        let mut writer = GzEncoder::new(Vec::new(), Compression::fast());
        writer.write_all(text.as_bytes()).unwrap();
        let mut reply = page("");
        reply.body = writer.finish().unwrap();
        reply.headers.push(("Content-Encoding".to_owned(), "gzip".to_owned()));
        reply
    };
    let site = signed();
    site.put("news/", packed(site.files["news/index.html"]));
    site.assert_fine();
    site.put("news/", packed("other"));
    assert_eq!(site.finding().found.unwrap().size, 5);
    // A little that would be very much.
    site.put("news/", packed(&"0".repeat(4 << 20)));
    assert_eq!(site.finding().check, Check::Changed);
}

#[test]
fn a_host_that_writes_into_pages_is_told_from_others() {
    let site = signed();
    let body = "<a href=\"/cdn-cgi/l/email-protection#ab\" class=\"__cf_email__\">[email]</a>";
    site.put("news/", page(body));
    let help = site.finding().help;
    assert!(help.starts_with("Cloudflare hides e-mail addresses"), "{help}");
}

#[test]
fn a_sample_has_the_front_page_and_others_each_time() {
    let mut site = signed();
    let mut asked = std::collections::BTreeSet::new();
    for number in 0..30 {
        (site.sample, site.chance) = (Some(2), number);
        let verification = site.verify();
        assert!(verification.asked + verification.for_host == 2);
        asked.extend(site.asked.lock().unwrap().drain(..));
    }
    for file in ["", "news/", "x.png", "feed.xml", "404.html"] {
        assert!(asked.contains(&format!("{BASE}/{file}")), "{file}");
    }
}

#[test]
fn files_are_compared_without_a_list_too() {
    let site = signed();
    site.remove(manifest::PATH);
    let wanted = |path: &str, text: &str, content_type: &str| Wanted {
        path: OutputPath::new(path).unwrap(),
        hash: Hash::of(text.as_bytes()).unwrap(),
        size: text.len() as u64,
        content_type: Some(content_type.to_owned()),
    };
    let files = [
        wanted("x.png", "PNG", "image/png"),
        wanted("a b.pdf", "PDF", "text/plain"),
        wanted("feed.xml", "other", "application/xml"),
    ];
    let findings = site.with_means(|means| compare(means, BASE, &files));
    let found: Vec<_> = findings.iter().map(|it| (it.check, it.path.as_deref())).collect();
    assert_eq!(found, [(Check::Changed, Some("feed.xml")), (Check::Type, Some("a b.pdf"))]);
}

#[test]
fn programs_get_a_line_for_each_thing_and_a_summary() {
    let site = signed();
    site.put("x.png", reply(200, "image/png", "GIF"));
    let text = site.verify().json();
    let lines: Vec<serde_json::Value> =
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[0]["kind"], "finding");
    assert_eq!(lines[0]["check"], "changed");
    assert_eq!(lines[0]["path"], "x.png");
    assert_eq!(lines[0]["found"]["size"], 3);
    assert_eq!(lines[1]["kind"], "summary");
    assert_eq!((&lines[1]["ok"], &lines[1]["alarms"]), (&false.into(), &1.into()));
    assert_eq!(lines[1]["made"], "2026-05-01T10:00:00Z");
    assert_eq!(lines[1]["key"], site.key.public().to_string());
}
