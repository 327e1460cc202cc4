//! `sitegen key`: keys are made, shown and moved, and never lost or shown to others.

use std::fs;
use std::path::Path;

use serde_json::Value;
use sitegen::key::{PrivateKey, PublicKey};

use crate::fixture::site;
use crate::folder::{Folder, json};
use crate::pems;

const PRIVATE: &str = ".sitegen/keys/news.pem";
const PUBLIC: &str = "keys/news.pem";

fn folder() -> Folder {
    site("").on_disk()
}

/// A site whose actor `news` has the key A.
fn with_a() -> Folder {
    let folder = folder();
    write_private(&folder, "a.pem", pems::A);
    folder.expect(0, "key import news a.pem");
    fs::remove_file(folder.path("a.pem")).unwrap();
    folder
}

/// Writes a file that only its owner may read.
fn write_private(folder: &Folder, path: &str, text: &str) {
    folder.write(path, text);
    set_mode(&folder.path(path), 0o600);
}

#[cfg(unix)]
fn set_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[cfg(not(unix))]
fn set_mode(_: &Path, _: u32) {}

#[cfg(unix)]
fn mode(folder: &Folder, path: &str) -> u32 {
    use std::os::unix::fs::PermissionsExt as _;
    fs::symlink_metadata(folder.path(path)).unwrap().permissions().mode() & 0o777
}

fn public(folder: &Folder) -> PublicKey {
    PublicKey::parse(&folder.read(PUBLIC)).unwrap()
}

fn private(folder: &Folder) -> PrivateKey {
    PrivateKey::parse(&folder.read(PRIVATE)).unwrap()
}

/// What `show` says of the only key, and its exit code.
fn shown(folder: &Folder) -> (Value, i32) {
    let run = folder.run("key show --format json");
    let mut lines = json(&run.out);
    assert_eq!(lines.len(), 1, "{run:#?}");
    (lines.remove(0), run.code)
}

#[test]
fn new_makes_both_parts_and_says_what_to_do_with_them() {
    let folder = folder();
    let run = folder.expect(0, "key new news");
    assert_eq!(private(&folder).public(), &public(&folder));
    assert!(folder.read(PUBLIC).starts_with("-----BEGIN PUBLIC KEY-----\n"));
    assert!(folder.read(PRIVATE).starts_with("-----BEGIN PRIVATE KEY-----\n"));
    for words in [PUBLIC, PRIVATE, "Commit it", "Put a copy", "sitegen build"] {
        assert!(run.out.contains(words), "{words}: {}", run.out);
    }
    assert_eq!(run.err, "");
    let keys = [PRIVATE, PUBLIC];
    assert_eq!(folder.names(), [keys[0], keys[1], "site.toml"], "nothing else is left");
    assert_eq!(folder.expect(0, "key new -q other").out, "");
}

#[test]
fn a_new_key_for_an_account_that_is_not_in_the_configuration_comes_with_the_lines_to_write() {
    let folder = folder();
    let lines = "\n  [[actors]]\n  user = \"news\"\n  name = \"The Party\"\n";
    let run = folder.expect(0, "key new news");
    assert!(run.out.contains("note: there is no account `news` in site.toml yet."), "{run:#?}");
    assert!(run.out.contains(lines), "{run:#?}");
    let config = folder.read("site.toml");
    folder.write("site.toml", format!("{config}{lines}"));
    let run = folder.expect(0, "key new nwes");
    assert!(run.out.contains("`nwes` in site.toml yet (did you mean `news`?)"), "{run:#?}");
    let run = folder.expect(0, "key new news --force-new-key");
    assert!(!run.out.contains("note:"), "{run:#?}");
    // A file with mistakes in it tells nothing of accounts.
    folder.write("site.toml", format!("{config}titel = 1\n"));
    assert!(!folder.expect(0, "key new youth").out.contains("note:"));
}

#[cfg(unix)]
#[test]
fn only_the_owner_can_read_the_private_part_and_its_folder() {
    let folder = folder();
    folder.expect(0, "key new news");
    assert_eq!((mode(&folder, PRIVATE), mode(&folder, ".sitegen/keys")), (0o600, 0o700));
    set_mode(&folder.path(".sitegen/keys"), 0o755);
    folder.expect(0, "key new other");
    assert_eq!(mode(&folder, ".sitegen/keys"), 0o700);
}

#[test]
fn new_never_overwrites_a_key_and_says_what_that_would_cost() {
    let folder = with_a();
    let before = folder.files();
    let run = folder.expect(2, "key new news");
    for words in ["has a key already", pems::A_FINGERPRINT, "follow again", "--force-new-key"] {
        assert!(run.err.contains(words), "{words}: {}", run.err);
    }
    assert_eq!(folder.files(), before);
}

