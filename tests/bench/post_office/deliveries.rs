//! Posts to the followers on many servers, of which some fail in all ways, also when the post
//! office is killed again and again.

use std::collections::HashSet;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::peers::{FAILURES, Seen};
use crate::people::Person;
use crate::scene::message;
use crate::table::Table;
use crate::{Bench, Outcome, listed, median, people, quantile, thousands};

const MIB_MAX: f64 = 48.0;
const RATIO_MAX: f64 = 2.0;

/// Followers on each server.
const ON_EACH: usize = 10;

/// How long a run may take. What a good server has not got by then is lost.
const RUN_MAX: Duration = Duration::from_secs(900);

/// What came of a run.
struct Run {
    /// Posts that came to inboxes, and that should have.
    came: usize,
    wanted: usize,
    /// From the moment in which they were on the site, in seconds.
    p95: f64,
    slowest: f64,
    again: usize,
    kills: usize,
    peak: f64,
    seconds: f64,
}

pub(crate) fn measure(bench: &Bench, table: &mut Table) -> Outcome<()> {
    let hosts: usize = bench.size(1_000, 100);
    let failing = hosts * 3 / 10;
    let well = people("well", hosts - failing, ON_EACH);
    let mut all = well.clone();
    for number in 0..failing {
        all.extend(people_of(FAILURES[number % FAILURES.len()], number));
    }
    let runs = bench.size(3, 1);
    let (mut alone, mut among) = (Vec::new(), Vec::new());
    // In turn, for the machine may have more to do at times.
    for number in 0..runs {
        alone.push(run(bench, &format!("alone-{number}"), &well, &well, 2, 0)?);
        among.push(run(bench, &format!("among-{number}"), &all, &well, 2, 0)?);
    }
    let (posts, kills) = bench.size((10, 50), (3, 5));
    let killed = run(bench, "killed", &all, &well, posts, kills)?;

    let followers = thousands(all.len());
    let what =
        format!("{followers} followers on {} servers, {failing} of which fail", thousands(hosts));
    let p95 = |runs: &[Run]| runs.iter().map(|run| run.p95).collect::<Vec<_>>();
    let (with, without) = (p95(&among), p95(&alone));
    let ratios: Vec<_> = with.iter().zip(&without).map(|(with, without)| with / without).collect();
    let ratio = median(&ratios);
    let measured = format!(
        "{:.1} s against {:.1} s: {ratio:.2} ({})",
        median(&with),
        median(&without),
        listed(&ratios, 2)
    );
    let row = format!("{what}: 95 % of two posts are at the others, against only these");
    table.target(row, measured, "≤ 2 times", ratio <= RATIO_MAX);
    let row = format!("the same with {posts} posts and {kills} times `kill -9`: what arrives");
    let (came, wanted) = (thousands(killed.came), thousands(killed.wanted));
    let measured = format!("{came} of {wanted} in {:.0} s", killed.seconds);
    let is_whole = killed.came == killed.wanted && killed.kills == kills;
    table.promise(row, measured, "all", is_whole);
    let open_max = open_max(bench)?;
    let row = format!("the same: what arrives twice, of {open_max} under way at each kill at most");
    let most = kills * open_max;
    let is_met = killed.again <= most;
    table.promise(row, thousands(killed.again), &format!("≤ {}", thousands(most)), is_met);
    let sum = |of: fn(&Run) -> usize| alone.iter().chain(&among).map(of).sum::<usize>();
    let (came, wanted, again) = (sum(|run| run.came), sum(|run| run.wanted), sum(|run| run.again));
    let measured = format!("{} of {}, {again} of them twice", thousands(came), thousands(wanted));
    let is_clean = came == wanted && again == 0;
    table.promise("without kills: what arrives".into(), measured, "all, once", is_clean);
    let peaks: Vec<_> = among.iter().map(|run| run.peak).chain([killed.peak]).collect();
    let peak = quantile(&peaks, 1.0).unwrap_or(f64::NAN);
    let measured = format!("{peak:.1} MiB ({})", listed(&peaks, 1));
    table.target("peak memory of these runs".into(), measured, "≤ 48 MiB", peak <= MIB_MAX);
    let measured = format!("{:.1} s, the slowest {:.1} s", killed.p95, killed.slowest);
    table.note("95 % of the posts are there, with the kills".into(), measured);
    Ok(())
}

