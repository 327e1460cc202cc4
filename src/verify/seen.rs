//! The newest list that was seen of a site: by it an older one is noticed, which is signed just as
//! well.

use std::fmt;

use jiff::Timestamp;

use super::finding::{Check, Finding};
use crate::hash::Hash;
use crate::key::minisign::PublicKey;
use crate::manifest::Manifest;

/// The first line of the file.
const HEAD: &str = "sitegen seen 1";

/// A list that was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    /// `RW…`
    key: String,
    site: String,
    serial: u64,
    made: Timestamp,
    /// SHA-256 of its text.
    hash: String,
}

impl Seen {
    pub(super) fn of(key: PublicKey, manifest: &Manifest, text: &[u8]) -> Self {
        let Manifest { site, serial, made, files: _ } = manifest;
        // Memory does not fail.
        let hash = Hash::of(text).unwrap_or_default();
        Self { key: key.to_string(), site: site.clone(), serial: *serial, made: *made, hash }
    }

    /// The name of the file in which the newest list of a key and a site is remembered.
    pub(crate) fn file_name(key: PublicKey, base_url: &str) -> String {
        let mut hash = Hash::default();
        hash.part(key.to_string().as_bytes());
        hash.part(base_url.as_bytes());
        format!("seen-{}.txt", &hash.finish()[..16])
    }

    /// Reads what `Display` writes.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        (lines.next()? == HEAD).then_some(())?;
        let mut field = |name: &str| lines.next()?.strip_prefix(name)?.strip_prefix(' ');
        Some(Self {
            key: field("key")?.to_owned(),
            site: field("site")?.to_owned(),
            serial: field("serial")?.parse().ok()?,
            made: field("made")?.parse().ok()?,
            hash: field("hash")?.to_owned(),
        })
    }

    /// Whether this list is to be remembered where that one is. An older one never is, whoever has
    /// found it: another run may have seen a newer one in the meantime.
    pub(crate) fn is_newer_than(&self, remembered: &Self) -> bool {
        self != remembered && remembered.judge(self, "").is_none()
    }

    /// What is wrong with a list that comes after this one.
    pub(super) fn judge(&self, now: &Self, url: &str) -> Option<Finding> {
        let message = if now.made < self.made {
            format!("the list is of {}, but there was a newer one, of {}", now.made, self.made)
        } else if now.made == self.made && now.hash != self.hash {
            let message = format!("there are two different lists of {}", now.made);
            let help = "both are signed with the key, so ask the owner of the site: either two \
                        machines publish it at once, or somebody else has the key";
            return Some(Finding::alarm(Check::TwoLists, url, message).help(help));
        } else if now.serial < self.serial {
            let (now, before) = (now.serial, self.serial);
            format!("the list is of state {now} of the site, but there was one of state {before}")
        } else {
            return None;
        };
        Some(Finding::alarm(Check::Older, url, message).help(
            "somebody shows an old state of the site, or its owner has gone back to a backup; if \
             that was the owner, build and publish the site again",
        ))
    }
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { key, site, serial, made, hash } = self;
        write!(f, "{HEAD}\nkey {key}\nsite {site}\nserial {serial}\nmade {made}\nhash {hash}\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(made: &str, serial: u64, hash: &str) -> Seen {
        Seen {
            key: "RWx".to_owned(),
            site: "https://a.example/".to_owned(),
            serial,
            made: made.parse().unwrap(),
            hash: hash.to_owned(),
        }
    }

    #[test]
    fn what_is_remembered_is_read_again() {
        let seen = seen("2026-05-01T10:00:00Z", 7, "ab");
        let text = seen.to_string();
        assert_eq!(Seen::parse(&text), Some(seen));
        for end in 0..text.len() - 4 {
            assert_eq!(Seen::parse(&text[..end]), None, "{end}");
        }
    }

    #[test]
    fn only_a_newer_list_takes_the_place_of_another() {
        let now = seen("2026-05-02T10:00:00Z", 7, "ab");
        assert!(now.is_newer_than(&seen("2026-05-01T10:00:00Z", 7, "cd")));
        assert!(!now.is_newer_than(&now));
        for (made, serial) in
            [("2026-05-03T10:00:00Z", 7), ("2026-05-02T10:00:00Z", 7), ("2026-05-01T10:00:00Z", 8)]
        {
            assert!(!now.is_newer_than(&seen(made, serial, "cd")), "{made} {serial}");
        }
    }

    #[test]
    fn an_older_list_and_another_of_the_same_moment_are_noticed() {
        let before = seen("2026-05-01T10:00:00Z", 7, "ab");
        let check = |made, serial, hash| {
            let found = before.judge(&seen(made, serial, hash), "u");
            found.map(|finding| finding.check)
        };
        assert_eq!(check("2026-05-01T10:00:00Z", 7, "ab"), None);
        assert_eq!(check("2026-05-01T10:00:01Z", 7, "cd"), None);
        assert_eq!(check("2026-05-01T10:00:01Z", 8, "cd"), None);
        assert_eq!(check("2026-05-01T09:59:59Z", 8, "cd"), Some(Check::Older));
        assert_eq!(check("2026-05-02T10:00:00Z", 6, "cd"), Some(Check::Older));
        assert_eq!(check("2026-05-01T10:00:00Z", 7, "cd"), Some(Check::TwoLists));
    }
}
