//! The key that signs what is built: made, shown and moved as those of actors are.

use std::path::Path;

use serde::Serialize;

use super::export::{export_private, export_public};
use super::import::{read_text, refuse_published, warn_of_shared};
use super::show::in_words;
use super::{Site, show};
use crate::cli::OutputFormat;
use crate::commands::output::write_to;
use crate::commands::{CommandError, Exit};
use crate::diagnostic::visible;
use crate::disk::keys::{KeyFileError, KeyFileProblem};
use crate::disk::signing_key::{
    PUBLIC, SECRET, read_public, read_secret, write_public, write_secret,
};
use crate::key::minisign::{PublicKey, SecretKey};

/// Makes the key, unless there is one.
pub(super) fn new(site: &Site<'_>) -> Result<Exit, CommandError> {
    match (read_secret(&site.root)?, read_public(&site.root)?) {
        (Some(secret), None) => {
            write_public(&site.root, secret.public())?;
            site.say(&format!(
                "The private part of the key was here already; {PUBLIC} is written again from it\n"
            ));
            return Ok(done(site, secret.public()));
        }
        (Some(secret), Some(public)) if secret.public() != public => {
            return Err(CommandError::Usage(misfit()));
        }
        (Some(_), Some(public)) => {
            return Err(CommandError::Usage(format!(
                "there is a key that signs already ({public}), and there is nothing to do. \
                 Everybody who verifies the site has its public part. Only if it was stolen, move \
                 {SECRET} and {PUBLIC} away, run this again, and tell them all the new one"
            )));
        }
        (None, Some(public)) => {
            return Err(CommandError::Usage(format!(
                "{PUBLIC} is here, but not the private part of it ({public}), which is on another \
                 machine: run `sitegen key export --signing --private --output ~/signing.secret` \
                 there, bring the file here, and run `sitegen key import --signing FILE`. Only if \
                 it is lost for good, move {PUBLIC} away, run this again, and tell everybody who \
                 verifies the site the new one"
            )));
        }
        (None, None) => {}
    }
    let key = SecretKey::generate().map_err(|problem| KeyFileError {
        path: SECRET.to_owned(),
        problem: KeyFileProblem::SigningKey(problem),
    })?;
    write_secret(&site.root, &key)?;
    write_public(&site.root, key.public())?;
    site.say(&format!(
        "The site has a key that signs what is built.\n  \
         {PUBLIC}: the public part. Commit it with your texts\n  \
         {SECRET}: the private part. Never commit or publish it. Put a copy where it is safe, such \
         as a password manager or a USB stick in a drawer\n\n"
    ));
    Ok(done(site, key.public()))
}

/// Says what to do with a key that is new here.
fn done(site: &Site<'_>, key: PublicKey) -> Exit {
    let config = site.config();
    site.say(&format!("The public part in one line:\n\n  {key}\n\n"));
    site.say(
        "Whoever has it can notice when somebody tampers with the site. So put it where that \
         somebody cannot change it too: on paper, on the website of another branch or a friend, \
         in the profile of your account on the fediverse.\n",
    );
    if config.sign.is_none() {
        site.say(
            "Next: write `sign = true` at the top of site.toml, run `sitegen build`, and publish\n",
        );
    } else {
        site.say("Next: run `sitegen build`, and publish\n");
    }
    site.say(&format!(
        "Then, from any machine: sitegen verify {} --key {key}\n",
        config.base_url.as_str()
    ));
    site.warn_of_git_at(SECRET, PUBLIC);
    report(site)
}

/// Shows the key to programs.
fn report(site: &Site<'_>) -> Exit {
    if let (OutputFormat::Json, Some(shown)) = (site.global.format, look(site)) {
        write_to(std::io::stdout(), &show::json(&shown));
    }
    Exit::Fine
}

/// Why two parts cannot be used, and what to do.
fn misfit() -> String {
    format!(
        "{PUBLIC} does not belong to {SECRET}. The right key is the one with which the published \
         site is signed. Move the other part away; what is missing of the right one is written by \
         `sitegen key new --signing` or taken by `sitegen key import --signing FILE`"
    )
}

/// Prints the public part, or gives the private one to another machine.
pub(super) fn export(
    site: &Site<'_>,
    private: bool,
    output: Option<&Path>,
) -> Result<Exit, CommandError> {
    let missing = |what: &str| {
        CommandError::Usage(format!("{what} here; `sitegen key new --signing` makes one"))
    };
    let secret = read_secret(&site.root)?;
    if private {
        let secret = secret.ok_or_else(|| missing("there is no private key that signs"))?;
        return export_private(site, ("the site", "signing.secret"), &secret.to_file(), output);
    }
    let public = read_public(&site.root)?.or_else(|| secret.map(|secret| secret.public()));
    let public = public.ok_or_else(|| missing("there is no key that signs"))?;
    export_public(&public.to_file(), output)
}

