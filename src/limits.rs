//! Every limit on what is read and made, in one place.
//!
//! A site may come from anywhere, so nothing that is read or made is unbounded. The values
//! are far above what people write; whoever meets one is told which.

/// What a processor takes at a time when there is much to do for all of them. Much of it in one
/// piece, and it still works on that when the others have nothing left.
pub(crate) const PIECE_MAX: usize = 32;

/// A Markdown file, in bytes. A novel has about one million.
pub(crate) const MARKDOWN_BYTES_MAX: u64 = 8 << 20;

/// The front matter of one file, in bytes.
pub(crate) const FRONT_MATTER_BYTES_MAX: usize = 256 << 10;

/// A data file, `site.toml`, a template or a file of strings, in bytes.
pub(crate) const DATA_BYTES_MAX: u64 = 16 << 20;

/// `published.toml`, in bytes: about 500 bytes a page.
pub(crate) const RECORD_BYTES_MAX: u64 = 256 << 20;

/// A picture or recording whose bytes are compared to notice an edit; of a larger one only the
/// size is.
pub(crate) const MEDIA_BYTES_MAX: u64 = 64 << 20;

/// A picture that is made smaller, in pixels. What phones make has up to 50 million. In memory each
/// takes three bytes, or in a JPEG that comes in several passes nine.
#[cfg(feature = "pictures")]
pub(crate) const PICTURE_PIXELS_MAX: u64 = 64_000_000;

/// Pictures that are made smaller at the same time; together they have no more pixels than one may.
#[cfg(feature = "pictures")]
pub(crate) const PICTURES_AT_ONCE_MAX: usize = 2;

/// A share picture, in bytes. Platforms show none that is much larger.
#[cfg(feature = "cards")]
pub(crate) const CARD_BYTES_MAX: usize = 200_000;

/// A drawing on a share picture, in bytes. What designers save has less than a hundredth of it.
#[cfg(feature = "cards")]
pub(crate) const DRAWING_BYTES_MAX: u64 = 4 << 20;

/// A picture in a profile, in bytes (Mastodon, `account/avatar.rb` and `header.rb`).
pub(crate) const ICON_BYTES_MAX: u64 = 8 << 20;

/// A document of the fediverse, in bytes, that every server reads: Misskey refuses a larger one
/// (`HttpRequestService.ts`), Mastodon reads four times as much.
pub(crate) const FEDIVERSE_BYTES_MAX: usize = 256 << 10;

/// Events in a calendar, the last ones: what programs on phones still take.
pub(crate) const CALENDAR_EVENTS_MAX: usize = 1000;

/// Paragraphs, headings, items and rows of two versions of a text, together, that are compared.
pub(crate) const CHANGES_BLOCKS_MAX: usize = 4000;

/// How many of them are looked at for the one that another has become.
pub(crate) const CHANGES_NEAR_MAX: usize = 50;

/// Words of a paragraph that is compared word by word.
pub(crate) const CHANGES_WORDS_MAX: usize = 1000;

/// The last year in which calendars tell the clock of a place: after that who knows.
pub(crate) const CALENDAR_YEAR_MAX: i16 = 2100;

/// How deep front matter, data files and shortcodes may nest.
pub(crate) const DEPTH_MAX: usize = 32;

/// One rendered document, in bytes. It also ends a template that loops for ever.
pub(crate) const DOCUMENT_BYTES_MAX: usize = 64 << 20;

/// Numbers that `range` gives to the loops of one document, all together. It ends loops inside
/// loops that write nothing.
pub(crate) const RANGE_NUMBERS_MAX: usize = 1_000_000;

/// One part of a path, in bytes: what every common file system takes.
pub(crate) const NAME_BYTES_MAX: usize = 255;

/// A whole output path, in bytes.
pub(crate) const PATH_BYTES_MAX: usize = 1024;

/// Addresses in one sitemap file (sitemaps.org).
pub(crate) const SITEMAP_URLS_MAX: usize = 50_000;

/// How many Markdown containers (lists, quotes) may stand inside each other. Deeper ones are
/// an attack on browsers and on our stack, not text.
pub(crate) const MARKDOWN_DEPTH_MAX: usize = 256;

/// The published list of the files of a site, in bytes: about 130 a file.
pub(crate) const MANIFEST_BYTES_MAX: usize = 64 << 20;

/// Files in it.
pub(crate) const MANIFEST_FILES_MAX: usize = 400_000;

/// A file with a key, in bytes. The largest RSA key takes 3,300, and some keep notes around it.
pub(crate) const KEY_BYTES_MAX: u64 = 64 << 10;

/// The user name of an actor, in bytes. The local names of Mastodon have at most 30, those of
/// GoToSocial 64.
pub(crate) const USER_NAME_BYTES_MAX: usize = 64;

