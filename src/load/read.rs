//! The one pass over the disk before anything is written.
//!
//! Links in the file system are not followed: a link in a shared folder can show any file of
//! the machine to the world. What cannot be opened without following one, what is no plain
//! file, and names that no web server could serve are named as errors.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;
use walkdir::{DirEntry, WalkDir};

use crate::diagnostic::{Diagnostic, Place, Source};

use crate::disk::{RECORDED_MARK, Root, STATE_DIR, Stamp, is_link};
use crate::hash::Hash;
use crate::limits::{
    DATA_BYTES_MAX, KEY_BYTES_MAX, MARKDOWN_BYTES_MAX, MEDIA_BYTES_MAX, PIECE_MAX, RECORD_BYTES_MAX,
};
use crate::load::form::Form;
use crate::load::media::{self, is_media};
use crate::load::{Digest, Digests, record};
use crate::node::Syntax;
use crate::path::{SourcePath, check_part, has_unseen};
use crate::pictures::{Studio, is_picture};

/// Everything a build reads, in memory; only files that are copied as they are stay on disk.
#[derive(Clone, Debug, Default)]
pub struct Inputs {
    /// `site.toml`.
    pub(crate) config: Option<Source>,
    /// `published.toml`.
    pub(crate) record: Option<Source>,
    /// Whether a record was written before, whatever has become of it.
    pub(crate) was_recorded: bool,
    /// What lies in `content/`, `static/`, `data/`, `themes/` and `keys/`, by path.
    pub(crate) files: Vec<InputFile>,
    /// What could not be read because of a mistake in it.
    pub(crate) problems: Vec<Diagnostic>,
    /// The hashes of pictures and recordings, for the next build.
    pub digests: Digests,
    /// What makes something of pictures.
    pub(crate) studio: Studio,
}

/// A file of the site.
#[derive(Clone, Debug)]
pub(crate) struct InputFile {
    pub(crate) path: SourcePath,
    /// In bytes.
    pub(crate) length: u64,
    /// The text, of a file that is read and not only copied.
    pub(crate) text: Option<Arc<str>>,
    /// The SHA-256 of a picture, a recording or another file that a text may show, or of a very
    /// large one the size: a change of it is an edit of the text.
    pub(crate) digest: Option<Digest>,
    /// What it is by its first bytes, of a picture or font that the whole site may show.
    pub(crate) form: Option<Form>,
    /// What tells whether it is still the same. Nothing in memory has one.
    pub(super) stamp: Option<Stamp>,
}

impl InputFile {
    /// A file of which nothing is known but its path.
    pub(super) fn unread(path: SourcePath) -> Self {
        Self { path, length: 0, text: None, digest: None, form: None, stamp: None }
    }

    /// Reads what a build wants to know of the file. `buffer` is used again for the next one.
    pub(super) fn read(
        &mut self,
        root: &Root,
        known: &Digests,
        buffer: &mut Vec<u8>,
    ) -> Result<(), Refusal> {
        let world = |source| ReadError::new(&root.join(self.path.as_str()), source);
        let Some(max) = file_kind(&self.path) else {
            let data = std::fs::symlink_metadata(root.join(self.path.as_str())).map_err(world)?;
            (self.length, self.stamp) = (data.len(), Some(Stamp::of_source(&data)));
            self.read_digest(root, known)?;
            self.form = self.read_form(root)?;
            return Ok(());
        };
        let (file, stamp) = open_plain(root, &self.path)?;
        (self.length, self.stamp) = (stamp.length, Some(stamp));
        // Pictures in XML are read and shown.
        self.read_digest(root, known)?;
        self.text = Some(read_text(root, &self.path, (file, stamp.length), max, buffer)?);
        Ok(())
    }

    /// Hashes a file that texts may show, unless it is what it was.
    fn read_digest(&mut self, root: &Root, known: &Digests) -> Result<(), Refusal> {
        if !is_media(&self.path) {
            return Ok(());
        }
        if self.length > MEDIA_BYTES_MAX {
            self.digest = Some(media::digest_of_large(&self.path, self.length)?);
            return Ok(());
        }
        let world = |source| ReadError::new(&root.join(self.path.as_str()), source);
        let file = root.open_source(&self.path).map_err(world)?;
        let stamp = Stamp::of_source(&file.metadata().map_err(world)?);
        self.stamp = Some(stamp);
        self.digest = Some(match known.get(&self.path, stamp) {
            Some(digest) => digest.clone(),
            None if is_picture(&self.path) => {
                let mut bytes = Vec::new();
                file.take(MEDIA_BYTES_MAX).read_to_end(&mut bytes).map_err(world)?;
                media::digest_of_picture(&self.path, &bytes)?
            }
            None => Digest { hash: Hash::of(file).map_err(world)?, facts: None },
        });
        Ok(())
    }

