//! `.well-known/`: where others begin to look.

use super::document;
use crate::activity::{Jrd, JrdLink, MEDIA_TYPE, NAMESPACE, NodeInfo, NodeInfoLinks};
use crate::artifact::{Rank, media_type};
use crate::config::ActorId;
use crate::emit::{Made, Plan, Workshop};
use crate::model::Site;
use crate::path::{OutputPath, SourcePath};

pub(super) fn plan<'s>(site: &'s Site, plan: &mut Plan<'s>) {
    // One for each, for hosts that can choose by what is asked; and the first for all others.
    // Mastodon then takes every name for the first account, which does no harm.
    for id in site.config.actor_ids() {
        super::add(plan, (site, id), "webfinger.json", None, move |_| document(&jrd(site, id)));
    }
    add(plan, ".well-known/webfinger", move |_| document(&jrd(site, ActorId(0))));
    add(plan, ".well-known/nodeinfo", move |_| {
        let href = site.config.base_url.absolute(".well-known/nodeinfo-2.1.json");
        document(&NodeInfoLinks::to(href))
    });
    add(plan, ".well-known/nodeinfo-2.1.json", move |_| {
        let posts = site.accounts.iter().map(|account| account.posts.len()).sum();
        let title = &site.config.languages[0].title;
        document(&NodeInfo::new(title, site.accounts.len(), posts))
    });
    if let Some(did) = site_did(site) {
        add(plan, ".well-known/atproto-did", move |_| Made::bytes(format!("{did}\n")));
    }
}

/// The account on Bluesky whose handle is the domain of the site itself.
pub(crate) fn site_did(site: &Site) -> Option<&str> {
    let (home, _) = site.config.base_url.authority_and_path();
    let mut accounts = site.config.actors.iter().filter_map(|actor| actor.bluesky.as_ref());
    let is_home = |handle: &Option<String>| handle.as_deref().is_none_or(|h| h == home);
    accounts.find(|bluesky| is_home(&bluesky.handle)).map(|bluesky| bluesky.did.as_str())
}

fn add<'s>(
    plan: &mut Plan<'s>,
    path: &str,
    make: impl Fn(&Workshop<'s>) -> Made + Send + Sync + 's,
) {
    if let Ok(path) = OutputPath::new(path) {
        let source = SourcePath::new(crate::config::FILE);
        plan.add(path, Rank::Fediverse, &source, None, make);
    }
}

/// The order of the links is that in which servers look: Bridgy takes the first that it knows.
fn jrd(site: &Site, id: ActorId) -> Jrd {
    let account = site.account(id);
    let page = site.permalink(&account.page);
    let link = |rel: &str, r#type: &str, href: &str| JrdLink {
        rel: rel.to_owned(),
        r#type: r#type.to_owned(),
        href: href.to_owned(),
    };
    let mut links = vec![
        link("http://webfinger.net/rel/profile-page", "text/html", &page),
        link("self", MEDIA_TYPE, &account.id),
        link("self", &format!("application/ld+json; profile=\"{NAMESPACE}\""), &account.id),
    ];
    if let Some(index) = account.icon {
        let output = &site.assets[index].output;
        let href = site.permalink(output);
        links.push(link("http://webfinger.net/rel/avatar", media_type(output.as_str()), &href));
    }
    Jrd {
        subject: format!("acct:{}", account.handle),
        aliases: vec![page, account.id.clone()],
        links,
    }
}
