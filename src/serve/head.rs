//! The beginning of a request, as it comes over the line (RFC 9112).

use std::io::{self, BufRead};

/// Browsers send less, cookies of other programs on this machine and all.
const HEAD_MAX: u64 = 64 * 1024;

/// What stands before the body. What it means is the business of `request`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) method: String,
    pub(super) target: String,
    fields: Vec<(String, String)>,
}

impl Head {
    /// Reads it; `None` when somebody goes without asking for anything, as browsers do that connect
    /// ahead of time.
    ///
    /// # Errors
    ///
    /// When it is no head of a request, or does not come in time.
    pub(super) fn read(line: impl BufRead) -> io::Result<Option<Self>> {
        let mut line = line.take(HEAD_MAX);
        let mut lines = Vec::new();
        loop {
            let mut bytes = Vec::new();
            line.read_until(b'\n', &mut bytes)?;
            if bytes.is_empty() && lines.is_empty() {
                return Ok(None);
            }
            let whole = bytes.strip_suffix(b"\n").ok_or(io::ErrorKind::InvalidData)?;
            let text = str::from_utf8(whole.strip_suffix(b"\r").unwrap_or(whole));
            match text.map_err(|_| io::ErrorKind::InvalidData)? {
                "" => break,
                text => lines.push(text.to_owned()),
            }
        }
        Self::parse(&lines).ok_or(io::ErrorKind::InvalidData.into()).map(Some)
    }

    fn parse(lines: &[String]) -> Option<Self> {
        let (first, rest) = lines.split_first()?;
        let mut parts = first.split(' ');
        let (method, target, version) = (parts.next()?, parts.next()?, parts.next()?);
        if parts.next().is_some() || !version.starts_with("HTTP/1.") || method.is_empty() {
            return None;
        }
        let field = |line: &String| {
            let (name, value) = line.split_once(':')?;
            // A space before the colon is how one server is made to see what another does not.
            let is_name = !name.is_empty() && !name.contains([' ', '\t']);
            is_name.then(|| (name.to_ascii_lowercase(), value.trim().to_owned()))
        };
        let fields = rest.iter().map(field).collect::<Option<_>>()?;
        Some(Self { method: method.to_owned(), target: target.to_owned(), fields })
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
            "\r\n\r\n",
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
