//! `[look]`: colours, logo, fonts and layout of the theme.

use super::Image;
use super::palette::{Chosen, GROUND, Palette};
use crate::colour::{Colour, TEXT};
use crate::diagnostic::{Diagnostic, Wanted};
use crate::node::{Fields, Node, Placed, Value};

/// The colour of whoever chooses none.
const ACCENT: Colour = Colour::new(0x17, 0x69, 0x3a);

/// The colours for light screens of whoever chooses none.
#[cfg(feature = "cards")]
pub(crate) fn plain_palette() -> Palette {
    let (accent, is_own_accent) = (ACCENT, true);
    Palette::light(Chosen { accent, background: None, text: None, is_own_accent })
}

/// What the site looks like.
#[derive(Clone, Debug)]
pub(crate) struct Look {
    pub(crate) light: Palette,
    pub(crate) dark: Palette,
    /// A picture in `static/`. Its text is what the logo says in place of the title, if it does.
    pub(crate) logo: Option<Image>,
    /// The picture of the site in tabs and bookmarks, in `static/`.
    pub(crate) icon: Option<Placed<String>>,
    pub(crate) font: Font,
    /// Font files in `static/`: for all texts, and for bold ones.
    pub(crate) font_file: Option<Placed<String>>,
    pub(crate) font_bold_file: Option<Placed<String>>,
    pub(crate) corners: Corners,
    pub(crate) header: Header,
    pub(crate) front: Front,
}

/// Which of the fonts of the reader's system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Font {
    Sans,
    Humanist,
    Geometric,
    Serif,
    Slab,
}

/// The corners of cards, pictures and buttons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Corners {
    Round,
    Square,
}

/// The top of every page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Header {
    /// A line of the accent above all.
    Line,
    /// A band of the accent.
    Banner,
    /// The name in the middle.
    Centred,
}

/// The beginning of the front page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Front {
    /// The title on a tinted ground.
    Hero,
    /// The title beside a large picture.
    Photo,
    /// The title, and then the text.
    Plain,
}

impl Font {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("sans", Self::Sans),
        ("humanist", Self::Humanist),
        ("geometric", Self::Geometric),
        ("serif", Self::Serif),
        ("slab", Self::Slab),
    ];

    /// The fonts by their names, in the order in which a system is asked for them
    /// (<https://modernfontstacks.com>).
    pub(crate) fn names(self) -> &'static str {
        match self {
            Self::Sans => "system-ui, \"Segoe UI\", Roboto, sans-serif",
            Self::Humanist => {
                "Seravek, \"Gill Sans Nova\", Ubuntu, Calibri, \"DejaVu Sans\", sans-serif"
            }
            Self::Geometric => {
                "Avenir, Montserrat, Corbel, \"URW Gothic\", Verdana, \"DejaVu Sans\", sans-serif"
            }
            Self::Serif => {
                "Charter, \"Bitstream Charter\", \"Sitka Text\", Cambria, Georgia, \
                 \"DejaVu Serif\", serif"
            }
            Self::Slab => {
                "Rockwell, \"Rockwell Nova\", \"Roboto Slab\", \"DejaVu Serif\", \"Sitka Small\", \
                 serif"
            }
        }
    }
}

impl Corners {
    const WORDS: &'static [(&'static str, Self)] =
        &[("round", Self::Round), ("square", Self::Square)];
}

impl Header {
    const WORDS: &'static [(&'static str, Self)] =
        &[("line", Self::Line), ("banner", Self::Banner), ("centred", Self::Centred)];

    /// What the owner writes.
    pub(crate) fn word(self) -> &'static str {
        word(Self::WORDS, self)
    }
}

impl Front {
    const WORDS: &'static [(&'static str, Self)] =
        &[("hero", Self::Hero), ("photo", Self::Photo), ("plain", Self::Plain)];

    /// What the owner writes.
    pub(crate) fn word(self) -> &'static str {
        word(Self::WORDS, self)
    }
}

