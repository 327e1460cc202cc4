//! By `sftp` in batch mode: for web space where nothing else runs.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::super::Upload;
use super::super::ledger::Ledger;
use super::super::trouble::{Kind, Trouble};
use super::program::{Ended, run};
use super::ssh::Connection;
use super::{Arrived, Remote, Thing, folders_of};
use crate::config::Shell;
use crate::limits::DEPLOY_LEDGER_BYTES_MAX;
use crate::path::folders_above;

/// A line of a batch, in bytes; it reads 2,047 at once.
const LINE_BYTES_MAX: usize = 1900;

/// So much of a name stands in the one under which a file arrives. One arrives after the other.
const NEW_NAME_LETTERS: usize = 50;

/// What it writes before each command that it carries out.
const PROMPT: &str = "sftp> ";

pub(super) struct Sftp {
    connection: Connection,
    folder: String,
    output: PathBuf,
    /// Folders that are there for certain.
    made: std::collections::HashSet<String>,
    /// The server cannot rename a file over another one, so that one has to go first.
    removes_first: bool,
}

impl Sftp {
    pub(super) fn open(shell: &Shell, root: &Path, output: &Path) -> Result<Self, Trouble> {
        Ok(Self {
            connection: Connection::open(shell, root)?,
            folder: shell.folder.clone(),
            output: output.to_path_buf(),
            made: std::collections::HashSet::new(),
            removes_first: false,
        })
    }

    fn run(&self, batch: &str, told: &mut dyn FnMut(&str)) -> Result<Ended, Trouble> {
        refuse_long_lines(batch)?;
        self.connection.ensure()?;
        let mut command = Command::new("sftp");
        // `-b` comes with `BatchMode=yes`; what was said first is in force.
        command.args(self.connection.options()).args(["-q", "-b", "-"]);
        command.args(["--", self.connection.host()]);
        run("sftp", &mut command, batch.as_bytes(), told)
    }

    fn there(&self, path: &str) -> String {
        quoted(&format!("{}/{path}", self.folder))
    }

    fn fetch(&self, path: &str) -> Result<Option<Vec<u8>>, Trouble> {
        let listed = self.run(&format!("ls -ln {}\n", self.there(path)), &mut |_| {})?;
        if !listed.is_fine {
            return if is_missing(&listed) { Ok(None) } else { Err(listed.trouble()) };
        }
        // `-rw-r--r--    1 0        0            4950 Nov 30 13:20 …/deployed.txt`
        let line = listed.stdout.lines().find(|line| !line.starts_with(PROMPT));
        let size = line.and_then(|line| line.split_whitespace().nth(4)?.parse().ok());
        if size.is_some_and(|size: usize| size > DEPLOY_LEDGER_BYTES_MAX) {
            return Err(Trouble::too_large(path));
        }
        let copy = self.connection.folder().join("read");
        let _ = fs::remove_file(&copy);
        let batch = format!("get {} {}\n", self.there(path), quoted(&copy.to_string_lossy()));
        let ended = self.run(&batch, &mut |_| {})?;
        if ended.is_fine {
            let failed = |error: std::io::Error| Trouble::new(Kind::Other, error.to_string());
            return fs::read(&copy).map(Some).map_err(failed);
        }
        if is_missing(&ended) { Ok(None) } else { Err(ended.trouble()) }
    }

    /// Commands that make the folders of a path which are not known to be there.
    fn make_folders(&mut self, path: &str) -> String {
        let whole = format!("{}/{path}", self.folder);
        let mut commands = String::new();
        for folder in folders_above(&whole).rev().filter(|folder| !folder.is_empty()) {
            if self.made.insert(folder.to_owned()) {
                commands.push_str(&format!("-mkdir {}\n", quoted(folder)));
            }
        }
        commands
    }

