//! Turns the artifacts of a build into files.
//!
//! A reader must never see a half-written site, and a file that no build has made is never
//! touched, unless `force` says so. So what has changed is written beside the output first ([`Stage`]). When all is there
//! ([`Ready`]), a journal says what will be done, and it is done in one of two ways:
//!
//! - much has changed, or there was nothing before: the unchanged files are linked into the new
//!   folder, which then takes the place of the old one in one step ([`exchange`]);
//! - little has changed, or the folder cannot be replaced: each new file is renamed to where it
//!   belongs, in an order in which nothing ever points to something that is missing.
//!
//! Whatever interrupts that, the next build completes it or takes it back ([`recover`]).

mod error;
mod exchange;
mod flush;
mod foreign;
mod journal;
mod last;
mod lock;
mod made;
mod manifest;
mod place;
mod ready;
mod recover;
mod stage;
mod tree;

use std::path::PathBuf;

pub use self::error::WriteError;
pub use self::last::StagedFile;
pub use self::lock::Lock;
pub use self::made::{MadeFile, Standing, made};
pub(crate) use self::place::canonical;
pub use self::ready::Ready;
pub use self::stage::Stage;
pub use self::tree::Keep;

/// Where a build writes to, and how.
#[derive(Clone, Debug, Default)]
pub struct Target {
    /// The folder of the site, without symbolic links.
    pub root: PathBuf,
    /// The output folder.
    pub output: PathBuf,
    /// Take all files in the output for our own.
    pub force: bool,
    /// What others look after in the output.
    pub keep: Keep,
    /// Survive a power cut.
    pub durable: bool,
    /// Compare every byte with what is there, and trust no notes.
    pub distrust: bool,
    /// The output is shared with others, whose files are never touched: these are ours there. All
    /// else stays, so the folder is only replaced as a whole when there is nothing else in it.
    pub shared: Option<Owned>,
}

/// Files that are ours, by path, with the SHA-256 of what was last put there if that is certain.
pub type Owned = std::collections::BTreeMap<String, Option<String>>;

/// What a build changed on the disk.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Files that are new or different, relative to the output, in the order in which they went
    /// there.
    pub written: Vec<String>,
    /// Files that are gone.
    pub removed: Vec<String>,
    /// How many stayed as they were.
    pub unchanged: usize,
    /// What could not be had here.
    pub lost: Vec<Lost>,
    /// What others made and was overwritten or removed because of `force`, relative to the output.
    pub taken: Vec<PathBuf>,
}

/// A promise that the place of the output does not let us keep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lost {
    /// Many files were put into place one by one, for a reason that ends "because …".
    AtOnce(&'static str),
    /// The output was missing for a moment.
    NoGap,
    /// Nothing keeps another build of the same site away.
    Lock,
    /// A power cut may undo or tear what was written.
    Durable,
}
