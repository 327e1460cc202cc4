//! How many follows one core takes in a second.
//!
//! People who follow one actor of the site follow the other as well, so that their keys are known.
//! Each request has a connection of its own, as from nginx.

use std::cell::Cell;
use std::net::Ipv4Addr;
use std::process::Command;
use std::rc::Rc;
use std::time::Instant;

use tokio::task::JoinSet;

use crate::office::Office;
use crate::people::Person;
use crate::table::Table;
use crate::{Bench, Outcome, at_once, client, listed, median, people};

const A_SECOND_MIN: f64 = 1_000.0;

/// Requests at once.
const AT_ONCE: u8 = 32;

pub(crate) fn measure(bench: &Bench, table: &mut Table) -> Outcome<()> {
    let hosts = bench.size(1_000, 200);
    leave_first_core()?;
    for (manner, what) in [
        ("refuse", "nobody takes the answers yet"),
        ("well", "the answers are delivered meanwhile, by the same core"),
    ] {
        let people = people(manner, hosts, 10);
        let mut all = Vec::new();
        for run in 0..bench.size(3, 1) {
            let scene = bench.scene(&format!("follows-{manner}-{run}"), &people)?;
            let requests: Vec<_> = people
                .iter()
                .map(|person: &Person| person.follow("events", &bench.keys.theirs, None))
                .collect::<Outcome<_>>()?;
            let office = scene.start_on_one_core()?;
            office.wait_for("first look")?;
            all.push(at_once(send(&office, requests))?);
        }
        let what = format!("follows verified, stored and answered in a second; {what}");
        let is_met = median(&all) >= A_SECOND_MIN;
        let measured = format!("{:.0} ({})", median(&all), listed(&all, 0));
        table.target(what, measured, "≥ 1,000", is_met);
    }
    Ok(())
}

/// Lets the post office have the first core for itself, as far as we are concerned.
fn leave_first_core() -> Outcome<()> {
    let cores = std::thread::available_parallelism()?.get();
    if cores > 1 {
        let (others, own) = (format!("1-{}", cores - 1), std::process::id().to_string());
        let done = Command::new("taskset").args(["-a", "-p", "-c", &others, &own]).output()?;
        if !done.status.success() {
            return Err(String::from_utf8_lossy(&done.stderr).into());
        }
    }
    Ok(())
}

/// Sends all, and says how many were taken in a second.
async fn send(office: &Office, requests: Vec<Vec<u8>>) -> Outcome<f64> {
    let (requests, port) = (Rc::new(requests), office.port);
    let next = Rc::new(Cell::new(0));
    let begun = Instant::now();
    let mut tasks = JoinSet::new();
    for number in 0..AT_ONCE {
        let (requests, next) = (Rc::clone(&requests), Rc::clone(&next));
        let from = Ipv4Addr::new(127, 0, 3, number + 1);
        tasks.spawn_local(async move {
            while let Some(request) = requests.get(next.replace(next.get() + 1)) {
                let answer = client::send(from, port, request).await?;
                if answer.status != 202 {
                    return Err(format!("a follow is answered with {}", answer.status).into());
                }
            }
            Outcome::Ok(())
        });
    }
    while let Some(done) = tasks.join_next().await {
        done??;
    }
    let count = u32::try_from(requests.len())?;
    Ok(f64::from(count) / begun.elapsed().as_secs_f64())
}
