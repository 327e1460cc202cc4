//! Findings that any document of the fediverse can have: its answer, its type, its id.

use super::{Check, Finding, Severity};
use crate::doctor::ask::AskError;
use crate::doctor::peers::{Ability, Peer};

/// What a document is to those who fetch it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    Actor,
    /// Read for the number of posts, and by snac.
    Outbox,
    /// Followers, following, tags: read for their number.
    Count,
    /// Pinned posts.
    Featured,
    Post,
}

impl What {
    fn check(self) -> Check {
        match self {
            Self::Actor => Check::Actor,
            Self::Outbox | Self::Count | Self::Featured => Check::Collection,
            Self::Post => Check::Post,
        }
    }

    /// What is impossible without it.
    fn ability(self) -> Option<Ability> {
        match self {
            Self::Actor => Some(Ability::Reads),
            Self::Featured | Self::Post => Some(Ability::Shows),
            Self::Outbox | Self::Count => None,
        }
    }

    fn sees(self) -> &'static str {
        match self {
            Self::Actor => "the profile does not open, and a search finds nothing",
            Self::Outbox => "the profile says that there are no posts",
            Self::Count => "the profile shows wrong numbers",
            Self::Featured => "the profile is empty until somebody there follows",
            Self::Post => "the post is not shown, and a search for it finds nothing",
        }
    }
}

impl Finding {
    fn document(what: What, check: Check, url: &str, came: String, peers: Vec<Peer>) -> Self {
        let finding = match what.ability() {
            Some(ability) => Self::broken(check, url, came).denies(ability),
            None => Self::warning(check, url, came),
        };
        finding.refused_by(peers).sees(what.sees())
    }

    pub(crate) fn document_unreachable(what: What, url: &str, error: &AskError) -> Self {
        let mend = match error {
            AskError::TooLarge(_) => "make it smaller: servers read one million bytes at most",
            _ => "open the address in a browser to see what it says",
        };
        let all = Peer::FEDIVERSE.to_vec();
        Self::document(what, what.check(), url, error.to_string(), all).mend(mend)
    }

    pub(crate) fn document_status(what: What, url: &str, status: u16) -> Self {
        let all = Peer::FEDIVERSE.to_vec();
        let came = format!("the status {status}");
        let finding = Self::document(what, what.check(), url, came, all);
        match (what, status) {
            (What::Actor, 410) => finding
                .sees("every server that asks deletes the account and all its followers")
                .mend("never answer 410 here, unless the account shall end for good"),
            (What::Post, 404 | 410) => finding
                .sees("servers that have the post delete it as soon as they look again")
                .mend("upload the whole folder `ap`; a post that was taken back leaves the lists"),
            (_, 401 | 403 | 429 | 503) => finding.mend(
                "let everybody read `/ap/`: no password, no test for robots, no limit that a \
                 few hundred servers at once would meet",
            ),
            _ => finding.mend("upload the whole folder `ap`"),
        }
    }

    pub(crate) fn document_type(what: What, url: &str, found: &str, peers: Vec<Peer>) -> Self {
        let came = if found.is_empty() {
            "no type at all".to_owned()
        } else {
            format!("the type `{found}`")
        };
        Self::document(what, Check::Type, url, came, peers)
            .mend("let the host send all below `/ap/` as exactly `application/activity+json`")
    }

    pub(crate) fn document_cut_off(what: What, url: &str, error: &str) -> Self {
        let came = format!("what is no whole JSON: {error}");
        Self::document(what, what.check(), url, came, Peer::FEDIVERSE.to_vec())
            .mend("upload it again; the upload was cut off, or something changes it on its way")
    }

    pub(crate) fn document_large(what: What, url: &str, bytes: usize) -> Self {
        let finding =
            Self::document(what, what.check(), url, format!("{bytes} bytes"), vec![Peer::Misskey]);
        finding.mend("make it smaller than 256 kB: a shorter text, fewer fields")
    }

    /// The address, the last address and the id are not one.
    pub(crate) fn document_identity(
        what: What,
        url: &str,
        last: &str,
        id: &str,
        peers: Vec<Peer>,
    ) -> Self {
        let came = match (last == url, id.is_empty()) {
            (_, true) => "a document without an `id`".to_owned(),
            (true, false) => format!("a document whose `id` is `{id}`"),
            (false, false) => format!("a redirect to {last}, where the `id` is `{id}`"),
        };
        Self::document(what, Check::Identity, url, came, peers).mend(
            "the document must be at exactly its `id`, without a redirect: look at `base_url`, \
             at `www.`, and at rules of the host that add or take away a slash or `.json`",
        )
    }

    pub(crate) fn unusable_id(what: What, id: &str, peers: Vec<Peer>) -> Self {
        let came = format!("the `id` is `{id}`");
        Self::document(what, Check::Identity, id, came, peers)
            .mend("an `id` begins with `https://` and has no `#`: look at `base_url`")
    }

    /// A property is missing or cannot be used.
    pub(crate) fn property(
        what: What,
        url: &str,
        problem: impl Into<String>,
        peers: Vec<Peer>,
    ) -> Self {
        Self::document(what, what.check(), url, problem.into(), peers)
            .mend("build the site again with this version of sitegen, and upload it")
    }

    /// A property is not as it should be, but nobody refuses the document for it.
    pub(crate) fn weak_property(
        what: What,
        url: &str,
        problem: impl Into<String>,
        peers: Vec<Peer>,
        sees: &str,
    ) -> Self {
        Self::document(what, what.check(), url, problem.into(), peers)
            .sees(sees)
            .at_most(Severity::Warning)
            .mend("build the site again with this version of sitegen, and upload it")
    }

    /// Not worse than this; what is not broken denies nothing.
    pub(super) fn at_most(self, severity: Severity) -> Self {
        let severity = self.severity.max(severity);
        Self { severity, denies: None, ..self }
    }
}
