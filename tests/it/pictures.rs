//! Pictures: their size, and what is taken out of them.

use proptest::prelude::*;
use sitegen::diagnostic::Diagnostic;

use crate::fixture::{Site, site};

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

/// The parts of a JPEG of 640 × 360 pixels, though with nothing to be seen.
fn jpeg() -> Vec<u8> {
    let scan = [&segment(0xda, &[1, 1, 0, 0, 63, 0])[..], b"\xff\0data\xff\xd0\x01"].concat();
    let frame = segment(0xc0, &[8, 1, 104, 2, 128, 1, 1, 0x11, 0]);
    [b"\xff\xd8", &segment(0xdb, &[0; 65])[..], &frame, &scan, b"\xff\xd9"].concat()
}

fn chunk(name: &[u8], data: &[u8]) -> Vec<u8> {
    let length = u32::try_from(data.len()).unwrap().to_be_bytes();
    let mut check = flate2::Crc::new();
    check.update(&[name, data].concat());
    [&length[..], name, data, &check.sum().to_be_bytes()].concat()
}

fn png(more: &[Vec<u8>]) -> Vec<u8> {
    let head = chunk(b"IHDR", &[0, 0, 2, 128, 0, 0, 1, 104, 8, 2, 0, 0, 0]);
    let parts = [&b"\x89PNG\r\n\x1a\n"[..], &head, &more.concat(), &chunk(b"IDAT", b"data")];
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
    let data = webp_chunk(b"VP8 ", b"\0\0\0\x9d\x01\x2a\x80\x02\x68\x01data");
    let body = [b"WEBP", &head[..], &data, &more.concat()].concat();
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

/// Every kind of picture with secrets in it, and the same without.
fn pictures() -> Vec<(&'static str, Vec<u8>, Vec<u8>)> {
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
        let size = format!("src=\"/{name}\" alt=\"The weir\" width=\"640\" height=\"360\"");
        assert!(html.contains(&size), "{html}");
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
    /// Whatever is done to a picture, it is cleaned or called damaged, in no time.
    #[test]
    fn no_file_is_too_strange(
        which in 0..4_usize,
        cut in 0..400_usize,
        changes in prop::collection::vec((0..400_usize, any::<u8>()), 0..4),
    ) {
        let (name, mut picture, _) = pictures().swap_remove(which);
        picture.truncate(cut.max(3));
        for (at, byte) in changes {
            let length = picture.len();
            picture[at % length] = byte;
        }
        let built = page_with(name, &picture).try_build();
        if !built.report.has_errors() {
            // What is clean stays clean.
            let clean = built.artifacts[name].clone();
            let again = page_with(name, &clean).build();
            prop_assert_eq!(&again.artifacts[name], &clean);
        }
    }
}
