//! What has changed from one version of a text to the next, for people.

use similar::{Algorithm, ChangeTag, DiffOp, TextDiff, capture_diff_slices};

use super::escaped;
use super::markdown::paragraphs::{Block, blocks};
use super::value::{array, object};
use crate::model::{Document, Site};

use tera::Value;

/// How alike two pieces have to be so that one is the other with changes: words in common, of all.
const LIKENESS_MIN: f32 = 0.5;

/// A piece of a text that is not as it was.
#[derive(Debug, PartialEq, Eq)]
struct Change {
    kind: &'static str,
    /// With `<ins>` and `<del>`.
    html: String,
}

/// The pieces of a text that were added, removed or changed since another one, in their order.
pub(super) fn changes(site: &Site, before: &Document, after: &Document) -> Value {
    let texts = |blocks: Vec<Block>| blocks.into_iter().map(|block| block.text).collect();
    let (before, after): (Vec<String>, Vec<String>) =
        (texts(blocks(before, site)), texts(blocks(after, site)));
    array(between(&before, &after).into_iter().map(|change| {
        object([("kind", Value::from(change.kind)), ("html", Value::safe_string(&change.html))])
    }))
}

fn between(before: &[String], after: &[String]) -> Vec<Change> {
    let mut changes = Vec::new();
    for op in capture_diff_slices(Algorithm::Patience, before, after) {
        let DiffOp::Equal { .. } = op else {
            let (old, new) = (&before[op.old_range()], &after[op.new_range()]);
            changes.extend(replaced(old, new));
            continue;
        };
    }
    changes
}

/// Some pieces in the place of others: those that are alike have changed. What is gone is told
/// before what is new in its place.
fn replaced(old: &[String], new: &[String]) -> Vec<Change> {
    let mut pairs = Vec::new();
    let mut from = 0;
    for (at, text) in new.iter().enumerate() {
        let alike = |other: &String| likeness(other, text) >= LIKENESS_MIN;
        if let Some(found) = old[from..].iter().position(alike) {
            pairs.push((from + found, at));
            from += found + 1;
        }
    }
    let mut changes = Vec::new();
    let (mut gone, mut come) = (0, 0);
    for (before, after) in pairs.into_iter().chain([(old.len(), new.len())]) {
        changes.extend(old[gone..before].iter().map(|text| removed(text)));
        changes.extend(new[come..after].iter().map(|text| added(text)));
        if let (Some(old), Some(new)) = (old.get(before), new.get(after)) {
            changes.push(Change { kind: "changed", html: word_by_word(old, new) });
        }
        (gone, come) = (before + 1, after + 1);
    }
    changes
}

fn added(text: &str) -> Change {
    Change { kind: "added", html: marked("ins", text) }
}

fn removed(text: &str) -> Change {
    Change { kind: "removed", html: marked("del", text) }
}

fn marked(element: &str, text: &str) -> String {
    format!("<{element}>{}</{element}>", escaped(text))
}

fn likeness(a: &str, b: &str) -> f32 {
    // Without the spaces, which any two sentences have in common.
    let words = |text| str::split_whitespace(text).collect::<Vec<_>>();
    TextDiff::from_slices(&words(a), &words(b)).ratio()
}

fn word_by_word(old: &str, new: &str) -> String {
    let mut html = String::new();
    let diff = TextDiff::from_words(old, new);
    for op in diff.ops() {
        for (tag, words) in op.iter_slices(diff.old_slices(), diff.new_slices()) {
            let text = words.concat();
            match tag {
                ChangeTag::Equal => html.push_str(&escaped(&text)),
                ChangeTag::Delete => html.push_str(&marked("del", &text)),
                ChangeTag::Insert => html.push_str(&marked("ins", &text)),
            }
        }
    }
    html
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(lines: &[&str]) -> Vec<String> {
        lines.iter().map(|line| (*line).to_owned()).collect()
    }

    fn told(before: &[&str], after: &[&str]) -> Vec<(&'static str, String)> {
        let changes = between(&texts(before), &texts(after));
        changes.into_iter().map(|change| (change.kind, change.html)).collect()
    }

    #[test]
    fn words_that_have_changed_are_told_in_their_sentence() {
        assert_eq!(
            told(
                &["Same.", "Six buses on Sunday & more."],
                &["Same.", "Eight buses on Sunday & more."]
            ),
            [("changed", "<del>Six</del><ins>Eight</ins> buses on Sunday &amp; more.".to_owned())]
        );
    }

    #[test]
    fn what_is_new_and_what_is_gone_is_told_whole() {
        assert_eq!(
            told(&["One.", "Gone for good.", "Two."], &["One.", "Two.", "A quite new idea."]),
            [
                ("removed", "<del>Gone for good.</del>".to_owned()),
                ("added", "<ins>A quite new idea.</ins>".to_owned()),
            ]
        );
        assert!(told(&["One."], &["One."]).is_empty());
    }
}
