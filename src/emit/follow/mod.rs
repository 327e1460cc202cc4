//! The page that says how to follow the site: from a server of the fediverse, on Bluesky, by feed,
//! by calendar and by e-mail. A script takes people from it, and from a post, to the server where they are.

use tera::Value;
use url::form_urlencoded::byte_serialize;

use super::calendar;
use super::feed::{self, FeedOf};
use super::html::{fill, plain_head};
use super::{Made, Plan, Workshop};
use crate::artifact::{Body, Rank};
use crate::config::{ActorId, Follow, LanguageId, MailOrPage};
use crate::diagnostic::{Diagnostic, Place};
use crate::model::Site;
use crate::path::OutputPath;
use crate::render::{FOLLOW_SCRIPT, array, none_or, object};

/// Goes to the server that somebody names.
const SCRIPT: &[u8] = include_bytes!("client.js");

/// Servers that many people are on, for those who have no scripts: the largest one, and a large one
/// that is open to all in each country whose language the theme speaks. All run Mastodon, which
/// knows `/authorize_interaction` (`app/controllers/authorize_interactions_controller.rb`).
const SERVERS: &[&str] = &[
    "mastodon.social",
    "mastodonapp.uk",
    "toot.wales",
    "mastodon.scot",
    "mastodon.ie",
    "norden.social",
    "piaille.fr",
    "mastodonczech.cz",
];

pub(super) fn plan<'s>(site: &'s Site, plan: &mut Plan<'s>) {
    let Some(follow) = &site.config.follow else { return };
    let key = plan.key(|keys| keys.of("follow.js"));
    plan.add_of_site(FOLLOW_SCRIPT, Rank::Asset, key, |_, _| Made {
        body: Some(Body::Static(SCRIPT)),
        problems: Vec::new(),
    });
    let has_feeds = |language| feed::exists(site, FeedOf::Site(language));
    if *follow == Follow::default()
        && site.accounts.is_empty()
        && !site.config.language_ids().any(has_feeds)
    {
        plan.problems.push(Diagnostic::nothing_to_follow(Place::named(crate::config::FILE)));
    }
    for language in site.config.language_ids() {
        let page = format!("{}index.html", site.config.follow_folder(language));
        let has_events = !site.events[language.0].is_empty();
        let key = plan.key(|keys| keys.of(("follow", language, has_feeds(language), has_events)));
        plan.add_of_site(&page, Rank::List, key, move |workshop, output| {
            make_page(workshop, follow, language, output)
        });
    }
}

fn make_page(
    workshop: &Workshop<'_>,
    follow: &Follow,
    language: LanguageId,
    output: &OutputPath,
) -> Made {
    let views = &workshop.views;
    let site = views.site;
    let title = views.theme.strings(language).get("follow").to_owned();
    let head = plain_head(workshop, language, title, output, FeedOf::Site(language));
    let mut context = views.context(language, &site.url(output), &head);
    let origin = site.config.base_url.origin();
    let feeds = workshop.site_feeds(language).iter().map(|feed| {
        let get = |key| none_or(feed.get_from_path(key).cloned());
        let url = get("url");
        let whole = format!("{origin}{}", url.as_str().unwrap_or_default());
        object([("label", get("label")), ("url", url), ("permalink", Value::from(whole))])
    });
    // Whoever has moved is followed elsewhere.
    let stays = |id: &ActorId| site.config.actor(*id).moved_to.is_none();
    let accounts = site.config.actor_ids().filter(stays).map(|id| account(site, id));
    let follow = object([
        ("accounts", array(accounts)),
        ("bluesky", array(bluesky(site, follow).iter().map(|handle| profile(handle)))),
        ("email", none_or(follow.email.as_ref().map(email))),
        ("feeds", array(feeds)),
        ("calendar", calendar::link(workshop, FeedOf::Site(language))),
    ]);
    context.insert_value("follow", follow);
    context.insert_value("feeds", Value::from(head.feeds.clone()));
    fill(workshop, "follow.html", &context, output, Vec::new())
}

/// An account on the fediverse.
fn account(site: &Site, id: ActorId) -> Value {
    let account = site.account(id);
    let escaped: String = byte_serialize(account.id.as_bytes()).collect();
    let servers = SERVERS.iter().map(|name| {
        let url = format!("https://{name}/authorize_interaction?uri={escaped}");
        object([("name", Value::from(*name)), ("url", Value::from(url))])
    });
    object([
        ("name", Value::from(site.config.actor(id).name.as_str())),
        ("handle", Value::from(format!("@{}", account.handle))),
        ("id", Value::from(account.id.as_str())),
        ("url", Value::from(site.url(&account.page))),
        ("servers", array(servers)),
    ])
}

/// The handles on Bluesky: the one that is named for the page, then those of the accounts.
fn bluesky(site: &Site, follow: &Follow) -> Vec<String> {
    let mut handles: Vec<String> = follow.bluesky.iter().cloned().collect();
    let own = site.config.actors.iter().filter_map(|actor| actor.bluesky.as_ref());
    for account in own {
        let (authority, _) = site.config.base_url.authority_and_path();
        let handle = account.handle.as_deref().unwrap_or(authority);
        if !handles.iter().any(|known| known == handle) {
            handles.push(handle.to_owned());
        }
    }
    handles
}

fn profile(handle: &str) -> Value {
    object([
        ("handle", Value::from(format!("@{handle}"))),
        ("url", Value::from(format!("https://bsky.app/profile/{handle}"))),
    ])
}

fn email(email: &MailOrPage) -> Value {
    object([("url", Value::from(email.url())), ("address", none_or(email.mail()))])
}