fn people_of(manner: &str, number: usize) -> Vec<Person> {
    let host = crate::peers::host(manner, number);
    (0..ON_EACH).map(|one| Person::new(&host, &format!("u{one}"), number % 2 == 1)).collect()
}

/// Messages that can be under way, as the program says.
fn open_max(bench: &Bench) -> Outcome<usize> {
    let said = Command::new(&bench.binary).args(["limits", "--format", "json"]).output()?.stdout;
    let lines = String::from_utf8(said)?;
    let mut lines = lines.lines().map(serde_json::from_str::<Value>).filter_map(Result::ok);
    let limit = lines.find(|line| line["name"] == "deliver::OPEN_MAX");
    let number = limit.and_then(|limit| limit["value"].as_u64());
    Ok(usize::try_from(number.ok_or("`sitegen limits` does not say what is under way")?)?)
}

/// Publishes posts, and waits until all of `well` have them. The kills come evenly, by how much has
/// arrived.
fn run(
    bench: &Bench,
    name: &str,
    followers: &[Person],
    well: &[Person],
    posts: usize,
    kills: usize,
) -> Outcome<Run> {
    let scene = bench.scene(name, followers)?;
    let inboxes: HashSet<String> = well.iter().map(Person::target).collect();
    let wanted = inboxes.len() * posts;
    *bench.peers.seen() = Seen::default();
    let mut office = scene.start()?;
    office.wait_for("events: this is the first look")?;
    scene.publish(posts)?;
    let begun = Instant::now();
    check(office.port)?;
    let (mut killed, mut peak) = (0, 0_f64);
    loop {
        sleep(Duration::from_millis(5));
        let came = bench.peers.seen().posts.len();
        if came >= wanted || begun.elapsed() > RUN_MAX {
            break;
        }
        if killed < kills && came > wanted * (killed + 1) / (kills + 1) {
            peak = peak.max(office.peak_mib()?);
            office.kill()?;
            killed += 1;
            office = scene.start()?;
        }
    }
    let seconds = begun.elapsed().as_secs_f64();
    peak = peak.max(office.peak_mib()?);
    // What comes now came before.
    sleep(Duration::from_secs(1));
    office.kill()?;
    let seen = bench.peers.seen();
    let mut took = Vec::new();
    for inbox in inboxes {
        for number in 1..=posts {
            let first = seen.posts.get(&(inbox.clone(), message(number)));
            took.extend(first.map(|first| first.duration_since(begun).as_secs_f64()));
        }
    }
    let run = Run {
        came: took.len(),
        wanted,
        p95: quantile(&took, 0.95).unwrap_or(f64::INFINITY),
        slowest: quantile(&took, 1.0).unwrap_or(f64::INFINITY),
        again: seen.again,
        kills: killed,
        peak,
        seconds,
    };
    crate::say(&format!(
        "{name}: {}/{wanted} in {seconds:.1} s, p95 {:.1} s, slowest {:.1} s, {} again, {killed} \
         kills, peak {:.1} MiB, {} connections",
        run.came, run.p95, run.slowest, run.again, run.peak, seen.connections
    ));
    Ok(run)
}

/// Asks for a look at the site.
fn check(port: u16) -> Outcome<()> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    let request = "POST /ap/check HTTP/1.1\r\nHost: party.example\r\nContent-Length: 0\r\n\
                   Connection: close\r\n\r\n";
    stream.write_all(request.as_bytes())?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    if answer.starts_with("HTTP/1.1 202") { Ok(()) } else { Err(answer.into()) }
}
