//! Where everything stands on a share picture.
//!
//! At the top stand the logo and the name of the site, and above the imprint the title, as large as
//! it can be; the right side is that of the photo. The imprint has as many lines as it needs and is
//! never cut: all else has to do with the room that it leaves.

use resvg::tiny_skia::Pixmap;
use resvg::usvg::Tree;

use super::canvas::{Canvas, Frame, whole};
use super::font::Weight;
use super::text::{Block, Room, Step};
use super::{CARD_SIZE, Card, Content, Original};
use crate::pictures::Fault;
use crate::pictures::facts::Facts;
use crate::pictures::make::{Pixels, cut, resized, turned};

const WIDE: u16 = CARD_SIZE.0;
const HIGH: u16 = CARD_SIZE.1;

/// From the edge of the picture to what stands on it.
const MARGIN: u16 = 64;

/// The side of a photo that is higher than wide, and of one that is wider.
const PANEL: u16 = 452;
const WIDE_PANEL: u16 = 540;

/// From a text to the photo beside it.
const GUTTER: u16 = 40;

/// The largest room for the imprint; its size at 1,200 pixels, and how many lines it may have.
const IMPRINT_HIGH: f32 = 184.0;
const IMPRINT: &[Step] = &[(24.0, 2), (22.0, 3), (20.0, 4), (18.0, 7)];

const TITLE: &[Step] = &[
    (92.0, 2),
    (84.0, 3),
    (76.0, 3),
    (68.0, 4),
    (60.0, 4),
    (54.0, 4),
    (48.0, 5),
    (42.0, 6),
    (38.0, 6),
];
const SITE: &[Step] = &[(32.0, 1), (28.0, 2), (24.0, 2)];
const ABOVE: &[Step] = &[(28.0, 1), (26.0, 2)];
const BELOW: &[Step] = &[(30.0, 2), (27.0, 3)];

/// A logo is as high as this, unless it is very wide.
const LOGO_HIGH: u16 = 76;
const LOGO_WIDE: u16 = 300;

/// How much larger a photo is made at most. Beyond that it is a blur.
const LARGER_MAX: u32 = 2;

/// A picture that is put on another, in memory.
pub(in crate::pictures) enum Art {
    Pixels(Pixels, Facts),
    Drawing(Box<Tree>),
}

impl Art {
    /// Width and height as it is shown.
    fn size(&self) -> (f32, f32) {
        match self {
            Self::Pixels(_, facts) => {
                let side = |side| f32::from(u16::try_from(side).unwrap_or(u16::MAX));
                (side(facts.width), side(facts.height))
            }
            Self::Drawing(tree) => (tree.size().width(), tree.size().height()),
        }
    }
}

/// Whether a picture has enough pixels to be shown on a share picture. What moves is none.
pub(super) fn is_large_enough(original: &Original) -> bool {
    let Original::Pixels(_, picture) = original else { return true };
    let (width, height) = picture.size();
    let wanted = u32::from(panel(width > height)) / LARGER_MAX;
    width.min(height) >= wanted && picture.can_be_made()
}

fn panel(is_wide: bool) -> u16 {
    if is_wide { WIDE_PANEL } else { PANEL }
}

fn imprint(text: &str) -> Block {
    let room = Room { width: f32::from(WIDE - 2 * MARGIN), height: IMPRINT_HIGH };
    Block::fit(text, Weight::Medium, room, 1.34, IMPRINT)
}

/// Whether all of an imprint can be read on a share picture.
pub(super) fn imprint_fits(text: &str) -> bool {
    !imprint(text).is_cut
}

/// How high the strip is that the imprint stands on.
fn strip(imprint: &Block) -> u16 {
    if imprint.lines.is_empty() { 0 } else { whole(imprint.height()) + 48 }
}

/// The width and height of the photo, where it can be known before it is read.
pub(in crate::pictures) fn photo_size(content: &Content) -> Option<(u32, u32)> {
    let Some(Original::Pixels(_, picture)) = &content.photo else { return None };
    let (width, height) = picture.size();
    let high = HIGH - strip(&imprint(&content.imprint));
    Some((panel(width > height).into(), high.into()))
}

/// Draws a share picture.
pub(in crate::pictures) fn draw(
    card: &Card,
    logo: Option<&Art>,
    photo: Option<&Art>,
) -> Result<Pixmap, Fault> {
    const FAILED: Fault = Fault::Damaged("it cannot be put on a share picture");
    let Content { style, imprint: text, focus, .. } = &card.content;
    let mut canvas = Canvas::new((WIDE, HIGH), style.ground).ok_or(FAILED)?;
    let imprint = imprint(text);
    let floor = HIGH - strip(&imprint);
    let right = match photo {
        Some(photo) => {
            let (width, height) = photo.size();
            let width = panel(width > height);
            let frame = Frame { x: WIDE - width, y: 0, width, height: floor };
            canvas.rectangle(frame, 0, style.paper);
            cover(&mut canvas, photo, frame, *focus).ok_or(FAILED)?;
            frame.x - GUTTER
        }
        None => {
            canvas.circle((1170.0, 20.0), 300.0, style.shade);
            WIDE - MARGIN
        }
    };
    let column = Frame { x: MARGIN, y: 56, width: right - MARGIN, height: floor - 56 - 48 };
    let below_header = header(&mut canvas, &card.content, logo, column).ok_or(FAILED)?;
    title(
        &mut canvas,
        &card.content,
        Frame {
            y: below_header,
            height: (column.y + column.height).saturating_sub(below_header),
            ..column
        },
    );
    if floor < HIGH {
        let frame = Frame { x: 0, y: floor, width: WIDE, height: HIGH - floor };
        canvas.rectangle(frame, 0, style.shade);
        canvas.text(&imprint, (f32::from(MARGIN), f32::from(floor) + 24.0), style.text);
    }
    Ok(canvas.pixmap)
}

