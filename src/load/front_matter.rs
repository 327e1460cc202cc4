//! From the head of a Markdown file to a checked [`FrontMatter`].

use std::ops::Range;

use jiff::tz::TimeZone;

use super::kinds;
use crate::config::{Config, Image, Imprint, LanguageId};
use crate::diagnostic::{Diagnostic, Source, Wanted};
use crate::limits::FRONT_MATTER_BYTES_MAX;
use crate::model::{FrontMatter, Kind, PostKeys, PostKind, SectionKeys, SortBy};
use crate::node::{Fields, Key, Node, Placed, Syntax, Value, one_line, parse};
use crate::time::Moment;

/// A Markdown file in two parts. The bytes are those of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Parts {
    pub(crate) syntax: Syntax,
    pub(crate) head: Range<usize>,
    pub(crate) body: Range<usize>,
}

/// Finds the front matter: between two lines of `+++` (TOML) or `---` (YAML), at the beginning.
///
/// # Errors
///
/// When there is none, when it does not end, when it is too long.
pub(crate) fn split(source: &Source) -> Result<Parts, Box<Diagnostic>> {
    let whole = &*source.text;
    // Empty lines before it mean nothing.
    let start = whole.len() - whole.trim_start().len();
    let text = &whole[start..];
    let first = text.split_inclusive('\n').next().unwrap_or("");
    let syntax = match first.trim_end() {
        "+++" => Syntax::Toml,
        "---" => Syntax::Yaml,
        _ => return Err(Box::new(Diagnostic::no_front_matter(source.place(0..1)))),
    };
    let fence = first.trim_end();
    let head_start = start + first.len();
    let mut at = head_start;
    for line in whole[head_start..].split_inclusive('\n') {
        if line.trim_end() == fence {
            if at - head_start > FRONT_MATTER_BYTES_MAX {
                let place = source.place(start..start + 3);
                return Err(Box::new(Diagnostic::front_matter_too_long(place)));
            }
            return Ok(Parts { syntax, head: head_start..at, body: at + line.len()..whole.len() });
        }
        at += line.len();
    }
    Err(Box::new(Diagnostic::front_matter_without_end(source.place(start..start + 3), fence)))
}

/// Front matter, as far as it could be read.
#[derive(Default)]
pub(crate) struct HeadRead {
    pub(crate) front: FrontMatter,
    /// The unknown keys that lenient front matter keeps in `extra`.
    pub(crate) unknown: Vec<Key>,
    /// Every mistake in it.
    pub(crate) problems: Vec<Diagnostic>,
}

/// Reads the front matter. Unknown keys are errors, or with lenient front matter part of
/// `extra`. With errors, the rest is still good for finding more mistakes in the site.
pub(crate) fn read(
    source: &Source,
    parts: &Parts,
    (is_section, language): (bool, LanguageId),
    config: &Config,
) -> HeadRead {
    let mut read = HeadRead::default();
    let Some(entries) = read_table(source, parts, config, &mut read.problems) else {
        read.front.is_unread = true;
        return read;
    };
    let mut fields =
        Fields::new(source, entries, &mut read.problems).loose_text(parts.syntax == Syntax::Yaml);
    read.front = read_common(&mut fields, config);
    if is_section {
        read.front.section = read_section_keys(&mut fields).into();
    } else {
        read_page_keys(&mut fields, config, &mut read.front);
        let imprint = config.language(language).imprint.as_ref();
        // Of content from elsewhere it may mean anything.
        if imprint.is_some() || !config.lenient() {
            let changed = fields.node("imprint");
            let changed = changed.and_then(|node| Imprint::read_change(&mut fields, node, imprint));
            read.front.imprint = changed.map(Box::new);
        }
    }
    if !fields.is_empty() && !is_section {
        read.front.of_kind = fields.put_aside(kinds::keys());
    }
    if !config.lenient() {
        fields.finish();
        return read;
    }
    for (key, node) in fields.rest() {
        // People's pages of other programs have a name in the place of a title.
        if let (None, "name", Value::String(name)) = (&read.front.title, &*key.name, &node.value) {
            read.front.title = Some(one_line(name)).filter(|name| !name.is_empty());
        }
        hide_as_elsewhere(&mut read.front, &key.name, &node.value, config);
        read.unknown.push(key.clone());
        read.front.extra.push((key, node));
    }
    read
}

/// What other generators write to keep a page back. Whatever else is not understood, such a
/// page is not shown too early.
fn hide_as_elsewhere(front: &mut FrontMatter, key: &str, value: &Value, config: &Config) {
    let moment = || match value {
        Value::String(text) | Value::Date(text) => Moment::parse(text, &config.zone),
        _ => None,
    };
    match key.to_ascii_lowercase().as_str() {
        "published" if *value == Value::Bool(false) => front.draft = true,
        "draft" if *value == Value::Bool(true) => front.draft = true,
        "cascade" => match value {
            Value::Table(entries) => entries.iter().for_each(|(key, node)| {
                hide_as_elsewhere(front, &key.name, &node.value, config);
            }),
            _ => front.draft = true,
        },
        "publishdate" | "pubdate" => match moment() {
            Some(moment) => front.date = front.date.max(Some(moment)),
            // Whenever it was meant to be published, nobody can tell that it is not later.
            None => front.draft = true,
        },
        "expirydate" | "unpublishdate" => front.expires = front.expires.or_else(moment),
        _ => {}
    }
}

