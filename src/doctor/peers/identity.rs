//! When a document is taken for the one that was asked for, and what may live on another host.

use url::Url;

use super::Peer;

/// Whether a server believes that a document is what was asked for.
///
/// `asked` is the address that it began with, `last` the one that answered at last, `hops` how
/// often it was sent on, and `id` what the document says of itself.
pub(crate) fn takes_identity(peer: Peer, asked: &str, last: &str, hops: usize, id: &str) -> bool {
    match peer {
        // Mastodon follows up to three redirects, but compares with the address it began with.
        Peer::Mastodon => id == asked && hops <= 3,
        // GoToSocial compares with the last one, and what led to it must be the same.
        Peer::GoToSocial => id == last && id == asked,
        Peer::Misskey | Peer::Akkoma => id == asked && last == asked,
        Peer::Lemmy => id == last && hops <= 1,
        Peer::Snac | Peer::FeedReader | Peer::Bluesky | Peer::Browser => true,
    }
}

/// Servers that cannot use such an address as an id at all.
pub(crate) fn refuses_id(id: &str) -> Vec<Peer> {
    let Ok(url) = Url::parse(id) else { return Peer::FEDIVERSE.to_vec() };
    if url.scheme() != "https" {
        return Peer::FEDIVERSE.to_vec();
    }
    if url.fragment().is_some() { vec![Peer::Mastodon, Peer::Misskey] } else { Vec::new() }
}

/// Servers that refuse a profile, or a part of it, because a property leads to another host.
pub(crate) fn refuses_host(property: &str, id: &str, url: &str) -> Vec<Peer> {
    if same_host(id, url) {
        return Vec::new();
    }
    match property {
        // Misskey's `validateActor` drops the whole actor.
        "inbox" | "outbox" | "followers" | "following" | "publicKey" => vec![Peer::Misskey],
        "featured" => vec![Peer::GoToSocial],
        // Replaced by the id, or refused.
        "url" => vec![Peer::Mastodon, Peer::Misskey],
        _ => Vec::new(),
    }
}

/// Whether two addresses are on one host, with its port.
pub(crate) fn same_host(one: &str, other: &str) -> bool {
    match (Url::parse(one), Url::parse(other)) {
        (Ok(one), Ok(other)) => {
            one.host_str() == other.host_str()
                && one.port_or_known_default() == other.port_or_known_default()
        }
        _ => false,
    }
}

/// How many pinned posts Misskey takes. It resolves them together: one that fails, or that is no
/// note, spoils them all.
pub(crate) const MISSKEY_FEATURED_MAX: usize = 5;

/// A user name that Mastodon takes: letters, digits and `_`, with `.` and `-` inside.
pub(crate) fn is_user_name(name: &str) -> bool {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    name.starts_with(word)
        && name.ends_with(word)
        && name.chars().all(|c| word(c) || matches!(c, '.' | '-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_server_has_its_own_idea_of_the_same_address() {
        use Peer::{Akkoma, GoToSocial, Lemmy, Mastodon, Misskey};
        let refusers = |asked: &str, last: &str, hops, id: &str| {
            Peer::those(|peer| !takes_identity(peer, asked, last, hops, id))
        };
        assert_eq!(refusers("a", "a", 0, "a"), []);
        assert_eq!(refusers("a", "b", 1, "a"), [GoToSocial, Misskey, Akkoma, Lemmy]);
        assert_eq!(refusers("a", "b", 1, "b"), [Mastodon, GoToSocial, Misskey, Akkoma]);
        assert_eq!(refusers("a", "a", 0, "b"), [Mastodon, GoToSocial, Misskey, Akkoma, Lemmy]);
    }

    #[test]
    fn an_id_is_https_and_has_no_fragment() {
        assert_eq!(refuses_id("https://a.example/ap/x"), []);
        assert_eq!(refuses_id("https://a.example/ap#x"), [Peer::Mastodon, Peer::Misskey]);
        assert_eq!(refuses_id("http://a.example/ap/x").len(), 6);
        assert_eq!(refuses_id("ap/x").len(), 6);
    }

    #[test]
    fn misskey_wants_the_inbox_at_home() {
        let id = "https://a.example/ap/x";
        assert_eq!(refuses_host("inbox", id, "https://a.example/inbox"), []);
        assert_eq!(refuses_host("inbox", id, "https://b.example/inbox"), [Peer::Misskey]);
        assert_eq!(refuses_host("url", id, "https://b.example/").len(), 2);
        let featured = refuses_host("featured", id, "https://b.example/x");
        assert_eq!(featured, [Peer::GoToSocial]);
        assert_eq!(refuses_host("icon", id, "https://b.example/"), []);
    }

    #[test]
    fn names_are_words_with_dots_and_hyphens_inside() {
        for good in ["news", "a", "a.b-c_d", "News9"] {
            assert!(is_user_name(good), "{good}");
        }
        for bad in ["", "-a", "a.", "ä", "a b", "a@b"] {
            assert!(!is_user_name(bad), "{bad}");
        }
    }
}
