//! Markdown to HTML that is safe to publish.
//!
//! The parser's events are changed on their way to the HTML writer: headings get ids, links
//! and pictures their addresses, footnotes their place at the end; raw HTML becomes text.
//! Everything that is wrong is reported with its line in the file.

mod footnotes;
mod headings;
pub(crate) mod links;
mod raw_html;
pub(crate) mod shortcode;
mod summary;

use std::fmt;
use std::ops::Range;

use pulldown_cmark::{CowStr, Event, LinkType, Options, Parser, Tag, TagEnd, html};
use tera::{Context, Value};

use self::footnotes::Footnotes;
use self::headings::{Headings, plain_text};
use self::links::{Link, Links};
use self::shortcode::{Argument, Found, MARK, Shortcode};
use crate::diagnostic::Diagnostic;
use crate::limits::{DEPTH_MAX, DOCUMENT_BYTES_MAX, MARKDOWN_DEPTH_MAX};
use crate::render::Theme;

pub(crate) use headings::{Heading, HeadingIds, heading_ids};

/// A document as HTML.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rendered {
    pub(crate) html: String,
    /// What stands before `<!-- more -->`, or the first paragraph.
    pub(crate) summary: Option<String>,
    pub(crate) toc: Vec<Heading>,
}

/// Renders a document for the page that `links` is about.
pub(crate) fn render(links: &Links<'_>, theme: &Theme, problems: &mut Vec<Diagnostic>) -> Rendered {
    let document = links.document;
    let mut writer = Writer {
        links,
        theme,
        problems,
        headings: Headings::new(links.site, document),
        footnotes: Footnotes::default(),
        tally: Tally::default(),
        anchors: Vec::new(),
        skip_heading: document.title_from_heading,
        depth: 0,
    };
    let part = writer.part(document.markdown(), document.body.start);
    let mut html = part.html;
    writer.footnotes.finish(&mut html, theme.strings(links.language), links.here());
    let own_summary = document.front.summary.clone();
    let summary = match own_summary {
        // The summary of the front matter has no place in the body; it is reported with the
        // beginning of the text.
        Some(text) => Some(writer.part(&text, document.body.start).html),
        None => part.summary,
    };
    writer.finish();
    let toc = writer.headings.into_tree();
    Rendered { html, summary, toc }
}

fn options(links: &Links<'_>) -> Options {
    let mut options = Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_HEADING_ATTRIBUTES;
    options.set(Options::ENABLE_SMART_PUNCTUATION, links.site.config.markdown.smart_punctuation);
    options
}

/// What is counted and reported once for a document.
#[derive(Default)]
struct Tally {
    raw_html: Option<(Range<usize>, usize)>,
    liquid: Option<(Range<usize>, usize)>,
    kramdown: Option<(Range<usize>, usize)>,
}

fn count(tally: &mut Option<(Range<usize>, usize)>, span: Range<usize>, more: usize) {
    if more > 0 {
        tally.get_or_insert((span, 0)).1 += more;
    }
}

/// Renders the parts of a document: its text, and the texts inside shortcodes.
struct Writer<'a> {
    links: &'a Links<'a>,
    theme: &'a Theme,
    problems: &'a mut Vec<Diagnostic>,
    headings: Headings<'a>,
    footnotes: Footnotes,
    tally: Tally,
    /// Links to headings of this document, checked at the end.
    anchors: Vec<(String, Range<usize>)>,
    skip_heading: bool,
    /// How many shortcodes are around the part.
    depth: usize,
}

/// A part of a document as HTML.
#[derive(Default)]
struct Part {
    html: String,
    summary: Option<String>,
}

