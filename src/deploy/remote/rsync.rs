//! By `rsync` over SSH: a file changes in one step, and of a large one only what is different
//! goes over the line.

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::super::Upload;
use super::super::trouble::{Kind, Trouble};
use super::program::{Ended, run_quietly};
use super::ssh::Connection;
use super::{Arrived, Remote, Thing, folders_of};
use crate::config::Shell;
use crate::limits::DEPLOY_LEDGER_BYTES_MAX;
use crate::path::folders_above;

/// Some files could not be read (rsync(1), EXIT VALUES).
const SOME_MISSING: i32 = 23;

/// Whether all that is wrong is that something is not there.
fn lacks_only(ended: &Ended) -> bool {
    let is_missing = |line: &str| line.contains("No such file or directory");
    // Where there is nothing at all, one side goes before the other has done speaking.
    let follows = |line: &str| line.contains("[Receiver] write error: Broken pipe");
    let mut lines = ended.stderr.lines().filter(|line| !line.starts_with("rsync error: "));
    ended.code == Some(SOME_MISSING)
        && lines.clone().any(is_missing)
        && lines.all(|line| is_missing(line) || follows(line))
}

/// What is new can be read by the web server, however private this machine keeps its files.
const READABLE: &str = "--chmod=D755,F644";

pub(super) struct Rsync {
    connection: Connection,
    /// `me@web.example:/var/www/site`
    to: String,
    output: PathBuf,
}

impl Rsync {
    pub(super) fn open(shell: &Shell, root: &Path, output: &Path) -> Result<Self, Trouble> {
        let connection = Connection::open(shell, root)?;
        let to = format!("{}:{}", shell.host, shell.folder);
        Ok(Self { connection, to, output: output.to_path_buf() })
    }

    /// Runs it with the list of paths to read.
    fn run(
        &self,
        arguments: &[&str],
        from: &str,
        to: Option<&str>,
        paths: &[&str],
    ) -> Result<Ended, Trouble> {
        self.connection.ensure()?;
        let mut command = Command::new("rsync");
        command.env("RSYNC_RSH", shell_words(self.connection.options()));
        // The shell there sees none of the names.
        command.args(["--protect-args", "--timeout=120"]).args(arguments);
        let mut list = Vec::new();
        if !paths.is_empty() {
            command.args(["--files-from=-", "--from0"]);
            for path in paths {
                // What begins with `#` or `;` would be a comment.
                list.extend_from_slice(b"./");
                list.extend_from_slice(path.as_bytes());
                list.push(0);
            }
        }
        command.arg("--").arg(from).args(to);
        run_quietly("rsync", &mut command, &list)
    }

    fn there(&self) -> String {
        format!("{}/", self.to)
    }

    /// An empty folder in which only the folders above some paths are.
    fn nothing(&self, paths: &[&str]) -> Result<String, Trouble> {
        let nothing = self.connection.folder().join("nothing");
        let _ = fs::remove_dir_all(&nothing);
        let mut make = vec![nothing.clone()];
        make.extend(
            paths.iter().flat_map(|path| folders_above(path)).map(|folder| nothing.join(folder)),
        );
        for folder in make {
            fs::create_dir_all(&folder).map_err(|error| failed(&error))?;
        }
        Ok(format!("{}/", nothing.display()))
    }

    /// Removes files or empty folders: what is asked for and missing here goes there.
    fn remove_all(&self, paths: &[&str]) -> Result<Ended, Trouble> {
        let from = self.nothing(paths)?;
        let arguments = [
            "--dirs",
            "--delete-missing-args",
            "--keep-dirlinks",
            "--no-perms",
            "--omit-dir-times",
        ];
        self.run(&arguments, &from, Some(&self.there()), paths)
    }
}

fn failed(error: &std::io::Error) -> Trouble {
    Trouble::new(Kind::Other, error.to_string())
}

impl Remote for Rsync {
    fn read(&mut self, path: &str) -> Result<Option<Vec<u8>>, Trouble> {
        let copy = self.connection.folder().join("read");
        let _ = fs::remove_file(&copy);
        let from = format!("{}/{path}", self.to);
        let limit = format!("--max-size={DEPLOY_LEDGER_BYTES_MAX}");
        let ended = self.run(&[&limit], &from, Some(&copy.to_string_lossy()), &[])?;
        if ended.is_fine && !copy.exists() {
            return Err(Trouble::too_large(path));
        }
        if ended.is_fine {
            return fs::read(&copy).map(Some).map_err(|error| failed(&error));
        }
        if lacks_only(&ended) { Ok(None) } else { Err(ended.trouble()) }
    }

