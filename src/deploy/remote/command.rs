//! By a program of the user's, which takes the folder and does the rest.

use std::path::Path;
use std::process::{Command, ExitStatus};

use super::super::trouble::{Kind, Trouble};

/// Runs it in the folder of the site, with the output as its last argument. It may ask and answer
/// as if it had been called by hand.
pub(crate) fn run_command(
    run: &[String],
    root: &Path,
    output: &Path,
) -> Result<ExitStatus, Trouble> {
    let Some((program, arguments)) = run.split_first() else {
        return Err(Trouble::new(Kind::Other, "there is no command"));
    };
    // `./upload.sh` is meant from the site, wherever the deploy was started.
    let path = Path::new(program);
    let whole = if path.components().count() > 1 { root.join(path) } else { path.to_path_buf() };
    let mut command = Command::new(&whole);
    command.args(arguments).arg(output).current_dir(root);
    command.status().map_err(|error| Trouble::new(Kind::Other, format!("{program}: {error}")))
}
