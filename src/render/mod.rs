//! From a document to HTML, and from data and a template to text.
//!
//! Pure: a text is rendered from the site, the theme and nothing else, so it can be done in
//! any order, on any thread, again at any time.

mod changes;
mod details;
mod foreign;
mod imprint;
mod json_ld;
pub(crate) mod look;
pub(crate) mod markdown;
mod note;
mod notice;
mod picture;
mod theme;
mod value;
mod view;

use memchr::{memchr, memchr2};

pub(crate) use details::event_file;
#[cfg(feature = "cards")]
pub(crate) use details::event_period;
pub(crate) use foreign::Request;
#[cfg(feature = "cards")]
pub(crate) use imprint::ImprintText;
pub(crate) use json_ld::JsonLd;
pub(crate) use markdown::links::{find_file, near_file};
pub(crate) use note::{Here, NoteText, bare_link, note_markdown, note_text};
pub(crate) use notice::{NOTICES_FILE, label_file, notice_file};
pub(crate) use theme::{Theme, compile};
pub(crate) use value::{
    FOLLOW_SCRIPT, FeedLink, Head, InFediverse, array, feed_value, none_or, object, part_title,
    taxonomy_title,
};
pub(crate) use view::{Keeping, Views, image_of};

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
    while let Some(at) = memchr2(b'<', b'&', rest.as_bytes()) {
        text.push_str(&rest[..at]);
        rest = &rest[at..];
        let length = if rest.starts_with('<') {
            let end = memchr(b'>', rest.as_bytes()).map_or(rest.len(), |end| end + 1);
            // Blocks and line breaks end a word, marks inside a line do not.
            let tag = rest[..end].trim_start_matches(['<', '/']);
            if ["p", "br", "li", "div", "h", "blockquote"].iter().any(|name| tag.starts_with(name))
            {
                text.push(' ');
            }
            end
        } else {
            let known = ENTITIES.iter().find(|(entity, _)| rest.starts_with(entity));
            text.push(known.map_or('&', |(_, character)| *character));
            known.map_or(1, |(entity, _)| entity.len())
        };
        rest = &rest[length..];
    }
    text.push_str(rest);
    let trimmed = text.trim_ascii();
    let pairs = trimmed.as_bytes().windows(2);
    let is_joined =
        pairs.into_iter().all(|pair| pair[1] > b' ' || pair[1] == b' ' && pair[0] > b' ');
    if is_joined && text.is_ascii() {
        trimmed.to_owned()
    } else if text.is_ascii() {
        joined(text.split_ascii_whitespace(), text.len())
    } else {
        joined(text.split_whitespace(), text.len())
    }
}

/// Words with a space between them.
fn joined<'t>(words: impl Iterator<Item = &'t str>, length: usize) -> String {
    let mut text = String::with_capacity(length);
    for word in words {
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(word);
    }
    text
}

/// What our writers put in the place of characters.
const ENTITIES: [(&str, char); 6] = [
    ("&lt;", '<'),
    ("&gt;", '>'),
    ("&quot;", '"'),
    ("&#39;", '\''),
    ("&#x27;", '\''),
    ("&amp;", '&'),
];
