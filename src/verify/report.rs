//! What a verification says to people and to programs.

use serde::Serialize;

use super::Verification;
use super::fetch::Content;
use super::finding::{Finding, Severity};
use crate::diagnostic::visible;
use crate::doctor::report::line;

/// How many findings of one kind people see; the rest are counted.
const SHOWN_MAX: usize = 50;

/// How it ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// All is as signed.
    Same,
    /// Something is not.
    Differs,
    /// Not all could be asked.
    Unknown,
}

impl Verification {
    /// How it ends: what differs says more than what could not be asked.
    pub(crate) fn verdict(&self) -> Verdict {
        match self.findings.iter().map(|finding| finding.severity).min() {
            Some(Severity::Alarm) => Verdict::Differs,
            Some(Severity::Unknown) => Verdict::Unknown,
            Some(Severity::Note) | None => Verdict::Same,
        }
    }

    fn count(&self, severity: Severity) -> usize {
        self.findings.iter().filter(|finding| finding.severity == severity).count()
    }

    /// For people: what is not as signed (or all, when `verbose`), and how it ends.
    pub(crate) fn human(&self, verbose: bool) -> String {
        let mut text = String::new();
        let shown = |finding: &&Finding| verbose || finding.is_told();
        for severity in [Severity::Alarm, Severity::Unknown, Severity::Note] {
            let mut findings =
                self.findings.iter().filter(|it| it.severity == severity).filter(shown);
            text.extend(findings.by_ref().take(SHOWN_MAX).map(human));
            let more = findings.count();
            if more > 0 {
                text.push_str(&format!("… and {more} more\n\n"));
            }
        }
        text.push_str(&self.line());
        text
    }

    fn line(&self) -> String {
        let Self { base_url, asked, same, manifest, .. } = self;
        let base_url = visible(base_url);
        let Some(manifest) = manifest else {
            return match self.verdict() {
                Verdict::Unknown => format!("{base_url} could not be asked.\n"),
                _ => format!("{base_url} cannot be verified.\n"),
            };
        };
        let of = match manifest.files.len() - self.for_host {
            all if all == *asked => String::new(),
            all => format!(" (of {all})"),
        };
        let rest = match (self.count(Severity::Alarm), self.count(Severity::Unknown)) {
            (0, 0) => String::new(),
            (0, 1) => " 1 question is open.".to_owned(),
            (0, unknown) => format!(" {unknown} questions are open."),
            (1, _) => " 1 thing is not as signed.".to_owned(),
            (alarms, _) => format!(" {alarms} things are not as signed."),
        };
        format!(
            "{base_url}: {same} of {asked} files{of} are as signed on {}.{rest}\n",
            manifest.made
        )
    }

    /// For programs: a line for each finding, then the summary.
    pub(crate) fn json(&self) -> String {
        let lines = self.findings.iter().map(|finding| line(&JsonFinding::from(finding)));
        let verdict = self.verdict();
        let summary = JsonSummary {
            version: 1,
            kind: "summary",
            ok: verdict == Verdict::Same,
            url: &self.base_url,
            key: self.key.to_string(),
            site: self.manifest.as_ref().map(|manifest| manifest.site.as_str()),
            serial: self.manifest.as_ref().map(|manifest| manifest.serial),
            made: self.manifest.as_ref().map(|manifest| manifest.made.to_string()),
            files: self.manifest.as_ref().map(|manifest| manifest.files.len()),
            asked: self.asked,
            same: self.same,
            for_host: self.for_host,
            alarms: self.count(Severity::Alarm),
            unknown: self.count(Severity::Unknown),
        };
        lines.chain([line(&summary)]).collect()
    }
}

fn human(finding: &Finding) -> String {
    let Finding { severity, check, url, path, message, expected, found, help, .. } = finding;
    let mut text = format!("{}[{}]: {}\n", severity.name(), check.name(), visible(url));
    let content = |content: &Option<Content>| match content {
        Some(Content { hash, size }) => format!("{size} bytes, SHA-256 {hash}"),
        None => String::new(),
    };
    let file = path.as_deref().unwrap_or_default();
    let (expected, found) = (content(expected), content(found));
    let rows =
        [("file", file), ("came", message), ("signed", &expected), ("found", &found), ("do", help)];
    for (name, row) in rows {
        if !row.is_empty() {
            text.push_str(&format!("  {name:<6}  {}\n", visible(row)));
        }
    }
    text.push('\n');
    text
}

/// Version 1 of what `--format json` writes for a finding.
#[derive(Serialize)]
struct JsonFinding<'a> {
    version: u32,
    kind: &'static str,
    severity: &'static str,
    check: &'static str,
    url: &'a str,
    path: Option<&'a str>,
    message: &'a str,
    expected: Option<JsonContent<'a>>,
    found: Option<JsonContent<'a>>,
    help: &'a str,
}

#[derive(Serialize)]
struct JsonContent<'a> {
    sha256: &'a str,
    size: u64,
}

impl<'a> From<&'a Content> for JsonContent<'a> {
    fn from(content: &'a Content) -> Self {
        Self { sha256: &content.hash, size: content.size }
    }
}

impl<'a> From<&'a Finding> for JsonFinding<'a> {
    fn from(finding: &'a Finding) -> Self {
        Self {
            version: 1,
            kind: "finding",
            severity: finding.severity.name(),
            check: finding.check.name(),
            url: &finding.url,
            path: finding.path.as_deref(),
            message: &finding.message,
            expected: finding.expected.as_ref().map(JsonContent::from),
            found: finding.found.as_ref().map(JsonContent::from),
            help: &finding.help,
        }
    }
}

/// Version 1 of what `--format json` writes at the end.
#[derive(Serialize)]
struct JsonSummary<'a> {
    version: u32,
    kind: &'static str,
    ok: bool,
    url: &'a str,
    key: String,
    /// What the list says; nothing when there is none that can be believed.
    site: Option<&'a str>,
    serial: Option<u64>,
    made: Option<String>,
    files: Option<usize>,
    /// Of these files: how many were asked for, were as signed, and are for the host only.
    asked: usize,
    same: usize,
    for_host: usize,
    alarms: usize,
    unknown: usize,
}