impl Writer<'_> {
    /// Renders a text that begins at the byte `base` of the file.
    fn part(&mut self, text: &str, base: usize) -> Part {
        let found = shortcode::find(text);
        for (span, message) in &found.errors {
            let place = self.place(base + span.start..base + span.end);
            let lenient = self.links.site.config.lenient();
            self.problems.push(Diagnostic::shortcode_syntax(place, message).lenient(lenient));
        }
        let mut events = Events {
            writer: self,
            found: &found,
            source: text,
            base,
            out: Vec::new(),
            outside: Vec::new(),
            heading: None,
            alt: None,
            html: None,
            dropped: Vec::new(),
            depth: 0,
            more: None,
            paragraph: None,
            in_code: false,
        };
        let options = options(events.writer.links);
        for (event, range) in Parser::new_ext(&found.text, options).into_offset_iter() {
            if !events.take(event, range) {
                break;
            }
        }
        let (out, more) = (events.out, events.more);
        let summary = (self.depth == 0).then(|| summary::events(&out, more)).flatten();
        Part { summary: summary.map(|events| self.html(events)), html: self.html(out) }
    }

    fn html(&mut self, events: Vec<Event<'_>>) -> String {
        let mut html = Bounded::default();
        if html::write_html_fmt(&mut html, events.into_iter()).is_err() {
            let place = self.place(self.links.document.body.clone());
            let name = self.links.document.source.path.to_string();
            let mib = DOCUMENT_BYTES_MAX >> 20;
            self.problems.push(Diagnostic::document_too_large(place, &name, mib));
        }
        html.text
    }

    fn place(&self, span: Range<usize>) -> crate::diagnostic::Place {
        self.links.document.source.place(span)
    }

    /// Reports what could not be judged before the end.
    fn finish(&mut self) {
        let ids = self.headings.ids();
        for (anchor, span) in std::mem::take(&mut self.anchors) {
            let written = format!("#{anchor}");
            self.links.check_anchor(&anchor, &ids, &written, &span, self.problems);
        }
        let tally = std::mem::take(&mut self.tally);
        if let Some((span, count)) = tally.raw_html {
            self.problems.push(Diagnostic::raw_html(self.place(span), count));
        }
        if let Some((span, count)) = tally.liquid {
            let place = self.place(span);
            self.problems.push(Diagnostic::foreign_tag(place, "Liquid (`{{ }}`, `{% %}`)", count));
        }
        if let Some((span, count)) = tally.kramdown {
            let place = self.place(span);
            self.problems.push(Diagnostic::foreign_tag(place, "kramdown (`{: }`)", count));
        }
    }

    /// Runs a shortcode. `source` is the text that it was found in, at `base` of the file.
    fn shortcode(&mut self, shortcode: &Shortcode, source: &str, base: usize) -> String {
        let span = base + shortcode.span.start..base + shortcode.span.end;
        let head = span.start..span.end.min(span.start + shortcode.name.len() + 3);
        let template = format!("shortcodes/{}.html", shortcode.name);
        let lenient = self.links.site.config.lenient();
        if !self.theme.has(&template) {
            let near = crate::diagnostic::nearest(&shortcode.name, self.theme.shortcodes());
            let problem = Diagnostic::unknown_shortcode(self.place(head), &shortcode.name, near);
            self.problems.push(problem.lenient(lenient));
            return String::new();
        }
        if self.depth > DEPTH_MAX {
            self.problems.push(Diagnostic::nested_too_deep(self.place(head)));
            return String::new();
        }
        let strings = self.theme.strings(self.links.language);
        let mut context = Context::new();
        context.insert_value("strings", super::view::strings_value(strings));
        context.insert_value(
            "lang",
            super::view::language_value(self.links.site, self.theme, self.links.language),
        );
        let root = self.links.shown(&self.links.site.config.base_url.root());
        context.insert("root", &root);
        context.insert_value("data", super::view::data_value(self.links.document));
        for (name, argument) in &shortcode.arguments {
            context.insert_value(name.clone(), self.argument(name, argument, &head));
        }
        if let Some(body) = &shortcode.body {
            self.depth += 1;
            let html = self.part(&source[body.clone()], base + body.start).html;
            self.depth -= 1;
            context.insert_value("body", Value::safe_string(&html));
        }
        let place = self.place(head);
        match self.theme.render_shortcode(&shortcode.name, &template, &context, &place) {
            Ok(bytes) => String::from_utf8_lossy(&bytes).trim().to_owned(),
            Err(problem) => {
                self.problems.push(*problem);
                String::new()
            }
        }
    }

    /// An argument as the template gets it: addresses are resolved and checked as in Markdown.
    fn argument(&mut self, name: &str, argument: &Argument, span: &Range<usize>) -> Value {
        match argument {
            Argument::Text(text) => match name {
                "url" | "href" | "link" => match self.links.link(text, span, self.problems) {
                    Link::To(url) => Value::from(url),
                    Link::Here(anchor) => {
                        self.anchors.push((anchor, span.clone()));
                        Value::from(format!("{}{text}", self.links.here()))
                    }
                    Link::Dropped => Value::from(""),
                },
                "src" | "image" => {
                    Value::from(self.links.picture(text, span, self.problems).unwrap_or_default())
                }
                _ => Value::from(text.as_str()),
            },
            Argument::Integer(number) => Value::from(*number),
            Argument::Float(number) => Value::from(*number),
            Argument::Flag(flag) => Value::from(*flag),
        }
    }
}

/// The events of one part, on their way.
struct Events<'w, 'a, 'e> {
    writer: &'w mut Writer<'a>,
    found: &'w Found,
    /// The text as it was before shortcodes were taken out.
    source: &'w str,
    base: usize,
    out: Vec<Event<'e>>,
    /// The text around a footnote, while its definition is read.
    outside: Vec<Vec<Event<'e>>>,
    /// Where the heading that is being read begins, and its place in the file.
    heading: Option<usize>,
    /// The text of the picture that is being read, with its address and place.
    alt: Option<(String, String, Range<usize>)>,
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
}

