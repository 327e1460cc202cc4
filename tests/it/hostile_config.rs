//! A `site.toml` with mistakes: each is an error with its line and a suggestion.

use crate::fixture::site;

const TITLE: &str = "title = \"The Party\"\n";
const BASE: &str = "base_url = \"https://party.example\"\n";

/// Builds with the lines of a `site.toml`; what is said has to name the place and to help.
#[track_caller]
fn assert_refused(config: &str, parts: &[&str]) {
    let built = site("").with("site.toml", config).try_build();
    let messages = built.messages();
    assert!(built.report.has_errors(), "{config}");
    assert!(messages.contains("--> site.toml"), "{messages}");
    assert!(messages.contains("= help: "), "{messages}");
    for part in parts {
        assert!(messages.contains(part), "`{part}` is missing in:\n{messages}");
    }
    assert!(built.artifacts.is_empty(), "nothing is made from it: {config}");
}

#[test]
fn c_01_an_unknown_key_is_an_error_with_the_key_that_is_meant() {
    for (line, meant) in [
        ("descripton = \"x\"", "did you mean `description`?"),
        ("Title = \"x\"", "did you mean `title`?"),
        ("baseurl = \"https://party.example\"", "here it is called `base_url`"),
        ("publishDir = \"out\"", "here it is called `output_dir`"),
        ("colour = \"green\"", "write a line `[look]`"),
        ("sunshine = \"green\"", "values of your own go under `extra`"),
        ("[markdown]\nraw_htlm = true", "did you mean `raw_html`?"),
        ("[languages.cy]\ntitel = \"Y Blaid\"", "did you mean `title`?"),
        ("[[taxonomies]]\nname = \"towns\"\npaginate = 5", "here it is called `paginate_by`"),
        ("menu = [{ title = \"A\", link = \"/a/\" }]", "unknown key `link`"),
    ] {
        let row = 2 + line.split('\n').count();
        let place = format!("--> site.toml:{row}:");
        assert_refused(&format!("{BASE}{TITLE}{line}\n"), &["unknown-key", meant, &place]);
    }
}

#[test]
fn c_01_a_wrong_type_is_an_error_that_says_which_is_right() {
    for (line, wanted) in [
        ("author = 5", "text in quotes"),
        ("feed_limit = \"many\"", "a whole number"),
        ("feed_limit = 1.5", "a whole number"),
        ("feed_limit = -1", "`feed_limit` must not be negative"),
        ("generate_feeds = \"yes\"", "true or false"),
        ("generate_sitemap = 1", "true or false"),
        ("timezone = 1", "text in quotes"),
        ("timezone = \"Europe/Lodnon\"", "Europe/London"),
        ("front_matter = \"relaxed\"", "write one of `strict`, `lenient`"),
        ("feed_formats = [\"rdf\"]", "write one of `atom`, `rss`, `json`"),
        ("feed_hub = \"hub\"", "with `https://` at the beginning"),
        ("default_language = \"english\"", "two or three letters"),
        ("default_language = \"../x\"", "two or three letters"),
        ("languages = [\"cy\"]", "a table"),
        ("taxonomies = \"tags\"", "a list of tables"),
        ("extra = 5", "a table"),
        ("menu = \"@/about.md\"", "write the links in brackets"),
        ("menu = [5]", "a link that begins with"),
        ("theme = \"../x\"", "it has a slash"),
        ("theme = \"nowhere\"", "themes/nowhere/"),
        ("markdown = true", "a table"),
        ("id_base = \"party\"", "write `tag:party.example,2026:`"),
    ] {
        assert_refused(&format!("{BASE}{TITLE}{line}\n"), &[wanted]);
    }
}

#[test]
fn c_01_a_base_url_that_is_none_is_an_error_with_the_one_that_is_meant() {
    for (url, help) in [
        ("", "write the address of the site"),
        (" ", "write the address of the site"),
        ("party", "write the address of the site"),
        ("https://", "write the domain"),
        ("https:///", "write the domain"),
        ("party.example", "write `https://party.example`"),
        ("party.example/branch", "write `https://party.example/branch`"),
        ("party.example:8080", "write `https://party.example:8080`"),
        ("//party.example", "write `https://party.example`"),
        ("ftp://party.example", "the address begins with `https://`"),
        ("javascript:alert(1)", "the address begins with `https://`"),
        ("https://user@party.example", "leave out user name"),
        ("https://party.example/?a", "leave out user name"),
        ("https://party.example/#a", "leave out user name"),
        ("https://party.example:99999", "write the address of the site"),
        ("https://par ty.example", "write the address of the site"),
    ] {
        let config = format!("{TITLE}base_url = \"{url}\"\n");
        assert_refused(&config, &["bad-base-url", "--> site.toml:2:", help]);
    }
    assert_refused(TITLE, &["missing-base-url", "write `base_url = "]);
    assert_refused(&format!("{TITLE}base_url = 5\n"), &["text in quotes", "--> site.toml:2:"]);
    assert_refused(BASE, &["missing-site-title"]);
}

#[test]
fn c_01_a_site_without_actors_may_have_a_path_a_port_or_http() {
    for url in [
        "http://party.example",
        "https://party.example/branch",
        "https://party.example:8443",
        "http://localhost:1111",
    ] {
        let built = site("").with("site.toml", format!("{TITLE}base_url = \"{url}\"\n")).build();
        let home = format!("<link rel=\"canonical\" href=\"{url}/\">");
        assert!(built.text("index.html").contains(&home), "{url}");
    }
}

#[test]
fn c_01_all_mistakes_of_a_site_are_said_in_one_run() {
    let config = "base_url = \"party.example\"\ntitel = \"The Party\"\nfeed_limit = \"many\"\n";
    let built = site("")
        .with("site.toml", config)
        .with("content/a.md", "+++\ntitel = \"A\"\n+++\nHello.\n")
        .try_build();
    let messages = built.messages();
    for part in
        ["site.toml:1:", "site.toml:2:", "site.toml:3:", "missing-site-title", "content/a.md:2:"]
    {
        assert!(messages.contains(part), "`{part}` is missing in:\n{messages}");
    }
    let built = site("").with("site.toml", "title = \nbase_url = \n").try_build();
    assert_eq!(built.codes(), ["syntax", "syntax"], "{}", built.messages());
}
