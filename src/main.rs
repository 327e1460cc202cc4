//! Parses the arguments, runs the command, exits.

use std::process::ExitCode;

use clap::Parser;
use sitegen::cli::Cli;
use sitegen::commands;

fn main() -> ExitCode {
    // The thread that would only wait for the others is one of them. Should that not be possible,
    // they are made when they are needed.
    let _ = rayon::ThreadPoolBuilder::new().use_current_thread().build_global();
    let cli = Cli::parse();
    let format = cli.global.format;
    let exit = match commands::run(cli) {
        Ok(exit) => exit,
        Err(error) => {
            commands::print_error(&error, format);
            error.exit()
        }
    };
    ExitCode::from(exit as u8)
}
