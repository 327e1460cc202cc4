//! From the pixels of a share picture to its file, which is not larger than platforms take.

use std::collections::HashMap;

use jpeg_encoder::{ColorType, Encoder, SamplingFactor};
use resvg::tiny_skia::Pixmap;

use super::made::CardFormat;
use crate::limits::CARD_BYTES_MAX;
use crate::pictures::Fault;

/// How good a JPEG is at first, and what it gives up at a time.
const QUALITY: u8 = 88;
const QUALITY_STEP: u8 = 8;

/// What of each colour is kept in a PNG, in bits: all, and less when it gets too large.
const DEPTHS: [u8; 5] = [8, 6, 5, 4, 3];

/// The file of a share picture.
pub(in crate::pictures) fn store(pixmap: &Pixmap, format: CardFormat) -> Result<Vec<u8>, Fault> {
    // Nothing shines through the ground.
    let pixels: Vec<[u8; 3]> =
        pixmap.pixels().iter().map(|p| [p.red(), p.green(), p.blue()]).collect();
    let size = (pixmap.width(), pixmap.height());
    let stored = match format {
        CardFormat::Jpeg => jpeg(&pixels, size),
        CardFormat::Png => png(&pixels, size),
    };
    stored.ok_or(Fault::Damaged("no share picture can be stored"))
}

fn jpeg(pixels: &[[u8; 3]], (width, height): (u32, u32)) -> Option<Vec<u8>> {
    let (width, height) = (u16::try_from(width).ok()?, u16::try_from(height).ok()?);
    let mut quality = QUALITY;
    loop {
        let mut bytes = Vec::new();
        let mut encoder = Encoder::new(&mut bytes, quality);
        encoder.set_progressive(true);
        encoder.set_optimized_huffman_tables(true);
        // Letters on a ground of another colour are blurred otherwise.
        encoder.set_sampling_factor(SamplingFactor::F_1_1);
        encoder.encode(pixels.as_flattened(), width, height, ColorType::Rgb).ok()?;
        if bytes.len() <= CARD_BYTES_MAX || quality <= QUALITY_STEP {
            return Some(bytes);
        }
        quality -= QUALITY_STEP;
    }
}

fn png(pixels: &[[u8; 3]], size: (u32, u32)) -> Option<Vec<u8>> {
    let mut last = None;
    for depth in DEPTHS {
        let reduced: Vec<[u8; 3]>;
        let pixels = if depth == 8 {
            pixels
        } else {
            reduced = pixels.iter().map(|pixel| pixel.map(|value| rounded(value, depth))).collect();
            &reduced
        };
        let bytes = match indexed(pixels) {
            Some((palette, indexes)) => encoded(&indexes, size, Some(palette))?,
            None => encoded(pixels.as_flattened(), size, None)?,
        };
        if bytes.len() <= CARD_BYTES_MAX {
            return Some(bytes);
        }
        last = Some(bytes);
    }
    last
}

/// The value of so many bits that is next to one of eight.
fn rounded(value: u8, bits: u8) -> u8 {
    let steps = (1_u16 << bits) - 1;
    let step = (u16::from(value) * steps + 127) / 255;
    u8::try_from((step * 255 + steps / 2) / steps).unwrap_or(u8::MAX)
}

/// The colours of a picture and the number of each pixel's, when there are few.
fn indexed(pixels: &[[u8; 3]]) -> Option<(Vec<u8>, Vec<u8>)> {
    let mut known: HashMap<[u8; 3], u8> = HashMap::new();
    let mut palette = Vec::new();
    let mut indexes = Vec::with_capacity(pixels.len());
    let mut last: Option<([u8; 3], u8)> = None;
    for pixel in pixels {
        let index = match last.filter(|(colour, _)| colour == pixel) {
            Some((_, index)) => index,
            None => match known.get(pixel) {
                Some(index) => *index,
                None => {
                    let index = u8::try_from(known.len()).ok()?;
                    known.insert(*pixel, index);
                    palette.extend(pixel);
                    index
                }
            },
        };
        last = Some((*pixel, index));
        indexes.push(index);
    }
    Some((palette, indexes))
}

fn encoded(data: &[u8], (width, height): (u32, u32), palette: Option<Vec<u8>>) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::High);
    match palette {
        Some(palette) => {
            encoder.set_color(png::ColorType::Indexed);
            encoder.set_palette(palette);
            encoder.set_filter(png::Filter::NoFilter);
        }
        None => {
            encoder.set_color(png::ColorType::Rgb);
            encoder.set_filter(png::Filter::Adaptive);
        }
    }
    let mut writer = encoder.write_header().ok()?;
    writer.write_image_data(data).ok()?;
    writer.finish().ok()?;
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As little of it is foreseeable as of noise.
    fn noise() -> Pixmap {
        let mut pixmap = Pixmap::new(1200, 630).unwrap();
        let mut state: u32 = 1;
        for pixel in pixmap.data_mut().chunks_exact_mut(4) {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            pixel.copy_from_slice(&state.to_be_bytes());
            pixel[3] = 255;
        }
        pixmap
    }

    #[test]
    fn whatever_it_shows_it_is_small_enough() {
        let mut drawing = noise();
        for (index, pixel) in drawing.data_mut().chunks_exact_mut(4).enumerate() {
            // Soft edges all over, as in a drawing with shadows.
            let (x, y) = (index % 1200, index / 1200);
            let value = |by: usize| u8::try_from((x * x / by + y * y / 700) % 256).unwrap();
            pixel.copy_from_slice(&[value(300), value(900), value(1100), 255]);
        }
        for (pixmap, format) in [(noise(), CardFormat::Jpeg), (drawing, CardFormat::Png)] {
            let bytes = store(&pixmap, format).unwrap();
            assert!(bytes.len() <= CARD_BYTES_MAX, "{format:?} has {} bytes", bytes.len());
        }
    }

    #[test]
    fn a_colour_of_few_bits_is_the_nearest() {
        assert_eq!([0, 127, 128, 255].map(|value| rounded(value, 3)), [0, 109, 146, 255]);
        assert_eq!([0, 1, 254, 255].map(|value| rounded(value, 8)), [0, 1, 254, 255]);
    }
}
