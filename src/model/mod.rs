//! What a site *is*, before anything is rendered.
//!
//! A [`Document`] is a text in one language, as somebody wrote it. A [`Page`] is a document
//! at an address: a site in two languages has two pages of each document, one of them
//! perhaps showing the original because nobody has translated it yet. [`Section`]s and
//! [`Term`]s list pages. Nothing here changes once `load` has made it.

mod document;
mod kind;
mod notice;
mod page;
mod post;
mod record;
mod site;
mod theme;

pub(crate) use document::{
    DataFile, Document, DocumentId, Enclosure, FrontMatter, PostKeys, PostKind, SectionKeys,
    SortBy, State, file_names, last_word, named_file, section_folder,
};
pub(crate) use kind::{
    Branch, Campaign, Contact, Details, Event, Form, FormField, Kind, NamedLink, OfficialAccount,
    Person, Policy, Press,
};
pub(crate) use notice::{
    Currency, Item, Money, MoneyProblem, Notice, Process, ProcessKind, Reach, Sums, Targeting,
    Totals, plain_amount,
};
pub(crate) use page::{Alias, Page, PageId, Section, SectionId, Term, TermId, TermList};
pub(crate) use post::{Account, Post, PostId, PostText};
pub(crate) use record::{Identity, Published, Record, RecordedActor};
pub(crate) use site::{Asset, Destination, MenuEntry, Menus, Site};
pub(crate) use theme::{StaticFile, Strings, ThemeFiles};
