//! The text of every diagnostic, as people see it.
//!
//! `diagnostics/keys.txt` and its neighbours have small sites with mistakes, one case under
//! each line that begins with `==`; the `.snap` file beside each has what is said about them.
//! The folder mirrors `src/diagnostic/`, and no code from there may be missing here.
//!
//! After a wording was changed, `INSTA_UPDATE=always cargo test --test it diagnostics` writes
//! the texts anew; read the difference as somebody who has never programmed.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use sitegen::artifact::Nowhere;
use sitegen::commands::{lost_notes, signing_problem, taken_note};
use sitegen::config::Mode;
use sitegen::diagnostic::{Diagnostic, Format, Printer};
use sitegen::load::Inputs;
use sitegen::pipeline;
use sitegen::write::Lost;

use crate::fixture::{NOW, Site, site};

const HUMAN: Printer = Printer { format: Format::Human, colour: false };
const JSON: Printer = Printer { format: Format::Json, colour: false };

/// Cases and what was said about them, for one snapshot.
#[derive(Default)]
struct Cases {
    text: String,
}

impl Cases {
    /// Builds all sites of a file of cases.
    fn of(file: &str) -> Self {
        let mut cases = Self::default();
        for case in file.split("\n== ").skip(1) {
            let (title, files) = case.split_once('\n').unwrap();
            cases = cases.site(title, &site(files));
        }
        cases
    }

    /// Builds a site that cannot be written as text.
    fn site(self, title: &str, site: &Site) -> Self {
        let report = site.check();
        self.add(title, report.diagnostics.iter().chain(&report.untranslated))
    }

    fn add<'d>(
        mut self,
        title: &str,
        diagnostics: impl IntoIterator<Item = &'d Diagnostic>,
    ) -> Self {
        let _ = write!(self.text, "== {title}\n\n");
        let before = self.text.len();
        for diagnostic in diagnostics {
            check_wording(diagnostic);
            self.text.push_str(&HUMAN.text(diagnostic));
        }
        assert_ne!(self.text.len(), before, "nothing is said about: {title}");
        self
    }

    /// Compares with the snapshot beside the cases.
    #[track_caller]
    fn check(&self, name: &str) {
        let mut settings = insta::Settings::clone_current();
        settings.set_snapshot_path("diagnostics");
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.bind(|| insta::assert_snapshot!(name, self.text));
    }
}

/// What holds for every message: it says where, and what to do, in no more than two sentences.
#[track_caller]
fn check_wording(diagnostic: &Diagnostic) {
    let json: serde_json::Value = serde_json::from_str(&JSON.text(diagnostic)).unwrap();
    let text = |pointer: &str| json.pointer(pointer).and_then(|v| v.as_str()).unwrap_or_default();
    for part in [text("/message"), text("/help")] {
        assert!(!part.is_empty(), "{json}");
        assert!(!part.ends_with(['.', '!']), "no full stop at the end: {part}");
        assert!(
            part.starts_with(|c: char| !c.is_uppercase())
                || part.starts_with("TOML")
                || part.starts_with("YAML"),
            "{part}"
        );
    }
    let path = text("/place/path");
    assert!(!path.is_empty() && !path.starts_with('/'), "{json}");
}

/// Builds a site that lies in a folder of its own.
fn on_disk(make: impl FnOnce(&Path)) -> Vec<Diagnostic> {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("content")).unwrap();
    let config = "base_url = \"https://party.example\"\ntitle = \"The Party\"\n";
    fs::write(folder.path().join("site.toml"), config).unwrap();
    make(folder.path());
    let inputs = Inputs::read(folder.path(), "site.toml").unwrap();
    let Ok(report) = pipeline::build(&inputs, &Mode::at(NOW.parse().unwrap()), &Nowhere);
    report.diagnostics
}

#[test]
fn keys_and_values() {
    let bomb = format!("{}1{}", "[".repeat(40), "]".repeat(40));
    let page = "+++\ntitle = \"A\"\ndata = { a = \"a.json\" }\n+++\n";
    let long = format!("+++\ntitle = \"A\"\n# {}\n+++\n", "long ".repeat(60_000));
    Cases::of(include_str!("diagnostics/keys.txt"))
        .site(
            "the option --base-url",
            &site("").mode(|mode| {
                mode.base_url = Some("party.example".to_owned());
            }),
        )
        .site(
            "a data file that is nested without end",
            &site("").with("content/a.md", page).with("content/a.json", bomb),
        )
        .site("front matter as long as a book", &site("").with("content/a.md", long))
        .check("keys");
}

