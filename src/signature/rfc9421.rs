//! Signatures by RFC 9421, with RSA and SHA-256.
//!
//! We sign what Mastodon asks for and sends itself, which Fedify takes as well, and take every
//! choice of components that proves who sent what to whom, and when. What would let the two ends
//! read a component in two ways (its parameters: `;sf`, `;bs`, `;req`, …) no server of the
//! fediverse sends, and is refused.

use base64ct::{Base64, Encoding};
use jiff::Timestamp;
use url::Url;

use super::claim::{BodyHash, Claim};
use super::signer::target;
use super::structured::{self, BareItem, Member, Value};
use super::{Headers, Request, SignatureProblem, Signer, authority};
use crate::limits::SIGNED_HEADERS_MAX;

/// RSASSA-PKCS1-v1_5 with SHA-256 (RFC 9421, 3.3.2).
const ALGORITHM: &str = "rsa-v1_5-sha256";

/// Signs a request, and adds the signature to its headers.
pub(super) fn sign(
    signer: &Signer<'_>,
    method: &str,
    url: &Url,
    now: Timestamp,
    mut headers: Headers,
) -> Headers {
    let address = format!("{}://{}{}", url.scheme(), authority(url), target(url));
    let mut components = vec![("@method", method.to_owned()), ("@target-uri", address)];
    if let Some((_, hash)) = headers.iter().find(|(name, _)| *name == "Content-Digest") {
        components.push(("content-digest", hash.clone()));
    }
    let names: Vec<String> = components.iter().map(|(name, _)| format!("\"{name}\"")).collect();
    let input = format!(
        "({});created={};keyid={};alg=\"{ALGORITHM}\"",
        names.join(" "),
        now.as_second(),
        BareItem::Text(signer.key_id.to_owned())
    );
    let signature = Base64::encode_string(&signer.key.sign(base(&components, &input).as_bytes()));
    headers.push(("Signature-Input", format!("sig1={input}")));
    headers.push(("Signature", format!("sig1=:{signature}:")));
    headers
}

/// Whether a header `Signature` is in this form and not in that of the draft, whose values are no
/// byte sequences.
pub(super) fn wrote(header: &str) -> bool {
    header.split_once('=').is_some_and(|(_, value)| value.starts_with(':'))
}

/// Reads the headers `Signature-Input` and `Signature` of a request.
pub(super) fn read(
    request: &Request<'_>,
    input: &str,
    signature: &str,
) -> Result<Claim, SignatureProblem> {
    let (label, member) = only(input)?;
    let Value::List(items) = member.value else { return Err(SignatureProblem::Malformed) };
    let names = names(&items)?;
    check_coverage(request, &names)?;
    let parameter = |name: &str| {
        member.parameters.iter().find(|(known, _)| known == name).map(|(_, value)| value)
    };
    match parameter("alg") {
        // The key says it then, and ours are all of this kind.
        None => {}
        Some(BareItem::Text(name)) if name == ALGORITHM => {}
        Some(BareItem::Text(name)) => return Err(SignatureProblem::Algorithm(name.clone())),
        Some(other) => return Err(SignatureProblem::Algorithm(other.to_string())),
    }
    let Some(BareItem::Text(key_id)) = parameter("keyid") else {
        return Err(SignatureProblem::NoParameter("keyid"));
    };
    let time = |name: &'static str| match parameter(name) {
        None => Ok(None),
        Some(BareItem::Integer(second)) => Timestamp::from_second(*second)
            .map(Some)
            .map_err(|_| SignatureProblem::NoParameter(name)),
        Some(_) => Err(SignatureProblem::NoParameter(name)),
    };
    let mut components = Vec::new();
    for name in &names {
        components.push((*name, value(request, name)?));
    }
    let list = BareItem::list(&items, &member.parameters);
    Ok(Claim {
        key_id: key_id.clone(),
        signed_at: time("created")?.ok_or(SignatureProblem::NoParameter("created"))?,
        expires: time("expires")?,
        body_hash: names.contains(&"content-digest").then_some(BodyHash::ContentDigest),
        texts: vec![base(&components, &list)],
        bytes: bytes(&label, signature)?,
    })
}

/// The one member of a dictionary. Of several signatures we could not say which one others rely on.
fn only(header: &str) -> Result<(String, Member), SignatureProblem> {
    let mut members = structured::dictionary(header)?;
    match (members.pop(), members.is_empty()) {
        (Some(member), true) => Ok(member),
        (Some(_), false) => Err(SignatureProblem::Labels),
        (None, _) => Err(SignatureProblem::Malformed),
    }
}

/// The signature with this label.
fn bytes(label: &str, header: &str) -> Result<Vec<u8>, SignatureProblem> {
    let (named, member) = only(header)?;
    match member.value {
        Value::Item(BareItem::Bytes(base64)) if named == label => Base64::decode_vec(&base64).ok(),
        _ => None,
    }
    .ok_or(SignatureProblem::NoParameter("signature"))
}

/// The names of the components, each once and without parameters.
fn names(items: &[(BareItem, structured::Parameters)]) -> Result<Vec<&str>, SignatureProblem> {
    if items.len() > SIGNED_HEADERS_MAX {
        return Err(SignatureProblem::TooLong);
    }
    let mut names: Vec<&str> = Vec::new();
    for (item, parameters) in items {
        let BareItem::Text(name) = item else { return Err(SignatureProblem::Malformed) };
        if names.contains(&name.as_str()) {
            return Err(SignatureProblem::Twice(name.clone()));
        }
        if !parameters.is_empty() {
            return Err(SignatureProblem::Component(name.clone()));
        }
        names.push(name);
    }
    Ok(names)
}

/// Whether all is signed that has to be.
fn check_coverage(request: &Request<'_>, names: &[&str]) -> Result<(), SignatureProblem> {
    let covers = |name| names.contains(&name);
    if !covers("@method") {
        return Err(SignatureProblem::Unsigned("@method"));
    }
    let covers_query = covers("@query") || !request.target.contains('?');
    let in_parts = covers("@authority") && covers("@path") && covers_query;
    if !covers("@target-uri") && !in_parts {
        return Err(SignatureProblem::Unsigned("@target-uri"));
    }
    if request.needs_digest() && !covers("content-digest") {
        return Err(SignatureProblem::Unsigned("content-digest"));
    }
    Ok(())
}

/// The value of a component (RFC 9421, 2.1 and 2.2). Whoever asks for us by the web asks by
/// `https`, whatever stands between them and us.
fn value(request: &Request<'_>, name: &str) -> Result<String, SignatureProblem> {
    let Request { method, target, .. } = *request;
    let authority = || request.authority().ok_or(SignatureProblem::Host);
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    match name {
        "@method" => Ok(method.to_owned()),
        "@target-uri" => Ok(format!("https://{}{target}", authority()?)),
        "@authority" => authority(),
        "@scheme" => Ok("https".to_owned()),
        "@request-target" => Ok(target.to_owned()),
        "@path" => Ok(path.to_owned()),
        "@query" => Ok(format!("?{query}")),
        other if other.starts_with('@') || other.bytes().any(|byte| byte.is_ascii_uppercase()) => {
            Err(SignatureProblem::Component(other.to_owned()))
        }
        header => request.signed_value(header),
    }
}

/// The text that is signed (RFC 9421, 2.5).
fn base(components: &[(&str, String)], list: &str) -> String {
    let line = |(name, value): &(&str, String)| format!("\"{name}\": {value}\n");
    let lines: String = components.iter().map(line).collect();
    format!("{lines}\"@signature-params\": {list}")
}
