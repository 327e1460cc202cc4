//! Connections that are used again.

use core::time::Duration;

use super::peer::{Act, Peer, say};
use super::{get, post};
use crate::office::runtime::{run, run_in_no_time};
use crate::office::transport::TransportError;

#[test]
fn the_next_request_to_a_server_takes_the_same_connection() {
    run(async {
        let peer = Peer::new(|_, _| say("202 Accepted", "thanks")).await;
        let transport = peer.transport();
        for _ in 0..5 {
            post(&transport, "https://peer.example/inbox").await.unwrap();
            get(&transport, "https://PEER.example:443/").await.unwrap();
        }
        assert_eq!((peer.connections(), peer.asked().len()), (1, 10));
        get(&transport, "https://a.hosts.example/").await.unwrap();
        assert_eq!(peer.connections(), 2);
    })
    .unwrap();
}

#[test]
fn a_connection_that_the_server_has_closed_is_made_anew() {
    run(async {
        // It hangs up over every second request, without a word.
        let peer = Peer::new(|before, _| match before % 2 {
            0 => say("202 Accepted", ""),
            _ => Act::Close(Vec::new()),
        })
        .await;
        let transport = peer.transport();
        for _ in 0..3 {
            assert_eq!(post(&transport, "https://peer.example/").await.unwrap().status, 202);
        }
        assert_eq!((peer.asked().len(), peer.connections()), (5, 3));
    })
    .unwrap();
}

#[test]
fn a_new_connection_that_is_lost_is_not_tried_again() {
    run(async {
        let peer = Peer::new(|_, _| Act::Close(Vec::new())).await;
        let answer = post(&peer.transport(), "https://peer.example/").await;
        assert_eq!(answer.unwrap_err(), TransportError::Lost);
        assert_eq!(peer.connections(), 1);
    })
    .unwrap();
}

#[test]
fn few_connections_wait_and_none_for_long() {
    run(async {
        let peer = Peer::new(|_, _| say("200 OK", "")).await;
        let transport = peer.transport();
        for number in 0..70 {
            get(&transport, &format!("https://n{number}.hosts.example/")).await.unwrap();
        }
        assert_eq!((peer.connections(), transport.pool.len()), (70, 64));
        tokio::time::pause();
        tokio::time::sleep(Duration::from_secs(16)).await;
        assert_eq!(transport.pool.len(), 0);
    })
    .unwrap();
}

#[test]
fn what_is_not_read_to_the_end_is_not_used_again() {
    run(async {
        let peer = Peer::new(|_, _| say("404 Not Found", &"x".repeat(1 << 20))).await;
        let transport = peer.transport();
        get(&transport, "https://peer.example/").await.unwrap();
        assert_eq!(transport.pool.len(), 0);
    })
    .unwrap();
}

#[test]
fn a_server_that_does_not_shake_hands_is_given_up_after_ten_seconds() {
    run_in_no_time(async {
        let peer = Peer::new(|_, _| say("200 OK", "")).await;
        let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = silent.local_addr().unwrap().port();
        let mut policy = peer.policy();
        policy.pinned = vec![format!("*:443:127.0.0.1:{port}").parse().unwrap()];
        let transport = crate::office::transport::Transport::new(policy).unwrap();
        let start = tokio::time::Instant::now();
        let answer = get(&transport, "https://peer.example/").await;
        assert_eq!(answer.unwrap_err(), TransportError::TimeOut);
        assert!(start.elapsed().as_secs() <= 10);
    });
}
