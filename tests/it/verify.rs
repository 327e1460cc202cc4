//! `sitegen verify` as a program, against sites that are served from the disk of this machine.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::folder::{Folder, Run, command, good, json, run};

const BASE: &str = "http://www.party.example";
const MANIFEST: &str = "public/.well-known/sitegen/manifest.txt";

/// A signed site in a folder, and a server for what is in `public`.
struct Party {
    folder: Folder,
    /// A machine that has nothing of the site but the key.
    elsewhere: Folder,
    key: String,
    port: u16,
}

fn party() -> Party {
    let config = format!("base_url = \"{BASE}\"\ntitle = \"The Party\"\nsign = true\n");
    let folder = good().with("site.toml", config).on_disk();
    folder.expect(0, "key new --signing");
    folder.expect(0, "build --clock 2026-06-01T10:00:00Z --record");
    let key = folder.read("keys/signing.pub").lines().nth(1).unwrap().to_owned();
    let port = serve(folder.path("public"));
    Party { folder, elsewhere: Folder::empty(), key, port }
}

/// Serves a folder for as long as the test runs.
fn serve(root: PathBuf) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let stream = BufReader::new(stream.unwrap());
            let root = root.clone();
            std::thread::spawn(move || answer(stream, &root));
        }
    });
    port
}

fn answer(mut stream: BufReader<std::net::TcpStream>, root: &Path) {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") && stream.read_line(&mut head).unwrap_or(0) > 0 {}
    let path = head.split(' ').nth(1).unwrap_or_default().trim_start_matches('/');
    let path = root.join(if path.is_empty() || path.ends_with('/') {
        format!("{path}index.html")
    } else {
        path.to_owned()
    });
    let (status, body) = match fs::read(&path) {
        Ok(body) => ("200 OK", body),
        Err(_) => ("404 Not Found", fs::read(root.join("404.html")).unwrap_or_default()),
    };
    let kind = if path.extension().is_some_and(|it| it == "html") { "text/html" } else { "x/y" };
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n\
         Connection: close\r\n\r\n",
        body.len()
    );
    let stream = stream.get_mut();
    let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&body));
}

impl Party {
    /// Verifies the site from elsewhere.
    #[track_caller]
    fn expect(&self, code: i32, options: &str) -> Run {
        let way = format!(
            "--allow-address 127.0.0.1 --resolve www.party.example:80:127.0.0.1:{}",
            self.port
        );
        let key =
            if options.contains("--key") { String::new() } else { format!("--key {}", self.key) };
        self.elsewhere.expect(code, &format!("verify {BASE} --state seen {key} {way} {options}"))
    }

    /// What a program is told.
    #[track_caller]
    fn told(&self, code: i32) -> Vec<Value> {
        json(&self.expect(code, "--format json").out)
    }
}

#[test]
fn a_changed_byte_is_found_and_named() {
    let party = party();
    let run = party.expect(0, "");
    assert!(run.out.contains("are as signed on 2026-06-01T10:00:00Z."), "{}", run.out);
    assert_eq!(party.expect(0, "-q").out, "");
    let summary = party.told(0).remove(0);
    assert_eq!((&summary["kind"], &summary["ok"]), (&"summary".into(), &true.into()));
    assert_eq!(summary["asked"], summary["same"]);

    let page = party.folder.read("public/about/index.html");
    party.folder.write("public/about/index.html", page.replacen("Us.", "Them", 1));
    let lines = party.told(1);
    assert_eq!(lines.len(), 2, "{lines:#?}");
    assert_eq!((&lines[0]["check"], &lines[0]["severity"]), (&"changed".into(), &"alarm".into()));
    assert_eq!(lines[0]["url"], format!("{BASE}/about/"));
    assert_eq!(lines[0]["path"], "about/index.html");
    assert_ne!(lines[0]["expected"]["sha256"], lines[0]["found"]["sha256"]);
    let run = party.expect(1, "-q");
    assert!(run.out.contains("about/index.html") && run.out.contains("password"), "{}", run.out);

    party.folder.write("public/about/index.html", &page);
    fs::remove_file(party.folder.path("public/leaflet.pdf")).unwrap();
    party.folder.write("public/index.php", "<?php");
    let lines = party.told(1);
    let checks: Vec<_> = lines.iter().filter_map(|line| line["check"].as_str()).collect();
    assert_eq!(checks, ["missing", "added"]);
    assert_eq!(lines[0]["path"], "leaflet.pdf");
    assert_eq!(lines[1]["url"], format!("{BASE}/index.php"));
}

#[test]
fn an_old_list_that_is_shown_again_is_noticed() {
    let party = party();
    party.expect(0, "");
    let old: Vec<(String, Vec<u8>)> =
        crate::folder::contents(&party.folder.path("public")).into_iter().collect();
    party.folder.write("static/leaflet.pdf", "PDF 2\n");
    party.folder.expect(0, "build --clock 2026-06-02T10:00:00Z --record");
    party.expect(0, "");
    for (path, bytes) in old {
        party.folder.write(&format!("public/{path}"), bytes);
    }
    let lines = party.told(1);
    assert_eq!(lines[0]["check"], "older", "{lines:#?}");
    assert_eq!(lines.len(), 2, "all else is as it was then");
    assert_eq!(party.told(1)[0]["check"], "older", "it is noticed each time");
    // A machine that has never seen the newer one.
    fs::remove_dir_all(party.elsewhere.path("seen")).unwrap();
    party.expect(0, "");
}

