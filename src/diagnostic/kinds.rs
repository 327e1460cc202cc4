//! Diagnostics about what only pages of a kind say.

use super::{Diagnostic, Place};

impl Diagnostic {
    /// A key that pages of another kind have.
    pub(crate) fn key_of_kind(place: Place, key: &str, owner: &str, kind: &str) -> Self {
        let what = if kind == "page" {
            "this page is an ordinary one".to_owned()
        } else {
            format!("this page is of the kind `{kind}`")
        };
        let message = format!("`{key}` belongs to pages of the kind `{owner}`, and {what}");
        Self::error("key-of-kind", message).at(place).help(format!(
            "write `kind = \"{owner}\"` here or into the `_index.md` of its section; values of \
             your own go under `extra`"
        ))
    }

    /// An entry of a list that lacks something.
    pub(crate) fn entry_without(place: Place, list: &str, missing: &str) -> Self {
        Self::error("entry-incomplete", format!("an entry of `{list}` has no `{missing}`"))
            .help(if place.path.ends_with(".csv") {
                format!("write it into the column `{missing}` of this line")
            } else {
                format!("write `{missing} = \"…\"` into it")
            })
            .at(place)
    }

    pub(crate) fn form_without_privacy(place: Place) -> Self {
        Self::error("form-without-privacy", "the form does not say what becomes of what is sent")
            .at(place)
            .help("write `privacy = \"…\"` into it: who gets it, what for and for how long")
    }

    pub(crate) fn no_version_before(place: Place, written: &str) -> Self {
        Self::error("no-version-before", format!("there is no earlier version `{written}`"))
            .at(place)
            .help("write the file of that text, such as `@/policies/2024/buses.md`")
    }

    pub(crate) fn branches_without_data(place: Place) -> Self {
        Self::error("branches-without-data", "this page does not say where the branches are listed")
            .at(place)
            .help("write `data = { branches = \"branches.toml\" }` into its front matter")
    }

    pub(crate) fn branches_are_no_list(place: Place) -> Self {
        Self::error("branches-no-list", "this is no list of branches")
            .at(place)
            .help("begin each with a line `[[branches]]`, and write its keys on the lines below")
    }

    pub(crate) fn event_without_start(place: Place) -> Self {
        Self::error("event-without-start", "an event needs a start")
            .at(place)
            .help("write `start = 2026-05-01T18:30:00+01:00` into its front matter")
    }

    pub(crate) fn event_ends_early(place: Place) -> Self {
        Self::error("event-ends-early", "the event ends before it starts")
            .at(place)
            .help("check `start` and `end`, with their days and zones")
    }

    /// Only one of start and end has a time.
    pub(crate) fn event_half_timed(place: Place) -> Self {
        Self::error("event-half-timed", "only one of `start` and `end` has a time")
            .at(place)
            .help("write a time into both, or into neither when it takes whole days")
    }

    pub(crate) fn event_without_time(place: Place) -> Self {
        Self::error(
            "event-without-time",
            "the event is not for whole days, but its start has no time",
        )
        .at(place)
        .help("write `start = 2026-05-01T18:30:00`, or leave `all_day` out")
    }

    /// The day in the name of its file, which is that of the event, is taken for that of
    /// publication.
    pub(crate) fn event_held_back(place: Place) -> Self {
        let message =
            "the event is hidden until its day, which is the date in the name of its file";
        Self::warning("event-held-back", message)
            .at(place)
            .help("write `date = …` with the day on which it is to be published")
    }

    pub(crate) fn embargo_without_zone(place: Place, advice: &str) -> Self {
        Self::error("embargo-without-zone", "the embargo does not say its time zone")
            .at(place)
            .help(format!("write it with its offset, such as `embargo = {advice}`"))
    }
}
