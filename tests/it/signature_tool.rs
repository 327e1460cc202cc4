//! Signs and verifies what other programs ask for. `tests/e2e/signatures/run` calls it.

use std::fs;
use std::path::PathBuf;

use jiff::Timestamp;
use serde_json::{Value, json};
use sitegen::key::{PrivateKey, PublicKey};
use sitegen::signature::{Form, Request, Signature, Signer};
use url::Url;

/// What an order says by this name.
fn text<'a>(order: &'a Value, name: &str) -> &'a str {
    order[name].as_str().unwrap_or_else(|| panic!("no {name} in {order}"))
}

fn now(order: &Value) -> Timestamp {
    Timestamp::from_second(order["now"].as_i64().unwrap()).unwrap()
}

/// The headers of a request to `url`.
fn sign(order: &Value) -> Value {
    let form = match text(order, "form") {
        "cavage" => Form::Cavage,
        "rfc9421" => Form::Rfc9421,
        other => panic!("no form {other}"),
    };
    let key = PrivateKey::parse(text(order, "private_key")).unwrap();
    let signer = Signer { key: &key, key_id: text(order, "key_id") };
    let (url, now) = (Url::parse(text(order, "url")).unwrap(), now(order));
    let headers = match text(order, "method") {
        "GET" => signer.get(&url, now, form),
        "POST" => {
            let content_type = text(order, "content_type");
            signer.post(&url, now, content_type, text(order, "body").as_bytes(), form)
        }
        other => panic!("no method {other}"),
    };
    json!(headers)
}

/// What is wrong with a request, or nothing.
fn verify(order: &Value) -> Value {
    let headers: Vec<(String, String)> = serde_json::from_value(order["headers"].clone()).unwrap();
    let headers: Vec<(&str, &str)> =
        headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let request = Request {
        method: text(order, "method"),
        target: text(order, "target"),
        headers: &headers,
        body: text(order, "body").as_bytes(),
    };
    let key = PublicKey::parse(text(order, "public_key")).unwrap();
    let verdict = Signature::of(request).and_then(|signature| {
        assert_eq!(signature.key_id(), text(order, "key_id"));
        signature.verify(text(order, "host"), &key, now(order))
    });
    json!(verdict.err().map(|problem| problem.to_string()))
}

/// Reads orders, one JSON object in each line, from the file that `SITEGEN_SIGNATURES` names, and
/// writes the answer to each into the file beside it that is called `answers`.
#[test]
#[ignore = "it is for the tests with other libraries"]
fn signatures_are_made_and_verified_for_other_programs() {
    let path = PathBuf::from(std::env::var_os("SITEGEN_SIGNATURES").unwrap());
    let orders = fs::read_to_string(&path).unwrap();
    let answer = |line: &str| {
        let order: Value = serde_json::from_str(line).unwrap();
        let answer = match text(&order, "do") {
            "sign" => sign(&order),
            "verify" => verify(&order),
            other => panic!("nobody can {other}"),
        };
        format!("{answer}\n")
    };
    let answers: String = orders.lines().map(answer).collect();
    fs::write(path.with_file_name("answers"), answers).unwrap();
}
