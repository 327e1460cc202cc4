//! The list from which every host is told: types, headers, how long things are kept.

use core::net::IpAddr;

use super::HostPlan;
use super::abilities::{self, PassesOn};
use super::spelling;
use crate::artifact::media_type;
use crate::config::{BaseUrl, FeedFormat, Host};

/// Whatever lies below `/ap/`. Without a charset: Lemmy and `GoToSocial` compare the whole text.
pub(super) const ACTIVITY: &str = "application/activity+json";

/// The answer of `WebFinger` (RFC 7033, section 10.2).
pub(super) const JRD: &str = "application/jrd+json";

/// Where `WebFinger` is asked.
pub(crate) const WEBFINGER: &str = "/.well-known/webfinger";

/// What lies below `/.well-known/`, and its types.
pub(super) const WELL_KNOWN: &[(&str, &str)] = &[
    (WEBFINGER, JRD),
    ("/.well-known/nodeinfo", "application/json"),
    ("/.well-known/nodeinfo-2.1.json", "application/json"),
    ("/.well-known/atproto-did", "text/plain"),
];

/// Endings of names that servers need to know. Their types are those of [`media_type`].
pub(super) const ENDINGS: &[&str] = &[
    "html",
    "htm",
    "css",
    "js",
    "mjs",
    "json",
    "xml",
    "txt",
    "csv",
    "ics",
    "pdf",
    "zip",
    "epub",
    "odt",
    "docx",
    "jpg",
    "jpeg",
    "png",
    "gif",
    "webp",
    "avif",
    "svg",
    "ico",
    "mp3",
    "m4a",
    "ogg",
    "oga",
    "opus",
    "wav",
    "flac",
    "mp4",
    "m4v",
    "webm",
    "woff2",
    "woff",
    "webmanifest",
];

/// Endings of names whose files are kept longer: what is not replaced under the same name every
/// other day. Styles and scripts are not among them, for a page goes with those of its time.
pub(super) const LASTING: &[&str] = &[
    "pdf", "zip", "epub", "odt", "docx", "jpg", "jpeg", "png", "gif", "webp", "avif", "svg", "ico",
    "mp3", "m4a", "ogg", "oga", "opus", "wav", "flac", "mp4", "m4v", "webm", "woff2", "woff",
];

/// Endings of names whose files are worth to be compressed.
pub(crate) const COMPRESSED: &[&str] =
    &["html", "css", "js", "mjs", "json", "xml", "txt", "csv", "ics", "svg", "webmanifest"];

/// How long a page, feed or document is kept: so soon is a correction everywhere.
pub(super) const BRIEF: &str = "public, max-age=300";

/// How long a picture, font, recording or download is kept: a day.
pub(super) const LONG: &str = "public, max-age=86400";

/// After how many seconds a server should knock again when the post office is away.
pub(super) const RETRY_SECONDS: u32 = 120;

/// The largest letter that the post office is given, in kilobytes.
pub(super) const LETTER_KILOBYTES_MAX: u32 = 256;

/// The regular expression for what the post office answers, from the root of the host.
pub(super) const POST_OFFICE_PATTERN: &str = "^/ap/(?:[^/]+/inbox|check)$";

/// What kind of thing lies at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Area {
    /// Below `/ap/`.
    Documents,
    /// Below `/.well-known/`.
    WellKnown,
    Feed(FeedFormat),
    /// A picture, a recording, a download.
    Lasting,
    /// All others.
    Page,
}

impl Area {
    pub(super) fn of(path: &str) -> Self {
        if path.starts_with("/ap/") {
            return Self::Documents;
        }
        if path.starts_with("/.well-known/") {
            return Self::WellKnown;
        }
        let name = path.rsplit('/').next().unwrap_or(path);
        if let Some(format) = FeedFormat::ALL.iter().find(|format| format.names().file == name) {
            return Self::Feed(*format);
        }
        let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
        let lasts = LASTING.iter().any(|known| ending.eq_ignore_ascii_case(known));
        if lasts { Self::Lasting } else { Self::Page }
    }

