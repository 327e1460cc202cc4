//! Makes the outputs of a site, on all processors.

use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::Report;
use crate::artifact::{Artifact, Rank, Sink};
use crate::diagnostic::{self, Diagnostic};
use crate::emit::{self, Handed, Made, Output, Shows, Workshop};
use crate::memory::let_go;
use crate::model::Site;
use crate::pictures::Studio;
use crate::render::{Keeping, Theme, Views};

/// So many pages are made before a list, for each processor, after the last one that it shows: others
/// may not be done yet with what has come just before.
const PAGES_BETWEEN: usize = 32;

/// So many pages in a row are made by one processor, for they name each other.
const NEIGHBOURS: usize = 8;

/// Makes all outputs of a site, and says which documents, or lists and the like, could not be made.
pub(super) fn all<S: Sink>(
    (site, theme): (&Site, &Theme),
    studio: Studio,
    sink: &S,
    report: &mut Report,
) -> Result<HashSet<String>, S::Error> {
    let plan = emit::plan(site, theme);
    let pictures = site.assets.iter().filter_map(|asset| asset.picture.as_ref());
    pictures.for_each(|picture| studio.expect(picture));
    plan.cards.all().for_each(|card| studio.expect_card(card));
    report.outputs = plan.outputs.len();
    report.diagnostics.extend(plan.problems);
    let paths = plan.outputs.iter().map(|output| &output.path);
    let views = Views::new(site, theme, paths, Keeping::ForLists(plan.in_lists));
    let workshop = Workshop::new(views, studio, (plan.cards, plan.in_feeds));
    sink.begin(&plan.outputs.iter().map(|output| &output.path).collect::<Vec<_>>());
    let mut outputs: Vec<&Output<'_>> = plan.outputs.iter().collect();
    let between = PAGES_BETWEEN * rayon::current_num_threads();
    outputs.sort_by_key(|output| turn(output, between));
    let mut failed: HashSet<String> = plan.losers.iter().map(ToString::to_string).collect();
    let mut wrong = in_order(&outputs, &workshop, sink)?;
    // Of two that say the same the first is told, whoever was faster.
    wrong.sort_by(|a, b| a.output.path.as_str().cmp(b.output.path.as_str()));
    for Wrong { output, is_made, problems } in wrong {
        report.diagnostics.extend(problems);
        failed.extend((!is_made).then(|| match output.rank {
            Rank::Page => output.source.to_string(),
            // The text of a section is not to blame for its list.
            _ => output.path.to_string(),
        }));
    }
    diagnostic::sort(&mut report.diagnostics);
    // There are many of them, and each takes a moment to go.
    let_go(plan.outputs, workshop);
    Ok(failed)
}

/// When an output is made: pages in their order, and lists as soon as all their pages are there,
/// so that what they show is still kept and then need not be any more.
fn turn(output: &Output<'_>, between: usize) -> (usize, bool) {
    match output.shows {
        Shows::Text(page) => (page.0, true),
        Shows::List(last) => (last.0 + between, false),
        Shows::Others if output.rank < Rank::Page => (0, false),
        Shows::Others => (usize::MAX, false),
    }
}

/// Makes outputs on all processors, nearly one after the other: whoever is free takes the next
/// ones. Gives those that are wrong. Whoever calls it from another thread waits until all processors
/// have nothing else to do.
fn in_order<'o, 's, S: Sink>(
    outputs: &'o [&'o Output<'s>],
    workshop: &Workshop<'s>,
    sink: &S,
) -> Result<Vec<Wrong<'o, 's>>, S::Error> {
    let together = |a: &&Output<'_>, b: &&Output<'_>| match (a.shows, b.shows) {
        (Shows::Text(a), Shows::Text(b)) => a.0 / NEIGHBOURS == b.0 / NEIGHBOURS,
        _ => false,
    };
    let groups: Vec<&[&Output<'_>]> = outputs.chunk_by(together).collect();
    let next = AtomicUsize::new(0);
    let made: Vec<Result<Vec<_>, S::Error>> = rayon::broadcast(|_| {
        let mut wrong = Vec::new();
        while let Some(group) = groups.get(next.fetch_add(1, Ordering::Relaxed)) {
            if let Err(error) = one_group(group, workshop, sink, &mut wrong) {
                // The others need not go on.
                next.store(groups.len(), Ordering::Relaxed);
                return Err(error);
            }
        }
        Ok(wrong)
    });
    let made: Vec<Vec<_>> = made.into_iter().collect::<Result<_, _>>()?;
    Ok(made.into_iter().flatten().collect())
}

fn one_group<'o, 's, S: Sink>(
    group: &[&'o Output<'s>],
    workshop: &Workshop<'s>,
    sink: &S,
    wrong: &mut Vec<Wrong<'o, 's>>,
) -> Result<(), S::Error> {
    let mut handed = Handed::default();
    for output in group {
        let (problems, is_made) = one(output, workshop, &mut handed, sink)?;
        if !is_made || !problems.is_empty() {
            wrong.push(Wrong { output, is_made, problems });
        }
    }
    Ok(())
}

/// An output with mistakes.
struct Wrong<'o, 's> {
    output: &'o Output<'s>,
    is_made: bool,
    problems: Vec<Diagnostic>,
}

/// Makes an output, unless the sink has it already. Says what is wrong with it, and whether it is
/// there.
fn one<'s, S: Sink>(
    output: &Output<'s>,
    workshop: &Workshop<'s>,
    handed: &mut Handed,
    sink: &S,
) -> Result<(Vec<Diagnostic>, bool), S::Error> {
    let key = output.key;
    let again = key.is_some_and(|k| sink.take_again(&output.path, output.rank, k));
    if again && !cfg!(debug_assertions) {
        return Ok((Vec::new(), true));
    }
    let Made { body, problems } = (output.make)(workshop, handed);
    let Some(body) = body else { return Ok((problems, false)) };
    // What is wrong with it has to be said every time.
    let key = key.filter(|_| problems.is_empty());
    let (path, rank) = (output.path.clone(), output.rank);
    let artifact = Artifact { path, body, rank, key };
    if again {
        assert!(problems.is_empty(), "{}", problems[0].message);
        sink.doubt(&artifact);
    } else {
        sink.accept(artifact)?;
    }
    Ok((problems, true))
}
