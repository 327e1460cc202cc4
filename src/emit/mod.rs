//! Decides which files exist and what is in them.
//!
//! Every output (page, list, feed, file) is the same kind of value: a path, and a function
//! that makes its content when it is wanted. So a build can make all of them on all
//! processors, and a preview only the one that somebody asks for.

mod asset;
mod calendar;
mod cards;
mod compressed;
mod fediverse;
mod feed;
mod follow;
mod host;
mod html;
mod keys;
mod look;
mod notice;
mod redirect;
mod robots;
mod search;
mod sitemap;

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, OnceLock};

use rayon::prelude::*;
use tera::Value;

use crate::artifact::{Body, Key, Rank};
use crate::config::LanguageId;
use crate::diagnostic::{Diagnostic, Place};
use crate::model::{PageId, SectionId, Site};
use crate::path::{OutputPath, SourcePath};
use crate::pictures::Studio;
use crate::render::markdown::Rendered;
use crate::render::{Theme, Views};
use cards::Cards;
pub(crate) use fediverse::site_did;
pub(crate) use feed::FeedEntry;
use feed::FeedOf;
pub(crate) use feed::feed_entry;
pub(crate) use host::host_plan;
use keys::Keys;

/// A file that will exist.
pub(crate) struct Output<'s> {
    pub(crate) path: OutputPath,
    pub(crate) rank: Rank,
    /// What it is made from, for messages.
    pub(crate) source: SourcePath,
    /// Stands for all that it is made from. `None` when to find that out would take as long as to
    /// make it.
    pub(crate) key: Option<Key>,
    pub(crate) shows: Shows,
    pub(crate) make: Make<'s>,
}

/// What an output shows of pages. It says when it is best made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shows {
    /// The text of a page. Outputs that show the same one are best made one after the other, with
    /// one [`Handed`].
    Text(PageId),
    /// Some pages in a list, of which this one is the last. What others have kept of them for it
    /// can go when it is made.
    List(PageId),
    /// Nothing, or something of all.
    Others,
}

impl Shows {
    /// For a list of some pages.
    fn list(pages: &[PageId]) -> Self {
        pages.iter().max().map_or(Self::Others, |last| Self::List(*last))
    }
}

/// Makes the content of an output.
pub(crate) type Make<'s> = Arc<dyn Fn(&Workshop<'s>, &mut Handed) -> Made + Send + Sync + 's>;

/// The text of a page, handed on from the output that has rendered it to the next one that shows
/// it. Whoever gets none, or that of another page, renders it again, with the same result.
#[derive(Debug, Default)]
pub(crate) struct Handed(Option<(PageId, Rendered)>);

impl Handed {
    fn put(&mut self, id: PageId, text: Rendered) {
        self.0 = Some((id, text));
    }

    fn take(&mut self, id: PageId) -> Option<Rendered> {
        self.0.take_if(|(of, _)| *of == id).map(|(_, text)| text)
    }
}

/// The content of an output, unless something is wrong.
#[derive(Debug)]
pub(crate) struct Made {
    pub(crate) body: Option<Body>,
    pub(crate) problems: Vec<Diagnostic>,
}

impl Made {
    fn bytes(bytes: impl Into<Vec<u8>>) -> Self {
        Self { body: Some(Body::Bytes(bytes.into())), problems: Vec::new() }
    }
}

/// What the making of outputs shares.
pub(crate) struct Workshop<'s> {
    pub(crate) views: Views<'s>,
    studio: Studio,
    cards: Arc<Cards>,
    entries: feed::Entries,
    /// By section: its text, which stands on every pager, and what is wrong with it.
    section_texts: Vec<OnceLock<(Rendered, Vec<Diagnostic>)>>,
    /// By language: the feeds of the site, which every document names.
    site_feeds: Vec<Vec<Value>>,
    /// By language: what can be found, made when somebody asks.
    searches: Vec<OnceLock<search::Index>>,
    /// The parts of the site that have a calendar.
    with_events: HashSet<FeedOf>,
}

