//! From the text of `site.toml` to a [`Config`], or to every mistake in it.

use std::ops::Range;
use std::path::Path;

use jiff::tz::TimeZone;

use super::base_url::BaseUrlProblem;
use super::{
    BaseUrl, Config, DEFAULT_THEME, FeedFormat, Feeds, Image, Language, Markdown, MenuItem,
    NoticeBasics, Strictness,
};
use crate::diagnostic::{Diagnostic, Place, Source, Wanted};
use crate::node::{Fields, Node, Placed, Syntax, Value, parse};
use crate::time::zone_of;

/// Reads the configuration. `base_url` replaces the one in the file.
///
/// Where something is wrong, the result has a stand-in for it, so that the mistakes in the
/// content can be found in the same run; nothing is ever written from it.
pub(crate) fn read(source: &Source, base_url: Option<&str>) -> (Config, Vec<Diagnostic>) {
    let mut problems = Vec::new();
    let table = match parse(source, 0..source.text.len(), Syntax::Toml) {
        Ok(Node { value: Value::Table(entries), .. }) => entries,
        Ok(_) => Vec::new(),
        Err(errors) => {
            // Nothing can be said about the keys of a file that cannot be read.
            let (config, _) = read(&Source::new(source.path.clone(), ""), base_url);
            return (config, errors);
        }
    };
    let config = read_table(source, Fields::new(source, table, &mut problems), base_url);
    (config, problems)
}

fn read_table(source: &Source, mut fields: Fields<'_>, override_url: Option<&str>) -> Config {
    let (base_url, home_url, base_url_written) = read_base_url(source, &mut fields, override_url);
    let zone = read_zone(&mut fields);
    let taxonomies = super::taxonomies::read(&mut fields);
    let feeds = Feeds {
        limit: fields.count("feed_limit").unwrap_or(20).max(1),
        formats: read_feed_formats(&mut fields),
        hub: fields
            .placed_text("feed_hub")
            .and_then(|hub| web_address(&mut fields, "feed_hub", hub)),
    };
    let theme = read_theme(&mut fields);
    let output_dir = fields.text("output_dir").unwrap_or_else(|| "public".to_owned());
    let keep = read_keep(&mut fields, &output_dir);
    let durable = fields.flag("durable").unwrap_or(false);
    let sign = fields.placed_flag("sign").filter(|(wanted, _)| *wanted);
    let sign = sign.map(|(_, span)| fields.place(span));
    let author = fields.text("author");
    let id_base = fields.placed_text("id_base").and_then(|id| id_base(&mut fields, id));
    let words = [("strict", Strictness::Strict), ("lenient", Strictness::Lenient)];
    let front_matter = fields.word("front_matter", &words).unwrap_or(Strictness::Strict);
    let sitemap = fields.flag("generate_sitemap").unwrap_or(true);
    let search = fields.flag("generate_search").unwrap_or(false);
    let share_pictures = fields.flag("generate_share_pictures").unwrap_or(false);
    let robots = fields.flag("generate_robots_txt").unwrap_or(true);
    let image = read_image(&mut fields);
    let hosting = super::hosting::read(&mut fields);
    let extra = Node::table(fields.table("extra").unwrap_or_default());
    // Tables come last: by then it is known which keys belong above them.
    let (languages, notices) = read_languages(source, &mut fields);
    let markdown = read_markdown(&mut fields);
    let pictures = super::pictures::read(&mut fields);
    let actors = super::actors::read(&mut fields, &languages);
    let look = fields.node("look").and_then(|node| super::look::read(&mut fields, node));
    let follow = super::follow::read(&mut fields);
    let deploy = super::deploy::read(&mut fields);
    fields.finish();
    Config {
        base_url,
        home_url,
        languages,
        zone,
        theme,
        output_dir,
        keep,
        durable,
        sign,
        author,
        id_base,
        front_matter,
        taxonomies,
        feeds,
        markdown,
        sitemap,
        search,
        follow,
        robots,
        share_pictures,
        image,
        pictures,
        hosting,
        deploy,
        look,
        actors,
        base_url_written,
        notices,
        extra,
    }
}

