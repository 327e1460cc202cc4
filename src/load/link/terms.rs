//! Terms: what pages have in common, in every language.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use super::Linker;
use crate::config::LanguageId;
use crate::diagnostic::{Diagnostic, Place};
use crate::model::{Document, PageId, Site, Term, TermId, TermList};
use crate::path::{OutputPath, PathProblem, slugify};

impl Linker<'_> {
    /// `by_date` has all pages of the language, newest first.
    pub(super) fn add_terms(&mut self, language: LanguageId, by_date: &[PageId]) {
        let taxonomies = self.site.config.taxonomies.clone();
        let has_page = |slug: &str| {
            let inside =
                |key: &str| key.strip_prefix(slug).is_some_and(|rest| rest.starts_with('/'));
            let mut keys = self.texts.iter().map(|text| self.key_of(text));
            keys.any(|key| key == slug || inside(key))
        };
        let wanted: Vec<bool> =
            taxonomies.iter().map(|t| !(t.is_default && has_page(&t.slug))).collect();
        for (index, taxonomy) in taxonomies.iter().enumerate().filter(|(i, _)| wanted[*i]) {
            let mentioned =
                mentioned(&self.site, by_date, language, &taxonomy.name, &mut self.problems);
            self.add_term_list(index, language, &taxonomy.slug, mentioned);
        }
    }

    fn add_term_list(
        &mut self,
        taxonomy: usize,
        language: LanguageId,
        taxonomy_slug: &str,
        mentioned: BTreeMap<String, Mentioned>,
    ) {
        if mentioned.is_empty() {
            return;
        }
        let address = format!("{}{taxonomy_slug}", self.site.config.prefix(language));
        let mut ids = Vec::new();
        for (slug, Mentioned { name, pages }) in mentioned {
            let Ok(output) = OutputPath::document(&format!("{address}/{slug}/")) else { continue };
            let id = TermId(self.site.terms.len());
            for page in &pages {
                let terms = &mut self.site.pages[page.0].terms;
                match terms.iter_mut().find(|(index, _)| *index == taxonomy) {
                    Some((_, list)) => list.push(id),
                    None => {
                        // Most pages have terms of one taxonomy, and there are many pages.
                        terms.reserve_exact(1);
                        terms.push((taxonomy, vec![id]));
                    }
                }
            }
            self.site.terms.push(Term { taxonomy, language, name, output, pages });
            ids.push(id);
        }
        if let Ok(output) = OutputPath::document(&format!("{address}/")) {
            self.site.term_lists.push(TermList { taxonomy, language, output, terms: ids });
        }
    }
}

/// A term that pages name.
struct Mentioned {
    name: String,
    /// Newest first.
    pages: Vec<PageId>,
}

/// The terms of a taxonomy that the pages of a language name, by slug.
fn mentioned(
    site: &Site,
    by_date: &[PageId],
    language: LanguageId,
    taxonomy: &str,
    problems: &mut Vec<Diagnostic>,
) -> BTreeMap<String, Mentioned> {
    let code = &site.config.language(language).code;
    let mut pages_of: Vec<Vec<(&str, PageId)>> = Vec::new();
    let mut by_slug: BTreeMap<String, usize> = BTreeMap::new();
    // A name stands on many pages. What is no term is known by its name too.
    let mut by_name: HashMap<&str, Result<usize, NoTerm>> = HashMap::new();
    for id in by_date {
        let page = site.page(*id);
        let document = site.document(page.document);
        for (name, span) in names_in(document, taxonomy) {
            let found = by_name.entry(name).or_insert_with(|| {
                let slug = slugify(name, code);
                NoTerm::check(&slug)?;
                Ok(*by_slug.entry(slug).or_insert_with(|| {
                    pages_of.push(Vec::new());
                    pages_of.len() - 1
                }))
            });
            match found {
                Ok(term) => {
                    let pages = &mut pages_of[*term];
                    if pages.last().is_none_or(|(_, last)| last != id) {
                        pages.push((name, *id));
                    }
                }
                Err(problem) if page.translated => {
                    // Authors have no place of their own.
                    let place = match span {
                        Some(span) => document.source.place(span.clone()),
                        None => Place::file(&document.source.path),
                    };
                    problems.push(problem.diagnostic(place, name, site.config.lenient()));
                }
                Err(_) => {}
            }
        }
    }
    let mentioned = by_slug.into_iter().map(|(slug, term)| {
        let pages = std::mem::take(&mut pages_of[term]);
        let name = term_name(site, &pages, problems);
        let pages = pages.into_iter().map(|(_, page)| page).collect();
        (slug, Mentioned { name, pages })
    });
    mentioned.collect()
}

/// Why a name cannot be a term.
enum NoTerm {
    Empty,
    BadPath(PathProblem),
}

impl NoTerm {
    fn check(slug: &str) -> Result<(), Self> {
        if slug.is_empty() {
            return Err(Self::Empty);
        }
        crate::path::check_part(slug).map_err(Self::BadPath)
    }

    fn diagnostic(&self, place: Place, name: &str, lenient: bool) -> Diagnostic {
        match self {
            Self::Empty => Diagnostic::empty_term(place, name).lenient(lenient),
            Self::BadPath(problem) => Diagnostic::bad_path(place, "term", name, *problem),
        }
    }
}

/// The spelling that most pages use, and of several the first; the others are pointed out.
fn term_name(site: &Site, pages: &[(&str, PageId)], problems: &mut Vec<Diagnostic>) -> String {
    let mut spellings: BTreeMap<&str, (usize, PageId)> = BTreeMap::new();
    for (name, page) in pages {
        spellings.entry(name).or_insert((0, *page)).0 += 1;
    }
    let most = spellings.iter().max_by_key(|(name, (count, _))| (*count, Reverse(**name)));
    let chosen = most.map_or("", |(name, _)| *name).to_owned();
    for (name, (_, page)) in spellings {
        if name != chosen && site.page(page).translated {
            let document = site.text_of(page);
            let mut terms = document.front.terms.iter().flat_map(|(_, terms)| terms);
            let place = match terms.find(|(text, _)| text == name) {
                Some((_, span)) => document.source.place(span.clone()),
                None => Place::file(&document.source.path),
            };
            problems.push(Diagnostic::term_spelt_twice(place, name, &chosen));
        }
    }
    chosen
}

/// The names that a document gives for a taxonomy, and where they stand.
fn names_in<'d>(
    document: &'d Document,
    taxonomy: &str,
) -> impl Iterator<Item = (&'d str, Option<&'d Range<usize>>)> {
    let listed = document.front.terms.iter().filter(move |(name, _)| name == taxonomy).take(1);
    let listed = listed.flat_map(|(_, terms)| terms).map(|(name, span)| (&**name, Some(span)));
    let authors = document.front.authors.iter().filter(move |_| taxonomy == "authors");
    listed.chain(authors.map(|name| (&**name, None)))
}
