//! How large the program is as it is given to people, and how much memory it takes to wait.

use std::fs;
use std::process::Command;

use crate::table::Table;
use crate::{Bench, Outcome, idle};

pub(crate) fn measure(bench: &Bench, table: &mut Table) -> Outcome<()> {
    let target = bench.target.join("dist");
    for (options, megabytes_max, what) in [
        (&[][..], 18, "size of the program (`--profile dist`)"),
        (&["--no-default-features"][..], 7, "the same, the generator alone"),
    ] {
        crate::say(&format!("building with `--profile dist` {}", options.join(" ")));
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(["build", "--profile", "dist", "--locked", "--quiet", "--bin", "sitegen"]);
        let status = cargo.args(options).env("CARGO_TARGET_DIR", &target).status()?;
        if !status.success() {
            return Err("the program cannot be built".into());
        }
        let program = target.join("dist/sitegen");
        if options.is_empty() {
            idle::judge(bench, &program, table)?;
        }
        let bytes = u32::try_from(fs::metadata(program)?.len())?;
        let measured = format!("{:.1} MB", f64::from(bytes) / 1e6);
        let is_met = bytes <= megabytes_max * 1_000_000;
        table.target(what.into(), measured, &format!("≤ {megabytes_max} MB"), is_met);
    }
    fs::remove_dir_all(target)?;
    Ok(())
}
