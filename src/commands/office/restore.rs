//! `sitegen restore`: a post office from a backup, or only a look at one.
//!
//! An old backup does no harm. The site is compared with what the backup knows: what is new waits
//! for a person, and who has it already ignores it.

use std::fs::{self, DirBuilder, File};
use std::io::{self, BufReader, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use serde_json::json;
use zeroize::Zeroizing;

use super::backup::{NEXT, STORE};
use super::tell::{add, minute, say, warn};
use super::{STORE_DIR, STORE_FILE, counted};
use crate::cli::{Global, Restore};
use crate::commands::{CommandError, Exit};
use crate::disk::keys::{self, create_private, is_shared};
use crate::disk::{KEYS_DIR, Root, STATE_DIR, next_key, replace};
use crate::key::PrivateKey;
use crate::limits::{DATA_BYTES_MAX, KEY_BYTES_MAX};
use crate::office::archive::{self, BackupError, BackupProblem, Entry};
use crate::office::settings;
use crate::office::store::backup::{Contents, restore, verify};
use crate::path::check_user_name;

/// Looks at a backup, or puts it into place.
pub(super) fn run(arguments: &Restore, global: &Global) -> Result<Exit, CommandError> {
    let backup = Backup::open(&arguments.file)?;
    if backup.is_shared {
        let path = arguments.file.display();
        warn(
            global,
            &format!(
                "others on this machine may read {path}, which has private keys in it: run `chmod \
                 600 {path}`, or move it to a disk of yours"
            ),
        );
    }
    if arguments.verify {
        // Elsewhere: what is here is not touched.
        let folder = Folder::new(&std::env::temp_dir())?;
        let contents = backup.contents(&folder)?;
        report(global, &backup, &contents, "verified");
        add(global, "The backup is whole.");
        return Ok(Exit::Fine);
    }
    put_into_place(&backup, arguments.replace, global)
}

/// A backup that is as it was written.
struct Backup {
    path: PathBuf,
    file: File,
    is_shared: bool,
    store: Entry,
    settings: String,
    keys: Vec<(String, PrivateKey)>,
    /// Those that wait to take the place of others.
    next: Vec<(String, PrivateKey)>,
}

impl Backup {
    fn open(path: &Path) -> Result<Self, CommandError> {
        let failed = |error: io::Error| match error.kind() {
            io::ErrorKind::NotFound => CommandError::Usage(format!(
                "there is no file {}; name one that `sitegen backup` has written",
                path.display()
            )),
            _ => CommandError::Io(path.to_path_buf(), error),
        };
        let bad = |problem| CommandError::Backup(BackupError::new(path, problem));
        let mut file = File::open(path).map_err(failed)?;
        let data = file.metadata().map_err(failed)?;
        if !data.is_file() {
            return Err(bad(BackupProblem::NotBackup));
        }
        let entries = archive::read(BufReader::new(&file)).map_err(failed)?.map_err(bad)?;
        let (mut store, mut settings) = (None, None);
        let (mut all, mut next) = (Vec::new(), Vec::new());
        for entry in entries {
            let name = entry.name.strip_prefix(&format!("{KEYS_DIR}/")).unwrap_or_default();
            let key = match (name.strip_suffix(".pem"), name.strip_suffix(NEXT)) {
                (Some(user), _) => Some((user, &mut all)),
                (None, user) => user.map(|user| (user, &mut next)),
            };
            match (entry.name.as_str(), key) {
                (STORE, _) => store = Some(entry),
                (settings::FILE, _) => {
                    settings = Some(text(&mut file, &entry, DATA_BYTES_MAX).map_err(failed)?);
                }
                (_, Some((user, list))) if check_user_name(user).is_ok() => {
                    let pem = text(&mut file, &entry, KEY_BYTES_MAX).map_err(failed)?;
                    let key = pem.and_then(|pem| PrivateKey::parse(&pem).ok());
                    list.push((user.to_owned(), key.ok_or_else(|| bad(BackupProblem::Altered))?));
                }
                _ => return Err(bad(BackupProblem::Altered)),
            }
        }
        let (Some(store), Some(Some(settings))) = (store, settings) else {
            return Err(bad(BackupProblem::Altered));
        };
        let (path, settings) = (path.to_path_buf(), settings.to_string());
        Ok(Self { path, file, is_shared: is_shared(&data), store, settings, keys: all, next })
    }

    /// Takes the store out, and looks through it.
    fn contents(&self, folder: &Folder) -> Result<Contents, CommandError> {
        let copy = folder.store();
        let take = || -> io::Result<()> {
            create_private(&copy, "")?;
            let mut to = File::options().write(true).open(&copy)?;
            let mut from = &self.file;
            from.seek(SeekFrom::Start(self.store.offset))?;
            io::copy(&mut from.take(self.store.bytes), &mut to)?;
            to.flush()
        };
        take().map_err(|error| CommandError::Io(copy.clone(), error))?;
        Ok(verify(&copy)?)
    }
}

/// The text of an entry, if it is one and not too long.
fn text(file: &mut File, entry: &Entry, most: u64) -> io::Result<Option<Zeroizing<String>>> {
    if entry.bytes > most {
        return Ok(None);
    }
    file.seek(SeekFrom::Start(entry.offset))?;
    let mut text = Zeroizing::new(String::new());
    match file.take(entry.bytes).read_to_string(&mut text) {
        Ok(_) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::InvalidData => Ok(None),
        Err(error) => Err(error),
    }
}

/// A folder for our eyes only, which goes with all that is in it.
struct Folder(PathBuf);

impl Folder {
    fn new(parent: &Path) -> Result<Self, CommandError> {
        let failed = |error| CommandError::Io(parent.to_path_buf(), error);
        let random =
            getrandom::u64().map_err(|error| failed(io::Error::other(error.to_string())))?;
        let path = parent.join(format!(".sitegen-{random:016x}"));
        let mut builder = DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&path).map_err(failed)?;
        Ok(Self(path))
    }

    fn store(&self) -> PathBuf {
        self.0.join(STORE)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // Only what we have put there is in it.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Puts all of it into place: the followers first, which no post office may be at work with.
fn put_into_place(
    backup: &Backup,
    may_replace: bool,
    global: &Global,
) -> Result<Exit, CommandError> {
    let root = &global.root;
    let root = root.canonicalize().map_err(|error| CommandError::Io(root.clone(), error))?;
    let failed = |error| CommandError::Io(root.clone(), error);
    let folder = Root::open(&root).map_err(failed)?;
    let here = Here::look(&root, &folder, backup)?;
    if let (false, Some(what)) = (may_replace, here.in_the_way()) {
        return Err(CommandError::Usage(format!(
            "{what} here already, and nothing was touched. `--replace` takes those of the backup, \
             and keeps what is here beside them under other names"
        )));
    }
    let state = root.join(STATE_DIR);
    fs::create_dir_all(&state).map_err(failed)?;
    let temporary = Folder::new(&state)?;
    let contents = backup.contents(&temporary)?;
    let path = state.join(STORE_DIR).join(STORE_FILE);
    let mut aside = Vec::new();
    aside.extend(restore(&temporary.store(), &path)?.map(|old| old.display().to_string()));
    for (user, key) in &backup.keys {
        if here.known_keys.contains(user) {
            continue;
        }
        if let Some(old) = keys::put_aside(&folder, user)? {
            warn(
                global,
                &format!(
                    "@{user} had another key here than in the backup. The right one is the one \
                     whose public part the site shows; the one that was here is {old}"
                ),
            );
            aside.push(old);
        }
        keys::write_private(&folder, user, key)?;
    }
    for (user, key) in &backup.next {
        let known = next_key::read(&folder, user)?;
        if known.is_some_and(|known| known.public() == key.public()) {
            continue;
        }
        aside.extend(next_key::put_aside(&folder, user)?);
        next_key::write(&folder, user, key)?;
    }
    if !here.knows_settings {
        aside.extend(write_settings(&root, &backup.settings).map_err(failed)?);
    }
    report(global, backup, &contents, "restored");
    for old in &aside {
        add(global, &format!("What was here before is {old}."));
    }
    add(global, &what_it_means(&contents));
    Ok(Exit::Fine)
}

/// What is here already.
struct Here {
    has_store: bool,
    /// Whose key is that of the backup, and whose is another one.
    known_keys: Vec<String>,
    other_keys: Vec<String>,
    has_settings: bool,
    knows_settings: bool,
}

impl Here {
    fn look(root: &Path, folder: &Root, backup: &Backup) -> Result<Self, CommandError> {
        let (mut known_keys, mut other_keys) = (Vec::new(), Vec::new());
        for (user, key) in &backup.keys {
            match keys::read_private(folder, user)? {
                Some(here) if here.public() == key.public() => known_keys.push(user.clone()),
                Some(_) => other_keys.push(user.clone()),
                None => {}
            }
        }
        for (user, key) in &backup.next {
            let here = next_key::read(folder, user)?;
            if here.is_some_and(|here| here.public() != key.public()) {
                other_keys.push(user.clone());
            }
        }
        let store = root.join(STATE_DIR).join(STORE_DIR).join(STORE_FILE);
        let settings = fs::read_to_string(root.join(settings::FILE)).ok();
        Ok(Self {
            has_store: fs::symlink_metadata(store).is_ok(),
            known_keys,
            other_keys,
            has_settings: fs::symlink_metadata(root.join(settings::FILE)).is_ok(),
            knows_settings: settings.as_deref() == Some(&backup.settings),
        })
    }

    /// What would be replaced, in words.
    fn in_the_way(&self) -> Option<String> {
        if self.has_store {
            return Some("there are followers".to_owned());
        }
        if let [user, ..] = &self.other_keys[..] {
            return Some(format!("there is another private key of @{user}"));
        }
        (self.has_settings && !self.knows_settings)
            .then(|| format!("there is another {}", settings::FILE))
    }
}

/// Writes `inbox.toml`, and says what the old one is called now.
fn write_settings(root: &Path, text: &str) -> io::Result<Option<String>> {
    let path = root.join(settings::FILE);
    let mut old = None;
    if fs::symlink_metadata(&path).is_ok() {
        let names = (1..).map(|number| match number {
            1 => format!("{}.old", settings::FILE),
            number => format!("{}.old-{number}", settings::FILE),
        });
        let is_free = |name: &String| fs::symlink_metadata(root.join(name)).is_err();
        if let Some(name) = names.into_iter().find(is_free) {
            fs::rename(&path, root.join(&name))?;
            old = Some(name);
        }
    }
    replace(&path, &root.join(format!(".{}.new", settings::FILE)), text.as_bytes(), true)?;
    Ok(old)
}

/// Says what is in a backup.
fn report(global: &Global, backup: &Backup, contents: &Contents, did: &str) {
    let Contents { made, followers, posts, queued } = contents;
    let made_at = made.map_or("at an unknown time".to_owned(), minute);
    let counts: Vec<String> = followers
        .iter()
        .map(|(user, count)| format!("{} of @{user}", counted(*count, "follower")))
        .collect();
    let counts = if counts.is_empty() { "no followers".to_owned() } else { counts.join(", ") };
    let users: Vec<&str> = backup.keys.iter().map(|(user, _)| user.as_str()).collect();
    let names: Vec<String> = users.iter().map(|user| format!("@{user}")).collect();
    let keys = match &names[..] {
        [] => "no private keys".to_owned(),
        names => format!("the private keys of {}", names.join(", ")),
    };
    let text = format!(
        "{}, made {made_at}: {counts}; {} known to them, {} on their way; {keys}; {}.",
        backup.path.display(),
        counted(*posts, "post"),
        counted(*queued, "message"),
        settings::FILE
    );
    let followers: serde_json::Map<_, _> =
        followers.iter().map(|(user, count)| (user.clone(), json!(count))).collect();
    let line = json!({
        "version": 1, "kind": "backup", "did": did, "file": backup.path.display().to_string(),
        "made": made.map(|made| made.to_string()), "followers": followers, "posts": posts,
        "queued": queued, "keys": users,
    });
    say(global, &text, &line);
}

/// What it means that some time has passed since.
fn what_it_means(contents: &Contents) -> String {
    let made = contents.made.map_or("then".to_owned(), minute);
    format!(
        "All is as it was on {made}. Whoever has left since then follows again, and whoever has \
         come since is missing until they follow again. Followers ignore what they get a second \
         time. What is on the site and not in the backup waits until you run `sitegen deliver \
         --confirm`, or say with `sitegen status --acknowledge` that you know of it. Next: one of \
         the two, then `sitegen inbox`."
    )
}
