//! Search without a server: an index that a script in the browser reads, in parts of which it needs
//! few, and the list of all pages from A to Z for whoever has no scripts.

mod a_to_z;
mod index;
mod words;

use tera::Value;

pub(super) use self::index::Index;
use self::words::parts;
use super::feed::FeedOf;
use super::html::{fill, plain_head};
use super::keys::Keys;
use super::{Made, Plan, Workshop};
use crate::artifact::{Body, Key, Rank};
use crate::config::LanguageId;
use crate::model::{Document, PageId, SectionId, Site};
use crate::path::OutputPath;
use crate::render::object;
use crate::time::Moment;

/// Fewer pages than this need parts by the first letter only.
const SHALLOW_PAGES_MAX: usize = 200;

/// Pages in one file of titles and descriptions.
const PAGES_IN_FILE: usize = 50;

/// Looks up and shows what is typed.
const SCRIPT: &[u8] = include_bytes!("client.js");

/// Where it is, inside the output.
const SCRIPT_PATH: &str = "search/search.js";

pub(super) fn plan<'s>(site: &'s Site, plan: &mut Plan<'s>) {
    if !site.config.search {
        return;
    }
    let key = plan.key(|keys| keys.of("search.js"));
    plan.add_of_site(SCRIPT_PATH, Rank::Asset, key, |_, _| Made {
        body: Some(Body::Static(SCRIPT)),
        problems: Vec::new(),
    });
    for language in site.config.language_ids() {
        plan_language(site, language, plan);
    }
}

fn plan_language<'s>(site: &'s Site, language: LanguageId, plan: &mut Plan<'s>) {
    let folder = site.config.search_folder(language);
    let entries = entries(site, language);
    let count = entries.len();
    let all = plan.key(|keys| key_of(site, keys, &entries));
    let page = format!("{folder}index.html");
    let of_page = plan.key(|keys| keys.of(("search", language, count)));
    plan.add_of_site(&page, Rank::List, of_page, move |workshop, output| {
        make_page(workshop, language, count, output)
    });
    for part in parts(depth(count)) {
        let path = format!("{folder}words/{part}.json");
        let key = plan.key(|keys| keys.of(("words", all, language, &part)));
        plan.add_of_site(&path, Rank::List, key, move |workshop, _| {
            Made::bytes(workshop.search(language).part(&part))
        });
    }
    for (number, from) in (0..count).step_by(PAGES_IN_FILE).enumerate() {
        let path = format!("{folder}pages/{number}.json");
        let key = plan.key(|keys| keys.of(("found", all, language, number)));
        plan.add_of_site(&path, Rank::List, key, move |workshop, _| {
            Made::bytes(workshop.search(language).pages(from, PAGES_IN_FILE))
        });
    }
    a_to_z::plan(site, language, entries, all, plan);
}

/// Stands for all that is shown of some entries, and all words of them.
fn key_of(site: &Site, keys: &Keys, entries: &[Entry]) -> Key {
    let (mut pages, mut texts) = (Vec::new(), Vec::new());
    for entry in entries {
        match entry {
            Entry::Page(id) => pages.push(*id),
            Entry::Section(id) => texts.push(site.section(*id).document.map(|id| keys.text(id))),
        }
    }
    keys.showing(texts, &pages)
}

/// The page with the field to type into.
fn make_page(
    workshop: &Workshop<'_>,
    language: LanguageId,
    count: usize,
    output: &OutputPath,
) -> Made {
    let views = &workshop.views;
    let site = views.site;
    let title = views.theme.strings(language).get("search").to_owned();
    let head = plain_head(workshop, language, title, output, FeedOf::Site(language));
    let mut context = views.context(language, &site.url(output), &head);
    let url = |path: &str| format!("{}{path}", site.config.base_url.root());
    let folder = site.config.search_folder(language);
    let search = object([
        ("script", Value::from(url(SCRIPT_PATH))),
        ("url", Value::from(url(&folder))),
        ("a_to_z", Value::from(url(&a_to_z::folder(&folder)))),
        ("depth", Value::from(depth(count))),
        ("pages_in_file", Value::from(PAGES_IN_FILE)),
        ("count", Value::from(count)),
    ]);
    context.insert_value("search", search);
    context.insert_value("feeds", Value::from(head.feeds.clone()));
    fill(workshop, "search.html", &context, output, Vec::new())
}

/// How many letters the name of a part has.
fn depth(count: usize) -> usize {
    if count < SHALLOW_PAGES_MAX { 1 } else { 2 }
}

/// What can be found.
#[derive(Clone, Copy, Debug)]
enum Entry {
    Page(PageId),
    Section(SectionId),
}

impl Entry {
    fn document(self, site: &Site) -> Option<&Document> {
        match self {
            Self::Page(id) => Some(site.text_of(id)),
            Self::Section(id) => site.section(id).document.map(|id| site.document(id)),
        }
    }

    fn title(self, site: &Site) -> &str {
        match self {
            Self::Page(id) => &site.text_of(id).title,
            Self::Section(id) => &site.section(id).title,
        }
    }

    fn output(self, site: &Site) -> &OutputPath {
        match self {
            Self::Page(id) => &site.page(id).output,
            Self::Section(id) => &site.section(id).output,
        }
    }

    fn language(self, site: &Site) -> LanguageId {
        match self {
            Self::Page(id) => site.page(id).language,
            Self::Section(id) => site.section(id).language,
        }
    }
}

/// All that has a text in a language, the oldest first: a new page then changes no number.
fn entries(site: &Site, language: LanguageId) -> Vec<Entry> {
    let pages = site.pages.iter().enumerate();
    let pages = pages.filter(|(_, page)| page.language == language && page.translated);
    let pages = pages.map(|(index, _)| Entry::Page(PageId(index)));
    let sections = site.sections.iter().enumerate();
    let sections = sections.filter(|(_, section)| {
        section.language == language && section.translated && section.document.is_some()
    });
    let sections = sections.map(|(index, _)| Entry::Section(SectionId(index)));
    let mut entries: Vec<Entry> = sections.chain(pages).collect();
    entries.sort_by_cached_key(|entry| {
        let date = entry.document(site).and_then(|document| document.date);
        (date.map(Moment::timestamp), entry.output(site).as_str().to_owned())
    });
    entries
}
