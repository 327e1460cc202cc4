//! The published list of all files of a site with their hashes, by which others notice when one
//! of them is changed.
//!
//! ```text
//! sitegen manifest 1
//! site https://www.party.example/
//! serial 12
//! made 2026-11-30T12:58:00Z
//! <SHA-256> <bytes> <path>
//! end 1
//! ```
//!
//! There is one way only to write it, and nothing else is read: what is signed must not mean two
//! things. Neither it nor its signature is in the list.

use std::fmt;

use jiff::{SignedDuration, Timestamp};

use crate::hash::is_hash;
use crate::limits::{MANIFEST_BYTES_MAX, MANIFEST_FILES_MAX};
use crate::path::OutputPath;

/// Where it lies in the output.
pub(crate) const PATH: &str = ".well-known/sitegen/manifest.txt";

/// Where its signature lies.
pub(crate) const SIGNATURE_PATH: &str = ".well-known/sitegen/manifest.txt.minisig";

/// The first line.
const HEAD: &str = "sitegen manifest 1";

/// The files of a site at a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Manifest {
    /// The address of the site, with a slash at its end.
    pub(crate) site: String,
    /// That of `published.toml`; 0 without one.
    pub(crate) serial: u64,
    /// When the build was that last changed a file, in whole seconds.
    pub(crate) made: Timestamp,
    /// Sorted by path, each once.
    pub(crate) files: Vec<File>,
}

/// A file of a site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct File {
    pub(crate) path: OutputPath,
    /// SHA-256 in 64 hexadecimal digits.
    pub(crate) hash: String,
    /// In bytes.
    pub(crate) size: u64,
}

/// Why a text is no manifest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ManifestProblem {
    /// It is longer than any.
    TooLong,
    /// It begins otherwise: it is something else, such as an error page.
    NoManifest,
    /// It was written by a later version of sitegen.
    OtherFormat,
    /// A line is not as it should be, counted from 1.
    Line(usize),
    /// The end is missing, or says another number of files.
    CutOff,
}

impl fmt::Display for ManifestProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong => write!(f, "it is longer than {} MiB", MANIFEST_BYTES_MAX >> 20),
            Self::NoManifest => f.write_str("it is something else, such as a page"),
            Self::OtherFormat => f.write_str("a later version of sitegen has written it"),
            Self::Line(number) => write!(f, "it is damaged in line {number}"),
            Self::CutOff => f.write_str("it is cut off: not all of it has come"),
        }
    }
}

impl Manifest {
    /// Reads a text that is just as [`Manifest::to_text`] writes it.
    pub(crate) fn parse(text: &str) -> Result<Self, ManifestProblem> {
        if text.len() > MANIFEST_BYTES_MAX {
            return Err(ManifestProblem::TooLong);
        }
        match text.split('\n').next() {
            Some(HEAD) => {}
            Some(line) if line.starts_with("sitegen manifest ") => {
                return Err(ManifestProblem::OtherFormat);
            }
            _ => return Err(ManifestProblem::NoManifest),
        }
        let lines = text.strip_suffix('\n').ok_or(ManifestProblem::CutOff)?.split('\n');
        let mut lines = lines.enumerate().skip(1).map(|(index, line)| (index + 1, line));
        let mut field = |name: &str| {
            let (number, line) = lines.next().ok_or(ManifestProblem::CutOff)?;
            let value = line.strip_prefix(name).and_then(|rest| rest.strip_prefix(' '));
            Ok((value.ok_or(ManifestProblem::Line(number))?, ManifestProblem::Line(number)))
        };
        let (site, wrong) = field("site")?;
        let is_address = site.starts_with("http") && site.ends_with('/') && !site.contains(' ');
        is_address.then_some(()).ok_or(wrong)?;
        let (serial, wrong) = field("serial")?;
        let serial = number(serial).ok_or(wrong)?;
        let (made, wrong) = field("made")?;
        let made = moment(made).ok_or(wrong)?;
        let mut files: Vec<File> = Vec::new();
        while let Some((number, line)) = lines.next() {
            if let Some(count) = line.strip_prefix("end ") {
                let is_whole = self::number(count) == Some(files.len() as u64);
                let manifest = Self { site: site.to_owned(), serial, made, files };
                let is_end = is_whole && lines.next().is_none();
                return is_end.then_some(manifest).ok_or(ManifestProblem::CutOff);
            }
            let file = File::parse(line).ok_or(ManifestProblem::Line(number))?;
            let follows = files.last().is_none_or(|last| last.path < file.path);
            if !follows || files.len() == MANIFEST_FILES_MAX {
                return Err(ManifestProblem::Line(number));
            }
            files.push(file);
        }
        Err(ManifestProblem::CutOff)
    }

    /// The text of it.
    pub(crate) fn to_text(&self) -> String {
        let Self { site, serial, made, files } = self;
        let mut text = format!("{HEAD}\nsite {site}\nserial {serial}\nmade {made}\n");
        for File { path, hash, size } in files {
            text.push_str(&format!("{hash} {size} {path}\n"));
        }
        text.push_str(&format!("end {}\n", files.len()));
        text
    }

    /// The same files as in the manifest of the build before, if they are all the same: it stays as
    /// it was. Otherwise it is later than that, also when the clock is not.
    pub(crate) fn following(self, before: Option<Self>) -> Self {
        let Some(before) = before else { return self };
        let made = before.made;
        if before == (Self { made, ..self.clone() }) {
            return before;
        }
        let later = made.checked_add(SignedDuration::from_secs(1)).unwrap_or(made);
        Self { made: self.made.max(later), ..self }
    }
}

