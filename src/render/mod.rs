//! From a document to HTML, and from data and a template to text.
//!
//! Pure: a text is rendered from the site, the theme and nothing else, so it can be done in
//! any order, on any thread, again at any time.

mod json_ld;
pub(crate) mod markdown;
mod theme;
mod view;

pub(crate) use json_ld::JsonLd;
pub(crate) use markdown::links::{find_file, near_file};
pub(crate) use theme::{Theme, compile};
pub(crate) use view::{
    FeedLink, Head, Views, array, feeds_value, image_of, none_or, object, taxonomy_title,
};

/// A text as it stands in HTML, between tags or in a quoted attribute.
pub(crate) fn escaped(text: &str) -> String {
    let mut html = Vec::with_capacity(text.len() + 8);
    // Writing into memory does not fail.
    let _ = tera::escape_html(text, &mut html);
    String::from_utf8_lossy(&html).into_owned()
}

/// The words of some HTML that we have written: without tags, with the few entities that our
/// writers use made characters again.
pub(crate) fn plain_text(html: &str) -> String {
    let mut text = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(start) = rest.find('<') {
        text.push_str(&rest[..start]);
        let end = rest[start..].find('>').map_or(rest.len(), |end| start + end + 1);
        // Blocks and line breaks end a word, marks inside a line do not.
        let tag = rest[start..end].trim_start_matches(['<', '/']);
        if ["p", "br", "li", "div", "h", "blockquote"].iter().any(|name| tag.starts_with(name)) {
            text.push(' ');
        }
        rest = &rest[end..];
    }
    text.push_str(rest);
    let entities = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&#x27;", "'"),
        ("&amp;", "&"),
    ];
    for (entity, character) in entities.into_iter().filter(|_| html.contains('&')) {
        text = text.replace(entity, character);
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
