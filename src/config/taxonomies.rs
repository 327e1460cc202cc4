//! `taxonomies`: the ways to group pages.

use super::Taxonomy;
use crate::diagnostic::{Diagnostic, Wanted};
use crate::node::{Fields, Key, Node, Value};
use crate::path::{PathProblem, check_part, slugify};

/// Front-matter keys that a taxonomy cannot be called.
const TAKEN_NAMES: &[&str] = &[
    "title",
    "description",
    "date",
    "updated",
    "expires",
    "draft",
    "slug",
    "path",
    "aliases",
    "weight",
    "template",
    "summary",
    "image",
    "image_alt",
    "image_credit",
    "enclosure",
    "id",
    "data",
    "extra",
    "taxonomies",
    "author",
    "tag",
    "category",
    "sort_by",
    "paginate_by",
    "page_template",
    "generate_feeds",
    "withdrawn",
    "page",
    "on_expiry",
    "content_warning",
    "pinned",
    "replies",
    "start",
    "end",
    "location",
    "image_focus",
    "posts",
    "imprint",
    "share_picture",
];

/// Zola's list of tables, or a table by name; without either, tags, categories and authors.
pub(super) fn read(fields: &mut Fields<'_>) -> Vec<Taxonomy> {
    let Some(node) = fields.node("taxonomies") else {
        return ["tags", "categories", "authors"].map(default_taxonomy).to_vec();
    };
    let tables: Vec<(Option<Key>, Node)> = match node.value {
        Value::List(items) => items.into_iter().map(|item| (None, item)).collect(),
        Value::Table(entries) => entries.into_iter().map(|(key, n)| (Some(key), n)).collect(),
        _ => {
            fields.wrong("taxonomies", Wanted::TAXONOMIES, &node);
            return Vec::new();
        }
    };
    let mut taxonomies: Vec<Taxonomy> = Vec::new();
    for (key, node) in tables {
        let Value::Table(entries) = node.value else {
            fields.wrong("taxonomies", Wanted::TAXONOMIES, &node);
            continue;
        };
        let mut inner = fields.inner(entries);
        let (name, span) = match key {
            Some(key) => (key.name, key.span),
            None => inner.placed_text("name").unwrap_or((String::new(), node.span)),
        };
        let slug = inner.placed_text("slug");
        if let Some((slug, span)) = &slug
            && let Err(problem) = check_slug(slug)
        {
            let place = inner.place(span.clone());
            inner.report(Diagnostic::bad_path(place, "slug", slug, problem));
        }
        let taxonomy = Taxonomy {
            slug: slug.map_or_else(|| slugify(&name, "en"), |(slug, _)| slug),
            feed: inner.flag("feed").unwrap_or(false),
            paginate_by: inner.count("paginate_by").filter(|n| *n > 0),
            is_default: false,
            name,
        };
        inner.finish();
        let taken = TAKEN_NAMES.contains(&taxonomy.name.as_str());
        let twice = taxonomies.iter().any(|t| t.slug == taxonomy.slug);
        if taxonomy.slug.is_empty() || taken || twice {
            let place = fields.place(span);
            fields.report(Diagnostic::bad_taxonomy_name(place, &taxonomy.name));
        } else {
            taxonomies.push(taxonomy);
        }
    }
    taxonomies
}

/// A slug is one part of a path.
pub(super) fn check_slug(slug: &str) -> Result<(), PathProblem> {
    if slug.contains('/') { Err(PathProblem::Slash) } else { check_part(slug) }
}

fn default_taxonomy(name: &str) -> Taxonomy {
    Taxonomy {
        name: name.to_owned(),
        slug: name.to_owned(),
        feed: true,
        paginate_by: Some(20),
        is_default: true,
    }
}
