//! What can be said of an actor's key.

use crate::key::PublicKey;

/// What a key that the site shows is to the private keys on this machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fit {
    /// It believes what is signed here.
    Yes,
    /// The same, but a new key waits until the site shows that one.
    Old,
    /// It is the new key that waits.
    New,
    /// It believes nothing of what is signed here.
    No,
}

/// Looks at keys. Who has private keys can say more than who has not.
pub(crate) trait Keys {
    /// The length of an RSA key in bits, from its PEM as in a profile, or why it is none, in plain
    /// words.
    fn bits(&self, public_key_pem: &str) -> Result<usize, String>;

    /// Whether this public key believes what the private key of a user signs; `None` when the
    /// private key is not on this machine.
    fn fits(&self, user: &str, public_key_pem: &str) -> Option<Fit>;
}

/// Looks at public keys only.
pub(crate) struct PublicKeys;

impl Keys for PublicKeys {
    fn bits(&self, pem: &str) -> Result<usize, String> {
        PublicKey::parse(pem).map(|key| key.bits()).map_err(|problem| problem.to_string())
    }

    fn fits(&self, _: &str, _: &str) -> Option<Fit> {
        None
    }
}
