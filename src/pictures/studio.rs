//! Makes what is published of pictures, from their files, and keeps it in the cache.

#[cfg(feature = "cards")]
mod cards;

use std::collections::{HashMap, HashSet};
use std::io::Read;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::gate::Gate;
use super::look::look;
use super::make::{decode, make};
use super::rendition::Rendition;
use super::{Card, Fault, Picture};
use crate::disk::Root;
use crate::hash::Hash;
use crate::limits::MEDIA_BYTES_MAX;
use crate::path::SourcePath;

/// The folder in the cache.
const FOLDER: &str = "pictures";

/// The place where pictures are made.
#[derive(Clone, Debug, Default)]
pub(crate) struct Studio {
    originals: Arc<Originals>,
    gate: Arc<Gate>,
    purpose: Purpose,
    /// The names in the cache of all renditions that the site has.
    expected: Arc<Mutex<HashSet<String>>>,
}

/// What somebody wants of pictures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Purpose {
    /// One rendition, now.
    #[default]
    One,
    /// All renditions of each picture, so that it is read once.
    All,
    /// To know whether they can be made. Nothing is written.
    Look,
}

#[derive(Debug)]
enum Originals {
    Folder(Root),
    Memory(HashMap<SourcePath, Vec<u8>>),
}

impl Default for Originals {
    fn default() -> Self {
        Self::Memory(HashMap::new())
    }
}

impl Studio {
    /// For the pictures of a site.
    pub(crate) fn of(root: Root) -> Self {
        Self { originals: Arc::new(Originals::Folder(root)), ..Self::default() }
    }

    /// Takes a picture into memory.
    pub(crate) fn add(&mut self, path: &SourcePath, bytes: &[u8]) {
        if let Some(Originals::Memory(files)) = Arc::get_mut(&mut self.originals) {
            files.insert(path.clone(), bytes.to_vec());
        }
    }

    /// What is published of a file.
    pub(crate) fn clean(&self, path: &SourcePath, picture: &Picture) -> Result<Vec<u8>, Fault> {
        let bytes = self.read(path, picture.digest())?;
        match look(&bytes) {
            Some(Ok(look)) => Ok(look.clean(&bytes)),
            Some(Err(damage)) => Err(Fault::Damaged(damage)),
            None => Err(Fault::Changed),
        }
    }

    /// Reads each picture once for all of its renditions.
    pub(crate) fn make_all(&mut self) {
        self.purpose = Purpose::All;
    }

    /// Reads each picture once to find mistakes. What is made has nothing in it.
    pub(crate) fn only_look(&mut self) {
        self.purpose = Purpose::Look;
    }

    /// Takes note of the renditions of a picture that the site has.
    pub(crate) fn expect(&self, picture: &Picture) {
        self.expected().extend(picture.renditions.iter().map(|r| r.key.clone()));
    }

    /// Removes from the cache what the site no longer has.
    pub(crate) fn forget_others(&self) {
        if let Some(root) = self.root() {
            root.keep_cached(FOLDER, &self.expected());
        }
    }

    /// Takes note of a share picture that the site has.
    pub(crate) fn expect_card(&self, card: &Card) {
        self.expected().insert(card.key().to_owned());
    }

    fn expected(&self) -> MutexGuard<'_, HashSet<String>> {
        // Names are only added, so they are whole.
        self.expected.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A rendition of the picture in a file.
    pub(crate) fn rendition(
        &self,
        path: &SourcePath,
        picture: &Picture,
        rendition: &Rendition,
    ) -> Result<Vec<u8>, Fault> {
        if let Some(bytes) = self.kept(&rendition.key) {
            return Ok(bytes);
        }
        let is_first = picture.renditions.first().is_some_and(|r| r.key == rendition.key);
        if self.purpose == Purpose::Look && !is_first {
            return Ok(Vec::new());
        }
        let _pass = self.gate.enter(picture.digest(), picture.pixels());
        // Whoever was inside may have made it.
        if let Some(bytes) = self.kept(&rendition.key) {
            return Ok(bytes);
        }
        let bytes = self.read(path, picture.digest())?;
        if self.purpose == Purpose::Look {
            return decode(&bytes, &picture.facts).map(|_| Vec::new());
        }
        let is_wanted = |other: &&Rendition| {
            let is_all = self.purpose == Purpose::All;
            other.key == rendition.key || (is_all && self.kept(&other.key).is_none())
        };
        let root = self.root();
        let all = picture.renditions.iter();
        let wanted: Vec<&Rendition> = match root {
            Some(_) => all.filter(is_wanted).collect(),
            None => vec![rendition],
        };
        let mut asked = None;
        for (made, bytes) in wanted.iter().zip(make(&bytes, &picture.facts, &wanted)?) {
            if let Some(root) = root {
                root.write_cached(FOLDER, &made.key, &bytes);
            }
            if made.key == rendition.key {
                asked = Some(bytes);
            }
        }
        asked.ok_or(Fault::Changed)
    }

    /// What was made before.
    fn kept(&self, key: &str) -> Option<Vec<u8>> {
        self.root()?.read_cached(FOLDER, key)
    }

    fn root(&self) -> Option<&Root> {
        match &*self.originals {
            Originals::Folder(root) => Some(root),
            Originals::Memory(_) => None,
        }
    }

    /// The bytes of a file that is still what it was.
    fn read(&self, path: &SourcePath, digest: &str) -> Result<Vec<u8>, Fault> {
        let bytes = match &*self.originals {
            Originals::Memory(files) => files.get(path).cloned(),
            Originals::Folder(root) => root.open_source(path).ok().and_then(|file| {
                let mut bytes = Vec::new();
                file.take(MEDIA_BYTES_MAX).read_to_end(&mut bytes).ok()?;
                Some(bytes)
            }),
        };
        let is_same = |bytes: &Vec<u8>| Hash::of(&bytes[..]).is_ok_and(|found| found == digest);
        bytes.filter(is_same).ok_or(Fault::Changed)
    }
}
