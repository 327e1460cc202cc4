//! What documents take from each other before they are linked: a hidden section hides what
//! lies in it, and a hidden original its translations.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::config::{DEFAULT_LANGUAGE, Imprint, LanguageId};
use crate::model::{Document, State};
use crate::time::Moment;

/// Hides what has to be hidden along, and gives translations the dates that they do not state
/// themselves.
pub(super) fn inherit(documents: &mut [Document]) {
    from_sections(documents);
    from_originals(documents);
}

/// What lies in a section that is a draft, has an embargo or has expired is not shown either.
fn from_sections(documents: &mut [Document]) {
    let originals: HashSet<&str> = documents
        .iter()
        .filter(|document| document.is_section() && document.language == DEFAULT_LANGUAGE)
        .map(|document| document.key.as_str())
        .collect();
    // The text of a section in another language speaks for that language, where there is no
    // original to speak for all.
    let speaks = |document: &Document| {
        document.language == DEFAULT_LANGUAGE || !originals.contains(document.key.as_str())
    };
    let hidden: Vec<(String, State, LanguageId)> = documents
        .iter()
        .filter(|d| d.is_section() && d.state != State::Published && speaks(d))
        .map(|d| (format!("{}/", d.folder()), d.state, d.language))
        .collect();
    for document in documents {
        for (folder, state, language) in &hidden {
            let meant = *language == DEFAULT_LANGUAGE || *language == document.language;
            let inside = meant && (folder == "/" || document.key.starts_with(folder));
            // A draft stays one whatever the time is.
            if inside && (is_given_out(document) || *state == State::Draft) {
                document.state = *state;
            }
        }
    }
}

/// Whether a text is for the public, on a page or only as a post.
fn is_given_out(document: &Document) -> bool {
    matches!(document.state, State::Published | State::NoPage)
}

/// What a translation takes from its original.
type Original = (State, Option<Moment>, Option<Box<Imprint>>);

/// A translation is published together with its original. Were it not, a text under embargo
/// could be read in the other language. And who answers for the one answers for the other.
fn from_originals(documents: &mut [Document]) {
    let originals: HashMap<String, Original> = documents
        .iter()
        .filter(|document| document.language == DEFAULT_LANGUAGE)
        .map(|d| (d.text_key().to_owned(), (d.state, d.date, d.front.imprint.clone())))
        .collect();
    for document in documents.iter_mut().filter(|d| d.language != DEFAULT_LANGUAGE) {
        let Some((state, date, imprint)) = originals.get(document.text_key()) else { continue };
        document.date = document.date.or(*date);
        if document.front.imprint.is_none() && imprint.is_some() {
            Arc::make_mut(&mut document.front).imprint.clone_from(imprint);
        }
        if is_given_out(document) {
            document.state = *state;
        }
    }
}
