//! What makes a browser ask another server than that of the site, before anybody has clicked on
//! anything. Whoever runs that server learns who reads the page.
//!
//! Every page is looked through once, for the two slashes that are in the address of another server,
//! and from each of them back to its tag: most are links, which load nothing. So it takes about
//! a hundredth of the time in which the page is made. (What browsers mend besides, as in
//! `https:a.example`, nobody writes by mistake.)

use memchr::memmem::Finder;
use memchr::memrchr;
use url::Url;

use crate::config::Config;

/// The attributes of an element, both in small letters, by which it loads something.
fn loading(element: &[u8]) -> &'static [&'static str] {
    match element {
        b"img" | b"source" => &["src", "srcset"],
        b"script" => &["src", "href", "xlink:href"],
        b"link" => &["href", "imagesrcset"],
        b"video" => &["src", "poster"],
        b"audio" | b"embed" | b"frame" | b"iframe" | b"input" | b"track" => &["src"],
        b"object" => &["data"],
        b"use" | b"image" | b"feimage" => &["href", "xlink:href"],
        b"body" | b"table" | b"td" | b"th" => &["background"],
        // It leads all other addresses elsewhere.
        b"base" => &["href"],
        _ => &[],
    }
}

/// More letters than any name in [`loading`] has.
const NAME_BYTES_MAX: usize = 8;

/// As many are told of a page. Whoever has mended these will look again.
const REQUESTS_MAX: usize = 20;

/// How many times its own length is read of a page whose tags lie in each other.
const WORK_MAX: usize = 4;

/// The links that browsers follow by themselves (HTML, 4.6.7).
const FOLLOWED: &[&str] = &[
    "apple-touch-icon",
    "dns-prefetch",
    "icon",
    "manifest",
    "mask-icon",
    "modulepreload",
    "preconnect",
    "prefetch",
    "preload",
    "prerender",
    "stylesheet",
];

/// What a page loads from another server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Request {
    pub(crate) element: String,
    pub(crate) address: String,
    pub(crate) host: String,
}

/// The servers that pages may ask.
#[derive(Clone, Debug)]
pub(crate) struct Servers {
    base: Option<Url>,
    /// Those of the site, and those that `content_security_policy` names: whoever writes them there
    /// means it. One that begins with a dot stands for all below it.
    known: Vec<String>,
    slashes: Finder<'static>,
    /// What stands before an address in a style.
    styles: [Finder<'static>; 2],
}

impl Servers {
    pub(crate) fn new(config: &Config) -> Self {
        let urls = [&config.base_url, &config.home_url].map(|url| Url::parse(url.as_str()).ok());
        let own = urls.iter().flatten().filter_map(Url::host_str).map(str::to_owned);
        let policy = config.hosting.content_security_policy.as_deref().unwrap_or_default();
        let named = policy.split([' ', ';']).filter(|source| source.contains('.')).map(|source| {
            let host = source.split_once("://").map_or(source, |(_, rest)| rest);
            let host = host.split(['/', ':']).next().unwrap_or(host);
            host.strip_prefix('*').unwrap_or(host).to_ascii_lowercase()
        });
        let known = own.chain(named).collect();
        let [base, _] = urls;
        let styles = ["url(", "@import"].map(Finder::new);
        Self { base, known, slashes: Finder::new("//"), styles }
    }

    /// The other server that a browser asks when it loads an address, when it asks one.
    pub(crate) fn foreign(&self, address: &str) -> Option<String> {
        // Without these it is a path.
        if !address.contains(['\\', ':']) && !address.contains("//") {
            return None;
        }
        // It reads addresses as browsers do, and mends what they mend.
        let url = self.base.as_ref()?.join(address).ok()?;
        let host = url.host_str()?;
        let is_known = self.known.iter().any(|known| {
            if known.starts_with('.') { host.ends_with(known.as_str()) } else { host == known }
        });
        (!is_known).then(|| host.to_owned())
    }

    /// What some HTML loads from other servers, in its order: each server once for an element.
    pub(crate) fn requests(&self, html: &str) -> Vec<Request> {
        self.look_through(html).0
    }

