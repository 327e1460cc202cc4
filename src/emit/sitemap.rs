//! `sitemap.xml` (sitemaps.org), with the translations of each page.

use std::fmt::Write as _;

use super::{Made, Plan};
use crate::artifact::Rank;
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
            plan.add(path, Rank::Feed, &source, move |_| Made::bytes(make()));
        }
    };
    let count = entries(site).count();
    if count <= SITEMAP_URLS_MAX {
        add("sitemap.xml", Box::new(|| urlset(site, entries(site))));
        return;
    }
    let files = count.div_ceil(SITEMAP_URLS_MAX);
    for number in 0..files {
        let from = number * SITEMAP_URLS_MAX;
        let part = move || urlset(site, entries(site).skip(from).take(SITEMAP_URLS_MAX));
        add(&format!("sitemap-{}.xml", number + 1), Box::new(part));
    }
    add("sitemap.xml", Box::new(move || index(site, files)));
}

enum Entry<'s> {
    Page(&'s Page),
    Section(&'s Section),
    Other(&'s OutputPath),
}

/// What search engines should know: nothing that only shows another language's original.
fn entries(site: &Site) -> impl Iterator<Item = Entry<'_>> {
    let sections = site.sections.iter().map(Entry::Section);
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
            let document = site.document(page.document);
            // A page without a date has no day that it would keep from build to build.
            let modified = document.front.updated.or(document.date);
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

fn index(site: &Site, files: usize) -> String {
    let mut xml =
        format!("{HEAD}<sitemapindex xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n");
    for number in 1..=files {
        let url = site.config.base_url.absolute(&format!("sitemap-{number}.xml"));
        let _ = writeln!(xml, "<sitemap><loc>{}</loc></sitemap>", escaped(&url));
    }
    xml.push_str("</sitemapindex>\n");
    xml
}
