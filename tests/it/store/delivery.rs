//! What goes to whom, in which order, and what becomes of it.

use jiff::{SignedDuration, Timestamp};
use sitegen::federation::RemoteActor;
use sitegen::federation::site::{Delivered, DeliveredPost, Due, SentToday};
use sitegen::office::store::hosts;
use sitegen::office::store::outcome::Consequence;
use sitegen::office::store::posts;
use sitegen::office::store::queue::Kind;
use sitegen::office::store::status::status;
use sitegen::office::store::sweep::{Swept, sweep};
use sitegen::office::store::{counters, followers, outcome, queue};
use sitegen::signature::Form;

use super::{Office, actor, alone, days, now, post};

fn inboxes(deliveries: &[queue::Delivery]) -> Vec<&str> {
    deliveries.iter().map(|one| one.inbox.as_str()).collect()
}

fn kinds(deliveries: &[queue::Delivery]) -> Vec<&str> {
    deliveries.iter().map(|one| one.uri.rsplit('#').next().unwrap()).collect()
}

#[test]
fn a_post_goes_once_to_each_server_where_all_read_one_inbox() {
    let office = Office::new();
    for (name, host) in [("jo", "a.example"), ("al", "a.example"), ("mo", "b.example")] {
        office.befriend(&actor(name, host), "news");
    }
    office.befriend(&alone("ed", "c.example"), "news");
    office.befriend(&alone("un", "c.example"), "news");
    office.befriend(&actor("ev", "d.example"), "events");
    assert_eq!(office.enqueue(&post(1, Kind::Create)), 4);
    assert_eq!(office.enqueue(&post(1, Kind::Create)), 0, "it is on its way already");
    let mut sent = office.deliver_all();
    sent.sort_by(|one, other| one.inbox.cmp(&other.inbox));
    assert_eq!(
        inboxes(&sent),
        [
            "https://a.example/inbox",
            "https://b.example/inbox",
            "https://c.example/users/ed/inbox",
            "https://c.example/users/un/inbox",
        ]
    );
    assert_eq!(
        sent.iter().map(|one| one.is_shared).collect::<Vec<_>>(),
        [true, true, false, false]
    );
    assert!(sent.iter().all(|one| one.user == "news" && one.body == post(1, Kind::Create).body));
    assert_eq!(office.count("SELECT count(*) FROM activity"), 0, "nothing is left in the queue");
    office.check();
}

#[test]
fn d_08_a_server_gets_posts_only_after_it_has_taken_an_answer() {
    let office = Office::new();
    office.follow(&actor("jo", "a.example"), "news");
    office.enqueue(&post(1, Kind::Create));
    let first = office.take_all(now());
    assert_eq!(first.len(), 1, "the answer alone");
    assert!(first[0].body.contains("\"Accept\""));
    office.run(|connection| outcome::postpone(connection, &first[0], now(), now(), "no"));
    assert_eq!(office.take_all(now()).len(), 1);
    office.run(|connection| outcome::delivered(connection, &first[0], now()));
    assert_eq!(kinds(&office.take_all(now())), ["Create"]);
    office.check();
}

#[test]
fn who_never_took_an_answer_is_dropped_after_eight_days() {
    let office = Office::new();
    office.befriend(&actor("al", "b.example"), "news");
    office.follow(&actor("jo", "a.example"), "news");
    office.enqueue(&post(1, Kind::Create));
    let run = |at| office.run(|connection| sweep(connection, at));
    assert_eq!(run(now() + days(8)), Swept::default());
    let swept = run(now() + days(8) + SignedDuration::from_secs(1));
    assert_eq!(swept, Swept { expired: 3, parked: 0, dropped: 1 });
    assert_eq!(office.count("SELECT count(*) FROM host"), 1);
    office.check();
}

#[test]
fn q_13_what_is_given_up_after_eight_days_is_counted() {
    let office = Office::new();
    office.befriend(&actor("jo", "a.example"), "news");
    office.enqueue(&post(1, Kind::Create));
    let at = now() + days(9);
    office.run(|connection| sweep(connection, at));
    let status = office.run(|connection| status(connection, at));
    assert_eq!((status.queued, status.expired), (0, 1));
    assert_eq!(office.count("SELECT count(*) FROM follower"), 1);
}

