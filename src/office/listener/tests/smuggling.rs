//! Requests that two programs may read differently.

use super::client::Office;
use crate::office::runtime::run;

/// Every one of them is refused, the connection is closed, and nobody hears of it.
fn refused(texts: &[&str]) {
    run(async {
        for text in texts {
            let office = Office::new().await;
            let mut client = office.sent(text).await;
            let answer = client.answer().await;
            assert!(answer.starts_with("HTTP/1.1 400 "), "{text:?}: {answer}");
            assert!(answer.to_ascii_lowercase().contains("\r\nconnection: close\r\n"), "{answer}");
            client.end().await;
            assert_eq!(client.until_closed().await, 0, "{text:?}");
            assert_eq!(office.received(), 0, "{text:?}");
        }
    })
    .unwrap();
}

/// A POST with these lines in its head, and a body.
fn posts(lines_and_body: &[&str]) {
    let post = |lines: &&str| format!("POST / HTTP/1.1\r\nHost: x\r\n{lines}");
    let texts: Vec<String> = lines_and_body.iter().map(post).collect();
    refused(&texts.iter().map(String::as_str).collect::<Vec<_>>());
}

#[test]
fn s_17_a_header_with_a_line_end_a_nul_or_more_than_ascii_is_refused() {
    posts(&[
        "A: b\r\n c\r\n\r\n",
        "A: b\r\n\tc\r\n\r\n",
        "A: b\rc\r\n\r\n",
        "A: b\nB: c\r\n\r\n",
        "A: b\0c\r\n\r\n",
        "A\0: b\r\n\r\n",
        "A: \u{e9}\r\n\r\n",
        "A: \u{1}\r\n\r\n",
        "A: \u{7f}\r\n\r\n",
        "A : b\r\n\r\n",
        " A: b\r\n\r\n",
        ": b\r\n\r\n",
        "A\r\n\r\n",
        "A: b\n\n",
        "A: b\r\n\n",
    ]);
    refused(&[
        "POST / HTTP/1.1\nHost: x\n\n",
        "\r\nPOST / HTTP/1.1\r\nHost: x\r\n\r\n",
        "\nPOST / HTTP/1.1\r\nHost: x\r\n\r\n",
    ]);
}

#[test]
fn d_11_a_message_with_two_lengths_is_refused() {
    posts(&[
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
        "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
        "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
        "Content-Length: 5, 5\r\n\r\nhello",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ]);
}

#[test]
fn d_11_a_length_that_is_no_number_is_refused() {
    posts(&[
        "Content-Length: +5\r\n\r\nhello",
        "Content-Length: -5\r\n\r\nhello",
        "Content-Length: 0x5\r\n\r\nhello",
        "Content-Length: 5 5\r\n\r\nhello",
        "Content-Length: \r\n\r\nhello",
        "Content-Length: 99999999999999999999999999\r\n\r\nhello",
    ]);
}

#[test]
fn d_11_other_encodings_are_refused() {
    posts(&[
        "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: identity, chunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: identity\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: \u{b}chunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding:\r\n\r\n0\r\n\r\n",
    ]);
    refused(&["POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"]);
}

#[test]
fn d_11_broken_chunks_are_refused() {
    let chunks = |chunks: &str| format!("Transfer-Encoding: chunked\r\n\r\n{chunks}");
    for broken in [
        "10000000000000000\r\nhello\r\n0\r\n\r\n",
        "ffffffffffffffff1\r\nhello\r\n0\r\n\r\n",
        "+5\r\nhello\r\n0\r\n\r\n",
        "-5\r\nhello\r\n0\r\n\r\n",
        "0x5\r\nhello\r\n0\r\n\r\n",
        "5\nhello\r\n0\r\n\r\n",
        "5\r\nhelloX\r\n0\r\n\r\n",
        "5\r\nhello0\r\n\r\n",
        "\r\nhello\r\n0\r\n\r\n",
        "x\r\nhello\r\n0\r\n\r\n",
    ] {
        posts(&[&chunks(broken)]);
    }
}

#[test]
fn d_11_a_request_without_one_host_or_for_a_proxy_is_refused() {
    refused(&[
        "GET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nHost: x\r\n\r\n",
        "GET http://x/ HTTP/1.1\r\nHost: x\r\n\r\n",
        "CONNECT x:443 HTTP/1.1\r\nHost: x\r\n\r\n",
        "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET  / HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /\u{e9} HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET / HTTP/3.0\r\nHost: x\r\n\r\n",
        "hello\r\n\r\n",
    ]);
}

#[test]
fn d_11_what_comes_in_one_piece_with_a_request_is_not_read_as_another() {
    run(async {
        let first = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello";
        let second = "POST /two HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n";
        let office = Office::new().await;
        assert_eq!(office.answer(format!("{first}{second}")).await, (202, true));
        // In the middle of the first.
        let mut client = office.sent(&first[..first.len() - 1]).await;
        client.send(format!("o{second}")).await;
        assert!(client.answer().await.contains("connection: close"));
        assert_eq!(client.until_closed().await, 0);
        assert_eq!(office.received(), 2);
        // What comes while it is being answered is one of its own.
        let mut client = office.sent(first.replace("POST /", "POST /slow")).await;
        while office.noting.waiting.get() == 0 {
            tokio::task::yield_now().await;
        }
        client.send(second).await;
        office.noting.go_on.notify_one();
        for target in ["/slow", "/two"] {
            assert!(client.answer().await.starts_with("HTTP/1.1 202 "));
            let received = office.noting.received.borrow();
            assert!(received.iter().any(|request| request.target == target));
        }
    })
    .unwrap();
}
