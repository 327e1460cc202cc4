//! `sitegen status`: how the post office is doing, and whether it needs somebody.

use std::io;

use jiff::{SignedDuration, Timestamp};
use serde::{Serialize, Serializer};

use super::tell::{day, minute};
use super::{Place, counted};
use crate::cli::{Global, OutputFormat, Status};
use crate::commands::output::write_to;
use crate::commands::{CommandError, Exit};
use crate::diagnostic::visible;
use crate::disk::{Root, next_key};
use crate::office::store::posts::LastLook;
use crate::office::store::rotation::{self, Rotation};
use crate::office::store::status::DeadHost;
use crate::office::store::{self, Store, counters, followers, posts};

/// How long the site may go unseen: somebody who runs `sitegen deliver` once a day is well.
const UNSEEN_MAX: SignedDuration = SignedDuration::from_hours(25);

/// Version 1 of what `--format json` writes. Nobody who follows is named in it.
#[derive(Serialize)]
struct Report {
    version: u32,
    kind: &'static str,
    ok: bool,
    /// The site.
    site: String,
    /// Whether the post office runs, or a round of it.
    at_work: bool,
    accounts: Vec<Account>,
    /// Messages on their way, and those among them that wait for a first answer.
    queued: i64,
    waiting: i64,
    oldest: Option<Moment>,
    last_delivered: Option<Moment>,
    /// Servers that get messages, and those among all that cannot be reached.
    servers: i64,
    dead: i64,
    dead_servers: Vec<Dead>,
    /// Posts that wait for `sitegen deliver --confirm`.
    held: i64,
    /// Messages that were given up: ever, and since somebody took note.
    given_up: i64,
    given_up_unnoted: i64,
    /// Followers whose inbox is gone, ever.
    gone: i64,
    restored_from: Option<Moment>,
    /// What a person has to do, in whole sentences.
    needed: Vec<String>,
}

#[derive(Serialize)]
struct Account {
    user: String,
    followers: usize,
    pending: usize,
    parked: usize,
    looked: Option<Moment>,
    problem: Option<String>,
    /// A key that takes the place of another one.
    new_key: Option<NewKey>,
    /// Since when it says nothing more.
    retired: Option<Moment>,
}

/// How far a new key is.
#[derive(Serialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
enum NewKey {
    /// The site does not show it yet.
    Waiting,
    /// It signs. The old one is kept for what was in the queue before.
    Signing { since: Moment, old_until: Moment },
}

#[derive(Serialize)]
struct Dead {
    server: String,
    since: Moment,
    error: Option<String>,
}

/// A moment as in `2026-06-01T12:00:00Z`.
struct Moment(Timestamp);

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(&self.0)
    }
}

pub(super) fn run(arguments: &Status, global: &Global) -> Result<Exit, CommandError> {
    let Some(place) = Place::find(global)? else { return Ok(Exit::SiteErrors) };
    let store = place.store()?;
    if arguments.acknowledge {
        store.run(counters::acknowledge)?;
    }
    let now = Timestamp::now();
    let report = look(&place, &store, now)?;
    match global.format {
        OutputFormat::Json => {
            // Numbers and strings always become JSON.
            let line = serde_json::to_string(&report).unwrap_or_default();
            write_to(io::stdout(), &format!("{line}\n"));
        }
        OutputFormat::Human => {
            if !global.quiet {
                write_to(io::stdout(), &human(&report));
            }
            for needed in &report.needed {
                write_to(io::stderr(), &format!("warning: {}\n", visible(needed)));
            }
        }
    }
    Ok(if report.ok { Exit::Fine } else { Exit::SiteErrors })
}

fn look(place: &Place, store: &Store, now: Timestamp) -> Result<Report, CommandError> {
    let (status, looks) = store.read(|connection| {
        Ok((store::status::status(connection, now)?, posts::looks(connection)?))
    })?;
    let (rotations, retired) = store
        .read(|connection| Ok((rotation::all(connection)?, store::retired::all(connection)?)))?;
    let root = Root::open(&place.root);
    let root = root.map_err(|error| CommandError::Io(place.root.clone(), error))?;
    let mut accounts = Vec::new();
    for local in &place.settings.actors {
        let count = store.read(|connection| followers::count(connection, &local.user))?;
        let look = looks.iter().find(|look| look.user == local.user);
        // Before the first look, there may be an entry all the same.
        let look = look.filter(|look| look.at > Timestamp::UNIX_EPOCH);
        accounts.push(Account {
            user: local.user.clone(),
            followers: count.accepted,
            pending: count.pending,
            parked: count.parked,
            looked: look.map(|look: &LastLook| Moment(look.at)),
            problem: look.and_then(|look| look.problem.clone()),
            new_key: new_key(&root, &local.user, &rotations),
            retired: retired
                .iter()
                .find(|retired| retired.user == local.user)
                .map(|retired| Moment(retired.since)),
        });
    }
    let dead =
        |host: DeadHost| Dead { server: host.origin, since: Moment(host.since), error: host.error };
    let mut report = Report {
        version: 1,
        kind: "status",
        ok: true,
        site: place.settings.site.as_str().to_owned(),
        at_work: store::is_at_work(&place.store_path()),
        accounts,
        queued: status.queued,
        waiting: status.waiting,
        oldest: status.oldest.map(Moment),
        last_delivered: status.last_delivered.map(Moment),
        servers: status.hosts,
        dead: status.dead,
        dead_servers: status.dead_hosts.into_iter().map(dead).collect(),
        held: status.held,
        given_up: status.expired,
        given_up_unnoted: status.expired_unnoted,
        gone: status.gone,
        restored_from: status.restored_from.map(Moment),
        needed: Vec::new(),
    };
    report.needed = needed(&report, now);
    report.ok = report.needed.is_empty();
    Ok(report)
}

