//! A theme whose templates are compiled, and the running of them.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::io::{self, Write};

use tera::{Context, ErrorKind, Kwargs, Tera};

use crate::config::{Config, LanguageId};
use crate::diagnostic::{Diagnostic, Place, Source, nearest};
use crate::limits::{DOCUMENT_BYTES_MAX, RANGE_NUMBERS_MAX};
use crate::load::theme::{Strings, ThemeFiles, strings_for};
use crate::time::Moment;

/// A theme, ready to be used.
pub(crate) struct Theme {
    tera: Tera,
    sources: BTreeMap<String, Source>,
    /// By language.
    strings: Vec<Strings>,
}

/// Compiles the templates, and gathers the interface texts of every language of the site.
pub(crate) fn compile(files: ThemeFiles, config: &Config) -> (Theme, Vec<Diagnostic>) {
    let mut problems = Vec::new();
    let mut strings = Vec::new();
    for language in &config.languages {
        let (texts, missing) = strings_for(&files, &language.code, &language.translations);
        if !missing.is_empty() {
            let place = Place::named(crate::config::FILE);
            problems.push(Diagnostic::untranslated_strings(place, &language.code, &missing));
        }
        strings.push(texts);
    }
    let mut tera = Tera::new();
    tera.register_function("range", range);
    let templates = files.templates.iter().map(|(name, source)| (name, &*source.text));
    if let Err(error) = tera.add_raw_templates(templates) {
        // Tera stops at the first template that it cannot read. Each by itself shows them all,
        // apart from what is wrong between them.
        let alone: Vec<_> = files
            .templates
            .iter()
            .filter_map(|(name, source)| {
                let error = Tera::new().add_raw_template(name, &source.text).err()?;
                matches!(error.kind(), ErrorKind::SyntaxError(_))
                    .then(|| syntax_problems(&error, &files.templates))
            })
            .flatten()
            .filter(|problem| !problem.message.contains("is not defined"))
            .collect();
        if alone.is_empty() {
            problems.extend(syntax_problems(&error, &files.templates));
        }
        problems.extend(alone);
    }
    (Theme { tera, sources: files.templates, strings }, problems)
}

type Sources = BTreeMap<String, Source>;

fn syntax_problems(error: &tera::Error, sources: &Sources) -> Vec<Diagnostic> {
    let tpl = match error.kind() {
        // What templates use but nobody has: one text, with a report for each of them.
        ErrorKind::Msg(text) if text.contains("--> ") => {
            return reports(text, sources)
                .map(|(place, message)| Diagnostic::template_syntax(place, message))
                .collect();
        }
        ErrorKind::CircularExtend { tpl, .. }
        | ErrorKind::CircularInclude { tpl, .. }
        | ErrorKind::MissingParent { current: tpl, .. } => Some(tpl.as_str()),
        _ => None,
    };
    let (place, message) = locate(error, sources);
    let place = place.or_else(|| tpl.map(|tpl| template_place(tpl, sources)));
    let place = place.unwrap_or_else(|| Place::named("templates"));
    vec![Diagnostic::template_syntax(place, &message)]
}

/// The reports in a text of Tera's: `error: what`, and on the next line `--> name:line:column`.
fn reports<'a>(text: &'a str, sources: &'a Sources) -> impl Iterator<Item = (Place, &'a str)> {
    let lines = text.lines().zip(text.lines().skip(1));
    lines.filter_map(|(what, place)| {
        let message = what.trim_start().strip_prefix("error: ")?;
        let mut parts = place.trim_start().strip_prefix("--> ")?.rsplitn(3, ':');
        let column: usize = parts.next()?.parse().ok()?;
        let line: usize = parts.next()?.parse().ok()?;
        let name = parts.next()?;
        let Some(source) = sources.get(name) else { return Some((Place::named(name), message)) };
        let mut rest = source.text.split_inclusive('\n');
        let start: usize = rest.by_ref().take(line.saturating_sub(1)).map(str::len).sum();
        let offset = rest.next()?.char_indices().nth(column.saturating_sub(1));
        let at = start + offset.map_or(0, |(at, _)| at);
        Some((source.place(at..at + 1), message))
    })
}

/// Where a template is wrong, when the error says so, and how.
fn locate(error: &tera::Error, sources: &Sources) -> (Option<Place>, String) {
    let (ErrorKind::SyntaxError(report) | ErrorKind::RenderingError(report)) = error.kind() else {
        let message = error.to_string();
        let message = message.lines().next().unwrap_or_default().to_owned();
        return (None, message);
    };
    let place = match sources.get(report.filename()) {
        Some(source) => source.place(report.span().range.clone()),
        None => Place::named(report.filename()),
    };
    (Some(place), report.message().to_owned())
}

fn template_place(template: &str, sources: &Sources) -> Place {
    match sources.get(template) {
        Some(source) => Place::file(&source.path),
        None => Place::named(template),
    }
}

