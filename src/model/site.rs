//! The whole site.

use std::collections::HashMap;

use super::{
    Account, Alias, Document, DocumentId, Identity, Page, PageId, Post, PostId, Section, SectionId,
    State, Term, TermId, TermList,
};
use crate::config::{ActorId, Config, Imprint, LanguageId};
use crate::path::{OutputPath, SourcePath};
use crate::pictures::Picture;
use crate::time::Moment;

/// A site, read and linked. It does not change any more.
#[derive(Clone, Debug)]
pub(crate) struct Site {
    pub(crate) config: Config,
    /// What ids begin with.
    pub(crate) id_base: String,
    /// Only what is published.
    pub(crate) documents: Vec<Document>,
    pub(crate) identities: Vec<Identity>,
    /// How often the record has changed.
    pub(crate) serial: u64,
    /// By actor of the configuration.
    pub(crate) accounts: Vec<Account>,
    /// Newest first.
    pub(crate) posts: Vec<Post>,
    /// By page: its post.
    pub(crate) post_of: HashMap<PageId, PostId>,
    /// What is not published now, for lists of what there is.
    pub(crate) hidden: Vec<Document>,
    /// By language, then by section, in the section's order.
    pub(crate) pages: Vec<Page>,
    pub(crate) sections: Vec<Section>,
    /// By language: the pages that have a date, newest first.
    pub(crate) latest: Vec<Vec<PageId>>,
    /// By language: the events, first those to come, the next before the others; then those that
    /// are over.
    pub(crate) events: Vec<Vec<PageId>>,
    /// By language: the notices of political advertising, the newest period first.
    pub(crate) notices: Vec<Vec<PageId>>,
    /// By language: what the front page lists, newest first.
    pub(crate) front: Vec<Vec<PageId>>,
    pub(crate) term_lists: Vec<TermList>,
    pub(crate) terms: Vec<Term>,
    pub(crate) aliases: Vec<Alias>,
    /// Files beside pages, those of `static/` and those of the theme.
    pub(crate) assets: Vec<Asset>,
    /// By language.
    pub(crate) menus: Vec<Menus>,
    /// By the path inside `content/`, such as `news/first.md`: what a link can lead to.
    pub(crate) destinations: HashMap<String, Destination>,
    /// By source: where a file beside a page, or one of `static/`, is found in the output.
    pub(crate) asset_outputs: HashMap<SourcePath, usize>,
    /// The same by the path in the output.
    pub(crate) asset_paths: HashMap<String, usize>,
}

/// A file that is copied, as it is or without what nobody is to know of it.
#[derive(Clone, Debug)]
pub(crate) struct Asset {
    pub(crate) source: SourcePath,
    pub(crate) output: OutputPath,
    /// In bytes, as it is published.
    pub(crate) length: u64,
    /// What is known of it, when it is a picture made of pixels.
    pub(crate) picture: Option<Picture>,
    /// The SHA-256 of a drawing, which is an SVG.
    pub(crate) drawing: Option<String>,
    /// The content, when it comes from the binary and not from a file.
    pub(crate) embedded: Option<&'static [u8]>,
}

/// What every page of a language leads to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Menus {
    /// At the top.
    pub(crate) menu: Vec<MenuEntry>,
    /// At the foot.
    pub(crate) footer: Vec<MenuEntry>,
}

/// An entry of a menu, ready to show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct MenuEntry {
    pub(crate) title: String,
    pub(crate) url: String,
}

/// What a link to a Markdown file leads to, in each language.
#[derive(Clone, Debug)]
pub(crate) enum Destination {
    /// By language.
    Page(Vec<PageId>),
    /// By language.
    Section(Vec<SectionId>),
    /// The file is there, but not part of the site now.
    Unpublished(State),
}

impl Site {
    pub(crate) fn document(&self, id: DocumentId) -> &Document {
        &self.documents[id.0]
    }

    pub(crate) fn identity(&self, id: DocumentId) -> &Identity {
        &self.identities[id.0]
    }

    pub(crate) fn page(&self, id: PageId) -> &Page {
        &self.pages[id.0]
    }

    pub(crate) fn section(&self, id: SectionId) -> &Section {
        &self.sections[id.0]
    }

    pub(crate) fn term(&self, id: TermId) -> &Term {
        &self.terms[id.0]
    }

    /// When a document with a date was last changed, for programs: what was recorded, or what
    /// the author says. A page without a date has no day that it would keep from build to build.
    pub(crate) fn modified(&self, id: DocumentId) -> Option<Moment> {
        let document = self.document(id);
        document.date.map(|_| self.identity(id).updated).or(document.front.updated)
    }

    pub(crate) fn post(&self, id: PostId) -> &Post {
        &self.posts[id.0]
    }

    pub(crate) fn account(&self, id: ActorId) -> &Account {
        &self.accounts[id.0]
    }

    /// Who answers for what stands in a language, or for a text that is shown in it.
    pub(crate) fn imprint<'s>(
        &'s self,
        text: Option<&'s Document>,
        language: LanguageId,
    ) -> Option<&'s Imprint> {
        let of_text = text.and_then(|text| text.front.imprint.as_deref());
        of_text.or(self.config.language(language).imprint.as_ref())
    }

    /// The text of a page.
    pub(crate) fn text_of(&self, id: PageId) -> &Document {
        self.document(self.page(id).document)
    }

    /// The address on the host of an output: `/branch/news/first/`.
    pub(crate) fn url(&self, output: &OutputPath) -> String {
        format!("{}{}", self.config.base_url.root(), output.address())
    }

    /// The absolute address of an output.
    pub(crate) fn permalink(&self, output: &OutputPath) -> String {
        self.config.base_url.absolute(&output.address())
    }

    /// The term for an author of a page, when the site has a taxonomy of authors.
    pub(crate) fn author_term(&self, page: &Page, name: &str) -> Option<&Term> {
        let taxonomy = self.config.taxonomies.iter().position(|t| t.name == "authors")?;
        let (_, ids) = page.terms.iter().find(|(index, _)| *index == taxonomy)?;
        let slug = crate::path::slugify(name, &self.config.language(page.language).code);
        let of_name = |term: &&Term| term.output.as_str().ends_with(&format!("/{slug}/index.html"));
        ids.iter().map(|id| self.term(*id)).find(of_name)
    }

    /// The front page of a language.
    pub(crate) fn home(&self, language: LanguageId) -> SectionId {
        // Each language begins with its root section.
        let is_home = |s: &Section| s.language == language && s.folder.is_empty();
        SectionId(self.sections.iter().position(is_home).unwrap_or(0))
    }

    /// Whether a section has nothing to show yet: no page, no text, and no section that has.
    pub(crate) fn is_empty(&self, id: SectionId) -> bool {
        let section = self.section(id);
        let has_text = section.document.map(|id| self.document(id)).is_some_and(|document| {
            document.front.template.is_some() || !document.markdown().trim().is_empty()
        });
        let has_none = section.pages.is_empty() && !has_text;
        has_none && section.subsections.iter().all(|id| self.is_empty(*id))
    }

    /// The file beside a page, or the one in `static/`, that a source path names.
    pub(crate) fn asset(&self, source: &SourcePath) -> Option<&Asset> {
        self.asset_outputs.get(source).map(|index| &self.assets[*index])
    }
}
