//! A site of which single outputs are made, when somebody asks for them.

use std::collections::{HashMap, HashSet};

use super::{Known, Linked, Report, load};
use crate::artifact::{Body, Rank, media_type};
use crate::config::{self, Mode};
use crate::diagnostic::{self, Diagnostic, Source};
use crate::emit::{self, Handed, Made, Output, Workshop};
use crate::host::{Asked, HostPlan};
use crate::load::Inputs;
use crate::load::link::address_of;
use crate::model::{Document, PageId, Site};
use crate::path::{SourcePath, encode_path};
use crate::pictures::Studio;
use crate::render::{Keeping, Theme, Views};

/// A site that is read and linked, with nothing made of it yet.
pub struct Preview {
    site: Site,
    theme: Theme,
    studio: Studio,
}

/// The place where outputs are made, one at a time.
pub struct Desk<'s> {
    site: &'s Site,
    outputs: Vec<Output<'s>>,
    by_path: HashMap<String, usize>,
    workshop: Workshop<'s>,
    /// How the host of the site would answer.
    host: HostPlan,
    /// Two outputs for one place, and the like.
    pub problems: Vec<Diagnostic>,
}

/// Types that hosts send by a rule and not by the ending of a name, and what is sent without one.
const TYPES_BY_RULE: &[&str] = &[
    crate::activity::MEDIA_TYPE,
    "application/jrd+json",
    "application/json",
    "text/plain",
    "application/octet-stream",
];

/// What there is at an address.
#[derive(Debug)]
pub enum Answer {
    /// An output.
    Found {
        /// Its path.
        path: String,
        /// The file that it is made from, or one of them.
        source: SourcePath,
        /// Without charset.
        media_type: &'static str,
        /// Its content, unless something is wrong.
        body: Option<Body>,
        /// What is wrong.
        problems: Vec<Diagnostic>,
    },
    /// A folder, asked for without the slash at its end: where it is.
    Moved(String),
    /// Nothing; and what the host says then, if the site has a page for it.
    Missing(Option<Body>),
}

impl Preview {
    /// Reads a site, if anything at all can be shown of it, and says what it found out. `known` is
    /// what is known from the last time, when nothing but texts has changed since.
    pub fn load(inputs: &Inputs, mode: &Mode, known: &mut Known) -> (Option<Self>, Report) {
        let Linked { site, report, .. } = load(inputs, mode, &HashSet::new(), Some(known), || {});
        let studio = inputs.studio.clone();
        (site.map(|(site, theme)| Self { site, theme, studio }), report)
    }

    /// The title of the site.
    pub fn title(&self) -> &str {
        &self.site.config.languages[0].title
    }

    /// Plans all outputs.
    pub fn desk(&self) -> Desk<'_> {
        let plan = emit::plan_without_keys(&self.site, &self.theme);
        let paths = plan.outputs.iter().map(|output| &output.path);
        let views = Views::new(&self.site, &self.theme, paths, Keeping::Always);
        let paths = plan.outputs.iter().map(|output| output.path.as_str().to_owned());
        Desk {
            site: &self.site,
            by_path: paths.zip(0..).collect(),
            outputs: plan.outputs,
            host: emit::host_plan(&self.site),
            workshop: Workshop::new(views, self.studio.clone(), (plan.cards, plan.in_feeds)),
            problems: plan.problems,
        }
    }
}

