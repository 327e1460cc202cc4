//! What a host answers, for a preview and for checks before anything is online.

use percent_encoding::percent_decode_str;

use super::abilities::{self, Abilities, ErrorPage, Gone, NoResource};
use super::rules::{self, Area, JRD, WEBFINGER};
use super::{HostPlan, spelling};
use crate::artifact::media_type;
use crate::config::Host;

/// A request, as far as it matters.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked<'a> {
    pub(crate) method: &'a str,
    /// As it stands in the first line, without the query.
    pub(crate) path: &'a str,
    pub(crate) query: Option<&'a str>,
}

/// What comes back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    /// Path of the output file that is the body: `ap/news/actor.json`.
    pub(crate) file: Option<String>,
    /// The body when no file is.
    pub(crate) text: String,
}

impl HostPlan {
    /// What the host answers, with what it cannot do. `has` tells whether a file is in the output,
    /// by its path there. Behind `/ap/*/inbox` there is no post office: it is as if it were down.
    pub(crate) fn answer(&self, asked: &Asked<'_>, has: &dyn Fn(&str) -> bool) -> Answer {
        let can = abilities::of(self.host);
        let Ok(path) = percent_decode_str(asked.path).decode_utf8() else {
            return self.says("/", 400);
        };
        if !path.starts_with('/') || path.split('/').any(|part| part == "." || part == "..") {
            return self.says("/", 400);
        }
        let path = &*path;
        if is_for_post_office(path) && self.has_post_office() {
            let mut answer = self.says(path, 503);
            answer.headers.push(("Retry-After".to_owned(), rules::RETRY_SECONDS.to_string()));
            return answer;
        }
        let root = self.site().root;
        let Some(inside) = path.strip_prefix(&root) else {
            return self.says(path, 404);
        };
        let hidden = |part: &str| part.starts_with('.') && part != ".well-known";
        if inside.split('/').any(hidden) || self.files().iter().any(|file| file.path == inside) {
            return self.not_there(path, has);
        }
        if !matches!(asked.method, "GET" | "HEAD") {
            return self.says(path, if has(inside) { 405 } else { can.other_methods });
        }
        if let Some(answer) = self.webfinger(path, asked.query, can, has) {
            return answer;
        }
        if can.gone != Gone::File && self.written_gone().iter().any(|gone| gone == path) {
            return match can.gone {
                Gone::Tombstone if has(inside) => self.file(path, 410, inside),
                Gone::Tombstone => self.says(path, 410),
                _ => self.not_there(path, has),
            };
        }
        if let Some(to) = can.redirects.then(|| self.leads_to(path)).flatten() {
            return self.redirect(path, 301, to);
        }
        self.document(path, inside, can, has)
    }

    /// Looks for a file as all hosts do.
    fn document(
        &self,
        path: &str,
        inside: &str,
        can: Abilities,
        has: &dyn Fn(&str) -> bool,
    ) -> Answer {
        if inside.is_empty() || inside.ends_with('/') {
            let index = format!("{inside}index.html");
            return if has(&index) {
                self.file(path, 200, &index)
            } else {
                self.not_there(path, has)
            };
        }
        // Cloudflare Pages has no endings in the addresses of pages.
        if self.host == Host::CloudflarePages && has(inside) {
            if let Some(bare) = path.strip_suffix("/index.html") {
                return self.redirect(path, 308, format!("{}/", spelling::address(bare)));
            }
            if let Some(bare) = path.strip_suffix(".html") {
                return self.redirect(path, 308, spelling::address(bare));
            }
        }
        if has(inside) {
            return self.file(path, 200, inside);
        }
        let page = format!("{inside}.html");
        if self.host == Host::CloudflarePages && has(&page) {
            return self.file(path, 200, &page);
        }
        let index = format!("{inside}/index.html");
        match can.to_folder {
            _ if !has(&index) => self.not_there(path, has),
            Some(status) => self.redirect(path, status, format!("{}/", spelling::address(path))),
            None => self.file(path, 200, &index),
        }
    }

    fn webfinger(
        &self,
        path: &str,
        query: Option<&str>,
        can: Abilities,
        has: &dyn Fn(&str) -> bool,
    ) -> Option<Answer> {
        let no_resource = can.resources?;
        if path != WEBFINGER || self.fingers.is_empty() {
            return None;
        }
        let Some(resource) = resource(query) else {
            return (no_resource == NoResource::BadRequest).then(|| self.says(path, 400));
        };
        // Its rules hold for just what is written in them.
        let is_exact = self.host == Host::Netlify;
        let means = |known: &String| {
            *known == resource || !is_exact && known.eq_ignore_ascii_case(&resource)
        };
        let found = self.fingers.iter().find(|finger| finger.resources().iter().any(means));
        match found.map(|finger| finger.file.trim_start_matches('/')) {
            Some(file) if has(file) => Some(self.file(path, 200, file)),
            _ => Some(self.not_there(path, has)),
        }
    }

