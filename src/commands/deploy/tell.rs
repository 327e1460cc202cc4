//! What a deploy says while it goes on.

use std::cell::RefCell;
use std::io;
use std::path::Path;
use std::time::Duration;

use indicatif::ProgressBar;
use serde_json::json;

use crate::artifact::Rank;
use crate::cli::{Global, OutputFormat};
use crate::commands::output::{bar, counted, grouped, write_to};
use crate::config::{DeployTarget, Way};
use crate::deploy::{Plan, Step, Survey, names};
use crate::diagnostic::visible;
use crate::doctor::Examination;

/// So many pages are named when nobody has asked for all.
const SHOWN_MAX: usize = 12;

/// Speaks to a person or to a program.
pub(super) struct Teller<'g> {
    global: &'g Global,
    name: &'g str,
    way: String,
    /// For a person who waits.
    bar: RefCell<Option<ProgressBar>>,
}

impl<'g> Teller<'g> {
    pub(super) fn new(global: &'g Global, target: &'g DeployTarget) -> Self {
        let way = match &target.way {
            Way::Rsync(shell) => format!("rsync, {}:{}", shell.host, shell.folder),
            Way::Sftp(shell) => format!("sftp, {}:{}", shell.host, shell.folder),
            Way::S3(bucket) => format!("s3, {}", bucket.name),
            Way::Git(branch) => format!("git, {} of {}", branch.name, branch.repository),
            Way::Local(folder) => format!("local, {folder}"),
            Way::Command(run) => format!("command, {}", run.first().map_or("", String::as_str)),
        };
        Self { global, name: &target.name, way, bar: RefCell::new(None) }
    }

    fn is_for_people(&self) -> bool {
        self.global.format == OutputFormat::Human
    }

    /// A line for people.
    pub(super) fn say(&self, text: &str) {
        if self.is_for_people() && !self.global.quiet {
            write_to(io::stdout(), &format!("{}\n", visible(text)));
        }
    }

    /// The same for something that is not as it should be.
    pub(super) fn warn(&self, text: &str) {
        if self.is_for_people() {
            write_to(io::stderr(), &format!("warning: {}\n", visible(text)));
        } else {
            self.line(&json!({ "version": 1, "kind": "warning", "message": text }));
        }
    }

    /// What is not as it should be, and what to do, for people.
    pub(super) fn finding(&self, message: &str, help: &str) {
        if self.is_for_people() {
            let help = if help.is_empty() { String::new() } else { format!(" = help: {help}\n") };
            write_to(io::stderr(), &format!("warning: {}\n{help}", visible(message)));
        }
    }

    /// What others would refuse.
    pub(super) fn examination(&self, examination: &Examination) {
        let is_human = self.is_for_people();
        let text = if is_human { examination.human(false) } else { examination.json() };
        write_to(io::stdout(), &text);
    }

    /// An object for programs.
    pub(super) fn line(&self, value: &serde_json::Value) {
        if !self.is_for_people() {
            write_to(io::stdout(), &format!("{value}\n"));
        }
    }

    pub(super) fn asking(&self) {
        self.say(&format!("Deploying to {} ({}).", self.name, self.way));
    }

    pub(super) fn command(&self, run: &[String], output: &Path, is_dry: bool) {
        // Its arguments may have a secret in them.
        let program = run.first().map_or("", String::as_str);
        let command = format!("{program} … {}", output.display());
        self.say(&if is_dry {
            format!("Would run: {command}")
        } else {
            format!("Running: {command}")
        });
        self.line(&json!({
            "version": 1, "kind": "command", "program": program, "dry_run": is_dry,
        }));
    }

