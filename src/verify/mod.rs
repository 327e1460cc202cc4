//! Compares a live site with the list of files that its owner has signed, and says what is changed,
//! missing or added.
//!
//! Whoever has the public key can do that from any machine, and needs nothing of the site but its
//! address. First comes the list itself ([`trust`]): whether it is signed with this key, for this
//! site, and not older than one that was seen before ([`seen`]). Then each file is asked for as a
//! visitor would ([`compare`]), some also as other servers do ([`servers`]), and at last what the
//! pages link to although it is not in the list ([`added`]).

mod added;
pub(crate) mod compare;
mod fetch;
pub(crate) mod finding;
mod report;
mod seen;
mod servers;
mod trust;
mod withheld;
mod words;

#[cfg(test)]
mod tests;

use std::time::Duration;

use jiff::Timestamp;

pub(crate) use report::Verdict;
pub(crate) use seen::Seen;

use compare::Wanted;
use fetch::Fetcher;
use finding::Finding;

use crate::doctor::ask::Ask;
use crate::key::minisign::PublicKey;
use crate::manifest::{File, Manifest};

/// What is asked, and how.
pub(crate) struct Means<'a> {
    /// The internet.
    pub(crate) ask: &'a (dyn Ask + Sync),
    /// Lets time go by before something is asked again.
    pub(crate) wait: &'a (dyn Fn(Duration) + Sync),
    /// Is told how many files have been asked for, and of how many.
    pub(crate) progress: &'a (dyn Fn(usize, usize) + Sync),
}

/// What is to be verified.
#[derive(Clone)]
pub(crate) struct Subject {
    /// The address of the site, without a slash at its end.
    pub(crate) base_url: String,
    pub(crate) key: PublicKey,
    /// Ask for so many files only.
    pub(crate) sample: Option<usize>,
    /// A number that nobody knows before: it chooses them, and names that cannot be there.
    pub(crate) chance: u64,
    /// Paths below which others may put what they like.
    pub(crate) except: Vec<String>,
    /// The newest list that was seen before.
    pub(crate) seen: Option<Seen>,
    /// The state of the site in the folder where it is made, when that is here.
    pub(crate) own_serial: Option<u64>,
    /// A list from before this moment is too old.
    pub(crate) not_before: Option<Timestamp>,
}

/// What came of it.
#[derive(Debug)]
pub(crate) struct Verification {
    pub(crate) base_url: String,
    pub(crate) key: PublicKey,
    /// The worst first.
    pub(crate) findings: Vec<Finding>,
    /// The list, when it is one of this key for this site.
    pub(crate) manifest: Option<Manifest>,
    /// How many files were asked for.
    pub(crate) asked: usize,
    /// How many were as signed.
    pub(crate) same: usize,
    /// How many are there for the host only, and no visitor can ask for them.
    pub(crate) for_host: usize,
    /// What is to be remembered, when the list is the newest.
    pub(crate) seen: Option<Seen>,
}

/// Compares a site with what was signed. When something differs and there is another list by then,
/// the site has just been published, and all is done once more.
pub(crate) fn verify(means: &Means<'_>, subject: &Subject) -> Verification {
    let first = verify_once(means, subject);
    let differs = first.findings.iter().any(|finding| finding.check.is_of_file());
    if let (true, Some(before)) = (differs, &first.seen) {
        let fetcher = Fetcher::new(means, &subject.base_url, subject.chance);
        let again = trust::trust(&fetcher, subject);
        if let Some(newer) = again.seen.filter(|now| now.is_newer_than(before)) {
            // From now on, the first list is an old one.
            let subject = Subject { seen: Some(newer), ..subject.clone() };
            let second = verify_once(means, &subject);
            return Verification { seen: second.seen.or(subject.seen), ..second };
        }
    }
    first
}

fn verify_once(means: &Means<'_>, subject: &Subject) -> Verification {
    let fetcher = Fetcher::new(means, &subject.base_url, subject.chance);
    let trust::Trusted { manifest, seen, mut findings } = trust::trust(&fetcher, subject);
    let (mut asked, mut same, mut for_host) = (0, 0, 0);
    if let Some(manifest) = &manifest {
        let files = sample(&fetcher, &manifest.files, subject.sample);
        let wanted: Vec<Wanted> = files.iter().copied().map(Wanted::from).collect();
        let listed = compare::Listed::new(&manifest.files);
        let mut outcome = compare::compare_all(&fetcher, &listed, &wanted);
        withheld::ask_again(&fetcher, &listed, &wanted, &mut outcome);
        (asked, same, for_host) = (outcome.asked, outcome.same, outcome.for_host);
        findings.extend(outcome.findings);
        let is_fine = |file: &&File| {
            !findings.iter().any(|it| it.path.as_deref() == Some(file.path.as_str()))
        };
        let fine: Vec<&File> = files.into_iter().filter(is_fine).collect();
        findings.extend(servers::names(&fetcher, &listed));
        findings.extend(servers::pages(&fetcher, &listed, &fine));
        findings.extend(added::added(&fetcher, &listed, &outcome.links, &subject.except));
    }
    finding::sort(&mut findings);
    Verification {
        base_url: subject.base_url.clone(),
        key: subject.key,
        findings,
        manifest,
        asked,
        same,
        for_host,
        seen,
    }
}

/// Some of the files: the front page, and others by chance.
fn sample<'f>(fetcher: &Fetcher<'_>, files: &'f [File], wanted: Option<usize>) -> Vec<&'f File> {
    let mut files: Vec<&File> = files.iter().collect();
    let Some(count) = wanted else { return files };
    files.sort_by_cached_key(|file| {
        let path = file.path.as_str();
        (path != "index.html", fetcher.chance(path))
    });
    files.truncate(count.max(1));
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files
}
