//! Signatures by RFC 9421: what we sign is what others verify, and what others sign is verified.
//!
//! The RFC itself has no example of this algorithm that covers what has to be covered.

use jiff::ToSpan;
use sitegen::signature::{Form, SignatureProblem, Signer};
use url::Url;

use crate::letter::{BODY, FORMS, KEY_ID, Letter, TYPE, key, now};

/// Signatures by `http-message-signatures` 3.0.0 for Python with the key `pems::A`, each of the
/// components and parameters that stand with it in the tests:
///
/// ```python
/// keys = MappingKeyResolver(public_keys={}, private_keys={KEY_ID: A})
/// signer = HTTPMessageSigner(signature_algorithm=algorithms.RSA_V1_5_SHA256, key_resolver=keys)
/// signer.sign(message, key_id=KEY_ID, created=datetime.fromtimestamp(1795534782, UTC),
///             label="sig1", covered_component_ids=("@method", "@target-uri", "content-digest"),
///             use_existing_digest=True)
/// ```
mod vectors {
    /// A message, as we sign it.
    pub(super) const POST: &str = "\
        UV2gQXvOMYfvtx2Vy+mLucbtd39hCeldogKWpxeWqlgUcDuD9S96IGzvquY2LZmdeVbDTO/kFLFQ52je\
        pJ7MIsv4i2HBytPGY33/C2bVwMGvCeaDRjq0WDfpXhAW4NkH7P8m/i7bwLueF1XMee4e95d8Ee59BMrp\
        ji//bYts5/pS1tPHfKMEiDJngAB/QAWrcKmxvan+RxXJCYHMhoQye+2N7zP+wHxq6akPi6RVBdGUGuNM\
        mBgnzIrcE45xH9y7yQVZk/bskfd4JlOqitEhhmR0sC5VR8aqIgcLgU2wViyODLQKa/p0EL6g/FwVZkFL\
        IqimIuwQ+YyhjFAEeu7EMw==";
    /// A request for a document, as we sign it.
    pub(super) const GET: &str = "\
        p3vNTfUurbPh0XW7/5ch+wt64RDibD/qVKVKzY0IxgvWAXEjcmAM4aZn7J7ID4uMSS7GvBr5yaV7gE55\
        9rBzuhd7IaB75JSXfNbTlj8a8s2dEuZE2pYevfGs2cZhLCq0eUHCGDiC+poNuqWt19zDCHaQXqcCqNvx\
        bIZbWmsIBiBdtDXO+lmRdIHI5bHd2FXcW2r0COgMDYWwobE8rBN9zZt+wrqq5DifiWhjCq3lwLN+3Fcx\
        qzXQ7q6uon/raFfMyJ8a03XOsbpqP/2JqNNI5k72Fq3XwpcT/e72/jIJIlhCflWXP61y9lfBGc3bWJlU\
        xC+3vVlFbuLYjvfboe1yuQ==";
    /// A message, with the components of Mastodon and no `alg`.
    pub(super) const NO_ALG: &str = "\
        xsKY9TPZ1ZhRlfYU7cVHv1OFnXnaQ18JCaIgnRkX4ovgGkoeKGNhO77fghjGehquDa3ex7G5A2l4tAH8\
        K46RpC2gEE7jCdEmNH7e4luukIji7I7uy5zUINeva+SjngwKOAKZBrlyq4RnwKRO3M+yNtvL1O6tKwUa\
        1rpRa79Ye78L5S7I0HebwlygJ/9KByI2jrS9b3IFxjAcfH3wksgM/5I7LlQdVI3wCKpnWrgm3yjhsdUE\
        YadLE1HSXRJh/KQ4MTcSkN3gVDKQCafZXQt/UwaNnfHvdKP7Mhsw9PLP5Ej21WnMhTdwC3DU118GrlIr\
        UYv6fKP4wHJKUmQZzTUfuA==";
    /// A message, with the components of Fedify.
    pub(super) const FEDIFY: &str = "\
        ZbvGL2zX3tRgJMWEtiJD1Norfe+VsEqKLpONHv/70mXyaPjkzL6qnIpLDZhK2oELcpTCCqlswdiYcCCu\
        6VzTLk7yFc9J2mrDDMrRrMuNoc5Mrvk/ZsEbGLq/PXIayO8k0EGRXJBBZaXxtkKvCu+yadrleyxsCani\
        BdRcFDc3A8cXpypd+wzXpUrStqFZU9R9KJ2Gq0Z0YVjwWIqihE7L7Rly2NblGG1OwEF7lss+g3v8U42Q\
        tsWtJMohlxgFQh6121LtKHAnTy2CVCMI1n+2p3GNSsnpJdj1ie1N3xWWWFG/jOIlTwTlSehiqY9AvSs8\
        2DPFMFtkB9PoQQavnNyI3A==";
    /// A request for a document, with its target in parts.
    pub(super) const PARTS: &str = "\
        FcC/DeDwTFxPluMcVWUU+/yZ8dNLu0yBK+Iqf2pRV1bIsUs6OYJy7xrJmqL27z/GGUDTVaAze3tL0dcV\
        7Kr5m5N1S6J6YiaU+FAM/UFE5S6pXAPqEFSv0Vu6N67MaOlpDbHTivB3xa/53Xjb/7pSKZlkhT6LT8y6\
        MvwurFCNwR8xuVJcQ2QqFAARf4dziOQZaa33CAIQgcywxDH1OSZyvoYJ2hho37jN2t2zBgHNlhlWxAj8\
        sTAhRYua8nu659uY5WOgTyHBsuGS5jvFmoUOOcaftKxBVqt1RzW46VxGBvQZdbm4+igthPTA/ho8VaXI\
        Jzrx0oq+eY5p6hJWL2nPOw==";
}

