//! The key that is to follow that of an actor: `.sitegen/keys/news.pem.next`. It lies beside the
//! one in use until that has done its last work. No user's key can have such a name.

use std::fs::{self, File};
use std::io;

use super::Root;
use super::keys::{
    KeyFileError, KeyFileProblem, old_paths, private_folder, private_path, problem, put_aside_at,
    read_private, read_private_at, sync, write_secret_text,
};
use crate::key::PrivateKey;
use crate::path::SourcePath;

/// Where it lies.
pub(crate) fn path(user: &str) -> SourcePath {
    SourcePath::new(format!("{}.next", private_path(user)))
}

/// Whether one is there, whatever is in the file.
pub(crate) fn is_there(root: &Root, user: &str) -> bool {
    fs::symlink_metadata(root.join(path(user).as_str())).is_ok()
}

/// The key; `None` when there is none. One that others may read is refused.
pub(crate) fn read(root: &Root, user: &str) -> Result<Option<PrivateKey>, KeyFileError> {
    read_private_at(root, path(user))
}

/// Writes it. One that is there already is never touched.
pub(crate) fn write(root: &Root, user: &str, key: &PrivateKey) -> Result<(), KeyFileError> {
    write_secret_text(root, &path(user), &key.to_pkcs8_pem())
}

/// Gives it the name of a key of the past, and says which.
pub(crate) fn put_aside(root: &Root, user: &str) -> Result<Option<String>, KeyFileError> {
    put_aside_at(root, user, path(user))
}

/// Puts it in the place of the key in use, which is kept beside it; says under which name.
///
/// At every moment both are there under some name, and `news.pem` is one of them. What was stopped
/// in the midst of it is completed by doing it again.
pub(crate) fn take_over(root: &Root, user: &str) -> Result<Option<String>, KeyFileError> {
    let (next, current) = (path(user), private_path(user));
    if !is_there(root, user) {
        return Ok(None);
    }
    let folder = private_folder(root)?;
    let done = || -> io::Result<Option<String>> {
        let kept = keep(root, user)?;
        if cfg!(unix) {
            sync(&File::open(&folder)?)?;
        }
        fs::rename(root.join(next.as_str()), root.join(current.as_str()))?;
        if cfg!(unix) {
            sync(&File::open(&folder)?)?;
        }
        Ok(kept)
    };
    done().map_err(|error| KeyFileError::new(current, problem(error)))
}

/// Gives the key in use a second name, unless it has one.
fn keep(root: &Root, user: &str) -> io::Result<Option<String>> {
    let current = root.join(private_path(user).as_str());
    let bytes = match fs::read(&current) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        // It may be the only one of its kind.
        Err(error) => return Err(error),
    };
    for name in old_paths(user) {
        let old = root.join(&name);
        match fs::read(&old) {
            Ok(known) if known == bytes => return Ok(Some(name)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                // Not every file system has second names.
                if fs::hard_link(&current, &old).is_err() {
                    fs::copy(&current, &old)?;
                    sync(&File::open(&old)?)?;
                }
                return Ok(Some(name));
            }
            _ => {}
        }
    }
    Ok(None)
}

/// All private keys of a user that are here: that in use, the next, and those before.
pub(crate) fn all(root: &Root, user: &str) -> Result<Vec<PrivateKey>, KeyFileError> {
    let mut keys = Vec::new();
    keys.extend(read_private(root, user)?);
    keys.extend(read(root, user)?);
    for path in old_paths(user) {
        match read_private_at(root, SourcePath::new(path)) {
            Ok(None) => break,
            Ok(Some(key)) => keys.push(key),
            // Nobody may need it.
            Err(KeyFileError { problem: KeyFileProblem::Key(_), .. }) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(keys)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::keys::{public_path, write_private};

    fn keys() -> [PrivateKey; 2] {
        [2048, 2048].map(|bits| PrivateKey::generate(bits).unwrap())
    }

    fn names(root: &Root) -> Vec<String> {
        let entries = fs::read_dir(root.join(".sitegen/keys")).unwrap();
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn the_next_key_takes_over_and_the_one_before_is_kept_however_often_it_was_stopped() {
        let folder = tempfile::tempdir().unwrap();
        let root = Root::open(folder.path()).unwrap();
        let [first, second] = keys();
        write_private(&root, "news", &first).unwrap();
        write(&root, "news", &second).unwrap();
        // Stopped after the first step.
        for _ in 0..2 {
            assert_eq!(keep(&root, "news").unwrap().unwrap(), ".sitegen/keys/news.pem.old");
            assert_eq!(read_private(&root, "news").unwrap().unwrap().public(), first.public());
            assert_eq!(names(&root), ["news.pem", "news.pem.next", "news.pem.old"]);
        }
        let kept = take_over(&root, "news").unwrap();
        assert_eq!(kept.as_deref(), Some(".sitegen/keys/news.pem.old"));
        assert_eq!(take_over(&root, "news").unwrap(), None, "that was all");
        let found = all(&root, "news").unwrap();
        let found: Vec<_> = found.iter().map(PrivateKey::public).collect();
        assert_eq!(found, [second.public(), first.public()]);
        assert_eq!(names(&root), ["news.pem", "news.pem.old"]);
        assert!(!root.join(public_path("news").as_str()).exists());
    }

    #[test]
    fn a_key_that_cannot_be_read_is_not_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let root = Root::open(folder.path()).unwrap();
        assert_eq!(keep(&root, "news").unwrap(), None, "there is none");
        fs::create_dir_all(root.join(private_path("news").as_str())).unwrap();
        assert!(keep(&root, "news").is_err());
    }

    #[test]
    fn a_key_of_the_past_is_never_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let root = Root::open(folder.path()).unwrap();
        let [first, second] = keys();
        write_private(&root, "news", &first).unwrap();
        fs::write(root.join(".sitegen/keys/news.pem.old"), "another one").unwrap();
        write(&root, "news", &second).unwrap();
        let kept = take_over(&root, "news").unwrap().unwrap();
        assert_eq!(kept, ".sitegen/keys/news.pem.old-2");
        let kept = fs::read_to_string(root.join(&kept)).unwrap();
        assert_eq!(PrivateKey::parse(&kept).unwrap().public(), first.public());
    }
}
