//! Share pictures: what is shown where somebody shares a page.

use crate::fixture::{Built, Site, site};
use crate::folder::{contents, sha256};

/// What platforms take, in bytes.
const BYTES_MAX: usize = 200_000;

const PARTY: &str = r##"
-- site.toml --
base_url = "https://party.example"
title = "The Party"
description = "For the valley."
generate_share_pictures = true
[languages.cy]
title = "Y Blaid"
[look]
accent = "#17693a"
[imprint]
law = "uk-2022"
promoter = { name = "Ann Agent", address = "1 High Street, Town, AB1 2CD" }
on_behalf_of = []
-- content/buses.md --
+++
title = "Buses after six"
+++
Text.
-- content/buses.cy.md --
+++
title = "Bysiau wedi chwech: Ŵyl y Ŷd"
+++
Testun.
-- content/news/first.md --
+++
title = "First"
date = 2026-05-01
tags = ["a"]
+++
Text.
"##;

fn party() -> Site {
    site(PARTY)
}

/// What stands in a property of the head of a page.
fn property<'b>(built: &'b Built, page: &str, name: &str) -> Option<&'b str> {
    let (_, rest) = built.text(page).split_once(&format!("property=\"{name}\" content=\""))?;
    rest.split('"').next()
}

/// The path of the share picture that a page names.
fn named(built: &Built, page: &str) -> String {
    let address = property(built, page, "og:image").unwrap_or_else(|| panic!("{page} has none"));
    address.strip_prefix("https://party.example/").unwrap().to_owned()
}

/// The share picture that a page names, in bytes and in pixels.
fn picture(built: &Built, page: &str) -> (Vec<u8>, image::RgbImage) {
    let bytes = built.artifacts[&named(built, page)].clone();
    let image = image::load_from_memory(&bytes).unwrap().into_rgb8();
    (bytes, image)
}

fn is_card(path: &str) -> bool {
    path.rsplit('/').next().unwrap().contains("share.")
}

/// A photo in which no two pixels are alike, as far as that goes.
fn photo(width: u16, height: u16) -> Vec<u8> {
    let mut state = 1_u32;
    let mut pixels = vec![0; usize::from(width) * usize::from(height) * 3];
    for pixel in pixels.chunks_exact_mut(3) {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        pixel.copy_from_slice(&state.to_be_bytes()[..3]);
    }
    let mut jpeg = Vec::new();
    let encoder = jpeg_encoder::Encoder::new(&mut jpeg, 90);
    encoder.encode(&pixels, width, height, jpeg_encoder::ColorType::Rgb).unwrap();
    jpeg
}

fn with_photo(width: u16, height: u16) -> Site {
    let page = "+++\ntitle = \"Buses\"\nimage = \"p.jpg\"\nimage_alt = \"A bus\"\n+++\nText.\n";
    party().with("content/buses.md", page).with("content/p.jpg", photo(width, height))
}

#[test]
fn every_page_and_section_names_one_that_is_there() {
    let built = party().build();
    for (path, html) in built.ending(".html").filter(|(path, _)| !path.ends_with("404.html")) {
        let (bytes, image) = picture(&built, path);
        assert_eq!(image.dimensions(), (1200, 630), "{path}");
        assert!(bytes.len() <= BYTES_MAX, "{path} has {} bytes", bytes.len());
        assert!(bytes.starts_with(b"\x89PNG"), "{path}");
        assert!(html.contains("<meta name=\"twitter:card\" content=\"summary_large_image\">"));
    }
    let page = "buses/index.html";
    assert_eq!(property(&built, page, "og:image:type"), Some("image/png"));
    assert_eq!(property(&built, page, "og:image:width"), Some("1200"));
    assert_eq!(property(&built, page, "og:image:height"), Some("630"));
    assert_eq!(property(&built, page, "og:image:alt"), Some("Buses after six – The Party"));
    assert!(
        built
            .text(page)
            .contains(&format!("\"image\":\"https://party.example/{}\"", named(&built, page)))
    );
    assert_eq!(named(&built, "tags/index.html"), named(&built, "index.html"));
}

