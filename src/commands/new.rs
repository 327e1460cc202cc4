//! `sitegen new`: a small site, or a text in a site.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::output::write_to;
use super::{CommandError, Exit, read_inputs};
use crate::cli::{Global, New, NewItem, NewText};
use crate::config::{self, Config, DEFAULT_THEME, LanguageId, Mode};
use crate::diagnostic::{Source, nearest};
use crate::load::Inputs;
use crate::load::theme::EMBEDDED;
use crate::path::{SourcePath, check_part, slugify};
use crate::pipeline::{self, Listed};
use crate::time::Moment;

/// The files of a new site. `{title}`, `{base_url}` and `{date}` are replaced.
const SKELETON: &[(&str, &str)] = &[
    (".gitignore", include_str!("skeleton/gitignore")),
    ("site.toml", include_str!("skeleton/site.toml")),
    ("content/_index.md", include_str!("skeleton/content/_index.md")),
    ("content/about.md", include_str!("skeleton/content/about.md")),
    ("content/news/_index.md", include_str!("skeleton/content/news/_index.md")),
    ("content/news/welcome.md", include_str!("skeleton/content/news/welcome.md")),
];

/// Where posts go in a site that has none yet.
const POST_FOLDER: &str = "news";

pub(super) fn run(arguments: &New, global: &Global) -> Result<Exit, CommandError> {
    match (&arguments.item, &arguments.dir) {
        (Some(NewItem::Post(text)), _) => new_text(text, true, global),
        (Some(NewItem::Page(text)), _) => new_text(text, false, global),
        (Some(NewItem::Theme { files }), _) => new_theme_files(files, global),
        (None, Some(dir)) => new_site(arguments, dir, global),
        (None, None) => Err(CommandError::Usage("say which folder the new site goes to".into())),
    }
}

fn new_site(arguments: &New, dir: &Path, global: &Global) -> Result<Exit, CommandError> {
    let is_empty = match fs::read_dir(dir) {
        Ok(mut entries) => entries.next().is_none(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => true,
        Err(error) => return Err(CommandError::Io(dir.to_path_buf(), error)),
    };
    if !is_empty {
        return Err(CommandError::Usage(format!(
            "{} has something in it already; choose another folder",
            dir.display()
        )));
    }
    let plain = "base_url = 'https://a.example'\ntitle = ''";
    let plain = Source::new(SourcePath::new(config::FILE), plain);
    let (_, problems) = config::read(&plain, Some(&arguments.base_url));
    if !problems.is_empty() {
        return Err(CommandError::Usage(format!(
            "`{}` cannot be the address of a site; write it like https://www.party.example",
            arguments.base_url
        )));
    }
    let name = dir.file_name().map(|name| name.to_string_lossy().into_owned());
    let title = arguments.title.clone().or(name).unwrap_or_else(|| "Our party".to_owned());
    let date = Moment::at(Timestamp::now(), &TimeZone::UTC);
    for (path, text) in SKELETON {
        // The title comes last: whatever is in it, it stays.
        let text = text
            .replace("{date}", &date.to_string())
            .replace("{base_url}", &quoted(&arguments.base_url))
            .replace("{title}", &quoted(&title));
        create(&dir.join(path), &text)?;
    }
    say(
        global,
        &format!(
            "A new site is in {0}.\nNext: change {0}/site.toml, then run\n  \
             cd {0}\n  sitegen serve --open\n",
            dir.display()
        ),
    );
    Ok(Exit::Fine)
}

fn new_text(text: &NewText, is_post: bool, global: &Global) -> Result<Exit, CommandError> {
    let (root, inputs) = read_inputs(global)?;
    let empty = Source::new(SourcePath::new(config::FILE), "");
    let (config, _) = config::read(inputs.config.as_ref().unwrap_or(&empty), None);
    let language = language(text, &config)?;
    let now = Moment::at(Timestamp::now(), &config.zone);
    let code = &config.language(language).code;
    let slug = slugify(&text.title, code);
    if slug.is_empty() {
        return Err(CommandError::Usage(format!(
            "no file name can be made from `{}`; use some letters or digits",
            text.title
        )));
    }
    let suffix =
        if language == config::DEFAULT_LANGUAGE { String::new() } else { format!(".{code}") };
    let name = if is_post {
        format!("{}-{slug}{suffix}.md", now.date())
    } else {
        format!("{slug}{suffix}.md")
    };
    let folder = folder(text, is_post, &inputs)?;
    let path = root.join("content").join(&folder).join(name);
    let mut front = format!("+++\ntitle = {}\n", quoted(&text.title));
    if is_post {
        front.push_str(&format!("date = {now}\n"));
        front.push_str("tags = []\n");
    }
    if text.draft {
        front.push_str("draft = true\n");
    }
    front.push_str("+++\n\n");
    create(&path, &front)?;
    let shown = path.strip_prefix(&root).unwrap_or(&path);
    say(global, &format!("{}\n", shown.display()));
    Ok(Exit::Fine)
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

fn language(text: &NewText, config: &Config) -> Result<LanguageId, CommandError> {
    let Some(code) = &text.language else { return Ok(config::DEFAULT_LANGUAGE) };
    config.language_id(code).ok_or_else(|| {
        let known: Vec<&str> = config.languages.iter().map(|l| l.code.as_str()).collect();
        CommandError::Usage(format!(
            "the site has no language `{code}`; it has {}. Add [languages.{code}] to site.toml",
            known.join(", ")
        ))
    })
}

/// The folder that was asked for, or for a post the one with most dated pages.
fn folder(text: &NewText, is_post: bool, inputs: &Inputs) -> Result<String, CommandError> {
    if !is_post && text.section.is_none() {
        return Ok(String::new());
    }
    let (pages, _) = pipeline::list(inputs, &Mode::at(Timestamp::now()));
    if let Some(section) = &text.section {
        let section = section.trim_matches('/');
        if section.split('/').any(|part| check_part(part).is_err()) {
            return Err(CommandError::Usage(format!("`{section}` is no folder inside content/")));
        }
        let folders: Vec<&str> = pages.iter().filter_map(top_folder).collect();
        let near = nearest(section, folders.iter().copied());
        if let Some(near) = near.filter(|near| *near != section) {
            return Err(CommandError::Usage(format!(
                "there is no content/{section}; did you mean `{near}`?"
            )));
        }
        return Ok(section.to_owned());
    }
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for folder in pages.iter().filter(|page| page.date.is_some()).filter_map(top_folder) {
        *counts.entry(folder).or_default() += 1;
    }
    let most = counts.iter().max_by_key(|(folder, count)| (**count, std::cmp::Reverse(**folder)));
    Ok(most.map_or(POST_FOLDER, |(folder, _)| folder).to_owned())
}

fn top_folder(page: &Listed) -> Option<&str> {
    page.source.strip_prefix("content/")?.split_once('/').map(|(folder, _)| folder)
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
