//! What a picture or a font is by its first bytes, whatever it is called.

use std::io::{self, Read};

use crate::path::SourcePath;

/// How many bytes are looked at. A picture in XML may begin with much that is not the picture.
const HEAD_BYTES: usize = 4096;

/// The form of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Svg,
    Png,
    Jpeg,
    Webp,
    Gif,
    Woff2,
    Woff,
    /// A font that is not made for the web.
    Font,
    Pdf,
    Other,
}

impl Form {
    /// The form of an open file.
    pub(super) fn read(file: impl Read) -> io::Result<Self> {
        let mut head = Vec::new();
        file.take(HEAD_BYTES as u64).read_to_end(&mut head)?;
        Ok(Self::of(&head))
    }

    /// The form of a file that begins with some bytes.
    pub(super) fn of(head: &[u8]) -> Self {
        let text = String::from_utf8_lossy(head.get(..HEAD_BYTES).unwrap_or(head));
        let is_xml = text.trim_start_matches('\u{feff}').trim_start().starts_with('<');
        match head {
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Self::Png,
            [0xff, 0xd8, 0xff, ..] => Self::Jpeg,
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Self::Webp,
            [b'G', b'I', b'F', b'8', ..] => Self::Gif,
            [b'w', b'O', b'F', b'2', ..] => Self::Woff2,
            [b'w', b'O', b'F', b'F', ..] => Self::Woff,
            [0, 1, 0, 0, ..] | [b'O', b'T', b'T', b'O', ..] => Self::Font,
            [b'%', b'P', b'D', b'F', ..] => Self::Pdf,
            _ if is_xml && text.contains("<svg") => Self::Svg,
            _ => Self::Other,
        }
    }

    /// Whether a file is one of those whose form somebody asks for.
    pub(super) fn matters(path: &SourcePath) -> bool {
        let shown =
            ["svg", "png", "jpg", "jpeg", "webp", "gif", "woff2", "woff", "ttf", "otf", "pdf"];
        path.as_str().starts_with("static/") && path.has_extension(&shown)
    }

    /// What people call it, with its article.
    pub(crate) fn name(self) -> Option<&'static str> {
        match self {
            Self::Svg => Some("an SVG"),
            Self::Png => Some("a PNG"),
            Self::Jpeg => Some("a JPEG"),
            Self::Webp => Some("a WebP"),
            Self::Gif => Some("a GIF"),
            Self::Woff2 => Some("a WOFF2"),
            Self::Woff => Some("a WOFF"),
            Self::Font => Some("a font that is not made for the web"),
            Self::Pdf => Some("a PDF"),
            Self::Other => None,
        }
    }

    /// The endings of its name, the usual one first.
    pub(crate) fn endings(self) -> &'static [&'static str] {
        match self {
            Self::Svg => &["svg"],
            Self::Png => &["png"],
            Self::Jpeg => &["jpg", "jpeg"],
            Self::Webp => &["webp"],
            Self::Gif => &["gif"],
            Self::Woff2 => &["woff2"],
            Self::Woff => &["woff"],
            Self::Font => &["ttf", "otf"],
            Self::Pdf => &["pdf"],
            Self::Other => &[],
        }
    }
}
