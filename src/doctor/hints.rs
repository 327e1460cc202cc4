//! How to mend things on each host: a table of texts.

use super::finding::Check;

/// Hosts that are configured by an administrator, named as in site.toml.
const CONFIGURED: &[&str] = &["nginx", "caddy", "lighttpd"];

/// Hosts without any rules.
const FIXED: &[&str] = &["github-pages", "gitlab-pages", "neocities"];

/// Whether the answer can depend on `?resource=` there.
pub(super) fn can_choose(host: &str) -> bool {
    matches!(host, "netlify" | "vercel" | "apache" | "nginx" | "caddy" | "lighttpd")
}

/// What to do on a host about what a check found; `None` when there is nothing more to say.
pub(super) fn hint(check: Check, host: &str) -> Option<String> {
    match check {
        Check::WebFinger | Check::Bluesky | Check::NodeInfo if host == "github-pages" => Some(
            "On GitHub Pages a file `.nojekyll` must be beside it, and `include-hidden-files` \
             must be true in the step that uploads"
                .to_owned(),
        ),
        Check::WebFinger if FIXED.contains(&host) || host == "codeberg-pages" => Some(format!(
            "On {host} the answer cannot depend on what is asked, so it carries one actor only"
        )),
        Check::WebFinger | Check::Type | Check::Headers | Check::NotFound | Check::Https => {
            served(check, host)
        }
        Check::Inbox if FIXED.contains(&host) || matches!(host, "s3" | "codeberg-pages") => {
            Some(format!(
                "On {host} nothing can be passed on: for followers the site must be on a server \
                 of your own"
            ))
        }
        Check::Inbox if CONFIGURED.contains(&host) => served(check, host),
        _ => None,
    }
}

/// What is decided by rules of the host, with where they are.
fn served(check: Check, host: &str) -> Option<String> {
    let text = match host {
        "netlify" | "cloudflare-pages" => {
            "The rules are in `_headers` and `_redirects`, which `sitegen build` writes: upload \
             them with the rest"
        }
        "vercel" => "The rules are in `vercel.json`, which `sitegen build` writes: upload it too",
        "apache" => {
            "The rules are in `.htaccess`, which `sitegen build` writes: upload it too, and ask \
             the host to allow it (`AllowOverride All`, `mod_headers`, `mod_rewrite`)"
        }
        "codeberg-pages" => {
            "The rules are in `_headers`, which `sitegen build` writes; Codeberg allows some \
             headers only"
        }
        "nginx" | "caddy" | "lighttpd" => {
            return Some(format!(
                "The rules are part of what `sitegen host show` prints for {host}: take it over \
                 again and reload {host}"
            ));
        }
        "s3" if check == Check::Type => {
            "Set the type as metadata of each object below `ap/` when you upload it"
        }
        "github-pages" | "gitlab-pages" | "neocities" => {
            return Some(match check {
                Check::Headers => format!("{host} has no setting for that; another host has"),
                Check::Type => format!(
                    "{host} cannot send this type at all, so a profile needs another host there"
                ),
                Check::Https => format!("The settings of {host} have a switch for it"),
                _ => format!("On {host} the file must be at the top of what is published"),
            });
        }
        _ => return None,
    };
    Some(text.to_owned())
}

/// The host as it gives itself away in `Server` and other headers; empty when it does not.
pub(super) fn guess(server: &str, has: impl Fn(&str) -> bool) -> &'static str {
    let server = server.to_ascii_lowercase();
    let marks = [
        ("github.com", "github-pages"),
        ("netlify", "netlify"),
        ("vercel", "vercel"),
        ("neocities", "neocities"),
        ("amazons3", "s3"),
        ("caddy", "caddy"),
        ("lighttpd", "lighttpd"),
        ("apache", "apache"),
        ("nginx", "nginx"),
    ];
    if has("x-vercel-id") {
        return "vercel";
    }
    let mut marks = marks.iter();
    marks.find(|(mark, _)| server.contains(mark)).map_or("", |(_, host)| host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_host_has_a_hint_for_a_wrong_type() {
        let files = ["netlify", "cloudflare-pages", "vercel", "apache", "codeberg-pages", "s3"];
        for host in files.iter().chain(CONFIGURED).chain(FIXED) {
            assert!(hint(Check::Type, host).is_some(), "{host}");
        }
        assert_eq!(hint(Check::Type, "plain"), None);
        assert_eq!(hint(Check::Clock, "nginx"), None);
    }

    #[test]
    fn hosts_give_themselves_away() {
        assert_eq!(guess("GitHub.com", |_| false), "github-pages");
        assert_eq!(guess("nginx/1.27", |_| false), "nginx");
        assert_eq!(guess("", |name| name == "x-vercel-id"), "vercel");
        assert_eq!(guess("cloudflare", |_| false), "");
    }
}
