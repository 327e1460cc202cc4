//! `sitegen serve`: the site in the browser while somebody writes.

use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use serde_json::json;

use super::output::write_to;
use super::{CommandError, Exit, find_root, mode_of, printer};
use crate::cli::{Global, OutputFormat, Serve};
use crate::diagnostic::{Diagnostic, visible};
use crate::serve::{DEFAULT_PORT, Desk, Fallback, News, Options};

pub(super) fn run(arguments: &Serve, global: &Global) -> Result<Exit, CommandError> {
    let Serve { interface, port, .. } = arguments;
    let root = find_root(global)?;
    let interface = interface.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST));
    let options = Options {
        root: root.clone(),
        config: global.config.clone(),
        mode: mode_of(&arguments.public)?,
        interface,
        port: *port,
        navigate: arguments.navigate,
        poll: arguments.poll,
    };
    let desk = Desk::open(options).map_err(|error| no_port(interface, *port, &error))?;
    let stopper = desk.stopper();
    ctrlc::set_handler(move || stopper.stop())
        .map_err(|error| CommandError::Io(root, io::Error::other(error)))?;
    let mut said = Said { global, open: arguments.open, problems: Vec::new() };
    if !interface.is_loopback() {
        said.warn(
            "anybody in this network can read the preview, drafts and all, and keep it busy: it is \
             made for one's own machine. Never open it to the internet",
        );
    }
    desk.run(&mut |news| said.tell(news))?;
    said.human("The preview has ended.\n");
    Ok(Exit::Fine)
}

fn no_port(interface: IpAddr, port: Option<u16>, error: &io::Error) -> CommandError {
    let port = match port {
        Some(port) => format!("port {port}"),
        None => format!("any port from {DEFAULT_PORT}"),
    };
    CommandError::Usage(format!(
        "cannot listen on {interface}, {port}: {error}; `--port 0` takes any port that is free"
    ))
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
            News::Changed { files, is_shown, time } => {
                let milliseconds = time.as_millis();
                self.json(json!({
                    "event": "changed", "files": files, "shown": is_shown,
                    "seconds": time.as_secs_f64(),
                }));
                let what = match files.as_slice() {
                    [] => "The time has come for a page".to_owned(),
                    [file] => visible(file),
                    [file, rest @ ..] => format!("{} and {} more", visible(file), rest.len()),
                };
                self.human(&if *is_shown {
                    format!("{what}: shown after {milliseconds} ms\n")
                } else {
                    format!("{what}: not shown yet, because something is wrong\n")
                });
            }
            News::Problems(problems) => {
                // The same again says nothing.
                if self.problems != *problems {
                    let printer = printer(self.global);
                    let text: String = problems.iter().map(|p| printer.text(p)).collect();
                    match self.global.format {
                        OutputFormat::Human => write_to(io::stderr(), &text),
                        OutputFormat::Json => write_to(io::stdout(), &text),
                    }
                }
                self.problems = problems.to_vec();
            }
            News::Unreadable(error) => self.warn(&format!(
                "{error}: {}; the last state is still shown",
                std::error::Error::source(error).map(ToString::to_string).unwrap_or_default()
            )),
            News::Polling(fallback) => self.polling(fallback),
        }
    }

    fn ready(&mut self, url: &str, title: Option<&str>, time: Duration) {
        self.json(json!({ "event": "ready", "url": url, "seconds": time.as_secs_f64() }));
        let title = title.map_or("The site".to_owned(), visible);
        let seconds = time.as_secs_f64();
        self.human(&format!(
            "{title} is at {url} (after {seconds:.2} s). Save a file and see it there; Ctrl-C ends \
             the preview.\n"
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
