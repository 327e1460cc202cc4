//! Asks a site what others ask it, and says who will refuse what.
//!
//! `examine` is a pure function of the answers: whatever can be asked (`Ask`) is examined in the
//! same way, the live site through the internet or the output of a build through a closure that
//! plays the configured host. Begin with `peers`, which knows what each server requires; `checks`
//! ask, `finding` has the words, `report` writes them down.

pub(crate) mod ask;
mod checks;
mod discover;
pub(crate) mod finding;
mod hints;
pub(crate) mod html;
pub(crate) mod keys;
pub(crate) mod live;
pub(crate) mod local;
pub(crate) mod office;
pub(crate) mod peers;
pub(crate) mod report;
#[cfg(test)]
mod tests;
mod visit;

pub(crate) use discover::discover;

pub(crate) use crate::host::Level;

use jiff::Timestamp;
use url::Url;

use ask::Ask;
use finding::{Check, Finding, Severity};
use keys::Keys;
use peers::{Ability, Peer};
use visit::Visit;

/// A document or a page, in bytes: what Mastodon reads.
pub(crate) const DOCUMENT_BYTES_MAX: usize = 1 << 20;

/// The picture of a profile, in bytes: what Mastodon fetches.
const ICON_BYTES_MAX: usize = 8 << 20;

/// The picture of a post, in bytes.
const ATTACHMENT_BYTES_MAX: usize = 16 << 20;

/// Redirects that are followed before the last one is taken for the answer.
const REDIRECTS_MAX: usize = 5;

/// Questions of one visit: an actor needs up to a hundred.
const QUESTIONS_MAX: usize = 2000;

/// Whether a level promises an ability.
fn promises(level: Level, ability: Ability) -> bool {
    match ability {
        // A host that cannot choose types is not found by all: some servers look at that here too.
        Ability::Finds | Ability::Reads | Ability::Shows => level >= Level::Readable,
        Ability::Follows => level >= Level::Followable,
    }
}

/// What is examined, and what is known of it.
pub(crate) struct Subject {
    /// Where the site is, without a slash at the end.
    pub(crate) base_url: String,
    /// The name of the host as in site.toml, such as `nginx`; empty when it is not known.
    pub(crate) host: String,
    pub(crate) actors: Vec<ActorFacts>,
    /// The DID for which the domain is the handle.
    pub(crate) did: Option<String>,
    /// What the site promises; `None` takes what its profiles say of themselves.
    pub(crate) promised: Option<Level>,
    pub(crate) keys: Box<dyn Keys>,
    /// Its post office, when that is in this folder.
    pub(crate) office: Option<office::Office>,
}

/// What is known of an actor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ActorFacts {
    /// `news`
    pub(crate) user: String,
    pub(crate) id: String,
    /// The public key in the folder of the site.
    pub(crate) public_key_pem: Option<String>,
    /// The state of the site that lies in the output in its folder.
    pub(crate) serial: Option<u64>,
}

impl Subject {
    /// The host of the site: `www.party.example`.
    pub(crate) fn domain(&self) -> String {
        let url = Url::parse(&self.base_url).ok();
        url.and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default()
    }

    /// Scheme, host and port, where `/.well-known` is.
    fn origin(&self) -> String {
        let url = Url::parse(&self.base_url).ok();
        url.map(|url| url.origin().ascii_serialization()).unwrap_or_default()
    }

    fn handle(&self, actor: &ActorFacts) -> String {
        format!("{}@{}", actor.user, self.domain())
    }
}

/// What came of an examination.
#[derive(Debug)]
pub(crate) struct Examination {
    pub(crate) base_url: String,
    /// The worst first.
    pub(crate) findings: Vec<Finding>,
    pub(crate) promised: Option<Level>,
    /// Whether any page was reached.
    reachable: bool,
    has_actors: bool,
}

/// Asks what all the others ask. `now` is the time on this machine.
pub(crate) fn examine(ask: &dyn Ask, subject: &Subject, now: Timestamp) -> Examination {
    let mut visit = Visit::new(ask, subject, now);
    let reachable = checks::website::check(&mut visit);
    let mut promised = subject.promised;
    if reachable {
        checks::feeds::check(&mut visit);
        checks::bluesky::check(&mut visit);
        checks::nodeinfo::check(&mut visit);
        for actor in &subject.actors {
            visit.actor = Some(actor.user.clone());
            let said = checks::check_actor(&mut visit, actor);
            promised = promised.max(subject.promised.or(Some(said)));
        }
    }
    visit.actor = None;
    checks::office::check(&mut visit);
    let mut findings = visit.findings;
    for finding in &mut findings {
        if let (Some(ability), Some(promised)) = (finding.denies, promised)
            && finding.severity == Severity::Broken
            && finding.refused_by.iter().all(|peer| Peer::FEDIVERSE.contains(peer))
            && !promises(promised, ability)
        {
            // That nobody can follow is the choice of such a site; a wrong key will not stay.
            let chosen = finding.check == Check::Inbox;
            finding.severity = if chosen { Severity::Note } else { Severity::Warning };
        }
    }
    findings.sort_by_key(|finding| finding.severity);
    let base_url = subject.base_url.clone();
    Examination { base_url, findings, promised, reachable, has_actors: !subject.actors.is_empty() }
}
