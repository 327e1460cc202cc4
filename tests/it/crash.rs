//! What a build that was stopped has left, and places that cannot take an output. The kills and
//! the failing disks themselves are in `tests/faults`.

use std::fs;

use sitegen::write::made;

use crate::fixture::Site;
use crate::folder::{Folder, command, good};

/// The file in which the notes on `public` are kept.
fn manifest(folder: &Folder) -> String {
    let names = folder.names();
    let mut notes = names.iter().filter(|name| name.starts_with(".sitegen/manifests/"));
    let name = notes.next().unwrap().clone();
    assert_eq!(notes.next(), None);
    name
}

#[test]
fn what_a_stopped_build_has_left_is_removed_also_when_there_is_nothing_to_do() {
    let folder = good().on_disk();
    folder.expect(0, "build");
    let before = folder.names();
    let manifest = manifest(&folder);
    let left = [
        ".published.toml.new".to_owned(),
        ".public.sitegen-new/about/index.html".to_owned(),
        "public/.sitegen-new/about/index.html".to_owned(),
        format!("{manifest}.next"),
        format!("{manifest}.journal.new"),
    ];
    for path in left {
        folder.write(&path, "half of");
    }
    folder.expect(0, "build");
    assert_eq!(folder.names(), before);
}

#[test]
fn a_journal_that_cannot_be_read_had_not_begun() {
    for damaged in [&b""[..], b"{\"version\":1,\"work\"", b"\0\0\0\0", b"\xff\xfe"] {
        let folder = good().on_disk();
        folder.expect(0, "build");
        let before = folder.names();
        folder.write(&format!("{}.journal", manifest(&folder)), damaged);
        folder.expect(0, "build");
        assert_eq!(folder.names(), before, "{damaged:?}");
    }
}

#[test]
fn a_journal_of_another_version_is_left_for_that_one() {
    let folder = good().on_disk();
    folder.expect(0, "build");
    let journal = format!("{}.journal", manifest(&folder));
    folder.write(&journal, "{\"version\":9,\"work\":\"other\"}");
    let run = folder.expect(3, "build");
    assert!(run.err.contains("another version of sitegen") && run.err.contains(&journal));
    assert!(folder.has(&journal));
}

#[test]
fn an_exchange_of_which_the_new_folder_is_gone_is_taken_back() {
    let folder = good().on_disk();
    folder.expect(0, "build");
    let before = folder.names();
    let journal = "{\"version\":1,\"work\":{\"Exchange\":{\"inode\":1}},\"inside\":false,\
                   \"keep\":[],\"force\":false,\"durable\":false}";
    folder.write(&format!("{}.journal", manifest(&folder)), journal);
    let root = folder.path("").canonicalize().unwrap();
    let interrupted = made(&root, &folder.path("public")).unwrap_err();
    assert!(interrupted.to_string().contains("a build was interrupted"));
    folder.expect(0, "build");
    assert_eq!(folder.names(), before);

    // The moment in which the old folder has been moved away and the new one is not there yet.
    folder.write(&format!("{}.journal", manifest(&folder)), journal);
    fs::rename(folder.path("public"), folder.path(".public.sitegen-old")).unwrap();
    folder.write(".public.sitegen-old/.git/HEAD", "mine");
    folder.expect(0, "build");
    assert_eq!(folder.read("public/.git/HEAD"), "mine");
    assert!(folder.has("public/about/index.html") && !folder.has(".public.sitegen-old"));
}

#[test]
fn a_folder_that_no_notes_explain_is_left_to_the_author() {
    let folder = good().on_disk();
    folder.expect(0, "build");
    for name in [".public.sitegen-swap", ".public.sitegen-old"] {
        folder.write(&format!("{name}/.git/HEAD"), "mine");
        let run = folder.expect(3, "build");
        assert!(run.err.contains(name), "{}", run.err);
        assert_eq!(folder.read(&format!("{name}/.git/HEAD")), "mine");
        fs::remove_dir_all(folder.path(name)).unwrap();
        folder.expect(0, "build");
    }
}

#[test]
fn that_ids_have_been_recorded_is_noted_when_a_build_was_stopped_before() {
    let folder = good().on_disk();
    folder.expect(0, "build");
    fs::remove_file(folder.path(".sitegen/recorded")).unwrap();
    folder.expect(0, "build");
    assert!(folder.has(".sitegen/recorded"));
}

