//! The hashes of pictures and recordings, which are large and seldom change: what is known of them
//! from the last build.

use std::collections::HashMap;
use std::path::Path;

use crate::disk::{Stamp, read_cache, write_cache};
use crate::path::SourcePath;
use crate::pictures::Facts;

/// The name of the file in the cache.
const FILE: &str = "digests";

/// The first line of the file: its format.
const HEAD: &str =
    if cfg!(feature = "pictures") { "sitegen digests 3" } else { "sitegen digests 2" };

/// What is known of files by their path, with the stamp that each had.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Digests {
    known: HashMap<SourcePath, (Stamp, Digest)>,
}

/// What is known of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Digest {
    /// SHA-256, or of a very large file the size.
    pub(crate) hash: String,
    /// Of a picture: what was found in it.
    pub(crate) facts: Option<Facts>,
}

impl Digests {
    /// What the last build knew.
    pub fn load(root: &Path) -> Self {
        read_cache(root, FILE).and_then(|text| Self::parse(&text)).unwrap_or_default()
    }

    fn parse(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        (lines.next() == Some(HEAD)).then_some(())?;
        let known = lines.map(|line| {
            let mut parts = line.splitn(4, ' ');
            let (hash, stamp) = (parts.next()?.to_owned(), Stamp::parse(parts.next()?)?);
            let facts = match parts.next()? {
                "-" => None,
                facts => Some(Facts::parse(facts)?),
            };
            Some((SourcePath::new(parts.next()?), (stamp, Digest { hash, facts })))
        });
        known.collect::<Option<_>>().map(|known| Self { known })
    }

    fn text(&self) -> String {
        let mut files: Vec<_> = self.known.iter().collect();
        files.sort_by(|a, b| a.0.cmp(b.0));
        let mut text = format!("{HEAD}\n");
        for (path, (stamp, Digest { hash, facts })) in files {
            let facts = facts.map_or_else(|| "-".to_owned(), |facts| facts.to_string());
            text.push_str(&format!("{hash} {stamp} {facts} {path}\n"));
        }
        text
    }

    /// What is known of a file that is still what it was.
    pub(super) fn get(&self, path: &SourcePath, stamp: Stamp) -> Option<&Digest> {
        let (known, digest) = self.known.get(path)?;
        (*known == stamp).then_some(digest)
    }

    pub(super) fn add(&mut self, path: &SourcePath, stamp: Stamp, digest: &Digest) {
        self.known.insert(path.clone(), (stamp, digest.clone()));
    }

    /// Keeps what is known for the next build, unless it is what the last one knew.
    pub fn save(&self, root: &Path) {
        if *self != Self::load(root) {
            write_cache(root, FILE, &self.text());
        }
    }
}
