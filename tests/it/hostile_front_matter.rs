//! Front matter, configuration and records that are broken: everything that is wrong with them
//! is said in one run, with file and line, and nothing is published.

use std::fs;

use assert_cmd::Command;

use crate::fixture::{Site, site};
use crate::hostile_files::on_disk;

/// A file, and what must be said about it: the line, the code.
#[derive(Clone)]
struct Case {
    path: &'static str,
    content: Vec<u8>,
    line: u32,
    code: &'static str,
}

fn case(path: &'static str, content: impl AsRef<[u8]>, line: u32, code: &'static str) -> Case {
    Case { path, content: content.as_ref().to_vec(), line, code }
}

/// One file for each way to break front matter, in TOML and in YAML.
fn broken() -> Vec<Case> {
    [broken_structure(), broken_dates(), broken_shape(), broken_encodings()].concat()
}

/// Front matter without an end, with wrong keys and types.
fn broken_structure() -> Vec<Case> {
    vec![
        case("content/end.md", "+++\ntitle = \"A\"\ntext\n", 1, "front-matter-end"),
        case("content/end-yaml.md", "---\ntitle: A\n\ntext\n", 1, "front-matter-end"),
        case("content/end-mixed.md", "+++\ntitle = \"A\"\n---\n", 1, "front-matter-end"),
        case("content/none.md", "title = \"A\"\n", 1, "no-front-matter"),
        case("content/empty.md", "", 1, "no-front-matter"),
        case("content/late.md", "A\n+++\ntitle = \"A\"\n+++\n", 1, "no-front-matter"),
        case(
            "content/twice.md",
            "+++\ntitle = \"A\"\ndraft = false\ntitle = \"B\"\n+++\n",
            4,
            "duplicate-key",
        ),
        case(
            "content/twice-yaml.md",
            "---\ntitle: A\ndraft: false\ntitle: B\n---\n",
            4,
            "duplicate-key",
        ),
        case("content/type.md", "+++\ntitle = \"A\"\nweight = \"heavy\"\n+++\n", 3, "wrong-type"),
        case("content/type-yaml.md", "---\ntitle: A\nweight: [1]\n---\n", 3, "wrong-type"),
        case("content/title.md", "+++\ntitle = 5\n+++\n", 2, "wrong-type"),
        case("content/title-yaml.md", "---\ntitle: [5]\n---\n", 2, "wrong-type"),
        case("content/list.md", "---\n- a\n- b\n---\n", 2, "wrong-type"),
    ]
}

/// Days and years that there are not.
fn broken_dates() -> Vec<Case> {
    vec![
        case(
            "content/quoted.md",
            "+++\ntitle = \"A\"\ndate = \"2026-02-30\"\n+++\n",
            3,
            "not-a-date",
        ),
        case("content/day.md", "+++\ntitle = \"A\"\ndate = 2026-02-30\n+++\n", 3, "syntax"),
        case("content/day-yaml.md", "---\ntitle: A\ndate: 2026-02-30\n---\n", 3, "not-a-date"),
        case("content/zero.md", "+++\ntitle = \"A\"\ndate = 0000-01-01\n+++\n", 3, "not-a-date"),
        case("content/zero-yaml.md", "---\ntitle: A\ndate: 0000-01-01\n---\n", 3, "not-a-date"),
        case("content/late-year.md", "+++\ntitle = \"A\"\ndate = 10000-01-01\n+++\n", 3, "syntax"),
        case(
            "content/late-text.md",
            "+++\ntitle = \"A\"\ndate = \"10000-01-01\"\n+++\n",
            3,
            "not-a-date",
        ),
        case("content/late-yaml.md", "---\ntitle: A\ndate: 10000-01-01\n---\n", 3, "not-a-date"),
        case("content/tab-yaml.md", "---\ntitle: A\nextra:\n\ta: 1\n---\n", 4, "syntax"),
    ]
}

