//! Pictures in texts as HTML. They have their size, so that nothing moves when they come.

use crate::pictures::Picture;
use crate::render::escaped;

/// A picture at an address, with a text for those who do not see it.
pub(super) fn html(picture: &Picture, url: &str, alt: &str, title: &str) -> String {
    let (width, height) = picture.size();
    let title = match title {
        "" => String::new(),
        title => format!(" title=\"{}\"", escaped(title)),
    };
    let (url, alt) = (escaped(url), escaped(alt));
    format!("<img src=\"{url}\" alt=\"{alt}\"{title} width=\"{width}\" height=\"{height}\">")
}