/// A site that wants to be where others keep something.
fn over_what_is_kept(path: &str) -> Site {
    good().config("keep = [\"stats\", \"deep/er\"]").with(&format!("static/{path}"), "ours")
}

#[test]
fn force_does_not_take_what_is_kept() {
    for path in ["stats", "stats/index.html", "deep/er", "deep/er/file.txt", "about/stats"] {
        let folder = over_what_is_kept(path).on_disk();
        folder.write(&format!("public/{path}"), "mine");
        for again in [false, true] {
            let run = folder.expect(1, "build --force");
            assert!(run.err.contains(path), "{path}, {again}: {}", run.err);
            assert_eq!(folder.read(&format!("public/{path}")), "mine");
        }
        assert!(!folder.has("public/index.html"));
    }
}

#[cfg(target_os = "linux")]
#[test]
fn an_error_that_cannot_be_said_is_still_an_exit_code() {
    let full = || fs::File::options().write(true).open("/dev/full").unwrap();
    for (arguments, code) in [("build -o static", 2), ("build", 1)] {
        let folder = good().on_disk();
        folder.write("public/index.html", "mine");
        let status = std::process::Command::new(command(folder.0.path()).get_program())
            .current_dir(folder.0.path())
            .args(arguments.split(' '))
            .stdout(full())
            .stderr(full())
            .status();
        assert_eq!(status.unwrap().code(), Some(code), "{arguments}");
    }
}

/// Takes the right to write to a folder away, and gives it back. Nothing, where the system does
/// not keep us from writing, as it does not keep root.
#[cfg(unix)]
fn without_right(folder: &Folder, path: &str, check: impl FnOnce()) {
    use std::os::unix::fs::PermissionsExt as _;
    let set = |mode| fs::set_permissions(folder.path(path), fs::Permissions::from_mode(mode));
    set(0o555).unwrap();
    if fs::write(folder.path(path).join("probe"), "").is_ok() {
        eprintln!("skipped: who runs this may write everywhere");
    } else {
        check();
    }
    set(0o755).unwrap();
}

#[cfg(unix)]
#[test]
fn f_10_an_output_that_cannot_be_written_to_stays_as_it_was() {
    let folder = good().on_disk();
    folder.expect(0, "build");
    let before = folder.read("public/about/index.html");
    folder.write("content/about.md", "+++\ntitle = \"About\"\n+++\nAll of us.\n");
    without_right(&folder, "public/about", || {
        let run = folder.expect(3, "build");
        assert!(run.err.contains("public/about/index.html"), "{}", run.err);
        assert!(run.err.contains("the next `sitegen build` completes it"), "{}", run.err);
        assert_eq!(folder.read("public/about/index.html"), before);
    });
    folder.expect(0, "build");
    assert!(folder.read("public/about/index.html").contains("All of us"));
}

#[cfg(unix)]
#[test]
fn f_10_where_the_folder_above_is_locked_the_build_says_what_that_costs() {
    let folder =
        (0..150).fold(good(), |site, n| site.with(&format!("static/files/{n}"), "old")).on_disk();
    folder.expect(0, "build -o up/public");
    for n in 0..150 {
        folder.write(&format!("static/files/{n}"), "new");
    }
    without_right(&folder, "up", || {
        let run = folder.expect(0, "build -o up/public");
        assert!(run.err.contains("note[not-at-once]"), "{}", run.err);
        assert!(run.err.contains("the folder above it cannot be written to"), "{}", run.err);
        assert_eq!(folder.read("up/public/files/149"), "new");
    });
    assert!(folder.names().iter().all(|name| !name.contains("sitegen-")));
}

#[test]
fn f_13_files_are_found_in_any_order() {
    let (site, output) = (good(), |folder: &Folder| {
        folder.expect(0, "build --clock 2026-06-01");
        let names = folder.names().into_iter().filter(|name| name.starts_with("public/"));
        names.map(|name| (folder.read(&name), name)).collect::<Vec<_>>()
    });
    let reversed = Folder::empty();
    let files: Vec<_> = site.files().iter().collect();
    for (path, bytes) in files.into_iter().rev() {
        reversed.write(path, bytes);
    }
    assert_eq!(output(&site.on_disk()), output(&reversed));
}
