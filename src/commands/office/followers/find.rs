//! Whom a person means.

use url::Url;

use crate::commands::CommandError;
use crate::federation::Local;
use crate::office::store::followers::{self, Follower};
use crate::office::store::{self, Store};

/// Somebody who follows an account, or has asked to.
pub(super) struct Found<'a> {
    pub(super) local: &'a Local,
    pub(super) follower: Follower,
}

impl Found<'_> {
    /// `@jo@social.example (https://social.example/users/jo)`: a name may be anybody's.
    pub(super) fn named(&self) -> String {
        format!("{} ({})", self.follower.handle(), self.follower.id)
    }
}

/// Finds somebody among the followers of some accounts; a person may follow several.
pub(super) fn find<'a>(
    store: &Store,
    locals: &[&'a Local],
    who: &str,
) -> Result<Vec<Found<'a>>, CommandError> {
    let found = find_any(store, locals, who)?;
    if found.is_empty() {
        return Err(CommandError::Usage(format!(
            "nobody named `{who}` follows or has asked to; `sitegen followers list` shows who \
             does, and a name looks like @jo@social.example"
        )));
    }
    Ok(found)
}

/// As [`find`], and there may be nobody.
pub(super) fn find_any<'a>(
    store: &Store,
    locals: &[&'a Local],
    who: &str,
) -> Result<Vec<Found<'a>>, CommandError> {
    let mut found = find_by(store, locals, who)?;
    if let (true, Some(handle)) = (found.is_empty(), handle_of_profile(who)) {
        found = find_by(store, locals, &handle)?;
    }
    let mut ids: Vec<&str> = found.iter().map(|one| one.follower.id.as_str()).collect();
    ids.sort_unstable();
    ids.dedup();
    if ids.len() > 1 {
        return Err(CommandError::Usage(format!(
            "more than one is named `{who}`; say which one by the id: {}",
            ids.join(" or ")
        )));
    }
    Ok(found)
}

fn find_by<'a>(store: &Store, locals: &[&'a Local], who: &str) -> store::Result<Vec<Found<'a>>> {
    store.read(|connection| {
        let mut all = Vec::new();
        for local in locals {
            let found = followers::find(connection, &local.user, who)?;
            all.extend(found.into_iter().map(|follower| Found { local, follower }));
        }
        Ok(all)
    })
}

/// `@jo@social.example` for `https://social.example/@jo`, which is what people see in a browser.
pub(super) fn handle_of_profile(text: &str) -> Option<String> {
    let url = Url::parse(text).ok()?;
    let name = url.path().strip_prefix("/@").filter(|name| !name.contains('/'))?;
    Some(format!("@{name}@{}", url.host_str()?))
}
