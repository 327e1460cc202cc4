//! After a deploy: whether the live site has it, and whether the post office knows.

use std::time::Duration;

use serde_json::json;

use super::Changed;
use super::tell::Teller;
use crate::cli::{Deploy, Global};
use crate::commands::doctor::{examine_live, live};
use crate::commands::output::grouped;
use crate::commands::{CommandError, Exit};
use crate::config::{Config, DeployTarget, Way};
use crate::deploy::Job;
use crate::diagnostic::visible;
use crate::doctor::ask::{Ask as _, Method, Request};
use crate::doctor::live::{Live, Manner};
use crate::host::served_type;
use crate::path::OutputPath;
use crate::verify::Means;
use crate::verify::compare::{Wanted, compare};
use crate::verify::finding::{Finding, Severity};

/// Of the files that have changed, and of those that have not, so many are asked for.
const CHANGED_MAX: usize = 60;
const OTHERS_MAX: usize = 20;

/// So many findings are shown.
const SHOWN_MAX: usize = 10;

/// A host of pages takes what is pushed to it when it likes, and some take minutes.
const HOST_DELAY: Duration = Duration::from_secs(15);
const HOST_LOOKS_MAX: u32 = 20;

/// Any may keep a file for a moment.
const DELAYS: [Duration; 2] = [Duration::from_secs(2), Duration::from_secs(6)];

/// What a deploy looks at when it is done.
pub(super) struct Deployed<'d> {
    pub(super) job: &'d Job,
    pub(super) target: &'d DeployTarget,
    pub(super) changed: &'d Changed,
    pub(super) config: &'d Config,
}

/// Asks the live site what visitors and other servers ask it.
pub(super) fn verify(
    deployed: &Deployed<'_>,
    arguments: &Deploy,
    global: &Global,
    teller: &Teller<'_>,
) -> Result<Exit, CommandError> {
    let live = live(&arguments.net, Manner::VERIFY)?;
    let wanted = deployed.sample();
    let findings = deployed.compare(&live, &wanted, teller);
    if let [first, ..] = &findings[..]
        && findings.iter().all(|finding| finding.severity == Severity::Unknown)
    {
        teller.finding(
            &format!("{} could not be asked whether it has arrived: {}", first.url, first.message),
            "is the site online at `base_url` yet? `--no-verify`, or `verify = false` for the \
             target in site.toml, leaves the question out",
        );
        return Ok(Exit::World);
    }
    let shown = tell(&findings, wanted.len(), deployed, teller);
    let examination = examine_live(&live, &deployed.job.site, global);
    let broken = examination.is_broken();
    if broken {
        teller.examination(&examination);
        teller.warn("the site is there, but not as others need it; `sitegen doctor` says more");
    }
    tell_office(&live, deployed, teller);
    Ok(if broken { Exit::SiteErrors } else { shown })
}

impl Deployed<'_> {
    /// What is asked for: all that the fediverse and `/.well-known/` need, the front page, and some
    /// of all others.
    fn sample(&self) -> Vec<Wanted> {
        let needed = |path: &str| {
            path == "index.html" || path.starts_with("ap/") || path.starts_with(".well-known/")
        };
        let (mut changed, mut others) = (0, 0);
        let files = self.job.files.iter().filter(|file| {
            if needed(&file.path) {
                return true;
            }
            let (count, max) = if self.changed.contains(&file.path) {
                (&mut changed, CHANGED_MAX)
            } else {
                (&mut others, OTHERS_MAX)
            };
            *count += 1;
            *count <= max
        });
        let host = self.config.hosting.host;
        let wanted = files.filter_map(|file| {
            Some(Wanted {
                path: OutputPath::new(&file.path).ok()?,
                hash: file.hash.clone(),
                size: file.size,
                content_type: served_type(host, &file.path),
            })
        });
        wanted.collect()
    }

    /// What is not as it should be, when the host has had the time it needs.
    fn compare(&self, live: &Live, wanted: &[Wanted], teller: &Teller<'_>) -> Vec<Finding> {
        let means = Means { ask: live, wait: &std::thread::sleep, progress: &|_, _| {} };
        let ask = |wanted: &[Wanted]| compare(&means, &self.job.site, wanted);
        let differ = |findings: &[Finding]| findings.iter().any(|f| f.severity == Severity::Alarm);
        // One page says whether the host has taken the rest. Other files it may not show at all.
        let is_page = |path: &str| path.ends_with("index.html") && self.changed.contains(path);
        let page = wanted.iter().find(|file| is_page(file.path.as_str()));
        if let (Way::Git(_), Some(one)) = (&self.target.way, page) {
            for look in 0..HOST_LOOKS_MAX {
                if !differ(&ask(std::slice::from_ref(one))) {
                    break;
                }
                if look == 0 {
                    teller.say(
                        "Waiting until the host shows what has arrived, which may take minutes; \
                         Ctrl+C ends the waiting only.",
                    );
                }
                std::thread::sleep(HOST_DELAY);
            }
        }
        let mut findings = ask(wanted);
        for delay in DELAYS {
            if !differ(&findings) {
                break;
            }
            std::thread::sleep(delay);
            findings = ask(wanted);
        }
        findings
    }
}

