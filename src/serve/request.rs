//! What a request asks for, and whether it may.
//!
//! A page on the web may have its own name lead to this machine, and then ask us as if it were one
//! of ours (DNS rebinding); so the name in the request must be one that nobody can give away. What a
//! path asks for is looked up among the outputs of the site and never on the disk.

use core::net::IpAddr;
use std::ops::Range;

use percent_encoding::percent_decode_str;

/// What of the preview itself lies below here; no page of a site can.
pub(super) const OWN: &str = "/.sitegen/";

/// What somebody asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Route {
    /// An output of the site: its path below the root of the site, decoded.
    Output(String),
    /// Another address of the preview.
    Elsewhere(String),
    /// A file of the preview itself.
    Own(Own),
}

/// What only the preview has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Own {
    /// The program that runs in pages.
    Script,
    /// The stream of news.
    News,
    /// What there is to know of the page at a path, as in [`Route::Output`].
    Facts(String),
}

/// Why a request gets nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// It is no request that makes sense.
    BadRequest,
    /// There cannot be anything like that.
    NotFound,
    /// It wants to change something.
    Method,
    /// It was meant for somebody else.
    Misdirected,
    /// A page of another site wants to have it.
    Foreign,
}

impl Refusal {
    pub(super) fn status(self) -> u16 {
        match self {
            Self::BadRequest => 400,
            Self::NotFound => 404,
            Self::Method => 405,
            Self::Misdirected => 421,
            Self::Foreign => 403,
        }
    }

    pub(super) fn text(self) -> &'static str {
        match self {
            Self::BadRequest => "This is no request that a browser sends.\n",
            Self::NotFound => "There is nothing like that.\n",
            Self::Method => "The preview only shows pages.\n",
            Self::Foreign => "The preview is for no other page.\n",
            Self::Misdirected => {
                "The preview answers to its own address only, the one that `sitegen serve` says, \
                 so that no page on the web can read it under another name.\n"
            }
        }
    }
}

/// A request, as far as it matters.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked<'a> {
    pub(super) method: &'a str,
    /// As it stands in the first line.
    pub(super) target: &'a str,
    /// All `Host` fields.
    pub(super) hosts: &'a [&'a str],
    /// The browser says that a page of another site wants it, and not to go there (Fetch Metadata).
    pub(super) is_foreign: bool,
}

/// Who may be asked, and for what.
#[derive(Clone, Debug)]
pub(super) struct Rules {
    /// Whether others than this machine can ask.
    pub(super) is_open: bool,
    /// The path of the site on its host, with slashes on both sides.
    pub(super) root: String,
}

impl Rules {
    /// Finds out what a request wants.
    pub(super) fn route(&self, asked: Asked<'_>) -> Result<Route, Refusal> {
        let [host] = asked.hosts else { return Err(Refusal::BadRequest) };
        if !self.is_ours(host) {
            return Err(Refusal::Misdirected);
        }
        if !matches!(asked.method, "GET" | "HEAD") {
            return Err(Refusal::Method);
        }
        if asked.is_foreign {
            return Err(Refusal::Foreign);
        }
        // A proxy asks for the whole address (RFC 9112, section 3.2.2).
        let target = match asked.target.split_once("://") {
            Some((scheme, rest)) if !asked.target.starts_with('/') => {
                let end = rest.find(['/', '?']).unwrap_or(rest.len());
                if !scheme.eq_ignore_ascii_case("http") || !self.is_ours(&rest[..end]) {
                    return Err(Refusal::Misdirected);
                }
                &rest[end..]
            }
            _ => asked.target,
        };
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let path = if path.is_empty() { "/" } else { path };
        if !path.starts_with('/') || target.contains('#') {
            return Err(Refusal::BadRequest);
        }
        if let Some(name) = path.strip_prefix(OWN) {
            return own(name, query).map(Route::Own);
        }
        let path = decoded(path)?;
        if let Some(inside) = path.strip_prefix(&self.root) {
            return Ok(Route::Output(inside.to_owned()));
        }
        // Whoever opens the preview by hand wants the site.
        if path == "/" || format!("{path}/") == self.root {
            return Ok(Route::Elsewhere(self.root.clone()));
        }
        Err(Refusal::NotFound)
    }

    /// Whether a name can only mean this machine: its own, or an address, which needs no name.
    fn is_ours(&self, authority: &str) -> bool {
        let (host, port) = match authority.rfind(':') {
            Some(at) if !authority[at..].contains(']') => (&authority[..at], &authority[at + 1..]),
            _ => (authority, ""),
        };
        if !port.bytes().all(|byte| byte.is_ascii_digit()) {
            return false;
        }
        if host.eq_ignore_ascii_case("localhost") {
            return true;
        }
        let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
        let address: Result<IpAddr, _> = match bare {
            Some(bare) => bare.parse().map(IpAddr::V6),
            None => host.parse().map(IpAddr::V4),
        };
        address.is_ok_and(|address| address.is_loopback() || self.is_open)
    }
}

fn own(name: &str, query: &str) -> Result<Own, Refusal> {
    match name {
        "preview.js" => Ok(Own::Script),
        "news" => Ok(Own::News),
        "page.json" => {
            let path = query.strip_prefix("path=").ok_or(Refusal::BadRequest)?;
            Ok(Own::Facts(decoded(path)?))
        }
        _ => Err(Refusal::NotFound),
    }
}

/// The path that was meant. It is decoded once: what is still encoded then is the name of nothing.
fn decoded(path: &str) -> Result<String, Refusal> {
    let path = percent_decode_str(path).decode_utf8().map_err(|_| Refusal::BadRequest)?;
    let is_odd = |c: char| c.is_control() || c == '\\';
    let has_dots = path.split('/').any(|part| matches!(part, "." | ".."));
    if path.contains(is_odd) || has_dots {
        return Err(Refusal::NotFound);
    }
    Ok(path.into_owned())
}

