//! Files that somebody has prepared: paths that lead out of the output, links, pipes, names
//! that cannot be read, two sources for one file.
//!
//! What can be said in a text is tested in memory; links, pipes and names need a real folder.

use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::sync::Mutex;

use sitegen::artifact::{Artifact, Body, Sink};
use sitegen::config::Mode;
use sitegen::diagnostic::{Format, Printer};
use sitegen::load::Inputs;
use sitegen::pipeline::{self, Report};
use sitegen::write::{Stage, Target};
use tempfile::TempDir;

use crate::fixture::{NOW, Site, site};

/// A page of a site that is otherwise fine.
const PAGE: &str = "+++\ntitle = \"First\"\n+++\nHello.\n";

/// Writes a site into a folder of its own.
pub(crate) fn on_disk(site: &Site) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, bytes) in site.files() {
        let file = folder.path().join(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, bytes).unwrap();
    }
    folder
}

/// Notes what reaches it: the path of each artifact, and whether it is a copied file.
#[derive(Default)]
struct Names(Mutex<Vec<(String, bool)>>);

impl Sink for Names {
    type Error = std::convert::Infallible;

    fn accept(&self, artifact: Artifact) -> Result<(), Self::Error> {
        let copied = matches!(artifact.body, Body::Copy(_));
        self.0.lock().unwrap().push((artifact.path.as_str().to_owned(), copied));
        Ok(())
    }
}

/// Reads and builds a site that lies on the disk.
fn build(root: &Path) -> (Report, Vec<(String, bool)>) {
    let inputs = Inputs::read(root, "site.toml").unwrap();
    let names = Names::default();
    let Ok(report) = pipeline::build(&inputs, &Mode::at(NOW.parse().unwrap()), &names);
    (report, names.0.into_inner().unwrap())
}

fn messages(report: &Report) -> String {
    let printer = Printer { format: Format::Human, colour: false };
    report.diagnostics.iter().map(|diagnostic| printer.text(diagnostic)).collect()
}

/// A site on the disk to which something is added; returns what a build says of it.
#[track_caller]
fn spoilt(spoil: impl FnOnce(&Path)) -> String {
    let folder = on_disk(&site("").with("content/first.md", PAGE));
    spoil(folder.path());
    let (report, _) = build(folder.path());
    assert!(report.has_errors(), "{}", messages(&report));
    messages(&report)
}

#[track_caller]
fn assert_says(messages: &str, all: &[&str]) {
    for part in all {
        assert!(messages.contains(part), "`{part}` is missing in:\n{messages}");
    }
}

/// Texts that would lead out of the output folder, or cannot be a file everywhere; as they
/// stand in TOML.
fn bad_paths() -> Vec<String> {
    let fixed = [
        "../x",
        "..",
        "a/../../x",
        "//etc/x",
        "C:\\\\x",
        "C:/x",
        "a\\\\..\\\\x",
        "%2e%2e",
        "a/%2E%2e/x",
        "x\\u0000y",
        "x\\ny",
        "x\\u202Egpj",
        "x.",
        "x ",
        "a./b",
        "CON",
        "con.html",
        "a/lpt1",
        "a//b",
        "./x",
    ];
    let long = ["a".repeat(256), format!("b/{}", "ab/".repeat(400))];
    fixed.iter().map(|path| (*path).to_owned()).chain(long).collect()
}

#[test]
fn f_01_paths_that_leave_the_output_are_errors_with_file_and_line() {
    let key = |bad: &String| {
        [
            format!("slug = \"{bad}\""),
            format!("path = \"{bad}\""),
            format!("aliases = [\"fine\", \"{bad}\"]"),
        ]
    };
    let keys: Vec<String> = bad_paths().iter().flat_map(key).collect();
    let site = keys.iter().enumerate().fold(site(""), |site, (number, key)| {
        let page = format!("+++\ntitle = \"A\"\n{key}\n+++\nHello.\n");
        site.with(&format!("content/p{number}.md"), page)
    });
    let messages = site.try_build().messages();
    for (number, key) in keys.iter().enumerate() {
        let place = format!("--> content/p{number}.md:3:");
        assert!(messages.contains(&place), "{key} is missing in:\n{messages}");
    }
}