#[test]
fn a_new_key_that_is_forced_keeps_the_old_one_beside_it() {
    let folder = with_a();
    folder.expect(0, "key new news --force-new-key");
    let second = folder.read(PRIVATE);
    assert_ne!(second, pems::A);
    assert_eq!(private(&folder).public(), &public(&folder));
    let run = folder.expect(0, "key new news --force-new-key");
    assert!(run.out.contains(".sitegen/keys/news.pem.old-2"), "{}", run.out);
    assert_eq!(folder.read(".sitegen/keys/news.pem.old"), pems::A);
    assert_eq!(folder.read(".sitegen/keys/news.pem.old-2"), second);
    assert_eq!(shown(&folder).1, 0);
}

#[test]
fn a_public_part_that_is_missing_is_written_again() {
    let folder = with_a();
    fs::remove_file(folder.path(PUBLIC)).unwrap();
    let (state, code) = shown(&folder);
    assert_eq!((code, &state["public"], &state["private"]), (1, &false.into(), &true.into()));
    assert!(state["problems"][0].as_str().unwrap().contains("`sitegen key new news`"), "{state}");
    let run = folder.expect(0, "key new news");
    assert!(run.out.contains("written again"), "{}", run.out);
    assert_eq!(
        (folder.read(PUBLIC), folder.read(PRIVATE)),
        (pems::A_PUBLIC.into(), pems::A.into())
    );
}

#[test]
fn a_private_part_that_is_missing_is_on_another_machine() {
    let folder = with_a();
    fs::remove_file(folder.path(PRIVATE)).unwrap();
    let run = folder.expect(2, "key new news");
    for words in ["another machine", "key export news --private", "key import news"] {
        assert!(run.err.contains(words), "{words}: {}", run.err);
    }
    let (state, code) = shown(&folder);
    assert_eq!((code, &state["private"], &state["fits"]), (0, &false.into(), &Value::Null));
    let human = folder.expect(0, "key show").out;
    assert!(human.contains("private part  not on this machine"), "{human}");
    write_private(&folder, "a.pem", pems::A_PKCS1);
    folder.expect(0, "key import news a.pem");
    assert_eq!(folder.read(PRIVATE), pems::A);
}

#[test]
fn user_names_that_servers_do_not_take_are_refused_by_every_command() {
    let folder = folder();
    folder.write("a.pem", pems::A_PUBLIC);
    let before = folder.names();
    for name in ["News", "@news", "news@party.example", "../news", "a/b", "näws", ".a", "con"] {
        for command in ["new NAME", "show NAME", "export NAME", "import NAME a.pem"] {
            let run = folder.expect(2, &format!("key {}", command.replace("NAME", name)));
            assert!(run.err.contains("cannot be the user name"), "{name}: {}", run.err);
        }
    }
    assert_eq!(folder.names(), before);
}

#[test]
fn git_that_would_publish_the_private_part_is_warned_of() {
    let folder = folder();
    folder.write(".git/HEAD", "ref: refs/heads/main\n");
    let run = folder.expect(0, "key new first");
    assert!(run.err.starts_with("warning: Git does not ignore `.sitegen`"), "{}", run.err);
    let line = json(&folder.expect(0, "key new second --format json").out).remove(0);
    assert_eq!((&line["kind"], &line["version"]), (&"warning".into(), &1.into()), "{line}");
    folder.write(".gitignore", "/public\n/.sitegen\n");
    assert_eq!(folder.expect(0, "key new third").err, "");
    folder.write(".gitignore", "/public\n/.sitegen\n*.pem\n");
    let run = folder.expect(0, "key new fourth");
    assert!(run.err.contains("`!/keys/fourth.pem`"), "{}", run.err);
}

#[test]
fn a_site_inside_a_repository_has_the_rules_of_the_repository() {
    let folder = Folder::empty();
    folder.write(".git/HEAD", "ref: refs/heads/main\n");
    folder.write("web/site.toml", "base_url = \"https://party.example\"\ntitle = \"x\"\n");
    assert!(folder.expect(0, "key new first -r web").err.contains("warning: "));
    folder.write(".gitignore", "/web/.sitegen/\n");
    assert_eq!(folder.expect(0, "key new second -r web").err, "");
}

