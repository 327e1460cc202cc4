//! How much memory it takes to wait.
//!
//! Most of it are pages of the program itself: the system maps what lies around those that are
//! used. So it depends on how the program was built, and what counts is how it is given to people.

use std::path::Path;
use std::thread::sleep;
use std::time::Duration;

use crate::table::Table;
use crate::{Bench, Outcome, listed, median, people};

const MIB_MAX: f64 = 12.0;

/// Of the program as everybody builds it, to compare.
pub(crate) fn measure(bench: &Bench, table: &mut Table) -> Outcome<()> {
    let all = at_rest(bench, &bench.binary, "idle")?;
    table.note("memory at rest, 10,000 followers, `--release`".into(), shown(&all));
    Ok(())
}

/// Of the program as it is given to people.
pub(crate) fn judge(bench: &Bench, dist: &Path, table: &mut Table) -> Outcome<()> {
    let all = at_rest(bench, dist, "idle-dist")?;
    let is_met = median(&all) <= MIB_MAX;
    let what = "memory at rest, 10,000 followers, `--profile dist`".into();
    table.target(what, shown(&all), "≤ 12 MiB", is_met);
    Ok(())
}

fn shown(all: &[f64]) -> String {
    format!("{:.1} MiB ({})", median(all), listed(all, 1))
}

fn at_rest(bench: &Bench, binary: &Path, name: &str) -> Outcome<Vec<f64>> {
    let scene = bench.scene_of(binary, name, &people("well", 1_000, 10))?;
    let mut all = Vec::new();
    for _ in 0..bench.size(3, 1) {
        let office = scene.start()?;
        // Long enough for its look at the site.
        sleep(Duration::from_secs(4));
        all.push(office.mib()?);
    }
    Ok(all)
}
