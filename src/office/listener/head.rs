//! The head of a request, read to the letter (RFC 9112).
//!
//! `hyper` has read it already, and forgives what other programs forgive otherwise: a line that
//! ends in LF alone, a length beside chunks, the same length twice. A proxy before us that sees two
//! requests where we see one lets strangers speak in the name of others; and a signature is over
//! the values as they came. So whatever is not exactly as it should be is refused.

use super::refusal::Refusal;
use crate::limits::{REQUEST_BODY_BYTES_MAX, REQUEST_HEAD_BYTES_MAX};

/// How long the body is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Length {
    Bytes(usize),
    /// As long as its chunks say.
    Chunked,
}

/// The head of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) method: String,
    pub(super) target: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Length,
    /// Its own length, in bytes.
    pub(super) length: usize,
}

impl Head {
    /// Reads it at the beginning of some bytes, of which `hyper` has made a request.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, Refusal> {
        let end = bytes.windows(4).position(|window| window == b"\r\n\r\n");
        let end = end.filter(|end| end + 4 <= REQUEST_HEAD_BYTES_MAX);
        let end = end.ok_or(Refusal::Bad("a line has to end in CR LF"))?;
        let text = str::from_utf8(&bytes[..end]).ok().filter(|text| text.is_ascii());
        let text = text.ok_or(Refusal::Bad("only ASCII may be in a header"))?;
        let mut lines = text.split("\r\n");
        let request_line = lines.next().unwrap_or_default();
        let (method, target, version) = parts(request_line)?;
        let mut headers = Vec::new();
        for line in lines {
            headers.push(field(line)?);
        }
        let hosts = values(&headers, "host").count();
        if hosts > 1 || (hosts == 0 && version != "HTTP/1.0") {
            return Err(Refusal::Bad("there has to be one Host"));
        }
        let body = length(&headers, version)?;
        let (method, target) = (method.to_owned(), target.to_owned());
        Ok(Self { method, target, headers, body, length: end + 4 })
    }
}

/// Method, target and version.
fn parts(line: &str) -> Result<(&str, &str, &str), Refusal> {
    let mut parts = line.split(' ');
    match (parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some(method), Some(target), Some(version @ ("HTTP/1.1" | "HTTP/1.0")), None)
            if target.starts_with('/') && [method, target].into_iter().all(is_clean) =>
        {
            Ok((method, target, version))
        }
        _ => Err(Refusal::Bad("the request line has to be METHOD /path HTTP/1.1")),
    }
}

/// Whether there is nothing to see but what can be seen.
fn is_clean(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_graphic())
}

/// Name and value.
fn field(line: &str) -> Result<(String, String), Refusal> {
    let is_text = line.bytes().all(|byte| matches!(byte, b'\t' | b' '..=b'~'));
    // A space in a name would belong to the line before (obs-fold) or hide the name from others.
    let field = line.split_once(':').filter(|(name, _)| is_text && is_clean(name));
    let (name, value) = field.ok_or(Refusal::Bad("a header is broken"))?;
    Ok((name.to_owned(), value.trim_matches([' ', '\t']).to_owned()))
}

/// The values of a name in small letters.
fn values<'a>(
    headers: &'a [(String, String)],
    name: &'static str,
) -> impl Iterator<Item = &'a str> {
    let named = headers.iter().filter(move |(known, _)| known.eq_ignore_ascii_case(name));
    named.map(|(_, value)| value.as_str())
}

