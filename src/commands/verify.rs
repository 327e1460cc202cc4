//! `sitegen verify`: compares a live site with what its owner has signed.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use jiff::SignedDuration;

use super::doctor::{address, live};
use super::output::{bar, write_to};
use super::{CommandError, Exit, config_of, find_root};
use crate::cli::{Global, OutputFormat, Verify};
use crate::disk::{Root, replace, signing_key};
use crate::doctor::live::Manner;
use crate::key::minisign::PublicKey;
use crate::limits::KEY_BYTES_MAX;
use crate::load::{Inputs, record};
use crate::verify::{Means, Seen, Subject, Verdict, Verification, verify};

pub(super) fn run(arguments: &Verify, global: &Global) -> Result<Exit, CommandError> {
    let base_url = address(&arguments.url)?.as_str().to_owned();
    let own = find_root(global).ok();
    let key = key(arguments, own.as_deref())?;
    let state = state(arguments)?.join(Seen::file_name(key, &base_url));
    let Known { keep, serial } = known(own.as_deref(), global, &base_url);
    let age = arguments.max_age.map(|days| SignedDuration::from_hours(24 * i64::from(days)));
    let subject = Subject {
        sample: arguments.sample,
        chance: getrandom::u64()
            .map_err(|error| CommandError::Io("the system".into(), io::Error::other(error)))?,
        except: arguments.except.iter().cloned().chain(keep).collect(),
        seen: read(&state)?,
        own_serial: serial,
        not_before: age.and_then(|age| jiff::Timestamp::now().checked_sub(age).ok()),
        base_url,
        key,
    };
    let live = live(&arguments.net, Manner::VERIFY)?;
    let bar = bar(global, "{bar:40} {pos}/{len} files");
    let progress = |done: usize, total: usize| {
        if let Some(bar) = &bar {
            bar.set_length(total as u64);
            bar.set_position(done as u64);
        }
    };
    let means = Means { ask: &live, wait: &std::thread::sleep, progress: &progress };
    let verification = verify(&means, &subject);
    drop(bar);
    let exit = print(&verification, global);
    if let Some(seen) = &verification.seen {
        remember(&state, seen).map_err(|error| CommandError::Io(state.clone(), error))?;
    }
    Ok(exit)
}

/// The key that somebody has named, or that of the site in this folder.
fn key(arguments: &Verify, own: Option<&Path>) -> Result<PublicKey, CommandError> {
    let Some(named) = &arguments.key else {
        let key = match own {
            Some(root) => {
                let root =
                    Root::open(root).map_err(|error| CommandError::Io(root.into(), error))?;
                signing_key::read_public(&root)?
            }
            None => None,
        };
        return key.ok_or_else(|| {
            CommandError::Usage(
                "it is not said whose signature it has to be: name the public key of the site with \
                 `--key RW…`, as its owner has given it to you. In the folder of the site, \
                 `sitegen key new --signing` makes one"
                    .to_owned(),
            )
        });
    };
    if let Ok(key) = PublicKey::parse(named) {
        return Ok(key);
    }
    let refuse =
        |why: &dyn std::fmt::Display| CommandError::Usage(format!("`--key {named}`: {why}"));
    match fs::File::open(named) {
        Ok(file) => {
            let mut text = Vec::new();
            let mut part = io::Read::take(file, KEY_BYTES_MAX + 1);
            io::Read::read_to_end(&mut part, &mut text)
                .map_err(|error| CommandError::Io(named.into(), error))?;
            PublicKey::parse(&String::from_utf8_lossy(&text)).map_err(|problem| refuse(&problem))
        }
        Err(_) => PublicKey::parse(named).map_err(|problem| refuse(&problem)),
    }
}

/// What the folder of the site says of it.
#[derive(Default)]
struct Known {
    /// What others look after.
    keep: Vec<String>,
    /// Its state.
    serial: Option<u64>,
}

/// What this folder says, when it is that of the site. What is wrong with it, builds complain of.
fn known(own: Option<&Path>, global: &Global, base_url: &str) -> Known {
    let inputs = own.and_then(|root| Inputs::read_heads(root, &global.config).ok());
    let Some(inputs) = inputs else { return Known::default() };
    let config = config_of(&inputs, None);
    if config.base_url.as_str() != base_url {
        return Known::default();
    }
    let record = inputs.record.as_ref().and_then(|source| record::read(source, &config).ok());
    Known { serial: record.map(|record| record.serial), keep: config.keep }
}

/// The folder for what is remembered.
fn state(arguments: &Verify) -> Result<PathBuf, CommandError> {
    if let Some(folder) = &arguments.state {
        return Ok(folder.clone());
    }
    // A relative one is to be ignored (XDG base directories).
    let named = std::env::var_os("XDG_STATE_HOME").map(PathBuf::from);
    let folder = named.filter(|path| path.is_absolute()).or_else(|| {
        std::env::home_dir().filter(|home| home.is_absolute()).map(|home| home.join(".local/state"))
    });
    folder.map(|folder| folder.join("sitegen")).ok_or_else(|| {
        CommandError::Usage(
            "there is no home folder in which to remember what was seen; name a folder with \
             `--state DIR`"
                .to_owned(),
        )
    })
}

