//! Names of things: where a source is, where an output goes, and under which address a
//! browser finds it.
//!
//! The types make wrong paths impossible to hold: an [`OutputPath`] cannot leave the output
//! folder, whatever a title, a slug or an alias says.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use unicode_normalization::UnicodeNormalization;

use crate::limits::{NAME_BYTES_MAX, PATH_BYTES_MAX, USER_NAME_BYTES_MAX};

/// A file of the site, relative to its root: `content/news/first.md`.
///
/// Always UTF-8 with `/` between parts, so that the same site gives the same bytes on every
/// machine.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourcePath(Arc<str>);

impl SourcePath {
    /// Takes a path as it is; callers build it from parts that they have checked.
    pub fn new(path: impl AsRef<str>) -> Self {
        Self(Arc::from(path.as_ref()))
    }

    /// The path with `/` between its parts.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The folder of the file, without a slash at the end; empty at the root.
    pub(crate) fn folder(&self) -> &str {
        self.0.rsplit_once('/').map_or("", |(folder, _)| folder)
    }

    /// The last part.
    pub(crate) fn name(&self) -> &str {
        self.0.rsplit_once('/').map_or(&self.0, |(_, name)| name)
    }

    /// The letters after the last dot of the name, in lower case; empty when there are none.
    pub(crate) fn extension(&self) -> String {
        self.name().rsplit_once('.').map_or_else(String::new, |(_, ext)| ext.to_ascii_lowercase())
    }

    /// Whether the letters after the last dot are one of `extensions`, in whatever case.
    pub(crate) fn has_extension(&self, extensions: &[&str]) -> bool {
        let extension = self.name().rsplit_once('.').map_or("", |(_, extension)| extension);
        extensions.iter().any(|known| extension.eq_ignore_ascii_case(known))
    }

    /// The path inside `folder`, when it is there.
    pub(crate) fn inside(&self, folder: &str) -> Option<&str> {
        self.0.strip_prefix(folder)?.strip_prefix('/')
    }

    /// Resolves a relative reference such as `../img/a.jpg` against this file's folder.
    /// `None` when it leaves the site.
    pub(crate) fn resolve(&self, reference: &str) -> Option<SourcePath> {
        let mut path = String::with_capacity(self.0.len() + reference.len());
        path.push_str(self.folder());
        for part in reference.split('/') {
            match part {
                "" | "." => {}
                ".." if path.is_empty() => return None,
                ".." => path.truncate(path.rfind('/').unwrap_or(0)),
                name => {
                    if !path.is_empty() {
                        path.push('/');
                    }
                    path.push_str(name);
                }
            }
        }
        Some(Self::new(path))
    }
}

impl fmt::Display for SourcePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why a text cannot be a path in the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathProblem {
    /// Nothing is left of it.
    Empty,
    /// It begins with `/` or a drive letter where a relative path is wanted.
    Absolute,
    /// A part is empty, `.` or `..`.
    Dots,
    /// It has a slash where one part of a path is wanted.
    Slash,
    /// It has a back slash.
    BackSlash,
    /// It has a control character or one that changes the direction of writing.
    Control,
    /// It has a percent escape such as `%2e`, which servers decode again.
    Percent,
    /// A part ends in a dot or a space, which Windows removes.
    TrailingDot,
    /// A part is a device name on Windows (`CON`, `NUL`, …).
    Device,
    /// A part is longer than 255 bytes.
    LongName,
    /// The whole is longer than 1,024 bytes.
    LongPath,
}

impl fmt::Display for PathProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "nothing is left of it",
            Self::Absolute => "it is an absolute path",
            Self::Dots => "it has an empty part, `.` or `..`",
            Self::Slash => "it has a slash",
            Self::BackSlash => "it has a back slash",
            Self::Control => "it has a control character or one that changes the writing direction",
            Self::Percent => "it has a percent escape such as `%20`",
            Self::TrailingDot => "a part of it ends in a dot or a space",
            Self::Device => "a part of it is a device name on Windows",
            Self::LongName => "a part of it is longer than 255 bytes",
            Self::LongPath => "it is longer than 1,024 bytes",
        })
    }
}

/// A path inside the output folder: `news/first/index.html`.
///
/// Always relative, with `/` between parts and no `.` or `..`, so joining it to the output
/// folder cannot leave that folder.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OutputPath(Arc<str>);

