//! What pages of a kind say, for templates and for where there are none.

use tera::Value;

use super::changes::changes;
use super::markdown::links::{Addresses, Link};
use super::value::{array, none_or, object};
use super::{Views, escaped};
use crate::config::LanguageId;
use crate::diagnostic::Diagnostic;
use crate::model::{
    Branch, Contact, Destination, Details, Document, Event, Form, Kind, NamedLink, OfficialAccount,
    PageId, Person, Policy, Press, Site, Strings, Term,
};
use crate::path::{OutputPath, slugify};
use crate::time::When;

/// The calendar file of a page that is an event: `public-meeting.ics` beside it.
pub(crate) fn event_file(page: &OutputPath) -> Option<OutputPath> {
    let folder = page.as_str().rsplit_once('/').map_or("", |(folder, _)| folder);
    let name = folder.rsplit('/').next().filter(|name| !name.is_empty()).unwrap_or("event");
    page.sibling(&format!("{name}.ics")).ok()
}

/// From when to when, and whose clock that is when it is not that of the site.
pub(crate) fn event_period(site: &Site, event: &Event, strings: &Strings) -> String {
    let period = strings.period(event.start, event.end);
    let zone = event.zone.iana_name().filter(|_| event.zone != site.config.zone);
    match (zone, event.start) {
        (Some(zone), When::At(_)) => format!("{period} ({zone})"),
        _ => period,
    }
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
            Details::Campaign(campaign) => object([
                ("actions", self.named_links(&campaign.actions, id)),
                ("form", none_or(campaign.form.as_ref().map(form_value))),
            ]),
            Details::Policy(policy) => self.policy(policy, id),
            Details::Branches(branches) => {
                array(branches.iter().map(|branch| self.branch(branch, page.language)))
            }
            Details::Links(links) => self.named_links(links, id),
            Details::Accounts(accounts) => self.official_accounts(accounts, page.language),
            Details::Notice(notice) => self.notice(notice, id),
            Details::Event(_) | Details::Place(_) | Details::None => Value::none(),
        }
    }

    /// Complains about links of a page's kind that lead nowhere.
    pub(crate) fn check_details(&self, id: PageId, problems: &mut Vec<Diagnostic>) {
        if let Details::Policy(policy) = &self.site.text_of(id).details
            && let Some((written, span)) = &policy.replaces
            && !span.is_empty()
            && self.version_before(policy, id).is_none()
            && !self.is_hidden(written)
        {
            let place = self.site.text_of(id).source.place(span.clone());
            problems.push(Diagnostic::no_version_before(place, written));
        }
        // Those that a translation has from its original are checked there.
        let own = self.site.text_of(id).details.links().iter();
        for link in own.filter(|link| !link.url.1.is_empty()) {
            self.target(link, id, problems);
        }
    }

    fn target(
        &self,
        link: &NamedLink,
        id: PageId,
        problems: &mut Vec<Diagnostic>,
    ) -> Option<String> {
        let page = self.site.page(id);
        let permalink = self.site.permalink(&page.output);
        let document = self.site.document(page.document);
        let links = self.links(document, page.language, &permalink, Addresses::Host);
        let (url, span) = &link.url;
        match links.link(url, span, problems) {
            Link::To(url) => Some(url),
            Link::Here(_) => Some(url.clone()),
            Link::Dropped => None,
        }
    }

    /// Links with their words; what leads nowhere is left out, and was reported.
    fn named_links(&self, links: &[NamedLink], id: PageId) -> Value {
        array(links.iter().filter_map(|link| {
            let url = self.target(link, id, &mut Vec::new())?;
            Some(object([
                ("title", Value::from(link.title.as_str())),
                ("url", Value::from(url)),
                ("description", none_or(link.description.as_deref())),
            ]))
        }))
    }

    /// The term of a name, when there is one and the language has it.
    fn term_named(&self, taxonomy: &str, name: &str, language: LanguageId) -> Option<&Term> {
        let slug = slugify(name, &self.site.config.language(language).code);
        let end = format!("/{slug}/index.html");
        self.site.terms.iter().find(|term| {
            term.language == language
                && self.site.config.taxonomies[term.taxonomy].name == taxonomy
                && term.output.as_str().ends_with(&end)
        })
    }

    /// Whether a text is there and not published now: then there is nothing to compare with, and
    /// nothing wrong.
    fn is_hidden(&self, written: &str) -> bool {
        let name = written.strip_prefix("@/").unwrap_or(written);
        matches!(self.site.destinations.get(name), Some(Destination::Unpublished(_)))
    }

    /// The page of the version before, in the language of a page.
    fn version_before(&self, policy: &Policy, id: PageId) -> Option<PageId> {
        let (written, _) = policy.replaces.as_ref()?;
        let Some(Destination::Page(pages)) =
            self.site.destinations.get(written.strip_prefix("@/")?)
        else {
            return None;
        };
        let language = self.site.page(id).language;
        let of_language = |other: &&PageId| self.site.page(**other).language == language;
        pages.iter().find(of_language).copied().filter(|other| *other != id)
    }

    fn policy(&self, policy: &Policy, id: PageId) -> Value {
        let before = self.version_before(policy, id).map(|other| {
            let (page, document) = (self.site.page(other), self.site.text_of(other));
            let version = match &document.details {
                Details::Policy(other) => other.version.as_deref(),
                _ => None,
            };
            let changes = changes(self.site, document, self.site.text_of(id));
            object([
                ("title", Value::from(document.title.as_str())),
                ("url", Value::from(self.site.url(&page.output))),
                ("version", none_or(version)),
                ("changes", changes),
            ])
        });
        object([("version", none_or(policy.version.as_deref())), ("replaces", none_or(before))])
    }

    fn branch(&self, branch: &Branch, language: LanguageId) -> Value {
        let term = self.term_named("branches", &branch.name, language);
        object([
            ("name", Value::from(branch.name.as_str())),
            ("area", array(branch.area.iter().map(|area| Value::from(area.as_str())))),
            ("address", none_or(branch.address.as_deref())),
            ("email", none_or(branch.email.as_deref())),
            ("phone", none_or(branch.phone.as_deref())),
            ("website", none_or(branch.website.as_deref())),
            ("url", none_or(term.map(|term| self.site.url(&term.output)))),
        ])
    }

    /// The accounts of the site itself, then those that the page names, then those of its people.
    fn official_accounts(&self, accounts: &[OfficialAccount], language: LanguageId) -> Value {
        let site = self.site;
        let account = |name: &str, handle: Option<&str>, url: &str| {
            object([
                ("name", Value::from(name)),
                ("handle", none_or(handle)),
                ("url", Value::from(url)),
            ])
        };
        let own = site.config.actor_ids().map(|id| {
            let (actor, known) = (site.config.actor(id), site.account(id));
            let handle = format!("@{}", known.handle);
            account(&actor.name, Some(&handle), &site.url(&known.page))
        });
        let named = accounts.iter().map(|a| account(&a.name, a.handle.as_deref(), &a.url));
        let people = site.pages.iter().filter(|page| page.language == language);
        let people = people.flat_map(|page| {
            let document = site.document(page.document);
            let links = match &document.details {
                Details::Person(person) => &person.links[..],
                _ => &[],
            };
            links.iter().map(|url| {
                let bare = url.trim_start_matches("https://").trim_end_matches('/');
                account(&document.title, Some(bare), url)
            })
        });
        object([("own", array(own)), ("elsewhere", array(named)), ("people", array(people))])
    }

    fn event(&self, event: &Event, strings: &Strings, calendar: Value) -> Value {
        let when = |when: When| when_value(when, strings);
        object([
            ("when", Value::from(event_period(self.site, event, strings))),
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

    fn person(&self, person: &Person, document: &Document, id: PageId) -> Value {
        let term = self.term_named("authors", &document.title, self.site.page(id).language);
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
        lines.push(labelled(strings, "event_when", &event_period(self.site, event, strings)));
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

fn form_value(form: &Form) -> Value {
    let fields = form.fields.iter().map(|field| {
        object([
            ("name", Value::from(field.name.as_str())),
            ("label", Value::from(field.label.as_str())),
            ("type", Value::from(field.kind)),
            ("required", Value::from(field.required)),
            ("value", none_or(field.value.as_deref())),
        ])
    });
    object([
        ("action", Value::from(form.action.as_str())),
        ("method", Value::from(if form.is_get { "get" } else { "post" })),
        ("fields", array(fields)),
        ("button", none_or(form.button.as_deref())),
        ("privacy", Value::from(form.privacy.as_str())),
        (
            "host",
            none_or(
                url::Url::parse(&form.action).ok().and_then(|u| u.host_str().map(str::to_owned)),
            ),
        ),
    ])
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