    /// Commands that put a file there under another name, and rename it.
    fn put_one(&mut self, from: &Path, path: &str) -> String {
        let mut commands = self.make_folders(path);
        let new = self.there(&new_name(path));
        let there = self.there(path);
        // A text takes whatever is written into it.
        let _ = writeln!(commands, "put {} {new}", quoted(&from.to_string_lossy()));
        if is_private(from) {
            // It takes its rights along, and the web server has to read it.
            let _ = writeln!(commands, "-chmod 644 {new}");
        }
        if self.removes_first {
            let _ = writeln!(commands, "-rm {there}");
        }
        let _ = writeln!(commands, "rename {new} {there}");
        commands
    }

    /// Runs commands that put files there, and counts the files that have their name.
    fn put_all(
        &mut self,
        files: &[(PathBuf, &str)],
        named: &mut dyn FnMut(usize),
    ) -> Result<(), Trouble> {
        let commands: String = files.iter().map(|(from, path)| self.put_one(from, path)).collect();
        let (mut done, mut is_renaming) = (0, false);
        let ended = self.run(&commands, &mut |line| {
            // A command is done when the next one begins.
            let Some(command) = line.strip_prefix(PROMPT) else { return };
            if std::mem::replace(&mut is_renaming, command.starts_with("rename ")) {
                named(done);
                done += 1;
            }
        });
        let ended = ended.inspect_err(|_| self.made.clear())?;
        if ended.is_fine {
            if is_renaming {
                named(done);
            }
            return Ok(());
        }
        // A folder that could not be made is one that has to be made again.
        self.made.clear();
        if is_renaming && !self.removes_first && ended.stderr.contains("rename") {
            self.removes_first = true;
            return self.put_all(&files[done..], &mut |index| named(done + index));
        }
        Err(trouble(&ended))
    }
}

/// It takes a line in pieces, and what follows the first one for a command of its own, which might
/// be any: one that runs a program here begins with `!`.
fn refuse_long_lines(batch: &str) -> Result<(), Trouble> {
    let Some(line) = batch.lines().find(|line| line.len() > LINE_BYTES_MAX) else { return Ok(()) };
    Err(Trouble::new(Kind::LongName, line.chars().take(80).collect::<String>()))
}

/// The name under which a file arrives. No name has more than 255 bytes.
fn new_name(path: &str) -> String {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let slash = if folder.is_empty() { "" } else { "/" };
    let name: String = name.chars().take(NEW_NAME_LETTERS).collect();
    format!("{folder}{slash}.{name}.sitegen-new")
}

/// Whether others on this machine cannot read a file.
fn is_private(file: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::metadata(file).is_ok_and(|data| data.permissions().mode() & 0o044 != 0o044)
    }
    #[cfg(not(unix))]
    {
        let _ = file;
        false
    }
}

/// A name as the commands of sftp take it.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('\\', "\\\\").replace('"', "\\\""))
}

/// What the server said; of a full disk the protocol knows only that something failed (draft
/// ietf-secsh-filexfer-02, section 7).
fn trouble(ended: &Ended) -> Trouble {
    let said = &ended.stderr;
    if said.contains("write remote") && said.contains("Failure") {
        return Trouble::new(Kind::Full, said.clone());
    }
    ended.trouble()
}

/// Whether it only says that something is not there.
fn is_missing(ended: &Ended) -> bool {
    ["not found", "No such file"].iter().any(|word| ended.stderr.contains(word))
}

impl Remote for Sftp {
    fn read(&mut self, path: &str) -> Result<Option<Vec<u8>>, Trouble> {
        if let Some(bytes) = self.fetch(path)? {
            return Ok(Some(bytes));
        }
        // Where the old one has to go first, a cut may have come between the two.
        let is_whole = |bytes: &Vec<u8>| Ledger::parse(&String::from_utf8_lossy(bytes)).is_ok();
        Ok(self.fetch(&new_name(path))?.filter(is_whole))
    }

