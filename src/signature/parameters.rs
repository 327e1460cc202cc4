//! The parameters in the header `Signature`: `keyId="…",headers="…",created=1`.

use super::SignatureProblem;
use crate::limits::SIGNED_HEADERS_MAX;

/// Names and values, without quotes.
pub(super) struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// Reads a header.
    ///
    /// # Errors
    ///
    /// When it is no such list. A name that is there twice is an error, whatever it means: of two
    /// values somebody else may have checked the other one.
    pub(super) fn read(text: &str) -> Result<Self, SignatureProblem> {
        let mut list: Vec<(String, String)> = Vec::new();
        let mut rest = text.trim();
        loop {
            let (name, after) = rest.split_once('=').ok_or(SignatureProblem::Malformed)?;
            let name = name.trim_end();
            if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
                return Err(SignatureProblem::Malformed);
            }
            let (value, after) = value(after.trim_start()).ok_or(SignatureProblem::Malformed)?;
            if list.iter().any(|(known, _)| known == name) {
                return Err(SignatureProblem::Twice(name.to_owned()));
            }
            if list.len() == SIGNED_HEADERS_MAX {
                return Err(SignatureProblem::TooLong);
            }
            list.push((name.to_owned(), value));
            match after.trim_start() {
                "" => return Ok(Self(list)),
                after => rest = after.strip_prefix(',').ok_or(SignatureProblem::Malformed)?.trim(),
            }
        }
    }

    /// The value of a parameter.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// A value, in quotes or without, and what comes after it.
fn value(text: &str) -> Option<(String, &str)> {
    let Some(quoted) = text.strip_prefix('"') else {
        let (value, after) = text.split_at(text.find(',').unwrap_or(text.len()));
        let value = value.trim_end();
        let is_plain = !value.is_empty() && !value.contains([' ', '\t', '"', '\\']);
        return is_plain.then(|| (value.to_owned(), after));
    };
    let mut value = String::new();
    let mut chars = quoted.char_indices();
    while let Some((index, c)) = chars.next() {
        match c {
            '"' => return Some((value, &quoted[index + 1..])),
            '\\' => value.push(chars.next()?.1),
            c => value.push(c),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn values_may_be_quoted_or_not_and_spaces_do_not_count() {
        let read = Parameters::read(r#" keyId = "a\"b,c=d" , created=12 ,headers="" "#).unwrap();
        assert_eq!(read.get("keyId"), Some("a\"b,c=d"));
        assert_eq!((read.get("created"), read.get("headers")), (Some("12"), Some("")));
        assert_eq!(read.get("expires"), None);
    }

    #[test]
    fn a_parameter_that_is_there_twice_is_refused() {
        let twice = Parameters::read(r#"keyId="a",keyId="a""#).err();
        assert_eq!(twice, Some(SignatureProblem::Twice("keyId".to_owned())));
    }

    #[test]
    fn what_is_no_list_of_parameters_is_refused() {
        for text in ["", "a", "a=", "=b", r#"a="b"#, r#"a="b" c="d""#, "a=b,", "a=b c", r"a=\"] {
            assert_eq!(Parameters::read(text).err(), Some(SignatureProblem::Malformed), "{text}");
        }
    }

    proptest! {
        #[test]
        fn whatever_is_sent_is_read_or_refused(text in "\\PC*|([a=\", \\\\]{0,12})") {
            let _ = Parameters::read(&text);
        }
    }
}
