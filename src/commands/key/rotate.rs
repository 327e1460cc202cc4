//! `sitegen key rotate`: another key takes the place of one that works, and no follower is lost.
//!
//! The new key waits beside the old one (`news.pem.next`) until the site shows it. The post office
//! sees that, tells the followers with the old key, and goes over by itself; this command makes the
//! key, and undoes that or completes it where no post office does.

use super::shown::{office_settings, shown};
use super::{Site, checked, show};
use crate::cli::Rotate;
use crate::commands::office::rotations;
use crate::commands::{CommandError, Exit};
use crate::disk::keys::{self, KeyFileError, KeyFileProblem, public_path};
use crate::disk::next_key;
use crate::key::{PrivateKey, PublicKey};
use crate::office::store::rotation::Rotation;

/// Where the post office of the site is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Office {
    Here,
    /// On another machine, or it has never worked yet.
    Elsewhere,
    /// Nobody signs anything.
    Nowhere,
}

pub(super) fn run(site: &Site<'_>, arguments: &Rotate) -> Result<Exit, CommandError> {
    let user = arguments.user.trim_start_matches('@');
    checked(user)?;
    let rotations = rotations(&site.path)?;
    let office = match &rotations {
        Some(_) => Office::Here,
        None if office_settings(site).is_some() => Office::Elsewhere,
        None if site.config().hosting.post_office.is_some() => Office::Elsewhere,
        None => Office::Nowhere,
    };
    if let Some(rotation) = rotations.iter().flatten().find(|rotation| rotation.user == user) {
        let then = format!("`sitegen key rotate {user}` makes another");
        return Err(CommandError::Usage(gone_over(rotation, &then)));
    }
    if arguments.cancel {
        cancel(site, user)?;
    } else if arguments.finish {
        finish(site, user, office)?;
    } else {
        begin(site, user, office)?;
    }
    show::report(site, user)
}

/// Why nothing can be done now, and what can be then.
pub(super) fn gone_over(rotation: &Rotation, then: &str) -> String {
    let Rotation { user, since, .. } = rotation;
    let day = |moment: jiff::Timestamp| moment.strftime("%Y-%m-%d").to_string();
    format!(
        "@{user} signs with its new key since {}, which cannot be undone. The old one is kept \
         until {}, for what is on its way; after that, {then}",
        day(*since),
        day(rotation.until())
    )
}

/// Makes the new key, or goes on where a run was stopped.
fn begin(site: &Site<'_>, user: &str, office: Office) -> Result<(), CommandError> {
    let path = public_path(user);
    let Some(public) = keys::read_public(&site.root, user)? else {
        return Err(CommandError::Usage(format!(
            "there is no {path} here, which the new key has to replace: run this in the folder of \
             the site, where its texts are; for an account without a key, `sitegen key new {user}`"
        )));
    };
    let next = match next_key::read(&site.root, user)? {
        Some(next) if *next.public() == public && office != Office::Nowhere => {
            return Err(CommandError::Usage(format!(
                "@{user} has a new key already, which waits until the site shows it: build the \
                 site and upload it. If the post office is on another machine and has gone over to \
                 it, run `sitegen key rotate {user} --finish` here. `sitegen key rotate {user} \
                 --cancel` goes back to the old one"
            )));
        }
        Some(next) => next,
        None => make(site, user, &public)?,
    };
    // Only now: what the site shows has to be here.
    keys::write_public(&site.root, user, next.public())?;
    if office == Office::Nowhere {
        let kept = next_key::take_over(&site.root, user)?;
        let kept = kept.map_or_else(String::new, |kept| format!("{kept} is the old one.\n"));
        site.say(&format!(
            "@{user} has a new key. {kept}There is no post office, so nobody has to be told: \
             servers that remember the old key ask for the new one, some after a day.\n\
             Next: commit {path}, run `sitegen build`, and upload the site\n"
        ));
        return Ok(());
    }
    let next = next_key::path(user);
    site.say(&format!(
        "@{user} has a new key, which waits: {next}, for you alone. Put a copy where the copy of \
         the old one is.\n"
    ));
    if office == Office::Elsewhere {
        site.say(&format!(
            "If the post office is on another machine, bring it there before anything else: \
             `sitegen key export {user} --private --next --output ~/{user}.secret.pem`, copy the \
             file, and there run `sitegen key import {user} FILE --next`. When `sitegen status` \
             says there that it signs with the new key, run `sitegen key rotate {user} --finish` \
             here.\n"
        ));
    }
    site.say(&format!(
        "Next: commit {path}, run `sitegen build`, and upload the site. Nothing else: when the \
         post office sees the new key on the site, it tells the followers and goes over to it. \
         `sitegen status` says how far it is\n"
    ));
    site.warn_of_git(user);
    Ok(())
}

