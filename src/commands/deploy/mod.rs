//! `sitegen deploy`: brings the site to where it is served, and looks whether it arrived.

mod after;
mod memory;
mod tell;

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Instant;

use jiff::Timestamp;

use super::output::{confirm, counted};
use super::{CommandError, Exit, build, config_of, find_root};
use crate::cli::{Build, Deploy, Global, Public, Selection};
use crate::config::{Config, DeployTarget, Way};
use crate::deploy::remote::{Remote, open, run_command};
use crate::deploy::{
    DeployError, Job, Ledger, LocalFile, Plan, Survey, World, carry_out, names, survey,
};
use crate::diagnostic::nearest;
use crate::doctor::live::Manner;
use crate::load::{Inputs, record};
use crate::write::{Lock, Standing, made};

use after::Deployed;
use memory::{Memory, place_number, random_number};
use tell::Teller;

pub(super) fn run(arguments: &Deploy, global: &Global) -> Result<Exit, CommandError> {
    let root = find_root(global)?;
    let config = config_of(&Inputs::read_config(&root, &global.config)?, None);
    // What is wrong with a target is said before anything is built for it.
    let chosen = choose(&config.deploy, arguments.target.as_deref(), global).cloned();
    if !arguments.no_build {
        let exit = build::run(&build_arguments(arguments), global)?;
        if exit != Exit::Fine {
            return Ok(exit);
        }
    }
    let target = chosen?;
    let _lock = Lock::take(&root)?;
    let output = root.join(&config.output_dir);
    let last = Memory::of(&root, &target)?.last();
    let job = Job { last, ..job_of(&root, &output, &config, arguments, global)? };
    let teller = Teller::new(global, &target);
    let arrived = match &target.way {
        Way::Command(run) => by_command(run, &root, &output, arguments, &teller)?,
        _ => by_remote(&target, &job, &root, &output, arguments, &teller)?,
    };
    let Some(changed) = arrived else { return Ok(Exit::Fine) };
    let deployed = Deployed { job: &job, target: &target, changed: &changed, config: &config };
    if arguments.no_verify || !target.verify {
        let live = super::doctor::live(&arguments.net, Manner::DOCTOR)?;
        after::tell_office(&live, &deployed, &teller);
        return Ok(Exit::Fine);
    }
    after::verify(&deployed, arguments, global, &teller)
}

/// Paths that a deploy has changed on the target.
type Changed = BTreeSet<String>;

/// Plans and does it. None when nothing was to be done in earnest.
fn by_remote(
    target: &DeployTarget,
    job: &Job,
    root: &Path,
    output: &Path,
    arguments: &Deploy,
    teller: &Teller<'_>,
) -> Result<Option<Changed>, CommandError> {
    let start = Instant::now();
    let failed = |trouble| CommandError::from(DeployError::from(trouble));
    teller.asking();
    let Some(mut remote) = open(target, root, output, arguments.take_over).map_err(failed)? else {
        return Ok(None);
    };
    let remote: &mut dyn Remote = &mut *remote;
    let progress = |step: crate::deploy::Step<'_>| teller.step(step);
    let memory = Memory::of(root, target)?;
    let remember = |ledger: &Ledger| memory.keep(ledger);
    let (now, sleep) = (&Timestamp::now, &std::thread::sleep);
    let world = World { now, sleep, progress: &progress, remember: &remember };
    let found = survey(remote, job, &world)?;
    teller.plan(&found, arguments.dry_run);
    if arguments.dry_run {
        return Ok(None);
    }
    if found.is_done(job) {
        // The folder has what came from elsewhere.
        found.found().into_iter().for_each(remember);
        teller.done(&found.plan, start.elapsed());
        return Ok(Some(Changed::new()));
    }
    ask_about_removals(&found, target, arguments)?;
    let changed = found.plan.uploads.iter().map(|upload| upload.file.path.clone()).collect();
    let plan = found.plan.clone();
    teller.begin(&plan);
    let result = carry_out(remote, job, found, &world);
    teller.end();
    result?;
    teller.done(&plan, start.elapsed());
    Ok(Some(changed))
}

/// Asks a person whether so many files may go, where there are many.
fn ask_about_removals(
    found: &Survey,
    target: &DeployTarget,
    arguments: &Deploy,
) -> Result<(), CommandError> {
    let max = arguments.max_deletes.or(target.max_deletes);
    let (max, count) = (Plan::may_remove(max, found.files_there()), found.plan.removed());
    if count <= max {
        return Ok(());
    }
    let plan = &found.plan;
    let mut paths: Vec<String> = plan.in_the_way.iter().chain(&plan.removals).cloned().collect();
    // People know their pages.
    paths.sort_by_key(|path| !path.ends_with(".html"));
    let what =
        format!("{} would be removed from the target: {}", counted(count, "file"), names(&paths));
    match confirm(&what, &format!("--max-deletes {count}")) {
        Ok(true) => Ok(()),
        Ok(false) | Err(CommandError::Usage(_)) => {
            Err(DeployError::TooManyRemovals(count, max).into())
        }
        Err(other) => Err(other),
    }
}

