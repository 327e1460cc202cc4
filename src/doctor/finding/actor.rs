//! Findings about a profile: its key, its pictures, its inbox, its links.

use super::{Check, Finding, Severity};
use crate::doctor::peers::{Ability, Peer};

/// A picture of a profile or a post.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Picture {
    Icon,
    Header,
    Attachment,
}

/// Why a picture is not shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PictureProblem {
    /// The profile has none.
    None,
    /// It could not be fetched.
    Unreachable(String),
    /// It is none of the kinds that are shown; its kind, when it is known.
    Kind(Option<&'static str>),
    /// It is larger than is fetched, in bytes.
    Large(usize),
}

impl Finding {
    pub(crate) fn picture(url: &str, picture: Picture, problem: &PictureProblem) -> Self {
        let (name, kinds) = match picture {
            Picture::Icon => ("icon", "JPEG, PNG, GIF or WebP"),
            Picture::Header => ("header", "JPEG, PNG, GIF or WebP"),
            Picture::Attachment => ("picture", "JPEG, PNG, GIF, WebP, HEIC or AVIF"),
        };
        let (came, mend) = match problem {
            PictureProblem::None => {
                (format!("no {name}"), format!("name a picture with `{name}` for this actor"))
            }
            PictureProblem::Unreachable(why) => {
                (why.clone(), format!("upload the file of the {name} too"))
            }
            PictureProblem::Kind(kind) => (
                format!("a file of the kind {}", kind.unwrap_or("unknown")),
                format!("take a file of the kind {kinds}"),
            ),
            PictureProblem::Large(most) => (
                format!("more than {} MB", most >> 20),
                format!("make the {name} smaller; 400 × 400 points are enough for an icon"),
            ),
        };
        let sees = match picture {
            Picture::Icon => "the profile and every post have a grey figure instead of a picture",
            Picture::Header => "the profile has no picture at its top",
            Picture::Attachment => "the post has no picture",
        };
        // A face that the profile promises is there; other pictures can wait.
        let promised =
            matches!((picture, problem), (Picture::Icon, PictureProblem::Unreachable(_)));
        let severity = if promised { Severity::Broken } else { Severity::Warning };
        Self::new(severity, Check::Picture, url, came)
            .refused_by([Peer::Mastodon, Peer::GoToSocial])
            .sees(sees)
            .mend(mend)
    }

    /// The key in the profile cannot be used.
    pub(crate) fn key_unusable(url: &str, problem: &str, peers: Vec<Peer>) -> Self {
        Self::broken(Check::Key, url, problem)
            .refused_by(peers)
            .denies(Ability::Reads)
            .sees("the profile does not open, or nothing that the actor sends is believed")
            .mend("build the site again with the key in `keys/`, and upload it")
    }

    /// The key in the profile is not the one of the site.
    pub(crate) fn key_differs(url: &str, what: &str) -> Self {
        Self::broken(Check::Key, url, what)
            .refused_by(Peer::FEDIVERSE)
            .denies(Ability::Follows)
            .sees("posts and answers to follows are refused, though the profile looks right")
            .mend(
                "build and upload the site again; is the key in `keys/` the wrong one, get the \
                 right pair from your backup before anything is sent: a new key loses followers",
            )
    }

    /// The site shows the old key of two.
    pub(crate) fn key_is_to_change(url: &str) -> Self {
        Self::note(Check::Key, url, "the key in use; a new one waits until the site shows it")
            .sees("nothing: both keys are here")
            .mend(
                "build the site and upload it; `sitegen key rotate USER --cancel` keeps the old \
                 key",
            )
    }

    /// The site shows the new key of two.
    pub(crate) fn key_changes(url: &str) -> Self {
        Self::note(Check::Key, url, "the new key, to which the post office goes over by itself")
            .sees("nothing: followers are told of it with the old key, which is here as well")
            .mend(
                "nothing; if the post office is on another machine and has gone over, run \
                 `sitegen key rotate USER --finish` here",
            )
    }

