//! What is new on the site goes out, and nothing else.

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};

use super::person::Person;
use super::world::{NEWS, World, in_world, in_world_with};
use crate::activity::NAMESPACE;
use crate::office::transport::tests::peer::say;
use crate::office::{Seen, store};

const SHARED: &str = "https://social.example/inbox";
const INDEX: &str = "https://party.example/ap/news/index.json";

fn id(post: &str) -> String {
    format!("https://party.example/ap/news/posts/{post}.json")
}

fn note(post: &str, updated: &str) -> Value {
    json!({
        "@context": NAMESPACE, "id": id(post), "type": "Note", "attributedTo": NEWS,
        "published": updated, "updated": updated, "to": [format!("{NAMESPACE}#Public")],
        "content": "<p>Hi</p>",
    })
}

/// An index with posts that were changed then, or taken back.
fn index(serial: u64, posts: &[(&str, Option<&str>)]) -> String {
    let posts = posts.iter().map(|(post, updated)| match updated {
        Some(updated) => json!({ "id": id(post), "updated": updated }),
        None => json!({ "id": id(post), "withdrawn": "2026-12-01T12:00:00Z" }),
    });
    let posts: Vec<Value> = posts.collect();
    json!({ "version": 1, "serial": serial, "actor": NEWS, "profile": "p", "posts": posts })
        .to_string()
}

const T1: Option<&str> = Some("2026-12-01T10:00:00Z");
const T2: Option<&str> = Some("2026-12-01T11:00:00Z");

/// The folder of the site.
fn folder(world: &World) -> PathBuf {
    world.folder.path().join("public/ap/news")
}

/// Writes the site as it is now: the index, and documents of what is published.
fn publish(world: &World, serial: u64, posts: &[(&str, Option<&str>)]) {
    fs::create_dir_all(folder(world).join("posts")).unwrap();
    for (post, updated) in posts {
        if let Some(updated) = updated {
            write(world, post, &note(post, updated).to_string());
        }
    }
    fs::write(folder(world).join("index.json"), index(serial, posts)).unwrap();
}

fn write(world: &World, post: &str, text: &str) {
    fs::write(folder(world).join(format!("posts/{post}.json")), text).unwrap();
}

/// What a look finds out about `news`.
async fn look(world: &World, confirmed: bool) -> Seen {
    let looks = world.office.look(confirmed).await;
    let seen = looks.into_iter().find(|(user, _)| user == "news").unwrap().1;
    world.deliver().await;
    seen
}

/// A site with a post, which was looked at, and a follower.
fn in_site(act: impl AsyncFnOnce(World)) {
    in_world_with("folder = \"public\"", async |world| {
        Person::jo(&world).is_friend(&world).await;
        publish(&world, 5, &[("a", T1)]);
        let seen = look(&world, false).await;
        assert_eq!(seen, Seen { is_first: true, ..Seen::default() });
        act(world).await;
    });
}

fn kinds(world: &World) -> Vec<String> {
    world.web.kinds(SHARED)
}

#[test]
fn the_first_look_sends_nothing_and_the_next_what_is_new() {
    in_site(async |world| {
        assert_eq!(kinds(&world), [""; 0]);
        assert_eq!(look(&world, false).await, Seen::default());
        publish(&world, 6, &[("a", T2), ("b", T2)]);
        assert_eq!(look(&world, false).await, Seen { queued: 2, ..Seen::default() });
        assert_eq!(look(&world, false).await, Seen::default());
        assert_eq!(kinds(&world), ["Update", "Create"]);
        let create = &world.web.messages(SHARED)[1];
        assert_eq!(create["object"]["id"], id("b"));
    });
}

#[test]
fn an_older_state_of_the_site_sends_nothing() {
    in_site(async |world| {
        publish(&world, 4, &[("a", T2), ("b", T2)]);
        let seen = look(&world, false).await;
        assert_eq!((seen.queued, kinds(&world).len()), (0, 0));
        assert!(seen.problems[0].contains("serial 4"), "{seen:?}");
    });
}

#[test]
fn a_post_that_is_missing_sends_nothing() {
    in_site(async |world| {
        publish(&world, 6, &[]);
        fs::remove_file(folder(&world).join("posts/a.json")).unwrap();
        let seen = look(&world, false).await;
        assert_eq!((seen.queued, kinds(&world).len()), (0, 0));
        assert!(seen.problems[0].contains("1 posts that followers have"), "{seen:?}");
    });
}

#[test]
fn a_site_that_is_half_there_sends_what_is_there_and_the_rest_later() {
    in_site(async |world| {
        publish(&world, 6, &[("a", T1), ("b", T2), ("c", T2), ("d", T2)]);
        write(&world, "b", "<html>Not here</html>");
        write(&world, "c", &note("c", T1.unwrap()).to_string());
        let seen = look(&world, false).await;
        assert_eq!((seen.queued, seen.problems.len()), (1, 2), "{seen:?}");
        assert_eq!(world.web.messages(SHARED)[0]["object"]["id"], id("d"));
        publish(&world, 6, &[("a", T1), ("b", T2), ("c", T2), ("d", T2)]);
        assert_eq!(look(&world, false).await, Seen { queued: 2, ..Seen::default() });
    });
}