fn word<T: Copy + PartialEq>(words: &[(&'static str, T)], meaning: T) -> &'static str {
    words.iter().find(|(_, known)| *known == meaning).map_or("", |(word, _)| word)
}

/// Reads the look of the site.
pub(super) fn read(fields: &mut Fields<'_>, node: Node) -> Option<Look> {
    let Value::Table(entries) = node.value else {
        fields.wrong("look", Wanted::TABLE, &node);
        return None;
    };
    let above = fields.known();
    let mut inner = fields.inner(entries).below(above);
    let (accent, light) = read_scheme(&mut inner, Palette::light, (ACCENT, true));
    let mut dark = None;
    if let Some(entries) = inner.table_of("dark", Wanted::DARK) {
        let mut of_dark = inner.inner(entries);
        dark = Some(read_scheme(&mut of_dark, Palette::dark, (accent, false)).1);
        of_dark.finish();
    }
    let plain = Chosen { accent, background: None, text: None, is_own_accent: false };
    let alt = inner.text("logo_alt").unwrap_or_default();
    let look = Look {
        light,
        dark: dark.unwrap_or_else(|| Palette::dark(plain)),
        logo: inner.placed_text("logo").map(|(path, span)| Image { path, alt, credit: None, span }),
        icon: inner.placed_text("icon"),
        font: inner.word("font", Font::WORDS).unwrap_or(Font::Sans),
        font_file: inner.placed_text("font_file"),
        font_bold_file: inner.placed_text("font_bold_file"),
        corners: inner.word("corners", Corners::WORDS).unwrap_or(Corners::Round),
        header: inner.word("header", Header::WORDS).unwrap_or(Header::Line),
        front: inner.word("front", Front::WORDS).unwrap_or(Front::Hero),
    };
    inner.finish();
    Some(look)
}

/// Reads the colours of a scheme, and says which of them nobody could read. `accent` is the one of
/// those who choose none, and whether it was meant for this scheme.
fn read_scheme(
    fields: &mut Fields<'_>,
    palette: fn(Chosen) -> Palette,
    (accent, is_own): (Colour, bool),
) -> (Colour, Palette) {
    let own = fields.placed_text("accent").and_then(|text| read_colour(fields, text));
    let background = fields.placed_text("background").and_then(|text| read_colour(fields, text));
    let text = fields.placed_text("text").and_then(|text| read_colour(fields, text));
    let chosen = Chosen {
        accent: own.as_ref().map_or(accent, |(own, _)| *own),
        background: background.as_ref().map(|(colour, _)| *colour),
        text: text.as_ref().map(|(colour, _)| *colour),
        is_own_accent: is_own || own.is_some(),
    };
    let palette = palette(chosen);
    let (ground, contrast) = palette.text_contrast();
    match (background, text) {
        (Some((colour, span)), _) if Chosen::ground_contrast(colour) < GROUND => {
            let place = fields.place(span);
            let contrast = Chosen::ground_contrast(colour);
            let better = Chosen::better_ground(colour);
            let pole = if colour.pole() == Colour::BLACK { "black" } else { "white" };
            let pair = [colour.to_string(), pole.to_owned()];
            fields.report(Diagnostic::middling_background(
                place,
                &pair,
                (contrast, GROUND),
                &better.to_string(),
            ));
        }
        (_, Some((colour, span))) if contrast < TEXT => {
            let place = fields.place(span);
            let pair = [colour, ground].map(|colour| colour.to_string());
            let better = palette.better_text().to_string();
            fields.report(Diagnostic::low_contrast(
                place,
                &pair,
                ground != palette.ground,
                (contrast, TEXT),
                &better,
            ));
        }
        _ => {}
    }
    (chosen.accent, palette)
}

fn read_colour(fields: &mut Fields<'_>, (text, span): Placed<String>) -> Option<Placed<Colour>> {
    match Colour::parse(&text) {
        Ok(colour) => Some((colour, span)),
        Err(problem) => {
            let place = fields.place(span);
            fields.report(Diagnostic::not_a_colour(place, &text, problem));
            None
        }
    }
}
