//! JSON from strangers, read so that it means one thing only.

use std::fmt;

use serde::de::{DeserializeSeed, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use crate::limits::REMOTE_JSON_DEPTH_MAX;

/// Reads a document.
///
/// A key that is there twice is an error, however deep: another reader may take the other value.
/// So is more nesting than [`REMOTE_JSON_DEPTH_MAX`], a byte order mark, half a surrogate pair, or
/// anything after the end.
pub(super) fn parse(bytes: &[u8]) -> Option<Value> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = Strict { depth: 0 }.deserialize(&mut reader).ok()?;
    reader.end().ok()?;
    Some(value)
}

#[derive(Clone, Copy)]
struct Strict {
    depth: usize,
}

impl Strict {
    fn deeper<E: Error>(self) -> Result<Self, E> {
        if self.depth == REMOTE_JSON_DEPTH_MAX {
            return Err(E::custom("nested too deep"));
        }
        Ok(Self { depth: self.depth + 1 })
    }
}

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Value;

    fn deserialize<D: serde::Deserializer<'de>>(self, reader: D) -> Result<Value, D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E: Error>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(inner)? {
            list.push(item);
        }
        Ok(list.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut map = Map::new();
        while let Some(key) = entries.next_key::<String>()? {
            let value = entries.next_value_seed(inner)?;
            if map.insert(key, value).is_some() {
                return Err(A::Error::custom("a key twice"));
            }
        }
        Ok(map.into())
    }
}

/// The one text that a value is, also as a list of one, which some servers write.
pub(super) fn text(value: &Value) -> Option<&str> {
    match value {
        Value::String(text) => Some(text),
        Value::Array(list) if list.len() == 1 => text(&list[0]),
        _ => None,
    }
}

/// The id of what a value is or names.
pub(super) fn id(value: &Value) -> Option<&str> {
    match value {
        Value::Object(map) => map.get("id").and_then(text),
        Value::Array(list) if list.len() == 1 => id(&list[0]),
        other => text(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn d_02_what_two_readers_could_read_differently_is_refused() {
        let nested = |depth: usize| format!("{}1{}", "[".repeat(depth), "]".repeat(depth));
        assert!(parse(nested(REMOTE_JSON_DEPTH_MAX).as_bytes()).is_some());
        assert!(parse(nested(REMOTE_JSON_DEPTH_MAX + 1).as_bytes()).is_none());
        assert!(parse(nested(129).as_bytes()).is_none());
        for text in [
            r#"{"a":1,"a":2}"#,
            r#"{"a":{"b":1,"b":2}}"#,
            r#"{"actor":1,"\u0061ctor":2}"#,
            "\u{feff}{}",
            "{} {}",
            "{}x",
            r#"{"a":"\ud800"}"#,
            "",
            "{",
        ] {
            assert!(parse(text.as_bytes()).is_none(), "{text}");
        }
        assert!(parse(b"{\"a\":\"\xff\"}").is_none());
        assert_eq!(parse(r#" {"a":[1,null,true,"x",1.5,-2]} "#.as_bytes()).unwrap()["a"][3], "x");
    }

    #[test]
    fn d_02_a_hundred_thousand_of_something_do_no_harm() {
        let many = 100_000;
        let keys: String = (0..many).map(|number| format!("\"{number}\":0,")).collect();
        let read = |text: &str| parse(text.as_bytes());
        assert!(read(&format!("{{{keys}\"a\":1}}")).is_some_and(|all| all["a"] == 1));
        assert!(read(&format!("{{{keys}\"7\":1}}")).is_none());
        assert!(read(&format!("\"{}\"", "a".repeat(many))).is_some());
        // No number is so large, and nothing is made of one that is long.
        assert!(read(&"9".repeat(many)).is_none());
        assert!(read(&format!("0.{}", "9".repeat(many))).is_some());
        for nesting in ["[", "{\"a\":"] {
            assert!(read(&nesting.repeat(many)).is_none());
        }
    }
}
