//! Which account speaks which text.
//!
//! A text is the post of one account: of the first in `site.toml` that names its section, one of
//! its terms or the page of one of its authors; where none does, of the first that names nothing.

use std::collections::{HashMap, HashSet};

use crate::config::{Actor, ActorId, Config};
use crate::model::{Document, Kind, PostKind, section_folder};
use crate::path::slugify;

/// Knows who speaks.
pub(crate) struct Voices<'a> {
    config: &'a Config,
    /// By folder: what its `_index.md` says of the texts in it.
    kinds: HashMap<&'a str, PostKind>,
    /// By actor: the names of authors that are its voice.
    people: Vec<HashSet<&'a str>>,
    /// By actor: taxonomies and slugs of terms.
    terms: Vec<Vec<(&'a str, String)>>,
}

impl<'a> Voices<'a> {
    pub(crate) fn new(config: &'a Config, documents: &'a [Document]) -> Self {
        let mut kinds = HashMap::new();
        let mut titles: HashMap<&str, Vec<&str>> = HashMap::new();
        if !config.actors.is_empty() {
            for document in documents {
                if let Some(folder) = section_folder(&document.key) {
                    let of_kind =
                        (document.front.kind == Some(Kind::Event)).then_some(PostKind::Event);
                    let kind = document.front.section.posts.or(of_kind);
                    kinds.extend(kind.map(|kind| (folder, kind)));
                }
                titles.entry(document.text_key()).or_default().push(&document.title);
            }
        }
        let people = config.actors.iter().map(|actor| {
            let pages = actor.voice.people.iter().filter_map(|(key, _)| titles.get(key.as_str()));
            pages.flatten().copied().collect()
        });
        let terms = config.actors.iter().map(|actor| {
            let terms = actor.voice.terms.iter().filter_map(|(term, _)| {
                let (taxonomy, name) = term.split_once('/')?;
                let code = &config.language(actor.voice.languages[0]).code;
                Some((taxonomy, slugify(name, code)))
            });
            terms.collect()
        });
        Self { kinds, people: people.collect(), terms: terms.collect(), config }
    }

    /// What kind of post a text would be.
    pub(crate) fn kind_of(&self, document: &Document) -> PostKind {
        // Whatever its section is.
        if document.front.kind == Some(Kind::Event) {
            return PostKind::Event;
        }
        let mut folder = document.folder();
        loop {
            if let Some(kind) = self.kinds.get(folder) {
                return *kind;
            }
            match folder.rsplit_once('/') {
                Some((above, _)) => folder = above,
                None if folder.is_empty() => return PostKind::default(),
                None => folder = "",
            }
        }
    }

    /// Who speaks a text; nobody when it is no post. Only what has a date is one.
    pub(crate) fn speaker(&self, document: &Document) -> Option<ActorId> {
        let is_post = document.date.is_some() && !document.is_section();
        if self.config.actors.is_empty() || !is_post || self.kind_of(document) == PostKind::None {
            return None;
        }
        let speaks =
            |id: &ActorId| self.config.actor(*id).voice.languages.contains(&document.language);
        let mut named = self.config.actor_ids().filter(speaks);
        let rest = |id: &ActorId| self.config.actor(*id).voice.is_of_the_rest();
        named
            .find(|id| self.names(*id, document))
            .or_else(|| self.config.actor_ids().filter(speaks).find(rest))
    }

    fn names(&self, id: ActorId, document: &Document) -> bool {
        let Actor { voice, .. } = self.config.actor(id);
        let folder = document.folder();
        let in_section = voice.sections.iter().any(|(section, _)| {
            folder
                .strip_prefix(section.as_str())
                .is_some_and(|r| r.is_empty() || r.starts_with('/'))
        });
        let code = &self.config.language(document.language).code;
        let has_term = self.terms[id.0].iter().any(|(taxonomy, slug)| {
            let terms = document.front.terms.iter().filter(|(name, _)| name == taxonomy);
            terms.flat_map(|(_, terms)| terms).any(|(name, _)| slugify(name, code) == *slug)
        });
        let people = &self.people[id.0];
        let by_one = document.front.authors.iter().any(|author| people.contains(author.as_str()));
        in_section || has_term || by_one
    }
}
