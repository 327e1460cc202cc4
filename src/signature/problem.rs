//! Why a signature proves nothing.

use std::fmt;

use crate::limits::{SIGNATURE_BYTES_MAX, SIGNED_HEADERS_MAX};

/// Why a signature proves nothing. Whoever sent it may be told: it is about what they sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignatureProblem {
    /// There is no header `Signature`.
    Missing,
    /// A header that can be there only once is there more often: this one, in lower case.
    Several(&'static str),
    /// It is longer, or has more parts, than a signature.
    TooLong,
    /// It cannot be read.
    Malformed,
    /// A header that is signed, the method or the target has characters that are no text.
    NotText(String),
    /// It has a parameter twice, so that two readers could understand two things.
    Twice(String),
    /// There is more than one signature by RFC 9421.
    Labels,
    /// There is one in each form, by two keys.
    Keys,
    /// The id of the key is no address at which we would look for one.
    KeyId,
    /// A component by RFC 9421 that we do not know, or one with parameters.
    Component(String),
    /// It has no such parameter, or not a readable one.
    NoParameter(&'static str),
    /// An algorithm that is not RSA with SHA-256.
    Algorithm(String),
    /// What has to be signed is not.
    Unsigned(&'static str),
    /// A header is signed that is not there.
    NoHeader(String),
    /// It is for another server.
    Host,
    /// The time of signing cannot be read.
    Time,
    /// It was signed too long ago.
    TooOld,
    /// It is said to have been signed in the future.
    TooNew,
    /// There is no SHA-256 in `Digest` or `Content-Digest`, or more than one.
    NoDigest,
    /// The body is not the one that was signed.
    Body,
    /// It was not made with this key, or something that is signed was changed.
    Forged,
}

impl SignatureProblem {
    /// Whether the request itself is broken (HTTP 400): no other signature would make it better.
    /// All else is a request that nobody has proven (401), so that the sender may sign it in
    /// another way and try again.
    pub fn is_malformed(&self) -> bool {
        matches!(self, Self::Several(_) | Self::Malformed | Self::NotText(_) | Self::Twice(_))
    }
}

impl fmt::Display for SignatureProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("there is no header `Signature`"),
            Self::Several(name) => write!(f, "there is more than one header `{name}`"),
            Self::TooLong => write!(
                f,
                "the signature is longer than {SIGNATURE_BYTES_MAX} bytes or {SIGNED_HEADERS_MAX} \
                 parts"
            ),
            Self::Malformed => f.write_str(
                "the signature cannot be read: `Signature` is neither a list of `name=\"value\"`, \
                 nor are it and `Signature-Input` as in RFC 9421",
            ),
            Self::NotText(name) => write!(f, "the value of `{name}` is no plain text"),
            Self::Twice(name) => write!(f, "`{name}` is in the signature twice"),
            Self::Labels => f.write_str("there is more than one signature"),
            Self::Keys => f.write_str("it is signed in two forms, with two keys"),
            Self::KeyId => f.write_str(
                "the id of the key is no address that begins with `https://` and has neither a \
                 query nor a user",
            ),
            Self::Component(name) => {
                write!(f, "`{name}` is not known here, or not with such parameters")
            }
            Self::NoParameter(name) => write!(f, "the signature has no readable `{name}`"),
            Self::Algorithm(name) => {
                write!(
                    f,
                    "the algorithm `{name}` is not known; use `rsa-sha256` or `hs2019`, or \
                     `rsa-v1_5-sha256` by RFC 9421"
                )
            }
            Self::Unsigned(name) => write!(f, "`{name}` has to be signed, but is not"),
            Self::NoHeader(name) => write!(f, "`{name}` is signed, but is not there"),
            Self::Host => f.write_str("it was signed for another host"),
            Self::Time => f.write_str("the time of signing cannot be read"),
            Self::TooOld => f.write_str("it was signed too long ago; is the clock right?"),
            Self::TooNew => f.write_str("it was signed in the future; is the clock right?"),
            Self::NoDigest => {
                f.write_str("there is not one SHA-256 in the header `Digest` or `Content-Digest`")
            }
            Self::Body => f.write_str("the body is not the one that was signed"),
            Self::Forged => {
                f.write_str("it was made with another key, or what is signed was changed")
            }
        }
    }
}

impl std::error::Error for SignatureProblem {}
