//! The imprint in the words of a language.

use tera::Value;

use super::escaped;
use super::value::object;
use crate::config::{Imprint, Party, Promotion, Provider};
use crate::model::Strings;

/// The element of a page that has the imprint in it. No heading has this id.
const ELEMENT: &str = "site-imprint";

/// An imprint, ready to show.
#[derive(Clone, Debug)]
pub(crate) struct ImprintText {
    /// All of it, on one line.
    pub(crate) text: String,
    /// What a law asks for where there is little room.
    pub(crate) short: String,
    /// All of it as HTML.
    html: String,
}

impl ImprintText {
    /// Writes the names and addresses as they are, and all else in a language.
    pub(crate) fn new(imprint: &Imprint, strings: &Strings) -> Self {
        match imprint {
            Imprint::Promotion(promotion) => {
                let text = promoted(promotion, strings);
                let html = format!("<p>{}</p>", escaped(&text));
                Self { short: text.clone(), text, html }
            }
            Imprint::Provider(provider) => provided(provider, strings),
        }
    }

    /// For templates. `page` is the address of a page that shows it.
    pub(super) fn value(&self, page: &str) -> Value {
        object([
            ("text", Value::from(self.text.as_str())),
            ("short", Value::from(self.short.as_str())),
            ("full", Value::safe_string(&self.html)),
            ("url", Value::from(format!("{page}#{ELEMENT}"))),
        ])
    }
}

/// “Promoted by A, of X, on behalf of B, of Y.” An address that all share is said once.
fn promoted(promotion: &Promotion, strings: &Strings) -> String {
    let Promotion { promoter, on_behalf_of: others } = promotion;
    let is_shared = others.iter().all(|other| other.address == promoter.address);
    let pattern = match (others.len(), is_shared) {
        (0, _) => "imprint_promoted",
        (1, true) => "imprint_promoted_both",
        (_, true) => "imprint_promoted_all",
        (_, false) => "imprint_promoted_for",
    };
    let said = |party: &Party| {
        if is_shared && !others.is_empty() {
            return party.name.clone();
        }
        let text = strings.get("imprint_party").replace("{address}", &party.address);
        text.replace("{name}", &party.name)
    };
    let others: Vec<String> = others.iter().map(said).collect();
    let text = strings.get(pattern).replace("{address}", &promoter.address);
    let text = text.replace("{others}", &listed(&others, strings));
    text.replace("{promoter}", &said(promoter))
}

/// `a, b and c`.
fn listed(items: &[String], strings: &Strings) -> String {
    match items {
        [before @ .., last] if !before.is_empty() => {
            format!("{} {} {last}", before.join(", "), strings.get("and"))
        }
        _ => items.concat(),
    }
}

