//! Brings a built site to a target, so that nothing points to what is not there yet.
//!
//! [`survey`] asks the target what an earlier deploy has left and makes a plan; [`carry_out`] does
//! it. Both know a target as a [`Remote`]: something that reads, puts and removes files. Before the
//! first change the ledger on the target says what is uncertain from now on, so that the next
//! deploy can mend whatever interrupts this one; and nothing is overwritten or removed that no
//! deploy has put there.

mod error;
mod ledger;
mod plan;
pub(crate) mod remote;
#[cfg(test)]
mod tests;
mod trouble;

use core::time::Duration;
use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

pub(crate) use error::{DeployError, names};
pub(crate) use ledger::LEDGER_PATH;
pub(crate) use ledger::Ledger;
use ledger::{Going, State, Unreadable};
pub(crate) use plan::{LocalFile, Plan, Upload};
use remote::{Remote, Thing};
pub(crate) use trouble::{Kind, Trouble};

use crate::path::folders_above;

/// A deploy of another machine that has not said anything for so long has been interrupted: a large
/// file over a slow line takes long.
const GOING_MAX: SignedDuration = SignedDuration::from_mins(60);

/// After so many files, or so many bytes, the ledger is written again.
const CHECKPOINT_FILES: usize = 100;
const CHECKPOINT_BYTES: u64 = 16 << 20;

/// How long is waited before a question is asked again.
const DELAYS: [Duration; 4] = [
    Duration::from_secs(1),
    Duration::from_secs(4),
    Duration::from_secs(10),
    Duration::from_secs(30),
];

/// What lies at the top of many targets before anybody has put anything there.
const HARMLESS: &[&str] = &[".", "..", ".well-known", "lost+found", "cgi-bin", ".git", ".snapshot"];

/// What is to be brought, and for whom.
#[derive(Clone, Debug)]
pub(crate) struct Job {
    /// The address of the site, without a slash at the end.
    pub(crate) site: String,
    /// The state of `published.toml`.
    pub(crate) serial: u64,
    pub(crate) files: Vec<LocalFile>,
    /// Stands for the folder of the site.
    pub(crate) from: String,
    /// Stands for this deploy.
    pub(crate) run: String,
    /// Overwrite what no deploy has put there.
    pub(crate) take_over: bool,
    /// Deploy an older state, or beside another deploy.
    pub(crate) force: bool,
    /// Put there again what the ledger says is there.
    pub(crate) all: bool,
    /// The ledger as a deploy from this folder has last left it, if that is known.
    pub(crate) last: Option<Ledger>,
}

/// What the world does for a deploy.
pub(crate) struct World<'w> {
    pub(crate) now: &'w dyn Fn() -> Timestamp,
    pub(crate) sleep: &'w dyn Fn(Duration),
    pub(crate) progress: &'w dyn Fn(Step<'_>),
    /// Keeps the ledger that is there now, for [`Job::last`] of the next deploy.
    pub(crate) remember: &'w dyn Fn(&Ledger),
}

