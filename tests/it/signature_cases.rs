//! What must not pass for a signature, case by case; each case has its number in its name.
//!
//! S-15 (what is sent again) and S-17 (bytes that are no header) are for who answers requests.

use base64ct::{Base64, Encoding};
use jiff::ToSpan;
use proptest::prelude::*;
use sitegen::key::{KeyProblem, PublicKey};
use sitegen::signature::{Form, SignatureProblem, key_document};

use crate::letter::{BODY, FORMS, KEY_ID, Letter, now};
use crate::pems;
use SignatureProblem as P;

const NAMES: &str = "(request-target) host date digest";
const COMPONENTS: &str = r#""@method" "@target-uri" "content-digest""#;

/// The parameters of the draft.
fn draft(algorithm: &str) -> String {
    format!("keyId=\"{KEY_ID}\",algorithm=\"{algorithm}\"")
}

/// The parameters of RFC 9421.
fn rfc(more: &str) -> String {
    format!(";created={};keyid=\"{KEY_ID}\"{more}", now().as_second())
}

/// A message with the usual signature by the draft.
fn by_draft() -> Letter {
    Letter::plain().sign_draft(NAMES, &draft("rsa-sha256"))
}

/// A message with the usual signature by RFC 9421.
fn by_rfc() -> Letter {
    Letter::plain().sign_rfc(COMPONENTS, &rfc(""))
}

#[test]
fn what_the_cases_begin_with_is_right() {
    for letter in [by_draft(), by_rfc(), Letter::signed(FORMS[0]), Letter::signed(FORMS[1])] {
        assert_eq!(letter.verify(), Ok(()));
    }
}

#[test]
fn s_01_no_signature() {
    assert_eq!(Letter::plain().refusal(), (401, P::Missing));
    assert_eq!(by_rfc().without("Signature").refusal(), (401, P::NoParameter("signature")));
    assert_eq!(by_rfc().without("Signature-Input").refusal().0, 401);
}

#[test]
fn s_02_too_little_is_signed_which_is_seen_without_the_key() {
    let letter = Letter::plain().sign_draft("date", &draft("rsa-sha256"));
    assert_eq!(letter.check(), Err(P::Unsigned("(request-target)")));
    let letter = Letter::plain().sign_rfc("\"date\"", &rfc(""));
    assert_eq!(letter.check(), Err(P::Unsigned("@method")));
    assert_eq!(letter.refusal().0, 401);
}

