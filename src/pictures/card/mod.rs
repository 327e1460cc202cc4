//! Share pictures: what is shown where somebody shares a page.
//!
//! Such a picture has the title of the page, who speaks, who answers for it, and the photo of the
//! page if there is one. All of it is settled before anything is drawn, so that pages can name it,
//! and its name has a hash of all that it is made from: who keeps an old one never shows it in the
//! place of a new one.
//!
//! A program without the feature `cards` draws none: its [`Card`] cannot exist.

#[cfg(feature = "cards")]
mod canvas;
#[cfg(feature = "cards")]
mod draw;
#[cfg(feature = "cards")]
mod font;
#[cfg(feature = "cards")]
mod made;
#[cfg(feature = "cards")]
mod store;
#[cfg(feature = "cards")]
mod text;
#[cfg(not(feature = "cards"))]
mod without;

#[cfg(feature = "cards")]
pub(crate) use self::made::Card;
#[cfg(feature = "cards")]
pub(super) use self::{
    draw::{Art, draw, photo_size},
    store::store,
};
#[cfg(feature = "cards")]
use super::Picture;
#[cfg(feature = "cards")]
use crate::colour::Colour;
#[cfg(feature = "cards")]
use crate::path::SourcePath;
#[cfg(not(feature = "cards"))]
pub(crate) use without::Card;

/// The width and height that platforms ask for, in pixels.
pub(crate) const CARD_SIZE: (u16, u16) = (1200, 630);

/// What a share picture shows.
#[cfg(feature = "cards")]
#[derive(Clone, Debug)]
pub(crate) struct Content {
    /// The name of the site.
    pub(crate) site: String,
    /// Whether the logo says it too.
    pub(crate) is_in_logo: bool,
    pub(crate) title: String,
    /// A line above the title, and one or two below it.
    pub(crate) above: String,
    pub(crate) below: String,
    pub(crate) imprint: String,
    pub(crate) logo: Option<Original>,
    pub(crate) photo: Option<Original>,
    /// The point of the photo that is never cut off, from -1 to 1, rightwards and upwards.
    pub(crate) focus: (f64, f64),
    pub(crate) style: Style,
}

/// The look of a share picture.
#[cfg(feature = "cards")]
#[derive(Clone, Copy, Debug)]
pub(crate) struct Style {
    /// The ground, a shade of it for the imprint, and the text that can be read on both.
    pub(crate) ground: Colour,
    pub(crate) shade: Colour,
    pub(crate) text: Colour,
    /// What the logo, and a photo that lets something shine through, stand on.
    pub(crate) paper: Colour,
    pub(crate) round: bool,
}

/// A picture that is shown on another.
#[cfg(feature = "cards")]
#[derive(Clone, Debug)]
pub(crate) enum Original {
    Pixels(SourcePath, Picture),
    /// An SVG, and its SHA-256.
    Drawing(SourcePath, String),
}

/// What keeps a drawing from being shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg(feature = "cards")]
pub(crate) enum Lack {
    /// It has texts, for which there are no fonts.
    Texts,
    /// It has pictures in it.
    Pictures,
    /// It cannot be read.
    Everything,
}

/// Why a page has no share picture.
#[cfg(feature = "cards")]
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum CardProblem {
    /// The fonts do not have these letters.
    Letters(String),
    /// The imprint takes more room than there is.
    LongImprint,
}
