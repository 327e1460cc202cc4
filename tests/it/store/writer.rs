//! Jobs of many are stored together, and one that fails takes no other with it.

use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};

use rusqlite::Connection;
use sitegen::office::store::{Result, Store, StoreError, Writer, effects};

use super::{Office, actor, check, follow, locals, now};

struct Waiting(Thread);

impl Wake for Waiting {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

fn wait<T>(future: impl Future<Output = T>) -> T {
    let waker = Waker::from(Arc::new(Waiting(thread::current())));
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(value) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return value;
        }
        thread::park();
    }
}

fn follow_of(number: u32) -> impl FnOnce(&Connection) -> Result<()> + Send + 'static {
    let jo = actor(&format!("n{number}"), &format!("h{number}.example"));
    move |connection| effects::apply(connection, &follow(&jo, "news"), now(), &locals())
}

fn count(connection: &Connection) -> Result<i64> {
    Ok(connection.query_row("SELECT count(*) FROM follower", [], |row| row.get(0))?)
}

fn start(office: &Office) -> (Writer, thread::JoinHandle<()>) {
    Writer::start(Store::open_as_office(&office.path()).unwrap(), |_| ()).unwrap()
}

#[test]
fn what_was_answered_is_on_the_disk_and_what_failed_took_nothing_with_it() {
    let office = Office::new();
    let (writer, thread) = start(&office);
    let held = office.store.run(|_| {
        // While this holds the file, all of them wait for the same moment.
        let answers: Vec<_> = (0..300)
            .map(|number| {
                let is_bad = number % 3 == 0;
                let job = follow_of(number);
                writer.run(move |connection| {
                    job(connection)?;
                    if is_bad { Err(StoreError::NoRoom) } else { Ok(number) }
                })
            })
            .collect();
        Ok(answers)
    });
    for (number, answer) in held.unwrap().into_iter().enumerate() {
        match wait(answer) {
            Ok(given) => assert_eq!(usize::try_from(given).unwrap(), number),
            Err(error) => assert!(matches!(error, StoreError::NoRoom) && number % 3 == 0),
        }
    }
    assert_eq!(office.store.run(count).unwrap(), 200, "others see it at once");
    office.check();
    drop(writer);
    thread.join().unwrap();
    Store::open_as_office(&office.path()).unwrap();
}

#[test]
fn a_job_whose_asker_has_gone_is_done_all_the_same() {
    let office = Office::new();
    let (writer, _thread) = start(&office);
    drop(writer.run(follow_of(1)));
    assert_eq!(wait(writer.run(count)).unwrap(), 1);
}

#[test]
fn q_03_jobs_fail_while_the_disk_is_full_and_work_again_after_that() {
    let office = Office::new();
    let (writer, _thread) = start(&office);
    let limit =
        |pages: i64| {
            let sql = format!("PRAGMA max_page_count = {pages}");
            wait(writer.run(move |connection| {
                Ok(connection.query_row(&sql, [], |row| row.get::<_, i64>(0))?)
            }))
            .unwrap()
        };
    limit(limit(1_000_000).min(60));
    let answers: Vec<_> = (0..1_000).map(|number| writer.run(follow_of(number))).collect();
    let done: Vec<_> = answers.into_iter().map(wait).collect();
    let good = done.iter().filter(|done| done.is_ok()).count();
    assert!(done.iter().any(|done| matches!(done, Err(StoreError::Full))));
    assert_eq!(wait(writer.run(count)).unwrap(), i64::try_from(good).unwrap());
    limit(1_000_000);
    wait(writer.run(follow_of(2_000))).unwrap();
    wait(writer.run(|connection| {
        check(connection);
        Ok(())
    }))
    .unwrap();
}

#[test]
fn nothing_is_taken_once_the_store_is_closed() {
    let office = Office::new();
    let (writer, _thread) = start(&office);
    // The thread dies of a job.
    let answer = writer.run(|_| -> Result<()> { panic!("as the test wants") });
    assert!(matches!(wait(answer), Err(StoreError::Stopped)));
    assert!(matches!(wait(writer.run(count)), Err(StoreError::Stopped)));
    office.store.run(count).unwrap();
}

/// `cargo test --release --test it -- --ignored follows_in_a_second --nocapture`
#[test]
#[ignore = "a measurement"]
fn follows_in_a_second() {
    let office = Office::new();
    let (writer, _thread) = start(&office);
    let start = std::time::Instant::now();
    let all = 20_000;
    // As many at a time as connections that wait for an answer.
    for first in (0..all).step_by(64) {
        let answers: Vec<_> =
            (first..first + 64).map(|number| writer.run(follow_of(number))).collect();
        answers.into_iter().for_each(|answer| wait(answer).unwrap());
    }
    println!("{:.0} follows a second", f64::from(all) / start.elapsed().as_secs_f64());
    office.store.tidy().unwrap();
    println!("{} bytes", std::fs::metadata(office.path()).unwrap().len());
}
