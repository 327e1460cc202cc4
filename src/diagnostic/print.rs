//! Shows diagnostics to people, with the line they are about, and to programs, as JSON lines.

use std::fmt::Write as _;

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use serde::Serialize;

use super::{Diagnostic, Place, Severity};
use crate::path::is_unseen;

/// How output is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Format {
    /// For people.
    #[default]
    Human,
    /// One JSON object a line, for programs.
    Json,
}

/// Writes diagnostics in one format.
#[derive(Clone, Copy, Debug)]
pub struct Printer {
    /// For people or for programs.
    pub format: Format,
    /// Whether to colour the text for people.
    pub colour: bool,
}

impl Printer {
    /// The text of a diagnostic, with a line break at the end.
    pub fn text(&self, diagnostic: &Diagnostic) -> String {
        match self.format {
            Format::Human => self.human(diagnostic),
            Format::Json => json(diagnostic),
        }
    }

    fn human(self, diagnostic: &Diagnostic) -> String {
        let renderer = if self.colour { Renderer::styled() } else { Renderer::plain() };
        let level = match diagnostic.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
            Severity::Note => Level::NOTE,
        };
        let title = level.primary_title(visible(&diagnostic.message)).id(diagnostic.code);
        let mut group = Group::with_title(title);
        if let Some(place) = &diagnostic.place {
            group = show(group, place, AnnotationKind::Primary, None);
        }
        if let Some((place, what)) = &diagnostic.also {
            group = match place.excerpt {
                Some(_) => show(group, place, AnnotationKind::Context, Some(what)),
                // A file as a whole has no line that could bear the label.
                None => {
                    group.element(Level::NOTE.message(format!("{what}: {}", visible(&place.path))))
                }
            };
        }
        if let Some(outputs) = outputs(diagnostic) {
            group = group.element(Level::NOTE.message(visible(&outputs)));
        }
        if !diagnostic.help.is_empty() {
            group = group.element(Level::HELP.message(visible(&diagnostic.help)));
        }
        let mut text = renderer.render(&[group]);
        text.push_str("\n\n");
        text
    }
}

/// In which outputs a mistake shows: the first of them and how many more.
fn outputs(diagnostic: &Diagnostic) -> Option<String> {
    let first = diagnostic.outputs.first()?;
    Some(match diagnostic.outputs.len() {
        1 => format!("in `{first}`"),
        2 => format!("in `{first}` and another file"),
        count => format!("in `{first}` and {} other files", count - 1),
    })
}

fn show<'a>(
    group: Group<'a>,
    place: &'a Place,
    kind: AnnotationKind,
    label: Option<&'a str>,
) -> Group<'a> {
    // A line break in a name would show a second place, which does not exist.
    let path = visible(&place.path).replace('\n', "\\u{a}");
    let Some(excerpt) = &place.excerpt else {
        let mut origin = Origin::path(path);
        if place.line > 0 {
            origin = origin.line(place.line as usize).char_column(place.column as usize);
        }
        return group.element(origin);
    };
    let excerpt = shown(excerpt);
    let offset = |chars: u32| {
        excerpt.char_indices().nth(chars as usize).map_or(excerpt.len(), |(offset, _)| offset)
    };
    let start = offset(place.column - 1);
    let end = offset(place.column - 1 + place.length).max(start);
    group.element(
        Snippet::source(excerpt)
            .path(path)
            .line_start(place.line as usize)
            .annotation(kind.span(start..end).label(label)),
    )
}

/// A line of a file as it can be shown, character for character. The renderer has symbols for
/// tabs and the old control characters, but lets the later ones and those for the direction of
/// writing through.
fn shown(line: &str) -> String {
    let symbol = |c: char| c.is_ascii() || c == '\u{200D}';
    line.chars().map(|c| if is_unseen(c) && !symbol(c) { '\u{FFFD}' } else { c }).collect()
}

/// A text that cannot move the cursor, whatever a file name or a title contains.
pub(crate) fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if is_unseen(c) {
            let _ = write!(shown, "\\u{{{:x}}}", c as u32);
        } else {
            shown.push(c);
        }
    }
    shown
}

/// Version 1 of what `--format json` writes for a diagnostic.
#[derive(Serialize)]
struct JsonDiagnostic<'a> {
    version: u32,
    kind: &'static str,
    severity: &'static str,
    code: &'static str,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<JsonPlace<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    also: Option<JsonPlace<'a>>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    outputs: &'a [String],
    #[serde(skip_serializing_if = "str::is_empty")]
    help: &'a str,
}

#[derive(Serialize)]
struct JsonPlace<'a> {
    path: &'a str,
    line: u32,
    column: u32,
    /// In characters, from the column on.
    length: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    excerpt: Option<&'a str>,
}

fn json(diagnostic: &Diagnostic) -> String {
    let object = JsonDiagnostic {
        version: 1,
        kind: "diagnostic",
        severity: match diagnostic.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        },
        code: diagnostic.code,
        message: &diagnostic.message,
        place: diagnostic.place.as_ref().map(JsonPlace::from),
        also: diagnostic.also.as_ref().map(|(place, _)| JsonPlace::from(place)),
        outputs: &diagnostic.outputs,
        help: &diagnostic.help,
    };
    let mut text = serde_json::to_string(&object).expect("strings and numbers are JSON");
    text.push('\n');
    text
}

impl<'a> From<&'a Place> for JsonPlace<'a> {
    fn from(place: &'a Place) -> Self {
        Self {
            path: &place.path,
            line: place.line,
            column: place.column,
            length: place.length,
            excerpt: place.excerpt.as_deref(),
        }
    }
}
