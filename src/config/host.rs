//! The hosts there are: where the output is served.

/// A server or a service that serves the output. What each can do stands in `host::abilities`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Host {
    Nginx,
    Apache,
    Caddy,
    Lighttpd,
    Netlify,
    CloudflarePages,
    Vercel,
    /// Amazon S3, and the many stores that speak its language.
    S3,
    GithubPages,
    GitlabPages,
    CodebergPages,
    Neocities,
    /// Any other, of which nothing is known but that it serves files.
    #[default]
    Plain,
}

impl Host {
    /// All of them.
    pub(crate) const ALL: &[Self] = &[
        Self::Nginx,
        Self::Apache,
        Self::Caddy,
        Self::Lighttpd,
        Self::Netlify,
        Self::CloudflarePages,
        Self::Vercel,
        Self::S3,
        Self::GithubPages,
        Self::GitlabPages,
        Self::CodebergPages,
        Self::Neocities,
        Self::Plain,
    ];

    /// In `host` of `site.toml`.
    pub(crate) fn name(self) -> &'static str {
        self.names().0
    }

    /// In a sentence.
    pub(crate) fn title(self) -> &'static str {
        self.names().1
    }

    fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Nginx => ("nginx", "nginx"),
            Self::Apache => ("apache", "Apache"),
            Self::Caddy => ("caddy", "Caddy"),
            Self::Lighttpd => ("lighttpd", "lighttpd"),
            Self::Netlify => ("netlify", "Netlify"),
            Self::CloudflarePages => ("cloudflare-pages", "Cloudflare Pages"),
            Self::Vercel => ("vercel", "Vercel"),
            Self::S3 => ("s3", "S3"),
            Self::GithubPages => ("github-pages", "GitHub Pages"),
            Self::GitlabPages => ("gitlab-pages", "GitLab Pages"),
            Self::CodebergPages => ("codeberg-pages", "Codeberg Pages"),
            Self::Neocities => ("neocities", "Neocities"),
            Self::Plain => ("plain", "A plain host"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Host;

    #[test]
    fn every_host_is_listed() {
        // A new variant does not compile here until it has a number, and then has to be listed.
        let number = |host: &Host| match host {
            Host::Nginx => 0,
            Host::Apache => 1,
            Host::Caddy => 2,
            Host::Lighttpd => 3,
            Host::Netlify => 4,
            Host::CloudflarePages => 5,
            Host::Vercel => 6,
            Host::S3 => 7,
            Host::GithubPages => 8,
            Host::GitlabPages => 9,
            Host::CodebergPages => 10,
            Host::Neocities => 11,
            Host::Plain => 12,
        };
        let numbers: Vec<usize> = Host::ALL.iter().map(number).collect();
        assert_eq!(numbers, (0..Host::ALL.len()).collect::<Vec<_>>());
    }
}
