//! In which sizes and formats a picture is published, told from what is known of it.
//!
//! Every rendition has its place before anything is drawn, so that pages can name it. Its name
//! has a hash of all that it is made from: whatever keeps an old one, a browser or a host, never
//! shows it in the place of a new one.

use super::facts::{Facts, Kind, Picture};
use crate::hash::Hash;
use crate::path::OutputPath;

/// What the bytes of a rendition depend on besides the picture and the settings. A test holds it to
/// Cargo.lock.
pub(super) const MADE_WITH: &str = "fast_image_resize 6.1.0, image 0.25.10, image-webp 0.2.4, \
                                    jpeg-encoder 0.7.1, libwebp-sys 0.9.6, png 0.18.1, \
                                    zune-jpeg 0.5.15";

/// The largest side of a WebP (RFC 9649, section 2.6).
const WEBP_SIDE_MAX: u32 = 16_383;

/// How a rendition is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    Jpeg,
    Png,
    Webp,
}

/// A picture in another size or format.
#[derive(Clone, Debug)]
pub(crate) struct Rendition {
    pub(super) output: OutputPath,
    pub(super) format: Format,
    /// In pixels, as it is shown.
    pub(super) width: u32,
    pub(super) height: u32,
    /// From 1 to 100.
    pub(super) quality: u8,
    /// Stands for all that it is made from.
    pub(super) key: String,
}

impl Rendition {
    /// What is known of it, if it is one that every browser shows.
    #[cfg(feature = "cards")]
    pub(super) fn facts(&self, of: &Facts, length: u64) -> Facts {
        let Self { width, height, .. } = *self;
        let kind = if self.format == Format::Png { Kind::Png } else { Kind::Jpeg };
        Facts { kind, width, height, turn: 1, moves: false, length, ..*of }
    }

    /// Where it is published.
    pub(crate) fn output(&self) -> &OutputPath {
        &self.output
    }

    /// Stands for all that it is made from.
    pub(crate) fn key(&self) -> &str {
        &self.key
    }
}

impl Format {
    /// That of the renditions which every browser shows; nothing for a WebP, which is one.
    pub(super) fn plain(facts: &Facts) -> Option<Self> {
        match facts.kind {
            Kind::Png if facts.drawn => Some(Self::Png),
            Kind::Jpeg | Kind::Png => Some(Self::Jpeg),
            Kind::Gif | Kind::Webp => None,
        }
    }

    /// Whether the file itself is of this format.
    pub(super) fn is_of(self, facts: &Facts) -> bool {
        matches!(
            (self, facts.kind),
            (Self::Jpeg, Kind::Jpeg) | (Self::Png, Kind::Png) | (Self::Webp, Kind::Webp)
        )
    }

    fn ending(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            Self::Png => "png",
            Self::Webp => "webp",
        }
    }
}

/// The renditions of a picture that is published as `output`: as wide as the settings want, but
/// no wider than it is; and as wide as it is, when that is less than the widest of them.
pub(super) fn plan(
    picture: &Picture,
    output: &OutputPath,
    widths: &[u32],
    quality: u8,
) -> Vec<Rendition> {
    let facts = &picture.facts;
    if facts.moves || facts.kind == Kind::Gif {
        return Vec::new();
    }
    let narrower = widths.iter().copied().filter(|width| *width < facts.width);
    let own = Some(facts.width).filter(|own| widths.iter().any(|width| width >= own));
    let mut renditions = Vec::new();
    for width in narrower.chain(own) {
        let height = u64::from(facts.height) * u64::from(width) + u64::from(facts.width) / 2;
        let height = u32::try_from(height / u64::from(facts.width)).unwrap_or(u32::MAX).max(1);
        for format in Format::plain(facts).into_iter().chain([Format::Webp]) {
            let is_file = width == facts.width && format.is_of(facts);
            let is_too_high = format == Format::Webp && height > WEBP_SIDE_MAX;
            if !is_file && !is_too_high {
                let key = key(picture, format, width, quality);
                if let Some(output) = name(output, format, width, &key) {
                    renditions.push(Rendition { output, format, width, height, quality, key });
                }
            }
        }
    }
    renditions
}

