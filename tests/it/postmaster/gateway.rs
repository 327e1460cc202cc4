//! The program as a web server or a service manager starts it, and ends it.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::net::{SocketAddr, TcpListener};
use std::process::{Child, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;

use assert_cmd::Command;
use sitegen::office::store::queue::{self, Activity, Kind};

use super::{Office, jo, says, set_mode, then};
use crate::folder::{command, contents, run};
use crate::pems;

/// A post office that could work, with a follower and what is served of the site.
fn furnished(lines: &str) -> Office {
    let office = Office::new();
    let settings = office.0.read("inbox.toml");
    office.0.write("inbox.toml", format!("folder = \"public\"\n{lines}\n{settings}"));
    office.0.write("public/index.html", "Hello.");
    office.befriend(&jo(), "news");
    for user in ["news", "events"] {
        let path = format!(".sitegen/keys/{user}.pem");
        office.0.write(&path, pems::A);
        set_mode(&office.0.path(&path), 0o600);
    }
    set_mode(&office.0.path(".sitegen/keys"), 0o700);
    office
}

/// A request as a web server hands it over, of somebody who has signed nothing.
fn request(office: &Office) -> Command {
    let mut command = command(office.0.0.path());
    command.args(["inbox", "--cgi"]);
    for (name, value) in [
        ("REQUEST_METHOD", "POST"),
        ("REQUEST_URI", "/ap/news/inbox"),
        ("CONTENT_TYPE", "application/activity+json"),
        ("CONTENT_LENGTH", "2"),
    ] {
        command.env(name, value);
    }
    command.write_stdin("{}");
    command
}

/// Hangs up on everybody, and says when it has.
fn hangs_up() -> (SocketAddr, Receiver<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (tell, told) = channel();
    thread::spawn(move || listener.incoming().try_for_each(|_| tell.send(())));
    (address, told)
}

#[test]
fn b_01_a_key_that_others_get_at_keeps_the_post_office_from_starting() {
    let office = furnished("");
    says(&run(&mut request(&office)).out, &["Status: 401"]);
    // The folder in which it all lies is the one that is on the web.
    let settings = office.0.read("inbox.toml");
    for folder in [".", ".sitegen"] {
        office.0.write("inbox.toml", settings.replace("\"public\"", &format!("\"{folder}\"")));
        says(&office.expect(2, "deliver").err, &["the private keys and the followers", "web"]);
        says(&run(&mut request(&office)).out, &["Status: 503"]);
    }
    office.0.write("inbox.toml", settings);
    if cfg!(unix) {
        set_mode(&office.0.path(".sitegen/keys/news.pem"), 0o644);
        says(&office.expect(1, "deliver").err, &["chmod 600"]);
        says(&run(&mut request(&office)).out, &["Status: 503"]);
    }
}

#[test]
fn c_03_no_proxy_of_the_environment_is_asked() {
    let ((proxy, asked), (site, reached)) = (hangs_up(), hangs_up());
    let lines = format!(
        "allow_addresses = [\"127.0.0.0/8\"]\nresolve = [\"*:443:127.0.0.1:{}\"]",
        site.port()
    );
    let office = furnished(&lines);
    let settings = office.0.read("inbox.toml").replace("folder = \"public\"", "");
    office.0.write("inbox.toml", settings);
    let mut round = command(office.0.0.path());
    round.arg("deliver").env("REQUEST_METHOD", "POST");
    for name in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"] {
        round.env(name, format!("http://{proxy}"));
        round.env(name.to_lowercase(), format!("http://{proxy}"));
    }
    let done = run(&mut round);
    assert_eq!(done.code, 1, "{done:?}");
    assert!(reached.try_recv().is_ok(), "the site is asked itself: {done:?}");
    assert!(asked.try_recv().is_err());
}

#[test]
fn c_04_eight_requests_are_answered_at_once_and_the_others_come_again() {
    let office = furnished("");
    let slots = (0..8).map(|number| {
        let file = File::create(office.0.path(&format!(".sitegen/office/cgi-{number}.lock")));
        let file = file.unwrap();
        file.lock().unwrap();
        file
    });
    let mut slots: Vec<_> = slots.collect();
    says(&run(&mut request(&office)).out, &["Status: 503", "Retry-After: 30"]);
    slots.remove(3);
    says(&run(&mut request(&office)).out, &["Status: 401"]);
}

/// The post office, once it listens.
fn starts(office: &Office) -> Child {
    let mut program = std::process::Command::new(env!("CARGO_BIN_EXE_sitegen"));
    let mut child =
        program.arg("inbox").current_dir(office.0.0.path()).stderr(Stdio::piped()).spawn().unwrap();
    let mut said = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
    assert!(said.any(|line| line.contains(" listens at ")), "it ends");
    child
}

#[test]
fn d_12_who_is_killed_takes_nothing_along_and_can_be_started_again() {
    // Who follows cannot be reached.
    let office = furnished(
        "listen = \"127.0.0.1:0\"\nallow_addresses = [\"127.0.0.0/8\"]\n\
         resolve = [\"*:443:127.0.0.1:1\"]",
    );
    let uri = "https://party.example/ap/news/posts/1.json#create".to_owned();
    let post = "https://party.example/ap/news/posts/1.json".to_owned();
    let create = Activity { uri, kind: Kind::Create, post, body: "{}".to_owned() };
    let enqueue = |store: &_| queue::enqueue(store, "news", &create, then());
    assert_eq!(office.store().run(enqueue).unwrap(), 1);
    let site = contents(&office.0.path("public"));
    for _ in 0..2 {
        let mut running = starts(&office);
        running.kill().unwrap();
        running.wait().unwrap();
        assert_eq!(contents(&office.0.path("public")), site);
        assert_eq!((office.count("news"), office.queued()), ((1, 0), vec!["{}".to_owned()]));
    }
}
