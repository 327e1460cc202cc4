//! `sitegen inbox --cgi`: answers the one request for which a web server has started this program.
//!
//! The answer to a follow has to be sent as well, and the server may end this program as soon as it
//! has answered. So another one is started that does it, `sitegen deliver`, of which one works and
//! one waits at most.

use std::fs::File;
use std::io::{self, IsTerminal};
use std::path::Path;
use std::process::{Command, Stdio};

use jiff::{SignedDuration, Timestamp};

use super::Place;
use crate::cli::Global;
use crate::commands::output::write_bytes;
use crate::commands::{CommandError, Exit};
use crate::office::store::{Store, posts};
use crate::office::{Life, Outcome, cgi, runtime};

/// Requests that are answered at the same time.
const AT_ONCE: usize = 8;

/// When somebody should come again who was one too many.
const LATER: std::time::Duration = std::time::Duration::from_secs(30);

/// How often the site is looked at because somebody asks for it.
const LOOK_INTERVAL: SignedDuration = SignedDuration::from_secs(60);

/// Answers on standard output.
pub(super) fn run(spool: Option<&Path>, global: &Global) -> Result<Exit, CommandError> {
    if io::stdin().is_terminal() || std::env::var_os("REQUEST_METHOD").is_none() {
        return Err(CommandError::Usage(
            "`--cgi` is for a web server, which starts the program for each request; to run the \
             post office here, leave it out"
                .to_owned(),
        ));
    }
    // Variables that are no text are of no request that we could answer.
    let variables = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    let answer = match cgi::read(variables, io::stdin().lock(), Timestamp::now()) {
        Ok(request) => answer(&request, spool, global),
        Err(problem) => Ok((problem.reply(), None)),
    };
    let (reply, next) = answer.unwrap_or_else(|error| {
        // For the log of the server; the client only learns that it should come again.
        crate::commands::print_error(&error, crate::cli::OutputFormat::Human);
        (Outcome::Later(LATER).reply(), None)
    });
    write_bytes(io::stdout(), &cgi::written(&reply));
    if let Some(next) = next {
        next.begin(global);
    }
    Ok(Exit::Fine)
}

/// What has to be done after the answer.
#[derive(Clone, Copy, Debug)]
enum Next {
    /// To send what is in the queue.
    Deliver,
    /// To look at the site as well.
    Look,
}

impl Next {
    /// Starts it. It goes on when this program ends.
    fn begin(self, global: &Global) {
        let Ok(program) = std::env::current_exe() else { return };
        let mut command = Command::new(program);
        command.arg("--root").arg(&global.root).args(["--quiet", "deliver", "--wait"]);
        if matches!(self, Self::Deliver) {
            command.arg("--no-look");
        }
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        // Not one of the server's, which it ends.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        // When there is no room for one more, the next request starts it, or cron.
        let _ = command.spawn();
    }
}

fn answer(
    request: &crate::office::listener::Received,
    spool: Option<&Path>,
    global: &Global,
) -> Result<(crate::office::listener::Reply, Option<Next>), CommandError> {
    let Some(place) = Place::find(global)? else {
        return Ok((Outcome::Later(LATER).reply(), None));
    };
    if let Some(spool) = spool {
        return Ok((super::serve::keeper(&place, spool)?.answer(request).reply(), None));
    }
    let Some(_slot) = slot(&place)? else { return Ok((Outcome::Later(LATER).reply(), None)) };
    let store = Store::open_for_request(&place.store_path())?;
    if request.target.split('?').next() == Some("/ap/check") {
        return check(request, &store);
    }
    let opened = place.open(global, store, Life::Short)?;
    let office = std::rc::Rc::clone(&opened.office);
    let outcome = runtime::run(async move { office.answer(request).await });
    opened.close();
    let outcome = outcome.map_err(|error| CommandError::Io(place.root.clone(), error))?;
    let next = matches!(outcome, Outcome::Taken).then_some(Next::Deliver);
    Ok((outcome.reply(), next))
}

/// Asks for a look at the site, unless there was one just now.
fn check(
    request: &crate::office::listener::Received,
    store: &Store,
) -> Result<(crate::office::listener::Reply, Option<Next>), CommandError> {
    if request.method != "POST" {
        return Ok((Outcome::OnlyPost.reply(), None));
    }
    let now = Timestamp::now();
    let looks = store.run(posts::looks)?;
    let waits = looks.iter().map(|look| LOOK_INTERVAL - now.duration_since(look.at));
    // A clock that was put back must not keep everybody waiting.
    let recent = waits.filter(|wait| wait.is_positive() && *wait <= LOOK_INTERVAL).max();
    match recent.and_then(|wait| std::time::Duration::try_from(wait).ok()) {
        // Nobody is here then to do it, so whoever asks has to come again.
        Some(wait) => Ok((Outcome::Later(wait).reply(), None)),
        None => Ok((Outcome::Taken.reply(), Some(Next::Look))),
    }
}

/// One of the few places for requests; `None` when all are taken. It is free again when the program
/// ends, however it ends.
fn slot(place: &Place) -> Result<Option<File>, CommandError> {
    let folder = place.private_folder()?;
    let failed = |error| CommandError::Io(folder.clone(), error);
    for number in 0..AT_ONCE {
        let file = File::create(folder.join(format!("cgi-{number}.lock"))).map_err(failed)?;
        if file.try_lock().is_ok() {
            return Ok(Some(file));
        }
    }
    Ok(None)
}
