//! Certificates that are not believed.

use super::get;
use super::identity::Identity;
use super::peer::{Peer, say};
use crate::net::tls::TlsProblem;
use crate::office::runtime::run;
use crate::office::transport::{Policy, Transport, TransportError};

/// Asks a server with a certificate as `peer.example`.
fn asked_with(identity: &Identity) -> Result<u16, TransportError> {
    run(async {
        let peer = Peer::with(identity, |_, _| say("200 OK", "")).await;
        let answer = get(&peer.transport(), "https://peer.example/").await;
        assert_eq!(peer.asked().is_empty(), answer.is_err());
        answer.map(|answer| answer.status)
    })
    .unwrap()
}

#[test]
fn n_06_a_good_certificate_is_believed() {
    assert_eq!(asked_with(&Identity::of(&["peer.example"])), Ok(200));
}

#[test]
fn n_06_an_expired_certificate_is_refused() {
    let identity = Identity::until(&["peer.example"], 2021);
    assert_eq!(asked_with(&identity), Err(TransportError::Tls(TlsProblem::Expired)));
}

#[test]
fn n_06_a_certificate_of_nobody_is_refused() {
    let identity = Identity::self_signed("peer.example");
    assert_eq!(asked_with(&identity), Err(TransportError::Tls(TlsProblem::UnknownIssuer)));
}

#[test]
fn n_06_a_certificate_for_another_name_is_refused() {
    let identity = Identity::of(&["other.example"]);
    assert_eq!(asked_with(&identity), Err(TransportError::Tls(TlsProblem::WrongName)));
}

#[test]
fn n_06_a_certificate_signed_over_sha_1_is_refused() {
    let asked = asked_with(&Identity::sha_1());
    assert_eq!(asked, Err(TransportError::Tls(TlsProblem::Unusable)));
}

#[test]
fn an_address_of_the_net_needs_a_certificate_for_that_address() {
    let asked = |identity: &Identity| {
        run(async {
            let peer = Peer::with(identity, |_, _| say("200 OK", "")).await;
            let address = format!("https://127.0.0.1:{}/", peer.port);
            get(&peer.transport(), &address).await.map(|answer| answer.status)
        })
        .unwrap()
    };
    assert_eq!(asked(&Identity::of(&["127.0.0.1"])), Ok(200));
    let other = asked(&Identity::of(&["peer.example"]));
    assert_eq!(other, Err(TransportError::Tls(TlsProblem::WrongName)));
}

#[test]
fn without_a_certificate_there_are_no_authorities() {
    let policy = Policy { authorities: Some(b"nothing".to_vec()), ..Policy::default() };
    assert!(Transport::new(policy).is_err());
    assert!(Transport::new(Policy::default()).is_ok());
}
