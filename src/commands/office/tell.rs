//! How the commands for followers talk to people and to programs.

use std::io::{self, BufRead};

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::cli::{Global, OutputFormat};
use crate::commands::CommandError;
use crate::commands::output::write_to;
use crate::diagnostic::visible;

/// Says a line: `text` to people, `line` to programs. Whatever strangers have written into it, no
/// terminal is told to do anything.
pub(super) fn say(global: &Global, text: &str, line: &Value) {
    match global.format {
        OutputFormat::Human if global.quiet => {}
        OutputFormat::Human => write_to(io::stdout(), &format!("{}\n", visible(text))),
        OutputFormat::Json => write_to(io::stdout(), &format!("{line}\n")),
    }
}

/// Says what people need to know besides; programs know it.
pub(super) fn add(global: &Global, text: &str) {
    if global.format == OutputFormat::Human && !global.quiet {
        write_to(io::stdout(), &format!("{}\n", visible(text)));
    }
}

/// Says what is dangerous.
pub(super) fn warn(global: &Global, text: &str) {
    match global.format {
        OutputFormat::Human => {
            write_to(io::stderr(), &format!("warning: {}\n", visible(text)));
        }
        OutputFormat::Json => {
            let line = json!({ "version": 1, "kind": "warning", "message": text });
            write_to(io::stdout(), &format!("{line}\n"));
        }
    }
}

/// Asks a person for the name of what is to end, as the last question.
pub(super) fn confirm_name(name: &str) -> Result<bool, CommandError> {
    write_to(io::stderr(), &format!("To go on, type `{}`: ", visible(name)));
    let mut answer = String::new();
    let read = io::stdin().lock().read_line(&mut answer);
    read.map_err(|error| CommandError::Io("the terminal".into(), error))?;
    Ok(answer.trim().trim_start_matches('@') == name)
}

/// `2026-06-01`.
pub(super) fn day(moment: Timestamp) -> String {
    moment.strftime("%Y-%m-%d").to_string()
}

/// `2026-06-01 12:00 UTC`.
pub(super) fn minute(moment: Timestamp) -> String {
    moment.strftime("%Y-%m-%d %H:%M UTC").to_string()
}
