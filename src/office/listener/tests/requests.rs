//! Requests as they should be.

use core::time::Duration;

use super::client::{Office, status};
use crate::net::address::AddressRange;
use crate::office::listener::{Received, Settings, is_of_one_connection};
use crate::office::runtime::{run, run_in_no_time};

const POST: &str = "POST /inbox HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello";

/// What is received when a client sends something.
fn received(text: &str, settings: Settings) -> Received {
    run(async {
        let office = Office::with(settings).await;
        assert_eq!(office.answer(text).await.0, 202, "{text}");
        office.noting.received.take().pop().unwrap()
    })
    .unwrap()
}

#[test]
fn a_request_is_received_as_it_came() {
    let text = "POST /ap/news/inbox?a=%20&b HTTP/1.1\r\nHOST: party.example\r\n\
        Signature: a=\"b\"\r\nDate: 1\r\nsignature:  c\r\nContent-Length: 5\r\n\r\nhe\0lo";
    let request = received(text, Settings::default());
    assert_eq!((&*request.method, &*request.target), ("POST", "/ap/news/inbox?a=%20&b"));
    assert_eq!(&*request.body, b"he\0lo");
    assert!(request.client.is_loopback());
    let headers = [
        ("HOST", "party.example"),
        ("Signature", "a=\"b\""),
        ("Date", "1"),
        ("signature", "c"),
        ("Content-Length", "5"),
    ];
    assert_eq!(request.headers, headers.map(|(name, value)| (name.into(), value.into())));
}

#[test]
fn an_answer_says_what_it_was_told() {
    run(async {
        let office = Office::new().await;
        let answer = office.sent(POST).await.answer().await;
        assert!(answer.starts_with("HTTP/1.1 202 Accepted\r\n"), "{answer}");
        assert!(answer.contains("\r\nx-kind: thanks\r\n") && answer.ends_with("\r\n\r\nok"));
        assert!(!answer.contains("connection: close"), "{answer}");
    })
    .unwrap();
}

#[test]
fn requests_may_follow_each_other_on_a_connection() {
    run(async {
        let office = Office::new().await;
        let mut client = office.connect().await.unwrap();
        for number in 1..=5 {
            // However they come.
            client.send(&POST[..10 * number]).await;
            client.send(&POST[10 * number..]).await;
            assert_eq!((status(&client.answer().await), office.received()), (202, number));
            client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n").await;
            assert_eq!(status(&client.answer().await), 202);
            office.noting.received.borrow_mut().pop();
        }
    })
    .unwrap();
}

#[test]
fn a_chunked_body_is_put_together_and_the_last_of_its_connection() {
    run(async {
        let office = Office::new().await;
        let text = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n\
            2\r\nhe\r\n3;a=b\r\nllo\r\n0\r\n\r\n";
        assert_eq!(office.answer(text).await, (202, true));
        assert_eq!(office.noting.received.borrow()[0].body, b"hello");
    })
    .unwrap();
}

#[test]
fn an_old_client_is_answered() {
    run(async {
        let office = Office::new().await;
        let mut client = office.sent("GET / HTTP/1.0\r\n\r\n").await;
        assert_eq!(status(&client.answer().await), 202);
        assert_eq!(client.until_closed().await, 0);
        let mut client = office.sent(POST.replace("/1.1", "/1.0")).await;
        assert_eq!(status(&client.answer().await), 202);
    })
    .unwrap();
}

#[test]
fn a_client_that_asks_first_is_told_to_go_on() {
    run(async {
        let office = Office::new().await;
        let head = POST.replace("\r\n\r\nhello", "\r\nExpect: 100-continue\r\n\r\n");
        let mut client = office.sent(&head).await;
        assert_eq!(client.answer().await, "HTTP/1.1 100 Continue\r\n\r\n");
        client.send("hello").await;
        assert_eq!(status(&client.answer().await), 202);
        // Not when we do not want it.
        let large = head.replace(": 5", ": 500000");
        assert_eq!(office.answer(large).await, (413, true));
    })
    .unwrap();
}

#[test]
fn a_client_that_sends_nothing_more_gets_its_answer() {
    run(async {
        let office = Office::new().await;
        let mut client = office.sent(POST.replace("/inbox", "/slow")).await;
        client.end().await;
        office.noting.go_on.notify_one();
        assert_eq!(status(&client.answer().await), 202);
        assert_eq!(client.until_closed().await, 0);
    })
    .unwrap();
}

#[test]
fn a_request_is_worked_on_although_the_client_has_gone() {
    run(async {
        let office = Office::new().await;
        drop(office.sent(POST.replace("/inbox", "/slow")).await);
        while office.noting.waiting.get() == 0 {
            tokio::task::yield_now().await;
        }
        office.noting.go_on.notify_one();
        while office.received() == 0 {
            tokio::task::yield_now().await;
        }
    })
    .unwrap();
}

#[test]
fn d_10_only_a_trusted_proxy_is_believed() {
    let text = "GET / HTTP/1.1\r\nHost: inner\r\nX-Forwarded-For: 6.6.6.6, 1.1.1.1\r\n\
        X-Forwarded-Host: party.example\r\n\r\n";
    let host = |request: &Received| request.headers[0].1.clone();
    let stranger = received(text, Settings::default());
    assert!(stranger.client.is_loopback());
    assert_eq!(host(&stranger), "inner");
    let trusted_proxies: Vec<AddressRange> = vec!["127.0.0.0/8".parse().unwrap()];
    let proxy = received(text, Settings { trusted_proxies, ..Settings::default() });
    assert_eq!(proxy.client.to_string(), "1.1.1.1");
    assert_eq!(host(&proxy), "party.example");
}

#[test]
fn at_the_end_what_has_begun_is_finished() {
    run(async {
        let office = Office::new().await;
        let mut idle = office.sent(POST).await;
        assert_eq!(status(&idle.answer().await), 202);
        let mut new = office.connect().await.unwrap();
        let mut busy = office.sent(POST.replace("/inbox", "/slow")).await;
        while office.noting.waiting.get() == 0 {
            tokio::task::yield_now().await;
        }
        office.stop();
        assert_eq!((idle.until_closed().await, new.until_closed().await), (0, 0));
        assert!(office.connect().await.is_none());
        office.noting.go_on.notify_one();
        assert_eq!(status(&busy.answer().await), 202);
        assert_eq!(busy.until_closed().await, 0);
        office.task.await.unwrap();
    })
    .unwrap();
}

#[test]
fn at_the_end_nobody_is_waited_for_for_long() {
    run_in_no_time(async {
        let office = Office::new().await;
        let mut clients = vec![
            office.sent(POST.replace("/inbox", "/slow")).await,
            office.sent("POST / HTTP/1.1\r\n").await,
            office.sent(&POST[..POST.len() - 1]).await,
        ];
        while office.noting.waiting.get() == 0 {
            tokio::task::yield_now().await;
        }
        let start = tokio::time::Instant::now();
        office.stop();
        office.task.await.unwrap();
        assert_eq!(start.elapsed().as_secs(), 5);
        for client in &mut clients {
            assert_eq!(client.until_closed().await, 0);
        }
    });
}

#[test]
fn a_connection_that_breaks_before_it_is_accepted_is_no_reason_to_wait() {
    let error = |code| std::io::Error::from_raw_os_error(code);
    let (aborted, no_descriptors) = (103, 24);
    assert!(is_of_one_connection(&error(aborted)));
    assert!(!is_of_one_connection(&error(no_descriptors)));
    assert!(Settings::default().header_deadline == Duration::from_secs(10));
}
