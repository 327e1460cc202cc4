//! Shortcodes: `{{ name(key="value") }}`, and `{% name() %}` … `{% end %}` around text.
//!
//! They are found before Markdown is parsed, for Markdown would take their quotes and
//! underscores for its own, and stand in the text as one private character with a number
//! until it has been rendered. In code they are text.

use std::borrow::Cow;
use std::ops::Range;

use memchr::{memchr_iter, memmem};
use pulldown_cmark::{Event, Parser, Tag, TagEnd};

/// Stands around the number of a shortcode in the text. It is a private character; where a
/// text has it by itself, it becomes the replacement character.
pub(crate) const MARK: char = '\u{F8FF}';

/// A shortcode in a text. Bytes are those of the text that was searched.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Shortcode {
    pub(crate) name: String,
    pub(crate) arguments: Vec<(String, Argument)>,
    /// The text between `{% name() %}` and `{% end %}`.
    pub(crate) body: Option<Range<usize>>,
    pub(crate) span: Range<usize>,
}

/// The value of an argument.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Argument {
    Text(String),
    Integer(i64),
    Float(f64),
    Flag(bool),
}

/// A text with its shortcodes taken out.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Found<'a> {
    /// That of the author where nothing had to be changed.
    pub(crate) text: Cow<'a, str>,
    pub(crate) shortcodes: Vec<Shortcode>,
    pub(crate) errors: Vec<(Range<usize>, &'static str)>,
    /// Where pieces of the new text came from: begin in the new, begin in the old.
    pieces: Vec<(usize, usize)>,
}

impl Found<'_> {
    /// The place in the searched text that a place in the new text came from.
    pub(crate) fn origin(&self, at: usize) -> usize {
        if self.pieces.len() == 1 {
            return at;
        }
        let index = self.pieces.partition_point(|(new, _)| *new <= at);
        let (new, old) = self.pieces[index.saturating_sub(1)];
        old + (at - new)
    }
}

/// Takes the shortcodes out of a text.
pub(crate) fn find(text: &str) -> Found<'_> {
    let mut found = Found { pieces: vec![(0, 0)], ..Found::default() };
    if next_opening(text, 0).is_none() {
        found.text = without_marks(text);
        return found;
    }
    let code = code_ranges(text);
    let tags = Tags::new(text);
    let mut at = 0;
    while let Some(start) = next_opening(text, at) {
        let next_code = code.partition_point(|range| range.end <= start);
        if let Some(range) = code.get(next_code).filter(|range| range.contains(&start)) {
            found.push_text(text, at, range.end.max(start + 2));
            at = range.end.max(start + 2);
            continue;
        }
        found.push_text(text, at, start);
        match read(text, start, &tags) {
            Reading::Shortcode(shortcode) => {
                at = shortcode.span.end;
                let number = found.shortcodes.len();
                found.text.to_mut().push_str(&format!("{MARK}{number}{MARK}"));
                found.shortcodes.push(shortcode);
                found.pieces.push((found.text.len(), at));
            }
            Reading::Error(span, message) => {
                at = span.end;
                found.errors.push((span.clone(), message));
                found.push_text(text, span.start, span.end);
            }
            Reading::Other => {
                found.push_text(text, start, start + 2);
                at = start + 2;
            }
        }
    }
    found.push_text(text, at, text.len());
    found
}

impl Found<'_> {
    fn push_text(&mut self, text: &str, start: usize, end: usize) {
        self.text.to_mut().push_str(&without_marks(&text[start..end]));
    }
}

fn without_marks(text: &str) -> Cow<'_, str> {
    // Both characters have three bytes, so nothing moves.
    let has_mark =
        memmem::find(text.as_bytes(), MARK.encode_utf8(&mut [0; 4]).as_bytes()).is_some();
    if has_mark { text.replace(MARK, "\u{FFFD}").into() } else { text.into() }
}

