//! What `site.toml` says, as values that need no further checks.
//!
//! [`read()`] turns the text into a [`Config`] or into every mistake in it. What a single run
//! asks for (drafts, another clock) is a [`Mode`], a parameter and no part of the site.

mod actors;
mod base_url;
mod deploy;
mod feed_format;
mod follow;
mod host;
mod hosting;
mod imprint;
mod look;
mod notice;
mod palette;
mod pictures;
mod read;
mod taxonomies;

use jiff::Timestamp;
use jiff::tz::TimeZone;

pub(crate) use crate::node::MailOrPage;
pub(crate) use actors::{Actor, ActorKind, check_base_url};
pub(crate) use base_url::{BaseUrl, is_nobodys};
pub(crate) use deploy::DeployTarget;
#[cfg(feature = "network")]
pub(crate) use deploy::{Branch, Bucket, Shell, Way};
pub(crate) use feed_format::FeedFormat;
pub(crate) use follow::Follow;
pub(crate) use host::Host;
pub(crate) use hosting::Hosting;
pub(crate) use imprint::{Imprint, Party, Promotion, Provider, needed, read_line};
#[cfg(feature = "cards")]
pub(crate) use look::plain_palette;
pub(crate) use look::{Corners, Front, Header, Look};
pub(crate) use notice::{Backer, NoticeBasics, Origin};
pub(crate) use palette::Palette;
pub(crate) use pictures::Pictures;
pub(crate) use read::read;

use crate::diagnostic::Place;
use crate::node::Node;

/// The theme inside the binary.
pub(crate) const DEFAULT_THEME: &str = "campaign";

/// The name of the file.
pub(crate) const FILE: &str = "site.toml";

/// The schemes that links may have without being switched on.
const LINK_SCHEMES: &[&str] = &["http", "https", "mailto", "tel", "webcal"];

/// A site as its owner described it.
#[derive(Clone, Debug)]
pub(crate) struct Config {
    /// Where the output is for.
    pub(crate) base_url: BaseUrl,
    /// What `site.toml` says; another one makes the build a preview.
    pub(crate) home_url: BaseUrl,
    /// The default language comes first.
    pub(crate) languages: Vec<Language>,
    /// The zone of dates without one.
    pub(crate) zone: TimeZone,
    /// A folder under `themes/`, and where it is named.
    pub(crate) theme: (String, Place),
    /// Where the output goes, relative to the site.
    pub(crate) output_dir: String,
    /// What others look after in the output: names, and paths relative to it.
    pub(crate) keep: Vec<String>,
    /// Whether what is written survives a power cut.
    pub(crate) durable: bool,
    /// Whether a signed list of all files is published, so that tampering is noticed, and where
    /// that was said.
    pub(crate) sign: Option<Place>,
    /// Who speaks where a page names nobody.
    pub(crate) author: Option<String>,
    /// The fixed beginning of feed ids, when the owner chose one, and where.
    pub(crate) id_base: Option<(String, Place)>,
    pub(crate) front_matter: Strictness,
    pub(crate) taxonomies: Vec<Taxonomy>,
    pub(crate) feeds: Feeds,
    pub(crate) markdown: Markdown,
    pub(crate) sitemap: bool,
    /// Whether visitors can search the site.
    pub(crate) search: bool,
    /// What the page has that says how to follow, when there is one.
    pub(crate) follow: Option<Follow>,
    pub(crate) robots: bool,
    /// Whether pages have share pictures that are drawn.
    pub(crate) share_pictures: bool,
    /// The share picture of pages that have none, or what is shown on it.
    pub(crate) image: Option<Image>,
    pub(crate) pictures: Pictures,
    pub(crate) hosting: Hosting,
    /// Where the site is brought, in the order of `site.toml`.
    #[cfg_attr(not(feature = "network"), expect(dead_code, reason = "nothing is deployed there"))]
    pub(crate) deploy: Vec<DeployTarget>,
    /// What the site looks like, when its owner has chosen that.
    pub(crate) look: Option<Look>,
    /// The accounts of the site, the first one being the answer where no other can be given.
    pub(crate) actors: Vec<Actor>,
    /// The base URL as it was written, and where.
    pub(crate) base_url_written: (String, Place),
    /// What notices of political advertising have in common, when the law is `eu-ttpa`.
    pub(crate) notices: Option<NoticeBasics>,
    pub(crate) extra: Node,
}

/// A language of the site.
#[derive(Clone, Debug)]
pub(crate) struct Language {
    /// As in BCP 47: `cy`, `de-CH`.
    pub(crate) code: String,
    pub(crate) title: String,
    pub(crate) description: Option<String>,
    /// Interface texts that replace those of the theme, by key.
    pub(crate) translations: Vec<(String, String)>,
    /// What the menu shows; empty means the theme's choice.
    pub(crate) menu: Vec<MenuItem>,
    /// What stands at the foot of every page.
    pub(crate) footer_menu: Vec<MenuItem>,
    pub(crate) feeds: bool,
    /// Who answers for what is published in it, when somebody has to say so.
    pub(crate) imprint: Option<Imprint>,
}

/// The place of a language in [`Config::languages`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct LanguageId(pub(crate) usize);

/// The language that has no prefix in its addresses.
pub(crate) const DEFAULT_LANGUAGE: LanguageId = LanguageId(0);

