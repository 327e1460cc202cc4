//! Findings about feeds.

use super::{Check, Finding};
use crate::doctor::peers::{Ability, Peer};

impl Finding {
    pub(crate) fn no_feed(url: &str) -> Self {
        Self::warning(Check::Feed, url, "the page names no feed")
            .refused_by([Peer::FeedReader])
            .denies(Ability::Finds)
            .sees("who gives the address of the site to a feed reader is told that it has no feed")
            .mend("the theme must put `<link rel=\"alternate\">` for each feed into the head")
    }

    pub(crate) fn feed_unreachable(url: &str, came: String) -> Self {
        Self::broken(Check::Feed, url, came)
            .refused_by([Peer::FeedReader])
            .denies(Ability::Shows)
            .sees("no new posts arrive, and after a while the reader drops the feed")
            .mend("upload the whole output folder; the file of the feed is part of it")
    }

    pub(crate) fn feed_unreadable(url: &str, problem: &str) -> Self {
        Self::broken(Check::Feed, url, format!("it cannot be read: {problem}"))
            .refused_by([Peer::FeedReader])
            .denies(Ability::Shows)
            .sees("the reader says that this is no feed, and no new posts arrive")
            .mend("upload the site again; should it stay so, something changes the file on its way")
    }

    pub(crate) fn feed_type(url: &str, content_type: &str) -> Self {
        Self::warning(Check::Feed, url, format!("the type is `{content_type}`"))
            .refused_by([Peer::FeedReader])
            .sees("some readers and bridges refuse it, browsers save it instead of showing it")
            .mend("let the host send it as the type that the page names for it")
    }

    pub(crate) fn feed_relative_link(url: &str, link: &str) -> Self {
        Self::broken(Check::Feed, url, format!("an entry leads to `{link}`"))
            .refused_by([Peer::FeedReader])
            .denies(Ability::Shows)
            .sees("a tap on the entry opens nothing, or a page of the reader")
            .mend("build the site with the right `base_url` and upload it again")
    }

    pub(crate) fn feed_self_link(url: &str, found: Option<&str>) -> Self {
        let came = found.map_or("it does not name itself".to_owned(), |found| {
            format!("it calls itself `{found}`")
        });
        Self::warning(Check::Feed, url, came)
            .refused_by([Peer::FeedReader])
            .sees("some readers move to the other address, or count the feed as two")
            .mend("build the site with the `base_url` at which it is, and upload it again")
    }
}
