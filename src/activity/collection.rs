//! Lists.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Context;

/// A list, or how long it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Collection {
    #[serde(rename = "@context")]
    pub(crate) context: Context,
    pub(crate) id: String,
    /// `OrderedCollection` or `Collection`.
    pub(crate) r#type: String,
    pub(crate) total_items: usize,
    /// The address of the newest page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) first: Option<String>,
    /// The address of the oldest page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) last: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) ordered_items: Option<Vec<Value>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) items: Option<Vec<Value>>,
}

impl Collection {
    /// A list of which only the length is said.
    pub(crate) fn total(id: String, total_items: usize) -> Self {
        Self {
            context: Context::plain(),
            id,
            r#type: "OrderedCollection".to_owned(),
            total_items,
            first: None,
            last: None,
            ordered_items: None,
            items: None,
        }
    }

    /// A list in order.
    pub(crate) fn ordered(id: String, items: Vec<Value>) -> Self {
        Self { ordered_items: Some(items), ..Self::total(id, 0) }.counted()
    }

    /// A list without an order.
    pub(crate) fn unordered(id: String, items: Vec<Value>) -> Self {
        let r#type = "Collection".to_owned();
        Self { r#type, items: Some(items), ..Self::total(id, 0) }.counted()
    }

    fn counted(mut self) -> Self {
        self.total_items = self.ordered_items.as_ref().or(self.items.as_ref()).map_or(0, Vec::len);
        self
    }
}

/// A part of a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Page {
    #[serde(rename = "@context")]
    pub(crate) context: Context,
    pub(crate) id: String,
    pub(crate) r#type: String,
    pub(crate) part_of: String,
    /// The one with older items.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) next: Option<String>,
    /// The one with newer items.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) prev: Option<String>,
    pub(crate) ordered_items: Vec<Create>,
}

/// That a post was published.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Create {
    /// The id of the post with a fragment, which an activity may have and an object may not.
    pub(crate) id: String,
    pub(crate) r#type: String,
    pub(crate) actor: String,
    pub(crate) published: String,
    pub(crate) to: Vec<String>,
    pub(crate) cc: Vec<String>,
    /// The post itself, or its address.
    pub(crate) object: Value,
}