impl Desk<'_> {
    /// What there is at a path below the root of the site, decoded and without the first slash:
    /// `news/first/`.
    pub fn answer(&self, path: &str) -> Answer {
        let file = match path {
            "" => "index.html".to_owned(),
            folder if folder.ends_with('/') => format!("{folder}index.html"),
            file => file.to_owned(),
        };
        if let Some(index) = self.by_path.get(&file) {
            let Made { body, problems } = self.make(*index);
            let source = self.outputs[*index].source.clone();
            let media_type = self.media_type(&file);
            return Answer::Found { path: file, source, media_type, body, problems };
        }
        if self.by_path.contains_key(&format!("{file}/index.html")) {
            return Answer::Moved(format!("{}{}/", self.root(), encode_path(&file)));
        }
        let config = &self.site.config;
        let of_language = |language: &_| file.starts_with(&config.prefix(*language));
        let language = config.language_ids().filter(of_language).last();
        let prefix = language.map(|language| config.prefix(language));
        let name = format!("{}404.html", prefix.unwrap_or_default());
        Answer::Missing(self.by_path.get(&name).and_then(|index| self.make(*index).body))
    }

    fn make(&self, number: usize) -> Made {
        let mut made = (self.outputs[number].make)(&self.workshop, &mut Handed::default());
        diagnostic::sort(&mut made.problems);
        made
    }

    /// How many outputs there are.
    pub fn count(&self) -> usize {
        self.outputs.len()
    }

    /// The number of the output at a path.
    pub fn number(&self, path: &str) -> Option<usize> {
        self.by_path.get(path).copied()
    }

    /// The outputs that are made from a file before all others, by number.
    pub fn made_from(&self, source: &SourcePath) -> Vec<usize> {
        let outputs = self.outputs.iter().enumerate();
        outputs.filter(|(_, output)| output.source == *source).map(|(index, _)| index).collect()
    }

    /// The path of the output with a number, and what is wrong with it.
    pub fn check(&self, number: usize) -> (&str, Vec<Diagnostic>) {
        let output = &self.outputs[number];
        // A picture is made when somebody wants to see it, for that takes its time.
        let problems =
            if output.rank == Rank::Asset { Vec::new() } else { self.make(number).problems };
        (output.path.as_str(), problems)
    }

    /// The text that would be at a path if it were public, and its state: `draft`, `future`,
    /// `expired` or `broken`.
    pub fn hidden_at(&self, path: &str) -> Option<(&SourcePath, &'static str)> {
        let config = &self.site.config;
        let path = path.strip_suffix("index.html").unwrap_or(path);
        let address = encode_path(path.trim_end_matches('/'));
        let is_meant =
            |document: &&Document| address_of(document, config).trim_end_matches('/') == address;
        let document = self.site.hidden.iter().find(is_meant)?;
        Some((&document.source.path, document.state.name()))
    }

    /// The state of a text that is not public, as in [`Desk::hidden_at`].
    pub fn hidden(&self, source: &SourcePath) -> Option<&'static str> {
        let document = self.site.hidden.iter().find(|document| document.source.path == *source)?;
        Some(document.state.name())
    }

    /// Whether the text at a source is shown although it is a draft.
    pub fn is_draft(&self, source: &SourcePath) -> bool {
        let mut documents = self.site.documents.iter();
        documents.any(|document| document.front.draft && document.source.path == *source)
    }

    /// The media type of what is at a path, as for [`Desk::answer`], if there is something.
    pub fn has(&self, path: &str) -> Option<&'static str> {
        let folder = path.strip_suffix('/').unwrap_or(path);
        let index = format!("{folder}/index.html");
        let index = index.trim_start_matches('/');
        if self.by_path.contains_key(index) {
            return Some("text/html");
        }
        self.by_path.contains_key(path).then(|| self.media_type(path))
    }

    /// The media type with which the host would send a file: what other servers ask for is refused
    /// by them when it is another one.
    fn media_type(&self, file: &str) -> &'static str {
        if !(file.starts_with("ap/") || file.starts_with(".well-known/")) {
            return media_type(file);
        }
        let path = format!("{}{file}", self.root());
        // Nobody asks for WebFinger without saying whom they look for.
        let finger = self.host.fingers.first();
        let query = finger.map(|f| format!("resource=acct:{}@{}", f.user, f.host));
        let asked = Asked { method: "GET", path: &path, query: query.as_deref() };
        let answer = self.host.answer(&asked, &|path| self.by_path.contains_key(path));
        let sent =
            answer.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-type"));
        let sent = sent.map_or("", |(_, value)| value.as_str());
        let known = TYPES_BY_RULE.iter().find(|known| sent.split(';').next() == Some(**known));
        known.copied().unwrap_or_else(|| media_type(file))
    }

    /// The path of the site on its host, with slashes on both sides.
    pub fn root(&self) -> String {
        self.site.config.base_url.root()
    }

    /// The address of the page or section that shows a text, on the host.
    pub fn address_of(&self, source: &SourcePath) -> Option<String> {
        let is_text =
            |id: &crate::model::DocumentId| self.site.document(*id).source.path == *source;
        let pages = self.site.pages.iter().filter(|page| page.translated);
        let pages = pages.map(|page| (Some(page.document), &page.output));
        let sections = self.site.sections.iter().filter(|section| section.translated);
        let mut all = pages.chain(sections.map(|section| (section.document, &section.output)));
        let (_, output) = all.find(|(document, _)| document.as_ref().is_some_and(is_text))?;
        Some(self.site.url(output))
    }

    /// Where a file is that is copied as it is, on the host.
    pub fn address_of_file(&self, source: &SourcePath) -> Option<String> {
        Some(self.site.url(&self.site.asset(source)?.output))
    }

    /// The page at the path of an output as feeds have it; nothing when they do not.
    pub(crate) fn feed_entry(&self, path: &str) -> Option<emit::FeedEntry> {
        let index = self.site.pages.iter().position(|page| page.output.as_str() == path)?;
        emit::feed_entry(&self.workshop, PageId(index))
    }
}

/// The path of a site on its host, with slashes on both sides, before anything else is known of it.
pub fn root_of(inputs: &Inputs) -> String {
    let empty = Source::new(SourcePath::new(config::FILE), "");
    let (config, _) = config::read(inputs.config.as_ref().unwrap_or(&empty), None);
    config.home_url.root()
}
