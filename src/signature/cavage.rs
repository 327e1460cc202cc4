//! Signatures as in draft-cavage-http-signatures-12, with RSA and SHA-256.
//!
//! Servers differ in what they want to be signed, so we sign what the strictest wants, and take
//! what any of them sends as long as it proves who sent what to whom, and when.

use base64ct::{Base64, Encoding};
use jiff::Timestamp;
use jiff::fmt::rfc2822;
use url::Url;

use super::claim::{BodyHash, Claim};
use super::parameters::Parameters;
use super::signer::target;
use super::{Headers, Request, SignatureProblem, Signer};
use crate::limits::SIGNED_HEADERS_MAX;

/// Signs a request with all of its headers, and adds the signature to them.
pub(super) fn sign(signer: &Signer<'_>, method: &str, url: &Url, mut headers: Headers) -> Headers {
    let mut lines = vec![format!("(request-target): {method} {}", target(url))];
    let mut names = "(request-target)".to_owned();
    for (name, value) in &headers {
        let name = name.to_ascii_lowercase();
        lines.push(format!("{name}: {value}"));
        names.push_str(&format!(" {name}"));
    }
    let signature = Base64::encode_string(&signer.key.sign(lines.join("\n").as_bytes()));
    // Everybody knows this label, while `hs2019` says no more and is younger.
    let value = format!(
        "keyId=\"{}\",algorithm=\"rsa-sha256\",headers=\"{names}\",signature=\"{signature}\"",
        signer.key_id
    );
    headers.push(("Signature", value));
    headers
}

/// Reads the header `Signature` of a request.
pub(super) fn read(request: &Request<'_>, header: &str) -> Result<Claim, SignatureProblem> {
    let parameters = Parameters::read(header)?;
    let wanted = |name| parameters.get(name).ok_or(SignatureProblem::NoParameter(name));
    let names = names(wanted("headers")?)?;
    let signs = |name: &str| names.iter().any(|signed| signed == name);
    let renewed = signs("(created)") || signs("(expires)");
    match parameters.get("algorithm") {
        // The draft, 2.3: the new names are not for the old algorithms.
        Some("rsa-sha256") if renewed => {
            return Err(SignatureProblem::Algorithm("rsa-sha256".to_owned()));
        }
        // The draft wants the algorithm to be taken from the key: ours are all RSA, and everybody
        // means SHA-256 by `hs2019`.
        None | Some("hs2019" | "rsa-sha256") => {}
        Some(other) => return Err(SignatureProblem::Algorithm(other.to_owned())),
    }
    for name in ["(request-target)", "host"] {
        if !signs(name) {
            return Err(SignatureProblem::Unsigned(name));
        }
    }
    let (created, expires) = (time(&parameters, "created")?, time(&parameters, "expires")?);
    let signed_at = if signs("(created)") {
        created.ok_or(SignatureProblem::Time)?
    } else if signs("date") {
        let date = request.value("date").ok_or(SignatureProblem::Time)?;
        let parser = rfc2822::DateTimeParser::new();
        parser.parse_timestamp(date).map_err(|_| SignatureProblem::Time)?
    } else {
        return Err(SignatureProblem::Unsigned("date"));
    };
    if request.needs_digest() && !signs("digest") {
        return Err(SignatureProblem::Unsigned("digest"));
    }
    let bytes = Base64::decode_vec(wanted("signature")?);
    // Some servers sign the path without the query.
    let path = request.target.split_once('?').map(|(path, _)| path);
    let targets = [Some(request.target), path];
    let text = |target: &str| text(request, &names, target, &parameters);
    let texts: Result<Vec<String>, _> = targets.into_iter().flatten().map(text).collect();
    Ok(Claim {
        key_id: wanted("keyId")?.to_owned(),
        signed_at,
        expires: expires.filter(|_| signs("(expires)")),
        body_hash: signs("digest").then_some(BodyHash::Digest),
        texts: texts?,
        bytes: bytes.map_err(|_| SignatureProblem::NoParameter("signature"))?,
    })
}

/// Reads the list of what is signed, in lower case.
fn names(list: &str) -> Result<Vec<String>, SignatureProblem> {
    let mut names: Vec<String> = Vec::new();
    for name in list.split_ascii_whitespace().map(str::to_ascii_lowercase) {
        if names.contains(&name) {
            return Err(SignatureProblem::Twice(name));
        }
        if names.len() == SIGNED_HEADERS_MAX {
            return Err(SignatureProblem::NoParameter("headers"));
        }
        names.push(name);
    }
    if names.is_empty() { Err(SignatureProblem::NoParameter("headers")) } else { Ok(names) }
}

/// Reads a moment, in whole seconds.
fn time(
    parameters: &Parameters,
    name: &'static str,
) -> Result<Option<Timestamp>, SignatureProblem> {
    let read =
        |text: &str| text.parse().ok().and_then(|second| Timestamp::from_second(second).ok());
    let Some(text) = parameters.get(name) else { return Ok(None) };
    read(text).map(Some).ok_or(SignatureProblem::NoParameter(name))
}

/// The text that is signed (the draft, 2.3).
fn text(
    request: &Request<'_>,
    names: &[String],
    target: &str,
    parameters: &Parameters,
) -> Result<String, SignatureProblem> {
    let time = |name| {
        let time = time(parameters, name)?.ok_or(SignatureProblem::NoParameter(name))?;
        Ok(time.as_second().to_string())
    };
    let line = |name: &String| {
        let value = match name.as_str() {
            "(request-target)" => format!("{} {target}", request.method.to_ascii_lowercase()),
            "(created)" => time("created")?,
            "(expires)" => time("expires")?,
            header => request.signed_value(header)?,
        };
        Ok(format!("{name}: {value}"))
    };
    let lines: Result<Vec<String>, _> = names.iter().map(line).collect();
    Ok(lines?.join("\n"))
}
