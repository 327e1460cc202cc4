//! `sitegen list`.

use std::io;

use serde::Serialize;

use super::output::{exit_for, print_diagnostics, write_to};
use super::{CommandError, Exit, mode, read_inputs};
use crate::cli::{Global, List, OutputFormat};
use crate::diagnostic::visible;
use crate::pipeline::{self, Listed};

/// Version 1 of what `--format json` writes for a page.
#[derive(Serialize)]
struct JsonPage<'a> {
    version: u32,
    kind: &'static str,
    source: &'a str,
    language: &'a str,
    title: &'a str,
    url: &'a str,
    date: Option<&'a str>,
    state: &'a str,
    untranslated: &'a [String],
}

pub(super) fn run(arguments: &List, global: &Global) -> Result<Exit, CommandError> {
    let mode = mode(&arguments.selection)?;
    let (_, inputs) = read_inputs(global)?;
    let (pages, mut report) = pipeline::list(&inputs, &mode);
    // A list is about pages; `check` is about what could be better.
    report.diagnostics.retain(crate::diagnostic::Diagnostic::is_error);
    report.untranslated.clear();
    print_diagnostics(&report, global);
    let text = match global.format {
        OutputFormat::Human => table(&pages),
        OutputFormat::Json => pages.iter().map(json).collect(),
    };
    write_to(io::stdout(), &text);
    Ok(exit_for(&report, false))
}

fn json(page: &Listed) -> String {
    let Listed { source, language, title, url, date, state, missing } = page;
    let object = JsonPage {
        version: 1,
        kind: "page",
        source,
        language,
        title,
        url,
        date: date.as_deref(),
        state,
        untranslated: missing,
    };
    // Strings always become JSON.
    let text = serde_json::to_string(&object).unwrap_or_default();
    format!("{text}\n")
}

/// State, date and address in columns, each page on a line.
fn table(pages: &[Listed]) -> String {
    let width = pages.iter().map(|page| page.url.chars().count()).max().unwrap_or(0).min(70);
    let mut text = String::new();
    for page in pages {
        let date = page.date.as_deref().map_or("-", |date| &date[..10]);
        let url = visible(&page.url);
        let source = visible(&page.source);
        text.push_str(&format!("{:<9}  {date:<10}  {url:<width$}  {source}\n", page.state));
    }
    text
}
