//! What a picture file says of itself, and which of its parts are published.
//!
//! Cameras write into a picture where and when it was taken and by whose device, editors write who
//! worked on it, and a small copy of what it was before it was cut. Of all that nothing is
//! published but how the picture has to be turned. The pixels stay as they are, bit for bit.

use std::ops::Range;

use super::facts::Kind;

/// A picture file that was looked at.
#[derive(Debug, Default)]
pub(super) struct Look {
    pub(super) kind: Kind,
    /// Before it is turned.
    pub(super) width: u32,
    pub(super) height: u32,
    /// How it is turned to be shown: a value of the tag `Orientation` of EXIF, 1 to 8.
    pub(super) turn: u8,
    pub(super) moves: bool,
    /// It may be seen through, or has few colours: more a drawing than a photo.
    pub(super) drawn: bool,
    parts: Vec<Part>,
}

#[derive(Debug)]
enum Part {
    Kept(Range<usize>),
    New(Vec<u8>),
}

/// Why a file cannot be read as what it begins as.
pub(super) type Damage = &'static str;

const CUT: Damage = "it ends too early";
const WRONG: Damage = "its parts do not fit together";

/// Compressed bits for each pixel, above which a PNG is taken for a photo.
const PHOTO_BITS: u64 = 6;

/// Looks at a file. `None` when it is no picture that is known here.
pub(super) fn look(bytes: &[u8]) -> Option<Result<Look, Damage>> {
    let looked = if bytes.starts_with(b"\xff\xd8\xff") {
        jpeg(bytes)
    } else if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        png(bytes)
    } else if bytes.starts_with(b"GIF87a") || bytes.starts_with(b"GIF89a") {
        gif(bytes)
    } else if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
        webp(bytes)
    } else {
        return None;
    };
    let is_empty = |look: &Look| look.width == 0 || look.height == 0;
    Some(looked.and_then(|look| if is_empty(&look) { Err(WRONG) } else { Ok(look) }))
}

impl Look {
    fn new(kind: Kind) -> Self {
        Self { kind, turn: 1, ..Self::default() }
    }

    /// Keeps some bytes, in one piece with those before them if they are neighbours.
    fn keep(&mut self, range: Range<usize>) {
        match self.parts.last_mut() {
            Some(Part::Kept(last)) if last.end == range.start => last.end = range.end,
            _ => self.parts.push(Part::Kept(range)),
        }
    }

    fn put(&mut self, bytes: Vec<u8>) {
        self.parts.push(Part::New(bytes));
    }

    /// The length of what is published, in bytes.
    pub(super) fn length(&self) -> usize {
        let length = |part: &Part| match part {
            Part::Kept(range) => range.len(),
            Part::New(bytes) => bytes.len(),
        };
        self.parts.iter().map(length).sum()
    }

    /// What is published of the file.
    pub(super) fn clean(&self, bytes: &[u8]) -> Vec<u8> {
        let mut clean = Vec::with_capacity(self.length());
        for part in &self.parts {
            clean.extend_from_slice(match part {
                Part::Kept(range) => bytes.get(range.clone()).unwrap_or_default(),
                Part::New(new) => new,
            });
        }
        if self.kind == Kind::Webp
            && let (Ok(length), Some(field)) =
                (u32::try_from(clean.len().saturating_sub(8)), clean.get_mut(4..8))
        {
            field.copy_from_slice(&length.to_le_bytes());
        }
        clean
    }
}

fn be16(bytes: &[u8], at: usize) -> Result<u16, Damage> {
    let field = bytes.get(at..).and_then(|rest| rest.first_chunk()).ok_or(CUT)?;
    Ok(u16::from_be_bytes(*field))
}

fn be32(bytes: &[u8], at: usize) -> Result<u32, Damage> {
    let field = bytes.get(at..).and_then(|rest| rest.first_chunk()).ok_or(CUT)?;
    Ok(u32::from_be_bytes(*field))
}

fn le16(bytes: &[u8], at: usize) -> Result<u32, Damage> {
    let field = bytes.get(at..).and_then(|rest| rest.first_chunk()).ok_or(CUT)?;
    Ok(u32::from(u16::from_le_bytes(*field)))
}

fn le24(bytes: &[u8], at: usize) -> Result<u32, Damage> {
    Ok(le16(bytes, at)? | u32::from(*bytes.get(at + 2).ok_or(CUT)?) << 16)
}

fn le32(bytes: &[u8], at: usize) -> Result<u32, Damage> {
    Ok(le16(bytes, at)? | le16(bytes, at + 2)? << 16)
}