fn by_command(
    run: &[String],
    root: &Path,
    output: &Path,
    arguments: &Deploy,
    teller: &Teller<'_>,
) -> Result<Option<Changed>, CommandError> {
    teller.command(run, output, arguments.dry_run);
    if arguments.dry_run {
        return Ok(None);
    }
    let failed = |trouble| CommandError::from(DeployError::from(trouble));
    let status = run_command(run, root, output).map_err(failed)?;
    if !status.success() {
        let program = run.first().cloned().unwrap_or_default();
        return Err(DeployError::Command(program, status.to_string()).into());
    }
    Ok(Some(Changed::new()))
}

fn build_arguments(arguments: &Deploy) -> Build {
    let public = Public { drafts: false, future: false, clock: None };
    Build {
        selection: Selection { base_url: None, public },
        output_dir: None,
        strict: arguments.strict,
        keep_going: false,
        locked: false,
        record: false,
        force: false,
        no_cache: false,
    }
}

/// The target that is meant.
fn choose<'t>(
    targets: &'t [DeployTarget],
    name: Option<&str>,
    global: &Global,
) -> Result<&'t DeployTarget, CommandError> {
    let names: Vec<&str> = targets.iter().map(|target| target.name.as_str()).collect();
    let all = names.join(", ");
    let message = match (name, targets) {
        (None, [target]) => return Ok(target),
        (_, []) => format!(
            "{} names no place that the site could be brought to; write `[deploy.web]` at its end, \
             and below it `by = \"rsync\"` and `to = \"me@web.example:/var/www/site\"`, with your \
             own names, or what \"Put it online\" in README.md has for your host",
            global.config
        ),
        (None, _) => format!("which target: {all}? Say `sitegen deploy NAME`"),
        (Some(name), _) => {
            let found = targets.iter().find(|target| target.name == name);
            if let Some(target) = found {
                return Ok(target);
            }
            let near = nearest(name, names.iter().copied());
            let near = near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
            format!("there is no target `{name}`, only {all}{near}")
        }
    };
    Err(CommandError::Usage(message))
}

/// What is to be deployed: the output as the last build left it.
fn job_of(
    root: &Path,
    output: &Path,
    config: &Config,
    arguments: &Deploy,
    global: &Global,
) -> Result<Job, CommandError> {
    let not_built = |reason: &str| {
        CommandError::Usage(format!("{}: {reason}; run `sitegen build`", output.display()))
    };
    let domain = config.home_url.nobodys().filter(|domain| !domain.ends_with(".example"));
    if let Some(domain) = domain {
        return Err(CommandError::Usage(format!(
            "`base_url` in {} is still on `{domain}`, which nobody can have; write your own domain",
            global.config
        )));
    }
    if config.home_url.is_loopback() {
        return Err(CommandError::Usage(format!(
            "`base_url` in {} is `{}`, which only this machine can reach; write the address that \
             people will use",
            global.config,
            config.home_url.as_str()
        )));
    }
    let Some(files) = made(root, output)? else { return Err(not_built("nothing was built here")) };
    if build::is_preview(root) {
        return Err(not_built("the last build was a preview, with pages that are not public"));
    }
    let touched = files.iter().find(|file| file.standing != Standing::AsMade);
    if let Some(file) = touched {
        return Err(not_built(&format!("{} is not as the build left it", file.path)));
    }
    let files = files.into_iter().map(|file| LocalFile {
        path: file.path,
        rank: file.rank,
        hash: file.hash,
        size: file.size,
    });
    Ok(Job {
        site: config.home_url.as_str().trim_end_matches('/').to_owned(),
        serial: serial_of(root, config, global)?,
        files: files.collect(),
        from: place_number(root)?,
        run: random_number().map_err(|error| CommandError::Io("the system".into(), error))?,
        take_over: arguments.take_over,
        all: arguments.all,
        force: arguments.force,
        last: None,
    })
}

/// The state of `published.toml`; 0 without one.
fn serial_of(root: &Path, config: &Config, global: &Global) -> Result<u64, CommandError> {
    let inputs = Inputs::read_heads(root, &global.config)?;
    let Some(source) = &inputs.record else { return Ok(0) };
    record::read(source, config).map(|record| record.serial).map_err(|_| {
        CommandError::Usage(format!("{} cannot be read; run `sitegen check`", record::FILE))
    })
}
