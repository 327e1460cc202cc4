//! The hashes of pictures and recordings, which are large and seldom change: what is known of them
//! from the last build.

use std::collections::HashMap;
use std::path::Path;

use crate::disk::{Stamp, read_cache, write_cache};
use crate::path::SourcePath;

/// The name of the file in the cache.
const FILE: &str = "digests";

/// The first line of the file: its format.
const HEAD: &str = "sitegen digests 1";

/// The hashes of files by their path, each with the stamp that the file had.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Digests {
    known: HashMap<SourcePath, (Stamp, String)>,
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
            let mut parts = line.splitn(3, ' ');
            let (hash, stamp) = (parts.next()?, Stamp::parse(parts.next()?)?);
            Some((SourcePath::new(parts.next()?), (stamp, hash.to_owned())))
        });
        known.collect::<Option<_>>().map(|known| Self { known })
    }

    fn text(&self) -> String {
        let mut files: Vec<_> = self.known.iter().collect();
        files.sort_by(|a, b| a.0.cmp(b.0));
        let mut text = format!("{HEAD}\n");
        for (path, (stamp, hash)) in files {
            text.push_str(&format!("{hash} {stamp} {path}\n"));
        }
        text
    }

    /// The hash of a file that is still what it was.
    pub(super) fn get(&self, path: &SourcePath, stamp: Stamp) -> Option<&str> {
        let (known, hash) = self.known.get(path)?;
        (*known == stamp).then_some(hash.as_str())
    }

    pub(super) fn add(&mut self, path: &SourcePath, stamp: Stamp, hash: &str) {
        self.known.insert(path.clone(), (stamp, hash.to_owned()));
    }

    /// Keeps what is known for the next build, unless it is what the last one knew.
    pub fn save(&self, root: &Path) {
        if *self != Self::load(root) {
            write_cache(root, FILE, &self.text());
        }
    }
}
