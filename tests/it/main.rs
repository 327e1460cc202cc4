//! One binary for all integration tests. The list of modules is the table of contents.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

/// A whole site in one string, built in memory.
mod fixture;

/// Sections, pages, addresses, languages, terms.
mod content;

/// The text of every diagnostic.
mod diagnostics;
