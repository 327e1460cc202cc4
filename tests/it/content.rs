//! Sections, pages, addresses, languages, terms.

use crate::fixture::site;

#[test]
fn a_page_has_an_address_made_from_folder_and_name() {
    let built = site(
        "
-- content/news/2026-05-01-first-post.md --
+++
title = \"First\"
+++
Hello.
",
    )
    .build();
    assert!(built.text("news/first-post/index.html").contains("<p>Hello.</p>"));
    assert!(built.text("news/index.html").contains("/news/first-post/"));
}
