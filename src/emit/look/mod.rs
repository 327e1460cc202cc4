//! The look that the owner of the site has chosen, as a stylesheet beside that of the theme: no page
//! may have styles in itself.

use super::{Made, Plan};
use crate::artifact::Rank;
use crate::config::{self, Corners, Front, Header, Look, Palette};
use crate::model::Site;
use crate::path::{OutputPath, SourcePath};
use crate::render::look::{ICON, PLAIN_ICON, STYLESHEET, address, makes_icon};

/// The rules for the colours that the theme does not know.
const COLOURS: &str = include_str!("colours.css");

/// The colours of the picture of the theme.
const PLAIN_COLOURS: [&str; 2] = ["#17693a", "#fff"];

pub(super) fn plan<'s>(site: &'s Site, plan: &mut Plan<'s>) {
    let Some(look) = &site.config.look else { return };
    let source = SourcePath::new(config::FILE);
    if let Ok(path) = OutputPath::new(STYLESHEET) {
        let key = plan.key(|keys| keys.of(STYLESHEET));
        let make = move |_: &_| Made::bytes(stylesheet(site, look));
        plan.add(path, Rank::Asset, &source, key, make);
    }
    if makes_icon(site, look)
        && let Ok(path) = OutputPath::new(ICON)
    {
        let key = plan.key(|keys| keys.of(ICON));
        let make = move |_: &_| Made::bytes(icon(site, look));
        plan.add(path, Rank::Asset, &source, key, make);
    }
}

/// The picture of the theme in the colours of the site.
fn icon(site: &Site, look: &Look) -> String {
    let plain = site.asset_paths.get(PLAIN_ICON).and_then(|index| site.assets[*index].embedded);
    let plain = String::from_utf8_lossy(plain.unwrap_or_default());
    let [ground, leaf] = PLAIN_COLOURS;
    let Palette { fill, on_fill, .. } = look.light;
    plain.replace(leaf, &on_fill.to_string()).replace(ground, &fill.to_string())
}

/// Only screens have colours: what is printed stays black on white.
fn stylesheet(site: &Site, look: &Look) -> String {
    let Look { light, dark, logo: _, icon: _, font, .. } = look;
    let mut text = "/* The look of the site, from [look] in site.toml. */\n".to_owned();
    text.push_str(&font_faces(site, look));
    let own = if look.font_file.is_some() { "\"Own\", " } else { "" };
    text.push_str(&format!(":root {{ --font: {own}{}; }}\n", font.names()));
    text.push_str(&format!("@media screen {{\n:root {{\n{}}}\n", variables(light)));
    text.push_str("@media (prefers-color-scheme: dark) {\n");
    text.push_str(&format!(":root {{\n{}}}\n}}\n{COLOURS}}}\n", variables(dark)));
    text.push_str(match look.corners {
        Corners::Round => "",
        Corners::Square => include_str!("square.css"),
    });
    text.push_str(match look.header {
        Header::Line => "",
        Header::Banner => include_str!("banner.css"),
        Header::Centred => include_str!("centred.css"),
    });
    text.push_str(match look.front {
        Front::Hero => "",
        Front::Photo => include_str!("photo.css"),
        Front::Plain => include_str!("plain.css"),
    });
    text
}

/// The fonts of the owner. One file that is named for all texts and for bold ones is variable.
fn font_faces(site: &Site, look: &Look) -> String {
    let path = |named: &Option<(String, _)>| address(site, &named.as_ref()?.0);
    let (Some(plain), bold) = (path(&look.font_file), path(&look.font_bold_file)) else {
        return String::new();
    };
    let face = |path: &str, weight: &str| {
        format!(
            "@font-face {{ font-family: \"Own\"; src: url(\"{path}\"); font-weight: {weight}; \
             font-display: swap; }}\n"
        )
    };
    match bold {
        Some(bold) if bold == plain => face(&plain, "100 900"),
        Some(bold) => face(&plain, "400") + &face(&bold, "700"),
        None => face(&plain, "400"),
    }
}

/// The colours as the theme calls them.
fn variables(palette: &Palette) -> String {
    let Palette {
        ground,
        surface,
        tint,
        line,
        hill,
        text,
        muted,
        link,
        link_hover,
        fill,
        fill_hover,
        on_fill,
        edge,
        band,
        on_band,
    } = palette;
    let variables = [
        ("bg", ground),
        ("surface", surface),
        ("tint", tint),
        ("line", line),
        ("hill", hill),
        ("text", text),
        ("muted", muted),
        ("accent", link),
        ("accent-hover", link_hover),
        ("on-accent", surface),
        ("fill", fill),
        ("fill-hover", fill_hover),
        ("on-fill", on_fill),
        ("edge", edge),
        ("band", band),
        ("on-band", on_band),
    ];
    variables.map(|(name, colour)| format!("  --{name}: {colour};\n")).concat()
}
