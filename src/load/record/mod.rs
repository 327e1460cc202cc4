//! `published.toml`: ids and dates that were once given out and are kept for ever.
//!
//! Feed readers and followers know a page by its id. So an id is made once, from where the
//! text lies, and then remembered; the file is kept under version control like a lock file.

mod file;
mod posts;

use std::collections::HashMap;
use std::sync::Arc;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::parse::split_date;
use super::read::InputFile;
use crate::config::{Config, Mode, is_nobodys};
use crate::diagnostic::{Diagnostic, Place};
use crate::model::{Document, Identity, Published, Record, State};
use crate::time::Moment;

pub(crate) use file::{FILE, read, write};
use posts::Ids;
pub(crate) use posts::{RecordedPost, actor_path};

/// The ids of all documents, and the record with what is new in it.
pub(crate) struct Reconciled {
    /// In the order of the documents. Of those that are not published they mean nothing.
    pub(crate) identities: Vec<Identity>,
    pub(crate) record: Record,
    /// What the site is on the fediverse.
    pub(crate) posts: Vec<RecordedPost>,
    pub(crate) problems: Vec<Diagnostic>,
}

/// Gives every document its id: the recorded one, that of the source it was renamed from, or
/// a new one.
pub(crate) fn reconcile(
    before: Option<&Record>,
    documents: &[Document],
    files: &[InputFile],
    config: &Config,
    mode: &Mode,
) -> Reconciled {
    let now = Moment::at(mode.now, &config.zone).whole_seconds();
    let mut problems = Vec::new();
    let mut record = begin(before, config, now, &mut problems);
    keep_languages(&mut record, documents, config, &mut problems);
    let mut indexes = indexes(&record, documents, config);
    // When each has its document, none has lost it.
    let is_settled = indexes.iter().flatten().count() == record.published.len();
    let renamed = if is_settled {
        Vec::new()
    } else {
        find_renamed(&record, documents, files, (config, now), &mut problems)
    };
    rename(&mut record, &renamed, documents, config, &mut problems);
    for (index, document) in &renamed {
        indexes[*document] = Some(*index);
    }
    // By id, the sources. Only who is new asks for them.
    let mut ids: Option<HashMap<Arc<str>, Arc<str>>> = None;
    let times = (now, !config.is_preview(mode));
    let mut fediverse = Ids::new(config, documents, &record, times);
    let mut identities = Vec::with_capacity(documents.len());
    for (document, index) in documents.iter().zip(&mut indexes) {
        let entry = match *index {
            Some(index) => {
                let entry = &mut record.published[index];
                Ids::check_name(entry, document, &mut problems);
                // The post of a page that has expired can still be edited.
                let lives_on = document.state == State::Expired && entry.fediverse.is_some();
                if is_recorded(document) || lives_on {
                    refresh(entry, document, now, &record.id_base, &mut problems);
                }
                fediverse.note(entry, document, &mut problems);
                entry.clone()
            }
            None => {
                let known = &record.published;
                let known = || known.iter().map(|p| (p.id.clone(), p.source.clone())).collect();
                let ids = ids.get_or_insert_with(known);
                let code = &config.language(document.language).code;
                let mut entry = new_entry(document, code, &record.id_base, now, ids);
                fediverse.note(&mut entry, document, &mut problems);
                if is_recorded(document) {
                    if let Some(other) = ids.insert(entry.id.clone(), entry.source.clone()) {
                        let span = document.front.id.as_deref().map_or(0..0, |(_, s)| s.clone());
                        let place = document.source.place(span);
                        problems.push(Diagnostic::duplicate_id(place, &entry.id, &other));
                    }
                    *index = Some(record.published.len());
                    record.published.push(entry.clone());
                }
                entry
            }
        };
        identities.push(Identity {
            id: entry.id.to_string(),
            published: entry.published,
            updated: entry.updated,
            withdrawn: entry.withdrawn.is_some(),
        });
    }
    let posts = fediverse.posts(&record, documents, &indexes, &mut problems);
    posts::note_actors(&mut record, config, times, &mut problems);
    if !is_settled && times.1 {
        forget_unseen(&mut record, documents, files, config, now);
    }
    record.published.sort_by(|a, b| (&a.source, &a.language).cmp(&(&b.source, &b.language)));
    if before != Some(&record) {
        record.serial += 1;
    }
    Reconciled { identities, record, posts, problems }
}

