//! The look that the owner of a site chooses: a stylesheet beside that of the theme, and no style
//! in any page.

use crate::fixture::{Built, Site, site};
use crate::look::{assert_head, between};

const SVG: &str =
    "<?xml version=\"1.0\"?>\n<!-- drawn -->\n<svg xmlns=\"http://www.w3.org/2000/svg\"/>";
/// A white dot.
const PNG: &[u8] =
    b"\x89\x50\x4e\x47\x0d\x0a\x1a\x0a\x00\x00\x00\x0d\x49\x48\x44\x52\x00\x00\x00\x01\x00\x00\
    \x00\x01\x08\x00\x00\x00\x00\x3a\x7e\x9b\x55\x00\x00\x00\x0a\x49\x44\x41\x54\x78\x9c\x63\
    \xf8\x0f\x00\x01\x01\x01\x00\xb1\x38\xf6\x14\x00\x00\x00\x00\x49\x45\x4e\x44\xae\x42\x60\
    \x82";

/// A photo of one dot, as far as its size goes.
const JPEG: &[u8] =
    b"\xff\xd8\xff\xc0\x00\x0b\x08\x00\x01\x00\x01\x01\x01\x11\x00\xff\xda\x00\x08\x01\x01\x00\
    \x00\x3f\x00\x00\xff\xd9";
const WOFF2: &[u8] = b"wOF2rest";

fn plain() -> Site {
    site(
        "
-- site.toml --
base_url = \"https://party.example/branch\"
title = \"The Party\"

[languages.cy]
title = \"Y Blaid\"
-- content/_index.md --
+++
title = \"Home\"
+++
We.
-- content/about.md --
+++
title = \"About\"
+++
Us.
",
    )
}

fn with(look: &str) -> Site {
    plain().config(&format!("[look]\n{look}"))
}

/// The value of a variable of the stylesheet in a scheme.
#[track_caller]
fn colour<'b>(built: &'b Built, variable: &str, is_dark: bool) -> &'b str {
    let css = built.text("look.css");
    let (light, dark) = css.split_once("@media (prefers-color-scheme: dark)").unwrap();
    between(if is_dark { dark } else { light }, &format!("--{variable}: "), ";")
}

#[test]
fn a_site_without_a_look_has_nothing_of_it() {
    let built = plain().build();
    assert!(!built.has("look.css") && !built.has("look.svg"));
    for (path, html) in built.ending(".html") {
        assert!(!html.contains("look"), "{path}: {html}");
    }
    assert_head(
        built.text("index.html"),
        "<link rel=\"icon\" type=\"image/svg+xml\" href=\"/branch/favicon.svg\">\n\
         <link rel=\"stylesheet\" href=\"/branch/campaign.css\">\n",
    );
}

#[test]
fn every_page_has_the_stylesheet_after_that_of_the_theme_and_no_style_of_its_own() {
    let built = with("accent = \"#8b0000\"\nheader = \"banner\"\nfront = \"plain\"").build();
    for (path, html) in built.ending(".html") {
        let links = "<link rel=\"stylesheet\" href=\"/branch/campaign.css\">\n\
                     <link rel=\"stylesheet\" href=\"/branch/look.css\">\n";
        assert_head(html, links);
        assert!(!html.contains("<style") && !html.contains("style="), "{path}");
    }
    assert_eq!(built.codes(), [""; 0]);
}

#[test]
fn a_file_of_the_site_is_not_lost_under_it() {
    let built = with("").with("static/look.css", "p { color: red }").try_build();
    assert_eq!(built.codes(), ["output-twice"]);
}

#[test]
fn one_colour_is_enough() {
    let built = with("accent = \"#ffd500\"").build();
    assert_eq!(colour(&built, "fill", false), "#ffd500");
    assert_eq!(colour(&built, "band", false), "#ffd500");
    assert_ne!(colour(&built, "accent", false), "#ffd500", "it is text");
    assert_eq!(colour(&built, "accent", true), "#ffd500", "it can be read on a dark ground");
    assert_eq!(colour(&built, "on-fill", true), colour(&built, "on-fill", false));
}

