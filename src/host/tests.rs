//! What each host is told, and that no text breaks out of what it is told in.

use proptest::prelude::*;

use super::answer::Answer;
use super::reach::{Level, Reach};
use super::sample::{ODD, ODD_POLICY, finger, plan, redirect};
use super::*;

/// Everything that a host is told, as people would read it.
fn told(plan: &HostPlan) -> String {
    let mut text = String::new();
    for file in plan.files() {
        text.push_str(&format!("== {}\n{}\n", file.path, file.text));
    }
    if let Some(snippet) = plan.snippet("/srv/party") {
        text.push_str(&format!("== snippet\n{snippet}"));
    }
    text
}

#[track_caller]
fn check(name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("told");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, text));
}

/// A plan in which everything is asked for that the host can do.
fn full(host: Host) -> HostPlan {
    let post_office = match host {
        Host::Netlify | Host::Vercel => "https://post.party.example",
        _ => "http://127.0.0.1:8025",
    };
    HostPlan { post_office: Some(post_office.to_owned()), precompressed: true, ..plan(host) }
}

#[test]
fn each_host_is_told_in_its_own_words() {
    for host in Host::ALL {
        check(host.name(), &told(&full(*host)));
    }
}

#[test]
fn people_are_told_what_their_host_cannot_do() {
    let mut text = String::new();
    for host in Host::ALL {
        for (title, plan) in [("", plan(*host)), (" with a post office", full(*host))] {
            let Reach { level, missing } = plan.reach().unwrap();
            text.push_str(&format!("== {}{title}: {}\n", host.name(), level.name()));
            missing.iter().for_each(|line| text.push_str(&format!("{line}\n")));
        }
    }
    check("reach", &text);
}

#[test]
fn a_site_without_actors_reaches_nothing_and_has_no_rules_for_them() {
    for host in Host::ALL {
        let plan = HostPlan { fingers: Vec::new(), gone: Vec::new(), ..plan(*host) };
        assert_eq!(plan.reach(), None);
        assert!(!told(&plan).contains("arg_resource"), "{}", host.name());
    }
}

#[test]
fn one_actor_is_enough_for_a_host_that_cannot_choose() {
    let plan = HostPlan { fingers: vec![finger("news")], ..plan(Host::CloudflarePages) };
    let reach = plan.reach().unwrap();
    assert_eq!(reach.level, Level::Readable);
    assert!(!reach.missing.iter().any(|line| line.contains("same answer")), "{reach:?}");
}

#[test]
fn only_a_public_post_office_is_one_for_a_service() {
    for (address, is_reachable) in [
        ("https://post.party.example", true),
        ("http://post.party.example", false),
        ("https://203.0.113.7", false),
        ("https://[2001:db8::1]", false),
        ("https://localhost", false),
        ("https://www.party.example", false),
        ("nonsense", false),
    ] {
        let post_office = Some(address.to_owned());
        let plan = HostPlan { post_office, ..plan(Host::Netlify) };
        assert_eq!(plan.reachable_post_office().is_some(), is_reachable, "{address}");
        let level = if is_reachable { Level::Followable } else { Level::Readable };
        assert_eq!(plan.reach().unwrap().level, level, "{address}");
    }
}

#[test]
fn a_post_office_may_be_a_program_where_apache_starts_it() {
    let with = |host| HostPlan { post_office: Some("/cgi-bin/inbox.cgi".to_owned()), ..plan(host) };
    let plan = with(Host::Apache);
    let rule = "RewriteRule \"^ap/(?:[^/]+/inbox|check)$\" \"/cgi-bin/inbox.cgi\" [END]";
    assert!(plan.files().iter().any(|file| file.text.contains(rule)));
    assert!(!plan.snippet("/srv/www").unwrap().contains("ProxyPass"));
    assert_eq!(plan.reach().unwrap().level, Level::Followable);
    assert_eq!(ask(&plan, "POST", "/ap/news/inbox").status, 503);
    assert_eq!(with(Host::Nginx).reach().unwrap().level, Level::Readable);
}