#[test]
fn texts() {
    let deep = format!("+++\ntitle = \"A\"\n+++\n{} deep\n", ">".repeat(300));
    Cases::of(include_str!("diagnostics/content.txt"))
        .site("quotes inside quotes inside quotes", &site("").with("content/a.md", deep))
        .check("content");
}

#[test]
fn themes() {
    let page = "+++\ntitle = \"A\"\n+++\nText.\n";
    let endless = format!(
        "{{% for i in range(end=1000) %}}\n{}\n{{% endfor %}}\n",
        "all work and no play ".repeat(10_000)
    );
    Cases::of(include_str!("diagnostics/theme.txt"))
        .site(
            "a template that goes on and on",
            &site("")
                .with("content/a.md", page)
                .with("themes/campaign/templates/page.html", endless),
        )
        .check("theme");
}

#[test]
fn files() {
    Cases::of(include_str!("diagnostics/files.txt"))
        .site(
            "a text in another encoding",
            &site("").with("content/a.md", b"+++\ntitle = \"Caf\xe9\"\n+++\n"),
        )
        .add("no site.toml", &{
            let inputs = Inputs::from_files([]);
            let Ok(report) = pipeline::build(&inputs, &Mode::at(NOW.parse().unwrap()), &Nowhere);
            report.diagnostics
        })
        .check("files");
}

#[test]
fn files_that_only_a_disk_can_have() {
    Cases::default()
        .add(
            "a symbolic link to a file",
            &on_disk(|root| {
                std::os::unix::fs::symlink("/etc/passwd", root.join("content/a.md")).unwrap();
            }),
        )
        .add(
            "a symbolic link to a folder",
            &on_disk(|root| {
                std::os::unix::fs::symlink("/etc", root.join("static")).unwrap();
            }),
        )
        .add(
            "site.toml is a symbolic link",
            &on_disk(|root| {
                fs::rename(root.join("site.toml"), root.join("real.toml")).unwrap();
                std::os::unix::fs::symlink("real.toml", root.join("site.toml")).unwrap();
            }),
        )
        .add(
            "a pipe",
            &on_disk(|root| {
                let path = root.join("content/pipe.md");
                let mode = rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR;
                rustix::fs::mknodat(rustix::fs::CWD, path, rustix::fs::FileType::Fifo, mode, 0)
                    .unwrap();
            }),
        )
        .add(
            "a file where a folder should be",
            &on_disk(|root| {
                fs::write(root.join("static"), "").unwrap();
            }),
        )
        .add(
            "a folder where site.toml should be",
            &on_disk(|root| {
                fs::remove_file(root.join("site.toml")).unwrap();
                fs::create_dir(root.join("site.toml")).unwrap();
            }),
        )
        .add(
            "a text that is too large",
            &on_disk(|root| {
                fs::File::create(root.join("content/a.md")).unwrap().set_len(9 << 20).unwrap();
            }),
        )
        .add(
            "a data file that is too large",
            &on_disk(|root| {
                fs::create_dir(root.join("data")).unwrap();
                fs::File::create(root.join("data/a.csv")).unwrap().set_len(17 << 20).unwrap();
            }),
        )
        .check("disk");
}

#[test]
fn names_that_only_a_disk_can_have() {
    let page = "+++\ntitle = \"A\"\n+++\n";
    Cases::default()
        .add(
            "a file name in another encoding",
            &on_disk(|root| {
                let name = std::ffi::OsStr::from_bytes(b"caf\xe9.md");
                fs::write(root.join("content").join(name), page).unwrap();
            }),
        )
        .add(
            "a file name that would move the cursor",
            &on_disk(|root| {
                fs::write(root.join("content/\u{1b}[2J\nerror.md"), page).unwrap();
            }),
        )
        .add(
            "a file name that reads backwards",
            &on_disk(|root| {
                fs::write(root.join("content/\u{202e}gpj.exe"), page).unwrap();
            }),
        )
        .add(
            "file names that other systems cannot have",
            &on_disk(|root| {
                for name in ["con.md", "back\\slash.md", "dot.", "%2e%2e.md"] {
                    fs::write(root.join("content").join(name), page).unwrap();
                }
            }),
        )
        .check("names");
}

