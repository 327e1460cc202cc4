//! Pages, and lists of pages.

use tera::{Context, Value};

use super::feed::{self, FeedOf};
use super::{Made, Plan, Workshop};
use crate::artifact::{Body, Rank};
use crate::config::{DEFAULT_LANGUAGE, LanguageId};
use crate::diagnostic::Diagnostic;
use crate::model::{Document, PageId, SectionId, Site, TermId, TermList};
use crate::path::{OutputPath, SourcePath};
use crate::render::markdown::Rendered;
use crate::render::markdown::links::Addresses;
use crate::render::{Head, JsonLd, array, none_or, object, plain_text};
use crate::render::{feeds_value, image_of, taxonomy_title};

/// Pages on the front page of a site that does not say how many.
const FRONT_PAGE_COUNT: usize = 10;

/// Characters of a description that is made from the text.
const DESCRIPTION_CHARS_MAX: usize = 200;

pub(super) fn plan<'s>(site: &'s Site, plan: &mut Plan<'s>) {
    for (index, page) in site.pages.iter().enumerate() {
        let source = &site.document(page.document).source.path;
        plan.add(page.output.clone(), Rank::Page, source, move |workshop| {
            make_page(workshop, PageId(index))
        });
    }
    for (index, section) in site.sections.iter().enumerate() {
        let id = SectionId(index);
        let source = match section.document {
            Some(document) => site.document(document).source.path.clone(),
            None => SourcePath::new(format!("content/{}", section.folder)),
        };
        let listing = Listing::of_section(site, id);
        for pager in listing.pagers(&section.output) {
            plan.add(pager.output.clone(), Rank::List, &source, move |workshop| {
                make_section(workshop, id, listing, &pager)
            });
        }
    }
    let source = SourcePath::new(crate::config::FILE);
    for list in &site.term_lists {
        plan.add(list.output.clone(), Rank::List, &source, move |workshop| {
            make_term_list(workshop, list)
        });
    }
    for (index, term) in site.terms.iter().enumerate() {
        let id = TermId(index);
        let source = &site.text_of(term.pages[0]).source.path;
        let by = site.config.taxonomies[term.taxonomy].paginate_by;
        let listing = Listing { pages: &term.pages, by };
        for pager in listing.pagers(&term.output) {
            plan.add(pager.output.clone(), Rank::List, source, move |workshop| {
                make_term(workshop, id, listing, &pager)
            });
        }
    }
    for language in site.config.language_ids() {
        let name = format!("{}404.html", site.config.prefix(language));
        if site.asset_paths.contains_key(&name) {
            continue;
        }
        if let Ok(path) = OutputPath::new(&name) {
            plan.add(path, Rank::Page, &source, move |workshop| make_404(workshop, language));
        }
    }
}

/// The pages of a list, and how many go on one of its pagers.
#[derive(Clone, Copy)]
struct Listing<'s> {
    pages: &'s [PageId],
    by: Option<usize>,
}

/// One part of a list that is too long for one document.
struct Pager {
    /// From 1.
    index: usize,
    count: usize,
    output: OutputPath,
    from: usize,
    to: usize,
}

impl<'s> Listing<'s> {
    /// The front page of a language shows the newest of all its pages.
    fn of_section(site: &'s Site, id: SectionId) -> Self {
        let section = site.section(id);
        if !section.folder.is_empty() {
            return Self { pages: &section.pages, by: section.paginate_by };
        }
        let latest = &site.latest[section.language.0];
        match section.paginate_by {
            Some(by) => Self { pages: latest, by: Some(by) },
            None => Self { pages: &latest[..latest.len().min(FRONT_PAGE_COUNT)], by: None },
        }
    }

