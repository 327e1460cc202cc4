//! The program itself, in folders of its own: commands, options, exit codes, files.

use std::fs;
use std::time::SystemTime;

use serde_json::Value;

use crate::fixture::Site;
use crate::folder::{Folder, command, good, json, run};

/// A good page, one with an error in its text, and one whose front matter cannot be read.
fn broken() -> Site {
    good()
        .with("content/link.md", "+++\ntitle = \"Link\"\n+++\n[x](@/nowhere.md)\n")
        .with("content/front.md", "+++\ntitel = \"Front\"\n+++\nText.\n")
}

/// A page that there is a warning about.
fn warned() -> Site {
    good().with("content/warn.md", "+++\ntitle = \"W\"\ndate = 2026-05-01\n+++\n<b>x</b>\n")
}

#[test]
fn build_makes_the_site_and_says_so_in_a_line() {
    let folder = good().on_disk();
    let run = folder.expect(0, "build");
    assert!(folder.read("public/news/first/index.html").contains("<p>Text.</p>"));
    assert_eq!(folder.read("public/leaflet.pdf"), "PDF\n");
    assert!(folder.read("published.toml").contains("serial = 1"));
    assert!(run.out.starts_with("Built 2 pages, "), "{}", run.out);
    assert_eq!((run.out.lines().count(), run.err.as_str()), (1, ""));
}

#[test]
fn the_closing_line_names_the_next_change() {
    let page = "+++\ntitle = \"Soon\"\ndate = 9998-07-01T09:00:00Z\n+++\n";
    let folder = good().with("content/soon.md", page).on_disk();
    let run = folder.expect(0, "build");
    assert!(
        run.out.ends_with("Next change by itself: 9998-07-01T09:00:00+00:00.\n"),
        "{}",
        run.out
    );
    let json = json(&folder.expect(0, "build --format json").out);
    assert_eq!(json[0]["next_change"], "9998-07-01T09:00:00+00:00");
}

#[test]
fn check_writes_nothing() {
    let folder = good().on_disk();
    let before = folder.files();
    let run = folder.expect(0, "check");
    assert!(run.out.starts_with("Checked 2 pages, "), "{}", run.out);
    assert_eq!(folder.files(), before);
    let folder = broken().on_disk();
    let before = folder.files();
    let run = folder.expect(1, "check");
    assert!(run.err.contains("content/link.md:4:1") && run.err.contains("content/front.md:2:1"));
    assert_eq!(folder.files(), before);
}

#[test]
fn while_there_is_an_error_nothing_is_written_and_every_mistake_is_said() {
    let folder = broken().on_disk();
    let before = folder.files();
    let run = folder.expect(1, "build");
    assert!(run.err.contains("error[broken-link]") && run.err.contains("error[unknown-key]"));
    assert!(run.err.contains("did you mean `title`?"), "{}", run.err);
    assert!(run.err.contains("Nothing was written"), "{}", run.err);
    assert_eq!(run.out, "");
    assert_eq!(folder.files(), before);
}

#[test]
fn an_error_after_a_good_build_leaves_the_good_one() {
    let folder = good().on_disk();
    folder.expect(0, "build");
    let page = "+++\ntitle = \"First\"\ndate = 2026-05-01\n+++\n[x](@/nowhere.md)\n";
    folder.write("content/news/first.md", page);
    let before = folder.files();
    folder.expect(1, "build");
    assert_eq!(folder.files(), before);
}

#[test]
fn strict_takes_warnings_for_errors() {
    let folder = warned().on_disk();
    let strict = folder.expect(1, "build --strict");
    assert!(strict.err.contains("warning[raw-html]"), "{}", strict.err);
    assert!(!folder.has("public"));
    folder.expect(1, "check --strict");
    let run = folder.expect(0, "build");
    assert!(run.err.contains("warning[raw-html]") && run.out.contains("1 warning."), "{run:?}");
}

#[test]
fn keep_going_publishes_the_rest() {
    let folder = broken().on_disk();
    let run = folder.expect(1, "build --keep-going");
    assert!(folder.has("public/news/first/index.html"));
    assert!(folder.has("public/link/index.html"));
    assert!(!folder.has("public/front/index.html"));
    assert!(run.err.contains("error[unknown-key]") && run.err.contains("written"), "{}", run.err);
    assert!(!folder.read("public/link/index.html").contains("nowhere.md"));
}

