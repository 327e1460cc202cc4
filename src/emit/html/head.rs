//! What stands in the head of documents, for browsers, search engines and social media.

use tera::Value;

use crate::config::{ActorId, DEFAULT_LANGUAGE, LanguageId};
use crate::emit::Workshop;
use crate::emit::cards::Shared;
use crate::emit::feed::{self, FeedOf};
use crate::model::{Document, PageId, Site};
use crate::path::OutputPath;
use crate::pictures::CARD_SIZE;
use crate::render::markdown::Rendered;
use crate::render::{Head, InFediverse, image_of, plain_text};

/// Characters of a description that is made from the text.
const DESCRIPTION_CHARS_MAX: usize = 200;

pub(in crate::emit) fn plain_head(
    workshop: &Workshop<'_>,
    language: LanguageId,
    title: String,
    output: &OutputPath,
    feed: FeedOf,
) -> Head {
    let site = workshop.views.site;
    // Such a page has no text of its own that could be cut out.
    let description = site.config.language(language).description.clone();
    let graph = Graph {
        kind: "website",
        title: &title,
        description: description.clone(),
        url: site.permalink(output),
        document: None,
        language,
        shared: workshop.cards.of_section(site.home(language)),
    };
    Head {
        has_card: graph.shared.is_some(),
        open_graph: open_graph(site, graph),
        title,
        description,
        canonical: Some(site.permalink(output)),
        feeds: discovered(workshop, language, feed),
        fediverse: fediverse(site, output, None),
        ..Head::default()
    }
}

/// The feeds for autodiscovery: those of the document first, then those of the site.
pub(super) fn discovered(workshop: &Workshop<'_>, language: LanguageId, own: FeedOf) -> Vec<Value> {
    let site_feeds = workshop.site_feeds(language);
    if own == FeedOf::Site(language) {
        return site_feeds.to_vec();
    }
    let mut links = feed::links(workshop.views.site, workshop.views.theme, own);
    links.extend_from_slice(site_feeds);
    links
}

/// What of a document is on the fediverse: the post of its page, or the account that it shows. What
/// is neither is by the first account.
pub(super) fn fediverse(site: &Site, output: &OutputPath, page: Option<PageId>) -> InFediverse {
    let post = page.and_then(|page| site.post_of.get(&page)).map(|id| site.post(*id));
    let shown: Vec<ActorId> =
        site.config.actor_ids().filter(|id| site.account(*id).page == *output).collect();
    let speaker = post.map(|post| post.actor).or(shown.first().copied());
    let speaker = speaker.or_else(|| site.config.actor_ids().next());
    let account = shown.first().map(|id| &site.account(*id).id);
    // A profile that links here gets its tick when there is a link back.
    let mut me: Vec<String> = Vec::new();
    for id in shown {
        let links = site.config.actor(id).fields.iter().map(|(_, value)| value.clone());
        let links = links.filter(|value| value.starts_with("https://"));
        for url in std::iter::once(site.permalink(output)).chain(links) {
            if !me.contains(&url) {
                me.push(url);
            }
        }
    }
    InFediverse {
        document: post.map(|post| &post.id).or(account).cloned(),
        creator: speaker.map(|id| format!("@{}", site.account(id).handle)),
        me,
    }
}

/// What is written for the page, else the beginning of its text.
pub(in crate::emit) fn description(document: &Document, rendered: &Rendered) -> Option<String> {
    if let Some(description) = &document.front.description {
        return Some(description.clone());
    }
    let text = plain_text(rendered.summary.as_deref()?);
    let Some((end, _)) = text.char_indices().nth(DESCRIPTION_CHARS_MAX) else {
        return Some(text).filter(|text| !text.is_empty());
    };
    let cut = &text[..end];
    Some(format!("{}…", &cut[..cut.rfind(' ').unwrap_or(end)]))
}

pub(super) fn alternate_links(
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
pub(super) struct Graph<'a> {
    pub(super) kind: &'static str,
    pub(super) title: &'a str,
    pub(super) description: Option<String>,
    pub(super) url: String,
    pub(super) document: Option<&'a Document>,
    pub(super) language: LanguageId,
    /// Its share picture, when it has one.
    pub(super) shared: Option<&'a Shared>,
}

/// `OpenGraph` properties, in the order of ogp.me.
pub(super) fn open_graph(site: &Site, graph: Graph<'_>) -> Vec<(&'static str, String)> {
    let Graph { kind, title, description, url, document, language, shared } = graph;
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
        Some((&site.assets[*index], image))
    });
    if let Some(Shared { card, alt }) = shared {
        let (width, height) = CARD_SIZE;
        properties.push(("og:image", site.permalink(card.output())));
        properties.push(("og:image:type", card.media_type().to_owned()));
        properties.push(("og:image:width", width.to_string()));
        properties.push(("og:image:height", height.to_string()));
        properties.push(("og:image:alt", alt.clone()));
    } else if let Some((asset, image)) = image {
        properties.push(("og:image", site.permalink(&asset.output)));
        properties.push(("og:image:alt", image.alt.clone()));
    }
    if let Some(document) = document.filter(|document| document.date.is_some()) {
        let published = document.date.map(|moment| moment.to_string());
        properties.extend(published.map(|moment| ("article:published_time", moment)));
        let updated = document.front.updated.map(|moment| moment.to_string());
        properties.extend(updated.map(|moment| ("article:modified_time", moment)));
        properties.extend(document.front.authors.iter().map(|a| ("article:author", a.clone())));
    }
    properties
}
