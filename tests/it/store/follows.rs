//! What messages change, and what stays of somebody who has left: nothing.

use jiff::SignedDuration;
use serde_json::Value;
use sitegen::federation::{Effect, KnownFollower, RemoteActor, Retraction};
use sitegen::office::store::queue::Kind;
use sitegen::office::store::{StoreError, blocks, effects, followers, known, outcome, reactions};

use super::{Office, actor, alone, days, follow, follow_of, like, locals, now, post, unfollow};

/// All bytes of the files of a store.
fn bytes(office: &Office) -> Vec<u8> {
    let files = std::fs::read_dir(office.folder.path()).unwrap();
    files.flat_map(|file| std::fs::read(file.unwrap().path()).unwrap()).collect()
}

fn is_in(text: &str, bytes: &[u8]) -> bool {
    bytes.windows(text.len()).any(|part| part == text.as_bytes())
}

#[test]
fn a_follower_is_known_with_all_that_is_needed_to_answer() {
    let office = Office::new();
    let jo = actor("jo", "social.example");
    office.follow(&jo, "news");
    office.run(|connection| {
        let found = known::known(connection, "news", jo.id.as_str(), "")?;
        let follow = follow_of(&jo, "news");
        let follower = KnownFollower {
            follow: follow.clone(),
            accepted: true,
            answered: Some(now()),
            at: now(),
        };
        assert_eq!(found.follower, Some(follower));
        assert_eq!((found.retracted, found.blocked), (None, false));
        assert_eq!(known::remote(connection, jo.id.as_str())?, Some(jo.clone()));
        assert!(known::is_known_actor(connection, jo.id.as_str())?);
        assert!(!known::is_known_actor(connection, "https://social.example/users/al")?);
        let user = known::user_of_follow(connection, jo.id.as_str(), &follow)?;
        assert_eq!(user.as_deref(), Some("news"));
        assert_eq!(known::user_of_follow(connection, "https://social.example/", &follow)?, None);
        Ok(())
    });
    office.check();
}

#[test]
fn a_02_who_follows_twice_is_one_follower_and_hears_of_the_newest_follow() {
    let office = Office::new();
    let jo = actor("jo", "social.example");
    office.follow(&jo, "news");
    let mut again = follow(&jo, "news");
    for effect in &mut again {
        if let Effect::AddFollower { follow, .. } | Effect::SendAccept { follow, .. } = effect {
            "https://social.example/2".clone_into(follow);
        }
    }
    office.apply(&again).unwrap();
    assert_eq!(office.count("SELECT count(*) FROM follower"), 1);
    let sent = office.deliver_all();
    assert_eq!(sent.len(), 1, "the older answer has not been sent and is not any more");
    assert_eq!(sent[0].inbox, jo.inbox, "an answer goes to the follower alone");
    let body: Value = serde_json::from_str(&sent[0].body).unwrap();
    assert_eq!(body["id"], sent[0].uri);
    assert_eq!(body["object"]["id"], "https://social.example/2");
    assert_eq!(body["object"]["actor"], jo.id.as_str());
    office.check();
}

#[test]
fn s_15_the_same_answer_again_has_the_same_bytes() {
    let office = Office::new();
    let jo = actor("jo", "social.example");
    office.follow(&jo, "news");
    let first = office.deliver_all();
    let answer = &follow(&jo, "news")[1..];
    office.apply(answer).unwrap();
    office.apply(answer).unwrap();
    let second = office.deliver_all();
    assert_eq!(second.len(), 1);
    assert_eq!((&first[0].uri, &first[0].body), (&second[0].uri, &second[0].body));
}

#[test]
fn a_08_a_follow_that_was_taken_back_is_remembered_for_nine_days_without_saying_whose() {
    let office = Office::new();
    let jo = actor("jo", "social.example");
    office.unfollow(&jo, "news");
    office.run(|connection| {
        let id = jo.id.as_str();
        let found = known::known(connection, "news", id, &follow_of(&jo, "news"))?;
        assert_eq!(found.retracted.unwrap().follow, Some(follow_of(&jo, "news")));
        let found = known::known(connection, "news", id, "https://social.example/2")?;
        assert_eq!(found.retracted.as_ref().unwrap().follow, None);
        assert_eq!(found.retracted.unwrap().at, now());
        assert_eq!(known::known(connection, "events", id, "")?.retracted, None);
        Ok(())
    });
    assert!(!is_in("social.example", &bytes(&office)));
    let sweep = |at| office.run(|connection| sitegen::office::store::sweep::sweep(connection, at));
    sweep(now() + days(9));
    assert_eq!(office.count("SELECT count(*) FROM retracted"), 1);
    sweep(now() + days(9) + SignedDuration::from_secs(1));
    assert_eq!(office.count("SELECT count(*) FROM retracted"), 0);
}

