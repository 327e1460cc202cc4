//! The thread that owns the store of the post office.
//!
//! To get something onto a disk takes milliseconds, whether it is one follow or a hundred. So all
//! jobs that wait are stored together, and each hears of it when they are.

use std::collections::VecDeque;
use std::future::Future;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rusqlite::Connection;
use tokio::sync::oneshot;

use super::{Result, Store, StoreError};

/// Jobs that are stored together.
const TOGETHER_MAX: usize = 256;

/// Jobs that wait. Whoever asks for one more is told so.
const WAITING_MAX: usize = 4_096;

/// A job, which says how to answer once it is known whether it was stored.
type Job = Box<dyn FnOnce(&Connection) -> Answer + Send>;

/// Tells whoever waits for a job, and gives the failure that they are told.
type Answer = Box<dyn FnOnce(Result<()>) -> Option<StoreError>>;

/// How often what leavers have left in the log is wiped out.
const TIDY_INTERVAL: Duration = Duration::from_secs(3600);

/// Gives jobs to the thread. The thread ends, and closes the store, with the last of the copies.
#[derive(Clone, Debug)]
pub struct Writer {
    jobs: SyncSender<Job>,
}

impl Writer {
    /// Starts the thread. `failed` hears of what could not be read or stored, for those who wait
    /// for it are strangers.
    ///
    /// # Errors
    ///
    /// When the system has no more threads.
    pub fn start(
        store: Store,
        failed: impl Fn(&StoreError) + Send + 'static,
    ) -> std::io::Result<(Self, JoinHandle<()>)> {
        let (jobs, waiting) = sync_channel(WAITING_MAX);
        let thread = thread::Builder::new()
            .name("store".to_owned())
            .spawn(move || work(&store, &waiting, &failed))?;
        Ok((Self { jobs }, thread))
    }

    /// Does a job. What it changes is on the disk when this answers, or nothing of it. Jobs are
    /// done in the order in which this is called, whether or not anybody waits for the answer.
    pub fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce(&Connection) -> Result<T> + Send + 'static,
    ) -> impl Future<Output = Result<T>> + Send + 'static {
        let (sender, answer) = oneshot::channel();
        let job: Job = Box::new(move |connection| {
            let done = within_savepoint(connection, job);
            Box::new(move |stored| {
                let done = done.and_then(|value| stored.map(|()| value));
                let failure = done.as_ref().err().cloned();
                // Nobody may be waiting any more.
                let _ = sender.send(done);
                failure
            })
        });
        // A job that is not taken takes its sender with it, and the answer is that.
        drop(self.jobs.try_send(job));
        async move { answer.await.unwrap_or(Err(StoreError::Stopped)) }
    }
}

/// Does a job so that nothing of it stays when it fails.
pub(super) fn within_savepoint<T>(
    connection: &Connection,
    job: impl FnOnce(&Connection) -> Result<T>,
) -> Result<T> {
    let sql = |sql| connection.prepare_cached(sql)?.execute([]);
    sql("SAVEPOINT job")?;
    let done = job(connection);
    // After some failures there is no transaction left.
    if done.is_err() && !connection.is_autocommit() {
        sql("ROLLBACK TO job")?;
    }
    if !connection.is_autocommit() {
        sql("RELEASE job")?;
    }
    done
}

fn work(store: &Store, waiting: &Receiver<Job>, failed: &dyn Fn(&StoreError)) {
    let mut jobs = VecDeque::new();
    let mut tidied = Instant::now();
    while let Ok(job) = waiting.recv() {
        jobs.push_back(job);
        jobs.extend(waiting.try_iter().take(TOGETHER_MAX - 1));
        while !jobs.is_empty() {
            // That there is no room for a stranger is no failure.
            let is_failure = |error: &StoreError| !matches!(error, StoreError::NoRoom);
            if let Some(error) = together(store, &mut jobs).filter(is_failure) {
                failed(&error);
            }
        }
        if tidied.elapsed() >= TIDY_INTERVAL {
            tidied = Instant::now();
            if let Err(error) = store.tidy() {
                failed(&error);
            }
        }
    }
}

/// Does jobs and stores them together. When the disk is full in the midst of them, the rest is left
/// for later. Gives a failure, if there was one.
fn together(store: &Store, jobs: &mut VecDeque<Job>) -> Option<StoreError> {
    let connection = &store.connection;
    let mut answers: Vec<Answer> = Vec::with_capacity(jobs.len());
    let stored = match connection.execute_batch("BEGIN IMMEDIATE") {
        Ok(()) => {
            while let Some(job) = jobs.pop_front() {
                answers.push(job(connection));
                if connection.is_autocommit() {
                    break;
                }
            }
            if connection.is_autocommit() {
                // One of them met the end of the disk, and has taken the others with it.
                Err(StoreError::Stopped)
            } else {
                connection.execute_batch("COMMIT").map_err(StoreError::from)
            }
        }
        Err(error) => {
            // They are not done, and say so themselves.
            jobs.clear();
            Err(error.into())
        }
    };
    store.end(stored.is_ok());
    let failures = answers.into_iter().filter_map(|answer| answer(stored.clone()));
    failures.fold(stored.clone().err(), |first, next| first.or(Some(next)))
}
