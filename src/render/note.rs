//! HTML as it arrives on other servers.
//!
//! They keep paragraphs, lists, quotations, code, links and emphasis (Mastodon,
//! `lib/sanitize_ext/sanitize_config.rb`) and throw away the rest, with what is in it or without.
//! So the text is put into these words before it leaves.

use std::borrow::Cow;

use memchr::{memchr, memchr_iter, memchr3};
use pulldown_cmark::{Event, LinkType, Options, Parser, Tag as Markup, html};
use url::Url;

use super::{escaped, plain_text};

/// What is kept, and what it is called there.
const KEPT: &[(&str, &str)] = &[
    ("p", "p"),
    ("blockquote", "blockquote"),
    ("pre", "pre"),
    ("ul", "ul"),
    ("ol", "ol"),
    ("li", "li"),
    ("code", "code"),
    ("strong", "strong"),
    ("b", "strong"),
    ("em", "em"),
    ("i", "em"),
    ("cite", "em"),
    ("del", "del"),
    ("s", "del"),
    ("u", "u"),
    ("a", "a"),
];

/// What stands by itself, and not inside a line.
const BLOCKS: &[&str] = &["p", "blockquote", "pre", "ul", "ol", "li"];

/// Elements inside of each other; what is deeper stands in the last of them. No text needs more,
/// and looking through them takes time.
const DEPTH_MAX: usize = 64;

/// What goes with all that is in it.
const DROPPED: &[&str] = &[
    "script", "style", "template", "svg", "math", "iframe", "object", "noscript", "select",
    "textarea", "audio", "video", "head", "title", "button",
];

/// What begins and ends a block without being one there.
const BREAKS: &[&str] = &[
    "div",
    "section",
    "article",
    "aside",
    "header",
    "footer",
    "nav",
    "figure",
    "figcaption",
    "dl",
    "dt",
    "dd",
    "table",
    "tr",
    "details",
    "summary",
    "address",
    "form",
    "hr",
    "caption",
    "main",
];

/// A text for other servers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct NoteText {
    pub(crate) html: String,
    /// Whether something was left out at the end.
    pub(crate) cut: bool,
    /// The pictures in it: address and text, in order.
    pub(crate) pictures: Vec<(String, String)>,
}

/// The page that a text is from, for addresses that do not say it themselves.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Here<'a> {
    origin: &'a str,
    /// The whole address of the page.
    page: &'a str,
}

impl<'a> Here<'a> {
    /// A page on a host. `None` when its address is another one in HTML.
    pub(crate) fn new(origin: &'a str, page: &'a str) -> Option<Self> {
        (!page.contains(['&', '\'', '"', '<', '>'])).then_some(Self { origin, page })
    }

    /// What stands before an address of HTML to make it whole; `None` when it is.
    fn before(self, address: &str) -> Option<&'a str> {
        if address.starts_with('#') {
            Some(self.page)
        } else if address.starts_with("//") {
            self.origin.split_inclusive("//").next()?.strip_suffix("//")
        } else {
            address.starts_with('/').then_some(self.origin)
        }
    }
}

/// Puts HTML that we have written into the words of other servers. What is longer than `chars_max`
/// characters is cut after a block or a word. With `here`, links that are not whole are made so,
/// else they go.
pub(crate) fn note_text(html: &str, chars_max: usize, here: Option<Here<'_>>) -> NoteText {
    let mut writer = Writer { here, chars_max, ..Writer::default() };
    // The same bytes in small letters, once: a text may have as many scripts as it likes.
    let mut lower = None;
    let mut rest = html;
    while !rest.is_empty() {
        let at = memchr(b'<', rest.as_bytes()).unwrap_or(rest.len());
        writer.text(&rest[..at]);
        rest = &rest[at..];
        if writer.out.cut && !*writer.has_more_pictures.get_or_insert_with(|| has_picture(rest)) {
            break;
        }
        let Some(tag) = Tag::parse(rest) else {
            if !rest.is_empty() {
                writer.text("&lt;");
                rest = &rest[1..];
            }
            continue;
        };
        rest = &rest[tag.length..];
        if !tag.is_end && DROPPED.contains(&&*tag.name) {
            let end = format!("</{}", tag.name);
            let lower = lower.get_or_insert_with(|| html.to_ascii_lowercase());
            let found = lower[html.len() - rest.len()..].find(&end).unwrap_or(rest.len());
            rest = &rest[found..];
        } else {
            writer.tag(&tag);
        }
    }
    writer.finish()
}

