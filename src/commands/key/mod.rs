//! `sitegen key`: makes, shows and moves the keys by which the fediverse knows the site, and the
//! one that signs what is built.
//!
//! A key is what an actor is to other servers: whoever has the private part speaks in its name, and
//! whoever loses it loses the followers. So nothing here throws a key away, a private part is never
//! shown by accident, and what is refused comes with what to do instead.

mod export;
mod ignored;
mod import;
mod rotate;
mod show;
mod shown;
mod signing;

use std::io;
use std::path::PathBuf;

use super::output::write_to;
use super::{CommandError, Exit, find_root};
use crate::cli::{Global, KeyCommand, OutputFormat};
use crate::config::{self, Config};
use crate::diagnostic::{Source, nearest, visible};
use crate::disk::keys::{self, KeyFileError, KeyFileProblem, private_path, public_path};
use crate::disk::{Root, next_key};
use crate::key::PrivateKey;
use crate::office::settings::FILE as INBOX;
use crate::path::{SourcePath, check_user_name};

pub(super) fn run(command: &KeyCommand, global: &Global) -> Result<Exit, CommandError> {
    let site = Site::open(global)?;
    match command {
        KeyCommand::New { user: Some(user), force_new_key, .. } => new(&site, user, *force_new_key),
        // Without a user it is about the key that signs: so the arguments are read.
        KeyCommand::New { user: None, .. } => signing::new(&site),
        KeyCommand::Show { user } => show::run(&site, user.as_deref()),
        KeyCommand::Export(arguments) => export::run(&site, arguments),
        KeyCommand::Import { user: Some(user), file, next: true, .. } => {
            import::next(&site, user, file)
        }
        KeyCommand::Import { user: Some(user), file, replace, .. } => {
            import::run(&site, user, file, *replace)
        }
        KeyCommand::Import { user: None, file, .. } => signing::import(&site, file),
        KeyCommand::Rotate(arguments) => rotate::run(&site, arguments),
    }
}

/// The site whose keys they are.
struct Site<'a> {
    global: &'a Global,
    path: PathBuf,
    root: Root,
}

impl<'a> Site<'a> {
    fn open(global: &'a Global) -> Result<Self, CommandError> {
        let path = match find_root(global) {
            // Where the post office runs there are keys, and no sources.
            Err(_) if global.root.join(INBOX).exists() => global
                .root
                .canonicalize()
                .map_err(|error| CommandError::Io(global.root.clone(), error))?,
            found => found?,
        };
        let root = Root::open(&path).map_err(|error| CommandError::Io(path.clone(), error))?;
        Ok(Self { global, path, root })
    }

    /// What `site.toml` says, as far as it says anything; the rest may be as wrong as it likes.
    fn config(&self) -> Config {
        let path = SourcePath::new(config::FILE);
        let text = std::fs::read_to_string(self.path.join(&self.global.config)).unwrap_or_default();
        config::read(&Source::new(path, text), None).0
    }

    /// Refuses to change the key of somebody who has two of them.
    fn check_alone(&self, user: &str) -> Result<(), CommandError> {
        if !next_key::is_there(&self.root, user) {
            return Ok(());
        }
        Err(CommandError::Usage(format!(
            "@{user} goes over to a new key just now, which waits in {}; `sitegen key rotate \
             {user} --cancel` ends that, as long as the site does not show it",
            next_key::path(user)
        )))
    }

    /// Whether an account is in the record: others may know it by its key.
    fn is_published(&self, user: &str) -> bool {
        let record = std::fs::read_to_string(self.path.join(crate::load::record::FILE));
        record.is_ok_and(|text| text.contains(&format!("[[actor]]\nuser = \"{user}\"\n")))
    }

    /// Says when the account of a key is not in `site.toml`: then the key is for nobody. Of a file
    /// with mistakes nothing is said.
    fn note_account(&self, user: &str) {
        let file = &self.global.config;
        let Ok(text) = std::fs::read_to_string(self.path.join(file)) else { return };
        let (config, problems) =
            config::read(&Source::new(SourcePath::new(config::FILE), text), None);
        let users: Vec<&str> = config.actors.iter().map(|actor| actor.user.0.as_str()).collect();
        if !problems.is_empty() || users.contains(&user) {
            return;
        }
        let near = nearest(user, users.iter().copied());
        let near = near.map(|near| format!(" (did you mean `{near}`?)")).unwrap_or_default();
        let title = config.languages[0].title.replace(['"', '\\'], "");
        self.say(&format!(
            "note: there is no account `{user}` in {} yet{near}. Until it is described \
             there, the key is for nobody. At the end of the file:\n\n  \
             [[actors]]\n  user = \"{user}\"\n  name = \"{}\"\n\n",
            visible(file),
            visible(&title)
        ));
    }

    /// Says something to people.
    fn say(&self, text: &str) {
        if self.global.format == OutputFormat::Human && !self.global.quiet {
            write_to(io::stdout(), text);
        }
    }

