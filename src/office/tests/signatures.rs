//! What is refused before anybody is asked for a key.

use jiff::SignedDuration;

use super::person::Person;
use super::world::{World, in_world};
use crate::office::Outcome;
use crate::office::listener::Received;
use crate::signature::Form;

fn without(mut request: Received, name: &str) -> Received {
    request.headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
    request
}

fn with(request: Received, name: &str, value: &str) -> Received {
    let mut request = without(request, name);
    request.headers.push((name.to_owned(), value.to_owned()));
    request
}

/// Changes the `Signature` header.
fn signature(request: Received, change: impl Fn(&str) -> String) -> Received {
    let known = request.headers.iter().find(|(name, _)| name == "Signature");
    let changed = change(&known.unwrap().1);
    with(request, "Signature", &changed)
}

/// The headers that are said to be signed are these.
fn signing(request: Received, names: &str) -> Received {
    signature(request, |text| {
        let (before, rest) = text.split_once("headers=\"").unwrap();
        let (_, after) = rest.split_once('"').unwrap();
        format!("{before}headers=\"{names}\"{after}")
    })
}

/// It is refused with this status, and nobody is even called.
async fn refuses(world: &World, name: &str, status: u16, request: &Received) {
    assert_eq!(world.send(request).await, status, "{name}");
    assert_eq!(world.web.connections(), 0, "{name}: {:?}", world.web.asked());
}

#[test]
fn s_01_without_a_signature_nobody_is_asked_for_anything() {
    in_world(async |world| {
        let jo = Person::jo(&world);
        let follow = jo.writes(&world, &jo.follow(1));
        refuses(&world, "unsigned", 401, &without(follow, "Signature")).await;
        assert_eq!(world.followers().await, [""; 0]);
    });
}

#[test]
fn s_02_s_03_a_signature_that_leaves_out_what_counts_is_refused_before_any_fetch() {
    in_world(async |world| {
        let jo = Person::jo(&world);
        for names in [
            "date",
            "host date digest",
            "(request-target) date digest",
            "(request-target) host digest",
            "(request-target) host date",
        ] {
            let follow = signing(jo.writes(&world, &jo.follow(1)), names);
            refuses(&world, names, 401, &follow).await;
        }
    });
}

#[test]
fn s_04_s_05_what_was_signed_for_another_body_is_refused_before_any_fetch() {
    in_world(async |world| {
        let jo = Person::jo(&world);
        for form in [Form::Cavage, Form::Rfc9421] {
            let body = jo.follow(1).to_string().into_bytes();
            let signed = || jo.signs(body.clone(), world.now(), world.now(), form);
            let other = Received { body: jo.follow(2).to_string().into_bytes(), ..signed() };
            refuses(&world, "another body", 401, &other).await;
            let name = if form == Form::Cavage { "Digest" } else { "Content-Digest" };
            refuses(&world, "no hash", 401, &without(signed(), name)).await;
            let weak = with(signed(), name, "sha=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:");
            assert!(matches!(world.send(&weak).await, 400 | 401));
            assert_eq!(world.web.connections(), 0);
        }
    });
}

#[test]
fn s_06_an_old_or_early_signature_is_refused_before_any_fetch_and_half_an_hour_is_borne() {
    in_world(async |world| {
        let jo = Person::jo(&world);
        let body = || jo.follow(1).to_string().into_bytes();
        for form in [Form::Cavage, Form::Rfc9421] {
            for hours in [-2, 2] {
                let signed = world.now() + SignedDuration::from_hours(hours);
                let follow = jo.signs(body(), signed, world.now(), form);
                refuses(&world, "the time", 401, &follow).await;
            }
        }
        let signed = world.now() - SignedDuration::from_mins(30);
        assert_eq!(world.send(&jo.signs(body(), signed, world.now(), Form::Cavage)).await, 202);
        let signed = world.now() + SignedDuration::from_mins(30);
        assert_eq!(world.send(&jo.signs(body(), signed, world.now(), Form::Rfc9421)).await, 202);
    });
}

#[test]
fn s_07_what_was_sent_to_another_site_is_refused_before_any_fetch() {
    in_world(async |world| {
        let jo = Person::jo(&world);
        for host in ["other.example", "party.example:8443", "party.example.", "127.0.0.1", ""] {
            let follow = with(jo.writes(&world, &jo.follow(1)), "Host", host);
            refuses(&world, host, 401, &follow).await;
        }
    });
}

#[test]
fn c_05_whose_web_server_does_not_say_which_host_was_asked_for_hears_why() {
    in_world(async |world| {
        let jo = Person::jo(&world);
        let follow = with(jo.writes(&world, &jo.follow(1)), "Host", "127.0.0.1:8025");
        let reply = world.answer(&follow).await.reply();
        assert_eq!(reply.status, 401);
        assert_eq!(reply.body, b"it was signed for another host\n");
    });
}

#[test]
fn s_14_of_two_signatures_both_have_to_be_good() {
    in_world(async |world| {
        let jo = Person::jo(&world);
        let body = jo.follow(1).to_string().into_bytes();
        let good = jo.signs(body.clone(), world.now(), world.now(), Form::Cavage);
        let forger = Person { key: 2, ..jo.clone() };
        let bad = forger.signs(body.clone(), world.now(), world.now(), Form::Rfc9421);
        let other = jo.signs(body, world.now(), world.now(), Form::Rfc9421);
        for (rfc, status) in [(bad, 401), (other, 202)] {
            let mut both = good.clone();
            let names = ["Content-Digest", "Signature-Input", "Signature"];
            both.headers.extend(rfc.headers.into_iter().filter(|(n, _)| names.contains(&&**n)));
            assert_eq!(world.send(&both).await, status);
        }
    });
}

#[test]
fn what_is_no_message_is_refused_before_any_fetch() {
    in_world(async |world| {
        let jo = Person::jo(&world);
        let follow = || jo.writes(&world, &jo.follow(1));
        refuses(&world, "type", 415, &with(follow(), "Content-Type", "application/json")).await;
        refuses(&world, "no type", 415, &without(follow(), "Content-Type")).await;
        refuses(&world, "method", 405, &Received { method: "GET".to_owned(), ..follow() }).await;
        let target = "/ap/nobody/inbox".to_owned();
        refuses(&world, "user", 404, &Received { target, ..follow() }).await;
        for body in ["", "[]", "{", "{}", "{\"actor\":1}"] {
            let follow = jo.signs(body.into(), world.now(), world.now(), Form::Cavage);
            refuses(&world, body, 400, &follow).await;
        }
    });
}

#[test]
fn q_10_who_does_not_know_the_time_judges_nobody() {
    in_world(async |mut world| {
        let jo = Person::jo(&world);
        let follow = jo.writes(&world, &jo.follow(1));
        let (early, began) = ("1970-01-01T00:01:00Z".parse().unwrap(), std::time::Duration::ZERO);
        let office = std::rc::Rc::get_mut(&mut world.office).unwrap();
        office.clock = crate::office::clock::Clock::of(move || (early, began));
        assert!(matches!(world.answer(&follow).await, Outcome::Later(_)));
        world.deliver().await;
        assert_eq!(world.web.connections(), 0);
    });
}

#[test]
fn s_04_what_was_signed_for_another_inbox_is_refused() {
    in_world(async |world| {
        let jo = Person::jo(&world);
        let follow = jo.writes(&world, &jo.follow(1));
        let moved = Received { target: "/ap/events/inbox".to_owned(), ..follow };
        assert_eq!(world.send(&moved).await, 401);
    });
}