#[test]
fn a_site_that_does_not_ask_for_them_has_none() {
    let config = PARTY.replace("generate_share_pictures = true\n", "");
    let built = site(&config).build();
    assert!(!built.artifacts.keys().any(|path| is_card(path)));
    assert_eq!(property(&built, "buses/index.html", "og:image"), None);
    assert!(built.text("index.html").contains("content=\"summary\""));
}

#[test]
fn one_with_a_photo_is_a_jpeg_and_small_enough() {
    for (width, height) in [(1600, 900), (700, 1000), (600, 600)] {
        let built = with_photo(width, height).build();
        let page = "buses/index.html";
        let (bytes, image) = picture(&built, page);
        assert!(bytes.starts_with(b"\xff\xd8\xff"));
        assert!(bytes.len() <= BYTES_MAX, "{width}×{height}: {} bytes", bytes.len());
        assert_eq!(image.dimensions(), (1200, 630));
        assert_eq!(property(&built, page, "og:image:type"), Some("image/jpeg"));
        assert_eq!(property(&built, page, "og:image:alt"), Some("Buses – The Party. A bus"));
    }
    // One of few pixels would be a blur.
    let (bytes, _) = picture(&with_photo(200, 150).build(), "buses/index.html");
    assert!(bytes.starts_with(b"\x89PNG"));
}

