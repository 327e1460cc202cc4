//! iCalendar (RFC 5545): how a calendar with its events and time zones is written.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use jiff::tz::TimeZone;
use jiff::{Timestamp, civil};

use crate::limits::CALENDAR_YEAR_MAX;
use crate::time::{Moment, When};

/// Octets of a line without its end (section 3.1).
const LINE_OCTETS_MAX: usize = 75;

/// How long a program may wait before it looks again; most look twice a day at best.
const REFRESH: &str = "PT6H";

/// A calendar.
pub(super) struct Calendar<'a> {
    /// Nothing in the file of a single event.
    pub(super) name: Option<&'a str>,
    pub(super) language: &'a str,
    /// The page that it goes with.
    pub(super) url: Option<String>,
    pub(super) events: Vec<Entry<'a>>,
}

/// An event in a calendar.
pub(super) struct Entry<'a> {
    /// Never changes.
    pub(super) uid: String,
    /// When it was first published, and when it was last changed.
    pub(super) published: Moment,
    pub(super) updated: Moment,
    pub(super) start: When,
    pub(super) end: Option<When>,
    pub(super) zone: &'a TimeZone,
    pub(super) cancelled: bool,
    pub(super) title: String,
    pub(super) description: String,
    pub(super) location: Option<&'a str>,
    pub(super) online: Option<&'a str>,
    pub(super) categories: Vec<&'a str>,
    pub(super) url: String,
}

/// Writes a calendar. The same calendar gives the same bytes: nothing in it is the time of writing.
pub(super) fn write(calendar: &Calendar<'_>) -> Vec<u8> {
    let mut lines = Lines::default();
    lines.plain("BEGIN:VCALENDAR");
    lines.plain("VERSION:2.0");
    lines.plain("PRODID:-//sitegen//sitegen//EN");
    lines.plain("CALSCALE:GREGORIAN");
    lines.plain("METHOD:PUBLISH");
    if let Some(name) = calendar.name {
        // The name in RFC 7986, and the one that programs knew before it.
        lines.text(&format!("NAME;LANGUAGE={}", calendar.language), name);
        lines.text("X-WR-CALNAME", name);
        lines.plain(&format!("REFRESH-INTERVAL;VALUE=DURATION:{REFRESH}"));
        lines.plain(&format!("X-PUBLISHED-TTL:{REFRESH}"));
    }
    if let Some(url) = &calendar.url {
        lines.plain(&format!("URL:{url}"));
    }
    for (name, spans) in zones(&calendar.events) {
        write_zone(&mut lines, name, &spans);
    }
    for event in &calendar.events {
        write_event(&mut lines, event);
    }
    lines.plain("END:VCALENDAR");
    lines.0.into_bytes()
}

fn write_event(lines: &mut Lines, event: &Entry<'_>) {
    lines.plain("BEGIN:VEVENT");
    lines.text("UID", &event.uid);
    lines.plain(&format!("DTSTAMP:{}", utc(event.updated.timestamp())));
    lines.plain(&format!("CREATED:{}", utc(event.published.timestamp())));
    lines.plain(&format!("LAST-MODIFIED:{}", utc(event.updated.timestamp())));
    lines.plain(&format!("SEQUENCE:{}", sequence(event)));
    lines.plain(&format!("DTSTART{}", placed(event.start, event.zone)));
    // The end of whole days is the day after them (section 3.6.1).
    let end = match (event.start, event.end) {
        (When::Day(day), None) => Some(When::Day(day.tomorrow().unwrap_or(day))),
        (_, Some(When::Day(last))) => Some(When::Day(last.tomorrow().unwrap_or(last))),
        (_, end) => end,
    };
    if let Some(end) = end {
        lines.plain(&format!("DTEND{}", placed(end, event.zone)));
    }
    lines.text("SUMMARY", &event.title);
    if !event.description.is_empty() {
        lines.text("DESCRIPTION", &event.description);
    }
    // Many programs show nothing but the place, so what is only online is there.
    if let Some(place) = event.location.or(event.online) {
        lines.text("LOCATION", place);
    }
    if let Some(online) = event.online {
        lines.plain(&format!("CONFERENCE;VALUE=URI;FEATURE=VIDEO:{online}"));
    }
    if !event.categories.is_empty() {
        let categories: Vec<String> = event.categories.iter().map(|name| escaped(name)).collect();
        lines.plain(&format!("CATEGORIES:{}", categories.join(",")));
    }
    lines.plain(&format!("URL:{}", event.url));
    lines.plain(if event.cancelled { "STATUS:CANCELLED" } else { "STATUS:CONFIRMED" });
    lines.plain("END:VEVENT");
}

