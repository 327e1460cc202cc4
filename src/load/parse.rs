//! Looks at each Markdown file by itself: front matter, title, date, state, hash.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::Range;
use std::sync::Arc;

use pulldown_cmark::{Event, HeadingLevel, Parser, Tag, TagEnd};
use rayon::prelude::*;

use super::front_matter::{self, HeadRead, Parts};
use super::inherit::inherit;
use super::kinds;
use super::read::{InputFile, is_text};
use crate::config::{Config, DEFAULT_LANGUAGE, LanguageId, Mode};
use crate::diagnostic::{Diagnostic, Place, Source};
use crate::hash::Hash;
use crate::limits::PIECE_MAX;
use crate::model::{
    DataFile, Details, Document, FrontMatter, Kind, State, file_names, named_file, section_folder,
};
use crate::node::{Key, Node, Syntax, Value, parse};
use crate::path::{SourcePath, humanise};
use crate::time::Moment;

/// What the files say, each by itself.
#[derive(Debug, Default)]
pub(crate) struct Parsed {
    /// Sorted by source path.
    pub(crate) documents: Vec<Document>,
    pub(crate) problems: Vec<Diagnostic>,
}

/// What came of each text, for whoever parses a site again and again. It holds as long as there is
/// no change but in texts.
#[derive(Clone, Debug, Default)]
pub(crate) struct ParsedTexts(HashMap<SourcePath, (Arc<str>, FileResult)>);

impl ParsedTexts {
    /// What came of a text that is still the same.
    fn get(&self, path: &SourcePath, text: &Arc<str>) -> Option<&FileResult> {
        let (known, result) = self.0.get(path)?;
        Arc::ptr_eq(known, text).then_some(result)
    }

    fn keep(&mut self, texts: &[(&SourcePath, &Arc<str>)], results: &[FileResult]) {
        let named: HashSet<&SourcePath> = texts.iter().map(|(path, _)| *path).collect();
        self.0.retain(|path, _| named.contains(path));
        for ((path, text), result) in texts.iter().zip(results) {
            if self.get(path, text).is_none() {
                self.0.insert((*path).clone(), ((*text).clone(), result.clone()));
            }
        }
    }
}

/// Parses all Markdown files of the site, in parallel. Those in `broken` are known to be so.
/// `known` is what came of them before.
pub(crate) fn parse_all(
    files: &[InputFile],
    config: &Config,
    mode: &Mode,
    broken: &HashSet<String>,
    known: Option<&mut ParsedTexts>,
) -> Parsed {
    let media = files.iter().filter_map(|file| {
        let digest = file.digest.as_ref()?;
        Some((file.path.as_str(), digest.hash.as_str()))
    });
    let context = Context { config, mode, files, media: media.collect() };
    let texts: Vec<(&SourcePath, &Arc<str>)> = files
        .iter()
        .filter(|file| is_text(&file.path))
        .filter_map(|file| Some((&file.path, file.text.as_ref()?)))
        .collect();
    let before = known.as_deref();
    // How many there are is known before, so each document is put in its place at once.
    let results: Vec<FileResult> = texts
        .par_iter()
        .with_max_len(PIECE_MAX)
        .map(|(path, text)| match before.and_then(|known| known.get(path, text)) {
            Some(result) => context.again(result),
            None => context.document(&Source::new((*path).clone(), (*text).clone())),
        })
        .collect();
    if let Some(known) = known {
        known.keep(&texts, &results);
    }
    let mut parsed = Parsed::default();
    let mut unknown = UnknownKeys::default();
    let documents = results.into_iter().filter_map(|mut result| {
        parsed.problems.append(&mut result.problems);
        for (name, place) in result.unknown {
            unknown.note(&name, place);
        }
        result.document
    });
    parsed.documents = documents.collect();
    kinds::settle(&mut parsed.documents, config, mode, &mut parsed.problems, &mut unknown);
    for (name, (count, place)) in unknown.0 {
        parsed.problems.push(Diagnostic::unknown_key_kept(place, &name, count));
    }
    for document in &mut parsed.documents {
        if broken.contains(document.source.path.as_str()) {
            document.state = State::Broken;
        }
    }
    inherit(&mut parsed.documents);
    parsed
}

