//! Pages, and lists of pages.

mod head;
mod list;
mod page;

pub(super) use self::head::{description, plain_head};
use std::ops::Range;

use tera::{Context, Value};

use self::list::{
    Listing, make_section, make_term, make_term_list, own_feeds, totalled, upcoming,
    upcoming_of_term,
};
use self::page::make_page;
use crate::artifact::{Body, Rank};
use crate::config::LanguageId;
use crate::diagnostic::Diagnostic;
use crate::emit::feed::{self, FeedOf};
use crate::emit::{Made, Plan, Shows, Workshop};
use crate::model::{Document, PageId, SectionId, Site, TermId};
use crate::path::{OutputPath, SourcePath};
use crate::render::{Head, Request, escaped, image_of, near_file};

pub(super) fn plan<'s>(site: &'s Site, plan: &mut Plan<'s>) {
    for (index, page) in site.pages.iter().enumerate() {
        let source = &site.document(page.document).source.path;
        let key = plan.key(|keys| keys.page(site, PageId(index)));
        let id = PageId(index);
        let has_post = site.post_of.contains_key(&id);
        let shows = (Shows::Text(id), page.output.clone());
        plan.add_showing(shows, Rank::Page, source, key, move |workshop, handed| {
            let (made, text) = make_page(workshop, id);
            if has_post {
                handed.put(id, text);
            }
            made
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
            let what = (listing.what(&pager), feed::exists(site, own_feeds(site, id)));
            let cards = [listing.shown(&pager), &upcoming(site, id)].concat();
            let shown = [&cards, totalled(site, id)].concat();
            let key = plan.key(|keys| keys.section(site, id, what, &shown));
            let cards = (&*cards, pager.output.clone());
            plan.add_with_cards(cards, Rank::List, &source, key, move |workshop| {
                make_section(workshop, id, listing, &pager)
            });
        }
    }
    let source = SourcePath::new(crate::config::FILE);
    for list in &site.term_lists {
        let key = plan.key(|keys| keys.term_list(site, list));
        plan.add(list.output.clone(), Rank::List, &source, key, move |workshop| {
            make_term_list(workshop, list)
        });
    }
    for (index, term) in site.terms.iter().enumerate() {
        let id = TermId(index);
        let source = &site.text_of(term.pages[0]).source.path;
        let listing = Listing::of_term(site, id);
        for pager in listing.pagers(&term.output) {
            let what = (listing.what(&pager), feed::exists(site, FeedOf::Term(id)));
            let shown = [listing.shown(&pager), &upcoming_of_term(site, id)].concat();
            let key = plan.key(|keys| keys.term(site, id, what, &shown));
            let cards = (&*shown, pager.output.clone());
            plan.add_with_cards(cards, Rank::List, source, key, move |workshop| {
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
            let key = plan.key(|keys| keys.of(("404", language)));
            plan.add(path.clone(), Rank::Page, &source, key, move |workshop| {
                make_404(workshop, language, &path)
            });
        }
    }
}

/// Complains about a picture or an enclosure that is not there.
fn check_files(site: &Site, document: &Document, problems: &mut Vec<Diagnostic>) {
    let lenient = site.config.lenient();
    if let Some(image) = &document.front.image
        && image_of(site, document).is_none()
    {
        let place = document.source.place(image.span.clone());
        let near = near_file(site, document, &image.path);
        let problem = Diagnostic::missing_picture(place, &image.path, near.as_deref());
        problems.push(problem.lenient(lenient));
    }
    if let Some((path, span)) = document.front.enclosure.as_deref()
        && crate::render::find_file(site, document, path).is_none()
    {
        let place = document.source.place(span.clone());
        problems.push(Diagnostic::missing_enclosure(place, path).lenient(lenient));
    }
}

/// A template that front matter names, with the document that does.
type Named<'s> = (&'s Document, &'s (String, Range<usize>));

/// The template of a kind, when it has one of its own and the theme does too; else the usual one.
fn of_kind(
    workshop: &Workshop<'_>,
    own: Option<&'static str>,
    usual: &'static str,
) -> &'static str {
    own.filter(|name| workshop.views.theme.has(name)).unwrap_or(usual)
}

/// Fills the template that front matter names, or the usual one.
fn fill_named(
    workshop: &Workshop<'_>,
    named: Option<Named<'_>>,
    usual: &str,
    context: &Context,
    output: &OutputPath,
    mut problems: Vec<Diagnostic>,
) -> Made {
    let theme = workshop.views.theme;
    match named {
        Some((document, (name, span))) if !theme.has(name) => {
            let place = document.source.place(span.clone());
            problems.push(Diagnostic::missing_template(place, name, theme.nearest(name)));
            Made { body: None, problems }
        }
        Some((_, (name, _))) => fill(workshop, name, context, output, problems),
        None => fill(workshop, usual, context, output, problems),
    }
}

fn make_404(workshop: &Workshop<'_>, language: LanguageId, output: &OutputPath) -> Made {
    let views = &workshop.views;
    let site = views.site;
    let head = Head {
        title: views.theme.strings(language).get("not_found_title").to_owned(),
        noindex: true,
        feeds: workshop.site_feeds(language).to_vec(),
        ..Head::default()
    };
    let mut context = views.context(language, &site.url(output), &head);
    context.insert_value("feeds", Value::from(head.feeds.clone()));
    fill(workshop, "404.html", &context, output, Vec::new())
}

pub(super) fn fill(
    workshop: &Workshop<'_>,
    template: &str,
    context: &Context,
    output: &OutputPath,
    mut problems: Vec<Diagnostic>,
) -> Made {
    match workshop.views.theme.render(template, context, output.as_str()) {
        Ok(bytes) => {
            let theme = workshop.views.theme;
            // A template writes nothing but text.
            let html = str::from_utf8(&bytes).unwrap_or_default();
            for Request { element, address, host } in workshop.views.servers.requests(html) {
                let place = theme.place_of(&address).unwrap_or_else(|| theme.place(template));
                let made = output.as_str();
                problems
                    .push(Diagnostic::third_party(place, &element, &host, &address).seen_in(made));
            }
            if !shows_imprint(context, html) {
                let place = workshop.views.theme.place(template);
                problems.push(Diagnostic::imprint_not_shown(place, output.as_str()));
            }
            Made { body: Some(Body::Bytes(bytes)), problems }
        }
        Err(problem) => {
            problems.push(*problem);
            Made { body: None, problems }
        }
    }
}

/// Whether a document has the imprint in it in any form, or leads to it.
fn shows_imprint(context: &Context, document: &str) -> bool {
    let Some(imprint) = context.get("imprint").and_then(Value::as_map) else { return true };
    let mut forms = imprint.values().filter_map(Value::as_str);
    forms.any(|form| document.contains(form) || document.contains(&escaped(form)))
}
