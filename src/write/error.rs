//! Why an output could not be written, in words.

use std::io;
use std::path::{Path, PathBuf};

/// How many files a message names.
const NAMED_MAX: usize = 5;

/// The disk did not take the output, or there is something in the way.
#[derive(Debug)]
pub enum WriteError {
    /// The disk failed or refused.
    Io {
        /// What was being done.
        action: &'static str,
        /// To which file.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
    /// The output folder would swallow the site or something else of value.
    UnsafeOutput {
        /// The folder.
        path: PathBuf,
        /// What it is.
        reason: &'static str,
    },
    /// Files that no build has made are in the output.
    Foreign(Vec<PathBuf>),
    /// The notes on earlier builds are missing, and there are files in the output that are not as
    /// this build would make them. Those that it would not make at all come first.
    Unknown(Vec<PathBuf>),
    /// Files that the site makes and others look after as well.
    Contested(Vec<PathBuf>),
    /// A file of somebody else that is to stay, and another that has come into its place.
    Twice {
        /// The file as it was.
        old: PathBuf,
        /// What is in its place.
        new: PathBuf,
    },
    /// An interrupted build by another version of the program.
    OtherVersion(PathBuf),
    /// A build was interrupted, and no other has completed what it began in this output.
    Interrupted(PathBuf),
    /// Another build of the same site is running.
    Busy(PathBuf),
    /// Something failed while the output was being put into place.
    Unfinished {
        /// What the output is like now, and what the next build does about it.
        state: String,
        /// What failed.
        source: Box<WriteError>,
    },
    /// An interrupted build has left a folder, and the notes on what is in it are gone.
    Stranded {
        /// The folder.
        folder: PathBuf,
        /// The output that it belongs to.
        output: PathBuf,
    },
}

impl std::fmt::Display for WriteError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Io { action, path, .. } => write!(f, "cannot {action} {}", path.display()),
            Self::UnsafeOutput { path, reason } => {
                write!(f, "the output cannot go to {}: it is {reason}", path.display())
            }
            Self::Foreign(paths) => {
                write!(f, "there are files in the output that sitegen has not made: ")?;
                f.write_str(&named(paths))
            }
            Self::Unknown(paths) => write!(
                f,
                "the notes on earlier builds are not in `.sitegen`, so it cannot be told which of \
                 these files sitegen has made: {}",
                named(paths)
            ),
            Self::Contested(paths) => write!(
                f,
                "the site makes files that `keep` in site.toml leaves to others: {}",
                named(paths)
            ),
            Self::Twice { old, new } => write!(
                f,
                "{} was to stay, but {} has been made in the meantime",
                old.display(),
                new.display()
            ),
            Self::OtherVersion(journal) => write!(
                f,
                "a build by another version of sitegen was interrupted, as {} says",
                journal.display()
            ),
            Self::Interrupted(output) => write!(
                f,
                "a build was interrupted, so not all files in {} may be in place",
                output.display()
            ),
            Self::Busy(root) => {
                write!(f, "another build of the site in {} is running", root.display())
            }
            Self::Unfinished { state, .. } => f.write_str(state),
            Self::Stranded { folder, .. } => write!(
                f,
                "{} was left by a build that was interrupted, and the notes on what is in it are \
                 lost",
                folder.display()
            ),
        }
    }
}

impl WriteError {
    /// What to do about it.
    pub fn help(&self) -> Option<String> {
        let help = match self {
            Self::Foreign(_) => {
                "put what belongs to the site into `static/`; name what others look after at the \
                 top of site.toml, as in `keep = [\"stats\"]`; move the rest away. Or let \
                 `sitegen build --force` overwrite and remove all of them that `keep` does not \
                 name"
            }
            Self::Unknown(_) => {
                "name what others look after at the top of site.toml, as in `keep = [\"stats\"]`, \
                 or move it away; then let `sitegen build --force` overwrite and remove \
                 the rest"
            }
            Self::Contested(_) => "take them out of one of the two",
            Self::Twice { .. } => "compare the two, remove one of them, and build again",
            Self::OtherVersion(_) => {
                "run that version once more; or remove the file, and look through the output \
                 yourself"
            }
            Self::Interrupted(_) => "run `sitegen build`, which completes it",
            Self::Busy(_) => "try again when it is done",
            Self::Stranded { output, .. } => {
                return Some(format!(
                    "move what did not come from sitegen back to {}, then remove the folder",
                    output.display()
                ));
            }
            Self::Unfinished { source, .. } => return source.help(),
            Self::Io { .. } | Self::UnsafeOutput { .. } => return None,
        };
        Some(help.to_owned())
    }

    /// The same of a failure by which nothing has changed yet.
    #[must_use]
    pub fn untouched(self) -> Self {
        match self {
            Self::Io { .. } => Self::Unfinished {
                state: "the site is still as it was".to_owned(),
                source: Box::new(self),
            },
            other => other,
        }
    }
}

impl std::error::Error for WriteError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { source, .. } => Some(source),
            Self::Unfinished { source, .. } => Some(source.as_ref()),
            _ => None,
        }
    }
}

/// The first few files, and how many more there are.
fn named(paths: &[PathBuf]) -> String {
    let shown: Vec<String> =
        paths.iter().take(NAMED_MAX).map(|path| path.display().to_string()).collect();
    let more = match paths.len().saturating_sub(NAMED_MAX) {
        0 => String::new(),
        count => format!(" and {count} more"),
    };
    format!("{}{more}", shown.join(", "))
}

pub(super) fn io_error(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> WriteError {
    let path = path.to_path_buf();
    move |source| WriteError::Io { action, path, source }
}
