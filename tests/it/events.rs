//! Events: pages with a time and a place, and the calendars that people subscribe to.

use calcard::common::IanaString as _;
use calcard::common::timezone::Tz;
use calcard::icalendar::{ICalendar, ICalendarComponent, ICalendarProperty as Property};
use serde_json::Value;

use crate::fixture::{Built, Site, site};
use crate::look::{all_between, between, main_of};

/// A party with some events. The time of builds is 1 June 2026.
fn party() -> Site {
    site(PARTY)
}

const PARTY: &str = r#"
-- site.toml --
base_url = "https://party.example/branch"
title = "The Party"
timezone = "Europe/London"
generate_feeds = true
taxonomies = [{ name = "tags" }, { name = "branches" }]
[languages.cy]
title = "Y Blaid"
-- content/_index.md --
+++
title = "Home"
+++
-- content/news.md --
+++
title = "News of the day"
date = 2026-05-20
+++
-- content/events/_index.md --
+++
title = "Events"
kind = "event"
+++
-- content/events/meeting.md --
+++
title = "Public meeting; tea, cake"
description = "All \\ are welcome"
date = 2026-05-01
start = 2026-07-05T19:30:00
end = 2026-07-05T21:00:00
location = "Village hall, Bridge Street"
branches = ["Aberhelyg"]
tags = ["Buses", "Roads"]
+++
Come.
-- content/events/meeting.cy.md --
+++
title = "Cyfarfod cyhoeddus"
location = "Neuadd y pentref"
+++
Dewch.
-- content/events/camp.md --
+++
title = "Summer camp"
date = 2026-05-01
start = 2026-08-01
end = 2026-08-03
+++
-- content/events/night.md --
+++
title = "Night walk"
date = 2026-05-01
start = 2026-10-25T00:30:00+01:00
end = 2026-10-25T03:00:00+00:00
moved_from = 2026-10-24 22:00
+++
-- content/events/talk.md --
+++
title = "Talk in Berlin"
date = 2026-05-01
start = 2026-06-20T18:00
zone = "Europe/Berlin"
online = "https://meet.example/talk"
cancelled = true
+++
-- content/events/old.md --
+++
title = "May fair"
date = 2026-04-01
start = 2026-05-09T10:00
+++
-- content/events/older.md --
+++
title = "April fair"
date = 2026-03-01
start = 2026-04-09T10:00
+++
"#;

/// A calendar, read by a program that we have not written.
struct Calendar(ICalendar);

impl Calendar {
    #[track_caller]
    fn of(built: &Built, path: &str) -> Self {
        Self(ICalendar::parse(built.text(path)).unwrap())
    }

    #[track_caller]
    fn event(&self, title: &str) -> &ICalendarComponent {
        let mut events = self
            .0
            .components
            .iter()
            .filter(|component| text(component, &Property::Summary).as_deref() == Some(title));
        events.next().unwrap_or_else(|| panic!("no event {title} in {:?}", self.titles()))
    }

    fn titles(&self) -> Vec<String> {
        let titles = self.0.components.iter();
        titles.filter_map(|component| text(component, &Property::Summary)).collect()
    }

    /// From when to when an event takes place, in Unix time.
    #[track_caller]
    fn times(&self, title: &str) -> (i64, i64) {
        let uid = text(self.event(title), &Property::Uid).unwrap();
        let expanded = self.0.expand_dates(Tz::UTC, 1000);
        assert!(expanded.errors.is_empty(), "{:?}", expanded.errors);
        let is_it = |id: u32| self.0.component_by_id(id).unwrap().uid() == Some(&uid);
        let found = expanded.events.into_iter().find(|event| is_it(event.comp_id)).unwrap();
        found.timestamps()
    }
}

fn text(component: &ICalendarComponent, property: &Property) -> Option<String> {
    component.property(property)?.values.first()?.as_text().map(str::to_owned)
}

fn unix(moment: &str) -> i64 {
    moment.parse::<jiff::Timestamp>().unwrap().as_second()
}

/// The titles of the events under each heading of a list.
fn listed(page: &str) -> Vec<(String, Vec<String>)> {
    let parts = main_of(page).split("<h2>").skip(1).map(|part| {
        let heading = part.split("</h2>").next().unwrap();
        let titles = all_between(part, "<h3", "</a></h3>").into_iter();
        let titles = titles.map(|title| title.rsplit('>').next().unwrap().to_owned());
        (heading.to_owned(), titles.collect())
    });
    parts.collect()
}