    fn read_form(&self, root: &Root) -> Result<Option<Form>, ReadError> {
        if !Form::matters(&self.path) {
            return Ok(None);
        }
        let form = root.open_source(&self.path).and_then(Form::read);
        form.map(Some).map_err(|source| ReadError::new(&root.join(self.path.as_str()), source))
    }

    /// The text of a picture or document in XML, which may have programs in it.
    pub(crate) fn markup(&self) -> Option<&str> {
        let is_xml = self.path.has_extension(&["svg", "xml"]);
        self.text.as_deref().filter(|_| is_xml)
    }
}

/// The disk did not give a file.
#[derive(Debug)]
pub struct ReadError {
    path: PathBuf,
    pub(super) source: io::Error,
}

impl ReadError {
    pub(crate) fn new(path: &Path, source: io::Error) -> Self {
        Self { path: path.to_path_buf(), source }
    }
}

impl std::fmt::Display for ReadError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "cannot read {}", self.path.display())
    }
}

impl std::error::Error for ReadError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.source)
    }
}

/// The folders of a site that are read.
pub(crate) const FOLDERS: [&str; 5] = ["content", "static", "data", "themes", "keys"];

impl Inputs {
    /// Reads the site in the folder `root`, with the configuration in `config`, a path
    /// relative to it.
    ///
    /// # Errors
    ///
    /// When the disk fails or refuses. What the author can mend is reported with the site.
    pub fn read(root: &Path, config: &str) -> Result<Self, ReadError> {
        Self::read_knowing(root, config, &Digests::default())
    }

    /// Reads the configuration and nothing else.
    ///
    /// # Errors
    ///
    /// As [`Inputs::read`].
    pub fn read_config(root: &Path, config: &str) -> Result<Self, ReadError> {
        let folder = Root::open(root).map_err(|error| ReadError::new(root, error))?;
        let mut inputs = Self::default();
        inputs.config = inputs.read_single(&folder, config, DATA_BYTES_MAX)?;
        Ok(inputs)
    }

    /// Reads what says what a site is, and what was published of it: no texts.
    ///
    /// # Errors
    ///
    /// As [`Inputs::read`].
    #[cfg(feature = "network")]
    pub(crate) fn read_heads(root: &Path, config: &str) -> Result<Self, ReadError> {
        let folder = Root::open(root).map_err(|error| ReadError::new(root, error))?;
        let mut inputs = Self::default();
        inputs.read_singles(root, &folder, config)?;
        Ok(inputs)
    }

    /// Reads the site, but for pictures and recordings of which all is known.
    ///
    /// # Errors
    ///
    /// As [`Inputs::read`].
    pub fn read_knowing(root: &Path, config: &str, known: &Digests) -> Result<Self, ReadError> {
        let folder = Root::open(root).map_err(|error| ReadError::new(root, error))?;
        let mut inputs = Self::list_all(root, &folder, config)?;
        inputs.read_files(|file, buffer| file.read(&folder, known, buffer))?;
        inputs.studio = Studio::of(folder);
        Ok(inputs)
    }

    /// Reads what has no place in a list, and lists the rest.
    pub(super) fn list_all(root: &Path, folder: &Root, config: &str) -> Result<Self, ReadError> {
        let mut inputs = Self::default();
        inputs.read_singles(root, folder, config)?;
        for name in FOLDERS {
            inputs.list(root, name)?;
        }
        inputs.files.shrink_to_fit();
        inputs.files.par_sort_unstable_by(|a, b| a.path.cmp(&b.path));
        Ok(inputs)
    }

    /// Reads the configuration and the record.
    pub(super) fn read_singles(
        &mut self,
        root: &Path,
        folder: &Root,
        config: &str,
    ) -> Result<(), ReadError> {
        self.config = self.read_single(folder, config, DATA_BYTES_MAX)?;
        self.record = self.read_single(folder, record::FILE, RECORD_BYTES_MAX)?;
        self.was_recorded = root.join(STATE_DIR).join(RECORDED_MARK).exists();
        Ok(())
    }

