//! Old addresses.

use super::Linker;
use crate::diagnostic::Diagnostic;
use crate::model::{Alias, DocumentId};
use crate::path::OutputPath;

impl Linker<'_> {
    pub(super) fn add_aliases(&mut self) {
        let mut add = |document: DocumentId, output: &OutputPath| {
            let text = &self.site.documents[document.0];
            for (alias, span) in &text.front.aliases {
                let bare = alias.strip_prefix('/').unwrap_or(alias);
                match OutputPath::document(bare) {
                    Ok(from) => self.site.aliases.push(Alias {
                        output: from,
                        target: output.address(),
                        document,
                    }),
                    Err(problem) => {
                        let place = text.source.place(span.clone());
                        self.problems.push(Diagnostic::bad_path(place, "alias", alias, problem));
                    }
                }
            }
        };
        for page in self.site.pages.iter().filter(|page| page.translated) {
            add(page.document, &page.output);
        }
        for section in self.site.sections.iter().filter(|section| section.translated) {
            if let Some(document) = section.document {
                add(document, &section.output);
            }
        }
    }
}
