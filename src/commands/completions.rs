//! `sitegen completions SHELL`.

use std::io;

use clap::CommandFactory;

use super::Exit;
use crate::cli::Cli;

pub(super) fn run(shell: clap_complete::Shell) -> Exit {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "sitegen", &mut text);
    super::output::write_to(io::stdout(), &String::from_utf8_lossy(&text));
    Exit::Fine
}
