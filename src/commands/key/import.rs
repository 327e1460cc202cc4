//! `sitegen key import`: a key comes from another machine or program.

use std::io;
use std::path::Path;

use zeroize::Zeroizing;

use super::rotate::gone_over;
use super::{Site, checked, loss, show};
use crate::commands::office::rotations;
use crate::commands::{CommandError, Exit};
use crate::disk::keys::{self, KeyFileError, KeyFileProblem, private_path, public_path};
use crate::disk::next_key;
use crate::key::{PrivateKey, PublicKey};
use crate::write::canonical;

/// What a file has in it.
struct Found {
    /// Not in a file with a public key only.
    private: Option<PrivateKey>,
    public: PublicKey,
    /// Whether others on this machine may read the file.
    is_shared: bool,
}

/// What the site has already.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Known {
    Nothing,
    Same,
    /// Another key, or one that cannot be used.
    Other,
}

/// Takes a key from a file.
pub(super) fn run(
    site: &Site<'_>,
    user: &str,
    file: &Path,
    replace: bool,
) -> Result<Exit, CommandError> {
    checked(user)?;
    let found = read(site, file)?;
    if replace {
        site.check_alone(user)?;
    }
    let private = keys::read_private(&site.root, user);
    let private = private.map(|key| key.map(|key| key.public().clone()));
    let private = known(private, &found.public, replace)?;
    let public = known(keys::read_public(&site.root, user), &found.public, replace)?;
    if [private, public].contains(&Known::Other) && !replace {
        return Err(CommandError::Usage(format!(
            "@{user} has another key already than the one in {} (fingerprint {}). {}. If that is \
             the key that servers know, or the old one is lost, `--replace` takes it and keeps the \
             private part of the old one beside it",
            file.display(),
            found.public.fingerprint(),
            loss(user)
        )));
    }
    write(site, user, &found, [private, public])?;
    if found.private.is_none() && private != Known::Same {
        site.say(&format!(
            "{} has only the public part, so the site can be built here, but messages cannot be \
             signed\n",
            file.display()
        ));
    }
    let is_own = canonical(file) == site.root.join(private_path(user).as_str());
    warn_of_shared(site, file, found.private.is_some() && found.is_shared && !is_own);
    site.warn_of_git(user);
    show::report(site, user)
}

/// Warns when a private key is where others get at it.
pub(super) fn warn_of_shared(site: &Site<'_>, file: &Path, is_shared: bool) {
    if is_shared {
        site.warn(&format!(
            "others on this machine may read {0}: delete it, or run `chmod 600 {0}`",
            file.display()
        ));
    }
}

/// Takes the key to which an account is to go over.
pub(super) fn next(site: &Site<'_>, user: &str, file: &Path) -> Result<Exit, CommandError> {
    checked(user)?;
    let found = read(site, file)?;
    let refuse = |why: &str| CommandError::Usage(format!("{}: {why}", file.display()));
    let Some(key) = found.private else {
        return Err(refuse("this is only the public part, and what signs is the private one"));
    };
    let current = keys::read_private(&site.root, user)?;
    if current.is_some_and(|current| current.public() == key.public()) {
        return Err(refuse("this is the key that is in use already"));
    }
    let rotations = rotations(&site.path)?.unwrap_or_default();
    if let Some(rotation) = rotations.iter().find(|rotation| rotation.user == user)
        && rotation.key != key.public().fingerprint()
    {
        return Err(CommandError::Usage(gone_over(rotation, "run this again")));
    }
    match next_key::read(&site.root, user)? {
        Some(known) if known.public() == key.public() => {
            site.say(&format!("@{user} has this key already; nothing was written\n"));
        }
        Some(_) => return site.check_alone(user).map(|()| Exit::Fine),
        None => {
            next_key::write(&site.root, user, &key)?;
            site.say(&format!(
                "{}: the new key of @{user}, for you alone. When the post office sees it on the \
                 site, it goes over to it by itself\n",
                next_key::path(user)
            ));
        }
    }
    warn_of_shared(site, file, found.is_shared);
    show::report(site, user)
}

