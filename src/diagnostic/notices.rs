//! Diagnostics about notices of political advertising. Each says what the law asks for.

use super::{Asked, Diagnostic, Place};

pub(super) const TTPA: &str = "the EU's Regulation 2024/900 (Article 12)";
pub(super) const TTPA_TARGETING: &str = "the EU's Regulation 2024/900 (Article 19)";

/// How somebody behind an advertisement is written.
macro_rules! backer {
    ($key:literal) => {
        concat!(
            "`",
            $key,
            " = { name = \"…\", email = \"…\", address = \"…\" }`; a person who does not publish \
             an address has `person = true` in the place of it"
        )
    };
}

/// What a notice has to say.
impl Asked {
    pub(crate) const SPONSOR: Self = Self {
        law: TTPA,
        what: "the name, e-mail and address of the sponsor, at whose request it is published",
        whole: None,
        key: "sponsor",
        write: backer!("sponsor"),
    };
    pub(crate) const CONTROLLED_BY: Self = Self {
        law: TTPA,
        what: "the same of whoever ultimately controls the sponsor",
        whole: None,
        key: "controlled_by",
        write: backer!("controlled_by"),
    };
    pub(crate) const PAID_BY: Self = Self {
        law: TTPA,
        what: "the same of whoever pays, when it is not the sponsor",
        whole: None,
        key: "paid_by",
        write: backer!("paid_by"),
    };
    pub(crate) const PERIOD: Self = Self {
        law: TTPA,
        what: "the period in which the advertisement is to be published",
        whole: None,
        key: "period",
        write: "`period = { from = 2026-01-15, to = 2026-03-08 }`",
    };
    pub(crate) const AMOUNTS: Self = Self {
        law: TTPA,
        what: "the amounts paid for it, and the value of what was given instead",
        whole: None,
        key: "amounts",
        write: "`amounts = [{ what = \"Printing\", amount = \"1200.50 EUR\" }]`, and when nothing \
                was paid `amount = \"0 EUR\"`",
    };
    pub(crate) const ORIGIN: Self = Self {
        law: TTPA,
        what: "the origin of the money",
        whole: None,
        key: "origin",
        write: "`origin = [\"private\", \"inside-eu\"]`: `public` or `private`, and `inside-eu` or \
                `outside-eu`, or several of them",
    };
    pub(crate) const METHOD: Self = Self {
        law: TTPA,
        what: "the method by which the amounts were calculated",
        whole: None,
        key: "method",
        write: "`method = \"The sums of all invoices, with VAT\"`",
    };
    pub(crate) const COMPLAINTS: Self = Self {
        law: TTPA,
        what: "an address at which people can say that an advertisement breaks the rules",
        whole: None,
        key: "complaints",
        write: "`complaints = \"post@party.example\"`, or the address of a page",
    };
    pub(crate) const TARGETING: Self = Self {
        law: TTPA,
        what: "a word on whether personal data were used to choose who sees it",
        whole: None,
        key: "targeting",
        write: "`targeting = false`, or a table with how it was done",
    };
    pub(crate) const GROUPS: Self = Self {
        law: TTPA_TARGETING,
        what: "the groups that were to see it, and the parameters by which they were chosen",
        whole: Some("targeting"),
        key: "groups",
        write: "`groups = \"…\"`",
    };
    pub(crate) const DATA: Self = Self {
        law: TTPA_TARGETING,
        what: "the kinds of personal data that were used",
        whole: Some("targeting"),
        key: "data",
        write: "`data = \"…\"`",
    };
    pub(crate) const LOGIC: Self = Self {
        law: TTPA_TARGETING,
        what: "the goals, the mechanisms and the logic, and whom it left out and why",
        whole: Some("targeting"),
        key: "logic",
        write: "`logic = \"…\"`",
    };
    pub(crate) const AI: Self = Self {
        law: TTPA_TARGETING,
        what: "a word on the use of artificial intelligence",
        whole: Some("targeting"),
        key: "ai",
        write: "`ai = \"…\"`, also when it was nothing",
    };
    pub(crate) const POLICY: Self = Self {
        law: TTPA_TARGETING,
        what: "a link to your policy on such techniques",
        whole: Some("targeting"),
        key: "policy",
        write: "`policy = \"https://…\"`",
    };
    pub(crate) const RIGHTS: Self = Self {
        law: TTPA_TARGETING,
        what: "a way for people to use their rights to their data, and to take back consent",
        whole: Some("targeting"),
        key: "rights",
        write: "`rights = \"https://…\"`, or an address for mail",
    };
    pub(crate) const OFFICIAL: Self = Self {
        law: TTPA,
        what: "a link to official information on how to take part in the election or referendum",
        whole: Some("linked_to"),
        key: "official",
        write: "`official = \"https://…\"`",
    };
}

impl Diagnostic {
    /// A notice on a site that does not follow the law about them.
    pub(crate) fn notice_without_law(place: Place) -> Self {
        let message = "this is a notice of political advertising, and the site has no law on that";
        Self::error("notice-without-law", message).at(place).help(
            "write `law = \"eu-ttpa\"` below `[imprint]` in site.toml, beside another in brackets: \
             `law = [\"de\", \"eu-ttpa\"]`",
        )
    }

    pub(crate) fn notice_ends_early(place: Place) -> Self {
        Self::error("notice-ends-early", "the period ends before it starts")
            .at(place)
            .help("check `from` and `to`: both are days, and `to` is the last one")
    }

    pub(crate) fn bad_amount(place: Place, key: &str, text: &str) -> Self {
        Self::error("bad-amount", format!("`{key}` is no amount: `{text}`")).at(place).help(
            "write digits, a point and two digits if need be, and the currency: `\"1200.50 EUR\"`, \
             with nothing between the thousands",
        )
    }

    pub(crate) fn bad_currency(place: Place, text: &str) -> Self {
        Self::error("bad-currency", format!("`{text}` does not end with the code of a currency"))
            .at(place)
            .help("write its three capital letters, as in `\"1200.50 EUR\"` or `\"900 CZK\"`")
    }

    /// Only one of the two questions about the money is answered.
    pub(crate) fn origin_half_said(place: Place) -> Self {
        Self::error("origin-half-said", "`origin` says only half of where the money comes from")
            .at(place)
            .help(Asked::ORIGIN.help(Asked::ORIGIN.write))
    }

    /// A notice goes before the seven years are over.
    pub(crate) fn notice_leaves_early(place: Place, until: &str) -> Self {
        let message = format!("the notice leaves the site before {until}");
        Self::warning("notice-leaves-early", message).at(place).help(
            "by Regulation (EU) 2024/900 (Article 12) it is kept for seven years after the \
             advertisement was last published; this is no legal advice",
        )
    }
}
