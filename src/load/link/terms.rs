//! Terms: what pages have in common, in every language.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

use rayon::prelude::*;

use super::{Linker, compare};
use crate::config::LanguageId;
use crate::diagnostic::{Diagnostic, Place};
use crate::model::{Document, PageId, SortBy, Term, TermId, TermList};
use crate::node::Placed;
use crate::path::{OutputPath, slugify};

impl Linker {
    pub(super) fn add_terms(&mut self, language: LanguageId) {
        let taxonomies = self.site.config.taxonomies.clone();
        let code = self.site.config.language(language).code.clone();
        // A name stands on many pages.
        let mut slugs: HashMap<String, String> = HashMap::new();
        let has_page = |slug: &str| {
            let below = format!("{slug}/");
            self.groups.keys().any(|key| key == slug || key.starts_with(&below))
        };
        let wanted: Vec<bool> =
            taxonomies.iter().map(|t| !(t.is_default && has_page(&t.slug))).collect();
        for (index, taxonomy) in taxonomies.iter().enumerate().filter(|(i, _)| wanted[*i]) {
            let mut by_slug: BTreeMap<String, Vec<(String, PageId)>> = BTreeMap::new();
            for (number, page) in self.site.pages.iter().enumerate() {
                if page.language != language {
                    continue;
                }
                let document = self.site.document(page.document);
                for (name, span) in names_in(document, &taxonomy.name) {
                    let slug = match slugs.get(&name) {
                        Some(slug) => slug.clone(),
                        None => slugs.entry(name.clone()).or_insert(slugify(&name, &code)).clone(),
                    };
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
            pages.par_sort_by(|(_, a), (_, b)| {
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
}

fn names_in(document: &Document, taxonomy: &str) -> Vec<Placed<String>> {
    let listed = document.front.terms.iter().find(|(name, _)| name == taxonomy);
    let mut names = listed.map(|(_, terms)| terms.clone()).unwrap_or_default();
    if taxonomy == "authors" {
        names.extend(document.front.authors.iter().map(|name| (name.clone(), 0..0)));
    }
    names
}
