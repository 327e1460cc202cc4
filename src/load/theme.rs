//! The files of the theme: those of the site, and under them those in the binary.

use super::read::InputFile;
use crate::config::{Config, DEFAULT_THEME};
use crate::diagnostic::{Diagnostic, Place, Source, Wanted};
use crate::model::{StaticFile, Strings, ThemeFiles};
use crate::node::{Syntax, Value, parse};
use crate::path::SourcePath;

macro_rules! embedded {
    ($($path:literal),+ $(,)?) => {
        /// The default theme, as it lies in `themes/campaign/`. A test holds the list.
        pub(crate) const EMBEDDED: &[(&str, &[u8])] = &[
            $(($path, include_bytes!(concat!("../../themes/campaign/", $path)))),+
        ];
    };
}

embedded![
    "static/campaign.css",
    "static/favicon.svg",
    "strings/cs.toml",
    "strings/cy.toml",
    "strings/de.toml",
    "strings/en.toml",
    "strings/fr.toml",
    "strings/ga.toml",
    "strings/gd.toml",
    "templates/404.html",
    "templates/a_to_z.html",
    "templates/base.html",
    "templates/components/account_list.html",
    "templates/components/ad_label.html",
    "templates/components/branch_list.html",
    "templates/components/breadcrumb_trail.html",
    "templates/components/byline.html",
    "templates/components/campaign_details.html",
    "templates/components/card_list.html",
    "templates/components/event_list.html",
    "templates/components/feed_links.html",
    "templates/components/lang_attr.html",
    "templates/components/languages.html",
    "templates/components/link_list.html",
    "templates/components/neighbour.html",
    "templates/components/not_translated.html",
    "templates/components/notice_details.html",
    "templates/components/own_server.html",
    "templates/components/page_details.html",
    "templates/components/page_extra.html",
    "templates/components/page_terms.html",
    "templates/components/pagination.html",
    "templates/components/picture.html",
    "templates/components/policy_details.html",
    "templates/components/post_actions.html",
    "templates/components/press_details.html",
    "templates/components/section_body.html",
    "templates/components/toc_list.html",
    "templates/components/translation_list.html",
    "templates/follow.html",
    "templates/index.html",
    "templates/label.html",
    "templates/notice.html",
    "templates/notice_list.html",
    "templates/page.html",
    "templates/search.html",
    "templates/section.html",
    "templates/shortcodes/button.html",
    "templates/shortcodes/figure.html",
    "templates/shortcodes/notice.html",
    "templates/shortcodes/quote.html",
    "templates/shortcodes/table.html",
    "templates/taxonomy_list.html",
    "templates/taxonomy_single.html",
];

/// Puts the theme together. A file of the site's theme replaces the embedded one of that name.
pub(crate) fn load(files: &[InputFile], config: &Config) -> (ThemeFiles, Vec<Diagnostic>) {
    let mut theme = ThemeFiles::default();
    let mut problems = Vec::new();
    for (path, bytes) in EMBEDDED {
        let source = SourcePath::new(format!("themes/{DEFAULT_THEME}/{path}"));
        // The binary was built from UTF-8 files; a broken one would be seen by the tests.
        let text = std::str::from_utf8(bytes).ok();
        let file = StaticFile { source, length: bytes.len() as u64, embedded: Some(bytes) };
        add(&mut theme, path, file, text, &mut problems);
    }
    let folder = format!("themes/{}", config.theme.0);
    let mut found = false;
    for file in files {
        let Some(path) = file.path.inside(&folder) else { continue };
        found = true;
        let text = file.text.as_deref();
        let file = StaticFile { source: file.path.clone(), length: file.length, embedded: None };
        add(&mut theme, path, file, text, &mut problems);
    }
    let (name, place) = &config.theme;
    if !found && name != DEFAULT_THEME {
        problems.push(Diagnostic::missing_theme(place.clone(), name));
    }
    (theme, problems)
}

fn add(
    theme: &mut ThemeFiles,
    path: &str,
    file: StaticFile,
    text: Option<&str>,
    problems: &mut Vec<Diagnostic>,
) {
    if let (Some(name), Some(text)) = (path.strip_prefix("templates/"), text) {
        theme.templates.insert(name.to_owned(), Source::new(file.source, text));
    } else if !["templates/", "static/", "strings/"].iter().any(|f| path.starts_with(f)) {
        // A theme may say who made it; anything else is a slip in the name of a folder.
        if path.contains('/') {
            problems.push(Diagnostic::unused_theme_file(Place::file(&file.source)));
        }
    } else if let Some(name) = path.strip_prefix("static/") {
        theme.statics.insert(name.to_owned(), file);
    } else if let (Some(name), Some(text)) = (path.strip_prefix("strings/"), text) {
        let Some(code) = name.strip_suffix(".toml") else { return };
        let source = Source::new(file.source, text);
        match read_strings(&source) {
            // A theme of the site may have some of the texts; the others stay.
            Ok(strings) => {
                let known = theme.strings.entry(code.to_owned()).or_default();
                known.texts.extend(strings.texts);
                if !strings.months.is_empty() {
                    known.months = strings.months;
                }
                if !strings.weekdays.is_empty() {
                    known.weekdays = strings.weekdays;
                }
            }
            Err(mut errors) => problems.append(&mut errors),
        }
    }
}

fn read_strings(source: &Source) -> Result<Strings, Vec<Diagnostic>> {
    let node = parse(source, 0..source.text.len(), Syntax::Toml)?;
    let Value::Table(entries) = node.value else { return Ok(Strings::default()) };
    let mut strings = Strings::default();
    let mut problems = Vec::new();
    for (key, node) in entries {
        match node.value {
            Value::String(text) => {
                strings.texts.insert(key.name, text);
            }
            Value::List(items) if matches!(&*key.name, "months" | "weekdays") => {
                let names = items.into_iter().filter_map(|item| match item.value {
                    Value::String(name) => Some(name),
                    _ => None,
                });
                let place = || source.place(node.span.clone());
                if key.name == "months" {
                    strings.months = names.collect();
                    if strings.months.len() != 12 {
                        problems.push(Diagnostic::not_twelve_months(place()));
                    }
                } else {
                    strings.weekdays = names.collect();
                    if strings.weekdays.len() != 7 {
                        problems.push(Diagnostic::not_seven_days(place()));
                    }
                }
            }
            Value::List(_) if key.name == "months_standalone" => {}
            other => {
                let place = source.place(node.span);
                let kind = other.kind();
                problems.push(Diagnostic::wrong_type(place, &key.name, Wanted::TEXT, kind));
            }
        }
    }
    if problems.is_empty() { Ok(strings) } else { Err(problems) }
}
