//! `sitegen withdraw`: takes a post back.

use std::io::{self, BufRead, IsTerminal};

use jiff::Timestamp;

use super::output::write_to;
use super::{CommandError, Exit, find_root};
use crate::cli::{Global, OutputFormat, Withdraw};
use crate::config::{self, Config};
use crate::diagnostic::{Source, nearest, visible};
use crate::disk::replace;
use crate::load::{Inputs, record};
use crate::model::{Published, Record};
use crate::path::SourcePath;
use crate::time::Moment;
use crate::write::Lock;

/// Writes into `published.toml` that a post is taken back. The next build does the rest.
pub(super) fn run(arguments: &Withdraw, global: &Global) -> Result<Exit, CommandError> {
    let root = find_root(global)?;
    let _lock = Lock::take(&root)?;
    let inputs = Inputs::read_knowing(&root, &global.config, &crate::load::Digests::default())?;
    let empty = Source::new(SourcePath::new(config::FILE), "");
    let (config, _) = config::read(inputs.config.as_ref().unwrap_or(&empty), None);
    let mut record = read(&inputs, &config)?;
    let index = find(&record, &arguments.post)?;
    let entry = &mut record.published[index];
    let Some(id) = entry.fediverse.clone() else {
        return Err(CommandError::Usage(format!(
            "{} was never a post on the fediverse; to take the page away, delete it or set \
             `draft = true`",
            entry.source
        )));
    };
    if entry.withdrawn.is_some() {
        say(global, &format!("{id} was taken back before."));
        return Ok(Exit::Fine);
    }
    if !(arguments.yes || confirm(entry, &id)?) {
        say(global, "Nothing has changed.");
        return Ok(Exit::Fine);
    }
    entry.withdrawn = Some(Moment::at(Timestamp::now(), &config.zone).whole_seconds());
    record.serial += 1;
    let file = root.join(record::FILE);
    let new = root.join(format!(".{}.new", record::FILE));
    replace(&file, &new, &record::write(&record), config.durable)
        .map_err(|error| CommandError::Io(file.clone(), error))?;
    say(
        global,
        &format!(
            "{id} is taken back. Run `sitegen build` and upload the site: the page goes, and a \
             tombstone stands for the post. Other servers delete it when they next ask for it. On \
             a web server of your own, take over what `sitegen host show` prints once more. Commit \
             {} with your texts.",
            record::FILE
        ),
    );
    Ok(Exit::Fine)
}

fn read(inputs: &Inputs, config: &Config) -> Result<Record, CommandError> {
    let Some(source) = &inputs.record else {
        return Err(CommandError::Usage(
            "nothing was published yet: there is no published.toml; run `sitegen build`".to_owned(),
        ));
    };
    record::read(source, config).map_err(|_| {
        CommandError::Usage(
            "published.toml cannot be read; `sitegen check` says what is wrong".to_owned(),
        )
    })
}

/// The record of a post: by its file, the id of its page, or the address of its document.
fn find(record: &Record, name: &str) -> Result<usize, CommandError> {
    let path = name.trim_start_matches("./");
    let path = path.strip_prefix("@/").map_or(path.to_owned(), |rest| format!("content/{rest}"));
    let names = |entry: &Published| {
        *entry.source == *path || *entry.id == *name || entry.fediverse.as_deref() == Some(name)
    };
    record.published.iter().position(names).ok_or_else(|| {
        let known = record.published.iter().map(|entry| &*entry.source);
        let near = nearest(&path, known).map(|near| format!("; did you mean `{near}`?"));
        CommandError::Usage(format!(
            "`{name}` was never published{}",
            near.unwrap_or_else(|| {
                "; name a file such as `content/news/first.md`, or the id of a post".to_owned()
            })
        ))
    })
}

/// Asks a person. Nobody else can answer.
fn confirm(entry: &Published, id: &str) -> Result<bool, CommandError> {
    if !(io::stdin().is_terminal() && io::stderr().is_terminal()) {
        let message = "taking back is for ever; say `--yes` when nobody can be asked";
        return Err(CommandError::Usage(message.to_owned()));
    }
    let question = format!(
        "{} is taken back for ever: other servers delete it when they learn of it, and it cannot \
         be published again.\nTake {} back? [y/N] ",
        visible(&entry.source),
        visible(id)
    );
    write_to(io::stderr(), &question);
    let mut answer = String::new();
    io::stdin()
        .lock()
        .read_line(&mut answer)
        .map_err(|error| CommandError::Io("the terminal".into(), error))?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}

fn say(global: &Global, text: &str) {
    match global.format {
        OutputFormat::Human if global.quiet => {}
        OutputFormat::Human => write_to(io::stdout(), &format!("{}\n", visible(text))),
        OutputFormat::Json => {
            let line = serde_json::json!({ "version": 1, "kind": "withdraw", "message": text });
            write_to(io::stdout(), &format!("{line}\n"));
        }
    }
}
