//! One request, as a web server hands it to a program that it starts (CGI/1.1, RFC 3875).

use std::fmt::Write as _;
use std::io::Read;
use std::net::{IpAddr, Ipv4Addr};

use jiff::Timestamp;

use super::listener::{Received, Reply};
use crate::limits::REQUEST_BODY_BYTES_MAX;

/// Why there is no request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoRequest {
    /// Nothing says which one it is: a person has typed the command.
    NotCgi,
    /// It is larger than a message.
    TooLarge,
    /// It makes no sense, or is not all there.
    Malformed,
}

impl NoRequest {
    /// What the client gets.
    pub(crate) fn reply(self) -> Reply {
        let status = match self {
            Self::TooLarge => 413,
            Self::NotCgi | Self::Malformed => 400,
        };
        Reply { status, ..Reply::default() }
    }
}

/// Reads a request from the variables that the server has set and from its body.
///
/// The target is taken as the client sent it (`REQUEST_URI`), for that is what is signed: the
/// parts that CGI has of it are decoded. Nothing in the environment changes how other servers are
/// asked, for `HTTP_PROXY` is what a client has sent as `Proxy`.
///
/// # Errors
///
/// When there is none that could be answered.
pub(crate) fn read(
    variables: impl Iterator<Item = (String, String)>,
    body: impl Read,
    arrived: Timestamp,
) -> Result<Received, NoRequest> {
    let mut request = Received {
        method: String::new(),
        target: String::new(),
        headers: Vec::new(),
        body: Vec::new(),
        client: IpAddr::V4(Ipv4Addr::UNSPECIFIED),
        arrived,
    };
    let mut length = None;
    for (name, value) in variables {
        match name.as_str() {
            "REQUEST_METHOD" => request.method = value,
            "REQUEST_URI" => request.target = value,
            "REMOTE_ADDR" => request.client = value.parse().unwrap_or(request.client),
            // Also a header, which some servers sign.
            "CONTENT_LENGTH" if !value.is_empty() => {
                request.headers.push(("content-length".to_owned(), value.clone()));
                length = Some(value);
            }
            "CONTENT_TYPE" if !value.is_empty() => {
                request.headers.push(("content-type".to_owned(), value));
            }
            _ => {
                if let Some(name) = name.strip_prefix("HTTP_") {
                    request.headers.push((name.replace('_', "-").to_ascii_lowercase(), value));
                }
            }
        }
    }
    if request.method.is_empty() {
        return Err(NoRequest::NotCgi);
    }
    // Some servers give the whole address.
    if let Some((scheme, rest)) = request.target.split_once("://") {
        let host = scheme.len() + "://".len() + rest.find('/').unwrap_or(rest.len());
        request.target.drain(..host);
    }
    // Two lines of one name have been joined by then; what must be there once cannot be read then.
    let is_clean =
        |text: &str| text.bytes().all(|byte| (b' '..=b'~').contains(&byte) || byte == b'\t');
    let is_whole = request.target.starts_with('/') && is_clean(&request.target);
    if !is_whole || !request.headers.iter().all(|(_, value)| is_clean(value)) {
        return Err(NoRequest::Malformed);
    }
    request.body = read_body(length.as_deref(), body)?;
    Ok(request)
}

fn read_body(length: Option<&str>, body: impl Read) -> Result<Vec<u8>, NoRequest> {
    let Some(length) = length else { return Ok(Vec::new()) };
    if !length.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(NoRequest::Malformed);
    }
    let length = length.parse().unwrap_or(usize::MAX);
    if length > REQUEST_BODY_BYTES_MAX {
        return Err(NoRequest::TooLarge);
    }
    let mut bytes = Vec::with_capacity(length);
    let read = body.take(length as u64).read_to_end(&mut bytes);
    if read.is_err() || bytes.len() != length { Err(NoRequest::Malformed) } else { Ok(bytes) }
}

/// An answer as the server wants it.
pub(crate) fn written(reply: &Reply) -> Vec<u8> {
    let mut text = format!("Status: {}\r\n", reply.status);
    for (name, value) in &reply.headers {
        let _ = write!(text, "{name}: {value}\r\n");
    }
    if reply.headers.is_empty() {
        // Something has to stand there.
        text.push_str("Content-Type: text/plain\r\n");
    }
    text.push_str("\r\n");
    let mut bytes = text.into_bytes();
    bytes.extend_from_slice(&reply.body);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(variables: &[(&str, &str)], body: &str) -> Result<Received, NoRequest> {
        let basis = [("REQUEST_METHOD", "POST"), ("REQUEST_URI", "/ap/news/inbox?a=%20b")];
        let all = basis.iter().chain(variables);
        let all = all.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        read(all, body.as_bytes(), Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn c_02_the_target_is_the_one_that_was_sent_and_the_length_is_believed_within_limits() {
        let variables = [
            ("PATH_INFO", "/news/inbox"),
            ("QUERY_STRING", "a= b"),
            ("HTTP_SIGNATURE_INPUT", "sig1=()"),
            ("CONTENT_TYPE", "application/activity+json"),
            ("CONTENT_LENGTH", "2"),
            ("REMOTE_ADDR", "192.0.2.7"),
        ];
        let received = request(&variables, "{}and more").unwrap();
        assert_eq!(received.target, "/ap/news/inbox?a=%20b");
        assert_eq!(received.body, b"{}");
        assert_eq!(received.client.to_string(), "192.0.2.7");
        for (name, value) in [
            ("signature-input", "sig1=()"),
            ("content-type", "application/activity+json"),
            ("content-length", "2"),
        ] {
            assert!(received.headers.contains(&(name.to_owned(), value.to_owned())), "{name}");
        }
        let length = |length: &str, body: &str| request(&[("CONTENT_LENGTH", length)], body).err();
        assert_eq!(length("9", "{}"), Some(NoRequest::Malformed));
        assert_eq!(length("-1", "{}"), Some(NoRequest::Malformed));
        assert_eq!(length("+2", "{}"), Some(NoRequest::Malformed));
        assert_eq!(length("1000000000", "{}"), Some(NoRequest::TooLarge));
        assert_eq!(length("99999999999999999999999", "{}"), Some(NoRequest::TooLarge));
        assert_eq!(request(&[], "{}").unwrap().body, b"");
    }

    #[test]
    fn s_17_what_is_not_printable_is_refused() {
        assert_eq!(request(&[("HTTP_DATE", "a\u{e9}")], "").err(), Some(NoRequest::Malformed));
        assert_eq!(request(&[("HTTP_DATE", "a\nb")], "").err(), Some(NoRequest::Malformed));
        assert_eq!(request(&[("REQUEST_URI", "")], "").err(), Some(NoRequest::Malformed));
    }

    #[test]
    fn an_answer_has_a_status_a_header_and_an_empty_line() {
        let reply = Reply { status: 202, ..Reply::default() };
        assert_eq!(written(&reply), b"Status: 202\r\nContent-Type: text/plain\r\n\r\n");
    }

    #[test]
    fn a_person_who_types_the_command_is_no_server() {
        let read = read([].into_iter(), &b""[..], Timestamp::UNIX_EPOCH);
        assert_eq!(read.err(), Some(NoRequest::NotCgi));
    }
}
