//! Tables: cells say by a class how they are aligned, for a page need not allow styles in its text;
//! and on a page a wide table scrolls by itself, for everybody.

use pulldown_cmark::{Alignment, Event, Tag};

use crate::render::{escaped, plain_text};

/// Ends what [`wrapper`] begins.
pub(super) const WRAPPER_END: &str = "</div>\n";

/// What stands around a table on a page: it scrolls when the table is wider than the page, and can
/// be reached without a mouse. So it needs a name for those who do not see what they have reached.
///
/// Nobody knows before a page is shown whether a table is too wide for it: that depends on the
/// screen, the letters and their size. One that fits is a stop too many for the tab key, and one
/// that does not fit and cannot be reached cannot be read; so each gets it.
pub(super) fn wrapper(name: &str) -> String {
    let name = escaped(name);
    format!("<div class=\"table\" role=\"region\" tabindex=\"0\" aria-label=\"{name}\">")
}

/// Whether some HTML is one table and nothing else.
pub(super) fn is_table(html: &str) -> bool {
    let starts = html.strip_prefix("<table").is_some_and(|rest| rest.starts_with([' ', '>']));
    starts && html.find("</table>").is_some_and(|at| html[at..] == *"</table>")
}

/// The words of the caption of a table.
pub(super) fn caption(table: &str) -> Option<String> {
    let (_, rest) = table.split_once("<caption")?;
    let (caption, _) = rest.split_once('>')?.1.split_once("</caption>")?;
    Some(plain_text(caption)).filter(|text| !text.is_empty())
}

/// Gives cells a class `left`, `center` or `right` instead of the style that the writer would.
pub(super) fn with_classes<'e>(
    events: impl Iterator<Item = Event<'e>>,
) -> impl Iterator<Item = Event<'e>> {
    let mut columns = Vec::new();
    let (mut name, mut column) = ("td", 0);
    events.map(move |event| match event {
        Event::Start(Tag::Table(alignments)) => {
            let none = vec![Alignment::None; alignments.len()];
            columns = alignments;
            Event::Start(Tag::Table(none))
        }
        Event::Start(row @ (Tag::TableHead | Tag::TableRow)) => {
            (name, column) = (if row == Tag::TableHead { "th" } else { "td" }, 0);
            Event::Start(row)
        }
        Event::Start(Tag::TableCell) => {
            column += 1;
            let class = match columns.get(column - 1) {
                Some(Alignment::Left) => "left",
                Some(Alignment::Center) => "center",
                Some(Alignment::Right) => "right",
                Some(Alignment::None) | None => return Event::Start(Tag::TableCell),
            };
            Event::InlineHtml(format!("<{name} class=\"{class}\">").into())
        }
        event => event,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_table_and_nothing_else_is_a_table() {
        assert!(is_table("<table><tr><td>1</td></tr></table>"));
        assert!(is_table("<table class=\"x\"></table>"));
        for other in ["<table></table><p></p>", "<tablet></table>", "<p><table></table>", "<table>"]
        {
            assert!(!is_table(other), "{other}");
        }
        assert!(!is_table("<table></table> and <table></table>"));
    }

    #[test]
    fn a_caption_is_read_as_words() {
        let table = "<table><caption class=\"x\">Fares &amp; <b>times</b></caption></table>";
        assert_eq!(caption(table).unwrap(), "Fares & times");
        assert_eq!(caption("<table><caption></caption></table>"), None);
        assert_eq!(caption("<table></table>"), None);
    }
}
