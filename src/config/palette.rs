//! All colours of a scheme, from the few that the owner has chosen: whatever they are, texts can be
//! read on their grounds and shapes be seen.

use crate::colour::{Colour, Lab, SHAPE, TEXT};

/// What the owner has chosen for a scheme. The accent may be any colour; for ground and text see
/// [`Chosen::ground_contrast`] and [`Palette::text_contrast`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Chosen {
    pub(crate) accent: Colour,
    pub(crate) background: Option<Colour>,
    pub(crate) text: Option<Colour>,
    /// Whether the accent was chosen for this scheme, and is not that of the other one.
    pub(crate) is_own_accent: bool,
}

/// The colours of a scheme.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Palette {
    /// What texts stand on: the page, cards, and what is set apart.
    pub(crate) ground: Colour,
    pub(crate) surface: Colour,
    pub(crate) tint: Colour,
    /// Thin lines and hills, which say nothing.
    pub(crate) line: Colour,
    pub(crate) hill: Colour,
    /// Texts, each readable on all three grounds.
    pub(crate) text: Colour,
    pub(crate) muted: Colour,
    pub(crate) link: Colour,
    pub(crate) link_hover: Colour,
    /// Buttons, the text on them, and their outline.
    pub(crate) fill: Colour,
    pub(crate) fill_hover: Colour,
    pub(crate) on_fill: Colour,
    pub(crate) edge: Colour,
    /// Bands as wide as the page, and the text on them.
    pub(crate) band: Colour,
    pub(crate) on_band: Colour,
}

/// The contrast that a ground has to leave for texts: body text, quiet text and links have to be
/// told from each other on it.
pub(crate) const GROUND: f64 = 7.0;

/// The lightness of a dark ground and of a light one, when the owner has chosen none.
const DARK_GROUND: f64 = 0.2;
const LIGHT_GROUND: f64 = 0.99;

/// The lightness that links have on a dark ground, and bands have there at most.
const DARK_LINK: f64 = 0.78;
const DARK_BAND: f64 = 0.34;

impl Chosen {
    /// The contrast of the ground with black or white, which has to be [`GROUND`] at least.
    pub(crate) fn ground_contrast(background: Colour) -> f64 {
        background.contrast(background.pole())
    }

    /// The nearest ground that would do.
    pub(crate) fn better_ground(background: Colour) -> Colour {
        let pole = background.pole();
        let away = if pole == Colour::BLACK { Colour::WHITE } else { Colour::BLACK };
        background.towards(away, |colour| colour.contrast(pole) >= GROUND)
    }
}

impl Palette {
    /// The colours of the scheme for people who like it light.
    pub(crate) fn light(chosen: Chosen) -> Self {
        Self::new(chosen, LIGHT_GROUND)
    }

    /// The same for the dark.
    pub(crate) fn dark(chosen: Chosen) -> Self {
        Self::new(chosen, DARK_GROUND)
    }

    fn new(chosen: Chosen, lightness: f64) -> Self {
        let Chosen { accent, background, text, is_own_accent } = chosen;
        let hue = Lab::from(accent);
        let ground = background.unwrap_or_else(|| hue.at(lightness).faded(0.05, 0.008).colour());
        let pole = ground.pole();
        let is_light = pole == Colour::BLACK;
        let base = Lab::from(ground);
        // A ground is shaded by so much, and has so much of the hue.
        let shade = |light: f64, dark: f64, share: f64, max: f64| {
            let by = if is_light { light } else { dark };
            base.with_hue_of(hue.faded(share, max)).at(base.lightness + by).colour()
        };
        let surface = shade(0.012, 0.035, 0.0, 0.0);
        let tint = shade(-0.04, 0.065, 0.12, 0.018);
        let grounds = [ground, surface, tint];
        let readable = |colour: Colour| colour.contrast_with_all(&grounds) >= TEXT;
        let text = text.unwrap_or_else(|| {
            let lightness = if is_light { 0.25 } else { 0.93 };
            hue.at(lightness).faded(0.14, 0.025).colour().towards(pole, readable)
        });
        let quiet = Lab::from(text);
        let quiet = quiet.at(quiet.lightness + if is_light { 0.2 } else { -0.19 });
        let is_adapted = !is_light && !is_own_accent;
        let link = if is_adapted { hue.at(hue.lightness.max(DARK_LINK)).colour() } else { accent };
        let link = link.towards(pole, readable);
        let seen = |colour: Colour| colour.contrast_with_all(&grounds) >= SHAPE;
        let fill = if is_adapted { accent.towards(pole, seen) } else { accent };
        let deep = hue.at(hue.lightness.min(DARK_BAND)).faded(0.8, 0.11);
        let band = if is_light { accent } else { deep.colour() };
        let on_fill = text_on(fill);
        Self {
            ground,
            surface,
            tint,
            line: shade(-0.1, 0.14, 0.08, 0.02),
            hill: shade(-0.13, 0.15, 0.3, 0.045),
            text,
            muted: quiet.colour().towards(pole, readable),
            link,
            link_hover: moved(link, pole, 0.1),
            fill,
            fill_hover: hovered(fill, on_fill),
            on_fill,
            edge: if seen(fill) { fill } else { link },
            band,
            on_band: text_on(band),
        }
    }