/// The keys that lenient front matter has and nobody knows: how often, and where first.
#[derive(Debug, Default)]
pub(super) struct UnknownKeys(BTreeMap<String, (usize, Place)>);

impl UnknownKeys {
    pub(super) fn note(&mut self, name: &str, place: Place) {
        self.0.entry(name.to_owned()).or_insert((0, place)).0 += 1;
    }
}

/// What came of one file.
#[derive(Clone, Debug, Default)]
struct FileResult {
    document: Option<Document>,
    problems: Vec<Diagnostic>,
    /// Unknown keys of lenient front matter.
    unknown: Vec<(String, Place)>,
}

struct Context<'a> {
    config: &'a Config,
    mode: &'a Mode,
    /// Sorted by path.
    files: &'a [InputFile],
    /// The digests of pictures and other files that a text may show, by path.
    media: HashMap<&'a str, &'a str>,
}

impl Context<'_> {
    /// The same as before, but that it may be later.
    fn again(&self, result: &FileResult) -> FileResult {
        let mut result = result.clone();
        if let Some(document) = &mut result.document
            && document.state != State::Broken
        {
            document.state = self.state(&document.front, document.date.or(document.front.date));
        }
        result
    }

    fn document(&self, source: &Source) -> FileResult {
        let mut result = FileResult::default();
        let name = match self.name(source) {
            Ok(name) => name,
            Err(problem) => {
                result.problems.push(*problem);
                return result;
            }
        };
        let is_section = section_folder(&name.key).is_some();
        let (parts, split) = match front_matter::split(source) {
            Ok(parts) => (parts, Ok(())),
            Err(problem) => {
                let plain = problem.code() == "no-front-matter" && self.config.lenient();
                let end = source.text.len();
                // Where the text begins is anybody's guess, unless all of it is text.
                let body = if plain { 0..end } else { end..end };
                let parts = Parts { syntax: Syntax::Toml, head: 0..0, body };
                (parts, Err(problem.lenient(plain)))
            }
        };
        result.problems.extend(split.err());
        let read = front_matter::read(source, &parts, (is_section, name.language), self.config);
        let HeadRead { front, unknown, problems } = read;
        result.problems.extend(problems);
        let place = |key: &Key| (key.name.clone(), source.place(key.span.clone()));
        result.unknown = unknown.iter().map(place).collect();
        let (title, title_from_heading) = self.title(source, &parts, &front, &name, &mut result);
        let data = self.data(source, &front, &mut result);
        let named = name.date.map(|date| (date, Moment::parse(date, &self.config.zone)));
        if let Some((date, None)) = named {
            result.problems.push(Diagnostic::no_date_in_name(Place::file(&source.path), date));
        }
        let date = front.date.or(named.and_then(|(_, moment)| moment));
        let hash = hash(&title, &front, source, &parts.body, &self.media);
        let is_draft = self.config.lenient() && name.key.split('/').any(|part| part == "_drafts");
        let front = FrontMatter { draft: front.draft || is_draft, ..front };
        let state = self.state(&front, date);
        // A document with mistakes stays with the others, for what they say of it and what its
        // text says of them. Nothing is written while there are errors; and a build that keeps
        // going hides it with all that belongs to it, for it may have wanted to be a draft.
        let is_broken = result.problems.iter().any(Diagnostic::is_error);
        let state = if self.mode.keep_going && is_broken { State::Broken } else { state };
        result.document = Some(Document {
            body: parts.body,
            language: name.language,
            key: name.key,
            title,
            title_from_heading,
            kind: Kind::default(),
            details: Details::None,
            front: Arc::new(front),
            data,
            date: date.filter(|_| !is_section),
            state,
            hash,
            source: source.clone(),
        });
        result
    }

    fn state(&self, front: &FrontMatter, date: Option<Moment>) -> State {
        let now = self.mode.now;
        if front.post.withdrawn {
            State::Withdrawn
        } else if front.draft && !self.mode.drafts {
            State::Draft
        } else if front.expires.is_some_and(|moment| moment.timestamp() <= now) {
            State::Expired
        } else if date.is_some_and(|moment| moment.timestamp() > now) && !self.mode.future {
            State::Future
        } else if front.post.no_page {
            State::NoPage
        } else {
            State::Published
        }
    }

    /// Takes language and date out of the name of a file.
    fn name<'a>(&self, source: &'a Source) -> Result<Name<'a>, Box<Diagnostic>> {
        let path = source.path.inside("content").unwrap_or_default();
        let path = path.rsplit_once('.').map_or(path, |(stem, _)| stem);
        let (folder, stem) = path.rsplit_once('/').map_or(("", path), |(f, s)| (f, s));
        let (stem, language) = match stem.rsplit_once('.') {
            Some((rest, code)) => match self.config.language_id(code) {
                Some(language) => (rest, language),
                None if looks_like_language(code) && !self.config.lenient() => {
                    let codes = self.config.languages.iter().map(|l| l.code.as_str());
                    let place = Place::file(&source.path);
                    return Err(Box::new(Diagnostic::unknown_language(place, code, codes)));
                }
                None => (stem, DEFAULT_LANGUAGE),
            },
            None => (stem, DEFAULT_LANGUAGE),
        };
        let key = if folder.is_empty() { stem.to_owned() } else { format!("{folder}/{stem}") };
        // The name of a page with its own files is that of its folder.
        let named = if stem == "index" { folder.rsplit('/').next().unwrap_or("") } else { stem };
        Ok(Name { language, key, date: split_date(named).map(|(date, _)| date) })
    }

    fn title(
        &self,
        source: &Source,
        parts: &Parts,
        front: &FrontMatter,
        name: &Name<'_>,
        result: &mut FileResult,
    ) -> (String, bool) {
        if let Some(title) = &front.title {
            return (title.clone(), false);
        }
        if name.key == "_index" {
            return (self.config.language(name.language).title.clone(), false);
        }
        if self.config.lenient() {
            if let Some(heading) = title_heading(&source.text[parts.body.clone()]) {
                return heading;
            }
            return (title_from_name(&source.path), false);
        }
        // A title that is written wrongly has been reported as that.
        if !result.problems.iter().any(Diagnostic::is_error) {
            let place = source.place(parts.head.start.saturating_sub(4)..parts.head.start);
            result.problems.push(Diagnostic::missing_title(place));
        }
        (title_from_name(&source.path), false)
    }

    fn data(&self, source: &Source, front: &FrontMatter, result: &mut FileResult) -> Vec<DataFile> {
        let mut data = Vec::new();
        // A shortcode that shows what could not be read should not be blamed as well.
        let nothing = |name: &String| DataFile {
            name: name.clone(),
            source: source.clone(),
            node: Node { value: Value::List(Vec::new()), span: 0..0 },
        };
        for (name, (path, span)) in &front.data {
            let beside = source.path.resolve(path);
            let shared = SourcePath::new(format!("data/{path}"));
            let found = beside
                .iter()
                .chain([&shared])
                .find_map(|path| self.files.binary_search_by_key(&path, |file| &file.path).ok())
                .map(|index| &self.files[index])
                .and_then(|file| Some((file, file.text.clone()?, Syntax::of(&file.path)?)));
            let Some((file, text, syntax)) = found else {
                let place = source.place(span.clone());
                result.problems.push(Diagnostic::missing_data_file(place, path));
                data.push(nothing(name));
                continue;
            };
            let length = text.len();
            let file = Source::new(file.path.clone(), text);
            match parse(&file, 0..length, syntax) {
                Ok(node) => data.push(DataFile { name: name.clone(), source: file, node }),
                Err(problems) => {
                    result.problems.extend(problems);
                    data.push(nothing(name));
                }
            }
        }
        data
    }
}