/// The picture on cards of pages that have none.
fn read_image(fields: &mut Fields<'_>) -> Option<Image> {
    let alt = fields.text("image_alt");
    fields.placed_text("image").and_then(|(path, span)| {
        if alt.is_none() {
            let place = fields.place(span.clone());
            fields.report(Diagnostic::missing_image_alt(place));
        }
        Some(Image { path, alt: alt?, credit: None, span })
    })
}

/// The address for this build, the one in the file, and how the first of them was written.
fn read_base_url(
    source: &Source,
    fields: &mut Fields<'_>,
    override_url: Option<&str>,
) -> (BaseUrl, BaseUrl, (String, Place)) {
    let mut written = (String::new(), Place::file(&source.path));
    let home = match fields.placed_text("base_url") {
        Some((text, span)) => {
            let place = fields.place(span);
            written = (text.clone(), place.clone());
            let url = parse_base_url(fields, &text, place.clone());
            // One below `example` says by itself what it is.
            let says_so = |domain: &String| domain.trim_end_matches('.').ends_with(".example");
            let domain = url.nobodys().filter(|domain| !says_so(domain));
            if let Some(domain) = domain.filter(|_| url != BaseUrl::stand_in()) {
                fields.report(Diagnostic::nobodys_address(place, &domain));
            }
            url
        }
        None => {
            if !fields.has("base_url") {
                fields.report(Diagnostic::missing_base_url(Place::file(&source.path)));
            }
            BaseUrl::stand_in()
        }
    };
    let given = override_url.map(|text| {
        written = (text.to_owned(), Place::named("--base-url"));
        parse_base_url(fields, text, written.1.clone())
    });
    (given.unwrap_or_else(|| home.clone()), home, written)
}

fn parse_base_url(fields: &mut Fields<'_>, text: &str, place: Place) -> BaseUrl {
    BaseUrl::parse(text).unwrap_or_else(|problem| {
        let advice = match problem {
            BaseUrlProblem::NoScheme if text.trim().starts_with("localhost") => {
                format!("write `http://{}`", text.trim())
            }
            BaseUrlProblem::NoScheme => {
                format!("write `https://{}`", text.trim().trim_start_matches('/'))
            }
            BaseUrlProblem::Scheme(scheme) => {
                format!("`{scheme}` does not serve websites: the address begins with `https://`")
            }
            BaseUrlProblem::NoHost => "write the domain, `https://www.party.example`".to_owned(),
            BaseUrlProblem::TooMuch => {
                "leave out user name, `?` and `#`: only scheme, domain and perhaps a path"
                    .to_owned()
            }
            BaseUrlProblem::NotAUrl => {
                "write the address of the site, such as `https://www.party.example`".to_owned()
            }
        };
        fields.report(Diagnostic::bad_base_url(place, text, advice));
        BaseUrl::stand_in()
    })
}

fn read_zone(fields: &mut Fields<'_>) -> TimeZone {
    let Some((name, span)) = fields.placed_text("timezone") else {
        return TimeZone::UTC;
    };
    zone_of(&name).unwrap_or_else(|| {
        let place = fields.place(span);
        fields.report(Diagnostic::unknown_zone(place, &name));
        TimeZone::UTC
    })
}

fn read_theme(fields: &mut Fields<'_>) -> (String, Place) {
    let Some((name, span)) = fields.placed_text("theme") else {
        return (DEFAULT_THEME.to_owned(), Place::named(super::FILE));
    };
    let place = fields.place(span);
    if let Err(problem) = super::taxonomies::check_slug(&name) {
        fields.report(Diagnostic::bad_path(place.clone(), "theme", &name, problem));
        return (DEFAULT_THEME.to_owned(), place);
    }
    (name, place)
}

