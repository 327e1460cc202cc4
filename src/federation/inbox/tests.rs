//! Messages as they come, and what they change. Cases have the numbers of the threat model.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Approval, Known, KnownFollower, Local, Retracted, concerned, decide};
use crate::federation::effect::{Effect, Reaction, ReactionKind, Retraction};
use crate::federation::incoming::{Incoming, Malformed, NotBound, Verified};
use crate::federation::remote::{NoActor, RemoteActor};
use crate::federation::url::parse as address;

const NEWS: &str = "https://party.example/ap/news/actor.json";
const POST: &str = "https://party.example/ap/news/posts/a.json";
const JO: &str = "https://social.example/users/jo";
const KEY: &str = "https://social.example/users/jo#main-key";
const FOLLOW: &str = "https://social.example/follows/1";
const PEM: &str = include_str!("../../../tests/it/keys/news.pem");
const NOW: i64 = 1_800_000_000;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(NOW + seconds).unwrap()
}

fn news(approval: Approval) -> Local {
    Local { user: "news".to_owned(), id: NEWS.to_owned(), approval }
}

fn document(id: &str) -> Value {
    json!({
        "id": id, "type": "Person", "preferredUsername": "jo", "inbox": format!("{id}/inbox"),
        "endpoints": { "sharedInbox": "https://social.example/inbox" },
        "publicKey": { "id": format!("{id}#main-key"), "owner": id, "publicKeyPem": PEM },
    })
}

fn read(document: &Value) -> Result<RemoteActor, NoActor> {
    let url = document["id"].as_str().and_then(address).unwrap_or_else(|| address(JO).unwrap());
    RemoteActor::parse(&url, document.to_string().as_bytes())
}

fn jo() -> RemoteActor {
    read(&document(JO)).unwrap()
}

fn parse(body: &Value) -> Result<Incoming, Malformed> {
    Incoming::parse(body.to_string().as_bytes())
}

/// A message of Jo's, signed at `NOW` plus so many seconds.
fn signed(body: &Value, seconds: i64) -> Verified {
    Verified::new(parse(body).unwrap(), jo(), KEY, at(seconds)).unwrap()
}

/// What happens because of it when it comes in at once.
fn effects(body: &Value, seconds: i64, known: &Known) -> Vec<Effect> {
    effects_for(&news(Approval::Automatic), body, seconds, known)
}

fn effects_for(local: &Local, body: &Value, seconds: i64, known: &Known) -> Vec<Effect> {
    let message = signed(body, seconds);
    let locals = std::slice::from_ref(local);
    decide(&message, concerned(message.activity(), locals), known, at(seconds))
}

fn follow(id: &str) -> Value {
    json!({ "id": id, "type": "Follow", "actor": JO, "object": NEWS })
}

fn message(name: &str, kind: &str, object: &str) -> Value {
    json!({ "id": format!("{JO}#{name}"), "type": kind, "actor": JO, "object": object })
}

fn undo(object: &Value) -> Value {
    json!({ "id": format!("{JO}#undo"), "type": "Undo", "actor": JO, "object": object })
}

fn following(follow: &str, seconds: i64) -> Known {
    let follower = KnownFollower {
        follow: follow.to_owned(),
        accepted: true,
        answered: Some(at(seconds)),
        at: at(seconds),
    };
    Known { follower: Some(follower), ..Known::default() }
}

fn added(id: &str, seconds: i64, accepted: bool) -> Effect {
    let (user, follow) = ("news".to_owned(), id.to_owned());
    Effect::AddFollower { user, actor: jo(), follow, at: at(seconds), accepted }
}

fn accept(id: &str) -> Effect {
    let (user, actor, follow) = ("news".to_owned(), JO.to_owned(), id.to_owned());
    Effect::SendAccept { user, actor, follow }
}

fn unfollowed(follow: Option<&str>, seconds: i64) -> Vec<Effect> {
    let (user, actor, follow) = ("news".to_owned(), JO.to_owned(), follow.map(str::to_owned));
    vec![
        Effect::RemoveFollower { user: user.clone(), actor: actor.clone() },
        Effect::Remember(Retraction { user, actor, follow, at: at(seconds) }),
    ]
}