    pub(super) fn cache_control(self) -> &'static str {
        if self == Self::Lasting { LONG } else { BRIEF }
    }

    /// Whether pages of others may read it: programs that run in a browser ask for such things.
    pub(super) fn is_for_all(self) -> bool {
        matches!(self, Self::Documents | Self::WellKnown | Self::Feed(_))
    }
}

/// The type that a path should have.
pub(super) fn content_type(path: &str) -> String {
    match Area::of(path) {
        Area::Documents => return ACTIVITY.to_owned(),
        Area::Feed(format) => return format.names().media_type.to_owned(),
        Area::WellKnown => {
            if let Some((_, media_type)) = WELL_KNOWN.iter().find(|(known, _)| *known == path) {
                return (*media_type).to_owned();
            }
        }
        Area::Lasting | Area::Page => {}
    }
    with_charset(media_type(path))
}

/// What a store is told of a file with its upload. The path is relative to the site.
#[cfg(feature = "network")]
pub(crate) fn stored_headers(path: &str) -> [(&'static str, String); 2] {
    let path = format!("/{path}");
    let kept = Area::of(&path).cache_control();
    [("cache-control", kept.to_owned()), ("content-type", content_type(&path))]
}

/// The type with what browsers must know of a text.
pub(super) fn with_charset(media_type: &str) -> String {
    let charset = if media_type == "text/html" { "; charset=utf-8" } else { "" };
    format!("{media_type}{charset}")
}

/// The address of a site, in the parts that servers ask for.
pub(super) struct Site {
    pub(super) is_secure: bool,
    /// Without the port.
    pub(super) name: String,
    pub(super) port: String,
    /// Scheme, host and port.
    pub(super) origin: String,
    /// The path on the host, with slashes on both sides.
    pub(super) root: String,
}

impl HostPlan {
    pub(super) fn site(&self) -> Site {
        let base = BaseUrl::parse(&self.base_url).unwrap_or_else(|_| BaseUrl::stand_in());
        let is_secure = base.origin().starts_with("https:");
        let (name, port) = split_port(base.authority_and_path().0);
        let default = if is_secure { "443" } else { "80" };
        Site {
            is_secure,
            name: name.to_owned(),
            port: port.unwrap_or(default).to_owned(),
            origin: base.origin().to_owned(),
            root: base.root(),
        }
    }

    /// The headers that everything has.
    pub(super) fn security(&self) -> Vec<(&'static str, String)> {
        let mut headers = vec![
            ("Content-Security-Policy", spelling::policy(&self.content_security_policy)),
            ("X-Content-Type-Options", "nosniff".to_owned()),
            ("Referrer-Policy", "strict-origin-when-cross-origin".to_owned()),
        ];
        headers.retain(|(_, value)| !value.is_empty());
        if self.hsts_days > 0 && self.site().is_secure {
            let seconds = u64::from(self.hsts_days) * 86_400;
            headers.push(("Strict-Transport-Security", format!("max-age={seconds}")));
        }
        headers
    }

    /// All headers but the type.
    pub(super) fn headers(&self, area: Area) -> Vec<(&'static str, String)> {
        let mut headers = self.security();
        headers.push(("Cache-Control", area.cache_control().to_owned()));
        if area.is_for_all() {
            headers.push(("Access-Control-Allow-Origin", "*".to_owned()));
        }
        headers
    }

    /// The redirects that can be written down, each old address once. No page lies below `/ap/`
    /// and `/.well-known/`.
    pub(super) fn written_redirects(&self) -> Vec<(String, String)> {
        let root = self.site().root;
        let mut seen = std::collections::HashSet::new();
        let mut written = Vec::new();
        // A server of one's own does not know that the path of a site is a folder.
        if root != "/" && matches!(self.host, Host::Nginx | Host::Caddy | Host::Lighttpd) {
            written.push((root.trim_end_matches('/').to_owned(), root.clone()));
        }
        for redirect in &self.redirects {
            let from = spelling::plain(&redirect.from);
            let is_reserved = matches!(Area::of(&from), Area::Documents | Area::WellKnown);
            let is_good = spelling::is_writable(&redirect.from)
                && redirect.to.starts_with('/')
                && from != "/"
                && from != spelling::plain(&root);
            if is_good && !is_reserved && seen.insert(from.trim_end_matches('/').to_owned()) {
                written.push((from, spelling::address(&redirect.to)));
            }
        }
        written
    }

    /// The documents that were taken back, decoded, each once.
    pub(super) fn written_gone(&self) -> Vec<String> {
        let mut gone: Vec<String> = Vec::new();
        for path in &self.gone {
            let plain = spelling::plain(path);
            if spelling::is_writable(path) && plain.starts_with("/ap/") && !gone.contains(&plain) {
                gone.push(plain);
            }
        }
        gone
    }

    /// The error pages that can be written down: the beginning of paths, and the page.
    pub(super) fn written_not_found(&self) -> Vec<(String, String)> {
        let is_good = |(from, page): &&(String, String)| {
            spelling::is_writable(from) && spelling::is_writable(page)
        };
        let pages = self.not_found.iter().filter(is_good);
        pages.map(|(from, page)| (spelling::plain(from), page.clone())).collect()
    }

    /// The post office, when the host can pass requests on to it.
    pub(super) fn reachable_post_office(&self) -> Option<PostOffice> {
        let base = BaseUrl::parse(self.post_office.as_deref()?).ok()?;
        let (name, port) = split_port(base.authority_and_path().0);
        let is_secure = base.origin().starts_with("https:");
        let number: Option<IpAddr> = match name {
            "localhost" => Some([127, 0, 0, 1].into()),
            _ => name.trim_matches(['[', ']']).parse().ok(),
        };
        let is_reachable = match abilities::of(self.host).passes_on {
            PassesOn::Any => true,
            PassesOn::Near => number.is_some() && !is_secure,
            PassesOn::Public => {
                is_secure && number.is_none() && name.contains('.') && name != self.site().name
            }
            PassesOn::Never => false,
        };
        is_reachable.then(|| PostOffice {
            origin: base.origin().to_owned(),
            is_secure,
            number,
            port: port.unwrap_or(if is_secure { "443" } else { "80" }).to_owned(),
        })
    }

    /// The program on the site that is the post office, where a file in a folder can say so:
    /// `/cgi-bin/inbox.cgi`.
    pub(super) fn program(&self) -> Option<&str> {
        let path = self.post_office.as_deref().filter(|path| path.starts_with('/'))?;
        (self.host == Host::Apache).then_some(path)
    }

    /// Whether letters arrive somewhere.
    pub(super) fn has_post_office(&self) -> bool {
        self.program().is_some() || self.reachable_post_office().is_some()
    }
}

/// Where letters go.
pub(super) struct PostOffice {
    /// Scheme, host and port.
    pub(super) origin: String,
    pub(super) is_secure: bool,
    /// Its address, when it is written as a number.
    pub(super) number: Option<IpAddr>,
    pub(super) port: String,
}

fn split_port(authority: &str) -> (&str, Option<&str>) {
    match authority.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => (name, Some(port)),
        _ => (authority, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_ending_that_servers_are_told_has_a_type() {
        for ending in ENDINGS.iter().chain(LASTING).chain(COMPRESSED) {
            assert_ne!(media_type(&format!("a.{ending}")), "application/octet-stream", "{ending}");
            assert!(ENDINGS.contains(ending), "{ending}");
        }
    }

    #[test]
    fn a_document_has_its_type_whatever_its_name() {
        assert_eq!(content_type("/ap/news/posts/feed.json"), ACTIVITY);
        assert_eq!(content_type("/news/feed.json"), "application/feed+json");
        assert_eq!(content_type("/.well-known/webfinger"), JRD);
        assert_eq!(content_type("/news/index.html"), "text/html; charset=utf-8");
    }
}
