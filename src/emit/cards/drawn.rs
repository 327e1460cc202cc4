//! What is on the share picture of each page and section.

use std::sync::Arc;

use rayon::prelude::*;

use super::{Cards, Shared};
use crate::artifact::Rank;
use crate::config::{self, Corners, FILE, Header, LanguageId, Look};
use crate::diagnostic::{Diagnostic, Place};
use crate::emit::{Made, Plan, Workshop};
use crate::limits::DRAWING_BYTES_MAX;
use crate::model::{Asset, Details, Document, DocumentId, Page, Person, Section, Site};
use crate::path::{OutputPath, SourcePath};
use crate::pictures::{Card, CardProblem, Content, Original, Style};
use crate::render::{ImprintText, Theme, event_period, image_of};

/// The point of a photo that is kept when nobody says which: heads are in its upper half.
const FOCUS: (f64, f64) = (0.0, 0.25);

/// What somebody shares.
struct Subject<'s> {
    output: &'s OutputPath,
    document: Option<&'s Document>,
    language: LanguageId,
    title: &'s str,
    above: String,
    below: String,
}

/// The share pictures of a site.
pub(super) fn all(site: &Site, theme: &Theme) -> Cards {
    let mut problems = Vec::new();
    let languages = site.config.language_ids();
    let bases: Vec<Option<Content>> =
        languages.map(|language| base(site, theme, language, &mut problems)).collect();
    let make = |subject: Subject<'_>| {
        let base = bases[subject.language.0].as_ref()?;
        Some(shared(site, theme, base, &subject))
    };
    let pages = site.pages.par_iter().map(|page| make(of_page(site, theme, page)?));
    let sections = site.sections.par_iter().map(|section| make(of_section(site, section)?));
    let (pages, sections): (Vec<_>, Vec<_>) = (pages.collect(), sections.collect());
    let mut told = |made: Option<Result<Option<Arc<Shared>>, Box<Diagnostic>>>| {
        made?.unwrap_or_else(|problem| {
            problems.push(*problem);
            None
        })
    };
    let pages = pages.into_iter().map(&mut told).collect();
    let sections = sections.into_iter().map(&mut told).collect();
    Cards { pages, sections, problems }
}

/// Lists them.
pub(super) fn plan<'s>(site: &'s Site, plan: &mut Plan<'s>) {
    let cards = Arc::clone(&plan.cards);
    let source_of = |document: DocumentId| site.document(document).source.path.clone();
    let pages = site.pages.iter().map(|page| source_of(page.document)).zip(&cards.pages);
    let sections = site
        .sections
        .iter()
        .map(|section| section.document.map_or_else(|| SourcePath::new(FILE), source_of));
    let all = pages.chain(sections.zip(&cards.sections));
    let all = all.filter_map(|(source, shared)| Some((source, Arc::clone(shared.as_ref()?))));
    for (index, (source, shared)) in all.enumerate() {
        let (output, card) = (shared.card.output().clone(), shared.card.key());
        let key = plan.key(|keys| keys.of(("card", card)));
        // What is wrong with the logo is told once.
        let is_first = index == 0;
        plan.add(output, Rank::Asset, &source.clone(), key, move |workshop| {
            make(workshop, &shared.card, &source, is_first)
        });
    }
}

fn make(workshop: &Workshop<'_>, card: &Card, source: &SourcePath, is_first: bool) -> Made {
    let lack = is_first.then(|| workshop.studio.logo_lack(card)).flatten();
    let lack = lack.map(|(path, lack)| Diagnostic::logo_not_drawn(Place::file(path), lack));
    let mut problems: Vec<Diagnostic> = lack.into_iter().collect();
    match workshop.studio.card(card) {
        Ok(bytes) => Made { problems, ..Made::bytes(bytes) },
        Err(fault) => {
            problems.push(Diagnostic::picture_fault(Place::file(source), fault));
            Made { body: None, problems }
        }
    }
}

/// What all share pictures of a language have in common. Nothing, and a problem, when not even that
/// can be shown.
fn base(
    site: &Site,
    theme: &Theme,
    language: LanguageId,
    problems: &mut Vec<Diagnostic>,
) -> Option<Content> {
    let look = site.config.look.as_ref();
    let logo = look.and_then(|look| look.logo.as_ref());
    let icon = look.and_then(|look| Some(&look.icon.as_ref()?.0));
    let path = logo.map(|logo| &logo.path).or(icon);
    let name = &site.config.language(language).title;
    let imprint = site.imprint(None, language);
    let content = Content {
        site: name.clone(),
        is_in_logo: logo.is_some_and(|logo| !logo.alt.is_empty()),
        title: name.clone(),
        above: String::new(),
        below: String::new(),
        imprint: imprint.map_or_else(String::new, |imprint| {
            ImprintText::new(imprint, theme.strings(language)).short
        }),
        logo: path.and_then(|path| original(in_static(site, path)?)),
        photo: None,
        focus: FOCUS,
        style: style(look),
    };
    let home = &site.section(site.home(language)).output;
    match Card::new(home, content.clone()) {
        Ok(_) => Some(content),
        Err(problem) => {
            problems.push(problem_at(Place::named(FILE), problem));
            None
        }
    }
}