/// Reads a file that somebody has named.
fn read(site: &Site<'_>, file: &Path) -> Result<Found, CommandError> {
    let refuse = |why: String| CommandError::Usage(format!("{}: {why}", file.display()));
    let (text, is_shared) = read_text(file)?;
    let problem = match PrivateKey::parse(&text) {
        Ok(private) => {
            refuse_published(site, file)?;
            let public = private.public().clone();
            return Ok(Found { private: Some(private), public, is_shared });
        }
        Err(problem) => problem,
    };
    match PublicKey::parse(&text) {
        Ok(public) => Ok(Found { private: None, public, is_shared }),
        Err(_) => Err(refuse(problem.to_string())),
    }
}

/// Reads a file that somebody has named, and says whether others may read it.
pub(super) fn read_text(file: &Path) -> Result<(Zeroizing<String>, bool), CommandError> {
    let missing = || CommandError::Usage(format!("{}: there is no such file", file.display()));
    keys::read_foreign(file).map_err(|error| match &error.problem {
        KeyFileProblem::Io(cause) if cause.kind() == io::ErrorKind::NotFound => missing(),
        KeyFileProblem::Io(_) => error.into(),
        _ => CommandError::Usage(error.to_string()),
    })
}

/// Refuses a private key that lies where it gets onto the web.
pub(super) fn refuse_published(site: &Site<'_>, file: &Path) -> Result<(), CommandError> {
    let Some(folder) = published_folder(site, file) else { return Ok(()) };
    Err(CommandError::Usage(format!(
        "{0}: this private key is in {folder}, from where it gets onto the web. Move it away \
         first: `mv {0} ~/`. If the site was published with it there, others may have it: make a \
         new key",
        file.display()
    )))
}

/// What the site has. A file that cannot be used is an error, unless it is to make way.
fn known(
    read: Result<Option<PublicKey>, KeyFileError>,
    found: &PublicKey,
    replace: bool,
) -> Result<Known, CommandError> {
    match read {
        Ok(None) => Ok(Known::Nothing),
        Ok(Some(key)) if key == *found => Ok(Known::Same),
        Err(error) if !replace || matches!(error.problem, KeyFileProblem::Io(_)) => {
            Err(error.into())
        }
        Ok(Some(_)) | Err(_) => Ok(Known::Other),
    }
}

/// Writes what is not there yet and says so.
fn write(
    site: &Site<'_>,
    user: &str,
    found: &Found,
    [private, public]: [Known; 2],
) -> Result<(), CommandError> {
    let mut said = String::new();
    if private == Known::Other
        && let Some(aside) = keys::put_aside(&site.root, user)?
    {
        said.push_str(&format!("{aside}: the private part of the old key\n"));
    }
    if let (Some(key), Known::Nothing | Known::Other) = (&found.private, private) {
        keys::write_private(&site.root, user, key)?;
        let path = private_path(user);
        said.push_str(&format!("{path}: the private part, for you alone\n"));
    }
    if public != Known::Same {
        keys::write_public(&site.root, user, &found.public)?;
        said.push_str(&format!("{}: the public part, to commit\n", public_path(user)));
    }
    if said.is_empty() {
        said = format!("@{user} has this key already; nothing was written\n");
    }
    site.say(&said);
    Ok(())
}

/// The folder that is published and that a file lies in.
fn published_folder(site: &Site<'_>, file: &Path) -> Option<String> {
    let output = site.config().output_dir;
    let folders = ["content", "static", "themes", &output];
    let file = canonical(file);
    let inside = |folder: &&str| file.starts_with(canonical(&site.path.join(folder)));
    folders.into_iter().find(inside).map(|folder| format!("{folder}/"))
}
