//! `generate_follow` and `[follow]`: the page that says how people stay in touch.

use super::actors::is_domain;
use crate::diagnostic::{Diagnostic, Wanted};
use crate::node::{Fields, Placed, Value, is_email};

/// What the page has besides what the site knows anyway: its accounts and its feeds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Follow {
    /// A handle on Bluesky, without `@`.
    pub(crate) bluesky: Option<String>,
    pub(crate) email: Option<FollowEmail>,
}

/// How people get news by e-mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum FollowEmail {
    /// They sign up on a page.
    Page(String),
    /// They write to an address.
    Address(String),
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

fn read_email(fields: &mut Fields<'_>, (text, span): Placed<String>) -> Option<FollowEmail> {
    let bare = text.strip_prefix("mailto:").unwrap_or(&text).trim();
    if is_email(bare) {
        return Some(FollowEmail::Address(bare.to_owned()));
    }
    if url::Url::parse(bare).is_ok_and(|url| url.scheme() == "https") {
        return Some(FollowEmail::Page(bare.to_owned()));
    }
    let place = fields.place(span);
    fields.report(Diagnostic::bad_follow_email(place, &text));
    None
}