impl OutputPath {
    /// Checks a path.
    ///
    /// # Errors
    ///
    /// Says what is wrong with it; the path is never repaired, for a repaired path is one
    /// that nobody wrote.
    pub fn new(path: &str) -> Result<Self, PathProblem> {
        if path.is_empty() {
            return Err(PathProblem::Empty);
        }
        if path.starts_with('/') || has_drive(path) {
            return Err(PathProblem::Absolute);
        }
        if path.len() > PATH_BYTES_MAX {
            return Err(PathProblem::LongPath);
        }
        path.split('/').try_for_each(check_part)?;
        Ok(Self(Arc::from(path)))
    }

    /// The document at an address: `news/first` is `news/first/index.html`, a name that
    /// ends in `.html` stays, and the empty address is `index.html`.
    ///
    /// # Errors
    ///
    /// As [`OutputPath::new`].
    pub fn document(address: &str) -> Result<Self, PathProblem> {
        if address.ends_with(".html") {
            return Self::new(address);
        }
        let address = address.strip_suffix('/').unwrap_or(address);
        if address.is_empty() {
            return Self::new("index.html");
        }
        Self::new(&format!("{address}/index.html"))
    }

    /// The path with `/` between its parts.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The path of another file in the same folder as this document.
    pub(crate) fn sibling(&self, name: &str) -> Result<Self, PathProblem> {
        match self.0.rsplit_once('/') {
            Some((folder, _)) => Self::new(&format!("{folder}/{name}")),
            None => Self::new(name),
        }
    }

    /// The address on the host, percent-encoded, without the first slash: `news/first/` for
    /// `news/first/index.html`.
    pub(crate) fn address(&self) -> String {
        let path = match self.0.strip_suffix("index.html") {
            Some(folder) if folder.is_empty() || folder.ends_with('/') => folder,
            _ => &self.0,
        };
        encode_path(path)
    }

    /// What a file system that folds case and Unicode forms takes it for: two paths with one
    /// folded form cannot both be published.
    pub(crate) fn folded(&self) -> Cow<'_, str> {
        if self.0.is_ascii() {
            let is_folded = !self.0.bytes().any(|byte| byte.is_ascii_uppercase());
            return if is_folded { (&*self.0).into() } else { self.0.to_ascii_lowercase().into() };
        }
        self.0.nfc().flat_map(char::to_lowercase).nfc().collect()
    }
}

impl fmt::Display for OutputPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Says what stops `name` from being one part of a path.
pub(crate) fn check_part(name: &str) -> Result<(), PathProblem> {
    if name.is_empty() || name == "." || name == ".." {
        return Err(PathProblem::Dots);
    }
    if name.len() > NAME_BYTES_MAX {
        return Err(PathProblem::LongName);
    }
    if name.contains('\\') {
        return Err(PathProblem::BackSlash);
    }
    if has_unseen(name) {
        return Err(PathProblem::Control);
    }
    if name.ends_with(['.', ' ']) {
        return Err(PathProblem::TrailingDot);
    }
    if has_percent_escape(name) {
        return Err(PathProblem::Percent);
    }
    if is_device(name) { Err(PathProblem::Device) } else { Ok(()) }
}

/// Why a text cannot be the user name of an actor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UserNameProblem {
    /// There is nothing.
    Empty,
    /// It has an `@`: it is a whole handle.
    Handle,
    /// It has a capital letter. Servers do not agree on whether that makes another name.
    Capital,
    /// It has this character, which is no letter of English, digit, `_`, `-` or `.`.
    Character(char),
    /// It begins or ends in a dot or a hyphen.
    Edge,
    /// It is longer than 64 characters.
    Long,
    /// It is a device name on Windows (`con`, `nul`, …).
    Device,
}

impl fmt::Display for UserNameProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "it is empty",
            Self::Handle => "it has an `@`; write the name alone: `news` for `@news@party.example`",
            Self::Capital => "it has a capital letter",
            Self::Character(c) if is_unseen(*c) => "it has a character that cannot be seen",
            Self::Character(' ') => "it has a space",
            Self::Character(c) => {
                return write!(f, "it has `{c}`; use a to z, 0 to 9, `_`, and inside `-` and `.`");
            }
            Self::Edge => "it begins or ends in a dot or a hyphen",
            Self::Long => "it is longer than 64 characters",
            Self::Device => "it is a device name on Windows",
        })
    }
}