#[test]
fn show_says_of_every_key_what_it_is_and_that_it_is_well() {
    let folder = with_a();
    let (state, code) = shown(&folder);
    assert_eq!(code, 0);
    let expected = serde_json::json!({
        "version": 1, "kind": "key", "user": "news", "fingerprint": pems::A_FINGERPRINT,
        "bits": 2048, "public": true, "private": true, "fits": true, "next": null,
        "owner_only": true, "problems": [],
    });
    assert_eq!(state, expected);
    let human = folder.expect(0, "key show").out;
    for words in ["@news", pems::A_FINGERPRINT, "2048 bits", PUBLIC, "only you can read it"] {
        assert!(human.contains(words), "{words}: {human}");
    }
    folder.expect(0, "key new other");
    let users: Vec<Value> = json(&folder.expect(0, "key show --format json").out)
        .into_iter()
        .map(|state| state["user"].clone())
        .collect();
    assert_eq!(users, ["news", "other"]);
    assert_eq!(folder.expect(0, "key show news").out, human);
}

#[test]
fn where_there_are_no_keys_show_says_how_to_make_one() {
    let folder = folder();
    assert!(folder.expect(0, "key show").out.contains("sitegen key new USER"));
    assert_eq!(folder.expect(0, "key show --format json").out, "");
    assert!(folder.expect(2, "key show news").err.contains("sitegen key new news"));
    assert!(folder.expect(2, "key export news").err.contains("sitegen key new news"));
}

#[test]
fn parts_that_do_not_belong_together_are_a_mistake_with_two_ways_out() {
    let folder = with_a();
    let other = PrivateKey::parse(pems::B).unwrap().public().to_pem();
    folder.write(PUBLIC, &other);
    let (state, code) = shown(&folder);
    assert_eq!((code, &state["fits"]), (1, &false.into()));
    let problem = state["problems"][0].as_str().unwrap();
    assert!(problem.contains("does not belong to"), "{problem}");
    assert!(folder.expect(2, "key new news").err.contains("does not belong to"));
    // The first way is the one that the message names.
    assert!(problem.contains(&format!("`sitegen key import news {PRIVATE} --replace`")));
    folder.expect(0, &format!("key import news {PRIVATE} --replace"));
    assert_eq!(
        (folder.read(PUBLIC), folder.read(PRIVATE)),
        (pems::A_PUBLIC.into(), pems::A.into())
    );
}

#[cfg(unix)]
#[test]
fn a_private_part_that_others_can_read_is_refused_with_the_command_that_closes_it() {
    let folder = with_a();
    for bits in [0o640, 0o604, 0o644, 0o660] {
        set_mode(&folder.path(PRIVATE), bits);
        for command in ["key export news --private", "key new news"] {
            let run = folder.expect(1, command);
            assert!(run.err.contains(&format!("`chmod 600 {PRIVATE}`")), "{}", run.err);
            assert_eq!(run.out, "");
        }
        let (state, code) = shown(&folder);
        assert_eq!((code, &state["owner_only"]), (1, &false.into()));
    }
    set_mode(&folder.path(PRIVATE), 0o400);
    assert_eq!(shown(&folder).1, 0);
}

#[cfg(unix)]
#[test]
fn links_are_refused_wherever_a_key_may_lie() {
    use std::os::unix::fs::symlink;
    let elsewhere = Folder::empty();
    write_private(&elsewhere, "a.pem", pems::A);
    let refused = |folder: &Folder, code, command: &str| {
        let run = folder.expect(code, command);
        assert!(run.err.contains("symbolic link"), "{command}: {}", run.err);
    };
    let folder = with_a();
    fs::remove_file(folder.path(PRIVATE)).unwrap();
    symlink(elsewhere.path("a.pem"), folder.path(PRIVATE)).unwrap();
    refused(&folder, 1, "key export news --private");
    refused(&folder, 1, "key new news");
    for name in [".sitegen", "keys"] {
        let folder = self::folder();
        symlink(elsewhere.0.path(), folder.path(name)).unwrap();
        refused(&folder, 1, "key new news");
        assert!(!folder.has(PUBLIC));
    }
    let folder = self::folder();
    fs::create_dir(folder.path(".sitegen")).unwrap();
    symlink(elsewhere.0.path(), folder.path(".sitegen/keys")).unwrap();
    refused(&folder, 1, "key new news");
    symlink(elsewhere.path("a.pem"), folder.path("link.pem")).unwrap();
    refused(&folder, 2, "key import other link.pem");
    assert_eq!(elsewhere.names(), ["a.pem"]);
}

