//! One file of the output, and what kind of file it is.

use crate::path::{OutputPath, SourcePath};

/// A file of the output, ready to be written.
#[derive(Clone, Debug)]
pub struct Artifact {
    /// Where it goes.
    pub path: OutputPath,
    /// What is in it.
    pub body: Body,
    /// What it is for.
    pub rank: Rank,
    /// What it was made from, unless it should be made every time.
    pub key: Option<Key>,
}

/// Stands for all that an artifact is made from: while it is the same, so is the artifact.
pub type Key = u64;

/// The content of an artifact.
#[derive(Clone, Debug)]
pub enum Body {
    /// These bytes.
    Bytes(Vec<u8>),
    /// These bytes, which are part of the program.
    Static(&'static [u8]),
    /// A file of the site, as it is.
    Copy(SourcePath),
}

/// What an artifact is for, in the order in which a change is put in place: a page never
/// shows a picture that is not there yet, and a feed never names a page that is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rank {
    /// Pictures, styles, downloads.
    Asset,
    /// Pages.
    Page,
    /// Old addresses that lead to pages.
    Redirect,
    /// Lists of pages.
    List,
    /// Feeds, sitemap.
    Feed,
    /// Documents of accounts and posts.
    Fediverse,
    /// What says which files there are: true once all others are in place.
    Manifest,
}

impl Rank {
    /// All, from the first to the last.
    const ALL: [Self; 7] = [
        Self::Asset,
        Self::Page,
        Self::Redirect,
        Self::List,
        Self::Feed,
        Self::Fediverse,
        Self::Manifest,
    ];

    /// The word for it in notes.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Asset => "asset",
            Self::Page => "page",
            Self::Redirect => "redirect",
            Self::List => "list",
            Self::Feed => "feed",
            Self::Fediverse => "fediverse",
            Self::Manifest => "manifest",
        }
    }

    /// The one with this name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|rank| rank.name() == name)
    }
}

/// Takes the artifacts of a build, one at a time, from several threads.
pub trait Sink: Sync {
    /// Why an artifact could not be taken.
    type Error: Send;

    /// Takes one artifact.
    ///
    /// # Errors
    ///
    /// When the world fails; the build ends.
    fn accept(&self, artifact: Artifact) -> Result<(), Self::Error>;

    /// Looks at what it already has. This is called beside other work, and perhaps never.
    fn look(&self) {}

    /// Says which artifacts there will be, before the first.
    fn begin(&self, _paths: &[&OutputPath]) {}

    /// Takes an artifact that was made before from the same key, if the sink still has it. Then it
    /// need not be made again.
    fn take_again(&self, _path: &OutputPath, _rank: Rank, _key: Key) -> bool {
        false
    }

    /// Compares an artifact that was taken again with what it would be if it were made.
    fn doubt(&self, _artifact: &Artifact) {}
}

/// A sink that takes nothing: what `check` builds into.
#[derive(Clone, Copy, Debug)]
pub struct Nowhere;

impl Sink for Nowhere {
    type Error = std::convert::Infallible;

    fn accept(&self, _artifact: Artifact) -> Result<(), Self::Error> {
        Ok(())
    }
}

/// The media type of a file by the ending of its name.
pub(crate) fn media_type(name: &str) -> &'static str {
    let extension = name.rsplit_once('.').map_or("", |(_, e)| e).to_ascii_lowercase();
    match extension.as_str() {
        "html" | "htm" => "text/html",
        "css" => "text/css",
        "js" | "mjs" => "text/javascript",
        "json" => "application/json",
        "xml" => "application/xml",
        "txt" => "text/plain",
        "csv" => "text/csv",
        "ics" => "text/calendar",
        "pdf" => "application/pdf",
        "zip" => "application/zip",
        "epub" => "application/epub+zip",
        "odt" => "application/vnd.oasis.opendocument.text",
        "docx" => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "jpg" | "jpeg" => "image/jpeg",
        "png" => "image/png",
        "gif" => "image/gif",
        "webp" => "image/webp",
        "avif" => "image/avif",
        "svg" => "image/svg+xml",
        "ico" => "image/vnd.microsoft.icon",
        "mp3" => "audio/mpeg",
        "m4a" => "audio/mp4",
        "ogg" | "oga" | "opus" => "audio/ogg",
        "wav" => "audio/wav",
        "flac" => "audio/flac",
        "mp4" | "m4v" => "video/mp4",
        "webm" => "video/webm",
        "woff2" => "font/woff2",
        "woff" => "font/woff",
        "webmanifest" => "application/manifest+json",
        _ => "application/octet-stream",
    }
}