#[test]
fn what_is_chosen_stays_as_it_is() {
    let look = "accent = \"#8b0000\"\nbackground = \"#fff8f0\"\ntext = \"#301010\"\n\
                dark = { accent = \"#F99\", background = \"#100\", text = \"#fdd\" }";
    let built = with(look).build();
    let names = ["accent", "bg", "text"];
    assert_eq!(names.map(|name| colour(&built, name, false)), ["#8b0000", "#fff8f0", "#301010"]);
    assert_eq!(names.map(|name| colour(&built, name, true)), ["#ff9999", "#110000", "#ffdddd"]);
}

#[test]
fn what_is_printed_stays_black_on_white() {
    for header in ["line", "banner", "centred"] {
        for front in ["hero", "plain"] {
            let built = with(&format!("header = \"{header}\"\nfront = \"{front}\"")).build();
            let css = built.text("look.css");
            assert!(css.find("@media screen {").unwrap() < css.find("--bg").unwrap());
            assert_eq!(css.matches('{').count(), css.matches('}').count(), "{css}");
            let mut outside = css.to_owned();
            while let Some(start) = outside.find("@media screen {") {
                let mut depth = 0;
                let end = outside[start..].find(|c| {
                    depth += i32::from(c == '{') - i32::from(c == '}');
                    c == '}' && depth == 0
                });
                outside.replace_range(start..=start + end.unwrap(), "");
            }
            assert!(!outside.contains("color") && !outside.contains('#'), "{outside}");
        }
    }
}

#[test]
fn the_leaf_is_shown_in_the_colours_of_the_site_until_there_is_a_logo() {
    let built = with("accent = \"#8b0000\"").build();
    assert!(built.text("look.svg").contains("fill=\"#8b0000\""), "{}", built.text("look.svg"));
    assert_head(
        built.text("index.html"),
        "<link rel=\"icon\" type=\"image/svg+xml\" href=\"/branch/look.svg\">",
    );
    let brand = between(built.text("about/index.html"), "class=\"brand\"", "</a>");
    assert!(brand.contains("src=\"/branch/look.svg\" alt=\"\""), "{brand}");
    let own = with("accent = \"#8b0000\"").with("static/favicon.svg", SVG).build();
    assert!(!own.has("look.svg"));
    assert_head(own.text("index.html"), "href=\"/branch/favicon.svg\"");
}

#[test]
fn the_logo_stands_before_the_name_unless_it_says_it() {
    let site = with("logo = \"/img/the logo.svg\"").with("static/img/the logo.svg", SVG);
    let built = site.build();
    let brand = between(built.text("cy/index.html"), "class=\"brand\"", "</a>");
    assert!(brand.contains("src=\"/branch/img/the%20logo.svg\" alt=\"\">Y Blaid"), "{brand}");
    assert_head(
        built.text("index.html"),
        "<link rel=\"icon\" type=\"image/svg+xml\" href=\"/branch/img/the%20logo.svg\">",
    );
    assert!(!built.has("look.svg"));
    let says = site.config("logo_alt = \"Our Party\"").build();
    let brand = between(says.text("index.html"), "class=\"brand\"", "</a>");
    assert!(brand.ends_with("alt=\"Our Party\">"), "{brand}");
}

#[test]
fn a_logo_that_is_not_there_is_not_shown_when_the_rest_is_published() {
    let site = with("logo = \"logo.svg\"\nfont_file = \"font.woff2\"");
    let built = site.mode(|mode| mode.keep_going = true).try_build();
    assert_eq!(built.codes(), ["look-file-missing"; 2]);
    let html = built.text("about/index.html");
    assert!(html.contains("src=\"/branch/look.svg\"") && !html.contains("logo.svg"), "{html}");
    assert!(!built.text("look.css").contains("font.woff2"));
}

