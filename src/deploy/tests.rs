//! Deploys to a target in memory that fails wherever a test wants it to.

use std::cell::Cell;
use std::collections::BTreeMap;

use proptest::prelude::*;

use super::remote::{Arrived, Remote, Thing};
use super::trouble::Kind;
use super::*;
use crate::artifact::Rank;

const SITE: &str = "https://party.example";

/// A target that remembers in which order things came to it.
#[derive(Clone, Debug, Default)]
struct Memory {
    files: BTreeMap<String, String>,
    log: Vec<String>,
    /// The step that fails, and all after it until it is mended.
    fails_at: Option<usize>,
    steps: usize,
    /// How it fails; a connection that is lost comes back at once.
    kind: Option<Kind>,
    /// Somebody else deploys this as soon as the first file arrives.
    intruder: Option<Job>,
}

impl Memory {
    fn with(files: &[(&str, &str)]) -> Self {
        let files = files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned()));
        Self { files: files.collect(), ..Self::default() }
    }

    fn step(&mut self) -> Result<(), Trouble> {
        self.steps += 1;
        match self.fails_at {
            Some(step) if self.steps > step => {
                let kind = self.kind.clone().unwrap_or(Kind::Full);
                if kind == Kind::Lost {
                    self.fails_at = None;
                }
                Err(Trouble::new(kind, ""))
            }
            _ => Ok(()),
        }
    }

    fn content(&self) -> BTreeMap<&str, &str> {
        let files = self.files.iter().filter(|(path, _)| *path != LEDGER_PATH);
        files.map(|(path, text)| (path.as_str(), text.as_str())).collect()
    }
}

impl Remote for Memory {
    fn read(&mut self, path: &str) -> Result<Option<Vec<u8>>, Trouble> {
        self.step()?;
        Ok(self.files.get(path).map(|text| text.clone().into_bytes()))
    }

    fn names(&mut self) -> Result<Vec<String>, Trouble> {
        self.step()?;
        Ok(self.files.keys().map(|path| path.split('/').next().unwrap().to_owned()).collect())
    }

    fn look(&mut self, paths: &[&str]) -> Result<BTreeMap<String, Thing>, Trouble> {
        self.step()?;
        let thing = |path: &&str| {
            if self.files.contains_key(*path) {
                return Some(((*path).to_owned(), Thing::File));
            }
            let is_folder = self.files.keys().any(|known| known.starts_with(&format!("{path}/")));
            is_folder.then(|| ((*path).to_owned(), Thing::Folder))
        };
        Ok(paths.iter().filter_map(thing).collect())
    }

    fn put(&mut self, uploads: &[&Upload], arrived: Arrived<'_>) -> Result<(), Trouble> {
        if let Some(intruder) = self.intruder.take() {
            deploy(self, &intruder).unwrap();
        }
        for upload in uploads {
            self.step()?;
            self.log.push(format!("put {}", upload.file.path));
            self.files.insert(upload.file.path.clone(), upload.file.hash.clone());
            arrived(upload);
        }
        Ok(())
    }

    fn write(&mut self, path: &str, bytes: &[u8]) -> Result<(), Trouble> {
        self.step()?;
        self.files.insert(path.to_owned(), String::from_utf8(bytes.to_vec()).unwrap());
        Ok(())
    }

    fn remove(&mut self, paths: &[String]) -> Result<(), Trouble> {
        for path in paths {
            self.step()?;
            self.log.push(format!("remove {path}"));
            self.files.remove(path);
        }
        Ok(())
    }
}

fn hash(number: u8) -> String {
    format!("{number:02x}").repeat(32)
}

fn job(serial: u64, files: &[(&str, Rank, u8)]) -> Job {
    let file = |(path, rank, number): &(&str, Rank, u8)| LocalFile {
        path: (*path).to_owned(),
        rank: *rank,
        hash: hash(*number),
        size: 1,
    };
    Job {
        site: SITE.to_owned(),
        serial,
        files: files.iter().map(file).collect(),
        from: "00112233".to_owned(),
        run: "1".to_owned(),
        take_over: false,
        force: false,
        all: false,
        last: None,
    }
}