impl<'s> Workshop<'s> {
    /// For the outputs of a plan, of which these are the cards and the pages in feeds.
    pub(crate) fn new(
        views: Views<'s>,
        studio: Studio,
        (cards, in_feeds): (Arc<Cards>, HashMap<PageId, usize>),
    ) -> Self {
        let site = views.site;
        let site_feeds = |language| feed::links(site, views.theme, FeedOf::Site(language));
        Self {
            entries: feed::Entries::new(in_feeds),
            section_texts: site.sections.iter().map(|_| OnceLock::new()).collect(),
            site_feeds: site.config.language_ids().map(site_feeds).collect(),
            searches: site.config.language_ids().map(|_| OnceLock::new()).collect(),
            with_events: calendar::with_events(site),
            views,
            studio,
            cards,
        }
    }

    fn section_text(&self, id: SectionId) -> &(Rendered, Vec<Diagnostic>) {
        self.section_texts[id.0].get_or_init(|| {
            let mut problems = Vec::new();
            let rendered = self.views.rendered_section(id, &mut problems);
            (rendered, problems)
        })
    }

    fn search(&self, language: LanguageId) -> &search::Index {
        self.searches[language.0].get_or_init(|| search::Index::new(self, language))
    }

    fn site_feeds(&self, language: LanguageId) -> &[Value] {
        &self.site_feeds[language.0]
    }
}

/// Lists the files of one part of the output.
type Emitter = for<'s> fn(&'s Site, &mut Plan<'s>);

/// Every output a site can have. The order is only the order of the plan.
///
/// Adding one: write the file, add the line, add a case in `tests/`.
const EMITTERS: &[Emitter] = &[
    asset::plan,
    look::plan,
    cards::plan,
    html::plan,
    redirect::plan,
    feed::plan,
    calendar::plan,
    sitemap::plan,
    robots::plan,
    search::plan,
    follow::plan,
    notice::plan,
    fediverse::plan,
    host::plan,
];

/// All files of a site.
pub(crate) struct Plan<'s> {
    /// Nothing when nobody asks for keys.
    keys: Option<Keys>,
    pub(crate) cards: Arc<Cards>,
    /// The pages that stand in feeds: in how many.
    pub(crate) in_feeds: HashMap<PageId, usize>,
    /// By page: in how many lists it stands.
    pub(crate) in_lists: Vec<usize>,
    pub(crate) outputs: Vec<Output<'s>>,
    pub(crate) problems: Vec<Diagnostic>,
    /// Sources of pages whose place is taken.
    pub(crate) losers: Vec<SourcePath>,
}

impl<'s> Plan<'s> {
    fn key(&self, key: impl FnOnce(&Keys) -> Key) -> Option<Key> {
        self.keys.as_ref().map(key)
    }

    fn add(
        &mut self,
        path: OutputPath,
        rank: Rank,
        source: &SourcePath,
        key: Option<Key>,
        make: impl Fn(&Workshop<'s>) -> Made + Send + Sync + 's,
    ) {
        self.add_showing((Shows::Others, path), rank, source, key, move |w, _| make(w));
    }

    /// Adds an output that shows the cards of some pages.
    fn add_with_cards(
        &mut self,
        (pages, path): (&[PageId], OutputPath),
        rank: Rank,
        source: &SourcePath,
        key: Option<Key>,
        make: impl Fn(&Workshop<'s>) -> Made + Send + Sync + 's,
    ) {
        pages.iter().for_each(|id| self.in_lists[id.0] += 1);
        let shows = (Shows::list(pages), path);
        self.add_showing(shows, rank, source, key, move |w, _| make(w));
    }

    /// Adds an output that shows something of pages.
    fn add_showing(
        &mut self,
        (shows, path): (Shows, OutputPath),
        rank: Rank,
        source: &SourcePath,
        key: Option<Key>,
        make: impl Fn(&Workshop<'s>, &mut Handed) -> Made + Send + Sync + 's,
    ) {
        let (source, make) = (source.clone(), Arc::new(make));
        self.outputs.push(Output { path, rank, source, key, shows, make });
    }

    /// Adds what no text asks for, but the configuration.
    fn add_of_site(
        &mut self,
        path: &str,
        rank: Rank,
        key: Option<Key>,
        make: impl Fn(&Workshop<'s>, &OutputPath) -> Made + Send + Sync + 's,
    ) {
        let source = SourcePath::new(crate::config::FILE);
        if let Ok(path) = OutputPath::new(path) {
            let output = path.clone();
            self.add(path, rank, &source, key, move |workshop| make(workshop, &output));
        }
    }
}

/// Lists all outputs of a site, with their keys, and what is wrong between them.
pub(crate) fn plan<'s>(site: &'s Site, theme: &Theme) -> Plan<'s> {
    plan_with(site, theme, Some(Keys::new(site, theme)))
}

/// Lists all outputs of a site, for somebody who keeps none of them.
pub(crate) fn plan_without_keys<'s>(site: &'s Site, theme: &Theme) -> Plan<'s> {
    plan_with(site, theme, None)
}

