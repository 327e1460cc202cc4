//! A message as it came in, and what is read from it for a signature.

use super::SignatureProblem;

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
    pub(super) fn values(&self, name: &str) -> impl Iterator<Item = &'a str> {
        let named =
            self.headers.iter().filter(move |(header, _)| header.eq_ignore_ascii_case(name));
        named.map(|(_, value)| value.trim_matches([' ', '\t']))
    }

    /// The value of a header that may be there only once.
    pub(super) fn value(&self, name: &str) -> Option<&'a str> {
        let mut values = self.values(name);
        values.next().filter(|_| values.next().is_none())
    }

    /// The values of a header as they are signed: one text (the draft, 2.3; RFC 9421, 2.1).
    pub(super) fn signed_value(&self, name: &str) -> Result<String, SignatureProblem> {
        let values: Vec<&str> = self.values(name).collect();
        if values.is_empty() {
            return Err(SignatureProblem::NoHeader(name.to_owned()));
        }
        let text = values.join(", ");
        // A line end would let one header be read as two in the text that is signed.
        let is_plain = text.bytes().all(|byte| matches!(byte, b'\t' | b' '..=b'~'));
        if is_plain { Ok(text) } else { Err(SignatureProblem::NotText(name.to_owned())) }
    }

    /// Whether method and target can be part of a text with lines.
    pub(super) fn check_text(&self) -> Result<(), SignatureProblem> {
        for (name, text) in [("method", self.method), ("target", self.target)] {
            if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
                return Err(SignatureProblem::NotText(name.to_owned()));
            }
        }
        Ok(())
    }

    /// The host that is asked, in the one spelling that is compared and signed.
    pub(super) fn authority(&self) -> Option<String> {
        self.value("host").map(normal)
    }

    /// Whether a signature of it is worth nothing without the body: it is a POST, or has one.
    pub(super) fn needs_digest(&self) -> bool {
        !self.body.is_empty() || self.method.eq_ignore_ascii_case("post")
    }
}

/// A host and its port in lower case, without the port that everybody has (RFC 9421, 2.2.3).
pub(super) fn normal(host: &str) -> String {
    let host = host.to_ascii_lowercase();
    host.strip_suffix(":443").map(str::to_owned).unwrap_or(host)
}
