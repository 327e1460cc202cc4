//! Sites on the disk, and the program run on them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use assert_cmd::Command;
use assert_cmd::cargo::cargo_bin_cmd;
use serde_json::Value;
use tempfile::TempDir;

use crate::fixture::{Site, site};

/// A site on the disk.
pub(crate) struct Folder(pub(crate) TempDir);

/// What a run said and how it ended.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// A site that nothing is wrong with.
pub(crate) fn good() -> Site {
    site(
        "
-- content/news/first.md --
+++
title = \"First\"
date = 2026-05-01
+++
Text.
-- content/about.md --
+++
title = \"About\"
date = 2026-04-01
+++
Us.
-- static/leaflet.pdf --
PDF
",
    )
}

impl Site {
    pub(crate) fn on_disk(&self) -> Folder {
        let folder = Folder(tempfile::tempdir().unwrap());
        for (path, bytes) in self.files() {
            folder.write(path, bytes);
        }
        folder
    }
}

impl Folder {
    pub(crate) fn empty() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn write(&self, path: &str, content: impl AsRef<[u8]>) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    #[track_caller]
    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    pub(crate) fn has(&self, path: &str) -> bool {
        self.path(path).exists()
    }

    /// All files of the folder with the times of their last change, by path.
    pub(crate) fn files(&self) -> Vec<(String, SystemTime)> {
        let mut files = Vec::new();
        collect(self.0.path(), "", &mut files);
        files.sort();
        files
    }

    pub(crate) fn names(&self) -> Vec<String> {
        self.files().into_iter().map(|(name, _)| name).collect()
    }

    /// Runs the program in the folder.
    pub(crate) fn run(&self, arguments: &str) -> Run {
        run(command(self.0.path()).args(arguments.split_whitespace()))
    }

    /// Runs it and expects an exit code.
    #[track_caller]
    pub(crate) fn expect(&self, code: i32, arguments: &str) -> Run {
        let run = self.run(arguments);
        assert_eq!(run.code, code, "{arguments}: {run:#?}");
        run
    }
}

fn collect(folder: &Path, prefix: &str, files: &mut Vec<(String, SystemTime)>) {
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let name = format!("{prefix}{}", entry.file_name().to_str().unwrap());
        if entry.file_type().unwrap().is_dir() {
            collect(&entry.path(), &format!("{name}/"), files);
        } else {
            files.push((name, entry.metadata().unwrap().modified().unwrap()));
        }
    }
}

pub(crate) fn command(folder: &Path) -> Command {
    let mut command = cargo_bin_cmd!("sitegen");
    command.current_dir(folder).env_remove("NO_COLOR").env("TERM", "xterm");
    command
}

pub(crate) fn run(command: &mut Command) -> Run {
    let output = command.output().unwrap();
    Run {
        code: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// SHA-256 in hexadecimal.
#[cfg(any(feature = "cards", feature = "network", feature = "pictures"))]
pub(crate) fn sha256(bytes: impl AsRef<[u8]>) -> String {
    use sha2::{Digest as _, Sha256};

    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The lines of output for programs.
#[track_caller]
pub(crate) fn json(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The files of a folder with their content, by path.
pub(crate) fn contents(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut contents = BTreeMap::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(next) = folders.pop() {
        let Ok(entries) = fs::read_dir(next) else { continue };
        for entry in entries.map(Result::unwrap) {
            if entry.file_type().unwrap().is_dir() {
                folders.push(entry.path());
            } else {
                let path = entry.path().strip_prefix(folder).unwrap().to_owned();
                contents.insert(path.to_str().unwrap().to_owned(), fs::read(entry.path()).unwrap());
            }
        }
    }
    contents
}