fn plan_with<'s>(site: &'s Site, theme: &Theme, keys: Option<Keys>) -> Plan<'s> {
    let mut plan = Plan {
        keys,
        cards: Arc::new(Cards::new(site, theme)),
        in_feeds: HashMap::new(),
        in_lists: vec![0; site.pages.len()],
        outputs: Vec::new(),
        problems: Vec::new(),
        losers: Vec::new(),
    };
    for emitter in EMITTERS {
        emitter(site, &mut plan);
    }
    compressed::plan(site, &mut plan);
    let (problems, without_place) = collisions(&plan.outputs);
    plan.problems.extend(problems);
    // Each path is made once, also in a build that keeps going: the first source has it.
    let mut index = 0;
    plan.outputs.retain(|output| {
        index += 1;
        let stays = !without_place.contains(&(index - 1));
        if !stays && output.rank == Rank::Page {
            plan.losers.push(output.source.clone());
        }
        stays
    });
    plan.outputs.shrink_to_fit();
    plan
}

/// Where documents of the site itself lie; pages keep away from it.
const RESERVED: &[&str] = &["ap/", ".well-known/", ".sitegen/"];

/// Finds outputs that cannot all be there: two for one file, also on a file system that does
/// not tell case and Unicode forms apart, and a file where another needs a folder. Returns what
/// is wrong and the numbers of the outputs that have to go.
fn collisions(outputs: &[Output<'_>]) -> (Vec<Diagnostic>, HashSet<usize>) {
    let mut problems = Vec::new();
    let mut without_place = HashSet::new();
    let folded: Vec<Cow<'_, str>> = outputs.par_iter().map(|output| output.path.folded()).collect();
    let mut seen: HashMap<&str, &Output<'_>> = HashMap::with_capacity(outputs.len());
    // The same two sources may meet in every language.
    let mut told = HashSet::new();
    for (index, (output, folded)) in outputs.iter().zip(&folded).enumerate() {
        let path = output.path.as_str();
        let place = || Place::file(&output.source);
        let keeps_away = !matches!(output.rank, Rank::Asset | Rank::Fediverse);
        if keeps_away && RESERVED.iter().any(|prefix| folded.starts_with(prefix)) {
            problems.push(Diagnostic::reserved_path(place(), path));
            without_place.insert(index);
            continue;
        }
        let first = *seen.entry(folded).or_insert(output);
        if std::ptr::eq(first, output) {
            continue;
        }
        without_place.insert(index);
        if !told.insert((&output.source, &first.source)) {
            continue;
        }
        let other = Place::file(&first.source);
        problems.push(if first.path == output.path {
            Diagnostic::output_twice(place(), other, path)
        } else {
            Diagnostic::output_folded(place(), other, path)
        });
    }
    let below_file = folded.par_iter().enumerate().flat_map_iter(|(index, folded)| {
        let folders = folded.rmatch_indices('/').map(|(end, _)| &folded[..end]);
        folders.filter_map(|folder| seen.get(folder)).map(move |file| (index, *file))
    });
    for (index, file) in below_file.collect::<Vec<_>>() {
        let (place, other) = (Place::file(&outputs[index].source), Place::file(&file.source));
        problems.push(Diagnostic::output_below_file(place, other, file.path.as_str()));
        without_place.insert(index);
    }
    (problems, without_place)
}
