//! Headings, their ids and the table of contents.

use std::collections::{HashMap, HashSet};

use pulldown_cmark::{Event, Parser, Tag, TagEnd};

use super::options;
use super::paragraphs;
use super::raw_html::as_shown;
use super::shortcode::{self, MARK};
use crate::limits::DEPTH_MAX;
use crate::model::{Document, Kind, Site};
use crate::path::slugify;

/// A heading and those below it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Heading {
    pub(crate) level: u8,
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) children: Vec<Heading>,
}

/// The ids of the headings of a document.
#[derive(Clone, Debug, Default)]
pub(crate) struct HeadingIds {
    list: Vec<String>,
    known: HashSet<String>,
}

impl HeadingIds {
    pub(super) fn contains(&self, id: &str) -> bool {
        self.known.contains(id)
    }

    /// In the order of the text.
    pub(super) fn iter(&self) -> impl Iterator<Item = &str> {
        self.list.iter().map(String::as_str)
    }
}

/// Gives each heading of a document an id of its own.
pub(super) struct Headings<'a> {
    language: &'a str,
    list: Vec<Heading>,
    /// The ids that paragraphs have.
    others: Vec<String>,
    taken: HashSet<String>,
    /// The number that the next heading with the same words gets. To count up from 1 each
    /// time would take for ever in a text that repeats a heading many times.
    numbers: HashMap<String, usize>,
}

impl<'a> Headings<'a> {
    pub(super) fn new(site: &'a Site, document: &Document) -> Self {
        let language = &site.config.language(document.language).code;
        Self {
            language,
            list: Vec::new(),
            others: Vec::new(),
            // The theme has an element of this name around the text.
            taken: HashSet::from(["main".to_owned()]),
            numbers: HashMap::new(),
        }
    }

    /// The id of a heading: the one that was written, or its words.
    pub(super) fn add(&mut self, level: u8, explicit: Option<String>, title: String) -> String {
        let id = self.free(explicit, &title);
        self.list.push(Heading { level, id: id.clone(), title, children: Vec::new() });
        id
    }

    /// The id of a paragraph: the one that was written, or its words.
    pub(super) fn claim(&mut self, explicit: Option<String>, words: &str) -> String {
        let id = self.free(explicit, words);
        self.others.push(id.clone());
        id
    }

    fn free(&mut self, explicit: Option<String>, words: &str) -> String {
        let plain = |id: &str| {
            !id.is_empty() && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.:".contains(&b))
        };
        let wished = match explicit {
            Some(id) if plain(&id) => id,
            Some(id) => slugify(&id, self.language),
            None => slugify(words, self.language),
        };
        let wished = match wished.as_str() {
            "" => "section".to_owned(),
            wished if is_reserved(wished) => format!("section-{wished}"),
            _ => wished,
        };
        let mut id = wished.clone();
        while !self.taken.insert(id.clone()) {
            let number = self.numbers.entry(wished.clone()).or_insert(1);
            id = format!("{wished}-{number}");
            *number += 1;
        }
        id
    }

    /// The words of the heading that was added last.
    pub(super) fn latest(&self) -> Option<&str> {
        self.list.last().map(|heading| heading.title.as_str())
    }

    /// The ids that were given, for links.
    pub(super) fn ids(&self) -> HeadingIds {
        let headings = self.list.iter().map(|heading| &heading.id);
        let list: Vec<String> = headings.chain(&self.others).cloned().collect();
        HeadingIds { known: list.iter().cloned().collect(), list }
    }

    /// The headings as a tree: each below the nearest one before it with a smaller level.
    pub(super) fn into_tree(self) -> Vec<Heading> {
        let mut roots: Vec<Heading> = Vec::new();
        for heading in self.list {
            let mut list = &mut roots;
            // Six levels at most, so the way down is short.
            while list.last().is_some_and(|last| last.level < heading.level) {
                let last = list.len() - 1;
                list = &mut list[last].children;
            }
            list.push(heading);
        }
        roots
    }
}

/// Whether the theme or a footnote may have an element of this name beside the text.
fn is_reserved(id: &str) -> bool {
    let names = ["site-imprint", "site-latest", "site-upcoming"];
    let starts = ["site-follow-", "site-feed-"];
    let is_note = ["fn-", "fnref-"]
        .iter()
        .filter_map(|start| id.strip_prefix(start))
        .any(|rest| rest.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-'));
    names.contains(&id) || starts.iter().any(|start| id.starts_with(start)) || is_note
}

/// The words of some events, without marks.
pub(super) fn plain_text(events: &[Event<'_>]) -> String {
    let mut text = String::new();
    for event in events {
        match event {
            Event::Text(piece) | Event::Code(piece) => text.push_str(piece),
            Event::SoftBreak | Event::HardBreak => text.push(' '),
            _ => {}
        }
    }
    text.trim().to_owned()
}

/// The ids of the headings of a document, for checking a link from another one. They are made
/// by the same rules as in rendering, only without the rest.
pub(crate) fn heading_ids(document: &Document, site: &Site) -> HeadingIds {
    let mut headings = Headings::new(site, document);
    let mut skip = document.title_from_heading;
    collect(document.markdown(), site, &mut headings, &mut skip, 0);
    if document.kind == Kind::Policy {
        paragraphs::claim_ids(document, site, &mut headings);
    }
    headings.ids()
}

/// `depth` is how many shortcodes are around the text; the writer stops at the same depth.
fn collect(text: &str, site: &Site, headings: &mut Headings<'_>, skip: &mut bool, depth: usize) {
    let found = shortcode::find(text);
    let mut heading: Option<(u8, Option<String>, Vec<Event<'_>>)> = None;
    for event in Parser::new_ext(&found.text, options(site)) {
        match as_shown(event, site) {
            Event::Start(Tag::Heading { level, id, .. }) => {
                heading = Some((level as u8, id.map(|id| id.to_string()), Vec::new()));
            }
            Event::End(TagEnd::Heading(_)) => {
                if let Some((level, id, events)) = heading.take()
                    && !std::mem::take(skip)
                {
                    headings.add(level, id, plain_text(&events));
                }
            }
            Event::Text(piece) if piece.contains(MARK) => {
                for (index, number) in piece.split(MARK).enumerate() {
                    if index % 2 == 0 {
                        if let Some((.., events)) = &mut heading {
                            events.push(Event::Text(number.to_owned().into()));
                        }
                        continue;
                    }
                    let shortcode = number.parse::<usize>().ok();
                    let shortcode = shortcode.and_then(|n| found.shortcodes.get(n));
                    let body = shortcode.and_then(|s| s.body.clone());
                    if let Some(body) = body.filter(|_| depth <= DEPTH_MAX) {
                        collect(&text[body], site, headings, skip, depth + 1);
                    }
                }
            }
            event => {
                if let Some((.., events)) = &mut heading {
                    events.push(event);
                }
            }
        }
    }
}