fn now() -> Timestamp {
    "2026-11-30T12:00:00Z".parse().unwrap()
}

fn deploy(remote: &mut Memory, job: &Job) -> Result<(), DeployError> {
    deploy_at(remote, job, now())
}

fn deploy_at(remote: &mut Memory, job: &Job, at: Timestamp) -> Result<(), DeployError> {
    let world = World { now: &|| at, sleep: &|_| {}, progress: &|_| {}, remember: &|_| {} };
    let survey = survey(remote, job, &world)?;
    if survey.is_done(job) {
        return Ok(());
    }
    carry_out(remote, job, survey, &world)
}

const FIRST: &[(&str, Rank, u8)] = &[
    ("ap/news/outbox.json", Rank::Fediverse, 1),
    ("feed.xml", Rank::Feed, 1),
    ("index.html", Rank::List, 1),
    ("news/a/index.html", Rank::Page, 1),
    ("style.css", Rank::Asset, 1),
];

#[test]
fn nothing_points_to_what_is_not_there_yet() {
    let mut remote = Memory::default();
    deploy(&mut remote, &job(1, FIRST)).unwrap();
    let order = [
        "put style.css",
        "put news/a/index.html",
        "put index.html",
        "put feed.xml",
        "put ap/news/outbox.json",
    ];
    assert_eq!(remote.log, order);
    remote.log.clear();
    let next = [
        ("ap/news/outbox.json", Rank::Fediverse, 2),
        ("feed.xml", Rank::Feed, 1),
        ("index.html", Rank::List, 2),
        ("news/b/index.html", Rank::Page, 1),
        ("style.css", Rank::Asset, 1),
    ];
    deploy(&mut remote, &job(2, &next)).unwrap();
    let order = [
        "put news/b/index.html",
        "put index.html",
        "put ap/news/outbox.json",
        "remove news/a/index.html",
    ];
    assert_eq!(remote.log, order);
    remote.log.clear();
    deploy(&mut remote, &job(2, &next)).unwrap();
    assert!(remote.log.is_empty(), "what is there does not go there again: {:?}", remote.log);
}

#[test]
fn what_is_damaged_there_is_put_there_again_when_somebody_says_so() {
    let mut remote = Memory::default();
    deploy(&mut remote, &job(1, FIRST)).unwrap();
    let whole = remote.content().into_iter().map(|(path, text)| (path.to_owned(), text.to_owned()));
    let whole: BTreeMap<String, String> = whole.collect();
    remote.files.remove("index.html");
    remote.files.insert("feed.xml".to_owned(), "damaged".to_owned());
    deploy(&mut remote, &Job { all: true, ..job(1, FIRST) }).unwrap();
    let mended =
        remote.content().into_iter().map(|(path, text)| (path.to_owned(), text.to_owned()));
    assert_eq!(mended.collect::<BTreeMap<String, String>>(), whole);
}

#[test]
fn what_is_not_ours_stays() {
    let mut remote = Memory::with(&[("photos/1.jpg", "theirs")]);
    let first = deploy(&mut remote, &job(1, FIRST)).unwrap_err();
    assert_eq!(first, DeployError::NotOurs(vec!["photos".to_owned()]));
    assert_eq!(remote.files.len(), 1, "nothing has changed");
    deploy(&mut remote, &Job { take_over: true, ..job(1, FIRST) }).unwrap();
    deploy(&mut remote, &job(2, &FIRST[..2])).unwrap();
    assert_eq!(remote.files["photos/1.jpg"], "theirs");
    let theirs = [&FIRST[..2], &[("photos/1.jpg", Rank::Asset, 1)]].concat();
    let contested = deploy(&mut remote, &job(3, &theirs)).unwrap_err();
    assert_eq!(contested, DeployError::Contested(vec!["photos/1.jpg".to_owned()]));
    assert_eq!(remote.files["photos/1.jpg"], "theirs");
}