#[test]
fn a_site_without_encryption_promises_none() {
    for host in [Host::Nginx, Host::Netlify, Host::Lighttpd] {
        let plan = HostPlan { base_url: "http://www.party.example".to_owned(), ..plan(host) };
        assert!(!told(&plan).contains("Strict-Transport"), "{}", host.name());
        let plan = HostPlan { hsts_days: 0, ..self::plan(host) };
        assert!(!told(&plan).contains("Strict-Transport"), "{}", host.name());
    }
}

#[test]
fn a_folder_that_cannot_be_written_down_is_left_to_the_reader() {
    for host in [Host::Nginx, Host::Apache, Host::Caddy, Host::Lighttpd, Host::S3] {
        let snippet = plan(host).snippet("/srv/\"$x;\n}/public").unwrap();
        assert!(snippet.contains("\"/path/to/the/output\""), "{snippet}");
        assert!(!snippet.contains("$x;"), "{snippet}");
    }
}

/// A line without what stands between its quotes. Not closed quotes stay.
fn outside_of_quotes(line: &str) -> String {
    let mut outside = String::new();
    let mut chars = line.chars();
    let mut inside = None::<String>;
    while let Some(c) = chars.next() {
        match (&mut inside, c) {
            (None, '"') => inside = Some(String::new()),
            (None, c) => outside.push(c),
            (Some(_), '"') => inside = None,
            (Some(text), '\\') => {
                text.push(c);
                text.extend(chars.next());
            }
            (Some(text), c) => text.push(c),
        }
    }
    outside.push_str(&inside.unwrap_or_default());
    outside
}

/// What a host cannot be told of an error page: it leaves such a page out.
fn unnamed(host: Host) -> &'static [char] {
    match host {
        Host::Nginx => &['$', '?'],
        Host::Caddy => &['%', '{', '}', '?', '#', '"', '`'],
        _ => &[],
    }
}

/// Whatever is in the texts of a plan, outside of quotes its configuration stays the same.
#[track_caller]
fn stays_inside(host: Host, path: &str, policy: &str) {
    let with = |path: &str, policy: &str| {
        let mut plan = full(host);
        plan.redirects = vec![redirect(path, path), redirect("/last/", "/")];
        // Apache takes no quotes there, and lighttpd no folders that would need them.
        if !matches!(host, Host::Apache | Host::Lighttpd) {
            let page = path.replace(unnamed(host), "x");
            plan.not_found.insert(0, (path.to_owned(), page));
        }
        plan.gone = vec![format!("/ap{path}")];
        plan.content_security_policy = policy.to_owned();
        told(&plan).lines().map(outside_of_quotes).collect::<Vec<_>>()
    };
    // Folders and file names differ in how many rules they need.
    let simple = if path.ends_with('/') { "/simple/" } else { "/simple.html" };
    let (odd, simple) = (with(path, policy), with(simple, "default-src 'none'"));
    for (odd, simple) in odd.iter().zip(&simple) {
        assert_eq!(odd, simple, "{}: {path}", host.name());
    }
    assert_eq!(odd.len(), simple.len(), "{}: {path}", host.name());
}

/// Those whose configuration has quotes; for the others see the reading of lines.
const QUOTING: &[Host] =
    &[Host::Nginx, Host::Apache, Host::Caddy, Host::Lighttpd, Host::Vercel, Host::S3];

#[test]
fn odd_addresses_change_nothing_around_them() {
    for host in QUOTING {
        for path in ODD {
            stays_inside(*host, path, ODD_POLICY);
        }
    }
}

/// The fields of the lines that lead from one address to another.
fn redirect_lines(text: &str) -> Vec<Vec<&str>> {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines.map(|line| line.split(' ').collect()).collect()
}