impl File {
    fn parse(line: &str) -> Option<Self> {
        let mut parts = line.splitn(3, ' ');
        let hash = parts.next().filter(|hash| is_hash(hash))?.to_owned();
        let size = number(parts.next()?)?;
        let path = parts.next().filter(|path| ![PATH, SIGNATURE_PATH].contains(path))?;
        Some(Self { path: OutputPath::new(path).ok()?, hash, size })
    }
}

/// A number as it is written.
fn number(text: &str) -> Option<u64> {
    text.parse().ok().filter(|number: &u64| number.to_string() == text)
}

/// A moment as it is written.
fn moment(text: &str) -> Option<Timestamp> {
    let moment: Timestamp = text.parse().ok()?;
    (whole_second(moment).to_string() == text).then_some(moment)
}

/// A moment without the parts of its second.
pub(crate) fn whole_second(moment: Timestamp) -> Timestamp {
    Timestamp::from_second(moment.as_second()).unwrap_or(moment)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn file(path: &str) -> File {
        File { path: OutputPath::new(path).unwrap(), hash: "0a".repeat(32), size: 7 }
    }

    fn sample() -> Manifest {
        Manifest {
            site: "https://www.party.example/".to_owned(),
            serial: 12,
            made: "2026-11-30T12:58:00Z".parse().unwrap(),
            files: vec![file("a b.html"), file("news/index.html")],
        }
    }

    #[test]
    fn a_manifest_is_written_as_the_readme_says() {
        let hash = "0a".repeat(32);
        let text = format!(
            "sitegen manifest 1\nsite https://www.party.example/\nserial 12\n\
             made 2026-11-30T12:58:00Z\n{hash} 7 a b.html\n{hash} 7 news/index.html\nend 2\n"
        );
        assert_eq!(sample().to_text(), text);
        assert_eq!(Manifest::parse(&text), Ok(sample()));
    }

    #[test]
    fn one_that_is_cut_off_anywhere_or_goes_on_is_none() {
        let text = sample().to_text();
        for end in 0..text.len() {
            assert!(Manifest::parse(&text[..end]).is_err(), "{}", &text[..end]);
        }
        assert_eq!(Manifest::parse(&text[..text.len() - 20]), Err(ManifestProblem::CutOff));
        assert_eq!(Manifest::parse(&format!("{text}end 2\n")), Err(ManifestProblem::CutOff));
    }

    #[test]
    fn what_is_not_just_so_is_refused_with_its_line() {
        let text = sample().to_text();
        let changed = |from: &str, to: &str| Manifest::parse(&text.replacen(from, to, 1));
        assert_eq!(changed("sitegen", "<!doctype"), Err(ManifestProblem::NoManifest));
        assert_eq!(changed("manifest 1", "manifest 2"), Err(ManifestProblem::OtherFormat));
        for (from, to, line) in [
            ("site https:", "site mailto:", 2),
            ("example/", "example", 2),
            ("serial 12", "serial 012", 3),
            ("serial 12", "serial +12", 3),
            ("12:58:00Z", "12:58:00+00:00", 4),
            ("12:58:00Z", "12:58:00.5Z", 4),
            ("made", "Made", 4),
            ("0a", "0A", 5),
            (" 7 a", " 07 a", 5),
            (" 7 a", "  7 a", 5),
            ("a b.html", "../b.html", 5),
            ("a b.html", "/b.html", 5),
            ("a b.html", "z.html", 6),
            ("a b.html", "news/index.html", 6),
            ("a b.html", PATH, 5),
            ("a b.html", SIGNATURE_PATH, 5),
            ("\n", "\r\n", 0),
        ] {
            let wanted = if line == 0 {
                Err(ManifestProblem::OtherFormat)
            } else {
                Err(ManifestProblem::Line(line))
            };
            assert_eq!(changed(from, to), wanted, "{from} -> {to}");
        }
    }

    #[test]
    fn it_stays_when_nothing_has_changed_and_is_later_when_something_has() {
        let before = sample();
        let later = |seconds| before.made + SignedDuration::from_secs(seconds);
        let again = Manifest { made: later(500), ..sample() };
        assert_eq!(again.clone().following(Some(before.clone())), before);
        assert_eq!(again.clone().following(None), again);
        let changed = |made| Manifest { made, serial: 13, ..sample() };
        let made = |seconds| changed(later(seconds)).following(Some(before.clone())).made;
        assert_eq!((made(500), made(1)), (later(500), later(1)));
        assert_eq!((made(0), made(-86_400)), (later(1), later(1)), "the clock is behind");
    }

    prop_compose! {
        fn any_manifest()(
            files in prop::collection::btree_map(
                "[a-zA-Zäöü0-9 _-]{1,9}(/[a-z.]{0,5}[a-z]){0,3}",
                (any::<[u8; 32]>(), any::<u64>()),
                0..20,
            ),
            serial in any::<u64>(),
            made in 0..4_000_000_000i64,
        ) -> Manifest {
            let files = files.into_iter().filter_map(|(path, (hash, size))| {
                let hash = hash.iter().map(|byte| format!("{byte:02x}")).collect();
                Some(File { path: OutputPath::new(&path).ok()?, hash, size })
            });
            let made = Timestamp::from_second(made).unwrap();
            let site = "https://a.example/b/".to_owned();
            Manifest { site, serial, made, files: files.collect() }
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_as_it_was(manifest in any_manifest()) {
            prop_assert_eq!(Manifest::parse(&manifest.to_text()), Ok(manifest));
        }

        #[test]
        fn what_is_read_is_written_as_it_was(at in 0usize..300, with in any::<char>()) {
            let mut text: Vec<char> = sample().to_text().chars().collect();
            let at = at.min(text.len() - 1);
            text[at] = with;
            let text: String = text.into_iter().collect();
            if let Ok(manifest) = Manifest::parse(&text) {
                prop_assert_eq!(manifest.to_text(), text);
            }
        }
    }
}
