//! What a notice of political advertising says of those behind it (Regulation (EU) 2024/900,
//! Article 12 (1)), as far as a site can say it once for all its notices.
//!
//! The same keys stand in `[imprint.notices]` and in the front matter of a notice, which wins.

use super::imprint::{needed, read_address, read_line};
use crate::diagnostic::{Asked, Diagnostic, Wanted};
use crate::node::{Fields, MailOrPage, Node, Value};

/// What several notices have in common. What is missing has not been said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct NoticeBasics {
    pub(crate) sponsor: Option<Backer>,
    pub(crate) controlled_by: Option<Backer>,
    pub(crate) paid_by: Option<Backer>,
    pub(crate) origin: Option<Origin>,
    /// How the amounts were calculated.
    pub(crate) method: Option<String>,
    pub(crate) complaints: Option<MailOrPage>,
}

/// Somebody behind an advertisement.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Backer {
    pub(crate) name: String,
    pub(crate) email: String,
    /// On one line. Only a person may be without one.
    pub(crate) address: Option<String>,
    /// A natural person.
    pub(crate) is_person: bool,
}

/// Where money comes from. It may be several of these.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Origin {
    pub(crate) public: bool,
    pub(crate) private: bool,
    pub(crate) inside_union: bool,
    pub(crate) outside_union: bool,
}

impl NoticeBasics {
    /// Reads what is there.
    pub(crate) fn read(fields: &mut Fields<'_>) -> Self {
        let sponsor = fields.node("sponsor");
        let controlled_by = fields.node("controlled_by");
        let paid_by = fields.node("paid_by");
        let method = fields.placed_text("method");
        Self {
            sponsor: sponsor.and_then(|node| read_backer(fields, Asked::SPONSOR, node)),
            controlled_by: controlled_by
                .and_then(|node| read_backer(fields, Asked::CONTROLLED_BY, node)),
            paid_by: paid_by.and_then(|node| read_backer(fields, Asked::PAID_BY, node)),
            origin: read_origin(fields),
            method: method.and_then(|text| read_line(fields, Asked::METHOD, text)),
            complaints: fields.mail_or_page("complaints"),
        }
    }

    /// The same, with what it does not say taken from what holds for all.
    pub(crate) fn or(self, usual: &Self) -> Self {
        let Self { sponsor, controlled_by, paid_by, origin, method, complaints } = self;
        Self {
            sponsor: sponsor.or_else(|| usual.sponsor.clone()),
            controlled_by: controlled_by.or_else(|| usual.controlled_by.clone()),
            paid_by: paid_by.or_else(|| usual.paid_by.clone()),
            origin: origin.or(usual.origin),
            method: method.or_else(|| usual.method.clone()),
            complaints: complaints.or_else(|| usual.complaints.clone()),
        }
    }
}

/// A body has an address, and a person need not publish theirs.
fn read_backer(fields: &mut Fields<'_>, asked: Asked, node: Node) -> Option<Backer> {
    let span = node.span.clone();
    let Value::Table(entries) = node.value else {
        fields.wrong(asked.key, Wanted::BACKER, &node);
        return None;
    };
    let mut inner = fields.inner(entries);
    let [name_asked, email_asked, address_asked] =
        ["name", "email", "address"].map(|key| asked.part(key));
    let name = inner.placed_text("name").and_then(|n| read_line(&mut inner, name_asked, n));
    let email = inner.email("email");
    let is_person = inner.flag("person").unwrap_or(false);
    let address = inner.placed_text("address");
    let address = address.and_then(|a| read_address(&mut inner, address_asked, a));
    let backer = Backer {
        name: needed(&mut inner, name_asked, &span, name, None),
        email: needed(&mut inner, email_asked, &span, email, None),
        address: if is_person {
            address
        } else {
            Some(needed(&mut inner, address_asked, &span, address, None))
        },
        is_person,
    };
    inner.finish();
    Some(backer)
}

fn read_origin(fields: &mut Fields<'_>) -> Option<Origin> {
    const WORDS: [&str; 4] = ["public", "private", "inside-eu", "outside-eu"];
    let span = fields.span_of("origin");
    let words = fields.texts("origin")?;
    for (word, span) in &words {
        if !WORDS.contains(&word.as_str()) {
            let place = fields.place(span.clone());
            fields.report(Diagnostic::not_a_choice(place, "origin", word, &WORDS));
        }
    }
    let [public, private, inside_union, outside_union] =
        WORDS.map(|word| words.iter().any(|(written, _)| written == word));
    if words.iter().all(|(word, _)| WORDS.contains(&word.as_str()))
        && !((public || private) && (inside_union || outside_union))
    {
        let place = fields.place(span);
        fields.report(Diagnostic::origin_half_said(place));
    }
    Some(Origin { public, private, inside_union, outside_union })
}
