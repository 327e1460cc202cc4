//! What servers answer, and what is made of it.

use super::peer::{Act, Peer, say};
use super::{get, post, url};
use crate::office::runtime::{run, run_in_no_time};
use crate::office::transport::{Answer, TransportError};

const HERE: &str = "https://peer.example/a";

/// Asks a server that gives the same answer again and again.
fn answered(act: impl Fn() -> Act + 'static) -> Result<Answer, TransportError> {
    run(async {
        let peer = Peer::new(move |_, _| act()).await;
        get(&peer.transport(), HERE).await
    })
    .unwrap()
}

/// The same where no end comes, with the seconds it took on a clock that does not wait.
fn answered_in_no_time(act: impl Fn() -> Act + 'static) -> (Result<Answer, TransportError>, u64) {
    run_in_no_time(async {
        let peer = Peer::new(move |_, _| act()).await;
        let transport = peer.transport();
        let start = tokio::time::Instant::now();
        let answer = get(&transport, HERE).await;
        (answer, start.elapsed().as_secs())
    })
}

#[test]
fn a_request_carries_what_was_signed_and_says_who_asks_for_what() {
    run(async {
        let peer = Peer::new(|_, _| {
            let head = "200 OK\r\nContent-Type: a/b\r\nDate: today\r\nRetry-After: 7";
            say(head, "hello")
        })
        .await;
        let sign = |_: &url::Url| {
            vec![("Host", "peer.example".to_owned()), ("Signature", "keyId=\"x\"".to_owned())]
        };
        let address = url("https://peer.example/a/b?c=d%20e#part");
        let answer = peer.transport().get(&address, "text/x", &sign).await.unwrap();
        assert_eq!((answer.status, &*answer.body), (200, &b"hello"[..]));
        assert_eq!(answer.content_type.as_deref(), Some("a/b"));
        assert_eq!(answer.date.as_deref(), Some("today"));
        assert_eq!(answer.retry_after.as_deref(), Some("7"));
        let asked = &peer.asked()[0];
        assert!(asked.starts_with("GET /a/b?c=d%20e HTTP/1.1\r\n"), "{asked}");
        for line in [
            "host: peer.example",
            "signature: keyId=\"x\"",
            "accept: text/x",
            "accept-encoding: identity",
            "user-agent: sitegen/0 (+https://party.example/)",
        ] {
            assert!(asked.contains(&format!("\r\n{line}\r\n")), "{line} in {asked}");
        }
    })
    .unwrap();
}

#[test]
fn a_message_arrives_whole() {
    run(async {
        let peer = Peer::new(|_, _| say("202 Accepted", "thanks")).await;
        let answer = post(&peer.transport(), "https://peer.example/inbox").await.unwrap();
        assert_eq!((answer.status, answer.body.len()), (202, 0));
        let asked = &peer.asked()[0];
        assert!(asked.starts_with("POST /inbox HTTP/1.1\r\n"), "{asked}");
        assert!(asked.contains("\r\ncontent-length: 2\r\n") && asked.ends_with("\r\n\r\n{}"));
    })
    .unwrap();
}

#[test]
fn what_was_signed_for_another_host_is_not_sent() {
    run(async {
        let peer = Peer::new(|_, _| say("200 OK", "")).await;
        let sign = |_: &url::Url| vec![("Host", "other.example".to_owned())];
        let answer = peer.transport().get(&url(HERE), "a/b", &sign).await;
        assert_eq!(answer.unwrap_err(), TransportError::BadHeader("Host"));
        let sign = |_: &url::Url| vec![("Signature", "a\r\nb: c".to_owned())];
        let answer = peer.transport().get(&url(HERE), "a/b", &sign).await;
        assert_eq!(answer.unwrap_err(), TransportError::BadHeader("Signature"));
        assert_eq!(peer.connections(), 0);
    })
    .unwrap();
}

