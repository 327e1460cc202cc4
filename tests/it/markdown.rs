//! Markdown: what it becomes, where links lead, what is refused.

use crate::fixture::{Built, Site, site};
use crate::look::{all_between, between};

/// A site with a page of this Markdown.
fn page(markdown: &str) -> Site {
    site(&format!("-- content/a.md --\n+++\ntitle = \"A\"\n+++\n{markdown}\n"))
        .with("content/b.md", "+++\ntitle = \"B\"\n+++\n## Two words\n")
        .with("themes/campaign/templates/page.html", "{{ page.content }}")
        .with("content/_index.md", "+++\n+++\n")
        .with("static/p.jpg", "JPEG")
}

/// The HTML of a Markdown text that has nothing wrong with it.
#[track_caller]
fn html(markdown: &str) -> String {
    let built = page(markdown).build();
    assert!(built.report.diagnostics.is_empty(), "{}", built.messages());
    built.text("a/index.html").trim().to_owned()
}

/// The HTML and the codes of what is wrong.
fn with_codes(markdown: &str) -> (String, Vec<&'static str>) {
    let built = page(markdown).try_build();
    let html = if built.has("a/index.html") { built.text("a/index.html") } else { "" };
    (html.trim().to_owned(), built.codes())
}

fn text_of(built: &Built) -> &str {
    built.text("a/index.html").trim()
}

#[test]
fn commonmark_is_understood() {
    assert_eq!(
        html("*a* **b** `c` \\*d\\*"),
        "<p><em>a</em> <strong>b</strong> <code>c</code> *d*</p>"
    );
    assert_eq!(html("> a\n> b"), "<blockquote>\n<p>a\nb</p>\n</blockquote>");
    assert_eq!(html("3. a\n4. b"), "<ol start=\"3\">\n<li>a</li>\n<li>b</li>\n</ol>");
    assert_eq!(html("a  \nb\n\n---"), "<p>a<br />\nb</p>\n<hr />");
    assert_eq!(
        html("[x][y]\n\n[y]: https://e.example 'T'"),
        "<p><a href=\"https://e.example\" title=\"T\">x</a></p>"
    );
    assert_eq!(html("AT&amp;T < 5 &copy;"), "<p>AT&amp;T &lt; 5 ©</p>");
}

#[test]
fn tables_task_lists_and_strikethrough_are_understood() {
    let table = html("| a | b |\n|---|--:|\n| 1 | 2 |");
    assert!(
        table.contains("<th>a</th>") && table.contains("<td class=\"right\">2</td>"),
        "{table}"
    );
    let tasks = html("- [ ] a\n- [x] b");
    assert_eq!(tasks.matches("type=\"checkbox\"").count(), 2);
    assert_eq!(tasks.matches("checked").count(), 1);
    assert_eq!(html("~~a~~"), "<p><del>a</del></p>");
}

#[test]
fn a_table_on_a_page_can_be_reached_and_is_called_by_the_heading_before_it() {
    let wrapper = |name: &str| {
        format!("<div class=\"table\" role=\"region\" tabindex=\"0\" aria-label=\"{name}\"><table>")
    };
    let table = "| a |\n|---|\n| 1 |";
    assert!(html(table).starts_with(&wrapper("Table")), "{}", html(table));
    assert!(html(table).ends_with("</tbody></table>\n</div>"), "{}", html(table));
    let after = html(&format!("## First\n\n## \"Fares\" & *times*\n\nText.\n\n{table}"));
    assert!(after.contains(&wrapper("&quot;Fares&quot; &amp; times")), "{after}");
}

