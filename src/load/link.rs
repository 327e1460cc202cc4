//! Puts the documents together: sections, addresses, languages, neighbours, terms.
//!
//! Where a page is, is decided here and nowhere else, from names and front matter alone,
//! before anything is rendered.

use std::cmp::{Ordering, Reverse};
use std::collections::{BTreeMap, HashMap};

use super::parse::split_date;
use super::read::{InputFile, is_markdown};
use crate::config::{Config, DEFAULT_LANGUAGE, LanguageId, MenuItem};
use crate::diagnostic::{Diagnostic, Place, Source};
use crate::model::{
    Alias, Asset, Destination, Document, DocumentId, Identity, MenuEntry, Page, PageId, Section,
    SectionId, Site, SortBy, State, Term, TermId, TermList, ThemeFiles,
};
use crate::node::Placed;
use crate::path::{OutputPath, SourcePath, humanise, scheme, slugify};

/// What is linked together.
pub(crate) struct Materials<'a> {
    pub(crate) config: Config,
    pub(crate) config_source: &'a Source,
    /// All documents, published or not.
    pub(crate) documents: Vec<Document>,
    /// The ids of `documents`.
    pub(crate) identities: Vec<Identity>,
    pub(crate) id_base: String,
    pub(crate) files: &'a [InputFile],
    pub(crate) theme: &'a ThemeFiles,
}

/// Links a site. With problems that are errors, the site is not fit to be written.
pub(crate) fn link(materials: Materials<'_>) -> (Site, Vec<Diagnostic>) {
    let Materials { config, config_source, documents, identities, id_base, files, theme } =
        materials;
    let mut destinations = HashMap::new();
    let mut published = Vec::with_capacity(documents.len());
    let mut kept = Vec::with_capacity(documents.len());
    for (document, identity) in documents.into_iter().zip(identities) {
        if document.state == State::Published {
            published.push(document);
            kept.push(identity);
        } else {
            let name = document.source.path.inside("content").unwrap_or_default().to_owned();
            destinations.insert(name, Destination::Unpublished(document.state));
        }
    }
    let site = Site {
        config,
        id_base,
        documents: published,
        identities: kept,
        pages: Vec::new(),
        sections: Vec::new(),
        latest: Vec::new(),
        term_lists: Vec::new(),
        terms: Vec::new(),
        aliases: Vec::new(),
        assets: Vec::new(),
        menus: Vec::new(),
        destinations,
        asset_outputs: HashMap::new(),
        asset_paths: HashMap::new(),
    };
    let mut linker = Linker { site, problems: Vec::new(), groups: BTreeMap::new() };
    linker.group();
    for language in linker.site.config.language_ids() {
        linker.add_sections(language);
        linker.add_pages(language);
        linker.add_latest(language);
        linker.add_terms(language);
    }
    linker.add_translations();
    linker.add_aliases();
    linker.add_assets(files, theme);
    linker.add_menus(config_source);
    (linker.site, linker.problems)
}

/// The address of a document that is not published, for lists. It is that of the document in
/// its own language.
pub(crate) fn address_of(document: &Document, config: &Config) -> String {
    let prefix = config.prefix(document.language);
    if let Some((path, _)) = &document.front.path {
        return format!("{prefix}{}", path.trim_start_matches('/'));
    }
    let folder: Vec<String> = document
        .folder()
        .split('/')
        .filter(|part| !part.is_empty())
        .map(|part| folder_slug(part, config))
        .collect();
    let slug = page_slug(document, config);
    let path = folder.iter().map(String::as_str).chain([slug.as_str()]).collect::<Vec<_>>();
    format!("{prefix}{}/", path.join("/"))
}

fn folder_slug(name: &str, config: &Config) -> String {
    slugify(name, &config.language(DEFAULT_LANGUAGE).code)
}

fn page_slug(document: &Document, config: &Config) -> String {
    if let Some((slug, _)) = &document.front.slug {
        return slug.clone();
    }
    let stem = document.stem();
    let stem = split_date(stem).map_or(stem, |(_, rest)| rest);
    slugify(stem, &config.language(document.language).code)
}

/// The documents of one text, one in each language that has it.
type Group = BTreeMap<LanguageId, DocumentId>;

struct Linker {
    site: Site,
    problems: Vec<Diagnostic>,
    groups: BTreeMap<String, Group>,
}

