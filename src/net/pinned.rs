//! Names for which the DNS is not asked, for tests and for machines behind a router.

use core::net::SocketAddr;
use core::str::FromStr;

/// A name with a port for which the DNS is not asked: `--resolve NAME:PORT:ADDR`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pinned {
    /// In small letters; `None` for every name.
    name: Option<String>,
    port: u16,
    to: SocketAddr,
}

impl Pinned {
    /// Whether it says where a name is, written in small letters.
    pub(crate) fn is_for(&self, name: &str, port: u16) -> bool {
        self.port == port && self.name.as_deref().is_none_or(|known| known == name)
    }

    /// What is asked instead.
    pub(crate) fn to(&self) -> SocketAddr {
        self.to
    }
}

impl FromStr for Pinned {
    type Err = String;

    /// As curl has it; the name may be `*` for every name, and the address may have another port:
    /// `party.example:443:127.0.0.1:8443`.
    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is not NAME:PORT:ADDRESS");
        let mut parts = text.splitn(3, ':');
        let (Some(name), Some(port), Some(to)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(wrong());
        };
        let port: u16 = port.parse().map_err(|_| wrong())?;
        let address = to.trim_matches(['[', ']']).parse().map(|ip| SocketAddr::new(ip, port));
        let to = address.or_else(|_| to.parse()).map_err(|_| wrong())?;
        let name = (name != "*").then(|| name.to_ascii_lowercase());
        Ok(Self { name, port, to })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pinned(text: &str) -> Pinned {
        text.parse().unwrap()
    }

    #[test]
    fn a_pinned_name_is_written_as_for_curl() {
        assert_eq!(pinned("A.example:443:127.0.0.1").to().to_string(), "127.0.0.1:443");
        assert_eq!(pinned("a.example:443:[::1]").to().to_string(), "[::1]:443");
        assert_eq!(pinned("a.example:443:127.0.0.1:8443").to().port(), 8443);
        assert!("a.example:443".parse::<Pinned>().is_err() && "a:b:c".parse::<Pinned>().is_err());
    }

    #[test]
    fn it_is_for_its_name_and_port_only() {
        let one = pinned("A.example:443:127.0.0.1");
        assert!(one.is_for("a.example", 443));
        assert!(!one.is_for("a.example", 80) && !one.is_for("b.example", 443));
    }

    #[test]
    fn a_star_is_every_name_on_one_port() {
        let every = pinned("*:443:127.0.0.1:8443");
        assert!(every.is_for("a.example", 443) && every.is_for("b.example", 443));
        assert!(!every.is_for("a.example", 80));
    }
}
