//! What is known of a picture without its bytes.

use std::fmt;

use super::Fault;
use super::look::{Look, look};
use super::rendition::Rendition;
use crate::limits::PICTURE_PIXELS_MAX;
use crate::path::SourcePath;

/// How a picture is stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Kind {
    #[default]
    Jpeg,
    Png,
    Gif,
    Webp,
}

impl Kind {
    const ALL: [(Self, &str); 4] =
        [(Self::Jpeg, "jpeg"), (Self::Png, "png"), (Self::Gif, "gif"), (Self::Webp, "webp")];
}

/// What was found in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Facts {
    pub(super) kind: Kind,
    /// In pixels, as it is shown.
    pub(super) width: u32,
    pub(super) height: u32,
    /// How it is turned to be shown: a value of the tag `Orientation` of EXIF, 1 to 8.
    pub(super) turn: u8,
    pub(super) moves: bool,
    /// More a drawing than a photo.
    pub(super) drawn: bool,
    /// What is published of the file, in bytes.
    pub(super) length: u64,
}

impl Facts {
    /// Looks at a file. `None` when it is no picture that is known here, whatever its name says.
    pub(crate) fn of(bytes: &[u8]) -> Option<Result<Self, Fault>> {
        let look = match look(bytes)? {
            Ok(look) => look,
            Err(damage) => return Some(Err(Fault::Damaged(damage))),
        };
        let Look { kind, width, height, turn, moves, drawn, .. } = look;
        // From 5 on it is turned by a quarter.
        let (width, height) = if turn < 5 { (width, height) } else { (height, width) };
        let length = look.length() as u64;
        Some(Ok(Self { kind, width, height, turn, moves, drawn, length }))
    }

    /// Reads what [`fmt::Display`] has written.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split(',');
        let name = parts.next()?;
        let (kind, _) = Kind::ALL.iter().find(|(_, known)| *known == name)?;
        let mut number = || parts.next()?.parse::<u64>().ok();
        Some(Self {
            kind: *kind,
            width: number()?.try_into().ok()?,
            height: number()?.try_into().ok()?,
            turn: number()?.try_into().ok()?,
            moves: number()? == 1,
            drawn: number()? == 1,
            length: number()?,
        })
    }
}

impl fmt::Display for Facts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, width, height, turn, moves, drawn, length } = *self;
        let name = Kind::ALL.iter().find(|(known, _)| *known == kind).map_or("", |(_, name)| name);
        let (moves, drawn) = (u8::from(moves), u8::from(drawn));
        write!(f, "{name},{width},{height},{turn},{moves},{drawn},{length}")
    }
}

/// A picture of the site.
#[derive(Clone, Debug)]
pub(crate) struct Picture {
    pub(super) facts: Facts,
    /// SHA-256 of the file.
    digest: String,
    /// Nothing has to be taken out of the file.
    clean: bool,
    pub(super) renditions: Vec<Rendition>,
}

impl Picture {
    /// A picture in a file of a length in bytes.
    pub(crate) fn new(facts: Facts, digest: String, length: u64) -> Self {
        // Whatever is put into a file takes the place of something longer.
        Self { facts, digest, clean: facts.length == length, renditions: Vec::new() }
    }

    /// What is published of the file, in bytes.
    pub(crate) fn length(&self) -> u64 {
        self.facts.length
    }

    /// Whether the file is published as it is.
    pub(crate) fn is_clean(&self) -> bool {
        self.clean
    }

    /// The SHA-256 of the file.
    pub(crate) fn digest(&self) -> &str {
        &self.digest
    }

    /// Whether there are too many pixels in it to be looked at.
    pub(crate) fn is_too_large(&self) -> bool {
        self.pixels() > PICTURE_PIXELS_MAX
    }

    pub(super) fn pixels(&self) -> u64 {
        u64::from(self.facts.width) * u64::from(self.facts.height)
    }

    /// Width and height in pixels, as it is shown.
    pub(crate) fn size(&self) -> (u32, u32) {
        (self.facts.width, self.facts.height)
    }
}

/// Whether a file is a picture of which something may be known.
pub(crate) fn is_picture(path: &SourcePath) -> bool {
    path.has_extension(&["jpg", "jpeg", "jpe", "jfif", "png", "apng", "gif", "webp"])
}
