//! An account.

use serde::{Deserialize, Serialize};

use super::{Attachment, Context};

/// An account: who speaks, where its collections are, and the key that proves it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Actor {
    #[serde(rename = "@context")]
    pub(crate) context: Context,
    pub(crate) id: String,
    /// `Organization`, `Person`, `Group`, `Service` or `Application`.
    pub(crate) r#type: String,
    /// What stands before the `@`.
    pub(crate) preferred_username: String,
    pub(crate) name: String,
    /// HTML.
    pub(crate) summary: String,
    /// The page that shows it; on the host of the id, or Mastodon does not take it.
    pub(crate) url: String,
    /// On the host of the id, or Misskey refuses the whole.
    pub(crate) inbox: String,
    pub(crate) outbox: String,
    pub(crate) followers: String,
    pub(crate) following: String,
    pub(crate) featured: String,
    pub(crate) featured_tags: String,
    /// Never changes.
    pub(crate) published: String,
    /// Whether a follow waits for an answer that may never come.
    pub(crate) manually_approves_followers: bool,
    pub(crate) discoverable: bool,
    pub(crate) indexable: bool,
    /// Domains whose pages may name it as their author.
    pub(crate) attribution_domains: Vec<String>,
    /// `news@party.example` (FEP-2c59).
    pub(crate) webfinger: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) icon: Option<Attachment>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) image: Option<Attachment>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) attachment: Vec<PropertyValue>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) also_known_as: Vec<String>,
    /// Whom followers should follow instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) moved_to: Option<String>,
    /// One object, not a list: Misskey reads nothing else.
    pub(crate) public_key: PublicKey,
}

/// A row of the profile.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct PropertyValue {
    pub(crate) r#type: String,
    pub(crate) name: String,
    /// HTML. A link gets its tick when it is a single `<a>` whose text is its address.
    pub(crate) value: String,
}

/// The public half of the key that signs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "these are the words of the document")]
pub(crate) struct PublicKey {
    /// The id of the actor and a fragment: snac takes what stands before it for the actor.
    pub(crate) id: String,
    pub(crate) owner: String,
    pub(crate) public_key_pem: String,
}
