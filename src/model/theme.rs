//! What a theme consists of, before its templates are compiled.

use std::collections::BTreeMap;

use crate::diagnostic::Source;
use crate::path::SourcePath;
use jiff::civil;

use crate::time::{Moment, When};

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
    /// The names of the days of the week as they stand before a date, from Monday.
    pub(crate) weekdays: Vec<String>,
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
        let lists = [
            ("months", 12, &mut strings.months, english.months),
            ("weekdays", 7, &mut strings.weekdays, english.weekdays),
        ];
        for (key, count, names, english) in lists {
            // `site.toml` has them as one text.
            if let Some(written) = strings.texts.get(key) {
                let own: Vec<String> = written.split(',').map(|n| n.trim().to_owned()).collect();
                if own.len() == count {
                    *names = own;
                }
            }
            if names.len() != count {
                *names = english;
                missing.push(key.to_owned());
            }
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
        self.day(moment.date())
    }

    /// A day as people write it in this language.
    pub(crate) fn day(&self, date: civil::Date) -> String {
        let month = self.month(date);
        let Some(pattern) = self.texts.get("date").filter(|_| !month.is_empty()) else {
            return date.to_string();
        };
        let first = self.texts.get("first_day").filter(|_| date.day() == 1);
        let day = first.cloned().unwrap_or_else(|| date.day().to_string());
        pattern
            .replace("{day}", &day)
            .replace("{month}", month)
            .replace("{year}", &date.year().to_string())
    }

    /// The month as it stands in a date.
    pub(crate) fn month(&self, date: civil::Date) -> &str {
        let index = usize::try_from(date.month() - 1).ok();
        index.and_then(|index| self.months.get(index)).map_or("", String::as_str)
    }

    /// The day of the week.
    pub(crate) fn weekday(&self, date: civil::Date) -> &str {
        let index = usize::try_from(date.weekday().to_monday_zero_offset()).ok();
        index.and_then(|index| self.weekdays.get(index)).map_or("", String::as_str)
    }

    /// From when to when something takes place: `Friday 5 June 2026, 19:30–21:00`.
    pub(crate) fn period(&self, start: When, end: Option<When>) -> String {
        let day = |when: When| {
            let pattern = self.get("event_day");
            let pattern = pattern.replace("{weekday}", self.weekday(when.day()));
            pattern.replace("{date}", &self.day(when.day()))
        };
        let whole = |day: String, time: &str| {
            self.get("event_time").replace("{day}", &day).replace("{time}", time)
        };
        let at = |when: When| when.clock().map_or(day(when), |time| whole(day(when), &time));
        match end.filter(|end| *end != start) {
            None => at(start),
            Some(end) if end.day() == start.day() => {
                let (from, to) =
                    (start.clock().unwrap_or_default(), end.clock().unwrap_or_default());
                whole(day(start), &format!("{from}–{to}"))
            }
            Some(end) => format!("{} – {}", at(start), at(end)),
        }
    }
}