#[test]
fn not_even_in_a_folder_that_many_targets_have_is_something_of_others_overwritten() {
    let files = [(".well-known/webfinger", Rank::Fediverse, 1)];
    let mut remote = Memory::with(&[(".well-known/acme-challenge/x", "theirs")]);
    deploy(&mut remote, &job(1, &files)).unwrap();
    let mut remote = Memory::with(&[(".well-known/webfinger", "theirs")]);
    let contested = deploy(&mut remote, &job(1, &files)).unwrap_err();
    assert_eq!(contested, DeployError::Contested(vec![".well-known/webfinger".to_owned()]));
}

#[test]
fn an_older_state_is_refused_unless_forced() {
    let mut remote = Memory::default();
    deploy(&mut remote, &job(7, FIRST)).unwrap();
    let older = job(6, &FIRST[..2]);
    let refused = deploy(&mut remote, &older).unwrap_err();
    assert_eq!(refused, DeployError::Older { there: 7, here: 6 });
    deploy(&mut remote, &Job { force: true, ..older }).unwrap();
    assert_eq!(remote.content().len(), 2);
}

#[test]
fn the_place_of_another_site_is_left_alone() {
    let mut remote = Memory::default();
    deploy(&mut remote, &job(1, FIRST)).unwrap();
    let other = Job { site: "https://other.example".to_owned(), ..job(1, &FIRST[..1]) };
    assert_eq!(deploy(&mut remote, &other), Err(DeployError::OtherSite(SITE.to_owned())));
    assert_eq!(remote.content().len(), FIRST.len());
}

#[test]
fn who_takes_over_the_place_of_another_site_removes_nothing_of_it() {
    let mut remote = Memory::default();
    deploy(&mut remote, &job(1, FIRST)).unwrap();
    let other =
        Job { site: "https://other.example".to_owned(), take_over: true, ..job(1, &FIRST[..2]) };
    deploy(&mut remote, &other).unwrap();
    deploy(&mut remote, &Job { take_over: false, ..other }).unwrap();
    assert_eq!(remote.content().len(), FIRST.len());
    let ledger = Ledger::parse(&remote.files[LEDGER_PATH]).unwrap();
    assert_eq!((ledger.site.as_str(), ledger.files.len()), ("https://other.example", 2));
}

#[test]
fn what_has_changed_while_a_person_was_asked_is_seen() {
    let mut remote = Memory::default();
    deploy(&mut remote, &job(1, FIRST)).unwrap();
    let world = World { now: &now, sleep: &|_| {}, progress: &|_| {}, remember: &|_| {} };
    let slow = job(2, &FIRST[..4]);
    let found = survey(&mut remote, &slow, &world).unwrap();
    let more = [FIRST, &[("news/b/index.html", Rank::Page, 1)]].concat();
    deploy(&mut remote, &Job { from: "other".to_owned(), ..job(3, &more) }).unwrap();
    let before = remote.files.clone();
    let error = carry_out(&mut remote, &slow, found, &world).unwrap_err();
    assert!(matches!(error, DeployError::Trouble(Trouble { kind: Kind::Overtaken, .. })));
    assert_eq!(remote.files, before, "nothing has changed");
}

/// Deploys, and says what the folder remembers of it.
fn deploy_and_remember(remote: &mut Memory, job: &Job) -> Result<Option<Ledger>, DeployError> {
    let last = std::cell::RefCell::new(job.last.clone());
    let remember = |ledger: &Ledger| drop(last.replace(Some(ledger.clone())));
    let world = World { now: &now, sleep: &|_| {}, progress: &|_| {}, remember: &remember };
    let survey = survey(remote, job, &world)?;
    carry_out(remote, job, survey, &world)?;
    Ok(last.take())
}

