//! Followers as a table, to take them along.

use std::io::BufWriter;
use std::path::Path;

use jiff::Timestamp;
use serde_json::json;

use super::Desk;
use crate::commands::office::private::{NewFile, read_text, shared_disk};
use crate::commands::office::tell::{add, say, warn};
use crate::commands::{CommandError, Exit};
use crate::limits::TABLE_BYTES_MAX;
use crate::office::store::followers::{self, ImportedLine, NoFollowers};

/// Writes a table to a new file.
pub(super) fn export(
    desk: &Desk<'_>,
    file: &Path,
    user: Option<&str>,
) -> Result<Exit, CommandError> {
    let user = user.map(|user| desk.place.local(user)).transpose()?;
    desk.place.check_private(file, &desk.global.config)?;
    let store = desk.place.store()?;
    let new = NewFile::create(file)?;
    let written = store.read(|connection| {
        followers::export(connection, user.map(|local| &*local.user), BufWriter::new(&new.file))
    })?;
    written.map_err(|error| CommandError::Io(file.to_path_buf(), error))?;
    let is_private = new.keep()?;
    let line = json!({ "version": 1, "kind": "export", "file": file.display().to_string() });
    say(desk.global, &format!("The followers are in {}.", file.display()), &line);
    warn(
        desk.global,
        &format!(
            "{} says who follows you, which is nobody else's business: do not send it by e-mail, \
             and delete it when it is not needed any more",
            file.display()
        ),
    );
    if !is_private {
        warn(desk.global, &shared_disk(file));
    }
    Ok(Exit::Fine)
}

/// Adds the followers of a table.
pub(super) fn import(desk: &Desk<'_>, file: &Path, user: &str) -> Result<Exit, CommandError> {
    let local = desk.place.local(user)?;
    let text = read_text(file, TABLE_BYTES_MAX)?;
    let store = desk.place.store_or_new()?;
    let now = Timestamp::now();
    let locals = std::slice::from_ref(local);
    let imported = store.run(|connection| followers::import(connection, &text, locals, now))?;
    let imported = imported.map_err(|NoFollowers(column)| {
        CommandError::Usage(format!(
            "{} is no table of followers: it has no column `{column}`; take one that `sitegen \
             followers export FILE` has written",
            file.display()
        ))
    })?;
    for (number, line) in &imported.lines {
        let (did, text) = match line {
            ImportedLine::Added => ("added", "follows now"),
            ImportedLine::Known => ("known", "follows already"),
            ImportedLine::Waiting => ("waiting", "waits for an answer, and is left out"),
            ImportedLine::Blocked => ("blocked", "is blocked, and is left out"),
            ImportedLine::OtherUser => ("other-user", "follows another account, and is left out"),
            ImportedLine::Unread => ("unread", "error: this is no follower"),
        };
        let line = json!({ "version": 1, "kind": "import", "line": number, "did": did });
        say(desk.global, &format!("line {number}: {text}"), &line);
    }
    let count = |what| imported.lines.iter().filter(|(_, line)| *line == what).count();
    let (unread, others) = (count(ImportedLine::Unread), count(ImportedLine::OtherUser));
    add(
        desk.global,
        &format!(
            "Of @{}: {} new, {} known, {} left out, {unread} that cannot be read.",
            local.user,
            imported.added,
            imported.known,
            others + count(ImportedLine::Waiting) + count(ImportedLine::Blocked),
        ),
    );
    if others > 0 {
        add(desk.global, "Import the file once for each account that is in it.");
    }
    Ok(if unread == 0 { Exit::Fine } else { Exit::SiteErrors })
}
