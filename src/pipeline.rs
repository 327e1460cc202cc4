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
//! more, with absolute addresses.) Nothing here reads a clock or a disk.

use std::collections::HashMap;

use rayon::prelude::*;

use crate::artifact::{Artifact, Rank};
use crate::config::{self, Config, Mode};
use crate::diagnostic::{self, Diagnostic, Place, Severity, Source};
use crate::emit::{self, Workshop};
use crate::load::link::{Materials, address_of, link};
use crate::load::parse::parse_all;
use crate::load::{Inputs, record, theme};
use crate::model::{Document, Record, Site, State};
use crate::path::{OutputPath, SourcePath};
use crate::render::{self, Theme, Views};
use crate::time::Moment;

/// Takes the artifacts of a build, one at a time, from several threads.
pub trait Sink: Sync {
    /// Why an artifact could not be taken.
    type Error: Send;

    /// Takes one artifact.
    ///
    /// # Errors
    ///
    /// When the world fails; the build ends.
    fn accept(&self, artifact: Artifact) -> Result<(), Self::Error>;

    /// Says how many artifacts there will be, before the first.
    fn begin(&self, _count: usize) {}
}

/// A sink that takes nothing: what `check` builds into.
#[derive(Clone, Copy, Debug)]
pub struct Nowhere;

impl Sink for Nowhere {
    type Error = std::convert::Infallible;

    fn accept(&self, _artifact: Artifact) -> Result<(), Self::Error> {
        Ok(())
    }
}

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
    /// `published`, `draft`, `future` or `expired`.
    pub state: &'static str,
    /// The codes of languages that it is not translated into.
    pub missing: Vec<String>,
}

/// Builds a site into a sink. With an error in the site the artifacts that could be made reach
/// the sink all the same: what becomes of them is the caller's choice.
///
/// # Errors
///
/// The first error of the sink.
pub fn build<S: Sink>(inputs: &Inputs, mode: &Mode, sink: &S) -> Result<Report, S::Error> {
    let linked = load(inputs, mode);
    let mut report = linked.report;
    let Some((site, theme)) = linked.site else { return Ok(report) };
    let plan = emit::plan(&site);
    report.outputs = plan.outputs.len();
    report.diagnostics.extend(plan.problems);
    let views = Views::new(&site, &theme, plan.outputs.iter().map(|output| &output.path));
    let workshop = Workshop::new(views);
    sink.begin(plan.outputs.len());
    // Pages come first: their cards are then there for the lists.
    let (first, last): (Vec<_>, Vec<_>) =
        plan.outputs.iter().partition(|output| matches!(output.rank, Rank::Asset | Rank::Page));
    for outputs in [first, last] {
        let problems: Vec<Vec<Diagnostic>> = outputs
            .into_par_iter()
            .map(|output| {
                let made = (output.make)(&workshop);
                if let Some(body) = made.body {
                    let artifact = Artifact { path: output.path.clone(), body, rank: output.rank };
                    sink.accept(artifact)?;
                }
                Ok(made.problems)
            })
            .collect::<Result<_, S::Error>>()?;
        report.diagnostics.extend(problems.into_iter().flatten());
    }
    diagnostic::sort(&mut report.diagnostics);
    Ok(report)
}

/// Lists all documents, published or not, and what is wrong with the site.
pub fn list(inputs: &Inputs, mode: &Mode) -> (Vec<Listed>, Report) {
    let linked = load(inputs, mode);
    (linked.listed, linked.report)
}

/// A site that is loaded.
struct Linked {
    /// `None` when nothing can be made of it.
    site: Option<(Site, Theme)>,
    listed: Vec<Listed>,
    report: Report,
}

