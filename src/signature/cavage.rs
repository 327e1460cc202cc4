//! Signatures as in draft-cavage-http-signatures-12, with RSA and SHA-256.
//!
//! Servers differ in what they want to be signed, so we sign what the strictest wants, and take
//! what any of them sends as long as it proves who sent what to whom, and when.

use base64ct::{Base64, Encoding};
use jiff::fmt::rfc2822;
use jiff::{SignedDuration, Timestamp};
use url::Url;

use super::parameters::Parameters;
use super::{Request, SignatureProblem, digest};
use crate::key::{PrivateKey, PublicKey};
use crate::limits::{SIGNATURE_BYTES_MAX, SIGNED_HEADERS_MAX};

/// How far the clocks of two servers may differ, and how long a message may be on its way
/// (Mastodon allows the same).
const MARGIN: SignedDuration = SignedDuration::from_hours(1);

/// How long a signature may say that it is good, at most (as in Mastodon).
const LIFETIME_MAX: SignedDuration = SignedDuration::from_hours(12);

/// Who signs.
#[derive(Debug)]
pub struct Signer<'a> {
    /// The private key of the actor.
    pub key: &'a PrivateKey,
    /// Where servers find its public part: `https://www.party.example/ap/news/actor.json#main-key`.
    pub key_id: &'a str,
}

/// Headers that a signed request has to have, with the values that were signed.
pub type Headers = Vec<(&'static str, String)>;

impl Signer<'_> {
    /// Signs a request for a document, as GoToSocial always and Mastodon in secure mode wants it.
    pub fn get(&self, url: &Url, now: Timestamp) -> Headers {
        self.sign("get", url, vec![("Host", host(url)), ("Date", date(now))])
    }

    /// Signs a message to an inbox.
    pub fn post(&self, url: &Url, now: Timestamp, content_type: &str, body: &[u8]) -> Headers {
        let headers = vec![
            ("Host", host(url)),
            ("Date", date(now)),
            ("Digest", digest(body)),
            ("Content-Type", content_type.to_owned()),
        ];
        self.sign("post", url, headers)
    }

    fn sign(&self, method: &str, url: &Url, mut headers: Headers) -> Headers {
        let target = url.query().map_or_else(String::new, |query| format!("?{query}"));
        let mut lines = vec![format!("(request-target): {method} {}{target}", url.path())];
        let mut names = "(request-target)".to_owned();
        for (name, value) in &headers {
            let name = name.to_ascii_lowercase();
            lines.push(format!("{name}: {value}"));
            names.push_str(&format!(" {name}"));
        }
        let signature = Base64::encode_string(&self.key.sign(lines.join("\n").as_bytes()));
        // Everybody knows this label, while `hs2019` says no more and is younger.
        let value = format!(
            "keyId=\"{}\",algorithm=\"rsa-sha256\",headers=\"{names}\",signature=\"{signature}\"",
            self.key_id
        );
        headers.push(("Signature", value));
        headers
    }
}

/// The host as browsers and servers write it: with the port when it is an unusual one.
fn host(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// `Tue, 24 Nov 2026 15:39:42 GMT` (RFC 9110, 5.6.7).
fn date(now: Timestamp) -> String {
    // Only years before 0 and after 9999 cannot be written.
    rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&now).unwrap_or_default()
}

/// The signature of a request, not yet verified.
#[derive(Clone, Debug)]
pub struct Signature<'a> {
    request: Request<'a>,
    key_id: String,
    /// Names of what is signed, in lower case and in order.
    signed: Vec<String>,
    created: Option<Timestamp>,
    expires: Option<Timestamp>,
    bytes: Vec<u8>,
}

impl<'a> Signature<'a> {
    /// Reads the header `Signature` of a request, so that the key can be looked up.
    ///
    /// # Errors
    ///
    /// When there is none, or it is none that we could verify.
    pub fn of(request: Request<'a>) -> Result<Self, SignatureProblem> {
        let mut headers = request.values("signature");
        let header = headers.next().ok_or(SignatureProblem::Missing)?;
        if headers.next().is_some() {
            return Err(SignatureProblem::Several);
        }
        if header.len() > SIGNATURE_BYTES_MAX {
            return Err(SignatureProblem::TooLong);
        }
        let parameters = Parameters::read(header)?;
        let time = |name| match parameters.get(name) {
            None => Ok(None),
            Some(text) => text
                .parse()
                .ok()
                .and_then(|seconds| Timestamp::from_second(seconds).ok())
                .map(Some)
                .ok_or(SignatureProblem::NoParameter(name)),
        };
        let wanted = |name| parameters.get(name).ok_or(SignatureProblem::NoParameter(name));
        let bytes = Base64::decode_vec(wanted("signature")?);
        let signature = Self {
            request,
            key_id: wanted("keyId")?.to_owned(),
            signed: signed(wanted("headers")?)?,
            created: time("created")?,
            expires: time("expires")?,
            bytes: bytes.map_err(|_| SignatureProblem::NoParameter("signature"))?,
        };
        let renewed = signature.signs("(created)") || signature.signs("(expires)");
        match parameters.get("algorithm") {
            // The draft, 2.3: the new names are not for the old algorithms.
            Some("rsa-sha256") if renewed => {
                Err(SignatureProblem::Algorithm("rsa-sha256".to_owned()))
            }
            // The draft wants the algorithm to be taken from the key: ours are all RSA, and
            // everybody means SHA-256 by `hs2019`.
            None | Some("hs2019" | "rsa-sha256") => Ok(signature),
            Some(other) => Err(SignatureProblem::Algorithm(other.to_owned())),
        }
    }

