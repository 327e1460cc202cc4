//! What the front matter of an event says.

use super::nowhere;
use crate::config::{Config, Mode};
use crate::diagnostic::Diagnostic;
use crate::model::{Details, Document, Event, State};
use crate::node::{Fields, Placed};
use crate::time::{When, zone_of};

use jiff::tz::TimeZone;

pub(super) const KEYS: &[&str] =
    &["start", "end", "all_day", "zone", "location", "online", "cancelled", "moved_from"];

/// Reads an event. Nothing when it has no start.
pub(super) fn read(
    fields: &mut Fields<'_>,
    document: &Document,
    config: &Config,
    mode: &Mode,
) -> Option<Event> {
    let zone = read_zone(fields).unwrap_or_else(|| config.zone.clone());
    let (all_day, all_day_span) = fields.placed_flag("all_day").unzip();
    let start = fields.when("start", &zone);
    let is_there = start.is_some() || fields.has("start");
    let end = fields.when("end", &zone);
    let moved_from = fields.when("moved_from", &zone).map(|(when, _)| when);
    let location = fields.line("location");
    let online = fields.web_address("online");
    let cancelled = fields.flag("cancelled").unwrap_or(false);
    let Some((start, span)) = start else {
        if !is_there {
            fields.report(Diagnostic::event_without_start(nowhere(document)));
        }
        return None;
    };
    let whole = |when: When| match all_day {
        Some(true) => When::Day(when.day()),
        _ => when,
    };
    if let (Some(false), Some(span), When::Day(_)) = (all_day, all_day_span, start) {
        fields.report(Diagnostic::event_without_time(fields.place(span)));
    }
    let (start, placed_end) = ((whole(start), span), end.map(|(end, span)| (whole(end), span)));
    let end = check_end(fields, &start, placed_end);
    let mut event = Event {
        start: start.0,
        end,
        zone,
        location,
        online,
        cancelled,
        moved_from: moved_from.map(whole),
        past: false,
    };
    event.past = event.is_over(mode.now);
    // The day in the name of the file is taken for that of publication.
    let is_held = document.state == State::Future
        && document.front.date.is_none()
        && document.date.is_some_and(|date| date.date() == event.start.day());
    if is_held {
        fields.report(Diagnostic::event_held_back(nowhere(document)));
    }
    Some(event)
}

/// Reads what a page says of its post, in a section whose posts are events.
pub(super) fn read_post(fields: &mut Fields<'_>, config: &Config, mode: &Mode) -> Details {
    let zone = config.zone.clone();
    let start = fields.when("start", &zone);
    let end = fields.when("end", &zone);
    let location = fields.line("location");
    let Some(start) = start else { return location.map_or(Details::None, Details::Place) };
    let end = check_end(fields, &start, end);
    let start = start.0;
    let mut event = Event {
        start,
        end,
        zone,
        location,
        online: None,
        cancelled: false,
        moved_from: None,
        past: false,
    };
    event.past = event.is_over(mode.now);
    Details::Event(Box::new(event))
}

fn read_zone(fields: &mut Fields<'_>) -> Option<TimeZone> {
    let (name, span) = fields.placed_text("zone")?;
    let zone = zone_of(&name);
    if zone.is_none() {
        fields.report(Diagnostic::unknown_zone(fields.place(span), &name));
    }
    zone
}

/// The end, when it fits to the start.
fn check_end(
    fields: &mut Fields<'_>,
    (start, _): &Placed<When>,
    end: Option<Placed<When>>,
) -> Option<When> {
    let (end, span) = end?;
    let place = fields.place(span);
    match (*start, end) {
        (When::Day(start), When::Day(last)) if last < start => {
            fields.report(Diagnostic::event_ends_early(place));
            None
        }
        (When::At(start), When::At(end)) if end.timestamp() < start.timestamp() => {
            fields.report(Diagnostic::event_ends_early(place));
            None
        }
        (When::Day(_), When::At(_)) | (When::At(_), When::Day(_)) => {
            fields.report(Diagnostic::event_half_timed(place));
            None
        }
        _ => Some(end),
    }
}
