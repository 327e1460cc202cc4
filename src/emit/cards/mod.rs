//! Share pictures of pages and sections. What has none of its own, such as a list of terms, shows
//! that of the front page.

#[cfg(feature = "cards")]
mod drawn;

use std::sync::Arc;

use super::Plan;
use crate::diagnostic::Diagnostic;
use crate::model::{PageId, SectionId, Site};
use crate::pictures::Card;
use crate::render::Theme;

/// The share pictures of a site.
#[derive(Default)]
pub(crate) struct Cards {
    /// By page, when it has one of its own.
    pages: Vec<Option<Arc<Shared>>>,
    /// The same by section.
    sections: Vec<Option<Arc<Shared>>>,
    problems: Vec<Diagnostic>,
}

/// A share picture, and what is to be seen on it.
pub(crate) struct Shared {
    pub(crate) card: Card,
    pub(crate) alt: String,
}

impl Cards {
    /// Those that a site has: none, unless it wants them.
    pub(crate) fn new(site: &Site, theme: &Theme) -> Self {
        if site.config.share_pictures { all(site, theme) } else { Self::default() }
    }

    /// That of a page; of one that shows the text of another language, that of the text.
    pub(crate) fn of_page(&self, site: &Site, id: PageId) -> Option<&Shared> {
        let id = site.page(id).original.unwrap_or(id);
        self.pages.get(id.0)?.as_deref()
    }

    pub(crate) fn of_section(&self, id: SectionId) -> Option<&Shared> {
        self.sections.get(id.0)?.as_deref()
    }

    /// All of them.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Card> {
        self.pages.iter().chain(&self.sections).flatten().map(|shared| &shared.card)
    }
}

#[cfg(feature = "cards")]
use drawn::all;

#[cfg(not(feature = "cards"))]
fn all(_: &Site, _: &Theme) -> Cards {
    let place = crate::diagnostic::Place::named(crate::config::FILE);
    Cards { problems: vec![Diagnostic::no_share_pictures(place)], ..Cards::default() }
}

pub(super) fn plan<'s>(site: &'s Site, plan: &mut Plan<'s>) {
    plan.problems.extend(plan.cards.problems.iter().cloned());
    #[cfg(feature = "cards")]
    drawn::plan(site, plan);
    #[cfg(not(feature = "cards"))]
    let _ = site;
}
