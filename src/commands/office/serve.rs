//! `sitegen inbox`: runs the post office.

use std::io;
use std::net::TcpListener;
use std::path::Path;
use std::rc::Rc;
use std::sync::Mutex;

use super::{Place, log, log_look};
use crate::cli::Global;
use crate::commands::{CommandError, Exit};
use crate::office::keeper::Keeper;
use crate::office::spool::Spool;
use crate::office::store::Store;
use crate::office::{Life, Seen, listener, runtime};

/// Listens, delivers and looks at the site until it is told to end.
pub(super) fn run(global: &Global) -> Result<Exit, CommandError> {
    let Some(place) = Place::find(global)? else { return Ok(Exit::SiteErrors) };
    let store = Store::open_as_office(&place.store_path())?;
    let listener = bind(&place)?;
    let opened = place.open(global, store, Life::Long)?;
    log(
        global,
        &format!(
            "The post office of {} listens at {}",
            place.settings.site.as_str(),
            place.settings.listen
        ),
    );
    let office = Rc::clone(&opened.office);
    let own = global.clone();
    let told = Rc::new(move |user: &str, seen: &Seen| log_look(&own, user, seen));
    let ended =
        in_one_thread(listener, async |listener, stop| office.run(listener, told, stop).await);
    opened.close();
    finish(&place, ended, global)
}

/// Listens, and keeps what comes in for the machine that has the keys.
pub(super) fn keep(spool: &Path, global: &Global) -> Result<Exit, CommandError> {
    let Some(place) = Place::find(global)? else { return Ok(Exit::SiteErrors) };
    let keeper = keeper(&place, spool)?;
    let listener = bind(&place)?;
    let (site, at) = (place.settings.site.as_str(), &place.settings.listen);
    log(
        global,
        &format!("What is sent to {site} is stored in {}; it listens at {at}", spool.display()),
    );
    let settings = listener::Settings {
        trusted_proxies: place.settings.proxies.clone(),
        ..listener::Settings::default()
    };
    let ended = in_one_thread(listener, async |listener, stop| {
        listener::listen(listener, settings, Rc::new(keeper), stop).await;
    });
    finish(&place, ended, global)
}

/// What keeps requests in a folder.
pub(super) fn keeper(place: &Place, spool: &Path) -> Result<Keeper, CommandError> {
    let opened =
        Spool::open(spool).map_err(|error| CommandError::Io(spool.to_path_buf(), error))?;
    Ok(Keeper::new(place.settings.clone(), opened))
}

fn bind(place: &Place) -> Result<TcpListener, CommandError> {
    let address = &place.settings.listen;
    TcpListener::bind(address).map_err(|error| {
        let why = match error.kind() {
            io::ErrorKind::AddrInUse => "is the post office running already?",
            io::ErrorKind::AddrNotAvailable => "this machine has no such address.",
            _ => "only root may listen at a port below 1024.",
        };
        CommandError::Usage(format!(
            "cannot listen at {address}: {error}; {why} Another place can be named in inbox.toml \
             under `listen`"
        ))
    })
}

/// Serves until a signal says that it is enough.
fn in_one_thread(
    listener: TcpListener,
    serve: impl AsyncFnOnce(tokio::net::TcpListener, Stop),
) -> io::Result<()> {
    let stop = told_to_stop();
    runtime::run(async move {
        listener.set_nonblocking(true)?;
        let listener = tokio::net::TcpListener::from_std(listener)?;
        serve(listener, stop).await;
        Ok(())
    })?
}

/// Ends when somebody wants the program to end.
type Stop = std::pin::Pin<Box<dyn Future<Output = ()>>>;

fn told_to_stop() -> Stop {
    let (tell, told) = tokio::sync::oneshot::channel();
    let tell = Mutex::new(Some(tell));
    // A handler that cannot be set is no reason not to work.
    let _ = ctrlc::set_handler(move || {
        if let Some(tell) = tell.lock().ok().and_then(|mut tell| tell.take()) {
            // It may have ended by itself.
            let _ = tell.send(());
        }
    });
    Box::pin(async {
        // Without a handler nobody tells.
        if told.await.is_err() {
            std::future::pending::<()>().await;
        }
    })
}

fn finish(place: &Place, ended: io::Result<()>, global: &Global) -> Result<Exit, CommandError> {
    ended.map_err(|error| CommandError::Io(place.settings.listen.clone().into(), error))?;
    log(global, "The post office ends");
    Ok(Exit::Fine)
}
