//! Colours: how they are written, how they contrast, and which ones are alike but readable.
//!
//! Lightness is changed in `OKLab` (Ottosson 2020), where a step looks the same in every hue.
//! Everything is done with `+ - * /` and square roots, whose results are the same on every machine.

use core::fmt;
use std::sync::LazyLock;

/// The contrast of text that can be read (WCAG 2.2, 1.4.3).
pub(crate) const TEXT: f64 = 4.5;

/// The contrast of what is seen as a shape, such as the ring around what has the focus (1.4.11).
pub(crate) const SHAPE: f64 = 3.0;

/// A colour that screens show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Colour([u8; 3]);

/// Why a text is no colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ColourProblem {
    /// It is the name of this one.
    Name(Colour),
    /// It would be one with `#` before it.
    NoHash,
    /// It lets something shine through.
    Transparent,
    Other,
}

/// Names that people try. A name says nothing exact, so it is only good for advice.
const NAMES: &[(&str, Colour)] = &[
    ("black", Colour([0, 0, 0])),
    ("blue", Colour([0, 0, 255])),
    ("brown", Colour([165, 42, 42])),
    ("crimson", Colour([220, 20, 60])),
    ("gold", Colour([255, 215, 0])),
    ("gray", Colour([128, 128, 128])),
    ("green", Colour([0, 128, 0])),
    ("grey", Colour([128, 128, 128])),
    ("lightblue", Colour([173, 216, 230])),
    ("magenta", Colour([255, 0, 255])),
    ("maroon", Colour([128, 0, 0])),
    ("navy", Colour([0, 0, 128])),
    ("orange", Colour([255, 165, 0])),
    ("pink", Colour([255, 192, 203])),
    ("purple", Colour([128, 0, 128])),
    ("red", Colour([255, 0, 0])),
    ("teal", Colour([0, 128, 128])),
    ("turquoise", Colour([64, 224, 208])),
    ("violet", Colour([238, 130, 238])),
    ("white", Colour([255, 255, 255])),
    ("yellow", Colour([255, 255, 0])),
];

impl Colour {
    pub(crate) const BLACK: Self = Self([0; 3]);
    pub(crate) const WHITE: Self = Self([255; 3]);

    pub(crate) const fn new(red: u8, green: u8, blue: u8) -> Self {
        Self([red, green, blue])
    }

    /// Red, green and blue.
    #[cfg(feature = "cards")]
    pub(crate) fn channels(self) -> [u8; 3] {
        self.0
    }

    /// Reads `#rgb` or `#rrggbb`.
    ///
    /// # Errors
    ///
    /// What it is instead.
    pub(crate) fn parse(text: &str) -> Result<Self, ColourProblem> {
        let text = text.trim();
        let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let Some(digits) = text.strip_prefix('#') else {
            let name = text.to_ascii_lowercase();
            return Err(match NAMES.iter().find(|(known, _)| *known == name) {
                Some((_, colour)) => ColourProblem::Name(*colour),
                None if matches!(text.len(), 3 | 6) && is_digits(text) => ColourProblem::NoHash,
                None => ColourProblem::Other,
            });
        };
        match u32::from_str_radix(digits, 16).ok().filter(|_| is_digits(digits)) {
            Some(number) if digits.len() == 6 => {
                let [_, red, green, blue] = number.to_be_bytes();
                Ok(Self([red, green, blue]))
            }
            Some(number) if digits.len() == 3 => {
                let [_, _, high, low] = number.to_be_bytes();
                Ok(Self([high, low >> 4, low & 15].map(|digit| digit * 17)))
            }
            Some(_) if matches!(digits.len(), 4 | 8) => Err(ColourProblem::Transparent),
            _ => Err(ColourProblem::Other),
        }
    }

    /// How bright it is, from 0 to 1 (WCAG 2.2, relative luminance).
    fn luminance(self) -> f64 {
        let [red, green, blue] = self.0.map(|value| LINEAR[usize::from(value)]);
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }

