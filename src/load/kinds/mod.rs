//! What documents are, and what only documents of their kind say.
//!
//! The kind of a page may stand in the `_index.md` of a section, and a translation takes from its
//! original what it does not say itself. So the keys of kinds are put aside while files are read
//! one by one, and looked at here, when all are there.

mod event;
mod lists;
mod notice;
mod people;

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::sync::Arc;

use super::parse::UnknownKeys;
use crate::config::{Config, DEFAULT_LANGUAGE, Mode};
use crate::diagnostic::{Diagnostic, Place};
use crate::hash::Hash;
use crate::model::{Details, Document, Kind, State, section_folder};
use crate::node::{Fields, Key, Node, Value};
use crate::time::Moment;

/// The keys that only some kinds have, and which.
const KEYS: &[(&[&str], &[Kind])] = &[
    (event::KEYS, &[Kind::Event]),
    (people::PRESS_KEYS, &[Kind::Press]),
    (people::PERSON_KEYS, &[Kind::Person]),
    (lists::CAMPAIGN_KEYS, &[Kind::Campaign]),
    (lists::POLICY_KEYS, &[Kind::Policy]),
    (lists::LINKS_KEYS, &[Kind::Links]),
    (lists::ACCOUNTS_KEYS, &[Kind::Accounts]),
    (notice::KEYS, &[Kind::Notice]),
];

/// Those of an event that a page has also without being one, for its post on the fediverse.
const POST_KEYS: &[&str] = &["start", "end", "location"];

/// The names of all keys that belong to kinds.
pub(super) fn keys() -> impl Iterator<Item = &'static str> {
    KEYS.iter().flat_map(|(keys, _)| keys.iter().copied())
}

/// Finds out what each document is, and reads what belongs to it. What is wrong with that makes a
/// document a broken one in a build that keeps going.
pub(super) fn settle(
    documents: &mut [Document],
    config: &Config,
    mode: &Mode,
    problems: &mut Vec<Diagnostic>,
    unknown: &mut UnknownKeys,
) {
    let says = |document: &Document| document.front.kind.is_some();
    if !documents.iter().any(|d| says(d) || !d.front.of_kind.is_empty()) {
        return;
    }
    let kinds = Kinds::of(documents);
    let originals: HashMap<String, Original> = documents
        .iter()
        .filter(|d| d.language == DEFAULT_LANGUAGE && (says(d) || !d.front.of_kind.is_empty()))
        .map(|d| (d.text_key().to_owned(), Original::of(d)))
        .collect();
    for document in documents {
        let original = originals.get(document.text_key());
        let original = original.filter(|_| document.language != DEFAULT_LANGUAGE);
        document.kind = kinds.kind_of(document, original);
        let mut found = Vec::new();
        let reader = Reader { document, config, mode };
        let (details, foreign) = reader.details(original, &mut found);
        let hash = reader.hash(original);
        document.details = details;
        if let Some(hash) = hash {
            document.hash = hash;
        }
        if !foreign.is_empty() {
            let front = Arc::make_mut(&mut document.front);
            for (key, node) in foreign {
                unknown.note(&key.name, document.source.place(key.span.clone()));
                front.extra.push((key, node));
            }
        }
        // Nobody sees a draft; what it lacks is said when it is to be published.
        if document.state == State::Draft {
            found.retain(|problem| problem.code() != "notice-incomplete");
        }
        if mode.keep_going && found.iter().any(Diagnostic::is_error) {
            document.state = State::Broken;
        }
        problems.append(&mut found);
    }
}

/// What a translation takes from its original.
struct Original {
    kind: Option<Kind>,
    /// Its keys, which stand nowhere in the file of the translation.
    of_kind: Vec<(Key, Node)>,
    /// What they say, as it was written.
    written: Vec<String>,
}

impl Original {
    fn of(document: &Document) -> Self {
        let front = &document.front;
        let written = front.of_kind.iter().map(|(_, node)| written(document, node).to_owned());
        let nowhere = |(key, node): &(Key, Node)| {
            (Key { name: key.name.clone(), span: NOWHERE }, unplaced(document, node))
        };
        Self {
            kind: front.kind,
            written: written.collect(),
            of_kind: front.of_kind.iter().map(nowhere).collect(),
        }
    }
}

