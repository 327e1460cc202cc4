//! `sitegen withdraw`: takes a post back.

use std::io;
use std::sync::Arc;

use jiff::Timestamp;
use url::Url;

use super::output::{ask, write_to};
use super::{CommandError, Exit, find_root};
use crate::cli::{Global, OutputFormat, Withdraw};
use crate::config::{self, Config, Mode};
use crate::diagnostic::{Source, nearest, visible};
use crate::disk::replace;
use crate::load::{Inputs, record};
use crate::model::{Published, Record};
use crate::path::SourcePath;
use crate::pipeline::{self, Listed};
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
    let index = find(&record, &arguments.post, &inputs)?;
    let translations = translations(&record, index, &config);
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
    replace(&file, &new, record::write(&record).as_bytes(), config.durable)
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
    for source in translations {
        say(
            global,
            &format!(
                "Its translation {source} is a post of its own and stays; `sitegen withdraw \
                 {source}` takes it back too."
            ),
        );
    }
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

/// The record of a post: by its file, the id or the address of its page, or the address of its
/// document.
fn find(record: &Record, name: &str, inputs: &Inputs) -> Result<usize, CommandError> {
    let path = name.trim_start_matches("./");
    let path = path.strip_prefix("@/").map_or(path.to_owned(), |rest| format!("content/{rest}"));
    let names = |entry: &Published| {
        *entry.source == *path || *entry.id == *name || entry.fediverse.as_deref() == Some(name)
    };
    let mut found = found(record, names);
    if found.is_empty()
        && let Some(page) = page_at(name, inputs)
    {
        found = self::found(record, |entry| {
            *entry.source == *page.source && *entry.language == *page.language
        });
    }
    match *found {
        [index] => Ok(index),
        [] => Err(unknown(record, name, &path)),
        _ => Err(several(record, name, &found)),
    }
}

/// Where in the record something is; what is no post counts only when no post is found.
fn found(record: &Record, is_it: impl Fn(&Published) -> bool) -> Vec<usize> {
    let entries = record.published.iter().enumerate().filter(|(_, entry)| is_it(entry));
    let (posts, others): (Vec<_>, Vec<_>) =
        entries.map(|(index, entry)| (index, entry.fediverse.is_some())).partition(|(_, is)| *is);
    let found = if posts.is_empty() { others } else { posts };
    found.into_iter().map(|(index, _)| index).collect()
}

/// The page at an address, as a browser shows it.
fn page_at(address: &str, inputs: &Inputs) -> Option<Listed> {
    let plain = |address: &str| {
        let mut url = Url::parse(address).ok()?;
        url.set_query(None);
        url.set_fragment(None);
        let path = url.path().trim_end_matches("index.html").trim_end_matches('/').to_owned();
        Some((url.host_str()?.to_owned(), url.port(), path))
    };
    let wanted = plain(address)?;
    let (pages, _) = pipeline::list(inputs, &Mode::at(Timestamp::now()));
    pages.into_iter().find(|page| plain(&page.url).as_ref() == Some(&wanted))
}

fn unknown(record: &Record, name: &str, path: &str) -> CommandError {
    let known = record.published.iter().map(|entry| &*entry.source);
    let near = nearest(path, known).map(|near| format!("; did you mean `{near}`?"));
    CommandError::Usage(format!(
        "`{name}` was never published{}",
        near.unwrap_or_else(|| {
            "; name a file such as `content/news/first.md`, the address of its page, or the id of \
             a post"
                .to_owned()
        })
    ))
}

fn several(record: &Record, name: &str, found: &[usize]) -> CommandError {
    let post = |index: &usize| {
        let entry = &record.published[*index];
        let id = entry.fediverse.as_ref().unwrap_or(&entry.id);
        format!("\n  {id} ({})", entry.language)
    };
    let posts: String = found.iter().map(post).collect();
    CommandError::Usage(format!(
        "`{name}` was published in {} languages; name the post that is meant, and then the others \
         if they are to go too:{posts}",
        found.len()
    ))
}

/// The files of the same text in other languages that are posts.
fn translations(record: &Record, index: usize, config: &Config) -> Vec<Arc<str>> {
    let text = |entry: &Published| {
        let stem = entry.source.strip_suffix(".md").unwrap_or(&entry.source);
        let bare = stem.rsplit_once('.').filter(|(_, code)| config.language_id(code).is_some());
        bare.map_or(stem, |(stem, _)| stem).to_owned()
    };
    let own = &record.published[index];
    let stays = |entry: &&Published| {
        entry.fediverse.is_some() && entry.withdrawn.is_none() && entry.source != own.source
    };
    let others = record.published.iter().filter(stays).filter(|entry| text(entry) == text(own));
    others.map(|entry| entry.source.clone()).collect()
}

/// Asks a person. Nobody else can answer.
fn confirm(entry: &Published, id: &str) -> Result<bool, CommandError> {
    let question = format!(
        "{} is taken back for ever: other servers delete it when they learn of it, and it cannot \
         be published again.\nTake {id} back? [y/N] ",
        entry.source
    );
    ask(&question)?.ok_or_else(|| {
        let message = "taking back is for ever; say `--yes` when nobody can be asked";
        CommandError::Usage(message.to_owned())
    })
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