/// The record as it was, or a new one, with what ids begin with.
fn begin(
    before: Option<&Record>,
    config: &Config,
    now: Moment,
    problems: &mut Vec<Diagnostic>,
) -> Record {
    let mut record = before.cloned().unwrap_or_default();
    let is_at_home = config.home_url.nobodys().is_none() && !config.home_url.is_loopback();
    if config.id_base.is_none() && is_at_home && is_nobodys_base(&record.id_base) {
        let place = Place::named(FILE);
        problems.push(Diagnostic::ids_moved(place, &record.id_base));
        move_ids(&mut record, default_id_base(config, now));
    }
    if record.id_base.is_empty() {
        record.id_base = match &config.id_base {
            Some((wished, _)) => wished.clone(),
            None => default_id_base(config, now),
        };
    }
    if let Some((wished, place)) = &config.id_base
        && *wished != record.id_base
    {
        problems.push(Diagnostic::id_base_is_fixed(place.clone(), wished, &record.id_base));
    }
    record
}

/// Whether ids begin with a domain that nobody can have: that of an example, under which a site was
/// built before it had one of its own.
fn is_nobodys_base(id_base: &str) -> bool {
    let authority = id_base.strip_prefix("tag:").and_then(|rest| rest.split_once(','));
    authority.is_some_and(|(domain, _)| is_nobodys(domain))
}

/// Lets ids begin with something else. No server can have asked for an account or a post at the
/// old address, so these begin anew.
fn move_ids(record: &mut Record, id_base: String) {
    for entry in &mut record.published {
        if let Some(rest) = entry.id.strip_prefix(&record.id_base) {
            entry.id = format!("{id_base}{rest}").into();
        }
        entry.fediverse = None;
    }
    record.actors.clear();
    record.id_base = id_base;
}

/// Lets records go along with texts that have another name now.
fn rename(
    record: &mut Record,
    renamed: &[(usize, usize)],
    documents: &[Document],
    config: &Config,
    problems: &mut Vec<Diagnostic>,
) {
    for (index, document) in renamed {
        let (entry, document) = (&mut record.published[*index], &documents[*document]);
        let place = Place::file(&document.source.path);
        problems.push(Diagnostic::source_renamed(place, &entry.source, &entry.id));
        entry.language = config.language(document.language).code.as_str().into();
        entry.source = document.source.path.as_str().into();
    }
}

/// By document, the place of its record.
fn indexes(record: &Record, documents: &[Document], config: &Config) -> Vec<Option<usize>> {
    let known = record.index();
    let code = |document: &Document| config.language(document.language).code.as_str();
    let index = |d: &Document| known.get(&(d.source.path.as_str(), code(d))).copied();
    documents.iter().map(index).collect()
}

/// Gives the documents the dates under which they were published, which win over those in the
/// front matter: a page, its feed entry and its place in a list say the same. What was taken back
/// is no page any more, whatever its front matter says.
pub(crate) fn keep_dates(documents: &mut [Document], identities: &[Identity]) {
    for (document, identity) in documents.iter_mut().zip(identities) {
        if identity.withdrawn {
            document.state = State::Withdrawn;
        }
        if is_recorded(document) && document.date.is_some() {
            document.date = Some(identity.published);
        }
    }
}

/// A site may give a language another code, `en-GB` for `en`. Its texts are the same all the
/// same: where only one record of a source is left, and its language is none of the site's, it
/// belongs to the document of that source.
fn keep_languages(
    record: &mut Record,
    documents: &[Document],
    config: &Config,
    problems: &mut Vec<Diagnostic>,
) {
    let is_foreign = |entry: &Published| config.language_id(&entry.language).is_none();
    if !record.published.iter().any(is_foreign) {
        return;
    }
    let mut by_source: HashMap<&str, Vec<usize>> = HashMap::new();
    for (index, entry) in record.published.iter().enumerate() {
        by_source.entry(&entry.source).or_default().push(index);
    }
    let mut changes = Vec::new();
    for document in documents {
        let Some([index]) = by_source.get(document.source.path.as_str()).map(Vec::as_slice) else {
            continue;
        };
        if is_foreign(&record.published[*index]) {
            changes.push((*index, document));
        }
    }
    for (index, document) in changes {
        let entry = &mut record.published[index];
        let code = &config.language(document.language).code;
        let place = Place::file(&document.source.path);
        problems.push(Diagnostic::language_renamed(place, &entry.language, code));
        entry.language = code.as_str().into();
    }
}

/// A page with an embargo is recorded when it is written, not when its time comes: then a
/// timer on a host can publish it with `--locked`.
fn is_recorded(document: &Document) -> bool {
    let state = document.state;
    matches!(state, State::Published | State::Future | State::NoPage) && !document.is_section()
}

