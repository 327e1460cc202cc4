//! Pages.

use tera::Value;

use super::head::{Graph, alternate_links, description, fediverse, open_graph};
use super::{check_files, fill_named, of_kind};
use crate::emit::{Made, Workshop};
use crate::model::{Details, PageId};
use crate::render::markdown::Rendered;
use crate::render::markdown::links::Addresses;
use crate::render::{Head, JsonLd, image_of};

/// Makes a page, and gives back its text.
pub(super) fn make_page(workshop: &Workshop<'_>, id: PageId) -> (Made, Rendered) {
    let views = &workshop.views;
    let site = views.site;
    let page = site.page(id);
    let document = site.document(page.document);
    let mut problems = Vec::new();
    check_files(site, document, &mut problems);
    views.check_details(id, &mut problems);
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
    let shared = workshop.cards.of_page(site, id);
    let image = image_of(site, document).map(|(asset, _)| &asset.output);
    // A picture of a person shows that person.
    let is_person = matches!(document.details, Details::Person(_));
    let image = image.or(shared.filter(|_| !is_person).map(|shared| shared.card.output()));
    let image = image.map(|output| site.permalink(output));
    let described = description(document, &rendered);
    let head = Head {
        title: document.title.clone(),
        description: described.clone(),
        canonical: Some(original.unwrap_or_else(|| permalink.clone())),
        noindex: false,
        has_card: shared.is_some(),
        alternates: alternate_links(site, alternates),
        feeds: workshop.site_feeds(page.language).to_vec(),
        open_graph: open_graph(
            site,
            Graph {
                kind: if document.date.is_some() { "article" } else { "website" },
                title: &document.title,
                description: described,
                url: permalink,
                document: Some(document),
                language: page.language,
                shared,
            },
        ),
        fediverse: fediverse(site, &page.output, Some(id)),
        json_ld: page.translated.then(|| JsonLd::page(site, page, image.as_deref()).script()),
    };
    let mut context = views.context(page.language, &site.url(&page.output), &head);
    context.insert_value("feeds", Value::from(head.feeds.clone()));
    context.insert_value("page", value);
    views.insert_imprint(&mut context, id);
    let section = site.section(page.section).document.map(|id| site.document(id));
    let of_section = section.and_then(|s| Some((s, s.front.section.page_template.as_ref()?)));
    let own = document.front.template.as_deref().map(|name| (document, name));
    let usual = of_kind(workshop, document.kind.templates().map(|(page, _)| page), "page.html");
    let named = own.or(of_section);
    (fill_named(workshop, named, usual, &context, &page.output, problems), rendered)
}
