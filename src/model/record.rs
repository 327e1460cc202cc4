//! What was published under which id: the content of `published.toml`.

use std::collections::HashMap;
use std::sync::Arc;

use crate::time::Moment;

/// The memory of a site. Ids and dates in it win over what the sources say today.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Record {
    /// Raised whenever a record changes, so that an older state of the site can be told.
    pub(crate) serial: u64,
    /// What ids begin with, fixed when the first of them was made.
    pub(crate) id_base: String,
    /// In the order in which they came.
    pub(crate) actors: Vec<RecordedActor>,
    /// Sorted by source and language.
    pub(crate) published: Vec<Published>,
}

/// An account that was published.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct RecordedActor {
    pub(crate) user: String,
    /// The address of its document.
    pub(crate) id: String,
    pub(crate) published: Moment,
}

/// One document that was published. What was read is shared with what will be written.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::struct_field_names, reason = "these are the words of Atom and of the file")]
pub(crate) struct Published {
    /// Where its text lies, or lay: `content/news/first.md`.
    pub(crate) source: Arc<str>,
    /// The code of its language.
    pub(crate) language: Arc<str>,
    pub(crate) id: Arc<str>,
    /// The address of its fediverse document, once there is one.
    pub(crate) fediverse: Option<Arc<str>>,
    pub(crate) published: Moment,
    pub(crate) updated: Moment,
    pub(crate) withdrawn: Option<Moment>,
    pub(crate) hash: Arc<str>,
}

/// What feeds need to know of a document besides its text.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Identity {
    pub(crate) id: String,
    pub(crate) published: Moment,
    pub(crate) updated: Moment,
    /// Whether it was taken back.
    pub(crate) withdrawn: bool,
}

impl Record {
    /// The records by source and language.
    pub(crate) fn index(&self) -> HashMap<(&str, &str), usize> {
        self.published
            .iter()
            .enumerate()
            .map(|(index, p)| ((&*p.source, &*p.language), index))
            .collect()
    }
}
