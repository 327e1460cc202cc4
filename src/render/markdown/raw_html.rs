//! HTML that an author wrote into Markdown.

use pulldown_cmark::Event;

use super::links::{Addresses, Link, Links};
use crate::model::Site;

/// Whether it is the mark that ends the summary.
pub(super) fn is_more(html: &str) -> bool {
    let inner = html.strip_prefix("<!--").and_then(|rest| rest.strip_suffix("-->"));
    inner.is_some_and(|text| text.trim().eq_ignore_ascii_case("more"))
}

/// HTML in a line, as the text that is shown in its place when it is not let through.
pub(super) fn as_shown<'e>(event: Event<'e>, site: &Site) -> Event<'e> {
    let is_text = |html: &str| !is_more(html) && !without_comments(html).trim().is_empty();
    match event {
        Event::InlineHtml(html) if !site.config.markdown.raw_html && is_text(&html) => {
            Event::Text(html)
        }
        other => other,
    }
}

/// The elements that end a paragraph (HTML, 4.4.1), as far as themes write them.
const BLOCKS: &[&str] = &[
    "address",
    "article",
    "aside",
    "blockquote",
    "details",
    "div",
    "dl",
    "fieldset",
    "figure",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "main",
    "nav",
    "ol",
    "p",
    "pre",
    "section",
    "table",
    "ul",
];

/// Whether some HTML begins with an element that cannot stand in a paragraph.
pub(super) fn is_block(html: &str) -> bool {
    let name = html.trim_start().strip_prefix('<').unwrap_or_default();
    let end = name.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(name.len());
    BLOCKS.contains(&name[..end].to_ascii_lowercase().as_str())
}

/// What is left when the comments are taken out. One without an end is no comment.
pub(super) fn without_comments(html: &str) -> String {
    let mut left = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(start) = rest.find("<!--") {
        let Some(length) = rest[start + 4..].find("-->") else { break };
        left.push_str(&rest[..start]);
        rest = &rest[start + 4 + length + 3..];
    }
    left.push_str(rest);
    left
}

/// Makes the addresses in `href` and `src` absolute, for feeds. On pages the HTML stays as the
/// author wrote it.
pub(super) fn with_addresses(html: &str, links: &Links<'_>) -> String {
    if links.addresses == Addresses::Host {
        return html.to_owned();
    }
    let mut result = String::with_capacity(html.len());
    let mut rest = html;
    while let Some((before, quote, value, after)) = next_address(rest) {
        result.push_str(before);
        // Nothing is reported: the page around the same text has done so.
        let mut ignored = Vec::new();
        let url = match links.link(value, &(0..0), &mut ignored) {
            Link::To(url) => url,
            Link::Here(_) => format!("{}{value}", links.here()),
            Link::Dropped => value.to_owned(),
        };
        result.push_str(&url);
        result.push(quote);
        rest = after;
    }
    result.push_str(rest);
    result
}

/// The text up to the next quoted value of `href` or `src`, its quote, the value, the rest.
fn next_address(html: &str) -> Option<(&str, char, &str, &str)> {
    // One walk over the text, however many names it has.
    for (equals, _) in html.match_indices('=') {
        let start = equals + 1;
        let before = &html[..equals];
        let Some(before) = before.strip_suffix("href").or(before.strip_suffix("src")) else {
            continue;
        };
        let spaced = before.ends_with(|c: char| c.is_ascii_whitespace());
        let quote = html[start..].chars().next().filter(|c| matches!(c, '"' | '\''));
        if let (true, Some(quote)) = (spaced, quote)
            && let Some(end) = html[start + 1..].find(quote)
        {
            let value = &html[start + 1..start + 1 + end];
            return Some((&html[..=start], quote, value, &html[start + 2 + end..]));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_go_and_the_rest_stays() {
        assert_eq!(without_comments("a<!-- b -->c<!---->d"), "acd");
        assert_eq!(without_comments("a<!-- b"), "a<!-- b");
        assert!(
            is_more("<!-- more -->") && is_more("<!--MORE-->") && !is_more("<!-- moreover -->")
        );
    }

    #[test]
    fn addresses_in_attributes_are_found() {
        let (before, quote, value, after) =
            next_address("<a data-href=\"n\" href='x y'>z</a>").unwrap();
        assert_eq!(
            (before, quote, value, after),
            ("<a data-href=\"n\" href='", '\'', "x y", ">z</a>")
        );
    }
}
