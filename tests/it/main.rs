//! One binary for all integration tests. The list of modules is the table of contents.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

/// A whole site in one string, built in memory.
mod fixture;
/// Sites on the disk, and the program run on them.
mod folder;
/// How tests look at what was made.
mod look;

/// The program itself, with files and exit codes.
mod cli;
/// Sections, pages, addresses, orders, lists, terms, data.
mod content;
/// What `sitegen new` writes.
mod starters;

/// What a stopped build has left, and places that cannot take an output.
mod crash;
/// Whatever is done between builds, the output is that of a clean one.
mod incremental;
/// The output folder: never half-written, and nobody else's files touched.
mod output;

/// Builds that publish a signed list of all files, and the key for it.
#[cfg(feature = "network")]
mod signed;

/// The preview.
mod serve;

/// Asking a site, through the network of this machine.
#[cfg(feature = "network")]
mod doctor;

/// Comparing a live site with what was signed.
#[cfg(feature = "network")]
mod verify;

/// The rules of the project: layers, comments, lengths, what README.md knows.
mod tidy;

/// Paths that leave the output, links, pipes, names, collisions.
mod hostile_files;

/// RSS, Atom and JSON Feed as readers' programs see them; the same bytes everywhere.
mod fediverse;
mod feeds;

/// What is shown where somebody shares a page.
#[cfg(feature = "cards")]
mod cards;
/// Drafts, embargoes, expired pages.
mod embargo;
mod events;
/// Who answers for what is published.
mod imprint;
/// Translations, and pages without one.
mod languages;
/// From Markdown to HTML.
mod markdown;
/// What is said of paid political advertising.
mod notices;
/// What is made of pictures, and what is taken out of them.
#[cfg(feature = "pictures")]
mod pictures;
/// Ids and dates that are kept for ever.
mod record;

/// The text of every diagnostic.
mod diagnostics;

/// Colours, logo, fonts: the look that the owner chooses.
mod style;

/// For search engines and social media.
mod seo;

/// What visitors find without a server.
mod search;

/// How people follow the site, and reply to it.
mod follow;

/// Whom pages ask besides the site.
mod third_parties;

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

/// Keys as other programs write them.
#[cfg(feature = "network")]
mod key_formats;
/// `sitegen key`: keys are made, shown and moved, and never lost or shown to others.
#[cfg(feature = "network")]
mod keys;
mod kinds;
/// Requests with signatures, made by hand.
#[cfg(feature = "network")]
mod letter;
/// Signatures by RFC 9421, ours and those of others.
#[cfg(feature = "network")]
mod message_signatures;
/// The keys that the tests have.
#[cfg(feature = "network")]
mod pems;
/// The commands with which people look after the post office.
#[cfg(feature = "network")]
mod postmaster;
/// What must not pass for a signature.
#[cfg(feature = "network")]
mod signature_cases;
/// Signatures for programs that are not ours.
#[cfg(feature = "network")]
mod signature_tool;
/// Signatures as in the draft, ours and those of others.
#[cfg(feature = "network")]
mod signatures;

/// The file of the post office: followers, the queue, copies, damage.
#[cfg(feature = "network")]
mod store;
