//! `[imprint]`: who answers for what is published, as electoral and media law wants it said.
//!
//! Each law has its own keys. A language and a page may change some of them. What is asked for is
//! no legal advice: whom a law means, its owner has to know.

use std::ops::Range;

use super::NoticeBasics;
use crate::diagnostic::{Asked, Diagnostic, Wanted};
use crate::node::{Fields, Node, Placed, Value, is_email, one_line};

/// Who answers for what is published, in the terms of a law.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Imprint {
    /// `uk-2022`: Elections Act 2022, part 6.
    Promotion(Promotion),
    /// `de`: § 5 DDG and § 18 (2) `MStV`.
    Provider(Provider),
}

/// Somebody, and where post reaches them. Both on one line.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Party {
    pub(crate) name: String,
    pub(crate) address: String,
}

/// Who has something published, and for whom.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Promotion {
    pub(crate) promoter: Party,
    /// Nobody when it is the promoter alone.
    pub(crate) on_behalf_of: Vec<Party>,
}

/// Whose website it is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Provider {
    pub(crate) party: Party,
    /// Nobody when it is a person.
    pub(crate) represented_by: Vec<String>,
    pub(crate) email: String,
    pub(crate) phone: Option<String>,
    /// Name and number, as in `Vereinsregister Aachen, VR 1234`.
    pub(crate) register: Option<String>,
    /// Who answers for the texts.
    pub(crate) responsible: Party,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Law {
    Uk2022,
    De,
    EuTtpa,
    None,
}

const LAWS: &[(&str, Law)] =
    &[("uk-2022", Law::Uk2022), ("de", Law::De), ("eu-ttpa", Law::EuTtpa), ("none", Law::None)];

/// The keys of each law.
const KEYS: &[(Law, &[&str])] = &[
    (Law::Uk2022, &["promoter", "on_behalf_of"]),
    (Law::De, &["name", "address", "represented_by", "email", "phone", "register", "responsible"]),
    (Law::EuTtpa, &["notices"]),
];

impl Law {
    fn name(self) -> &'static str {
        LAWS.iter().find(|(_, law)| *law == self).map_or("", |(name, _)| name)
    }
}

/// Reads the imprint of the site, and what its notices of political advertising have in common.
/// Each is there when a law wants it.
pub(super) fn read(fields: &mut Fields<'_>) -> (Option<Imprint>, Option<NoticeBasics>) {
    let Some(node) = fields.node("imprint") else { return (None, None) };
    let span = node.span.clone();
    let Value::Table(entries) = node.value else {
        fields.wrong("imprint", Wanted::TABLE, &node);
        return (None, None);
    };
    let above = fields.known();
    let mut inner = fields.inner(entries).below(above);
    let Some(laws) = read_laws(&mut inner, &span) else { return (None, None) };
    let imprint = if laws.contains(&Law::Uk2022) {
        Some(Imprint::Promotion(Promotion::read(&mut inner, &span, None)))
    } else if laws.contains(&Law::De) {
        Some(Imprint::Provider(Provider::read(&mut inner, &span, None)))
    } else {
        None
    };
    let notices = laws.contains(&Law::EuTtpa).then(|| read_notices(&mut inner));
    for (law, keys) in KEYS.iter().filter(|(law, _)| !laws.contains(law)) {
        for (key, _) in inner.put_aside(keys.iter().copied()) {
            let place = inner.place(key.span);
            inner.report(Diagnostic::key_of_law(place, &key.name, law.name()));
        }
    }
    inner.finish();
    (imprint, notices)
}

/// The laws that are followed; nothing when that cannot be told.
fn read_laws(fields: &mut Fields<'_>, span: &Range<usize>) -> Option<Vec<Law>> {
    let place = fields.place(fields.span_of("law"));
    let words = fields.texts("law").unwrap_or_default();
    if words.is_empty() && !fields.has("law") {
        let place = fields.place(span.clone());
        fields.report(Diagnostic::imprint_without_law(place));
    }
    let names: Vec<&str> = LAWS.iter().map(|(name, _)| *name).collect();
    let mut laws = Vec::new();
    let mut is_known = true;
    for (word, span) in words {
        match LAWS.iter().find(|(name, _)| *name == word) {
            Some((_, law)) => laws.push(*law),
            None => {
                is_known = false;
                let place = fields.place(span);
                fields.report(Diagnostic::not_a_choice(place, "law", &word, &names));
            }
        }
    }
    let both = laws.contains(&Law::Uk2022) && laws.contains(&Law::De);
    if both || (laws.contains(&Law::None) && laws.iter().any(|law| *law != Law::None)) {
        fields.report(Diagnostic::laws_apart(place));
        return None;
    }
    (is_known && !laws.is_empty()).then_some(laws)
}

fn read_notices(fields: &mut Fields<'_>) -> NoticeBasics {
    let Some(entries) = fields.table("notices") else { return NoticeBasics::default() };
    let above = fields.known();
    let mut inner = fields.inner(entries).below(above);
    let basics = NoticeBasics::read(&mut inner);
    inner.finish();
    basics
}

