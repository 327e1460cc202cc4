//! The events of a text on their way from the parser to the writer of HTML.

mod html;

use std::ops::Range;

use pulldown_cmark::{CowStr, Event, LinkType, Tag, TagEnd};

use super::Writer;
use super::headings::plain_text;
use super::links::Link;
use super::picture;
use super::shortcode::{Found, MARK};
use super::{raw_html, tables};
use crate::diagnostic::Diagnostic;
use crate::limits::MARKDOWN_DEPTH_MAX;
use crate::render::escaped;

/// What is counted and reported once for a document.
#[derive(Default)]
pub(super) struct Tally {
    pub(super) raw_html: Option<(Range<usize>, usize)>,
    pub(super) liquid: Option<(Range<usize>, usize)>,
    pub(super) kramdown: Option<(Range<usize>, usize)>,
}

fn count(tally: &mut Option<(Range<usize>, usize)>, span: Range<usize>, more: usize) {
    if more > 0 {
        tally.get_or_insert((span, 0)).1 += more;
    }
}

/// Bytes of Markdown for an event, about.
const EVENT_BYTES: usize = 16;

/// A picture in a text.
struct Shown {
    /// As it was written.
    path: String,
    /// Where it is.
    url: String,
    title: String,
    span: Range<usize>,
    /// Where it begins among the events.
    start: usize,
    alt: String,
    /// How many pictures are open in its text, where they are none.
    inside: usize,
}

/// The events of one part, on their way.
pub(super) struct Events<'w, 'a, 'e> {
    writer: &'w mut Writer<'a>,
    found: &'w Found<'w>,
    /// The text as it was before shortcodes were taken out.
    source: &'w str,
    base: usize,
    out: Vec<Event<'e>>,
    /// The text around a footnote, while its definition is read.
    outside: Vec<Vec<Event<'e>>>,
    /// Where the heading that is being read begins, and its place in the file.
    heading: Option<usize>,
    /// The picture that is being read.
    picture: Option<Shown>,
    /// The raw HTML block that is being read.
    html: Option<(String, Range<usize>)>,
    /// For each open link whether it has lost its address.
    dropped: Vec<bool>,
    depth: usize,
    /// The end of the summary.
    more: Option<usize>,
    /// Where the paragraph that is being read begins.
    paragraph: Option<usize>,
    in_code: bool,
    /// Most texts have none, and need not be searched for them again and again.
    has_braces: bool,
}

impl<'w, 'a, 'e> Events<'w, 'a, 'e> {
    /// Begins a part whose shortcodes have been found. `source` is the text as it was before,
    /// at the byte `base` of the file.
    pub(super) fn new(
        writer: &'w mut Writer<'a>,
        found: &'w Found<'w>,
        source: &'w str,
        base: usize,
    ) -> Self {
        Self {
            writer,
            found,
            source,
            base,
            // A guess, as for the HTML.
            out: Vec::with_capacity(source.len() / EVENT_BYTES),
            outside: Vec::new(),
            heading: None,
            picture: None,
            html: None,
            dropped: Vec::new(),
            depth: 0,
            more: None,
            paragraph: None,
            in_code: false,
            has_braces: source.contains('{'),
        }
    }

    /// All events, and where the summary ends.
    pub(super) fn finish(self) -> (Vec<Event<'e>>, Option<usize>) {
        (self.out, self.more)
    }

    /// Takes one event. False ends the reading.
    pub(super) fn take(&mut self, event: Event<'e>, range: Range<usize>) -> bool {
        let span = self.span(&range);
        match event {
            Event::Start(tag) => {
                self.depth += 1;
                if self.depth > MARKDOWN_DEPTH_MAX {
                    let place = self.writer.place(span);
                    self.writer.problems.push(Diagnostic::nested_markdown(place));
                    return false;
                }
                self.start(tag, span);
            }
            Event::End(tag) => {
                self.depth = self.depth.saturating_sub(1);
                self.end(tag);
            }
            Event::Text(text) => self.text(text, span),
            Event::Code(code) => {
                if let Some(picture) = &mut self.picture {
                    picture.alt.push_str(&code);
                }
                self.out.push(Event::Code(code));
            }
            Event::Html(html) | Event::InlineHtml(html) => match &mut self.html {
                Some((block, _)) => block.push_str(&html),
                None => self.inline_html(&html, span),
            },
            Event::FootnoteReference(name) => {
                let html = self.writer.footnotes.reference(&name, self.writer.links.here());
                self.out.push(Event::InlineHtml(html.into()));
            }
            Event::TaskListMarker(done) if self.writer.is_page() => self.task(done),
            other => {
                if let (Some(picture), Event::SoftBreak | Event::HardBreak) =
                    (&mut self.picture, &other)
                {
                    picture.alt.push(' ');
                }
                self.out.push(other);
            }
        }
        true
    }