fn read(file: &Path) -> Result<Option<Seen>, CommandError> {
    match fs::read_to_string(file) {
        Ok(text) => Seen::parse(&text).map(Some).ok_or_else(|| {
            CommandError::Usage(format!(
                "{} is damaged, in which the newest list that was seen is remembered; remove it, \
                 and compare the date of the list that is found now with what you know",
                file.display()
            ))
        }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(CommandError::Io(file.to_path_buf(), error)),
    }
}

/// Writes what was seen, if it is newer than what is remembered.
fn remember(file: &Path, seen: &Seen) -> io::Result<()> {
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    // One run after the other, so that the later one reads what the earlier one has written.
    let lock = fs::File::options().create(true).append(true).open(file.with_file_name("lock"))?;
    // Not every disk can do that; then what is read below has to do.
    let _ = lock.lock();
    // Another run may have seen a newer one since this one has begun. What cannot be read, `read`
    // has complained of, or will.
    let known = fs::read_to_string(file).ok().and_then(|text| Seen::parse(&text));
    if known.is_some_and(|known| !seen.is_newer_than(&known)) {
        return Ok(());
    }
    let new = file.with_extension(format!("{}.new", std::process::id()));
    replace(file, &new, seen.to_string().as_bytes(), true)
}

/// Shows what was found, and says how the run ends.
fn print(verification: &Verification, global: &Global) -> Exit {
    let verdict = verification.verdict();
    let text = match global.format {
        OutputFormat::Human if global.quiet && verdict == Verdict::Same => String::new(),
        OutputFormat::Human => verification.human(global.verbose),
        OutputFormat::Json => verification.json(),
    };
    write_to(io::stdout(), &text);
    match verdict {
        Verdict::Same => Exit::Fine,
        Verdict::Differs => Exit::SiteErrors,
        Verdict::Unknown => Exit::World,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::convert::Infallible;
    use std::sync::Mutex;

    use url::Url;

    use super::*;
    use crate::artifact::{Artifact, Body, Sink};
    use crate::config::Host;
    use crate::config::Mode;
    use crate::doctor::ask::{AskError, Reply, Request};
    use crate::hash::Hash;
    use crate::host::Asked;
    use crate::key::minisign::SecretKey;
    use crate::manifest::{self, File, Manifest};
    use crate::path::OutputPath;
    use crate::pipeline::{self, Hosted};
    use crate::verify::finding::{Check, Severity};

    const BASE: &str = "https://www.party.example";
    const NOW: &str = "2026-06-01T12:00:00Z";
    const KEY: &[u8] = include_bytes!("../doctor/tests/key.pem");

    type Files = BTreeMap<String, Vec<u8>>;

    /// A site with accounts, old addresses, two languages, and a post that was taken back.
    fn site(host: Host, precompress: bool) -> Files {
        let config = format!(
            "base_url = \"{BASE}\"\ntitle = \"The Party\"\nhost = \"{}\"\n\
             precompress = {precompress}\n[languages.cy]\ntitle = \"Y Blaid\"\n\
             [[actors]]\nuser = \"news\"\nname = \"News\"\n\
             [[actors]]\nuser = \"youth\"\nname = \"Youth\"\nsections = [\"youth\"]\n",
            host.name()
        );
        let post = |title: &str, more: &str| {
            format!("+++\ntitle = \"{title}\"\ndate = 2026-05-01\n{more}+++\nText.\n").into_bytes()
        };
        let mut files = Files::from([
            ("site.toml".to_owned(), config.into_bytes()),
            ("keys/news.pem".to_owned(), KEY.to_vec()),
            ("keys/youth.pem".to_owned(), KEY.to_vec()),
            ("content/news/a.md".to_owned(), post("A", "aliases = [\"/old/\", \"/x/y.html\"]\n")),
            ("content/news/b.md".to_owned(), post("B", "")),
            ("content/youth/c.md".to_owned(), post("C", "path = \"c.html\"\n")),
            ("content/news/a.cy.md".to_owned(), post("A", "")),
            ("static/a b.txt".to_owned(), b"text".to_vec()),
        ]);
        let (_, record) = build(&files);
        files.insert("published.toml".to_owned(), record.unwrap().into_bytes());
        files.insert("content/news/b.md".to_owned(), post("B", "withdrawn = true\n"));
        files
    }

    fn inputs(files: &Files) -> Inputs {
        Inputs::from_files(files.iter().map(|(path, bytes)| (path.as_str(), &bytes[..])))
    }

    fn mode() -> Mode {
        Mode::at(NOW.parse().unwrap())
    }

    struct Memory<'a> {
        sources: &'a Files,
        output: Mutex<Files>,
    }

    impl Sink for Memory<'_> {
        type Error = Infallible;

        fn accept(&self, artifact: Artifact) -> Result<(), Infallible> {
            let bytes = match artifact.body {
                Body::Bytes(bytes) => bytes,
                Body::Static(bytes) => bytes.to_vec(),
                Body::Copy(source) => self.sources[source.as_str()].clone(),
            };
            self.output.lock().unwrap().insert(artifact.path.as_str().to_owned(), bytes);
            Ok(())
        }
    }

    fn build(files: &Files) -> (Files, Option<String>) {
        let sink = Memory { sources: files, output: Mutex::default() };
        let Ok(report) = pipeline::build(&inputs(files), &mode(), &sink);
        assert!(!report.has_errors(), "{:#?}", report.diagnostics);
        (sink.output.into_inner().unwrap(), report.record)
    }

    /// Adds the signed list of all files.
    fn sign(output: &mut Files, key: &SecretKey) {
        let files = output.iter().map(|(path, bytes)| File {
            path: OutputPath::new(path).unwrap(),
            hash: Hash::of(&bytes[..]).unwrap(),
            size: bytes.len() as u64,
        });
        let (site, made) = (format!("{BASE}/"), NOW.parse().unwrap());
        let text = Manifest { site, serial: 1, made, files: files.collect() }.to_text();
        let signature = key.sign(text.as_bytes(), "");
        output.insert(manifest::SIGNATURE_PATH.to_owned(), signature.into_bytes());
        output.insert(manifest::PATH.to_owned(), text.into_bytes());
    }

    /// What is found on a host that has these files.
    fn found(files: &Files, output: &Files, key: &SecretKey) -> Verification {
        let hosted = Hosted::load(&inputs(files), &mode(), None).0.unwrap();
        let ask = |request: &Request| -> Result<Reply, AskError> {
            let url = Url::parse(&request.url).unwrap();
            let asked = Asked { method: "GET", path: url.path(), query: url.query() };
            let answer = hosted.plan().answer(&asked, &|path| output.contains_key(path));
            let body = match answer.file {
                Some(file) => output[&file].clone(),
                None => answer.text.into_bytes(),
            };
            Ok(Reply { status: answer.status, headers: answer.headers, body })
        };
        let means = Means { ask: &ask, wait: &|_| {}, progress: &|_, _| {} };
        let (base_url, key) = (BASE.to_owned(), key.public());
        let subject = Subject {
            base_url,
            key,
            sample: None,
            chance: 7,
            except: Vec::new(),
            seen: None,
            own_serial: None,
            not_before: None,
        };
        verify(&means, &subject)
    }

    #[test]
    fn what_is_remembered_never_becomes_older() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("state/seen.txt");
        let seen = |day: u32| {
            let text = format!(
                "sitegen seen 1\nkey RWx\nsite {BASE}/\nserial 7\nmade 2026-05-0{day}T10:00:00Z\n\
                 hash ab\n"
            );
            Seen::parse(&text).unwrap()
        };
        for (day, remembered) in [(2, 2), (1, 2), (3, 3), (2, 3)] {
            remember(&file, &seen(day)).unwrap();
            assert_eq!(read(&file).unwrap(), Some(seen(remembered)));
        }
    }

    #[test]
    fn what_a_host_does_by_design_is_no_alarm_and_what_is_changed_there_is_one() {
        let key = SecretKey::generate().unwrap();
        for (host, precompress) in Host::ALL.iter().flat_map(|host| [(host, false), (host, true)]) {
            let name = host.name();
            let files = site(*host, precompress);
            let (mut output, _) = build(&files);
            sign(&mut output, &key);
            let fine = found(&files, &output, &key);
            let alarms: Vec<_> =
                fine.findings.iter().filter(|it| it.severity != Severity::Note).collect();
            assert!(alarms.is_empty(), "{name}: {alarms:#?}");
            // An old address that leads on, and a post that is gone, are all that may stay unseen.
            assert!(fine.findings.len() <= 3, "{name}: {:#?}", fine.findings);
            assert!(fine.findings.iter().all(|it| it.check == Check::NotComparable), "{name}");

            for path in ["index.html", "c.html", "cy/news/a/index.html", "ap/news/actor.json"] {
                let mut changed = output.clone();
                changed.get_mut(path).unwrap().push(b' ');
                let verification = found(&files, &changed, &key);
                let paths: Vec<_> = verification
                    .findings
                    .iter()
                    .filter(|it| it.check == Check::Changed)
                    .map(|it| it.path.as_deref().unwrap())
                    .collect();
                assert_eq!(paths, [path], "{name}");
            }
        }
    }
}
