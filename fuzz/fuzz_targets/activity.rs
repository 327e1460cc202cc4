//! A message with whatever somebody sends: it is read or refused, and what was read names nobody in
//! two ways.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sitegen::federation::inbox::concerned;
use sitegen::federation::{Approval, Incoming, Local, url};

fuzz_target!(|input: &[u8]| {
    let Ok(message) = Incoming::parse(input) else { return };
    assert_eq!(url::parse(message.actor.as_str()).as_ref(), Some(&message.actor));
    assert_eq!(url::parse_id(message.id.as_str()).as_ref(), Some(&message.id));
    let local = Local {
        user: "news".to_owned(),
        id: "https://www.party.example/ap/news/actor.json".to_owned(),
        approval: Approval::Automatic,
    };
    // The same text means the same.
    assert_eq!(Incoming::parse(input).as_ref(), Ok(&message));
    concerned(&message.activity, &[local]);
});
