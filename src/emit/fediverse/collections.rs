//! The lists of an account: outbox, pinned posts, hashtags, followers; and the index for our own
//! post office.

use std::fmt::Write as _;

use serde::Serialize;
use serde_json::Value;

use super::{add, address, document};
use crate::activity::{Collection, Context, Create, Hashtag, PUBLIC, Page};
use crate::config::ActorId;
use crate::emit::{Handed, Plan, Workshop};
use crate::hash::Hash;
use crate::model::{PostId, PostKind, PostText, Site};

/// Posts on a page of the outbox. Pages are numbered from the oldest, so that a new post changes
/// one of them.
const PAGE_POSTS: usize = 20;

pub(super) fn plan<'s>(site: &'s Site, id: ActorId, plan: &mut Plan<'s>) {
    outbox(site, id, plan);
    let account = site.account(id);
    let featured = featured(site, id);
    // By their ids: a place among the posts belongs to another one as soon as there is a new one.
    let ids = featured.iter().map(|id| site.post(*id).id.as_str());
    let key = plan.key(|keys| keys.of(("featured", id, ids.collect::<Vec<_>>())));
    add(plan, (site, id), "featured.json", key, move |_| {
        let items = featured.iter().map(|id| Value::from(site.post(*id).id.as_str())).collect();
        document(&Collection::ordered(address(site, site.account(id), "featured.json"), items))
    });
    add(plan, (site, id), "featured-tags.json", None, move |_| {
        let items = featured_tags(site, id);
        let url = address(site, site.account(id), "featured-tags.json");
        // Who reads by the standard sees no hashtag where the word means nothing.
        let context = Context::of_hashtags();
        document(&Collection { context, ..Collection::unordered(url, items) })
    });
    // Who follows a party is nobody's business, and how many only the post office knows.
    for name in ["followers.json", "following.json"] {
        let url = address(site, account, name);
        let key = plan.key(|keys| keys.of((name, id)));
        add(plan, (site, id), name, key, move |_| document(&Collection::total(url.clone(), 0)));
    }
    add(plan, (site, id), "index.json", None, move |workshop| document(&index(workshop, id)));
}

/// How many pages an outbox has. The newest takes what is over, so that it is never nearly empty.
fn page_count(posts: usize) -> usize {
    (posts / PAGE_POSTS).max(1)
}

fn page_name(number: usize) -> String {
    format!("outbox-{number}.json")
}

/// The posts on a page, newest first.
fn posts_on(site: &Site, id: ActorId, number: usize) -> &[PostId] {
    let posts = &site.account(id).posts;
    let count = page_count(posts.len());
    // From the old end.
    let oldest = posts.len() - (number - 1) * PAGE_POSTS;
    let newest = if number == count { 0 } else { oldest - PAGE_POSTS };
    &posts[newest..oldest]
}

fn outbox<'s>(site: &'s Site, id: ActorId, plan: &mut Plan<'s>) {
    let account = site.account(id);
    let total = account.posts.len();
    let count = page_count(total);
    let key = plan.key(|keys| keys.of(("outbox", id, total)));
    add(plan, (site, id), "outbox.json", key, move |_| {
        let account = site.account(id);
        document(&Collection {
            first: Some(address(site, account, &page_name(count))),
            last: Some(address(site, account, &page_name(1))),
            ..Collection::total(address(site, account, "outbox.json"), total)
        })
    });
    for number in 1..=count {
        let is_newest = number == count;
        let posts = posts_on(site, id, number);
        let dates = posts.iter().map(|id| (&site.post(*id).id, site.post(*id).published));
        let key = plan.key(|keys| {
            keys.of(("outbox", id, number, number + 1 == count, dates.collect::<Vec<_>>()))
        });
        let key = key.filter(|_| !is_newest);
        add(plan, (site, id), &page_name(number), key, move |workshop| {
            let account = site.account(id);
            let page = |number: usize| address(site, account, &page_name(number));
            document(&Page {
                context: Context::of_post(),
                id: page(number),
                r#type: "OrderedCollectionPage".to_owned(),
                part_of: address(site, account, "outbox.json"),
                next: (number > 1).then(|| page(number - 1)),
                prev: (!is_newest).then(|| page(number + 1)),
                ordered_items: posts.iter().map(|id| create(workshop, *id, is_newest)).collect(),
            })
        });
    }
}