#[test]
fn f_01_a_section_cannot_leave_the_output_either() {
    let bad = bad_paths();
    let site = bad.iter().enumerate().fold(site(""), |site, (number, bad)| {
        let section = format!("+++\ntitle = \"News\"\nslug = \"{bad}\"\n+++\n");
        site.with(&format!("content/s{number}/_index.md"), section)
    });
    let messages = site.try_build().messages();
    for (number, bad) in bad.iter().enumerate() {
        let place = format!("--> content/s{number}/_index.md:3:");
        assert!(messages.contains(&place), "{bad} is missing in:\n{messages}");
    }
}

#[test]
fn f_01_a_taxonomy_cannot_leave_the_output() {
    for bad in bad_paths().into_iter().chain(["/etc".to_owned()]) {
        let lines = format!("[[taxonomies]]\nname = \"towns\"\nslug = \"{bad}\"");
        let page = "+++\ntitle = \"First\"\ntowns = [\"Ham\"]\n+++\nHello.\n";
        let built = site("").config(&lines).with("content/first.md", page).try_build();
        assert!(built.report.has_errors(), "{bad}: {:?}", built.artifacts.keys());
        assert_says(&built.messages(), &["--> site.toml:5:"]);
    }
}

#[test]
fn f_01_a_leading_slash_is_the_root_of_the_site() {
    let page = "+++\ntitle = \"First\"\npath = \"/etc/x\"\naliases = [\"/etc/y\"]\n+++\nHello.\n";
    let built = site("").with("content/first.md", page).build();
    assert!(built.has("etc/x/index.html") && built.has("etc/y/index.html"));
    let page = "+++\ntitle = \"First\"\nslug = \"/etc/x\"\n+++\nHello.\n";
    let built = site("").with("content/first.md", page).try_build();
    assert_eq!(built.codes(), ["slash-in-slug"]);
}

#[test]
fn f_01_terms_of_any_spelling_stay_in_their_folder() {
    let terms = r#"["../../x", "/etc/passwd", "C:\\x", "%2e%2e", "CON", "x.", "a\u0000b"]"#;
    let page = format!("+++\ntitle = \"First\"\ntags = {terms}\n+++\nHello.\n");
    let built = site("").with("content/first.md", page).try_build();
    let tags: Vec<&String> = built.artifacts.keys().filter(|path| path.contains("tags")).collect();
    assert!(tags.len() > 5, "{tags:?}");
    for path in tags {
        assert!(path.starts_with("tags/") && !path.contains(".."), "{path}");
    }
    let page = "+++\ntitle = \"First\"\ntags = [\"CON\"]\n+++\nHello.\n";
    let built = site("").with("content/first.md", page).try_build();
    assert!(built.report.has_errors(), "a term that is lost is said");
    assert_says(&built.messages(), &["--> content/first.md:3:", "CON"]);
}

#[test]
fn f_01_files_outside_the_site_are_not_read_from_front_matter() {
    for key in [
        "image = \"../../../../etc/passwd\"\nimage_alt = \"x\"",
        "enclosure = \"../../../../etc/passwd\"",
        "enclosure = \"/../../etc/passwd\"",
        "data = { x = \"../../../../etc/passwd\" }",
        "data = { x = \"/etc/passwd\" }",
        "template = \"../../../../etc/passwd\"",
    ] {
        let folder = on_disk(
            &site("")
                .with("content/first.md", format!("+++\ntitle = \"First\"\n{key}\n+++\nHello.\n")),
        );
        let (report, _) = build(folder.path());
        assert!(report.has_errors(), "{key}");
        assert_says(&messages(&report), &["--> content/first.md:3:"]);
    }
}

