//! The tables that the values for templates consist of.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::LazyLock;

use tera::value::Key;
use tera::{Context, Value};

use super::Theme;
use super::look::look_value;
use super::markdown::{Heading, Rendered};
use crate::config::LanguageId;
use crate::model::{Document, MenuEntry, Menus, Site, Strings, Term};
use crate::time::Moment;

/// The version of the contract with themes.
const CONTRACT: u64 = 1;

/// Where the script is that takes people to their own server, inside the output.
pub(crate) const FOLLOW_SCRIPT: &str = "follow/follow.js";

/// A table for templates, in the order in which it is written.
pub(crate) fn object<const N: usize>(entries: [(&'static str, Value); N]) -> Value {
    let mut places = 0..;
    let placed = entries.map(|(key, value)| (Placed(places.next().unwrap_or(N), key), value));
    if N == 0 { table([]) } else { Value::from(BTreeMap::from(placed)) }
}

/// A table for templates. Tera copies whatever map it is given; this is the one that costs least
/// to make and to copy, and that keeps the order.
pub(super) fn table(entries: impl IntoIterator<Item = (Key<'static>, Value)>) -> Value {
    static EMPTY: LazyLock<Value> = LazyLock::new(|| Value::from(BTreeMap::<String, Value>::new()));
    let placed = entries.into_iter().enumerate();
    let placed: BTreeMap<Placed<_>, Value> =
        placed.map(|(at, (key, value))| (Placed(at, key), value)).collect();
    // Most pages have some tables and lists with nothing in them.
    if placed.is_empty() { EMPTY.clone() } else { Value::from(placed) }
}

/// A key of a table with its place.
struct Placed<K>(usize, K);

impl<K: Into<Key<'static>>> From<Placed<K>> for Key<'static> {
    fn from(Placed(_, key): Placed<K>) -> Self {
        key.into()
    }
}

impl<K> Ord for Placed<K> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.cmp(&other.0)
    }
}

impl<K> PartialOrd for Placed<K> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<K> PartialEq for Placed<K> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl<K> Eq for Placed<K> {}

/// A list for templates.
pub(crate) fn array(items: impl IntoIterator<Item = Value>) -> Value {
    static EMPTY: LazyLock<Value> = LazyLock::new(|| Value::from(Vec::<Value>::new()));
    let items: Vec<Value> = items.into_iter().collect();
    if items.is_empty() { EMPTY.clone() } else { Value::from(items) }
}

/// A value, or none.
pub(crate) fn none_or<T: Into<Value>>(value: Option<T>) -> Value {
    value.map_or_else(Value::none, Into::into)
}

/// A feed as templates offer it.
#[derive(Clone, Debug)]
pub(crate) struct FeedLink {
    pub(crate) format: &'static str,
    /// What people call the format: the text `feed_FORMAT` of the theme, if it has one.
    pub(crate) label: String,
    pub(crate) media_type: &'static str,
    pub(crate) title: String,
    pub(crate) url: String,
}

/// What stands in the head of a document.
#[derive(Clone, Debug, Default)]
pub(crate) struct Head {
    pub(crate) title: String,
    pub(crate) description: Option<String>,
    pub(crate) canonical: Option<String>,
    pub(crate) noindex: bool,
    /// Codes and absolute addresses of translations.
    pub(crate) alternates: Vec<(String, String)>,
    /// For autodiscovery: those of the document, then those of the site; made by [`feed_value`].
    pub(crate) feeds: Vec<Value>,
    pub(crate) open_graph: Vec<(&'static str, String)>,
    /// Whether its picture is as wide as a card.
    pub(crate) has_card: bool,
    pub(crate) json_ld: Option<String>,
    pub(crate) fediverse: InFediverse,
}

/// What of a document is on the fediverse.
#[derive(Clone, Debug, Default)]
pub(crate) struct InFediverse {
    /// The address of the document that servers read instead.
    pub(crate) document: Option<String>,
    /// `@news@party.example`, who is shown as the author under links to the page.
    pub(crate) creator: Option<String>,
    /// Addresses of the same people elsewhere, for `rel="me"`.
    pub(crate) me: Vec<String>,
}

pub(super) fn link(title: &str, url: &str) -> Value {
    object([("title", Value::from(title)), ("url", Value::from(url))])
}

pub(super) fn summary_value(rendered: &Rendered) -> Value {
    rendered.summary.as_deref().map_or_else(Value::none, Value::safe_string)
}

pub(super) fn term_value(site: &Site, term: &Term) -> Value {
    object([
        ("name", Value::from(term.name.as_str())),
        ("url", Value::from(site.url(&term.output))),
        ("count", Value::from(term.pages.len())),
    ])
}

/// A date for templates: none, or for machines, for people and in parts.
pub(super) fn date_value(moment: Option<Moment>, strings: &Strings) -> Value {
    let Some(moment) = moment else { return Value::none() };
    let date = moment.date();
    object([
        ("iso", Value::from(moment.to_string())),
        ("text", Value::from(strings.date(moment))),
        ("year", Value::from(i64::from(date.year()))),
        ("month", Value::from(i64::from(date.month()))),
        ("day", Value::from(i64::from(date.day()))),
    ])
}

pub(super) fn toc_value(headings: &[Heading]) -> Value {
    array(headings.iter().map(|heading| {
        object([
            ("level", Value::from(u64::from(heading.level))),
            ("id", Value::from(heading.id.as_str())),
            ("title", Value::from(heading.title.as_str())),
            ("children", toc_value(&heading.children)),
        ])
    }))
}

pub(super) fn extra_value(document: &Document) -> Value {
    let entries = document.front.extra.iter();
    table(entries.map(|(key, node)| (key.name.clone().into(), Value::from_serializable(node))))
}

/// The data files of a document, by name.
pub(crate) fn data_value(document: &Document) -> Value {
    let entries = document.data.iter();
    table(entries.map(|file| (file.name.clone().into(), Value::from_serializable(&file.node))))
}

/// The interface texts of a language.
pub(crate) fn strings_value(strings: &Strings) -> Value {
    let texts = strings.texts.iter();
    table(texts.map(|(key, text)| (key.clone().into(), Value::from(text.as_str()))))
}

/// The language around a document.
pub(crate) fn language_value(site: &Site, theme: &Theme, language: LanguageId) -> Value {
    let strings = theme.strings(language);
    object([
        ("code", Value::from(site.config.language(language).code.as_str())),
        ("name", Value::from(strings.get("language_name"))),
        ("direction", Value::from(strings.get("direction"))),
    ])
}

pub(super) fn common(site: &Site, theme: &Theme, language: LanguageId) -> Context {
    let config = &site.config;
    let own = config.language(language);
    let home = |language: LanguageId| site.url(&site.section(site.home(language)).output);
    let shown =
        |entries: &[MenuEntry]| array(entries.iter().map(|entry| link(&entry.title, &entry.url)));
    let Menus { menu, footer } = &site.menus[language.0];
    let languages = config.language_ids().map(|id| {
        object([
            ("code", Value::from(config.language(id).code.as_str())),
            ("name", Value::from(theme.strings(id).get("language_name"))),
            ("url", Value::from(home(id))),
        ])
    });
    let taxonomies = site.term_lists.iter().filter(|list| list.language == language);
    let taxonomies = taxonomies.map(|list| {
        let name = &config.taxonomies[list.taxonomy].name;
        object([
            ("name", Value::from(name.as_str())),
            ("title", Value::from(taxonomy_title(theme.strings(language), name))),
            ("url", Value::from(site.url(&list.output))),
        ])
    });
    let below = |path: &str| format!("{}{path}", config.base_url.root());
    let search = config.search.then(|| below(&config.search_folder(language)));
    let follow = config.follow.as_ref().map(|_| below(&config.follow_folder(language)));
    let follow_script = config.follow.as_ref().map(|_| below(FOLLOW_SCRIPT));
    let mut context = Context::new();
    context.insert_value(
        "site",
        object([
            ("title", Value::from(own.title.as_str())),
            ("description", none_or(own.description.as_deref())),
            ("base_url", Value::from(config.base_url.as_str())),
            ("root", Value::from(config.base_url.root())),
            ("home", Value::from(home(language))),
            ("menu", shown(menu)),
            ("footer_menu", shown(footer)),
            ("languages", array(languages)),
            ("taxonomies", array(taxonomies)),
            ("search", none_or(search)),
            ("follow", none_or(follow)),
            ("follow_script", none_or(follow_script)),
            ("look", none_or(config.look.as_ref().map(|look| look_value(site, look)))),
            ("extra", Value::from_serializable(&config.extra)),
            ("contract", Value::from(CONTRACT)),
        ]),
    );
    context.insert_value("lang", language_value(site, theme, language));
    context.insert_value("strings", strings_value(theme.strings(language)));
    context
}

/// What a feed or a calendar of a part of the site is called.
pub(crate) fn part_title(strings: &Strings, title: &str, part: &str) -> String {
    strings.get("feed_title").replace("{title}", title).replace("{part}", part)
}

/// What a taxonomy is called in a language.
pub(crate) fn taxonomy_title(strings: &Strings, name: &str) -> String {
    let key = format!("taxonomy_{name}");
    match strings.texts.get(&key) {
        Some(title) => title.clone(),
        None => crate::path::humanise(name),
    }
}

pub(super) fn head_value(head: &Head) -> Value {
    let alternates = head.alternates.iter().map(|(code, url)| {
        object([("code", Value::from(code.as_str())), ("url", Value::from(url.as_str()))])
    });
    let open_graph = head.open_graph.iter().map(|(property, content)| {
        object([("property", Value::from(*property)), ("content", Value::from(content.as_str()))])
    });
    object([
        ("title", Value::from(head.title.as_str())),
        ("description", none_or(head.description.as_deref())),
        ("canonical", none_or(head.canonical.as_deref())),
        ("noindex", Value::from(head.noindex)),
        ("alternates", array(alternates)),
        ("feeds", Value::from(head.feeds.clone())),
        ("open_graph", array(open_graph)),
        ("card", Value::from(if head.has_card { "summary_large_image" } else { "summary" })),
        ("fediverse", none_or(head.fediverse.document.as_deref())),
        ("creator", none_or(head.fediverse.creator.as_deref())),
        ("me", array(head.fediverse.me.iter().map(|url| Value::from(url.as_str())))),
        ("json_ld", head.json_ld.as_deref().map_or_else(Value::none, Value::safe_string)),
    ])
}

/// A feed as templates offer it.
pub(crate) fn feed_value(feed: &FeedLink) -> Value {
    object([
        ("format", Value::from(feed.format)),
        ("label", Value::from(feed.label.as_str())),
        ("type", Value::from(feed.media_type)),
        ("title", Value::from(feed.title.as_str())),
        ("url", Value::from(feed.url.as_str())),
    ])
}
