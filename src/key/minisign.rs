//! Signatures of files, in the form of minisign (jedisct1.github.io/minisign), so that they can be
//! verified with that program too.
//!
//! A signature has two parts: one of the file, or of its `BLAKE2b` hash, and one of that and of a
//! *trusted comment*, which says what was signed and when. Keys and signatures are short texts with
//! a line above them that nobody should believe.

use std::fmt;

use base64ct::{Base64, Encoding};
use blake2::{Blake2b512, Digest};
use ring::rand::{SecureRandom, SystemRandom};
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use zeroize::Zeroizing;

use crate::limits::KEY_BYTES_MAX;

/// The file with a signature, in bytes. They have about 300.
pub(crate) const FILE_BYTES_MAX: usize = 4 << 10;

/// Begins every key, and a signature of the file itself.
const PURE: &[u8; 2] = b"Ed";

/// Begins a signature of the hash of the file.
const HASHED: &[u8; 2] = b"ED";

/// Begins what is said about a file that anybody may have written.
const UNTRUSTED: &str = "untrusted comment: ";

/// Begins what is signed along with a file.
const TRUSTED: &str = "trusted comment: ";

const ID_BYTES: usize = 8;
const KEY_BYTES: usize = 32;
const SIGN_BYTES: usize = 64;

/// Why a text is no key or no signature, with what to do about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MinisignProblem {
    /// No public key.
    NoPublicKey,
    /// A secret key where a public one is wanted.
    IsSecret,
    /// No secret key.
    NoSecretKey,
    /// A secret key that is locked with a password.
    Locked,
    /// No signature.
    NoSignature,
    /// The system has no randomness to give, without which there are no keys.
    NoRandomness,
}

impl fmt::Display for MinisignProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoPublicKey => {
                "this is no public key for signatures: one begins with `RW` and has 56 characters. \
                 Copy all of it"
            }
            Self::IsSecret => {
                "this is the private part of a key. Whoever has it can sign in your name; the \
                 public part, which begins with `RW`, is wanted here"
            }
            Self::NoSecretKey => {
                "there is no private key for signatures in it, or it is damaged. Copy it again \
                 from where it came from"
            }
            Self::Locked => {
                "the key is locked with a password. `minisign -C -W -s FILE` takes that away, on a \
                 copy of the file"
            }
            Self::NoSignature => "this is no signature, or it is damaged",
            Self::NoRandomness => "this system has no randomness to make a key from",
        })
    }
}

impl std::error::Error for MinisignProblem {}

/// Why a file is not what a key has signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Another key has signed, whose id is this.
    Key(String),
    /// It is not the file that was signed.
    Content,
    /// The trusted comment is not the one that was signed.
    Comment,
}

/// What verifies.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PublicKey {
    id: [u8; ID_BYTES],
    key: [u8; KEY_BYTES],
}

impl PublicKey {
    /// Reads `RW…`, alone or in a file of minisign.
    ///
    /// # Errors
    ///
    /// When it is none.
    pub fn parse(text: &str) -> Result<Self, MinisignProblem> {
        let problem = MinisignProblem::NoPublicKey;
        let bytes = last_line(text).and_then(decoded).ok_or(problem)?;
        if bytes.len() == SECRET_BYTES {
            return Err(MinisignProblem::IsSecret);
        }
        let rest = bytes.strip_prefix(PURE).ok_or(problem)?;
        let (id, key) = rest.split_first_chunk().ok_or(problem)?;
        Ok(Self { id: *id, key: key.try_into().map_err(|_| problem)? })
    }

    /// The file that minisign reads with `-p`.
    pub fn to_file(self) -> String {
        format!("{UNTRUSTED}minisign public key {}\n{self}\n", self.id())
    }

    /// The name by which a signature says whose it is: `E7620F1842B4E81F`.
    pub fn id(self) -> String {
        shown(self.id)
    }

    /// Whether a signature is one of this key, for this content.
    ///
    /// # Errors
    ///
    /// What it is not.
    pub fn verify(self, content: &[u8], signature: &Signature) -> Result<(), Refusal> {
        if signature.id != self.id {
            return Err(Refusal::Key(shown(signature.id)));
        }
        let key = UnparsedPublicKey::new(&ED25519, self.key);
        let hash;
        let signed = if signature.is_hashed {
            hash = Blake2b512::digest(content);
            &hash[..]
        } else {
            content
        };
        key.verify(signed, &signature.of_content).map_err(|_| Refusal::Content)?;
        let whole = [&signature.of_content[..], signature.comment.as_bytes()].concat();
        key.verify(&whole, &signature.of_all).map_err(|_| Refusal::Comment)
    }
}

impl fmt::Display for PublicKey {
    /// `RW…`, in one line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&Base64::encode_string(&[&PURE[..], &self.id, &self.key].concat()))
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({self})")
    }
}

/// A secret key in bytes: what it is for and how it is locked; salt and effort of the lock; id,
/// seed, public key; a checksum that only locked ones have.
const SECRET_BYTES: usize = 6 + LOCK_BYTES + ID_BYTES + 2 * KEY_BYTES + SUM_BYTES;

