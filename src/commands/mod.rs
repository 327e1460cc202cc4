//! One file per command: read, call, report.

mod build;
mod check;
mod completions;
#[cfg(feature = "network")]
mod deploy;
#[cfg(feature = "network")]
mod doctor;
mod host;
#[cfg(feature = "network")]
mod key;
mod list;
mod new;
#[cfg(feature = "network")]
mod office;
mod output;
mod serve;
mod signing;
#[cfg(feature = "network")]
mod verify;
mod withdraw;

pub use build::{lost_notes, taken_note};
pub use signing::signing_problem;

use std::io::{self, IsTerminal};
use std::path::{Component, Path, PathBuf};

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::cli::{Cli, Command, Global, HostCommand, OutputFormat, Public, Selection};
use crate::config::{self, Config, Mode};
#[cfg(feature = "network")]
use crate::deploy::{DeployError, Kind, Trouble};
use crate::diagnostic::{Format, Printer, Source, visible};
#[cfg(feature = "network")]
use crate::disk::keys::{KeyFileError, KeyFileProblem};
use crate::load::{Inputs, ReadError};
use crate::memory::leave_to_system;
#[cfg(feature = "network")]
use crate::office::archive::BackupError;
#[cfg(feature = "network")]
use crate::office::store::{OpenError, OpenProblem, StoreError};
use crate::path::SourcePath;
use crate::time::Moment;
use crate::write::WriteError;

/// How a run ends, for the shell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// All is well.
    Fine = 0,
    /// The site has errors; nothing was written, or with `--keep-going` not all of it.
    SiteErrors = 1,
    /// The command line makes no sense.
    Usage = 2,
    /// The disk or the system failed.
    World = 3,
    /// Another build is running; `EX_TEMPFAIL` of `sysexits.h`.
    Busy = 75,
}

/// Why a command could not do its work.
#[derive(Debug)]
pub enum CommandError {
    /// A source could not be read.
    Read(ReadError),
    /// The output could not be written.
    Write(WriteError),
    /// A file with a key is not as it should be.
    #[cfg(feature = "network")]
    Key(KeyFileError),
    /// The followers cannot be used.
    #[cfg(feature = "network")]
    Open(OpenError),
    /// The followers could not be read or changed.
    #[cfg(feature = "network")]
    Store(StoreError),
    /// A backup cannot be restored.
    #[cfg(feature = "network")]
    Backup(BackupError),
    /// The site did not get to its target.
    #[cfg(feature = "network")]
    Deploy {
        /// Why.
        message: String,
        /// What to do.
        help: String,
        /// How the run ends.
        exit: Exit,
    },
    /// Some other file could not be read or written.
    Io(PathBuf, io::Error),
    /// The command line or the folder does not fit, with what to do.
    Usage(String),
}

impl CommandError {
    /// The exit code for it.
    pub fn exit(&self) -> Exit {
        match self {
            Self::Usage(_) | Self::Write(WriteError::UnsafeOutput { .. }) => Exit::Usage,
            Self::Write(
                WriteError::Foreign(_) | WriteError::Unknown(_) | WriteError::Contested(_),
            ) => Exit::SiteErrors,
            Self::Write(WriteError::Busy(_)) => Exit::Busy,
            #[cfg(feature = "network")]
            Self::Key(error) => match error.problem {
                KeyFileProblem::Io(_) | KeyFileProblem::NoPrivacy => Exit::World,
                _ => Exit::SiteErrors,
            },
            #[cfg(feature = "network")]
            Self::Deploy { exit, .. } => *exit,
            #[cfg(feature = "network")]
            Self::Backup(_) => Exit::SiteErrors,
            #[cfg(feature = "network")]
            Self::Open(OpenError { problem: OpenProblem::Running, .. }) => Exit::Busy,
            #[cfg(feature = "network")]
            Self::Open(_) | Self::Store(_) => Exit::World,
            Self::Read(_) | Self::Write(_) | Self::Io(..) => Exit::World,
        }
    }
}

impl std::fmt::Display for CommandError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Read(error) => error.fmt(f),
            Self::Write(error) => error.fmt(f),
            #[cfg(feature = "network")]
            Self::Key(error) => error.fmt(f),
            #[cfg(feature = "network")]
            Self::Open(error) => error.fmt(f),
            #[cfg(feature = "network")]
            Self::Store(error) => error.fmt(f),
            #[cfg(feature = "network")]
            Self::Deploy { message, .. } => f.write_str(message),
            #[cfg(feature = "network")]
            Self::Backup(error) => error.fmt(f),
            Self::Io(path, _) => write!(f, "cannot read or write {}", path.display()),
            Self::Usage(message) => f.write_str(message),
        }
    }
}

