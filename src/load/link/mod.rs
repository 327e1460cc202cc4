//! Puts the documents together: sections, addresses, languages, neighbours, terms.
//!
//! Where a page is, is decided here and nowhere else, from names and front matter alone,
//! before anything is rendered.

mod accounts;
mod aliases;
mod files;
mod look;
mod menus;
mod pages;
mod sections;
mod terms;
mod texts;
mod translations;

use self::accounts::Lies;
use self::texts::Texts;
use std::cmp::{Ordering, Reverse};
use std::collections::HashMap;

use jiff::civil;

use crate::config::{Config, DEFAULT_LANGUAGE, LanguageId};
use crate::diagnostic::{Diagnostic, Source};
use crate::load::parse::split_date;
use crate::load::read::InputFile;
use crate::load::record::RecordedPost;
use crate::model::{
    Destination, Document, DocumentId, Identity, RecordedActor, SectionId, Site, SortBy, State,
    ThemeFiles,
};
use crate::path::{OutputPath, slugify};

/// What is linked together.
pub(crate) struct Materials<'a> {
    pub(crate) config: Config,
    pub(crate) config_source: &'a Source,
    /// All documents, published or not.
    pub(crate) documents: Vec<Document>,
    /// The ids of `documents`.
    pub(crate) identities: Vec<Identity>,
    pub(crate) id_base: String,
    pub(crate) serial: u64,
    pub(crate) actors: Vec<RecordedActor>,
    pub(crate) posts: Vec<RecordedPost>,
    pub(crate) files: &'a [InputFile],
    pub(crate) theme: &'a ThemeFiles,
}

/// Links a site. With problems that are errors, the site is not fit to be written.
pub(crate) fn link(materials: Materials<'_>) -> (Site, Vec<Diagnostic>) {
    let Materials { config, config_source, mut documents, identities, id_base, .. } = materials;
    let Materials { serial, actors, posts, files, theme, .. } = materials;
    let is_hidden = |document: &Document| document.state != State::Published;
    let states = documents.iter().map(is_hidden);
    let kept = identities.into_iter().zip(states).filter(|(_, hidden)| !hidden);
    let identities = kept.map(|(identity, _)| identity).collect();
    let places = places(&documents, is_hidden);
    // What is hidden goes and the others stay where they are: they need much memory.
    let hidden: Vec<Document> = documents.extract_if(.., |d| is_hidden(d)).collect();
    let mut destinations = HashMap::with_capacity(documents.len());
    for document in &hidden {
        let name = document.source.path.inside("content").unwrap_or_default().to_owned();
        destinations.insert(name, Destination::Unpublished(document.state));
    }
    let site = Site {
        config,
        id_base,
        documents,
        identities,
        serial,
        accounts: Vec::new(),
        posts: Vec::new(),
        post_of: HashMap::new(),
        hidden,
        pages: Vec::new(),
        sections: Vec::new(),
        latest: Vec::new(),
        events: Vec::new(),
        notices: Vec::new(),
        front: Vec::new(),
        term_lists: Vec::new(),
        terms: Vec::new(),
        aliases: Vec::new(),
        assets: Vec::new(),
        menus: Vec::new(),
        destinations,
        asset_outputs: HashMap::new(),
        asset_paths: HashMap::new(),
    };
    let (texts, mut problems) = Texts::new(&site.documents);
    problems.extend(accounts::private_keys(files));
    let section_ids = HashMap::new();
    let mut linker = Linker { site, config_source, problems, texts, section_ids };
    for language in linker.site.config.language_ids() {
        linker.add_sections(language);
        linker.add_pages(language);
        let by_date = linker.by_date(language);
        linker.add_latest(&by_date);
        linker.add_terms(language, &by_date);
    }
    linker.site.pages.shrink_to_fit();
    linker.add_translations();
    linker.add_aliases();
    linker.add_assets(files, theme);
    linker.plan_pictures();
    linker.add_menus(config_source);
    linker.check_look(files);
    linker.add_accounts(&actors, posts, &places, files);
    (linker.site, linker.problems)
}