/// Says what stops a name from being the user name of an actor, the `news` of
/// `@news@party.example`: `^[a-z0-9_]+([.-]+[a-z0-9_]+)*$`, which Mastodon, Misskey, GoToSocial and
/// the others all take.
///
/// # Errors
///
/// The first thing that some server would not take.
pub fn check_user_name(name: &str) -> Result<(), UserNameProblem> {
    if name.is_empty() {
        return Err(UserNameProblem::Empty);
    }
    if name.contains('@') {
        return Err(UserNameProblem::Handle);
    }
    let is_good = |c: char| matches!(c, 'a'..='z' | '0'..='9' | '_' | '-' | '.');
    match name.chars().find(|c| !is_good(*c)) {
        Some('A'..='Z') => return Err(UserNameProblem::Capital),
        Some(c) => return Err(UserNameProblem::Character(c)),
        None => {}
    }
    if name.starts_with(['.', '-']) || name.ends_with(['.', '-']) {
        return Err(UserNameProblem::Edge);
    }
    if name.len() > USER_NAME_BYTES_MAX {
        return Err(UserNameProblem::Long);
    }
    if is_device(name) { Err(UserNameProblem::Device) } else { Ok(()) }
}

fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or(name);
    let is_any = |stem: &str, names: &[&str]| names.iter().any(|n| stem.eq_ignore_ascii_case(n));
    match stem.strip_suffix(|c: char| c.is_ascii_digit() && c != '0') {
        Some(port) => is_any(port, &["COM", "LPT"]),
        None => is_any(stem, &["CON", "PRN", "AUX", "NUL"]),
    }
}

fn has_drive(path: &str) -> bool {
    let bytes = path.as_bytes();
    bytes.len() >= 2 && bytes[0].is_ascii_alphabetic() && bytes[1] == b':'
}

fn has_percent_escape(name: &str) -> bool {
    name.as_bytes()
        .windows(3)
        .any(|w| w[0] == b'%' && w[1].is_ascii_hexdigit() && w[2].is_ascii_hexdigit())
}

/// Control characters, and those that make a name read as another one: an override of the
/// writing direction can show `gpj.exe` as `exe.jpg`.
pub(crate) fn is_unseen(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}')
        || matches!(c, '\u{2066}'..='\u{2069}' | '\u{FEFF}')
}

/// Whether a text has such characters.
pub(crate) fn has_unseen(text: &str) -> bool {
    // Nearly all names are ASCII, where that is quickly seen.
    text.bytes().any(|byte| byte.is_ascii_control() || !byte.is_ascii())
        && text.chars().any(is_unseen)
}

/// What stands unescaped in a path (RFC 3986, 3.3) apart from `;`, `=` and the like, which
/// some servers treat specially.
const PATH_ESCAPES: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// Percent-encodes a path for use in an address; `/` stays.
pub(crate) fn encode_path(path: &str) -> String {
    utf8_percent_encode(path, PATH_ESCAPES).to_string()
}

/// Longer ones are none that anybody has.
const SCHEME_BYTES_MAX: usize = 63;

/// The scheme of a link as a browser will see it: white space and control characters inside do not
/// count, nor does case.
pub(crate) fn scheme(to: &str) -> Option<String> {
    let (before, _) = to.split_once(':')?;
    if before.len() <= SCHEME_BYTES_MAX && before.bytes().all(|byte| byte.is_ascii_alphabetic()) {
        return (!before.is_empty()).then(|| before.to_ascii_lowercase());
    }
    let seen = before.chars().filter(|c| !c.is_whitespace() && !is_unseen(*c));
    let scheme: String = seen.take(SCHEME_BYTES_MAX + 1).collect();
    let good = scheme.len() <= SCHEME_BYTES_MAX
        && scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b));
    good.then(|| scheme.to_ascii_lowercase())
}

/// Turns a text into the part of an address: lower-case ASCII letters, digits and single
/// hyphens. Empty when the text has none of them.
///
/// `language` decides how letters are written out: German *ä* becomes *ae*, Czech *á*
/// becomes *a*. A slug of a slug is itself.
pub fn slugify(text: &str, language: &str) -> String {
    let german = language == "de" || language.starts_with("de-");
    let mut slug = String::with_capacity(text.len());
    let mut push = |ascii: &str| {
        for c in ascii.chars() {
            if c.is_ascii_alphanumeric() {
                slug.push(c.to_ascii_lowercase());
            } else if c != '\'' && !slug.is_empty() && !slug.ends_with('-') {
                slug.push('-');
            }
        }
    };
    let add = |c: char| match c {
        'ä' | 'Ä' if german => push("ae"),
        'ö' | 'Ö' if german => push("oe"),
        'ü' | 'Ü' if german => push("ue"),
        // Apostrophes join: "what's" is "whats", "l'eau" is "leau".
        '\'' | '\u{2019}' | '\u{2018}' => {}
        c if c.is_ascii() => push(c.encode_utf8(&mut [0; 4])),
        c => push(deunicode::deunicode_char(c).unwrap_or("-")),
    };
    // What is ASCII is in that form already, and most names are.
    if text.is_ascii() {
        text.chars().for_each(add);
    } else {
        text.nfc().for_each(add);
    }
    while slug.ends_with('-') {
        slug.pop();
    }
    slug
}