#[test]
fn a_folder_in_the_place_of_a_key_is_named() {
    let folder = folder();
    fs::create_dir_all(folder.path(PRIVATE)).unwrap();
    let run = folder.expect(1, "key new news");
    assert!(run.err.contains(PRIVATE) && run.err.contains("something else"), "{}", run.err);
    let run = folder.expect(2, &format!("key import news {PRIVATE}"));
    assert!(run.err.contains("something else"), "{}", run.err);
}

#[test]
fn a_private_key_in_the_place_of_the_public_one_is_said_loudly() {
    let folder = with_a();
    folder.write(PUBLIC, pems::A);
    let (state, code) = shown(&folder);
    let problem = state["problems"][0].as_str().unwrap();
    assert!(problem.contains("THIS IS A PRIVATE KEY") && problem.contains("`mv keys/news.pem ~/`"));
    assert_eq!(code, 1);
    assert!(folder.expect(1, "key export news").err.contains("THIS IS A PRIVATE KEY"));
}

#[test]
fn export_prints_the_public_part_and_only_when_asked_the_private_one() {
    let folder = with_a();
    assert_eq!(folder.expect(0, "key export news").out, pems::A_PUBLIC);
    assert_eq!(folder.expect(0, "key export news --private").out, pems::A);
    fs::remove_file(folder.path(PUBLIC)).unwrap();
    assert_eq!(folder.expect(0, "key export news").out, pems::A_PUBLIC);
    folder.expect(0, "key new news");
    fs::remove_file(folder.path(PRIVATE)).unwrap();
    let run = folder.expect(2, "key export news --private");
    assert!(run.err.contains("not on this machine") && run.out.is_empty(), "{run:?}");
}

#[test]
fn export_writes_a_new_file_for_its_owner_alone() {
    let folder = with_a();
    let elsewhere = Folder::empty();
    let file = elsewhere.path("secret.pem");
    let command = format!("key export news --private --output {}", file.display());
    folder.expect(0, &command);
    assert_eq!(elsewhere.read("secret.pem"), pems::A);
    #[cfg(unix)]
    assert_eq!(mode(&elsewhere, "secret.pem"), 0o600);
    elsewhere.write("secret.pem", "mine");
    assert!(folder.expect(2, &command).err.contains("is there already"));
    assert_eq!(elsewhere.read("secret.pem"), "mine");
    folder.expect(0, "key export news -o public.pem");
    assert_eq!(folder.read("public.pem"), pems::A_PUBLIC);
}

#[test]
fn a_private_key_is_not_written_into_the_site() {
    let folder = with_a();
    let before = folder.names();
    for file in ["secret.pem", "static/secret.pem", "public/../secret.pem"] {
        let run = folder.expect(2, &format!("key export news --private -o {file}"));
        assert!(run.err.contains("in the folder of the site"), "{}", run.err);
    }
    assert_eq!(folder.names(), before);
}

#[test]
fn import_takes_private_keys_of_other_programs_in_any_form() {
    for text in [pems::A.to_owned(), pems::A_PKCS1.to_owned(), pems::A_PKCS1.replace('\n', "\r\n")]
    {
        let folder = folder();
        write_private(&folder, "a.pem", &text);
        let run = folder.expect(0, "key import news a.pem");
        assert_eq!(folder.read(PRIVATE), pems::A);
        assert_eq!(folder.read(PUBLIC), pems::A_PUBLIC);
        #[cfg(unix)]
        assert_eq!(mode(&folder, PRIVATE), 0o600);
        assert!(run.out.contains(PRIVATE) && run.out.contains(PUBLIC), "{}", run.out);
        let again = folder.expect(0, "key import news a.pem");
        assert!(again.out.contains("nothing was written"), "{}", again.out);
    }
}

#[test]
fn a_public_key_alone_is_taken_and_said_to_be_one() {
    let folder = folder();
    folder.write("a.pem", pems::A_PUBLIC_PKCS1);
    let run = folder.expect(0, "key import news a.pem");
    assert!(run.out.contains("only the public part"), "{}", run.out);
    assert_eq!(folder.read(PUBLIC), pems::A_PUBLIC);
    assert!(!folder.has(PRIVATE));
}

#[test]
fn import_replaces_another_key_only_when_told_to_and_keeps_it() {
    let folder = with_a();
    write_private(&folder, "b.pem", pems::B);
    let before = folder.files();
    let run = folder.expect(2, "key import news b.pem");
    for words in ["another key already", "follow again", "--replace"] {
        assert!(run.err.contains(words), "{words}: {}", run.err);
    }
    assert_eq!(folder.files(), before);
    folder.expect(0, "key import news b.pem --replace");
    assert_eq!(folder.read(PRIVATE), pems::B);
    assert_eq!(private(&folder).public(), &public(&folder));
    assert_eq!(folder.read(".sitegen/keys/news.pem.old"), pems::A);
}