/// Records of sources that are gone, by index, with the new document that each belongs to.
fn find_renamed(
    record: &Record,
    documents: &[Document],
    files: &[InputFile],
    (config, now): (&Config, Moment),
    problems: &mut Vec<Diagnostic>,
) -> Vec<(usize, usize)> {
    let gone = find_gone(record, documents, files, config);
    if gone.is_empty() {
        return Vec::new();
    }
    let recorded = record.index();
    let is_new = |document: &Document| {
        let language = config.language(document.language).code.as_str();
        // A page that has expired is no new one, but its post may live on under its record.
        let may_be_known = is_recorded(document) || document.state == State::Expired;
        may_be_known && !recorded.contains_key(&(document.source.path.as_str(), language))
    };
    let mut by_hash: HashMap<&str, Vec<usize>> = HashMap::new();
    for index in &gone {
        by_hash.entry(&record.published[*index].hash).or_default().push(*index);
    }
    let mut pairs = Vec::new();
    for (number, document) in documents.iter().enumerate().filter(|(_, d)| is_new(d)) {
        // It has the id that the document asks for, or the same text.
        let fits: Vec<usize> = match document.front.id.as_deref() {
            Some((id, _)) => {
                let id = full_id(id, &record.id_base);
                gone.iter().copied().filter(|index| *record.published[*index].id == id).collect()
            }
            None => by_hash.get(document.hash.as_str()).cloned().unwrap_or_default(),
        };
        match fits.as_slice() {
            [] => {
                // What nobody has seen yet need not keep its id.
                let like = |index: &&usize| {
                    let entry = &record.published[**index];
                    entry.published <= now && resembles(entry, document, config)
                };
                let ids: Vec<&str> =
                    gone.iter().filter(like).map(|i| &*record.published[*i].id).collect();
                if !ids.is_empty() {
                    let place = Place::file(&document.source.path);
                    problems.push(Diagnostic::ambiguous_rename(place, ids.into_iter()));
                }
            }
            [index] => pairs.push((*index, number)),
            several => {
                let ids = several.iter().map(|index| &*record.published[*index].id);
                let place = Place::file(&document.source.path);
                problems.push(Diagnostic::ambiguous_rename(place, ids));
            }
        }
    }
    let mut claims: HashMap<usize, usize> = HashMap::new();
    for (index, _) in &pairs {
        *claims.entry(*index).or_default() += 1;
    }
    for (index, number) in pairs.iter().filter(|(index, _)| claims[index] > 1) {
        let place = Place::file(&documents[*number].source.path);
        let ids = [&*record.published[*index].id];
        problems.push(Diagnostic::ambiguous_rename(place, ids.into_iter()));
    }
    pairs.iter().filter(|(index, _)| claims[index] == 1).copied().collect()
}

/// The records whose text is not where it was: its file is gone, or is a text in another
/// language by now. A file that cannot be read is not gone.
fn find_gone(
    record: &Record,
    documents: &[Document],
    files: &[InputFile],
    config: &Config,
) -> Vec<usize> {
    let mut languages: HashMap<&str, &str> =
        files.iter().map(|file| (file.path.as_str(), "")).collect();
    for document in documents {
        let code = config.language(document.language).code.as_str();
        languages.insert(document.source.path.as_str(), code);
    }
    let is_gone = |entry: &Published| match languages.get(&*entry.source) {
        None => true,
        Some(code) => !code.is_empty() && *code != &*entry.language,
    };
    (0..record.published.len()).filter(|index| is_gone(&record.published[*index])).collect()
}

/// Forgets texts that are gone before their time came: nobody knows their ids.
fn forget_unseen(
    record: &mut Record,
    documents: &[Document],
    files: &[InputFile],
    config: &Config,
    now: Moment,
) {
    let mut gone = find_gone(record, documents, files, config);
    gone.retain(|index| record.published[*index].published > now);
    let mut indexes = 0..;
    record.published.retain(|_| !gone.contains(&indexes.next().unwrap_or_default()));
}

