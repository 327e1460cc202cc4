//! Notices of political advertising for templates: in the words and numbers of a language.

use std::collections::BTreeMap;

use jiff::civil;
use tera::Value;

use super::Views;
use super::value::{array, none_or, object};
use crate::config::{Backer, LanguageId, MailOrPage};
use crate::model::{
    Currency, Item, Money, Notice, PageId, Process, ProcessKind, Strings, Sums, Targeting, Totals,
};
use crate::path::OutputPath;

/// All notices of a site, for machines, inside the output.
pub(crate) const NOTICES_FILE: &str = "notices.json";

/// A notice for machines, beside its page.
pub(crate) fn notice_file(page: &OutputPath) -> Option<OutputPath> {
    page.sibling("notice.json").ok()
}

/// The page with the label of a notice, beneath its page.
pub(crate) fn label_file(page: &OutputPath) -> Option<OutputPath> {
    page.sibling("label/index.html").ok()
}

impl Views<'_> {
    /// All notices in a language, the newest period first.
    pub(crate) fn notices(&self, language: LanguageId) -> impl Iterator<Item = &Notice> {
        let ids = self.site.notices[language.0].iter();
        ids.filter_map(|id| self.site.text_of(*id).details.notice())
    }

    /// Those of a campaign.
    pub(crate) fn notices_of<'v>(
        &'v self,
        campaign: &'v str,
        language: LanguageId,
    ) -> impl Iterator<Item = &'v Notice> {
        self.notices(language).filter(move |n| n.campaign.as_deref() == Some(campaign))
    }

    /// All that notices in a language are linked with, and the notices of each. What is linked
    /// with two of them is counted in both.
    pub(crate) fn processes(&self, language: LanguageId) -> Vec<(&Process, Vec<&Notice>)> {
        let mut found: BTreeMap<_, (&Process, Vec<&Notice>)> = BTreeMap::new();
        for notice in self.notices(language) {
            for process in &notice.linked_to {
                let key = (std::cmp::Reverse(process.date), &process.name, process.kind);
                found.entry(key).or_insert((process, Vec::new())).1.push(notice);
            }
        }
        found.into_values().collect()
    }

    /// What a list of notices says of all of them.
    pub(crate) fn notices_value(&self, language: LanguageId) -> Value {
        let strings = self.theme.strings(language);
        let processes = self.processes(language).into_iter().map(|(process, notices)| {
            object([
                ("process", process_value(process, strings)),
                ("count", Value::from(notices.len())),
                ("totals", totals_value(&Totals::of(notices), strings)),
            ])
        });
        let file = OutputPath::new(NOTICES_FILE).ok();
        object([
            ("count", Value::from(self.site.notices[language.0].len())),
            ("totals", totals_value(&Totals::of(self.notices(language)), strings)),
            ("linked_to", array(processes)),
            ("json", none_or(file.map(|file| self.site.url(&file)))),
        ])
    }

    pub(super) fn notice(&self, notice: &Notice, id: PageId) -> Value {
        let Notice {
            sponsor,
            controlled_by,
            paid_by,
            from,
            to,
            media,
            items,
            campaign,
            origin,
            method,
            linked_to,
            repository,
            complaints,
            suspended,
            targeting,
            reach,
        } = notice;
        let page = self.site.page(id);
        let strings = self.theme.strings(page.language);
        let url = |file: Option<OutputPath>| none_or(file.map(|file| self.site.url(&file)));
        let campaign = campaign.as_deref().map(|name| {
            let all: Vec<&Notice> = self.notices_of(name, page.language).collect();
            object([
                ("name", Value::from(name)),
                ("count", Value::from(all.len())),
                ("totals", totals_value(&Totals::of(all), strings)),
            ])
        });
        let origin = object([
            ("public", Value::from(origin.public)),
            ("private", Value::from(origin.private)),
            ("inside_eu", Value::from(origin.inside_union)),
            ("outside_eu", Value::from(origin.outside_union)),
        ]);
        let reach = reach.map(|reach| {
            let number = |count: Option<usize>| {
                none_or(count.map(|count| grouped(&count.to_string(), strings)))
            };
            object([("views", number(reach.views)), ("engagements", number(reach.engagements))])
        });
        object([
            ("sponsor", backer_value(sponsor)),
            ("controlled_by", none_or(controlled_by.as_ref().map(backer_value))),
            ("paid_by", none_or(paid_by.as_ref().map(backer_value))),
            ("from", day_value(*from, strings)),
            ("to", day_value(*to, strings)),
            ("media", array(media.iter().map(|medium| Value::from(medium.as_str())))),
            ("amounts", array(items.iter().map(|item| item_value(item, strings)))),
            ("totals", totals_value(&Totals::of([notice]), strings)),
            ("campaign", none_or(campaign)),
            ("origin", origin),
            ("method", Value::from(method.as_str())),
            ("linked_to", array(linked_to.iter().map(|process| process_value(process, strings)))),
            ("repository", none_or(repository.as_deref())),
            ("complaints", mail_or_page(complaints)),
            ("suspended", none_or(suspended.as_deref())),
            ("targeting", none_or(targeting.as_ref().map(targeting_value))),
            ("reach", none_or(reach)),
            ("label", url(label_file(&page.output))),
            ("json", url(notice_file(&page.output))),
        ])
    }
}