#[test]
fn what_was_deployed_from_elsewhere_is_not_undone_by_a_copy_that_does_not_know_it() {
    let mut remote = Memory::default();
    let last = deploy_and_remember(&mut remote, &job(1, FIRST)).unwrap();
    let elsewhere = |files: &[(&str, Rank, u8)]| Job {
        from: "other".to_owned(),
        last: last.clone(),
        ..job(1, files)
    };
    let mut changed = FIRST.to_vec();
    changed[2].2 = 2;
    let more = [FIRST, &[("news/b/index.html", Rank::Page, 1)]].concat();
    let fewer = [&FIRST[..3], &FIRST[4..]].concat();
    for (files, undone) in [
        (&changed[..], "index.html"),
        (&more[..], "news/b/index.html"),
        (&fewer[..], "news/a/index.html"),
    ] {
        let mut remote = remote.clone();
        deploy_and_remember(&mut remote, &elsewhere(files)).unwrap();
        let mut mine = FIRST.to_vec();
        mine[4].2 = 3;
        let stale = Job { last: last.clone(), ..job(1, &mine) };
        let refused = deploy(&mut remote, &stale).unwrap_err();
        assert_eq!(refused, DeployError::Undone(vec![undone.to_owned()]));
        assert!(remote.files.values().all(|text| *text != hash(3)), "nothing has changed");
        // With the changes of the other, and with none of its own knowledge, it goes.
        let mut both = files.to_vec();
        both.last_mut().unwrap().2 = 3;
        let merged = Job { last: last.clone(), ..job(1, &both) };
        deploy(&mut remote.clone(), &merged).unwrap();
        deploy(&mut remote.clone(), &Job { last: None, ..stale.clone() }).unwrap();
        deploy(&mut remote, &Job { force: true, ..stale }).unwrap();
    }
}

#[test]
fn two_deploys_at_once_do_not_mix() {
    let mut remote = Memory { fails_at: Some(5), ..Memory::default() };
    deploy(&mut remote, &job(1, FIRST)).unwrap_err();
    remote.fails_at = None;
    let other = Job { from: "other".to_owned(), run: "2".to_owned(), ..job(1, FIRST) };
    assert_eq!(deploy(&mut remote, &other), Err(DeployError::Going(now())));
    // The folder that was interrupted goes on at once, any other one an hour later.
    deploy_at(&mut remote.clone(), &other, now() + SignedDuration::from_mins(61)).unwrap();
    deploy(&mut remote, &job(1, FIRST)).unwrap();
    assert_eq!(remote.content().len(), FIRST.len());
}

/// A deploy from a copy of the same folder, which nothing but its run tells from ours.
fn intruder() -> Job {
    Job { run: "2".to_owned(), force: true, ..job(1, &FIRST[..1]) }
}

#[test]
fn who_was_overtaken_does_not_say_that_all_is_done() {
    let mut remote = Memory { intruder: Some(intruder()), ..Memory::default() };
    let error = deploy(&mut remote, &job(1, FIRST)).unwrap_err();
    assert!(matches!(error, DeployError::Trouble(Trouble { kind: Kind::Overtaken, .. })));
    // As the message says, all is put there again, for the ledger knows only what the other did.
    let changed: Vec<_> = FIRST.iter().map(|(path, rank, _)| (*path, *rank, 2)).collect();
    let next = Job { run: "3".to_owned(), take_over: true, all: true, ..job(1, &changed) };
    deploy(&mut remote, &next).unwrap();
    let expected: BTreeMap<&str, &str> =
        next.files.iter().map(|file| (file.path.as_str(), file.hash.as_str())).collect();
    assert_eq!(remote.content(), expected);
}