    pub(crate) fn inbox_missing(url: &str, status: u16, promised: bool) -> Self {
        let finding = if promised {
            Self::broken(Check::Inbox, url, format!("the status {status}"))
        } else {
            Self::note(Check::Inbox, url, format!("the status {status}: there is no inbox"))
        };
        let mend = if promised {
            "start the post office, and let the web server pass `/ap/*/inbox` on to it"
        } else {
            "nothing, when the site shall be read only; else run a post office and set \
             `post_office` in site.toml"
        };
        finding
            .posted()
            .refused_by(Peer::FEDIVERSE)
            .denies(Ability::Follows)
            .sees("who presses Follow sees “requested” for ever")
            .mend(mend)
    }

    pub(crate) fn inbox_broken(url: &str, came: String, sees: &str) -> Self {
        Self::broken(Check::Inbox, url, came)
            .posted()
            .refused_by(Peer::FEDIVERSE)
            .denies(Ability::Follows)
            .sees(sees)
            .mend("see whether the post office runs, and what its log and the web server's say")
    }

    /// It took something that it should not; `what` says what.
    pub(crate) fn inbox_believes_all(url: &str, status: u16, what: &str) -> Self {
        Self::warning(Check::Inbox, url, format!("the status {status} for {what}"))
            .posted()
            .sees("nothing; but strangers may be able to speak in the name of others")
            .mend("see that what answers there is sitegen's post office, of this version")
    }

    pub(crate) fn inbox_shows_itself(url: &str, came: String) -> Self {
        Self::warning(Check::Inbox, url, came)
            .sees("anybody can read what others send, or sees a page where none should be")
            .mend("let the web server pass `/ap/*/inbox` on to the post office only")
    }

    pub(crate) fn inbox_hears_other_host(url: &str) -> Self {
        let came = "the post office takes what is sent here for something that is sent elsewhere";
        Self::broken(Check::Inbox, url, came)
            .posted()
            .refused_by(Peer::FEDIVERSE)
            .denies(Ability::Follows)
            .sees("follows are refused, whoever sends them")
            .mend(
                "let the web server tell the post office which host was asked for, as `sitegen \
                 host show` has it; with nginx, by `proxy_set_header Host $http_host`",
            )
    }

    pub(crate) fn inbox_clock_off(url: &str, seconds: i64) -> Self {
        let minutes = seconds.abs() / 60;
        let way = if seconds > 0 { "ahead" } else { "behind" };
        let came = format!("the clock of the post office is {minutes} minutes {way} of this one");
        Self::warning(Check::Clock, url, came)
            .posted()
            .refused_by([Peer::Misskey])
            .sees(
                "from five minutes on posts do not arrive at Misskey; from an hour on at hardly \
                 any server, and the post office refuses whoever wants to follow",
            )
            .mend("see which of the two is wrong, and let it set its clock by the network (NTP)")
    }

    pub(crate) fn inbox_takes_large(url: &str, status: u16, kilobytes: usize) -> Self {
        let came = format!("the status {status} for {kilobytes} kB, instead of 413");
        Self::warning(Check::Inbox, url, came)
            .posted()
            .sees(
                "nothing; but strangers can make the server read, and perhaps keep, what they like",
            )
            .mend("see that what answers there is sitegen's post office, of this version")
    }

    fn posted(self) -> Self {
        Self { asked: self.asked.replacen("GET ", "POST ", 1), ..self }
    }

    pub(crate) fn follow_stays_pending(url: &str) -> Self {
        let came = "`manuallyApprovesFollowers` is false, but there is no inbox that answers";
        Self::warning(Check::Actor, url, came)
            .refused_by(Peer::FEDIVERSE)
            .sees("people expect to follow at once, and wait for ever")
            .mend("run a post office, or build the site without `post_office`")
    }

    /// A link of the profile does not lead back.
    pub(crate) fn not_verified(url: &str, name: &str, came: impl Into<String>, ours: bool) -> Self {
        let came = came.into();
        let finding = if ours {
            Self::warning(Check::Me, url, came)
        } else {
            Self::note(Check::Me, url, came)
        };
        finding
            .refused_by([Peer::Mastodon])
            .sees(format!("the field “{name}” has no green tick"))
            .mend("the page must have a link with `rel=\"me\"` to the `url` of the profile")
    }

    pub(crate) fn not_confirmed(url: &str, came: impl Into<String>) -> Self {
        Self::note(Check::Me, url, came)
            .refused_by([Peer::Mastodon])
            .sees("the account there does not show that this site is its own")
            .mend("put the address of this site among the links of the account there")
    }
}