/// Says what was found.
fn tell(findings: &[Finding], asked: usize, deployed: &Deployed<'_>, teller: &Teller<'_>) -> Exit {
    let site = &deployed.job.site;
    let differing = || findings.iter().filter(|f| f.severity == Severity::Alarm);
    // Then it is not the files.
    let is_elsewhere = differing().count() > asked / 2;
    if is_elsewhere && let Some(first) = differing().next() {
        teller.finding(
            &format!(
                "{site} does not show what was just put there: {} of {asked} files differ, such as \
                 {} ({})",
                differing().count(),
                first.url,
                first.message
            ),
            "is `to` the folder of your domain at the host, and `base_url` its address? A host \
             may also need a while, or show an older copy: `sitegen deploy` asks again",
        );
    }
    for finding in differing().take(SHOWN_MAX) {
        let Finding { url, message, help, .. } = finding;
        if !is_elsewhere {
            teller.finding(&format!("{url}: {message}"), help);
        }
        teller.line(&json!({
            "version": 1, "kind": "finding", "check": finding.check.name(), "url": url,
            "path": finding.path, "message": message, "help": help,
        }));
    }
    let (differ, unknown) = (
        differing().count(),
        findings.iter().filter(|finding| finding.severity == Severity::Unknown).count(),
    );
    if differ > 0 && !is_elsewhere {
        teller.warn("`sitegen deploy --all` puts everything there again");
    }
    if differ > SHOWN_MAX && !is_elsewhere {
        teller.warn(&format!("and {} more", differ - SHOWN_MAX));
    }
    if let Some(finding) = findings.iter().find(|f| f.severity == Severity::Unknown) {
        teller.finding(
            &format!("{unknown} of them could not be asked for; {}", visible(&finding.message)),
            &finding.help,
        );
    }
    if differ == 0 && unknown == 0 {
        let all = grouped(deployed.job.files.len());
        teller.say(&format!("{site} shows it: {asked} of {all} files asked for."));
    }
    teller.line(&json!({
        "version": 1, "kind": "verified", "site": site, "asked": asked, "differ": differ,
        "unknown": unknown,
    }));
    match (differ, unknown) {
        (0, 0) => Exit::Fine,
        (0, _) => Exit::World,
        _ => Exit::SiteErrors,
    }
}

/// Asks the post office to look at the site now, so that followers get what is new.
pub(super) fn tell_office(live: &Live, deployed: &Deployed<'_>, teller: &Teller<'_>) {
    let config = deployed.config;
    if config.actors.is_empty() || config.hosting.post_office.is_none() {
        return;
    }
    let url = format!("{}/ap/check", deployed.job.site);
    let body = Some(("text/plain", String::new()));
    let request = Request { method: Method::Post, body, ..Request::get(&url, "*/*") };
    match live.ask(&request) {
        Ok(reply) if (200..300).contains(&reply.status) => {
            teller.say("The post office looks at the site now.");
        }
        Ok(reply) => teller.warn(&format!(
            "the post office was asked to look at the site, and {url} answered {}; it looks by \
             itself later. `sitegen status` on its machine says how it is doing",
            reply.status
        )),
        Err(error) => teller.warn(&format!(
            "the post office was not told, for {url} does not answer ({error}); it looks by itself \
             later"
        )),
    }
}