#[test]
fn a_photo_is_no_icon() {
    let jpeg = with("logo = \"logo.JPG\"").with("static/logo.JPG", JPEG);
    assert_head(jpeg.build().text("index.html"), "href=\"/branch/look.svg\"");
    let built = jpeg.config("icon = \"icon.png\"").with("static/icon.png", PNG).build();
    assert_head(
        built.text("index.html"),
        "<link rel=\"icon\" type=\"image/png\" href=\"/branch/icon.png\">",
    );
}

#[test]
fn fonts_are_those_of_the_reader_or_a_file_of_the_site() {
    let built = with("font = \"serif\"").build();
    let css = built.text("look.css");
    assert!(css.contains("--font: Charter, ") && !css.contains("url("), "{css}");
    let site = with("font = \"serif\"\nfont_file = \"fonts/a.woff2\"");
    let site = site.with("static/fonts/a.woff2", WOFF2).with("static/fonts/b.woff2", WOFF2);
    let weights = |site: &Site| {
        let css = site.build().text("look.css").to_owned();
        assert!(css.contains("--font: \"Own\", Charter, "), "{css}");
        let faces = css.split("src: url(\"").skip(1);
        faces
            .map(|face| between(face, "fonts/", "\"").to_owned() + between(face, "weight:", ";"))
            .collect::<Vec<_>>()
    };
    assert_eq!(weights(&site), ["a.woff2 400"]);
    let bold = |name: &str| site.clone().config(&format!("font_bold_file = \"fonts/{name}\""));
    assert_eq!(weights(&bold("b.woff2")), ["a.woff2 400", "b.woff2 700"]);
    assert_eq!(weights(&bold("a.woff2")), ["a.woff2 100 900"]);
}

#[test]
fn the_front_page_shows_its_picture_beside_the_title() {
    let index = "+++\ntitle = \"Home\"\nimage = \"/hills.jpg\"\nimage_alt = \"Hills\"\n+++\n";
    let site = with("front = \"photo\"").with("content/_index.md", index);
    let built = site.with("static/hills.jpg", "JPEG").build();
    let photo = "<figure class=\"front-photo\"><img src=\"/branch/hills.jpg\" alt=\"Hills\"";
    assert!(built.text("index.html").contains(photo), "{}", built.text("index.html"));
    assert!(!built.text("about/index.html").contains("front-photo"));
}

#[test]
fn a_theme_gets_to_know_the_look() {
    let template = "{{ site.look.stylesheet }}|{{ site.look.logo }}|{{ site.look.icon.url }}|\
                    {{ site.look.icon.type }}|{{ site.look.header }}|{{ site.look.front }}";
    let page = "+++\ntitle = \"A\"\ntemplate = \"own.html\"\n+++\n";
    let built = with("")
        .with("themes/campaign/templates/own.html", template)
        .with("content/own.md", page)
        .build();
    let own = built.text("own/index.html");
    assert_eq!(own, "/branch/look.css||/branch/look.svg|image/svg+xml|line|hero");
}

#[test]
fn another_colour_changes_the_stylesheet_at_the_next_build() {
    let folder = with("accent = \"#8b0000\"").on_disk();
    folder.expect(0, "build");
    assert!(folder.read("public/look.css").contains("#8b0000"));
    let config = folder.read("site.toml");
    folder.write("site.toml", config.replace("#8b0000", "#00008b"));
    folder.expect(0, "build");
    let css = folder.read("public/look.css");
    assert!(css.contains("#00008b") && !css.contains("#8b0000"), "{css}");
}

#[test]
fn the_program_looks_into_the_logo() {
    let folder = with("logo = \"logo.png\"").with("static/logo.png", "no picture").on_disk();
    let run = folder.expect(1, "build");
    assert!(
        run.err.contains("error[look-file-kind]") && run.err.contains("site.toml:7:8"),
        "{run:?}"
    );
    folder.write("static/logo.png", PNG);
    folder.expect(0, "build");
}
