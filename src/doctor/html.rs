//! The few tags of a page that others look for.
//!
//! A page of a stranger is read to its end and never trusted: no tree is built, tags are found one
//! after the other. What stands in comments, scripts and styles is not markup.

/// A tag with its attributes, in the order of the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tag {
    /// In small letters.
    pub(crate) name: String,
    attributes: Vec<(String, String)>,
    /// The text up to the next tag.
    pub(crate) text: String,
}

impl Tag {
    /// The value of an attribute; one without a value has an empty one.
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Whether `rel` lists a word.
    pub(crate) fn has_rel(&self, rel: &str) -> bool {
        let rels = self.attribute("rel").unwrap_or_default();
        rels.split_ascii_whitespace().any(|known| known.eq_ignore_ascii_case(rel))
    }
}

/// The opening tags of a page.
pub(crate) fn tags(html: &str) -> Vec<Tag> {
    let mut tags = Vec::new();
    // The same bytes in small letters, once: a page may have as many scripts as it likes.
    let lower = html.to_ascii_lowercase();
    let mut rest = html;
    while let Some(start) = rest.find('<') {
        rest = &rest[start + 1..];
        if let Some(comment) = rest.strip_prefix("!--") {
            rest = comment.find("-->").map_or("", |end| &comment[end + 3..]);
            continue;
        }
        if !rest.starts_with(|c: char| c.is_ascii_alphabetic()) {
            continue;
        }
        let (mut tag, after) = tag(rest);
        rest = after;
        if matches!(tag.name.as_str(), "script" | "style") {
            let end = format!("</{}", tag.name);
            let lower = &lower[html.len() - rest.len()..];
            rest = lower.find(&end).map_or("", |at| &rest[at..]);
        }
        tag.text = decoded(rest.split('<').next().unwrap_or_default().trim());
        tags.push(tag);
    }
    tags
}

/// Reads a tag behind its `<`; gives what follows it too.
fn tag(text: &str) -> (Tag, &str) {
    let end = text.find(|c: char| c.is_ascii_whitespace() || matches!(c, '>' | '/'));
    let (name, mut rest) = text.split_at(end.unwrap_or(text.len()));
    let mut attributes = Vec::new();
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '/');
        if rest.is_empty() {
            break;
        }
        if let Some(after) = rest.strip_prefix('>') {
            rest = after;
            break;
        }
        let end = rest.find(|c: char| c.is_ascii_whitespace() || matches!(c, '=' | '>' | '/'));
        // A `=` at the beginning is part of a name, as in the HTML standard.
        let end = end.unwrap_or(rest.len()).max(rest.chars().next().map_or(1, char::len_utf8));
        let (key, after) = rest.split_at(end);
        let (value, after) = value(after);
        attributes.push((key.to_ascii_lowercase(), decoded(value)));
        rest = after;
    }
    (Tag { name: name.to_ascii_lowercase(), attributes, text: String::new() }, rest)
}

/// The value behind the name of an attribute.
fn value(text: &str) -> (&str, &str) {
    let Some(text) = text.trim_start().strip_prefix('=') else { return ("", text) };
    let text = text.trim_start();
    for quote in ['"', '\''] {
        if let Some(inside) = text.strip_prefix(quote) {
            return inside.split_once(quote).unwrap_or((inside, ""));
        }
    }
    let end = text.find(|c: char| c.is_ascii_whitespace() || c == '>').unwrap_or(text.len());
    text.split_at(end)
}

/// The characters that our own and most other pages write as entities.
fn decoded(text: &str) -> String {
    let names = [
        ("&quot;", "\""),
        ("&#34;", "\""),
        ("&#39;", "'"),
        ("&#x27;", "'"),
        ("&#x2F;", "/"),
        ("&#47;", "/"),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&amp;", "&"),
    ];
    let mut text = text.to_owned();
    if text.contains('&') {
        for (name, character) in names {
            text = text.replace(name, character);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_found_as_a_browser_finds_them() {
        let html = "<!doctype html><!-- <link rel=x> --><LINK REL='alternate ME' href=/a>\
            <script>'<link rel=y>'</script><a class href=\"?a&amp;b\" rel=me>Us</a>";
        let tags = tags(html);
        let names: Vec<&str> = tags.iter().map(|tag| tag.name.as_str()).collect();
        assert_eq!(names, ["link", "script", "a"]);
        assert!(tags[0].has_rel("me") && tags[0].has_rel("alternate"));
        assert_eq!(tags[0].attribute("href"), Some("/a"));
        assert_eq!(tags[2].attribute("href"), Some("?a&b"));
        assert_eq!(tags[2].attribute("class"), Some(""));
        assert_eq!(tags[2].text, "Us");
    }

    #[test]
    fn a_page_that_is_cut_off_anywhere_is_read_to_its_end() {
        let html = "<p id=\"ä\" =x y= z='ö'>ü<!-- a --><script>b</script><a href=c>";
        for (end, _) in html.char_indices() {
            tags(&html[..end]);
        }
    }
}