    /// From 1, for the same brightness, to 21.
    pub(crate) fn contrast(self, other: Self) -> f64 {
        let (a, b) = (self.luminance(), other.luminance());
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    /// The smallest contrast with any of some colours.
    pub(crate) fn contrast_with_all(self, others: &[Self]) -> f64 {
        others.iter().map(|other| self.contrast(*other)).fold(f64::INFINITY, f64::min)
    }

    /// Black or white, whichever can be told from it better.
    pub(crate) fn pole(self) -> Self {
        let is_dark = self.contrast(Self::WHITE) > self.contrast(Self::BLACK);
        if is_dark { Self::WHITE } else { Self::BLACK }
    }

    /// The same, made lighter or darker towards a `pole` until it is good.
    pub(crate) fn towards(self, pole: Self, is_good: impl Fn(Self) -> bool) -> Self {
        if is_good(self) {
            return self;
        }
        let own = Lab::from(self);
        let end = if pole == Self::WHITE { 1.0 } else { 0.0 };
        let steps = (1..100_u32).map(|step| f64::from(step) / 100.0);
        let lightness = steps.map(|part| own.lightness + (end - own.lightness) * part);
        let mut colours = lightness.map(|lightness| own.at(lightness).colour());
        colours.find(|colour| is_good(*colour)).unwrap_or(pole)
    }
}

impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [red, green, blue] = self.0;
        write!(f, "#{red:02x}{green:02x}{blue:02x}")
    }
}

/// A colour as people see it: its lightness from 0 to 1, and how green or red, blue or yellow it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lab {
    pub(crate) lightness: f64,
    a: f64,
    b: f64,
}

impl From<Colour> for Lab {
    fn from(colour: Colour) -> Self {
        let [red, green, blue] = colour.0.map(|value| LINEAR[usize::from(value)]);
        let l = root(0.412_221_470_8 * red + 0.536_332_536_3 * green + 0.051_445_992_9 * blue, 3);
        let m = root(0.211_903_498_2 * red + 0.680_699_545_1 * green + 0.107_396_956_6 * blue, 3);
        let s = root(0.088_302_461_9 * red + 0.281_718_837_6 * green + 0.629_978_700_5 * blue, 3);
        Self {
            lightness: 0.210_454_255_3 * l + 0.793_617_785 * m - 0.004_072_046_8 * s,
            a: 1.977_998_495_1 * l - 2.428_592_205 * m + 0.450_593_709_9 * s,
            b: 0.025_904_037_1 * l + 0.782_771_766_2 * m - 0.808_675_766 * s,
        }
    }
}

impl Lab {
    /// The same at another lightness.
    pub(crate) fn at(self, lightness: f64) -> Self {
        Self { lightness: lightness.clamp(0.0, 1.0), ..self }
    }

    /// The same with a share of its colourfulness, and no more than `max` of it.
    pub(crate) fn faded(self, share: f64, max: f64) -> Self {
        let chroma = (self.a * self.a + self.b * self.b).sqrt() * share;
        let share = if chroma > max { share * max / chroma } else { share };
        Self { a: self.a * share, b: self.b * share, ..self }
    }

    /// The same with the hue of another one on top.
    pub(crate) fn with_hue_of(self, other: Self) -> Self {
        Self { a: self.a + other.a, b: self.b + other.b, ..self }
    }

    /// What screens show of it: as colourful as they can at its lightness.
    pub(crate) fn colour(self) -> Colour {
        let (mut low, mut high) = (0.0, 1.0);
        if self.is_shown() {
            low = 1.0;
        } else {
            for _ in 0..12 {
                let middle = f64::midpoint(low, high);
                if self.faded(middle, f64::MAX).is_shown() { low = middle } else { high = middle }
            }
        }
        Colour(self.faded(low, f64::MAX).linear().map(|value| {
            let above = LINEAR.partition_point(|known| *known < value).min(255);
            let below = above.saturating_sub(1);
            let is_nearer = value - LINEAR[below] < LINEAR[above] - value;
            u8::try_from(if is_nearer { below } else { above }).unwrap_or(u8::MAX)
        }))
    }

    fn is_shown(self) -> bool {
        self.linear().iter().all(|value| (-1e-4..=1.0001).contains(value))
    }

