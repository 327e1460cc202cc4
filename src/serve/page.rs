//! What a page gets that only the preview has: a line that loads a program, and what that shows.

use serde::Serialize;
use serde_json::Value;

use crate::diagnostic::{Diagnostic, Format, Printer};
use crate::emit::FeedEntry;
use crate::hash::Hash;
use crate::path::encode_path;
use crate::render::escaped;

/// The program that runs in pages.
pub(super) const SCRIPT: &[u8] = include_bytes!("client/preview.js");

/// What there is to know of a page, for the program that runs in it.
#[derive(Debug, Default, Serialize)]
pub(super) struct Facts {
    pub(super) version: u32,
    /// Grows with every change of the site.
    pub(super) generation: u64,
    /// As in [`with_program`]: another one is another page.
    pub(super) etag: Option<String>,
    /// The file that it is made from.
    pub(super) source: Option<String>,
    /// `draft`, when it is shown although it is one.
    pub(super) state: Option<&'static str>,
    /// Why there is no page though there is a text: `draft`, `future`, `expired`, `broken`.
    pub(super) hidden: Option<&'static str>,
    /// What is wrong with the site or the page, as `--format json` writes it.
    pub(super) problems: Vec<Value>,
    /// What is wrong with other pages, as far as somebody has looked.
    pub(super) elsewhere: Vec<Value>,
    /// How many there are in all.
    pub(super) elsewhere_count: usize,
    /// What is wrong with the disk.
    pub(super) trouble: Option<String>,
    pub(super) feed: Option<FeedEntry>,
}

impl Facts {
    pub(super) fn json(&self) -> Vec<u8> {
        // Texts and numbers always become JSON.
        serde_json::to_vec(self).unwrap_or_default()
    }
}

/// A diagnostic as `--format json` writes it.
pub(super) fn problem(diagnostic: &Diagnostic) -> Value {
    let printer = Printer { format: Format::Json, colour: false };
    serde_json::from_str(&printer.text(diagnostic)).unwrap_or_default()
}

/// What tells one state of a page from another.
pub(super) fn etag(html: &[u8]) -> String {
    // Memory does not fail.
    Hash::of(html).unwrap_or_default()
}

/// A page with the line that loads the program. `path` is where it is below the root of the site.
pub(super) fn with_program(html: &[u8], path: &str) -> Vec<u8> {
    let line = format!(
        "<script src=\"/.sitegen/preview.js\" data-path=\"{}\" data-etag=\"{}\" defer></script>",
        escaped(&encode_path(path)),
        etag(html)
    );
    let end = b"</body>";
    let at = html.windows(end.len()).rposition(|part| part.eq_ignore_ascii_case(end));
    let (start, rest) = html.split_at(at.unwrap_or(html.len()));
    [start, line.as_bytes(), rest].concat()
}

/// What is shown where there is no page, until there is one.
pub(super) fn empty_page(title: &str, text: &str) -> Vec<u8> {
    let (title, text) = (escaped(title), escaped(text));
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>{title}</title>\n</head>\n\
         <body style=\"font: 1.1rem/1.5 system-ui, sans-serif; max-width: 40em; margin: 3em auto; \
         padding: 0 1em\">\n<h1>{title}</h1>\n<p>{text}</p>\n</body>\n</html>\n"
    )
    .into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_stands_at_the_end_of_the_body() {
        let page = |html: &str| String::from_utf8(with_program(html.as_bytes(), "a\"b/")).unwrap();
        let whole = page("<body><p>&lt;/body></p></BODY></html>");
        assert!(whole.starts_with("<body><p>&lt;/body></p><script "), "{whole}");
        assert!(whole.ends_with(" defer></script></BODY></html>"), "{whole}");
        assert!(whole.contains("data-path=\"a%22b/\""), "{whole}");
        assert!(page("text").starts_with("text<script "));
    }
}
