//! `sitegen new`: a small site, or a text in a site.

mod site;
mod text;

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::output::write_to;
use super::{CommandError, Exit, read_inputs};
use crate::cli::{Global, New, NewItem, SiteKind};
use crate::config::DEFAULT_THEME;
use crate::diagnostic::nearest;
use crate::load::theme::EMBEDDED;

pub(super) fn run(arguments: &New, global: &Global) -> Result<Exit, CommandError> {
    match (&arguments.item, &arguments.dir) {
        (Some(NewItem::Theme { files }), _) => new_theme_files(files, global),
        (Some(item), _) => text::new_text(item, global),
        (None, Some(dir)) if !arguments.more.is_empty() => Err(no_such_item(dir, &arguments.more)),
        (None, Some(dir)) => site::new_site(arguments, dir, global),
        (None, None) => Err(CommandError::Usage("say which folder the new site goes to".into())),
    }
}

/// Says what somebody may have meant by the name of a thing that is not made alone.
fn no_such_item(name: &Path, title: &[String]) -> CommandError {
    let (name, title) = (name.display().to_string(), title.join(" "));
    let is_kind = SiteKind::value_variants().iter().filter_map(ValueEnum::to_possible_value);
    if is_kind.into_iter().any(|kind| kind.matches(&name, true)) {
        return CommandError::Usage(format!(
            "`{name}` is a kind of site: `sitegen new FOLDER --kind {name}` begins one. For a page \
             of this site there is `sitegen new page {}`, and its front matter can say `kind = \
             \"campaign\"`",
            quoted(&title)
        ));
    }
    let command = New::augment_args(clap::Command::new("new"));
    let items: Vec<&str> = command.get_subcommands().map(clap::Command::get_name).collect();
    let near = nearest(&name, items.iter().copied());
    CommandError::Usage(match near {
        Some(near) => format!("`{name}` is nothing new; did you mean `{near}`?"),
        None => format!(
            "`{name}` is nothing new: write one of {}, or for a new site one folder, in quotes if \
             its name has spaces",
            items.join(", ")
        ),
    })
}

/// Copies files of the built-in theme into the site, where they replace those in the program.
fn new_theme_files(files: &[String], global: &Global) -> Result<Exit, CommandError> {
    let names = || EMBEDDED.iter().map(|(name, _)| *name);
    if files.is_empty() {
        write_to(io::stdout(), &names().map(|name| format!("{name}\n")).collect::<String>());
        return Ok(Exit::Fine);
    }
    let (root, _) = read_inputs(global)?;
    for file in files {
        let Some((name, bytes)) = EMBEDDED.iter().find(|(name, _)| name == file) else {
            let near = nearest(file, names()).map(|near| format!(" Did you mean `{near}`?"));
            return Err(CommandError::Usage(format!(
                "the theme has no `{file}`.{} `sitegen new theme` lists all files",
                near.unwrap_or_default()
            )));
        };
        let path = format!("themes/{DEFAULT_THEME}/{name}");
        create(&root.join(&path), &String::from_utf8_lossy(bytes))?;
        say(global, &format!("{path}\n"));
    }
    Ok(Exit::Fine)
}

/// A TOML string.
fn quoted(text: &str) -> String {
    // JSON's escapes are among TOML's.
    serde_json::Value::from(text).to_string()
}

/// Writes a file that is not there yet.
fn create(path: &PathBuf, text: &str) -> Result<(), CommandError> {
    let fail = |error: io::Error| match error.kind() {
        io::ErrorKind::AlreadyExists => CommandError::Usage(format!(
            "{} is there already; choose another title, or change that file",
            path.display()
        )),
        _ => CommandError::Io(path.clone(), error),
    };
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(fail)?;
    }
    let mut file = OpenOptions::new().write(true).create_new(true).open(path).map_err(fail)?;
    file.write_all(text.as_bytes()).map_err(fail)
}

fn say(global: &Global, text: &str) {
    if !global.quiet {
        write_to(io::stdout(), text);
    }
}

/// Says what to do next, beside what is said.
fn advise(global: &Global, text: &str) {
    if !global.quiet {
        write_to(io::stderr(), text);
    }
}
