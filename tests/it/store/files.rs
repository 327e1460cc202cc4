//! The file itself: only for its owner, only for one post office, and never made worse.

use std::fs;
use std::path::Path;

use sitegen::office::store::queue::Kind;
use sitegen::office::store::{OpenError, OpenProblem, Store, StoreError, effects, rotation};

use super::{Office, actor, follow, locals, now, post, private_folder};

fn refused(path: &Path) -> OpenProblem {
    let before = fs::read(path).ok();
    let office = Store::open_as_office(path).unwrap_err().problem;
    let error = Store::open(path).unwrap_err();
    assert_eq!(fs::read(path).ok(), before, "a file that is refused is as it was: {error}");
    assert_eq!(std::mem::discriminant(&office), std::mem::discriminant(&error.problem));
    error.problem
}

/// A store with some pages, closed.
fn closed() -> Office {
    let office = Office::new();
    for number in 0..60 {
        office.befriend(&actor("jo", &format!("host-{number}.example")), "news");
    }
    office.enqueue(&post(1, Kind::Create));
    let Office { folder, store } = office;
    drop(store);
    // Something else, so that the first one is closed.
    let other = folder.path().join("other/office.db");
    Office { store: Store::open(&other).unwrap(), folder }
}

#[test]
fn q_05_there_is_one_post_office_and_commands_go_on() {
    let office = Office::new();
    let first = Store::open_as_office(&office.path()).unwrap();
    let error = Store::open_as_office(&office.path()).unwrap_err();
    assert!(matches!(error.problem, OpenProblem::Running), "{error}");
    office.follow(&actor("jo", "a.example"), "news");
    assert!(first.is_office() && !office.store.is_office());
    drop(first);
    Store::open_as_office(&office.path()).unwrap();
}

#[cfg(unix)]
#[test]
fn b_01_the_files_are_for_their_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;

    let office = Office::new();
    let path = office.folder.path().join("new/sub/office.db");
    let store = Store::open_as_office(&path).unwrap();
    store.run(|connection| Ok(connection.execute("DELETE FROM site", [])?)).unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(path.parent().unwrap()), 0o700);
    let mut count = 0;
    for entry in fs::read_dir(path.parent().unwrap()).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
        count += 1;
    }
    assert_eq!(count, 4, "the file, the log, its index, the lock");
    drop(store);

    let open = |path: &Path, mode: u32| -> OpenError {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
        Store::open(&office.folder.path().join("new/sub/office.db")).unwrap_err()
    };
    let error = open(&path, 0o640);
    assert!(matches!(error.problem, OpenProblem::Shared), "{error}");
    assert!(error.help().unwrap().starts_with("run `chmod 600 "));
    let error = open(path.parent().unwrap(), 0o755);
    assert!(matches!(error.problem, OpenProblem::Shared), "{error}");
    assert!(error.help().unwrap().starts_with("run `chmod 700 "));
}

#[cfg(unix)]
#[test]
fn a_link_is_not_followed_and_one_above_the_folder_is() {
    let office = Office::new();
    let link = office.folder.path().join("link.db");
    std::os::unix::fs::symlink(office.path(), &link).unwrap();
    assert!(matches!(refused(&link), OpenProblem::Link));
    let folder = office.folder.path().join("folder");
    std::os::unix::fs::symlink(office.folder.path(), &folder).unwrap();
    Store::open(&folder.join("office.db")).unwrap();
    assert!(matches!(refused(&folder), OpenProblem::Link | OpenProblem::NoFile));
}

#[test]
fn q_04_what_is_no_store_is_refused() {
    let office = closed();
    let path = office.path();
    for text in ["", "x", "SQLite format 3\0", &"no database ".repeat(1_000)] {
        fs::write(&path, text).unwrap();
        let problem = refused(&path);
        assert!(matches!(problem, OpenProblem::NotStore | OpenProblem::Damaged(_)), "{problem:?}");
    }
    fs::remove_file(&path).unwrap();
    let other = rusqlite::Connection::open(&path).unwrap();
    other.execute_batch("CREATE TABLE a (b)").unwrap();
    drop(other);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    }
    assert!(matches!(refused(&path), OpenProblem::NotStore));
    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    assert!(matches!(Store::open(&path).unwrap_err().problem, OpenProblem::NoFile));
}

