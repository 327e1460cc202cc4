//! A program that knows of no picture: their files are copied as they are.

#![expect(clippy::unused_self, reason = "these stand for those that make something")]

use std::fmt;

use super::{Card, Fault};
use crate::disk::Root;
use crate::path::{OutputPath, SourcePath};

/// Nothing is known of any picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Facts {}

impl Facts {
    pub(crate) fn of(_: &[u8]) -> Option<Result<Self, Fault>> {
        None
    }

    pub(crate) fn parse(_: &str) -> Option<Self> {
        None
    }
}

impl fmt::Display for Facts {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {}
    }
}

/// There is none.
#[derive(Clone, Debug)]
pub(crate) enum Picture {}

impl Picture {
    pub(crate) fn new(facts: Facts, _: String, _: u64) -> Self {
        match facts {}
    }

    pub(crate) fn length(&self) -> u64 {
        match *self {}
    }

    pub(crate) fn is_clean(&self) -> bool {
        match *self {}
    }

    pub(crate) fn digest(&self) -> &str {
        match *self {}
    }

    pub(crate) fn size(&self) -> (u32, u32) {
        match *self {}
    }

    pub(crate) fn is_too_large(&self) -> bool {
        match *self {}
    }

    pub(crate) fn plan(&mut self, _: &OutputPath, _: &[u32], _: u8) {
        match *self {}
    }

    pub(crate) fn renditions(&self) -> &[Rendition] {
        match *self {}
    }

    pub(crate) fn plain(&self) -> (Option<&OutputPath>, u32, u32) {
        match *self {}
    }

    pub(crate) fn plain_sources(&self) -> Sources<'_> {
        match *self {}
    }

    pub(crate) fn webp_sources(&self) -> Sources<'_> {
        match *self {}
    }
}

/// There is none.
#[derive(Clone, Debug)]
pub(crate) enum Rendition {}

impl Rendition {
    pub(crate) fn output(&self) -> &OutputPath {
        match *self {}
    }

    pub(crate) fn key(&self) -> &str {
        match *self {}
    }
}

/// Where a picture is found: nowhere.
pub(crate) type Sources<'p> = Vec<(Option<&'p OutputPath>, u32)>;

/// Nothing is made here.
#[derive(Clone, Debug, Default)]
pub(crate) struct Studio;

impl Studio {
    pub(crate) fn of(_: Root) -> Self {
        Self
    }

    pub(crate) fn add(&mut self, _: &SourcePath, _: &[u8]) {}

    pub(crate) fn clean(&self, _: &SourcePath, picture: &Picture) -> Result<Vec<u8>, Fault> {
        match *picture {}
    }

    pub(crate) fn rendition(
        &self,
        _: &SourcePath,
        picture: &Picture,
        _: &Rendition,
    ) -> Result<Vec<u8>, Fault> {
        match *picture {}
    }

    pub(crate) fn expect_card(&self, card: &Card) {
        match *card {}
    }

    pub(crate) fn expect(&self, picture: &Picture) {
        match *picture {}
    }

    pub(crate) fn forget_others(&self) {}

    pub(crate) fn make_all(&mut self) {}

    pub(crate) fn only_look(&mut self) {}
}

/// Whether a file is a picture of which something may be known.
pub(crate) fn is_picture(_: &SourcePath) -> bool {
    false
}
