//! Into a branch of a repository, as the hosts of pages read it: one commit, all at once.
//!
//! The commit is made from the bytes of the output without a working copy, so that no attribute,
//! filter or ignored name changes or leaves out a file.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::super::Upload;
use super::super::trouble::{Kind, Trouble};
use super::program::{Ended, can_ask, run_quietly};
use super::ssh::manners;
use super::{Arrived, Remote, Thing};
use crate::config::Branch;
use crate::disk::STATE_DIR;
use crate::limits::DEPLOY_LEDGER_BYTES_MAX;

pub(super) struct Git {
    branch: Branch,
    output: PathBuf,
    /// A repository of our own, beside what else is kept between builds.
    own: PathBuf,
    /// The newest commit of the branch; none before the first.
    tip: Option<String>,
    /// What `git update-index --index-info` reads.
    changes: Vec<u8>,
    /// How it is to call `ssh`, unless the user has said so.
    ssh: Option<String>,
    /// The commit that is to be the newest of the branch. There is one, however often it is pushed.
    commit: Option<String>,
}

impl Git {
    pub(super) fn open(
        branch: &Branch,
        root: &Path,
        output: &Path,
        name: &str,
    ) -> Result<Self, Trouble> {
        let own = root.join(STATE_DIR).join("deploy").join(format!("{}.git", file_name(name)));
        let (branch, output) = (branch.clone(), output.to_path_buf());
        let (tip, changes, ssh, commit) = (None, Vec::new(), None, None);
        let mut git = Self { branch, output, own, tip, changes, ssh, commit };
        let failed = |e| Trouble::new(Kind::Other, format!("{}: {e}", git.own.display()));
        // A deploy that was killed may have left locks and half of an object. All of it is on the
        // other side too.
        if git.mark().exists() {
            fs::remove_dir_all(&git.own).map_err(failed)?;
        }
        fs::create_dir_all(&git.own).map_err(failed)?;
        fs::write(git.mark(), "").map_err(failed)?;
        git.git(&["init", "--quiet", "--bare"], b"")?.fine()?;
        git.ssh = git.own_ssh()?;
        git.fetch(root)?;
        Ok(git)
    }

    /// Stands in the repository while it is used.
    fn mark(&self) -> PathBuf {
        self.own.join("in-use")
    }

    fn git(&self, arguments: &[&str], input: &[u8]) -> Result<Ended, Trouble> {
        let mut command = Command::new("git");
        command.env("GIT_DIR", &self.own).env("GIT_INDEX_FILE", self.own.join("deploy-index"));
        command
            .env_remove("GIT_WORK_TREE")
            .env("GIT_TERMINAL_PROMPT", if can_ask() { "1" } else { "0" })
            .envs(self.ssh.iter().map(|ssh| ("GIT_SSH_COMMAND", ssh)));
        // A hook of the user would run where nobody expects it. A server that falls silent is left.
        command.args(["-c", "core.hooksPath=/dev/null", "-c", "gc.auto=0"]);
        command.args(["-c", "http.lowSpeedLimit=100", "-c", "http.lowSpeedTime=120"]);
        command.args(arguments);
        run_quietly("git", &mut command, input)
    }

    /// None where the user has a way of their own (git(1), `GIT_SSH_COMMAND`).
    fn own_ssh(&self) -> Result<Option<String>, Trouble> {
        let is_set = |name: &str| std::env::var_os(name).is_some();
        let is_configured = || Ok(self.git(&["config", "core.sshCommand"], b"")?.is_fine);
        if is_set("GIT_SSH_COMMAND") || is_set("GIT_SSH") || is_configured()? {
            return Ok(None);
        }
        let options = manners().map(|option| format!("-o {option}"));
        Ok(Some(format!("ssh {}", options.join(" "))))
    }

    /// Fetches the newest commit of the branch.
    fn fetch(&mut self, root: &Path) -> Result<(), Trouble> {
        let name = format!("refs/heads/{}", self.branch.name);
        // A path is relative to the site, not to our own repository.
        let local = root.join(&self.branch.repository);
        if !self.branch.repository.contains(':') && local.is_dir() {
            self.branch.repository = local.to_string_lossy().into_owned();
        }
        let to = &self.branch.repository;
        let heads = self.git(&["ls-remote", "--", to, &name], b"")?.fine()?;
        if heads.trim().is_empty() {
            return Ok(());
        }
        let arguments = ["fetch", "--quiet", "--depth=1", "--no-tags", "--", to, &name];
        self.git(&arguments, b"")?.fine()?;
        let tip = self.git(&["rev-parse", "FETCH_HEAD"], b"")?.fine()?;
        self.tip = Some(tip.trim().to_owned());
        Ok(())
    }

    /// Where a path of the site lies in the branch.
    fn inside(&self, path: &str) -> String {
        let folder = &self.branch.folder;
        if folder.is_empty() { path.to_owned() } else { format!("{folder}/{path}") }
    }

    fn change(&mut self, mode: &str, object: &str, path: &str) {
        let line = format!("{mode} {object}\t{}\0", self.inside(path));
        self.changes.extend_from_slice(line.as_bytes());
    }

