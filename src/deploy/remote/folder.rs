//! Into a folder of this machine, all at once, as a build puts its output into place.

use std::collections::BTreeSet;
use std::error::Error;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use super::super::Upload;
use super::super::record::{RECORD_PATH, Record};
use super::super::trouble::{Kind, Trouble};
use super::{Arrived, Remote};
use crate::artifact::{Artifact, Body, Rank, Sink};
use crate::path::OutputPath;
use crate::write::{Keep, Stage, Target, WriteError, canonical};

pub(super) struct Folder {
    target: Target,
    /// Where the site was built.
    output: PathBuf,
    /// The record as it will be.
    record: Option<String>,
}

impl Folder {
    pub(super) fn open(to: &str, root: &Path, output: &Path) -> Result<Self, Trouble> {
        let target = Target {
            root: root.to_path_buf(),
            output: root.join(to),
            // What others have put there is named one by one, and stays.
            force: true,
            durable: true,
            ..Target::default()
        };
        let (from, to) = (canonical(output), canonical(&target.output));
        if from.starts_with(&to) || to.starts_with(&from) {
            let help = "name another folder in `to`; the output itself is at its place already";
            let said = format!("{} is where the site is built", target.output.display());
            return Err(Trouble::new(Kind::Disk(help.to_owned()), said));
        }
        let folder = Self { target, output: output.to_path_buf(), record: None };
        // Refuses what is no place for a site, and completes what was interrupted.
        folder.stage(Keep::default())?;
        Ok(folder)
    }

    fn stage(&self, keep: Keep) -> Result<Stage, Trouble> {
        let target = Target { keep, ..self.target.clone() };
        Stage::new(target, |_, _| {}).map_err(|error| refused(&error))
    }

    fn there(&self, path: &str) -> PathBuf {
        self.target.output.join(path)
    }

    /// What lies there and is no deploy's, relative to the target.
    fn of_others(&self, ours: &BTreeSet<&str>) -> Keep {
        let top = &self.target.output;
        let entries = WalkDir::new(top).min_depth(1).into_iter().filter_map(Result::ok);
        let files = entries.filter(|entry| !entry.file_type().is_dir());
        let paths = files.filter_map(|entry| {
            let path = entry.path().strip_prefix(top).ok()?.to_str()?.to_owned();
            (!ours.contains(path.as_str())).then(|| format!("./{path}"))
        });
        Keep(paths.collect())
    }
}

/// A failure to write in the words of this module.
fn refused(error: &WriteError) -> Trouble {
    let mut said = error.to_string();
    let mut cause = error.source();
    let mut kind = None;
    while let Some(inner) = cause {
        said.push_str(&format!(": {inner}"));
        if let Some(error) = inner.downcast_ref::<io::Error>() {
            kind = of_disk(error);
        }
        cause = inner.source();
    }
    let help = error.help().unwrap_or_else(|| "look at `to` in site.toml".to_owned());
    Trouble::new(kind.unwrap_or(Kind::Disk(help)), said)
}

fn of_disk(error: &io::Error) -> Option<Kind> {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Some(Kind::Full),
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            Some(Kind::NotAllowed)
        }
        _ => None,
    }
}

fn failed(path: &Path, error: &io::Error) -> Trouble {
    let kind = of_disk(error).unwrap_or(Kind::Other);
    Trouble::new(kind, format!("{}: {error}", path.display()))
}

impl Remote for Folder {
    fn read(&mut self, path: &str) -> Result<Option<Vec<u8>>, Trouble> {
        let path = self.there(path);
        match fs::read(&path) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(failed(&path, &error)),
        }
    }

    fn names(&mut self) -> Result<Vec<String>, Trouble> {
        let top = &self.target.output;
        match fs::read_dir(top) {
            Ok(entries) => {
                let names = entries.filter_map(Result::ok).map(|entry| entry.file_name());
                Ok(names.map(|name| name.to_string_lossy().into_owned()).collect())
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
            Err(error) => Err(failed(top, &error)),
        }
    }

    fn which_exist(&mut self, paths: &[&str]) -> Result<Vec<String>, Trouble> {
        let is_there = |path: &&&str| fs::symlink_metadata(self.there(path)).is_ok();
        Ok(paths.iter().filter(is_there).map(|path| (*path).to_owned()).collect())
    }

    fn put(&mut self, uploads: &[&Upload], arrived: Arrived<'_>) -> Result<(), Trouble> {
        uploads.iter().for_each(|upload| arrived(upload));
        Ok(())
    }

    fn write(&mut self, _: &str, bytes: &[u8]) -> Result<(), Trouble> {
        self.record = Some(String::from_utf8_lossy(bytes).into_owned());
        Ok(())
    }

    fn remove(&mut self, _: &[String]) -> Result<(), Trouble> {
        Ok(())
    }

    fn finish(&mut self) -> Result<(), Trouble> {
        let text = self.record.take().unwrap_or_default();
        let before = self.read(RECORD_PATH)?.unwrap_or_default();
        let before = Record::parse(&String::from_utf8_lossy(&before)).ok();
        let next = Record::parse(&text).map_err(|_| Trouble::new(Kind::Other, "no record"))?;
        let before = before.iter().flat_map(|record| record.files.keys());
        let mut ours: BTreeSet<&str> =
            before.chain(next.files.keys()).map(String::as_str).collect();
        ours.insert(RECORD_PATH);
        let stage = self.stage(self.of_others(&ours))?;
        let accept = |path: &str, bytes: Vec<u8>| {
            let Ok(path) = OutputPath::new(path) else { return Ok(()) };
            let body = Body::Bytes(bytes);
            stage.accept(Artifact { path, body, rank: Rank::Page, key: None })
        };
        for path in next.files.keys() {
            let file = self.output.join(path);
            let bytes = fs::read(&file).map_err(|error| failed(&file, &error))?;
            accept(path, bytes).map_err(|error| refused(&error))?;
        }
        accept(RECORD_PATH, text.clone().into_bytes()).map_err(|error| refused(&error))?;
        let ready = stage.ready().map_err(|error| refused(&error))?;
        ready.publish().map(drop).map_err(|error| refused(&error))
    }

    fn is_at_once(&self) -> bool {
        true
    }
}
