//! Diagnostics about `published.toml` and the ids in it.

use super::{Diagnostic, Place};

impl Diagnostic {
    pub(crate) fn record_version(place: Place) -> Self {
        Self::error("record-version", "published.toml was written by a newer sitegen")
            .at(place)
            .help("use the newest sitegen everywhere the site is built")
    }

    pub(crate) fn record_damaged(place: Place, what: &str) -> Self {
        Self::error("record-damaged", format!("published.toml is damaged: {what}"))
            .at(place)
            .help("restore the file from version control; do not delete it, it holds all ids")
    }

    pub(crate) fn record_lost(place: Place) -> Self {
        Self::error("record-lost", "published.toml is gone, but this site has been built before")
            .at(place)
            .help(
                "restore it from version control; to give out new ids, delete `.sitegen/recorded`",
            )
    }

    pub(crate) fn record_id_twice(second: Place, first: Place, id: &str) -> Self {
        Self::error("record-id-twice", format!("two entries have the id `{id}`"))
            .at(second)
            .also(first, "the other entry")
            .help("a merge may have gone wrong: keep one of the entries")
    }

    pub(crate) fn record_would_change(place: Place, is_there: bool) -> Self {
        let what = if is_there { "would change" } else { "is not there" };
        Self::error(
            "record-would-change",
            format!("published.toml {what}, but the build is `--locked`"),
        )
        .at(place)
        .help("run `sitegen build` without `--locked` where you write, and commit the file")
    }

    /// `option` is the one that shows pages which are not public.
    pub(crate) fn record_not_public(place: Place, option: &str) -> Self {
        let message = format!(
            "with `{option}` pages that are not public would be given their ids on the fediverse \
             for ever"
        );
        Self::error("record-not-public", message).at(place).help(format!(
            "leave out `--record` to look at them, or `{option}` to record what is public"
        ))
    }

    pub(crate) fn id_base_is_fixed(place: Place, wished: &str, fixed: &str) -> Self {
        let message = format!("`id_base` is `{fixed}` for ever, and cannot become `{wished}`");
        Self::error("id-base-fixed", message).at(place).help(
            "remove `id_base` from site.toml: with another one every reader gets all posts again",
        )
    }

    pub(crate) fn ids_moved(place: Place, before: &str) -> Self {
        let message = format!("ids began with `{before}`, and begin with your own domain now");
        Self::note("ids-moved", message).at(place).help(
            "from now on they stay as they are; who has subscribed already gets the posts once \
             more",
        )
    }

    pub(crate) fn id_is_fixed(place: Place, id: &str) -> Self {
        Self::warning(
            "id-fixed",
            format!("the page was published under the id `{id}` and keeps it"),
        )
        .at(place)
        .help("remove `id` from the front matter")
    }

    pub(crate) fn date_is_fixed(place: Place, published: &str) -> Self {
        let message = format!("the page keeps the date of its publication, {published}");
        Self::note("date-fixed", message)
            .at(place)
            .help("to change it all the same, change `published` in published.toml")
    }

    pub(crate) fn duplicate_id(place: Place, id: &str, other: &str) -> Self {
        Self::error("duplicate-id", format!("the id `{id}` belongs to `{other}`"))
            .at(place)
            .help("every page needs an id of its own: remove the key, or choose another one")
    }

    pub(crate) fn language_renamed(place: Place, from: &str, to: &str) -> Self {
        Self::note("language-renamed", format!("its language is `{to}` now and was `{from}`"))
            .at(place)
            .help("the page keeps its id")
    }

    pub(crate) fn source_renamed(place: Place, from: &str, id: &str) -> Self {
        Self::note("source-renamed", format!("renamed from `{from}`; it keeps the id `{id}`"))
            .at(place)
            .help("if it is a different page, write another `id` into its front matter")
    }

    pub(crate) fn ambiguous_rename<'a>(place: Place, ids: impl Iterator<Item = &'a str>) -> Self {
        let ids: Vec<String> = ids.map(|id| format!("`id = \"{id}\"`")).collect();
        let message = "this page may be a renamed one, but it is not clear which";
        Self::error("ambiguous-rename", message).at(place).help(format!(
            "if it is, write {} into its front matter; else an `id` of your own",
            ids.join(" or ")
        ))
    }
}
