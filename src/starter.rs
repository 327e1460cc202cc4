//! What a new site begins with: its files, in English and German, for each kind of site.

use std::collections::BTreeSet;

/// A path in the site, and what is in the file. `{title}`, `{base_url}` and the like are replaced.
pub(crate) type File = (&'static str, &'static str);

/// A kind of site.
pub(crate) struct Kind {
    pub(crate) description: &'static str,
    /// Paths in `content/`.
    pub(crate) menu: &'static [&'static str],
    pub(crate) accent: &'static str,
    pub(crate) header: &'static str,
    pub(crate) front: &'static str,
    /// On whose behalf it is mostly published.
    pub(crate) behalf: &'static str,
    pub(crate) files: &'static [File],
}

/// What sites in a language begin with.
pub(crate) struct Texts {
    /// The files of a small site.
    pub(crate) plain: &'static [File],
    /// The `site.toml` of the others.
    pub(crate) config: &'static str,
    pub(crate) party: Kind,
    pub(crate) candidate: Kind,
    pub(crate) branch: Kind,
    pub(crate) campaign: Kind,
    /// The folders of events, people, press and notices, and the texts of these sections.
    pub(crate) events: File,
    pub(crate) people: File,
    pub(crate) press: File,
    pub(crate) notices: File,
    /// What notices of political advertising have in common.
    pub(crate) of_notices: &'static str,
    /// The imprints of three laws, and of none.
    pub(crate) eu_ttpa: &'static str,
    pub(crate) uk_2022: &'static str,
    pub(crate) de: &'static str,
    pub(crate) no_law: &'static str,
    /// How lines begin in a text that can stay as it is for the rest.
    asks: &'static [&'static str],
}

/// The texts of the language with that code, or the English ones.
pub(crate) fn texts(language: &str) -> &'static Texts {
    match language.split('-').next().unwrap_or(language) {
        "de" => &GERMAN,
        _ => &ENGLISH,
    }
}

/// Texts whose description says what to write there.
const DESCRIBED: &[&str] = &[
    "content/_index.md",
    "content/contact.md",
    "content/kontakt.md",
    "content/policies/our-first-policy.md",
    "content/programm/unser-erstes-ziel.md",
];

/// Texts of which most can stay.
const KEPT: &[&str] = &["content/privacy.md", "content/datenschutz.md"];

/// Shorter lines are headings and words that anybody could have written.
const LINE_BYTES_MIN: usize = 40;

/// By path, what stands in the files of new sites only to say what to write there: whole lines.
pub(crate) fn instructions() -> impl Iterator<Item = (&'static str, BTreeSet<&'static str>)> {
    [&ENGLISH, &GERMAN].into_iter().flat_map(|texts| {
        let kinds = [&texts.party, &texts.candidate, &texts.branch, &texts.campaign];
        let files = kinds.into_iter().flat_map(|kind| kind.files).chain(texts.plain);
        let lines = files.map(|(path, text)| (*path, instructions_in(path, text, texts)));
        let config =
            kinds.into_iter().map(|kind| ("site.toml", BTreeSet::from([kind.description])));
        lines.chain(config)
    })
}

fn instructions_in(
    path: &str,
    text: &'static str,
    texts: &'static Texts,
) -> BTreeSet<&'static str> {
    let (head, body) = text.trim_start_matches("+++\n").split_once("+++\n").unwrap_or(("", text));
    let is_kept = KEPT.contains(&path);
    let is_asked = |line: &&str| {
        if is_kept {
            texts.asks.iter().any(|word| line.starts_with(word))
        } else {
            line.len() >= LINE_BYTES_MIN && !line.starts_with(['#', '{'])
        }
    };
    let described = |line: &&str| DESCRIBED.contains(&path) && line.starts_with("description = ");
    let body = body.lines().filter(is_asked).filter(|_| path.ends_with(".md"));
    head.lines().filter(described).chain(body).collect()
}

/// A file below `starter`.
macro_rules! file {
    ($path:literal, $source:literal) => {
        ($path, include_str!(concat!("starter/", $source)))
    };
}

