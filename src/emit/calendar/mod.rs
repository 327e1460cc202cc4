//! Calendars: each event as a file, and all events of a language, a section and a term to subscribe
//! to.

mod ical;

use std::collections::HashSet;

use tera::Value;

use self::ical::{Calendar, Entry};
use super::feed::{self, FeedOf};
use super::{Made, Plan, Workshop};
use crate::artifact::Rank;
use crate::hash::Hash;
use crate::limits::CALENDAR_EVENTS_MAX;
use crate::model::{Event, Kind, PageId, Site};
use crate::path::SourcePath;
use crate::render::{event_file, none_or, object};
use crate::time::When;

/// The name of a calendar to subscribe to.
const FILE: &str = "calendar.ics";

pub(super) fn plan<'s>(site: &'s Site, plan: &mut Plan<'s>) {
    if !site.documents.iter().any(|document| document.kind == Kind::Event) {
        return;
    }
    for (index, page) in site.pages.iter().enumerate() {
        let id = PageId(index);
        let Some(path) = event_of(site, id).and_then(|_| event_file(&page.output)) else {
            continue;
        };
        let source = &site.document(page.document).source.path;
        let key = plan.key(|keys| keys.showing("event", &[id]));
        plan.add(path, Rank::Feed, source, key, move |workshop| {
            let entries = entry(workshop, id).into_iter().collect();
            Made::bytes(ical::write(&Calendar {
                name: None,
                language: &site.config.language(site.page(id).language).code,
                url: None,
                events: entries,
            }))
        });
    }
    // The front page has the calendar of its language.
    let is_home =
        |of: &FeedOf| matches!(of, FeedOf::Section(id) if site.section(*id).folder.is_empty());
    for of in feed::all(site).filter(|of| !is_home(of)) {
        let events = events(site, pages_of(site, of));
        if events.is_empty() {
            continue;
        }
        let Ok(path) = feed::output_of(site, of).sibling(FILE) else { continue };
        let source = SourcePath::new(crate::config::FILE);
        let name = part(site, of);
        let key = plan.key(|keys| keys.showing(("calendar", path.as_str(), name), &events));
        plan.add(path, Rank::Feed, &source, key, move |workshop| {
            Made::bytes(write(workshop, of, &events))
        });
    }
}

/// A calendar for templates: its address, and the one with which programs subscribe; none when
/// there is no event in it.
pub(super) fn link(workshop: &Workshop<'_>, of: FeedOf) -> Value {
    let site = workshop.views.site;
    let has_event = workshop.with_events.contains(&of);
    let path = feed::output_of(site, of).sibling(FILE).ok().filter(|_| has_event);
    none_or(path.map(|path| {
        let permalink = site.permalink(&path);
        let bare = permalink.split_once("://").map_or("", |(_, rest)| rest);
        object([
            ("url", Value::from(site.url(&path))),
            ("permalink", Value::from(permalink.as_str())),
            ("webcal", Value::from(format!("webcal://{bare}"))),
        ])
    }))
}

/// What has events. It is found out once, for a part has as many lists as pages.
pub(super) fn with_events(site: &Site) -> HashSet<FeedOf> {
    let has_event =
        |of: &FeedOf| pages_of(site, *of).iter().any(|id| event_of(site, *id).is_some());
    if site.events.iter().all(Vec::is_empty) {
        return HashSet::new();
    }
    feed::all(site).filter(has_event).collect()
}

fn pages_of(site: &Site, of: FeedOf) -> &[PageId] {
    match of {
        FeedOf::Site(language) => &site.events[language.0],
        FeedOf::Section(id) => &site.section(id).pages,
        FeedOf::Term(id) => &site.term(id).pages,
    }
}

/// What a calendar of a part of the site is called.
fn part(site: &Site, of: FeedOf) -> Option<&str> {
    match of {
        FeedOf::Site(_) => None,
        FeedOf::Section(id) => Some(&site.section(id).title),
        FeedOf::Term(id) => Some(&site.term(id).name),
    }
}

fn event_of(site: &Site, id: PageId) -> Option<&Event> {
    site.text_of(id).event()
}

/// The events among some pages by their start; of very many the last ones.
fn events(site: &Site, pages: &[PageId]) -> Vec<PageId> {
    let start = |id: &PageId| event_of(site, *id).map(|event| event.begins().timestamp());
    let mut events: Vec<PageId> = pages.iter().copied().filter(|id| start(id).is_some()).collect();
    events.sort_by_key(|id| (start(id), *id));
    let from = events.len().saturating_sub(CALENDAR_EVENTS_MAX);
    events.split_off(from)
}

fn write(workshop: &Workshop<'_>, of: FeedOf, events: &[PageId]) -> Vec<u8> {
    let site = workshop.views.site;
    let language = feed::language_of(site, of);
    let name = feed::title(site, workshop.views.theme, of);
    ical::write(&Calendar {
        name: Some(&name),
        language: &site.config.language(language).code,
        url: Some(site.permalink(feed::output_of(site, of))),
        events: events.iter().filter_map(|id| entry(workshop, *id)).collect(),
    })
}

fn entry<'s>(workshop: &Workshop<'s>, id: PageId) -> Option<Entry<'s>> {
    let site = workshop.views.site;
    let event = event_of(site, id)?;
    let page = site.page(id);
    let document = site.document(page.document);
    let identity = site.identity(page.document);
    let strings = workshop.views.theme.strings(page.language);
    let url = site.permalink(&page.output);
    let mut lines = Vec::new();
    lines.extend(document.front.description.clone());
    if let Some(from) = event.moved_from {
        lines.push(strings.get("event_moved_from").replace("{when}", &strings.period(from, None)));
    }
    lines
        .extend(event.online.as_ref().map(|url| format!("{}: {url}", strings.get("event_online"))));
    lines.push(url.clone());
    let imprint = workshop.views.imprint(document, page.language);
    lines.extend(imprint.map(|imprint| imprint.short.clone()));
    let title = if event.cancelled {
        // Some programs show events that are cancelled like all others.
        format!("{}: {}", strings.get("event_cancelled"), document.title)
    } else {
        document.title.clone()
    };
    let categories = document.front.terms.iter().filter(|(name, _)| name == "tags");
    Some(Entry {
        uid: uid(&identity.id),
        published: identity.published,
        updated: identity.updated,
        start: event.start,
        end: event.end.filter(|end| *end != event.start || matches!(end, When::Day(_))),
        zone: &event.zone,
        cancelled: event.cancelled,
        title,
        description: lines.join("\n"),
        location: event.location.as_deref(),
        online: event.online.as_deref(),
        categories: categories.flat_map(|(_, terms)| terms).map(|(name, _)| &**name).collect(),
        url,
    })
}

/// The name of an event for ever, made from that of its page. It has only letters that every
/// program leaves as they are.
fn uid(id: &str) -> String {
    let mut hash = Hash::default();
    hash.part(id.as_bytes());
    let mut uid = hash.finish();
    uid.truncate(32);
    uid
}
