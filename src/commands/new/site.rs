//! A new site: a small one, or a whole one for a party, a candidate, a branch or a campaign.

use std::fs;
use std::io;
use std::path::Path;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::{create, quoted, say};
use crate::cli::{Global, Law, New, SiteKind};
use crate::commands::{CommandError, Exit};
use crate::config;
use crate::diagnostic::{Diagnostic, Source};
use crate::path::SourcePath;
use crate::starter::{File, Kind, Texts, texts};
use crate::time::Moment;

/// What git leaves out.
const IGNORED: File = (".gitignore", include_str!("../../starter/gitignore"));

pub(super) fn new_site(arguments: &New, dir: &Path, global: &Global) -> Result<Exit, CommandError> {
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
    check_config("base_url", &arguments.base_url, |problem| {
        format!(
            "`{problem}` cannot be the address of a site; write it like https://www.party.example"
        )
    })?;
    check_config("default_language", &arguments.language, |problem| {
        format!("`{problem}` is no code of a language; write it like en, cy or de")
    })?;
    let domain = config::BaseUrl::parse(&arguments.base_url).ok().and_then(|url| url.nobodys());
    let name = dir.file_name().map(|name| name.to_string_lossy().into_owned());
    let title = arguments.title.clone().or(name).unwrap_or_else(|| "Our party".to_owned());
    let zone = zone(&arguments.language);
    let mut values = vec![
        ("date", Moment::at(Timestamp::now(), &TimeZone::UTC).to_string()),
        ("base_url", quoted(&arguments.base_url)),
        ("language", quoted(&arguments.language)),
        ("timezone", quoted(zone)),
    ];
    let texts = texts(&arguments.language);
    let files: Vec<File> = match arguments.kind.map(|kind| kind_of(kind, texts)) {
        None => [IGNORED].iter().chain(texts.plain).copied().collect(),
        Some(kind) => {
            let Kind { description, menu, accent, header, front, behalf, files } = kind;
            let imprint = imprint(&arguments.law, &arguments.language, texts)?;
            let menu: Vec<String> = menu.iter().map(|page| quoted(&format!("@/{page}"))).collect();
            values.extend([
                ("imprint", imprint.replace("{behalf}", behalf)),
                ("menu", format!("[{}]", menu.join(", "))),
                ("description", quoted(description)),
                ("accent", quoted(accent)),
                ("header", quoted(header)),
                ("front", quoted(front)),
            ]);
            [IGNORED, (config::FILE, texts.config)].iter().chain(*files).copied().collect()
        }
    };
    // The title comes last: whatever is in it, it stays.
    values.push(("title", quoted(&title)));
    let mut config = String::new();
    for (path, text) in files {
        let fill = |text: String, (name, value): &(&str, String)| {
            text.replace(&format!("{{{name}}}"), value)
        };
        let text = values.iter().fold(text.to_owned(), fill);
        create(&dir.join(path), &text)?;
        if path == config::FILE {
            config = text;
        }
    }
    say(global, &next_steps(dir, &config, arguments.kind, domain));
    Ok(Exit::Fine)
}

