//! What templates get: `themes/README.md` as code.
//!
//! A template sees only values, never functions that look for more. The value of a page in
//! lists is made once and shared, for copying it into every list is what makes generators
//! slow.

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use tera::value::Key;
use tera::{Context, Value};

use super::Theme;
use super::foreign::Servers;
use super::imprint::ImprintText;
use super::markdown::links::{self, Addresses, Links, find_file};
use super::markdown::{HeadingIds, Rendered, render};
use super::picture::Choice;
use super::value::{
    Head, array, common, data_value, date_value, extra_value, head_value, link, none_or, object,
    summary_value, table, term_value, toc_value,
};
use crate::config::{Image, LanguageId};
use crate::diagnostic::{Diagnostic, LinkProblem, Place, nearest};
use crate::memory::give_back;
use crate::model::{Asset, Destination, Document, Page, PageId, Section, SectionId, Site, TermId};
use crate::path::{OutputPath, SourcePath, scheme};

/// The values of a site for its templates.
pub(crate) struct Views<'s> {
    pub(crate) site: &'s Site,
    pub(crate) theme: &'s Theme,
    /// The addresses of all outputs on the host.
    known: HashSet<String>,
    /// By document. Made when first needed; always the same, whoever comes first.
    headings: Vec<OnceLock<Box<HeadingIds>>>,
    /// By language.
    common: Vec<Context>,
    /// By language.
    imprints: Vec<Option<ImprintText>>,
    /// Those that pages may ask.
    pub(crate) servers: Servers,
    terms: Vec<Value>,
    /// By term: how a page names it. It does not count the others, or a new page would change all
    /// of them.
    term_links: Vec<Value>,
    /// By page. Made when first needed; always the same, whoever comes first.
    kept: Vec<Mutex<Kept>>,
    /// By section: its title and address, and the way to it from the front page.
    section_links: Vec<Value>,
    breadcrumbs: Vec<Value>,
}

/// What is kept of a page for the next output that shows it.
struct Kept {
    card: Option<Card>,
    summary: Option<Value>,
    /// The lists that have not asked for it yet. With the last one goes what is kept; a list that is
    /// not made again never asks.
    lists: usize,
}

/// A page as others show it.
struct Card {
    value: Value,
    /// Lists show it with its summary, neighbours without. It is kept as it was shown last: first
    /// its neighbours name it, then come the lists.
    has_summary: bool,
}

/// How long the cards of pages are kept.
pub(crate) enum Keeping {
    /// Until so many lists, by page, have shown them.
    ForLists(Vec<usize>),
    /// As long as the views.
    Always,
}

/// The values of a large site are very many, and nobody waits until they are gone.
impl Drop for Views<'_> {
    fn drop(&mut self) {
        give_back(std::mem::take(&mut self.kept));
    }
}