#[test]
fn s_03_the_target_is_not_signed() {
    let letter = Letter::plain().sign_draft("host date digest", &draft("rsa-sha256"));
    assert_eq!(letter.refusal(), (401, P::Unsigned("(request-target)")));
    for names in [
        r#""@method" "content-digest""#,
        r#""@method" "@path" "content-digest""#,
        r#""@method" "@authority" "content-digest""#,
    ] {
        let letter = Letter::plain().sign_rfc(names, &rfc(""));
        assert_eq!(letter.refusal(), (401, P::Unsigned("@target-uri")), "{names}");
    }
    let no_query = Letter::question().sign_rfc(r#""@method" "@path" "@authority""#, &rfc(""));
    assert_eq!(no_query.refusal(), (401, P::Unsigned("@target-uri")));
    let no_method = Letter::question().sign_rfc("\"@target-uri\"", &rfc(""));
    assert_eq!(no_method.refusal(), (401, P::Unsigned("@method")));
}

#[test]
fn s_04_it_was_signed_for_another_target() {
    for form in FORMS {
        let letter = Letter::to("/ap/news/inbox?page=1", BODY.as_bytes(), form);
        assert_eq!(letter.verify(), Ok(()));
        for target in ["/ap/other/inbox?page=1", "/ap/news/inbox?page=2", "/ap/news/inbox"] {
            let other = letter.clone().with_target(target);
            assert_eq!(other.refusal(), (401, P::Forged), "{target} {form:?}");
        }
        let put = Letter { method: "PUT".to_owned(), ..letter };
        assert_eq!(put.refusal(), (401, P::Forged), "{form:?}");
    }
}

#[test]
fn s_05_the_body_is_another_one() {
    for letter in [by_draft(), by_rfc()] {
        let other = letter.clone().with_body(r#"{"type":"Delete"}"#);
        assert_eq!(other.check(), Err(P::Body));
        assert_eq!(other.refusal().0, 401);
        for header in ["Digest", "Content-Digest"] {
            let missing = letter.clone().without(header).verify();
            let needed = letter.value("Signature").contains("keyId") == (header == "Digest");
            let problem = P::NoHeader(header.to_lowercase());
            assert_eq!(missing, if needed { Err(problem) } else { Ok(()) });
        }
    }
    let unsigned = Letter::plain().sign_draft("(request-target) host date", &draft("rsa-sha256"));
    assert_eq!(unsigned.refusal(), (401, P::Unsigned("digest")));
    let unsigned = Letter::plain().sign_rfc(r#""@method" "@target-uri""#, &rfc(""));
    assert_eq!(unsigned.refusal(), (401, P::Unsigned("content-digest")));
}

#[test]
fn s_05_a_hash_that_proves_nothing() {
    let plain = Letter::plain();
    let right = plain.value("Digest").trim_start_matches("SHA-256=").to_owned();
    // Of one byte, and of the same with one byte more.
    let (short, wrong) = ("YQ==", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=");
    for digest in [
        format!("SHA-256={right},SHA-256={wrong}"),
        format!("SHA-256={wrong},SHA-256={right}"),
        format!("SHA-256={right},SHA-512={wrong}"),
        format!("SHA-256={short}"),
        format!("SHA-256={right}YQ=="),
        format!("SHA={right}"),
        format!("MD5={right}"),
        format!("x={right}"),
        "SHA-256=".to_owned(),
    ] {
        let letter = Letter::plain().with("Digest", &digest);
        let (status, problem) = letter.sign_draft(NAMES, &draft("rsa-sha256")).refusal();
        assert_eq!(status, 401, "{digest}");
        assert!(matches!(problem, P::Body | P::NoDigest), "{digest}: {problem:?}");
    }
    for digest in [
        format!("sha-256=:{right}:, sha-256=:{wrong}:"),
        format!("sha-256=:{right}:, sha-512=:{wrong}:"),
        format!("sha-512=:{right}:"),
        format!("sha-256=:{short}:"),
        format!("sha-256=\"{right}\""),
        format!("sha-256={right}"),
        format!("md5=:{right}:"),
        "sha-256=::".to_owned(),
    ] {
        let letter = Letter::plain().with("Content-Digest", &digest);
        let (status, problem) = letter.sign_rfc(COMPONENTS, &rfc("")).refusal();
        assert_eq!(status, 401, "{digest}");
        assert!(matches!(problem, P::Body | P::NoDigest), "{digest}: {problem:?}");
    }
    // SHA-512 alone is right, but nobody has to be able to make it (RFC 9530, 5).
    let sha512 = Base64::encode_string(&<sha2::Sha512 as sha2::Digest>::digest(BODY));
    let alone = Letter::plain().with("Content-Digest", &format!("sha-512=:{sha512}:"));
    assert_eq!(alone.sign_rfc(COMPONENTS, &rfc("")).refusal(), (401, P::NoDigest));
    let both = format!("sha-512=:{sha512}:, sha-256=:{right}:, x=:YQ==:");
    let both = Letter::plain().with("Content-Digest", &both);
    assert_eq!(both.sign_rfc(COMPONENTS, &rfc("")).verify(), Ok(()));
}

#[test]
fn s_06_it_was_signed_at_another_time() {
    for form in FORMS {
        let letter = Letter::signed(form);
        for (minutes, expected) in [
            (-120, Err(P::TooNew)),
            (-30, Ok(())),
            (30, Ok(())),
            (120, Err(P::TooOld)),
            (60 * 24 * 365 * 20, Err(P::TooOld)),
        ] {
            assert_eq!(letter.verify_at(now() + minutes.minutes()), expected, "{minutes}");
        }
    }
    for date in ["", "yesterday", "1795534782", "Tue, 24 Nov 2026 15:39:42", "Fri, 31 Dec 9999"] {
        let letter = Letter::plain().with("Date", date).sign_draft(NAMES, &draft("rsa-sha256"));
        assert_eq!(letter.refusal(), (401, P::Time), "{date}");
    }
    let far = Letter::plain().with("Date", "Tue, 28 Dec 9999 15:39:42 GMT");
    assert_eq!(far.sign_draft(NAMES, &draft("rsa-sha256")).refusal(), (401, P::TooNew));
}

#[test]
fn s_06_the_times_in_the_signature_itself() {
    let hour = 3600;
    let (now, names) = (now().as_second(), "(request-target) host digest (created) (expires)");
    for (created, expires, expected) in [
        (now, now + 300, Ok(())),
        (now - 30 * 60, now + 30 * 60, Ok(())),
        (now - 8 * hour, now - 30 * 60, Ok(())),
        (now + 2 * hour, now + 3 * hour, Err(P::TooNew)),
        (now - 3 * hour, now - 2 * hour, Err(P::TooOld)),
        // Nobody may sign for longer than half a day.
        (now - 14 * hour, now + hour, Err(P::TooOld)),
        (now, now - 1, Err(P::Time)),
    ] {
        let draft = format!("{},created={created},expires={expires}", draft("hs2019"));
        let letter = Letter::plain().sign_draft(names, &draft);
        assert_eq!(letter.verify(), expected, "{created} {expires}");
        let rfc = format!(";created={created};expires={expires};keyid=\"{KEY_ID}\"");
        let letter = Letter::plain().sign_rfc(COMPONENTS, &rfc);
        assert_eq!(letter.verify(), expected, "{created} {expires}");
    }
    for created in ["999999999999999", "-999999999999999", "\"1795534782\"", "soon", "?1"] {
        let rfc = format!(";created={created};keyid=\"{KEY_ID}\"");
        let letter = Letter::plain().sign_rfc(COMPONENTS, &rfc);
        assert_eq!(letter.refusal(), (401, P::NoParameter("created")), "{created}");
    }
    let timeless = Letter::plain().sign_rfc(COMPONENTS, &format!(";keyid=\"{KEY_ID}\""));
    assert_eq!(timeless.refusal(), (401, P::NoParameter("created")));
}

#[test]
fn s_07_it_is_for_another_host() {
    for host in ["other.example", "www.party.example:8443", "party.example", ""] {
        let draft = Letter::plain().with("Host", host).sign_draft(NAMES, &draft("rsa-sha256"));
        let rfc = Letter::plain().with("Host", host).sign_rfc(COMPONENTS, &rfc(""));
        for letter in [draft, rfc] {
            assert_eq!(letter.check(), Err(P::Host), "{host}");
            assert_eq!(letter.refusal().0, 401);
        }
    }
    // Somebody passes on what was signed for another host, and says that it is ours.
    let passed_on = Letter::plain().with("Host", "other.example").sign_rfc(COMPONENTS, &rfc(""));
    assert_eq!(passed_on.with("Host", "www.party.example").refusal(), (401, P::Forged));
    let unsigned = Letter::plain().sign_draft("(request-target) date digest", &draft("hs2019"));
    assert_eq!(unsigned.refusal(), (401, P::Unsigned("host")));
}

#[test]
fn s_08_names_in_capitals_are_the_same_names() {
    let names = "(Request-Target) Host DATE Digest";
    let letter = Letter::plain().sign_draft(names, &draft("rsa-sha256"));
    assert_eq!(letter.verify(), Ok(()));
    assert_eq!(letter.with_body("{}").refusal(), (401, P::Body));
    // RFC 9421 has no names in capitals.
    let names = r#""@method" "@target-uri" "Content-Digest""#;
    let letter = Letter::plain().sign_rfc(names, &rfc(""));
    assert_eq!(letter.refusal(), (401, P::Unsigned("content-digest")));
}

#[test]
fn s_09_something_is_twice_in_the_header() {
    let letter = by_draft();
    let header = letter.value("Signature").to_owned();
    for name in ["keyId", "signature", "headers", "algorithm"] {
        let (_, rest) = header.split_once(&format!("{name}=")).unwrap();
        let value = rest.split(',').next().unwrap();
        for other in [value, "\"x\""] {
            let twice = letter.clone().with("Signature", &format!("{header},{name}={other}"));
            assert_eq!(twice.refusal(), (400, P::Twice(name.to_owned())));
        }
    }
    let twice = Letter::plain().sign_draft(&format!("{NAMES} Date"), &draft("rsa-sha256"));
    assert_eq!(twice.refusal(), (400, P::Twice("date".to_owned())));
}

#[test]
fn s_09_something_is_twice_in_the_headers_of_rfc_9421() {
    let twice = |text: &str| (400, P::Twice(text.to_owned()));
    for parameter in ["keyid", "created"] {
        let letter = Letter::plain().sign_rfc(COMPONENTS, &rfc(&format!(";{parameter}=1")));
        assert_eq!(letter.refusal(), twice(parameter));
    }
    let letter = Letter::plain().sign_rfc(&format!("{COMPONENTS} \"@method\""), &rfc(""));
    assert_eq!(letter.refusal(), twice("@method"));
    for name in ["Signature-Input", "Signature"] {
        let letter = by_rfc();
        let value = letter.value(name).to_owned();
        let letter = letter.with(name, &format!("{value}, {value}"));
        assert_eq!(letter.refusal(), twice("sig1"), "{name}");
    }
}

#[test]
fn s_10_a_header_is_there_twice() {
    for letter in [by_draft(), by_rfc()] {
        for name in ["Digest", "Content-Digest", "Date", "Host", "Signature"] {
            let value = letter.value(name).to_owned();
            for other in [value.as_str(), "x"] {
                let twice = letter.clone().and(&name.to_uppercase(), other);
                let (status, _) = twice.refusal();
                // What stands beside a signature by RFC 9421 may be one by the draft, a bad one.
                let is_beside = name == "Signature" && other == "x" && !value.contains("keyId");
                assert!(status == 400 || is_beside, "{name}: {other}");
            }
        }
    }
    let letter = by_rfc();
    let input = letter.value("Signature-Input").to_owned();
    let twice = letter.and("Signature-Input", &input.replace("sig1", "sig2"));
    assert_eq!(twice.refusal(), (400, P::Several("signature-input")));
}

#[test]
fn s_11_the_algorithm_is_another_one() {
    for algorithm in ["hmac-sha256", "rsa-sha1", "none", "ed25519", "", "RSA-SHA256"] {
        let letter = Letter::plain().sign_draft(NAMES, &draft(algorithm));
        assert_eq!(letter.refusal(), (401, P::Algorithm(algorithm.to_owned())));
    }
    for algorithm in ["hmac-sha256", "rsa-pss-sha512", "none", "ed25519", "rsa-sha256", ""] {
        let letter = Letter::plain().sign_rfc(COMPONENTS, &rfc(&format!(";alg=\"{algorithm}\"")));
        assert_eq!(letter.refusal(), (401, P::Algorithm(algorithm.to_owned())));
    }
    let letter = Letter::plain().sign_rfc(COMPONENTS, &rfc(";alg=rsa-v1_5-sha256"));
    assert_eq!(letter.refusal(), (401, P::Algorithm("rsa-v1_5-sha256".to_owned())));
    // The key of somebody else, and one that is not RSA.
    let other = sitegen::key::PrivateKey::parse(pems::B).unwrap();
    let refused = by_rfc().read(|signed| signed.verify("www.party.example", other.public(), now()));
    assert_eq!(refused, Err(P::Forged));
    assert_eq!(PublicKey::parse(pems::ED25519_PUBLIC), Err(KeyProblem::NotRsa("Ed25519")));
}

/// A public key with these numbers, in PEM.
fn rsa(modulus: &[u8], exponent: &[u8]) -> String {
    let element = |tag: u8, content: &[u8]| {
        let length = u32::try_from(content.len()).unwrap().to_be_bytes();
        [&[tag, 0x84][..], &length, content].concat()
    };
    // The shortest length is the one that DER allows.
    let element = |tag: u8, content: &[u8]| match content.len() {
        short @ 0..0x80 => [&[tag, u8::try_from(short).unwrap()][..], content].concat(),
        0x80..0x100 => [&[tag, 0x81, content.len().to_be_bytes()[7]][..], content].concat(),
        0x100..0x1_0000 => [&[tag, 0x82][..], &content.len().to_be_bytes()[6..], content].concat(),
        _ => element(tag, content),
    };
    let numbers = [element(2, modulus), element(2, exponent)].concat();
    let base64 = Base64::encode_string(&element(0x30, &numbers));
    let lines: Vec<&str> = (0..base64.len())
        .step_by(64)
        .map(|start| &base64[start..base64.len().min(start + 64)])
        .collect();
    format!("-----BEGIN RSA PUBLIC KEY-----\n{}\n-----END RSA PUBLIC KEY-----\n", lines.join("\n"))
}

/// An odd number of so many bits.
fn odd(bits: usize) -> Vec<u8> {
    let mut bytes = vec![0xff; bits / 8];
    bytes.insert(0, 0);
    bytes
}

#[test]
fn s_12_a_key_that_makes_work_or_proves_nothing() {
    let usual = [1, 0, 1];
    assert!(PublicKey::parse(&rsa(&odd(2048), &usual)).is_ok());
    for (pem, problem) in [
        (rsa(&odd(512), &usual), KeyProblem::TooSmall(512)),
        // The work of a verification grows with the square of the one and with the other: both
        // have an end.
        (rsa(&odd(16_384), &usual), KeyProblem::TooLarge(16_384)),
        (rsa(&odd(2048), &[1]), KeyProblem::Damaged),
        (rsa(&odd(2048), &[4]), KeyProblem::Damaged),
        (rsa(&odd(2048), &[0]), KeyProblem::Damaged),
        (rsa(&odd(2048), &[3, 0, 0, 0, 1]), KeyProblem::Damaged),
        (rsa(&odd(2048), &odd(2048)), KeyProblem::Damaged),
        // Nothing of a longer text is read.
        (pems::A_PUBLIC.to_owned() + &" ".repeat(1 << 20), KeyProblem::TooLong),
        ([pems::A_PUBLIC, pems::A_PUBLIC].concat(), KeyProblem::Several),
        ([pems::A_PUBLIC_PKCS1, pems::ED25519_PUBLIC].concat(), KeyProblem::Several),
    ] {
        assert_eq!(PublicKey::parse(&pem), Err(problem));
    }
}

#[test]
fn s_13_the_signature_is_not_one() {
    for letter in [by_draft(), by_rfc()] {
        let header = letter.value("Signature").to_owned();
        let marks = if header.contains("keyId") { ("signature=\"", "\"") } else { ("=:", ":") };
        let (before, rest) = header.split_once(marks.0).unwrap();
        let base64 = rest.trim_end_matches(marks.1);
        let mut longer = Base64::decode_vec(base64).unwrap();
        longer.push(0);
        let shorter = Base64::encode_string(&longer[..255]);
        let longer = Base64::encode_string(&longer);
        let repeated = base64.repeat(3000);
        for other in ["", "AA==", "no base64", "é", "=", &longer, &shorter, &repeated, &base64[1..]]
        {
            let value = format!("{before}{}{other}{}", marks.0, marks.1);
            let (status, _) = letter.clone().with("Signature", &value).refusal();
            assert_eq!(status, 401, "{other}");
        }
        let (status, problem) = letter.with("Signature", &"a".repeat(1 << 20)).refusal();
        assert_eq!((status, problem), (401, P::TooLong));
    }
    let long =
        Letter::plain().sign_rfc(COMPONENTS, &rfc(&format!(";tag=\"{}\"", "a".repeat(9000))));
    assert_eq!(long.refusal(), (401, P::TooLong));
}

#[test]
fn s_14_of_two_forms_both_have_to_be_right() {
    let both = by_rfc().sign_draft(NAMES, &draft("rsa-sha256"));
    assert_eq!(both.verify(), Ok(()));
    let draft_first = by_draft().sign_rfc(COMPONENTS, &rfc(""));
    assert_eq!(draft_first.verify(), Ok(()));

    let forged = |letter: &Letter, mark: &str| {
        let mut letter = letter.clone();
        for (name, value) in &mut letter.headers {
            if name == "Signature" && value.contains(mark) {
                let at = value.rfind("==").unwrap() - 20;
                let other = if &value[at..=at] == "A" { "B" } else { "A" };
                value.replace_range(at..=at, other);
            }
        }
        letter
    };
    assert_eq!(forged(&both, "keyId").refusal(), (401, P::Forged));
    assert_eq!(forged(&both, "sig1").refusal(), (401, P::Forged));
    // Each form has its own header for the body.
    let (no_digest, no_content) = (both.clone().without("Digest"), both.without("Content-Digest"));
    assert_eq!(no_digest.refusal(), (401, P::NoHeader("digest".to_owned())));
    assert_eq!(no_content.refusal(), (401, P::NoHeader("content-digest".to_owned())));

    let weak = by_rfc().sign_draft("(request-target) host date", &draft("rsa-sha256"));
    assert_eq!(weak.refusal(), (401, P::Unsigned("digest")));
    let weak = by_draft().sign_rfc("\"@method\"", &rfc(""));
    assert_eq!(weak.refusal(), (401, P::Unsigned("@target-uri")));
    let other_key = draft("rsa-sha256").replace("bob", "eve");
    assert_eq!(by_rfc().sign_draft(NAMES, &other_key).refusal(), (401, P::Keys));

    // The header that says what is signed by RFC 9421 is enough to ask for that form.
    let input = by_rfc().value("Signature-Input").to_owned();
    let alone = by_draft().and("Signature-Input", &input);
    assert_eq!(alone.refusal(), (401, P::NoParameter("signature")));
    assert_eq!(by_draft().and("Signature-Input", "").refusal().0, 401);
    let in_one = by_rfc().sign_draft(NAMES, &draft("rsa-sha256"));
    let values: Vec<&str> =
        in_one.headers.iter().filter(|(n, _)| n == "Signature").map(|(_, v)| v.as_str()).collect();
    assert_eq!(by_rfc().with("Signature", &values.join(", ")).refusal(), (400, P::Malformed));
}

#[test]
fn s_16_the_id_of_the_key_is_an_address_where_a_server_has_one() {
    for (id, document) in [
        (KEY_ID, "https://social.example/users/bob"),
        // As GoToSocial has it.
        ("https://gts.example/users/bob/main-key", "https://gts.example/users/bob/main-key"),
        ("https://Social.Example:443/u#a?b", "https://social.example/u"),
        ("https://social.example", "https://social.example/"),
        ("https://social.example/@bob#key", "https://social.example/@bob"),
    ] {
        assert_eq!(key_document(id).unwrap().as_str(), document);
    }
    for id in [
        "",
        "acct:bob@social.example",
        "http://social.example/users/bob#main-key",
        "https://social.example/users/bob?x=1#main-key",
        "https://social.example/users/bob?#main-key",
        "https://bob@social.example/users/bob",
        "https://bob:secret@social.example/users/bob",
        "https://@social.example/users/bob",
        "https://:@social.example/users/bob",
        "https:social.example/users/bob",
        "https:/social.example/users/bob",
        "https:\\\\social.example\\users\\bob",
        "https:///social.example/users/bob",
        " https://social.example/users/bob",
        "https://social.example/users/b ob",
        "https://social.example/users/bób",
        "//social.example/users/bob",
        "data:text/plain,x",
        "file:///etc/passwd",
        "#main-key",
    ] {
        assert_eq!(key_document(id), None, "{id}");
        let letter = Letter::plain();
        let letter =
            letter.sign_draft(NAMES, &draft("hs2019").replace(KEY_ID, &id.replace('\\', "\\\\")));
        assert_eq!(letter.refusal(), (401, P::KeyId), "{id}");
    }
}

#[test]
fn what_rfc_9421_has_besides_is_refused_where_it_could_be_read_in_two_ways() {
    let component = |name: &str| (401, P::Component(name.to_owned()));
    for parameter in ["req", "sf", "bs", "tr", "key=\"a\"", "name=\"x\"", "x"] {
        let names = format!("{COMPONENTS} \"date\";{parameter}");
        assert_eq!(Letter::plain().sign_rfc(COMPONENTS, "").and("x", "").refusal().0, 401);
        let mut letter = by_rfc();
        for (name, value) in &mut letter.headers {
            if name == "Signature-Input" {
                *value = value.replace(COMPONENTS, &names);
            }
        }
        assert_eq!(letter.refusal(), component("date"), "{parameter}");
    }
    for name in ["@status", "@query-param", "@signature-params", "@x", "Date"] {
        let mut letter = by_rfc();
        for (header, value) in &mut letter.headers {
            if header == "Signature-Input" {
                *value = value.replace(COMPONENTS, &format!("{COMPONENTS} \"{name}\""));
            }
        }
        assert_eq!(letter.refusal(), component(name));
    }
    let input = by_rfc().value("Signature-Input").to_owned();
    for (other, problem) in [
        (format!("{input}, {}", input.replace("sig1", "sig2")), P::Labels),
        (input.replace("sig1", "sig2"), P::NoParameter("signature")),
        ("sig1=1".to_owned(), P::Malformed),
        ("sig1".to_owned(), P::Malformed),
        (input.replace("\"@method\"", "@method"), P::Malformed),
        (input.replace("\"@method\"", "method"), P::Malformed),
        (input.replace(KEY_ID, ""), P::KeyId),
        (input.replace("keyid", "keyId"), P::Malformed),
        (input.replace("keyid", "kid"), P::NoParameter("keyid")),
    ] {
        let letter = by_rfc().with("Signature-Input", &other);
        assert_eq!(letter.refusal().1, problem, "{other}");
    }
    let tolerated = rfc(";tag=\"fedi\";nonce=\"a\\\"b\\\\c\";later=?0;alg=\"rsa-v1_5-sha256\"");
    assert_eq!(Letter::plain().sign_rfc(COMPONENTS, &tolerated).verify(), Ok(()));
}

#[test]
fn what_is_signed_has_no_line_ends_and_nothing_but_ascii() {
    for value in ["a\nhost: other.example", "a\rb", "\0", "é", "a\u{7f}"] {
        let text = P::NotText("content-type".to_owned());
        let letter = Letter::plain().with("Content-Type", value);
        let names = format!("{NAMES} content-type");
        let by_draft = letter.clone().sign_draft(&names, &draft("rsa-sha256"));
        assert_eq!(by_draft.refusal(), (400, text.clone()), "{value:?}");
        let by_rfc = letter.sign_rfc(&format!("{COMPONENTS} \"content-type\""), &rfc(""));
        assert_eq!(by_rfc.refusal(), (400, text), "{value:?}");
    }
    for form in FORMS {
        let letter = Letter::signed(form).with_target("/ap/news/inbox\nhost: x");
        assert_eq!(letter.refusal(), (400, P::NotText("target".to_owned())));
    }
}

/// Changes one byte of a text to another one that may stand there.
fn change(text: &str, at: usize, to: u8) -> String {
    let mut bytes = text.as_bytes().to_vec();
    let at = at % bytes.len();
    bytes[at] = if bytes[at] == to { b'~' } else { to };
    String::from_utf8(bytes).unwrap()
}

/// All of a request that is signed, by the name of a header or in brackets.
fn covered(form: Form) -> &'static [&'static str] {
    match form {
        Form::Cavage => {
            &["(method)", "(target)", "(body)", "Host", "Date", "Digest", "Content-Type"]
        }
        Form::Rfc9421 => &[
            "(method)",
            "(target)",
            "(body)",
            "Host",
            "Content-Digest",
            "Signature-Input",
            "Signature",
        ],
    }
}

proptest! {
    #[test]
    fn what_was_signed_is_verified_until_one_byte_of_it_is_changed(
        target in "/[a-z0-9._/-]{0,20}(\\?[a-z0-9=&]{0,10})?",
        body in prop::collection::vec(any::<u8>(), 1..100),
        is_rfc in any::<bool>(),
        at in any::<prop::sample::Index>(),
        which in any::<prop::sample::Index>(),
        to in b' '..b'~',
    ) {
        let form = if is_rfc { Form::Rfc9421 } else { Form::Cavage };
        // Browsers and servers take `/a/../b` for `/b`, so nobody signs it.
        prop_assume!(!target.contains("/."));
        let letter = Letter::to(&target, &body, form);
        prop_assert_eq!(letter.verify(), Ok(()));
        let mut other = letter.clone();
        match *which.get(covered(form)) {
            "(method)" => other.method = change(&other.method, at.index(1000), to),
            "(target)" => other.target = change(&other.target, at.index(1000), to),
            "(body)" => {
                let at = at.index(body.len());
                other.body[at] = other.body[at].wrapping_add(1 + to % 255);
            }
            name => {
                let value = change(letter.value(name), at.index(1000), to);
                other = other.with(name, &value);
            }
        }
        // In capitals, a host is the same, and so is a method to the draft.
        prop_assume!(!other.method.eq_ignore_ascii_case("post") || other.method == "POST");
        let host = letter.value("Host");
        prop_assume!(!other.value("Host").eq_ignore_ascii_case(host) || other.value("Host") == host);
        prop_assert!(other.verify().is_err(), "{:?}", other);
    }
}
