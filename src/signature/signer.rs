//! Signs what the site sends, in the form that the other server takes.

use jiff::Timestamp;
use jiff::fmt::rfc2822;
use url::Url;

use super::{cavage, digest, rfc9421};
use crate::key::PrivateKey;

/// The two ways to sign a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// The twelfth draft. Every server takes it, and some drop all else in silence (snac), so it
    /// is the first try.
    Cavage,
    /// RFC 9421, for a second try with a server that answers 401.
    Rfc9421,
}

/// Who signs.
#[derive(Debug)]
pub struct Signer<'a> {
    /// The private key of the actor.
    pub key: &'a PrivateKey,
    /// Where servers find its public part: `https://www.party.example/ap/news/actor.json#main-key`.
    pub key_id: &'a str,
}

/// Headers that a signed request has to have, with the values that were signed.
pub type Headers = Vec<(&'static str, String)>;

impl Signer<'_> {
    /// Signs a request for a document, as GoToSocial always and Mastodon in secure mode wants it.
    pub fn get(&self, url: &Url, now: Timestamp, form: Form) -> Headers {
        let headers = vec![("Host", authority(url)), ("Date", date(now))];
        match form {
            Form::Cavage => cavage::sign(self, "get", url, headers),
            Form::Rfc9421 => rfc9421::sign(self, "GET", url, now, headers),
        }
    }

    /// Signs a message to an inbox.
    pub fn post(
        &self,
        url: &Url,
        now: Timestamp,
        content_type: &str,
        body: &[u8],
        form: Form,
    ) -> Headers {
        let hash = match form {
            Form::Cavage => ("Digest", digest::of(body)),
            Form::Rfc9421 => ("Content-Digest", digest::content_of(body)),
        };
        let headers = vec![
            ("Host", authority(url)),
            ("Date", date(now)),
            hash,
            ("Content-Type", content_type.to_owned()),
        ];
        match form {
            Form::Cavage => cavage::sign(self, "post", url, headers),
            Form::Rfc9421 => rfc9421::sign(self, "POST", url, now, headers),
        }
    }
}

/// The host of an address as browsers and servers write it: with the port when it is an unusual
/// one.
pub fn authority(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// Path and query of an address, as they are asked for.
pub(super) fn target(url: &Url) -> String {
    let query = url.query().map_or_else(String::new, |query| format!("?{query}"));
    format!("{}{query}", url.path())
}

/// `Tue, 24 Nov 2026 15:39:42 GMT` (RFC 9110, 5.6.7).
fn date(now: Timestamp) -> String {
    // Only years before 0 and after 9999 cannot be written.
    rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&now).unwrap_or_default()
}