/// Line ends, marks, sizes and depths.
fn broken_shape() -> Vec<Case> {
    let long = "x".repeat(1 << 20);
    let deep_toml = format!("+++\ntitle = \"A\"\nextra = {}\n+++\n", nested('[', ']', 10_000));
    let deep_yaml = format!("---\ntitle: A\nextra: {}\n---\n", nested('[', ']', 10_000));
    vec![
        case("content/crlf.md", "+++\r\ntitle = \"A\"\r\nweigth = 1\r\n+++\r\n", 3, "unknown-key"),
        case("content/crlf-yaml.md", "---\r\ntitle: A\r\nweigth: 1\r\n---\r\n", 3, "unknown-key"),
        case("content/bom.md", "\u{feff}+++\ntitle = \"A\"\nweigth = 1\n+++\n", 3, "unknown-key"),
        case("content/bom-yaml.md", "\u{feff}---\ntitle: A\nweigth: 1\n---\n", 3, "unknown-key"),
        case(
            "content/long.md",
            format!("+++\ntitle = \"{long}\"\n+++\n"),
            1,
            "front-matter-too-long",
        ),
        case(
            "content/long-yaml.md",
            format!("---\ntitle: {long}\n---\n"),
            1,
            "front-matter-too-long",
        ),
        case("content/bomb.md", alias_bomb(), 0, "syntax"),
        case("content/deep.md", deep_toml, 0, "syntax"),
        case("content/deep-yaml.md", deep_yaml, 0, "syntax"),
        case(
            "content/deeper.md",
            format!("+++\ntitle = \"A\"\nextra = {{ a = {} }}\n+++\n", nested('[', ']', 40)),
            0,
            "nested-too-deep",
        ),
        case("content/cycle.md", "---\ntitle: A\nextra: &a [*a]\n---\n", 3, "syntax"),
    ]
}

/// Bytes and characters that cannot be text.
fn broken_encodings() -> Vec<Case> {
    vec![
        case("content/bytes.md", b"+++\ntitle = \"A\"\n+++\nfine\nbad \xFF\n", 5, "not-utf8"),
        case("content/latin.md", b"---\ntitle: Caf\xE9\n---\n", 2, "not-utf8"),
        case("data/bytes.csv", b"a,b\n\xFE,1\n", 2, "not-utf8"),
        case("content/surrogate.md", "+++\ntitle = \"a\\uD800b\"\n+++\n", 2, "syntax"),
        case("content/surrogate-yaml.md", "---\ntitle: \"a\\uD800b\"\n---\n", 2, "syntax"),
        case("content/nul.md", "+++\ntitle = \"a\0b\"\n+++\n", 2, "syntax"),
        case("content/nul-yaml.md", "---\ntitle: \"a\0b\"\n---\n", 2, "syntax"),
        case(
            "content/custom.md",
            "---\ntitle: !!python/object:os.system [ls]\n---\n",
            2,
            "wrong-type",
        ),
    ]
}

fn nested(open: char, close: char, depth: usize) -> String {
    let repeat = |c: char| c.to_string().repeat(depth);
    format!("{}{}", repeat(open), repeat(close))
}

/// Nine levels of nine references: a billion values in half a kilobyte.
fn alias_bomb() -> String {
    let mut text = "---\ntitle: A\nextra:\n  a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..=9 {
        let before = format!("*a{}", level - 1);
        let list = vec![before; 9].join(", ");
        text.push_str(&format!("  a{level}: &a{level} [{list}]\n"));
    }
    text.push_str("---\nHello.\n");
    text
}

fn all_broken() -> Site {
    let fine = site("").with("content/fine.md", "+++\ntitle = \"Fine\"\n+++\nHello.\n");
    broken().into_iter().fold(fine, |site, case| site.with(case.path, case.content))
}

#[test]
fn f_09_everything_that_is_wrong_is_said_in_one_run_with_file_and_line() {
    let built = all_broken().try_build();
    let messages = built.messages();
    for Case { path, line, code, .. } in broken() {
        // Line 0: somewhere in the file.
        let place = if line == 0 { format!("--> {path}:") } else { format!("--> {path}:{line}:") };
        let found = messages
            .split("\n\n")
            .any(|message| message.contains(&place) && message.contains(&format!("[{code}]")));
        let about = messages.split("\n\n").filter(|message| message.contains(path));
        assert!(found, "{code} at {place}: {:#?}", about.collect::<Vec<_>>());
    }
    for foreign in ["budget", "Policy", "Options", " at line "] {
        assert!(!messages.contains(foreign), "a word of the parser, `{foreign}`: {messages}");
    }
    assert!(messages.len() < 64 << 10, "messages stay readable: {} bytes", messages.len());
}

#[test]
fn f_09_each_of_the_mistakes_alone_stops_the_build() {
    for case in broken() {
        let fine = site("").with("content/fine.md", "+++\ntitle = \"Fine\"\n+++\nHello.\n");
        let built = fine.with(case.path, case.content).try_build();
        assert!(built.report.has_errors(), "{}", case.path);
    }
}