    fn warn(&self, text: &str) {
        match self.global.format {
            OutputFormat::Human => {
                write_to(io::stderr(), &format!("warning: {}\n", visible(text)));
            }
            OutputFormat::Json => {
                let line = serde_json::json!({ "version": 1, "kind": "warning", "message": text });
                write_to(io::stdout(), &format!("{line}\n"));
            }
        }
    }

    /// Warns when Git would publish what is secret, or leave out what is public.
    fn warn_of_git(&self, user: &str) {
        self.warn_of_git_at(private_path(user).as_str(), public_path(user).as_str());
    }

    fn warn_of_git_at(&self, private: &str, public: &str) {
        if ignored::is_ignored(&self.path, private) == Some(false) {
            self.warn(
                "Git does not ignore `.sitegen`, so the private key would get into the repository: \
                 write a line `/.sitegen` into .gitignore before you commit anything",
            );
        }
        if ignored::is_ignored(&self.path, public) == Some(true) {
            self.warn(&format!(
                "Git ignores {public}, which belongs into the repository: write a line \
                 `!/{public}` at the end of .gitignore"
            ));
        }
    }
}

/// Takes a user name that servers would take.
fn checked(user: &str) -> Result<(), CommandError> {
    check_user_name(user).map_err(|problem| {
        CommandError::Usage(format!("`{user}` cannot be the user name of an actor: {problem}"))
    })
}

/// What it means to change a key, and why nobody should without need.
fn loss(user: &str) -> String {
    format!(
        "Servers know @{user} by the key that they have seen. They refuse what another one signs, \
         some for a day, some until their administrator helps, and followers may have to follow \
         again"
    )
}

fn new(site: &Site<'_>, user: &str, force: bool) -> Result<Exit, CommandError> {
    checked(user)?;
    site.check_alone(user)?;
    if !force && complete(site, user)? {
        return show::report(site, user);
    }
    if !force && site.is_published(user) {
        return Err(CommandError::Usage(format!(
            "@{user} has been published already, with a key that is not here: restore {} from \
             version control or from the live site, and the private part from your copy. Another \
             key costs the followers; if both parts are lost, \
             `sitegen key new {user} --force-new-key` makes one",
            public_path(user)
        )));
    }
    let (public_path, private_path) = (public_path(user), private_path(user));
    let unusable = |problem| KeyFileError {
        path: private_path.to_string(),
        problem: KeyFileProblem::Key(problem),
    };
    let key = PrivateKey::generate(PrivateKey::BITS).map_err(unusable)?;
    let aside = keys::put_aside(&site.root, user)?;
    keys::write_private(&site.root, user, &key)?;
    keys::write_public(&site.root, user, key.public())?;
    site.say(&format!(
        "@{user} has a new key.\n  \
         {public_path}: the public part. Commit it with your texts; it becomes part of the site\n  \
         {private_path}: the private part. Never commit or publish it. Put a copy where it is \
         safe, such as a password manager or a USB stick in a drawer: who loses it loses the \
         followers\n"
    ));
    if let Some(aside) = aside {
        site.say(&format!("  {aside}: the private part of the old key\n"));
    }
    site.note_account(user);
    site.say("Next: run `sitegen build`\n");
    site.warn_of_git(user);
    show::report(site, user)
}

/// Writes the public part of a key of which only the private part is here. `false` when there is
/// neither; whatever else is there is in the way of a new key.
fn complete(site: &Site<'_>, user: &str) -> Result<bool, CommandError> {
    let private = keys::read_private(&site.root, user)?;
    let path = public_path(user);
    let why = match (private, keys::read_public(&site.root, user)?) {
        (None, None) => return Ok(false),
        (Some(private), None) => {
            keys::write_public(&site.root, user, private.public())?;
            site.say(&format!(
                "The private part of the key was here already; {path} is written again from it.\n\
                 Next: commit {path}, then run `sitegen build`\n"
            ));
            site.warn_of_git(user);
            return Ok(true);
        }
        (Some(private), Some(public)) if *private.public() != public => show::misfit(user),
        (Some(_), Some(public)) => format!(
            "@{user} has a key already (fingerprint {}), and there is nothing to do. {}. If the \
             key was stolen, `sitegen key rotate {user}` makes another one, and followers stay; \
             they may not with `--force-new-key`",
            public.fingerprint(),
            loss(user)
        ),
        (None, Some(public)) => format!(
            "{path} is here, but not the private part of it (fingerprint {}), which is on another \
             machine: run `sitegen key export {user} --private --output ~/{user}.secret.pem` \
             there, bring the file here, and run `sitegen key import {user} FILE`. Only if it is \
             lost for good, make another key with `--force-new-key`. {}",
            public.fingerprint(),
            loss(user)
        ),
    };
    Err(CommandError::Usage(why))
}
