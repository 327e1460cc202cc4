//! What search engines and other machines read in a page: JSON-LD with schema.org's words.

use serde::Serialize;

use crate::config::{Imprint, LanguageId};
use crate::model::{Details, Document, Event, Kind, Page, Person, Site, Term};

/// A JSON-LD document.
#[derive(Serialize)]
#[serde(untagged)]
pub(crate) enum JsonLd<'a> {
    /// Boxed, for it is much larger than the others.
    Page(Box<PageData<'a>>),
    Site(SiteData<'a>),
    Event(Box<EventData<'a>>),
    Profile(Profile<'a>),
}

const CONTEXT: &str = "https://schema.org";

// The names of schema.org, in the order of the alphabet.

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PageData<'a> {
    #[serde(rename = "@context")]
    context: &'static str,
    #[serde(rename = "@type")]
    kind: &'static str,
    author: Authors<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    date_modified: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    date_published: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    headline: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    image: Option<&'a str>,
    in_language: &'a str,
    publisher: Agent<'a>,
    url: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SiteData<'a> {
    #[serde(rename = "@context")]
    context: &'static str,
    #[serde(rename = "@type")]
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    in_language: &'a str,
    name: &'a str,
    publisher: Agent<'a>,
    url: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct EventData<'a> {
    #[serde(rename = "@context")]
    context: &'static str,
    #[serde(rename = "@type")]
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_date: Option<String>,
    event_attendance_mode: String,
    event_status: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    image: Option<&'a str>,
    in_language: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    location: Vec<Place<'a>>,
    name: &'a str,
    organizer: Agent<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    previous_start_date: Option<String>,
    start_date: String,
    url: String,
}

/// Where an event is: in a place with an address, or at one in the web.
#[derive(Default, Serialize)]
struct Place<'a> {
    #[serde(rename = "@type")]
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Profile<'a> {
    #[serde(rename = "@context")]
    context: &'static str,
    #[serde(rename = "@type")]
    kind: &'static str,
    main_entity: Agent<'a>,
    url: String,
}

/// A person or an organization.
#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Agent<'a> {
    #[serde(rename = "@type")]
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    image: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    job_title: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    legal_name: Option<&'a str>,
    name: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    same_as: Vec<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    telephone: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Authors<'a> {
    Named(Vec<Agent<'a>>),
    /// Nobody is named, so it is the organization.
    Publisher(Agent<'a>),
}

impl<'a> JsonLd<'a> {
    /// The front page: the site and who speaks in it.
    pub(crate) fn site(site: &'a Site, language: LanguageId, description: Option<&'a str>) -> Self {
        let own = site.config.language(language);
        Self::Site(SiteData {
            context: CONTEXT,
            kind: "WebSite",
            description,
            in_language: &own.code,
            name: &own.title,
            publisher: publisher(site, site.imprint(None, language)),
            url: site.config.base_url.absolute(""),
        })
    }

    /// An event, a person, news; of other pages one with a date is an article.
    pub(crate) fn page(site: &'a Site, page: &Page, image: Option<&'a str>) -> Self {
        let document = site.document(page.document);
        match &document.details {
            Details::Event(event) if document.kind == Kind::Event => {
                return Self::event(site, page, event, image);
            }
            Details::Person(who) => return Self::of_person(site, page, who, image),
            _ => {}
        }
        let kind = match (document.kind, document.date) {
            (Kind::News | Kind::Press, _) => "NewsArticle",
            (_, Some(_)) => "Article",
            (_, None) => "WebPage",
        };
        Self::Page(Box::new(PageData {
            context: CONTEXT,
            kind,
            author: authors(site, document, page),
            date_modified: site.modified(page.document).map(|moment| moment.to_string()),
            date_published: document.date.map(|moment| moment.to_string()),
            description: document.front.description.as_deref(),
            headline: &document.title,
            image,
            in_language: &site.config.language(document.language).code,
            publisher: publisher(site, site.imprint(Some(document), page.language)),
            url: site.permalink(&page.output),
        }))
    }

    fn event(site: &'a Site, page: &Page, event: &'a Event, image: Option<&'a str>) -> Self {
        let document = site.document(page.document);
        let mode = match (&event.location, &event.online) {
            (Some(_), Some(_)) => "Mixed",
            (None, Some(_)) => "Online",
            _ => "Offline",
        };
        let status = match (event.cancelled, event.moved_from) {
            (true, _) => "Cancelled",
            (false, Some(_)) => "Rescheduled",
            (false, None) => "Scheduled",
        };
        let place = event.location.as_deref().map(|text| Place {
            kind: "Place",
            address: Some(text),
            name: Some(text),
            ..Place::default()
        });
        let online = event.online.as_deref();
        let online =
            online.map(|url| Place { kind: "VirtualLocation", url: Some(url), ..Place::default() });
        Self::Event(Box::new(EventData {
            context: CONTEXT,
            kind: "Event",
            description: document.front.description.as_deref(),
            end_date: event.end.map(|end| end.to_string()),
            event_attendance_mode: format!("{CONTEXT}/{mode}EventAttendanceMode"),
            event_status: format!("{CONTEXT}/Event{status}"),
            image,
            in_language: &site.config.language(document.language).code,
            location: place.into_iter().chain(online).collect(),
            name: &document.title,
            organizer: publisher(site, site.imprint(Some(document), page.language)),
            previous_start_date: event.moved_from.map(|from| from.to_string()),
            start_date: event.start.to_string(),
            url: site.permalink(&page.output),
        }))
    }

    fn of_person(site: &'a Site, page: &Page, who: &'a Person, image: Option<&'a str>) -> Self {
        let document = site.document(page.document);
        let url = site.permalink(&page.output);
        Self::Profile(Profile {
            context: CONTEXT,
            kind: "ProfilePage",
            main_entity: Agent {
                email: who.email.as_deref(),
                image,
                job_title: who.role.as_deref(),
                same_as: who.links.iter().map(String::as_str).collect(),
                telephone: who.phone.as_deref(),
                ..person(&document.title, Some(url.clone()))
            },
            url,
        })
    }

    /// The page of a term that is a person: all that they have written.
    pub(crate) fn person(site: &Site, term: &'a Term) -> Self {
        let url = site.permalink(&term.output);
        Self::Profile(Profile {
            context: CONTEXT,
            kind: "ProfilePage",
            main_entity: person(&term.name, Some(url.clone())),
            url,
        })
    }

    /// The text for a `<script>` element. It cannot end the element, whatever a title says.
    pub(crate) fn script(&self) -> String {
        // Texts and lists of them always become JSON.
        script_safe(serde_json::to_string(self).unwrap_or_default())
    }
}

/// JSON in which nothing means anything to HTML or to old JavaScript.
fn script_safe(json: String) -> String {
    if !json.contains(['<', '>', '&', '\u{2028}', '\u{2029}']) {
        return json;
    }
    let mut safe = String::with_capacity(json.len());
    for c in json.chars() {
        match c {
            '<' => safe.push_str("\\u003c"),
            '>' => safe.push_str("\\u003e"),
            '&' => safe.push_str("\\u0026"),
            '\u{2028}' => safe.push_str("\\u2028"),
            '\u{2029}' => safe.push_str("\\u2029"),
            c => safe.push(c),
        }
    }
    safe
}

fn organization(site: &Site) -> Agent<'_> {
    let name = site.config.author.as_deref().unwrap_or(&site.config.languages[0].title);
    let url = Some(site.config.base_url.absolute(""));
    Agent { kind: "Organization", name, url, ..Agent::default() }
}

/// The organization, with what its imprint says of it.
fn publisher<'a>(site: &'a Site, imprint: Option<&'a Imprint>) -> Agent<'a> {
    let plain = organization(site);
    let (party, email, telephone) = match imprint {
        None => return plain,
        Some(Imprint::Promotion(promotion)) => {
            (promotion.on_behalf_of.first().unwrap_or(&promotion.promoter), None, None)
        }
        Some(Imprint::Provider(provider)) => {
            (&provider.party, Some(provider.email.as_str()), provider.phone.as_deref())
        }
    };
    let legal_name = Some(party.name.as_str()).filter(|name| *name != plain.name);
    Agent { address: Some(&party.address), email, legal_name, telephone, ..plain }
}

fn person(name: &str, url: Option<String>) -> Agent<'_> {
    Agent { kind: "Person", name, url, ..Agent::default() }
}

fn authors<'a>(site: &'a Site, document: &'a Document, page: &Page) -> Authors<'a> {
    if document.front.authors.is_empty() {
        return Authors::Publisher(organization(site));
    }
    let authors = document.front.authors.iter().map(|name| {
        let url = site.author_term(page, name).map(|term| site.permalink(&term.output));
        person(name, url)
    });
    Authors::Named(authors.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_text_breaks_out_of_the_script(text in "(</script>|<!--|&|\u{2028}|\"|.){0,40}") {
            let script = script_safe(serde_json::to_string(&text).unwrap());
            let active = script.contains(['<', '>', '&', '\u{2028}', '\u{2029}']);
            prop_assert!(!active);
            let back: String = serde_json::from_str(&script).unwrap();
            prop_assert_eq!(back, text);
        }
    }
}
