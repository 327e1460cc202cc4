//! What a deploy will do, from what lies here and what an earlier one has left there.

use std::collections::{BTreeMap, BTreeSet};

use super::ledger::Ledger;
use crate::artifact::Rank;
use crate::path::folders_above;

/// A file of the output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LocalFile {
    pub(crate) path: String,
    pub(crate) rank: Rank,
    /// SHA-256 in hexadecimal.
    pub(crate) hash: String,
    /// In bytes.
    pub(crate) size: u64,
}

/// What has to be done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Plan {
    /// In the order in which they go there: assets, pages, lists, feeds, documents of the
    /// fediverse.
    pub(crate) uploads: Vec<Upload>,
    /// Paths, sorted; after all uploads.
    pub(crate) removals: Vec<String>,
    /// Those of them that go first: a file in whose place a folder comes, or the other way round.
    pub(crate) in_the_way: Vec<String>,
    /// Files that stay as they are.
    pub(crate) unchanged: usize,
}

/// A file that goes there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Upload {
    pub(crate) file: LocalFile,
    /// No earlier deploy has put it there.
    pub(crate) is_new: bool,
}

impl Upload {
    /// The word for what happens to the file.
    pub(crate) fn change(&self) -> &'static str {
        if self.is_new { "add" } else { "change" }
    }
}

/// So many files may be removed without a question, unless a tenth of the site is more.
const MAX_DELETES_DEFAULT: usize = 25;

/// A batch holds files of one rank: so many, or so many bytes. What is interrupted may have to go
/// there again as a whole.
const BATCH_FILES_MAX: usize = 100;
const BATCH_BYTES_MAX: u64 = 16 << 20;

impl Plan {
    /// Compares. Without a ledger, all is new.
    pub(crate) fn new(files: Vec<LocalFile>, there: Option<&Ledger>) -> Self {
        let nothing = BTreeMap::new();
        let there = there.map_or(&nothing, |ledger| &ledger.files);
        let mut plan = Self::default();
        let mut stale = there.clone();
        for file in files {
            let known = there.get(&file.path);
            stale.remove(&file.path);
            if known.and_then(Option::as_ref) == Some(&file.hash) {
                plan.unchanged += 1;
            } else {
                plan.uploads.push(Upload { file, is_new: known.is_none() });
            }
        }
        plan.uploads.sort_by(|a, b| (a.file.rank, &a.file.path).cmp(&(b.file.rank, &b.file.path)));
        let folders: BTreeSet<&str> =
            plan.uploads.iter().flat_map(|upload| folders_above(&upload.file.path)).collect();
        let uploads: BTreeSet<&str> = plan.uploads.iter().map(|u| u.file.path.as_str()).collect();
        let is_in_the_way = |path: &String| {
            folders.contains(path.as_str())
                || folders_above(path).any(|folder| uploads.contains(folder))
        };
        let (in_the_way, removals) = stale.into_keys().partition(is_in_the_way);
        (plan.in_the_way, plan.removals) = (in_the_way, removals);
        plan
    }

    /// Whether there is nothing to do.
    pub(crate) fn is_empty(&self) -> bool {
        self.uploads.is_empty() && self.removed() == 0
    }

    /// How many files are removed.
    pub(crate) fn removed(&self) -> usize {
        self.removals.len() + self.in_the_way.len()
    }

    /// How many bytes go there.
    pub(crate) fn bytes(&self) -> u64 {
        self.uploads.iter().map(|upload| upload.file.size).sum()
    }

    /// Paths that no earlier deploy knows.
    pub(crate) fn new_paths(&self) -> impl Iterator<Item = &str> {
        self.uploads.iter().filter(|upload| upload.is_new).map(|upload| upload.file.path.as_str())
    }

    /// The uploads in parts, each of one rank.
    pub(crate) fn batches(&self) -> Vec<&[Upload]> {
        let mut batches = Vec::new();
        let mut rest = &self.uploads[..];
        while let Some(first) = rest.first() {
            let mut bytes = 0;
            let fits = |upload: &&Upload| {
                // One that is larger than a batch is a batch of its own.
                let is_first = bytes == 0;
                bytes += upload.file.size.max(1);
                upload.file.rank == first.file.rank && (is_first || bytes <= BATCH_BYTES_MAX)
            };
            let length = rest.iter().take(BATCH_FILES_MAX).take_while(fits).count();
            let (batch, others) = rest.split_at(length);
            batches.push(batch);
            rest = others;
        }
        batches
    }