fn has_picture(html: &str) -> bool {
    let bytes = html.as_bytes();
    memchr_iter(b'<', bytes)
        .any(|at| bytes.get(at + 1..at + 4).is_some_and(|name| name.eq_ignore_ascii_case(b"img")))
}

/// A text of `site.toml` in Markdown, in the words of other servers. `leads` says where a link
/// leads; of one that leads nowhere the words stay.
pub(crate) fn note_markdown(
    markdown: &str,
    mut leads: impl FnMut(&str) -> Option<String>,
) -> String {
    let events =
        Parser::new_ext(markdown, Options::ENABLE_STRIKETHROUGH).map(|event| match event {
            Event::Html(text) | Event::InlineHtml(text) => Event::Text(text),
            // That of an address of mail gets its scheme when it is written.
            Event::Start(Markup::Link { link_type, dest_url, title, id })
                if link_type != LinkType::Email =>
            {
                let dest_url = leads(&dest_url).unwrap_or_default().into();
                Event::Start(Markup::Link { link_type, dest_url, title, id })
            }
            other => other,
        });
    let mut html = String::new();
    html::push_html(&mut html, events);
    note_text(&html, usize::MAX, None).html
}

/// A link whose text is its address, as a profile needs it for its tick.
pub(crate) fn bare_link(url: &str) -> String {
    let url = escaped(url);
    format!("<a href=\"{url}\" rel=\"me\">{url}</a>")
}

/// Whether an address, escaped as it stands, is a whole one that no server refuses: not a path,
/// which would lead into the server that shows the post, nor a program.
fn leads_to_the_web(href: &str) -> bool {
    Url::parse(&plain_text(href))
        .is_ok_and(|url| matches!(url.scheme(), "https" | "http" | "mailto"))
}

/// Where a tag ends that is read from a byte on: at a `>` that is not in quotes, or never.
fn tag_end(inner: &str, from: usize) -> usize {
    let bytes = inner.as_bytes();
    let mut at = from;
    while let Some(found) = memchr3(b'>', b'"', b'\'', &bytes[at..]) {
        at += found;
        if bytes[at] == b'>' {
            return at;
        }
        let Some(close) = memchr(bytes[at], &bytes[at + 1..]) else { break };
        at += 1 + close + 1;
    }
    inner.len()
}

struct Tag<'a> {
    /// In small letters.
    name: Cow<'a, str>,
    attributes: &'a str,
    is_end: bool,
    length: usize,
}

impl<'a> Tag<'a> {
    /// The tag, comment or declaration that a text begins with.
    fn parse(text: &'a str) -> Option<Self> {
        if text.starts_with("<!--") {
            let length = text.find("-->").map_or(text.len(), |end| end + 3);
            return Some(Self { name: "!".into(), attributes: "", is_end: true, length });
        }
        let inner = text.strip_prefix('<')?;
        let (is_end, inner) = match inner.strip_prefix('/') {
            Some(inner) => (true, inner),
            None => (false, inner),
        };
        if !inner.starts_with(|c: char| c.is_ascii_alphabetic() || c == '!' || c == '?') {
            return None;
        }
        let name_end = inner
            .find(|c: char| c.is_ascii_whitespace() || c == '>' || c == '/')
            .unwrap_or(inner.len());
        let end = tag_end(inner, name_end);
        let before = text.len() - inner.len();
        let name = &inner[..name_end];
        let is_small = !name.bytes().any(|byte| byte.is_ascii_uppercase());
        Some(Self {
            name: if is_small { name.into() } else { name.to_ascii_lowercase().into() },
            attributes: &inner[name_end..end],
            is_end,
            length: (before + end + 1).min(text.len()),
        })
    }

