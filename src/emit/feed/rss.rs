//! RSS 2.0, with the full text (`content:encoded`), authors (`dc:creator`) and Atom links.

use std::collections::BTreeMap;

use rss::extension::atom::{AtomExtension, Link};
use rss::extension::dublincore::DublinCoreExtension;
use rss::{Category, Channel, Enclosure, Guid, Item};

use super::{Entry, Feed};

/// Writes a feed.
pub(super) fn write(feed: &Feed) -> Vec<u8> {
    let link = |rel: &str, href: &str, mime: Option<&str>| Link {
        href: href.to_owned(),
        rel: rel.to_owned(),
        mime_type: mime.map(str::to_owned),
        ..Link::default()
    };
    let mut links = vec![link("self", &feed.self_url, Some("application/rss+xml"))];
    links.extend(feed.hub.iter().map(|hub| link("hub", hub, None)));
    let namespaces = BTreeMap::from([
        ("atom".to_owned(), "http://www.w3.org/2005/Atom".to_owned()),
        ("content".to_owned(), "http://purl.org/rss/1.0/modules/content/".to_owned()),
        ("dc".to_owned(), "http://purl.org/dc/elements/1.1/".to_owned()),
    ]);
    let channel = Channel {
        title: feed.title.clone(),
        link: feed.home_url.clone(),
        description: feed.description.clone(),
        language: Some(feed.language.clone()),
        last_build_date: Some(feed.updated.to_rfc2822()),
        generator: Some("sitegen".to_owned()),
        items: feed.entries.iter().map(|entry| item(entry)).collect(),
        atom_ext: Some(AtomExtension { links }),
        namespaces,
        ..Channel::default()
    };
    // Writing into memory does not fail.
    channel.write_to(Vec::new()).unwrap_or_default()
}

fn item(entry: &Entry) -> Item {
    let enclosure = entry.enclosure.as_ref().zip(entry.enclosure_url.as_ref());
    let creators = (!entry.authors.is_empty()).then(|| DublinCoreExtension {
        creators: entry.authors.clone(),
        ..DublinCoreExtension::default()
    });
    Item {
        title: Some(entry.title.clone()),
        link: Some(entry.url.clone()),
        description: entry.summary.clone(),
        guid: Some(Guid { value: entry.id.clone(), permalink: false }),
        pub_date: Some(entry.published.to_rfc2822()),
        content: Some(entry.content.clone()),
        categories: entry
            .categories
            .iter()
            .map(|name| Category { name: name.clone(), domain: None })
            .collect(),
        enclosure: enclosure.map(|(file, url)| Enclosure {
            url: url.clone(),
            length: file.length.to_string(),
            mime_type: file.media_type.to_owned(),
        }),
        dublin_core_ext: creators,
        ..Item::default()
    }
}