#[test]
fn odd_addresses_are_read_back_from_lines_and_from_json() {
    for path in ODD {
        let mut plan = plan(Host::CloudflarePages);
        plan.redirects = vec![redirect(path, path)];
        let files = plan.files();
        let lines = redirect_lines(&files[1].text);
        assert_eq!(lines.len(), 1, "{lines:?}");
        assert_eq!(lines[0].len(), 3, "{lines:?}");
        assert_eq!(spelling::plain(lines[0][0]), *path);
        assert!(!lines[0][0].contains(['*', ':']), "{lines:?}");
        plan.host = Host::Vercel;
        let json: serde_json::Value = serde_json::from_str(&plan.files()[0].text).unwrap();
        let source = json["redirects"][0]["source"].as_str().unwrap();
        assert_eq!(spelling::plain(source), *path);
        assert!(!source.contains(['*', ':', '(', '{', '?', '+']), "{source}");
    }
}

#[test]
fn all_spellings_of_a_path_are_one() {
    for path in ODD {
        assert_eq!(spelling::address(path), spelling::address(&spelling::address(path)));
        assert_eq!(spelling::plain(&spelling::address(path)), *path);
    }
}

proptest! {
    #[test]
    fn no_path_and_no_policy_breaks_out(
        path in "/([a-z \"'\\\\$%{}()#;*?<>`~:&=+,!|^\\[\\]\u{e9}-]{1,12}/){1,2}",
        policy in "([a-z '\";\\\\$%{}\n#`\u{e9}]|\\PC){0,40}"
    ) {
        // No page lies there, and so no old address of one.
        prop_assume!(!path.starts_with("/ap/"));
        for host in QUOTING {
            stays_inside(*host, &path, &format!("default-src 'none' {policy}"));
        }
        let headers = |policy: &str| {
            let content_security_policy = policy.to_owned();
            let plan = HostPlan { content_security_policy, ..plan(Host::Netlify) };
            plan.files()[0].text.lines().count()
        };
        prop_assert_eq!(headers(&format!("default-src 'none' {policy}")), headers("x"));
    }

    #[test]
    fn a_pattern_has_nothing_that_a_configuration_reads(text in "\\PC{0,20}") {
        let pattern = spelling::pattern(&text);
        let is_plain =
            |c: char| !c.is_ascii() || c.is_ascii_alphanumeric() || "/-_:@\\.".contains(c);
        prop_assert!(pattern.chars().all(is_plain), "{pattern}");
        // Read back.
        let mut back = String::new();
        let mut rest = &*pattern;
        while let Some(c) = rest.chars().next() {
            let (c, length) = match rest.strip_prefix("\\x") {
                Some(hex) => (char::from(u8::from_str_radix(&hex[..2], 16).unwrap()), 4),
                None if c == '\\' => ('.', 2),
                None => (c, c.len_utf8()),
            };
            back.push(c);
            rest = &rest[length..];
        }
        prop_assert_eq!(back, text);
    }
}

/// What a host answers, of a site with these files.
fn ask(plan: &HostPlan, method: &str, target: &str) -> Answer {
    const FILES: &[&str] = &[
        "index.html",
        "404.html",
        "cy/404.html",
        "news/index.html",
        "news/feed.json",
        "old/index.html",
        "ap/news/actor.json",
        "ap/news/webfinger.json",
        "ap/jo.smith/webfinger.json",
        "ap/news/posts/slip.json",
        ".well-known/webfinger",
        "a.jpg",
    ];
    let (path, query) = target.split_once('?').map_or((target, None), |(p, q)| (p, Some(q)));
    plan.answer(&Asked { method, path, query }, &|path| FILES.contains(&path))
}

fn get(plan: &HostPlan, target: &str) -> (u16, String, String) {
    let answer = ask(plan, "GET", target);
    let types: Vec<_> = answer.headers.iter().filter(|(name, _)| name == "Content-Type").collect();
    assert_eq!(types.len(), 1, "{answer:?}");
    (answer.status, types[0].1.clone(), answer.file.unwrap_or_default())
}

fn answer(status: u16, media_type: &str, file: &str) -> (u16, String, String) {
    (status, media_type.to_owned(), file.to_owned())
}

const HTML: &str = "text/html; charset=utf-8";

