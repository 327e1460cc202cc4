//! The passes of a build, on one screen.
//!
//! | pass | what | parallel |
//! |---|---|---|
//! | read | the files of the site into memory ([`Inputs::read`]) | yes |
//! | parse | front matter and structure, file by file | yes |
//! | record | ids and dates from `published.toml` | no |
//! | link | sections, languages, addresses, neighbours, terms | no |
//! | plan | every output with its path; collisions | no |
//! | make | Markdown, templates, feeds, into the sink, output by output | yes |
//!
//! Each text is walked twice: parsed, rendered. (A text that stands in a feed is rendered once
//! more, with absolute addresses, and shortcodes need a look for code blocks before.) What the
//! sink has from the same key is not made again. Nothing here reads a clock or a disk.

mod hosted;
mod make;
mod preview;

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use crate::artifact::{Nowhere, Sink};
use crate::config::{self, Config, Mode};
use crate::diagnostic::{self, Diagnostic, Place, Severity, Source};
use crate::load::link::{Materials, address_of, link};
use crate::load::parse::{Parsed, ParsedTexts, parse_all};
use crate::load::{Inputs, is_text, record, theme, unwritten};
use crate::memory::give_back;
use crate::model::{Document, Event, Record, Site, State, ThemeFiles};
use crate::path::{OutputPath, SourcePath};
use crate::render::{self, Theme};
use crate::time::Moment;
#[cfg(feature = "network")]
pub(crate) use hosted::HostedActor;
pub use hosted::{Hosted, Reached};
pub use preview::{Answer, Desk, Preview, root_of};

/// What a build found out.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Sorted by place.
    pub diagnostics: Vec<Diagnostic>,
    /// Which pages are missing in which languages, for those who ask.
    pub untranslated: Vec<Diagnostic>,
    /// Pages with a text of their own, in all languages.
    pub pages: usize,
    /// Pages that show the original because there is no translation.
    pub fallbacks: usize,
    /// All outputs.
    pub outputs: usize,
    /// The new text of `published.toml`, when it changes and this is no preview.
    pub record: Option<String>,
    /// Whether `published.toml` would change if this were no preview.
    pub record_changes: bool,
    /// Nothing of the build is recorded.
    pub preview: bool,
    /// When the output would change by itself: an embargo ends, a page expires. RFC 3339.
    pub next_change: Option<String>,
    /// Something is wrong with the site as a whole, so that no part of it can be made.
    pub unusable: bool,
    /// The state of the record that the outputs were made from; 0 when there is none.
    pub serial: u64,
    /// How far its accounts on the fediverse get, when it has some.
    pub reached: Option<Reached>,
}

impl Report {
    /// How many diagnostics there are of a severity.
    pub fn count(&self, severity: Severity) -> usize {
        self.diagnostics.iter().filter(|d| d.severity() == severity).count()
    }

    /// Whether there is an error.
    pub fn has_errors(&self) -> bool {
        self.count(Severity::Error) > 0
    }
}

/// A document for a list of what there is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its file.
    pub source: String,
    /// The code of its language.
    pub language: String,
    /// Its title.
    pub title: String,
    /// The absolute address that it has or will have.
    pub url: String,
    /// RFC 3339.
    pub date: Option<String>,
    /// `published`, `draft`, `future`, `expired` or `broken`.
    pub state: &'static str,
    /// The codes of languages that it is not translated into.
    pub missing: Vec<String>,
}

/// Builds a site into a sink. With an error in the site the artifacts that could be made reach
/// the sink all the same: what becomes of them is the caller's choice.
///
/// A build that keeps going makes everything twice: first for nobody, to learn which pages
/// cannot be made, then without those, so that no list leads to them.
///
/// # Errors
///
/// The first error of the sink.
pub fn build<S: Sink>(inputs: &Inputs, mode: &Mode, sink: &S) -> Result<Report, S::Error> {
    if !mode.keep_going {
        return Ok(build_without(&HashSet::new(), inputs, mode, sink)?.0);
    }
    let Ok((first, broken)) = build_without(&HashSet::new(), inputs, mode, &Nowhere);
    let (second, failed) = build_without(&broken, inputs, mode, sink)?;
    // The first one knows of every mistake, the second one of what there is. What still fails
    // is a list or the like, which nothing can do without.
    let diagnostics = first.diagnostics;
    let unusable = first.unusable || second.unusable || !failed.is_empty();
    Ok(Report { diagnostics, unusable, ..second })
}

