//! How the post office in a folder is doing, for `sitegen doctor`.

use std::path::Path;

use jiff::Timestamp;

use super::store_path;
use crate::diagnostic::Source;
use crate::doctor::office::{DeadServer, LastLook, NewKey, Office, State};
use crate::office::settings;
use crate::office::store::{Store, posts, rotation, status};
use crate::path::SourcePath;

/// How it is doing. `None` when there is none of the site at `base_url` in this folder, or none
/// that has ever worked.
pub(in crate::commands) fn health(root: &Path, base_url: &str, now: Timestamp) -> Option<Office> {
    let text = std::fs::read_to_string(root.join(settings::FILE)).ok()?;
    // What is wrong with it is said by `sitegen inbox`.
    let (settings, _) = settings::read(&Source::new(SourcePath::new(settings::FILE), text));
    let path = store_path(root);
    if settings?.site.as_str() != base_url || !path.is_file() {
        return None;
    }
    Some(Office { path: path.display().to_string(), state: state(&path, now) })
}

fn state(path: &Path, now: Timestamp) -> Result<State, String> {
    let store = Store::open_for_request(path).map_err(|error| error.to_string())?;
    let read = store.run(|store| {
        Ok((status::status(store, now)?, posts::looks(store)?, rotation::all(store)?))
    });
    let (status, looks, rotations) = read.map_err(|error| error.to_string())?;
    let dead = status.dead_hosts.into_iter();
    let looks = looks.into_iter();
    Ok(State {
        queued: status.queued,
        oldest: status.oldest,
        dead_count: status.dead,
        dead: dead.map(|host| DeadServer { origin: host.origin, why: host.error }).collect(),
        held: status.held,
        expired: status.expired,
        looks: looks
            .map(|look| LastLook { user: look.user, at: look.at, problem: look.problem })
            .collect(),
        new_keys: rotations
            .into_iter()
            .map(|one| NewKey { old_until: one.until(), user: one.user, since: one.since })
            .collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SITE: &str = "https://www.party.example";

    #[test]
    fn a_folder_without_a_post_office_of_this_site_has_none() {
        let folder = tempfile::tempdir().unwrap();
        let (root, now) = (folder.path(), Timestamp::UNIX_EPOCH);
        assert_eq!(health(root, SITE, now), None);
        let text = format!("site = \"{SITE}\"\n[[actors]]\nuser = \"news\"\n");
        std::fs::write(root.join(settings::FILE), text).unwrap();
        assert_eq!(health(root, SITE, now), None, "it has never worked");
        let store = Store::open(&store_path(root)).unwrap();
        store.run(|store| posts::looked(store, "news", now, Some("It is late."))).unwrap();
        assert_eq!(health(root, "https://other.example", now), None);
        let state = health(root, SITE, now).unwrap().state.unwrap();
        assert_eq!((state.queued, state.looks[0].problem.as_deref()), (0, Some("It is late.")));
    }

    #[test]
    fn a_store_that_is_damaged_says_so() {
        let folder = tempfile::tempdir().unwrap();
        let text = format!("site = \"{SITE}\"\n[[actors]]\nuser = \"news\"\n");
        std::fs::write(folder.path().join(settings::FILE), text).unwrap();
        drop(Store::open(&store_path(folder.path())).unwrap());
        std::fs::write(store_path(folder.path()), "no store").unwrap();
        let office = health(folder.path(), SITE, Timestamp::UNIX_EPOCH).unwrap();
        assert!(!office.state.unwrap_err().is_empty());
    }
}