/// ITU T.81, annex B.
fn jpeg(bytes: &[u8]) -> Result<Look, Damage> {
    let mut look = Look::new(Kind::Jpeg);
    look.keep(0..2);
    let mut at = 2;
    loop {
        while bytes.get(at..at + 2) == Some(b"\xff\xff") {
            at += 1;
        }
        let marker = match bytes.get(at..at + 2) {
            Some(&[0xff, marker]) => marker,
            Some(_) => return Err(WRONG),
            None => return Err(CUT),
        };
        if marker == 0xd9 {
            // After the picture phones put others, films, and the depth of the scene.
            look.keep(at..at + 2);
            return Ok(look);
        }
        let length = usize::from(be16(bytes, at + 2)?);
        let mut end = at + 2 + length;
        let segment = bytes.get(at + 4..end).ok_or(CUT)?;
        match marker {
            0xe0 => match segment.first_chunk::<14>() {
                Some(head) if head.starts_with(b"JFIF\0") => {
                    // Without the small picture that may follow.
                    look.put([&b"\xff\xe0\0\x10"[..], &head[..12], b"\0\0"].concat());
                }
                _ => {}
            },
            0xe1 => {
                if let Some(exif) = segment.strip_prefix(b"Exif\0\0")
                    && let Some(turn) = turn_of(exif).filter(|turn| *turn > 1)
                {
                    look.turn = turn;
                    let exif = exif_of(turn);
                    look.put([&b"\xff\xe1\0\x22Exif\0\0"[..], &exif].concat());
                }
            }
            // Colours: ICC and Adobe.
            0xe2 if segment.starts_with(b"ICC_PROFILE\0") => look.keep(at..end),
            0xee if segment.starts_with(b"Adobe") => look.keep(at..end),
            0xe0..=0xef | 0xfe => {}
            0xc0..=0xcf if !matches!(marker, 0xc4 | 0xc8 | 0xcc) => {
                look.height = be16(segment, 1)?.into();
                look.width = be16(segment, 3)?.into();
                look.keep(at..end);
            }
            0xda => {
                end = end_of_scan(bytes, end)?;
                look.keep(at..end);
            }
            _ => look.keep(at..end),
        }
        at = end;
    }
}

/// The next marker after compressed data that is no part of them.
fn end_of_scan(bytes: &[u8], start: usize) -> Result<usize, Damage> {
    let mut at = start;
    loop {
        at += bytes.get(at..).unwrap_or_default().iter().position(|b| *b == 0xff).ok_or(CUT)?;
        match bytes.get(at + 1).ok_or(CUT)? {
            0 | 0xd0..=0xd7 => at += 2,
            0xff => at += 1,
            _ => return Ok(at),
        }
    }
}

/// PNG, third edition: what is needed to show it stays.
fn png(bytes: &[u8]) -> Result<Look, Damage> {
    let mut look = Look::new(Kind::Png);
    look.keep(0..8);
    let (mut at, mut compressed, mut opaque_colours) = (8, 0, false);
    loop {
        let length = be32(bytes, at)? as usize;
        let end = length.checked_add(at + 12).ok_or(CUT)?;
        let chunk = bytes.get(at + 8..end.saturating_sub(4)).ok_or(CUT)?;
        if bytes.len() < end {
            return Err(CUT);
        }
        let name = &bytes[at + 4..at + 8];
        match name {
            b"IHDR" => {
                (look.width, look.height) = (be32(chunk, 0)?, be32(chunk, 4)?);
                // Grey or coloured, without transparency.
                opaque_colours = matches!(chunk.get(9), Some(0 | 2));
            }
            b"IDAT" => compressed += length as u64,
            b"acTL" => look.moves = true,
            b"tRNS" => opaque_colours = false,
            b"eXIf" => {
                if let Some(turn) = turn_of(chunk).filter(|turn| *turn > 1) {
                    look.turn = turn;
                    look.put(png_chunk(b"eXIf", &exif_of(turn)));
                }
            }
            _ => {}
        }
        let colours = [b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"cICP", b"sBIT", b"bKGD"];
        let others = [b"pHYs", b"acTL", b"fcTL", b"fdAT"];
        // Without a capital letter it is not needed.
        if name[0].is_ascii_uppercase() || colours.iter().chain(&others).any(|n| &n[..] == name) {
            look.keep(at..end);
        }
        if name == b"IEND" {
            let pixels = u64::from(look.width) * u64::from(look.height);
            look.drawn = !opaque_colours || compressed * 8 <= pixels * PHOTO_BITS;
            return Ok(look);
        }
        at = end;
    }
}

fn png_chunk(name: &[u8], data: &[u8]) -> Vec<u8> {
    let mut check = flate2::Crc::new();
    check.update(name);
    check.update(data);
    let length = u32::try_from(data.len()).unwrap_or_default().to_be_bytes();
    [&length[..], name, data, &check.sum().to_be_bytes()].concat()
}

