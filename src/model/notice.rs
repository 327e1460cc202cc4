//! A notice of political advertising: who is behind an advertisement, what it cost, what it is
//! about (Regulation (EU) 2024/900, Article 12). Money is counted in hundredths, never in floats.

use std::collections::BTreeMap;
use std::fmt;

use jiff::civil;

use crate::config::{Backer, Origin};
use crate::node::MailOrPage;

/// What a notice says.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Notice {
    pub(crate) sponsor: Backer,
    pub(crate) controlled_by: Option<Backer>,
    /// Nobody when it is the sponsor.
    pub(crate) paid_by: Option<Backer>,
    pub(crate) from: civil::Date,
    /// The last day. Not before the first.
    pub(crate) to: civil::Date,
    /// Where the advertisement appears.
    pub(crate) media: Vec<String>,
    /// At least one.
    pub(crate) items: Vec<Item>,
    /// What the advertisement is a part of. The same name in several notices is one campaign.
    pub(crate) campaign: Option<String>,
    pub(crate) origin: Origin,
    pub(crate) method: String,
    pub(crate) linked_to: Vec<Process>,
    /// The address of the advertisement in the European repository.
    pub(crate) repository: Option<String>,
    pub(crate) complaints: MailOrPage,
    /// How an earlier version was stopped for breaking the rules.
    pub(crate) suspended: Option<String>,
    pub(crate) targeting: Option<Targeting>,
    pub(crate) reach: Option<Reach>,
}

/// Something that was paid for, or given. It has at least one of the two sums.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Item {
    pub(crate) what: String,
    /// Who got it.
    pub(crate) provider: Option<String>,
    pub(crate) amount: Option<Money>,
    /// The value of what was given in the place of money.
    pub(crate) benefit: Option<Money>,
}

/// A sum in a currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Money {
    pub(crate) hundredths: u64,
    pub(crate) currency: Currency,
}

/// The three letters of ISO 4217.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Currency([u8; 3]);

/// An election or the like with which an advertisement is linked.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Process {
    pub(crate) kind: ProcessKind,
    pub(crate) name: String,
    pub(crate) date: Option<civil::Date>,
    /// Official information on how to take part; elections and referendums have it.
    pub(crate) official: Option<String>,
}

/// What an advertisement can be linked with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum ProcessKind {
    Election,
    Referendum,
    /// A legislative or regulatory process.
    Legislation,
}

/// How personal data were used to choose who sees an advertisement (Article 19).
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Targeting {
    pub(crate) groups: String,
    pub(crate) data: String,
    pub(crate) logic: String,
    pub(crate) ai: String,
    /// A web address.
    pub(crate) policy: String,
    pub(crate) rights: MailOrPage,
}

/// How many have seen an advertisement, and how many have done something with it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Reach {
    pub(crate) views: Option<usize>,
    pub(crate) engagements: Option<usize>,
}

/// What is wrong with a text that should be a sum of money.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MoneyProblem {
    Amount,
    Currency,
}

/// Digits before the point. The sum of all amounts that fit into a site is far from overflowing.
const DIGITS_MAX: usize = 12;

impl Money {
    /// Reads `1200.50 EUR`.
    pub(crate) fn parse(text: &str) -> Result<Self, MoneyProblem> {
        let (amount, currency) = text.trim().split_once(' ').ok_or(MoneyProblem::Amount)?;
        let (whole, part) = match amount.split_once('.') {
            Some((whole, part)) => (whole, part),
            None => (amount, "00"),
        };
        let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let fits = (1..=DIGITS_MAX).contains(&whole.len()) && part.len() == 2;
        let digits = format!("{whole}{part}");
        let is_amount = fits && is_digits(&digits);
        let hundredths = digits.parse().ok().filter(|_| is_amount);
        let hundredths = hundredths.ok_or(MoneyProblem::Amount)?;
        let currency = currency.trim().as_bytes();
        let currency = currency.try_into().ok().filter(|c: &[u8; 3]| c.is_ascii());
        let currency = currency.filter(|c| c.iter().all(u8::is_ascii_uppercase));
        Ok(Self { hundredths, currency: Currency(currency.ok_or(MoneyProblem::Currency)?) })
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{}", char::from(*byte)))
    }
}

/// Sums of one currency, in hundredths.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sums {
    pub(crate) amounts: u128,
    pub(crate) benefits: u128,
}

impl Sums {
    pub(crate) fn total(self) -> u128 {
        self.amounts + self.benefits
    }
}

/// Sums by currency. Nothing is ever changed from one into another.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Totals(pub(crate) BTreeMap<Currency, Sums>);

impl Totals {
    /// Adds up all items of some notices.
    pub(crate) fn of<'n>(notices: impl IntoIterator<Item = &'n Notice>) -> Self {
        let mut totals = Self::default();
        for item in notices.into_iter().flat_map(|notice| &notice.items) {
            if let Some(money) = item.amount {
                totals.0.entry(money.currency).or_default().amounts += u128::from(money.hundredths);
            }
            if let Some(money) = item.benefit {
                totals.0.entry(money.currency).or_default().benefits +=
                    u128::from(money.hundredths);
            }
        }
        totals
    }
}

/// A sum as machines read it: `1200.50`.
pub(crate) fn plain_amount(hundredths: u128) -> String {
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

impl ProcessKind {
    pub(crate) const ALL: [Self; 3] = [Self::Election, Self::Referendum, Self::Legislation];

    /// The word for it in front matter and in JSON.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Election => "election",
            Self::Referendum => "referendum",
            Self::Legislation => "legislation",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Result<(u64, String), MoneyProblem> {
        Money::parse(text).map(|money| (money.hundredths, money.currency.to_string()))
    }

    #[test]
    fn every_cent_stays_as_it_was_written() {
        assert_eq!(parsed("1200.50 EUR"), Ok((120_050, "EUR".to_owned())));
        assert_eq!(parsed(" 0.07 CZK "), Ok((7, "CZK".to_owned())));
        assert_eq!(parsed("999999999999.99 EUR"), Ok((99_999_999_999_999, "EUR".to_owned())));
        assert_eq!(plain_amount(7), "0.07");
        assert_eq!(plain_amount(120_050), "1200.50");
    }

    #[test]
    fn what_may_mean_two_things_is_no_amount() {
        let bad = ["", "EUR", "1200.50", "1.200,50 EUR", "1,200 EUR", "1.2 EUR", "1.200 EUR"];
        for text in bad.into_iter().chain(["-1 EUR", ". EUR", ".50 EUR", "+1 EUR", "1e3 EUR"]) {
            assert_eq!(parsed(text), Err(MoneyProblem::Amount), "{text}");
        }
        assert_eq!(parsed("1000000000000 EUR"), Err(MoneyProblem::Amount));
        for text in ["5 €", "5 eur", "5 Euro", "5 EU", "5 EUR 20"] {
            assert_eq!(parsed(text), Err(MoneyProblem::Currency), "{text}");
        }
    }
}
