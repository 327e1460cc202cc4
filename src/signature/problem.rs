//! Why a signature proves nothing.

use std::fmt;

use crate::limits::SIGNATURE_BYTES_MAX;

/// Why a signature proves nothing. Whoever sent it may be told: it is about what they sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignatureProblem {
    /// There is no header `Signature`.
    Missing,
    /// There is more than one.
    Several,
    /// It is longer than a signature is.
    TooLong,
    /// It is no list of `name="value"`.
    Malformed,
    /// It has a parameter twice, so that two readers could understand two things.
    Twice(String),
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
    /// There is no SHA-256 in `Digest`.
    NoDigest,
    /// The body is not the one that was signed.
    Body,
    /// It was not made with this key, or something that is signed was changed.
    Forged,
}

impl fmt::Display for SignatureProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("there is no header `Signature`"),
            Self::Several => f.write_str("there is more than one header `Signature`"),
            Self::TooLong => {
                write!(f, "the header `Signature` is longer than {SIGNATURE_BYTES_MAX} bytes")
            }
            Self::Malformed => f.write_str("the header `Signature` is no list of `name=\"value\"`"),
            Self::Twice(name) => write!(f, "`{name}` is in the signature twice"),
            Self::NoParameter(name) => write!(f, "the signature has no readable `{name}`"),
            Self::Algorithm(name) => {
                write!(f, "the algorithm `{name}` is not known; use `rsa-sha256` or `hs2019`")
            }
            Self::Unsigned(name) => write!(f, "`{name}` has to be signed, but is not"),
            Self::NoHeader(name) => write!(f, "`{name}` is signed, but is not there"),
            Self::Host => f.write_str("it was signed for another host"),
            Self::Time => f.write_str("the time of signing cannot be read"),
            Self::TooOld => f.write_str("it was signed too long ago; is the clock right?"),
            Self::TooNew => f.write_str("it was signed in the future; is the clock right?"),
            Self::NoDigest => f.write_str("there is no SHA-256 in the header `Digest`"),
            Self::Body => f.write_str("the body is not the one that was signed"),
            Self::Forged => {
                f.write_str("it was made with another key, or what is signed was changed")
            }
        }
    }
}

impl std::error::Error for SignatureProblem {}
