//! A signed site in memory, of which one thing is changed at a time.

mod added;
mod files;
mod lists;
mod servers;
mod site;
