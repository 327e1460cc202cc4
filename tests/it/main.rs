//! One binary for all integration tests. The list of modules is the table of contents.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

/// A whole site in one string, built in memory.
mod fixture;

/// Sections, pages, addresses, languages, terms.
mod content;

/// Paths that leave the output, links, pipes, names, collisions.
mod hostile_files;

/// Front matter, records and encodings that are broken.
mod hostile_front_matter;

/// A `site.toml` with mistakes.
mod hostile_config;

/// A small reader of HTML that finds what is active in it.
mod html;

/// Texts with programs hidden in them.
mod hostile_text;

/// Texts and templates that want more time, stack or memory than there is.
mod hostile_load;

/// Feeds with characters that XML cannot carry, and pages whose dates and ids move.
mod hostile_feeds;
