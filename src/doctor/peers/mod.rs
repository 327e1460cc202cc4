//! What each of the others requires: one small table per question.
//!
//! The rules were read in the sources of the servers, of 2025 and 2026. They are pure functions, so
//! that a table of cases can hold them.

pub(super) mod identity;
pub(super) mod types;
pub(super) mod webfinger;

/// Who reads the site.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Peer {
    Mastodon,
    GoToSocial,
    Misskey,
    Akkoma,
    Lemmy,
    Snac,
    FeedReader,
    Bluesky,
    Browser,
}

/// What somebody can do there with the site.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Ability {
    /// The search finds the name.
    Finds,
    /// The profile is shown.
    Reads,
    /// Posts are shown.
    Shows,
    /// A follow is answered.
    Follows,
}

impl Ability {
    pub(crate) const ALL: [Self; 4] = [Self::Finds, Self::Reads, Self::Shows, Self::Follows];

    /// The head of a column.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Finds => "finds the name",
            Self::Reads => "reads the profile",
            Self::Shows => "shows posts",
            Self::Follows => "can follow",
        }
    }
}

impl Peer {
    pub(crate) const ALL: [Self; 9] = [
        Self::Mastodon,
        Self::GoToSocial,
        Self::Misskey,
        Self::Akkoma,
        Self::Lemmy,
        Self::Snac,
        Self::FeedReader,
        Self::Bluesky,
        Self::Browser,
    ];

    /// Servers of the fediverse.
    pub(crate) const FEDIVERSE: &[Self] =
        &[Self::Mastodon, Self::GoToSocial, Self::Misskey, Self::Akkoma, Self::Lemmy, Self::Snac];

    /// The servers of the fediverse for which something holds.
    pub(crate) fn those(holds: impl Fn(Self) -> bool) -> Vec<Self> {
        Self::FEDIVERSE.iter().copied().filter(|peer| holds(*peer)).collect()
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Mastodon => "Mastodon",
            Self::GoToSocial => "GoToSocial",
            Self::Misskey => "Misskey",
            Self::Akkoma => "Akkoma",
            Self::Lemmy => "Lemmy",
            Self::Snac => "snac",
            Self::FeedReader => "feed readers",
            Self::Bluesky => "Bluesky",
            Self::Browser => "browsers",
        }
    }

    /// Whether it does such a thing at all. Lemmy's people read profiles, but its follows and its
    /// lists are for groups; Bluesky looks at the name only.
    pub(crate) fn does(self, ability: Ability) -> bool {
        match self {
            Self::Lemmy => matches!(ability, Ability::Finds | Ability::Reads),
            Self::FeedReader => matches!(ability, Ability::Finds | Ability::Shows),
            Self::Bluesky => ability == Ability::Finds,
            Self::Browser => ability == Ability::Shows,
            _ => true,
        }
    }
}
