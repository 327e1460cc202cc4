//! How pictures are published: the table `[pictures]` of `site.toml`.

use crate::diagnostic::Wanted;
use crate::node::{Fields, Value};

/// How pictures are published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pictures {
    /// The widths in which they are made, in pixels, from small to large.
    pub(crate) widths: Vec<u32>,
    /// From 1 to 100.
    pub(crate) quality: u8,
    /// How wide they are in texts, as in the attribute `sizes` of HTML.
    pub(crate) sizes: String,
    /// Whether each has to say whose it is.
    pub(crate) credit_required: bool,
}

/// What is made for phones, for phones with fine screens and tablets, and for large screens.
const WIDTHS: [u32; 3] = [480, 960, 1600];

/// Widths that make sense, in pixels.
const WIDTH_MIN: i64 = 16;
const WIDTH_MAX: i64 = 4096;

/// How many widths there may be: each takes time and room for every picture.
const WIDTHS_MAX: usize = 8;

/// The column of text of the theme inside the program.
const SIZES: &str = "(min-width: 44rem) 42rem, 100vw";

const QUALITY: u8 = 80;

pub(super) fn read(fields: &mut Fields<'_>) -> Pictures {
    let entries = fields.table("pictures").unwrap_or_default();
    let above = fields.known();
    let mut inner = fields.inner(entries).below(above);
    let credits = [("required", true), ("optional", false)];
    let pictures = Pictures {
        widths: read_widths(&mut inner).unwrap_or_else(|| WIDTHS.to_vec()),
        quality: read_quality(&mut inner).unwrap_or(QUALITY),
        sizes: inner.text("sizes").unwrap_or_else(|| SIZES.to_owned()),
        credit_required: inner.word("credit", &credits).unwrap_or(false),
    };
    inner.finish();
    pictures
}

fn read_widths(fields: &mut Fields<'_>) -> Option<Vec<u32>> {
    let node = fields.node("widths")?;
    let width = |value: &Value| match value {
        Value::Integer(number @ WIDTH_MIN..=WIDTH_MAX) => u32::try_from(*number).ok(),
        _ => None,
    };
    let widths: Option<Vec<u32>> = match &node.value {
        Value::List(items) if (1..=WIDTHS_MAX).contains(&items.len()) => {
            items.iter().map(|item| width(&item.value)).collect()
        }
        _ => None,
    };
    let widths = widths.filter(|widths| widths.is_sorted_by(|a, b| a < b));
    if widths.is_none() {
        fields.wrong("widths", Wanted::WIDTHS, &node);
    }
    widths
}

fn read_quality(fields: &mut Fields<'_>) -> Option<u8> {
    let node = fields.node("quality")?;
    match node.value {
        Value::Integer(number @ 1..=100) => u8::try_from(number).ok(),
        _ => {
            fields.wrong("quality", Wanted::QUALITY, &node);
            None
        }
    }
}
