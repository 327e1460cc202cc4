//! Texts and templates that want more time, stack or memory than anybody has.
//!
//! Work that grows with the square of a text would take minutes here and hours with what a
//! stranger can send, so a generous limit on the time finds it on any machine.

use std::time::Duration;

use crate::fixture::{Built, Site, site};

/// Bytes of a pattern. Programs without optimisation get less of it.
const PATTERN_BYTES: usize = if cfg!(debug_assertions) { 16 << 10 } else { 1 << 20 };

/// Repetitions where one text can have that many.
const MANY: usize = if cfg!(debug_assertions) { 10_000 } else { 100_000 };

/// Far more than is needed, far less than the square of the text would take.
const TIME_MAX: Duration = Duration::from_secs(if cfg!(debug_assertions) { 5 } else { 2 });

/// Little stack, as threads have it on small systems; what is not optimised needs more.
const STACK_BYTES: usize = if cfg!(debug_assertions) { 2 << 20 } else { 256 << 10 };

/// The stack of our own threads. Templates need more than texts: components may call each other
/// twenty levels deep.
const TEMPLATE_STACK_BYTES: usize = 2 << 20;

/// Builds on a thread with a small stack, and not for longer than is allowed.
#[track_caller]
fn bounded(name: &str, site: &Site) -> Built {
    bounded_on(STACK_BYTES, name, site)
}

#[track_caller]
fn bounded_on(stack_bytes: usize, name: &str, site: &Site) -> Built {
    let pool = rayon::ThreadPoolBuilder::new().stack_size(stack_bytes).num_threads(1);
    let (built, time) = pool.build().unwrap().install(|| (site.try_build(), thread_time()));
    eprintln!("{time:>8.2?} {name}");
    assert!(time < TIME_MAX, "{name} took {time:?}");
    assert!(time > Duration::ZERO || !cfg!(target_os = "linux"), "{name} was not timed");
    let input: usize = site.files().values().map(Vec::len).sum();
    let output: usize = built.artifacts.values().map(Vec::len).sum();
    assert!(output < 120 * input + (1 << 20), "{name}: {input} bytes became {output}");
    built
}

/// The time that this thread has worked, however busy the machine is; nothing where the system
/// does not say.
fn thread_time() -> Duration {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanoseconds = text.split(' ').next().and_then(|number| number.parse().ok());
    Duration::from_nanos(nanoseconds.unwrap_or(0))
}

fn page(text: &str) -> Site {
    site("").with("content/a.md", format!("+++\ntitle = \"A\"\n+++\n{text}\n"))
}

/// A piece again and again, as often as a pattern has place for.
fn fill(piece: &str) -> String {
    piece.repeat(PATTERN_BYTES / piece.len())
}

/// `left` again and again, then `right` as often.
fn pairs(left: &str, middle: &str, right: &str) -> String {
    let count = PATTERN_BYTES / (left.len() + right.len());
    format!("{}{middle}{}", left.repeat(count), right.repeat(count))
}

/// A piece for each number.
fn lines(make: impl Fn(usize) -> String) -> String {
    (0..MANY).map(make).collect()
}

/// Pieces of growing length, as many as a pattern has place for.
fn growing(make: impl Fn(usize) -> String) -> String {
    let mut text = String::new();
    let mut length = 1;
    while text.len() < PATTERN_BYTES {
        text.push_str(&make(length));
        length += 1;
    }
    text
}