    /// Has all files read, in parallel.
    pub(super) fn read_files(
        &mut self,
        read: impl Fn(&mut InputFile, &mut Vec<u8>) -> Result<(), Refusal> + Sync,
    ) -> Result<(), ReadError> {
        let files = self.files.par_iter_mut().with_max_len(PIECE_MAX);
        // Of several failures the first one is told, so all are waited for.
        let results: Vec<_> = files.map_init(Vec::new, |buffer, file| read(file, buffer)).collect();
        for result in results {
            match result {
                Ok(()) => {}
                Err(Refusal::Mistake(problem)) => self.problems.push(*problem),
                Err(Refusal::World(error)) => return Err(error),
            }
        }
        for file in &self.files {
            if let (Some(stamp), Some(digest)) = (file.stamp, &file.digest) {
                self.digests.add(&file.path, stamp, digest);
            }
        }
        Ok(())
    }

    /// Whether a file is there, but could not be read because of a mistake that is reported.
    pub(crate) fn is_refused(&self, source: &Source) -> bool {
        let path = source.path.as_str();
        let mut places = self.problems.iter().filter_map(|problem| problem.place.as_ref());
        source.text.is_empty() && places.any(|place| &*place.path == path)
    }

    fn read_single(
        &mut self,
        root: &Root,
        name: &str,
        max: u64,
    ) -> Result<Option<Source>, ReadError> {
        let path = SourcePath::new(name);
        match std::fs::symlink_metadata(root.join(name)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(ReadError::new(&root.join(name), source)),
            Ok(_) => {}
        }
        let text = open_plain(root, &path).and_then(|(file, stamp)| {
            read_text(root, &path, (file, stamp.length), max, &mut Vec::new())
        });
        match text {
            Ok(text) => Ok(Some(Source::new(path, text))),
            Err(Refusal::World(error)) => Err(error),
            Err(Refusal::Mistake(problem)) => {
                self.problems.push(*problem);
                Ok(Some(Source::new(path, "")))
            }
        }
    }

    fn list(&mut self, root: &Path, name: &str) -> Result<(), ReadError> {
        let top = root.join(name);
        match std::fs::symlink_metadata(&top) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(source) => return Err(ReadError::new(&top, source)),
            Ok(data) if data.is_symlink() => {
                self.problems.push(Diagnostic::symbolic_link(Place::named(name)));
                return Ok(());
            }
            Ok(data) if !data.is_dir() => {
                self.problems.push(Diagnostic::not_a_folder(Place::named(name), name));
                return Ok(());
            }
            Ok(_) => {}
        }
        let walk = WalkDir::new(&top).follow_links(false);
        let is_part = |entry: &DirEntry| !is_ignored(entry.file_name().as_encoded_bytes(), name);
        for entry in walk.into_iter().filter_entry(is_part) {
            let entry = entry.map_err(|error| {
                let path = error.path().map_or_else(|| top.clone(), Path::to_path_buf);
                let source = error.into_io_error().unwrap_or_else(|| io::ErrorKind::Other.into());
                ReadError::new(&path, source)
            })?;
            self.add(root, &entry);
        }
        Ok(())
    }

    pub(super) fn add(&mut self, root: &Path, entry: &DirEntry) {
        let relative = entry.path().strip_prefix(root).unwrap_or(entry.path());
        let shown = || Place::named(&relative.to_string_lossy());
        let Some(path) = relative.to_str() else {
            self.problems.push(Diagnostic::name_not_utf8(shown()));
            return;
        };
        if has_unseen(path) {
            self.problems.push(Diagnostic::name_with_unseen(shown()));
            return;
        }
        let kind = entry.file_type();
        if kind.is_dir() {
            return;
        }
        if kind.is_symlink() {
            self.problems.push(Diagnostic::symbolic_link(shown()));
            return;
        }
        if !kind.is_file() {
            let what = "a pipe, a socket or a device";
            self.problems.push(Diagnostic::not_a_plain_file(shown(), what));
            return;
        }
        let path = path.replace(std::path::MAIN_SEPARATOR, "/");
        if let Err(problem) = path.split('/').try_for_each(check_part) {
            self.problems.push(Diagnostic::bad_file_name(shown(), problem));
            return;
        }
        let path = SourcePath::new(path);
        self.files.push(InputFile::unread(path));
    }
}

