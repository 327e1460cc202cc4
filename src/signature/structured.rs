//! Structured fields (RFC 8941), as far as signatures need them: a dictionary of items and lists.
//!
//! Of a name that is there twice the RFC wants the last value; here it is an error, for somebody
//! else may have looked at the first. Decimals are in no header that we read.

use std::fmt;

use super::SignatureProblem;
use crate::limits::SIGNED_HEADERS_MAX;

/// A value that has no parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum BareItem {
    Integer(i64),
    Text(String),
    Token(String),
    /// Base64 as it was written, which may be wrong.
    Bytes(String),
    Boolean(bool),
}

/// Names and values that say more about something.
pub(super) type Parameters = Vec<(String, BareItem)>;

/// What a member of a dictionary is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    Item(BareItem),
    List(Vec<(BareItem, Parameters)>),
}

/// A member of a dictionary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Member {
    pub(super) value: Value,
    pub(super) parameters: Parameters,
}

impl BareItem {
    /// Writes a list in the one way that is signed (RFC 8941, 4.1.1.1).
    pub(super) fn list(items: &[(BareItem, Parameters)], parameters: &Parameters) -> String {
        let item = |(item, parameters): &(BareItem, Parameters)| {
            format!("{item}{}", Self::parameters(parameters))
        };
        let items: Vec<String> = items.iter().map(item).collect();
        format!("({}){}", items.join(" "), Self::parameters(parameters))
    }

    fn parameters(parameters: &Parameters) -> String {
        let write = |(name, value): &(String, BareItem)| match value {
            Self::Boolean(true) => format!(";{name}"),
            value => format!(";{name}={value}"),
        };
        parameters.iter().map(write).collect()
    }
}

impl fmt::Display for BareItem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Integer(number) => write!(f, "{number}"),
            Self::Text(text) => {
                write!(f, "\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
            }
            Self::Token(token) => f.write_str(token),
            Self::Bytes(base64) => write!(f, ":{base64}:"),
            Self::Boolean(value) => write!(f, "?{}", u8::from(*value)),
        }
    }
}

/// Reads a dictionary: names and members, in their order.
///
/// # Errors
///
/// When it is none, has a name twice, or more of anything than a signature has.
pub(super) fn dictionary(text: &str) -> Result<Vec<(String, Member)>, SignatureProblem> {
    let mut reader = Reader { rest: text.trim_matches(' ') };
    let mut members = Vec::new();
    loop {
        let name = reader.key()?;
        reader.expect('=')?;
        let value = if reader.rest.starts_with('(') {
            Value::List(reader.list()?)
        } else {
            Value::Item(reader.bare_item()?)
        };
        let parameters = reader.parameters()?;
        add(&mut members, name, Member { value, parameters })?;
        reader.take_while(is_blank);
        if reader.rest.is_empty() {
            return Ok(members);
        }
        reader.expect(',')?;
        reader.take_while(is_blank);
    }
}

/// Adds what has a name to a list in which each has another one.
fn add<T>(list: &mut Vec<(String, T)>, name: String, value: T) -> Result<(), SignatureProblem> {
    if list.iter().any(|(known, _)| *known == name) {
        return Err(SignatureProblem::Twice(name));
    }
    if list.len() == SIGNED_HEADERS_MAX {
        return Err(SignatureProblem::TooLong);
    }
    list.push((name, value));
    Ok(())
}

fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t')
}

/// A text and how far it has been read.
struct Reader<'a> {
    rest: &'a str,
}

