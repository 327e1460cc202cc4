//! Parses the arguments, runs the command, exits.

use std::process::ExitCode;

use clap::Parser;
use sitegen::cli::Cli;
use sitegen::commands;

fn main() -> ExitCode {
    let exit = match commands::run(Cli::parse()) {
        Ok(exit) => exit,
        Err(error) => {
            commands::print_error(&error);
            error.exit()
        }
    };
    ExitCode::from(exit as u8)
}