#[test]
fn a_follow_is_stored_and_answered() {
    let expected = [added(FOLLOW, 0, true), accept(FOLLOW)];
    assert_eq!(effects(&follow(FOLLOW), 0, &Known::default()), expected);
}

#[test]
fn a_follow_waits_where_a_person_decides() {
    let local = news(Approval::Manual);
    let asked = effects_for(&local, &follow(FOLLOW), 0, &Known::default());
    assert_eq!(asked, [added(FOLLOW, 0, false)]);
}

#[test]
fn a_follow_of_somebody_who_is_blocked_changes_nothing() {
    let known = Known { blocked: true, ..Known::default() };
    assert_eq!(effects(&follow(FOLLOW), 0, &known), []);
}

#[test]
fn a_01_a_follow_of_somebody_else_is_about_nobody_here() {
    for object in ["https://party.example/ap/other/actor.json", POST, "https://party.example/"] {
        let body = json!({ "id": FOLLOW, "type": "Follow", "actor": JO, "object": object });
        let locals = [news(Approval::Automatic)];
        assert_eq!(concerned(&parse(&body).unwrap().activity, &locals), None, "{object}");
    }
}

#[test]
fn a_02_a_second_follow_takes_the_place_of_the_first_and_is_answered_itself() {
    let second = "https://social.example/follows/2";
    let expected = [added(second, 60, true), accept(second)];
    assert_eq!(effects(&follow(second), 60, &following(FOLLOW, 0)), expected);
    // One that was overtaken does not.
    assert_eq!(effects(&follow(second), -60, &following(FOLLOW, 0)), []);
}

#[test]
fn s_15_the_same_follow_again_adds_nothing_and_is_answered_once_an_hour() {
    assert_eq!(effects(&follow(FOLLOW), 3599, &following(FOLLOW, 0)), []);
    assert_eq!(effects(&follow(FOLLOW), 3600, &following(FOLLOW, 0)), [accept(FOLLOW)]);
}

#[test]
fn an_undo_ends_a_follow_whatever_id_it_names() {
    let inner = follow("https://social.example/follows/of-old");
    let ended = unfollowed(Some("https://social.example/follows/of-old"), 60);
    assert_eq!(effects(&undo(&inner), 60, &following(FOLLOW, 0)), ended);
    let inner = json!({ "type": "Follow", "object": NEWS });
    assert_eq!(effects(&undo(&inner), 60, &following(FOLLOW, 0)), unfollowed(None, 60));
    // It is older than what it would end.
    assert_eq!(effects(&undo(&inner), -60, &following(FOLLOW, 0)), []);
}

#[test]
fn a_03_an_undo_of_what_somebody_else_did_changes_nothing() {
    let inner = json!({
        "id": FOLLOW, "type": "Follow", "object": NEWS, "actor": "https://social.example/users/al",
    });
    assert_eq!(effects(&undo(&inner), 60, &following(FOLLOW, 0)), []);
}

#[test]
fn a_04_an_undo_may_name_the_follow_alone() {
    let message = signed(&undo(&json!(FOLLOW)), 60);
    let local = news(Approval::Automatic);
    // The store knows whose follow it is.
    let ended = decide(&message, Some(&local), &following(FOLLOW, 0), at(60));
    assert_eq!(ended, unfollowed(Some(FOLLOW), 60));
    // Of one that nobody knows nothing is left but to drop a reaction of that id.
    let dropped = Effect::Drop { actor: JO.to_owned(), id: FOLLOW.to_owned() };
    assert_eq!(decide(&message, None, &Known::default(), at(60)), [dropped]);
}

#[test]
fn a_05_only_an_actor_itself_can_delete_itself() {
    let delete = |object: &str| message("delete", "Delete", object);
    let forgotten = Effect::Forget { actor: JO.to_owned() };
    assert_eq!(effects(&delete(JO), 0, &Known::default()), [forgotten]);
    let other = "https://social.example/users/al";
    let dropped = Effect::Drop { actor: JO.to_owned(), id: other.to_owned() };
    assert_eq!(effects(&delete(other), 0, &Known::default()), [dropped]);
}

