//! `sitegen backup`: one file with all that the post office would need elsewhere.

use std::fs::{self, File};
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde_json::json;

use super::Place;
use super::private::{NewFile, shared_disk};
use super::tell::{add, minute, say, warn};
use crate::cli::Global;
use crate::commands::{CommandError, Exit};
use crate::disk::keys::{self, private_path};
use crate::disk::{KEYS_DIR, Root, next_key};
use crate::key::PrivateKey;
use crate::office::archive::Packer;
use crate::office::settings;
use crate::office::store::Store;

/// The name of the store in a backup.
pub(super) const STORE: &str = "office.db";

/// What the name of a key in it ends with that waits to take the place of another one.
pub(super) const NEXT: &str = ".pem.next";

/// Writes a backup. The post office may be at work meanwhile.
pub(super) fn run(file: &Path, global: &Global) -> Result<Exit, CommandError> {
    let Some(place) = Place::find(global)? else { return Ok(Exit::SiteErrors) };
    place.check_private(file, &global.config)?;
    let root = Root::open(&place.root);
    let root = root.map_err(|error| CommandError::Io(place.root.clone(), error))?;
    // First of all: a key that others can read is refused before anything is written.
    let (mut all, mut next) = (Vec::new(), Vec::new());
    for user in keys::users(&root)? {
        // First: it may take the place of the other one in this moment.
        let waits = next_key::read(&root, &user)?;
        let current = keys::read_private(&root, &user)?;
        let is_new = |key: &PrivateKey| {
            current.as_ref().is_none_or(|current| current.public() != key.public())
        };
        if let Some(key) = waits.filter(is_new) {
            next.push((user.clone(), key.to_pkcs8_pem()));
        }
        if let Some(key) = current {
            all.push((user, key.to_pkcs8_pem()));
        }
    }
    let failed = |error| CommandError::Io(file.to_path_buf(), error);
    let settings = place.root.join(settings::FILE);
    let settings =
        fs::read(&settings).map_err(|error| CommandError::Io(settings.clone(), error))?;
    let (store, now) = (place.store()?, Timestamp::now());
    let new = NewFile::create(file)?;
    let copy = Copy::of(&store, &place.store_path(), now)?;
    let pack = || {
        let mut packer = Packer::new(BufWriter::new(&new.file), now, &about(&place, now))?;
        packer.add(settings::FILE, settings.len() as u64, &settings[..])?;
        for (keys, end) in [(&all, ".pem"), (&next, NEXT)] {
            for (user, pem) in keys {
                let name = format!("{KEYS_DIR}/{user}{end}");
                packer.add(&name, pem.len() as u64, pem.as_bytes())?;
            }
        }
        let copy = File::open(&copy.0)?;
        packer.add(STORE, copy.metadata()?.len(), copy)?;
        packer.finish()?.flush()
    };
    pack().map_err(failed)?;
    drop(copy);
    let is_private = new.keep()?;
    let users: Vec<&str> = all.iter().map(|(user, _)| user.as_str()).collect();
    let line = json!({
        "version": 1, "kind": "backup", "file": file.display().to_string(), "made": now.to_string(),
        "keys": users,
    });
    say(global, &format!("The backup is {}.", file.display()), &line);
    warn(
        global,
        "the private keys and all followers are in it: keep it where nobody else gets at it, such \
         as an encrypted disk, and not only on this machine",
    );
    for local in &place.settings.actors {
        if !users.contains(&local.user.as_str()) {
            let path = private_path(&local.user);
            warn(global, &format!("{path} is not here, and so not in the backup"));
        }
    }
    if !is_private {
        warn(global, &shared_disk(file));
    }
    let look = format!("Look whether it is whole: `sitegen restore {} --verify`.", file.display());
    add(global, &look);
    Ok(Exit::Fine)
}

/// What is said to whoever opens the file.
fn about(place: &Place, now: Timestamp) -> String {
    format!(
        "A backup of the post office of {}, made {} by sitegen {}.\n\
         \n\
         It has the private keys and all followers in it, and is for the owner alone.\n\
         `sitegen restore FILE` puts it into place.\n",
        place.settings.site.as_str(),
        minute(now),
        env!("CARGO_PKG_VERSION")
    )
}

/// A copy of the store as of one moment, beside it: there it is private and on the same disk.
struct Copy(PathBuf);

impl Copy {
    fn of(store: &Store, path: &Path, now: Timestamp) -> Result<Self, CommandError> {
        let copy = path.with_file_name(format!("{STORE}.{}.copy", std::process::id()));
        // What a process of the same number has left when it was killed.
        let _ = fs::remove_file(&copy);
        store.snapshot(&copy, now)?;
        Ok(Self(copy))
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        // Whoever could not write it could not remove it either.
        let _ = fs::remove_file(&self.0);
    }
}