#[test]
fn a_store_of_an_older_version_is_brought_up_to_this_one_and_loses_nothing() {
    let office = Office::new();
    office.befriend(&actor("jo", "a.example"), "news");
    office.enqueue(&post(1, Kind::Create));
    // As the first version has made it.
    office.run(|connection| {
        connection.execute_batch("DROP TABLE rotation; DROP TABLE retired")?;
        Ok(connection.pragma_update(None, "user_version", 1)?)
    });
    let (path, folder) = (office.path(), office.folder);
    drop(office.store);
    let office = Office { store: Store::open(&path).unwrap(), folder };
    assert_eq!(office.take_all(now()).len(), 1);
    assert_eq!(office.run(rotation::all), []);
    let begin = |store: &_| rotation::begin(store, "news", ["new", "old"], now());
    let begun = office.run(begin);
    assert_eq!(begun.last, office.take_all(now())[0].id);
    assert_eq!(office.run(rotation::all), [begun]);
    office.check();
}

#[test]
fn q_04_a_newer_store_is_refused() {
    let office = Office::new();
    office.run(|connection| Ok(connection.pragma_update(None, "user_version", 99)?));
    let path = office.path();
    drop(office.store);
    let problem = refused(&path);
    assert!(matches!(problem, OpenProblem::Newer), "{problem:?}");
}

#[test]
fn q_04_a_store_that_is_cut_off_is_refused() {
    let office = closed();
    let whole = fs::read(office.path()).unwrap();
    assert!(whole.len() > 16 * 4096);
    for length in (1..whole.len()).step_by(4096 / 2).chain([whole.len() - 1]) {
        fs::write(office.path(), &whole[..length]).unwrap();
        let problem = refused(&office.path());
        assert!(matches!(problem, OpenProblem::Damaged(_)), "{length}: {problem:?}");
    }
}

#[test]
fn q_04_a_damaged_page_is_refused_or_does_no_harm() {
    let office = closed();
    let whole = fs::read(office.path()).unwrap();
    for page in 0..whole.len() / 4096 {
        // What kind of page it is, and how many rows are in it.
        let start = page * 4096 + if page == 0 { 100 } else { 0 };
        for (place, must_be_seen) in [(start, true), (start + 3, true), (start + 1_500, false)] {
            let mut bytes = whole.clone();
            bytes[place] ^= 0b0101_0101;
            fs::write(office.path(), &bytes).unwrap();
            match Store::open(&office.path()) {
                Err(error) => {
                    assert!(matches!(error.problem, OpenProblem::Damaged(_)), "{error}");
                    assert_eq!(fs::read(office.path()).unwrap(), bytes, "it is as it was");
                    assert!(error.help().is_some());
                }
                Ok(store) => {
                    assert!(!must_be_seen, "page {page}, byte {}", place % 4096);
                    // Whatever comes of it, it is no panic.
                    let _ = store.run(|connection| {
                        sitegen::office::store::followers::each(connection, None, |_| Ok(()))
                    });
                }
            }
        }
    }
}

#[test]
fn q_04_a_store_whose_log_is_missing_is_refused_until_somebody_does_without() {
    let office = Office::new();
    office.befriend(&actor("jo", "a.example"), "news");
    // As after a power cut: nobody has closed it.
    let copy = private_folder();
    let path = copy.path().join("office.db");
    fs::copy(office.path(), &path).unwrap();
    let problem = refused(&path);
    let OpenProblem::LogLost(log) = problem else { panic!("{problem:?}") };
    fs::copy(office.folder.path().join("office.db-wal"), &log).unwrap();
    let store = Store::open(&path).unwrap();
    let count = |store: &Store| -> i64 {
        let sql = "SELECT count(*) FROM follower";
        store.run(|connection| Ok(connection.query_row(sql, [], |row| row.get(0))?)).unwrap()
    };
    assert_eq!(count(&store), 1, "with the log, nothing is lost");
    drop(store);
    fs::remove_file(&log).unwrap();
    assert!(matches!(refused(&path), OpenProblem::LogLost(_)));
    fs::write(&log, "").unwrap();
    assert_eq!(count(&Store::open(&path).unwrap()), 1, "it was empty");
}

