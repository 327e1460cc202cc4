//! How much memory it takes to wait.

use std::thread::sleep;
use std::time::Duration;

use crate::table::Table;
use crate::{Bench, Outcome, listed, median, people};

const MIB_MAX: f64 = 12.0;

pub(crate) fn measure(bench: &Bench, table: &mut Table) -> Outcome<()> {
    let scene = bench.scene("idle", &people("well", 1_000, 10))?;
    let mut all = Vec::new();
    for _ in 0..3 {
        let office = scene.start()?;
        office.wait_for("first look").or_else(|error| {
            // Only the first one has a first look.
            if all.is_empty() { Err(error) } else { Ok(()) }
        })?;
        sleep(Duration::from_secs(3));
        all.push(office.mib()?);
    }
    let is_met = median(&all) <= MIB_MAX;
    let measured = format!("{:.1} MiB ({})", median(&all), listed(&all, 1));
    table.target("memory at rest, 10,000 followers".into(), measured, "≤ 12 MiB", is_met);
    Ok(())
}
