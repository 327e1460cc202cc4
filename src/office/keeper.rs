//! Keeps requests in a spool, for somebody who has the keys: the post office of a machine that is
//! not trusted with them, or cannot do more.

use std::io;

use super::listener::{Receive, Received, Reply};
use super::reception::{Outcome, Target, is_worth_keeping};
use super::settings::Settings;
use super::spool::Spool;

/// When somebody should come again for whom there is no room now.
const LATER: std::time::Duration = std::time::Duration::from_secs(600);

/// Takes requests and keeps them.
#[derive(Clone, Debug)]
pub(crate) struct Keeper {
    settings: Settings,
    spool: Spool,
}

impl Keeper {
    pub(crate) fn new(settings: Settings, spool: Spool) -> Self {
        Self { settings, spool }
    }

    /// Answers a request to any address of the post office.
    pub(crate) fn answer(&self, request: &Received) -> Outcome {
        let Some(Target::Inbox(user)) = Target::of(&request.target) else {
            // Whoever empties the spool looks at the site as well.
            return Outcome::NotHere;
        };
        match is_worth_keeping(&self.settings, request, user) {
            Ok(true) => Self::kept(&self.spool.keep(request)),
            Ok(false) => Outcome::Taken,
            Err(outcome) => outcome,
        }
    }

    fn kept(kept: &io::Result<()>) -> Outcome {
        if kept.is_ok() { Outcome::Taken } else { Outcome::Later(LATER) }
    }
}

impl Receive for Keeper {
    async fn receive(&self, request: Received) -> Reply {
        self.answer(&request).reply()
    }
}
