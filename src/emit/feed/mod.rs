//! Feeds: of the site in each language, of sections and of terms, in every format.
//!
//! A page with a date is an entry in the feeds of its own language. It has the id and the
//! dates that were recorded when it was first published, its full text with absolute
//! addresses, and no character that XML cannot carry.

mod atom;
mod json;
mod rss;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use serde::Serialize;
use tera::Value;

use super::{Made, Plan, Shows, Workshop};
use crate::artifact::{Rank, media_type};
use crate::config::{FeedFormat, LanguageId};
use crate::model::{Enclosure, PageId, SectionId, Site, TermId};
use crate::path::{OutputPath, SourcePath};
use crate::render::markdown::links::Addresses;
use crate::render::{FeedLink, Theme, escaped, feed_value, find_file, part_title, plain_text};
use crate::time::Moment;

/// What a feed or a calendar is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum FeedOf {
    Site(LanguageId),
    Section(SectionId),
    Term(TermId),
}

/// A feed, whatever its format.
#[derive(Clone, Debug)]
struct Feed {
    id: String,
    title: String,
    description: String,
    /// The code of the language.
    language: String,
    /// The page that it goes with.
    home_url: String,
    self_url: String,
    author: String,
    hub: Option<String>,
    updated: Moment,
    /// Newest first.
    entries: Vec<Arc<Entry>>,
}

/// A page in a feed.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    id: String,
    url: String,
    title: String,
    authors: Vec<String>,
    categories: Vec<String>,
    published: Moment,
    updated: Moment,
    /// HTML.
    summary: Option<String>,
    /// HTML with absolute addresses.
    content: String,
    image: Option<String>,
    enclosure: Option<Enclosure>,
    enclosure_url: Option<String>,
}

/// The entries of feeds, by page. Each is made when the first feed needs it, and kept as long as
/// others will: a text is long, and most stand in few feeds.
pub(super) struct Entries(HashMap<PageId, Mutex<Kept>>);

struct Kept {
    entry: Option<Arc<Entry>>,
    /// Feeds that have not asked for it yet. A feed that is not made again never does.
    wanted: usize,
}

impl Entries {
    /// For pages that stand in so many feeds.
    pub(super) fn new(in_feeds: HashMap<PageId, usize>) -> Self {
        let kept = |wanted| Mutex::new(Kept { entry: None, wanted });
        Self(in_feeds.into_iter().map(|(id, wanted)| (id, kept(wanted))).collect())
    }

    fn get(&self, id: PageId, make: impl FnOnce() -> Entry) -> Arc<Entry> {
        let Some(kept) = self.0.get(&id) else { return Arc::new(make()) };
        // Whoever panicked has left an entry or none.
        let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = kept.entry.take().unwrap_or_else(|| Arc::new(make()));
        kept.wanted = kept.wanted.saturating_sub(1);
        kept.entry = (kept.wanted > 0).then(|| entry.clone());
        entry
    }
}

pub(super) fn plan<'s>(site: &'s Site, plan: &mut Plan<'s>) {
    for feed_of in all(site) {
        if !exists(site, feed_of) {
            continue;
        }
        let pages = entries_of(site, feed_of);
        for format in &site.config.feeds.formats {
            let Ok(path) = output_of(site, feed_of).sibling(format.names().file) else { continue };
            let source = source_of(site, feed_of);
            let (pages, self_path) = (pages.clone(), path.clone());
            let term = match feed_of {
                FeedOf::Term(id) => Some(&site.term(id).name),
                FeedOf::Site(_) | FeedOf::Section(_) => None,
            };
            let key = plan.key(|keys| keys.showing(("feed", path.as_str(), term), &pages));
            pages.iter().for_each(|id| *plan.in_feeds.entry(*id).or_default() += 1);
            let shows = (Shows::list(&pages), path);
            plan.add_showing(shows, Rank::Feed, &source, key, move |workshop, _| {
                let feed = build(workshop, feed_of, &pages, &self_path);
                Made::bytes(match format {
                    FeedFormat::Rss => rss::write(&feed),
                    FeedFormat::Atom => atom::write(&feed),
                    FeedFormat::Json => json::write(&feed),
                })
            });
        }
    }
}

/// The links to the feeds of a document, one for each format; none when it has no feed.
pub(super) fn links(site: &Site, theme: &Theme, feed_of: FeedOf) -> Vec<Value> {
    if !exists(site, feed_of) {
        return Vec::new();
    }
    let title = title(site, theme, feed_of);
    let strings = theme.strings(language_of(site, feed_of));
    let output = output_of(site, feed_of);
    let formats = site.config.feeds.formats.iter();
    formats
        .filter_map(|format| {
            let names = format.names();
            let path = output.sibling(names.file).ok()?;
            let label = strings.texts.get(&format!("feed_{}", names.name));
            Some(feed_value(&FeedLink {
                format: names.name,
                label: label.cloned().unwrap_or_else(|| names.name.to_uppercase()),
                media_type: names.media_type,
                title: title.clone(),
                url: site.url(&path),
            }))
        })
        .collect()
}

