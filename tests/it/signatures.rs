//! Signatures as in the draft: what we sign is what others verify, and what others sign is verified.

use jiff::{Timestamp, ToSpan};
use sitegen::key::{PrivateKey, PublicKey};
use sitegen::signature::{Form, Headers, Request, Signature, SignatureProblem, Signer};
use url::Url;

use crate::pems;

/// Signatures by `cryptography` 48 for Python with the key `pems::A`, of the texts that the draft
/// (2.3) wants, written by hand:
///
/// ```python
/// key = serialization.load_pem_private_key(A, None)
/// text = "(request-target): get /users/bob?page=1\nhost: social.example\ndate: " + DATE
/// base64.b64encode(key.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256()))
/// ```
mod vectors {
    pub(super) const DATE: &str = "Tue, 24 Nov 2026 15:39:42 GMT";
    pub(super) const BODY: &str = r#"{"type":"Follow"}"#;
    /// `base64.b64encode(hashlib.sha256(BODY).digest())`.
    pub(super) const DIGEST: &str = "SHA-256=GYwYnH3BiO6aICFt0ThC5bUIJ4byvqdpWtR8m5fNkww=";
    /// A request for a document, as we sign it.
    pub(super) const GET: &str = "\
        cP3c+/PZRRBbnUdEXzxV2GcTUNc1T0XWtvTA9QV9tBffTYC8klysCJs//mPxDv6vlcPB/Ze/MPXVolMi\
        /AvEJUSTkatt13nhIg9AFmtbYl4EmsHbd6BTuSxhKAsVbCreO5QafyAAXPmp3pdPl5FVxCP6a50tusNY\
        uuuhA4tkzhmt3XOt4kdsp7zntOYsgTyg4zwzHBXL9UICsQHnmkoGY1uP4Y8iAUo65BFtYkUGa2b7Su1q\
        Q336SiO2ILXc9xazeiVcO5/Y7Sjszl/4H0WV1K2ptOeplC82Ql9dMckBmF9IQmNDxyenIPNFQtC5LtXD\
        /IifxCfK5zMMCobR2rsu6g==";
    /// A message, as we sign it.
    pub(super) const POST: &str = "\
        lgDsXh/d0JvRaULqnwSkzH28+iW593gevDgdBPsvq7S2RpBYZGXqlun2F00S6pB0WcS+4c7m/qjznUUl\
        JV3yEeiQ5deNExlNZDl1vTJPyDzOsqtFKIRsTjYHmavQYabMf5+BNKs3ODH1ws7O2qUU/8x2HmZWh2Rh\
        sJt9gKCG/M4dp2/3ueYxhKGbB2oFAvNUOImm58oJc7KrdPO1OqGyRGq7EYx5Mb9O4aTveHsdYVvhqJUW\
        +MXhjkx2+hnuisosVTMrswYLjS5thBQtbVjKPY3rd6BuT+jXOgvNmNUJwsoFxxz1yBuQ9Vk0Pf4vD9fl\
        JCMC3QBtdrf1ruOa7XDr9Q==";
    /// A message in the order of Mastodon.
    pub(super) const MESSAGE: &str = "\
        QiC4MExzqXRcNZHBWzlN6sZe7Xo/A1ITGJnkBUD9NJAxc9Szg0k+6TdgceWMBEXFun3TnPK+unYQ7K5m\
        uIGVKhN2VhQSn8axA5fJ9O9j7zI54BiZFPyu+5Dy2hXoQtAp0ckI2dED3jSGjxvT/xMBJ6eQthxveaZ3\
        W/2u3pvHwPv97ulLcdLLuQ8c4AfDYX6iniVyloiNU89zEL4vY/968+yAqs/3YPgjx0bU1P/AvXFtEyvR\
        Z6CSbiBZkIg0vgzWpLqLj7shCEgRiYjFZ5pNdY2WOoAH5FZmlyRfvgr/N3SDj7unUIbUMw34q1hV3/ZG\
        DrnbjM7qSUfztY/4E5tStA==";
    /// A request for a document, in the order of GoToSocial.
    pub(super) const FETCH: &str = "\
        lfZ1ALaSzd7IMCcRkfBhy5vcGB4ugEtGxkMbVUWNY3ZVwwmlng+aJs6shMeYES+TVGlEWXYkxcl1hPps\
        88JkNJEQfS0mtUpu7FceS4ef6+FvAN61yEgJTC0th95BBG6CJniUy9h9lJenwfQqQ9gtK3oYqEP8oeNj\
        we/KtlZdNDN1CLeFHfYejDaVoAqLjz874oZ6zs4qwP7XirwkaBUlnnm7k/gEV+qh+6OdvNQdUyOUi65U\
        IgBuuPAshfxHXclP6WinDHh8xLGeOsI8Ths9QLvWsdjLd5Ef5XZyQlwqss3srR45rrWwLmw4bem09Caz\
        7AluaopQsW/sYdOoQM4K7A==";
    /// The same of a server that leaves out the query.
    pub(super) const FETCH_NO_QUERY: &str = "\
        sTE4egAp/UI0uJn+Gex1uHxLM3sbpUD2QoYS9m6dfKcUH/BJ+NZZJSMAZrMQ2t+8wJ+iLIDu6R/UX123\
        i8sQQuGy+mcS81OaA8P8IszUwLmjc0W0cXCmllYbWGJRSeZXLmU56PVAK+ma8xnsZXDH2JEat5L47bvw\
        NnWr5bst5JpjnSWmcuGG/5lt9IOdfLjIo79uRM1gEB8efmCKC619ZNuPYdEhNsLa8lAbk16yX2A5bLnL\
        IQGw7gdqpnN/p1Lm0CumjIuOoqeoA6spby5gTOXiV3nzC24AzS8pouWymKtipOkisDP2HLmqvcOl4vxw\
        WRDO38m/DanOkl5GTiDGTQ==";
    /// A message with `(created)` and `(expires)`, six hours later.
    pub(super) const CREATED: &str = "\
        O+FkDqELZYXGWx2g/XSwsUIbsrtNXg0bYYg+awNW6omWQe85VzoxHhr7wJe9asnYyh8bwd2/irNm3jAA\
        qJlQHq+luKoT0ZIZbQnM7E8JjQzxEjOG6j/yYeNNYJ2nPJue3JWHwrP12Y0DF5QH0UD6iVLctsAXeHJK\
        BbvGo6iOpTekURx0LZLkVvwxFFfU7SV+5Xqau+6ZCw9BTrnKVvmedci7PtSNk6IK87XQdt32a9W+nouQ\
        0HJil6s/D/J/FbeqSBv0x0U0EOQmElsyiD0HjcqCMNJKEu6s/eQ7QOHyoZbr00r/EoadR94Vk/lUhe1a\
        FrRcu8eCBOgexYXHCpm18g==";
    /// A message with a header that is there twice.
    pub(super) const TWO_VALUES: &str = "\
        Tsi+JbB15dHjwd7nNqlsY3Mhxd2QKAUP+gw3dSRC9kN9dxDD+CxV6mPoa0KPL7wER5L1bqlCsSHnuEFT\
        v4WXdU4nHu4yL9H7N/6vPYGyZBhCpNHxLPPsmLzH53WPJskhoB6RncdtXatmzOwkMN8mpFUKvmrkfrfO\
        vm4e7pt32Fx+vEzEXf88EznMRDSEcgVku1IbGGQqX5F+bHgbe656oHr2HWUTq/khJpQV3AGfp04iZ9mH\
        9IrRL2+eQ75+58646SuCKGtuju+Q0WKxJZhrHDAmspgss9J6GNlGqhaEBDIRui2Q+Qz/pH453nfWnbvZ\
        oHLcWJ/YanBc+xoDnZLtAA==";
}