const PLAIN: &[File] = &[
    file!("site.toml", "site.toml"),
    file!("content/_index.md", "content/_index.md"),
    file!("content/about.md", "content/about.md"),
    file!("content/news/_index.md", "content/news/_index.md"),
    file!("content/news/welcome.md", "content/news/welcome.md"),
];

const NEWS: File = file!("content/news/_index.md", "kinds/shared/news.md");
const EVENTS: File = file!("content/events/_index.md", "kinds/shared/events.md");
const PEOPLE: File = file!("content/people/_index.md", "kinds/shared/people.md");
const WELCOME: File = file!("content/news/our-website.md", "kinds/shared/welcome.md");
const CONTACT: File = file!("content/contact.md", "kinds/shared/contact.md");
const PRIVACY: File = file!("content/privacy.md", "kinds/shared/privacy.md");

const ENGLISH: Texts = Texts {
    plain: PLAIN,
    config: include_str!("starter/kinds/site.toml"),
    party: Kind {
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
            file!("content/_index.md", "kinds/party/_index.md"),
            file!("content/about.md", "kinds/party/about.md"),
            file!("content/policies/_index.md", "kinds/party/policies.md"),
            file!("content/policies/our-first-policy.md", "kinds/party/our-first-policy.md"),
            NEWS,
            EVENTS,
            PEOPLE,
            WELCOME,
            CONTACT,
            PRIVACY,
        ],
    },
    candidate: Kind {
        description: "Say here in one sentence who you are, and where and for what you stand",
        menu: &["about.md", "priorities.md", "news/_index.md", "events/_index.md", "contact.md"],
        accent: "#6a2c91",
        header: "centred",
        front: "plain",
        behalf: "the candidate",
        files: &[
            file!("content/_index.md", "kinds/candidate/_index.md"),
            file!("content/about.md", "kinds/candidate/about.md"),
            file!("content/priorities.md", "kinds/candidate/priorities.md"),
            NEWS,
            EVENTS,
            WELCOME,
            CONTACT,
            PRIVACY,
        ],
    },
    branch: Kind {
        description: "Say here in one sentence whom the branch represents, and where",
        menu: &["news/_index.md", "events/_index.md", "people/_index.md", "contact.md"],
        accent: "#1d4f91",
        header: "line",
        front: "hero",
        behalf: "the branch, or the union or party that it belongs to",
        files: &[
            file!("content/_index.md", "kinds/branch/_index.md"),
            NEWS,
            EVENTS,
            PEOPLE,
            WELCOME,
            CONTACT,
            PRIVACY,
        ],
    },
    campaign: Kind {
        description: "Say here in one sentence what you demand, and of whom",
        menu: &["get-involved.md", "news/_index.md", "contact.md"],
        accent: "#b3261e",
        header: "banner",
        front: "hero",
        behalf: "the campaign, as the group or body that it is",
        files: &[
            file!("content/_index.md", "kinds/campaign/_index.md"),
            file!("content/get-involved.md", "kinds/campaign/get-involved.md"),
            NEWS,
            WELCOME,
            CONTACT,
            PRIVACY,
        ],
    },
    events: file!("events", "kinds/shared/events.md"),
    people: file!("people", "kinds/shared/people.md"),
    press: file!("press", "kinds/shared/press.md"),
    notices: file!("notices", "kinds/shared/notices.md"),
    of_notices: include_str!("starter/imprint/notices.toml"),
    eu_ttpa: include_str!("starter/imprint/eu-ttpa.toml"),
    uk_2022: include_str!("starter/imprint/uk-2022.toml"),
    de: include_str!("starter/imprint/de.toml"),
    no_law: include_str!("starter/imprint/none.toml"),
    asks: &["Say "],
};

const PLAIN_DE: &[File] = &[
    file!("site.toml", "de/plain/site.toml"),
    file!("content/_index.md", "de/plain/_index.md"),
    file!("content/ueber-uns.md", "de/plain/about.md"),
    file!("content/aktuelles/_index.md", "de/plain/news.md"),
    file!("content/aktuelles/willkommen.md", "de/plain/welcome.md"),
];

