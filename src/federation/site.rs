//! What the site says of itself, compared with what has been delivered.
//!
//! The files of the site are the only truth. Whoever restores an old copy of the site, uploads half
//! of it or loses a page must not make the post office say anything: only a post that is there and
//! newer, or is said to be withdrawn, leads to a message.

use std::collections::HashMap;
use std::fmt;

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use super::Local;

/// `index.json` of an actor, which the build writes for us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Index {
    /// Grows with every change of what is published. A lower one is an older state of the site.
    pub serial: u64,
    /// A hash of the actor's document.
    pub profile: String,
    /// All posts that there are or were.
    pub posts: Vec<IndexedPost>,
}

/// A post in the index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexedPost {
    /// Its id, which is where its document is.
    pub id: String,
    /// What it is now.
    pub state: PostState,
}

/// What a post is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PostState {
    /// It can be read, and was last changed then.
    Published(Timestamp),
    /// It was taken back.
    Withdrawn,
}

/// Why an index is none of ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoIndex {
    /// It cannot be read; in the words of the parser.
    Damaged(String),
    /// It is of a newer sitegen, and of which version.
    Newer(u32),
    /// It is that of another actor.
    Actor(String),
    /// It has a post that is not this actor's.
    Post(String),
}

impl fmt::Display for NoIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Damaged(reason) => write!(f, "cannot be read: {reason}"),
            Self::Newer(version) => write!(
                f,
                "was written by a newer sitegen (version {version} of the format); install it here \
                 as well"
            ),
            Self::Actor(actor) => write!(f, "is that of {actor}"),
            Self::Post(id) => write!(f, "has {id} in it, which is no post of this actor"),
        }
    }
}

impl std::error::Error for NoIndex {}

const VERSION: u32 = 1;

#[derive(Deserialize)]
struct Written {
    version: u32,
    serial: u64,
    actor: String,
    profile: String,
    posts: Vec<WrittenPost>,
}

#[derive(Deserialize)]
struct WrittenPost {
    id: String,
    /// As in `2026-11-24T12:00:00Z`.
    updated: Option<String>,
    withdrawn: Option<String>,
}

impl Index {
    /// Reads the index of `local`.
    ///
    /// # Errors
    ///
    /// When it is damaged, or somebody else's.
    pub fn parse(bytes: &[u8], local: &Local) -> Result<Self, NoIndex> {
        let written: Written =
            serde_json::from_slice(bytes).map_err(|error| NoIndex::Damaged(error.to_string()))?;
        if written.version > VERSION {
            return Err(NoIndex::Newer(written.version));
        }
        if written.actor != local.id {
            return Err(NoIndex::Actor(written.actor));
        }
        let posts = written.posts.into_iter().map(|post| {
            if !local.owns(&post.id) {
                return Err(NoIndex::Post(post.id));
            }
            let state = match (post.withdrawn, post.updated) {
                (Some(_), _) => PostState::Withdrawn,
                (None, Some(updated)) => PostState::Published(
                    updated
                        .parse()
                        .map_err(|_| NoIndex::Damaged(format!("{updated} is no time")))?,
                ),
                (None, None) => {
                    let reason = format!("{} is neither published nor withdrawn", post.id);
                    return Err(NoIndex::Damaged(reason));
                }
            };
            Ok(IndexedPost { id: post.id, state })
        });
        let posts = posts.collect::<Result<_, _>>()?;
        Ok(Self { serial: written.serial, profile: written.profile, posts })
    }
}

/// What has been delivered of an actor.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Delivered {
    /// The highest serial that was seen, and the hash of the profile then; `None` before the first
    /// look.
    pub seen: Option<(u64, String)>,
    /// The posts that followers know, by id.
    pub posts: HashMap<String, DeliveredPost>,
}

/// What followers know of a post.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeliveredPost {
    /// What it was when it was last changed then.
    Sent(Timestamp),
    /// That there is something to say waits for somebody to confirm it. What they know is how it
    /// was at that time, or nothing.
    Held(Option<Timestamp>),
    /// That it is no more.
    Deleted,
}

/// What is to be said to followers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Due {
    /// There is a new post.
    Create(String, Timestamp),
    /// A post has changed.
    Update(String, Timestamp),
    /// A post was taken back.
    Delete(String),
    /// The profile has changed, and has this hash now.
    Profile(String),
}

/// What came of a look at the site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Look {
    /// It was the first one: all that is there counts as delivered, for nobody wants to get years
    /// of posts at once.
    First(Delivered),
    /// The site is older than what was seen before, with the serial that was; nothing follows.
    Older(u64),
    /// What is to be said.
    Changes {
        /// In the order in which it is to be said.
        due: Vec<Due>,
        /// Posts that were delivered and are not in the index, which may be an accident.
        missing: Vec<String>,
    },
}

