//! The hashes of a body: `Digest` (RFC 3230) and `Content-Digest` (RFC 9530).

use base64ct::{Base64, Encoding};
use sha2::{Digest, Sha256, Sha512};

use super::structured::{self, BareItem, Value};
use super::{Request, SignatureProblem};

/// What `Digest` says of a body: `SHA-256=…`.
pub(super) fn of(body: &[u8]) -> String {
    format!("SHA-256={}", sha256(body))
}

/// What `Content-Digest` says of a body: `sha-256=:…:`.
pub(super) fn content_of(body: &[u8]) -> String {
    format!("sha-256=:{}:", sha256(body))
}

/// Compares the body with `Digest`.
pub(super) fn check(request: &Request<'_>) -> Result<(), SignatureProblem> {
    let header = request.value("digest").ok_or(SignatureProblem::NoDigest)?;
    let parts = header.split(',').filter_map(|part| part.trim().split_once('='));
    compare(parts.map(|(name, hash)| (name.to_ascii_lowercase(), hash.to_owned())), request.body)
}

/// Compares the body with `Content-Digest`.
pub(super) fn check_content(request: &Request<'_>) -> Result<(), SignatureProblem> {
    let header = request.value("content-digest").ok_or(SignatureProblem::NoDigest)?;
    let members = structured::dictionary(header).map_err(|_| SignatureProblem::NoDigest)?;
    let hashes = members.into_iter().filter_map(|(name, member)| match member.value {
        Value::Item(BareItem::Bytes(hash)) => Some((name, hash)),
        _ => None,
    });
    compare(hashes, request.body)
}

/// Compares a body with its hashes: names in lower case, and Base64. SHA-256 has to be among them,
/// and each that we can make has to be right.
fn compare(
    hashes: impl Iterator<Item = (String, String)>,
    body: &[u8],
) -> Result<(), SignatureProblem> {
    let (mut sha256s, mut sha512s) = (0, 0);
    for (name, hash) in hashes {
        let (count, right) = match name.as_str() {
            "sha-256" => (&mut sha256s, sha256(body)),
            "sha-512" => (&mut sha512s, Base64::encode_string(&Sha512::digest(body))),
            // MD5 and the like prove nothing, nor do they harm.
            _ => continue,
        };
        *count += 1;
        if *count > 1 {
            return Err(SignatureProblem::NoDigest);
        }
        if hash != right {
            return Err(SignatureProblem::Body);
        }
    }
    if sha256s == 1 { Ok(()) } else { Err(SignatureProblem::NoDigest) }
}

fn sha256(body: &[u8]) -> String {
    Base64::encode_string(&Sha256::digest(body))
}
