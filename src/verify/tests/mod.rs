//! A signed site in memory, of which one thing is changed at a time.

mod files;
mod lists;
mod site;
