//! Sections: folders with their address, in every language.

use std::collections::BTreeMap;

use super::{Linker, folder_of, folder_slug, parent_of};
use crate::config::LanguageId;
use crate::diagnostic::{Diagnostic, Place};
use crate::model::{Destination, DocumentId, Kind, Section, SectionId, section_folder};
use crate::node::Placed;
use crate::path::{OutputPath, humanise};

impl Linker<'_> {
    pub(super) fn add_sections(&mut self, language: LanguageId) {
        let mut folders: BTreeMap<String, Option<DocumentId>> = BTreeMap::new();
        folders.insert(String::new(), None);
        for text in self.texts.iter() {
            let (key, document) = (self.key_of(text), self.choose(text, language));
            if let Some(folder) = section_folder(key) {
                folders.insert(folder.to_owned(), document);
            } else if let Some((top, _)) = key.split_once('/') {
                let bundle = document.is_some_and(|d| self.site.documents[d.0].folder().is_empty());
                if !bundle {
                    folders.entry(top.to_owned()).or_insert(None);
                }
            }
        }
        self.section_ids.clear();
        for (folder, document) in folders {
            self.add_section(language, folder, document);
        }
        let mut children: BTreeMap<SectionId, Vec<SectionId>> = BTreeMap::new();
        for (index, section) in self.site.sections.iter().enumerate() {
            if let Some(parent) = section.parent.filter(|_| section.language == language) {
                children.entry(parent).or_default().push(SectionId(index));
            }
        }
        for (parent, mut list) in children {
            list.sort_by_cached_key(|id| {
                let section = self.site.section(*id);
                let weight = section.document.and_then(|d| self.site.document(d).front.weight);
                (weight.unwrap_or(i64::MAX), section.title.clone(), section.folder.clone())
            });
            self.site.sections[parent.0].subsections = list;
        }
    }

    fn add_section(&mut self, language: LanguageId, folder: String, document: Option<DocumentId>) {
        let config = &self.site.config;
        let parent = self.enclosing_section(parent_of(&folder)).filter(|_| !folder.is_empty());
        let text = document.map(|id| self.site.document(id));
        let front = text.map(|d| &d.front);
        let address = self.folder_address(language, &folder, front.and_then(|f| f.slug.as_deref()));
        let output = match OutputPath::document(&address) {
            Ok(output) => output,
            Err(problem) => {
                let place = text.map_or_else(
                    || Place::named(&format!("content/{folder}")),
                    |d| {
                        d.front.slug.as_deref().map_or_else(
                            || Place::file(&d.source.path),
                            |(_, span)| d.source.place(span.clone()),
                        )
                    },
                );
                self.problems.push(Diagnostic::bad_path(place, "address", &address, problem));
                return;
            }
        };
        let title = match text {
            Some(document) => document.title.clone(),
            None if folder.is_empty() => config.language(language).title.clone(),
            None => humanise(folder.rsplit('/').next().unwrap_or_default()),
        };
        let above = parent.map_or(Kind::default(), |id| self.site.section(id).kind);
        let section = Section {
            kind: text.map_or(above, |text| text.kind),
            document,
            language,
            translated: text.is_none_or(|d| d.language == language),
            title,
            output,
            parent,
            subsections: Vec::new(),
            pages: Vec::new(),
            paginate_by: front.and_then(|f| f.section.paginate_by),
            feeds: front.and_then(|f| f.section.feeds),
            translations: Vec::new(),
            folder,
        };
        let id = SectionId(self.site.sections.len());
        self.section_ids.insert(section.folder.clone(), id);
        self.site.sections.push(section);
        if let Some(document) = document {
            self.add_destination(document, |destination| match destination {
                Destination::Section(ids) => ids.push(id),
                other => *other = Destination::Section(vec![id]),
            });
        }
    }

    /// The section that a folder belongs to: its own, or the nearest above it.
    pub(super) fn enclosing_section(&self, folder: &str) -> Option<SectionId> {
        let mut folder = folder;
        loop {
            if let Some(id) = self.section_ids.get(folder) {
                return Some(*id);
            }
            if folder.is_empty() {
                return None;
            }
            folder = parent_of(folder);
        }
    }

    /// The address of a folder: that of the section above it, and the names below.
    pub(super) fn folder_address(
        &self,
        language: LanguageId,
        folder: &str,
        slug: Option<&Placed<String>>,
    ) -> String {
        if folder.is_empty() {
            return self.site.config.prefix(language);
        }
        let above = parent_of(folder);
        let base = match self.enclosing_section(above) {
            Some(id) if self.site.section(id).folder == above => {
                folder_of(&self.site.section(id).output)
            }
            _ => self.folder_address(language, above, None),
        };
        let name = folder.rsplit('/').next().unwrap_or(folder);
        let part = slug.map_or_else(|| folder_slug(name, &self.site.config), |(s, _)| s.clone());
        format!("{base}{part}/")
    }
}
