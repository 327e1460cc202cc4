//! Connections that send a byte now and then, and people who follow meanwhile.

use std::cell::Cell;
use std::net::Ipv4Addr;
use std::rc::Rc;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::task::spawn_local;
use tokio::time::{interval, sleep, timeout};

use crate::office::Office;
use crate::people::Person;
use crate::table::Table;
use crate::{Bench, Outcome, at_once, client, peers, people, quantile};

const P99_MAX: f64 = 1.0;
const MIB_MAX: f64 = 48.0;

/// Addresses from which the slow ones come.
const ADDRESSES: u8 = 250;

/// Follows in a second.
const PACE: u32 = 10;

/// How long a slow one waits for the next byte.
const PAUSE: Duration = Duration::from_millis(700);

/// The least and the most of what was seen.
#[derive(Clone, Copy, Debug)]
struct Span(u64, u64);

impl Span {
    fn add(&mut self, value: u64) {
        *self = Self(self.0.min(value), self.1.max(value));
    }
}

/// What was seen while the slow ones were there.
struct Found {
    took: Vec<f64>,
    refused: usize,
    threads: Span,
    open: Span,
}

pub(crate) fn measure(bench: &Bench, table: &mut Table) -> Outcome<()> {
    let (count, seconds) = bench.size((1_000, 60), (250, 10));
    let known = people("well", 100, 10);
    let scene = bench.scene("slow", &known)?;
    // Every tenth is new, so that a key has to be fetched.
    let new = |number: usize| Person::new(&peers::host("well", 5_000 + number), "new", false);
    let follow = |number: usize| {
        let is_new = number.is_multiple_of(10);
        let person = if is_new { &new(number) } else { &known[number] };
        person.follow("events", &bench.keys.theirs, None)
    };
    let total = usize::try_from(PACE * seconds)?;
    let requests: Vec<_> = (0..total).map(follow).collect::<Outcome<_>>()?;
    let office = scene.start()?;
    office.wait_for("first look")?;
    let found = at_once(besiege(&office, count, &requests))?;
    let p99 = quantile(&found.took, 0.99).unwrap_or(f64::INFINITY);
    let what = format!(
        "{} to {} slow connections from {ADDRESSES} addresses: 99 % of follows are answered",
        found.open.0, found.open.1
    );
    let measured = format!("{:.0} ms of {total}", p99 * 1000.0);
    table.target(what, measured, "≤ 1 s", p99 <= P99_MAX);
    let what = "the same: follows that are not taken".into();
    table.promise(what, found.refused.to_string(), "none", found.refused == 0);
    let Span(least, most) = found.threads;
    let measured = if least == most { most.to_string() } else { format!("{least} to {most}") };
    table.promise("the same: threads".into(), measured, "always as many", least == most);
    let peak = office.peak_mib()?;
    let what = "the same: peak memory".into();
    table.target(what, format!("{peak:.1} MiB"), "≤ 48 MiB", peak <= MIB_MAX);
    Ok(())
}

async fn besiege(office: &Office, count: usize, requests: &[Vec<u8>]) -> Outcome<Found> {
    let open = Rc::new(Cell::new(0));
    for number in 0..count {
        spawn_local(trickle(number, office.port, Rc::clone(&open)));
    }
    // Until they are all there.
    sleep(PAUSE * 2).await;
    let threads = office.status("Threads")?;
    let mut found = Found {
        took: Vec::new(),
        refused: 0,
        threads: Span(threads, threads),
        open: Span(open.get(), open.get()),
    };
    let mut tick = interval(Duration::from_secs(1) / PACE);
    let mut answers = tokio::task::JoinSet::new();
    for request in requests {
        tick.tick().await;
        found.threads.add(office.status("Threads")?);
        found.open.add(open.get());
        let (request, port) = (request.clone(), office.port);
        answers.spawn_local(async move {
            client::send(Ipv4Addr::new(127, 0, 9, 9), port, &request).await
        });
    }
    while let Some(answer) = answers.join_next().await {
        match answer? {
            Ok(answer) if answer.status == 202 => found.took.push(answer.took.as_secs_f64()),
            _ => found.refused += 1,
        }
    }
    Ok(found)
}

/// Sends a head or a body byte by byte, again and again.
async fn trickle(number: usize, port: u16, open: Rc<Cell<u64>>) {
    let address = u8::try_from(number % usize::from(ADDRESSES)).unwrap_or_default();
    let from = Ipv4Addr::new(127, 0, 1, address + 1);
    let head = "POST /ap/news/inbox HTTP/1.1\r\nHost: party.example\r\n\
                Content-Type: application/activity+json\r\nContent-Length: 200000\r\n";
    // Not all at the same moment.
    sleep(PAUSE / 1_000 * u32::try_from(number % 1_000).unwrap_or_default()).await;
    loop {
        let begun = Instant::now();
        if let Ok(mut stream) = client::connect(from, port).await {
            open.set(open.get() + 1);
            // Every second one has sent its head at once.
            let (first, rest) = match number / usize::from(ADDRESSES) % 2 {
                0 => ("", format!("{head}X-Long: {}", "x".repeat(4_000))),
                _ => (head, format!("\r\n{}", " ".repeat(200_000))),
            };
            let mut is_open = stream.write_all(first.as_bytes()).await.is_ok();
            let mut bytes = rest.bytes();
            while is_open && let Some(byte) = bytes.next() {
                is_open = stream.write_all(&[byte]).await.is_ok();
                // Whatever comes before the request is whole is the end.
                is_open &= timeout(PAUSE, stream.read(&mut [0; 64])).await.is_err();
            }
            open.set(open.get() - 1);
        }
        if begun.elapsed() < PAUSE {
            sleep(PAUSE).await;
        }
    }
}
