//! The beginning of a request, as it comes over the line (RFC 9112).

use std::io::{self, Read};

use httparse::{EMPTY_HEADER, Request, Status};

/// In bytes. Browsers send less, cookies of other programs on this machine and all.
const HEAD_MAX: usize = 64 * 1024;

/// So many fields, of which browsers send about twenty.
const FIELDS_MAX: usize = 100;

/// What stands before the body. What it means is the business of `request`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) method: String,
    pub(super) target: String,
    fields: Vec<(String, String)>,
}

impl Head {
    /// Reads it; `None` when somebody goes without asking for anything, as browsers do that connect
    /// ahead of time. Some of the body may be read with it.
    ///
    /// # Errors
    ///
    /// When it is no head of a request, or does not come in time.
    pub(super) fn read(mut line: impl Read) -> io::Result<Option<Self>> {
        let (mut bytes, mut part) = (Vec::new(), [0; 4096]);
        loop {
            let length = line.read(&mut part)?;
            if length == 0 && bytes.is_empty() {
                return Ok(None);
            }
            bytes.extend_from_slice(&part[..length]);
            let may_end = part[..length].contains(&b'\n');
            if let Some(head) = may_end.then(|| Self::parse(&bytes)).transpose()?.flatten() {
                return Ok(Some(head));
            }
            if length == 0 || bytes.len() > HEAD_MAX {
                return Err(io::ErrorKind::InvalidData.into());
            }
        }
    }

    /// The head at the beginning of some bytes; `None` while its end has not come.
    fn parse(bytes: &[u8]) -> io::Result<Option<Self>> {
        let mut fields = [EMPTY_HEADER; FIELDS_MAX];
        let mut request = Request::new(&mut fields);
        let status = request.parse(bytes).map_err(|_| io::ErrorKind::InvalidData)?;
        let (Status::Complete(_), Some(method), Some(target)) =
            (status, request.method, request.path)
        else {
            return Ok(None);
        };
        let fields = request.headers.iter().map(|field| {
            let value = str::from_utf8(field.value).map_err(|_| io::ErrorKind::InvalidData)?;
            Ok((field.name.to_ascii_lowercase(), value.to_owned()))
        });
        Ok(Some(Self {
            method: method.to_owned(),
            target: target.to_owned(),
            fields: fields.collect::<io::Result<_>>()?,
        }))
    }

    /// All values of a field, by its name in small letters.
    pub(super) fn values(&self, name: &str) -> Vec<&str> {
        let named = self.fields.iter().filter(|(field, _)| field == name);
        named.map(|(_, value)| value.as_str()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_has_a_line_and_fields() {
        let head = Head::read(&b"GET /a?b HTTP/1.1\r\nHost:  localhost \r\nhost: x\n\r\nrest"[..]);
        let head = head.unwrap().unwrap();
        assert_eq!((head.method.as_str(), head.target.as_str()), ("GET", "/a?b"));
        assert_eq!(head.values("host"), ["localhost", "x"]);
        assert!(head.values("range").is_empty());
        assert_eq!(Head::read(&b""[..]).unwrap(), None);
    }

    #[test]
    fn what_is_no_head_is_an_error() {
        let long = format!("GET /{} HTTP/1.1\r\n\r\n", "a".repeat(100_000));
        for text in [
            "\r\n",
            "GET /\r\n\r\n",
            "GET / HTTP/1.1",
            "GET / HTTP/1.1\r\nHost: localhost\r\n",
            "GET / HTTP/1.1 more\r\n\r\n",
            "GET / HTTP/2\r\n\r\n",
            "GET / HTTP/1.1\r\nHost\r\n\r\n",
            "GET / HTTP/1.1\r\nHost : localhost\r\n\r\n",
            "GET / HTTP/1.1\r\n folded: yes\r\n\r\n",
            &long,
        ] {
            assert!(Head::read(text.as_bytes()).is_err(), "{text:.60}");
        }
        assert!(Head::read(&b"GET /\xff HTTP/1.1\r\n\r\n"[..]).is_err());
    }
}