#[test]
fn the_server_that_has_waited_longest_comes_first_and_then_goes_to_the_end() {
    let office = Office::new();
    let hosts = ["a.example", "b.example", "c.example"];
    for (index, host) in hosts.iter().enumerate() {
        office.befriend(&alone("jo", host), "news");
        office.befriend(&alone("al", host), "news");
        let now = now() + SignedDuration::from_secs(index.try_into().unwrap());
        office.run(|connection| {
            queue::enqueue(
                connection,
                "news",
                &post(u32::try_from(index).unwrap(), Kind::Create),
                now,
            )
        });
    }
    let at = now() + SignedDuration::from_mins(1);
    let origins = office.due(at);
    assert_eq!(origins, hosts.map(|host| format!("https://{host}")));
    let one = office.take(&origins[0], at).remove(0);
    office.run(|connection| outcome::delivered(connection, &one, at));
    assert_eq!(
        office.due(at),
        ["b.example", "c.example", "a.example"].map(|h| format!("https://{h}"))
    );
    let busy = [origins[1].clone()].into();
    let found = office.run(|connection| queue::due_origins(connection, at, 1, &busy));
    assert_eq!(found[0].origin, origins[2], "somebody is sending to the other one");
    office.check();
}

#[test]
fn a_server_that_cannot_be_reached_waits_and_stops_nobody() {
    let office = Office::new();
    for host in ["a.example", "b.example"] {
        office.befriend(&actor("jo", host), "news");
    }
    office.enqueue(&post(1, Kind::Create));
    let until = now() + SignedDuration::from_mins(5);
    let delivery = office.take("https://a.example", now()).remove(0);
    let error = "no route\u{1b}[2J".to_owned() + &"!".repeat(1_000);
    office.run(|connection| outcome::postpone(connection, &delivery, now(), until, &error));
    office.check();
    assert_eq!(office.due(now()), ["https://b.example"]);
    assert!(office.take("https://a.example", now()).is_empty());
    let next = office.run(|connection| queue::next_due(connection, now()));
    assert_eq!(next, Some(until));
    let again = office.take("https://a.example", until).remove(0);
    assert_eq!((again.id, again.tries, again.failures), (delivery.id, 1, 1));
    assert_eq!(again.first, now());
    // A post that is written meanwhile waits too.
    office.enqueue(&post(2, Kind::Create));
    assert_eq!(office.due(now()), ["https://b.example"]);
    office.check();

    let later = now() + days(2);
    let status = office.run(|connection| status(connection, later));
    assert_eq!((status.queued, status.dead, status.hosts), (4, 1, 2));
    assert_eq!(status.oldest, Some(now()));
    assert_eq!(status.dead_hosts[0].origin, "https://a.example");
    let error = status.dead_hosts[0].error.as_deref().unwrap();
    assert!(error.starts_with("no route[2J!") && error.len() == 120, "{error}");
    office.run(|connection| outcome::delivered(connection, &again, until));
    assert_eq!(office.take("https://a.example", until).remove(0).failures, 0);
}

#[test]
fn q_11_the_newest_edit_takes_the_place_of_the_one_before_and_a_deletion_that_of_all() {
    let office = Office::new();
    office.befriend(&actor("jo", "a.example"), "news");
    let edit = |number| queue::Activity { uri: format!("edit-{number}"), ..post(1, Kind::Update) };
    for activity in [post(1, Kind::Create), edit(1), post(2, Kind::Create), edit(2)] {
        office.enqueue(&activity);
    }
    let taken = office.take_all(now());
    let uris: Vec<&str> = taken.iter().map(|one| one.uri.as_str()).collect();
    assert_eq!(uris, [&*post(1, Kind::Create).uri, &*post(2, Kind::Create).uri, "edit-2"]);
    office.enqueue(&post(1, Kind::Delete));
    assert_eq!(kinds(&office.take_all(now())), ["Create", "Delete"]);
    office.check();
}

#[test]
fn q_11_what_goes_to_an_inbox_keeps_its_order_when_it_does_not_believe_us() {
    let office = Office::new();
    for name in ["jo", "al"] {
        office.befriend(&alone(name, "a.example"), "news");
    }
    office.enqueue(&post(1, Kind::Create));
    let refused = office.take_all(now()).remove(0);
    let tomorrow = now() + days(1);
    let consequence = office.run(|connection| outcome::unproven(connection, &refused, tomorrow));
    assert_eq!(consequence, Consequence::Later);
    office.enqueue(&post(2, Kind::Create));
    office.check();
    let left = office.take_all(now());
    assert_eq!(left.len(), 2);
    assert!(left.iter().all(|one| one.inbox != refused.inbox));
    let mut both = office.take_all(tomorrow);
    both.retain(|one| one.inbox == refused.inbox);
    assert_eq!(
        both.iter().map(|one| one.uri.as_str()).collect::<Vec<_>>(),
        [post(1, Kind::Create).uri, post(2, Kind::Create).uri]
    );
}

