//! The list of what the last build made, kept in the state folder of the site.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::PathBuf;

use crate::hash::Hash;

use super::{Target, WriteError, io_error};
use crate::disk::{STATE_DIR, write_new};

/// The first line of the file: its format.
const HEAD: &str = "sitegen manifest 1";

/// The files that a build made in one output folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Manifest {
    /// Relative to the output folder.
    pub(super) paths: BTreeSet<String>,
}

impl Manifest {
    /// Reads the manifest of an output folder; `None` when there has been no build yet, or the
    /// file is not one that we can read. Then nothing in the folder counts as ours.
    pub(super) fn read(target: &Target) -> Result<Option<Self>, WriteError> {
        let file = file(target);
        let text = match fs::read_to_string(&file) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) if error.kind() == io::ErrorKind::InvalidData => return Ok(None),
            Err(error) => return Err(io_error("read", &file)(error)),
        };
        let mut lines = text.lines();
        if lines.next() != Some(HEAD) {
            return Ok(None);
        }
        // A path that could lead out of the folder is none that we have written.
        let ours = |path: &&str| crate::path::OutputPath::new(path).is_ok();
        Ok(Some(Self { paths: lines.filter(ours).map(str::to_owned).collect() }))
    }

    /// Writes it beside the old one, then in its place.
    pub(super) fn write(&self, target: &Target) -> Result<(), WriteError> {
        let file = file(target);
        super::create_parent(&file)?;
        let mut text = format!("{HEAD}\n");
        for path in &self.paths {
            text.push_str(path);
            text.push('\n');
        }
        let new = file.with_extension("new");
        write_new(&new, &text).map_err(io_error("write", &new))?;
        fs::rename(&new, &file).map_err(io_error("put into place", &file))
    }
}

/// Each output folder has its own manifest, by the hash of its path.
fn file(target: &Target) -> PathBuf {
    let path = super::canonical(&target.output);
    let name = match path.strip_prefix(&target.root) {
        Ok(inside) => inside.to_string_lossy().into_owned(),
        Err(_) => path.to_string_lossy().into_owned(),
    };
    let mut hash = Hash::default();
    hash.part(name.as_bytes());
    let short = &hash.finish()[..16];
    target.root.join(STATE_DIR).join("manifests").join(short)
}