/// GIF: without comments, and without blocks of programs but the one that says how often a
/// moving picture begins again.
fn gif(bytes: &[u8]) -> Result<Look, Damage> {
    let mut look = Look::new(Kind::Gif);
    let table = |flags: u8| if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 7) + 1) };
    (look.width, look.height) = (le16(bytes, 6)?, le16(bytes, 8)?);
    let mut at = 13 + table(*bytes.get(10).ok_or(CUT)?);
    look.keep(0..at);
    loop {
        let start = at;
        let keep = match bytes.get(at).ok_or(CUT)? {
            0x21 => {
                let label = *bytes.get(at + 1).ok_or(CUT)?;
                let program = bytes.get(at + 3..at + 14).unwrap_or_default();
                at += 2;
                match label {
                    0xff => matches!(program, b"NETSCAPE2.0" | b"ANIMEXTS1.0"),
                    label => label != 0xfe,
                }
            }
            0x2c => {
                at += 10 + table(*bytes.get(at + 9).ok_or(CUT)?) + 1;
                true
            }
            0x3b => {
                look.keep(at..at + 1);
                return Ok(look);
            }
            _ => return Err(WRONG),
        };
        loop {
            let length = usize::from(*bytes.get(at).ok_or(CUT)?);
            at += 1 + length;
            if length == 0 {
                break;
            }
        }
        if keep {
            look.keep(start..at);
        }
    }
}

/// RFC 9649.
fn webp(bytes: &[u8]) -> Result<Look, Damage> {
    const MOVES: u8 = 0x02;
    const WITH_XMP: u8 = 0x04;
    const WITH_EXIF: u8 = 0x08;
    let mut look = Look::new(Kind::Webp);
    look.keep(0..12);
    let all = le32(bytes, 4)? as usize;
    let all = all.checked_add(8).filter(|all| *all <= bytes.len()).ok_or(CUT)?;
    let mut exif = Vec::new();
    // Where the first part with what the others are is among ours.
    let mut head = None;
    let mut at = 12;
    while at < all {
        let length = le32(bytes, at + 4)? as usize;
        let end = length.checked_add(at + 8).ok_or(CUT)?;
        let chunk = bytes.get(at + 8..end).ok_or(CUT)?;
        // The last one may lack the byte that makes it even.
        let end = (end + length % 2).min(bytes.len());
        let is_first = look.width == 0;
        match bytes.get(at..at + 4).ok_or(CUT)? {
            b"VP8X" => {
                (look.width, look.height) = (le24(chunk, 4)? + 1, le24(chunk, 7)? + 1);
                let mut new = bytes.get(at..end).ok_or(CUT)?.to_vec();
                let flags = new.get_mut(8).ok_or(CUT)?;
                look.moves = *flags & MOVES != 0;
                *flags &= !(WITH_XMP | WITH_EXIF);
                head = Some(look.parts.len());
                look.put(new);
            }
            b"VP8 " => {
                if is_first {
                    (look.width, look.height) =
                        (le16(chunk, 6)? & 0x3fff, le16(chunk, 8)? & 0x3fff);
                }
                look.keep(at..end);
            }
            b"VP8L" => {
                if is_first {
                    let bits = le32(chunk, 1)?;
                    (look.width, look.height) = ((bits & 0x3fff) + 1, (bits >> 14 & 0x3fff) + 1);
                }
                look.keep(at..end);
            }
            b"ICCP" | b"ALPH" | b"ANIM" | b"ANMF" => look.keep(at..end),
            b"EXIF" => {
                let tiff = chunk.strip_prefix(b"Exif\0\0").unwrap_or(chunk);
                look.turn = turn_of(tiff).filter(|turn| *turn > 1).unwrap_or(look.turn);
                exif = [&b"EXIF\x1a\0\0\0"[..], &exif_of(look.turn)].concat();
            }
            _ => {}
        }
        at = end;
    }
    if look.turn > 1
        && let Some(Part::New(head)) = head.and_then(|index| look.parts.get_mut(index))
        && let Some(flags) = head.get_mut(8)
    {
        *flags |= WITH_EXIF;
        look.put(exif);
    }
    Ok(look)
}

const ORIENTATION: u16 = 0x0112;

/// The tag `Orientation` of EXIF, which is a TIFF file without a picture.
fn turn_of(tiff: &[u8]) -> Option<u8> {
    let big = match tiff.get(..4)? {
        b"MM\0*" => true,
        b"II*\0" => false,
        _ => return None,
    };
    let short = |at: usize| {
        let field = *tiff.get(at..)?.first_chunk()?;
        Some(if big { u16::from_be_bytes(field) } else { u16::from_le_bytes(field) })
    };
    let field = *tiff.get(4..)?.first_chunk()?;
    let first = if big { u32::from_be_bytes(field) } else { u32::from_le_bytes(field) } as usize;
    let count = usize::from(short(first)?);
    let mut entries = (0..count).map(|index| first + 2 + index * 12);
    let entry = entries.find(|at| short(*at) == Some(ORIENTATION))?;
    u8::try_from(short(entry + 8)?).ok().filter(|turn| (1..=8).contains(turn))
}

/// EXIF with nothing in it but how a picture is turned: 26 bytes.
fn exif_of(turn: u8) -> Vec<u8> {
    let mut exif = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".to_vec();
    exif.extend([turn, 0, 0, 0, 0, 0, 0]);
    exif
}
