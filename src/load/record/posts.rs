//! The fediverse ids in `published.toml`: given out once, kept for ever.
//!
//! Other servers know a post, its replies and its boosts only by the address of its document. So
//! it is made from the id of the page when the page is first published by an account, and no
//! change of slug, title, date or theme touches it.

use std::collections::HashSet;
use std::sync::Arc;

use crate::config::{ActorId, Config};
use crate::diagnostic::{Diagnostic, Place};
use crate::load::voices::Voices;
use crate::model::{Document, PostKind, Published, Record, RecordedActor, State};
use crate::path::SourcePath;
use crate::time::Moment;

/// The longest name of a post's document that is made from the id of the page.
const KEY_LENGTH_MAX: usize = 80;

/// A post, as the record has it.
#[derive(Clone, Debug)]
pub(crate) struct RecordedPost {
    pub(crate) actor: ActorId,
    /// The path of its document, `ap/news/posts/first.json`.
    pub(crate) path: String,
    pub(crate) kind: PostKind,
    pub(crate) published: Moment,
    pub(crate) updated: Moment,
    pub(crate) withdrawn: Option<Moment>,
    /// Its text, unless it is gone.
    pub(crate) document: Option<usize>,
}

/// The path of the document of an account.
pub(crate) fn actor_path(user: &str) -> String {
    format!("ap/{user}/actor.json")
}

/// The account and the whole path in the address of a post, whatever its host is.
fn parse_id<'a>(id: &'a str, config: &Config) -> Option<(ActorId, &'a str)> {
    let path = id.split_once("://")?.1.split_once('/')?.1;
    let (user, _) = path.strip_prefix("ap/")?.split_once("/posts/")?;
    let actor = config.actor_ids().find(|id| config.actor(*id).user.0 == user)?;
    Some((actor, path))
}

/// Gives ids to what is new.
pub(super) struct Ids<'a> {
    config: &'a Config,
    voices: Voices<'a>,
    id_base: String,
    taken: HashSet<Arc<str>>,
    now: Moment,
    /// Whether what is given out is given out for ever.
    settled: bool,
}

impl<'a> Ids<'a> {
    pub(super) fn new(
        config: &'a Config,
        documents: &'a [Document],
        record: &Record,
        (now, settled): (Moment, bool),
    ) -> Self {
        let taken = record.published.iter().filter_map(|entry| entry.fediverse.clone());
        Self {
            config,
            voices: Voices::new(config, documents),
            id_base: record.id_base.clone(),
            taken: taken.collect(),
            now,
            settled,
        }
    }

    /// Refuses a new text under the name of one that was taken back.
    pub(super) fn check_name(
        entry: &Published,
        document: &Document,
        problems: &mut Vec<Diagnostic>,
    ) {
        let is_new = *entry.hash != document.hash && document.state != State::Withdrawn;
        if entry.withdrawn.is_some() && is_new {
            let place = Place::file(&document.source.path);
            problems.push(Diagnostic::name_was_withdrawn(place));
        }
    }

    /// Notes that a page is a post, when an account speaks it, and that it is one no more.
    pub(super) fn note(
        &mut self,
        entry: &mut Published,
        document: &Document,
        problems: &mut Vec<Diagnostic>,
    ) {
        // A text that waits for its section has a date that is past: were it given an id now, nobody
        // could tell it from one that was public and is hidden.
        let waits =
            document.state == State::Future && document.date.is_none_or(|date| date <= self.now);
        if entry.fediverse.is_none() && super::is_recorded(document) && !waits {
            let speaker = self.voices.speaker(document);
            entry.fediverse = speaker.map(|speaker| self.new_id(speaker, &entry.id));
        }
        let Some(id) = entry.fediverse.clone() else { return };
        // Its own word, not that of its original: taking back is for ever.
        let is_over = document.front.post.withdrawn
            || (document.state == State::Expired && document.front.post.withdraw_on_expiry);
        if is_over && entry.withdrawn.is_none() {
            entry.withdrawn = Some(self.now);
        }
        if entry.withdrawn.is_some() {
            let place = Place::file(&document.source.path);
            problems.push(Diagnostic::post_withdrawn(place, &id));
        }
    }

    fn new_id(&mut self, speaker: ActorId, page_id: &str) -> Arc<str> {
        let user = &self.config.actor(speaker).user.0;
        let name = page_id.strip_prefix(self.id_base.as_str()).unwrap_or(page_id);
        let key = key_of(name.strip_suffix("/index").unwrap_or(name));
        // A preview may be told to record, too, and is at home elsewhere.
        let base = self.config.home_url.as_str();
        let plain = format!("{base}/ap/{user}/posts/{key}.json");
        let later = (2..).map(|n| format!("{base}/ap/{user}/posts/{key}-{n}.json"));
        let mut candidates = std::iter::once(plain.clone()).chain(later);
        let free = candidates.find(|id| !self.taken.contains(id.as_str())).unwrap_or(plain);
        let id: Arc<str> = free.into();
        self.taken.insert(id.clone());
        id
    }

