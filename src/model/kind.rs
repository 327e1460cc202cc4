//! What a page is, and what only pages of its kind say.

use jiff::Timestamp;
use jiff::tz::TimeZone;

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
}

impl Kind {
    pub(crate) const ALL: [Self; 5] =
        [Self::Page, Self::News, Self::Press, Self::Event, Self::Person];

    /// The word for it in front matter.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Page => "page",
            Self::News => "news",
            Self::Press => "press",
            Self::Event => "event",
            Self::Person => "person",
        }
    }

    /// The template of a page of this kind and that of a section of them, when they have their own.
    pub(crate) fn templates(self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::Page | Self::News => None,
            Self::Press => Some(("press.html", "press_list.html")),
            Self::Event => Some(("event.html", "event_list.html")),
            Self::Person => Some(("person.html", "person_list.html")),
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
    Person(Box<Person>),
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
    /// The event: also that of a page that is none, for its post.
    pub(crate) fn event(&self) -> Option<&Event> {
        match self {
            Self::Event(event) => Some(event),
            _ => None,
        }
    }
}