fn style(look: Option<&Look>) -> Style {
    let palette = look.map_or_else(config::plain_palette, |look| look.light);
    let is_banner = look.is_some_and(|look| look.header == Header::Banner);
    Style {
        ground: palette.band,
        shade: palette.band_shade(),
        text: palette.on_band,
        // A logo is made for what it stands on at the top of every page.
        paper: if is_banner { palette.band } else { palette.ground },
        round: look.is_none_or(|look| look.corners == Corners::Round),
    }
}

fn shared(
    site: &Site,
    theme: &Theme,
    base: &Content,
    subject: &Subject<'_>,
) -> Result<Option<Arc<Shared>>, Box<Diagnostic>> {
    let Subject { output, document, language, title, above, below } = subject;
    let photo = document.and_then(|document| image_of(site, document)).or_else(|| {
        let image = site.config.image.as_ref()?;
        Some((in_static(site, &image.path)?, image))
    });
    let own = document.and_then(|document| document.front.imprint.as_deref());
    let content = Content {
        title: (*title).to_owned(),
        site: if *title == base.title { String::new() } else { base.site.clone() },
        above: above.clone(),
        below: below.clone(),
        imprint: own.map_or_else(
            || base.imprint.clone(),
            |own| ImprintText::new(own, theme.strings(*language)).short,
        ),
        photo: photo.and_then(|(asset, _)| original(asset)),
        focus: document.and_then(|document| document.front.post.image_focus).unwrap_or(FOCUS),
        ..base.clone()
    };
    let name = &site.config.language(*language).title;
    let mut alt = if title == name { name.clone() } else { format!("{title} – {name}") };
    // A drawing may be left out.
    if let (Some((_, image)), Some(Original::Pixels(..))) = (photo, &content.photo)
        && !image.alt.is_empty()
    {
        alt = format!("{alt}. {}", image.alt);
    }
    match Card::new(output, content) {
        Ok(card) => Ok(card.map(|card| Arc::new(Shared { card, alt }))),
        Err(problem) => {
            let place = match document {
                Some(document) => Place::file(&document.source.path),
                None => Place::named(FILE),
            };
            Err(Box::new(problem_at(place, problem)))
        }
    }
}

fn problem_at(place: Place, problem: CardProblem) -> Diagnostic {
    match problem {
        CardProblem::Letters(letters) => Diagnostic::letters_not_drawn(place, &letters),
        CardProblem::LongImprint => Diagnostic::imprint_not_drawn(place),
    }
}

/// A page, unless it wants none or shows the text of another.
fn of_page<'s>(site: &'s Site, theme: &Theme, page: &'s Page) -> Option<Subject<'s>> {
    let document = site.document(page.document);
    if page.original.is_some() || document.front.no_share_picture {
        return None;
    }
    let strings = theme.strings(page.language);
    let section = site.section(page.section);
    let of_section = Some(section.title.as_str()).filter(|_| !section.folder.is_empty());
    let date = document.date.map(|date| strings.date(date));
    let news = [of_section.map(str::to_owned), date].into_iter().flatten().collect::<Vec<_>>();
    let (above, below) = match (&document.details, document.event()) {
        (_, Some(event)) => {
            let when = event_period(site, event, strings);
            let cancelled = event.cancelled.then(|| strings.get("event_cancelled").to_owned());
            let above = cancelled.into_iter().chain([when]).collect::<Vec<_>>().join(" · ");
            (above, event.location.clone().unwrap_or_default())
        }
        (Details::Person(person), _) => {
            let Person { role, ward, .. } = &**person;
            let said: Vec<&str> = [role, ward].into_iter().flatten().map(String::as_str).collect();
            (String::new(), said.join(", "))
        }
        _ => (news.join(" · "), String::new()),
    };
    let title = document.title.as_str();
    let (output, language, document) = (&page.output, page.language, Some(document));
    Some(Subject { output, document, language, title, above, below })
}

/// A section, unless it wants none.
fn of_section<'s>(site: &'s Site, section: &'s Section) -> Option<Subject<'s>> {
    let document = section.document.map(|id| site.document(id));
    if document.is_some_and(|document| document.front.no_share_picture) {
        return None;
    }
    let described = document.and_then(|document| document.front.description.as_ref());
    let of_site = &site.config.language(section.language);
    let is_home = section.folder.is_empty();
    let described = described.or(of_site.description.as_ref().filter(|_| is_home));
    Some(Subject {
        output: &section.output,
        document,
        language: section.language,
        title: if is_home { &of_site.title } else { &section.title },
        above: String::new(),
        below: described.cloned().unwrap_or_default(),
    })
}

fn in_static<'s>(site: &'s Site, path: &str) -> Option<&'s Asset> {
    Some(&site.assets[*site.asset_paths.get(path.trim_start_matches('/'))?])
}

/// A file as a picture that can be put on others.
fn original(asset: &Asset) -> Option<Original> {
    let Asset { source, picture, drawing, length, .. } = asset;
    match (picture, drawing) {
        (Some(picture), _) => Some(Original::Pixels(source.clone(), picture.clone())),
        (None, Some(digest)) if *length <= DRAWING_BYTES_MAX => {
            Some(Original::Drawing(source.clone(), digest.clone()))
        }
        _ => None,
    }
}
