//! Accounts and their posts: what the site is on the fediverse.

use super::{PageId, PostKind};
use crate::config::ActorId;
use crate::path::OutputPath;
use crate::time::Moment;

/// The place of a post in [`super::Site::posts`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct PostId(pub(crate) usize);

/// An account, by the place of its actor in the configuration.
#[derive(Clone, Debug)]
pub(crate) struct Account {
    /// The address of its document, which names it for ever.
    pub(crate) id: String,
    /// The folder of its documents in the output: `ap/news`.
    pub(crate) folder: String,
    /// `news@party.example`.
    pub(crate) handle: String,
    /// The page that shows it to people.
    pub(crate) page: OutputPath,
    /// When it was first published.
    pub(crate) published: Moment,
    /// Its public key in PEM.
    pub(crate) public_key: String,
    /// In [`super::Site::assets`].
    pub(crate) icon: Option<usize>,
    pub(crate) header: Option<usize>,
    /// Newest first, without those that were taken back.
    pub(crate) posts: Vec<PostId>,
}

/// A page as followers get it.
#[derive(Clone, Debug)]
pub(crate) struct Post {
    pub(crate) actor: ActorId,
    /// The address of its document.
    pub(crate) id: String,
    pub(crate) output: OutputPath,
    pub(crate) kind: PostKind,
    pub(crate) published: Moment,
    pub(crate) updated: Moment,
    pub(crate) text: PostText,
}

/// Where the text of a post is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum PostText {
    /// On a page of the site, in its own language.
    Page(PageId),
    /// In [`super::Site::hidden`]: there is no page now, and the post stays.
    Hidden(usize),
    /// Nowhere: it was taken back then.
    Withdrawn(Moment),
}
