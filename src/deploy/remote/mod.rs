//! The ways to a target: each reads, puts and removes files in a folder somewhere else.

mod command;
mod folder;
mod git;
mod program;
mod rsync;
mod s3;
mod sftp;
mod ssh;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::{Trouble, Upload};
use crate::config::{DeployTarget, Way};
use crate::path::folders_above;

pub(crate) use command::run_command;

/// Told of each file that has arrived.
pub(crate) type Arrived<'a> = &'a mut dyn FnMut(&Upload);

/// What lies at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Thing {
    /// A file, or a link to whatever.
    File,
    Folder,
}

/// A folder somewhere else. Paths are relative to it, with slashes.
pub(crate) trait Remote {
    /// Reads a file of a moderate size; nothing when it is not there.
    fn read(&mut self, path: &str) -> Result<Option<Vec<u8>>, Trouble>;

    /// What lies at the top; nothing when the folder is not there yet.
    fn names(&mut self) -> Result<Vec<String>, Trouble>;

    /// What lies at some paths; nothing is said of those where nothing does. An empty folder may
    /// count as nothing.
    fn look(&mut self, paths: &[&str]) -> Result<BTreeMap<String, Thing>, Trouble>;

    /// Puts files there, each whole or not at all, and says of each when it has arrived.
    fn put(&mut self, uploads: &[&Upload], arrived: Arrived<'_>) -> Result<(), Trouble>;

    /// Writes a small file.
    fn write(&mut self, path: &str, bytes: &[u8]) -> Result<(), Trouble>;

    /// Removes files, and the folders that are empty then. What is not there is removed.
    fn remove(&mut self, paths: &[String]) -> Result<(), Trouble>;

    /// Ends the deploy. Where all changes happen at once, they happen now.
    fn finish(&mut self) -> Result<(), Trouble> {
        Ok(())
    }

    /// Whether files lie in folders, so that a file can be in the way of one.
    fn has_folders(&self) -> bool {
        true
    }

    /// Whether nothing changes before the end.
    fn is_at_once(&self) -> bool {
        false
    }
}

/// Opens the way to a target; none where it is a program that takes the folder.
pub(crate) fn open(
    target: &DeployTarget,
    root: &Path,
    output: &Path,
    take_over: bool,
) -> Result<Option<Box<dyn Remote>>, Trouble> {
    Ok(Some(match &target.way {
        Way::Rsync(shell) => Box::new(rsync::Rsync::open(shell, root, output)?),
        Way::Sftp(shell) => Box::new(sftp::Sftp::open(shell, root, output)?),
        Way::S3(bucket) => Box::new(s3::S3::open(bucket, root, output)?),
        Way::Git(branch) => Box::new(git::Git::open(branch, root, output, &target.name)?),
        Way::Local(folder) => Box::new(folder::Folder::open(folder, root, output, take_over)?),
        Way::Command(_) => return Ok(None),
    }))
}

/// A file that site.toml names: below the home of the user, or relative to the site.
fn named_file(root: &Path, name: &str) -> PathBuf {
    match (name.strip_prefix("~/"), std::env::home_dir()) {
        (Some(inner), Some(home)) => home.join(inner),
        _ => root.join(name),
    }
}

/// The folders that a list of files leaves empty if nothing else is in them: the lowest first.
fn folders_of(paths: &[String]) -> Vec<&str> {
    let folders = paths.iter().flat_map(|path| folders_above(path));
    let mut folders: Vec<&str> =
        folders.collect::<std::collections::BTreeSet<&str>>().into_iter().collect();
    folders.sort_by_key(|folder| std::cmp::Reverse(folder.matches('/').count()));
    folders
}
