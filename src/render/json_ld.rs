//! What search engines and other machines read in a page: JSON-LD with schema.org's words.

use serde_json::{Value, json};

use crate::model::{Document, Page, Site, Term};

/// A JSON-LD document.
pub(crate) struct JsonLd(Value);

impl JsonLd {
    /// The front page: the site and who speaks in it.
    pub(crate) fn site(
        site: &Site,
        language: &str,
        title: &str,
        description: Option<&str>,
    ) -> Self {
        let url = site.config.base_url.absolute("");
        Self(json!({
            "@context": "https://schema.org",
            "@type": "WebSite",
            "name": title,
            "description": description,
            "url": url,
            "inLanguage": language,
            "publisher": organization(site),
        }))
    }

    /// A page with a date is an article, another one a page.
    pub(crate) fn page(site: &Site, page: &Page, image: Option<&str>) -> Self {
        let document = site.document(page.document);
        let language = &site.config.language(document.language).code;
        let kind = if document.date.is_some() { "Article" } else { "WebPage" };
        let updated = site.modified(page.document);
        Self(json!({
            "@context": "https://schema.org",
            "@type": kind,
            "headline": document.title,
            "description": document.front.description,
            "url": site.permalink(&page.output),
            "inLanguage": language,
            "datePublished": document.date.map(|moment| moment.to_string()),
            "dateModified": updated.map(|moment| moment.to_string()),
            "image": image,
            "author": authors(site, document, page),
            "publisher": organization(site),
        }))
    }

    /// The page of a term that is a person: all that they have written.
    pub(crate) fn person(site: &Site, term: &Term) -> Self {
        Self(json!({
            "@context": "https://schema.org",
            "@type": "ProfilePage",
            "url": site.permalink(&term.output),
            "mainEntity": {
                "@type": "Person",
                "name": term.name,
                "url": site.permalink(&term.output),
            },
        }))
    }

    /// The text for a `<script>` element. It cannot end the element, whatever a title says.
    pub(crate) fn script(mut self) -> String {
        drop_nulls(&mut self.0);
        script_safe(&self.0.to_string())
    }
}

/// JSON in which nothing means anything to HTML or to old JavaScript.
fn script_safe(json: &str) -> String {
    let mut safe = String::with_capacity(json.len());
    for c in json.chars() {
        match c {
            '<' => safe.push_str("\\u003c"),
            '>' => safe.push_str("\\u003e"),
            '&' => safe.push_str("\\u0026"),
            '\u{2028}' => safe.push_str("\\u2028"),
            '\u{2029}' => safe.push_str("\\u2029"),
            c => safe.push(c),
        }
    }
    safe
}

fn organization(site: &Site) -> Value {
    let name = site.config.author.as_deref().unwrap_or(&site.config.languages[0].title);
    json!({ "@type": "Organization", "name": name, "url": site.config.base_url.absolute("") })
}

fn authors(site: &Site, document: &Document, page: &Page) -> Value {
    if document.front.authors.is_empty() {
        return organization(site);
    }
    let authors = document.front.authors.iter().map(|name| {
        let url = site.author_term(page, name).map(|term| site.permalink(&term.output));
        let mut person = json!({ "@type": "Person", "name": name, "url": url });
        drop_nulls(&mut person);
        person
    });
    authors.collect()
}

fn drop_nulls(object: &mut Value) {
    if let Value::Object(map) = object {
        map.retain(|_, value| !value.is_null());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_text_breaks_out_of_the_script(text in "(</script>|<!--|&|\u{2028}|\"|.){0,40}") {
            let script = JsonLd(json!({ "headline": text })).script();
            let active = script.contains(['<', '>', '&', '\u{2028}', '\u{2029}']);
            prop_assert!(!active);
            let back: Value = serde_json::from_str(&script).unwrap();
            prop_assert_eq!(back["headline"].as_str(), Some(text.as_str()));
        }
    }
}