#[test]
fn a_page_says_when_and_where() {
    let built = party().build();
    let page = built.text("events/meeting/index.html");
    assert_eq!(
        between(page, "<dl class=\"facts\">", "</dl>")
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" "),
        "<div><dt>When</dt><dd><time datetime=\"2026-07-05T19:30:00+01:00\">Sunday 5 July 2026, \
         19:30–21:00</time></dd></div> \
         <div><dt>Where</dt><dd>Village hall, Bridge Street</dd></div>"
    );
    let camp = built.text("events/camp/index.html");
    assert!(camp.contains(">Saturday 1 August 2026 – Monday 3 August 2026<"), "{camp}");
    let talk = built.text("events/talk/index.html");
    assert!(talk.contains("<strong>Cancelled</strong>"));
    assert!(talk.contains(">Saturday 20 June 2026, 18:00 (Europe/Berlin)<"));
    let night = built.text("events/night/index.html");
    assert!(night.contains("Moved: it was to be on Saturday 24 October 2026, 22:00"));
    // An event shows its own time, not that of its publication.
    assert!(!main_of(page).contains("Published"));
}

#[test]
fn a_translation_takes_from_its_original_what_it_does_not_say() {
    let built = party().build();
    let page = built.text("cy/events/meeting/index.html");
    assert!(page.contains(">Dydd Sul 5 Gorffennaf 2026, 19:30–21:00<"));
    assert!(page.contains("<dd>Neuadd y pentref</dd>"));
}

#[test]
fn what_is_to_come_stands_first_and_what_is_over_last() {
    let built = party().build();
    let found = listed(built.text("events/index.html"));
    let list = |titles: &[&str]| titles.iter().map(|t| (*t).to_owned()).collect::<Vec<_>>();
    assert_eq!(
        found,
        [
            (
                "Coming up".to_owned(),
                list(&["Talk in Berlin", "Public meeting; tea, cake", "Summer camp", "Night walk"])
            ),
            ("Past events".to_owned(), list(&["May fair", "April fair"])),
        ]
    );
}

#[test]
fn the_front_page_names_the_next_events_until_they_are_over() {
    let front = |now: &str| {
        let built = party().mode(|mode| mode.now = now.parse().unwrap()).build();
        let page = main_of(built.text("index.html")).to_owned();
        let events = page.split("<section class=\"latest\"").next().unwrap();
        let next = all_between(events, "<h3", "</a></h3>").into_iter();
        let next = next.map(|title| title.rsplit('>').next().unwrap().to_owned());
        (next.collect::<Vec<_>>(), page.clone(), built.report.next_change)
    };
    let (next, page, change) = front("2026-07-05T19:59:59Z");
    assert_eq!(next, ["Public meeting; tea, cake", "Summer camp", "Night walk"]);
    assert!(page.contains("News of the day"));
    assert!(!page.contains("May fair"));
    assert_eq!(change.as_deref(), Some("2026-07-05T21:00:00+01:00"));
    let (next, _, change) = front("2026-07-05T20:00:00Z");
    assert_eq!(next, ["Summer camp", "Night walk"]);
    // Whole days end with the last of them, by the clock of the place.
    assert_eq!(change.as_deref(), Some("2026-08-04T00:00:00+01:00"));
    assert_eq!(front("2026-08-03T22:59:59Z").0, ["Summer camp", "Night walk"]);
    assert_eq!(front("2026-08-03T23:00:00Z").0, ["Night walk"]);
    assert_eq!(front("2027-01-01T00:00:00Z").0, Vec::<String>::new());
}

#[test]
fn an_independent_program_reads_the_calendar() {
    let built = party().build();
    let calendar = Calendar::of(&built, "calendar.ics");
    assert_eq!(calendar.titles().len(), 6);
    assert_eq!(
        calendar.times("Public meeting; tea, cake"),
        (unix("2026-07-05T18:30:00Z"), unix("2026-07-05T20:00:00Z"))
    );
    let meeting = calendar.event("Public meeting; tea, cake");
    let said = |property| text(meeting, &property).unwrap();
    assert_eq!(said(Property::Location), "Village hall, Bridge Street");
    assert!(
        said(Property::Description)
            .starts_with("All \\ are welcome\nhttps://party.example/branch/events/meeting/")
    );
    assert_eq!(said(Property::Url), "https://party.example/branch/events/meeting/");
    assert_eq!(calendar.0.components[0].property(&Property::Method).unwrap().values.len(), 1);
}