#[test]
fn who_was_overtaken_writes_no_ledger_over_that_of_the_other() {
    let many: Vec<String> = (0..250).map(|n| format!("p{n}")).collect();
    let many: Vec<_> = many.iter().map(|path| (path.as_str(), Rank::Page, 1)).collect();
    let mut remote = Memory { intruder: Some(intruder()), ..Memory::default() };
    deploy(&mut remote, &job(1, &many)).unwrap_err();
    let ledger = Ledger::parse(&remote.files[LEDGER_PATH]).unwrap();
    assert_eq!((ledger.files.len(), ledger.state), (1, State::Done), "the ledger of the other");
}

#[test]
fn a_file_of_others_is_no_folder_of_ours() {
    for (theirs, ours) in [("photos", "photos/1.jpg"), ("plain.txt/x", "plain.txt")] {
        let mut remote = Memory::default();
        deploy(&mut remote, &job(1, FIRST)).unwrap();
        remote.files.insert(theirs.to_owned(), "theirs".to_owned());
        let files = [FIRST, &[(ours, Rank::Asset, 1)]].concat();
        let error = deploy(&mut remote, &job(2, &files)).unwrap_err();
        assert!(matches!(error, DeployError::Contested(_)), "{theirs}: {error}");
        assert_eq!(remote.files[theirs], "theirs");
    }
}

#[test]
fn a_connection_that_is_lost_is_tried_again() {
    let mut remote = Memory { fails_at: Some(6), kind: Some(Kind::Lost), ..Memory::default() };
    let waits = Cell::new(0);
    let count = |_: Duration| waits.set(waits.get() + 1);
    let world = World { now: &now, sleep: &count, progress: &|_| {}, remember: &|_| {} };
    let job = job(1, FIRST);
    let survey = survey(&mut remote, &job, &world).unwrap();
    carry_out(&mut remote, &job, survey, &world).unwrap();
    assert_eq!(waits.get(), 1);
    assert_eq!(remote.log.len(), FIRST.len(), "what has arrived does not go there again");
}

proptest! {
    #[test]
    fn whatever_interrupts_a_deploy_the_next_one_mends_it(
        before in proptest::collection::btree_map(0_u8..12, 0_u8..3, 0..10),
        after in proptest::collection::btree_map(0_u8..12, 0_u8..3, 0..10),
        last in proptest::collection::btree_map(0_u8..12, 0_u8..3, 0..10),
        fails_at in 0_usize..40,
    ) {
        let ranks = [Rank::Asset, Rank::Page, Rank::Feed, Rank::Fediverse];
        let file = |(number, content): (&u8, &u8)| LocalFile {
            // Some of them are files where others have folders.
            path: match number % 3 {
                0 => format!("d{}", number / 6),
                _ => format!("d{}/{number}", number / 6),
            },
            rank: ranks[usize::from(number % 4)],
            hash: hash(*content),
            size: 1,
        };
        let sites = [before, after, last].map(|site| {
            let all: Vec<LocalFile> = site.iter().map(file).collect();
            // A path is either a file or a folder.
            let is_folder = |path: &str| {
                let inside = format!("{path}/");
                all.iter().any(|file| file.path.starts_with(&inside))
            };
            let mut files: Vec<LocalFile> =
                all.iter().filter(|f| !is_folder(&f.path)).cloned().collect();
            files.dedup_by_key(|file| file.path.clone());
            Job { files, ..job(1, &[]) }
        });
        let mut remote = Memory::with(&[("theirs/x", "theirs")]);
        let first = Job { take_over: true, files: sites[0].files.clone(), ..job(1, &[]) };
        deploy(&mut remote, &first).unwrap();
        (remote.fails_at, remote.steps) = (Some(fails_at), 0);
        let _ = deploy(&mut remote, &sites[1]);
        remote.fails_at = None;
        deploy(&mut remote, &sites[2]).unwrap();
        let mut expected: BTreeMap<&str, &str> =
            sites[2].files.iter().map(|f| (f.path.as_str(), f.hash.as_str())).collect();
        expected.insert("theirs/x", "theirs");
        prop_assert_eq!(remote.content(), expected);
    }
}
