//! A text in one language, as it lies in `content/`.

use std::ops::{Deref, Range};
use std::sync::{Arc, LazyLock};

use percent_encoding::percent_decode_str;

use super::{Details, Event, Kind};
use crate::config::{Image, Imprint, LanguageId};
use crate::diagnostic::Source;
use crate::node::{Key, Node, Placed};
use crate::path::SourcePath;
use crate::time::Moment;

/// The place of a document in [`super::Site::documents`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct DocumentId(pub(crate) usize);

/// A Markdown file with its front matter.
#[derive(Clone, Debug)]
pub(crate) struct Document {
    pub(crate) source: Source,
    /// The bytes of the Markdown.
    pub(crate) body: Range<usize>,
    pub(crate) language: LanguageId,
    /// The path inside `content/` without language and ending, the same in all languages:
    /// `news/first`, `news/first/index`, `news/_index`.
    pub(crate) key: String,
    pub(crate) title: String,
    /// Set when the title is the first heading of the text, which then is not shown twice.
    pub(crate) title_from_heading: bool,
    /// Shared, as a preview has every document twice: as it was read and in the site.
    pub(crate) front: Arc<FrontMatter>,
    pub(crate) kind: Kind,
    pub(crate) details: Details,
    /// The data files that the front matter names, read.
    pub(crate) data: Vec<DataFile>,
    /// The date, from the front matter or the file name.
    pub(crate) date: Option<Moment>,
    pub(crate) state: State,
    /// SHA-256 over title, summary, Markdown and media, in hexadecimal: what an edit changes
    /// and a new theme does not.
    pub(crate) hash: String,
}

/// A data file, read.
#[derive(Clone, Debug)]
pub(crate) struct DataFile {
    /// What templates call it.
    pub(crate) name: String,
    pub(crate) source: Source,
    pub(crate) node: Node,
}

/// Whether a document is part of the site now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Published,
    /// `draft = true`.
    Draft,
    /// Its date has not come.
    Future,
    /// Its `expires` has passed.
    Expired,
    /// It has mistakes, and the rest of the site is built without it.
    Broken,
    /// `page = false`: there is a post of it on the fediverse, but no page.
    NoPage,
    /// `withdrawn = true`: it was taken back.
    Withdrawn,
}

impl State {
    /// The word for lists and messages.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Published => "published",
            Self::Draft => "draft",
            Self::Future => "future",
            Self::Expired => "expired",
            Self::Broken => "broken",
            Self::NoPage => "no page",
            Self::Withdrawn => "withdrawn",
        }
    }
}

/// What the front matter says, checked. There is one of each document, so what few say is in a box.
#[derive(Clone, Debug, Default)]
pub(crate) struct FrontMatter {
    pub(crate) title: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) date: Option<Moment>,
    pub(crate) updated: Option<Moment>,
    pub(crate) expires: Option<Moment>,
    pub(crate) draft: bool,
    pub(crate) slug: Option<Box<Placed<String>>>,
    pub(crate) path: Option<Box<Placed<String>>>,
    pub(crate) aliases: Vec<Placed<String>>,
    pub(crate) weight: Option<i64>,
    pub(crate) template: Option<Box<Placed<String>>>,
    pub(crate) authors: Vec<String>,
    /// Terms by the name of their taxonomy; also of names that no taxonomy has.
    pub(crate) terms: Vec<(String, Vec<Placed<String>>)>,
    pub(crate) summary: Option<String>,
    pub(crate) image: Option<Box<Image>>,
    /// Its picture is shared as it is, or none.
    #[cfg_attr(not(feature = "cards"), expect(dead_code, reason = "none is drawn there"))]
    pub(crate) no_share_picture: bool,
    pub(crate) enclosure: Option<Box<Placed<String>>>,
    pub(crate) id: Option<Box<Placed<String>>>,
    /// Names and paths of data files.
    pub(crate) data: Vec<(String, Placed<String>)>,
    pub(crate) extra: Vec<(Key, Node)>,
    /// Nothing of it could be read, which has been said.
    pub(crate) is_unread: bool,
    pub(crate) kind: Option<Kind>,
    /// The keys that only some kinds have, not yet read.
    pub(crate) of_kind: Vec<(Key, Node)>,
    pub(crate) section: Rare<SectionKeys>,
    pub(crate) post: Rare<PostKeys>,
    /// Who answers for this text, when it is not who answers for the site.
    pub(crate) imprint: Option<Box<Imprint>>,
}