/// Compares the site with what has been delivered. With `confirmed`, what was held back is due, and
/// a site that was older than the last one is the one that counts: its record may have been lost.
pub fn compare(index: &Index, delivered: &Delivered, confirmed: bool) -> Look {
    let Some((serial, profile)) = &delivered.seen else {
        return Look::First(first(index));
    };
    if index.serial < *serial && !confirmed {
        return Look::Older(*serial);
    }
    // An equal serial says nothing: two people may have merged what they wrote.
    let mut due = Vec::new();
    if index.profile != *profile {
        due.push(Due::Profile(index.profile.clone()));
    }
    for post in &index.posts {
        let id = || post.id.clone();
        match (post.state, delivered.posts.get(&post.id)) {
            (PostState::Published(updated), None) => due.push(Due::Create(id(), updated)),
            (PostState::Published(updated), Some(DeliveredPost::Held(None))) if confirmed => {
                due.push(Due::Create(id(), updated));
            }
            (PostState::Published(updated), Some(DeliveredPost::Held(Some(_)))) if confirmed => {
                due.push(Due::Update(id(), updated));
            }
            (PostState::Published(updated), Some(DeliveredPost::Sent(sent))) if updated > *sent => {
                due.push(Due::Update(id(), updated));
            }
            (PostState::Withdrawn, Some(DeliveredPost::Sent(_) | DeliveredPost::Held(_))) => {
                due.push(Due::Delete(id()));
            }
            // What was deleted cannot come back: other servers keep a tombstone.
            _ => {}
        }
    }
    let listed: std::collections::HashSet<&str> =
        index.posts.iter().map(|post| post.id.as_str()).collect();
    let lost = delivered.posts.iter().filter(|(id, state)| {
        matches!(state, DeliveredPost::Sent(_)) && !listed.contains(id.as_str())
    });
    let mut missing: Vec<String> = lost.map(|(id, _)| id.clone()).collect();
    missing.sort();
    Look::Changes { due, missing }
}

fn first(index: &Index) -> Delivered {
    let posts = index.posts.iter().map(|post| {
        let state = match post.state {
            PostState::Published(updated) => DeliveredPost::Sent(updated),
            PostState::Withdrawn => DeliveredPost::Deleted,
        };
        (post.id.clone(), state)
    });
    Delivered { seen: Some((index.serial, index.profile.clone())), posts: posts.collect() }
}

/// New posts that go out in a day without anybody being asked.
pub const CREATES_A_DAY: usize = 10;

/// Changes that do.
pub const UPDATES_A_DAY: usize = 50;

/// A day of these limits.
pub const DAY: SignedDuration = SignedDuration::from_hours(24);

/// What went out within the last [`DAY`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SentToday {
    /// New posts.
    pub creates: usize,
    /// Changes of posts.
    pub updates: usize,
}

/// Parts what is due into what goes out and what waits for somebody to confirm it: when there are
/// more new posts or more changes than people write in a day, all of them do, for something has
/// gone wrong with the site and one of them is as wrong as the other.
pub fn hold_back(due: Vec<Due>, sent: SentToday) -> (Vec<Due>, Vec<Due>) {
    let count = |is: fn(&Due) -> bool| due.iter().filter(|due| is(due)).count();
    let too_many_creates = sent.creates + count(is_create) > CREATES_A_DAY;
    let too_many_updates = sent.updates + count(is_update) > UPDATES_A_DAY;
    due.into_iter().partition(|due| {
        !(is_create(due) && too_many_creates || is_update(due) && too_many_updates)
    })
}

/// The same when it is not known what went out: all new posts and changes wait.
pub fn hold_all(due: Vec<Due>) -> (Vec<Due>, Vec<Due>) {
    due.into_iter().partition(|due| !(is_create(due) || is_update(due)))
}

fn is_create(due: &Due) -> bool {
    matches!(due, Due::Create(..))
}