/// Builds a site without the documents in `broken`, and says which others could not be made.
fn build_without<S: Sink>(
    broken: &HashSet<String>,
    inputs: &Inputs,
    mode: &Mode,
    sink: &S,
) -> Result<(Report, HashSet<String>), S::Error> {
    let Linked { site, record, mut report } = load(inputs, mode, broken, None, || sink.look());
    let Some((site, theme)) = site.filter(|_| !report.unusable) else {
        return Ok((report, HashSet::new()));
    };
    let write = || record.map(|record| record::write(&record));
    let studio = inputs.studio.clone();
    let make = || make::all((&site, &theme), studio, sink, &mut report);
    let (failed, text) = rayon::join(make, write);
    let failed = failed?;
    report.record = text;
    report.reached = hosted::reached(&site);
    report.serial = site.serial;
    give_back(site);
    Ok((report, failed))
}

/// Lists all documents, published or not, and what is wrong with the site.
pub fn list(inputs: &Inputs, mode: &Mode) -> (Vec<Listed>, Report) {
    // A page with mistakes is none that is published, and the list says so.
    let mode = Mode { keep_going: true, ..mode.clone() };
    let Linked { site, report, .. } = load(inputs, &mode, &HashSet::new(), None, || {});
    let Some((site, _)) = site else { return (Vec::new(), report) };
    let config = &site.config;
    let mut documents: Vec<&Document> = site.documents.iter().chain(&site.hidden).collect();
    documents.sort_by(|a, b| a.source.path.cmp(&b.source.path));
    let mut languages: HashMap<&str, Vec<&str>> = HashMap::new();
    for document in &documents {
        let code = config.language(document.language).code.as_str();
        languages.entry(document.text_key()).or_default().push(code);
    }
    let has = |document: &Document, code: &str| languages[document.text_key()].contains(&code);
    let mut listed: Vec<Listed> = documents.iter().map(|d| listed(d, &has, config)).collect();
    give_addresses(&mut listed, &site);
    (listed, report)
}

/// A site that is loaded.
#[derive(Default)]
struct Linked {
    /// `None` when the configuration cannot be read. Nothing is made of a site that the report
    /// calls unusable.
    site: Option<(Site, Theme)>,
    /// The record, when it changes and is to be written.
    record: Option<Record>,
    report: Report,
}

/// What is known of a site from the last time it was loaded. It holds as long as there is no change
/// but in texts.
#[derive(Debug, Default)]
pub struct Known {
    texts: ParsedTexts,
    record: Option<ReadRecord>,
}

impl Known {
    /// Forgets what may be no longer true when these files have changed.
    pub fn keep_up(&mut self, changed: &BTreeSet<SourcePath>) {
        if !changed.iter().all(is_text) {
            *self = Self::default();
        }
    }
}

/// What the file of the record says. Nothing when there is none.
type ReadRecord = Option<Result<Arc<Record>, Vec<Diagnostic>>>;

/// Reads and links a site. Linking is for one processor; another one does something `beside` it.
fn load(
    inputs: &Inputs,
    mode: &Mode,
    broken: &HashSet<String>,
    known: Option<&mut Known>,
    beside: impl FnOnce() + Send,
) -> Linked {
    let mut report = Report { diagnostics: inputs.problems.clone(), ..Report::default() };
    let no_config = Source::new(SourcePath::new(config::FILE), "");
    let config_source = inputs.config.as_ref().unwrap_or(&no_config);
    let Some(config) = read_config(inputs, config_source, mode, &mut report) else {
        report.unusable = true;
        return Linked { report, ..Linked::default() };
    };
    let (theme_files, problems) = theme::load(&inputs.files, &config);
    report.unusable |= problems.iter().any(Diagnostic::is_error);
    report.diagnostics.extend(problems);
    let (theme, problems) = render::compile(theme_files.clone(), &config);
    report.unusable |= problems.iter().any(Diagnostic::is_error);
    report.diagnostics.extend(problems);

    let read = || Some(record::read(inputs.record.as_ref()?, &config).map(Arc::new));
    let parse = |known| parse_all(&inputs.files, &config, mode, broken, known);
    let (record, mut parsed) = if let Some(known) = known {
        let Known { texts, record } = known;
        let read = || record.get_or_insert_with(read).clone();
        rayon::join(read, || parse(Some(texts)))
    } else {
        rayon::join(read, || parse(None))
    };
    report.diagnostics.append(&mut parsed.problems);
    report.diagnostics.extend(unwritten::find(&parsed, config_source));
    report.next_change = next_change(&parsed.documents, mode);

    let before = check_record(record, inputs, mode, &mut report);
    let settings = (config, config_source, &theme_files);
    let link = || link_parsed(inputs, mode, settings, parsed, before.as_deref(), &mut report);
    let ((site, record), ()) = rayon::join(link, beside);
    note_translations(&mut report, &site);
    diagnostic::sort(&mut report.diagnostics);
    Linked { site: Some((site, theme)), record, report }
}

