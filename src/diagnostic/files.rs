//! Diagnostics about files: names, kinds, places in the output.

use std::path::PathBuf;

use super::{Diagnostic, Place};
use crate::path::PathProblem;

impl Diagnostic {
    pub(crate) fn not_at_once(place: Place, reason: &str) -> Self {
        let message = "the new files were put into place one by one, not all at once";
        Self::note("not-at-once", message).at(place).help(format!(
            "the folder cannot be replaced, because {reason}; each file was whole at every \
             moment, but readers may have met old and new ones side by side"
        ))
    }

    pub(crate) fn missing_for_a_moment(place: Place) -> Self {
        Self::note("missing-for-a-moment", "the output was missing for a moment")
            .at(place)
            .help("this system cannot exchange two folders in one step")
    }

    pub(crate) fn taken_over(place: Place, paths: &[PathBuf]) -> Self {
        let named: Vec<_> = paths.iter().take(8).map(|path| path.to_string_lossy()).collect();
        let more = match paths.len() - named.len() {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let message = format!(
            "files that sitegen had not made were overwritten or removed: {}{more}",
            named.join(", ")
        );
        Self::note("taken-over", message)
            .at(place)
            .help("that is what `--force` is for; `keep` in site.toml names what is to stay")
    }

    pub(crate) fn not_locked(place: Place) -> Self {
        let message = "two builds of this site at once are not kept apart here";
        Self::note("not-locked", message)
            .at(place)
            .help("this file system knows no locks; take care that only one build runs")
    }

    pub(crate) fn not_durable(place: Place) -> Self {
        let message = "a power cut may undo or damage what was written";
        Self::note("not-durable", message)
            .at(place)
            .help("`durable` needs a file system that can be told to write to the disk")
    }

    pub(crate) fn no_key_to_sign(place: Place) -> Self {
        Self::error("no-key-to-sign", "there is no key to sign the site with").at(place).help(
            "run `sitegen key new --signing`, once; on a second machine take that key with \
                 `sitegen key import --signing FILE`. Or remove this line",
        )
    }

    pub(crate) fn preview_not_signed(place: Place) -> Self {
        Self::note("preview-not-signed", "a preview is not signed")
            .at(place)
            .help("what is signed is the site as all see it, at its own address")
    }

    pub(crate) fn symbolic_link(place: Place) -> Self {
        Self::error("symbolic-link", "this is a symbolic link, and links are not followed")
            .at(place)
            .help("put the file itself here; a link could publish any file of this machine")
    }

    pub(crate) fn not_a_plain_file(place: Place, what: &str) -> Self {
        Self::error("not-a-file", format!("this is {what}, and cannot be published"))
            .at(place)
            .help("remove it, or put a plain file in its place")
    }

    pub(crate) fn not_a_folder(place: Place, name: &str) -> Self {
        Self::error("not-a-folder", format!("`{name}` must be a folder"))
            .at(place)
            .help("give this file another name, or remove it")
    }

    pub(crate) fn active_file(place: Place) -> Self {
        let message = "this file is not published, for it can run programs";
        Self::error("active-file", message)
            .at(place)
            .help("write a page as Markdown; put a file that you trust into `static/`")
    }

    pub(crate) fn name_not_utf8(place: Place) -> Self {
        Self::error("file-name-encoding", "the name of this file is not in UTF-8")
            .at(place)
            .help("rename it; letters, digits and hyphens work everywhere")
    }

    pub(crate) fn name_with_unseen(place: Place) -> Self {
        let message = "the name of this file has characters that cannot be seen";
        Self::error("file-name-unseen", message)
            .at(place)
            .help("rename it without line breaks, control and direction characters")
    }

    pub(crate) fn bad_file_name(place: Place, problem: PathProblem) -> Self {
        Self::error("file-name", format!("a file cannot be published under this name: {problem}"))
            .at(place)
            .help("rename it; letters, digits and hyphens work everywhere")
    }

    pub(crate) fn no_date_in_name(place: Place, date: &str) -> Self {
        Self::error("no-date-in-name", format!("there is no day `{date}`"))
            .at(place)
            .help("rename the file; its name may begin with a date such as 2026-05-01")
    }

    pub(crate) fn file_too_large(place: Place, bytes_max: u64) -> Self {
        let message = format!("this file is larger than {} MiB", bytes_max >> 20);
        Self::error("file-too-large", message)
            .at(place)
            .help("make it smaller, or put it into `static/`, where files are only copied")
    }

    pub(crate) fn not_utf8(place: Place) -> Self {
        Self::error("not-utf8", "this file is not in UTF-8")
            .at(place)
            .help("save it as UTF-8; in the editor this is often under \"save with encoding\"")
    }

    pub(crate) fn bad_path(place: Place, key: &str, path: &str, problem: PathProblem) -> Self {
        Self::error("bad-path", format!("the {key} `{path}` cannot be used: {problem}"))
            .at(place)
            .help(match key {
                "path" | "alias" => "write a path inside the site, such as `news/first`",
                "theme" => "write the name of a folder in `themes/`",
                _ => "use letters, digits and hyphens",
            })
    }

    pub(crate) fn same_page_twice(second: Place, first: Place) -> Self {
        Self::error("same-page-twice", "two files are the same page in the same language")
            .at(second)
            .also(first, "the other file")
            .help("rename one of them, or merge them")
    }

    pub(crate) fn output_twice(second: Place, first: Place, path: &str) -> Self {
        Self::error("output-twice", format!("two sources make the same file `{path}`"))
            .at(second)
            .also(first, "the other source")
            .help(if path.ends_with(".html") {
                "give one of them another `slug`, `path` or alias, or rename the file"
            } else {
                "rename one of the files. Smaller pictures, feeds and the like are made by \
                 themselves: they need not be copied into `static/`"
            })
    }

    pub(crate) fn output_folded(second: Place, first: Place, path: &str) -> Self {
        let message =
            format!("`{path}` differs from another output only in case or in the form of letters");
        Self::error("output-folded", message)
            .at(second)
            .also(first, "the other source")
            .help("many systems take them for one file: rename one of them")
    }

    pub(crate) fn output_below_file(second: Place, first: Place, path: &str) -> Self {
        Self::error("output-below-file", format!("`{path}` would have to be a file and a folder"))
            .at(second)
            .also(first, "the other source")
            .help("give one of them another `slug`, `path` or alias, or rename the file")
    }

    pub(crate) fn reserved_path(place: Place, path: &str) -> Self {
        Self::error("reserved-path", format!("`{path}` is reserved for the site's own documents"))
            .at(place)
            .help("give the page another `slug` or `path`")
    }

    pub(crate) fn missing_site_file(place: Place, name: &str) -> Self {
        Self::error("missing-file", format!("there is no `{name}` here"))
            .at(place)
            .help("run the command in the folder of the site, or name it with `--root`")
    }
}
