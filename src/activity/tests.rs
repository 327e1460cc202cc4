//! Documents that were written can be read again, and nothing of them is lost.

use proptest::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::{Actor, Collection, Jrd, NodeInfo, NodeInfoLinks, Object, Page, Tombstone};

/// All documents of a site: `== PATH`, and below it the text.
const GOLDEN: &str = include_str!("../../tests/it/snapshots/it__fediverse__documents.snap");

/// A document as it is after it was read and written.
fn again<T: Serialize + DeserializeOwned>(document: &Value) -> Value {
    let read: T = serde_json::from_value(document.clone()).unwrap();
    serde_json::to_value(read).unwrap()
}

#[test]
fn every_document_is_the_same_after_it_was_read() {
    let mut count = 0;
    for part in GOLDEN.split("\n== ").skip(1) {
        let (path, text) = part.split_once('\n').unwrap();
        let Ok(document) = serde_json::from_str::<Value>(text) else {
            assert_eq!(path, ".well-known/atproto-did");
            continue;
        };
        let name = path.rsplit('/').next().unwrap();
        let found = match name {
            // For our own post office, which only reads it.
            "index.json" => continue,
            "webfinger" | "webfinger.json" => again::<Jrd>(&document),
            "nodeinfo" => again::<NodeInfoLinks>(&document),
            "nodeinfo-2.1.json" => again::<NodeInfo>(&document),
            "actor.json" => again::<Actor>(&document),
            _ if path.contains("/posts/") => again::<Object>(&document),
            _ if name.starts_with("outbox-") => again::<Page>(&document),
            _ => again::<Collection>(&document),
        };
        assert_eq!(found, document, "{path}");
        count += 1;
    }
    assert!(count > 15, "only {count} documents");
}

#[test]
fn what_is_left_of_a_post_is_the_same_after_it_was_read() {
    let document = json!({
        "@context": super::NAMESPACE,
        "id": "https://party.example/ap/news/posts/a.json",
        "type": "Tombstone",
        "deleted": "2026-06-01T12:00:00Z",
    });
    assert_eq!(again::<Tombstone>(&document), document);
}

#[cfg(feature = "network")]
#[test]
fn an_answer_names_the_follow_and_has_the_same_id_each_time() {
    let local = "https://party.example/ap/news/actor.json";
    let (follower, follow) = ("https://social.example/users/jo", "https://social.example/1");
    let document = json!({
        "@context": super::NAMESPACE,
        "id": "https://party.example/ap/news/actor.json#accept-b9697e5495198ab5",
        "type": "Accept",
        "actor": local,
        "to": [follower],
        "object": { "id": follow, "type": "Follow", "actor": follower, "object": local },
    });
    let accept = super::Answer::accept(local, follower, follow);
    assert_eq!(serde_json::to_value(&accept).unwrap(), document);
    assert_eq!(again::<super::Answer>(&document), document);
    let reject = super::Answer::reject(local, follower, follow);
    assert_eq!(reject.id, accept.id.replace("accept", "reject"));
    assert_eq!(reject.r#type, "Reject");
    assert_eq!(reject.follower(), follower);
}

proptest! {
    #[test]
    fn no_text_is_changed_by_writing_and_reading(
        texts in proptest::collection::vec(any::<String>(), 8),
        focus in proptest::option::of((-100_i32..=100, -100_i32..=100)),
        sensitive in any::<bool>(),
    ) {
        let mut attachment = json!({ "type": "Image", "mediaType": texts[0], "url": texts[1] });
        if let Some((x, y)) = focus {
            attachment["focalPoint"] = json!([f64::from(x) / 100.0, f64::from(y) / 100.0]);
        }
        let document = json!({
            "id": texts[2],
            "type": "Note",
            "attributedTo": texts[3],
            "to": [super::PUBLIC],
            "cc": [texts[4]],
            "published": texts[5],
            "summary": texts[6],
            "sensitive": sensitive,
            "content": texts[7],
            "contentMap": { "cy": texts[7] },
            "attachment": [attachment],
            "tag": [{ "type": "Hashtag", "href": texts[1], "name": texts[0] }],
        });
        let read: Object = serde_json::from_value(document.clone()).unwrap();
        let text = serde_json::to_string(&read).unwrap();
        prop_assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), document);
        prop_assert_eq!(serde_json::from_str::<Object>(&text).unwrap(), read);
    }
}