    /// Whether shortcodes have left marks in the text.
    fn has_marks(&self) -> bool {
        !self.found.shortcodes.is_empty()
    }

    /// The bytes of the file that some bytes of the text without shortcodes came from.
    fn span(&self, range: &Range<usize>) -> Range<usize> {
        self.base + self.found.origin(range.start)..self.base + self.found.origin(range.end)
    }

    fn start(&mut self, tag: Tag<'e>, span: Range<usize>) {
        let tag = self.start_tag_unmarked(tag, &span);
        match tag {
            Tag::Heading { .. } => self.heading = Some(self.out.len()),
            Tag::Paragraph => self.paragraph = Some(self.out.len()),
            Tag::CodeBlock(_) => self.in_code = true,
            Tag::Table(_) if self.writer.is_page() => {
                self.out.push(Event::Html(self.writer.table_wrapper(None).into()));
            }
            Tag::HtmlBlock => {
                self.html = Some((String::new(), span));
                return;
            }
            Tag::FootnoteDefinition(name) => {
                self.writer.footnotes.open(name.to_string());
                self.outside.push(std::mem::take(&mut self.out));
                return;
            }
            Tag::Link { link_type, dest_url, title, id } => {
                self.link(link_type, dest_url, title, id, span);
                return;
            }
            Tag::Image { link_type, dest_url, title, id } => {
                self.writer.is_portable = false;
                let links = self.writer.links;
                let url = links.picture(&dest_url, &span, self.writer.problems).unwrap_or_default();
                match &mut self.picture {
                    Some(around) => around.inside += 1,
                    None => {
                        self.picture = Some(Shown {
                            path: dest_url.to_string(),
                            url: url.clone(),
                            title: title.to_string(),
                            span,
                            start: self.out.len(),
                            alt: String::new(),
                            inside: 0,
                        });
                    }
                }
                let dest_url = url.into();
                self.out.push(Event::Start(Tag::Image { link_type, dest_url, title, id }));
                return;
            }
            _ => {}
        }
        self.out.push(Event::Start(tag));
    }