    /// The same, and how many bytes of tags were read for it.
    fn look_through(&self, html: &str) -> (Vec<Request>, usize) {
        let mut found: Vec<Request> = Vec::new();
        // The tag before the slashes, as far as it was looked for, and whether it has been read.
        let (mut tag, mut from, mut is_read) = (None, 0, false);
        let (mut comments, mut read_to, mut work) = (Comments::default(), 0, 0);
        let begins_style =
            |text: &str| self.styles.iter().any(|start| start.find(text.as_bytes()).is_some());
        let has_styles = begins_style(html);
        for slashes in self.slashes.find_iter(html.as_bytes()) {
            let between = &html[from..slashes];
            let next = memrchr(b'<', between.as_bytes());
            if let Some(at) = next {
                (tag, is_read) = (Some(from + at), false);
            }
            from = slashes;
            let between = &between[next.unwrap_or(0)..];
            let is_style = has_styles && begins_style(between);
            // Without a style before it, the next address in a tag is as harmless as the first.
            let (Some(start), false) = (tag, is_read || next.is_none() && !is_style) else {
                continue;
            };
            // What looks like a tag in a tag may be one all the same, but not for ever.
            if start < read_to && work > WORK_MAX * html.len() {
                continue;
            }
            let read = self.read(&html[start + 1..], is_style, |request| {
                let is_same = |f: &Request| f.element == request.element && f.host == request.host;
                if !comments.has(html, start) && !found.iter().any(is_same) {
                    found.push(request);
                }
            });
            is_read = read.is_some();
            read_to = read_to.max(start + read.unwrap_or_default());
            work += read.unwrap_or_default();
            if found.len() >= REQUESTS_MAX {
                break;
            }
        }
        (found, work)
    }

    /// Reads a tag that begins with its name, and the style after it when it is one: so many bytes.
    /// Nothing when it loads nothing.
    fn read(&self, html: &str, is_style: bool, mut take: impl FnMut(Request)) -> Option<usize> {
        let end = html.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(html.len());
        let (name, rest) = html.split_at(end);
        let mut small = [0; NAME_BYTES_MAX];
        let small = small.get_mut(..end)?;
        small.copy_from_slice(name.as_bytes());
        small.make_ascii_lowercase();
        let loaded = loading(small);
        let is_link = small == b"link";
        if loaded.is_empty() && !is_style {
            return None;
        }
        let is_followed = !is_link || Attributes(rest).any(is_followed);
        let mut check = |address: &str| {
            if is_followed && let Some(host) = self.foreign(address) {
                let element = name.to_ascii_lowercase();
                take(Request { element, address: address.to_owned(), host });
            }
        };
        let mut attributes = Attributes(rest);
        for (key, value) in attributes.by_ref() {
            let is = |name: &&str| key.eq_ignore_ascii_case(name);
            if is(&"style") {
                style_addresses(value).for_each(&mut check);
            } else if ["srcset", "imagesrcset"].iter().any(is) {
                let candidates = value.split(',').filter_map(|c| c.split_whitespace().next());
                candidates.for_each(&mut check);
            } else if loaded.iter().any(is) {
                check(value.trim());
            }
        }
        let mut after = attributes.0;
        if small == b"style" {
            let (css, end) = after.split_once("</").unwrap_or((after, ""));
            style_addresses(css).for_each(check);
            after = end;
        }
        Some(html.len() - after.len())
    }
}

/// Which parts of a page are comments, read once from its beginning to its end.
#[derive(Default)]
struct Comments {
    read_to: usize,
    is_open: bool,
}

impl Comments {
    /// Whether a byte, which is not before the last one that was asked for, is in a comment.
    fn has(&mut self, html: &str, at: usize) -> bool {
        loop {
            let mark = if self.is_open { "-->" } else { "<!--" };
            let Some(found) = html[self.read_to..at].find(mark) else { break };
            self.read_to += found + mark.len();
            self.is_open = !self.is_open;
        }
        // Half of a mark may stand before it.
        let near = at.saturating_sub(3).max(self.read_to);
        self.read_to = (near..=at).find(|at| html.is_char_boundary(*at)).unwrap_or(at);
        self.is_open
    }
}

/// The addresses that a style loads: `url(…)`, and `@import "…"`.
fn style_addresses(css: &str) -> impl Iterator<Item = &str> {
    ["url(", "@import"].into_iter().flat_map(move |start| {
        css.match_indices(start).filter_map(move |(at, _)| {
            let quoted = css[at + start.len()..].trim_start();
            let bare = quoted.trim_start_matches("&quot;").trim_start_matches(['"', '\'']);
            // `@import url(…)` is found by its second word.
            let is_address = start == "url(" || bare.len() < quoted.len();
            let end = || bare.find(['"', '\'', '(', ')', '&']).unwrap_or(bare.len());
            is_address.then(|| bare[..end()].trim())
        })
    })
}

fn is_followed((key, value): (&str, &str)) -> bool {
    let is_word = |word: &str| FOLLOWED.iter().any(|rel| word.eq_ignore_ascii_case(rel));
    key.eq_ignore_ascii_case("rel") && value.split_ascii_whitespace().any(is_word)
}

/// Reads names and values up to the end of a tag (HTML, 13.2.5.32).
struct Attributes<'h>(&'h str);

