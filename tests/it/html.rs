//! A small reader of HTML that sees what a browser sees: tags with their attributes, texts,
//! and what of it is active. It is written from the tokenization rules of the HTML standard and
//! knows nothing of the writer that it checks.

/// A piece of a document.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Piece {
    /// A start tag in small letters, with its attributes.
    Open(String, Vec<(String, String)>),
    /// An end tag.
    Close(String),
    /// Text between tags, decoded.
    Text(String),
    Comment(String),
    /// `<!DOCTYPE …>` and everything else in `<! >` or `<? >`.
    Declaration(String),
}

/// Takes a document apart.
pub(crate) fn pieces(html: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut rest = html;
    while !rest.is_empty() {
        let Some(start) = rest.find('<') else {
            pieces.push(Piece::Text(decoded(rest)));
            break;
        };
        if start > 0 {
            pieces.push(Piece::Text(decoded(&rest[..start])));
            rest = &rest[start..];
        }
        let next = rest[1..].chars().next().unwrap_or(' ');
        if let Some(inner) = rest.strip_prefix("<!--") {
            let (text, after) = inner.split_once("-->").unwrap_or((inner, ""));
            pieces.push(Piece::Comment(text.to_owned()));
            rest = after;
        } else if next == '!' || next == '?' {
            let (text, after) = rest[1..].split_once('>').unwrap_or((&rest[1..], ""));
            pieces.push(Piece::Declaration(text.to_owned()));
            rest = after;
        } else if next.is_ascii_alphabetic() || next == '/' {
            let (name, attributes, after) = tag(&rest[1..]);
            rest = after;
            if let Some(name) = name.strip_prefix('/') {
                pieces.push(Piece::Close(name.to_owned()));
                continue;
            }
            pieces.push(Piece::Open(name.clone(), attributes));
            // What stands in these is no markup.
            if ["script", "style", "textarea", "title", "xmp", "iframe"].contains(&&*name) {
                let end = format!("</{name}");
                let at = rest.to_ascii_lowercase().find(&end).unwrap_or(rest.len());
                let raw = &rest[..at];
                let rcdata = matches!(&*name, "title" | "textarea");
                pieces.push(Piece::Text(if rcdata { decoded(raw) } else { raw.to_owned() }));
                rest = &rest[at..];
            }
        } else {
            pieces.push(Piece::Text("<".to_owned()));
            rest = &rest[1..];
        }
    }
    pieces
}

/// Reads a tag after its `<`: the name, the attributes, what follows.
fn tag(text: &str) -> (String, Vec<(String, String)>, &str) {
    let is_space = |c: char| c.is_ascii_whitespace();
    let end = text[1..].find(|c: char| is_space(c) || c == '/' || c == '>');
    let end = end.map_or(text.len(), |end| end + 1);
    let name = text[..end].to_ascii_lowercase();
    let mut rest = &text[end..];
    let mut attributes = Vec::new();
    loop {
        rest = rest.trim_start_matches(|c: char| is_space(c) || c == '/');
        if let Some(after) = rest.strip_prefix('>') {
            return (name, attributes, after);
        }
        if rest.is_empty() {
            return (name, attributes, "");
        }
        let first = rest.chars().next().map_or(0, char::len_utf8);
        let end = rest[first..].find(|c: char| is_space(c) || "/>=".contains(c));
        let end = end.map_or(rest.len(), |end| end + first);
        let key = rest[..end].to_ascii_lowercase();
        rest = rest[end..].trim_start_matches(is_space);
        let mut value = "";
        if let Some(after) = rest.strip_prefix('=') {
            rest = after.trim_start_matches(is_space);
            let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''));
            (value, rest) = match quote {
                Some(quote) => rest[1..].split_once(quote).unwrap_or((&rest[1..], "")),
                None => rest
                    .split_at(rest.find(|c: char| is_space(c) || c == '>').unwrap_or(rest.len())),
            };
        }
        attributes.push((key, decoded(value)));
    }
}

/// The text that some HTML with character references stands for.
pub(crate) fn decoded(html: &str) -> String {
    let mut text = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(start) = rest.find('&') {
        text.push_str(&rest[..start]);
        rest = &rest[start..];
        let end = rest.find(';').filter(|end| *end <= 12);
        let character = end.and_then(|end| reference(&rest[1..end]));
        match (character, end) {
            (Some(c), Some(end)) => {
                text.push(c);
                rest = &rest[end + 1..];
            }
            _ => {
                text.push('&');
                rest = &rest[1..];
            }
        }
    }
    text + rest
}

