//! What a page is, and what only pages of its kind say.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::Notice;
use crate::node::Placed;
use crate::time::{Moment, When};

/// What a page is: `kind` in its front matter, or in the `_index.md` of a section above it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    /// Nothing special.
    #[default]
    Page,
    News,
    /// For the press: who to ask, notes for editors.
    Press,
    /// Takes place somewhere, at a time.
    Event,
    /// Somebody who stands, or is in office.
    Person,
    /// Asks for something to be done: links, a form.
    Campaign,
    /// What is wanted: with numbers on its paragraphs.
    Policy,
    /// The local branches, from a data file.
    Branches,
    /// A page of links, for where there is room for one address.
    Links,
    /// The accounts that are really those of the site.
    Accounts,
    /// Who is behind a political advertisement, and what it cost.
    Notice,
}

impl Kind {
    pub(crate) const ALL: [Self; 11] = [
        Self::Page,
        Self::News,
        Self::Press,
        Self::Event,
        Self::Person,
        Self::Campaign,
        Self::Policy,
        Self::Branches,
        Self::Links,
        Self::Accounts,
        Self::Notice,
    ];

    /// The word for it in front matter.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Page => "page",
            Self::News => "news",
            Self::Press => "press",
            Self::Event => "event",
            Self::Person => "person",
            Self::Campaign => "campaign",
            Self::Policy => "policy",
            Self::Branches => "branches",
            Self::Links => "links",
            Self::Accounts => "accounts",
            Self::Notice => "notice",
        }
    }

    /// The template of a page of this kind and that of a section of them, when they have their own.
    pub(crate) fn templates(self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::Page | Self::News => None,
            Self::Press => Some(("press.html", "press_list.html")),
            Self::Event => Some(("event.html", "event_list.html")),
            Self::Person => Some(("person.html", "person_list.html")),
            Self::Campaign => Some(("campaign.html", "campaign_list.html")),
            Self::Policy => Some(("policy.html", "policy_list.html")),
            Self::Branches => Some(("branches.html", "branches_list.html")),
            Self::Links => Some(("links.html", "links_list.html")),
            Self::Accounts => Some(("accounts.html", "accounts_list.html")),
            Self::Notice => Some(("notice.html", "notice_list.html")),
        }
    }
}

/// What a page says that only its kind can say.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) enum Details {
    #[default]
    None,
    Press(Box<Press>),
    Event(Box<Event>),
    /// Where that is which a page is about that is no event, for its post.
    Place(String),
    Person(Box<Person>),
    Campaign(Box<Campaign>),
    Policy(Box<Policy>),
    Branches(Vec<Branch>),
    Links(Vec<NamedLink>),
    Accounts(Vec<OfficialAccount>),
    Notice(Box<Notice>),
}

/// Something that takes place. Both its times are days, or both are moments.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Event {
    pub(crate) start: When,
    /// The last day, or the moment when it ends. Not before the start.
    pub(crate) end: Option<When>,
    /// Whose clock its times are told by.
    pub(crate) zone: TimeZone,
    pub(crate) location: Option<String>,
    /// Where it can be followed from anywhere: a web address.
    pub(crate) online: Option<String>,
    pub(crate) cancelled: bool,
    /// When it was to begin before it was moved.
    pub(crate) moved_from: Option<When>,
    /// Whether it is over at the time of the build.
    pub(crate) past: bool,
}

/// What journalists need.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Press {
    pub(crate) contact: Option<Contact>,
    /// Notes for editors, in plain text.
    pub(crate) notes: Vec<String>,
}

/// Who can be asked.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Contact {
    pub(crate) name: Option<String>,
    pub(crate) email: Option<String>,
    pub(crate) phone: Option<String>,
}

/// Somebody who stands, or is in office.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Person {
    pub(crate) role: Option<String>,
    /// Whom they stand for or speak for: a ward, a constituency.
    pub(crate) ward: Option<String>,
    pub(crate) pronouns: Option<String>,
    pub(crate) email: Option<String>,
    pub(crate) phone: Option<String>,
    /// Web addresses of their own pages and accounts elsewhere.
    pub(crate) links: Vec<String>,
}