    /// A link or picture whose address and title have no marks in them.
    fn start_tag_unmarked(&mut self, tag: Tag<'e>, span: &Range<usize>) -> Tag<'e> {
        let has_mark = |url: &CowStr<'_>, title: &CowStr<'_>| {
            self.has_marks() && (url.contains(MARK) || title.contains(MARK))
        };
        match tag {
            Tag::Link { link_type, dest_url, title, id } if has_mark(&dest_url, &title) => {
                self.refuse_shortcodes(&format!("{dest_url}{title}"), span);
                let (url, title) = (self.unmarked(&dest_url), self.unmarked(&title));
                Tag::Link { link_type, dest_url: url.into(), title: title.into(), id }
            }
            Tag::Image { link_type, dest_url, title, id } if has_mark(&dest_url, &title) => {
                self.refuse_shortcodes(&format!("{dest_url}{title}"), span);
                let (url, title) = (self.unmarked(&dest_url), self.unmarked(&title));
                Tag::Image { link_type, dest_url: url.into(), title: title.into(), id }
            }
            tag => tag,
        }
    }

    fn link(
        &mut self,
        link_type: LinkType,
        dest_url: CowStr<'e>,
        title: CowStr<'e>,
        id: CowStr<'e>,
        span: Range<usize>,
    ) {
        let dest_url = match link_type {
            // The writer puts `mailto:` before it.
            LinkType::Email => Some(dest_url),
            _ => match self.writer.links.link(&dest_url, &span, self.writer.problems) {
                Link::To(url) => Some(url.into()),
                Link::Dropped => None,
                Link::Here(anchor) => {
                    self.writer.anchors.push((anchor, span));
                    Some(format!("{}{dest_url}", self.writer.links.here()).into())
                }
            },
        };
        self.dropped.push(dest_url.is_none());
        if let Some(dest_url) = dest_url {
            self.out.push(Event::Start(Tag::Link { link_type, dest_url, title, id }));
        }
    }

    fn end(&mut self, tag: TagEnd) {
        let shown = match tag {
            TagEnd::Link => !self.dropped.pop().unwrap_or(false),
            TagEnd::Heading(_) => self.end_heading(),
            TagEnd::Paragraph => self.end_paragraph(),
            TagEnd::Image => self.end_image(),
            TagEnd::CodeBlock => {
                self.in_code = false;
                true
            }
            TagEnd::HtmlBlock => {
                if let Some((html, span)) = self.html.take() {
                    self.html_block(&html, span);
                }
                false
            }
            TagEnd::FootnoteDefinition => {
                let text = self.outside.pop().unwrap_or_default();
                let inner = std::mem::replace(&mut self.out, text);
                let html = self.writer.html(inner);
                self.writer.footnotes.close(html);
                false
            }
            _ => true,
        };
        if shown {
            self.out.push(Event::End(tag));
        }
        if tag == TagEnd::Table && self.writer.is_page() {
            self.out.push(Event::Html(tables::WRAPPER_END.into()));
        }
    }

    /// The box before a task, as the writer would have it, with what it says to those who do not
    /// see whether there is a tick in it.
    fn task(&mut self, done: bool) {
        let (key, checked) = if done { ("task_done", " checked=\"\"") } else { ("task_open", "") };
        let name = escaped(self.writer.string(key));
        let html =
            format!("<input disabled=\"\" type=\"checkbox\"{checked} aria-label=\"{name}\"/>\n");
        self.out.push(Event::InlineHtml(html.into()));
    }

    /// False when the picture stands there as HTML.
    fn end_image(&mut self) -> bool {
        if let Some(around) = self.picture.as_mut().filter(|picture| picture.inside > 0) {
            around.inside -= 1;
            return true;
        }
        let Some(picture) = self.picture.take() else { return true };
        let Shown { path, url, title, span, start, alt, .. } = &picture;
        if alt.trim().is_empty() {
            let place = self.writer.place(span.clone());
            let lenient = self.writer.links.site.config.lenient();
            self.writer.problems.push(Diagnostic::missing_alt(place, path).lenient(lenient));
        }
        let lazy = self.writer.count_picture();
        self.writer.demand_credit(path, title, span);
        let shown = picture::Shown { path, url, alt, credit: title.trim(), lazy };
        let Some(html) = picture::html(self.writer.links, &shown) else { return true };
        self.out.truncate(*start);
        self.out.push(Event::InlineHtml(html.into()));
        false
    }

    /// Gives the heading its id. False when it is the title of the page and not shown again.
    fn end_heading(&mut self) -> bool {
        let Some(start) = self.heading.take() else { return true };
        if std::mem::take(&mut self.writer.skip_heading) {
            self.out.truncate(start);
            return false;
        }
        let title = plain_text(&self.out[start + 1..]);
        if let Some(Event::Start(Tag::Heading { level, id, classes, attrs })) =
            self.out.get_mut(start)
        {
            let explicit = id.take().map(|id| id.to_string());
            *id = Some(self.writer.headings.add(*level as u8, explicit, title).into());
            // Attributes could run scripts, and classes could imitate the theme.
            classes.clear();
            attrs.clear();
        }
        true
    }

    /// False when it is no paragraph: it has shortcodes alone, or nothing.
    fn end_paragraph(&mut self) -> bool {
        let Some(start) = self.paragraph.take() else { return true };
        let inner = &self.out[start + 1..];
        let blocks = inner.iter().filter(|event| matches!(event, Event::Html(_))).count();
        let nothing_else =
            inner.iter().all(|event| matches!(event, Event::Html(_) | Event::SoftBreak));
        if blocks > 0 && nothing_else {
            self.out.remove(start);
            return false;
        }
        let something = !inner.iter().all(is_blank);
        if !something {
            self.out.truncate(start);
        }
        something
    }

    fn text(&mut self, text: CowStr<'e>, span: Range<usize>) {
        if self.picture.is_some() {
            self.refuse_shortcodes(&text, &span);
            let text = self.unmarked(&text);
            if let Some(picture) = &mut self.picture {
                picture.alt.push_str(&text);
            }
            self.out.push(Event::Text(text.into()));
            return;
        }
        if !self.in_code {
            self.count_foreign(&text, &span);
        }
        if !self.has_marks() || !text.contains(MARK) {
            self.out.push(Event::Text(text));
            return;
        }
        // Between two marks stands the number of a shortcode.
        for (index, piece) in text.split(MARK).enumerate() {
            if index % 2 == 0 {
                if !piece.is_empty() {
                    self.out.push(Event::Text(piece.to_owned().into()));
                }
            } else if let Some(shortcode) =
                piece.parse::<usize>().ok().and_then(|n| self.found.shortcodes.get(n))
            {
                let html = self.writer.shortcode(shortcode, self.source, self.base);
                self.push_shortcode(html);
            }
        }
    }

    /// A text in which shortcodes cannot stand, with what the author wrote in their place.
    fn unmarked(&self, text: &str) -> String {
        let mut plain = String::with_capacity(text.len());
        for (index, piece) in text.split(MARK).enumerate() {
            let number = piece.parse::<usize>().ok().filter(|_| index % 2 == 1);
            match number.and_then(|number| self.found.shortcodes.get(number)) {
                Some(shortcode) => plain.push_str(&self.source[shortcode.span.clone()]),
                None => plain.push_str(piece),
            }
        }
        plain
    }

    /// Complains about shortcodes in an address or in HTML, where they are shown as text.
    fn refuse_shortcodes(&mut self, text: &str, span: &Range<usize>) {
        if text.contains(MARK) {
            let place = self.writer.place(span.clone());
            let message = "it stands inside an address or HTML, where shortcodes are text";
            let lenient = self.writer.links.site.config.lenient();
            self.writer
                .problems
                .push(Diagnostic::shortcode_syntax(place, message).lenient(lenient));
        }
    }

    /// What a shortcode gave. A block cannot stand inside a paragraph, so the paragraph around
    /// it ends before and another begins after; inside a link or emphasis it stays where it is.
    fn push_shortcode(&mut self, html: String) {
        if !raw_html::is_block(&html) {
            self.out.push(Event::Html(html.into()));
            return;
        }
        let open = self.paragraph.filter(|start| {
            let inner = &self.out[start + 1..];
            let starts = inner.iter().filter(|event| matches!(event, Event::Start(_))).count();
            let ends = inner.iter().filter(|event| matches!(event, Event::End(_))).count();
            starts == ends
        });
        let Some(start) = open else {
            self.out.push(Event::Html(html.into()));
            return;
        };
        while self.out.len() > start + 1 && self.out.last().is_some_and(is_blank) {
            self.out.pop();
        }
        if self.out.len() == start + 1 {
            self.out.pop();
        } else {
            self.out.push(Event::End(TagEnd::Paragraph));
        }
        self.out.push(Event::Html(html.into()));
        self.paragraph = Some(self.out.len());
        self.out.push(Event::Start(Tag::Paragraph));
    }

    /// Counts what other generators would have understood.
    fn count_foreign(&mut self, text: &str, span: &Range<usize>) {
        if !self.has_braces || !text.contains('{') {
            return;
        }
        // A shortcode with a mistake has been reported as one. They are in the order of the text.
        let errors = &self.found.errors;
        let next = errors.partition_point(|(error, _)| self.base + error.end <= span.start);
        let told = errors.get(next).is_some_and(|(error, _)| self.base + error.start < span.end);
        if !told {
            let tally = &mut self.writer.tally;
            let liquid = text.matches("{{").count() + text.matches("{%").count();
            count(&mut tally.liquid, span.clone(), liquid);
            count(&mut tally.kramdown, span.clone(), text.matches("{:").count());
        }
    }

    /// Ends the summary here, unless here is inside a list, a quote, a footnote.
    fn set_more(&mut self) {
        let open = usize::from(self.paragraph.is_some());
        if self.more.is_none() && self.depth <= open && self.writer.depth == 0 {
            self.more = Some(self.paragraph.unwrap_or(self.out.len()));
        }
    }
}

/// Whether an event shows nothing: white space between blocks.
fn is_blank(event: &Event<'_>) -> bool {
    match event {
        Event::SoftBreak | Event::HardBreak => true,
        Event::Text(text) => text.trim().is_empty(),
        _ => false,
    }
}
