//! A new text in a site: a post, a page, a person, a press release, an event, a notice.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::{advise, create, quoted, say};
use crate::cli::{Global, NewItem, NewText};
use crate::commands::{CommandError, Exit, read_inputs};
use crate::config::{self, Config, LanguageId, Mode};
use crate::diagnostic::{Source, nearest};
use crate::load::Inputs;
use crate::path::{SourcePath, check_part, slugify};
use crate::pipeline::{self, Listed};
use crate::starter::{File, Texts, texts};
use crate::time::{Moment, When};

/// Where posts go in a site that has none yet.
const POST_FOLDER: &str = "news";

/// When an event begins of which nobody says when: so many days from now, at this hour.
const EVENT_DAYS: i64 = 14;
const EVENT_HOUR: i8 = 19;

/// How long an event is of which nobody says how long.
const EVENT_HOURS: i64 = 2;

/// A kind of text that has a section of its own.
struct Place {
    /// What the folder of such a section may be called.
    folders: &'static [&'static str],
    /// The one that is made where there is none, and its text.
    section: fn(&Texts) -> File,
}

const EVENT: Place = Place {
    folders: &["events", "calendar", "termine", "veranstaltungen"],
    section: |texts| texts.events,
};
const PERSON: Place =
    Place { folders: &["people", "team", "candidates", "personen"], section: |texts| texts.people };
const PRESS_RELEASE: Place =
    Place { folders: &["press", "media", "presse"], section: |texts| texts.press };

const NOTICE: Place = Place {
    folders: &["notices", "transparency", "transparenz", "transparence"],
    section: |texts| texts.notices,
};

/// The keys of a notice, each with what belongs there.
const NOTICE_KEYS: &str = include_str!("../../starter/notice.toml");

/// A text that is to be written.
struct Draft<'a> {
    text: &'a NewText,
    /// Whether the name of its file begins with the day.
    is_dated: bool,
    /// The day that the name of its file ends with, so that what happens every week has a name for
    /// each time.
    day: Option<String>,
    /// Whether it has a folder of its own, for a portrait.
    has_folder: bool,
    place: Option<Place>,
    /// What follows the title in the front matter.
    keys: String,
    date: Moment,
}

pub(super) fn new_text(item: &NewItem, global: &Global) -> Result<Exit, CommandError> {
    let (root, inputs) = read_inputs(global)?;
    let empty = Source::new(SourcePath::new(config::FILE), "");
    let (config, _) = config::read(inputs.config.as_ref().unwrap_or(&empty), None);
    let Some(draft) = draft(item, &config.zone)? else { return Ok(Exit::Fine) };
    let text = draft.text;
    let title = title(text)?;
    let language = language(text, &config)?;
    let code = &config.language(language).code;
    let slug = slugify(title, code);
    if slug.is_empty() {
        return Err(CommandError::Usage(format!(
            "no file name can be made from `{title}`; use some letters or digits"
        )));
    }
    let suffix =
        if language == config::DEFAULT_LANGUAGE { String::new() } else { format!(".{code}") };
    let slug = match &draft.day {
        Some(day) => format!("{slug}-{day}"),
        None => slug,
    };
    let name = if draft.has_folder {
        format!("{slug}/index{suffix}.md")
    } else if draft.is_dated {
        format!("{}-{slug}{suffix}.md", draft.date.date())
    } else {
        format!("{slug}{suffix}.md")
    };
    let texts = texts(&config.language(config::DEFAULT_LANGUAGE).code);
    let (name_of_folder, section) = folder(&draft, &inputs, texts)?;
    let folder = root.join("content").join(&name_of_folder);
    let path = folder.join(name);
    // It stands above the tables that keys may have.
    let marked =
        if text.public { "" } else { "draft = true  # take this line away to publish it\n" };
    let front = format!("+++\ntitle = {}\n{marked}{}+++\n\n", quoted(title), draft.keys);
    create(&path, &front)?;
    let mut written = vec![path];
    if let Some(section) = section {
        let index = folder.join("_index.md");
        create(&index, section)?;
        written.push(index);
    }
    for path in written {
        say(global, &format!("{}\n", path.strip_prefix(&root).unwrap_or(&path).display()));
    }
    if !text.public {
        advise(
            global,
            "It is a draft: `sitegen serve --drafts` shows it. To publish it, take away its line \
             `draft = true`.\n",
        );
    }
    if let (Some(_), Some(source)) = (section, &inputs.config) {
        advise_on_menu(global, source, &format!("@/{name_of_folder}/_index.md"));
    }
    Ok(Exit::Fine)
}