    /// The paths below the folder of the site, all of them or only the top.
    fn paths(&self, all: bool) -> Result<Vec<String>, Trouble> {
        let Some(tip) = &self.tip else { return Ok(Vec::new()) };
        let mut tree = tip.clone();
        if !self.branch.folder.is_empty() {
            tree = format!("{tip}:{}", self.branch.folder);
            if !self.git(&["cat-file", "-e", &tree], b"")?.is_fine {
                return Ok(Vec::new());
            }
        }
        let mut arguments = vec!["ls-tree", "--name-only", "-z"];
        arguments.extend(all.then_some("-r"));
        arguments.push(&tree);
        let listed = self.git(&arguments, b"")?.fine()?;
        Ok(listed.split('\0').filter(|path| !path.is_empty()).map(str::to_owned).collect())
    }

    /// Stores bytes, and says as what object.
    fn store(&self, bytes: &[u8]) -> Result<String, Trouble> {
        let object = self.git(&["hash-object", "-w", "--stdin"], bytes)?.fine()?;
        Ok(object.trim().to_owned())
    }

    /// Who has made the commit: the user, or the program where git does not know one.
    fn author(&self) -> Result<Vec<&'static str>, Trouble> {
        let is_known = self.git(&["var", "GIT_COMMITTER_IDENT"], b"")?.is_fine;
        let program = ["-c", "user.name=sitegen", "-c", "user.email=sitegen@localhost"];
        Ok(if is_known { Vec::new() } else { program.to_vec() })
    }
}

/// The name of a target as that of a file.
fn file_name(name: &str) -> String {
    name.chars().map(|c| if c.is_alphanumeric() { c } else { '-' }).collect()
}

impl Remote for Git {
    fn read(&mut self, path: &str) -> Result<Option<Vec<u8>>, Trouble> {
        let Some(tip) = &self.tip else { return Ok(None) };
        let name = format!("{tip}:{}", self.inside(path));
        if !self.git(&["cat-file", "-e", &name], b"")?.is_fine {
            return Ok(None);
        }
        let size = self.git(&["cat-file", "-s", &name], b"")?.fine()?;
        if size.trim().parse().is_ok_and(|size: usize| size > DEPLOY_LEDGER_BYTES_MAX) {
            return Err(Trouble::too_large(path));
        }
        let text = self.git(&["cat-file", "blob", &name], b"")?.fine()?;
        Ok(Some(text.into_bytes()))
    }

    fn names(&mut self) -> Result<Vec<String>, Trouble> {
        self.paths(false)
    }

    fn look(&mut self, paths: &[&str]) -> Result<BTreeMap<String, Thing>, Trouble> {
        let there: BTreeSet<String> = self.paths(true)?.into_iter().collect();
        let thing = |path: &&str| {
            if there.contains(*path) {
                return Some(((*path).to_owned(), Thing::File));
            }
            let inside = format!("{path}/");
            let next = there.range(inside.clone()..).next();
            let is_folder = next.is_some_and(|next| next.starts_with(&inside));
            is_folder.then(|| ((*path).to_owned(), Thing::Folder))
        };
        Ok(paths.iter().filter_map(thing).collect())
    }

    fn put(&mut self, uploads: &[&Upload], arrived: Arrived<'_>) -> Result<(), Trouble> {
        let mut list = String::new();
        for upload in uploads {
            list.push_str(&format!("{}\n", self.output.join(&upload.file.path).display()));
        }
        let arguments = ["hash-object", "-w", "--no-filters", "--stdin-paths"];
        let objects = self.git(&arguments, list.as_bytes())?.fine()?;
        for (upload, object) in uploads.iter().zip(objects.lines()) {
            self.change("100644", object, &upload.file.path);
            arrived(upload);
        }
        Ok(())
    }

    fn write(&mut self, path: &str, bytes: &[u8]) -> Result<(), Trouble> {
        let object = self.store(bytes)?;
        self.change("100644", &object, path);
        Ok(())
    }

    fn remove(&mut self, paths: &[String]) -> Result<(), Trouble> {
        for path in paths {
            self.change("0", &"0".repeat(40), path);
        }
        Ok(())
    }

    fn finish(&mut self) -> Result<(), Trouble> {
        if self.commit.is_none() {
            self.commit = Some(self.make_commit()?);
        }
        let commit = self.commit.as_deref().unwrap_or_default();
        let push = format!("{commit}:refs/heads/{}", self.branch.name);
        // Without force: a branch that somebody else has moved on refuses it.
        let ended = self.git(&["push", "--quiet", "--", &self.branch.repository, &push], b"")?;
        let overtaken = ["fetch first", "non-fast-forward", "cannot lock ref", "stale info"];
        if overtaken.iter().any(|word| ended.stderr.contains(word)) {
            return Err(Trouble::new(Kind::Overtaken, ""));
        }
        ended.fine().map(drop)
    }

    fn is_at_once(&self) -> bool {
        true
    }
}

impl Drop for Git {
    fn drop(&mut self) {
        let _ = fs::remove_file(self.mark());
    }
}

impl Git {
    /// Makes the commit from what has been put and removed.
    fn make_commit(&self) -> Result<String, Trouble> {
        match &self.tip {
            Some(tip) => self.git(&["read-tree", tip], b"")?.fine()?,
            None => self.git(&["read-tree", "--empty"], b"")?.fine()?,
        };
        self.git(&["update-index", "-z", "--index-info"], &self.changes)?.fine()?;
        let tree = self.git(&["write-tree"], b"")?.fine()?;
        let mut arguments = self.author()?;
        arguments.extend(["commit-tree", "-m", "Deploy the site", tree.trim()]);
        if let Some(tip) = &self.tip {
            arguments.extend(["-p", tip]);
        }
        Ok(self.git(&arguments, b"")?.fine()?.trim().to_owned())
    }
}
