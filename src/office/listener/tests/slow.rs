//! Clients that take their time, on a clock that does not wait for them.

use core::time::Duration;

use tokio::time::{Instant, sleep};

use super::client::{Office, status};
use crate::office::runtime::run_in_no_time;

/// The seconds until a client was hung up on that sends this and then a byte each second, and the
/// status of the answer it got before.
fn dripping(start: &'static str) -> (u64, u16) {
    run_in_no_time(async {
        let office = Office::new().await;
        let began = Instant::now();
        let mut reading = office.connect().await.unwrap().drip(start).await;
        let answer = reading.answer().await;
        reading.until_closed().await;
        assert_eq!(office.received(), 0);
        (began.elapsed().as_secs(), status(&answer))
    })
}

#[test]
fn d_05_a_head_has_ten_seconds_in_all() {
    assert_eq!(dripping("GET / HTTP/1.1\r\nA: "), (10, 0));
    assert_eq!(dripping("G"), (10, 0));
}

#[test]
fn d_05_a_body_has_twenty_seconds_in_all() {
    let (seconds, status) = dripping("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\n");
    assert_eq!(status, 408);
    assert!((20..=22).contains(&seconds), "{seconds}");
    let chunked = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n999\r\n";
    assert_eq!(dripping(chunked).1, 408);
}

#[test]
fn d_05_who_says_nothing_is_hung_up_on() {
    run_in_no_time(async {
        let office = Office::new().await;
        let began = Instant::now();
        let mut client = office.connect().await.unwrap();
        assert_eq!(client.until_closed().await, 0);
        assert_eq!(began.elapsed().as_secs(), 10);
    });
}

#[test]
fn d_05_between_two_requests_there_are_thirty_seconds() {
    run_in_no_time(async {
        let office = Office::new().await;
        let mut client = office.sent("GET / HTTP/1.1\r\nHost: x\r\n\r\n").await;
        assert_eq!(status(&client.answer().await), 202);
        let began = Instant::now();
        client.until_closed().await;
        assert_eq!(began.elapsed().as_secs(), 30);
    });
}

#[test]
fn d_05_the_next_request_has_ten_seconds_again() {
    run_in_no_time(async {
        let office = Office::new().await;
        let mut client = office.sent("GET / HTTP/1.1\r\nHost: x\r\n\r\n").await;
        assert_eq!(status(&client.answer().await), 202);
        sleep(Duration::from_secs(25)).await;
        let began = Instant::now();
        client.send("GET / HT").await;
        client.until_closed().await;
        assert_eq!(began.elapsed().as_secs(), 10);
    });
}

#[test]
fn d_05_who_does_not_take_the_answer_is_hung_up_on() {
    run_in_no_time(async {
        let office = Office::new().await;
        let mut client = office.sent("GET /large HTTP/1.1\r\nHost: x\r\n\r\n").await;
        // Longer than the deadline for taking it.
        sleep(Duration::from_secs(60)).await;
        assert_eq!(office.received(), 1);
        assert!(client.until_closed().await < 32 << 20);
    });
}

#[test]
fn d_05_an_answer_has_thirty_seconds() {
    run_in_no_time(async {
        let office = Office::new().await;
        let began = Instant::now();
        let mut client = office.sent("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n").await;
        assert_eq!(client.until_closed().await, 0);
        assert_eq!((began.elapsed().as_secs(), office.received()), (30, 0));
    });
}