/// Where each document will lie.
fn places(documents: &[Document], is_hidden: impl Fn(&Document) -> bool) -> Vec<Lies> {
    let (mut shown, mut hidden) = (0.., 0..);
    let lies = |document| {
        let counter = if is_hidden(document) { &mut hidden } else { &mut shown };
        let index = counter.next().unwrap_or_default();
        if is_hidden(document) { Lies::Hidden(index) } else { Lies::Shown(index) }
    };
    documents.iter().map(lies).collect()
}

/// The address of a document that is not published, for lists. It is that of the document in
/// its own language.
pub(crate) fn address_of(document: &Document, config: &Config) -> String {
    let prefix = config.prefix(document.language);
    if let Some((path, _)) = document.front.path.as_deref() {
        return format!("{prefix}{}", path.trim_start_matches('/'));
    }
    let folder: Vec<String> = document
        .folder()
        .split('/')
        .filter(|part| !part.is_empty())
        .map(|part| folder_slug(part, config))
        .collect();
    if document.is_section() {
        let path: String = folder.iter().map(|part| format!("{part}/")).collect();
        return format!("{prefix}{path}");
    }
    let slug = page_slug(document, config);
    let path = folder.iter().map(String::as_str).chain([slug.as_str()]).collect::<Vec<_>>();
    format!("{prefix}{}/", path.join("/"))
}

fn folder_slug(name: &str, config: &Config) -> String {
    slugify(name, &config.language(DEFAULT_LANGUAGE).code)
}

fn page_slug(document: &Document, config: &Config) -> String {
    if let Some((slug, _)) = document.front.slug.as_deref() {
        return slug.clone();
    }
    let stem = document.stem();
    let stem = split_date(stem).map_or(stem, |(_, rest)| rest);
    slugify(stem, &config.language(document.language).code)
}

struct Linker<'a> {
    site: Site,
    config_source: &'a Source,
    problems: Vec<Diagnostic>,
    texts: Texts,
    /// The sections of the language that is being linked, by folder.
    section_ids: HashMap<String, SectionId>,
}

impl Linker<'_> {
    /// The document of a text that pages in `language` show: its own, else the default language's,
    /// else the first there is.
    fn choose(&self, text: &[DocumentId], language: LanguageId) -> Option<DocumentId> {
        let is_own = |id: &&DocumentId| self.site.document(**id).language == language;
        text.iter().rfind(is_own).or(text.first()).copied()
    }

    /// The key of a text.
    fn key_of(&self, text: &[DocumentId]) -> &str {
        text.first().map_or("", |id| self.site.document(*id).text_key())
    }

    /// Enters a page or section under the names of all documents of its text.
    fn add_destination(&mut self, document: DocumentId, enter: impl Fn(&mut Destination)) {
        let Site { documents, destinations, .. } = &mut self.site;
        for id in self.texts.of(document) {
            let path = &documents[id.0].source.path;
            let name = path.inside("content").unwrap_or_default().to_owned();
            let empty = || Destination::Page(Vec::new());
            enter(destinations.entry(name).or_insert_with(empty));
        }
    }
}

fn parent_of(folder: &str) -> &str {
    folder.rsplit_once('/').map_or("", |(parent, _)| parent)
}

/// The folder of a document in the output, with a slash at the end; empty at the root.
fn folder_of(output: &OutputPath) -> String {
    output.as_str().rsplit_once('/').map_or_else(String::new, |(folder, _)| format!("{folder}/"))
}

/// The first and the last day of a notice; what is none has no days.
fn period(document: &Document) -> Option<(civil::Date, civil::Date)> {
    document.details.notice().map(|notice| (notice.from, notice.to))
}

/// Events that are to come, by their start; those that are over, the last first; what is none.
fn starts(document: &Document) -> (u8, i64) {
    match document.details.event() {
        Some(event) if event.past => (1, -event.begins().timestamp().as_second()),
        Some(event) => (0, event.begins().timestamp().as_second()),
        None => (2, 0),
    }
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
        SortBy::Start => starts(a).cmp(&starts(b)).then_with(by_title),
        SortBy::Period => Reverse(period(a)).cmp(&Reverse(period(b))).then_with(by_title),
    }
}
