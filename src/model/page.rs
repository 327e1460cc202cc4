//! Documents at their addresses, and the lists that they stand in.

use super::{DocumentId, Kind};
use crate::config::LanguageId;
use crate::path::OutputPath;

/// The place of a page in [`super::Site::pages`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct PageId(pub(crate) usize);

/// The place of a section in [`super::Site::sections`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct SectionId(pub(crate) usize);

/// The place of a term in [`super::Site::terms`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct TermId(pub(crate) usize);

/// A document at an address, among the pages of a language.
#[derive(Clone, Debug)]
pub(crate) struct Page {
    pub(crate) document: DocumentId,
    /// The language of the site around it; the text may be in another one.
    pub(crate) language: LanguageId,
    /// Whether the text is in the language of the site around it.
    pub(crate) translated: bool,
    pub(crate) output: OutputPath,
    pub(crate) section: SectionId,
    /// The neighbours in the section's order.
    pub(crate) previous: Option<PageId>,
    pub(crate) next: Option<PageId>,
    /// By the index of the taxonomy in the configuration.
    pub(crate) terms: Vec<(usize, Vec<TermId>)>,
    /// The page of the same text in its own language, when this one only shows it.
    pub(crate) original: Option<PageId>,
    /// The pages with a translation of it, this one included, in the order of languages.
    pub(crate) translations: Vec<PageId>,
}

/// A folder of pages, in one language.
#[derive(Clone, Debug)]
pub(crate) struct Section {
    /// Inside `content/`; empty for the root.
    pub(crate) folder: String,
    /// What its pages are, unless they say something else.
    pub(crate) kind: Kind,
    /// Its `_index.md`, when it has one.
    pub(crate) document: Option<DocumentId>,
    pub(crate) language: LanguageId,
    pub(crate) translated: bool,
    pub(crate) title: String,
    pub(crate) output: OutputPath,
    pub(crate) parent: Option<SectionId>,
    pub(crate) subsections: Vec<SectionId>,
    /// In the section's order.
    pub(crate) pages: Vec<PageId>,
    pub(crate) paginate_by: Option<usize>,
    /// Whether it has feeds; when nobody says so, it has them as long as they have entries.
    pub(crate) feeds: Option<bool>,
    /// The sections with a translation of its text, in the order of languages.
    pub(crate) translations: Vec<SectionId>,
}

/// All terms of a taxonomy in a language.
#[derive(Clone, Debug)]
pub(crate) struct TermList {
    /// The index in the configuration.
    pub(crate) taxonomy: usize,
    pub(crate) language: LanguageId,
    pub(crate) output: OutputPath,
    /// By name.
    pub(crate) terms: Vec<TermId>,
}

/// What pages have in common, in a language.
#[derive(Clone, Debug)]
pub(crate) struct Term {
    pub(crate) taxonomy: usize,
    pub(crate) language: LanguageId,
    pub(crate) name: String,
    pub(crate) output: OutputPath,
    /// Newest first.
    pub(crate) pages: Vec<PageId>,
}

/// An old address of a page.
#[derive(Clone, Debug)]
pub(crate) struct Alias {
    pub(crate) output: OutputPath,
    /// Where it leads, relative to the site's root.
    pub(crate) target: String,
    pub(crate) document: DocumentId,
}