impl Theme {
    /// The interface texts of a language.
    pub(crate) fn strings(&self, language: LanguageId) -> &Strings {
        &self.strings[language.0]
    }

    /// Whether there is a template with a name.
    pub(crate) fn has(&self, template: &str) -> bool {
        self.sources.contains_key(template)
    }

    /// The name of a template that is most like `written`.
    pub(crate) fn nearest(&self, written: &str) -> Option<&str> {
        nearest(written, self.sources.keys().map(String::as_str))
    }

    /// The names of the shortcodes.
    pub(crate) fn shortcodes(&self) -> impl Iterator<Item = &str> {
        let name = |name: &'_ String| -> Option<(usize, usize)> {
            let inner = name.strip_prefix("shortcodes/")?.strip_suffix(".html")?;
            Some((name.len() - ".html".len() - inner.len(), name.len() - ".html".len()))
        };
        self.sources.keys().filter_map(move |full| name(full).map(|(a, b)| &full[a..b]))
    }

    /// Fills a template. `page` is what the author will call the document.
    ///
    /// # Errors
    ///
    /// Where the template failed, or that the document grew without end.
    pub(crate) fn render(
        &self,
        template: &str,
        context: &Context,
        page: &str,
    ) -> Result<Vec<u8>, Box<Diagnostic>> {
        RANGE_NUMBERS.set(0);
        let mut document = Bounded { bytes: Vec::with_capacity(8 << 10) };
        match self.tera.render_to(template, context, &mut document) {
            Ok(()) => Ok(document.bytes),
            Err(error) => {
                let (place, message) = locate(&error, &self.sources);
                let place = place.unwrap_or_else(|| self.place(template));
                Err(Box::new(if document.bytes.len() >= DOCUMENT_BYTES_MAX {
                    Diagnostic::document_too_large(place, page, DOCUMENT_BYTES_MAX >> 20)
                } else {
                    Diagnostic::template_error(place, &message, page)
                }))
            }
        }
    }

    /// A template as a whole.
    pub(crate) fn place(&self, template: &str) -> Place {
        template_place(template, &self.sources)
    }
}

thread_local! {
    /// The numbers that `range` has given to the document that this thread is making. A function
    /// of a template learns nothing else about the document; and a document is made by one
    /// thread from beginning to end, so the count is the same in every build.
    static RANGE_NUMBERS: Cell<usize> = const { Cell::new(0) };
}

/// Tera's `range`, with a limit on what the loops of a document take together: two loops of
/// 100,000 inside each other would run for an hour and write nothing.
#[expect(clippy::needless_pass_by_value, reason = "the signature is Tera's")]
fn range(kwargs: Kwargs, _: &tera::State) -> tera::TeraResult<Vec<i64>> {
    let start = kwargs.get::<i64>("start")?.unwrap_or(0);
    let end = kwargs.must_get::<i64>("end")?;
    let step = kwargs.get::<i64>("step_by")?.unwrap_or(1);
    let (span, size) = match step {
        0 => return Err(tera::Error::message("`range` needs a `step_by` other than 0")),
        1.. if start > end => {
            return Err(tera::Error::message("`range` needs an `end` that is not before `start`"));
        }
        1.. => (i128::from(end) - i128::from(start), i128::from(step)),
        _ => ((i128::from(start) - i128::from(end)).max(0), -i128::from(step)),
    };
    let length = usize::try_from((span + size - 1) / size).unwrap_or(usize::MAX);
    let numbers = RANGE_NUMBERS.get().saturating_add(length);
    if numbers > RANGE_NUMBERS_MAX {
        return Err(tera::Error::message(format!(
            "`range` would give more than {RANGE_NUMBERS_MAX} numbers to the loops of one document"
        )));
    }
    RANGE_NUMBERS.set(numbers);
    Ok(std::iter::successors(Some(start), |at| at.checked_add(step)).take(length).collect())
}

/// Takes a document up to the limit. It is what stops a template that loops for ever.
struct Bounded {
    bytes: Vec<u8>,
}

impl Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.bytes.len() + bytes.len() > DOCUMENT_BYTES_MAX {
            self.bytes.resize(DOCUMENT_BYTES_MAX, b' ');
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Strings {
    /// A text by its key; the key itself where a theme has no such text.
    pub(crate) fn get<'a>(&'a self, key: &'a str) -> &'a str {
        self.texts.get(key).map_or(key, String::as_str)
    }

    /// A date as people write it in this language.
    pub(crate) fn date(&self, moment: Moment) -> String {
        let date = moment.date();
        let month = usize::try_from(date.month() - 1).ok().and_then(|m| self.months.get(m));
        let (Some(month), Some(pattern)) = (month, self.texts.get("date")) else {
            return date.to_string();
        };
        let first = self.texts.get("first_day").filter(|_| date.day() == 1);
        let day = first.cloned().unwrap_or_else(|| date.day().to_string());
        pattern
            .replace("{day}", &day)
            .replace("{month}", month)
            .replace("{year}", &date.year().to_string())
    }
}
