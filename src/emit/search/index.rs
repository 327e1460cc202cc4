//! Which word is on which page, and how much it says about it.

use std::collections::BTreeMap;

use rayon::prelude::*;
use serde_json::{Value, json};

use super::words::{folded, part, words};
use super::{Entry, depth, entries};
use crate::config::LanguageId;
use crate::emit::Workshop;
use crate::emit::html::description;
use crate::model::Document;
use crate::render::markdown::Rendered;
use crate::render::markdown::links::Addresses;
use crate::render::plain_text;

/// What a word counts in a title, in a term, in a description; in the text each time.
const IN_TITLE: u32 = 8;
const IN_TERM: u32 = 5;
const IN_DESCRIPTION: u32 = 3;
const IN_TEXT_MAX: u32 = 4;

/// Pages whose words are in memory at a time, besides those that are in the index.
const AT_A_TIME: usize = 256;

/// The words of all pages of a language.
#[derive(Debug)]
pub(in crate::emit) struct Index {
    /// By part, by word: the number of each page that has it, and what it counts there.
    parts: BTreeMap<String, BTreeMap<String, Vec<u32>>>,
    /// By number, as `client.js` shows them.
    pages: Vec<Value>,
}

impl Index {
    pub(in crate::emit) fn new(workshop: &Workshop<'_>, language: LanguageId) -> Self {
        let entries = entries(workshop.views.site, language);
        let depth = depth(entries.len());
        let mut index = Self { parts: BTreeMap::new(), pages: Vec::with_capacity(entries.len()) };
        for entries in entries.chunks(AT_A_TIME) {
            let read: Vec<Read> = entries.par_iter().map(|e| Read::new(workshop, *e)).collect();
            for Read { shown, counts } in read {
                let number = u32::try_from(index.pages.len()).unwrap_or(u32::MAX);
                index.pages.push(shown);
                for (word, count) in counts {
                    let words = index.parts.entry(part(&word, depth)).or_default();
                    words.entry(word).or_default().extend([number, count]);
                }
            }
        }
        index
    }

    /// A part, as `{"bws": [0, 12, 7, 1]}`: on page 0 it counts 12, on page 7 1.
    pub(super) fn part(&self, name: &str) -> Vec<u8> {
        self.parts.get(name).map_or_else(|| b"{}".to_vec(), |words| json!(words).to_string().into())
    }

    /// Some pages, each as title, address, description and date.
    pub(super) fn pages(&self, from: usize, count: usize) -> Vec<u8> {
        let pages: Vec<&Value> = self.pages.iter().skip(from).take(count).collect();
        json!(pages).to_string().into()
    }
}

/// A page, as it is found and shown.
struct Read {
    shown: Value,
    counts: BTreeMap<String, u32>,
}

impl Read {
    fn new(workshop: &Workshop<'_>, entry: Entry) -> Self {
        let views = &workshop.views;
        let (site, mut ignored) = (views.site, Vec::new());
        // What is wrong with a text is told where its page is made.
        let rendered = match entry {
            Entry::Page(id) => views.rendered(id, Addresses::Host, &mut ignored),
            Entry::Section(id) => views.rendered_section(id, &mut ignored),
        };
        let document = entry.document(site);
        let title = entry.title(site);
        let description = document.and_then(|document| description(document, &rendered));
        let date = document.and_then(|document| document.date);
        let date = date.map(|date| views.theme.strings(entry.language(site)).date(date));
        let shown = json!([title, site.url(entry.output(site)), description, date]);
        Self { counts: count(title, document, &rendered), shown }
    }
}

fn count(title: &str, document: Option<&Document>, rendered: &Rendered) -> BTreeMap<String, u32> {
    let mut counts = BTreeMap::new();
    for word in words(&folded(&plain_text(&rendered.html))) {
        match counts.get_mut(word) {
            Some(count) if *count >= IN_TEXT_MAX => {}
            Some(count) => *count += 1,
            None => drop(counts.insert(word.to_owned(), 1)),
        }
    }
    let mut add = |text: &str, worth: u32| {
        for word in words(&folded(text)) {
            *counts.entry(word.to_owned()).or_default() += worth;
        }
    };
    add(title, IN_TITLE);
    if let Some(front) = document.map(|document| &document.front) {
        add(front.description.as_deref().unwrap_or_default(), IN_DESCRIPTION);
        for (term, _) in front.terms.iter().flat_map(|(_, terms)| terms) {
            add(term, IN_TERM);
        }
    }
    counts
}
