//! Which answers of other servers are documents of the fediverse.

use crate::activity::NAMESPACE;

/// Whether a media type says that what comes is `ActivityPub`.
///
/// Anything else may be a file that a stranger has uploaded to a server (Mastodon
/// GHSA-jhrq-qvrm-qr36). `application/ld+json` counts only with the namespace in its `profile`.
pub fn is_activity(content_type: &str) -> bool {
    let mut parts = content_type.split(';').map(str::trim);
    let name = parts.next().unwrap_or_default();
    if name.eq_ignore_ascii_case("application/activity+json") {
        return true;
    }
    name.eq_ignore_ascii_case("application/ld+json")
        && parts.filter_map(|part| part.split_once('=')).any(|(name, value)| {
            let profiles = value.trim().trim_matches('"').split_ascii_whitespace();
            name.trim().eq_ignore_ascii_case("profile")
                && profiles.into_iter().any(|profile| profile == NAMESPACE)
        })
}

#[cfg(test)]
mod tests {
    use super::is_activity;

    #[test]
    fn i_07_only_the_types_of_activitypub_are_documents_of_it() {
        for good in [
            "application/activity+json",
            "Application/Activity+JSON; charset=utf-8",
            "application/ld+json; profile=\"https://www.w3.org/ns/activitystreams\"",
            "application/ld+json;PROFILE=https://www.w3.org/ns/activitystreams",
            "application/ld+json; profile=\"a https://www.w3.org/ns/activitystreams\"",
        ] {
            assert!(is_activity(good), "{good}");
        }
        for bad in [
            "",
            "application/json",
            "text/html",
            "application/ld+json",
            "application/ld+json; profile=\"https://www.w3.org/ns/activitystreams2\"",
            "text/plain; application/activity+json",
            "application/activity+jsonx",
        ] {
            assert!(!is_activity(bad), "{bad}");
        }
    }
}