/// How bright a colour is (WCAG 2.2, relative luminance).
fn luminance(pixel: image::Rgb<u8>) -> f64 {
    let linear = |value: u8| {
        let value = f64::from(value) / 255.0;
        if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    let [red, green, blue] = pixel.0.map(linear);
    0.2126 * red + 0.7152 * green + 0.0722 * blue
}

/// The contrast between the ground of a part of a picture and what is furthest from it, and the
/// share of pixels that are near neither of them.
fn contrast(
    image: &image::RgbImage,
    (x, y): (u32, u32),
    (width, height): (u32, u32),
) -> (f64, f64) {
    let part = image::imageops::crop_imm(image, x, y, width, height).to_image();
    let mut lights: Vec<f64> = part.pixels().copied().map(luminance).collect();
    lights.sort_by(f64::total_cmp);
    let (ground, count) = (lights[lights.len() / 2], lights.len());
    // A JPEG overshoots at the edges of letters.
    let ends = [lights[count / 50], lights[count - 1 - count / 50]];
    let ink = if ground - ends[0] > ends[1] - ground { ends[0] } else { ends[1] };
    let far = |light: &&f64| {
        let near = (ground - ink).abs() * 0.25;
        (**light - ground).abs() > near && (**light - ink).abs() > near
    };
    let share = lights.iter().filter(far).map(|_| 1.0).sum::<f64>() / f64::from(width * height);
    ((ground.max(ink) + 0.05) / (ground.min(ink) + 0.05), share)
}

#[test]
fn texts_can_be_read_in_every_colour_and_beside_a_photo() {
    for accent in ["#17693a", "#ffd500", "#c2185b", "#888888", "#ffffff", "#000000", "#8fd3ff"] {
        let config = |site: Site| {
            let text = PARTY.split("-- content/buses.md --").next().unwrap();
            let text = text.split_once("-- site.toml --\n").unwrap().1;
            site.with("site.toml", text.replace("#17693a", accent))
        };
        for site in [config(party()), config(with_photo(900, 1200))] {
            let (_, image) = picture(&site.build(), "buses/index.html");
            // The imprint, the name of the site, the title.
            for (place, size) in
                [((64, 560), (400, 60)), ((64, 48), (200, 40)), ((64, 380), (400, 130))]
            {
                let (found, between) = contrast(&image, place, size);
                assert!(found >= 4.4, "{accent} at {place:?}: {found}");
                // Letters on one colour, and not on a photo.
                assert!(between < 0.2, "{accent} at {place:?}: {between}");
            }
        }
    }
}

#[test]
fn each_language_has_its_own() {
    let built = party().build();
    let (english, welsh) =
        (named(&built, "buses/index.html"), named(&built, "cy/buses/index.html"));
    assert_ne!(english, welsh);
    assert_ne!(built.artifacts[&english], built.artifacts[&welsh]);
    assert_eq!(
        property(&built, "cy/buses/index.html", "og:image:alt"),
        Some("Bysiau wedi chwech: Ŵyl y Ŷd – Y Blaid")
    );
    // A page without a translation shows the original, whose picture is that of both.
    assert_eq!(named(&built, "news/first/index.html"), named(&built, "cy/news/first/index.html"));
}

#[test]
fn the_kind_of_a_page_shows() {
    let event = |more: &str| {
        let page = format!(
            "+++\ntitle = \"A\"\nkind = \"event\"\nstart = 2026-07-05T19:30:00\n{more}+++\nText.\n"
        );
        named(&party().with("content/a.md", page).build(), "a/index.html")
    };
    let plain = event("");
    assert_ne!(plain, event("location = \"Hall\"\n"));
    assert_ne!(plain, event("cancelled = true\n"));
    let person = |role: &str| {
        let page =
            format!("+++\ntitle = \"A\"\nkind = \"person\"\nrole = \"{role}\"\n+++\nText.\n");
        let built = party().with("content/a.md", page).build();
        let json = built.text("a/index.html").split("ld+json\">").nth(1).unwrap().to_owned();
        let json = json.split("</script>").next().unwrap();
        assert!(!json.contains("share."), "a picture of a person shows that person: {json}");
        named(&built, "a/index.html")
    };
    assert_ne!(person("Candidate"), person("Treasurer"));
}

#[test]
fn another_imprint_makes_another_and_is_no_edit_of_the_post() {
    let folder = party().on_disk();
    let entry = |folder: &crate::folder::Folder| {
        let feed = folder.read("public/atom.xml");
        let entry = feed.split_once("<entry>").unwrap().1;
        entry.split_once("<updated>").unwrap().1.split('<').next().unwrap().to_owned()
    };
    let cards = |folder: &crate::folder::Folder| {
        let names = contents(&folder.path("public"));
        let cards = names.into_iter().filter(|(path, _)| is_card(path));
        cards.map(|(path, _)| path).collect::<Vec<_>>()
    };
    folder.expect(0, "build");
    let (first, edited, record) = (cards(&folder), entry(&folder), folder.read("published.toml"));
    let config = folder.read("site.toml").replace("Ann Agent", "Bob Agent");
    folder.write("site.toml", config);
    folder.expect(0, "build");
    let second = cards(&folder);
    assert_eq!(first.len(), second.len());
    assert!(second.iter().all(|path| !first.contains(path)), "{second:?}");
    assert_eq!(folder.read("published.toml"), record);
    assert_eq!(entry(&folder), edited);
}

#[test]
fn a_second_build_makes_none() {
    let folder = with_photo(800, 1000).on_disk();
    folder.expect(0, "build");
    let first = contents(&folder.path("public"));
    let files = std::fs::read_dir(folder.path(".sitegen/cache/pictures")).unwrap();
    // What is taken from the cache is not made, and so would show this.
    for file in files {
        let other = b"from the cache";
        let check = sha256(other);
        std::fs::write(file.unwrap().path(), [check.as_bytes(), other].concat()).unwrap();
    }
    std::fs::remove_dir_all(folder.path("public")).unwrap();
    folder.expect(0, "build");
    let taken = contents(&folder.path("public"));
    let cards = first.keys().filter(|path| is_card(path));
    assert!(cards.clone().count() >= 5);
    for path in cards {
        assert_eq!(taken[path], b"from the cache", "{path}");
    }
    // It is no longer wanted, and so not kept.
    let config = folder.read("site.toml").replace("generate_share_pictures = true\n", "");
    folder.write("site.toml", config);
    folder.expect(0, "build");
    let kept = std::fs::read_dir(folder.path(".sitegen/cache/pictures")).unwrap();
    assert!(kept.count() < 5);
}

#[test]
fn a_check_draws_none() {
    let folder = party().on_disk();
    let run = folder.run("check");
    assert_eq!(run.code, 0, "{}", run.err);
    assert!(!folder.path(".sitegen/cache/pictures").exists());
}

#[test]
fn a_page_may_share_its_own_picture() {
    let page = "+++\ntitle = \"A\"\nimage = \"p.jpg\"\nimage_alt = \"A bus\"\n\
                share_picture = false\n+++\nText.\n";
    let built = party().with("content/a.md", page).with("content/p.jpg", photo(400, 300)).build();
    assert_eq!(named(&built, "a/index.html"), "p.jpg");
    assert!(!built.artifacts.keys().any(|path| path.starts_with("a/") && is_card(path)));
}

#[test]
fn letters_that_cannot_be_drawn_are_told_and_emoji_left_out() {
    let titled = |title: &str| {
        let page = format!("+++\ntitle = \"{title}\"\n+++\nText.\n");
        party().with("content/a.md", page).build()
    };
    let built = titled("巴士 buses");
    assert_eq!(built.codes(), ["letters-not-drawn"]);
    assert!(built.messages().contains("巴 士"), "{}", built.messages());
    assert_eq!(property(&built, "a/index.html", "og:image"), None);
    let (with, without) = (titled("Buses 🚌"), titled("Buses"));
    assert!(with.codes().is_empty(), "{}", with.messages());
    assert_eq!(named(&with, "a/index.html"), named(&without, "a/index.html"));
}

const LOGO: &str = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 10 10\">\
                    <circle cx=\"5\" cy=\"5\" r=\"5\" fill=\"#f00\"/></svg>";

#[test]
fn the_logo_is_drawn_and_counts() {
    let with = |logo: &str| {
        let config = "[look]\naccent = \"#17693a\"\nlogo = \"logo.svg\"\n";
        let text = PARTY.replace("[look]\naccent = \"#17693a\"\n", config);
        site(&text).with("static/logo.svg", logo)
    };
    let built = with(LOGO).build();
    let (_, image) = picture(&built, "buses/index.html");
    assert_eq!(image.get_pixel(64 + 14 + 38, 56 - 8 + 14 + 38).0, [255, 0, 0]);
    let other = with(&LOGO.replace("#f00", "#00f"));
    assert_ne!(named(&built, "buses/index.html"), named(&other.build(), "buses/index.html"));
    // As pages name the picture, they are made anew too.
    let folder = with(LOGO).on_disk();
    folder.expect(0, "build");
    folder.write("static/logo.svg", LOGO.replace("#f00", "#00f"));
    folder.expect(0, "build");
    let clean = other.on_disk();
    clean.expect(0, "build");
    assert_eq!(contents(&folder.path("public")), contents(&clean.path("public")));
}

#[test]
fn a_logo_names_no_file_of_the_machine() {
    let svg = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 10 10\">\
               <image href=\"/etc/hostname\" width=\"10\" height=\"10\"/></svg>";
    let text = PARTY.replace("accent =", "logo = \"logo.svg\"\naccent =");
    let built = site(&text).with("static/logo.svg", svg).build();
    assert_eq!(built.codes(), ["logo-not-drawn"]);
}

#[test]
fn what_they_are_made_with_is_what_is_locked() {
    let lock = include_str!("../../Cargo.lock");
    let made = include_str!("../../src/pictures/card/made.rs");
    let named = made.split("MADE_WITH: &str = \"").nth(1).unwrap().split("\";").next().unwrap();
    for package in named.replace("\\\n", "").split(", ") {
        let (name, version) = package.trim().split_once(' ').unwrap();
        let entry = format!("name = \"{name}\"\nversion = \"{version}\"");
        assert!(lock.contains(&entry), "{package} is not in Cargo.lock: share pictures may differ");
    }
}

/// The same everywhere, and as long as `DRAWING` is the same: caches have it.
#[test]
fn one_drawing_is_always_the_same() {
    let (bytes, _) = picture(&party().build(), "buses/index.html");
    let found = sha256(&bytes);
    let known = "f7a5401f1fffd33ae94e2954b8c58f172d3a6b50bab13ffc28c3917290fea055";
    assert_eq!(found, known, "raise `DRAWING` in src/pictures/card/made.rs, and this");
}