    fn names(&mut self) -> Result<Vec<String>, Trouble> {
        let batch = format!("ls -1a {}\n", quoted(&self.folder));
        let ended = self.run(&batch, &mut |_| {})?;
        if !ended.is_fine && !is_missing(&ended) {
            return Err(ended.trouble());
        }
        let lines = ended.stdout.lines().filter(|line| !line.starts_with(PROMPT));
        let name = |line: &str| line.trim().rsplit('/').next().unwrap_or_default().to_owned();
        Ok(lines.map(name).filter(|name| !name.is_empty()).collect())
    }

    fn look(&mut self, paths: &[&str]) -> Result<BTreeMap<String, Thing>, Trouble> {
        let ask = |path: &&str| format!("-ls -1 {}\n", self.there(path));
        let batch: String = paths.iter().map(ask).collect();
        let mut asked = paths.iter();
        let (mut current, mut found) = ("", BTreeMap::new());
        let ended = self.run(&batch, &mut |line| {
            if line.starts_with(PROMPT) {
                current = asked.next().copied().unwrap_or_default();
            } else if !line.trim().is_empty() {
                // Of a file it says the name, of a folder what is in it.
                let is_file = line.trim_end() == format!("{}/{current}", self.folder);
                let thing = if is_file { Thing::File } else { Thing::Folder };
                found.entry(current.to_owned()).or_insert(thing);
            }
        })?;
        if ended.is_fine { Ok(found) } else { Err(ended.trouble()) }
    }

    fn put(&mut self, uploads: &[&Upload], arrived: Arrived<'_>) -> Result<(), Trouble> {
        let file = |upload: &&'_ Upload| self.output.join(&upload.file.path);
        let files: Vec<(PathBuf, &str)> =
            uploads.iter().map(|u| (file(u), u.file.path.as_str())).collect();
        self.put_all(&files, &mut |index| {
            if let Some(upload) = uploads.get(index) {
                arrived(upload);
            }
        })
    }

    fn write(&mut self, path: &str, bytes: &[u8]) -> Result<(), Trouble> {
        let file = self.connection.folder().join("write");
        fs::write(&file, bytes).map_err(|e| Trouble::new(Kind::Other, e.to_string()))?;
        self.put_all(&[(file, path)], &mut |_| {})
    }

    fn remove(&mut self, paths: &[String]) -> Result<(), Trouble> {
        let batch: String =
            paths.iter().map(|path| format!("-rm {}\n", self.there(path))).collect();
        let ended = self.run(&batch, &mut |_| {})?;
        let is_gone = |line: &str| ["not found", "No such file"].iter().any(|w| line.contains(w));
        if !ended.is_fine || !ended.stderr.lines().all(is_gone) {
            return Err(ended.trouble());
        }
        // What an interrupted upload has left goes too, and folders that are empty now; one with
        // something in it stays.
        let mut batch = String::new();
        for path in paths {
            // A text takes whatever is written into it.
            let _ = writeln!(batch, "-rm {}", self.there(&new_name(path)));
        }
        for folder in folders_of(paths) {
            let _ = writeln!(batch, "-rmdir {}", self.there(folder));
            self.made.remove(&format!("{}/{folder}", self.folder));
        }
        let ended = self.run(&batch, &mut |_| {})?;
        if ended.is_fine { Ok(()) } else { Err(ended.trouble()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_makes_a_command_of_its_own() {
        // As long as a path may be, and each quote takes two bytes.
        let path = format!("{}/!touch x #", vec!["\"".repeat(250); 4].join("/"));
        crate::path::OutputPath::new(&path).unwrap();
        let batch = format!("-rm {}\n", quoted(&path));
        assert_eq!(refuse_long_lines(&batch).unwrap_err().kind, Kind::LongName);
        assert_eq!(refuse_long_lines("-rm \"/srv/www/index.html\"\n"), Ok(()));
    }

    #[test]
    fn a_file_arrives_under_another_name_in_the_same_folder() {
        assert_eq!(new_name("a/b.html"), "a/.b.html.sitegen-new");
        assert_eq!(new_name("b.html"), ".b.html.sitegen-new");
        assert_eq!(quoted("a \"b\" \\c"), "\"a \\\"b\\\" \\\\c\"");
    }
}
