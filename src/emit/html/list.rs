//! Lists of pages: sections and terms, in as many pagers as they need.

use tera::{Context, Value};

use super::head::{
    Graph, alternate_links, description, discovered, fediverse, open_graph, plain_head,
};
use super::{check_files, fill, fill_named, of_kind};
use crate::config::LanguageId;
use crate::emit::calendar;
use crate::emit::feed::{self, FeedOf};
use crate::emit::{Made, Workshop};
use crate::model::{Kind, PageId, SectionId, Site, TermId, TermList};
use crate::path::OutputPath;
use crate::render::{Head, JsonLd, array, none_or, object, taxonomy_title};

/// Pages on the front page of a site that does not say how many.
const FRONT_PAGE_COUNT: usize = 10;

/// Events on a front page.
const UPCOMING_COUNT: usize = 4;

/// Pagers before and after this one that it names, besides the first and the last. All of
/// them in each would grow with the square of the posts.
const PAGERS_NEAR: usize = 3;

/// The pages of a list, and how many go on one of its pagers.
#[derive(Clone, Copy)]
pub(super) struct Listing<'s> {
    pages: &'s [PageId],
    by: Option<usize>,
}

/// One part of a list that is too long for one document.
pub(super) struct Pager {
    /// From 1.
    index: usize,
    count: usize,
    pub(super) output: OutputPath,
    from: usize,
    to: usize,
}

impl<'s> Listing<'s> {
    /// The front page of a language shows the newest of all its pages but events, which have a
    /// place of their own there.
    pub(super) fn of_section(site: &'s Site, id: SectionId) -> Self {
        let section = site.section(id);
        if !section.folder.is_empty() {
            return Self { pages: &section.pages, by: section.paginate_by };
        }
        let latest = &site.front[section.language.0];
        match section.paginate_by {
            Some(by) => Self { pages: latest, by: Some(by) },
            None => Self { pages: &latest[..latest.len().min(FRONT_PAGE_COUNT)], by: None },
        }
    }

    /// A term shows all its pages.
    pub(super) fn of_term(site: &'s Site, id: TermId) -> Self {
        let term = site.term(id);
        Self { pages: &term.pages, by: site.config.taxonomies[term.taxonomy].paginate_by }
    }

    /// The pages on one pager.
    pub(super) fn shown(self, pager: &Pager) -> &'s [PageId] {
        &self.pages[pager.from..pager.to]
    }

    /// What a pager shows besides its pages.
    pub(super) fn what(self, pager: &Pager) -> (usize, usize, usize) {
        (pager.index, pager.count, self.pages.len())
    }

    pub(super) fn pagers(self, first: &OutputPath) -> Vec<Pager> {
        let total = self.pages.len();
        let by = self.by.unwrap_or(total).max(1);
        let count = total.div_ceil(by).max(1);
        let output = |index: usize| pager_output(first, index);
        (1..=count)
            .filter_map(|index| {
                let (from, to) = ((index - 1) * by, (index * by).min(total));
                Some(Pager { index, count, output: output(index)?, from, to })
            })
            .collect()
    }
}

/// `news/index.html`, then `news/page/2/index.html`.
fn pager_output(first: &OutputPath, index: usize) -> Option<OutputPath> {
    if index == 1 {
        return Some(first.clone());
    }
    first.sibling(&format!("page/{index}/index.html")).ok()
}

/// The events that a front page names: those that are to come next. Nothing for other sections.
pub(super) fn upcoming(site: &Site, id: SectionId) -> Vec<PageId> {
    let section = site.section(id);
    if !section.folder.is_empty() {
        return Vec::new();
    }
    to_come(site, section.language).take(UPCOMING_COUNT).collect()
}

/// The notices of which a section of them shows the totals. Nothing for other sections.
pub(super) fn totalled(site: &Site, id: SectionId) -> &[PageId] {
    let section = site.section(id);
    if section.kind == Kind::Notice { &site.notices[section.language.0] } else { &[] }
}

