//! Tables: cells say by a class how they are aligned, for a page need not allow styles in its text.

use pulldown_cmark::{Alignment, Event, Tag};

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