impl Imprint {
    /// Reads what a language or a page says differently.
    pub(crate) fn read_change(
        fields: &mut Fields<'_>,
        node: Node,
        base: Option<&Self>,
    ) -> Option<Self> {
        let span = node.span.clone();
        let Value::Table(entries) = node.value else {
            fields.wrong("imprint", Wanted::TABLE, &node);
            return base.cloned();
        };
        let Some(base) = base else {
            let place = fields.place(span);
            fields.report(Diagnostic::imprint_of_no_law(place));
            return None;
        };
        let mut inner = fields.inner(entries);
        let changed = match base {
            Self::Promotion(base) => {
                Self::Promotion(Promotion::read(&mut inner, &span, Some(base)))
            }
            Self::Provider(base) => Self::Provider(Provider::read(&mut inner, &span, Some(base))),
        };
        inner.finish();
        Some(changed)
    }
}

impl Promotion {
    fn read(fields: &mut Fields<'_>, span: &Range<usize>, base: Option<&Self>) -> Self {
        let promoter = fields.node("promoter");
        let promoter = promoter.and_then(|node| read_party(fields, Asked::PROMOTER, node));
        let others = fields.node("on_behalf_of").map(|node| read_parties(fields, node));
        let base_promoter = base.map(|base| &base.promoter);
        let base_others = base.map(|base| &base.on_behalf_of);
        Self {
            promoter: needed(fields, Asked::PROMOTER, span, promoter, base_promoter),
            on_behalf_of: needed(fields, Asked::ON_BEHALF_OF, span, others, base_others),
        }
    }
}

impl Provider {
    fn read(fields: &mut Fields<'_>, span: &Range<usize>, base: Option<&Self>) -> Self {
        let name = fields.placed_text("name").and_then(|n| read_line(fields, Asked::NAME, n));
        let address = fields.placed_text("address");
        let address = address.and_then(|a| read_address(fields, Asked::ADDRESS, a));
        let people = fields.texts("represented_by");
        let people = people.map(|people| {
            let lines = people.into_iter().map(|(name, _)| one_line(&name));
            lines.filter(|name| !name.is_empty()).collect()
        });
        let email = fields.placed_text("email").and_then(|e| read_email(fields, e));
        let optional = |text: Option<String>, base: Option<String>| match text {
            Some(text) => Some(one_line(&text)).filter(|text| !text.is_empty()),
            None => base,
        };
        let phone = optional(fields.text("phone"), base.and_then(|b| b.phone.clone()));
        let register = optional(fields.text("register"), base.and_then(|b| b.register.clone()));
        let responsible = fields.node("responsible");
        let responsible = responsible.and_then(|node| read_party(fields, Asked::RESPONSIBLE, node));
        let (base_name, base_address) =
            base.map(|base| (&base.party.name, &base.party.address)).unzip();
        let base_people = base.map(|base| &base.represented_by);
        let base_responsible = base.map(|base| &base.responsible);
        Self {
            party: Party {
                name: needed(fields, Asked::NAME, span, name, base_name),
                address: needed(fields, Asked::ADDRESS, span, address, base_address),
            },
            represented_by: needed(fields, Asked::REPRESENTED_BY, span, people, base_people),
            email: needed(fields, Asked::EMAIL, span, email, base.map(|base| &base.email)),
            phone,
            register,
            responsible: needed(fields, Asked::RESPONSIBLE, span, responsible, base_responsible),
        }
    }
}

/// What was read, else what it changes, else a mistake: the law asks for it.
pub(crate) fn needed<T: Clone + Default>(
    fields: &mut Fields<'_>,
    asked: Asked,
    span: &Range<usize>,
    read: Option<T>,
    base: Option<&T>,
) -> T {
    // What is there and wrong has been reported as that.
    if read.is_none() && base.is_none() && !fields.has(asked.key) {
        let place = fields.place(span.clone());
        fields.report(Diagnostic::incomplete(place, asked));
    }
    read.or_else(|| base.cloned()).unwrap_or_default()
}

/// A name and an address. They belong together, so one of them is never that of the site.
fn read_party(fields: &mut Fields<'_>, asked: Asked, node: Node) -> Option<Party> {
    let span = node.span.clone();
    let Value::Table(entries) = node.value else {
        fields.wrong(asked.key, Wanted::PARTY, &node);
        return None;
    };
    let mut inner = fields.inner(entries);
    let (asked_name, asked_address) = (asked.part("name"), asked.part("address"));
    let name = inner.placed_text("name").and_then(|n| read_line(&mut inner, asked_name, n));
    let address = inner.placed_text("address");
    let address = address.and_then(|a| read_address(&mut inner, asked_address, a));
    let party = Party {
        name: needed(&mut inner, asked_name, &span, name, None),
        address: needed(&mut inner, asked_address, &span, address, None),
    };
    inner.finish();
    Some(party)
}

