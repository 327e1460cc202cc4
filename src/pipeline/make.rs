//! Makes the outputs of a site, on all processors.

use std::collections::HashSet;

use rayon::prelude::*;

use super::Report;
use crate::artifact::{Artifact, Rank, Sink};
use crate::diagnostic::{self, Diagnostic};
use crate::emit::{self, Handed, Made, Output, Workshop};
use crate::limits::PIECE_MAX;
use crate::model::Site;
use crate::pictures::Studio;
use crate::render::{Theme, Views};

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
    let views = Views::new(site, theme, plan.outputs.iter().map(|output| &output.path));
    let workshop = Workshop::new(views, studio, (plan.cards, plan.in_feeds));
    sink.begin(&plan.outputs.iter().map(|output| &output.path).collect::<Vec<_>>());
    // Pages come first: their cards are then there for the lists, which would make them too. With
    // them come the other outputs that show their texts.
    let (mut first, last): (Vec<_>, Vec<_>) = plan
        .outputs
        .iter()
        .partition(|output| output.rank <= Rank::Redirect || output.shows.is_some());
    first.sort_by_key(|output| output.shows);
    let mut failed: HashSet<String> = plan.losers.iter().map(ToString::to_string).collect();
    for outputs in [first, last] {
        let together = |a: &&Output<'_>, b: &&Output<'_>| a.shows.is_some() && a.shows == b.shows;
        let groups: Vec<&[&Output<'_>]> = outputs.chunk_by(together).collect();
        let made: Vec<Vec<Wrong<'_, '_>>> = groups
            .into_par_iter()
            .with_max_len(PIECE_MAX)
            .map(|group| {
                let mut handed = Handed::default();
                let made = group.iter().map(|output| {
                    let (problems, is_made) = one(output, &workshop, &mut handed, sink)?;
                    let is_wrong = !(is_made && problems.is_empty());
                    Ok(is_wrong.then_some(Wrong { output, is_made, problems }))
                });
                made.filter_map(Result::transpose).collect()
            })
            .collect::<Result<_, S::Error>>()?;
        for Wrong { output, is_made, problems } in made.into_iter().flatten() {
            report.diagnostics.extend(problems);
            failed.extend((!is_made).then(|| match output.rank {
                Rank::Page => output.source.to_string(),
                // The text of a section is not to blame for its list.
                _ => output.path.to_string(),
            }));
        }
    }
    diagnostic::sort(&mut report.diagnostics);
    // There are many of them, and each takes a moment to go.
    rayon::join(|| drop(plan.outputs), || drop(workshop));
    Ok(failed)
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