impl Linker {
    fn group(&mut self) {
        for (index, document) in self.site.documents.iter().enumerate() {
            // `first.md` and `first/index.md` are the same text, for whoever links to it.
            let group = self.groups.entry(group_key(&document.key)).or_default();
            if let Some(other) = group.insert(document.language, DocumentId(index)) {
                let first = Place::file(&self.site.documents[other.0].source.path);
                let second = Place::file(&document.source.path);
                self.problems.push(Diagnostic::same_page_twice(second, first));
            }
        }
    }

    /// The document that pages in `language` show: its own, else the default language's, else
    /// the first there is.
    fn choose(group: &Group, language: LanguageId) -> Option<DocumentId> {
        group.get(&language).or_else(|| group.values().next()).copied()
    }

    fn add_sections(&mut self, language: LanguageId) {
        let mut folders: BTreeMap<String, Option<DocumentId>> = BTreeMap::new();
        folders.insert(String::new(), None);
        for (key, group) in &self.groups {
            let document = Self::choose(group, language);
            if let Some(folder) = key.strip_suffix("_index") {
                folders.insert(folder.trim_end_matches('/').to_owned(), document);
            } else if let Some((top, _)) = key.split_once('/') {
                let bundle = document.is_some_and(|d| self.site.documents[d.0].folder().is_empty());
                if !bundle {
                    folders.entry(top.to_owned()).or_insert(None);
                }
            }
        }
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
        let parent =
            self.enclosing_section(language, parent_of(&folder)).filter(|_| !folder.is_empty());
        let text = document.map(|id| self.site.document(id));
        let front = text.map(|d| &d.front);
        let address = self.folder_address(language, &folder, front.and_then(|f| f.slug.as_ref()));
        let output = match OutputPath::document(&address) {
            Ok(output) => output,
            Err(problem) => {
                let place = text.map_or_else(
                    || Place::named(&format!("content/{folder}")),
                    |d| {
                        d.front.slug.as_ref().map_or_else(
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
        let section = Section {
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
            original: None,
            folder,
        };
        let id = SectionId(self.site.sections.len());
        self.site.sections.push(section);
        if let Some(document) = document {
            self.add_destination(document, |destination| match destination {
                Destination::Section(ids) => ids.push(id),
                other => *other = Destination::Section(vec![id]),
            });
        }
    }

    /// Enters a page or section under the names of all documents of its group.
    fn add_destination(&mut self, document: DocumentId, enter: impl Fn(&mut Destination)) {
        let key = group_key(&self.site.document(document).key);
        for id in self.groups[&key].values() {
            let path = &self.site.document(*id).source.path;
            let name = path.inside("content").unwrap_or_default().to_owned();
            let empty = || Destination::Page(Vec::new());
            enter(self.site.destinations.entry(name).or_insert_with(empty));
        }
    }

    /// The section that a folder belongs to: its own, or the nearest above it.
    fn enclosing_section(&self, language: LanguageId, folder: &str) -> Option<SectionId> {
        let mut folder = folder;
        loop {
            let matches = |s: &Section| s.language == language && s.folder == folder;
            if let Some(index) = self.site.sections.iter().position(matches) {
                return Some(SectionId(index));
            }
            if folder.is_empty() {
                return None;
            }
            folder = parent_of(folder);
        }
    }

    /// The address of a folder: that of the section above it, and the names below.
    fn folder_address(
        &self,
        language: LanguageId,
        folder: &str,
        slug: Option<&Placed<String>>,
    ) -> String {
        if folder.is_empty() {
            return self.site.config.prefix(language);
        }
        let above = parent_of(folder);
        let base = match self.enclosing_section(language, above) {
            Some(id) if self.site.section(id).folder == above => {
                folder_of(&self.site.section(id).output)
            }
            _ => self.folder_address(language, above, None),
        };
        let name = folder.rsplit('/').next().unwrap_or(folder);
        let part = slug.map_or_else(|| folder_slug(name, &self.site.config), |(s, _)| s.clone());
        format!("{base}{part}/")
    }

    fn add_pages(&mut self, language: LanguageId) {
        let mut addresses: HashMap<String, (SectionId, String)> = HashMap::new();
        let chosen: Vec<DocumentId> = self
            .groups
            .iter()
            .filter(|(key, _)| !key.ends_with("_index"))
            .filter_map(|(_, group)| Self::choose(group, language))
            .collect();
        let mut by_section: BTreeMap<SectionId, Vec<(DocumentId, OutputPath)>> = BTreeMap::new();
        for id in chosen {
            let folder = self.site.document(id).folder().to_owned();
            if !addresses.contains_key(&folder) {
                let Some(section) = self.enclosing_section(language, &folder) else { continue };
                let address = if self.site.section(section).folder == folder {
                    folder_of(&self.site.section(section).output)
                } else {
                    self.folder_address(language, &folder, None)
                };
                addresses.insert(folder.clone(), (section, address));
            }
            let (section, folder_address) = &addresses[&folder];
            match self.page_output(id, language, folder_address) {
                Ok(output) => by_section.entry(*section).or_default().push((id, output)),
                // One mistake is one message, not one in each language.
                Err(problem) if self.site.document(id).language == language => {
                    self.problems.push(*problem);
                }
                Err(_) => {}
            }
        }
        for (section, mut entries) in by_section {
            let front = self.site.section(section).document.map(|d| &self.site.document(d).front);
            let sort_by = front.map_or(SortBy::default(), |f| f.section.sort_by);
            let documents = &self.site.documents;
            entries.sort_by(|a, b| compare(sort_by, &documents[a.0.0], &documents[b.0.0]));
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
        if let Some((path, span)) = &document.front.path {
            let place = || document.source.place(span.clone());
            let bare = path.strip_prefix('/').unwrap_or(path);
            let address = format!("{}{bare}", config.prefix(language));
            let output = OutputPath::document(&address)
                .map_err(|problem| Diagnostic::bad_path(place(), "path", path, problem))?;
            return Ok(output);
        }
        let slug = page_slug(document, config);
        let place = || match &document.front.slug {
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

    fn add_latest(&mut self, language: LanguageId) {
        let all = self.site.pages.iter().enumerate();
        let mut latest: Vec<PageId> = all
            .filter(|(_, page)| page.language == language)
            .map(|(index, _)| PageId(index))
            .filter(|id| self.site.text_of(*id).date.is_some())
            .collect();
        latest.sort_by(|a, b| compare(SortBy::Date, self.site.text_of(*a), self.site.text_of(*b)));
        self.site.latest.push(latest);
    }

    fn add_terms(&mut self, language: LanguageId) {
        let taxonomies = self.site.config.taxonomies.clone();
        let code = self.site.config.language(language).code.clone();
        for (index, taxonomy) in taxonomies.iter().enumerate() {
            let mut by_slug: BTreeMap<String, Vec<(String, PageId)>> = BTreeMap::new();
            for (number, page) in self.site.pages.iter().enumerate() {
                if page.language != language {
                    continue;
                }
                let document = self.site.document(page.document);
                for (name, span) in names_in(document, &taxonomy.name) {
                    let slug = slugify(&name, &code);
                    if slug.is_empty() {
                        if page.translated {
                            // Authors have no place of their own.
                            let place = if span.is_empty() {
                                Place::file(&document.source.path)
                            } else {
                                document.source.place(span)
                            };
                            let lenient = self.site.config.lenient();
                            self.problems
                                .push(Diagnostic::empty_term(place, &name).lenient(lenient));
                        }
                        continue;
                    }
                    if let Err(problem) = crate::path::check_part(&slug) {
                        if page.translated {
                            let place = document.source.place(span);
                            self.problems.push(Diagnostic::bad_path(place, "term", &name, problem));
                        }
                        continue;
                    }
                    let pages = by_slug.entry(slug).or_default();
                    if pages.last().is_none_or(|(_, id)| *id != PageId(number)) {
                        pages.push((name, PageId(number)));
                    }
                }
            }
            self.add_term_list(index, language, &taxonomy.slug, by_slug);
        }
    }

    fn add_term_list(
        &mut self,
        taxonomy: usize,
        language: LanguageId,
        taxonomy_slug: &str,
        by_slug: BTreeMap<String, Vec<(String, PageId)>>,
    ) {
        if by_slug.is_empty() {
            return;
        }
        let address = format!("{}{taxonomy_slug}", self.site.config.prefix(language));
        let mut ids = Vec::new();
        for (slug, mut pages) in by_slug {
            let Ok(output) = OutputPath::document(&format!("{address}/{slug}/")) else { continue };
            let id = TermId(self.site.terms.len());
            let name = self.term_name(&pages);
            pages.sort_by(|(_, a), (_, b)| {
                compare(SortBy::Date, self.site.text_of(*a), self.site.text_of(*b))
            });
            for (_, page) in &pages {
                let terms = &mut self.site.pages[page.0].terms;
                match terms.iter_mut().find(|(index, _)| *index == taxonomy) {
                    Some((_, list)) => list.push(id),
                    None => terms.push((taxonomy, vec![id])),
                }
            }
            let pages = pages.into_iter().map(|(_, page)| page).collect();
            self.site.terms.push(Term { taxonomy, language, name, output, pages });
            ids.push(id);
        }
        if let Ok(output) = OutputPath::document(&format!("{address}/")) {
            self.site.term_lists.push(TermList { taxonomy, language, output, terms: ids });
        }
    }

    /// The spelling that most pages use, and of several the first; the others are pointed out.
    fn term_name(&mut self, pages: &[(String, PageId)]) -> String {
        let mut spellings: BTreeMap<&str, (usize, PageId)> = BTreeMap::new();
        for (name, page) in pages {
            spellings.entry(name).or_insert((0, *page)).0 += 1;
        }
        let most = spellings.iter().max_by_key(|(name, (count, _))| (*count, Reverse(**name)));
        let chosen = most.map_or("", |(name, _)| *name).to_owned();
        for (name, (_, page)) in spellings {
            if name != chosen && self.site.page(page).translated {
                let document = self.site.text_of(page);
                let mut terms = document.front.terms.iter().flat_map(|(_, terms)| terms);
                let place = match terms.find(|(text, _)| text == name) {
                    Some((_, span)) => document.source.place(span.clone()),
                    None => Place::file(&document.source.path),
                };
                self.problems.push(Diagnostic::term_spelt_twice(place, name, &chosen));
            }
        }
        chosen
    }

    /// Connects the pages of one text over the languages.
    fn add_translations(&mut self) {
        let languages = self.site.config.languages.len();
        let mut page_ids: HashMap<String, Vec<PageId>> = HashMap::new();
        for (index, page) in self.site.pages.iter().enumerate() {
            let key = group_key(&self.site.document(page.document).key);
            page_ids.entry(key).or_default().push(PageId(index));
        }
        for ids in page_ids.into_values().filter(|_| languages > 1) {
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
        for ids in section_ids.into_values().filter(|_| languages > 1) {
            let real = |id: &&SectionId| self.site.section(**id).translated;
            let translations: Vec<SectionId> = ids.iter().filter(real).copied().collect();
            for id in ids {
                let section = self.site.section(id);
                let own = |t: &SectionId| self.site.section(*t).document == section.document;
                let original =
                    translations.iter().copied().find(own).filter(|_| !section.translated);
                let section = &mut self.site.sections[id.0];
                section.original = original;
                if section.translated {
                    section.translations.clone_from(&translations);
                }
            }
        }
    }

    fn add_aliases(&mut self) {
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

    /// Files of the theme, then `static/`, which may replace them, then files beside pages.
    fn add_assets(&mut self, files: &[InputFile], theme: &ThemeFiles) {
        let own: HashMap<&str, &InputFile> =
            files.iter().filter_map(|f| Some((f.path.inside("static")?, f))).collect();
        for (name, file) in &theme.statics {
            if !own.contains_key(name.as_str()) {
                self.add_asset(&file.source, name, file.length, file.embedded);
            }
        }
        for file in files {
            if let Some(name) = file.path.inside("static") {
                self.add_asset(&file.path, name, file.length, None);
            }
        }
        let folders = self.asset_folders();
        for file in files {
            let Some(path) = file.path.inside("content") else { continue };
            if is_markdown(&file.path) {
                continue;
            }
            if let Some(address) = asset_address(path, &folders) {
                if runs_in_browsers(&file.path) && !self.site.config.markdown.raw_html {
                    let problem = Diagnostic::html_in_content(Place::file(&file.path));
                    self.problems.push(problem.lenient(self.site.config.lenient()));
                    continue;
                }
                self.add_asset(&file.path, &address, file.length, None);
            }
        }
    }

    fn add_asset(
        &mut self,
        source: &SourcePath,
        address: &str,
        length: u64,
        embedded: Option<&'static [u8]>,
    ) {
        match OutputPath::new(address) {
            Ok(output) => {
                let index = self.site.assets.len();
                self.site.asset_outputs.insert(source.clone(), index);
                self.site.asset_paths.insert(output.as_str().to_owned(), index);
                self.site.assets.push(Asset { source: source.clone(), output, length, embedded });
            }
            Err(problem) => {
                self.problems.push(Diagnostic::bad_path(
                    Place::file(source),
                    "file",
                    address,
                    problem,
                ));
            }
        }
    }

    /// Where the files of a folder in `content/` go: with the page whose folder it is, in its
    /// own language, or with the section. A folder that only unpublished texts have is `None`:
    /// its files would show what is not public yet.
    fn asset_folders(&self) -> HashMap<String, Option<String>> {
        let mut folders = HashMap::new();
        for section in &self.site.sections {
            if section.language == DEFAULT_LANGUAGE {
                folders.insert(section.folder.clone(), Some(folder_of(&section.output)));
            }
        }
        for page in self.site.pages.iter().filter(|page| page.translated) {
            let document = self.site.document(page.document);
            if document.is_bundle() {
                let folder = document.key.trim_end_matches("/index").to_owned();
                // The default language comes first; translations show its pictures.
                folders.entry(folder).or_insert_with(|| Some(folder_of(&page.output)));
            }
        }
        for (name, destination) in &self.site.destinations {
            let owner = name
                .rsplit_once('/')
                .filter(|(_, file)| file.starts_with("index.") || file.starts_with("_index."));
            if let (Destination::Unpublished(_), Some((folder, _))) = (destination, owner) {
                folders.entry(folder.to_owned()).or_insert(None);
            }
        }
        folders.entry(String::new()).or_insert_with(|| Some(String::new()));
        folders
    }

    fn add_menus(&mut self, config_source: &Source) {
        for language in self.site.config.language_ids() {
            let items = &self.site.config.language(language).menu;
            let items = if items.is_empty() { &self.site.config.languages[0].menu } else { items };
            let mut menu = Vec::new();
            for item in items.clone() {
                match item {
                    MenuItem::Link { title, url, span } => {
                        let scheme = scheme(&url);
                        if scheme.is_some_and(|s| !self.site.config.allows_scheme(&s)) {
                            let place = config_source.place(span);
                            self.problems.push(Diagnostic::unsafe_menu_link(place, &url));
                        } else {
                            let url = self.site.config.base_url.on_host(&url);
                            menu.push(MenuEntry { title, url });
                        }
                    }
                    MenuItem::Page { link, span } => match self.menu_entry(&link, language) {
                        Some(entry) => menu.push(entry),
                        None if language == DEFAULT_LANGUAGE => {
                            let place = config_source.place(span);
                            self.problems.push(Diagnostic::menu_link_broken(place, &link));
                        }
                        None => {}
                    },
                }
            }
            if items.is_empty() {
                menu = self.default_menu(language);
            }
            self.site.menus.push(menu);
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

/// Whether a file is a document of its own that may run programs in the reader's browser, as
/// raw HTML in Markdown may.
fn runs_in_browsers(path: &SourcePath) -> bool {
    matches!(path.extension().as_str(), "html" | "htm" | "xhtml" | "xht" | "shtml" | "mht")
}

/// What the documents of one text have in common.
fn group_key(key: &str) -> String {
    key.strip_suffix("/index").unwrap_or(key).to_owned()
}

fn parent_of(folder: &str) -> &str {
    folder.rsplit_once('/').map_or("", |(parent, _)| parent)
}

/// The folder of a document in the output, with a slash at the end; empty at the root.
fn folder_of(output: &OutputPath) -> String {
    output.as_str().rsplit_once('/').map_or_else(String::new, |(folder, _)| format!("{folder}/"))
}

/// Where a file in `content/` goes: the address of the nearest known folder above it, and the
/// rest of its path. `None` when that folder is not published.
fn asset_address(path: &str, folders: &HashMap<String, Option<String>>) -> Option<String> {
    let mut folder = parent_of(path);
    loop {
        if let Some(address) = folders.get(folder) {
            let rest = path.strip_prefix(folder).unwrap_or(path).trim_start_matches('/');
            return address.as_ref().map(|address| format!("{address}{rest}"));
        }
        if folder.is_empty() {
            return None;
        }
        folder = parent_of(folder);
    }
}

fn names_in(document: &Document, taxonomy: &str) -> Vec<Placed<String>> {
    let listed = document.front.terms.iter().find(|(name, _)| name == taxonomy);
    let mut names = listed.map(|(_, terms)| terms.clone()).unwrap_or_default();
    if taxonomy == "authors" {
        names.extend(document.front.authors.iter().map(|name| (name.clone(), 0..0)));
    }
    names
}

/// The order of a list. Ties are broken by title and path, so that it never depends on the
/// order of reading.
pub(crate) fn compare(sort_by: SortBy, a: &Document, b: &Document) -> Ordering {
    let by_title = || a.title.cmp(&b.title).then_with(|| a.key.cmp(&b.key));
    match sort_by {
        // `Reverse` puts the newest first, and what has no date last.
        SortBy::Date => Reverse(a.date).cmp(&Reverse(b.date)).then_with(by_title),
        SortBy::Weight => {
            let weight = |d: &Document| d.front.weight.unwrap_or(i64::MAX);
            weight(a).cmp(&weight(b)).then_with(by_title)
        }
        SortBy::Title => by_title(),
    }
}
