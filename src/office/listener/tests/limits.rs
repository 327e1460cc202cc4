//! Requests that are too large, and connections that are too many.

use super::client::{Client, Office, status};
use crate::office::listener::Settings;
use crate::office::runtime::run;

const POST: &str = "POST / HTTP/1.1\r\nHost: x\r\n";

#[test]
fn a_head_has_at_most_8_kb_and_64_fields() {
    run(async {
        let office = Office::new().await;
        let padded = |length: usize| {
            let start = format!("{POST}Content-Length: 0\r\nA: ");
            let rest = length - start.len() - 4;
            format!("{start}{}\r\n\r\n", "x".repeat(rest))
        };
        assert_eq!(office.answer(padded(8 << 10)).await.0, 202);
        assert_eq!(office.answer(padded((8 << 10) + 1)).await.0, 431);
        assert_eq!(office.answer(padded(1 << 20)).await.0, 431);
        let fields = |count: usize| format!("{POST}{}\r\n", "A: b\r\n".repeat(count - 1));
        assert_eq!(office.answer(fields(64)).await.0, 202);
        assert_eq!(office.answer(fields(65)).await.0, 431);
        assert_eq!(office.answer(format!("GET /{} HTTP", "x".repeat(9000))).await.0, 431);
        assert_eq!(office.received(), 2);
    })
    .unwrap();
}

#[test]
fn d_01_a_body_that_is_declared_too_large_is_refused_at_once() {
    run(async {
        let office = Office::new().await;
        for length in ["262145", "1073741824", "9223372036854775807"] {
            let text = format!("{POST}Content-Length: {length}\r\n\r\n");
            assert_eq!(office.answer(text).await, (413, true), "{length}");
        }
        assert_eq!(office.received(), 0);
    })
    .unwrap();
}

#[test]
fn d_01_a_client_that_sends_on_sees_why_it_is_refused() {
    run(async {
        let office = Office::new().await;
        let text = format!("{POST}Content-Length: 300000\r\n\r\n{}", "x".repeat(200_000));
        assert_eq!(office.answer(text).await, (413, true));
    })
    .unwrap();
}

#[test]
fn d_01_chunks_without_end_are_cut_after_256_kb() {
    run(async {
        let office = Office::new().await;
        let chunk = format!("4000\r\n{}\r\n", "x".repeat(1 << 14));
        let head = format!("{POST}Transfer-Encoding: chunked\r\n\r\n");
        let just = format!("{head}{}0\r\n\r\n", chunk.repeat(16));
        assert_eq!(office.answer(just).await.0, 202);
        let mut client = office.sent(format!("{head}{}", chunk.repeat(16))).await;
        client.send("1\r\nx\r\n").await;
        assert_eq!(status(&client.answer().await), 413);
        assert_eq!(office.received(), 1);
    })
    .unwrap();
}

#[test]
fn d_01_a_body_that_ends_early_is_refused() {
    run(async {
        let office = Office::new().await;
        for start in ["Content-Length: 6\r\n\r\nhello", "Transfer-Encoding: chunked\r\n\r\n6\r\nhi"]
        {
            let mut client = office.sent(format!("{POST}{start}")).await;
            client.end().await;
            assert_eq!(status(&client.answer().await), 400);
            assert_eq!(client.until_closed().await, 0);
        }
        assert_eq!(office.received(), 0);
    })
    .unwrap();
}

/// A post office that takes few connections.
async fn small() -> Office {
    Office::with(Settings { connections_max: 20, ..Settings::default() }).await
}

/// Waits until the post office has done all it can do.
async fn settled() {
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
}

async fn many(office: &Office, count: usize, text: &str) -> Vec<Client> {
    let mut clients = Vec::new();
    for _ in 0..count {
        clients.push(office.sent(text).await);
        settled().await;
    }
    clients
}

#[test]
fn d_05_the_slowest_makes_room_for_the_next() {
    run(async {
        let office = small().await;
        let mut slow = many(&office, 20, &POST[..20]).await;
        for _ in 0..5 {
            let answer = office.answer(format!("{POST}\r\n")).await;
            assert_eq!(answer, (202, false));
        }
        // Of those that were answered each made room for the next.
        assert_eq!(slow[0].until_closed().await, 0);
        for client in &mut slow[1..] {
            client.send(format!("{}\r\n", &POST[20..])).await;
            assert_eq!(status(&client.answer().await), 202);
        }
    })
    .unwrap();
}

#[test]
fn d_05_a_slow_body_makes_room_too_but_who_waits_for_an_answer_does_not() {
    run(async {
        let office = small().await;
        let mut waiting = many(&office, 10, "GET /slow HTTP/1.1\r\nHost: x\r\n\r\n").await;
        let body = format!("{POST}Content-Length: 9\r\n\r\nhello");
        let mut slow = many(&office, 10, &body).await;
        let mut more = many(&office, 20, POST).await;
        for client in slow.iter_mut().chain(&mut more[..10]) {
            assert_eq!(client.until_closed().await, 0);
        }
        for client in &mut waiting {
            office.noting.go_on.notify_one();
            assert_eq!(status(&client.answer().await), 202);
        }
    })
    .unwrap();
}

#[test]
fn d_05_when_all_wait_for_an_answer_nobody_is_let_in() {
    run(async {
        let office = small().await;
        let mut waiting = many(&office, 20, "GET /slow HTTP/1.1\r\nHost: x\r\n\r\n").await;
        let mut next = office.connect().await.unwrap();
        assert_eq!(next.until_closed().await, 0);
        office.noting.go_on.notify_waiters();
        for client in &mut waiting {
            assert_eq!(status(&client.answer().await), 202);
        }
    })
    .unwrap();
}

#[test]
fn d_05_bodies_that_do_not_come_to_an_end_have_8_mb_together() {
    run(async {
        let office = Office::new().await;
        let (head, most) = (format!("{POST}Content-Length: 262144\r\n\r\n"), 260_000);
        let mut slow = many(&office, 34, &format!("{head}{}", "x".repeat(most))).await;
        // What is held is known when the last one is.
        let text = format!("{POST}Content-Length: 9\r\n\r\nhello");
        let mut honest = office.sent(text).await;
        while office.received() == 0 {
            honest.send("1234").await;
            settled().await;
        }
        assert_eq!(status(&honest.answer().await), 202);
        let mut closed = 0;
        for client in &mut slow {
            client.send("x".repeat((256 << 10) - most)).await;
            if status(&client.answer().await) == 0 {
                closed += 1;
            }
        }
        assert!((2..=10).contains(&closed), "{closed}");
    })
    .unwrap();
}