const OUR_KEY_ID: &str = "https://www.party.example/ap/news/actor.json#main-key";

/// A letter with these two headers.
fn sent(letter: Letter, input: &str, signature: &str) -> Letter {
    letter
        .and("Signature-Input", &format!("sig1={input}"))
        .and("Signature", &format!("sig1=:{signature}:"))
}

#[test]
fn a_message_is_signed_as_another_program_does_it() {
    let signer = Signer { key: &key(), key_id: OUR_KEY_ID };
    let url = Url::parse("https://social.example:8443/inbox").unwrap();
    let headers = signer.post(&url, now(), TYPE, BODY.as_bytes(), Form::Rfc9421);
    let names: Vec<&str> = headers.iter().map(|(name, _)| *name).collect();
    let expected =
        ["Host", "Date", "Content-Digest", "Content-Type", "Signature-Input", "Signature"];
    assert_eq!(names, expected);
    let letter = Letter::of("POST", &url, headers, BODY.as_bytes());
    let input = format!(
        "sig1=(\"@method\" \"@target-uri\" \"content-digest\");created=1795534782;\
         keyid=\"{OUR_KEY_ID}\";alg=\"rsa-v1_5-sha256\""
    );
    assert_eq!(letter.value("Host"), "social.example:8443");
    assert_eq!(letter.value("Signature-Input"), input);
    assert_eq!(letter.value("Signature"), format!("sig1=:{}:", vectors::POST));
}

#[test]
fn a_request_for_a_document_is_signed_as_another_program_does_it() {
    let signer = Signer { key: &key(), key_id: OUR_KEY_ID };
    let url = Url::parse("https://social.example/users/bob?page=1").unwrap();
    let letter = Letter::of("GET", &url, signer.get(&url, now(), Form::Rfc9421), b"");
    let input = format!(
        "sig1=(\"@method\" \"@target-uri\");created=1795534782;keyid=\"{OUR_KEY_ID}\";\
         alg=\"rsa-v1_5-sha256\""
    );
    assert_eq!(letter.value("Signature-Input"), input);
    assert_eq!(letter.value("Signature"), format!("sig1=:{}:", vectors::GET));
}

#[test]
fn what_other_servers_send_is_verified() {
    let mastodon = format!(
        "(\"@method\" \"@target-uri\" \"content-digest\");created=1795534782;\
         keyid=\"{KEY_ID}\""
    );
    assert_eq!(sent(Letter::plain(), &mastodon, vectors::NO_ALG).verify(), Ok(()));
    let fedify = format!(
        "(\"@method\" \"@target-uri\" \"@authority\" \"host\" \"date\" \"content-digest\");\
         created=1795534782;keyid=\"{KEY_ID}\";alg=\"rsa-v1_5-sha256\""
    );
    let fedify = sent(Letter::plain(), &fedify, vectors::FEDIFY);
    assert_eq!(fedify.verify(), Ok(()));
    let later = fedify.with("Date", "Tue, 24 Nov 2026 15:39:43 GMT");
    assert_eq!(later.verify(), Err(SignatureProblem::Forged));
}

#[test]
fn a_target_may_be_signed_in_parts() {
    let input = format!(
        "(\"@query\" \"@path\" \"@scheme\" \"@authority\" \"@method\" \"@request-target\");\
         created=1795534782;keyid=\"{KEY_ID}\";alg=\"rsa-v1_5-sha256\";expires=1795556382;\
         nonce=\"a\\\"b\\\\c\";tag=\"fedi\""
    );
    let letter = sent(Letter::question(), &input, vectors::PARTS);
    assert_eq!(letter.verify(), Ok(()));
    assert_eq!(letter.verify_at(now() + 7.hours()), Ok(()));
    assert_eq!(letter.verify_at(now() + 421.minutes()), Err(SignatureProblem::TooOld));
    // Blanks that mean nothing are not signed, and a name of a host has no capitals.
    let spaced = input.replace("(\"@query\"", "( \"@query\"  ").replace(";created", "; created");
    let letter = sent(Letter::question(), &spaced, vectors::PARTS);
    assert_eq!(letter.with("Host", "WWW.Party.Example:443").verify(), Ok(()));
}

#[test]
fn who_signed_and_when_is_told_before_it_is_verified() {
    for form in FORMS {
        let letter = Letter::signed(form);
        let told = letter.read(|signed| Ok((signed.key_id().to_owned(), signed.signed_at())));
        assert_eq!(told, Ok((KEY_ID.to_owned(), now())));
        // The rest is as good as can be known without the key.
        let forged = match form {
            Form::Cavage => letter.with("Content-Type", "text/html"),
            Form::Rfc9421 => letter.with_target("/ap/other/inbox"),
        };
        assert_eq!(forged.check(), Ok(()));
        assert_eq!(forged.verify(), Err(SignatureProblem::Forged));
    }
}
