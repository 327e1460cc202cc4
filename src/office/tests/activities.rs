//! What messages change.

use serde_json::json;

use super::person::Person;
use super::world::{World, in_world};
use crate::office::store;
use crate::office::transport::tests::peer::Act;

#[test]
fn a_01_a_follow_of_nobody_here_is_taken_without_asking_for_a_key() {
    in_world(async |world| {
        let jo = Person::jo(&world);
        let mut follow = jo.follow(1);
        follow["object"] = "https://party.example/ap/nobody/actor.json".into();
        assert_eq!(world.send(&jo.writes(&world, &follow)).await, 202);
        assert_eq!(world.web.connections(), 0);
        assert_eq!(world.followers().await, [""; 0]);
    });
}

#[test]
fn a_02_two_follows_are_one_follower_and_the_last_one_is_answered() {
    in_world(async |world| {
        let jo = Person::jo(&world);
        jo.follows(&world).await;
        world.minutes(1);
        assert_eq!(world.send(&jo.writes(&world, &jo.follow(2))).await, 202);
        world.deliver().await;
        assert_eq!(world.followers().await, [jo.id.as_str()]);
        let answers = world.web.messages(&jo.inbox());
        assert_eq!(answers.len(), 1);
        assert_eq!(answers[0]["object"]["id"], jo.follow(2)["id"]);
    });
}

#[test]
fn a_03_nobody_takes_back_the_follow_of_somebody_else() {
    in_world(async |world| {
        let jo = Person::jo(&world);
        jo.is_friend(&world).await;
        // On the very same server.
        let max = Person { key: 2, ..Person::new("max", "social.example") }.published(&world);
        for object in [jo.follow(1), jo.follow(1)["id"].clone()] {
            assert_eq!(world.send(&max.writes(&world, &max.undo(&object))).await, 202);
        }
        assert_eq!(world.followers().await, [jo.id]);
    });
}

#[test]
fn a_04_a_follow_is_taken_back_by_its_id_too() {
    in_world(async |world| {
        let jo = Person::jo(&world);
        jo.is_friend(&world).await;
        world.minutes(1);
        let (asked, other) = (world.web.connections(), json!("https://social.example/unknown"));
        let max = Person::new("max", "social.example");
        assert_eq!(world.send(&max.writes(&world, &max.undo(&other))).await, 202);
        assert_eq!(world.web.connections(), asked, "nobody is asked for Max, who is unknown");
        assert_eq!(world.send(&jo.writes(&world, &jo.undo(&other))).await, 202);
        assert_eq!(world.followers().await, [jo.id.as_str()]);
        let own = jo.undo(&jo.follow(1)["id"]);
        assert_eq!(world.send(&jo.writes(&world, &own)).await, 202);
        assert_eq!(world.followers().await, [""; 0]);
    });
}

#[test]
fn a_05_nobody_deletes_somebody_else() {
    in_world(async |world| {
        let jo = Person::jo(&world);
        jo.is_friend(&world).await;
        let max = Person { key: 2, ..Person::new("max", "social.example") }.published(&world);
        max.follows(&world).await;
        let mut delete = jo.delete();
        assert_eq!(world.send(&max.writes(&world, &delete)).await, 401);
        delete["actor"] = max.id.clone().into();
        assert_eq!(world.send(&max.writes(&world, &delete)).await, 202);
        assert_eq!(world.followers().await, [jo.id, max.id]);
    });
}

#[test]
fn a_06_whoever_is_gone_is_forgotten() {
    in_world(async |world| {
        let (jo, max) =
            (Person::jo(&world), Person::new("max", "social.example").published(&world));
        jo.is_friend(&world).await;
        max.follows(&world).await;
        assert_eq!(world.send(&jo.writes(&world, &jo.delete())).await, 202);
        assert_eq!(world.followers().await, [max.id]);
    });
}

/// A delete of a follower whose key does not fit, while their server answers so.
async fn deleted_while(world: &World, head: &'static str) -> (u16, bool) {
    let jo = Person::new("jo", "social.example");
    jo.has_followed(world).await;
    Person::new("max", "social.example").has_followed(world).await;
    world.web.status(&format!("GET {}", jo.id), head);
    let status = world.send(&jo.forged(world, &jo.delete())).await;
    let followers = world.followers().await;
    assert!(followers.contains(&"https://social.example/users/max".to_owned()));
    (status, followers.contains(&jo.id))
}

#[test]
fn a_06_a_lost_key_counts_only_when_its_server_says_gone() {
    for (head, expected) in [
        ("410 Gone", (202, false)),
        ("404 Not Found", (401, true)),
        ("403 Forbidden", (401, true)),
        ("401 Unauthorized", (503, true)),
        ("500 Internal Server Error", (503, true)),
        ("503 Service Unavailable", (503, true)),
    ] {
        in_world(async |world| assert_eq!(deleted_while(&world, head).await, expected, "{head}"));
    }
}

