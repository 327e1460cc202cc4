//! From the bytes of a picture to its renditions. The same bytes give the same, on every machine.

use std::io::Cursor;

use fast_image_resize::images::Image;
use fast_image_resize::{PixelType, ResizeOptions, Resizer};
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::metadata::Orientation;
use image::{
    DynamicImage, ExtendedColorType, ImageDecoder, ImageEncoder, ImageFormat, ImageReader,
    ImageResult, RgbImage, RgbaImage,
};
use jpeg_encoder::{ColorType, Encoder};
use webp::{PixelLayout, WebPConfig};

use super::Fault;
use super::facts::{Facts, Kind};
use super::rendition::{Format, Rendition};
use crate::limits::PICTURE_PIXELS_MAX;

/// A profile of colours is kept up to this size, in bytes; that of a phone has about 500.
const PROFILE_BYTES_MAX: usize = 16 << 10;

/// What a WebP gives up at a time when it is no smaller than what it stands for, and no more.
const QUALITY_STEP: u8 = 15;
const QUALITY_MIN: u8 = 30;

/// A picture in memory.
pub(super) struct Pixels {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) bytes: Vec<u8>,
    pub(super) see_through: bool,
}

/// Makes renditions of one picture, in their order.
pub(super) fn make(
    bytes: &[u8],
    facts: &Facts,
    wanted: &[&Rendition],
) -> Result<Vec<Vec<u8>>, Fault> {
    let (pixels, profile) = decode(bytes, facts)?;
    let profile = profile.as_deref();
    let mut made = Vec::with_capacity(wanted.len());
    let mut last: Option<(u32, Pixels, Vec<u8>)> = None;
    for rendition in wanted {
        let Rendition { width, height, quality, format, .. } = **rendition;
        // Those of one width follow each other.
        let (sized, plain) = match last.take().filter(|(known, ..)| *known == width) {
            Some((_, sized, plain)) => (sized, plain),
            None => {
                let sized = turned(resized(&pixels, facts, (width, height))?, facts);
                let plain = match Format::plain(facts) {
                    Some(Format::Jpeg) => jpeg(&sized, quality, profile)?,
                    Some(_) => png(&sized, profile)?,
                    None => Vec::new(),
                };
                (sized, plain)
            }
        };
        made.push(match format {
            Format::Webp => {
                let is_file = width == facts.width
                    && Format::plain(facts).is_some_and(|format| format.is_of(facts));
                let file = usize::try_from(facts.length).ok().filter(|_| is_file);
                let most = file.or(Some(plain.len())).filter(|most| *most > 0);
                with_profile(webp(&sized, quality, facts.drawn, most)?, &sized, profile)
            }
            _ => plain.clone(),
        });
        last = Some((width, sized, plain));
    }
    Ok(made)
}

/// The pixels as they are stored, not yet turned, and the profile of their colours.
pub(super) fn decode(bytes: &[u8], facts: &Facts) -> Result<(Pixels, Option<Vec<u8>>), Fault> {
    decode_image(bytes, facts).map_err(|_| Fault::Damaged("it cannot be read to its end"))
}

fn decode_image(bytes: &[u8], facts: &Facts) -> ImageResult<(Pixels, Option<Vec<u8>>)> {
    let format = match facts.kind {
        Kind::Jpeg => ImageFormat::Jpeg,
        Kind::Png => ImageFormat::Png,
        Kind::Gif | Kind::Webp => ImageFormat::WebP,
    };
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut limits = image::Limits::default();
    // At most four channels of two bytes.
    limits.max_alloc = Some(PICTURE_PIXELS_MAX * 8);
    reader.limits(limits);
    let mut decoder = reader.into_decoder()?;
    let profile = decoder.icc_profile()?.filter(|profile| {
        profile.len() <= PROFILE_BYTES_MAX && profile.get(16..20) == Some(b"RGB ")
    });
    let image = DynamicImage::from_decoder(decoder)?;
    let (width, height) = (image.width(), image.height());
    let see_through = image.color().has_alpha();
    let bytes =
        if see_through { image.into_rgba8().into_raw() } else { image.into_rgb8().into_raw() };
    Ok((Pixels { width, height, bytes, see_through }, profile))
}

impl Pixels {
    fn kind(&self) -> PixelType {
        if self.see_through { PixelType::U8x4 } else { PixelType::U8x3 }
    }
}

/// The pixels in the size in which they are, once turned, as wide and as high as wanted.
pub(super) fn resized(
    pixels: &Pixels,
    facts: &Facts,
    (width, height): (u32, u32),
) -> Result<Pixels, Fault> {
    let failed = Fault::Damaged("it cannot be made smaller");
    let (width, height) = if facts.turn < 5 { (width, height) } else { (height, width) };
    let from = fast_image_resize::images::ImageRef::new(
        pixels.width,
        pixels.height,
        &pixels.bytes,
        pixels.kind(),
    );
    let mut to = Image::new(width, height, pixels.kind());
    let from = from.map_err(|_| failed)?;
    Resizer::new().resize(&from, &mut to, &ResizeOptions::new()).map_err(|_| failed)?;
    Ok(Pixels { width, height, bytes: to.into_vec(), see_through: pixels.see_through })
}

