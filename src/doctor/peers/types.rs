//! Which content types are taken for a document of the fediverse.
//!
//! Since anybody can upload JSON somewhere, servers take a document for what it says only when its
//! type says that it is one. Each has its own way to look.

use super::Peer;

/// The namespace that makes JSON-LD a document of the fediverse.
pub(crate) const NAMESPACE: &str = "https://www.w3.org/ns/activitystreams";

/// The one type that everybody takes.
pub(crate) const ACTIVITY_JSON: &str = "application/activity+json";

/// What Mastodon asks for when it fetches a document.
pub(crate) const ACCEPT: &str = "application/activity+json, application/ld+json";

/// Whether a server takes a document with this `Content-Type`.
pub(crate) fn takes_document(peer: Peer, content_type: &str) -> bool {
    let whole = content_type.trim();
    let mut parts = whole.split(';').map(str::trim);
    let mime = parts.next().unwrap_or_default().to_ascii_lowercase();
    let ld = mime == "application/ld+json";
    match peer {
        // app/helpers/json_ld_helper.rb: other parameters do not matter, the quotes do.
        Peer::Mastodon => mime == ACTIVITY_JSON || (ld && parts.any(|part| lists(part, true))),
        Peer::Akkoma => mime == ACTIVITY_JSON || (ld && parts.any(|part| lists(part, false))),
        // internal/api/util/mime.go: no parameters but the profile and UTF-8.
        Peer::GoToSocial => {
            let parts: Vec<String> = parts.map(str::to_ascii_lowercase).collect();
            let rest: Vec<&String> = parts.iter().filter(|part| *part != UTF_8).collect();
            let profile = |part: &str| {
                let value = part.strip_prefix("profile=").unwrap_or_default();
                value.trim_matches('"') == NAMESPACE
            };
            match rest[..] {
                [] => mime == ACTIVITY_JSON,
                [one] => ld && profile(one),
                _ => false,
            }
        }
        // core/activitypub/misc/validator.ts
        Peer::Misskey => {
            let ld = whole.starts_with("application/ld+json;") && whole.contains(NAMESPACE);
            whole.starts_with(ACTIVITY_JSON) || ld
        }
        // src/fetch/mod.rs: exactly these.
        Peer::Lemmy => {
            whole == ACTIVITY_JSON
                || whole == format!("application/ld+json; profile=\"{NAMESPACE}\"")
                || whole == format!("{ACTIVITY_JSON}; charset=utf-8")
        }
        // activitypub.c: anywhere in the text.
        Peer::Snac => whole.contains(ACTIVITY_JSON) || whole.contains("application/ld+json"),
        Peer::FeedReader | Peer::Bluesky | Peer::Browser => true,
    }
}

const UTF_8: &str = "charset=utf-8";

/// Whether a parameter is a profile that lists the namespace.
fn lists(parameter: &str, quoted: bool) -> bool {
    let value = parameter.strip_prefix("profile=").unwrap_or_default();
    let inside = value.strip_prefix('"').and_then(|value| value.strip_suffix('"'));
    let value = if quoted { inside.unwrap_or_default() } else { inside.unwrap_or(value) };
    value.split_whitespace().any(|profile| profile == NAMESPACE)
}

/// Whether a server takes a `WebFinger` answer with this `Content-Type`. Mastodon, Misskey,
/// Lemmy and snac do not look.
pub(crate) fn takes_webfinger(peer: Peer, content_type: &str) -> bool {
    let mut parts = content_type.split(';').map(|part| part.trim().to_ascii_lowercase());
    let mime = parts.next().unwrap_or_default();
    let json = matches!(mime.as_str(), "application/jrd+json" | "application/json");
    match peer {
        Peer::GoToSocial => json && parts.all(|part| part == UTF_8),
        Peer::Akkoma => json || matches!(mime.as_str(), "application/xrd+xml" | "application/xml"),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Who takes a type: M G K A L S.
    fn takers(content_type: &str) -> String {
        let letters = "MGKALS".chars();
        let takes = |peer: &Peer| takes_document(*peer, content_type);
        letters.zip(Peer::FEDIVERSE).filter(|(_, peer)| takes(peer)).map(|(c, _)| c).collect()
    }

    #[test]
    fn each_server_takes_the_types_that_its_source_lists() {
        let cases = [
            ("application/activity+json", "MGKALS"),
            ("application/activity+json; charset=utf-8", "MGKALS"),
            ("application/activity+json;charset=utf-8", "MGKAS"),
            ("application/activity+json; charset=UTF-8", "MGKAS"),
            ("application/activity+json; charset=iso-8859-1", "MKAS"),
            ("Application/Activity+JSON", "MGA"),
            ("application/ld+json", "S"),
            ("application/ld+json; profile=\"https://www.w3.org/ns/activitystreams\"", "MGKALS"),
            ("application/ld+json;profile=\"https://www.w3.org/ns/activitystreams\"", "MGKAS"),
            ("application/ld+json; profile=https://www.w3.org/ns/activitystreams", "GKAS"),
            ("application/ld+json; profile=\"x https://www.w3.org/ns/activitystreams\"", "MKAS"),
            ("application/json", ""),
            ("application/json; charset=utf-8", ""),
            ("application/octet-stream", ""),
            ("text/html", ""),
            ("", ""),
        ];
        for (content_type, who) in cases {
            assert_eq!(takers(content_type), who, "{content_type}");
        }
    }

    #[test]
    fn two_servers_look_at_the_type_of_webfinger() {
        let refusers =
            |content_type: &str| Peer::those(|peer| !takes_webfinger(peer, content_type));
        assert_eq!(refusers("application/jrd+json"), []);
        assert_eq!(refusers("application/json; charset=utf-8"), []);
        assert_eq!(refusers("application/jrd+json; charset=latin1"), [Peer::GoToSocial]);
        assert_eq!(refusers("application/octet-stream"), [Peer::GoToSocial, Peer::Akkoma]);
        assert_eq!(refusers(""), [Peer::GoToSocial, Peer::Akkoma]);
    }
}