/// The languages, and what notices in all of them have in common.
fn read_languages(
    source: &Source,
    fields: &mut Fields<'_>,
) -> (Vec<Language>, Option<NoticeBasics>) {
    let default = fields.placed_text("default_language");
    let (code, span) = default.unwrap_or_else(|| ("en".to_owned(), 0..0));
    let code = language_code(fields, code, span);
    let title = fields.text("title");
    if title.is_none() && !fields.has("title") {
        fields.report(Diagnostic::missing_site_title(Place::file(&source.path)));
    }
    let feeds = fields.flag("generate_feeds").unwrap_or(true);
    let (title, description) = (title.unwrap_or_default(), fields.text("description"));
    let translations = read_translations(fields);
    let (menu, footer_menu) = (read_menu(fields, "menu"), read_menu(fields, "footer_menu"));
    let (imprint, notices) = super::imprint::read(fields);
    let first = Language {
        code: code.unwrap_or_else(|| "en".to_owned()),
        title: title.clone(),
        description,
        translations,
        menu,
        footer_menu,
        feeds,
        imprint: imprint.clone(),
    };
    let mut languages = vec![first];
    for (key, node) in fields.table("languages").unwrap_or_default() {
        let Some(code) = language_code(fields, key.name, key.span.clone()) else { continue };
        let Value::Table(entries) = node.value else {
            fields.wrong(&code, Wanted::TABLE, &node);
            continue;
        };
        let above = fields.known();
        let mut inner = fields.inner(entries).below(above);
        let language = Language {
            title: inner.text("title").unwrap_or_else(|| title.clone()),
            description: inner.text("description"),
            translations: read_translations(&mut inner),
            menu: read_menu(&mut inner, "menu"),
            footer_menu: read_menu(&mut inner, "footer_menu"),
            feeds: inner.flag("generate_feeds").unwrap_or(feeds),
            imprint: match inner.node("imprint") {
                Some(node) => super::Imprint::read_change(&mut inner, node, imprint.as_ref()),
                None => imprint.clone(),
            },
            code,
        };
        inner.finish();
        // `[languages.en]` may say the same of the default language as the top level does.
        match languages.iter_mut().find(|known| known.code.eq_ignore_ascii_case(&language.code)) {
            Some(known) => merge_language(known, language),
            None => languages.push(language),
        }
    }
    (languages, notices)
}

fn merge_language(known: &mut Language, more: Language) {
    let Language { code: _, title, description, translations, menu, footer_menu, feeds, imprint } =
        more;
    known.title = title;
    known.description = description.or(known.description.take());
    known.translations.extend(translations);
    if !menu.is_empty() {
        known.menu = menu;
    }
    if !footer_menu.is_empty() {
        known.footer_menu = footer_menu;
    }
    known.feeds = feeds;
    known.imprint = imprint;
}

/// A language tag: two or three letters, then subtags of up to eight letters or digits
/// (BCP 47). It becomes a folder and part of file names, so nothing else may be in it.
fn language_code(fields: &mut Fields<'_>, code: String, span: Range<usize>) -> Option<String> {
    let mut parts = code.split('-');
    let primary = parts.next().unwrap_or_default();
    let good = (2..=3).contains(&primary.len())
        && primary.bytes().all(|b| b.is_ascii_alphabetic())
        && parts
            .all(|p| (1..=8).contains(&p.len()) && p.bytes().all(|b| b.is_ascii_alphanumeric()));
    if good {
        return Some(code);
    }
    let place = fields.place(span);
    fields.report(Diagnostic::bad_language_code(place, &code));
    None
}

fn read_translations(fields: &mut Fields<'_>) -> Vec<(String, String)> {
    let texts = fields.text_table("translations", Wanted::TEXT);
    texts.into_iter().map(|(key, (text, _))| (key, text)).collect()
}

fn read_menu(fields: &mut Fields<'_>, key: &'static str) -> Vec<MenuItem> {
    let Some(node) = fields.node(key) else { return Vec::new() };
    let Value::List(items) = node.value else {
        fields.wrong(key, Wanted::MENU, &node);
        return Vec::new();
    };
    let mut menu = Vec::new();
    for item in items {
        match item.value {
            Value::String(link) if link.starts_with("@/") => {
                menu.push(MenuItem::Page { link, span: item.span });
            }
            Value::Table(entries) => {
                let mut inner = fields.inner(entries);
                let title = inner.text("title").unwrap_or_default();
                let (url, span) = inner.placed_text("url").unwrap_or((String::new(), item.span));
                inner.finish();
                menu.push(MenuItem::Link { title, url, span });
            }
            _ => fields.wrong(key, Wanted::MENU_ITEM, &item),
        }
    }
    menu
}

