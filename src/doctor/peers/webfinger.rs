//! How each server asks for a name, and how it reads the answer.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use super::Peer;
use super::types::NAMESPACE;

/// What Mastodon asks for.
pub(crate) const ACCEPT: &str = "application/jrd+json, application/json";

/// One way to write the question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Spelling {
    /// `resource=acct:news@party.example`
    Plain,
    /// `resource=acct%3Anews%40party.example`
    Encoded,
    /// `resource=news@party.example`
    Bare,
    /// `resource=https%3A%2F%2Fparty.example%2Fap%2Fnews%2Factor.json`
    Actor,
}

impl Spelling {
    pub(crate) const ALL: [Self; 4] = [Self::Plain, Self::Encoded, Self::Bare, Self::Actor];

    /// The address of the question.
    pub(crate) fn url(self, origin: &str, handle: &str, actor: &str) -> String {
        let encoded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        let resource = match self {
            Self::Plain => format!("acct:{handle}"),
            Self::Encoded => {
                // The dots and hyphens of a host are never encoded.
                encoded(&format!("acct:{handle}")).replace("%2E", ".").replace("%2D", "-")
            }
            Self::Bare => handle.to_owned(),
            Self::Actor => encoded(actor).replace("%2E", ".").replace("%2D", "-"),
        };
        format!("{origin}/.well-known/webfinger?resource={resource}")
    }

    /// Who asks in this way first.
    pub(crate) fn asked_by(self) -> &'static [Peer] {
        match self {
            Self::Plain => &[Peer::Mastodon, Peer::Lemmy, Peer::Snac],
            Self::Encoded => &[Peer::GoToSocial, Peer::Misskey],
            Self::Bare | Self::Actor => &[Peer::Akkoma],
        }
    }
}

/// An answer (RFC 7033).
pub(crate) struct Jrd<'a>(pub(crate) &'a Value);

impl<'a> Jrd<'a> {
    pub(crate) fn subject(&self) -> &'a str {
        self.0["subject"].as_str().unwrap_or_default()
    }

    /// The name in the subject: `news@party.example`.
    pub(crate) fn handle(&self) -> Option<&'a str> {
        self.subject().strip_prefix("acct:").filter(|handle| handle.contains('@'))
    }

    fn links(&self) -> impl Iterator<Item = &'a Value> {
        self.0["links"].as_array().map(Vec::as_slice).unwrap_or_default().iter()
    }

    /// The actor to which a server would go from here.
    pub(crate) fn actor(&self, peer: Peer) -> Option<&'a str> {
        let is_self = |link: &&Value| link["rel"] == "self";
        let activity = |link: &&Value| is_activity_type(link);
        let link = match peer {
            // By the type, whatever the relation.
            Peer::Snac => self.links().find(activity),
            // The first one, whatever its type.
            Peer::Misskey => self.links().find(is_self),
            _ => self.links().filter(is_self).find(activity),
        };
        link.and_then(|link| link["href"].as_str())
    }

    /// The actor for anybody.
    pub(crate) fn any_actor(&self) -> Option<&'a str> {
        self.actor(Peer::Mastodon).or_else(|| self.actor(Peer::Misskey))
    }

    /// Whether a server takes the subject for the name it asked for. Mastodon asks once more for
    /// another name, which is another question.
    pub(crate) fn answers(&self, peer: Peer, handle: &str) -> bool {
        let user = |handle: &str| handle.split('@').next().unwrap_or_default().to_owned();
        match peer {
            Peer::Mastodon => self
                .handle()
                .or(Some(self.subject()))
                .is_some_and(|subject| subject.eq_ignore_ascii_case(handle)),
            // Capital letters count.
            Peer::GoToSocial => self.handle().is_some_and(|subject| user(subject) == user(handle)),
            Peer::Snac => {
                let aliases = self.0["aliases"].as_array().map(Vec::as_slice).unwrap_or_default();
                let acct = |text: &str| text.starts_with("acct:");
                acct(self.subject()) || aliases.iter().any(|a| a.as_str().is_some_and(acct))
            }
            _ => true,
        }
    }
}

fn is_activity_type(link: &Value) -> bool {
    let profile = format!("application/ld+json; profile=\"{NAMESPACE}\"");
    link["type"] == "application/activity+json" || link["type"] == profile.as_str()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_question_is_written_in_four_ways() {
        let url = |spelling: Spelling| {
            spelling.url("https://p.example", "news@p.example", "https://p.example/ap/n-x.json")
        };
        let start = "https://p.example/.well-known/webfinger?resource=";
        assert_eq!(url(Spelling::Plain), format!("{start}acct:news@p.example"));
        assert_eq!(url(Spelling::Encoded), format!("{start}acct%3Anews%40p.example"));
        assert_eq!(url(Spelling::Bare), format!("{start}news@p.example"));
        let actor = "https%3A%2F%2Fp.example%2Fap%2Fn-x.json";
        assert_eq!(url(Spelling::Actor), format!("{start}{actor}"));
    }

    #[test]
    fn the_self_link_is_found_by_each_server_in_its_way() {
        let jrd = serde_json::json!({"subject": "acct:News@p.example", "links": [
            {"rel": "self", "type": "application/json", "href": "first"},
            {"rel": "x", "type": "application/activity+json", "href": "second"},
            {"rel": "self", "type": "application/activity+json", "href": "third"},
        ]});
        let jrd = Jrd(&jrd);
        assert_eq!(jrd.actor(Peer::Mastodon), Some("third"));
        assert_eq!(jrd.actor(Peer::Misskey), Some("first"));
        assert_eq!(jrd.actor(Peer::Snac), Some("second"));
        assert!(jrd.answers(Peer::Mastodon, "news@p.example"));
        assert!(!jrd.answers(Peer::GoToSocial, "news@p.example"));
        assert!(jrd.answers(Peer::GoToSocial, "News@other.example"));
    }
}
