//! What a theme consists of, before its templates are compiled.

use std::collections::BTreeMap;

use crate::diagnostic::Source;
use crate::path::SourcePath;
use crate::time::Moment;

/// A theme, read but not yet compiled.
#[derive(Clone, Debug, Default)]
pub(crate) struct ThemeFiles {
    /// By the name that templates use: `page.html`, `shortcodes/quote.html`.
    pub(crate) templates: BTreeMap<String, Source>,
    /// Interface texts by language code.
    pub(crate) strings: BTreeMap<String, Strings>,
    /// Files of `static/` by their path in the output, with what is copied.
    pub(crate) statics: BTreeMap<String, StaticFile>,
}

/// A file of a theme that is copied as it is.
#[derive(Clone, Debug)]
pub(crate) struct StaticFile {
    pub(crate) source: SourcePath,
    pub(crate) length: u64,
    pub(crate) embedded: Option<&'static [u8]>,
}

/// Interface texts of one language.
#[derive(Clone, Debug, Default, PartialEq, Hash)]
pub(crate) struct Strings {
    pub(crate) texts: BTreeMap<String, String>,
    /// The names of the months as they stand in a date, from January.
    pub(crate) months: Vec<String>,
}

impl ThemeFiles {
    /// The texts of a language: those of the site, then of the theme, then the English ones,
    /// with the keys that only English has.
    pub(crate) fn strings_for(
        &self,
        code: &str,
        own: &[(String, String)],
    ) -> (Strings, Vec<String>) {
        let primary = code.split('-').next().unwrap_or(code);
        let english = self.strings.get("en").cloned().unwrap_or_default();
        let found = self.strings.get(code).or_else(|| self.strings.get(primary));
        let mut strings = found.cloned().unwrap_or_default();
        strings.texts.extend(own.iter().cloned());
        let mut missing = Vec::new();
        for (key, text) in english.texts {
            strings.texts.entry(key).or_insert_with_key(|key| {
                missing.push(key.clone());
                text
            });
        }
        if let Some(months) = strings.texts.get("months") {
            let names: Vec<String> = months.split(',').map(|name| name.trim().to_owned()).collect();
            if names.len() == 12 {
                strings.months = names;
            }
        }
        if strings.months.len() != 12 {
            strings.months = english.months;
            missing.push("months".to_owned());
        }
        (strings, missing)
    }
}

impl Strings {
    /// A text by its key; the key itself where a theme has no such text.
    pub(crate) fn get<'a>(&'a self, key: &'a str) -> &'a str {
        self.texts.get(key).map_or(key, String::as_str)
    }

    /// A date as people write it in this language.
    pub(crate) fn date(&self, moment: Moment) -> String {
        let date = moment.date();
        let month = usize::try_from(date.month() - 1).ok().and_then(|m| self.months.get(m));
        let (Some(month), Some(pattern)) = (month, self.texts.get("date")) else {
            return date.to_string();
        };
        let first = self.texts.get("first_day").filter(|_| date.day() == 1);
        let day = first.cloned().unwrap_or_else(|| date.day().to_string());
        pattern
            .replace("{day}", &day)
            .replace("{month}", month)
            .replace("{year}", &date.year().to_string())
    }
}
