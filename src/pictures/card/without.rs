//! A program that draws no share pictures.

use crate::path::OutputPath;

/// There is none.
#[derive(Clone, Debug)]
pub(crate) enum Card {}

impl Card {
    pub(crate) fn output(&self) -> &OutputPath {
        match *self {}
    }

    #[cfg(feature = "pictures")]
    pub(crate) fn key(&self) -> &str {
        match *self {}
    }

    pub(crate) fn media_type(&self) -> &'static str {
        match *self {}
    }
}