/// A value for a translation. A number in YAML may be meant as text, and only here it can be seen
/// how it was written.
fn unplaced(document: &Document, node: &Node) -> Node {
    let value = match &node.value {
        Value::Integer(_) | Value::Float(_) if is_yaml(document) => {
            Value::String(written(document, node).to_owned())
        }
        Value::List(items) => {
            Value::List(items.iter().map(|item| unplaced(document, item)).collect())
        }
        Value::Table(entries) => {
            let entries = entries.iter().map(|(key, node)| {
                (Key { name: key.name.clone(), span: NOWHERE }, unplaced(document, node))
            });
            Value::Table(entries.collect())
        }
        value => value.clone(),
    };
    Node { value, span: NOWHERE }
}

fn is_yaml(document: &Document) -> bool {
    document.source.text.trim_start().starts_with("---")
}

/// Where what was inherited stands in a file: before its front matter.
const NOWHERE: Range<usize> = 0..0;

fn written<'d>(document: &'d Document, node: &Node) -> &'d str {
    document.source.text.get(node.span.clone()).unwrap_or_default().trim()
}

/// By folder: what the pages in it are.
struct Kinds(HashMap<String, Kind>);

impl Kinds {
    fn of(documents: &[Document]) -> Self {
        let mut kinds = HashMap::new();
        for document in documents {
            let Some(folder) = section_folder(&document.key) else { continue };
            let Some(kind) = document.front.kind else { continue };
            // The original speaks for all languages.
            if document.language == DEFAULT_LANGUAGE || !kinds.contains_key(folder) {
                kinds.insert(folder.to_owned(), kind);
            }
        }
        Self(kinds)
    }

    fn kind_of(&self, document: &Document, original: Option<&Original>) -> Kind {
        let own = document.front.kind.or_else(|| original?.kind);
        own.unwrap_or_else(|| self.in_folder(document.folder()))
    }

    /// The kind that the nearest section says.
    fn in_folder(&self, folder: &str) -> Kind {
        let above = std::iter::successors(Some(folder), |folder| match folder.rsplit_once('/') {
            Some((above, _)) => Some(above),
            None => (!folder.is_empty()).then_some(""),
        });
        above.into_iter().find_map(|folder| self.0.get(folder)).copied().unwrap_or_default()
    }
}

/// Reads what belongs to the kind of a document.
struct Reader<'a> {
    document: &'a Document,
    config: &'a Config,
    mode: &'a Mode,
}

