//! What the front matter of a notice of political advertising says (Regulation (EU) 2024/900,
//! Article 12 (1)), with what `site.toml` says for all of them.

use std::ops::Range;

use jiff::ToSpan;
use jiff::civil;

use super::lists::tables;
use super::nowhere;
use crate::config::{Config, NoticeBasics, needed, read_line};
use crate::diagnostic::{Asked, Diagnostic, Wanted};
use crate::model::{
    Document, Item, Money, MoneyProblem, Notice, Process, ProcessKind, Reach, Targeting,
};
use crate::node::{Fields, Key, Node, Placed, Value};

pub(super) const KEYS: &[&str] = &[
    "sponsor",
    "controlled_by",
    "paid_by",
    "period",
    "media",
    "amounts",
    "campaign",
    "origin",
    "method",
    "linked_to",
    "repository",
    "complaints",
    "suspended",
    "targeting",
    "reach",
];

/// How long a notice is kept after the last publication (Article 12 (4)).
const YEARS_KEPT: i32 = 7;

/// Reads a notice. Nothing when something is missing, which is reported.
pub(super) fn read(
    fields: &mut Fields<'_>,
    document: &Document,
    config: &Config,
) -> Option<Notice> {
    let Some(usual) = &config.notices else {
        fields.report(Diagnostic::notice_without_law(nowhere(document)));
        return None;
    };
    let basics = NoticeBasics::read(fields).or(usual);
    let period = read_period(fields, config);
    let media = fields.lines("media");
    let items = read_items(fields);
    let campaign = fields.line("campaign");
    let linked_to = read_processes(fields, config);
    let repository = fields.web_address("repository");
    let suspended = fields.line("suspended");
    let targeting = read_targeting(fields);
    let reach = read_reach(fields);
    let NoticeBasics { sponsor, controlled_by, paid_by, origin, method, complaints } = basics;
    // All that is missing is said in one run.
    let mut want = |is_there: bool, asked: Asked| {
        if !is_there && !fields.has(asked.key) {
            fields.report(Diagnostic::incomplete(nowhere(document), asked));
        }
    };
    want(sponsor.is_some(), Asked::SPONSOR);
    want(period.is_some(), Asked::PERIOD);
    want(items.is_some(), Asked::AMOUNTS);
    want(origin.is_some(), Asked::ORIGIN);
    want(method.is_some(), Asked::METHOD);
    want(complaints.is_some(), Asked::COMPLAINTS);
    want(targeting.is_some(), Asked::TARGETING);
    let (from, to) = period?;
    check_leaving(fields, document, to);
    Some(Notice {
        sponsor: sponsor?,
        controlled_by,
        paid_by,
        from,
        to,
        media,
        items: items?,
        campaign,
        origin: origin?,
        method: method?,
        linked_to,
        repository,
        complaints: complaints?,
        suspended,
        targeting: targeting?,
        reach,
    })
}

fn read_period(fields: &mut Fields<'_>, config: &Config) -> Option<(civil::Date, civil::Date)> {
    let span = fields.span_of("period");
    let entries = fields.table("period")?;
    let mut inner = fields.inner(entries);
    let (from, to) = (inner.when("from", &config.zone), inner.when("to", &config.zone));
    for key in ["from", "to"] {
        if !inner.has(key) {
            let place = inner.place(span.clone());
            inner.report(Diagnostic::incomplete(place, Asked::PERIOD.part(key)));
        }
    }
    inner.finish();
    let ((from, _), (to, to_span)) = (from?, to?);
    let (from, to) = (from.day(), to.day());
    if to < from {
        let place = fields.place(to_span);
        fields.report(Diagnostic::notice_ends_early(place));
    }
    Some((from, to))
}

fn read_items(fields: &mut Fields<'_>) -> Option<Vec<Item>> {
    let span = fields.span_of("amounts");
    let tables = tables(fields, "amounts", Wanted::AMOUNTS);
    if tables.is_empty() && fields.has("amounts") {
        let place = fields.place(span);
        fields.report(Diagnostic::incomplete(place, Asked::AMOUNTS));
    }
    let mut items = Vec::new();
    for (node, entries) in tables {
        let mut inner = fields.inner(entries);
        let what = inner.line("what");
        let provider = inner.line("provider");
        let amount = read_money(&mut inner, "amount");
        let benefit = read_money(&mut inner, "benefit");
        let has_sum = inner.has("amount") || inner.has("benefit");
        inner.finish();
        let missing = if what.is_none() { Some("what") } else { (!has_sum).then_some("amount") };
        if let Some(missing) = missing {
            let place = fields.place(node.span);
            fields.report(Diagnostic::entry_without(place, "amounts", missing));
        }
        items.push(Item { what: what.unwrap_or_default(), provider, amount, benefit });
    }
    (!items.is_empty()).then_some(items)
}