#[test]
fn whole_days_end_with_the_day_after_the_last() {
    let built = party().build();
    let camp = built.text("events/camp/camp.ics");
    assert!(
        camp.contains("\r\nDTSTART;VALUE=DATE:20260801\r\nDTEND;VALUE=DATE:20260804\r\n"),
        "{camp}"
    );
    assert!(!camp.contains("VTIMEZONE"));
    let calendar = Calendar::of(&built, "events/camp/camp.ics");
    assert_eq!(
        calendar.times("Summer camp"),
        (unix("2026-08-01T00:00:00Z"), unix("2026-08-04T00:00:00Z"))
    );
}

#[test]
fn a_night_in_which_the_clocks_change_has_its_hours() {
    let built = party().build();
    let calendar = Calendar::of(&built, "events/night/night.ics");
    assert_eq!(
        calendar.times("Night walk"),
        (unix("2026-10-24T23:30:00Z"), unix("2026-10-25T03:00:00Z"))
    );
    // Both clocks of that night are in the file.
    let file = built.text("events/night/night.ics");
    let clock = |kind: &str, start: &str, from: &str, to: &str, name: &str| {
        let lines = [
            format!("BEGIN:{kind}"),
            format!("DTSTART:{start}"),
            format!("TZOFFSETFROM:{from}"),
            format!("TZOFFSETTO:{to}"),
            format!("TZNAME:{name}"),
        ];
        file.contains(&lines.join("\r\n"))
    };
    assert!(clock("DAYLIGHT", "20260329T010000", "+0000", "+0100", "BST"), "{file}");
    assert!(clock("STANDARD", "20261025T020000", "+0100", "+0000", "GMT"), "{file}");
}

#[test]
fn a_cancelled_event_stays_and_says_so() {
    let built = party().build();
    let calendar = Calendar::of(&built, "calendar.ics");
    let talk = calendar.event("Cancelled: Talk in Berlin");
    assert_eq!(talk.status().unwrap().as_str(), "CANCELLED");
    assert_eq!(text(talk, &Property::Location).as_deref(), Some("https://meet.example/talk"));
    let (start, _) = calendar.times("Cancelled: Talk in Berlin");
    assert_eq!(start, unix("2026-06-20T16:00:00Z"));
    let others = calendar.event("Night walk");
    assert_eq!(others.status().unwrap().as_str(), "CONFIRMED");
}

#[test]
fn a_moved_event_is_the_same_one_with_a_higher_number() {
    let before = party().build();
    let moved = "start = 2026-07-06T19:30:00";
    let text_of = |name: &str| String::from_utf8(party().files()[name].clone()).unwrap();
    let meeting = text_of("content/events/meeting.md")
        .replace(
            "start = 2026-07-05T19:30:00",
            &format!("{moved}\nmoved_from = 2026-07-05T19:30:00"),
        )
        .replace("end = 2026-07-05", "end = 2026-07-06");
    let after = party()
        .with("published.toml", before.report.record.clone().unwrap())
        .with("content/events/meeting.md", meeting)
        .mode(|mode| mode.now = "2026-06-02T12:00:00Z".parse().unwrap())
        .build();
    let events: Vec<Calendar> =
        [&before, &after].iter().map(|built| Calendar::of(built, "calendar.ics")).collect();
    let of = |at: usize, property| {
        let event = events[at].event("Public meeting; tea, cake");
        event.property(&property).unwrap().values[0].clone()
    };
    assert_eq!(of(0, Property::Uid), of(1, Property::Uid));
    let number = |at| of(at, Property::Sequence).as_integer().unwrap();
    assert!(number(1) > number(0), "{} {}", number(0), number(1));
    assert_ne!(of(0, Property::Dtstamp), of(1, Property::Dtstamp));
    // Nothing else has changed.
    let walk = |calendar: &Calendar| calendar.event("Night walk").clone();
    assert_eq!(walk(&events[0]), walk(&events[1]));
    // Building again at another time changes nothing at all.
    let again = party()
        .with("published.toml", before.report.record.clone().unwrap())
        .mode(|mode| mode.now = "2026-06-03T12:00:00Z".parse().unwrap())
        .build();
    assert_eq!(before.text("calendar.ics"), again.text("calendar.ics"));
}