/// A number that grows with every edit, as a calendar that has an older event wants it (section
/// 3.8.7.4): the seconds from the first publication to the last change. So nothing more has to be
/// remembered than what the record has.
fn sequence(event: &Entry<'_>) -> i64 {
    let (first, last) = (event.published.timestamp(), event.updated.timestamp());
    (last.as_second() - first.as_second()).clamp(0, i64::from(i32::MAX))
}

/// A day or a moment, as it follows the name of a property.
fn placed(when: When, zone: &TimeZone) -> String {
    match (when, zone_name(zone)) {
        (When::Day(day), _) => format!(";VALUE=DATE:{}", day.strftime("%Y%m%d")),
        (When::At(moment), Some(name)) if is_told_by_clock(moment, zone) => {
            let local = zone.to_datetime(moment.timestamp());
            format!(";TZID={name}:{}", local.strftime("%Y%m%dT%H%M%S"))
        }
        (When::At(moment), _) => format!(":{}", utc(moment.timestamp())),
    }
}

/// Whether the clock of a place tells a moment. Not in the hour that comes twice in autumn: that
/// would mean the first time (section 3.3.5), and some programs refuse it. And nobody has a table of
/// the clocks of the far future.
fn is_told_by_clock(moment: Moment, zone: &TimeZone) -> bool {
    let local = zone.to_datetime(moment.timestamp());
    local.year() <= CALENDAR_YEAR_MAX && zone.to_ambiguous_timestamp(local).unambiguous().is_ok()
}

fn utc(at: Timestamp) -> String {
    at.strftime("%Y%m%dT%H%M%SZ").to_string()
}

/// The name of a zone whose clock is ever changed; others need no table.
fn zone_name(zone: &TimeZone) -> Option<&str> {
    zone.iana_name().filter(|name| *name != "UTC")
}

/// By name: the zones of events with times, and from when to when they are needed.
type Zones<'a> = BTreeMap<&'a str, (&'a TimeZone, Timestamp, Timestamp)>;

/// The clock of a zone from one change to the next.
struct Observance {
    /// By the clock before the change.
    start: civil::DateTime,
    before: i32,
    after: i32,
    name: String,
    is_summer: bool,
}

fn zones<'a>(events: &[Entry<'a>]) -> Vec<(&'a str, Vec<Observance>)> {
    let mut zones = Zones::new();
    for event in events {
        let Some(name) = zone_name(event.zone) else { continue };
        for when in [Some(event.start), event.end].into_iter().flatten() {
            if let When::At(moment) = when
                && is_told_by_clock(moment, event.zone)
            {
                let at = moment.timestamp();
                let known = zones.entry(name).or_insert((event.zone, at, at));
                (known.1, known.2) = (known.1.min(at), known.2.max(at));
            }
        }
    }
    zones.into_iter().map(|(name, (zone, from, to))| (name, observances(zone, from, to))).collect()
}