fn read_markdown(fields: &mut Fields<'_>) -> Markdown {
    let entries = fields.table("markdown").unwrap_or_default();
    let above = fields.known();
    let mut inner = fields.inner(entries).below(above);
    let smart_punctuation = inner.flag("smart_punctuation").unwrap_or(false);
    let raw_html = inner.flag("raw_html").unwrap_or(false);
    let mut link_schemes = Vec::new();
    for (scheme, span) in inner.texts("link_schemes").unwrap_or_default() {
        let scheme = scheme.trim_end_matches(':').to_ascii_lowercase();
        if matches!(scheme.as_str(), "javascript" | "vbscript" | "data") {
            let place = inner.place(span);
            inner.report(Diagnostic::dangerous_scheme(place, &scheme));
        } else {
            link_schemes.push(scheme);
        }
    }
    inner.finish();
    Markdown { smart_punctuation, raw_html, link_schemes }
}

/// What others look after in the output: names, and paths inside it.
fn read_keep(fields: &mut Fields<'_>, output_dir: &str) -> Vec<String> {
    let entries = fields.texts("keep").unwrap_or_default();
    let mut keep = Vec::with_capacity(entries.len());
    for (entry, span) in entries {
        let path = entry.trim_matches('/');
        let good = |part: &str| !part.is_empty() && !matches!(part, "." | "..");
        let output = output_dir.trim_matches('/');
        let in_output = !Path::new(path).starts_with(output) || path == output;
        let plain = !path.contains(['*', '?', '\\']) && path.trim() == path;
        if path.split('/').all(good) && plain && in_output {
            keep.push(path.to_owned());
        } else {
            let place = fields.place(span);
            fields.report(Diagnostic::bad_keep(place, &entry));
        }
    }
    keep
}

fn read_feed_formats(fields: &mut Fields<'_>) -> Vec<FeedFormat> {
    let Some(names) = fields.texts("feed_formats") else { return FeedFormat::ALL.to_vec() };
    let mut formats = Vec::new();
    for (name, span) in names {
        match FeedFormat::ALL.iter().find(|format| format.names().name == name) {
            Some(format) => formats.push(*format),
            None => {
                let names: Vec<&str> = FeedFormat::ALL.iter().map(|f| f.names().name).collect();
                let place = fields.place(span);
                fields.report(Diagnostic::not_a_choice(place, "feed_formats", &name, &names));
            }
        }
    }
    formats
}

pub(super) fn web_address(
    fields: &mut Fields<'_>,
    key: &str,
    (text, span): (String, Range<usize>),
) -> Option<String> {
    let good = url::Url::parse(&text).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
    if good {
        return Some(text);
    }
    let place = fields.place(span);
    fields.report(Diagnostic::not_a_web_address(place, key, &text));
    None
}

/// `tag:party.example,2026:` or an https prefix: what ids begin with, for ever.
fn id_base(fields: &mut Fields<'_>, (text, span): Placed<String>) -> Option<(String, Place)> {
    let place = fields.place(span);
    let clean = text.bytes().all(|b| b.is_ascii_graphic() && !b"\"<>\\^`{|}#".contains(&b));
    let tag = text.strip_prefix("tag:").and_then(|rest| rest.split_once(':'));
    let good_tag = tag.is_some_and(|(authority, _)| {
        authority.split_once(',').is_some_and(|(name, date)| {
            !name.is_empty() && date.starts_with(|c: char| c.is_ascii_digit())
        })
    });
    let good_url = text.starts_with("https://") && url::Url::parse(&text).is_ok();
    if clean && (good_tag || good_url) {
        return Some((text, place));
    }
    fields.report(Diagnostic::bad_id_base(place, &text));
    None
}
