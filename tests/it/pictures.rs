//! Pictures: their size, and what is taken out of them.

use std::io::Write as _;
use std::sync::LazyLock;

use proptest::prelude::*;
use sitegen::diagnostic::Diagnostic;

use crate::fixture::{Built, Site, site};
use crate::folder::{Folder, contents, sha256};

const WITH_PICTURE: &str = "\
-- content/a.md --
+++
title = \"A\"
+++
![The weir](weir.jpg)
";

/// Words that stand where cameras and editors write theirs.
const SECRET: &[u8] = b"secret";

fn page_with(name: &str, picture: &[u8]) -> Site {
    let page = WITH_PICTURE.replace("weir.jpg", name);
    site(&page).with(&format!("content/{name}"), picture)
}

fn segment(marker: u8, data: &[u8]) -> Vec<u8> {
    let length = u16::try_from(data.len() + 2).unwrap();
    [&[0xff, marker], &length.to_be_bytes()[..], data].concat()
}

/// EXIF that says how a picture is turned, and secrets.
fn exif(turn: u8) -> Vec<u8> {
    let mut tiff = b"II*\0\x08\0\0\0\x02\0".to_vec();
    tiff.extend(b"\x0f\x01\x02\0\x07\0\0\0\x26\0\0\0");
    tiff.extend([0x12, 1, 3, 0, 1, 0, 0, 0, turn, 0, 0, 0]);
    tiff.extend([0; 4]);
    tiff.extend(SECRET);
    tiff
}

/// A JPEG as a phone makes it, around the segments and the data of a plain one.
fn from_phone(plain: &[u8], turn: u8) -> Vec<u8> {
    let (head, rest) = plain.split_at(2);
    let thumbnail = [&b"JFIF\0\x01\x02\x01\0\x48\0\x48\x01\x02"[..], SECRET].concat();
    let parts = [
        head.to_vec(),
        segment(0xe0, &thumbnail),
        segment(0xe1, &[b"Exif\0\0", &exif(turn)[..]].concat()),
        segment(0xe1, &[b"http://ns.adobe.com/xap/1.0/\0", SECRET].concat()),
        segment(0xe2, &[b"MPF\0", SECRET].concat()),
        segment(0xed, &[b"Photoshop 3.0\0", SECRET].concat()),
        segment(0xfe, SECRET),
        rest.to_vec(),
        SECRET.to_vec(),
    ];
    parts.concat()
}

/// A photo of 640 × 360 pixels.
fn jpeg() -> Vec<u8> {
    photo(640, 360)
}

fn chunk(name: &[u8], data: &[u8]) -> Vec<u8> {
    let length = u32::try_from(data.len()).unwrap().to_be_bytes();
    let mut check = flate2::Crc::new();
    check.update(&[name, data].concat());
    [&length[..], name, data, &check.sum().to_be_bytes()].concat()
}

fn png(more: &[Vec<u8>]) -> Vec<u8> {
    let head = chunk(b"IHDR", &[0, 0, 2, 128, 0, 0, 1, 104, 8, 2, 0, 0, 0]);
    let mut data = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    data.write_all(&vec![0; 360 * (640 * 3 + 1)]).unwrap();
    let data = chunk(b"IDAT", &data.finish().unwrap());
    let parts = [&b"\x89PNG\r\n\x1a\n"[..], &head, &more.concat(), &data];
    [&parts.concat()[..], &chunk(b"IEND", b"")].concat()
}

fn webp_chunk(name: &[u8], data: &[u8]) -> Vec<u8> {
    let length = u32::try_from(data.len()).unwrap().to_le_bytes();
    let pad = &[0][..data.len() % 2];
    [name, &length, data, pad].concat()
}

/// A WebP of 640 × 360 pixels with some flags and chunks around its data.
fn webp(flags: u8, more: &[Vec<u8>]) -> Vec<u8> {
    let head = webp_chunk(b"VP8X", &[flags, 0, 0, 0, 127, 2, 0, 103, 1, 0]);
    let data = webp::Encoder::from_rgb(&pixels(640, 360), 640, 360).encode(50.0);
    let body = [b"WEBP", &head[..], &data[12..], &more.concat()].concat();
    [b"RIFF", &u32::try_from(body.len()).unwrap().to_le_bytes()[..], &body].concat()
}

