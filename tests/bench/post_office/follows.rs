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
const AT_ONCE: u8 = 100;

pub(crate) fn measure(bench: &Bench, table: &mut Table) -> Outcome<()> {
    leave_first_core()?;
    let alone = run(bench, "refuse")?;
    let what = "follows verified, stored and answered by one core in a second".to_owned();
    let is_met = median(&alone.a_second) >= A_SECOND_MIN;
    table.target(what, shown(&alone.a_second), "≥ 1,000", is_met);
    let what = "the same in a second in which the core had nothing else to do".to_owned();
    table.note(what, shown(&alone.a_core_second));
    let what = "the same, while it delivers the answers to them".to_owned();
    table.note(what, shown(&run(bench, "well")?.a_second));
    Ok(())
}

/// How many were taken in each run.
#[derive(Default)]
struct Taken {
    a_second: Vec<f64>,
    /// In a second of the core's time, of which others have some.
    a_core_second: Vec<f64>,
}

fn shown(all: &[f64]) -> String {
    format!("{:.0} ({})", median(all), listed(all, 0))
}

/// Has people on one kind of servers follow.
fn run(bench: &Bench, manner: &str) -> Outcome<Taken> {
    let people = people(manner, bench.size(1_000, 200), 10);
    let count = f64::from(u32::try_from(people.len())?);
    let mut taken = Taken::default();
    for run in 0..bench.size(5, 1) {
        let scene = bench.scene(&format!("follows-{manner}-{run}"), &people)?;
        let follow = |person: &Person| person.follow("events", &bench.keys.theirs, None);
        let requests = people.iter().map(follow).collect::<Outcome<_>>()?;
        let office = scene.start_on_one_core()?;
        office.wait_for("first look")?;
        let (begun, worked) = (Instant::now(), office.core_seconds()?);
        at_once(send(&office, requests))?;
        taken.a_second.push(count / begun.elapsed().as_secs_f64());
        taken.a_core_second.push(count / (office.core_seconds()? - worked));
    }
    Ok(taken)
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

/// Sends all, each on a connection of its own.
async fn send(office: &Office, requests: Vec<Vec<u8>>) -> Outcome<()> {
    let (requests, port) = (Rc::new(requests), office.port);
    let next = Rc::new(Cell::new(0));
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
    Ok(())
}