#[test]
fn a_08_a_follow_that_arrives_after_it_was_taken_back_stays_taken_back() {
    let retracted = |follow: Option<&str>| Known {
        retracted: Some(Retracted { follow: follow.map(str::to_owned), at: at(10) }),
        ..Known::default()
    };
    assert_eq!(effects(&follow(FOLLOW), 0, &retracted(Some(FOLLOW))), []);
    assert_eq!(effects(&follow(FOLLOW), 0, &retracted(None)), []);
    // Its id says which one it is, also when it was signed once more on its way.
    assert_eq!(effects(&follow(FOLLOW), 60, &retracted(Some(FOLLOW))), []);
    // Some servers have one id for all follows of somebody, who may come back.
    assert_eq!(effects(&follow(FOLLOW), 3600, &retracted(Some(FOLLOW))).len(), 2);
    // Whoever follows again afterwards is welcome, also within the same second.
    let again = "https://social.example/follows/2";
    assert_eq!(effects(&follow(again), 10, &retracted(Some(FOLLOW))).len(), 2);
    assert_eq!(effects(&follow(FOLLOW), 10, &retracted(None)).len(), 2);
}

#[test]
fn a_09_nothing_but_plain_json_is_read() {
    let graph = json!({ "@context": NEWS, "@graph": [follow(FOLLOW)] });
    assert_eq!(parse(&graph), Err(Malformed::Actor));
    let mut body = follow(FOLLOW);
    body["@reverse"] = json!({ "actor": "https://evil.example/x" });
    body["@context"] = json!({ "actor": "https://evil.example/other" });
    body["signature"] = json!({ "creator": "https://evil.example/x#k" });
    assert_eq!(parse(&body), parse(&follow(FOLLOW)));
}

#[test]
fn a_10_reactions_count_for_our_own_posts_only_and_the_rest_means_nothing() {
    let react = |kind: &str, object: &str| message("1", kind, object);
    for (kind, known_as) in [("Like", ReactionKind::Like), ("Announce", ReactionKind::Announce)] {
        let kept = Effect::Keep(Reaction {
            id: format!("{JO}#1"),
            actor: JO.to_owned(),
            post: POST.to_owned(),
            kind: known_as,
        });
        assert_eq!(effects(&react(kind, POST), 0, &Known::default()), [kept]);
        for other in [NEWS, "https://party.example/ap/news/posts/", "https://a.example/posts/a"] {
            assert_eq!(effects(&react(kind, other), 0, &Known::default()), [], "{kind} {other}");
        }
    }
    for kind in ["Accept", "Reject", "Add", "Remove", "Flag", "QuoteRequest", "Dance"] {
        assert_eq!(effects(&react(kind, NEWS), 0, &Known::default()), [], "{kind}");
    }
}

#[test]
fn a_reply_is_kept_when_it_is_on_the_server_of_who_wrote_it() {
    let reply = |id: &str| {
        json!({
            "id": format!("{JO}#1"), "type": "Create", "actor": JO,
            "object": { "id": id, "type": "Note", "inReplyTo": POST, "content": "Yes!" },
        })
    };
    let kept = effects(&reply("https://social.example/notes/1"), 0, &Known::default());
    assert!(matches!(&kept[..], [Effect::Keep(one)] if one.kind == ReactionKind::Reply));
    assert_eq!(effects(&reply("https://a.example/notes/1"), 0, &Known::default()), []);
}

#[test]
fn a_block_ends_a_follow() {
    let body = json!({ "id": format!("{JO}#b"), "type": "Block", "actor": JO, "object": NEWS });
    let removed = Effect::RemoveFollower { user: "news".to_owned(), actor: JO.to_owned() };
    assert_eq!(effects(&body, 0, &following(FOLLOW, 0)), [removed]);
}

#[test]
fn an_update_of_oneself_renews_what_is_known_and_of_others_nothing() {
    let update = |object: &str| message("u", "Update", object);
    assert_eq!(effects(&update(JO), 0, &Known::default()), [Effect::Refresh(jo())]);
    assert_eq!(effects(&update("https://social.example/users/al"), 0, &Known::default()), []);
}

