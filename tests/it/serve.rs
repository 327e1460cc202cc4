//! The preview, as a browser sees it. Whoever waits here waits for the preview to say something.

use std::fs;
use std::io::{BufRead, BufReader, Lines, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use assert_cmd::cargo::cargo_bin;
use serde_json::Value;

use crate::fixture::{Site, site};
use crate::folder::{Folder, good};

/// Longer than anything takes, so that a test ends.
const PATIENCE: Duration = Duration::from_secs(30);

/// A running preview. It ends with the test, and with it whatever the test waits for.
struct Preview {
    child: Child,
    /// Dropped when the test has ended by itself.
    _ended: Sender<()>,
    said: Lines<BufReader<ChildStdout>>,
    address: SocketAddr,
}

/// An answer to a request.
#[derive(Debug)]
struct Answer {
    status: u16,
    head: String,
    body: Vec<u8>,
}

impl Answer {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }
}

/// An open page that waits for news.
struct Stream(Lines<BufReader<TcpStream>>);

impl Stream {
    /// What a page gets to know next.
    fn any(&mut self) -> Value {
        let line = self.0.find_map(|line| line.unwrap().strip_prefix("data: ").map(str::to_owned));
        serde_json::from_str(&line.expect("news")).unwrap()
    }

    /// The next change of the site.
    fn next(&mut self) -> Value {
        std::iter::repeat_with(|| self.any()).find(|news| news.get("styles").is_some()).unwrap()
    }
}

impl Preview {
    fn of(folder: &Folder, arguments: &str) -> Self {
        let mut command = Command::new(cargo_bin!("sitegen"));
        command.args(["serve", "--format", "json", "--root"]).arg(folder.path(""));
        Self::start(command.args(arguments.split_whitespace()))
    }

    fn start(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let said = BufReader::new(child.stdout.take().unwrap()).lines();
        let address = SocketAddr::from(([127, 0, 0, 1], 0));
        let (ended, wait) = mpsc::channel();
        let pid = child.id().to_string();
        // A stream that says only that it is alive, or a terminal that says nothing, has no end.
        thread::spawn(move || {
            if wait.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
                let _ = Command::new("kill").args(["-KILL", &pid]).status();
            }
        });
        let mut preview = Self { child, _ended: ended, said, address };
        let ready = preview.event("ready");
        let url = ready["url"].as_str().unwrap();
        let address = url.strip_prefix("http://").unwrap().split('/').next().unwrap();
        preview.address = address.parse().unwrap();
        preview
    }

    /// The next thing of a kind that the preview says.
    fn event(&mut self, name: &str) -> Value {
        let lines = self.said.by_ref().map(|line| serde_json::from_str::<Value>(&line.unwrap()));
        let mut events = lines.map(Result::unwrap);
        events.find(|event| event["event"] == name || event["kind"] == name).expect(name)
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream
    }

    /// Sends a request as it is.
    fn raw(&self, request: &str) -> Answer {
        let mut stream = self.connect();
        stream.write_all(request.as_bytes()).unwrap();
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).unwrap();
        let end = bytes.windows(4).position(|part| part == b"\r\n\r\n").expect("a head") + 4;
        let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Answer { status, head, body: bytes[end..].to_vec() }
    }

    fn ask(&self, method: &str, target: &str, headers: &str) -> Answer {
        let host = self.address;
        self.raw(&format!(
            "{method} {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{headers}\r\n"
        ))
    }

    fn get(&self, target: &str) -> Answer {
        self.ask("GET", target, "")
    }

    fn facts(&self, path: &str) -> Value {
        let answer = self.get(&format!("/.sitegen/page.json?path={path}"));
        serde_json::from_slice(&answer.body).unwrap()
    }

    /// Opens a page that waits for news, and takes what everybody gets to know first.
    fn open(&self) -> Stream {
        let mut stream = self.connect();
        let host = self.address;
        let request = format!("GET /.sitegen/news HTTP/1.1\r\nHost: {host}\r\n\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        let mut stream = Stream(BufReader::new(stream).lines());
        stream.any();
        stream
    }

    /// Ends it as Ctrl-C does, and says how it ended.
    fn interrupt(mut self) -> Option<i32> {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
        self.child.wait().unwrap().code()
    }
}

