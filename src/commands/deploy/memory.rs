//! What a folder remembers of its deploys, in `.sitegen/deploy`: who it is, and what it has left
//! where.

use std::path::{Path, PathBuf};

use crate::commands::CommandError;
use crate::config::DeployTarget;
use crate::deploy::Ledger;
use crate::disk::{STATE_DIR, replace, write_new};
use crate::hash::Hash;

/// The ledger of a target as the last deploy from this folder has left it.
pub(super) struct Memory {
    file: PathBuf,
}

impl Memory {
    pub(super) fn of(root: &Path, target: &DeployTarget) -> Result<Self, CommandError> {
        let folder = root.join(STATE_DIR).join("deploy");
        // A target that has moved is another one.
        let hash = Hash::of(format!("{} {:?}", target.name, target.way).as_bytes());
        let hash = hash.map_err(|error| CommandError::Io(folder.clone(), error))?;
        Ok(Self { file: folder.join(format!("{}.last", &hash[..16])) })
    }

    /// Nothing when it is not known.
    pub(super) fn last(&self) -> Option<Ledger> {
        Ledger::parse(&std::fs::read_to_string(&self.file).ok()?).ok()
    }

    /// Where it cannot be kept, the next deploy knows less, and asks less.
    pub(super) fn keep(&self, ledger: &Ledger) {
        let new = self.file.with_extension("new");
        let _ = replace(&self.file, &new, ledger.write().as_bytes(), false);
    }
}

pub(super) fn random_number() -> std::io::Result<String> {
    let number = getrandom::u64().map_err(std::io::Error::other)?;
    Ok(format!("{number:016x}"))
}

/// A number that stands for the folder of the site on a target and says nothing to others. A copy
/// of the folder, on another machine or beside it, has another one.
pub(super) fn place_number(root: &Path) -> Result<String, CommandError> {
    let failed = |error| CommandError::Io(root.to_path_buf(), error);
    let path = root.canonicalize().map_err(failed)?;
    let place = format!("{} {} {}", folder_number(root)?, machine(), path.display());
    let hash = Hash::of(place.as_bytes()).map_err(failed)?;
    Ok(hash.chars().take(16).collect())
}

/// The name of this machine; nothing where it has none.
fn machine() -> String {
    #[cfg(unix)]
    return rustix::system::uname().nodename().to_string_lossy().into_owned();
    #[cfg(not(unix))]
    std::env::var("COMPUTERNAME").unwrap_or_default()
}

/// A number for the folder of the site, made once.
fn folder_number(root: &Path) -> Result<String, CommandError> {
    let file: PathBuf = root.join(STATE_DIR).join("deploy").join("folder");
    let failed = |error| CommandError::Io(file.clone(), error);
    let known = std::fs::read_to_string(&file).unwrap_or_default();
    let known = known.trim();
    if known.len() == 16 && known.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Ok(known.to_owned());
    }
    let number = random_number().map_err(failed)?;
    let folder = root.join(STATE_DIR).join("deploy");
    let written = std::fs::create_dir_all(&folder).and_then(|()| {
        let _ = std::fs::remove_file(&file);
        write_new(&file, number.as_bytes())
    });
    written.map_err(failed)?;
    Ok(number)
}
