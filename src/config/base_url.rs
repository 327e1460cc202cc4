//! The address of the site.

use url::{Host, Url};

/// Where the site lives: `https://party.example`, or with a path,
/// `https://party.example/branch`. It never ends in a slash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BaseUrl {
    whole: String,
    origin_length: usize,
}

/// Why a text is no base URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum BaseUrlProblem {
    /// It is no URL at all.
    NotAUrl,
    /// It has no scheme; with `https://` before it, it would do.
    NoScheme,
    /// It is neither http nor https.
    Scheme(String),
    /// It has no host.
    NoHost,
    /// It has a user name, a query or a fragment.
    TooMuch,
}

impl BaseUrl {
    /// Checks and normalises a base URL: lower-case host, no default port, no slash at the end.
    pub(crate) fn parse(text: &str) -> Result<Self, BaseUrlProblem> {
        let text = text.trim();
        let is_local = text.starts_with("localhost");
        let looks_like_a_host = !text.contains(":/")
            && (text.contains('.') || is_local)
            && !text.contains(char::is_whitespace);
        let url = match Url::parse(text) {
            Ok(url) => url,
            Err(_) if looks_like_a_host => return Err(BaseUrlProblem::NoScheme),
            Err(url::ParseError::EmptyHost) => return Err(BaseUrlProblem::NoHost),
            Err(_) => return Err(BaseUrlProblem::NotAUrl),
        };
        if !matches!(url.scheme(), "http" | "https") {
            if looks_like_a_host {
                return Err(BaseUrlProblem::NoScheme);
            }
            return Err(BaseUrlProblem::Scheme(url.scheme().to_owned()));
        }
        let extra = !url.username().is_empty()
            || url.password().is_some()
            || url.query().is_some()
            || url.fragment().is_some();
        if extra {
            return Err(BaseUrlProblem::TooMuch);
        }
        let origin = url.origin().ascii_serialization();
        let path = url.path().trim_end_matches('/');
        Ok(Self { whole: format!("{origin}{path}"), origin_length: origin.len() })
    }

    /// What stands for an address that could not be read.
    pub(crate) fn stand_in() -> Self {
        let whole = "https://site.invalid".to_owned();
        Self { origin_length: whole.len(), whole }
    }

    /// The whole, without a slash at the end.
    pub(crate) fn as_str(&self) -> &str {
        &self.whole
    }

    /// Scheme, host and port.
    pub(crate) fn origin(&self) -> &str {
        &self.whole[..self.origin_length]
    }

    /// The path of the site on its host, with slashes on both sides: `/` or `/branch/`.
    pub(crate) fn root(&self) -> String {
        format!("{}/", &self.whole[self.origin_length..])
    }

    /// The absolute form of an address relative to the site's root, such as `news/first/`.
    pub(crate) fn absolute(&self, address: &str) -> String {
        format!("{}/{address}", self.whole)
    }

    /// The address on the host of one that begins at the root of the site: `/news/` is
    /// `/branch/news/`. Others stay as they are.
    pub(crate) fn on_host(&self, address: &str) -> String {
        let root = self.root();
        match address.strip_prefix('/') {
            // Somebody who knows about the path of the site has written it already.
            Some(path)
                if !path.starts_with('/') && (root == "/" || !address.starts_with(&root)) =>
            {
                format!("{root}{path}")
            }
            _ => address.to_owned(),
        }
    }

    /// The host with its port, and the path: what an id is made from.
    pub(crate) fn authority_and_path(&self) -> (&str, &str) {
        let (origin, path) = self.whole.split_at(self.origin_length);
        (origin.split_once("://").map_or(origin, |(_, host)| host), path)
    }

    /// Its domain, when nobody can have it.
    pub(crate) fn nobodys(&self) -> Option<String> {
        let url = Url::parse(&self.whole).ok()?;
        url.domain().filter(|name| is_nobodys(name)).map(str::to_owned)
    }

    /// Whether only this machine can reach it.
    pub(crate) fn is_loopback(&self) -> bool {
        match Url::parse(&self.whole).ok().and_then(|url| url.host().map(|h| h.to_owned())) {
            Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            Some(Host::Ipv4(ip)) => ip.is_loopback(),
            Some(Host::Ipv6(ip)) => ip.is_loopback(),
            None => false,
        }
    }
}

/// Whether a domain is one that nobody can have (RFC 2606).
pub(crate) fn is_nobodys(domain: &str) -> bool {
    let domain = domain.to_ascii_lowercase();
    let mut labels = domain.trim_end_matches('.').rsplit('.');
    matches!(
        (labels.next(), labels.next()),
        (Some("example" | "invalid" | "test"), _) | (Some("com" | "net" | "org"), Some("example"))
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_url_is_normalised() {
        let base = BaseUrl::parse("https://Party.Example:443/Branch/").unwrap();
        assert_eq!(base.as_str(), "https://party.example/Branch");
        assert_eq!(base.origin(), "https://party.example");
        assert_eq!(base.root(), "/Branch/");
        assert_eq!(base.absolute("news/"), "https://party.example/Branch/news/");
        assert_eq!(BaseUrl::parse("https://party.example").unwrap().root(), "/");
    }

    #[test]
    fn addresses_on_the_host_have_the_path_of_the_site_once() {
        let base = BaseUrl::parse("https://party.example/branch").unwrap();
        assert_eq!(base.on_host("/news/"), "/branch/news/");
        assert_eq!(base.on_host("/branch/news/"), "/branch/news/");
        assert_eq!(base.on_host("//other.example/"), "//other.example/");
        assert_eq!(base.on_host("https://other.example/"), "https://other.example/");
        assert_eq!(BaseUrl::parse("https://a.example").unwrap().on_host("/news/"), "/news/");
    }

    #[test]
    fn what_is_no_base_url_says_why() {
        let problem = |text| BaseUrl::parse(text).unwrap_err();
        assert_eq!(problem("party.example"), BaseUrlProblem::NoScheme);
        assert_eq!(problem("party.example:8080"), BaseUrlProblem::NoScheme);
        assert_eq!(problem("localhost:8080"), BaseUrlProblem::NoScheme);
        assert_eq!(problem("htps:/party.example"), BaseUrlProblem::Scheme("htps".into()));
        assert_eq!(problem("ftp://party.example"), BaseUrlProblem::Scheme("ftp".into()));
        assert_eq!(problem("https://"), BaseUrlProblem::NoHost);
        assert_eq!(problem("https://a@party.example"), BaseUrlProblem::TooMuch);
        assert_eq!(problem("https://party.example/?x"), BaseUrlProblem::TooMuch);
        assert_eq!(problem(""), BaseUrlProblem::NotAUrl);
    }

    #[test]
    fn nobody_can_have_the_domains_of_examples() {
        for url in ["https://www.Example.org", "https://example.com/x", "https://my-party.example"]
        {
            assert!(BaseUrl::parse(url).unwrap().nobodys().is_some(), "{url}");
        }
        for url in ["https://myexample.org", "https://example.org.uk", "https://127.0.0.1"] {
            assert_eq!(BaseUrl::parse(url).unwrap().nobodys(), None, "{url}");
        }
    }

    #[test]
    fn loopback_addresses_are_previews() {
        for url in ["http://localhost:1111", "http://127.1/", "http://[::1]:80/x"] {
            assert!(BaseUrl::parse(url).unwrap().is_loopback(), "{url}");
        }
        assert!(!BaseUrl::parse("https://localhost.example").unwrap().is_loopback());
    }
}