/// The headers `Signature` and `Signature-Input` of a request, in bytes each. One of a key of 4096 bits has about 1,000.
#[cfg(feature = "network")]
pub(crate) const SIGNATURE_BYTES_MAX: usize = 8 << 10;

/// What one signature covers, and its parameters; servers sign five or six things.
#[cfg(feature = "network")]
pub(crate) const SIGNED_HEADERS_MAX: usize = 32;

/// The address of an actor, an inbox, a key or an activity on another server, in bytes. Those of
/// real servers have less than 200.
#[cfg(feature = "network")]
pub(crate) const REMOTE_ID_BYTES_MAX: usize = 512;

/// How deep JSON of other servers may nest. Theirs has about eight levels.
#[cfg(feature = "network")]
pub(crate) const REMOTE_JSON_DEPTH_MAX: usize = 32;

/// Keys that an actor of another server may have (Mastodon takes ten).
#[cfg(feature = "network")]
pub(crate) const REMOTE_KEYS_MAX: usize = 16;

/// The user name of an actor of another server, in characters; longer ones are cut.
#[cfg(feature = "network")]
pub(crate) const REMOTE_NAME_CHARS_MAX: usize = 64;

/// An address that another server names, in bytes. Those of the fediverse have less than 200.
#[cfg(feature = "network")]
pub(crate) const URL_BYTES_MAX: usize = 2048;

/// The headers of an answer of another server, in bytes. What stands before a server may add some.
#[cfg(feature = "network")]
pub(crate) const ANSWER_HEAD_BYTES_MAX: usize = 16 << 10;

/// How many headers an answer of another server has.
#[cfg(feature = "network")]
pub(crate) const ANSWER_FIELDS_MAX: usize = 100;

/// A document of another server, in bytes. Profiles have about 5,000.
#[cfg(feature = "network")]
pub(crate) const ANSWER_BODY_BYTES_MAX: usize = 256 << 10;

/// The head of a request to the post office, in bytes. Signed ones have about 1,500.
#[cfg(feature = "network")]
pub(crate) const REQUEST_HEAD_BYTES_MAX: usize = 8 << 10;

/// How many headers a request to the post office has.
#[cfg(feature = "network")]
pub(crate) const REQUEST_FIELDS_MAX: usize = 64;

/// A message to an actor, in bytes. A long post with pictures has about 10,000.
#[cfg(feature = "network")]
pub(crate) const REQUEST_BODY_BYTES_MAX: usize = 256 << 10;

/// All messages that are being received, in bytes. Honest ones are over in no time.
#[cfg(feature = "network")]
pub(crate) const REQUEST_BODIES_BYTES_MAX: usize = 8 << 20;

/// The keys of one follower that are kept, in bytes; one takes 400. Those that do not fit are
/// fetched when they are needed.
#[cfg(feature = "network")]
pub(crate) const STORED_KEYS_BYTES_MAX: usize = 1_200;

/// Followers of all actors of a site. Each takes about 1.5 kB.
#[cfg(feature = "network")]
pub(crate) const FOLLOWERS_MAX: usize = 200_000;

/// Followers from the servers of one domain, so that a hostile one cannot take all the room.
#[cfg(feature = "network")]
pub(crate) const FOLLOWERS_FROM_DOMAIN_MAX: i64 = 50_000;

/// Followers from a server that has not yet taken a message from us, and from all such servers of a
/// domain.
#[cfg(feature = "network")]
pub(crate) const FOLLOWERS_FROM_UNPROVEN_MAX: i64 = 100;
#[cfg(feature = "network")]
pub(crate) const FOLLOWERS_FROM_UNPROVEN_DOMAIN_MAX: i64 = 1_000;

/// Follows that were taken back and are remembered.
#[cfg(feature = "network")]
pub(crate) const RETRACTIONS_MAX: i64 = 10_000;

/// Reactions that are kept, and how many of them to one post, and from one actor.
#[cfg(feature = "network")]
pub(crate) const REACTIONS_MAX: i64 = 10_000;
#[cfg(feature = "network")]
pub(crate) const REACTIONS_TO_POST_MAX: i64 = 500;
#[cfg(feature = "network")]
pub(crate) const REACTIONS_FROM_ACTOR_MAX: i64 = 100;

/// What another server said went wrong, in characters.
#[cfg(feature = "network")]
pub(crate) const HOST_ERROR_CHARS_MAX: usize = 120;

/// A table of followers or of blocked servers, in bytes. One of 200,000 followers has 80 million.
#[cfg(feature = "network")]
pub(crate) const TABLE_BYTES_MAX: u64 = 256 << 20;

#[cfg(feature = "network")]
/// The ledger of deploys on a target, in files.
pub(crate) const DEPLOY_LEDGER_FILES_MAX: usize = 1_000_000;

#[cfg(feature = "network")]
/// The same in bytes.
pub(crate) const DEPLOY_LEDGER_BYTES_MAX: usize = 256 << 20;
