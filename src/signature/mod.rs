//! HTTP signatures: how a server of the fediverse knows who has sent a message.
//!
//! Every server takes and sends the form of the twelfth draft (draft-cavage-http-signatures-12),
//! which is [`cavage`]; few read RFC 9421 as well, which would be a file beside it. Nothing here
//! talks to anybody: a message, a key and the time go in, headers or a verdict come out.

pub mod cavage;
mod parameters;
mod problem;

use base64ct::{Base64, Encoding};
use sha2::{Digest, Sha256};

pub use problem::SignatureProblem;

/// A message as it came in.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// `POST`.
    pub method: &'a str,
    /// Path and query: `/ap/news/inbox`.
    pub target: &'a str,
    /// Names, in whatever case, and values, in the order in which they came.
    pub headers: &'a [(&'a str, &'a str)],
    /// Every byte of it, before anything is made of it.
    pub body: &'a [u8],
}

impl<'a> Request<'a> {
    /// The values of a header, whose name is given in lower case.
    fn values(&self, name: &str) -> impl Iterator<Item = &'a str> {
        let named =
            self.headers.iter().filter(move |(header, _)| header.eq_ignore_ascii_case(name));
        named.map(|(_, value)| value.trim())
    }

    /// The value of a header that may be there only once.
    fn value(&self, name: &str) -> Option<&'a str> {
        let mut values = self.values(name);
        values.next().filter(|_| values.next().is_none())
    }
}

/// What the header `Digest` says of a body (RFC 3230): `SHA-256=…`.
fn digest(body: &[u8]) -> String {
    format!("SHA-256={}", Base64::encode_string(&Sha256::digest(body)))
}