    /// Red, green and blue as amounts of light.
    fn linear(self) -> [f64; 3] {
        let Self { lightness, a, b } = self;
        let cube = |x: f64| x * x * x;
        let l = cube(lightness + 0.396_337_777_4 * a + 0.215_803_757_3 * b);
        let m = cube(lightness - 0.105_561_345_8 * a - 0.063_854_172_8 * b);
        let s = cube(lightness - 0.089_484_177_5 * a - 1.291_485_548 * b);
        [
            4.076_741_662_1 * l - 3.307_711_591_3 * m + 0.230_969_929_2 * s,
            -1.268_438_004_6 * l + 2.609_757_401_1 * m - 0.341_319_396_5 * s,
            -0.004_196_086_3 * l - 0.703_418_614_7 * m + 1.707_614_701 * s,
        ]
    }
}

/// The amount of light of each of the 256 values (IEC 61966-2-1).
static LINEAR: LazyLock<[f64; 256]> = LazyLock::new(|| {
    let mut amounts = [0.0; 256];
    for (amount, value) in amounts.iter_mut().zip(0_u8..=255) {
        let value = f64::from(value) / 255.0;
        *amount = if value <= 0.040_45 {
            value / 12.92
        } else {
            // To the power of 2.4.
            let base = (value + 0.055) / 1.055;
            base * base * root(base * base, 5)
        };
    }
    amounts
});

/// The root of a number from 0 to 1, by Newton from above.
fn root(number: f64, degree: u8) -> f64 {
    if number <= 0.0 {
        return 0.0;
    }
    let n = f64::from(degree);
    let mut guess = 1.0;
    loop {
        let power = (1..degree).fold(1.0, |power, _| power * guess);
        let next = ((n - 1.0) * guess + number / power) / n;
        if next >= guess {
            return guess;
        }
        guess = next;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn colour(text: &str) -> Colour {
        Colour::parse(text).unwrap()
    }

    #[test]
    fn a_colour_is_written_with_three_or_six_digits() {
        assert_eq!(colour("#17693a").to_string(), "#17693a");
        assert_eq!(colour(" #FC0 "), colour("#ffcc00"));
        for (text, problem) in [
            ("red", ColourProblem::Name(colour("#f00"))),
            ("17693a", ColourProblem::NoHash),
            ("#17693a80", ColourProblem::Transparent),
            ("#fc08", ColourProblem::Transparent),
            ("#ggg", ColourProblem::Other),
            ("#+17693", ColourProblem::Other),
            ("rgb(1, 2, 3)", ColourProblem::Other),
            ("", ColourProblem::Other),
        ] {
            assert_eq!(Colour::parse(text), Err(problem), "{text}");
        }
    }

    #[test]
    fn contrasts_are_those_of_wcag() {
        for (a, b, contrast) in [
            ("#000", "#fff", 21.0),
            ("#777", "#fff", 4.48),
            ("#767676", "#fff", 4.54),
            ("#f00", "#fff", 4.0),
            ("#00f", "#fff", 8.59),
        ] {
            let found = colour(a).contrast(colour(b));
            assert!((found - contrast).abs() < 0.01, "{a} on {b}: {found}");
        }
        assert_eq!(colour("#777").pole(), Colour::BLACK);
        assert_eq!(colour("#17693a").pole(), Colour::WHITE);
    }

    #[test]
    fn a_colour_stays_itself_in_lab() {
        for red in (0..=255).step_by(51) {
            for green in (0..=255).step_by(51) {
                for blue in (0..=255).step_by(51) {
                    let colour = Colour::new(red, green, blue);
                    assert_eq!(Lab::from(colour).colour(), colour);
                }
            }
        }
        let red = Lab::from(colour("#f00"));
        assert!((red.lightness - 0.628).abs() < 0.001, "{red:?}");
    }

    #[test]
    fn a_colour_goes_no_further_than_it_must() {
        let grey = colour("#999").towards(Colour::BLACK, |c| c.contrast(Colour::WHITE) >= TEXT);
        let contrast = grey.contrast(Colour::WHITE);
        assert!((TEXT..TEXT + 0.15).contains(&contrast), "{grey} {contrast}");
        let yellow = colour("#ffd500").towards(Colour::WHITE, |_| false);
        assert_eq!(yellow, Colour::WHITE);
    }
}
