//! The documents of the fediverse: `ActivityPub` and what goes with it, as far as we write it.
//!
//! The order of the keys is fixed, so that the same document is the same bytes. Which properties
//! there are, and in which shape, follows what servers really read (Mastodon, `GoToSocial`,
//! Misskey, Akkoma, Lemmy, snac), not all that the standard allows.

mod actor;
#[cfg(feature = "network")]
mod answer;
mod collection;
mod discovery;
mod object;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

pub(crate) use actor::{Actor, PropertyValue, PublicKey};
#[cfg(feature = "network")]
pub(crate) use answer::Answer;
pub(crate) use collection::{Collection, Create, Page};
pub(crate) use discovery::{Jrd, JrdLink, NodeInfo, NodeInfoLinks};
pub(crate) use object::{Attachment, Hashtag, Object, PLACE, Place, Tombstone};

/// What everything begins with; servers look for this very text.
pub(crate) const NAMESPACE: &str = "https://www.w3.org/ns/activitystreams";

/// Everybody, as an addressee.
pub(crate) const PUBLIC: &str = "https://www.w3.org/ns/activitystreams#Public";

/// The exact media type that every server accepts: with a parameter Lemmy does not.
pub(crate) const MEDIA_TYPE: &str = "application/activity+json";

/// `@context`: the namespaces, and what the words mean that are in none of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum Context {
    /// The namespace alone.
    Plain(String),
    /// More of them, and words.
    Many(Vec<serde_json::Value>),
}

impl Context {
    /// The namespace alone.
    pub(crate) fn plain() -> Self {
        Self::Plain(NAMESPACE.to_owned())
    }

    /// That of an actor, who may have moved to another account.
    pub(crate) fn of_actor(has_moved: bool) -> Self {
        let mut words = serde_json::json!({
                "toot": "http://joinmastodon.org/ns#",
                "schema": "http://schema.org#",
                "PropertyValue": "schema:PropertyValue",
                "value": "schema:value",
                "manuallyApprovesFollowers": "as:manuallyApprovesFollowers",
                "alsoKnownAs": { "@id": "as:alsoKnownAs", "@type": "@id" },
                "discoverable": "toot:discoverable",
                "indexable": "toot:indexable",
                "featured": { "@id": "toot:featured", "@type": "@id" },
                "featuredTags": { "@id": "toot:featuredTags", "@type": "@id" },
                "attributionDomains": { "@id": "toot:attributionDomains", "@type": "@id" },
                "webfinger": "https://purl.archive.org/socialweb/webfinger#webfinger",
        });
        // Only where it is needed: another profile is sent to all followers.
        if has_moved {
            words["movedTo"] = serde_json::json!({ "@id": "as:movedTo", "@type": "@id" });
        }
        Self::Many(vec![NAMESPACE.into(), "https://w3id.org/security/v1".into(), words])
    }

    /// That of a post.
    pub(crate) fn of_post() -> Self {
        Self::Many(vec![
            NAMESPACE.into(),
            serde_json::json!({
                "toot": "http://joinmastodon.org/ns#",
                "Hashtag": "as:Hashtag",
                "sensitive": "as:sensitive",
                "focalPoint": { "@container": "@list", "@id": "toot:focalPoint" },
            }),
        ])
    }

    /// That of a list of hashtags.
    pub(crate) fn of_hashtags() -> Self {
        Self::Many(vec![NAMESPACE.into(), serde_json::json!({ "Hashtag": "as:Hashtag" })])
    }
}
