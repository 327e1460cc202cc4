//! A site with two actors, for tests.

use super::{DEFAULT_CONTENT_SECURITY_POLICY, Finger, HostPlan, Redirect};
use crate::config::Host;

pub(super) fn finger(user: &str) -> Finger {
    Finger {
        user: user.to_owned(),
        host: "www.party.example".to_owned(),
        actor_id: format!("https://www.party.example/ap/{user}/actor.json"),
        url: format!("https://www.party.example/{user}/"),
        file: format!("/ap/{user}/webfinger.json"),
    }
}

pub(super) fn redirect(from: &str, to: &str) -> Redirect {
    Redirect { from: from.to_owned(), to: to.to_owned() }
}

/// What most sites have.
pub(super) fn plan(host: Host) -> HostPlan {
    let page = |from: &str, page: &str| (from.to_owned(), page.to_owned());
    HostPlan {
        host,
        base_url: "https://www.party.example".to_owned(),
        fingers: vec![finger("news"), finger("jo.smith")],
        redirects: vec![redirect("/old/", "/news/new/"), redirect("/old.html", "/news/new/")],
        not_found: vec![page("/cy/", "/cy/404.html"), page("/", "/404.html")],
        gone: vec!["/ap/news/posts/slip.json".to_owned()],
        post_office: None,
        hsts_days: 1,
        content_security_policy: DEFAULT_CONTENT_SECURITY_POLICY.to_owned(),
        precompressed: false,
    }
}

/// Addresses that are allowed and that nobody should have.
pub(super) const ODD: &[&str] = &[
    "/a b/",
    "/\"quoted\" 'too'/",
    "/100%/",
    "/$uri/{path}/${x}/%{y}/",
    "/a+b(c)[d]*?.html",
    "/caf\u{e9}/\u{4e2d}\u{6587}/",
    "/#;x y/",
    "/a:b&c=d/",
    "/`x`|~^/",
    "/no\u{a0}break/",
];
