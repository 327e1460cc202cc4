//! Keys as other programs and people write them, read by the library.

use sitegen::key::{KeyProblem, PrivateKey, PublicKey};

use crate::pems;

fn public(text: &str) -> Result<PublicKey, KeyProblem> {
    PublicKey::parse(text)
}

fn private_problem(text: &str) -> KeyProblem {
    PrivateKey::parse(text).expect_err("the key is refused")
}

#[test]
fn both_forms_of_a_public_key_become_the_one_that_all_servers_read() {
    for text in [pems::A_PUBLIC, pems::A_PUBLIC_PKCS1] {
        let key = public(text).unwrap();
        assert_eq!(key.to_pem(), pems::A_PUBLIC);
        assert_eq!((key.bits(), key.fingerprint().as_str()), (2048, pems::A_FINGERPRINT));
    }
}

#[test]
fn a_public_key_is_read_however_it_was_pasted() {
    let pem = pems::A_PUBLIC;
    let one_line = pem.lines().collect::<String>();
    let one_line = one_line.replace("KEY-----M", "KEY-----\nM").replace("-----END", "\n-----END");
    for text in [
        pem.replace('\n', "\r\n"),
        pem.trim_end().to_owned(),
        format!("\u{feff}Our key:\n\n{pem}\nRegards, Nia\n"),
        pem.replace('\n', "\n    "),
        pem.replace('\n', "\\n"),
        pem.replace('\n', "\\r\\n"),
        one_line,
        format!("{}{pem}", pems::CERTIFICATE),
    ] {
        assert_eq!(public(&text).map(|key| key.to_pem()).as_deref(), Ok(pem), "{text}");
    }
}

#[test]
fn a_private_key_is_never_taken_for_a_public_one() {
    for text in [
        pems::A,
        pems::A_PKCS1,
        pems::A_LOCKED,
        pems::A_OPENSSH,
        pems::ED25519,
        pems::EC,
        &format!("{}{}", pems::A_PUBLIC, pems::A),
    ] {
        assert_eq!(public(text), Err(KeyProblem::PrivateKey), "{text}");
    }
    assert!(KeyProblem::PrivateKey.to_string().starts_with("THIS IS A PRIVATE KEY"));
}

#[test]
fn public_keys_that_servers_do_not_take_are_refused_by_their_name() {
    for (text, problem) in [
        (pems::CERTIFICATE, KeyProblem::Certificate),
        (pems::REQUEST, KeyProblem::NoKey("CERTIFICATE REQUEST".to_owned())),
        (pems::ED25519_PUBLIC, KeyProblem::NotRsa("Ed25519")),
        (pems::EC_PUBLIC, KeyProblem::NotRsa("EC")),
        (pems::SMALL_PUBLIC, KeyProblem::TooSmall(1024)),
        (pems::LARGE_PUBLIC, KeyProblem::TooLarge(4160)),
        ("", KeyProblem::NotPem),
        ("ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQ nia@laptop", KeyProblem::NotPem),
        (&pems::A_PUBLIC[..300], KeyProblem::CutOff),
        (&pems::A_PUBLIC.replacen("MIIB", "MIIC", 1), KeyProblem::Damaged),
        (&pems::A_PUBLIC.replacen("MIIB", "", 1), KeyProblem::Damaged),
        (&pems::A_PUBLIC.replace("END PUBLIC", "END RSA PUBLIC"), KeyProblem::Damaged),
        (&" ".repeat(70_000), KeyProblem::TooLong),
        (&[pems::A_PUBLIC, pems::A_PUBLIC_PKCS1].concat(), KeyProblem::Several),
    ] {
        assert_eq!(public(text), Err(problem), "{text}");
    }
}

#[test]
fn both_forms_of_a_private_key_become_the_one_that_all_tools_read() {
    for text in [
        pems::A.to_owned(),
        pems::A_PKCS1.to_owned(),
        pems::A_PKCS1.replace('\n', "\r\n"),
        pems::A.replace('\n', "\\n"),
        format!("{}{}", pems::A_PUBLIC, pems::A),
    ] {
        let key = PrivateKey::parse(&text).unwrap();
        assert_eq!(&*key.to_pkcs8_pem(), pems::A);
        assert_eq!(key.public().to_pem(), pems::A_PUBLIC);
    }
}

#[test]
fn private_keys_that_cannot_be_used_are_refused_with_the_way_out() {
    for (text, problem) in [
        (pems::A_LOCKED, KeyProblem::Encrypted),
        (pems::A_LOCKED_PKCS1, KeyProblem::Encrypted),
        (pems::A_OPENSSH, KeyProblem::OpenSsh),
        (pems::ED25519, KeyProblem::NotRsa("Ed25519")),
        (pems::EC, KeyProblem::NotRsa("EC")),
        (pems::PSS, KeyProblem::NotRsa("RSA-PSS")),
        (pems::SMALL, KeyProblem::TooSmall(1024)),
        (pems::A_PUBLIC, KeyProblem::PublicKey),
        (pems::CERTIFICATE, KeyProblem::Certificate),
        ("", KeyProblem::NotPem),
        (&pems::A[..900], KeyProblem::CutOff),
    ] {
        assert_eq!(private_problem(text), problem, "{text}");
    }
    assert!(KeyProblem::Encrypted.to_string().contains("openssl pkey -in FILE -out NEW.pem"));
    for text in [pems::UNUSUAL, pems::EXPONENT_3] {
        let problem = private_problem(text);
        assert!(matches!(problem, KeyProblem::Unusable(_)), "{problem:?}");
    }
}

#[test]
fn a_private_key_in_which_a_number_was_changed_is_refused() {
    let lines: Vec<&str> = pems::A_PKCS1.lines().collect();
    for line in 1..lines.len() - 1 {
        let first = if lines[line].starts_with('A') { "B" } else { "A" };
        let changed = format!("{first}{}", &lines[line][1..]);
        let mut lines = lines.clone();
        lines[line] = &changed;
        if let Ok(key) = PrivateKey::parse(&lines.join("\n")) {
            // The exponent that nobody signs with may be wrong; what is signed must not be.
            assert_eq!(key.public().to_pem(), pems::A_PUBLIC, "line {line}");
        }
    }
}

#[test]
fn a_new_key_signs_and_reads_back_as_itself() {
    let key = PrivateKey::generate(PrivateKey::BITS).unwrap();
    assert_eq!(key.public().bits(), 2048);
    let again = PrivateKey::parse(&key.to_pkcs8_pem()).unwrap();
    assert_eq!(again.public(), key.public());
    assert!(key.public().verify(b"a text", &again.sign(b"a text")));
    assert!(!key.public().verify(b"another", &again.sign(b"a text")));
    assert!(!public(pems::A_PUBLIC).unwrap().verify(b"a text", &again.sign(b"a text")));
    assert!(PrivateKey::generate(1024).is_err());
}

#[test]
fn what_is_shown_for_debugging_has_nothing_of_the_private_key() {
    let shown = format!("{:?}", PrivateKey::parse(pems::A).unwrap());
    assert_eq!(shown, format!("PrivateKey({})", pems::A_FINGERPRINT));
}