/// Whether a user goes over to a new key. It is not read: to look needs no keys.
fn new_key(root: &Root, user: &str, rotations: &[Rotation]) -> Option<NewKey> {
    match rotations.iter().find(|rotation| rotation.user == user) {
        Some(rotation) => {
            let (since, old_until) = (Moment(rotation.since), Moment(rotation.until()));
            Some(NewKey::Signing { since, old_until })
        }
        None => next_key::is_there(root, user).then_some(NewKey::Waiting),
    }
}

/// What a person has to do, each with how.
fn needed(report: &Report, now: Timestamp) -> Vec<String> {
    let mut needed = Vec::new();
    let run = "run `sitegen inbox`, or `sitegen deliver` from time to time";
    for Account { user, looked, problem, .. } in &report.accounts {
        match looked {
            None => needed.push(format!("The site was never looked at for @{user}: {run}.")),
            Some(Moment(at)) if now.duration_since(*at) > UNSEEN_MAX => needed.push(format!(
                "The site was last looked at for @{user} on {}, and what is new there since then \
                 has not gone out: {run}.",
                minute(*at)
            )),
            Some(_) => {}
        }
        if let Some(problem) = problem {
            needed.push(format!("@{user}: {problem}"));
        }
    }
    if report.held > 0 {
        needed.push(format!(
            "{} held back, because more would have gone out at once than people write in a day. \
             If they are right, run `sitegen deliver --confirm`; otherwise mend the site first.",
            are(report.held, "post")
        ));
    }
    if report.given_up_unnoted > 0 {
        needed.push(format!(
            "{} given up, because a server did not take them for eight days. Nothing more can be \
             done for them; `sitegen status --acknowledge` takes note.",
            are(report.given_up_unnoted, "message")
        ));
    }
    if let Some(Moment(made)) = report.restored_from {
        needed.push(format!(
            "The followers come from a backup of {}. Whoever has left since then follows again, \
             and whoever has come since is missing until they follow again; `sitegen status \
             --acknowledge` takes note.",
            minute(made)
        ));
    }
    needed
}

/// `1 post is`, `2 posts are`.
fn are(count: i64, what: &str) -> String {
    let verb = if count == 1 { "is" } else { "are" };
    format!("{} {verb}", number(count, what))
}

fn number(count: i64, what: &str) -> String {
    counted(usize::try_from(count).unwrap_or(0), what)
}

fn shown(moment: Option<&Moment>, otherwise: &str) -> String {
    moment.map_or(otherwise.to_owned(), |moment| minute(moment.0))
}

fn human(report: &Report) -> String {
    let mut lines = vec![format!(
        "The post office of {} is {}at work.",
        report.site,
        if report.at_work { "" } else { "not " }
    )];
    for account in &report.accounts {
        let Account { user, followers, pending, parked, looked, new_key, retired, .. } = account;
        let mut line = format!("  @{user}  {}", counted(*followers, "follower"));
        if *pending > 0 {
            line.push_str(&format!(", {pending} more wait for your answer"));
        }
        if *parked > 0 {
            line.push_str(&format!(", {parked} of them cannot be reached"));
        }
        let looked = shown(looked.as_ref(), "never");
        lines.push(format!("{line}; site last looked at: {looked}"));
        if let Some(since) = retired {
            lines.push(format!("    has ended on {}, and says nothing more", day(since.0)));
        }
        match new_key {
            None => {}
            Some(NewKey::Waiting) => lines.push(
                "    a new key waits until the site shows it: build the site and upload it"
                    .to_owned(),
            ),
            Some(NewKey::Signing { since, old_until }) => lines.push(format!(
                "    signs with its new key since {}; the old one is kept until {}",
                minute(since.0),
                minute(old_until.0)
            )),
        }
    }
    let since =
        report.oldest.as_ref().map(|oldest| format!(", the oldest since {}", minute(oldest.0)));
    let waiting = match report.waiting {
        0 => String::new(),
        count => format!("; {count} of them until their server has taken a first answer"),
    };
    let queued = number(report.queued, "message");
    let row = |what: &str, text: &str| format!("  {what:15}{text}");
    lines.push(row("on their way", &format!("{queued}{}{waiting}", since.unwrap_or_default())));
    lines.push(row("last arrived", &shown(report.last_delivered.as_ref(), "nothing yet")));
    lines.push(row("held back", &number(report.held, "post")));
    lines.push(row("given up", &format!("{} ever", number(report.given_up, "message"))));
    lines.push(row(
        "servers",
        &format!("{}; {} cannot be reached", number(report.servers, "server"), report.dead),
    ));
    for Dead { server, since, error } in &report.dead_servers {
        let error = error.as_ref().map_or(String::new(), |error| format!(": {error}"));
        lines.push(row("", &format!("{server} since {}{error}", day(since.0))));
    }
    if report.gone > 0 {
        lines.push(row("gone", &format!("{} ever", number(report.gone, "follower"))));
    }
    lines.iter().map(|line| format!("{}\n", visible(line))).collect()
}