    /// How many removals need no question: `max`, or by default 25 or a tenth of what lies there,
    /// whichever is more.
    pub(crate) fn may_remove(max: Option<usize>, there: usize) -> usize {
        max.unwrap_or_else(|| MAX_DELETES_DEFAULT.max(there / 10))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::deploy::ledger::State;

    fn file(path: &str, rank: Rank, hash: u8) -> LocalFile {
        let hash = format!("{hash:02x}").repeat(32);
        LocalFile { path: path.to_owned(), rank, hash, size: 10 }
    }

    fn ledger(files: &[(&str, Option<u8>)]) -> Ledger {
        let entry = |(path, hash): &(&str, Option<u8>)| {
            ((*path).to_owned(), hash.map(|hash| format!("{hash:02x}").repeat(32)))
        };
        Ledger {
            site: String::new(),
            serial: 0,
            state: State::Done,
            files: files.iter().map(entry).collect(),
        }
    }

    #[test]
    fn only_what_is_new_changed_or_uncertain_goes_there() {
        let there =
            ledger(&[("same", Some(1)), ("changed", Some(1)), ("torn", None), ("old", Some(1))]);
        let files = vec![
            file("same", Rank::Page, 1),
            file("changed", Rank::Page, 2),
            file("torn", Rank::Page, 1),
            file("new", Rank::Page, 1),
        ];
        let plan = Plan::new(files, Some(&there));
        let uploads: Vec<(&str, bool)> =
            plan.uploads.iter().map(|u| (u.file.path.as_str(), u.is_new)).collect();
        assert_eq!(uploads, [("changed", false), ("new", true), ("torn", false)]);
        assert_eq!((plan.removals, plan.unchanged), (vec!["old".to_owned()], 1));
    }

    #[test]
    fn a_file_in_whose_place_a_folder_comes_goes_first() {
        let there = ledger(&[("a", Some(1)), ("b/c/d", Some(1)), ("e", Some(1))]);
        let files = vec![file("a/index.html", Rank::Page, 1), file("b/c", Rank::Page, 1)];
        let plan = Plan::new(files, Some(&there));
        assert_eq!(plan.in_the_way, ["a", "b/c/d"]);
        assert_eq!(plan.removals, ["e"]);
    }

    proptest! {
        #[test]
        fn batches_are_all_uploads_in_the_order_of_ranks(
            sizes in proptest::collection::vec((0_u64..40 << 20, 0_usize..4), 0..60),
        ) {
            let ranks = [Rank::Asset, Rank::Page, Rank::Feed, Rank::Fediverse];
            let files = sizes.iter().enumerate().map(|(n, (size, rank))| {
                LocalFile { size: *size, ..file(&format!("{n}"), ranks[*rank], 1) }
            });
            let plan = Plan::new(files.collect(), None);
            let batches = plan.batches();
            let all: Vec<&Upload> = batches.iter().flat_map(|batch| batch.iter()).collect();
            prop_assert!(all.iter().copied().eq(plan.uploads.iter()));
            prop_assert!(all.is_sorted_by_key(|upload| upload.file.rank));
            for batch in batches {
                prop_assert!(!batch.is_empty());
                let one_rank = batch.iter().all(|u| u.file.rank == batch[0].file.rank);
                let bytes: u64 = batch.iter().map(|u| u.file.size).sum();
                prop_assert!(one_rank && (batch.len() == 1 || bytes <= BATCH_BYTES_MAX));
            }
        }
    }

    #[test]
    fn a_tenth_of_a_large_site_may_go() {
        assert_eq!(Plan::may_remove(None, 100), 25);
        assert_eq!(Plan::may_remove(None, 1000), 100);
        assert_eq!(Plan::may_remove(Some(3), 1000), 3);
    }
}