#[test]
fn f_03_links_in_the_file_system_are_not_followed() {
    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("secret.md"), "+++\ntitle = \"S\"\n+++\nsesame\n").unwrap();
    let secret = outside.path().join("secret.md");
    let folder = on_disk(&site("").with("content/first.md", PAGE).with("static/a.txt", "a"));
    let root = folder.path();
    symlink(&secret, root.join("content/file.md")).unwrap();
    symlink(&secret, root.join("static/file.txt")).unwrap();
    symlink(outside.path(), root.join("content/folder")).unwrap();
    symlink(outside.path(), root.join("static/folder")).unwrap();
    symlink("loop", root.join("content/loop")).unwrap();
    symlink("..", root.join("content/up")).unwrap();
    symlink("/proc/self/environ", root.join("static/environ.txt")).unwrap();
    symlink("/dev/zero", root.join("content/zero.md")).unwrap();
    symlink("nowhere", root.join("content/broken.md")).unwrap();
    symlink(outside.path(), root.join("data")).unwrap();
    let (report, names) = build(root);
    for link in [
        "content/file.md",
        "static/file.txt",
        "content/folder",
        "static/folder",
        "content/loop",
        "content/up",
        "static/environ.txt",
        "content/zero.md",
        "content/broken.md",
        "data",
    ] {
        assert_says(&messages(&report), &[&format!("--> {link}\n")]);
    }
    let links = report.diagnostics.iter().filter(|d| d.code() == "symbolic-link").count();
    assert_eq!(links, 10, "{}", messages(&report));
    let followed = |(path, _): &&(String, bool)| {
        ["file", "folder", "environ", "zero", "up/", "secret"].iter().any(|n| path.contains(n))
    };
    assert_eq!(names.iter().find(followed), None);
}

#[test]
fn f_03_the_files_of_the_site_itself_cannot_be_links() {
    for name in ["site.toml", "published.toml"] {
        let said = spoilt(|root| {
            let _ = fs::remove_file(root.join(name));
            symlink("/proc/self/environ", root.join(name)).unwrap();
        });
        assert_says(&said, &["symbolic-link", &format!("--> {name}\n")]);
    }
}

#[test]
fn f_03_a_file_that_becomes_a_link_during_the_build_is_not_published() {
    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("a.txt"), "sesame").unwrap();
    for spoil in ["static/in/a.txt", "static/in"] {
        let folder = on_disk(&site("").with("content/first.md", PAGE).with("static/in/a.txt", "a"));
        let root = folder.path().canonicalize().unwrap();
        let inputs = Inputs::read(&root, "site.toml").unwrap();
        fs::remove_dir_all(root.join("static/in")).unwrap();
        let target = if spoil.ends_with("a.txt") {
            fs::create_dir(root.join("static/in")).unwrap();
            outside.path().join("a.txt")
        } else {
            outside.path().to_owned()
        };
        symlink(target, root.join(spoil)).unwrap();
        let output = root.join("public");
        let target = Target { root: root.clone(), output: output.clone(), ..Target::default() };
        let stage = Stage::new(target, |_, _| ()).unwrap();
        let mode = Mode::at(NOW.parse().unwrap());
        let error = pipeline::build(&inputs, &mode, &stage).unwrap_err();
        assert!(error.to_string().contains("static/in/a.txt"), "{error}");
        drop(stage);
        assert!(!output.exists(), "{spoil}");
    }
}

#[test]
fn f_03_a_site_behind_a_link_is_a_site() {
    let folder = on_disk(&site("").with("content/first.md", PAGE));
    let elsewhere = tempfile::tempdir().unwrap();
    symlink(folder.path(), elsewhere.path().join("link")).unwrap();
    let (report, names) = build(&elsewhere.path().join("link").canonicalize().unwrap());
    assert!(!report.has_errors(), "{}", messages(&report));
    assert!(names.iter().any(|(path, _)| path == "first/index.html"));
}

