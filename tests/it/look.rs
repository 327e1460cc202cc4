//! How tests look at what was made.

/// The part of a page between `<main` and `</main>`: what is not frame, menu or footer.
#[track_caller]
pub(crate) fn main_of(html: &str) -> &str {
    between(html, "<main", "</main>")
}

/// The first text between two others.
#[track_caller]
pub(crate) fn between<'a>(text: &'a str, start: &str, end: &str) -> &'a str {
    let Some((_, rest)) = text.split_once(start) else { panic!("no {start:?} in:\n{text}") };
    let Some((inner, _)) = rest.split_once(end) else { panic!("no {end:?} after {start:?}") };
    inner
}

/// All texts between two others.
pub(crate) fn all_between<'a>(text: &'a str, start: &str, end: &str) -> Vec<&'a str> {
    text.split(start).skip(1).filter_map(|rest| Some(rest.split_once(end)?.0)).collect()
}

/// The titles of the cards of the pages of a list, in their order. (Sections below stand before
/// them, in a list of their own.)
pub(crate) fn cards(html: &str) -> Vec<&str> {
    let pages = html.rsplit("<ul class=\"cards\">").next().unwrap_or(html);
    all_between(pages, "<article class=\"card\">", "</article>")
        .into_iter()
        .map(|card| between(between(card, "<h", "</h"), "\">", "</a>"))
        .map(|title| title.rsplit("\">").next().unwrap_or(title))
        .collect()
}

/// Whether a page has an element of its head, whole or by its beginning.
#[track_caller]
pub(crate) fn assert_head(html: &str, element: &str) {
    let head = between(html, "<head>", "</head>");
    assert!(head.contains(element), "no {element} in:\n{head}");
}
