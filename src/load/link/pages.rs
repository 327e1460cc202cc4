//! Pages: documents at their addresses, in the order of their section.

use std::collections::{BTreeMap, HashMap};

use rayon::prelude::*;

use super::{Linker, compare, folder_of, page_slug};
use crate::config::LanguageId;
use crate::diagnostic::{Diagnostic, Place};
use crate::model::{
    Destination, DocumentId, Kind, Page, PageId, SectionId, SortBy, section_folder,
};
use crate::path::OutputPath;

impl Linker<'_> {
    pub(super) fn add_pages(&mut self, language: LanguageId) {
        let mut addresses: HashMap<String, (SectionId, String)> = HashMap::new();
        let chosen: Vec<DocumentId> = self
            .texts
            .iter()
            .filter(|text| section_folder(self.key_of(text)).is_none())
            .filter_map(|text| self.choose(text, language))
            .collect();
        let mut by_section: BTreeMap<SectionId, Vec<(DocumentId, OutputPath)>> = BTreeMap::new();
        let folder = |id: &DocumentId| self.site.document(*id).folder();
        for together in chosen.chunk_by(|a, b| folder(a) == folder(b)) {
            let folder = folder(&together[0]);
            let Some(section) = self.enclosing_section(folder) else { continue };
            let address = if self.site.section(section).folder == folder {
                folder_of(&self.site.section(section).output)
            } else {
                self.folder_address(language, folder, None)
            };
            addresses.insert(folder.to_owned(), (section, address));
        }
        let outputs = chosen.into_par_iter().filter_map(|id| {
            let (section, address) = addresses.get(self.site.document(id).folder())?;
            Some((id, *section, self.page_output(id, language, address)))
        });
        for (id, section, output) in outputs.collect::<Vec<_>>() {
            match output {
                Ok(output) => by_section.entry(section).or_default().push((id, output)),
                // One mistake is one message, not one in each language.
                Err(problem) if self.site.document(id).language == language => {
                    self.problems.push(*problem);
                }
                Err(_) => {}
            }
        }
        for (section, mut entries) in by_section {
            let linked = self.site.section(section);
            let front = linked.document.map(|d| &self.site.document(d).front);
            let sort_by = front.and_then(|f| f.section.sort_by);
            let sort_by = sort_by.unwrap_or_else(|| match linked.kind {
                Kind::Event => SortBy::Start,
                Kind::Notice => SortBy::Period,
                _ => SortBy::default(),
            });
            let documents = &self.site.documents;
            entries.par_sort_by(|a, b| compare(sort_by, &documents[a.0.0], &documents[b.0.0]));
            self.add_section_pages(section, language, entries);
        }
    }

    fn add_section_pages(
        &mut self,
        section: SectionId,
        language: LanguageId,
        entries: Vec<(DocumentId, OutputPath)>,
    ) {
        let first = self.site.pages.len();
        let count = entries.len();
        for (offset, (document, output)) in entries.into_iter().enumerate() {
            let id = PageId(first + offset);
            self.site.pages.push(Page {
                document,
                language,
                translated: self.site.document(document).language == language,
                output,
                section,
                previous: (offset > 0).then(|| PageId(first + offset - 1)),
                next: (offset + 1 < count).then_some(PageId(first + offset + 1)),
                terms: Vec::new(),
                original: None,
                translations: Vec::new(),
            });
            self.site.sections[section.0].pages.push(id);
            self.add_destination(document, |destination| match destination {
                Destination::Page(ids) => ids.push(id),
                other => *other = Destination::Page(vec![id]),
            });
        }
    }

    fn page_output(
        &self,
        id: DocumentId,
        language: LanguageId,
        folder_address: &str,
    ) -> Result<OutputPath, Box<Diagnostic>> {
        let document = self.site.document(id);
        let config = &self.site.config;
        if let Some((path, span)) = document.front.path.as_deref() {
            let place = || document.source.place(span.clone());
            let bare = path.strip_prefix('/').unwrap_or(path);
            let address = format!("{}{bare}", config.prefix(language));
            let output = OutputPath::document(&address)
                .map_err(|problem| Diagnostic::bad_path(place(), "path", path, problem))?;
            return Ok(output);
        }
        let slug = page_slug(document, config);
        let place = || match document.front.slug.as_deref() {
            Some((_, span)) => document.source.place(span.clone()),
            None => Place::file(&document.source.path),
        };
        if slug.is_empty() {
            return Err(Box::new(Diagnostic::empty_slug(place())));
        }
        if let Err(problem) = crate::path::check_part(&slug) {
            return Err(Box::new(Diagnostic::bad_path(place(), "slug", &slug, problem)));
        }
        if slug.contains('/') {
            return Err(Box::new(Diagnostic::slash_in_slug(place(), &slug)));
        }
        let address = format!("{folder_address}{slug}");
        OutputPath::document(&format!("{address}/")).map_err(|problem| {
            Box::new(Diagnostic::bad_path(place(), "address", &address, problem))
        })
    }

    /// All pages of a language, newest first, and after them those without a date.
    pub(super) fn by_date(&self, language: LanguageId) -> Vec<PageId> {
        let site = &self.site;
        let all = site.pages.iter().enumerate();
        let own = all.filter(|(_, page)| page.language == language);
        let mut pages: Vec<PageId> = own.map(|(index, _)| PageId(index)).collect();
        pages.par_sort_by(|a, b| compare(SortBy::Date, site.text_of(*a), site.text_of(*b)));
        pages
    }

    pub(super) fn add_latest(&mut self, by_date: &[PageId]) {
        let dated = by_date.partition_point(|id| self.site.text_of(*id).date.is_some());
        self.site.latest.push(by_date[..dated].to_vec());
        let is_event = |id: &PageId| self.site.text_of(*id).kind == Kind::Event;
        let (mut events, others): (Vec<PageId>, Vec<PageId>) =
            by_date.iter().copied().partition(is_event);
        let start = |id: &PageId| self.site.text_of(*id);
        events.sort_by(|a, b| compare(SortBy::Start, start(a), start(b)));
        let dated = others.partition_point(|id| self.site.text_of(*id).date.is_some());
        self.site.front.push(others[..dated].to_vec());
        self.site.events.push(events);
        let is_notice = |id: &PageId| self.site.text_of(*id).details.notice().is_some();
        let mut notices: Vec<PageId> = by_date.iter().copied().filter(is_notice).collect();
        notices
            .sort_by(|a, b| compare(SortBy::Period, self.site.text_of(*a), self.site.text_of(*b)));
        self.site.notices.push(notices);
    }
}