impl<'h> Iterator for Attributes<'h> {
    type Item = (&'h str, &'h str);

    fn next(&mut self) -> Option<Self::Item> {
        self.take(|c| !c.is_ascii_whitespace() && c != '/');
        if let Some(rest) = self.0.strip_prefix('>') {
            self.0 = rest;
            return None;
        }
        let name = self.take(|c| c.is_ascii_whitespace() || matches!(c, '/' | '>' | '='));
        self.take(|c| !c.is_ascii_whitespace());
        let Some(rest) = self.0.strip_prefix('=') else {
            return (!name.is_empty()).then_some((name, ""));
        };
        self.0 = rest;
        self.take(|c| !c.is_ascii_whitespace());
        let quote = self.0.chars().next().filter(|c| matches!(c, '"' | '\''));
        let value = match quote {
            Some(quote) => {
                self.0 = &self.0[1..];
                let value = self.take(|c| c == quote);
                self.0 = self.0.get(1..).unwrap_or_default();
                value
            }
            None => self.take(|c| c.is_ascii_whitespace() || c == '>'),
        };
        Some((name, value))
    }
}

impl<'h> Attributes<'h> {
    /// Takes what stands before the first character that ends it.
    fn take(&mut self, ends: impl Fn(char) -> bool) -> &'h str {
        let end = self.0.find(ends).unwrap_or(self.0.len());
        let (taken, rest) = self.0.split_at(end);
        self.0 = rest;
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Source;
    use crate::path::SourcePath;

    fn servers(policy: &str) -> Servers {
        let text = format!("base_url = \"https://party.example/branch\"\ntitle = \"P\"\n{policy}");
        let source = Source::new(SourcePath::new("site.toml"), text);
        let (config, problems) = crate::config::read(&source, None);
        assert!(problems.is_empty());
        Servers::new(&config)
    }

    fn asked(html: &str) -> Vec<String> {
        let found = servers("").requests(html);
        found.into_iter().map(|request| request.address).collect()
    }

    #[test]
    fn whatever_loads_something_from_elsewhere_is_found() {
        for html in [
            "<img src=\"https://a.example/x\">",
            "<IMG alt='a > b' SRC = '//a.example/x'>",
            "<img/src=https://a.example/x>",
            "<img src=\" \n https://a.example/x\">",
            "<img src=\"/own.png\" srcset=\"/own.png 1x, https://a.example/x 2x\">",
            "<picture><source srcset=\"//a.example/x\"></picture>",
            "<script src=\"https://a.example/x\"></script>",
            "<script>\"url\": \"https://b.example\"</script><img src=//a.example/x>",
            "<!-- <img src='//b.example'> --><img src=//a.example/x>",
            "<link rel=\"Alternate StyleSheet\" href=\"https://a.example/x\">",
            "<link href=\"https://a.example\" rel=preconnect>",
            "<iframe title=x src=\"https://a.example/x\"></iframe>",
            "<video poster=\"https://a.example/x\"></video>",
            "<object data=\"https://a.example/x\"></object>",
            "<svg><use xlink:href=\"https://a.example/x#y\"/></svg>",
            "<svg><image href=\"https://a.example/x\"/></svg>",
            "<p style=\"background: url(https://a.example/x)\">",
            "<p style=\"background: url(&quot;https://a.example/x&quot;)\">",
            "<style>@import 'https://a.example/x';</style>",
            "<style>p { background: url( \"https://a.example/x\" ) }</style>",
            "<style>/* https://b.example */ p { background: url(//a.example/x) }</style>",
            "<base href=\"https://a.example/\">",
            "<noscript><img src=\"https://a.example/x\"></noscript>",
        ] {
            assert_eq!(asked(html).len(), 1, "{html}: {:?}", asked(html));
            assert!(asked(html)[0].contains("a.example"), "{html}: {:?}", asked(html));
        }
    }