use vectors::{BODY, DATE, DIGEST};

const TYPE: &str = "application/activity+json";
const HOST: &str = "www.party.example";
const KEY_ID: &str = "https://www.party.example/ap/news/actor.json#main-key";

fn key() -> PrivateKey {
    PrivateKey::parse(pems::A).unwrap()
}

fn public() -> PublicKey {
    PublicKey::parse(pems::A_PUBLIC).unwrap()
}

/// The moment that `DATE` names.
fn now() -> Timestamp {
    Timestamp::from_second(1_795_534_782).unwrap()
}

/// A message that somebody has sent us.
#[derive(Clone)]
struct Sent {
    method: &'static str,
    target: &'static str,
    headers: Vec<(&'static str, String)>,
    body: &'static str,
}

impl Sent {
    /// A message to the inbox with the usual headers.
    fn post(signature: &str) -> Self {
        let headers = [
            ("Host", HOST),
            ("Date", DATE),
            ("Content-Type", TYPE),
            ("Digest", DIGEST),
            ("Signature", signature),
        ];
        let headers = headers.map(|(name, value)| (name, value.to_owned())).to_vec();
        Self { method: "POST", target: "/ap/news/inbox", headers, body: BODY }
    }

    fn get(signature: &str) -> Self {
        let mut sent = Self::post(signature);
        sent.headers.retain(|(name, _)| !["Content-Type", "Digest"].contains(name));
        Self { method: "GET", target: "/ap/news/actor.json?x=1", body: "", ..sent }
    }

    fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.retain(|(known, _)| *known != name);
        self.headers.push((name, value.to_owned()));
        self
    }

    fn verify_at(&self, now: Timestamp) -> Result<(), SignatureProblem> {
        let headers: Vec<(&str, &str)> =
            self.headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let request = Request {
            method: self.method,
            target: self.target,
            headers: &headers,
            body: self.body.as_bytes(),
        };
        Signature::of(request)?.verify(HOST, &public(), now)
    }

    fn verify(&self) -> Result<(), SignatureProblem> {
        self.verify_at(now())
    }
}

/// The header of a signature.
fn header(algorithm: &str, headers: &str, signature: &str) -> String {
    format!(
        "keyId=\"https://social.example/users/bob#main-key\",algorithm=\"{algorithm}\",\
         headers=\"{headers}\",signature=\"{signature}\""
    )
}

fn mastodon() -> Sent {
    let headers = "host date content-type digest (request-target)";
    Sent::post(&header("rsa-sha256", headers, vectors::MESSAGE))
}

fn created(algorithm: &str) -> Sent {
    let headers = "(request-target) (created) (expires) host digest";
    let header = header(algorithm, headers, vectors::CREATED);
    Sent::post(&format!("created=1795534782,expires=1795556382,{header}"))
}

fn value<'a>(headers: &'a Headers, name: &str) -> &'a str {
    &headers.iter().find(|(known, _)| *known == name).unwrap().1
}

#[test]
fn a_request_for_a_document_is_signed_as_another_program_does_it() {
    let signer = Signer { key: &key(), key_id: KEY_ID };
    let url = Url::parse("https://social.example/users/bob?page=1").unwrap();
    let headers = signer.get(&url, now(), Form::Cavage);
    let names: Vec<&str> = headers.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, ["Host", "Date", "Signature"]);
    assert_eq!((value(&headers, "Host"), value(&headers, "Date")), ("social.example", DATE));
    let signature = vectors::GET;
    assert_eq!(
        value(&headers, "Signature"),
        format!(
            "keyId=\"{KEY_ID}\",algorithm=\"rsa-sha256\",\
             headers=\"(request-target) host date\",signature=\"{signature}\""
        )
    );
}

#[test]
fn a_message_is_signed_as_another_program_does_it() {
    let signer = Signer { key: &key(), key_id: KEY_ID };
    let url = Url::parse("https://social.example:8443/inbox").unwrap();
    let headers = signer.post(&url, now(), TYPE, BODY.as_bytes(), Form::Cavage);
    assert_eq!(value(&headers, "Host"), "social.example:8443");
    assert_eq!((value(&headers, "Digest"), value(&headers, "Content-Type")), (DIGEST, TYPE));
    let signature = value(&headers, "Signature");
    assert!(
        signature.contains("headers=\"(request-target) host date digest content-type\""),
        "{signature}"
    );
    let expected = format!("signature=\"{}\"", vectors::POST);
    assert!(signature.ends_with(&expected), "{signature}");
}

