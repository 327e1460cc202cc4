//! Where an output may go, and what the place allows.

use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use super::error::io_error;
use super::{Target, WriteError};
use crate::disk::{KEYS_DIR, STATE_DIR};

/// Refuses folders that hold more than an output.
pub(super) fn check_output(target: &Target) -> Result<(), WriteError> {
    let refuse = |reason| Err(WriteError::UnsafeOutput { path: target.output.clone(), reason });
    let output = canonical(&target.output);
    if output.parent().is_none() {
        return refuse("the root of the file system");
    }
    if std::env::home_dir().is_some_and(|home| canonical(&home).starts_with(&output)) {
        return refuse("your home folder or one above it");
    }
    if target.root.starts_with(&output) {
        return refuse("the folder of the site or one above it");
    }
    let sources = ["content", "static", "themes", "data", KEYS_DIR, STATE_DIR];
    if sources.iter().any(|name| output.starts_with(target.root.join(name))) {
        return refuse("inside the sources of the site");
    }
    let state = target.root.join(STATE_DIR);
    if fs::symlink_metadata(&state).is_ok_and(|data| !data.is_dir()) {
        let reason = "kept track of in `.sitegen`, which is no folder but a link or a file";
        return refuse(reason);
    }
    match fs::metadata(&output) {
        Ok(data) if !data.is_dir() => refuse("not a folder"),
        Err(error) if !matches!(error.kind(), io::ErrorKind::NotFound) => {
            Err(io_error("read", &output)(error))
        }
        _ => Ok(()),
    }
}

/// Why an output folder cannot be replaced as a whole, as the end of "because …".
pub(super) fn fixed(output: &Path) -> Option<&'static str> {
    let parent = output.parent()?;
    if !output.exists() {
        return None;
    }
    if cfg!(not(unix)) {
        return Some("the system cannot tell an old folder from a new one");
    }
    if mount(output) != mount(parent) {
        return Some("something is mounted there");
    }
    (!is_writable(parent)).then_some("the folder above it cannot be written to")
}

/// The mount that a folder lies in: another file system, or another folder that is shown here.
#[cfg(target_os = "linux")]
pub(super) fn mount(path: &Path) -> Option<u64> {
    use rustix::fs::{AtFlags, CWD, StatxFlags, statx};
    let data = statx(CWD, path, AtFlags::SYMLINK_NOFOLLOW, StatxFlags::MNT_ID).ok()?;
    // Kernels before 5.8 know file systems only.
    let file_system = (u64::from(data.stx_dev_major) << 32) | u64::from(data.stx_dev_minor);
    let knows_mount = data.stx_mask & StatxFlags::MNT_ID.bits() != 0;
    Some(if knows_mount { data.stx_mnt_id } else { file_system })
}

#[cfg(all(unix, not(target_os = "linux")))]
pub(super) fn mount(path: &Path) -> Option<u64> {
    use std::os::unix::fs::MetadataExt as _;
    fs::symlink_metadata(path).ok().map(|data| data.dev())
}

#[cfg(not(unix))]
pub(super) fn mount(_: &Path) -> Option<u64> {
    None
}

#[cfg(unix)]
fn is_writable(folder: &Path) -> bool {
    rustix::fs::access(folder, rustix::fs::Access::WRITE_OK).is_ok()
}

#[cfg(not(unix))]
fn is_writable(folder: &Path) -> bool {
    !fs::metadata(folder).is_ok_and(|data| data.permissions().readonly())
}

/// The path without links and `..`, also when its last parts are not there yet.
pub(crate) fn canonical(path: &Path) -> PathBuf {
    let Ok(absolute) = std::path::absolute(path) else { return path.to_path_buf() };
    let mut real = PathBuf::new();
    for part in absolute.components() {
        match part {
            Component::ParentDir => {
                real.pop();
            }
            part => {
                real.push(part);
                // What is not there is no link.
                real = real.canonicalize().unwrap_or(real);
            }
        }
    }
    real
}
