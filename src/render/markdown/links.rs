//! Where the links and pictures of a text lead.
//!
//! Inside the site everything is checked. Outside, only schemes that are harmless keep their
//! address: a text may come from anybody, and `javascript:` runs in the reader's browser.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::OnceLock;

use percent_encoding::percent_decode_str;
use url::Url;

use super::HeadingIds;
use crate::config::LanguageId;
use crate::diagnostic::{Diagnostic, LinkProblem, nearest};
use crate::model::{Asset, Destination, Document, DocumentId, Site};
use crate::path::{SourcePath, encode_path, scheme};
use crate::render::foreign::{Request, Servers};

/// Problems of a document that are searched for what the author will have meant.
const SUGGESTIONS_MAX: usize = 20;

/// What the addresses in a text are relative to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Addresses {
    /// To the host: for pages.
    Host,
    /// To nothing: for feeds.
    Absolute,
}

/// What is needed to tell where a link leads.
pub(crate) struct Links<'a> {
    pub(crate) site: &'a Site,
    /// The addresses of all outputs on the host.
    pub(crate) known: &'a HashSet<String>,
    /// The ids of the headings of each document, found when first asked for.
    pub(crate) headings: &'a [OnceLock<Box<HeadingIds>>],
    pub(crate) servers: &'a Servers,
    pub(crate) document: &'a Document,
    /// The language of the page around the text.
    pub(crate) language: LanguageId,
    /// The absolute address of that page.
    pub(crate) permalink: &'a str,
    pub(crate) addresses: Addresses,
}

/// What becomes of a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Link {
    To(String),
    /// Only its text stays.
    Dropped,
    /// A heading of the text itself, to be checked when all are known.
    Here(String),
}

