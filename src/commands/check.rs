//! `sitegen check`: a build into nowhere.

use std::time::Instant;

use super::build::would_change;
use super::output::{Summary, exit_for, print_diagnostics};
use super::{CommandError, Exit, mode, read_inputs};
use crate::artifact::Nowhere;
use crate::cli::{Check, Global};
use crate::pipeline;

pub(super) fn run(arguments: &Check, global: &Global) -> Result<Exit, CommandError> {
    let start = Instant::now();
    let mode = mode(&arguments.selection)?;
    let (_, inputs) = read_inputs(global)?;
    let Ok(mut report) = pipeline::build(&inputs, &mode, &Nowhere);
    if arguments.locked && report.record_changes && !report.preview {
        report.diagnostics.push(would_change());
    }
    let exit = exit_for(&report, arguments.strict);
    print_diagnostics(&report, global);
    let time = start.elapsed();
    Summary { verb: "Checked", report: &report, changes: None, time, exit }.print(global);
    Ok(exit)
}
