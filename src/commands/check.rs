//! `sitegen check`: a build into nowhere.

use std::time::Instant;

use super::output::{Summary, exit_for, print_diagnostics};
use super::signing::signing_problem;
use super::{CommandError, Exit, mode, read_inputs};
use crate::artifact::Nowhere;
use crate::cli::{Check, Global};
use crate::pipeline;

pub(super) fn run(arguments: &Check, global: &Global) -> Result<Exit, CommandError> {
    let start = Instant::now();
    let mut mode = mode(&arguments.selection)?;
    mode.locked = arguments.locked;
    let (root, mut inputs) = read_inputs(global)?;
    inputs.studio.only_look();
    let Ok(mut report) = pipeline::build(&inputs, &mode, &Nowhere);
    report.diagnostics.extend(signing_problem(&root, &inputs, &mode)?);
    let exit = exit_for(&report, arguments.strict);
    print_diagnostics(&report, global);
    let summary = Summary {
        verb: "Checked",
        report: &report,
        changes: None,
        time: start.elapsed(),
        exit,
        strict: arguments.strict,
        can_keep_going: false,
    };
    summary.print(global);
    Ok(exit)
}
