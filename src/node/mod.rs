//! A tree of values that knows where each of them was written.
//!
//! TOML and YAML (front matter, `site.toml`, strings), JSON and CSV (data files) all become
//! [`Node`]s, so that one reader ([`Fields`]) can report every wrong key and every wrong type
//! with its place in one run. That is what serde cannot do: it stops at the first.

mod fields;
mod parse;

use std::ops::Range;

use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};

pub(crate) use fields::{Fields, MailOrPage, Placed, is_email};
pub(crate) use parse::{Syntax, parse};

/// A text for a place that has one line only, such as a title or an address.
pub(crate) fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    line
}

/// A value and the bytes of the file that it was read from.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Node {
    pub(crate) value: Value,
    pub(crate) span: Range<usize>,
}

/// The kinds of values that our formats have in common.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) enum Value {
    #[default]
    Null,
    Bool(bool),
    Integer(i64),
    Float(f64),
    String(String),
    /// A TOML date or time, as written. YAML and JSON have strings instead.
    Date(String),
    List(Vec<Node>),
    Table(Vec<(Key, Node)>),
}

/// The name of a value in a table.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Key {
    pub(crate) name: String,
    pub(crate) span: Range<usize>,
}

impl Node {
    /// A table that no file has.
    pub(crate) fn table(entries: Vec<(Key, Node)>) -> Self {
        Self { value: Value::Table(entries), span: 0..0 }
    }
}

impl Value {
    /// What it is called in a message to the author.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Null => "nothing",
            Self::Bool(_) => "true or false",
            Self::Integer(_) => "a whole number",
            Self::Float(_) => "a number with a point",
            Self::String(_) => "text",
            Self::Date(_) => "a date",
            Self::List(_) => "a list",
            Self::Table(_) => "a table",
        }
    }
}

impl Serialize for Node {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.value {
            Value::Null => serializer.serialize_none(),
            Value::Bool(value) => serializer.serialize_bool(*value),
            Value::Integer(value) => serializer.serialize_i64(*value),
            Value::Float(value) => serializer.serialize_f64(*value),
            Value::String(value) | Value::Date(value) => serializer.serialize_str(value),
            Value::List(items) => {
                let mut list = serializer.serialize_seq(Some(items.len()))?;
                items.iter().try_for_each(|item| list.serialize_element(item))?;
                list.end()
            }
            Value::Table(entries) => {
                let mut map = serializer.serialize_map(Some(entries.len()))?;
                entries.iter().try_for_each(|(key, node)| map.serialize_entry(&key.name, node))?;
                map.end()
            }
        }
    }
}