/// Puts logo and name at the top of a column, and says where what stands below them may begin.
fn header(
    canvas: &mut Canvas,
    content: &Content,
    logo: Option<&Art>,
    column: Frame,
) -> Option<u16> {
    let Content { style, site, is_in_logo, .. } = content;
    let mut x = column.x;
    let mut middle = f32::from(column.y) + 16.0;
    let mut foot = column.y;
    if let Some(logo) = logo {
        let (width, height) = logo.size();
        let scale = (f32::from(LOGO_HIGH) / height).min(f32::from(LOGO_WIDE) / width);
        let (width, height) = (whole(width * scale).max(1), whole(height * scale).max(1));
        let plate =
            Frame { x, y: column.y - 8, width: width + 28, height: height.max(LOGO_HIGH / 2) + 28 };
        canvas.rectangle(plate, if style.round { 14 } else { 0 }, style.paper);
        let y = plate.y + (plate.height - height) / 2;
        contain(canvas, logo, Frame { x: x + 14, y, width, height })?;
        x += plate.width + 22;
        foot = plate.y + plate.height;
        middle = f32::from(plate.y) + f32::from(plate.height) / 2.0;
    }
    let width = f32::from((column.x + column.width).saturating_sub(x));
    let site = if *is_in_logo && logo.is_some() { "" } else { site };
    let name = Block::fit(site, Weight::Bold, Room { width, height: 90.0 }, 1.2, SITE);
    let top = if logo.is_some() { middle - name.height() / 2.0 } else { f32::from(column.y) };
    canvas.text(&name, (f32::from(x), top), style.text);
    let foot = foot.max(whole(top + name.height()));
    Some(if foot == column.y { foot } else { foot + 32 })
}

/// Puts the title, and what stands above and below it, at the foot of a column.
fn title(canvas: &mut Canvas, content: &Content, column: Frame) {
    let Content { style, title, above, below, .. } = content;
    let (x, width) = (f32::from(column.x), f32::from(column.width));
    let mut room = f32::from(column.height);
    let mut foot = f32::from(column.y) + room;
    let fit = |text: &str, weight, height, leading, steps| {
        Block::fit(text, weight, Room { width, height }, leading, steps)
    };
    let gap = |block: &Block, gap: f32| if block.lines.is_empty() { 0.0 } else { gap };
    let above = fit(above, Weight::Medium, room / 4.0, 1.3, ABOVE);
    let below = fit(below, Weight::Medium, room / 3.0, 1.3, BELOW);
    let (over, under) = (gap(&above, 32.0), gap(&below, 48.0));
    room -= above.height() + over + below.height() + under;
    let title = fit(title, Weight::Bold, room, 1.1, TITLE);
    foot -= below.height();
    canvas.text(&below, (x, foot), style.text);
    foot -= under + title.height();
    canvas.text(&title, (x, foot), style.text);
    foot -= over + above.height();
    canvas.text(&above, (x, foot), style.text);
}

/// Fills a frame with a picture. What is cut off is furthest from its `focus`.
fn cover(canvas: &mut Canvas, art: &Art, frame: Frame, focus: (f64, f64)) -> Option<()> {
    let (pixels, facts) = match art {
        Art::Drawing(tree) => return canvas.drawing(tree, frame, false),
        Art::Pixels(pixels, facts) => (pixels, facts),
    };
    let (width, height) = (u64::from(facts.width), u64::from(facts.height));
    let (across, down) = (u64::from(frame.width), u64::from(frame.height));
    let (width, height) = if width * down > height * across {
        ((width * down).div_ceil(height), down)
    } else {
        (across, (height * across).div_ceil(width))
    };
    let size = (u32::try_from(width).ok()?, u32::try_from(height).ok()?);
    let sized = turned(resized(pixels, facts, size).ok()?, facts);
    let from = |side: u32, frame: u16, at: f64| {
        let spare = side.saturating_sub(frame.into());
        let start = f64::from(side) * at - f64::from(frame) / 2.0;
        (0..spare).find(|pixel| f64::from(*pixel) >= start).unwrap_or(spare)
    };
    let x = from(size.0, frame.width, f64::midpoint(1.0, focus.0));
    let y = from(size.1, frame.height, f64::midpoint(1.0, -focus.1));
    let part = cut(&sized, (x, y), (frame.width.into(), frame.height.into()))?;
    canvas.pixels(&part, (frame.x, frame.y))
}

/// Puts a whole picture into a frame of its own shape.
fn contain(canvas: &mut Canvas, art: &Art, frame: Frame) -> Option<()> {
    match art {
        Art::Drawing(tree) => canvas.drawing(tree, frame, true),
        Art::Pixels(pixels, facts) => {
            let size = (frame.width.into(), frame.height.into());
            let sized = turned(resized(pixels, facts, size).ok()?, facts);
            canvas.pixels(&sized, (frame.x, frame.y))
        }
    }
}