pub(super) fn all(site: &Site) -> impl Iterator<Item = FeedOf> {
    let languages = site.config.language_ids().map(FeedOf::Site);
    let sections = (0..site.sections.len()).map(|index| FeedOf::Section(SectionId(index)));
    let terms = (0..site.terms.len()).map(|index| FeedOf::Term(TermId(index)));
    languages.chain(sections).chain(terms)
}

/// Whether there is such a feed: the site wants it, and unless it says so by name, there is
/// something in it.
pub(super) fn exists(site: &Site, feed_of: FeedOf) -> bool {
    let useful = |pages: &[PageId]| pages.iter().any(|id| is_entry(site, *id));
    match feed_of {
        FeedOf::Site(language) => site.config.language(language).feeds,
        FeedOf::Section(id) => {
            let section = site.section(id);
            let wanted = section.feeds.unwrap_or_else(|| {
                site.config.language(section.language).feeds && useful(&section.pages)
            });
            wanted && !section.folder.is_empty()
        }
        FeedOf::Term(id) => {
            let term = site.term(id);
            site.config.taxonomies[term.taxonomy].feed && useful(&term.pages)
        }
    }
}

/// A page is an entry when it has a date, and in its own language only.
fn is_entry(site: &Site, id: PageId) -> bool {
    site.page(id).translated && site.text_of(id).date.is_some()
}

/// The pages of a feed, newest first.
fn entries_of(site: &Site, feed_of: FeedOf) -> Vec<PageId> {
    let pages = match feed_of {
        FeedOf::Site(language) => &site.latest[language.0],
        FeedOf::Section(id) => &site.section(id).pages,
        FeedOf::Term(id) => &site.term(id).pages,
    };
    let mut pages: Vec<PageId> = pages.iter().copied().filter(|id| is_entry(site, *id)).collect();
    // A section may have another order, and a page another date than the one that was recorded;
    // feeds are always newest first by the dates that they show.
    let published = |id: &PageId| site.identity(site.page(*id).document).published;
    pages.sort_by_key(|id| std::cmp::Reverse(published(id)));
    pages.truncate(site.config.feeds.limit);
    pages
}

pub(super) fn output_of(site: &Site, feed_of: FeedOf) -> &OutputPath {
    match feed_of {
        FeedOf::Site(language) => &site.section(site.home(language)).output,
        FeedOf::Section(id) => &site.section(id).output,
        FeedOf::Term(id) => &site.term(id).output,
    }
}

fn source_of(site: &Site, feed_of: FeedOf) -> SourcePath {
    match feed_of {
        FeedOf::Section(id) => SourcePath::new(format!("content/{}", site.section(id).folder)),
        FeedOf::Site(_) | FeedOf::Term(_) => SourcePath::new(crate::config::FILE),
    }
}

pub(super) fn language_of(site: &Site, feed_of: FeedOf) -> LanguageId {
    match feed_of {
        FeedOf::Site(language) => language,
        FeedOf::Section(id) => site.section(id).language,
        FeedOf::Term(id) => site.term(id).language,
    }
}

pub(super) fn title(site: &Site, theme: &Theme, feed_of: FeedOf) -> String {
    let (language, part) = match feed_of {
        FeedOf::Site(language) => return site.config.language(language).title.clone(),
        FeedOf::Section(id) => (site.section(id).language, site.section(id).title.as_str()),
        FeedOf::Term(id) => (site.term(id).language, site.term(id).name.as_str()),
    };
    part_title(theme.strings(language), &site.config.language(language).title, part)
}

fn build(workshop: &Workshop<'_>, feed_of: FeedOf, pages: &[PageId], path: &OutputPath) -> Feed {
    let site = workshop.views.site;
    let (language, described) = match feed_of {
        FeedOf::Site(language) => (language, site.config.language(language).description.clone()),
        FeedOf::Section(id) => {
            let section = site.section(id);
            let document = section.document.map(|id| site.document(id));
            (section.language, document.and_then(|d| d.front.description.clone()))
        }
        FeedOf::Term(id) => (site.term(id).language, None),
    };
    let title = title(site, workshop.views.theme, feed_of);
    let entries: Vec<Arc<Entry>> = pages.iter().map(|id| entry(workshop, *id)).collect();
    // An empty feed has never changed: the beginning of time says so, the present would not.
    let updated = entries.iter().map(|entry| entry.updated).max();
    let updated = updated.unwrap_or_else(|| Moment::epoch(&site.config.zone));
    let author = site.config.author.as_ref().unwrap_or(&site.config.languages[0].title);
    Feed {
        id: feed_id(site, feed_of),
        description: xml_text(described.as_deref().unwrap_or(&title)),
        title: xml_text(&title),
        language: site.config.language(language).code.clone(),
        home_url: site.permalink(output_of(site, feed_of)),
        self_url: site.permalink(path),
        author: xml_text(author),
        hub: site.config.feeds.hub.clone(),
        updated,
        entries,
    }
}