/// Whose website it is, how to reach them, and who answers for the texts.
fn provided(provider: &Provider, strings: &Strings) -> ImprintText {
    let Provider { party, represented_by, email, phone, register, responsible } = provider;
    let line = |key, value: &str| (key, value.to_owned(), escaped(value));
    let mail = format!("<a href=\"mailto:{0}\">{0}</a>", escaped(email));
    let lines = [
        line("imprint_represented_by", &listed(represented_by, strings)),
        ("imprint_email", email.clone(), mail),
        line("imprint_phone", phone.as_deref().unwrap_or_default()),
        line("imprint_register", register.as_deref().unwrap_or_default()),
        line("imprint_responsible", &format!("{}, {}", responsible.name, responsible.address)),
    ];
    let lines = lines.into_iter().filter(|(_, text, _)| !text.is_empty());
    let (texts, lines): (Vec<String>, Vec<String>) = lines
        .map(|(key, text, html)| {
            let pattern = strings.get(key);
            (pattern.replace("{value}", &text), escaped(pattern).replace("{value}", &html))
        })
        .unzip();
    let title = strings.get("imprint");
    let Party { name, address } = party;
    let whose = format!("{title} – {name}, {address}");
    let answers = texts.last().map_or("", String::as_str);
    ImprintText {
        short: format!("{whose}. {answers}."),
        text: format!("{whose}. {}.", texts.join(". ")),
        html: format!(
            "<p><strong>{}</strong><br>{}<br>{}<br>{}</p>",
            escaped(title),
            escaped(name),
            escaped(address),
            lines.join("<br>")
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Patterns that show which of them was taken.
    fn strings() -> Strings {
        let texts = [
            ("and", "and"),
            ("imprint", "Imprint"),
            ("imprint_party", "{name}, of {address}"),
            ("imprint_promoted", "Promoted by {promoter}."),
            ("imprint_promoted_for", "Promoted by {promoter}, on behalf of {others}."),
            (
                "imprint_promoted_both",
                "Promoted by {promoter}, on behalf of {others}, both of {address}.",
            ),
            (
                "imprint_promoted_all",
                "Promoted by {promoter}, on behalf of {others}, all of {address}.",
            ),
            ("imprint_represented_by", "Represented by {value}"),
            ("imprint_email", "Email: {value}"),
            ("imprint_phone", "Phone: {value}"),
            ("imprint_register", "Register: {value}"),
            ("imprint_responsible", "Responsible: {value}"),
        ];
        let texts = texts.map(|(key, text)| (key.to_owned(), text.to_owned()));
        Strings { texts: texts.into(), ..Strings::default() }
    }

    fn party(name: &str, address: &str) -> Party {
        Party { name: name.to_owned(), address: address.to_owned() }
    }

    fn said(promoter: Party, on_behalf_of: Vec<Party>) -> String {
        let imprint = Imprint::Promotion(Promotion { promoter, on_behalf_of });
        ImprintText::new(&imprint, &strings()).text
    }

    #[test]
    fn an_address_that_all_share_is_said_once() {
        let a = || party("A", "1 Road, Town");
        let (b, c) = (party("B", "1 Road, Town"), party("C", "2 Road, Town"));
        assert_eq!(said(a(), vec![]), "Promoted by A, of 1 Road, Town.");
        assert_eq!(
            said(a(), vec![c.clone()]),
            "Promoted by A, of 1 Road, Town, on behalf of C, of 2 Road, Town."
        );
        assert_eq!(
            said(a(), vec![b.clone()]),
            "Promoted by A, on behalf of B, both of 1 Road, Town."
        );
        assert_eq!(
            said(a(), vec![b.clone(), party("D", "1 Road, Town")]),
            "Promoted by A, on behalf of B and D, all of 1 Road, Town."
        );
        assert_eq!(
            said(a(), vec![b, c]),
            "Promoted by A, of 1 Road, Town, on behalf of B, of 1 Road, Town and C, of 2 Road, \
             Town."
        );
    }

    #[test]
    fn a_provider_is_named_with_all_there_is() {
        let imprint = Imprint::Provider(Provider {
            party: party("A & B e. V.", "Weg 1, Ort"),
            represented_by: vec!["C".to_owned(), "D".to_owned()],
            email: "a@b.example".to_owned(),
            phone: None,
            register: Some("VR 1".to_owned()),
            responsible: party("C", "Weg 2, Ort"),
        });
        let ImprintText { text, short, html } = ImprintText::new(&imprint, &strings());
        assert_eq!(
            text,
            "Imprint – A & B e. V., Weg 1, Ort. Represented by C and D. Email: a@b.example. \
             Register: VR 1. Responsible: C, Weg 2, Ort."
        );
        assert_eq!(short, "Imprint – A & B e. V., Weg 1, Ort. Responsible: C, Weg 2, Ort.");
        assert_eq!(
            html,
            "<p><strong>Imprint</strong><br>A &amp; B e. V.<br>Weg 1, Ort<br>Represented by C and D\
             <br>Email: <a href=\"mailto:a@b.example\">a@b.example</a><br>Register: VR 1\
             <br>Responsible: C, Weg 2, Ort</p>"
        );
    }
}