fn next_opening(text: &str, from: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut braces = memchr_iter(b'{', bytes.get(from..)?).map(|at| from + at);
    braces.find(|at| matches!(bytes.get(at + 1), Some(b'{' | b'%')))
}

/// The places of code, in their order.
fn code_ranges(text: &str) -> Vec<Range<usize>> {
    let mut ranges: Vec<Range<usize>> = Vec::new();
    let mut block = None;
    for (event, range) in Parser::new(text).into_offset_iter() {
        match event {
            Event::Start(Tag::CodeBlock(_)) => block = Some(range.start),
            Event::End(TagEnd::CodeBlock) => {
                ranges.push(block.take().unwrap_or(range.start)..range.end);
            }
            Event::Code(_) => ranges.push(range),
            _ => {}
        }
    }
    ranges
}

enum Reading {
    Shortcode(Shortcode),
    Error(Range<usize>, &'static str),
    /// Braces that are no shortcode of ours.
    Other,
}

fn read(text: &str, start: usize, tags: &Tags) -> Reading {
    let inline = text[start..].starts_with("{{");
    let close = if inline { "}}" } else { "%}" };
    let mut cursor = Cursor { text, at: start + 2 };
    cursor.skip_space();
    let name = cursor.word();
    cursor.skip_space();
    if name.is_empty() || !cursor.eat('(') {
        return Reading::Other;
    }
    let name = name.to_owned();
    let error = |at: usize, message| {
        let end = text[start..].find('\n').map_or(text.len(), |line| start + line);
        Reading::Error(start..end.max(at.min(text.len())).max(start + 2), message)
    };
    let arguments = match cursor.arguments() {
        Ok(arguments) => arguments,
        Err(message) => return error(cursor.at, message),
    };
    cursor.skip_space();
    if !text[cursor.at..].starts_with(close) {
        return error(cursor.at, "it does not end where it should");
    }
    let head_end = cursor.at + 2;
    if inline {
        return Reading::Shortcode(Shortcode {
            name,
            arguments,
            body: None,
            span: start..head_end,
        });
    }
    match tags.end_of_body(head_end) {
        Some((body_end, end)) => {
            let body = Some(head_end..body_end);
            Reading::Shortcode(Shortcode { name, arguments, body, span: start..end })
        }
        None => error(head_end, "`{% end %}` is missing"),
    }
}

/// All `{% … %}` of a text, with what ends the bodies: found once, for a text may open more
/// bodies than it ends.
struct Tags {
    spans: Vec<Range<usize>>,
    /// For each tag the one that ends a body which begins just before it. Bodies may contain
    /// shortcodes with bodies.
    ends: Vec<Option<usize>>,
}

impl Tags {
    fn new(text: &str) -> Self {
        let mut spans = Vec::new();
        let mut at = 0;
        while let Some(start) = text[at..].find("{%").map(|found| at + found) {
            let Some(inner) = text[start + 2..].find("%}") else { break };
            at = start + 2 + inner + 2;
            spans.push(start..at);
        }
        // From the last one back, so that the end of what a tag opens is known already.
        let mut ends: Vec<Option<usize>> = vec![None; spans.len() + 1];
        for (index, span) in spans.iter().enumerate().rev() {
            let inner = text[span.start + 2..span.end - 2].trim();
            ends[index] = if inner == "end" {
                Some(index)
            } else if inner.contains('(') {
                ends[index + 1].and_then(|end| ends[end + 1])
            } else {
                ends[index + 1]
            };
        }
        Self { spans, ends }
    }

    /// The `{% end %}` of a body that begins at `from`: where it begins and where it ends.
    fn end_of_body(&self, from: usize) -> Option<(usize, usize)> {
        let next = self.spans.partition_point(|span| span.start < from);
        let end = &self.spans[self.ends[next]?];
        Some((end.start, end.end))
    }
}

struct Cursor<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Cursor<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn skip_space(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start().len();
    }

    fn eat(&mut self, wanted: char) -> bool {
        let found = self.rest().starts_with(wanted);
        if found {
            self.at += wanted.len_utf8();
        }
        found
    }

