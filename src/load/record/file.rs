//! The file itself: how it is read and written.

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;
use std::iter::Peekable;
use std::ops::Range;
use std::sync::Arc;

use rayon::prelude::*;

use crate::config::Config;
use crate::diagnostic::{Diagnostic, Place, Source};
use crate::model::{Published, Record, RecordedActor};
use crate::node::{Fields, Placed, Syntax, Value, parse};
use crate::time::Moment;

/// The name of the file.
pub(crate) const FILE: &str = "published.toml";

/// The version of its format that we read and write.
const VERSION: i64 = 1;

/// What stands before each entry.
const ENTRY: &str = "\n[[published]]\n";

/// What stands before each account.
const ACTOR: &str = "\n[[actor]]\n";

/// Reads the file.
///
/// # Errors
///
/// When it is damaged or written by a newer program. It is never repaired by guessing: a
/// wrong id sends old posts to every reader again.
pub(crate) fn read(source: &Source, config: &Config) -> Result<Record, Vec<Diagnostic>> {
    match read_own(&source.text, config) {
        Some(record) => Ok(record),
        None => read_any(source, config),
    }
}

/// Reads the file when it is as we write it, as it nearly always is: that takes a small part of
/// the time. That nothing was overlooked is known from writing it again.
fn read_own(text: &str, config: &Config) -> Option<Record> {
    let starts: Vec<usize> = text.match_indices(ENTRY).map(|(at, _)| at).collect();
    let ends = starts.iter().skip(1).copied().chain([text.len()]);
    let entries: Vec<&str> =
        starts.iter().zip(ends).map(|(start, end)| &text[*start..end]).collect();
    let published = entries.par_iter().map(|entry| read_own_entry(entry, config));
    let published: Vec<Published> = published.collect::<Option<_>>()?;
    let mut ids = HashSet::with_capacity(published.len());
    let mut addresses = HashSet::new();
    let is_new = |address: &Option<Arc<str>>| match address {
        Some(address) => addresses.insert(address.clone()),
        None => true,
    };
    let is_own = published.iter().all(|entry| ids.insert(&entry.id))
        && published.iter().map(|entry| &entry.fediverse).all(is_new);
    let head = &text[..starts.first().copied().unwrap_or(text.len())];
    let mut lines =
        OwnLines(head.lines().skip_while(|line| !line.starts_with("serial")).peekable());
    let (serial, id_base) = (lines.value("serial")?.parse().ok()?, lines.text("id_base")?);
    let actors = head.split(ACTOR).skip(1).map(|actor| {
        let mut lines = OwnLines(actor.lines().peekable());
        Some(RecordedActor {
            user: lines.text("user")?,
            id: lines.text("id")?,
            published: lines.moment("published", config)?,
        })
    });
    let actors = actors.collect::<Option<Vec<_>>>()?;
    let users: HashSet<&str> = actors.iter().map(|actor| actor.user.as_str()).collect();
    let is_own = is_own && users.len() == actors.len();
    (is_own && write_head(serial, &id_base, &actors) == head).then_some(Record {
        serial,
        id_base,
        actors,
        published,
    })
}

fn read_own_entry(entry: &str, config: &Config) -> Option<Published> {
    let mut lines = OwnLines(entry.strip_prefix(ENTRY)?.lines().peekable());
    let published = Published {
        source: lines.text("source")?.into(),
        language: lines.text("language")?.into(),
        id: lines.text("id")?.into(),
        fediverse: lines.text("fediverse").map(Arc::from),
        published: lines.moment("published", config)?,
        updated: lines.moment("updated", config)?,
        withdrawn: lines.moment("withdrawn", config),
        hash: lines.text("hash")?.into(),
    };
    (write_entry(&published) == entry).then_some(published)
}

/// The lines of the file, whose keys come in the order in which they are written.
struct OwnLines<L: Iterator>(Peekable<L>);

impl<'a, L: Iterator<Item = &'a str>> OwnLines<L> {
    /// The value of the next line, when it has this key.
    fn value(&mut self, key: &str) -> Option<&'a str> {
        let value = self.0.peek()?.strip_prefix(key)?.strip_prefix(" = ")?;
        self.0.next();
        Some(value)
    }

    fn text(&mut self, key: &str) -> Option<String> {
        serde_json::from_str(self.value(key)?).ok()
    }

    fn moment(&mut self, key: &str, config: &Config) -> Option<Moment> {
        Moment::parse(self.value(key)?, &config.zone)
    }
}

