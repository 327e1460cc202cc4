//! The fonts of share pictures: which letters they have, how wide texts are, and their shapes.
//!
//! They are Inter (<https://rsms.me/inter>), made smaller by `fonts/make`. Letters are put side by
//! side with the distances that the font has for pairs of them, which is all that Latin, Greek and
//! Cyrillic need.

use std::io::Read as _;
use std::sync::LazyLock;

use flate2::read::GzDecoder;
use resvg::tiny_skia::PathBuilder;
use ttf_parser::gpos::{PairAdjustment, PositioningSubtable};
use ttf_parser::{Face, GlyphId, OutlineBuilder};
use unicode_normalization::UnicodeNormalization as _;

/// A font, ready to be set.
pub(super) struct Font {
    face: Face<'static>,
    /// By rule: of its tables the first one that knows a letter counts.
    pairs: Vec<Vec<PairAdjustment<'static>>>,
    per_em: f32,
}

/// Large texts, and small ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Weight {
    Bold,
    Medium,
}

static BYTES: LazyLock<[Vec<u8>; 2]> = LazyLock::new(|| {
    let packed = [&include_bytes!("fonts/bold.ttf.gz")[..], include_bytes!("fonts/medium.ttf.gz")];
    packed.map(|packed| {
        let mut bytes = Vec::new();
        // What is in the program is whole.
        let _ = GzDecoder::new(packed).read_to_end(&mut bytes);
        bytes
    })
});

static FONTS: LazyLock<[Option<Font>; 2]> =
    LazyLock::new(|| [Font::parse(&BYTES[0]), Font::parse(&BYTES[1])]);

impl Font {
    /// A font of the program.
    pub(super) fn of(weight: Weight) -> Option<&'static Self> {
        let [bold, medium] = &*FONTS;
        match weight {
            Weight::Bold => bold.as_ref(),
            Weight::Medium => medium.as_ref(),
        }
    }

    fn parse(bytes: &'static [u8]) -> Option<Self> {
        let face = Face::parse(bytes, 0).ok()?;
        let lookups = face.tables().gpos.iter().flat_map(|gpos| gpos.lookups);
        let pairs = lookups.map(|lookup| {
            let tables = lookup.subtables.into_iter::<PositioningSubtable<'_>>();
            let pairs = tables.filter_map(|table| match table {
                PositioningSubtable::Pair(pair) => Some(pair),
                _ => None,
            });
            pairs.collect()
        });
        Some(Self { pairs: pairs.collect(), per_em: f32::from(face.units_per_em()), face })
    }

    fn has(&self, letter: char) -> bool {
        self.face.glyph_index(letter).is_some()
    }

    /// How wide a text is, for each pixel of its size.
    pub(super) fn width(&self, text: &str) -> f32 {
        self.set(text, |_, _| {})
    }

    /// Adds the shapes of a text to a path: its first letter begins at `x`, and all stand on a line
    /// at `y`.
    pub(super) fn outline(
        &self,
        text: &str,
        (x, y): (f32, f32),
        size: f32,
        path: &mut PathBuilder,
    ) {
        let scale = size / self.per_em;
        self.set(text, |glyph, at| {
            let mut pen = Pen { path, x: x + at * size, y, scale };
            self.face.outline_glyph(glyph, &mut pen);
        });
    }

    /// Puts letters side by side, and says how wide they are together.
    fn set(&self, text: &str, mut put: impl FnMut(GlyphId, f32)) -> f32 {
        let mut at = 0.0;
        let mut last = None;
        for glyph in text.chars().filter_map(|letter| self.face.glyph_index(letter)) {
            let closer = last.map_or(0, |last| self.between(last, glyph));
            at += f32::from(closer) / self.per_em;
            put(glyph, at);
            at += f32::from(self.face.glyph_hor_advance(glyph).unwrap_or(0)) / self.per_em;
            last = Some(glyph);
        }
        at
    }

    /// How much further apart two letters are than others, in units of the font.
    fn between(&self, first: GlyphId, second: GlyphId) -> i16 {
        let of_rule = |tables: &Vec<PairAdjustment<'_>>| {
            tables.iter().find_map(|table| match table {
                PairAdjustment::Format1 { coverage, sets } => {
                    let (value, _) = sets.get(coverage.get(first)?)?.get(second)?;
                    Some(value.x_advance)
                }
                PairAdjustment::Format2 { coverage, classes, matrix } => {
                    coverage.get(first)?;
                    let pair = (classes.0.get(first), classes.1.get(second));
                    matrix.get(pair).map(|(value, _)| value.x_advance)
                }
            })
        };
        self.pairs.iter().filter_map(of_rule).sum()
    }
}

/// Writes shapes of letters into a path.
struct Pen<'p> {
    path: &'p mut PathBuilder,
    x: f32,
    y: f32,
    scale: f32,
}