/// The events of a term that are to come.
pub(super) fn upcoming_of_term(site: &Site, id: TermId) -> Vec<PageId> {
    let has_term = |page: &PageId| site.page(*page).terms.iter().any(|(_, ids)| ids.contains(&id));
    to_come(site, site.term(id).language).filter(has_term).collect()
}

fn to_come(site: &Site, language: LanguageId) -> impl Iterator<Item = PageId> {
    let events = site.events[language.0].iter().copied();
    events.take_while(|id| site.text_of(*id).event().is_some_and(|event| !event.past))
}

/// The feeds of the front page are those of the site.
pub(super) fn own_feeds(site: &Site, id: SectionId) -> FeedOf {
    let section = site.section(id);
    if section.folder.is_empty() { FeedOf::Site(section.language) } else { FeedOf::Section(id) }
}

pub(super) fn make_section(
    workshop: &Workshop<'_>,
    id: SectionId,
    listing: Listing<'_>,
    pager: &Pager,
) -> Made {
    let views = &workshop.views;
    let site = views.site;
    let section = site.section(id);
    let document = section.document.map(|id| site.document(id));
    let is_home = section.folder.is_empty();
    let (rendered, problems) = workshop.section_text(id);
    let mut problems = problems.clone();
    if let Some(document) = document {
        check_files(site, document, &mut problems);
    }
    let site_language = site.config.language(section.language);
    let described = document.and_then(|document| description(document, rendered));
    let described = described.or_else(|| site_language.description.clone().filter(|_| is_home));
    let alternates: Vec<_> = match (section.translations.len(), pager.index) {
        (2.., 1) => {
            let others = section.translations.iter().map(|id| site.section(*id));
            others.map(|other| (other.language, &other.output)).collect()
        }
        _ => Vec::new(),
    };
    let own_feeds = own_feeds(site, id);
    let title = numbered(workshop, section.language, &section.title, pager);
    let permalink = site.permalink(&pager.output);
    let json_ld =
        is_home.then(|| JsonLd::site(site, section.language, described.as_deref()).script());
    let shared = workshop.cards.of_section(id);
    let head = Head {
        has_card: shared.is_some(),
        open_graph: open_graph(
            site,
            Graph {
                kind: "website",
                title: &title,
                description: described.clone(),
                url: permalink.clone(),
                document,
                language: section.language,
                shared,
            },
        ),
        title,
        description: described,
        canonical: Some(permalink),
        noindex: false,
        alternates: alternate_links(site, alternates),
        feeds: discovered(workshop, section.language, own_feeds),
        fediverse: fediverse(site, &pager.output, None),
        json_ld,
    };
    let mut context = views.context(section.language, &site.url(&pager.output), &head);
    context.insert_value("section", views.section(id, rendered, listing.pages.len()));
    if is_home {
        let next = upcoming(site, id).into_iter().map(|id| views.card(id));
        context.insert_value("upcoming", array(next));
    }
    context.insert_value("calendar", calendar::link(workshop, own_feeds));
    let of_notices = section.kind == Kind::Notice && site.config.notices.is_some();
    let notices = of_notices.then(|| views.notices_value(section.language));
    context.insert_value("notices", none_or(notices));
    let first = &section.output;
    insert_list(workshop, &mut context, listing, pager, first, own_feeds);
    let list = section.kind.templates().map(|(_, list)| list).filter(|_| !is_home);
    let default = of_kind(workshop, list, if is_home { "index.html" } else { "section.html" });
    let named = document.and_then(|d| Some((d, d.front.template.as_deref()?)));
    fill_named(workshop, named, default, &context, &pager.output, problems)
}

pub(super) fn make_term_list(workshop: &Workshop<'_>, list: &TermList) -> Made {
    let views = &workshop.views;
    let site = views.site;
    let title = taxonomy_title(
        views.theme.strings(list.language),
        &site.config.taxonomies[list.taxonomy].name,
    );
    let site_feeds = FeedOf::Site(list.language);
    let head = plain_head(workshop, list.language, title, &list.output, site_feeds);
    let mut context = views.context(list.language, &site.url(&list.output), &head);
    context.insert_value("taxonomy", taxonomy_value(workshop, list.taxonomy, list.language));
    context.insert_value("terms", array(list.terms.iter().map(|id| views.term(*id))));
    context.insert_value("feeds", Value::from(head.feeds.clone()));
    fill(workshop, "taxonomy_list.html", &context, &list.output, Vec::new())
}