impl std::error::Error for CommandError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Read(error) => error.source(),
            Self::Write(error) => error.source(),
            #[cfg(feature = "network")]
            Self::Key(error) => error.source(),
            #[cfg(feature = "network")]
            Self::Open(error) => error.source(),
            #[cfg(feature = "network")]
            Self::Store(error) => error.source(),
            #[cfg(feature = "network")]
            Self::Deploy { .. } | Self::Backup(_) => None,
            Self::Io(_, error) => Some(error),
            Self::Usage(_) => None,
        }
    }
}

impl From<ReadError> for CommandError {
    fn from(error: ReadError) -> Self {
        Self::Read(error)
    }
}

impl From<WriteError> for CommandError {
    fn from(error: WriteError) -> Self {
        Self::Write(error)
    }
}

#[cfg(feature = "network")]
impl From<KeyFileError> for CommandError {
    fn from(error: KeyFileError) -> Self {
        Self::Key(error)
    }
}

#[cfg(feature = "network")]
impl From<OpenError> for CommandError {
    fn from(error: OpenError) -> Self {
        Self::Open(error)
    }
}

#[cfg(feature = "network")]
impl From<StoreError> for CommandError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

#[cfg(feature = "network")]
impl From<DeployError> for CommandError {
    fn from(error: DeployError) -> Self {
        let exit = match error {
            DeployError::Trouble(Trouble { kind: Kind::Disk(_), .. }) => Exit::SiteErrors,
            DeployError::Trouble(_) | DeployError::Command(..) => Exit::World,
            DeployError::Going(_) => Exit::Busy,
            _ => Exit::SiteErrors,
        };
        Self::Deploy { message: error.to_string(), help: error.help(), exit }
    }
}

#[cfg(feature = "network")]
impl From<BackupError> for CommandError {
    fn from(error: BackupError) -> Self {
        Self::Backup(error)
    }
}

/// Runs a command.
///
/// # Errors
///
/// When it could not do its work; what is wrong with the site is printed and in the exit code.
pub fn run(cli: Cli) -> Result<Exit, CommandError> {
    let Cli { command, global } = cli;
    // A build that keeps going builds twice, and needs the memory again.
    if matches!(&command, Command::Build(build) if !build.keep_going) {
        leave_to_system();
    }
    match command {
        Command::New(arguments) => new::run(&arguments, &global),
        Command::Build(arguments) => build::run(&arguments, &global),
        Command::Serve(arguments) => serve::run(&arguments, &global),
        Command::Check(arguments) => check::run(&arguments, &global),
        Command::List(arguments) => list::run(&arguments, &global),
        Command::Withdraw(arguments) => withdraw::run(&arguments, &global),
        Command::Host(HostCommand::Show(arguments)) => host::show(&arguments, &global),
        #[cfg(feature = "network")]
        Command::Deploy(arguments) => deploy::run(&arguments, &global),
        #[cfg(feature = "network")]
        Command::Key(arguments) => key::run(&arguments.command, &global),
        #[cfg(feature = "network")]
        Command::Doctor(arguments) => doctor::run(&arguments, &global),
        #[cfg(feature = "network")]
        Command::Verify(arguments) => verify::run(&arguments, &global),
        #[cfg(feature = "network")]
        Command::Inbox(arguments) => office::inbox(&arguments, &global),
        #[cfg(feature = "network")]
        Command::Deliver(arguments) => office::deliver(&arguments, &global),
        #[cfg(feature = "network")]
        Command::Followers(arguments) => office::followers(&arguments.command, &global),
        #[cfg(feature = "network")]
        Command::Status(arguments) => office::status(&arguments, &global),
        #[cfg(feature = "network")]
        Command::Backup(arguments) => office::backup(&arguments, &global),
        #[cfg(feature = "network")]
        Command::Restore(arguments) => office::restore(&arguments, &global),
        #[cfg(feature = "network")]
        Command::Retire(arguments) => office::retire(&arguments, &global),
        #[cfg(feature = "network")]
        Command::Limits => Ok(office::limits(&global)),
        Command::Completions { shell } => Ok(completions::run(shell)),
    }
}

