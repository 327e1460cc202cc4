//! The commands of the post office. They need `inbox.toml` and what lies in `.sitegen/`, not the
//! sources of the site.

mod ask;
mod backup;
mod cgi;
mod deliver;
mod followers;
mod health;
mod init;
mod limits;
mod place;
mod private;
mod restore;
mod retire;
mod serve;
mod status;
mod tell;
mod unit;

pub(super) use ask::own_actor;
pub(super) use health::health;

use std::cell::Cell;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::output::write_to;
use super::{CommandError, Exit, printer};
use crate::cli::{
    Backup, Deliver, FollowersCommand, Global, Inbox, InboxCommand, OutputFormat, Restore, Retire,
    Status,
};
use crate::diagnostic::{Source, visible};
use crate::disk::{Root, STATE_DIR};
use crate::office::settings::{self, Settings};
use crate::office::store::rotation::Rotation;
use crate::office::store::{self, Store, StoreError, Writer};
use crate::office::{Life, Office, Seen, Signers};
use crate::path::SourcePath;

/// The folder in the state folder in which the followers are.
const STORE_DIR: &str = "office";

/// How often it is said that something cannot be stored.
const FAILURE_INTERVAL: Duration = Duration::from_secs(60);

/// The file with the followers.
const STORE_FILE: &str = "office.db";

pub(super) fn inbox(arguments: &Inbox, global: &Global) -> Result<Exit, CommandError> {
    match &arguments.command {
        Some(InboxCommand::Init { force }) => init::run(*force, global),
        Some(InboxCommand::Unit { system }) => unit::run(*system, global),
        None if arguments.cgi => cgi::run(arguments.spool.as_deref(), global),
        None => match &arguments.spool {
            Some(spool) => serve::keep(spool, global),
            None => serve::run(global),
        },
    }
}

pub(super) fn deliver(arguments: &Deliver, global: &Global) -> Result<Exit, CommandError> {
    deliver::run(arguments, global)
}

pub(super) fn followers(command: &FollowersCommand, global: &Global) -> Result<Exit, CommandError> {
    followers::run(command, global)
}

pub(super) fn status(arguments: &Status, global: &Global) -> Result<Exit, CommandError> {
    status::run(arguments, global)
}

pub(super) fn backup(arguments: &Backup, global: &Global) -> Result<Exit, CommandError> {
    backup::run(&arguments.file, global)
}

pub(super) fn restore(arguments: &Restore, global: &Global) -> Result<Exit, CommandError> {
    restore::run(arguments, global)
}

pub(super) fn retire(arguments: &Retire, global: &Global) -> Result<Exit, CommandError> {
    retire::run(arguments, global)
}

pub(super) fn limits(global: &Global) -> Exit {
    limits::run(global)
}

/// A folder with `inbox.toml`.
struct Place {
    root: PathBuf,
    settings: Settings,
}

impl Place {
    /// Finds it. `None` when `inbox.toml` has mistakes, which have been printed.
    fn find(global: &Global) -> Result<Option<Self>, CommandError> {
        let missing = |why: &str| {
            CommandError::Usage(format!(
                "there is no {} in {}{why}; run `sitegen inbox init` in the folder of the site, \
                 and copy the file to where the post office runs",
                settings::FILE,
                global.root.display()
            ))
        };
        let root = global.root.canonicalize().map_err(|error| missing(&format!(": {error}")))?;
        let file = root.join(settings::FILE);
        let text = match std::fs::read_to_string(&file) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(missing("")),
            Err(error) => return Err(CommandError::Io(file, error)),
        };
        let (settings, problems) =
            settings::read(&Source::new(SourcePath::new(settings::FILE), text));
        let printer = printer(global);
        let text: String = problems.iter().map(|problem| printer.text(problem)).collect();
        match global.format {
            OutputFormat::Human => write_to(io::stderr(), &text),
            OutputFormat::Json => write_to(io::stdout(), &text),
        }
        Ok(settings.map(|settings| Self { root, settings }))
    }

    /// Where the followers are.
    fn store_path(&self) -> PathBuf {
        store_path(&self.root)
    }

    /// The folder in which they are, to which nobody else has access. It is made when it is not
    /// there.
    fn private_folder(&self) -> Result<PathBuf, CommandError> {
        let folder = self.root.join(STATE_DIR).join(STORE_DIR);
        let mut builder = std::fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&folder).map_err(|error| CommandError::Io(folder.clone(), error))?;
        Ok(folder)
    }

    /// Opens the post office itself, of which there is one at a time.
    fn open(&self, global: &Global, store: Store, life: Life) -> Result<Opened, CommandError> {
        self.check_hidden()?;
        let folder =
            Root::open(&self.root).map_err(|error| CommandError::Io(self.root.clone(), error))?;
        let rotations = store.read(store::rotation::all)?;
        let (signers, missing) = Signers::read(folder, &self.settings, &rotations)?;
        if !missing.is_empty() {
            let names = missing.join(", ");
            return Err(CommandError::Usage(format!(
                "the private key of {names} is not here, and without it nobody can be answered; \
                 copy .sitegen/keys/{}.pem from the folder of the site to {}/.sitegen/keys/, where \
                 nobody else can read it",
                missing[0],
                self.root.display()
            )));
        }
        for exception in self.settings.exceptions() {
            log(global, &format!("warning: {}: the post office {exception}", settings::FILE));
        }
        let authorities = match &self.settings.ca_file {
            None => None,
            Some(file) => {
                let path = self.root.join(file);
                Some(std::fs::read(&path).map_err(|error| CommandError::Io(path, error))?)
            }
        };
        let (writer, thread) = Writer::start(store, failure_log(global, self.store_path()))
            .map_err(|error| CommandError::Io(self.store_path(), error))?;
        let settings = self.settings.clone();
        let office = Office::new(&self.root, settings, signers, writer, authorities, life);
        let office =
            office.map_err(|reason| CommandError::Usage(format!("`ca_file`: {reason}")))?;
        Ok(Opened { office, thread })
    }
}