pub(super) fn turned(pixels: Pixels, facts: &Facts) -> Pixels {
    let Pixels { width, height, bytes, see_through } = pixels;
    let image = if see_through {
        RgbaImage::from_raw(width, height, bytes).map(DynamicImage::from)
    } else {
        RgbImage::from_raw(width, height, bytes).map(DynamicImage::from)
    };
    let mut image = image.unwrap_or_default();
    if let Some(turn) = Orientation::from_exif(facts.turn) {
        image.apply_orientation(turn);
    }
    let (width, height) = (image.width(), image.height());
    Pixels { width, height, bytes: image.into_bytes(), see_through }
}

/// A part of a picture. `None` when it is not all there.
#[cfg(feature = "cards")]
pub(super) fn cut(
    pixels: &Pixels,
    (x, y): (u32, u32),
    (width, height): (u32, u32),
) -> Option<Pixels> {
    let side = |side: u32| usize::try_from(side).ok();
    let channels = if pixels.see_through { 4 } else { 3 };
    let (left, across) = (side(x)? * channels, side(width)? * channels);
    let rows = pixels.bytes.chunks_exact(side(pixels.width)? * channels);
    let mut bytes = Vec::with_capacity(across * side(height)?);
    for row in rows.skip(side(y)?).take(side(height)?) {
        bytes.extend_from_slice(row.get(left..left + across)?);
    }
    let is_whole = bytes.len() == across * side(height)?;
    is_whole.then_some(Pixels { width, height, bytes, see_through: pixels.see_through })
}

/// Without transparency: a photo has none.
fn jpeg(pixels: &Pixels, quality: u8, profile: Option<&[u8]>) -> Result<Vec<u8>, Fault> {
    let failed = Fault::Damaged("it is too high to be made a JPEG");
    let side = |side: u32| u16::try_from(side).map_err(|_| failed);
    let (width, height) = (side(pixels.width)?, side(pixels.height)?);
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, quality);
    encoder.set_progressive(true);
    encoder.set_optimized_huffman_tables(true);
    if let Some(profile) = profile {
        encoder.add_icc_profile(profile).map_err(|_| failed)?;
    }
    let kind = if pixels.see_through { ColorType::Rgba } else { ColorType::Rgb };
    encoder.encode(&pixels.bytes, width, height, kind).map_err(|_| failed)?;
    Ok(bytes)
}

fn png(pixels: &Pixels, profile: Option<&[u8]>) -> Result<Vec<u8>, Fault> {
    let mut bytes = Vec::new();
    let mut encoder =
        PngEncoder::new_with_quality(&mut bytes, CompressionType::Best, FilterType::Adaptive);
    if let Some(profile) = profile {
        // It takes every profile.
        let _ = encoder.set_icc_profile(profile.to_vec());
    }
    let kind = if pixels.see_through { ExtendedColorType::Rgba8 } else { ExtendedColorType::Rgb8 };
    let (width, height) = (pixels.width, pixels.height);
    let encoded = encoder.write_image(&pixels.bytes, width, height, kind);
    encoded.map_err(|_| Fault::Damaged("it cannot be made a PNG"))?;
    Ok(bytes)
}

/// A WebP, if it can be smaller than `most` bytes. A drawing may be smaller without loss.
fn webp(pixels: &Pixels, quality: u8, drawn: bool, most: Option<usize>) -> Result<Vec<u8>, Fault> {
    let failed = Fault::Damaged("it cannot be made a WebP");
    let layout = if pixels.see_through { PixelLayout::Rgba } else { PixelLayout::Rgb };
    let encoder = webp::Encoder::new(&pixels.bytes, layout, pixels.width, pixels.height);
    let encode = |lossless: bool, quality: u8| {
        let mut config = WebPConfig::new().map_err(|()| failed)?;
        config.lossless = lossless.into();
        config.quality = quality.into();
        let encoded = encoder.encode_advanced(&config).map_err(|_| failed)?;
        Ok(encoded.to_vec())
    };
    let mut quality = quality;
    let mut best = encode(false, quality)?;
    if drawn {
        let exact = encode(true, 75)?;
        best = if exact.len() < best.len() { exact } else { best };
    }
    while most.is_some_and(|most| best.len() >= most) && quality > QUALITY_MIN {
        quality = quality.saturating_sub(QUALITY_STEP).max(QUALITY_MIN);
        best = encode(false, quality)?;
    }
    Ok(best)
}

/// A WebP with a profile of its colours (RFC 9649, section 2.7), for which the encoder has no way.
fn with_profile(webp: Vec<u8>, pixels: &Pixels, profile: Option<&[u8]>) -> Vec<u8> {
    const HAS_PROFILE: u8 = 0x20;
    const HAS_ALPHA: u8 = 0x10;
    let (Some(profile), Some(rest)) = (profile, webp.get(12..)) else { return webp };
    let side = |side: u32| side.saturating_sub(1).to_le_bytes();
    let alpha = if pixels.see_through { HAS_ALPHA } else { 0 };
    let [[w0, w1, w2, _], [h0, h1, h2, _]] = [side(pixels.width), side(pixels.height)];
    let head = [HAS_PROFILE | alpha, 0, 0, 0, w0, w1, w2, h0, h1, h2];
    // What it says of itself is said anew.
    let rest = if rest.starts_with(b"VP8X") { rest.get(18..).unwrap_or_default() } else { rest };
    let length = |bytes: &[u8]| u32::try_from(bytes.len()).unwrap_or_default().to_le_bytes();
    let pad = if profile.len() % 2 == 0 { &b""[..] } else { b"\0" };
    let profile = [b"ICCP", &length(profile)[..], profile, pad].concat();
    let body = [b"WEBPVP8X\x0a\0\0\0", &head[..], &profile, rest].concat();
    [b"RIFF", &length(&body)[..], &body].concat()
}