    /// All posts that there are to be, and what is wrong with them. `indexes` has the place of
    /// the record of each document.
    pub(super) fn posts(
        &self,
        record: &Record,
        documents: &[Document],
        indexes: &[Option<usize>],
        problems: &mut Vec<Diagnostic>,
    ) -> Vec<RecordedPost> {
        let mut document_of: Vec<Option<usize>> = vec![None; record.published.len()];
        for (document, index) in indexes.iter().enumerate() {
            if let Some(index) = index {
                document_of[*index] = Some(document);
            }
        }
        let mut moved: Option<Diagnostic> = None;
        let mut posts = Vec::new();
        for (entry, document) in record.published.iter().zip(document_of) {
            let Some(id) = entry.fediverse.as_deref() else { continue };
            // Of an account that is gone nothing can be made; that is said once.
            let Some((actor, path)) = parse_id(id, self.config) else { continue };
            let wanted = self.config.base_url.absolute(path);
            let place = || Place::file(&SourcePath::new(&*entry.source));
            // Whoever is asked which text it was has not lost it.
            let may_be_renamed = document.is_none()
                && problems.iter().any(|problem| problem.code() == "ambiguous-rename");
            if self.settled && wanted != id && moved.is_none() {
                moved = Some(Diagnostic::post_id_changes(place(), id, &wanted));
            }
            let text = document.map(|index| &documents[index]);
            if self.settled
                && entry.withdrawn.is_none()
                && entry.published <= self.now
                && !may_be_renamed
                && let Some(how) = how_it_vanished(text)
            {
                problems.push(Diagnostic::post_vanished(place(), &entry.source, how));
            }
            // What is wrong in a text may hide that its time has not come, so the record decides.
            let is_early = |text: &Document| match text.state {
                State::Draft | State::Future => true,
                State::Broken => entry.published > self.now,
                _ => false,
            };
            let is_there = entry.withdrawn.is_some() || text.is_some_and(|text| !is_early(text));
            if is_there {
                posts.push(RecordedPost {
                    actor,
                    path: path.to_owned(),
                    kind: text.map_or_else(PostKind::default, |d| self.voices.kind_of(d)),
                    published: entry.published,
                    updated: entry.updated,
                    withdrawn: entry.withdrawn,
                    document,
                });
            }
        }
        problems.extend(moved);
        posts
    }
}

/// What has become of a post, and how it comes back.
fn how_it_vanished(document: Option<&Document>) -> Option<(&'static str, &'static str)> {
    match document.map(|document| document.state) {
        None => Some(("its text is gone", "restore the file")),
        Some(State::Draft) => Some(("is a draft now", "set `draft = false`")),
        Some(State::Future) => Some(("has a date in the future now", "set its date back")),
        Some(
            State::Published | State::Expired | State::Broken | State::NoPage | State::Withdrawn,
        ) => None,
    }
}

/// Records the accounts that are new, and finds those that are gone.
pub(super) fn note_actors(
    record: &mut Record,
    config: &Config,
    (now, settled): (Moment, bool),
    problems: &mut Vec<Diagnostic>,
) {
    for known in record.actors.iter().filter(|_| settled) {
        match config.actors.iter().find(|actor| actor.user.0 == known.user) {
            None => {
                let place = Place::file(&SourcePath::new(super::FILE));
                problems.push(Diagnostic::actor_vanished(place, &known.id));
            }
            Some(actor) => {
                let wanted = config.base_url.absolute(&actor_path(&actor.user.0));
                if wanted != known.id {
                    let place = config.base_url_written.1.clone();
                    problems.push(Diagnostic::post_id_changes(place, &known.id, &wanted));
                }
            }
        }
    }
    for actor in &config.actors {
        let user = &actor.user.0;
        if record.actors.iter().all(|known| known.user != *user) {
            let id = config.home_url.absolute(&actor_path(user));
            let user = user.clone();
            record.actors.push(RecordedActor { user, id, published: now });
        }
    }
}

/// The name of the document of a post: small letters, digits and hyphens from the id of the page.
fn key_of(id: &str) -> String {
    let mut key = String::with_capacity(id.len());
    for byte in id.bytes() {
        let byte = byte.to_ascii_lowercase();
        let is_plain = byte.is_ascii_lowercase() || byte.is_ascii_digit();
        if is_plain {
            key.push(byte as char);
        } else if !key.is_empty() && !key.ends_with('-') {
            key.push('-');
        }
        if key.len() >= KEY_LENGTH_MAX {
            break;
        }
    }
    let key = key.trim_end_matches('-');
    if key.is_empty() { "post".to_owned() } else { key.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_document_is_plain() {
        assert_eq!(key_of("news/2026-05-01-buses"), "news-2026-05-01-buses");
        assert_eq!(key_of("news/Caf%C3%A9%20.cy"), "news-caf-c3-a9-20-cy");
        assert_eq!(key_of("///"), "post");
        assert_eq!(key_of(&"a".repeat(500)).len(), KEY_LENGTH_MAX);
    }
}