impl Drop for Preview {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A site below a path, with a secret beside it.
fn below_a_path() -> Site {
    good().with("site.toml", "base_url = \"https://party.example/branch\"\ntitle = \"The Party\"\n")
}

#[test]
fn documents_of_accounts_are_sent_as_the_host_would_send_them() {
    let key = include_str!("keys/news.pem");
    let site = |host: &str| {
        let config = format!("host = \"{host}\"\n[[actors]]\nuser = \"news\"");
        good().config(&config).with("keys/news.pem", key).on_disk()
    };
    for (host, document, finger) in [
        ("nginx", "application/activity+json", "application/jrd+json"),
        ("github-pages", "application/json", "application/octet-stream"),
    ] {
        let folder = site(host);
        let preview = Preview::of(&folder, "--port 0");
        let sent = |path: &str| preview.get(path).header("Content-Type").map(str::to_owned);
        let type_of = |path: &str| sent(path).unwrap().split(';').next().unwrap().to_owned();
        assert_eq!(type_of("/ap/news/actor.json"), document, "{host}");
        assert_eq!(type_of("/.well-known/webfinger"), finger, "{host}");
    }
}

#[test]
fn a_page_is_shown_as_it_will_be_and_nothing_is_written() {
    let folder = good().on_disk();
    let before = folder.files();
    let preview = Preview::of(&folder, "--port 0");
    let page = preview.get("/news/first/");
    assert_eq!(page.status, 200);
    assert_eq!(page.header("Content-Type"), Some("text/html; charset=utf-8"));
    assert!(page.text().contains("<p>Text.</p>"));
    // Links lead to the preview, not to the site that is not there yet.
    let canonical = format!("http://{}/news/first/", preview.address);
    assert!(page.text().contains(&canonical), "{}", page.text());
    assert!(!page.text().contains("party.example"));
    assert_eq!(preview.get("/leaflet.pdf").text(), "PDF\n");
    assert_eq!(preview.get("/leaflet.pdf").header("Content-Type"), Some("application/pdf"));
    assert!(preview.get("/feed.json").text().contains("tag:party.example"));
    assert_eq!(preview.interrupt(), Some(0));
    assert_eq!(folder.files(), before);
}

#[test]
fn a_site_below_a_path_is_shown_there() {
    let folder = below_a_path().on_disk();
    let preview = Preview::of(&folder, "--port 0");
    let moved = preview.get("/");
    assert_eq!((moved.status, moved.header("Location")), (302, Some("/branch/")));
    assert_eq!(preview.get("/branch/about/").status, 200);
    assert_eq!(preview.get("/about/").status, 404);
    // A folder without its slash, as every host has it.
    let moved = preview.get("/branch/about");
    assert_eq!((moved.status, moved.header("Location")), (302, Some("/branch/about/")));
    let missing = preview.get("/branch/nothing/");
    assert_eq!(missing.status, 404);
    assert!(missing.text().contains("<title>Page not found"), "{}", missing.text());
}

#[test]
fn whether_there_is_a_page_can_be_asked_without_it() {
    let folder = good().on_disk();
    let preview = Preview::of(&folder, "--port 0");
    for (target, status) in [("/about/", 200), ("/about", 200), ("/", 200), ("/nothing/", 404)] {
        let answer = preview.ask("HEAD", target, "");
        assert_eq!((answer.status, answer.body.len()), (status, 0), "{target}");
    }
    let part = preview.ask("GET", "/leaflet.pdf", "Range: bytes=1-2\r\n");
    assert_eq!((part.status, part.text().as_str()), (206, "DF"));
    assert_eq!(part.header("Content-Range"), Some("bytes 1-2/4"));
}

#[test]
fn f_02_nothing_outside_the_site_can_be_read() {
    let folder = good().with("keys/secret.txt", "SECRET").on_disk();
    let preview = Preview::of(&folder, "--port 0");
    for target in [
        "/../../etc/passwd",
        "/..",
        "/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
        "/%2E%2E%2F%2E%2E%2Fetc/passwd",
        "/%252e%252e/%252e%252e/etc/passwd",
        "/..%5c..%5cetc%5cpasswd",
        "/..\\..\\etc\\passwd",
        "/about/../../keys/secret.txt",
        "/keys/secret.txt",
        "/site.toml",
        "/.git/config",
        "/.sitegen/keys/news.pem",
        "//etc/passwd",
        "/etc/passwd%00.html",
        "/%c0%ae%c0%ae/etc/passwd",
    ] {
        let answer = preview.get(target);
        let text = answer.text();
        assert!(matches!(answer.status, 400 | 404), "{target}: {}", answer.status);
        assert!(!text.contains("root:") && !text.contains("SECRET"), "{target}: {text}");
        assert!(!text.contains("base_url"), "{target}: {text}");
    }
    for target in ["http://evil.example/about/", "file:///etc/passwd", "gopher://localhost/"] {
        assert!(matches!(preview.get(target).status, 400 | 421), "{target}");
    }
    // A name that somebody else gives may lead here (DNS rebinding).
    for host in ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "a\r\nHost: b"] {
        let request = format!("GET /about/ HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        let answer = preview.raw(&request);
        assert!(matches!(answer.status, 400 | 421), "{host}: {}", answer.status);
        assert!(!answer.text().contains("Us."), "{host}");
    }
    assert_eq!(preview.ask("POST", "/about/", "Content-Length: 0\r\n").status, 405);
    // Nobody else's page can have ours read.
    let page = preview.get("/about/");
    assert_eq!(page.header("Cross-Origin-Resource-Policy"), Some("same-origin"));
    assert_eq!(page.header("Access-Control-Allow-Origin"), None);
    // Only this machine can ask, and by this address only.
    let other = SocketAddr::from(([127, 0, 0, 2], preview.address.port()));
    assert!(!cfg!(target_os = "linux") || TcpStream::connect(other).is_err());
}

#[test]
fn a_saved_text_is_seen_at_once() {
    let folder = good().on_disk();
    let mut preview = Preview::of(&folder, "--port 0 --navigate");
    let mut page = preview.open();
    let first = preview.facts("about/");
    folder.write("content/about.md", "+++\ntitle = \"About\"\n+++\nAll of us.\n");
    let news = page.next();
    assert_eq!(news["navigate"], "/about/");
    assert_eq!(news["reload"], false);
    assert!(preview.get("/about/").text().contains("All of us."));
    let second = preview.facts("about/");
    assert_ne!(first["etag"], second["etag"]);
    assert_eq!(second["source"], "content/about.md");
    let changed = preview.event("changed");
    assert_eq!(changed["files"], serde_json::json!(["content/about.md"]));
}

#[test]
fn new_renamed_and_removed_files_are_seen() {
    let folder = good().on_disk();
    let preview = Preview::of(&folder, "--port 0");
    let mut page = preview.open();
    folder.write("content/news/second.md", "+++\ntitle = \"Second\"\n+++\n");
    page.next();
    assert_eq!(preview.get("/news/second/").status, 200);
    let text = |name| folder.path(&format!("content/news/{name}.md"));
    fs::rename(text("second"), text("third")).unwrap();
    page.next();
    assert_eq!(preview.get("/news/second/").status, 404);
    assert_eq!(preview.get("/news/third/").status, 200);
    fs::remove_file(text("third")).unwrap();
    page.next();
    assert_eq!(preview.get("/news/third/").status, 404);
    fs::rename(folder.path("content/news"), folder.path("content/notes")).unwrap();
    page.next();
    assert_eq!(preview.get("/news/first/").status, 404);
    assert_eq!(preview.get("/notes/first/").status, 200);
    folder.write("content/deep/down/text.md", "+++\ntitle = \"Deep\"\n+++\n");
    page.next();
    assert_eq!(preview.get("/deep/down/text/").status, 200);
}

#[test]
fn the_configuration_the_theme_and_styles_are_seen() {
    let folder = good().on_disk();
    let preview = Preview::of(&folder, "--port 0");
    let mut page = preview.open();
    folder.write("site.toml", "base_url = \"https://party.example\"\ntitle = \"The Union\"\n");
    page.next();
    assert!(preview.get("/").text().contains("The Union"));
    // A folder that was not there when the preview began.
    folder.write("themes/campaign/templates/page.html", "<p>{{ page.title }}!</p>");
    page.next();
    assert!(preview.get("/about/").text().starts_with("<p>About!</p>"));
    folder.write("themes/campaign/static/campaign.css", "body { color: red }");
    let news = page.next();
    assert_eq!(news["styles"], serde_json::json!(["/campaign.css"]));
    assert_eq!(preview.get("/campaign.css").text(), "body { color: red }");
    folder.write("static/leaflet.pdf", "Another");
    let news = page.next();
    assert_eq!((&news["reload"], &news["styles"]), (&true.into(), &serde_json::json!([])));
    fs::remove_dir_all(folder.path("themes")).unwrap();
    page.next();
    assert!(preview.get("/about/").text().contains("<!DOCTYPE html>"));
}

#[test]
fn a_mistake_is_told_over_the_last_good_page() {
    let folder = good().on_disk();
    let mut preview = Preview::of(&folder, "--port 0");
    let mut page = preview.open();
    folder.write("content/about.md", "+++\ntitle = \"About\ndate = 1\n+++\nBroken.\n");
    page.next();
    let facts = preview.facts("about/");
    let problem = &facts["problems"][0];
    assert_eq!(problem["severity"], "error");
    assert_eq!(problem["place"]["path"], "content/about.md");
    assert_eq!(problem["place"]["line"], 2);
    assert_eq!(problem["place"]["excerpt"], "title = \"About");
    assert_eq!(preview.event("diagnostic")["place"]["line"], 2);
    assert!(preview.get("/about/").text().contains("<p>Us.</p>"));
    folder.write("content/about.md", "+++\ntitle = \"About\"\n+++\nMended.\n");
    page.next();
    assert_eq!(preview.facts("about/")["problems"], serde_json::json!([]));
    assert!(preview.get("/about/").text().contains("<p>Mended.</p>"));
}

#[test]
fn a_mistake_in_a_template_is_told_over_the_last_good_page() {
    let folder = good().on_disk();
    let preview = Preview::of(&folder, "--port 0");
    let mut page = preview.open();
    assert!(preview.get("/about/").text().contains("Us."));
    folder.write("themes/campaign/templates/page.html", "{{ page.nothing.at.all }}");
    page.next();
    assert!(preview.get("/about/").text().contains("Us."));
    let facts = preview.facts("about/");
    assert_eq!(facts["problems"][0]["place"]["path"], "themes/campaign/templates/page.html");
    // A page that was never good.
    let page = preview.get("/news/first/");
    assert_eq!(page.status, 500);
    assert!(page.text().contains("No page yet") && page.text().contains("preview.js"));
}

#[test]
fn a_site_that_is_broken_from_the_start_appears_when_it_is_mended() {
    let folder = good().with("site.toml", "title = ").on_disk();
    let preview = Preview::of(&folder, "--port 0");
    let mut page = preview.open();
    assert_eq!(preview.get("/").status, 500);
    assert_eq!(preview.facts("")["problems"][0]["place"]["path"], "site.toml");
    folder.write("site.toml", "base_url = \"https://party.example\"\ntitle = \"The Party\"\n");
    page.next();
    assert_eq!(preview.get("/").status, 200);
}

#[test]
fn a_save_in_many_steps_is_one_change() {
    let folder = good().on_disk();
    let mut preview = Preview::of(&folder, "--port 0");
    let mut page = preview.open();
    let text = folder.path("content/about.md");
    let beside = |name: &str| folder.path(&format!("content/{name}"));
    // As Vim does it.
    fs::write(beside(".about.md.swp"), "swap").unwrap();
    fs::write(beside("4913"), "").unwrap();
    fs::remove_file(beside("4913")).unwrap();
    fs::rename(&text, beside("about.md~")).unwrap();
    fs::write(&text, "+++\ntitle = \"About\"\n+++\nVim.\n").unwrap();
    fs::remove_file(beside("about.md~")).unwrap();
    page.next();
    assert!(preview.get("/about/").text().contains("Vim."));
    // As most others do.
    fs::write(beside("about.md.tmp"), "+++\ntitle = \"About\"\n+++\nTemp.\n").unwrap();
    fs::rename(beside("about.md.tmp"), &text).unwrap();
    page.next();
    assert!(preview.get("/about/").text().contains("Temp."));
    // The same again is no change, so the next one is the next.
    fs::write(&text, "+++\ntitle = \"About\"\n+++\nTemp.\n").unwrap();
    folder.write("content/news/first.md", "+++\ntitle = \"First\"\ndate = 2026-05-01\n+++\nNew.\n");
    page.next();
    let changed: Vec<Value> = (0..3).map(|_| preview.event("changed")["files"].clone()).collect();
    let about = serde_json::json!(["content/about.md"]);
    assert_eq!(changed, [about.clone(), about, serde_json::json!(["content/news/first.md"])]);
}

#[test]
fn where_the_system_says_nothing_files_are_looked_at() {
    let folder = good().on_disk();
    let preview = Preview::of(&folder, "--port 0 --poll");
    let mut page = preview.open();
    folder.write("content/about.md", "+++\ntitle = \"About\"\n+++\nSeen.\n");
    page.next();
    assert!(preview.get("/about/").text().contains("Seen."));
    folder.write("content/new.md", "+++\ntitle = \"New\"\n+++\n");
    page.next();
    assert_eq!(preview.get("/new/").status, 200);
}

#[test]
#[cfg(target_os = "linux")]
fn when_no_more_folders_can_be_watched_files_are_looked_at() {
    let folder = good().on_disk();
    // A limit of its own, which touches nobody else.
    let limit = "echo 1 > /proc/sys/user/max_inotify_watches && exec \"$@\"";
    let within = ["--user", "--map-root-user", "sh", "-c", limit, "sh"];
    let possible = Command::new("unshare").args(within).arg("true").output();
    if !possible.is_ok_and(|output| output.status.success()) {
        eprintln!("skipped: there are no user namespaces here");
        return;
    }
    let mut command = Command::new("unshare");
    command.args(within).arg(cargo_bin!("sitegen")).args(["serve", "--port", "0"]);
    command.args(["--format", "json", "--root"]).arg(folder.path(""));
    let mut preview = Preview::start(&mut command);
    let warning = preview.event("warning");
    let message = warning["message"].as_str().unwrap();
    assert!(message.contains("fs.inotify.max_user_watches"), "{message}");
    let mut page = preview.open();
    folder.write("content/about.md", "+++\ntitle = \"About\"\n+++\nSeen.\n");
    page.next();
    assert!(preview.get("/about/").text().contains("Seen."));
}

#[test]
fn many_open_pages_and_slow_ones_keep_nobody_waiting() {
    let folder = good().on_disk();
    let preview = Preview::of(&folder, "--port 0");
    let mut open: Vec<Stream> = (0..100).map(|_| preview.open()).collect();
    let idle: Vec<TcpStream> = (0..20).map(|_| preview.connect()).collect();
    let mut slow: Vec<TcpStream> = (0..10).map(|_| preview.connect()).collect();
    for (number, stream) in slow.iter_mut().enumerate() {
        // Some never end their head, some never send what they promise, some never read.
        let head = match number % 3 {
            0 => "GET / HTTP/1.1\r\nHost: 127".to_owned(),
            1 => {
                "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000000\r\n\r\na".to_owned()
            }
            _ => "GET /campaign.css HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".repeat(50),
        };
        stream.write_all(head.as_bytes()).unwrap();
    }
    for _ in 0..100 {
        let start = Instant::now();
        assert_eq!(preview.get("/about/").status, 200);
        assert!(start.elapsed() < Duration::from_millis(500), "{:?}", start.elapsed());
    }
    // And all of them get the news.
    folder.write("content/about.md", "+++\ntitle = \"About\"\n+++\nNew.\n");
    assert!(open.iter_mut().all(|page| page.next()["generation"] == 1));
    drop((idle, slow));
}

#[test]
fn a_port_that_is_taken_is_said_or_another_one_is_found() {
    let folder = good().on_disk();
    let taken = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = taken.local_addr().unwrap().port();
    let run = folder.expect(2, &format!("serve --port {port}"));
    assert!(run.err.contains("leave `--port` out to take the first one that is free"));
    let run = folder.expect(2, "serve --port 0 --interface 192.0.2.1");
    assert!(run.err.contains("this machine does not have the address 192.0.2.1"), "{}", run.err);
    // Ours or somebody else's, it is taken then.
    let usual = TcpListener::bind(("127.0.0.1", 1111));
    let preview = Preview::of(&folder, "");
    assert!((1112..=1211).contains(&preview.address.port()), "{}", preview.address);
    drop(usual);
}

#[test]
fn drafts_and_the_future_are_shown_to_those_who_ask() {
    let folder = site(
        "
-- content/plan.md --
+++
title = \"Plan\"
draft = true
+++
-- content/later.md --
+++
title = \"Later\"
date = 2026-08-01
+++
",
    )
    .on_disk();
    for (arguments, plan, later) in [
        ("--clock 2026-06-01", 404, 404),
        ("--clock 2026-06-01 --drafts", 200, 404),
        ("--clock 2026-06-01 --future", 404, 200),
        ("--clock 2026-09-01", 404, 200),
    ] {
        let preview = Preview::of(&folder, &format!("--port 0 {arguments}"));
        let found = (preview.get("/plan/").status, preview.get("/later/").status);
        assert_eq!(found, (plan, later), "{arguments}");
    }
}

#[test]
fn a_page_is_shown_as_a_feed_entry() {
    let folder = good().on_disk();
    let preview = Preview::of(&folder, "--port 0");
    let feed = &preview.facts("news/first/")["feed"];
    assert_eq!(feed["title"], "First");
    assert_eq!(feed["id"], "tag:party.example,2026:news/first");
    assert!(feed["content"].as_str().unwrap().contains("<p>Text.</p>"));
    assert_eq!(preview.facts("")["feed"], Value::Null);
}

#[test]
#[cfg(unix)]
fn what_cannot_be_part_of_a_site_is_told_while_it_is_there() {
    let folder = good().on_disk();
    let preview = Preview::of(&folder, "--port 0");
    let mut page = preview.open();
    let link = folder.path("content/link.md");
    std::os::unix::fs::symlink("/etc/hostname", &link).unwrap();
    page.next();
    let codes = |preview: &Preview| -> Vec<Value> {
        let facts = preview.facts("about/");
        facts["problems"].as_array().unwrap().iter().map(|p| p["code"].clone()).collect()
    };
    assert_eq!(codes(&preview), ["symbolic-link"]);
    // What is written meanwhile waits.
    folder.write("content/about.md", "+++\ntitle = \"About\"\n+++\nLater.\n");
    page.next();
    assert!(preview.get("/about/").text().contains("Us."));
    fs::remove_file(&link).unwrap();
    page.next();
    assert!(codes(&preview).is_empty());
    assert!(preview.get("/about/").text().contains("Later."));
}

#[test]
fn a_mistake_in_a_text_is_told_in_the_terminal_and_over_the_last_good_page() {
    let folder = good().on_disk();
    let mut preview = Preview::of(&folder, "--port 0");
    let mut page = preview.open();
    assert!(preview.get("/about/").text().contains("Us."));
    folder.write("content/about.md", "+++\ntitle = \"About\"\n+++\n[x](@/nowhere.md)\n");
    page.next();
    // Though nobody has looked at the page.
    assert_eq!(preview.event("changed")["shown"], false);
    let told = preview.event("diagnostic");
    assert_eq!(told["place"]["path"], "content/about.md");
    assert_eq!(told["place"]["length"], 17);
    assert_eq!(preview.event("problems")["errors"], 1);
    assert!(preview.get("/about/").text().contains("Us."));
    assert_eq!(preview.facts("about/")["problems"].as_array().unwrap().len(), 1);
    // Other pages say that there is something.
    assert_eq!(preview.facts("")["elsewhere"].as_array().unwrap().len(), 1);
    assert_eq!(preview.facts("")["problems"], serde_json::json!([]));
}

#[test]
fn a_site_that_was_broken_is_shown_as_it_is_now() {
    let broken = "+++\ntitle = \"About\n+++\nBroken.\n";
    let folder = good().with("content/about.md", broken).on_disk();
    let preview = Preview::of(&folder, "--port 0");
    let mut page = preview.open();
    folder.write("content/news/first.md", "+++\ntitle = \"First\"\ndate = 2026-05-01\n+++\nNew.\n");
    page.next();
    assert!(preview.get("/news/first/").text().contains("New."));
    assert_eq!(preview.facts("")["problems"].as_array().unwrap().len(), 1);
}

#[test]
fn two_pages_at_one_address_are_told_until_one_has_gone() {
    let folder = good().on_disk();
    let preview = Preview::of(&folder, "--port 0");
    let mut page = preview.open();
    let same = "+++\ntitle = \"Us\"\nslug = \"about\"\n+++\n";
    folder.write("content/us.md", same);
    page.next();
    assert_eq!(preview.facts("")["problems"][0]["code"], "output-twice");
    // Mended, and broken in another way at once.
    fs::remove_file(folder.path("content/us.md")).unwrap();
    folder.write("content/about.md", "+++\ntitle = \"About\n+++\n");
    page.next();
    let facts = preview.facts("");
    let codes: Vec<&Value> =
        facts["problems"].as_array().unwrap().iter().map(|problem| &problem["code"]).collect();
    assert!(!codes.contains(&&Value::from("output-twice")), "{codes:?}");
}

#[test]
fn a_mistake_in_the_configuration_leaves_a_site_below_a_path_where_it_is() {
    let folder = below_a_path().on_disk();
    let preview = Preview::of(&folder, "--port 0");
    let mut page = preview.open();
    folder.write("site.toml", "base_url = \"https://party.example/branch\ntitle = 1\n");
    page.next();
    assert_eq!(preview.get("/branch/about/").status, 200);
    assert_eq!(preview.facts("about/")["problems"][0]["place"]["path"], "site.toml");
    folder.write("site.toml", "base_url = \"https://party.example/ward\"\ntitle = \"Ward\"\n");
    page.next();
    assert_eq!(preview.get("/ward/about/").status, 200);
}

#[test]
fn another_configuration_is_seen_too() {
    let text = |title: &str| format!("base_url = \"https://party.example\"\ntitle = \"{title}\"\n");
    let folder = good().with("conf/test.toml", text("One")).on_disk();
    let preview = Preview::of(&folder, "--port 0 --config ./conf/test.toml");
    let mut page = preview.open();
    folder.write("conf/test.toml", text("Two"));
    page.next();
    assert!(preview.get("/").text().contains("Two"));
}

#[test]
fn a_draft_says_why_it_is_not_there() {
    let folder = good().on_disk();
    let mut preview = Preview::of(&folder, "--port 0");
    let mut page = preview.open();
    folder.write("content/about.md", "+++\ntitle = \"About\"\ndraft = true\n+++\n");
    page.next();
    let hidden = preview.event("changed")["hidden"].clone();
    assert_eq!(hidden, serde_json::json!({ "content/about.md": "draft" }));
    let facts = preview.facts("about/");
    assert_eq!((&facts["hidden"], &facts["source"]), (&"draft".into(), &"content/about.md".into()));
    let preview = Preview::of(&folder, "--port 0 --drafts");
    assert_eq!(preview.facts("about/")["state"], "draft");
}

#[test]
fn what_a_request_promises_costs_nothing() {
    let folder = good().on_disk();
    let preview = Preview::of(&folder, "--port 0");
    let mut stream = preview.connect();
    let request = "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000000000000000\r\n\r\n";
    stream.write_all(request.as_bytes()).unwrap();
    let mut line = String::new();
    BufReader::new(&stream).read_line(&mut line).unwrap();
    assert_eq!(line, "HTTP/1.1 405 Method Not Allowed\r\n");
    // A head without an end is refused.
    let long = format!("GET /{} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", "a".repeat(100_000));
    assert_eq!(preview.raw(&long).status, 400);
    assert_eq!(preview.get("/about/").status, 200);
}

#[test]
#[cfg(target_os = "linux")]
fn a_preview_that_had_too_many_connections_answers_again() {
    let folder = good().on_disk();
    let mut command = Command::new("sh");
    command.args(["-c", "ulimit -n 100 && exec \"$@\"", "sh"]).arg(cargo_bin!("sitegen"));
    command.args(["serve", "--port", "0", "--format", "json", "--root"]).arg(folder.path(""));
    let preview = Preview::start(&mut command);
    let many: Vec<TcpStream> = (0..150).map(|_| preview.connect()).collect();
    drop(many);
    assert_eq!(preview.get("/about/").status, 200);
}

#[test]
fn a_site_that_was_moved_away_and_copied_back_is_the_one_that_is_shown() {
    let outer = good().on_disk();
    let (site, away) = (outer.path("site"), outer.path("away"));
    fs::create_dir(&site).unwrap();
    for name in ["content", "static", "site.toml"] {
        fs::rename(outer.path(name), site.join(name)).unwrap();
    }
    let mut command = Command::new(cargo_bin!("sitegen"));
    command.args(["serve", "--port", "0", "--format", "json", "--root"]).arg(&site);
    let mut preview = Preview::start(&mut command);
    let mut page = preview.open();
    fs::rename(&site, &away).unwrap();
    assert!(Command::new("cp").arg("-r").args([&away, &site]).status().unwrap().success());
    assert!(preview.event("warning")["message"].as_str().unwrap().contains("moved or replaced"));
    fs::write(site.join("static/leaflet.pdf"), "Another").unwrap();
    page.next();
    assert_eq!(preview.get("/leaflet.pdf").text(), "Another");
}