#[test]
fn what_is_not_ours_or_not_whole_or_not_there_is_told_apart() {
    let party = party();
    let other = Folder::empty();
    other.write("site.toml", party.folder.read("site.toml"));
    other.expect(0, "key new --signing");
    let other = other.read("keys/signing.pub").lines().nth(1).unwrap().to_owned();
    let run = party.expect(1, &format!("--key {other}"));
    assert!(run.out.contains("alarm[signature]") && run.out.contains("another key"), "{}", run.out);

    let list = party.folder.read(MANIFEST);
    party.folder.write(MANIFEST, &list[..list.len() - 40]);
    let run = party.expect(1, "");
    assert!(run.out.contains("cut off") && run.out.contains("cannot be verified"), "{}", run.out);
    fs::remove_file(party.folder.path(MANIFEST)).unwrap();
    let run = party.expect(1, "");
    assert!(
        run.out.contains("alarm[no-manifest]") && run.out.contains("sign = true"),
        "{}",
        run.out
    );

    let site = party.folder.read("site.toml").replace("www.party", "www.other");
    party.folder.write("site.toml", site);
    party.folder.expect(0, "build");
    let run = party.expect(1, "");
    assert!(run.out.contains("this is the list of http://www.other.example/"), "{}", run.out);
}

#[test]
fn a_site_that_cannot_be_asked_is_no_alarm() {
    let party = party();
    let way =
        format!("--key {} --resolve www.party.example:80:127.0.0.1:{}", party.key, party.port);
    let run = party.elsewhere.expect(3, &format!("verify {BASE} --state seen {way}"));
    assert!(run.out.contains("unknown[not-asked]"), "{}", run.out);
    assert!(run.out.contains("could not be asked"), "{}", run.out);
    assert!(!party.elsewhere.has("seen"), "nothing was seen");
}

#[test]
fn in_the_folder_of_the_site_its_key_is_taken_and_elsewhere_one_has_to_be_named() {
    let party = party();
    let way = format!(
        "verify {BASE} --allow-address 127.0.0.1 --resolve www.party.example:80:127.0.0.1:{}",
        party.port
    );
    let state = party.elsewhere.path("seen").display().to_string();
    party.folder.expect(0, &format!("{way} --state {state}"));
    let run = party.elsewhere.expect(2, &way);
    assert!(run.err.contains("--key RW…"), "{}", run.err);
    party.elsewhere.write("party.pub", party.folder.read("keys/signing.pub"));
    party.expect(0, "--key party.pub");
    for key in ["nothing", "RWabc"] {
        let run = party.expect(2, &format!("--key {key}"));
        assert!(run.err.contains("begins with `RW` and has 56 characters"), "{}", run.err);
    }
    party.elsewhere.write("secret", party.folder.read(".sitegen/keys/signing.key"));
    let run = party.expect(2, "--key secret");
    assert!(run.err.contains("private part"), "{}", run.err);
    assert!(
        party.elsewhere.expect(2, "verify ftp://a.example --key x").err.contains("is no address")
    );
}

#[test]
fn in_the_folder_of_the_site_it_is_said_when_something_newer_is_not_online() {
    let party = party();
    for (path, bytes) in crate::folder::contents(&party.folder.path("public")) {
        party.elsewhere.write(&format!("online/{path}"), bytes);
    }
    let way = format!(
        "verify {BASE} --state {} --allow-address 127.0.0.1 --resolve www.party.example:80:127.0.0.1:{}",
        party.elsewhere.path("seen").display(),
        serve(party.elsewhere.path("online"))
    );
    party.folder.expect(0, &way);
    let post = "+++\ntitle = \"New\"\ndate = 2026-06-01\n+++\nText.\n";
    party.folder.write("content/news/new.md", post);
    party.folder.expect(0, "build --clock 2026-06-02T10:00:00Z --record");
    let run = party.folder.expect(3, &way);
    assert!(
        run.out.contains("unknown[behind]") && run.out.contains("holds it back"),
        "{}",
        run.out
    );
    // Somebody else's folder says nothing about it.
    let config = party.folder.read("site.toml");
    party.folder.write("site.toml", config.replace("www.party", "www.other"));
    party.folder.expect(0, &format!("{way} --key {}", party.key));
}

#[test]
fn what_was_seen_is_remembered_where_programs_do() {
    let party = party();
    let state = party.elsewhere.path("state");
    let mut command = command(party.elsewhere.0.path());
    let pinned = format!("www.party.example:80:127.0.0.1:{}", party.port);
    command.env("XDG_STATE_HOME", &state).args(["verify", BASE, "--key", &party.key]);
    command.args(["--allow-address", "127.0.0.1", "--resolve", &pinned]);
    assert_eq!(run(&mut command).code, 0);
    let names = party.elsewhere.names();
    let seen: Vec<_> =
        names.iter().filter(|name| name.starts_with("state/sitegen/seen-")).collect();
    assert_eq!(seen.len(), 1, "{names:?}");
    let text = party.elsewhere.read(seen[0]);
    assert!(text.contains(&party.key) && text.contains("made 2026-06-01T10:00:00Z"), "{text}");
    party.elsewhere.write(seen[0], "rubbish");
    let damaged = run(&mut command);
    assert_eq!(damaged.code, 2);
    assert!(damaged.err.contains("is damaged") && damaged.err.contains("remove it"));
}

#[test]
fn what_others_look_after_is_no_alarm_where_it_is_named() {
    let party = party();
    party.folder.write("public/wp-admin/index.html", "Statistics");
    party.expect(1, "");
    party.expect(0, "--except wp-admin");
    let config = party.folder.read("site.toml");
    party.folder.write("site.toml", format!("{config}keep = [\"wp-admin\"]\n"));
    let state = party.elsewhere.path("seen").display().to_string();
    let way = format!(
        "--allow-address 127.0.0.1 --resolve www.party.example:80:127.0.0.1:{}",
        party.port
    );
    party.folder.expect(0, &format!("verify {BASE} --state {state} {way}"));
}
