//! What makes the site an account on the fediverse: documents that other servers ask for.
//!
//! All of them lie below `ap/` or `.well-known/`. The address of a document is its id, byte for
//! byte, so nothing may redirect there.

mod collections;
mod discovery;
mod post;
mod profile;

pub(crate) use discovery::site_did;
use serde::Serialize;

use super::{Made, Plan};
use crate::artifact::Rank;
use crate::config::ActorId;
use crate::model::{Account, Site};
use crate::path::{OutputPath, SourcePath};

pub(super) fn plan<'s>(site: &'s Site, plan: &mut Plan<'s>) {
    if site.config.actors.is_empty() {
        return;
    }
    discovery::plan(site, plan);
    for id in site.config.actor_ids() {
        profile::plan(site, id, plan);
        collections::plan(site, id, plan);
    }
    post::plan(site, plan);
}

/// A document. Texts and numbers always become JSON.
fn document(value: &impl Serialize) -> Made {
    Made::bytes(serde_json::to_vec(value).unwrap_or_default())
}

/// The address of a document of an account.
fn address(site: &Site, account: &Account, name: &str) -> String {
    site.config.base_url.absolute(&format!("{}/{name}", account.folder))
}

/// Adds a document of an account.
fn add<'s>(
    plan: &mut Plan<'s>,
    (site, id): (&'s Site, ActorId),
    name: &str,
    key: Option<u64>,
    make: impl Fn(&super::Workshop<'s>) -> Made + Send + Sync + 's,
) {
    if let Ok(path) = OutputPath::new(&format!("{}/{name}", site.account(id).folder)) {
        plan.add(path, Rank::Fediverse, &SourcePath::new(crate::config::FILE), key, make);
    }
}