/// The part of a file that a `Range` field asks for (RFC 9110, section 14.1.2): players of recordings
/// want one. `None` for whatever is better answered with the whole.
pub(super) fn range(field: &str, length: u64) -> Option<Range<u64>> {
    let (first, last) = field.strip_prefix("bytes=")?.split_once('-')?;
    let part = match (first.parse::<u64>(), last.parse::<u64>()) {
        (Ok(first), Ok(last)) => first..last.checked_add(1)?.min(length),
        (Ok(first), Err(_)) if last.is_empty() => first..length,
        (Err(_), Ok(count)) if first.is_empty() => length.saturating_sub(count)..length,
        _ => return None,
    };
    (part.start < part.end).then_some(part)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules() -> Rules {
        Rules { is_open: false, root: "/branch/".to_owned() }
    }

    fn ask(target: &str, host: &str) -> Result<Route, Refusal> {
        rules().route(Asked { method: "GET", target, hosts: &[host], is_foreign: false })
    }

    #[test]
    fn a_page_is_asked_for_by_its_path() {
        let cases = [
            ("/branch/", ""),
            ("/branch/news/?a=b", "news/"),
            ("/branch/caf%C3%A9/", "caf\u{e9}/"),
            ("http://localhost:1111/branch/a.css", "a.css"),
        ];
        for (target, path) in cases {
            assert_eq!(ask(target, "127.0.0.1:1111"), Ok(Route::Output(path.into())), "{target}");
        }
        for target in ["/", "/branch", "http://localhost"] {
            assert_eq!(
                ask(target, "localhost"),
                Ok(Route::Elsewhere("/branch/".into())),
                "{target}"
            );
        }
        let facts = Route::Own(Own::Facts("news/a b/".into()));
        assert_eq!(ask("/.sitegen/page.json?path=news/a%20b/", "[::1]:1111"), Ok(facts));
    }

    #[test]
    fn nothing_outside_the_site_has_a_path() {
        for target in [
            "/branch/../../etc/passwd",
            "/branch/%2e%2e/%2e%2e/etc/passwd",
            "/branch/%2E%2E%2fetc/passwd",
            "/branch/..%5c..%5cetc/passwd",
            "/branch/..\\..\\etc",
            "/branch/a%00.html",
            "/etc/passwd",
            "/.sitegen/../site.toml",
            "/.sitegen/keys/news.pem",
        ] {
            assert_eq!(ask(target, "localhost"), Err(Refusal::NotFound), "{target}");
        }
        // Decoded once, these are names that nothing has.
        let twice = ask("/branch/%252e%252e/etc/passwd", "localhost");
        assert_eq!(twice, Ok(Route::Output("%2e%2e/etc/passwd".into())));
        for target in ["*", "branch/", "/branch/%ff", "/branch/#a", ""] {
            let refused = ask(target, "localhost").is_err();
            assert!(refused || target.is_empty(), "{target}");
        }
    }

    #[test]
    fn a_name_that_somebody_else_can_give_is_not_ours() {
        for host in [
            "evil.example",
            "evil.example:1111",
            "localhost.evil.example",
            "127.0.0.1.evil.example",
            "192.168.0.7:1111",
            "[2001:db8::1]",
            "localhost:evil",
            "user@localhost",
            "127.1",
            "",
        ] {
            assert_eq!(ask("/branch/", host), Err(Refusal::Misdirected), "{host}");
        }
        let absolute = ask("http://evil.example/branch/", "localhost");
        assert_eq!(absolute, Err(Refusal::Misdirected));
        let none =
            rules().route(Asked { method: "GET", target: "/", hosts: &[], is_foreign: false });
        let two = Asked {
            method: "GET",
            target: "/",
            hosts: &["localhost", "evil.example"],
            is_foreign: false,
        };
        assert_eq!(
            (none, rules().route(two)),
            (Err(Refusal::BadRequest), Err(Refusal::BadRequest))
        );
        // In a network, by address.
        let open = Rules { is_open: true, ..rules() };
        let by = |host| {
            open.route(Asked {
                method: "GET",
                target: "/branch/",
                hosts: &[host],
                is_foreign: false,
            })
        };
        assert!(by("192.168.0.7:1111").is_ok() && by("[2001:db8::1]:1111").is_ok());
        assert_eq!(by("evil.example"), Err(Refusal::Misdirected));
    }

    #[test]
    fn a_player_gets_the_part_that_it_wants() {
        let cases = [
            ("bytes=0-1", Some(0..2)),
            ("bytes=4-", Some(4..10)),
            ("bytes=-3", Some(7..10)),
            ("bytes=8-99", Some(8..10)),
            ("bytes=10-", None),
            ("bytes=3-1", None),
            ("bytes=0-1,4-5", None),
            ("bytes=0-18446744073709551615", None),
            ("lines=1-2", None),
        ];
        for (field, part) in cases {
            assert_eq!(range(field, 10), part, "{field}");
        }
    }

    #[test]
    fn another_page_gets_nothing() {
        let hosts = &["localhost"];
        let asked = Asked { method: "GET", target: "/branch/", hosts, is_foreign: true };
        assert_eq!(rules().route(asked), Err(Refusal::Foreign));
    }

    #[test]
    fn nothing_can_be_changed() {
        for method in ["POST", "PUT", "DELETE", "OPTIONS", "get"] {
            let asked =
                Asked { method, target: "/branch/", hosts: &["localhost"], is_foreign: false };
            assert_eq!(rules().route(asked), Err(Refusal::Method), "{method}");
        }
    }
}