fn reference(name: &str) -> Option<char> {
    let number = |text: &str, radix| u32::from_str_radix(text, radix).ok().and_then(char::from_u32);
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        "colon" => Some(':'),
        "Tab" => Some('\t'),
        "nbsp" => Some('\u{a0}'),
        "NewLine" => Some('\n'),
        _ => match name.strip_prefix('#')? {
            hexadecimal if hexadecimal.starts_with(['x', 'X']) => number(&hexadecimal[1..], 16),
            decimal => number(decimal, 10),
        },
    }
}

/// The values of an attribute of all tags with a name.
pub(crate) fn attributes(pieces: &[Piece], name: &str, key: &str) -> Vec<String> {
    let of_tag = |piece: &Piece| match piece {
        Piece::Open(tag, attributes) if tag == name => {
            attributes.iter().find(|(k, _)| k == key).map(|(_, value)| value.clone())
        }
        _ => None,
    };
    pieces.iter().filter_map(of_tag).collect()
}

/// The text of the first element with a name, without the tags in it.
pub(crate) fn text_of(pieces: &[Piece], name: &str) -> Option<String> {
    let start = pieces.iter().position(|p| matches!(p, Piece::Open(tag, _) if tag == name))?;
    let inner = pieces[start + 1..].iter();
    let inner = inner.take_while(|p| !matches!(p, Piece::Close(tag) if tag == name));
    Some(
        inner
            .filter_map(|p| if let Piece::Text(t) = p { Some(t.as_str()) } else { None })
            .collect(),
    )
}

/// Tags that a page of the default theme has, and the imprint in a feed. All others are foreign.
const TAGS: &[&str] = &[
    "html",
    "head",
    "meta",
    "title",
    "link",
    "body",
    "a",
    "header",
    "div",
    "img",
    "nav",
    "ul",
    "ol",
    "li",
    "main",
    "footer",
    "p",
    "article",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "details",
    "summary",
    "figure",
    "figcaption",
    "span",
    "time",
    "section",
    "pre",
    "code",
    "em",
    "strong",
    "del",
    "sup",
    "br",
    "hr",
    "blockquote",
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
    "cite",
    "input",
    "small",
    "script",
    "address",
];

/// Attributes that lead somewhere.
const ADDRESSES: &[&str] =
    &["href", "src", "action", "formaction", "xlink:href", "poster", "data", "cite", "srcset"];

/// What could run a program, load something or imitate the theme in a page whose author is not
/// trusted.
pub(crate) fn active(html: &str) -> Vec<String> {
    let mut found = Vec::new();
    for piece in pieces(html) {
        match piece {
            Piece::Open(name, attributes) => {
                let data = attributes.contains(&("type".into(), "application/ld+json".into()));
                if !TAGS.contains(&&*name) || (name == "script" && !data) {
                    found.push(format!("<{name}>"));
                }
                let refresh = |(key, value): &(String, String)| {
                    key == "http-equiv" && value.eq_ignore_ascii_case("refresh")
                };
                if attributes.iter().any(refresh) {
                    found.push("refresh".to_owned());
                }
                for (key, value) in attributes {
                    let runs = key.starts_with("on") || key == "style" || key == "srcdoc";
                    if runs || (ADDRESSES.contains(&&*key) && !is_harmless(&value)) {
                        found.push(format!("<{name} {key}={value:?}>"));
                    }
                }
            }
            Piece::Comment(text) => found.push(format!("<!--{text}-->")),
            Piece::Declaration(text) if text != "!DOCTYPE html" => found.push(format!("<{text}>")),
            _ => {}
        }
    }
    found
}

/// Whether a browser would take an address for one with a harmless scheme, or none.
fn is_harmless(address: &str) -> bool {
    let seen: String = address.chars().filter(|c| !matches!(c, '\t' | '\n' | '\r')).collect();
    let seen = seen.trim_start_matches(|c: char| c <= ' ').to_ascii_lowercase();
    let Some((scheme, _)) = seen.split_once(':') else { return true };
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
    !is_scheme || ["http", "https", "mailto", "tel", "webcal"].contains(&scheme)
}

#[test]
fn the_reader_sees_what_is_active() {
    for bad in [
        "<script>x</script>",
        "<img src=x onerror=alert(1)>",
        "<img/onload=x>",
        "<a href=' java\tscript:x'>",
        "<a href=\"java&#x73;cript:x\">",
        "<a href=\"javascript&colon;x\">",
        "<svg>",
        "<p style=x>",
        "<!-- x",
        "<a title='\"' onclick=x>",
        "<title></title><b>",
    ] {
        assert!(!active(bad).is_empty(), "{bad}");
    }
    for fine in
        ["<p>a &lt;script> b</p>", "<title><script></title>", "<a title=\"<b onx=\">", "a < b"]
    {
        assert_eq!(active(fine), Vec::<String>::new(), "{fine}");
    }
}
