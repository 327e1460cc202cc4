//! What the web server of a site has to do, and how each is told to do it.
//!
//! A [`HostPlan`] says it for all of them: types, who is found by which name, old addresses, error
//! pages, headers. [`rules`] turns it into one list, and each host writes of that list what it can
//! take: files that lie in the output ([`HostPlan::files`]), or text for the configuration of a
//! server ([`HostPlan::snippet`]). What a host cannot do stands in [`abilities`], from which
//! [`HostPlan::reach`] tells people what to expect and [`HostPlan::answer`] answers as the host
//! would.

mod abilities;
mod rules;
mod spelling;

mod apache;
mod caddy;
mod cloudflare;
mod lighttpd;
mod netlify;
mod nginx;
mod pages;
mod vercel;

mod answer;
mod reach;

#[cfg(test)]
mod sample;

pub(crate) use answer::Asked;
#[cfg(feature = "network")]
pub(crate) use reach::Level;
#[cfg(feature = "network")]
pub(crate) use rules::stored_headers;
pub(crate) use rules::{COMPRESSED, WEBFINGER};

use crate::config::Host;

/// What the pages of the theme in the binary need: their own styles, pictures, recordings and
/// feeds, and nothing that runs. JSON-LD is data and needs no leave.
pub(crate) const DEFAULT_CONTENT_SECURITY_POLICY: &str = "default-src 'none'; \
     img-src 'self' data:; style-src 'self'; script-src 'self'; font-src 'self'; \
     media-src 'self'; manifest-src 'self'; connect-src 'self'; form-action 'self'; \
     base-uri 'none'; frame-ancestors 'none'";

/// What a web server has to do for a site, whatever server it is.
///
/// Paths begin at the root of the host (`/branch/old/` for a site at `/branch/`). They may be
/// percent-encoded or not: no path of an output has a percent escape, so both mean one thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct HostPlan {
    pub(crate) host: Host,
    /// `https://www.party.example`, with the path of the site when it has one.
    pub(crate) base_url: String,
    /// Actors, in the order of `site.toml`: who is found by which resource.
    pub(crate) fingers: Vec<Finger>,
    /// Old addresses and where they lead.
    pub(crate) redirects: Vec<Redirect>,
    /// Pages for what is not there, by the beginning of the path: `("/cy/", "/cy/404.html")`,
    /// `("/", "/404.html")`. The first that fits is taken.
    pub(crate) not_found: Vec<(String, String)>,
    /// Paths below `/ap/` of documents that were taken back, with a Tombstone as their file.
    /// Answered with 410, or 404 where a host knows no 410, or the file where it can do neither.
    pub(crate) gone: Vec<String>,
    /// Where the post office listens, as scheme, host and port, or which program it is
    /// (`/cgi-bin/inbox.cgi`); without one, `/ap/*/inbox` and `/ap/check` are not there.
    pub(crate) post_office: Option<String>,
    /// How long a browser remembers that there is only https; none with 0.
    pub(crate) hsts_days: u32,
    pub(crate) content_security_policy: String,
    /// Whether `FILE.gz` lies beside files.
    pub(crate) precompressed: bool,
}

/// An actor, as far as `WebFinger` (RFC 7033) is concerned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Finger {
    pub(crate) user: String,
    pub(crate) host: String,
    pub(crate) actor_id: String,
    /// Its page.
    pub(crate) url: String,
    /// What answers for it: `/ap/news/webfinger.json`.
    pub(crate) file: String,
}

impl Finger {
    /// What others ask for when they mean this actor, decoded. Mastodon asks for the first,
    /// Akkoma also for the second and the third.
    pub(crate) fn resources(&self) -> Vec<String> {
        let handle = format!("{}@{}", self.user, self.host);
        vec![format!("acct:{handle}"), handle, self.actor_id.clone(), self.url.clone()]
    }
}

/// An old address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Redirect {
    pub(crate) from: String,
    pub(crate) to: String,
}

/// The media type that a host sends for a path of a site, which is relative to it; nothing where
/// the host alone decides.
#[cfg(feature = "network")]
pub(crate) fn served_type(host: Host, path: &str) -> Option<String> {
    let whole = rules::content_type(&format!("/{path}"));
    let bare = whole.split(';').next().unwrap_or_default().to_owned();
    (abilities::of(host).headers || bare == "text/html").then_some(bare)
}

/// A file that the host reads from the output: `_headers`, `.htaccess`, `vercel.json`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct HostFile {
    /// Relative to the output folder.
    pub(crate) path: String,
    pub(crate) text: String,
}

impl HostFile {
    fn new(path: &str, text: impl Into<String>) -> Self {
        Self { path: path.to_owned(), text: text.into() }
    }
}

impl HostPlan {
    /// The files that the host looks for in the output.
    pub(crate) fn files(&self) -> Vec<HostFile> {
        match self.host {
            Host::Apache => apache::files(self),
            Host::Netlify => netlify::files(self),
            Host::CloudflarePages => cloudflare::files(self),
            Host::Vercel => vercel::files(self),
            Host::GithubPages => pages::github(self),
            Host::GitlabPages => pages::gitlab(self),
            Host::CodebergPages => pages::codeberg(self),
            Host::Neocities => pages::neocities(self),
            Host::Nginx | Host::Caddy | Host::Lighttpd | Host::S3 | Host::Plain => Vec::new(),
        }
    }

    /// What has to be done beside the output, as text with comments: what goes into the
    /// configuration of the server, or which commands to give. `root` is the output folder. None
    /// where the files are all.
    pub(crate) fn snippet(&self, root: &str) -> Option<String> {
        let root = &spelling::folder(root);
        match self.host {
            Host::Nginx => Some(nginx::snippet(self, root)),
            Host::Apache => Some(apache::snippet(self, root)),
            Host::Caddy => Some(caddy::snippet(self, root)),
            Host::Lighttpd => Some(lighttpd::snippet(self, root)),
            Host::S3 => Some(pages::s3(self, root)),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests;
