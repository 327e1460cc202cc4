//! The beginning of a text, for lists and feeds.

use pulldown_cmark::{Event, Tag, TagEnd};

/// The events of the summary: those before the mark, else those of the first paragraph with
/// words in it. Headings lose their ids and become paragraphs, and footnotes go: a list shows
/// many summaries, and each id may stand in it once only. Links to headings lead to the page,
/// at `url`.
pub(super) fn events<'e>(
    all: &[Event<'e>],
    more: Option<usize>,
    url: &str,
) -> Option<Vec<Event<'e>>> {
    let chosen = match more {
        Some(end) => &all[..end],
        None => first_paragraph(all)?,
    };
    let mut events = Vec::with_capacity(chosen.len());
    for event in chosen {
        match event {
            Event::Start(Tag::Heading { .. }) => {
                events.extend([Event::Start(Tag::Paragraph), Event::Start(Tag::Strong)]);
            }
            Event::End(TagEnd::Heading(_)) => {
                events.extend([Event::End(TagEnd::Strong), Event::End(TagEnd::Paragraph)]);
            }
            Event::Start(Tag::Link { link_type, dest_url, title, id })
                if dest_url.starts_with('#') =>
            {
                events.push(Event::Start(Tag::Link {
                    link_type: *link_type,
                    dest_url: format!("{url}{dest_url}").into(),
                    title: title.clone(),
                    id: id.clone(),
                }));
            }
            Event::InlineHtml(html) if html.starts_with("<sup class=\"footnote-ref\"") => {}
            event => events.push(event.clone()),
        }
    }
    (!events.is_empty()).then_some(events)
}

fn first_paragraph<'s, 'e>(all: &'s [Event<'e>]) -> Option<&'s [Event<'e>]> {
    let mut depth = 0usize;
    let mut start = None;
    let mut words = false;
    for (index, event) in all.iter().enumerate() {
        match event {
            Event::Start(Tag::Paragraph) if depth == 0 => {
                (start, words, depth) = (Some(index), false, 1);
            }
            Event::Start(Tag::Image { .. }) => depth += 100,
            Event::End(TagEnd::Image) => depth = depth.saturating_sub(100),
            Event::Start(_) => depth += 1,
            Event::End(TagEnd::Paragraph) if depth == 1 => {
                if let Some(start) = start.take().filter(|_| words) {
                    return Some(&all[start..=index]);
                }
                depth = 0;
            }
            Event::End(_) => depth = depth.saturating_sub(1),
            Event::Text(text) | Event::Code(text) if depth < 100 => {
                words |= !text.trim().is_empty();
            }
            _ => {}
        }
    }
    None
}
