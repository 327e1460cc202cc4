//! Builds that publish a signed list of all files, and the key for it.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use sitegen::artifact::{Artifact, Body, Rank, Sink as _};
use sitegen::key::minisign::{PublicKey, Signature};
use sitegen::path::OutputPath;
use sitegen::write::{Stage, Target};

use crate::fixture::Site;
use crate::folder::{Folder, contents, good, json, sha256};

const MANIFEST: &str = "public/.well-known/sitegen/manifest.txt";
const SIGNATURE: &str = "public/.well-known/sitegen/manifest.txt.minisig";
const SECRET: &str = ".sitegen/keys/signing.key";
const PUBLIC: &str = "keys/signing.pub";

/// A site that is to be signed.
fn signing(site: Site) -> Site {
    let config = "base_url = \"https://www.party.example\"\ntitle = \"The Party\"\nsign = true\n";
    site.with("site.toml", config)
}

/// The same with a key, on the disk.
fn with_key() -> Folder {
    let folder = signing(good()).on_disk();
    folder.expect(0, "key new --signing");
    folder
}

/// The value of a line of the manifest.
fn line(folder: &Folder, name: &str) -> String {
    let text = folder.read(MANIFEST);
    let line = text.lines().find_map(|line| line.strip_prefix(&format!("{name} ")));
    line.unwrap().to_owned()
}

#[test]
fn a_build_lists_every_other_file_and_signs_the_list() {
    let folder = with_key();
    let run = folder.expect(0, "build -v");
    let text = folder.read(MANIFEST);
    let listed: BTreeMap<&str, (&str, &str)> = text
        .lines()
        .skip(4)
        .filter(|line| !line.starts_with("end "))
        .map(|line| {
            let parts: Vec<&str> = line.splitn(3, ' ').collect();
            (parts[2], (parts[0], parts[1]))
        })
        .collect();
    let mut files = contents(&folder.path("public"));
    files.retain(|path, _| !path.contains(".well-known/sitegen/"));
    assert!(files.len() > 5);
    assert!(listed.keys().copied().eq(files.keys().map(String::as_str)));
    for (path, bytes) in &files {
        let expected = (sha256(bytes), bytes.len().to_string());
        assert_eq!(listed[path.as_str()], (expected.0.as_str(), expected.1.as_str()), "{path}");
    }
    assert_eq!(line(&folder, "site"), "https://www.party.example/");
    assert!(
        folder.read("published.toml").contains(&format!("serial = {}\n", line(&folder, "serial")))
    );

    let key = PublicKey::parse(&folder.read(PUBLIC)).unwrap();
    let signature = Signature::parse(&folder.read(SIGNATURE)).unwrap();
    assert_eq!(key.verify(text.as_bytes(), &signature), Ok(()));
    assert!(signature.comment.contains("file:manifest.txt"));
    let written: Vec<&str> = run.out.lines().filter(|line| line.starts_with("written ")).collect();
    let last = [MANIFEST, SIGNATURE].map(|path| path.replace("public/", "written "));
    assert_eq!(written[written.len() - 2..], last, "what lists the others comes last");
}

#[test]
fn when_nothing_changes_the_list_stays_and_when_something_does_it_is_later() {
    let folder = with_key();
    folder.expect(0, "build --clock 2026-05-02T10:00:00Z --record");
    assert_eq!(line(&folder, "made"), "2026-05-02T10:00:00Z");
    let before = [folder.read(MANIFEST), folder.read(SIGNATURE)];
    let run = folder.expect(0, "build --clock 2026-05-03T10:00:00Z --record --format json");
    assert_eq!(json(&run.out).last().unwrap()["written"], 0, "{}", run.out);
    assert_eq!([folder.read(MANIFEST), folder.read(SIGNATURE)], before);

    let change = |text: &str| folder.write("static/leaflet.pdf", text);
    change("PDF 2\n");
    folder.expect(0, "build --clock 2026-05-02T09:00:00Z --record");
    assert_eq!(line(&folder, "made"), "2026-05-02T10:00:01Z", "the clock is behind");
    change("PDF 3\n");
    folder.expect(0, "build --clock 2026-05-04T10:00:00Z --record");
    assert_eq!(line(&folder, "made"), "2026-05-04T10:00:00Z");
}