pub(super) fn make_term(
    workshop: &Workshop<'_>,
    id: TermId,
    listing: Listing<'_>,
    pager: &Pager,
) -> Made {
    let views = &workshop.views;
    let site = views.site;
    let term = site.term(id);
    let title = numbered(workshop, term.language, &term.name, pager);
    let feed = FeedOf::Term(id);
    let mut head = plain_head(workshop, term.language, title, &pager.output, feed);
    if site.config.taxonomies[term.taxonomy].name == "authors" {
        head.json_ld = Some(JsonLd::person(site, term).script());
    }
    let mut context = views.context(term.language, &site.url(&pager.output), &head);
    context.insert_value("taxonomy", taxonomy_value(workshop, term.taxonomy, term.language));
    context.insert_value("term", views.term(id));
    context.insert_value("calendar", calendar::link(workshop, feed));
    let next = upcoming_of_term(site, id).into_iter().map(|id| views.card(id));
    context.insert_value("upcoming", array(next));
    insert_list(workshop, &mut context, listing, pager, &term.output, feed);
    fill(workshop, "taxonomy_single.html", &context, &pager.output, Vec::new())
}

/// The values of a list: its pages, where the other pagers are, its feeds.
fn insert_list(
    workshop: &Workshop<'_>,
    context: &mut Context,
    listing: Listing<'_>,
    pager: &Pager,
    first: &OutputPath,
    feeds: FeedOf,
) {
    let views = &workshop.views;
    let cards = listing.shown(pager).iter().map(|id| views.card(*id));
    context.insert_value("pages", array(cards));
    let url = |index: usize| pager_output(first, index).map(|output| views.site.url(&output));
    let paginator = if pager.count == 1 {
        Value::none()
    } else {
        let near = |index: &usize| {
            *index == 1 || *index == pager.count || index.abs_diff(pager.index) <= PAGERS_NEAR
        };
        let pagers = (1..=pager.count)
            .filter(near)
            .map(|index| object([("index", Value::from(index)), ("url", none_or(url(index)))]));
        object([
            ("index", Value::from(pager.index)),
            ("count", Value::from(pager.count)),
            ("first", none_or(url(1))),
            ("last", none_or(url(pager.count))),
            ("previous", none_or(Some(pager.index - 1).filter(|i| *i > 0).and_then(url))),
            ("next", none_or(Some(pager.index + 1).filter(|i| *i <= pager.count).and_then(url))),
            ("pagers", array(pagers)),
        ])
    };
    context.insert_value("paginator", paginator);
    context.insert_value("feeds", array(feed::links(views.site, views.theme, feeds)));
}

fn taxonomy_value(workshop: &Workshop<'_>, taxonomy: usize, language: LanguageId) -> Value {
    let site = workshop.views.site;
    let name = &site.config.taxonomies[taxonomy].name;
    let is_it = |list: &&TermList| list.taxonomy == taxonomy && list.language == language;
    let url = site.term_lists.iter().find(is_it).map(|list| site.url(&list.output));
    object([
        ("name", Value::from(name.as_str())),
        ("title", Value::from(taxonomy_title(workshop.views.theme.strings(language), name))),
        ("url", none_or(url)),
    ])
}

/// The title of a pager after the first has its number.
fn numbered(workshop: &Workshop<'_>, language: LanguageId, title: &str, pager: &Pager) -> String {
    if pager.index == 1 {
        return title.to_owned();
    }
    let text = workshop.views.theme.strings(language).get("page_of");
    let text = text.replace("{index}", &pager.index.to_string());
    format!("{title} – {}", text.replace("{count}", &pager.count.to_string()))
}
