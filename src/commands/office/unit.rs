//! `sitegen inbox unit`: prints the file by which a system starts the post office.

use std::io;
use std::path::Path;

use super::Place;
use crate::cli::{Global, Supervisor};
use crate::commands::output::write_to;
use crate::commands::{CommandError, Exit};
use crate::config;

const SYSTEMD: &str = include_str!("units/sitegen.service");
const OPENWRT: &str = include_str!("units/sitegen.init");

/// Whose the post office is, unless it is in the home of somebody.
const USER: &str = "sitegen";

/// Below these, systemd makes the folder of a service.
const STATE: &str = "/var/lib/";

pub(super) fn run(system: Supervisor, global: &Global) -> Result<Exit, CommandError> {
    let Some(place) = Place::find(global)? else { return Ok(Exit::SiteErrors) };
    if place.root.join(config::FILE).exists() {
        return Err(CommandError::Usage(format!(
            "{} is the folder of the site; the post office needs a folder of its own, such as \
             /var/lib/sitegen, with inbox.toml and .sitegen/keys/ in it. Run this there",
            place.root.display()
        )));
    }
    let program = std::env::current_exe()
        .map_err(|error| CommandError::Io("the program itself".into(), error))?;
    let folder = place.settings.folder.as_ref().map(|folder| place.root.join(folder));
    let read = [Some(program.as_path()), folder.as_deref()];
    let site = place.settings.site.as_str();
    let text =
        written(system, site, name(&place.root)?, name(&program)?, read.into_iter().flatten());
    write_to(io::stdout(), &text);
    Ok(Exit::Fine)
}

/// A path that can stand in a line.
fn name(path: &Path) -> Result<&str, CommandError> {
    let text = path.to_str().filter(|text| !text.chars().any(char::is_control));
    text.ok_or_else(|| {
        CommandError::Usage(format!(
            "{} has a character that cannot stand in such a file; move the post office to a \
             folder such as /var/lib/sitegen",
            path.display()
        ))
    })
}

/// The file for the post office in `root`, which also reads what is at `read`.
fn written<'a>(
    system: Supervisor,
    site: &str,
    root: &str,
    program: &str,
    read: impl Iterator<Item = &'a Path>,
) -> String {
    let is_private = |path: &Path| path.starts_with("/home") || path.starts_with("/root");
    let home = if Path::new(root).starts_with("/home") { root.split('/').nth(2) } else { None };
    let reads_homes = is_private(Path::new(root)) || read.into_iter().any(is_private);
    let state = match root.strip_prefix(STATE) {
        Some(name) if !name.contains(['/', ' ', '%', '"', '\'', '\\']) => {
            format!("StateDirectory={name}\nStateDirectoryMode=0700")
        }
        _ => format!("ReadWritePaths={}", in_unit(root)),
    };
    let values = [
        ("@SITE@", site.to_owned()),
        ("@DESCRIPTION@", site.replace('%', "%%")),
        ("@USER@", home.unwrap_or(USER).to_owned()),
        ("@HOME@", in_shell(root)),
        ("@PLAIN_ROOT@", root.replace('%', "%%")),
        ("@SHELL_ROOT@", in_shell(root)),
        ("@PROGRAM@", in_unit(program).replace('$', "$$")),
        ("@SHELL_PROGRAM@", in_shell(program)),
        ("@STATE@", state),
        ("@PROTECT_HOME@", if reads_homes { "read-only" } else { "yes" }.to_owned()),
    ];
    let mut text = match system {
        Supervisor::Systemd => SYSTEMD,
        Supervisor::Openwrt => OPENWRT,
    }
    .to_owned();
    for (mark, value) in values {
        text = text.replace(mark, &value);
    }
    text
}

fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/._-".contains(&byte))
}

/// A word in a unit file (`systemd.syntax(7)`, `systemd.service(5)`).
fn in_unit(text: &str) -> String {
    if is_plain(text) {
        return text.to_owned();
    }
    let escaped = text.replace('\\', "\\\\").replace('"', "\\\"").replace('%', "%%");
    format!("\"{escaped}\"")
}

/// A word in a script of the shell.
fn in_shell(text: &str) -> String {
    if is_plain(text) { text.to_owned() } else { format!("'{}'", text.replace('\'', "'\\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(system: Supervisor, root: &str, read: &str) -> String {
        let site = "https://www.party.example";
        written(system, site, root, "/usr/local/bin/sitegen", [Path::new(read)].into_iter())
    }

    #[test]
    fn each_system_has_its_file() {
        let text = of(Supervisor::Systemd, "/var/lib/sitegen", "/srv/www");
        insta::assert_snapshot!("systemd", text);
        insta::assert_snapshot!("openwrt", of(Supervisor::Openwrt, "/mnt/usb/post office", "/"));
    }

    #[test]
    fn a_post_office_elsewhere_may_write_there_and_read_what_it_needs() {
        let has = |root: &str, read: &str, line: &str| {
            let text = of(Supervisor::Systemd, root, read);
            assert!(text.lines().any(|found| found == line), "{line}: {text}");
        };
        has("/srv/post", "/srv/www", "ReadWritePaths=/srv/post");
        has("/srv/post 100%", "/srv/www", "ReadWritePaths=\"/srv/post 100%%\"");
        has("/srv/post 100%", "/srv/www", "WorkingDirectory=/srv/post 100%%");
        has("/srv/post", "/home/jo/public", "ProtectHome=read-only");
        has("/home/jo/post", "/srv/www", "User=jo");
        has("/home/jo/post", "/srv/www", "ProtectHome=read-only");
    }
}
