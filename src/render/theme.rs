//! A theme whose templates are compiled, and the running of them.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};
use std::io::{self, Write};

use tera::{Context, ErrorKind, Kwargs, Tera};

use crate::config::{Config, LanguageId};
use crate::diagnostic::{Diagnostic, Place, Source, nearest};
use crate::limits::{DOCUMENT_BYTES_MAX, RANGE_NUMBERS_MAX};
use crate::model::{Strings, ThemeFiles};

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
        let (texts, missing) = files.strings_for(&language.code, &language.translations);
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

fn syntax_problems(error: &tera::Error, sources: &BTreeMap<String, Source>) -> Vec<Diagnostic> {
    if let ErrorKind::Msg(text) = error.kind() {
        let problems: Vec<Diagnostic> = reports(text, sources).collect();
        if !problems.is_empty() {
            return problems;
        }
    }
    let (place, message) = locate(error, sources);
    let place = place.unwrap_or_else(|| Place::named("templates"));
    vec![Diagnostic::template_syntax(place, &message)]
}

/// What Tera says about names that it does not know: a text with a report for each, which has
/// the message, the file with line and column on the next line, and marks below.
fn reports<'a>(
    text: &'a str,
    sources: &'a BTreeMap<String, Source>,
) -> impl Iterator<Item = Diagnostic> + 'a {
    text.split("error: ").skip(1).filter_map(|report| {
        let (message, rest) = report.split_once('\n')?;
        let (_, rest) = rest.split_once("--> ")?;
        let mut numbers = rest.lines().next()?.rsplitn(3, ':');
        let column: usize = numbers.next()?.parse().ok()?;
        let line: usize = numbers.next()?.parse().ok()?;
        let source = sources.get(numbers.next()?)?;
        let start: usize =
            source.text.split_inclusive('\n').take(line.checked_sub(1)?).map(str::len).sum();
        let (offset, _) = source.text[start..].char_indices().nth(column.checked_sub(1)?)?;
        let marked = rest.bytes().filter(|byte| *byte == b'^').count();
        let place = source.place(start + offset..start + offset + marked);
        Some(Diagnostic::template_syntax(place, message))
    })
}

/// Where a template is wrong, when the error says so, and how.
fn locate(error: &tera::Error, sources: &BTreeMap<String, Source>) -> (Option<Place>, String) {
    let whole = |name: &str| match sources.get(name) {
        Some(source) => Place::file(&source.path),
        None => Place::named(name),
    };
    let report = match error.kind() {
        ErrorKind::SyntaxError(report) | ErrorKind::RenderingError(report) => report,
        ErrorKind::MissingParent { current, parent } => {
            let at = |source: &Source| {
                let at = source.text.find(parent)?;
                Some(source.place(at..at + parent.len()))
            };
            let place = sources.get(current).and_then(at).unwrap_or_else(|| whole(current));
            return (Some(place), format!("there is no template `{parent}`"));
        }
        ErrorKind::CircularExtend { tpl, .. } => {
            return (Some(whole(tpl)), "it extends itself, or another that extends it".to_owned());
        }
        ErrorKind::CircularInclude { tpl, .. } => {
            return (
                Some(whole(tpl)),
                "it includes itself, or another that includes it".to_owned(),
            );
        }
        _ => return (None, error.to_string()),
    };
    let place = match sources.get(report.filename()) {
        Some(source) => source.place(report.span().range.clone()),
        None => Place::named(report.filename()),
    };
    (Some(place), report.message().to_owned())
}

/// All that decides what a template makes of its values.
impl Hash for Theme {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        let Self { tera: _, sources, strings } = self;
        for (name, source) in sources {
            (name, &source.text).hash(hasher);
        }
        strings.hash(hasher);
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
        let mib = DOCUMENT_BYTES_MAX >> 20;
        self.try_render(template, context).map_err(|failure| {
            let Failure { place, message } = *failure;
            Box::new(match message {
                Some(message) => Diagnostic::template_error(place, &message, page),
                None => Diagnostic::document_too_large(place, page, mib),
            })
        })
    }

    /// Fills the template of a shortcode, which stands at `place` in a text.
    ///
    /// # Errors
    ///
    /// As [`Theme::render`], told to the author of the text.
    pub(crate) fn render_shortcode(
        &self,
        name: &str,
        template: &str,
        context: &Context,
        place: &Place,
    ) -> Result<Vec<u8>, Box<Diagnostic>> {
        let mib = DOCUMENT_BYTES_MAX >> 20;
        self.try_render(template, context).map_err(|failure| {
            let Failure { place: inside, message } = *failure;
            let place = place.clone();
            Box::new(match message {
                Some(message) => Diagnostic::shortcode_error(place, inside, name, &message),
                None => Diagnostic::document_too_large(place, name, mib),
            })
        })
    }

    fn try_render(&self, template: &str, context: &Context) -> Result<Vec<u8>, Box<Failure>> {
        RANGE_NUMBERS.set(0);
        let mut document = Bounded { bytes: Vec::with_capacity(8 << 10) };
        match self.tera.render_to(template, context, &mut document) {
            Ok(()) => Ok(document.bytes),
            Err(error) => {
                let (place, message) = locate(&error, &self.sources);
                let place = place.unwrap_or_else(|| self.place(template));
                let endless = document.bytes.len() >= DOCUMENT_BYTES_MAX;
                Err(Box::new(Failure { place, message: (!endless).then_some(message) }))
            }
        }
    }

    /// Where a text stands in a template.
    pub(crate) fn place_of(&self, text: &str) -> Option<Place> {
        self.sources.values().find_map(|source| {
            let at = source.text.find(text)?;
            Some(source.place(at..at + text.len()))
        })
    }

    /// A template as a whole.
    pub(crate) fn place(&self, template: &str) -> Place {
        match self.sources.get(template) {
            Some(source) => Place::file(&source.path),
            None => Place::named(template),
        }
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

/// Why a template could not be filled.
struct Failure {
    place: Place,
    /// `None` when the document grew without end.
    message: Option<String>,
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