#[test]
fn there_is_a_calendar_for_all_for_a_section_for_a_tag_and_for_a_branch() {
    let built = party().build();
    let calendars: Vec<&str> = built.ending("calendar.ics").map(|(path, _)| path).collect();
    assert_eq!(
        calendars,
        [
            "branches/aberhelyg/calendar.ics",
            "calendar.ics",
            "cy/calendar.ics",
            "cy/events/calendar.ics",
            "events/calendar.ics",
            "tags/buses/calendar.ics",
            "tags/roads/calendar.ics",
        ]
    );
    let branch = built.text("branches/aberhelyg/calendar.ics");
    assert!(branch.contains("\r\nX-WR-CALNAME:The Party – Aberhelyg\r\n"), "{branch}");
    assert_eq!(Calendar::of(&built, "branches/aberhelyg/calendar.ics").titles().len(), 1);
    let list = built.text("events/index.html");
    assert!(list.contains("href=\"webcal://party.example/branch/events/calendar.ics\""));
    assert!(list.contains("href=\"/branch/events/calendar.ics\""));
}

#[test]
fn search_engines_feeds_and_followers_learn_when_it_is() {
    let built = party().build();
    let json_ld = |path: &str| -> Value {
        let script =
            between(built.text(path), "<script type=\"application/ld+json\">", "</script>");
        serde_json::from_str(script).unwrap()
    };
    let meeting = json_ld("events/meeting/index.html");
    assert_eq!(meeting["@type"], "Event");
    assert_eq!(meeting["startDate"], "2026-07-05T19:30:00+01:00");
    assert_eq!(meeting["eventStatus"], "https://schema.org/EventScheduled");
    assert_eq!(meeting["location"][0]["name"], "Village hall, Bridge Street");
    assert_eq!(
        json_ld("events/talk/index.html")["eventStatus"],
        "https://schema.org/EventCancelled"
    );
    let night = json_ld("events/night/index.html");
    assert_eq!(night["eventStatus"], "https://schema.org/EventRescheduled");
    assert_eq!(night["previousStartDate"], "2026-10-24T22:00:00+01:00");
    let feed = built.text("feed.json");
    let feed: Value = serde_json::from_str(feed).unwrap();
    let items = feed["items"].as_array().unwrap();
    let meeting = items.iter().find(|item| item["title"] == "Public meeting; tea, cake").unwrap();
    let content = meeting["content_html"].as_str().unwrap();
    assert!(content.starts_with("<p>When: Sunday 5 July 2026, 19:30–21:00<br>"), "{content}");
    assert!(content.contains("Where: Village hall, Bridge Street"));
}

#[test]
fn a_site_without_events_has_no_calendar() {
    let built =
        site("-- content/a.md --\n+++\ntitle = \"A\"\ndate = 2026-01-01\n+++\nA.\n").build();
    assert_eq!(built.ending(".ics").count(), 0);
}

#[test]
fn a_page_with_a_time_is_no_event_unless_it_says_so() {
    let page = "-- content/a.md --\n+++\ntitle = \"A\"\nstart = 2026-07-05\n+++\nA.\n";
    assert_eq!(site(page).build().ending(".ics").count(), 0);
    let own = page.replace("start", "kind = \"event\"\nstart");
    assert_eq!(site(&own).build().ending(".ics").count(), 2);
    let other = "-- content/events/_index.md --\n+++\ntitle = \"E\"\nkind = \"event\"\n+++\n\
                 -- content/events/a.md --\n+++\ntitle = \"A\"\nkind = \"page\"\n+++\nA.\n";
    assert_eq!(site(other).build().ending(".ics").count(), 0);
}

#[test]
fn what_is_wrong_in_a_translation_is_said_of_it_alone() {
    let page = "+++\ntitle = \"A\"\nkind = \"event\"\nstart = 2026-07-01T10:00\n+++\n";
    let text = format!(
        "-- site.toml --\nbase_url = \"https://party.example\"\ntitle = \"P\"\n\
         [languages.de]\ntitle = \"P\"\n-- content/a.md --\n{page}-- content/a.de.md --\n\
         +++\ntitle = \"A\"\nend = 2026-06-01T10:00\nonline = \"nowhere\"\n+++\n"
    );
    assert_eq!(site(&text).try_build().codes(), ["event-ends-early", "not-a-web-address"]);
    let wrong = text.replace("start = 2026-07-01T10:00", "start = \"soon\"");
    let wrong = wrong.replace("end = 2026-06-01T10:00\nonline = \"nowhere\"\n", "");
    let problems = site(&wrong).try_build();
    assert_eq!(problems.codes(), ["not-a-date"], "{}", problems.messages());
}

