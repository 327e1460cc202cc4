//! `sitegen new`: a small site, or a text in a site.

use super::{CommandError, Exit};
use crate::cli::{Global, New};

pub(super) fn run(_arguments: New, _global: &Global) -> Result<Exit, CommandError> {
    Ok(Exit::Fine)
}
