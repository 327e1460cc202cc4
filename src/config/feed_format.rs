//! The feed formats there are, and where their files lie.

/// A format of feeds. `emit::feed` writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum FeedFormat {
    /// Atom (RFC 4287).
    Atom,
    /// RSS 2.0.
    Rss,
    /// JSON Feed 1.1.
    Json,
}

/// What the world outside calls a format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FeedNames {
    /// In `feed_formats` of `site.toml` and in templates.
    pub(crate) name: &'static str,
    /// The file, in the folder of what the feed is about.
    pub(crate) file: &'static str,
    /// For autodiscovery.
    pub(crate) media_type: &'static str,
}

impl FeedFormat {
    /// All of them, in the order in which pages offer them to readers.
    pub(crate) const ALL: &[Self] = &[Self::Atom, Self::Rss, Self::Json];

    /// Its names.
    pub(crate) fn names(self) -> FeedNames {
        let (name, file, media_type) = match self {
            Self::Atom => ("atom", "atom.xml", "application/atom+xml"),
            Self::Rss => ("rss", "rss.xml", "application/rss+xml"),
            Self::Json => ("json", "feed.json", "application/feed+json"),
        };
        FeedNames { name, file, media_type }
    }
}

#[cfg(test)]
mod tests {
    use super::FeedFormat;

    #[test]
    fn every_format_is_listed() {
        // A new variant does not compile here until it has a number, and then has to be listed.
        let number = |format: &FeedFormat| match format {
            FeedFormat::Atom => 0,
            FeedFormat::Rss => 1,
            FeedFormat::Json => 2,
        };
        let numbers: Vec<usize> = FeedFormat::ALL.iter().map(number).collect();
        assert_eq!(numbers, (0..FeedFormat::ALL.len()).collect::<Vec<_>>());
    }
}