impl<'a> Reader<'a> {
    fn take_while(&mut self, is_part: impl Fn(char) -> bool) -> &'a str {
        let end = self.rest.find(|c| !is_part(c)).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at(end);
        self.rest = rest;
        taken
    }

    fn eat(&mut self, c: char) -> bool {
        let rest = self.rest.strip_prefix(c);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn expect(&mut self, c: char) -> Result<(), SignatureProblem> {
        if self.eat(c) { Ok(()) } else { Err(SignatureProblem::Malformed) }
    }

    fn key(&mut self) -> Result<String, SignatureProblem> {
        if !self.rest.starts_with(|c: char| c.is_ascii_lowercase() || c == '*') {
            return Err(SignatureProblem::Malformed);
        }
        let is_part = |c: char| {
            c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-' | '.' | '*')
        };
        Ok(self.take_while(is_part).to_owned())
    }

    fn parameters(&mut self) -> Result<Parameters, SignatureProblem> {
        let mut parameters = Vec::new();
        while self.eat(';') {
            self.take_while(|c| c == ' ');
            let name = self.key()?;
            let value = if self.eat('=') { self.bare_item()? } else { BareItem::Boolean(true) };
            add(&mut parameters, name, value)?;
        }
        Ok(parameters)
    }

    fn list(&mut self) -> Result<Vec<(BareItem, Parameters)>, SignatureProblem> {
        self.expect('(')?;
        let mut items = Vec::new();
        loop {
            let blanks = self.take_while(|c| c == ' ');
            if self.eat(')') {
                return Ok(items);
            }
            if blanks.is_empty() && !items.is_empty() {
                return Err(SignatureProblem::Malformed);
            }
            items.push((self.bare_item()?, self.parameters()?));
        }
    }

    fn bare_item(&mut self) -> Result<BareItem, SignatureProblem> {
        let is_token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~:/".contains(c);
        match self.rest.chars().next() {
            Some('"') => self.text(),
            Some('0'..='9' | '-') => {
                let number = self.take_while(|c| c.is_ascii_digit() || c == '-');
                // Fifteen digits (RFC 8941, 3.3.1).
                let fits = number.trim_start_matches('-').len() <= 15;
                let number = number.parse().ok().filter(|_| fits && !self.rest.starts_with('.'));
                number.map(BareItem::Integer).ok_or(SignatureProblem::Malformed)
            }
            Some(':') => {
                self.expect(':')?;
                let base64 = self.take_while(|c| c != ':').to_owned();
                self.expect(':')?;
                Ok(BareItem::Bytes(base64))
            }
            Some('?') => {
                self.expect('?')?;
                let is_true = self.eat('1');
                if is_true || self.eat('0') {
                    return Ok(BareItem::Boolean(is_true));
                }
                Err(SignatureProblem::Malformed)
            }
            Some(c) if c.is_ascii_alphabetic() || c == '*' => {
                Ok(BareItem::Token(self.take_while(is_token).to_owned()))
            }
            _ => Err(SignatureProblem::Malformed),
        }
    }

    fn text(&mut self) -> Result<BareItem, SignatureProblem> {
        self.expect('"')?;
        let mut text = String::new();
        loop {
            text.push_str(self.take_while(|c| matches!(c, ' '..='~') && c != '"' && c != '\\'));
            if self.eat('"') {
                return Ok(BareItem::Text(text));
            }
            self.expect('\\')?;
            let escaped = self.rest.chars().next().filter(|c| matches!(c, '"' | '\\'));
            let escaped = escaped.ok_or(SignatureProblem::Malformed)?;
            self.expect(escaped)?;
            text.push(escaped);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Reads the only member, a list, and writes it again.
    fn rewritten(text: &str) -> Result<String, SignatureProblem> {
        let members = dictionary(text)?;
        let [(name, Member { value: Value::List(items), parameters })] = &members[..] else {
            return Err(SignatureProblem::Malformed);
        };
        Ok(format!("{name}={}", BareItem::list(items, parameters)))
    }

    #[test]
    fn a_list_is_written_in_the_one_way_that_is_signed() {
        let one_way = concat!(
            r#"sig-b26=("date" "@method";req "x";key="a\"\\b");created=1618884473;"#,
            "n=:YQ==:;t=tok/en;b=?0;c",
        );
        assert_eq!(rewritten(one_way).as_deref(), Ok(one_way));
        let other = r#" a=(  "b"   "c" );  created=007;x=?1;y=-1 "#;
        assert_eq!(rewritten(other).as_deref(), Ok(r#"a=("b" "c");created=7;x;y=-1"#));
        assert_eq!(rewritten("a=()").as_deref(), Ok("a=()"));
    }

    #[test]
    fn members_are_kept_in_their_order() {
        let members = dictionary("sha-512=:YQ:,\t sha-256=:YQ==:;x=1").unwrap();
        let bytes = |text: &str| Value::Item(BareItem::Bytes(text.to_owned()));
        assert_eq!((members[0].0.as_str(), &members[0].1.value), ("sha-512", &bytes("YQ")));
        assert_eq!((members[1].0.as_str(), &members[1].1.value), ("sha-256", &bytes("YQ==")));
    }

    #[test]
    fn a_name_that_is_there_twice_is_refused() {
        for text in ["a=1, b=2, a=1", r#"a=("x");c=1;c=1"#, "a=1;b;b=?1"] {
            assert!(matches!(dictionary(text), Err(SignatureProblem::Twice(_))), "{text}");
        }
    }

    #[test]
    fn what_is_no_dictionary_of_this_kind_is_refused() {
        for text in [
            "",
            "a",
            "a=",
            "=1",
            "A=1",
            "a=1,",
            "a=1 b=2",
            "a=1.5",
            "a=1-",
            "a=--1",
            "a=é",
            "a=?2",
            "a=:YQ",
            "a=\"x",
            "a=\"é\"",
            "a=\"\t\"",
            r#"a="\x""#,
            "a=(",
            r#"a=("b""c")"#,
            "a=(b",
            "a=1;",
            "a=1;B",
            "a=1;b=",
            "a=1234567890123456",
            "a=@1",
            "a=(\"b\"\t\"c\")",
        ] {
            assert_eq!(dictionary(text), Err(SignatureProblem::Malformed), "{text}");
        }
    }

    #[test]
    fn there_is_an_end_to_members_and_parameters() {
        let many = |separator: &str| -> String {
            (0..40).map(|number| format!("{separator}p{number}=1")).collect()
        };
        assert_eq!(dictionary(&format!("a=1{}", many(", "))), Err(SignatureProblem::TooLong));
        assert_eq!(dictionary(&format!("a=1{}", many(";"))), Err(SignatureProblem::TooLong));
    }

    proptest! {
        #[test]
        fn whatever_is_sent_is_read_or_refused(text in "\\PC*|([a=\", \\\\;:()?1]{0,16})") {
            let _ = dictionary(&text);
        }

        #[test]
        fn what_was_written_is_read_as_the_same(
            text in "a=\\((\"[ -~&&[^\"\\\\]]{0,8}\")?\\)(;b=(1|x|\"y\"|\\?0|:YQ==:))?",
        ) {
            prop_assert_eq!(rewritten(&text), Ok(text));
        }
    }
}