/// The changes that matter between two moments: the last one before the first, and those between.
/// They are written one by one: what the next government does with its clocks is in no rule.
fn observances(zone: &TimeZone, from: Timestamp, to: Timestamp) -> Vec<Observance> {
    let second = jiff::SignedDuration::from_secs(1);
    let first = zone.preceding(from.saturating_add(second).unwrap_or(from)).next();
    let later = zone.following(from).take_while(|change| change.timestamp() <= to);
    let changes = first.into_iter().chain(later).map(|change| {
        let just_before = change.timestamp().saturating_sub(second).unwrap_or(change.timestamp());
        let before = zone.to_offset(just_before);
        Observance {
            start: before.to_datetime(change.timestamp()),
            before: before.seconds(),
            after: change.offset().seconds(),
            name: change.abbreviation().to_owned(),
            is_summer: change.dst().is_dst(),
        }
    });
    let changes: Vec<Observance> = changes.collect();
    if !changes.is_empty() {
        return changes;
    }
    let info = zone.to_offset_info(from);
    vec![Observance {
        start: civil::date(1970, 1, 1).at(0, 0, 0, 0),
        before: info.offset().seconds(),
        after: info.offset().seconds(),
        name: info.abbreviation().to_owned(),
        is_summer: false,
    }]
}

fn write_zone(lines: &mut Lines, name: &str, observances: &[Observance]) {
    lines.plain("BEGIN:VTIMEZONE");
    lines.plain(&format!("TZID:{name}"));
    for observance in observances {
        let kind = if observance.is_summer { "DAYLIGHT" } else { "STANDARD" };
        lines.plain(&format!("BEGIN:{kind}"));
        lines.plain(&format!("DTSTART:{}", observance.start.strftime("%Y%m%dT%H%M%S")));
        lines.plain(&format!("TZOFFSETFROM:{}", offset(observance.before)));
        lines.plain(&format!("TZOFFSETTO:{}", offset(observance.after)));
        lines.text("TZNAME", &observance.name);
        lines.plain(&format!("END:{kind}"));
    }
    lines.plain("END:VTIMEZONE");
}

/// Seconds east of Greenwich, as in `+0100`; with seconds when there are any.
fn offset(seconds: i32) -> String {
    let sign = if seconds < 0 { '-' } else { '+' };
    let (minutes, rest) = (seconds.unsigned_abs() / 60, seconds.unsigned_abs() % 60);
    let mut text = format!("{sign}{:02}{:02}", minutes / 60, minutes % 60);
    if rest > 0 {
        let _ = write!(text, "{rest:02}");
    }
    text
}

/// The lines of a calendar.
#[derive(Default)]
struct Lines(String);

impl Lines {
    /// A line of which no part came from a text.
    fn plain(&mut self, line: &str) {
        let mut room = LINE_OCTETS_MAX;
        for c in line.chars().filter(|c| !c.is_control()) {
            if c.len_utf8() > room {
                self.0.push_str("\r\n ");
                // The space that a folded line begins with counts.
                room = LINE_OCTETS_MAX - 1;
            }
            self.0.push(c);
            room -= c.len_utf8();
        }
        self.0.push_str("\r\n");
    }

    fn text(&mut self, name: &str, text: &str) {
        self.plain(&format!("{name}:{}", escaped(text)));
    }
}

/// A text as a value (section 3.3.11).
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '\\' | ';' | ',' => escaped.extend(['\\', c]),
            '\n' => escaped.push_str("\\n"),
            c if c.is_control() => {}
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_line_is_too_long_and_none_is_cut_in_a_letter(
            text in "(\\PC|\n|ŵ|😀|,|;|\\\\){0,200}"
        ) {
            let mut lines = Lines::default();
            lines.text("SUMMARY", &text);
            let written = lines.0;
            for line in written.split("\r\n") {
                prop_assert!(line.len() <= LINE_OCTETS_MAX);
                prop_assert!(!line.contains(['\r', '\n']));
            }
            let unfolded = written.replace("\r\n ", "");
            let expected = format!("SUMMARY:{}\r\n", escaped(&text));
            prop_assert_eq!(unfolded, expected);
        }
    }

    #[test]
    fn an_offset_has_seconds_only_when_it_needs_them() {
        assert_eq!(offset(3600), "+0100");
        assert_eq!(offset(-12_600), "-0330");
        assert_eq!(offset(-75), "-000115");
    }
}