/// Shows an error and what caused it: to people on standard error, to programs on standard output.
pub fn print_error(error: &CommandError, format: OutputFormat) {
    let mut message = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        message.push_str(&format!(": {inner}"));
        cause = inner.source();
    }
    let help = match error {
        CommandError::Write(error) => error.help(),
        #[cfg(feature = "network")]
        CommandError::Key(error) => error.help(),
        #[cfg(feature = "network")]
        CommandError::Open(error) => error.help(),
        #[cfg(feature = "network")]
        CommandError::Store(error) => error.help().map(str::to_owned),
        #[cfg(feature = "network")]
        CommandError::Deploy { help, .. } => Some(help.clone()),
        #[cfg(feature = "network")]
        CommandError::Backup(error) => Some(error.help().to_owned()),
        _ => None,
    };
    // Not `eprintln!`: it panics when the disk is full that standard error goes to.
    match format {
        OutputFormat::Human => {
            let mut text = format!("error: {}\n", visible(&message));
            if let Some(help) = help {
                text.push_str(&format!(" = help: {}\n", visible(&help)));
            }
            output::write_to(io::stderr(), &text);
        }
        OutputFormat::Json => {
            let line = serde_json::json!({
                "version": 1, "kind": "error", "message": message, "help": help,
                "exit": error.exit() as u8,
            });
            output::write_to(io::stdout(), &format!("{line}\n"));
        }
    }
}

/// The configuration, as far as it can be read; what is wrong with it is told by a build.
/// `base_url` stands for the one in it.
fn config_of(inputs: &Inputs, base_url: Option<&str>) -> Config {
    let empty = Source::new(SourcePath::new(config::FILE), "");
    config::read(inputs.config.as_ref().unwrap_or(&empty), base_url).0
}

/// The folder of the site, without links.
fn find_root(global: &Global) -> Result<PathBuf, CommandError> {
    let root = global.root.canonicalize().map_err(|error| {
        CommandError::Usage(format!("there is no site in {}: {error}", global.root.display()))
    })?;
    if !root.join(&global.config).exists() {
        return Err(CommandError::Usage(format!(
            "there is no {} in {}; run the command in the folder of the site, name it with \
             `--root`, or begin a new one with `sitegen new DIR`",
            global.config,
            global.root.display()
        )));
    }
    let mut parts = Path::new(&global.config).components();
    if !parts.all(|part| matches!(part, Component::Normal(_) | Component::CurDir)) {
        return Err(CommandError::Usage(format!(
            "{} is not inside the folder of the site; `--config` is relative to `--root`",
            global.config
        )));
    }
    Ok(root)
}

fn read_inputs(global: &Global) -> Result<(PathBuf, Inputs), CommandError> {
    let root = find_root(global)?;
    let inputs = Inputs::read(&root, &global.config)?;
    Ok((root, inputs))
}

fn mode(selection: &Selection) -> Result<Mode, CommandError> {
    let Selection { base_url, public } = selection;
    Ok(Mode { base_url: base_url.clone(), ..mode_of(public)? })
}

fn mode_of(public: &Public) -> Result<Mode, CommandError> {
    let Public { drafts, future, clock } = public;
    let now = match clock {
        None => Timestamp::now(),
        // A clock without a zone is in UTC: there may be no site yet to ask for its zone.
        Some(text) => {
            Moment::parse(text, &TimeZone::UTC).map(Moment::timestamp).ok_or_else(|| {
                CommandError::Usage(format!(
                    "`--clock {text}` is no time; write 2026-05-01 or 2026-05-01T18:30:00+01:00"
                ))
            })?
        }
    };
    let (drafts, future) = (*drafts, *future);
    Ok(Mode { clock: clock.is_some(), drafts, future, ..Mode::at(now) })
}

fn printer(global: &Global) -> Printer {
    let format = match global.format {
        OutputFormat::Human => Format::Human,
        OutputFormat::Json => Format::Json,
    };
    Printer { format, colour: colour(&io::stderr()) }
}

/// Whether to colour: a terminal, and no `NO_COLOR` (no-color.org).
fn colour(stream: &impl IsTerminal) -> bool {
    let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let dumb = std::env::var_os("TERM").is_some_and(|value| value == "dumb");
    stream.is_terminal() && !refused && !dumb
}