/// Puts together what was read file by file.
fn link_parsed(
    inputs: &Inputs,
    mode: &Mode,
    (config, config_source, theme): (Config, &Source, &ThemeFiles),
    mut parsed: Parsed,
    before: Option<&Record>,
    report: &mut Report,
) -> (Site, Option<Record>) {
    let mut reconciled = record::reconcile(before, &parsed.documents, &inputs.files, &config, mode);
    // An id that was given out by guessing cannot be taken back, so here is nothing to keep going
    // with.
    if report.unusable {
        // Who has vanished from a configuration with mistakes in it is still there.
        let is_vain = |problem: &Diagnostic| {
            matches!(problem.code(), "actor-vanished" | "post-vanished" | "post-id-changes")
        };
        reconciled.problems.retain(|problem| !is_vain(problem));
    }
    report.unusable |= reconciled.problems.iter().any(Diagnostic::is_error);
    report.diagnostics.extend(reconciled.problems);
    let readable = before.is_some() || inputs.record.is_none();
    let is_new = readable && note_record(report, before, &reconciled.record, mode);
    let id_base = reconciled.record.id_base.clone();
    let (serial, actors) = (reconciled.record.serial, reconciled.record.actors.clone());
    let record = is_new.then(|| std::mem::take(&mut reconciled.record));
    record::keep_dates(&mut parsed.documents, &reconciled.identities);

    let (site, problems) = link(Materials {
        config,
        config_source,
        documents: parsed.documents,
        identities: reconciled.identities,
        id_base,
        serial,
        actors,
        posts: reconciled.posts,
        files: &inputs.files,
        theme,
    });
    // Who tries things out has no key yet.
    let is_lenient = |problem: &Diagnostic| report.preview && problem.code() == "key-missing";
    let problems = problems.into_iter().map(|problem| {
        let lenient = is_lenient(&problem);
        problem.lenient(lenient)
    });
    let problems: Vec<Diagnostic> = problems.collect();
    report.diagnostics.extend(problems);
    (site, record)
}

/// The configuration; `None` when nothing can be said about the site without it.
fn read_config(
    inputs: &Inputs,
    source: &Source,
    mode: &Mode,
    report: &mut Report,
) -> Option<Config> {
    if inputs.config.is_none() {
        let place = Place::file(&source.path);
        report.diagnostics.push(Diagnostic::missing_site_file(place, config::FILE));
        return None;
    }
    if inputs.is_refused(source) {
        return None;
    }
    let (config, problems) = config::read(source, mode.base_url.as_deref());
    report.unusable |= problems.iter().any(Diagnostic::is_error);
    // Which languages there are, how strict front matter is: whatever would be said about the
    // content without knowing that would be noise.
    let unreadable = problems.iter().any(|p| matches!(p.code(), "syntax" | "duplicate-key"));
    report.diagnostics.extend(problems);
    report.preview = config.is_preview(mode);
    if let Some(option) = mode.shows_more().filter(|_| mode.record && !config.actors.is_empty()) {
        let place = Place::named("--record");
        report.diagnostics.push(Diagnostic::record_not_public(place, option));
        report.unusable = true;
    }
    if !config.actors.is_empty() && !report.preview && !report.unusable {
        let (written, place) = &config.base_url_written;
        let wrong = config::check_base_url(written, &config.base_url, place.clone());
        report.unusable |= !wrong.is_empty();
        report.diagnostics.extend(wrong);
    }
    (!unreadable).then_some(config)
}