/// What editors and systems leave lying about. `static/` may have `.well-known` and the like.
pub(super) fn is_ignored(name: &[u8], folder: &str) -> bool {
    (name.starts_with(b".") && folder != "static") || is_left_over(name)
}

/// Whether only an editor or a system would give a file this name.
pub(crate) fn is_left_over(name: &[u8]) -> bool {
    name.ends_with(b"~")
        || (name.starts_with(b"#") && name.ends_with(b"#"))
        || [&b".swp"[..], b".swx", b".bak", b".orig"].iter().any(|end| name.ends_with(end))
        || matches!(name, b".DS_Store" | b"Thumbs.db" | b"desktop.ini" | b".git")
}

/// Whether a file is read, and up to which size; the others are only copied.
pub(super) fn file_kind(path: &SourcePath) -> Option<u64> {
    let text = path.as_str();
    if is_text(path) {
        return Some(MARKDOWN_BYTES_MAX);
    }
    // A key is read wherever it lies: a private one must not be published.
    if path.has_extension(&["pem"]) {
        return Some(KEY_BYTES_MAX);
    }
    // A picture made of text may have programs in it.
    if text.starts_with("content/") && path.has_extension(&["svg", "xml"]) {
        return Some(DATA_BYTES_MAX);
    }
    let data = text.starts_with("content/") || text.starts_with("data/");
    let theme =
        text.starts_with("themes/") && (text.contains("/templates/") || text.contains("/strings/"));
    ((data && Syntax::of(path).is_some()) || theme).then_some(DATA_BYTES_MAX)
}

/// Whether a file is a text in `content/`.
pub(crate) fn is_text(path: &SourcePath) -> bool {
    path.as_str().starts_with("content/") && is_markdown(path)
}

/// Whether a file is a text of the site.
pub(crate) fn is_markdown(path: &SourcePath) -> bool {
    path.has_extension(&["md", "markdown"])
}

pub(super) enum Refusal {
    Mistake(Box<Diagnostic>),
    World(ReadError),
}

impl From<Box<Diagnostic>> for Refusal {
    fn from(problem: Box<Diagnostic>) -> Self {
        Self::Mistake(problem)
    }
}

impl From<ReadError> for Refusal {
    fn from(error: ReadError) -> Self {
        Self::World(error)
    }
}

/// Opens a file that is neither a link nor a pipe, and says what it is like.
fn open_plain(root: &Root, path: &SourcePath) -> Result<(File, Stamp), Refusal> {
    let mistake = |problem| Refusal::Mistake(Box::new(problem));
    let world = |source| Refusal::World(ReadError::new(&root.join(path.as_str()), source));
    let file = root.open_source(path).map_err(|error| {
        if is_link(&error) {
            return mistake(Diagnostic::symbolic_link(Place::file(path)));
        }
        world(error)
    })?;
    let data = file.metadata().map_err(world)?;
    if !data.is_file() {
        let what = if data.is_dir() { "a folder" } else { "a pipe, a socket or a device" };
        return Err(mistake(Diagnostic::not_a_plain_file(Place::file(path), what)));
    }
    Ok((file, Stamp::of_source(&data)))
}

/// Reads a file that is open, up to the length that it had then.
fn read_text(
    root: &Root,
    path: &SourcePath,
    (file, length): (File, u64),
    max: u64,
    buffer: &mut Vec<u8>,
) -> Result<Arc<str>, Refusal> {
    if length > max {
        let problem = Diagnostic::file_too_large(Place::file(path), max);
        return Err(Refusal::Mistake(Box::new(problem)));
    }
    buffer.clear();
    let read = file.take(length).read_to_end(buffer);
    read.map_err(|source| ReadError::new(&root.join(path.as_str()), source))?;
    decode(path, buffer)
}

pub(super) fn decode(path: &SourcePath, bytes: &[u8]) -> Result<Arc<str>, Refusal> {
    match std::str::from_utf8(bytes) {
        // A byte order mark is what some editors put before the text; it is no part of it.
        Ok(text) => Ok(text.strip_prefix('\u{feff}').unwrap_or(text).into()),
        Err(error) => {
            let at = error.valid_up_to();
            let text = String::from_utf8_lossy(bytes).into_owned();
            let place = Source::new(path.clone(), text).place(at..at + 1);
            Err(Refusal::Mistake(Box::new(Diagnostic::not_utf8(place))))
        }
    }
}
