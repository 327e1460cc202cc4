//! What has changed from one version of a text to the next, for people.

use similar::{Algorithm, ChangeTag, DiffOp, TextDiff, capture_diff_slices};

use super::escaped;
use super::markdown::paragraphs::{Block, blocks};
use super::value::{array, object};
use crate::limits::{CHANGES_BLOCKS_MAX, CHANGES_NEAR_MAX, CHANGES_WORDS_MAX};
use crate::model::{Document, Site};

use tera::Value;

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
    if before.len() + after.len() > CHANGES_BLOCKS_MAX {
        return changes;
    }
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
    let (old_bags, new_bags) = (bags(old), bags(new));
    let mut pairs = Vec::new();
    let mut from = 0;
    for (at, words) in new_bags.iter().enumerate() {
        let alike = |other: &Vec<&str>| is_alike(other, words);
        let near = &old_bags[from..old_bags.len().min(from + CHANGES_NEAR_MAX)];
        if let Some(found) = near.iter().position(alike) {
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

/// The words of each piece, sorted.
fn bags(texts: &[String]) -> Vec<Vec<&str>> {
    let mut bags: Vec<Vec<&str>> =
        texts.iter().map(|text| text.split_whitespace().collect()).collect();
    bags.iter_mut().for_each(|words| words.sort_unstable());
    bags
}

/// Whether two pieces have so many words in common that one is the other with changes. What is too
/// long to be compared word by word is not.
fn is_alike(a: &[&str], b: &[&str]) -> bool {
    if a.len().max(b.len()) > CHANGES_WORDS_MAX {
        return false;
    }
    let (mut i, mut j, mut common) = (0, 0, 0);
    while let (Some(x), Some(y)) = (a.get(i), b.get(j)) {
        match x.cmp(y) {
            std::cmp::Ordering::Less => i += 1,
            std::cmp::Ordering::Greater => j += 1,
            std::cmp::Ordering::Equal => (i, j, common) = (i + 1, j + 1, common + 1),
        }
    }
    // In halves, so that there is nothing to round.
    4 * common >= a.len() + b.len()
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