#[test]
fn keep_going_takes_the_first_of_two_outputs_for_one_file() {
    let folder = good()
        .with(
            "content/a.md",
            "+++\ntitle = \"A\"\naliases = [\"/about/\", \"/leaflet.pdf/x/\"]\n+++\n",
        )
        .on_disk();
    let run = folder.expect(1, "build --keep-going");
    assert!(run.err.contains("error[output-twice]"), "{}", run.err);
    assert!(run.err.contains("error[output-below-file]"), "{}", run.err);
    assert!(folder.read("public/about/index.html").contains("Us."));
    assert_eq!(folder.read("public/leaflet.pdf"), "PDF\n");
    assert!(folder.has("public/a/index.html"));
}

#[test]
fn a_file_where_another_needs_a_folder_is_a_mistake_of_the_site() {
    let folder = good().with("static/news", "a file").on_disk();
    let run = folder.expect(1, "build");
    assert!(run.err.contains("error[output-below-file]"), "{}", run.err);
}

#[test]
fn keep_going_cannot_help_a_site_that_cannot_be_understood() {
    for (file, text) in [
        ("site.toml", "base_url = \"https://party.example\"\ntitle = \"x\"\ntitel = \"y\"\n"),
        ("published.toml", "version = 1\nserial = x\n"),
        ("themes/campaign/templates/page.html", "{% if %}"),
    ] {
        let folder = good().on_disk();
        folder.expect(0, "build");
        let before = folder.files();
        folder.write(file, text);
        folder.expect(1, "build --keep-going");
        let after = folder.files();
        let changed = before.iter().filter(|entry| entry.0 != file && !after.contains(entry));
        assert_eq!(changed.count(), 0, "{file}");
    }
}

#[test]
fn a_second_build_writes_nothing() {
    let folder = good().on_disk();
    folder.expect(0, "build");
    let before = folder.files();
    let run = folder.expect(0, "build");
    assert!(run.out.contains(": 0 written"), "{}", run.out);
    assert!(before.iter().any(|(name, _)| name.starts_with(".sitegen/")), "{before:?}");
    assert_eq!(folder.files(), before);
}

#[test]
fn a_change_writes_what_it_changes_and_no_more() {
    let folder = good().on_disk();
    folder.expect(0, "build");
    let before = folder.files();
    folder.write("static/leaflet.pdf", "PDF 2");
    let json = json(&folder.expect(0, "build --format json").out);
    assert_eq!(json[0]["written"], 1, "{json:?}");
    assert_eq!(folder.read("public/leaflet.pdf"), "PDF 2");
    let after = folder.files();
    let page = |files: &[(String, SystemTime)]| {
        files.iter().find(|(name, _)| name == "public/about/index.html").cloned()
    };
    assert_eq!(page(&before), page(&after));
}

#[test]
fn what_is_no_longer_made_is_removed_and_what_others_put_there_stays() {
    let folder = good().on_disk();
    folder.expect(0, "build");
    folder.write("public/mine.txt", "mine");
    folder.write("public/news/first/mine.txt", "mine");
    fs::remove_file(folder.path("content/news/first.md")).unwrap();
    fs::remove_file(folder.path("static/leaflet.pdf")).unwrap();
    folder.expect(0, "build");
    assert!(!folder.has("public/news/first/index.html") && !folder.has("public/leaflet.pdf"));
    assert!(folder.has("public/mine.txt") && folder.has("public/news/first/mine.txt"));
    fs::remove_file(folder.path("content/about.md")).unwrap();
    folder.expect(0, "build");
    assert!(!folder.has("public/about"), "an empty folder goes");
}

#[test]
fn a_file_may_become_a_folder_and_a_folder_a_file() {
    let folder = good().with("static/thing", "a file").on_disk();
    folder.expect(0, "build");
    fs::remove_file(folder.path("static/thing")).unwrap();
    folder.write("static/thing/inside", "a file");
    folder.expect(0, "build");
    assert_eq!(folder.read("public/thing/inside"), "a file");
    fs::remove_dir_all(folder.path("static/thing")).unwrap();
    folder.write("static/thing", "a file again");
    folder.expect(0, "build");
    assert_eq!(folder.read("public/thing"), "a file again");
}