fn gif(more: &[u8]) -> Vec<u8> {
    let again = b"\x21\xff\x0bNETSCAPE2.0\x03\x01\0\0\0";
    let picture = b"\x2c\0\0\0\0\x80\x02\x68\x01\0\x02\x02\x4c\x01\0";
    [b"GIF89a\x80\x02\x68\x01\0\0\0", &again[..], more, &picture[..], b"\x3b"].concat()
}

fn has(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

/// A name, a picture with secrets in it, and the same without.
type Pair = (&'static str, Vec<u8>, Vec<u8>);

/// Every kind of picture with secrets in it, and the same without.
fn pictures() -> Vec<Pair> {
    static PICTURES: LazyLock<Vec<Pair>> = LazyLock::new(make_pictures);
    PICTURES.clone()
}

fn make_pictures() -> Vec<Pair> {
    let text = chunk(b"tEXt", &[b"Author\0", SECRET].concat());
    let comment = [&b"\x21\xfe\x06"[..], SECRET, b"\0"].concat();
    let xmp = [&b"\x21\xff\x0bXMP DataXMP\x06"[..], SECRET, b"\0"].concat();
    let chunks = [webp_chunk(b"EXIF", &exif(1)), webp_chunk(b"XMP ", SECRET)];
    let jfif = segment(0xe0, b"JFIF\0\x01\x02\x01\0\x48\0\x48\0\0");
    vec![
        ("p.jpg", from_phone(&jpeg(), 1), [&jpeg()[..2], &jfif, &jpeg()[2..]].concat()),
        ("p.png", png(&[text, chunk(b"eXIf", &exif(1))]), png(&[])),
        ("p.webp", webp(0x0c, &chunks), webp(0, &[])),
        ("p.gif", gif(&[comment, xmp].concat()), gif(b"")),
    ]
}

#[test]
fn nothing_of_a_camera_or_an_editor_is_published() {
    for (name, with, without) in pictures() {
        assert!(has(&with, SECRET));
        let built = page_with(name, &with).build();
        assert_eq!(built.artifacts[name], without, "{name}");
        for (path, bytes) in &built.artifacts {
            assert!(!has(bytes, SECRET), "{path}");
        }
    }
}

#[test]
fn a_picture_without_such_things_is_published_as_it_is() {
    for (name, _, picture) in pictures() {
        assert_eq!(page_with(name, &picture).build().artifacts[name], picture, "{name}");
    }
}

#[test]
fn pictures_of_static_and_of_themes_are_cleaned_too() {
    let picture = from_phone(&jpeg(), 1);
    let built = page_with("p.jpg", &picture)
        .with("static/s.jpg", &picture)
        .with("themes/own/static/t.jpg", &picture)
        .config("theme = \"own\"")
        .try_build();
    for name in ["p.jpg", "s.jpg", "t.jpg"] {
        assert!(!has(&built.artifacts[name], SECRET), "{name}");
    }
}

#[test]
fn a_picture_has_its_size_so_that_nothing_moves_when_it_comes() {
    for (name, picture, _) in pictures() {
        let built = page_with(name, &picture).build();
        let html = built.text("a/index.html");
        assert!(html.contains(&format!("src=\"/{name}\"")), "{html}");
        assert!(html.contains("alt=\"The weir\" width=\"640\" height=\"360\""), "{html}");
    }
}

#[test]
fn how_a_picture_is_turned_stays_and_counts() {
    let turned = [
        ("p.jpg", from_phone(&jpeg(), 6)),
        ("p.png", png(&[chunk(b"eXIf", &exif(6))])),
        ("p.webp", webp(0x08, &[webp_chunk(b"EXIF", &exif(6))])),
    ];
    for (name, picture) in turned {
        let built = page_with(name, &picture).build();
        let published = &built.artifacts[name];
        assert!(!has(published, SECRET), "{name}");
        let html = built.text("a/index.html");
        assert!(html.contains("width=\"360\" height=\"640\""), "{html}");
        // What is published says so itself.
        let again = page_with(name, published).build();
        assert!(again.text("a/index.html").contains("width=\"360\" height=\"640\""), "{name}");
        assert_eq!(again.artifacts[name], *published, "{name}");
    }
}

#[test]
fn the_length_that_a_feed_names_is_that_of_what_is_published() {
    let picture = from_phone(&jpeg(), 1);
    let page = "+++\ntitle = \"A\"\ndate = 2026-01-01\nimage = \"p.jpg\"\nimage_alt = \"P\"\n+++\n";
    let built = site("").with("content/a.md", page).with("content/p.jpg", picture).build();
    let length = built.artifacts["p.jpg"].len();
    let feed = built.text("rss.xml");
    assert!(feed.contains(&format!("length=\"{length}\"")), "{feed}");
}

#[test]
fn a_damaged_picture_is_named() {
    for (name, picture, _) in pictures() {
        for cut in [picture.len() / 2, picture.len() - 13] {
            let report = page_with(name, &picture[..cut]).check();
            let codes: Vec<_> = report.diagnostics.iter().map(Diagnostic::code).collect();
            assert_eq!(codes, ["picture-damaged"], "{name} cut at {cut}");
        }
    }
}

#[test]
fn what_only_has_the_name_of_a_picture_is_copied() {
    let built = page_with("p.jpg", b"no picture").build();
    assert_eq!(built.artifacts["p.jpg"], b"no picture");
}

#[test]
fn a_picture_in_the_text_of_a_picture_is_part_of_the_text() {
    let page = "+++\ntitle = \"A\"\n+++\n![x ![y](p.gif) z](p.gif)\n";
    let built = site("").with("content/a.md", page).with("content/p.gif", gif(b"")).build();
    let html = built.text("a/index.html");
    assert_eq!(html.matches("src=\"/p.gif\"").count(), 1, "{html}");
    assert!(html.contains("alt=\"x y z\""), "{html}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]
    /// Whatever is done to a picture, it is cleaned or called damaged, in no time.
    #[test]
    fn no_file_is_too_strange(
        which in 0..4_usize,
        cut in any::<prop::sample::Index>(),
        whole in any::<bool>(),
        changes in prop::collection::vec((0..400_usize, any::<u8>()), 0..4),
    ) {
        let (name, mut picture, _) = pictures().swap_remove(which);
        let length = picture.len();
        picture.truncate(if whole { length } else { cut.index(length).max(3) });
        for (at, byte) in changes {
            let length = picture.len();
            picture[at % length] = byte;
        }
        let path = format!("static/{name}");
        let built = site("").with(&path, &picture).try_build();
        if !built.report.has_errors() {
            // What is clean stays clean.
            let clean = built.artifacts[name].clone();
            let again = site("").with(&path, &clean).build();
            prop_assert_eq!(&again.artifacts[name], &clean);
        }
    }
}

/// A photo of so many pixels, with something to be seen, and another colour in each corner.
fn photo(width: u16, height: u16) -> Vec<u8> {
    let mut jpeg = Vec::new();
    let encoder = jpeg_encoder::Encoder::new(&mut jpeg, 90);
    encoder.encode(&pixels(width, height), width, height, jpeg_encoder::ColorType::Rgb).unwrap();
    jpeg
}

/// Above red and green, below blue and white, with some noise.
fn pixels(width: u16, height: u16) -> Vec<u8> {
    let corners = [[200, 20, 20], [20, 200, 20], [20, 20, 200], [220, 220, 220]];
    let mut noise = 1_u32;
    let places = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
    places
        .flat_map(|(x, y)| {
            noise = noise.wrapping_mul(1_103_515_245).wrapping_add(12_345);
            let shade = u8::try_from(noise >> 27).unwrap();
            let corner = usize::from(y >= height / 2) * 2 + usize::from(x >= width / 2);
            corners[corner].map(|level: u8| level.saturating_add(shade))
        })
        .collect()
}

fn decoded(bytes: &[u8]) -> image::RgbImage {
    image::load_from_memory(bytes).unwrap().into_rgb8()
}

/// The outputs that are pictures, with their widths and heights.
fn sizes(built: &Built) -> Vec<(String, u32, u32)> {
    let is_picture =
        |path: &&String| [".jpg", ".png", ".webp"].iter().any(|ending| path.ends_with(ending));
    let pictures = built.artifacts.keys().filter(is_picture);
    let size = |path: &String| {
        let image = decoded(&built.artifacts[path]);
        // Without the hash.
        let parts: Vec<&str> = path.split('.').filter(|part| part.len() != 8).collect();
        (parts.join("."), image.width(), image.height())
    };
    let mut sizes: Vec<_> = pictures.map(size).collect();
    sizes.sort();
    sizes
}

fn named(sizes: &[(&str, u32, u32)]) -> Vec<(String, u32, u32)> {
    sizes.iter().map(|(name, width, height)| ((*name).to_owned(), *width, *height)).collect()
}

#[test]
fn a_photo_is_made_in_several_widths_and_formats() {
    let built = page_with("p.jpg", &photo(1200, 800)).build();
    let expected = [
        ("p.1200.webp", 1200, 800),
        ("p.480.jpg", 480, 320),
        ("p.480.webp", 480, 320),
        ("p.960.jpg", 960, 640),
        ("p.960.webp", 960, 640),
        ("p.jpg", 1200, 800),
    ];
    assert_eq!(sizes(&built), named(&expected));
    let html = built.text("a/index.html");
    let webp = html.split("<source type=\"image/webp\" srcset=\"").nth(1).unwrap();
    let webp = webp.split('"').next().unwrap();
    let plain = html.split("<img src=\"/p.jpg\" srcset=\"").nth(1).unwrap();
    assert!(plain.contains("p.jpg 1200w\" sizes=\"(min-width: 44rem) 42rem, 100vw\""), "{plain}");
    assert!(plain.contains("alt=\"The weir\" width=\"1200\" height=\"800\">"), "{plain}");
    let plain = plain.split('"').next().unwrap();
    for (set, widths) in [(webp, [480, 960, 1200]), (plain, [480, 960, 1200])] {
        let sources = set.split(", ").map(|source| source.split_once(' ').unwrap());
        for ((url, width), expected) in sources.zip(widths) {
            assert_eq!(width, format!("{expected}w"));
            assert_eq!(decoded(&built.artifacts[&url[1..]]).width(), expected, "{url}");
        }
    }
}

#[test]
fn a_page_does_not_show_more_than_a_screen_has() {
    let built = page_with("p.jpg", &photo(3000, 300)).build();
    let html = built.text("a/index.html");
    assert!(html.contains("width=\"1600\" height=\"160\""), "{html}");
    assert!(!html.contains("3000w") && !html.contains("src=\"/p.jpg\""), "{html}");
    assert_eq!(decoded(&built.artifacts["p.jpg"]).width(), 3000);
}

#[test]
fn a_webp_is_smaller_than_what_it_stands_for() {
    let built = page_with("p.jpg", &photo(1200, 800)).build();
    for width in ["480", "960"] {
        let length = |ending: &str| {
            let start = format!("p.{width}.");
            let find = |path: &&String| path.starts_with(&start) && path.ends_with(ending);
            built.artifacts[built.artifacts.keys().find(find).unwrap()].len()
        };
        assert!(length(".webp") < length(".jpg"), "{width}");
    }
}

#[test]
fn renditions_are_turned_as_the_picture_is() {
    // Where red is, after a turn: EXIF 2.32, table 6.
    for (turn, (right, down)) in (1..=8).zip([
        (false, false),
        (true, false),
        (true, true),
        (false, true),
        (false, false),
        (true, false),
        (true, true),
        (false, true),
    ]) {
        let picture = from_phone(&photo(600, 400), turn);
        let built = page_with("p.jpg", &picture).config("pictures.widths = [200]").build();
        let name = built.artifacts.keys().find(|path| path.starts_with("p.200.")).unwrap();
        let image = decoded(&built.artifacts[name]);
        let height = if turn < 5 { 133 } else { 300 };
        assert_eq!((image.width(), image.height()), (200, height), "turned {turn}");
        let at = |far: bool, side: u32| if far { side * 3 / 4 } else { side / 4 };
        let [red, green, blue] = image.get_pixel(at(right, 200), at(down, height)).0;
        assert!(red > 150 && green < 100 && blue < 100, "turned {turn}: {red} {green} {blue}");
        assert!(!has(&built.artifacts[name], SECRET) && !has(&built.artifacts[name], b"Exif"));
    }
}

#[test]
fn a_drawing_stays_a_png_and_a_photo_does_not() {
    let png = |image: image::DynamicImage| {
        let mut bytes = std::io::Cursor::new(Vec::new());
        image.write_to(&mut bytes, image::ImageFormat::Png).unwrap();
        bytes.into_inner()
    };
    let photo = image::RgbImage::from_raw(600, 400, pixels(600, 400)).unwrap();
    let clear = image::RgbaImage::from_pixel(600, 400, image::Rgba([10, 20, 30, 40]));
    let drawing = image::RgbImage::from_pixel(600, 400, image::Rgb([10, 20, 30]));
    for (picture, ending) in
        [(png(photo.into()), "jpg"), (png(clear.into()), "png"), (png(drawing.into()), "png")]
    {
        let built = page_with("p.png", &picture).build();
        let small = |path: &&String| path.starts_with("p.480.") && !path.ends_with(".webp");
        let name = built.artifacts.keys().find(small).unwrap();
        assert!(name.ends_with(ending), "{name}");
    }
}

#[test]
fn a_colour_profile_stays() {
    let profile = [&[0; 16][..], b"RGB ", &[7; 100]].concat();
    let mut picture = Vec::new();
    let mut encoder = jpeg_encoder::Encoder::new(&mut picture, 90);
    encoder.add_icc_profile(&profile).unwrap();
    encoder.encode(&pixels(600, 400), 600, 400, jpeg_encoder::ColorType::Rgb).unwrap();
    let built = page_with("p.jpg", &picture).build();
    assert_eq!(sizes(&built).len(), 4);
    for (path, bytes) in built.artifacts.iter().filter(|(path, _)| path.starts_with("p.")) {
        assert!(has(bytes, &profile), "{path}");
    }
}

#[test]
fn pictures_that_no_text_shows_are_published_in_one_size() {
    let built = page_with("p.jpg", &photo(600, 400)).with("static/q.jpg", photo(600, 400)).build();
    let others = built.artifacts.keys().filter(|path| path.starts_with("q."));
    assert_eq!(others.collect::<Vec<_>>(), ["q.jpg"]);
}

#[test]
fn a_text_may_name_a_picture_in_many_ways() {
    for (name, written) in [
        ("a b.jpg", "![x](<a b.jpg>)"),
        ("a b.jpg", "![x](a%20b.jpg)"),
        ("a_b.jpg", "![x](a\\_b.jpg)"),
        ("a(1).jpg", "![x](a(1).jpg)"),
        ("a.jpg", "![x][1]\n\n[1]: a.jpg"),
        ("a.jpg", "![x](/a.jpg?v=2)"),
        ("a.jpg", "{{ figure(src=\"a.jpg\", alt=\"x\") }}"),
        ("a.jpg", "{{ figure(src='a.jpg', alt=\"x\") }}"),
    ] {
        let page = format!("+++\ntitle = \"A\"\n+++\n{written}\n");
        let picture = photo(600, 400);
        let built = site("").with("content/a.md", page).with(&format!("content/{name}"), picture);
        let built = built.build();
        assert!(built.text("a/index.html").contains(" 480w, "), "{written}");
    }
}

#[test]
fn the_first_picture_comes_at_once_and_the_others_when_they_are_about_to_be_seen() {
    let text = "![x](p.jpg)\n\n![y](p.jpg)\n\n{{ figure(src=\"p.jpg\", alt=\"z\") }}\n";
    let page = format!("+++\ntitle = \"A\"\n+++\n{text}");
    let built = site("").with("content/a.md", &page).with("content/p.jpg", photo(600, 400)).build();
    assert_eq!(built.text("a/index.html").matches("loading=\"lazy\"").count(), 2);
    let image = "image = \"p.jpg\"\nimage_alt = \"P\"\n+++";
    let page = page.replacen("+++\n![", &format!("{image}\n!["), 1);
    let built = site("").with("content/a.md", page).with("content/p.jpg", photo(600, 400)).build();
    let html = built.text("a/index.html");
    assert_eq!(html.matches("loading=\"lazy\"").count(), 3, "{html}");
    assert!(html.contains("<figure class=\"lead-image\"><picture><source"), "{html}");
}

#[test]
fn a_feed_shows_the_picture_itself_with_its_size_and_whose_it_is() {
    let page = "+++\ntitle = \"A\"\ndate = 2026-01-01\nimage = \"p.jpg\"\nimage_alt = \"P\"\n\
                image_credit = \"Photo: Ann\"\n+++\n![x](q.jpg \"Photo: Bob & Co\")\n";
    let built = site("")
        .with("content/a.md", page)
        .with("content/p.jpg", photo(600, 400))
        .with("content/q.jpg", photo(600, 300))
        .build();
    let feed: serde_json::Value = serde_json::from_str(built.text("feed.json")).unwrap();
    let html = feed["items"][0]["content_html"].as_str().unwrap();
    assert!(
        html.contains(
            "<img src=\"https://party.example/q.jpg\" alt=\"x\" width=\"600\" height=\"300\"> \
         <small class=\"credit\">Photo: Bob &amp; Co</small>"
        ),
        "{html}"
    );
    assert!(html.contains("<p><small>Photo: Ann</small></p>"), "{html}");
    let html = built.text("a/index.html");
    assert!(html.contains("<figcaption class=\"credit\">Photo: Ann</figcaption>"), "{html}");
    assert!(html.contains("<small class=\"credit\">Photo: Bob &amp; Co</small>"), "{html}");
}

#[test]
fn a_credit_can_be_demanded() {
    let ask = |page: &str| {
        let site = site("").config("[pictures]\ncredit = \"required\"");
        let site = site.with("content/a.md", page).with("content/p.jpg", jpeg());
        let problems = site.check().diagnostics;
        problems.iter().map(Diagnostic::code).collect::<Vec<_>>()
    };
    for (without, with) in [
        (
            "+++\ntitle = \"A\"\n+++\n![x](p.jpg)\n",
            "+++\ntitle = \"A\"\n+++\n![x](p.jpg \"Ann\")\n",
        ),
        (
            "+++\ntitle = \"A\"\n+++\n{{ figure(src=\"p.jpg\", alt=\"x\") }}\n",
            "+++\ntitle = \"A\"\n+++\n{{ figure(src=\"p.jpg\", alt=\"x\", credit=\"Ann\") }}\n",
        ),
        (
            "+++\ntitle = \"A\"\nimage = \"p.jpg\"\nimage_alt = \"x\"\n+++\n",
            "+++\ntitle = \"A\"\nimage = \"p.jpg\"\nimage_alt = \"x\"\nimage_credit = \"Ann\"\n+++\n",
        ),
    ] {
        assert_eq!(ask(without), ["missing-credit"], "{without}");
        assert!(ask(with).is_empty(), "{with}");
    }
}

#[test]
fn a_picture_of_too_many_pixels_is_refused_before_it_is_read() {
    let head = segment(0xc0, &[8, 0x27, 0x10, 0x27, 0x10, 1, 1, 0x11, 0]);
    let scan = [&segment(0xda, &[1, 1, 0, 0, 63, 0])[..], b"data"].concat();
    let picture = [b"\xff\xd8", &head[..], &scan, b"\xff\xd9"].concat();
    let report = page_with("p.jpg", &picture).check();
    let codes: Vec<_> = report.diagnostics.iter().map(Diagnostic::code).collect();
    assert_eq!(codes, ["picture-too-large"]);
}

#[test]
fn a_picture_whose_pixels_are_damaged_is_named_once_for_each_use() {
    let photo = photo(600, 400);
    // Without the tables, nobody knows what the data mean.
    let tables = photo.windows(2).position(|pair| pair == b"\xff\xc4").unwrap();
    let scan = photo.windows(2).position(|pair| pair == b"\xff\xda").unwrap();
    let picture = [&photo[..tables], &photo[scan..]].concat();
    let report = page_with("p.jpg", &picture).check();
    let codes: Vec<_> = report.diagnostics.iter().map(Diagnostic::code).collect();
    assert!(!codes.is_empty() && codes.iter().all(|code| *code == "picture-damaged"), "{codes:?}");
}

#[test]
fn what_pictures_are_made_with_is_what_is_locked() {
    let lock = include_str!("../../Cargo.lock");
    let rendition = include_str!("../../src/pictures/rendition.rs");
    let named =
        rendition.split("MADE_WITH: &str = \"").nth(1).unwrap().split("\";").next().unwrap();
    for package in named.replace("\\\n", "").split(", ") {
        let (name, version) = package.trim().split_once(' ').unwrap();
        let entry = format!("name = \"{name}\"\nversion = \"{version}\"");
        assert!(lock.contains(&entry), "{package} is not in Cargo.lock: pictures may be different");
    }
}

fn on_disk() -> Folder {
    page_with("p.jpg", &from_phone(&photo(1200, 800), 6)).on_disk()
}

fn cached(folder: &Folder) -> Vec<std::path::PathBuf> {
    let files = std::fs::read_dir(folder.path(".sitegen/cache/pictures")).unwrap();
    let mut files: Vec<_> = files.map(|file| file.unwrap().path()).collect();
    files.sort();
    files
}

#[test]
fn a_second_build_makes_no_picture() {
    let folder = on_disk();
    folder.expect(0, "build");
    let first = contents(&folder.path("public"));
    let files = cached(&folder);
    assert_eq!(files.len(), 3);
    // What is taken from the cache is not made, and so would show this.
    for file in &files {
        let other = b"from the cache";
        let check = sha256(other);
        std::fs::write(file, [check.as_bytes(), other].concat()).unwrap();
    }
    std::fs::remove_dir_all(folder.path("public")).unwrap();
    folder.expect(0, "build");
    let taken = contents(&folder.path("public"));
    let taken = taken.iter().filter(|(_, bytes)| *bytes == b"from the cache");
    assert_eq!(taken.count(), 3);
    // A damaged file of the cache is none, and neither is one that is gone.
    std::fs::write(&files[0], "damaged").unwrap();
    files[1..].iter().for_each(|file| std::fs::remove_file(file).unwrap());
    std::fs::remove_dir_all(folder.path("public")).unwrap();
    folder.expect(0, "build");
    assert_eq!(contents(&folder.path("public")), first);
}

#[test]
fn the_cache_keeps_what_the_site_has_and_nothing_else() {
    let folder = on_disk();
    folder.expect(0, "build");
    let before = cached(&folder);
    folder.write("content/p.jpg", photo(500, 400));
    folder.expect(0, "build");
    let after = cached(&folder);
    assert!(after.len() == 3 && after.iter().all(|file| !before.contains(file)), "{after:?}");
}

#[test]
fn a_check_writes_nothing() {
    let folder = on_disk();
    let run = folder.run("check");
    assert_eq!(run.code, 0, "{}", run.err);
    assert!(!folder.path(".sitegen/cache/pictures").exists());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]
    #[test]
    fn taking_things_out_changes_no_pixel(
        width in 8..90_u16,
        height in 8..90_u16,
        turn in 1..=8_u8,
    ) {
        let plain = photo(width, height);
        let picture = from_phone(&plain, turn);
        let built = page_with("p.jpg", &picture).build();
        prop_assert!(!has(&built.artifacts["p.jpg"], SECRET));
        prop_assert_eq!(decoded(&built.artifacts["p.jpg"]), decoded(&plain));
    }
}

#[test]
fn what_is_published_as_it_came_from_a_camera_is_said() {
    let photo = |start: &[u8]| [start, &[0; 2000]].concat();
    let heic = b"\0\0\0\x18ftypheic";
    for (name, bytes, said) in [
        ("weir.heic", photo(heic), "most browsers do not show this picture"),
        ("weir.tif", photo(b"II*\0"), "most browsers do not show this picture"),
        ("weir.jpg", photo(heic), "no picture of the kind that its name says"),
    ] {
        let built = site("").with(&format!("static/{name}"), bytes).build();
        assert_eq!(built.codes(), ["picture-as-it-came"], "{name}");
        assert!(built.messages().contains(said), "{name}: {}", built.messages());
    }
}
