//! What the last build made in an output folder, kept in the state folder of the site.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::error::io_error;
use super::{Owned, WriteError};
use crate::artifact::{Key, Rank};
use crate::disk::{Stamp, create_new};
use crate::hash::Hash;

/// The first line of the file: its format.
const HEAD: &str = "sitegen manifest 3";

/// The files that a build made in one output folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Manifest {
    /// The program that made them: another one may make something else of the same key.
    pub(super) program: Option<Program>,
    /// By path, relative to the output folder.
    pub(super) files: BTreeMap<String, Made>,
}

/// What tells a program from another: its version, and the stamp of its file.
pub(super) type Program = (String, Stamp);

/// This program, if the system says where it lies.
pub(super) fn this_program() -> Option<Program> {
    let file = std::env::current_exe().ok()?;
    Some((env!("CARGO_PKG_VERSION").to_owned(), Stamp::of_file(&file)?))
}

/// A file that a build made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Made {
    /// What it is for.
    pub(super) rank: Rank,
    /// SHA-256 of its content, in hexadecimal.
    pub(super) hash: String,
    /// The file as we left it. While it has this stamp, nobody has touched it.
    pub(super) stamp: Stamp,
    /// The file of the site that it is a copy of, as it was then.
    pub(super) origin: Option<Stamp>,
    /// What it was made from.
    pub(super) key: Option<Key>,
}

impl Manifest {
    /// Reads a manifest; `None` when there has been no build yet, or the file is not one that we
    /// can read to its end. Then nothing in the output counts as ours.
    pub(super) fn read(file: &Path) -> Result<Option<Self>, WriteError> {
        match fs::read_to_string(file) {
            Ok(text) => Ok(Self::parse(&text)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) if error.kind() == io::ErrorKind::InvalidData => Ok(None),
            Err(error) => Err(io_error("read", file)(error)),
        }
    }

    /// The same for files that somebody else says are ours: what is not among them is not.
    pub(super) fn owned(noted: Option<Self>, owned: Option<&Owned>) -> Option<Self> {
        let Some(owned) = owned else { return noted };
        let mut noted = noted.map(|manifest| manifest.files).unwrap_or_default();
        let made = |(path, hash): (&String, &Option<String>)| {
            let made = noted.remove(path).unwrap_or_else(|| Made {
                hash: hash.clone().unwrap_or_default(),
                stamp: Stamp::NONE,
                origin: None,
                key: None,
                rank: Rank::Page,
            });
            (path.clone(), made)
        };
        Some(Self { program: None, files: owned.iter().map(made).collect() })
    }

    fn parse(text: &str) -> Option<Self> {
        let (head, rest) = text.split_once('\n')?;
        let (program, rest) = rest.split_once('\n')?;
        // One that was not written to its end has no end.
        let (rest, count) = rest.rsplit_once("end ")?;
        (head == HEAD).then_some(())?;
        let program = optional(program.strip_prefix("program ")?, |text| {
            let (version, stamp) = text.split_once(' ')?;
            Some((version.to_owned(), Stamp::parse(stamp)?))
        });
        let files: BTreeMap<_, _> = rest.par_lines().map(parse_file).collect::<Option<_>>()?;
        (count.trim_end().parse() == Ok(files.len())).then_some(Self { program, files })
    }

    /// Writes it into a new file.
    pub(super) fn write(&self, file: &Path) -> Result<(), WriteError> {
        let program = self.program.as_ref();
        let program = program.map_or_else(nothing, |(version, stamp)| format!("{version} {stamp}"));
        let files: Vec<_> = self.files.iter().collect();
        let parts: Vec<Vec<u8>> = files.par_chunks(PART).map(write_files).collect();
        let write = || {
            let mut text = BufWriter::new(create_new(file)?);
            write!(text, "{HEAD}\nprogram {program}\n")?;
            parts.iter().try_for_each(|part| text.write_all(part))?;
            writeln!(text, "end {}", files.len())?;
            text.flush()
        };
        write().map_err(io_error("write", file))
    }

