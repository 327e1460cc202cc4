//! Notices for machines. The names are documented in README.md: keys are only added to a version.

use serde::Serialize;

use crate::config::{Backer, LanguageId};
use crate::model::{Item, Money, Notice, PageId, Process, Reach, Targeting, Totals, plain_amount};
use crate::path::OutputPath;
use crate::render::{NOTICES_FILE, Views, label_file, notice_file};

const NOTICE_SCHEMA: &str = "sitegen/eu-ttpa-notice/1";
const NOTICES_SCHEMA: &str = "sitegen/eu-ttpa-notices/1";

/// Where the law is (European Legislation Identifier).
const REGULATION: &str = "http://data.europa.eu/eli/reg/2024/900/oj";

#[derive(Serialize)]
struct NoticeData<'a> {
    schema: &'static str,
    regulation: &'static str,
    url: String,
    label_url: Option<String>,
    language: &'a str,
    title: &'a str,
    sponsor: BackerData<'a>,
    controlled_by: Option<BackerData<'a>>,
    paid_by: Option<BackerData<'a>>,
    period: PeriodData,
    media: &'a [String],
    amounts: Vec<ItemData<'a>>,
    totals: Vec<TotalData>,
    campaign: Option<CampaignData<'a>>,
    origin: OriginData,
    method: &'a str,
    linked_to: Vec<ProcessData<'a>>,
    repository: Option<&'a str>,
    complaints: String,
    suspended: Option<&'a str>,
    targeting: Option<TargetingData<'a>>,
    reach: Option<ReachData>,
}

#[derive(Serialize)]
struct BackerData<'a> {
    name: &'a str,
    email: &'a str,
    address: Option<&'a str>,
    person: bool,
}

#[derive(Serialize)]
struct PeriodData {
    from: String,
    to: String,
}

#[derive(Serialize)]
struct ItemData<'a> {
    what: &'a str,
    provider: Option<&'a str>,
    amount: Option<MoneyData>,
    benefit: Option<MoneyData>,
}

/// A sum as text, so that no reader makes a float of it.
#[derive(Serialize)]
struct MoneyData {
    amount: String,
    currency: String,
}

#[derive(Serialize)]
struct TotalData {
    currency: String,
    amounts: String,
    benefits: String,
    total: String,
}

#[derive(Serialize)]
struct CampaignData<'a> {
    name: &'a str,
    notices: usize,
    totals: Vec<TotalData>,
}

#[derive(Serialize)]
struct OriginData {
    public: bool,
    private: bool,
    inside_eu: bool,
    outside_eu: bool,
}

#[derive(Serialize)]
struct ProcessData<'a> {
    r#type: &'static str,
    name: &'a str,
    date: Option<String>,
    official: Option<&'a str>,
}

#[derive(Serialize)]
struct TargetingData<'a> {
    groups: &'a str,
    data: &'a str,
    logic: &'a str,
    ai: &'a str,
    policy: &'a str,
    rights: String,
}

#[derive(Serialize)]
struct ReachData {
    views: Option<usize>,
    engagements: Option<usize>,
}

#[derive(Serialize)]
struct NoticesData<'a> {
    schema: &'static str,
    regulation: &'static str,
    url: Option<String>,
    totals: Vec<TotalData>,
    linked_to: Vec<LinkedData<'a>>,
    notices: Vec<EntryData<'a>>,
}

/// An election or the like, with all notices that are linked with it.
#[derive(Serialize)]
struct LinkedData<'a> {
    #[serde(flatten)]
    process: ProcessData<'a>,
    notices: usize,
    totals: Vec<TotalData>,
}

/// A notice in the list of all.
#[derive(Serialize)]
struct EntryData<'a> {
    url: String,
    json: Option<String>,
    language: &'a str,
    title: &'a str,
    sponsor: &'a str,
    period: PeriodData,
    totals: Vec<TotalData>,
}

