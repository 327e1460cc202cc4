//! Findings about names: `WebFinger`, and Bluesky's handle.

use super::{Check, Finding};
use crate::doctor::peers::{Ability, Peer};

/// Why a name is not found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum NameProblem {
    /// No answer, for a reason.
    NoAnswer(String),
    /// Another status than 200.
    Status(u16),
    /// A page instead of an answer.
    Page,
    /// A type that is refused.
    Type(String),
    /// No whole JSON.
    CutOff(String),
    /// Larger than Misskey takes.
    Large(usize),
    /// The answer is about somebody else.
    Subject(String),
    /// The answer does not lead to the actor.
    Actor(Option<String>),
}

impl Finding {
    pub(crate) fn name_not_found(
        url: &str,
        handle: &str,
        peers: Vec<Peer>,
        problem: &NameProblem,
    ) -> Self {
        let (came, mend) = match problem {
            NameProblem::NoAnswer(error) => {
                (error.clone(), "let the host answer `/.well-known/webfinger`")
            }
            NameProblem::Status(410) => (
                "the status 410".to_owned(),
                "never answer 410 here: Mastodon deletes the account on every server that asks",
            ),
            NameProblem::Status(404) => (
                "the status 404".to_owned(),
                "upload the folder `.well-known` too: many programs leave out what begins with a \
                 dot",
            ),
            NameProblem::Status(status) => (
                format!("the status {status}"),
                "let everybody read `/.well-known/webfinger`: no password, no test for robots, \
                 no redirect to another place",
            ),
            NameProblem::Page => (
                "a page instead of an answer".to_owned(),
                "upload the folder `.well-known` too, and let the host not answer with the home \
                 page what it does not have",
            ),
            NameProblem::Type(found) => (
                format!("the type `{found}`"),
                "let the host send `/.well-known/webfinger` as `application/jrd+json`",
            ),
            NameProblem::CutOff(error) => (
                format!("what is no whole JSON: {error}"),
                "upload `.well-known/webfinger` again; the upload was cut off or changed it",
            ),
            NameProblem::Large(bytes) => {
                (format!("{bytes} bytes"), "shorten the answer to less than 256 kB")
            }
            NameProblem::Subject(found) => (
                format!("the answer is about `{found}`"),
                "each name needs its own answer: the host must choose by `?resource=`; one that \
                 cannot carries one actor only",
            ),
            NameProblem::Actor(found) => (
                found.as_ref().map_or("no link to an actor".to_owned(), |found| {
                    format!("a link to `{found}`, which is not the id of the actor")
                }),
                "build and upload the site again, so that the answer and the actor fit together",
            ),
        };
        Self::broken(Check::WebFinger, url, came)
            .refused_by(peers)
            .denies(Ability::Finds)
            .sees(format!("a search for @{handle} finds nothing"))
            .mend(mend)
    }

    pub(crate) fn any_name_found(url: &str, subject: &str, can_choose: bool) -> Self {
        let came = format!("the answer for `{subject}`, though nobody has the name that was asked");
        let finding = if can_choose {
            Self::warning(Check::WebFinger, url, came)
        } else {
            Self::note(Check::WebFinger, url, came)
        };
        finding
            .refused_by([Peer::Mastodon, Peer::Misskey])
            .sees("any name at this domain leads to the one account; no harm with one actor")
            .mend("let the host choose the answer by `?resource=`, and answer 404 for others")
    }

    pub(crate) fn bluesky_missing(url: &str, came: String) -> Self {
        Self::bluesky(url, came, "upload the folder `.well-known` too, with `atproto-did` in it")
    }

    pub(crate) fn bluesky_redirect(url: &str, target: &str) -> Self {
        let came = format!("a redirect to {target}");
        Self::bluesky(url, came, "let the host answer at once: a redirect does not count here")
    }

    pub(crate) fn bluesky_wrong(url: &str, found: &str, expected: Option<&str>) -> Self {
        let short: String = found.chars().take(80).collect();
        let mend = match expected {
            Some(did) => format!("the first line must be `{did}` and nothing else"),
            None => "the first line must be the DID (`did:plc:…`) and nothing else".to_owned(),
        };
        Self::bluesky(url, format!("the first line is `{short}`"), mend)
    }

    fn bluesky(url: &str, came: String, mend: impl Into<String>) -> Self {
        Self::broken(Check::Bluesky, url, came)
            .refused_by([Peer::Bluesky])
            .denies(Ability::Finds)
            .sees("the account shows “Invalid handle” instead of the name of the domain")
            .mend(mend)
    }
}
