//! The arguments of `sitegen deploy`.

use clap::Args;

use super::Net;

/// Bringing the site to where it is served.
#[derive(Debug, Args)]
pub struct Deploy {
    /// The name of a target in site.toml: web for `[deploy.web]` [default: the only one]
    #[arg(value_name = "TARGET")]
    pub target: Option<String>,
    /// Name all that would be added, changed and removed, and change nothing on the target
    #[arg(short = 'n', long)]
    pub dry_run: bool,
    /// Take the output as the last build left it
    #[arg(long)]
    pub no_build: bool,
    /// Put everything there again, also what should be there already: when something there is
    /// damaged
    #[arg(short, long)]
    pub all: bool,
    /// Do not ask the live site afterwards
    #[arg(long)]
    pub no_verify: bool,
    /// Take warnings of the build for errors
    #[arg(long, conflicts_with = "no_build")]
    pub strict: bool,
    /// Remove up to so many files without a question
    #[arg(long, value_name = "NUMBER")]
    pub max_deletes: Option<usize>,
    /// Put the site where something else lies: overwrite files of the same name, leave all others
    #[arg(long)]
    pub take_over: bool,
    /// Deploy although the target has a newer state, or another deploy seems to go on there
    #[arg(short, long)]
    pub force: bool,
    /// How the live site is reached.
    #[command(flatten)]
    pub net: Net,
}
