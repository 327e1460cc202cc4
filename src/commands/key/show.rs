//! `sitegen key show`: which keys there are, and whether they are as they should be.

use std::io;

use serde::Serialize;

use super::{Site, checked, signing};
use crate::cli::OutputFormat;
use crate::commands::output::write_to;
use crate::commands::{CommandError, Exit};
use crate::diagnostic::visible;
use crate::disk::keys::{self, KeyFileError, KeyFileProblem, private_path, public_path};
use crate::disk::next_key;
use crate::key::{PrivateKey, PublicKey};

/// Version 1 of what `--format json` writes for the key of an actor.
#[derive(Serialize)]
struct Shown {
    version: u32,
    kind: &'static str,
    user: String,
    /// Of the public part, or when that is missing of the private one.
    fingerprint: Option<String>,
    bits: Option<usize>,
    /// Whether the parts are here, whatever is in them.
    public: bool,
    private: bool,
    /// Whether the parts belong together; nothing when one of them cannot be read.
    fits: Option<bool>,
    /// The fingerprint of the key that waits to take the place of this one.
    next: Option<String>,
    /// Whether nobody else can read the private part; nothing when it is not here.
    owner_only: Option<bool>,
    /// What is wrong, with what to do.
    problems: Vec<String>,
}

pub(super) fn run(site: &Site<'_>, user: Option<&str>) -> Result<Exit, CommandError> {
    let users = match user {
        None => keys::users(&site.root)?,
        Some(user) => {
            checked(user)?;
            vec![user.to_owned()]
        }
    };
    let shown: Vec<Shown> = users.iter().map(|user| look(site, user)).collect();
    if let (Some(user), [Shown { public: false, private: false, .. }]) = (user, &shown[..]) {
        return Err(CommandError::Usage(no_key(user)));
    }
    let signing = if user.is_none() { signing::look(site) } else { None };
    let is_well = shown.iter().all(|shown| shown.problems.is_empty())
        && signing.as_ref().is_none_or(signing::Shown::is_well);
    let text: String = match site.global.format {
        OutputFormat::Human if shown.is_empty() && signing.is_none() => {
            "There are no keys yet; `sitegen key new USER` makes one.\n".to_owned()
        }
        OutputFormat::Human => {
            shown.iter().map(human).chain(signing.iter().map(signing::Shown::human)).collect()
        }
        OutputFormat::Json => shown.iter().map(json).chain(signing.iter().map(json)).collect(),
    };
    write_to(io::stdout(), &text);
    Ok(if is_well { Exit::Fine } else { Exit::SiteErrors })
}

/// Tells programs what a command has made of a key; people have been told.
pub(super) fn report(site: &Site<'_>, user: &str) -> Result<Exit, CommandError> {
    match site.global.format {
        OutputFormat::Human => Ok(Exit::Fine),
        OutputFormat::Json => run(site, Some(user)),
    }
}

/// Says that an actor has no key.
pub(super) fn no_key(user: &str) -> String {
    format!(
        "@{user} has no key here; `sitegen key new {user}` makes one, and `sitegen key import \
         {user} FILE` takes one from elsewhere"
    )
}

/// Says that the two parts do not belong together, and what to do.
pub(super) fn misfit(user: &str) -> String {
    let (public, private) = (public_path(user), private_path(user));
    format!(
        "{public} does not belong to {private}. The right key is the one that the published site \
         shows. If the private part is right, run `sitegen key import {user} {private} --replace`; \
         if the public one is, its private part is on another machine: run `sitegen key export \
         {user} --private` there, and `sitegen key import {user} FILE --replace` here"
    )
}

/// What is wrong with a file, with its cause and what to do.
pub(super) fn in_words(error: &KeyFileError) -> String {
    let cause = match &error.problem {
        KeyFileProblem::Io(cause) => format!(": {cause}"),
        _ => String::new(),
    };
    let help = error.help().map_or_else(String::new, |help| format!("; {help}"));
    format!("{error}{cause}{help}")
}

fn look(site: &Site<'_>, user: &str) -> Shown {
    let mut problems = Vec::new();
    let mut note = |error: &KeyFileError| problems.push(in_words(error));
    let public = keys::read_public(&site.root, user).inspect_err(&mut note);
    let private = keys::read_private(&site.root, user).inspect_err(&mut note);
    let next = next_key::read(&site.root, user).inspect_err(&mut note);
    let owner_only = match &private {
        Ok(None) => None,
        Ok(Some(_)) => Some(true),
        Err(error) => Some(!matches!(error.problem, KeyFileProblem::Shared)),
    };
    // What cannot be read is there all the same.
    let is_public = !matches!(public, Ok(None));
    let is_private = !matches!(private, Ok(None));
    if !is_public && is_private {
        problems.push(format!(
            "{} is missing; `sitegen key new {user}` writes it again from the private part",
            public_path(user)
        ));
    }
    let public = public.ok().flatten();
    let of_private = private.as_ref().ok().and_then(|key| key.as_ref()).map(PrivateKey::public);
    // The public part is that of the new key as soon as there is one.
    let next = next.as_ref().ok().and_then(|key| key.as_ref()).map(PrivateKey::public);
    let is_next = public.as_ref().is_some_and(|public| Some(public) == next);
    let fits =
        public.as_ref().zip(of_private).map(|(public, private)| public == private || is_next);
    if fits == Some(false) {
        problems.push(misfit(user));
    }
    let key = public.as_ref().or(of_private);
    Shown {
        version: 1,
        kind: "key",
        user: user.to_owned(),
        fingerprint: key.map(PublicKey::fingerprint),
        bits: key.map(PublicKey::bits),
        public: is_public,
        private: is_private,
        fits,
        next: next.map(PublicKey::fingerprint),
        owner_only,
        problems,
    }
}

pub(super) fn json(shown: &impl Serialize) -> String {
    // Strings and numbers always become JSON.
    format!("{}\n", serde_json::to_string(shown).unwrap_or_default())
}

fn human(shown: &Shown) -> String {
    let Shown { user, fingerprint, bits, public, private, fits, next, problems, .. } = shown;
    let mut text = format!("@{user}\n");
    if let (Some(fingerprint), Some(bits)) = (fingerprint, bits) {
        text.push_str(&format!("  fingerprint   {fingerprint}\n  size          {bits} bits\n"));
    }
    if *public {
        text.push_str(&format!("  public part   {}\n", public_path(user)));
    }
    let state = match (private, fits, problems.is_empty()) {
        (false, ..) => "not on this machine".to_owned(),
        (true, Some(true), true) if next.is_some() => {
            format!("{}, the old one, and only you can read it", private_path(user))
        }
        (true, Some(true), true) => {
            format!("{}, belongs to it, and only you can read it", private_path(user))
        }
        (true, ..) => private_path(user).to_string(),
    };
    text.push_str(&format!("  private part  {state}\n"));
    if next.is_some() {
        text.push_str(&format!(
            "  new key       {}, waits until the site shows it\n",
            next_key::path(user)
        ));
    }
    for problem in problems {
        text.push_str(&format!("  error: {}\n", visible(problem)));
    }
    text
}
