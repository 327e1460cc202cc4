//! Atom (RFC 4287).

use std::collections::BTreeMap;

use atom_syndication::{
    Category, Content, Entry as AtomEntry, Feed as AtomFeed, FixedDateTime, Generator, Link,
    Person, Text, WriteConfig,
};

use super::{Entry, Feed};
use crate::time::Moment;

/// Writes a feed.
pub(super) fn write(feed: &Feed) -> Vec<u8> {
    let mut links = vec![
        link("self", &feed.self_url, Some("application/atom+xml")),
        link("alternate", &feed.home_url, Some("text/html")),
    ];
    links.extend(feed.hub.iter().map(|hub| link("hub", hub, None)));
    let atom = AtomFeed {
        title: Text::plain(feed.title.clone()),
        id: feed.id.clone(),
        updated: date(feed.updated),
        // An entry without an author has that of the feed (4.2.1).
        authors: vec![person(&feed.author)],
        generator: Some(Generator { value: "sitegen".to_owned(), ..Generator::default() }),
        links,
        subtitle: Some(Text::plain(feed.description.clone())),
        entries: feed.entries.iter().map(|e| entry(e, &feed.language)).collect(),
        namespaces: BTreeMap::new(),
        lang: Some(feed.language.clone()),
        ..AtomFeed::default()
    };
    let config = WriteConfig { write_document_declaration: true, indent_size: None };
    // Writing into memory does not fail.
    atom.write_with_config(Vec::new(), config).unwrap_or_default()
}

fn entry(entry: &Entry, language: &str) -> AtomEntry {
    let mut links = vec![link("alternate", &entry.url, Some("text/html"))];
    if let (Some(file), Some(url)) = (&entry.enclosure, &entry.enclosure_url) {
        links.push(Link {
            length: Some(file.length.to_string()),
            ..link("enclosure", url, Some(file.media_type))
        });
    }
    AtomEntry {
        title: Text::plain(entry.title.clone()),
        id: entry.id.clone(),
        updated: date(entry.updated),
        published: Some(date(entry.published)),
        authors: entry.authors.iter().map(|name| person(name)).collect(),
        categories: entry
            .categories
            .iter()
            .map(|name| Category { term: name.clone(), ..Category::default() })
            .collect(),
        links,
        summary: entry.summary.clone().map(Text::html),
        content: Some(Content {
            value: Some(entry.content.clone()),
            content_type: Some("html".to_owned()),
            lang: Some(language.to_owned()),
            ..Content::default()
        }),
        ..AtomEntry::default()
    }
}

fn link(rel: &str, href: &str, mime: Option<&str>) -> Link {
    Link {
        href: href.to_owned(),
        rel: rel.to_owned(),
        mime_type: mime.map(str::to_owned),
        ..Link::default()
    }
}

fn person(name: &str) -> Person {
    Person { name: name.to_owned(), ..Person::default() }
}

/// Our moment in the crate's type. Both hold what RFC 3339 can write.
fn date(moment: Moment) -> FixedDateTime {
    moment.to_string().parse().unwrap_or_default()
}
