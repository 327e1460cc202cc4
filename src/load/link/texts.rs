//! Which documents are one text in several languages.

use std::ops::Range;

use rayon::prelude::*;

use crate::diagnostic::{Diagnostic, Place};
use crate::model::{Document, DocumentId};

/// The texts of a site in the order of their keys, each with its documents in the order of their
/// languages. `first.md` and `first/index.md` are the same text, for whoever links to it.
#[derive(Debug, Default)]
pub(super) struct Texts {
    documents: Vec<DocumentId>,
    /// By text: its part of `documents`.
    parts: Vec<Range<usize>>,
    /// By document: its text.
    of: Vec<usize>,
}

impl Texts {
    /// Puts documents together. That there are several in one language is a mistake.
    pub(super) fn new(all: &[Document]) -> (Self, Vec<Diagnostic>) {
        let mut documents: Vec<DocumentId> = (0..all.len()).map(DocumentId).collect();
        let place = |id: &DocumentId| (all[id.0].text_key(), all[id.0].language);
        // They mostly are in this order already.
        documents.par_sort_by(|a, b| place(a).cmp(&place(b)));
        let file = |id: &DocumentId| Place::file(&all[id.0].source.path);
        let twice = documents.windows(2).filter(|pair| place(&pair[0]) == place(&pair[1]));
        let twice = twice.map(|pair| Diagnostic::same_page_twice(file(&pair[1]), file(&pair[0])));
        let problems = twice.collect();
        let (mut parts, mut of) = (Vec::new(), vec![0; all.len()]);
        let mut end = 0;
        let is_one = |a: &DocumentId, b: &DocumentId| place(a).0 == place(b).0;
        for part in documents.chunk_by(is_one) {
            part.iter().for_each(|id| of[id.0] = parts.len());
            parts.push(end..end + part.len());
            end += part.len();
        }
        (Self { documents, parts, of }, problems)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &[DocumentId]> {
        self.parts.iter().map(|part| &self.documents[part.clone()])
    }

    /// The documents of the text of a document.
    pub(super) fn of(&self, document: DocumentId) -> &[DocumentId] {
        &self.documents[self.parts[self.of[document.0]].clone()]
    }
}
