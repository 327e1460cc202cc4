//! Looks at the site: what is new there goes into the queue.

use std::path::PathBuf;
use std::time::Duration;

use url::Url;

use super::Office;
use super::store;
use crate::federation::Local;
use crate::federation::outgoing::{self, NotSendable, Outgoing};
use crate::federation::site::{DAY, Due, Index, Look, compare, hold_all, hold_back};

/// How often the site is looked at when nobody asks for it.
pub(crate) const INTERVAL: Duration = Duration::from_secs(15 * 60);

/// How soon after a look that somebody has asked for there may be another such look.
pub(crate) const ASKED_INTERVAL: Duration = Duration::from_secs(60);

/// The index of an actor, in bytes: 200,000 posts.
pub(crate) const INDEX_BYTES_MAX: usize = 32 << 20;

/// The document of a post, in bytes, which is what servers take.
pub(crate) const DOCUMENT_BYTES_MAX: usize = 1 << 20;

/// What a look at the site has found out about an actor.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Seen {
    /// Messages that were put into the queue.
    pub(crate) queued: usize,
    /// Messages that wait for somebody to confirm them.
    pub(crate) held: usize,
    /// Whether this was the first look, at which everything counts as delivered.
    pub(crate) is_first: bool,
    /// Whether the site shows a new key, with which all is signed from now on.
    pub(crate) has_new_key: bool,
    /// Whether the key before that is not needed any more.
    pub(crate) has_settled: bool,
    /// What is not as it should be, in whole sentences.
    pub(crate) problems: Vec<String>,
    /// What was held back has gone out, for somebody has confirmed it.
    pub(crate) is_confirmed: bool,
}

/// How often people make us look: anybody can ask for it. Looks that nobody has asked for do not
/// count, so that whoever publishes something just after one does not have to wait.
#[derive(Debug, Default)]
pub(crate) struct Pace {
    /// When the next look may be.
    next: Duration,
}

impl Pace {
    /// How long somebody has to wait who asks for a look when `passed` has passed.
    pub(crate) fn ask(&mut self, passed: Duration) -> Duration {
        let wait = self.next.saturating_sub(passed);
        self.next = passed + wait + ASKED_INTERVAL;
        wait
    }
}

impl Office {
    /// Looks at all actors of the site. With `confirmed`, what was held back goes out; also when
    /// somebody has confirmed it in the store.
    pub(crate) async fn look(&self, confirmed: bool) -> Vec<(String, Seen)> {
        // What is noted with a wrong time would be given up as too old, or never.
        if self.clock.now().is_none() {
            return Vec::new();
        }
        let mut all = Vec::new();
        for local in &self.settings.actors {
            let confirmed = confirmed || self.is_confirmed(local).await;
            let seen = self.look_at(local, confirmed).await;
            let problem = (!seen.problems.is_empty()).then(|| seen.problems.join(" "));
            let (user, now) = (local.user.clone(), self.clock.system());
            // What cannot be stored is said all the same.
            let _ = self
                .writer
                .run(move |store| store::posts::looked(store, &user, now, problem.as_deref()))
                .await;
            all.push((local.user.clone(), seen));
        }
        if all.iter().all(|(_, seen)| seen.is_confirmed) {
            let _ = self.writer.run(store::counters::acknowledge).await;
        }
        self.wake.notify_one();
        all
    }

    /// Whether an actor says nothing more, whatever is on the site. Who followed is forgotten in
    /// time.
    async fn is_retired(&self, local: &Local) -> bool {
        let (user, now) = (local.user.clone(), self.clock.system());
        let read = self.writer.run(move |store| {
            store::retired::forget_followers(store, &user, now)?;
            store::retired::is_one(store, &user)
        });
        // What nobody knows is not to be taken for life.
        read.await.unwrap_or(true)
    }

    /// Whether somebody has confirmed, beside this process, what is held back.
    async fn is_confirmed(&self, local: &Local) -> bool {
        let user = local.user.clone();
        let read = self.writer.run(move |store| store::counters::is_confirmed(store, &user));
        read.await.unwrap_or(false)
    }

