//! `sitegen retire`: ends the life of an account.
//!
//! What other servers delete they never take back. So the followers are written to a file first, a
//! person is asked twice, and an account that moves does so only when the new one is ready for it.

use std::io::BufWriter;

use jiff::Timestamp;
use serde_json::json;
use url::Url;

use super::super::output::confirm;
use super::private::{NewFile, shared_disk};
use super::tell::{add, confirm_name, day, say, warn};
use super::{Place, ask, counted};
use crate::cli::{Global, Retire};
use crate::commands::{CommandError, Exit};
use crate::federation::Local;
use crate::federation::farewell::{Farewell, NoTarget, found_by_name, moved_to, takes_over};
use crate::office::store::queue::Activity;
use crate::office::store::{Store, followers, is_at_work, retired};

pub(super) fn run(arguments: &Retire, global: &Global) -> Result<Exit, CommandError> {
    let Some(place) = Place::find(global)? else { return Ok(Exit::SiteErrors) };
    let local = place.local(&arguments.user)?;
    let user = &local.user;
    if let Some(name) = &arguments.yes
        && name.trim_start_matches('@') != user
    {
        return Err(CommandError::Usage(format!(
            "`--yes` has to be followed by the name of the account that ends, which is {user}"
        )));
    }
    place.check_private(&arguments.followers, &global.config)?;
    let store = place.store()?;
    if let Some(known) = store.read(retired::all)?.iter().find(|known| known.user == *user) {
        return Err(CommandError::Usage(format!(
            "@{user} has ended already, on {}; that cannot be undone",
            day(known.since)
        )));
    }
    let farewell = match &arguments.move_to {
        None => Farewell::Delete,
        Some(who) => Farewell::Move(new_account(&place, local, who)?),
    };
    let count = export(&store, user, arguments, global)?;
    if !is_meant(arguments, local, &farewell, count)? {
        add(global, "Nothing has changed; only the followers were written to the file.");
        return Ok(Exit::Fine);
    }
    let target = match &farewell {
        Farewell::Delete => None,
        Farewell::Move(target) => Some(target.as_str()),
    };
    let last = Activity::of(farewell.message(local), &local.id);
    let now = Timestamp::now();
    let deliveries =
        store.run(|connection| retired::retire(connection, user, &last, target, now))?;
    let line = json!({
        "version": 1, "kind": "retire", "user": user, "target": target, "queued": deliveries,
    });
    let text = format!("@{user} has ended; {} on the way.", counted(deliveries, "message"));
    say(global, &text, &line);
    if !is_at_work(&place.store_path()) {
        let run = "Nothing is sent before the post office runs: `sitegen inbox`, or one round of \
                   `sitegen deliver`.";
        add(global, run);
    }
    add(global, &what_is_left(user, &farewell));
    Ok(Exit::Fine)
}

/// The account to which followers are to go, when all is ready for that.
fn new_account(place: &Place, local: &Local, who: &str) -> Result<Url, CommandError> {
    let refuse = |why: String| CommandError::Usage(why);
    let target = address(place, local, who)?;
    let document = ask::elsewhere(&place.root, &place.settings, local, &target);
    let document = document.map_err(|reason| refuse(format!("{reason}; try again later")))?;
    let judged = takes_over(&document.unwrap_or_default(), &target, local);
    judged.map_err(|problem| {
        let help = match problem {
            NoTarget::NotKnownAs => format!(
                ". There, name this one, as @{}@{} (in Mastodon: Preferences, Account, \
                 \u{201c}Moving from a different account\u{201d}), and run this again",
                local.user,
                place.settings.host()
            ),
            NoTarget::NoActor | NoTarget::OtherId(_) => String::new(),
        };
        refuse(format!("{target}: {problem}{help}"))
    })?;
    let (root, settings) = (&place.root, &place.settings);
    let own = ask::own_actor(root, Some(settings), &settings.site, &local.user);
    let own = own.map_err(|reason| refuse(format!("{reason}; try again later")))?;
    if own.and_then(|document| moved_to(&document)).as_deref() != Some(target.as_str()) {
        return Err(refuse(format!(
            "the site does not say yet that @{0} has moved, and some servers look there: in \
             site.toml, write `moved_to = \"{target}\"` into the `[[actors]]` of {0}, build the \
             site and upload it; then run this again",
            local.user
        )));
    }
    Ok(target)
}

/// The id of an account by its name or by that id.
fn address(place: &Place, local: &Local, who: &str) -> Result<Url, CommandError> {
    let refuse = |why: &str| {
        CommandError::Usage(format!(
            "`{who}` {why}; write @name@social.example, or an id such as \
             https://social.example/users/name"
        ))
    };
    if who.starts_with("https://") {
        return Url::parse(who).map_err(|_| refuse("is no address"));
    }
    let Some((name, host)) = who.trim_start_matches('@').split_once('@') else {
        return Err(refuse("names no account on another server"));
    };
    let finger =
        Url::parse(&format!("https://{host}/.well-known/webfinger?resource=acct:{name}@{host}"));
    let finger = finger.map_err(|_| refuse("names no server"))?;
    let document = ask::elsewhere(&place.root, &place.settings, local, &finger);
    let document = document.map_err(|reason| CommandError::Usage(format!("{who}: {reason}")))?;
    document.and_then(|document| found_by_name(&document)).ok_or_else(|| refuse("is not there"))
}

/// Writes the followers to a new file. Says how many there are.
fn export(
    store: &Store,
    user: &str,
    arguments: &Retire,
    global: &Global,
) -> Result<usize, CommandError> {
    let file = &arguments.followers;
    let new = NewFile::create(file)?;
    let (written, count) = store.read(|connection| {
        let written = followers::export(connection, Some(user), BufWriter::new(&new.file))?;
        Ok((written, followers::count(connection, user)?.accepted))
    })?;
    written.map_err(|error| CommandError::Io(file.clone(), error))?;
    if !new.keep()? {
        warn(global, &shared_disk(file));
    }
    add(global, &format!("The followers of @{user} are in {}.", file.display()));
    Ok(count)
}

/// Asks twice, unless somebody has said it all before.
fn is_meant(
    arguments: &Retire,
    local: &Local,
    farewell: &Farewell,
    count: usize,
) -> Result<bool, CommandError> {
    if arguments.yes.is_some() {
        return Ok(true);
    }
    let (user, count) = (&local.user, counted(count, "follower"));
    let what = match farewell {
        Farewell::Delete => format!(
            "@{user} ends for ever. The servers of {count} delete the account and all its posts, \
             and remember that: nobody can ever use this name on this domain again. This cannot be \
             undone"
        ),
        Farewell::Move(target) => format!(
            "@{user} ends. The servers of {count} have them follow {target} instead. @{user} posts \
             nothing more, and nobody can follow it. This cannot be undone"
        ),
    };
    Ok(confirm(&what, &format!("--yes {user}"))? && confirm_name(user)?)
}

/// What the owner of the site has to do.
fn what_is_left(user: &str, farewell: &Farewell) -> String {
    match farewell {
        Farewell::Delete => format!(
            "Leave @{user} in site.toml and in inbox.toml until `sitegen status` says that nothing \
             is on its way, or for eight days: until then, servers may ask the site for its key. \
             Then remove its `[[actors]]` from both, and from published.toml its `[[actor]]` and \
             the `fediverse` lines of its posts; build the site, and upload it."
        ),
        Farewell::Move(_) => format!(
            "Leave @{user} and its `moved_to` in site.toml: it shows people where the account is \
             now. In inbox.toml, leave it until `sitegen status` says that nothing is on its way, \
             or for eight days."
        ),
    }
}