/// How long the body is, when there are no two opinions on it (RFC 9112, 6.3).
fn length(headers: &[(String, String)], version: &str) -> Result<Length, Refusal> {
    let mut lengths = values(headers, "content-length");
    let mut codings = values(headers, "transfer-encoding");
    match (lengths.next(), codings.next(), lengths.next().or(codings.next())) {
        (None, None, None) => Ok(Length::Bytes(0)),
        (Some(length), None, None) => {
            let is_number = !length.is_empty() && length.bytes().all(|byte| byte.is_ascii_digit());
            if !is_number {
                return Err(Refusal::Bad("the Content-Length is no number"));
            }
            // A number that is too large for a number is too large.
            let length = length.parse().ok().filter(|length| *length <= REQUEST_BODY_BYTES_MAX);
            length.map(Length::Bytes).ok_or(Refusal::Large)
        }
        (None, Some(coding), None)
            if version == "HTTP/1.1" && coding.eq_ignore_ascii_case("chunked") =>
        {
            Ok(Length::Chunked)
        }
        _ => Err(Refusal::Bad("the length of the message is not clear")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Head, Refusal> {
        Head::read(text.as_bytes())
    }

    #[test]
    fn a_head_is_taken_as_it_came() {
        let text = "POST /Inbox?a=%20b HTTP/1.1\r\nhOst: x.example\r\nA: 1\r\nB:\t2 \r\n\
            A:  3  4\r\nContent-Length: 5\r\n\r\nhello";
        let head = read(text).unwrap();
        let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!((&*head.method, &*head.target), ("POST", "/Inbox?a=%20b"));
        assert_eq!((head.body, head.length), (Length::Bytes(5), text.len() - 5));
        let headers = [
            header("hOst", "x.example"),
            header("A", "1"),
            header("B", "2"),
            header("A", "3  4"),
            header("Content-Length", "5"),
        ];
        assert_eq!(head.headers, headers);
    }

    #[test]
    fn a_head_that_can_be_read_in_two_ways_is_refused() {
        for text in [
            "GET / HTTP/1.1\nHost: x\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: x\n\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: x\r\n\n",
            "\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n",
            "\nGET / HTTP/1.1\r\nHost: x\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: x\r\nA: b\r\n c\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: x\r\nA : b\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: x\r\nA: b\0\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: x\r\nA: b\rc\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: x\r\nA: é\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: x\r\nA\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: x\r\nHost: x\r\n\r\n",
            "GET / HTTP/1.1\r\n\r\n",
            "GET  / HTTP/1.1\r\nHost: x\r\n\r\n",
            "GET http://x/ HTTP/1.1\r\nHost: x\r\n\r\n",
            "CONNECT x:443 HTTP/1.1\r\nHost: x\r\n\r\n",
            "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n",
            "GET / HTTP/2.0\r\nHost: x\r\n\r\n",
        ] {
            assert!(matches!(read(text), Err(Refusal::Bad(_))), "{text:?}");
        }
    }

    #[test]
    fn a_body_has_one_length() {
        let length = |lines: &str| {
            read(&format!("POST / HTTP/1.1\r\nHost: x\r\n{lines}\r\n\r\n")).map(|head| head.body)
        };
        assert_eq!(length("A: b"), Ok(Length::Bytes(0)));
        assert_eq!(length("Content-Length: 262144"), Ok(Length::Bytes(262_144)));
        assert_eq!(length("Transfer-Encoding: Chunked"), Ok(Length::Chunked));
        for large in ["262145", "99999999999999999999999999"] {
            assert_eq!(length(&format!("Content-Length: {large}")), Err(Refusal::Large));
        }
        for unclear in [
            "Content-Length: 5\r\nContent-Length: 5",
            "Content-Length: 5\r\nContent-Length: 6",
            "Content-Length: 5, 5",
            "Content-Length: +5",
            "Content-Length: -5",
            "Content-Length: 0x5",
            "Content-Length:",
            "Content-Length: 5\r\nTransfer-Encoding: chunked",
            "Transfer-Encoding: chunked\r\nContent-Length: 5",
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
            "Transfer-Encoding: chunked, identity",
            "Transfer-Encoding: identity, chunked",
            "Transfer-Encoding: gzip, chunked",
            "Transfer-Encoding: identity",
            "Transfer-Encoding: xchunked",
        ] {
            assert!(matches!(length(unclear), Err(Refusal::Bad(_))), "{unclear}");
        }
        let old = "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n";
        assert!(matches!(read(old), Err(Refusal::Bad(_))));
    }
}