    /// What will be done; each file of it when nothing is done, or when more is to be said.
    pub(super) fn plan(&self, found: &Survey, is_dry: bool) {
        let plan = &found.plan;
        if found.is_resumed() {
            self.say("The last deploy was interrupted; this one goes on from there.");
        }
        // People want to see their pages; all else follows from them.
        let all = is_dry || self.global.verbose;
        let is_told =
            |path: &str, rank: Rank| all || (path.ends_with(".html") && rank == Rank::Page);
        let gone = |path: &&String| is_told(path, Rank::Page);
        let removed = plan.in_the_way.iter().chain(&plan.removals).filter(gone);
        let removed = removed.map(|path| ("remove", path));
        let put = plan.uploads.iter().filter(|upload| is_told(&upload.file.path, upload.file.rank));
        let put = put.map(|upload| (upload.change(), &upload.file.path));
        let changes: Vec<(&str, &String)> = put.chain(removed).collect();
        let shown = if all { changes.len() } else { changes.len().min(SHOWN_MAX) };
        for (change, path) in &changes[..shown] {
            self.change(change, path);
        }
        let hidden = plan.uploads.len() + plan.removed() - shown;
        if hidden > 0 {
            let what = counted(hidden, "more file");
            self.say(&format!("… and {what}; `--dry-run` names all"));
        }
        if !found.overwritten.is_empty() {
            self.warn(&format!(
                "what others have put there is overwritten: {}",
                names(&found.overwritten)
            ));
        }
        let new = plan.uploads.iter().filter(|upload| upload.is_new).count();
        let parts = [
            (new, "to add"),
            (plan.uploads.len() - new, "to change"),
            (plan.removed(), "to remove"),
            (plan.unchanged, "unchanged"),
        ];
        let parts: Vec<String> = parts
            .iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, what)| format!("{} {what}", grouped(*count)))
            .collect();
        let size = if plan.uploads.is_empty() { String::new() } else { sized(plan.bytes()) };
        self.say(&format!("{}{size}.", parts.join(", ")));
        if is_dry {
            self.say("Nothing on the target has been changed.");
        }
        self.line(&json!({
            "version": 1, "kind": "plan", "target": self.name, "add": new,
            "change": plan.uploads.len() - new, "remove": plan.removed(),
            "unchanged": plan.unchanged, "bytes": plan.bytes(), "dry_run": is_dry,
            "resumed": found.is_resumed(),
        }));
    }

    fn change(&self, what: &str, path: &str) {
        self.say(&format!("{what:<7}{path}"));
        self.line(&json!({ "version": 1, "kind": "change", "change": what, "path": path }));
    }

    pub(super) fn begin(&self, plan: &Plan) {
        let bar = bar(self.global, "{bar:30} {pos}/{len} files {wide_msg}");
        if let Some(bar) = &bar {
            bar.set_length((plan.uploads.len() + plan.removed()) as u64);
        }
        *self.bar.borrow_mut() = bar;
    }

    pub(super) fn step(&self, step: Step<'_>) {
        let bar = self.bar.borrow();
        match (step, &*bar) {
            (Step::Put(path), Some(bar)) => {
                bar.inc(1);
                bar.set_message(visible(path));
            }
            (Step::Removed(count), Some(bar)) => bar.inc(count as u64),
            (Step::Again(trouble, delay), bar) => {
                let text = format!("{trouble}; trying again in {} s", delay.as_secs());
                match bar {
                    Some(bar) => bar.println(format!("warning: {}", visible(&text))),
                    None => self.warn(&text),
                }
            }
            _ => {}
        }
    }

    pub(super) fn end(&self) {
        drop(self.bar.borrow_mut().take());
    }

    pub(super) fn done(&self, plan: &Plan, time: Duration) {
        let (name, seconds) = (self.name, time.as_secs_f64());
        let uploads = plan.uploads.len();
        let text = if plan.is_empty() {
            format!(
                "Nothing has changed since the last deploy to {name}. `--all` puts everything \
                 there again."
            )
        } else {
            let removed = plan.removed();
            let removed = if removed == 0 { String::new() } else { format!(", removed {removed}") };
            format!("Put {}{removed} in {seconds:.1} s.", counted(uploads, "file"))
        };
        self.say(&text);
        self.line(&json!({
            "version": 1, "kind": "deployed", "target": name, "put": uploads,
            "removed": plan.removed(), "seconds": seconds,
        }));
    }
}

/// ` (1.2 MB)`
fn sized(bytes: u64) -> String {
    // For people, to two digits.
    #[expect(clippy::cast_precision_loss, reason = "no site is so large")]
    let kilobytes = bytes as f64 / 1000.0;
    match kilobytes {
        small if small < 1000.0 => format!(" ({:.0} kB)", small.max(1.0)),
        large => format!(" ({:.1} MB)", large / 1000.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_for_people() {
        assert_eq!(sized(3), " (1 kB)");
        assert_eq!(sized(52_400), " (52 kB)");
        assert_eq!(sized(1_240_000), " (1.2 MB)");
    }
}