#[test]
fn f_09_nothing_is_published_and_nothing_recorded_when_front_matter_is_broken() {
    let folder = on_disk(&all_broken());
    let mut command = Command::cargo_bin("sitegen").unwrap();
    let run = command.arg("--root").arg(folder.path()).arg("build").assert().code(1);
    let said = String::from_utf8_lossy(&run.get_output().stderr).into_owned();
    for case in broken() {
        assert!(said.contains(case.path), "{}", case.path);
    }
    assert!(said.contains("Nothing was written"), "{said}");
    for name in ["public", "published.toml"] {
        assert!(!folder.path().join(name).exists(), "{name}");
    }
}

#[test]
fn f_09_a_site_that_was_published_stays_as_it_was() {
    let folder = on_disk(&site("").with("content/fine.md", "+++\ntitle = \"F\"\n+++\nHello.\n"));
    let build = || {
        let mut command = Command::cargo_bin("sitegen").unwrap();
        command.arg("--root").arg(folder.path()).arg("build").assert()
    };
    build().code(0);
    let read = |name: &str| fs::read(folder.path().join(name)).unwrap();
    let names = ["public/fine/index.html", "public/atom.xml", "published.toml"];
    let before = names.map(read);
    fs::write(folder.path().join("content/fine.md"), "+++\ntitle = \"G\"\n+++\nBye.\n").unwrap();
    fs::write(folder.path().join("content/bad.md"), "+++\ntitle = 5\n+++\n").unwrap();
    build().code(1);
    assert!(before == names.map(read));
    fs::remove_file(folder.path().join("content/bad.md")).unwrap();
    build().code(0);
    assert!(before != names.map(read));
}

#[test]
fn f_09_what_only_looks_broken_is_read() {
    let page = |front: &str| site("").with("content/a.md", front).build();
    for front in [
        "\u{feff}+++\r\ntitle = \"A\"\r\n+++\r\nHello.\r\n",
        "\u{feff}---\r\ntitle: A\r\n---\r\nHello.\r\n",
        "+++\n\ttitle\t=\t\"A\"\n+++\nHello.\n",
        "---\ntitle: A # a name\n---\nHello.\n",
        "---\ntitle: &a A\ndescription: *a\n---\nHello.\n",
        "+++  \ntitle = \"A\"\n+++ \nHello.\n",
        "\n \r\n+++\ntitle = \"A\"\n+++\nHello.\n",
        "\n\n---\ntitle: A\n---\nHello.\n",
    ] {
        let built = page(front);
        let html = built.text("a/index.html");
        assert!(html.contains("<h1>A</h1>") && html.contains("<p>Hello.</p>"), "{front:?}");
    }
    // A page of the first and of the last year that dates can be written in.
    for year in ["1000-01-01", "9999-12-30"] {
        let built = site("")
            .with("content/a.md", format!("+++\ntitle = \"A\"\ndate = {year}\n+++\nHello.\n"))
            .mode(|mode| mode.future = true)
            .build();
        assert!(built.text("atom.xml").contains(&format!("{year}T00:00:00")), "{year}");
    }
}

#[test]
fn f_09_two_mistakes_in_one_file_are_two_messages() {
    let page = "+++\ntitle = 5\ndate = \"soon\"\nweigth = 1\ndraft = \"yes\"\n+++\nHello.\n";
    let built = site("").with("content/a.md", page).try_build();
    assert_eq!(built.codes(), ["wrong-type", "not-a-date", "unknown-key", "wrong-type"]);
    let page = "+++\ntitle = \ndate = soon\n+++\nHello.\n";
    let built = site("").with("content/a.md", page).try_build();
    assert_eq!(built.codes(), ["syntax", "syntax"], "{}", built.messages());
}

#[test]
fn broken_utf_8_is_named_with_its_line_wherever_it_stands() {
    for path in [
        "site.toml",
        "published.toml",
        "content/a.md",
        "content/a.toml",
        "data/a.json",
        "themes/campaign/templates/page.html",
        "themes/campaign/strings/en.toml",
    ] {
        let built = site("").with(path, b"# one\n# two \xC3\x28\n").try_build();
        let messages = built.messages();
        assert!(built.codes().contains(&"not-utf8"), "{path}: {messages}");
        assert!(messages.contains(&format!("--> {path}:2:7")), "{path}: {messages}");
        assert!(!built.codes().contains(&"missing-file"), "{path}: {messages}");
        let folder = on_disk(&site("").with(path, b"# one\n# two \xC3\x28\n"));
        let mut command = Command::cargo_bin("sitegen").unwrap();
        command.arg("--root").arg(folder.path()).arg("build").assert().code(1);
        assert!(!folder.path().join("public").exists(), "{path}");
    }
}
