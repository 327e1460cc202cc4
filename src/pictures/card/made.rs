//! A share picture that can be made.

use super::draw::{imprint_fits, is_large_enough};
use super::font::{Letters, clean};
use super::{CardProblem, Content, Original, Style};
use crate::hash::Hash;
use crate::path::OutputPath;
use crate::pictures::rendition::{MADE_WITH as PICTURES_MADE_WITH, Rendition};

/// What the bytes depend on besides the [`Content`]. A test holds it to Cargo.lock.
const MADE_WITH: &str = "flate2 1.1.11, png 0.18.1, resvg 0.49.0, tiny-skia 0.12.0, \
                         ttf-parser 0.25.1, usvg 0.49.0";

/// Grows when something is drawn in another way. A test sees when it has to.
const DRAWING: u8 = 1;

/// A share picture of the site.
#[derive(Clone, Debug)]
pub(crate) struct Card {
    pub(in crate::pictures) content: Content,
    pub(in crate::pictures) format: CardFormat,
    output: OutputPath,
    key: String,
}

/// How a share picture is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CardFormat {
    Jpeg,
    Png,
}

impl Original {
    fn is_pixels(&self) -> bool {
        matches!(self, Self::Pixels(..))
    }

    /// The rendition that is large enough for a width and a height, when there is one: it is made
    /// anyway, and much smaller than what comes from a camera.
    pub(in crate::pictures) fn rendition(&self, (width, height): (u32, u32)) -> Option<&Rendition> {
        let Self::Pixels(_, picture) = self else { return None };
        let mut plain = picture.plain_renditions();
        plain.find(|rendition| rendition.width >= width && rendition.height >= height)
    }

    fn hash(&self, hash: &mut Hash) {
        match self {
            Self::Pixels(_, picture) => {
                hash.part(picture.digest().as_bytes());
                picture.renditions().iter().for_each(|r| hash.part(r.key.as_bytes()));
            }
            Self::Drawing(_, digest) => hash.part(digest.as_bytes()),
        }
    }
}

impl Card {
    /// The share picture of a page that is published as `page`; none beside a page whose path is as
    /// long as one can be.
    ///
    /// # Errors
    ///
    /// When it would not show what it has to.
    pub(crate) fn new(
        page: &OutputPath,
        mut content: Content,
    ) -> Result<Option<Self>, CardProblem> {
        let Content { site, title, above, below, imprint, .. } = &mut content;
        let mut missing = Letters::default();
        for text in [title, site, above, below, imprint] {
            *text = clean(text);
            missing.add(text);
        }
        if let Some(letters) = missing.list() {
            return Err(CardProblem::Letters(letters));
        }
        if !imprint_fits(&content.imprint) {
            return Err(CardProblem::LongImprint);
        }
        content.photo = content.photo.filter(is_large_enough);
        let is_photo = content.photo.as_ref().is_some_and(Original::is_pixels);
        let format = if is_photo { CardFormat::Jpeg } else { CardFormat::Png };
        let key = key(&content);
        let output = name(page, format, &key);
        Ok(output.map(|output| Self { content, format, output, key }))
    }

    /// Where it is published.
    pub(crate) fn output(&self) -> &OutputPath {
        &self.output
    }

    /// Stands for all that it is made from.
    pub(crate) fn key(&self) -> &str {
        &self.key
    }

    pub(crate) fn media_type(&self) -> &'static str {
        match self.format {
            CardFormat::Jpeg => "image/jpeg",
            CardFormat::Png => "image/png",
        }
    }
}

fn key(content: &Content) -> String {
    let Content { site, is_in_logo, title, above, below, imprint, logo, photo, focus, style } =
        content;
    let Style { ground, shade, text, paper, round } = style;
    let mut hash = Hash::default();
    hash.part(MADE_WITH.as_bytes());
    hash.part(PICTURES_MADE_WITH.as_bytes());
    hash.part(&[DRAWING, u8::from(*is_in_logo), u8::from(*round)]);
    for part in [site, title, above, below, imprint] {
        hash.part(part.as_bytes());
    }
    for original in [logo, photo] {
        hash.part(&[u8::from(original.is_some())]);
        original.iter().for_each(|original| original.hash(&mut hash));
    }
    hash.part(&focus.0.to_le_bytes());
    hash.part(&focus.1.to_le_bytes());
    [ground, shade, text, paper].iter().for_each(|colour| hash.part(&colour.channels()));
    let mut key = hash.finish();
    // Half of it tells all pictures of the world apart.
    key.truncate(32);
    key
}

/// `share.1f2e3d4c.png` beside `index.html`, `about.share.1f2e3d4c.png` beside `about.html`.
fn name(page: &OutputPath, format: CardFormat, key: &str) -> Option<OutputPath> {
    let path = page.as_str();
    let file = path.rsplit('/').next().unwrap_or(path);
    let stem = file.strip_suffix(".html").filter(|stem| *stem != "index");
    let before = stem.map(|stem| format!("{stem}.")).unwrap_or_default();
    let ending = match format {
        CardFormat::Jpeg => "jpg",
        CardFormat::Png => "png",
    };
    page.sibling(&format!("{before}share.{}.{ending}", key.get(..8)?)).ok()
}
