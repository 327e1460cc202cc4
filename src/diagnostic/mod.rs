//! What is wrong with the author's input, where, and what to do about it.
//!
//! A mistake of the author is a [`Diagnostic`]: collected, sorted, shown all in one run. A
//! failure of the environment (a full disk) is an error type of the module that met it.
//!
//! Diagnostics are made only by the named constructors in the files beside this one, so every
//! wording stands in one place and can be found by its code. A golden test shows each of them.

mod content;
mod deploy;
mod files;
mod identity;
mod imprint;
mod keys;
mod kinds;
mod look;
mod notices;
#[cfg(feature = "network")]
mod office;
mod pictures;
mod print;
mod record;
mod theme;

use std::collections::HashSet;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use crate::path::SourcePath;

pub(crate) use content::LinkProblem;
pub(crate) use deploy::TargetProblem;
pub(crate) use imprint::Asked;
pub(crate) use keys::Wanted;
pub(crate) use print::visible;
pub use print::{Format, Printer};

/// How much a diagnostic matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The site is not built.
    Error,
    /// The site is built, but not as the author will have meant it; an error with `--strict`.
    Warning,
    /// Nothing is wrong; the author should know.
    Note,
}

/// One thing that the author should know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    pub(crate) severity: Severity,
    /// Names the kind of problem, for documentation and machines: `unknown-key`.
    pub(crate) code: &'static str,
    /// What is wrong, in one sentence without a full stop.
    pub(crate) message: String,
    pub(crate) place: Option<Place>,
    /// A second place that the problem involves, and what it is.
    pub(crate) also: Option<(Place, &'static str)>,
    /// The outputs in which a template fails, or in which it was seen; the same mistake in many of
    /// them is one.
    pub(crate) outputs: Vec<String>,
    /// Whether it was only seen in an output, wherever it comes from.
    is_seen: bool,
    /// What to do.
    pub(crate) help: String,
}

impl Diagnostic {
    fn new(severity: Severity, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            severity,
            code,
            message: message.into(),
            place: None,
            also: None,
            outputs: Vec::new(),
            is_seen: false,
            help: String::new(),
        }
    }

    fn error(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(Severity::Error, code, message)
    }

    fn warning(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(Severity::Warning, code, message)
    }

    fn note(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(Severity::Note, code, message)
    }

    fn at(mut self, place: Place) -> Self {
        self.place = Some(place);
        self
    }

    fn also(mut self, place: Place, what: &'static str) -> Self {
        self.also = Some((place, what));
        self
    }

    fn in_output(mut self, output: &str) -> Self {
        self.outputs.push(output.to_owned());
        self
    }

    /// It was seen in an output, wherever it comes from.
    pub(crate) fn seen_in(mut self, output: &str) -> Self {
        self.is_seen = true;
        self.in_output(output)
    }

    fn help(mut self, help: impl Into<String>) -> Self {
        self.help = help.into();
        self
    }

    /// Whether the site cannot be built because of it.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }

    /// How much it matters.
    pub fn severity(&self) -> Severity {
        self.severity
    }

    /// The name of the kind of problem.
    pub fn code(&self) -> &'static str {
        self.code
    }

    /// The file that it is about.
    pub(crate) fn path(&self) -> Option<&str> {
        self.place.as_ref().map(|place| &*place.path)
    }

    /// The same as a warning, for content that comes from elsewhere (`front_matter =
    /// "lenient"`) and for what a site has switched on.
    pub(crate) fn lenient(mut self, lenient: bool) -> Self {
        if lenient && self.severity == Severity::Error {
            self.severity = Severity::Warning;
        }
        self
    }

    fn sort_key(&self) -> (&str, u32, u32, &str, &str) {
        let (path, line, column) =
            self.place.as_ref().map_or(("", 0, 0), |p| (&*p.path, p.line, p.column));
        (path, line, column, self.code, &self.message)
    }
}

/// Sorts by place, the order in which a person works through them, and makes one of what was
/// found several times.
pub(crate) fn sort(diagnostics: &mut Vec<Diagnostic>) {
    drop_seen(diagnostics);
    diagnostics
        .sort_by(|a, b| a.sort_key().cmp(&b.sort_key()).then_with(|| a.outputs.cmp(&b.outputs)));
    diagnostics.dedup_by(|later, first| {
        let same = later.sort_key() == first.sort_key() && later.also == first.also;
        if same {
            first.outputs.append(&mut later.outputs);
            first.outputs.dedup();
        }
        same
    });
}

/// Drops what was only seen in an output when the text that it comes from has been told.
fn drop_seen(diagnostics: &mut Vec<Diagnostic>) {
    if !diagnostics.iter().any(|diagnostic| diagnostic.is_seen) {
        return;
    }
    let told = diagnostics.iter().filter(|diagnostic| !diagnostic.is_seen);
    let told: HashSet<String> = told.map(|diagnostic| diagnostic.message.clone()).collect();
    diagnostics.retain(|diagnostic| !diagnostic.is_seen || !told.contains(&diagnostic.message));
}

/// A text file that diagnostics can point into.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    pub(crate) path: SourcePath,
    pub(crate) text: Arc<str>,
    /// Made when the first place is asked for: a file may have as many mistakes as lines.
    index: OnceLock<Arc<Index>>,
}

impl Source {
    pub(crate) fn new(path: SourcePath, text: impl Into<Arc<str>>) -> Self {
        Self { path, text: text.into(), index: OnceLock::new() }
    }

