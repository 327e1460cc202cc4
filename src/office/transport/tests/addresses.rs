//! Where strangers would like us to knock.

use core::cell::Cell;
use core::net::SocketAddr;
use std::rc::Rc;

use super::peer::{Act, Peer, say};
use super::{get, url};
use crate::office::runtime::run;
use crate::office::transport::{Policy, Transport, TransportError};

/// A transport for which every name has these addresses, and how often it has looked one up.
fn with_dns(policy: Policy, answers: Vec<SocketAddr>) -> (Transport, Rc<Cell<usize>>) {
    let lookups = Rc::new(Cell::new(0));
    let counted = Rc::clone(&lookups);
    let lookup = move |_: String, _: u16| {
        counted.set(counted.get() + 1);
        let answers = answers.clone();
        Box::pin(async move { Ok(answers) }) as _
    };
    let policy = Policy { pinned: Vec::new(), ..policy };
    (Transport::with_lookup(policy, Box::new(lookup)).unwrap(), lookups)
}

fn answer(text: &str) -> SocketAddr {
    SocketAddr::new(text.parse().unwrap(), 443)
}

/// What a policy without exceptions says of an address.
fn refused(transport: &Transport, address: &str) -> TransportError {
    run(get(transport, address)).unwrap().unwrap_err()
}

#[test]
fn n_01_no_special_address_is_connected_to() {
    // `net::address` has the whole table.
    let special = [
        "0.0.0.0",
        "10.0.0.1",
        "100.64.0.1",
        "127.0.0.1",
        "169.254.169.254",
        "172.16.0.1",
        "192.0.0.1",
        "192.168.1.1",
        "198.18.0.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::127.0.0.1",
        "::ffff:127.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b:1::1",
        "2001::1",
        "2002:7f00:1::",
        "fd00:ec2::254",
        "fe80::1",
        "fec0::1",
    ];
    let none = Transport::new(Policy::default()).unwrap();
    for text in special {
        let address = answer(text).ip();
        let (named, _) = with_dns(Policy::default(), vec![answer(text)]);
        let problem = TransportError::NotPublic(address);
        assert_eq!(refused(&named, "https://peer.example/"), problem, "{text}");
        let literal = if address.is_ipv6() { format!("[{text}]") } else { text.to_owned() };
        assert_eq!(refused(&none, &format!("https://{literal}/")), problem, "{text}");
    }
    for odd in ["0x7f.1", "2130706433", "127.1", "0177.0.0.1", "127.0.0.1."] {
        let problem = refused(&none, &format!("https://{odd}/"));
        assert_eq!(problem, TransportError::NotPublic([127, 0, 0, 1].into()), "{odd}");
    }
}

#[test]
fn n_02_a_name_with_one_private_address_is_refused() {
    run(async {
        let peer = Peer::new(|_, _| say("200 OK", "")).await;
        let good = SocketAddr::new([127, 0, 0, 1].into(), peer.port);
        let policy = || Policy { allowed: vec!["127.0.0.1".parse().unwrap()], ..peer.policy() };
        for bad in ["192.168.1.1", "127.0.0.2", "::1"] {
            let (transport, _) = with_dns(policy(), vec![good, answer(bad)]);
            let problem = get(&transport, "https://peer.example/").await.unwrap_err();
            assert_eq!(problem, TransportError::NotPublic(answer(bad).ip()));
            assert!(!problem.is_temporary());
        }
        let (transport, _) = with_dns(policy(), vec![good]);
        assert_eq!(get(&transport, "https://peer.example/").await.unwrap().status, 200);
        assert_eq!(peer.connections(), 1);
    })
    .unwrap();
}

#[test]
fn n_02_a_name_is_looked_up_once_for_each_connection() {
    run(async {
        let peer = Peer::new(|_, _| Act::Close(b"HTTP/1.0 200 OK\r\n\r\n".to_vec())).await;
        let good = SocketAddr::new([127, 0, 0, 1].into(), peer.port);
        let (transport, lookups) = with_dns(peer.policy(), vec![good]);
        for connections in 1..4 {
            get(&transport, "https://peer.example/").await.unwrap();
            assert_eq!((lookups.get(), peer.connections()), (connections, connections));
        }
    })
    .unwrap();
}

#[test]
fn n_04_other_schemes_ports_and_users_are_refused_before_the_dns_is_asked() {
    let (transport, lookups) = with_dns(Policy::default(), vec![answer("192.0.2.1")]);
    let long = format!("https://peer.example/{}", "a".repeat(10_000));
    for bad in [
        "http://peer.example/",
        "ftp://peer.example/",
        "file:///etc/passwd",
        "data:,x",
        "https://user@peer.example/",
        "https://:secret@peer.example/",
        &long,
    ] {
        let problem = refused(&transport, bad);
        assert!(matches!(problem, TransportError::BadUrl(_)), "{bad}: {problem}");
    }
    assert_eq!(lookups.get(), 0);
    let (transport, _) = with_dns(Policy::default(), vec![answer("8.8.8.8")]);
    for port in [22, 25, 80, 6379, 8443] {
        let problem = refused(&transport, &format!("https://peer.example:{port}/"));
        assert_eq!(problem, TransportError::BadUrl("only port 443 is asked"), "{port}");
    }
}

#[test]
fn n_09_of_a_hundred_addresses_sixteen_are_tried() {
    run(async {
        let peer = Peer::new(|_, _| say("200 OK", "")).await;
        // Nothing listens there: the port belongs to a socket that does not.
        let closed = tokio::net::TcpSocket::new_v4().unwrap();
        closed.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let closed = closed.local_addr().unwrap();
        let answers = |good_at: usize| {
            let mut answers = vec![closed; 100];
            answers[good_at] = SocketAddr::new([127, 0, 0, 1].into(), peer.port);
            answers
        };
        let (transport, _) = with_dns(peer.policy(), answers(15));
        assert_eq!(get(&transport, "https://peer.example/").await.unwrap().status, 200);
        let (transport, _) = with_dns(peer.policy(), answers(16));
        let problem = get(&transport, "https://peer.example/").await.unwrap_err();
        assert_eq!(problem, TransportError::Refused);
    })
    .unwrap();
}

#[test]
fn n_09_a_name_that_is_not_there_may_be_there_later() {
    let lookup = |_: String, _: u16| Box::pin(async { Err(std::io::Error::other("none")) }) as _;
    let failing = Transport::with_lookup(Policy::default(), Box::new(lookup)).unwrap();
    for transport in [failing, with_dns(Policy::default(), Vec::new()).0] {
        let problem = refused(&transport, "https://peer.example/");
        assert_eq!(problem, TransportError::NoSuchName("peer.example".to_owned()));
        assert!(problem.is_temporary());
    }
}

#[test]
fn n_10_a_name_is_asked_for_in_its_one_spelling() {
    for odd in ["https://PEER.ex%61mple/", "https://pe\u{ad}er.example/", "https://ｐeer.example/"]
    {
        let peer = run(async {
            let peer = Peer::new(|_, _| say("200 OK", "")).await;
            let answer = get(&peer.transport(), odd).await.unwrap();
            assert_eq!(answer.url, url("https://peer.example/"));
            peer
        })
        .unwrap();
        assert!(peer.asked()[0].contains("\r\nhost: peer.example\r\n"), "{:?}", peer.asked());
    }
}
