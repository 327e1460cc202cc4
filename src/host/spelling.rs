//! How paths and resources are written where a server reads them.
//!
//! Each server has its own grammar, and a path may have blanks, quotes, dollars and braces. So
//! nothing is escaped for one grammar: what is written has no character that any of them could
//! take for its own. As an address a path keeps only what RFC 3986 calls unreserved, and as a
//! regular expression every other ASCII character is `\xHH`.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use crate::path::has_unseen;

const RESERVED: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

/// Stands for an output folder that no configuration could name.
const NO_FOLDER: &str = "/path/to/the/output";

/// A path as the servers have it after they decoded it.
pub(super) fn plain(path: &str) -> String {
    percent_decode_str(path).decode_utf8().map_or_else(|_| path.to_owned(), Into::into)
}

/// A path as it stands in an address: letters and digits, `-._~/` and percent escapes.
pub(super) fn address(path: &str) -> String {
    utf8_percent_encode(&plain(path), RESERVED).to_string()
}

/// Whether a path can be part of a line of text at all.
pub(super) fn is_writable(path: &str) -> bool {
    path.starts_with('/') && !has_unseen(&plain(path))
}

/// A regular expression for exactly this text.
pub(super) fn pattern(text: &str) -> String {
    text.chars().map(|c| if is_odd(c) { escape(c) } else { c.to_string() }).collect()
}

/// A regular expression for a path after decoding, with or without a slash at its end.
pub(super) fn path_pattern(path: &str) -> String {
    let plain = plain(path);
    match plain.strip_suffix('/') {
        Some("") => "/".to_owned(),
        Some(folder) => format!("{}/?", pattern(folder)),
        None => pattern(&plain),
    }
}

/// A regular expression for a text in a query, each character plain or percent-encoded. To be
/// matched whatever the case, for that of the escapes says nothing, nor does that of a host.
pub(super) fn query_pattern(text: &str) -> String {
    let mut pattern = String::new();
    for c in text.chars() {
        if c.is_ascii_alphanumeric() {
            pattern.push(c);
            continue;
        }
        let encoded: String =
            c.encode_utf8(&mut [0; 4]).bytes().map(|byte| format!("%{byte:02x}")).collect();
        let itself = if is_odd(c) { escape(c) } else { c.to_string() };
        pattern.push_str(&format!("(?:{itself}|{encoded})"));
    }
    pattern
}

/// A regular expression for each of some texts.
pub(super) fn any_of(texts: &[String], one: impl Fn(&str) -> String) -> String {
    texts.iter().map(|text| one(text)).collect::<Vec<_>>().join("|")
}

/// What could mean something to a regular expression or to the file it stands in.
fn is_odd(c: char) -> bool {
    c.is_ascii() && !c.is_ascii_alphanumeric() && !matches!(c, '/' | '-' | '_' | ':' | '@')
}

fn escape(c: char) -> String {
    if c == '.' { "\\.".to_owned() } else { format!("\\x{:02X}", u32::from(c)) }
}

/// An output folder as it can stand between quotes in every configuration.
pub(super) fn folder(root: &str) -> String {
    let is_bad = |c: char| matches!(c, '"' | '\\' | '$' | '{' | '}' | '%' | '`');
    let root = root.strip_suffix('/').unwrap_or(root);
    let is_good = root.starts_with('/') && !root.contains(is_bad) && !has_unseen(root);
    if is_good { root.to_owned() } else { NO_FOLDER.to_owned() }
}

/// A policy on one line, in which nothing means anything to a configuration. In an address of a
/// policy a percent escape means the character (CSP 3, section 6.7.2.12).
pub(super) fn policy(text: &str) -> String {
    let mut policy = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !policy.is_empty() {
            policy.push(' ');
        }
        for c in word.chars() {
            if c.is_ascii_graphic() && !matches!(c, '"' | '\\' | '$' | '{' | '}' | '`' | '<' | '>')
            {
                policy.push(c);
            } else {
                policy.extend(utf8_percent_encode(c.encode_utf8(&mut [0; 4]), NON_ALPHANUMERIC));
            }
        }
    }
    policy
}