impl Links<'_> {
    /// Where a link leads. `span` is where it stands in the file.
    pub(crate) fn link(
        &self,
        to: &str,
        span: &Range<usize>,
        problems: &mut Vec<Diagnostic>,
    ) -> Link {
        let place = || self.document.source.place(span.clone());
        if let Some(inside) = to.strip_prefix("@/") {
            return self.inside(inside, to, span, problems);
        }
        if let Some(anchor) = to.strip_prefix('#') {
            return Link::Here(anchor.to_owned());
        }
        match scheme(to) {
            Some(scheme) if self.site.config.allows_scheme(&scheme) => {
                return Link::To(to.to_owned());
            }
            Some(_) => {
                problems.push(Diagnostic::unsafe_link(place(), to));
                return Link::Dropped;
            }
            None if to.starts_with("//") => return Link::To(self.with_scheme(to)),
            None => {}
        }
        let (path, rest) = split_suffix(to);
        if path.is_empty() {
            return Link::To(self.shown(&self.joined(to)));
        }
        if !path.starts_with('/')
            && let Some(file) = self.document.source.path.resolve(&decoded(path))
        {
            if let Some(asset) = self.site.asset(&file) {
                return Link::To(self.shown(&format!("{}{rest}", self.site.url(&asset.output))));
            }
            if let Some(name) = file.inside("content").filter(|n| n.ends_with(".md")) {
                return self.inside(&format!("{name}{rest}"), to, span, problems);
            }
        }
        let url = self.joined(to);
        if !is_known(self.known, &url) {
            problems.push(Diagnostic::dead_path(place(), to));
        }
        Link::To(self.shown(&url))
    }

    /// Where a picture lies; `None` when it has no address that may be used.
    pub(crate) fn picture(
        &self,
        to: &str,
        span: &Range<usize>,
        problems: &mut Vec<Diagnostic>,
    ) -> Option<String> {
        let place = || self.document.source.place(span.clone());
        match scheme(to) {
            Some(scheme) if matches!(scheme.as_str(), "http" | "https") => {
                self.check_server(to, span, problems);
                return Some(to.to_owned());
            }
            Some(_) => {
                problems.push(Diagnostic::unsafe_picture(place(), to));
                return None;
            }
            None if to.starts_with("//") => {
                self.check_server(to, span, problems);
                return Some(self.with_scheme(to));
            }
            None => {}
        }
        let (path, _) = split_suffix(to);
        if let Some(asset) = self.file(path) {
            return Some(self.shown(&self.site.url(&asset.output)));
        }
        let url = self.joined(to);
        if !path.starts_with('/') || !is_known(self.known, &url) {
            let lenient = self.site.config.lenient();
            let near = near_file(self.site, self.document, path);
            let problem = Diagnostic::missing_picture(place(), to, near.as_deref());
            problems.push(problem.lenient(lenient));
        }
        Some(self.shown(&url))
    }

    /// The file of the site that a picture is.
    pub(crate) fn picture_file(&self, to: &str) -> Option<&Asset> {
        let is_path = scheme(to).is_none() && !to.starts_with("//");
        self.file(split_suffix(to).0).filter(|_| is_path)
    }

    /// Complains about a picture that lies on another server.
    fn check_server(&self, to: &str, span: &Range<usize>, problems: &mut Vec<Diagnostic>) {
        if let Some(host) = self.servers.foreign(to) {
            let place = self.document.source.place(span.clone());
            problems.push(Diagnostic::third_party(place, "img", &host, to));
        }
    }

    /// Complains about whatever some HTML loads from other servers.
    pub(crate) fn check_html(&self, html: &str, span: &Range<usize>, told: &mut Vec<Diagnostic>) {
        for Request { element, address, host } in self.servers.requests(html) {
            let place = self.document.source.place(span.clone());
            told.push(Diagnostic::third_party(place, &element, &host, &address));
        }
    }

    /// The file that a path in a text or in front matter names: beside the text, or from the
    /// root of the site when it begins with a slash.
    pub(crate) fn file(&self, path: &str) -> Option<&Asset> {
        find_file(self.site, self.document, path)
    }

    fn inside(
        &self,
        to: &str,
        written: &str,
        span: &Range<usize>,
        problems: &mut Vec<Diagnostic>,
    ) -> Link {
        let place = || self.document.source.place(span.clone());
        let (path, rest) = split_suffix(to);
        let path = decoded(path);
        if let Some(Destination::Unpublished(state)) = self.site.destinations.get(&path) {
            problems.push(Diagnostic::link_to_unpublished(place(), written, state.name()));
            return Link::Dropped;
        }
        if let Some(asset) = self.site.asset(&SourcePath::new(format!("content/{path}"))) {
            return Link::To(self.shown(&self.site.url(&asset.output)));
        }
        let Some((url, target)) = target_of(self.site, &path, self.language) else {
            let names = self.site.destinations.keys().map(String::as_str);
            let near = Self::nearest(&path, names, problems).map(|near| format!("@/{near}"));
            let problem = LinkProblem::Missing;
            problems.push(Diagnostic::broken_link(place(), written, problem, near.as_deref()));
            return Link::Dropped;
        };
        let Some((anchor, target)) = rest.strip_prefix('#').zip(target) else {
            return Link::To(self.shown(&format!("{url}{rest}")));
        };
        let ids = self.heading_ids(target);
        if !ids.contains(&decoded(anchor)) {
            // A text that is shown untranslated knows the headings of its own language.
            let own = target_of(self.site, &path, self.document.language);
            if let Some((url, Some(target))) = own
                && self.heading_ids(target).contains(&decoded(anchor))
            {
                return Link::To(self.shown(&format!("{url}{rest}")));
            }
        }
        self.check_anchor(anchor, ids, written, span, problems);
        Link::To(self.shown(&format!("{url}{rest}")))
    }

    /// Once for each document, however many links lead to it.
    fn heading_ids(&self, id: DocumentId) -> &HeadingIds {
        let find = || Box::new(super::heading_ids(self.site.document(id), self.site));
        self.headings[id.0].get_or_init(find)
    }

    /// Complains about an anchor that is not among the headings of a text.
    pub(crate) fn check_anchor(
        &self,
        anchor: &str,
        ids: &HeadingIds,
        written: &str,
        span: &Range<usize>,
        problems: &mut Vec<Diagnostic>,
    ) {
        let anchor = decoded(anchor);
        if anchor.is_empty() || ids.contains(&anchor) {
            return;
        }
        let near = Self::nearest(&anchor, ids.iter(), problems).map(|id| format!("#{id}"));
        let place = self.document.source.place(span.clone());
        let problem = Diagnostic::broken_link(place, written, LinkProblem::Anchor, near.as_deref());
        problems.push(problem.lenient(self.site.config.lenient()));
    }

    /// What the author will have meant. A search costs as much as there are names, so a text
    /// with very many mistakes gets suggestions for the first of them only.
    fn nearest<'n>(
        written: &str,
        names: impl Iterator<Item = &'n str>,
        problems: &[Diagnostic],
    ) -> Option<&'n str> {
        let few = problems.len() < SUGGESTIONS_MAX;
        few.then(|| nearest(written, names)).flatten()
    }

    /// An address of the host as a page or a feed shows it.
    pub(crate) fn shown(&self, url: &str) -> String {
        match self.addresses {
            Addresses::Absolute if url.starts_with('/') => {
                format!("{}{url}", self.site.config.base_url.origin())
            }
            _ => url.to_owned(),
        }
    }

    /// What stands before the `#` of a link inside the text: a feed is read elsewhere, together
    /// with other texts that have headings and footnotes of the same names.
    pub(crate) fn here(&self) -> &str {
        match self.addresses {
            Addresses::Host => "",
            Addresses::Absolute => self.permalink,
        }
    }

    /// An address that leaves the scheme to the page around it; a feed has none to give.
    fn with_scheme(&self, to: &str) -> String {
        let origin = self.site.config.base_url.origin();
        match (self.addresses, origin.split_once("//")) {
            (Addresses::Absolute, Some((scheme, _))) => format!("{scheme}{to}"),
            _ => to.to_owned(),
        }
    }

    /// The address of the page, as a page or a feed shows it.
    pub(crate) fn page_url(&self) -> String {
        let origin = self.site.config.base_url.origin();
        self.shown(self.permalink.strip_prefix(origin).unwrap_or(self.permalink))
    }

    /// An address on the host, from one relative to the page or to the root of the site.
    fn joined(&self, to: &str) -> String {
        if to.starts_with('/') {
            return self.site.config.base_url.on_host(to);
        }
        let base = Url::parse(self.permalink).ok().and_then(|base| base.join(to).ok());
        base.map_or_else(|| to.to_owned(), |url| url[url::Position::BeforePath..].to_owned())
    }
}

