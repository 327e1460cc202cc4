//! `sitegen serve`: the site in the browser while somebody writes.

use std::collections::HashSet;
use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::json;

use super::output::write_to;
use super::{CommandError, Exit, find_root, mode_of, printer};
use crate::cli::{Global, OutputFormat, Serve};
use crate::diagnostic::{Diagnostic, Severity, visible};
use crate::load::record;
use crate::serve::{DEFAULT_PORT, Fallback, News, Options, Server};

/// When very much is wrong at once, the rest scrolls by unread.
const PROBLEM_LINES_MAX: usize = 120;

pub(super) fn run(arguments: &Serve, global: &Global) -> Result<Exit, CommandError> {
    let Serve { interface, port, .. } = arguments;
    let root = find_root(global)?;
    let interface = interface.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST));
    let options = Options {
        root: root.clone(),
        config: plain(&global.config),
        mode: mode_of(&arguments.public)?,
        interface,
        port: *port,
        navigate: arguments.navigate,
        poll: arguments.poll,
    };
    let server = Server::open(options).map_err(|error| no_port(interface, *port, &error))?;
    let stopper = server.stopper();
    let asked = AtomicBool::new(false);
    let stop = move || {
        if asked.swap(true, Ordering::Relaxed) {
            leave();
        }
        stopper.stop();
    };
    ctrlc::set_handler(stop).map_err(|error| CommandError::Io(root, io::Error::other(error)))?;
    let mut said = Said { global, open: arguments.open, problems: Vec::new() };
    if !interface.is_loopback() {
        said.warn(
            "anybody in this network can read the preview, drafts and all, and keep it busy: it is \
             made for one's own machine. Never open it to the internet",
        );
    }
    server.run(&mut |news| said.tell(news))?;
    said.human("The preview has ended.\n");
    Ok(Exit::Fine)
}

/// A path without `./`.
fn plain(path: &str) -> String {
    path.split('/').filter(|part| !matches!(*part, "" | ".")).collect::<Vec<_>>().join("/")
}

/// What a problem is, wherever it stands in its file.
fn what(problem: &Diagnostic) -> (&str, &str, Option<&str>) {
    (problem.code(), &problem.message, problem.path())
}

/// Somebody who asks twice does not want to wait for a terminal that shows nothing more.
#[expect(clippy::exit, reason = "nothing has been begun that would have to be ended")]
fn leave() {
    std::process::exit(i32::from(Exit::Fine as u8));
}

fn no_port(interface: IpAddr, port: Option<u16>, error: &io::Error) -> CommandError {
    let why = match (error.kind(), port) {
        (io::ErrorKind::AddrNotAvailable, _) => format!(
            "this machine does not have the address {interface}; leave `--interface` out to show \
             the site here only"
        ),
        (io::ErrorKind::AddrInUse, Some(port)) => format!(
            "port {port} is taken, perhaps by another preview; leave `--port` out to take the \
             first one that is free"
        ),
        (io::ErrorKind::AddrInUse, None) => format!(
            "the ports from {DEFAULT_PORT} on are all taken; `--port 0` takes any that is free"
        ),
        (io::ErrorKind::PermissionDenied, _) => {
            "that port is for the administrator; take one above 1023".to_owned()
        }
        _ => format!("cannot listen on {interface}: {error}"),
    };
    CommandError::Usage(why)
}

/// What is said in the terminal.
struct Said<'a> {
    global: &'a Global,
    /// Whether to open a browser, once.
    open: bool,
    /// What was wrong when we last said so.
    problems: Vec<Diagnostic>,
}

