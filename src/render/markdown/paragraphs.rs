//! The paragraphs of a policy: each has a number, and an address that stays when others are added
//! before it.

use pulldown_cmark::{Event, HeadingLevel, Parser, Tag, TagEnd};

use super::headings::{Headings, plain_text};
use super::options;
use super::raw_html::{as_shown, without_comments};
use super::shortcode::{self, MARK};
use crate::model::{Document, Site};

/// Words of a paragraph in its id.
const ID_WORDS: usize = 6;

/// Gives each paragraph that stands by itself its number and id. `is_page` is false for feeds,
/// where there is nothing to lead to; there only what names an id is taken out.
pub(super) fn numbered<'e>(
    events: Vec<Event<'e>>,
    headings: &mut Headings<'_>,
    is_page: bool,
) -> Vec<Event<'e>> {
    let mut numbers = Numbers::new(&events);
    let mut out: Vec<Event<'e>> = Vec::with_capacity(events.len());
    let (mut depth, mut start) = (0usize, None);
    for event in events {
        match &event {
            Event::Start(Tag::Paragraph) if depth == 0 => start = Some(out.len()),
            Event::Start(Tag::Heading { level, .. }) => numbers.heading(*level),
            _ => {}
        }
        match &event {
            Event::Start(_) => depth += 1,
            Event::End(_) => depth = depth.saturating_sub(1),
            _ => {}
        }
        let ends = matches!(event, Event::End(TagEnd::Paragraph)) && depth == 0;
        out.push(event);
        let Some(start) = start.take_if(|_| ends) else { continue };
        let explicit = take_id(&mut out[start..]);
        let words = words(&out[start..]);
        if words.is_empty() || !is_page {
            continue;
        }
        let id = headings.claim(explicit, &first_words(&words));
        let number = numbers.next();
        let number =
            number.map(|number| format!("<a class=\"number\" href=\"#{id}\">{number}</a> "));
        let number = number.unwrap_or_default();
        out[start] = Event::Html(format!("<p class=\"numbered\" id=\"{id}\">{number}").into());
        if let Some(last) = out.last_mut() {
            *last = Event::Html("</p>\n".into());
        }
    }
    out
}

/// The numbers of paragraphs: `2.3` is the third below the second heading. What stands before the
/// first heading introduces the rest and has none; without headings all are counted through.
struct Numbers {
    has_chapters: bool,
    chapter: usize,
    paragraph: usize,
}

impl Numbers {
    fn new(events: &[Event<'_>]) -> Self {
        let begins = |event: &Event<'_>| {
            matches!(event, Event::Start(Tag::Heading { level: HeadingLevel::H2, .. }))
        };
        Self { has_chapters: events.iter().any(begins), chapter: 0, paragraph: 0 }
    }

    fn heading(&mut self, level: HeadingLevel) {
        if level == HeadingLevel::H2 {
            (self.chapter, self.paragraph) = (self.chapter + 1, 0);
        }
    }

    fn next(&mut self) -> Option<String> {
        self.paragraph += 1;
        match (self.has_chapters, self.chapter) {
            (false, _) => Some(self.paragraph.to_string()),
            (true, 0) => None,
            (true, chapter) => Some(format!("{chapter}.{}", self.paragraph)),
        }
    }
}

/// The words of some events, without those that stand for pictures: a picture may be HTML by now.
fn words(events: &[Event<'_>]) -> String {
    let mut depth = 0usize;
    let outside = events.iter().filter(|event| {
        match event {
            Event::Start(Tag::Image { .. }) => depth += 1,
            Event::End(TagEnd::Image) => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0
    });
    plain_text(&outside.cloned().collect::<Vec<_>>())
}

fn first_words(text: &str) -> String {
    text.split_whitespace().take(ID_WORDS).collect::<Vec<_>>().join(" ")
}

/// Takes `{#evenings}` away from the end of a paragraph.
fn take_id(events: &mut [Event<'_>]) -> Option<String> {
    let text = events.iter_mut().rev().find_map(|event| match event {
        Event::Text(text) => Some(text),
        _ => None,
    })?;
    let (before, id) = split_id(text)?;
    let (before, id) = (before.to_owned(), id.to_owned());
    *text = before.into();
    Some(id)
}

fn split_id(text: &str) -> Option<(&str, &str)> {
    let inner = text.trim_end().strip_suffix('}')?;
    let (before, id) = inner.rsplit_once("{#")?;
    let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
    (!id.is_empty() && id.chars().all(is_plain)).then(|| (before.trim_end(), id))
}

/// Claims the ids of the paragraphs of a document, as rendering does, for links from others.
pub(super) fn claim_ids(document: &Document, site: &Site, headings: &mut Headings<'_>) {
    for block in blocks(document, site) {
        if block.is_paragraph {
            headings.claim(block.explicit, &first_words(&block.text));
        }
    }
}

/// A piece of a text: a paragraph, a heading, an item of a list, a row of a table.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Block {
    pub(crate) text: String,
    /// By itself, and not in a list or a quotation.
    is_paragraph: bool,
    explicit: Option<String>,
}

/// The pieces of a text in their order, without what shortcodes give.
pub(crate) fn blocks(document: &Document, site: &Site) -> Vec<Block> {
    let found = shortcode::find(document.markdown());
    let mut blocks = Vec::new();
    let mut depth = 0usize;
    let mut inner: Vec<Event<'_>> = Vec::new();
    let mut html = String::new();
    for event in Parser::new_ext(&found.text, options(site)) {
        let event = as_shown(event, site);
        match &event {
            // It is a paragraph of its own, unless it is let through.
            Event::Html(piece) if !site.config.markdown.raw_html => {
                html.push_str(piece);
                continue;
            }
            Event::End(TagEnd::HtmlBlock) => {
                let shown = without_comments(&std::mem::take(&mut html));
                inner.push(Event::Text(shown.trim().to_owned().into()));
                depth = depth.saturating_sub(1);
            }
            Event::Start(_) => depth += 1,
            Event::End(_) => depth = depth.saturating_sub(1),
            Event::Text(text) if text.contains(MARK) => {
                // Between two marks stands the number of a shortcode.
                let outside = text.split(MARK).step_by(2).collect::<String>();
                inner.push(Event::Text(outside.into()));
                continue;
            }
            _ => {}
        }
        let ends = match &event {
            Event::End(TagEnd::TableCell) => {
                inner.push(Event::SoftBreak);
                false
            }
            Event::Start(Tag::List(_))
            | Event::End(
                TagEnd::Paragraph
                | TagEnd::HtmlBlock
                | TagEnd::Heading(_)
                | TagEnd::Item
                | TagEnd::TableRow
                | TagEnd::TableHead
                | TagEnd::CodeBlock,
            ) => true,
            _ => false,
        };
        if !ends {
            inner.push(event);
            continue;
        }
        let ends_paragraph =
            [TagEnd::Paragraph, TagEnd::HtmlBlock].map(Event::End).contains(&event);
        let is_paragraph = depth == 0 && ends_paragraph;
        let explicit = take_id(&mut inner).filter(|_| is_paragraph);
        let text = words(&std::mem::take(&mut inner));
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        if !text.is_empty() {
            blocks.push(Block { text, is_paragraph, explicit });
        }
    }
    blocks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_stands_at_the_end() {
        assert_eq!(split_id("Late buses. {#evenings}"), Some(("Late buses.", "evenings")));
        assert_eq!(split_id("{#a} b"), None);
        assert_eq!(split_id("{#a b}"), None);
        assert_eq!(split_id("{#}"), None);
    }
}
