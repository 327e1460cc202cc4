//! `sitegen deliver`: one round of the post office, for machines where it does not run all the
//! time.

use std::fs::File;
use std::io;
use std::path::Path;
use std::rc::Rc;
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::{Place, counted, log, log_look};
use crate::cli::{Deliver, Global, OutputFormat};
use crate::commands::output::write_to;
use crate::commands::{CommandError, Exit};
use crate::office::spool::Spool;
use crate::office::store::{OpenError, OpenProblem, Store, counters};
use crate::office::{Life, Office, Seen, runtime};

/// How long a round takes at most; what is left then comes in the next one.
const ROUND_MAX: Duration = Duration::from_secs(15 * 60);

/// How long a spool is worked off.
const SPOOL_MAX: Duration = Duration::from_secs(10 * 60);

/// How long a round waits for the one before it.
const TURN_MAX: Duration = Duration::from_secs(60);

/// What a round has done.
struct Round {
    /// Requests from a spool, and those that have to wait.
    spooled: Option<(usize, usize)>,
    looks: Vec<(String, Seen)>,
    delivered: usize,
    failed: usize,
}

/// Works off a spool, looks at the site, and delivers what is due.
pub(super) fn run(arguments: &Deliver, global: &Global) -> Result<Exit, CommandError> {
    let Some(place) = Place::find(global)? else { return Ok(Exit::SiteErrors) };
    let path = place.store_path();
    place.private_folder()?;
    let store = if arguments.wait {
        match turn(&path, arguments.no_look)? {
            Some(store) => store,
            None => return Ok(Exit::Fine),
        }
    } else {
        match Store::open_as_office(&path) {
            Err(OpenError { problem: OpenProblem::Running, .. }) if arguments.confirm => {
                return confirm(&place, global);
            }
            other => other?,
        }
    };
    let spool =
        arguments.spool.clone().or(place.settings.spool.as_ref().map(|dir| place.root.join(dir)));
    let opened = place.open(global, store, Life::Short)?;
    let office = Rc::clone(&opened.office);
    let round = runtime::run(round(office, arguments, spool.as_deref()));
    opened.close();
    let round = round.map_err(|error| CommandError::Io(place.root.clone(), error))??;
    Ok(report(&round, global))
}

/// Leaves word for the post office that is at work.
fn confirm(place: &Place, global: &Global) -> Result<Exit, CommandError> {
    let mut actors = place.settings.actors.iter();
    place
        .store()?
        .run(|store| actors.try_for_each(|local| counters::confirm(store, &local.user)))?;
    log(
        global,
        "confirmed. It goes out at the next look at the site: within two minutes where the post \
         office runs all the time, else with the next `sitegen deliver`",
    );
    Ok(Exit::Fine)
}

async fn round(
    office: Rc<Office>,
    arguments: &Deliver,
    spool: Option<&Path>,
) -> Result<Round, CommandError> {
    let looks = if arguments.no_look { Vec::new() } else { office.look(arguments.confirm).await };
    Rc::clone(&office).deliver_once(ROUND_MAX).await?;
    // Last, for strangers fill it, and choose how long it takes.
    let spooled = match spool {
        Some(folder) => {
            let failed = |error| CommandError::Io(folder.to_path_buf(), error);
            if !folder.is_dir() {
                return Err(CommandError::Usage(format!(
                    "there is no spool {}; it is the folder that `sitegen inbox --spool` fills",
                    folder.display()
                )));
            }
            let spool = Spool::open(folder).map_err(failed)?;
            Some(office.work_off(&spool, SPOOL_MAX).await.map_err(failed)?)
        }
        None => None,
    };
    if spooled.is_some() {
        Rc::clone(&office).deliver_once(ROUND_MAX).await?;
    }
    Ok(Round { spooled, looks, delivered: office.delivered(), failed: office.failed() })
}

/// The store, once the round before has ended. `None` when another one waits for the same already,
/// and will do our work as well; or when the post office runs, which does it itself.
fn turn(path: &Path, no_look: bool) -> Result<Option<Store>, OpenError> {
    let problem = |error| OpenError { path: path.to_path_buf(), problem: OpenProblem::Io(error) };
    let next = File::create(path.with_extension(if no_look { "next" } else { "look" }))
        .map_err(problem)?;
    if next.try_lock().is_err() {
        return Ok(None);
    }
    let until = Instant::now() + TURN_MAX;
    loop {
        match Store::open_as_office(path) {
            Err(OpenError { problem: OpenProblem::Running, .. }) if Instant::now() < until => {
                sleep(Duration::from_millis(100));
            }
            Err(OpenError { problem: OpenProblem::Running, .. }) => return Ok(None),
            other => return other.map(Some),
        }
    }
}

fn report(round: &Round, global: &Global) -> Exit {
    let Round { spooled, looks, delivered, failed } = round;
    if let Some((done, waiting)) = spooled {
        let later = match waiting {
            0 => String::new(),
            count => {
                format!("; {} cannot be verified yet and stay there", counted(*count, "request"))
            }
        };
        log(global, &format!("{} from the spool{later}", counted(*done, "request")));
    }
    for (user, seen) in looks {
        log_look(global, user, seen);
    }
    match global.format {
        OutputFormat::Human => {
            let later = match failed {
                0 => String::new(),
                count => format!(
                    "; {} did not arrive and will be tried again",
                    counted(*count, "message")
                ),
            };
            log(global, &format!("{} delivered{later}", counted(*delivered, "message")));
        }
        OutputFormat::Json => {
            let line = serde_json::json!({
                "version": 1, "kind": "deliver", "delivered": delivered, "failed": failed,
            });
            write_to(io::stdout(), &format!("{line}\n"));
        }
    }
    let is_well = looks.iter().all(|(_, seen)| seen.problems.is_empty());
    if is_well { Exit::Fine } else { Exit::SiteErrors }
}