#[test]
fn f_08_files_that_others_made_are_in_the_way_until_force() {
    let folder = good().on_disk();
    folder.write("public/index.html", "mine");
    let before = folder.files();
    let run = folder.expect(1, "build");
    assert!(run.err.contains("public/index.html") && run.err.contains("--force"), "{}", run.err);
    let public = |files: Vec<(String, SystemTime)>| {
        files.into_iter().filter(|(name, _)| name.starts_with("public/")).collect::<Vec<_>>()
    };
    assert_eq!(public(folder.files()), public(before));
    folder.expect(0, "build --force");
    assert!(folder.read("public/index.html").contains("<html"));
}

#[test]
fn f_08_a_foreign_file_or_folder_in_the_way_stops_the_build_before_anything_changes() {
    for foreign in ["public/news", "public/404.html/keep.txt"] {
        let folder = good().on_disk();
        folder.write(foreign, "mine");
        let run = folder.expect(1, "build");
        assert!(run.err.contains(foreign), "{}", run.err);
        assert_eq!(folder.read(foreign), "mine");
        assert!(!folder.has("public/index.html"), "{foreign}");
    }
}

#[test]
fn f_08_the_output_is_refused_where_it_would_swallow_the_sources() {
    let folder = good().on_disk();
    folder.write("site/site.toml", "base_url = \"https://a.example\"\ntitle = \"A\"\n");
    let before = folder.files();
    for output in [
        ".",
        "..",
        "/",
        "content",
        "content/news/deep",
        "static",
        "themes/x",
        "data",
        ".sitegen",
        "nowhere/..",
        "nowhere/../content",
    ] {
        let run = folder.expect(2, &format!("build -o {output}"));
        assert!(run.err.contains("the output cannot go to"), "{output}: {}", run.err);
    }
    folder.expect(2, "build -r site -o .");
    folder.expect(2, "build -r site -o site");
    folder.write(
        "site/site.toml",
        "base_url = \"https://a.example\"\ntitle = \"A\"\noutput_dir = \"..\"\n",
    );
    folder.expect(2, "build -r site");
    folder.write("plain", "a file");
    folder.expect(2, "build -o plain");
    let sources = |files: Vec<(String, SystemTime)>| {
        files.into_iter().filter(|(name, _)| name.starts_with("content/")).collect::<Vec<_>>()
    };
    assert_eq!(sources(folder.files()), sources(before));
    assert!(!folder.has("nowhere"));
}

#[test]
fn root_config_output_and_address_can_be_given() {
    let folder = Folder::empty();
    for (path, bytes) in good().files() {
        folder.write(&format!("my site/{path}"), bytes);
    }
    folder.write("my site/other.toml", "base_url = \"https://other.example\"\ntitle = \"Other\"\n");
    let run = run(command(folder.0.path()).args([
        "build",
        "-r",
        "my site",
        "-c",
        "other.toml",
        "-o",
        "out/deep",
        "-u",
        "https://other.example/x",
    ]));
    assert_eq!(run.code, 0, "{run:?}");
    let html = folder.read("out/deep/about/index.html");
    assert!(html.contains("Other") && html.contains("https://other.example/x/about/"));
    assert!(folder.has("my site/published.toml") && !folder.has("my site/public"));
}

#[test]
fn global_options_stand_before_or_after_the_command() {
    let folder = good().on_disk();
    let root = folder.0.path().to_str().unwrap();
    let elsewhere = Folder::empty();
    for arguments in [
        format!("--root {root} --format json --config site.toml check"),
        format!("check --root {root} --format json --config site.toml"),
        format!("-r {root} check --format json"),
    ] {
        let run = elsewhere.expect(0, &arguments);
        assert_eq!(json(&run.out)[0]["kind"], "summary", "{arguments}");
    }
}