type Pattern = (&'static str, String);

fn emphasis_and_links() -> Vec<Pattern> {
    vec![
        ("stars", fill("*")),
        ("stars and underscores", fill("*_")),
        ("openers of emphasis", fill("a **a ")),
        ("closers of emphasis", fill("a** a")),
        ("mixed emphasis", fill("*a_ ")),
        ("crossed emphasis", fill("*a **a ")),
        ("three kinds of emphasis", fill("a***b**c*d_e__f___")),
        ("nested emphasis", pairs("*a **a ", "b", "** a* a")),
        ("tildes", fill("~~a ~")),
        // Links and pictures.
        ("open brackets", fill("[")),
        ("closed brackets", fill("]")),
        ("brackets", pairs("[", "a", "]")),
        ("links without an end", fill("[a](")),
        ("links without an end with angle brackets", fill("[a](<b")),
        ("links without a closing parenthesis", fill("[a](b")),
        ("links with open titles", fill("[a](b \"")),
        ("nested links", pairs("[", "a", "](b)")),
        ("nested pictures", pairs("![", "a", "](b)")),
        ("parentheses in an address", format!("[a]({})", pairs("(", "b", ")"))),
        ("references to nothing", fill("[a][b] ")),
        ("autolinks without an end", fill("<http://a")),
        ("addresses of mail without an end", fill("<a@a.a")),
        ("bang brackets", fill("![[]()")),
        ("back slashes", fill("\\")),
        ("entities", fill("&amp;&#x41;&x")),
        ("open entities", fill("&a")),
    ]
}

fn code_and_html() -> Vec<Pattern> {
    vec![
        ("back ticks", fill("`")),
        ("back ticks in growing runs", growing(|n| "`".repeat(n) + " a ")),
        ("fences", fill("```\na\n")),
        ("fences of growing length", growing(|n| "`".repeat(n + 2) + "\na\n")),
        // HTML.
        ("comments", fill("<!-- a -->")),
        ("comments without an end", fill("a <!-- b ")),
        ("blocks of comments without an end", fill("<!-- a\n\n")),
        ("processing instructions without an end", fill("a <? b ")),
        ("declarations without an end", fill("a <!A b ")),
        ("character data without an end", fill("a <![CDATA[ b ")),
        ("tags without an end", fill("<a b")),
        ("attributes without an end", fill("<a b=\"")),
        ("tags", fill("<b></b>")),
        ("less-than signs", fill("<")),
    ]
}

fn blocks() -> Vec<Pattern> {
    vec![
        ("quotes in quotes", fill("> ")),
        ("quotes without spaces", fill(">")),
        ("lists in lists", fill("+ ")),
        ("numbers in numbers", fill("1. ")),
        ("lists and quotes", fill("* > ")),
        ("lists that go deeper", growing(|n| "  ".repeat(n) + "* a\n")),
        ("quotes with lazy lines", format!("{}a\n{}", "> ".repeat(200), fill("b\n"))),
        ("headings", fill("# a\n")),
        ("underlined headings", fill("a\n=\n")),
        ("hashes", fill("#")),
        ("rules", fill("---\n")),
        ("dashes", fill("-")),
        ("empty lines in lists", format!("* a\n{}b", fill("\n"))),
        ("spaces", fill(" ")),
        ("tabs", fill("\t")),
        ("carriage returns", fill("\r")),
        ("lines", fill("a\n")),
        ("hard breaks", fill("a  \n")),
        ("one long word", fill("a")),
        ("tasks", fill("* [ ] a\n")),
        // Tables.
        (
            "a table of many columns",
            format!("{0}|\n{1}|\n{0}|\n", "|a".repeat(MANY), "|-".repeat(MANY)),
        ),
        ("a table of many rows", format!("|a|b|\n|-|-|\n{}", fill("|a|b|\n"))),
        (
            "rows that are too short",
            format!("{}|\n{}|\n{}", "|a".repeat(1000), "|-".repeat(1000), fill("|a\n")),
        ),
        ("tables", fill("|a|\n|-|\n|b|\n\n")),
        ("bars", fill("|")),
    ]
}

fn footnotes_and_references() -> Vec<Pattern> {
    vec![
        ("footnotes", lines(|n| format!("a[^{n}]\n\n[^{n}]: b\n\n"))),
        ("mentions of one footnote", format!("{}\n\n[^a]: b\n", fill("a[^a] "))),
        ("footnotes that nobody mentions", lines(|n| format!("[^{n}]: b\n"))),
        ("mentions of no footnote", lines(|n| format!("a[^{n}]\n"))),
        ("openings of footnotes at the ends of lines", fill("a [^\n")),
        ("openings of footnotes", fill("[^")),
        ("footnotes in footnotes", growing(|n| format!("{}[^{n}]: a[^{n}]\n", "    ".repeat(n)))),
        ("references", lines(|n| format!("[{n}]\n\n[{n}]: /\n\n"))),
        ("references with one name", fill("[a]: /\n")),
        ("references with long names", format!("[{0}]\n\n[{0}]: /\n", fill("a"))),
    ]
}

fn headings_and_broken_links() -> Vec<Pattern> {
    vec![
        ("equal headings", "## a\n\n".repeat(MANY)),
        ("headings that are numbered already", lines(|n| format!("## a\n\n## a-{n}\n\n"))),
        ("links to headings", format!("## a\n\n{}", "[x](#a) ".repeat(MANY / 2))),
        ("links to headings that are not there", lines(|n| format!("[x](#no-{n})\n"))),
        ("many headings and many broken links", lines(|n| format!("## a {n}\n\n[x](#b-{n})\n"))),
        (
            "links to headings of a long page",
            format!("## a\n\n{}", "[x](@/a.md#a) ".repeat(MANY / 2)),
        ),
        ("links to no page", lines(|n| format!("[x](@/no-{n}.md)\n"))),
        ("dead links in one line", "[x](/no) ".repeat(MANY)),
        ("unsafe links", "[x](javascript:y)\n".repeat(MANY)),
        ("pictures that are not there", lines(|n| format!("![x](no-{n}.png)\n"))),
        ("pictures without a text", "![](/favicon.svg)\n".repeat(MANY)),
    ]
}

fn shortcodes() -> Vec<Pattern> {
    vec![
        ("openings of shortcodes", fill("{{ a(")),
        ("openings without a name", fill("{{")),
        ("openings of bodies", fill("{% a() %}")),
        ("bodies in bodies", pairs("{% notice() %}", "a", "{% end %}")),
        ("ends of bodies", fill("{% end %}")),
        ("half tags", fill("{%}")),
        ("tags without an end", fill("{% ")),
        ("shortcodes with open quotes", fill("{{ a(b=\"c\n")),
        ("unknown shortcodes", "{{ nothing() }}\n".repeat(MANY / 4)),
        ("shortcodes", "{{ button(label=\"a\", url=\"/\") }}\n\n".repeat(MANY / 20)),
        ("shortcodes with many arguments", format!("{{{{ button({}) }}}}", fill("a=1,"))),
        ("shortcodes in code", fill("`{{ a() }}` ")),
        ("braces", fill("{")),
        ("summary marks", fill("a\n\n<!-- more -->\n\n")),
        ("liquid", fill("a {{ b }} {: c} ")),
    ]
}

#[track_caller]
fn check(patterns: Vec<Pattern>) {
    for (name, text) in patterns {
        bounded(name, &page(&text));
    }
}

#[test]
fn m_06_emphasis_and_links_take_no_more_time_than_their_share() {
    check(emphasis_and_links());
}

#[test]
fn m_06_code_and_html_take_no_more_time_than_their_share() {
    check(code_and_html());
}

#[test]
fn m_06_blocks_take_no_more_time_than_their_share() {
    check(blocks());
}

#[test]
fn m_06_footnotes_and_references_take_no_more_time_than_their_share() {
    check(footnotes_and_references());
}

#[test]
fn m_06_headings_and_broken_links_take_no_more_time_than_their_share() {
    check(headings_and_broken_links());
}

#[test]
fn m_06_shortcodes_take_no_more_time_than_their_share() {
    check(shortcodes());
}

#[test]
fn m_06_addresses_in_raw_html_are_read_once() {
    let text = "<a href=\"/x\">a</a> <a href='/y>".repeat(MANY / 2);
    let page = format!("+++\ntitle = \"A\"\ndate = 2026-01-01\n+++\n<div>\n{text}\n</div>\n");
    let site = site("").config("[markdown]\nraw_html = true").with("content/a.md", page);
    bounded("raw addresses", &site);
}

#[test]
fn m_06_text_that_is_nested_too_deep_is_an_error_with_its_line() {
    for text in [fill("> "), fill("1. "), fill("+ > ")] {
        let built = bounded("deep", &page(&format!("Hello.\n\n{text}")));
        assert!(built.codes().contains(&"nested-markdown"), "{}", built.messages());
        assert!(built.messages().contains("--> content/a.md:6:"), "{}", built.messages());
    }
    let deep = pairs("{% notice() %}\n", "a", "\n{% end %}");
    let built = bounded("deep bodies", &page(&deep));
    assert_eq!(built.codes(), ["nested-too-deep"], "{}", built.messages());
}

#[test]
fn m_06_a_hundred_thousand_equal_headings_have_ids_of_their_own() {
    let built = bounded("headings", &page(&"## a\n\n".repeat(MANY)));
    let html = built.text("a/index.html");
    for id in ["id=\"a\"".to_owned(), format!("id=\"a-{}\"", MANY - 1)] {
        assert_eq!(html.matches(&id).count(), 1, "{id}");
    }
}

#[test]
fn m_06_people_see_fifty_problems_of_a_kind_and_programs_all() {
    let text = "[x](@/no.md)\n\n".repeat(2000);
    let folder = crate::hostile_files::on_disk(&page(&text));
    let run = |arguments: &[&str]| {
        let mut command = assert_cmd::Command::cargo_bin("sitegen").unwrap();
        let run = command.arg("--root").arg(folder.path()).args(arguments).assert().code(1);
        let output = run.get_output();
        String::from_utf8([&output.stderr[..], &output.stdout[..]].concat()).unwrap()
    };
    let people = run(&["check"]);
    assert_eq!(people.matches("[broken-link]").count(), 50);
    assert!(people.contains("… and 1,950 more `broken-link` in content/a.md"), "{people}");
    assert!(people.contains("2,000 errors"), "{people}");
    let programs = run(&["check", "--format", "json"]);
    assert_eq!(programs.matches("\"code\":\"broken-link\"").count(), 2000);
}

/// A theme with one file changed, and a page that uses it.
fn theme(template: &str, text: &str) -> Site {
    page("Hello.").with(&format!("themes/campaign/templates/{template}"), text)
}

#[track_caller]
fn assert_stopped(site: &Site, place: &str, parts: &[&str]) {
    let built = bounded_on(TEMPLATE_STACK_BYTES, place, site);
    let messages = built.messages();
    assert!(built.report.has_errors(), "{messages}");
    assert!(messages.contains(&format!("--> themes/campaign/templates/{place}")), "{messages}");
    for part in parts {
        assert!(messages.contains(part), "`{part}` is missing in:\n{messages}");
    }
}

#[test]
fn m_07_templates_that_call_themselves_are_stopped() {
    let component = "{% component again() %}\n{{<again/>}}\n{% endcomponent again %}\n";
    let site = theme("components/again.html", component).with(
        "themes/campaign/templates/page.html",
        "{% extends \"base.html\" %}\n{% block main %}{{<again/>}}{% endblock main %}",
    );
    assert_stopped(&site, "page.html", &["recursion", "a/index.html"]);

    let site = theme("page.html", "a\n{% include \"page.html\" %}");
    assert_stopped(&site, "page.html", &["template-syntax"]);
    let site = theme("page.html", "{% include \"other.html\" %}")
        .with("themes/campaign/templates/other.html", "{% include \"page.html\" %}");
    let built = bounded("include loop", &site);
    assert!(built.codes().contains(&"template-syntax"), "{}", built.messages());

    let site = theme("page.html", "{% extends \"page.html\" %}");
    assert_stopped(&site, "page.html", &["template-syntax"]);
    let site = theme("page.html", "{% extends \"other.html\" %}")
        .with("themes/campaign/templates/other.html", "{% extends \"page.html\" %}");
    let built = bounded("extends loop", &site);
    assert!(built.codes().contains(&"template-syntax"), "{}", built.messages());
}

#[test]
fn m_07_loops_that_run_for_ever_are_stopped() {
    let inside = |body: &str| {
        format!(
            "\n{{%- for a in range(end=100000) -%}}{{%- for b in range(end=10000) -%}}{body}\
             {{%- endfor -%}}{{%- endfor -%}}"
        )
    };
    let parts = ["template-error", "a/index.html", "1000000 numbers"];
    assert_stopped(&theme("page.html", &inside("")), "page.html:2:", &parts);
    assert_stopped(&theme("page.html", &inside("{%- set x = b -%}")), "page.html:2:", &parts);
    assert_stopped(
        &theme("page.html", "\n{% for a in range(end=1000000000) %}{% endfor %}"),
        "page.html:2:",
        &parts,
    );
    let huge = "\n{{ range(start=-9223372036854775807, end=9223372036854775807) | length }}";
    assert_stopped(&theme("page.html", huge), "page.html:2:", &parts);
    let none = "\n{{ range(end=5, step_by=0) | length }}";
    assert_stopped(&theme("page.html", none), "page.html:2:", &["step_by"]);
    let beyond = "\n{{ range(end=170141183460469231731687303715884105727) | length }}";
    assert_stopped(&theme("page.html", beyond), "page.html:2:", &["invalid Integer"]);
    let site = page("Hello.\n\n{{ spin() }}")
        .with("themes/campaign/templates/shortcodes/spin.html", inside(""));
    let built = bounded("shortcode", &site);
    assert_eq!(built.codes(), ["shortcode-error"], "{}", built.messages());
    assert!(built.messages().contains("--> content/a.md:6:1"), "{}", built.messages());
}

#[test]
fn m_07_a_document_that_grows_for_ever_is_stopped() {
    let line = "x".repeat(4096);
    let text = format!("\n{{% for a in range(end=100000) %}}{line}{{% endfor %}}");
    let site = theme("page.html", &text);
    assert_stopped(&site, "page.html", &["document-too-large", "a/index.html", "64 MiB"]);
}

#[test]
fn ranges_of_a_reasonable_length_work_in_every_document() {
    let text = "{% for a in range(start=1, end=4) %}{{ a }}{% endfor %};\
                {% for a in range(start=7, end=0, step_by=-3) %}{{ a }}{% endfor %};\
                {{ range(end=5, start=5) | length }};{{ range(end=7, step_by=3) | length }};\
                {{ range(end=600000) | length }}";
    let mut site = theme("page.html", text);
    for number in 0..5 {
        site = site.with(&format!("content/b{number}.md"), "+++\ntitle = \"B\"\n+++\n");
    }
    let built = site.build();
    for path in ["a", "b0", "b4"] {
        assert_eq!(built.text(&format!("{path}/index.html")), "123;741;0;3;600000");
    }
}

#[test]
fn a_template_error_names_file_line_and_page() {
    let site = theme("page.html", "line one\n{{ page.nothing.at.all }}\n");
    assert_stopped(&site, "page.html:2:", &["template-error", "a/index.html", "nothing"]);
    let site = theme("page.html", "line one\n{% if %}\n");
    assert_stopped(&site, "page.html:2:", &["template-syntax"]);
    // Both mistakes in one run.
    let site = theme("page.html", "{% if %}").with("themes/campaign/templates/404.html", "\n{{ }}");
    assert_stopped(&site, "page.html:1:", &["404.html:2:"]);
    let site = theme("page.html", "{{ page.title | shout }}");
    assert_stopped(&site, "page.html", &["shout"]);
    let uses = "\n{% include \"nothing.html\" %}\n{{ page.title | shout }}{{ sing() }}";
    let parts = ["nothing.html", "page.html:3:17", "shout", "page.html:3:28", "sing"];
    assert_stopped(&theme("page.html", uses), "page.html:2:12", &parts);
    let site = theme(
        "components/byline.html",
        "{% component byline(page) %}\n{{ page.no.no }}{% endcomponent byline %}",
    );
    assert_stopped(&site, "components/byline.html:2:", &["template-error", "a/index.html"]);
}