/// Makes the new key. The old one has to be as it should be: it will sign what tells of the new.
fn make(site: &Site<'_>, user: &str, public: &PublicKey) -> Result<PrivateKey, CommandError> {
    if let Some(private) = keys::read_private(&site.root, user)?
        && private.public() != public
    {
        return Err(CommandError::Usage(show::misfit(user)));
    }
    let unusable = |problem| KeyFileError {
        path: next_key::path(user).to_string(),
        problem: KeyFileProblem::Key(problem),
    };
    let next = PrivateKey::generate(PrivateKey::BITS).map_err(unusable)?;
    next_key::write(&site.root, user, &next)?;
    Ok(next)
}

/// Goes back to the old key, if nobody has seen the new one.
fn cancel(site: &Site<'_>, user: &str) -> Result<(), CommandError> {
    let next = waiting(site, user)?;
    let shown = shown(site, user).map_err(|reason| {
        CommandError::Usage(format!(
            "whether the site shows the new key of @{user} already cannot be known, and then other \
             servers may know it: {reason}; try again later"
        ))
    })?;
    if shown.as_ref() == Some(next.public()) {
        return Err(CommandError::Usage(format!(
            "the site shows the new key of @{user} already, so other servers may know it; let the \
             post office go over to it"
        )));
    }
    let old = match keys::read_private(&site.root, user)? {
        Some(private) => private.public().clone(),
        None => shown.ok_or_else(|| {
            CommandError::Usage(format!(
                "the private part of the old key of @{user} is not here, and neither is the public \
                 one: restore {0} from version control, and run this again",
                public_path(user)
            ))
        })?,
    };
    keys::write_public(&site.root, user, &old)?;
    let aside = next_key::put_aside(&site.root, user)?.unwrap_or_default();
    site.say(&format!(
        "@{user} keeps its old key. {} is as it was; {aside} is the one that is not used\n",
        public_path(user)
    ));
    Ok(())
}

/// Puts the new key in the place of the old one, where no post office does it.
fn finish(site: &Site<'_>, user: &str, office: Office) -> Result<(), CommandError> {
    if office == Office::Here {
        return Err(CommandError::Usage(
            "the post office in this folder does that by itself; `sitegen status` says how far it \
             is"
            .to_owned(),
        ));
    }
    let next = waiting(site, user)?;
    let why = match shown(site, user) {
        Ok(Some(key)) if key == *next.public() => None,
        Ok(_) => Some("the site does not show it yet: build it and upload it first".to_owned()),
        Err(reason) => Some(format!("whether the site shows it cannot be known: {reason}")),
    };
    if let Some(why) = why {
        return Err(CommandError::Usage(format!("the new key of @{user} has to wait; {why}")));
    }
    let kept = next_key::take_over(&site.root, user)?;
    let kept = kept.map_or_else(String::new, |kept| format!("; {kept} is the old one"));
    site.say(&format!(
        "@{user} has its new key in the place of the old one{kept}. The post office needs the old \
         one for eight days after it has gone over, and takes no other key before that; `sitegen \
         status` says there until when\n"
    ));
    Ok(())
}

/// The key that waits.
fn waiting(site: &Site<'_>, user: &str) -> Result<PrivateKey, CommandError> {
    next_key::read(&site.root, user)?.ok_or_else(|| {
        CommandError::Usage(format!(
            "no new key of @{user} waits here; `sitegen key rotate {user}` makes one"
        ))
    })
}