fn is_update(due: &Due) -> bool {
    matches!(due, Due::Update(..))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::federation::Approval;

    fn local() -> Local {
        let id = "https://party.example/ap/news/actor.json".to_owned();
        Local { user: "news".to_owned(), id, approval: Approval::Automatic }
    }

    fn id(name: &str) -> String {
        format!("https://party.example/ap/news/posts/{name}.json")
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + seconds).unwrap()
    }

    fn index(serial: u64, posts: &[(&str, PostState)]) -> Index {
        let posts = posts.iter().map(|(name, state)| IndexedPost { id: id(name), state: *state });
        Index { serial, profile: "p".to_owned(), posts: posts.collect() }
    }

    fn delivered(serial: u64, posts: &[(&str, DeliveredPost)]) -> Delivered {
        let posts = posts.iter().map(|(name, state)| (id(name), *state)).collect();
        Delivered { seen: Some((serial, "p".to_owned())), posts }
    }

    fn due(index: &Index, delivered: &Delivered) -> Vec<Due> {
        match compare(index, delivered, false) {
            Look::Changes { due, .. } => due,
            other => panic!("{other:?}"),
        }
    }

    use DeliveredPost::{Deleted, Held, Sent};
    use PostState::{Published, Withdrawn};

    #[test]
    fn at_the_first_look_everything_counts_as_delivered() {
        let index = index(5, &[("a", Published(at(0))), ("b", Withdrawn)]);
        let Look::First(seen) = compare(&index, &Delivered::default(), false) else { panic!() };
        assert_eq!(seen, delivered(5, &[("a", Sent(at(0))), ("b", Deleted)]));
        assert_eq!(due(&index, &seen), []);
    }

    #[test]
    fn what_is_new_changed_or_withdrawn_is_due() {
        let index = index(
            6,
            &[
                ("new", Published(at(9))),
                ("same", Published(at(0))),
                ("edited", Published(at(1))),
                ("gone", Withdrawn),
                ("never", Withdrawn),
            ],
        );
        let before =
            delivered(5, &[("same", Sent(at(0))), ("edited", Sent(at(0))), ("gone", Sent(at(0)))]);
        let expected = [
            Due::Create(id("new"), at(9)),
            Due::Update(id("edited"), at(1)),
            Due::Delete(id("gone")),
        ];
        assert_eq!(due(&index, &before), expected);
    }

    #[test]
    fn b_04_an_older_state_of_the_site_changes_nothing_and_an_equal_serial_may() {
        let before = delivered(5, &[("a", Sent(at(0)))]);
        let older = index(4, &[("a", Withdrawn), ("b", Published(at(1)))]);
        assert_eq!(compare(&older, &before, false), Look::Older(5));
        let merged = index(5, &[("a", Published(at(0))), ("b", Published(at(1)))]);
        assert_eq!(due(&merged, &before), [Due::Create(id("b"), at(1))]);
    }

    #[test]
    fn a_post_that_is_merely_missing_is_named_and_nothing_is_sent() {
        let before = delivered(5, &[("a", Sent(at(0))), ("b", Deleted), ("c", Held(None))]);
        let look = compare(&index(6, &[]), &before, false);
        assert_eq!(look, Look::Changes { due: Vec::new(), missing: vec![id("a")] });
    }

    #[test]
    fn an_edit_that_went_back_in_time_and_a_deleted_post_are_not_sent_again() {
        let before = delivered(5, &[("a", Sent(at(5))), ("b", Deleted)]);
        let index = index(6, &[("a", Published(at(4))), ("b", Published(at(9)))]);
        assert_eq!(due(&index, &before), []);
    }

    #[test]
    fn what_is_held_goes_out_when_it_is_confirmed_and_can_be_withdrawn_before() {
        let before = delivered(5, &[("a", Held(None)), ("b", Held(Some(at(1))))]);
        let held = index(5, &[("a", Published(at(3))), ("b", Published(at(3)))]);
        assert_eq!(due(&held, &before), []);
        let Look::Changes { due: confirmed, .. } = compare(&held, &before, true) else { panic!() };
        assert_eq!(confirmed, [Due::Create(id("a"), at(3)), Due::Update(id("b"), at(3))]);
        assert_eq!(due(&index(6, &[("a", Withdrawn)]), &before), [Due::Delete(id("a"))]);
    }

    #[test]
    fn another_profile_is_due() {
        let mut changed = index(5, &[]);
        changed.profile = "q".to_owned();
        assert_eq!(due(&changed, &delivered(5, &[])), [Due::Profile("q".to_owned())]);
    }

    #[test]
    fn a_flood_waits_and_the_rest_goes() {
        let creates = |count: usize| (0..count).map(|n| Due::Create(id(&n.to_string()), at(0)));
        let updates = |count: usize| (0..count).map(|n| Due::Update(id(&n.to_string()), at(0)));
        let none = SentToday::default();
        let (sent, held) = hold_back(creates(10).chain(updates(50)).collect(), none);
        assert_eq!((sent.len(), held.len()), (60, 0));
        let (sent, held) = hold_back(creates(11).chain(updates(50)).collect(), none);
        assert_eq!((sent.len(), held.len()), (50, 11));
        let more = SentToday { creates: 0, updates: 1 };
        let deleted = [Due::Delete(id("a"))];
        let (sent, held) = hold_back(updates(50).chain(deleted.clone()).collect(), more);
        assert_eq!((&sent[..], held.len()), (&deleted[..], 50));
    }

    #[test]
    fn an_index_of_another_actor_or_a_newer_version_is_refused() {
        let written = |actor: &str, post: &str, version: u32| {
            let post = serde_json::json!({ "id": post, "updated": "2026-11-24T12:00:00Z" });
            let index = serde_json::json!({
                "version": version, "serial": 7, "actor": actor, "profile": "p", "posts": [post],
            });
            Index::parse(index.to_string().as_bytes(), &local())
        };
        let own = local().id;
        let read = written(&own, &id("a"), 1).unwrap();
        assert_eq!((read.serial, read.posts.len()), (7, 1));
        assert_eq!(written("x", &id("a"), 1), Err(NoIndex::Actor("x".to_owned())));
        assert_eq!(
            written(&own, "https://a.example/b", 1),
            Err(NoIndex::Post("https://a.example/b".to_owned()))
        );
        assert_eq!(written(&own, &id("a"), 2), Err(NoIndex::Newer(2)));
        assert!(matches!(Index::parse(b"<html>", &local()), Err(NoIndex::Damaged(_))));
    }
}
