//! `sitegen doctor` as a program, against a small site with a real certificate on this machine.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::Arc;

use rcgen::{
    BasicConstraints, Certificate, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd,
};
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use serde_json::json;

use crate::fixture::site;
use crate::folder::{Folder, Run, json};

const BASE: &str = "https://www.party.example";
const KEY: &str = include_str!("../../src/doctor/tests/key.pem");

/// What a path answers: its type and its body.
fn page(path: &str) -> Option<(&'static str, String)> {
    let activity = "application/activity+json";
    let namespace = "https://www.w3.org/ns/activitystreams";
    let id = |name: &str| format!("{BASE}/ap/news/{name}");
    let actor = id("actor.json");
    let (path, _) = path.split_once('?').unwrap_or((path, ""));
    Some(match path {
        "/" => ("text/html; charset=utf-8", "<!doctype html><title>The Party</title>".to_owned()),
        "/.well-known/webfinger" => {
            let links = json!([{"rel": "self", "type": activity, "href": actor}]);
            let jrd = json!({"subject": "acct:news@www.party.example", "links": links});
            ("application/jrd+json", jrd.to_string())
        }
        "/ap/news/actor.json" => {
            let key =
                json!({"id": format!("{actor}#main-key"), "owner": actor, "publicKeyPem": KEY});
            let profile = json!({
                "@context": [namespace], "id": actor, "type": "Organization", "name": "News",
                "preferredUsername": "news", "inbox": id("inbox"), "outbox": id("outbox.json"),
                "url": format!("{BASE}/"), "manuallyApprovesFollowers": true, "publicKey": key,
            });
            (activity, profile.to_string())
        }
        "/ap/news/index.json" => ("application/json", json!({"serial": 1}).to_string()),
        "/ap/news/outbox.json" => {
            let outbox = json!({"id": id("outbox.json"), "totalItems": 0, "orderedItems": []});
            (activity, outbox.to_string())
        }
        _ => return None,
    })
}

/// A certificate authority, and a certificate from it for a name up to a year.
fn certificate(name: &str, until: i32) -> (String, Arc<ServerConfig>) {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
    (params.not_before, params.not_after) = (date_time_ymd(2020, 1, 1), date_time_ymd(until, 1, 1));
    let key = KeyPair::generate().unwrap();
    let certificate = params.signed_by(&key, &authority).unwrap();
    (authority.pem(), showing(&certificate, &key))
}

/// A certificate that a server has made itself, as `openssl req -x509` does, or without the mark of
/// an authority.
fn self_made(is_ca: IsCa) -> Arc<ServerConfig> {
    let mut params = CertificateParams::new(vec!["www.party.example".to_owned()]).unwrap();
    params.is_ca = is_ca;
    let key = KeyPair::generate().unwrap();
    showing(&params.self_signed(&key).unwrap(), &key)
}

fn showing(certificate: &Certificate, key: &KeyPair) -> Arc<ServerConfig> {
    let key = PrivatePkcs8KeyDer::from(key.serialize_der()).into();
    let config =
        ServerConfig::builder_with_provider(rustls::crypto::ring::default_provider().into())
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .unwrap();
    Arc::new(config)
}

/// Whatever is said, this is the answer.
fn serve_bytes(answer: &'static [u8]) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(answer);
            // It would be lost if we went away before all that was said has come.
            let _ = std::io::copy(&mut stream, &mut std::io::sink());
        }
    });
    port
}

/// Answers for as long as the test runs.
fn serve(config: Arc<ServerConfig>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let connection = ServerConnection::new(Arc::clone(&config)).unwrap();
            let mut stream = BufReader::new(StreamOwned::new(connection, stream.unwrap()));
            let mut line = String::new();
            // A visitor who does not trust the certificate goes away.
            if stream.read_line(&mut line).is_err() {
                continue;
            }
            let mut words = line.split(' ');
            let (method, path) = (words.next().unwrap(), words.next().unwrap_or_default());
            let mut length = 0;
            for line in stream.by_ref().lines().map_while(Result::ok) {
                if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length: ") {
                    length = value.parse().unwrap();
                }
                if line.is_empty() {
                    break;
                }
            }
            std::io::copy(&mut stream.by_ref().take(length), &mut std::io::sink()).unwrap();
            let answer = if method == "GET" { page(path) } else { None };
            let (status, kind, body) = match answer {
                Some((kind, body)) => ("200 OK", kind, body),
                None => ("404 Not Found", "text/html", "<!doctype html><p>No.".to_owned()),
            };
            let length = body.len();
            let head = format!(
                "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n\
                 Connection: close\r\n\r\n"
            );
            let stream = stream.get_mut();
            let _ =
                stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body.as_bytes()));
            stream.conn.send_close_notify();
            let _ = stream.flush();
        }
    });
    port
}

/// Asks the small site with such a certificate.
fn doctor(name: &str, until: i32, trust: bool, code: i32, options: &str) -> Run {
    let (authority, config) = certificate(name, until);
    let folder = Folder::empty();
    folder.write("ca.pem", authority);
    let ca = if trust {
        format!(" --ca-file {}", folder.path("ca.pem").display())
    } else {
        String::new()
    };
    folder.expect(code, &format!("{}{ca} {options}", doctor_at(serve(config))))
}