/// What is asked for.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Campaign {
    pub(crate) actions: Vec<NamedLink>,
    pub(crate) form: Option<Form>,
}

/// What is wanted.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Policy {
    /// What this version of it is called: `2026`.
    pub(crate) version: Option<String>,
    /// The text of the version before, as it was written: `@/policies/2024/buses.md`.
    pub(crate) replaces: Option<Placed<String>>,
}

/// A link with its words.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct NamedLink {
    pub(crate) title: String,
    /// As it was written: `@/join.md`, `https://…`.
    pub(crate) url: Placed<String>,
    pub(crate) description: Option<String>,
}

/// A form that another site takes.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Form {
    /// A web address.
    pub(crate) action: String,
    /// Sends with `GET` instead of `POST`.
    pub(crate) is_get: bool,
    pub(crate) fields: Vec<FormField>,
    pub(crate) button: Option<String>,
    /// Who gets what is sent, and what becomes of it.
    pub(crate) privacy: String,
}

/// A field of a form.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct FormField {
    pub(crate) name: String,
    pub(crate) label: String,
    /// A type of HTML's `input`, or `textarea`.
    pub(crate) kind: &'static str,
    pub(crate) required: bool,
    /// What a hidden field says.
    pub(crate) value: Option<String>,
}

/// A local branch.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Branch {
    pub(crate) name: String,
    /// The wards or places that are its own.
    pub(crate) area: Vec<String>,
    pub(crate) address: Option<String>,
    pub(crate) email: Option<String>,
    pub(crate) phone: Option<String>,
    pub(crate) website: Option<String>,
}

/// An account somewhere else.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct OfficialAccount {
    /// What the place is called: `Instagram`.
    pub(crate) name: String,
    pub(crate) handle: Option<String>,
    pub(crate) url: String,
}

impl Form {
    /// What a browser has to be allowed to send it to: `https://forms.example`.
    pub(crate) fn origin(&self) -> Option<String> {
        url::Url::parse(&self.action).ok().map(|url| url.origin().ascii_serialization())
    }
}

impl Event {
    /// When it is over. What has no end is over with its day.
    pub(crate) fn over(&self) -> Moment {
        match self.end {
            Some(When::At(end)) => end,
            Some(end @ When::Day(_)) => end.day_ends(&self.zone),
            None => self.start.day_ends(&self.zone),
        }
    }

    /// Whether it is over at a moment.
    pub(crate) fn is_over(&self, now: Timestamp) -> bool {
        self.over().timestamp() <= now
    }

    /// The moment when it begins.
    pub(crate) fn begins(&self) -> Moment {
        self.start.begins(&self.zone)
    }
}

impl Details {
    /// The links to places inside the site or outside.
    pub(crate) fn links(&self) -> &[NamedLink] {
        match self {
            Self::Links(links) => links,
            Self::Campaign(campaign) => &campaign.actions,
            _ => &[],
        }
    }

    /// The form, when there is one.
    pub(crate) fn form(&self) -> Option<&Form> {
        match self {
            Self::Campaign(campaign) => campaign.form.as_ref(),
            _ => None,
        }
    }

    /// Where that is which the page is about, for its post.
    pub(crate) fn location(&self) -> Option<&str> {
        match self {
            Self::Event(event) => event.location.as_deref(),
            Self::Place(place) => Some(place),
            _ => None,
        }
    }

    /// The notice of political advertising.
    pub(crate) fn notice(&self) -> Option<&Notice> {
        match self {
            Self::Notice(notice) => Some(notice),
            _ => None,
        }
    }

    /// The event: also that of a page that is none, for its post.
    pub(crate) fn event(&self) -> Option<&Event> {
        match self {
            Self::Event(event) => Some(event),
            _ => None,
        }
    }
}
