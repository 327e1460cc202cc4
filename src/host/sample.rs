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

/// A policy that a person may have thought of, with what configurations read as their own.
pub(super) const ODD_POLICY: &str = "default-src \"$x\" {y} `z`;\n} # %{w} \\";

/// The same without actors, at a path of its host.
pub(super) fn branch(host: Host) -> HostPlan {
    let mut plan = plan(host);
    plan.base_url.push_str("/branch");
    plan.fingers.clear();
    plan.gone.clear();
    for redirect in &mut plan.redirects {
        redirect.from.insert_str(0, "/branch");
        redirect.to.insert_str(0, "/branch");
    }
    for (from, page) in &mut plan.not_found {
        from.insert_str(0, "/branch");
        page.insert_str(0, "/branch");
    }
    plan
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::path::Path;

    fn write(plan: &HostPlan, place: &Path) {
        let output = place.join("output");
        for file in plan.files() {
            let path = output.join(&file.path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, file.text).unwrap();
        }
        fs::create_dir_all(&output).unwrap();
        let snippet = plan.snippet(output.to_str().unwrap()).unwrap();
        fs::write(place.join("snippet"), snippet).unwrap();
    }

    /// For `tests/e2e/hosts`: what four servers are told about the samples, below the folder that
    /// `SITEGEN_HOSTS` names. `HOST` has no post office, `HOST.post-office` has one at
    /// `SITEGEN_POST_OFFICE`, `HOST.odd` has odd texts everywhere, and `HOST.branch` is at a path.
    /// In each are `snippet` and, for an
    /// output folder `output`, the files that belong there.
    #[test]
    #[ignore = "it is for the tests with real servers"]
    fn what_servers_are_told_is_written_for_them() {
        let folder = std::path::PathBuf::from(std::env::var_os("SITEGEN_HOSTS").unwrap());
        let post_office = std::env::var("SITEGEN_POST_OFFICE").unwrap();
        for host in [Host::Nginx, Host::Apache, Host::Caddy, Host::Lighttpd] {
            let mut plan = plan(host);
            plan.precompressed = true;
            plan.redirects.extend(ODD.iter().map(|path| redirect(path, "/news/a b/")));
            write(&plan, &folder.join(host.name()));
            plan.post_office = Some(post_office.clone());
            write(&plan, &folder.join(format!("{}.post-office", host.name())));
            plan.gone = ODD.iter().map(|path| format!("/ap{path}x.json")).collect();
            let page = |path: &&str| ((*path).to_owned(), format!("{path}404.html"));
            plan.not_found.splice(0..0, ODD.iter().filter(|path| path.ends_with('/')).map(page));
            plan.content_security_policy = ODD_POLICY.to_owned();
            write(&plan, &folder.join(format!("{}.odd", host.name())));
            write(&branch(host), &folder.join(format!("{}.branch", host.name())));
        }
    }
}
