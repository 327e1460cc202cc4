//! Requests with signatures, made by hand: as they should be, and wrong in one way each.

use base64ct::{Base64, Encoding};
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use sitegen::key::{PrivateKey, PublicKey};
use sitegen::signature::{Form, Headers, Request, Signature, SignatureProblem, Signer};
use url::Url;

use crate::pems;

pub(crate) const HOST: &str = "www.party.example";
pub(crate) const TYPE: &str = "application/activity+json";
pub(crate) const KEY_ID: &str = "https://social.example/users/bob#main-key";
pub(crate) const BODY: &str = r#"{"type":"Follow"}"#;
pub(crate) const DATE: &str = "Tue, 24 Nov 2026 15:39:42 GMT";
pub(crate) const FORMS: [Form; 2] = [Form::Cavage, Form::Rfc9421];

/// The moment that `DATE` names.
pub(crate) fn now() -> Timestamp {
    Timestamp::from_second(1_795_534_782).unwrap()
}

pub(crate) fn key() -> PrivateKey {
    PrivateKey::parse(pems::A).unwrap()
}

pub(crate) fn public() -> PublicKey {
    PublicKey::parse(pems::A_PUBLIC).unwrap()
}

/// A request that somebody sends us.
#[derive(Clone, Debug)]
pub(crate) struct Letter {
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Letter {
    /// A message to the inbox, and nobody has signed it yet.
    pub(crate) fn plain() -> Self {
        let digest = Base64::encode_string(&Sha256::digest(BODY));
        let headers = [
            ("Host", HOST),
            ("Date", DATE),
            ("Content-Type", TYPE),
            ("Digest", &format!("SHA-256={digest}")),
            ("Content-Digest", &format!("sha-256=:{digest}:")),
        ];
        Self {
            method: "POST".to_owned(),
            target: "/ap/news/inbox".to_owned(),
            headers: headers.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec(),
            body: BODY.into(),
        }
    }

    /// A question without a body, and nobody has signed it yet.
    pub(crate) fn question() -> Self {
        let target = "/ap/news/actor.json?x=1".to_owned();
        let letter = Self::plain().without("Digest").without("Content-Digest");
        Self { method: "GET".to_owned(), target, body: Vec::new(), ..letter }
    }

    /// A message to the inbox, signed as the site would do it.
    pub(crate) fn signed(form: Form) -> Self {
        Self::to("/ap/news/inbox", BODY.as_bytes(), form)
    }

    /// A message to an address of ours, signed as the site would do it.
    pub(crate) fn to(target: &str, body: &[u8], form: Form) -> Self {
        let url = Url::parse(&format!("https://{HOST}{target}")).unwrap();
        let signer = Signer { key: &key(), key_id: KEY_ID };
        let headers = signer.post(&url, now(), TYPE, body, form);
        Self::of("POST", &url, headers, body)
    }

    /// What is sent with the headers of a `Signer`.
    pub(crate) fn of(method: &str, url: &Url, headers: Headers, body: &[u8]) -> Self {
        let query = url.query().map_or_else(String::new, |query| format!("?{query}"));
        Self {
            method: method.to_owned(),
            target: format!("{}{query}", url.path()),
            headers: headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
            body: body.to_vec(),
        }
    }

    /// The value of a header.
    pub(crate) fn value(&self, name: &str) -> &str {
        &self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).unwrap().1
    }

    /// With this value in the place of the one that it has.
    pub(crate) fn with(self, name: &str, value: &str) -> Self {
        self.without(name).and(name, value)
    }

    /// With one more header.
    pub(crate) fn and(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
        self
    }

    pub(crate) fn with_target(self, target: &str) -> Self {
        Self { target: target.to_owned(), ..self }
    }

    pub(crate) fn with_body(self, body: &str) -> Self {
        Self { body: body.into(), ..self }
    }

    /// Signed as in the draft: `names` as they stand in the header, and what stands before them.
    pub(crate) fn sign_draft(self, names: &str, parameters: &str) -> Self {
        let line = |name: &str| {
            let value = match name.to_lowercase().as_str() {
                "(request-target)" => format!("{} {}", self.method.to_lowercase(), self.target),
                "(created)" => parameter(parameters, "created").to_owned(),
                "(expires)" => parameter(parameters, "expires").to_owned(),
                header => self.value(header).to_owned(),
            };
            format!("{}: {value}", name.to_lowercase())
        };
        let text = names.split(' ').map(line).collect::<Vec<_>>().join("\n");
        let signature = Base64::encode_string(&key().sign(text.as_bytes()));
        let value = format!("{parameters},headers=\"{names}\",signature=\"{signature}\"");
        self.and("Signature", &value)
    }

    /// Signed as in RFC 9421: `names` of components as they stand in the header, and `parameters`
    /// with a `;` before each.
    pub(crate) fn sign_rfc(self, names: &str, parameters: &str) -> Self {
        let (path, query) = self.target.split_once('?').unwrap_or((&self.target, ""));
        let line = |name: &str| {
            let value = match name.trim_matches('"') {
                "@method" => self.method.clone(),
                "@target-uri" => format!("https://{}{}", self.value("host"), self.target),
                "@authority" => self.value("host").to_owned(),
                "@path" => path.to_owned(),
                "@query" => format!("?{query}"),
                header => self.value(header).to_owned(),
            };
            format!("{name}: {value}\n")
        };
        let lines: String = names.split(' ').map(line).collect();
        let text = format!("{lines}\"@signature-params\": ({names}){parameters}");
        let signature = Base64::encode_string(&key().sign(text.as_bytes()));
        self.and("Signature-Input", &format!("sig1=({names}){parameters}"))
            .and("Signature", &format!("sig1=:{signature}:"))
    }

    /// What it says, with a reader of it.
    pub(crate) fn read<T>(
        &self,
        look: impl FnOnce(&Signature<'_>) -> Result<T, SignatureProblem>,
    ) -> Result<T, SignatureProblem> {
        let headers: Vec<(&str, &str)> =
            self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let (method, target, body) = (&self.method, &self.target, &self.body);
        look(&Signature::of(Request { method, target, headers: &headers, body })?)
    }

    pub(crate) fn verify(&self) -> Result<(), SignatureProblem> {
        self.verify_at(now())
    }

    pub(crate) fn verify_at(&self, now: Timestamp) -> Result<(), SignatureProblem> {
        self.read(|signature| signature.verify(HOST, &public(), now))
    }

    /// What is wrong with it before anybody looks at the key.
    pub(crate) fn check(&self) -> Result<(), SignatureProblem> {
        self.read(|signature| signature.check(HOST, now()))
    }

    /// Why it proves nothing, and the status that its sender gets.
    pub(crate) fn refusal(&self) -> (u16, SignatureProblem) {
        let problem = self.verify().expect_err("it is refused");
        (if problem.is_malformed() { 400 } else { 401 }, problem)
    }
}

/// `12` of `a="x",created=12`.
fn parameter<'a>(parameters: &'a str, name: &str) -> &'a str {
    let (_, rest) = parameters.split_once(&format!("{name}=")).unwrap();
    rest.split(',').next().unwrap()
}
