//! Texts in lines: in the largest size in which they fit.

use super::font::{Font, Weight};

/// A text in lines.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Block {
    pub(super) lines: Vec<String>,
    pub(super) weight: Weight,
    /// Of the letters, in pixels.
    pub(super) size: f32,
    /// From line to line, in pixels.
    pub(super) leading: f32,
    /// Whether something had to be left out at the end.
    pub(super) is_cut: bool,
}

/// A size that a text may have, and how many lines it may then take.
pub(super) type Step = (f32, usize);

/// The room for a text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Room {
    pub(super) width: f32,
    pub(super) height: f32,
}

/// A part of a text that stays on one line.
#[derive(Clone, Debug)]
struct Piece {
    text: String,
    /// For each pixel of the size.
    width: f32,
    /// Whether a space stands before it, unless it begins a line.
    spaced: bool,
}

/// How often the width of a text is halved to find the one in which its lines are alike.
const BALANCE_STEPS: usize = 7;

impl Block {
    /// Sets a text in the first of some sizes, from large to small, in which it fits. In the last
    /// one words are broken that are too long, and what does not fit is left out.
    pub(super) fn fit(
        text: &str,
        weight: Weight,
        room: Room,
        leading: f32,
        steps: &[Step],
    ) -> Self {
        let empty = Self { lines: Vec::new(), weight, size: 0.0, leading: 0.0, is_cut: false };
        let Some(font) = Font::of(weight).filter(|_| !text.is_empty()) else { return empty };
        let all = pieces(font, text);
        let space = font.width(" ");
        for (index, (size, lines_max)) in steps.iter().copied().enumerate() {
            let (width, leading) = (room.width / size, size * leading);
            let is_last = index + 1 == steps.len();
            // The foot of the last line is not that of the room below it.
            let high =
                (1..lines_max).take_while(|n| below(*n) * leading + cap(size) <= room.height);
            let lines_max = high.count() + 1;
            let widest = all.iter().map(|piece| piece.width).fold(0.0, f32::max);
            if widest > width && !is_last {
                continue;
            }
            let broken = if widest > width { broken(font, &all, width) } else { all.clone() };
            let mut lines = filled(&broken, space, width);
            let is_cut = lines.len() > lines_max;
            if is_cut && !is_last {
                continue;
            }
            if is_cut {
                lines.truncate(lines_max);
                if let Some(last) = lines.last_mut() {
                    shorten(font, last, width);
                }
            } else {
                lines = balanced(&broken, space, width, lines);
            }
            return Self { lines, weight, size, leading, is_cut };
        }
        empty
    }

    /// In pixels, from the top of the capitals of the first line to the foot of the last one.
    pub(super) fn height(&self) -> f32 {
        match self.lines.len() {
            0 => 0.0,
            lines => below(lines - 1) * self.leading + self.cap(),
        }
    }

    /// The height of capitals, in pixels.
    pub(super) fn cap(&self) -> f32 {
        cap(self.size)
    }
}

/// The height of capitals of Inter.
fn cap(size: f32) -> f32 {
    size * 0.727
}

/// So many lines below the first.
fn below(lines: usize) -> f32 {
    f32::from(u8::try_from(lines).unwrap_or(u8::MAX))
}

/// A text cut where lines may end: at spaces, and behind strokes.
fn pieces(font: &Font, text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for word in text.split(' ') {
        let mut spaced = true;
        for part in word.split_inclusive(['-', '–', '—', '/']) {
            pieces.push(Piece { text: part.to_owned(), width: font.width(part), spaced });
            spaced = false;
        }
    }
    pieces
}

/// The same, with what is wider than a line in several pieces.
fn broken(font: &Font, pieces: &[Piece], width: f32) -> Vec<Piece> {
    let mut all = Vec::new();
    for piece in pieces {
        if piece.width <= width {
            all.push(piece.clone());
            continue;
        }
        let mut spaced = piece.spaced;
        let mut text = String::new();
        let mut put = |text: &mut String, end: &str| {
            let text = std::mem::take(text) + end;
            all.push(Piece { width: font.width(&text), text, spaced });
            spaced = false;
        };
        for letter in piece.text.chars() {
            text.push(letter);
            if font.width(&text) + font.width("-") > width && text.chars().count() > 1 {
                text.pop();
                put(&mut text, "-");
                text.push(letter);
            }
        }
        put(&mut text, "");
    }
    all
}

