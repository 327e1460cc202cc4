//! Makes what is published of pictures, from their files.

use std::collections::HashMap;
use std::io::Read;
use std::sync::Arc;

use super::look::look;
use super::{Fault, Picture};
use crate::disk::Root;
use crate::hash::Hash;
use crate::limits::MEDIA_BYTES_MAX;
use crate::path::SourcePath;

/// The place where pictures are made.
#[derive(Clone, Debug, Default)]
pub(crate) struct Studio {
    originals: Arc<Originals>,
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
        Self { originals: Arc::new(Originals::Folder(root)) }
    }

    /// Takes a picture into memory.
    pub(crate) fn add(&mut self, path: &SourcePath, bytes: &[u8]) {
        if let Some(Originals::Memory(files)) = Arc::get_mut(&mut self.originals) {
            files.insert(path.clone(), bytes.to_vec());
        }
    }

    /// What is published of a file.
    pub(crate) fn clean(&self, path: &SourcePath, picture: &Picture) -> Result<Vec<u8>, Fault> {
        let bytes = self.read(path, picture)?;
        match look(&bytes) {
            Some(Ok(look)) => Ok(look.clean(&bytes)),
            Some(Err(damage)) => Err(Fault::Damaged(damage)),
            None => Err(Fault::Changed),
        }
    }

    /// The bytes of a file that is still what it was.
    fn read(&self, path: &SourcePath, picture: &Picture) -> Result<Vec<u8>, Fault> {
        let bytes = match &*self.originals {
            Originals::Memory(files) => files.get(path).cloned(),
            Originals::Folder(root) => root.open_source(path).ok().and_then(|file| {
                let mut bytes = Vec::new();
                file.take(MEDIA_BYTES_MAX).read_to_end(&mut bytes).ok()?;
                Some(bytes)
            }),
        };
        let is_same =
            |bytes: &Vec<u8>| Hash::of(&bytes[..]).is_ok_and(|digest| digest == picture.digest());
        bytes.filter(is_same).ok_or(Fault::Changed)
    }
}