fn read_money(fields: &mut Fields<'_>, key: &'static str) -> Option<Money> {
    let node = fields.node(key)?;
    let Value::String(text) = &node.value else {
        fields.wrong(key, Wanted::AMOUNT, &node);
        return None;
    };
    let problem = match Money::parse(text) {
        Ok(money) => return Some(money),
        Err(problem) => problem,
    };
    let place = fields.place(node.span);
    fields.report(match problem {
        MoneyProblem::Amount => Diagnostic::bad_amount(place, key, text),
        MoneyProblem::Currency => Diagnostic::bad_currency(place, text),
    });
    None
}

/// One or several.
fn read_processes(fields: &mut Fields<'_>, config: &Config) -> Vec<Process> {
    let Some(node) = fields.node("linked_to") else { return Vec::new() };
    let nodes = match node.value {
        Value::List(nodes) => nodes,
        _ => vec![node],
    };
    let mut processes = Vec::new();
    for node in nodes {
        let span = node.span.clone();
        match node.value {
            Value::Table(entries) => processes.extend(read_process(fields, entries, &span, config)),
            _ => fields.wrong("linked_to", Wanted::LINKED_TO, &node),
        }
    }
    processes
}

fn read_process(
    fields: &mut Fields<'_>,
    entries: Vec<(Key, Node)>,
    span: &Range<usize>,
    config: &Config,
) -> Option<Process> {
    let words = ProcessKind::ALL.map(|kind| (kind.name(), kind));
    let mut inner = fields.inner(entries);
    let kind = inner.word("type", &words);
    let name = inner.line("name");
    let date = inner.when("date", &config.zone).map(|(when, _)| when.day());
    let official = inner.web_address("official");
    let has_kind = inner.has("type");
    // How one takes part in a law, there is no page that says.
    if official.is_none() && kind.is_some_and(|kind| kind != ProcessKind::Legislation) {
        needed::<String>(&mut inner, Asked::OFFICIAL, span, None, None);
    }
    inner.finish();
    let missing = if has_kind { name.is_none().then_some("name") } else { Some("type") };
    if let Some(missing) = missing {
        let place = fields.place(span.clone());
        fields.report(Diagnostic::entry_without(place, "linked_to", missing));
    }
    Some(Process { kind: kind?, name: name?, date, official })
}

/// Whether techniques were used, and how. The outer nothing is that nobody has said.
#[expect(clippy::option_option, reason = "`false` is an answer, and silence is none")]
fn read_targeting(fields: &mut Fields<'_>) -> Option<Option<Targeting>> {
    let node = fields.node("targeting")?;
    let span = node.span.clone();
    let entries = match node.value {
        Value::Bool(false) => return Some(None),
        Value::Bool(true) => Vec::new(),
        Value::Table(entries) => entries,
        _ => {
            fields.wrong("targeting", Wanted::TARGETING, &node);
            return None;
        }
    };
    let mut inner = fields.inner(entries);
    let (groups, data) = (inner.placed_text("groups"), inner.placed_text("data"));
    let (logic, ai) = (inner.placed_text("logic"), inner.placed_text("ai"));
    let policy = inner.web_address("policy");
    let rights = inner.mail_or_page("rights");
    let mut said = |asked, text: Option<Placed<String>>| {
        let line = text.and_then(|text| read_line(&mut inner, asked, text));
        needed(&mut inner, asked, &span, line, None)
    };
    let (groups, data) = (said(Asked::GROUPS, groups), said(Asked::DATA, data));
    let (logic, ai) = (said(Asked::LOGIC, logic), said(Asked::AI, ai));
    let policy = needed(&mut inner, Asked::POLICY, &span, policy, None);
    let rights = needed(&mut inner, Asked::RIGHTS, &span, rights.map(Some), None);
    inner.finish();
    Some(Some(Targeting { groups, data, logic, ai, policy, rights: rights? }))
}

fn read_reach(fields: &mut Fields<'_>) -> Option<Reach> {
    let entries = fields.table("reach")?;
    let mut inner = fields.inner(entries);
    let reach = Reach { views: inner.count("views"), engagements: inner.count("engagements") };
    inner.finish();
    Some(reach)
}

/// Warns of a notice that goes too soon.
fn check_leaving(fields: &mut Fields<'_>, document: &Document, to: civil::Date) {
    let Ok(until) = to.checked_add(YEARS_KEPT.years()) else { return };
    let front = &document.front;
    let expires_early = front.expires.is_some_and(|moment| moment.date() < until);
    if expires_early || front.post.withdrawn {
        fields.report(Diagnostic::notice_leaves_early(nowhere(document), &until.to_string()));
    }
}