/// Whether a record may be that of a document whose text has changed as well: it has the same
/// name, or the very same moment of publication. That is not enough to be sure.
fn resembles(entry: &Published, document: &Document, config: &Config) -> bool {
    if *entry.language != config.language(document.language).code || document.front.id.is_some() {
        return false;
    }
    let path = entry.source.rsplit_once('.').map_or(&*entry.source, |(path, _)| path);
    let path = path.strip_suffix(&format!(".{}", entry.language)).unwrap_or(path);
    let path = path.strip_suffix("/index").unwrap_or(path);
    let without_date = |name: &str| split_date(name).map_or(name.to_owned(), |(_, n)| n.to_owned());
    let same_name =
        without_date(path.rsplit('/').next().unwrap_or(path)) == without_date(document.stem());
    // Many texts may have the same day.
    let date = document.date.map(Moment::whole_seconds).filter(|date| !date.is_midnight());
    same_name || date == Some(entry.published)
}

fn refresh(
    entry: &mut Published,
    document: &Document,
    now: Moment,
    id_base: &str,
    problems: &mut Vec<Diagnostic>,
) {
    if let Some((id, span)) = document.front.id.as_deref()
        && *full_id(id, id_base) != *entry.id
    {
        let place = document.source.place(span.clone());
        problems.push(Diagnostic::id_is_fixed(place, &entry.id));
    }
    if entry.published > now {
        // Nobody has seen it yet, so it can still change its mind.
        let fresh = document.date.unwrap_or(now).whole_seconds();
        (entry.published, entry.updated) = (fresh, fresh);
        entry.hash = document.hash.as_str().into();
        return;
    }
    // Another zone of the site gives the same day another moment; that is no other date. Neither
    // is an embargo that came when the page was public already.
    let said = document.date.filter(|date| document.front.post.embargo != Some(*date));
    if said.is_some_and(|date| date.date() != entry.published.date()) {
        let place = Place::file(&document.source.path);
        let problem = Diagnostic::date_is_fixed(place, &entry.published.to_string());
        problems.push(problem);
    }
    let stated = document.front.updated.map(Moment::whole_seconds).filter(|m| *m > entry.updated);
    if *entry.hash != document.hash {
        entry.hash = document.hash.as_str().into();
        entry.updated = stated.unwrap_or(now).max(entry.published);
    } else if let Some(stated) = stated {
        entry.updated = stated;
    }
}

fn new_entry(
    document: &Document,
    language: &str,
    id_base: &str,
    now: Moment,
    ids: &HashMap<Arc<str>, Arc<str>>,
) -> Published {
    let published = document.date.unwrap_or(now).whole_seconds();
    let updated = document.front.updated.map_or(published, Moment::whole_seconds).max(published);
    let id = match document.front.id.as_deref() {
        Some((id, _)) => full_id(id, id_base),
        None => {
            let path = document.source.path.inside("content").unwrap_or_default();
            let path = path.rsplit_once('.').map_or(path, |(stem, _)| stem);
            let plain = format!("{id_base}{}", utf8_percent_encode(path, ID_ESCAPES));
            // A name that was used before, by a page that moved away since.
            let later = (2..).map(|n| format!("{plain};{n}"));
            let mut candidates = std::iter::once(plain.clone()).chain(later);
            candidates.find(|id| !ids.contains_key(id.as_str())).unwrap_or(plain)
        }
    };
    Published {
        source: document.source.path.as_str().into(),
        language: language.into(),
        id: id.into(),
        fediverse: None,
        published,
        updated,
        withdrawn: None,
        hash: document.hash.as_str().into(),
    }
}

/// An id as the front matter has it: a whole one (`tag:…`, `https://…`), or what stands after
/// the base.
fn full_id(id: &str, id_base: &str) -> String {
    let scheme = id.split_once(':').map(|(scheme, _)| scheme);
    let whole = scheme.is_some_and(|s| s.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'+'));
    let id = utf8_percent_encode(id, WHOLE_ID_ESCAPES).to_string();
    if whole { id } else { format!("{id_base}{id}") }
}

/// What stands as it is in an id made from a path (RFC 3986, unreserved, and the slash).
const ID_ESCAPES: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~').remove(b'/');

/// What cannot stand in any URI.
const WHOLE_ID_ESCAPES: &AsciiSet = &percent_encoding::CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'<')
    .add(b'>')
    .add(b'\\')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// `tag:party.example,2026:`, with the path of the site when it has one (RFC 4151).
fn default_id_base(config: &Config, now: Moment) -> String {
    let (authority, path) = config.home_url.authority_and_path();
    // The port is no part of a name, and an address in brackets has colons of its own.
    let end = authority.rfind(':').filter(|end| !authority[*end..].contains(']'));
    let host = authority[..end.unwrap_or(authority.len())].trim_matches(['[', ']']);
    let path = path.trim_start_matches('/');
    let slash = if path.is_empty() { "" } else { "/" };
    format!("tag:{host},{}:{path}{slash}", now.date().year())
}
