//! Pictures, recordings and papers: a change of one is an edit of the texts that show it.

use crate::artifact::media_type;
use crate::diagnostic::{Diagnostic, Place};
use crate::hash::Hash;
use crate::load::Digest;
use crate::path::SourcePath;
use crate::pictures::{Facts, is_picture};

/// Whether a file is something that a text shows or hands out.
pub(super) fn is_media(path: &SourcePath) -> bool {
    let kind = media_type(path.as_str());
    let shown = ["image/", "audio/", "video/"].iter().any(|start| kind.starts_with(start));
    let text = path.as_str();
    let published = text.starts_with("content/") || text.starts_with("static/");
    // What cameras write into pictures is taken out wherever they lie.
    published && (shown || kind == "application/pdf")
        || text.starts_with("themes/") && is_picture(path)
}

/// The hash of a picture, and what is found in it.
pub(super) fn digest_of_picture(
    path: &SourcePath,
    bytes: &[u8],
) -> Result<Digest, Box<Diagnostic>> {
    let facts = Facts::of(bytes)
        .transpose()
        .map_err(|fault| Box::new(Diagnostic::picture_fault(Place::file(path), fault)))?;
    // Memory does not fail.
    Ok(Digest { hash: Hash::of(bytes).unwrap_or_default(), facts })
}

/// What stands for a file that is too large to be hashed. Nothing could be taken out of a picture
/// of that size.
pub(super) fn digest_of_large(path: &SourcePath, length: u64) -> Result<Digest, Box<Diagnostic>> {
    if is_picture(path) {
        return Err(Box::new(Diagnostic::picture_file_too_large(Place::file(path))));
    }
    Ok(Digest { hash: length.to_string(), facts: None })
}
