//! Findings about posts, their lists and their pages.

use super::documents::What;
use super::{Check, Finding};
use crate::doctor::peers::{Ability, Peer};

impl Finding {
    /// Pinned posts that Misskey does not take.
    pub(crate) fn featured_for_misskey(url: &str, came: String) -> Self {
        Self::warning(Check::Collection, url, came)
            .refused_by([Peer::Misskey])
            .sees("the profile shows the first five of them, or none")
            .mend("pin five notes at most")
    }

    /// A pinned post that is not the actor's, or of another host.
    pub(crate) fn featured_foreign(url: &str, came: String) -> Self {
        let peers = [Peer::Mastodon, Peer::GoToSocial, Peer::Misskey];
        Self::broken(Check::Collection, url, came)
            .refused_by(peers)
            .denies(Ability::Shows)
            .sees("the post is left out; on Misskey all pinned posts are")
            .mend("pin only posts of this actor")
    }

    pub(crate) fn followers_public(url: &str, count: usize) -> Self {
        Self::warning(Check::Collection, url, format!("the names of {count} followers"))
            .sees("anybody can read who follows, and so who is close to the party")
            .mend("publish the number only (`totalItems`): build and upload the site again")
    }

    pub(crate) fn pages_broken(url: &str, came: impl Into<String>) -> Self {
        Self::warning(Check::Collection, url, came)
            .refused_by([Peer::Snac])
            .sees("older posts are not found")
            .mend("upload the whole folder `ap`")
    }

    pub(crate) fn withdrawn_in_list(url: &str) -> Self {
        let came = "a post that was taken back, though the outbox still lists it";
        Self::property(What::Post, url, came, vec![Peer::Snac]).at_most(super::Severity::Warning)
    }

    /// Types whose text Mastodon does not show.
    pub(crate) fn converted_type(url: &str, kind: &str) -> Self {
        Self::note(Check::Post, url, format!("the type `{kind}`"))
            .refused_by([Peer::Mastodon])
            .sees("the title, the summary and a link instead of the text")
            .mend("nothing, when that is wanted; a `Note` shows the whole text")
    }

    pub(crate) fn no_alternate(url: &str, id: &str, found: Option<&str>) -> Self {
        let came = match found {
            Some(found) => format!("the page names `{found}` as its document, not `{id}`"),
            None => format!("the page does not name `{id}` as its document"),
        };
        Self::warning(Check::Alternate, url, came)
            .refused_by([Peer::Mastodon, Peer::Misskey])
            .sees("who pastes the address of the page into the search finds nothing to answer")
            .mend(
                "the theme must put `<link rel=\"alternate\" type=\"application/activity+json\">` \
                 into the head of the page",
            )
    }

    pub(crate) fn page_unreachable(url: &str, came: String) -> Self {
        Self::broken(Check::Post, url, came)
            .refused_by([Peer::Browser])
            .denies(Ability::Shows)
            .sees("a tap on the date of the post opens nothing")
            .mend("upload the whole output folder")
    }

    pub(crate) fn no_author_line(url: &str, came: impl Into<String>) -> Self {
        Self::warning(Check::Alternate, url, came)
            .refused_by([Peer::Mastodon])
            .sees("links to this page have no line “More from …” with the account")
            .mend(
                "the page needs `<meta name=\"fediverse:creator\">` with the handle, and the \
                 actor the host in `attributionDomains`",
            )
    }
}
