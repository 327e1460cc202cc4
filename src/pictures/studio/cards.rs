//! Makes share pictures.

use resvg::usvg::{ImageHrefResolver, Options, Tree};

use super::{FOLDER, Purpose, Studio};
use crate::path::SourcePath;
use crate::pictures::card::{Art, draw, photo_size, store};
use crate::pictures::make::decode;
use crate::pictures::{Card, Facts, Fault, Lack, Original};

impl Studio {
    /// The file of a share picture.
    pub(crate) fn card(&self, card: &Card) -> Result<Vec<u8>, Fault> {
        if let Some(bytes) = self.kept(card.key()) {
            return Ok(bytes);
        }
        if self.purpose == Purpose::Look {
            return Ok(Vec::new());
        }
        let content = &card.content;
        // Renditions come first: to make one is to wait at the gate.
        let photo = content.photo.as_ref().map(|photo| self.found(photo, photo_size(content)));
        let (logo, photo) = (
            content.logo.as_ref().map(|logo| self.found(logo, None)).transpose()?,
            photo.transpose()?,
        );
        let pixels = [&logo, &photo].into_iter().flatten().filter_map(|(_, facts)| *facts);
        let pixels = pixels.map(|facts| u64::from(facts.width) * u64::from(facts.height)).sum();
        let _pass = self.gate.enter(card.key(), pixels);
        let (logo, photo) = (logo.map(art).transpose()?, photo.map(art).transpose()?);
        let pixmap = draw(card, logo.flatten().as_ref(), photo.flatten().as_ref())?;
        let bytes = store(&pixmap, card.format)?;
        if let Some(root) = self.root() {
            root.write_cached(FOLDER, card.key(), &bytes);
        }
        Ok(bytes)
    }

    /// What keeps the logo of a share picture from being drawn, and the file it is in.
    pub(crate) fn logo_lack<'c>(&self, card: &'c Card) -> Option<(&'c SourcePath, Lack)> {
        let Some(Original::Drawing(path, digest)) = &card.content.logo else { return None };
        let bytes = self.read(path, digest).ok()?;
        Some((path, drawing(&bytes).err()?))
    }

    /// The bytes of a picture that is large enough, and what is known of it if it has pixels.
    fn found(
        &self,
        original: &Original,
        size: Option<(u32, u32)>,
    ) -> Result<(Vec<u8>, Option<Facts>), Fault> {
        let (path, picture) = match original {
            Original::Drawing(path, digest) => return Ok((self.read(path, digest)?, None)),
            Original::Pixels(path, picture) => (path, picture),
        };
        match size.and_then(|size| original.rendition(size)) {
            Some(rendition) => {
                let bytes = self.rendition(path, picture, rendition)?;
                let facts = rendition.facts(&picture.facts, bytes.len() as u64);
                Ok((bytes, Some(facts)))
            }
            None => Ok((self.read(path, picture.digest())?, Some(picture.facts))),
        }
    }
}

/// A picture in memory; nothing for a drawing that would not be whole.
fn art((bytes, facts): (Vec<u8>, Option<Facts>)) -> Result<Option<Art>, Fault> {
    let Some(facts) = facts else {
        return Ok(drawing(&bytes).map(Box::new).map(Art::Drawing).ok());
    };
    let (pixels, _) = decode(&bytes, &facts)?;
    Ok(Some(Art::Pixels(pixels, facts)))
}

/// A drawing by itself: whatever it names is not looked for, and there are no fonts for its texts.
fn drawing(bytes: &[u8]) -> Result<Tree, Lack> {
    let has = |names: &[&[u8]]| {
        names.iter().any(|name| bytes.windows(name.len()).any(|window| window == *name))
    };
    if has(&[b"<text", b":text", b"<foreignObject"]) {
        return Err(Lack::Texts);
    }
    if has(&[b"<image", b":image", b"<feImage"]) {
        return Err(Lack::Pictures);
    }
    let image_href_resolver = ImageHrefResolver {
        resolve_data: Box::new(|_, _, _| None),
        resolve_string: Box::new(|_, _| None),
    };
    let options = Options { image_href_resolver, ..Options::default() };
    Tree::from_data(bytes, &options).map_err(|_| Lack::Everything)
}
