//! Why a site was not deployed.

use std::fmt;

use jiff::Timestamp;

use super::trouble::Trouble;

/// Why a site was not deployed, or not to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum DeployError {
    /// The target could not be asked or changed.
    Trouble(Trouble),
    /// Things lie there that no deploy has put there, and no ledger; some of their names.
    NotOurs(Vec<String>),
    /// These new files would overwrite others that no deploy has put there.
    Contested(Vec<String>),
    /// It is the place of another site.
    OtherSite(String),
    /// What lies there was made from a newer state of `published.toml`.
    Older {
        /// Its serial.
        there: u64,
        /// The serial here.
        here: u64,
    },
    /// These files would be again as they were before a deploy from elsewhere.
    Undone(Vec<String>),
    /// Another deploy was going on at this time.
    Going(Timestamp),
    /// The ledger there is damaged.
    Unreadable,
    /// The ledger there is from a newer program.
    Newer,
    /// More files would go than may, without a question: how many, and how many may.
    TooManyRemovals(usize, usize),
    /// The program of the user has failed: which, and how.
    Command(String, String),
}

impl From<Trouble> for DeployError {
    fn from(trouble: Trouble) -> Self {
        Self::Trouble(trouble)
    }
}

/// So many names stand in a message.
const NAMES_MAX: usize = 5;

/// Some names as they stand in a message, the first of them.
pub(crate) fn names(names: &[String]) -> String {
    let shown = names.iter().take(NAMES_MAX).cloned().collect::<Vec<_>>().join(", ");
    let more = names.len().saturating_sub(NAMES_MAX);
    if more == 0 { shown } else { format!("{shown} and {more} more") }
}

impl fmt::Display for DeployError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Trouble(trouble) => trouble.fmt(f),
            Self::NotOurs(found) => {
                write!(f, "the target is not empty, and not from sitegen: {}", names(found))
            }
            Self::Contested(found) => {
                write!(f, "others have put files there that would be overwritten: {}", names(found))
            }
            Self::OtherSite(site) => write!(f, "the target is the place of another site, {site}"),
            Self::Older { there, here } => write!(
                f,
                "the target has a newer state of the site than this folder (serial {there} there, \
                 {here} here)"
            ),
            Self::Undone(paths) => {
                write!(f, "this would undo what was deployed from elsewhere: {}", names(paths))
            }
            Self::Going(at) => {
                write!(f, "another deploy is going on there; it was last heard of at {at:.0}")
            }
            Self::Unreadable => {
                write!(f, "{} on the target is damaged", super::LEDGER_PATH)
            }
            Self::Newer => f.write_str("a newer version of sitegen has deployed there"),
            Self::TooManyRemovals(count, max) => {
                write!(f, "{count} files would be removed, which is more than {max}")
            }
            Self::Command(run, how) => write!(f, "`{run}` has failed ({how})"),
        }
    }
}

impl std::error::Error for DeployError {}

impl DeployError {
    /// What to do.
    pub(crate) fn help(&self) -> String {
        match self {
            Self::Trouble(trouble) => trouble.help(),
            Self::NotOurs(_) => {
                "look at `to` in site.toml. If it is right, `--take-over` puts the \
                 site there: files of the same name are overwritten, all others stay"
                    .to_owned()
            }
            Self::Contested(_) => "rename the pages here or the files there; `--take-over` \
                 overwrites the files there"
                .to_owned(),
            Self::OtherSite(_) => {
                "look at `to` and `base_url` in site.toml. If the site has moved to a new \
                 address, `--take-over` says so: files of the same name are overwritten, all \
                 others stay, also old pages of yours"
                    .to_owned()
            }
            Self::Older { .. } => "get the newest texts and published.toml first, such as by `git \
                 pull`; `--force` brings the older state back"
                .to_owned(),
            Self::Undone(_) => {
                "get the texts of whoever has deployed last, such as by `git pull`, \
                 and deploy again; `--force` brings the state of this folder there all the same"
                    .to_owned()
            }
            Self::Going(_) => "wait until it is done. If it was interrupted, deploy from that \
                 machine again, in an hour from any, or with `--force` now"
                .to_owned(),
            Self::Unreadable => "without it nobody knows which files there are from a deploy: \
                 delete it, and deploy with `--take-over`, which overwrites and removes nothing \
                 else"
                .to_owned(),
            Self::Newer => "update sitegen on this machine".to_owned(),
            Self::Command(..) => "what it says itself stands above".to_owned(),
            Self::TooManyRemovals(count, _) => format!(
                "`sitegen deploy --dry-run` names them. If they are to go, `--max-deletes {count}` \
                 lets them"
            ),
        }
    }
}