    fn word(&mut self) -> &'a str {
        let rest = self.rest();
        let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }

    /// The arguments up to and with the closing parenthesis.
    fn arguments(&mut self) -> Result<Vec<(String, Argument)>, &'static str> {
        let mut arguments = Vec::new();
        loop {
            self.skip_space();
            if self.eat(')') {
                return Ok(arguments);
            }
            let name = self.word().to_owned();
            self.skip_space();
            if name.is_empty() || !self.eat('=') {
                return Err("arguments are written `key=\"value\"`");
            }
            self.skip_space();
            arguments.push((name, self.value()?));
            self.skip_space();
            if !self.eat(',') && !self.rest().starts_with(')') {
                return Err("a comma or `)` is missing after an argument");
            }
        }
    }

    fn value(&mut self) -> Result<Argument, &'static str> {
        for quote in ['"', '\'', '`'] {
            if self.eat(quote) {
                let end = self.rest().find(quote).ok_or("a quote is not closed")?;
                let text = self.rest()[..end].to_owned();
                self.at += end + quote.len_utf8();
                return Ok(Argument::Text(text));
            }
        }
        let rest = self.rest();
        let end = rest.find([',', ')', ' ', '\n']).unwrap_or(rest.len());
        let word = &rest[..end];
        let value = match word {
            "true" => Argument::Flag(true),
            "false" => Argument::Flag(false),
            _ => match (word.parse(), word.parse()) {
                (Ok(number), _) => Argument::Integer(number),
                (_, Ok(number)) => Argument::Float(number),
                _ => return Err("text must stand in quotes"),
            },
        };
        self.at += end;
        Ok(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<String> {
        find(text).shortcodes.into_iter().map(|shortcode| shortcode.name).collect()
    }

    #[test]
    fn shortcodes_are_found_outside_code_only() {
        assert_eq!(names("a {{ button(label=\"x\", url='/y') }} b"), ["button"]);
        assert_eq!(names("`{{ button() }}` and\n\n    {{ button() }}\n"), Vec::<String>::new());
        assert_eq!(names("{% quote(n=3) %}one {{ b() }}{% end %} {{ c() }}"), ["quote", "c"]);
        assert_eq!(names("{{ page.title }} {{ 'x' | relative_url }}"), Vec::<String>::new());
    }

    #[test]
    fn bodies_nest() {
        let text = "{% a() %}x{% b() %}y{% end %}z{% end %}!";
        let found = find(text);
        assert_eq!(found.shortcodes.len(), 1);
        let body = found.shortcodes[0].body.clone().unwrap();
        assert_eq!(&text[body], "x{% b() %}y{% end %}z");
        assert!(found.text.ends_with('!'));
    }

    #[test]
    fn a_half_tag_is_text() {
        for text in ["{% a() %}{%}", "{% a() %} {% ", "{%}", "{%", "{{", "{% a() %}{%}{% end %}"] {
            let found = find(text);
            assert_eq!(found.text.contains('{'), found.shortcodes.is_empty(), "{text}");
        }
    }

    #[test]
    fn places_lead_back_to_the_text() {
        let text = "one {{ a() }} two {{ b() }} three";
        let found = find(text);
        let three = found.text.find("three").unwrap();
        assert_eq!(found.origin(three), text.find("three").unwrap());
        assert_eq!(found.origin(2), 2);
    }

    #[test]
    fn mistakes_are_said() {
        let messages = |text| find(text).errors.into_iter().map(|(_, m)| m).collect::<Vec<_>>();
        assert_eq!(messages("{% quote() %} no end"), ["`{% end %}` is missing"]);
        assert_eq!(messages("{{ a(x=\"y) }}"), ["a quote is not closed"]);
        assert_eq!(messages("{{ a(x=y) }}"), ["text must stand in quotes"]);
        assert_eq!(messages("{{ a(\"y\") }}"), ["arguments are written `key=\"value\"`"]);
    }
}