#[test]
fn a_server_answers_with_the_types_that_others_want() {
    let plan = plan(Host::Nginx);
    let activity = "application/activity+json";
    let cases = [
        ("/", answer(200, HTML, "index.html")),
        ("/news", answer(301, "text/html", "")),
        ("/news/", answer(200, HTML, "news/index.html")),
        ("/news/feed.json", answer(200, "application/feed+json", "news/feed.json")),
        ("/ap/news/actor.json", answer(200, activity, "ap/news/actor.json")),
        ("/ap/news/posts/slip.json", answer(410, activity, "ap/news/posts/slip.json")),
        ("/old", answer(301, "text/html", "")),
        ("/old/", answer(301, "text/html", "")),
        ("/none/", answer(404, HTML, "404.html")),
        ("/cy/none/", answer(404, HTML, "cy/404.html")),
        ("/%2e%2e/site.toml", answer(400, "text/html", "")),
        ("/.git/config", answer(404, HTML, "404.html")),
        ("/ap/news/inbox", answer(404, HTML, "404.html")),
    ];
    for (target, expected) in cases {
        assert_eq!(get(&plan, target), expected, "{target}");
    }
    let moved = ask(&plan, "GET", "/old/");
    assert!(moved.headers.contains(&("Location".into(), "/news/new/".into())), "{moved:?}");
    assert_eq!(ask(&plan, "POST", "/ap/news/inbox").status, 404);
    assert_eq!(ask(&plan, "POST", "/news/index.html").status, 405);
}

#[test]
fn an_actor_is_found_in_every_spelling() {
    let plan = plan(Host::Nginx);
    for (query, expected) in [
        ("resource=acct:news@www.party.example", "news"),
        ("resource=acct%3Anews%40www.party.example", "news"),
        ("resource=acct%3anews%40WWW.party.example&rel=self", "news"),
        ("rel=self&resource=NEWS@www.party.example", "news"),
        ("resource=https%3A%2F%2Fwww.party.example%2Fap%2Fjo.smith%2Factor.json", "jo.smith"),
        ("resource=https://www.party.example/jo.smith/", "jo.smith"),
    ] {
        let file = format!("ap/{expected}/webfinger.json");
        let found = get(&plan, &format!("/.well-known/webfinger?{query}"));
        assert_eq!(found, answer(200, rules::JRD, &file), "{query}");
    }
    for query in ["?resource=acct:joxsmith@www.party.example", "?resource=acct:x@y"] {
        assert_eq!(get(&plan, &format!("/.well-known/webfinger{query}")).0, 404, "{query}");
    }
    for query in ["", "?", "?resource=", "?rel=self"] {
        assert_eq!(get(&plan, &format!("/.well-known/webfinger{query}")).0, 400, "{query}");
    }
}

#[test]
fn a_host_that_cannot_choose_has_one_answer_for_all() {
    let cloudflare = plan(Host::CloudflarePages);
    let asked = "/.well-known/webfinger?resource=acct:jo.smith@www.party.example";
    let one = |media_type| answer(200, media_type, ".well-known/webfinger");
    assert_eq!(get(&cloudflare, asked), one(rules::JRD));
    assert_eq!(get(&plan(Host::GithubPages), asked), one("application/octet-stream"));
}

/// Whether a rule of `_headers` is for a path: `:user` is any part of one, and an asterisk is
/// whatever is there.
fn is_for(rule: &str, path: &str) -> bool {
    let (rule, end) = rule.split_once('*').map_or((rule, None), |(start, end)| (start, Some(end)));
    let takes_more = end.is_some_and(|end| path.ends_with(end));
    let mut path = path.split('/');
    let mut rule = rule.split('/').peekable();
    while let Some(part) = rule.next() {
        let Some(found) = path.next() else { return false };
        let is_last = rule.peek().is_none();
        let is_same = part == found || part.starts_with(':');
        if !(is_same || is_last && takes_more && found.starts_with(part)) {
            return false;
        }
    }
    takes_more || path.next().is_none()
}