#[test]
fn a_list_that_somebody_has_changed_is_put_right() {
    let folder = with_key();
    folder.expect(0, "build");
    let before = [folder.read(MANIFEST), folder.read(SIGNATURE)];
    folder.write(MANIFEST, before[0].replace("serial", "cereal"));
    fs::remove_file(folder.path(SIGNATURE)).unwrap();
    folder.expect(0, "build");
    let files = |text: &str| text.lines().skip(4).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(files(&folder.read(MANIFEST)), files(&before[0]));
    let key = PublicKey::parse(&folder.read(PUBLIC)).unwrap();
    let signature = Signature::parse(&folder.read(SIGNATURE)).unwrap();
    assert_eq!(key.verify(folder.read(MANIFEST).as_bytes(), &signature), Ok(()));
}

#[test]
fn without_sign_nothing_of_it_is_there() {
    let folder = with_key();
    let never = good().with("site.toml", folder.read("site.toml").replace("sign = true\n", ""));
    let never = never.on_disk();
    let clock = "--clock 2026-05-02T10:00:00Z --record";
    never.expect(0, &format!("build {clock}"));
    folder.expect(0, &format!("build {clock}"));
    assert!(folder.has(MANIFEST) && folder.has(SIGNATURE));
    folder.write("site.toml", never.read("site.toml"));
    folder.expect(0, &format!("build {clock}"));
    assert_eq!(contents(&folder.path("public")), contents(&never.path("public")));
    assert!(!folder.has("public/.well-known"));
}

#[test]
fn a_preview_is_not_signed_and_says_so() {
    let folder = with_key();
    folder.expect(0, "build");
    for options in ["--drafts", "--future", "--clock 2026-05-02", "--base-url http://other.example"]
    {
        folder.expect(0, "build");
        let run = folder.expect(0, &format!("build {options}"));
        assert!(run.err.contains("note[preview-not-signed]: "), "{options}: {}", run.err);
        assert!(!folder.has(MANIFEST) && !folder.has(SIGNATURE), "{options}");
    }
    // Nobody needs a key for that.
    fs::remove_file(folder.path(SECRET)).unwrap();
    folder.expect(0, "build --drafts");
}

#[test]
fn without_a_key_nothing_is_built_and_the_command_is_named() {
    let folder = signing(good()).on_disk();
    for command in ["build", "check", "build --keep-going"] {
        let run = folder.expect(1, command);
        assert!(run.err.contains("error[no-key-to-sign]: "), "{}", run.err);
        assert!(run.err.contains("site.toml:3:") && run.err.contains("sitegen key new --signing"));
    }
    assert!(!folder.has("public"));
    folder.expect(0, "key new --signing");
    folder.expect(0, "check");
    folder.expect(0, "build");
}

#[test]
fn a_key_that_others_may_read_signs_nothing() {
    let folder = with_key();
    fs::set_permissions(folder.path(SECRET), fs::Permissions::from_mode(0o644)).unwrap();
    for command in ["build", "check", "key new --signing"] {
        let run = folder.expect(1, command);
        assert!(run.err.contains("others on this machine may read"), "{}", run.err);
    }
    assert!(!folder.has("public"));
    // Also where it would not be needed.
    folder.write("site.toml", folder.read("site.toml").replace("sign = true\n", ""));
    folder.expect(1, "build");
}

#[test]
fn the_place_of_the_list_is_for_nothing_else() {
    let folder = with_key();
    for path in [".well-known/sitegen/manifest.txt", ".well-known/SITEGEN/manifest.txt.minisig"] {
        let file = format!("static/{path}");
        folder.write(&file, "mine");
        let run = folder.expect(2, "build");
        assert!(run.err.contains(&file), "{}", run.err);
        fs::remove_file(folder.path(&file)).unwrap();
    }
}

