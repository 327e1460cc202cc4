//! Answers to those who want to follow.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::Context;

/// That somebody may follow (`Accept`) or not (`Reject`).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Answer {
    #[serde(rename = "@context")]
    context: Context,
    /// The id of the actor with a fragment that is always the same for one follow of one
    /// actor.
    pub(crate) id: String,
    pub(crate) r#type: String,
    actor: String,
    to: Vec<String>,
    /// The whole follow: for some servers its id is not enough.
    object: Follow,
}

/// That somebody wants to follow.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Follow {
    id: String,
    r#type: String,
    actor: String,
    object: String,
}

impl Answer {
    /// That `follower` may follow `local`.
    pub(crate) fn accept(local: &str, follower: &str, follow: &str) -> Self {
        Self::new("Accept", local, follower, follow)
    }

    /// That `follower` may not follow `local`, or not any more.
    pub(crate) fn reject(local: &str, follower: &str, follow: &str) -> Self {
        Self::new("Reject", local, follower, follow)
    }

    fn new(r#type: &str, local: &str, follower: &str, follow: &str) -> Self {
        // Two actors of one server may give their follows the same id.
        let digest = Sha256::digest(format!("{follower}\n{follow}"));
        let short: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        Self {
            context: Context::plain(),
            id: format!("{local}#{}-{short}", r#type.to_lowercase()),
            r#type: r#type.to_owned(),
            actor: local.to_owned(),
            to: vec![follower.to_owned()],
            object: Follow {
                id: follow.to_owned(),
                r#type: "Follow".to_owned(),
                actor: follower.to_owned(),
                object: local.to_owned(),
            },
        }
    }

    /// The id of who wants to follow.
    pub(crate) fn follower(&self) -> &str {
        &self.object.actor
    }
}
