//! Takes the values that are known out of a table, and complains about the others.
//!
//! A module that reads a table asks for each key by name; what it asked for is what is known.
//! So a new key needs one line, and "did you mean" can never be out of date.

use std::ops::Range;

use jiff::tz::TimeZone;

use super::{Key, Node, Value, one_line};
use crate::diagnostic::{Diagnostic, Place, Source, Wanted};
use crate::time::{Moment, When};

/// A value with the place it was written at.
pub(crate) type Placed<T> = (T, Range<usize>);

/// A table that is being read.
pub(crate) struct Fields<'a> {
    source: &'a Source,
    entries: Vec<(Key, Node)>,
    /// The keys that have been taken out, whatever came of them.
    taken: Vec<&'static str>,
    known: Vec<&'static str>,
    /// The keys that belong above this table.
    above: Vec<&'static str>,
    /// Only quoted values are text in TOML; in YAML a title may look like a number.
    loose_text: bool,
    problems: &'a mut Vec<Diagnostic>,
}

impl<'a> Fields<'a> {
    /// Begins to read a table of a TOML file.
    pub(crate) fn new(
        source: &'a Source,
        entries: Vec<(Key, Node)>,
        problems: &'a mut Vec<Diagnostic>,
    ) -> Self {
        Self {
            source,
            entries,
            taken: Vec::new(),
            // Front matter has the most keys.
            known: Vec::with_capacity(24),
            above: Vec::new(),
            loose_text: false,
            problems,
        }
    }

    /// Knows the keys of the table above it, for those that have slipped into this one.
    pub(crate) fn below(mut self, above: Vec<&'static str>) -> Self {
        self.above = above;
        self
    }

