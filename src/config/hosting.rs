//! What `site.toml` says of the place where the site is served.

use super::Host;
use super::read::web_address;
use crate::diagnostic::Diagnostic;
use crate::node::Fields;

/// For so long browsers insist on https, unless more is asked for: a mistake is over tomorrow.
const HSTS_DAYS_DEFAULT: u32 = 1;

/// Where the site is served, and what is wanted there.
#[derive(Clone, Debug)]
pub(crate) struct Hosting {
    pub(crate) host: Host,
    /// Where the post office listens: `http://127.0.0.1:8025`. None is planned without it.
    pub(crate) post_office: Option<String>,
    /// For how many days browsers insist on https; 0 for not at all.
    pub(crate) hsts_days: u32,
    /// Instead of ours.
    pub(crate) content_security_policy: Option<String>,
    /// Whether files lie there in compressed form too.
    pub(crate) precompress: bool,
}

/// Whether it is the path of a CGI program on the site: `/cgi-bin/inbox.cgi`.
fn is_program(text: &str) -> bool {
    let is_part = |part: &str| {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        !part.is_empty() && !part.starts_with('.') && part.bytes().all(is_plain)
    };
    text.strip_prefix('/').is_some_and(|path| path.split('/').all(is_part))
}

pub(super) fn read(fields: &mut Fields<'_>) -> Hosting {
    let words: Vec<(&'static str, Host)> =
        Host::ALL.iter().map(|host| (host.name(), *host)).collect();
    let post_office = fields.placed_text("post_office");
    let policy = fields.placed_text("content_security_policy");
    Hosting {
        host: fields.word("host", &words).unwrap_or_default(),
        post_office: post_office.and_then(|(text, span)| {
            let bare = text.trim_end_matches('/').to_owned();
            if is_program(&bare) {
                return Some(bare);
            }
            web_address(fields, "post_office", (bare, span))
        }),
        hsts_days: fields
            .count("hsts_days")
            .map_or(HSTS_DAYS_DEFAULT, |days| days.try_into().unwrap_or(u32::MAX / 86_400)),
        content_security_policy: policy.and_then(|(text, span)| {
            if text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) && !text.contains('"') {
                return Some(text);
            }
            let place = fields.place(span);
            fields.report(Diagnostic::bad_header(place, "content_security_policy"));
            None
        }),
        precompress: fields.flag("precompress").unwrap_or(false),
    }
}