    fn pagers(self, first: &OutputPath) -> Vec<Pager> {
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

fn make_page(workshop: &Workshop<'_>, id: PageId) -> Made {
    let views = &workshop.views;
    let site = views.site;
    let page = site.page(id);
    let document = site.document(page.document);
    let mut problems = Vec::new();
    check_files(site, document, &mut problems);
    let rendered = views.rendered(id, Addresses::Host, &mut problems);
    let value = views.page(id, &rendered);
    let permalink = site.permalink(&page.output);
    let original = page.original.map(|id| site.permalink(&site.page(id).output));
    let alternates = match page.translations.len() {
        0 | 1 => Vec::new(),
        _ => page
            .translations
            .iter()
            .map(|id| (site.page(*id).language, &site.page(*id).output))
            .collect(),
    };
    let image =
        image_of(site, document).map(|(address, _)| site.config.base_url.absolute(&address));
    let site_feeds = feed::links(site, views.theme, FeedOf::Site(page.language));
    let described = description(document, &rendered);
    let head = Head {
        title: document.title.clone(),
        description: described.clone(),
        canonical: Some(original.unwrap_or_else(|| permalink.clone())),
        noindex: false,
        alternates: alternate_links(site, alternates),
        feeds: site_feeds.clone(),
        open_graph: open_graph(
            site,
            views.theme,
            Graph {
                kind: if document.date.is_some() { "article" } else { "website" },
                title: &document.title,
                description: described,
                url: permalink,
                document: Some(document),
                language: page.language,
            },
        ),
        json_ld: page.translated.then(|| JsonLd::page(site, page, image.as_deref()).script()),
    };
    let mut context = views.context(page.language, &site.url(&page.output), &head);
    context.insert_value("feeds", feeds_value(&site_feeds));
    context.insert_value("page", value);
    let section = site.section(page.section).document.map(|id| &site.document(id).front);
    let from_section = section.and_then(|front| front.section.page_template.as_ref());
    let own = document.front.template.as_ref();
    let template = own.or(from_section).map_or("page.html", |(name, _)| name);
    if let Some(problem) = missing_template(workshop, site, document, page.section) {
        problems.push(problem);
        return Made { body: None, problems };
    }
    fill(workshop, template, &context, &page.output, problems)
}

/// Says that a template that front matter names is not there.
fn missing_template(
    workshop: &Workshop<'_>,
    site: &Site,
    document: &Document,
    section: SectionId,
) -> Option<Diagnostic> {
    let theme = workshop.views.theme;
    let section = site.section(section).document.map(|id| site.document(id));
    let of_section = section.and_then(|s| Some((s, s.front.section.page_template.as_ref()?)));
    let own = document.front.template.as_ref().map(|template| (document, template));
    let (document, (name, span)) = own.or(of_section)?;
    if theme.has(name) {
        return None;
    }
    let place = document.source.place(span.clone());
    Some(Diagnostic::missing_template(place, name, theme.nearest(name)))
}

/// Complains about a picture or an enclosure that is not there.
fn check_files(site: &Site, document: &Document, problems: &mut Vec<Diagnostic>) {
    let lenient = site.config.lenient();
    if let Some(image) = &document.front.image
        && image_of(site, document).is_none()
    {
        let place = document.source.place(image.span.clone());
        problems.push(Diagnostic::missing_picture(place, &image.path).lenient(lenient));
    }
    if let Some((path, span)) = &document.front.enclosure
        && crate::render::find_file(site, document, path).is_none()
    {
        let place = document.source.place(span.clone());
        problems.push(Diagnostic::missing_enclosure(place, path).lenient(lenient));
    }
}

fn make_section(
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
    let mut problems = Vec::new();
    if let Some(document) = document {
        check_files(site, document, &mut problems);
    }
    let rendered = views.rendered_section(section, &mut problems);
    let site_language = site.config.language(section.language);
    let described = document.and_then(|document| description(document, &rendered));
    let described = described.or_else(|| site_language.description.clone().filter(|_| is_home));
    let alternates: Vec<_> = match (section.translations.len(), pager.index) {
        (2.., 1) => {
            let others = section.translations.iter().map(|id| site.section(*id));
            others.map(|other| (other.language, &other.output)).collect()
        }
        _ => Vec::new(),
    };
    let own_feeds = if is_home { FeedOf::Site(section.language) } else { FeedOf::Section(id) };
    let title = numbered(workshop, section.language, &section.title, pager);
    let permalink = site.permalink(&pager.output);
    let json_ld = is_home.then(|| {
        JsonLd::site(site, &site_language.code, &site_language.title, described.as_deref()).script()
    });
    let head = Head {
        open_graph: open_graph(
            site,
            views.theme,
            Graph {
                kind: "website",
                title: &title,
                description: described.clone(),
                url: permalink.clone(),
                document,
                language: section.language,
            },
        ),
        title,
        description: described,
        canonical: Some(permalink),
        noindex: false,
        alternates: alternate_links(site, alternates),
        feeds: discovered(workshop, section.language, own_feeds),
        json_ld,
    };
    let mut context = views.context(section.language, &site.url(&pager.output), &head);
    context.insert_value("section", views.section(id, &rendered, listing.pages.len()));
    let first = &section.output;
    insert_list(workshop, &mut context, listing, pager, first, own_feeds);
    let default = if is_home { "index.html" } else { "section.html" };
    let named =
        document.and_then(|d| d.front.template.as_ref().map(|(name, span)| (d, name, span)));
    if let Some((document, name, span)) = named.filter(|(_, name, _)| !views.theme.has(name)) {
        let place = document.source.place(span.clone());
        problems.push(Diagnostic::missing_template(place, name, views.theme.nearest(name)));
        return Made { body: None, problems };
    }
    let template = named.map_or(default, |(_, name, _)| name);
    fill(workshop, template, &context, &pager.output, problems)
}

fn make_term_list(workshop: &Workshop<'_>, list: &TermList) -> Made {
    let views = &workshop.views;
    let site = views.site;
    let title = taxonomy_title(
        views.theme.strings(list.language),
        &site.config.taxonomies[list.taxonomy].name,
    );
    let head = plain_head(workshop, list.language, title, &list.output, None);
    let mut context = views.context(list.language, &site.url(&list.output), &head);
    context.insert_value("taxonomy", taxonomy_value(workshop, list.taxonomy, list.language));
    context.insert_value("terms", array(list.terms.iter().map(|id| views.term(*id))));
    let site_feeds = feed::links(site, views.theme, FeedOf::Site(list.language));
    context.insert_value("feeds", feeds_value(&site_feeds));
    fill(workshop, "taxonomy_list.html", &context, &list.output, Vec::new())
}

fn make_term(workshop: &Workshop<'_>, id: TermId, listing: Listing<'_>, pager: &Pager) -> Made {
    let views = &workshop.views;
    let site = views.site;
    let term = site.term(id);
    let title = numbered(workshop, term.language, &term.name, pager);
    let feed = FeedOf::Term(id);
    let mut head = plain_head(workshop, term.language, title, &pager.output, Some(feed));
    if site.config.taxonomies[term.taxonomy].name == "authors" {
        head.json_ld = Some(JsonLd::person(site, term).script());
    }
    let mut context = views.context(term.language, &site.url(&pager.output), &head);
    context.insert_value("taxonomy", taxonomy_value(workshop, term.taxonomy, term.language));
    context.insert_value("term", views.term(id));
    insert_list(workshop, &mut context, listing, pager, &term.output, feed);
    fill(workshop, "taxonomy_single.html", &context, &pager.output, Vec::new())
}

fn make_404(workshop: &Workshop<'_>, language: LanguageId) -> Made {
    let views = &workshop.views;
    let site = views.site;
    let name = format!("{}404.html", site.config.prefix(language));
    let Ok(output) = OutputPath::new(&name) else { return Made::default() };
    let head = Head {
        title: views.theme.strings(language).get("not_found_title").to_owned(),
        noindex: true,
        feeds: feed::links(site, views.theme, FeedOf::Site(language)),
        ..Head::default()
    };
    let mut context = views.context(language, &site.url(&output), &head);
    context.insert_value("feeds", feeds_value(&head.feeds));
    fill(workshop, "404.html", &context, &output, Vec::new())
}

fn fill(
    workshop: &Workshop<'_>,
    template: &str,
    context: &Context,
    output: &OutputPath,
    mut problems: Vec<Diagnostic>,
) -> Made {
    match workshop.views.theme.render(template, context, output.as_str()) {
        Ok(bytes) => Made { body: Some(Body::Bytes(bytes)), problems },
        Err(problem) => {
            problems.push(*problem);
            Made { body: None, problems }
        }
    }
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
    let cards = listing.pages[pager.from..pager.to].iter().map(|id| views.card(*id));
    context.insert_value("pages", array(cards));
    let url = |index: usize| pager_output(first, index).map(|output| views.site.url(&output));
    let paginator = if pager.count == 1 {
        Value::none()
    } else {
        let pagers = (1..=pager.count)
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
    context.insert_value("feeds", feeds_value(&feed::links(views.site, views.theme, feeds)));
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

fn plain_head(
    workshop: &Workshop<'_>,
    language: LanguageId,
    title: String,
    output: &OutputPath,
    feed: Option<FeedOf>,
) -> Head {
    let site = workshop.views.site;
    let graph = Graph {
        kind: "website",
        title: &title,
        description: None,
        url: site.permalink(output),
        document: None,
        language,
    };
    Head {
        open_graph: open_graph(site, workshop.views.theme, graph),
        title,
        canonical: Some(site.permalink(output)),
        feeds: discovered(workshop, language, feed.unwrap_or(FeedOf::Site(language))),
        ..Head::default()
    }
}

/// The feeds for autodiscovery: those of the document first, then those of the site.
fn discovered(
    workshop: &Workshop<'_>,
    language: LanguageId,
    own: FeedOf,
) -> Vec<crate::render::FeedLink> {
    let (site, theme) = (workshop.views.site, workshop.views.theme);
    let mut links = feed::links(site, theme, own);
    if own != FeedOf::Site(language) {
        links.extend(feed::links(site, theme, FeedOf::Site(language)));
    }
    links
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

/// What is written for the page, else the beginning of its text.
fn description(document: &Document, rendered: &Rendered) -> Option<String> {
    if let Some(description) = &document.front.description {
        return Some(description.clone());
    }
    let text = plain_text(rendered.summary.as_deref()?);
    if text.chars().count() <= DESCRIPTION_CHARS_MAX {
        return Some(text).filter(|text| !text.is_empty());
    }
    let cut: String = text.chars().take(DESCRIPTION_CHARS_MAX).collect();
    let end = cut.rfind(' ').unwrap_or(cut.len());
    Some(format!("{}…", &cut[..end]))
}

fn alternate_links(
    site: &Site,
    translations: Vec<(LanguageId, &OutputPath)>,
) -> Vec<(String, String)> {
    let mut links: Vec<(String, String)> = Vec::with_capacity(translations.len() + 1);
    for (language, output) in translations {
        let url = site.permalink(output);
        if language == DEFAULT_LANGUAGE {
            links.push(("x-default".to_owned(), url.clone()));
        }
        links.push((site.config.language(language).code.clone(), url));
    }
    links
}

/// What a card in social media shows.
struct Graph<'a> {
    kind: &'static str,
    title: &'a str,
    description: Option<String>,
    url: String,
    document: Option<&'a Document>,
    language: LanguageId,
}

/// `OpenGraph` properties, in the order of ogp.me.
fn open_graph(
    site: &Site,
    theme: &crate::render::Theme,
    graph: Graph<'_>,
) -> Vec<(&'static str, String)> {
    let Graph { kind, title, description, url, document, language } = graph;
    let mut properties = vec![
        ("og:type", kind.to_owned()),
        ("og:title", title.to_owned()),
        ("og:url", url),
        ("og:site_name", site.config.language(language).title.clone()),
        ("og:locale", site.config.language(language).code.replace('-', "_")),
    ];
    properties.extend(description.map(|text| ("og:description", text)));
    let image = document.and_then(|document| image_of(site, document)).or_else(|| {
        let image = site.config.image.as_ref()?;
        let index = site.asset_paths.get(image.path.trim_start_matches('/'))?;
        Some((site.assets[*index].output.address(), image.alt.clone()))
    });
    if let Some((address, alt)) = image {
        properties.push(("og:image", site.config.base_url.absolute(&address)));
        properties.push(("og:image:alt", alt));
    }
    if let Some(document) = document.filter(|document| document.date.is_some()) {
        let published = document.date.map(|moment| moment.to_string());
        properties.extend(published.map(|moment| ("article:published_time", moment)));
        let updated = document.front.updated.map(|moment| moment.to_string());
        properties.extend(updated.map(|moment| ("article:modified_time", moment)));
        properties.extend(document.front.authors.iter().map(|a| ("article:author", a.clone())));
    }
    let _ = theme;
    properties
}