    /// The keys that were asked for so far.
    pub(crate) fn known(&self) -> Vec<&'static str> {
        self.known.clone()
    }

    /// Takes unquoted numbers for text, as in YAML.
    pub(crate) fn loose_text(mut self, loose: bool) -> Self {
        self.loose_text = loose;
        self
    }

    /// The value of a key, when it is there and not null.
    pub(crate) fn node(&mut self, key: &'static str) -> Option<Node> {
        self.known.push(key);
        let index = self.entries.iter().position(|(k, _)| k.name == key)?;
        let (_, node) = self.entries.remove(index);
        self.taken.push(key);
        (node.value != Value::Null).then_some(node)
    }

    /// Where the value of a key stands; nowhere when it is not there.
    pub(crate) fn span_of(&self, key: &str) -> Range<usize> {
        let entry = self.entries.iter().find(|(k, _)| k.name == key);
        entry.map_or(0..0, |(_, node)| node.span.clone())
    }

    /// What stands at some bytes of the file.
    pub(crate) fn written(&self, span: &Range<usize>) -> &str {
        self.source.text.get(span.clone()).unwrap_or_default()
    }

    /// Whether there is anything left.
    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Takes the values of keys that somebody else will read, in their order.
    pub(crate) fn put_aside(
        &mut self,
        keys: impl Iterator<Item = &'static str>,
    ) -> Vec<(Key, Node)> {
        let keys: Vec<&'static str> = keys.collect();
        self.known.extend(&keys);
        self.entries.extract_if(.., |(key, _)| keys.contains(&key.name.as_str())).collect()
    }

    /// Whether a key is there that nobody has asked for yet.
    pub(crate) fn is_there(&self, key: &str) -> bool {
        self.entries.iter().any(|(k, _)| k.name == key)
    }

    /// Whether a key that was asked for is there, be its value right or wrong.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.taken.contains(&key)
    }

    /// A problem at some bytes of the file.
    pub(crate) fn report(&mut self, problem: Diagnostic) {
        self.problems.push(problem);
    }

    /// The place of some bytes of the file.
    pub(crate) fn place(&self, span: Range<usize>) -> Place {
        self.source.place(span)
    }

    /// Begins to read a table inside of this one.
    pub(crate) fn inner(&mut self, entries: Vec<(Key, Node)>) -> Fields<'_> {
        Fields::new(self.source, entries, self.problems)
    }

    /// A value that is not what the key wants.
    pub(crate) fn wrong(&mut self, key: &str, wanted: Wanted, node: &Node) {
        let place = self.place(node.span.clone());
        self.problems.push(Diagnostic::wrong_type(place, key, wanted, node.value.kind()));
    }

    /// Text.
    pub(crate) fn text(&mut self, key: &'static str) -> Option<String> {
        self.placed_text(key).map(|(text, _)| text)
    }

    /// Text and its place.
    pub(crate) fn placed_text(&mut self, key: &'static str) -> Option<Placed<String>> {
        let node = self.node(key)?;
        match self.as_text(&node) {
            Some(text) => Some((text, node.span)),
            None => {
                self.wrong(key, Wanted::TEXT, &node);
                None
            }
        }
    }

    fn as_text(&self, node: &Node) -> Option<String> {
        match &node.value {
            Value::String(text) => Some(text.clone()),
            Value::Integer(_) | Value::Float(_) | Value::Bool(_) if self.loose_text => {
                self.source.text.get(node.span.clone()).map(|text| text.trim().to_owned())
            }
            _ => None,
        }
    }

    /// True or false.
    pub(crate) fn flag(&mut self, key: &'static str) -> Option<bool> {
        let node = self.node(key)?;
        if let Value::Bool(value) = node.value {
            return Some(value);
        }
        self.wrong(key, Wanted::FLAG, &node);
        None
    }

    /// True or false, and its place.
    pub(crate) fn placed_flag(&mut self, key: &'static str) -> Option<Placed<bool>> {
        let span = self.span_of(key);
        self.flag(key).map(|flag| (flag, span))
    }

    /// A whole number.
    pub(crate) fn integer(&mut self, key: &'static str) -> Option<Placed<i64>> {
        let node = self.node(key)?;
        if let Value::Integer(value) = node.value {
            return Some((value, node.span));
        }
        self.wrong(key, Wanted::NUMBER, &node);
        None
    }

    /// A whole number that is not negative.
    pub(crate) fn count(&mut self, key: &'static str) -> Option<usize> {
        let (number, span) = self.integer(key)?;
        let count = usize::try_from(number).ok();
        if count.is_none() {
            let place = self.place(span);
            self.problems.push(Diagnostic::negative_number(place, key));
        }
        count
    }

    /// One text or a list of them.
    pub(crate) fn texts(&mut self, key: &'static str) -> Option<Vec<Placed<String>>> {
        let node = self.node(key)?;
        self.texts_of(key, node)
    }

    /// The same, of a key that the site has made up.
    pub(crate) fn texts_named(&mut self, key: &str) -> Option<Vec<Placed<String>>> {
        let index = self.entries.iter().position(|(k, _)| k.name == key)?;
        let (_, node) = self.entries.remove(index);
        self.texts_of(key, node)
    }

    /// One text or a list of them, in a value that is already taken.
    pub(crate) fn texts_of(&mut self, key: &str, node: Node) -> Option<Vec<Placed<String>>> {
        if node.value == Value::Null {
            return None;
        }
        if let Some(text) = self.as_text(&node) {
            return Some(vec![(text, node.span)]);
        }
        let Value::List(items) = node.value else {
            self.wrong(key, Wanted::TEXTS, &node);
            return None;
        };
        let mut texts = Vec::with_capacity(items.len());
        for item in items {
            match self.as_text(&item) {
                Some(text) => texts.push((text, item.span)),
                None if item.value == Value::Null => {}
                None => self.wrong(key, Wanted::TEXTS, &item),
            }
        }
        Some(texts)
    }

    /// A date, with or without a time and an offset.
    pub(crate) fn moment(&mut self, key: &'static str, zone: &TimeZone) -> Option<Moment> {
        self.moment_of(key, zone, Wanted::DATE)
    }

    /// The same, of a key that wants more than a date.
    pub(crate) fn moment_of(
        &mut self,
        key: &'static str,
        zone: &TimeZone,
        wanted: Wanted,
    ) -> Option<Moment> {
        let node = self.node(key)?;
        let (Value::Date(text) | Value::String(text)) = &node.value else {
            self.wrong(key, wanted, &node);
            return None;
        };
        let moment = Moment::parse(text, zone);
        if moment.is_none() {
            let place = self.place(node.span.clone());
            self.problems.push(Diagnostic::not_a_date(place, key, text));
        }
        moment
    }

    /// A day, or a day and a time.
    pub(crate) fn when(&mut self, key: &'static str, zone: &TimeZone) -> Option<Placed<When>> {
        let node = self.node(key)?;
        let (Value::Date(text) | Value::String(text)) = &node.value else {
            self.wrong(key, Wanted::DATE, &node);
            return None;
        };
        let when = When::parse(text, zone);
        if when.is_none() {
            let place = self.place(node.span.clone());
            self.problems.push(Diagnostic::not_a_date(place, key, text));
        }
        when.map(|when| (when, node.span))
    }

    /// Text on one line. Nothing when it is empty.
    pub(crate) fn line(&mut self, key: &'static str) -> Option<String> {
        self.text(key).map(|text| one_line(&text)).filter(|text| !text.is_empty())
    }

    /// One text or a list of them, each on one line, without the empty ones.
    pub(crate) fn lines(&mut self, key: &'static str) -> Vec<String> {
        let texts = self.texts(key).unwrap_or_default().into_iter();
        texts.map(|(text, _)| one_line(&text)).filter(|text| !text.is_empty()).collect()
    }

    /// Addresses in the web, which begin with `https://`.
    pub(crate) fn web_addresses(&mut self, key: &'static str) -> Vec<String> {
        let texts = self.texts(key).unwrap_or_default();
        texts.into_iter().filter_map(|text| self.as_web_address(key, text)).collect()
    }

    /// An address in the web, which begins with `https://`.
    pub(crate) fn web_address(&mut self, key: &'static str) -> Option<String> {
        let text = self.placed_text(key)?;
        self.as_web_address(key, text)
    }

    fn as_web_address(&mut self, key: &str, (text, span): Placed<String>) -> Option<String> {
        // Its host goes into headers, where `;` and `*` would mean something.
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "-.[]:_".contains(c);
        let host = |url: url::Url| url.host_str().is_some_and(|host| host.chars().all(is_plain));
        let is_good = text.starts_with("https://")
            && !text.contains(|c: char| c.is_whitespace() || c.is_control())
            && url::Url::parse(&text).is_ok_and(host);
        if !is_good {
            let place = self.place(span);
            self.problems.push(Diagnostic::not_a_web_address(place, key, &text));
        }
        is_good.then_some(text)
    }

    /// An address for mail.
    pub(crate) fn email(&mut self, key: &'static str) -> Option<String> {
        let (text, span) = self.placed_text(key)?;
        let text = one_line(&text);
        if !is_email(&text) {
            let place = self.place(span);
            self.problems.push(Diagnostic::not_an_email(place, key, &text));
            return None;
        }
        Some(text)
    }

    /// An address for mail, or one in the web.
    pub(crate) fn mail_or_page(&mut self, key: &'static str) -> Option<MailOrPage> {
        let (text, span) = self.placed_text(key)?;
        let found = MailOrPage::parse(&text);
        if found.is_none() {
            let place = self.place(span);
            self.problems.push(Diagnostic::neither_mail_nor_page(place, key, &text));
        }
        found
    }

    /// A table.
    pub(crate) fn table(&mut self, key: &'static str) -> Option<Vec<(Key, Node)>> {
        self.table_of(key, Wanted::TABLE)
    }

    /// A table, with advice of its own on how it is written.
    pub(crate) fn table_of(
        &mut self,
        key: &'static str,
        wanted: Wanted,
    ) -> Option<Vec<(Key, Node)>> {
        let node = self.node(key)?;
        if let Value::Table(entries) = node.value {
            return Some(entries);
        }
        self.wrong(key, wanted, &node);
        None
    }

    /// A table of texts under names of the writer's own; numbers are no text here.
    pub(crate) fn text_table(
        &mut self,
        key: &'static str,
        wanted: Wanted,
    ) -> Vec<(String, Placed<String>)> {
        let mut texts = Vec::new();
        for (key, node) in self.table(key).unwrap_or_default() {
            if let Value::String(text) = node.value {
                texts.push((key.name, (text, node.span)));
            } else {
                self.wrong(&key.name, wanted, &node);
            }
        }
        texts
    }

    /// One of a few words. The second of each pair is what it means.
    pub(crate) fn word<T: Copy>(
        &mut self,
        key: &'static str,
        words: &[(&'static str, T)],
    ) -> Option<T> {
        let (text, span) = self.placed_text(key)?;
        let found = words.iter().find(|(word, _)| *word == text).map(|(_, meaning)| *meaning);
        if found.is_none() {
            let names: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            let place = self.place(span);
            self.problems.push(Diagnostic::not_a_choice(place, key, &text, &names));
        }
        found
    }

    /// Ends the reading: every key that nobody asked for is an error.
    pub(crate) fn finish(self) {
        for (key, _) in &self.entries {
            let place = self.source.place(key.span.clone());
            let is_above = self.above.contains(&key.name.as_str());
            self.problems.push(if is_above {
                Diagnostic::key_below_table(place, &key.name)
            } else {
                Diagnostic::unknown_key(place, &key.name, &self.known)
            });
        }
    }

    /// Ends the reading and hands over what nobody asked for.
    pub(crate) fn rest(self) -> Vec<(Key, Node)> {
        self.entries
    }
}

/// Where people go or write to: a page in the web, or an address for mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum MailOrPage {
    Page(String),
    Mail(String),
}

impl MailOrPage {
    /// Reads `post@party.example`, also with `mailto:`, or an address that begins with `https://`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let bare = text.strip_prefix("mailto:").unwrap_or(text).trim();
        if is_email(bare) {
            return Some(Self::Mail(bare.to_owned()));
        }
        let is_page = url::Url::parse(bare).is_ok_and(|url| url.scheme() == "https");
        is_page.then(|| Self::Page(bare.to_owned()))
    }

    /// What a link to it leads to.
    pub(crate) fn url(&self) -> String {
        match self {
            Self::Page(url) => url.clone(),
            Self::Mail(address) => format!("mailto:{address}"),
        }
    }

    /// The address for mail, when it is one.
    pub(crate) fn mail(&self) -> Option<&str> {
        match self {
            Self::Page(_) => None,
            Self::Mail(address) => Some(address),
        }
    }
}

/// Whether a text looks like an e-mail address; only a letter would tell whether it is one.
pub(crate) fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else { return false };
    let is_plain = |c: char| c.is_alphanumeric() || "+-_.'".contains(c);
    let is_label =
        |label: &str| !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || c == '-');
    !local.is_empty()
        && local.chars().all(is_plain)
        && domain.contains('.')
        && domain.split('.').all(is_label)
}