#[test]
fn what_we_sign_is_verified_with_the_key_that_the_site_shows() {
    let signer = Signer { key: &key(), key_id: KEY_ID };
    let url = Url::parse(&format!("https://{HOST}/ap/news/inbox")).unwrap();
    let headers = signer.post(&url, now(), TYPE, BODY.as_bytes(), Form::Cavage);
    let headers: Vec<(&str, &str)> = headers.iter().map(|(n, v)| (*n, v.as_str())).collect();
    let request = Request {
        method: "POST",
        target: "/ap/news/inbox",
        headers: &headers,
        body: BODY.as_bytes(),
    };
    let signature = Signature::of(request).unwrap();
    assert_eq!(signature.key_id(), KEY_ID);
    assert_eq!(signature.verify(HOST, &public(), now()), Ok(()));
    let other = PrivateKey::parse(pems::B).unwrap();
    assert_eq!(signature.verify(HOST, other.public(), now()), Err(SignatureProblem::Forged));
}

#[test]
fn what_other_servers_send_is_verified_in_their_order_and_under_both_names() {
    assert_eq!(mastodon().verify(), Ok(()));
    let headers = "(request-target) host date";
    let fetch = Sent::get(&header("hs2019", headers, vectors::FETCH));
    assert_eq!(fetch.verify(), Ok(()));
    let no_query = Sent::get(&header("hs2019", headers, vectors::FETCH_NO_QUERY));
    assert_eq!(no_query.verify(), Ok(()));
    let unnamed = header("rsa-sha256", headers, vectors::FETCH);
    let unnamed = unnamed.replace("algorithm=\"rsa-sha256\",", "");
    assert_eq!(Sent::get(&unnamed).verify(), Ok(()));
    assert_eq!(created("hs2019").verify(), Ok(()));
}

#[test]
fn a_header_that_is_there_twice_is_signed_as_one() {
    let headers = "(request-target) host date digest x-note";
    let mut sent = Sent::post(&header("rsa-sha256", headers, vectors::TWO_VALUES));
    sent.headers.extend([("X-Note", " a".to_owned()), ("x-note", "b ".to_owned())]);
    assert_eq!(sent.verify(), Ok(()));
    sent.headers.swap_remove(5);
    assert_eq!(sent.verify(), Err(SignatureProblem::Forged));
}