impl<'e> Events<'_, '_, 'e> {
    /// Takes one event. False ends the reading.
    fn take(&mut self, event: Event<'e>, range: Range<usize>) -> bool {
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
                if let Some((alt, ..)) = &mut self.alt {
                    alt.push_str(&code);
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
            other => self.out.push(other),
        }
        true
    }

    /// The bytes of the file that some bytes of the text without shortcodes came from.
    fn span(&self, range: &Range<usize>) -> Range<usize> {
        self.base + self.found.origin(range.start)..self.base + self.found.origin(range.end)
    }

    fn start(&mut self, tag: Tag<'e>, span: Range<usize>) {
        match tag {
            Tag::Heading { .. } => self.heading = Some(self.out.len()),
            Tag::Paragraph => self.paragraph = Some(self.out.len()),
            Tag::CodeBlock(_) => self.in_code = true,
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
                self.alt = Some((String::new(), dest_url.to_string(), span.clone()));
                let links = self.writer.links;
                let url = links.picture(&dest_url, &span, self.writer.problems);
                let dest_url = url.unwrap_or_default().into();
                self.out.push(Event::Start(Tag::Image { link_type, dest_url, title, id }));
                return;
            }
            _ => {}
        }
        self.out.push(Event::Start(tag));
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
            TagEnd::Image => {
                self.end_image();
                true
            }
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
    }

    fn end_image(&mut self) {
        let Some((alt, path, span)) = self.alt.take() else { return };
        if alt.trim().is_empty() {
            let place = self.writer.place(span);
            let lenient = self.writer.links.site.config.lenient();
            self.writer.problems.push(Diagnostic::missing_alt(place, &path).lenient(lenient));
        }
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
        let something = !inner.is_empty();
        if !something {
            self.out.truncate(start);
        }
        something
    }

    fn text(&mut self, text: CowStr<'e>, span: Range<usize>) {
        if let Some((alt, ..)) = &mut self.alt {
            alt.push_str(&text);
        }
        if !self.in_code {
            self.count_foreign(&text, &span);
        }
        if !text.contains(MARK) {
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
                self.out.push(Event::Html(html.into()));
            }
        }
    }

    /// Counts what other generators would have understood.
    fn count_foreign(&mut self, text: &str, span: &Range<usize>) {
        // A shortcode with a mistake has been reported as one.
        let told = self.found.errors.iter().any(|(error, _)| {
            self.base + error.start < span.end && span.start < self.base + error.end
        });
        if text.contains('{') && !told {
            let tally = &mut self.writer.tally;
            let liquid = text.matches("{{").count() + text.matches("{%").count();
            count(&mut tally.liquid, span.clone(), liquid);
            count(&mut tally.kramdown, span.clone(), text.matches("{:").count());
        }
    }

    fn inline_html(&mut self, html: &str, span: Range<usize>) {
        self.count_foreign(&raw_html::without_comments(html), &span);
        if raw_html::is_more(html) {
            self.set_more();
        } else if self.writer.links.site.config.markdown.raw_html {
            let html = raw_html::with_addresses(html, self.writer.links);
            self.out.push(Event::InlineHtml(html.into()));
        } else if raw_html::without_comments(html).trim().is_empty() {
            // A comment is for the author and is not shown to anybody.
        } else {
            count(&mut self.writer.tally.raw_html, span, 1);
            self.out.push(Event::Text(html.to_owned().into()));
        }
    }

    fn html_block(&mut self, html: &str, span: Range<usize>) {
        self.count_foreign(&raw_html::without_comments(html), &span);
        if self.writer.links.site.config.markdown.raw_html {
            if raw_html::is_more(html.trim()) {
                self.set_more();
            }
            let html = raw_html::with_addresses(html, self.writer.links);
            self.out.push(Event::Html(html.into()));
            return;
        }
        let shown = raw_html::without_comments(html);
        if raw_html::is_more(html.trim()) {
            self.set_more();
        }
        if !shown.trim().is_empty() {
            count(&mut self.writer.tally.raw_html, span, 1);
            self.out.push(Event::Start(Tag::Paragraph));
            self.out.push(Event::Text(shown.trim().to_owned().into()));
            self.out.push(Event::End(TagEnd::Paragraph));
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

/// Takes HTML up to the limit of a document.
#[derive(Default)]
struct Bounded {
    text: String,
}

impl fmt::Write for Bounded {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        if self.text.len() + text.len() > DOCUMENT_BYTES_MAX {
            return Err(fmt::Error);
        }
        self.text.push_str(text);
        Ok(())
    }
}