#[test]
fn a_post_is_deleted_only_when_the_site_says_so_in_both_places() {
    in_site(async |world| {
        publish(&world, 6, &[("a", None)]);
        let seen = look(&world, false).await;
        assert_eq!((seen.queued, kinds(&world).len()), (0, 0));
        assert!(seen.problems[0].contains("still on the site"), "{seen:?}");
        write(&world, "a", "<html>Oops</html>");
        assert_eq!(look(&world, false).await.queued, 0);
        write(&world, "a", &json!({ "id": id("a"), "type": "Tombstone" }).to_string());
        assert_eq!(look(&world, false).await, Seen { queued: 1, ..Seen::default() });
        assert_eq!(kinds(&world), ["Delete"]);
        publish(&world, 7, &[("a", T2)]);
        assert_eq!(look(&world, false).await.queued, 0, "what is gone does not come back");
    });
}

#[test]
fn a_post_whose_file_is_gone_is_deleted_when_the_index_says_so() {
    in_site(async |world| {
        publish(&world, 6, &[("a", None)]);
        fs::remove_file(folder(&world).join("posts/a.json")).unwrap();
        assert_eq!(look(&world, false).await.queued, 1);
        assert_eq!(kinds(&world), ["Delete"]);
    });
}

#[test]
fn more_posts_than_people_write_in_a_day_wait_for_somebody_to_confirm_them() {
    in_site(async |world| {
        let names: Vec<String> = (0..11).map(|number| format!("n{number}")).collect();
        let posts: Vec<(&str, Option<&str>)> =
            names.iter().map(|name| (name.as_str(), T2)).chain([("a", T1)]).collect();
        publish(&world, 6, &posts);
        for _ in 0..2 {
            let seen = look(&world, false).await;
            assert_eq!((seen.queued, kinds(&world).len()), (0, 0), "{seen:?}");
            assert_eq!(world.status().await.held, 11);
        }
        let seen = Seen { queued: 11, is_confirmed: true, ..Seen::default() };
        assert_eq!(look(&world, true).await, seen);
        assert_eq!((kinds(&world).len(), world.status().await.held), (11, 0));
        assert_eq!(look(&world, false).await, Seen::default());
    });
}

#[test]
fn what_was_confirmed_beside_the_running_post_office_goes_out_once() {
    in_site(async |world| {
        let names: Vec<String> = (0..22).map(|number| format!("n{number}")).collect();
        let show = |serial, count: usize| {
            let new = names[..count].iter().map(|name| (name.as_str(), T2));
            publish(&world, serial, &new.chain([("a", T1)]).collect::<Vec<_>>());
        };
        show(6, 11);
        assert_eq!(look(&world, false).await.held, 11);
        world.store(|store| store::counters::confirm(store, "news")).await;
        assert_eq!(look(&world, false).await.queued, 11);
        show(7, 22);
        assert_eq!(look(&world, false).await.held, 11, "it was about the first eleven");
    });
}

#[test]
fn what_was_confirmed_while_the_site_is_away_is_done_when_it_is_back() {
    in_site(async |world| {
        let names: Vec<String> = (0..11).map(|number| format!("n{number}")).collect();
        let posts: Vec<_> = names.iter().map(|name| (name.as_str(), T2)).collect();
        publish(&world, 6, &[&posts[..], &[("a", T1)]].concat());
        world.store(|store| store::counters::confirm(store, "news")).await;
        let index = folder(&world).join("index.json");
        let away = index.with_extension("away");
        fs::rename(&index, &away).unwrap();
        assert!(!look(&world, false).await.is_confirmed);
        fs::rename(&away, &index).unwrap();
        assert_eq!(look(&world, false).await.queued, 11);
    });
}

#[test]
fn an_error_page_sends_nothing() {
    in_world(async |world| {
        Person::jo(&world).is_friend(&world).await;
        let serve = |head: &'static str, body: String| {
            world.web.on(&format!("GET {INDEX}"), move |_| say(head, &body));
        };
        serve("200 OK", index(5, &[("a", T1)]));
        assert!(look(&world, false).await.is_first);
        for (head, body) in [
            ("200 OK", "<html>We are back soon</html>".to_owned()),
            ("200 OK", String::new()),
            ("503 Service Unavailable", index(6, &[("b", T2)])),
            ("404 Not Found", index(6, &[("b", T2)])),
            ("200 OK", index(6, &[("b", T2)]).replace(NEWS, "https://evil.example/actor.json")),
        ] {
            serve(head, body);
            let seen = look(&world, false).await;
            assert_eq!((seen.queued, seen.problems.len()), (0, 1), "{seen:?}");
        }
        // The index is there, the post is not yet.
        serve("200 OK", index(6, &[("a", T1), ("b", T2)]));
        for head in ["404 Not Found", "503 Service Unavailable"] {
            world.web.status(&format!("GET {}", id("b")), head);
            assert_eq!(look(&world, false).await.queued, 0);
        }
        assert_eq!(kinds(&world), [""; 0]);
        world.web.publish(&note("b", T2.unwrap()));
        assert_eq!(look(&world, false).await.queued, 1);
        assert_eq!(kinds(&world), ["Create"]);
    });
}

#[test]
fn an_error_page_is_no_first_look() {
    in_world(async |world| {
        world.web.status(&format!("GET {INDEX}"), "404 Not Found");
        assert!(!look(&world, false).await.is_first);
        world.web.on(&format!("GET {INDEX}"), |_| say("200 OK", &index(5, &[("a", T1)])));
        assert!(look(&world, false).await.is_first);
    });
}
