//! The table of results.

use std::fmt::Write as _;

const HEAD: [&str; 4] = ["what", "measured", "target", "met"];
const NONE: &str = "–";

/// Rows of text, and how many of them miss their target.
pub(crate) struct Table {
    rows: Vec<[String; 4]>,
    /// Whether times and sizes count: they say little of a small run.
    is_judged: bool,
    missed: usize,
}

impl Table {
    pub(crate) fn new(is_judged: bool) -> Self {
        Self { rows: Vec::new(), is_judged, missed: 0 }
    }

    /// A time or a size, which depends on the machine.
    pub(crate) fn target(&mut self, what: String, measured: String, target: &str, is_met: bool) {
        self.row(what, measured, target, self.is_judged.then_some(is_met));
    }

    /// What has to be so on every machine.
    pub(crate) fn promise(&mut self, what: String, measured: String, target: &str, is_met: bool) {
        self.row(what, measured, target, Some(is_met));
    }

    /// What is only good to know.
    pub(crate) fn note(&mut self, what: String, measured: String) {
        self.row(what, measured, NONE, None);
    }

    fn row(&mut self, what: String, measured: String, target: &str, is_met: Option<bool>) {
        let verdict = is_met.map_or(NONE, |is_met| if is_met { "yes" } else { "NO" });
        self.missed += usize::from(is_met == Some(false));
        crate::say(&format!("{what}: {measured} ({target}: {verdict})"));
        self.rows.push([what, measured, target.to_owned(), verdict.to_owned()]);
    }

    pub(crate) fn is_missed(&self) -> bool {
        self.missed > 0
    }

    /// For a terminal.
    pub(crate) fn text(&self) -> String {
        let head = HEAD.map(str::to_owned);
        let all = || std::iter::once(&head).chain(&self.rows);
        let width =
            |column: usize| all().map(|row| row[column].chars().count()).max().unwrap_or_default();
        let widths = [0, 1, 2, 3].map(width);
        let rule = widths.map(|width| "-".repeat(width));
        let mut text = String::new();
        for row in [&head, &rule].into_iter().chain(&self.rows) {
            let cells = row.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}"));
            let line = cells.collect::<Vec<_>>().join("  ");
            let _ = writeln!(text, "{}", line.trim_end());
        }
        text
    }

    /// For a README.
    pub(crate) fn markdown(&self) -> String {
        let head = [HEAD.map(str::to_owned), ["---"; 4].map(str::to_owned)];
        let rows = head.iter().chain(&self.rows);
        rows.map(|row| format!("| {} |\n", row.join(" | "))).collect()
    }
}
