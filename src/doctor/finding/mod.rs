//! What was found: what was asked, what came, who refuses it, what a person sees, how to mend it.
//!
//! Findings are made only by the constructors in this folder, so that the words for people stand
//! in one place. They are plain: whoever reads them is no administrator.

mod actor;
mod documents;
mod feeds;
mod names;
mod office;
mod posts;
mod website;

pub(crate) use actor::{Picture, PictureProblem};
pub(crate) use documents::What;
pub(crate) use names::NameProblem;

use super::peers::{Ability, Peer};

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Severity {
    /// What the site promises does not work.
    Broken,
    /// It works, but not as well as it could.
    Warning,
    /// Good to know.
    Note,
    /// All is well.
    Fine,
}

impl Severity {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Broken => "broken",
            Self::Warning => "warning",
            Self::Note => "note",
            Self::Fine => "fine",
        }
    }
}

/// What was looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Check {
    Website,
    /// The state of the live site against that of the output.
    Deployed,
    Https,
    NotFound,
    Headers,
    Clock,
    Feed,
    NodeInfo,
    Bluesky,
    WebFinger,
    /// The `Content-Type` of a document.
    Type,
    /// The address of a document against its id.
    Identity,
    Actor,
    Key,
    Picture,
    Collection,
    Post,
    /// From a page to its document.
    Alternate,
    /// `rel="me"`, both ways.
    Me,
    Inbox,
    /// The post office in this folder.
    Office,
}

impl Check {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Website => "website",
            Self::Deployed => "deployed",
            Self::Https => "https",
            Self::NotFound => "not-found",
            Self::Headers => "headers",
            Self::Clock => "clock",
            Self::Feed => "feed",
            Self::NodeInfo => "nodeinfo",
            Self::Bluesky => "bluesky",
            Self::WebFinger => "webfinger",
            Self::Type => "content-type",
            Self::Identity => "identity",
            Self::Actor => "actor",
            Self::Key => "key",
            Self::Picture => "picture",
            Self::Collection => "collection",
            Self::Post => "post",
            Self::Alternate => "alternate",
            Self::Me => "rel-me",
            Self::Inbox => "inbox",
            Self::Office => "post-office",
        }
    }
}

/// Something that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    pub(crate) severity: Severity,
    pub(crate) check: Check,
    /// The user name of the actor that it is about.
    pub(crate) actor: Option<String>,
    /// `GET https://party.example/`.
    pub(crate) asked: String,
    pub(crate) came: String,
    pub(crate) refused_by: Vec<Peer>,
    /// What those who refuse it cannot do because of it.
    pub(crate) denies: Option<Ability>,
    /// What a person will see there.
    pub(crate) sees: String,
    pub(crate) mend: String,
}

impl Finding {
    /// A finding without consequences; `url` was asked with GET.
    fn new(severity: Severity, check: Check, url: &str, came: impl Into<String>) -> Self {
        Self {
            severity,
            check,
            actor: None,
            asked: format!("GET {url}"),
            came: came.into(),
            refused_by: Vec::new(),
            denies: None,
            sees: String::new(),
            mend: String::new(),
        }
    }

    fn broken(check: Check, url: &str, came: impl Into<String>) -> Self {
        Self::new(Severity::Broken, check, url, came)
    }

    fn warning(check: Check, url: &str, came: impl Into<String>) -> Self {
        Self::new(Severity::Warning, check, url, came)
    }

    fn note(check: Check, url: &str, came: impl Into<String>) -> Self {
        Self::new(Severity::Note, check, url, came)
    }

    /// All is well.
    pub(crate) fn fine(check: Check, url: &str, came: impl Into<String>) -> Self {
        Self::new(Severity::Fine, check, url, came)
    }

    fn refused_by(self, peers: impl Into<Vec<Peer>>) -> Self {
        Self { refused_by: peers.into(), ..self }
    }

    fn denies(self, ability: Ability) -> Self {
        Self { denies: Some(ability), ..self }
    }

    fn sees(self, sees: impl Into<String>) -> Self {
        Self { sees: sees.into(), ..self }
    }

    fn mend(self, mend: impl Into<String>) -> Self {
        Self { mend: mend.into(), ..self }
    }
}