    /// Whether the file at a path in `output` is the one that a build made.
    pub(super) fn is_as_made(&self, output: &Path, path: &str) -> bool {
        let file = output.join(path);
        let (Some(made), Some(stamp)) = (self.files.get(path), Stamp::of_file(&file)) else {
            return false;
        };
        let hash = || File::open(&file).and_then(Hash::of);
        made.stamp == stamp || hash().is_ok_and(|hash| hash == made.hash)
    }

    /// Whether a build made a file in a folder or below.
    pub(super) fn has_below(&self, folder: &str) -> bool {
        let inside = format!("{folder}/");
        let next = self.files.range(inside.clone()..).next();
        next.is_some_and(|(path, _)| path.starts_with(&inside))
    }

    /// Whether each of its files is among `paths`, all of them different; but for those that are
    /// made from the others.
    pub(super) fn is_all_in<'p>(&self, paths: impl ParallelIterator<Item = &'p str>) -> bool {
        let planned = self.files.par_iter().filter(|(_, made)| made.rank != Rank::Manifest).count();
        paths.filter(|path| self.has(path)).count() == planned
    }

    /// Whether a build made the file at a path.
    pub(super) fn has(&self, path: &str) -> bool {
        self.files.contains_key(path)
    }
}

/// How many lines of the file are made in one go.
const PART: usize = 512;

fn write_files(files: &[(&String, &Made)]) -> Vec<u8> {
    let mut text = Vec::with_capacity(files.len() * 170);
    // Memory takes whatever is written into it.
    for (path, Made { rank, hash, stamp, origin, key }) in files {
        let _ = write!(text, "{} {hash} {stamp} ", rank.name());
        let _ = match origin {
            Some(origin) => write!(text, "{origin} "),
            None => write!(text, "- "),
        };
        let _ = match key {
            Some(key) => writeln!(text, "{key:x} {path}"),
            None => writeln!(text, "- {path}"),
        };
    }
    text
}

/// A line of the file.
fn parse_file(line: &str) -> Option<(String, Made)> {
    let mut parts = line.splitn(6, ' ');
    let rank = Rank::named(parts.next()?)?;
    let hash = parts.next()?.to_owned();
    let stamp = Stamp::parse(parts.next()?)?;
    let origin = optional(parts.next()?, Stamp::parse);
    let key = optional(parts.next()?, |text| Key::from_str_radix(text, 16).ok());
    let path = parts.next()?;
    // A path that could lead out of the folder is none that we have written.
    crate::path::OutputPath::new(path).ok()?;
    Some((path.to_owned(), Made { rank, hash, stamp, origin, key }))
}

fn nothing() -> String {
    "-".to_owned()
}

fn optional<T>(text: &str, parse: impl FnOnce(&str) -> Option<T>) -> Option<T> {
    Some(text).filter(|text| *text != "-").and_then(parse)
}

/// Where the notes on one output folder lie in the state folder.
#[derive(Clone, Debug)]
pub(super) struct Notes {
    pub(super) manifest: PathBuf,
    /// The manifest of a build that is being put into place.
    pub(super) next: PathBuf,
    pub(super) journal: PathBuf,
    /// The journal while it is being written.
    pub(super) new_journal: PathBuf,
}

impl Notes {
    /// Each output folder has its own, by the hash of its path.
    pub(super) fn of(root: &Path, output: &Path) -> Self {
        let name = output.strip_prefix(root).unwrap_or(output).as_os_str();
        let mut hash = Hash::default();
        hash.part(name.as_encoded_bytes());
        let short = hash.finish()[..16].to_owned();
        let folder = root.join(crate::disk::STATE_DIR).join("manifests");
        Self {
            next: folder.join(format!("{short}.next")),
            journal: folder.join(format!("{short}.journal")),
            new_journal: folder.join(format!("{short}.journal.new")),
            manifest: folder.join(short),
        }
    }
}