    /// Another shade of the band, on which its text can be read too.
    #[cfg(any(test, feature = "cards"))]
    pub(crate) fn band_shade(&self) -> Colour {
        hovered(self.band, self.on_band)
    }

    /// The ground that is hardest for the text, and their contrast: [`TEXT`] at least.
    pub(crate) fn text_contrast(&self) -> (Colour, f64) {
        let contrasts = [self.ground, self.surface, self.tint].map(|g| (g, self.text.contrast(g)));
        contrasts.into_iter().min_by(|a, b| a.1.total_cmp(&b.1)).unwrap_or((self.ground, 1.0))
    }

    /// The nearest text that would do.
    pub(crate) fn better_text(&self) -> Colour {
        let grounds = [self.ground, self.surface, self.tint];
        let is_good = |colour: Colour| colour.contrast_with_all(&grounds) >= TEXT;
        self.text.towards(self.ground.pole(), is_good)
    }
}

/// White, else a dark shade of a colour, else black: the first that can be read on it.
fn text_on(colour: Colour) -> Colour {
    let shade = Lab::from(colour).at(0.2).faded(0.5, 0.05).colour();
    let mut texts = [Colour::WHITE, shade].into_iter();
    texts.find(|text| text.contrast(colour) >= TEXT).unwrap_or(Colour::BLACK)
}

/// A colour that is moved towards black or white by some lightness.
fn moved(colour: Colour, pole: Colour, by: f64) -> Colour {
    let lab = Lab::from(colour);
    lab.at(lab.lightness + if pole == Colour::WHITE { by } else { -by }).colour()
}

/// A ground under the pointer: away from its text, or a little towards it when there is no more.
fn hovered(fill: Colour, text: Colour) -> Colour {
    let pole = text.pole();
    let away = moved(fill, pole, 0.07);
    let back = moved(fill, if pole == Colour::WHITE { Colour::BLACK } else { Colour::WHITE }, 0.15);
    let is_readable = |colour: &Colour| colour.contrast(text) >= TEXT;
    [away, back].into_iter().find(|c| *c != fill && is_readable(c)).unwrap_or(fill)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn any_colour() -> impl Strategy<Value = Colour> {
        any::<[u8; 3]>().prop_map(|[red, green, blue]| Colour::new(red, green, blue))
    }

    /// Every pair of colours that meet, by what is wanted of them.
    fn weakest(palette: &Palette) -> Vec<(&'static str, f64, f64)> {
        let grounds = [palette.ground, palette.surface, palette.tint];
        let on_grounds = |colour: Colour| colour.contrast_with_all(&grounds);
        vec![
            ("text", on_grounds(palette.text), TEXT),
            ("muted", on_grounds(palette.muted), TEXT),
            ("link", on_grounds(palette.link), TEXT),
            ("link under the pointer", on_grounds(palette.link_hover), TEXT),
            ("edge", on_grounds(palette.edge), SHAPE),
            ("ground on link", palette.link.contrast(palette.surface), TEXT),
            ("button", palette.on_fill.contrast(palette.fill), TEXT),
            ("button under the pointer", palette.on_fill.contrast(palette.fill_hover), TEXT),
            ("band", palette.on_band.contrast(palette.band), TEXT),
            ("shade of the band", palette.on_band.contrast(palette.band_shade()), TEXT),
        ]
    }

    fn check(palette: &Palette) -> Result<(), TestCaseError> {
        for (pair, found, wanted) in weakest(palette) {
            prop_assert!(found >= wanted, "{pair}: {found} of {wanted} in {palette:?}");
        }
        Ok(())
    }

    fn chosen(accent: Colour, background: Option<Colour>, is_own_accent: bool) -> Chosen {
        Chosen { accent, background, text: None, is_own_accent }
    }

    proptest! {
        #[test]
        fn any_accent_holds_in_light_and_dark(accent in any_colour()) {
            check(&Palette::light(chosen(accent, None, true)))?;
            check(&Palette::dark(chosen(accent, None, false)))?;
            check(&Palette::dark(chosen(accent, None, true)))?;
        }

        #[test]
        fn any_ground_that_is_light_or_dark_holds(
            accent in any_colour(),
            background in any_colour(),
        ) {
            let better = Chosen::better_ground(background);
            prop_assert!(Chosen::ground_contrast(better) >= GROUND);
            check(&Palette::light(chosen(accent, Some(better), true)))?;
            check(&Palette::dark(chosen(accent, Some(better), false)))?;
        }

        #[test]
        fn the_text_that_is_proposed_holds(accent in any_colour(), text in any_colour()) {
            let own = Chosen { text: Some(text), ..chosen(accent, None, true) };
            let better = Palette::light(own).better_text();
            check(&Palette::light(Chosen { text: Some(better), ..own }))?;
        }
    }

    #[test]
    fn an_accent_that_can_be_read_stays_what_it_is() {
        let green = Colour::new(0x17, 0x69, 0x3a);
        let palette = Palette::light(chosen(green, None, true));
        assert_eq!([palette.link, palette.fill, palette.edge, palette.band], [green; 4]);
        assert_eq!(palette.on_fill, Colour::WHITE);
        let yellow = Colour::new(0xff, 0xd5, 0);
        let palette = Palette::light(chosen(yellow, None, true));
        assert_eq!([palette.fill, palette.band], [yellow; 2]);
        assert_eq!(palette.link.to_string(), "#806a00", "on every machine");
    }
}