    fn names(&mut self) -> Result<Vec<String>, Trouble> {
        let arguments = ["--list-only", "--8-bit-output"];
        let ended = self.run(&arguments, &self.there(), None, &[])?;
        if !ended.is_fine && !lacks_only(&ended) {
            return Err(ended.trouble());
        }
        // `-rw-r--r--      12 2026/11/30 12:00:00 index.html`
        let name = |line: &str| {
            let after_rights = line.split_once(' ')?.1.trim_start();
            Some(after_rights.splitn(4, ' ').nth(3)?.to_owned())
        };
        Ok(ended.stdout.lines().filter_map(name).collect())
    }

    fn look(&mut self, paths: &[&str]) -> Result<BTreeMap<String, Thing>, Trouble> {
        // It says what it would fetch, which is what is there; links too.
        let to = self.nothing(&[])?;
        let arguments = ["--dry-run", "--links", "--dirs", "--8-bit-output", "--out-format=%n"];
        let ended = self.run(&arguments, &self.there(), Some(&to), paths)?;
        if !ended.is_fine && !lacks_only(&ended) {
            return Err(ended.trouble());
        }
        let found: HashSet<&str> = ended.stdout.lines().collect();
        let thing = |path: &&str| {
            let is_file = found.contains(*path);
            let is_there = is_file || found.contains(&*format!("{path}/"));
            let thing = if is_file { Thing::File } else { Thing::Folder };
            is_there.then(|| ((*path).to_owned(), thing))
        };
        Ok(paths.iter().filter_map(thing).collect())
    }

    fn put(&mut self, uploads: &[&Upload], arrived: Arrived<'_>) -> Result<(), Trouble> {
        let paths: Vec<&str> = uploads.iter().map(|upload| upload.file.path.as_str()).collect();
        let from = format!("{}/", self.output.display());
        // A folder that is a link stays one.
        let arguments = ["--times", "--ignore-times", "--compress", "--keep-dirlinks", READABLE];
        self.run(&arguments, &from, Some(&self.there()), &paths)?.fine()?;
        // Not before: it names a file when it begins with it.
        uploads.iter().for_each(|upload| arrived(upload));
        Ok(())
    }

    fn write(&mut self, path: &str, bytes: &[u8]) -> Result<(), Trouble> {
        let folder = self.connection.folder().join("write");
        let file = folder.join(path);
        fs::create_dir_all(file.parent().unwrap_or(&folder)).map_err(|error| failed(&error))?;
        fs::write(&file, bytes).map_err(|error| failed(&error))?;
        let from = format!("{}/", folder.display());
        let (arguments, to) = (["--ignore-times", "--keep-dirlinks", READABLE], self.there());
        self.run(&arguments, &from, Some(&to), &[path])?.fine().map(drop)
    }

    fn remove(&mut self, paths: &[String]) -> Result<(), Trouble> {
        let files: Vec<&str> = paths.iter().map(String::as_str).collect();
        self.remove_all(&files)?.fine()?;
        let folders = folders_of(paths);
        // A folder goes before the one that it is in. One with something in it stays.
        let depth = |folder: &&str| folder.matches('/').count();
        for level in folders.chunk_by(|a, b| depth(a) == depth(b)) {
            let trouble = Some(self.remove_all(level)?).filter(|e| !e.is_fine).map(|e| e.trouble());
            if let Some(trouble) = trouble.filter(Trouble::is_passing) {
                return Err(trouble);
            }
        }
        Ok(())
    }
}

/// `ssh` and its options as rsync takes them apart: at spaces, with quotes around what has some.
fn shell_words(options: &[String]) -> String {
    let quoted = |word: &String| {
        let quote = if word.contains('\'') { '"' } else { '\'' };
        format!("{quote}{word}{quote}")
    };
    let words: Vec<String> = options.iter().map(quoted).collect();
    format!("ssh {}", words.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_there_is_told_from_a_line_that_broke() {
        let ended = |code, stderr: &str| {
            let (stdout, stderr) = (String::new(), stderr.to_owned());
            lacks_only(&Ended { code, is_fine: false, stdout, stderr })
        };
        let missing = "rsync: [sender] link_stat \"/x\" failed: No such file or directory (2)\n";
        let error = "rsync error: some files/attrs were not transferred (code 23)";
        assert!(ended(Some(23), &format!("{missing}{error}")));
        let broken = "rsync: connection unexpectedly closed (0 bytes received so far)\n";
        assert!(!ended(Some(12), &format!("{missing}{broken}")));
        assert!(!ended(
            Some(23),
            &format!("{missing}rsync: opendir failed: Permission denied (13)")
        ));
        assert!(!ended(None, missing));
    }

    #[test]
    fn options_with_spaces_stay_whole() {
        let options = ["-F".to_owned(), "/a b/it's".to_owned()];
        assert_eq!(shell_words(&options), "ssh '-F' \"/a b/it's\"");
    }

    #[test]
    fn the_lowest_folders_come_first() {
        let paths = ["a/b/c".to_owned(), "a/d".to_owned()];
        assert_eq!(folders_of(&paths), ["a/b", "a"]);
    }
}