/// Where the followers are in a folder with `inbox.toml`.
fn store_path(root: &Path) -> PathBuf {
    root.join(STATE_DIR).join(STORE_DIR).join(STORE_FILE)
}

/// Which actors of the post office in a folder have gone over to another key; `None` when it has
/// never worked.
pub(in crate::commands) fn rotations(root: &Path) -> Result<Option<Vec<Rotation>>, CommandError> {
    let path = store_path(root);
    if !path.exists() {
        return Ok(None);
    }
    Ok(Some(Store::open_for_request(&path)?.read(store::rotation::all)?))
}

/// A post office that can work.
struct Opened {
    office: std::rc::Rc<Office>,
    thread: std::thread::JoinHandle<()>,
}

impl Opened {
    /// Waits until all is on the disk.
    fn close(self) {
        drop(self.office);
        // A thread that panicked has said so.
        let _ = self.thread.join();
    }
}

/// A line in the log of the post office. Nobody who follows is ever named in it.
fn log(global: &Global, text: &str) {
    if global.quiet {
        return;
    }
    match global.format {
        OutputFormat::Human => write_to(io::stderr(), &format!("{}\n", visible(text))),
        OutputFormat::Json => {
            let line = serde_json::json!({ "version": 1, "kind": "log", "message": text });
            write_to(io::stdout(), &format!("{line}\n"));
        }
    }
}

/// Says that something could not be read or stored, once a minute.
fn failure_log(global: &Global, path: PathBuf) -> impl Fn(&StoreError) + Send + 'static {
    let (global, said) = (global.clone(), Cell::new(None::<Instant>));
    move |error| {
        if said.get().is_some_and(|said| said.elapsed() < FAILURE_INTERVAL) {
            return;
        }
        said.set(Some(Instant::now()));
        let help = error.help().map(|help| format!("; {help}")).unwrap_or_default();
        tell::warn(&global, &format!("{}: {error}{help}", path.display()));
    }
}

/// Says what a look at the site has found out, when there is something to say.
fn log_look(global: &Global, user: &str, seen: &Seen) {
    if seen.is_first {
        log(
            global,
            &format!("{user}: this is the first look; what is on the site counts as delivered"),
        );
    }
    if seen.has_new_key {
        log(
            global,
            &format!(
                "{user}: the site shows the new key. Followers are told, and all that comes after \
                 that is signed with it"
            ),
        );
    }
    if seen.has_settled {
        log(global, &format!("{user}: the old key has done its work; only the new one is used"));
    }
    if seen.queued > 0 {
        log(global, &format!("{user}: {} to deliver", counted(seen.queued, "message")));
    }
    if seen.held > 0 {
        log(
            global,
            &format!(
                "{user}: {} wait, for more would go out within a day than people write. If that \
                 is right, run `sitegen deliver --confirm`",
                counted(seen.held, "message")
            ),
        );
    }
    for problem in &seen.problems {
        tell::warn(global, &format!("{user}: {problem}"));
    }
}

/// `1 message`, `2 messages`.
fn counted(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}
