//! The private part of a key: whoever has it speaks in the name of the actor.

use std::fmt;

use pkcs1::{ALGORITHM_ID, RsaPrivateKeyRef};
use pkcs8::PrivateKeyInfoRef;
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use spki::der::asn1::OctetStringRef;
use spki::der::{Decode, Encode};
use zeroize::Zeroizing;

use super::{KeyProblem, PublicKey, pem};

/// An RSA key of 2048 to 4096 bits with which messages are signed.
pub struct PrivateKey {
    /// `RSAPrivateKey` (RFC 8017, A.1.2) in DER.
    rsa: Zeroizing<Vec<u8>>,
    pair: RsaKeyPair,
    public: PublicKey,
}

impl PrivateKey {
    /// How large a new key should be: what servers themselves have (GoToSocial), and every one
    /// takes. Larger ones make each message slower to sign, on machines that are small.
    pub const BITS: usize = 2048;

    /// Makes a key from the randomness of the system. `bits` is 2048, 3072 or 4096: `ring` signs
    /// with no other sizes.
    ///
    /// # Errors
    ///
    /// When `bits` is another number.
    pub fn generate(bits: usize) -> Result<Self, KeyProblem> {
        use rsa::pkcs1::EncodeRsaPrivateKey as _;
        let unusable = |error: String| KeyProblem::Unusable(error);
        if !matches!(bits, 2048 | 3072 | 4096) {
            return Err(unusable(format!("{bits} bits are not a usual size")));
        }
        // A system that has no randomness to give must not make keys at all.
        let mut random = rsa::rand_core::UnwrapErr(getrandom::SysRng);
        let key =
            rsa::PrivateKey::new(&mut random, bits).map_err(|error| unusable(error.to_string()))?;
        let der = key.to_pkcs1_der().map_err(|error| unusable(error.to_string()))?;
        Self::from_rsa(der.as_bytes())
    }

    /// Reads a key from PEM: `PRIVATE KEY` or `RSA PRIVATE KEY`, whatever stands around it.
    ///
    /// # Errors
    ///
    /// When there is none, or one that servers would not take.
    pub fn parse(text: &str) -> Result<Self, KeyProblem> {
        let text = pem::with_line_ends(text)?;
        let blocks = pem::blocks(&text)?;
        for block in &blocks {
            match block.label {
                "RSA PRIVATE KEY" if block.is_encrypted() => return Err(KeyProblem::Encrypted),
                "RSA PRIVATE KEY" => return Self::from_rsa(&block.bytes()?),
                "PRIVATE KEY" => return Self::from_pkcs8(&block.bytes()?),
                _ => {}
            }
        }
        // OpenSSL puts the parameters of a curve before the key.
        let private = blocks.iter().find(|block| block.label.ends_with("PRIVATE KEY"));
        Err(private.or(blocks.first()).map_or(KeyProblem::NotPem, pem::Block::problem))
    }

    fn from_pkcs8(der: &[u8]) -> Result<Self, KeyProblem> {
        let info = PrivateKeyInfoRef::from_der(der).map_err(|_| KeyProblem::Damaged)?;
        if info.algorithm.oid != ALGORITHM_ID.oid {
            return Err(KeyProblem::NotRsa(pem::kind(info.algorithm.oid)));
        }
        Self::from_rsa(info.private_key.as_bytes())
    }

    /// Reads `RSAPrivateKey` in DER.
    fn from_rsa(der: &[u8]) -> Result<Self, KeyProblem> {
        let numbers = RsaPrivateKeyRef::from_der(der).map_err(|_| KeyProblem::Damaged)?;
        let public = PublicKey::new(&numbers.public_key())?;
        let unusable = |error: ring::error::KeyRejected| KeyProblem::Unusable(error.to_string());
        let pair = RsaKeyPair::from_der(der).map_err(unusable)?;
        let key = Self { rsa: Zeroizing::new(der.to_vec()), pair, public };
        // Some of the numbers are compared with each other only now.
        if !key.public.verify(b"test", &key.sign(b"test")) {
            return Err(KeyProblem::Damaged);
        }
        Ok(key)
    }

    /// The key as `PRIVATE KEY`, which all tools read.
    pub fn to_pkcs8_pem(&self) -> Zeroizing<String> {
        let wrap =
            || PrivateKeyInfoRef::new(ALGORITHM_ID, OctetStringRef::new(&self.rsa)?).to_der();
        // What is written is far from the limits of DER.
        let der = Zeroizing::new(wrap().unwrap_or_default());
        Zeroizing::new(pem::write("PRIVATE KEY", &der))
    }

    /// The part that everybody may have.
    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    /// Signs bytes by RSASSA-PKCS1-v1_5 with SHA-256: the same bytes get the same signature. It is
    /// empty, and verified by nobody, when the numbers of the key contradict each other.
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        let mut signature = vec![0; self.pair.public().modulus_len()];
        match self.pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature) {
            Ok(()) => signature,
            Err(ring::error::Unspecified) => Vec::new(),
        }
    }
}

impl fmt::Debug for PrivateKey {
    /// Shows which key it is, and nothing of the key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PrivateKey({})", self.public.fingerprint())
    }
}
