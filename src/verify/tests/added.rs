//! What is there besides the files, and what hosts answer for what is not there.

use super::site::{BASE, page, redirect, signed};
use crate::verify::Verdict;
use crate::verify::finding::{Check, Severity};

#[test]
fn what_was_added_is_found_by_links_in_feeds_and_under_the_names_that_all_know() {
    let site = signed();
    site.put("evil/", page("Vote for them"));
    site.assert_fine();
    // Nobody finds it without a link, and pages that are not as signed can link to anything.
    site.put("news/", page("<a href=\"../evil/?a#b\">x</a>"));
    assert_eq!(site.finding().check, Check::Changed);
    assert!(!site.asked.lock().unwrap().contains(&format!("{BASE}/evil/")));

    let evil = (Check::Added, format!("{BASE}/evil/"));
    let mut site = signed();
    site.put("evil/", page("Vote for them"));
    site.file("about.html", "<a href=\"evil/?a#b\">x</a>");
    site.sign();
    let finding = site.finding();
    assert_eq!((finding.check, finding.url), evil);

    let mut site = signed();
    site.put("evil/", page("Vote for them"));
    site.file("rss.xml", "<link>https://www.party.example/branch/evil/&quot;</link>");
    site.sign();
    let finding = site.finding();
    assert_eq!((finding.check, finding.url.clone()), evil);
    assert!(finding.help.contains("--except evil"), "{}", finding.help);
    site.except = vec!["/evil/".to_owned()];
    site.assert_fine();

    let site = signed();
    site.put("wp-login.php", page("<form>"));
    assert_eq!(site.finding().url, format!("{BASE}/wp-login.php"));
    // The host shows pages under other names too.
    site.put("wp-login.php", page(signed().files["index.html"]));
    site.assert_fine();
}

#[test]
fn what_was_added_is_found_on_a_host_that_shows_one_page_for_all_that_is_not_there() {
    let mut site = signed();
    site.nothing = |_| Ok(page("Welcome to our host"));
    let verification = site.verify();
    let checks: Vec<_> = verification.findings.iter().map(|it| (it.severity, it.check)).collect();
    assert_eq!(checks, [(Severity::Note, Check::AnswersAll)]);
    assert!(verification.human(false).contains("note[answers-all]"));
    site.put("wp-login.php", page("<form>"));
    assert_eq!(site.finding().url, format!("{BASE}/wp-login.php"));
    // One that shows the front page for everything, as for programs that run in browsers.
    site.nothing =
        |_| Ok(page("<a href=\"news/\">News</a> <a href=\"/branch/a b.pdf\">Leaflet</a>"));
    assert_eq!(site.finding().url, format!("{BASE}/wp-login.php"));
    site.remove("wp-login.php");
    assert_eq!(site.verify().findings, []);
}

#[test]
fn a_host_that_does_not_say_what_is_not_there_is_not_fine() {
    let mut site = signed();
    site.nothing = |address| Ok(page(address));
    let finding = site.finding();
    assert_eq!((finding.severity, finding.check), (Severity::Unknown, Check::AnswersAll));
    assert_eq!(site.verify().verdict(), Verdict::Unknown);

    site.nothing = |_| Ok(redirect(302, "/branch/round/"));
    let finding = site.finding();
    assert_eq!((finding.severity, finding.check), (Severity::Unknown, Check::AnswersAll));
    site.put("wp-login.php", page("<form>"));
    let checks: Vec<_> = site.findings().iter().map(|it| it.check).collect();
    assert_eq!(checks, [Check::Added, Check::AnswersAll]);
}

#[test]
fn nobody_can_foresee_which_names_are_asked_for_to_see_what_is_not_there() {
    let mut site = signed();
    let mut names = std::collections::BTreeSet::new();
    for chance in 0..5 {
        site.chance = chance;
        site.assert_fine();
        let known = site.answers.lock().unwrap();
        let asked: Vec<String> = site.asked.lock().unwrap().drain(..).collect();
        let asked = asked.into_iter().map(|url| url[BASE.len() + 1..].to_owned());
        let unknown = asked.filter(|it| !known.contains_key(it) && it.matches('-').count() == 2);
        names.extend(unknown);
    }
    assert_eq!(names.len(), 10, "{names:?}");
}

#[test]
fn of_very_many_links_some_are_followed_and_it_is_said() {
    let mut site = signed();
    let links: String = (0..1500).map(|number| format!("<a href=\"w{number}\">")).collect();
    site.file("about.html", Box::leak(links.into_boxed_str()));
    site.sign();
    let mut asked = std::collections::BTreeSet::new();
    for chance in 0..2 {
        site.chance = chance;
        let text = site.verify().human(false);
        assert!(text.contains("note[not-all]") && text.contains("1500 addresses"), "{text}");
        let urls: Vec<_> = site.asked.lock().unwrap().drain(..).collect();
        assert!(urls.contains(&format!("{BASE}/wp-login.php")));
        let urls = urls.into_iter().filter(|url| url.contains("/branch/w"));
        let before = asked.len();
        asked.extend(urls);
        assert!(asked.len() > before + 250);
    }
    assert!(asked.len() < 1003, "{}", asked.len());
}