/// Reads the file whatever it looks like.
fn read_any(source: &Source, config: &Config) -> Result<Record, Vec<Diagnostic>> {
    let node = parse(source, 0..source.text.len(), Syntax::Toml).map_err(|errors| {
        // Nobody writes this file by hand, so advice about its syntax would lead astray.
        let places = errors.into_iter().filter_map(|error| error.place);
        places
            .map(|place| Diagnostic::record_damaged(place, "this line is wrong"))
            .collect::<Vec<_>>()
    })?;
    let Value::Table(entries) = node.value else { return Ok(Record::default()) };
    let mut problems = Vec::new();
    let mut fields = Fields::new(source, entries, &mut problems);
    match fields.integer("version") {
        Some((VERSION, _)) => {}
        Some((_, span)) => {
            return Err(vec![Diagnostic::record_version(source.place(span))]);
        }
        None => fields
            .report(Diagnostic::record_damaged(Place::file(&source.path), "`version` is missing")),
    }
    let serial = fields.count("serial");
    if serial.is_none() {
        fields.report(Diagnostic::record_damaged(Place::file(&source.path), "`serial` is missing"));
    }
    let id_base = fields.text("id_base").unwrap_or_default();
    let actors = fields.node("actor");
    let list = fields.node("published");
    fields.finish();
    let actors = read_actors(actors.map(|node| node.value), source, config, &mut problems);
    let mut published = Vec::new();
    if let Some(Value::List(items)) = list.map(|node| node.value) {
        for item in items {
            let span = item.span.clone();
            let Value::Table(entries) = item.value else { continue };
            let fields = Fields::new(source, entries, &mut problems);
            match read_published(fields, config) {
                Some(entry) => published.push(entry),
                None if problems.is_empty() => {
                    let place = source.place(span);
                    problems.push(Diagnostic::record_damaged(place, "this entry is not complete"));
                }
                None => {}
            }
        }
    }
    let mut seen: HashMap<&str, Range<usize>> = HashMap::new();
    for (entry, span) in &published {
        if let Some(first) = seen.insert(&entry.id, span.clone()) {
            let (second, first) = (source.place(span.clone()), source.place(first));
            problems.push(Diagnostic::record_id_twice(second, first, &entry.id));
        }
    }
    let mut addresses: HashMap<&str, Range<usize>> = HashMap::new();
    for (entry, span) in &published {
        let Some(id) = entry.fediverse.as_deref() else { continue };
        if let Some(first) = addresses.insert(id, span.clone()) {
            let (second, first) = (source.place(span.clone()), source.place(first));
            problems.push(Diagnostic::fediverse_twice(second, first, id));
        }
    }
    if problems.is_empty() {
        let published = published.into_iter().map(|(entry, _)| entry).collect();
        Ok(Record { serial: serial.unwrap_or(0) as u64, id_base, actors, published })
    } else {
        Err(problems)
    }
}

fn read_actors(
    value: Option<Value>,
    source: &Source,
    config: &Config,
    problems: &mut Vec<Diagnostic>,
) -> Vec<RecordedActor> {
    let Some(Value::List(items)) = value else { return Vec::new() };
    let mut actors: Vec<RecordedActor> = Vec::new();
    for item in items {
        let span = item.span.clone();
        let Value::Table(entries) = item.value else { continue };
        let mut fields = Fields::new(source, entries, problems);
        let (user, id) = (fields.text("user"), fields.text("id"));
        let published = fields.moment("published", &config.zone);
        fields.finish();
        match (user, id, published) {
            (Some(user), Some(_), Some(_)) if actors.iter().any(|a| a.user == user) => {
                let place = source.place(span);
                problems.push(Diagnostic::recorded_actor_twice(place, &user));
            }
            (Some(user), Some(id), Some(published)) => {
                actors.push(RecordedActor { user, id, published });
            }
            _ => {
                let place = source.place(span);
                problems.push(Diagnostic::record_damaged(place, "this account is not complete"));
            }
        }
    }
    actors
}