#[test]
fn a_public_key_that_replaces_another_leaves_no_private_part_that_does_not_fit() {
    let folder = with_a();
    let other = PrivateKey::parse(pems::B).unwrap().public().to_pem();
    folder.write("b.pem", &other);
    folder.expect(2, "key import news b.pem");
    folder.expect(0, "key import news b.pem --replace");
    assert_eq!(folder.read(PUBLIC), other);
    assert!(!folder.has(PRIVATE));
    assert_eq!(folder.read(".sitegen/keys/news.pem.old"), pems::A);
}

#[test]
fn a_damaged_key_makes_way_only_when_told_to() {
    let folder = with_a();
    write_private(&folder, PRIVATE, &pems::A[..900]);
    write_private(&folder, "b.pem", pems::B);
    assert!(folder.expect(1, "key new news").err.contains("cut off"));
    assert!(folder.expect(1, "key import news b.pem").err.contains("cut off"));
    folder.expect(0, "key import news b.pem --replace");
    assert_eq!(folder.read(".sitegen/keys/news.pem.old"), pems::A[..900]);
}

#[test]
fn a_private_key_that_lies_where_it_is_published_is_refused_with_the_command_that_moves_it() {
    let folder = site("").config("output_dir = \"www\"").on_disk();
    for file in ["static/a.pem", "content/news/a.pem", "www/a.pem", "themes/campaign/static/a.pem"]
    {
        write_private(&folder, file, pems::A);
        let run = folder.expect(2, &format!("key import news {file}"));
        assert!(run.err.contains(&format!("`mv {file} ~/`")), "{}", run.err);
        assert!(!folder.has(PRIVATE) && !folder.has(PUBLIC));
    }
    folder.write("static/a.pem", pems::A_PUBLIC);
    folder.expect(0, "key import news static/a.pem");
}

#[cfg(unix)]
#[test]
fn a_file_to_import_that_others_can_read_is_warned_of() {
    let folder = folder();
    folder.write("a.pem", pems::A);
    set_mode(&folder.path("a.pem"), 0o644);
    let run = folder.expect(0, "key import news a.pem");
    assert!(run.err.contains("warning: ") && run.err.contains("`chmod 600 a.pem`"), "{}", run.err);
}

#[test]
fn what_cannot_be_imported_is_refused_with_what_to_do() {
    let folder = folder();
    for (text, words) in [
        (pems::A_LOCKED, "openssl pkey -in FILE -out NEW.pem"),
        (pems::A_OPENSSH, "ssh-keygen"),
        (pems::ED25519, "kind Ed25519"),
        (pems::SMALL, "1024 bits"),
        (pems::CERTIFICATE, "openssl x509"),
        ("\u{0}\u{1}", "no key in it"),
        ("", "no key in it"),
    ] {
        folder.write("a.pem", text);
        let run = folder.expect(2, "key import news a.pem");
        assert!(run.err.starts_with("error: a.pem: ") && run.err.contains(words), "{}", run.err);
    }
    folder.write("a.pem", vec![b'x'; 100_000]);
    assert!(folder.expect(2, "key import news a.pem").err.contains("too long"));
    assert!(folder.expect(2, "key import news nothing.pem").err.contains("no such file"));
    assert_eq!(folder.names(), ["a.pem", "site.toml"]);
}

#[test]
fn commands_about_keys_need_a_site_but_not_a_good_one() {
    let folder = Folder::empty();
    assert!(folder.expect(2, "key new news").err.contains("there is no site.toml"));
    folder.write("site.toml", "nonsense");
    folder.expect(0, "key new news");
}

#[test]
fn no_build_publishes_a_key() {
    let folder = with_a();
    folder.expect(0, "build");
    let names = folder.names();
    assert!(!names.iter().any(|name| name.starts_with("public/") && name.ends_with(".pem")));
    for output in ["keys", ".sitegen/keys", "."] {
        folder.expect(2, &format!("build -o {output}"));
    }
    assert_eq!(folder.read(PRIVATE), pems::A);
}

#[test]
fn programs_are_told_the_state_of_the_key() {
    let folder = folder();
    let made = json(&folder.expect(0, "key new news --format json").out);
    assert_eq!((made.len(), &made[0]["kind"], &made[0]["fits"]), (1, &"key".into(), &true.into()));
    let error = json(&folder.expect(2, "key new news --format json").out);
    assert_eq!((&error[0]["kind"], &error[0]["exit"]), (&"error".into(), &2.into()));
}
