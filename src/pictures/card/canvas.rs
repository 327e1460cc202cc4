//! Puts shapes, letters and pictures on a picture.

use resvg::tiny_skia::{
    Color, FillRule, Paint, Path, PathBuilder, Pixmap, PixmapPaint, Rect, Transform,
};
use resvg::usvg::Tree;

use super::font::Font;
use super::text::Block;
use crate::colour::Colour;
use crate::pictures::make::Pixels;

/// A picture that is being made.
pub(super) struct Canvas {
    pub(super) pixmap: Pixmap,
}

/// A part of a picture, in whole pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Frame {
    pub(super) x: u16,
    pub(super) y: u16,
    pub(super) width: u16,
    pub(super) height: u16,
}

/// How far the handles of a curve stand off that makes a quarter of a circle, for each pixel of its
/// radius.
const ROUND: f32 = 0.5523;

impl Frame {
    fn floats(self) -> [f32; 4] {
        [self.x, self.y, self.width, self.height].map(f32::from)
    }
}

impl Canvas {
    /// A picture of one colour. `None` when there is not so much memory.
    pub(super) fn new((width, height): (u16, u16), ground: Colour) -> Option<Self> {
        let mut pixmap = Pixmap::new(width.into(), height.into())?;
        pixmap.fill(opaque(ground));
        Some(Self { pixmap })
    }

    fn fill(&mut self, path: Option<Path>, colour: Colour) {
        let Some(path) = path else { return };
        let mut paint = Paint::default();
        paint.set_color(opaque(colour));
        self.pixmap.fill_path(&path, &paint, FillRule::Winding, Transform::identity(), None);
    }

    /// A rectangle, with round corners if they have a radius.
    pub(super) fn rectangle(&mut self, frame: Frame, radius: u16, colour: Colour) {
        let [x, y, width, height] = frame.floats();
        let (right, bottom, r) = (x + width, y + height, f32::from(radius));
        if radius == 0 {
            self.fill(Rect::from_xywh(x, y, width, height).map(PathBuilder::from_rect), colour);
            return;
        }
        let c = r * (1.0 - ROUND);
        let mut path = PathBuilder::new();
        path.move_to(x + r, y);
        path.line_to(right - r, y);
        path.cubic_to(right - c, y, right, y + c, right, y + r);
        path.line_to(right, bottom - r);
        path.cubic_to(right, bottom - c, right - c, bottom, right - r, bottom);
        path.line_to(x + r, bottom);
        path.cubic_to(x + c, bottom, x, bottom - c, x, bottom - r);
        path.line_to(x, y + r);
        path.cubic_to(x, y + c, x + c, y, x + r, y);
        path.close();
        self.fill(path.finish(), colour);
    }

    pub(super) fn circle(&mut self, (x, y): (f32, f32), radius: f32, colour: Colour) {
        self.fill(PathBuilder::from_circle(x, y, radius), colour);
    }

    /// A text whose first capitals reach up to `y`.
    pub(super) fn text(&mut self, block: &Block, (x, y): (f32, f32), colour: Colour) {
        let Some(font) = Font::of(block.weight) else { return };
        let mut path = PathBuilder::new();
        let mut foot = y + block.cap();
        for line in &block.lines {
            font.outline(line, (x, foot), block.size, &mut path);
            foot += block.leading;
        }
        self.fill(path.finish(), colour);
    }

    /// A drawing, as large as it has to be to fill a frame or, if it is to be `whole`, to fit into
    /// it, and in its middle.
    pub(super) fn drawing(&mut self, tree: &Tree, frame: Frame, whole: bool) -> Option<()> {
        let [x, y, width, height] = frame.floats();
        let (own_width, own_height) = (tree.size().width(), tree.size().height());
        let (across, down) = (width / own_width, height / own_height);
        let scale = if whole { across.min(down) } else { across.max(down) };
        let mut part = Pixmap::new(frame.width.into(), frame.height.into())?;
        let left = (width - own_width * scale) / 2.0;
        let top = (height - own_height * scale) / 2.0;
        let transform = Transform::from_row(scale, 0.0, 0.0, scale, left, top);
        resvg::render(tree, transform, &mut part.as_mut());
        self.put(&part, (x, y));
        Some(())
    }

    /// A picture in its own size.
    pub(super) fn pixels(&mut self, pixels: &Pixels, (x, y): (u16, u16)) -> Option<()> {
        let mut part = Pixmap::new(pixels.width, pixels.height)?;
        let channels = if pixels.see_through { 4 } else { 3 };
        let from = pixels.bytes.chunks_exact(channels);
        for (to, from) in part.data_mut().chunks_exact_mut(4).zip(from) {
            let alpha = from.get(3).copied().unwrap_or(u8::MAX);
            for (to, from) in to.iter_mut().zip(from.iter().take(3)) {
                *to = times(*from, alpha);
            }
            if let Some(last) = to.last_mut() {
                *last = alpha;
            }
        }
        self.put(&part, (f32::from(x), f32::from(y)));
        Some(())
    }

    fn put(&mut self, part: &Pixmap, (x, y): (f32, f32)) {
        let place = Transform::from_translate(x, y);
        self.pixmap.draw_pixmap(0, 0, part.as_ref(), &PixmapPaint::default(), place, None);
    }
}

/// The nearest whole number of pixels.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is in the range")]
pub(super) fn whole(pixels: f32) -> u16 {
    pixels.round().clamp(0.0, f32::from(u16::MAX)) as u16
}

fn opaque(colour: Colour) -> Color {
    let [red, green, blue] = colour.channels();
    Color::from_rgba8(red, green, blue, u8::MAX)
}

/// A channel of a colour that lets something shine through.
fn times(value: u8, alpha: u8) -> u8 {
    u8::try_from((u16::from(value) * u16::from(alpha) + 127) / 255).unwrap_or(u8::MAX)
}