#[test]
fn netlify_is_told_one_type_for_each_document_and_for_what_answers_for_a_name() {
    let files = plan(Host::Netlify).files();
    let mut rule = "";
    let mut told = Vec::new();
    for line in files[0].text.lines() {
        match line.strip_prefix("  Content-Type: ") {
            Some(media_type) => told.push((rule, media_type)),
            None => rule = line,
        }
    }
    let activity = rules::ACTIVITY;
    for (path, expected) in [
        ("/ap/news/actor.json", activity),
        ("/ap/news/index.json", activity),
        ("/ap/news/outbox.json", activity),
        ("/ap/news/outbox-12.json", activity),
        ("/ap/news/followers.json", activity),
        ("/ap/news/following.json", activity),
        ("/ap/news/featured.json", activity),
        ("/ap/news/featured-tags.json", activity),
        ("/ap/jo.smith/posts/news-webfinger.json", activity),
        ("/ap/jo.smith/webfinger.json", rules::JRD),
        ("/.well-known/webfinger", rules::JRD),
        ("/.well-known/nodeinfo", "application/json"),
    ] {
        let found = told.iter().filter(|(rule, _)| is_for(rule, path));
        let found: Vec<_> = found.map(|(_, media_type)| *media_type).collect();
        assert_eq!(found, [expected], "{path}");
    }
}

#[test]
fn netlify_and_cloudflare_take_what_is_written_for_them_word_for_word() {
    let netlify = plan(Host::Netlify);
    let asked = |name: &str| get(&netlify, &format!("/.well-known/webfinger?resource=acct:{name}"));
    assert_eq!(asked("news@www.party.example").0, 200);
    assert_eq!(asked("NEWS@www.party.example").0, 404);
    assert_eq!(get(&netlify, "/old").0, 301);
    // From the page at an old address to its folder, and only from there to the new page.
    let cloudflare = plan(Host::CloudflarePages);
    let leads = |target: &str, status: u16, to: &str| {
        let answer = ask(&cloudflare, "GET", target);
        assert_eq!(answer.status, status, "{target}");
        assert!(answer.headers.contains(&("Location".into(), to.into())), "{answer:?}");
    };
    leads("/old", 308, "/old/");
    leads("/old/", 301, "/news/new/");
}

#[test]
fn github_pages_answers_with_types_of_its_own() {
    let plan = plan(Host::GithubPages);
    let json = "application/json; charset=utf-8";
    assert_eq!(get(&plan, "/ap/news/actor.json"), answer(200, json, "ap/news/actor.json"));
    assert_eq!(get(&plan, "/cy/none/"), answer(404, HTML, "404.html"));
    assert_eq!(get(&plan, "/old/"), answer(200, HTML, "old/index.html"));
    assert_eq!(ask(&plan, "POST", "/ap/news/inbox").status, 405);
    let headers = ask(&plan, "GET", "/").headers;
    assert_eq!(headers.len(), 1, "{headers:?}");
}

#[test]
fn a_post_office_that_is_away_is_not_a_missing_one() {
    let plan = full(Host::Caddy);
    for (method, target) in
        [("POST", "/ap/news/inbox"), ("GET", "/ap/news/inbox"), ("GET", "/ap/check")]
    {
        let answer = ask(&plan, method, target);
        assert_eq!(answer.status, 503, "{target}");
        assert!(answer.headers.contains(&("Retry-After".into(), "120".into())), "{answer:?}");
    }
    assert_eq!(ask(&plan, "GET", "/ap/news/posts/inbox").status, 404);
}

#[test]
fn what_is_for_everybody_says_so_and_pictures_are_kept_longer() {
    let plan = plan(Host::Apache);
    let header = |target: &str, name: &str| {
        let found = ask(&plan, "GET", target).headers.into_iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value)
    };
    for target in ["/ap/news/actor.json", "/.well-known/nodeinfo", "/news/feed.json"] {
        assert_eq!(header(target, "Access-Control-Allow-Origin").as_deref(), Some("*"));
    }
    assert_eq!(header("/", "Access-Control-Allow-Origin"), None);
    assert_eq!(header("/a.jpg", "Cache-Control").as_deref(), Some(rules::LONG));
    assert_eq!(header("/news/", "Cache-Control").as_deref(), Some(rules::BRIEF));
    let hsts = header("/none", "Strict-Transport-Security");
    assert_eq!(hsts.as_deref(), Some("max-age=86400"));
}