#[test]
fn a_08_an_older_retraction_does_not_hide_a_newer_one() {
    let office = Office::new();
    let jo = actor("jo", "social.example");
    for hours in [2, 1] {
        office
            .apply(&[Effect::Remember(Retraction {
                user: "news".to_owned(),
                actor: jo.id.to_string(),
                follow: None,
                at: now() + SignedDuration::from_hours(hours),
            })])
            .unwrap();
    }
    let found = office.run(|connection| known::known(connection, "news", jo.id.as_str(), ""));
    assert_eq!(found.retracted.unwrap().at, now() + SignedDuration::from_hours(2));
}

#[test]
fn of_somebody_who_unfollows_nothing_is_left_in_the_file() {
    let office = Office::new();
    let jo = actor("jo", "social.example");
    office.befriend(&jo, "news");
    office.enqueue(&post(1, Kind::Create));
    office.follow(&jo, "events");
    office.unfollow(&jo, "news");
    assert_eq!(office.count("SELECT count(*) FROM delivery"), 1, "the answer for the other user");
    office.unfollow(&jo, "events");
    office.check();
    for table in ["follower", "remote", "inbox", "host", "delivery", "activity"] {
        assert_eq!(office.count(&format!("SELECT count(*) FROM {table}")), 0, "{table}");
    }
    office.store.tidy().unwrap();
    assert!(!is_in("social.example", &bytes(&office)));
}

#[test]
fn of_somebody_who_is_deleted_not_even_a_reaction_is_left() {
    let office = Office::new();
    let (jo, al) = (actor("jo", "social.example"), actor("al", "social.example"));
    office.befriend(&jo, "news");
    office.befriend(&jo, "events");
    office.apply(&[like(&jo, 1), like(&al, 1)]).unwrap();
    office.unfollow(&jo, "events");
    office.apply(&[Effect::Forget { actor: jo.id.to_string() }]).unwrap();
    office.store.tidy().unwrap();
    office.check();
    assert!(!is_in("users/jo", &bytes(&office)));
    assert_eq!(office.count("SELECT count(*) FROM retracted"), 0);
    let left = office.run(|connection| reactions::of(connection, &post(1, Kind::Create).post));
    assert_eq!(left.len(), 1);
}

#[test]
fn a_05_others_on_the_same_server_go_on_following() {
    let office = Office::new();
    let (jo, al) = (actor("jo", "social.example"), actor("al", "social.example"));
    office.befriend(&jo, "news");
    office.befriend(&al, "news");
    office.enqueue(&post(1, Kind::Create));
    office.apply(&[Effect::Forget { actor: jo.id.to_string() }]).unwrap();
    let sent = office.deliver_all();
    assert_eq!(sent.len(), 1, "what all on a server share is still needed");
    office.unfollow(&al, "news");
    office.check();
    assert_eq!(office.count("SELECT count(*) FROM host"), 0);
}

#[test]
fn what_only_this_follower_would_get_is_not_sent_any_more() {
    let office = Office::new();
    let (jo, al) = (alone("jo", "small.example"), alone("al", "small.example"));
    office.befriend(&jo, "news");
    office.befriend(&al, "news");
    office.enqueue(&post(1, Kind::Create));
    let under_way = office.take_all(now());
    office.unfollow(&jo, "news");
    let left = office.take_all(now());
    assert_eq!(left.iter().map(|one| &one.inbox).collect::<Vec<_>>(), [&al.inbox]);
    // One of them was being sent when they left.
    for delivery in &under_way {
        office.run(|connection| outcome::delivered(connection, delivery, now()));
    }
    assert_eq!(office.count("SELECT count(*) FROM delivery"), 0);
    office.check();
}

#[test]
fn all_effects_of_a_message_are_stored_or_none() {
    let office = Office::new();
    let mut effects = follow(&actor("jo", "social.example"), "news");
    effects.push(Effect::SendAccept {
        user: "nobody".to_owned(),
        actor: String::new(),
        follow: String::new(),
    });
    let error = office.apply(&effects).unwrap_err();
    assert!(matches!(error, StoreError::NoUser(_)), "{error}");
    // Also when others have put something into the same transaction.
    office.run(|connection| {
        assert!(effects::apply(connection, &effects, now(), &locals()).is_err());
        effects::apply(connection, &[like(&actor("al", "a.example"), 1)], now(), &locals())
    });
    assert_eq!(office.count("SELECT count(*) FROM follower"), 0);
    assert_eq!(office.count("SELECT count(*) FROM reaction"), 1);
    office.check();
}