/// What the name of a file says.
struct Name<'a> {
    language: LanguageId,
    key: String,
    date: Option<&'a str>,
}

/// Splits a date off the beginning of a name, as Jekyll writes it: `2026-05-01-title`. What
/// only looks like a date, such as `2026-13-41-title`, is split off too.
pub(crate) fn split_date(name: &str) -> Option<(&str, &str)> {
    let mut parts = name.splitn(3, '-');
    let (year, month, rest) = (parts.next()?, parts.next()?, parts.next()?);
    let end = rest.find(['-', '_', ' '])?;
    let (day, title) = (&rest[..end], &rest[end + 1..]);
    let digits = |text: &str, lengths: std::ops::RangeInclusive<usize>| {
        lengths.contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())
    };
    let is_date = digits(year, 4..=4) && digits(month, 1..=2) && digits(day, 1..=2);
    let length = year.len() + month.len() + day.len() + 2;
    (is_date && !title.is_empty()).then(|| (&name[..length], title))
}

fn looks_like_language(code: &str) -> bool {
    (2..=3).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_lowercase())
}

fn title_from_name(path: &SourcePath) -> String {
    let name = path.name().split('.').next().unwrap_or_default();
    let name = if matches!(name, "index" | "_index") {
        path.folder().rsplit('/').next().unwrap_or(name)
    } else {
        name
    };
    let name = split_date(name).map_or(name, |(_, rest)| rest);
    humanise(name)
}