#[test]
fn f_06_pipes_and_sockets_are_named_and_never_waited_for() {
    let said = spoilt(|root| {
        fs::create_dir(root.join("static")).unwrap();
        for pipe in ["content/pipe.md", "content/pipe.jpg", "static/pipe", "static/pipe.md"] {
            make_pipe(&root.join(pipe));
        }
        std::os::unix::net::UnixListener::bind(root.join("content/socket.md")).unwrap();
        std::os::unix::net::UnixListener::bind(root.join("static/socket")).unwrap();
    });
    for name in [
        "content/pipe.md",
        "content/pipe.jpg",
        "static/pipe",
        "static/pipe.md",
        "content/socket.md",
        "static/socket",
    ] {
        assert_says(
            &said,
            &[&format!("--> {name}\n"), "not-a-file", "a pipe, a socket or a device"],
        );
    }
}

#[test]
fn f_06_a_pipe_in_the_place_of_a_folder_or_of_the_configuration_is_named() {
    let names = [
        ("site.toml", "not-a-file"),
        ("published.toml", "not-a-file"),
        ("static", "not-a-folder"),
        ("data", "not-a-folder"),
        ("content", "not-a-folder"),
    ];
    for (name, code) in names {
        let said = spoilt(|root| {
            let _ = fs::remove_file(root.join(name));
            let _ = fs::remove_dir_all(root.join(name));
            make_pipe(&root.join(name));
        });
        assert_says(&said, &[code, &format!("--> {name}\n")]);
    }
}

fn make_pipe(path: &Path) {
    let made = std::process::Command::new("mkfifo").arg(path).status().unwrap();
    assert!(made.success());
}

#[test]
fn f_06_names_that_cannot_be_read_are_named_so_that_they_can_be_seen() {
    let said = spoilt(|root| {
        let content = root.join("content");
        let bytes = |name: &'static [u8]| content.join(std::ffi::OsStr::from_bytes(name));
        fs::write(bytes(b"caf\xE9.md"), PAGE).unwrap();
        fs::create_dir(bytes(b"folder\xFF")).unwrap();
        fs::write(bytes(b"folder\xFF/page.md"), PAGE).unwrap();
        fs::write(content.join("line\nbreak.md"), PAGE).unwrap();
        fs::write(content.join("photo\u{202E}gpj.exe"), "x").unwrap();
        fs::write(content.join("bell\u{7}.md"), PAGE).unwrap();
        fs::write(content.join("back\\slash.md"), PAGE).unwrap();
        fs::write(content.join("con.jpg"), "x").unwrap();
    });
    assert_says(
        &said,
        &[
            "--> content/caf\u{FFFD}.md\n",
            "--> content/folder\u{FFFD}\n",
            "--> content/photo\\u{202e}gpj.exe\n",
            "--> content/bell\\u{7}.md\n",
            "--> content/back\\slash.md\n",
            "--> content/con.jpg\n",
            "file-name-unseen",
            "file-name-encoding",
            "file-name]",
        ],
    );
    assert!(!said.contains(['\u{202E}', '\u{7}']), "{said}");
    assert!(said.contains("line\\u{a}break.md"), "{said}");
}

#[test]
fn f_06_ten_thousand_files_are_copied_without_being_read() {
    let folder = on_disk(&site("").with("content/first.md", PAGE));
    let many = folder.path().join("static/many");
    fs::create_dir_all(&many).unwrap();
    for number in 0..10_000 {
        fs::write(many.join(format!("{number}.txt")), "").unwrap();
    }
    let (report, names) = build(folder.path());
    assert!(!report.has_errors(), "{}", messages(&report));
    assert_eq!(
        names.iter().filter(|(path, copied)| path.starts_with("many/") && *copied).count(),
        10_000
    );
}

#[test]
fn f_06_a_huge_file_is_copied_as_it_is_or_refused_where_it_is_text() {
    let sparse = |path: &Path| {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::File::create(path).unwrap().set_len(1 << 30).unwrap();
    };
    let folder = on_disk(&site("").with("content/first.md", PAGE));
    sparse(&folder.path().join("static/film.mp4"));
    sparse(&folder.path().join("content/first-film.mp4"));
    let before = memory_peak_kib();
    let (report, names) = build(folder.path());
    assert!(!report.has_errors(), "{}", messages(&report));
    for name in ["film.mp4", "first-film.mp4"] {
        assert!(names.contains(&(name.to_owned(), true)), "{name} is copied: {names:?}");
    }
    // The other tests of this process need memory too, but nothing like a gigabyte.
    assert!(memory_peak_kib() < before + (900 << 10));

    for name in ["content/huge.md", "content/huge.toml", "data/huge.csv", "site.toml"] {
        let said = spoilt(|root| sparse(&root.join(name)));
        assert_says(&said, &["file-too-large", &format!("--> {name}\n")]);
    }
}