/// Lines as full as they can be.
fn filled(pieces: &[Piece], space: f32, width: f32) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut used = 0.0;
    for piece in pieces {
        let gap = if piece.spaced { space } else { 0.0 };
        match lines.last_mut() {
            Some(line) if used + gap + piece.width <= width => {
                line.push_str(if piece.spaced { " " } else { "" });
                line.push_str(&piece.text);
                used += gap + piece.width;
            }
            _ => {
                lines.push(piece.text.clone());
                used = piece.width;
            }
        }
    }
    lines
}

/// As many lines, but as alike as can be: no word stands alone on the last one.
fn balanced(pieces: &[Piece], space: f32, width: f32, mut lines: Vec<String>) -> Vec<String> {
    let (mut low, mut high) = (width / 2.0, width);
    low = pieces.iter().map(|piece| piece.width).fold(low, f32::max);
    for _ in 0..BALANCE_STEPS {
        let middle = f32::midpoint(low, high);
        let other = filled(pieces, space, middle);
        if other.len() > lines.len() {
            low = middle;
        } else {
            (high, lines) = (middle, other);
        }
    }
    lines
}

/// Ends a line with dots in place of its last words, or of its last letters.
fn shorten(font: &Font, line: &mut String, width: f32) {
    while font.width(&format!("{line}…")) > width && !line.is_empty() {
        match line.rfind(' ') {
            Some(space) => line.truncate(space),
            None => drop(line.pop()),
        }
    }
    line.truncate(line.trim_end_matches([' ', ',', ':', ';', '–', '—', '-', '.']).len());
    line.push('…');
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOM: Room = Room { width: 600.0, height: 300.0 };

    fn fit(text: &str, steps: &[Step]) -> Block {
        Block::fit(text, Weight::Bold, ROOM, 1.2, steps)
    }

    #[test]
    fn a_short_text_is_large_and_a_long_one_small() {
        let steps = [(80.0, 2), (40.0, 4)];
        assert!(fit("Buses", &steps).size > 79.0);
        assert!(fit("Buses after six in all of the valley, and on Sundays", &steps).size < 41.0);
    }

    #[test]
    fn lines_are_alike() {
        let block = fit("The last bus leaves at ten to six now", &[(50.0, 3)]);
        assert_eq!(block.lines, ["The last bus leaves", "at ten to six now"]);
    }

    #[test]
    fn a_line_may_end_behind_a_stroke() {
        let block = fit("Llanfair-y-Bryn/Cil-y-cwm-Myddfai", &[(60.0, 3)]);
        assert_eq!(block.lines.concat(), "Llanfair-y-Bryn/Cil-y-cwm-Myddfai");
        assert!(block.lines.len() > 1);
    }

    #[test]
    fn a_word_is_made_smaller_before_it_is_broken() {
        let word = "Rindfleischetikettierungsgesetz";
        assert_eq!(fit(word, &[(80.0, 3), (34.0, 3)]).lines, [word]);
        let lines = fit(word, &[(80.0, 3)]).lines;
        assert!(
            lines.len() == 3 && lines[0].ends_with('-') && lines[1].ends_with('-'),
            "{lines:?}"
        );
        assert_eq!(lines.concat().replace('-', ""), word);
    }

    #[test]
    fn what_does_not_fit_ends_with_dots() {
        let block = fit(&"All that we want, and more. ".repeat(20), &[(60.0, 3), (50.0, 3)]);
        assert!(block.is_cut && block.lines.len() == 3);
        assert!(block.lines[2].ends_with('…'), "{block:?}");
        let font = Font::of(Weight::Bold).unwrap();
        assert!(block.lines.iter().all(|line| font.width(line) * block.size <= ROOM.width));
    }
}