#[test]
fn a_06_a_server_that_does_not_answer_says_nothing() {
    in_world(async |world| {
        let jo = Person::new("jo", "social.example");
        jo.has_followed(&world).await;
        world.web.on(&format!("GET {}", jo.id), |_| Act::Close(Vec::new()));
        assert_eq!(world.send(&jo.forged(&world, &jo.delete())).await, 503);
        assert_eq!(world.followers().await, [jo.id]);
    });
}

#[test]
fn a_06_a_server_that_takes_too_long_says_nothing() {
    crate::office::runtime::run_in_no_time(async {
        let world = World::new("").await;
        let jo = Person::new("jo", "social.example");
        jo.has_followed(&world).await;
        world.web.on(&format!("GET {}", jo.id), |_| Act::Drip(Vec::new()));
        assert_eq!(world.send(&jo.forged(&world, &jo.delete())).await, 503);
        assert_eq!(world.followers().await, [jo.id]);
    });
}

#[test]
fn a_06_nobody_is_asked_for_somebody_unknown_who_is_deleted() {
    in_world(async |world| {
        let jo = Person::jo(&world);
        assert_eq!(world.send(&jo.writes(&world, &jo.delete())).await, 202);
        assert_eq!(world.send(&jo.writes(&world, &jo.update())).await, 202);
        assert_eq!(world.web.connections(), 0);
    });
}

#[test]
fn a_07_an_id_that_somebody_else_has_used_is_not_used_up() {
    in_world(async |world| {
        let jo = Person::jo(&world);
        jo.is_friend(&world).await;
        world.minutes(1);
        let max = Person { key: 2, ..Person::new("max", "social.example") }.published(&world);
        let undo = jo.undo(&jo.follow(1));
        let mut early = max.follow(1);
        early["id"] = undo["id"].clone();
        assert_eq!(world.send(&max.writes(&world, &early)).await, 202);
        assert_eq!(world.send(&jo.writes(&world, &undo)).await, 202);
        assert_eq!(world.followers().await, [max.id]);
    });
}

#[test]
fn a_08_an_undo_that_comes_first_counts() {
    in_world(async |world| {
        let jo = Person::jo(&world);
        let follow = jo.writes(&world, &jo.follow(1));
        world.minutes(1);
        assert_eq!(world.send(&jo.writes(&world, &jo.undo(&jo.follow(1)))).await, 202);
        assert_eq!(world.send(&follow).await, 202);
        assert_eq!(world.followers().await, [""; 0]);
        world.minutes(1);
        assert_eq!(world.send(&jo.writes(&world, &jo.follow(2))).await, 202);
        assert_eq!(world.followers().await, [jo.id]);
    });
}

#[test]
fn a_10_what_means_nothing_is_taken_and_not_kept() {
    in_world(async |world| {
        let jo = Person::jo(&world);
        for kind in ["Accept", "Reject", "Flag", "Listen", "Dance", "Like", "Announce"] {
            let mut message = jo.follow(1);
            message["type"] = kind.into();
            assert_eq!(world.send(&jo.writes(&world, &message)).await, 202, "{kind}");
        }
        let note = json!({ "id": format!("{}/notes/1", jo.id), "type": "Note" });
        let create = json!({
            "id": format!("{}/notes/1#create", jo.id), "type": "Create", "actor": jo.id,
            "object": note,
        });
        assert_eq!(world.send(&jo.writes(&world, &create)).await, 202);
        assert_eq!(world.web.connections(), 0, "nobody is asked for a key because of that");
        assert_eq!(world.followers().await, [""; 0]);
        world.deliver().await;
        assert_eq!(world.web.connections(), 0);
    });
}

#[test]
fn a_10_a_like_of_our_post_is_kept_for_its_author_alone() {
    in_world(async |world| {
        let jo = Person::jo(&world);
        let post = "https://party.example/ap/news/posts/a.json";
        let like = json!({
            "id": format!("{}/likes/1", jo.id), "type": "Like", "actor": jo.id, "object": post,
        });
        assert_eq!(world.send(&jo.forged(&world, &like)).await, 401);
        world.minutes(6);
        assert_eq!(world.send(&jo.writes(&world, &like)).await, 202);
        let kept = world.store(move |store| store::reactions::of(store, post)).await;
        assert_eq!((kept.len(), kept[0].actor.as_str()), (1, jo.id.as_str()));
        let max = Person { key: 2, ..Person::new("max", "social.example") }.published(&world);
        let undo = max.undo(&like);
        assert_eq!(world.send(&max.writes(&world, &undo)).await, 202);
        assert_eq!(world.store(move |store| store::reactions::of(store, post)).await.len(), 1);
        assert_eq!(world.send(&jo.writes(&world, &jo.undo(&like))).await, 202);
        assert_eq!(world.store(move |store| store::reactions::of(store, post)).await, []);
    });
}