#[test]
fn a_shortcode_that_gives_a_table_is_called_by_its_caption() {
    let site = |text: &str| {
        let front = "title = \"P\"\ndata = { wards = \"wards.csv\" }";
        site(&format!(
            "-- content/p.md --\n+++\n{front}\n+++\n## Heading\n\n{text}\n\
             -- content/wards.csv --\nWard,Votes\nNorth,12\n"
        ))
    };
    let page = |text: &str| site(text).build().text("p/index.html").to_owned();
    let named = page("{{ table(rows=\"wards\", caption=\"Votes & wards\") }}");
    let wrapper = "<div class=\"table\" role=\"region\" tabindex=\"0\" aria-label=";
    assert!(named.contains(&format!("{wrapper}\"Votes &amp; wards\"><table>")), "{named}");
    let unnamed = page("{{ table(rows=\"wards\") }}");
    assert!(unnamed.contains(&format!("{wrapper}\"Heading\"><table>")), "{unnamed}");
}

#[test]
fn a_task_says_whether_it_is_done_to_those_who_see_no_tick() {
    let tasks = html("- [ ] a\n- [x] b");
    let names = all_between(&tasks, "aria-label=\"", "\"");
    assert_eq!(names, ["Not done", "Done"]);
}

#[test]
fn in_a_feed_tables_and_tasks_are_as_they_always_were() {
    let built = site(
        "-- content/p.md --\n+++\ntitle = \"P\"\ndate = 2026-05-01\n+++\n- [x] done\n\n\
         | a |\n|---|\n| 1 |\n",
    )
    .build();
    let feed: serde_json::Value = serde_json::from_str(built.text("feed.json")).unwrap();
    let content = feed["items"][0]["content_html"].as_str().unwrap();
    assert!(content.contains("</ul>\n<table>"), "{content}");
    assert!(content.contains("checked=\"\"/>\ndone"), "{content}");
    assert!(!content.contains("aria-label") && !content.contains("tabindex"), "{content}");
}

