//! `generate_follow` and `[follow]`: the page that says how people stay in touch.

use super::actors::is_domain;
use crate::diagnostic::{Diagnostic, Wanted};
use crate::node::{Fields, MailOrPage, Placed, Value};

/// What the page has besides what the site knows anyway: its accounts and its feeds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Follow {
    /// A handle on Bluesky, without `@`.
    pub(crate) bluesky: Option<String>,
    /// Where they sign up for news by e-mail.
    pub(crate) email: Option<MailOrPage>,
}

/// Reads what the page has. There is none when none is wanted.
pub(super) fn read(fields: &mut Fields<'_>) -> Option<Follow> {
    let is_wanted = fields.flag("generate_follow").unwrap_or(false);
    let Some(node) = fields.node("follow") else { return is_wanted.then(Follow::default) };
    let span = node.span.clone();
    let Value::Table(entries) = node.value else {
        fields.wrong("follow", Wanted::TABLE, &node);
        return None;
    };
    let above = fields.known();
    let mut inner = fields.inner(entries).below(above);
    let bluesky = inner.placed_text("bluesky").and_then(|text| read_handle(&mut inner, text));
    let email = inner.placed_text("email").and_then(|text| read_email(&mut inner, text));
    inner.finish();
    if !is_wanted {
        let place = fields.place(span);
        fields.report(Diagnostic::follow_not_generated(place));
    }
    is_wanted.then_some(Follow { bluesky, email })
}

/// A handle on Bluesky is a domain.
pub(super) fn read_handle(fields: &mut Fields<'_>, (text, span): Placed<String>) -> Option<String> {
    let handle = text.trim_start_matches('@').to_ascii_lowercase();
    if is_domain(&handle) {
        return Some(handle);
    }
    let place = fields.place(span);
    fields.report(Diagnostic::bad_bluesky_handle(place, &text));
    None
}

fn read_email(fields: &mut Fields<'_>, (text, span): Placed<String>) -> Option<MailOrPage> {
    let found = MailOrPage::parse(&text);
    if found.is_none() {
        let place = fields.place(span);
        fields.report(Diagnostic::bad_follow_email(place, &text));
    }
    found
}
