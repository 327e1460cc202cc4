//! What each host can do: the table from which people are told and answers are made.

use crate::config::Host;

/// What a host can do for a site.
#[derive(Clone, Copy, Debug)]
pub(super) struct Abilities {
    /// Sends a type of our choice for a path, and other headers with it.
    pub(super) headers: bool,
    /// Chooses a file by `?resource=`, and what it does when there is none.
    pub(super) resources: Option<NoResource>,
    /// Leads from an old address to a new one although there is a file.
    pub(super) redirects: bool,
    pub(super) error_page: ErrorPage,
    pub(super) gone: Gone,
    pub(super) passes_on: PassesOn,
    /// The status with which a folder leads to the same with a slash; none when it is shown.
    pub(super) to_folder: Option<u16>,
    /// What a request other than GET and HEAD gets where there is no file.
    pub(super) other_methods: u16,
}

/// What the answer to a question for nobody is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoResource {
    /// 400, as RFC 7033 (section 4.2) wants it.
    BadRequest,
    /// The file, which is that of the first actor.
    First,
}

/// Which page stands for what is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ErrorPage {
    /// The one of the language.
    ByPath,
    /// One for all, which has this name.
    One(&'static str),
    /// None of ours.
    Theirs,
}

/// What a document that was taken back gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Gone {
    /// 410 with the Tombstone.
    Tombstone,
    /// 404.
    NotFound,
    /// 200 with the Tombstone.
    File,
}

/// To which post offices a host can pass requests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PassesOn {
    /// To any.
    Any,
    /// To a numeric address, without encryption.
    Near,
    /// To https at another public host.
    Public,
    /// To none.
    Never,
}

/// The table. Own servers were tried (`tests/e2e/hosts`); for services, their documentation says
/// so: Netlify "Custom headers" and "Redirect options", Cloudflare Pages "Headers" and "Redirects",
/// Vercel "Rewrites" (`/.well-known` cannot be rewritten there), GitLab Pages "Redirects", the
/// sources of git-pages for Codeberg. GitHub Pages takes types from mime-db alone. The programs
/// that Netlify and Cloudflare have for developers bear it out (`tests/e2e/emulators`).
pub(super) fn of(host: Host) -> Abilities {
    let server = Abilities {
        headers: true,
        resources: Some(NoResource::BadRequest),
        redirects: true,
        error_page: ErrorPage::ByPath,
        gone: Gone::Tombstone,
        passes_on: PassesOn::Any,
        to_folder: Some(301),
        other_methods: 404,
    };
    let pages = Abilities {
        headers: false,
        resources: None,
        redirects: false,
        error_page: ErrorPage::One("404.html"),
        gone: Gone::File,
        passes_on: PassesOn::Never,
        to_folder: Some(301),
        other_methods: 405,
    };
    match host {
        Host::Nginx | Host::Apache => server,
        Host::Caddy => Abilities { to_folder: Some(308), ..server },
        Host::Lighttpd => Abilities {
            resources: Some(NoResource::First),
            gone: Gone::NotFound,
            passes_on: PassesOn::Near,
            ..server
        },
        Host::Netlify => {
            Abilities { resources: Some(NoResource::First), passes_on: PassesOn::Public, ..server }
        }
        Host::CloudflarePages => Abilities {
            headers: true,
            redirects: true,
            error_page: ErrorPage::ByPath,
            to_folder: Some(308),
            ..pages
        },
        Host::Vercel => Abilities {
            headers: true,
            redirects: true,
            passes_on: PassesOn::Public,
            to_folder: None,
            ..pages
        },
        Host::S3 => Abilities { headers: true, to_folder: Some(302), ..pages },
        Host::CodebergPages => Abilities { redirects: true, gone: Gone::Tombstone, ..pages },
        Host::GithubPages | Host::GitlabPages => pages,
        Host::Neocities => Abilities { error_page: ErrorPage::One("not_found.html"), ..pages },
        Host::Plain => Abilities { error_page: ErrorPage::Theirs, other_methods: 404, ..pages },
    }
}
