//! Copies, and stores from copies.

use std::fs;

use sitegen::federation::site::{Delivered, DeliveredPost, Due};
use sitegen::office::store::posts;
use sitegen::office::store::queue::Kind;
use sitegen::office::store::status::status;
use sitegen::office::store::{OpenProblem, Store, backup, counters};

use super::{Office, actor, check, days, now, post};

fn new(number: u32) -> Due {
    Due::Create(post(number, Kind::Create).post, now())
}

#[test]
fn b_03_a_copy_is_whole_and_private_and_what_was_erased_is_not_in_it() {
    let office = Office::new();
    office.befriend(&actor("jo", "a.example"), "news");
    office.befriend(&actor("jo", "a.example"), "events");
    office.befriend(&actor("al", "secret.example"), "news");
    office.unfollow(&actor("al", "secret.example"), "news");
    office.enqueue(&post(1, Kind::Create));
    office.run(|connection| posts::sent(connection, "news", &new(1), now()));
    let copy = office.folder.path().join("copy");
    office.store.snapshot(&copy, now()).unwrap();
    let contents = backup::verify(&copy).unwrap();
    assert_eq!(contents.made, Some(now()));
    assert_eq!(contents.followers, [("events".to_owned(), 1), ("news".to_owned(), 1)]);
    assert_eq!((contents.posts, contents.queued), (1, 1));
    let bytes = fs::read(&copy).unwrap();
    assert!(!bytes.windows(6).any(|part| part == b"secret"));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(fs::metadata(&copy).unwrap().permissions().mode() & 0o777, 0o600);
    }
    let error = office.store.snapshot(&copy, now()).unwrap_err();
    assert!(matches!(error.problem, OpenProblem::Exists), "{error}");
    assert_eq!(fs::read(&copy).unwrap(), bytes);
    let left: Vec<_> = fs::read_dir(office.folder.path()).unwrap().collect();
    assert_eq!(left.len(), 4, "the store with its log and index, and the copy");
}

#[test]
fn b_03_a_copy_that_was_cut_off_or_changed_is_refused() {
    let office = Office::new();
    for number in 0..20 {
        office.befriend(&actor("jo", &format!("{number}.example")), "news");
    }
    let copy = office.folder.path().join("copy");
    office.store.snapshot(&copy, now()).unwrap();
    let whole = fs::read(&copy).unwrap();
    let is_refused = |bytes: &[u8]| {
        fs::write(&copy, bytes).unwrap();
        backup::restore(&copy, &office.folder.path().join("new.db")).is_err()
    };
    assert!(is_refused(&whole[..whole.len() - 4096]));
    assert!(is_refused(b""));
    for page in 1..whole.len() / 4096 {
        let mut bytes = whole.clone();
        bytes[page * 4096] ^= 0xff;
        assert!(is_refused(&bytes), "page {page}");
    }
    assert!(!office.folder.path().join("new.db").exists());
    fs::write(&copy, &whole).unwrap();
    // Somebody has put something in that would run with every follow.
    let other = rusqlite::Connection::open(&copy).unwrap();
    let sql = "CREATE TRIGGER more AFTER INSERT ON follower BEGIN DELETE FROM block; END";
    other.execute_batch(sql).unwrap();
    drop(other);
    let error = backup::verify(&copy).unwrap_err();
    assert!(matches!(error.problem, OpenProblem::Damaged(_)), "{error}");
}

#[test]
fn b_03_b_04_an_old_copy_takes_the_place_of_a_store_and_says_how_old_it_is() {
    let office = Office::new();
    office.befriend(&actor("jo", "a.example"), "news");
    office.run(|connection| posts::sent(connection, "news", &new(1), now()));
    let copy = office.folder.path().join("copy");
    office.store.snapshot(&copy, now()).unwrap();
    let later = now() + days(10);
    office.run(|connection| posts::sent(connection, "news", &new(2), later));
    office.befriend(&actor("al", "b.example"), "news");
    let (path, Office { folder, store }) = (office.path(), office);
    drop(store);

    let running = Store::open_as_office(&path).unwrap();
    let error = backup::restore(&copy, &path).unwrap_err();
    assert!(matches!(error.problem, OpenProblem::Running), "{error}");
    drop(running);
    let old = backup::restore(&copy, &path).unwrap().unwrap();
    let restored = Office { store: Store::open_as_office(&path).unwrap(), folder };
    assert_eq!(restored.count("SELECT count(*) FROM follower"), 1);
    restored.run(|connection| {
        check(connection);
        // What went out since is not known, so nothing may go out by itself.
        let Delivered { posts, .. } = posts::delivered(connection, "news")?;
        let known = [(post(1, Kind::Create).post, DeliveredPost::Sent(now()))];
        assert_eq!(posts, known.into_iter().collect());
        assert_eq!(status(connection, later)?.restored_from, Some(now()));
        counters::acknowledge(connection)?;
        assert_eq!(counters::restored_from(connection)?, None);
        Ok(())
    });
    restored.enqueue(&post(3, Kind::Create));
    assert_eq!(restored.deliver_all().len(), 1, "it delivers");
    let kept = Store::open(&old).unwrap();
    let sql = "SELECT count(*) FROM follower";
    let count: i64 =
        kept.run(|connection| Ok(connection.query_row(sql, [], |row| row.get(0))?)).unwrap();
    assert_eq!(count, 2, "nothing is lost");
}

#[test]
fn b_03_a_copy_makes_a_store_where_there_is_none() {
    let office = Office::new();
    office.befriend(&actor("jo", "a.example"), "news");
    let copy = office.folder.path().join("copy");
    office.store.snapshot(&copy, now()).unwrap();
    let path = office.folder.path().join("elsewhere/office.db");
    assert_eq!(backup::restore(&copy, &path).unwrap(), None);
    let store = Store::open(&path).unwrap();
    let restored = store.run(counters::restored_from).unwrap();
    assert_eq!(restored, Some(now()));
}