#[test]
fn n_03_a_redirect_to_another_origin_is_not_followed() {
    for location in [
        "https://other.example/a",
        "https://127.0.0.1/",
        "https://peer.example:8443/",
        "http://peer.example/a",
        "file:///etc/passwd",
        "data:application/json,{}",
        "gopher://peer.example/",
        "//other.example/a",
        "https://",
        "",
    ] {
        run(async {
            let head = format!("302 Found\r\nLocation: {location}");
            let peer = Peer::new(move |_, _| say(&head, "")).await;
            let problem = get(&peer.transport(), HERE).await.unwrap_err();
            assert_eq!(problem, TransportError::Redirect, "{location}");
            // An empty one leads to where it stands.
            assert_eq!(peer.asked().len(), if location.is_empty() { 2 } else { 1 }, "{location}");
        })
        .unwrap();
    }
}

#[test]
fn n_03_a_redirect_with_a_user_is_not_followed() {
    let act = || say("302 Found\r\nLocation: https://me@peer.example/b", "");
    assert!(matches!(answered(act), Err(TransportError::BadUrl(_))));
}

#[test]
fn n_03_one_redirect_on_the_same_server_is_followed_and_signed_anew() {
    run(async {
        let peer = Peer::new(|before, _| match before {
            0 => say("301 Moved\r\nLocation: /b?c", ""),
            _ => say("200 OK", "there"),
        })
        .await;
        let sign = |url: &url::Url| vec![("Signature", format!("of {}", url.path()))];
        let answer = peer.transport().get(&url(HERE), "a/b", &sign).await.unwrap();
        assert_eq!(&*answer.body, b"there");
        assert_eq!(answer.url, url("https://peer.example/b?c"));
        let asked = peer.asked();
        assert!(asked[0].starts_with("GET /a ") && asked[0].contains("signature: of /a\r\n"));
        assert!(asked[1].starts_with("GET /b?c ") && asked[1].contains("signature: of /b\r\n"));
    })
    .unwrap();
}

#[test]
fn n_03_a_loop_ends_after_one_step() {
    run(async {
        let peer = Peer::new(|_, _| say("308 Moved\r\nLocation: /a", "")).await;
        let answer = get(&peer.transport(), HERE).await;
        assert_eq!(answer.unwrap_err(), TransportError::Redirect);
        assert_eq!(peer.asked().len(), 2);
    })
    .unwrap();
}

#[test]
fn n_05_a_message_follows_no_redirect() {
    run(async {
        let peer = Peer::new(|_, _| say("307 There\r\nLocation: /b", "")).await;
        let answer = post(&peer.transport(), HERE).await.unwrap();
        assert_eq!((answer.status, peer.asked().len()), (307, 1));
    })
    .unwrap();
}

#[test]
fn n_07_a_compressed_answer_is_refused() {
    for encoding in ["gzip", "br", "identity, gzip", "x"] {
        let head = format!("200 OK\r\nContent-Encoding: {encoding}");
        let problem = answered(move || say(&head, "bomb")).unwrap_err();
        assert_eq!(problem, TransportError::Encoded, "{encoding}");
    }
    assert!(answered(|| say("200 OK\r\nContent-Encoding: Identity", "")).is_ok());
    // That a document has gone is said by the status alone.
    assert_eq!(answered(|| say("410 Gone\r\nContent-Encoding: gzip", "x")).unwrap().status, 410);
}

#[test]
fn n_08_an_answer_without_an_end_is_cut_after_ten_seconds() {
    for start in [
        "",
        "HTTP/1.1 200 OK\r\nX: ",
        "HTTP/1.1 200 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n800\r\n",
    ] {
        let act = move || Act::Drip(start.as_bytes().to_vec());
        let (answer, seconds) = answered_in_no_time(act);
        assert_eq!(answer.unwrap_err(), TransportError::TimeOut, "{start}");
        assert!(seconds <= 10, "{start}: {seconds}");
    }
}

#[test]
fn n_08_the_deadline_is_for_a_redirect_too() {
    let act = |before: usize| match before {
        0 => say("302 Found\r\nLocation: /b", ""),
        _ => Act::Drip(b"HTTP/1.1 200 OK\r\nX: ".to_vec()),
    };
    run_in_no_time(async {
        let peer = Peer::new(move |before, _| act(before)).await;
        let transport = peer.transport();
        let start = tokio::time::Instant::now();
        assert_eq!(get(&transport, HERE).await.unwrap_err(), TransportError::TimeOut);
        assert!(start.elapsed().as_secs() <= 10);
    });
}