fn load(inputs: &Inputs, mode: &Mode) -> Linked {
    let mut report = Report { diagnostics: inputs.problems.clone(), ..Report::default() };
    let no_config = Source::new(SourcePath::new(config::FILE), "");
    let config_source = inputs.config.as_ref().unwrap_or(&no_config);
    if inputs.config.is_none() {
        let place = Place::file(&config_source.path);
        report.diagnostics.push(Diagnostic::missing_site_file(place, config::FILE));
        report.unusable = true;
        return Linked { site: None, listed: Vec::new(), report };
    }
    let (config, problems) = config::read(config_source, mode.base_url.as_deref());
    report.unusable |= !problems.is_empty();
    if !is_unread(inputs, config_source) {
        report.diagnostics.extend(problems);
    }
    report.preview = config.is_preview(mode);

    let (theme_files, problems) = theme::load(&inputs.files, &config);
    report.unusable |= problems.iter().any(Diagnostic::is_error);
    report.diagnostics.extend(problems);
    let (theme, problems) = render::compile(theme_files.clone(), &config);
    report.unusable |= problems.iter().any(Diagnostic::is_error);
    report.diagnostics.extend(problems);

    let parsed = parse_all(&inputs.files, &config, mode);
    report.diagnostics.extend(parsed.problems);
    report.next_change = next_change(&parsed.documents, mode);

    let before = match inputs.record.as_ref().map(|source| (source, record::read(source, &config)))
    {
        None => None,
        Some((_, Ok(record))) => Some(record),
        Some((source, Err(problems))) => {
            report.unusable = true;
            if !is_unread(inputs, source) {
                report.diagnostics.extend(problems);
            }
            None
        }
    };
    let reconciled =
        record::reconcile(before.as_ref(), &parsed.documents, &inputs.files, &config, mode);
    report.diagnostics.extend(reconciled.problems);
    note_record(&mut report, before.as_ref(), &reconciled.record, mode);

    let mut listed: Vec<Listed> =
        parsed.documents.iter().map(|d| listed(d, &parsed.documents, &config)).collect();
    let (site, problems) = link(Materials {
        config,
        config_source,
        documents: parsed.documents,
        identities: reconciled.identities,
        id_base: reconciled.record.id_base,
        files: &inputs.files,
        theme: &theme_files,
    });
    report.diagnostics.extend(problems);
    note_translations(&mut report, &site);
    give_addresses(&mut listed, &site);
    diagnostic::sort(&mut report.diagnostics);
    let site = (!report.unusable).then_some((site, theme));
    Linked { site, listed, report }
}

/// Whether a file could not be read at all. Then nothing can be said about what is in it.
fn is_unread(inputs: &Inputs, source: &Source) -> bool {
    inputs.problems.iter().any(|problem| problem.path() == Some(source.path.as_str()))
}

fn note_record(report: &mut Report, before: Option<&Record>, after: &Record, mode: &Mode) {
    report.record_changes = before != Some(after);
    let wanted = !report.preview || mode.record;
    if report.record_changes && wanted {
        report.record = Some(record::write(after));
    }
}

/// The first moment after now at which a page appears or goes.
fn next_change(documents: &[Document], mode: &Mode) -> Option<String> {
    let moments =
        documents.iter().filter(|document| document.state != State::Draft).flat_map(|d| {
            let appears = d.date.filter(|_| d.state == State::Future);
            let goes = d.front.expires.filter(|_| d.state != State::Expired);
            appears.into_iter().chain(goes)
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
        if !missing.is_empty() && first && site.config.languages.len() > 1 {
            let place = Place::file(&site.document(page.document).source.path);
            report.untranslated.push(Diagnostic::not_translated(place, &missing.join(", ")));
        }
    }
}

fn listed(document: &Document, all: &[Document], config: &Config) -> Listed {
    let has = |code: &str| {
        all.iter().any(|d| d.key == document.key && config.language(d.language).code == code)
    };
    let missing = config.languages.iter().map(|language| language.code.clone());
    let address = address_of(document, config);
    Listed {
        source: document.source.path.to_string(),
        language: config.language(document.language).code.clone(),
        title: document.title.clone(),
        url: config.base_url.absolute(&address),
        date: document.date.map(|moment| moment.to_string()),
        state: document.state.name(),
        missing: missing.filter(|code| !has(code)).collect(),
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
