//! A request with whatever somebody sends for a signature, in both forms: it is read or refused,
//! verified with a key or refused, and nothing else happens.
//!
//! The input is lines: method and target, then headers, an empty line, and the body.

#![no_main]

use std::sync::LazyLock;

use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;
use sitegen::key::PublicKey;
use sitegen::signature::{Request, Signature, key_document};

static KEY: LazyLock<PublicKey> = LazyLock::new(|| {
    PublicKey::parse(include_str!("../seeds/key.pem")).expect("the key beside the target is one")
});

fuzz_target!(|input: &[u8]| {
    let end = input.windows(2).position(|pair| pair == b"\n\n").unwrap_or(input.len());
    let (head, body) = input.split_at(end);
    let Ok(head) = std::str::from_utf8(head) else { return };
    let mut lines = head.split('\n');
    let (method, target) = lines.next().and_then(|line| line.split_once(' ')).unwrap_or_default();
    let headers: Vec<(&str, &str)> = lines.filter_map(|line| line.split_once(": ")).collect();
    let body = body.get(2..).unwrap_or_default();
    let Ok(signature) = Signature::of(Request { method, target, headers: &headers, body }) else {
        return;
    };
    assert!(key_document(signature.key_id()).is_some());
    // The moment of the seeds.
    let now = Timestamp::from_second(1_795_534_782).expect("it is a moment");
    let checked = signature.check("www.party.example", now);
    let verified = signature.verify("www.party.example", &KEY, now);
    assert!(checked.is_ok() || verified == checked, "what is refused early is refused later");
});
