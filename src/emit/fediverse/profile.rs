//! The document of an account.

use super::{add, address, document};
use crate::activity::{Actor, Attachment, Context, PropertyValue, PublicKey};
use crate::artifact::media_type;
use crate::config::{ActorId, ActorKind};
use crate::diagnostic::Diagnostic;
use crate::emit::{Made, Plan, Workshop};
use crate::model::Site;
use crate::render::{Views, bare_link, escaped, note_markdown};

pub(super) fn plan<'s>(site: &'s Site, id: ActorId, plan: &mut Plan<'s>) {
    // Without a key: what is wrong with it depends on which other outputs there are.
    add(plan, (site, id), "actor.json", None, move |workshop: &Workshop<'_>| {
        let mut problems = Vec::new();
        let actor = actor(&workshop.views, id, &mut problems);
        Made { problems, ..document(&actor) }
    });
}

/// The document of an account.
pub(super) fn actor(views: &Views<'_>, id: ActorId, problems: &mut Vec<Diagnostic>) -> Actor {
    let site = views.site;
    let (account, settings) = (site.account(id), site.config.actor(id));
    let to = |name: &str| address(site, account, name);
    let (home, _) = site.config.base_url.authority_and_path();
    let has_inbox = site.config.hosting.post_office.is_some();
    Actor {
        context: Context::of_actor(settings.moved_to.is_some()),
        r#type: kind(settings.kind).to_owned(),
        preferred_username: settings.user.0.clone(),
        name: settings.name.clone(),
        summary: summary(views, id, problems),
        url: site.permalink(&account.page),
        inbox: to("inbox"),
        outbox: to("outbox.json"),
        followers: to("followers.json"),
        following: to("following.json"),
        featured: to("featured.json"),
        featured_tags: to("featured-tags.json"),
        published: account.published.to_utc(),
        manually_approves_followers: !has_inbox,
        discoverable: settings.discoverable,
        indexable: settings.indexable,
        attribution_domains: vec![home.to_owned()],
        webfinger: account.handle.clone(),
        icon: account.icon.map(|index| picture(site, index, settings.icon.as_ref())),
        image: account.header.map(|index| picture(site, index, settings.header.as_ref())),
        attachment: settings.fields.iter().map(|(name, value)| row(name, value)).collect(),
        also_known_as: settings.also_known_as.clone(),
        moved_to: settings.moved_to.clone(),
        public_key: PublicKey {
            id: format!("{}#main-key", account.id),
            owner: account.id.clone(),
            public_key_pem: account.public_key.clone(),
        },
        id: account.id.clone(),
    }
}

/// What an account is, in the words of the vocabulary.
fn kind(kind: ActorKind) -> &'static str {
    match kind {
        ActorKind::Organization => "Organization",
        ActorKind::Person => "Person",
        ActorKind::Group => "Group",
        ActorKind::Service => "Service",
        ActorKind::Application => "Application",
    }
}

/// What the account says of itself; and where nobody answers a follow, how to follow all the same.
fn summary(views: &Views<'_>, id: ActorId, problems: &mut Vec<Diagnostic>) -> String {
    let site = views.site;
    let settings = site.config.actor(id);
    let language = settings.voice.languages[0];
    let mut html = String::new();
    if let Some((text, place)) = &settings.summary {
        html = note_markdown(text, |to| views.link_of_site(to, language, place, problems));
    }
    let has_feeds = site.config.language(language).feeds && !site.config.feeds.formats.is_empty();
    if site.config.hosting.post_office.is_none() && settings.follow_hint && has_feeds {
        let home = &site.section(site.home(language)).output;
        let feed = site.config.feeds.formats[0].names().file;
        if let Ok(feed) = home.sibling(feed) {
            let url = escaped(&site.permalink(&feed));
            let hint = escaped(views.theme.strings(language).get("follow_by_feed"));
            let link = format!("<a href=\"{url}\">{url}</a>");
            html.push_str(&format!("<p>{}</p>", hint.replace("{url}", &link)));
        }
    }
    html
}

fn picture(site: &Site, index: usize, image: Option<&crate::config::Image>) -> Attachment {
    let output = &site.assets[index].output;
    let alt = image.map(|image| image.alt.clone()).filter(|alt| !alt.is_empty());
    Attachment {
        r#type: "Image".to_owned(),
        media_type: media_type(output.as_str()).to_owned(),
        url: site.permalink(output),
        summary: alt.clone(),
        name: alt,
        focal_point: None,
    }
}

/// A row of the profile: a link when its value is an address, else plain text.
fn row(name: &str, value: &str) -> PropertyValue {
    let is_link = value.starts_with("https://") && !value.contains(char::is_whitespace);
    PropertyValue {
        r#type: "PropertyValue".to_owned(),
        name: name.to_owned(),
        value: if is_link { bare_link(value) } else { escaped(value) },
    }
}
