//! The menus of every language: what stands at the top of its pages, and at their foot.

use super::Linker;
use crate::config::{DEFAULT_LANGUAGE, LanguageId, MenuItem};
use crate::diagnostic::{Diagnostic, Place, Source, nearest};
use crate::model::{Destination, MenuEntry, Menus};
use crate::path::scheme;

impl Linker<'_> {
    pub(super) fn add_menus(&mut self, config_source: &Source) {
        for language in self.site.config.language_ids() {
            let own = self.site.config.language(language);
            let first = self.site.config.language(DEFAULT_LANGUAGE);
            let or_first = |own: &Vec<MenuItem>, first: &Vec<MenuItem>| {
                if own.is_empty() { first.clone() } else { own.clone() }
            };
            let top = or_first(&own.menu, &first.menu);
            let foot = or_first(&own.footer_menu, &first.footer_menu);
            let menu = if top.is_empty() {
                self.default_menu(language)
            } else {
                self.entries(top, language, config_source)
            };
            let footer = self.entries(foot, language, config_source);
            self.site.menus.push(Menus { menu, footer });
        }
    }

    fn entries(
        &mut self,
        items: Vec<MenuItem>,
        language: LanguageId,
        config_source: &Source,
    ) -> Vec<MenuEntry> {
        let mut entries = Vec::new();
        for item in items {
            match item {
                MenuItem::Link { title, url, span } => {
                    let scheme = scheme(&url);
                    if scheme.is_some_and(|s| !self.site.config.allows_scheme(&s)) {
                        let place = config_source.place(span);
                        self.problems.push(Diagnostic::unsafe_menu_link(place, &url));
                    } else {
                        let url = self.site.config.base_url.on_host(&url);
                        entries.push(MenuEntry { title, url });
                    }
                }
                MenuItem::Page { link, span } => match self.menu_entry(&link, language) {
                    Some(entry) => entries.push(entry),
                    None if language == DEFAULT_LANGUAGE => {
                        let place = config_source.place(span);
                        self.problems.push(self.menu_problem(place, &link));
                    }
                    None => {}
                },
            }
        }
        entries
    }

    /// A page that is not published now is left out; one that is not there is a mistake.
    fn menu_problem(&self, place: Place, link: &str) -> Diagnostic {
        match self.site.destinations.get(link.trim_start_matches("@/")) {
            Some(Destination::Unpublished(state)) => {
                Diagnostic::menu_entry_unpublished(place, link, state.name())
            }
            _ => {
                let name = link.trim_start_matches("@/").trim_end_matches('/');
                let files = ["/_index.md", ".md", "/index.md"].map(|end| format!("{name}{end}"));
                let known = &self.site.destinations;
                let near = files.iter().map(String::as_str).find(|file| known.contains_key(*file));
                let near = near.or_else(|| nearest(name, known.keys().map(String::as_str)));
                Diagnostic::menu_link_broken(place, link, near)
            }
        }
    }

    fn menu_entry(&self, link: &str, language: LanguageId) -> Option<MenuEntry> {
        match self.site.destinations.get(link.strip_prefix("@/")?)? {
            Destination::Page(ids) => ids.iter().find_map(|id| {
                let page = self.site.page(*id);
                let title = self.site.document(page.document).title.clone();
                let url = self.site.url(&page.output);
                (page.language == language).then_some(MenuEntry { title, url })
            }),
            Destination::Section(ids) => ids.iter().find_map(|id| {
                let section = self.site.section(*id);
                let url = self.site.url(&section.output);
                (section.language == language)
                    .then(|| MenuEntry { title: section.title.clone(), url })
            }),
            Destination::Unpublished(_) => None,
        }
    }

    /// The sections at the top, then the pages beside them that have no date.
    fn default_menu(&self, language: LanguageId) -> Vec<MenuEntry> {
        let home = self.site.section(self.site.home(language));
        let sections = home.subsections.iter().map(|id| {
            let section = self.site.section(*id);
            MenuEntry { title: section.title.clone(), url: self.site.url(&section.output) }
        });
        let pages = home.pages.iter().filter(|id| self.site.text_of(**id).date.is_none());
        let pages = pages.map(|id| MenuEntry {
            title: self.site.text_of(*id).title.clone(),
            url: self.site.url(&self.site.page(*id).output),
        });
        sections.chain(pages).collect()
    }
}