/// The title, which has spaces and so belongs in quotes.
fn title(text: &NewText) -> Result<&str, CommandError> {
    match text.title.as_slice() {
        [title] => Ok(title),
        words => Err(CommandError::Usage(format!(
            "put the title in quotes: {}",
            quoted(&words.join(" "))
        ))),
    }
}

/// Says how a new section gets into a menu that names its entries.
fn advise_on_menu(global: &Global, source: &Source, link: &str) {
    let lines = || source.text.lines().zip(1..);
    let Some((_, line)) = lines().find(|(line, _)| line.trim_start().starts_with("menu")) else {
        return;
    };
    let link = quoted(link);
    if !source.text.contains(&link) {
        advise(
            global,
            &format!(
                "The section is new. To have it in the menu, write {link} between the brackets of \
                 `menu`, in line {line} of {}.\n",
                source.path
            ),
        );
    }
}

/// What to write; nothing when it is no text.
fn draft<'a>(item: &'a NewItem, zone: &TimeZone) -> Result<Option<Draft<'a>>, CommandError> {
    let now = Moment::at(Timestamp::now(), zone);
    let moment = |date: &Option<String>| match date {
        None => Ok(None),
        Some(text) => Moment::parse(text, zone).map(Some).ok_or_else(|| {
            CommandError::Usage(format!("`{text}` is no date; write it like 2026-05-01"))
        }),
    };
    let plain = |text| Draft {
        text,
        is_dated: false,
        day: None,
        has_folder: false,
        place: None,
        keys: String::new(),
        date: now,
    };
    Ok(Some(match item {
        NewItem::Page(text) => plain(text),
        NewItem::Post(dated) => {
            let date = moment(&dated.date)?.unwrap_or(now);
            let keys = format!("date = {date}\ntags = []\n");
            Draft { is_dated: true, keys, date, ..plain(&dated.text) }
        }
        NewItem::Press(dated) => {
            let date = moment(&dated.date)?.unwrap_or(now);
            let keys = format!(
                "date = {date}  # in the future: published from then on\n\
                 # embargo = {date}  # nobody sees it before, whatever its date is\n\
                 # description = \"The news in one sentence, for lists and search engines\"\n\
                 # contact = {{ name = \"Ann\", email = \"press@party.example\" }}\n\
                 # notes = [\"What editors should know\"]\n\
                 # image = \"photo.jpg\"  # a picture that may be printed\n\
                 # image_alt = \"What is to be seen on it\"\n"
            );
            let place = Some(PRESS_RELEASE);
            Draft { is_dated: true, keys, date, place, ..plain(&dated.text) }
        }
        NewItem::Person(text) => {
            let keys = "# role = \"Candidate\"\n\
                        # ward = \"Aberhelyg\"\n\
                        # pronouns = \"she/her\"\n\
                        # email = \"nia@party.example\"  # on the page for all to see\n\
                        # phone = \"01632 960 000\"\n\
                        # links = [\"https://social.example/@nia\"]\n\
                        # description = \"Who it is, in one sentence\"\n\
                        # image = \"portrait.jpg\"  # beside this file\n\
                        # image_alt = \"What is to be seen on it\"\n\
                        # weight = 10  # the order among the others: small comes first\n";
            let place = Some(PERSON);
            Draft { has_folder: true, keys: keys.to_owned(), place, ..plain(text) }
        }
        NewItem::Notice(text) => {
            Draft { keys: NOTICE_KEYS.to_owned(), place: Some(NOTICE), ..plain(text) }
        }
        NewItem::Event(event) => {
            moment(&event.date)?;
            let said = event.date.as_deref().and_then(|text| When::parse(text, zone));
            let (start, keys) = event_keys(said, now, zone);
            let day = Some(start.day().to_string());
            Draft { day, keys, place: Some(EVENT), ..plain(&event.text) }
        }
        NewItem::Theme { .. } => return Ok(None),
    }))
}