/// The record, when there is one that can be read.
fn check_record(
    record: ReadRecord,
    inputs: &Inputs,
    mode: &Mode,
    report: &mut Report,
) -> Option<Arc<Record>> {
    let Some(source) = &inputs.record else {
        if inputs.was_recorded && (!report.preview || mode.record) {
            let place = Place::file(&SourcePath::new(record::FILE));
            report.diagnostics.push(Diagnostic::record_lost(place));
            report.unusable = true;
        }
        return None;
    };
    if inputs.is_refused(source) {
        report.unusable = true;
        return None;
    }
    match record? {
        Ok(record) => Some(record),
        Err(problems) => {
            report.unusable = true;
            report.diagnostics.extend(problems);
            None
        }
    }
}

/// Says whether the record is to be written.
fn note_record(report: &mut Report, before: Option<&Record>, after: &Record, mode: &Mode) -> bool {
    report.record_changes = before != Some(after);
    if report.record_changes && mode.locked && !report.preview {
        let place = Place::file(&SourcePath::new(record::FILE));
        report.diagnostics.push(Diagnostic::record_would_change(place, before.is_some()));
        report.unusable = true;
        return false;
    }
    let wanted = !report.preview || mode.record;
    report.record_changes && wanted && !report.unusable
}

/// The first moment after now at which a page appears or goes.
fn next_change(documents: &[Document], mode: &Mode) -> Option<String> {
    let moments =
        documents.iter().filter(|document| document.state != State::Draft).flat_map(|d| {
            // A section has no date of its own in lists, but its embargo may be written there.
            let appears = d.date.or(d.front.date).filter(|_| d.state == State::Future);
            let goes = d.front.expires.filter(|_| d.state != State::Expired);
            let over = d.event().map(Event::over);
            appears.into_iter().chain(goes).chain(over)
        });
    let next: Option<Moment> = moments.filter(|moment| moment.timestamp() > mode.now).min();
    next.map(|moment| moment.to_string())
}

fn note_translations(report: &mut Report, site: &Site) {
    report.pages = site.pages.iter().filter(|page| page.translated).count();
    report.fallbacks = site.pages.len() - report.pages;
    for page in site.pages.iter().filter(|page| page.translated) {
        let has =
            |language: &_| page.translations.iter().any(|id| site.page(*id).language == *language);
        let missing: Vec<String> = site
            .config
            .language_ids()
            .filter(|language| *language != page.language && !has(language))
            .map(|language| site.config.language(language).code.clone())
            .collect();
        // Of several translations the first one speaks for all.
        let first = page.translations.first().is_none_or(|id| site.page(*id).output == page.output);
        if !missing.is_empty() && first {
            let place = Place::file(&site.document(page.document).source.path);
            report.untranslated.push(Diagnostic::not_translated(place, &missing.join(", ")));
        }
    }
}

fn listed(document: &Document, has: &impl Fn(&Document, &str) -> bool, config: &Config) -> Listed {
    let codes = config.languages.iter().map(|language| language.code.clone());
    Listed {
        source: document.source.path.to_string(),
        language: config.language(document.language).code.clone(),
        title: document.title.clone(),
        url: config.base_url.absolute(&address_of(document, config)),
        date: document.date.map(|moment| moment.to_string()),
        state: document.state.name(),
        missing: codes.filter(|code| !has(document, code)).collect(),
    }
}

/// What is published has an address already; the others have the one they will have.
fn give_addresses(listed: &mut [Listed], site: &Site) {
    let pages = site.pages.iter().filter(|page| page.translated);
    let pages = pages.map(|page| (page.document, &page.output));
    let sections = site.sections.iter().filter(|section| section.translated);
    let sections = sections.filter_map(|section| Some((section.document?, &section.output)));
    let outputs: HashMap<&str, &OutputPath> = pages
        .chain(sections)
        .map(|(document, output)| (site.document(document).source.path.as_str(), output))
        .collect();
    for entry in listed {
        if let Some(output) = outputs.get(entry.source.as_str()) {
            entry.url = site.permalink(output);
        }
    }
}