/// An entry of a menu.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum MenuItem {
    /// `@/news/_index.md`: the title is that of the page, and the bytes are where it stands.
    Page { link: String, span: std::ops::Range<usize> },
    /// Any address, with its text and where it stands.
    Link { title: String, url: String, span: std::ops::Range<usize> },
}

/// How front matter with unknown keys is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Strictness {
    /// An unknown key is an error.
    Strict,
    /// For content that comes from elsewhere: unknown keys go to `extra`.
    Lenient,
}

/// A way to group pages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Taxonomy {
    pub(crate) name: String,
    pub(crate) slug: String,
    pub(crate) feed: bool,
    pub(crate) paginate_by: Option<usize>,
    /// Nobody asked for it, so it gives way to a page or section at its address.
    pub(crate) is_default: bool,
}

/// What the feeds look like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Feeds {
    /// Entries in one feed at most.
    pub(crate) limit: usize,
    pub(crate) formats: Vec<FeedFormat>,
    /// A `WebSub` hub.
    pub(crate) hub: Option<String>,
}

/// What Markdown may do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Markdown {
    pub(crate) smart_punctuation: bool,
    pub(crate) raw_html: bool,
    /// Schemes of links besides the harmless ones.
    pub(crate) link_schemes: Vec<String>,
}

/// The place of an account in [`Config::actors`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct ActorId(pub(crate) usize);

/// A picture and its text for those who do not see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Image {
    pub(crate) path: String,
    pub(crate) alt: String,
    /// Whose it is, and under which licence.
    pub(crate) credit: Option<String>,
    pub(crate) span: std::ops::Range<usize>,
}

/// What one run asks for.
#[derive(Clone, Debug)]
pub struct Mode {
    /// The time of the build.
    pub now: Timestamp,
    /// `now` was chosen and is not the real time.
    pub clock: bool,
    /// Publish drafts.
    pub drafts: bool,
    /// Publish what is dated in the future.
    pub future: bool,
    /// Another base URL than the one in `site.toml`.
    pub base_url: Option<String>,
    /// Write `published.toml` even in a preview.
    pub record: bool,
    /// Leave out what is broken, so that the rest can be published.
    pub keep_going: bool,
    /// Refuse to build when `published.toml` would change.
    pub locked: bool,
}

impl Mode {
    /// A build at a time, with no special wishes.
    pub fn at(now: Timestamp) -> Self {
        Self {
            now,
            clock: false,
            drafts: false,
            future: false,
            base_url: None,
            record: false,
            keep_going: false,
            locked: false,
        }
    }

    /// The option with which pages are made that are not public, if there is one.
    pub(crate) fn shows_more(&self) -> Option<&'static str> {
        let Self { drafts, future, clock, .. } = *self;
        let options = [("--drafts", drafts), ("--future", future), ("--clock", clock)];
        options.into_iter().find(|(_, is_set)| *is_set).map(|(option, _)| option)
    }
}

impl Config {
    pub(crate) fn language(&self, id: LanguageId) -> &Language {
        &self.languages[id.0]
    }

    pub(crate) fn actor(&self, id: ActorId) -> &Actor {
        &self.actors[id.0]
    }

    /// All accounts, in the order of `site.toml`.
    pub(crate) fn actor_ids(&self) -> impl Iterator<Item = ActorId> + use<> {
        (0..self.actors.len()).map(ActorId)
    }

    /// All languages, the default one first.
    pub(crate) fn language_ids(&self) -> impl Iterator<Item = LanguageId> + use<> {
        (0..self.languages.len()).map(LanguageId)
    }

    /// The language with a code.
    pub(crate) fn language_id(&self, code: &str) -> Option<LanguageId> {
        self.languages.iter().position(|l| l.code.eq_ignore_ascii_case(code)).map(LanguageId)
    }

    /// The beginning of the addresses of a language: nothing, or `cy/`.
    pub(crate) fn prefix(&self, id: LanguageId) -> String {
        if id == DEFAULT_LANGUAGE {
            return String::new();
        }
        format!("{}/", self.language(id).code)
    }

    /// Where people search a language, inside the output: `search/`, or `cy/search/`.
    pub(crate) fn search_folder(&self, id: LanguageId) -> String {
        format!("{}search/", self.prefix(id))
    }

    /// Where a language says how to follow, inside the output: `follow/`, or `cy/follow/`.
    pub(crate) fn follow_folder(&self, id: LanguageId) -> String {
        format!("{}follow/", self.prefix(id))
    }

    /// Whether the output is for trying out, and so nothing of it is recorded.
    pub(crate) fn is_preview(&self, mode: &Mode) -> bool {
        let elsewhere = self.base_url.origin() != self.home_url.origin();
        mode.shows_more().is_some() || elsewhere || self.base_url.is_loopback()
    }

    /// Whether a link may have a scheme, in small letters.
    pub(crate) fn allows_scheme(&self, scheme: &str) -> bool {
        LINK_SCHEMES.contains(&scheme)
            || self.markdown.link_schemes.iter().any(|allowed| allowed == scheme)
    }

    /// Whether unknown things in content are warnings.
    pub(crate) fn lenient(&self) -> bool {
        self.front_matter == Strictness::Lenient
    }
}