#[test]
fn an_inbox_that_refuses_three_messages_over_two_days_is_left_alone() {
    let office = Office::new();
    let (jo, al) = (actor("jo", "a.example"), actor("al", "a.example"));
    office.befriend(&jo, "news");
    office.befriend(&al, "news");
    let first = [(1, 0), (2, 1)];
    for (number, day) in first {
        let at = now() + days(day);
        office.enqueue(&post(number, Kind::Create));
        let delivery = office.take_all(at).remove(0);
        let consequence = office.run(|connection| outcome::refused(connection, &delivery, at));
        assert_eq!(consequence, Consequence::LeftOut);
        assert_eq!(office.take_all(at).len(), 0, "nothing waits behind what is not wanted");
    }
    let at = now() + days(2);
    office.enqueue(&post(3, Kind::Create));
    let delivery = office.take_all(at).remove(0);
    let consequence = office.run(|connection| outcome::refused(connection, &delivery, at));
    assert_eq!(consequence, Consequence::Parked(2));
    office.check();
    assert_eq!(office.enqueue(&post(4, Kind::Create)), 0);
    let count = office.run(|connection| followers::count(connection, "news"));
    assert_eq!(count, followers::Count { accepted: 2, pending: 0, parked: 2 });
    // Whoever follows again, or is heard of, is there.
    office.befriend(&jo, "news");
    office.apply(&[sitegen::federation::Effect::Refresh(al)]).unwrap();
    let count = office.run(|connection| followers::count(connection, "news"));
    assert_eq!(count.parked, 0);
}

fn is_gone(office: &Office, delivery: &queue::Delivery, at: Timestamp) -> Consequence {
    office.run(|connection| outcome::gone(connection, delivery, at))
}

#[test]
fn q_09_who_is_gone_today_and_tomorrow_does_not_follow_any_more() {
    let office = Office::new();
    let jo = alone("jo", "a.example");
    office.befriend(&jo, "news");
    office.befriend(&jo, "events");
    office.befriend(&alone("al", "a.example"), "news");
    office.enqueue(&post(1, Kind::Create));
    let mine = |at| {
        let mut found = office.take_all(at);
        found.retain(|one| one.inbox == jo.inbox);
        found
    };
    let delivery = mine(now()).remove(0);
    assert_eq!(is_gone(&office, &delivery, now()), Consequence::Later);
    let soon = now() + SignedDuration::from_hours(23);
    assert!(mine(soon).is_empty());
    assert_eq!(is_gone(&office, &delivery, soon), Consequence::Later);
    let delivery = mine(now() + days(1)).remove(0);
    assert_eq!(is_gone(&office, &delivery, now() + days(1)), Consequence::Dropped(2));
    office.check();
    assert_eq!(office.count("SELECT count(*) FROM follower"), 1);
    assert_eq!(office.run(|connection| counters::get(connection, counters::GONE)), 2);
}

#[test]
fn q_09_who_was_gone_only_once_stays() {
    let office = Office::new();
    office.befriend(&alone("jo", "a.example"), "news");
    for (number, at) in [(1, now()), (2, now() + days(2))] {
        office.enqueue(&post(number, Kind::Create));
        let delivery = office.take_all(at).remove(0);
        assert_eq!(is_gone(&office, &delivery, at), Consequence::Later);
        let at = at + days(1);
        for delivery in office.take_all(at) {
            office.run(|connection| outcome::delivered(connection, &delivery, at));
        }
    }
    assert_eq!(office.count("SELECT count(*) FROM follower"), 1);
}

#[test]
fn when_the_inbox_for_all_is_gone_each_gets_the_message() {
    let office = Office::new();
    let people: Vec<RemoteActor> =
        ["jo", "al", "mo"].iter().map(|name| actor(name, "a.example")).collect();
    office.befriend(&people[0], "news");
    office.befriend(&people[1], "news");
    office.befriend(&people[2], "events");
    office.enqueue(&post(1, Kind::Create));
    office.enqueue(&post(2, Kind::Create));
    let delivery = office.take_all(now()).remove(0);
    assert_eq!(is_gone(&office, &delivery, now()), Consequence::OneByOne(4));
    office.check();
    let sent = office.deliver_all();
    let (jo, al) = (people[0].inbox.as_str(), people[1].inbox.as_str());
    assert_eq!(inboxes(&sent), [jo, al, jo, al]);
    assert!(sent.iter().all(|one| !one.is_shared));
    assert_eq!(office.enqueue(&post(3, Kind::Create)), 2, "it is not asked again");
    // Until somebody says that it is there.
    office.follow(&people[0], "news");
    assert_eq!(office.enqueue(&post(4, Kind::Create)), 1);
    office.check();
}