impl<'s> Views<'s> {
    /// Prepares the values. `outputs` are all files that there will be.
    pub(crate) fn new<'o>(
        site: &'s Site,
        theme: &'s Theme,
        outputs: impl Iterator<Item = &'o OutputPath>,
        keeping: Keeping,
    ) -> Self {
        let in_lists = match keeping {
            Keeping::ForLists(in_lists) => in_lists,
            Keeping::Always => vec![usize::MAX; site.pages.len()],
        };
        let kept = |lists| Mutex::new(Kept { card: None, summary: None, lists });
        let terms = site.terms.iter().map(|term| term_value(site, term)).collect();
        let term_links = site.terms.iter().map(|term| {
            let url = Value::from(site.url(&term.output));
            object([("name", Value::from(term.name.as_str())), ("url", url)])
        });
        let imprints: Vec<Option<ImprintText>> = site
            .config
            .language_ids()
            .map(|id| Some(ImprintText::new(site.imprint(None, id)?, theme.strings(id))))
            .collect();
        let common = site.config.language_ids().zip(&imprints).map(|(language, imprint)| {
            let home = site.permalink(&site.section(site.home(language)).output);
            let mut context = common(site, theme, language);
            let imprint = imprint.as_ref().map(|imprint| imprint.value(&home));
            context.insert_value("imprint", none_or(imprint));
            context
        });
        let section_links: Vec<Value> =
            site.sections.iter().map(|s| section_link(site, s)).collect();
        let breadcrumbs = (0..site.sections.len()).map(|index| {
            let above =
                std::iter::successors(Some(SectionId(index)), |id| site.section(*id).parent);
            let mut trail: Vec<Value> = above.map(|id| section_links[id.0].clone()).collect();
            trail.reverse();
            Value::from(trail)
        });
        Self {
            breadcrumbs: breadcrumbs.collect(),
            section_links,
            site,
            theme,
            known: outputs.map(|output| site.url(output)).collect(),
            headings: std::iter::repeat_with(OnceLock::new).take(site.documents.len()).collect(),
            common: common.collect(),
            imprints,
            servers: Servers::new(&site.config),
            terms,
            term_links: term_links.collect(),
            kept: in_lists.into_iter().map(kept).collect(),
        }
    }

    /// The values that every document of a language gets, with its head.
    pub(crate) fn context(&self, language: LanguageId, url: &str, head: &Head) -> Context {
        let mut context = self.common[language.0].clone();
        context.insert_value("current_url", Value::from(url));
        context.insert_value("head", head_value(head));
        context
    }

    /// The imprint of a text that is shown in a language.
    pub(crate) fn imprint(
        &self,
        text: &Document,
        language: LanguageId,
    ) -> Option<Cow<'_, ImprintText>> {
        match &text.front.imprint {
            Some(own) => Some(Cow::Owned(ImprintText::new(own, self.theme.strings(language)))),
            None => self.imprints[language.0].as_ref().map(Cow::Borrowed),
        }
    }

    /// Puts the imprint of a page in the place of that of the site, when it has its own.
    pub(crate) fn insert_imprint(&self, context: &mut Context, id: PageId) {
        let page = self.site.page(id);
        let text = self.site.document(page.document);
        if text.front.imprint.is_some()
            && let Some(imprint) = self.imprint(text, page.language)
        {
            let value = imprint.value(&self.site.permalink(&page.output));
            context.insert_value("imprint", value);
        }
    }

    /// Renders the text of a page.
    pub(crate) fn rendered(
        &self,
        id: PageId,
        addresses: Addresses,
        problems: &mut Vec<Diagnostic>,
    ) -> Rendered {
        let page = self.site.page(id);
        let permalink = self.site.permalink(&page.output);
        let document = self.site.document(page.document);
        render(&self.links(document, page.language, &permalink, addresses), self.theme, problems)
    }

    /// Renders a text that is on no page, as if it were at an address.
    pub(crate) fn rendered_hidden(&self, document: &Document, permalink: &str) -> Rendered {
        let links = self.links(document, document.language, permalink, Addresses::Absolute);
        // What is wrong with a text that nobody sees on the site is not told.
        render(&links, self.theme, &mut Vec::new())
    }

    /// Renders the text of a section that has one.
    pub(crate) fn rendered_section(
        &self,
        section: SectionId,
        problems: &mut Vec<Diagnostic>,
    ) -> Rendered {
        let section = self.site.section(section);
        let Some(document) = section.document else { return Rendered::default() };
        let permalink = self.site.permalink(&section.output);
        let document = self.site.document(document);
        let links = self.links(document, section.language, &permalink, Addresses::Host);
        render(&links, self.theme, problems)
    }

    pub(super) fn links<'a>(
        &'a self,
        document: &'a Document,
        language: LanguageId,
        permalink: &'a str,
        addresses: Addresses,
    ) -> Links<'a> {
        Links {
            site: self.site,
            known: &self.known,
            headings: &self.headings,
            servers: &self.servers,
            document,
            language,
            permalink,
            addresses,
        }
    }

    /// Where a link in a text of `site.toml` leads, as a whole address; `None` when it leads
    /// nowhere. There is no page around such a text: a path begins at the root of the site.
    pub(crate) fn link_of_site(
        &self,
        to: &str,
        language: LanguageId,
        place: &Place,
        problems: &mut Vec<Diagnostic>,
    ) -> Option<String> {
        let base = &self.site.config.base_url;
        let whole = |url: &str| Some(format!("{}{url}", base.origin()));
        let Some(inside) = to.strip_prefix("@/") else {
            if scheme(to).is_some() {
                return Some(to.to_owned());
            }
            if let Some(elsewhere) = to.strip_prefix("//") {
                return Some(format!("https://{elsewhere}"));
            }
            let url = base.on_host(&format!("/{}", to.trim_start_matches('/')));
            if !links::is_known(&self.known, &url) {
                problems.push(Diagnostic::dead_path(place.clone(), to));
            }
            return whole(&url);
        };
        let (path, rest) = links::split_suffix(inside);
        let path = links::decoded(path);
        if let Some(Destination::Unpublished(state)) = self.site.destinations.get(&path) {
            problems.push(Diagnostic::link_to_unpublished(place.clone(), to, state.name()));
            return None;
        }
        let asset = self.site.asset(&SourcePath::new(format!("content/{path}")));
        let asset = asset.map(|asset| self.site.url(&asset.output));
        let page = || links::target_of(self.site, &path, language).map(|(url, _)| url);
        let Some(url) = asset.or_else(page) else {
            let known = self.site.destinations.keys().map(String::as_str);
            let near = nearest(&path, known).map(|near| format!("@/{near}"));
            let problem = LinkProblem::Missing;
            problems.push(Diagnostic::broken_link(place.clone(), to, problem, near.as_deref()));
            return None;
        };
        whole(&format!("{url}{rest}"))
    }

    /// A page as it stands in a list.
    pub(crate) fn card(&self, id: PageId) -> Value {
        let mut kept = self.kept(id);
        let Kept { card, summary, lists } = &mut *kept;
        let summary = summary.get_or_insert_with(|| {
            // What is wrong in the text is reported with the page itself.
            summary_value(&self.rendered(id, Addresses::Host, &mut Vec::new()))
        });
        let value = self.card_with(id, card, Some(summary));
        *lists = lists.saturating_sub(1);
        if *lists == 0 {
            *kept = Kept { card: None, summary: None, lists: 0 };
        }
        value
    }

    /// A page as its neighbours name it: without its summary, which would have to be rendered.
    fn bare_card(&self, id: PageId) -> Value {
        self.card_with(id, &mut self.kept(id).card, None)
    }

    fn kept(&self, id: PageId) -> MutexGuard<'_, Kept> {
        // Whoever panicked has left something or nothing.
        self.kept[id.0].lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn card_with(&self, id: PageId, kept: &mut Option<Card>, summary: Option<&Value>) -> Value {
        let has_summary = summary.is_some();
        let value = match kept.take() {
            Some(card) if card.has_summary == has_summary => card.value,
            Some(card) => table(entries_of(&card.value, summary)),
            None => self.make_card(id, summary),
        };
        *kept = Some(Card { value: value.clone(), has_summary });
        value
    }

    fn make_card(&self, id: PageId, summary: Option<&Value>) -> Value {
        let page = self.site.page(id);
        let document = self.site.document(page.document);
        let strings = self.theme.strings(page.language);
        object([
            ("title", Value::from(document.title.as_str())),
            ("description", none_or(document.front.description.as_deref())),
            ("url", Value::from(self.site.url(&page.output))),
            ("permalink", Value::from(self.site.permalink(&page.output))),
            ("lang", Value::from(self.site.config.language(document.language).code.as_str())),
            ("translated", Value::from(page.translated)),
            ("summary", summary.map_or_else(Value::none, Value::clone)),
            ("date", date_value(document.date, strings)),
            ("updated", date_value(document.front.updated, strings)),
            ("authors", self.authors(page, document)),
            ("terms", self.page_terms(page, document)),
            ("image", self.image(document)),
            ("section", self.section_links[page.section.0].clone()),
            ("kind", Value::from(document.kind.name())),
            ("details", self.details(id)),
            ("extra", extra_value(document)),
        ])
    }

    /// A page with all there is to it. Keeps its summary for the lists that will need it.
    pub(crate) fn page(&self, id: PageId, rendered: &Rendered) -> Value {
        let page = self.site.page(id);
        let document = self.site.document(page.document);
        let summary = self.kept(id).summary.get_or_insert_with(|| summary_value(rendered)).clone();
        let neighbour = |id: Option<PageId>| none_or(id.map(|id| self.bare_card(id)));
        let more = [
            ("content", Value::safe_string(&rendered.html)),
            ("toc", toc_value(&rendered.toc)),
            ("previous", neighbour(page.previous)),
            ("next", neighbour(page.next)),
            ("breadcrumbs", self.breadcrumbs[page.section.0].clone()),
            ("translations", self.translations(page)),
            ("data", data_value(document)),
            ("post", self.post(id)),
            ("weight", none_or(document.front.weight)),
            ("draft", Value::from(document.front.draft)),
        ];
        let more = more.into_iter().map(|(key, value)| (Key::from(key), value));
        table(entries_of(&self.bare_card(id), Some(&summary)).chain(more))
    }

    /// The post of a page on the fediverse, when it has one.
    fn post(&self, id: PageId) -> Value {
        let Some(id) = self.site.post_of.get(&id) else { return Value::none() };
        let post = self.site.post(*id);
        let account = self.site.account(post.actor);
        object([
            ("id", Value::from(post.id.as_str())),
            ("handle", Value::from(format!("@{}", account.handle))),
            ("account", Value::from(account.id.as_str())),
        ])
    }

    /// A section with its text.
    pub(crate) fn section(&self, id: SectionId, rendered: &Rendered, total: usize) -> Value {
        let section = self.site.section(id);
        let above = section.parent.map(|parent| &self.breadcrumbs[parent.0]);
        let document = section.document.map(|id| self.site.document(id));
        let language = document.map_or(section.language, |document| document.language);
        let subsections = section.subsections.iter().map(|id| {
            let section = self.site.section(*id);
            let document = section.document.map(|id| self.site.document(id));
            let description = document.and_then(|d| d.front.description.as_deref());
            object([
                ("title", Value::from(section.title.as_str())),
                ("url", Value::from(self.site.url(&section.output))),
                ("description", none_or(description)),
                ("empty", Value::from(self.site.is_empty(*id))),
            ])
        });
        let translations = section.translations.iter().map(|id| {
            let other = self.site.section(*id);
            self.translation(other.language, &other.title, &other.output)
        });
        object([
            ("title", Value::from(section.title.as_str())),
            ("kind", Value::from(section.kind.name())),
            ("description", none_or(document.and_then(|d| d.front.description.as_deref()))),
            ("url", Value::from(self.site.url(&section.output))),
            ("permalink", Value::from(self.site.permalink(&section.output))),
            ("lang", Value::from(self.site.config.language(language).code.as_str())),
            ("translated", Value::from(section.translated)),
            ("content", Value::safe_string(&rendered.html)),
            ("toc", toc_value(&rendered.toc)),
            ("breadcrumbs", above.map_or_else(|| array([]), Value::clone)),
            ("translations", array(translations)),
            ("subsections", array(subsections)),
            ("image", document.map_or_else(Value::none, |document| self.image(document))),
            ("extra", document.map_or_else(|| object([]), extra_value)),
            ("data", document.map_or_else(|| object([]), data_value)),
            ("total", Value::from(total)),
        ])
    }

    /// A term.
    pub(crate) fn term(&self, id: TermId) -> Value {
        self.terms[id.0].clone()
    }

    fn authors(&self, page: &Page, document: &Document) -> Value {
        array(document.front.authors.iter().map(|name| {
            let term = self.site.author_term(page, name);
            let url = term.map(|term| self.site.url(&term.output));
            object([("name", Value::from(name.as_str())), ("url", none_or(url))])
        }))
    }

    fn page_terms(&self, page: &Page, document: &Document) -> Value {
        let taxonomies = self.site.config.taxonomies.iter().enumerate();
        let listed = taxonomies.clone().map(|(index, taxonomy)| {
            let terms = page.terms.iter().find(|(i, _)| *i == index);
            let values = terms.map_or(&[][..], |(_, ids)| ids).iter();
            let values = values.map(|id| self.term_links[id.0].clone());
            (taxonomy.name.clone().into(), array(values))
        });
        // What the site has no pages for is still named.
        let is_listed = |name: &str| taxonomies.clone().any(|(_, t)| t.name == name);
        let bare = |(name, _): &(String, _)| {
            object([("name", Value::from(name.as_str())), ("url", Value::none())])
        };
        let unlisted = document.front.terms.iter().filter(|(name, _)| !is_listed(name));
        let unlisted =
            unlisted.map(|(name, terms)| (name.clone().into(), array(terms.iter().map(bare))));
        table(listed.chain(unlisted))
    }

    fn image(&self, document: &Document) -> Value {
        let Some((asset, image)) = image_of(self.site, document) else { return Value::none() };
        let url = self.site.url(&asset.output);
        let picture = asset.picture.as_ref();
        let choice = picture.map(|picture| Choice::new(self.site, asset, picture));
        let entries = [
            ("url", Value::from(url.as_str())),
            ("permalink", Value::from(self.site.permalink(&asset.output))),
            ("alt", Value::from(image.alt.as_str())),
            ("credit", none_or(image.credit.as_deref())),
        ];
        table(
            entries
                .into_iter()
                .map(|(key, value)| (Key::from(key), value))
                .chain(Choice::entries(choice, &url)),
        )
    }

    fn translations(&self, page: &Page) -> Value {
        array(page.translations.iter().map(|id| {
            let other = self.site.page(*id);
            let title = &self.site.document(other.document).title;
            self.translation(other.language, title, &other.output)
        }))
    }

    fn translation(&self, language: LanguageId, title: &str, output: &OutputPath) -> Value {
        object([
            ("code", Value::from(self.site.config.language(language).code.as_str())),
            ("name", Value::from(self.theme.strings(language).get("language_name"))),
            ("url", Value::from(self.site.url(output))),
            ("title", Value::from(title)),
        ])
    }
}

/// The entries of a card, with a summary or none.
fn entries_of(
    card: &Value,
    summary: Option<&Value>,
) -> impl Iterator<Item = (Key<'static>, Value)> {
    card.as_map().into_iter().flatten().map(move |(key, value)| match key.as_str() {
        Some("summary") => (key.clone(), summary.map_or_else(Value::none, Value::clone)),
        _ => (key.clone(), value.clone()),
    })
}

fn section_link(site: &Site, section: &Section) -> Value {
    link(&section.title, &site.url(&section.output))
}

/// The picture of a document. `None` when it has none or the file is not there.
pub(crate) fn image_of<'s>(
    site: &'s Site,
    document: &'s Document,
) -> Option<(&'s Asset, &'s Image)> {
    let image = document.front.image.as_deref()?;
    Some((find_file(site, document, &image.path)?, image))
}
