//! Markdown to HTML that is safe to publish.
//!
//! The parser's events are changed on their way to the HTML writer: headings get ids, links
//! and pictures their addresses, footnotes their place at the end; raw HTML becomes text.
//! Everything that is wrong is reported with its line in the file.

mod events;
mod footnotes;
mod headings;
pub(crate) mod links;
pub(crate) mod paragraphs;
mod picture;
mod raw_html;
pub(crate) mod shortcode;
mod summary;
mod tables;

use std::fmt;
use std::ops::Range;

use pulldown_cmark::{Event, Options, Parser, Tag, html};
use tera::{Context, Value};

use self::events::{Events, Tally};
use self::footnotes::Footnotes;
use self::headings::Headings;
use self::links::{Addresses, Link, Links};
use self::shortcode::{Argument, Shortcode};
use crate::diagnostic::Diagnostic;
use crate::limits::{DEPTH_MAX, DOCUMENT_BYTES_MAX};
use crate::model::{Kind, Site};
use crate::render::Theme;

pub(crate) use headings::{Heading, HeadingIds, heading_ids};

/// A document as HTML.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rendered {
    pub(crate) html: String,
    /// What stands before `<!-- more -->`, or the first paragraph.
    pub(crate) summary: Option<String>,
    pub(crate) toc: Vec<Heading>,
    /// Whether it says the same as one for readers elsewhere, once its addresses are whole.
    pub(crate) is_portable: bool,
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
        // The picture of a page stands above its text.
        has_picture: document.front.image.is_some(),
        told: None,
        is_portable: document.kind != Kind::Policy,
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
    let is_portable = writer.is_portable;
    let toc = writer.headings.into_tree();
    Rendered { html, summary, toc, is_portable }
}

/// The Markdown that we understand.
fn options(site: &Site) -> Options {
    let mut options = Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_HEADING_ATTRIBUTES;
    options.set(Options::ENABLE_SMART_PUNCTUATION, site.config.markdown.smart_punctuation);
    options
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
    /// Whether a picture has come already.
    has_picture: bool,
    /// What every shortcode is told, made when the first one runs.
    told: Option<Context>,
    /// Nothing has come that is different for readers elsewhere: no picture, which they do not
    /// choose from, and nothing that is written by others than us.
    is_portable: bool,
}

