//! Forged messages that name one server, and somebody there who really wants to follow.

use std::cell::Cell;
use std::net::Ipv4Addr;
use std::rc::Rc;
use std::time::{Duration, Instant};

use tokio::task::spawn_local;
use tokio::time::{interval, sleep};

use crate::people::Person;
use crate::table::Table;
use crate::{Bench, Outcome, at_once, client, peers, thousands};

/// Requests to one server in ten minutes.
const FETCHES_MAX: usize = 30;
const PERIOD: Duration = Duration::from_secs(600);

/// How often the server may be asked once the first ones are used up.
const INTERVAL: Duration = Duration::from_secs(30);

const ACCEPTED_WITHIN: Duration = Duration::from_secs(60);

/// The addresses that they come from, as the web server says.
const CLIENTS: usize = 10;

/// When whoever is told nothing comes again.
const RETRY: Duration = Duration::from_secs(5);

/// Where the web server is.
const PROXY: Ipv4Addr = Ipv4Addr::LOCALHOST;

pub(crate) fn measure(bench: &Bench, table: &mut Table) -> Outcome<()> {
    let (count, seconds): (usize, u64) = bench.size((10_000, 120), (1_000, 40));
    let victim = peers::host("well", 9_000);
    let scene = bench.scene("forged", &[])?;
    let forged = |number: usize| {
        let client = format!("198.51.100.{}", number % CLIENTS + 1);
        let name = format!("u{number}");
        Person::new(&victim, &name, false).follow("news", &bench.keys.forged, Some(&client))
    };
    let requests: Vec<_> = (0..count).map(forged).collect::<Outcome<_>>()?;
    let jo = Person::new(&victim, "jo", false);
    let genuine = jo.follow("news", &bench.keys.theirs, Some("192.0.2.99"))?;
    let office = scene.start()?;
    office.wait_for("first look")?;
    let begun = Instant::now();
    let duration = Duration::from_secs(seconds);
    let (taken, accepted) = at_once(async {
        let taken = Rc::new(Cell::new(0));
        spawn_local(flood(office.port, requests, duration, Rc::clone(&taken)));
        // By then they have used up what there was at once.
        sleep(duration / 6).await;
        let accepted = follow(office.port, &genuine).await?;
        sleep(duration.saturating_sub(begun.elapsed())).await;
        Ok((taken.get(), accepted))
    })?;
    let passed = begun.elapsed();
    let (asked, of_genuine) = {
        let fetches = &bench.peers.seen().fetches;
        let of_victim = fetches.iter().filter(|(url, _)| url.contains(&victim));
        let all: usize = of_victim.map(|(_, count)| count).sum();
        let of_genuine = fetches.get(&jo.id()).copied().unwrap_or_default();
        (all - of_genuine, of_genuine)
    };
    // A real one is no burden for the server that has sent it, and does not count.
    let what = format!(
        "{} forged messages that name one server: questions to it because of them",
        thousands(count)
    );
    let left = PERIOD.saturating_sub(passed).as_secs().div_ceil(INTERVAL.as_secs());
    let most = asked + usize::try_from(left)?;
    let measured = format!("{asked} in {} s, so {most} in ten minutes", passed.as_secs());
    table.promise(what, measured, "≤ 30 in ten minutes", most <= FETCHES_MAX);
    table.note("the same: questions because of the real follow".into(), of_genuine.to_string());
    let what = "the same: forged messages that are taken".into();
    table.promise(what, taken.to_string(), "none", taken == 0);
    let what = "the same: a real follow from that server is taken".into();
    let measured = match accepted {
        Some(took) => format!("after {:.0} s", took.as_secs_f64()),
        None => "never".to_owned(),
    };
    let is_met = accepted.is_some_and(|took| took <= ACCEPTED_WITHIN);
    table.promise(what, measured, "within 60 s", is_met);
    Ok(())
}

/// Sends them evenly. `taken` counts those that were believed.
async fn flood(port: u16, requests: Vec<Vec<u8>>, duration: Duration, taken: Rc<Cell<usize>>) {
    let count = u32::try_from(requests.len()).unwrap_or(u32::MAX);
    let mut tick = interval(duration / count);
    for request in requests {
        tick.tick().await;
        let taken = Rc::clone(&taken);
        spawn_local(async move {
            let answer = client::send(PROXY, port, &request).await;
            let is_taken = answer.is_ok_and(|answer| answer.status == 202);
            taken.set(taken.get() + usize::from(is_taken));
        });
    }
}

/// Follows as servers do, until it is taken; says how long that took.
async fn follow(port: u16, request: &[u8]) -> Outcome<Option<Duration>> {
    let begun = Instant::now();
    while begun.elapsed() < ACCEPTED_WITHIN {
        let answer = client::send(PROXY, port, request).await?;
        if answer.status == 202 {
            return Ok(Some(begun.elapsed()));
        }
        crate::say(&format!(
            "the real follow is answered with {} after {:.1} s, and told to wait {:?}",
            answer.status,
            begun.elapsed().as_secs_f64(),
            answer.retry_after
        ));
        sleep(answer.retry_after.unwrap_or(RETRY)).await;
    }
    Ok(None)
}
