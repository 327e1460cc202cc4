//! What a command says on the terminal or to a program.

use std::collections::BTreeMap;
use std::io::{self, BufRead as _, IsTerminal as _, Write};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressFinish, ProgressStyle};
use serde::Serialize;

use super::{CommandError, Exit, printer};
use crate::cli::{Global, OutputFormat};
use crate::diagnostic::{Severity, visible};
use crate::pipeline::Report;
use crate::write::Changes;

/// How many problems of one kind in one file are shown to people; the rest are counted. Who
/// has mended fifty has seen what is wrong, and a damaged file may have a hundred thousand.
const SHOWN_OF_A_KIND_MAX: usize = 50;

/// Prints the diagnostics of a report: to people on standard error, to programs on standard
/// output, where the summary follows.
pub(super) fn print_diagnostics(report: &Report, global: &Global) {
    let printer = printer(global);
    let mut text = String::new();
    let untranslated = report.untranslated.iter().filter(|_| global.verbose);
    let mut counts: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for diagnostic in report.diagnostics.iter().chain(untranslated) {
        if global.quiet && diagnostic.severity() == Severity::Note {
            continue;
        }
        if let (OutputFormat::Human, Some(path)) = (global.format, diagnostic.path()) {
            let count = counts.entry((path, diagnostic.code())).or_default();
            *count += 1;
            if *count > SHOWN_OF_A_KIND_MAX {
                continue;
            }
        }
        text.push_str(&printer.text(diagnostic));
    }
    for ((path, code), count) in counts {
        if count > SHOWN_OF_A_KIND_MAX {
            let more = grouped(count - SHOWN_OF_A_KIND_MAX);
            text.push_str(&format!("… and {more} more `{code}` in {}\n\n", visible(path)));
        }
    }
    match global.format {
        OutputFormat::Human => write_to(io::stderr(), &text),
        OutputFormat::Json => write_to(io::stdout(), &text),
    }
}

/// Writes a text. A reader that has gone away (`| head`) is not our failure.
pub(super) fn write_to(stream: impl Write, text: &str) {
    write_bytes(stream, text.as_bytes());
}

/// The same for what need not be text.
pub(super) fn write_bytes(mut stream: impl Write, bytes: &[u8]) {
    let _ = stream.write_all(bytes).and_then(|()| stream.flush());
}

/// Asks a person; nobody else can answer. `what` is what will happen, `option` is for programs.
#[cfg(feature = "network")]
pub(super) fn confirm(what: &str, option: &str) -> Result<bool, CommandError> {
    ask(&format!("{what}. Go on? [y/N] "))?.ok_or_else(|| {
        CommandError::Usage(format!(
            "{what}; say `{option}` when that is right and nobody can be asked"
        ))
    })
}

/// Asks a person for a yes; nothing when nobody can be asked.
pub(super) fn ask(question: &str) -> Result<Option<bool>, CommandError> {
    if !(io::stdin().is_terminal() && io::stderr().is_terminal()) {
        return Ok(None);
    }
    let lines: Vec<String> = question.split('\n').map(visible).collect();
    write_to(io::stderr(), &lines.join("\n"));
    let mut answer = String::new();
    let read = io::stdin().lock().read_line(&mut answer);
    read.map_err(|error| CommandError::Io("the terminal".into(), error))?;
    Ok(Some(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes")))
}

/// A bar for a person who waits; nothing for anybody else.
pub(super) fn bar(global: &Global, template: &str) -> Option<ProgressBar> {
    let is_human = global.format == OutputFormat::Human && !global.quiet;
    (is_human && io::stderr().is_terminal()).then(|| {
        let style =
            ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
        ProgressBar::no_length().with_style(style).with_finish(ProgressFinish::AndClear)
    })
}

/// What the closing line says.
pub(super) struct Summary<'a> {
    /// `Built`, `Checked`.
    pub(super) verb: &'static str,
    pub(super) report: &'a Report,
    /// `None` when nothing was written.
    pub(super) changes: Option<Changes>,
    pub(super) time: Duration,
    pub(super) exit: Exit,
    /// Whether warnings count as errors.
    pub(super) strict: bool,
    /// Whether `--keep-going` would help.
    pub(super) can_keep_going: bool,
}

/// Version 1 of what `--format json` writes at the end.
#[derive(Serialize)]
struct JsonSummary<'a> {
    version: u32,
    kind: &'static str,
    ok: bool,
    errors: usize,
    warnings: usize,
    pages: usize,
    untranslated: usize,
    files: usize,
    written: Option<usize>,
    removed: Option<usize>,
    unchanged: Option<usize>,
    preview: bool,
    seconds: f64,
    next_change: Option<&'a str>,
    /// How far the accounts on the fediverse get.
    level: Option<&'static str>,
}

