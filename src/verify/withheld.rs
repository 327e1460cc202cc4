//! Files that have no answer while all others have one.
//!
//! A host that is away for a while is no alarm. But one that shows everything except one page, each
//! time, keeps that page from people, whatever reason it gives.

use std::collections::BTreeSet;
use std::time::Duration;

use super::compare::{Listed, Outcome, Wanted, compare_all};
use super::fetch::{Fetcher, Limits};
use super::finding::{Check, Finding};
use crate::limits::MANIFEST_BYTES_MAX;
use crate::manifest;

/// How often they are asked for once more, and how long to wait before.
const ROUNDS: usize = 2;
pub(super) const PAUSE: Duration = Duration::from_secs(30);

/// So many of them are asked for once more.
const FILES_MAX: usize = 8;

/// Asks again for files that had no answer, when most others had one. What still has none is an
/// alarm, as long as the host answers otherwise.
pub(super) fn ask_again(
    fetcher: &Fetcher<'_>,
    listed: &Listed,
    files: &[Wanted],
    outcome: &mut Outcome,
) {
    let may_be = |finding: &&Finding| finding.may_be_withheld;
    let silent = outcome.findings.iter().filter(|it| it.check == Check::NotAsked).count();
    if silent * 2 > outcome.asked {
        return;
    }
    let paths = outcome.findings.iter().filter(may_be).filter_map(|it| it.path.clone());
    let mut paths: BTreeSet<String> = paths.take(FILES_MAX).collect();
    if paths.is_empty() {
        return;
    }
    let fetcher = fetcher.afresh();
    for round in 1..=ROUNDS {
        fetcher.wait(PAUSE);
        if !answers(&fetcher) {
            return;
        }
        let wanted = files.iter().filter(|it| paths.contains(it.path.as_str()));
        let wanted: Vec<Wanted> = wanted.cloned().collect();
        let again = compare_all(&fetcher, listed, &wanted);
        outcome.findings.retain(|it| !it.path.as_ref().is_some_and(|path| paths.contains(path)));
        let still = again.findings.iter().filter(may_be).filter_map(|it| it.path.clone());
        paths = still.collect();
        let judged = |it: Finding| {
            if it.may_be_withheld && round == ROUNDS { it.withheld() } else { it }
        };
        outcome.findings.extend(again.findings.into_iter().map(judged));
        outcome.same += again.same;
        outcome.links.extend(again.links);
        if paths.is_empty() {
            return;
        }
    }
}

/// Whether the host answers, in this moment.
fn answers(fetcher: &Fetcher<'_>) -> bool {
    let list = fetcher.fetch(&fetcher.url(manifest::PATH), Limits::whole(MANIFEST_BYTES_MAX));
    list.is_ok_and(|list| list.status == 200)
}

/// Whether a host has no answer for the list itself or its signature, and shows the front page.
/// `failed` is what was found when it was asked for.
pub(super) fn is_list_withheld(fetcher: &Fetcher<'_>, failed: &Finding) -> bool {
    let is_shown = || {
        let front = fetcher.follow(fetcher.base(), Limits::compared(u64::from(u32::MAX)));
        front.is_ok_and(|front| front.fetched.status == 200)
    };
    failed.may_be_withheld && is_shown()
}