#[test]
fn what_is_new_of_an_actor_takes_the_place_of_what_was_known() {
    let office = Office::new();
    let jo = actor("jo", "social.example");
    office.befriend(&jo, "news");
    let moved =
        RemoteActor { name: "joe".to_owned(), keys: Vec::new(), ..alone("jo", "social.example") };
    let moved = RemoteActor { inbox: moved.inbox.join("other").unwrap(), ..moved };
    office.apply(&[Effect::Refresh(moved.clone())]).unwrap();
    office.run(|connection| {
        assert_eq!(known::remote(connection, jo.id.as_str())?, Some(moved.clone()));
        Ok(())
    });
    office.check();
    assert_eq!(office.count("SELECT count(*) FROM inbox"), 1, "the old ones are forgotten");
    // Nobody becomes known by that.
    office.apply(&[Effect::Refresh(actor("al", "social.example"))]).unwrap();
    assert_eq!(office.count("SELECT count(*) FROM remote"), 1);
}

#[test]
fn a_reaction_is_taken_back_only_by_who_made_it() {
    let office = Office::new();
    let (jo, al) = (actor("jo", "social.example"), actor("al", "social.example"));
    office.apply(&[like(&jo, 1)]).unwrap();
    let id = format!("{}/like/1", jo.id);
    let drop = |actor: &RemoteActor| Effect::Drop { actor: actor.id.to_string(), id: id.clone() };
    office.apply(&[drop(&al)]).unwrap();
    assert_eq!(office.count("SELECT count(*) FROM reaction"), 1);
    office.apply(&[drop(&jo)]).unwrap();
    assert_eq!(office.count("SELECT count(*) FROM reaction"), 0);
}

#[test]
fn who_was_rejected_hears_of_it_and_is_forgotten_then() {
    let office = Office::new();
    let (jo, local) = (actor("jo", "social.example"), &locals()[0]);
    office.befriend(&jo, "news");
    office.enqueue(&post(1, Kind::Create));
    office.run(|connection| {
        assert!(followers::reject(connection, jo.id.as_str(), local, now())?);
        assert!(!followers::reject(connection, jo.id.as_str(), local, now())?);
        Ok(())
    });
    office.check();
    let sent = office.deliver_all();
    assert_eq!(sent.len(), 1, "the answer, and no posts");
    assert!(sent[0].body.contains("\"Reject\""));
    assert_eq!(office.count("SELECT count(*) FROM remote"), 0);
    office.check();
}

#[test]
fn who_waits_for_a_person_gets_nothing_until_they_are_accepted() {
    let office = Office::new();
    let (jo, local) = (actor("jo", "social.example"), &locals()[0]);
    let mut asks = follow(&jo, "news");
    asks.truncate(1);
    if let Effect::AddFollower { accepted, .. } = &mut asks[0] {
        *accepted = false;
    }
    office.apply(&asks).unwrap();
    assert_eq!(office.enqueue(&post(1, Kind::Create)), 0);
    office.check();
    office.run(|connection| {
        let pending = followers::pending(connection, "news")?;
        assert_eq!(pending.len(), 1);
        assert_eq!(pending[0].handle(), "@jo@social.example");
        assert_eq!(followers::count(connection, "news")?.pending, 1);
        assert!(followers::accept(connection, jo.id.as_str(), local, now())?);
        assert!(!followers::accept(connection, "https://a.example/", local, now())?);
        assert!(followers::pending(connection, "news")?.is_empty());
        Ok(())
    });
    assert_eq!(office.deliver_all().len(), 1);
    assert_eq!(office.enqueue(&post(1, Kind::Create)), 1);
    office.apply(&unfollow(&jo, "news")).unwrap();
    office.check();
}

#[test]
fn who_is_blocked_is_removed_and_not_told() {
    let office = Office::new();
    let people = [
        actor("jo", "social.example"),
        actor("al", "sub.social.example"),
        actor("mo", "social.example."),
        actor("ed", "social.example:8443"),
        actor("un", "antisocial.example"),
    ];
    for one in &people {
        office.follow(one, "news");
    }
    office.apply(&[like(&people[1], 1)]).unwrap();
    let domain = blocks::Blocked::domain("https://Social.example/about").unwrap();
    let removed = office.run(|connection| blocks::block(connection, &domain, now()));
    assert_eq!(removed, 4);
    office.check();
    assert_eq!(office.count("SELECT count(*) FROM delivery"), 1);
    assert_eq!(office.count("SELECT count(*) FROM reaction"), 0);
    let is_blocked = |one: &RemoteActor| {
        office.run(|connection| known::known(connection, "news", one.id.as_str(), "")).blocked
    };
    assert_eq!(people.each_ref().map(is_blocked), [true, true, true, true, false]);
    let account = blocks::Blocked::Account(people[4].id.clone());
    office.run(|connection| {
        assert_eq!(blocks::block(connection, &account, now())?, 1);
        assert!(blocks::unblock(connection, &domain)?);
        assert!(!blocks::unblock(connection, &domain)?);
        assert_eq!(blocks::list(connection)?, [(account.clone(), now())]);
        Ok(())
    });
    assert_eq!(people.each_ref().map(is_blocked), [false, false, false, false, true]);
    assert_eq!(office.count("SELECT count(*) FROM remote"), 0);
}