const NEWS_DE: File = file!("content/aktuelles/_index.md", "de/shared/news.md");
const EVENTS_DE: File = file!("content/termine/_index.md", "de/shared/events.md");
const PEOPLE_DE: File = file!("content/personen/_index.md", "de/shared/people.md");
const WELCOME_DE: File = file!("content/aktuelles/unsere-website.md", "de/shared/welcome.md");
const CONTACT_DE: File = file!("content/kontakt.md", "de/shared/contact.md");
const PRIVACY_DE: File = file!("content/datenschutz.md", "de/shared/privacy.md");

const GERMAN: Texts = Texts {
    plain: PLAIN_DE,
    config: include_str!("starter/de/site.toml"),
    party: Kind {
        description: "Schreiben Sie hier in einem Satz, wer Sie sind, wo, und was Sie wollen",
        menu: &[
            "aktuelles/_index.md",
            "termine/_index.md",
            "programm/_index.md",
            "personen/_index.md",
            "ueber-uns.md",
            "kontakt.md",
        ],
        files: &[
            file!("content/_index.md", "de/party/_index.md"),
            file!("content/ueber-uns.md", "de/party/about.md"),
            file!("content/programm/_index.md", "de/party/policies.md"),
            file!("content/programm/unser-erstes-ziel.md", "de/party/our-first-policy.md"),
            NEWS_DE,
            EVENTS_DE,
            PEOPLE_DE,
            WELCOME_DE,
            CONTACT_DE,
            PRIVACY_DE,
        ],
        ..ENGLISH.party
    },
    candidate: Kind {
        description: "Schreiben Sie hier in einem Satz, wer Sie sind, und wofür Sie kandidieren",
        menu: &[
            "ueber-mich.md",
            "ziele.md",
            "aktuelles/_index.md",
            "termine/_index.md",
            "kontakt.md",
        ],
        files: &[
            file!("content/_index.md", "de/candidate/_index.md"),
            file!("content/ueber-mich.md", "de/candidate/about.md"),
            file!("content/ziele.md", "de/candidate/priorities.md"),
            NEWS_DE,
            EVENTS_DE,
            WELCOME_DE,
            CONTACT_DE,
            PRIVACY_DE,
        ],
        ..ENGLISH.candidate
    },
    branch: Kind {
        description: "Schreiben Sie hier in einem Satz, wen Sie vertreten, und wo",
        menu: &["aktuelles/_index.md", "termine/_index.md", "personen/_index.md", "kontakt.md"],
        files: &[
            file!("content/_index.md", "de/branch/_index.md"),
            NEWS_DE,
            EVENTS_DE,
            PEOPLE_DE,
            WELCOME_DE,
            CONTACT_DE,
            PRIVACY_DE,
        ],
        ..ENGLISH.branch
    },
    campaign: Kind {
        description: "Schreiben Sie hier in einem Satz, was Sie fordern, und von wem",
        menu: &["mitmachen.md", "aktuelles/_index.md", "kontakt.md"],
        files: &[
            file!("content/_index.md", "de/campaign/_index.md"),
            file!("content/mitmachen.md", "de/campaign/get-involved.md"),
            NEWS_DE,
            WELCOME_DE,
            CONTACT_DE,
            PRIVACY_DE,
        ],
        ..ENGLISH.campaign
    },
    events: file!("termine", "de/shared/events.md"),
    people: file!("personen", "de/shared/people.md"),
    press: file!("presse", "de/shared/press.md"),
    notices: file!("transparenz", "de/shared/notices.md"),
    of_notices: include_str!("starter/de/imprint/notices.toml"),
    eu_ttpa: include_str!("starter/de/imprint/eu-ttpa.toml"),
    de: include_str!("starter/de/imprint/de.toml"),
    no_law: include_str!("starter/de/imprint/none.toml"),
    asks: &["Schreiben Sie "],
    ..ENGLISH
};
