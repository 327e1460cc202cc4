//! What an earlier deploy has put on a target, kept on the target itself.
//!
//! It is written before the first file changes and again as the deploy goes on. So whatever
//! interrupts a deploy, the next one knows which files are its own and which of them are certain.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::hash::is_hash;
use crate::limits::DEPLOY_LEDGER_FILES_MAX;
use crate::path::OutputPath;

/// Where it lies on a target. Below a folder that web servers show, unlike others that begin with
/// a dot, and no host takes it out.
pub(crate) const LEDGER_PATH: &str = ".well-known/sitegen/deployed.txt";

/// The first line: the format.
const HEAD: &str = "sitegen deployed 1";

/// What lies on a target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Ledger {
    /// The address of the site, without a slash at the end.
    pub(crate) site: String,
    /// The state of `published.toml`; 0 without one.
    pub(crate) serial: u64,
    pub(crate) state: State,
    /// By path: the SHA-256 of the content in hexadecimal, or nothing while it is uncertain.
    pub(crate) files: BTreeMap<String, Option<String>>,
}

/// How far a deploy has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Done,
    /// One has begun and was, at this time, still going on.
    Going(Going),
}

/// A deploy that goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Going {
    /// The folder of the site it comes from, in a number that says nothing to others.
    pub(crate) from: String,
    /// A number that no other deploy has.
    pub(crate) run: String,
    /// When it last said so.
    pub(crate) at: Timestamp,
}

/// Why a text is no ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unreadable {
    /// It is that of a newer version of the program.
    Newer,
    /// It was not written to its end, or by something else.
    Damaged,
}

impl Ledger {
    pub(crate) fn parse(text: &str) -> Result<Self, Unreadable> {
        let (head, rest) = text.split_once('\n').ok_or(Unreadable::Damaged)?;
        if head != HEAD {
            let is_newer = head.starts_with("sitegen deployed ");
            return Err(if is_newer { Unreadable::Newer } else { Unreadable::Damaged });
        }
        Self::parse_body(rest).ok_or(Unreadable::Damaged)
    }

    fn parse_body(text: &str) -> Option<Self> {
        let (body, count) = text.strip_suffix('\n')?.rsplit_once("\nend ")?;
        let count: usize = count.parse().ok().filter(|count| *count <= DEPLOY_LEDGER_FILES_MAX)?;
        let mut lines = body.split('\n');
        let site = lines.next()?.strip_prefix("site ")?.to_owned();
        let serial = lines.next()?.strip_prefix("serial ")?.parse().ok()?;
        let state = match lines.next()?.strip_prefix("state ")? {
            "done" => State::Done,
            going => {
                let mut parts = going.strip_prefix("going ")?.splitn(3, ' ').map(str::to_owned);
                let (from, run) = (parts.next()?, parts.next()?);
                State::Going(Going { from, run, at: parts.next()?.parse().ok()? })
            }
        };
        let mut files = BTreeMap::new();
        for line in lines {
            let (hash, path) = line.split_once(' ')?;
            // A path that leads out of the target is none that we have written.
            OutputPath::new(path).ok()?;
            let hash = match hash {
                "-" => None,
                hash => Some(is_hash(hash).then(|| hash.to_owned())?),
            };
            files.insert(path.to_owned(), hash);
        }
        (files.len() == count).then_some(Self { site, serial, state, files })
    }

    pub(crate) fn write(&self) -> String {
        let state = match &self.state {
            State::Done => "done".to_owned(),
            State::Going(Going { from, run, at }) => format!("going {from} {run} {at}"),
        };
        let Self { site, serial, files, .. } = self;
        let mut text = format!("{HEAD}\nsite {site}\nserial {serial}\nstate {state}\n");
        for (path, hash) in files {
            text.push_str(&format!("{} {path}\n", hash.as_deref().unwrap_or("-")));
        }
        text.push_str(&format!("end {}\n", files.len()));
        text
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn any_ledger() -> impl Strategy<Value = Ledger> {
        let state = prop_oneof![
            Just(State::Done),
            ("[0-9a-f]{16}", "[0-9a-f]{16}", 0_i64..4_000_000_000).prop_map(
                |(from, run, second)| {
                    State::Going(Going { from, run, at: Timestamp::from_second(second).unwrap() })
                }
            ),
        ];
        let hash = proptest::option::of("[0-9a-f]{64}");
        let files =
            proptest::collection::btree_map("x[a-z]{1,6}(/x[a-zé .]{1,5}x){0,2}", hash, 0..9);
        (any::<u64>(), state, files).prop_map(|(serial, state, files)| Ledger {
            site: "https://party.example".to_owned(),
            serial,
            state,
            files,
        })
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(ledger in any_ledger()) {
            prop_assert_eq!(Ledger::parse(&ledger.write()), Ok(ledger));
        }

        #[test]
        fn one_that_was_cut_is_none(ledger in any_ledger(), cut in 0_usize..400) {
            let text = ledger.write();
            let cut = text.floor_char_boundary(cut);
            if cut < text.len() {
                prop_assert_eq!(Ledger::parse(&text[..cut]), Err(Unreadable::Damaged));
            }
        }
    }

    #[test]
    fn no_path_leads_out_of_the_target() {
        let hash = "0".repeat(64);
        for path in ["../x", "/etc/passwd", "a/../../b", ""] {
            let text = format!(
                "{HEAD}\nsite https://party.example\nserial 1\nstate done\n{hash} {path}\nend 1\n"
            );
            assert_eq!(Ledger::parse(&text), Err(Unreadable::Damaged), "{path}");
        }
    }

    #[test]
    fn a_newer_format_is_told_from_a_damaged_one() {
        assert_eq!(Ledger::parse("sitegen deployed 2\n"), Err(Unreadable::Newer));
        assert_eq!(Ledger::parse("<html>\n"), Err(Unreadable::Damaged));
    }
}
