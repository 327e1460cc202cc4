//! Posts.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::Context;

/// A post: `Note`, `Article` or `Event`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Object {
    /// Nothing inside another document.
    #[serde(rename = "@context", default, skip_serializing_if = "Option::is_none")]
    pub(crate) context: Option<Context>,
    pub(crate) id: String,
    pub(crate) r#type: String,
    pub(crate) attributed_to: String,
    pub(crate) to: Vec<String>,
    pub(crate) cc: Vec<String>,
    /// Never changes.
    pub(crate) published: String,
    /// Only when it is later: Mastodon looks for an edit then, and `GoToSocial` refuses earlier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) updated: Option<String>,
    /// The page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) url: Option<String>,
    /// Not on a `Note`: `GoToSocial` shows it as a content warning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<String>,
    /// On a `Note` a content warning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) summary: Option<String>,
    pub(crate) sensitive: bool,
    /// HTML.
    pub(crate) content: String,
    /// The same under the code of its language, and nothing else.
    pub(crate) content_map: Map<String, Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) start_time: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) end_time: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) location: Option<Place>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) attachment: Vec<Attachment>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) tag: Vec<Hashtag>,
    /// The address of the collection.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) replies: Option<String>,
}

/// The type of a place.
pub(crate) const PLACE: &str = "Place";

/// Where something happens.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Place {
    pub(crate) r#type: String,
    pub(crate) name: String,
}

/// A picture or another file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Attachment {
    /// `Image`, `Audio`, `Video` or `Document`.
    pub(crate) r#type: String,
    pub(crate) media_type: String,
    pub(crate) url: String,
    /// The text for those who do not see it: Mastodon looks here first,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) summary: Option<String>,
    /// everybody else here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<String>,
    /// From -1 to 1, rightwards and upwards.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) focal_point: Option<(f64, f64)>,
}

/// A hashtag.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Hashtag {
    pub(crate) r#type: String,
    /// The page of the tag.
    pub(crate) href: String,
    /// With `#`.
    pub(crate) name: String,
}

/// What is left of a post that was taken back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Tombstone {
    #[serde(rename = "@context")]
    pub(crate) context: Context,
    pub(crate) id: String,
    pub(crate) r#type: String,
    pub(crate) deleted: String,
}