#[test]
fn an_event_that_is_moved_is_moved_in_every_language() {
    let before = party().build();
    let meeting = String::from_utf8(party().files()["content/events/meeting.md"].clone()).unwrap();
    let after = party()
        .with("published.toml", before.report.record.clone().unwrap())
        .with("content/events/meeting.md", meeting.replace("T19:30:00", "T18:30:00"))
        .mode(|mode| mode.now = "2026-06-02T12:00:00Z".parse().unwrap())
        .build();
    let number = |built: &Built| {
        let calendar = Calendar::of(built, "cy/calendar.ics");
        let event = calendar.event("Cyfarfod cyhoeddus");
        event.property(&Property::Sequence).unwrap().values[0].as_integer().unwrap()
    };
    assert!(number(&after) > number(&before));
}

#[test]
fn the_hour_that_comes_twice_is_told_in_universal_time() {
    let text = "-- site.toml --\nbase_url = \"https://party.example\"\ntitle = \"P\"\n\
                timezone = \"Europe/London\"\n-- content/a.md --\n+++\ntitle = \"A\"\n\
                kind = \"event\"\nstart = 2027-10-31T00:30:00Z\nend = 2027-10-31T01:15:00Z\n+++\n";
    let built = site(text).build();
    let file = built.text("calendar.ics");
    assert!(file.contains("\r\nDTSTART:20271031T003000Z\r\n"), "{file}");
    assert!(file.contains("\r\nDTEND:20271031T011500Z\r\n"), "{file}");
    let (start, end) = Calendar::of(&built, "calendar.ics").times("A");
    assert_eq!(end - start, 45 * 60);
}

#[test]
fn a_slip_in_a_year_makes_no_table_of_all_clocks_until_then() {
    let meeting = String::from_utf8(party().files()["content/events/meeting.md"].clone()).unwrap();
    let far = meeting.replace("2026-07-05", "9026-07-05");
    let built = party().with("content/events/meeting.md", far).build();
    let file = built.text("calendar.ics");
    assert!(file.contains("\r\nDTSTART:90260705T183000Z\r\n"), "{file}");
    assert!(file.matches("BEGIN:STANDARD").count() < 5);
}

#[test]
fn each_event_stands_where_it_belongs_whatever_the_order() {
    let events = "+++\ntitle = \"Events\"\nkind = \"event\"\nsort_by = \"title\"\n+++\n";
    let page = "+++\ntitle = \"About our events\"\nkind = \"page\"\n+++\n";
    let built = party()
        .with("content/events/_index.md", events)
        .with("content/events/about.md", page)
        .build();
    let found = listed(built.text("events/index.html"));
    assert_eq!(found[0].1.len(), 4);
    assert_eq!(found[1].1[..2], ["April fair", "May fair"]);
}

#[test]
fn another_clock_of_the_site_moves_its_events_and_calendars_hear_of_it() {
    let event = |keys: &str| format!("+++\ntitle = \"Fair\"\nkind = \"event\"\n{keys}\n+++\n");
    let sequence = |keys: &str| {
        let before = site("").with("content/fair.md", event(keys));
        let record = before.build().report.record.unwrap();
        let built = before
            .config("timezone = \"Pacific/Auckland\"")
            .with("published.toml", record)
            .mode(|mode| mode.now = "2026-06-02T12:00:00Z".parse().unwrap())
            .build();
        let event = Calendar::of(&built, "calendar.ics").event("Fair").clone();
        event.property(&Property::Sequence).unwrap().values[0].as_integer().unwrap()
    };
    assert!(sequence("date = 2026-05-01\nstart = 2026-07-05T19:30:00") > 0);
    let stays = |keys: &str| sequence(&format!("date = 2026-05-01\n{keys}"));
    let before = stays("start = 2026-07-05T19:30:00+01:00");
    assert_eq!(before, stays("start = 2026-07-05T19:30:00\nzone = \"Europe/London\""));
    assert_eq!(before, stays("start = 2026-07-05"));
    assert!(before < stays("start = 2026-07-05T19:30:00"));
}