#[test]
fn wrong_usage_is_two() {
    let folder = good().on_disk();
    for arguments in [
        "",
        "biuld",
        "build --nonsense",
        "build --clock yesterday",
        "build --record --locked",
        "check --quiet --verbose",
        "list --format yaml",
        "completions tcl",
        "build -r nowhere",
        "build -c nowhere.toml",
        "new",
        "new content",
        "new post",
        "new post X -l fr",
    ] {
        let run = folder.expect(2, arguments);
        assert!(!run.err.is_empty(), "{arguments}");
    }
    let bad = folder.expect(1, "build -u party.example");
    assert!(bad.err.contains("write `https://party.example`"), "{}", bad.err);
}

#[test]
fn outside_a_site_every_command_says_what_to_do() {
    let folder = Folder::empty();
    for arguments in ["build", "check", "list", "new post Hello"] {
        let run = folder.expect(2, arguments);
        assert!(run.err.contains("there is no site.toml") && run.err.contains("sitegen new DIR"));
    }
    assert!(folder.names().is_empty());
}

#[test]
fn help_and_version_are_fine() {
    let folder = Folder::empty();
    let help = folder.expect(0, "--help");
    for command in ["new", "build", "check", "list", "completions"] {
        assert!(help.out.contains(&format!("\n  {command} ")), "{}", help.out);
    }
    assert!(help.out.contains("Exit codes"));
    assert!(folder.expect(0, "--version").out.starts_with("sitegen "));
}

