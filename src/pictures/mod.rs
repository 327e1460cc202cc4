//! Pictures made of pixels: what is known of them, and what is published of them.
//!
//! Their files are looked at when the site is read, and what was found is remembered with their
//! hash, so that a page is rendered without them. Whatever needs their bytes is an output of its
//! own and asks the [`Studio`].
//!
//! Share pictures are drawn here too, if the program has the feature `cards`.
//!
//! A program without the feature `pictures` knows of no picture: its [`Picture`] cannot exist, and
//! so all that is done with one costs nothing there.

mod card;
#[cfg(feature = "pictures")]
mod facts;
#[cfg(feature = "pictures")]
mod gate;
#[cfg(feature = "pictures")]
mod look;
#[cfg(feature = "pictures")]
mod make;
#[cfg(feature = "pictures")]
mod rendition;
#[cfg(feature = "pictures")]
mod studio;
#[cfg(not(feature = "pictures"))]
mod without;

pub(crate) use self::card::{CARD_SIZE, Card};
#[cfg(feature = "cards")]
pub(crate) use self::card::{CardProblem, Content, Lack, Original, Style};
#[cfg(feature = "pictures")]
pub(crate) use self::{
    facts::{Facts, Picture, is_picture},
    rendition::Sources,
    studio::Studio,
};
#[cfg(not(feature = "pictures"))]
pub(crate) use without::{Facts, Picture, Sources, Studio, is_picture};

/// Why a picture cannot be made.
#[cfg_attr(not(feature = "pictures"), expect(dead_code, reason = "nothing is made there"))]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The file is damaged, and how.
    Damaged(&'static str),
    /// It is gone, or not what it was when the site was read.
    Changed,
}
