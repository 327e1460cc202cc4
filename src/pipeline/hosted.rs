//! What a site needs of its host, and how far its accounts get there.

use std::collections::HashSet;

use super::{Linked, Report, load};
use crate::config::{Host, Mode};
use crate::emit;
use crate::host::{Asked, HostPlan, WEBFINGER};
use crate::load::Inputs;
use crate::model::Site;

/// How far the accounts of a site get on its host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reached {
    /// `@news@party.example`.
    pub handles: Vec<String>,
    /// `name only`, `found and readable` or `followable`.
    pub level: &'static str,
    /// What is missing for more, and what to do about it.
    pub missing: Vec<String>,
}

/// An account, as far as others can check it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct HostedActor {
    pub(crate) user: String,
    pub(crate) id: String,
    /// In PEM.
    pub(crate) public_key: String,
}

/// A site on its host.
#[cfg_attr(not(feature = "network"), expect(dead_code, reason = "nobody asks for accounts"))]
pub struct Hosted {
    plan: HostPlan,
    actors: Vec<HostedActor>,
    /// The account on Bluesky whose handle is the domain of the site.
    did: Option<String>,
    /// Handles on Bluesky that are not the domain of the site, and their accounts.
    bluesky: Vec<(String, String)>,
    reached: Option<Reached>,
}

impl Hosted {
    /// Reads a site and finds out what its host, or the one named here, has to do for it.
    pub fn load(inputs: &Inputs, mode: &Mode, host: Option<&str>) -> (Option<Self>, Report) {
        let Linked { site, mut report, .. } = load(inputs, mode, &HashSet::new(), None, || {});
        let Some((mut site, _)) = site else { return (None, report) };
        if let Some(host) = host.and_then(|name| Host::ALL.iter().find(|h| h.name() == name)) {
            site.config.hosting.host = *host;
        }
        report.reached = reached(&site);
        (Some(Self::of(&site)), report)
    }

    fn of(site: &Site) -> Self {
        let (home, _) = site.config.base_url.authority_and_path();
        let accounts = site.config.actors.iter().filter_map(|actor| actor.bluesky.as_ref());
        let bluesky = accounts.filter_map(|account| {
            let handle = account.handle.clone().filter(|handle| handle != home)?;
            Some((handle, account.did.clone()))
        });
        let actors = site.config.actors.iter().zip(&site.accounts).map(|(actor, account)| {
            let (user, id) = (actor.user.0.clone(), account.id.clone());
            HostedActor { user, id, public_key: account.public_key.clone() }
        });
        Self {
            plan: emit::host_plan(site),
            actors: actors.collect(),
            did: emit::site_did(site).map(str::to_owned),
            bluesky: bluesky.collect(),
            reached: reached(site),
        }
    }

    /// What others ask the host for.
    #[cfg(feature = "network")]
    pub(crate) fn plan(&self) -> &HostPlan {
        &self.plan
    }

    /// The accounts of the site.
    #[cfg(feature = "network")]
    pub(crate) fn actors(&self) -> &[HostedActor] {
        &self.actors
    }

    /// The account on Bluesky whose handle is the domain of the site.
    #[cfg(feature = "network")]
    pub(crate) fn did(&self) -> Option<&str> {
        self.did.as_deref()
    }

    /// The status and the file with which the host answers who asks for an account, by the query:
    /// `resource=acct:news@party.example`. As the doctor asks and as the preview answers.
    pub fn webfinger(&self, query: &str) -> (u16, Option<String>) {
        let asked = Asked { method: "GET", path: WEBFINGER, query: Some(query) };
        let answer = self.plan.answer(&asked, &|_| true);
        (answer.status, answer.file)
    }

    /// The names of all hosts that we know.
    pub fn names() -> Vec<&'static str> {
        Host::ALL.iter().map(|host| host.name()).collect()
    }

    /// What the host is called.
    pub fn host(&self) -> &'static str {
        self.plan.host.title()
    }

    /// What has to be done beside uploading, with the folder where the output lies.
    pub fn snippet(&self, root: &str) -> Option<String> {
        self.plan.snippet(root)
    }

    /// The files that a build writes for the host, relative to the output.
    pub fn files(&self) -> Vec<String> {
        self.plan.files().into_iter().map(|file| file.path).collect()
    }

    /// How far the accounts get.
    pub fn reached(&self) -> Option<&Reached> {
        self.reached.as_ref()
    }

    /// What makes handles below the domain, or on another, belong to accounts on Bluesky: the
    /// address of a file and what is in it, and the line of DNS that does the same.
    pub fn bluesky(&self) -> Vec<String> {
        let lines = |(handle, did): &(String, String)| {
            format!(
                "For @{handle} on Bluesky, either this line in the DNS of the domain:\n\
                 \u{20}   _atproto.{handle}. TXT \"did={did}\"\n\
                 or a file at https://{handle}/.well-known/atproto-did with this in it:\n\
                 \u{20}   {did}\n"
            )
        };
        self.bluesky.iter().map(lines).collect()
    }
}

/// How far the accounts of a site get. Nothing when it has none.
pub(super) fn reached(site: &Site) -> Option<Reached> {
    let reach = emit::host_plan(site).reach()?;
    let handles = site.accounts.iter().map(|account| format!("@{}", account.handle));
    Some(Reached { handles: handles.collect(), level: reach.level.name(), missing: reach.missing })
}
