//! The keys by which servers of the fediverse know that a message comes from the site.
//!
//! Each actor has one pair. The public part is published with the actor, and a build needs
//! nothing but that; the private part signs and never leaves the machine of its owner. Both are
//! RSA, for that is what all servers take, and both are read as people have them: from OpenSSL,
//! from Mastodon or Pleroma, with Windows line ends or text around. The key by which a site signs
//! its files is of another kind ([`minisign`]).

#[cfg(feature = "network")]
pub mod minisign;
mod pem;
#[cfg(feature = "network")]
mod private;
mod public;

use std::fmt;

#[cfg(feature = "network")]
pub use private::PrivateKey;
pub use public::PublicKey;

/// Bits of the smallest RSA key that is safe to use, and that `ring` signs with.
const BITS_MIN: usize = 2048;

/// Bits of the largest one: what `ring` signs with, and no server asks for more.
const BITS_MAX: usize = 4096;

/// Bits of the largest public exponent: what `ring` verifies with. Everybody has 65537, which has
/// 17; a far larger one would only make it slow to verify what somebody sends.
const EXPONENT_BITS_MAX: usize = 33;

/// Why a text is not the key that is wanted, with what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyProblem {
    /// It is far longer than a key.
    TooLong,
    /// There is no `-----BEGIN …-----` in it.
    NotPem,
    /// The line `-----END …-----` is missing.
    CutOff,
    /// What stands between the two lines is no key.
    Damaged,
    /// More than one public key: two readers could take two of them.
    Several,
    /// A private key where a public one is wanted: somebody is about to publish it.
    PrivateKey,
    /// A public key where a private one is wanted.
    PublicKey,
    /// A certificate, which has a public key in it.
    Certificate,
    /// A private key that is locked with a passphrase.
    Encrypted,
    /// A private key in the form of OpenSSH.
    OpenSsh,
    /// A key of another kind: Ed25519, EC, …
    NotRsa(&'static str),
    /// PEM of something that is no key, and what it says it is.
    NoKey(String),
    /// An RSA key of less than 2048 bits, and how many it has.
    TooSmall(usize),
    /// An RSA key of more than 4096 bits, and how many it has.
    TooLarge(usize),
    /// An RSA key that cannot be signed with, and why in the words of `ring`.
    Unusable(String),
}

impl fmt::Display for KeyProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Self::TooLong => "it is far too long for a key",
            Self::NotPem => {
                "it has no key in it: a key begins with a line such as `-----BEGIN PUBLIC \
                 KEY-----`. If the file is binary, `openssl pkey -inform DER -in FILE -out \
                 NEW.pem` may turn it into one"
            }
            Self::CutOff => {
                "it is cut off: the line `-----END …-----` is missing. Copy the whole key, with \
                 its first and its last line"
            }
            Self::Damaged => {
                "the key in it is damaged. Copy it again from where it came from, all of it and \
                 nothing else changed"
            }
            Self::Several => "it has more than one public key in it; leave only the right one",
            Self::PrivateKey => {
                "THIS IS A PRIVATE KEY. Whoever has it can speak in your name, so it must never be \
                 published. Move the file away; if it has been on the web or in a shared \
                 repository, make a new key"
            }
            Self::PublicKey => {
                "it has a public key only, which everybody may have; the private one is wanted here"
            }
            Self::Certificate => {
                "it has a certificate, not a key. `openssl x509 -in FILE -noout -pubkey` shows the \
                 public key in it"
            }
            Self::Encrypted => {
                "the private key is locked with a passphrase. `openssl pkey -in FILE -out NEW.pem` \
                 asks for it and writes the key without; delete NEW.pem when you have imported it"
            }
            Self::OpenSsh => {
                "it is in the form of OpenSSH. On a copy of the file, `ssh-keygen -p -m PEM -N '' \
                 -f COPY` changes that"
            }
            Self::NotRsa(kind) => {
                return write!(
                    f,
                    "it is a key of the kind {kind}, but the servers of the fediverse want RSA"
                );
            }
            Self::NoKey(label) => return write!(f, "it has no key in it but a `{label}`"),
            Self::TooSmall(bits) => {
                return write!(
                    f,
                    "the key has {bits} bits; servers refuse RSA keys of less than {BITS_MIN}"
                );
            }
            Self::TooLarge(bits) => {
                return write!(
                    f,
                    "the key has {bits} bits; RSA keys of more than {BITS_MAX} are not supported, \
                     for they only cost time"
                );
            }
            Self::Unusable(reason) => {
                return write!(f, "the key cannot be signed with ({reason}); make another one");
            }
        };
        f.write_str(text)
    }
}

impl std::error::Error for KeyProblem {}