impl Summary<'_> {
    /// Prints the closing line.
    pub(super) fn print(&self, global: &Global) {
        match global.format {
            OutputFormat::Json => self.print_json(),
            OutputFormat::Human if self.exit == Exit::Fine => {
                if !global.quiet {
                    write_to(io::stdout(), &self.line());
                }
            }
            OutputFormat::Human => write_to(io::stderr(), &self.line()),
        }
    }

    fn line(&self) -> String {
        let report = self.report;
        let errors = report.count(Severity::Error);
        let warnings = report.count(Severity::Warning);
        let mut line = String::new();
        if self.exit == Exit::Fine || self.changes.is_some() {
            line.push_str(&format!("{} {}", self.verb, counted(report.pages, "page")));
            if report.fallbacks > 0 {
                line.push_str(&format!(" ({} not translated)", grouped(report.fallbacks)));
            }
            line.push_str(&format!(", {}", counted(report.outputs, "file")));
        } else {
            line.push_str("Nothing was written");
            if self.can_keep_going {
                line.push_str(" (`--keep-going` publishes the rest)");
            }
        }
        if let Some(Changes { written, removed, .. }) = &self.changes {
            line.push_str(&format!(": {} written", grouped(written.len())));
            if !removed.is_empty() {
                line.push_str(&format!(", {} removed", grouped(removed.len())));
            }
        }
        line.push_str(&format!(", in {:.2} s.", self.time.as_secs_f64()));
        if errors + warnings > 0 {
            let counts = [(errors, "error"), (warnings, "warning")];
            let counts: Vec<String> = counts
                .iter()
                .filter(|(count, _)| *count > 0)
                .map(|(count, what)| counted(*count, what))
                .collect();
            line.push_str(&format!(" {}.", counts.join(", ")));
            if self.strict && errors == 0 {
                line.push_str(" With `--strict` a warning is an error.");
            }
        }
        if report.preview && report.record.is_none() && self.changes.is_some() {
            line.push_str(" A preview, not for upload; published.toml is left as it was.");
        }
        if let Some(moment) = &report.next_change {
            line.push_str(&format!(" Next change by itself: {moment}."));
        }
        line.push('\n');
        line
    }

    fn print_json(&self) {
        let report = self.report;
        let summary = JsonSummary {
            version: 1,
            kind: "summary",
            ok: self.exit == Exit::Fine,
            errors: report.count(Severity::Error),
            warnings: report.count(Severity::Warning),
            pages: report.pages,
            untranslated: report.fallbacks,
            files: report.outputs,
            written: self.changes.as_ref().map(|changes| changes.written.len()),
            removed: self.changes.as_ref().map(|changes| changes.removed.len()),
            unchanged: self.changes.as_ref().map(|changes| changes.unchanged),
            preview: report.preview,
            seconds: self.time.as_secs_f64(),
            next_change: report.next_change.as_deref(),
            level: report.reached.as_ref().map(|reached| reached.level),
        };
        // Numbers and strings always become JSON.
        let text = serde_json::to_string(&summary).unwrap_or_default();
        write_to(io::stdout(), &format!("{text}\n"));
    }
}

/// `1 page`, `1,203 pages`.
pub(super) fn counted(count: usize, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{} {what}{plural}", grouped(count))
}

/// `1,203`.
pub(super) fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// The exit code that a report asks for.
pub(super) fn exit_for(report: &Report, strict: bool) -> Exit {
    let warned = strict && report.count(Severity::Warning) > 0;
    if report.has_errors() || warned { Exit::SiteErrors } else { Exit::Fine }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped() {
        assert_eq!(grouped(7), "7");
        assert_eq!(grouped(1203), "1,203");
        assert_eq!(counted(1, "page"), "1 page");
        assert_eq!(counted(1_000_000, "page"), "1,000,000 pages");
    }
}