    fn leads_to(&self, path: &str) -> Option<String> {
        let redirects = self.written_redirects();
        // Cloudflare Pages leads from the page to its folder first, and from there to the new page.
        let is_exact = self.host == Host::CloudflarePages;
        let from = |from: &str| from == path || !is_exact && from.strip_suffix('/') == Some(path);
        redirects.into_iter().find(|(old, _)| from(old)).map(|(_, to)| to)
    }

    fn not_there(&self, path: &str, has: &dyn Fn(&str) -> bool) -> Answer {
        let root = self.site().root;
        let page = match abilities::of(self.host).error_page {
            ErrorPage::ByPath => {
                let pages = self.written_not_found();
                let page = pages.into_iter().find(|(from, _)| path.starts_with(from));
                page.map(|(_, page)| spelling::plain(&page))
            }
            ErrorPage::One(name) => Some(format!("{root}{name}")),
            ErrorPage::Theirs => None,
        };
        let inside = page.as_deref().and_then(|page| page.strip_prefix(&root));
        match inside {
            Some(inside) if has(inside) => {
                let mut answer = self.file(path, 404, inside);
                self.set_type(&mut answer, "text/html; charset=utf-8");
                answer
            }
            _ => self.says(path, 404),
        }
    }

    fn file(&self, path: &str, status: u16, file: &str) -> Answer {
        let mut answer = self.bare(path, status);
        let media_type = if abilities::of(self.host).headers {
            if path == WEBFINGER {
                JRD.to_owned()
            } else {
                rules::content_type(&type_path(path, file))
            }
        } else {
            theirs(self.host, file)
        };
        self.set_type(&mut answer, &media_type);
        answer.file = Some(file.to_owned());
        answer
    }

    /// An answer without a file.
    fn says(&self, path: &str, status: u16) -> Answer {
        let mut answer = self.bare(path, status);
        self.set_type(&mut answer, "text/html");
        answer.text = format!("{status}\n");
        answer
    }

    fn redirect(&self, path: &str, status: u16, to: String) -> Answer {
        let mut answer = self.says(path, status);
        answer.headers.push(("Location".to_owned(), to));
        answer
    }

    fn bare(&self, path: &str, status: u16) -> Answer {
        let area = Area::of(path);
        let mut headers =
            if abilities::of(self.host).headers { self.headers(area) } else { vec![] };
        headers.retain(|(name, _)| match *name {
            "Cache-Control" => status < 400,
            // An object of a store has no others.
            _ => self.host != Host::S3,
        });
        let is_service = matches!(self.host, Host::Netlify | Host::CloudflarePages | Host::Vercel);
        for (name, value) in &mut headers {
            // They are told nothing of what is kept for a short time, for this is what they do.
            if is_service && *name == "Cache-Control" && area != Area::Lasting {
                "public, max-age=0, must-revalidate".clone_into(value);
            }
        }
        let headers = headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        Answer { status, headers, file: None, text: String::new() }
    }

    #[expect(clippy::unused_self, reason = "it reads like its neighbours")]
    fn set_type(&self, answer: &mut Answer, media_type: &str) {
        answer.headers.retain(|(name, _)| name != "Content-Type");
        answer.headers.insert(0, ("Content-Type".to_owned(), media_type.to_owned()));
    }
}

/// The first value of `resource` in a query, decoded. An empty one is none.
fn resource(query: Option<&str>) -> Option<String> {
    let pairs = query?.split('&').filter_map(|pair| pair.split_once('='));
    let value = pairs.into_iter().find(|(name, _)| *name == "resource")?.1;
    let value = percent_decode_str(value).decode_utf8_lossy().into_owned();
    (!value.is_empty()).then_some(value)
}

/// Whether the path is `/ap/USER/inbox` or `/ap/check`.
fn is_for_post_office(path: &str) -> bool {
    let Some(inside) = path.strip_prefix("/ap/") else { return false };
    let user = inside.strip_suffix("/inbox");
    inside == "check" || user.is_some_and(|user| !user.is_empty() && !user.contains('/'))
}

/// The path by which a type is found: that of the request, and for a folder that of its page.
fn type_path(path: &str, file: &str) -> String {
    if path.starts_with("/ap/") || path.starts_with("/.well-known/") {
        path.to_owned()
    } else {
        format!("/{file}")
    }
}

/// The type that a host gives a file of which nobody has told it anything.
fn theirs(host: Host, file: &str) -> String {
    let media_type = media_type(file);
    let has_charset = match host {
        Host::GithubPages => {
            media_type.starts_with("text/")
                || matches!(media_type, "application/json" | "application/xml")
        }
        _ => media_type.starts_with("text/"),
    };
    format!("{media_type}{}", if has_charset { "; charset=utf-8" } else { "" })
}