fn create(workshop: &Workshop<'_>, id: PostId, embed: bool) -> Create {
    let site = workshop.views.site;
    let post = site.post(id);
    let account = site.account(post.actor);
    let object = if embed {
        serde_json::to_value(super::post::object(workshop, id, &mut Handed::default()))
            .unwrap_or_default()
    } else {
        Value::from(post.id.as_str())
    };
    Create {
        id: format!("{}#create", post.id),
        r#type: "Create".to_owned(),
        actor: account.id.clone(),
        published: post.published.to_utc(),
        to: vec![PUBLIC.to_owned()],
        cc: vec![address(site, account, "followers.json")],
        object,
    }
}

/// The posts at the top of a profile: those that are pinned, then the newest. Only notes, for
/// Misskey takes nothing else, and nothing at all when there is something else.
fn featured(site: &Site, id: ActorId) -> Vec<PostId> {
    let is_pinned = |id: &PostId| match site.post(*id).text {
        PostText::Page(page) => site.text_of(page).front.post.pinned,
        PostText::Hidden(index) => site.hidden[index].front.post.pinned,
        PostText::Withdrawn(_) => false,
    };
    let posts = site.account(id).posts.iter().copied();
    let notes = posts.filter(|id| site.post(*id).kind == PostKind::Note);
    let (pinned, others): (Vec<_>, Vec<_>) = notes.partition(is_pinned);
    pinned.into_iter().chain(others).take(site.config.actor(id).featured).collect()
}

fn featured_tags(site: &Site, id: ActorId) -> Vec<Value> {
    let settings = site.config.actor(id);
    let language = settings.voice.languages[0];
    let code = &site.config.language(language).code;
    let taxonomy = site.config.taxonomies.iter().position(|taxonomy| taxonomy.name == "tags");
    let tags = settings.featured_tags.iter().filter_map(|name| {
        let tag = super::post::hashtag(name)?;
        let slug = crate::path::slugify(name, code);
        let term = site.terms.iter().find(|term| {
            term.language == language
                && Some(term.taxonomy) == taxonomy
                && crate::path::slugify(&term.name, code) == slug
        });
        let output = term.map_or(&site.account(id).page, |term| &term.output);
        let tag = Hashtag {
            r#type: "Hashtag".to_owned(),
            href: site.permalink(output),
            name: format!("#{tag}"),
        };
        serde_json::to_value(tag).ok()
    });
    tags.collect()
}

/// What there is to deliver, for our own post office.
#[derive(Serialize)]
struct Index {
    version: u32,
    /// A lower one is an older state of the site.
    serial: u64,
    actor: String,
    /// SHA-256 of the document of the account.
    profile: String,
    posts: Vec<Indexed>,
}

#[derive(Serialize)]
struct Indexed {
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    updated: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    withdrawn: Option<String>,
}

fn index(workshop: &Workshop<'_>, id: ActorId) -> Index {
    let site = workshop.views.site;
    let actor = super::profile::actor(&workshop.views, id, &mut Vec::new());
    let mut profile = String::new();
    let hash = Hash::of(serde_json::to_vec(&actor).unwrap_or_default().as_slice());
    // Memory does not fail.
    let _ = write!(profile, "{}", hash.unwrap_or_default());
    let own = site.posts.iter().filter(|post| post.actor == id);
    let posts = own.map(|post| match post.text {
        PostText::Withdrawn(moment) => {
            Indexed { id: post.id.clone(), updated: None, withdrawn: Some(moment.to_utc()) }
        }
        PostText::Page(_) | PostText::Hidden(_) => {
            Indexed { id: post.id.clone(), updated: Some(post.updated.to_utc()), withdrawn: None }
        }
    });
    Index { version: 1, serial: site.serial, actor: actor.id, profile, posts: posts.collect() }
}
