//! The words that people look for: without case, accents and what stands between them.
//!
//! `client.js` does the same with what is typed; a word that is cut differently there is not found.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

/// Characters of a word that count; the rest of a longer one does not.
const WORD_CHARS_MAX: usize = 32;

/// Letters that have no accent to take off.
const WRITTEN_OUT: [(char, &str); 9] = [
    ('ß', "ss"),
    ('æ', "ae"),
    ('œ', "oe"),
    ('ø', "o"),
    ('đ', "d"),
    ('ð', "d"),
    ('ł', "l"),
    ('þ', "th"),
    ('ı', "i"),
];

/// A text in small letters without accents: `Tŷ Ffŵl` is `ty ffwl`.
pub(super) fn folded(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let mut plain = String::with_capacity(text.len());
    let letters = text.nfkd().flat_map(char::to_lowercase).filter(|c| !is_combining_mark(*c));
    for c in letters {
        match WRITTEN_OUT.iter().find(|(letter, _)| *letter == c) {
            Some((_, written)) => plain.push_str(written),
            None => plain.push(c),
        }
    }
    plain
}

/// The words of a folded text. A single letter is none: it is what an apostrophe leaves.
pub(super) fn words(folded: &str) -> impl Iterator<Item = &str> {
    let words = folded.split(|c: char| !c.is_alphanumeric()).map(|word| {
        let end = word.char_indices().nth(WORD_CHARS_MAX).map_or(word.len(), |(at, _)| at);
        &word[..end]
    });
    words.filter(|word| word.chars().nth(1).is_some())
}

/// The letters from `a` to `z`, one for all digits, and one for everything else.
pub(super) const INITIALS: &str = "0_abcdefghijklmnopqrstuvwxyz";

/// Which of [`INITIALS`] a folded character is.
pub(super) fn initial(c: char) -> char {
    match c {
        'a'..='z' => c,
        c if c.is_numeric() => '0',
        _ => '_',
    }
}

/// The part of the index that has a word, by its first `depth` characters.
pub(super) fn part(word: &str, depth: usize) -> String {
    word.chars().map(initial).chain(std::iter::repeat('_')).take(depth).collect()
}

/// The names of all parts.
pub(super) fn parts(depth: usize) -> Vec<String> {
    let longer = |parts: Vec<String>| {
        let all = parts.iter().flat_map(|part| INITIALS.chars().map(move |c| format!("{part}{c}")));
        all.collect()
    };
    (0..depth).fold(vec![String::new()], |parts, _| longer(parts))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{folded, part, parts, words};

    #[test]
    fn accents_and_case_make_no_difference() {
        let cases = [
            ("Tŷ Ffŵl", "ty ffwl"),
            ("STRASSE Straße", "strasse strasse"),
            ("Čeština Řízení", "cestina rizeni"),
            ("Gàidhlig Seòladh", "gaidhlig seoladh"),
            ("Ærø Łódź", "aero lodz"),
            ("ﬁne", "fine"),
        ];
        for (text, plain) in cases {
            assert_eq!(folded(text), plain, "{text}");
        }
    }

    #[test]
    fn words_end_at_whatever_is_no_letter_and_no_digit() {
        let found: Vec<&str> = words("the party's 20mph-zones, o'r 5 bws").collect();
        assert_eq!(found, ["the", "party", "20mph", "zones", "bws"]);
    }

    proptest! {
        #[test]
        fn every_word_is_in_a_part_that_exists(text in "\\PC{0,40}", depth in 1_usize..3) {
            let folded = folded(&text);
            let all = parts(depth);
            for word in words(&folded) {
                prop_assert!(all.contains(&part(word, depth)), "{word}");
            }
        }

        #[test]
        fn what_is_folded_stays_as_it_is(text in "\\PC{0,40}") {
            let once = folded(&text);
            prop_assert_eq!(folded(&once), once);
        }
    }
}