/// The keys and values of the front matter; `None` when they cannot be read at all.
fn read_table(
    source: &Source,
    parts: &Parts,
    config: &Config,
    problems: &mut Vec<Diagnostic>,
) -> Option<Vec<(Key, Node)>> {
    let node = match read_node(source, parts, config, problems) {
        Ok(node) => node,
        Err(errors) => {
            problems.extend(errors);
            return None;
        }
    };
    match node.value {
        Value::Table(entries) => Some(entries),
        Value::Null => Some(Vec::new()),
        other => {
            let place = source.place(parts.head.clone());
            let wanted = Wanted::FRONT_MATTER;
            problems.push(Diagnostic::wrong_type(place, "front matter", wanted, other.kind()));
            None
        }
    }
}

/// The values of the front matter. Content from elsewhere may have a key twice, which other
/// programs do not mind; then the last counts and the author is warned.
fn read_node(
    source: &Source,
    parts: &Parts,
    config: &Config,
    problems: &mut Vec<Diagnostic>,
) -> Result<Node, Vec<Diagnostic>> {
    let errors = match parse(source, parts.head.clone(), parts.syntax) {
        Ok(node) => return Ok(node),
        Err(errors) => errors,
    };
    let only_twice = errors.iter().all(|error| error.code() == "duplicate-key");
    if !(config.lenient() && only_twice && parts.syntax == Syntax::Yaml) {
        return Err(errors);
    }
    problems.extend(errors.into_iter().map(|error| error.lenient(true)));
    parse(source, parts.head.clone(), Syntax::LooseYaml)
}

/// What texts of pages and of sections have in common.
fn read_common(fields: &mut Fields<'_>, config: &Config) -> FrontMatter {
    let zone = &config.zone;
    FrontMatter {
        title: fields.text("title").map(|title| one_line(&title)).filter(|t| !t.is_empty()),
        description: fields.text("description").map(|text| one_line(&text)),
        date: fields.moment("date", zone),
        expires: fields.moment("expires", zone),
        draft: fields.flag("draft").unwrap_or(false),
        slug: fields.placed_text("slug").map(Box::new),
        aliases: fields.texts("aliases").unwrap_or_default(),
        weight: fields.integer("weight").map(|(weight, _)| weight),
        template: fields.placed_text("template").map(Box::new),
        image: read_image(fields, config).map(Box::new),
        no_share_picture: fields.flag("share_picture").is_some_and(|wanted| !wanted),
        kind: fields.word("kind", &Kind::ALL.map(|kind| (kind.name(), kind))),
        data: fields.text_table("data", Wanted::FILE),
        extra: fields.table("extra").unwrap_or_default(),
        ..FrontMatter::default()
    }
}

/// What only a page has: an entry in feeds, terms, an address that is no folder.
fn read_page_keys(fields: &mut Fields<'_>, config: &Config, front: &mut FrontMatter) {
    front.terms = read_terms(fields, config);
    front.authors = read_authors(fields, &front.terms);
    front.updated = fields.moment("updated", &config.zone);
    front.path = fields.placed_text("path").map(Box::new);
    front.summary = fields.text("summary");
    front.enclosure = fields.placed_text("enclosure").map(Box::new);
    front.id = fields.placed_text("id").map(Box::new);
    let embargo = read_embargo(fields, &config.zone);
    front.date = front.date.max(embargo);
    front.post = PostKeys { embargo, ..read_post_keys(fields) }.into();
}

/// What a page says of its post on the fediverse.
fn read_post_keys(fields: &mut Fields<'_>) -> PostKeys {
    let expiries = [("keep", false), ("withdraw", true)];
    PostKeys {
        withdrawn: fields.flag("withdrawn").unwrap_or(false),
        no_page: fields.flag("page").is_some_and(|page| !page),
        withdraw_on_expiry: fields.word("on_expiry", &expiries).unwrap_or(false),
        content_warning: fields.text("content_warning").map(|text| one_line(&text)),
        pinned: fields.flag("pinned").unwrap_or(false),
        replies: fields.web_addresses("replies"),
        image_focus: read_focus(fields),
        embargo: None,
    }
}

/// The moment before which nobody may read a text. It says its zone: journalists elsewhere have
/// another clock than the site.
fn read_embargo(fields: &mut Fields<'_>, zone: &TimeZone) -> Option<Moment> {
    let span = fields.span_of("embargo");
    let embargo = fields.moment_of("embargo", zone, Wanted::EMBARGO)?;
    let text = fields.written(&span);
    if !Moment::has_offset(text) {
        let advice = embargo.to_string();
        let place = fields.place(span);
        fields.report(Diagnostic::embargo_without_zone(place, &advice));
    }
    Some(embargo)
}