    /// Where the public key is said to be: an address, mostly that of the actor with a fragment.
    pub fn key_id(&self) -> &str {
        &self.key_id
    }

    /// Whether the owner of `key` sent this request, to `host` and not long before `now`.
    ///
    /// # Errors
    ///
    /// When that is not proven. What costs least is looked at first: strangers choose how much
    /// work they make.
    pub fn verify(
        &self,
        host: &str,
        key: &PublicKey,
        now: Timestamp,
    ) -> Result<(), SignatureProblem> {
        for name in ["(request-target)", "host"] {
            if !self.signs(name) {
                return Err(SignatureProblem::Unsigned(name));
            }
        }
        // What was sent to somebody else is not for us, even though it is signed.
        if !self.request.value("host").is_some_and(|named| named.eq_ignore_ascii_case(host)) {
            return Err(SignatureProblem::Host);
        }
        self.check_time(now)?;
        self.check_body()?;
        if key.verify(self.text(self.request.target)?.as_bytes(), &self.bytes) {
            return Ok(());
        }
        // Some servers sign the path without the query.
        match self.request.target.split_once('?') {
            Some((path, _)) if key.verify(self.text(path)?.as_bytes(), &self.bytes) => Ok(()),
            _ => Err(SignatureProblem::Forged),
        }
    }

    fn signs(&self, name: &str) -> bool {
        self.signed.iter().any(|signed| signed == name)
    }

    fn check_time(&self, now: Timestamp) -> Result<(), SignatureProblem> {
        let signed = if self.signs("(created)") {
            self.created.ok_or(SignatureProblem::Time)?
        } else if self.signs("date") {
            let date = self.request.value("date").ok_or(SignatureProblem::Time)?;
            let parser = rfc2822::DateTimeParser::new();
            parser.parse_timestamp(date).map_err(|_| SignatureProblem::Time)?
        } else {
            return Err(SignatureProblem::Unsigned("date"));
        };
        if signed.duration_since(now) > MARGIN {
            return Err(SignatureProblem::TooNew);
        }
        let lifetime = match self.expires.filter(|_| self.signs("(expires)")) {
            Some(expires) => expires.duration_since(signed).min(LIFETIME_MAX),
            None => SignedDuration::ZERO,
        };
        if now.duration_since(signed) > lifetime + MARGIN {
            return Err(SignatureProblem::TooOld);
        }
        Ok(())
    }

    /// Compares the body with the header `Digest`, which has to be signed where there is a body.
    fn check_body(&self) -> Result<(), SignatureProblem> {
        let Request { method, body, .. } = self.request;
        if !self.signs("digest") {
            let needs_none = body.is_empty() && !method.eq_ignore_ascii_case("post");
            return if needs_none { Ok(()) } else { Err(SignatureProblem::Unsigned("digest")) };
        }
        let header = self.request.value("digest").ok_or(SignatureProblem::NoDigest)?;
        let parts = header.split(',').filter_map(|part| part.trim().split_once('='));
        let mut hashes = parts.filter(|(name, _)| name.eq_ignore_ascii_case("sha-256"));
        let (_, hash) = hashes.next().ok_or(SignatureProblem::NoDigest)?;
        if hashes.next().is_some() {
            return Err(SignatureProblem::NoDigest);
        }
        if digest(body) == format!("SHA-256={hash}") { Ok(()) } else { Err(SignatureProblem::Body) }
    }

    /// The text that is signed (the draft, 2.3).
    fn text(&self, target: &str) -> Result<String, SignatureProblem> {
        let time = |time: Option<Timestamp>, name| {
            time.map(|time| time.as_second().to_string()).ok_or(SignatureProblem::NoParameter(name))
        };
        let line = |name: &String| {
            let value = match name.as_str() {
                "(request-target)" => {
                    format!("{} {target}", self.request.method.to_ascii_lowercase())
                }
                "(created)" => time(self.created, "created")?,
                "(expires)" => time(self.expires, "expires")?,
                header => {
                    let values: Vec<&str> = self.request.values(header).collect();
                    if values.is_empty() {
                        return Err(SignatureProblem::NoHeader(header.to_owned()));
                    }
                    values.join(", ")
                }
            };
            Ok(format!("{name}: {value}"))
        };
        let lines: Result<Vec<String>, _> = self.signed.iter().map(line).collect();
        Ok(lines?.join("\n"))
    }
}

/// Reads the list of what is signed.
fn signed(list: &str) -> Result<Vec<String>, SignatureProblem> {
    let mut names: Vec<String> = Vec::new();
    for name in list.split_ascii_whitespace().map(str::to_ascii_lowercase) {
        if names.contains(&name) {
            return Err(SignatureProblem::Twice(name));
        }
        names.push(name);
    }
    let is_list = !names.is_empty() && names.len() <= SIGNED_HEADERS_MAX;
    if is_list { Ok(names) } else { Err(SignatureProblem::NoParameter("headers")) }
}
