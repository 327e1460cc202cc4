//! One binary for all integration tests. The list of modules is the table of contents.

mod content;
mod fixture; // a whole site in one string, built in memory // sections, pages, addresses, languages, terms
