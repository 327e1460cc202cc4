//! `sitegen inbox init`: writes `inbox.toml` from the site.

use std::io;

use jiff::Timestamp;

use crate::cli::{Global, OutputFormat};
use crate::commands::output::{print_diagnostics, write_to};
use crate::commands::{CommandError, Exit, find_root};
use crate::config::Mode;
use crate::diagnostic::visible;
use crate::disk::replace;
use crate::load::Inputs;
use crate::office::settings::{FILE, LISTEN_DEFAULT};
use crate::pipeline::Hosted;

pub(super) fn run(force: bool, global: &Global) -> Result<Exit, CommandError> {
    let root = find_root(global)?;
    let inputs = Inputs::read(&root, &global.config)?;
    let (hosted, report) = Hosted::load(&inputs, &Mode::at(Timestamp::now()), None);
    let Some(hosted) = hosted.filter(|_| !report.has_errors()) else {
        print_diagnostics(&report, global);
        return Ok(Exit::SiteErrors);
    };
    let users: Vec<&str> = hosted.actors().iter().map(|actor| actor.user.as_str()).collect();
    if users.is_empty() {
        return Err(CommandError::Usage(format!(
            "the site has no account that anybody could follow; add `[[actors]]` to {} first",
            global.config
        )));
    }
    let file = root.join(FILE);
    if file.exists() && !force {
        return Err(CommandError::Usage(format!(
            "{FILE} is there already; `--force` writes it anew"
        )));
    }
    let text = written(&hosted.plan().base_url, &users);
    let new = root.join(format!(".{FILE}.new"));
    replace(&file, &new, text.as_bytes(), false)
        .map_err(|error| CommandError::Io(file.clone(), error))?;
    say(global, &next(hosted.plan().post_office.as_deref(), global));
    Ok(Exit::Fine)
}

/// What is in a new file.
fn written(site: &str, users: &[&str]) -> String {
    let mut text = format!(
        "# What the post office needs to know: `sitegen inbox` works by it.\n\
         \n\
         # The address of the site, as in site.toml.\n\
         site = \"{site}\"\n\
         \n\
         # Where it listens. The web server passes on what comes to /ap/*/inbox and /ap/check.\n\
         listen = \"{LISTEN_DEFAULT}\"\n\
         \n\
         # The web server, whose word counts for who sent a request. On the same machine:\n\
         proxies = [\"127.0.0.1\", \"::1\"]\n\
         \n\
         # Who lets followers in: \"automatic\", or \"manual\" with `sitegen followers pending`.\n\
         approve = \"automatic\"\n\
         \n\
         # Where the output of the site lies, if it is on this machine. Otherwise the post office\n\
         # asks the site itself what is new.\n\
         # folder = \"public\"\n"
    );
    for user in users {
        text.push_str(&format!("\n[[actors]]\nuser = \"{user}\"\n"));
    }
    text
}

/// What to do next.
fn next(planned: Option<&str>, global: &Global) -> String {
    let plan = match planned {
        // A program that the web server starts.
        Some(path) if path.starts_with('/') => {
            return format!(
                "Wrote {FILE}.\n\nOn the web space:\n\
                 1. copy {FILE} and .sitegen/keys/ there, into one folder that is not public, and \
                 name in {FILE} where the output lies: `folder`;\n\
                 2. put a program at {path} that runs `sitegen inbox --cgi --root FOLDER`, with \
                 the mode 755;\n\
                 3. have cron run `sitegen deliver -q --root FOLDER` every quarter of an hour.\n\
                 README has all of them in full.\n"
            );
        }
        Some(_) => String::new(),
        None => format!(
            "\nThe site does not say yet that there is a post office. Write above the tables of \
             {}\n\n    post_office = \"http://{LISTEN_DEFAULT}\"\n\nand build and upload it.\n",
            global.config
        ),
    };
    format!(
        "Wrote {FILE}.\n{plan}\nOn the machine where the post office will run:\n\
         1. copy {FILE} and .sitegen/keys/ there, into one folder;\n\
         2. give the web server what `sitegen host show` prints;\n\
         3. run `sitegen inbox` in that folder.\n"
    )
}

/// A text of several lines, for a terminal.
fn shown(text: &str) -> String {
    text.lines().map(|line| format!("{}\n", visible(line))).collect()
}

fn say(global: &Global, text: &str) {
    match global.format {
        OutputFormat::Human if global.quiet => {}
        OutputFormat::Human => write_to(io::stdout(), &shown(text)),
        OutputFormat::Json => {
            let line = serde_json::json!({ "version": 1, "kind": "inbox", "file": FILE });
            write_to(io::stdout(), &format!("{line}\n"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_to_be_done_stands_line_by_line_and_hides_nothing() {
        assert_eq!(shown("Wrote it.\n\n1. copy \u{1b}[2J\n"), "Wrote it.\n\n1. copy \\u{1b}[2J\n");
    }
}