#[test]
fn i_02_a_message_is_from_who_signed_it() {
    let mut body = follow(FOLLOW);
    body["actor"] = json!("https://social.example/users/al");
    let bound = Verified::new(parse(&body).unwrap(), jo(), KEY, at(0));
    assert_eq!(bound.err(), Some(NotBound::Key));
    let bound = Verified::new(parse(&follow(FOLLOW)).unwrap(), jo(), "https://a.example/k", at(0));
    assert_eq!(bound.err(), Some(NotBound::Key));
}

#[test]
fn i_03_an_actor_is_named_by_its_id_alone() {
    for actor in [json!([JO]), json!({ "id": JO }), json!(null), json!("jo"), json!(1)] {
        let mut body = follow(FOLLOW);
        body["actor"] = actor.clone();
        assert_eq!(parse(&body), Err(Malformed::Actor), "{actor}");
    }
}

#[test]
fn i_04_the_document_of_an_actor_is_at_its_id() {
    let url = address("https://social.example/users/al").unwrap();
    let read = RemoteActor::parse(&url, document(JO).to_string().as_bytes());
    assert_eq!(read, Err(NoActor::Id));
}

#[test]
fn i_06_a_message_is_on_the_server_of_its_actor() {
    let elsewhere = parse(&follow("https://evil.example/follows/1")).unwrap();
    assert_eq!(Verified::new(elsewhere, jo(), KEY, at(0)).err(), Some(NotBound::Id));
}

#[test]
fn i_08_of_several_keys_that_with_the_name_counts() {
    let mut several = document(JO);
    let own = several["publicKey"].clone();
    let mut path = own.clone();
    path["id"] = json!("https://social.example/users/jo/main-key");
    several["publicKey"] = json!([path, own]);
    let actor = read(&several).unwrap();
    assert!(actor.key(KEY).is_some());
    assert!(actor.key("https://social.example/users/jo/main-key").is_some());
    assert!(actor.key("https://social.example/users/jo#other").is_none());
}

#[test]
fn i_01_a_key_counts_only_for_its_owner_and_on_its_server() {
    for (field, value) in [
        ("owner", "https://party.example/x"),
        ("owner", "https://social.example/users/al"),
        ("id", "https://evil.example/key"),
        ("publicKeyPem", "no key"),
    ] {
        let mut forged = document(JO);
        forged["publicKey"][field] = json!(value);
        assert_eq!(read(&forged).unwrap().keys, [], "{field} {value}");
    }
}

#[test]
fn i_11_only_actors_are_actors() {
    for kind in [json!("Note"), json!(null), json!(["Person", "Note"]), json!("Tombstone")] {
        let mut other = document(JO);
        other["type"] = kind.clone();
        assert_eq!(read(&other), Err(NoActor::Type), "{kind}");
    }
}

#[test]
fn n_04_an_inbox_is_on_the_server_of_its_actor() {
    for inbox in [
        "https://victim.example/inbox",
        "https://social.example:22/inbox",
        "http://social.example/inbox",
        "https://a@social.example/inbox",
        "https://social.example./inbox",
        "",
        &format!("https://social.example/{}", "a".repeat(10_000)),
    ] {
        let mut pointing = document(JO);
        pointing["inbox"] = json!(inbox);
        assert_eq!(read(&pointing), Err(NoActor::Inbox), "{inbox}");
        let mut pointing = document(JO);
        pointing["endpoints"]["sharedInbox"] = json!(inbox);
        assert_eq!(read(&pointing).unwrap().shared_inbox, None, "{inbox}");
    }
}

#[test]
fn d_03_an_actor_is_small() {
    let mut large = document(JO);
    large["preferredUsername"] = json!("\u{1b}[2Jjo".repeat(100_000));
    let name = read(&large).unwrap().name;
    assert!(name.chars().count() <= 64 && !name.contains('\u{1b}'), "{name}");
    let mut many = document(JO);
    many["publicKey"] = vec![many["publicKey"].clone(); 10_000].into();
    assert_eq!(read(&many), Err(NoActor::Keys));
    let mut long = document(JO);
    long["id"] = json!(format!("https://social.example/{}", "a".repeat(1000)));
    assert_eq!(read(&long), Err(NoActor::Id));
}
