//! Finds the texts of a new site that still say what to write in them.

use super::parse::Parsed;
use crate::config;
use crate::diagnostic::{Diagnostic, Place, Source};
use crate::model::State;
use crate::starter;

/// What is to be said of texts that nobody has written yet, though they are published.
pub(crate) fn find(parsed: &Parsed, config: &Source) -> Option<Diagnostic> {
    let source_of = |path: &str| {
        if path == config::FILE {
            return Some(config);
        }
        let documents = &parsed.documents;
        let index = documents.binary_search_by(|d| d.source.path.as_str().cmp(path)).ok()?;
        Some(&documents[index]).filter(|d| d.state == State::Published).map(|d| &d.source)
    };
    let mut places: Vec<Place> = Vec::new();
    for (path, lines) in starter::instructions() {
        let Some(source) = source_of(path) else { continue };
        let place = place_of(source, |line| match path {
            config::FILE => lines.iter().any(|text| line.contains(text)),
            _ => lines.contains(line),
        });
        if place.as_ref().is_some_and(|place| places.iter().all(|known| known.path != place.path)) {
            places.extend(place);
        }
    }
    places.sort_by(|a, b| a.path.cmp(&b.path));
    let paths: Vec<&str> = places.iter().map(|place| &*place.path).collect();
    let first = places.first()?.clone();
    Some(Diagnostic::starter_text(first, &paths))
}

/// The place of the first line that is one of those.
fn place_of(source: &Source, is_one: impl Fn(&str) -> bool) -> Option<Place> {
    let mut at = 0;
    for line in source.text.split_inclusive('\n') {
        let text = line.trim_end();
        if is_one(text) {
            return Some(source.place(at..at + text.len()));
        }
        at += line.len();
    }
    None
}