    /// The value of an attribute, escaped as it stands.
    fn attribute(&self, name: &str) -> Option<&'a str> {
        let mut rest = self.attributes;
        loop {
            rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '/');
            let end =
                rest.find(|c: char| c.is_ascii_whitespace() || c == '=').unwrap_or(rest.len());
            if end == 0 {
                return None;
            }
            let key = &rest[..end];
            rest = rest[end..].trim_start();
            let value = if let Some(after) = rest.strip_prefix('=') {
                let after = after.trim_start();
                let quote = after.chars().next().filter(|c| matches!(c, '"' | '\''));
                match quote {
                    Some(quote) => {
                        let inner = &after[1..];
                        let end = inner.find(quote).unwrap_or(inner.len());
                        rest = inner.get(end + 1..).unwrap_or("");
                        &inner[..end]
                    }
                    None => {
                        let end = after.find(|c: char| c.is_ascii_whitespace());
                        let end = end.unwrap_or(after.len());
                        rest = &after[end..];
                        &after[..end]
                    }
                }
            } else {
                ""
            };
            if key.eq_ignore_ascii_case(name) {
                return Some(value);
            }
        }
    }
}

#[derive(Default)]
struct Writer<'a> {
    out: NoteText,
    here: Option<Here<'a>>,
    /// Whether there are pictures after the end of the note; once it is reached.
    has_more_pictures: Option<bool>,
    chars_max: usize,
    /// Characters so far.
    chars: usize,
    /// Open elements.
    open: Vec<&'static str>,
    /// A cell of a table has begun in this row.
    in_row: bool,
}