/// Keys that few documents have: the others need no room for them.
#[derive(Clone, Debug)]
pub(crate) struct Rare<T>(Option<Box<T>>);

/// Keys of which there may be none.
pub(crate) trait Keys: Default + PartialEq + 'static {
    /// All that are not there.
    fn none() -> &'static Self;
}

impl<T: Keys> From<T> for Rare<T> {
    fn from(keys: T) -> Self {
        Self((keys != *T::none()).then(|| Box::new(keys)))
    }
}

impl<T> Default for Rare<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T: Keys> Deref for Rare<T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.0.as_deref().unwrap_or_else(|| T::none())
    }
}

/// What the front matter of a page says of its post on the fediverse.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct PostKeys {
    /// Taken back, for ever.
    pub(crate) withdrawn: bool,
    /// There is a post, but no page.
    pub(crate) no_page: bool,
    /// Takes the post back when the page expires.
    pub(crate) withdraw_on_expiry: bool,
    /// What readers are told before they see the text.
    pub(crate) content_warning: Option<String>,
    /// Stands at the top of the profile.
    pub(crate) pinned: bool,
    /// Addresses of replies that the site knows of.
    pub(crate) replies: Vec<String>,
    /// The point of the picture that is never cut off, from -1 to 1, rightwards and upwards.
    pub(crate) image_focus: Option<(f64, f64)>,
    /// The moment before which nobody sees the page, which may be later than its date.
    pub(crate) embargo: Option<Moment>,
}

impl Keys for PostKeys {
    fn none() -> &'static Self {
        static NONE: LazyLock<PostKeys> = LazyLock::new(PostKeys::default);
        &NONE
    }
}

/// What kind of post the pages of a section are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Hash)]
pub(crate) enum PostKind {
    /// With the text, as every server shows it.
    #[default]
    Note,
    /// A title and a link in Mastodon, the whole text elsewhere.
    Article,
    /// With a time and a place, for programs that know events.
    Event,
    /// No posts.
    None,
}

/// What only the front matter of an `_index.md` has.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct SectionKeys {
    /// `None` leaves it to what its pages are.
    pub(crate) sort_by: Option<SortBy>,
    pub(crate) paginate_by: Option<usize>,
    pub(crate) page_template: Option<Placed<String>>,
    /// Whether the section has feeds; `None` leaves it to the site.
    pub(crate) feeds: Option<bool>,
    /// What its pages are on the fediverse; `None` leaves it to the section above.
    pub(crate) posts: Option<PostKind>,
}

impl Keys for SectionKeys {
    fn none() -> &'static Self {
        static NONE: LazyLock<SectionKeys> = LazyLock::new(SectionKeys::default);
        &NONE
    }
}

/// The order of the pages of a section.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(crate) enum SortBy {
    /// Newest first, then what has no date, by title.
    #[default]
    Date,
    /// Smallest weight first, then what has none, by title.
    Weight,
    /// By title.
    Title,
    /// What is to come first, the next before the others; then what is over, the last first.
    Start,
    /// By the period of a notice, newest first. Only sections of notices have it.
    Period,
}

/// A file that goes with a feed entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Enclosure {
    /// Relative to the site's root, percent-encoded.
    pub(crate) address: String,
    /// In bytes.
    pub(crate) length: u64,
    pub(crate) media_type: &'static str,
}

impl Document {
    /// The Markdown.
    pub(crate) fn markdown(&self) -> &str {
        &self.source.text[self.body.clone()]
    }

