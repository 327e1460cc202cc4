//! HTML in a text: shown as text, unless the site lets it through.

use std::ops::Range;

use pulldown_cmark::{Event, Tag, TagEnd};

use super::{Events, count};
use crate::render::markdown::raw_html;

impl Events<'_, '_, '_> {
    pub(super) fn inline_html(&mut self, html: &str, span: Range<usize>) {
        self.refuse_shortcodes(html, &span);
        let html = &self.unmarked(html);
        self.count_foreign(&raw_html::without_comments(html), &span);
        if raw_html::is_more(html) {
            self.set_more();
        } else if self.writer.links.site.config.markdown.raw_html {
            self.writer.links.check_html(html, &span, self.writer.problems);
            self.writer.is_portable = false;
            let html = raw_html::with_addresses(html, self.writer.links);
            self.out.push(Event::InlineHtml(html.into()));
        } else if raw_html::without_comments(html).trim().is_empty() {
            // A comment is for the author and is not shown to anybody.
        } else {
            count(&mut self.writer.tally.raw_html, span, 1);
            self.out.push(Event::Text(html.to_owned().into()));
        }
    }

    pub(super) fn html_block(&mut self, html: &str, span: Range<usize>) {
        self.refuse_shortcodes(html, &span);
        let html = &self.unmarked(html);
        self.count_foreign(&raw_html::without_comments(html), &span);
        if self.writer.links.site.config.markdown.raw_html {
            if raw_html::is_more(html.trim()) {
                self.set_more();
            }
            self.writer.links.check_html(html, &span, self.writer.problems);
            self.writer.is_portable = false;
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
}
