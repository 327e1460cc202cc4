//! After a deploy: whether the live site has it, and whether the post office knows.

use crate::cli::{Deploy, Global};
use crate::commands::doctor::{examine_live, live};
use crate::commands::output::write_to;
use crate::commands::{CommandError, Exit};
use crate::config::Config;
use crate::deploy::Job;
use crate::doctor::ask::{Ask as _, Method, Request};
use crate::doctor::live::Live;

use super::tell::Teller;

/// Asks the live site what visitors and other servers ask it.
pub(super) fn verify(
    job: &Job,
    arguments: &Deploy,
    global: &Global,
    teller: &Teller<'_>,
    config: &Config,
) -> Result<Exit, CommandError> {
    let live = live(&arguments.live)?;
    let examination = examine_live(&live, &job.site, global);
    let broken = examination.is_broken();
    if broken {
        write_to(std::io::stdout(), &examination.human(false));
        teller.warn("the site is there, but not as others need it; `sitegen doctor` says more");
    }
    tell_office(&live, job, teller, config);
    Ok(if broken { Exit::SiteErrors } else { Exit::Fine })
}

/// Asks the post office to look at the site now, so that followers get what is new.
pub(super) fn tell_office(live: &Live, job: &Job, teller: &Teller<'_>, config: &Config) {
    if config.actors.is_empty() || config.hosting.post_office.is_none() {
        return;
    }
    let url = format!("{}/ap/check", job.site);
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
