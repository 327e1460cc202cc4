//! Footnotes: numbered in the order in which they are first mentioned, listed at the end,
//! with a way back.

use std::collections::HashMap;
use std::fmt::Write as _;

use crate::model::Strings;
use crate::render::escaped;

/// The footnotes of a document.
#[derive(Default)]
pub(super) struct Footnotes {
    list: Vec<Footnote>,
    /// Places in the list.
    by_name: HashMap<String, usize>,
    /// Definitions that are being read.
    open: Vec<String>,
}

#[derive(Default)]
struct Footnote {
    references: usize,
    html: Option<String>,
}

impl Footnotes {
    /// The mark in the text for a mention. `page` is the address of the page where it is read
    /// elsewhere.
    pub(super) fn reference(&mut self, name: &str, page: &str) -> String {
        let index = self.index(name);
        let footnote = &mut self.list[index];
        footnote.references += 1;
        let number = index + 1;
        let again = match footnote.references {
            1 => String::new(),
            n => format!("-{n}"),
        };
        format!(
            "<sup class=\"footnote-ref\"><a href=\"{}#fn-{number}\" id=\"fnref-{number}{again}\" \
             role=\"doc-noteref\">{number}</a></sup>",
            escaped(page)
        )
    }

    fn index(&mut self, name: &str) -> usize {
        if let Some(index) = self.by_name.get(name) {
            return *index;
        }
        self.list.push(Footnote::default());
        self.by_name.insert(name.to_owned(), self.list.len() - 1);
        self.list.len() - 1
    }

    /// Begins a definition.
    pub(super) fn open(&mut self, name: String) {
        self.open.push(name);
    }

    /// Ends the definition that was begun last.
    pub(super) fn close(&mut self, html: String) {
        if let Some(name) = self.open.pop() {
            let index = self.index(&name);
            self.list[index].html.get_or_insert(html);
        }
    }

    /// Writes the list after the text. What is never mentioned is not shown.
    pub(super) fn finish(&self, html: &mut String, strings: &Strings, page: &str) {
        let shown = |footnote: &&Footnote| footnote.references > 0 && footnote.html.is_some();
        if !self.list.iter().any(|footnote| shown(&footnote)) {
            return;
        }
        let _ = write!(
            html,
            "<section class=\"footnotes\" role=\"doc-endnotes\" aria-label=\"{}\">\n<ol>\n",
            escaped(strings.get("footnotes"))
        );
        for (index, footnote) in self.list.iter().enumerate().filter(|(_, f)| shown(f)) {
            let number = index + 1;
            let label = strings.get("back_to_reference").replace("{number}", &number.to_string());
            let back = format!(
                " <a href=\"{}#fnref-{number}\" class=\"footnote-back\" role=\"doc-backlink\" \
                 aria-label=\"{}\">↩</a>",
                escaped(page),
                escaped(&label)
            );
            let text = footnote.html.as_deref().unwrap_or_default().trim_end();
            // The way back stands in the last paragraph, when there is one.
            let text = match text.strip_suffix("</p>") {
                Some(before) => format!("{before}{back}</p>"),
                None => format!("{text}{back}"),
            };
            let _ = writeln!(html, "<li id=\"fn-{number}\" value=\"{number}\">\n{text}\n</li>");
        }
        html.push_str("</ol>\n</section>\n");
    }
}