impl Pen<'_> {
    /// A font counts upwards, a picture downwards.
    fn at(&self, x: f32, y: f32) -> (f32, f32) {
        (self.x + x * self.scale, self.y - y * self.scale)
    }
}

impl OutlineBuilder for Pen<'_> {
    fn move_to(&mut self, x: f32, y: f32) {
        let (x, y) = self.at(x, y);
        self.path.move_to(x, y);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        let (x, y) = self.at(x, y);
        self.path.line_to(x, y);
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        let ((x1, y1), (x, y)) = (self.at(x1, y1), self.at(x, y));
        self.path.quad_to(x1, y1, x, y);
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        let ((x1, y1), (x2, y2), (x, y)) = (self.at(x1, y1), self.at(x2, y2), self.at(x, y));
        self.path.cubic_to(x1, y1, x2, y2, x, y);
    }

    fn close(&mut self) {
        self.path.close();
    }
}

/// A text as it is drawn: on one line, letters with their marks in one, and without emoji, which
/// fonts of this kind do not have.
pub(super) fn clean(text: &str) -> String {
    let drawn = text.nfc().filter(|letter| !is_left_out(*letter));
    let drawn: String =
        drawn.map(|c| if c.is_whitespace() && c != '\u{a0}' { ' ' } else { c }).collect();
    let words = drawn.split(' ').filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ")
}

/// Emoji and what joins or colours them (Unicode 17, blocks), control characters, marks that say
/// where a word may be broken or how a text runs.
fn is_left_out(letter: char) -> bool {
    let is_emoji = matches!(letter,
        '\u{1f000}'..='\u{1faff}' | '\u{1fb00}'..='\u{1fbff}' | '\u{2300}'..='\u{23ff}'
        | '\u{2600}'..='\u{27bf}' | '\u{2b00}'..='\u{2bff}' | '\u{e0020}'..='\u{e007f}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{20e3}');
    let is_mark = matches!(letter,
        '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{feff}');
    is_emoji || is_mark || (letter.is_control() && !letter.is_whitespace())
}

/// Letters that the fonts do not have.
#[derive(Default)]
pub(super) struct Letters(Vec<char>);

/// How many of them are named.
const NAMED_MAX: usize = 10;

impl Letters {
    /// Adds those of a text.
    pub(super) fn add(&mut self, text: &str) {
        let Some(font) = Font::of(Weight::Medium) else { return };
        for letter in text.chars().filter(|letter| !font.has(*letter)) {
            if !self.0.contains(&letter) {
                self.0.push(letter);
            }
        }
    }

    /// The first of them, as people list them; nothing when there are none.
    pub(super) fn list(&self) -> Option<String> {
        let named = self.0.iter().take(NAMED_MAX).map(char::to_string);
        let more = if self.0.len() > NAMED_MAX { " …" } else { "" };
        (!self.0.is_empty()).then(|| named.collect::<Vec<_>>().join(" ") + more)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn width(text: &str) -> f32 {
        Font::of(Weight::Bold).unwrap().width(text)
    }

    #[test]
    fn the_fonts_have_the_letters_of_europe() {
        let mut missing = Letters::default();
        missing.add("ŴŵŶŷẀẁẂẃẄẅỲỳ Ẃ ÀÈÌÒÙàèìòù ÁÉÍÓÚáéíóú ÄÖÜäöüßẞ „“‚‘»«");
        missing.add("ĚŠČŘŽÝÁÍÉÚŮĎŤŇěščřžýáíéúůďťň ŁłŻżŹźŃńĄąĘęŚśĆć ĐđĦħĿŀŊŋŦŧ");
        missing.add("ȘșȚțĂăÂâÎî ŐőŰű Ññ¿¡ ÇçœŒÆæØøÅåÞþÐð ĪīĶķĻļŅņ ĖėĮįŲųŪū");
        missing.add("Ελλάδα ΐ Україна Ґґ Її Єє България Việt Nam Ự ặ");
        missing.add("–—‑…·•†€£¥§©®™°½¼×÷−≤≥“”‘’‹›№→");
        assert_eq!(missing.list(), None);
    }

    #[test]
    fn letters_that_are_missing_are_named() {
        let mut missing = Letters::default();
        missing.add("Nî 中文 عربي 中");
        assert_eq!(missing.list().unwrap(), "中 文 ع ر ب ي");
    }

    #[test]
    fn a_text_is_drawn_without_emoji_and_on_one_line() {
        assert_eq!(clean(" Buses 🚌\n now!\u{200d} ✊🏽\u{fe0f}"), "Buses now!");
        assert_eq!(clean("w\u{302}r e\u{301} 10\u{a0}%"), "ŵr é 10\u{a0}%");
    }

    #[test]
    fn letters_that_lean_on_each_other_stand_closer() {
        assert!(width("AV") < width("A") + width("V") - 0.02);
        assert!(width("To") < width("T") + width("o") - 0.02);
        assert!((width("HH") - 2.0 * width("H")).abs() < 0.01);
    }
}
