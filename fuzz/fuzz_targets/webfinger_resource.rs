//! A question to WebFinger with whatever somebody asks: on each host it is refused or finds the one
//! account that is meant, and what is written in another way finds the same.

#![no_main]

use std::fmt::Write as _;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use sitegen::config::Mode;
use sitegen::load::Inputs;
use sitegen::pipeline::Hosted;

const SITE: &str = r#"
base_url = "https://www.party.example"
title = "The Party"

[[actors]]
user = "news"
name = "The Party"

[[actors]]
user = "jo.smith"
name = "Jo Smith"
"#;

/// What finds an account, and the file that is found.
const KNOWN: [(&str, &str); 6] = [
    ("acct:news@www.party.example", "ap/news/webfinger.json"),
    ("news@www.party.example", "ap/news/webfinger.json"),
    ("https://www.party.example/ap/news/actor.json", "ap/news/webfinger.json"),
    ("acct:jo.smith@www.party.example", "ap/jo.smith/webfinger.json"),
    ("jo.smith@www.party.example", "ap/jo.smith/webfinger.json"),
    ("https://www.party.example/ap/jo.smith/actor.json", "ap/jo.smith/webfinger.json"),
];

/// The site, on each host that chooses by what is asked for.
static SITES: LazyLock<Vec<Hosted>> = LazyLock::new(|| {
    let key: &[u8] = include_bytes!("../seeds/key.pem");
    let inputs = Inputs::from_files([
        ("site.toml", SITE.as_bytes()),
        ("keys/news.pem", key),
        ("keys/jo.smith.pem", key),
    ]);
    let mode = Mode::at("2026-06-01T12:00:00Z".parse().expect("it is a moment"));
    let load = |host: &&str| Hosted::load(&inputs, &mode, Some(host)).0.expect("it is a site");
    ["nginx", "apache", "netlify"].iter().map(load).collect()
});

fuzz_target!(|input: &[u8]| {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let mut encoded = "resource=".to_owned();
    input.iter().for_each(|byte| write!(encoded, "%{byte:02x}").expect("there is room"));
    let meant = KNOWN.iter().find(|(known, _)| known.eq_ignore_ascii_case(text));
    for site in SITES.iter() {
        let (status, file) = site.webfinger(text);
        assert!(matches!(status, 200 | 400 | 404), "{status}");
        // Some hosts show the first account to who names none.
        let is_one = |known: &str| file.as_deref() == Some(known);
        let is_found = is_one(".well-known/webfinger") || KNOWN.iter().any(|(_, file)| is_one(file));
        assert_eq!(status == 200, is_found, "{file:?}");
        // Netlify knows only what is written just so.
        let Some((known, wanted)) = meant else { continue };
        if site.host() != "Netlify" || *known == text {
            assert_eq!(site.webfinger(&encoded), (200, Some((*wanted).to_owned())));
        }
    }
    if meant.is_none() && !text.is_empty() {
        let (_, file) = SITES[0].webfinger(&encoded);
        // The page of an account is one more that finds it.
        let is_page = text.to_ascii_lowercase().starts_with("https://www.party.example/");
        assert!(is_page || !file.is_some_and(|file| file.starts_with("ap/")));
    }
});