#[test]
fn an_inbox_that_is_for_all_and_for_one_can_be_gone_too() {
    let office = Office::new();
    let jo = actor("jo", "a.example");
    let jo = RemoteActor { inbox: jo.shared_inbox.clone().unwrap(), ..jo };
    office.befriend(&jo, "news");
    office.enqueue(&post(1, Kind::Create));
    let delivery = office.take_all(now()).remove(0);
    assert_eq!(is_gone(&office, &delivery, now()), Consequence::OneByOne(0));
    office.enqueue(&post(2, Kind::Create));
    let at = now() + days(1);
    let delivery = office.take_all(at).remove(0);
    assert_eq!(is_gone(&office, &delivery, at), Consequence::Dropped(1));
    office.check();
}

#[test]
fn a_server_that_is_dead_for_a_month_gets_nothing_any_more() {
    let office = Office::new();
    office.befriend(&actor("jo", "a.example"), "news");
    office.befriend(&actor("al", "b.example"), "news");
    office.enqueue(&post(1, Kind::Create));
    let delivery = office.take("https://a.example", now()).remove(0);
    office.run(|connection| outcome::postpone(connection, &delivery, now(), now(), "refused"));
    let run = |at| office.run(|connection| sweep(connection, at)).parked;
    assert_eq!(run(now() + days(30)), 0);
    assert_eq!(run(now() + days(31)), 1);
    assert_eq!(run(now() + days(32)), 0);
    assert_eq!(office.enqueue(&post(2, Kind::Create)), 1);
}

#[test]
fn the_form_of_signatures_that_a_server_wants_is_remembered() {
    let office = Office::new();
    office.befriend(&actor("jo", "a.example"), "news");
    office.enqueue(&post(1, Kind::Create));
    assert_eq!(office.take_all(now())[0].form, Form::Cavage);
    office.run(|connection| hosts::set_form(connection, "https://a.example", Form::Rfc9421));
    assert_eq!(office.take_all(now())[0].form, Form::Rfc9421);
}

#[test]
fn what_the_followers_know_of_a_post_is_remembered() {
    let office = Office::new();
    let id = |name: &str| name.to_owned();
    let new = |name: &str| Due::Create(id(name), now());
    office.run(|connection| {
        assert_eq!(posts::delivered(connection, "news")?, Delivered::default());
        // A look that failed says nothing of the posts.
        posts::looked(connection, "news", now(), Some("404"))?;
        assert_eq!(posts::delivered(connection, "news")?, Delivered::default());
        let first = Delivered {
            seen: Some((7, id("x"))),
            posts: [(id("old"), DeliveredPost::Sent(now()))].into_iter().collect(),
        };
        posts::begin(connection, "news", &first)?;
        assert_eq!(posts::delivered(connection, "news")?, first);
        posts::sent(connection, "news", &new("a"), now() - days(2))?;
        posts::sent(connection, "news", &new("b"), now())?;
        posts::sent(connection, "events", &new("c"), now())?;
        posts::sent(connection, "news", &Due::Update(id("a"), now() + days(1)), now())?;
        posts::sent(connection, "news", &Due::Delete(id("old")), now())?;
        posts::sent(connection, "news", &Due::Profile(id("y")), now())?;
        posts::advance(connection, "news", 9)?;
        let known = Delivered {
            seen: Some((9, id("y"))),
            posts: [
                (id("a"), DeliveredPost::Sent(now() + days(1))),
                (id("b"), DeliveredPost::Sent(now())),
                (id("old"), DeliveredPost::Deleted),
            ]
            .into_iter()
            .collect(),
        };
        assert_eq!(posts::delivered(connection, "news")?, known);
        let today = posts::sent_since(connection, "news", now() - days(1))?;
        assert_eq!(today, SentToday { creates: 1, updates: 1 });
        Ok(())
    });
}

#[test]
fn what_is_held_is_counted_and_keeps_what_the_followers_know() {
    let office = Office::new();
    office.run(|connection| {
        let (new, known) = ("new".to_owned(), "known".to_owned());
        posts::sent(connection, "news", &Due::Create(known.clone(), now()), now())?;
        let held = [Due::Create(new.clone(), now()), Due::Update(known.clone(), now() + days(1))];
        posts::hold(connection, "news", &held)?;
        assert_eq!(status(connection, now())?.held, 2);
        let Delivered { posts, .. } = posts::delivered(connection, "news")?;
        assert_eq!(posts[&new], DeliveredPost::Held(None));
        assert_eq!(posts[&known], DeliveredPost::Held(Some(now())));
        assert_eq!(posts::sent_since(connection, "news", now() - days(1))?, SentToday::default());
        Ok(())
    });
}
