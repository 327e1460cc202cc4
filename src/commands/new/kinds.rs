//! What the sites of parties, candidates, branches and campaigns begin with.

use crate::cli::{Law, SiteKind};

/// A kind of site.
pub(super) struct Kind {
    pub(super) description: &'static str,
    /// Paths in `content/`.
    pub(super) menu: &'static [&'static str],
    pub(super) accent: &'static str,
    pub(super) header: &'static str,
    pub(super) front: &'static str,
    /// On whose behalf it is mostly published.
    pub(super) behalf: &'static str,
    pub(super) files: &'static [(&'static str, &'static str)],
}

/// The text of a section of news, events, people or press, also for sites that have none yet.
pub(super) const NEWS: &str = include_str!("../skeleton/kinds/shared/news.md");
pub(super) const EVENTS: &str = include_str!("../skeleton/kinds/shared/events.md");
pub(super) const PEOPLE: &str = include_str!("../skeleton/kinds/shared/people.md");
pub(super) const PRESS: &str = include_str!("../skeleton/kinds/shared/press.md");

const CONTACT: (&str, &str) =
    ("content/contact.md", include_str!("../skeleton/kinds/shared/contact.md"));
const PRIVACY: (&str, &str) =
    ("content/privacy.md", include_str!("../skeleton/kinds/shared/privacy.md"));
const WELCOME: (&str, &str) =
    ("content/news/our-website.md", include_str!("../skeleton/kinds/shared/welcome.md"));

/// A file of a kind.
macro_rules! file {
    ($path:literal, $source:literal) => {
        (concat!("content/", $path), include_str!(concat!("../skeleton/kinds/", $source)))
    };
}

const PARTY: Kind = Kind {
    description: "Say here in one sentence who you are, where, and what you want",
    menu: &[
        "news/_index.md",
        "events/_index.md",
        "policies/_index.md",
        "people/_index.md",
        "about.md",
        "contact.md",
    ],
    accent: "#0b6e6e",
    header: "banner",
    front: "hero",
    behalf: "the party",
    files: &[
        file!("_index.md", "party/_index.md"),
        file!("about.md", "party/about.md"),
        file!("policies/_index.md", "party/policies.md"),
        file!("policies/our-first-policy.md", "party/our-first-policy.md"),
        ("content/news/_index.md", NEWS),
        ("content/events/_index.md", EVENTS),
        ("content/people/_index.md", PEOPLE),
        WELCOME,
        CONTACT,
        PRIVACY,
    ],
};

const CANDIDATE: Kind = Kind {
    description: "Say here in one sentence who you are, and where and for what you stand",
    menu: &["about.md", "priorities.md", "news/_index.md", "events/_index.md", "contact.md"],
    accent: "#6a2c91",
    header: "centred",
    front: "plain",
    behalf: "the candidate",
    files: &[
        file!("_index.md", "candidate/_index.md"),
        file!("about.md", "candidate/about.md"),
        file!("priorities.md", "candidate/priorities.md"),
        ("content/news/_index.md", NEWS),
        ("content/events/_index.md", EVENTS),
        WELCOME,
        CONTACT,
        PRIVACY,
    ],
};

const BRANCH: Kind = Kind {
    description: "Say here in one sentence whom the branch represents, and where",
    menu: &["news/_index.md", "events/_index.md", "people/_index.md", "contact.md"],
    accent: "#1d4f91",
    header: "line",
    front: "hero",
    behalf: "the branch, or the union or party that it belongs to",
    files: &[
        file!("_index.md", "branch/_index.md"),
        ("content/news/_index.md", NEWS),
        ("content/events/_index.md", EVENTS),
        ("content/people/_index.md", PEOPLE),
        WELCOME,
        CONTACT,
        PRIVACY,
    ],
};

const CAMPAIGN: Kind = Kind {
    description: "Say here in one sentence what you demand, and of whom",
    menu: &["get-involved.md", "news/_index.md", "contact.md"],
    accent: "#b3261e",
    header: "banner",
    front: "hero",
    behalf: "the campaign, as the group or body that it is",
    files: &[
        file!("_index.md", "campaign/_index.md"),
        file!("get-involved.md", "campaign/get-involved.md"),
        ("content/news/_index.md", NEWS),
        WELCOME,
        CONTACT,
        PRIVACY,
    ],
};

impl Kind {
    pub(super) fn of(kind: SiteKind) -> Self {
        match kind {
            SiteKind::Party => PARTY,
            SiteKind::Candidate => CANDIDATE,
            SiteKind::Branch => BRANCH,
            SiteKind::Campaign => CAMPAIGN,
        }
    }
}

/// The imprint to fill in, of the law that was named, or that of the country where most people
/// live who speak a language.
pub(super) fn imprint(law: Option<Law>, language: &str) -> &'static str {
    let law = law.unwrap_or(match language.split('-').next().unwrap_or(language) {
        "en" | "cy" | "gd" => Law::Uk2022,
        "de" => Law::De,
        _ => Law::None,
    });
    match law {
        Law::Uk2022 => include_str!("../skeleton/imprint/uk-2022.toml"),
        Law::De => include_str!("../skeleton/imprint/de.toml"),
        Law::None => include_str!("../skeleton/imprint/none.toml"),
    }
}