/// The id of a feed. It is made like those of its entries and survives a new address.
fn feed_id(site: &Site, feed_of: FeedOf) -> String {
    let (language, name) = match feed_of {
        FeedOf::Site(language) => (language, String::new()),
        FeedOf::Section(id) => (site.section(id).language, site.section(id).folder.clone()),
        FeedOf::Term(id) => {
            let term = site.term(id);
            (term.language, term.output.address())
        }
    };
    let language = &site.config.language(language).code;
    format!("{}feed/{language}/{}", site.id_base, crate::path::encode_path(&name))
}

/// A page as feeds have it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct FeedEntry {
    /// Never changes.
    pub(crate) id: String,
    /// Plain text.
    pub(crate) title: String,
    /// RFC 3339.
    pub(crate) published: String,
    /// HTML.
    pub(crate) summary: Option<String>,
    /// HTML with absolute addresses.
    pub(crate) content: String,
}

/// A page as feeds have it; nothing when they do not.
pub(crate) fn feed_entry(workshop: &Workshop<'_>, id: PageId) -> Option<FeedEntry> {
    let entry = is_entry(workshop.views.site, id).then(|| entry(workshop, id))?;
    Some(FeedEntry {
        id: entry.id.clone(),
        title: entry.title.clone(),
        published: entry.published.to_string(),
        summary: entry.summary.clone(),
        content: entry.content.clone(),
    })
}

fn entry(workshop: &Workshop<'_>, id: PageId) -> Arc<Entry> {
    workshop.entries.get(id, || make_entry(workshop, id))
}

fn make_entry(workshop: &Workshop<'_>, id: PageId) -> Entry {
    let site = workshop.views.site;
    let page = site.page(id);
    let document = site.document(page.document);
    let identity = site.identity(page.document);
    // What is wrong in the text is reported with the page itself.
    let rendered = workshop.views.rendered(id, Addresses::Absolute, &mut Vec::new());
    let categories = document.front.terms.iter().flat_map(|(_, terms)| terms);
    let image = document.front.image.as_ref();
    let image = image.and_then(|image| enclosure(site, document, &image.path));
    let own = document.front.enclosure.as_deref();
    let enclosure = own.and_then(|(path, _)| enclosure(site, document, path)).or(image.clone());
    let absolute = |file: &Enclosure| site.config.base_url.absolute(&file.address);
    let (before, after) = workshop.views.details_around(document);
    let mut content = before + &rendered.html + &after;
    let credit = document.front.image.as_ref().and_then(|image| image.credit.as_deref());
    if let Some(credit) = credit {
        content.push_str(&format!("<p><small>{}</small></p>\n", escaped(credit)));
    }
    if let Some(imprint) = workshop.views.imprint(document, page.language) {
        content.push_str(&format!("<p><small>{}</small></p>\n", escaped(&imprint.text)));
    }
    Entry {
        id: identity.id.clone(),
        url: site.permalink(&page.output),
        title: xml_text(&document.title),
        authors: xml_texts(document.front.authors.iter()),
        categories: xml_texts(categories.map(|(name, _)| name)),
        published: identity.published,
        updated: identity.updated,
        summary: rendered.summary.map(|html| xml_text(&html)),
        content: xml_text(&content),
        image: image.as_ref().map(absolute),
        enclosure_url: enclosure.as_ref().map(absolute),
        enclosure,
    }
}

fn enclosure(site: &Site, document: &crate::model::Document, path: &str) -> Option<Enclosure> {
    let asset = find_file(site, document, path)?;
    let media_type = media_type(asset.output.as_str());
    Some(Enclosure { address: asset.output.address(), length: asset.length, media_type })
}

/// A text without the characters that XML 1.0 cannot carry, not even escaped (section 2.2).
/// One of them makes a feed unreadable for everybody.
fn xml_text(text: &str) -> String {
    // The last ones of the first plane begin with this byte too, and most texts have none of it.
    let is_safe = |byte: u8| matches!(byte, b' '..=0xEE | 0xF0.. | b'\t' | b'\n' | b'\r');
    if text.bytes().all(is_safe) {
        return text.to_owned();
    }
    text.chars().filter(|c| is_xml_char(*c)).collect()
}

/// Names without those of which nothing is left.
fn xml_texts<'t>(texts: impl Iterator<Item = &'t String>) -> Vec<String> {
    texts.map(|text| xml_text(text)).filter(|text| !text.trim().is_empty()).collect()
}

fn is_xml_char(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..)
}

/// The words of a summary, for formats that want text.
fn summary_text(entry: &Entry) -> Option<String> {
    entry.summary.as_deref().map(plain_text).filter(|text| !text.is_empty())
}
