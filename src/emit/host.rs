//! What the web server of the site has to do, and the files that tell it so.

use std::collections::BTreeSet;

use super::{Made, Plan};
use crate::artifact::Rank;
use crate::config::DEFAULT_LANGUAGE;
use crate::host::{DEFAULT_CONTENT_SECURITY_POLICY, Finger, HostPlan, Redirect};
use crate::model::{PostText, Site};
use crate::path::{OutputPath, SourcePath};

pub(super) fn plan<'s>(site: &'s Site, plan: &mut Plan<'s>) {
    for file in host_plan(site).files() {
        // A file of the site's own says it better.
        if site.asset_paths.contains_key(&file.path) {
            continue;
        }
        if let Ok(path) = OutputPath::new(&file.path) {
            let source = SourcePath::new(crate::config::FILE);
            plan.add(path, Rank::Fediverse, &source, None, move |_| Made::bytes(file.text.clone()));
        }
    }
}

/// What a web server has to do for a site.
pub(crate) fn host_plan(site: &Site) -> HostPlan {
    let hosting = &site.config.hosting;
    let base = &site.config.base_url;
    let (authority, _) = base.authority_and_path();
    let fingers = site.config.actor_ids().map(|id| {
        let account = site.account(id);
        Finger {
            user: site.config.actor(id).user.0.clone(),
            host: authority.to_owned(),
            actor_id: account.id.clone(),
            url: site.permalink(&account.page),
            file: format!("/{}/webfinger.json", account.folder),
        }
    });
    let redirects = site.aliases.iter().map(|alias| Redirect {
        from: site.url(&alias.output),
        to: format!("{}{}", base.root(), alias.target),
    });
    // The language whose addresses have no prefix takes what is left.
    let languages = site.config.language_ids().filter(|id| *id != DEFAULT_LANGUAGE);
    let not_found = languages.chain([DEFAULT_LANGUAGE]).map(|language| {
        let below = format!("{}{}", base.root(), site.config.prefix(language));
        let page = format!("{below}404.html");
        (below, page)
    });
    let withdrawn = site.posts.iter().filter(|post| matches!(post.text, PostText::Withdrawn(_)));
    let policy = hosting.content_security_policy.as_deref();
    let policy = policy.unwrap_or(DEFAULT_CONTENT_SECURITY_POLICY);
    HostPlan {
        host: hosting.host,
        base_url: base.as_str().to_owned(),
        fingers: fingers.collect(),
        redirects: redirects.collect(),
        not_found: not_found.collect(),
        gone: withdrawn.map(|post| format!("/{}", post.output.as_str())).collect(),
        post_office: hosting.post_office.clone(),
        hsts_days: hosting.hsts_days,
        content_security_policy: with_forms(policy, site),
        precompressed: hosting.precompress,
    }
}

/// A policy that lets browsers send the forms of the site to where they go.
fn with_forms(policy: &str, site: &Site) -> String {
    let origins: BTreeSet<String> =
        site.documents.iter().filter_map(|d| d.details.form()?.origin()).collect();
    if origins.is_empty() {
        return policy.to_owned();
    }
    let origins = origins.into_iter().collect::<Vec<_>>().join(" ");
    let directives = policy.split(';').map(|directive| {
        let name = directive.split_whitespace().next().unwrap_or_default();
        match directive.trim_end() {
            directive if !name.eq_ignore_ascii_case("form-action") => directive.to_owned(),
            directive => format!("{} {origins}", directive.trim_end_matches(" 'none'")),
        }
    });
    directives.collect::<Vec<_>>().join(";")
}