    #[test]
    fn what_a_visitor_has_to_click_is_no_request_nor_what_is_the_sites_own() {
        for html in [
            "<a href=\"https://a.example\">https://a.example</a>",
            "<form action=\"https://a.example\"><input value=\"https://a.example\"></form>",
            "<link rel=\"canonical\" href=\"https://a.example\"><link rel=me href=//a.example>",
            "<link rel=alternate type=x href=https://a.example>",
            "<meta property=\"og:image\" content=\"https://a.example/x\">",
            "<blockquote cite=\"https://a.example\">url(https://a.example)</blockquote>",
            "<img src=\"/x\"><img src=\"x.png\"><img src=\"https://party.example/x\">",
            "<img src=\"data:image/png;base64,//8=\"><img alt=\"https://a.example\" src=x>",
            "&lt;img src=\"https://a.example\"&gt; <code>url(https://a.example)</code>",
            "<img src=\"/a//b:c\"><imgx src=\"//a.example\"><customelement src=\"//a.example\">",
            "<",
            "<img",
            "<img src",
            "<img src=",
            "<!--",
        ] {
            assert_eq!(asked(html), Vec::<String>::new(), "{html}");
        }
    }

    #[test]
    fn a_text_of_nothing_but_slashes_is_read_once() {
        let slashes = "//".repeat(200_000);
        assert_eq!(asked(&slashes), Vec::<String>::new());
        assert_eq!(asked(&format!("<p title=\"{slashes}\">{slashes}")), Vec::<String>::new());
        let pictures = (0..5_000).map(|n| format!("<img src=\"//a{n}.example\">"));
        assert_eq!(asked(&pictures.collect::<String>()).len(), REQUESTS_MAX);
    }

    #[test]
    fn a_page_that_is_made_to_take_long_does_not() {
        for piece in [
            "<img src='//a.example' ",
            "<img alt=\"//",
            "<link //",
            "<style> url(//",
            "<p style=url( //",
            "<!-- <img src=//a.example>",
            "<img src=//a.example --> <!-- ",
        ] {
            let html = piece.repeat(20_000);
            let (_, work) = servers("").look_through(&html);
            assert!(work <= (2 * WORK_MAX + 1) * html.len(), "{piece}: {work} of {}", html.len());
        }
    }

    #[test]
    fn what_is_in_a_comment_is_none_wherever_the_comment_ends() {
        for (html, found) in [
            ("<!-- <img src=//a.example> --><img src=//b.example>", 1),
            ("<!--<img src=//a.example><p>ž<img src=//b.example>--", 0),
            ("<!-- ž --><img src=//a.example><!--<img src=//b.example>-->", 1),
            ("<!-<img src=//a.example>-", 1),
        ] {
            assert_eq!(asked(html).len(), found, "{html}");
        }
    }

    #[test]
    fn who_names_a_server_in_the_policy_means_it() {
        let policy = "content_security_policy = \"img-src 'self' https://a.example:8443/x; \
                      media-src *.b.example\"";
        let asked = |address: &str| servers(policy).foreign(address).is_some();
        assert!(!asked("https://a.example/x") && !asked("//tube.b.example/x"));
        assert!(asked("https://b.example/x") && asked("https://x.a.example/"));
    }
}