/// The text of the heading that is a title: the one that a text begins with, or else its first
/// of the highest level. The second part says whether the text begins with it.
fn title_heading(markdown: &str) -> Option<(String, bool)> {
    let mut title: Option<(String, bool)> = None;
    for (number, event) in Parser::new(markdown).enumerate() {
        match (&mut title, event) {
            (None, Event::Start(Tag::Heading { level, .. }))
                if number == 0 || level == HeadingLevel::H1 =>
            {
                title = Some((String::new(), number == 0));
            }
            (Some((text, at_start)), Event::End(TagEnd::Heading(_))) => {
                let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
                if !text.is_empty() {
                    return Some((text, *at_start));
                }
                title = None;
            }
            (Some((text, _)), Event::Text(piece) | Event::Code(piece)) => text.push_str(&piece),
            (Some((text, _)), Event::SoftBreak | Event::HardBreak) => text.push(' '),
            _ => {}
        }
    }
    None
}

fn hash(
    title: &str,
    front: &FrontMatter,
    source: &Source,
    body: &Range<usize>,
    media: &HashMap<&str, &str>,
) -> String {
    let mut hash = Hash::default();
    let mut part = |bytes: &[u8]| hash.part(bytes);
    part(title.as_bytes());
    part(front.summary.as_deref().unwrap_or_default().as_bytes());
    let markdown = &source.text[body.clone()];
    let text = markdown.trim();
    // A checkout on Windows may have other line ends; that is no edit.
    if text.contains('\r') {
        part(text.replace("\r\n", "\n").as_bytes());
    } else {
        part(text.as_bytes());
    }
    let image = front.image.as_ref();
    part(image.map_or("", |image| image.alt.as_str()).as_bytes());
    let post = &front.post;
    if let Some(credit) = image.and_then(|image| image.credit.as_deref()) {
        part(credit.as_bytes());
    }
    // Texts without these have kept the hash that they had before there were any.
    if let Some(warning) = &post.content_warning {
        part(warning.as_bytes());
    }
    let enclosure = front.enclosure.as_deref().map(|(path, _)| path.as_str());
    let named = image.map(|image| image.path.as_str()).into_iter().chain(enclosure);
    for name in named.chain(file_names(markdown)).take_while(|_| !media.is_empty()) {
        let file = named_file(&source.path, name);
        if let Some(digest) = file.and_then(|file| media.get(file.as_str())) {
            part(name.as_bytes());
            part(digest.as_bytes());
        }
    }
    hash.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_split_off_a_name() {
        assert_eq!(split_date("2026-05-01-title"), Some(("2026-05-01", "title")));
        assert_eq!(split_date("2026-05-01"), None);
        assert_eq!(split_date("2026-5-1-title"), Some(("2026-5-1", "title")));
        assert_eq!(split_date("budget-2026-05-01"), None);
    }

    #[test]
    fn a_heading_can_be_the_title() {
        let title = |text, at_start| Some((String::from(text), at_start));
        assert_eq!(title_heading("# The *big* `day`\n\ntext"), title("The big day", true));
        assert_eq!(title_heading("Day\n---\n\ntext"), title("Day", true));
        assert_eq!(title_heading("text\n\n## Later\n\n# Top\n"), title("Top", false));
        assert_eq!(title_heading("text\n\n## Later\n"), None);
        assert_eq!(title_heading("no heading"), None);
    }
}