#[test]
fn ids() {
    let page = "+++\ntitle = \"A\"\n+++\nThe same text.\n";
    let twins = site("").with("content/a.md", page).with("content/b.md", page);
    let record = twins.check().record.unwrap();
    let one = site("").with("content/a.md", page).check().record.unwrap();
    Cases::of(include_str!("diagnostics/record.txt"))
        .site(
            "one page in the place of two that were alike",
            &site("").with("content/c.md", page).with("published.toml", &record),
        )
        .site(
            "two pages that may be one that was renamed",
            &site("")
                .with("content/c.md", page)
                .with("content/d.md", page)
                .with("published.toml", &one),
        )
        .site(
            "drafts that are to be recorded where there is an account",
            &site("").config("[[actors]]\nuser = \"news\"").mode(|mode| {
                (mode.drafts, mode.record) = (true, true);
            }),
        )
        .site(
            "a record in another encoding",
            &site("").with("published.toml", b"version = 1 # caf\xe9\n"),
        )
        .check("record");
}

/// This one is made by the commands, for it depends on how they are called.
#[test]
fn a_locked_build_says_that_the_record_would_change() {
    let folder = tempfile::tempdir().unwrap();
    for (path, bytes) in site("").with("content/a.md", "+++\ntitle = \"A\"\n+++\n").files() {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    let said = |arguments: &[&str]| {
        let mut command = assert_cmd::Command::cargo_bin("sitegen").unwrap();
        let output = command.arg("--root").arg(folder.path()).args(arguments).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        // The last line has the time it took.
        said.trim_end().rsplit_once('\n').map_or(String::new(), |(said, _)| said.to_owned())
    };
    let mut cases = Cases::default();
    let _ = writeln!(cases.text, "== --locked\n\n{}", said(&["check", "--locked"]));
    said(&["build"]);
    fs::remove_file(folder.path().join("published.toml")).unwrap();
    let _ = write!(cases.text, "== a record that is lost\n\n{}", said(&["check"]));
    cases.check("locked");
}

#[test]
fn programs_get_one_json_object_a_line() {
    let report = site(
        "
-- content/a.md --
+++
title = \"A\"
mood = \"sunny\"
+++
-- content/b.md --
+++
title = \"B\"
+++
-- content/b/index.md --
+++
title = \"B\"
+++
-- published.toml --
version = 1
serial = 1
id_base = \"tag:party.example,2026:\"

[[published]]
source = \"content/x.md\"
language = \"en\"
id = \"tag:party.example,2026:x\"
published = 2026-05-01T00:00:00Z
updated = 2026-05-01T00:00:00Z
hash = \"0\"

[[published]]
source = \"content/y.md\"
language = \"en\"
id = \"tag:party.example,2026:x\"
published = 2026-05-01T00:00:00Z
updated = 2026-05-01T00:00:00Z
hash = \"0\"
",
    )
    .check();
    let text: String = report.diagnostics.iter().map(|diagnostic| JSON.text(diagnostic)).collect();
    Cases { text }.check("json");
}

/// The marks under a line, by what they stand under.
fn marked(text: &str) -> Vec<(u64, String)> {
    let report = site("").with("content/a.md", text).check();
    report.diagnostics.iter().map(marked_in).collect()
}

/// Line and marked characters, read off what people see.
fn marked_in(diagnostic: &Diagnostic) -> (u64, String) {
    let shown = HUMAN.text(diagnostic);
    let lines: Vec<&str> = shown.lines().collect();
    let at = lines
        .iter()
        .position(|line| line.trim_start().starts_with("| ^"))
        .unwrap_or_else(|| lines.iter().position(|line| line.contains('^')).unwrap());
    let from = lines[at].chars().position(|c| c == '^').unwrap();
    let count = lines[at].chars().filter(|c| *c == '^').count();
    let number = lines[at - 1].split('|').next().unwrap().trim().parse().unwrap();
    (number, lines[at - 1].chars().skip(from).take(count).collect())
}

#[test]
fn the_mark_stands_under_the_mistake() {
    let found = |line, text: &str| (line, text.to_owned());
    let toml = "+++\ntitle = \"A\"\nmood = \"x\"\ndraft = \"no\"\n+++\n\n[x](@/gone.md) y\n";
    let yaml = "---\ntitle: A\nmood: x\ndate: 'no'\n---\n\n[x](@/gone.md) y\n";
    let wide = "+++\ntitle = \"Příliš\"\nslug = 5 # ŵ\n\"žluť\" = \"🚲\"\n+++\n";
    let wide_yaml =
        "---\ntitle: Příliš žluťoučký\nextra: {ž: 🚲, ů: [ŵ]} \ntags: [ŵ, {a: ŷ}]\nmood: 🚲\n---\n";
    let link = || found(7, "[x](@/gone.md)");
    assert_eq!(marked(toml), [found(3, "mood"), found(4, "\"no\""), link()]);
    assert_eq!(marked(yaml), [found(3, "mood"), found(4, "'no'"), link()]);
    assert_eq!(marked(&toml.replace('\n', "\r\n")), marked(toml));
    assert_eq!(marked(&yaml.replace('\n', "\r\n")), marked(yaml));
    assert_eq!(marked(&format!("\u{feff}{toml}")), marked(toml));
    assert_eq!(marked(wide)[0], found(3, "5"));
    assert_eq!(marked(wide_yaml).last().unwrap(), &found(5, "mood"));
}

#[test]
fn the_mark_stands_under_a_link_whatever_stands_before_it() {
    let found = vec![(5, "[x](@/gone.md)".to_owned())];
    for before in ["", "Příliš žluťoučký ", "\ta\t", "{{ button(label=\"x\", url=\"#\") }} "]
    {
        let text = format!("+++\ntitle = \"A\"\n+++\n\n- {before}[x](@/gone.md) y\n");
        assert_eq!(marked(&text), found, "{before:?}");
        assert_eq!(marked(&text.replace('\n', "\r\n")), found, "{before:?} with CR");
    }
}

#[test]
fn accounts_and_posts() {
    let key = include_str!("keys/news.pem");
    let actor = "\n[[actors]]\nuser = \"news\"\nicon = \"/big.png\"\n";
    let large = site("").config(actor).with("keys/news.pem", key);
    let text = format!(
        "+++\ntitle = \"All\"\ndate = 2026-05-01\n+++\n{}\n",
        "For the valley. ".repeat(9000)
    );
    let wordy = site("")
        .config("[[actors]]\nuser = \"news\"")
        .with("keys/news.pem", key)
        .with("content/plans/_index.md", "+++\ntitle = \"Plans\"\nposts = \"article\"\n+++\n")
        .with("content/plans/all.md", text);
    Cases::of(include_str!("diagnostics/identity.txt"))
        .site("a post that not all servers take", &wordy)
        .site("an icon that is too large", &large.with("static/big.png", vec![0; (8 << 20) + 1]))
        .check("identity");
}

#[cfg(feature = "pictures")]
#[test]
fn pictures() {
    let page = "+++\ntitle = \"A\"\n+++\n![The weir](weir.jpg)\n";
    let damaged = site("").with("content/a.md", page).with("content/weir.jpg", b"\xff\xd8\xff\xe0");
    let large = on_disk(|folder| {
        let file = fs::File::create(folder.join("content/large.jpg")).unwrap();
        file.set_len((64 << 20) + 1).unwrap();
    });
    let folder = crate::folder::Folder::empty();
    folder.write("site.toml", "base_url = \"https://party.example\"\ntitle = \"The Party\"\n");
    let with_comment: &[u8] = b"GIF89a\x01\0\x01\0\0\0\0\x21\xfe\x01a\0\x3b";
    folder.write("static/a.gif", with_comment);
    let inputs = Inputs::read(&folder.path(""), "site.toml").unwrap();
    folder.write("static/a.gif", "other");
    let Ok(report) = pipeline::build(&inputs, &Mode::at(NOW.parse().unwrap()), &Nowhere);
    let pixels = [8, 0x27, 0x10, 0x27, 0x10, 1, 1, 0x11, 0];
    let huge = [&b"\xff\xd8\xff\xc0\0\x0b"[..], &pixels, b"\xff\xda\0\x02\xff\xd9"].concat();
    let huge = site("").with("content/a.md", page).with("content/weir.jpg", huge);
    let as_they_came = site("").with("static/a.heic", "HEIC").with("static/b.jpg", [7; 2000]);
    let nobody = site("").config("[pictures]\ncredit = \"required\"");
    let nobody = nobody.with("content/a.md", page).with("content/weir.jpg", with_comment);
    Cases::default()
        .site("a picture that was cut off", &damaged)
        .site("a picture of 100 megapixels", &huge)
        .site("pictures as they came from the camera", &as_they_came)
        .site("a picture of nobody knows whom", &nobody)
        .add("a picture that is too large to be looked at", &large)
        .add("a picture that is replaced while the site is built", &report.diagnostics)
        .check("pictures");
}

#[cfg(feature = "cards")]
#[test]
fn share_pictures() {
    const CONFIG: &str = "base_url = \"https://party.example\"\ntitle = \"The Party\"\n\
                          generate_share_pictures = true\n";
    let party = || site("").with("site.toml", CONFIG);
    let page = "+++\ntitle = \"巴士 after six\"\n+++\n";
    let imprint = |name: &str| {
        format!(
            "[imprint]\nlaw = \"uk-2022\"\non_behalf_of = []\n\
             promoter = {{ name = \"{name}\", address = \"1 High Street, Town, AB1 2CD\" }}\n"
        )
    };
    let logo =
        |svg: &str| party().config("[look]\nlogo = \"logo.svg\"").with("static/logo.svg", svg);
    let text = "<svg xmlns=\"http://www.w3.org/2000/svg\"><text>The Party</text></svg>";
    let picture = "<svg xmlns=\"http://www.w3.org/2000/svg\"><image href=\"data:,\"/></svg>";
    Cases::default()
        .site("a title with other letters", &party().with("content/a.md", page))
        .site("an imprint with other letters", &party().config(&imprint("安")))
        .site("an imprint of many people", &party().config(&imprint(&"Ann Agent, ".repeat(90))))
        .site("a logo with texts", &logo(text))
        .site("a logo with a picture in it", &logo(picture))
        .site("a logo that is no drawing", &logo("<svg>"))
        .check("cards");
}

#[cfg(not(feature = "cards"))]
#[test]
fn share_pictures_that_this_program_does_not_make() {
    let wanted = site("").config("generate_share_pictures = true");
    Cases::default().site("share pictures", &wanted).check("no_cards");
}

#[test]
fn kinds_of_content() {
    Cases::of(include_str!("diagnostics/kinds.txt")).check("kinds");
}

#[test]
fn targets_that_no_site_can_be_brought_to() {
    Cases::of(include_str!("diagnostics/deploy.txt")).check("deploy");
}

#[test]
fn notices_of_political_advertising() {
    Cases::of(include_str!("diagnostics/notices.txt")).check("notices");
}

#[test]
fn looks() {
    Cases::of(include_str!("diagnostics/look.txt")).check("look");
}

#[test]
fn imprints() {
    Cases::of(include_str!("diagnostics/imprint.txt")).check("imprint");
}

#[cfg(feature = "network")]
#[test]
fn what_the_post_office_is_told() {
    const GOOD: &str = "site = \"https://party.example\"\n[[actors]]\nuser = \"news\"\n";
    let mut text = String::new();
    for (title, before, rest) in [
        ("nothing is said", "", ""),
        (
            "a site without https",
            "site = \"http://party.example\"\n[[actors]]\nuser = \"news\"\n",
            "",
        ),
        ("a port alone", "listen = \"8025\"\n", GOOD),
        ("half an address", "proxies = [\"10.0.0\"]\n", GOOD),
        ("a key that nobody knows", "aprove = \"manual\"\n", GOOD),
    ] {
        let folder = crate::folder::Folder::empty();
        folder.write("inbox.toml", format!("{before}{rest}"));
        let run = folder.run("deliver");
        assert_eq!(run.code, 1, "{}", run.err);
        let _ = write!(text, "== {title}\n\n{}", run.err);
    }
    Cases { text }.check("office");
}

#[test]
fn promises_that_the_place_of_the_output_does_not_let_us_keep() {
    let at_once = Lost::AtOnce("something is mounted there");
    let lost = [at_once, Lost::NoGap, Lost::Durable, Lost::Lock];
    let mut notes = lost_notes(&lost, Path::new("../www"));
    notes.push(taken_note(&["a.txt".into(), "stats/b".into()], Path::new("../www")));
    Cases::default().add("all of them", &notes).check("lost");
}

#[test]
fn nothing_in_a_site_can_move_the_cursor() {
    let evil = "\u{1b}[2J\u{9b}2K\u{7}\u{202e}\u{2066}\u{85}\u{7f}";
    let escaped = "\\u001b[2J\\u009b2K\\u0007\\u202e\\n\\rerror: no error";
    let yaml = format!("---\ntitle: \"A\"\ndate: \"{escaped}\"\n\"{escaped}\": 1\n---\n");
    let text = format!("+++\ntitle = \"A\"\n+++\n[x{evil}](<@/{evil}.md>) ![](<{evil}.jpg>)\n");
    let shortcode = format!("+++\ntitle = \"A\"\n+++\n{{{{ a(b=\"{evil}\" }}}}\n");
    let config = format!("base_url = \"{escaped}\"\ntitle = \"A\"\ntimezone = \"{escaped}\"\n");
    let sites = [
        site("").with("content/a.md", format!("+++\ntitle = \"{evil}\n+++\n")),
        site("").with("content/a.md", yaml),
        site("").with("content/a.md", text),
        site("").with("content/a.md", shortcode),
        site("").with("site.toml", config),
        site("").with(&format!("content/{evil}\n.md"), "no front matter"),
    ];
    for site in sites {
        let report = site.check();
        assert!(!report.diagnostics.is_empty());
        for diagnostic in &report.diagnostics {
            let shown = HUMAN.text(diagnostic);
            let bad =
                |c: char| c.is_control() && c != '\n' || ('\u{202a}'..='\u{2069}').contains(&c);
            assert!(!shown.contains(bad), "{shown:?}");
            // What looks like a message of ours is one.
            let messages = shown.lines().filter(|line| line.starts_with("error"));
            assert_eq!(messages.count(), 1, "{shown}");
        }
    }
}

#[test]
fn signing() {
    let folder = tempfile::tempdir().unwrap();
    let config = "base_url = \"https://party.example\"\ntitle = \"The Party\"\nsign = true\n";
    fs::create_dir(folder.path().join("content")).unwrap();
    fs::write(folder.path().join("site.toml"), config).unwrap();
    let inputs = Inputs::read(folder.path(), "site.toml").unwrap();
    let mut mode = Mode::at(NOW.parse().unwrap());
    let said = |mode: &Mode| signing_problem(folder.path(), &inputs, mode).unwrap();
    let without = said(&mode);
    mode.drafts = true;
    Cases::default()
        .add("a site that is to be signed without a key", &without)
        .add("a preview of it", &said(&mode))
        .check("signing");
}

#[test]
fn every_code_is_in_a_snapshot() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |folder: &str, extension: &str| -> String {
        let files = fs::read_dir(root.join(folder)).unwrap().map(|entry| entry.unwrap().path());
        let files = files.filter(|path| path.extension().is_some_and(|e| e == extension));
        files.map(|path| fs::read_to_string(path).unwrap()).collect()
    };
    let shown = read("tests/it/diagnostics", "snap");
    let source = read("src/diagnostic", "rs");
    let calls = ["Self::error(", "Self::warning(", "Self::note("];
    let codes: BTreeSet<&str> = calls
        .iter()
        .flat_map(|call| source.split(call).skip(1))
        .filter_map(|rest| rest.trim_start().strip_prefix('"')?.split('"').next())
        .collect();
    assert!(codes.len() > 60, "only {codes:?} were found in src/diagnostic");
    let missing: Vec<_> =
        codes.iter().filter(|code| !shown.contains(&format!("[{code}]: "))).collect();
    assert!(missing.is_empty(), "no snapshot shows {missing:?}: add a case for each");
}
