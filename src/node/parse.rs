//! From text to [`Node`]s, with every syntax error placed.

use std::ops::Range;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::Spanned;
use toml::de::{DeTable, DeValue};

use super::{Key, Node, Value};
use crate::diagnostic::{Diagnostic, Source};
use crate::limits::DEPTH_MAX;
use crate::path::SourcePath;

/// The formats we read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Syntax {
    Toml,
    Yaml,
    Json,
    Csv,
}

impl Syntax {
    /// The format of a data file, by its extension.
    pub(crate) fn of(path: &SourcePath) -> Option<Self> {
        match path.extension().as_str() {
            "toml" => Some(Self::Toml),
            "yaml" | "yml" => Some(Self::Yaml),
            "json" => Some(Self::Json),
            "csv" => Some(Self::Csv),
            _ => None,
        }
    }
}

/// Reads the part `span` of a file. Spans in the result are those of the whole file.
///
/// # Errors
///
/// All syntax errors that the format's parser can tell apart.
pub(crate) fn parse(
    source: &Source,
    span: Range<usize>,
    syntax: Syntax,
) -> Result<Node, Vec<Diagnostic>> {
    let text = &source.text[span.clone()];
    let node = match syntax {
        Syntax::Toml => toml_node(source, text, span.start),
        Syntax::Yaml => yaml_node(source, text, span.start),
        Syntax::Json => json_node(source, text, span.start),
        Syntax::Csv => csv_node(source, text, span.start),
    }?;
    if depth(&node) > DEPTH_MAX {
        return Err(vec![Diagnostic::nested_too_deep(source.place(span))]);
    }
    Ok(node)
}

fn depth(node: &Node) -> usize {
    match &node.value {
        Value::List(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Value::Table(entries) => 1 + entries.iter().map(|(_, node)| depth(node)).max().unwrap_or(0),
        _ => 0,
    }
}

fn toml_node(source: &Source, text: &str, base: usize) -> Result<Node, Vec<Diagnostic>> {
    let (table, errors) = DeTable::parse_recoverable(text);
    if !errors.is_empty() {
        let report = |error: &toml::de::Error| {
            let span = error.span().unwrap_or(0..0);
            let place = source.place(base + span.start..base + span.end);
            Diagnostic::syntax(place, "TOML", error.message())
        };
        return Err(errors.iter().map(report).collect());
    }
    Ok(from_toml_table(table.into_inner(), base))
}

fn from_toml_table(table: DeTable<'_>, base: usize) -> Node {
    let entries = table
        .into_iter()
        .map(|(key, value)| {
            let span = moved(key.span(), base);
            (Key { name: key.into_inner().into_owned(), span }, from_toml(value, base))
        })
        .collect();
    Node::table(entries)
}

fn from_toml(value: toml::Spanned<DeValue<'_>>, base: usize) -> Node {
    let span = moved(value.span(), base);
    let value = match value.into_inner() {
        DeValue::String(text) => Value::String(text.into_owned()),
        DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
            .map_or_else(|_| Value::String(number.to_string()), Value::Integer),
        DeValue::Float(number) => {
            number.as_str().parse().map_or_else(|_| Value::String(number.to_string()), Value::Float)
        }
        DeValue::Boolean(value) => Value::Bool(value),
        DeValue::Datetime(date) => Value::Date(date.to_string()),
        DeValue::Array(items) => {
            Value::List(items.into_iter().map(|item| from_toml(item, base)).collect())
        }
        DeValue::Table(table) => from_toml_table(table, base).value,
    };
    Node { value, span }
}

fn moved(span: Range<usize>, base: usize) -> Range<usize> {
    base + span.start..base + span.end
}

fn yaml_node(source: &Source, text: &str, base: usize) -> Result<Node, Vec<Diagnostic>> {
    let bytes = |location: &serde_saphyr::Location| {
        let span = location.span();
        let number = |offset: Option<u64>| offset.and_then(|o| usize::try_from(o).ok());
        let start = number(span.byte_offset())?;
        Some(base + start..base + start + number(span.byte_len()).unwrap_or(1))
    };
    if text.trim().is_empty() {
        return Ok(Node::table(Vec::new()));
    }
    // A budget stops an alias bomb; the text keeps its own limit for errors with a snippet.
    let options = serde_saphyr::options! { with_snippet: false };
    match serde_saphyr::from_str_with_options::<YamlNode>(text, options) {
        Ok(node) => Ok(node.into_node(base)),
        Err(error) => {
            let message = error.without_snippet().to_string();
            let message = message.lines().next().unwrap_or_default();
            // Its own lines count from the beginning of the front matter, ours from that of
            // the file.
            let (message, at) = message
                .split_once(" at line ")
                .map_or((message, None), |(message, at)| (message, line_and_column(text, at)));
            let message = match message.split_once(", set ") {
                _ if message.starts_with("budget breached") => "it has or repeats too many values",
                // Advice for programmers.
                Some((message, _)) => message,
                None => message,
            };
            let at = at.map_or(base..base + 1, |at| base + at..base + at + 1);
            let span = error.location().and_then(|l| bytes(&l)).unwrap_or(at);
            Err(vec![Diagnostic::syntax(source.place(span), "YAML", message)])
        }
    }
}

/// The byte of a text that `3, column 2` means.
fn line_and_column(text: &str, at: &str) -> Option<usize> {
    let (line, column) = at.split_once(", column ")?;
    let column = column.split(|c: char| !c.is_ascii_digit()).next()?;
    let (line, column): (usize, usize) = (line.parse().ok()?, column.parse().ok()?);
    let mut lines = text.split_inclusive('\n');
    let start: usize = lines.by_ref().take(line.checked_sub(1)?).map(str::len).sum();
    let line = lines.next().unwrap_or_default();
    let column = line.char_indices().nth(column.checked_sub(1)?);
    Some(start + column.map_or(line.len(), |(offset, _)| offset))
}

/// A YAML value with its location, as serde sees it.
struct YamlNode(Spanned<YamlValue>);

enum YamlValue {
    Scalar(Value),
    List(Vec<YamlNode>),
    Table(Vec<(Spanned<String>, YamlNode)>),
}

impl YamlNode {
    fn into_node(self, base: usize) -> Node {
        let span = yaml_span(&self.0.referenced, base);
        let value = match self.0.value {
            YamlValue::Scalar(value) => value,
            YamlValue::List(items) => {
                Value::List(items.into_iter().map(|item| item.into_node(base)).collect())
            }
            YamlValue::Table(entries) => Value::Table(
                entries
                    .into_iter()
                    .map(|(key, value)| {
                        let span = yaml_span(&key.referenced, base);
                        (Key { name: key.value, span }, value.into_node(base))
                    })
                    .collect(),
            ),
        };
        Node { value, span }
    }
}

fn yaml_span(location: &serde_saphyr::Location, base: usize) -> Range<usize> {
    let number = |offset: Option<u64>| offset.and_then(|o| usize::try_from(o).ok()).unwrap_or(0);
    let start = base + number(location.span().byte_offset());
    start..start + number(location.span().byte_len())
}

impl<'de> Deserialize<'de> for YamlNode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Spanned::deserialize(deserializer).map(Self)
    }
}