#[test]
fn n_08_a_status_that_came_counts_although_the_rest_does_not_come() {
    run_in_no_time(async {
        let head = b"HTTP/1.1 202 Accepted\r\nContent-Length: 9\r\n\r\n";
        let peer = Peer::new(|_, _| Act::Drip(head.to_vec())).await;
        if let Ok(answer) = post(&peer.transport(), HERE).await {
            assert_eq!(answer.status, 202);
        }
    });
    run(async {
        let transport_of = |act: fn() -> Act| async move { Peer::new(move |_, _| act()).await };
        let large = transport_of(|| say("202 Accepted", &"x".repeat(1 << 20))).await;
        assert_eq!(post(&large.transport(), HERE).await.unwrap().status, 202);
        let lost = b"HTTP/1.1 202 Accepted\r\nContent-Length: 9\r\n\r\nx";
        let lost = Peer::new(|_, _| Act::Close(lost.to_vec())).await;
        assert_eq!(post(&lost.transport(), HERE).await.unwrap().status, 202);
    })
    .unwrap();
}

#[test]
fn n_08_large_and_many_headers_are_refused() {
    let long = format!("200 OK\r\nX: {}", "x".repeat(16 << 10));
    assert_eq!(answered(move || say(&long, "")).unwrap_err(), TransportError::TooLarge);
    let many = format!("200 OK{}", "\r\nX: y".repeat(101));
    assert_eq!(answered(move || say(&many, "")).unwrap_err(), TransportError::TooLarge);
    let many = format!("200 OK{}", "\r\nX: y".repeat(10_000));
    assert_eq!(answered(move || say(&many, "")).unwrap_err(), TransportError::TooLarge);
    let just = format!("200 OK\r\nX: {}{}", "x".repeat(15 << 10), "\r\nX: y".repeat(97));
    assert!(answered(move || say(&just, "")).is_ok());
}

#[test]
fn n_08_lengths_that_are_none_are_refused() {
    for lengths in ["-1", "+5", "0x5", "5\r\nContent-Length: 6", "99999999999999999999", "5, 6"] {
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {lengths}\r\n\r\nhello");
        let problem = answered(move || Act::Say(head.clone().into_bytes())).unwrap_err();
        assert_eq!(problem, TransportError::NotHttp, "{lengths}");
    }
    let chunks = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10000000000000000\r\nx";
    assert!(answered(move || Act::Say(chunks.as_bytes().to_vec())).is_err());
}

#[test]
fn n_08_half_an_answer_is_none() {
    let half = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello";
    assert_eq!(answered(|| Act::Close(half.to_vec())).unwrap_err(), TransportError::Lost);
    assert_eq!(answered(|| Act::Close(Vec::new())).unwrap_err(), TransportError::Lost);
    let other = || Act::Close(b"220 mail.example ESMTP\r\n".to_vec());
    assert_eq!(answered(other).unwrap_err(), TransportError::NotHttp);
}

#[test]
fn d_04_a_document_is_cut_at_256_kb() {
    let most = || say("200 OK", &"x".repeat(256 << 10));
    assert_eq!(answered(most).unwrap().body.len(), 256 << 10);
    let declared = b"HTTP/1.1 200 OK\r\nContent-Length: 52428800\r\n\r\n";
    assert_eq!(answered(|| Act::Say(declared.to_vec())).unwrap_err(), TransportError::TooLarge);
    let chunk = format!("10000\r\n{}\r\n", "x".repeat(1 << 16));
    let endless = move || {
        let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
        Act::Say(format!("{head}{}", chunk.repeat(8)).into_bytes())
    };
    assert_eq!(answered(endless).unwrap_err(), TransportError::TooLarge);
}

#[test]
fn a_document_that_is_not_there_is_an_answer() {
    let (status, large) = ("404 Not Found", "x".repeat(1 << 20));
    assert_eq!(answered(move || say(status, &large)).unwrap().status, 404);
}