/// `local-party_news` is shown as "Local party news".
pub(crate) fn humanise(name: &str) -> String {
    let words = name.replace(['-', '_'], " ");
    let words = words.trim();
    let mut chars = words.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// The folders above a path, from the lowest up.
pub(crate) fn folders_above(path: &str) -> impl DoubleEndedIterator<Item = &str> {
    path.rmatch_indices('/').map(|(end, _)| &path[..end])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn slugs_are_written_out_by_language() {
        assert_eq!(slugify("Kämpfer für Öffis", "de"), "kaempfer-fuer-oeffis");
        assert_eq!(slugify("Příliš žluťoučký kůň", "cs"), "prilis-zlutoucky-kun");
        assert_eq!(slugify("Tŷ'r Cyngor – beth nesaf?", "cy"), "tyr-cyngor-beth-nesaf");
        assert_eq!(slugify("  What's  new?! ", "en"), "whats-new");
        assert_eq!(slugify("?!", "en"), "");
    }

    #[test]
    fn documents_have_an_address() {
        let document = |address| OutputPath::document(address).unwrap();
        assert_eq!(document("news/first").as_str(), "news/first/index.html");
        assert_eq!(document("news/first").address(), "news/first/");
        assert_eq!(document("").address(), "");
        assert_eq!(document("old/page.html").address(), "old/page.html");
        assert_eq!(document("é b").address(), "%C3%A9%20b/");
    }

    #[test]
    fn user_names_are_those_that_every_server_takes() {
        let longest = "a".repeat(64);
        for name in ["news", "n", "_", "local-party", "a.b", "2026", "a.-b", "a__b", &longest] {
            assert_eq!(check_user_name(name), Ok(()), "{name}");
        }
        let longer = "a".repeat(65);
        for (name, problem) in [
            ("", UserNameProblem::Empty),
            ("@news@party.example", UserNameProblem::Handle),
            ("News", UserNameProblem::Capital),
            ("ne ws", UserNameProblem::Character(' ')),
            ("n\u{e9}ws", UserNameProblem::Character('\u{e9}')),
            ("../news", UserNameProblem::Character('/')),
            (".news", UserNameProblem::Edge),
            ("news-", UserNameProblem::Edge),
            ("con", UserNameProblem::Device),
            (&longer, UserNameProblem::Long),
        ] {
            assert_eq!(check_user_name(name), Err(problem), "{name}");
        }
    }

    #[test]
    fn references_resolve_inside_the_site_only() {
        let page = SourcePath::new("content/news/first.md");
        assert_eq!(page.resolve("../img/a.jpg"), Some(SourcePath::new("content/img/a.jpg")));
        assert_eq!(page.resolve("../../../etc/passwd"), None);
    }

    #[test]
    fn names_that_differ_in_form_only_are_folded_together() {
        let folded = |path| OutputPath::new(path).unwrap().folded().into_owned();
        assert_eq!(folded("About/index.html"), folded("about/index.html"));
        assert_eq!(folded("\u{e9}.html"), folded("e\u{301}.html"));
        assert_eq!(folded("\u{c9}.html"), folded("e\u{301}.html"));
    }

    #[test]
    fn schemes_are_seen_as_browsers_see_them() {
        for hidden in [
            "javascript:alert(1)",
            "JaVaScRiPt:x",
            "java\tscript:x",
            " \u{1}javascript:x",
            "java\nscript:x",
            "\u{200b}javascript:x",
        ] {
            assert_eq!(scheme(hidden).as_deref(), Some("javascript"), "{hidden:?}");
        }
        assert_eq!(scheme("news/a:b"), None);
        assert_eq!(scheme("?a:b"), None);
        assert_eq!(scheme("HTTPS://x").as_deref(), Some("https"));
    }

    proptest! {
        #[test]
        fn a_slug_of_a_slug_is_itself(text in "\\PC*", language in "(de|cs|cy|en)") {
            let slug = slugify(&text, &language);
            prop_assert_eq!(slugify(&slug, &language), slug);
        }

        #[test]
        fn an_output_path_never_leaves_the_output_folder(
            path in ".*|([./\\\\a%2e:]|\\.\\.){0,12}"
        ) {
            if let Ok(path) = OutputPath::new(&path) {
                let folder = std::path::Path::new("/out");
                let joined = folder.join(path.as_str());
                prop_assert!(joined.starts_with(folder));
                let ordinary = |c| matches!(c, std::path::Component::Normal(_));
                prop_assert!(std::path::Path::new(path.as_str()).components().all(ordinary));
            }
        }
    }
}
