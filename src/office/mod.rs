//! The post office: takes follows, answers them, and delivers to followers what the site publishes.
//!
//! It is the one part of sitegen that runs all the time and that strangers talk to. It needs
//! `inbox.toml` and the private keys, not the sources of the site. What anything means is decided
//! in `federation`; here are the network, the disk and the clock.

pub(crate) mod archive;
pub(crate) mod cgi;
mod clock;
mod correspondents;
pub(crate) mod deliver;
pub(crate) mod fate;
pub(crate) mod keeper;
pub(crate) mod listener;
pub(crate) mod look;
mod reception;
mod rotation;
pub(crate) mod runtime;
pub(crate) mod settings;
pub(crate) mod signers;
pub(crate) mod spool;
pub mod store;
#[cfg(test)]
mod tests;
mod transport;

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::Notify;

use self::clock::Clock;
use self::correspondents::{Budget, Correspondents};
use self::deliver::Desk;
use self::listener::{Receive, Received, Reply};
pub(crate) use self::reception::Outcome;
use self::reception::Target;
use self::settings::Settings;
use self::store::Writer;
use self::transport::{Policy, Transport};
use crate::federation::budget::FollowBudget;
use crate::limits::FOLLOWERS_MAX;

pub(crate) use self::look::Seen;
pub(crate) use self::signers::Signers;

/// The whole of it. It lives on one thread, and shares it among all that it does at once.
pub(crate) struct Office {
    settings: Settings,
    /// The output of the site, when it is on this machine.
    folder: Option<PathBuf>,
    writer: Writer,
    transport: Transport,
    signers: Signers,
    clock: Clock,
    correspondents: Correspondents,
    follows: RefCell<FollowBudget>,
    desk: Desk,
    /// Something may be due.
    wake: Notify,
    /// Somebody asks for a look at the site.
    asked: Notify,
}

/// How long a process lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Life {
    /// Until it is stopped.
    Long,
    /// For one request or one round: what it has to remember is in the store.
    Short,
}

/// Who hears of each look at an actor of the site.
pub(crate) type Told = Rc<dyn Fn(&str, &Seen)>;

/// How the post office introduces itself.
fn user_agent(settings: &Settings) -> String {
    format!("sitegen/{} (+{}/)", env!("CARGO_PKG_VERSION"), settings.site.as_str())
}

impl Office {
    /// Opens the post office of a folder. Nothing is sent or taken yet.
    ///
    /// # Errors
    ///
    /// When the file of certificates cannot be used, with the reason.
    pub(crate) fn new(
        root: &Path,
        settings: Settings,
        signers: Signers,
        writer: Writer,
        authorities: Option<Vec<u8>>,
        life: Life,
    ) -> Result<Rc<Self>, String> {
        let policy = Policy {
            allowed: settings.allowed.clone(),
            pinned: settings.pinned.clone(),
            authorities,
            user_agent: user_agent(&settings),
        };
        let most = settings.followers_max.unwrap_or(FOLLOWERS_MAX);
        // It is done before anything else, whether or not anybody waits for it.
        drop(writer.run(move |store| store::counters::set_room(store, most)));
        let strangers = Transport::for_strangers(policy.clone())?;
        let folder = settings.folder.as_ref().map(|folder| root.join(folder));
        let budget = match life {
            Life::Long => Budget::OfProcess(RefCell::default()),
            Life::Short => Budget::InStore(writer.clone()),
        };
        Ok(Rc::new(Self {
            correspondents: Correspondents::new(strangers, budget),
            settings,
            folder,
            writer,
            transport: Transport::new(policy)?,
            signers,
            clock: Clock::new(),
            follows: RefCell::default(),
            desk: Desk::default(),
            wake: Notify::new(),
            asked: Notify::new(),
        }))
    }

    /// Answers a request to any address of the post office.
    pub(crate) async fn answer(&self, request: &Received) -> Outcome {
        match Target::of(&request.target) {
            None => Outcome::NotHere,
            Some(Target::Inbox(user)) => self.receive_for(request, user).await,
            Some(Target::Check) if request.method == "POST" => {
                self.asked.notify_one();
                Outcome::Taken
            }
            Some(Target::Check) => Outcome::OnlyPost,
        }
    }

    /// Listens, delivers and looks at the site until `stop` ends. `told` hears of each look.
    pub(crate) async fn run(
        self: Rc<Self>,
        listener: TcpListener,
        told: Told,
        stop: impl Future<Output = ()>,
    ) {
        let settings = listener::Settings {
            trusted_proxies: self.settings.proxies.clone(),
            ..listener::Settings::default()
        };
        let delivering = tokio::task::spawn_local(Rc::clone(&self).deliver());
        let watching = tokio::task::spawn_local(Rc::clone(&self).watch(told));
        listener::listen(listener, settings, Rc::clone(&self), stop).await;
        // What is on its way may arrive, and is sent again after the next start.
        delivering.abort();
        watching.abort();
        let _ = (delivering.await, watching.await);
    }

    /// Works off what lies in a spool, for so long. Says how many requests are done, and how many
    /// have to wait because a key cannot be had now, or there was no more time.
    pub(crate) async fn work_off(
        &self,
        spool: &spool::Spool,
        most: Duration,
    ) -> std::io::Result<(usize, usize)> {
        let until = self.clock.passed() + most;
        let (mut done, mut waiting) = (0, 0);
        for file in spool.files()? {
            // One that cannot be read keeps no other waiting.
            let (true, Ok(lying)) = (self.clock.passed() < until, spool::read(file)) else {
                waiting += 1;
                continue;
            };
            let outcome = match &lying.request {
                Some(request) if !self.is_too_old(request) => self.answer(request).await,
                // Half a file, or one that nobody could ever verify.
                _ => Outcome::Taken,
            };
            if matches!(outcome, Outcome::Later(_)) {
                waiting += 1;
            } else {
                std::fs::remove_file(lying.file)?;
                done += 1;
            }
        }
        Ok((done, waiting))
    }

    /// Whether the server of a request has had so long to be asked for its key that it is not worth
    /// trying again.
    fn is_too_old(&self, request: &Received) -> bool {
        self.clock.system().duration_since(request.arrived) > crate::federation::retry::LIFETIME
    }

    /// Looks at the site again and again: when somebody asks for it, and from time to time.
    async fn watch(self: Rc<Self>, told: Told) {
        let mut pace = look::Pace::default();
        loop {
            for (user, seen) in self.look(false).await {
                told(&user, &seen);
            }
            if tokio::time::timeout(look::INTERVAL, self.asked.notified()).await.is_ok() {
                tokio::time::sleep(pace.ask(self.clock.passed())).await;
            }
        }
    }
}

impl Receive for Office {
    async fn receive(&self, request: Received) -> Reply {
        self.answer(&request).await.reply()
    }
}