/// What every shortcode of a document is told.
fn told(links: &Links<'_>, theme: &Theme) -> Context {
    let mut context = Context::new();
    let strings = super::value::strings_value(theme.strings(links.language));
    context.insert_value("strings", strings);
    let language = super::value::language_value(links.site, theme, links.language);
    context.insert_value("lang", language);
    context.insert("root", &links.shown(&links.site.config.base_url.root()));
    context.insert_value("data", super::value::data_value(links.document));
    context.insert_value("picture", Value::none());
    context
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
        let options = options(self.links.site);
        let mut events = Events::new(self, &found, text, base);
        for (event, range) in Parser::new_ext(&found.text, options).into_offset_iter() {
            if !events.take(event, range) {
                break;
            }
        }
        let (out, more) = events.finish();
        let page = self.links.page_url();
        let summary = (self.depth == 0).then(|| summary::events(&out, more, &page)).flatten();
        let summary = summary.map(|events| self.html(events));
        let is_numbered = self.depth == 0 && self.links.document.kind == Kind::Policy;
        let out = if is_numbered {
            let is_page = self.is_page();
            paragraphs::numbered(out, &mut self.headings, is_page)
        } else {
            out
        };
        Part { summary, html: self.html(out) }
    }

    fn html(&mut self, events: Vec<Event<'_>>) -> String {
        // Bytes of HTML for an event: a guess, so that the text does not grow from nothing.
        let mut html = Bounded { text: String::with_capacity(events.len() * 32) };
        let is_table = |event: &Event<'_>| matches!(event, Event::Start(Tag::Table(_)));
        let written = if events.iter().any(is_table) {
            html::write_html_fmt(&mut html, tables::with_classes(events.into_iter()))
        } else {
            html::write_html_fmt(&mut html, events.into_iter())
        };
        if written.is_err() {
            let place = self.place(self.links.document.body.clone());
            let name = self.links.document.source.path.to_string();
            let mib = DOCUMENT_BYTES_MAX >> 20;
            self.problems.push(Diagnostic::document_too_large(place, &name, mib));
        }
        html.text
    }

    /// Whether the text is for a page. What is only of use on one has no place in feeds and posts,
    /// whose readers take it away, or more with it.
    fn is_page(&self) -> bool {
        self.links.addresses == Addresses::Host
    }

    /// A text of the theme.
    fn string(&self, key: &'static str) -> &str {
        self.theme.strings(self.links.language).get(key)
    }

    /// What begins before a table on a page. It is called by its caption, else by the heading
    /// before it.
    fn table_wrapper(&self, caption: Option<&str>) -> String {
        let name = caption.or(self.headings.latest()).filter(|name| !name.is_empty());
        tables::wrapper(name.unwrap_or_else(|| self.string("table")))
    }

    /// What a shortcode gave; a table as those of the text.
    fn wrapped(&self, html: String) -> String {
        if !self.is_page() || !tables::is_table(&html) {
            return html;
        }
        let start = self.table_wrapper(tables::caption(&html).as_deref());
        format!("{start}{html}{}", tables::WRAPPER_END.trim_end())
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
        self.is_portable = false;
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
        let (links, theme) = (self.links, self.theme);
        let mut context = self.told.get_or_insert_with(|| told(links, theme)).clone();
        for (name, argument) in &shortcode.arguments {
            context.insert_value(name.clone(), self.argument(name, argument, &head));
        }
        self.insert_picture(shortcode, &head, &mut context);
        if let Some(body) = &shortcode.body {
            self.depth += 1;
            let html = self.part(&source[body.clone()], base + body.start).html;
            self.depth -= 1;
            context.insert_value("body", Value::safe_string(&html));
        }
        let place = self.place(head.clone());
        match self.theme.render_shortcode(&shortcode.name, &template, &context, &place) {
            Ok(bytes) => {
                let html = String::from_utf8_lossy(&bytes).trim().to_owned();
                self.links.check_html(&html, &head, self.problems);
                self.wrapped(html)
            }
            Err(problem) => {
                self.problems.push(*problem);
                String::new()
            }
        }
    }

    /// Shows the picture that a shortcode names, if something is known of it.
    fn insert_picture(&mut self, shortcode: &Shortcode, span: &Range<usize>, to: &mut Context) {
        let argument = |wanted: &str| {
            let mut named = shortcode.arguments.iter().filter(|(name, _)| name == wanted);
            named.find_map(|(_, argument)| match argument {
                Argument::Text(text) => Some(text.as_str()),
                _ => None,
            })
        };
        let Some(path) = argument("src").or(argument("image")) else { return };
        self.demand_credit(path, argument("credit").unwrap_or_default(), span);
        let lazy = self.count_picture();
        // What is wrong with the address is told with the argument.
        let url = self.links.picture(path, span, &mut Vec::new()).unwrap_or_default();
        // The template complains of a picture without it.
        let Some(alt) = argument("alt") else { return };
        let shown = picture::Shown { path, url: &url, alt, credit: "", lazy };
        if let Some(html) = picture::html(self.links, &shown) {
            to.insert_value("picture", Value::safe_string(&html));
        }
    }

    /// Counts a picture, and says whether it is not the first one.
    fn count_picture(&mut self) -> bool {
        std::mem::replace(&mut self.has_picture, true)
    }

    /// Complains of a picture that has to say whose it is, and does not.
    fn demand_credit(&mut self, path: &str, credit: &str, span: &Range<usize>) {
        if self.links.site.config.pictures.credit_required && credit.trim().is_empty() {
            let place = self.place(span.clone());
            self.problems.push(Diagnostic::missing_credit(place, path));
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
                    Link::Dropped => Value::none(),
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