impl Said<'_> {
    fn tell(&mut self, news: &News<'_>) {
        match news {
            News::Ready { url, title, time } => self.ready(url, *title, *time),
            News::Changed { files, is_shown, hidden, time } => {
                let states: serde_json::Map<_, _> =
                    hidden.iter().map(|(file, state)| (file.clone(), (*state).into())).collect();
                self.json(json!({
                    "event": "changed", "files": files, "shown": is_shown, "hidden": states,
                    "seconds": time.as_secs_f64(),
                }));
                // A build has written it, not the author.
                if files.as_slice() != [record::FILE] {
                    self.changed(files, *is_shown, hidden, *time);
                }
            }
            News::Problems(problems) => {
                // The same again says nothing.
                if self.problems != *problems {
                    self.problems(problems);
                    self.problems = problems.to_vec();
                }
            }
            News::Unreadable(error) => self.warn(&format!(
                "{error}: {}; the last state is still shown",
                std::error::Error::source(error).map(ToString::to_string).unwrap_or_default()
            )),
            News::Readable => self.human("The disk can be read again.\n"),
            News::Polling(fallback) => self.polling(fallback),
        }
    }

    fn changed(&self, files: &[String], is_shown: bool, hidden: &[(String, &str)], time: Duration) {
        let what = match files {
            [] => "The time has come for a page".to_owned(),
            [file] => visible(file),
            [file, rest @ ..] => format!("{} and {} more", visible(file), rest.len()),
        };
        let milliseconds = time.as_millis();
        self.human(&if is_shown {
            format!("{what}: shown after {milliseconds} ms\n")
        } else {
            format!("{what}: not shown yet, because something is wrong\n")
        });
        for (file, state) in hidden {
            let why = match *state {
                "draft" => "is a draft and not shown; `--drafts` shows it",
                "future" => "has a date in the future and is not shown yet; `--future` shows it",
                "expired" => "has expired and is not shown any more",
                _ => "is not shown",
            };
            self.human(&format!("{} {why}\n", visible(file)));
        }
    }

    fn problems(&self, problems: &[Diagnostic]) {
        let printer = printer(self.global);
        // One that has only moved to another line was told.
        let told: HashSet<_> = self.problems.iter().map(what).collect();
        let new = problems.iter().filter(|problem| !told.contains(&what(problem)));
        let (mut text, mut more) = (String::new(), 0);
        for problem in new {
            let all = self.global.format == OutputFormat::Json;
            if all || text.lines().count() < PROBLEM_LINES_MAX {
                text.push_str(&printer.text(problem));
            } else {
                more += 1;
            }
        }
        match self.global.format {
            OutputFormat::Json => {
                write_to(io::stdout(), &text);
                let count = |severity| problems.iter().filter(|p| p.severity() == severity).count();
                let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
                self.json(json!({ "event": "problems", "errors": errors, "warnings": warnings }));
            }
            OutputFormat::Human => {
                if more > 0 {
                    text.push_str(&format!(
                        "… and {more} more; `sitegen check` lists them all\n\n"
                    ));
                }
                write_to(io::stderr(), &text);
                if problems.is_empty() {
                    self.human("Nothing is wrong any more.\n");
                }
            }
        }
    }

    fn ready(&mut self, url: &str, title: Option<&str>, time: Duration) {
        self.json(json!({ "event": "ready", "url": url, "seconds": time.as_secs_f64() }));
        let title = title.map_or("The site".to_owned(), visible);
        let seconds = time.as_secs_f64();
        self.human(&format!(
            "{title} is at {url} (after {seconds:.2} s).\n\
             Save a file and see it there. Ctrl-C ends the preview.\n"
        ));
        if std::mem::take(&mut self.open)
            && let Err(error) = open::that_detached(url)
        {
            self.warn(&format!("cannot open a browser: {error}; go to {url} by hand"));
        }
    }

    fn polling(&self, fallback: &Fallback) {
        let every = "so all files are looked at every second";
        match fallback {
            Fallback::Wanted => {}
            Fallback::Limit => self.warn(&format!(
                "the system watches no more folders, {every}; `sudo sysctl \
                 fs.inotify.max_user_watches=524288` lets it watch more"
            )),
            Fallback::Replaced => self.warn(&format!(
                "the folder of the site has been moved or replaced, {every} in the one that has \
                 its name now"
            )),
            Fallback::Failed(error) => {
                self.warn(&format!("the system does not say when files change ({error}), {every}"));
            }
        }
    }

    fn warn(&self, text: &str) {
        self.json(json!({ "event": "warning", "message": text }));
        if self.global.format == OutputFormat::Human {
            write_to(io::stderr(), &format!("warning: {}\n", visible(text)));
        }
    }

    fn human(&self, text: &str) {
        if self.global.format == OutputFormat::Human && !self.global.quiet {
            write_to(io::stdout(), text);
        }
    }

    fn json(&self, mut event: serde_json::Value) {
        if self.global.format == OutputFormat::Json {
            event["version"] = 1.into();
            event["kind"] = "serve".into();
            write_to(io::stdout(), &format!("{event}\n"));
        }
    }
}