fn kind_of(kind: SiteKind, texts: &'static Texts) -> &'static Kind {
    match kind {
        SiteKind::Party => &texts.party,
        SiteKind::Candidate => &texts.candidate,
        SiteKind::Branch => &texts.branch,
        SiteKind::Campaign => &texts.campaign,
    }
}

/// The imprint to fill in, of the laws that were named, or of that of the country where most people
/// live who speak a language.
fn imprint(laws: &[Law], language: &str, texts: &Texts) -> Result<String, CommandError> {
    let of_language = match language.split('-').next().unwrap_or(language) {
        "en" | "cy" | "gd" => Law::Uk2022,
        "de" => Law::De,
        _ => Law::None,
    };
    let laws = if laws.is_empty() { &[of_language] } else { laws };
    let of_site: Vec<Law> = laws.iter().copied().filter(|law| *law != Law::EuTtpa).collect();
    let has_notices = of_site.len() < laws.len();
    let (law, imprint) = match (&of_site[..], has_notices) {
        ([], _) => ("eu-ttpa", texts.eu_ttpa),
        ([Law::Uk2022], _) => ("uk-2022", texts.uk_2022),
        ([Law::De], _) => ("de", texts.de),
        ([Law::None], false) => return Ok(texts.no_law.to_owned()),
        _ => {
            let advice = "these laws do not go together: name uk-2022 or de, with eu-ttpa if you \
                          like, or none";
            return Err(CommandError::Usage(advice.to_owned()));
        }
    };
    if !has_notices {
        return Ok(imprint.to_owned());
    }
    let both = format!("law = [\"{law}\", \"eu-ttpa\"]");
    let is_alone = of_site.is_empty();
    let line = format!("law = \"{law}\"");
    let imprint = imprint.replace(&line, if is_alone { &line } else { &both });
    Ok(imprint + texts.of_notices)
}

/// What to do now, in three steps.
fn next_steps(dir: &Path, config: &str, kind: Option<SiteKind>, domain: Option<String>) -> String {
    let lines = || config.lines().zip(1..);
    let address = lines().find(|(line, _)| line.starts_with("base_url"));
    let address: usize = address.map_or(1, |(_, number)| number);
    let imprint = lines().skip_while(|(line, _)| *line != "[imprint]");
    let empty = imprint.filter(|(line, _)| !line.starts_with('#') && line.contains("= \"\""));
    let empty: Vec<usize> = empty.map(|(_, number)| number).collect();
    let edit = match (empty.first(), empty.last(), kind) {
        (Some(first), Some(last), _) => format!(
            "Fill in site.toml: line {address} has the address of the site, lines {first} to \
             {last} who publishes it.\n     The law wants to know that, and until then nothing is \
             built"
        ),
        (_, _, Some(_)) => format!(
            "Look at site.toml: line {address} has the address of the site, and `[imprint]` who \
             publishes it,\n     which a law may want to know"
        ),
        (_, _, None) => "Change site.toml: what the site is called, and where it lives".to_owned(),
    };
    let edit = match domain {
        Some(domain) => {
            format!("{edit}.\n     Nobody can have the domain `{domain}`: write your own")
        }
        None => edit,
    };
    let shown = dir.display().to_string();
    let folder = if shown.contains(' ') { quoted(&shown) } else { shown.clone() };
    format!(
        "A new site is in {shown}. Next:\n  1. cd {folder}\n  2. {edit}.\n  \
         3. sitegen serve --open\n"
    )
}

/// Says what is wrong with a value that is to stand in `site.toml`.
fn check_config(
    key: &str,
    value: &str,
    complaint: impl Fn(&str) -> String,
) -> Result<(), CommandError> {
    let others = [("base_url", "https://a.example"), ("title", "")];
    let others = others.iter().filter(|(other, _)| *other != key);
    let lines = others.map(|(other, value)| format!("{other} = {}\n", quoted(value)));
    let text = lines.collect::<String>() + &format!("{key} = {}\n", quoted(value));
    let (_, problems) = config::read(&Source::new(SourcePath::new(config::FILE), text), None);
    let is_wrong = problems.iter().any(Diagnostic::is_error);
    if is_wrong { Err(CommandError::Usage(complaint(value))) } else { Ok(()) }
}

/// The clock by which most people go who speak a language of the theme.
fn zone(language: &str) -> &'static str {
    match language.split('-').next().unwrap_or(language) {
        "en" | "cy" | "gd" => "Europe/London",
        "ga" => "Europe/Dublin",
        "de" => "Europe/Berlin",
        "fr" => "Europe/Paris",
        "cs" => "Europe/Prague",
        _ => "UTC",
    }
}
