//! `sitegen followers`: shows who follows, and does what a person decides about them.
//!
//! Who follows a party is nobody else's business: names are for the person at the terminal alone.
//! All of it works beside a running post office, which sends what there is to say.

mod blocks;
mod decide;
mod find;
mod show;
mod table;

use super::Place;
use crate::cli::{FollowersCommand, Global};
use crate::commands::{CommandError, Exit};

/// Where the followers are, and how to talk of them.
struct Desk<'a> {
    place: Place,
    global: &'a Global,
}

pub(super) fn run(command: &FollowersCommand, global: &Global) -> Result<Exit, CommandError> {
    let Some(place) = Place::find(global)? else { return Ok(Exit::SiteErrors) };
    let desk = Desk { place, global };
    match command {
        FollowersCommand::List { user } => show::list(&desk, user.as_deref()),
        FollowersCommand::Count => show::count(&desk),
        FollowersCommand::Pending { user } => show::pending(&desk, user.as_deref()),
        FollowersCommand::Export { file, user } => table::export(&desk, file, user.as_deref()),
        FollowersCommand::Import { file, user } => table::import(&desk, file, user),
        FollowersCommand::Remove { who, user, yes } => {
            decide::remove(&desk, who, user.as_deref(), *yes)
        }
        FollowersCommand::Accept { all: true, user, yes, .. } => {
            decide::accept_all(&desk, user.as_deref(), *yes)
        }
        FollowersCommand::Accept { who, user, .. } => decide::accept(&desk, who, user.as_deref()),
        FollowersCommand::Reject { who, user } => decide::reject(&desk, who, user.as_deref()),
        FollowersCommand::Block(arguments) => blocks::block(&desk, arguments),
        FollowersCommand::Unblock { who } => blocks::unblock(&desk, who),
        FollowersCommand::Blocks => blocks::list(&desk),
    }
}