fn memory_peak_kib() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().split(' ').next()?.parse().ok()).unwrap_or(0)
}

#[test]
fn f_07_two_sources_of_one_file_are_an_error_that_names_both() {
    let page = |path: &str| format!("+++\ntitle = \"Page\"\npath = \"{path}\"\n+++\nHello.\n");
    let cases = [
        // Names that differ in case only, in a form of letters only.
        ("content/About.md", PAGE.to_owned(), "content/about.md", PAGE.to_owned()),
        ("content/\u{e9}.md", PAGE.to_owned(), "content/e\u{301}.md", PAGE.to_owned()),
        ("static/A.txt", "a".into(), "static/a.txt", "b".into()),
        ("static/\u{e9}.txt", "a".into(), "static/e\u{301}.txt", "b".into()),
        ("static/\u{c9}.txt", "a".into(), "static/e\u{301}.txt", "b".into()),
        // Two pages with one address.
        ("content/a.md", page("same"), "content/b.md", page("same")),
        ("content/a.md", page("same"), "content/b.md", page("SAME")),
        ("content/a.md", page("b"), "content/b.md", PAGE.to_owned()),
        ("content/a.md", PAGE.to_owned(), "content/a/index.md", PAGE.to_owned()),
        ("content/a.md", PAGE.to_owned(), "content/a/_index.md", PAGE.to_owned()),
        // A page and a file.
        ("content/about.md", PAGE.to_owned(), "static/about/index.html", "x".into()),
        ("content/about.md", PAGE.to_owned(), "static/About/index.html", "x".into()),
        ("content/about.md", PAGE.to_owned(), "static/about", "x".into()),
        // A page and a redirect.
        (
            "content/a.md",
            PAGE.to_owned(),
            "content/b.md",
            "+++\ntitle = \"B\"\naliases = [\"a\"]\n+++\nHello.\n".into(),
        ),
    ];
    for (first, first_text, second, second_text) in cases {
        let built = site("").with(first, first_text).with(second, second_text).try_build();
        assert!(built.report.has_errors(), "{first} and {second}: {:?}", built.artifacts.keys());
        assert_says(&built.messages(), &[first, second]);
    }
}

#[test]
fn f_07_a_page_cannot_take_the_place_of_what_the_site_makes() {
    for (path, other) in
        [("index.html", "content/"), ("404.html", "site.toml"), ("tags", "site.toml")]
    {
        let page = format!("+++\ntitle = \"A\"\ntags = [\"x\"]\npath = \"{path}\"\n+++\nHello.\n");
        let built = site("").with("content/a.md", page).try_build();
        assert_eq!(built.codes(), ["output-twice"], "{path}: {}", built.messages());
        assert_says(&built.messages(), &["content/a.md", other]);
    }
    for path in [".well-known/webfinger", "ap/actor", ".sitegen/x", ".Well-Known/x", "AP/actor"] {
        for key in [format!("path = \"{path}\""), format!("aliases = [\"{path}\"]")] {
            let page = format!("+++\ntitle = \"A\"\n{key}\n+++\nHello.\n");
            let built = site("").with("content/a.md", page).try_build();
            assert_eq!(built.codes(), ["reserved-path"], "{key}: {}", built.messages());
            assert_says(&built.messages(), &["content/a.md", path]);
        }
    }
}

#[test]
fn f_07_a_file_of_the_site_is_not_served_under_a_reserved_path_that_the_program_needs() {
    let built = site("").with("static/.well-known/security.txt", "x").build();
    assert!(built.has(".well-known/security.txt"));
}