    async fn look_at(&self, local: &Local, confirmed: bool) -> Seen {
        let mut seen = Seen::default();
        if !self.is_retired(local).await
            && let Err(problem) = self.compare_with_site(local, confirmed, &mut seen).await
        {
            seen.problems.push(problem);
        } else if confirmed {
            // What was confirmed while the site was away is still to be done.
            seen.is_confirmed = true;
            let user = local.user.clone();
            let done = self.writer.run(move |store| store::counters::has_confirmed(store, &user));
            let _ = done.await;
        }
        // Also of who is retired: the last that they say is signed as well.
        if let Err(problem) = self.settle(&local.user, &mut seen).await {
            seen.problems.push(problem);
        }
        seen
    }

    async fn compare_with_site(
        &self,
        local: &Local,
        confirmed: bool,
        seen: &mut Seen,
    ) -> Result<(), String> {
        let address = local.id.replace("actor.json", "index.json");
        let (status, bytes) = self.read_site(&address, INDEX_BYTES_MAX).await?;
        if status != 200 {
            return Err(format!("{address} answers with the status {status}."));
        }
        let index = Index::parse(&bytes, local).map_err(|error| format!("{address} {error}."))?;
        drop(bytes);
        let user = local.user.clone();
        let read = self.writer.run(move |store| store::posts::delivered(store, &user));
        let delivered = read.await.map_err(|error| format!("{error}."))?;
        match compare(&index, &delivered, confirmed) {
            Look::First(all) => {
                seen.is_first = true;
                let user = local.user.clone();
                let write = self.writer.run(move |store| store::posts::begin(store, &user, &all));
                write.await.map_err(|error| format!("{error}."))?;
                self.go_over(local, &index, Vec::new(), seen).await;
                // With the wrong key nobody could be answered.
                let profile = Due::Profile(index.profile.clone());
                if let Ok(document) = self.read_document(&local.id, &profile).await {
                    self.check_shown_key(local, &document)?;
                }
                Ok(())
            }
            Look::Older(serial) => Err(format!(
                "The site is an older state (serial {}) than the one seen before ({serial}), so \
                 nothing is sent. Build it again and upload it; or, if this state is the right \
                 one, run `sitegen deliver --confirm`.",
                index.serial
            )),
            Look::Changes { due, missing } => {
                if !missing.is_empty() {
                    let (count, first) = (missing.len(), &missing[0]);
                    seen.problems.push(format!(
                        "{count} posts that followers have are not on the site any more, such as \
                         {first}. Nothing is sent; `sitegen withdraw` takes a post back."
                    ));
                }
                // Before all else, which is signed with the new key then.
                let due = self.go_over(local, &index, due, seen).await;
                self.queue(local, due, confirmed, seen).await?;
                let (user, serial) = (local.user.clone(), index.serial);
                let write =
                    self.writer.run(move |store| store::posts::advance(store, &user, serial));
                write.await.map_err(|error| format!("{error}."))
            }
        }
    }

    /// Puts what is due into the queue, message by message.
    async fn queue(
        &self,
        local: &Local,
        due: Vec<Due>,
        confirmed: bool,
        seen: &mut Seen,
    ) -> Result<(), String> {
        let (due, held) = if confirmed {
            (due, Vec::new())
        } else {
            let user = local.user.clone();
            let since = self.clock.system() - DAY;
            let read = self.writer.run(move |store| {
                let is_restored = store::counters::restored_from(store)?.is_some();
                Ok((is_restored, store::posts::sent_since(store, &user, since)?))
            });
            match read.await.map_err(|error| format!("{error}."))? {
                // What has gone out since the backup is not known.
                (true, _) => hold_all(due),
                (false, sent) => hold_back(due, sent),
            }
        };
        if !held.is_empty() {
            seen.held = held.len();
            let (user, ids) = (local.user.clone(), held);
            let write = self.writer.run(move |store| store::posts::hold(store, &user, &ids));
            write.await.map_err(|error| format!("{error}."))?;
        }
        for one in due {
            match self.make(local, &one).await {
                Ok(message) => {
                    let (user, now) = (local.user.clone(), self.clock.system());
                    // What somebody has confirmed is not among what goes out by itself in a day.
                    let counted = if confirmed { jiff::Timestamp::UNIX_EPOCH } else { now };
                    let message = store::queue::Activity::of(message, &local.id);
                    let write = self.writer.run(move |store| {
                        let deliveries = store::queue::enqueue(store, &user, &message, now)?;
                        store::posts::sent(store, &user, &one, counted)?;
                        Ok(deliveries)
                    });
                    let deliveries = write.await.map_err(|error| format!("{error}."))?;
                    // Nobody may follow.
                    seen.queued += usize::from(deliveries > 0);
                }
                // The next look may find it.
                Err(problem) => seen.problems.push(problem),
            }
        }
        Ok(())
    }

