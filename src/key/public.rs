//! The public part of a key, which everybody may have.

use pkcs1::{ALGORITHM_ID, RsaPublicKeyRef, UintRef};
use sha2::{Digest, Sha256};
use spki::der::asn1::BitStringRef;
use spki::der::{Decode, Encode};
use spki::{SubjectPublicKeyInfo, SubjectPublicKeyInfoRef};

use super::{BITS_MAX, BITS_MIN, EXPONENT_BITS_MAX, KeyProblem, pem};

/// An RSA key of 2048 to 4096 bits with which signatures are verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey {
    /// `SubjectPublicKeyInfo` (RFC 5280, 4.1.2.7) in DER.
    spki: Vec<u8>,
    /// `RSAPublicKey` (RFC 8017, A.1.1) in DER.
    #[cfg(feature = "network")]
    rsa: Vec<u8>,
    bits: usize,
}

impl PublicKey {
    /// Reads a key from PEM: `PUBLIC KEY` or `RSA PUBLIC KEY`, whatever stands around it.
    ///
    /// # Errors
    ///
    /// When there is none, or one that servers would not take. A private key anywhere in the text
    /// is an error, for a text with a public key is about to be published.
    pub fn parse(text: &str) -> Result<Self, KeyProblem> {
        let text = pem::with_line_ends(text)?;
        let blocks = pem::blocks(&text)?;
        if blocks.iter().any(|block| block.label.ends_with("PRIVATE KEY")) {
            return Err(KeyProblem::PrivateKey);
        }
        let mut keys = blocks.iter().filter(|block| block.label.ends_with("PUBLIC KEY"));
        match (keys.next(), keys.next()) {
            (Some(_), Some(_)) => Err(KeyProblem::Several),
            (Some(key), None) if key.label == "PUBLIC KEY" => Self::from_spki(&key.bytes()?),
            (Some(key), None) if key.label == "RSA PUBLIC KEY" => Self::from_rsa(&key.bytes()?),
            (other, _) => {
                Err(other.or(blocks.first()).map_or(KeyProblem::NotPem, pem::Block::problem))
            }
        }
    }

    /// Reads `SubjectPublicKeyInfo` in DER.
    pub(crate) fn from_spki(der: &[u8]) -> Result<Self, KeyProblem> {
        let info = SubjectPublicKeyInfoRef::from_der(der).map_err(|_| KeyProblem::Damaged)?;
        if info.algorithm.oid != ALGORITHM_ID.oid {
            return Err(KeyProblem::NotRsa(pem::kind(info.algorithm.oid)));
        }
        Self::from_rsa(info.subject_public_key.as_bytes().ok_or(KeyProblem::Damaged)?)
    }

    /// Reads `RSAPublicKey` in DER.
    fn from_rsa(der: &[u8]) -> Result<Self, KeyProblem> {
        Self::new(&RsaPublicKeyRef::from_der(der).map_err(|_| KeyProblem::Damaged)?)
    }

    /// Checks the size of a key and writes it in the forms in which it is used.
    pub(super) fn new(key: &RsaPublicKeyRef<'_>) -> Result<Self, KeyProblem> {
        let bits = bits(key.modulus);
        if bits < BITS_MIN {
            return Err(KeyProblem::TooSmall(bits));
        }
        if bits > BITS_MAX {
            return Err(KeyProblem::TooLarge(bits));
        }
        if self::bits(key.public_exponent) > EXPONENT_BITS_MAX {
            return Err(KeyProblem::Damaged);
        }
        // With an even exponent, or with 1, nothing is signed.
        let exponent = key.public_exponent.as_bytes();
        let is_odd = |number: &[u8]| number.last().is_some_and(|byte| byte % 2 == 1);
        if !is_odd(exponent) || exponent == [1] || !is_odd(key.modulus.as_bytes()) {
            return Err(KeyProblem::Damaged);
        }
        let write = || {
            let rsa = key.to_der()?;
            let subject_public_key = BitStringRef::from_bytes(&rsa)?;
            let spki =
                SubjectPublicKeyInfo { algorithm: ALGORITHM_ID, subject_public_key }.to_der()?;
            Ok::<_, spki::der::Error>((rsa, spki))
        };
        let (rsa, spki) = write().map_err(|_| KeyProblem::Damaged)?;
        #[cfg(not(feature = "network"))]
        drop(rsa);
        Ok(Self {
            spki,
            #[cfg(feature = "network")]
            rsa,
            bits,
        })
    }

    /// The key in the one form that all servers read: `PUBLIC KEY` (Lemmy reads no other), in lines
    /// of 64 characters, with a line end at the end.
    pub fn to_pem(&self) -> String {
        pem::write("PUBLIC KEY", &self.spki)
    }

    /// `SubjectPublicKeyInfo` in DER.
    #[cfg(feature = "network")]
    pub(crate) fn spki(&self) -> &[u8] {
        &self.spki
    }

    /// The size of the modulus.
    pub fn bits(&self) -> usize {
        self.bits
    }

    /// What people compare: the SHA-256 of the key in groups of four hexadecimal digits. It is
    /// what `openssl pkey -pubin -in FILE -outform DER | sha256sum` says.
    pub fn fingerprint(&self) -> String {
        let digest = Sha256::digest(&self.spki);
        let group = |pair: &[u8]| pair.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        digest.chunks(2).map(group).collect::<Vec<_>>().join(" ")
    }

    /// Whether somebody who has the private key has signed these bytes (RSASSA-PKCS1-v1_5 with
    /// SHA-256).
    #[cfg(feature = "network")]
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        use ring::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
        UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &self.rsa)
            .verify(message, signature)
            .is_ok()
    }
}

fn bits(number: UintRef<'_>) -> usize {
    let bytes = number.as_bytes();
    let unused = bytes.first().map_or(0, |byte| byte.leading_zeros() as usize);
    bytes.len() * 8 - unused
}
