//! The document of an actor with whatever a server sends: what is read has its own address, an inbox
//! on its own server, and few keys that are its own.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sitegen::federation::{RemoteActor, url};

fuzz_target!(|input: &[u8]| {
    let asked = url::parse("https://social.example/users/jo").expect("it is an address");
    let Ok(actor) = RemoteActor::parse(&asked, input) else { return };
    assert_eq!(actor.id, asked);
    assert!(url::same_origin(&actor.inbox, &asked));
    assert!(actor.shared_inbox.is_none_or(|inbox| url::same_origin(&inbox, &asked)));
    assert!(actor.keys.len() <= 16 && actor.name.chars().count() <= 64);
});
