//! What templates get to know of the look of the site: `site.look`.

use tera::Value;

use super::value::{none_or, object};
use crate::artifact::media_type;
use crate::config::{Image, Look};
use crate::model::Site;

/// The stylesheet of the look, inside the output.
pub(crate) const STYLESHEET: &str = "look.css";

/// The picture of the site in its own colours, inside the output.
pub(crate) const ICON: &str = "look.svg";

/// The picture of whoever has none, a file of the theme.
pub(crate) const PLAIN_ICON: &str = "favicon.svg";

/// What templates get of the look.
pub(super) fn look_value(site: &Site, look: &Look) -> Value {
    let on_host = |address: &str| Value::from(format!("{}{address}", site.config.base_url.root()));
    let logo = look.logo.as_ref().and_then(|Image { path, alt, .. }| {
        let url = on_host(&address(site, path)?);
        Some(object([("url", url), ("alt", Value::from(alt.as_str()))]))
    });
    let made = if makes_icon(site, look) { ICON } else { PLAIN_ICON };
    let icon = own_icon(site, look).unwrap_or_else(|| made.to_owned());
    let media_type = Value::from(media_type(&icon));
    object([
        ("stylesheet", on_host(STYLESHEET)),
        ("logo", none_or(logo)),
        ("icon", object([("url", on_host(&icon)), ("type", media_type)])),
        ("header", Value::from(look.header.word())),
        ("front", Value::from(look.front.word())),
    ])
}

/// The picture for tabs that the owner has chosen: that, or a logo of which browsers make one.
fn own_icon(site: &Site, look: &Look) -> Option<String> {
    let icon = look.icon.as_ref().map(|(path, _)| path.as_str());
    let logo = look.logo.as_ref().map(|logo| logo.path.as_str());
    let shown = |path: &&str| matches!(media_type(path), "image/svg+xml" | "image/png");
    address(site, icon.or_else(|| logo.filter(shown))?)
}

/// Whether the picture of the theme is shown, in the colours of the site.
pub(crate) fn makes_icon(site: &Site, look: &Look) -> bool {
    let is_plain = |index: &usize| site.assets[*index].embedded.is_some();
    own_icon(site, look).is_none() && site.asset_paths.get(PLAIN_ICON).is_some_and(is_plain)
}

/// The address of a file in `static/`, inside the output; nothing when it is not there.
pub(crate) fn address(site: &Site, path: &str) -> Option<String> {
    let index = site.asset_paths.get(path.trim_start_matches('/'))?;
    Some(site.assets[*index].output.address())
}
