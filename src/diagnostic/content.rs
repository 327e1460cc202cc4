//! Diagnostics about what stands in the text: links, pictures, markup, terms.

use super::{Diagnostic, Place};
use crate::limits::MARKDOWN_DEPTH_MAX;

/// What is wrong with a link inside the site.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LinkProblem {
    /// There is no such page.
    Missing,
    /// The page has no such heading.
    Anchor,
}

impl Diagnostic {
    /// `paths` are the files with such texts.
    pub(crate) fn starter_text(place: Place, paths: &[&str]) -> Self {
        let message = match paths {
            [_] => "this text still says what to write in it".to_owned(),
            _ => {
                let paths: Vec<String> = paths.iter().map(|path| format!("`{path}`")).collect();
                format!("these texts still say what to write in them: {}", paths.join(", "))
            }
        };
        Self::warning("starter-text", message)
            .at(place)
            .help("write your own; what you do not need can go, and `draft = true` hides a page")
    }

    pub(crate) fn broken_link(
        place: Place,
        link: &str,
        problem: LinkProblem,
        near: Option<&str>,
    ) -> Self {
        let (message, advice) = match problem {
            LinkProblem::Missing => (
                format!("the link leads to `{link}`, which is not there"),
                "write the path inside `content/`, such as `@/news/first.md`",
            ),
            LinkProblem::Anchor => {
                let (page, heading) = link.split_once('#').unwrap_or((link, ""));
                let page = if page.is_empty() { "this page" } else { &format!("`{page}`") };
                (
                    format!("{page} has no heading `#{heading}`"),
                    "write the words of the heading in small letters with hyphens",
                )
            }
        };
        let help = near.map_or_else(|| advice.to_owned(), |near| format!("did you mean `{near}`?"));
        Self::error("broken-link", message).at(place).help(help)
    }

    pub(crate) fn dead_path(place: Place, path: &str) -> Self {
        let name = path.rsplit('/').next().unwrap_or(path);
        let is_page = !name.contains('.') || name.ends_with(".md") || name.ends_with(".html");
        let help = if path.starts_with("www.") {
            "write a link to another site with `https://` at the beginning"
        } else if is_page {
            "write the file of the page, such as `@/news/first.md`: that link is kept right"
        } else {
            "put the file beside the page, or into `static/` and begin with `/`"
        };
        let message = format!("the link leads to `{path}`, which the site does not have");
        Self::warning("dead-path", message).at(place).help(help)
    }

    pub(crate) fn link_to_unpublished(place: Place, link: &str, state: &str) -> Self {
        let (reason, help) = match state {
            "draft" => ("is a draft", "it becomes a link when the page is published"),
            "future" => ("is not out yet", "it becomes a link when the page is published"),
            _ => ("has expired", "remove the link, or change `expires` in that page"),
        };
        let message = format!("`{link}` {reason}, so only the words of the link are shown");
        Self::warning("link-to-unpublished", message).at(place).help(help)
    }

    pub(crate) fn unsafe_link(place: Place, link: &str) -> Self {
        Self::warning("unsafe-link", format!("the link to `{link}` is left out, its words stay"))
            .at(place)
            .help("begin it with https, mailto, tel or webcal; `link_schemes` can allow more")
    }

    pub(crate) fn unsafe_picture(place: Place, path: &str) -> Self {
        Self::warning("unsafe-picture", format!("the picture `{path}` is not shown"))
            .at(place)
            .help("put the file beside the page, or write an address that begins with `https://`")
    }

    /// An element of a page that makes browsers ask another server. The message is the same wherever
    /// it is met: in a text, and in the pages that show it.
    pub(crate) fn third_party(place: Place, element: &str, host: &str, address: &str) -> Self {
        let message = format!("`<{element}>` tells `{host}` who reads the page");
        Self::warning("third-party", message).at(place).help(format!(
            "browsers load `{address}` from there by themselves: save the file in `static/` and \
             name that one, or link to it; if you want it so, name `{host}` in \
             `content_security_policy`"
        ))
    }

    pub(crate) fn missing_picture(place: Place, path: &str, near: Option<&str>) -> Self {
        let help = match near {
            Some(near) => format!("did you mean `{near}`?"),
            None => "put it beside the page, or into `static/` and begin with `/`".to_owned(),
        };
        Self::error("missing-picture", format!("there is no picture `{path}`")).at(place).help(help)
    }

    pub(crate) fn missing_alt(place: Place, path: &str) -> Self {
        Self::error(
            "missing-alt",
            format!("the picture `{path}` has no text for those who cannot see it"),
        )
        .at(place)
        .help(
            "say what is to be seen: `![Volunteers at the river](river.jpg)`; for mere decoration \
             write `{{ figure(src=\"river.jpg\", alt=\"\") }}`",
        )
    }

    pub(crate) fn missing_image_alt(place: Place) -> Self {
        let message = "`image` has no text for those who cannot see it";
        Self::error("missing-image-alt", message)
            .at(place)
            .help("write `image_alt = \"…\"` and say what is to be seen")
    }

    pub(crate) fn missing_enclosure(place: Place, path: &str) -> Self {
        Self::error("missing-enclosure", format!("there is no file `{path}`"))
            .at(place)
            .help("put it beside the page, or into `static/` and begin with `/`")
    }

    pub(crate) fn raw_html(place: Place, count: usize) -> Self {
        let pieces = if count == 1 { "1 piece".to_owned() } else { format!("{count} pieces") };
        Self::warning("raw-html", format!("{pieces} of HTML shown as text")).at(place).help(
            "use Markdown or a shortcode; `raw_html = true` under `[markdown]` lets it through",
        )
    }

    pub(crate) fn foreign_tag(place: Place, what: &str, count: usize) -> Self {
        let pieces = if count == 1 { "1 piece".to_owned() } else { format!("{count} pieces") };
        Self::warning("foreign-tag", format!("{pieces} of {what} shown as text"))
            .at(place)
            .help("another generator understood it; write it in Markdown or as a shortcode")
    }

    pub(crate) fn nested_markdown(place: Place) -> Self {
        let message = format!("lists and quotes are nested more than {MARKDOWN_DEPTH_MAX} deep");
        Self::error("nested-markdown", message).at(place).help("put fewer of them into each other")
    }

    pub(crate) fn empty_slug(place: Place) -> Self {
        Self::error(
            "empty-slug",
            "no address can be made for this page: it has no name with letters or digits",
        )
        .at(place)
        .help("write `slug = \"…\"` with letters and digits into the front matter")
    }

    pub(crate) fn slash_in_slug(place: Place, slug: &str) -> Self {
        Self::error("slash-in-slug", format!("the slug `{slug}` has a slash"))
            .at(place)
            .help("leave only what stands after the slash, or write the whole as `path`")
    }

    pub(crate) fn empty_term(place: Place, term: &str) -> Self {
        Self::error("empty-term", format!("no address can be made from `{term}`"))
            .at(place)
            .help("use letters or digits")
    }

    pub(crate) fn term_spelt_twice(place: Place, name: &str, chosen: &str) -> Self {
        Self::warning("term-spelling", format!("`{name}` is also written `{chosen}`"))
            .at(place)
            .help(format!("write `{chosen}` everywhere; both are shown on one page"))
    }

    pub(crate) fn not_translated(place: Place, languages: &str) -> Self {
        Self::note("not-translated", format!("not translated: {languages}"))
            .at(place)
            .help("they show the original; a translation is a file such as `name.cy.md`")
    }
}
