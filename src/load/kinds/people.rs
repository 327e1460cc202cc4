//! What the front matter of press releases and of people says: who can be asked, and how.

use crate::diagnostic::Wanted;
use crate::model::{Contact, Person, Press};
use crate::node::{Fields, Value};

pub(super) const PRESS_KEYS: &[&str] = &["contact", "notes"];

pub(super) const PERSON_KEYS: &[&str] = &["role", "ward", "pronouns", "email", "phone", "links"];

pub(super) fn read_press(fields: &mut Fields<'_>) -> Press {
    Press { contact: read_contact(fields), notes: fields.lines("notes") }
}

fn read_contact(fields: &mut Fields<'_>) -> Option<Contact> {
    let node = fields.node("contact")?;
    let Value::Table(entries) = node.value else {
        fields.wrong("contact", Wanted::CONTACT, &node);
        return None;
    };
    let mut inner = fields.inner(entries);
    let contact = Contact {
        name: inner.line("name"),
        email: inner.email("email"),
        phone: inner.line("phone"),
    };
    inner.finish();
    Some(contact)
}

pub(super) fn read_person(fields: &mut Fields<'_>) -> Person {
    Person {
        role: fields.line("role"),
        ward: fields.line("ward"),
        pronouns: fields.line("pronouns"),
        email: fields.email("email"),
        phone: fields.line("phone"),
        links: fields.web_addresses("links"),
    }
}
