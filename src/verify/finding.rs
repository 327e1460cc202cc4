//! What can be found out about a site, in words that say what to do.

use super::fetch::Content;
use super::words;
use crate::doctor::ask::AskError;

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Severity {
    /// Something is not as signed.
    Alarm,
    /// It could not be looked at.
    Unknown,
    /// Nothing is wrong; whoever asks should know.
    Note,
}

impl Severity {
    /// `alarm`, `unknown`, `note`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Alarm => "alarm",
            Self::Unknown => "unknown",
            Self::Note => "note",
        }
    }
}

/// What was looked at and how it was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Check {
    /// The list, or its signature, is not there.
    NoManifest,
    /// The list or its signature is no such thing.
    Damaged,
    /// It is not signed with the key, or not as it is.
    Signature,
    /// It is the list of another site.
    OtherSite,
    /// There was a newer one before.
    Older,
    /// It is older than whoever asks wants it to be.
    Stale,
    /// Its owner has a newer state.
    Behind,
    /// There was another one of the same moment.
    TwoLists,
    /// A file is another one.
    Changed,
    /// A file is not there.
    Missing,
    /// Something is there that is not in the list.
    Added,
    /// A file has another type than it should.
    Type,
    /// It comes with a header by which browsers show something else.
    Header,
    /// A file could not be compared, by how the host answers.
    NotComparable,
    /// The host does not say what is not there.
    AnswersAll,
    /// There were too many addresses to ask for them all.
    NotAll,
    /// There was no answer.
    NotAsked,
    /// There was none each time, and there were answers for the rest.
    Withheld,
}

impl Check {
    /// The name of it, for people and programs.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::NoManifest => "no-manifest",
            Self::Damaged => "damaged",
            Self::Signature => "signature",
            Self::OtherSite => "other-site",
            Self::Older => "older",
            Self::Stale => "stale",
            Self::Behind => "behind",
            Self::TwoLists => "two-lists",
            Self::Changed => "changed",
            Self::Missing => "missing",
            Self::Added => "added",
            Self::Type => "type",
            Self::Header => "header",
            Self::NotComparable => "not-comparable",
            Self::AnswersAll => "answers-all",
            Self::NotAll => "not-all",
            Self::NotAsked => "not-asked",
            Self::Withheld => "withheld",
        }
    }

    /// Whether it is about a file, and may only have been found because the site was published just
    /// then.
    pub(super) fn is_of_file(self) -> bool {
        matches!(self, Self::Changed | Self::Missing | Self::Added)
    }
}

/// Something that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    pub(crate) severity: Severity,
    pub(crate) check: Check,
    /// What was asked for.
    pub(crate) url: String,
    /// The file in the list that it is about.
    pub(crate) path: Option<String>,
    /// What was found, in one sentence without a full stop.
    pub(crate) message: String,
    /// What was signed.
    pub(crate) expected: Option<Content>,
    /// What came.
    pub(crate) found: Option<Content>,
    /// What to do; empty when there is nothing to do.
    pub(crate) help: String,
    /// There was no answer, and it would be an alarm if the host has one for everything else.
    pub(super) may_be_withheld: bool,
}

impl Finding {
    pub(super) fn new(
        severity: Severity,
        check: Check,
        url: &str,
        message: impl Into<String>,
    ) -> Self {
        Self {
            severity,
            check,
            url: url.to_owned(),
            path: None,
            message: message.into(),
            expected: None,
            found: None,
            help: String::new(),
            may_be_withheld: false,
        }
    }

    pub(super) fn alarm(check: Check, url: &str, message: impl Into<String>) -> Self {
        Self::new(Severity::Alarm, check, url, message)
    }

    pub(super) fn note(check: Check, url: &str, message: impl Into<String>) -> Self {
        Self::new(Severity::Note, check, url, message)
    }

    /// There was no answer.
    pub(super) fn not_asked(url: &str, error: &AskError) -> Self {
        let help = match error {
            AskError::NoSuchName(_) => "look whether the address is written as it should be",
            AskError::Private(_) => "`--allow-address` allows it, for a site of your own network",
            AskError::Tls(_) => {
                "do not take what this server says for the site; ask its owner whether the \
                 certificate is known to be broken"
            }
            AskError::Enough => "too many questions before had no answer",
            _ => "ask again later, or from another network",
        };
        let may_be_withheld =
            matches!(error, AskError::Refused | AskError::TimeOut | AskError::Other(_));
        let finding = Self::new(Severity::Unknown, Check::NotAsked, url, error.to_string());
        Self { may_be_withheld, ..finding.help(help) }
    }

    /// The host has no answer for this, and answers otherwise.
    pub(super) fn withheld(self) -> Self {
        let message = format!("this is kept back, while the host shows the rest: {}", self.message);
        let (severity, check, may_be_withheld) = (Severity::Alarm, Check::Withheld, false);
        Self { severity, check, message, may_be_withheld, ..self }.help(words::WITHHELD)
    }

    /// Whether people see it who did not ask for all.
    pub(super) fn is_told(&self) -> bool {
        self.severity != Severity::Note || matches!(self.check, Check::AnswersAll | Check::NotAll)
    }

    /// The host has answered that it cannot answer.
    pub(super) fn host_failed(url: &str, status: u16) -> Self {
        let message = format!("the host answers {status}: it cannot answer now");
        let finding = Self::new(Severity::Unknown, Check::NotAsked, url, message);
        Self { may_be_withheld: true, ..finding.help("ask again later") }
    }

    pub(super) fn of(mut self, path: &str) -> Self {
        self.path = Some(path.to_owned());
        self
    }

    pub(super) fn contents(mut self, expected: Content, found: Option<Content>) -> Self {
        self.expected = Some(expected);
        self.found = found;
        self
    }

    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = help.into();
        self
    }
}

/// Sorts what matters most first, then by what it is and where.
pub(super) fn sort(findings: &mut [Finding]) {
    findings.sort_by(|a, b| {
        (a.severity, a.check, &a.path, &a.url).cmp(&(b.severity, b.check, &b.path, &b.url))
    });
}

/// Whether a host says by a status that it cannot answer now.
pub(super) fn is_failure(status: u16) -> bool {
    status >= 500 || status == 429
}
