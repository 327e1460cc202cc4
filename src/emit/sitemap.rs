//! `sitemap.xml` (sitemaps.org), with the translations of each page.

use std::fmt::Write as _;
use std::ops::Range;

use super::{Made, Plan};
use crate::artifact::Rank;
use crate::config::BaseUrl;
use crate::limits::SITEMAP_URLS_MAX;
use crate::model::{Page, Section, Site};
use crate::path::{OutputPath, SourcePath};
use crate::render::escaped;

const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

pub(super) fn plan<'s>(site: &'s Site, plan: &mut Plan<'s>) {
    if !site.config.sitemap || site.asset_paths.contains_key("sitemap.xml") {
        return;
    }
    let source = SourcePath::new(crate::config::FILE);
    let mut add = |name: &str, make: Box<dyn Fn() -> String + Send + Sync + 's>| {
        if let Ok(path) = OutputPath::new(name) {
            plan.add(path, Rank::Feed, &source, None, move |_| Made::bytes(make()));
        }
    };
    let parts = parts(entries(site).count());
    if parts.len() == 1 {
        add("sitemap.xml", Box::new(|| urlset(site, entries(site))));
        return;
    }
    let files = parts.len();
    for (number, Range { start, end }) in parts.into_iter().enumerate() {
        let part = move || urlset(site, entries(site).skip(start).take(end - start));
        add(&file_name(number + 1), Box::new(part));
    }
    add("sitemap.xml", Box::new(move || index(&site.config.base_url, files)));
}

/// Which entries go into which file.
fn parts(count: usize) -> Vec<Range<usize>> {
    let starts = (0..count.max(1)).step_by(SITEMAP_URLS_MAX);
    starts.map(|start| start..count.min(start + SITEMAP_URLS_MAX)).collect()
}

/// The name of a part, from 1.
fn file_name(number: usize) -> String {
    format!("sitemap-{number}.xml")
}

enum Entry<'s> {
    Page(&'s Page),
    Section(&'s Section),
    Other(&'s OutputPath),
}

/// What search engines should know: no text of another language in its place, neither as a page
/// nor at the head of a section. Lists of terms have no text of their own.
fn entries(site: &Site) -> impl Iterator<Item = Entry<'_>> {
    let sections = site.sections.iter().filter(|s| s.translated).map(Entry::Section);
    let pages = site.pages.iter().filter(|page| page.translated).map(Entry::Page);
    let lists = site.term_lists.iter().map(|list| Entry::Other(&list.output));
    let terms = site.terms.iter().map(|term| Entry::Other(&term.output));
    sections.chain(pages).chain(lists).chain(terms)
}

fn urlset<'s>(site: &Site, entries: impl Iterator<Item = Entry<'s>>) -> String {
    let mut xml = format!(
        "{HEAD}<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\" \
         xmlns:xhtml=\"http://www.w3.org/1999/xhtml\">\n"
    );
    for entry in entries {
        write_entry(&mut xml, site, &entry);
    }
    xml.push_str("</urlset>\n");
    xml
}

fn write_entry(xml: &mut String, site: &Site, entry: &Entry<'_>) {
    let (output, modified, translations) = match entry {
        Entry::Page(page) => {
            // A page without a date has no day that it would keep from build to build.
            let modified = site.modified(page.document);
            let others = page.translations.iter().map(|id| {
                let other = site.page(*id);
                (other.language, &other.output)
            });
            (&page.output, modified, others.collect::<Vec<_>>())
        }
        Entry::Section(section) => {
            let others = section.translations.iter().map(|id| {
                let other = site.section(*id);
                (other.language, &other.output)
            });
            (&section.output, None, others.collect())
        }
        Entry::Other(output) => (*output, None, Vec::new()),
    };
    let _ = write!(xml, "<url><loc>{}</loc>", escaped(&site.permalink(output)));
    if let Some(moment) = modified {
        let _ = write!(xml, "<lastmod>{moment}</lastmod>");
    }
    if translations.len() > 1 {
        for (language, output) in translations {
            let _ = write!(
                xml,
                "<xhtml:link rel=\"alternate\" hreflang=\"{}\" href=\"{}\"/>",
                escaped(&site.config.language(language).code),
                escaped(&site.permalink(output))
            );
        }
    }
    xml.push_str("</url>\n");
}

fn index(base_url: &BaseUrl, files: usize) -> String {
    let mut xml =
        format!("{HEAD}<sitemapindex xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n");
    for number in 1..=files {
        let url = base_url.absolute(&file_name(number));
        let _ = writeln!(xml, "<sitemap><loc>{}</loc></sitemap>", escaped(&url));
    }
    xml.push_str("</sitemapindex>\n");
    xml
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sitemap_is_split_when_it_would_be_too_long() {
        let ends = |count| parts(count).iter().map(|part| part.end).collect::<Vec<_>>();
        assert_eq!(ends(0), [0]);
        assert_eq!(ends(50_000), [50_000]);
        assert_eq!(ends(100_000), [50_000, 100_000]);
        assert_eq!(parts(50_001), [0..50_000, 50_000..50_001]);
    }

    #[test]
    fn the_index_names_every_part() {
        let base_url = BaseUrl::parse("https://party.example/branch").unwrap();
        let xml = index(&base_url, 2);
        assert_eq!(xml.matches("<sitemap>").count(), 2);
        assert!(xml.contains("<loc>https://party.example/branch/sitemap-1.xml</loc>"));
        assert!(xml.contains("<loc>https://party.example/branch/sitemap-2.xml</loc>"));
    }
}