/// The command that finds the small site at a port of this machine.
fn doctor_at(port: u16) -> String {
    // Nothing listens where the unencrypted site would be.
    format!(
        "doctor {BASE} --allow-address 127.0.0.1 --resolve www.party.example:80:127.0.0.1:1 \
         --resolve www.party.example:443:127.0.0.1:{port}"
    )
}

#[test]
fn a_small_site_is_found_and_readable() {
    let run = doctor("www.party.example", 2100, true, 0, "--format json");
    let lines = json(&run.out);
    let summary = lines.last().unwrap();
    assert_eq!(summary["kind"], "summary", "{}", run.out);
    assert_eq!(summary["broken"], 0, "{}", run.out);
    assert_eq!(summary["level"], "found and readable");
    let missing = lines.iter().filter(|line| line["check"] == "headers");
    assert_eq!(missing.count(), 4, "{}", run.out);
}

#[test]
fn in_the_folder_of_the_site_a_live_site_that_is_older_is_noticed() {
    let config = format!("base_url = \"{BASE}\"\ntitle = \"A\"\n[[actors]]\nuser = \"news\"\n");
    let folder = site("").with("site.toml", config).with("keys/news.pem", KEY).on_disk();
    let (authority, config) = certificate("www.party.example", 2100);
    folder.write("ca.pem", authority);
    let ask = format!("{} --ca-file ca.pem", doctor_at(serve(config)));
    let is_said = || folder.run(&ask).out.contains("warning[deployed] (@news): GET ");
    assert!(!is_said(), "nothing is built here");
    folder.expect(0, "build");
    assert!(!is_said(), "the state that is live");
    folder.write("content/a.md", "+++\ntitle = \"A\"\ndate = 2026-05-01\n+++\nNew.\n");
    folder.expect(0, "build");
    assert!(is_said(), "{}", folder.run(&ask).out);
}

#[test]
fn people_see_what_is_wrong_and_a_table() {
    let run = doctor("www.party.example", 2100, true, 0, "");
    assert!(run.out.contains("warning[picture] (@news): GET "), "{}", run.out);
    assert!(run.out.contains("\nMastodon       yes             yes "), "{}", run.out);
    let quiet = doctor("www.party.example", 2100, true, 0, "-q");
    assert_eq!(quiet.out, "");
}

#[test]
fn a_certificate_that_cannot_be_trusted_is_named() {
    let cases = [
        ("www.party.example", 2021, true, "the certificate has expired"),
        ("party.example", 2100, true, "the certificate is for another name"),
        ("www.party.example", 2100, false, "not from an authority that browsers know"),
    ];
    for (name, until, trust, words) in cases {
        let run = doctor(name, until, trust, 1, "");
        assert!(run.out.contains("broken[https]: GET https://www.party.example/"), "{}", run.out);
        assert!(run.out.contains(words), "{}", run.out);
    }
}

#[test]
fn what_is_wrong_with_the_encryption_is_said_in_plain_words() {
    let authority = IsCa::Ca(BasicConstraints::Unconstrained);
    let no_name = b"\x15\x03\x03\0\x02\x02\x70";
    let handshake_failure = b"\x15\x03\x03\0\x02\x02\x28";
    let plain = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n";
    let cases = [
        (serve(self_made(authority)), "the certificate is self-made", "Let's Encrypt"),
        (serve(self_made(IsCa::NoCa)), "not from an authority that browsers know", "Let's Encrypt"),
        (serve_bytes(no_name), "the server has no certificate for this name", "tell the host"),
        (serve_bytes(handshake_failure), "no way to encrypt that others know", "TLS 1.2 and 1.3"),
        (serve_bytes(plain), "what answers there is not encrypted", "switch https on"),
    ];
    for (port, words, mend) in cases {
        let run = Folder::empty().expect(1, &doctor_at(port));
        assert!(run.out.contains("broken[https]: GET https://www.party.example/"), "{}", run.out);
        assert!(run.out.contains(words) && run.out.contains(mend), "{words}: {}", run.out);
    }
}

#[test]
fn addresses_in_a_house_are_asked_only_when_that_is_allowed() {
    let folder = Folder::empty();
    for url in ["http://127.0.0.1:1", "localhost:1", "https://[::1]/", "https://2130706433/"] {
        let run = folder.expect(1, &format!("doctor {url}"));
        assert!(run.out.contains("is not a public address"), "{url}: {}", run.out);
        assert!(run.out.contains("`--allow-address`"), "{url}: {}", run.out);
    }
    let run = folder.expect(1, "doctor http://127.0.0.1:1 --allow-address 127.0.0.0/8");
    assert!(run.out.contains("nothing listens there"), "{}", run.out);
}

#[test]
fn what_makes_no_sense_is_said_before_anybody_is_asked() {
    let folder = Folder::empty();
    folder.write("ca.pem", "no certificate");
    assert!(folder.expect(2, "doctor").err.contains("there is no site.toml"));
    assert!(folder.expect(2, "doctor ftp://party.example").err.contains("is no address"));
    assert!(folder.expect(2, "doctor x.example --ca-file ca.pem").err.contains("no certificate"));
    let wrong = folder.expect(2, "doctor x.example --allow-address 10.0.0.0/99");
    assert!(wrong.err.contains("is no address"), "{}", wrong.err);
    assert!(folder.expect(2, "doctor x.example --resolve x:y").err.contains("NAME:PORT:ADDRESS"));
}