/// What a deploy is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step<'s> {
    /// This file has arrived.
    Put(&'s str),
    /// So many files are removed.
    Removed(usize),
    /// It waits, for it could not be done, and tries again.
    Again(&'s Trouble, Duration),
}

/// What is there, and what has to be done.
#[derive(Debug)]
pub(crate) struct Survey {
    /// The ledger as it was found, by which a change since then is seen.
    found: Option<Ledger>,
    /// What of it counts.
    there: Option<Ledger>,
    pub(crate) plan: Plan,
    /// What others have put there, and is overwritten because the place is taken over.
    pub(crate) overwritten: Vec<String>,
}

impl Survey {
    /// How many files earlier deploys have put there.
    pub(crate) fn files_there(&self) -> usize {
        self.there.as_ref().map_or(0, |ledger| ledger.files.len())
    }

    /// Whether nothing has to be done, not even to the ledger.
    pub(crate) fn is_done(&self, job: &Job) -> bool {
        self.plan.is_empty()
            && self.there.as_ref().is_some_and(|there| {
                there.state == State::Done && there.serial == job.serial && there.site == job.site
            })
    }

    /// The ledger that was found.
    pub(crate) fn found(&self) -> Option<&Ledger> {
        self.found.as_ref()
    }

    /// Whether an earlier deploy was interrupted.
    pub(crate) fn is_resumed(&self) -> bool {
        self.there.as_ref().is_some_and(|there| there.state != State::Done)
    }
}

/// Asks the target what lies there.
///
/// # Errors
///
/// When it cannot be asked, or must not be changed.
pub(crate) fn survey(
    remote: &mut dyn Remote,
    job: &Job,
    world: &World<'_>,
) -> Result<Survey, DeployError> {
    let found = read_ledger(remote, world)?;
    let mut there = found.clone();
    if let Some(there) = &mut there {
        refuse(there, job, (world.now)())?;
        if there.site != job.site {
            // Taken over. What the other site has beside this one stays, and is nobody's.
            let ours: BTreeSet<&str> = job.files.iter().map(|file| file.path.as_str()).collect();
            there.files.retain(|path, _| ours.contains(path.as_str()));
        }
        if job.all {
            there.files.values_mut().for_each(|hash| *hash = None);
        }
    }
    let plan = Plan::new(job.files.clone(), there.as_ref());
    let mut new: Vec<&str> = plan.new_paths().collect();
    if there.is_none() && !job.take_over {
        let names = again(world, || remote.names())?;
        let is_harmless = |name: &String| HARMLESS.contains(&name.as_str());
        let (harmless, strange): (Vec<String>, _) = names.into_iter().partition(is_harmless);
        if !strange.is_empty() {
            return Err(DeployError::NotOurs(strange));
        }
        // Something of others' may lie in them all the same.
        let top = |path: &str| path.split('/').next().unwrap_or_default().to_owned();
        new.retain(|path| harmless.contains(&top(path)));
    }
    let contested = contested(remote, &new, there.as_ref(), world)?;
    if !contested.is_empty() && !job.take_over {
        return Err(DeployError::Contested(contested));
    }
    Ok(Survey { found, there, plan, overwritten: contested })
}

/// What others have put where new files have to go: files and folders in their place, and files in
/// place of the folders above them.
fn contested(
    remote: &mut dyn Remote,
    new: &[&str],
    there: Option<&Ledger>,
    world: &World<'_>,
) -> Result<Vec<String>, DeployError> {
    let nothing = BTreeMap::new();
    let ours = there.map_or(&nothing, |ledger| &ledger.files);
    let has_ours_below = |folder: &str| {
        let inside = format!("{folder}/");
        let next = ours.range(inside.clone()..).next();
        next.is_some_and(|(path, _)| path.starts_with(&inside))
    };
    let has_folders = remote.has_folders();
    let folders: BTreeSet<&str> = new
        .iter()
        .filter(|_| has_folders)
        .flat_map(|path| folders_above(path))
        .filter(|folder| !has_ours_below(folder) && !ours.contains_key(*folder))
        .collect();
    let asked: Vec<&str> = new.iter().copied().chain(folders.iter().copied()).collect();
    if asked.is_empty() {
        return Ok(Vec::new());
    }
    let found = again(world, || remote.look(&asked))?;
    let is_contested = |(path, thing): &(String, Thing)| match thing {
        Thing::File => true,
        Thing::Folder => !folders.contains(path.as_str()) && !has_ours_below(path),
    };
    Ok(found.into_iter().filter(is_contested).map(|(path, _)| path).collect())
}

fn read_ledger(remote: &mut dyn Remote, world: &World<'_>) -> Result<Option<Ledger>, DeployError> {
    let Some(bytes) = again(world, || remote.read(LEDGER_PATH))? else { return Ok(None) };
    let text = String::from_utf8(bytes).map_err(|_| DeployError::Unreadable)?;
    match Ledger::parse(&text) {
        Ok(ledger) => Ok(Some(ledger)),
        Err(Unreadable::Newer) => Err(DeployError::Newer),
        Err(Unreadable::Damaged) => Err(DeployError::Unreadable),
    }
}

/// Looks whether what lies there may be replaced.
fn refuse(there: &Ledger, job: &Job, now: Timestamp) -> Result<(), DeployError> {
    if there.site != job.site && !job.take_over {
        return Err(DeployError::OtherSite(there.site.clone()));
    }
    if job.force {
        return Ok(());
    }
    if let State::Going(Going { from, at, .. }) = &there.state
        && *from != job.from
        && now.duration_since(*at).abs() < GOING_MAX
    {
        return Err(DeployError::Going(*at));
    }
    if there.site != job.site {
        return Ok(());
    }
    if there.serial > job.serial {
        return Err(DeployError::Older { there: there.serial, here: job.serial });
    }
    let undone = undone(there, job);
    if undone.is_empty() { Ok(()) } else { Err(DeployError::Undone(undone)) }
}

/// What was changed there from elsewhere since the last deploy from this folder, and would be as
/// before again: the folder does not know of it.
fn undone(there: &Ledger, job: &Job) -> Vec<String> {
    let Some(last) = job.last.as_ref().filter(|last| last.site == there.site) else {
        return Vec::new();
    };
    let ours: BTreeMap<&str, &str> =
        job.files.iter().map(|file| (file.path.as_str(), file.hash.as_str())).collect();
    let is_undone = |path: &&String| {
        let (last, there) = (last.files.get(*path), there.files.get(*path));
        if last == there {
            return false;
        }
        // What is not certain says nothing.
        match (last, there, ours.get(path.as_str())) {
            (None, Some(Some(_)), None) => true,
            (Some(Some(last)), None | Some(Some(_)), Some(ours)) => last == ours,
            _ => false,
        }
    };
    let paths: BTreeSet<&String> = last.files.keys().chain(there.files.keys()).collect();
    paths.into_iter().filter(is_undone).cloned().collect()
}

/// Does what was planned.
///
/// # Errors
///
/// When it could not be done to its end; the next deploy goes on from there.
pub(crate) fn carry_out(
    remote: &mut dyn Remote,
    job: &Job,
    survey: Survey,
    world: &World<'_>,
) -> Result<(), DeployError> {
    let Survey { found, there, plan, overwritten: _ } = survey;
    // A person may have thought about it for a while.
    if read_ledger(remote, world)? != found {
        return Err(Trouble::new(Kind::Overtaken, "").into());
    }
    let files = there.map(|there| there.files).unwrap_or_default();
    let (from, run) = (&job.from, &job.run);
    let going = || State::Going(Going { from: from.clone(), run: run.clone(), at: (world.now)() });
    let (site, serial) = (job.site.clone(), job.serial);
    let mut ledger = Ledger { site, serial, state: going(), files };
    let uncertain = plan.uploads.iter().map(|upload| &upload.file.path);
    for path in uncertain.chain(&plan.in_the_way).chain(&plan.removals) {
        ledger.files.insert(path.clone(), None);
    }
    let journals = !remote.is_at_once();
    if journals {
        write_ledger(remote, &ledger, world)?;
        (world.remember)(&ledger);
        still_ours(remote, job, world)?;
    }
    if !plan.in_the_way.is_empty() {
        remove(remote, &plan.in_the_way, &mut ledger, world)?;
    }
    let (mut files, mut bytes) = (0, 0);
    for batch in plan.batches() {
        if journals && (files >= CHECKPOINT_FILES || bytes >= CHECKPOINT_BYTES) {
            still_ours(remote, job, world)?;
            ledger.state = going();
            write_ledger(remote, &ledger, world)?;
            (world.remember)(&ledger);
            (files, bytes) = (0, 0);
        }
        put(remote, batch, &mut ledger, world)?;
        files += batch.len();
        bytes += batch.iter().map(|upload| upload.file.size).sum::<u64>();
    }
    still_ours(remote, job, world)?;
    if !plan.removals.is_empty() {
        remove(remote, &plan.removals, &mut ledger, world)?;
        still_ours(remote, job, world)?;
    }
    ledger.state = State::Done;
    write_ledger(remote, &ledger, world)?;
    again(world, || remote.finish())?;
    (world.remember)(&ledger);
    Ok(())
}

/// Stops when another deploy has begun since. Where all happens at once, the end would tell.
fn still_ours(remote: &mut dyn Remote, job: &Job, world: &World<'_>) -> Result<(), DeployError> {
    if remote.is_at_once() {
        return Ok(());
    }
    let is_ours = |state: &State| matches!(state, State::Going(going) if going.run == job.run);
    let there = read_ledger(remote, world)?;
    if there.is_some_and(|there| is_ours(&there.state)) {
        return Ok(());
    }
    Err(Trouble::new(Kind::Overtaken, "").into())
}

fn write_ledger(
    remote: &mut dyn Remote,
    ledger: &Ledger,
    world: &World<'_>,
) -> Result<(), DeployError> {
    let text = ledger.write();
    Ok(again(world, || remote.write(LEDGER_PATH, text.as_bytes()))?)
}

/// Puts files there, and notes each that has arrived. What was interrupted goes on behind it.
fn put(
    remote: &mut dyn Remote,
    batch: &[Upload],
    ledger: &mut Ledger,
    world: &World<'_>,
) -> Result<(), DeployError> {
    let mut rest: Vec<&Upload> = batch.iter().collect();
    again(world, || {
        let mut arrived = BTreeSet::new();
        let result = remote.put(&rest, &mut |upload| {
            let file = &upload.file;
            (world.progress)(Step::Put(&file.path));
            ledger.files.insert(file.path.clone(), Some(file.hash.clone()));
            arrived.insert(file.path.clone());
        });
        rest.retain(|upload| !arrived.contains(&upload.file.path));
        result
    })?;
    Ok(())
}

fn remove(
    remote: &mut dyn Remote,
    paths: &[String],
    ledger: &mut Ledger,
    world: &World<'_>,
) -> Result<(), DeployError> {
    again(world, || remote.remove(paths))?;
    (world.progress)(Step::Removed(paths.len()));
    for path in paths {
        ledger.files.remove(path);
    }
    Ok(())
}

/// Asks, and when that fails for a reason that passes, asks again.
fn again<T>(world: &World<'_>, mut ask: impl FnMut() -> Result<T, Trouble>) -> Result<T, Trouble> {
    for delay in DELAYS {
        match ask() {
            Err(trouble) if trouble.is_passing() => {
                (world.progress)(Step::Again(&trouble, delay));
                (world.sleep)(delay);
            }
            other => return other,
        }
    }
    ask()
}