/// A notice as it is on a page.
pub(super) fn notice(views: &Views<'_>, id: PageId) -> Option<Vec<u8>> {
    let site = views.site;
    let (page, document) = (site.page(id), site.text_of(id));
    let notice = document.details.notice()?;
    let campaign = notice.campaign.as_deref().map(|name| {
        let all: Vec<&Notice> = views.notices_of(name, page.language).collect();
        CampaignData { name, notices: all.len(), totals: totals(&Totals::of(all)) }
    });
    let origin = notice.origin;
    let data = NoticeData {
        schema: NOTICE_SCHEMA,
        regulation: REGULATION,
        url: site.permalink(&page.output),
        label_url: label_file(&page.output).map(|file| site.permalink(&file)),
        language: &site.config.language(document.language).code,
        title: &document.title,
        sponsor: backer(&notice.sponsor),
        controlled_by: notice.controlled_by.as_ref().map(backer),
        paid_by: notice.paid_by.as_ref().map(backer),
        period: period(notice),
        media: &notice.media,
        amounts: notice.items.iter().map(item).collect(),
        totals: totals(&Totals::of([notice])),
        campaign,
        origin: OriginData {
            public: origin.public,
            private: origin.private,
            inside_eu: origin.inside_union,
            outside_eu: origin.outside_union,
        },
        method: &notice.method,
        linked_to: notice.linked_to.iter().map(process).collect(),
        repository: notice.repository.as_deref(),
        complaints: notice.complaints.url(),
        suspended: notice.suspended.as_deref(),
        targeting: notice.targeting.as_ref().map(targeting),
        reach: notice.reach.map(|Reach { views, engagements }| ReachData { views, engagements }),
    };
    serde_json::to_vec_pretty(&data).ok()
}

/// All notices of a site, with their totals.
pub(super) fn notices(views: &Views<'_>, language: LanguageId) -> Option<Vec<u8>> {
    let site = views.site;
    let linked_to = views.processes(language).into_iter().map(|(linked, notices)| LinkedData {
        process: process(linked),
        notices: notices.len(),
        totals: totals(&Totals::of(notices)),
    });
    let entries = site.notices[language.0].iter().filter_map(|id| {
        let (page, document) = (site.page(*id), site.text_of(*id));
        let notice = document.details.notice()?;
        Some(EntryData {
            url: site.permalink(&page.output),
            json: notice_file(&page.output).map(|file| site.permalink(&file)),
            language: &site.config.language(document.language).code,
            title: &document.title,
            sponsor: &notice.sponsor.name,
            period: period(notice),
            totals: totals(&Totals::of([notice])),
        })
    });
    let data = NoticesData {
        schema: NOTICES_SCHEMA,
        regulation: REGULATION,
        url: OutputPath::new(NOTICES_FILE).ok().map(|file| site.permalink(&file)),
        totals: totals(&Totals::of(views.notices(language))),
        linked_to: linked_to.collect(),
        notices: entries.collect(),
    };
    serde_json::to_vec_pretty(&data).ok()
}

fn backer(backer: &Backer) -> BackerData<'_> {
    let Backer { name, email, address, is_person } = backer;
    BackerData { name, email, address: address.as_deref(), person: *is_person }
}

fn period(notice: &Notice) -> PeriodData {
    PeriodData { from: notice.from.to_string(), to: notice.to.to_string() }
}

fn item(item: &Item) -> ItemData<'_> {
    let Item { what, provider, amount, benefit } = item;
    let (amount, benefit) = (amount.map(money), benefit.map(money));
    ItemData { what, provider: provider.as_deref(), amount, benefit }
}

fn money(money: Money) -> MoneyData {
    let Money { hundredths, currency } = money;
    MoneyData { amount: plain_amount(u128::from(hundredths)), currency: currency.to_string() }
}

fn totals(totals: &Totals) -> Vec<TotalData> {
    let totals = totals.0.iter().map(|(currency, sums)| TotalData {
        currency: currency.to_string(),
        amounts: plain_amount(sums.amounts),
        benefits: plain_amount(sums.benefits),
        total: plain_amount(sums.total()),
    });
    totals.collect()
}

fn process(process: &Process) -> ProcessData<'_> {
    let Process { kind, name, date, official } = process;
    ProcessData {
        r#type: kind.name(),
        name,
        date: date.map(|date| date.to_string()),
        official: official.as_deref(),
    }
}

fn targeting(targeting: &Targeting) -> TargetingData<'_> {
    let Targeting { groups, data, logic, ai, policy, rights } = targeting;
    TargetingData { groups, data, logic, ai, policy, rights: rights.url() }
}
