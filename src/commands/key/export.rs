//! `sitegen key export`: a key goes to another machine or program.

use std::io::{self, IsTerminal};
use std::path::Path;

use super::show::no_key;
use super::{Site, checked, signing};
use crate::cli::Export;
use crate::commands::output::write_to;
use crate::commands::{CommandError, Exit};
use crate::disk::{keys, next_key};
use crate::write::canonical;

/// Prints a part of a key, or writes it to a new file.
pub(super) fn run(site: &Site<'_>, arguments: &Export) -> Result<Exit, CommandError> {
    let Export { user, private, next, output, .. } = arguments;
    let output = output.as_deref();
    let Some(user) = user else { return signing::export(site, *private, output) };
    checked(user)?;
    if *private {
        let key = if *next {
            next_key::read(&site.root, user)?
        } else {
            keys::read_private(&site.root, user)?
        };
        let missing = if *next {
            format!("no new key of @{user} waits here; `sitegen key rotate {user}` makes one")
        } else {
            format!("the private part of the key of @{user} is not on this machine")
        };
        let key = key.ok_or(CommandError::Usage(missing))?.to_pkcs8_pem();
        return export_private(
            site,
            (&format!("@{user}"), &format!("{user}.secret.pem")),
            &key,
            output,
        );
    }
    let public = match keys::read_public(&site.root, user)? {
        Some(public) => public,
        None => match keys::read_private(&site.root, user)? {
            Some(private) => private.public().clone(),
            None => return Err(CommandError::Usage(no_key(user))),
        },
    };
    export_public(&public.to_pem(), output)
}

/// Prints what everybody may have, or writes it to a new file.
pub(super) fn export_public(key: &str, output: Option<&Path>) -> Result<Exit, CommandError> {
    match output {
        None => write_to(io::stdout(), key),
        // It does not matter who reads it.
        Some(file) => {
            write_new(file, key)?;
        }
    }
    Ok(Exit::Fine)
}

/// Writes a private key to a file, or to a program. It is said whose it is, and how its file may be
/// called.
pub(super) fn export_private(
    site: &Site<'_>,
    (whose, name): (&str, &str),
    key: &str,
    output: Option<&Path>,
) -> Result<Exit, CommandError> {
    match output {
        None if io::stdout().is_terminal() => {
            return Err(CommandError::Usage(
                "a private key is not for the screen, where it stays in the memory of the \
                 terminal; name a file with `--output FILE`, outside of the site"
                    .to_owned(),
            ));
        }
        None => write_to(io::stdout(), key),
        Some(file) if canonical(file).starts_with(&site.path) => {
            return Err(CommandError::Usage(format!(
                "{} is in the folder of the site, from where a private key gets onto the web or \
                 into the repository; name a file elsewhere, such as ~/{name}",
                file.display()
            )));
        }
        Some(file) => {
            if !write_new(file, key)? {
                site.warn(&format!(
                    "the disk of {} keeps no file from others who use it",
                    file.display()
                ));
            }
            site.say(&format!(
                "The private key of {whose} is in {}. Delete the file when the key is where it \
                 should be\n",
                file.display()
            ));
        }
    }
    Ok(Exit::Fine)
}

/// Writes a file that is not there, for its owner alone; says whether the disk can do that.
fn write_new(file: &Path, text: &str) -> Result<bool, CommandError> {
    match keys::create_private(file, text) {
        Ok(is_private) => Ok(is_private),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(CommandError::Usage(
            format!("{} is there already; name a new file", file.display()),
        )),
        Err(error) => Err(CommandError::Io(file.to_path_buf(), error)),
    }
}