const LOCK_BYTES: usize = 48;
const SUM_BYTES: usize = 32;

/// How a key without a lock begins.
const UNLOCKED: [u8; 6] = *b"Ed\0\0B2";

/// What signs.
pub struct SecretKey {
    seed: Zeroizing<[u8; KEY_BYTES]>,
    pair: Ed25519KeyPair,
    public: PublicKey,
}

impl SecretKey {
    /// Makes a key from the randomness of the system.
    ///
    /// # Errors
    ///
    /// When the system has none.
    pub fn generate() -> Result<Self, MinisignProblem> {
        let (mut id, mut seed) = ([0; ID_BYTES], Zeroizing::new([0; KEY_BYTES]));
        let random = SystemRandom::new();
        let filled = random.fill(&mut id).and_then(|()| random.fill(&mut *seed));
        filled.map_err(|_| MinisignProblem::NoRandomness)?;
        Self::of(id, seed)
    }

    fn of(id: [u8; ID_BYTES], seed: Zeroizing<[u8; KEY_BYTES]>) -> Result<Self, MinisignProblem> {
        let problem = MinisignProblem::NoSecretKey;
        let pair = Ed25519KeyPair::from_seed_unchecked(&*seed).map_err(|_| problem)?;
        let key = pair.public_key().as_ref().try_into().map_err(|_| problem)?;
        Ok(Self { seed, pair, public: PublicKey { id, key } })
    }

    /// Reads a file of minisign that has no password.
    ///
    /// # Errors
    ///
    /// When it is none.
    pub fn parse(text: &str) -> Result<Self, MinisignProblem> {
        let problem = MinisignProblem::NoSecretKey;
        let bytes = last_line(text).and_then(decoded).ok_or(problem)?;
        if bytes.len() != SECRET_BYTES || !bytes.starts_with(PURE) {
            return Err(problem);
        }
        if !bytes.starts_with(&UNLOCKED) {
            return Err(MinisignProblem::Locked);
        }
        let rest = bytes.get(UNLOCKED.len() + LOCK_BYTES..).unwrap_or_default();
        let (id, rest) = rest.split_first_chunk().ok_or(problem)?;
        let (seed, rest) = rest.split_first_chunk().ok_or(problem)?;
        let key = Self::of(*id, Zeroizing::new(*seed))?;
        if rest.starts_with(&key.public.key) { Ok(key) } else { Err(problem) }
    }

    /// The file that minisign reads with `-s`, without a password.
    pub fn to_file(&self) -> Zeroizing<String> {
        let PublicKey { id, key } = &self.public;
        let parts: [&[u8]; 6] =
            [&UNLOCKED, &[0; LOCK_BYTES], id, &*self.seed, key, &[0; SUM_BYTES]];
        let bytes = Zeroizing::new(parts.concat());
        let base64 = Zeroizing::new(Base64::encode_string(&bytes));
        Zeroizing::new(format!("{UNTRUSTED}minisign secret key of sitegen\n{}\n", *base64))
    }

    /// The part that everybody may have.
    pub fn public(&self) -> PublicKey {
        self.public
    }

    /// The file with the signature of a content. `comment` is signed with it, and is one line.
    pub fn sign(&self, content: &[u8], comment: &str) -> String {
        let signed = |bytes: &[u8]| self.pair.sign(bytes).as_ref().to_vec();
        let of_content = signed(&Blake2b512::digest(content));
        let of_all = signed(&[&of_content[..], comment.as_bytes()].concat());
        let first = [&HASHED[..], &self.public.id, &of_content].concat();
        format!(
            "{UNTRUSTED}signature of sitegen, to be verified with the public key {}\n{}\n\
             {TRUSTED}{comment}\n{}\n",
            self.public.id(),
            Base64::encode_string(&first),
            Base64::encode_string(&of_all)
        )
    }
}

impl fmt::Debug for SecretKey {
    /// Shows which key it is, and nothing of the key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretKey({})", self.public.id())
    }
}

/// A signature that has been read, and not yet verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// Whether the hash of the content was signed.
    is_hashed: bool,
    id: [u8; ID_BYTES],
    of_content: [u8; SIGN_BYTES],
    /// The trusted comment, to be believed when the signature is verified.
    pub comment: String,
    of_all: [u8; SIGN_BYTES],
}

impl Signature {
    /// Reads a file of minisign.
    ///
    /// # Errors
    ///
    /// When it is none.
    pub fn parse(text: &str) -> Result<Self, MinisignProblem> {
        let read = || {
            let mut lines = Some(text).filter(|text| text.len() <= FILE_BYTES_MAX)?.lines();
            lines.next()?.strip_prefix(UNTRUSTED)?;
            let first = decoded(lines.next()?)?;
            let (kind, rest) = first.split_first_chunk::<2>()?;
            let is_hashed = kind == HASHED;
            (is_hashed || kind == PURE).then_some(())?;
            let (id, of_content) = rest.split_first_chunk()?;
            let comment = lines.next()?.strip_prefix(TRUSTED)?.to_owned();
            let of_all = decoded(lines.next()?)?.as_slice().try_into().ok()?;
            lines.next().is_none().then_some(())?;
            let of_content = of_content.try_into().ok()?;
            Some(Self { is_hashed, id: *id, of_content, comment, of_all })
        };
        read().ok_or(MinisignProblem::NoSignature)
    }
}