    /// Makes the message for what is due.
    async fn make(&self, local: &Local, due: &Due) -> Result<Outgoing, String> {
        let address = match due {
            Due::Create(id, _) | Due::Update(id, _) | Due::Delete(id) => id,
            Due::Profile(_) => &local.id,
        };
        let document = self.read_document(address, due).await?;
        if matches!(due, Due::Profile(_)) {
            self.check_shown_key(local, &document)?;
        }
        outgoing::message(local, due, &document)
            .map_err(|problem: NotSendable| format!("{address} {problem}."))
    }

    /// The document of what is due.
    pub(super) async fn read_document(&self, address: &str, due: &Due) -> Result<Vec<u8>, String> {
        let (status, document) = self.read_site(address, DOCUMENT_BYTES_MAX).await?;
        let is_there = match due {
            Due::Delete(_) => outgoing::is_gone(status, &document),
            _ => status == 200,
        };
        if !is_there {
            return Err(match due {
                Due::Delete(_) => format!("{address} was withdrawn, but is still on the site."),
                _ => format!("{address} answers with the status {status}."),
            });
        }
        Ok(document)
    }

    /// What is at an address of the site: its status, and what is there.
    async fn read_site(&self, address: &str, most: usize) -> Result<(u16, Vec<u8>), String> {
        let path = address.strip_prefix(self.settings.site.as_str()).unwrap_or_default();
        if let Some(folder) = &self.folder {
            let file = folder.join(path.trim_start_matches('/'));
            if path.ends_with("/index.json") && !file.exists() {
                return Err(format!(
                    "There is no {}. `folder` in inbox.toml has to name the output of the site, \
                     seen from where inbox.toml is; without it the site itself is asked.",
                    file.display()
                ));
            }
            let failed = |error| format!("{} cannot be read: {error}.", file.display());
            return read_file(folder, path, most).map_err(failed);
        }
        let failed =
            |error: &dyn std::fmt::Display| format!("{address} cannot be asked for: {error}.");
        let url = Url::parse(address).map_err(|error| failed(&error))?;
        let accept = crate::activity::MEDIA_TYPE;
        let answer = self.transport.get_up_to(&url, accept, most, &|_| Vec::new()).await;
        let answer = answer.map_err(|error| failed(&error))?;
        Ok((answer.status, answer.body))
    }
}

/// Reads a file of the output as a server would.
pub(crate) fn read_file(
    folder: &std::path::Path,
    path: &str,
    most: usize,
) -> std::io::Result<(u16, Vec<u8>)> {
    use std::io::Read as _;
    let file: PathBuf = folder.join(path.trim_start_matches('/'));
    let mut bytes = Vec::new();
    match std::fs::File::open(file) {
        Ok(file) => {
            file.take(most as u64).read_to_end(&mut bytes)?;
            Ok((200, bytes))
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok((404, bytes)),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_asks_for_a_look_gets_one_at_once_but_only_once_a_minute() {
        let second = Duration::from_secs;
        let mut pace = Pace::default();
        assert_eq!(pace.ask(second(1)), second(0), "the look at the start was not asked for");
        assert_eq!(pace.ask(second(11)), second(50));
        assert_eq!(pace.ask(second(61)), second(60), "that was the look for the one before");
        assert_eq!(pace.ask(second(300)), second(0));
    }
}