fn key(picture: &Picture, format: Format, width: u32, quality: u8) -> String {
    let mut hash = Hash::default();
    hash.part(MADE_WITH.as_bytes());
    hash.part(picture.digest().as_bytes());
    hash.part(format.ending().as_bytes());
    hash.part(&width.to_le_bytes());
    hash.part(&[quality]);
    let mut key = hash.finish();
    // Half of it tells all pictures of the world apart.
    key.truncate(32);
    key
}

/// `photo.480.1f2e3d4c.webp` beside `photo.jpg`. Two files of one folder may differ in their ending
/// alone, so the hash is also of the name.
fn name(output: &OutputPath, format: Format, width: u32, key: &str) -> Option<OutputPath> {
    let path = output.as_str();
    let stem = path.rsplit_once('.').map_or(path, |(stem, _)| stem);
    let mut hash = Hash::default();
    hash.part(path.as_bytes());
    hash.part(key.as_bytes());
    let hash = hash.finish();
    OutputPath::new(&format!("{stem}.{width}.{}.{}", hash.get(..8)?, format.ending())).ok()
}

/// Where a picture is found in one format: nothing stands for the file itself.
pub(crate) type Sources<'p> = Vec<(Option<&'p OutputPath>, u32)>;

impl Picture {
    /// Decides in which sizes and formats it is published beside `output`, its file. `widths` are
    /// in pixels, `quality` is from 1 to 100.
    pub(crate) fn plan(&mut self, output: &OutputPath, widths: &[u32], quality: u8) {
        self.renditions = plan(self, output, widths, quality);
    }

    /// Whether it can be made into something else.
    #[cfg(feature = "cards")]
    pub(super) fn can_be_made(&self) -> bool {
        !self.facts.moves && self.facts.kind != Kind::Gif && !self.is_too_large()
    }

    /// Those that every browser shows, from narrow to wide.
    #[cfg(feature = "cards")]
    pub(super) fn plain_renditions(&self) -> impl Iterator<Item = &Rendition> {
        let plain = Format::plain(&self.facts);
        self.renditions.iter().filter(move |rendition| Some(rendition.format) == plain)
    }

    /// Its other sizes and formats.
    pub(crate) fn renditions(&self) -> &[Rendition] {
        &self.renditions
    }

    /// The one that a browser shows which does not choose, with its width and height: the file
    /// itself, or a rendition of one that is very large.
    pub(crate) fn plain(&self) -> (Option<&OutputPath>, u32, u32) {
        let plain = Format::plain(&self.facts);
        let widest = self.renditions.iter().rfind(|r| Some(r.format) == plain);
        let (width, height) = self.size();
        match widest {
            Some(r) if !self.is_source(plain) => (Some(&r.output), r.width, r.height),
            _ => (None, width, height),
        }
    }

    /// The ones that every browser shows.
    pub(crate) fn plain_sources(&self) -> Sources<'_> {
        self.sources(Format::plain(&self.facts))
    }

    /// The ones in WebP.
    pub(crate) fn webp_sources(&self) -> Sources<'_> {
        self.sources(Some(Format::Webp))
    }

    fn sources(&self, format: Option<Format>) -> Sources<'_> {
        let made = self.renditions.iter().filter(|r| Some(r.format) == format);
        let made = made.map(|r| (Some(&r.output), r.width));
        let own = self.is_source(format).then_some((None, self.facts.width));
        let sources: Sources<'_> = made.chain(own).collect();
        // One alone leaves nothing to choose, if it is the file.
        if sources.iter().all(|(output, _)| output.is_none()) { Vec::new() } else { sources }
    }

    /// Whether the file itself is one to choose from: not when it is wider than all that is wanted.
    fn is_source(&self, format: Option<Format>) -> bool {
        let widest = self.renditions.iter().map(|r| r.width).max();
        let is_wide = widest.is_some_and(|widest| widest < self.facts.width);
        format.is_some_and(|format| format.is_of(&self.facts)) && !is_wide
    }
}