/// Takes a key from a file, unless there is another one.
pub(super) fn import(site: &Site<'_>, file: &Path) -> Result<Exit, CommandError> {
    let (text, is_shared) = read_text(file)?;
    let (secret, public) = match SecretKey::parse(&text) {
        Ok(secret) => {
            refuse_published(site, file)?;
            let public = secret.public();
            (Some(secret), public)
        }
        Err(problem) => match PublicKey::parse(&text) {
            Ok(public) => (None, public),
            Err(_) => {
                return Err(CommandError::Usage(format!("{}: {problem}", file.display())));
            }
        },
    };
    let there = [read_secret(&site.root)?.map(|key| key.public()), read_public(&site.root)?];
    if let Some(other) = there.iter().flatten().find(|known| **known != public) {
        return Err(CommandError::Usage(format!(
            "there is another key that signs already ({other}) than the one in {} ({public}). If \
             that is the right one, move {SECRET} and {PUBLIC} away first",
            file.display()
        )));
    }
    let is_new = there[0].is_none() && secret.is_some();
    match &secret {
        Some(secret) if is_new => write_secret(&site.root, secret)?,
        None if there[0].is_none() => site.say(&format!(
            "{} has only the public part: the site can be verified here, not signed\n",
            file.display()
        )),
        _ => {}
    }
    write_public(&site.root, public)?;
    warn_of_shared(site, file, secret.is_some() && is_shared);
    site.say(&format!("The key that signs is here: {public}\n"));
    site.warn_of_git_at(SECRET, PUBLIC);
    Ok(report(site))
}

/// Version 1 of what `--format json` writes for the key that signs.
#[derive(Serialize)]
pub(super) struct Shown {
    version: u32,
    kind: &'static str,
    /// `RW…`; of the private part when the public one is missing.
    public_key: Option<String>,
    /// Whether the parts are here, whatever is in them.
    public: bool,
    private: bool,
    /// Whether the parts belong together; nothing when one of them cannot be read.
    fits: Option<bool>,
    /// What is wrong, with what to do.
    problems: Vec<String>,
}

/// Looks at the key; `None` when there is none.
pub(super) fn look(site: &Site<'_>) -> Option<Shown> {
    let mut problems = Vec::new();
    let mut note = |error: &KeyFileError| problems.push(in_words(error));
    let public = read_public(&site.root).inspect_err(&mut note);
    let secret = read_secret(&site.root).inspect_err(&mut note);
    // What cannot be read is there all the same.
    let (has_public, has_secret) = (!matches!(public, Ok(None)), !matches!(secret, Ok(None)));
    if !has_public && !has_secret {
        return None;
    }
    if !has_public {
        problems.push(format!(
            "{PUBLIC} is missing; `sitegen key new --signing` writes it again from the private part"
        ));
    }
    let public = public.ok().flatten();
    let of_secret = secret.ok().flatten().map(|secret| secret.public());
    let fits = public.zip(of_secret).map(|(public, of_secret)| public == of_secret);
    if fits == Some(false) {
        problems.push(misfit());
    }
    Some(Shown {
        version: 1,
        kind: "signing-key",
        public_key: public.or(of_secret).map(|key| key.to_string()),
        public: has_public,
        private: has_secret,
        fits,
        problems,
    })
}

impl Shown {
    /// Whether nothing is wrong.
    pub(super) fn is_well(&self) -> bool {
        self.problems.is_empty()
    }

    /// For people.
    pub(super) fn human(&self) -> String {
        let Self { public_key, public, private, fits, problems, .. } = self;
        let mut text = "the key that signs\n".to_owned();
        if let Some(key) = public_key {
            text.push_str(&format!("  in one line   {key}\n"));
        }
        if *public {
            text.push_str(&format!("  public part   {PUBLIC}\n"));
        }
        let state = match (private, fits, problems.is_empty()) {
            (false, ..) => "not on this machine".to_owned(),
            (true, Some(true), true) => {
                format!("{SECRET}, belongs to it, and only you can read it")
            }
            (true, ..) => SECRET.to_owned(),
        };
        text.push_str(&format!("  private part  {state}\n"));
        for problem in problems {
            text.push_str(&format!("  error: {}\n", visible(problem)));
        }
        text
    }
}
