//! Pictures in texts as HTML.

use super::links::{Addresses, Links};
use crate::render::escaped;
use crate::render::picture::Choice;

/// A picture in a text.
pub(super) struct Shown<'a> {
    /// As it was written.
    pub(super) path: &'a str,
    /// Where it is.
    pub(super) url: &'a str,
    /// For those who do not see it.
    pub(super) alt: &'a str,
    /// Whose it is; empty when nobody says so.
    pub(super) credit: &'a str,
    /// It is not the first one of the page, and comes when it is about to be seen.
    pub(super) lazy: bool,
}

/// A picture of which something is known, or that says whose it is. What a page chooses from is
/// nothing for a feed, which gets the file.
pub(super) fn html(links: &Links<'_>, shown: &Shown<'_>) -> Option<String> {
    let Shown { path, url, alt, credit, lazy } = *shown;
    let (url, alt) = (escaped(url), escaped(alt));
    let credit = match credit {
        "" => String::new(),
        credit => format!(" <small class=\"credit\">{}</small>", escaped(credit)),
    };
    let known = links.picture_file(path).and_then(|asset| Some((asset, asset.picture.as_ref()?)));
    let Some((asset, picture)) = known else {
        return (!credit.is_empty()).then(|| format!("<img src=\"{url}\" alt=\"{alt}\">{credit}"));
    };
    if links.addresses == Addresses::Absolute {
        let (width, height) = picture.size();
        let size = format!("width=\"{width}\" height=\"{height}\"");
        return Some(format!("<img src=\"{url}\" alt=\"{alt}\" {size}>{credit}"));
    }
    let Choice { src, width, height, srcset, webp_srcset } =
        Choice::new(links.site, asset, picture);
    let sizes = escaped(&links.site.config.pictures.sizes);
    let choice = |set: String| format!(" srcset=\"{}\" sizes=\"{sizes}\"", escaped(&set));
    let mut html = format!("<img src=\"{}\"", escaped(&src));
    html.extend(srcset.map(choice));
    html.push_str(&format!(" alt=\"{alt}\" width=\"{width}\" height=\"{height}\""));
    html.push_str(if lazy { " loading=\"lazy\" decoding=\"async\">" } else { ">" });
    if let Some(set) = webp_srcset {
        let webp = format!("<source type=\"image/webp\"{}>", choice(set));
        html = format!("<picture>{webp}{html}</picture>");
    }
    Some(html + &credit)
}