/// When an event begins, and what its front matter says; an example where nobody has said when.
fn event_keys(said: Option<When>, now: Moment, zone: &TimeZone) -> (When, String) {
    let start = said.or_else(|| default_start(now, zone).map(When::At));
    let start = start.unwrap_or(When::At(now));
    let hint = if said.is_some() { "" } else { "  # an example: when is it?" };
    let end = match start {
        When::Day(_) => String::from("# end = the last day, when there are several\n"),
        When::At(start) => {
            let hours = SignedDuration::from_hours(EVENT_HOURS);
            let end = start.timestamp().checked_add(hours);
            format!("end = {}\n", Moment::at(end.unwrap_or(start.timestamp()), zone))
        }
    };
    let keys = format!(
        "date = {now}  # when this is published\n\
         start = {start}{hint}\n\
         {end}\
         # location = \"Village hall, 1 High Street\"\n\
         # online = \"https://meet.example/party\"  # where others take part\n\
         # description = \"What it is about, in one sentence\"\n\
         # cancelled = true  # when it does not take place: do not delete it\n\
         # moved_from = {start}  # when it takes place at another time than first said\n"
    );
    (start, keys)
}

/// An evening in two weeks.
fn default_start(now: Moment, zone: &TimeZone) -> Option<Moment> {
    let day = now.date().checked_add(SignedDuration::from_hours(24 * EVENT_DAYS)).ok()?;
    Moment::local(day.at(EVENT_HOUR, 0, 0, 0), zone)
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

/// The folder that was asked for, or the one where such texts are: for a post the one with most
/// dated pages, for others the one with a name that fits. Also the text of its section, where the
/// site has none yet.
fn folder(
    draft: &Draft<'_>,
    inputs: &Inputs,
    texts: &Texts,
) -> Result<(String, Option<&'static str>), CommandError> {
    if draft.text.section.is_none() && draft.place.is_none() && !draft.is_dated {
        return Ok((String::new(), None));
    }
    let (pages, _) = pipeline::list(inputs, &Mode::at(Timestamp::now()));
    let folders: Vec<&str> = pages.iter().filter_map(top_folder).collect();
    if let Some(section) = &draft.text.section {
        let section = section.trim_matches('/');
        if section.split('/').any(|part| check_part(part).is_err()) {
            return Err(CommandError::Usage(format!("`{section}` is no folder inside content/")));
        }
        let near = nearest(section, folders.iter().copied());
        if let Some(near) = near.filter(|near| *near != section) {
            return Err(CommandError::Usage(format!(
                "there is no content/{section}; did you mean `{near}`?"
            )));
        }
        return Ok((section.to_owned(), None));
    }
    if let Some(Place { folders: names, section }) = &draft.place {
        let found = names.iter().find(|name| folders.contains(name));
        let (folder, text) = section(texts);
        return Ok(match found {
            Some(name) => ((*name).to_owned(), None),
            None => (folder.to_owned(), Some(text)),
        });
    }
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let is_for_posts =
        |folder: &&str| ![EVENT, PRESS_RELEASE].iter().any(|place| place.folders.contains(folder));
    let dated = pages.iter().filter(|page| page.date.is_some());
    for folder in dated.filter_map(top_folder).filter(is_for_posts) {
        *counts.entry(folder).or_default() += 1;
    }
    let most = counts.iter().max_by_key(|(folder, count)| (**count, std::cmp::Reverse(**folder)));
    Ok((most.map_or(POST_FOLDER, |(folder, _)| folder).to_owned(), None))
}

fn top_folder(page: &Listed) -> Option<&str> {
    page.source.strip_prefix("content/")?.split_once('/').map(|(folder, _)| folder)
}