/// The address of a page or section in a language, and its text when it has one.
pub(crate) fn target_of(
    site: &Site,
    path: &str,
    language: LanguageId,
) -> Option<(String, Option<DocumentId>)> {
    let (output, document) = match site.destinations.get(path)? {
        Destination::Page(ids) => {
            let mut pages = ids.iter().map(|id| site.page(*id));
            let page = pages.find(|page| page.language == language)?;
            (&page.output, Some(page.document))
        }
        Destination::Section(ids) => {
            let mut sections = ids.iter().map(|id| site.section(*id));
            let section = sections.find(|section| section.language == language)?;
            (&section.output, section.document)
        }
        Destination::Unpublished(_) => return None,
    };
    Some((site.url(output), document))
}

/// Whether an address on the host is among those of the outputs.
pub(crate) fn is_known(known: &HashSet<String>, url: &str) -> bool {
    let (path, _) = split_suffix(url);
    let path = path.strip_suffix("index.html").unwrap_or(path);
    let found = |path: &str| known.contains(path) || known.contains(&encode_path(&decoded(path)));
    found(path) || (!path.ends_with('/') && found(&format!("{path}/")))
}

/// The file that a path in a document names.
pub(crate) fn find_file<'s>(site: &'s Site, document: &Document, path: &str) -> Option<&'s Asset> {
    let path = decoded(path);
    match path.strip_prefix('/') {
        Some(from_root) => site.asset_paths.get(from_root).map(|index| &site.assets[*index]),
        None => site.asset(&document.source.path.resolve(&path)?),
    }
}

/// A file like the one that a path in a document names, as the document would name it.
pub(crate) fn near_file(site: &Site, document: &Document, path: &str) -> Option<String> {
    let path = decoded(path);
    if let Some(from_root) = path.strip_prefix('/') {
        let near = nearest(from_root, site.asset_paths.keys().map(String::as_str))?;
        return Some(format!("/{near}"));
    }
    let folder = document.source.path.folder();
    let beside = site.assets.iter().filter_map(|asset| asset.source.inside(folder));
    nearest(&path, beside).map(str::to_owned)
}

/// Splits `?query` and `#fragment` off a path.
pub(crate) fn split_suffix(to: &str) -> (&str, &str) {
    to.split_at(to.find(['?', '#']).unwrap_or(to.len()))
}

pub(crate) fn decoded(path: &str) -> String {
    percent_decode_str(path).decode_utf8_lossy().into_owned()
}