    /// The files that it may be speaking of: its picture, its enclosure, its data, and whatever
    /// in its text could be a name.
    pub(crate) fn named_files(&self) -> impl Iterator<Item = SourcePath> {
        let front = &self.front;
        let image = front.image.as_ref().map(|image| image.path.as_str());
        let enclosure = front.enclosure.as_deref().map(|(path, _)| path.as_str());
        let data = front.data.iter().map(|(_, (path, _))| path.as_str());
        let names =
            image.into_iter().chain(enclosure).chain(data).chain(file_names(self.markdown()));
        names.filter_map(|name| named_file(&self.source.path, name))
    }

    /// The event, when it is of that kind.
    pub(crate) fn event(&self) -> Option<&Event> {
        self.details.event().filter(|_| self.kind == Kind::Event)
    }

    /// The ends of all that could be the name of a picture in it, from the last character on that
    /// ends a name. Somewhere else there may be files whose names end the same; that is no harm.
    pub(crate) fn words_in_names(&self) -> impl Iterator<Item = String> {
        let image = self.front.image.as_ref().map(|image| image.path.as_str());
        image.into_iter().chain(file_names(self.markdown())).map(|name| {
            let name = percent_decode_str(name).decode_utf8_lossy();
            last_word(&name.replace('\\', "")).to_owned()
        })
    }

    /// Whether it is the text of a section.
    pub(crate) fn is_section(&self) -> bool {
        section_folder(&self.key).is_some()
    }

    /// The folder inside `content/`: of `news/first` it is `news`, of `news/first/index` too.
    pub(crate) fn folder(&self) -> &str {
        let folder = parent(&self.key);
        if self.is_bundle() { parent(folder) } else { folder }
    }

    /// Whether the page is a folder with its own files.
    pub(crate) fn is_bundle(&self) -> bool {
        self.key.ends_with("/index")
    }

    /// The same for `first.md` and `first/index.md`, which are one text to whoever links to it.
    pub(crate) fn text_key(&self) -> &str {
        self.key.strip_suffix("/index").unwrap_or(&self.key)
    }

    /// The last part of the name, without language and ending: `first`.
    pub(crate) fn stem(&self) -> &str {
        let key = if self.is_bundle() { parent(&self.key) } else { &self.key };
        key.rsplit_once('/').map_or(key, |(_, stem)| stem)
    }
}

/// The folder whose section a text is, by its key: `news` of `news/_index`, the root (an empty
/// name) of `_index`. A text called `news/price_index` is a page.
pub(crate) fn section_folder(key: &str) -> Option<&str> {
    let before = key.strip_suffix("_index")?;
    if before.is_empty() { Some(before) } else { before.strip_suffix('/') }
}

fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// Everything in a text that may be the name of a file: what stands between brackets, quotes and
/// white space and has a dot in it.
pub(crate) fn file_names(markdown: &str) -> impl Iterator<Item = &str> {
    let ends = ends_name;
    let mut rest = markdown;
    // From dot to dot, for most words have none.
    let words = std::iter::from_fn(move || {
        let dot = rest.find('.')?;
        let start = rest[..dot].rfind(ends).map_or(0, |at| at + 1);
        let end = rest[dot..].find(ends).map_or(rest.len(), |at| dot + at);
        let word = &rest[start..end];
        rest = &rest[end..];
        Some(word)
    });
    words.filter(|word| !word.ends_with('.'))
}

fn ends_name(c: char) -> bool {
    c.is_ascii_whitespace() || matches!(c, '(' | ')' | '"' | '\'' | '<' | '>')
}

/// What is behind the last character of a path that ends names, or folders.
pub(crate) fn last_word(path: &str) -> &str {
    let path = path.split(['?', '#']).next().unwrap_or(path);
    path.rsplit(|c| c == '/' || ends_name(c)).next().unwrap_or(path)
}

/// The file that a text at `path` means by a name: beside it, or in `static/`.
pub(crate) fn named_file(path: &SourcePath, name: &str) -> Option<SourcePath> {
    match name.strip_prefix('/') {
        Some(from_root) => Some(SourcePath::new(format!("static/{from_root}"))),
        None => path.resolve(name),
    }
}
