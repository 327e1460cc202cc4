//! JSON Feed 1.1 (jsonfeed.org).

use serde::Serialize;

use super::{Entry, Feed, summary_text};

#[derive(Serialize)]
struct JsonFeed<'a> {
    version: &'static str,
    title: &'a str,
    home_page_url: &'a str,
    feed_url: &'a str,
    description: &'a str,
    language: &'a str,
    authors: Vec<Author<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    hubs: Vec<Hub<'a>>,
    items: Vec<Item<'a>>,
}

#[derive(Serialize)]
struct Author<'a> {
    name: &'a str,
}

#[derive(Serialize)]
struct Hub<'a> {
    r#type: &'static str,
    url: &'a str,
}

#[derive(Serialize)]
struct Item<'a> {
    id: &'a str,
    url: &'a str,
    title: &'a str,
    content_html: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    summary: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    image: Option<&'a str>,
    date_published: String,
    date_modified: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    authors: Vec<Author<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tags: Vec<&'a str>,
    language: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    attachments: Vec<Attachment<'a>>,
}

#[derive(Serialize)]
struct Attachment<'a> {
    url: &'a str,
    mime_type: &'static str,
    size_in_bytes: u64,
}

/// Writes a feed.
pub(super) fn write(feed: &Feed) -> Vec<u8> {
    let object = JsonFeed {
        version: "https://jsonfeed.org/version/1.1",
        title: &feed.title,
        home_page_url: &feed.home_url,
        feed_url: &feed.self_url,
        description: &feed.description,
        language: &feed.language,
        authors: vec![Author { name: &feed.author }],
        hubs: feed.hub.iter().map(|url| Hub { r#type: "WebSub", url }).collect(),
        items: feed.entries.iter().map(|entry| item(entry, &feed.language)).collect(),
    };
    // Strings and numbers always become JSON.
    serde_json::to_vec(&object).unwrap_or_default()
}

fn item<'a>(entry: &'a Entry, language: &'a str) -> Item<'a> {
    let file = entry.enclosure.as_ref().zip(entry.enclosure_url.as_deref());
    Item {
        id: &entry.id,
        url: &entry.url,
        title: &entry.title,
        content_html: &entry.content,
        summary: summary_text(entry),
        image: entry.image.as_deref(),
        date_published: entry.published.to_string(),
        date_modified: entry.updated.to_string(),
        authors: entry.authors.iter().map(|name| Author { name }).collect(),
        tags: entry.categories.iter().map(String::as_str).collect(),
        language,
        attachments: file
            .iter()
            .map(|(file, url)| Attachment {
                url,
                mime_type: file.media_type,
                size_in_bytes: file.length,
            })
            .collect(),
    }
}