#[test]
fn whatever_is_changed_on_the_way_is_noticed() {
    let sent = mastodon();
    let body = Sent { body: r#"{"type":"Delete"}"#, ..sent.clone() };
    assert_eq!(body.verify(), Err(SignatureProblem::Body));
    let none = Sent { body: "", ..sent.clone() };
    assert_eq!(none.verify(), Err(SignatureProblem::Body));
    let target = Sent { target: "/ap/other/inbox", ..sent.clone() };
    assert_eq!(target.verify(), Err(SignatureProblem::Forged));
    let method = Sent { method: "PUT", ..sent.clone() };
    assert_eq!(method.verify(), Err(SignatureProblem::Forged));
    let media = sent.clone().with("Content-Type", "text/plain");
    assert_eq!(media.verify(), Err(SignatureProblem::Forged));
    let date = sent.clone().with("Date", "Tue, 24 Nov 2026 15:39:43 GMT");
    assert_eq!(date.verify(), Err(SignatureProblem::Forged));
    let host = sent.clone().with("Host", "other.example");
    assert_eq!(host.verify(), Err(SignatureProblem::Host));
}

#[test]
fn a_digest_proves_something_only_when_it_is_the_one_of_the_body() {
    for digest in ["SHA-256=", "SHA-256", "=", "", "MD5=abc", "SHA-512=abc"] {
        let problem = mastodon().with("Digest", digest).verify().unwrap_err();
        let unproven = matches!(problem, SignatureProblem::NoDigest | SignatureProblem::Body);
        assert!(unproven, "{digest}: {problem:?}");
    }
    let twice = format!("{DIGEST},{DIGEST}");
    assert_eq!(mastodon().with("Digest", &twice).verify(), Err(SignatureProblem::NoDigest));
    // Its name may be written in any way; here only the signature is another one then.
    let lower = DIGEST.replace("SHA", "sha");
    assert_eq!(mastodon().with("Digest", &lower).verify(), Err(SignatureProblem::Forged));
}

#[test]
fn what_has_to_be_signed_is_asked_for_by_name() {
    let sent = |headers| Sent::post(&header("rsa-sha256", headers, vectors::MESSAGE));
    for (headers, missing) in [
        ("host date digest", "(request-target)"),
        ("(request-target) date digest", "host"),
        ("(request-target) host digest", "date"),
        ("(request-target) host date", "digest"),
    ] {
        assert_eq!(sent(headers).verify(), Err(SignatureProblem::Unsigned(missing)), "{headers}");
    }
    let absent = sent("(request-target) host date digest x-nothing").verify();
    assert_eq!(absent, Err(SignatureProblem::NoHeader("x-nothing".to_owned())));
    let twice = sent("(request-target) host date digest Date").verify();
    assert_eq!(twice, Err(SignatureProblem::Twice("date".to_owned())));
}

#[test]
fn a_signature_is_good_for_an_hour_before_and_after() {
    let sent = mastodon();
    for minutes in [-60, 60] {
        assert_eq!(sent.verify_at(now() + minutes.minutes()), Ok(()), "{minutes}");
    }
    assert_eq!(sent.verify_at(now() - 61.minutes()), Err(SignatureProblem::TooNew));
    assert_eq!(sent.verify_at(now() + 61.minutes()), Err(SignatureProblem::TooOld));
    let unreadable = sent.with("Date", "yesterday").verify();
    assert_eq!(unreadable, Err(SignatureProblem::Time));
}

#[test]
fn a_signature_that_says_until_when_is_good_for_that_and_an_hour() {
    let sent = created("hs2019");
    assert_eq!(sent.verify_at(now() + 7.hours()), Ok(()));
    assert_eq!(sent.verify_at(now() + 421.minutes()), Err(SignatureProblem::TooOld));
    let old_name = created("rsa-sha256").verify();
    assert_eq!(old_name, Err(SignatureProblem::Algorithm("rsa-sha256".to_owned())));
}

#[test]
fn a_header_that_two_readers_could_understand_in_two_ways_is_refused() {
    let good = header("rsa-sha256", "(request-target) host date digest", vectors::MESSAGE);
    for (text, problem) in [
        (format!("{good},keyId=\"x\""), SignatureProblem::Twice("keyId".to_owned())),
        (good.replace("keyId", "id"), SignatureProblem::NoParameter("keyId")),
        (good.replace("headers=", "header="), SignatureProblem::NoParameter("headers")),
        (good.replace("signature=\"", "signature=\"!"), SignatureProblem::NoParameter("signature")),
        (format!("created=soon,{good}"), SignatureProblem::NoParameter("created")),
        (good.replace("rsa-sha256", "none"), SignatureProblem::Algorithm("none".to_owned())),
        ("nonsense".to_owned(), SignatureProblem::Malformed),
        (" ".repeat(9000) + "x", SignatureProblem::Malformed),
        (good.clone() + &"x".repeat(9000), SignatureProblem::TooLong),
    ] {
        assert_eq!(Sent::post(&text).verify(), Err(problem), "{text}");
    }
    let mut several = mastodon();
    several.headers.push(("signature", good));
    assert_eq!(several.verify(), Err(SignatureProblem::Several("signature")));
    several.headers.retain(|(name, _)| !name.eq_ignore_ascii_case("signature"));
    assert_eq!(several.verify(), Err(SignatureProblem::Missing));
}