#[test]
fn headings_have_ids_from_their_words() {
    let ids = |markdown: &str| {
        let html = html(markdown);
        all_between(&html, "id=\"", "\"").into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(ids("## Příliš žluťoučký kůň"), ["prilis-zlutoucky-kun"]);
    assert_eq!(ids("## Tŷ & *Gardd*, `code`"), ["ty-gardd-code"]);
    assert_eq!(ids("## Straße"), ["strasse"]);
    assert_eq!(ids("## Why\n## Why\n## Why"), ["why", "why-1", "why-2"]);
    assert_eq!(ids("## Why 1\n## Why\n## Why"), ["why-1", "why", "why-2"]);
    assert_eq!(ids("## !!!\n## ???"), ["section", "section-1"]);
    assert_eq!(ids("## Chosen {#my-id}"), ["my-id"]);
}

#[test]
fn no_heading_has_the_id_of_something_that_stands_beside_the_text() {
    let ids = |markdown: &str| {
        let heading = html(markdown);
        heading.split('"').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(ids("## Site imprint"), ["section-site-imprint"]);
    assert_eq!(ids("## Fn 1"), ["section-fn-1"]);
    assert_eq!(ids("## A {#site-follow-title}"), ["section-site-follow-title"]);
    assert_eq!(ids("## Site map"), ["site-map"]);
    assert_eq!(ids("## Fn-tastic"), ["fn-tastic"]);
}

#[test]
fn the_id_of_a_heading_follows_the_language_of_the_text() {
    let built = site("-- content/a.md --\n+++\ntitle = \"A\"\n+++\n## Über uns\n")
        .config("default_language = \"de\"")
        .build();
    assert!(built.text("a/index.html").contains("<h2 id=\"ueber-uns\">"));
}

#[test]
fn a_heading_takes_no_class_and_no_attribute() {
    assert_eq!(html("## A {#x .menu onclick=alert}"), "<h2 id=\"x\">A</h2>");
}

#[test]
fn smart_punctuation_is_an_option() {
    let markdown = "\"It's\" -- well...";
    assert_eq!(html(markdown), "<p>\"It's\" -- well...</p>");
    let smart = page(markdown).config("[markdown]\nsmart_punctuation = true").build();
    assert_eq!(text_of(&smart), "<p>“It’s” – well…</p>");
}

#[test]
fn links_to_files_become_addresses() {
    assert_eq!(html("[b](@/b.md)"), "<p><a href=\"/b/\">b</a></p>");
    assert_eq!(html("[b](@/b.md#two-words)"), "<p><a href=\"/b/#two-words\">b</a></p>");
    assert_eq!(html("[b](b.md)"), "<p><a href=\"/b/\">b</a></p>");
    assert_eq!(html("[b](b.md#two-words)"), "<p><a href=\"/b/#two-words\">b</a></p>");
    assert_eq!(html("[home](@/_index.md)"), html("[home](/)"));
    assert_eq!(
        html("[b](/b/) [p](/p.jpg)"),
        "<p><a href=\"/b/\">b</a> <a href=\"/p.jpg\">p</a></p>"
    );
    assert_eq!(html("## Up\n[a](#up)"), "<h2 id=\"up\">Up</h2>\n<p><a href=\"#up\">a</a></p>");
}

#[test]
fn links_that_lead_nowhere_are_found() {
    assert_eq!(with_codes("[b](@/c.md)").1, ["broken-link"]);
    assert_eq!(with_codes("[b](@/b.md#two-wrods)").1, ["broken-link"]);
    assert_eq!(with_codes("[b](#nowhere)").1, ["broken-link"]);
    assert_eq!(with_codes("[b](/nowhere/)").1, ["dead-path"]);
    assert_eq!(with_codes("[b](nowhere.pdf)").1, ["dead-path"]);
    let near = page("text\n\n[b](@/b.md#two-wrods)").try_build().messages();
    assert!(
        near.contains("did you mean `#two-words`?") && near.contains("content/a.md:6:1"),
        "{near}"
    );
}

#[test]
fn anchors_inside_shortcodes_count() {
    let markdown = "[x](#in-a-box)\n\n{% notice() %}\n## In a box\n{% end %}";
    assert!(html(markdown).contains("<h2 id=\"in-a-box\">"));
}

#[test]
fn harmless_schemes_stay_and_the_others_lose_their_address() {
    for url in [
        "http://e.example",
        "https://e.example",
        "mailto:a@e.example",
        "tel:+44123",
        "webcal://e.example/c.ics",
    ] {
        assert_eq!(html(&format!("[x]({url})")), format!("<p><a href=\"{url}\">x</a></p>"));
    }
    assert_eq!(html("<https://e.example> <a@e.example>").matches("<a href").count(), 2);
    for url in [
        "javascript:alert(1)",
        "JaVaScRiPt:x",
        "data:text/html,x",
        "vbscript:x",
        "file:///etc/passwd",
        "sms:+44",
    ] {
        assert_eq!(
            with_codes(&format!("[x]({url})")),
            ("<p>x</p>".into(), vec!["unsafe-link"]),
            "{url}"
        );
    }
    let (picture, codes) = with_codes("![x](javascript:alert)");
    assert_eq!(codes, ["unsafe-picture"]);
    assert!(!picture.contains("javascript"), "{picture}");
    let (reference, _) = with_codes("[x][y]\n\n[y]: <java\tscript:alert(1)>");
    assert!(!reference.contains("href"), "{reference}");
}

#[test]
fn more_schemes_can_be_switched_on_but_never_scripts() {
    let more =
        page("[x](xmpp:a@e.example)").config("[markdown]\nlink_schemes = [\"xmpp\"]").build();
    assert_eq!(text_of(&more), "<p><a href=\"xmpp:a@e.example\">x</a></p>");
    let script = page("x").config("[markdown]\nlink_schemes = [\"javascript\"]").try_build();
    assert_eq!(script.codes(), ["dangerous-scheme"]);
}

#[test]
fn raw_html_is_shown_as_text_unless_it_is_switched_on() {
    let (block, codes) = with_codes("<div onclick=\"x()\">a</div>\n\n<script>alert(1)</script>");
    assert_eq!(codes, ["raw-html"]);
    assert!(!block.contains("<div") && !block.contains("<script"), "{block}");
    assert!(block.contains("&lt;script&gt;alert(1)&lt;/script&gt;"), "{block}");
    let (inline, codes) = with_codes("a <b onmouseover=x>c</b>");
    assert_eq!(codes, ["raw-html"]);
    assert_eq!(inline, "<p>a &lt;b onmouseover=x&gt;c&lt;/b&gt;</p>");
    assert_eq!(html("a <!-- for the author --> b\n\n<!-- alone -->"), "<p>a  b</p>");
    let on = page("a <b>c</b>\n\n<div>d</div>").config("[markdown]\nraw_html = true").build();
    assert_eq!(text_of(&on), "<p>a <b>c</b></p>\n<div>d</div>");
}

#[test]
fn pictures_are_found_and_need_a_text() {
    assert_eq!(
        html("![A weir](/p.jpg \"T\")"),
        "<p><img src=\"/p.jpg\" alt=\"A weir\"> <small class=\"credit\">T</small></p>"
    );
    assert_eq!(with_codes("![](/p.jpg)").1, ["missing-alt"]);
    assert_eq!(with_codes("![  ](/p.jpg)").1, ["missing-alt"]);
    assert_eq!(with_codes("![x](q.jpg)").1, ["missing-picture"]);
    assert_eq!(with_codes("![x](/q.jpg)").1, ["missing-picture"]);
    let (elsewhere, codes) = with_codes("![x](https://e.example/p.jpg)");
    assert!(elsewhere.contains("src=\"https://e.example/p.jpg\""), "{elsewhere}");
    assert_eq!(codes, ["third-party"]);
}

#[test]
fn fenced_code_gets_the_class_of_its_language() {
    let code = html("```rust\nlet a = \"<b>\";\n```");
    assert_eq!(code, "<pre><code class=\"language-rust\">let a = \"&lt;b&gt;\";\n</code></pre>");
    let hostile = html("```a\"onclick=x\nb\n```");
    assert!(!hostile.contains("\"onclick"), "{hostile}");
}

#[test]
fn footnotes_are_numbered_by_mention_and_lead_back() {
    let html =
        html("One[^b], two[^a], one again[^b].\n\n[^a]: Note A.\n[^b]: Note *B*.\n[^c]: Never.");
    let marks = all_between(&html, "<sup class=\"footnote-ref\">", "</sup>");
    assert_eq!(marks.len(), 3);
    assert!(marks[0].contains("href=\"#fn-1\" id=\"fnref-1\"") && marks[0].contains(">1<"));
    assert!(marks[1].contains("href=\"#fn-2\" id=\"fnref-2\""));
    assert!(marks[2].contains("href=\"#fn-1\" id=\"fnref-1-2\""));
    let first = between(&html, "<li id=\"fn-1\"", "</li>");
    assert!(first.contains("Note <em>B</em>.") && first.contains("href=\"#fnref-1\""), "{first}");
    assert!(first.contains("aria-label=\"Back to"), "{first}");
    assert!(!html.contains("Never"));
}

#[test]
fn a_shortcode_in_a_line_gets_its_arguments() {
    let site = page("x {{ s(t=\"<a> 'b'\", n=2, f=1.5, y=true) }} z").with(
        "themes/campaign/templates/shortcodes/s.html",
        "[{{ t }} {{ n + 1 }} {{ f }} {% if y %}yes{% endif %} {{ lang.code }}]",
    );
    assert_eq!(text_of(&site.build()), "<p>x [&lt;a&gt; &#39;b&#39; 3 1.5 yes en] z</p>");
}

#[test]
fn a_shortcode_alone_is_a_block_and_not_inside_a_paragraph() {
    let html = html("Before.\n\n{{ button(label=\"Join\", url=\"@/b.md\") }}\n\nAfter.");
    assert_eq!(
        html,
        "<p>Before.</p>\n<p><a class=\"button\" href=\"/b/\">Join</a></p>\n<p>After.</p>"
    );
}

#[test]
fn the_body_of_a_shortcode_is_markdown_and_may_hold_others() {
    let html = html(
        "{% notice(title=\"Note\") %}\nSome *text*.\n\n\
         {% quote(author=\"Ann\") %}\n- inside\n{% end %}\n{% end %}\n\nAfter.",
    );
    let notice = between(&html, "<div class=\"notice\"", "</div>");
    assert!(notice.contains("<p class=\"notice-title\">Note</p>"), "{html}");
    assert!(notice.contains("<p>Some <em>text</em>.</p>"), "{html}");
    assert!(notice.contains("<li>inside</li>") && notice.contains("Ann"), "{html}");
    assert!(html.ends_with("<p>After.</p>"), "{html}");
}

#[test]
fn addresses_in_shortcodes_are_checked_as_in_markdown() {
    assert_eq!(with_codes("{{ button(label=\"x\", url=\"@/c.md\") }}").1, ["broken-link"]);
    let (html, codes) = with_codes("{{ button(label=\"x\", url=\"javascript:alert(1)\") }}");
    assert_eq!(codes, ["unsafe-link"]);
    assert!(!html.contains("javascript"));
    assert_eq!(with_codes("{{ figure(src=\"q.jpg\", alt=\"x\") }}").1, ["missing-picture"]);
}

#[test]
fn shortcodes_in_code_are_text() {
    let html = html("`{{ button() }}`\n\n```\n{% notice() %}\n```");
    assert!(html.contains("<code>{{ button() }}</code>") && html.contains("{% notice() %}"));
}

#[test]
fn a_shortcode_that_is_wrong_is_said_with_its_line() {
    let built = page("One.\n\n{{ buton(label=\"x\") }}").try_build();
    assert_eq!(built.codes(), ["unknown-shortcode"]);
    let text = built.messages();
    assert!(text.contains("content/a.md:6:1") && text.contains("did you mean `button`?"), "{text}");
    assert!(with_codes("{% notice() %}\nno end").1.contains(&"shortcode-syntax"));
    assert_eq!(with_codes("{{ button(label=x) }}").1, ["shortcode-syntax"]);
    assert_eq!(with_codes("{{ button() }}").1, ["shortcode-error"]);
}

#[test]
fn titles_are_escaped_everywhere() {
    let built = site(
        "
-- content/news/a.md --
+++
title = \"<script>x</script> & \\\"q\\\"\"
date = 2026-01-01
tags = [\"<i>\"]
+++
Text.
",
    )
    .build();
    assert!(built.has("news/a/index.html") && built.has("tags/i/index.html"));
    for (path, html) in built.ending(".html") {
        assert!(!html.contains("<script>x") && !html.contains("<i>"), "{path}");
    }
}

#[test]
fn a_link_to_a_heading_in_a_summary_leads_to_the_page() {
    let text = "-- content/news/a.md --\n+++\ntitle = \"A\"\ndate = 2026-01-01\n+++\n\
                See [below](#more).\n\n## More\n";
    let built = site(text).build();
    assert!(built.text("news/index.html").contains("<a href=\"/news/a/#more\">below</a>"));
    assert!(built.text("news/a/index.html").contains("<a href=\"#more\">below</a>"));
}

#[test]
fn a_shortcode_that_is_a_block_ends_the_paragraph_around_it() {
    let page = "Before {{ button(label=\"Go\", url=\"/\") }} and after.";
    let html = html(page);
    assert!(html.contains("<p>Before </p>"), "{html}");
    assert!(html.contains("<p> and after.</p>") && !html.contains("<p><p>"), "{html}");
}

#[test]
fn a_shortcode_in_an_address_or_in_html_is_reported_and_shown_as_written() {
    for text in ["[a]({{b()}})", "<i title=\"{{ b() }}\">", "![{{ b() }}](/x.svg)"] {
        let (html, codes) = with_codes(text);
        assert!(codes.contains(&"shortcode-syntax"), "{text}: {codes:?}");
        assert!(!html.contains('\u{f8ff}'), "{text}: {html}");
    }
}
