//! The pictures of profiles and posts: whether they are there, and what they are.

use serde_json::Value;

use crate::doctor::ask::AskError;
use crate::doctor::finding::{Check, Finding, Picture, PictureProblem};
use crate::doctor::visit::Visit;
use crate::doctor::{ATTACHMENT_BYTES_MAX, ICON_BYTES_MAX};

/// Icon and header of a profile.
pub(super) fn check_profile(visit: &mut Visit<'_>, id: &str, profile: &Value) {
    for (property, picture) in [("icon", Picture::Icon), ("image", Picture::Header)] {
        match address(&profile[property]) {
            Some(url) => check(visit, url, picture),
            // A profile may do without a header, but not without a face.
            None if picture == Picture::Icon => {
                visit.find(Finding::picture(id, picture, &PictureProblem::None));
            }
            None => {}
        }
    }
}

/// Fetches a picture and looks at its first bytes.
pub(super) fn check(visit: &mut Visit<'_>, url: &str, picture: Picture) {
    let most = match picture {
        Picture::Icon | Picture::Header => ICON_BYTES_MAX,
        Picture::Attachment => ATTACHMENT_BYTES_MAX,
    };
    let problem = match visit.get_up_to(url, most) {
        Err(AskError::Elsewhere | AskError::Enough) => return,
        Err(AskError::TooLarge(bytes)) => PictureProblem::Large(bytes),
        Err(error) => PictureProblem::Unreachable(error.to_string()),
        Ok(reply) if reply.status != 200 => {
            PictureProblem::Unreachable(format!("the status {}", reply.status))
        }
        Ok(reply) => {
            let kind = kind(&reply.body);
            let shown: &[&str] = match picture {
                Picture::Attachment => &["JPEG", "PNG", "GIF", "WebP", "AVIF", "HEIC"],
                Picture::Icon | Picture::Header => &["JPEG", "PNG", "GIF", "WebP"],
            };
            if kind.is_some_and(|kind| shown.contains(&kind)) {
                return visit.find(Finding::fine(Check::Picture, url, kind.unwrap_or_default()));
            }
            PictureProblem::Kind(kind)
        }
    };
    visit.find(Finding::picture(url, picture, &problem));
}

/// The address of a picture: an object with `url`, or with `href`, or a list of them.
pub(super) fn address(picture: &Value) -> Option<&str> {
    let picture = picture.as_array().and_then(|list| list.first()).unwrap_or(picture);
    picture["url"].as_str().or_else(|| picture["href"].as_str()).or_else(|| picture.as_str())
}

/// What a picture is, by its first bytes.
fn kind(bytes: &[u8]) -> Option<&'static str> {
    let at = |start: usize, mark: &[u8]| bytes.get(start..start + mark.len()) == Some(mark);
    let kinds = [
        ("JPEG", at(0, b"\xff\xd8\xff")),
        ("PNG", at(0, b"\x89PNG\r\n\x1a\n")),
        ("GIF", at(0, b"GIF8")),
        ("WebP", at(0, b"RIFF") && at(8, b"WEBP")),
        ("AVIF", at(4, b"ftypavif") || at(4, b"ftypavis")),
        ("HEIC", at(4, b"ftyphei") || at(4, b"ftypmif1")),
        ("SVG", at(0, b"<svg") || at(0, b"<?xml")),
        ("BMP", at(0, b"BM")),
    ];
    kinds.iter().find(|(_, is_it)| *is_it).map(|(name, _)| *name)
}
