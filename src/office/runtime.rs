//! The one thread of the post office.

use std::io;

use tokio::runtime::Builder;
use tokio::task::LocalSet;

use super::transport::{LOOKUPS, LOOKUPS_FOR_STRANGERS};

/// Threads that wait for the system: looking up a name takes one.
const BLOCKING_THREADS_MAX: usize = LOOKUPS + LOOKUPS_FOR_STRANGERS;

/// Runs something in this thread until it ends, and whatever it has begun ends with it.
pub(crate) fn run<F: Future>(future: F) -> io::Result<F::Output> {
    let mut builder = Builder::new_current_thread();
    let runtime = builder.enable_all().max_blocking_threads(BLOCKING_THREADS_MAX).build()?;
    let output = LocalSet::new().block_on(&runtime, future);
    // Without waiting for names that are still being looked up.
    runtime.shutdown_background();
    Ok(output)
}

/// The same with a clock that goes on only when everything waits, and then jumps to where the
/// first wait ends. What takes ten seconds takes none, so a test can wait for the deadline itself.
/// With sockets it may jump before an answer is there: only what ends by a deadline is sure.
#[cfg(test)]
pub(super) fn run_in_no_time<F: Future>(future: F) -> F::Output {
    let mut builder = Builder::new_current_thread();
    let runtime = builder.enable_all().start_paused(true).build().unwrap();
    LocalSet::new().block_on(&runtime, future)
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[test]
    fn the_end_does_not_wait_for_the_system() {
        let (release, wait) = mpsc::channel::<()>();
        run(async {
            let (begin, begun) = tokio::sync::oneshot::channel();
            tokio::task::spawn_blocking(move || {
                begin.send(()).unwrap();
                wait.recv()
            });
            begun.await.unwrap();
        })
        .unwrap();
        // Until now it has waited.
        release.send(()).unwrap();
    }
}
