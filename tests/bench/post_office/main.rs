//! Measures the post office from outside: the release binary, as a process of its own, with the
//! servers of followers around it. `tests/bench/office` builds what it needs and calls this.

mod client;
mod deliveries;
mod follows;
mod forged;
mod idle;
mod office;
mod peers;
mod people;
mod scene;
mod size;
mod slow;
mod table;

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, ValueEnum};
use tempfile::TempDir;
use tokio::runtime::Builder;
use tokio::task::LocalSet;

use peers::Peers;
use people::{Keys, Person};
use scene::Scene;
use table::Table;

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// Measures the post office and prints one table. Exits with 1 when a target is missed.
#[derive(Parser)]
#[command(name = "tests/bench/office")]
struct Options {
    /// A small run in less than two minutes, which judges no times and no sizes
    #[arg(long)]
    quick: bool,
    /// Print the table for a README
    #[arg(long)]
    markdown: bool,
    /// Measure only this; may be given several times
    #[arg(long, value_name = "WHAT")]
    only: Vec<Part>,
    /// The program to measure
    #[arg(long, hide = true)]
    binary: Option<PathBuf>,
    /// Where to write
    #[arg(long, hide = true)]
    target: Option<PathBuf>,
    /// Cargo adds it when it runs this itself
    #[arg(long, hide = true)]
    bench: bool,
}

/// What can be measured by itself.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    Idle,
    Follows,
    Deliveries,
    Slow,
    Forged,
    Size,
}

/// Measures something, and writes what it finds into the table.
type Measure = fn(&Bench, &mut Table) -> Outcome<()>;

/// What all measurements share.
struct Bench {
    binary: PathBuf,
    work: TempDir,
    target: PathBuf,
    keys: Keys,
    peers: Peers,
    is_quick: bool,
}

impl Bench {
    /// A post office in a folder of its own, with these followers of `news`.
    fn scene(&self, name: &str, people: &[Person]) -> Outcome<Scene<'_>> {
        self.scene_of(&self.binary, name, people)
    }

    /// The same of another build of the program.
    fn scene_of<'a>(&self, binary: &'a Path, name: &str, people: &[Person]) -> Outcome<Scene<'a>> {
        let folder = self.work.path().join(name);
        Scene::new(binary, folder, &self.keys, &self.peers, people)
    }

    /// One number for a full run, another one for a quick one.
    fn size<T>(&self, full: T, quick: T) -> T {
        if self.is_quick { quick } else { full }
    }
}

fn main() -> Outcome<ExitCode> {
    let options = Options::parse();
    let (Some(binary), Some(target)) = (options.binary, options.target) else {
        println!("run tests/bench/office");
        return Ok(ExitCode::SUCCESS);
    };
    std::fs::create_dir_all(&target)?;
    let keys = Keys::new()?;
    let bench = Bench {
        binary,
        work: TempDir::with_prefix_in("run-", &target)?,
        peers: Peers::start(&keys)?,
        keys,
        target,
        is_quick: options.quick,
    };
    let mut table = Table::new(!options.quick);
    let wanted = |part| options.only.is_empty() || options.only.contains(&part);
    let parts: [(Part, Measure); 6] = [
        (Part::Idle, idle::measure),
        (Part::Follows, follows::measure),
        (Part::Deliveries, deliveries::measure),
        (Part::Slow, slow::measure),
        (Part::Forged, forged::measure),
        (Part::Size, size::measure),
    ];
    for (part, measure) in parts {
        if wanted(part) && !(bench.is_quick && part == Part::Size) {
            measure(&bench, &mut table)?;
        }
    }
    print!("{}", if options.markdown { table.markdown() } else { table.text() });
    Ok(if table.is_missed() { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// What is going on, apart from the results.
fn say(text: &str) {
    eprintln!("== {text}");
}

/// Does many things at once, in this thread.
fn at_once<T>(future: impl Future<Output = Outcome<T>>) -> Outcome<T> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    LocalSet::new().block_on(&runtime, future)
}

/// Followers on servers that take everything, from the first one on; on every second server all
/// read one inbox.
fn people(manner: &str, hosts: usize, on_each: usize) -> Vec<Person> {
    let all = (0..hosts).flat_map(|host| (0..on_each).map(move |person| (host, person)));
    all.map(|(host, person)| {
        Person::new(&peers::host(manner, host), &format!("u{person}"), host % 2 == 1)
    })
    .collect()
}

/// The value below which a share of all lies, from 0 to 1.
fn quantile<T: Copy + PartialOrd>(all: &[T], share: f64) -> Option<T> {
    let mut sorted = all.to_vec();
    sorted.sort_by(|a, b| a.partial_cmp(b).unwrap_or(std::cmp::Ordering::Equal));
    // Ranks are small, and not negative.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)]
    let rank = (share * sorted.len() as f64).ceil() as usize;
    sorted.get(rank.saturating_sub(1)).copied()
}

/// The middle one of some values.
fn median(all: &[f64]) -> f64 {
    quantile(all, 0.5).unwrap_or(f64::NAN)
}

/// A number as it is shown: `10,000`.
fn thousands(number: usize) -> String {
    match number {
        0..1_000 => number.to_string(),
        _ => format!("{},{:03}", thousands(number / 1_000), number % 1_000),
    }
}

/// Some values as they are shown: `12.3, 12.5`.
fn listed(all: &[f64], decimals: usize) -> String {
    all.iter().map(|value| format!("{value:.decimals$}")).collect::<Vec<_>>().join(", ")
}
