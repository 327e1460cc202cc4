//! What the front matter of pages that are lists says: links, accounts, branches; and what a
//! campaign asks for.

use super::nowhere;
use crate::diagnostic::{Diagnostic, Wanted};
use crate::model::{
    Branch, Campaign, DataFile, Document, Form, FormField, NamedLink, OfficialAccount, Policy,
};
use crate::node::{Fields, Key, Node, Value};

pub(super) const CAMPAIGN_KEYS: &[&str] = &["actions", "form"];

pub(super) const POLICY_KEYS: &[&str] = &["version", "replaces"];

pub(super) const LINKS_KEYS: &[&str] = &["links"];

pub(super) const ACCOUNTS_KEYS: &[&str] = &["accounts"];

/// The name of the data file with the branches.
const BRANCHES: &str = "branches";

/// What a field of a form can be.
const FIELD_KINDS: &[(&str, &str)] = &[
    ("text", "text"),
    ("email", "email"),
    ("tel", "tel"),
    ("number", "number"),
    ("date", "date"),
    ("checkbox", "checkbox"),
    ("textarea", "textarea"),
    ("hidden", "hidden"),
];

pub(super) fn read_campaign(fields: &mut Fields<'_>) -> Campaign {
    Campaign { actions: read_named(fields, "actions"), form: read_form(fields) }
}

pub(super) fn read_policy(fields: &mut Fields<'_>) -> Policy {
    Policy { version: fields.line("version"), replaces: fields.placed_text("replaces") }
}

pub(super) fn read_links(fields: &mut Fields<'_>) -> Vec<NamedLink> {
    read_named(fields, "links")
}

/// The tables of a list.
pub(super) fn tables(
    fields: &mut Fields<'_>,
    key: &'static str,
    wanted: Wanted,
) -> Vec<(Node, Vec<(Key, Node)>)> {
    let Some(node) = fields.node(key) else { return Vec::new() };
    let Value::List(items) = node.value else {
        fields.wrong(key, wanted, &node);
        return Vec::new();
    };
    let mut tables = Vec::new();
    for item in items {
        match item.value {
            Value::Table(entries) => {
                tables.push((Node { value: Value::Null, span: item.span }, entries));
            }
            _ => fields.wrong(key, wanted, &item),
        }
    }
    tables
}

fn read_named(fields: &mut Fields<'_>, key: &'static str) -> Vec<NamedLink> {
    let mut links = Vec::new();
    for (item, entries) in tables(fields, key, Wanted::LINKS) {
        let mut inner = fields.inner(entries);
        let (title, url) = (inner.line("title"), inner.placed_text("url"));
        let description = inner.line("description");
        inner.finish();
        match (title, url) {
            (Some(title), Some(url)) => links.push(NamedLink { title, url, description }),
            (title, _) => {
                let missing = if title.is_none() { "title" } else { "url" };
                let place = fields.place(item.span);
                fields.report(Diagnostic::entry_without(place, key, missing));
            }
        }
    }
    links
}

pub(super) fn read_accounts(fields: &mut Fields<'_>) -> Vec<OfficialAccount> {
    let mut accounts = Vec::new();
    for (item, entries) in tables(fields, "accounts", Wanted::ACCOUNTS) {
        let mut inner = fields.inner(entries);
        let (name, handle) = (inner.line("name"), inner.line("handle"));
        let has_url = inner.is_there("url");
        let url = inner.web_address("url");
        inner.finish();
        match (name, url) {
            (Some(name), Some(url)) => accounts.push(OfficialAccount { name, handle, url }),
            // What is wrong with the address has been said.
            (Some(_), None) if has_url => {}
            (name, _) => {
                let missing = if name.is_none() { "name" } else { "url" };
                let place = fields.place(item.span);
                fields.report(Diagnostic::entry_without(place, "accounts", missing));
            }
        }
    }
    accounts
}

fn read_form(fields: &mut Fields<'_>) -> Option<Form> {
    let span = fields.span_of("form");
    let entries = fields.table_of("form", Wanted::FORM)?;
    let mut inner = fields.inner(entries);
    let has_action = inner.is_there("action");
    let action = inner.web_address("action");
    let is_get = inner.word("method", &[("post", false), ("get", true)]).unwrap_or(false);
    let (button, privacy) = (inner.line("button"), inner.line("privacy"));
    let form_fields = read_form_fields(&mut inner);
    inner.finish();
    let place = fields.place(span);
    if privacy.is_none() {
        fields.report(Diagnostic::form_without_privacy(place.clone()));
    }
    if action.is_none() && !has_action {
        fields.report(Diagnostic::entry_without(place, "form", "action"));
    }
    Some(Form { action: action?, is_get, fields: form_fields, button, privacy: privacy? })
}

fn read_form_fields(fields: &mut Fields<'_>) -> Vec<FormField> {
    let mut found = Vec::new();
    for (item, entries) in tables(fields, "fields", Wanted::FORM_FIELDS) {
        let mut inner = fields.inner(entries);
        let (name, label) = (inner.line("name"), inner.line("label"));
        let kind = inner.word("type", FIELD_KINDS).unwrap_or("text");
        let required = inner.flag("required").unwrap_or(false);
        let value = inner.text("value");
        inner.finish();
        let label = label.or_else(|| (kind == "hidden").then(String::new));
        match (name, label) {
            (Some(name), Some(label)) => {
                found.push(FormField { name, label, kind, required, value });
            }
            (name, _) => {
                let missing = if name.is_none() { "name" } else { "label" };
                let place = fields.place(item.span);
                fields.report(Diagnostic::entry_without(place, "fields", missing));
            }
        }
    }
    found
}

/// Reads the branches from the data file of the page.
pub(super) fn read_branches(document: &Document, problems: &mut Vec<Diagnostic>) -> Vec<Branch> {
    let Some(DataFile { source, node, .. }) = document.data.iter().find(|d| d.name == BRANCHES)
    else {
        problems.push(Diagnostic::branches_without_data(nowhere(document)));
        return Vec::new();
    };
    // A list, as in CSV and JSON, or the tables `[[branch]]` of TOML.
    let items = match &node.value {
        Value::List(items) => items,
        Value::Table(entries) => match entries.first().map(|(_, node)| &node.value) {
            Some(Value::List(items)) if entries.len() == 1 => items,
            _ => {
                problems.push(Diagnostic::branches_are_no_list(source.place(node.span.clone())));
                return Vec::new();
            }
        },
        _ => {
            problems.push(Diagnostic::branches_are_no_list(source.place(node.span.clone())));
            return Vec::new();
        }
    };
    let mut branches = Vec::new();
    for item in items {
        let Value::Table(entries) = &item.value else {
            problems.push(Diagnostic::branches_are_no_list(source.place(item.span.clone())));
            continue;
        };
        let is_empty = |node: &Node| matches!(&node.value, Value::String(text) if text.is_empty());
        // An empty cell of CSV says nothing.
        let entries = entries.iter().filter(|(_, node)| !is_empty(node)).cloned().collect();
        let mut fields = Fields::new(source, entries, problems);
        let name = fields.line("name");
        let branch = Branch {
            area: fields.lines("area"),
            address: fields.line("address"),
            email: fields.email("email"),
            phone: fields.line("phone"),
            website: fields.web_address("website"),
            name: name.clone().unwrap_or_default(),
        };
        fields.finish();
        if name.is_none() {
            let place = source.place(item.span.clone());
            problems.push(Diagnostic::entry_without(place, BRANCHES, "name"));
        } else {
            branches.push(branch);
        }
    }
    branches
}
