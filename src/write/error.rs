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
    /// Another build of the same site is running.
    Busy(PathBuf),
    /// Something failed while the output was being put into place.
    Unfinished {
        /// What the output is like now, and what the next build does about it.
        state: &'static str,
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
            Self::Foreign(paths) => write!(
                f,
                "there are files in the output that sitegen has not made: {}; put what belongs \
                 to the site into `static/`, name what others look after in `keep` in site.toml, \
                 move the rest away; or let `--force` take all of them for its own, to overwrite \
                 or remove them",
                named(paths)
            ),
            Self::Busy(root) => write!(
                f,
                "another build of the site in {} is running; try again when it is done",
                root.display()
            ),
            Self::Unfinished { state, .. } => f.write_str(state),
            Self::Stranded { folder, output } => write!(
                f,
                "{} was left by a build that was interrupted, and the notes on what is in it are \
                 lost; move what did not come from sitegen back to {}, then remove the folder",
                folder.display(),
                output.display()
            ),
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