#[test]
fn q_03_a_full_disk_is_an_error_and_all_goes_on_when_there_is_room() {
    let office = Office::new();
    office.befriend(&actor("jo", "a.example"), "news");
    let limit = |pages: i64| {
        office.run(|connection| {
            let sql = format!("PRAGMA max_page_count = {pages}");
            Ok(connection.query_row(&sql, [], |_| Ok(()))?)
        });
    };
    limit(office.count("PRAGMA page_count"));
    let mut stored = 0;
    let error = loop {
        match office.apply(&follow(&actor("jo", &format!("{stored}.example")), "news")) {
            Ok(()) => stored += 1,
            Err(error) => break error,
        }
    };
    assert!(matches!(error, StoreError::Full), "{error:?}");
    assert_eq!(office.count("SELECT count(*) FROM follower"), 1 + stored);
    office.check();
    // People may leave all the same.
    office.unfollow(&actor("jo", "a.example"), "news");
    limit(1_000_000);
    office.befriend(&actor("jo", "b.example"), "news");
    office.check();
}

#[test]
fn no_error_says_who_follows() {
    let office = closed();
    let whole = fs::read(office.path()).unwrap();
    for place in (0..whole.len()).step_by(701) {
        let mut bytes = whole.clone();
        bytes[place] ^= 0xff;
        fs::write(office.path(), &bytes).unwrap();
        let text = match Store::open_for_request(&office.path()) {
            Err(error) => format!("{error} {error:?} {:?}", error.help()),
            Ok(store) => {
                let read = store.run(|connection| {
                    sitegen::office::store::followers::each(connection, None, |_| Ok(()))
                });
                read.map_or_else(|error| format!("{error} {error:?}"), |()| String::new())
            }
        };
        assert!(!text.contains("host-") && !text.contains("users/"), "{text}");
        let _ = fs::remove_file(office.folder.path().join("office.db-wal"));
        let _ = fs::remove_file(office.folder.path().join("office.db-shm"));
    }
}

#[test]
fn q_04_a_log_without_its_store_is_not_written_over() {
    let office = Office::new();
    office.befriend(&actor("jo", "a.example"), "news");
    let log = office.folder.path().join("office.db-wal");
    let bytes = fs::read(&log).unwrap();
    assert!(!bytes.is_empty());
    fs::remove_file(office.path()).unwrap();
    let error = Store::open(&office.path()).unwrap_err();
    assert!(matches!(error.problem, OpenProblem::Damaged(_)), "{error}");
    assert!(!office.path().exists());
    assert_eq!(fs::read(&log).unwrap(), bytes);
}

#[test]
fn many_can_make_a_store_at_once() {
    let folder = private_folder();
    let path = folder.path().join("sub/office.db");
    std::thread::scope(|scope| {
        let open = |number: u32| {
            let path = &path;
            scope.spawn(move || {
                let store = Store::open_for_request(path).unwrap();
                let jo = actor("jo", &format!("{number}.example"));
                let effects = follow(&jo, "news");
                store
                    .run(|connection| effects::apply(connection, &effects, now(), &locals()))
                    .unwrap();
            })
        };
        let threads: Vec<_> = (0..8).map(open).collect();
        threads.into_iter().for_each(|thread| thread.join().unwrap());
    });
    let office = Office { store: Store::open(&path).unwrap(), folder };
    assert_eq!(office.count("SELECT count(*) FROM follower"), 8);
    office.check();
}