impl<'de> Deserialize<'de> for YamlValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(YamlVisitor)
    }
}

struct YamlVisitor;

impl<'de> Visitor<'de> for YamlVisitor {
    type Value = YamlValue;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<YamlValue, E> {
        Ok(YamlValue::Scalar(Value::Bool(value)))
    }

    fn visit_i64<E>(self, value: i64) -> Result<YamlValue, E> {
        Ok(YamlValue::Scalar(Value::Integer(value)))
    }

    fn visit_u64<E>(self, value: u64) -> Result<YamlValue, E> {
        let scalar = i64::try_from(value).map_or(Value::String(value.to_string()), Value::Integer);
        Ok(YamlValue::Scalar(scalar))
    }

    fn visit_f64<E>(self, value: f64) -> Result<YamlValue, E> {
        Ok(YamlValue::Scalar(Value::Float(value)))
    }

    fn visit_str<E>(self, value: &str) -> Result<YamlValue, E> {
        Ok(YamlValue::Scalar(Value::String(value.to_owned())))
    }

    fn visit_string<E>(self, value: String) -> Result<YamlValue, E> {
        Ok(YamlValue::Scalar(Value::String(value)))
    }

    fn visit_unit<E>(self) -> Result<YamlValue, E> {
        Ok(YamlValue::Scalar(Value::Null))
    }

    fn visit_none<E>(self) -> Result<YamlValue, E> {
        Ok(YamlValue::Scalar(Value::Null))
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<YamlValue, D::Error> {
        YamlValue::deserialize(deserializer)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<YamlValue, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element()? {
            items.push(item);
        }
        Ok(YamlValue::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<YamlValue, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(YamlValue::Table(entries))
    }
}

fn json_node(source: &Source, text: &str, base: usize) -> Result<Node, Vec<Diagnostic>> {
    let value: serde_json::Value = serde_json::from_str(text).map_err(|error| {
        let line_start: usize =
            text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
        let at = base + line_start + error.column().saturating_sub(1);
        let message = error.to_string();
        let message = message.split(" at line ").next().unwrap_or_default();
        vec![Diagnostic::syntax(source.place(at..at + 1), "JSON", message)]
    })?;
    Ok(from_json(value))
}

fn from_json(value: serde_json::Value) -> Node {
    let value = match value {
        serde_json::Value::Null => Value::Null,
        serde_json::Value::Bool(value) => Value::Bool(value),
        serde_json::Value::Number(number) => number
            .as_i64()
            .map(Value::Integer)
            .or_else(|| number.as_f64().map(Value::Float))
            .unwrap_or_default(),
        serde_json::Value::String(text) => Value::String(text),
        serde_json::Value::Array(items) => Value::List(items.into_iter().map(from_json).collect()),
        serde_json::Value::Object(entries) => Value::Table(
            entries
                .into_iter()
                .map(|(name, value)| (Key { name, span: 0..0 }, from_json(value)))
                .collect(),
        ),
    };
    Node { value, span: 0..0 }
}

/// A list of tables: the first line has the keys.
fn csv_node(source: &Source, text: &str, base: usize) -> Result<Node, Vec<Diagnostic>> {
    let report = |error: csv::Error| {
        let at = error.position().map_or(0, |p| usize::try_from(p.byte()).unwrap_or(0));
        let place = source.place(base + at..base + at + 1);
        vec![Diagnostic::syntax(place, "CSV", &error.to_string())]
    };
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let keys = reader.headers().map_err(report)?.clone();
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(report)?;
        let cells = keys.iter().zip(record.iter()).map(|(name, cell)| {
            let value = Value::String(cell.to_owned());
            (Key { name: name.to_owned(), span: 0..0 }, Node { value, span: 0..0 })
        });
        rows.push(Node::table(cells.collect()));
    }
    Ok(Node { value: Value::List(rows), span: 0..0 })
}
