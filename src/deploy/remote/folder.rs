//! Into a folder of this machine, all at once, as a build puts its output into place.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::super::Upload;
use super::super::ledger::{LEDGER_PATH, Ledger};
use super::super::trouble::{Kind, Trouble};
use super::{Arrived, Remote, Thing};
use crate::artifact::{Artifact, Body, Rank, Sink};
use crate::limits::DEPLOY_LEDGER_BYTES_MAX;
use crate::path::OutputPath;
use crate::write::{Owned, Stage, Target, WriteError, canonical};

pub(super) struct Folder {
    target: Target,
    /// Where the site was built.
    output: PathBuf,
    /// Overwrite what others have put there.
    take_over: bool,
    /// The ledger as it was when it was last looked at, and as it will be.
    found: Option<Vec<u8>>,
    ledger: Option<String>,
}

impl Folder {
    pub(super) fn open(
        to: &str,
        root: &Path,
        output: &Path,
        take_over: bool,
    ) -> Result<Self, Trouble> {
        let target = Target {
            root: root.to_path_buf(),
            output: root.join(to),
            durable: true,
            ..Target::default()
        };
        let output_of = output.to_path_buf();
        let folder = Self { target, output: output_of, take_over, found: None, ledger: None };
        // Refuses what is no place for a site, and completes what was interrupted.
        folder.stage(None)?;
        let (from, to) = (canonical(output), canonical(&folder.target.output));
        if from.starts_with(&to) || to.starts_with(&from) {
            let help = "name another folder in `to`; the output itself is at its place already";
            let said = format!("{} is where the site is built", folder.target.output.display());
            return Err(Trouble::new(Kind::Disk(help.to_owned()), said));
        }
        Ok(folder)
    }

    fn stage(&self, shared: Option<Owned>) -> Result<Stage, Trouble> {
        let target = Target { shared, ..self.target.clone() };
        Stage::new(target, |_, _| {}).map_err(|error| refused(&error))
    }

    fn there(&self, path: &str) -> PathBuf {
        self.target.output.join(path)
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
    let help = match error {
        WriteError::Foreign(_) => Some(
            "move them away there, or rename the pages here; a folder cannot be a link".to_owned(),
        ),
        error => error.help(),
    };
    let help = help.unwrap_or_else(|| "look at `to` in site.toml".to_owned());
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
        let name = path;
        let path = self.there(path);
        if fs::metadata(&path).is_ok_and(|data| data.len() > DEPLOY_LEDGER_BYTES_MAX as u64) {
            return Err(Trouble::too_large(name));
        }
        match fs::read(&path) {
            Ok(bytes) => {
                self.found = Some(bytes.clone());
                Ok(Some(bytes))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                self.found = None;
                Ok(None)
            }
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

    fn look(&mut self, paths: &[&str]) -> Result<BTreeMap<String, Thing>, Trouble> {
        let thing = |path: &&str| {
            let data = fs::symlink_metadata(self.there(path)).ok()?;
            Some(((*path).to_owned(), if data.is_dir() { Thing::Folder } else { Thing::File }))
        };
        Ok(paths.iter().filter_map(thing).collect())
    }

    fn put(&mut self, uploads: &[&Upload], arrived: Arrived<'_>) -> Result<(), Trouble> {
        uploads.iter().for_each(|upload| arrived(upload));
        Ok(())
    }

    fn write(&mut self, _: &str, bytes: &[u8]) -> Result<(), Trouble> {
        self.ledger = Some(String::from_utf8_lossy(bytes).into_owned());
        Ok(())
    }

    fn remove(&mut self, _: &[String]) -> Result<(), Trouble> {
        Ok(())
    }

    fn finish(&mut self) -> Result<(), Trouble> {
        let text = self.ledger.take().unwrap_or_default();
        let found = self.found.take();
        let before = self.read(LEDGER_PATH)?;
        if before != found {
            return Err(Trouble::new(Kind::Overtaken, ""));
        }
        let before = before.and_then(|b| Ledger::parse(&String::from_utf8_lossy(&b)).ok());
        let next = Ledger::parse(&text).map_err(|_| Trouble::new(Kind::Other, "no ledger"))?;
        // What the other site has beside this one stays when its place is taken over.
        let is_same = before.as_ref().is_some_and(|ledger| ledger.site == next.site);
        let mut ours: Owned = before.map(|ledger| ledger.files).unwrap_or_default();
        ours.retain(|path, _| is_same || next.files.contains_key(path));
        if self.take_over {
            let theirs = next.files.keys().filter(|path| !ours.contains_key(*path));
            ours.extend(theirs.map(|path| (path.clone(), None)).collect::<Owned>());
        }
        ours.insert(LEDGER_PATH.to_owned(), None);
        let stage = self.stage(Some(ours))?;
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
        accept(LEDGER_PATH, text.clone().into_bytes()).map_err(|error| refused(&error))?;
        let ready = stage.ready().map_err(|error| refused(&error))?;
        ready.publish().map(drop).map_err(|error| refused(&error))
    }

    fn is_at_once(&self) -> bool {
        true
    }
}