/// One or several.
fn read_parties(fields: &mut Fields<'_>, node: Node) -> Vec<Party> {
    let nodes = match node.value {
        Value::List(nodes) => nodes,
        _ => vec![node],
    };
    nodes.into_iter().filter_map(|n| read_party(fields, Asked::ON_BEHALF_OF, n)).collect()
}

/// A text that is not blank, on one line.
pub(crate) fn read_line(
    fields: &mut Fields<'_>,
    asked: Asked,
    (text, span): Placed<String>,
) -> Option<String> {
    let line = one_line(&text);
    if !line.is_empty() {
        return Some(line);
    }
    let place = fields.place(span);
    fields.report(Diagnostic::incomplete(place, asked));
    None
}

/// A postal address has a street or a box, and a place. It may be written on several lines.
pub(super) fn read_address(
    fields: &mut Fields<'_>,
    asked: Asked,
    (text, span): Placed<String>,
) -> Option<String> {
    let lines = text.lines().map(|line| line.trim().trim_end_matches(',').trim_end());
    let text = lines.filter(|line| !line.is_empty()).collect::<Vec<_>>().join(", ");
    let text = text.trim_end_matches('.').to_owned();
    let is_part = |part: &&str| part.chars().any(char::is_alphanumeric);
    if !text.is_empty() && text.split(',').filter(is_part).count() < 2 {
        let place = fields.place(span);
        fields.report(Diagnostic::bad_postal_address(place, asked, &text));
        return None;
    }
    read_line(fields, asked, (text, span))
}

fn read_email(fields: &mut Fields<'_>, (text, span): Placed<String>) -> Option<String> {
    let email = one_line(&text);
    if email.is_empty() || is_email(&email) {
        return read_line(fields, Asked::EMAIL, (email, span));
    }
    let place = fields.place(span);
    fields.report(Diagnostic::bad_email(place, &email));
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Source;
    use crate::node::{Syntax, parse};
    use crate::path::SourcePath;

    fn entries(source: &Source) -> Vec<(crate::node::Key, Node)> {
        match parse(source, 0..source.text.len(), Syntax::Toml).unwrap().value {
            Value::Table(entries) => entries,
            _ => Vec::new(),
        }
    }

    /// An imprint, its change by a page, and the codes of what is wrong with them.
    fn changed(site: &str, page: &str) -> (Option<Imprint>, Vec<&'static str>) {
        let mut problems = Vec::new();
        let sources =
            [site, page].map(|text| Source::new(SourcePath::new("site.toml"), text.to_owned()));
        let mut fields = Fields::new(&sources[0], entries(&sources[0]), &mut problems);
        let (base, _) = read(&mut fields);
        let mut fields = Fields::new(&sources[1], entries(&sources[1]), &mut problems);
        let imprint = match fields.node("imprint") {
            Some(node) => Imprint::read_change(&mut fields, node, base.as_ref()),
            None => base,
        };
        (imprint, problems.iter().map(Diagnostic::code).collect())
    }

    const UK: &str = "[imprint]\nlaw = \"uk-2022\"\n\
                      promoter = { name = \"A\", address = \"1 Road, Town\" }\n\
                      on_behalf_of = { name = \"B\", address = \"2 Road, Town\" }\n";

    #[test]
    fn a_page_changes_only_what_it_names() {
        let page = "imprint = { on_behalf_of = [{ name = \"C\", address = \"3 Road\\nTown\" }] }";
        let (imprint, problems) = changed(UK, page);
        assert_eq!(problems, [""; 0]);
        let Some(Imprint::Promotion(Promotion { promoter, on_behalf_of })) = imprint else {
            panic!("{imprint:?}");
        };
        assert_eq!(promoter.name, "A");
        let other = Party { name: "C".to_owned(), address: "3 Road, Town".to_owned() };
        assert_eq!(on_behalf_of, [other]);
    }

    #[test]
    fn a_new_name_never_gets_the_old_address() {
        let (_, problems) = changed(UK, "imprint = { promoter = { name = \"C\" } }");
        assert_eq!(problems, ["imprint-incomplete"]);
    }

    #[test]
    fn to_publish_for_nobody_else_has_to_be_said() {
        let alone = UK.replace(&UK[UK.find("on_behalf_of").unwrap()..], "");
        assert_eq!(changed(&alone, "").1, ["imprint-incomplete"]);
        let (imprint, problems) = changed(&format!("{alone}on_behalf_of = []\n"), "");
        assert!(imprint.is_some() && problems.is_empty(), "{problems:?}");
    }

    #[test]
    fn an_email_address_looks_like_one() {
        for good in ["a@b.example", "vor.stand+x@grün.example"] {
            assert!(is_email(good), "{good}");
        }
        for bad in
            ["a", "a@b", "a@b.", "@b.example", "a b@c.example", "a@b@c.example", "a@.example"]
        {
            assert!(!is_email(bad), "{bad}");
        }
    }
}