/// As minisign shows the id of a key.
fn shown(id: [u8; ID_BYTES]) -> String {
    format!("{:016X}", u64::from_le_bytes(id))
}

/// The last line of a short text that has something in it.
fn last_line(text: &str) -> Option<&str> {
    let text = Some(text).filter(|text| text.len() as u64 <= KEY_BYTES_MAX)?;
    text.lines().map(str::trim).rfind(|line| !line.is_empty())
}

fn decoded(base64: &str) -> Option<Zeroizing<Vec<u8>>> {
    Base64::decode_vec(base64).ok().map(Zeroizing::new)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Made by minisign 0.11 for the text `hello\n`, with `-W`.
    const PUBLIC: &str = include_str!("minisign/tests.pub");
    const SECRET: &str = include_str!("minisign/tests.key");
    const HASHED: &str = include_str!("minisign/hashed.minisig");
    const LEGACY: &str = include_str!("minisign/legacy.minisig");

    fn signature(text: &str) -> Signature {
        Signature::parse(text).unwrap()
    }

    #[test]
    fn keys_and_signatures_of_minisign_are_read() {
        let public = PublicKey::parse(PUBLIC).unwrap();
        assert_eq!(SecretKey::parse(SECRET).unwrap().public(), public);
        assert_eq!(PublicKey::parse(&public.to_string()), Ok(public));
        assert!(PUBLIC.contains(&public.id()));
        for text in [HASHED, LEGACY] {
            assert_eq!(public.verify(b"hello\n", &signature(text)), Ok(()));
            assert_eq!(public.verify(b"hallo\n", &signature(text)), Err(Refusal::Content));
            let other = text.replace("timestamp:", "timestamp:9");
            let refused = public.verify(b"hello\n", &signature(&other));
            assert_eq!(refused, Err(Refusal::Comment));
        }
    }

    #[test]
    fn what_we_sign_we_verify_and_another_key_does_not() {
        let (key, other) = (SecretKey::generate().unwrap(), SecretKey::generate().unwrap());
        let signed = signature(&key.sign(b"hello\n", "timestamp:1\tfile:a.txt"));
        assert_eq!(signed.comment, "timestamp:1\tfile:a.txt");
        assert_eq!(key.public().verify(b"hello\n", &signed), Ok(()));
        assert_eq!(key.public().verify(b"", &signed), Err(Refusal::Content));
        let refused = other.public().verify(b"hello\n", &signed);
        assert_eq!(refused, Err(Refusal::Key(key.public().id())));
    }

    #[test]
    fn a_key_is_read_as_it_was_written() {
        let key = SecretKey::generate().unwrap();
        let again = SecretKey::parse(&key.to_file()).unwrap();
        assert_eq!((again.public(), *again.seed), (key.public(), *key.seed));
        assert_eq!(PublicKey::parse(&key.public().to_file()), Ok(key.public()));
        assert!(!format!("{key:?}").contains(&*key.to_file()));
        assert!(key.public().to_string().starts_with("RW"));
    }

    #[test]
    fn what_is_no_key_is_refused_with_the_reason() {
        let key = SecretKey::generate().unwrap();
        let secret = key.to_file();
        assert_eq!(PublicKey::parse(&secret), Err(MinisignProblem::IsSecret));
        let refused = |text: &str| SecretKey::parse(text).unwrap_err();
        assert_eq!(refused(&key.public().to_file()), MinisignProblem::NoSecretKey);
        let line = secret.lines().last().unwrap();
        let damaged = format!("{}AAAA{}", &line[..100], &line[104..]);
        assert_eq!(refused(&damaged), MinisignProblem::NoSecretKey);
        // What a password does to the beginning.
        assert_eq!(refused(&secret.replace("RWQAAEIy", "RWRTY0Iy")), MinisignProblem::Locked);
        for text in ["", "RW", "\n\n", "RWQAAAAA", "hello", "-----BEGIN PUBLIC KEY-----"] {
            assert_eq!(PublicKey::parse(text), Err(MinisignProblem::NoPublicKey), "{text}");
            assert_eq!(refused(text), MinisignProblem::NoSecretKey, "{text}");
            assert_eq!(Signature::parse(text), Err(MinisignProblem::NoSignature), "{text}");
        }
    }

    #[test]
    fn a_signature_that_is_cut_off_or_goes_on_is_none() {
        let whole = HASHED.trim_end();
        for end in 0..whole.len() {
            assert!(Signature::parse(&whole[..end]).is_err(), "{end}");
        }
        assert!(Signature::parse(&format!("{HASHED}more\n")).is_err());
    }

    proptest! {
        #[test]
        fn no_text_is_too_odd_to_be_refused(text in any::<String>()) {
            let _ = PublicKey::parse(&text);
            let _ = SecretKey::parse(&text);
            let _ = Signature::parse(&text);
        }
    }
}