#[test]
fn what_a_key_was_the_same_for_is_not_made_again_because_of_the_list() {
    let folder = Folder::empty();
    let root = folder.path("").canonicalize().unwrap();
    let target = Target { output: root.join("public"), root, ..Target::default() };
    let path = |name: &str| OutputPath::new(name).unwrap();
    let stage = || Stage::new(target.clone(), |_, _| {}).unwrap();
    let first = stage();
    let body = Body::Bytes(b"page".to_vec());
    let page = Artifact { path: path("a.html"), body, rank: Rank::Page, key: Some(7) };
    first.accept(page).unwrap();
    first.take_last(&path("list.txt"), b"a.html").unwrap();
    first.ready().unwrap().publish().unwrap();

    let second = stage();
    assert_eq!(second.before(&path("list.txt")).as_deref(), Some(&b"a.html"[..]));
    second.begin(&[&path("a.html")]);
    assert!(second.take_again(&path("a.html"), Rank::Page, 7));
    assert_eq!(second.files()[0].path, "a.html");
}

#[test]
fn a_new_key_is_for_its_owner_alone_and_never_overwritten() {
    let folder = signing(good()).on_disk();
    let run = folder.expect(0, "key new --signing");
    let public = folder.read(PUBLIC);
    let line = public.lines().nth(1).unwrap();
    assert!(line.starts_with("RW") && run.out.contains(line), "{}", run.out);
    for words in ["on paper", "profile", SECRET, "Commit it", &format!("--key {line}")] {
        assert!(run.out.contains(words), "{words}: {}", run.out);
    }
    let mode = fs::metadata(folder.path(SECRET)).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let secret = folder.read(SECRET);
    let run = folder.expect(2, "key new --signing");
    assert!(run.err.contains(line) && run.err.contains("nothing to do"), "{}", run.err);
    assert_eq!((folder.read(SECRET), folder.read(PUBLIC)), (secret.clone(), public.clone()));

    fs::remove_file(folder.path(PUBLIC)).unwrap();
    folder.expect(1, "key show");
    folder.expect(0, "key new --signing");
    assert_eq!((folder.read(SECRET), folder.read(PUBLIC)), (secret, public));

    fs::remove_file(folder.path(SECRET)).unwrap();
    let run = folder.expect(2, "key new --signing");
    assert!(run.err.contains("key import --signing FILE"), "{}", run.err);
}

#[test]
fn a_key_is_shown_exported_and_taken_on_another_machine() {
    let folder = with_key();
    let run = folder.expect(0, "key show");
    assert!(run.out.contains("the key that signs\n"), "{}", run.out);
    assert!(run.out.contains("only you can read it"), "{}", run.out);
    let shown = json(&folder.expect(0, "key show --format json").out).remove(0);
    let line = folder.read(PUBLIC).lines().nth(1).unwrap().to_owned();
    assert_eq!(shown["kind"], "signing-key");
    assert_eq!((&shown["public_key"], &shown["fits"]), (&line.into(), &true.into()));

    assert_eq!(folder.expect(0, "key export --signing").out, folder.read(PUBLIC));
    let refused = folder.expect(2, "key export --signing --private -o static/mine");
    assert!(refused.err.contains("in the folder of the site"), "{}", refused.err);
    let elsewhere = Folder::empty();
    let file = elsewhere.path("signing.secret").display().to_string();
    folder.expect(0, &format!("key export --signing --private -o {file}"));

    let other = signing(good()).on_disk();
    other.expect(0, &format!("key import --signing {file}"));
    assert_eq!(other.read(SECRET), folder.read(SECRET));
    assert_eq!(other.read(PUBLIC), folder.read(PUBLIC));
    other.expect(0, &format!("key import --signing {file}"));
    let third = with_key();
    let run = third.expect(2, &format!("key import --signing {file}"));
    assert!(run.err.contains("another key that signs already"), "{}", run.err);

    let public = folder.path(PUBLIC).display().to_string();
    let fourth = signing(good()).on_disk();
    let run = fourth.expect(0, &format!("key import --signing {public}"));
    assert!(run.out.contains("only the public part"), "{}", run.out);
    fourth.expect(1, "build");
    let run = fourth.expect(2, "key import --signing site.toml");
    assert!(run.err.contains("no private key for signatures"), "{}", run.err);
}

#[test]
fn an_actor_may_be_called_signing() {
    let folder = with_key();
    folder.expect(0, "key new signing");
    assert_eq!(json(&folder.expect(0, "key show --format json").out).len(), 2);
    for arguments in ["key new", "key new news --signing", "key export", "key import x"] {
        folder.expect(2, arguments);
    }
}