#[test]
fn a_disk_that_refuses_is_three() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = good().on_disk();
    let locked = folder.path("locked");
    fs::create_dir(&locked).unwrap();
    fs::set_permissions(&locked, fs::Permissions::from_mode(0o555)).unwrap();
    // Who may do everything cannot be refused.
    if fs::write(locked.join("probe"), "").is_err() {
        let run = folder.expect(3, "build -o locked/out");
        assert!(run.err.starts_with("error: cannot create"), "{}", run.err);
    }
    fs::set_permissions(&locked, fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn an_output_below_a_file_is_three() {
    let folder = good().with("file", "x").on_disk();
    folder.expect(3, "build -o file/out");
}

#[test]
fn lines_for_programs_are_json() {
    let folder = warned().on_disk();
    folder.write("content/link.md", "+++\ntitle = \"Link\"\n+++\n[x](@/nowhere.md)\n");
    let run = folder.expect(1, "build --format json");
    assert_eq!(run.err, "");
    let lines = json(&run.out);
    assert_eq!(lines.len(), 3);
    let link = lines.iter().find(|line| line["code"] == "broken-link").unwrap();
    assert_eq!((&link["kind"], &link["severity"]), (&"diagnostic".into(), &"error".into()));
    assert_eq!(link["place"]["path"], "content/link.md");
    assert_eq!((&link["place"]["line"], &link["place"]["column"]), (&4.into(), &1.into()));
    let last = &lines[2];
    assert_eq!((&last["kind"], &last["ok"]), (&"summary".into(), &false.into()));
    assert_eq!((&last["errors"], &last["warnings"]), (&1.into(), &1.into()));
    assert_eq!(last["written"], Value::Null);
}

#[test]
fn list_shows_every_page_with_its_state() {
    let folder = good()
        .with("content/draft.md", "+++\ntitle = \"Draft\"\ndraft = true\n+++\n")
        .with("content/later.md", "+++\ntitle = \"Later\"\ndate = 9998-01-01\n+++\n")
        .with("content/over.md", "+++\ntitle = \"Over\"\nexpires = 2020-01-01\n+++\n")
        .on_disk();
    let lines = json(&folder.expect(0, "list --format json").out);
    let states: Vec<(&str, &str, &str)> = lines
        .iter()
        .map(|l| (l["source"].as_str(), l["state"].as_str(), l["url"].as_str()))
        .map(|(source, state, url)| (source.unwrap(), state.unwrap(), url.unwrap()))
        .collect();
    assert_eq!(
        states,
        [
            ("content/about.md", "published", "https://party.example/about/"),
            ("content/draft.md", "draft", "https://party.example/draft/"),
            ("content/later.md", "future", "https://party.example/later/"),
            ("content/news/first.md", "published", "https://party.example/news/first/"),
            ("content/over.md", "expired", "https://party.example/over/"),
        ]
    );
    assert_eq!(lines[0]["date"], "2026-04-01T00:00:00+00:00");
    let human = folder.expect(0, "list --drafts").out;
    assert_eq!(human.lines().count(), 5);
    let draft = human.lines().find(|line| line.contains("draft.md")).unwrap();
    assert!(draft.starts_with("published "), "{draft}");
    assert!(!folder.has("public") && !folder.has("published.toml"));
}

#[test]
fn quiet_says_nothing_unless_something_is_wrong() {
    let folder = good().on_disk();
    let run = folder.expect(0, "build --quiet");
    assert_eq!((run.out.as_str(), run.err.as_str()), ("", ""));
    let run = broken().on_disk().expect(1, "-q build");
    assert!(run.err.contains("error[broken-link]"));
}

#[test]
fn verbose_names_what_is_not_translated() {
    let folder = good().config("[languages.cy]").on_disk();
    let run = folder.expect(0, "build -v");
    assert!(run.err.contains("content/about.md") && run.err.contains("not translated: cy"));
    let run = folder.expect(0, "build");
    assert!(run.err.is_empty() && run.out.contains("2 pages (2 not translated)"), "{run:?}");
}

#[test]
fn nothing_is_coloured_in_a_pipe() {
    let folder = broken().on_disk();
    for no_color in [None, Some("1")] {
        let mut command = command(folder.0.path());
        if let Some(value) = no_color {
            command.env("NO_COLOR", value);
        }
        let run = run(command.args(["check"]));
        assert!(!run.err.contains('\u{1b}') && !run.out.contains('\u{1b}'), "{run:?}");
        assert!(run.err.contains("error[broken-link]"));
    }
}

#[test]
fn a_new_site_builds_and_says_that_its_texts_are_to_be_written() {
    let folder = Folder::empty();
    let run = run(command(folder.0.path()).args(["new", "our party", "-u", "https://us.example"]));
    assert_eq!(run.code, 0, "{run:?}");
    assert!(run.out.contains("1. cd \"our party\"\n"), "{}", run.out);
    let mut build = command(folder.0.path());
    let built = self::run(build.args(["-r", "our party", "build"]));
    assert_eq!((built.code, built.err.matches("warning[").count()), (0, 1), "{}", built.err);
    assert!(folder.read("our party/public/index.html").contains("our party"));
    assert!(folder.read("our party/public/atom.xml").contains("https://us.example/news/welcome/"));
    assert!(folder.read("our party/.gitignore").contains("/public"));
}

#[test]
fn a_new_site_takes_a_title_that_needs_quoting() {
    let folder = Folder::empty();
    let title = "\"Us\" \\ & <them>";
    let run = run(command(folder.0.path()).args(["new", "site", "--title", title]));
    assert_eq!(run.code, 0, "{run:?}");
    folder.expect(0, "build -r site");
    assert!(folder.read("site/public/index.html").contains("&quot;Us&quot; \\ &amp; &lt;them&gt;"));
}

#[test]
fn a_new_site_goes_into_an_empty_folder_only() {
    let folder = Folder::empty();
    folder.write("taken/file", "mine");
    assert!(folder.expect(2, "new taken").err.contains("has something in it already"));
    assert_eq!(folder.names(), ["taken/file"]);
    folder.expect(2, "new fresh -u nonsense");
    assert!(!folder.has("fresh"));
    let folder = Folder::empty();
    folder.expect(0, "new . --title Here");
    assert!(folder.read("site.toml").contains("title = \"Here\""));
}

#[test]
fn a_new_post_has_a_date_and_goes_where_the_posts_are() {
    let folder = good().on_disk();
    let title = "Tŷ agored: \"dewch\"";
    let run = run(command(folder.0.path()).args(["new", "post", title, "--public"]));
    assert_eq!(run.code, 0, "{run:?}");
    let path = run.out.trim();
    assert!(path.starts_with("content/news/") && path.ends_with("-ty-agored-dewch.md"), "{path}");
    let text = folder.read(path);
    assert!(text.starts_with("+++\ntitle = \"Tŷ agored: \\\"dewch\\\"\"\ndate = "), "{text}");
    folder.expect(0, "build --strict");
    assert!(folder.has("public/news/ty-agored-dewch/index.html"));
}

#[test]
fn a_new_page_has_no_date_and_never_replaces_another() {
    let folder = good().config("[languages.cy]").on_disk();
    assert_eq!(folder.expect(0, "new page Contact --public").out, "content/contact.md\n");
    assert_eq!(folder.read("content/contact.md"), "+++\ntitle = \"Contact\"\n+++\n\n");
    let run = folder.expect(2, "new page About");
    assert!(run.err.contains("is there already"), "{}", run.err);
    assert!(folder.read("content/about.md").contains("Us."));
    let welsh = folder.expect(0, "new page Cysylltu -l cy -s team");
    assert_eq!(welsh.out, "content/team/cysylltu.cy.md\n");
    assert!(folder.read("content/team/cysylltu.cy.md").contains("draft = true"));
    folder.expect(2, "new page X -s ../..");
    let near = folder.expect(2, "new page X -s nwes");
    assert!(near.err.contains("did you mean `news`?"), "{}", near.err);
}

#[test]
fn completions_are_written_for_the_usual_shells() {
    let folder = Folder::empty();
    for (shell, sign) in [
        ("bash", "complete -F _sitegen"),
        ("zsh", "#compdef sitegen"),
        ("fish", "complete -c sitegen"),
    ] {
        let run = folder.expect(0, &format!("completions {shell}"));
        assert!(run.out.contains(sign) && run.out.contains("keep-going"), "{shell}");
        assert_eq!(run.err, "");
    }
}

#[test]
fn locked_fails_when_the_record_would_change_and_leaves_all_as_it_was() {
    let folder = good().on_disk();
    let run = folder.expect(1, "build --locked");
    assert!(run.err.contains("error[record-would-change]"), "{}", run.err);
    assert!(!folder.has("published.toml") && !folder.has("public"));
    folder.expect(1, "build --locked --keep-going");
    assert!(!folder.has("published.toml") && !folder.has("public"));
    folder.expect(0, "build");
    folder.expect(0, "build --locked");
    folder.expect(0, "check --locked");
    folder.write("content/new.md", "+++\ntitle = \"New\"\n+++\n");
    folder.expect(1, "build --locked");
    folder.expect(1, "check --locked");
    assert!(!folder.has("public/new/index.html"));
}

#[test]
fn previews_leave_the_record_alone() {
    let folder = good().on_disk();
    for option in [
        "--drafts",
        "--future",
        "--clock 2026-05-02",
        "-u http://localhost:1",
        "-u https://b.example",
    ] {
        let run = folder.expect(0, &format!("build {option} --locked"));
        assert!(
            run.out.contains("A preview, not for upload; published.toml is left as it was."),
            "{}",
            run.out
        );
        assert!(!folder.has("published.toml"), "{option}");
    }
    let run = folder.expect(0, "build --clock 2026-05-02 --record");
    assert!(!run.out.contains("left as it was"), "{}", run.out);
    assert!(folder.read("published.toml").contains("serial = 1"));
}

#[test]
fn the_clock_can_be_set_to_try_an_embargo() {
    let folder = good().on_disk();
    folder.expect(0, "build --clock 2026-04-30");
    assert!(!folder.has("public/news/first/index.html"));
    folder.expect(0, "build --clock 2026-05-01T00:00:00Z");
    assert!(folder.has("public/news/first/index.html"));
}

#[test]
fn a_site_without_a_theme_has_one_and_may_replace_it_file_by_file() {
    let folder = good().on_disk();
    folder.expect(0, "build");
    assert!(folder.has("public/campaign.css"));
    let before = folder.read("public/about/index.html");
    folder.write("themes/campaign/templates/404.html", "gone");
    folder.expect(0, "build");
    assert_eq!(folder.read("public/404.html"), "gone");
    assert_eq!(folder.read("public/about/index.html"), before);
    folder.write("themes/mine/static/mine.css", "x");
    let config = folder.read("site.toml");
    folder.write("site.toml", format!("{config}theme = \"mine\"\n"));
    folder.expect(0, "build");
    assert!(folder.has("public/mine.css") && folder.read("public/404.html") != "gone");
    folder.write("site.toml", format!("{config}theme = \"nine\"\n"));
    let run = folder.expect(1, "build");
    assert!(run.err.contains("error[missing-theme]"), "{}", run.err);
}

#[test]
fn a_configuration_outside_the_site_is_wrong_usage() {
    let folder = Folder::empty();
    folder.write("site/site.toml", "base_url = \"https://a.example\"\ntitle = \"A\"\n");
    folder.write("other.toml", "base_url = \"https://b.example\"\ntitle = \"B\"\n");
    let outside = folder.path("other.toml");
    for config in ["../other.toml", outside.to_str().unwrap()] {
        let run = folder.expect(2, &format!("build -r site -c {config}"));
        assert!(run.err.contains("inside the folder of the site"), "{}", run.err);
    }
}

#[test]
fn nothing_is_left_behind() {
    let folder = good().on_disk();
    folder.expect(0, "build");
    let extra: Vec<String> = folder
        .names()
        .into_iter()
        .filter(|name| {
            !["content/", "static/", "public/", ".sitegen/"].iter().any(|f| name.starts_with(f))
        })
        .collect();
    assert_eq!(extra, ["published.toml", "site.toml"]);
}

#[cfg(unix)]
#[test]
fn links_on_the_disk_lead_no_build_out_of_its_folders() {
    use std::os::unix::fs::symlink;

    let folder = good().on_disk();
    folder.write("elsewhere/first/index.html", "mine");
    folder.write("elsewhere/victim.txt", "mine");
    symlink(folder.path("elsewhere/victim.txt"), folder.path(".published.toml.new")).unwrap();
    folder.expect(0, "build");
    assert_eq!(fs::read_to_string(folder.path("elsewhere/victim.txt")).unwrap(), "mine");

    // A folder of the output that has become a link: nothing behind it is written or removed.
    fs::remove_dir_all(folder.path("public/news")).unwrap();
    symlink(folder.path("elsewhere"), folder.path("public/news")).unwrap();
    fs::remove_file(folder.path("content/news/first.md")).unwrap();
    folder.expect(0, "build --force");
    assert_eq!(fs::read_to_string(folder.path("elsewhere/first/index.html")).unwrap(), "mine");

    // An output folder that leads out of the site is for the command line only.
    fs::remove_dir_all(folder.path("public")).unwrap();
    symlink(folder.path("elsewhere"), folder.path("out")).unwrap();
    symlink("/tmp", folder.path("public")).unwrap();
    let run = folder.expect(2, "build");
    assert!(run.err.contains("outside the site"), "{}", run.err);
}

#[test]
fn files_of_the_theme_are_listed_and_copied_to_be_changed() {
    let folder = good().on_disk();
    let list = folder.expect(0, "new theme").out;
    assert!(list.contains("templates/page.html\n") && list.contains("static/campaign.css\n"));
    let run = folder.expect(0, "new theme templates/page.html");
    assert_eq!(run.out, "themes/campaign/templates/page.html\n");
    folder.expect(0, "build --strict");
    let run = folder.expect(2, "new theme templates/pgae.html");
    assert!(run.err.contains("Did you mean `templates/page.html`?"), "{}", run.err);
    folder.expect(2, "new theme templates/page.html");
}

#[cfg(unix)]
#[test]
fn a_site_from_somebody_else_writes_only_where_sites_are_written() {
    use std::os::unix::fs::symlink;

    for output in [".git", "../elsewhere", "content/x", "."] {
        let folder = good().config(&format!("output_dir = \"{output}\"")).on_disk();
        folder.expect(2, "build");
    }
    let folder = good().on_disk();
    folder.write("elsewhere/mine.txt", "mine");
    symlink(folder.path("elsewhere"), folder.path(".sitegen")).unwrap();
    folder.expect(2, "build");
    fs::remove_file(folder.path(".sitegen")).unwrap();
    fs::create_dir(folder.path(".sitegen")).unwrap();
    symlink(folder.path("elsewhere/mine.txt"), folder.path(".sitegen/recorded")).unwrap();
    let run = folder.expect(1, "build");
    assert!(run.err.contains("published.toml is gone"), "{}", run.err);
    folder.write("published.toml", "version = 1\nserial = 1\nid_base = \"tag:a.example,2026:\"\n");
    folder.expect(0, "build");
    assert_eq!(folder.read("elsewhere/mine.txt"), "mine");
}