impl Reader<'_> {
    /// What the document says of its kind, and keys of other kinds that lenient front matter has.
    fn details(
        &self,
        original: Option<&Original>,
        problems: &mut Vec<Diagnostic>,
    ) -> (Details, Vec<(Key, Node)>) {
        let document = self.document;
        // What could not be read lacks everything; that is no mistake of its own.
        if document.is_section() || document.front.is_unread {
            return (Details::None, Vec::new());
        }
        let (own, foreign): (Vec<_>, Vec<_>) =
            document.front.of_kind.iter().cloned().partition(|(key, _)| self.belongs(&key.name));
        let foreign = if self.config.lenient() {
            foreign
        } else {
            for (key, _) in &foreign {
                problems.push(self.foreign(key));
            }
            Vec::new()
        };
        let inherited: Vec<_> = original
            .iter()
            .flat_map(|original| &original.of_kind)
            .filter(|(key, _)| {
                self.belongs(&key.name) && own.iter().all(|(k, _)| k.name != key.name)
            })
            .cloned()
            .collect();
        let mut found = Vec::new();
        let is_own = inherited.is_empty();
        let details = self.read(own.into_iter().chain(inherited).collect(), &mut found);
        // What is wrong with what was inherited is said of the original. It has no place here but
        // the first line, where nothing else stands.
        let is_here = |problem: &Diagnostic| problem.place.as_ref().is_none_or(|p| p.line > 1);
        found.retain(|problem| is_own || is_here(problem));
        problems.append(&mut found);
        (details, foreign)
    }

    /// Stands for the text and what it says of its kind: a change of that is an edit, also where a
    /// translation takes it from its original. Nothing when it says nothing.
    fn hash(&self, original: Option<&Original>) -> Option<String> {
        let document = self.document;
        let own = document.front.of_kind.iter();
        let own = own.map(|(key, node)| (key.name.as_str(), written(document, node)));
        let own: BTreeMap<&str, &str> = own.filter(|(key, _)| self.belongs(key)).collect();
        let inherited = original.iter().flat_map(|o| o.of_kind.iter().zip(&o.written));
        let inherited = inherited.map(|((key, _), text)| (key.name.as_str(), text.as_str()));
        let mut all: BTreeMap<&str, &str> =
            inherited.filter(|(key, _)| self.belongs(key)).collect();
        all.extend(own);
        if all.is_empty() || document.is_section() {
            return None;
        }
        let mut hash = Hash::default();
        hash.part(document.hash.as_bytes());
        // Another clock of the site moves what goes by it.
        let goes_by = |key: &&str| {
            all.get(*key).is_some_and(|text| text.contains(':') && !Moment::has_offset(text))
        };
        if !all.contains_key("zone") && ["start", "end"].iter().any(goes_by) {
            hash.part(self.config.zone.iana_name().unwrap_or_default().as_bytes());
        }
        for (key, text) in all {
            hash.part(key.as_bytes());
            hash.part(text.as_bytes());
        }
        Some(hash.finish())
    }

    fn belongs(&self, key: &str) -> bool {
        let kind = self.document.kind;
        let is_of =
            |(keys, kinds): &(&[&str], &[Kind])| kinds.contains(&kind) && keys.contains(&key);
        KEYS.iter().any(is_of)
            || (POST_KEYS.contains(&key) && matches!(kind, Kind::Page | Kind::News))
    }

    fn foreign(&self, key: &Key) -> Diagnostic {
        let place = self.document.source.place(key.span.clone());
        let owner = KEYS.iter().find(|(keys, _)| keys.contains(&key.name.as_str()));
        let owner = owner.and_then(|(_, kinds)| kinds.first()).copied().unwrap_or_default();
        Diagnostic::key_of_kind(place, &key.name, owner.name(), self.document.kind.name())
    }

    fn read(&self, entries: Vec<(Key, Node)>, problems: &mut Vec<Diagnostic>) -> Details {
        let document = self.document;
        let is_empty = entries.is_empty();
        if document.kind == Kind::Branches {
            return Details::Branches(lists::read_branches(document, problems));
        }
        let is_yaml = is_yaml(document);
        let mut fields = Fields::new(&document.source, entries, problems).loose_text(is_yaml);
        match document.kind {
            Kind::Event => event::read(&mut fields, document, self.config, self.mode)
                .map_or(Details::None, |event| Details::Event(Box::new(event))),
            Kind::Press => Details::Press(Box::new(people::read_press(&mut fields))),
            Kind::Person => Details::Person(Box::new(people::read_person(&mut fields))),
            // A page with a time in a section whose posts are events.
            Kind::Page | Kind::News if !is_empty => {
                event::read_post(&mut fields, self.config, self.mode)
            }
            Kind::Campaign => Details::Campaign(Box::new(lists::read_campaign(&mut fields))),
            Kind::Policy => Details::Policy(Box::new(lists::read_policy(&mut fields))),
            Kind::Links => Details::Links(lists::read_links(&mut fields)),
            Kind::Accounts => Details::Accounts(lists::read_accounts(&mut fields)),
            Kind::Notice => notice::read(&mut fields, document, self.config)
                .map_or(Details::None, |notice| Details::Notice(Box::new(notice))),
            Kind::Page | Kind::News | Kind::Branches => Details::None,
        }
    }
}

/// The place of a document that lacks something: all of its front matter is to blame.
fn nowhere(document: &Document) -> Place {
    document.source.place(0..3)
}