/// Two numbers from -1 to 1 (`toot:focalPoint`).
fn read_focus(fields: &mut Fields<'_>) -> Option<(f64, f64)> {
    let node = fields.node("image_focus")?;
    let number = |node: &Node| match node.value {
        Value::Float(number) => Some(number),
        Value::Integer(number) => i8::try_from(number).ok().map(f64::from),
        _ => None,
    };
    if let Value::List(items) = &node.value
        && let [x, y] = items.as_slice()
        && let (Some(x), Some(y)) = (number(x), number(y))
        && x.abs() <= 1.0
        && y.abs() <= 1.0
    {
        return Some((x, y));
    }
    fields.wrong("image_focus", Wanted::FOCUS, &node);
    None
}

fn read_section_keys(fields: &mut Fields<'_>) -> SectionKeys {
    let orders = [("date", SortBy::Date), ("weight", SortBy::Weight), ("title", SortBy::Title)];
    let kinds = [
        ("note", PostKind::Note),
        ("article", PostKind::Article),
        ("event", PostKind::Event),
        ("none", PostKind::None),
    ];
    SectionKeys {
        sort_by: fields.word("sort_by", &orders),
        paginate_by: fields.count("paginate_by").filter(|n| *n > 0),
        page_template: fields.placed_text("page_template"),
        feeds: fields.flag("generate_feeds"),
        posts: fields.word("posts", &kinds),
    }
}

fn read_image(fields: &mut Fields<'_>, config: &Config) -> Option<Image> {
    let lenient = config.lenient();
    let alt = fields.text("image_alt").map(|alt| one_line(&alt));
    let credit = fields.text("image_credit").map(|credit| one_line(&credit));
    let credit = credit.filter(|credit| !credit.is_empty());
    let (path, span) = fields.placed_text("image")?;
    if alt.is_none() && !fields.has("image_alt") {
        let place = fields.place(span.clone());
        fields.report(Diagnostic::missing_image_alt(place).lenient(lenient));
    }
    if config.pictures.credit_required && credit.is_none() {
        let place = fields.place(span.clone());
        fields.report(Diagnostic::missing_credit(place, &path));
    }
    Some(Image { path, alt: alt.unwrap_or_default(), credit, span })
}

/// Authors of the top level, then those that stand in Zola's `taxonomies` alone.
fn read_authors(fields: &mut Fields<'_>, terms: &Terms) -> Vec<String> {
    let mut names = fields.texts("authors").unwrap_or_default();
    names.extend(fields.texts("author").unwrap_or_default());
    let listed = terms.iter().filter(|(taxonomy, _)| taxonomy == "authors");
    names.extend(listed.flat_map(|(_, names)| names.iter().cloned()));
    let mut authors = Vec::new();
    for (name, _) in names {
        let name = one_line(&name);
        if !name.is_empty() && !authors.contains(&name) {
            authors.push(name);
        }
    }
    authors
}

type Terms = Vec<(String, Vec<Placed<String>>)>;

/// Terms at the top level, as Hugo and Jekyll have them, and in Zola's `taxonomies`.
fn read_terms(fields: &mut Fields<'_>, config: &Config) -> Terms {
    let mut terms: Terms = Vec::new();
    let mut add = |name: &str, values: Vec<Placed<String>>| {
        let values = values.into_iter().map(|(text, span)| (one_line(&text), span));
        let values = values.filter(|(text, _)| !text.is_empty());
        match terms.iter_mut().find(|(known, _)| known == name) {
            Some((_, list)) => list.extend(values),
            None => terms.push((name.to_owned(), values.collect())),
        }
    };
    let usual = [
        ("tags", "tags"),
        ("tag", "tags"),
        ("categories", "categories"),
        ("category", "categories"),
    ];
    for (key, name) in usual {
        if let Some(values) = fields.texts(key) {
            add(name, values);
        }
    }
    // `authors` are read by themselves; they are terms too where a taxonomy is called so.
    let usual = ["tags", "categories", "authors"];
    for taxonomy in &config.taxonomies {
        if !usual.contains(&taxonomy.name.as_str())
            && let Some(values) = fields.texts_named(&taxonomy.name)
        {
            add(&taxonomy.name, values);
        }
    }
    for (key, node) in fields.table("taxonomies").unwrap_or_default() {
        let known = usual.into_iter().chain(config.taxonomies.iter().map(|t| t.name.as_str()));
        let known: Vec<&str> = known.collect();
        if !config.lenient() && !known.contains(&key.name.as_str()) {
            let place = fields.place(key.span.clone());
            fields.report(Diagnostic::unknown_taxonomy(place, &key.name, &known));
        }
        if let Some(values) = fields.texts_of(&key.name, node) {
            add(&key.name, values);
        }
    }
    terms.shrink_to_fit();
    terms
}
