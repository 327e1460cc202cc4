//! What pages of a kind say, for templates and for where there are none.

use tera::Value;

use super::value::{array, none_or, object};
use super::{Views, escaped};
use crate::model::{Contact, Details, Document, Event, Kind, PageId, Person, Press, Strings};
use crate::path::OutputPath;
use crate::time::When;

/// The calendar file of a page that is an event: `public-meeting.ics` beside it.
pub(crate) fn event_file(page: &OutputPath) -> Option<OutputPath> {
    let folder = page.as_str().rsplit_once('/').map_or("", |(folder, _)| folder);
    let name = folder.rsplit('/').next().filter(|name| !name.is_empty()).unwrap_or("event");
    page.sibling(&format!("{name}.ics")).ok()
}

impl Views<'_> {
    /// What a page says that only its kind can say; none when that is nothing.
    pub(super) fn details(&self, id: PageId) -> Value {
        let page = self.site.page(id);
        let document = self.site.document(page.document);
        let strings = self.theme.strings(page.language);
        match &document.details {
            Details::Event(event) if document.kind == Kind::Event => {
                let file = event_file(&page.output);
                self.event(event, strings, none_or(file.map(|file| self.site.url(&file))))
            }
            Details::Press(press) => press_value(press),
            Details::Person(person) => self.person(person, document, id),
            Details::Event(_) | Details::None => Value::none(),
        }
    }

    fn event(&self, event: &Event, strings: &Strings, calendar: Value) -> Value {
        let when = |when: When| when_value(when, strings);
        object([
            ("when", Value::from(self.period(event, strings))),
            ("start", when(event.start)),
            ("end", none_or(event.end.map(when))),
            ("all_day", Value::from(matches!(event.start, When::Day(_)))),
            ("location", none_or(event.location.as_deref())),
            ("online", none_or(event.online.as_deref())),
            ("cancelled", Value::from(event.cancelled)),
            ("moved_from", none_or(event.moved_from.map(|from| strings.period(from, None)))),
            ("past", Value::from(event.past)),
            ("calendar", calendar),
        ])
    }

    /// From when to when, and whose clock that is when it is not that of the site.
    fn period(&self, event: &Event, strings: &Strings) -> String {
        let period = strings.period(event.start, event.end);
        let zone = event.zone.iana_name().filter(|_| event.zone != self.site.config.zone);
        match (zone, event.start) {
            (Some(zone), When::At(_)) => format!("{period} ({zone})"),
            _ => period,
        }
    }

    fn person(&self, person: &Person, document: &Document, id: PageId) -> Value {
        let term = self.site.author_term(self.site.page(id), &document.title);
        let links = person.links.iter().map(|url| {
            let name = url.trim_start_matches("https://").trim_end_matches('/');
            object([("name", Value::from(name)), ("url", Value::from(url.as_str()))])
        });
        object([
            ("role", none_or(person.role.as_deref())),
            ("ward", none_or(person.ward.as_deref())),
            ("pronouns", none_or(person.pronouns.as_deref())),
            ("email", none_or(person.email.as_deref())),
            ("phone", none_or(person.phone.as_deref())),
            ("links", array(links)),
            ("posts", none_or(term.map(|term| self.site.url(&term.output)))),
        ])
    }

    /// What a text says of its kind, as HTML before it and after it, for feeds and posts.
    pub(crate) fn details_around(&self, document: &Document) -> (String, String) {
        let strings = self.theme.strings(document.language);
        match &document.details {
            Details::Event(event) if document.kind == Kind::Event => {
                (self.event_html(event, strings), String::new())
            }
            Details::Press(press) => (String::new(), press_html(press, strings)),
            _ => (String::new(), String::new()),
        }
    }

    fn event_html(&self, event: &Event, strings: &Strings) -> String {
        let mut lines = Vec::new();
        if event.cancelled {
            lines.push(format!("<strong>{}</strong>", escaped(strings.get("event_cancelled"))));
        }
        lines.push(labelled(strings, "event_when", &self.period(event, strings)));
        if let Some(from) = event.moved_from {
            let from = strings.period(from, None);
            lines.push(escaped(&strings.get("event_moved_from").replace("{when}", &from)));
        }
        lines.extend(event.location.iter().map(|place| labelled(strings, "event_where", place)));
        lines.extend(event.online.iter().map(|url| {
            let (label, url) = (escaped(strings.get("event_online")), escaped(url));
            format!("{label}: <a href=\"{url}\">{url}</a>")
        }));
        format!("<p>{}</p>\n", lines.join("<br>\n"))
    }
}

fn labelled(strings: &Strings, key: &str, text: &str) -> String {
    format!("{}: {}", escaped(strings.get(key)), escaped(text))
}

fn when_value(when: When, strings: &Strings) -> Value {
    let day = when.day();
    object([
        ("iso", Value::from(when.to_string())),
        ("text", Value::from(strings.period(when, None))),
        ("weekday", Value::from(strings.weekday(day))),
        ("day", Value::from(i64::from(day.day()))),
        ("month", Value::from(strings.month(day))),
        ("year", Value::from(i64::from(day.year()))),
        ("time", none_or(when.clock())),
    ])
}

fn press_value(press: &Press) -> Value {
    let contact = press.contact.as_ref().map(|Contact { name, email, phone }| {
        object([
            ("name", none_or(name.as_deref())),
            ("email", none_or(email.as_deref())),
            ("phone", none_or(phone.as_deref())),
        ])
    });
    object([
        ("contact", none_or(contact)),
        ("notes", array(press.notes.iter().map(|note| Value::from(note.as_str())))),
    ])
}

fn press_html(press: &Press, strings: &Strings) -> String {
    let mut html = String::new();
    if let Some(Contact { name, email, phone }) = &press.contact {
        let parts: Vec<&str> = [name, email, phone].into_iter().flatten().map(|p| &**p).collect();
        html.push_str(&format!(
            "<p>{}</p>\n",
            labelled(strings, "press_contact", &parts.join(", "))
        ));
    }
    if !press.notes.is_empty() {
        let notes = press.notes.iter().map(|note| format!("<li>{}</li>\n", escaped(note)));
        let label = escaped(strings.get("press_notes"));
        html.push_str(&format!("<p>{label}</p>\n<ol>\n{}</ol>\n", notes.collect::<String>()));
    }
    html
}
