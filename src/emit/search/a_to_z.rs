//! All pages by the first letter of their titles.

use std::sync::Arc;

use tera::Value;

use super::Entry;
use super::words::{folded, initial};
use crate::artifact::{Key, Rank};
use crate::config::LanguageId;
use crate::emit::feed::FeedOf;
use crate::emit::html::{fill, plain_head};
use crate::emit::{Made, Plan, Workshop};
use crate::model::Site;
use crate::path::OutputPath;
use crate::render::{array, object};

/// More pages than this are a page for each letter.
const ON_ONE_PAGE_MAX: usize = 400;

/// The pages whose titles begin with a letter.
struct Letter {
    /// One of [`super::words::INITIALS`].
    initial: char,
    /// By title.
    entries: Vec<Entry>,
}

impl Letter {
    fn label(&self) -> String {
        match self.initial {
            '0' => "0–9".to_owned(),
            '_' => "…".to_owned(),
            letter => letter.to_ascii_uppercase().to_string(),
        }
    }
}

/// The letters of a language in its list.
struct Letters {
    language: LanguageId,
    folder: String,
    all: Vec<Letter>,
    is_one_page: bool,
}

/// Inside the output, below the search of a language.
pub(super) fn folder(search: &str) -> String {
    format!("{search}a-z/")
}

/// Lists the pages. `all` is the key of the entries.
pub(super) fn plan<'s>(
    site: &'s Site,
    language: LanguageId,
    entries: Vec<Entry>,
    all: Option<Key>,
    plan: &mut Plan<'s>,
) {
    let list = Arc::new(Letters {
        language,
        folder: folder(&site.config.search_folder(language)),
        is_one_page: entries.len() <= ON_ONE_PAGE_MAX,
        all: letters(site, entries),
    });
    let shown = list.all.iter().map(|letter| Some(letter.initial));
    for shown in std::iter::once(None).chain(shown.filter(|_| !list.is_one_page)) {
        let path = match shown {
            None => format!("{}index.html", list.folder),
            Some(letter) => format!("{}{letter}/index.html", list.folder),
        };
        let key = plan.key(|keys| keys.of(("a-z", all, language, shown)));
        let list = Arc::clone(&list);
        plan.add_of_site(&path, Rank::List, key, move |workshop, output| {
            make(workshop, &list, shown, output)
        });
    }
}

fn letters(site: &Site, mut entries: Vec<Entry>) -> Vec<Letter> {
    entries.sort_by_cached_key(|entry| (folded(entry.title(site)), entry.output(site).clone()));
    let mut letters: Vec<Letter> = Vec::new();
    for entry in entries {
        let title = folded(entry.title(site));
        let first = title.chars().find(|c| c.is_alphanumeric()).map_or('_', initial);
        match letters.iter_mut().find(|letter| letter.initial == first) {
            Some(letter) => letter.entries.push(entry),
            None => letters.push(Letter { initial: first, entries: vec![entry] }),
        }
    }
    letters.sort_by_key(|letter| letter.initial);
    letters
}

/// The list, or the part of it for a letter.
fn make(workshop: &Workshop<'_>, list: &Letters, shown: Option<char>, output: &OutputPath) -> Made {
    let views = &workshop.views;
    let site = views.site;
    let root = site.config.base_url.root();
    let title = views.theme.strings(list.language).get("a_to_z").to_owned();
    let here = list.all.iter().find(|letter| Some(letter.initial) == shown);
    let title = here.map_or(title.clone(), |letter| format!("{title}: {}", letter.label()));
    let head = plain_head(workshop, list.language, title, output, FeedOf::Site(list.language));
    let letters = list.all.iter().map(|letter| {
        let is_here = list.is_one_page || Some(letter.initial) == shown;
        let id = letter.initial;
        let url =
            if list.is_one_page { format!("#{id}") } else { format!("{root}{}{id}/", list.folder) };
        let entries = letter.entries.iter().filter(|_| is_here).map(|entry| {
            object([
                ("title", Value::from(entry.title(site))),
                ("url", Value::from(site.url(entry.output(site)))),
            ])
        });
        object([
            ("id", Value::from(id.to_string())),
            ("label", Value::from(letter.label())),
            ("url", Value::from(url)),
            ("current", Value::from(Some(letter.initial) == shown)),
            ("count", Value::from(letter.entries.len())),
            ("pages", array(entries)),
        ])
    });
    let mut context = views.context(list.language, &site.url(output), &head);
    context.insert_value("letters", array(letters));
    context.insert_value("feeds", Value::from(head.feeds.clone()));
    fill(workshop, "a_to_z.html", &context, output, Vec::new())
}
