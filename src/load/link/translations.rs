//! The pages of one text over the languages.

use std::collections::{BTreeMap, HashMap};

use super::Linker;
use crate::model::{PageId, SectionId};

impl Linker<'_> {
    /// Connects the pages of one text over the languages.
    pub(super) fn add_translations(&mut self) {
        if self.site.config.languages.len() < 2 {
            return;
        }
        let mut page_ids: HashMap<String, Vec<PageId>> = HashMap::new();
        for (index, page) in self.site.pages.iter().enumerate() {
            let key = self.site.document(page.document).text_key().to_owned();
            page_ids.entry(key).or_default().push(PageId(index));
        }
        for ids in page_ids.into_values() {
            let real = |id: &&PageId| self.site.page(**id).translated;
            let translations: Vec<PageId> = ids.iter().filter(real).copied().collect();
            for id in ids {
                let page = self.site.page(id);
                let own = |t: &PageId| self.site.page(*t).document == page.document;
                let original = translations.iter().copied().find(own).filter(|_| !page.translated);
                let page = &mut self.site.pages[id.0];
                page.original = original;
                if page.translated {
                    page.translations.clone_from(&translations);
                }
            }
        }
        let mut section_ids: BTreeMap<String, Vec<SectionId>> = BTreeMap::new();
        for (index, section) in self.site.sections.iter().enumerate() {
            section_ids.entry(section.folder.clone()).or_default().push(SectionId(index));
        }
        for ids in section_ids.into_values() {
            let real = |id: &&SectionId| self.site.section(**id).translated;
            let translations: Vec<SectionId> = ids.iter().filter(real).copied().collect();
            for id in &translations {
                self.site.sections[id.0].translations.clone_from(&translations);
            }
        }
    }
}
