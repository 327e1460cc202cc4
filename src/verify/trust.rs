//! The list itself: whether it is there, signed with the right key, for this site, and the newest.

use super::fetch::{Fetcher, Limits};
use super::finding::{Check, Finding, Severity, is_failure};
use super::withheld::{PAUSE, is_list_withheld};
use super::{Seen, Subject, words};
use crate::key::minisign::{self, PublicKey, Refusal, Signature};
use crate::limits::MANIFEST_BYTES_MAX;
use crate::manifest::{self, Manifest, ManifestProblem};

/// What came of it.
pub(super) struct Trusted {
    /// The list, when it is signed with the key, for this site.
    pub(super) manifest: Option<Manifest>,
    /// What is to be remembered, when it is the newest.
    pub(super) seen: Option<Seen>,
    pub(super) findings: Vec<Finding>,
}

/// Fetches the list and its signature, and looks whether they can be believed.
pub(super) fn trust(fetcher: &Fetcher<'_>, subject: &Subject) -> Trusted {
    let mut read_now = read(fetcher, subject);
    if let Err(failed) = &read_now
        && is_list_withheld(fetcher, failed)
    {
        fetcher.wait(PAUSE);
        read_now = read(fetcher, subject);
        if let Err(again) = &mut read_now
            && is_list_withheld(fetcher, again)
        {
            **again = again.as_ref().clone().withheld();
        }
    }
    match read_now {
        Err(finding) => Trusted { manifest: None, seen: None, findings: vec![*finding] },
        Ok((manifest, text)) => {
            let now = Seen::of(subject.key, &manifest, &text);
            let url = fetcher.url(manifest::PATH);
            let problem = subject.seen.as_ref().and_then(|before| before.judge(&now, &url));
            let seen = problem.is_none().then_some(now);
            let behind = behind(subject, &manifest, &url);
            let findings = problem.into_iter().chain(behind).collect();
            Trusted { manifest: Some(manifest), seen, findings }
        }
    }
}

/// Whether a list, which may be the newest that was ever seen from here, is not the newest of all.
fn behind(subject: &Subject, manifest: &Manifest, url: &str) -> Option<Finding> {
    let Manifest { serial, made, .. } = manifest;
    if subject.not_before.is_some_and(|moment| *made < moment) {
        let message = format!("the list is of {made}, which is longer ago than it should be");
        return Some(Finding::alarm(Check::Stale, url, message).help(words::STALE));
    }
    let own = subject.own_serial.filter(|own| serial < own)?;
    let message = format!("the site is in state {serial}, and this folder in state {own}");
    Some(Finding::new(Severity::Unknown, Check::Behind, url, message).help(words::BEHIND))
}

fn read(fetcher: &Fetcher<'_>, subject: &Subject) -> Result<(Manifest, Vec<u8>), Box<Finding>> {
    let url = fetcher.url(manifest::PATH);
    let text = fetch(fetcher, manifest::PATH, MANIFEST_BYTES_MAX, "list of files")?;
    if !text.starts_with(b"sitegen manifest ") {
        return Err(damaged(&url, &ManifestProblem::NoManifest.to_string()));
    }
    let signature_url = fetcher.url(manifest::SIGNATURE_PATH);
    let signature =
        fetch(fetcher, manifest::SIGNATURE_PATH, minisign::FILE_BYTES_MAX, "signature")?;
    let signature = Signature::parse(&String::from_utf8_lossy(&signature))
        .map_err(|problem| damaged(&signature_url, &problem.to_string()))?;
    subject
        .key
        .verify(&text, &signature)
        .map_err(|refusal| refused(subject.key, &refusal, [&url, &signature_url]))?;
    let written = std::str::from_utf8(&text).unwrap_or_default();
    let manifest =
        Manifest::parse(written).map_err(|problem| damaged(&url, &problem.to_string()))?;
    if manifest.site != fetcher.base() {
        let message = format!("this is the list of {}, not of {}", manifest.site, fetcher.base());
        let help = format!(
            "if the site has more than one address, ask for the one that its owner has signed: \
             `sitegen verify {}`. If it is another site, somebody has put it here",
            manifest.site.trim_end_matches('/')
        );
        return Err(Box::new(Finding::alarm(Check::OtherSite, &url, message).help(help)));
    }
    Ok((manifest, text))
}

/// Fetches one of the two files.
fn fetch(
    fetcher: &Fetcher<'_>,
    path: &str,
    bytes_max: usize,
    what: &str,
) -> Result<Vec<u8>, Box<Finding>> {
    let url = fetcher.url(path);
    let followed = fetcher
        .follow(&url, Limits::whole(bytes_max))
        .map_err(|error| Box::new(Finding::not_asked(&url, &error)))?;
    let fetched = followed.fetched;
    if fetched.status == 200 {
        return Ok(fetched.body);
    }
    if is_failure(fetched.status) {
        return Err(Box::new(Finding::host_failed(&url, fetched.status)));
    }
    let (message, help) = match &fetched.leads_to {
        Some(to) => (
            format!("there is no {what}: the host leads to {to}"),
            "ask for the address that it leads to; if the site is not there, somebody has \
             changed the host",
        ),
        None => (
            format!("there is no {what}: the host answers {}", fetched.status),
            "ask the owner whether the site is signed (`sign = true` in site.toml), and whether \
             the folder `.well-known` was uploaded; some programs leave out names with a dot. If \
             it was signed before, somebody has removed it",
        ),
    };
    Err(Box::new(Finding::alarm(Check::NoManifest, &url, message).help(help)))
}

fn damaged(url: &str, what: &str) -> Box<Finding> {
    let message = format!("what is there is not as it should be: {what}");
    let help = "publish the site again; if that does not help, the host changes what it serves";
    Box::new(Finding::alarm(Check::Damaged, url, message).help(help))
}

/// Why a signature is not believed.
fn refused(key: PublicKey, refusal: &Refusal, [list, signature]: [&str; 2]) -> Box<Finding> {
    let (url, message, help) = match refusal {
        Refusal::Key(other) => (
            signature,
            format!("it is signed with another key ({other}) than yours ({})", key.id()),
            "ask the owner, by another way than this site, which key is right. If it is yours, \
             somebody else has signed what is there",
        ),
        Refusal::Content => (
            list,
            "the list is not what was signed: it was changed, or is cut off".to_owned(),
            "if the site was published just now, ask again in a few minutes; otherwise somebody \
             has changed it",
        ),
        Refusal::Comment => (
            signature,
            "the comment in the signature is not the one that was signed".to_owned(),
            "publish the site again; if that does not help, somebody changes it",
        ),
    };
    Box::new(Finding::alarm(Check::Signature, url, message).help(help))
}