fn backer_value(backer: &Backer) -> Value {
    object([
        ("name", Value::from(backer.name.as_str())),
        ("email", Value::from(backer.email.as_str())),
        ("address", none_or(backer.address.as_deref())),
        ("person", Value::from(backer.is_person)),
    ])
}

fn day_value(day: civil::Date, strings: &Strings) -> Value {
    object([("iso", Value::from(day.to_string())), ("text", Value::from(strings.day(day)))])
}

fn item_value(item: &Item, strings: &Strings) -> Value {
    let sum = |money: Option<Money>| {
        none_or(money.map(|m| amount(u128::from(m.hundredths), m.currency, strings)))
    };
    object([
        ("what", Value::from(item.what.as_str())),
        ("provider", none_or(item.provider.as_deref())),
        ("amount", sum(item.amount)),
        ("benefit", sum(item.benefit)),
    ])
}

/// By currency: what was paid, what was given, and both.
fn totals_value(totals: &Totals, strings: &Strings) -> Value {
    array(totals.0.iter().map(|(currency, sums)| {
        let Sums { amounts, benefits } = *sums;
        let sum = |hundredths| Value::from(amount(hundredths, *currency, strings));
        object([
            ("currency", Value::from(currency.to_string())),
            ("amount", sum(amounts)),
            ("benefit", none_or((benefits > 0).then(|| sum(benefits)))),
            ("total", sum(sums.total())),
        ])
    }))
}

fn process_value(process: &Process, strings: &Strings) -> Value {
    let label = match process.kind {
        ProcessKind::Election => "notice_election",
        ProcessKind::Referendum => "notice_referendum",
        ProcessKind::Legislation => "notice_legislation",
    };
    object([
        ("type", Value::from(process.kind.name())),
        ("label", Value::from(strings.get(label))),
        ("name", Value::from(process.name.as_str())),
        ("date", none_or(process.date.map(|date| day_value(date, strings)))),
        ("official", none_or(process.official.as_deref())),
    ])
}

fn targeting_value(targeting: &Targeting) -> Value {
    let Targeting { groups, data, logic, ai, policy, rights } = targeting;
    object([
        ("groups", Value::from(groups.as_str())),
        ("data", Value::from(data.as_str())),
        ("logic", Value::from(logic.as_str())),
        ("ai", Value::from(ai.as_str())),
        ("policy", Value::from(policy.as_str())),
        ("rights", mail_or_page(rights)),
    ])
}

fn mail_or_page(to: &MailOrPage) -> Value {
    let shown = match to {
        MailOrPage::Mail(address) => address.as_str(),
        MailOrPage::Page(url) => url.trim_start_matches("https://").trim_end_matches('/'),
    };
    object([("url", Value::from(to.url())), ("text", Value::from(shown))])
}

/// A sum as people write it in a language, with the code of the currency where the publications of
/// the European Union have it.
fn amount(hundredths: u128, currency: Currency, strings: &Strings) -> String {
    let whole = grouped(&(hundredths / 100).to_string(), strings);
    let number = format!("{whole}{}{:02}", strings.get("decimal_mark"), hundredths % 100);
    let text = strings.get("amount").replace("{currency}", &currency.to_string());
    text.replace("{amount}", &number)
}

/// Digits in groups of three.
fn grouped(digits: &str, strings: &Strings) -> String {
    let mark = strings.get("thousands_mark");
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push_str(mark);
        }
        text.push(digit);
    }
    text
}