    /// The place of some bytes of this file. Bytes past the end are the end.
    pub(crate) fn place(&self, span: Range<usize>) -> Place {
        let text = &*self.text;
        let index = self.index.get_or_init(|| Arc::new(Index::new(text)));
        let mut start = span.start.min(text.len());
        while !text.is_char_boundary(start) {
            start -= 1;
        }
        let number = index.lines.partition_point(|line| *line <= start);
        let line_start = index.lines[number - 1];
        let line_end = index.lines.get(number).map_or(text.len(), |next| next - 1);
        let line = &text[line_start..line_end];
        let line = line.strip_suffix('\r').unwrap_or(line);
        let start = start.min(line_start + line.len());
        let length = span.end.saturating_sub(span.start).max(1);
        let mut end = start.saturating_add(length).min(line_start + line.len());
        while !text.is_char_boundary(end) {
            end += 1;
        }
        let chars = |from, to| index.chars_before(text, to) - index.chars_before(text, from);
        let short = line.len() <= 4 * EXCERPT_CHARS_MAX;
        Place {
            path: Arc::from(self.path.as_str()),
            line: count(number),
            column: count(chars(line_start, start) + 1),
            length: count(chars(start, end).max(1)),
            excerpt: (short && line.chars().count() <= EXCERPT_CHARS_MAX).then(|| line.to_owned()),
        }
    }
}

/// Where the lines of a text begin and how many characters are before each block of it, so
/// that a place costs the same however long the text is, in lines or in one line.
#[derive(Debug)]
struct Index {
    lines: Vec<usize>,
    chars: Vec<usize>,
}

impl Index {
    const BLOCK_BYTES: usize = 1024;

    fn new(text: &str) -> Self {
        let breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let lines = std::iter::once(0).chain(breaks.map(|(at, _)| at + 1)).collect();
        let mut before = 0;
        let chars = text.as_bytes().chunks(Self::BLOCK_BYTES).map(|block| {
            let here = before;
            before += char_count(block);
            here
        });
        Self { lines, chars: chars.collect() }
    }

    fn chars_before(&self, text: &str, at: usize) -> usize {
        let block = (at / Self::BLOCK_BYTES).min(self.chars.len().saturating_sub(1));
        let before = self.chars.get(block).copied().unwrap_or(0);
        before + char_count(&text.as_bytes()[block * Self::BLOCK_BYTES..at])
    }
}

/// How many characters begin in some bytes of UTF-8.
fn char_count(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte & 0xC0 != 0x80).count()
}

/// Longer lines are not shown: nobody finds the place in them.
const EXCERPT_CHARS_MAX: usize = 400;

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// Where something is wrong. Lines and columns count from 1, columns in characters; line 0 is
/// the file as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) path: Arc<str>,
    pub(crate) line: u32,
    pub(crate) column: u32,
    /// Characters that are marked.
    pub(crate) length: u32,
    /// The line, when it can be shown.
    pub(crate) excerpt: Option<String>,
}

impl Place {
    /// A file as a whole.
    pub(crate) fn file(path: &SourcePath) -> Self {
        Self::named(path.as_str())
    }

    /// Anything with a name: a folder, an option.
    pub(crate) fn named(name: &str) -> Self {
        Self { path: Arc::from(name), line: 0, column: 0, length: 0, excerpt: None }
    }
}

/// The message of a library, in the form of ours: one line, a small letter at the beginning,
/// no full stop.
pub(crate) fn foreign(message: &str) -> String {
    let line = message.lines().next().unwrap_or_default().trim_end_matches('.');
    let mut chars = line.chars();
    chars.next().map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
}

/// The known name that the author will have meant, for "did you mean".
pub(crate) fn nearest<'a>(
    written: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let written = written.to_lowercase();
    let length = written.chars().count();
    let allowed = |name: &str| 1 + name.chars().count().min(12) / 4;
    known
        .into_iter()
        // The distance is at least the difference in length, which costs nothing.
        .filter(|name| name.chars().count().abs_diff(length) <= allowed(name))
        .map(|name| (strsim::damerau_levenshtein(&written, &name.to_lowercase()), name))
        .filter(|(distance, name)| *distance <= allowed(name))
        .min()
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_counts_lines_and_characters() {
        let source = Source::new(SourcePath::new("a.md"), "first\r\nžluť x\n");
        let place = source.place(7 + 7..7 + 8);
        assert_eq!((place.line, place.column, place.length), (2, 6, 1));
        assert_eq!(place.excerpt.as_deref(), Some("žluť x"));
        let end = source.place(1000..2000);
        assert_eq!((end.line, end.column), (3, 1));
        let inside = source.place(9..10);
        assert_eq!((inside.line, inside.column, inside.length), (2, 2, 1));
    }

    #[test]
    fn a_place_in_a_long_line_counts_characters_too() {
        let text = format!("{}x\nend", "ž".repeat(5000));
        let source = Source::new(SourcePath::new("a.md"), text);
        let place = source.place(10_000..10_001);
        assert_eq!((place.line, place.column, place.length), (1, 5001, 1));
        assert_eq!(place.excerpt, None);
        assert_eq!(source.place(4..10_000).length, 4998);
        assert_eq!(source.place(10_002..10_003).line, 2);
        assert_eq!(Source::new(SourcePath::new("a.md"), "").place(0..1).line, 1);
    }

    #[test]
    fn a_slip_of_the_keyboard_finds_the_key() {
        let known = ["title", "date", "description"];
        assert_eq!(nearest("titel", known), Some("title"));
        assert_eq!(nearest("Descripton", known), Some("description"));
        assert_eq!(nearest("colour", known), None);
    }
}
