//! From text to [`Node`]s, with every syntax error placed.

use std::ops::Range;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::{DuplicateKeyPolicy, Spanned};
use toml::de::{DeTable, DeValue};

use super::{Key, Node, Value};
use crate::diagnostic::{Diagnostic, Place, Source};
use crate::limits::DEPTH_MAX;
use crate::path::SourcePath;

/// The formats we read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Syntax {
    Toml,
    Yaml,
    /// YAML as Jekyll reads it: of a key that stands twice, the last counts.
    LooseYaml,
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
        Syntax::Yaml => yaml_node(source, text, span.start, DuplicateKeyPolicy::Error),
        Syntax::LooseYaml => yaml_node(source, text, span.start, DuplicateKeyPolicy::LastWins),
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
    let (table, mut errors) = DeTable::parse_recoverable(text);
    if !errors.is_empty() {
        errors.sort_by_key(|error| error.span().map_or(0, |span| span.start));
        let mut problems: Vec<Diagnostic> = Vec::new();
        let mut line = 0;
        for error in &errors {
            let span = error.span().unwrap_or(0..0);
            let place = source.place(base + span.start..base + span.end);
            // What follows the first mistake of a line is its consequence.
            if place.line != line {
                line = place.line;
                problems.push(toml_problem(place, error.message(), text.get(span)));
            }
        }
        return Err(problems);
    }
    Ok(from_toml_table(table.into_inner(), base))
}

fn toml_problem(place: Place, message: &str, written: Option<&str>) -> Diagnostic {
    let message = match message {
        _ if written == Some(":") => "a `:` stands where `=` should",
        "duplicate key" => return Diagnostic::duplicate_key(place, written.unwrap_or_default()),
        "string values must be quoted, expected literal string" => "text must stand in quotes",
        "invalid basic string, expected `\"`" | "invalid literal string, expected `'`" => {
            "the quote at the end is missing"
        }
        message => message,
    };
    Diagnostic::syntax(place, "TOML", message)
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

fn yaml_node(
    source: &Source,
    text: &str,
    base: usize,
    duplicate_keys: DuplicateKeyPolicy,
) -> Result<Node, Vec<Diagnostic>> {
    if text.trim().is_empty() {
        return Ok(Node::table(Vec::new()));
    }
    // A budget stops an alias bomb; the text keeps its own limit for errors with a snippet.
    let options = serde_saphyr::options! {
        with_snippet: false,
        duplicate_keys: duplicate_keys,
    };
    match serde_saphyr::from_str_with_options::<YamlNode>(text, options) {
        Ok(node) => Ok(node.into_node(base)),
        Err(error) => {
            let error = error.without_snippet();
            let span = error.location().map_or(0..1, |location| yaml_error_span(&location, text));
            let place = source.place(base + span.start..base + span.end);
            Err(vec![yaml_problem(place, &error.to_string())])
        }
    }
}

/// Where an error is. Some have bytes, the others a line and a column, both from 1.
fn yaml_error_span(location: &serde_saphyr::Location, text: &str) -> Range<usize> {
    let number = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
    if let Some(start) = location.span().byte_offset().map(number) {
        return start..start + location.span().byte_len().map_or(1, number);
    }
    let before = number(location.line()).saturating_sub(1);
    let line_start: usize = text.split_inclusive('\n').take(before).map(str::len).sum();
    let column = number(location.column()).saturating_sub(1);
    let line = text[line_start..].split('\n').next().unwrap_or_default();
    let in_line = line.char_indices().nth(column).map_or(line.len(), |(offset, _)| offset);
    line_start + in_line..line_start + in_line + 1
}

fn yaml_problem(place: Place, message: &str) -> Diagnostic {
    let message = message.lines().next().unwrap_or_default();
    // The place stands beside the message already.
    let message = message.rsplit_once(" at line ").map_or(message, |(message, _)| message);
    if let Some(rest) = message.strip_prefix("duplicate mapping key: ") {
        let key = rest.split(", set DuplicateKeyPolicy").next().unwrap_or(rest);
        return Diagnostic::duplicate_key(place, key);
    }
    let message = match message {
        "mapping values are not allowed in this context" => "a `:` cannot stand here",
        "unclosed quote" => "the quote at the end is missing",
        message if message.starts_with("budget breached") => "it has or repeats too many values",
        message if message.contains("found a tab") => "a tab stands where spaces should",
        message => message,
    };
    Diagnostic::syntax(place, "YAML", message)
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

/// What stands between the values: spreadsheets write commas, in many countries semicolons,
/// and tabs. The first line tells.
fn delimiter(text: &str) -> u8 {
    let head = text.lines().next().unwrap_or_default();
    let others = [b';', b'\t'].into_iter().find(|c| head.as_bytes().contains(c));
    others.filter(|_| !head.contains(',')).unwrap_or(b',')
}

/// A list of tables: the first line has the keys.
fn csv_node(source: &Source, text: &str, base: usize) -> Result<Node, Vec<Diagnostic>> {
    let report = |error: csv::Error| {
        let at = error.position().map_or(0, |p| usize::try_from(p.byte()).unwrap_or(0));
        let place = source.place(base + at..base + at + 1);
        let message = match error.kind() {
            csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
                format!("{len} values stand here, but {expected_len} in the lines above")
            }
            _ => error.to_string(),
        };
        vec![Diagnostic::syntax(place, "CSV", &message)]
    };
    let separator = delimiter(text);
    let mut reader = csv::ReaderBuilder::new().delimiter(separator).from_reader(text.as_bytes());
    let keys = reader.headers().map_err(report)?.clone();
    let spans = |record: &csv::StringRecord| {
        let at = record.position().map_or(0, |p| usize::try_from(p.byte()).unwrap_or(0));
        cell_spans(text, at, separator).map(move |span| moved(span, base))
    };
    let key_spans: Vec<Range<usize>> = spans(&keys).take(keys.len()).collect();
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(report)?;
        let cells = keys.iter().zip(&key_spans).zip(record.iter().zip(spans(&record)));
        let cells = cells.map(|((name, key_span), (cell, span))| {
            let value = Value::String(cell.to_owned());
            (Key { name: name.to_owned(), span: key_span.clone() }, Node { value, span })
        });
        let cells: Vec<(Key, Node)> = cells.collect();
        let start = cells.first().map_or(0, |(_, node)| node.span.start);
        let end = cells.last().map_or(0, |(_, node)| node.span.end);
        rows.push(Node { value: Value::Table(cells), span: start..end });
    }
    Ok(Node { value: Value::List(rows), span: 0..0 })
}

/// Where the cells of a row stand, which begins at a byte of the text or after empty lines there.
fn cell_spans(text: &str, at: usize, separator: u8) -> impl Iterator<Item = Range<usize>> {
    let bytes = text.as_bytes();
    let empty = bytes.iter().skip(at).take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
    let mut next = Some(at + empty);
    std::iter::from_fn(move || {
        let start = next?;
        let mut is_quoted = false;
        let is_end = |byte: &u8| {
            is_quoted ^= *byte == b'"';
            !is_quoted && (*byte == separator || matches!(byte, b'\r' | b'\n'))
        };
        let length = bytes.get(start..)?.iter().position(is_end);
        let end = length.map_or(bytes.len(), |length| start + length);
        next = Some(end + 1).filter(|_| bytes.get(end) == Some(&separator));
        Some(start..end)
    })
}