/// An entry, and where its id stands.
fn read_published(mut fields: Fields<'_>, config: &Config) -> Option<Placed<Published>> {
    let zone = &config.zone;
    let source = fields.text("source");
    let language = fields.text("language");
    let id = fields.placed_text("id");
    let published = fields.moment("published", zone);
    let updated = fields.moment("updated", zone);
    let hash = fields.text("hash");
    let fediverse = fields.text("fediverse");
    let withdrawn = fields.moment("withdrawn", zone);
    fields.finish();
    let (id, span) = id?;
    let entry = Published {
        source: source?.into(),
        language: language?.into(),
        id: id.into(),
        fediverse: fediverse.map(Arc::from),
        published: published?,
        updated: updated?,
        withdrawn,
        hash: hash?.into(),
    };
    Some((entry, span))
}

/// The text of the file. Sorted, so that two branches of a repository merge.
pub(crate) fn write(record: &Record) -> String {
    let entries: Vec<String> = record.published.par_iter().map(write_entry).collect();
    write_head(record.serial, &record.id_base, &record.actors) + &entries.concat()
}

fn write_head(serial: u64, id_base: &str, actors: &[RecordedActor]) -> String {
    let mut text = format!(
        "# Written by sitegen. Keep this file under version control: it holds the ids and dates\n\
         # of all that was published, so that no reader gets a post twice.\n\
         version = {VERSION}\nserial = {serial}\nid_base = {}\n",
        quoted(id_base),
    );
    for RecordedActor { user, id, published } in actors {
        let (user, id) = (quoted(user), quoted(id));
        let _ = write!(text, "{ACTOR}user = {user}\nid = {id}\npublished = {published}\n");
    }
    text
}

fn write_entry(entry: &Published) -> String {
    let Published { source, language, id, fediverse, published, updated, withdrawn, hash } = entry;
    let mut text = String::with_capacity(400);
    let _ = write!(
        text,
        "{ENTRY}source = {}\nlanguage = {}\nid = {}\n",
        quoted(source),
        quoted(language),
        quoted(id)
    );
    if let Some(fediverse) = fediverse {
        let _ = writeln!(text, "fediverse = {}", quoted(fediverse));
    }
    let _ = writeln!(text, "published = {published}\nupdated = {updated}");
    if let Some(withdrawn) = withdrawn {
        let _ = writeln!(text, "withdrawn = {withdrawn}");
    }
    let _ = writeln!(text, "hash = {}", quoted(hash));
    text
}

/// A text always becomes JSON, and JSON of a text is TOML.
fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::path::SourcePath;

    const OWN: &str = r#"
# Written by sitegen. Keep this file under version control: it holds the ids and dates
# of all that was published, so that no reader gets a post twice.
version = 1
serial = 7
id_base = "tag:party.example,2026:"

[[actor]]
user = "news"
id = "https://party.example/ap/news/actor.json"
published = 2026-05-01T10:00:00+01:00

[[published]]
source = "content/a.md"
language = "en"
id = "tag:party.example,2026:a"
published = 2026-05-01T10:00:00+01:00
updated = 2026-05-02T10:00:00+01:00
hash = "00"

[[published]]
source = "content/\"b\".md"
language = "en"
id = "tag:party.example,2026:%22b%22"
fediverse = "https://party.example/ap/b"
published = 2026-05-01T00:00:00-03:30
updated = 2026-05-01T00:00:00-03:30
withdrawn = 2026-06-01T00:00:00+00:00
hash = "11"
"#;

    fn own() -> &'static str {
        OWN.trim_start()
    }

    fn config() -> Config {
        let text = "base_url = \"https://party.example\"\ntitle = \"Party\"\n";
        crate::config::read(&Source::new(SourcePath::new("site.toml"), text), None).0
    }

    #[test]
    fn what_we_write_is_read_alike_in_both_ways() {
        let quickly = read_own(own(), &config()).unwrap();
        let with_care = read_any(&Source::new(SourcePath::new(FILE), own()), &config()).unwrap();
        assert_eq!(quickly, with_care);
        assert_eq!(write(&quickly), own());
    }

    #[test]
    fn what_somebody_else_wrote_is_read_with_care() {
        let cases = [
            ("serial = 7", "serial = 7 # seven"),
            ("version = 1", "version = 2"),
            ("hash = \"11\"", "hash = \"11\"\ncolour = \"red\""),
            ("hash = \"11\"", "hash = '11'"),
            ("hash = \"11\"\n", ""),
            (":%22b%22", ":a"),
            ("2026-05-02T10:00:00", "2026-05-02 10:00:00"),
        ];
        for (old, new) in cases {
            assert_eq!(read_own(&own().replace(old, new), &config()), None, "{new}");
        }
    }
}
