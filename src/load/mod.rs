//! Turns the files of a site into a [`Site`](crate::model::Site).
//!
//! Only [`read`] and [`again`] touch the disk. The rest is pure: [`parse`] looks at each file by itself,
//! [`link`] puts them together, [`record`] gives them the ids they have had before.

mod again;
mod digests;
pub(crate) mod form;
mod front_matter;
mod in_memory;
mod inherit;
mod kinds;
pub(crate) mod link;
mod media;
pub(crate) mod parse;
pub(crate) mod read;
pub(crate) mod record;
pub(crate) mod theme;
pub(crate) mod unwritten;
mod voices;

pub use again::ReadAgain;
pub(crate) use digests::Digest;
pub use digests::Digests;
pub(crate) use read::{FOLDERS, is_left_over, is_text};
pub use read::{Inputs, ReadError};