impl Writer<'_> {
    fn is_full(&self) -> bool {
        self.chars >= self.chars_max
    }

    fn tag(&mut self, tag: &Tag<'_>) {
        let name = &*tag.name;
        if let Some((_, kept)) = KEPT.iter().find(|(known, _)| *known == name) {
            if tag.is_end {
                self.end(kept);
            } else {
                self.begin(kept, tag);
            }
            return;
        }
        match name {
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
                self.end_block();
                if !tag.is_end && !self.out.cut {
                    self.open_plain("p");
                    self.open_plain("strong");
                }
            }
            "br" if !tag.is_end && !self.out.cut && self.is_in_line() => {
                self.out.html.push_str("<br>");
            }
            "br" => {}
            "img" if !tag.is_end => {
                if let Some(source) = tag.attribute("src") {
                    let alt = plain_text(tag.attribute("alt").unwrap_or_default());
                    self.out.pictures.push((plain_text(source), alt));
                }
            }
            "input" if !tag.is_end => {
                let is_checked = tag.attribute("checked").is_some();
                self.text(if is_checked { "☑" } else { "☐" });
            }
            "td" | "th" if !tag.is_end => {
                if self.in_row && self.is_in_line() {
                    self.text(" · ");
                }
                self.in_row = true;
            }
            _ if BREAKS.contains(&name) => {
                self.in_row = false;
                self.end_block();
            }
            _ => {}
        }
    }

    /// Whether text may stand here.
    fn is_in_line(&self) -> bool {
        self.open.iter().any(|name| matches!(*name, "p" | "pre" | "li"))
    }

    fn begin(&mut self, name: &'static str, tag: &Tag<'_>) {
        if self.open.len() >= DEPTH_MAX {
            return;
        }
        if BLOCKS.contains(&name) {
            // A paragraph in an item of a list is the item; another one is a new line.
            if name == "p" && self.open.last() == Some(&"li") {
                return;
            }
            self.end_block();
            // A few words of the next block would be worse than none.
            if self.chars_max - self.chars <= self.chars_max / 20 {
                self.out.cut = true;
            }
            if !self.out.cut {
                self.open_plain(name);
            }
        } else if !(self.out.cut || name == "a" && self.open.contains(&"a")) {
            if name != "a" {
                self.paragraph();
                self.open_plain(name);
            } else if let Some(href) = tag.attribute("href") {
                self.link(href);
            }
        }
    }

    /// Begins a link, when it leads into the web.
    fn link(&mut self, href: &str) {
        let before = self.here.and_then(|here| here.before(href)).unwrap_or_default();
        // What is on our own host does.
        let is_ours = !before.is_empty() && !href.starts_with("//");
        if !is_ours && !leads_to_the_web(&format!("{before}{href}")) {
            return;
        }
        self.paragraph();
        let href = if href.contains('"') { &href.replace('"', "&quot;") } else { href };
        self.out.html.extend(["<a href=\"", before, href, "\">"]);
        self.open.push("a");
    }

    fn end(&mut self, name: &'static str) {
        let Some(at) = self.open.iter().rposition(|open| *open == name) else { return };
        if name == "p" && self.open.contains(&"li") {
            return;
        }
        // What was left open inside of it ends with it; a mark does not end a block.
        if !BLOCKS.contains(&name) && self.open[at..].iter().any(|open| BLOCKS.contains(open)) {
            return;
        }
        self.close_to(at);
    }

    fn open_plain(&mut self, name: &'static str) {
        self.out.html.extend(["<", name, ">"]);
        self.open.push(name);
    }

    fn close_to(&mut self, at: usize) {
        for name in self.open.drain(at.min(self.open.len())..).rev() {
            let html = &mut self.out.html;
            let before = html.strip_suffix('>').and_then(|html| html.strip_suffix(name));
            // What has nothing in it is nothing.
            if let Some(before) = before.and_then(|html| html.strip_suffix('<')) {
                html.truncate(before.len());
            } else {
                html.extend(["</", name, ">"]);
            }
        }
    }

    /// Ends what stands in lines: a paragraph with its marks, but no list and no quotation.
    fn end_block(&mut self) {
        let holds_lines = |name: &&str| matches!(*name, "blockquote" | "ul" | "ol" | "li");
        let at = self.open.iter().rposition(holds_lines).map_or(0, |at| at + 1);
        self.close_to(at);
    }

    /// Text needs a paragraph.
    fn paragraph(&mut self) {
        if !self.is_in_line() {
            self.open_plain("p");
        }
    }

    fn text(&mut self, text: &str) {
        let is_blank = text.trim().is_empty();
        if self.out.cut || (is_blank && !self.is_in_line()) || text.is_empty() {
            return;
        }
        if self.is_full() {
            self.out.cut |= !is_blank;
            return;
        }
        let mut text = text;
        if !self.open.contains(&"pre") {
            if !self.is_in_line() || self.out.html.ends_with("<p>") {
                text = text.trim_start();
            }
            if text.is_empty() {
                return;
            }
        }
        self.paragraph();
        let room = self.chars_max - self.chars;
        let length = text.chars().count();
        if length <= room {
            self.push(text);
            self.chars += length;
            return;
        }
        // A word more or less is no harm; half an entity is.
        let end = text.char_indices().nth(room).map_or(text.len(), |(at, _)| at);
        // Where words have no space between them, anywhere but in an entity.
        let word = text[..end].rfind(char::is_whitespace);
        let entity = text[..end].rfind('&').filter(|at| !text[*at..end].contains(';'));
        let end = word.or(entity).unwrap_or(end);
        self.push(text[..end].trim_end());
        self.out.html.push('…');
        self.chars = self.chars_max;
        self.out.cut = true;
    }

    /// Writes text. A line of a paragraph ends where the screen does: Misskey would end it where the
    /// author's file does.
    fn push(&mut self, text: &str) {
        if self.open.contains(&"pre") || !text.contains('\n') {
            self.out.html.push_str(text);
        } else {
            self.out.html.push_str(&text.replace("\r\n", " ").replace('\n', " "));
        }
    }

    fn finish(mut self) -> NoteText {
        self.close_to(0);
        self.out
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn all(html: &str) -> String {
        note_text(html, usize::MAX, None).html
    }

    #[test]
    fn what_servers_keep_stays_as_it_is() {
        let html = "<p>A <strong>b</strong> <em>c</em> \
                    <a href=\"https://a.example/?x=1&amp;y\">d</a></p>\
                    <ul><li>one</li><li>two</li></ul><blockquote><p>said</p></blockquote>\
                    <pre><code>a &lt; b\n  c</code></pre>";
        assert_eq!(all(html), html);
    }

    #[test]
    fn what_they_throw_away_is_put_into_their_words() {
        assert_eq!(
            all("<h2 id=\"x\">Title</h2>\n<p>Text</p>"),
            "<p><strong>Title</strong></p><p>Text</p>"
        );
        assert_eq!(
            all("<table><thead><tr><th>A</th><th>B</th></tr></thead><tbody><tr><td>1</td><td>2\
             </td></tr></tbody></table>"),
            "<p>A · B</p><p>1 · 2</p>"
        );
        assert_eq!(
            all("<div>loose <b>text</b></div>after"),
            "<p>loose <strong>text</strong></p><p>after</p>"
        );
        assert_eq!(all("<ul><li><p>a</p></li></ul>"), "<ul><li>a</li></ul>");
        assert_eq!(all("<p>x<script>alert(1)</script>y</p>"), "<p>xy</p>");
        assert_eq!(all("<p onclick=\"a>b\">x</p>"), "<p>x</p>");
        assert_eq!(all("1 < 2"), "<p>1 &lt; 2</p>");
        assert_eq!(all("<input type=\"checkbox\" checked> done"), "<p>☑ done</p>");
    }

    #[test]
    fn only_links_into_the_web_go_out() {
        for href in
            ["javascript:alert(1)", "&#106;avascript:x", " java\nscript:x", "/a/", "data:,x"]
        {
            assert_eq!(all(&format!("<p><a href=\"{href}\">x</a></p>")), "<p>x</p>", "{href}");
        }
    }

    #[test]
    fn a_hostile_text_takes_no_longer_than_others() {
        assert_eq!(all(&"<svg></svg>".repeat(100_000)), "");
        let deep = all(&("<em>x".repeat(50_000) + &"</u></em>".repeat(50_000)));
        assert_eq!(deep.matches("<em>").count(), DEPTH_MAX - 1);
    }

    #[test]
    fn pictures_are_taken_out_with_their_texts() {
        let text =
            note_text("<p>a <img src=\"/x.jpg?a&amp;b\" alt=\"A &quot;b&quot;\"></p>", 100, None);
        assert_eq!(text.pictures, [("/x.jpg?a&b".to_owned(), "A \"b\"".to_owned())]);
        assert_eq!(text.html, "<p>a </p>");
    }

    #[test]
    fn a_long_text_is_cut_between_words_and_closed() {
        let text = note_text("<p>one two <em>three four</em> five</p><p>six</p>", 14, None);
        assert_eq!(text.html, "<p>one two <em>three…</em></p>");
        assert!(text.cut);
        let text = note_text("<p>one two</p><p>three</p>", 7, None);
        assert_eq!((text.html.as_str(), text.cut), ("<p>one two</p>", true));
        assert!(!note_text("<p>one two</p>\n", 7, None).cut);
        assert_eq!(note_text("<p>河をきれいに&amp;</p>", 8, None).html, "<p>河をきれいに…</p>");
    }

    #[test]
    fn markdown_of_a_profile_cannot_bring_html() {
        assert_eq!(
            note_markdown(
                "We are *local*. <b onclick=x>\n\n[Join](/join) or <us@a.example>",
                |to| { Some(format!("https://a.example{to}")) }
            ),
            "<p>We are <em>local</em>. &lt;b onclick=x&gt;</p><p>\
             <a href=\"https://a.example/join\">Join</a> or \
             <a href=\"mailto:us@a.example\">us@a.example</a></p>"
        );
    }

    proptest! {
        #[test]
        fn whatever_comes_in_only_known_elements_go_out_and_all_are_closed(
            parts in prop::collection::vec(prop::sample::select(vec![
                "<p>", "</p>", "<li>", "</li>", "<ul>", "</ul>", "<a href='https:x'>", "</a>",
                "<em>",
                "</em>", "<pre>", "</pre>", "<table><tr><td>", "</td>", "<script>", "</script>",
                "<h1>", "</h1>", "<blockquote>", "</blockquote>", "word ", "<", ">", "\"", "<!--",
                "-->", "&amp;", "<br>", "<img src=a alt='b'>", "é",
            ]), 0..40),
            max in 0_usize..60,
        ) {
            let text = note_text(&parts.concat(), max, None);
            let mut open: Vec<String> = Vec::new();
            let mut rest = text.html.as_str();
            while let Some(at) = rest.find('<') {
                let tag = Tag::parse(&rest[at..]).expect("every `<` begins a tag");
                prop_assert!(tag.name == "br" || KEPT.iter().any(|(_, kept)| *kept == tag.name));
                if tag.is_end {
                    prop_assert_eq!(open.pop(), Some(tag.name.to_string()));
                } else if tag.name != "br" {
                    open.push(tag.name.to_string());
                }
                rest = &rest[at + tag.length..];
            }
            prop_assert!(open.is_empty());
        }
    }
}
