//! The blocks of a PEM text (RFC 7468), read more kindly than the RFC asks for.

use base64ct::{Base64, Encoding};
use pem_rfc7468::LineEnding;
use spki::ObjectIdentifier;
use zeroize::Zeroizing;

use super::KeyProblem;
use crate::limits::KEY_BYTES_MAX;

const BEGIN: &str = "-----BEGIN ";
const END: &str = "-----END ";
const DASHES: &str = "-----";

/// What stands between `-----BEGIN …-----` and `-----END …-----`.
pub(super) struct Block<'a> {
    /// `PUBLIC KEY`.
    pub(super) label: &'a str,
    body: &'a str,
}

impl Block<'_> {
    /// Whether OpenSSL's old form of a passphrase is on it.
    #[cfg(feature = "network")]
    pub(super) fn is_encrypted(&self) -> bool {
        self.body.lines().any(|line| line.starts_with("Proc-Type:") && line.contains("ENCRYPTED"))
    }

    /// The bytes. Lines may have any length.
    pub(super) fn bytes(&self) -> Result<Zeroizing<Vec<u8>>, KeyProblem> {
        let lines = self.body.lines().filter(|line| !line.contains(':'));
        let mut base64 = Zeroizing::new(String::with_capacity(self.body.len()));
        base64.extend(lines.flat_map(str::split_whitespace));
        Base64::decode_vec(&base64).map(Zeroizing::new).map_err(|_| KeyProblem::Damaged)
    }

    /// What is wrong with a block that is no RSA key by its label.
    pub(super) fn problem(&self) -> KeyProblem {
        match self.label {
            "ENCRYPTED PRIVATE KEY" => KeyProblem::Encrypted,
            "OPENSSH PRIVATE KEY" => KeyProblem::OpenSsh,
            "EC PRIVATE KEY" | "EC PARAMETERS" => KeyProblem::NotRsa("EC"),
            "DSA PRIVATE KEY" | "DSA PARAMETERS" => KeyProblem::NotRsa("DSA"),
            "PRIVATE KEY" | "RSA PRIVATE KEY" => KeyProblem::PrivateKey,
            "PUBLIC KEY" | "RSA PUBLIC KEY" => KeyProblem::PublicKey,
            "CERTIFICATE" | "X509 CERTIFICATE" | "TRUSTED CERTIFICATE" => KeyProblem::Certificate,
            label => KeyProblem::NoKey(label.to_owned()),
        }
    }
}

/// Line ends that a database or JSON shows as `\n` become real ones.
pub(super) fn with_line_ends(text: &str) -> Result<Zeroizing<String>, KeyProblem> {
    if text.len() as u64 > KEY_BYTES_MAX {
        return Err(KeyProblem::TooLong);
    }
    let text = Zeroizing::new(text.replace("\\r", ""));
    Ok(Zeroizing::new(text.replace("\\n", "\n")))
}

/// All blocks of a text, in their order. Whatever stands around them does not count.
pub(super) fn blocks(text: &str) -> Result<Vec<Block<'_>>, KeyProblem> {
    let mut blocks = Vec::new();
    let mut rest = text;
    while let Some((_, begun)) = rest.split_once(BEGIN) {
        let (label, begun) = begun.split_once(DASHES).ok_or(KeyProblem::CutOff)?;
        let (body, after) = begun.split_once(END).ok_or(KeyProblem::CutOff)?;
        rest = after.strip_prefix(label).ok_or(KeyProblem::Damaged)?;
        blocks.push(Block { label, body });
    }
    if blocks.is_empty() { Err(KeyProblem::NotPem) } else { Ok(blocks) }
}

/// Writes a block: lines of 64 characters, `\n` at the end of each.
pub(super) fn write(label: &str, bytes: &[u8]) -> String {
    // It only refuses labels that no block can have.
    pem_rfc7468::encode_string(label, LineEnding::LF, bytes).unwrap_or_default()
}

/// Says by its number (RFC 8017, 3279, 5480, 8410) what a key that is not RSA is.
pub(super) fn kind(oid: ObjectIdentifier) -> &'static str {
    match oid.to_string().as_str() {
        "1.2.840.113549.1.1.10" => "RSA-PSS",
        "1.2.840.10045.2.1" => "EC",
        "1.2.840.10040.4.1" => "DSA",
        "1.3.101.110" => "X25519",
        "1.3.101.112" => "Ed25519",
        "1.3.101.113" => "Ed448",
        _ => "that has no name here",
    }
}
